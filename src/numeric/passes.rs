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
//! Every product is a series of [`tile`]s on packed operands: as many rows of [`WIDE`] vectors as there are rows
//! of a few scalars. Panels are shared out to tasks by the sizes alone, and what tasks contribute is added up in
//! order, so results are the same bits for any number of threads.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::factors::Shape;
use super::narrow::{self, Narrow};
use super::scalar::Real;
use super::shifted::Stacked;

/// Vectors across a tile: with two, a scalar is fetched once for two multiplications.
const WIDE: usize = 2;

/// Scalars down a tile where there are 32 registers, and where there are 16: with both operands they just
/// fill them.
const TALL: (usize, usize) = (10, 5);

/// Groups of rows whose Q is made and used at a time: it stays in the first-level cache.
const GROUPS: usize = 16;

/// Heights below which a tile's sums are too few to keep the machine busy.
const DEEP: usize = 5;

/// Heights of tiles for the second product, whose extent may be small; widest first.
const HEIGHTS: [usize; 5] = [10, 8, 5, 4, 2];

/// At most so many tasks for H: each has sums of its own, which bounds the memory whatever the length.
const FRAME_TASKS: usize = 16;

/// At most so many tasks for W.
const BIN_TASKS: usize = 64;

/// Frames of V that the pass for W takes at once: their activations and the Q of a panel stay in the cache.
const BLOCK: usize = 256;

/// V is kept a second time, by bins, up to this size in bytes; beyond it comes from memory anyway, and is turned
/// over on the way.
const KEPT_TWICE: usize = 8 << 20;

/// Parts in which operands are packed where threads share that.
const SHARES: usize = 8;

/// Work of a pass, in multiplications, that is not worth waking another thread for.
const ALONE: usize = 1 << 21;

/// What of D a pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    /// The numerator of an update, which is the negative part of the gradient.
    First,
    /// The diagonal of the Hessian: V / Vhat^2 in place of Q, against squared factors.
    Second,
}

impl Order {
    #[inline]
    fn of<F: Real>(self, x: F) -> F {
        if self == Self::First { x } else { x * x }
    }
}

type Wide<F, S> = [<F as super::simd::Lanes>::Vector<S>; WIDE];

/// `sums[j] + sum_d a[d] b[d][j]` for each j.
#[inline(always)]
#[allow(clippy::inline_always)]
fn tile<F: Real, S: Simd, const TALL: usize>(
    simd: S,
    mut sums: [Wide<F, S>; TALL],
    a: &[Wide<F, S>],
    b: &[[F; TALL]],
) -> [Wide<F, S>; TALL] {
    for (a, b) in a.iter().zip(b) {
        for j in 0..TALL {
            let b = F::splat(simd, b[j]);
            for i in 0..WIDE {
                sums[j][i] = F::mul_add(simd, a[i], b, sums[j][i]);
            }
        }
    }
    sums
}

/// A panel of V on its way to its share of a numerator.
struct Panel<'a, F> {
    phi: F,
    order: Order,
    /// `depth` rows of the panel's width: what Vhat of the panel is made of.
    own: &'a [F],
    /// In groups of `tall` rows of V: `depth` rows of `tall` scalars.
    other: &'a [F],
    tall: usize,
    /// V: row `i` of the panel begins at `i * stride`.
    v: &'a [F],
    stride: usize,
    /// In groups of `tall_depth` of the depth: a row of `tall_depth` scalars for each row of V.
    contracted: &'a [F],
    tall_depth: usize,
    /// Room for Q: a row of the panel's width for each row of V.
    q: &'a mut [F],
    /// The result: `depth` rows, rounded up to `tall_depth`, of the panel's width.
    numerator: &'a mut [F],
    /// Whether the result is added to what `numerator` holds.
    accumulate: bool,
    /// Where D (1) of each column of the panel is added, if it is wanted.
    objective: Option<&'a mut [f64]>,
}

impl<F: Real> WithSimd for Panel<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let length = self.q.len() / (WIDE * F::lanes::<S>());
        for first in (0..length).step_by(GROUPS * self.tall) {
            let rows = first..(first + GROUPS * self.tall).min(length);
            match self.tall {
                10 => self.quotients::<S, 10>(simd, rows.clone()),
                _ => self.quotients::<S, 5>(simd, rows.clone()),
            }
            match self.tall_depth {
                10 => self.product::<S, 10>(simd, rows),
                8 => self.product::<S, 8>(simd, rows),
                5 => self.product::<S, 5>(simd, rows),
                4 => self.product::<S, 4>(simd, rows),
                _ => self.product::<S, 2>(simd, rows),
            }
            self.accumulate = true;
        }
    }
}

