//! The poster's Storable NMF: integers and step sizes learned inside the updates, (6), (8), (9), (10).
//!
//! An update that changes a factor by less than half a step would vanish in the rounding, and an integer 0
//! would stay 0. So the unrounded factors, the shadows, are what the updates move, in units of the step,
//! while Vhat always comes from the integers. D of the integers kept never rises.
//!
//! The poster judges a proposal (10) as a whole. D is a sum over bins, and a row of the bases enters one bin
//! only; so the choice is made bin by bin here, and in stretches of frames for the activations, each taking
//! the proposal that suits it best.

mod proposals;
mod steps;
mod tiling;

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use self::steps::{divide, divide_w, rounded, steps, w_by_component};
use self::tiling::{Factor, Tiling};
use super::init::{self, Random};
use super::learner::{Learner, UpdateStats};
use crate::factors::{Factors, Model, Quantised};
use crate::fixed::FixedBases;
use crate::kernels::passes::Passes;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::magnitudes::Magnitudes;
use crate::measure;
use crate::spec::{Levels, PosterRules, RunSpec};

/// A shadow moves by at most this factor, or its inverse, in one update.
const LARGEST_MOVE: f64 = 5.0;

/// Smallest shadow, in steps: small enough to round to 0, large enough to come back.
const SMALLEST_SHADOW: f64 = 1e-3;

/// The rules of `spec` that are not the usual ones, in words with commas between.
pub(super) fn rules_text(spec: &RunSpec) -> String {
    let (PosterRules { renew, proposals, p }, usual) = (spec.poster, PosterRules::default());
    let mut words = Vec::new();
    words.extend((renew > 0.0).then(|| format!("renew:{renew}")));
    words.extend((proposals != usual.proposals).then(|| format!("proposals:{proposals}")));
    words.extend((p != usual.p).then(|| format!("p:{p}")));
    words.join(",")
}

/// Storable NMF as the poster describes it.
pub struct Poster<F: Real> {
    v: Arc<DMatrix<F>>,
    phi: F,
    passes: Passes<F>,
    random: Random,
    /// Unrounded factors in units of their steps.
    shadow: Stacked<F>,
    /// The integers, held as reals: the products take them so.
    kept: Stacked<F>,
    dw: Vec<F>,
    dh: Vec<F>,
    /// Bases of the first components, whose integers and steps stay: as they are, or as they were rounded first.
    fixed: Option<Arc<FixedBases>>,
    frozen: usize,
    /// D of the integers kept.
    objective: f64,
    levels: Levels,
    rules: PosterRules,
    /// Iterations done, and those that begin with new steps.
    done: usize,
    renewing: usize,
    update_stats: UpdateStats,
}

