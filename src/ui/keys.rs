//! The list of keys.

use egui::Ui;

use super::actions::Action;

/// Shows the list in a window of its own until it is closed.
pub fn show(ui: &Ui, open: &mut bool) {
    egui::Window::new("Keys").open(open).resizable(false).collapsible(false).show(ui.ctx(), |ui| {
        egui::Grid::new("keys").num_columns(3).striped(true).show(ui, |ui| {
            for action in Action::ALL {
                ui.label(egui::RichText::new(ui.ctx().format_shortcut(&action.shortcut())).monospace());
                ui.label(action.label().trim_end_matches('…'));
                ui.label(egui::RichText::new(action.hint()).weak());
                ui.end_row();
            }
        });
        ui.label(
            "In a plot: wheel zooms in time, Ctrl and wheel in frequency, drag moves, double click fits.",
        );
    });
}
