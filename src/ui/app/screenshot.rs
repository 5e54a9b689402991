//! A picture of the window as a file.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use egui::ColorImage;

use crate::engine::task::lock;
use crate::engine::{Session, Waker};
use crate::figure::png;

/// Frames to wait, so that the question about the path is gone from the picture.
const WAIT: u8 = 2;

/// Where a picture is to be written.
struct PictureFile {
    path: PathBuf,
    overwrite: bool,
}

type Taken = (PictureFile, Arc<ColorImage>);

#[derive(Default)]
pub(super) struct Screenshot {
    /// What has been asked for, with the frames that are still to wait.
    wanted: Option<(u8, PictureFile)>,
    taken: Arc<Mutex<Vec<Taken>>>,
}

impl Screenshot {
    pub(super) fn ask(&mut self, path: PathBuf, overwrite: bool) {
        self.wanted = Some((WAIT, PictureFile { path, overwrite }));
    }

    /// Takes the picture once it may be taken, and has what was taken written.
    pub(super) fn tick(&mut self, ctx: &egui::Context, session: &mut Session, wake: &Waker) {
        if let Some((wait, target)) = self.wanted.take() {
            if wait > 0 {
                self.wanted = Some((wait - 1, target));
                ctx.request_repaint();
            } else {
                let (taken, wake) = (Arc::clone(&self.taken), Arc::clone(wake));
                ctx.request_screenshot(move |image| {
                    lock(&taken).push((target, image));
                    wake();
                });
            }
        }
        let taken = std::mem::take(&mut *lock(&self.taken));
        for (target, image) in taken {
            session.save(target.path, target.overwrite, move || {
                let rgb: Vec<u8> = image.pixels.iter().flat_map(|p| [p.r(), p.g(), p.b()]).collect();
                png::encode(image.width(), image.height(), &rgb)
            });
        }
    }
}
