//! What the panes with a time or a frequency axis share: ticks, navigation, size, a name for screen readers.

use egui::{Color32, PointerButton, Response, Ui, Vec2};
use egui_plot::{AxisHints, GridInput, GridMark, Plot, PlotImage, PlotPoint, PlotResponse};

use super::super::text::axes;
use super::super::theme::{AXIS_WIDTH, Palette};
use super::super::view::{Cursor, PaneId, Range, View};
use super::region::region;
use crate::figure::axis::{tick_label, ticks, time_label, time_ticks};
use crate::figure::style::{Rgb, Style};
use crate::figure::{FrequencyScale, Look, Screen};

/// Left, bottom, right and top in the coordinates of a plot.
pub type PlotRect = [f64; 4];

/// Largest side of a texture that every system takes; the test harness is the strictest.
const LARGEST: f32 = 2048.0;

/// Height below which the numbers on an axis would leave no room for the plot.
pub const ROOM_FOR_LABELS: f32 = 126.0;

/// How much is left of a picture that is of the run before.
const OF_BEFORE: f32 = 0.42;

/// Height of a time axis with its numbers and its name.
pub const TIME_AXIS_HEIGHT: f32 = 40.0;

/// A plot without a will of its own: the view decides what is shown.
pub fn fixed<'a>(pane: PaneId, ui: &Ui, height: f32) -> Plot<'a> {
    let palette = Palette::of(ui.visuals());
    Plot::new(pane.name())
        .height(height.max(16.0))
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .set_margin_fraction(Vec2::ZERO)
        .show_background(true)
        .grid_color(palette.line)
        .show_crosshair(false)
        .label_formatter(|_| None)
}

/// An axis whose every tick carries its label: the ticks are chosen so that they fit.
fn axis<'a>(hints: AxisHints<'a>, ui: &Ui, label: &str) -> AxisHints<'a> {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let palette = Palette::of(ui.visuals());
    let title = egui::RichText::new(label).font(font.clone()).color(palette.weak);
    hints
        .label(title)
        .label_spacing(egui::Rangef::new(1.0, 2.0))
        .tick_label_font(font)
        .tick_label_color(palette.weak)
}

/// A horizontal axis with this name, its ticks labelled by `format`.
pub fn x_axis<'a>(ui: &Ui, label: &str, format: impl Fn(&GridMark) -> String + 'a) -> Vec<AxisHints<'a>> {
    vec![axis(AxisHints::new_x(), ui, label).formatter(move |mark, _| format(&mark))]
}

/// A vertical axis with this name, its ticks labelled by `format`; as wide in every pane.
pub fn y_axis<'a>(ui: &Ui, label: &str, format: impl Fn(&GridMark) -> String + 'a) -> Vec<AxisHints<'a>> {
    vec![
        axis(AxisHints::new_y(), ui, label).min_thickness(AXIS_WIDTH).formatter(move |mark, _| format(&mark)),
    ]
}

/// Part of an axis that has ticks: a label at its very end would stand in a neighbour's place.
pub const CLEAR: f64 = 0.97;

/// Round numbers of a plain axis, about one every `every` points.
pub fn plain_ticks(every: f32) -> impl Fn(GridInput) -> Vec<GridMark> {
    move |input| {
        let (low, high) = input.bounds;
        // The step that egui_plot proposes is one for about eight points.
        let points = 8.0 * (high - low) / input.base_step_size.max(f64::MIN_POSITIVE);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
        let count = (points / f64::from(every)).clamp(2.0, 20.0) as usize;
        distinct(marks(&ticks(low, low + CLEAR * (high - low), count)), plain_label)
    }
}

/// Those of the marks that are not labelled like the one before.
pub fn distinct(mut marks: Vec<GridMark>, label: impl Fn(&GridMark) -> String) -> Vec<GridMark> {
    marks.dedup_by(|mark, before| label(mark) == label(before));
    marks
}

/// Marks whose labels are all of the same weight.
pub fn marks(values: &[f64]) -> Vec<GridMark> {
    let step = values.windows(2).map(|w| w[1] - w[0]).fold(f64::INFINITY, f64::min);
    let step_size = if step.is_finite() { step } else { 1.0 };
    values.iter().map(|&value| GridMark { value, step_size }).collect()
}

/// A number on a plain axis.
pub fn plain_label(mark: &GridMark) -> String {
    tick_label(mark.value, mark.step_size)
}

/// The time axis of the view.
pub fn with_time_axis<'a>(plot: Plot<'a>, ui: &Ui, (start, end): Range) -> Plot<'a> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let count = (ui.available_width() / 90.0).clamp(2.0, 20.0) as usize;
    let values = time_ticks(start, start + CLEAR * (end - start), count);
    let format = move |mark: &GridMark| time_label(mark.value, mark.step_size, end);
    plot.x_grid_spacer(move |_| distinct(marks(&values), format)).custom_x_axes(x_axis(ui, "", format))
}

