//! Accelerated CNMF: L-BFGS on the square roots of the factors, after a few raised multiplicative updates.
//!
//! With W = x^2 and H = x^2 the bounds vanish, and a multiplicative update is, near its end, a gradient step scaled
//! by 1 / (4 den), den being the denominators of (3). The Hessian's own diagonal, found now and then, is smaller
//! where several components share an element of V, and its inverse a better scaling. A short history adds the
//! curvature between elements, between W and H above all, which alternating updates do not see. A step that does
//! not make D smaller is shortened, and at last given up for a plain update; so D never rises.
//!
//! Bases that stay as they are have no part in x: nothing is ever written where they stand.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;

use super::cnmf::{Cnmf, Power};
use super::learner::Learner;
use crate::factors::Model;
use crate::kernels::scalar::Real;
use crate::kernels::vector;
use crate::spec::RunSpec;

/// Raised updates at the start: far from a solution they do as much, and cost less.
const RAISED: usize = 30;

/// Steps remembered. More of them saved few iterations, and each costs two passes over the factors.
const MEMORY: usize = 4;

/// Steps between two computations of the scaling: more often cost more than it saved.
const REFRESH: usize = 20;

/// The diagonal of the Hessian counts for at least this share of 4 den.
const LEAST_SHARE: f64 = 0.07;

/// Share of the decrease that the gradient promises which a step must bring (Armijo).
const PROMISED: f64 = 1e-4;

/// What a step is shortened by.
const SHORTER: f64 = 0.4;

/// So many times at most.
const TRIALS: usize = 5;

/// The curvature along the latest step changes the scaling within these bounds.
const LEAST: f64 = 0.25;
const MOST: f64 = 4.0;

/// CNMF by accelerated updates that never raise D.
pub struct Accelerated<F: Real> {
    cnmf: Cnmf<F>,
    steps: usize,
    finished: bool,
    /// The factors before a change that may be taken back.
    backup_w: Vec<F>,
    backup_h: Vec<F>,
    /// Elements of the bases that are learned.
    free: usize,
    /// Square roots of the bases that are learned, then of H; the sign is free.
    x: Vec<F>,
    gradient: Vec<F>,
    direction: Vec<F>,
    /// An inverse diagonal of the Hessian in x.
    scaling: Vec<F>,
    /// Quasi-Newton steps since the scaling was computed.
    age: usize,
    history: History<F>,
}

