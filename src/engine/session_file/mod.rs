//! Sessions as files: settings, runs with their factors, where the sound is, what is looked at.
//!
//! `*.session.json` is one JSON object, whose factor streams stand in it as base64; `*.bundle.zip` holds the same object
//! as `session.json` beside the streams and the sounds as files of their own; a folder with the same content serves
//! recovery. What is read is checked wholly before anything of it is handed out. Knows nothing of the window: what it
//! looks at is a JSON value that is kept for it.

mod contents;
mod document;
mod error;
mod pack;
mod parts;
mod real;
mod run;
mod sounds;
mod unpack;

use std::io::BufWriter;
use std::path::Path;
use std::sync::Arc;

use rayon::ThreadPool;

use self::document::Document;
use self::parts::{Bundle, Folder, Inline, PartSource};
use super::analysis::Analysis;
use super::files::{self, Scratch};
use super::run::list::RunRecord;
pub use contents::{BUNDLE_ENDING, Contents, FileKind, OBJECT, SESSION_ENDING};
pub use error::SessionFileError;
pub(super) use sounds::{FoundSounds, Sought, at};

/// A session that was read, with what goes with it.
pub struct Opened {
    pub contents: Contents,
    /// The sounds, as far as they were found.
    pub(super) found: FoundSounds,
    /// Where the sounds of a bundle have been unpacked.
    pub scratch: Option<Scratch>,
}

impl Opened {
    /// The analysis of the sound that a run is of, where it was found.
    pub fn analysis_of(&self, run: &RunRecord) -> Option<Arc<Analysis>> {
        let origin = run.origin.as_ref()?;
        let (_, outcome) = self.found.sounds.iter().find(|(of, _)| Arc::ptr_eq(of, origin))?;
        outcome.as_ref().ok().cloned()
    }

    /// The runs that the columns show, the left one first; where these are empty, every run.
    pub fn shown(&self) -> Vec<&RunRecord> {
        let of = |number| self.contents.runs.iter().find(|run| Some(run.number) == number);
        let columns: Vec<&RunRecord> = self.contents.columns.into_iter().filter_map(of).collect();
        if columns.is_empty() { self.contents.runs.iter().collect() } else { columns }
    }
}

/// Writes a session; what a bundle could not take in is returned, a sentence each.
///
/// # Errors
/// The file is there already and `overwrite` is not set, or the system refuses; nothing is left behind.
pub fn write(
    path: &Path,
    kind: FileKind,
    overwrite: bool,
    contents: &Contents,
) -> Result<Vec<String>, SessionFileError> {
    let home = path.parent();
    match kind {
        FileKind::Session => {
            let document = pack::pack(contents, home, &mut Inline)?;
            files::write_atomic_with(path, overwrite, |file| document.write(BufWriter::new(file)))?;
            Ok(Vec::new())
        }
        FileKind::Bundle => {
            let mut missing = Vec::new();
            files::write_atomic_with(path, overwrite, |file| {
                let mut bundle = Bundle::new(BufWriter::new(file));
                let document = pack::pack(contents, home, &mut bundle).map_err(std::io::Error::other)?;
                missing = bundle.finish(&document).map_err(std::io::Error::other)?;
                Ok(())
            })?;
            Ok(missing)
        }
    }
}

/// Writes a session into a folder, streams that are there already left out, and removes those that are not in it any
/// more.
///
/// # Errors
/// The system refuses; what the folder held before can still be read.
pub(super) fn write_folder(folder: &Path, contents: &Contents) -> Result<(), SessionFileError> {
    let mut parts = Folder::new(folder)?;
    let mut document = pack::pack(contents, None, &mut parts)?;
    document.saved_as = contents.saved_as.as_deref().map(files::text_of);
    files::write_atomic_with(&folder.join(OBJECT), true, |file| document.write(BufWriter::new(file)))?;
    parts.sweep();
    Ok(())
}

/// Removes what a process that is gone has left half written in such a folder.
pub(super) fn sweep_folder(folder: &Path) {
    files::sweep(folder);
    parts::BELOW.iter().for_each(|name| files::sweep(&folder.join(name)));
}

/// Reads a session of any kind, and the sounds as far as they are where the session says, analysed on `pool`.
pub fn read(path: &Path, pool: &ThreadPool) -> Result<Opened, SessionFileError> {
    let (bytes, mut source) = PartSource::open(path)?;
    let document = Document::parse(&bytes)?;
    drop(bytes);
    let (contents, sounds) = unpack::unpack(document, &mut source)?;
    let (found, scratch) = sounds::find(&contents, &sounds, path, &mut source, pool)?;
    Ok(Opened { contents, found, scratch })
}
