//! The top row: what is done most, and how far the lanes are.

use egui::Ui;

use super::actions::Action;
use super::app::Request;
use super::status;
use super::theme::{GAP, GROUP, Palette, strong};
use super::view::PaneId;
use crate::engine::{InputState, LaneId, Session, Status, Stop};
use crate::signal::Demo;

/// A button for an action, with its sentence and its key in the tooltip; `why_not` where it cannot be done.
pub fn button(ui: &mut Ui, action: Action, label: &str, why_not: Option<&str>, out: &mut Vec<Request>) {
    let keys = ui.ctx().format_shortcut(&action.shortcut());
    let response = ui.add_enabled(why_not.is_none(), egui::Button::new(label));
    let response = response.on_disabled_hover_text(why_not.unwrap_or_default());
    if response.on_hover_text(format!("{} ({keys})", action.hint())).clicked() {
        out.push(Request::Action(action));
    }
}

/// The toolbar.
pub fn toolbar(ui: &mut Ui, session: &Session, out: &mut Vec<Request>) {
    ui.horizontal(|ui| {
        button(ui, Action::Open, "Open…", None, out);
        ui.menu_button("Demo", |ui| {
            for demo in Demo::ALL {
                if ui.button(demo.label()).on_hover_text(demo.description()).clicked() {
                    out.push(Request::OpenText(demo.name().to_owned()));
                    ui.close();
                }
            }
        });
        ui.add_space(GROUP - GAP);
        let status = |lane| &session.lane(lane).status;
        let active = LaneId::BOTH.into_iter().any(|lane| status(lane).is_active());
        let no_input = match session.input() {
            InputState::Ready(_) | InputState::Loading { .. } => None,
            InputState::Empty | InputState::Failed { .. } => Some("Open a sound first"),
        };
        let no_run = (!active).then_some("Nothing is running");
        button(ui, Action::RunBoth, "Run both", no_input, out);
        let paused = LaneId::BOTH.into_iter().any(|lane| *status(lane) == Status::Paused);
        button(ui, Action::Pause, if paused { "Resume" } else { "Pause" }, no_run, out);
        button(ui, Action::Cancel, "Cancel", no_run, out);
        ui.add_space(GROUP - GAP);
        export_menu(ui, session, out);
        ui.add_space(GROUP - GAP);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            button(ui, Action::Theme, if ui.visuals().dark_mode { "Light" } else { "Dark" }, None, out);
            button(ui, Action::Keys, "Keys", None, out);
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let width = (ui.available_width() / 2.0 - GAP).clamp(0.0, 290.0);
                for lane in LaneId::BOTH {
                    progress(ui, session, lane, width);
                }
            });
        });
    });
}

fn export_menu(ui: &mut Ui, session: &Session, out: &mut Vec<Request>) {
    ui.menu_button("Export", |ui| {
        for (lane, action) in [(LaneId::A, Action::ExportA), (LaneId::B, Action::ExportB)] {
            let nothing = session.lane(lane).snapshot.is_none().then_some("This lane has no factors yet");
            button(ui, action, action.label(), nothing, out);
        }
        ui.separator();
        ui.menu_button("Pane as PNG", |ui| {
            let panes = LaneId::BOTH.into_iter().flat_map(PaneId::of_lane);
            for pane in panes.chain([PaneId::Overview, PaneId::Convergence]) {
                if ui.button(format!("{}…", pane.name())).clicked() {
                    out.push(Request::SavePicture(Some(pane)));
                    ui.close();
                }
            }
        });
        if ui.button("Window as PNG…").clicked() {
            out.push(Request::SavePicture(None));
            ui.close();
        }
        ui.separator();
        button(ui, Action::CopyCommand, Action::CopyCommand.label(), None, out);
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
    let text = if counted { format!("{words}, {left:.0} s left") } else { words };
    let name = format!("Progress of lane {}: {text}", lane.name());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
    if let Status::Ended(stop) = &state.status {
        response.on_hover_text(format!("Ended: {}", stop.reason()));
    }
    let room = egui::vec2((width - rect.width() - 32.0).max(0.0), ui.spacing().interact_size.y);
    ui.allocate_ui_with_layout(room, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_size(room);
        ui.add(egui::Label::new(egui::RichText::new(text).color(palette.weak)).truncate());
    });
}
