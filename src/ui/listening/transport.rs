//! The bar that plays: what is heard, where it is, and why nothing is.

use egui::{Sense, Ui};

use super::phases;
use crate::engine::Session;
use crate::figure::axis::clock;
use crate::playback::Choice;
use crate::ui::actions::menu::{button, toggle};
use crate::ui::actions::{Action, Request};
use crate::ui::text::listening as words;
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::View;
use crate::ui::view::listen::Listen;

/// Height of the bar.
pub const HEIGHT: f32 = 36.0;

/// The line of time takes what is left, and not less than this.
const LEAST: f32 = 60.0;

/// Widths of the window from which on these have room. Without it they are in the menu Listen and at the end of the bar.
const ROOM_FOR_TESTS: f32 = 1000.0;
const ROOM_FOR_PHASES: f32 = 740.0;
const ROOM_FOR_TIMES: f32 = 640.0;

/// Likewise for the names of what is heard, beside their keys.
const ROOM_FOR_NAMES: f32 = 520.0;

/// Width of the words about phases, at most.
const PHASES: f32 = 250.0;

/// The bar.
pub fn bar(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    ui.horizontal_centered(|ui| {
        let play = if view.listen.playing { words::HOLD } else { words::PLAY };
        button(ui, Action::Play, play, session, view, out);
        toggle(ui, Action::Loop, words::LOOP, session, view, out);
        ui.add_space(GAP);
        for choice in Choice::ALL {
            let name = name(choice, &view.listen);
            let key = name.split(' ').next().unwrap_or_default();
            let label = if view.width >= ROOM_FOR_NAMES { &name } else { key };
            toggle(ui, Action::Listen(choice), label, session, view, out);
        }
        ui.add_space(GAP);
        if view.width >= ROOM_FOR_TESTS {
            toggle(ui, Action::LevelMatch, words::LEVEL_MATCH, session, view, out);
            button(ui, Action::Abx, words::BLIND_TEST, session, view, out);
            ui.add_space(GAP);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if view.width >= ROOM_FOR_PHASES {
                let room = ui.available_width();
                let size = egui::vec2((room * 0.4).min(PHASES), ui.spacing().interact_size.y);
                ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.set_min_size(size);
                    phases::show(ui, &mut view.listen);
                });
                ui.add_space(GAP);
            }
            if view.width >= ROOM_FOR_TIMES {
                let now = clock(view.listen.playhead.unwrap_or(0.0), 3);
                ui.label(words::times(&now, &clock(view.listen.seconds, 3)));
            }
            line(ui, view);
        });
    });
}

/// The choice with the key that chooses it.
fn name(choice: Choice, listen: &Listen) -> String {
    match choice {
        Choice::Original => words::ORIGINAL.to_owned(),
        Choice::A => words::A.to_owned(),
        Choice::B => words::B.to_owned(),
        Choice::Selection => words::parts(&listen.parts),
    }
}

/// All of the time, with the part that is heard; a click or a drag goes there.
fn line(ui: &mut Ui, view: &mut View) {
    let width = ui.available_width().max(LEAST);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(width, ui.spacing().interact_size.y), Sense::click_and_drag());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Slider, true, words::POSITION));
    let palette = Palette::of(ui.visuals());
    let seconds = view.listen.seconds;
    let x = |time: f64| {
        #[allow(clippy::cast_possible_truncation)] // points
        let share = if seconds > 0.0 { (time / seconds).clamp(0.0, 1.0) as f32 } else { 0.0 };
        rect.left() + share * rect.width()
    };
    let groove = |from: f32, to: f32| {
        egui::Rect::from_x_y_ranges(from..=to, rect.center().y - 2.0..=rect.center().y + 2.0)
    };
    let painter = ui.painter();
    painter.rect_filled(groove(rect.left(), rect.right()), 2.0, palette.line);
    if let Some((start, end)) = view.region {
        painter.rect_filled(groove(x(start), x(end)), 2.0, palette.button[2]);
    }
    if let Some(playhead) = view.listen.playhead {
        painter.rect_filled(groove(rect.left(), x(playhead)), 2.0, palette.weak);
        painter.circle_filled(egui::pos2(x(playhead), rect.center().y), 5.0, palette.text);
    }
    let held = response.clicked() || response.dragged();
    if let (true, Some(pointer)) = (held && seconds > 0.0, response.interact_pointer_pos()) {
        let share = ((pointer.x - rect.left()) / rect.width()).clamp(0.0, 1.0);
        view.listen.seek = Some(f64::from(share) * seconds);
    }
    response.on_hover_text(words::POSITION_HELP);
}
