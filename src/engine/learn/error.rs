//! Why one W cannot be learned from many sounds.

use std::path::PathBuf;

use crate::engine::analysis::AnalysisError;
use crate::engine::files::FileError;
use crate::engine::run::memory::TooLarge;

#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    #[error("expected at least one sound that is not silent, got none{}", why.as_ref().map_or_else(String::new, |why| format!(": {why}")))]
    NoSound { why: Option<String> },
    /// Sounds whose bins do not mean the same.
    #[error("{other} has {got} and {first} {expected}: bring all sounds to one --rate, or leave {other} out")]
    Differs { first: String, expected: String, other: String, got: String },
    #[error(transparent)]
    Analysis(AnalysisError),
    #[error(transparent)]
    Memory(#[from] TooLarge),
    /// A file of a checkpoint that is not as it was written.
    #[error("the checkpoint is damaged: remove it to begin anew: {}", path.display())]
    Damaged { path: PathBuf },
    #[error("it holds a checkpoint of other sounds or settings, name another folder: {}", path.display())]
    Other { path: PathBuf },
    #[error(transparent)]
    File(#[from] FileError),
}
