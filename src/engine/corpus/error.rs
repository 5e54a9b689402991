//! What can be wrong with a corpus.

use std::io;
use std::path::{Path, PathBuf};

use crate::engine::files::FileError;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::grid::GridError;

/// A corpus that cannot be planned or worked on.
#[derive(Debug, thiserror::Error)]
pub enum CorpusError {
    #[error("no sounds were found: expected a folder with sounds, a list of paths (.txt), a table with a column path (.csv), the folder of a plan, or sounds: {}", path.display())]
    NoSounds { path: PathBuf },
    #[error("expected a column path in its first line: {}", path.display())]
    NoColumn { path: PathBuf },
    #[error(
        "grid: expected a setting and its values, such as r=10,20 or seed=0-4, got {got}; settings are method, {settings}"
    )]
    Axis { got: String, settings: String },
    #[error("grid: {name} is given twice")]
    Twice { name: &'static str },
    #[error("grid: {name}: {reason}, got {got}")]
    Value { name: &'static str, reason: String, got: String },
    #[error("a grid of {got} runs on each sound: expected at most {most}")]
    TooMany { got: usize, most: usize },
    #[error("grid: {0}")]
    Grid(#[from] GridError),
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error("a plan of other sounds or settings is there and was left alone: choose another folder: {}", path.display())]
    OtherPlan { path: PathBuf },
    #[error("not a plan ({reason}): make one with snmf corpus plan: {}", path.display())]
    NotAPlan { path: PathBuf, reason: String },
    #[error("shard: expected I/N with I from 1 to N, such as 1/8, got {got}")]
    Shard { got: String },
    /// A file of the folder that cannot be written: the worker ends, and no item has failed.
    #[error(transparent)]
    File(#[from] FileError),
    #[error("what is done stays, and the same command goes on from there")]
    Interrupted,
}

impl CorpusError {
    /// A file or folder that cannot be read.
    pub(super) fn reading(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| FileError::Read { path: path.to_owned(), source }.into()
    }
}
