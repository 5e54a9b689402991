//! The two half-steps where R T is so small that everything but V fits in registers: no product is worth packing
//! operands for, and Q is used where it is made.
//!
//! Vectors run along bins in both. For H a few frames at a time keep their activations and sums in registers while
//! W passes by; for W a few vectors of bins keep their bases and sums while the frames pass by.

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::scalar::Real;
use super::stacked::Stacked;

/// The largest R T for which this is faster than tiles.
pub const DEPTH: usize = 4;

/// At most so many tasks for H, as for the tiles.
const TASKS: usize = 16;

/// Frames at a time for H, vectors of bins at a time for W.
const TOGETHER: usize = 4;

/// Scratch space of passes over V with small R T.
pub struct Narrow<F> {
    /// Frames a task of H.
    chunk: usize,
    /// W with its columns rounded up to whole vectors, zeros behind.
    w: Vec<F>,
    /// The numerator of H of each task, frame-major, with the T-1 frames before its own.
    sums: Vec<Vec<F>>,
    /// The numerator of W by groups of bins.
    numerators: Vec<F>,
}

impl<F: Real> Narrow<F> {
    pub fn new(bins: usize, frames: usize, components: usize, lags: usize) -> Self {
        let group = TOGETHER * pulp::Arch::new().dispatch(LanesOf(F::ZERO));
        let padded = bins.next_multiple_of(group);
        let chunk = frames.div_ceil(TASKS).next_multiple_of(TOGETHER);
        let sums = |first: usize| vec![F::ZERO; (chunk.min(frames - first) + lags - 1) * components];
        Self {
            chunk,
            w: vec![F::ZERO; padded * components * lags],
            sums: (0..frames).step_by(chunk).map(sums).collect(),
            numerators: vec![F::ZERO; padded * components * lags],
        }
    }

    /// The numerator of the H update; see [`super::passes::Passes::h_numerator`].
    pub fn h_numerator(
        &mut self,
        v: &DMatrix<F>,
        phi: F,
        state: &Stacked<F>,
        weights: Option<&[F]>,
        alone: bool,
        out: &mut [F],
    ) {
        let (bins, components, lags) = (v.nrows(), state.shape.components, state.shape.lags);
        let depth = components * lags;
        let padded = self.w.len() / depth;
        for (to, from) in self.w.chunks_exact_mut(padded).zip(state.w.chunks_exact(bins)) {
            to[..bins].copy_from_slice(from);
        }
        let (chunk, w) = (self.chunk, &self.w);
        let one = |(task, sums): (usize, &mut Vec<F>)| {
            sums.fill(F::ZERO);
            let first = task * chunk;
            let len = sums.len() / components - (lags - 1);
            let v = &v.as_slice()[first * bins..][..len * bins];
            let h = &state.h[first * components..];
            pulp::Arch::new().dispatch(FramePass { phi, v, bins, w, h, components, depth, weights, sums });
        };
        if alone {
            self.sums.iter_mut().enumerate().for_each(one);
        } else {
            self.sums.par_iter_mut().enumerate().for_each(one);
        }
        out.fill(F::ZERO);
        let lead = (lags - 1) * components;
        for (task, sums) in self.sums.iter().enumerate() {
            // What falls on the T-1 frames in front belongs to no activation.
            let first = task * chunk * components;
            let skipped = lead.saturating_sub(first).min(sums.len());
            let to = &mut out[(first + skipped).saturating_sub(lead)..];
            to.iter_mut().zip(&sums[skipped..]).for_each(|(out, &sum)| *out += sum);
        }
    }

    /// The numerator of the W update of all columns; see [`super::passes::Passes::w_numerator`].
    pub fn w_numerator(&mut self, v: &DMatrix<F>, phi: F, state: &Stacked<F>, alone: bool, out: &mut [F]) {
        let bins = v.nrows();
        let depth = state.shape.components * state.shape.lags;
        let padded = self.w.len() / depth;
        for (to, from) in self.w.chunks_exact_mut(padded).zip(state.w.chunks_exact(bins)) {
            to[..bins].copy_from_slice(from);
        }
        let group = TOGETHER * pulp::Arch::new().dispatch(LanesOf(F::ZERO));
        let (w, h, components) = (&self.w, &state.h, state.shape.components);
        let one = |(g, sums): (usize, &mut [F])| {
            let first = g * group;
            let v = &v.as_slice()[first..];
            pulp::Arch::new().dispatch(BinPass { phi, v, bins, first, w, h, components, depth, sums });
        };
        if alone {
            self.numerators.chunks_exact_mut(depth * group).enumerate().for_each(one);
        } else {
            self.numerators.par_chunks_exact_mut(depth * group).enumerate().for_each(one);
        }
        for (g, sums) in self.numerators.chunks_exact(depth * group).enumerate() {
            let valid = group.min(bins - g * group);
            for (out, sums) in out.chunks_exact_mut(bins).zip(sums.chunks_exact(group)) {
                out[g * group..][..valid].copy_from_slice(&sums[..valid]);
            }
        }
    }
}

/// Elements in a vector on this machine.
struct LanesOf<F>(F);

impl<F: Real> WithSimd for LanesOf<F> {
    type Output = usize;

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        F::lanes::<S>()
    }
}

/// The pass for H over some frames.
struct FramePass<'a, F> {
    phi: F,
    v: &'a [F],
    bins: usize,
    w: &'a [F],
    h: &'a [F],
    components: usize,
    depth: usize,
    weights: Option<&'a [F]>,
    sums: &'a mut [F],
}

