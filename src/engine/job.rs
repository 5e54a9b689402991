//! One run from start to end: the loop that steps a learner, and the named thread it runs on.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::analysis::Analysis;
use super::memory;
use super::task::{Outcome, Task, Waker, lock};
use crate::numeric::{AnyModel, Learner, Model, Precision, Real, RunSpec};

/// Shortest time between two snapshots: 20 a second look continuous and leave the pool its time.
const SNAPSHOT_INTERVAL: Duration = Duration::from_millis(50);

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// All iterations that were asked for are done.
    IterationLimit,
    /// D has fallen by less than the tolerance.
    Tolerance,
    /// No further step makes D smaller, in the precision of the run.
    Converged,
    /// Somebody cancelled; the factors are those of the last finished iteration.
    Cancelled,
}

impl Stop {
    /// One word for results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IterationLimit => "iterations",
            Self::Tolerance => "tolerance",
            Self::Converged => "converged",
            Self::Cancelled => "cancelled",
        }
    }

    /// In words, to follow the number of iterations.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::IterationLimit => "all that were asked for",
            Self::Tolerance => "D changes by less than the tolerance",
            Self::Converged => "no step makes D smaller",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Iterations over which the tolerance is judged: a single one may happen to change little.
const JUDGED: usize = 10;

/// Where a run stands: its factors and how it got there. Holds no V and no Vhat.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Iterations done.
    pub iteration: usize,
    /// Iterations asked for.
    pub total: usize,
    /// The factors.
    pub model: AnyModel,
    /// The objective after each iteration done.
    pub objective: Arc<Vec<f64>>,
    /// J after each sweep over integers.
    pub sweep_objective: Arc<Vec<f64>>,
    /// Seconds spent stepping, pauses left out.
    pub seconds: f64,
    /// Sweeps over integers after the last iteration.
    pub sweeps: usize,
    /// Seconds spent on them, pauses left out.
    pub quantising_seconds: f64,
}

/// What an observer sees after each iteration; it decides whether to look at the factors.
pub struct Progress<'a> {
    /// Iterations done.
    pub iteration: usize,
    /// Iterations asked for.
    pub total: usize,
    /// The objective after each iteration done.
    pub objective: &'a [f64],
    /// Seconds spent stepping.
    pub seconds: f64,
    /// J after each sweep over integers.
    pub sweep_objective: &'a [f64],
    /// Sweeps after the last iteration, those that only prepare included.
    pub sweeps: usize,
    /// Seconds spent on them.
    pub quantising_seconds: f64,
    model: &'a dyn Fn() -> AnyModel,
}

impl Progress<'_> {
    /// A copy of where the run stands.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            iteration: self.iteration,
            total: self.total,
            model: (self.model)(),
            objective: Arc::new(self.objective.to_vec()),
            sweep_objective: Arc::new(self.sweep_objective.to_vec()),
            seconds: self.seconds,
            sweeps: self.sweeps,
            quantising_seconds: self.quantising_seconds,
        }
    }
}

/// Refuses a run that would mean nothing or would not fit.
///
/// # Errors
/// The input is silent, or the run would not fit into the memory that is free.
pub fn check(spec: &RunSpec, analysis: &Analysis) -> Result<(), String> {
    if analysis.audio.is_silent() {
        let name = &analysis.audio.name;
        return Err(format!(
            "every sample is zero, there is nothing to factorise: choose another input or region: {name}"
        ));
    }
    memory::check(spec, analysis.bins(), analysis.frames()).map_err(|e| e.to_string())
}

