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

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::run::memory;

pub use names::{default_name, place, short_stem};
pub use paths::{path_of, text_of};
pub use temporary::{Scratch, abandon, own, sweep, sweep_scratch};
pub use write::{check, check_below, check_folder, is_stream, write_atomic, write_atomic_with, write_folder};

/// Bytes that are read at most of what has no length of its own, such as a pipe or a device.
pub const MOST_OF_A_PIPE: u64 = 1 << 30;

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A file of that name is there, and nobody said that it may go.
    #[error("a file of that name exists already and was left alone: {}", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// Writing failed; nothing of it is left.
    #[error("could not write ({source}), nothing was left behind: {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Reading failed.
    #[error("could not read ({source}): {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The bytes of a file. Of a pipe or a device at most [`MOST_OF_A_PIPE`].
///
/// # Errors
/// The system refuses, or there are too many of them.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    let read = || {
        let mut file = File::open(path)?;
        let told = file.metadata()?.len();
        if told > memory::available() {
            return Err(io::Error::other(format!(
                "its {} MiB are more than the {} MiB of memory that are free",
                told >> 20,
                memory::available() >> 20
            )));
        }
        bounded(&mut file, told.max(MOST_OF_A_PIPE))
    };
    read().map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// All bytes that a reader gives, at most `most` of them.
///
/// # Errors
/// Reading fails, or there are more.
pub fn bounded(from: &mut dyn Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("expected at most {} MiB, got more", most >> 20)));
    }
    Ok(bytes)
}

/// SHA-256 of bytes, in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells contents apart, in eight hex digits.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
