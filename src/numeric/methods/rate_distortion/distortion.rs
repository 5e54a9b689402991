//! The distortion that J counts, behind one set of passes.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::bits::LARGEST;
use super::choice::{Round, Shrink};
use super::divergence::Divergence;
use super::gauge::{energies, largest};
use super::hals::Hals;
use super::scales;
use super::squared::Squared;
use crate::kernels::passes::Passes;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::spec::Metric;

/// Squared step per bit and unit of squared error, at high rates.
const C: f64 = 2.0 * std::f64::consts::LN_2 / 12.0;

pub enum Distortion<F: Real> {
    Squared(Box<(Hals<F>, Squared<F>)>),
    Divergence(Box<Divergence<F>>),
}

impl<F: Real> Distortion<F> {
    /// With the distortion of a silent model, which prices are relative to. `phi` is the floor of the divergence.
    pub fn new(v: Arc<DMatrix<F>>, components: usize, lags: usize, metric: Metric, phi: f64) -> (Self, f64) {
        match metric {
            Metric::Snr => {
                let energy: f64 = v.iter().map(|x| x.to_f64() * x.to_f64()).sum();
                let passes = (Hals::new(Arc::clone(&v), components, lags), Squared::new(v, components, lags));
                // Silence has nothing to be relative to.
                (Self::Squared(Box::new(passes)), if energy > 0.0 { energy } else { 1.0 })
            }
            // KLD is quoted as it is, and so is the price of a bit.
            Metric::Kld => {
                let passes = Passes::new(Arc::clone(&v), components, lags, F::from_f64(phi));
                (Self::Divergence(Box::new(Divergence::new(v, passes, components, lags, phi))), 1.0)
            }
        }
    }

    /// The distortion of the model with these integers.
    pub fn of(&self, integers: &Stacked<F>, scale: &[F]) -> f64 {
        match self {
            Self::Squared(passes) => passes.1.error(integers, scale),
            Self::Divergence(divergence) => divergence.of(integers, scale),
        }
    }

    /// A sweep over real factors under the penalty; the bases of the first `frozen` components stay.
    pub fn shrink(&mut self, real: &mut Stacked<F>, frozen: usize, w: &Shrink<F>, h: &Shrink<F>) {
        match self {
            Self::Squared(passes) => {
                passes.0.sweep_w(real, frozen, w);
                passes.0.sweep_h(real, h);
            }
            Self::Divergence(divergence) => divergence.shrink(real, frozen, w, h),
        }
    }

    /// Visits every integer of W, those of the first `frozen` components left out.
    pub fn pass_w(&mut self, integers: &mut Stacked<F>, scale: &[F], frozen: usize, choice: &Round<'_>) {
        match self {
            Self::Squared(passes) => passes.1.pass_w(integers, scale, frozen, choice),
            Self::Divergence(divergence) => divergence.pass_w(integers, scale, frozen, choice),
        }
    }

    /// Visits every activation.
    pub fn pass_h(&mut self, integers: &mut Stacked<F>, scale: &[F], choice: &Round<'_>) {
        match self {
            Self::Squared(passes) => passes.1.pass_h(integers, scale, choice),
            Self::Divergence(divergence) => divergence.pass_h(integers, scale, choice),
        }
    }

    /// Better scales, after a pass over H of the same integers; with as few digits as pay where a bit has a price.
    pub fn refit(&mut self, integers: &Stacked<F>, scale: &mut [F], price: Option<f64>) {
        match self {
            Self::Squared(passes) => {
                let (pairs, with_v) = passes.1.normal_equations(integers);
                scales::refit(scale, &pairs, &with_v, price);
            }
            Self::Divergence(divergence) => divergence.refit(integers, scale, price.is_some()),
        }
    }

    /// The steps (dw, dh) at which a bit of each element lowers D by `price`.
    pub fn steps(&mut self, real: &Stacked<F>, price: f64) -> (Vec<f64>, Vec<f64>) {
        let (seen_by_w, seen_by_h) = match self {
            Self::Squared(_) => {
                let (w, h) = energies(real);
                (h, w)
            }
            Self::Divergence(divergence) => divergence.sensitivities(real),
        };
        let step = |(energy, largest): (f64, f64)| {
            let step = if energy > 0.0 { (price / (C * energy)).sqrt() } else { 1.0 };
            // No price is so low that integers outgrow what is stored.
            step.max(largest / LARGEST as f64)
        };
        let (w, h) = largest(real);
        let steps =
            |energies: Vec<f64>, largest: Vec<f64>| energies.into_iter().zip(largest).map(step).collect();
        (steps(seen_by_w, w), steps(seen_by_h, h))
    }
}
