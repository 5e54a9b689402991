//! Where to write something: a path, a look at whether it is taken, and the system's dialog beside it.

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Key, Ui};

use super::dialogs::{Asking, Dialogs, Wanted};
use super::text::prompt as words;
use super::theme::{GAP, Palette};
use crate::engine::session_file::Kind;
use crate::engine::{LaneId, Waker};
use crate::playback::Choice;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The factors of a lane.
    Factors(LaneId),
    /// A picture of the whole window.
    Picture,
    /// Data of both lanes; all there is, or without figures.
    Bundle {
        /// Without figures.
        data_alone: bool,
    },
    /// A sound, as WAV.
    Sound(Choice),
    /// The answers of a blind test, as CSV.
    Answers,
    /// The session.
    Session(Kind),
}

/// The question, while it is open.
pub struct Prompt {
    purpose: Purpose,
    path: String,
    replace: bool,
    focused: bool,
    asking: Option<Asking<()>>,
}

/// What became of the question.
pub enum Answer {
    /// Still open.
    Open,
    /// Given up.
    Cancelled,
    /// Write there; whether what is there may go.
    Write(Purpose, PathBuf, bool),
}

impl Prompt {
    /// Asks for a path, proposing `name` in the current folder.
    pub fn new(purpose: Purpose, name: &str) -> Self {
        let folder = std::env::current_dir().unwrap_or_default();
        let path = folder.join(name).display().to_string();
        Self { purpose, path, replace: false, focused: false, asking: None }
    }

    /// Shows the question.
    pub fn show(&mut self, ui: &Ui, dialogs: &Arc<dyn Dialogs>, wake: &Waker) -> Answer {
        if let Some(answer) = self.asking.as_ref().and_then(Asking::answer) {
            self.asking = None;
            if let Some(path) = answer {
                self.path = path.display().to_string();
                // The system's dialog has asked about what is in the way.
                self.replace = true;
            }
        }
        let mut answer = Answer::Open;
        let modal = egui::Modal::new(egui::Id::unique("prompt")).show(ui.ctx(), |ui| {
            ui.set_width(520.0);
            ui.heading(match self.purpose {
                Purpose::Sound(choice) => words::SOUNDS[choice.index()].to_owned(),
                Purpose::Answers => words::ANSWERS.to_owned(),
                Purpose::Factors(lane) => words::factors(lane.name()),
                Purpose::Picture => words::WINDOW.to_owned(),
                Purpose::Bundle { data_alone: true } => words::DATA.to_owned(),
                Purpose::Bundle { data_alone: false } => words::ALL.to_owned(),
                Purpose::Session(Kind::Session) => words::SESSION.to_owned(),
                Purpose::Session(Kind::Bundle) => words::BUNDLE.to_owned(),
            });
            ui.add_space(GAP);
            let label = ui.label(words::FILE);
            let field = ui.add(egui::TextEdit::singleline(&mut self.path).desired_width(f32::INFINITY));
            let field = field.labelled_by(label.id);
            if !self.focused {
                field.request_focus();
                self.focused = true;
            }
            let path = PathBuf::from(self.path.trim());
            let taken = path.exists();
            let reason = if self.path.trim().is_empty() {
                Some(words::NO_NAME)
            } else if path.is_dir() {
                Some(words::IS_FOLDER)
            } else if taken && !self.replace {
                Some(words::IS_TAKEN)
            } else {
                None
            };
            if taken && !path.is_dir() {
                ui.checkbox(&mut self.replace, words::REPLACE);
            }
            let palette = Palette::of(ui.visuals());
            ui.label(egui::RichText::new(reason.unwrap_or(" ")).color(palette.warning));
            ui.horizontal(|ui| {
                let save = ui.add_enabled(reason.is_none(), egui::Button::new(words::SAVE));
                let save = save.on_disabled_hover_text(reason.unwrap_or_default());
                let enter = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
                if save.clicked() || enter && reason.is_none() {
                    answer = Answer::Write(self.purpose, path, self.replace);
                }
                if ui.button(words::BROWSE).clicked() && self.asking.is_none() {
                    let name = PathBuf::from(&self.path);
                    let name = name.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                    self.asking = Asking::start(dialogs, Wanted::Save { name }, (), Arc::clone(wake)).ok();
                }
                if ui.button(words::CANCEL).clicked() {
                    answer = Answer::Cancelled;
                }
            });
        });
        if modal.should_close() && matches!(answer, Answer::Open) {
            answer = Answer::Cancelled;
        }
        answer
    }
}
