//! The dialog that puts a figure together.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{DragValue, Ui};

use super::Dialogs;
use super::path::{PathField, Said};
use crate::engine::task::Task;
use crate::engine::{InputState, Session, Waker};
use crate::figure::panes;
use crate::figure::{Arrangement, FigureFormat, PaneKind, Sheet, Sources, Style};
use crate::ui::app::figures::{FigureOrder, Subject, command, sources};
use crate::ui::text::{Term, figures as words, prompt};
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::View;

/// The height of a page in mm, or why there is none.
type Height = Result<f64, String>;

/// The dialog, while it is open.
pub struct FigureDialog {
    subject: Subject,
    chosen: Vec<(PaneKind, bool)>,
    style: Style,
    dpi: f64,
    title: String,
    letters: bool,
    path: PathField,
    /// What the figure is made of, as it stood when the subject was chosen.
    sources: Option<(Subject, Arc<Sources>)>,
    /// The height of the page, worked out in the background, of this sheet.
    height: Option<(Sheet, Height)>,
    measuring: Option<(Sheet, Task<Height>)>,
}

/// What became of the dialog.
pub enum FigureAnswer {
    /// Still open.
    Open,
    /// Given up.
    Cancelled,
    /// Write it there; whether what is there may go.
    Write(FigureOrder, PathBuf, bool),
    /// Copy it.
    Copy(FigureOrder),
}

impl FigureDialog {
    /// The dialog for a figure of this subject.
    pub fn new(session: &Session, subject: Subject) -> Self {
        let heard = matches!(session.input(), InputState::Ready(_));
        let usual = [panes::V, panes::VHAT, panes::H, panes::W];
        let on = |kind: PaneKind| usual.contains(&kind) && (heard || !kind.needs_input());
        let name = match subject {
            Subject::Pane(pane) => format!("{}.pdf", pane.name().replace(' ', "-")),
            Subject::Grid | Subject::Poster => "figure.pdf".to_owned(),
        };
        // A single pane fits one column of a paper.
        let width = if matches!(subject, Subject::Pane(_)) { 85.0 } else { 180.0 };
        Self {
            subject,
            chosen: PaneKind::ALL.map(|kind| (kind, on(kind))).to_vec(),
            style: Style { width, ..Style::default() },
            dpi: 300.0,
            title: String::new(),
            letters: true,
            path: PathField::new(&name),
            sources: None,
            height: None,
            measuring: None,
        }
    }

    /// The figure that is asked for.
    pub fn sheet(&self, session: &Session, view: &View) -> Sheet {
        let kinds = match self.subject {
            Subject::Pane(pane) => vec![pane.kind(view.shown, view.side)],
            Subject::Grid | Subject::Poster => {
                self.chosen.iter().filter(|(_, on)| *on).map(|(kind, _)| *kind).collect()
            }
        };
        Sheet {
            kinds,
            arrangement: match self.subject {
                Subject::Poster => Arrangement::Poster,
                Subject::Grid | Subject::Pane(_) => Arrangement::Grid,
            },
            look: view.look(self.style.clone()),
            title: Some(self.title.trim().to_owned()).filter(|title| !title.is_empty()),
            letters: self.letters,
            command: command(session),
        }
    }

    pub fn sources(&mut self, session: &Session) -> Arc<Sources> {
        if let Some((subject, sources)) = &self.sources
            && *subject == self.subject
        {
            return Arc::clone(sources);
        }
        let sources = Arc::new(sources(session, &self.subject.columns()));
        self.sources = Some((self.subject, Arc::clone(&sources)));
        sources
    }

    /// The height of the page, as new as it is known.
    fn measured(&mut self, sheet: &Sheet, session: &Session, wake: &Waker) -> Option<Height> {
        if let Some((_, task)) = &self.measuring
            && let Some(outcome) = task.take()
            && let Some((of, _)) = self.measuring.take()
        {
            self.height = Some((of, outcome.unwrap_or_else(Err)));
        }
        if let Some((of, height)) = &self.height
            && of == sheet
        {
            return Some(height.clone());
        }
        if self.measuring.is_none() {
            let sources = self.sources(session);
            let wanted = sheet.clone();
            let work = move || {
                let scene = wanted.scene(&sources, &|_, _| ControlFlow::Continue(()));
                scene.map(|scene| scene.height).map_err(|e| e.to_string())
            };
            let task = Task::spawn("snmf-measure-page", Arc::clone(wake), work).ok()?;
            self.measuring = Some((sheet.clone(), task));
        }
        None
    }

