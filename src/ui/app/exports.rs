//! What the window does to export: figures, data and everything, written or copied in the background.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Ui;

use super::App;
use super::exporting::{ExportProgress, Exporting, Made};
use super::figures::{self, FigureOrder, Subject};
use crate::engine::{ColumnId, MessageKind, Session, Trace};
use crate::figure::Style;
use crate::ui::dialogs::figure_dialog::{FigureAnswer, FigureDialog};
use crate::ui::dialogs::prompt::{Prompt, PromptPurpose};
use crate::ui::text::figures as words;
use crate::ui::theme::GAP;
use crate::ui::view::{PaneId, View};

/// Dots in an inch of what goes to the clipboard.
const CLIPBOARD_DPI: f64 = 200.0;

/// What Copy figure copies: a pane, or both columns side by side.
fn order(session: &Session, view: &View, pane: Option<PaneId>) -> FigureOrder {
    let subject = pane.map_or(Subject::Grid, Subject::Pane);
    let mut dialog = FigureDialog::new(session, subject);
    let sheet = dialog.sheet(session, view);
    FigureOrder::new(sheet, dialog.sources(session), CLIPBOARD_DPI)
}

impl App {
    /// Starts it; `steps` is their number, as far as that is known.
    pub(super) fn start_export(
        &mut self,
        what: &str,
        steps: usize,
        work: impl FnOnce(&ExportProgress) -> Result<Made, String> + Send + 'static,
    ) {
        match Exporting::start(what.to_owned(), steps, Arc::clone(&self.wake), work) {
            Ok(exporting) => self.exporting.push(exporting),
            Err(e) => {
                let reason = words::no_thread(&e.to_string());
                self.report(MessageKind::Error, words::not_exported(&reason));
            }
        }
    }

    /// What has come out of the background.
    pub(super) fn collect_exports(&mut self, ctx: &egui::Context) {
        let mut made = Vec::new();
        self.exporting.retain(|exporting| match exporting.take() {
            None => true,
            Some(outcome) => {
                made.push(outcome);
                false
            }
        });
        for outcome in made {
            match outcome {
                Ok(Made::Written { path, bytes, notes }) => {
                    for (kind, text) in notes {
                        self.report(kind, text);
                    }
                    self.report(MessageKind::Info, words::written(bytes, &path.display().to_string()));
                }
                Ok(Made::Picture(image)) => {
                    ctx.copy_image(image);
                    self.report(MessageKind::Info, words::COPIED.to_owned());
                }
                Err(reason) => self.report(MessageKind::Error, words::not_exported(&reason)),
            }
        }
    }

    /// What is being made, in the corner.
    pub(super) fn show_exports(&self, ui: &Ui) {
        if self.exporting.is_empty() {
            return;
        }
        let corner = egui::Area::new(egui::Id::unique("exporting"))
            .anchor(egui::Align2::RIGHT_BOTTOM, egui::vec2(-GAP, -5.0 * GAP));
        corner.show(ui.ctx(), |ui| {
            let slow = self.exporting.iter().any(Exporting::is_slow);
            let frame = if slow { egui::Frame::popup(ui.style()) } else { egui::Frame::NONE };
            frame.show(ui, |ui| self.exporting.iter().for_each(|exporting| exporting.show(ui)));
        });
    }

    pub(super) fn ask_for_figure(&mut self, subject: Subject) {
        self.figure = Some(FigureDialog::new(&self.session, subject));
    }

    /// Copies the pane that the pointer is on, or both columns.
    pub(super) fn copy_figure(&mut self, ctx: &egui::Context) {
        let pointer = ctx.input(|input| input.pointer.latest_pos());
        let under = |(pane, rect): (&PaneId, &egui::Rect)| {
            pointer.is_some_and(|at| rect.contains(at)).then_some(*pane)
        };
        let pane = self.view.rects.iter().find_map(under).filter(|pane| *pane != PaneId::Components);
        let order = order(&self.session, &self.view, pane);
        self.draw(order);
    }

    pub(super) fn ask_for_bundle(&mut self, data_alone: bool) {
        let name = if data_alone { "snmf-data.zip" } else { "snmf-all.zip" };
        self.prompt = Some(Prompt::new(PromptPurpose::Bundle { data_alone }, name));
    }

    /// Writes data, or everything, in the background.
    pub(super) fn write_bundle(&mut self, data_alone: bool, path: PathBuf, overwrite: bool) {
        let sources = figures::sources(&self.session, &ColumnId::BOTH);
        let sweep = self.session.trace().map(Trace::points).unwrap_or_default();
        let (look, command) = (self.view.look(Style::default()), figures::command(&self.session));
        let steps = sources.runs.len() + if data_alone { 12 } else { 40 };
        self.start_export(words::BUNDLING, steps, move |progress| {
            let parts = (&sources, sweep.as_slice(), &look, command.as_str());
            figures::write_bundle(parts, data_alone, (&path, overwrite), progress)
        });
    }

    fn draw(&mut self, order: FigureOrder) {
        self.start_export(words::COPYING, order.steps(), move |progress| order.picture(progress));
    }

    /// The dialog.
    pub(super) fn show_figures(&mut self, ui: &Ui) {
        let Some(dialog) = &mut self.figure else { return };
        match dialog.show(ui, &self.session, &self.view, &self.dialogs, &self.wake) {
            FigureAnswer::Open => return,
            FigureAnswer::Cancelled => {}
            FigureAnswer::Write(order, path, overwrite) => {
                self.start_export(words::WRITING, order.steps(), move |progress| {
                    order.write(&path, overwrite, progress)
                });
            }
            FigureAnswer::Copy(order) => self.draw(order),
        }
        self.figure = None;
        ui.ctx().request_repaint();
    }
}
