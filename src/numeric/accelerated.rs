//! Accelerated CNMF: L-BFGS on the square roots of the factors, after a few raised multiplicative updates.
//!
//! With W = x^2 and H = x^2 the bounds vanish, and a multiplicative update is, near its end, a gradient step scaled
//! by 1 / (4 den), den being the denominators of (3). The Hessian's own diagonal, found now and then, is smaller
//! where several components share an element of V, and its inverse a better scaling. A short history adds the
//! curvature between elements, between W and H above all, which alternating updates do not see. A step that does
//! not make D smaller is shortened, and at last given up for a plain update; so D never rises.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::cnmf::{Cnmf, Power};
use super::factors::{Model, Shape};
use super::learner::Learner;
use super::method::RunSpec;
use super::scalar::Real;
use super::vector;

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
    /// Square roots of W, then of H; the sign is free.
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
    #[must_use]
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let mut cnmf = Cnmf::new(v, spec);
        cnmf.passes.keep_q();
        let (w, h) = (cnmf.state.w.len(), cnmf.state.activations().len());
        let zeros = |n: usize| vec![F::ZERO; n];
        Self {
            steps: 0,
            finished: false,
            backup_w: zeros(w),
            backup_h: zeros(h),
            x: zeros(w + h),
            gradient: zeros(w + h),
            direction: zeros(w + h),
            scaling: zeros(w + h),
            age: 0,
            history: History::new(w + h),
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
            let (w, h) = self.x.split_at_mut(self.backup_w.len());
            vector::root(&self.backup_w, w);
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

    /// Whether no basis may change.
    fn all_fixed(&self) -> bool {
        self.cnmf.fixed == self.cnmf.state.shape.components
    }

    /// The state at so much of the direction; returns its D.
    fn go(&mut self, length: F) -> f64 {
        let ((x_w, x_h), (d_w, d_h)) =
            (self.x.split_at(self.backup_w.len()), self.direction.split_at(self.backup_w.len()));
        if !self.all_fixed() {
            vector::square_of_sum(x_w, length, d_w, &mut self.cnmf.state.w);
            // A root squared is not always what it was.
            let backup = &self.backup_w;
            let state = &mut self.cnmf.state;
            fixed_columns(self.cnmf.fixed, &state.shape, &mut state.w, |w, at| {
                w.copy_from_slice(&backup[at..at + w.len()]);
            });
        }
        vector::square_of_sum(x_h, length, d_h, self.cnmf.state.activations_mut());
        self.cnmf.objective = None;
        self.cnmf.objective()
    }

    /// The gradient of D in x, 2 x (den - num), at a state whose numerator of H is at hand.
    fn find_gradient(&mut self) {
        let all_fixed = self.all_fixed();
        let Cnmf { passes, state, h_numerator, h_denominator, w_numerator, w_denominator, fixed, .. } =
            &mut self.cnmf;
        state.h_denominator(h_denominator);
        if all_fixed {
            // The gradient of W is zero, and was from the start.
            let (_, x_h) = self.x.split_at(w_numerator.len());
            let (_, g_h) = self.gradient.split_at_mut(w_numerator.len());
            return vector::gradient_each(x_h, h_numerator, h_denominator, g_h);
        }
        passes.w_numerator_there(state, w_numerator);
        state.w_denominator(w_denominator);
        let bins = state.shape.bins;
        let (g_w, g_h) = self.gradient.split_at_mut(w_numerator.len());
        let (x_w, x_h) = self.x.split_at(w_numerator.len());
        for (k, &d) in w_denominator.iter().enumerate() {
            let place = k * bins..(k + 1) * bins;
            vector::gradient(&x_w[place.clone()], &w_numerator[place.clone()], d, &mut g_w[place]);
        }
        fixed_columns(*fixed, &state.shape, g_w, |g, _| g.fill(F::ZERO));
        vector::gradient_each(x_h, h_numerator, h_denominator, g_h);
    }

    /// The scaling, at a state whose denominators are at hand.
    fn find_scaling(&mut self) {
        self.age = 0;
        let all_fixed = self.all_fixed();
        let Cnmf { passes, state, h_denominator, w_denominator, .. } = &mut self.cnmf;
        let (p_w, p_h) = self.scaling.split_at_mut(state.w.len());
        if !all_fixed {
            passes.w_curvature(state, p_w);
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
        for ((p, w), &d) in p_w.chunks_exact_mut(bins).zip(state.w.chunks_exact(bins)).zip(&*w_denominator) {
            p.iter_mut().zip(w).for_each(|(p, &w)| *p = inverse(*p, w, d));
        }
        for ((p, &h), &d) in p_h.iter_mut().zip(state.activations()).zip(&*h_denominator) {
            *p = inverse(*p, h, d);
        }
    }
}

/// Calls `change` with each column of bases that are given, and where it begins.
fn fixed_columns<F: Real>(fixed: usize, shape: &Shape, w: &mut [F], mut change: impl FnMut(&mut [F], usize)) {
    let columns = w.chunks_exact_mut(shape.bins).enumerate();
    for (k, column) in columns.filter(|(k, _)| k % shape.components < fixed) {
        change(column, k * shape.bins);
    }
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
