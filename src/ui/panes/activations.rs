//! H on the time axis of the spectrograms: a curve a component, with solo and mute.

use std::sync::Arc;

use egui::{Key, Modifiers, Rect, Ui};
use egui_plot::{PlotPoint, PlotResponse};

use super::{Panes, paint, plot};
use crate::engine::LaneId;
use crate::figure::panes::activations;
use crate::figure::scene::Stroke;
use crate::ui::pictures::{Product, stamp};
use crate::ui::text::{axes as axis, components as buttons, panes as words, readout as read};
use crate::ui::theme::Palette;
use crate::ui::view::selection::ComponentSelection;
use crate::ui::view::{Cursor, PaneId, axes_of};

/// Components that have a curve each; more could not be distinguished, and the first are the ones to see.
const MOST_CURVES: usize = 64;

/// Size of the buttons for solo and mute, and the height of a row that has room for them.
const BUTTON: egui::Vec2 = egui::vec2(16.0, 12.0);

/// The activations pane of a lane.
pub fn activations(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, height: f32) {
    let pane = PaneId::Activations(lane);
    let state = panes.session.shown(lane);
    let all = state.snapshot.as_ref().map_or(0, |s| s.model.shape().components);
    let mut order = panes.view.selection.rows(lane, all);
    order.truncate(MOST_CURVES);
    let palette = Palette::of(ui.visuals());
    let ready = if let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, lane)) {
        let look = plot::look(ui, panes.view, pane, height, palette.well);
        let stamp = stamp((state.generation, format!("{:?}", look.screen), &order));
        let (snapshot, order) = (Arc::clone(snapshot), order.clone());
        let make = move || {
            let factors = snapshot.model.to_f32();
            Product::Plot(activations::plot(&factors, &order, &axes, &look, lane.index()))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let rows = order.len().max(1) as f64;
    let middles = order.iter().enumerate().map(|(row, r)| (rows - row as f64 - 0.5, r.to_string()));
    let middles: Vec<(f64, String)> = middles.collect();
    let marked = paint::named(&middles, rows, 14.0, (height - plot::TIME_AXIS_HEIGHT).max(14.0));
    let title = if height >= plot::ROOM_FOR_LABELS { axis::COMPONENT } else { "" };
    let names = order.clone();
    let base = plot::with_time_axis(plot::fixed(pane, ui, height), ui, axis::TIME)
        .y_grid_spacer(move |_| plot::marks(&marked))
        .custom_y_axes(plot::y_axis(ui, title, move |mark| {
            row_at(mark.value, names.len()).map_or_else(String::new, |row| format!("{}", names[row] + 1))
        }))
        .show_grid(false);
    let bounds = [panes.view.time.0, 0.0, panes.view.time.1, rows];
    let (selected, view) = (panes.view.selection.selected(lane), &*panes.view);
    let audible = view.selection.audible(lane, all);
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, bounds);
        let pen = |row: usize, _: &Stroke| {
            let r = order.get(row).copied();
            let heard = audible.as_ref().is_none_or(|heard| r.is_some_and(|r| heard[r]));
            let bright = heard && (selected.is_none() || selected == r);
            let color = if bright { palette.lane(lane) } else { palette.weak.gamma_multiply(0.7) };
            (color, if selected.is_some() && selected == r { 2.0 } else { 1.0 })
        };
        if let Some((of, texture)) = ready.as_ref().and_then(|ready| ready.plot()) {
            paint::marks(plot, of, texture, pen);
        }
        plot::cursor_line(plot, view, palette.weak);
    });
    let selection = &panes.view.selection;
    let words = words::activations(order.len(), &describe_selected(selection, lane));
    plot::remember(ui, panes.view, pane, &shown, &words);
    let strip = strip(ui, panes, lane, &order, &shown);
    let on_strip = ui.input(|input| input.pointer.latest_pos()).is_some_and(|p| strip.contains(p));
    let row = |position: egui::Pos2| {
        row_at(shown.transform.value_from_position(position).y, order.len()).map(|row| order[row])
    };
    if shown.response.clicked()
        && !on_strip
        && let Some(r) = shown.response.interact_pointer_pos().and_then(row)
    {
        panes.view.selection.select(lane, r);
        shown.response.request_focus();
    }
    keys(ui, panes, lane, all, &shown.response);
    plot::navigate(ui, panes.view, pane, &shown, false);
    if let (Some(cursor), Some(r)) = (&mut panes.view.pointed, shown.response.hover_pos().and_then(row))
        && let (Some(time), Some(snapshot)) = (cursor.time, &panes.session.shown(lane).snapshot)
        && let Some(axes) = axes_of(panes.session, lane)
    {
        let frame = axes.frame_at(time).round().max(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative
        let value = (frame < snapshot.model.shape().frames as f64)
            .then(|| snapshot.model.activation(r, frame as usize));
        let value = value.map_or_else(String::new, read::activation);
        *cursor = Cursor { text: read::component(r + 1) + &value, ..cursor.clone() };
    }
}

