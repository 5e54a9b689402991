//! The state of the window's work: one input, two lanes, messages; changed only by commands and by what
//! the jobs report.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::analysis::Analysis;
use super::job::{Job, Snapshot, Stop};
use super::measure::{Measured, Measurer, Measures, Subject};
use super::spec::{InputSpec, SpecDraft};
use super::task::{Outcome, Task, Waker};
use super::{files, memory};
use crate::codec::{Encoding, Stored};
use crate::numeric::RunSpec;

/// How often sizes and ratios are measured while a run goes on.
const MEASURE_INTERVAL: Duration = Duration::from_secs(1);

/// The two columns of the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LaneId {
    /// Left, blue, solid.
    A,
    /// Right, vermilion, dashed.
    B,
}

impl LaneId {
    /// Both, left first.
    pub const BOTH: [Self; 2] = [Self::A, Self::B];

    /// 0 or 1.
    #[must_use]
    pub const fn index(self) -> usize {
        match self {
            Self::A => 0,
            Self::B => 1,
        }
    }

    /// "A" or "B".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
        }
    }
}

/// What a lane is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum Status {
    /// Nothing was run yet.
    Empty,
    /// Stepping.
    Running,
    /// Holding after a finished iteration.
    Paused,
    /// Told to stop, finishing an iteration.
    Cancelling,
    /// Ended with factors.
    Ended(Stop),
    /// Read from a factor stream.
    Imported {
        /// The file.
        path: PathBuf,
    },
    /// Ended without a result.
    Failed {
        /// Why, in a sentence.
        reason: String,
    },
}

impl Status {
    /// Whether a job is behind it.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Cancelling)
    }
}

/// One column: a run and what is known of it.
pub struct LaneState {
    /// What it is doing.
    pub status: Status,
    /// What was asked for; none for an empty or imported lane.
    pub spec: Option<RunSpec>,
    /// The stream it was imported from; none for a lane that ran here.
    pub imported: Option<Arc<Stored>>,
    /// Factors and objective, as of the latest snapshot.
    pub snapshot: Option<Arc<Snapshot>>,
    /// SNR, sizes and the rest, as of [`Measures::iteration`].
    pub measures: Option<Arc<Measures>>,
    /// The input the factors belong to; none for an import without its sound.
    pub analysis: Option<Arc<Analysis>>,
    /// Changes whenever the snapshot does: the key of everything drawn from it.
    pub generation: u64,
    /// Counts runs of this lane; measures of an older run are dropped.
    run: u64,
    job: Option<Job>,
    measured_at: Option<Instant>,
}

impl LaneState {
    fn new() -> Self {
        Self {
            status: Status::Empty,
            spec: None,
            imported: None,
            snapshot: None,
            measures: None,
            analysis: None,
            generation: 0,
            run: 0,
            job: None,
            measured_at: None,
        }
    }

    /// What to export: the factors with everything the header tells of them.
    #[must_use]
    pub fn stored(&self, encoding: Encoding) -> Option<Stored> {
        if let Some(imported) = &self.imported {
            return Some(Stored { encoding, ..(**imported).clone() });
        }
        let (snapshot, spec, analysis) = (self.snapshot.as_ref()?, self.spec.as_ref()?, self.analysis.as_ref()?);
        Some(super::measure::stored(analysis, spec, snapshot, encoding))
    }

    /// The file name that an export proposes.
    #[must_use]
    pub fn default_file_name(&self) -> Option<String> {
        let snapshot = self.snapshot.as_ref()?;
        let stored = self.stored(Encoding::Binary)?;
        Some(files::default_name(&stored.header, snapshot.model.shape()))
    }
}

/// The input of the window.
#[derive(Clone)]
pub enum InputState {
    /// None chosen.
    Empty,
    /// Being read and analysed.
    Loading {
        /// Name of what is read.
        name: String,
    },
    /// Read and analysed.
    Ready(Arc<Analysis>),
    /// Could not be read.
    Failed {
        /// Name of what was to be read.
        name: String,
        /// File and reason.
        reason: String,
    },
}

/// How much a message matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// Something was done.
    Info,
    /// It was done, not quite as asked.
    Warning,
    /// It was not done.
    Error,
}

/// What happened, to what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// How much it matters.
    pub kind: MessageKind,
    /// The sentence.
    pub text: String,
}

/// Everything that can be asked of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Read and analyse an input with the draft's analysis settings.
    Open(InputSpec),
    /// Take over edited settings; a changed analysis is carried out at once.
    SetDraft(SpecDraft),
    /// Start these lanes on the current input with the current draft, as soon as the input is there.
    Run(Vec<LaneId>),
    /// Hold after the iteration in progress.
    Pause(LaneId),
    /// Go on.
    Resume(LaneId),
    /// End after the iteration in progress; the factors so far stay.
    Cancel(LaneId),
    /// Write a lane's factors as a stream.
    Export {
        /// Which lane.
        lane: LaneId,
        /// Where to.
        path: PathBuf,
        /// Body of the stream.
        encoding: Encoding,
        /// Replace a file of that name.
        overwrite: bool,
    },
    /// Read a factor stream into a lane.
    Import {
        /// Which lane.
        lane: LaneId,
        /// The file.
        path: PathBuf,
    },
    /// Add a line to the messages.
    Tell(Message),
}

/// The window's work, without the window.
pub struct Session {
    pool: Arc<ThreadPool>,
    wake: Waker,
    draft: SpecDraft,
    input: InputState,
    lanes: [LaneState; 2],
    messages: Vec<Message>,
    measurer: Measurer,
    loading: Option<Task<Result<Analysis, String>>>,
    run_when_ready: Vec<LaneId>,
    exports: Vec<Task<Result<(PathBuf, usize), String>>>,
    imports: Vec<(LaneId, Task<Result<(PathBuf, Stored), String>>)>,
}
