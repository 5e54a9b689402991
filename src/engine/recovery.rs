//! What a crash leaves: every window writes its session down as it goes, into a folder of its own, and finds at its
//! start what windows that are gone have left there.
//!
//! Below the folder for recovery each window has `NAME.lock`, which it holds for as long as it lives, and `NAME` with its
//! session. A window that gets the lock of another one knows that the other one is gone.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::files::{self, FileError};
use super::session_file::{self, Contents, OBJECT};
use super::task::{Task, Waker, catch, lock};

const LOCK: &str = "lock";

/// What follows one another as fast as this is written down together.
pub const DELAY: Duration = Duration::from_secs(2);

/// Sessions that are kept in case they are wanted back; the oldest go first.
const MOST: usize = 5;

/// Beside a session that is not to come back by itself: its window was closed, or it has been tried.
const CLOSED: &str = "closed";

/// Beside a session, what it holds in a few words.
const ABOUT: &str = "about";

/// A session that a window which is gone has left.
#[derive(Debug)]
pub struct Leftover {
    /// Its object, which opens like any session.
    pub path: PathBuf,
    pub about: String,
    pub written: SystemTime,
    /// Whether its window ended without being closed.
    pub crashed: bool,
    folder: PathBuf,
    /// Held, so that no other window takes it too.
    _lock: File,
}

impl Leftover {
    /// Notices that it is being brought back: should that end the program, it is not tried again by itself.
    pub fn try_once(&self) {
        let _ = files::write_atomic(&self.folder.join(CLOSED), true, b"");
    }
}

/// What the thread that writes and the window share.
#[derive(Default)]
struct WriterQueue {
    waiting: Option<Contents>,
    closing: bool,
    /// Folders that go once the next session has been written: what was in them is in that one.
    replaced: Vec<PathBuf>,
    failure: Option<String>,
    /// Whether a failure was reported: a full disk is reported once.
    failed: bool,
}

/// The writer. Dropped without [`Recovery::leave`], as by a crash, it leaves what it has written.
pub struct Recovery {
    folder: PathBuf,
    leftovers: Vec<Leftover>,
    queue: Arc<(Mutex<WriterQueue>, Condvar)>,
    task: Option<Task<()>>,
    _lock: File,
}

impl Recovery {
    /// Begins to write below `root`, `delay` after each change, and looks for what was left there. `wake` is called when
    /// something has to be reported.
    pub fn start(root: &Path, delay: Duration, wake: Waker) -> Result<Self, FileError> {
        let failed = |source| FileError::Write { path: root.to_owned(), source };
        fs::create_dir_all(root).map_err(failed)?;
        let leftovers = leftovers(root);
        // The lock comes first: what has none belongs to nobody.
        let (folder, lock) = loop {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
            let folder = root.join(format!("{now}-{}", std::process::id()));
            let lock = File::create_new(lock_of(&folder)).map_err(failed)?;
            if files::own(&lock, &lock_of(&folder)) {
                break (folder, lock);
            }
        };
        fs::create_dir(&folder).map_err(failed)?;
        let queue = Arc::new((Mutex::new(WriterQueue::default()), Condvar::new()));
        let (inner, to, notify) = (Arc::clone(&queue), folder.clone(), Arc::clone(&wake));
        let task =
            Task::spawn("snmf-recovery", wake, move || work(&inner, &to, delay, &notify)).map_err(failed)?;
        Ok(Self { folder, leftovers, queue, task: Some(task), _lock: lock })
    }

    /// What windows that are gone have left, the latest first.
    pub fn leftovers(&self) -> &[Leftover] {
        &self.leftovers
    }

    /// Writes this down before long. What was to be written is replaced.
    pub fn offer(&self, contents: Contents) {
        lock(&self.queue.0).waiting = Some(contents);
        self.queue.1.notify_all();
    }

    /// Forgets a session that has been opened from what was left, once it is written down again.
    pub fn replace(&mut self, path: &Path) {
        if let Some(at) = self.leftovers.iter().position(|leftover| leftover.path == path) {
            let leftover = self.leftovers.remove(at);
            lock(&self.queue.0).replaced.push(leftover.folder);
        }
    }

    pub fn discard(&mut self, path: &Path) {
        if let Some(at) = self.leftovers.iter().position(|leftover| leftover.path == path) {
            remove(&self.leftovers.remove(at).folder);
        }
    }

    /// Why nothing could be written; once.
    pub fn take_failure(&self) -> Option<String> {
        lock(&self.queue.0).failure.take()
    }

