//! Sweeps over real factors that lower the squared error and a penalty for bits: hierarchical alternating least squares.
//!
//! With the other factor fixed, the best value of an element is its own plus its slope over its curvature. The slopes come from
//! two products a factor: of V with the other factor, and of the other factor with itself.
//!
//! ```text
//! for each column j of W:    w_j <- max(0, w_j + (v h_j' - W (H h_j') - pull) / (h_j h_j'))
//! ```
//!
//! Bins do not depend on one another, and stand side by side in vectors. A frame of H reaches the T-1 frames on either side:
//! blocks of frames go in parallel, every other one first. Everything is shared out by the sizes alone.

use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::choice::Shrink;
use super::grams::{COLUMNS, Change, Meetings, gram, shifts};
use super::squared::BLOCK;
use crate::factors::Shape;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

/// Bins that one job visits: whole vectors, in groups of `GROUP`, whatever the machine has.
const BINS: usize = 64;

/// Vectors of bins that are visited at once: enough to keep the additions from waiting for one another.
const GROUP: usize = 4;

/// V and the scratch space of the sweeps.
pub struct Hals<F: Real> {
    v: Arc<DMatrix<F>>,
    shape: Shape,
    /// R T x R T: the shifts of H against each other.
    shifts_gram: Vec<F>,
    meetings: Meetings<F>,
    /// R T x N: V against each stacked column of W.
    projected: Vec<F>,
    /// R N: the slope of each activation.
    slopes: Vec<F>,
}

impl<F: Real> Hals<F> {
    /// Room for sweeps over V (M x N) with R `components` and T `lags`.
    pub fn new(v: Arc<DMatrix<F>>, components: usize, lags: usize) -> Self {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let depth = components * lags;
        let room = |n: usize| vec![F::ZERO; n];
        Self {
            shifts_gram: room(depth * depth),
            meetings: Meetings::new(shape),
            projected: room(depth * shape.frames),
            slopes: room(components * shape.frames),
            v,
            shape,
        }
    }

    /// Visits every element of W, those of the first `frozen` components left out.
    pub fn sweep_w(&mut self, real: &mut Stacked<F>, frozen: usize, shrink: &Shrink<F>) {
        let Shape { bins, frames, components, lags } = self.shape;
        if frozen == components {
            return;
        }
        let depth = components * lags;
        let shifts = shifts(&real.h, components, depth, 0..frames);
        gram(shifts, &mut self.shifts_gram);
        let (gram, v) = (&self.shifts_gram, self.v.as_ref());
        let v = MatRef::from_column_major_slice(v.as_slice(), bins, frames);
        let arch = pulp::Arch::new();
        let w = &real.w;
        let visited: Vec<Vec<F>> = (0..bins.div_ceil(BINS))
            .into_par_iter()
            .map(|piece| {
                let (first, count) = (piece * BINS, BINS.min(bins - piece * BINS));
                let mut values = vec![F::ZERO; depth * BINS];
                for (to, from) in values.chunks_exact_mut(BINS).zip(w.chunks_exact(bins)) {
                    to[..count].copy_from_slice(&from[first..first + count]);
                }
                let mut with_v = vec![F::ZERO; depth * BINS];
                let out = MatMut::from_column_major_slice_mut(&mut with_v, BINS, depth).subrows_mut(0, count);
                let v = v.subrows(first, count);
                matmul(out, Accum::Replace, v, shifts.transpose(), F::ONE, Par::Seq);
                arch.dispatch(Bins {
                    components,
                    frozen,
                    values: &mut values,
                    with_v: &with_v,
                    gram,
                    shrink,
                });
                values
            })
            .collect();
        for (piece, values) in visited.iter().enumerate() {
            let (first, count) = (piece * BINS, BINS.min(bins - piece * BINS));
            for (from, to) in values.chunks_exact(BINS).zip(real.w.chunks_exact_mut(bins)) {
                to[first..first + count].copy_from_slice(&from[..count]);
            }
        }
    }

