//! What a lane is doing in words, the line at the bottom, and the messages.

use egui::Ui;

use super::actions::Action;
use super::app::Request;
use super::menu::toggle;
use super::theme::{GROUP, Palette};
use super::view::{View, analysis_of, axes_of};
use crate::engine::{LaneId, LaneState, MessageKind, Session, Status, Stop};

/// The state of a lane, said so that it needs no colour.
pub fn words(state: &LaneState) -> String {
    let (k, total) = state.snapshot.as_ref().map_or((0, 0), |s| (s.iteration, s.total));
    let of = || if total > 0 { format!(" {k}/{total}") } else { String::new() };
    let quantising = state.snapshot.as_ref().and_then(|s| s.quantising.as_ref());
    match &state.status {
        Status::Running if let Some(q) = quantising => {
            format!("quantising, probe {}, {}", q.probe + 1, q.fineness)
        }
        Status::Empty => "ready".to_owned(),
        Status::Running => format!("running{}", of()),
        Status::Paused => format!("paused at{}", of()),
        Status::Cancelling => format!("cancelling{}", of()),
        Status::Ended(Stop::IterationLimit) => format!("done, {k} iterations"),
        Status::Ended(Stop::Tolerance) => format!("settled, {k} iterations"),
        Status::Ended(Stop::Converged) => format!("converged, {k} iterations"),
        Status::Ended(Stop::TargetMissed) => "target missed, nearest shown".to_owned(),
        Status::Ended(Stop::Cancelled) => format!("cancelled at{}", of()),
        Status::Imported { .. } => format!("imported, {k} iterations"),
        Status::Failed { .. } => "failed".to_owned(),
    }
}

/// One word for each lane, for the title of the window.
pub fn title(session: &Session) -> String {
    let input = match session.input() {
        crate::engine::InputState::Empty => return "snmf".to_owned(),
        crate::engine::InputState::Loading { name } => return format!("snmf - {name} - loading"),
        crate::engine::InputState::Failed { name, .. } => return format!("snmf - {name} - not opened"),
        crate::engine::InputState::Ready(analysis) => analysis.name.clone(),
    };
    let [a, b] = LaneId::BOTH.map(|lane| {
        let state = session.lane(lane);
        let settled = if state.snapshot.is_some() && session.is_settled(lane) { ", measured" } else { "" };
        format!("{} {}{settled}", lane.name(), words(state))
    });
    format!("snmf - {input} - {a} - {b}")
}

/// The readout under the pointer, and the latest message.
pub fn status_line(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(readout(session, view)).monospace());
        ui.add_space(GROUP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let of =
                |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
            let counts = [
                (session.runs().all().len(), "run", Action::Runs),
                (session.messages().len(), "message", Action::Messages),
            ];
            for (count, what, action) in counts {
                toggle(ui, action, &of(count, what), session, view, out);
            }
            if let Some(message) = session.messages().last() {
                let color = match message.kind {
                    MessageKind::Info => palette.weak,
                    MessageKind::Warning => palette.warning,
                    MessageKind::Error => palette.error,
                };
                let text = egui::RichText::new(marked(message.kind, &message.text)).color(color);
                ui.add(egui::Label::new(text).truncate());
            }
        });
    });
}

fn marked(kind: MessageKind, text: &str) -> String {
    match kind {
        MessageKind::Info => text.to_owned(),
        MessageKind::Warning => format!("Warning: {text}"),
        MessageKind::Error => format!("Error: {text}"),
    }
}

/// Everything told so far, newest first.
pub fn messages(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        for message in session.messages().iter().rev() {
            let color = match message.kind {
                MessageKind::Info => palette.text,
                MessageKind::Warning => palette.warning,
                MessageKind::Error => palette.error,
            };
            ui.label(egui::RichText::new(marked(message.kind, &message.text)).color(color));
        }
    });
}

/// Time, frame, frequency, bin, and the level of V, A and B there.
fn readout(session: &Session, view: &View) -> String {
    let Some(cursor) = &view.cursor else { return "point at a plot to read values".to_owned() };
    let Some(axes) = LaneId::BOTH
        .into_iter()
        .find_map(|lane| axes_of(session, lane).or_else(|| analysis_of(session, lane).map(|a| a.axes())))
    else {
        return String::new();
    };
    let mut parts = Vec::new();
    if let Some(time) = cursor.time {
        parts.push(format!("{time:8.3} s  frame {:>4}", axes.frame_at(time).round()));
    }
    if let Some(hertz) = cursor.hertz {
        parts.push(format!("{hertz:7.0} Hz  bin {:>4}", axes.bin_at(hertz).round()));
    }
    if !cursor.told.is_empty() {
        parts.push(cursor.told.clone());
    }
    let mut text = parts.join("  ");
    let (Some(time), Some(hertz)) = (cursor.time, cursor.hertz) else { return text };
    let (frame, bin) = (axes.frame_at(time).round(), axes.bin_at(hertz).round());
    if frame < 0.0 || bin < 0.0 {
        return text;
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked to be non-negative
    let (frame, bin) = (frame as usize, bin as usize);
    let level =
        |x: f64| if x > 0.0 { format!("{:6.1} dB", 20.0 * x.log10()) } else { "  zero   ".to_owned() };
    let analysis = LaneId::BOTH.into_iter().find_map(|lane| analysis_of(session, lane));
    if let Some(v) = analysis.as_ref().and_then(|a| a.spectrogram_f32().v.get((bin, frame)).copied()) {
        text.push_str(&format!("  V {}", level(f64::from(v))));
    }
    for lane in LaneId::BOTH {
        if let Some(snapshot) = &session.lane(lane).snapshot {
            let shape = snapshot.model.shape();
            if bin < shape.bins && frame < shape.frames {
                let audible = view.mix.audible(lane, shape.components);
                let heard = |r: usize| audible.as_ref().is_none_or(|audible| audible[r]);
                let value = snapshot.model.at(bin, frame, heard);
                text.push_str(&format!("  {} {}", lane.name(), level(value)));
            }
        }
    }
    text
}
