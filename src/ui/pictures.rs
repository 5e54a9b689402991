//! What panes show, computed off the window's thread and kept until something newer is there.
//!
//! The only place that makes textures.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use egui::{Color32, ColorImage, TextureHandle, TextureOptions};

use super::view::PaneId;
use crate::engine::Waker;
use crate::engine::latest::Latest;
use crate::figure::Components;
use crate::figure::scene::{Mark, Plot};

/// Where the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// On a thread of its own, a frame or two late.
    InBackground,
    /// At once, for tests and pictures that must not depend on time.
    AtOnce,
}

/// What a pane asks for.
pub enum Product {
    /// What it shows.
    Plot(Plot),
    /// What belongs together.
    Components(Components),
}

/// What is there to be painted.
#[derive(Clone)]
pub enum Ready {
    /// A plot whose image, if it has one, is a texture and no longer among its marks.
    Plot(Arc<Plot>, Option<TextureHandle>),
    /// What belongs together.
    Components(Arc<Components>),
}

impl Ready {
    /// The plot with its texture.
    pub fn plot(&self) -> Option<(&Plot, Option<&TextureHandle>)> {
        match self {
            Self::Plot(plot, texture) => Some((plot, texture.as_ref())),
            Self::Components(_) => None,
        }
    }
}

/// Pictures of a pane that are kept: what it showed before is there at once when it is looked at again, as in a
/// change to and fro between the input and a reconstruction.
const KEPT: usize = 3;

/// A product in the form that costs the window's thread least.
enum Drawn {
    Plot(Arc<Plot>, Option<ColorImage>),
    Components(Arc<Components>),
}

impl Drawn {
    fn of(product: Product) -> Self {
        let mut plot = match product {
            Product::Plot(plot) => plot,
            Product::Components(components) => return Self::Components(Arc::new(components)),
        };
        let mut image = None;
        plot.marks.retain_mut(|mark| {
            let Mark::Image(raster) = mark else { return true };
            let pixels = raster.pixels.iter().map(|[r, g, b]| Color32::from_rgb(*r, *g, *b)).collect();
            image = Some(ColorImage::new([raster.width, raster.height], pixels));
            false
        });
        Self::Plot(Arc::new(plot), image)
    }
}

/// What there is of one pane.
#[derive(Default)]
struct PanePictures {
    /// What was asked for last.
    asked: Option<u64>,
    /// The latest last.
    ready: VecDeque<(u64, Ready)>,
}

/// The cache of what panes show.
pub struct Pictures {
    /// None where pictures are drawn at once.
    worker: Option<Latest<PaneId, u64, Drawn>>,
    panes: HashMap<PaneId, PanePictures>,
}

impl Pictures {
    /// An empty cache; `wake` is called when something new can be painted.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn new(drawing: Drawing, wake: Waker) -> std::io::Result<Self> {
        let worker = match drawing {
            Drawing::InBackground => Some(Latest::start("snmf-draw", wake)?),
            Drawing::AtOnce => None,
        };
        Ok(Self { worker, panes: HashMap::new() })
    }

    /// Takes over what was drawn since the last frame.
    pub fn collect(&mut self, ctx: &egui::Context) {
        let Some(worker) = &self.worker else { return };
        for (pane, stamp, drawn) in worker.take() {
            match drawn {
                Ok(drawn) => self.keep(ctx, pane, stamp, drawn),
                Err(panic) => log::error!("drawing {} failed: {panic}", pane.name()),
            }
        }
    }

    /// What `pane` shows, as new as there is. `stamp` names what is wanted: where it is neither at hand nor what was
    /// asked for last, `make` is asked for it.
    pub fn get(
        &mut self,
        ctx: &egui::Context,
        pane: PaneId,
        stamp: u64,
        make: impl FnOnce() -> Product + Send + 'static,
    ) -> Option<Ready> {
        let kept = self.panes.entry(pane).or_default();
        let found = kept.ready.iter().position(|(of, _)| *of == stamp);
        if let Some(found) = found.and_then(|found| kept.ready.remove(found)) {
            kept.ready.push_back(found);
            kept.asked = Some(stamp);
        } else if kept.asked.replace(stamp) != Some(stamp) {
            match &self.worker {
                Some(worker) => worker.request(pane, stamp, move || Drawn::of(make())),
                None => self.keep(ctx, pane, stamp, Drawn::of(make())),
            }
        }
        self.latest(pane)
    }

    /// Whether [`Pictures::get`] would ask for what this stamp names.
    pub fn wants(&self, pane: PaneId, stamp: u64) -> bool {
        self.panes.get(&pane).and_then(|kept| kept.asked) != Some(stamp)
    }

    /// What `pane` shows without asking for anything.
    pub fn latest(&self, pane: PaneId) -> Option<Ready> {
        self.panes.get(&pane)?.ready.back().map(|(_, ready)| ready.clone())
    }

    /// Forgets what a pane showed, because there is nothing to show any more.
    pub fn forget(&mut self, pane: PaneId) {
        self.panes.remove(&pane);
    }

    fn keep(&mut self, ctx: &egui::Context, pane: PaneId, stamp: u64, drawn: Drawn) {
        let Some(kept) = self.panes.get_mut(&pane) else { return };
        let oldest = if kept.ready.len() >= KEPT { kept.ready.pop_front() } else { None };
        let ready = match drawn {
            Drawn::Components(components) => Ready::Components(components),
            Drawn::Plot(plot, None) => Ready::Plot(plot, None),
            Drawn::Plot(_, Some(image)) if image.pixels.is_empty() => return,
            Drawn::Plot(plot, Some(image)) => {
                let texture = if let Some((_, Ready::Plot(_, Some(mut texture)))) = oldest {
                    texture.set(image, TextureOptions::NEAREST);
                    texture
                } else {
                    ctx.load_texture(pane.name(), image, TextureOptions::NEAREST)
                };
                Ready::Plot(plot, Some(texture))
            }
        };
        // Where what is wanted is there already, what comes late is kept and not shown.
        let settled = kept.ready.back().is_some_and(|(of, _)| kept.asked == Some(*of));
        if settled { kept.ready.push_front((stamp, ready)) } else { kept.ready.push_back((stamp, ready)) }
    }
}

/// A number that changes whenever one of the parts does.
pub fn stamp(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
