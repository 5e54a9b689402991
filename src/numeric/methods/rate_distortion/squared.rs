//! Coordinate descent on the squared error of the convolutive model (2), for W by bins and for H by frames.
//!
//! With the factors of the other side fixed the error is a quadratic form. Products give, once a pass, how the
//! error depends on each element (its slope) and how elements weigh on one another (the Gram matrix). Then the
//! elements are visited one after the other, and an element that does not change costs next to nothing.
//!
//! A bin depends on its own row of W alone: rows go in parallel, even ones first, because the bits of an element
//! depend on its neighbours in the order of the stream. A frame of H reaches the T-1 frames on either side:
//! blocks of frames go in parallel, every other one first. Everything is shared out by the sizes alone, so
//! results are the same bits for any number of threads.

use std::sync::Arc;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::choice::{Element, Round};
use super::gauge::sum_of_squares;
use super::grams::{COLUMNS, Change, Meetings, gram, scaled_bases, shifts};
use crate::factors::Shape;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

/// Bins, and frames, whose residual is held at once.
const BINS: usize = 64;
const FRAMES: usize = 128;

/// The fewest frames in a block of H.
pub const BLOCK: usize = 32;

/// V and the scratch space of the passes.
pub struct Squared<F: Real> {
    v: Arc<DMatrix<F>>,
    shape: Shape,
    /// R T x M: the bases of each bin side by side; and a copy from before the elements were visited.
    rows: Vec<F>,
    rows_before: Vec<F>,
    /// R T x M: the slope of each element of `rows`.
    row_slopes: Vec<F>,
    /// R T x R T: the shifts of H against each other.
    shifts_gram: Vec<F>,
    /// R T x N: the residual against each stacked column of W.
    projected: Vec<F>,
    /// R N: the slope of each activation.
    slopes: Vec<F>,
    before: Vec<F>,
    meetings: Meetings<F>,
}

impl<F: Real> Squared<F> {
    /// Room for passes over V (M x N) with R `components` and T `lags`.
    pub fn new(v: Arc<DMatrix<F>>, components: usize, lags: usize) -> Self {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let depth = components * lags;
        let room = |n: usize| vec![F::ZERO; n];
        Self {
            rows: room(depth * shape.bins),
            rows_before: room(depth * shape.bins),
            row_slopes: room(depth * shape.bins),
            shifts_gram: room(depth * depth),
            projected: room(depth * shape.frames),
            slopes: room(components * shape.frames),
            before: room(components * shape.frames),
            meetings: Meetings::new(shape),
            v,
            shape,
        }
    }

    /// The squared error of the model with these factors, each component times its scale.
    pub fn error(&self, state: &Stacked<F>, scale: &[F]) -> f64 {
        let bins = self.shape.bins;
        let parts = scaled_bases(state, scale).visit_blocks(
            |_| 0.0,
            |sum: &mut f64, first, vhat| {
                let v = &self.v.as_slice()[first * bins..][..vhat.len()];
                vhat.iter_mut().zip(v).for_each(|(vhat, &v)| *vhat -= v);
                *sum += sum_of_squares(vhat);
            },
        );
        parts.into_iter().sum()
    }

