//! A part of the signal that is marked in time: drawn over every pane with a time axis, and marked there.

use egui::{Color32, PointerButton, Rect, Stroke, Ui};
use egui_plot::{PlotPoint, PlotResponse};

use super::super::view::View;

/// A twitch of the pointer is no region, in points.
const LEAST: f32 = 4.0;

/// Marks a region where Ctrl is held in a drag, and draws the one that is marked.
pub fn region<R>(ui: &Ui, view: &mut View, shown: &PlotResponse<R>) {
    let response = &shown.response;
    let (command, origin) = ui.input(|input| (input.modifiers.command, input.pointer.press_origin()));
    let time = |x: f32| shown.transform.value_from_position(egui::pos2(x, 0.0)).x;
    if command && response.drag_started_by(PointerButton::Primary) {
        view.marking = origin.map(|origin| time(origin.x));
    }
    if let (Some(from), Some(pointer)) = (view.marking, response.interact_pointer_pos())
        && response.dragged_by(PointerButton::Primary)
    {
        let at = time(pointer.x);
        view.mark((from.min(at), from.max(at)));
    }
    let frame = *shown.transform.frame();
    let x = |seconds: f64| shown.transform.position_from_point(&PlotPoint::new(seconds, 0.0)).x;
    if response.drag_stopped() && view.marking.take().is_some() {
        view.region = view.region.filter(|(start, end)| x(*end) - x(*start) >= LEAST);
    }
    let Some((start, end)) = view.region else { return };
    let marked = Rect::from_x_y_ranges(x(start)..=x(end), frame.y_range());
    let painter = ui.painter().with_clip_rect(frame);
    painter.rect_filled(marked, 0.0, Color32::from_white_alpha(20));
    for edge in [marked.left(), marked.right()] {
        // Light over dark, so that it is seen on every colour.
        for (width, color) in [(3.0, Color32::from_black_alpha(160)), (1.0, Color32::WHITE)] {
            painter.vline(edge, frame.y_range(), Stroke::new(width, color));
        }
    }
}
