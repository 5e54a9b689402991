//! A small grid of experiments: the values to go through, how many runs they make, and how far these are.

use egui::{TextEdit, Ui};

use crate::engine::{Batch, Command, InputState, Session};
use crate::ui::actions::Request;
use crate::ui::text::{self, Term, grid as words};
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::View;

/// The question, while it is open.
#[derive(Default)]
pub struct GridDialog {
    focused: bool,
}

impl GridDialog {
    /// Shows the question; false once it is to be closed.
    pub fn show(&mut self, ui: &Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) -> bool {
        let mut open = true;
        let modal = egui::Modal::new(egui::Id::unique("grid")).show(ui.ctx(), |ui| {
            ui.set_width(460.0);
            ui.heading(words::HEADING);
            let palette = Palette::of(ui.visuals());
            ui.label(egui::RichText::new(words::WHAT_IT_DOES).color(palette.weak));
            ui.add_space(GAP);
            self.fields(ui, session, view);
            ui.add_space(GAP);
            let running = session.grid().filter(|grid| grid.is_running());
            let plan = view.grid.parse(session.draft());
            let reason = match (&plan, session.input()) {
                (Err(e), _) => Some(e.to_string()),
                (Ok(_), InputState::Ready(_)) => None,
                (Ok(_), _) => Some(words::NO_INPUT.to_owned()),
            };
            match (&reason, &plan) {
                (Some(reason), _) => ui.label(egui::RichText::new(reason).color(palette.error)),
                (None, Ok(runs)) => ui.label(text::counted(runs.len(), text::RUN)),
                (None, Err(_)) => ui.label(""),
            };
            ui.add_space(GAP);
            ui.horizontal(|ui| {
                let can = reason.is_none() && running.is_none();
                let why = reason.as_deref().unwrap_or(words::ANOTHER_RUNS);
                let enter = ui.input(|input| input.key_pressed(egui::Key::Enter));
                let go = ui.add_enabled(can, egui::Button::new(words::RUN)).on_disabled_hover_text(why);
                if go.clicked() || can && enter {
                    out.push(Request::Command(Command::RunGrid(view.grid.clone())));
                    open = false;
                }
                if let Some(grid) = running {
                    if ui.button(words::STOP).clicked() {
                        out.push(Request::Command(Command::StopGrid));
                    }
                    ui.label(egui::RichText::new(progress(grid)).color(palette.weak));
                }
                if ui.button(words::CLOSE).clicked() {
                    open = false;
                }
            });
        });
        open && !modal.should_close()
    }

    fn fields(&mut self, ui: &mut Ui, session: &Session, view: &mut View) {
        let (draft, grid) = (session.draft(), &mut view.grid);
        let lambda = draft.lambda.map_or_else(|| words::BY_TARGET.to_owned(), |lambda| format!("{lambda:e}"));
        let fields = [
            (words::COMPONENTS, draft.components.to_string(), &mut grid.components),
            (words::LAGS, draft.lags.to_string(), &mut grid.lags),
            (words::LAMBDA, lambda, &mut grid.lambdas),
            (words::SEEDS, draft.seed.to_string(), &mut grid.seeds),
        ];
        egui::Grid::new("fields").num_columns(2).spacing([2.0 * GAP, GAP]).show(ui, |ui| {
            for (i, (Term { name, help }, usual, value)) in fields.into_iter().enumerate() {
                let label = ui.label(name).on_hover_text(help);
                let field = ui.add(TextEdit::singleline(value).hint_text(usual).desired_width(f32::INFINITY));
                let field = field.labelled_by(label.id).on_hover_text(help);
                if i == 0 && !self.focused {
                    field.request_focus();
                    self.focused = true;
                }
                ui.end_row();
            }
        });
    }
}

/// How far a grid is.
pub fn progress(grid: &Batch) -> String {
    words::progress(grid.done().len(), grid.planned())
}
