//! What outlives the window: what was opened, how it looked, and, should it not be closed, the session itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::Context;
use serde::{Deserialize, Serialize};

use crate::engine::latest::Latest;
use crate::engine::recovery::{DELAY, Recovery};
use crate::engine::session_file::Contents;
use crate::engine::task::Task;
use crate::engine::{
    ColumnId, Command, EngineError, InputState, MessageKind, Session, Source, Status, Waker, files, interrupt,
};
use crate::ui::text::messages;
use crate::ui::view::View;
use crate::ui::view::persist::{SavedLook, SavedView};
use crate::ui::view::recent::{MOST, Recent, RecentFile, Unsaved};

/// How long after the last writing another view is written down at the earliest.
const AT_REST: Duration = Duration::from_secs(1);

/// How often runs that are under way are written down.
const WHILE_RUNNING: Duration = Duration::from_secs(30);

/// What a window remembers from one start to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Remembered {
    look: SavedLook,
    zoom: f32,
    recent: Vec<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum FileTask {
    Write,
    LookForFiles,
}

enum Done {
    Written(Result<(), String>),
    /// Whether each of these is missing.
    Looked(Vec<(PathBuf, bool)>),
}

/// What of the session was written down last.
type SavedMark = (u64, [Option<usize>; 2]);

/// Writes all of that, off the window's thread.
pub struct Persistence {
    data: Option<PathBuf>,
    wake: Waker,
    recovery: Option<Recovery>,
    /// A session that is put aside, and the recovery of the one that has come in its place.
    aside: Option<Task<Result<Recovery, String>>>,
    remembered: Remembered,
    worker: Latest<FileTask, (), Done>,
    offered: SavedMark,
    offered_at: Instant,
    /// The view that was written down last.
    looked_at: SavedView,
    /// Whether it was reported that nothing can be kept.
    reported: bool,
    seen: Vec<PathBuf>,
}

