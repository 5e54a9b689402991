//! Runs in the two columns and the sweep: starting, holding, ending and measuring them.

use std::sync::Arc;
use std::time::Instant;

use super::{InputState, MEASURE_INTERVAL, MessageKind, Session};
use crate::codec::Form;
use crate::engine::analysis::Analysis;
use crate::engine::run::column::{ColumnId, ColumnState, Status};
use crate::engine::run::job::{self, Job};
use crate::engine::run::learning::Learning;
use crate::engine::run::list::RunRecord;
use crate::engine::run::measure::{self, Measures};
use crate::engine::run::snapshot::Stop;
use crate::engine::run::trace::Trace;
use crate::engine::settings::draft::SpecDraft;
use crate::numeric::{Method, RunSpec};

impl Session {
    pub(super) fn run(&mut self, columns: Vec<ColumnId>) {
        let analysis = match &self.input {
            InputState::Ready(analysis) => Arc::clone(analysis),
            InputState::Loading { .. } => {
                self.run_when_ready = columns;
                return;
            }
            InputState::Empty => {
                return self.report(MessageKind::Error, "Not run: open a sound first".to_owned());
            }
            InputState::Failed { name, reason } => {
                let text =
                    format!("Not run: {name} could not be opened ({reason}); open another sound first");
                return self.report(MessageKind::Error, text);
            }
        };
        let experiment = match self.draft.parse() {
            Ok(experiment) => experiment,
            Err(e) => return self.report(MessageKind::Error, format!("Not run: {e}")),
        };
        for column in columns {
            match experiment.runs.get(column.index()) {
                Some(spec) => self.start(column, spec.clone(), Arc::clone(&analysis)),
                None => {
                    self.report(
                        MessageKind::Error,
                        format!("Not run: column {} has no method", column.name()),
                    );
                }
            }
        }
    }

    pub(super) fn start(&mut self, column: ColumnId, spec: RunSpec, analysis: Arc<Analysis>) {
        let learning = self.learning_of(&spec, &analysis);
        let job = job::check(&spec, &analysis).and_then(|()| {
            let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
            Job::start(column.name(), Arc::clone(&learning), spec.clone(), pool, wake)
                .map_err(|e| format!("could not start a thread: {e}"))
        });
        let method = spec.method;
        let state = &mut self.columns[column.index()];
        self.retiring.extend(state.retire());
        let started = ColumnState {
            generation: state.generation + 1,
            run: state.run + 1,
            spec: Some(spec),
            analysis: Some(analysis),
            learning: Some(learning),
            measured_at: Some(Instant::now()),
            ..ColumnState::new()
        };
        let earlier = std::mem::replace(state, started);
        match job {
            Ok(job) => {
                state.status = Status::Running;
                state.job = Some(job);
                state.follow_on(earlier);
            }
            Err(reason) => {
                state.status = Status::Failed { reason: reason.clone() };
                self.report(
                    MessageKind::Error,
                    format!("Column {}, {}: {reason}", column.name(), method.label()),
                );
            }
        }
    }

    /// Quantises anew where nothing but the target was changed: what was learned serves again, so that the column
    /// keeps up with a price that is dragged. A target that was tried before is shown at once.
    pub(super) fn follow(&mut self, column: ColumnId) {
        let state = self.column(column);
        let (Status::Ended(_), Some(spec), Some(learning)) = (&state.status, &state.spec, &state.learning)
        else {
            return;
        };
        let InputState::Ready(analysis) = &self.input else { return };
        let wanted = self.draft.parse().ok().and_then(|e| e.runs.get(column.index()).cloned());
        let Some(wanted) = wanted.filter(|wanted| wanted != spec && wanted.method == spec.method) else {
            return;
        };
        if wanted.is_quantised_after_learning() && learning.has_ended() && learning.serves(analysis, &wanted)
        {
            let edit = self.history.steps;
            let tried = |run: &&RunRecord| run.has_ended_on(analysis) && run.spec() == Some(&wanted);
            if let Some(number) = self.runs.all().iter().find(tried).map(|run| run.number) {
                return self.show_run(column, number);
            }
            // What is passed through in one drag is one run.
            let kept = state.kept.filter(|_| state.followed == Some(edit));
            let analysis = Arc::clone(analysis);
            self.start(column, wanted, analysis);
            let state = &mut self.columns[column.index()];
            (state.kept, state.followed) = (kept, Some(edit));
        }
    }

    /// What a column has learned already, or is learning, where it is the same; else a new start.
    pub(super) fn learning_of(&self, spec: &RunSpec, analysis: &Arc<Analysis>) -> Arc<Learning> {
        let mut known = self.columns.iter().filter_map(|column| column.learning.as_ref());
        let same = known.find(|learning| learning.serves(analysis, spec) && !learning.has_failed());
        same.map_or_else(|| Arc::new(Learning::new(Arc::clone(analysis), spec)), Arc::clone)
    }

    pub(super) fn switch(&mut self, column: ColumnId, from: &Status, to: Status, how: impl FnOnce(&Job)) {
        let state = &mut self.columns[column.index()];
        if let (true, Some(job)) = (state.status == *from, &state.job) {
            how(job);
            state.status = to;
        }
    }

