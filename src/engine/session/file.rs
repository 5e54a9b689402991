//! The session as a file: saving and opening it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::history::History;
use super::under_way::{Opening, Saving};
use super::{InputState, MessageKind, Session};
use crate::engine::run::column::{ColumnId, ColumnState, Status};
use crate::engine::run::list::{RunRecord, Runs};
use crate::engine::run::snapshot::Stop;
use crate::engine::run::trace::Trace;
use crate::engine::session_file::{self, Contents, FileKind, Opened};
use crate::engine::settings::draft::SpecDraft;
use crate::engine::sound_ref::Origin;
use crate::engine::task::Task;

impl Session {
    /// Grows with every change that a session file keeps.
    pub fn revision(&self) -> u64 {
        self.file_state.touched + self.runs.changes()
    }

    /// Whether something has changed since the session was saved or opened.
    pub fn is_changed(&self) -> bool {
        self.revision() != self.file_state.saved
    }

    /// The file that it was saved in or opened from.
    pub fn file(&self) -> Option<(&Path, FileKind)> {
        self.file_state.path.as_ref().map(|(path, kind)| (path.as_path(), *kind))
    }

    pub fn opening(&self) -> Option<&Path> {
        self.file_state.opening.last().map(|opening| opening.path.as_path())
    }

    /// What was looked at in the session that was opened last; once.
    pub fn take_view(&mut self) -> Option<Value> {
        self.file_state.view.take()
    }

    /// The session that has been recovered; once.
    pub fn take_recovered(&mut self) -> Option<PathBuf> {
        self.file_state.recovered.take()
    }

    /// The session that another one has replaced before it was saved; once.
    pub fn take_replaced(&mut self) -> Option<Contents> {
        self.file_state.replaced.take()
    }

    /// Whether this is a file from a bundle, which is there for as long as the session is.
    pub fn is_unpacked(&self, path: &Path) -> bool {
        self.file_state.scratch.iter().any(|scratch| path.starts_with(scratch.path()))
    }

    /// What a file of this session holds. Runs that are under way are in it as if they had been cancelled now.
    pub fn contents(&self, view: Value) -> Contents {
        let mut runs = self.runs.all().to_vec();
        let mut ended = self.runs.ended();
        let columns = ColumnId::BOTH.map(|column| {
            let state = self.column(column);
            if state.kept.is_none()
                && let Some(kept) = so_far(state, ended + 1)
            {
                ended += 1;
                runs.push(kept);
                return Some(ended);
            }
            state.kept
        });
        let input = match &self.input {
            InputState::Ready(analysis) => Some(Arc::new(Origin::of(analysis))),
            _ => self.file_state.missing.clone(),
        };
        let saved_as = self.file_state.path.as_ref().and_then(|(path, _)| std::path::absolute(path).ok());
        Contents { draft: self.draft.clone(), input, runs, ended, columns, view, saved_as }
    }

    pub(super) fn save_session(&mut self, path: PathBuf, kind: FileKind, overwrite: bool, view: Value) {
        let (contents, revision) = (self.contents(view), self.revision());
        let to = path.clone();
        // Of two that write the same file the later one comes last.
        let earlier: Vec<Saving> = self.file_state.saving.drain(..).collect();
        let work = move || {
            drop(earlier);
            session_file::write(&to, kind, overwrite, &contents).map_err(|e| e.describe(&to))
        };
        match Task::spawn("snmf-save", Arc::clone(&self.wake), work) {
            Ok(task) => self.file_state.saving.push(Saving { path, kind, revision, task }),
            Err(e) => self.report(MessageKind::Error, format!("Not saved: could not start a thread: {e}")),
        }
    }

