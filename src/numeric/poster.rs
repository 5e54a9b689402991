//! The poster's Storable NMF: integers and step sizes learned inside the updates, (6), (8), (9), (10).
//!
//! An update that changes a factor by less than half a step would vanish in the rounding, and an integer 0
//! would stay 0. So the unrounded factors, the shadows, are what the updates move, in units of the step,
//! while Vhat always comes from the integers. D of the integers kept never rises.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::cnmf::ratio;
use super::factors::{Model, Quantised};
use super::init::{self, Random};
use super::learner::Learner;
use super::measure;
use super::method::{Levels, RunSpec};
use super::scalar::Real;
use super::shifted::Stacked;

/// Roundings proposed in a half-step: the plain one, and others with p, p/2, p/4, ... of (10).
const PROPOSALS: i32 = 8;

/// Probability p of the second choice in (10), for the first of the random proposals.
const P: f64 = 0.5;

/// A shadow moves by at most this factor, or its inverse, in one update.
const LARGEST_MOVE: f64 = 5.0;

/// Smallest shadow, in steps: small enough to round to 0, large enough to come back.
const SMALLEST_SHADOW: f64 = 1e-3;

/// Parts of a refused change that are tried in turn.
const PARTS: [f64; 4] = [0.5, 0.25, 0.1, 0.03];

/// How far a shadow may stand from its integer once every change was refused; left alone it runs away.
const LEASH: f64 = 0.75;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    W,
    H,
}

/// Storable NMF as the poster describes it.
pub struct Poster<F: Real> {
    v: Arc<DMatrix<F>>,
    phi: F,
    random: Random,
    /// Unrounded factors in units of their steps.
    shadow: Stacked<F>,
    /// The integers, held as reals: the products take them so.
    kept: Stacked<F>,
    dw: Vec<F>,
    dh: Vec<F>,
    /// D of the integers kept.
    objective: f64,
}

impl<F: Real> Poster<F> {
    /// The seeded start of `spec` on V, scaled to V and rounded.
    #[must_use]
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let mut shadow = Stacked::from_factors(&init::random_factors(spec.shape(&v), spec.seed));
        let totals = shadow.visit_blocks(
            |_| 0.0,
            |sum, _, vhat: &mut [F]| *sum += vhat.iter().map(|x| x.to_f64()).sum::<f64>(),
        );
        let target: f64 = v.iter().map(|x| x.to_f64()).sum();
        let fit = F::from_f64(target / totals.into_iter().sum::<f64>());
        shadow.w.iter_mut().for_each(|w| *w *= fit);

        let levels = spec.levels.unwrap_or(Levels::POSTER);
        let components = shadow.shape.components;
        let dw = steps(&w_by_component(&shadow), components, levels.w);
        let dh = steps(shadow.activations(), components, levels.h);
        divide_w(&mut shadow, &dw);
        divide(shadow.activations_mut(), &dh);
        let mut kept = shadow.clone();
        kept.w.iter_mut().for_each(|w| *w = nearest(*w));
        kept.activations_mut().iter_mut().for_each(|h| *h = nearest(*h));

