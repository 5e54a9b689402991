//! What was opened before, and what was not saved: on the empty page, in the menu, and as a list of its own.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use egui::{RichText, Ui};

use crate::engine::files::text_of;
use crate::ui::app::Request;
use crate::ui::text::recent as words;
use crate::ui::theme::{GAP, GROUP, Palette, strong};

/// Files that are remembered.
pub const MOST: usize = 12;

/// A file that was opened before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentFile {
    /// Where it is, or was.
    pub path: PathBuf,
    /// Whether it is not there any more, as far as is known.
    pub missing: bool,
}

/// A session that was not saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsaved {
    /// Its object.
    pub path: PathBuf,
    /// What it holds.
    pub about: String,
    /// When it was written.
    pub written: SystemTime,
}

/// Both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    /// The latest first.
    pub files: Vec<RecentFile>,
    /// The latest first.
    pub unsaved: Vec<Unsaved>,
}

impl Recent {
    /// Puts a file in front; whether the list has changed.
    pub fn note(&mut self, path: &Path) -> bool {
        if self.files.first().is_some_and(|first| first.path == path) {
            return false;
        }
        self.files.retain(|file| file.path != path);
        self.files.insert(0, RecentFile { path: path.to_owned(), missing: false });
        self.files.truncate(MOST);
        true
    }

    /// Takes a file off; whether it was there.
    pub fn forget(&mut self, path: &Path) -> bool {
        let before = self.files.len();
        self.files.retain(|file| file.path != path);
        self.files.len() != before
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.unsaved.is_empty()
    }
}

/// The rows, at most `most` files of them; whether something was chosen.
pub fn rows(ui: &mut Ui, recent: &Recent, most: usize, out: &mut Vec<Request>) -> bool {
    let palette = Palette::of(ui.visuals());
    let mut chosen = false;
    for unsaved in &recent.unsaved {
        ui.horizontal(|ui| {
            let age = unsaved.written.elapsed().map_or(0, |age| age.as_secs());
            let open = ui.button(words::unsaved(&unsaved.about)).on_hover_text(words::UNSAVED_HELP);
            if open.clicked() {
                out.push(Request::Recover(unsaved.path.clone()));
                chosen = true;
            }
            ui.label(RichText::new(words::age(age)).color(palette.weak));
            let discard = ui.small_button(words::DISCARD).on_hover_text(words::DISCARD_HELP);
            discard.widget_info(|| {
                egui::WidgetInfo::labeled(egui::Role::Button, true, words::discard(&unsaved.about))
            });
            if discard.clicked() {
                out.push(Request::Discard(unsaved.path.clone()));
            }
        });
    }
    for file in recent.files.iter().take(most) {
        let name =
            file.path.file_name().map_or_else(|| file.path.to_string_lossy(), |name| name.to_string_lossy());
        let folder = file.path.parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        ui.horizontal(|ui| {
            let open = egui::Button::new(name.as_ref()).truncate();
            let open = ui.add_enabled(!file.missing, open).on_hover_text(file.path.display().to_string());
            if open.on_disabled_hover_text(words::MISSING_HELP).clicked() {
                out.push(Request::OpenText(text_of(&file.path)));
                chosen = true;
            }
            if file.missing {
                ui.label(RichText::new(words::MISSING).color(palette.warning));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let remove = ui.small_button(words::REMOVE).on_hover_text(words::REMOVE_HELP);
                remove.widget_info(|| {
                    egui::WidgetInfo::labeled(egui::Role::Button, true, words::remove(&name))
                });
                if remove.clicked() {
                    out.push(Request::Forget(file.path.clone()));
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(egui::Label::new(RichText::new(folder).small().color(palette.weak)).truncate());
                });
            });
        });
    }
    chosen
}

/// The part of the empty page.
pub fn page(ui: &mut Ui, recent: &Recent, out: &mut Vec<Request>) {
    if recent.is_empty() {
        return;
    }
    ui.add_space(2.0 * GROUP);
    ui.label(RichText::new(words::HEADING).color(Palette::of(ui.visuals()).weak));
    ui.add_space(GAP);
    ui.allocate_ui_with_layout(egui::vec2(460.0, 0.0), egui::Layout::top_down(egui::Align::Min), |ui| {
        rows(ui, recent, 6, out);
    });
}

/// The list as a window of its own; false once it is to be closed.
pub fn dialog(ui: &Ui, recent: &Recent, out: &mut Vec<Request>) -> bool {
    let mut open = true;
    let modal = egui::Modal::new(egui::Id::unique("recent")).show(ui.ctx(), |ui| {
        ui.set_width(560.0);
        ui.label(RichText::new(words::HEADING).font(strong(14.0)));
        ui.add_space(GAP);
        if recent.is_empty() {
            ui.label(RichText::new(words::NONE).color(Palette::of(ui.visuals()).weak));
        }
        open &= !rows(ui, recent, MOST, out);
        ui.add_space(GAP);
        open &= !ui.button(words::CLOSE).clicked();
    });
    open && !modal.should_close()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_stands_first_and_once() {
        let mut recent = Recent::default();
        for i in 0..20 {
            assert!(recent.note(Path::new(&format!("{i}.wav"))));
        }
        assert_eq!(recent.files.len(), MOST);
        assert!(!recent.note(Path::new("19.wav")));
        assert!(recent.note(Path::new("15.wav")));
        let names: Vec<_> = recent.files.iter().map(|file| file.path.display().to_string()).collect();
        assert_eq!(names[..3], ["15.wav", "19.wav", "18.wav"]);
        assert_eq!(names.iter().filter(|name| *name == "15.wav").count(), 1);
        assert!(recent.forget(Path::new("15.wav")) && !recent.forget(Path::new("15.wav")));
    }
}
