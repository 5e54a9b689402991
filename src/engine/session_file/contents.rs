//! What a session file holds, and what its name says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::engine::run::list::RunRecord;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::sound_ref::Origin;

/// The name of the object in a bundle and in a folder.
pub const OBJECT: &str = "session.json";

/// The ending of a session in one file.
pub const SESSION_ENDING: &str = ".session.json";

/// The ending of a session with everything that belongs to it.
pub const BUNDLE_ENDING: &str = ".bundle.zip";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// One JSON object; sounds stay where they are.
    Session,
    /// An archive that holds the sounds too.
    Bundle,
}

impl FileKind {
    /// The kind that a file name says.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        if name.ends_with(BUNDLE_ENDING) {
            Some(Self::Bundle)
        } else {
            (name.ends_with(SESSION_ENDING) || name == OBJECT).then_some(Self::Session)
        }
    }

    /// The ending of its file names.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Session => SESSION_ENDING,
            Self::Bundle => BUNDLE_ENDING,
        }
    }
}

/// What a session file holds. A copy shares the factors.
#[derive(Clone)]
pub struct Contents {
    pub draft: SpecDraft,
    /// The sound that runs begin with, and how it is analysed.
    pub input: Option<Arc<Origin>>,
    /// Runs, the latest last.
    pub runs: Vec<RunRecord>,
    /// How many runs have ended, those that are not kept any more included.
    pub ended: usize,
    /// The runs that the columns show.
    pub columns: [Option<usize>; 2],
    /// What is looked at, as the window describes it.
    pub view: serde_json::Value,
    /// The file that it was saved in; written by recovery alone.
    pub saved_as: Option<PathBuf>,
}

impl Contents {
    /// What there is, in a few words.
    pub fn about(&self) -> String {
        let (count, plural) = (self.runs.len(), if self.runs.len() == 1 { "" } else { "s" });
        let input = self.input.as_ref().map(|origin| origin.name());
        let of = input.or_else(|| self.runs.last().map(|run| run.input.clone()));
        of.map_or_else(|| format!("{count} run{plural}"), |name| format!("{count} run{plural} of {name}"))
    }
}
