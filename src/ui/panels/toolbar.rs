//! The top row: what is done most, and how far the lanes are.

use egui::Ui;

use super::status;
use crate::engine::{LaneId, Session, Status, Stop};
use crate::numeric::Named;
use crate::signal::Demo;
use crate::ui::actions::menu::{self, button};
use crate::ui::actions::{Action, Request};
use crate::ui::text::bars;
use crate::ui::theme::{GAP, GROUP, Palette, strong};
use crate::ui::view::View;

/// The toolbar.
pub fn toolbar(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    ui.horizontal(|ui| {
        button(ui, Action::Open, bars::OPEN, session, view, out);
        ui.menu_button(bars::DEMO, |ui| {
            for &demo in Demo::ALL {
                menu::item(ui, Action::Demo(demo), session, view, out);
            }
        });
        ui.add_space(GROUP - GAP);
        button(ui, Action::RunBoth, bars::RUN_BOTH, session, view, out);
        let paused = LaneId::BOTH.into_iter().any(|lane| session.lane(lane).status == Status::Paused);
        button(ui, Action::Pause, if paused { bars::RESUME } else { bars::PAUSE }, session, view, out);
        button(ui, Action::Cancel, bars::CANCEL, session, view, out);
        ui.add_space(GROUP);
        let width = (ui.available_width() / 2.0 - GAP).clamp(0.0, 400.0);
        for lane in LaneId::BOTH {
            progress(ui, session, lane, width);
        }
    });
}

/// Name, bar and words of a lane's progress; as wide whatever the words are, so that nothing moves.
fn progress(ui: &mut Ui, session: &Session, lane: LaneId, width: f32) {
    let palette = Palette::of(ui.visuals());
    let state = session.lane(lane);
    ui.label(egui::RichText::new(lane.name()).font(strong(13.0)).color(palette.lane(lane)));
    let ended = matches!(&state.status, Status::Ended(stop) if *stop != Stop::Cancelled);
    let (part, left) = match &state.snapshot {
        Some(_) if ended => (1.0, 0.0),
        Some(s) if s.total > 0 => {
            let seconds = s.seconds / s.iteration.max(1) as f64 * (s.total - s.iteration) as f64;
            (s.iteration as f32 / s.total as f32, seconds)
        }
        _ => (0.0, 0.0),
    };
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2((width * 0.3).min(90.0), 6.0), egui::Sense::hover());
    ui.painter().rect_filled(rect, 3.0, palette.line);
    let filled = egui::Rect::from_min_size(rect.min, egui::vec2(rect.width() * part, rect.height()));
    ui.painter().rect_filled(filled, 3.0, palette.lane(lane));
    let words = status::words(state);
    // How long a search for a price takes is not known before it ends.
    let quantising = state.snapshot.as_ref().is_some_and(|s| s.quantising.is_some());
    let counted = state.status == Status::Running && !quantising;
    let text = if counted { bars::left(&words, left) } else { words };
    let name = bars::progress(lane.name(), &text);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
    if let Status::Ended(stop) = &state.status {
        response.on_hover_text(bars::ended(stop.reason()));
    }
    let room = egui::vec2((width - rect.width() - 32.0).max(0.0), ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(room, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_size(room);
        ui.add(egui::Label::new(egui::RichText::new(text).color(palette.weak)).truncate());
    });
}
