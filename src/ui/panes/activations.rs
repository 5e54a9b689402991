//! H on the time axis of the spectrograms: a curve a component, with solo and mute.

use std::sync::Arc;

use egui::{Key, Modifiers, Rect, Ui};
use egui_plot::PlotResponse;

use super::{Panes, paint, plot};
use crate::engine::ColumnId;
use crate::figure::axis::MINUTE;
use crate::figure::panes::activations;
use crate::figure::style::Stroke;
use crate::ui::pictures::{Product, stamp};
use crate::ui::text::{axes as axis, components as buttons, panes as words, readout as read};
use crate::ui::theme::{AXIS_WIDTH, Palette, strong};
use crate::ui::view::selection::ComponentSelection;
use crate::ui::view::{Cursor, PaneId, axes_of};

/// Components that have a curve each; more could not be distinguished, and the first are the ones to see.
const MOST_CURVES: usize = 64;

/// Size of the buttons for solo and mute, and the height of a row that has room for them.
const BUTTON: egui::Vec2 = egui::vec2(16.0, 12.0);

/// Width of a number beside the curves, and the height of its line.
const NUMBER: f32 = 22.0;
const LINE: f32 = 13.0;

/// How much of their colour the curves beside the chosen one keep.
const BESIDE_CHOSEN: f32 = 0.5;

/// The activations pane of a column.
pub fn activations(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32) {
    let pane = PaneId::Activations(column);
    let state = panes.session.shown(column);
    let all = state.snapshot.as_ref().map_or(0, |s| s.model.shape().components);
    let mut order = panes.view.selection.rows(column, all);
    order.truncate(MOST_CURVES);
    let palette = Palette::of(ui.visuals());
    let ready = if let (Some(snapshot), Some(axes)) = (&state.snapshot, axes_of(panes.session, column)) {
        let look = plot::look(ui, panes.view, pane, height, palette.well);
        let stamp = stamp((state.generation, format!("{:?}", look.screen), &order));
        let (snapshot, order) = (Arc::clone(snapshot), order.clone());
        let make = move || {
            let factors = snapshot.model.to_f32();
            Product::Plot(activations::plot(&factors, &order, &axes, &look, column.index()))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let rows = order.len().max(1) as f64;
    let base = plot::with_time_axis(plot::fixed(pane, ui, height), ui, panes.view.time)
        .y_grid_spacer(|_| Vec::new())
        .custom_y_axes(plot::y_axis(ui, "", |_| String::new()))
        .show_grid(false);
    let bounds = [panes.view.time.0, 0.0, panes.view.time.1, rows];
    let (selected, view) = (panes.view.selection.selected(column), &*panes.view);
    let audible = view.selection.audible(column, all);
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, bounds);
        let pen = |row: usize, _: &Stroke| {
            let r = order.get(row).copied();
            let heard = audible.as_ref().is_none_or(|heard| r.is_some_and(|r| heard[r]));
            let is_chosen = selected.is_some() && selected == r;
            let color = match r {
                Some(r) if heard && (is_chosen || selected.is_none()) => palette.hue(r),
                Some(r) if heard => palette.hue(r).gamma_multiply(BESIDE_CHOSEN),
                Some(_) | None => palette.line,
            };
            (color, if is_chosen { 1.75 } else { 1.0 })
        };
        if let Some((of, texture)) = ready.as_ref().and_then(|ready| ready.plot()) {
            paint::marks(plot, of, texture, pen);
        }
        plot::cursor_line(plot, view, palette.weak);
    });
    let selection = &panes.view.selection;
    let words = words::activations(order.len(), &describe_selected(selection, column));
    plot::remember(ui, panes.view, pane, &shown, &words);
    let buttons = rail(ui, panes, column, &order, &shown);
    let on_button = ui.input(|input| input.pointer.latest_pos()).is_some_and(|p| buttons.contains(p));
    let row = |position: egui::Pos2| {
        row_at(shown.transform.value_from_position(position).y, order.len()).map(|row| order[row])
    };
    if shown.response.clicked()
        && !on_button
        && let Some(r) = shown.response.interact_pointer_pos().and_then(row)
    {
        panes.view.selection.select(column, r);
        shown.response.request_focus();
    }
    keys(ui, panes, column, all, &shown.response);
    plot::navigate(ui, panes.view, pane, &shown, false);
    if let (Some(cursor), Some(r)) = (&mut panes.view.pointed, shown.response.hover_pos().and_then(row))
        && let (Some(time), Some(snapshot)) = (cursor.time, &panes.session.shown(column).snapshot)
        && let Some(axes) = axes_of(panes.session, column)
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
pub fn describe_selected(selection: &ComponentSelection, column: ColumnId) -> String {
    let Some(r) = selection.selected(column) else { return String::new() };
    let partner = selection
        .partner(column, r)
        .zip(selection.cosine(column, r))
        .map_or_else(String::new, |(s, cosine)| words::partner(s + 1, column.other().name(), cosine));
    words::selected(r + 1, &partner)
}

