//! What panes show, computed off the window's thread and kept until something newer is there.
//!
//! The only place that makes textures.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Color32, ColorImage, TextureHandle, TextureOptions};

use super::view::PaneId;
use crate::engine::Waker;
use crate::engine::latest::Latest;
use crate::figure::{Histogram, Raster};

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
}

/// The cache of what panes show.
pub struct Pictures {
    /// None where pictures are drawn at once.
    worker: Option<Latest<PaneId, Place, Product>>,
    asked: HashMap<PaneId, u64>,
    ready: HashMap<PaneId, Ready>,
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
        Ok(Self { worker, asked: HashMap::new(), ready: HashMap::new() })
    }

    /// Takes over what was drawn since the last frame.
    pub fn collect(&mut self, ctx: &egui::Context) {
        let Some(worker) = &self.worker else { return };
        for (pane, place, product) in worker.take() {
            match product {
                Ok(product) => self.keep(ctx, pane, place, product),
                Err(panic) => log::error!("drawing {} failed: {panic}", pane.name()),
            }
        }
    }

    /// What `pane` shows, as new as there is. `stamp` names what is wanted: where it is not that of the last
    /// request, `make` is asked for it.
    pub fn get(
        &mut self,
        ctx: &egui::Context,
        pane: PaneId,
        stamp: u64,
        place: Place,
        make: impl FnOnce() -> Product + Send + 'static,
    ) -> Option<Ready> {
        if self.asked.insert(pane, stamp) != Some(stamp) {
            match &self.worker {
                Some(worker) => worker.request(pane, place, make),
                None => self.keep(ctx, pane, place, make()),
            }
        }
        self.ready.get(&pane).cloned()
    }

    /// Forgets what a pane showed, because there is nothing to show any more.
    pub fn forget(&mut self, pane: PaneId) {
        self.asked.remove(&pane);
        self.ready.remove(&pane);
    }

    fn keep(&mut self, ctx: &egui::Context, pane: PaneId, place: Place, product: Product) {
        if !self.asked.contains_key(&pane) {
            return;
        }
        let ready = match product {
            Product::Histogram(histogram) => Ready::Histogram(Arc::new(histogram)),
            Product::Curves(curves) => Ready::Curves(Arc::new(curves)),
            Product::Picture(raster) if raster.pixels.is_empty() => return,
            Product::Picture(raster) => {
                let pixels = raster.pixels.iter().map(|[r, g, b]| Color32::from_rgb(*r, *g, *b)).collect();
                let image = ColorImage::new([raster.width, raster.height], pixels);
                match self.ready.remove(&pane) {
                    Some(Ready::Texture(mut texture, _)) => {
                        texture.set(image, TextureOptions::NEAREST);
                        Ready::Texture(texture, place)
                    }
                    _ => Ready::Texture(ctx.load_texture(pane.name(), image, TextureOptions::NEAREST), place),
                }
            }
        };
        self.ready.insert(pane, ready);
    }
}
