//! How often each element value occurs: the picture in which storable factors stand out.

use egui::Ui;
use egui_plot::{Bar, BarChart};

use super::super::pictures::{Product, Ready, stamp};
use super::super::text::{axes, panes as words};
use super::super::theme::Palette;
use super::super::view::{FactorSide, PaneId};
use super::{Panes, plot};
use crate::engine::LaneId;
use crate::figure::{Histogram, percent};
use crate::numeric::{AnyModel, Model, Real};

/// The histogram pane of a lane.
pub fn histogram(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, height: f32) {
    let pane = PaneId::Histogram(lane);
    let state = panes.session.lane(lane);
    let side = panes.view.side;
    let ready = if let Some(snapshot) = &state.snapshot {
        let snapshot = std::sync::Arc::clone(snapshot);
        let make = move || Product::Histogram(Histogram::of(values(&snapshot.model, side)));
        panes.pictures.get(ui.ctx(), pane, stamp((state.generation, side)), [0.0; 4], make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let histogram = match ready {
        Some(Ready::Histogram(histogram)) => histogram,
        _ => std::sync::Arc::new(Histogram::of(Vec::new())),
    };
    let palette = Palette::of(ui.visuals());
    let log = panes.view.log_count;
    let tall = |count: usize| if log { (count as f64 + 1.0).log10() } else { count as f64 };
    let left = histogram.bars.first().map_or(0.0, |b| b.0 - b.1);
    let right = histogram.bars.last().map_or(1.0, |b| b.0 + b.1);
    let top = histogram.bars.iter().map(|b| tall(b.2)).fold(if log { 1.0 } else { 4.0 }, f64::max) * 1.15;
    let integers = state.snapshot.as_ref().is_some_and(|s| s.model.is_quantised());
    let base = plot::fixed(pane, ui, height)
        .x_grid_spacer(plot::plain_ticks(90.0))
        .custom_x_axes(plot::x_axis(ui, if integers { axes::INTEGER } else { axes::REAL }, plot::plain_label))
        .custom_y_axes(plot::y_axis(ui, axes::COUNT, move |mark| {
            if log { power_label(mark.value) } else { plot::plain_label(mark) }
        }));
    let base = if log {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful of decades
        let (last, every) =
            ((plot::CLEAR * top) as u32, (top * 20.0 / f64::from(height)).ceil().max(1.0) as usize);
        let decades: Vec<f64> = (0..=last).step_by(every).map(f64::from).collect();
        base.y_grid_spacer(move |_| plot::marks(&decades))
    } else {
        base.y_grid_spacer(plot::plain_ticks(30.0))
    };
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, [left, 0.0, right, top]);
        let color = palette.lane(lane);
        let bar = |&(value, width, count): &(f64, f64, usize)| {
            Bar::new(value, tall(count)).width(width).fill(color).stroke(egui::Stroke::NONE)
        };
        let bars: Vec<Bar> = histogram.bars.iter().filter(|b| b.2 > 0).map(bar).collect();
        plot.bar_chart(BarChart::new("count", bars).allow_hover(false));
    });
    let summary = summary(&histogram);
    plot::remember(ui, panes.view, pane, &shown, &summary);
    if histogram.total > 0 {
        let place = shown.transform.frame().right_top() + egui::vec2(-6.0, 4.0);
        let font = egui::TextStyle::Small.resolve(ui.style());
        ui.painter().text(place, egui::Align2::RIGHT_TOP, summary, font, palette.text);
    }
}

fn summary(histogram: &Histogram) -> String {
    words::histogram(histogram.distinct, &percent(histogram.zeros, histogram.total))
}

/// 10 to a whole power; one more than the count is shown, so that a single element has a height.
fn power_label(exponent: f64) -> String {
    let (unit, size) = match exponent {
        e if e >= 6.0 => ("M", e - 6.0),
        e if e >= 3.0 => ("k", e - 3.0),
        e => ("", e),
    };
    format!("{:.0}{unit}", 10f64.powf(size))
}

/// Element values of one side: the integers of a quantised model, the reals of another.
fn values(model: &AnyModel, side: FactorSide) -> Vec<f32> {
    #[allow(clippy::cast_possible_truncation)] // for showing
    fn of<F: Real>(model: &Model<F>, side: FactorSide) -> Vec<f32> {
        let real = |x: &F| x.to_f64() as f32;
        let whole = |k: &u32| *k as f32;
        match (model, side) {
            (Model::Real(f), FactorSide::W) => f.w.iter().flat_map(|w| w.iter().map(real)).collect(),
            (Model::Real(f), FactorSide::H) => f.h.iter().map(real).collect(),
            (Model::Quantised(q), FactorSide::W) => q.w.iter().flat_map(|w| w.iter().map(whole)).collect(),
            (Model::Quantised(q), FactorSide::H) => q.h.iter().map(whole).collect(),
        }
    }
    match model {
        AnyModel::F32(m) => of(m, side),
        AnyModel::F64(m) => of(m, side),
    }
}
