//! A sweep in the background, point by point.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::ThreadPool;

use super::analysis::Analysis;
use super::job;
use super::learning::Learning;
use super::series::{Finished, Series};
use super::sweep;
use super::task::{Task, Waker, lock};
use crate::codec::Form;
use crate::numeric::RunSpec;

/// What the thread of a sweep and those who look at it share.
#[derive(Default)]
struct Shared {
    cancelled: AtomicBool,
    planned: AtomicUsize,
    points: Mutex<Vec<Arc<Finished>>>,
}

/// A sweep. Dropping it ends it and waits for the step in progress.
pub struct Trace {
    analysis: Arc<Analysis>,
    base: RunSpec,
    shared: Arc<Shared>,
    ended: Option<Result<(), String>>,
    task: Task<Result<(), String>>,
}

impl Trace {
    /// Starts a sweep with the settings of `base`. What is `known` already is not learned again; `wake` is called after
    /// each point and at the end.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(
        analysis: Arc<Analysis>,
        base: RunSpec,
        known: Vec<Arc<Learning>>,
        pool: Arc<ThreadPool>,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_base = base.clone();
        let (inner, tell, of) = (Arc::clone(&shared), Arc::clone(&wake), Arc::clone(&analysis));
        let work = move || {
            let mut series = Series::new(Arc::clone(&of), Form::default(), &pool).knowing(known);
            let mut finished: Vec<Finished> = Vec::new();
            let mut trace = |plan: &[RunSpec], finished: &mut Vec<Finished>| -> Result<bool, String> {
                inner.planned.store(finished.len() + plan.len(), Ordering::Relaxed);
                for spec in plan {
                    job::check(spec, &of)?;
                    let go_on = |_: &job::Progress<'_>| {
                        if inner.cancelled.load(Ordering::Relaxed) {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    };
                    let Ok(run) = series.run(spec, &mut { go_on }) else { return Ok(false) };
                    lock(&inner.points).push(Arc::new(run.clone()));
                    finished.push(run);
                    tell();
                }
                Ok(true)
            };
            if trace(&sweep::plan(&of_base, &sweep::LOSSES), &mut finished)? {
                trace(&sweep::follow_up(&finished), &mut finished)?;
            }
            Ok(())
        };
        let task = Task::spawn("snmf-sweep", wake, work)?;
        Ok(Self { analysis, base, shared, ended: None, task })
    }

    /// The input.
    #[must_use]
    pub fn analysis(&self) -> &Arc<Analysis> {
        &self.analysis
    }

    /// The settings that all points share.
    #[must_use]
    pub fn base(&self) -> &RunSpec {
        &self.base
    }

    /// The points so far, in the order in which they were run.
    #[must_use]
    pub fn points(&self) -> Vec<Arc<Finished>> {
        lock(&self.shared.points).clone()
    }

    /// How many points there are to be, as far as is known.
    #[must_use]
    pub fn planned(&self) -> usize {
        self.shared.planned.load(Ordering::Relaxed)
    }

    /// Whether points are still to come.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Ends it within a step; the points so far stay.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Notices the end. Why it failed, once, if it did.
    pub(super) fn poll(&mut self) -> Option<String> {
        if self.ended.is_none() {
            self.ended = self.task.take().map(Result::flatten);
            return self.ended.as_ref()?.clone().err();
        }
        None
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        self.cancel();
    }
}
