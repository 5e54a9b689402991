//! How much of V both models miss over time: a strip below the spectrogram, on its time axis.

use egui::Ui;

use super::spectrogram::models_of_one_shape;
use super::{Panes, paint, plot};
use crate::engine::ColumnId;
use crate::figure::panes::error::{self, ErrorShares};
use crate::numeric::Magnitudes;
use crate::ui::pictures::{Product, stamp};
use crate::ui::text::panes as words;
use crate::ui::theme::Palette;
use crate::ui::view::{PaneId, analysis_of, axes_of};

/// The strip of a column: the curves of both columns, its own in front.
pub fn error(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32) {
    let (pane, palette) = (PaneId::Error(column), Palette::of(ui.visuals()));
    let look = plot::look(ui, panes.view, pane, height, palette.well);
    let input = analysis_of(panes.session, column).zip(axes_of(panes.session, column));
    let ready = if let Some((analysis, axes)) = input {
        // A model of another shape has nothing to do with this V.
        let both = models_of_one_shape(panes.session).is_some();
        let shown = |of: ColumnId| panes.session.shown(of).snapshot.clone().filter(|_| both || of == column);
        let models = ColumnId::BOTH.map(shown);
        let generations = ColumnId::BOTH.map(|column| panes.session.shown(column).generation);
        let stamp = stamp((generations, format!("{:?}", look.screen)));
        let make = move || {
            let v = &analysis.spectrogram_f32().v;
            let errors = models.map(|model| {
                let model = model.filter(|s| (s.model.shape().bins, s.model.shape().frames) == v.shape())?;
                Some(ErrorShares::of(v, &Magnitudes::of(&model.model.to_f32(), model.power)))
            });
            Product::Plot(error::plot(&errors.each_ref().map(Option::as_ref), &axes, &look, true))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let base = plot::fixed(pane, ui, height)
        .show_axes([false, true])
        // The numbers at the ends would stand in the rows above and below.
        .y_grid_spacer(|_| plot::marks(&[0.5]))
        .custom_y_axes(plot::y_axis(ui, "", |mark| mark.value.to_string()));
    let bounds = [panes.view.time.0, 0.0, panes.view.time.1, 1.0];
    let view = &*panes.view;
    let shown = base.show_grid(false).show(ui, |ui| {
        plot::set_bounds(ui, bounds);
        if let Some((of, texture)) = ready.as_ref().and_then(|ready| ready.plot()) {
            paint::marks(ui, of, texture, paint::as_drawn);
        }
        plot::cursor_line(ui, view, palette.weak);
    });
    plot::remember(ui, panes.view, pane, &shown, words::ERROR_SUMMARY);
    shown.response.clone().on_hover_text(words::ERROR_HELP);
    plot::navigate(ui, panes.view, pane, &shown, false);
}
