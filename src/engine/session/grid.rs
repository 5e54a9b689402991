//! A grid of experiments: its runs go into the list as they end.

use std::sync::Arc;

use super::super::batch::Batch;
use super::super::grid::GridDraft;
use super::super::lane::LaneState;
use super::{InputState, MessageKind, Session};

/// A grid under way, and how many of its runs are in the list already.
#[derive(Default)]
pub(super) struct Gridded {
    batch: Option<Batch>,
    listed: usize,
}

impl Session {
    /// The grid that runs, or ran last.
    #[must_use]
    pub fn grid(&self) -> Option<&Batch> {
        self.grid.batch.as_ref()
    }

    pub(super) fn run_grid(&mut self, grid: &GridDraft) {
        let InputState::Ready(analysis) = &self.input else {
            return self.tell(MessageKind::Error, "No grid: open a sound first".to_owned());
        };
        let mut plan = match grid.parse(&self.draft) {
            Ok(plan) => plan,
            Err(e) => return self.tell(MessageKind::Error, format!("No grid: {e}")),
        };
        let known = self.lanes.iter().filter_map(|lane| lane.learning.clone());
        let known = known.filter(|learning| !learning.has_failed()).collect();
        let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
        // Asked once more, it has nothing left.
        let next = move |_: &[_]| std::mem::take(&mut plan);
        match Batch::start("snmf-grid", Arc::clone(analysis), known, next, pool, wake) {
            Ok(batch) => self.grid = Gridded { batch: Some(batch), listed: 0 },
            Err(e) => self.tell(MessageKind::Error, format!("No grid: could not start a thread: {e}")),
        }
    }

    pub(super) fn stop_grid(&self) {
        self.grid.batch.iter().for_each(Batch::cancel);
    }

    /// Ends the grid, whose runs are of no interest any more; it is to be waited for.
    pub(super) fn retire_grid(&mut self) -> Option<Batch> {
        self.stop_grid();
        std::mem::take(&mut self.grid).batch
    }

    /// Lists what has ended since the last time; true if anything has.
    pub(super) fn poll_grid(&mut self) -> bool {
        let Some(batch) = &mut self.grid.batch else { return false };
        let was_running = batch.is_running();
        // The end is noticed first: what is done by then is all there will be.
        let failed = batch.poll();
        let (analysis, done) = (Arc::clone(batch.analysis()), batch.done());
        let ended = was_running && !batch.is_running();
        let all = batch.planned();
        let new = &done[self.grid.listed..];
        for run in new {
            self.runs.keep(&LaneState::of_finished(run, Arc::clone(&analysis)));
        }
        let changed = ended || !new.is_empty();
        self.grid.listed = done.len();
        if let Some(reason) = failed {
            self.tell(MessageKind::Error, format!("Grid ended after {} runs: {reason}", done.len()));
        } else if ended {
            let text = if done.len() == all {
                format!("Grid: all {all} runs are in the list")
            } else {
                format!("Grid ended: {} of {all} runs are in the list", done.len())
            };
            self.tell(MessageKind::Info, text);
        }
        changed
    }
}
