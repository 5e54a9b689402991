//! Coordinate descent of integers on the divergence (1), for W by bins and for H by frames.
//!
//! With P = V + phi and q = Vhat + phi, an element that changes by d through the elements h of the other side changes
//! D by `d sum h - sum P ln(1 + d h / q)`. The slope and the curvature at 0 say where the best integers may lie;
//! the exact change decides among them. As for the squared error, bins and blocks of frames go in parallel, every
//! other one first.
//!
//! The exact change costs a logarithm for each element of V that is reached. So a pass begins with the slopes and
//! curvatures of all elements, which the fused passes give at the price of a few products, and only those that could
//! gain by them are looked at.

use std::sync::Arc;

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::choice::{Round, Shrink};
use super::grams::scaled_bases;
use super::squared::BLOCK;
use super::visit::{Neighbours, Pull, Visit};
use crate::factors::Shape;
use crate::kernels::passes::Passes;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::magnitudes::Magnitudes;
use crate::measure;

/// Rows and columns are filled up to a multiple of this, which all vector lengths divide.
const LANES: usize = 16;

/// What P and q are where V has nothing: so large that no change is felt.
const BEYOND: f64 = 1e30;

/// Digits of a scale.
const DIGITS: usize = 4;

/// V and the scratch space of the passes.
pub struct Divergence<F: Real> {
    v: Arc<DMatrix<F>>,
    passes: Passes<F>,
    shape: Shape,
    phi: f64,
    /// Numerators, denominators and curvatures, as the passes lay them out.
    of_w: Vec<F>,
    of_h: Vec<F>,
    w_curvature: Vec<F>,
    h_curvature: Vec<F>,
    w_denominator: Vec<F>,
    h_denominator: Vec<F>,
}

impl<F: Real> Divergence<F> {
    /// Room for passes over V (M x N) with the floor `phi`.
    pub fn new(v: Arc<DMatrix<F>>, passes: Passes<F>, components: usize, lags: usize, phi: f64) -> Self {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let room = |n: usize| vec![F::ZERO; n];
        Self {
            of_w: room(shape.bins * components * lags),
            of_h: room(shape.frames * components),
            w_curvature: room(shape.bins * components * lags),
            h_curvature: room(shape.frames * components),
            w_denominator: room(components * lags),
            h_denominator: room(shape.frames * components),
            v,
            passes,
            shape,
            phi,
        }
    }

    /// D of the model with these integers.
    pub fn of(&self, integers: &Stacked<F>, scale: &[F]) -> f64 {
        measure::kld(&self.v, &Magnitudes::linear(scaled_bases(integers, scale)), self.phi)
    }

    /// For each component, how strongly D feels a change of its bases, and of its activations: curvatures weighted by
    /// the squares of the elements.
    pub fn sensitivities(&mut self, real: &Stacked<F>) -> (Vec<f64>, Vec<f64>) {
        let Shape { bins, components, .. } = self.shape;
        self.passes.w_curvature(real, &mut self.of_w);
        self.passes.h_curvature(real, &mut self.of_h);
        let mut w = vec![(0.0, 0.0); components];
        for (i, (x, c)) in real.w.iter().zip(&self.of_w).enumerate() {
            add(&mut w[(i / bins) % components], *x, *c);
        }
        let mut h = vec![(0.0, 0.0); components];
        for (i, (x, c)) in real.activations().iter().zip(&self.of_h).enumerate() {
            add(&mut h[i % components], *x, *c);
        }
        let mean = |sums: Vec<(f64, f64)>| {
            sums.into_iter().map(|(sum, squares)| if squares > 0.0 { sum / squares } else { 0.0 }).collect()
        };
        (mean(w), mean(h))
    }