        // The seed has served the start; the choices of (10) take a stream of their own.
        let random = Random::new(spec.seed ^ 0x5eed_0f10);
        let phi = F::from_f64(spec.phi());
        let mut poster = Self { v, phi, random, shadow, kept, dw, dh, objective: 0.0 };
        poster.objective = poster.divergence(&poster.kept);
        poster
    }

    /// D (1) of the model (7) with these integers and the current steps.
    fn divergence(&self, integers: &Stacked<F>) -> f64 {
        measure::kld(&self.v, &self.scaled(integers), self.phi.to_f64())
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

    /// The multiplicative update (3) of one side as a factor for each element, 1 where it is undetermined.
    fn update_factors(&self, side: Side) -> Vec<F> {
        let model = self.scaled(&self.kept);
        let to_q = |first: usize, block: &mut [F]| ratio(&self.v, self.phi, first, block);
        let quotient = |n: F, d: F| if d > F::ZERO { n / d } else { F::ONE };
        match side {
            Side::H => {
                let (n, d) = (model.h_numerator(to_q), model.h_denominator());
                n.iter().zip(&d).map(|(&n, &d)| quotient(n, d)).collect()
            }
            Side::W => {
                let (n, d) = (model.w_numerator(to_q), model.w_denominator());
                let bins = model.shape.bins;
                n.chunks_exact(bins)
                    .zip(&d)
                    .flat_map(|(n, &d)| n.iter().map(move |&n| quotient(n, d)))
                    .collect()
            }
        }
    }

    /// One half-step: moves the shadow of one side, then keeps the best rounding that does not raise D.
    fn half_step(&mut self, side: Side) {
        let (low, high) = (F::from_f64(1.0 / LARGEST_MOVE), F::from_f64(LARGEST_MOVE));
        let floor = F::from_f64(SMALLEST_SHADOW);
        let factors = self.update_factors(side);
        let before = elements(&self.shadow, side).to_vec();
        let moved: Vec<F> = before
            .iter()
            .zip(&factors)
            .map(|(&s, &f)| Real::max(s * Real::min(Real::max(f, low), high), floor))
            .collect();
        let plain: Vec<F> = moved.iter().map(|&s| nearest(s)).collect();

        let mut best = self.propose(side, plain.clone());
        for c in 1..PROPOSALS {
            let p = P * 0.5f64.powi(c - 1);
            let lowered = moved.iter().zip(&plain).map(|(_, &k)| self.lower_by_chance(k, p));
            let lowered = lowered.collect();
            let proposal = self.propose(side, lowered);
            if proposal.0 < best.0 {
                best = proposal;
            }
        }
        if best.0 <= self.objective {
            elements_mut(&mut self.shadow, side).copy_from_slice(&moved);
            self.keep(side, best);
            return;
        }
        self.take_a_part(side, &before, &moved, &plain);
    }

    /// The second choice of (10) with probability p: one less, never below 0.
    fn lower_by_chance(&mut self, k: F, p: f64) -> F {
        if self.random.uniform() <= p { Real::max(k - F::ONE, F::ZERO) } else { k }
    }

    /// Tries random parts of a change that was refused as a whole.
    fn take_a_part(&mut self, side: Side, before: &[F], moved: &[F], plain: &[F]) {
        let halfway: Vec<F> =
            before.iter().zip(moved).map(|(&a, &b)| F::from_f64((a.to_f64() * b.to_f64()).sqrt())).collect();
        let kept = elements(&self.kept, side).to_vec();
        for part in PARTS {
            let take: Vec<bool> =
                kept.iter().zip(plain).map(|(k, p)| k != p && self.random.uniform() <= part).collect();
            let mixed = (0..kept.len()).map(|i| if take[i] { plain[i] } else { kept[i] }).collect();
            let proposal = self.propose(side, mixed);
            if proposal.0 <= self.objective {
                let shadow = elements_mut(&mut self.shadow, side);
                for (i, s) in shadow.iter_mut().enumerate() {
                    *s = if take[i] { moved[i] } else { halfway[i] };
                }
                self.keep(side, proposal);
                return;
            }
        }
        let (leash, floor) = (F::from_f64(LEASH), F::from_f64(SMALLEST_SHADOW));
        let shadow = elements_mut(&mut self.shadow, side);
        for ((s, h), &k) in shadow.iter_mut().zip(halfway).zip(&kept) {
            *s = Real::min(Real::max(h, Real::max(k - leash, floor)), k + leash);
        }
    }

    /// The integers of one side replaced, with their D.
    fn propose(&self, side: Side, integers: Vec<F>) -> (f64, Vec<F>) {
        let mut trial = self.kept.clone();
        elements_mut(&mut trial, side).copy_from_slice(&integers);
        (self.divergence(&trial), integers)
    }

    fn keep(&mut self, side: Side, (objective, integers): (f64, Vec<F>)) {
        elements_mut(&mut self.kept, side).copy_from_slice(&integers);
        self.objective = objective;
    }

    /// (8) or (9): a new step for every component, kept if D does not rise.
    ///
    /// Both equations are the same ratio, for only the product of the two steps enters (7); so one side takes
    /// it, from a fresh Vhat. The ratio's sums over the component's own Vhat are those of H against the
    /// numerator and the denominator of its update, which gives all components in one pass.
    fn refit_steps(&mut self, side: Side) {
        let model = self.scaled(&self.kept);
        let numerator = model.h_numerator(|first, block| ratio(&self.v, self.phi, first, block));
        let denominator = model.h_denominator();
        let components = model.shape.components;
        let mut sums = vec![(0.0f64, 0.0f64); components];
        for (i, &h) in model.activations().iter().enumerate() {
            let (n, d) = &mut sums[i % components];
            *n += h.to_f64() * numerator[i].to_f64();
            *d += h.to_f64() * denominator[i].to_f64();
        }
        let before = (self.dw.clone(), self.dh.clone());
        let steps = if side == Side::W { &mut self.dw } else { &mut self.dh };
        for (step, (n, d)) in steps.iter_mut().zip(sums) {
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
}

impl<F: Real> Learner<F> for Poster<F> {
    fn step(&mut self) -> f64 {
        for side in [Side::H, Side::W] {
            self.half_step(side);
            self.refit_steps(side);
        }
        self.objective
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // integers by construction
    fn model(&self) -> Model<F> {
        let factors = self.kept.to_factors();
        let integers = |x: &DMatrix<F>| x.map(|k| k.to_f64() as u32);
        Model::Quantised(Quantised {
            w: factors.w.iter().map(integers).collect(),
            h: integers(&factors.h),
            dw: DVector::from_column_slice(&self.dw),
            dh: DVector::from_column_slice(&self.dh),
        })
    }
}

fn elements<F: Real>(stacked: &Stacked<F>, side: Side) -> &[F] {
    if side == Side::W { &stacked.w } else { stacked.activations() }
}

fn elements_mut<F: Real>(stacked: &mut Stacked<F>, side: Side) -> &mut [F] {
    if side == Side::W { &mut stacked.w } else { stacked.activations_mut() }
}

/// floor(x + 1/2), at most what both precisions hold exactly.
fn nearest<F: Real>(x: F) -> F {
    Real::min(Real::floor(x + F::from_f64(0.5)), F::from_f64(f64::from(1u32 << 24)))
}

/// max / levels for each component of values whose component runs fastest; 1 for one that is zero.
fn steps<F: Real>(values: &[F], components: usize, levels: u32) -> Vec<F> {
    let mut peaks = vec![F::ZERO; components];
    for (i, &x) in values.iter().enumerate() {
        peaks[i % components] = Real::max(peaks[i % components], x);
    }
    let levels = F::from_f64(f64::from(levels));
    peaks.into_iter().map(|peak| if peak > F::ZERO { peak / levels } else { F::ONE }).collect()
}

/// The largest element of each stacked column, so that the component runs fastest.
fn w_by_component<F: Real>(stacked: &Stacked<F>) -> Vec<F> {
    let largest = |column: &[F]| column.iter().fold(F::ZERO, |a, &b| Real::max(a, b));
    stacked.w.chunks_exact(stacked.shape.bins).map(largest).collect()
}

fn divide_w<F: Real>(stacked: &mut Stacked<F>, steps: &[F]) {
    let bins = stacked.shape.bins;
    for (column, &step) in stacked.w.chunks_exact_mut(bins).zip(steps.iter().cycle()) {
        column.iter_mut().for_each(|w| *w = *w / step);
    }
}

fn divide<F: Real>(values: &mut [F], steps: &[F]) {
    for frame in values.chunks_exact_mut(steps.len()) {
        frame.iter_mut().zip(steps).for_each(|(x, &step)| *x = *x / step);
    }
}
