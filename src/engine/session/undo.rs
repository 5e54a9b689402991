//! What can be taken back: settings, and what was done to the list of runs.

use std::time::Instant;

use super::history::Step;
use super::{InputState, MessageKind, Session};
use crate::engine::run::column::ColumnId;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::input::InputSpec;

impl Session {
    pub fn can_undo(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// Whether something that was taken back can be done again.
    pub fn can_redo(&self) -> bool {
        !self.history.future.is_empty()
    }

    pub(super) fn undo(&mut self) {
        if let Some(step) = self.history.past.pop()
            && let Some(inverse) = self.take(step)
        {
            self.history.future.push(inverse);
        }
        self.history.edited = None;
    }

    pub(super) fn redo(&mut self) {
        if let Some(step) = self.history.future.pop()
            && let Some(inverse) = self.take(step)
        {
            self.history.past.push(inverse);
        }
        self.history.edited = None;
    }

    /// Takes a step; returns the one that leads back.
    fn take(&mut self, step: Step) -> Option<Step> {
        match step {
            Step::Draft(draft) => {
                let now = self.draft.clone();
                self.set_draft(*draft);
                Some(Step::Draft(Box::new(now)))
            }
            Step::Input(input) => {
                let now = self.current_input()?.clone();
                self.read_input(input);
                Some(Step::Input(now))
            }
            Step::Insert(at, run) => {
                let number = run.number;
                self.runs.insert(at, *run);
                Some(Step::Remove(number))
            }
            Step::Remove(number) => {
                let (at, run) = self.runs.remove(number)?;
                Some(Step::Insert(at, Box::new(run)))
            }
            Step::Mark { number, title, pinned } => {
                let (title, pinned) = self.runs.mark(number, title, pinned)?;
                Some(Step::Mark { number, title, pinned })
            }
        }
    }

    /// Calls a run by a name of its own; an empty one gives it back its usual one.
    pub(super) fn rename_run(&mut self, number: usize, title: &str) {
        let title = Some(title.trim().to_owned()).filter(|title| !title.is_empty());
        let pinned = self.runs.get(number).is_some_and(|run| run.pinned);
        if let Some((title, pinned)) = self.runs.mark(number, title, pinned) {
            self.history.push(Step::Mark { number, title, pinned });
        }
    }

    pub(super) fn pin_run(&mut self, number: usize, pinned: bool) {
        let title = self.runs.get(number).and_then(|run| run.title.clone());
        if let Some((title, pinned)) = self.runs.mark(number, title, pinned) {
            self.history.push(Step::Mark { number, title, pinned });
        }
    }

    pub(super) fn delete_run(&mut self, number: usize) {
        if let Some((at, run)) = self.runs.remove(number) {
            self.report(MessageKind::Info, format!("Run {number} was deleted; Undo brings it back"));
            self.history.push(Step::Insert(at, Box::new(run)));
        }
    }

    /// Makes the settings those of the run that a column shows.
    pub(super) fn revert(&mut self, column: ColumnId) {
        let state = self.column(column);
        let (Some(spec), Some(analysis)) = (state.spec.clone(), state.analysis.clone()) else { return };
        let mut draft = self.draft.clone();
        draft.adopt(column.index(), &spec, analysis.stft);
        self.replace_draft(draft);
    }

    /// Notices that another input is about to be read: the same sound in another way can be taken back.
    pub(super) fn note_input(&mut self, wanted: &InputSpec) {
        let before =
            self.current_input().filter(|now| now.source == wanted.source && *now != wanted).cloned();
        if let Some(before) = before {
            self.history.edited = None;
            self.history.push(Step::Input(before));
        }
    }

    fn current_input(&self) -> Option<&InputSpec> {
        match &self.input {
            InputState::Ready(analysis) => Some(&analysis.input),
            _ => None,
        }
    }

    /// Other settings in one step of their own.
    pub(super) fn replace_draft(&mut self, draft: SpecDraft) {
        self.history.edited = None;
        self.edit_draft(draft);
        self.history.edited = None;
    }

    /// New settings by hand, which can be taken back.
    pub(super) fn edit_draft(&mut self, draft: SpecDraft) {
        if draft != self.draft {
            self.history.edit(&self.draft, Instant::now());
            self.set_draft(draft);
        }
    }
}
