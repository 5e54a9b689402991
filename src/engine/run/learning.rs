//! What several runs may share: one factorisation, stepped by whichever of them comes first.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::snapshot::Learned;
use super::snapshot::Stop;
use crate::engine::analysis::Analysis;
use crate::engine::task::lock;
use crate::numeric::{self, AnyLearner, AnyModel, Precision, RunSpec, UpdateStats};

/// Shortest time between two published states: 20 a second look continuous and leave the pool its time.
const PUBLISH_INTERVAL: Duration = Duration::from_millis(50);

/// Iterations over which the tolerance is judged: a single one may happen to change little.
const JUDGED: usize = 10;

/// A factorisation that runs of the same settings share. Each asks for the next iteration; the first to come does
/// it, the others wait for it. So one that is paused or cancelled does not hold up the rest, and a run that comes
/// later, or again, goes on from where learning stands.
pub struct Learning {
    spec: RunSpec,
    analysis: Arc<Analysis>,
    state: Mutex<LearningState>,
    stepped: Condvar,
}

struct LearningState {
    holder: Holder,
    objective: Vec<f64>,
    update_stats: Vec<UpdateStats>,
    seconds: f64,
    published: Option<Instant>,
    latest: Option<Arc<Learned>>,
    ended: Option<Stop>,
}

/// Who has the learner.
enum Holder {
    /// Nobody yet: it is made by the first to come, on a thread of a run.
    New,
    /// Nobody.
    Free(Box<AnyLearner>),
    /// A run that is stepping it.
    Taken,
    /// Nobody, any more: learning has ended.
    Gone,
}

/// Brings the others on where a step panics: they would wait for ever.
struct Watch<'a>(&'a Learning);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            lock(&self.0.state).holder = Holder::Gone;
            self.0.stepped.notify_all();
        }
    }
}

impl Learning {
    /// What `spec` learns on this input, at its start.
    pub fn new(analysis: Arc<Analysis>, spec: &RunSpec) -> Self {
        let state = LearningState {
            holder: Holder::New,
            objective: Vec::new(),
            update_stats: Vec::new(),
            seconds: 0.0,
            published: None,
            latest: None,
            ended: None,
        };
        Self { spec: spec.learning(), analysis, state: Mutex::new(state), stepped: Condvar::new() }
    }

    /// Factors that others learned, as what `spec` quantises or, where it quantises in its steps, begins with. A
    /// model of integers stands for the numbers they make.
    ///
    /// # Panics
    /// The model is not of the precision and the shape of `spec` on this input.
    pub fn given(analysis: Arc<Analysis>, spec: &RunSpec, model: &AnyModel) -> Self {
        assert_eq!(model.precision(), spec.precision, "given factors of another precision");
        let learner = match model {
            AnyModel::F32(m) => {
                let v = &analysis.factorised_f32(spec.power);
                numeric::start_from(v, &m.to_factors(), spec).map(AnyLearner::F32)
            }
            AnyModel::F64(m) => {
                let v = &analysis.factorised_f64(spec.power);
                numeric::start_from(v, &m.to_factors(), spec).map(AnyLearner::F64)
            }
        };
        let learning = Self::new(analysis, spec);
        let mut state = lock(&learning.state);
        if let Some(learner) = learner {
            state.holder = Holder::Free(Box::new(learner));
        } else {
            state.holder = Holder::Gone;
            state.ended = Some(Stop::IterationLimit);
            state.latest = Some(Arc::new(Learned {
                iteration: 0,
                model: model.clone(),
                objective: Arc::default(),
                update_stats: Arc::default(),
                seconds: 0.0,
            }));
        }
        drop(state);
        learning
    }

    /// Whether a run of `spec` on this input learns the same.
    pub fn serves(&self, analysis: &Arc<Analysis>, spec: &RunSpec) -> bool {
        Arc::ptr_eq(&self.analysis, analysis) && self.spec == spec.learning()
    }

    pub fn analysis(&self) -> &Arc<Analysis> {
        &self.analysis
    }

    pub fn has_ended(&self) -> bool {
        lock(&self.state).ended.is_some()
    }

    pub fn has_failed(&self) -> bool {
        let state = lock(&self.state);
        state.ended.is_none() && matches!(state.holder, Holder::Gone)
    }

    /// The newest state that was published: at most 50 ms old, or the last one of all.
    pub fn latest(&self) -> Option<Arc<Learned>> {
        lock(&self.state).latest.clone()
    }

    /// The iterations done once there are more than `seen`, and why these are all, if they are. Does the next one
    /// on `pool` unless another run is doing it.
    ///
    /// # Panics
    /// A step panics, here or in a run that shares this.
    pub fn advance(&self, seen: usize, pool: &ThreadPool) -> (usize, Option<Stop>) {
        let mut state = lock(&self.state);
        let mut learner = loop {
            if state.objective.len() > seen || state.ended.is_some() {
                return (state.objective.len(), state.ended);
            }
            match std::mem::replace(&mut state.holder, Holder::Taken) {
                Holder::New => break None,
                Holder::Free(learner) => break Some(learner),
                Holder::Taken => {
                    state = self.stepped.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
                Holder::Gone => {
                    state.holder = Holder::Gone;
                    drop(state);
                    std::panic::resume_unwind(Box::new("learning failed in the run that shares it"));
                }
            }
        };
        drop(state);
        let watch = Watch(self);
        let (objective, seconds, learner) = pool.install(|| {
            let mut learner = learner.take().unwrap_or_else(|| Box::new(self.start()));
            let begun = Instant::now();
            let objective = learner.step();
            (objective, begun.elapsed().as_secs_f64(), learner)
        });
        let (finished, update_stats) = (learner.is_finished(), learner.update_stats());
        let mut state = lock(&self.state);
        state.objective.push(objective);
        state.update_stats.extend(update_stats);
        state.seconds += seconds;
        state.ended = self.ending(&state.objective, finished);
        if state.ended.is_some() || state.published.is_none_or(|at| at.elapsed() >= PUBLISH_INTERVAL) {
            state.latest = Some(Arc::new(Learned {
                iteration: state.objective.len(),
                model: learner.model(),
                objective: Arc::new(state.objective.clone()),
                update_stats: Arc::new(state.update_stats.clone()),
                seconds: state.seconds,
            }));
            state.published = Some(Instant::now());
        }
        state.holder = if state.ended.is_some() { Holder::Gone } else { Holder::Free(learner) };
        drop(watch);
        self.stepped.notify_all();
        (state.objective.len(), state.ended)
    }

    fn start(&self) -> AnyLearner {
        match self.spec.precision {
            Precision::F32 => {
                AnyLearner::F32(numeric::start(&self.analysis.factorised_f32(self.spec.power), &self.spec))
            }
            Precision::F64 => {
                AnyLearner::F64(numeric::start(&self.analysis.factorised_f64(self.spec.power), &self.spec))
            }
        }
    }

    fn ending(&self, objective: &[f64], finished: bool) -> Option<Stop> {
        if objective.len() >= self.spec.iterations {
            Some(Stop::IterationLimit)
        } else if finished {
            Some(Stop::Converged)
        } else if has_settled(objective, self.spec.tolerance) {
            Some(Stop::Tolerance)
        } else {
            None
        }
    }
}

/// Whether D fell by less than this share of itself in the latest iterations.
fn has_settled(objective: &[f64], tolerance: f64) -> bool {
    let Some(now) = objective.last() else { return false };
    let before = objective.len().checked_sub(JUDGED + 1).map(|i| objective[i]);
    tolerance > 0.0 && before.is_some_and(|before| before - now < tolerance * now)
}