impl<F: Real> Panel<'_, F> {
    /// Q of some rows, and D where it is wanted.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn quotients<S: Simd, const TALL: usize>(&mut self, simd: S, rows: Range<usize>) {
        if self.objective.is_some() {
            self.divide::<S, TALL, true, false>(simd, rows);
        } else if self.order == Order::First {
            self.divide::<S, TALL, false, false>(simd, rows);
        } else {
            self.divide::<S, TALL, false, true>(simd, rows);
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn divide<S: Simd, const TALL: usize, const OBJECTIVE: bool, const SECOND: bool>(
        &mut self,
        simd: S,
        rows: Range<usize>,
    ) {
        let width = WIDE * F::lanes::<S>();
        let own = F::vectors::<S>(self.own).as_chunks::<WIDE>().0;
        let other = self.other.as_chunks::<TALL>().0.chunks_exact(own.len()).skip(rows.start / TALL);
        let phi = F::splat(simd, self.phi);
        let q = &mut self.q[rows.start * width..rows.end * width];
        for ((q, other), first) in q.chunks_mut(TALL * width).zip(other).zip(rows.step_by(TALL)) {
            let vhat = tile::<F, S, TALL>(simd, [[phi; WIDE]; TALL], own, other);
            let v = |j: usize| &self.v[(first + j) * self.stride..][..width];
            let rows = F::vectors_mut::<S>(q).as_chunks_mut::<WIDE>().0;
            let mut d = [F::splat(simd, F::ZERO); WIDE];
            for (j, vhat) in vhat.into_iter().enumerate() {
                if j < rows.len() {
                    let v = F::vectors::<S>(v(j));
                    for i in 0..WIDE {
                        let v = F::plus(simd, v[i], phi);
                        let q = F::divide(simd, v, vhat[i]);
                        rows[j][i] = if SECOND { F::divide(simd, q, vhat[i]) } else { q };
                        if OBJECTIVE {
                            let term = F::mul_add(simd, v, F::ln(simd, q), F::minus(simd, vhat[i], v));
                            d[i] = F::plus(simd, d[i], term);
                        }
                    }
                }
            }
            if let Some(sums) = self.objective.as_deref_mut().filter(|_| OBJECTIVE) {
                // Few at a time in the working precision: the sums of many are kept in double.
                let d: &[F] = F::elements::<S>(&d[..]);
                sums.iter_mut().zip(d).for_each(|(sum, d)| *sum += d.to_f64());
            }
        }
    }

    /// The share of some rows in the numerator.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn product<S: Simd, const TALL: usize>(&mut self, simd: S, rows: Range<usize>) {
        let q = F::vectors::<S>(self.q).as_chunks::<WIDE>().0;
        let contracted = self.contracted.as_chunks::<TALL>().0.chunks_exact(q.len());
        let numerator =
            F::vectors_mut::<S>(self.numerator).as_chunks_mut::<WIDE>().0.as_chunks_mut::<TALL>().0;
        let q = &q[rows.clone()];
        for (numerator, contracted) in numerator.iter_mut().zip(contracted) {
            let zero = [[F::splat(simd, F::ZERO); WIDE]; TALL];
            let start = if self.accumulate { *numerator } else { zero };
            let contracted = &contracted[rows.clone()];
            *numerator = if TALL >= DEEP {
                tile::<F, S, TALL>(simd, start, q, contracted)
            } else {
                // So few sums would wait for each other: two halves of the rows take turns.
                let half = q.len() / 2;
                let (q, contracted) = (q.split_at(half), contracted.split_at(half));
                let mut sums = [start, zero];
                for ((a, b), (c, d)) in q.0.iter().zip(contracted.0).zip(q.1.iter().zip(contracted.1)) {
                    sums[0] =
                        tile::<F, S, TALL>(simd, sums[0], std::slice::from_ref(a), std::slice::from_ref(b));
                    sums[1] =
                        tile::<F, S, TALL>(simd, sums[1], std::slice::from_ref(c), std::slice::from_ref(d));
                }
                let (last, rest) = (&q.1[half..], &contracted.1[half..]);
                sums[1] = tile::<F, S, TALL>(simd, sums[1], last, rest);
                let mut total = sums[0];
                for (total, sum) in total.iter_mut().zip(sums[1]) {
                    for i in 0..WIDE {
                        total[i] = F::plus(simd, total[i], sum[i]);
                    }
                }
                total
            };
        }
    }
}

