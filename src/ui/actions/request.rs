//! What panels ask for.

use std::path::PathBuf;

use super::Action;
use crate::engine::Command;

/// What panels ask for.
#[derive(Clone, Debug)]
pub enum Request {
    /// Of the session.
    Command(Command),
    /// Whatever the action stands for.
    Action(Action),
    /// A path, or the name of a demo.
    OpenText(String),
    /// Take a file off the list of those that were opened before.
    Forget(PathBuf),
    /// Open a session that was not saved.
    Recover(PathBuf),
    /// Remove it.
    Discard(PathBuf),
}