    /// One multiplicative update of H and of W (3), the penalty's slope added to the denominators; the bases of the
    /// first `frozen` components stay.
    pub fn shrink(&mut self, real: &mut Stacked<F>, frozen: usize, w: &Shrink<F>, h: &Shrink<F>) {
        let Shape { bins, components, .. } = self.shape;
        self.passes.h_numerator(real, None, &mut self.of_h);
        real.h_denominator(&mut self.h_denominator);
        let both = self.of_h.iter().zip(&self.h_denominator);
        for (i, (x, (&n, &d))) in real.activations_mut().iter_mut().zip(both).enumerate() {
            *x = shrunk(*x, n, d, h, i % components);
        }
        if frozen == components {
            return;
        }
        let columns = self.w_denominator.len();
        self.passes.w_numerator(real, 0..columns, &mut self.of_w);
        real.w_denominator(&mut self.w_denominator);
        let arch = pulp::Arch::new();
        for (j, (values, numerators)) in
            real.w.chunks_exact_mut(bins).zip(self.of_w.chunks_exact(bins)).enumerate()
        {
            if j % components >= frozen {
                let denominator = self.w_denominator[j];
                arch.dispatch(ShrinkColumn {
                    values,
                    numerators,
                    denominator,
                    shrink: w,
                    component: j % components,
                });
            }
        }
    }

    /// Visits every integer of W, those of the first `frozen` components left out.
    pub fn pass_w(&mut self, state: &mut Stacked<F>, scale: &[F], frozen: usize, choice: &Round<'_>) {
        let Shape { bins, frames, components, lags } = self.shape;
        if frozen == components {
            return;
        }
        let depth = components * lags;
        let scaled = scaled_activations(state, scale);
        self.passes.w_numerator(&scaled, 0..depth, &mut self.of_w);
        self.passes.w_curvature(&scaled, &mut self.w_curvature);

        scaled.w_denominator(&mut self.w_denominator);
        let (phi, v) = (F::from_f64(self.phi), &self.v);
        // Activations by component, and rows of V with room for the lags that reach beyond the last frame.
        let length = frames.next_multiple_of(LANES);
        let mut h = vec![F::ZERO; components * length];
        for (i, &k) in state.activations().iter().enumerate() {
            let (n, r) = (i / components, i % components);
            h[r * length + n] = k * scale[r];
        }
        let sums = sums_before(&h, length, frames);
        let width = length + lags;
        let vhat = vhat(state, scale);
        let room = || vec![F::from_f64(BEYOND); width];
        let read = |row: &mut [F], matrix: &[F], m: usize| {
            let values = matrix[m..].iter().step_by(bins);
            row.iter_mut().zip(values).take(frames).for_each(|(x, &value)| *x = value + phi);
        };
        let mut rows = vec![F::ZERO; depth * bins];
        for (j, column) in state.w.chunks_exact(bins).enumerate() {
            column.iter().enumerate().for_each(|(m, &k)| rows[m * depth + j] = k);
        }
        let arch = pulp::Arch::new();
        for parity in 0..2 {
            let before = rows.clone();
            let rows = rows.par_chunks_mut(depth).enumerate().filter(|(m, _)| m % 2 == parity);
            rows.for_each_init(
                || (room(), room()),
                |(p, q), (m, row)| {
                    let neighbours = |j: usize| Neighbours {
                        place: m * depth + j,
                        before: if m > 0 { before[(m - 1) * depth + j] } else { F::ZERO },
                        after: (m + 1 < bins).then(|| before[(m + 1) * depth + j]),
                    };
                    let promising = |j: usize| {
                        let pull = Pull {
                            attraction: self.of_w[j * bins + m].to_f64(),
                            weight: self.w_denominator[j].to_f64(),
                            curvature: self.w_curvature[j * bins + m].to_f64(),
                        };
                        choice.is_promising(before[m * depth + j], &neighbours(j), pull)
                    };
                    let promising: Vec<bool> =
                        (0..depth).map(|j| j % components >= frozen && promising(j)).collect();
                    if !promising.contains(&true) {
                        return;
                    }
                    read(p, v.as_slice(), m);
                    read(q, &vhat, m);
                    for s in (0..lags).rev() {
                        let t = lags - 1 - s;
                        for r in frozen..components {
                            let j = s * components + r;
                            if !promising[j] {
                                continue;
                            }
                            let h = &h[r * length..][..length];
                            row[j] = arch.dispatch(Visit {
                                choice,
                                value: row[j],
                                neighbours: neighbours(j),
                                weight: sums[r * (frames + 1) + frames.saturating_sub(t)],
                                h,
                                p: &p[t..],
                                q: &mut q[t..],
                            });
                        }
                    }
                },
            );
        }
        for (j, column) in state.w.chunks_exact_mut(bins).enumerate() {
            column.iter_mut().enumerate().for_each(|(m, k)| *k = rows[m * depth + j]);
        }
    }

