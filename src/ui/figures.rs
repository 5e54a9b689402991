//! Figures from the window: what they are made of, and the dialog that puts one together.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{DragValue, Ui};

use super::app::App;
use super::dialogs::{Asking, Dialogs, Wanted};
use super::exporting::Exporting;
use super::exporting::{Made, Progress};
use super::prompt::{Prompt, Purpose};
use super::text::{Term, figures as words, prompt};
use super::theme::{GAP, Palette};
use super::view::{FactorSide, PaneId, Shown, View};
use crate::codec::Form;
use crate::engine::bundle::{self, BundleError};
use crate::engine::series::Finished;
use crate::engine::task::Task;
use crate::engine::{InputState, LaneId, MessageKind, Session, Trace, Waker, files};
use crate::figure::everything::{self, EverythingError};
use crate::figure::{Arrangement, Format, Kind, Look, Point, Run, Sheet, Sources, Style, output};

/// Dots in an inch of what goes to the clipboard.
const CLIPBOARD_DPI: f64 = 200.0;

/// What a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Rows of panes, a column a lane.
    Grid,
    /// The poster's layout.
    Poster,
    /// One pane.
    Pane(PaneId),
}

impl Subject {
    fn name(self) -> String {
        match self {
            Self::Grid => words::GRID.to_owned(),
            Self::Poster => words::POSTER.to_owned(),
            Self::Pane(pane) => pane.name(),
        }
    }

    /// The models that it needs: both lanes, or the one of its pane.
    fn lanes(self) -> Vec<LaneId> {
        match self {
            Self::Pane(pane) => pane.lane().map_or_else(|| LaneId::BOTH.to_vec(), |lane| vec![lane]),
            Self::Grid | Self::Poster => LaneId::BOTH.to_vec(),
        }
    }

    /// Those that can be drawn.
    fn all(session: &Session) -> Vec<Self> {
        let panes = LaneId::BOTH.into_iter().filter(|lane| session.lane(*lane).snapshot.is_some());
        let panes = panes.flat_map(PaneId::of_lane);
        let panes = panes.chain([PaneId::Overview, PaneId::Convergence, PaneId::RateDistortion]);
        [Self::Grid, Self::Poster].into_iter().chain(panes.map(Self::Pane)).collect()
    }
}

/// The kind of pane that a pane of the window is in a figure.
fn kind_of(pane: PaneId, view: &View) -> Kind {
    match pane {
        PaneId::Overview => Kind::V,
        PaneId::Spectrogram(lane) => match view.shown[lane.index()] {
            Shown::Model => Kind::Vhat,
            Shown::Input => Kind::V,
            Shown::Residual => Kind::Residual,
        },
        PaneId::Activations(_) => Kind::H,
        PaneId::Cascade(_) | PaneId::Components => Kind::W,
        PaneId::Histogram(_) if view.side == FactorSide::H => Kind::HistH,
        PaneId::Histogram(_) => Kind::Hist,
        PaneId::Convergence => Kind::Convergence,
        PaneId::RateDistortion => Kind::Rd,
    }
}

/// What there is of these lanes, as it stands.
pub fn sources(session: &Session, lanes: &[LaneId]) -> Sources {
    let run = |lane: &LaneId| {
        let state = session.lane(*lane);
        Some(Run {
            name: lane.name().to_owned(),
            stored: Arc::new(state.stored(Form::default())?),
            measures: state.measures.clone(),
            objective: state
                .snapshot
                .as_ref()
                .map(|snapshot| Arc::clone(&snapshot.objective))
                .unwrap_or_default(),
            series: lane.index(),
        })
    };
    let analysis = lanes.iter().find_map(|lane| session.lane(*lane).analysis.clone());
    let analysis = analysis.or_else(|| match session.input() {
        InputState::Ready(analysis) => Some(Arc::clone(analysis)),
        InputState::Empty | InputState::Loading { .. } | InputState::Failed { .. } => None,
    });
    let point = |run: &Arc<Finished>| {
        let bytes = run.measures.sizes.text_gzip_bytes as f64;
        Some(Point { method: run.spec.method.name().to_owned(), bytes, snr_db: run.measures.snr_db? })
    };
    let sweep = session.trace().map(Trace::points).unwrap_or_default();
    Sources {
        runs: lanes.iter().filter_map(run).collect(),
        analysis,
        sweep: sweep.iter().filter_map(point).collect(),
    }
}

