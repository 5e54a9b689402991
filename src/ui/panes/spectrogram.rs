//! Reconstruction, V or their difference, and the colour bar that they share.

use std::sync::Arc;

use egui::Ui;

use super::{Panes, paint, plot};
use crate::engine::{Analysis, ColumnId, Session, Snapshot};
use crate::figure::colormap::diverging;
use crate::figure::panes::{difference, spectrogram};
use crate::figure::raster::Residual;
use crate::figure::scene::Plot;
use crate::figure::{LevelRange, Look};
use crate::numeric::{Magnitudes, Named};
use crate::signal::Axes;
use crate::ui::pictures::{Product, stamp};
use crate::ui::text::{looks, panes as words_of, units, verdict};
use crate::ui::theme::Palette;
use crate::ui::view::{PaneId, Shown, View, analysis_of, axes_of};
use crate::ui::widgets::row;

/// What to draw: the parts that are there.
enum Source {
    Model(Arc<Snapshot>),
    Input(Arc<Analysis>),
    Residual(Arc<Analysis>, Arc<Snapshot>),
    Difference([Arc<Snapshot>; 2]),
}

/// The models of A and B, where they have as many bins and frames.
pub fn models_of_one_shape(session: &Session) -> Option<[Arc<Snapshot>; 2]> {
    let [a, b] = ColumnId::BOTH.map(|column| session.shown(column).snapshot.clone());
    let (a, b) = (a?, b?);
    let same = [&a, &b].map(|s| (s.model.shape().bins, s.model.shape().frames));
    (same[0] == same[1]).then_some([a, b])
}

impl Source {
    fn of(panes: &Panes<'_>, column: ColumnId) -> Option<Self> {
        let snapshot = panes.session.shown(column).snapshot.clone();
        let analysis = analysis_of(panes.session, column);
        let held = panes.view.held.filter(|_| analysis.is_some());
        let shown = held.unwrap_or(panes.view.shown[column.index()]);
        if shown == Shown::Difference {
            return models_of_one_shape(panes.session).map(Self::Difference);
        }
        match (shown, snapshot, analysis) {
            // A stream without its sound has nothing else to show.
            (Shown::Model, Some(snapshot), _) | (_, Some(snapshot), None) => Some(Self::Model(snapshot)),
            (Shown::Input, _, Some(analysis)) => Some(Self::Input(analysis)),
            (Shown::Residual, Some(snapshot), Some(analysis)) => Some(Self::Residual(analysis, snapshot)),
            (Shown::Model | Shown::Residual, None, _)
            | (Shown::Input, None, None)
            | (Shown::Difference, ..) => None,
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Model(_) => words_of::RECONSTRUCTION,
            Self::Input(_) => words_of::INPUT,
            Self::Residual(..) => words_of::RESIDUAL,
            Self::Difference(_) => words_of::DIFFERENCE,
        }
    }

    /// Which factors and which input, as far as they show.
    fn identity(&self, [own, other]: [u64; 2]) -> ([u64; 2], usize) {
        let address = |analysis: &Arc<Analysis>| Arc::as_ptr(analysis).addr();
        match self {
            Self::Model(_) => ([own, 0], 0),
            Self::Input(analysis) => ([0, 0], address(analysis)),
            Self::Residual(analysis, _) => ([own, 0], address(analysis)),
            Self::Difference(_) => ([own, other], 0),
        }
    }

    /// The plot of it; of the components, only those count that are `audible`.
    fn plot(&self, axes: &Axes, look: &Look, audible: Option<&[bool]>) -> Plot {
        let vhat = |snapshot: &Snapshot| {
            let mut factors = snapshot.model.to_f32();
            for (r, _) in audible.unwrap_or_default().iter().enumerate().filter(|(_, heard)| !**heard) {
                factors.h.row_mut(r).fill(0.0);
            }
            Magnitudes::of(&factors, snapshot.power)
        };
        match self {
            Self::Model(snapshot) => spectrogram::plot(&vhat(snapshot), axes, look, false),
            Self::Input(analysis) => spectrogram::plot(&*analysis.spectrogram_f32().v, axes, look, false),
            Self::Residual(analysis, snapshot) => {
                let source = Residual(&analysis.spectrogram_f32().v, &vhat(snapshot));
                spectrogram::plot(&source, axes, look, true)
            }
            Self::Difference(models) => {
                let [a, b] = models.each_ref().map(|model| vhat(model));
                difference::plot(&a, &b, axes, look)
            }
        }
    }
}

