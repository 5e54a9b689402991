//! A pane of figures in a column, as it is on paper: for panes that need nothing of their own in the window.

use egui::Ui;

use super::paint::plain;
use super::{Panes, plot};
use crate::engine::ColumnId;
use crate::figure::scene::{Axis, Body, Plot, Scale};
use crate::figure::{FigureError, Look, PaneKind, Sources, sheet};
use crate::ui::app::figures::sources;
use crate::ui::pictures::{Product, stamp};
use crate::ui::text::panes as words;
use crate::ui::theme::Palette;
use crate::ui::view::PaneId;

/// The pane of this kind, of the model of a column.
pub fn figure(ui: &mut Ui, panes: &mut Panes<'_>, (kind, column): (PaneKind, ColumnId), height: f32) {
    let (pane, state) = (PaneId::Figure(kind, column), panes.session.shown(column));
    let look = plot::look(ui, panes.view, pane, height, Palette::of(ui.visuals()).well);
    let stamp = stamp((state.generation, state.measures.as_ref().map(|m| m.iteration), format!("{look:?}")));
    let ready = if state.snapshot.is_none() {
        panes.pictures.forget(pane);
        None
    } else if panes.pictures.wants(pane, stamp) {
        let sources = sources(panes.session, &[column]);
        panes.pictures.get(ui.ctx(), pane, stamp, move || Product::Plot(drawn(kind, &sources, &look)))
    } else {
        panes.pictures.latest(pane)
    };
    let nothing = empty(words::NOTHING_YET.to_owned());
    let (plot, texture) = ready
        .as_ref()
        .and_then(|ready| ready.plot())
        .map_or((&nothing, None), |(plot, texture)| (plot, texture));
    plain(ui, panes.view, (pane, height), plot, texture, 90.0);
}

/// The plot of the pane; an empty one that says why where there is none.
fn drawn(kind: PaneKind, sources: &Sources, look: &Look) -> Plot {
    match sheet::pane(kind, sources, look).map(|pane| (pane.title, pane.body)) {
        Ok((title, Body::Plot(plot))) if plot.description.is_empty() => Plot { description: title, ..plot },
        Ok((_, Body::Plot(plot))) => plot,
        Ok((title, Body::Table(_))) => empty(title),
        Err(reason) => empty(FigureError::to_string(&reason)),
    }
}

fn empty(description: String) -> Plot {
    let axis = Axis::new("", Scale::Linear, (0.0, 1.0));
    Plot { x: axis.clone(), y: axis, description, ..Plot::default() }
}