/// The line that computes what the lanes show.
pub fn command(session: &Session) -> String {
    match session.input() {
        InputState::Ready(analysis) => session.draft().command_line(&analysis.input),
        InputState::Empty | InputState::Loading { .. } | InputState::Failed { .. } => String::new(),
    }
}

/// The look of the window's panes, on paper.
pub fn look(view: &View, style: Style) -> Look {
    Look {
        scale: view.scale,
        levels: view.levels(),
        order: view.order,
        log_count: view.log_count,
        ..Look::new(style)
    }
}

/// A figure that is asked for.
pub struct Order {
    sheet: Sheet,
    sources: Arc<Sources>,
    dpi: f64,
}

impl Order {
    /// What Copy figure copies: a pane, or both lanes side by side.
    pub fn of(session: &Session, view: &View, pane: Option<PaneId>) -> Self {
        let subject = pane.map_or(Subject::Grid, Subject::Pane);
        let mut dialog = FigureDialog::new(session, subject);
        let sheet = dialog.sheet(session, view);
        Self { sheet, sources: dialog.sources(session), dpi: CLIPBOARD_DPI }
    }

    /// How many panes there are to be drawn, about.
    pub fn steps(&self) -> usize {
        (self.sheet.kinds.len() * self.sources.runs.len()).max(1)
    }

    /// Draws it into a file.
    ///
    /// # Errors
    /// It cannot be drawn or written, or was cancelled.
    pub fn write(self, path: &Path, overwrite: bool, progress: &Progress) -> Result<Made, String> {
        let format = Format::of(path).ok_or(words::ENDING)?;
        let scene = self
            .sheet
            .scene(&self.sources, &|done, of| progress.tell(done, of))
            .map_err(|e| e.to_string())?;
        let bytes = output::file(&scene, format, self.dpi)?;
        if progress.step().is_break() {
            return Err(words::CANCELLED.to_owned());
        }
        files::write_atomic(path, overwrite, &bytes).map_err(|e| e.to_string())?;
        Ok(Made::Written(path.to_owned(), bytes.len()))
    }

    /// Draws it as pixels.
    ///
    /// # Errors
    /// As [`Order::write`].
    pub fn picture(self, progress: &Progress) -> Result<Made, String> {
        let scene = self
            .sheet
            .scene(&self.sources, &|done, of| progress.tell(done, of))
            .map_err(|e| e.to_string())?;
        let picture = output::picture(&scene, self.dpi)?;
        Ok(Made::Picture(egui::ColorImage::from_rgb([picture.width, picture.height], &picture.rgb)))
    }
}

/// Data alone, or everything, as a folder or an archive.
///
/// # Errors
/// A file that cannot be made or written, or it was cancelled.
pub fn write_bundle(
    parts: (&Sources, &[Arc<Finished>], &Look, &str),
    data_alone: bool,
    (path, overwrite): (&Path, bool),
    progress: &Progress,
) -> Result<Made, String> {
    let (sources, sweep, look, command) = parts;
    let sweep: Vec<&Finished> = sweep.iter().map(Arc::as_ref).collect();
    let tell: &dyn Fn() -> ControlFlow<()> = &|| progress.step();
    let entries = if data_alone {
        everything::data(sources, &sweep, tell).map(|entries| everything::told(entries, sources, command))
    } else {
        everything::all(sources, &sweep, look, command, tell)
    };
    let entries = entries.map_err(|e: EverythingError| e.to_string())?;
    let bytes = entries.iter().map(|entry| entry.bytes.len()).sum();
    bundle::write(path, overwrite, &entries, tell).map_err(|e: BundleError| e.to_string())?;
    Ok(Made::Written(path.to_owned(), bytes))
}

/// The height of a page in mm, or why there is none.
type Height = Result<f64, String>;

/// The dialog, while it is open.
pub struct FigureDialog {
    subject: Subject,
    chosen: Vec<(Kind, bool)>,
    style: Style,
    dpi: f64,
    title: String,
    letters: bool,
    path: String,
    replace: bool,
    focused: bool,
    asking: Option<Asking<()>>,
    /// What the figure is made of, as it stood when the subject was chosen.
    sources: Option<(Subject, Arc<Sources>)>,
    /// The height of the page, worked out in the background, of this sheet.
    height: Option<(Sheet, Height)>,
    measuring: Option<(Sheet, Task<Height>)>,
}

