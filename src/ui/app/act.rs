//! What each action does.

use egui::{ThemePreference, ViewportCommand};

use super::figures::Subject;
use super::{App, OpenFor};
use crate::engine::files::short_stem;
use crate::engine::session_file::FileKind;
use crate::engine::{ColumnId, Command, InputSpec, InputState, MessageKind, Status, Trace};
use crate::figure::FrequencyScale;
use crate::numeric::Named;
use crate::signal::ReadOptions;
use crate::ui::actions::Action;
use crate::ui::actions::palette::Commands;
use crate::ui::dialogs::choose::ChooseDialog;
use crate::ui::dialogs::grid::GridDialog;
use crate::ui::dialogs::prompt::{Prompt, PromptPurpose};
use crate::ui::panels::numbers;
use crate::ui::text::{messages, panes};
use crate::ui::view::{Below, Range, Shown, View};

/// What is dragged by hand is no more exact than that, and reads well in a command line.
fn to_the_millisecond(seconds: f64) -> f64 {
    (1000.0 * seconds).round() / 1000.0
}

impl App {
    /// Does what an action says, or reports why not.
    #[allow(clippy::too_many_lines)] // an action a line
    pub(super) fn act(&mut self, ctx: &egui::Context, action: Action) {
        if let Some(reason) = action.why_not(&self.session, &self.view) {
            return self.report(MessageKind::Info, format!("{}: {reason}", action.full_label()));
        }
        match action {
            Action::Open => self.ask_to_open(OpenFor::Anything),
            Action::Demo(demo) => self.open_text(demo.name(), None),
            Action::Import(column) => self.ask_to_open(OpenFor::Column(column)),
            Action::NewSession => self.session.apply(Command::NewSession),
            Action::Save => self.save(ctx),
            Action::SaveAs => self.ask_to_save(FileKind::Session),
            Action::SaveBundle => self.ask_to_save(FileKind::Bundle),
            Action::Recent => self.recent_open = true,
            Action::Locate => self.ask_to_open(OpenFor::Locate),
            Action::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            Action::CopyCommand => self.copy_command(ctx),
            Action::CopyTable => {
                ctx.copy_text(numbers::table(&self.session));
                self.report(MessageKind::Info, messages::TABLE_COPIED.to_owned());
            }
            Action::RunBoth => self.session.apply(Command::Run(ColumnId::BOTH.to_vec())),
            Action::Run(column) => self.session.apply(Command::Run(vec![column])),
            Action::Pause => self.pause_or_resume(),
            Action::Cancel => {
                self.session.apply(Command::StopReading);
                self.sweep_next = false;
                ColumnId::BOTH.into_iter().for_each(|column| self.session.apply(Command::Cancel(column)));
            }
            Action::CancelColumn(column) => self.session.apply(Command::Cancel(column)),
            Action::Sweep => {
                let running = self.session.trace().is_some_and(Trace::is_running);
                self.session.apply(if running { Command::StopSweep } else { Command::Sweep });
            }
            Action::Grid => self.grid = Some(GridDialog::default()),
            Action::Choose => self.choose = Some(ChooseDialog::default()),
            Action::RunRegion => self.run_on(self.view.region),
            Action::RunWhole => self.run_on(None),
            Action::ZoomRegion => {
                if let Some(region) = self.view.region {
                    self.view.at_pointer(|view| view.show_time(region));
                }
            }
            Action::ClearRegion => self.view.region = None,
            Action::UseBases(column) => self.session.apply(Command::UseBases(column)),
            Action::Fit => self.view.at_pointer(View::fit),
            Action::Link => self.view.link(),
            Action::Back => self.view.back(),
            Action::Forward => self.view.forward(),
            Action::ZoomIn | Action::ZoomOut => {
                let factor = if action == Action::ZoomIn { 2.0 } else { 0.5 };
                self.view.at_pointer(|view| view.zoom_time(factor, view.time_focus()));
            }
            Action::ZoomInFrequency | Action::ZoomOutFrequency => {
                let factor = if action == Action::ZoomInFrequency { 2.0 } else { 0.5 };
                self.view.at_pointer(|view| view.zoom_hertz(factor, view.hertz_focus()));
            }
            Action::Earlier => self.view.at_pointer(|view| view.pan(-1.0, 0.0)),
            Action::Later => self.view.at_pointer(|view| view.pan(1.0, 0.0)),
            Action::MuchEarlier => self.view.at_pointer(|view| view.pan(-10.0, 0.0)),
            Action::MuchLater => self.view.at_pointer(|view| view.pan(10.0, 0.0)),
            Action::Show(shown) => self.view.shown = [shown; 2],
            Action::Residual => {
                let now = self.view.shown == [Shown::Residual; 2];
                self.view.shown = [if now { Shown::Model } else { Shown::Residual }; 2];
            }
            Action::Scale(scale) => self.view.scale = scale,
            Action::NextScale => self.next_scale(),
            Action::Map(map) => self.view.map = map,
            Action::Solo | Action::Mute => {
                let (column, solo) = (self.view.over, action == Action::Solo);
                if let Some(r) = self.view.selection.selected(column) {
                    self.view.selection.toggle(column, r, solo);
                }
            }
            Action::HearAll => self.view.selection.hear_all(),
            Action::ByEnergy => self.view.selection.by_energy = !self.view.selection.by_energy,
            Action::Theme(theme) => ctx.set_theme(theme),
            Action::OtherTheme => {
                let dark = ctx.theme() == egui::Theme::Dark;
                ctx.set_theme(if dark { ThemePreference::Light } else { ThemePreference::Dark });
            }
            Action::FullScreen => {
                let now = ctx.input(|input| input.viewport().fullscreen.unwrap_or(false));
                ctx.send_viewport_cmd(ViewportCommand::Fullscreen(!now));
            }
            Action::ResetLayout => {
                self.reset_layout = true;
                self.view.sides = [None; 2];
            }
            Action::Side(side) => self.view.fold(side),
            Action::Undo => self.session.apply(Command::Undo),
            Action::Redo => self.session.apply(Command::Redo),
            Action::Runs => self.unfold(Below::Runs),
            Action::Messages => self.unfold(Below::Messages),
            Action::Export(column) => self.ask_to_export(column),
            Action::Figure => self.ask_for_figure(Subject::Grid),
            Action::SavePane(pane) => self.ask_for_figure(Subject::Pane(pane)),
            Action::CopyFigure => self.copy_figure(ctx),
            Action::ExportData => self.ask_for_bundle(true),
            Action::ExportAll => self.ask_for_bundle(false),
            Action::SaveWindow => self.prompt = Some(Prompt::new(PromptPurpose::Picture, "snmf-window.png")),
            Action::Play => self.listening.play_or_hold(&self.view),
            Action::Listen(choice) => self.view.listen.choice = choice,
            Action::Loop => self.view.listen.looped = !self.view.listen.looped,
            Action::LevelMatch => self.view.listen.level_match = !self.view.listen.level_match,
            Action::Abx => self.blind_test(),
            Action::SaveSound(choice) => self.ask_for_sound(choice),
            Action::Commands => self.commands = Some(Commands::default()),
            Action::Keys => self.view.keys_open = !self.view.keys_open,
        }
    }

