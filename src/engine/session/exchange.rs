//! What comes into a column and what leaves it: files, runs that are kept, bases that are given on.

use std::path::PathBuf;
use std::sync::Arc;

use super::{MessageKind, Session};
use crate::codec::{self, Form, Stored};
use crate::engine::files;
use crate::engine::run::column::{ColumnId, ColumnState, Status};
use crate::engine::run::snapshot::Snapshot;
use crate::engine::settings::draft::{Fixed, SpecDraft};
use crate::engine::stream_file;
use crate::engine::task::Task;
use crate::numeric::FixedBases;

impl Session {
    /// Writes a file that `make` fills, in the background; the outcome becomes a message.
    pub fn save(
        &mut self,
        path: PathBuf,
        overwrite: bool,
        make: impl FnOnce() -> Result<Vec<u8>, String> + Send + 'static,
    ) {
        let work = move || {
            let bytes = make().map_err(|reason| format!("{reason}: {}", path.display()))?;
            files::write_atomic(&path, overwrite, &bytes).map_err(|e| e.to_string())?;
            Ok((path, bytes.len()))
        };
        match Task::spawn("snmf-export", Arc::clone(&self.wake), work) {
            Ok(task) => self.exports.push(task),
            Err(e) => self.report(MessageKind::Error, format!("Not exported: could not start a thread: {e}")),
        }
    }

    pub(super) fn export(&mut self, column: ColumnId, path: PathBuf, form: Form, overwrite: bool) {
        let Some(stored) = self.shown(column).stored(form) else {
            let text = format!("Not exported: column {} has no factors yet", column.name());
            return self.report(MessageKind::Error, text);
        };
        self.save(path, overwrite, move || Ok(codec::write(&stored)));
    }

    pub(super) fn import(&mut self, column: ColumnId, path: PathBuf) {
        let from = path.clone();
        let work = move || {
            let bytes = files::read(&from).map_err(|e| e.to_string())?;
            let mut stored =
                stream_file::read(&from, &bytes, None).map_err(|e| format!("{e}: {}", from.display()))?;
            // Sessions and exports hold the bases.
            stored.form.bases = None;
            Ok(stored)
        };
        match Task::spawn("snmf-import", Arc::clone(&self.wake), work) {
            Ok(task) => self.imports.push((column, task, path)),
            Err(e) => self.report(MessageKind::Error, format!("Not imported: could not start a thread: {e}")),
        }
    }

    pub(super) fn show_import(&mut self, column: ColumnId, path: PathBuf, stored: Stored) {
        let snapshot = Snapshot::of_stream(&stored);
        self.report(MessageKind::Info, format!("Imported {} into column {}", path.display(), column.name()));
        let state = &mut self.columns[column.index()];
        self.retiring.extend(state.retire());
        *state = ColumnState {
            generation: state.generation + 1,
            run: state.run + 1,
            status: Status::Imported { path },
            imported: Some(Arc::new(stored)),
            snapshot: Some(Arc::new(snapshot)),
            ..ColumnState::new()
        };
        self.request_measures(column);
        self.attach(column);
    }

    pub(super) fn poll_files(&mut self) -> bool {
        let mut messages = Vec::new();
        self.exports.retain(|task| match task.take() {
            None => true,
            Some(outcome) => {
                messages.push(match outcome {
                    Ok(Ok((path, bytes))) => {
                        (MessageKind::Info, format!("Exported {bytes} bytes to {}", path.display()))
                    }
                    Ok(Err(e)) => (MessageKind::Error, format!("Not exported: {e}")),
                    Err(panic) => (MessageKind::Error, format!("Not exported: the writer failed: {panic}")),
                });
                false
            }
        });
        let mut read = Vec::new();
        self.imports.retain(|(column, task, path)| match task.take() {
            None => true,
            Some(outcome) => {
                read.push((
                    *column,
                    path.clone(),
                    outcome.unwrap_or_else(|p| Err(format!("the reader failed: {p}"))),
                ));
                false
            }
        });
        let changed = !messages.is_empty() || !read.is_empty();
        for (kind, text) in messages {
            self.report(kind, text);
        }
        for (column, path, outcome) in read {
            match outcome {
                Ok(stored) => self.show_import(column, path, stored),
                Err(reason) => self.report(MessageKind::Error, format!("Not imported: {reason}")),
            }
        }
        changed
    }

    pub(super) fn show_run(&mut self, column: ColumnId, number: usize) {
        let Some(run) = self.runs.get(number).cloned() else { return };
        let state = &mut self.columns[column.index()];
        self.retiring.extend(state.retire());
        *state = run.shown(state.generation + 1, state.run + 1);
        self.attach(column);
    }

    pub(super) fn use_bases(&mut self, column: ColumnId) {
        let state = self.shown(column);
        let Some(snapshot) = &state.snapshot else {
            let text = format!("No bases: column {} has no factors yet", column.name());
            return self.report(MessageKind::Error, text);
        };
        let bases = Arc::new(FixedBases::of(&snapshot.model, snapshot.power));
        let file = if let Status::Imported { path } = &state.status { Some(path.clone()) } else { None };
        let (components, lags) = (bases.components(), bases.lags());
        let fixed = Some(Fixed { bases, file });
        let power = snapshot.power;
        self.replace_draft(SpecDraft { components, lags, power, fixed, ..self.draft.clone() });
        let text = format!(
            "The bases of column {} are kept from now on: runs learn their activations, and with more than \
             {components} components further bases beside them",
            column.name()
        );
        self.report(MessageKind::Info, text);
    }
}