impl<F: Real> WithSimd for FramePass<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.depth {
            1 => self.frames::<S, 1>(simd),
            2 => self.frames::<S, 2>(simd),
            3 => self.frames::<S, 3>(simd),
            _ => self.frames::<S, DEPTH>(simd),
        }
    }
}

impl<F: Real> FramePass<'_, F> {
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn frames<S: Simd, const K: usize>(self, simd: S) {
        let mut groups = self.v.chunks_exact(TOGETHER * self.bins);
        let mut n = 0;
        for v in &mut groups {
            for (j, g) in self.together::<S, K, TOGETHER>(simd, v, n).into_iter().enumerate() {
                add(&mut self.sums[(n + j) * self.components..], g, self.weights);
            }
            n += TOGETHER;
        }
        for v in groups.remainder().chunks_exact(self.bins) {
            let [g] = self.together::<S, K, 1>(simd, v, n);
            add(&mut self.sums[n * self.components..], g, self.weights);
            n += 1;
        }
    }

    /// `sum_m W[m, k] Q[m, n]` for each k and a few n.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn together<S: Simd, const K: usize, const J: usize>(&self, simd: S, v: &[F], n: usize) -> [[F; K]; J] {
        let lanes = F::lanes::<S>();
        let padded = self.w.len() / K;
        let phi = F::splat(simd, self.phi);
        // Loops rather than closures over arrays: those are not always compiled in place, and then without the
        // instructions that were found.
        let mut h = [[phi; K]; J];
        for (j, h) in h.iter_mut().enumerate() {
            for (h, &x) in h.iter_mut().zip(&self.h[(n + j) * self.components..]) {
                *h = F::splat(simd, x);
            }
        }
        let columns: [&[F]; J] = std::array::from_fn(|j| &v[j * self.bins..(j + 1) * self.bins]);
        let mut sums = [[F::splat(simd, F::ZERO); K]; J];
        for first in (0..self.bins).step_by(lanes) {
            let mut w = [phi; K];
            for (k, w) in w.iter_mut().enumerate() {
                *w = F::load(simd, &self.w[k * padded + first..]);
            }
            for j in 0..J {
                let mut vhat = phi;
                for k in 0..K {
                    vhat = F::mul_add(simd, w[k], h[j][k], vhat);
                }
                // Beyond the last bin V and W are zero, and nothing is added.
                let v = F::plus(simd, F::load(simd, &columns[j][first..]), phi);
                let q = F::divide(simd, v, vhat);
                for k in 0..K {
                    sums[j][k] = F::mul_add(simd, w[k], q, sums[j][k]);
                }
            }
        }
        let mut g = [[F::ZERO; K]; J];
        for (g, sums) in g.iter_mut().zip(sums) {
            for (g, sum) in g.iter_mut().zip(sums) {
                *g = F::reduce(simd, sum);
            }
        }
        g
    }
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn add<F: Real, const K: usize>(sums: &mut [F], g: [F; K], weights: Option<&[F]>) {
    for (k, (sum, g)) in sums.iter_mut().zip(g).enumerate() {
        *sum += weights.map_or(g, |weights| weights[k] * g);
    }
}

/// The pass for W over some vectors of bins.
struct BinPass<'a, F> {
    phi: F,
    /// V from the first of the bins on.
    v: &'a [F],
    bins: usize,
    first: usize,
    w: &'a [F],
    h: &'a [F],
    components: usize,
    depth: usize,
    sums: &'a mut [F],
}

impl<F: Real> WithSimd for BinPass<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) {
        match self.depth {
            1 => self.bins::<S, 1>(simd),
            2 => self.bins::<S, 2>(simd),
            3 => self.bins::<S, 3>(simd),
            _ => self.bins::<S, DEPTH>(simd),
        }
    }
}

impl<F: Real> BinPass<'_, F> {
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn bins<S: Simd, const K: usize>(self, simd: S) {
        let lanes = F::lanes::<S>();
        let padded = self.w.len() / K;
        let phi = F::splat(simd, self.phi);
        let mut w = [[phi; TOGETHER]; K];
        for (k, w) in w.iter_mut().enumerate() {
            for (i, w) in w.iter_mut().enumerate() {
                *w = F::load(simd, &self.w[k * padded + self.first + i * lanes..]);
            }
        }
        let valid = self.bins - self.first;
        let mut sums = [[F::splat(simd, F::ZERO); TOGETHER]; K];
        for (n, v) in self.v.chunks(self.bins).enumerate() {
            let h = &self.h[n * self.components..];
            let mut window = [phi; K];
            for (to, &h) in window.iter_mut().zip(h) {
                *to = F::splat(simd, h);
            }
            let h = window;
            let v = &v[..valid.min(v.len())];
            for i in 0..TOGETHER {
                let mut vhat = phi;
                for k in 0..K {
                    vhat = F::mul_add(simd, w[k][i], h[k], vhat);
                }
                let v = F::load(simd, v.get(i * lanes..).unwrap_or_default());
                let q = F::divide(simd, F::plus(simd, v, phi), vhat);
                for k in 0..K {
                    sums[k][i] = F::mul_add(simd, q, h[k], sums[k][i]);
                }
            }
        }
        let out = F::vectors_mut::<S>(self.sums).as_chunks_mut::<TOGETHER>().0;
        out.copy_from_slice(&sums);
    }
}