/// Up and down select while a pane of components has the focus, Escape lets go.
pub fn keys(ui: &Ui, panes: &mut Panes<'_>, column: ColumnId, count: usize, response: &egui::Response) {
    if !response.has_focus() {
        return;
    }
    panes.view.pane_focused = true;
    // No arrow leads to another pane: two select, two move in time.
    let filter = egui::EventFilter {
        vertical_arrows: true,
        horizontal_arrows: true,
        escape: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, filter));
    let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
    if pressed(Key::ArrowDown) {
        panes.view.selection.step(column, count, true);
    } else if pressed(Key::ArrowUp) {
        panes.view.selection.step(column, count, false);
    } else if pressed(Key::Escape) {
        panes.view.selection.point_out(column, None);
    }
}

/// Beside the curves, in the place of numbers on an axis: each component's number in its colour, solo and mute. Where rows
/// are low, some numbers are left out, and the buttons stand beside the row that is selected or pointed at. Answers with
/// the place of the buttons.
fn rail<R>(
    ui: &mut Ui,
    panes: &mut Panes<'_>,
    column: ColumnId,
    order: &[usize],
    shown: &PlotResponse<R>,
) -> Rect {
    let frame = *shown.transform.frame();
    let place = Rect::from_x_y_ranges(frame.left() - AXIS_WIDTH..=frame.left(), frame.y_range());
    let high = frame.height() / order.len().max(1) as f32;
    let buttons = place.with_min_x(place.left() + NUMBER);
    let palette = Palette::of(ui.visuals());
    let pointed = ui.input(|input| input.pointer.latest_pos()).filter(|at| frame.union(place).contains(*at));
    let pointed = pointed.map(|at| (at.y - frame.top()) / high);
    let selected = panes.view.selection.selected(column);
    let mut free = f32::NEG_INFINITY;
    let unit = if panes.view.time.1 < MINUTE { axis::SECONDS } else { axis::MINUTES };
    let below = egui::pos2(place.left() + NUMBER - 4.0, frame.bottom() + 0.5 * LINE);
    ui.painter().text(
        below,
        egui::Align2::RIGHT_CENTER,
        unit,
        egui::FontId::proportional(11.0),
        palette.weak,
    );
    for (row, &r) in order.iter().enumerate() {
        let middle = frame.top() + (row as f32 + 0.5) * high;
        let is_pointed = pointed.is_some_and(|at| (row as f32..row as f32 + 1.0).contains(&at));
        if middle - 0.5 * LINE >= free {
            free = middle + 0.5 * LINE;
            let at = egui::pos2(place.left() + NUMBER - 4.0, middle);
            let number = (r + 1).to_string();
            ui.painter().text(at, egui::Align2::RIGHT_CENTER, number, strong(11.0), palette.hue(r));
        }
        // One row at a time where the buttons of two would lie on each other.
        let is_alone = if pointed.is_some() { is_pointed } else { selected == Some(r) };
        if high >= BUTTON.y || is_alone {
            let y = middle.clamp(frame.top() + 0.5 * BUTTON.y, frame.bottom() - 0.5 * BUTTON.y);
            switches(ui, &mut panes.view.selection, (column, r), egui::pos2(buttons.left(), y));
        }
    }
    buttons
}

/// Solo and mute of a component; `at` is their left end, at half their height.
fn switches(ui: &mut Ui, selection: &mut ComponentSelection, (column, r): (ColumnId, usize), at: egui::Pos2) {
    let palette = Palette::of(ui.visuals());
    // Over the plot, and without a say in what comes below it.
    let place =
        Rect::from_min_size(at - egui::vec2(0.0, 0.5 * BUTTON.y), egui::vec2(2.0 * BUTTON.x, BUTTON.y));
    let mut over = ui.new_child(egui::UiBuilder::new().max_rect(place).id_salt(("rail", column, r)));
    over.spacing_mut().button_padding = egui::Vec2::ZERO;
    for (i, (solo, [text, what, help])) in
        [(true, buttons::SOLO), (false, buttons::MUTE)].into_iter().enumerate()
    {
        let on = selection.is_on(column, r, solo);
        let color = if on { palette.text } else { palette.weak };
        let text = egui::RichText::new(text).font(egui::FontId::proportional(10.0)).color(color);
        let fill = if on { palette.button[2] } else { palette.panel };
        let button = egui::Button::new(text).min_size(BUTTON).small().fill(fill).stroke(egui::Stroke::NONE);
        let place = Rect::from_min_size(place.min + egui::vec2(i as f32 * BUTTON.x, 0.0), BUTTON);
        let button = over.put(place, button);
        let name = buttons::of(what, r + 1, column.name());
        button.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, on, &name));
        if button.on_hover_text(format!("{name}: {help}")).clicked() {
            selection.toggle(column, r, solo);
        }
    }
}
