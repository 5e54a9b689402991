//! Writing: beside the place first, synced, then moved into it in one step.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::FileError;
use super::temporary::{NEW, OLD, PartFile, PartFolder, sweep, undisturbed};

/// Symbolic links that are followed one after the other; as many as Linux follows.
const MOST_LINKS: usize = 40;

/// What stands where something is to be written. Paths have no symbolic link at their end.
enum Destination {
    Free(PathBuf),
    File(PathBuf, Metadata),
    Folder(PathBuf, Metadata),
    /// A pipe, or a device that takes characters: written into.
    Stream,
}

impl Destination {
    fn of(path: &Path) -> io::Result<Self> {
        let path = followed(path)?;
        // First of all: what is swept may bring back what stood here.
        sweep(folder_of(&path));
        match fs::metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Self::Free(path)),
            Err(e) => Err(e),
            Ok(there) if there.is_file() => Ok(Self::File(path, there)),
            Ok(there) if there.is_dir() => Ok(Self::Folder(path, there)),
            Ok(there) if takes_bytes(&there) => Ok(Self::Stream),
            Ok(_) => Err(io::Error::other("it is a disk or a socket, expected a file")),
        }
    }
}

/// Where symbolic links lead, though there may be nothing yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    // Some links, those of open files, are more than they say.
    if let (Ok(there), true) = (fs::metadata(path), path.is_symlink()) {
        return if takes_bytes(&there) { Ok(path.to_owned()) } else { fs::canonicalize(path) };
    }
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::read_link(&path) {
            Ok(to) => path = folder_of(&path).join(to),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("it is a symbolic link that leads to itself"))
}

#[cfg(unix)]
fn takes_bytes(there: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    there.file_type().is_fifo() || there.file_type().is_char_device()
}

#[cfg(not(unix))]
fn takes_bytes(_: &Metadata) -> bool {
    false
}

/// Whether there is a pipe, or a device that takes characters.
pub fn is_stream(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|there| takes_bytes(&there))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn cannot(path: &Path) -> impl Fn(io::Error) -> FileError {
    move |source| FileError::Write { path: path.to_owned(), source }
}

/// Where a file may be written: its path and what it replaces; none for what is written into.
fn file_at(path: &Path, overwrite: bool) -> Result<Option<(PathBuf, Option<Metadata>)>, FileError> {
    match Destination::of(path).map_err(cannot(path))? {
        Destination::Stream => Ok(None),
        Destination::Free(real) => Ok(Some((real, None))),
        Destination::File(..) if !overwrite => Err(FileError::Exists { path: path.to_owned() }),
        Destination::File(real, there) => Ok(Some((real, Some(there)))),
        Destination::Folder(..) => Err(cannot(path)(io::Error::other("it is a folder, expected a file"))),
    }
}

/// The same for a folder.
fn folder_at(path: &Path, overwrite: bool) -> Result<(PathBuf, Option<Metadata>), FileError> {
    match Destination::of(path).map_err(cannot(path))? {
        Destination::Free(real) => Ok((real, None)),
        Destination::Folder(real, there) => {
            let is_empty = fs::read_dir(&real).is_ok_and(|mut entries| entries.next().is_none());
            if is_empty || overwrite {
                Ok((real, Some(there)))
            } else {
                Err(FileError::Exists { path: path.to_owned() })
            }
        }
        Destination::File(..) | Destination::Stream => {
            Err(cannot(path)(io::Error::other("it is a file, expected a folder")))
        }
    }
}

/// Looks whether a file could be written there, before anybody works for it.
pub fn check(path: &Path, overwrite: bool) -> Result<(), FileError> {
    match file_at(path, overwrite)? {
        Some((real, _)) => takes_files(folder_of(&real)).map_err(cannot(path)),
        None => Ok(()),
    }
}

/// The same for a folder that is to be made, or replaced, with everything in it.
pub fn check_folder(path: &Path, overwrite: bool) -> Result<(), FileError> {
    let (real, _) = folder_at(path, overwrite)?;
    takes_files(folder_of(&real)).map_err(cannot(path))
}

/// The same for files in a folder that is made, with those that it is in, once there is something to put there.
pub fn check_below(folder: &Path) -> Result<(), FileError> {
    let mut there = folder;
    while let Err(e) = fs::metadata(there) {
        match there.parent() {
            Some(parent) if e.kind() == io::ErrorKind::NotFound && !there.is_symlink() => there = parent,
            _ => return Err(cannot(folder)(e)),
        }
        if there.as_os_str().is_empty() {
            there = Path::new(".");
        }
    }
    takes_files(there).map_err(cannot(folder))
}

