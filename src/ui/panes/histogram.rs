//! How often each element value occurs in the model of a column.

use std::sync::Arc;

use egui::Ui;

use super::paint::plain;
use super::{Panes, plot};
use crate::engine::ColumnId;
use crate::figure::panes::histogram;
use crate::ui::pictures::{Product, stamp};
use crate::ui::theme::Palette;
use crate::ui::view::{FactorSide, PaneId};

/// The histogram pane of a column.
pub fn histogram(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32) {
    let pane = PaneId::Histogram(column);
    let state = panes.session.shown(column);
    let of_h = panes.view.side == FactorSide::H;
    let palette = Palette::of(ui.visuals());
    let look = plot::look(ui, panes.view, pane, height, palette.well);
    let nothing = histogram::plot(None, of_h, &look, column.index());
    let ready = if let Some(snapshot) = &state.snapshot {
        let snapshot = Arc::clone(snapshot);
        let stamp = stamp((state.generation, of_h, look.log_count, palette.column(column)));
        let make = move || Product::Plot(histogram::plot(Some(&snapshot.model), of_h, &look, column.index()));
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let plot = ready.as_ref().and_then(|ready| ready.plot()).map_or(&nothing, |(plot, _)| plot);
    let shown = plain(ui, panes.view, (pane, height), plot, None, 90.0);
    if ready.is_some() {
        let place = shown.transform.frame().right_top() + egui::vec2(-6.0, 4.0);
        let font = egui::TextStyle::Small.resolve(ui.style());
        ui.painter().text(place, egui::Align2::RIGHT_TOP, &plot.description, font, palette.text);
    }
}
