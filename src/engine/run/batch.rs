//! Runs on one input, one after the other, on a thread of their own.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rayon::ThreadPool;

use super::job;
use super::learning::Learning;
use super::series::{Finished, Series};
use crate::codec::Form;
use crate::engine::analysis::Analysis;
use crate::engine::task::{Task, Waker, lock};
use crate::numeric::RunSpec;

/// What the thread and those who look at it share.
#[derive(Default)]
struct BatchState {
    cancelled: AtomicBool,
    planned: AtomicUsize,
    done: Mutex<Vec<Arc<Finished>>>,
}

/// Runs under way. Dropping them ends them and waits for the step in progress.
pub struct Batch {
    analysis: Arc<Analysis>,
    shared: Arc<BatchState>,
    ended: Option<Result<(), String>>,
    task: Task<Result<(), String>>,
}

impl Batch {
    /// Starts what `next` asks for: it is handed what is done and asked again until it wants nothing more. What is
    /// `known` already is not learned again; `wake` is called after each run and at the end.
    pub fn start(
        name: &str,
        analysis: Arc<Analysis>,
        known: Vec<Arc<Learning>>,
        mut next: impl FnMut(&[Arc<Finished>]) -> Vec<RunSpec> + Send + 'static,
        pool: Arc<ThreadPool>,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(BatchState::default());
        let (inner, notify, of) = (Arc::clone(&shared), Arc::clone(&wake), Arc::clone(&analysis));
        let work = move || {
            let mut series = Series::new(Arc::clone(&of), Form::default(), &pool).knowing(known);
            let mut done: Vec<Arc<Finished>> = Vec::new();
            loop {
                let plan = next(&done);
                if plan.is_empty() {
                    return Ok(());
                }
                inner.planned.store(done.len() + plan.len(), Ordering::Relaxed);
                for spec in &plan {
                    job::check(spec, &of)?;
                    let go_on = |_: &job::Progress<'_>| {
                        if inner.cancelled.load(Ordering::Relaxed) {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    };
                    let Ok(run) = series.run(spec, &mut { go_on }) else { return Ok(()) };
                    let run = Arc::new(run);
                    lock(&inner.done).push(Arc::clone(&run));
                    done.push(run);
                    notify();
                }
            }
        };
        let task = Task::spawn(name, wake, work)?;
        Ok(Self { analysis, shared, ended: None, task })
    }

    pub fn analysis(&self) -> &Arc<Analysis> {
        &self.analysis
    }

    /// The runs that are done, in their order.
    pub fn done(&self) -> Vec<Arc<Finished>> {
        lock(&self.shared.done).clone()
    }

    /// How many runs there are to be, as far as is known.
    pub fn planned(&self) -> usize {
        self.shared.planned.load(Ordering::Relaxed)
    }

    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// Ends them within a step; what is done stays.
    pub fn cancel(&self) {
        self.shared.cancelled.store(true, Ordering::Relaxed);
    }

    /// Notices the end. Why it failed, once, if it did.
    pub(in crate::engine) fn poll(&mut self) -> Option<String> {
        if self.ended.is_none() {
            self.ended = self.task.take().map(Result::flatten);
            return self.ended.as_ref()?.clone().err();
        }
        None
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        self.cancel();
    }
}
