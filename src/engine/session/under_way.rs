//! What a session waits for, and what it knows of its file.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;

use crate::engine::analysis::Analysis;
use crate::engine::files::Scratch;
use crate::engine::run::batch::Batch;
use crate::engine::run::choose::ModelSearch;
use crate::engine::run::series::Finished;
use crate::engine::run::trace::Trace;
use crate::engine::session_file::{Contents, FileKind, Opened, Sought};
use crate::engine::sound_ref::Origin;
use crate::engine::task::Task;
use crate::signal::Reading;

/// An input that is being read. Dropping it ends that and waits for the packet in progress.
pub(super) struct Load {
    pub(super) reading: Arc<Reading>,
    pub(super) task: Task<Result<Analysis, String>>,
}

impl Drop for Load {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        self.reading.end();
    }
}

/// Runs under way, and how many of them are in the list already.
#[derive(Default)]
pub(super) struct GridState {
    pub(super) batch: Option<Batch>,
    pub(super) listed: usize,
    /// What they are for, where they are no grid.
    pub(super) choice: Option<RunningSearch>,
}

/// A search for R and T, and the runs that the list held before it began.
pub(super) struct RunningSearch {
    pub(super) search: ModelSearch,
    pub(super) known: Vec<Arc<Finished>>,
}

/// What the session knows of its file.
#[derive(Default)]
pub(super) struct FileState {
    pub(super) path: Option<(PathBuf, FileKind)>,
    /// Grows with every change of settings or input; with the changes of the list of runs it shows what is saved.
    pub(super) touched: u64,
    pub(super) saved: u64,
    pub(super) saving: Vec<Saving>,
    /// The newest is the one that counts.
    pub(super) opening: Vec<Opening>,
    pub(super) locating: Vec<(PathBuf, Task<Located>)>,
    /// What is looked at in the session that was opened last, until the window takes it.
    pub(super) view: Option<Value>,
    /// What was recovered, until the window has noticed.
    pub(super) recovered: Option<PathBuf>,
    /// What was not saved when another session came in its place, until the window has noticed.
    pub(super) replaced: Option<Contents>,
    /// The sound that runs begin with, where it has to be located.
    pub(super) missing: Option<Arc<Origin>>,
    /// Sounds of bundles, for as long as they may be read again.
    pub(super) scratch: Vec<Scratch>,
    /// Sweeps of sessions that are not shown any more, until they have ended.
    pub(super) sweeps: Vec<Trace>,
    /// And their grids.
    pub(super) grids: Vec<Batch>,
}

/// A session that is being read.
pub(super) struct Opening {
    pub(super) path: PathBuf,
    /// Whether it was left by a window that is gone.
    pub(super) recovered: bool,
    pub(super) task: Task<Result<Opened, String>>,
}

pub(super) struct Saving {
    pub(super) path: PathBuf,
    pub(super) kind: FileKind,
    pub(super) revision: u64,
    pub(super) task: Task<Result<Vec<String>, String>>,
}

/// A file as the sound of each of these.
pub(super) type Located = Vec<Sought>;

impl FileState {
    /// Notices a change that is worth keeping.
    pub(super) fn touch(&mut self) {
        self.touched += 1;
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.saving.is_empty() || !self.opening.is_empty() || !self.locating.is_empty()
    }
}