impl<F: Real> Poster<F> {
    /// The seeded start of `spec` on V, scaled to V and rounded.
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let start = init::random_start(&v, spec);
        Self::from_factors(v, &start, spec)
    }

    /// A start from factors that fit V, scaled to V and rounded.
    pub fn from_factors(v: Arc<DMatrix<F>>, factors: &Factors<F>, spec: &RunSpec) -> Self {
        assert_eq!(
            v.shape(),
            (factors.shape().bins, factors.shape().frames),
            "V and the factors differ in shape"
        );
        let mut shadow = Stacked::from_factors(factors);
        let totals = shadow.visit_blocks(
            |_| 0.0,
            |sum, _, vhat: &mut [F]| *sum += vhat.iter().map(|x| x.to_f64()).sum::<f64>(),
        );
        let target: f64 = v.iter().map(|x| x.to_f64()).sum();
        let total: f64 = totals.into_iter().sum();
        // Fixed bases may all be silent.
        let fit = F::from_f64(if total > 0.0 { target / total } else { 1.0 });
        let (frozen, components) = (spec.fixed_components(), shadow.shape.components);
        for (k, column) in shadow.w.chunks_exact_mut(v.nrows()).enumerate() {
            if k % components >= frozen {
                column.iter_mut().for_each(|w| *w *= fit);
            }
        }
        // Where bases are fixed their activations take it.
        for frame in shadow.activations_mut().chunks_exact_mut(components) {
            frame.iter_mut().take(frozen).for_each(|h| *h *= fit);
        }

        let levels = spec.levels().unwrap_or(Levels::POSTER);
        let mut dw = steps(&w_by_component(&shadow), components, levels.w);
        let dh = steps(shadow.activations(), components, levels.h);
        divide_w(&mut shadow, &dw);
        divide(shadow.activations_mut(), &dh);
        let mut kept = rounded(&shadow);
        if let Some((w, given)) = spec.fixed.as_deref().and_then(FixedBases::integers) {
            dw.iter_mut().zip(given).for_each(|(dw, &given)| *dw = F::from_f64(given));
            for stacked in [&mut shadow, &mut kept] {
                for (columns, w) in stacked.w.chunks_exact_mut(v.nrows() * components).rev().zip(w) {
                    columns
                        .iter_mut()
                        .zip(w.iter())
                        .for_each(|(k, &given)| *k = F::from_f64(f64::from(given)));
                }
            }
        }

        // The seed has served the start; the choices of (10) take a stream of their own.
        let random = Random::new(spec.seed ^ 0x5eed_0f10);
        let phi = F::from_f64(spec.phi());
        let passes = Passes::new(Arc::clone(&v), components, shadow.shape.lags, phi);
        let mut poster = Self {
            v,
            phi,
            passes,
            random,
            shadow,
            kept,
            dw,
            dh,
            fixed: spec.fixed.clone(),
            frozen,
            objective: 0.0,
            levels,
            rules: spec.poster,
            done: 0,
            renewing: share(spec.poster.renew, spec.iterations),
            update_stats: UpdateStats::default(),
        };
        poster.objective = poster.divergence(&poster.kept);
        poster
    }

    /// D (1) of the model (7) with these integers and the current steps.
    fn divergence(&self, integers: &Stacked<F>) -> f64 {
        measure::kld(&self.v, &Magnitudes::linear(self.scaled(integers)), self.phi.to_f64())
    }

    /// The integers times their steps.
    fn scaled(&self, integers: &Stacked<F>) -> Stacked<F> {
        let mut model = integers.clone();
        let (bins, components) = (model.shape.bins, model.shape.components);
        for (column, &step) in model.w.chunks_exact_mut(bins).zip(self.dw.iter().cycle()) {
            column.iter_mut().for_each(|w| *w *= step);
        }
        for frame in model.activations_mut().chunks_exact_mut(components) {
            frame.iter_mut().zip(&self.dh).for_each(|(h, &step)| *h *= step);
        }
        model
    }

    /// The multiplicative update (3) of one factor as a multiplier for each element, 1 where it is undetermined.
    fn update_factors(&mut self, factor: Factor) -> Vec<F> {
        let model = self.scaled(&self.kept);
        let quotient = |n: F, d: F| if d > F::ZERO { n / d } else { F::ONE };
        match factor {
            Factor::H => {
                let (n, d) = self.h_quotient(&model);
                n.iter().zip(&d).map(|(&n, &d)| quotient(n, d)).collect()
            }
            Factor::W => {
                let (bins, columns) = (model.shape.bins, model.shape.components * model.shape.lags);
                let (mut n, mut d) = (vec![F::ZERO; bins * columns], vec![F::ZERO; columns]);
                self.passes.w_numerator(&model, 0..columns, &mut n);
                model.w_denominator(&mut d);
                n.chunks_exact(bins)
                    .zip(&d)
                    .flat_map(|(n, &d)| n.iter().map(move |&n| quotient(n, d)))
                    .collect()
            }
        }
    }

    /// Numerator and denominator of the update of H (3).
    fn h_quotient(&mut self, model: &Stacked<F>) -> (Vec<F>, Vec<F>) {
        let elements = model.activations().len();
        let (mut numerator, mut denominator) = (vec![F::ZERO; elements], vec![F::ZERO; elements]);
        self.passes.h_numerator(model, None, &mut numerator);
        model.h_denominator(&mut denominator);
        (numerator, denominator)
    }

    /// One half-step: moves the shadows of one factor, then keeps what does not raise D, tile by tile.
    fn half_step(&mut self, factor: Factor) {
        let (low, high) = (F::from_f64(1.0 / LARGEST_MOVE), F::from_f64(LARGEST_MOVE));
        let floor = F::from_f64(SMALLEST_SHADOW);
        let factors = self.update_factors(factor);
        let moved: Vec<F> = factor
            .elements(&self.shadow)
            .iter()
            .zip(&factors)
            .map(|(&s, &f)| Real::max(s * Real::min(Real::max(f, low), high), floor))
            .collect();
        for tiling in Tiling::of(&self.shadow.shape, self.frozen, factor) {
            self.choose(&tiling, &moved);
        }
    }

    /// (8) or (9): a new step for every component, kept if D does not rise.
    ///
    /// Both equations are the same ratio, for only the product of the two steps enters (7); so one factor takes
    /// it, from a fresh Vhat. The ratio's sums over the component's own Vhat are those of H against the
    /// numerator and the denominator of its update, which gives all components in one pass.
    fn refit_steps(&mut self, factor: Factor) {
        let model = self.scaled(&self.kept);
        let (numerator, denominator) = self.h_quotient(&model);
        let components = model.shape.components;
        let mut sums = vec![(0.0f64, 0.0f64); components];
        for (i, &h) in model.activations().iter().enumerate() {
            let (n, d) = &mut sums[i % components];
            *n += h.to_f64() * numerator[i].to_f64();
            *d += h.to_f64() * denominator[i].to_f64();
        }
        let before = (self.dw.clone(), self.dh.clone());
        for (r, (n, d)) in sums.into_iter().enumerate() {
            // The steps of fixed bases stay: the other factor takes both.
            let step =
                if factor == Factor::W && r >= self.frozen { &mut self.dw[r] } else { &mut self.dh[r] };
            if n > 0.0 && d > 0.0 {
                *step *= F::from_f64(n / d);
            }
        }
        let objective = self.divergence(&self.kept);
        if objective <= self.objective {
            self.objective = objective;
        } else {
            (self.dw, self.dh) = before;
        }
    }

    /// New steps for all components, from the shadows as they are by now: the largest of each spans the levels again.
    ///
    /// Steps that only follow (8) and (9) stay while the factors grow, and the symbols become many.
    fn renew_steps(&mut self) {
        let components = self.shadow.shape.components;
        // In units of the steps in force.
        let mut w = steps(&w_by_component(&self.shadow), components, self.levels.w);
        w.iter_mut().take(self.frozen).for_each(|by| *by = F::ONE);
        let h = steps(self.shadow.activations(), components, self.levels.h);
        divide_w(&mut self.shadow, &w);
        divide(self.shadow.activations_mut(), &h);
        self.dw.iter_mut().zip(&w).for_each(|(step, &by)| *step *= by);
        self.dh.iter_mut().zip(&h).for_each(|(step, &by)| *step *= by);
        let before = std::mem::replace(&mut self.kept, rounded(&self.shadow));
        for (k, column) in before.w.chunks_exact(before.shape.bins).enumerate() {
            if k % components < self.frozen {
                self.kept.w[k * before.shape.bins..][..before.shape.bins].copy_from_slice(column);
            }
        }
        self.objective = self.divergence(&self.kept);
    }
}

