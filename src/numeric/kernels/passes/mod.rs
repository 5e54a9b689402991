//! The two half-steps of an update as fused passes over V: Vhat, Q and a numerator of (3), tile by tile.
//!
//! A numerator takes two products, Vhat and its own. A product contracts over lags and components, over bins,
//! or over frames, and vectors must not run along what is contracted. So the half-steps lay their vectors
//! differently: along frames where H is updated, along bins where W is. Either way a *panel* of V, two vectors
//! across, meets what lies in the other direction: its Vhat is computed in registers, becomes
//! Q = (V + phi) / (Vhat + phi) there, and stays in the cache as an operand of the numerator. Neither Vhat nor Q
//! ever exists as a whole.
//!
//! The same passes give the diagonal of the Hessian, with (V + phi) / (Vhat + phi)^2 and squared factors.
//!
//! Panels are shared out to tasks by the sizes alone, and what tasks contribute is added up in
//! order, so results are the same bits for any number of threads.

mod by_bin;
mod by_frame;

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;

use super::narrow::{self, Narrow};
use super::pack::transpose_in;
use super::panel::{Extent, block};
use super::scalar::Real;
use crate::factors::Shape;

/// At most so many tasks for H: each has sums of its own, which bounds the memory whatever the length.
const FRAME_TASKS: usize = 16;

/// At most so many tasks for W.
const BIN_TASKS: usize = 64;

/// Frames of V that the pass for W takes at once: their activations and the Q of a panel stay in the cache.
const BLOCK: usize = 256;

/// V is kept a second time, by bins, up to this size in bytes; beyond it comes from memory anyway, and is turned
/// over on the way.
const KEPT_TWICE: usize = 8 << 20;

/// The smallest R T for which turning Q over costs less than the product that it saves.
const WORTH_KEEPING: usize = 48;

/// Work of a pass, in multiplications, that is not worth waking another thread for.
const ALONE: usize = 1 << 21;

/// What a task of the pass for H works with.
struct FrameTask<F> {
    /// The panels that it takes.
    panels: Range<usize>,
    /// H of a panel by components, with the T-1 frames before it.
    rows: Vec<F>,
    own: Vec<F>,
    v: Vec<F>,
    q: Vec<F>,
    numerator: Vec<F>,
    /// The numerator of H by components, for the frames of the task and the T-1 before them.
    sums: Vec<F>,
    /// D of each column of a panel.
    columns: Vec<f64>,
    /// D of the task's frames.
    objective: f64,
}

/// What a task of the pass for W works with.
struct BinTask<F> {
    /// V of a panel that reaches beyond the last bin.
    v: Vec<F>,
    q: Vec<F>,
    /// D of each bin of a panel.
    columns: Vec<f64>,
    /// D of the task's bins.
    objective: f64,
}

/// V and all scratch space of the passes. Nothing is allocated in a pass.
pub struct Passes<F: Real> {
    shape: Shape,
    phi: F,
    v: Arc<DMatrix<F>>,
    /// Elements across a panel.
    width: usize,
    tall: usize,
    tall_depth: usize,
    /// V by panels of frames, each by bins; empty if that would take too much memory.
    by_bin: Vec<F>,
    /// Q as V is laid out; empty unless it is to be kept.
    q: Vec<F>,
    /// Vhat's operand of each panel of bins.
    own: Vec<F>,
    /// Vhat's operand that all panels share.
    other: Vec<F>,
    /// The numerator's operand that all panels share.
    contracted: Vec<F>,
    /// The numerator of each panel of bins.
    numerators: Vec<F>,
    frame_tasks: Vec<FrameTask<F>>,
    bin_tasks: Vec<BinTask<F>>,
    /// For small R T there is a faster way to a numerator alone.
    narrow: Option<Narrow<F>>,
}

impl<F: Real> Passes<F> {
    /// Room for passes over V (M x N, non-negative) with R `components` and T `lags`.
    pub fn new(v: Arc<DMatrix<F>>, components: usize, lags: usize, phi: F) -> Self {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let Shape { bins, frames, .. } = shape;
        let depth = components * lags;
        let Extent { width, tall, tall_depth } = Extent::of::<F>(depth);
        let deep = depth.next_multiple_of(tall_depth);

        let panels = frames.div_ceil(width);
        let mut by_bin = Vec::new();
        if size_of::<F>() * bins * panels * width <= KEPT_TWICE {
            by_bin = vec![F::ZERO; bins * panels * width];
            for (p, panel) in by_bin.chunks_exact_mut(bins * width).enumerate() {
                transpose_in(&v, p * width, width, panel);
            }
        }
        let room = |n: usize| vec![F::ZERO; n];
        let a_task = panels.div_ceil(FRAME_TASKS);
        let frame_task = |first: usize| FrameTask {
            panels: first..(first + a_task).min(panels),
            rows: room(components * (width + lags - 1)),
            own: room(depth * width),
            v: room(if by_bin.is_empty() { bins * width } else { 0 }),
            q: room(block(tall) * width),
            numerator: room(deep * width),
            sums: room(components * (a_task * width + lags - 1)),
            columns: vec![0.0; width],
            objective: 0.0,
        };
        let frame_tasks = (0..panels).step_by(a_task).map(frame_task).collect();
        let frames_at_once = BLOCK.min(frames);
        let bin_panels = bins.div_ceil(width);
        let bin_task = |_| BinTask {
            v: room(frames_at_once * width),
            q: room(block(tall) * width),
            columns: vec![0.0; width],
            objective: 0.0,
        };
        let longest = bins.max(frames_at_once);
        Self {
            shape,
            phi,
            width,
            tall,
            tall_depth,
            own: room(depth * bin_panels * width),
            other: room(depth * longest.next_multiple_of(tall)),
            contracted: room(deep * longest),
            numerators: room(deep * bin_panels * width),
            frame_tasks,
            bin_tasks: (0..bin_panels.min(BIN_TASKS)).map(bin_task).collect(),
            narrow: (depth <= narrow::DEPTH).then(|| Narrow::new(bins, frames, components, lags)),
            by_bin,
            q: Vec::new(),
            v,
        }
    }

    /// From now on keeps Q of every pass that finds D, unless V is large or R T small: it saves one product where the
    /// gradient is wanted on both sides.
    pub fn keep_q(&mut self) {
        let depth = self.shape.components * self.shape.lags;
        if !self.by_bin.is_empty() && depth >= WORTH_KEEPING {
            self.q = vec![F::ZERO; self.shape.bins * self.shape.frames];
            for task in &mut self.frame_tasks {
                task.q = vec![F::ZERO; self.shape.bins * self.width];
            }
        }
    }

    /// Whether a pass is too short to wake other threads.
    fn is_small(&self) -> bool {
        let Shape { bins, frames, components, lags } = self.shape;
        bins * frames * components * lags < ALONE
    }
}
