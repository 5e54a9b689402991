//! Files and folders that appear whole or not at all: the one place that writes them.
//!
//! What is there when a write begins is there when it fails; what is written is on the disk when the call returns, file
//! and folder. A symbolic link stays and what it names is replaced, with its permissions. Only regular files are
//! replaced: what goes to a pipe or to a device that takes characters is written into it, and anything else in the way
//! is refused. What a process that was killed has left beside a target goes when the next file is written there.

mod names;
mod paths;
mod temporary;
mod write;

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::run::memory;
use crate::signal::pipe;

pub use crate::signal::pipe::{MOST_OF_A_PIPE, bounded};
pub use names::{default_name, place, short_stem};
pub use paths::{path_of, text_of};
pub use temporary::{Scratch, abandon, own, sweep, sweep_scratch};
pub use write::{
    check, check_below, check_folder, is_stream, write_atomic, write_atomic_with, write_folder,
    write_unsynced,
};

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    #[error("a file of that name exists already and was left alone: {}", path.display())]
    Exists { path: PathBuf },
    #[error("could not write ({source}), nothing was left behind: {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("could not read ({source}): {}", path.display())]
    Read { path: PathBuf, source: io::Error },
}

/// The bytes of a file. Of a pipe at most [`MOST_OF_A_PIPE`].
///
/// # Errors
/// The system refuses, it is a device, or there are too many of them.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let read = || {
        let mut file = pipe::open(path)?;
        let declared = file.metadata()?.len();
        if declared > memory::available() {
            return Err(io::Error::other(format!(
                "its {} MiB are more than the {} MiB of memory that are free",
                declared >> 20,
                memory::available() >> 20
            )));
        }
        bounded(&mut file, declared.max(MOST_OF_A_PIPE))
    };
    read().map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// SHA-256 of bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Distinguishes contents, in eight hex digits.
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
