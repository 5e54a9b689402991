//! Where the streams and sounds of a session lie: in the object, in a folder, in an archive.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::document::Document;
use super::error::SessionFileError;
use super::run::StoredStream;
use super::{BUNDLE_ENDING, OBJECT};
use crate::codec::{ArchiveReader, ArchiveWriter};
use crate::engine::files::{self, FileError};
use crate::engine::run::memory;

/// Bytes of the object at most; a hundred runs with a million iterations each have fewer.
const OBJECT_LIMIT: u64 = 1 << 32;
/// Bytes of a packed stream at most, which says nothing yet of what it inflates to.
const STREAM_LIMIT: u64 = 1 << 31;
/// Bytes of a sound at most.
const SOUND_LIMIT: u64 = 1 << 36;

/// The folders of a session's streams.
pub const BELOW: [&str; 2] = ["runs", "bases"];

/// How every archive begins that has an entry.
const ARCHIVE: [u8; 4] = *b"PK\x03\x04";

/// Takes streams and sounds in.
pub trait Store {
    /// Keeps a factor stream; `name` is the one that it has as a file.
    fn stream(&mut self, name: &str, bytes: &[u8]) -> Result<StoredStream, SessionFileError>;

    /// Keeps a sound as `name`, where sounds are kept; whether they are.
    fn sound(&mut self, name: &str, path: &Path) -> Result<bool, SessionFileError>;
}

/// Streams as base64, sounds not at all.
pub struct Inline;

impl Store for Inline {
    fn stream(&mut self, _: &str, bytes: &[u8]) -> Result<StoredStream, SessionFileError> {
        Ok(StoredStream { stream: Some(STANDARD.encode(bytes)), file: None })
    }

    fn sound(&mut self, _: &str, _: &Path) -> Result<bool, SessionFileError> {
        Ok(false)
    }
}

/// Streams as files below a folder, sounds not at all.
pub struct Folder<'a> {
    folder: &'a Path,
    used: BTreeSet<PathBuf>,
}

impl<'a> Folder<'a> {
    pub fn new(folder: &'a Path) -> Result<Self, SessionFileError> {
        let failed = |source| FileError::Write { path: folder.to_owned(), source };
        for name in BELOW {
            fs::create_dir_all(folder.join(name)).map_err(failed)?;
        }
        Ok(Self { folder, used: BTreeSet::new() })
    }

    /// Removes what no run has any more. What cannot be removed is in nobody's way.
    pub fn sweep(&self) {
        for name in BELOW {
            let Ok(files) = fs::read_dir(self.folder.join(name)) else { continue };
            for path in files.flatten().map(|file| file.path()) {
                if !self.used.contains(&path) {
                    let _ = fs::remove_file(path);
                }
            }
        }
    }
}

impl Store for Folder<'_> {
    fn stream(&mut self, name: &str, bytes: &[u8]) -> Result<StoredStream, SessionFileError> {
        // A run may become another one under its number: its file is named after its content.
        let stem = name.strip_suffix(".snmf.gz").unwrap_or(name);
        let file = format!("{stem}-{}.snmf.gz", files::short_hash(bytes));
        let path = self.folder.join(&file);
        if fs::metadata(&path).is_ok_and(|there| there.len() == bytes.len() as u64) {
            self.used.insert(path);
        } else {
            files::write_atomic(&path, true, bytes)?;
            self.used.insert(path);
        }
        Ok(StoredStream { stream: None, file: Some(file) })
    }

    fn sound(&mut self, _: &str, _: &Path) -> Result<bool, SessionFileError> {
        Ok(false)
    }
}

/// Everything as entries of an archive.
pub struct Bundle<W: Write + Seek> {
    archive: ArchiveWriter<W>,
    missing: Vec<String>,
}

impl<W: Write + Seek> Bundle<W> {
    pub fn new(out: W) -> Self {
        Self { archive: ArchiveWriter::new(out), missing: Vec::new() }
    }

    /// Adds the object; what could not be taken in, a sentence each.
    pub fn finish(mut self, document: &Document) -> Result<Vec<String>, SessionFileError> {
        let mut object = Vec::new();
        document.write(&mut object).map_err(|e| SessionFileError::field(OBJECT, e))?;
        self.archive.add(OBJECT, true, object.len() as u64, &mut object.as_slice())?;
        self.archive.finish()?;
        Ok(self.missing)
    }
}

impl<W: Write + Seek> Store for Bundle<W> {
    fn stream(&mut self, name: &str, mut bytes: &[u8]) -> Result<StoredStream, SessionFileError> {
        self.archive.add(name, false, bytes.len() as u64, &mut bytes)?;
        Ok(StoredStream { stream: None, file: Some(name.to_owned()) })
    }