/// What is shown, and how many components it is made of where it is not all.
fn words(source: &Source, audible: Option<&[bool]>) -> String {
    let Some(audible) = audible else { return source.words().to_owned() };
    let heard = audible.iter().filter(|heard| **heard).count();
    words_of::some_components(source.words(), heard, audible.len())
}

/// The spectrogram pane of a column.
pub fn spectrogram(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32) {
    let pane = PaneId::Spectrogram(column);
    // The frame stays where it is; what is in it may be the other column's.
    let of = if panes.view.swapped { column.other() } else { column };
    // Before a run, a column shows the input that it would run on.
    let axes = axes_of(panes.session, of).or_else(|| analysis_of(panes.session, of).map(|a| a.axes()));
    let ready = if let (Some(source), Some(axes)) = (Source::of(panes, of), axes) {
        let look = plot::look(ui, panes.view, pane, height, Palette::of(ui.visuals()).well);
        let generations = [of, of.other()].map(|column| panes.session.shown(column).generation);
        let identity = (of.index(), source.identity(generations));
        let components = panes.session.shown(of).snapshot.as_ref().map_or(0, |s| s.model.shape().components);
        let audible = panes.view.selection.audible(of, components);
        let audible = audible.filter(|_| matches!(source, Source::Model(_) | Source::Residual(..)));
        let shown = format!("{:?}", (look.scale, look.levels, &look.screen));
        let stamp = stamp((identity, shown, source.words(), &audible));
        let words = words(&source, audible.as_deref());
        let make = move || Product::Plot(source.plot(&axes, &look, audible.as_deref()));
        panes.pictures.get(ui.ctx(), pane, stamp, make).map(|ready| (ready, words))
    } else {
        panes.pictures.forget(pane);
        None
    };
    let palette = Palette::of(ui.visuals());
    let base = plot::with_time_axis(plot::fixed(pane, ui, height), ui, panes.view.time);
    let base = plot::with_frequency_axis(base, ui, panes.view, height);
    let bounds = plot::place(panes.view, panes.view.scale);
    let view = &*panes.view;
    let shown = base.show_grid(false).show(ui, |plot| {
        plot::set_bounds(plot, bounds);
        if let Some((of, texture)) = ready.as_ref().and_then(|(ready, _)| ready.plot()) {
            paint::marks(plot, of, texture, paint::as_drawn);
        }
        plot::cursor_line(plot, view, palette.weak);
        plot::frequency_line(plot, view, palette.weak);
    });
    let summary = match &ready {
        Some((_, words)) => words_of::spectrogram(words, (of != column).then(|| of.name()), panes.view.time),
        None => words_of::NOTHING_YET.to_owned(),
    };
    plot::remember(ui, panes.view, pane, &shown, &summary);
    if panes.view.awaits[of.index()] && ready.is_some() {
        tag(ui, shown.transform.frame().left_top(), &verdict::run(panes.session.shown(of).number()));
    }
    plot::navigate(ui, panes.view, pane, &shown, true);
}