    /// Shows the dialog.
    pub fn show(
        &mut self,
        ui: &Ui,
        session: &Session,
        view: &View,
        dialogs: &Arc<dyn Dialogs>,
        wake: &Waker,
    ) -> FigureAnswer {
        let mut answer = FigureAnswer::Open;
        let modal = egui::Modal::new(egui::Id::unique("figure")).show(ui.ctx(), |ui| {
            ui.set_width(560.0);
            ui.heading(words::HEADING);
            ui.add_space(GAP);
            self.settings(ui, session);
            ui.add_space(GAP);
            let sheet = self.sheet(session, view);
            let height = self.measured(&sheet, session, wake);
            let wrong = self.size(ui, height.as_ref());
            answer = self.buttons(ui, wrong.as_deref(), dialogs, wake, session, sheet);
        });
        if modal.should_close() && matches!(answer, FigureAnswer::Open) {
            answer = FigureAnswer::Cancelled;
        }
        answer
    }

    /// What, how large, and how.
    fn settings(&mut self, ui: &mut Ui, session: &Session) {
        ui.horizontal(|ui| {
            let label = ui.label(words::SHOW);
            let list = egui::ComboBox::from_id_salt(words::SHOW).width(220.0);
            let list = list.selected_text(self.subject.name()).show_ui(ui, |ui| {
                for subject in Subject::all(session) {
                    ui.selectable_value(&mut self.subject, subject, subject.name());
                }
            });
            list.response.labelled_by(label.id);
        });
        if self.subject == Subject::Grid {
            let heard = matches!(session.input(), InputState::Ready(_));
            ui.horizontal_wrapped(|ui| {
                for (kind, on) in &mut self.chosen {
                    let possible = heard || !kind.needs_input();
                    let response = ui.add_enabled(possible, egui::Checkbox::new(on, kind.label()));
                    response.on_hover_text(kind.description()).on_disabled_hover_text(words::NO_SOUND);
                }
            });
        }
        ui.horizontal(|ui| {
            let mut number = |term: Term, value: &mut f64, range: std::ops::RangeInclusive<f64>| {
                let label = ui.label(term.name);
                let field = ui.add(DragValue::new(value).range(range).speed(0.5).max_decimals(1));
                field.labelled_by(label.id).on_hover_text(term.help);
            };
            number(words::WIDTH, &mut self.style.width, 20.0..=2000.0);
            number(words::FONT, &mut self.style.font, 3.0..=72.0);
            number(words::DPI, &mut self.dpi, 10.0..=4800.0);
        });
        ui.horizontal(|ui| {
            let label = ui.label(words::TITLE);
            let field = egui::TextEdit::singleline(&mut self.title).desired_width(300.0);
            ui.add(field).labelled_by(label.id);
            ui.checkbox(&mut self.letters, words::LETTERS.name).on_hover_text(words::LETTERS.help);
            ui.checkbox(&mut self.style.dark, words::DARK.name).on_hover_text(words::DARK.help);
        });
    }

    /// The size of the page, or what is wrong with it.
    fn size(&self, ui: &mut Ui, height: Option<&Height>) -> Option<String> {
        let palette = Palette::of(ui.visuals());
        let (text, wrong) = match height {
            Some(Ok(height)) => {
                let text = words::size(self.style.width, *height, self.dpi);
                (text, None)
            }
            Some(Err(reason)) => (reason.clone(), Some(reason.clone())),
            None => (words::MEASURING.to_owned(), None),
        };
        let colour = if wrong.is_some() { palette.warning } else { palette.weak };
        ui.label(egui::RichText::new(text).color(colour));
        wrong
    }

    fn buttons(
        &mut self,
        ui: &mut Ui,
        wrong: Option<&str>,
        dialogs: &Arc<dyn Dialogs>,
        wake: &Waker,
        session: &Session,
        sheet: Sheet,
    ) -> FigureAnswer {
        let ending = |path: &Path| FigureFormat::of(path).is_none().then_some(words::ENDING);
        let Said { reason, enter } = self.path.show(ui, ending);
        let refused = wrong.or(reason);
        let mut answer = FigureAnswer::Open;
        ui.horizontal(|ui| {
            let save = ui.add_enabled(refused.is_none(), egui::Button::new(words::SAVE));
            let save = save.on_disabled_hover_text(refused.unwrap_or_default());
            let copy = ui.add_enabled(wrong.is_none(), egui::Button::new(words::COPY));
            let copy = copy.on_disabled_hover_text(wrong.unwrap_or_default());
            let (save, copy) = (save.clicked() || enter && refused.is_none(), copy.clicked());
            if save || copy {
                let order = FigureOrder::new(sheet, self.sources(session), self.dpi);
                let (path, replace) = self.path.chosen();
                answer =
                    if save { FigureAnswer::Write(order, path, replace) } else { FigureAnswer::Copy(order) };
            }
            self.path.browse(ui, dialogs, wake);
            if ui.button(prompt::CANCEL).clicked() {
                answer = FigureAnswer::Cancelled;
            }
        });
        answer
    }
}