/// The frequency axis of the view, in warped coordinates.
pub fn with_frequency_axis<'a>(plot: Plot<'a>, ui: &Ui, view: &View, height: f32) -> Plot<'a> {
    let (scale, (low, high)) = (view.scale, view.hertz);
    let bottom = scale.height(low);
    let high = scale.frequency(bottom + CLEAR * (scale.height(high) - bottom));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let count = (height / 36.0).clamp(2.0, 10.0) as usize;
    let values: Vec<f64> = scale.ticks(low, high, count).into_iter().map(|hz| scale.height(hz)).collect();
    let label = if height >= ROOM_FOR_LABELS { axes::FREQUENCY } else { "" };
    let format = move |mark: &GridMark| frequency_label(scale.frequency(mark.value));
    plot.y_grid_spacer(move |_| distinct(marks(&values), format)).custom_y_axes(y_axis(ui, label, format))
}

/// A frequency in Hz on an axis.
pub fn frequency_label(hz: f64) -> String {
    let rounded = hz.round();
    // Five digits would push the plot aside, out of line with the panes below it.
    if rounded >= 10_000.0 && rounded % 1000.0 == 0.0 {
        return format!("{}k", rounded / 1000.0);
    }
    if (hz - rounded).abs() < 1e-3 { format!("{rounded}") } else { format!("{hz:.2}") }
}

/// The view as bounds of a plot with time and frequency axes.
pub fn place(view: &View, scale: FrequencyScale) -> PlotRect {
    [view.time.0, scale.height(view.hertz.0), view.time.1, scale.height(view.hertz.1)]
}

/// Shows exactly this.
pub fn set_bounds(plot: &mut egui_plot::PlotUi<'_>, [left, bottom, right, top]: PlotRect) {
    plot.set_plot_bounds(egui_plot::PlotBounds::from_min_max([left, bottom], [right, top]));
}

/// A texture where it belongs.
pub fn image(name: &str, texture: egui::TextureId, [left, bottom, right, top]: PlotRect) -> PlotImage {
    #[allow(clippy::cast_possible_truncation)] // egui_plot takes sizes in single precision
    let size = Vec2::new((right - left) as f32, (top - bottom) as f32);
    PlotImage::new(
        name,
        texture,
        PlotPoint::new(f64::midpoint(left, right), f64::midpoint(bottom, top)),
        size,
    )
    .allow_hover(false)
}

/// Pixels for a pane: those of its plot on the last frame, or a guess on the first.
pub fn pixels(ui: &Ui, view: &View, pane: PaneId, height: f32) -> (usize, usize) {
    let guess = Vec2::new(ui.available_width() - AXIS_WIDTH, height);
    let size = view.plots.get(&pane).copied().unwrap_or(guess) * ui.ctx().pixels_per_point();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let whole = |x: f32| x.round().clamp(1.0, LARGEST) as usize;
    (whole(size.x), whole(size.y))
}

/// How the window shows a pane: what the view says, at the pixels of the pane, on this ground.
pub fn look(ui: &Ui, view: &View, pane: PaneId, height: f32, ground: Color32) -> Look {
    let rgb = |colour: Color32| -> Rgb { [colour.r(), colour.g(), colour.b()] };
    let palette = Palette::of(ui.visuals());
    let screen = Screen {
        time: view.time,
        hertz: view.hertz,
        pixels: pixels(ui, view, pane, height),
        ground: rgb(ground),
        columns: [rgb(palette.a), rgb(palette.b)],
    };
    let style = Style { dark: ui.visuals().dark_mode, ..Style::default() };
    Look { screen: Some(screen), ..view.look(style) }
}

/// Remembers where the pane was, and gives it a name and a sentence for those who do not see it.
pub fn remember<R>(ui: &Ui, view: &mut View, pane: PaneId, shown: &PlotResponse<R>, summary: &str) {
    view.rects.insert(pane, shown.response.rect);
    view.plots.insert(pane, shown.transform.frame().size());
    if pane.column().is_some_and(|column| view.awaits[column.index()]) {
        let well = Palette::of(ui.visuals()).well;
        ui.painter().rect_filled(*shown.transform.frame(), 0.0, well.gamma_multiply(1.0 - OF_BEFORE));
    }
    let label = format!("{}: {summary}", pane.name());
    shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, ui.is_enabled(), &label));
}

