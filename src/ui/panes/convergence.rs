//! D after each iteration: both columns on one logarithmic axis.

use egui::Ui;

use super::paint::{number, plain};
use super::{Panes, plot};
use crate::engine::ColumnId;
use crate::figure::panes::convergence;
use crate::figure::scene::{Axis, Plot};
use crate::ui::text::{axes, panes as words, readout as read};
use crate::ui::theme::Palette;
use crate::ui::view::{Cursor, PaneId};

/// The convergence pane.
pub fn convergence(ui: &mut Ui, panes: &mut Panes<'_>, height: f32) {
    let objective =
        |column: ColumnId| panes.session.column(column).snapshot.as_ref().map(|s| s.objective.as_slice());
    let curves = ColumnId::BOTH.map(|column| objective(column).unwrap_or_default());
    let well = Palette::of(ui.visuals()).well;
    let look = plot::look(ui, panes.view, PaneId::Convergence, height, well);
    let last = |curve: &[f64]| curve.last().map_or_else(|| words::NO_DIVERGENCE.to_owned(), |d| number(*d));
    let description = words::convergence(&last(curves[0]), &last(curves[1]));
    let plot = convergence::plot(&curves, &look);
    let y = Axis { label: axes::DIVERGENCE.to_owned(), ..plot.y };
    let plot = Plot { y, description, ..plot };
    let shown = plain(ui, panes.view, (PaneId::Convergence, height), &plot, None, 60.0);
    if let Some(pointer) = shown.response.hover_pos() {
        let iteration = shown.transform.value_from_position(pointer).x.round().max(1.0);
        let mut text = read::iteration(iteration);
        for (column, curve) in ColumnId::BOTH.into_iter().zip(curves) {
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at least 1
            let index = iteration as usize - 1;
            if let Some(d) = curve.get(index) {
                text.push_str(&format!("  {} {d:.4}", column.name()));
            }
        }
        panes.view.pointed = Some(Cursor { text, ..Cursor::default() });
    }
}
