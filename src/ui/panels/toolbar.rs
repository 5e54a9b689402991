//! The top row: what is done most.

use egui::Ui;

use crate::engine::{LaneId, Session, Status};
use crate::numeric::Named;
use crate::signal::Demo;
use crate::ui::actions::menu::{self, button};
use crate::ui::actions::{Action, Request};
use crate::ui::text::bars;
use crate::ui::theme::{GAP, GROUP};
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
    });
}
