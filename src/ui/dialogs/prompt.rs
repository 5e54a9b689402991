//! The question where to write something.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Ui;

use super::Dialogs;
use super::path::{PathField, Said};
use crate::engine::session_file::FileKind;
use crate::engine::{ColumnId, Waker, files};
use crate::numeric::Named;
use crate::playback::Choice;
use crate::signal::wav;
use crate::ui::text::prompt as words;
use crate::ui::theme::GAP;
use crate::ui::widgets::choice;

/// What is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PromptPurpose {
    /// The factors of a column.
    Factors(ColumnId),
    /// A picture of the whole window.
    Picture,
    /// Data of both columns; all there is, or without figures.
    Bundle {
        /// Without figures.
        data_alone: bool,
    },
    /// A sound, as WAV of this format.
    Sound(Choice, wav::WavFormat),
    /// The answers of a blind test, as CSV.
    Answers,
    /// The session.
    Session(FileKind),
}

impl PromptPurpose {
    /// What is wrong with the end of a name. A bundle may be a folder, which has any name.
    fn refusal(self, path: &Path) -> Option<&'static str> {
        let (ending, text) = match self {
            Self::Bundle { .. } => return None,
            Self::Factors(_) => (".gz", words::END_IN_GZ),
            Self::Picture => (".png", words::END_IN_PNG),
            Self::Sound(..) => (".wav", words::END_IN_WAV),
            Self::Answers => (".csv", words::END_IN_CSV),
            Self::Session(kind @ FileKind::Session) => (kind.ending(), words::END_IN_SESSION),
            Self::Session(kind @ FileKind::Bundle) => (kind.ending(), words::END_IN_BUNDLE),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        (!name.ends_with(ending) && !files::is_stream(path)).then_some(text)
    }
}

/// The question, while it is open.
pub struct Prompt {
    purpose: PromptPurpose,
    path: PathField,
}

/// What became of the question.
pub enum PromptAnswer {
    /// Still open.
    Open,
    /// Given up.
    Cancelled,
    /// Write there; whether what is there may go.
    Write(PromptPurpose, PathBuf, bool),
}

impl Prompt {
    /// Asks for a path, proposing `name` in the current folder.
    pub fn new(purpose: PromptPurpose, name: &str) -> Self {
        Self { purpose, path: PathField::new(name) }
    }

    /// Shows the question.
    pub fn show(&mut self, ui: &Ui, dialogs: &Arc<dyn Dialogs>, wake: &Waker) -> PromptAnswer {
        let mut answer = PromptAnswer::Open;
        let modal = egui::Modal::new(egui::Id::unique("prompt")).show(ui.ctx(), |ui| {
            ui.set_width(520.0);
            ui.heading(match self.purpose {
                PromptPurpose::Sound(choice, _) => words::SOUNDS[choice.index()].to_owned(),
                PromptPurpose::Answers => words::ANSWERS.to_owned(),
                PromptPurpose::Factors(column) => words::factors(column.name()),
                PromptPurpose::Picture => words::WINDOW.to_owned(),
                PromptPurpose::Bundle { data_alone: true } => words::DATA.to_owned(),
                PromptPurpose::Bundle { data_alone: false } => words::ALL.to_owned(),
                PromptPurpose::Session(FileKind::Session) => words::SESSION.to_owned(),
                PromptPurpose::Session(FileKind::Bundle) => words::BUNDLE.to_owned(),
            });
            ui.add_space(GAP);
            if let PromptPurpose::Sound(_, format) = &mut self.purpose {
                ui.horizontal(|ui| {
                    ui.label(words::SAMPLES);
                    choice(ui, words::SAMPLES, 0.0, format, wav::WavFormat::ALL, words::samples);
                });
                ui.add_space(GAP);
            }
            let purpose = self.purpose;
            let Said { reason, enter } = self.path.show(ui, |path| purpose.refusal(path));
            ui.horizontal(|ui| {
                let save = ui.add_enabled(reason.is_none(), egui::Button::new(words::SAVE));
                let save = save.on_disabled_hover_text(reason.unwrap_or_default());
                if save.clicked() || enter && reason.is_none() {
                    let (path, replace) = self.path.chosen();
                    answer = PromptAnswer::Write(self.purpose, path, replace);
                }
                self.path.browse(ui, dialogs, wake);
                if ui.button(words::CANCEL).clicked() {
                    answer = PromptAnswer::Cancelled;
                }
            });
        });
        if modal.should_close() && matches!(answer, PromptAnswer::Open) {
            answer = PromptAnswer::Cancelled;
        }
        answer
    }
}