/// Elements across a panel on this machine, and scalars down a tile.
struct Extent;

impl WithSimd for Extent {
    type Output = (usize, usize, usize);

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) -> (usize, usize, usize) {
        (S::F32_LANES, S::F64_LANES, if S::REGISTER_COUNT >= 32 { TALL.0 } else { TALL.1 })
    }
}

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
    #[must_use]
    pub fn new(v: Arc<DMatrix<F>>, components: usize, lags: usize, phi: F) -> Self {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let Shape { bins, frames, .. } = shape;
        let (single, double, tall) = pulp::Arch::new().dispatch(Extent);
        let width = WIDE * if size_of::<F>() == 4 { single } else { double };
        let depth = components * lags;
        // The height that wastes least, counting what a tile costs beside its multiplications.
        let allowed = HEIGHTS.into_iter().filter(|height| *height <= tall);
        let tall_depth = allowed.min_by_key(|height| depth.div_ceil(*height) * (height + 2)).unwrap_or(2);
        let deep = depth.next_multiple_of(tall_depth);

        let panels = frames.div_ceil(width);
        let mut by_bin = Vec::new();
        if size_of::<F>() * bins * panels * width <= KEPT_TWICE {
            by_bin = vec![F::ZERO; bins * panels * width];
            for (p, panel) in by_bin.chunks_exact_mut(bins * width).enumerate() {
                turn_over(&v, p * width, width, panel);
            }
        }
        let room = |n: usize| vec![F::ZERO; n];
        let a_task = panels.div_ceil(FRAME_TASKS);
        let frame_task = |first: usize| FrameTask {
            panels: first..(first + a_task).min(panels),
            rows: room(components * (width + lags - 1)),
            own: room(depth * width),
            v: room(if by_bin.is_empty() { bins * width } else { 0 }),
            q: room(bins * width),
            numerator: room(deep * width),
            sums: room(components * (a_task * width + lags - 1)),
            columns: vec![0.0; width],
            objective: 0.0,
        };
        let frame_tasks = (0..panels).step_by(a_task).map(frame_task).collect();
        let block = BLOCK.min(frames);
        let bin_panels = bins.div_ceil(width);
        let bin_task = |_| BinTask { v: room(block * width), q: room(block * width) };
        let longest = bins.max(block);
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

    /// The same, and D (1) between V + phi and Vhat + phi: within 1e-6 of its value in single precision.
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
        for_each(&mut self.frame_tasks, alone, |_, task| {
            task.sums.fill(F::ZERO);
            task.objective = 0.0;
            let arch = pulp::Arch::new();
            let row = task.sums.len() / components;
            for p in task.panels.clone() {
                gather(state, p * width, width, &mut task.rows, &mut task.own);
                let v = if by_bin.is_empty() {
                    turn_over(v, p * width, width, &mut task.v);
                    &task.v
                } else {
                    &by_bin[p * bins * width..][..bins * width]
                };
                task.columns.fill(0.0);
                arch.dispatch(Panel {
                    phi,
                    order,
                    own: &task.own,
                    other,
                    tall,
                    v,
                    stride: width,
                    contracted,
                    tall_depth,
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
            }
        });
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
            _ => self.w_pass(state, Order::First, columns, out),
        }
    }

    /// The diagonal of the Hessian of D in W, stacked as W is: `sum_n Z[m, n] H[r, n - t]^2`, into `out` (M R T
    /// elements).
    pub fn w_curvature(&mut self, state: &Stacked<F>, out: &mut [F]) {
        let columns = self.shape.components * self.shape.lags;
        self.w_pass(state, Order::Second, 0..columns, out);
    }

    fn w_pass(&mut self, state: &Stacked<F>, order: Order, columns: Range<usize>, out: &mut [F]) {
        let Shape { bins, frames, components, lags } = self.shape;
        let (width, depth, phi, tall, tall_depth) =
            (self.width, components * lags, self.phi, self.tall, self.tall_depth);
        let deep = columns.len().next_multiple_of(tall_depth);
        let alone = self.is_small();
        for (p, own) in self.own.chunks_exact_mut(depth * width).enumerate() {
            let valid = width.min(bins - p * width);
            for (own, w) in own.chunks_exact_mut(width).zip(state.w.chunks_exact(bins)) {
                own[..valid].copy_from_slice(&w[p * width..][..valid]);
            }
        }
        let panels = bins.div_ceil(width);
        let a_task = panels.div_ceil(self.bin_tasks.len());
        for first in (0..frames).step_by(BLOCK) {
            let len = BLOCK.min(frames - first);
            let other = &mut self.other[..depth * len.next_multiple_of(tall)];
            let contracted = &mut self.contracted[..deep * len];
            let windows = Windows { h: &state.h[first * components..], components, depth, len };
            windows.pack_rows(other, tall, alone);
            windows.pack_columns(contracted, tall_depth, columns.clone(), order, alone);
            let (other, contracted, own) = (&*other, &*contracted, &self.own);
            let v = &self.v.as_slice()[first * bins..][..len * bins];
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
                    arch.dispatch(Panel {
                        phi,
                        order,
                        own: &own[p * depth * width..][..depth * width],
                        other,
                        tall,
                        v,
                        stride,
                        contracted,
                        tall_depth,
                        q: &mut scratch.q[..len * width],
                        numerator,
                        accumulate: first > 0,
                        objective: None,
                    });
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

/// Does `work` on every task, on the pool unless they are small.
fn for_each<T: Send>(tasks: &mut [T], alone: bool, work: impl Fn(usize, &mut T) + Sync) {
    if alone || tasks.len() == 1 {
        tasks.iter_mut().enumerate().for_each(|(i, task)| work(i, task));
    } else {
        tasks.par_iter_mut().enumerate().for_each(|(i, task)| work(i, task));
    }
}

/// Reads V in order, a line of the cache at a time: memory answers that several times as fast as the order in which
/// a panel needs it, and then it is near.
fn fetch<F: Real>(v: &[F]) {
    /// Bytes in a line on all machines that matter; a smaller true one makes this only less useful.
    const LINE: usize = 64;
    let sum: F = v.iter().step_by(LINE / size_of::<F>()).copied().sum();
    std::hint::black_box(sum);
}

/// V of the frames `first .. first + width` by bins; zero beyond the last frame.
fn turn_over<F: Real>(v: &DMatrix<F>, first: usize, width: usize, out: &mut [F]) {
    /// Squares that are turned in registers.
    const SIDE: usize = 8;
    let (bins, frames) = (v.nrows(), width.min(v.ncols() - first));
    let v = &v.as_slice()[first * bins..][..frames * bins];
    fetch(v);
    let (squares_m, squares_n) = (bins - bins % SIDE, frames - frames % SIDE);
    pulp::Arch::new().dispatch(|| {
        for (m, out) in (0..squares_m).step_by(SIDE).zip(out.chunks_exact_mut(SIDE * width)) {
            for n in (0..squares_n).step_by(SIDE) {
                let mut square = [[F::ZERO; SIDE]; SIDE];
                for j in 0..SIDE {
                    if let Some(bins) = v[(n + j) * bins + m..].first_chunk::<SIDE>() {
                        for i in 0..SIDE {
                            square[i][j] = bins[i];
                        }
                    }
                }
                for (out, row) in out.chunks_exact_mut(width).zip(&square) {
                    out[n..n + SIDE].copy_from_slice(row);
                }
            }
        }
    });
    for (m, out) in out.chunks_exact_mut(width).enumerate() {
        let turned = if m < squares_m { squares_n } else { 0 };
        for n in turned..frames {
            out[n] = v[n * bins + m];
        }
        out[frames..].fill(F::ZERO);
    }
}

/// Vhat's operand of a panel of frames: for each lag and component a row of activations.
fn gather<F: Real>(state: &Stacked<F>, first: usize, width: usize, rows: &mut [F], own: &mut [F]) {
    let components = state.shape.components;
    let row = rows.len() / components;
    let mut frames = state.h[first * components..].chunks_exact(components);
    for x in 0..row {
        let frame = frames.next();
        for (r, row) in rows.chunks_exact_mut(row).enumerate() {
            row[x] = frame.map_or(F::ZERO, |frame| frame[r]);
        }
    }
    for (k, own) in own.chunks_exact_mut(width).enumerate() {
        let (s, r) = (k / components, k % components);
        own.copy_from_slice(&rows[r * row + s..][..width]);
    }
}

/// In groups of `tall` rows of a column-major matrix, for each column: `tall` values, zero beyond the last row.
fn pack_rows<F: Real>(out: &mut [F], tall: usize, rows: usize, matrix: &[F]) {
    match tall {
        10 => pack_rows_by::<F, 10>(out, rows, matrix),
        _ => pack_rows_by::<F, 5>(out, rows, matrix),
    }
}

fn pack_rows_by<F: Real, const TALL: usize>(out: &mut [F], rows: usize, matrix: &[F]) {
    let columns = matrix.len() / rows;
    for (group, out) in out.as_chunks_mut::<TALL>().0.chunks_exact_mut(columns).enumerate() {
        for (out, column) in out.iter_mut().zip(matrix.chunks_exact(rows)) {
            let column = &column[group * TALL..];
            if let Some(whole) = column.first_chunk::<TALL>() {
                *out = *whole;
            } else {
                *out = [F::ZERO; TALL];
                out[..column.len()].copy_from_slice(column);
            }
        }
    }
}

/// In groups of `tall` columns of a column-major matrix, for each row: `tall` values, zero beyond the last column.
fn pack_columns<F: Real>(out: &mut [F], tall: usize, rows: usize, matrix: &[F], order: Order) {
    match tall {
        10 => pack_columns_by::<F, 10>(out, rows, matrix, order),
        8 => pack_columns_by::<F, 8>(out, rows, matrix, order),
        5 => pack_columns_by::<F, 5>(out, rows, matrix, order),
        4 => pack_columns_by::<F, 4>(out, rows, matrix, order),
        _ => pack_columns_by::<F, 2>(out, rows, matrix, order),
    }
}

fn pack_columns_by<F: Real, const TALL: usize>(out: &mut [F], rows: usize, matrix: &[F], order: Order) {
    for (out, columns) in out.as_chunks_mut::<TALL>().0.chunks_exact_mut(rows).zip(matrix.chunks(TALL * rows))
    {
        let mut each = columns.chunks_exact(rows);
        let columns: [&[F]; TALL] = std::array::from_fn(|_| each.next().unwrap_or_default());
        if columns.iter().all(|column| column.len() == rows) {
            for (i, out) in out.iter_mut().enumerate() {
                *out = std::array::from_fn(|j| order.of(columns[j][i]));
            }
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                *out = std::array::from_fn(|j| columns[j].get(i).map_or(F::ZERO, |&x| order.of(x)));
            }
        }
    }
}

/// Windows of R T activations, one for each of `len` frames, that overlap in H as it is stored.
struct Windows<'a, F> {
    h: &'a [F],
    components: usize,
    depth: usize,
    len: usize,
}

impl<F: Real> Windows<'_, F> {
    fn window(&self, n: usize) -> &[F] {
        &self.h[n * self.components..][..self.depth]
    }

    /// In groups of `tall` windows, for each place in them: `tall` values, zero beyond the last window.
    fn pack_rows(&self, out: &mut [F], tall: usize, alone: bool) {
        let groups = self.len.div_ceil(tall);
        let a_share = if alone { groups } else { groups.div_ceil(SHARES) };
        let size = tall * self.depth;
        shared_out(out, a_share * size, |share, out| {
            for (group, out) in (share * a_share..).zip(out.chunks_exact_mut(size)) {
                for j in 0..tall {
                    let n = group * tall + j;
                    let out = out.iter_mut().skip(j).step_by(tall);
                    if n < self.len {
                        out.zip(self.window(n)).for_each(|(out, &h)| *out = h);
                    } else {
                        out.for_each(|out| *out = F::ZERO);
                    }
                }
            }
        });
    }

    /// In groups of `tall` of the `places`, for each window: `tall` values, zero beyond the last place.
    fn pack_columns(&self, out: &mut [F], tall: usize, places: Range<usize>, order: Order, alone: bool) {
        let groups = places.len().div_ceil(tall);
        let a_share = if alone { groups } else { groups.div_ceil(SHARES) };
        let size = tall * self.len;
        shared_out(out, a_share * size, |share, out| {
            let firsts = places.clone().step_by(tall).skip(share * a_share);
            for (out, first) in out.chunks_exact_mut(size).zip(firsts) {
                let valid = tall.min(places.end - first);
                for (n, out) in out.chunks_exact_mut(tall).enumerate() {
                    let window = &self.window(n)[first..][..valid];
                    out.iter_mut().zip(window).for_each(|(out, &h)| *out = order.of(h));
                    out[valid..].fill(F::ZERO);
                }
            }
        });
    }
}

/// Does `work` on chunks of that size: on the pool if there are several.
fn shared_out<F: Real>(out: &mut [F], chunk: usize, work: impl Fn(usize, &mut [F]) + Sync) {
    if chunk >= out.len() {
        work(0, out);
    } else {
        out.par_chunks_mut(chunk).enumerate().for_each(|(share, out)| work(share, out));
    }
}
