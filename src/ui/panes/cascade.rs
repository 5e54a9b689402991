//! The bases `W_0` to `W_{T-1}` side by side, by component or by lag.

use std::sync::Arc;

use egui::Ui;
use egui_plot::VLine;

use super::super::pictures::{Product, stamp};
use super::super::text::{axes as axis_names, panes as words, readout as read};
use super::super::theme::{AXIS_WIDTH, Palette};
use super::super::view::{Cursor, PaneId, View, axes_of};
use super::activations::{describe_selected, keys};
use super::{Panes, paint, plot};
use crate::engine::ColumnId;
use crate::figure::CascadeOrder;
use crate::figure::cascade::CascadeLayout;
use crate::figure::panes::bases;
use crate::numeric::Shape;

/// Least width of a patch by lag, and of a component in it, in points.
const LEAST_PATCH: f32 = 12.0;
const LEAST_COMPONENT: f32 = 1.5;

/// Lags that are shown as patches of their own where there is room for so much: all, or a few around the one chosen.
pub fn lags_shown(view: &View, shape: &Shape, width: f32) -> std::ops::Range<usize> {
    if view.order == CascadeOrder::ByComponent {
        return 0..shape.lags;
    }
    let patch = LEAST_PATCH.max(LEAST_COMPONENT * shape.components as f32);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let room = ((width / patch) as usize).clamp(1, shape.lags);
    let first = view.selection.lag.min(shape.lags - 1).saturating_sub(room / 2).min(shape.lags - room);
    first..first + room
}

/// The cascade pane of a column.
pub fn cascade(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32) {
    let pane = PaneId::Cascade(column);
    let state = panes.session.shown(column);
    let order = panes.view.order;
    let shape = state.snapshot.as_ref().map(|s| s.model.shape());
    let components = shape.map_or(0, |s| s.components);
    let lags = shape.map_or(0..1, |s| lags_shown(panes.view, &s, ui.available_width() - AXIS_WIDTH));
    let layout = CascadeLayout { order, components: panes.view.selection.rows(column, components), lags };
    let scale = panes.view.scale;
    let (low, high) = (scale.height(panes.view.hertz.0), scale.height(panes.view.hertz.1));
    let bounds = [-0.5, low, layout.columns() as f64 - 0.5, high];
    let palette = Palette::of(ui.visuals());
    let ready = if let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, column)) {
        let look = plot::look(ui, panes.view, pane, height, palette.panel);
        let shown = format!("{:?}", (look.scale, look.levels, &look.screen));
        let stamp = stamp((state.generation, shown, &layout));
        let (snapshot, layout) = (Arc::clone(snapshot), layout.clone());
        let make = move || Product::Plot(bases::plot(&snapshot.model.to_f32(), &layout, &axes, &look));
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let names = layout.names();
    let labels = paint::named(&names, names.len() as f64, 26.0, ui.available_width());
    let axis = match order {
        CascadeOrder::ByComponent => axis_names::COMPONENTS_OF_LAGS,
        CascadeOrder::ByLag => axis_names::LAGS_OF_COMPONENTS,
    };
    let names = layout.clone();
    let base = plot::with_frequency_axis(plot::fixed(pane, ui, height), ui, panes.view, height)
        .x_grid_spacer(move |_| plot::marks(&labels))
        .custom_x_axes(plot::x_axis(ui, axis, move |mark| {
            // The middle of a patch with an even number of columns lies between two.
            let at = names.at(mark.value.floor());
            at.map_or_else(String::new, |(r, t)| match names.order {
                CascadeOrder::ByComponent => format!("{}", r + 1),
                CascadeOrder::ByLag => format!("{t}"),
            })
        }))
        .show_grid(false);
    let view = &*panes.view;
    let selected = view.selection.selected(column);
    let edges = selected.map(|r| layout.edges(r)).unwrap_or_default();
    let hue = selected.map_or(palette.text, |r| palette.hue(r));
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, bounds);
        if let Some((of, texture)) = ready.as_ref().and_then(|ready| ready.plot()) {
            paint::marks(plot, of, texture, paint::as_drawn);
        }
        plot::frequency_line(plot, view, palette.weak);
        for (left, right) in edges {
            for x in [left, right] {
                let line = VLine::new("selected", x).color(hue);
                plot.vline(line.width(1.5).allow_hover(false));
            }
        }
    });
    let summary = match shape {
        Some(s) => {
            let selected = describe_selected(&view.selection, column);
            words::bases(s.components, s.lags, s.bins, &selected)
        }
        None => words::NOTHING_YET.to_owned(),
    };
    plot::remember(ui, panes.view, pane, &shown, &summary);
    let at = |position| layout.at(shown.transform.value_from_position(position).x);
    if shown.response.clicked()
        && let Some((r, _)) = shown.response.interact_pointer_pos().and_then(at)
    {
        panes.view.selection.select(column, r);
        shown.response.request_focus();
    }
    keys(ui, panes, column, components, &shown.response);
    if let Some(pointer) = shown.response.hover_pos() {
        panes.view.over = column;
        let hertz = panes.view.scale.frequency(shown.transform.value_from_position(pointer).y);
        let text = at(pointer).map(|(r, t)| readout(panes, column, r, t, hertz)).unwrap_or_default();
        panes.view.pointed = Some(Cursor { hertz: Some(hertz), text, ..Cursor::default() });
    }
}

/// Component, lag and element under the pointer.
fn readout(panes: &Panes<'_>, column: ColumnId, component: usize, lag: usize, hertz: f64) -> String {
    let name = read::patch(component + 1, lag);
    let state = panes.session.shown(column);
    let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, column)) else { return name };
    let bin = axes.bin_at(hertz).round();
    if bin < 0.0 || bin >= snapshot.model.shape().bins as f64 {
        return name;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
    let value = snapshot.model.basis(bin as usize, component, lag);
    name + &read::basis(value)
}
