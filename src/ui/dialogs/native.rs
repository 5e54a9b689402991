//! Asking the system for a path, without blocking a frame.

use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::Waker;
use crate::engine::task::Task;

/// What a path is wanted for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathRequest {
    /// A file that is there.
    Open,
    /// A file to be written, with a proposed name.
    Save {
        /// The proposal.
        name: String,
    },
}

/// Something that asks for a path; tests put their own in place.
pub trait Dialogs: Send + Sync {
    /// Asks, and returns when the user has answered; called off the window's thread.
    fn ask(&self, wanted: &PathRequest) -> Option<PathBuf>;
}

/// The dialogs of the desktop.
pub struct NativeDialogs;

impl Dialogs for NativeDialogs {
    fn ask(&self, wanted: &PathRequest) -> Option<PathBuf> {
        let handle = match wanted {
            PathRequest::Open => pollster::block_on(rfd::AsyncFileDialog::new().pick_file()),
            PathRequest::Save { name } => {
                pollster::block_on(rfd::AsyncFileDialog::new().set_file_name(name.as_str()).save_file())
            }
        };
        handle.map(|handle| handle.path().to_owned())
    }
}

/// No dialogs: every question is answered by a cancel, as on a desktop that has none.
pub struct NoDialogs;

impl Dialogs for NoDialogs {
    fn ask(&self, _: &PathRequest) -> Option<PathBuf> {
        None
    }
}

/// A path, or nothing for a cancel or a dialog that failed.
pub type PickedPath = Option<PathBuf>;

/// A question under way.
pub struct Asking<K> {
    /// What the answer is for.
    pub purpose: K,
    task: Task<Option<PathBuf>>,
}

impl<K> Asking<K> {
    /// Asks in the background.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(
        dialogs: &Arc<dyn Dialogs>,
        wanted: PathRequest,
        purpose: K,
        wake: Waker,
    ) -> std::io::Result<Self> {
        let dialogs = Arc::clone(dialogs);
        let task = Task::spawn("snmf-dialog", wake, move || dialogs.ask(&wanted))?;
        Ok(Self { purpose, task })
    }

    /// The answer, once it is there.
    pub fn answer(&self) -> Option<PickedPath> {
        self.task.take().map(std::result::Result::unwrap_or_default)
    }
}
