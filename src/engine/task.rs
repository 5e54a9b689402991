//! Work on a named thread of its own whose result, or panic, is picked up later.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Called when something new can be read; the window asks for a repaint here.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// Between two calls of a waker that is called [`seldom`]: what changes faster is not seen.
const SELDOM: Duration = Duration::from_millis(50);

/// A waker for work that reports every step: a report too soon after another is left out.
pub fn seldom(wake: &Waker) -> Waker {
    let (wake, last) = (Arc::clone(wake), Mutex::new(None::<Instant>));
    Arc::new(move || {
        let mut last = lock(&last);
        if last.is_none_or(|last| last.elapsed() >= SELDOM) {
            *last = Some(Instant::now());
            drop(last);
            wake();
        }
    })
}

/// What became of a task: its result, or the text of its panic.
pub type TaskResult<T> = Result<T, String>;

/// A piece of work on a thread of its own. Dropping it waits for the work to end.
pub struct Task<T> {
    outcome: Arc<Mutex<Option<TaskResult<T>>>>,
    thread: Option<JoinHandle<()>>,
}

impl<T: Send + 'static> Task<T> {
    /// Starts `work` on a thread called `name`; `wake` is called when it has ended.
    pub fn spawn(
        name: &str,
        wake: Waker,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> std::io::Result<Self> {
        let outcome = Arc::new(Mutex::new(None));
        let slot = Arc::clone(&outcome);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            let result = catch(work);
            *lock(&slot) = Some(result);
            wake();
        })?;
        Ok(Self { outcome, thread: Some(thread) })
    }

    /// The result, once, when the work has ended.
    pub fn take(&self) -> Option<TaskResult<T>> {
        lock(&self.outcome).take()
    }
}

impl<T> Drop for Task<T> {
    fn drop(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic has become an outcome already; nothing is left to learn from the handle.
            let _ = thread.join();
        }
    }
}

/// Does `work` and turns a panic into its text.
pub fn catch<T>(work: impl FnOnce() -> T) -> TaskResult<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| panic_text(&*payload))
}

/// The value behind a lock whose holder may have panicked: every value kept so is valid at any time.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn panic_text(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
}
