//! The row at the top: menus, the sound that is open, what runs, and how the window looks.

use egui::containers::menu::MenuBar;
use egui::{Align, Button, Label, Layout, Rect, RichText, Ui};

use crate::engine::{ColumnId, Session, Status};
use crate::ui::actions::menu;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{bars, signal};
use crate::ui::theme::{GAP, GROUP, Palette, strong};
use crate::ui::view::View;

/// Height of the row.
pub const HEIGHT: f32 = 36.0;

/// Width of a window from which on commands and theme stand beside the menus that hold them.
const ROOM_FOR_LOOKS: f32 = 400.0;

/// Room in which the name of the sound can be read.
const LEAST_NAME: f32 = 60.0;

/// The row.
pub fn bar(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    let plain = ui.style().clone();
    ui.add_space(0.5 * (ui.available_height() - ui.spacing().interact_size.y).max(0.0));
    MenuBar::new().ui(ui, |ui| {
        menu::menus(ui, session, view, out);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            menu::scale(ui);
            if view.width >= ROOM_FOR_LOOKS {
                let theme = if ui.visuals().dark_mode { bars::LIGHT } else { bars::DARK };
                menu::button(ui, Action::OtherTheme, theme, session, view, out);
                menu::button(ui, Action::Commands, bars::COMMANDS, session, view, out);
                ui.add_space(GAP);
            }
            // Buttons that look like buttons.
            ui.set_style(plain);
            run(ui, session, view, out);
            name(ui, session);
        });
    });
}

/// What starts both columns, or holds and ends those that run. It stands out where there is something new to run.
fn run(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    if Action::Cancel.why_not(session, view).is_none() {
        menu::button(ui, Action::Cancel, bars::CANCEL, session, view, out);
        let paused = ColumnId::BOTH.into_iter().any(|column| session.column(column).status == Status::Paused);
        menu::button(ui, Action::Pause, if paused { bars::RESUME } else { bars::PAUSE }, session, view, out);
        return;
    }
    let palette = Palette::of(ui.visuals());
    let is_new = |column: ColumnId| session.column(column).snapshot.is_none() || session.is_stale(column);
    let can_run = Action::RunBoth.why_not(session, view).is_none();
    let button = if can_run && ColumnId::BOTH.into_iter().any(is_new) {
        Button::new(RichText::new(bars::RUN_BOTH).color(palette.window)).fill(palette.text)
    } else {
        Button::new(bars::RUN_BOTH)
    };
    menu::ask(ui, Action::RunBoth, button, session, view, out);
}

/// The sound that is open, in the middle of the window where there is room.
fn name(ui: &mut Ui, session: &Session) {
    let Some(analysis) = session.input().open() else { return };
    let palette = Palette::of(ui.visuals());
    let facts = analysis.audio.as_ref().map(|audio| signal::briefly(audio.seconds(), audio.rate));
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut words = egui::text::LayoutJob::default();
    words.append(&analysis.name, 0.0, egui::TextFormat::simple(strong(font.size), palette.text));
    if let Some(facts) = facts {
        words.append(&facts, GAP, egui::TextFormat::simple(font, palette.weak));
    }
    let wanted = ui.painter().layout_job(words.clone()).size().x.ceil();
    let room = ui.available_rect_before_wrap();
    let room = room.with_min_x(room.left() + GROUP).with_max_x(room.right() - GROUP);
    if room.width() < LEAST_NAME {
        return;
    }
    let width = wanted.min(room.width());
    let left = ui.ctx().content_rect().center().x - 0.5 * width;
    let left = left.clamp(room.left(), room.right() - width);
    let place = Rect::from_x_y_ranges(left..=left + width, room.y_range());
    ui.put(place, Label::new(words).truncate());
}
