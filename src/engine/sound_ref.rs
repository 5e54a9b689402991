//! Where a sound was and how it was analysed, for a run whose sound is not there.

use std::path::PathBuf;

use super::analysis::Analysis;
use super::settings::input::{InputSpec, Source};
use crate::signal::Stft;

/// A sound as a session names it, and the analysis that a run is of.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// The sound as it was named, and what of it was read.
    pub input: InputSpec,
    /// Where its file was, whatever folder the program was started in.
    pub absolute: Option<PathBuf>,
    /// How V was made.
    pub stft: Stft,
    /// See [`Analysis::sha256`].
    pub sha256: String,
    /// M and N of V.
    pub shape: (usize, usize),
    /// Warnings of reading, a sentence each.
    pub warnings: Vec<String>,
}

impl Origin {
    pub fn of(analysis: &Analysis) -> Self {
        Self {
            input: analysis.input.clone(),
            absolute: match &analysis.input.source {
                Source::Demo(_) => None,
                Source::File(path) => std::path::absolute(path).ok(),
            },
            stft: analysis.stft,
            sha256: analysis.sha256.clone(),
            shape: (analysis.bins(), analysis.frames()),
            warnings: analysis.warnings.clone(),
        }
    }

    pub fn name(&self) -> String {
        self.input.source.name()
    }

    /// Whether it is the same sound, read in the same way.
    pub fn is_sound_of(&self, other: &Self) -> bool {
        self.input == other.input && self.absolute == other.absolute && self.sha256 == other.sha256
    }
}
