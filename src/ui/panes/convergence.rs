//! D after each iteration, every one of them, never smoothed.

use egui::Ui;
use egui_plot::{Line, LineStyle, PlotPoints};

use super::super::text::{axes, panes as words, readout as read};
use super::super::theme::Palette;
use super::super::view::{Cursor, PaneId};
use super::{Panes, plot};
use crate::engine::LaneId;
use crate::figure::axis::ticks;

/// Points of a curve beyond which neighbours fall on one pixel.
const MOST_POINTS: usize = 4000;

/// Points from one label of the axis to the next at least.
const LEAST_GAP: f64 = 16.0;

/// The convergence pane: both lanes on one logarithmic axis.
pub fn convergence(ui: &mut Ui, panes: &mut Panes<'_>, height: f32) {
    let pane = PaneId::Convergence;
    let curves = LaneId::BOTH.map(|lane| {
        let snapshot = panes.session.lane(lane).snapshot.clone();
        snapshot.map_or_else(Vec::new, |s| points(&s.objective))
    });
    let all = || curves.iter().flatten();
    let right = all().map(|p| p[0]).fold(10.0, f64::max);
    let (bottom, top) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(b, t), p| (b.min(p[1]), t.max(p[1])));
    let (bottom, top) = if bottom <= top { (bottom - 0.1, top + 0.1) } else { (0.0, 3.0) };
    let palette = Palette::of(ui.visuals());
    let base = plot::fixed(pane, ui, height)
        .x_grid_spacer(plot::plain_ticks(60.0))
        .custom_x_axes(plot::x_axis(ui, axes::ITERATION, plot::plain_label))
        .y_grid_spacer(move |_| plot::marks(&decades(bottom, top, height)))
        .custom_y_axes(plot::y_axis(ui, axes::DIVERGENCE, |mark| number(10f64.powf(mark.value))));
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, [0.0, bottom, right, top]);
        for (lane, curve) in LaneId::BOTH.into_iter().zip(&curves) {
            let style = if lane == LaneId::A { LineStyle::Solid } else { LineStyle::Dashed { length: 6.0 } };
            let series: PlotPoints<'_> = curve.iter().copied().collect();
            let line = Line::new(lane.name(), series).color(palette.lane(lane)).style(style).width(1.5);
            plot.line(line.allow_hover(false));
        }
    });
    let last = |curve: &Vec<[f64; 2]>| {
        curve.last().map_or_else(|| words::NO_DIVERGENCE.to_owned(), |p| number(10f64.powf(p[1])))
    };
    let summary = words::convergence(&last(&curves[0]), &last(&curves[1]));
    plot::remember(ui, panes.view, pane, &shown, &summary);
    if let Some(pointer) = shown.response.hover_pos() {
        let iteration = shown.transform.value_from_position(pointer).x.round().max(1.0);
        let mut text = read::iteration(iteration);
        for lane in LaneId::BOTH {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at least 1
            let index = iteration as usize - 1;
            let snapshot = panes.session.lane(lane).snapshot.as_ref();
            if let Some(d) = snapshot.and_then(|s| s.objective.get(index)) {
                text.push_str(&format!("  {} {d:.4}", lane.name()));
            }
        }
        panes.view.pointed = Some(Cursor { text, ..Cursor::default() });
    }
}

/// Iteration and decimal logarithm of D; of very many, every k-th and the last.
fn points(objective: &[f64]) -> Vec<[f64; 2]> {
    let step = objective.len().div_ceil(MOST_POINTS).max(1);
    let last = objective.len().saturating_sub(1);
    let kept = |i: &usize| i.is_multiple_of(step) || *i == last;
    (0..objective.len()).filter(kept).map(|i| [(i + 1) as f64, objective[i].max(1e-12).log10()]).collect()
}

/// Decimal logarithms of 1, 2 and 5 times the powers of ten between two, of which there are at least two; of the powers
/// alone where an axis of this height in points has no room for more.
pub fn decades(bottom: f64, top: f64, height: f32) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation)] // a handful of decades
    let powers = bottom.floor() as i32..=top.ceil() as i32;
    let all = |steps: &'static [f64]| {
        let powers = powers.clone();
        let values = powers.flat_map(move |p| steps.iter().map(move |s| f64::from(p) + s.log10()));
        values.filter(|x| (bottom..=top).contains(x)).collect::<Vec<f64>>()
    };
    let (few, some) = (all(&[1.0]), all(&[1.0, 2.0, 5.0]));
    // Labels closer than this are left out, all of them.
    let crowded = 2f64.log10() / (top - bottom) * f64::from(height - plot::TIME_AXIS_HEIGHT) < LEAST_GAP;
    if few.len() >= 4 || few.len() >= 2 && crowded {
        few
    } else if some.len() >= 2 {
        some
    } else {
        ticks(bottom, top, 3)
    }
}

/// A number on a logarithmic axis.
pub fn number(x: f64) -> String {
    if x >= 100.0 {
        format!("{x:.0}")
    } else if x >= 1.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.3}")
    }
}
