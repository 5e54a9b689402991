//! The half-step of W: panels of bins, along which its vectors run.

use std::ops::Range;

use rayon::prelude::*;

use super::{BLOCK, BinTask, Passes};
use crate::factors::Shape;
use crate::kernels::pack::{SHARES, Windows, fetch};
use crate::kernels::panel::{Order, Panel};
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

impl<F: Real> Passes<F> {
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
}
