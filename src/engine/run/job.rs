//! One run from start to end: learning, then quantising, and the named thread it runs on.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nalgebra::DMatrix;
use rayon::ThreadPool;

use super::learning::{Learned, Learning};
use super::{measure, memory};
use crate::codec::{self, Encoding, Form, Stored};
use crate::engine::analysis::Analysis;
use crate::engine::task::{Outcome, Task, Waker, lock};
use crate::numeric::methods::rate_distortion::BitCost;
use crate::numeric::methods::rounding::{round_adaptively, round_globally};
use crate::numeric::methods::search::{self, Probe, Step, Work};
use crate::numeric::{AnyModel, Fineness, Levels, Method, Model, Real, RunSpec, Tally};

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
    /// Nothing that was tried reaches the target; the factors are those that come nearest.
    TargetMissed,
    /// Somebody cancelled; the factors are those of the latest finished work that was shown.
    Cancelled,
}

impl Stop {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::IterationLimit, Self::Tolerance, Self::Converged, Self::TargetMissed, Self::Cancelled];

    /// One word for results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IterationLimit => "iterations",
            Self::Tolerance => "tolerance",
            Self::Converged => "converged",
            Self::TargetMissed => "target-missed",
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
            Self::TargetMissed => "and nothing reaches the target: this comes nearest",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Where a run stands: its factors and how it got there. Holds no V and no Vhat.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Iterations done.
    pub iteration: usize,
    /// Iterations asked for.
    pub total: usize,
    /// The factors.
    pub model: AnyModel,
    /// P of the V^P that they explain, see [`crate::numeric::Magnitudes`].
    pub power: f64,
    /// The objective after each iteration done.
    pub objective: Arc<Vec<f64>>,
    /// What became of the integers in each iteration, for the method that has some while it learns.
    pub tallies: Arc<Vec<Tally>>,
    /// Seconds spent on iterations, pauses left out, whichever of the runs that share them did them.
    pub seconds: f64,
    /// What followed the iterations; none before that and for methods with nothing to follow.
    pub quantising: Option<Quantising>,
}

/// How far quantising has come.
#[derive(Clone, Debug)]
pub struct Quantising {
    /// Models tried before the one at hand.
    pub probe: usize,
    /// The fineness of the one at hand, and in the end the one that was found.
    pub fineness: Fineness,
    /// Sweeps of `snmf-rd`, those included that only prepare.
    pub sweeps: usize,
    /// J after each sweep over integers.
    pub objective: Arc<Vec<f64>>,
    /// The models tried so far, in this order: how the search for a target went.
    pub probed: Arc<Vec<Probe>>,
    /// Seconds spent, pauses left out.
    pub seconds: f64,
}

impl Snapshot {
    fn learned(learned: &Learned, spec: &RunSpec) -> Self {
        Self {
            iteration: learned.iteration,
            total: spec.iterations,
            model: as_shown(&learned.model, spec),
            power: spec.power,
            objective: Arc::clone(&learned.objective),
            tallies: Arc::clone(&learned.tallies),
            seconds: learned.seconds,
            quantising: None,
        }
    }

    /// Factors that were not learned here.
    #[must_use]
    pub fn of_stream(stored: &Stored) -> Self {
        let done = stored.header.iterations.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        Self {
            iteration: done,
            total: done,
            model: stored.model.clone(),
            power: stored.header.power_or_one(),
            objective: Arc::default(),
            tallies: Arc::default(),
            seconds: 0.0,
            quantising: None,
        }
    }

    /// Seconds spent in all.
    #[must_use]
    pub fn all_seconds(&self) -> f64 {
        self.seconds + self.quantising.as_ref().map_or(0.0, |q| q.seconds)
    }

    /// The fineness that the integers have, once they are made after learning.
    #[must_use]
    pub fn fineness(&self) -> Option<Fineness> {
        self.quantising.as_ref().map(|q| q.fineness)
    }
}

