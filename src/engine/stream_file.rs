//! Factor streams in files: one that holds activations alone is read with the bases that it names, which are found beside it.

use std::fs;
use std::path::{Path, PathBuf};

use super::files::{self, FileError};
use super::run::memory;
use crate::codec::{self, CodecError, Digest, Stored};
use crate::numeric::AnyModel;

/// What bases are called that the streams around them share.
pub const BASES: &str = "bases.snmf.gz";

/// A stream that cannot be read from its file.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    #[error(transparent)]
    Stream(#[from] CodecError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(
        "it holds activations alone, and its bases W are not beside it: put the file with the SHA-256 {sha256} into the \
         same folder, or name it to the command with --bases"
    )]
    NoBases { sha256: Digest },
    #[error("these are other bases: expected the file with the SHA-256 {expected}, got {got}: {}", path.display())]
    WrongBases { path: PathBuf, expected: Digest, got: String },
    #[error("its bases: {source}: {}", path.display())]
    Bases { path: PathBuf, source: CodecError },
}

/// Reads the bytes of the file `path`. Its bases, where they are left out, are in the file `named`, or else in one in the
/// same folder, or in `bases.snmf.gz` up to two folders above it.
///
/// # Errors
/// A damaged stream, or bases that are missing or others.
pub fn read(path: &Path, bytes: &[u8], named: Option<&Path>) -> Result<Stored, StreamError> {
    let (_, layout) = codec::read_header(bytes)?;
    let bases = layout.bases.map(|sha256| bases(path, sha256, named)).transpose()?;
    Ok(codec::read_with(bytes, &memory::limits(), bases.as_ref())?)
}

fn bases(path: &Path, sha256: Digest, named: Option<&Path>) -> Result<AnyModel, StreamError> {
    let expected = sha256.to_string();
    let (path, bytes) = if let Some(named) = named {
        let bytes = files::read(named)?;
        let got = files::sha256(&bytes);
        if got != expected {
            return Err(StreamError::WrongBases { path: named.to_owned(), expected: sha256, got });
        }
        (named.to_owned(), bytes)
    } else {
        // One that cannot be read is not the one.
        let read = |path: PathBuf| Some((files::read(&path).ok()?, path));
        let found = beside(path).into_iter().filter_map(read);
        let mut found = found.filter(|(bytes, _)| files::sha256(bytes) == expected);
        let (bytes, path) = found.next().ok_or(StreamError::NoBases { sha256 })?;
        (path, bytes)
    };
    let stored = codec::read(&bytes, &memory::limits());
    Ok(stored.map_err(|source| StreamError::Bases { path, source })?.model)
}

/// Files that may have the bases of a stream, the likeliest first.
fn beside(path: &Path) -> Vec<PathBuf> {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut found: Vec<PathBuf> = path.ancestors().skip(1).take(3).map(|folder| folder.join(BASES)).collect();
    let entries = path.parent().and_then(|folder| fs::read_dir(folder).ok()).into_iter().flatten().flatten();
    let streams =
        entries.map(|entry| entry.path()).filter(|other| other.to_string_lossy().ends_with(".snmf.gz"));
    let mut streams: Vec<PathBuf> = streams.filter(|other| *other != path).collect();
    streams.sort();
    found.extend(streams);
    found
}