    /// Analyses a part of what is shown, in seconds, or the whole file, and runs both columns on it.
    fn run_on(&mut self, part: Option<Range>) {
        let InputState::Ready(analysis) = self.session.input() else { return };
        let InputSpec { source, read } = analysis.input.clone();
        // What is shown may be a part itself.
        let begin = read.start.unwrap_or(0.0);
        let (start, end) = part.map_or((None, None), |(a, b)| (Some(begin + a), Some(begin + b)));
        let read =
            ReadOptions { start: start.map(to_the_millisecond), end: end.map(to_the_millisecond), ..read };
        self.session.apply(Command::Open(InputSpec { source, read }));
        self.session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    }

    fn next_scale(&mut self) {
        let all = FrequencyScale::ALL;
        let at = all.iter().position(|scale| *scale == self.view.scale).unwrap_or(0);
        self.view.scale = all[(at + 1) % all.len()];
    }

    fn unfold(&mut self, what: Below) {
        self.view.below = if self.view.below == Some(what) { None } else { Some(what) };
    }

    fn pause_or_resume(&mut self) {
        let paused = |column: &ColumnId| self.session.column(*column).status == Status::Paused;
        let resume = ColumnId::BOTH.iter().any(paused);
        for column in ColumnId::BOTH {
            self.session.apply(if resume { Command::Resume(column) } else { Command::Pause(column) });
        }
    }

    fn copy_command(&mut self, ctx: &egui::Context) {
        if let InputState::Ready(analysis) = self.session.input() {
            let command = self.session.draft().command_line(&analysis.input);
            ctx.copy_text(command.clone());
            self.report(MessageKind::Info, messages::copied(&command));
        }
    }

    /// Writes the session where it was written before, or asks where.
    fn save(&mut self, ctx: &egui::Context) {
        match self.session.file().map(|(path, kind)| (path.to_owned(), kind)) {
            Some((path, kind)) => self.save_session(ctx, path, kind, true),
            None => self.ask_to_save(FileKind::Session),
        }
    }

    fn ask_to_save(&mut self, kind: FileKind) {
        let named = self.session.file().and_then(|(path, _)| path.file_name()).map(|n| n.to_string_lossy());
        let stem = named.map(|name| {
            let ending = [FileKind::Session, FileKind::Bundle]
                .into_iter()
                .find_map(|kind| name.strip_suffix(kind.ending()));
            ending.unwrap_or(&name).to_owned()
        });
        let of_input = || match self.session.input() {
            InputState::Ready(analysis) => analysis.name.clone(),
            InputState::Failed { name, .. } | InputState::Loading { name, .. } => name.clone(),
            InputState::Empty => panes::WINDOW.to_owned(),
        };
        // A demo has a colon in its name, a sound an ending.
        let stem = stem.unwrap_or_else(|| {
            let name = of_input().replace(':', "-");
            name.rsplit_once('.').map_or(name.clone(), |(stem, _)| stem.to_owned())
        });
        self.prompt = Some(Prompt::new(
            PromptPurpose::Session(kind),
            &format!("{}{}", short_stem(&stem), kind.ending()),
        ));
    }

    fn ask_to_export(&mut self, column: ColumnId) {
        if let Some(name) = self.session.shown(column).default_file_name() {
            self.prompt = Some(Prompt::new(PromptPurpose::Factors(column), &name));
        }
    }
}
