//! One run from start to end: learning, then quantising, and the named thread it runs on.

use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nalgebra::DMatrix;
use rayon::ThreadPool;

use super::learning::Learning;
use super::snapshot::Learned;
use super::snapshot::{Quantising, Snapshot, Stop};
use super::{measure, memory};
use crate::codec::{self, Encoding, Form, Stored};
use crate::engine::analysis::Analysis;
use crate::engine::task::{Task, TaskResult, Waker, lock};
use crate::numeric::methods::rate_distortion::BitCost;
use crate::numeric::methods::search::{self, SearchStep, Work};
use crate::numeric::{AnyModel, Methods, Model, QuantParams, RunSpec};

/// Shortest time between two snapshots: 20 a second look continuous and leave the pool its time.
const SNAPSHOT_INTERVAL: Duration = Duration::from_millis(50);

/// What an observer sees after each iteration, sweep or rounding; it decides whether to look at the factors.
pub struct Progress<'a> {
    pub iteration: usize,
    pub total: usize,
    /// Models tried and the parameters of the one at hand, and sweeps so far, while quantising.
    pub quantising: Option<(usize, QuantParams, usize)>,
    snapshot: &'a dyn Fn() -> Option<Snapshot>,
}

impl Progress<'_> {
    pub fn snapshot(&self) -> Option<Snapshot> {
        (self.snapshot)()
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

fn quantise_in<F: Methods>(
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
    let Some(quantiser) = spec.method.quantiser() else {
        return (Snapshot::learned(last, spec), learned_stop);
    };
    let file_bytes = |model: &Model<F>, params: QuantParams| {
        let header = measure::header(analysis, spec, last.iteration, Some(params));
        codec::write(&Stored { header, model: model.clone().into(), form }).len()
    };
    let factors = model.to_factors();
    let cost = match form.encoding {
        Encoding::Context => BitCost::Contexts,
        Encoding::Text | Encoding::Binary => BitCost::Symbols,
    };
    let task = search::QuantTask { v, y, factors: &factors, spec, pool, cost, file_bytes: &file_bytes };
    let (mut sweeps, mut objective) = (0, Vec::new());
    let (mut begun, mut seconds) = (Instant::now(), 0.0);
    let snapshot = |model: AnyModel, quantising: Quantising| Snapshot {
        model,
        quantising: Some(quantising),
        ..Snapshot::learned(last, spec)
    };
    let mut cancelled = false;
    let done = search::quantise(&task, quantiser, &mut |step: &SearchStep<'_, F>| {
        seconds += begun.elapsed().as_secs_f64();
        sweeps += usize::from(step.work != Work::Rounding);
        if let Work::Sweep(j) = step.work {
            objective.push(j);
        }
        let so_far = || {
            let (probe, params, objective) = (step.probe, step.params, Arc::new(objective.clone()));
            let model = (step.best)().map_or_else(|| last.model.clone(), AnyModel::from);
            let probed = Arc::new(step.probed.to_vec());
            Some(snapshot(model, Quantising { probe, params, sweeps, objective, probed, seconds }))
        };
        let quantising = Some((step.probe, step.params, sweeps));
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
    let params = done.params;
    let (objective, probed) = (Arc::new(objective), Arc::new(done.probed));
    let quantising = Quantising { probe: 0, params, sweeps, objective, probed, seconds };
    (snapshot(done.model.into(), quantising), stop)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Open,
    Closed,
    Leave,
}

/// Pause, resume and cancel, and the latest snapshot: what a job shares with the one who started it.
struct JobState {
    gate: Mutex<Gate>,
    gate_moved: Condvar,
    latest: Mutex<Option<Snapshot>>,
}

impl JobState {
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
    shared: Arc<JobState>,
    task: Task<(Snapshot, Stop)>,
}

impl Job {
    /// Starts `spec` in the background; `wake` is called after each snapshot and at the end.
    pub fn start(
        name: &str,
        learning: Arc<Learning>,
        spec: RunSpec,
        pool: Arc<ThreadPool>,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let shared = Arc::new(JobState {
            gate: Mutex::new(Gate::Open),
            gate_moved: Condvar::new(),
            latest: Mutex::new(None),
        });
        let (inner, notify) = (Arc::clone(&shared), Arc::clone(&wake));
        let work = move || {
            let mut published = Instant::now();
            let mut shown = false;
            drive(&learning, &spec, Form::default(), &pool, &mut |progress| {
                if !shown || published.elapsed() >= SNAPSHOT_INTERVAL {
                    *lock(&inner.latest) = progress.snapshot();
                    published = Instant::now();
                    shown = true;
                    notify();
                }
                inner.pass()
            })
        };
        Ok(Self { shared, task: Task::spawn(&format!("snmf-run-{name}"), wake, work)? })
    }

    /// The newest snapshot, if there is one that was not taken yet.
    pub fn take_latest(&self) -> Option<Snapshot> {
        lock(&self.shared.latest).take()
    }

    /// How the run ended, once, when it has: factors and reason, or the text of a panic.
    pub fn take_ending(&self) -> Option<TaskResult<(Snapshot, Stop)>> {
        self.task.take()
    }

    /// Stops stepping after the iteration in progress, until resumed.
    pub fn pause(&self) {
        self.set_gate(Gate::Closed);
    }

    pub fn resume(&self) {
        self.set_gate(Gate::Open);
    }

    /// Ends the run after the iteration in progress, paused or not.
    pub fn cancel(&self) {
        self.set_gate(Gate::Leave);
    }

    fn set_gate(&self, to: Gate) {
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
