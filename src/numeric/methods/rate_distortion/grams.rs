//! How elements of a factor weigh on one another in the squared error, while the other factor stays.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use crate::factors::Shape;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

/// Columns of a product that one job computes.
pub const COLUMNS: usize = 32;

/// All shifts of stacked activations at some frames: R T x len.
pub fn shifts<F: Real>(h: &[F], components: usize, depth: usize, frames: Range<usize>) -> MatRef<'_, F> {
    MatRef::from_column_major_slice_with_stride(
        &h[frames.start * components..],
        depth,
        frames.len(),
        components,
    )
}

/// The Gram matrix of the rows of `a`, column by column.
pub fn gram<F: Real>(a: MatRef<'_, F>, out: &mut [F]) {
    let rows = a.nrows();
    out.par_chunks_mut(rows * COLUMNS).enumerate().for_each(|(piece, out)| {
        let count = out.len() / rows;
        let some = a.subrows(piece * COLUMNS, count).transpose();
        let out = MatMut::from_column_major_slice_mut(out, rows, count);
        matmul(out, Accum::Replace, a, some, F::ONE, Par::Seq);
    });
}

/// An activation that changed: frame, component, by how much.
pub type Change<F> = (usize, usize, F);

/// How activations weigh on one another.
///
/// Two activations meet in the frames that both reach: one at lag t and the other, later by some frames, at a lag smaller
/// by as many.
pub struct Meetings<F> {
    shape: Shape,
    /// R T x R T: the stacked columns of W against each other.
    pub bases: Vec<F>,
    /// The same, summed along the lags: an entry holds all meetings up to its own lags, so those that would lie beyond
    /// the last frame can be left out.
    sums: Vec<F>,
    /// For each component, what an activation weighs on those from T - 1 frames before it to T - 1 frames after it, where
    /// all of their frames exist.
    around: Vec<F>,
}

impl<F: Real> Meetings<F> {
    pub fn new(shape: Shape) -> Self {
        let Shape { components, lags, .. } = shape;
        let squared = vec![F::ZERO; (components * lags).pow(2)];
        let around = vec![F::ZERO; components * components * (2 * lags - 1)];
        Self { shape, bases: squared.clone(), sums: squared, around }
    }

    /// Sets the bases (M x R T).
    pub fn set(&mut self, w: MatRef<'_, F>) {
        let Shape { components, lags, frames, .. } = self.shape;
        let depth = components * lags;
        gram(w.transpose(), &mut self.bases);
        self.sums.copy_from_slice(&self.bases);
        // Stacked column s is lag T-1-s: sums run from the last columns to the first.
        for column in (0..depth - components).rev() {
            let (these, later) = self.sums.split_at_mut((column + components) * depth);
            let these = &mut these[column * depth..][..depth - components];
            these.iter_mut().zip(&later[components..depth]).for_each(|(m, &l)| *m += l);
        }
        if frames < 2 * lags {
            return;
        }
        let (middle, span) = (lags - 1, 2 * lags - 1);
        for (i, around) in self.around.chunks_exact_mut(components).enumerate() {
            let (r, other) = (i / span, i % span);
            around.copy_from_slice(weights(&self.sums, self.shape, middle, r, other));
        }
    }

    /// What the activation (n, r) weighs on itself.
    pub fn own(&self, n: usize, r: usize) -> F {
        weights(&self.sums, self.shape, n, r, n)[r]
    }

    /// Brings a change home to the slopes of a block of frames that begins at `first`.
    #[inline]
    pub fn spread(&self, (n, r, d): Change<F>, first: usize, slopes: &mut [F]) {
        let Shape { components, lags, frames, .. } = self.shape;
        let end = first + slopes.len() / components;
        let reached = (n + 1).saturating_sub(lags).max(first)..(n + lags).min(end);
        let subtract = |slopes: &mut [F], weights: &[F]| {
            slopes.iter_mut().zip(weights).for_each(|(slope, &weight)| *slope -= d * weight);
        };
        if reached.is_empty() {
            return;
        }
        let slopes = &mut slopes[(reached.start - first) * components..][..reached.len() * components];
        if frames >= 2 * lags && n + lags <= frames {
            let around = &self.around[r * (2 * lags - 1) * components..];
            return subtract(slopes, &around[(reached.start + lags - 1 - n) * components..]);
        }
        for (other, slopes) in reached.zip(slopes.chunks_exact_mut(components)) {
            subtract(slopes, weights(&self.sums, self.shape, n, r, other));
        }
    }
}

/// The weights of the activation (n, r) on all components of frame `other`, which is less than T frames away.
fn weights<F: Real>(sums: &[F], shape: Shape, n: usize, r: usize, other: usize) -> &[F] {
    let Shape { frames, components, lags, .. } = shape;
    let (late, gap) = (n.max(other), n.abs_diff(other));
    // The largest lag of the later one at which both still meet in a frame that exists.
    let short = (lags - 1 - gap).min(frames - 1 - late);
    let (own, its) = if other >= n { (gap + short, short) } else { (short, gap + short) };
    let column = (lags - 1 - own) * components + r;
    let row = (lags - 1 - its) * components;
    &sums[column * components * lags + row..][..components]
}

/// The same model with the scales in W.
pub fn scaled_bases<F: Real>(state: &Stacked<F>, scale: &[F]) -> Stacked<F> {
    let mut scaled = state.clone();
    for (column, &s) in scaled.w.chunks_exact_mut(state.shape.bins).zip(scale.iter().cycle()) {
        column.iter_mut().for_each(|w| *w *= s);
    }
    scaled
}
