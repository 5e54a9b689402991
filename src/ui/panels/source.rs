//! What is analysed: the sound, which channel and which part of it, at which rate.

use std::time::Duration;

use egui::{DragValue, Ui};

use crate::engine::{Analysis, Command, InputSpec, InputState, Session};
use crate::figure::axis::{MINUTE, clock, duration};
use crate::signal::{Audio, Channel};
use crate::ui::actions::menu::small;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{self, signal as words};
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::{View, extent};
use crate::ui::widgets::{list, row};

/// What is read sooner needs no button.
const SOON: Duration = Duration::from_millis(500);

/// Sample rates that are offered; any other one can be had from the command line.
const RATES: [u32; 7] = [8_000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000];

/// The group of the signal.
pub fn signal(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    ui.heading(words::HEADING);
    match session.input() {
        InputState::Empty => {
            ui.label(egui::RichText::new(words::NONE).color(palette.weak));
        }
        InputState::Loading { name, reading, from_file, .. } => {
            ui.label(words::reading(name, reading.share()));
            if !from_file || reading.is_ended() {
                // Nothing to be done but to wait.
            } else if reading.elapsed() < SOON {
                ui.ctx().request_repaint_after(SOON);
            } else if ui.small_button(words::STOP_READING).clicked() {
                out.push(Request::Command(Command::StopReading));
            }
        }
        InputState::Failed { name, reason } => {
            ui.label(egui::RichText::new(words::failed(name, reason)).color(palette.error));
        }
        InputState::Ready(analysis) => {
            ui.label(&analysis.name);
            let sound =
                analysis.audio.as_ref().map_or_else(|| words::NO_SOUND.to_owned(), |audio| facts(audio));
            let facts = words::facts(&sound, analysis.bins(), analysis.frames());
            ui.label(egui::RichText::new(facts).color(palette.weak).small());
            for warning in &analysis.warnings {
                ui.label(egui::RichText::new(warning).color(palette.warning).small());
            }
            if let Some(audio) = &analysis.audio {
                reading(ui, analysis, audio, out);
                region(ui, session, view, out);
            }
        }
    }
    let missing = session.missing_sounds();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|sound| sound.name()).collect();
        let warnings = missing.iter().flat_map(|sound| sound.warnings.iter().cloned());
        for text in std::iter::once(words::missing(&names.join(", "))).chain(warnings) {
            ui.label(egui::RichText::new(text).small().color(palette.warning));
        }
        small(ui, Action::Locate, words::LOCATE, session, view, out);
    }
    path(ui, view, out);
}

fn facts(audio: &Audio) -> String {
    let channels = text::counted(audio.channels, text::CHANNEL);
    let rate = if audio.source_rate == audio.rate {
        words::rate(audio.rate)
    } else {
        words::resampled(audio.rate, audio.source_rate)
    };
    words::sound(audio.seconds(), &rate, &channels)
}

/// What of the file is read; another choice reads it again.
fn reading(ui: &mut Ui, analysis: &Analysis, audio: &Audio, out: &mut Vec<Request>) {
    let before = analysis.input.read;
    let mut read = before;
    if audio.channels > 1 {
        row(ui, words::CHANNEL, |ui| {
            let name = |channel| match channel {
                Channel::Mix => words::ALL_CHANNELS.to_owned(),
                Channel::Index(index) => index.to_string(),
            };
            list(ui, words::CHANNEL.name, &name(read.channel), 0.0, |ui| {
                let each = (1..=audio.channels).map(Channel::Index);
                for channel in std::iter::once(Channel::Mix).chain(each) {
                    if ui.selectable_value(&mut read.channel, channel, name(channel)).clicked() {
                        ui.close();
                    }
                }
            })
        });
    }
    row(ui, words::RATE, |ui| {
        let name = |rate: Option<u32>| rate.map_or_else(|| words::SAME_RATE.to_owned(), words::rate);
        list(ui, words::RATE.name, &name(read.rate), 0.0, |ui| {
            for rate in std::iter::once(None).chain(RATES.map(Some)) {
                if ui.selectable_value(&mut read.rate, rate, name(rate)).clicked() {
                    ui.close();
                }
            }
        })
    });
    if read != before {
        let source = analysis.input.source.clone();
        out.push(Request::Command(Command::Open(InputSpec { source, read })));
    }
}

/// The part that is marked, typed or dragged, and what can be done with it.
fn region(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    let Some(extent) = extent(session) else { return };
    let (first, last) = (0.0, extent.seconds);
    let (mut start, mut end) = view.region.unwrap_or((first, last));
    let before = (start, end);
    row(ui, words::REGION_START, |ui| ui.add(seconds(&mut start, first, end)));
    row(ui, words::REGION_END, |ui| ui.add(seconds(&mut end, start, last)));
    if (start, end) != before {
        view.region = Some((start, end)).filter(|_| end > start && (start, end) != (first, last));
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = GAP / 2.0;
        small(ui, Action::RunRegion, words::RUN_REGION, session, view, out);
        small(ui, Action::ZoomRegion, words::ZOOM_REGION, session, view, out);
        small(ui, Action::ClearRegion, words::CLEAR_REGION, session, view, out);
        if session.is_part() {
            small(ui, Action::RunWhole, words::RUN_WHOLE, session, view, out);
        }
    });
}

fn seconds(value: &mut f64, first: f64, last: f64) -> DragValue<'_> {
    let typed = |text: &str| {
        let (minutes, seconds) =
            text.trim().trim_end_matches(['s', ' ']).rsplit_once(':').unwrap_or(("0", text));
        let seconds: f64 = seconds.trim().trim_end_matches(['s', ' ']).parse().ok()?;
        Some(60.0 * minutes.parse::<f64>().ok()? + seconds)
    };
    let shown = move |seconds: f64, _| if last < MINUTE { duration(seconds, 3) } else { clock(seconds, 3) };
    DragValue::new(value).range(first..=last).speed(0.01).custom_formatter(shown).custom_parser(typed)
}

fn path(ui: &mut Ui, view: &mut View, out: &mut Vec<Request>) {
    ui.horizontal(|ui| {
        let width = ui.available_width() - 60.0;
        let hint =
            egui::TextEdit::singleline(&mut view.path).hint_text(words::PATH_HINT).desired_width(width);
        let field = ui.add(hint);
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, words::PATH));
        let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
        let go = ui.add_enabled(!view.path.trim().is_empty(), egui::Button::new(words::LOAD));
        if go.on_disabled_hover_text(words::NO_PATH).clicked() || enter && !view.path.trim().is_empty() {
            out.push(Request::OpenText(view.path.trim().to_owned()));
        }
    });
}
