//! The half-step of H: panels of frames, along which its vectors run.

use rayon::prelude::*;

use super::{FrameTask, Passes};
use crate::factors::Shape;
use crate::kernels::pack::{gather, pack_columns, pack_rows, transpose_in, transpose_out};
use crate::kernels::panel::{Order, Panel};
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

impl<F: Real> Passes<F> {
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
}
