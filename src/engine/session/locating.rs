//! Sounds that are not where they were: finding them again, and giving them to the runs that are of them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::under_way::Located;
use super::{InputState, MessageKind, Session};
use crate::engine::analysis::Analysis;
use crate::engine::session_file::{self, FoundSounds};
use crate::engine::sound_ref::Origin;
use crate::engine::task::Task;

impl Session {
    /// The origins of runs without their sound.
    fn origins_without_sound(&self) -> impl Iterator<Item = &Arc<Origin>> {
        let runs = self.runs.all().iter().filter(|run| run.analysis.is_none());
        runs.filter_map(|run| run.origin.as_ref())
    }

    /// Sounds that runs are of and that have to be located, each once.
    pub fn missing_sounds(&self) -> Vec<Arc<Origin>> {
        let mut missing: Vec<Arc<Origin>> = Vec::new();
        for origin in self.origins_without_sound().chain(&self.file_state.missing) {
            if !missing.iter().any(|known| known.is_sound_of(origin)) {
                missing.push(Arc::clone(origin));
            }
        }
        missing
    }

    pub(super) fn locate(&mut self, path: PathBuf) {
        let mut wanted: Vec<Arc<Origin>> = Vec::new();
        for origin in self.origins_without_sound().chain(&self.file_state.missing) {
            if !wanted.contains(origin) {
                wanted.push(Arc::clone(origin));
            }
        }
        if wanted.is_empty() {
            return self.report(MessageKind::Info, "Every sound is where it should be".to_owned());
        }
        let (pool, from) = (Arc::clone(&self.pool), path.clone());
        let work = move || {
            let mut found = FoundSounds::default();
            for origin in wanted {
                let outcome = session_file::at(&origin, &from, &found, &pool);
                found.sounds.push((origin, outcome));
            }
            found.sounds
        };
        match Task::spawn("snmf-locate", Arc::clone(&self.wake), work) {
            Ok(task) => self.file_state.locating.push((path, task)),
            Err(e) => self.report(MessageKind::Error, format!("Not located: could not start a thread: {e}")),
        }
    }

    /// Gives their sound to the runs that are of it, and to the columns that show them.
    pub(super) fn give(&mut self, origin: &Arc<Origin>, analysis: &Arc<Analysis>) {
        for run in self.runs.all_mut() {
            if run.analysis.is_none() && run.origin.as_ref() == Some(origin) {
                run.analysis = Some(Arc::clone(analysis));
            }
        }
        for state in &mut self.columns {
            if state.analysis.is_none() && state.origin.as_ref() == Some(origin) {
                state.analysis = Some(Arc::clone(analysis));
                state.generation += 1;
                state.measured = Some(state.generation);
            }
        }
    }

    /// Gives a sound that was opened by hand to the runs that wait for it.
    pub(super) fn give_to_runs(&mut self, analysis: &Arc<Analysis>) {
        let is_it = |origin: &&Arc<Origin>| origin.sha256 == analysis.sha256 && origin.stft == analysis.stft;
        let wanted: Vec<Arc<Origin>> = self.origins_without_sound().filter(is_it).cloned().collect();
        wanted.iter().for_each(|origin| self.give(origin, analysis));
        // What runs begin with is what was opened now.
        self.file_state.missing = None;
    }

    pub(super) fn poll_locating(&mut self) -> bool {
        let mut done = Vec::new();
        self.file_state.locating.retain(|(path, task)| match task.take() {
            Some(outcome) => {
                done.push((path.clone(), outcome));
                false
            }
            None => true,
        });
        let changed = !done.is_empty();
        for (path, outcome) in done {
            match outcome {
                Ok(located) => self.take_located(&path, located),
                Err(panic) => {
                    self.report(MessageKind::Error, format!("Not located: the reader failed: {panic}"));
                }
            }
        }
        changed
    }

    fn take_located(&mut self, path: &Path, located: Located) {
        let is_it = |origin: &Origin, outcome: &Result<Arc<Analysis>, String>| {
            outcome.as_ref().is_ok_and(|analysis| analysis.sha256 == origin.sha256)
        };
        let right = located.iter().any(|(origin, outcome)| is_it(origin, outcome));
        // A file that is none of the sounds is meant for the one that runs begin with, or for the first.
        let meant =
            self.file_state.missing.clone().or_else(|| located.first().map(|(origin, _)| Arc::clone(origin)));
        let mut taken = 0;
        let mut refused = None;
        for (origin, outcome) in located {
            let wanted = if right {
                is_it(&origin, &outcome)
            } else {
                meant.as_ref().is_some_and(|meant| meant.is_sound_of(&origin))
            };
            match outcome {
                Ok(analysis) if wanted => {
                    self.give(&origin, &analysis);
                    if self.file_state.missing.as_ref() == Some(&origin) {
                        self.file_state.missing = None;
                        self.input = InputState::Ready(analysis);
                    }
                    taken += 1;
                }
                Err(reason) if wanted => refused = Some(reason),
                _ => {}
            }
        }
        let name = path.display();
        match (taken, right, refused) {
            (0, _, reason) => {
                let reason =
                    reason.unwrap_or_else(|| format!("it is none of the sounds of this session: {name}"));
                self.report(MessageKind::Error, format!("Not located: {reason}"));
            }
            (_, true, _) => {
                self.file_state.touch();
                self.report(
                    MessageKind::Info,
                    format!("Located: {name} is the sound that its runs were learned from"),
                );
            }
            (_, false, _) => {
                self.file_state.touch();
                let text = format!(
                    "{name} is not the sound that the runs were learned from (another SHA-256): it is shown beside them, \
                     and their numbers are those of theirs"
                );
                self.report(MessageKind::Warning, text);
            }
        }
    }
}
