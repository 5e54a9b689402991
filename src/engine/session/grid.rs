//! Many runs in the background, a grid of experiments or a search for R and T: they go into the list as they end.

use std::sync::Arc;

use super::under_way::{GridState, RunningSearch};
use super::{InputState, MessageKind, Session};
use crate::engine::analysis::Analysis;
use crate::engine::run::batch::Batch;
use crate::engine::run::choose::{BestChoice, Cell, ChooseDraft, ModelSearch};
use crate::engine::run::column::ColumnState;
use crate::engine::run::series::Finished;
use crate::engine::settings::grid::GridDraft;
use crate::numeric::RunSpec;

impl Session {
    /// The grid, or the search for R and T, that runs, or ran last.
    pub fn grid(&self) -> Option<&Batch> {
        self.grid.batch.as_ref()
    }

    /// The search for R and T, where that is what runs, or ran last.
    pub fn choice(&self) -> Option<&ModelSearch> {
        self.grid.choice.as_ref().map(|choice| &choice.search)
    }

    pub(super) fn run_grid(&mut self, grid: &GridDraft) {
        let InputState::Ready(analysis) = &self.input else {
            return self.report(MessageKind::Error, "No grid: open a sound first".to_owned());
        };
        let mut plan = match grid.parse(&self.draft) {
            Ok(plan) => plan,
            Err(e) => return self.report(MessageKind::Error, format!("No grid: {e}")),
        };
        // Asked once more, it has nothing left.
        let next = move |_: &[_]| std::mem::take(&mut plan);
        self.start_batch(Arc::clone(analysis), None, next);
    }

    pub(super) fn choose(&mut self, draft: &ChooseDraft) {
        let InputState::Ready(analysis) = &self.input else {
            return self.report(MessageKind::Error, "R and T not searched: open a sound first".to_owned());
        };
        let search = match draft.parse(&self.draft, analysis) {
            Ok(search) => search,
            Err(e) => return self.report(MessageKind::Error, format!("R and T not searched: {e}")),
        };
        let known: Vec<Arc<Finished>> = self
            .runs
            .all()
            .iter()
            .filter(|run| run.has_ended_on(analysis))
            .filter_map(|run| {
                let spec = run.spec().filter(|spec| **spec == search.run(Cell::of(spec)))?;
                run.finished().filter(|_| search.candidates().allows(Cell::of(spec)))
            })
            .map(Arc::new)
            .collect();
        let (mut ahead, before) = (search.clone(), known.clone());
        let next = move |done: &[Arc<Finished>]| ahead.next(&[&before, done].concat());
        self.start_batch(Arc::clone(analysis), Some(RunningSearch { search, known }), next);
    }

    fn start_batch(
        &mut self,
        analysis: Arc<Analysis>,
        choice: Option<RunningSearch>,
        next: impl FnMut(&[Arc<Finished>]) -> Vec<RunSpec> + Send + 'static,
    ) {
        let known = self.columns.iter().filter_map(|column| column.learning.clone());
        let known = known.filter(|learning| !learning.has_failed()).collect();
        let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
        match Batch::start("snmf-grid", analysis, known, next, pool, wake) {
            Ok(batch) => self.grid = GridState { batch: Some(batch), listed: 0, choice },
            Err(e) => self.report(MessageKind::Error, format!("Not run: could not start a thread: {e}")),
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
            self.runs.keep(&ColumnState::of_finished(run, Arc::clone(&analysis)));
        }
        let changed = ended || !new.is_empty();
        self.grid.listed = done.len();
        let what = if self.grid.choice.is_some() { "Search for R and T" } else { "Grid" };
        if let Some(reason) = failed {
            self.report(MessageKind::Error, format!("{what} ended after {} runs: {reason}", done.len()));
        } else if ended && done.len() < all {
            let text = format!("{what} ended: {} of {all} runs are in the list", done.len());
            self.report(MessageKind::Info, text);
        } else if ended {
            let (kind, text) =
                self.grid.choice.as_ref().and_then(|choice| choice.describe(&done)).unwrap_or_else(|| {
                    (MessageKind::Info, format!("{what}: all {all} runs are in the list"))
                });
            self.report(kind, text);
        }
        changed
    }
}

impl RunningSearch {
    /// What came of it, with these runs beside those that were known.
    fn describe(&self, done: &[Arc<Finished>]) -> Option<(MessageKind, String)> {
        let chosen = BestChoice::of(&self.search, &[&self.known, done].concat(), None);
        let kind = if chosen.missed { MessageKind::Warning } else { MessageKind::Info };
        Some((kind, format!("R and T: {}", chosen.describe(&self.search)?)))
    }
}