    /// Visits every activation.
    pub fn sweep_h(&mut self, real: &mut Stacked<F>, shrink: &Shrink<F>) {
        let Shape { bins, frames, components, lags } = self.shape;
        let depth = components * lags;
        let w = MatRef::from_column_major_slice(&real.w, bins, depth);
        self.meetings.set(w);
        let v = MatRef::from_column_major_slice(self.v.as_slice(), bins, frames);
        self.projected.par_chunks_mut(depth * COLUMNS).enumerate().for_each(|(piece, projected)| {
            let len = projected.len() / depth;
            let projected = MatMut::from_column_major_slice_mut(projected, depth, len);
            let v = v.subcols(piece * COLUMNS, len);
            matmul(projected, Accum::Replace, w.transpose(), v, F::ONE, Par::Seq);
        });
        let length = lags.max(BLOCK);
        let (meetings, projected, h) = (&self.meetings, &self.projected, real.activations());
        self.slopes.par_chunks_mut(length * components).enumerate().for_each(|(b, slopes)| {
            let first = b * length;
            for (n, slopes) in (first..).zip(slopes.chunks_exact_mut(components)) {
                slopes.fill(F::ZERO);
                // An activation reaches T frames, each through its own lag.
                for t in 0..lags.min(frames - n) {
                    let place = (n + t) * depth + (lags - 1 - t) * components;
                    slopes.iter_mut().zip(&projected[place..][..components]).for_each(|(s, &p)| *s += p);
                }
            }
            let near = (first + 1).saturating_sub(lags)..(first + length + lags - 1).min(frames);
            for n in near {
                for (r, &h) in h[n * components..][..components].iter().enumerate() {
                    if h > F::ZERO {
                        meetings.spread((n, r, h), first, slopes);
                    }
                }
            }
        });
        for parity in 0..2 {
            let blocks = real.activations_mut().par_chunks_mut(length * components);
            let blocks = blocks.zip(self.slopes.par_chunks_mut(length * components)).enumerate();
            let changes: Vec<Vec<Change<F>>> = blocks
                .map(|(b, (h, slopes))| {
                    if b % 2 == parity { block(meetings, b * length, h, slopes, shrink) } else { Vec::new() }
                })
                .collect();
            // The blocks that stood still learn what happened beside them.
            let still = self.slopes.par_chunks_mut(length * components).enumerate();
            still.filter(|(b, _)| parity == 0 && b % 2 == 1).for_each(|(b, slopes)| {
                for beside in [b - 1, b + 1] {
                    for &change in changes.get(beside).into_iter().flatten() {
                        meetings.spread(change, b * length, slopes);
                    }
                }
            });
        }
    }
}

/// Activations of a block of frames are visited frame by frame; their changes come back.
fn block<F: Real>(
    meetings: &Meetings<F>,
    first: usize,
    h: &mut [F],
    slopes: &mut [F],
    shrink: &Shrink<F>,
) -> Vec<Change<F>> {
    let components = shrink.steps.len();
    let mut changes = Vec::with_capacity(h.len());
    for i in 0..h.len() {
        let (n, r) = (first + i / components, i % components);
        let x = shrink.apply(h[i], slopes[i], meetings.own(n, r), r);
        if x != h[i] {
            let change = (n, r, x - h[i]);
            h[i] = x;
            meetings.spread(change, first, slopes);
            changes.push(change);
        }
    }
    changes
}

/// Some bins of W side by side: their columns are visited in order.
struct Bins<'a, F> {
    components: usize,
    frozen: usize,
    /// `BINS` values a column.
    values: &'a mut [F],
    /// The columns of V H'.
    with_v: &'a [F],
    gram: &'a [F],
    shrink: &'a Shrink<F>,
}

impl<F: Real> WithSimd for Bins<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { components, frozen, values, with_v, gram, shrink } = self;
        let depth = with_v.len() / BINS;
        let width = GROUP * F::lanes::<S>();
        for begin in (0..BINS).step_by(width) {
            for j in 0..depth {
                let r = j % components;
                if r < frozen {
                    continue;
                }
                let weights = &gram[j * depth..][..depth];
                let mut slopes = [F::splat(simd, F::ZERO); GROUP];
                slopes.copy_from_slice(F::vectors::<S>(&with_v[j * BINS + begin..][..width]));
                for (column, &weight) in values.chunks_exact(BINS).zip(weights) {
                    let weight = F::splat(simd, F::ZERO - weight);
                    let column = F::vectors::<S>(&column[begin..begin + width]);
                    for (slope, &x) in slopes.iter_mut().zip(column) {
                        *slope = F::mul_add(simd, weight, x, *slope);
                    }
                }
                let column = &mut values[j * BINS + begin..][..width];
                for (x, &slope) in column.iter_mut().zip(F::elements::<S>(&slopes)) {
                    *x = shrink.apply(*x, slope, weights[j], r);
                }
            }
        }
    }
}
