//! The window: panes that read a session and push commands.
//!
//! Nothing here decodes, factorises or compresses: what takes time is asked of
//! the session, or drawn by `pictures` on a thread of its own.

mod actions;
mod app;
mod dialogs;
mod listening;
mod panels;
mod panes;
mod pictures;
mod text;
mod theme;
mod view;
mod widgets;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

pub use app::{App, Start};
pub use dialogs::{Dialogs, NativeDialogs, NoDialogs, PathRequest};
pub use pictures::Drawing;
pub use theme::contrast;
pub use view::{Below, PaneId, Shown, View};

use crate::engine::interrupt::{self, Ending};
use crate::engine::task::catch;
use crate::engine::{MessageKind, files};
use crate::playback;

/// The name under which the desktop and the data folder know the program.
const APP_ID: &str = "snmf-workbench";

/// A window that could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("{}", text::window::not_opened(reason, input))]
pub struct NoWindow {
    reason: String,
    input: String,
}

/// Why the program ends with another code than 0.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// There is none.
    #[error(transparent)]
    NoWindow(#[from] NoWindow),
    /// The process was asked to end.
    #[error("{0}")]
    Ended(Ending),
}

impl WindowError {
    /// The exit code.
    pub const fn code(&self) -> u8 {
        match self {
            Self::NoWindow(_) => 1,
            Self::Ended(ending) => ending.code(),
        }
    }
}

/// How long a window that is asked to end has to write its session down.
const GRACE: Duration = Duration::from_secs(4);

/// Opens the window and stays until it is closed.
///
/// # Errors
/// There is no display, a library that a window needs is missing, or the process was asked to end.
pub fn run(input: Option<&Path>, threads: usize) -> Result<(), WindowError> {
    open(input.map(files::text_of), threads)?;
    interrupt::asked().map_or(Ok(()), |ending| Err(WindowError::Ended(ending)))
}

fn open(input: Option<String>, threads: usize) -> Result<(), NoWindow> {
    let named = input.clone().unwrap_or_else(|| "demo:speech".to_owned());
    let failed = |reason: String| NoWindow { reason, input: named.clone() };
    if cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| std::env::var_os(name).is_none())
    {
        return Err(failed(text::window::NO_DISPLAY.to_owned()));
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title(text::window::NAME)
            .with_app_id(APP_ID)
            .with_inner_size([1400.0, 820.0])
            .with_min_inner_size([800.0, 560.0])
            .with_drag_and_drop(true),
        ..Default::default()
    };
    let create: eframe::AppCreator<'_> = Box::new(move |context| {
        let start = Start {
            input,
            threads,
            drawing: Drawing::InBackground,
            dialogs: Arc::new(NativeDialogs),
            player: playback::system(),
            data: eframe::storage_dir(APP_ID),
        };
        let no_folder = start.data.is_none();
        let repaint = context.egui_ctx.clone();
        interrupt::listen(GRACE, move || repaint.request_repaint(), |_| {})?;
        let mut app = App::new(&context.egui_ctx, start)?;
        if no_folder {
            app.report(MessageKind::Warning, text::messages::not_kept(text::messages::NO_DATA_FOLDER));
        }
        Ok(Box::new(app))
    });
    // Where a library is missing, the window system's crates panic rather than fail.
    match catch(|| eframe::run_native(APP_ID, options, create)) {
        Ok(Ok(())) => Ok(()),
        Ok(Err(e)) => Err(failed(e.to_string())),
        Err(panic) => Err(failed(panic)),
    }
}
