//! What the window opens, and what it writes once a path has been chosen.

use std::path::PathBuf;
use std::sync::Arc;

use egui::Ui;

use super::{App, OpenFor};
use crate::codec::Form;
use crate::engine::files::{path_of, text_of};
use crate::engine::session_file::FileKind;
use crate::engine::settings::{Group, table};
use crate::engine::{ColumnId, Command, InputSpec, MessageKind, Source, SpecDraft};
use crate::signal::ReadOptions;
use crate::ui::dialogs::prompt::{PromptAnswer, PromptPurpose};
use crate::ui::dialogs::{Asking, PathRequest};
use crate::ui::text::messages;
use crate::ui::view::persist::SavedView;

impl App {
    /// Opens a sound, or imports a stream, whichever the name says; a sound starts both columns.
    /// A demo comes with the settings that suit it, however it was named.
    pub(super) fn open_text(&mut self, text: &str, column: Option<ColumnId>) {
        let path = path_of(text);
        if column.is_none() && FileKind::of(&path).is_some() {
            self.session.apply(Command::OpenSession(path));
            return;
        }
        if column.is_some() || path.extension().is_some_and(|e| e.eq_ignore_ascii_case("gz")) {
            let column = column.unwrap_or(ColumnId::A);
            self.session.apply(Command::Import { column, path });
            return;
        }
        match Source::parse(text) {
            Ok(source) => {
                self.sweep_next = matches!(source, Source::Demo(_));
                if let Source::Demo(demo) = &source {
                    let settings = demo.settings();
                    let mut draft = self.session.draft().clone();
                    (draft.components, draft.lags) = (settings.components, settings.lags);
                    draft.iterations = settings.iterations;
                    let mut usual = SpecDraft::default();
                    usual.set_purpose(draft.purpose().unwrap_or_default());
                    table::of(Group::Analysis).for_each(|setting| setting.kind.copy(&mut draft, &usual));
                    self.session.apply(Command::SetDraft(draft));
                }
                self.session.apply(Command::Open(InputSpec { source, read: ReadOptions::default() }));
                // A stream that was imported stays: the sound may well be its own.
                let imported = |column: &ColumnId| self.session.column(*column).awaits_sound();
                let columns = ColumnId::BOTH.into_iter().filter(|column| !imported(column)).collect();
                self.session.apply(Command::Run(columns));
            }
            Err(e) => self.report(MessageKind::Error, messages::not_opened(e)),
        }
    }

    pub(super) fn save_session(
        &mut self,
        ctx: &egui::Context,
        path: PathBuf,
        kind: FileKind,
        overwrite: bool,
    ) {
        let view = SavedView::of(ctx, &self.view);
        self.session.apply(Command::SaveSession { path, kind, overwrite, view });
    }

    pub(super) fn ask_to_open(&mut self, what: OpenFor) {
        match Asking::start(&self.dialogs, PathRequest::Open, what, Arc::clone(&self.wake)) {
            Ok(asking) => self.asking = Some(asking),
            Err(e) => self.report(MessageKind::Error, messages::no_dialog(e)),
        }
    }

    /// Opens what was chosen in a dialog or dropped since the last frame.
    pub(super) fn collect_paths(&mut self, ctx: &egui::Context) {
        if let Some(asking) = &self.asking
            && let Some(answer) = asking.answer()
        {
            let what = asking.purpose;
            self.asking = None;
            if let Some(path) = answer {
                match what {
                    OpenFor::Anything => self.open_text(&text_of(&path), None),
                    OpenFor::Column(column) => self.open_text(&text_of(&path), Some(column)),
                    OpenFor::Locate => self.session.apply(Command::Locate(path)),
                }
            } else {
                self.report(MessageKind::Info, messages::NOTHING_CHOSEN.to_owned());
            }
        }
        for file in ctx.input(|input| input.raw.dropped_files.clone()) {
            self.open_text(&text_of(file.path()), None);
        }
    }

    pub(super) fn show_prompt(&mut self, ui: &Ui) {
        let Some(prompt) = &mut self.prompt else { return };
        match prompt.show(ui, &self.dialogs, &self.wake) {
            PromptAnswer::Open => {}
            PromptAnswer::Cancelled => self.prompt = None,
            PromptAnswer::Write(purpose, path, overwrite) => {
                self.prompt = None;
                match purpose {
                    PromptPurpose::Factors(column) => {
                        let form = Form::default();
                        self.session.apply(Command::Export { column, path, form, overwrite });
                    }
                    PromptPurpose::Picture => self.screenshot.ask(path, overwrite),
                    PromptPurpose::Bundle { data_alone } => self.write_bundle(data_alone, path, overwrite),
                    PromptPurpose::Sound(choice, format) => self.save_sound(choice, format, path, overwrite),
                    PromptPurpose::Answers => self.save_answers(path, overwrite),
                    PromptPurpose::Session(kind) => self.save_session(ui.ctx(), path, kind, overwrite),
                }
                ui.ctx().request_repaint();
            }
        }
    }
}