    /// Visits every activation.
    pub fn pass_h(&mut self, state: &mut Stacked<F>, scale: &[F], choice: &Round<'_>) {
        let Shape { bins, frames, components, lags } = self.shape;
        let (phi, height) = (F::from_f64(self.phi), bins.next_multiple_of(LANES));
        let model = scaled_bases(state, scale);
        self.passes.h_numerator(&model, None, &mut self.of_h);
        self.passes.h_curvature(&model, &mut self.h_curvature);

        model.h_denominator(&mut self.h_denominator);
        let (of_h, h_denominator, h_curvature) = (&self.of_h, &self.h_denominator, &self.h_curvature);
        // By component, lag after lag: what an activation adds to the frames from its own on.
        let mut w = vec![F::ZERO; components * lags * height];
        let mut weights = vec![0.0; components * (lags + 1)];
        for (j, column) in state.w.chunks_exact(bins).enumerate() {
            let (t, r) = (lags - 1 - j / components, j % components);
            let place = (r * lags + t) * height;
            w[place..].iter_mut().zip(column).for_each(|(w, &k)| *w = k * scale[r]);
        }
        for r in 0..components {
            for t in 0..lags {
                let sum: f64 = w[(r * lags + t) * height..][..bins].iter().map(|x| x.to_f64()).sum();
                weights[r * (lags + 1) + t + 1] = weights[r * (lags + 1) + t] + sum;
            }
        }
        let filled = |matrix: &[F]| {
            let mut out = vec![F::from_f64(BEYOND); height * frames];
            for (out, column) in out.chunks_exact_mut(height).zip(matrix.chunks_exact(bins)) {
                out.iter_mut().zip(column).for_each(|(out, &x)| *out = x + phi);
            }
            out
        };
        let (p, mut q) = (filled(self.v.as_slice()), filled(&vhat(state, scale)));
        let arch = pulp::Arch::new();
        // A block and the one after it, which stands still and takes what reaches beyond the first.
        let length = lags.max(BLOCK);
        for parity in 0..2 {
            let before = state.activations().to_vec();
            let skipped = (parity * length).min(frames);
            let blocks =
                state.activations_mut()[skipped * components..].par_chunks_mut(2 * length * components);
            let blocks = blocks.zip(q[skipped * height..].par_chunks_mut(2 * length * height));
            blocks.enumerate().for_each(|(b, (h, q))| {
                let first = skipped + 2 * b * length;
                for i in 0..h.len().min(length * components) {
                    let (n, r) = (first + i / components, i % components);
                    let (reach, place) = (lags.min(frames - n), n * components + r);
                    let previous = if i >= components { Some(h[i - components]) } else { None };
                    let previous = previous.or_else(|| before.get(place.wrapping_sub(components)).copied());
                    let neighbours = Neighbours {
                        place,
                        before: previous.unwrap_or(F::ZERO),
                        after: before.get(place + components).copied(),
                    };
                    let pull = Pull {
                        attraction: of_h[place].to_f64(),
                        weight: h_denominator[place].to_f64(),
                        curvature: h_curvature[place].to_f64(),
                    };
                    if !choice.is_promising(h[i], &neighbours, pull) {
                        continue;
                    }
                    h[i] = arch.dispatch(Visit {
                        choice,
                        value: h[i],
                        neighbours,
                        weight: weights[r * (lags + 1) + reach],
                        h: &w[r * lags * height..][..reach * height],
                        p: &p[n * height..],
                        q: &mut q[(n - first) * height..],
                    });
                }
            });
        }
    }

