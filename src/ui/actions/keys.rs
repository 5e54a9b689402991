//! The list of keys, made from the table of actions, and what the pointer does.

use egui::Ui;

use super::{Action, Menu, describe_keys};
use crate::ui::text::keys as words;
use crate::ui::theme::{GAP, Palette, strong};
use crate::ui::widgets::escaped;

/// Shows the list in a window of its own until it is closed.
pub fn show(ui: &Ui, open: &mut bool) {
    *open &= !escaped(ui);
    let window = egui::Window::new(words::TITLE).open(open).resizable(false).collapsible(false);
    let height = ui.ctx().content_rect().height() - 120.0;
    window
        .anchor(egui::Align2::CENTER_CENTER, egui::Vec2::ZERO)
        .vscroll(true)
        .default_height(height)
        .max_height(height)
        .show(ui.ctx(), |ui| {
            let weak = Palette::of(ui.visuals()).weak;
            let line = |ui: &mut Ui, keys: &str, what: &str| {
                ui.label(keys);
                ui.label(egui::RichText::new(what).color(weak));
                ui.end_row();
            };
            ui.horizontal_top(|ui| {
                let all: Vec<Action> =
                    Action::all().into_iter().filter(|a| a.entry().keys.is_some()).collect();
                let (left, right): (Vec<Action>, Vec<Action>) =
                    all.into_iter().partition(|a| matches!(a.entry().menu, Menu::View));
                for (title, actions) in [(words::LOOKING, left), (words::WORKING, right)] {
                    egui::Grid::new(title).num_columns(2).spacing([GAP, 4.0]).show(ui, |ui| {
                        ui.label(egui::RichText::new(title).font(strong(13.0)));
                        ui.end_row();
                        for action in actions {
                            let keys = action.entry().keys.map(|keys| describe_keys(ui.ctx(), keys));
                            line(ui, &keys.unwrap_or_default(), &action.full_label());
                        }
                        if title == words::LOOKING {
                            for (keys, what) in words::HELD {
                                line(ui, keys, what);
                            }
                        }
                    });
                    ui.add_space(2.0 * GAP);
                }
            });
            ui.add_space(GAP);
            ui.label(egui::RichText::new(words::IN_A_PLOT).font(strong(13.0)));
            egui::Grid::new("pointer").num_columns(2).spacing([GAP, 4.0]).show(ui, |ui| {
                for (how, what) in words::POINTER {
                    line(ui, how, what);
                }
            });
        });
}
