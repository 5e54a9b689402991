//! The convolutive model as matrix products: one product for all lags, by blocks of frames, without copies.
//!
//! The activations are kept frame by frame (the R values of a frame side by side) behind T-1 frames of
//! zeros. Column n of the R T x N matrix of all shifts is then the window of R T elements that starts at
//! element n R: an overlapping view, no copy. Its row s R + r is H[r, n - t] with t = T-1-s, so the bases
//! are stacked in that order, column s R + r being `W_t`[:, r].
//!
//! Everything runs over fixed chunks of frames whose number depends on the sizes alone. What they
//! contribute is added up in order, so results are the same bits for any number of threads.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use rayon::prelude::*;

use super::scalar::Real;
use super::vector;
use crate::factors::{Factors, Shape};

/// Frames handled at once: their Vhat stays in the second-level cache at the usual numbers of bins.
const BLOCK: usize = 96;

/// At most so many chunks, each with accumulators of its own: bounds the memory whatever the length.
const MAX_CHUNKS: usize = 16;

/// Fewer frames than this are not worth a chunk of their own.
const MIN_CHUNK: usize = 32;

/// Components that are summed at a time.
const TOGETHER: usize = 16;

/// Factors in the layout of the products.
#[derive(Clone, Debug)]
pub struct Stacked<F: Real> {
    pub shape: Shape,
    /// M x R T, column-major; column s R + r is W_{T-1-s}[:, r].
    pub w: Vec<F>,
    /// Frame-major activations behind T-1 frames of zeros: (N + T - 1) R elements.
    pub h: Vec<F>,
}

impl<F: Real> Stacked<F> {
    pub fn from_factors(factors: &Factors<F>) -> Self {
        let shape = factors.shape();
        let mut w = Vec::with_capacity(shape.bins * shape.components * shape.lags);
        for basis in factors.w.iter().rev() {
            w.extend_from_slice(basis.as_slice());
        }
        let mut h = vec![F::ZERO; (shape.lags - 1) * shape.components];
        h.extend_from_slice(factors.h.as_slice());
        Self { shape, w, h }
    }

    pub fn to_factors(&self) -> Factors<F> {
        let Shape { bins, frames, components, .. } = self.shape;
        let basis = |column: &[F]| DMatrix::from_column_slice(bins, components, column);
        Factors {
            w: self.w.chunks_exact(bins * components).rev().map(basis).collect(),
            h: DMatrix::from_column_slice(components, frames, self.activations()),
        }
    }

    /// The R N activations, frame-major, without the zeros in front.
    pub fn activations(&self) -> &[F] {
        &self.h[self.lead()..]
    }

    pub fn activations_mut(&mut self) -> &mut [F] {
        let lead = self.lead();
        &mut self.h[lead..]
    }

    fn lead(&self) -> usize {
        (self.shape.lags - 1) * self.shape.components
    }

    /// R T.
    fn depth(&self) -> usize {
        self.shape.components * self.shape.lags
    }

    /// M x R T.
    fn stacked_w(&self) -> MatRef<'_, F> {
        MatRef::from_column_major_slice(&self.w, self.shape.bins, self.depth())
    }

    /// R T x len: all shifts of the activations at frames `first .. first + len`.
    fn shifts(&self, first: usize, len: usize) -> MatRef<'_, F> {
        let r = self.shape.components;
        MatRef::from_column_major_slice_with_stride(&self.h[first * r..], self.depth(), len, r)
    }

    /// Vhat (2) of the frames `first .. first + out.len() / M`, column-major.
    pub fn reconstruct_into(&self, first: usize, out: &mut [F]) {
        let (bins, len) = (self.shape.bins, out.len() / self.shape.bins);
        let out = MatMut::from_column_major_slice_mut(out, bins, len);
        matmul(out, Accum::Replace, self.stacked_w(), self.shifts(first, len), F::ONE, Par::Seq);
    }

    /// Vhat (2) as a whole, M x N.
    pub fn reconstruct(&self) -> DMatrix<F> {
        let mut vhat = DMatrix::zeros(self.shape.bins, self.shape.frames);
        self.reconstruct_into(0, vhat.as_mut_slice());
        vhat
    }

    /// Runs `visit` over all frames, block by block, with `(first frame, Vhat of the block)`, and returns
    /// what each chunk made of it, in the order of the frames.
    ///
    /// `make` starts a chunk from its range of frames.
    pub fn visit_blocks<A: Send>(
        &self,
        make: impl Fn(std::ops::Range<usize>) -> A + Sync,
        visit: impl Fn(&mut A, usize, &mut [F]) + Sync,
    ) -> Vec<A> {
        let Shape { bins, frames, .. } = self.shape;
        let chunk = chunk_frames(frames);
        let starts: Vec<usize> = (0..frames).step_by(chunk).collect();
        starts
            .into_par_iter()
            .map(|start| {
                let end = (start + chunk).min(frames);
                let mut accumulator = make(start..end);
                let mut block = vec![F::ZERO; bins * BLOCK.min(end - start)];
                for first in (start..end).step_by(BLOCK) {
                    let len = BLOCK.min(end - first);
                    let vhat = &mut block[..bins * len];
                    self.reconstruct_into(first, vhat);
                    visit(&mut accumulator, first, vhat);
                }
                accumulator
            })
            .collect()
    }

    /// The denominator of the H update (3), frame-major: the sum of `W_t[:, r]` over those t with `n + t < N`, into
    /// `out` (R N elements).
    ///
    /// Near the end fewer lags reach a frame that exists; leaving the others out is what makes the update
    /// a descent step.
    pub fn h_denominator(&self, out: &mut [F]) {
        let Shape { bins, frames, components, lags } = self.shape;
        out.fill(F::ZERO);
        for (k, column) in self.w.chunks_exact(bins).enumerate() {
            let (t, r) = (lags - 1 - k / components, k % components);
            // Of the last frames lag t reaches those before N - t; before them all lags count.
            let sum = F::from_f64(vector::sum(column));
            let first = frames.saturating_sub(lags);
            out.iter_mut()
                .skip(first * components + r)
                .step_by(components)
                .take(frames.saturating_sub(t + first))
                .for_each(|d| *d += sum);
        }
        let (early, late) = out.split_at_mut(frames.saturating_sub(lags) * components);
        early.chunks_exact_mut(components).for_each(|d| d.copy_from_slice(&late[..components]));
    }

    /// The denominator of the W update (3): for each stacked column, the sum of `H[r, n - t]` over all n, into `out`
    /// (R T elements).
    pub fn w_denominator(&self, out: &mut [F]) {
        let Shape { frames, components, lags, .. } = self.shape;
        out.fill(F::ZERO);
        // A few components at a time, and in f64: long signals lose nothing.
        for first in (0..components).step_by(TOGETHER) {
            let count = TOGETHER.min(components - first);
            let mut sums = [0.0; TOGETHER];
            for (n, frame) in self.activations().chunks_exact(components).enumerate() {
                for (sum, h) in sums.iter_mut().zip(&frame[first..first + count]) {
                    *sum += h.to_f64();
                }
                // Lag t sees the first N - t activations.
                let t = frames - 1 - n;
                if t < lags {
                    let out = &mut out[(lags - 1 - t) * components + first..][..count];
                    out.iter_mut().zip(sums).for_each(|(out, sum)| *out = F::from_f64(sum));
                }
            }
        }
    }
}

/// Frames a chunk: a function of the length alone, never of the number of threads.
fn chunk_frames(frames: usize) -> usize {
    frames.div_ceil(MAX_CHUNKS).max(MIN_CHUNK)
}
