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
use crate::figure::{Components, Histogram, Raster};

/// Where the work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drawing {
    /// On a thread of its own, a frame or two late.
    InBackground,
    /// At once, for tests and pictures that must not depend on time.
    AtOnce,
}

/// Left, bottom, right and top in the coordinates of the plot.
pub type Place = [f64; 4];

/// What a pane asks for.
pub enum Product {
    /// Pixels.
    Picture(Raster),
    /// Counts.
    Histogram(Histogram),
    /// A polyline each.
    Curves(Vec<Vec<[f64; 2]>>),
    /// What belongs together.
    Components(Components),
}

/// What is there to be painted.
#[derive(Clone)]
pub enum Ready {
    /// Pixels with where they belong.
    Texture(TextureHandle, Place),
    /// Counts.
    Histogram(Arc<Histogram>),
    /// A polyline each.
    Curves(Arc<Vec<Vec<[f64; 2]>>>),
    /// What belongs together.
    Components(Arc<Components>),
}

/// Pictures of a pane that are kept: what it showed before is there at once when it is looked at again, as in a
/// change to and fro between the input and a reconstruction.
const KEPT: usize = 3;

/// A product in the form that costs the window's thread least.
enum Drawn {
    Image(ColorImage),
    Histogram(Arc<Histogram>),
    Curves(Arc<Vec<Vec<[f64; 2]>>>),
    Components(Arc<Components>),
}

impl Drawn {
    fn of(product: Product) -> Self {
        match product {
            Product::Histogram(histogram) => Self::Histogram(Arc::new(histogram)),
            Product::Curves(curves) => Self::Curves(Arc::new(curves)),
            Product::Components(components) => Self::Components(Arc::new(components)),
            Product::Picture(raster) => {
                let pixels = raster.pixels.iter().map(|[r, g, b]| Color32::from_rgb(*r, *g, *b)).collect();
                Self::Image(ColorImage::new([raster.width, raster.height], pixels))
            }
        }
    }
}

/// What there is of one pane.
#[derive(Default)]
struct Shelf {
    /// What was asked for last.
    asked: Option<u64>,
    /// The latest last.
    ready: VecDeque<(u64, Ready)>,
}

/// The cache of what panes show.
pub struct Pictures {
    /// None where pictures are drawn at once.
    worker: Option<Latest<PaneId, (u64, Place), Drawn>>,
    shelves: HashMap<PaneId, Shelf>,
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
        Ok(Self { worker, shelves: HashMap::new() })
    }

    /// Takes over what was drawn since the last frame.
    pub fn collect(&mut self, ctx: &egui::Context) {
        let Some(worker) = &self.worker else { return };
        for (pane, (stamp, place), drawn) in worker.take() {
            match drawn {
                Ok(drawn) => self.keep(ctx, pane, stamp, place, drawn),
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
        place: Place,
        make: impl FnOnce() -> Product + Send + 'static,
    ) -> Option<Ready> {
        let shelf = self.shelves.entry(pane).or_default();
        let found = shelf.ready.iter().position(|(of, _)| *of == stamp);
        if let Some(found) = found.and_then(|found| shelf.ready.remove(found)) {
            shelf.ready.push_back(found);
            shelf.asked = Some(stamp);
        } else if shelf.asked.replace(stamp) != Some(stamp) {
            match &self.worker {
                Some(worker) => worker.request(pane, (stamp, place), move || Drawn::of(make())),
                None => self.keep(ctx, pane, stamp, place, Drawn::of(make())),
            }
        }
        self.shelves.get(&pane)?.ready.back().map(|(_, ready)| ready.clone())
    }

    /// Forgets what a pane showed, because there is nothing to show any more.
    pub fn forget(&mut self, pane: PaneId) {
        self.shelves.remove(&pane);
    }

    fn keep(&mut self, ctx: &egui::Context, pane: PaneId, stamp: u64, place: Place, drawn: Drawn) {
        let Some(shelf) = self.shelves.get_mut(&pane) else { return };
        let oldest = if shelf.ready.len() >= KEPT { shelf.ready.pop_front() } else { None };
        let ready = match drawn {
            Drawn::Histogram(histogram) => Ready::Histogram(histogram),
            Drawn::Curves(curves) => Ready::Curves(curves),
            Drawn::Components(components) => Ready::Components(components),
            Drawn::Image(image) if image.pixels.is_empty() => return,
            Drawn::Image(image) => match oldest {
                Some((_, Ready::Texture(mut texture, _))) => {
                    texture.set(image, TextureOptions::NEAREST);
                    Ready::Texture(texture, place)
                }
                _ => Ready::Texture(ctx.load_texture(pane.name(), image, TextureOptions::NEAREST), place),
            },
        };
        // Where what is wanted is there already, what comes late is kept and not shown.
        let settled = shelf.ready.back().is_some_and(|(of, _)| shelf.asked == Some(*of));
        if settled { shelf.ready.push_front((stamp, ready)) } else { shelf.ready.push_back((stamp, ready)) }
    }
}

/// A number that changes whenever one of the parts does.
pub fn stamp(parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    hasher.finish()
}