/// What an observer sees after each iteration, sweep or rounding; it decides whether to look at the factors.
pub struct Progress<'a> {
    /// Iterations done.
    pub iteration: usize,
    /// Iterations asked for.
    pub total: usize,
    /// Models tried and the fineness of the one at hand, and sweeps so far, while quantising.
    pub quantising: Option<(usize, Fineness, usize)>,
    snapshot: &'a dyn Fn() -> Option<Snapshot>,
}

impl Progress<'_> {
    /// A copy of where the run stands.
    #[must_use]
    pub fn snapshot(&self) -> Option<Snapshot> {
        (self.snapshot)()
    }
}

/// Learned factors as a run shows them on the way: rounded, where it is to round them with levels that are told.
fn as_shown(model: &AnyModel, spec: &RunSpec) -> AnyModel {
    fn rounded<F: Real>(model: &Model<F>, spec: &RunSpec, levels: Levels) -> Model<F> {
        let Model::Real(factors) = model else { return model.clone() };
        let fixed = spec.fixed.as_deref();
        Model::Quantised(match spec.method {
            Method::PtqGlobal => round_globally(factors, levels, fixed),
            _ => round_adaptively(factors, levels, fixed),
        })
    }
    match (spec.levels(), model) {
        (Some(levels), AnyModel::F32(m)) => rounded(m, spec, levels).into(),
        (Some(levels), AnyModel::F64(m)) => rounded(m, spec, levels).into(),
        (None, model) => model.clone(),
    }
}

/// Refuses a run that would mean nothing or would not fit.
///
/// # Errors
/// The input is silent, or the run would not fit into the memory that is free.
pub fn check(spec: &RunSpec, analysis: &Analysis) -> Result<(), String> {
    if analysis.is_silent() {
        let name = &analysis.name;
        let what = if analysis.audio.is_some() { "every sample is zero" } else { "V is zero throughout" };
        return Err(format!("{what}, there is nothing to factorise: choose another input or region: {name}"));
    }
    if let Some(bases) = spec.fixed.as_ref().filter(|bases| bases.bins() != analysis.bins()) {
        let (given, got) = (bases.bins(), analysis.bins());
        let fft = 2 * given.max(2) - 2;
        return Err(format!(
            "the given bases have {given} bins and this spectrogram {got}: use an FFT size of {fft}"
        ));
    }
    memory::check(spec, analysis.bins(), analysis.frames()).map_err(|e| e.to_string())
}