/// Wheel, drag, box and double click on a pane with a time axis; a frequency axis where `hertz` says so.
pub fn navigate<R>(ui: &Ui, view: &mut View, pane: PaneId, shown: &PlotResponse<R>, hertz: bool) {
    let response: &Response = &shown.response;
    if response.double_clicked() {
        view.fit();
        return;
    }
    region(ui, view, shown);
    zoom_box(ui, view, pane, shown, hertz);
    let per_point = shown.transform.dvalue_dpos();
    let scrubs = scrub(ui, view, shown, hertz);
    let free = view.zoom_box.is_none() && view.marking.is_none() && !scrubs;
    if response.dragged_by(PointerButton::Primary) && free {
        let moved = response.drag_delta();
        let height = if hertz { -f64::from(moved.y) * per_point[1] } else { 0.0 };
        view.pan(-f64::from(moved.x) * per_point[0], height);
    }
    let Some(pointer) = response.hover_pos() else { return };
    // A pane begins a little before its plot, and ends a little behind it.
    let at = shown.transform.value_from_position(shown.transform.frame().clamp(pointer));
    let frequency = view.scale.frequency(at.y);
    view.over = pane.column().unwrap_or(view.over);
    view.pointed =
        Some(Cursor { time: Some(at.x.max(0.0)), hertz: hertz.then_some(frequency), ..Cursor::default() });
    let (scroll, pinch) = ui.input(|input| (input.smooth_scroll_delta(), f64::from(input.zoom_delta())));
    if scroll.y != 0.0 {
        view.zoom_time((f64::from(scroll.y) * 0.004).exp(), at.x);
    }
    if scroll.x != 0.0 {
        view.pan(-f64::from(scroll.x) * per_point[0], 0.0);
    }
    if hertz && (pinch - 1.0).abs() > 1e-6 {
        view.zoom_hertz(pinch, frequency);
    }
}

/// A click goes there where `click` says so, and a drag with Alt held follows the pointer; whether it does.
pub fn scrub<R>(ui: &Ui, view: &mut View, shown: &PlotResponse<R>, click: bool) -> bool {
    let response = &shown.response;
    let alt = ui.input(|input| input.modifiers.alt);
    let drags = alt && response.dragged_by(PointerButton::Primary);
    if let (true, Some(pointer)) = (drags || click && response.clicked(), response.interact_pointer_pos()) {
        view.listen.seek = Some(shown.transform.value_from_position(pointer).x.max(0.0));
    }
    drags
}

/// A box drawn with Shift held, or with the right button, is what is shown once the button is let go.
fn zoom_box<R>(ui: &Ui, view: &mut View, pane: PaneId, shown: &PlotResponse<R>, hertz: bool) {
    let response = &shown.response;
    let (shift, origin) = ui.input(|input| (input.modifiers.shift, input.pointer.press_origin()));
    let begun = response.drag_started_by(PointerButton::Secondary)
        || response.drag_started_by(PointerButton::Primary) && shift;
    if begun && let Some(origin) = origin {
        let at = shown.transform.value_from_position(origin);
        view.zoom_box = Some((pane, [at.x, at.y]));
    }
    let Some((_, [x, y])) = view.zoom_box.filter(|(of, _)| *of == pane) else { return };
    if ui.input(|input| input.key_pressed(egui::Key::Escape)) {
        view.zoom_box = None;
        return;
    }
    let frame = *shown.transform.frame();
    let corner = shown.transform.position_from_point(&PlotPoint::new(x, y));
    let Some(pointer) = ui.input(|input| input.pointer.latest_pos()) else { return };
    let mut marked = egui::Rect::from_two_pos(corner, pointer).intersect(frame);
    if !hertz {
        marked = egui::Rect::from_x_y_ranges(marked.x_range(), frame.y_range());
    }
    if response.drag_stopped() {
        view.zoom_box = None;
        // A twitch is no box.
        if marked.width() < 4.0 || hertz && marked.height() < 4.0 {
            return;
        }
        let (low, high) = (marked.left_bottom(), marked.right_top());
        let (low, high) =
            (shown.transform.value_from_position(low), shown.transform.value_from_position(high));
        let frequencies = (view.scale.frequency(low.y), view.scale.frequency(high.y));
        view.show((low.x, high.x), if hertz { frequencies } else { view.hertz });
        return;
    }
    // Light over dark, so that it is seen on every colour.
    let painter = ui.painter().with_clip_rect(frame);
    painter.rect_filled(marked, 0.0, egui::Color32::from_white_alpha(24));
    for (width, color) in [(3.0, egui::Color32::from_black_alpha(160)), (1.0, egui::Color32::WHITE)] {
        painter.rect_stroke(marked, 0.0, egui::Stroke::new(width, color), egui::StrokeKind::Middle);
    }
}

/// The moment under the pointer and the one that is heard, in every pane with a time axis.
pub fn cursor_line(plot: &mut egui_plot::PlotUi<'_>, view: &View, color: egui::Color32) {
    if let Some(time) = view.listen.playhead {
        // Light over dark, so that it is seen on every colour.
        for (width, color) in [(3.5, egui::Color32::from_black_alpha(200)), (1.5, egui::Color32::WHITE)] {
            plot.vline(egui_plot::VLine::new("playhead", time).color(color).width(width).allow_hover(false));
        }
    }
    if let Some(time) = view.cursor.as_ref().and_then(|cursor| cursor.time) {
        plot.vline(egui_plot::VLine::new("cursor", time).color(color).width(1.0).allow_hover(false));
    }
}

/// The frequency under the pointer, in every pane with a frequency axis.
pub fn frequency_line(plot: &mut egui_plot::PlotUi<'_>, view: &View, color: egui::Color32) {
    if let Some(hertz) = view.cursor.as_ref().and_then(|cursor| cursor.hertz) {
        let height = view.scale.height(hertz);
        plot.hline(egui_plot::HLine::new("cursor", height).color(color).width(1.0).allow_hover(false));
    }
}
