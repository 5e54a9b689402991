//! H on the time axis of the spectrograms: a curve a component, the first on top.

use egui::Ui;
use egui_plot::{Line, PlotPoints};

use super::super::pictures::{Product, Ready};
use super::super::theme::Palette;
use super::super::view::{PaneId, Range, axes_of};
use super::{Panes, plot};
use crate::engine::LaneId;
use crate::numeric::Factors;
use crate::signal::Axes;

/// Components that have a curve each; more could not be told apart, and the loudest are the ones to see.
const MOST_CURVES: usize = 64;

/// Part of its row that a curve's peak fills.
const FILL: f64 = 0.9;

/// The activations pane of a lane.
pub fn activations(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, height: f32) {
    let pane = PaneId::Activations(lane);
    let state = panes.session.lane(lane);
    let components = state.snapshot.as_ref().map_or(1, |s| s.model.shape().components.min(MOST_CURVES));
    let ready = if let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, lane)) {
        let (width, _) = plot::pixels(ui, panes.view, pane, height);
        let time = panes.view.time;
        let stamp = plot::stamp((state.generation, plot::bits(&[time.0, time.1]), width));
        let snapshot = std::sync::Arc::clone(snapshot);
        let make = move || Product::Curves(curves(&snapshot.model.to_f32(), &axes, time, width));
        panes.pictures.get(ui.ctx(), pane, stamp, [0.0; 4], make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let palette = Palette::of(ui.visuals());
    let rows = components as f64;
    let base = plot::with_time_axis(plot::fixed(pane, ui, height), ui, "Time (s)");
    // Component 1 on top, counted down.
    let every = (components as f32 * 14.0 / (height - plot::TIME_AXIS_HEIGHT).max(14.0)).ceil().max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let mut labels: Vec<f64> =
        (0..components).step_by(every as usize).map(|r| rows - r as f64 - 0.5).collect();
    labels.reverse();
    let title = if height >= plot::ROOM_FOR_LABELS { "Component" } else { "" };
    let base = base
        .y_grid_spacer(move |_| plot::marks(&labels))
        .custom_y_axes(plot::y_axis(ui, title, move |mark| format!("{:.0}", rows - mark.value + 0.5)))
        .show_grid(false);
    let bounds = [panes.view.time.0, 0.0, panes.view.time.1, rows];
    let (selected, view) = (panes.view.selected, &*panes.view);
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, bounds);
        if let Some(Ready::Curves(curves)) = &ready {
            for (r, curve) in curves.iter().enumerate() {
                let points: PlotPoints<'_> = curve.iter().copied().collect();
                let color = if selected.is_none_or(|s| s == r) { palette.lane(lane) } else { palette.weak };
                let width = if selected == Some(r) { 2.0 } else { 1.0 };
                plot.line(
                    Line::new(format!("component {}", r + 1), points)
                        .color(color)
                        .width(width)
                        .allow_hover(false),
                );
            }
        }
        plot::cursor_line(plot, view, palette.weak);
    });
    let summary = format!("{components} activations over time, each scaled to its peak");
    plot::remember(ui, panes.view, pane, &shown, &summary);
    if shown.response.clicked()
        && let Some(pointer) = shown.response.interact_pointer_pos()
    {
        let row = rows - shown.transform.value_from_position(pointer).y;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped to the rows
        let r = row.clamp(0.0, rows - 1.0) as usize;
        panes.view.selected = if panes.view.selected == Some(r) { None } else { Some(r) };
    }
    plot::navigate(ui, panes.view, &shown, false);
}

/// A curve a component on a row of its own, with the peak of each pixel column.
fn curves(factors: &Factors<f32>, axes: &Axes, time: Range, width: usize) -> Vec<Vec<[f64; 2]>> {
    let (components, frames) = factors.h.shape();
    let shown = components.min(MOST_CURVES);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let frame = |t: f64| axes.frame_at(t).clamp(0.0, frames as f64) as usize;
    let (first, past) = (frame(time.0), (frame(time.1) + 2).min(frames));
    let step = ((past - first.min(past)) / width.max(1)).max(1);
    (0..shown)
        .map(|r| {
            let row = factors.h.row(r);
            let peak = f64::from(row.iter().fold(f32::MIN_POSITIVE, |a, &b| a.max(b)));
            let base = (shown - 1 - r) as f64;
            (first..past)
                .step_by(step)
                .map(|n| {
                    let end = (n + step).min(frames);
                    let loudest = (n..end).map(|n| row[n]).fold(0.0f32, f32::max);
                    [
                        axes.time_of(f64::midpoint(n as f64, (end - 1) as f64)),
                        base + FILL * f64::from(loudest) / peak,
                    ]
                })
                .collect()
        })
        .collect()
}