    /// Visits every element of W under `choice`, those of the first `frozen` components left out.
    pub fn pass_w(&mut self, state: &mut Stacked<F>, scale: &[F], frozen: usize, choice: &Round<'_>) {
        let Shape { bins, frames, components, lags } = self.shape;
        if frozen == components {
            return;
        }
        let depth = components * lags;
        let scaled = scaled_activations(state, scale);
        let shifts = shifts(&scaled, components, depth, 0..frames);
        gram(shifts, &mut self.shifts_gram);

        let w = MatRef::from_column_major_slice(&state.w, bins, depth);
        MatMut::from_column_major_slice_mut(&mut self.rows, depth, bins).copy_from(w.transpose());
        let v = MatRef::from_column_major_slice(self.v.as_slice(), bins, frames);
        let pieces = self.row_slopes.par_chunks_mut(depth * BINS).zip(self.rows.par_chunks(depth * BINS));
        pieces.enumerate().for_each(|(piece, (slopes, rows))| {
            let (first, count) = (piece * BINS, rows.len() / depth);
            let rows = MatRef::from_column_major_slice(rows, depth, count);
            let mut slopes = MatMut::from_column_major_slice_mut(slopes, depth, count);
            slopes.fill(F::ZERO);
            let mut residual = vec![F::ZERO; FRAMES.min(frames) * count];
            for begin in (0..frames).step_by(FRAMES) {
                let len = FRAMES.min(frames - begin);
                let shifts = shifts.subcols(begin, len);
                let mut residual =
                    MatMut::from_column_major_slice_mut(&mut residual[..len * count], len, count);
                residual.copy_from(v.submatrix(first, begin, count, len).transpose());
                matmul(residual.as_mut(), Accum::Add, shifts.transpose(), rows, -F::ONE, Par::Seq);
                matmul(slopes.as_mut(), Accum::Add, shifts, residual.as_ref(), F::ONE, Par::Seq);
            }
        });

        let (gram, arch) = (&self.shifts_gram, pulp::Arch::new());
        for parity in 0..2 {
            self.rows_before.copy_from_slice(&self.rows);
            let before = &self.rows_before;
            let rows = self.rows.par_chunks_mut(depth).zip(self.row_slopes.par_chunks_mut(depth));
            rows.enumerate().with_min_len(8).filter(|(m, _)| m % 2 == parity).for_each(
                |(m, (row, slopes))| {
                    let above = (m > 0).then(|| &before[(m - 1) * depth..][..depth]);
                    let below = (m + 1 < bins).then(|| &before[(m + 1) * depth..][..depth]);
                    arch.dispatch(Row {
                        first: m * depth,
                        components,
                        frozen,
                        elements: row,
                        slopes,
                        gram,
                        above,
                        below,
                        choice,
                    });
                },
            );
        }
        let rows = MatRef::from_column_major_slice(&self.rows, depth, bins);
        MatMut::from_column_major_slice_mut(&mut state.w, bins, depth).copy_from(rows.transpose());
    }

    /// Visits every activation under `choice`.
    pub fn pass_h(&mut self, state: &mut Stacked<F>, scale: &[F], choice: &Round<'_>) {
        let Shape { bins, frames, components, lags } = self.shape;
        let depth = components * lags;
        let scaled = scaled_bases(state, scale);
        let w = MatRef::from_column_major_slice(&scaled.w, bins, depth);
        self.meetings.set(w);

        let v = self.v.as_slice();
        self.projected.par_chunks_mut(depth * COLUMNS).enumerate().for_each(|(piece, projected)| {
            let (first, len) = (piece * COLUMNS, projected.len() / depth);
            let mut residual = v[first * bins..][..len * bins].to_vec();
            let mut residual = MatMut::from_column_major_slice_mut(&mut residual, bins, len);
            let shifts = shifts(&scaled.h, components, depth, first..first + len);
            matmul(residual.as_mut(), Accum::Add, w, shifts, -F::ONE, Par::Seq);
            let projected = MatMut::from_column_major_slice_mut(projected, depth, len);
            matmul(projected, Accum::Replace, w.transpose(), residual.as_ref(), F::ONE, Par::Seq);
        });
        // An activation reaches T frames, each through its own lag.
        let projected = &self.projected;
        self.slopes.par_chunks_mut(components).enumerate().for_each(|(n, slopes)| {
            slopes.fill(F::ZERO);
            for t in 0..lags.min(frames - n) {
                let place = (n + t) * depth + (lags - 1 - t) * components;
                slopes.iter_mut().zip(&projected[place..][..components]).for_each(|(s, &p)| *s += p);
            }
        });

        let length = lags.max(BLOCK);
        let meetings = &self.meetings;
        for parity in 0..2 {
            self.before.copy_from_slice(state.activations());
            let before = &self.before;
            let blocks = state.activations_mut().par_chunks_mut(length * components);
            let blocks = blocks.zip(self.slopes.par_chunks_mut(length * components));
            let changes: Vec<Vec<Change<F>>> = blocks
                .enumerate()
                .map(|(b, (h, slopes))| {
                    if b % 2 != parity {
                        return Vec::new();
                    }
                    block(meetings, components, b * length, h, slopes, before, choice)
                })
                .collect();
            // The blocks that stood still learn what happened beside them.
            let still = self.slopes.par_chunks_mut(length * components).enumerate();
            still.filter(|(b, _)| b % 2 != parity).for_each(|(b, slopes)| {
                for beside in [b.checked_sub(1), Some(b + 1)].into_iter().flatten() {
                    for &change in changes.get(beside).into_iter().flatten() {
                        meetings.spread(change, b * length, slopes);
                    }
                }
            });
        }
    }

