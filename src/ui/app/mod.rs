//! The eframe glue: drain and apply in `logic`, read and paint in `ui`.

mod act;
mod exporting;
mod exports;
pub mod figures;
mod layout;
mod listen;
mod paths;
mod persistence;
mod screenshot;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{Ui, ViewportCommand};

use self::exporting::Exporting;
use self::persistence::Persistence;
use self::screenshot::Screenshot;
use super::actions::palette::Commands;
use super::actions::{self, Action, Request};
use super::dialogs::abx::{AbxAnswer, AbxDialog, seed};
use super::dialogs::choose::ChooseDialog;
use super::dialogs::close::Closing;
use super::dialogs::figure_dialog::FigureDialog;
use super::dialogs::grid::GridDialog;
use super::dialogs::prompt::{Prompt, PromptPurpose};
use super::dialogs::{Asking, Dialogs, recent};
use super::listening::sound::Listening;
use super::panels::status;
use super::pictures::{Drawing, Pictures};
use super::theme;
use super::view::persist::{PANELS, SavedView};
use super::view::{Shown, View, extent};
use crate::codec;
use crate::engine::{
    ColumnId, Command, EngineError, InputState, MessageKind, Session, Status, Stop, Waker, interrupt,
};
use crate::playback::Player;

/// What a path is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenFor {
    /// A sound, a stream or a session, whichever its name says.
    Anything,
    /// A stream for a column.
    Column(ColumnId),
    /// The sound of runs that are shown without it.
    Locate,
}

/// How the window starts.
pub struct Start {
    /// A sound, a built-in signal or a factor stream, whose runs begin at once.
    pub input: Option<String>,
    /// Worker threads, 0 for one a core.
    pub threads: usize,
    /// Where pictures are computed.
    pub drawing: Drawing,
    /// Who asks for paths.
    pub dialogs: Arc<dyn Dialogs>,
    /// What sound goes to.
    pub player: Box<dyn Player>,
    /// The folder for what outlives the window; none to keep nothing.
    pub data: Option<PathBuf>,
}

/// The window.
pub struct App {
    pub(super) session: Session,
    pub(super) view: View,
    /// What is being written or copied.
    pub(super) exporting: Vec<Exporting>,
    pub(super) listening: Listening,
    pub(super) abx: Option<AbxDialog>,
    pictures: Pictures,
    pub(super) dialogs: Arc<dyn Dialogs>,
    pub(super) wake: Waker,
    asking: Option<Asking<OpenFor>>,
    pub(super) prompt: Option<Prompt>,
    pub(super) commands: Option<Commands>,
    pub(super) grid: Option<GridDialog>,
    pub(super) choose: Option<ChooseDialog>,
    pub(super) figure: Option<FigureDialog>,
    /// Whether the list of what was opened before is open.
    pub(super) recent_open: bool,
    /// Whether panels go back to their first widths on the next frame.
    pub(super) reset_layout: bool,
    /// Whether a sweep begins once both columns have ended.
    pub(super) sweep_next: bool,
    closing: Closing,
    persistence: Persistence,
    ctx: egui::Context,
    /// How the session that was opened last was looked at, until there is something to look at.
    wanted_view: Option<SavedView>,
    screenshot: Screenshot,
    title: String,
    requests: Vec<Request>,
}

impl App {
    /// The window's state; the window itself is eframe's.
    ///
    /// # Errors
    /// The system has no threads to give.
    pub fn new(ctx: &egui::Context, start: Start) -> Result<Self, EngineError> {
        theme::install(ctx);
        let repaint = ctx.clone();
        let wake: Waker = Arc::new(move || repaint.request_repaint());
        let mut session = Session::new(start.threads, Arc::clone(&wake))?;
        let mut view = View::default();
        let alone = start.input.is_none();
        let persistence =
            Persistence::start(ctx, start.data, alone, &mut session, &mut view, Arc::clone(&wake))?;
        let mut app = Self {
            listening: Listening::start(start.player, &wake)?,
            abx: None,
            session,
            view,
            persistence,
            wanted_view: None,
            ctx: ctx.clone(),
            pictures: Pictures::new(start.drawing, Arc::clone(&wake))?,
            dialogs: start.dialogs,
            wake,
            asking: None,
            prompt: None,
            commands: None,
            grid: None,
            choose: None,
            figure: None,
            exporting: Vec::new(),
            recent_open: false,
            reset_layout: false,
            sweep_next: false,
            closing: Closing::No,
            screenshot: Screenshot::default(),
            title: String::new(),
            requests: Vec::new(),
        };
        if let Some(input) = start.input {
            app.open_text(&input, None);
        }
        Ok(app)
    }

    /// What is done.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What is looked at.
    pub fn view(&self) -> &View {
        &self.view
    }

    pub(super) fn report(&mut self, kind: MessageKind, text: String) {
        self.session.apply(Command::Report { kind, text });
    }

    fn handle(&mut self, ctx: &egui::Context, request: Request) {
        match request {
            Request::Command(command) => self.session.apply(command),
            Request::Action(action) => self.act(ctx, action),
            Request::OpenText(text) => self.open_text(&text, None),
            Request::Forget(path) => Persistence::forget(&mut self.view, &path),
            Request::Recover(path) => self.session.apply(Command::Recover(path)),
            Request::Discard(path) => self.persistence.discard(&mut self.view, &path),
        }
    }