/// Runs `spec` on the analysed input, on the calling thread, with the work inside a step on `pool`.
///
/// `observe` is called after every iteration; what it answers decides whether to go on, so that the hook
/// that reports is the hook that cancels. Cancelled is not an error: the factors so far come back.
pub fn drive(
    analysis: &Analysis,
    spec: &RunSpec,
    pool: &ThreadPool,
    observe: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> (Snapshot, Stop) {
    match spec.precision {
        Precision::F32 => {
            drive_in(&mut *crate::numeric::start(&analysis.spectrogram_f32().v, spec), spec, pool, observe)
        }
        Precision::F64 => {
            let v = &pool.install(|| analysis.spectrogram_f64()).v;
            drive_in(&mut *crate::numeric::start(v, spec), spec, pool, observe)
        }
    }
}

fn drive_in<F: Real>(
    learner: &mut dyn Learner<F>,
    spec: &RunSpec,
    pool: &ThreadPool,
    observe: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> (Snapshot, Stop)
where
    AnyModel: From<Model<F>>,
{
    let total = spec.iterations;
    let mut objective = Vec::with_capacity(total.min(1 << 16));
    let mut seconds = 0.0;
    let mut stop = Stop::IterationLimit;
    let mut done = 0;
    for iteration in 1..=total {
        let begun = Instant::now();
        objective.push(pool.install(|| learner.step()));
        seconds += begun.elapsed().as_secs_f64();
        let model = || AnyModel::from(learner.model());
        let progress = Progress {
            iteration,
            total,
            objective: &objective,
            sweep_objective: &[],
            seconds,
            sweeps: 0,
            quantising_seconds: 0.0,
            model: &model,
        };
        done = iteration;
        let cancelled = observe(&progress).is_break();
        if iteration == total {
            break;
        }
        if cancelled {
            stop = Stop::Cancelled;
            break;
        }
        if learner.is_finished() {
            stop = Stop::Converged;
            break;
        }
        if has_settled(&objective, spec.tolerance) {
            stop = Stop::Tolerance;
            break;
        }
    }
    let (mut sweeps, mut quantising_seconds, mut sweep_objective) = (0, 0.0, Vec::new());
    while stop != Stop::Cancelled {
        let begun = Instant::now();
        let refined = pool.install(|| learner.refine());
        quantising_seconds += begun.elapsed().as_secs_f64();
        let Some(j) = refined else { break };
        sweeps += 1;
        // Before there are integers there is no J.
        sweep_objective.extend(Some(j).filter(|j| j.is_finite()));
        let model = || AnyModel::from(learner.model());
        let progress = Progress {
            iteration: done,
            total,
            objective: &objective,
            seconds,
            sweep_objective: &sweep_objective,
            sweeps,
            quantising_seconds,
            model: &model,
        };
        if observe(&progress).is_break() {
            stop = Stop::Cancelled;
        }
    }
    let snapshot = Snapshot {
        iteration: done,
        total,
        model: AnyModel::from(learner.model()),
        objective: Arc::new(objective),
        seconds,
        sweep_objective: Arc::new(sweep_objective),
        sweeps,
        quantising_seconds,
    };
    (snapshot, stop)
}

/// Whether D fell by less than this share of itself in the latest iterations.
fn has_settled(objective: &[f64], tolerance: f64) -> bool {
    let Some(now) = objective.last() else { return false };
    let before = objective.len().checked_sub(JUDGED + 1).map(|i| objective[i]);
    tolerance > 0.0 && before.is_some_and(|before| before - now < tolerance * now)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Closed,
    Leave,
}

/// Pause, resume and cancel, and the latest snapshot: what a job shares with whoever started it.
struct Shared {
    gate: Mutex<Gate>,
    gate_moved: Condvar,
    latest: Mutex<Option<Snapshot>>,
}

impl Shared {
    /// Waits while paused; breaks once cancelled.
    fn pass(&self) -> ControlFlow<()> {
        let mut gate = lock(&self.gate);
        while *gate == Gate::Closed {
            gate = self.gate_moved.wait(gate).unwrap_or_else(PoisonError::into_inner);
        }
        if *gate == Gate::Leave { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// A run on a thread of its own. Dropping it cancels the run and waits for the iteration in progress.
pub struct Job {
    shared: Arc<Shared>,
    task: Task<(Snapshot, Stop)>,
}

impl Job {
    /// Starts `spec` in the background; `wake` is called after each snapshot and at the end.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(
        name: &str,
        analysis: Arc<Analysis>,
        spec: RunSpec,
        pool: Arc<ThreadPool>,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            gate: Mutex::new(Gate::Open),
            gate_moved: Condvar::new(),
            latest: Mutex::new(None),
        });
        let (inner, tell) = (Arc::clone(&shared), Arc::clone(&wake));
        let work = move || {
            let mut published = Instant::now();
            drive(&analysis, &spec, &pool, &mut |progress| {
                if progress.iteration == 1 || published.elapsed() >= SNAPSHOT_INTERVAL {
                    *lock(&inner.latest) = Some(progress.snapshot());
                    published = Instant::now();
                    tell();
                }
                inner.pass()
            })
        };
        Ok(Self { shared, task: Task::spawn(&format!("snmf-run-{name}"), wake, work)? })
    }

    /// The newest snapshot, if there is one that was not taken yet.
    #[must_use]
    pub fn take_latest(&self) -> Option<Snapshot> {
        lock(&self.shared.latest).take()
    }

    /// How the run ended, once, when it has: factors and reason, or the text of a panic.
    #[must_use]
    pub fn take_ending(&self) -> Option<Outcome<(Snapshot, Stop)>> {
        self.task.take()
    }

    /// Stops stepping after the iteration in progress, until resumed.
    pub fn pause(&self) {
        self.turn(Gate::Closed);
    }

    /// Goes on after a pause.
    pub fn resume(&self) {
        self.turn(Gate::Open);
    }

    /// Ends the run after the iteration in progress, paused or not.
    pub fn cancel(&self) {
        self.turn(Gate::Leave);
    }

    fn turn(&self, to: Gate) {
        let mut gate = lock(&self.shared.gate);
        if *gate != Gate::Leave {
            *gate = to;
        }
        self.shared.gate_moved.notify_all();
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        self.cancel();
    }
}