/// What became of the dialog.
pub enum Answer {
    /// Still open.
    Open,
    /// Given up.
    Cancelled,
    /// Write it there; whether what is there may go.
    Write(Order, PathBuf, bool),
    /// Copy it.
    Copy(Order),
}

impl FigureDialog {
    /// The dialog for a figure of this subject.
    pub fn new(session: &Session, subject: Subject) -> Self {
        let heard = matches!(session.input(), InputState::Ready(_));
        let usual = [Kind::V, Kind::Vhat, Kind::H, Kind::W];
        let on = |kind: Kind| usual.contains(&kind) && (heard || !kind.needs_input());
        let name = match subject {
            Subject::Pane(pane) => format!("{}.pdf", pane.name().replace(' ', "-")),
            Subject::Grid | Subject::Poster => "figure.pdf".to_owned(),
        };
        // A single pane fits one column of a paper.
        let width = if matches!(subject, Subject::Pane(_)) { 85.0 } else { 180.0 };
        Self {
            subject,
            chosen: Kind::ALL.map(|kind| (kind, on(kind))).to_vec(),
            style: Style { width, ..Style::default() },
            dpi: 300.0,
            title: String::new(),
            letters: true,
            path: std::env::current_dir().unwrap_or_default().join(name).display().to_string(),
            replace: false,
            focused: false,
            asking: None,
            sources: None,
            height: None,
            measuring: None,
        }
    }

    fn sheet(&self, session: &Session, view: &View) -> Sheet {
        let kinds = match self.subject {
            Subject::Pane(pane) => vec![kind_of(pane, view)],
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
            look: look(view, self.style.clone()),
            title: Some(self.title.trim().to_owned()).filter(|title| !title.is_empty()),
            letters: self.letters,
            command: command(session),
        }
    }

    fn sources(&mut self, session: &Session) -> Arc<Sources> {
        if let Some((subject, sources)) = &self.sources
            && *subject == self.subject
        {
            return Arc::clone(sources);
        }
        let sources = Arc::new(sources(session, &self.subject.lanes()));
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
    ) -> Answer {
        if let Some(answer) = self.asking.as_ref().and_then(Asking::answer) {
            self.asking = None;
            if let Some(path) = answer {
                self.path = path.display().to_string();
                // The system's dialog has asked about what is in the way.
                self.replace = true;
            }
        }
        let mut answer = Answer::Open;
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
        if modal.should_close() && matches!(answer, Answer::Open) {
            answer = Answer::Cancelled;
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
                    let response = ui.add_enabled(possible, egui::Checkbox::new(on, words::kind(*kind)));
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
    ) -> Answer {
        let label = ui.label(prompt::FILE);
        let field = ui.add(egui::TextEdit::singleline(&mut self.path).desired_width(f32::INFINITY));
        let field = field.labelled_by(label.id);
        if !self.focused {
            field.request_focus();
            self.focused = true;
        }
        let path = PathBuf::from(self.path.trim());
        let taken = path.exists();
        let reason = if path.is_dir() {
            Some(prompt::IS_FOLDER)
        } else if Format::of(&path).is_none() {
            Some(words::ENDING)
        } else if taken && !self.replace {
            Some(prompt::IS_TAKEN)
        } else {
            None
        };
        if taken && !path.is_dir() {
            ui.checkbox(&mut self.replace, prompt::REPLACE);
        }
        let palette = Palette::of(ui.visuals());
        ui.label(egui::RichText::new(reason.unwrap_or(" ")).color(palette.warning));
        let refused = wrong.or(reason);
        let mut answer = Answer::Open;
        ui.horizontal(|ui| {
            let save = ui.add_enabled(refused.is_none(), egui::Button::new(words::SAVE));
            let save = save.on_disabled_hover_text(refused.unwrap_or_default());
            let enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
            let copy = ui.add_enabled(wrong.is_none(), egui::Button::new(words::COPY));
            let copy = copy.on_disabled_hover_text(wrong.unwrap_or_default());
            let (save, copy) = (save.clicked() || enter && refused.is_none(), copy.clicked());
            if save || copy {
                let order = Order { sheet, sources: self.sources(session), dpi: self.dpi };
                answer = if save { Answer::Write(order, path, self.replace) } else { Answer::Copy(order) };
            }
            if ui.button(prompt::BROWSE).clicked() && self.asking.is_none() {
                let name = PathBuf::from(&self.path);
                let name = name.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                self.asking = Asking::start(dialogs, Wanted::Save { name }, (), Arc::clone(wake)).ok();
            }
            if ui.button(prompt::CANCEL).clicked() {
                answer = Answer::Cancelled;
            }
        });
        answer
    }
}

impl App {
    pub(super) fn ask_for_figure(&mut self, subject: Subject) {
        self.figure = Some(FigureDialog::new(&self.session, subject));
    }

