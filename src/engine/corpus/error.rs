//! What can be wrong with a corpus.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::files::FileError;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::grid::GridError;

/// A corpus that cannot be planned or worked on.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    /// Nothing to work on.
    #[error("no sounds were found: expected a folder with sounds, a list of paths (.txt), a table with a column path (.csv), or sounds: {}", path.display())]
    NoSounds {
        /// Where they were looked for.
        path: PathBuf,
    },
    /// A table without the one column that is needed.
    #[error("expected a column path in its first line: {}", path.display())]
    NoColumn {
        /// The table.
        path: PathBuf,
    },
    /// Not an axis of a grid.
    #[error(
        "grid: expected a setting and its values, such as r=10,20 or seed=0-4, got {got}; settings are method, {settings}"
    )]
    Axis {
        /// What was typed.
        got: String,
        /// The names of those that there are.
        settings: String,
    },
    /// A setting with two axes.
    #[error("grid: {name} is given twice")]
    Twice {
        /// The setting.
        name: &'static str,
    },
    /// A value that its setting does not take.
    #[error("grid: {name}: {reason}, got {got}")]
    Value {
        /// The setting.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
        /// What was typed.
        got: String,
    },
    /// More runs on a sound than anybody means.
    #[error("a grid of {got} runs on each sound: expected at most {most}")]
    TooMany {
        /// How many it would be.
        got: usize,
        /// How many it may be.
        most: usize,
    },
    /// A range that is none.
    #[error("grid: {0}")]
    Grid(#[from] GridError),
    /// A setting out of its range.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A plan of other items.
    #[error("a plan of other sounds or settings is there and was left alone: choose another folder: {}", path.display())]
    OtherPlan {
        /// The folder.
        path: PathBuf,
    },
    /// No plan, or not the one that was frozen.
    #[error("not a plan ({reason}): make one with snmf corpus plan: {}", path.display())]
    NotAPlan {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Not a shard.
    #[error("shard: expected I/N with I from 1 to N, such as 1/8, got {got}")]
    Shard {
        /// What was typed.
        got: String,
    },
    /// A file of the folder that cannot be written: the worker ends, and no item has failed.
    #[error(transparent)]
    File(#[from] FileError),
    /// The process was asked to end.
    #[error("what is done stays, and the same command goes on from there")]
    Interrupted,
}

impl CorpusError {
    /// A file or folder that cannot be read.
    pub(super) fn reading(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| FileError::Read { path: path.to_owned(), source }.into()
    }
}