    pub(super) fn cancel(&mut self, column: ColumnId) {
        let state = &mut self.columns[column.index()];
        if let (true, Some(job)) = (state.status.is_active(), &state.job) {
            job.cancel();
            state.status = Status::Cancelling;
        }
    }

    pub(super) fn sweep(&mut self) {
        let InputState::Ready(analysis) = &self.input else {
            return self.report(MessageKind::Error, "No sweep: open a sound first".to_owned());
        };
        // The sweep decides on methods and targets itself; the rest is that of the columns.
        let draft = SpecDraft { methods: vec![Method::SNMF_RD], ..self.draft.clone() };
        let base = match draft.parse() {
            Ok(mut experiment) => experiment.runs.swap_remove(0),
            Err(e) => return self.report(MessageKind::Error, format!("No sweep: {e}")),
        };
        self.traces.iter().for_each(Trace::cancel);
        let known = self.columns.iter().filter_map(|column| column.learning.clone());
        let known = known.filter(|learning| !learning.has_failed()).collect();
        let (pool, wake) = (Arc::clone(&self.pool), Arc::clone(&self.wake));
        match Trace::start(Arc::clone(analysis), base, known, pool, wake) {
            Ok(trace) => self.traces.push(trace),
            Err(e) => self.report(MessageKind::Error, format!("No sweep: could not start a thread: {e}")),
        }
    }

    pub(super) fn show_point(&mut self, column: ColumnId, point: usize) {
        let Some(trace) = self.trace() else { return };
        let (analysis, Some(run)) = (Arc::clone(trace.analysis()), trace.points().get(point).cloned()) else {
            return;
        };
        let state = &mut self.columns[column.index()];
        self.retiring.extend(state.retire());
        let (generation, number) = (state.generation + 1, state.run + 1);
        *state = ColumnState {
            generation,
            measured: Some(generation),
            run: number,
            ..ColumnState::of_finished(&run, analysis)
        };
    }

    pub(super) fn poll_column(&mut self, column: ColumnId) -> bool {
        let state = &mut self.columns[column.index()];
        let Some(job) = &state.job else { return false };
        // The ending is looked at first: a snapshot left behind by a run that has ended is older than its end.
        match job.take_ending() {
            Some(Ok((snapshot, stop))) => {
                state.show(snapshot);
                state.status = Status::Ended(stop);
                state.job = None;
                let missed = state.spec.as_ref().filter(|_| stop == Stop::TargetMissed);
                if let Some((method, target)) =
                    missed.and_then(|s| Some((s.method, s.target?.target_text()?)))
                {
                    let (name, label) = (column.name(), method.label());
                    let text =
                        format!("Column {name}, {label}: nothing reaches {target}; the nearest is shown");
                    self.report(MessageKind::Warning, text);
                }
                self.request_measures(column);
                true
            }
            Some(Err(panic)) => {
                let reason = format!("the computation failed: {panic}");
                state.status = Status::Failed { reason: reason.clone() };
                state.job = None;
                state.forget_before();
                self.report(MessageKind::Error, format!("Column {}: {reason}", column.name()));
                true
            }
            None => match job.take_latest() {
                Some(snapshot) => {
                    state.show(snapshot);
                    // The first result of a search for a target is what everybody waits for.
                    let first = state.measures.is_none()
                        && state.snapshot.as_ref().is_some_and(|s| s.quantising.is_some());
                    let due = first || state.measured_at.is_none_or(|at| at.elapsed() >= MEASURE_INTERVAL);
                    if due && state.has_result() {
                        self.request_measures(column);
                    }
                    true
                }
                None => false,
            },
        }
    }

    pub(super) fn request_measures(&mut self, column: ColumnId) {
        let state = &mut self.columns[column.index()];
        let form = state.imported.as_ref().map_or(Form::default(), |stored| stored.form);
        let (Some(stored), Some(snapshot)) = (state.stored(form), &state.snapshot) else { return };
        let (iteration, analysis, pool) =
            (snapshot.iteration, state.analysis.clone(), Arc::clone(&self.pool));
        // What was learned may be gone, of a run that a session has kept; its numbers are then those of before.
        let learned = state.learning.clone().zip(state.spec.clone());
        let known = state.measures.as_ref().and_then(|measures| measures.cnmf);
        state.measured_at = Some(Instant::now());
        self.measurer.request(column, (state.run, state.generation), move || {
            let cnmf = known.or_else(|| learned.and_then(|(of, spec)| measure::cnmf(&of, &spec, &pool)));
            Measures { cnmf, ..measure::measure(&stored, iteration, analysis.as_deref(), &pool) }
        });
    }

    pub(super) fn poll_measures(&mut self) -> bool {
        let measured = self.measurer.take();
        let changed = !measured.is_empty();
        for (column, (run, generation), measures) in measured {
            let state = &mut self.columns[column.index()];
            if state.run != run {
                continue;
            }
            match measures {
                Ok(measures) => {
                    state.measures = Some(Arc::new(measures));
                    state.measured = Some(generation);
                    state.forget_before();
                    if generation == state.generation
                        && let Some(number) = self.runs.keep(state)
                    {
                        state.kept = Some(number);
                    }
                }
                Err(panic) => {
                    self.report(
                        MessageKind::Error,
                        format!("Column {} not measured: {panic}", column.name()),
                    );
                }
            }
        }
        changed
    }
}
