//! A sweep in the background, point by point.

use std::sync::Arc;

use rayon::ThreadPool;

use super::batch::Batch;
use super::learning::Learning;
use super::series::Finished;
use super::sweep;
use crate::engine::analysis::Analysis;
use crate::engine::task::Waker;
use crate::numeric::RunSpec;

/// A sweep. Dropping it ends it and waits for the step in progress.
pub struct Trace {
    base: RunSpec,
    batch: Batch,
}

impl Trace {
    /// Starts a sweep with the settings of `base`. What is `known` already is not learned again; `wake` is called after
    /// each point and at the end.
    pub fn start(
        analysis: Arc<Analysis>,
        base: RunSpec,
        known: Vec<Arc<Learning>>,
        pool: Arc<ThreadPool>,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let of_base = base.clone();
        let mut stage = 0;
        let next = move |done: &[Arc<Finished>]| {
            stage += 1;
            match stage {
                1 => sweep::plan(&of_base, &sweep::LOSSES),
                2 => sweep::follow_up(done),
                _ => Vec::new(),
            }
        };
        Ok(Self { base, batch: Batch::start("snmf-sweep", analysis, known, next, pool, wake)? })
    }

    pub fn analysis(&self) -> &Arc<Analysis> {
        self.batch.analysis()
    }

    /// The settings that all points share.
    pub fn base(&self) -> &RunSpec {
        &self.base
    }

    /// The points so far, in the order in which they were run.
    pub fn points(&self) -> Vec<Arc<Finished>> {
        self.batch.done()
    }

    /// How many points there are to be, as far as is known.
    pub fn planned(&self) -> usize {
        self.batch.planned()
    }

    pub fn is_running(&self) -> bool {
        self.batch.is_running()
    }

    /// Ends it within a step; the points so far stay.
    pub fn cancel(&self) {
        self.batch.cancel();
    }

    /// Notices the end. Why it failed, once, if it did.
    pub(in crate::engine) fn poll(&mut self) -> Option<String> {
        self.batch.poll()
    }
}
