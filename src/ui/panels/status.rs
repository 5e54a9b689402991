//! What a column is doing in words, the line at the bottom, and the messages.

use egui::Ui;

use super::empty;
use crate::engine::{ColumnId, ColumnState, Message, MessageKind, Session, Status, Stop};
use crate::ui::actions::menu::toggle;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{self, messages, readout as read, states, window};
use crate::ui::theme::Palette;
use crate::ui::view::{Side, View, analysis_of, axes_of};

/// The state of a column, said so that it needs no colour.
pub fn words(state: &ColumnState) -> String {
    let (k, total) = state.snapshot.as_ref().map_or((0, 0), |s| (s.iteration, s.total));
    let of = || if total > 0 { format!(" {k}/{total}") } else { String::new() };
    let quantising = state.snapshot.as_ref().and_then(|s| s.quantising.as_ref());
    match &state.status {
        Status::Running if let Some(q) = quantising => states::quantising(q.probe + 1, q.params),
        Status::Empty => states::READY.to_owned(),
        Status::Running => states::running(&of()),
        Status::Paused => states::paused(&of()),
        Status::Cancelling => states::cancelling(&of()),
        Status::Ended(Stop::IterationLimit) => states::after(states::DONE, k),
        Status::Ended(Stop::Tolerance) => states::after(states::SETTLED, k),
        Status::Ended(Stop::Converged) => states::after(states::CONVERGED, k),
        Status::Ended(Stop::TargetMissed) => states::NEAREST_SHOWN.to_owned(),
        Status::Ended(Stop::Cancelled) => states::cancelled(&of()),
        Status::Imported { .. } => states::after(states::IMPORTED, k),
        Status::Failed { .. } => states::FAILED.to_owned(),
    }
}

/// One word for each column, for the title of the window.
pub fn title(session: &Session) -> String {
    let name = |path: &std::path::Path| {
        path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    if let Some(path) = session.opening() {
        return window::title_opening(&name(path));
    }
    let title = of_columns(session);
    match session.file() {
        Some((path, _)) => window::title_of_session(&name(path), session.is_changed(), &title),
        None => title,
    }
}

fn of_columns(session: &Session) -> String {
    let input = match session.input() {
        crate::engine::InputState::Empty => return window::NAME.to_owned(),
        crate::engine::InputState::Loading { name, .. } => return window::title_loading(name),
        crate::engine::InputState::Failed { name, .. } => return window::title_failed(name),
        crate::engine::InputState::Ready(analysis) => analysis.name.clone(),
    };
    let [a, b] = ColumnId::BOTH.map(|column| {
        let state = session.column(column);
        let settled = state.snapshot.is_some() && session.is_settled(column);
        window::column(column.name(), &words(state), settled)
    });
    window::title(&input, &a, &b)
}

/// Height of the line.
pub const HEIGHT: f32 = 28.0;

/// Width of a window from which on runs and messages are counted; the menu View opens them in any.
const ROOM_FOR_COUNTS: f32 = 460.0;

/// Room in which words of a message can be read.
const LEAST_MESSAGE: f32 = 60.0;

/// The readout under the pointer, and the latest message, between what opens and closes panels.
pub fn status_line(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    ui.horizontal_centered(|ui| {
        let [settings, numbers] = window::PANELS;
        toggle(ui, Action::Side(Side::Controls), settings, session, view, out);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if !empty::is_empty(session) {
                toggle(ui, Action::Side(Side::Numbers), numbers, session, view, out);
            }
            let counts = [
                (session.runs().all().len(), text::RUN, Action::Runs),
                (session.messages().len(), text::MESSAGE, Action::Messages),
            ];
            for (count, what, action) in counts.into_iter().filter(|_| view.width >= ROOM_FOR_COUNTS) {
                toggle(ui, action, &text::counted(count, what), session, view, out);
            }
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                ui.add(egui::Label::new(readout(session, view)).truncate());
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| latest(ui, session));
            });
        });
    });
}

/// The latest message, where there is room for it.
fn latest(ui: &mut Ui, session: &Session) {
    let Some(message) = session.messages().last() else { return };
    if ui.available_width() < LEAST_MESSAGE {
        return;
    }
    let palette = Palette::of(ui.visuals());
    let color = if message.kind == MessageKind::Info { palette.weak } else { ink(message.kind, &palette) };
    let text = egui::RichText::new(said(message)).color(color);
    ui.add(egui::Label::new(text).truncate());
}

const fn ink(kind: MessageKind, palette: &Palette) -> egui::Color32 {
    match kind {
        MessageKind::Info => palette.text,
        MessageKind::Warning => palette.warning,
        MessageKind::Error => palette.error,
    }
}

/// A message with the time since the session began.
fn said(message: &Message) -> String {
    messages::at(message.after.as_secs_f64(), &marked(message.kind, &message.text))
}

fn marked(kind: MessageKind, text: &str) -> String {
    match kind {
        MessageKind::Info => text.to_owned(),
        MessageKind::Warning => messages::warning(text),
        MessageKind::Error => messages::error(text),
    }
}

/// All messages so far, newest first.
pub fn messages(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for message in session.messages().iter().rev() {
            ui.label(egui::RichText::new(said(message)).color(ink(message.kind, &palette)));
        }
    });
}

/// Time, frame, frequency, bin, and the level of V, A and B there.
fn readout(session: &Session, view: &View) -> String {
    let Some(cursor) = &view.cursor else { return read::NOWHERE.to_owned() };
    let Some(axes) = ColumnId::BOTH.into_iter().find_map(|column| {
        axes_of(session, column).or_else(|| analysis_of(session, column).map(|a| a.axes()))
    }) else {
        return String::new();
    };
    let mut parts = Vec::new();
    if let Some(time) = cursor.time {
        parts.push(read::moment(time, axes.frame_at(time).round().max(0.0)));
    }
    if let Some(hertz) = cursor.hertz {
        parts.push(read::frequency(hertz, axes.bin_at(hertz).round()));
    }
    if !cursor.text.is_empty() {
        parts.push(cursor.text.clone());
    }
    let mut text = parts.join("  ");
    let (Some(time), Some(hertz)) = (cursor.time, cursor.hertz) else { return text };
    let (frame, bin) = (axes.frame_at(time).round().max(0.0), axes.bin_at(hertz).round());
    if bin < 0.0 {
        return text;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked to be non-negative
    let (frame, bin) = (frame as usize, bin as usize);
    let level = |x: f64| if x > 0.0 { read::level(20.0 * x.log10()) } else { read::NO_LEVEL.to_owned() };
    let analysis = ColumnId::BOTH.into_iter().find_map(|column| analysis_of(session, column));
    if let Some(v) = analysis.as_ref().and_then(|a| a.spectrogram_f32().v.get((bin, frame)).copied()) {
        text.push_str(&read::of_v(&level(f64::from(v))));
    }
    for column in ColumnId::BOTH {
        if let Some(snapshot) = &session.shown(column).snapshot {
            let shape = snapshot.model.shape();
            if bin < shape.bins && frame < shape.frames {
                let audible = view.selection.audible(column, shape.components);
                let heard = |r: usize| audible.as_ref().is_none_or(|audible| audible[r]);
                let value = snapshot.model.at(bin, frame, heard);
                text.push_str(&format!("  {} {}", column.name(), level(value)));
            }
        }
    }
    text
}
