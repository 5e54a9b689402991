//! A thread for work of which only the newest counts: measures of a column, the picture of a pane.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::task::{Task, TaskResult, Waker, catch, lock};

type Make<R> = Box<dyn FnOnce() -> R + Send>;

/// What the thread and those who ask share.
type Shared<K, X, R> = Arc<(Mutex<Queue<K, X, R>>, Condvar)>;

struct Queue<K, X, R> {
    /// Oldest first, so that no key waits for ever.
    waiting: Vec<(K, X, Make<R>)>,
    done: Vec<(K, X, TaskResult<R>)>,
    closed: bool,
}

/// A thread that does what it is asked for; of each key `K` only the latest request waits. What is handed in
/// as `X` comes back with the result.
pub struct Latest<K, X, R> {
    queue: Shared<K, X, R>,
    _task: Task<()>,
}

impl<K, X, R> Latest<K, X, R>
where
    K: Copy + PartialEq + Send + 'static,
    X: Send + 'static,
    R: Send + 'static,
{
    /// Starts a thread called `name`; `wake` is called after each piece of work.
    pub fn start(name: &str, wake: Waker) -> std::io::Result<Self> {
        let queue = Queue { waiting: Vec::new(), done: Vec::new(), closed: false };
        let queue = Arc::new((Mutex::new(queue), Condvar::new()));
        let (inner, notify) = (Arc::clone(&queue), Arc::clone(&wake));
        let task = Task::spawn(name, wake, move || {
            let (mutex, moved) = &*inner;
            loop {
                let mut queue = lock(mutex);
                while queue.waiting.is_empty() && !queue.closed {
                    queue = moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
                }
                if queue.closed {
                    return;
                }
                let (key, with, make) = queue.waiting.remove(0);
                drop(queue);
                let outcome = catch(make);
                lock(mutex).done.push((key, with, outcome));
                notify();
            }
        })?;
        Ok(Self { queue, _task: task })
    }

    /// Asks for `make`; an older request of this key that still waits is replaced and keeps its place.
    pub fn request(&self, key: K, with: X, make: impl FnOnce() -> R + Send + 'static) {
        let mut queue = lock(&self.queue.0);
        let request = (key, with, Box::new(make) as Make<R>);
        match queue.waiting.iter_mut().find(|(waiting, ..)| *waiting == key) {
            Some(older) => *older = request,
            None => queue.waiting.push(request),
        }
        self.queue.1.notify_one();
    }

    /// What was done since the last call: a result, or the text of a panic.
    pub fn take(&self) -> Vec<(K, X, TaskResult<R>)> {
        std::mem::take(&mut lock(&self.queue.0).done)
    }
}

impl<K, X, R> Drop for Latest<K, X, R> {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        lock(&self.queue.0).closed = true;
        self.queue.1.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::sync_channel;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn only_the_newest_of_a_key_is_done_and_a_panic_is_an_outcome() {
        let latest = Latest::start("test", Arc::new(|| {})).unwrap();
        let (release, held) = sync_channel::<()>(1);
        latest.request('a', 0, move || held.recv().map_or(-1, |()| 10));
        // Wait until the thread is busy with the first.
        while !lock(&latest.queue.0).waiting.is_empty() {
            std::thread::yield_now();
        }
        latest.request('a', 1, || 11);
        latest.request('b', 2, || panic!("no picture"));
        latest.request('a', 3, || 13);
        release.send(()).unwrap();
        let begun = Instant::now();
        let mut done = Vec::new();
        while done.len() < 3 {
            done.extend(latest.take());
            assert!(begun.elapsed() < Duration::from_secs(20));
        }
        assert_eq!(done, [('a', 0, Ok(10)), ('a', 3, Ok(13)), ('b', 2, Err("no picture".to_owned()))]);
    }
}
