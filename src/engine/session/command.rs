//! What can be asked of a session, and what it says.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::codec::Form;
use crate::engine::analysis::Analysis;
use crate::engine::run::choose::ChooseDraft;
use crate::engine::run::column::ColumnId;
use crate::engine::session_file::FileKind;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::grid::GridDraft;
use crate::engine::settings::input::InputSpec;
use crate::signal::Reading;

#[derive(Clone)]
pub enum InputState {
    Empty,
    Loading {
        name: String,
        reading: Arc<Reading>,
        /// Whether a file is read, and not a sound analysed again that is there.
        from_file: bool,
        /// What was open before, and is again if this is ended.
        before: Option<Arc<Analysis>>,
    },
    Ready(Arc<Analysis>),
    Failed {
        name: String,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    Info,
    /// Done, but not quite as asked.
    Warning,
    Error,
}

/// What happened, to what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// When, from the beginning of the session's program on.
    pub after: Duration,
    pub kind: MessageKind,
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
    /// Start these columns on the current input with the current draft, as soon as the input is there.
    Run(Vec<ColumnId>),
    /// Hold after the iteration in progress.
    Pause(ColumnId),
    Resume(ColumnId),
    /// End after the iteration in progress; the factors so far stay.
    Cancel(ColumnId),
    /// Write a column's factors as a stream.
    Export {
        column: ColumnId,
        path: PathBuf,
        form: Form,
        overwrite: bool,
    },
    /// Read a factor stream into a column.
    Import {
        column: ColumnId,
        path: PathBuf,
    },
    /// Trace bytes against loss for every storable method with the current settings.
    Sweep,
    /// End the sweep; its points so far stay.
    StopSweep,
    /// Show a point of the sweep in a column.
    ShowPoint {
        column: ColumnId,
        /// Number of the point in [`Trace::points`](crate::engine::Trace::points).
        point: usize,
    },
    /// Run every combination of some values; its runs go into the list.
    RunGrid(GridDraft),
    /// Search for the R and T that serve a budget best; the runs go into the list.
    Choose(ChooseDraft),
    /// End the grid, or the search for R and T; its runs so far stay.
    StopGrid,
    /// Show a run that is kept in a column.
    ShowRun {
        column: ColumnId,
        number: usize,
    },
    SaveSession {
        path: PathBuf,
        kind: FileKind,
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
    /// Give the bases of a column to the runs that follow.
    UseBases(ColumnId),
    /// Call a run by a name of its own.
    RenameRun {
        number: usize,
        /// The name; an empty one for the usual one.
        title: String,
    },
    /// Keep a run when older ones make room, or not.
    PinRun {
        number: usize,
        pinned: bool,
    },
    DeleteRun(usize),
    /// Make the settings those of the run that a column shows.
    Revert(ColumnId),
    /// Take back the latest edit of the settings or of the list of runs.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Add a line to the messages.
    Report {
        kind: MessageKind,
        text: String,
    },
}
