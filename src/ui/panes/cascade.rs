//! The bases `W_0` to `W_{T-1}` side by side, by component or by lag.

use egui::Ui;
use egui_plot::VLine;

use super::super::pictures::{Product, Ready};
use super::super::theme::Palette;
use super::super::view::{PaneId, axes_of};
use super::{Panes, plot};
use crate::engine::LaneId;
use crate::figure::Region;
use crate::figure::raster::{Cascade, CascadeOrder, cascade_layout, colour, peaks};

/// The cascade pane of a lane.
pub fn cascade(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, height: f32) {
    let pane = PaneId::Cascade(lane);
    let state = panes.session.lane(lane);
    let order = panes.view.order;
    let shape = state.snapshot.as_ref().map(|s| s.model.shape());
    let (patches, columns) = shape.map_or((1, 1), |s| cascade_layout(s.components, s.lags, order));
    // Columns of the picture: those of the patches, and one between each two.
    let across = (patches * (columns + 1) - 1) as f64;
    let (low, high) =
        (panes.view.scale.height(panes.view.hertz.0), panes.view.scale.height(panes.view.hertz.1));
    let place = [-0.5, low, across - 0.5, high];
    let ready = if let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, lane)) {
        let view = &*panes.view;
        let (width, rows) = plot::pixels(ui, view, pane, height);
        let levels = view.levels();
        let empty = Palette::of(ui.visuals()).panel.to_array();
        let look = (view.scale, view.map, levels.top_db.to_bits(), levels.range_db.to_bits(), order);
        let stamp = plot::stamp((state.generation, look, plot::bits(&place), width, rows, empty));
        let region = Region::new((place[0], place[2]), view.hertz, view.scale, &axes, width, rows);
        let snapshot = std::sync::Arc::clone(snapshot);
        let make = move || {
            let values = peaks(&Cascade::new(&snapshot.model.to_f32(), order), &region);
            Product::Picture(colour(&values, region.width, &levels, [empty[0], empty[1], empty[2]]))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, place, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let palette = Palette::of(ui.visuals());
    let patch = (columns + 1) as f64;
    let middle = move |i: usize| i as f64 * patch + (columns as f64 - 1.0) / 2.0;
    // At most one number every 26 points.
    let room = (ui.available_width() / 26.0).max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let every = (patches as f32 / room).ceil().max(1.0) as usize;
    let labels: Vec<f64> = (0..patches).step_by(every).map(middle).collect();
    let (axis, first) = match order {
        CascadeOrder::ByComponent => ("Component, T lags each", 1),
        CascadeOrder::ByLag => ("Lag t, R components each", 0),
    };
    let base = plot::with_frequency_axis(plot::fixed(pane, ui, height), ui, panes.view, height)
        .x_grid_spacer(move |_| plot::marks(&labels))
        .custom_x_axes(plot::x_axis(ui, axis, move |mark| {
            let index = ((mark.value - (columns as f64 - 1.0) / 2.0) / patch).round();
            format!("{}", index + f64::from(first))
        }))
        .show_grid(false);
    let chosen = panes.view.selected.filter(|r| order == CascadeOrder::ByComponent && *r < patches);
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, place);
        if let Some(Ready::Texture(texture, place)) = &ready {
            plot.image(plot::image("bases", texture.id(), *place));
        }
        if let Some(r) = chosen {
            let left = r as f64 * patch - 0.75;
            for x in [left, left + patch - 0.5] {
                plot.vline(VLine::new("selected", x).color(palette.lane(lane)).width(2.0).allow_hover(false));
            }
        }
    });
    let summary = match shape {
        Some(s) => format!("{} components with {} lags of {} bins", s.components, s.lags, s.bins),
        None => "nothing to show yet".to_owned(),
    };
    plot::remember(ui, panes.view, pane, &shown, &summary);
    if shown.response.clicked()
        && order == CascadeOrder::ByComponent
        && let Some(pointer) = shown.response.interact_pointer_pos()
    {
        let x = shown.transform.value_from_position(pointer).x + 0.5;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to the patches
        let r = (x / patch).clamp(0.0, patches as f64 - 1.0) as usize;
        panes.view.selected = if panes.view.selected == Some(r) { None } else { Some(r) };
    }
}
