//! Runs on one input one after the other, each from what an earlier one has learned where that is the same.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::ThreadPool;

use super::job::{self, Progress};
use super::learning::Learning;
use super::measure::{self, Measures};
use super::snapshot::{Snapshot, Stop};
use crate::codec::Form;
use crate::engine::analysis::Analysis;
use crate::numeric::RunSpec;

#[derive(Clone)]
pub struct Finished {
    pub spec: RunSpec,
    pub snapshot: Snapshot,
    pub stop: Stop,
    pub measures: Measures,
}

/// What a series keeps of what it has learned: neighbours share it, and a long series is not to fill the memory.
const MOST_LEARNINGS: usize = 4;

/// Runs on one input, and what the latest of them have learned.
pub struct Series<'a> {
    analysis: Arc<Analysis>,
    form: Form,
    pool: &'a ThreadPool,
    learnings: Vec<Arc<Learning>>,
}

impl<'a> Series<'a> {
    /// A series on this input. Files, where they are measured or aimed at, are in `form`.
    pub fn new(analysis: Arc<Analysis>, form: Form, pool: &'a ThreadPool) -> Self {
        Self { analysis, form, pool, learnings: Vec::new() }
    }

    /// The same, with what has been learned, or is being learned, elsewhere.
    #[must_use]
    pub fn knowing(mut self, learnings: Vec<Arc<Learning>>) -> Self {
        self.learnings.extend(learnings);
        self
    }

    /// Files are in this form from now on.
    pub const fn set_form(&mut self, form: Form) {
        self.form = form;
    }

    /// Runs `spec` on the calling thread and measures it. Cancelled by what `observe` answers, the snapshot comes
    /// back as it stood.
    pub fn run(
        &mut self,
        spec: &RunSpec,
        observe: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
    ) -> Result<Finished, Box<Snapshot>> {
        let known = self.learnings.iter().find(|learning| learning.serves(&self.analysis, spec)).cloned();
        let learning = known.unwrap_or_else(|| {
            let new = Arc::new(Learning::new(Arc::clone(&self.analysis), spec));
            // What is quantised in its steps serves no other run.
            if !spec.method.is_quantised_within_learning() {
                self.learnings.push(Arc::clone(&new));
                let surplus = self.learnings.len().saturating_sub(MOST_LEARNINGS);
                self.learnings.drain(..surplus);
            }
            new
        });
        let (snapshot, stop) = job::drive(&learning, spec, self.form, self.pool, observe);
        if stop == Stop::Cancelled {
            return Err(Box::new(snapshot));
        }
        let stored = measure::stored(&self.analysis, spec, &snapshot, self.form);
        let measures = measure::measure(&stored, snapshot.iteration, Some(&self.analysis), self.pool);
        let measures = Measures { cnmf: measure::cnmf(&learning, spec, self.pool), ..measures };
        Ok(Finished { spec: spec.clone(), snapshot, stop, measures })
    }
}