    pub(super) fn open_session(&mut self, path: PathBuf, recovered: bool) {
        let (from, pool) = (path.clone(), Arc::clone(&self.pool));
        let work = move || session_file::read(&from, &pool).map_err(|e| e.describe(&from));
        match Task::spawn("snmf-open", Arc::clone(&self.wake), work) {
            Ok(task) => self.file_state.opening.push(Opening { path, recovered, task }),
            Err(e) => self.report(MessageKind::Error, format!("Not opened: could not start a thread: {e}")),
        }
    }

    pub(super) fn new_session(&mut self) {
        self.clear();
        self.draft = SpecDraft::default();
        self.file_state.path = None;
        self.file_state.view = None;
        self.file_state.saved = self.revision();
    }

    /// Ends what runs and forgets what there is; threads that still work are waited for later.
    fn clear(&mut self) {
        if self.is_changed() {
            let contents = self.contents(Value::Null);
            self.file_state.replaced = Some(contents).filter(|contents| !contents.runs.is_empty());
        }
        for column in ColumnId::BOTH {
            let state = &mut self.columns[column.index()];
            self.retiring.extend(state.retire());
            *state =
                ColumnState { generation: state.generation + 1, run: state.run + 1, ..ColumnState::new() };
        }
        self.retire_sweeps();
        let grid = self.retire_grid();
        self.file_state.grids.extend(grid);
        self.run_when_ready.clear();
        self.input = InputState::Empty;
        // What the list has counted so far stays counted.
        self.file_state.touched = self.revision() + 1;
        self.runs = Runs::default();
        self.history = History::default();
        self.file_state.missing = None;
    }

    /// Ends the sweep and takes its points away, for they are not of what is open; threads are waited for later.
    pub(super) fn retire_sweeps(&mut self) {
        self.traces.iter().for_each(Trace::cancel);
        self.file_state.sweeps.append(&mut self.traces);
    }

    /// Picks up what was saved, opened and located.
    pub(super) fn poll_file(&mut self) -> bool {
        self.file_state.sweeps.retain_mut(|sweep| {
            let _ = sweep.poll();
            sweep.is_running()
        });
        self.file_state.grids.retain_mut(|grid| {
            let _ = grid.poll();
            grid.is_running()
        });
        self.poll_saving() | self.poll_opening() | self.poll_locating()
    }

    fn poll_saving(&mut self) -> bool {
        let mut done = Vec::new();
        let mut still = Vec::new();
        for saving in std::mem::take(&mut self.file_state.saving) {
            match saving.task.take() {
                Some(outcome) => done.push((saving.path, saving.kind, saving.revision, outcome)),
                None => still.push(saving),
            }
        }
        self.file_state.saving = still;
        let changed = !done.is_empty();
        for (path, kind, revision, outcome) in done {
            match outcome.unwrap_or_else(|panic| Err(format!("the writer failed: {panic}"))) {
                Ok(missing) => {
                    self.report(MessageKind::Info, format!("Saved the session: {}", path.display()));
                    missing.into_iter().for_each(|text| self.report(MessageKind::Warning, text));
                    self.report_scratch(kind);
                    self.file_state.path = Some((path, kind));
                    self.file_state.saved = revision;
                }
                Err(reason) => self.report(MessageKind::Error, format!("Not saved: {reason}")),
            }
        }
        changed
    }

    /// A sound that lives in a bundle is not kept by a session without its sounds.
    fn report_scratch(&mut self, kind: FileKind) {
        let InputState::Ready(analysis) = &self.input else { return };
        let unpacked = analysis.path().filter(|path| self.is_unpacked(path));
        if kind == FileKind::Session && unpacked.is_some() {
            let text = format!(
                "{} lives in the bundle only, and a session without its sounds will ask for it: save a bundle to keep \
                 it",
                analysis.name
            );
            self.report(MessageKind::Warning, text);
        }
    }

