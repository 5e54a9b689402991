//! Anything that can be done, found by typing a part of its name.

use egui::{Key, Ui};

use super::menu::row;
use super::{Action, Request};
use crate::engine::Session;
use crate::ui::text::commands as words;
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::View;

/// Rows shown at once.
const ROWS: f32 = 12.0;

/// The list, while it is open.
#[derive(Default)]
pub struct Commands {
    text: String,
    chosen: usize,
}

impl Commands {
    /// Shows the list; false once it is to be closed.
    pub fn show(&mut self, ui: &Ui, session: &Session, view: &View, out: &mut Vec<Request>) -> bool {
        let mut open = true;
        let found: Vec<Action> = Action::all().into_iter().filter(|a| matches(*a, &self.text)).collect();
        let steps = ui.input_mut(|input| {
            let mut count = |key| input.count_and_consume_key(egui::Modifiers::NONE, key);
            let (down, up) = (count(Key::ArrowDown), count(Key::ArrowUp));
            (down, up)
        });
        self.chosen = (self.chosen + steps.0).min(found.len().saturating_sub(1)).saturating_sub(steps.1);
        let enter = ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, Key::Enter));
        let mut done = found.get(self.chosen).copied().filter(|_| enter);
        let modal = egui::Modal::new(egui::Id::unique("commands")).show(ui.ctx(), |ui| {
            ui.set_width(560.0);
            let field = egui::TextEdit::singleline(&mut self.text)
                .hint_text(words::HINT)
                .desired_width(f32::INFINITY);
            let field = ui.add(field);
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, words::FIELD));
            if field.changed() {
                self.chosen = 0;
            }
            field.request_focus();
            ui.add_space(GAP);
            let height = ui.spacing().interact_size.y + ui.spacing().item_spacing.y;
            egui::ScrollArea::vertical().max_height(ROWS * height).auto_shrink([false, true]).show(
                ui,
                |ui| {
                    for (i, &action) in found.iter().enumerate() {
                        let chosen = i == self.chosen;
                        let row = row(ui, action, &action.full_label(), chosen, session, view);
                        if chosen && steps != (0, 0) {
                            row.scroll_to_me(None);
                        }
                        if row.clicked() {
                            done = Some(action);
                        }
                    }
                    if found.is_empty() {
                        ui.label(egui::RichText::new(words::NONE).color(Palette::of(ui.visuals()).weak));
                    }
                },
            );
        });
        if let Some(action) = done.filter(|action| action.why_not(session, view).is_none()) {
            out.push(Request::Action(action));
            open = false;
        }
        open && !modal.should_close()
    }
}

/// Whether the name holds every word that was typed, in any order.
fn matches(action: Action, text: &str) -> bool {
    let name = format!("{} {} {}", action.entry().menu.name(), action.full_label(), action.entry().hint)
        .to_lowercase();
    text.to_lowercase().split_whitespace().all(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_in_any_order_and_nonsense_finds_nothing() {
        let found = |text: &str| Action::all().into_iter().filter(|a| matches(*a, text)).collect::<Vec<_>>();
        assert!(found("map magma").contains(&Action::Map(crate::figure::ColorMap::Magma)));
        assert_eq!(found("BOTH run").first(), Some(&Action::RunBoth));
        assert!(found("xyzzy").is_empty());
        assert_eq!(found("").len(), Action::all().len());
    }
}