    fn sound(&mut self, name: &str, path: &Path) -> Result<bool, SessionFileError> {
        let opened =
            plain_file(path).and_then(|()| File::open(path)).and_then(|f| Ok((f.metadata()?.len(), f)));
        match opened {
            Ok((size, file)) => {
                self.archive.add(name, false, size, &mut BufReader::new(file))?;
                Ok(true)
            }
            Err(e) => {
                self.missing
                    .push(format!("Without its sound, which could not be read ({e}): {}", path.display()));
                Ok(false)
            }
        }
    }
}

/// Refuses folders, devices and pipes: reading some of those never ends.
pub fn plain_file(path: &Path) -> std::io::Result<()> {
    let plain = fs::metadata(path)?.is_file();
    if plain { Ok(()) } else { Err(std::io::Error::other("it is no file")) }
}

/// Gives streams and sounds out.
pub enum PartSource {
    /// Beside the object.
    Folder(PathBuf),
    /// In the archive that holds the object.
    Archive(Box<ArchiveReader<BufReader<File>>>),
}

impl PartSource {
    /// Opens a session of any kind; the bytes of its object.
    pub fn open(path: &Path) -> Result<(Vec<u8>, Self), SessionFileError> {
        let failed = |source| FileError::Read { path: path.to_owned(), source };
        // What is read of it takes as much again, and more.
        let most = OBJECT_LIMIT.min(memory::available() / 4);
        plain_file(path).map_err(failed)?;
        let mut file = File::open(path).map_err(failed)?;
        let mut begin = Vec::new();
        (&mut file).take(ARCHIVE.len() as u64).read_to_end(&mut begin).map_err(failed)?;
        file.rewind().map_err(failed)?;
        if begin == ARCHIVE {
            let mut archive = ArchiveReader::new(BufReader::new(file))?;
            let object = archive.read(OBJECT, most)?;
            return Ok((object, Self::Archive(Box::new(archive))));
        }
        if path.to_string_lossy().to_ascii_lowercase().ends_with(BUNDLE_ENDING) {
            let reason = "it is no archive, or not all of one".to_owned();
            return Err(SessionFileError::NotASession { reason });
        }
        let mut object = Vec::new();
        file.take(most + 1).read_to_end(&mut object).map_err(failed)?;
        if object.len() as u64 > most {
            let reason = format!("expected at most {most} bytes, got more");
            return Err(SessionFileError::NotASession { reason });
        }
        Ok((object, Self::Folder(path.parent().unwrap_or_else(|| Path::new("")).to_owned())))
    }

    pub fn stream(&mut self, part: &StoredStream, field: &str) -> Result<Vec<u8>, SessionFileError> {
        match (&part.stream, &part.file) {
            (Some(text), None) => {
                STANDARD.decode(text).map_err(|e| SessionFileError::field(format!("{field}.stream"), e))
            }
            (None, Some(name)) => {
                let mut bytes = Vec::new();
                self.copy(name, &format!("{field}.file"), STREAM_LIMIT.min(memory::available()), &mut bytes)?;
                Ok(bytes)
            }
            _ => Err(SessionFileError::field(field, "expected either stream or file")),
        }
    }

    pub fn sound(&mut self, name: &str, field: &str, to: &Path) -> Result<(), SessionFileError> {
        let failed = |source| FileError::Write { path: to.to_owned(), source };
        if let Some(folder) = to.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = File::create(to).map_err(failed)?;
        // Decoded it takes as much memory at least.
        self.copy(name, field, SOUND_LIMIT.min(memory::available()), &mut file)
    }

    fn copy(
        &mut self,
        name: &str,
        field: &str,
        limit: u64,
        out: &mut dyn Write,
    ) -> Result<(), SessionFileError> {
        let wrong = |reason: &dyn std::fmt::Display| SessionFileError::field(field, reason);
        if !is_plain(name) {
            return Err(wrong(&format!("expected a name below the session, got {name:?}")));
        }
        match self {
            Self::Archive(archive) => archive.copy(name, limit, out).map_err(|e| wrong(&e)),
            Self::Folder(folder) => {
                let path = folder.join(name);
                let copied = plain_file(&path)
                    .and_then(|()| File::open(&path))
                    .and_then(|file| std::io::copy(&mut file.take(limit), out));
                copied.map(|_| ()).map_err(|e| wrong(&format!("{e}: {}", path.display())))
            }
        }
    }
}

/// Whether a name leads to something below the session, on every system.
fn is_plain(name: &str) -> bool {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    !name.contains(['\\', ':', '\0']) && name.split('/').all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_the_session() {
        for name in ["runs/01-a.snmf.gz", "sounds/0/my sound.wav"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["", "/etc/passwd", "../x", "a/../../x", "a//b", "C:x", "a\\..\\x", "a/./b", "x\0"] {
            assert!(!is_plain(name), "{name}");
        }
    }
}