    fn poll_opening(&mut self) -> bool {
        let Some(newest) = self.file_state.opening.len().checked_sub(1) else { return false };
        let mut current = None;
        let mut index = 0;
        self.file_state.opening.retain(|opening| {
            let outcome = opening.task.take();
            let ended = outcome.is_some();
            if index == newest {
                current = outcome.map(|outcome| (opening.path.clone(), opening.recovered, outcome));
            }
            index += 1;
            !ended
        });
        let Some((path, recovered, outcome)) = current else { return false };
        let failed = |panic| Err(format!("the reader failed ({panic}): {}", path.display()));
        match outcome.unwrap_or_else(failed) {
            Ok(opened) => {
                let (about, saved_as) = (opened.contents.about(), opened.contents.saved_as.clone());
                self.adopt(opened);
                let kind = |path: &Path| FileKind::of(path).unwrap_or(FileKind::Session);
                if recovered {
                    let text = format!(
                        "Recovered {about}, from a window that was not closed; File > New session discards it"
                    );
                    self.report(MessageKind::Warning, text);
                    self.file_state.path = saved_as.map(|path| (path.clone(), kind(&path)));
                    self.file_state.recovered = Some(path);
                } else {
                    self.report(
                        MessageKind::Info,
                        format!("Opened the session: {about}, {}", path.display()),
                    );
                    self.file_state.saved = self.revision();
                    self.file_state.path = Some((path.clone(), kind(&path)));
                }
            }
            Err(reason) => {
                let what = if recovered { "Not recovered" } else { "Not opened" };
                self.report(MessageKind::Error, format!("{what}: {reason}"));
            }
        }
        true
    }

    /// Puts what was read in the place of what there is.
    pub(super) fn adopt(&mut self, opened: Opened) {
        let Opened { contents, found, scratch } = opened;
        self.clear();
        self.file_state.scratch.extend(scratch);
        let Contents { draft, input, runs, ended, columns, view, saved_as: _ } = contents;
        self.draft = draft;
        self.runs = Runs::restored(runs, ended);
        found.warnings.into_iter().for_each(|text| self.report(MessageKind::Warning, text));
        for (origin, outcome) in &found.sounds {
            match outcome {
                Ok(analysis) => self.give(origin, analysis),
                Err(reason) => {
                    let text = format!(
                        "{} has to be located ({reason}); until then its runs are shown without V",
                        origin.name()
                    );
                    self.report(MessageKind::Warning, text);
                }
            }
        }
        if let Some(origin) = input {
            let found = found.sounds.into_iter().find(|(of, _)| Arc::ptr_eq(of, &origin));
            match found.map(|(_, outcome)| outcome) {
                Some(Ok(analysis)) => self.input = InputState::Ready(analysis),
                Some(Err(reason)) => self.miss(origin, reason),
                None => self.miss(origin, "it was not looked for".to_owned()),
            }
        }
        for (column, number) in ColumnId::BOTH.into_iter().zip(columns) {
            if let Some(number) = number {
                self.show_run(column, number);
            }
        }
        self.file_state.view = Some(view);
    }

    fn miss(&mut self, origin: Arc<Origin>, reason: String) {
        self.input = InputState::Failed { name: origin.name(), reason };
        self.file_state.missing = Some(origin);
    }
}

/// What a column that is under way has come to, as a run that was cancelled.
fn so_far(state: &ColumnState, number: usize) -> Option<RunRecord> {
    let ended = match &state.status {
        status if status.is_active() => Status::Ended(Stop::Cancelled),
        // It is at rest and will be in the list once it is measured, or is a point of a sweep.
        Status::Ended(stop) => Status::Ended(*stop),
        _ => return None,
    };
    let column = ColumnState {
        status: ended,
        spec: state.spec.clone(),
        imported: state.imported.clone(),
        from_sweep: state.from_sweep,
        snapshot: state.snapshot.clone(),
        measures: state.measures.clone(),
        analysis: state.analysis.clone(),
        origin: state.origin.clone(),
        ..ColumnState::new()
    };
    RunRecord::of(&column, number)
}