/// Runs `spec` from what it shares with others, on the calling thread, with the work inside a step on `pool`.
///
/// `observe` is called after every iteration, sweep and rounding; what it answers decides whether to go on, so that
/// the hook that reports is the hook that cancels. Cancelled is not an error: the factors so far come back. A target
/// in bytes means the file in `form`.
///
/// # Panics
/// `learning` is not that of `spec`.
pub fn drive(
    learning: &Learning,
    spec: &RunSpec,
    form: Form,
    pool: &ThreadPool,
    observe: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> (Snapshot, Stop) {
    assert!(learning.serves(learning.analysis(), spec), "a run of other settings");
    let (mut done, mut stop, total) = (0, None, spec.iterations);
    let learned = || learning.latest().map(|learned| Snapshot::learned(&learned, spec));
    while stop.is_none() {
        (done, stop) = learning.advance(done, pool);
        let progress = Progress { iteration: done, total, quantising: None, snapshot: &learned };
        // Nothing is left to cancel after the last step of a run that ends with it.
        if observe(&progress).is_break() && (stop.is_none() || spec.is_quantised_after_learning()) {
            stop = Some(Stop::Cancelled);
        }
    }
    let stop = stop.unwrap_or(Stop::IterationLimit);
    let Some(last) = learning.latest() else {
        unreachable!("every step but the first follows a published one")
    };
    if stop == Stop::Cancelled || !spec.is_quantised_after_learning() {
        return (Snapshot::learned(&last, spec), stop);
    }
    let analysis = learning.analysis();
    match &last.model {
        AnyModel::F32(model) => quantise_in(
            analysis,
            (&analysis.spectrogram_f32().v, &analysis.factorised_f32(spec.power)),
            model,
            &last,
            (spec, stop, form),
            pool,
            observe,
        ),
        AnyModel::F64(model) => {
            let v = &pool.install(|| analysis.spectrogram_f64()).v;
            let y = &pool.install(|| analysis.factorised_f64(spec.power));
            quantise_in(analysis, (v, y), model, &last, (spec, stop, form), pool, observe)
        }
    }
}

fn quantise_in<F: Real>(
    analysis: &Analysis,
    (v, y): (&Arc<DMatrix<F>>, &Arc<DMatrix<F>>),
    model: &Model<F>,
    last: &Learned,
    (spec, learned_stop, form): (&RunSpec, Stop, Form),
    pool: &ThreadPool,
    observe: &mut dyn FnMut(&Progress<'_>) -> ControlFlow<()>,
) -> (Snapshot, Stop)
where
    AnyModel: From<Model<F>>,
{
    let file_bytes = |model: &Model<F>, fineness: Fineness| {
        let header = measure::header(analysis, spec, last.iteration, Some(fineness));
        codec::write(&Stored { header, model: model.clone().into(), form }).len()
    };
    let factors = model.to_factors();
    let cost = match form.encoding {
        Encoding::Context => BitCost::Contexts,
        Encoding::Text | Encoding::Binary => BitCost::Symbols,
    };
    let task = search::Task { v, y, factors: &factors, spec, pool, cost, file_bytes: &file_bytes };
    let (mut sweeps, mut objective) = (0, Vec::new());
    let (mut begun, mut seconds) = (Instant::now(), 0.0);
    let snapshot = |model: AnyModel, quantising: Quantising| Snapshot {
        model,
        quantising: Some(quantising),
        ..Snapshot::learned(last, spec)
    };
    let mut cancelled = false;
    let done = search::quantise(&task, &mut |step: &Step<'_, F>| {
        seconds += begun.elapsed().as_secs_f64();
        sweeps += usize::from(step.work != Work::Rounding);
        if let Work::Sweep(j) = step.work {
            objective.push(j);
        }
        let so_far = || {
            let (probe, fineness, objective) = (step.probe, step.fineness, Arc::new(objective.clone()));
            let model = (step.best)().map_or_else(|| last.model.clone(), AnyModel::from);
            let probed = Arc::new(step.probed.to_vec());
            Some(snapshot(model, Quantising { probe, fineness, sweeps, objective, probed, seconds }))
        };
        let quantising = Some((step.probe, step.fineness, sweeps));
        let progress =
            Progress { iteration: last.iteration, total: spec.iterations, quantising, snapshot: &so_far };
        let flow = observe(&progress);
        cancelled = flow.is_break();
        begun = Instant::now();
        flow
    });
    seconds += begun.elapsed().as_secs_f64();
    let Some(done) = done else { return (Snapshot::learned(last, spec), Stop::Cancelled) };
    let stop = match (cancelled, done.missed) {
        (true, _) => Stop::Cancelled,
        (false, true) => Stop::TargetMissed,
        (false, false) => learned_stop,
    };
    let fineness = done.fineness;
    let (objective, probed) = (Arc::new(objective), Arc::new(done.probed));
    let quantising = Quantising { probe: 0, fineness, sweeps, objective, probed, seconds };
    (snapshot(done.model.into(), quantising), stop)
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
        learning: Arc<Learning>,
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
            let mut shown = false;
            drive(&learning, &spec, Form::default(), &pool, &mut |progress| {
                if !shown || published.elapsed() >= SNAPSHOT_INTERVAL {
                    *lock(&inner.latest) = progress.snapshot();
                    published = Instant::now();
                    shown = true;
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
