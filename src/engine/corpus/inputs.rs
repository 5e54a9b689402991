//! The sounds of a corpus: words, and the folder that their paths start from.

use std::path::{Path, PathBuf};

use super::error::CorpusError;
use crate::engine::settings::input::Source;

/// Sounds, and the folder that their paths start from.
#[derive(Debug, PartialEq, Eq)]
pub struct Sounds {
    /// An absolute folder.
    pub root: PathBuf,
    /// Words below it, each once: a path as [`path_of`](crate::engine::files::path_of) reads it, or `demo:NAME`.
    pub words: Vec<String>,
}

/// The sound that a word stands for.
///
/// # Errors
/// `demo:` and an unknown name.
pub fn source(root: &Path, word: &str) -> Result<Source, CorpusError> {
    Ok(match Source::parse(word)? {
        Source::File(path) => Source::File(root.join(path)),
        demo @ Source::Demo(_) => demo,
    })
}