impl<F: Real> Learner<F> for Poster<F> {
    fn step(&mut self) -> f64 {
        self.update_stats = UpdateStats::default();
        if self.done < self.renewing {
            self.renew_steps();
        }
        self.done += 1;
        let learns_bases = self.frozen < self.shadow.shape.components;
        for factor in [Factor::H, Factor::W].into_iter().filter(|factor| *factor == Factor::H || learns_bases)
        {
            self.half_step(factor);
            self.refit_steps(factor);
        }
        self.objective
    }

    fn update_stats(&self) -> Option<UpdateStats> {
        Some(self.update_stats)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // integers by construction
    fn model(&self) -> Model<F> {
        let factors = self.kept.to_factors();
        let integers = |x: &DMatrix<F>| x.map(|k| k.to_f64() as u32);
        let mut quantised = Quantised {
            w: factors.w.iter().map(integers).collect(),
            h: integers(&factors.h),
            dw: DVector::from_column_slice(&self.dw),
            dh: DVector::from_column_slice(&self.dh),
        };
        if let Some(fixed) = &self.fixed {
            fixed.keep(&mut quantised);
        }
        Model::Quantised(quantised)
    }
}

/// A share of a number of iterations.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a share of a count
fn share(share: f64, of: usize) -> usize {
    (share.clamp(0.0, 1.0) * of as f64).round() as usize
}