    /// A demo shows what every storable method makes of it, once both columns have ended by themselves.
    fn go_on_with_sweep(&mut self) {
        let InputState::Ready(now) = self.session.input() else { return };
        // Of the demo, and not of what was there before.
        let done = |column: ColumnId| {
            let of = self.session.column(column).analysis.as_ref();
            of.is_some_and(|of| Arc::ptr_eq(of, now)) && self.session.is_settled(column)
        };
        if !self.sweep_next || !ColumnId::BOTH.into_iter().all(done) {
            return;
        }
        let ended = |column: ColumnId| match &self.session.column(column).status {
            Status::Ended(stop) => Some(*stop != Stop::Cancelled),
            _ => None,
        };
        let [a, b] = ColumnId::BOTH.map(ended);
        if let (Some(a), Some(b)) = (a, b) {
            self.sweep_next = false;
            if a && b {
                self.session.apply(Command::Sweep);
            }
        }
    }

    /// Whether keys do this action now: while a dialog is open, they are the dialog's.
    fn may_press(&self, ctx: &egui::Context, action: Action) -> bool {
        let is_asked = self.prompt.is_some()
            || self.commands.is_some()
            || self.grid.is_some()
            || self.choose.is_some()
            || self.figure.is_some()
            || self.recent_open
            || self.closing != Closing::No;
        match action {
            Action::Keys => !is_asked && self.abx.is_none(),
            Action::Play => !is_asked && !self.view.keys_open,
            _ => !is_asked && !self.view.keys_open && self.abx.is_none() && !egui::Popup::is_any_open(ctx),
        }
    }

    fn show_abx(&mut self, ui: &Ui) {
        let Some(abx) = &mut self.abx else { return };
        match abx.show(ui, &mut self.view, seed()) {
            AbxAnswer::Open => {}
            AbxAnswer::Closed => self.abx = None,
            AbxAnswer::Play if self.view.listen.playing => {}
            AbxAnswer::Play => self.listening.play_or_hold(&self.view),
            AbxAnswer::Save => self.prompt = Some(Prompt::new(PromptPurpose::Answers, "blind-test.csv")),
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &egui::Context, _: &mut eframe::Frame) {
        self.session.poll();
        self.collect_paths(ctx);
        self.screenshot.tick(ctx, &mut self.session, &self.wake);
        self.collect_exports(ctx);
        let pressed = actions::pressed(ctx, self.view.pane_focused, |action| self.may_press(ctx, *action));
        self.requests.extend(pressed.into_iter().map(Request::Action));
        for request in std::mem::take(&mut self.requests) {
            self.handle(ctx, request);
        }
        self.go_on_with_sweep();
        self.view.listen.blind = self.abx.is_some();
        self.listening.follow(&self.session, &mut self.view);
        if self.view.listen.playing {
            ctx.request_repaint();
        }
        if let Some(view) = self.session.take_view() {
            self.wanted_view = SavedView::read(view);
            self.sweep_next = false;
        }
        self.persistence.tick(ctx, &mut self.session, &mut self.view);
        let title = codec::text::line(&status::title(&self.session)).into_owned();
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
        let busy = ColumnId::BOTH.into_iter().any(|column| self.session.column(column).status.is_active());
        if interrupt::asked().is_some() {
            self.closing.at_once(ctx);
        }
        self.closing.watch(ctx, busy || !self.exporting.is_empty());
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        self.pictures.collect(ui.ctx());
        let extent = extent(&self.session);
        self.view.follow_metric(self.session.draft().metric);
        self.view.follow(extent);
        if let Some(state) = self.wanted_view.take_if(|_| extent.is_some()) {
            state.apply(ui.ctx(), &mut self.view);
        }
        self.view.note(ui.input(|input| input.time));
        let free = !ui.ctx().text_edit_focused() && self.may_press(ui.ctx(), Action::Residual);
        let held = |key| ui.input(|input| input.key_down(key) && input.modifiers.is_none()) && free;
        self.view.held = held(egui::Key::O).then_some(Shown::Input);
        self.view.swapped = held(egui::Key::X);
        self.view.cursor = self.view.pointed.take();
        self.view.pane_focused = false;
        let mut out = std::mem::take(&mut self.requests);
        if std::mem::take(&mut self.reset_layout) {
            for panel in PANELS {
                ui.ctx().data_mut(|data| data.remove::<egui::PanelState>(egui::Id::unique(panel)));
            }
        }
        self.lay_out(ui, &mut out);
        self.requests = out;
        let seeks = self.view.listen.seek.is_some();
        if !self.requests.is_empty() || self.view.cursor != self.view.pointed || seeks {
            ui.ctx().request_repaint();
        }
        theme::mark_focus(ui.ctx());
        if self.view.keys_open {
            super::actions::keys::show(ui, &mut self.view.keys_open);
        }
        let (session, requests) = (&self.session, &mut self.requests);
        if self.commands.as_mut().is_some_and(|commands| !commands.show(ui, session, &self.view, requests)) {
            self.commands = None;
            ui.ctx().request_repaint();
        }
        if self.grid.as_mut().is_some_and(|grid| !grid.show(ui, session, &mut self.view, requests)) {
            self.grid = None;
        }
        if self.choose.as_mut().is_some_and(|choose| !choose.show(ui, session, &mut self.view, requests)) {
            self.choose = None;
        }
        self.show_exports(ui);
        self.show_figures(ui);
        self.show_abx(ui);
        self.recent_open = self.recent_open && recent::dialog(ui, &self.view.recent, &mut self.requests);
        self.show_prompt(ui);
        self.closing.show(ui);
    }

    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.persistence.leave(&self.ctx, &self.session, &self.view);
    }
}
