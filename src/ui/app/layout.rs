//! Where the parts of the window stand. Tab goes through them from the top to the bottom.

use egui::{Frame, Panel, Rect, ScrollArea, Ui, UiBuilder};

use super::App;
use crate::ui::actions::Request;
use crate::ui::listening::transport;
use crate::ui::panels::{controls, empty, numbers, runs, status, topbar, verdict};
use crate::ui::panes::{self, Panes};
use crate::ui::theme::Palette;
use crate::ui::view::{Below, Side};

/// Widths of the settings and of the numbers: at first, at least and at most.
const CONTROLS: [f32; 3] = [250.0, 200.0, 320.0];
const NUMBERS: [f32; 3] = [320.0, 290.0, 420.0];

/// The share of the window that the numbers take at most, and not less than they need.
const SHARE_OF_NUMBERS: f32 = 0.27;

impl App {
    /// Everything but dialogs.
    pub(super) fn lay_out(&mut self, ui: &mut Ui, out: &mut Vec<Request>) {
        self.view.width = ui.ctx().content_rect().width();
        let has_begun = !empty::is_empty(&self.session);
        Panel::top("menus").exact_size(topbar::HEIGHT).show(ui, |ui| {
            topbar::bar(ui, &self.session, &self.view, out);
        });
        if has_begun {
            let strip = Frame::NONE.fill(Palette::of(ui.visuals()).window);
            Panel::top("verdict").exact_size(verdict::HEIGHT).frame(strip).show(ui, |ui| {
                verdict::verdict(ui, &self.session, out);
            });
        }
        let rest = ui.available_rect_before_wrap();
        let edge = (rest.bottom() - transport::HEIGHT - status::HEIGHT).max(rest.top());
        let (body, bars) = rest.split_top_bottom_at_y(edge);
        within(ui, body, |ui| self.body(ui, has_begun, out));
        within(ui, bars, |ui| {
            Panel::top("transport").exact_size(transport::HEIGHT).show(ui, |ui| {
                transport::bar(ui, &self.session, &mut self.view, out);
            });
            Panel::top("status").exact_size(status::HEIGHT).show(ui, |ui| {
                status::status_line(ui, &self.session, &self.view, out);
            });
        });
    }

    /// What stands between the bars.
    fn body(&mut self, ui: &mut Ui, has_begun: bool, out: &mut Vec<Request>) {
        match self.view.below {
            Some(Below::Messages) => {
                Panel::bottom("messages").default_size(140.0).resizable(true).show(ui, |ui| {
                    status::messages(ui, &self.session);
                });
            }
            Some(Below::Runs) => {
                Panel::bottom("runs").default_size(170.0).min_size(90.0).resizable(true).show(ui, |ui| {
                    runs::runs(ui, &self.session, &mut self.view, out);
                });
            }
            None => {}
        }
        if self.view.shows(Side::Controls) {
            let [first, least, most] = CONTROLS;
            Panel::left("controls").default_size(first).min_size(least).max_size(most).show(ui, |ui| {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    controls::controls(ui, &self.session, &mut self.view, out);
                });
            });
        }
        let mut panes = Panes { session: &self.session, view: &mut self.view, pictures: &mut self.pictures };
        if !has_begun {
            egui::CentralPanel::default().show(ui, |ui| empty::page(ui, &self.session, panes.view, out));
            return;
        }
        if panes.view.shows(Side::Numbers) {
            let [first, least, most] = NUMBERS;
            let most = (SHARE_OF_NUMBERS * panes.view.width).clamp(least, most);
            Panel::right("outcome").default_size(first).min_size(least).max_size(most).show(ui, |ui| {
                let scroll = ScrollArea::vertical().auto_shrink(false);
                scroll.show(ui, |ui| numbers::outcome(ui, &mut panes, out));
            });
        }
        egui::CentralPanel::default().show(ui, |ui| panes::columns(ui, &mut panes, out));
    }
}

/// Shows something in a part of what is left.
fn within(ui: &mut Ui, place: Rect, add: impl FnOnce(&mut Ui)) {
    ui.scope_builder(UiBuilder::new().max_rect(place), add);
}