/// Says in a corner of a picture which run it is of.
fn tag(ui: &Ui, corner: egui::Pos2, text: &str) {
    let palette = Palette::of(ui.visuals());
    let font = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(text.to_owned(), font, palette.text);
    let place =
        egui::Rect::from_min_size(corner + egui::vec2(8.0, 8.0), galley.size() + egui::vec2(12.0, 6.0));
    ui.painter().rect_filled(place, 4.0, palette.button[0]);
    ui.painter().galley(place.min + egui::vec2(6.0, 3.0), galley, palette.text);
    let response = ui.interact(place, ui.scope_id().with("tag"), egui::Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
}

/// Widths of the bar of levels and of that of differences: both find room in the smallest window.
const BAR: f32 = 80.0;
const SIGNED_BAR: f32 = 60.0;

/// The colours of levels between their bounds, and those of differences where these are shown.
pub fn color_bar(ui: &mut Ui, panes: &mut Panes<'_>) {
    let view = &mut *panes.view;
    let low = view.top_db - view.range_db;
    ui.label(format!("{low:.0}"));
    let (rect, response) = ui.allocate_exact_size(egui::vec2(BAR, 12.0), egui::Sense::click_and_drag());
    let table = view.map.table();
    for (i, slice) in table.chunks(4).enumerate() {
        let [r, g, b] = slice[0];
        let x = |i: usize| egui::remap(i as f32, 0.0..=64.0, rect.left()..=rect.right());
        let part = egui::Rect::from_x_y_ranges(x(i)..=rect.right(), rect.y_range()); // no seams
        ui.painter().rect_filled(part, 0.0, egui::Color32::from_rgb(r, g, b));
    }
    drag_levels(ui, view, &response);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, looks::COLOUR_BAR.name));
    response.on_hover_text(looks::COLOUR_BAR.help);
    ui.label(format!("{:.0}{}", view.top_db, units::DECIBELS));
    if view.shown.contains(&Shown::Residual) {
        let low = view.top_db - view.range_db;
        signed_bar(ui, &looks::residuals(low, view.top_db));
    }
    if view.shown.contains(&Shown::Difference) {
        signed_bar(ui, &looks::differences(difference::RANGE_DB));
    }
}

/// Which colours levels have, and the bounds of the bar as numbers.
pub fn levels(ui: &mut Ui, view: &mut View) {
    ui.label(looks::COLOUR_MAP);
    ui.horizontal(|ui| {
        for &map in crate::figure::ColorMap::ALL {
            ui.selectable_value(&mut view.map, map, map.name());
        }
    });
    let top = egui::DragValue::new(&mut view.top_db).range(-100.0..=20.0).speed(0.5).suffix(units::DECIBELS);
    row(ui, looks::TOP, |ui| ui.add(top));
    let range =
        egui::DragValue::new(&mut view.range_db).range(10.0..=160.0).speed(0.5).suffix(units::DECIBELS);
    row(ui, looks::RANGE, |ui| ui.add(range));
}

/// A drag along the bar by its width is one range.
fn drag_levels(ui: &Ui, view: &mut View, response: &egui::Response) {
    if response.double_clicked() {
        (view.top_db, view.range_db) = (LevelRange::TOP_DB, LevelRange::RANGE_DB);
    } else if response.dragged() {
        let moved = response.drag_delta().x / response.rect.width() * view.range_db;
        if ui.input(|input| input.modifiers.shift) {
            view.range_db = (view.range_db + moved).clamp(10.0, 160.0);
        } else {
            view.top_db = (view.top_db - moved).clamp(-100.0, 20.0);
        }
    }
    if response.hovered() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
    }
}

/// The colours of differences: below zero on one side, above it on the other.
fn signed_bar(ui: &mut Ui, help: &str) {
    let ground = Palette::of(ui.visuals()).well.to_array();
    let [under, over] = diverging([ground[0], ground[1], ground[2]]);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(SIGNED_BAR, 12.0), egui::Sense::hover());
    let colours: Vec<[u8; 3]> = under.iter().rev().chain(&over).step_by(8).copied().collect();
    for (i, [r, g, b]) in colours.iter().enumerate() {
        let left = egui::remap(i as f32, 0.0..=colours.len() as f32, rect.left()..=rect.right());
        let part = egui::Rect::from_x_y_ranges(left..=rect.right(), rect.y_range()); // no seams
        ui.painter().rect_filled(part, 0.0, egui::Color32::from_rgb(*r, *g, *b));
    }
    response.on_hover_text(help);
}
