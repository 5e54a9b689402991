//! Files that appear whole or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::codec::{self, Header, header};
use crate::numeric::{Precision, Shape};

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

/// Writes a file through `fill`: beside its place first, synced, then renamed into it.
///
/// Whatever happens on the way, the old file or the whole new one stands there.
///
/// # Errors
/// A file of that name exists and `overwrite` is not set, or the system refuses.
pub fn write_atomic_with(
    path: &Path,
    overwrite: bool,
    fill: impl FnOnce(&mut std::fs::File) -> io::Result<()>,
) -> Result<(), FileError> {
    let exists = || FileError::Exists { path: path.to_owned() };
    let failed = |source| FileError::Write { path: path.to_owned(), source };
    if !overwrite && path.exists() {
        return Err(exists());
    }
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(".snmf-").suffix(".part");
    // The temporary file becomes the file: give it the permissions that a plain create would.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    fill(file.as_file_mut()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
    let outcome = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
    match outcome {
        Ok(_) => {
            // The name is to survive a loss of power too; not every file system can promise that.
            #[cfg(unix)]
            let _ = std::fs::File::open(folder).and_then(|folder| folder.sync_all());
            Ok(())
        }
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(exists()),
        Err(e) => Err(failed(e.error)),
    }
}

/// Writes these bytes, see [`write_atomic_with`].
///
/// # Errors
/// As there.
pub fn write_atomic(path: &Path, overwrite: bool, bytes: &[u8]) -> Result<(), FileError> {
    write_atomic_with(path, overwrite, |file| file.write_all(bytes))
}

/// Makes a folder with what `fill` writes into it: beside its place first, then renamed into it. An empty folder that
/// stands there gives way.
///
/// # Errors
/// Something of that name exists and `overwrite` is not set, or `fill` or the system refuses; nothing of it is left then.
pub fn write_folder(
    path: &Path,
    overwrite: bool,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), FileError> {
    let failed = |source| FileError::Write { path: path.to_owned(), source };
    let is_empty = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none());
    if path.exists() && !is_empty && !overwrite {
        return Err(FileError::Exists { path: path.to_owned() });
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let temporary =
        tempfile::Builder::new().prefix(".snmf-").suffix(".part").tempdir_in(parent).map_err(failed)?;
    let new = temporary.path().join("new");
    std::fs::create_dir(&new).and_then(|()| fill(&new)).map_err(failed)?;
    // What stands there goes aside first, and comes back if the new folder cannot take its place.
    let old = temporary.path().join("old");
    let moved = path.exists();
    if moved {
        std::fs::rename(path, &old).map_err(failed)?;
    }
    std::fs::rename(&new, path).map_err(|e| {
        if moved {
            // There is nothing else to try where this fails too.
            let _ = std::fs::rename(&old, path);
        }
        failed(e)
    })
}

/// SHA-256 of bytes, in hex.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of a file.
///
/// # Errors
/// The system refuses.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// A folder of its own for temporary files, which goes with everything in it when this is dropped.
#[derive(Debug)]
pub struct Scratch(tempfile::TempDir);

impl Scratch {
    /// A new one.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new() -> io::Result<Self> {
        tempfile::Builder::new().prefix("snmf-").tempdir().map(Self)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Tells contents apart, in eight hex digits.
#[must_use]
pub fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

/// `<input>__<method>_R<R>_T<T>_s<seed>.snmf.gz`.
#[must_use]
pub fn default_name(header: &Header, shape: Shape) -> String {
    let input = header.input.as_deref().unwrap_or("factors");
    let stem =
        Path::new(input).file_stem().map_or_else(|| input.to_owned(), |s| s.to_string_lossy().into_owned());
    // Letters that some file system refuses, and those that a shell would have to quote.
    let keep = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let stem: String = stem.chars().map(keep).collect();
    let (r, t, seed) = (shape.components, shape.lags, header.seed.unwrap_or(0));
    format!("{stem}__{}_R{r}_T{t}_s{seed}.snmf.gz", header.method)
}

/// Where a stream goes in a folder: its default name, with a hash of its settings in it where a stream of other
/// settings has taken that name.
#[must_use]
pub fn place(folder: &Path, header: &Header, shape: Shape, precision: Precision) -> PathBuf {
    let name = default_name(header, shape);
    let plain = folder.join(&name);
    let taken = std::fs::read(&plain).ok().and_then(|bytes| codec::read_header(&bytes).ok());
    let hash = settings_hash(header, precision);
    match taken {
        Some((other, layout)) if settings_hash(&other, layout.precision) != hash => {
            folder.join(name.replace(".snmf.gz", &format!("_{hash}.snmf.gz")))
        }
        _ => plain,
    }
}

/// Tells runs apart that were asked for differently, in eight hex digits; what was found on the way does not count.
fn settings_hash(header: &Header, precision: Precision) -> String {
    let found: &[&str] = if header.target.is_some() { &["v", "lambda", "lv"] } else { &["v"] };
    let mut hash = Sha256::new();
    hash.update(precision.name());
    for (key, value) in header::fields(header).into_iter().filter(|(key, _)| !found.contains(key)) {
        hash.update(format!(" {key}={value}"));
    }
    hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}