    /// Ends in good order: nothing is left, or `unsaved`, which comes back by itself unless the window was `closed`.
    ///
    /// # Errors
    /// It cannot be written; what was written before stays.
    pub fn leave(mut self, unsaved: Option<&Contents>, closed: bool) -> Result<(), String> {
        self.stop();
        let Some(contents) = unsaved else {
            remove(&self.folder);
            return Ok(());
        };
        write(&self.folder, contents)?;
        let marked = if closed { files::write_atomic(&self.folder.join(CLOSED), true, b"") } else { Ok(()) };
        lock(&self.queue.0).replaced.drain(..).for_each(|folder| remove(&folder));
        marked.map_err(|e| e.to_string())
    }

    /// Ends the thread, once it has come to the end of what it writes.
    fn stop(&mut self) {
        lock(&self.queue.0).closing = true;
        self.queue.1.notify_all();
        drop(self.task.take());
    }
}

impl Drop for Recovery {
    fn drop(&mut self) {
        self.stop();
    }
}

fn work(queue: &(Mutex<WriterQueue>, Condvar), folder: &Path, delay: Duration, wake: &Waker) {
    let (mutex, moved) = queue;
    loop {
        let mut queue = lock(mutex);
        while queue.waiting.is_none() && !queue.closing {
            queue = moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let waited = moved.wait_timeout_while(queue, delay, |queue| !queue.closing);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if queue.closing {
            return;
        }
        let Some(contents) = queue.waiting.take() else { continue };
        let replaced = std::mem::take(&mut queue.replaced);
        drop(queue);
        let outcome = catch(|| write(folder, &contents)).flatten();
        let mut queue = lock(mutex);
        match outcome {
            Ok(()) => replaced.iter().for_each(|folder| remove(folder)),
            Err(reason) => {
                queue.replaced.extend(replaced);
                if !queue.failed {
                    queue.failed = true;
                    queue.failure = Some(reason);
                    wake();
                }
            }
        }
    }
}

fn write(folder: &Path, contents: &Contents) -> Result<(), String> {
    if contents.runs.is_empty() {
        // Nothing was learned that could be lost.
        return match fs::remove_file(folder.join(OBJECT)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => Err(format!("{e}: {}", folder.display())),
            _ => Ok(()),
        };
    }
    session_file::write_folder(folder, contents).map_err(|e| e.describe(folder))?;
    let about = files::write_atomic(&folder.join(ABOUT), true, contents.about().as_bytes());
    about.map_err(|e| e.to_string())
}

/// Removes the folder of a window, and its lock. What cannot be removed is tried again at the next start.
fn remove(folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    let _ = fs::remove_file(lock_of(folder));
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension(LOCK)
}

/// The sessions below `root` whose windows are gone, the latest first; what holds none is removed, and so are the oldest
/// beyond [`MOST`].
fn leftovers(root: &Path) -> Vec<Leftover> {
    let Ok(files) = fs::read_dir(root) else { return Vec::new() };
    let mut found = Vec::new();
    // A window that was killed at its start or at its end may have left its lock alone.
    let is_one = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|ending| ending == LOCK);
    let paths = files.flatten().map(|file| file.path()).filter(is_one);
    let folders: BTreeSet<PathBuf> = paths.map(|path| path.with_extension("")).collect();
    for folder in folders {
        let Some(lock) = gone(&folder) else { continue };
        session_file::sweep_folder(&folder);
        let path = folder.join(OBJECT);
        let Ok(written) = fs::metadata(&path).and_then(|file| file.modified()) else {
            remove(&folder);
            continue;
        };
        let about = fs::read_to_string(folder.join(ABOUT)).unwrap_or_default();
        let about = about.chars().filter(|c| !c.is_control()).take(200).collect();
        let crashed = !folder.join(CLOSED).exists();
        found.push(Leftover { path, about, written, crashed, folder, _lock: lock });
    }
    found.sort_by_key(|leftover| std::cmp::Reverse(leftover.written));
    for old in found.drain(MOST.min(found.len())..) {
        remove(&old.folder);
    }
    found
}

/// The lock of a window that is gone; none while it lives.
fn gone(folder: &Path) -> Option<File> {
    let file = File::options().write(true).create(true).truncate(false).open(lock_of(folder)).ok()?;
    match file.try_lock() {
        Ok(()) => Some(file),
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => None,
    }
}