/// Whether a folder takes a file, by making one that has no name.
fn takes_files(folder: &Path) -> io::Result<()> {
    tempfile::tempfile_in(folder).map(|_| ())
}

/// Writes a file through `fill`: beside its place first, synced, then renamed into it.
///
/// Whatever happens on the way, the old file or the whole new one stands there.
pub fn write_atomic_with(
    path: &Path,
    overwrite: bool,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), FileError> {
    let failed = cannot(path);
    let Some((real, replaced)) = file_at(path, overwrite)? else {
        return OpenOptions::new()
            .write(true)
            .open(path)
            .and_then(|mut file| fill(&mut file))
            .map_err(failed);
    };
    put(path, &real, overwrite, |file| {
        fill(file)?;
        replaced.map_or(Ok(()), |there| keep_permissions(file, &there))?;
        file.sync_all()
    })?;
    sync_folder(folder_of(&real));
    Ok(())
}

/// Fills a file beside its place, `real`, and moves it there; `path` is how it was named.
fn put(
    path: &Path,
    real: &Path,
    overwrite: bool,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> Result<(), FileError> {
    let failed = cannot(path);
    let mut part = PartFile::new(folder_of(real)).map_err(&failed)?;
    fill(part.file()).map_err(&failed)?;
    part.persist(real, overwrite).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => failed(e),
    })
}

/// Writes these bytes, see [`write_atomic_with`].
pub fn write_atomic(path: &Path, overwrite: bool, bytes: &[u8]) -> Result<(), FileError> {
    write_atomic_with(path, overwrite, |file| file.write_all(bytes))
}

/// Writes one of many files into a folder that machines may share: in one step, but without looking for what others have
/// left, which goes by locks that such a disk may not have, and without waiting for the disk. A loss of power may take it:
/// its readers need its digest.
///
/// # Errors
/// Something of that name exists and `overwrite` is not set, or the system refuses.
pub fn write_unsynced(path: &Path, overwrite: bool, bytes: &[u8]) -> Result<(), FileError> {
    put(path, path, overwrite, |file| file.write_all(bytes))
}

/// Makes a folder with what `fill` writes into it: beside its place first, synced, then in one step in the place of what
/// stands there. An empty folder gives way.
///
/// # Errors
/// Something of that name exists and `overwrite` is not set, or `fill` or the system refuses; nothing of it is left then.
pub fn write_folder(
    path: &Path,
    overwrite: bool,
    fill: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), FileError> {
    let failed = cannot(path);
    let (real, replaced) = folder_at(path, overwrite)?;
    let parent = folder_of(&real);
    let part = PartFolder::new(parent).map_err(&failed)?;
    let new = part.path().join(NEW);
    fs::create_dir(&new)
        .and_then(|()| fill(&new))
        .and_then(|()| {
            replaced.as_ref().map_or(Ok(()), |there| fs::set_permissions(&new, there.permissions()))
        })
        .and_then(|()| sync_tree(&new))
        .map_err(&failed)?;
    let held = undisturbed();
    let moved = fs::rename(&new, &real).or_else(|e| match e.kind() {
        _ if !overwrite || replaced.is_none() => Err(e),
        _ => exchange(&new, &real).or_else(|_| change_places(part.path(), &new, &real)),
    });
    drop(held);
    moved.map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty => {
            FileError::Exists { path: path.to_owned() }
        }
        _ => failed(e),
    })?;
    sync_folder(parent);
    Ok(())
}

/// Puts each in the place of the other, in one step.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The same where the system cannot: the old one goes aside first, where a sweep finds it should this process end now.
fn change_places(part: &Path, new: &Path, place: &Path) -> io::Result<()> {
    let aside = part.join(OLD);
    let aside = aside.join(place.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    fs::create_dir(part.join(OLD))?;
    fs::rename(place, &aside)?;
    fs::rename(new, place).inspect_err(|_| {
        // There is nothing else to try where this fails too.
        let _ = fs::rename(&aside, place);
    })
}

/// Gives a new file the permissions, and where that is allowed the owner, of the one that it replaces.
fn keep_permissions(file: &File, of: &Metadata) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, fchown};
        let _ = fchown(file, Some(of.uid()), Some(of.gid()));
    }
    file.set_permissions(of.permissions())
}

/// Whatever is in a folder is on the disk when this returns, and so are the names.
fn sync_tree(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_tree(&entry.path())?;
        } else {
            OpenOptions::new().write(true).open(entry.path())?.sync_all()?;
        }
    }
    sync_folder(folder);
    Ok(())
}

/// Names are to survive a loss of power too; not every file system can promise that.
fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
}
