//! Closing while something runs asks once.

use egui::{Ui, ViewportCommand};

use crate::ui::text::closing as words;

/// Where the wish to close stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    /// Nobody wants to.
    #[default]
    No,
    /// Asked, no answer yet.
    Asking,
    /// Yes.
    Agreed,
}

impl Closing {
    /// Holds a close back while `busy`, until it has been agreed to.
    pub fn watch(&mut self, ctx: &egui::Context, busy: bool) {
        if ctx.input(|input| input.viewport().close_requested()) && busy && *self != Self::Agreed {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            *self = Self::Asking;
        }
    }

    /// Closes without a question: the process was asked to end.
    pub fn at_once(&mut self, ctx: &egui::Context) {
        *self = Self::Agreed;
        ctx.send_viewport_cmd(ViewportCommand::Close);
    }

    /// Shows the question while it is open.
    pub fn show(&mut self, ui: &Ui) {
        if *self != Self::Asking {
            return;
        }
        let modal = egui::Modal::new(egui::Id::unique("closing")).show(ui.ctx(), |ui| {
            ui.heading(words::HEADING);
            ui.label(words::WHAT_IS_LOST);
            ui.horizontal(|ui| {
                if ui.button(words::CLOSE).clicked() {
                    *self = Self::Agreed;
                    ui.ctx().send_viewport_cmd(ViewportCommand::Close);
                }
                if ui.button(words::STAY).clicked() {
                    *self = Self::No;
                }
            });
        });
        if modal.should_close() && *self == Self::Asking {
            *self = Self::No;
        }
    }
}