    /// Products of the sides of each pair of components' own models, R x R, and of each with V: what scales are
    /// refitted from. Follows a pass over H of the same `state`, whose scales it takes over.
    pub fn normal_equations(&mut self, state: &Stacked<F>) -> (Vec<f64>, Vec<f64>) {
        let Shape { frames, components, lags, .. } = self.shape;
        let depth = components * lags;
        gram(shifts(&state.h, components, depth, 0..frames), &mut self.shifts_gram);
        let mut pairs = vec![0.0; components * components];
        for (i, (bases, shifts)) in
            self.meetings.bases.chunks_exact(depth).zip(self.shifts_gram.chunks_exact(depth)).enumerate()
        {
            for (j, (b, s)) in bases.iter().zip(shifts).enumerate() {
                pairs[(i % components) * components + j % components] += b.to_f64() * s.to_f64();
            }
        }
        let mut with_v = vec![0.0; components];
        for (h, slopes) in
            state.activations().chunks_exact(components).zip(self.slopes.chunks_exact(components))
        {
            for ((sum, h), slope) in with_v.iter_mut().zip(h).zip(slopes) {
                *sum += h.to_f64() * slope.to_f64();
            }
        }
        // The slopes are of the residual; V is that and the model.
        for (sum, pairs) in with_v.iter_mut().zip(pairs.chunks_exact(components)) {
            *sum += pairs.iter().sum::<f64>();
        }
        (pairs, with_v)
    }
}

fn scaled_activations<F: Real>(state: &Stacked<F>, scale: &[F]) -> Vec<F> {
    state.h.iter().zip(scale.iter().cycle()).map(|(&h, &s)| h * s).collect()
}

/// One row of W: its elements are visited in order.
struct Row<'a, F> {
    /// Where its first element stands among all.
    first: usize,
    components: usize,
    frozen: usize,
    elements: &'a mut [F],
    slopes: &'a mut [F],
    gram: &'a [F],
    above: Option<&'a [F]>,
    below: Option<&'a [F]>,
    choice: &'a Round<'a>,
}

impl<F: Real> WithSimd for Row<'_, F> {
    type Output = ();

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Self { first, components, frozen, elements: row, slopes, gram, above, below, choice } = self;
        let depth = row.len();
        let mut component = 0;
        for j in 0..depth {
            let weights = &gram[j * depth..][..depth];
            let (value, curvature) = (row[j], weights[j]);
            // What meets no activation has no effect, and costs least as a zero.
            let chosen = if component < frozen {
                value
            } else if curvature > F::ZERO {
                choice.pick(&Element {
                    place: first + j,
                    value,
                    slope: slopes[j],
                    curvature,
                    before: above.map_or(F::ZERO, |row| row[j]),
                    after: below.map(|row| row[j]),
                })
            } else {
                F::ZERO
            };
            if chosen != value {
                row[j] = chosen;
                let d = chosen - value;
                slopes.iter_mut().zip(weights).for_each(|(slope, &weight)| *slope -= d * weight);
            }
            component = if component + 1 == components { 0 } else { component + 1 };
        }
    }
}

/// A block of frames: its activations are visited frame by frame; their changes come back.
fn block<F: Real>(
    meetings: &Meetings<F>,
    components: usize,
    first: usize,
    h: &mut [F],
    slopes: &mut [F],
    before: &[F],
    choice: &Round<'_>,
) -> Vec<Change<F>> {
    let mut changes = Vec::new();
    for i in 0..h.len() {
        let (n, r) = (first + i / components, i % components);
        let curvature = meetings.own(n, r);
        let value = h[i];
        // Inside the block the neighbours are those of now; beyond it they stand still.
        let place = n * components + r;
        let previous = if i >= components { Some(h[i - components]) } else { None };
        let chosen = if curvature > F::ZERO {
            choice.pick(&Element {
                place,
                value,
                slope: slopes[i],
                curvature,
                before: previous
                    .or_else(|| before.get(place.wrapping_sub(components)).copied())
                    .unwrap_or(F::ZERO),
                after: before.get(place + components).copied(),
            })
        } else {
            F::ZERO
        };
        if chosen != value {
            h[i] = chosen;
            let change = (n, r, chosen - value);
            meetings.spread(change, first, slopes);
            changes.push(change);
        }
    }
    changes
}
