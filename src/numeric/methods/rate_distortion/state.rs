//! Integers with their steps: made from real factors, read back, and what they cost.

use nalgebra::{DMatrix, DVector};

use super::bits::BitModel;
use super::grams;
use super::integers::{State, h_integers, h_sequences, integer, nearest, w_sequences};
use super::{BitCost, RateDistortion};
use crate::context_model::{self, Price};
use crate::factors::{Model, Quantised, Shape};
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

impl<F: Real> RateDistortion<F> {
    /// Real factors as integers, at the steps that the price sets.
    pub(super) fn round(&mut self, real: &Stacked<F>) -> State<F> {
        let (dw, dh) = self.distortion.steps(real, self.lambda);
        let mut integers = real.clone();
        let (bins, components) = (real.shape.bins, real.shape.components);
        let (stored, frozen) = (self.stored(), self.frozen());
        // Steps that are kept are kept in the precision of the run.
        let own: Vec<F> = dw[stored..frozen].iter().map(|step| F::from_f64(*step)).collect();
        for (k, column) in integers.w.chunks_exact_mut(bins).enumerate() {
            match k % components {
                r if r < stored => {}
                r if r < frozen => column.iter_mut().for_each(|w| *w = nearest(*w, own[r].to_f64()) * own[r]),
                r => column.iter_mut().for_each(|w| *w = nearest(*w, dw[r])),
            }
        }
        for frame in integers.activations_mut().chunks_exact_mut(components) {
            frame.iter_mut().zip(&dh).for_each(|(h, step)| *h = nearest(*h, *step));
        }
        let scale = dw.iter().zip(&dh).enumerate();
        let scale = scale.map(|(r, (w, h))| F::from_f64(if r < frozen { *h } else { w * h })).collect();
        let dw = own.into_iter().map(Real::to_f64).collect();
        State { integers, scale, dw, prices: None, objective: f64::INFINITY }
    }

    /// The model of the integers as real factors, fixed bases as they were given.
    pub(super) fn dequantise(&self, state: &State<F>) -> Stacked<F> {
        let mut real = grams::scaled_bases(&state.integers, &state.scale);
        let (bins, components, frozen) = (real.shape.bins, real.shape.components, self.frozen());
        for (k, column) in real.w.chunks_exact_mut(bins).enumerate() {
            if k % components < frozen {
                column.copy_from_slice(&self.real.w[k * bins..][..bins]);
            }
        }
        for frame in real.activations_mut().chunks_exact_mut(components) {
            frame.iter_mut().zip(&state.scale).take(frozen).for_each(|(h, &scale)| *h *= scale);
        }
        real
    }

    /// The prices of the symbols of W and of H that suit these integers best. Those of W that are stored are left out.
    pub(super) fn symbol_prices(&self, state: &State<F>) -> Box<(BitModel, BitModel)> {
        let w = BitModel::of(w_sequences(&state.integers, &state.dw, self.stored()));
        Box::new((w, BitModel::of(h_sequences(&state.integers))))
    }

    /// Bits of the integers, of the lowest J so far; 0 before there are any.
    pub fn bits(&self) -> f64 {
        self.kept.as_ref().map_or(0.0, |state| self.bits_of(state))
    }

    /// Bits of all integers.
    pub(super) fn bits_of(&self, state: &State<F>) -> f64 {
        let Shape { bins, frames, components, .. } = state.integers.shape;
        match self.cost {
            BitCost::Symbols => {
                state.prices.as_ref().map_or(0.0, |prices| prices.0.total() + prices.1.total())
            }
            BitCost::Contexts => {
                let (w, h) = rayon::join(
                    || context_model::bits_of(&self.w_integers(state), bins, components),
                    || context_model::bits_of(&h_integers(&state.integers), frames, components),
                );
                w + h
            }
        }
    }

    /// The integers of W in the order of the stream: lag by lag, column by column.
    pub(super) fn w_integers(&self, state: &State<F>) -> Vec<u32> {
        let Shape { bins, components, lags, .. } = state.integers.shape;
        let stored = self.fixed.as_ref().and_then(|fixed| fixed.integers());
        let mut out = Vec::with_capacity(state.integers.w.len());
        for t in 0..lags {
            for r in 0..components {
                if let Some((given, _)) = stored.filter(|(given, _)| r < given[t].ncols()) {
                    out.extend(given[t].column(r).iter());
                    continue;
                }
                let step = state.dw.get(r);
                let column = &state.integers.w[((lags - 1 - t) * components + r) * bins..][..bins];
                out.extend(column.iter().map(|&w| integer(step.map_or(w, |step| nearest(w, *step)))));
            }
        }
        out
    }

    /// The price of each integer of W, by bin, stacked column by column.
    pub(super) fn w_prices(&self, state: &State<F>) -> Vec<Price> {
        let Shape { bins, components, lags, .. } = state.integers.shape;
        let prices = context_model::prices(&self.w_integers(state), bins, components);
        let of = |m: usize, s: usize, r: usize| prices[((lags - 1 - s) * components + r) * bins + m];
        let mut out = Vec::with_capacity(prices.len());
        for m in 0..bins {
            for s in 0..lags {
                out.extend((0..components).map(|r| of(m, s, r)));
            }
        }
        out
    }

    /// The integers with the lowest J so far; none before the first sweep over integers.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // integers by construction
    pub fn model(&self) -> Option<Model<F>> {
        let state = self.kept.as_ref()?;
        let factors = state.integers.to_factors();
        let integers = |x: &DMatrix<F>| x.map(|k| k.to_f64() as u32);
        let mut quantised = Quantised {
            w: factors.w.iter().map(integers).collect(),
            h: integers(&factors.h),
            // Only the products count: one side takes them, and the other costs next to nothing to store.
            dw: DVector::from_column_slice(&state.scale),
            dh: DVector::from_element(state.scale.len(), F::ONE),
        };
        for r in 0..self.frozen() {
            quantised.dh[r] = state.scale[r];
        }
        for (r, &step) in state.dw.iter().enumerate() {
            quantised.dw[r] = F::from_f64(step);
            for (to, from) in quantised.w.iter_mut().zip(&factors.w) {
                let integers = from.column(r).map(|w| nearest(w, step).to_f64() as u32);
                to.set_column(r, &integers);
            }
        }
        if let Some(fixed) = &self.fixed {
            fixed.keep(&mut quantised);
        }
        Some(Model::Quantised(quantised))
    }
}