impl<F: Real> Accelerated<F> {
    /// The start of `spec` on V (M x N, non-negative, maximum 1).
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let mut cnmf = Cnmf::new(v, spec);
        if cnmf.learns_bases() {
            cnmf.passes.keep_q();
        }
        let (w, h) = (cnmf.state.w.len(), cnmf.state.activations().len());
        let free = cnmf.state.shape.bins * cnmf.free_columns().map(|columns| columns.len()).sum::<usize>();
        let zeros = |n: usize| vec![F::ZERO; n];
        Self {
            steps: 0,
            finished: false,
            backup_w: zeros(w),
            backup_h: zeros(h),
            free,
            x: zeros(free + h),
            gradient: zeros(free + h),
            direction: zeros(free + h),
            scaling: zeros(free + h),
            age: 0,
            history: History::new(free + h),
            cnmf,
        }
    }

    /// Tries an update; takes it back and returns false if D rises.
    fn attempt(&mut self, power: Power) -> bool {
        let before = self.cnmf.objective();
        self.backup();
        self.cnmf.update_raised(power);
        if self.cnmf.objective() <= before {
            return true;
        }
        self.restore();
        false
    }

    fn backup(&mut self) {
        self.backup_w.copy_from_slice(&self.cnmf.state.w);
        self.backup_h.copy_from_slice(self.cnmf.state.activations());
    }

    fn restore(&mut self) {
        self.cnmf.state.w.copy_from_slice(&self.backup_w);
        self.cnmf.state.activations_mut().copy_from_slice(&self.backup_h);
        self.cnmf.objective = None;
    }

    /// One quasi-Newton step; false if none was found that makes D smaller.
    fn quasi_newton(&mut self) -> bool {
        let before = self.cnmf.objective();
        self.backup();
        if self.history.restarted {
            let (mut w, h) = self.x.split_at_mut(self.free);
            for place in free_places(&self.cnmf) {
                let (own, rest) = w.split_at_mut(place.len());
                vector::root(&self.backup_w[place], own);
                w = rest;
            }
            vector::root(&self.backup_h, h);
            self.find_gradient();
            self.find_scaling();
            self.history.restarted = false;
        } else if self.age == REFRESH {
            self.find_scaling();
        }
        self.age += 1;
        let mut slope = self.history.direction(&self.gradient, &self.scaling, &mut self.direction);
        if slope >= 0.0 {
            self.history.order.clear();
            slope = self.history.direction(&self.gradient, &self.scaling, &mut self.direction);
        }
        let mut length = 1.0;
        for _ in 0..TRIALS {
            let after = self.go(F::from_f64(length));
            if after < before && after <= before + PROMISED * length * slope {
                self.history.begin(F::from_f64(length), &mut self.x, &mut self.direction, &mut self.gradient);
                self.find_gradient();
                self.history.complete(&self.gradient, &self.scaling);
                return true;
            }
            length *= SHORTER;
        }
        self.restore();
        self.history.restart();
        false
    }

    /// The state at so much of the direction; returns its D.
    fn go(&mut self, length: F) -> f64 {
        let ((mut x_w, x_h), (mut d_w, d_h)) =
            (self.x.split_at(self.free), self.direction.split_at(self.free));
        for place in free_places(&self.cnmf) {
            let (x, d);
            (x, x_w) = x_w.split_at(place.len());
            (d, d_w) = d_w.split_at(place.len());
            vector::square_of_sum(x, length, d, &mut self.cnmf.state.w[place]);
        }
        vector::square_of_sum(x_h, length, d_h, self.cnmf.state.activations_mut());
        self.cnmf.objective = None;
        self.cnmf.objective()
    }

    /// The gradient of D in x, 2 x (den - num), at a state whose numerator of H is at hand.
    fn find_gradient(&mut self) {
        let (learns_bases, free) = (self.cnmf.learns_bases(), self.cnmf.free_columns().flatten());
        let Cnmf { passes, state, h_numerator, h_denominator, w_numerator, w_denominator, .. } =
            &mut self.cnmf;
        if learns_bases {
            passes.w_numerator_there(state, w_numerator);
            state.w_denominator(w_denominator);
        }
        state.h_denominator(h_denominator);
        let bins = state.shape.bins;
        let (g_w, g_h) = self.gradient.split_at_mut(self.free);
        let (x_w, x_h) = self.x.split_at(self.free);
        for ((k, x), g) in free.zip(x_w.chunks_exact(bins)).zip(g_w.chunks_exact_mut(bins)) {
            vector::gradient(x, &w_numerator[k * bins..][..bins], w_denominator[k], g);
        }
        vector::gradient_each(x_h, h_numerator, h_denominator, g_h);
    }

    /// The scaling, at a state whose denominators are at hand.
    fn find_scaling(&mut self) {
        self.age = 0;
        let (learns_bases, free) = (self.cnmf.learns_bases(), self.cnmf.free_columns().flatten());
        let Cnmf { passes, state, h_denominator, w_numerator, w_denominator, .. } = &mut self.cnmf;
        let (p_w, p_h) = self.scaling.split_at_mut(self.free);
        // The numerator has done its part; its room serves the curvature.
        let curvature = w_numerator;
        if learns_bases {
            passes.w_curvature(state, curvature);
        }
        passes.h_curvature(state, p_h);
        let (four, least) = (F::from_f64(4.0), F::from_f64(LEAST_SHARE));
        let inverse = |curvature: F, factor: F, denominator: F| {
            if denominator > F::ZERO {
                let share = Real::max(Real::min(factor * curvature, denominator), least * denominator);
                F::ONE / (four * share)
            } else {
                F::ZERO
            }
        };
        let bins = state.shape.bins;
        for (k, p) in free.zip(p_w.chunks_exact_mut(bins)) {
            let (w, c, d) = (&state.w[k * bins..][..bins], &curvature[k * bins..][..bins], w_denominator[k]);
            p.iter_mut().zip(w.iter().zip(c)).for_each(|(p, (&w, &c))| *p = inverse(c, w, d));
        }
        for ((p, &h), &d) in p_h.iter_mut().zip(state.activations()).zip(&*h_denominator) {
            *p = inverse(*p, h, d);
        }
    }
}

/// Where in W the bases that are learned stand, by lag.
fn free_places<F: Real>(cnmf: &Cnmf<F>) -> impl Iterator<Item = Range<usize>> + use<F> {
    let bins = cnmf.state.shape.bins;
    cnmf.free_columns().map(move |columns| columns.start * bins..columns.end * bins)
}

