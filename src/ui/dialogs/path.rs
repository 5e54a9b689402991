//! Where something is to be written: a path, a look at whether it is taken, and the system's dialog beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{Key, Ui};

use super::{Asking, Dialogs, PathRequest};
use crate::engine::Waker;
use crate::engine::files::{path_of, text_of};
use crate::ui::text::prompt as words;
use crate::ui::theme::Palette;

/// The field and what belongs to it.
pub struct PathField {
    text: String,
    replace: bool,
    focused: bool,
    asking: Option<Asking<()>>,
}

/// What the field says in a frame.
pub struct Said {
    /// Why nothing can be written there.
    pub reason: Option<&'static str>,
    /// Whether Enter was pressed in it.
    pub enter: bool,
}

impl PathField {
    /// A field that proposes `name` in the current folder.
    pub fn new(name: &str) -> Self {
        let text = text_of(&std::env::current_dir().unwrap_or_default().join(name));
        Self { text, replace: false, focused: false, asking: None }
    }

    /// The path, and whether what is there may go.
    pub fn chosen(&self) -> (PathBuf, bool) {
        (path_of(self.text.trim()), self.replace)
    }

    /// Shows the field; `refuse` says what else is wrong with a path.
    pub fn show(&mut self, ui: &mut Ui, refuse: impl Fn(&Path) -> Option<&'static str>) -> Said {
        if let Some(answer) = self.asking.as_ref().and_then(Asking::answer) {
            self.asking = None;
            if let Some(path) = answer {
                self.text = text_of(&path);
                // The system's dialog has asked about what is in the way.
                self.replace = true;
            }
        }
        let label = ui.label(words::FILE);
        let field = ui.add(egui::TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY));
        let field = field.labelled_by(label.id);
        if field.changed() {
            // What was agreed to was of another file.
            self.replace = false;
        }
        if !self.focused {
            field.request_focus();
            self.focused = true;
        }
        let (path, _) = self.chosen();
        let taken = path.exists() && !path.is_dir();
        let reason = if self.text.trim().is_empty() {
            Some(words::NO_NAME)
        } else if path.is_dir() {
            Some(words::IS_FOLDER)
        } else {
            refuse(&path).or((taken && !self.replace).then_some(words::IS_TAKEN))
        };
        if taken {
            ui.checkbox(&mut self.replace, words::REPLACE);
        }
        let warning = Palette::of(ui.visuals()).warning;
        ui.label(egui::RichText::new(reason.unwrap_or(" ")).color(warning));
        Said { reason, enter: field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter)) }
    }

    /// The button that asks the system's dialog.
    pub fn browse(&mut self, ui: &mut Ui, dialogs: &Arc<dyn Dialogs>, wake: &Waker) {
        if ui.button(words::BROWSE).clicked() && self.asking.is_none() {
            let (path, _) = self.chosen();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            self.asking = Asking::start(dialogs, PathRequest::Save { name }, (), Arc::clone(wake)).ok();
        }
    }
}
