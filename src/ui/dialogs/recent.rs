//! What was opened before, and what was not saved: on the empty page, in the menu, and as a list of its own.

use egui::{RichText, Ui};

use crate::engine::files::text_of;
use crate::ui::actions::Request;
use crate::ui::text::recent as words;
use crate::ui::theme::{GAP, GROUP, Palette, strong};
use crate::ui::view::recent::{MOST, Recent};

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
