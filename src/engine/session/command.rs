//! What can be asked of a session, and what it says.

use std::path::PathBuf;
use std::sync::Arc;

use crate::codec::Form;
use crate::engine::analysis::Analysis;
use crate::engine::run::choose::ChooseDraft;
use crate::engine::run::lane::LaneId;
use crate::engine::session_file::FileKind;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::grid::GridDraft;
use crate::engine::settings::input::InputSpec;
use crate::signal::Reading;

/// The input of the window.
#[derive(Clone)]
pub enum InputState {
    /// None chosen.
    Empty,
    /// Being read and analysed.
    Loading {
        /// Name of what is read.
        name: String,
        /// How far that is.
        reading: Arc<Reading>,
        /// Whether a file is read, and not a sound analysed again that is there.
        from_file: bool,
        /// What was open before, and is again if this is ended.
        before: Option<Arc<Analysis>>,
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

impl InputState {
    /// The sound that is open: while another one is read, the one before it.
    pub const fn open(&self) -> Option<&Arc<Analysis>> {
        match self {
            Self::Ready(analysis) => Some(analysis),
            Self::Loading { before, .. } => before.as_ref(),
            Self::Empty | Self::Failed { .. } => None,
        }
    }
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
    /// End the reading of an input; what was open before is open again.
    StopReading,
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
        form: Form,
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
    /// Trace bytes against loss for every storable method with the current settings.
    Sweep,
    /// End the sweep; its points so far stay.
    StopSweep,
    /// Show a point of the sweep in a lane.
    ShowPoint {
        /// Which lane.
        lane: LaneId,
        /// Number of the point in [`Trace::points`](crate::engine::Trace::points).
        point: usize,
    },
    /// Run every combination of some values; its runs go into the list.
    RunGrid(GridDraft),
    /// Search for the R and T that serve a budget best; the runs go into the list.
    Choose(ChooseDraft),
    /// End the grid, or the search for R and T; its runs so far stay.
    StopGrid,
    /// Show a run that is kept in a lane.
    ShowRun {
        /// Which lane.
        lane: LaneId,
        /// Its number.
        number: usize,
    },
    /// Write the session.
    SaveSession {
        /// The file.
        path: PathBuf,
        /// With its sounds or without.
        kind: FileKind,
        /// Replace a file of that name.
        overwrite: bool,
        /// What is looked at.
        view: serde_json::Value,
    },
    /// Put a session from a file in the place of this one.
    OpenSession(PathBuf),
    /// Put a session that a window which is gone has left in the place of this one.
    Recover(PathBuf),
    /// An empty session in the place of this one.
    NewSession,
    /// The sound of runs whose sound was not where it was.
    Locate(PathBuf),
    /// Give the bases of a lane to the runs that follow.
    UseBases(LaneId),
    /// Call a run by a name of its own.
    RenameRun {
        /// Its number.
        number: usize,
        /// The name; an empty one for the usual one.
        title: String,
    },
    /// Keep a run when older ones make room, or not.
    PinRun {
        /// Its number.
        number: usize,
        /// Whether it is kept.
        pinned: bool,
    },
    /// Take a run off the list.
    DeleteRun(usize),
    /// Make the settings those of the run that a lane shows.
    Revert(LaneId),
    /// Take back the latest edit of the settings or of the list of runs.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Add a line to the messages.
    Report(Message),
}
