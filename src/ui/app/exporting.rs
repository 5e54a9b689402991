//! What is being written or copied in the background: how far it is, and a way to end it.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use egui::{ColorImage, Ui};

use crate::engine::task::{Task, seldom};
use crate::engine::{MessageKind, Waker};
use crate::ui::text::{figures as words, part_of};

/// What is done sooner needs no bar.
const SOON: Duration = Duration::from_millis(500);

/// What comes out.
pub enum Made {
    /// A file or a folder of so many bytes, and what there is to say of it.
    Written { path: PathBuf, bytes: usize, notes: Vec<(MessageKind, String)> },
    /// A picture for the clipboard.
    Picture(ColorImage),
}

/// What the thread and the window share.
pub struct ExportProgress {
    done: AtomicUsize,
    of: AtomicUsize,
    cancelled: AtomicBool,
    wake: Waker,
}

impl ExportProgress {
    /// Reports the progress; says whether to go on.
    pub fn report(&self, done: usize, of: usize) -> ControlFlow<()> {
        self.done.store(done, Ordering::Relaxed);
        self.of.store(of, Ordering::Relaxed);
        (self.wake)();
        if self.cancelled.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Reports another step of an unknown number of steps.
    pub fn step(&self) -> ControlFlow<()> {
        self.report(self.done.load(Ordering::Relaxed) + 1, self.of.load(Ordering::Relaxed))
    }
}

/// Work of that kind. Dropping it ends it and waits for the step in progress.
pub struct Exporting {
    what: String,
    begun: Instant,
    progress: Arc<ExportProgress>,
    task: Task<Result<Made, String>>,
}

impl Exporting {
    /// Starts it; `of` is the number of its steps, as far as that is known.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(
        what: String,
        of: usize,
        wake: Waker,
        work: impl FnOnce(&ExportProgress) -> Result<Made, String> + Send + 'static,
    ) -> std::io::Result<Self> {
        let progress = Arc::new(ExportProgress {
            done: AtomicUsize::new(0),
            of: AtomicUsize::new(of),
            cancelled: AtomicBool::new(false),
            wake: seldom(&wake),
        });
        let shared = Arc::clone(&progress);
        let task = Task::spawn("snmf-figure", wake, move || work(&shared))?;
        Ok(Self { what, begun: Instant::now(), progress, task })
    }

    /// What came out, once it is there.
    pub fn take(&self) -> Option<Result<Made, String>> {
        let panicked = |panic: String| Err(words::failed(&panic));
        self.task.take().map(|outcome| outcome.unwrap_or_else(panicked))
    }

    /// Whether it takes long enough for a bar.
    pub fn is_slow(&self) -> bool {
        self.begun.elapsed() >= SOON
    }

    /// A bar with a button, where it takes long.
    pub fn show(&self, ui: &mut Ui) {
        if !self.is_slow() {
            ui.ctx().request_repaint_after(SOON);
            return;
        }
        let (done, of) =
            (self.progress.done.load(Ordering::Relaxed), self.progress.of.load(Ordering::Relaxed));
        ui.horizontal(|ui| {
            ui.label(&self.what);
            let share = done as f32 / of.max(done).max(1) as f32;
            ui.add(egui::ProgressBar::new(share).desired_width(160.0).text(part_of(done, of.max(done))));
            if ui.button(words::CANCEL).clicked() {
                self.progress.cancelled.store(true, Ordering::Relaxed);
            }
        });
    }
}

impl Drop for Exporting {
    fn drop(&mut self) {
        // The task, dropped next, waits for the thread.
        self.progress.cancelled.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_dropped_ends_within_a_step() {
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let work = move |progress: &ExportProgress| {
            let mut steps = 0;
            while progress.step().is_continue() {
                steps += 1;
                std::thread::sleep(Duration::from_millis(1));
            }
            let _ = sender.send(steps);
            Err(words::CANCELLED.to_owned())
        };
        let exporting = Exporting::start(words::WRITING.to_owned(), 3, Arc::new(|| {}), work).unwrap();
        assert!(exporting.take().is_none());
        drop(exporting);
        assert!(receiver.try_recv().is_ok(), "the thread has ended when dropping returns");
    }
}
