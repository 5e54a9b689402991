//! Why one W cannot be learned from many sounds.

use std::io;
use std::path::PathBuf;

use crate::engine::analysis::AnalysisError;
use crate::engine::files::FileError;
use crate::engine::run::memory::TooLarge;

/// What is wrong with the sounds, or with a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum LearnError {
    /// A folder that cannot be listed.
    #[error("could not read the folder ({source}): {}", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Two sounds of one name.
    #[error("{name} is named twice: name each sound once, or the folder that both are in")]
    Twice {
        /// The name.
        name: String,
    },
    /// No sound is left.
    #[error("expected at least one sound that is not silent, got none{}", why.as_ref().map_or_else(String::new, |why| format!(": {why}")))]
    NoSound {
        /// Why the first was left out, where one was.
        why: Option<String>,
    },
    /// Sounds whose bins do not mean the same.
    #[error("{other} has {got} and {first} {expected}: bring all sounds to one --rate, or leave {other} out")]
    Differs {
        /// The first sound.
        first: String,
        /// What that has.
        expected: String,
        /// The first one that differs.
        other: String,
        /// What that has.
        got: String,
    },
    /// A V that does not fit.
    #[error(transparent)]
    Analysis(AnalysisError),
    /// Factors that do not fit.
    #[error(transparent)]
    Memory(#[from] TooLarge),
    /// A file of a checkpoint that is not as it was written.
    #[error("the checkpoint is damaged: remove it to begin anew: {}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
    /// A checkpoint of something else.
    #[error("it holds a checkpoint of other sounds or settings, name another folder: {}", path.display())]
    Other {
        /// The folder.
        path: PathBuf,
    },
    /// A file of a checkpoint that cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
}
