//! The window before anything is open: what it is for, and every way in.

use egui::Ui;

use crate::engine::{ColumnId, InputState, Session};
use crate::numeric::Named;
use crate::signal::Demo;
use crate::ui::actions::menu::button;
use crate::ui::actions::{Action, Request};
use crate::ui::dialogs::recent;
use crate::ui::text::{empty as words, messages};
use crate::ui::theme::{GAP, GROUP, Palette, strong};
use crate::ui::view::View;

/// Whether there is nothing to show yet.
pub fn is_empty(session: &Session) -> bool {
    let no_input = matches!(session.input(), InputState::Empty | InputState::Failed { .. });
    no_input && ColumnId::BOTH.into_iter().all(|column| session.column(column).snapshot.is_none())
}

/// The page.
pub fn page(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    // With a list below there is less to leave free above.
    let above = if view.recent.is_empty() { 0.18 } else { 0.08 };
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * above).max(GROUP));
        ui.label(egui::RichText::new(words::DROP).font(strong(22.0)));
        ui.add_space(GAP);
        ui.label(egui::RichText::new(words::WHAT_IT_DOES).color(palette.weak));
        if let InputState::Failed { reason, .. } = session.input() {
            ui.add_space(GAP);
            ui.label(egui::RichText::new(messages::not_opened(reason)).color(palette.error));
        }
        ui.add_space(GROUP);
        ui.allocate_ui_with_layout(
            egui::vec2(90.0, 28.0),
            egui::Layout::top_down(egui::Align::Center),
            |ui| {
                button(ui, Action::Open, words::OPEN, session, view, out);
            },
        );
        ui.add_space(2.0 * GROUP);
        ui.label(egui::RichText::new(words::OR_A_DEMO).color(palette.weak));
        ui.add_space(GAP);
        for &demo in Demo::ALL {
            let text = egui::RichText::new(demo.label()).font(strong(14.0));
            let button = egui::Button::new(text).min_size(egui::vec2(220.0, 30.0));
            if ui.add(button).on_hover_text(demo.description()).clicked() {
                out.push(Request::Action(Action::Demo(demo)));
            }
            let settings = demo.settings();
            let line = words::demo(demo.description(), settings.components, settings.lags);
            ui.label(egui::RichText::new(line).small().color(palette.weak));
        }
        recent::page(ui, &view.recent, out);
    });
}
