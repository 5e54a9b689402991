//! One column of the window: which run it holds, what it is doing, what is known of it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::job::Job;
use super::learning::Learning;
use super::measure::{self, Measures};
use super::series::Finished;
use super::snapshot::{Snapshot, Stop};
use crate::codec::{Form, Stored, text};
use crate::engine::analysis::Analysis;
use crate::engine::files;
use crate::engine::sound_ref::Origin;
use crate::numeric::{Method, RunSpec};

/// Letters of the name of a method that is not known here, at most.
const LABEL: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnId {
    /// Left, blue, solid.
    A,
    /// Right, vermilion, dashed.
    B,
}

impl ColumnId {
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    Empty,
    Running,
    /// Holding after a finished iteration.
    Paused,
    /// Asked to stop, finishing an iteration.
    Cancelling,
    Ended(Stop),
    Imported {
        path: PathBuf,
    },
    Failed {
        reason: String,
    },
}

impl Status {
    /// Whether a job is behind it.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Cancelling)
    }
}

/// One column: a run and what is known of it.
pub struct ColumnState {
    pub status: Status,
    /// What was asked for; none for an empty or imported column.
    pub spec: Option<RunSpec>,
    /// The stream it was imported from, or kept as in a session; none for a column that ran here.
    pub imported: Option<Arc<Stored>>,
    /// Whether it was taken from a series of runs; the settings are not asked whether they would give the same.
    pub from_sweep: bool,
    /// Factors and objective, as of the latest snapshot.
    pub snapshot: Option<Arc<Snapshot>>,
    /// SNR, sizes and the rest, as of [`Measures::iteration`].
    pub measures: Option<Arc<Measures>>,
    /// The input the factors belong to; none for an import without its sound.
    pub analysis: Option<Arc<Analysis>>,
    /// Changes whenever the snapshot does: the key of everything drawn from it.
    pub generation: u64,
    /// The generation that the measures are of.
    pub(in crate::engine) measured: Option<u64>,
    /// Counts runs of this column; measures of an older run are dropped.
    pub(in crate::engine) run: u64,
    pub(in crate::engine) job: Option<Job>,
    /// What was, or is being, learned: shared with runs of the same settings, and with the next one here.
    pub(in crate::engine) learning: Option<Arc<Learning>>,
    pub(in crate::engine) measured_at: Option<Instant>,
    /// Its number among the runs that are kept, once it has ended.
    pub(in crate::engine) kept: Option<usize>,
    /// The edit of the settings that it followed by itself; those of one drag are one run.
    pub(in crate::engine) followed: Option<u64>,
    /// What was shown before this run, until this one has a result.
    pub(in crate::engine) before: Option<Box<ColumnState>>,
    /// The sound of a run that a session has kept, which may have to be located.
    pub(in crate::engine) origin: Option<Arc<Origin>>,
}

impl ColumnState {
    pub(in crate::engine) fn new() -> Self {
        Self {
            status: Status::Empty,
            spec: None,
            imported: None,
            from_sweep: false,
            snapshot: None,
            measures: None,
            analysis: None,
            generation: 0,
            measured: None,
            run: 0,
            job: None,
            learning: None,
            measured_at: None,
            kept: None,
            followed: None,
            before: None,
            origin: None,
        }
    }

    /// A column that shows a run of a series.
    pub(in crate::engine) fn of_finished(run: &Finished, analysis: Arc<Analysis>) -> Self {
        Self {
            status: Status::Ended(run.stop),
            spec: Some(run.spec.clone()),
            snapshot: Some(Arc::new(run.snapshot.clone())),
            measures: Some(Arc::new(run.measures.clone())),
            analysis: Some(analysis),
            from_sweep: true,
            ..Self::new()
        }
    }

    /// What there is to see of it: the result of before for as long as the run that is under way has none.
    pub fn shown(&self) -> &Self {
        self.before.as_deref().unwrap_or(self)
    }

    /// Whether what there is to see is of the run before.
    pub const fn awaits_result(&self) -> bool {
        self.before.is_some()
    }

    /// Whether its factors are what its method makes, and not what a quantiser begins with.
    pub fn has_result(&self) -> bool {
        let is_quantised = self.snapshot.as_ref().map(|snapshot| snapshot.model.is_quantised());
        let quantises = self.spec.as_ref().is_some_and(|spec| spec.method.is_quantised());
        is_quantised.is_some_and(|is_quantised| is_quantised || !quantises || !self.status.is_active())
    }

    /// Keeps what `earlier` shows, if that is measured, until this run has a result.
    pub(in crate::engine) fn follow_on(&mut self, earlier: Self) {
        let shown = earlier.before.unwrap_or_else(|| Box::new(Self { before: None, ..earlier }));
        self.before = shown.measures.is_some().then_some(shown);
    }

    /// Lets go of what was shown before: this run has a result, or has ended without one.
    pub(in crate::engine) fn forget_before(&mut self) {
        self.before = None;
    }

    /// The method that the factors come from, as it is shown; a method that is not known here as it is stored.
    pub fn method_label(&self) -> Option<String> {
        match (&self.spec, &self.imported) {
            (Some(spec), _) => Some(spec.method.label().to_owned()),
            (None, Some(stored)) => {
                let stored = &stored.header.method;
                let known = Method::parse(stored).map(Method::label);
                Some(known.map_or_else(|| text::short(stored, LABEL).into_owned(), str::to_owned))
            }
            (None, None) => None,
        }
    }

    /// Whether it shows a stream for which the sound that is opened next may be the right one: one that was imported,
    /// or kept without its sound.
    pub const fn awaits_sound(&self) -> bool {
        self.imported.is_some() && (self.spec.is_none() || self.analysis.is_none())
    }

    /// Its number among the runs that are kept, once it has ended.
    pub const fn number(&self) -> Option<usize> {
        self.kept
    }

    /// Cancels what runs here and hands it over to be waited for.
    pub(in crate::engine) fn retire(&mut self) -> Option<Job> {
        let job = self.job.take()?;
        job.cancel();
        Some(job)
    }

    pub(in crate::engine) fn show(&mut self, snapshot: Snapshot) {
        self.snapshot = Some(Arc::new(snapshot));
        self.generation += 1;
    }

    /// What to export: the factors with everything the header says of them.
    pub fn stored(&self, form: Form) -> Option<Stored> {
        if let Some(imported) = &self.imported {
            return Some(Stored { form, ..(**imported).clone() });
        }
        let (snapshot, spec, analysis) =
            (self.snapshot.as_ref()?, self.spec.as_ref()?, self.analysis.as_ref()?);
        Some(measure::stored(analysis, spec, snapshot, form))
    }

    pub fn default_file_name(&self) -> Option<String> {
        let snapshot = self.snapshot.as_ref()?;
        let stored = self.stored(Form::default())?;
        Some(files::default_name(&stored.header, snapshot.model.shape()))
    }
}