impl Persistence {
    /// Begins to keep things in the folder `data`, and makes the window look as it did. A session that was left by a crash
    /// comes back where `alone` says that nothing else is to be opened.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(
        ctx: &Context,
        data: Option<PathBuf>,
        alone: bool,
        session: &mut Session,
        view: &mut View,
        wake: Waker,
    ) -> Result<Self, EngineError> {
        let mut persistence = Self {
            data,
            recovery: None,
            aside: None,
            remembered: Remembered::default(),
            worker: Latest::start("snmf-remember", Arc::clone(&wake))?,
            wake,
            offered: (session.revision(), [None; 2]),
            offered_at: Instant::now(),
            looked_at: SavedView::default(),
            reported: false,
            seen: Vec::new(),
        };
        let Some(folder) = persistence.data.clone() else { return Ok(persistence) };
        files::sweep(&folder);
        if let Ok(bytes) = files::read(&persistence.path())
            && let Ok(remembered) = serde_json::from_slice::<Remembered>(&bytes)
        {
            remembered.look.apply(ctx, view);
            if (0.5..=4.0).contains(&remembered.zoom) {
                ctx.set_zoom_factor(remembered.zoom);
            }
            let paths = remembered.recent.iter().take(MOST).map(files::path_of);
            view.recent.files = paths.map(|path| RecentFile { path, missing: false }).collect();
            persistence.remembered = remembered;
            persistence.look_for(&view.recent);
        }
        match recovery(&folder, &persistence.wake) {
            Ok(recovery) => {
                if let Some(left) = recovery.leftovers().iter().find(|left| left.crashed) {
                    if alone {
                        left.try_once();
                        session.apply(Command::Recover(left.path.clone()));
                    } else {
                        report(session, MessageKind::Info, messages::LEFT_BEHIND.to_owned());
                    }
                }
                persistence.recovery = Some(recovery);
                persistence.list(view);
            }
            Err(reason) => persistence.cannot(session, &reason),
        }
        Ok(persistence)
    }

    fn path(&self) -> PathBuf {
        self.data.clone().unwrap_or_default().join("window.json")
    }

    /// Nothing can be kept: reported once, and the work goes on.
    fn cannot(&mut self, session: &mut Session, reason: &str) {
        if !std::mem::replace(&mut self.reported, true) {
            report(session, MessageKind::Warning, messages::not_kept(reason));
        }
    }

    /// Notices what has changed since the last frame.
    pub fn tick(&mut self, ctx: &Context, session: &mut Session, view: &mut View) {
        self.note_files(session, view);
        // While something is dragged it is not yet where it will stay.
        if !ctx.input(|input| input.pointer.any_down()) {
            self.remember(ctx, view);
        }
        for (.., done) in self.worker.take() {
            match done {
                Ok(Done::Written(Ok(()))) | Err(_) => {}
                Ok(Done::Written(Err(reason))) => self.cannot(session, &reason),
                Ok(Done::Looked(found)) => {
                    for file in &mut view.recent.files {
                        if let Some((_, missing)) = found.iter().find(|(path, _)| *path == file.path) {
                            file.missing = *missing;
                        }
                    }
                }
            }
        }
        if let Some(reason) = self.recovery.as_ref().and_then(Recovery::take_failure) {
            self.cannot(session, &reason);
        }
        if let Some(path) = session.take_recovered() {
            if let Some(recovery) = &mut self.recovery {
                recovery.replace(&path);
            }
            self.list(view);
        }
        if let Some(contents) = session.take_replaced() {
            self.put_aside(session, contents);
        }
        if let Some(outcome) = self.aside.as_ref().and_then(Task::take) {
            self.aside = None;
            match outcome.flatten() {
                Ok(recovery) => self.recovery = Some(recovery),
                Err(reason) => self.cannot(session, &reason),
            }
            self.offered = (u64::MAX, [None; 2]);
            self.list(view);
        }
        self.write_down(ctx, session, view);
    }

    /// Sounds, streams and sessions that were opened.
    fn note_files(&mut self, session: &Session, view: &mut View) {
        let mut now = Vec::new();
        if let InputState::Ready(analysis) = session.input()
            && let Source::File(path) = &analysis.input.source
            && !session.is_unpacked(path)
        {
            now.push(path.clone());
        }
        for column in ColumnId::BOTH {
            if let Status::Imported { path } = &session.column(column).status {
                now.push(path.clone());
            }
        }
        // What comes with a session is no file that was opened: it is noted before, so that the session is in front.
        now.extend(session.file().map(|(path, _)| path.to_owned()));
        let mut changed = false;
        for path in &now {
            if !self.seen.contains(path) {
                changed |= view.recent.note(&std::path::absolute(path).unwrap_or_else(|_| path.clone()));
            }
        }
        if now != self.seen {
            self.seen = now;
        }
        if changed {
            self.look_for(&view.recent);
        }
    }

    /// Whether the files of the list are there is asked off the window's thread: some folders take their time.
    fn look_for(&self, recent: &Recent) {
        let paths: Vec<PathBuf> = recent.files.iter().map(|file| file.path.clone()).collect();
        self.worker.request(FileTask::LookForFiles, (), move || {
            Done::Looked(paths.into_iter().map(|path| (!path.exists(), path)).map(|(m, p)| (p, m)).collect())
        });
    }

    fn remember(&mut self, ctx: &Context, view: &View) {
        if self.data.is_none() {
            return;
        }
        let now = Remembered {
            look: SavedLook::of(ctx, view),
            zoom: ctx.zoom_factor(),
            recent: view.recent.files.iter().map(|file| files::text_of(&file.path)).collect(),
        };
        if now == self.remembered {
            return;
        }
        self.remembered = now.clone();
        let path = self.path();
        self.worker.request(FileTask::Write, (), move || {
            let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
            let bytes = serde_json::to_vec(&now).unwrap_or_default();
            let written = folder.map_err(|e| e.to_string());
            Done::Written(
                written.and_then(|()| files::write_atomic(&path, true, &bytes).map_err(|e| e.to_string())),
            )
        });
    }

    fn write_down(&mut self, ctx: &Context, session: &Session, view: &View) {
        let Some(recovery) = &self.recovery else { return };
        let mark = (session.revision(), ColumnId::BOTH.map(|column| session.column(column).number()));
        let running = ColumnId::BOTH.into_iter().any(|column| session.column(column).status.is_active());
        let since = self.offered_at.elapsed();
        let looked_at = SavedView::now(ctx, view);
        // A view is written once it has come to rest.
        let is_moved = looked_at != self.looked_at && !ctx.input(|input| input.pointer.any_down());
        if is_moved && since < AT_REST {
            ctx.request_repaint_after(AT_REST.saturating_sub(since));
        }
        let due = running && since >= WHILE_RUNNING || is_moved && since >= AT_REST;
        // A session that nobody has touched is not worth a file.
        let worth = session.is_changed() || !session.runs().all().is_empty();
        if (mark != self.offered || due) && worth {
            recovery.offer(session.contents(looked_at.value()));
            (self.offered, self.looked_at) = (mark, looked_at);
            self.offered_at = Instant::now();
        }
    }

    /// A session that another one has replaced before it was saved.
    fn put_aside(&mut self, session: &mut Session, contents: Contents) {
        let (Some(folder), Some(before)) = (self.data.clone(), self.recovery.take()) else { return };
        let wake = Arc::clone(&self.wake);
        let work = move || {
            before.leave(Some(&contents), true)?;
            recovery(&folder, &wake)
        };
        match Task::spawn("snmf-aside", Arc::clone(&self.wake), work) {
            Ok(task) => {
                self.aside = Some(task);
                report(session, MessageKind::Info, messages::PUT_ASIDE.to_owned());
            }
            Err(e) => self.cannot(session, &e.to_string()),
        }
    }

    /// Takes a file off the list.
    pub fn forget(view: &mut View, path: &Path) {
        view.recent.forget(path);
    }

    /// Removes a session that was not saved.
    pub fn discard(&mut self, view: &mut View, path: &Path) {
        if let Some(recovery) = &mut self.recovery {
            recovery.discard(path);
        }
        self.list(view);
    }

    fn list(&self, view: &mut View) {
        let left = self.recovery.as_ref().map_or(&[][..], Recovery::leftovers);
        let unsaved = left.iter().map(|left| Unsaved {
            path: left.path.clone(),
            about: left.about.clone(),
            written: left.written,
        });
        view.recent.unsaved = unsaved.collect();
    }

    /// The window is closed: what was not saved can be opened again. Where the process was asked to end, it comes back by
    /// itself, as after a crash.
    pub fn leave(&mut self, ctx: &Context, session: &Session, view: &View) {
        // What is being put aside comes to its end first.
        drop(self.aside.take());
        let Some(recovery) = self.recovery.take() else { return };
        let contents = session.contents(SavedView::of(ctx, view));
        let unsaved = session.is_changed() && !contents.runs.is_empty();
        // Nobody is left to read a message.
        let _ = recovery.leave(unsaved.then_some(&contents), interrupt::asked().is_none());
    }
}

fn recovery(data: &Path, wake: &Waker) -> Result<Recovery, String> {
    Recovery::start(&data.join("recovery"), DELAY, Arc::clone(wake)).map_err(|e| e.to_string())
}

fn report(session: &mut Session, kind: MessageKind, text: String) {
    session.apply(Command::Report { kind, text });
}
