//! What is on its way to its place, and what is needed for a while.
//!
//! Such a file or folder is called `.snmf-XXXXXX.part` and is locked by the process that it belongs to, for as long as
//! that lives. A process that gets the lock knows that its owner is gone, and may remove it.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use tempfile::{Builder, NamedTempFile, TempDir};

use super::super::task::lock;

const PREFIX: &str = ".snmf-";
const SUFFIX: &str = ".part";

/// In a temporary folder: what is to stand in the place of another one.
pub(super) const NEW: &str = "new";

/// In a temporary folder: what had to leave its place before the new one could take it, under its own name.
pub(super) const OLD: &str = "old";

/// All that this process has. While a thread holds this lock, [`abandon`] waits.
static LIVE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Keeps [`abandon`] from coming between the steps of what is to happen whole.
pub(super) fn undisturbed() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    lock(&LIVE)
}

/// A path that is in [`LIVE`].
#[derive(Debug)]
struct ListedPath(PathBuf);

impl ListedPath {
    fn new(path: &Path) -> Self {
        // A signal may end the process from another folder's point of view.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        lock(&LIVE).insert(path.clone());
        Self(path)
    }
}

impl Drop for ListedPath {
    fn drop(&mut self) {
        lock(&LIVE).remove(&self.0);
    }
}

/// Removes all temporary files of this process, which writes none from then on: it is about to end.
pub fn abandon() {
    let live = lock(&LIVE);
    live.iter().for_each(|path| remove(path));
    std::mem::forget(live);
}

fn builder<'a>() -> Builder<'a, 'static> {
    let mut builder = Builder::new();
    builder.prefix(PREFIX).suffix(SUFFIX);
    builder
}

/// A file on its way. Dropped, it is gone.
pub(super) struct PartFile {
    file: NamedTempFile,
    listed: ListedPath,
}

impl PartFile {
    pub fn new(folder: &Path) -> io::Result<Self> {
        loop {
            let mut builder = builder();
            // The temporary file becomes the file: give it the permissions that a plain create would.
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder)?;
            let listed = ListedPath::new(file.path());
            if own(file.as_file(), file.path()) {
                return Ok(Self { file, listed });
            }
        }
    }

    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    pub fn persist(self, path: &Path, overwrite: bool) -> io::Result<()> {
        let Self { file, listed } = self;
        let held = undisturbed();
        let outcome = if overwrite { file.persist(path) } else { file.persist_noclobber(path) };
        drop(held);
        let outcome = outcome.map(|_| ()).map_err(|e| e.error);
        drop(listed);
        outcome
    }
}

/// A folder that goes with everything in it when this is dropped.
#[derive(Debug)]
pub(super) struct PartFolder {
    folder: TempDir,
    _lock: Option<File>,
    _listed: ListedPath,
}

impl PartFolder {
    pub fn new(within: &Path) -> io::Result<Self> {
        loop {
            let folder = builder().tempdir_in(within)?;
            let listed = ListedPath::new(folder.path());
            // Where a folder cannot be opened nobody can lock it, and it is never swept.
            let file = File::open(folder.path()).ok();
            if file.as_ref().is_none_or(|file| own(file, folder.path())) {
                return Ok(Self { folder, _lock: file, _listed: listed });
            }
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// A folder of its own for temporary files, which goes with everything in it when this is dropped.
#[derive(Debug)]
pub struct Scratch(PartFolder);

impl Scratch {
    pub fn new() -> io::Result<Self> {
        PartFolder::new(&std::env::temp_dir()).map(Self)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Locks what has just been made; false where a sweep has come in between, and it has to be made again.
pub fn own(file: &File, path: &Path) -> bool {
    // On a file system without locks nothing is ever swept.
    !matches!(file.try_lock(), Err(TryLockError::WouldBlock)) && is_at(file, path)
}

/// Whether an open file is the one that stands there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |of: fs::Metadata| (of.dev(), of.ino());
    file.metadata().map(id).ok() == fs::symlink_metadata(path).map(id).ok()
}

#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

/// Removes what processes that are gone have left in a folder, and brings back what they had moved out of its place.
/// What cannot be removed is tried again another time.
pub fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        let plain = || entry.file_type().is_ok_and(|kind| kind.is_file() || kind.is_dir());
        if !name.starts_with(PREFIX.as_bytes()) || !name.ends_with(SUFFIX.as_bytes()) || !plain() {
            continue;
        }
        let path = entry.path();
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_ok() && is_at(&file, &path) {
            bring_back(&path, folder);
            remove(&path);
        }
    }
}

/// Removes what processes that are gone have left in the folder for temporary files.
pub fn sweep_scratch() {
    sweep(&std::env::temp_dir());
}

/// Moves what has left its place back there, unless something has taken it.
fn bring_back(part: &Path, folder: &Path) {
    let Ok(moved) = fs::read_dir(part.join(OLD)) else { return };
    for entry in moved.flatten() {
        let place = folder.join(entry.file_name());
        if fs::symlink_metadata(&place).is_err() {
            let _ = fs::rename(entry.path(), place);
        }
    }
}

fn remove(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;

    fn count(folder: &Path) -> usize {
        fs::read_dir(folder).unwrap().count()
    }

    #[test]
    fn what_the_dead_have_left_goes_and_what_the_living_have_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let (part, living) = (PartFile::new(at).unwrap(), PartFolder::new(at).unwrap());
        fs::write(at.join(".snmf-abcdef.part"), "dead").unwrap();
        fs::create_dir_all(at.join(".snmf-ghijkl.part/new/a")).unwrap();
        fs::write(at.join("snmf-mine.part"), "of somebody else").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(at.join("snmf-mine.part"), at.join(".snmf-link.part")).unwrap();
        let others = if cfg!(unix) { 2 } else { 1 };
        assert_eq!(count(at), 4 + others);
        sweep(at);
        assert!(living.path().exists() && part.file.path().exists());
        assert_eq!(count(at), 2 + others, "the dead are gone");
        drop((part, living));
        assert_eq!(count(at), others);
    }

    #[test]
    fn a_folder_that_had_left_its_place_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        for taken in [false, true] {
            let part = at.join(".snmf-abcdef.part");
            fs::create_dir_all(part.join(NEW)).unwrap();
            fs::create_dir_all(part.join(OLD).join("d")).unwrap();
            fs::write(part.join(OLD).join("d/x"), if taken { "older" } else { "old" }).unwrap();
            sweep(at);
            assert_eq!(fs::read_to_string(at.join("d/x")).unwrap(), "old");
            assert_eq!(count(at), 1);
        }
    }
}