/// The row at a height of the plot, from the top.
fn row_at(height: f64, rows: usize) -> Option<usize> {
    let from_top = rows as f64 - height;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked
    (from_top >= 0.0 && from_top < rows as f64).then_some(from_top as usize)
}

/// Which component is pointed out, and what belongs to it.
pub fn describe_selected(selection: &ComponentSelection, lane: LaneId) -> String {
    let Some(r) = selection.selected(lane) else { return String::new() };
    let partner = selection
        .partner(lane, r)
        .zip(selection.cosine(lane, r))
        .map_or_else(String::new, |(s, cosine)| words::partner(s + 1, lane.other().name(), cosine));
    words::selected(r + 1, &partner)
}

/// Up and down select while a pane of components has the focus, Escape lets go.
pub fn keys(ui: &Ui, panes: &mut Panes<'_>, lane: LaneId, count: usize, response: &egui::Response) {
    if !response.has_focus() {
        return;
    }
    // The arrows are the pane's own, and do not lead to another one.
    let filter = egui::EventFilter { vertical_arrows: true, escape: true, ..egui::EventFilter::default() };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        panes.view.selection.step(lane, count, true);
    } else if pressed(Key::ArrowUp) {
        panes.view.selection.step(lane, count, false);
    } else if pressed(Key::Escape) {
        panes.view.selection.point_out(lane, None);
    }
}

/// Solo and mute beside the rows that have room for them, and always beside the one that is selected; the place that
/// they take.
fn strip<R>(
    ui: &mut Ui,
    panes: &mut Panes<'_>,
    lane: LaneId,
    order: &[usize],
    shown: &PlotResponse<R>,
) -> Rect {
    let frame = *shown.transform.frame();
    let high = frame.height() / order.len().max(1) as f32;
    let left = frame.right() - 2.0 * BUTTON.x - 6.0;
    let palette = Palette::of(ui.visuals());
    // Over the plot, and without a say in what comes below it.
    let mut over = ui.new_child(egui::UiBuilder::new().max_rect(frame).id_salt(("strip", lane)));
    for (row, &r) in order.iter().enumerate() {
        let selection = &mut panes.view.selection;
        if high < BUTTON.y && selection.selected(lane) != Some(r) {
            continue;
        }
        let middle = PlotPoint::new(0.0, order.len() as f64 - row as f64 - 0.5);
        let y = shown.transform.position_from_point(&middle).y.clamp(frame.top() + 6.0, frame.bottom() - 6.0);
        for (i, (solo, [text, what, help])) in
            [(true, buttons::SOLO), (false, buttons::MUTE)].into_iter().enumerate()
        {
            let on = selection.is_on(lane, r, solo);
            let place = egui::pos2(left + i as f32 * (BUTTON.x + 2.0), y - 0.5 * BUTTON.y);
            let font = egui::FontId::proportional(10.0);
            let color = if on { palette.lane(lane) } else { palette.weak };
            let text = egui::RichText::new(text).font(font).color(color);
            let button = egui::Button::selectable(on, text).min_size(BUTTON).small().fill(palette.panel);
            let button = over.put(Rect::from_min_size(place, BUTTON), button);
            let name = buttons::of(what, r + 1, lane.name());
            button.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, &name));
            if button.on_hover_text(format!("{name}: {help}")).clicked() {
                selection.toggle(lane, r, solo);
            }
        }
    }
    Rect::from_min_max(egui::pos2(left, frame.top()), frame.max)
}