impl<F: Real> Learner<F> for Accelerated<F> {
    fn step(&mut self) -> f64 {
        if !self.finished {
            let raised = self.steps < RAISED && self.attempt(Power::Raised);
            let done = raised || (self.steps >= RAISED && self.quasi_newton()) || self.attempt(Power::One);
            self.steps += 1;
            self.finished = !done;
        }
        self.cnmf.objective()
    }

    fn model(&self) -> Model<F> {
        self.cnmf.model()
    }

    fn is_finished(&self) -> bool {
        self.finished
    }
}

/// The latest steps and how the gradient changed over them.
struct History<F> {
    steps: Vec<Vec<F>>,
    changes: Vec<Vec<F>>,
    /// 1 / (s'y) of each.
    inverse: Vec<f64>,
    /// Those in use, newest last.
    order: Vec<usize>,
    /// Whether x, its gradient and the scaling have to be found anew.
    restarted: bool,
    /// What the scaling is multiplied by, from the latest pair.
    gamma: f64,
    /// Coefficients of the first loop.
    alpha: Vec<f64>,
}

impl<F: Real> History<F> {
    fn new(length: usize) -> Self {
        let room = || vec![vec![F::ZERO; length]; MEMORY];
        Self {
            steps: room(),
            changes: room(),
            inverse: vec![0.0; MEMORY],
            order: Vec::with_capacity(MEMORY),
            restarted: true,
            gamma: 1.0,
            alpha: vec![0.0; MEMORY],
        }
    }

    fn restart(&mut self) {
        self.order.clear();
        self.restarted = true;
    }

    /// Takes a step: x moves, direction and gradient are handed over for room to write the next ones in.
    fn begin(&mut self, length: F, x: &mut [F], direction: &mut Vec<F>, gradient: &mut Vec<F>) {
        let free = (0..MEMORY).find(|slot| !self.order.contains(slot));
        let slot = free.unwrap_or_else(|| self.order.remove(0));
        self.order.push(slot);
        std::mem::swap(&mut self.steps[slot], direction);
        std::mem::swap(&mut self.changes[slot], gradient);
        vector::advance(length, &mut self.steps[slot], x);
    }

    /// Makes the change from the gradient before the step, which was handed over, and the one after it.
    fn complete(&mut self, gradient: &[F], scaling: &[F]) {
        let Some(&slot) = self.order.last() else { return };
        let (curvature, scaled) =
            vector::change(&self.steps[slot], &mut self.changes[slot], gradient, scaling);
        // Without positive curvature a pair would spoil the direction.
        if curvature > 0.0 && scaled > 0.0 && curvature.is_finite() && scaled.is_finite() {
            self.inverse[slot] = 1.0 / curvature;
            self.gamma = (curvature / scaled).clamp(LEAST, MOST);
        } else {
            self.order.pop();
        }
    }

    /// The quasi-Newton direction (Nocedal's two loops) into `q`; returns its product with the gradient.
    ///
    /// Each pass adds what the one before has found and takes the next product, so that q is read once for both.
    fn direction(&mut self, gradient: &[F], scaling: &[F], q: &mut [F]) -> f64 {
        let Self { steps, changes, inverse, order, alpha, .. } = self;
        let Some(&newest) = order.last() else {
            vector::negate_and_dot(gradient, q, scaling);
            return vector::scale_and_dot(q, F::ONE, scaling, gradient);
        };
        alpha[newest] = inverse[newest] * vector::negate_and_dot(gradient, q, &steps[newest]);
        for (place, &i) in order.iter().enumerate().rev() {
            let older = place.checked_sub(1).map(|place| order[place]);
            let next = older.map_or(gradient, |older| &steps[older]);
            let product = vector::add_and_dot(q, F::from_f64(-alpha[i]), &changes[i], next);
            if let Some(older) = older {
                alpha[older] = inverse[older] * product;
            }
        }
        let gamma = F::from_f64(self.gamma);
        let mut product = vector::scale_and_dot(q, gamma, scaling, &changes[order[0]]);
        for (place, &i) in order.iter().enumerate() {
            let step = F::from_f64(alpha[i] - inverse[i] * product);
            let next = order.get(place + 1).map_or(gradient, |&next| &changes[next]);
            product = vector::add_and_dot(q, step, &steps[i], next);
        }
        product
    }
}
