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

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::narrow::{self, Narrow};
use super::pack::{SHARES, Windows, fetch, gather, pack_columns, pack_rows, transpose_in, transpose_out};
use super::panel::{Extent, Order, Panel, block};
use super::scalar::Real;
use super::stacked::Stacked;
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

    /// The numerator of the H update (3), frame-major: `num[r, n] = sum_t sum_m W_t[m, r] Q[m, n + t]`, into `out`
    /// (R N elements).
    ///
    /// With `weights`, one for each stacked column of W, what each lag contributes is multiplied by its own.
    pub fn h_numerator(&mut self, state: &Stacked<F>, weights: Option<&[F]>, out: &mut [F]) {
        let alone = self.is_small();
        match &mut self.narrow {
            Some(narrow) => narrow.h_numerator(&self.v, self.phi, state, weights, alone, out),
            None => self.h_pass(state, Order::First, weights, out, false),
        }
    }

    /// The diagonal of the Hessian of D in H, frame-major: `sum_t sum_m W_t[m, r]^2 Z[m, n + t]` with
    /// Z = (V + phi) / (Vhat + phi)^2, into `out` (R N elements).
    pub fn h_curvature(&mut self, state: &Stacked<F>, out: &mut [F]) {
        self.h_pass(state, Order::Second, None, out, false);
    }

    /// The same, and D (1) between V + phi and Vhat + phi: within 1e-5 of its value in single precision.
    pub fn h_numerator_and_objective(
        &mut self,
        state: &Stacked<F>,
        weights: Option<&[F]>,
        out: &mut [F],
    ) -> f64 {
        self.h_pass(state, Order::First, weights, out, true);
        self.frame_tasks.iter().map(|task| task.objective).sum()
    }

    fn h_pass(
        &mut self,
        state: &Stacked<F>,
        order: Order,
        weights: Option<&[F]>,
        out: &mut [F],
        with_objective: bool,
    ) {
        let Shape { bins, frames, components, lags } = self.shape;
        let (width, depth, phi, tall, tall_depth) =
            (self.width, components * lags, self.phi, self.tall, self.tall_depth);
        let deep = depth.next_multiple_of(tall_depth);
        let alone = self.is_small();
        let other = &mut self.other[..depth * bins.next_multiple_of(tall)];
        let contracted = &mut self.contracted[..deep * bins];
        pack_rows(other, tall, bins, &state.w);
        pack_columns(contracted, tall_depth, bins, &state.w, order);
        let (other, contracted) = (&*other, &*contracted);
        let (v, by_bin) = (&self.v, &self.by_bin);
        let keep = with_objective && !self.q.is_empty();
        let a_task = self.frame_tasks[0].panels.len() * width * bins;
        let kept = self.q.chunks_mut(a_task).map(Some).chain(std::iter::repeat_with(|| None));
        let one = |(task, mut kept): (&mut FrameTask<F>, Option<&mut [F]>)| {
            task.sums.fill(F::ZERO);
            task.objective = 0.0;
            let arch = pulp::Arch::new();
            let row = task.sums.len() / components;
            for p in task.panels.clone() {
                gather(state, p * width, width, &mut task.rows, &mut task.own);
                let v = if by_bin.is_empty() {
                    transpose_in(v, p * width, width, &mut task.v);
                    &task.v
                } else {
                    &by_bin[p * bins * width..][..bins * width]
                };
                task.columns.fill(0.0);
                arch.dispatch(Panel {
                    phi,
                    order,
                    given: false,
                    own: &task.own,
                    other,
                    tall,
                    v,
                    stride: width,
                    contracted,
                    tall_depth,
                    rows: bins,
                    q: &mut task.q,
                    numerator: &mut task.numerator,
                    accumulate: false,
                    objective: with_objective.then_some(&mut task.columns[..]),
                });
                // Frame n of lag t adds to frame n - t; with T-1 frames in front, that is place n + s.
                let valid = width.min(frames - p * width);
                let first = (p - task.panels.start) * width;
                for (k, numerator) in task.numerator.chunks_exact(width).take(depth).enumerate() {
                    let (s, r) = (k / components, k % components);
                    let sums = &mut task.sums[r * row + first + s..][..valid];
                    match weights {
                        None => sums.iter_mut().zip(numerator).for_each(|(sum, &x)| *sum += x),
                        Some(weights) => {
                            let weight = weights[k];
                            sums.iter_mut().zip(numerator).for_each(|(sum, &x)| *sum += weight * x);
                        }
                    }
                }
                task.objective += task.columns[..valid].iter().sum::<f64>();
                if let Some(kept) = kept.as_deref_mut().filter(|_| keep) {
                    transpose_out(&task.q, width, &mut kept[first * bins..][..valid * bins]);
                }
            }
        };
        if alone || self.frame_tasks.len() == 1 {
            self.frame_tasks.iter_mut().zip(kept).for_each(one);
        } else if self.q.is_empty() {
            self.frame_tasks.par_iter_mut().map(|task| (task, None)).for_each(one);
        } else {
            let kept = self.q.par_chunks_mut(a_task).map(Some);
            self.frame_tasks.par_iter_mut().zip(kept).for_each(one);
        }
        // What fell on the T-1 frames in front belongs to no activation.
        out.fill(F::ZERO);
        for task in &self.frame_tasks {
            let row = task.sums.len() / components;
            let skipped = (lags - 1).saturating_sub(task.panels.start * width);
            let first = task.panels.start * width + skipped - (lags - 1);
            let to = out[(first * components).min(frames * components)..].chunks_exact_mut(components);
            for (i, out) in to.take(row.saturating_sub(skipped)).enumerate() {
                for (out, sums) in out.iter_mut().zip(task.sums.chunks_exact(row)) {
                    *out += sums[skipped + i];
                }
            }
        }
    }

    /// The numerator of the W update (3) of some `columns`, stacked as W is: `sum_n Q[m, n] H[r, n - t]`, into `out`
    /// (M elements a column).
    pub fn w_numerator(&mut self, state: &Stacked<F>, columns: Range<usize>, out: &mut [F]) {
        let (alone, all) = (self.is_small(), columns.len() == self.shape.components * self.shape.lags);
        match &mut self.narrow {
            Some(narrow) if all => narrow.w_numerator(&self.v, self.phi, state, alone, out),
            _ => self.w_pass(state, Order::First, false, columns, out, false),
        }
    }

    /// The numerator of the W update (3) of all columns, and D as [`Self::h_numerator_and_objective`] finds it.
    pub fn w_numerator_and_objective(&mut self, state: &Stacked<F>, out: &mut [F]) -> f64 {
        let columns = 0..self.shape.components * self.shape.lags;
        self.w_pass(state, Order::First, false, columns, out, true);
        self.bin_tasks.iter().map(|task| task.objective).sum()
    }

    /// The numerator of the W update (3) of all columns, at the state of the latest [`Self::h_numerator_and_objective`],
    /// whose Q is taken up if it was kept.
    pub fn w_numerator_there(&mut self, state: &Stacked<F>, out: &mut [F]) {
        let columns = 0..self.shape.components * self.shape.lags;
        if self.q.is_empty() {
            self.w_numerator(state, columns, out);
        } else {
            self.w_pass(state, Order::First, true, columns, out, false);
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

    /// The diagonal of the Hessian of D in W, stacked as W is: `sum_n Z[m, n] H[r, n - t]^2`, into `out` (M R T
    /// elements).
    pub fn w_curvature(&mut self, state: &Stacked<F>, out: &mut [F]) {
        let columns = self.shape.components * self.shape.lags;
        self.w_pass(state, Order::Second, false, 0..columns, out, false);
    }

    fn w_pass(
        &mut self,
        state: &Stacked<F>,
        order: Order,
        given: bool,
        columns: Range<usize>,
        out: &mut [F],
        with_objective: bool,
    ) {
        let Shape { bins, frames, components, lags } = self.shape;
        let (width, depth, phi, tall, tall_depth) =
            (self.width, components * lags, self.phi, self.tall, self.tall_depth);
        let deep = columns.len().next_multiple_of(tall_depth);
        let alone = self.is_small();
        let own = if given { &mut [] } else { &mut self.own[..] };
        for (p, own) in own.chunks_exact_mut(depth * width).enumerate() {
            let valid = width.min(bins - p * width);
            for (own, w) in own.chunks_exact_mut(width).zip(state.w.chunks_exact(bins)) {
                own[..valid].copy_from_slice(&w[p * width..][..valid]);
            }
        }
        let panels = bins.div_ceil(width);
        let a_task = panels.div_ceil(self.bin_tasks.len());
        self.bin_tasks.iter_mut().for_each(|task| task.objective = 0.0);
        for first in (0..frames).step_by(BLOCK) {
            let len = BLOCK.min(frames - first);
            let other = &mut self.other[..depth * len.next_multiple_of(tall)];
            let contracted = &mut self.contracted[..deep * len];
            let windows = Windows { h: &state.h[first * components..], components, depth, len };
            if !given {
                windows.pack_rows(other, tall, alone);
            }
            windows.pack_columns(contracted, tall_depth, columns.clone(), order, alone);
            let (other, contracted, own) = (&*other, &*contracted, &self.own);
            let v = if given { &self.q } else { self.v.as_slice() };
            let v = &v[first * bins..][..len * bins];
            if self.by_bin.is_empty() {
                v.par_chunks(v.len().div_ceil(SHARES)).for_each(fetch);
            }
            let numerators = self.numerators[..deep * width * panels].chunks_mut(deep * width * a_task);
            let one = |task: usize, scratch: &mut BinTask<F>, numerators: &mut [F]| {
                let arch = pulp::Arch::new();
                for (p, numerator) in (task * a_task..).zip(numerators.chunks_exact_mut(deep * width)) {
                    let at = p * width;
                    let (v, stride) = if at + width <= bins {
                        (&v[at..], bins)
                    } else {
                        for (to, from) in scratch.v.chunks_exact_mut(width).zip(v.chunks_exact(bins)) {
                            to[..bins - at].copy_from_slice(&from[at..]);
                        }
                        (&scratch.v[..], width)
                    };
                    scratch.columns.fill(0.0);
                    arch.dispatch(Panel {
                        phi,
                        order,
                        given,
                        own: &own[p * depth * width..][..depth * width],
                        other,
                        tall,
                        v,
                        stride,
                        contracted,
                        tall_depth,
                        rows: len,
                        q: &mut scratch.q,
                        numerator,
                        accumulate: first > 0,
                        objective: with_objective.then_some(&mut scratch.columns[..]),
                    });
                    scratch.objective += scratch.columns[..width.min(bins - at)].iter().sum::<f64>();
                }
            };
            if alone {
                let both = self.bin_tasks.iter_mut().zip(numerators).enumerate();
                both.for_each(|(task, (scratch, numerators))| one(task, scratch, numerators));
            } else {
                let numerators =
                    self.numerators[..deep * width * panels].par_chunks_mut(deep * width * a_task);
                let both = self.bin_tasks.par_iter_mut().zip(numerators).enumerate();
                both.for_each(|(task, (scratch, numerators))| one(task, scratch, numerators));
            }
        }
        for (p, numerator) in self.numerators[..deep * width * panels].chunks_exact(deep * width).enumerate()
        {
            let valid = width.min(bins - p * width);
            for (out, numerator) in out.chunks_exact_mut(bins).zip(numerator.chunks_exact(width)) {
                out[p * width..][..valid].copy_from_slice(&numerator[..valid]);
            }
        }
    }

    fn is_small(&self) -> bool {
        let Shape { bins, frames, components, lags } = self.shape;
        bins * frames * components * lags < ALONE
    }
}