    /// Copies the pane that the pointer is on, or both lanes.
    pub(super) fn copy_figure(&mut self, ctx: &egui::Context) {
        let pointer = ctx.input(|input| input.pointer.latest_pos());
        let under = |(pane, rect): (&PaneId, &egui::Rect)| {
            pointer.is_some_and(|at| rect.contains(at)).then_some(*pane)
        };
        let pane = self.view.rects.iter().find_map(under).filter(|pane| *pane != PaneId::Components);
        let order = Order::of(&self.session, &self.view, pane);
        self.draw(order);
    }

    pub(super) fn ask_for_bundle(&mut self, data_alone: bool) {
        let name = if data_alone { "snmf-data.zip" } else { "snmf-all.zip" };
        self.prompt = Some(Prompt::new(Purpose::Bundle { data_alone }, name));
    }

    /// Writes data, or everything, in the background.
    pub(super) fn write_bundle(&mut self, data_alone: bool, path: PathBuf, overwrite: bool) {
        let sources = sources(&self.session, &LaneId::BOTH);
        let sweep = self.session.trace().map(Trace::points).unwrap_or_default();
        let (look, command) = (look(&self.view, Style::default()), command(&self.session));
        let steps = sources.runs.len() + if data_alone { 12 } else { 40 };
        self.start_export(words::BUNDLING, steps, move |progress| {
            let parts = (&sources, sweep.as_slice(), &look, command.as_str());
            write_bundle(parts, data_alone, (&path, overwrite), progress)
        });
    }

    fn draw(&mut self, order: Order) {
        self.start_export(words::COPYING, order.steps(), move |progress| order.picture(progress));
    }

    fn start_export(
        &mut self,
        what: &str,
        steps: usize,
        work: impl FnOnce(&Progress) -> Result<Made, String> + Send + 'static,
    ) {
        match Exporting::start(what.to_owned(), steps, Arc::clone(&self.wake), work) {
            Ok(exporting) => self.exporting.push(exporting),
            Err(e) => {
                let reason = words::no_thread(&e.to_string());
                self.tell(MessageKind::Error, words::not_exported(&reason));
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
                Ok(Made::Written(path, bytes)) => {
                    self.tell(MessageKind::Info, words::written(bytes, &path.display().to_string()));
                }
                Ok(Made::Picture(image)) => {
                    ctx.copy_image(image);
                    self.tell(MessageKind::Info, words::COPIED.to_owned());
                }
                Err(reason) => self.tell(MessageKind::Error, words::not_exported(&reason)),
            }
        }
    }

    /// The dialog, and what is being made.
    pub(super) fn show_figures(&mut self, ui: &Ui) {
        if !self.exporting.is_empty() {
            let corner = egui::Area::new(egui::Id::unique("exporting"))
                .anchor(egui::Align2::RIGHT_BOTTOM, egui::vec2(-GAP, -5.0 * GAP));
            corner.show(ui.ctx(), |ui| {
                let slow = self.exporting.iter().any(Exporting::is_slow);
                let frame = if slow { egui::Frame::popup(ui.style()) } else { egui::Frame::NONE };
                frame.show(ui, |ui| self.exporting.iter().for_each(|exporting| exporting.show(ui)));
            });
        }
        let Some(dialog) = &mut self.figure else { return };
        match dialog.show(ui, &self.session, &self.view, &self.dialogs, &self.wake) {
            Answer::Open => return,
            Answer::Cancelled => {}
            Answer::Write(order, path, overwrite) => {
                self.start_export(words::WRITING, order.steps(), move |progress| {
                    order.write(&path, overwrite, progress)
                });
            }
            Answer::Copy(order) => self.draw(order),
        }
        self.figure = None;
        ui.ctx().request_repaint();
    }
}