    /// (8): a multiplicative update of each component's scale, which lowers D; then, if asked for, few digits.
    pub fn refit(&mut self, integers: &Stacked<F>, scale: &mut [F], digits: bool) {
        let components = self.shape.components;
        let model = scaled_bases(integers, scale);
        self.passes.h_numerator(&model, None, &mut self.of_h);
        model.h_denominator(&mut self.h_denominator);
        let mut sums = vec![(0.0, 0.0); components];
        for (i, h) in model.activations().iter().enumerate() {
            let (n, d) = &mut sums[i % components];
            *n += h.to_f64() * self.of_h[i].to_f64();
            *d += h.to_f64() * self.h_denominator[i].to_f64();
        }
        for (scale, (n, d)) in scale.iter_mut().zip(sums) {
            if n > 0.0 && d > 0.0 {
                *scale = F::from_f64(scale.to_f64() * n / d);
            }
        }
        if digits {
            for scale in scale {
                let text = format!("{:.*e}", DIGITS - 1, scale.to_f64());
                *scale = text.parse().map_or(*scale, F::from_f64);
            }
        }
    }
}

fn add<F: Real>((sum, squares): &mut (f64, f64), x: F, curvature: F) {
    let square = x.to_f64() * x.to_f64();
    *sum += square * curvature.to_f64();
    *squares += square;
}

/// A column of W is updated.
struct ShrinkColumn<'a, F> {
    values: &'a mut [F],
    numerators: &'a [F],
    denominator: F,
    shrink: &'a Shrink<F>,
    component: usize,
}

impl<F: Real> WithSimd for ShrinkColumn<'_, F> {
    type Output = ();

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { values, numerators, denominator, shrink, component } = self;
        for (x, &numerator) in values.iter_mut().zip(numerators) {
            *x = shrunk(*x, numerator, denominator, shrink, component);
        }
    }
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn shrunk<F: Real>(x: F, numerator: F, denominator: F, shrink: &Shrink<F>, component: usize) -> F {
    let pull = (shrink.half + shrink.half) / (x + shrink.steps[component]);
    let d = denominator + if shrink.half > F::ZERO { pull } else { F::ZERO };
    let x = if d > F::ZERO { x * (numerator / d) } else { x };
    if x > F::SMALLEST { x } else { F::ZERO }
}

/// Vhat (2), column-major.
fn vhat<F: Real>(state: &Stacked<F>, scale: &[F]) -> Vec<F> {
    let bins = state.shape.bins;
    let parts = scaled_bases(state, scale).visit_blocks(
        |range| Vec::with_capacity(range.len() * bins),
        |out: &mut Vec<F>, _, vhat| out.extend_from_slice(vhat),
    );
    parts.concat()
}

/// The same model with the scales in H.
fn scaled_activations<F: Real>(state: &Stacked<F>, scale: &[F]) -> Stacked<F> {
    let mut scaled = state.clone();
    scaled.h.iter_mut().zip(scale.iter().cycle()).for_each(|(h, &s)| *h *= s);
    scaled
}

/// For each row of `length` values, the sums of its first 0 to `count` values.
fn sums_before<F: Real>(rows: &[F], length: usize, count: usize) -> Vec<f64> {
    let mut sums = Vec::with_capacity(rows.len() / length * (count + 1));
    for row in rows.chunks_exact(length) {
        let mut sum = 0.0;
        sums.push(sum);
        for x in &row[..count] {
            sum += x.to_f64();
            sums.push(sum);
        }
    }
    sums
}
