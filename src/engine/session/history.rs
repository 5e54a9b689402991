//! Steps that can be taken back, and done again.

use std::time::{Duration, Instant};

use crate::engine::run::list::RunRecord;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::input::InputSpec;

/// Steps that can be taken back at most.
const MOST: usize = 200;

/// Edits that follow one another as fast as this are one step, as those of a slider that is dragged.
const ONE_EDIT: Duration = Duration::from_millis(700);

/// What leads to an earlier state, or back to a later one.
pub(super) enum Step {
    Draft(Box<SpecDraft>),
    /// The same sound is to be read like this.
    Input(InputSpec),
    /// A run that stood here is to stand here again.
    Insert(usize, Box<RunRecord>),
    /// A run is to go.
    Remove(usize),
    /// A run is to be called this, and to be pinned or not.
    Mark {
        number: usize,
        title: Option<String>,
        pinned: bool,
    },
}

#[derive(Default)]
pub(super) struct History {
    pub(super) past: Vec<Step>,
    pub(super) future: Vec<Step>,
    pub(super) edited: Option<Instant>,
    /// Steps so far, those that are forgotten included: grows with each edit that is one of its own.
    pub(super) steps: u64,
}

impl History {
    pub(super) fn push(&mut self, step: Step) {
        self.steps += 1;
        self.past.push(step);
        self.future.clear();
        let surplus = self.past.len().saturating_sub(MOST);
        self.past.drain(..surplus);
    }

    /// Notices that the settings are about to change from these.
    pub(super) fn edit(&mut self, before: &SpecDraft, now: Instant) {
        let goes_on = self.edited.is_some_and(|at| now.duration_since(at) < ONE_EDIT);
        let of_draft = matches!(self.past.last(), Some(Step::Draft(_))) && self.future.is_empty();
        if !(goes_on && of_draft) {
            self.push(Step::Draft(Box::new(before.clone())));
        }
        self.edited = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drag_is_one_step_and_a_pause_begins_another() {
        let mut history = History::default();
        let begin = Instant::now();
        let draft = |seed| SpecDraft { seed, ..SpecDraft::default() };
        for step in 0..20 {
            history.edit(&draft(step), begin + Duration::from_millis(30 * step));
        }
        assert_eq!(history.past.len(), 1);
        let Some(Step::Draft(first)) = history.past.last() else { unreachable!("settings") };
        assert_eq!(first.seed, 0, "what there was before the drag");
        history.edit(&draft(20), begin + Duration::from_secs(3));
        assert_eq!(history.past.len(), 2);
    }
}
