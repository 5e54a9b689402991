//! Accelerated CNMF: L-BFGS on the square roots of the factors, after a few raised multiplicative updates.
//!
//! With W = x^2 and H = x^2 the bounds vanish, and a multiplicative update is, near its end, a gradient step scaled
//! by 1 / (4 den), den being the denominators of (3). The Hessian's own diagonal, found now and then, is smaller
//! where several components share an element of V, and its inverse a better scaling. A short history adds the
//! curvature between elements, between W and H above all, which alternating updates do not see. A step that does
//! not make D smaller is shortened, and at last given up for a plain update; so D never rises.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::cnmf::{Cnmf, Power, keep_normal};
use super::factors::Model;
use super::learner::Learner;
use super::method::RunSpec;
use super::scalar::Real;

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
            root(&self.backup_w, w);
            root(&self.backup_h, h);
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
        let ((x_w, x_h), (d_w, d_h)) =
            (self.x.split_at(self.backup_w.len()), self.direction.split_at(self.backup_w.len()));
        square_of_sum(x_w, length, d_w, &mut self.cnmf.state.w);
        square_of_sum(x_h, length, d_h, self.cnmf.state.activations_mut());
        self.cnmf.objective = None;
        self.cnmf.objective()
    }

    /// The gradient of D in x, 2 x (den - num), at a state whose numerator of H is at hand.
    fn find_gradient(&mut self) {
        let Cnmf { passes, state, h_numerator, h_denominator, w_numerator, w_denominator, .. } =
            &mut self.cnmf;
        passes.w_numerator_there(state, w_numerator);
        state.w_denominator(w_denominator);
        state.h_denominator(h_denominator);
        let bins = state.shape.bins;
        let (g_w, g_h) = self.gradient.split_at_mut(w_numerator.len());
        let (x_w, x_h) = self.x.split_at(w_numerator.len());
        let two = F::from_f64(2.0);
        pulp::Arch::new().dispatch(|| {
            for (k, &d) in w_denominator.iter().enumerate() {
                let place = k * bins..(k + 1) * bins;
                let both = x_w[place.clone()].iter().zip(&w_numerator[place.clone()]);
                g_w[place].iter_mut().zip(both).for_each(|(g, (&x, &n))| *g = two * x * (d - n));
            }
            let all = g_h.iter_mut().zip(x_h).zip(h_numerator.iter().zip(h_denominator.iter()));
            all.for_each(|((g, &x), (&n, &d))| *g = two * x * (d - n));
        });
    }

    /// The scaling, at a state whose denominators are at hand.
    fn find_scaling(&mut self) {
        self.age = 0;
        let Cnmf { passes, state, h_denominator, w_denominator, .. } = &mut self.cnmf;
        let (p_w, p_h) = self.scaling.split_at_mut(state.w.len());
        passes.w_curvature(state, p_w);
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
        let step = &mut self.steps[slot];
        pulp::Arch::new().dispatch(|| {
            for (s, x) in step.iter_mut().zip(x) {
                *s = length * *s;
                *x += *s;
            }
        });
    }

    /// Makes the change from the gradient before the step, which was handed over, and the one after it.
    fn complete(&mut self, gradient: &[F], scaling: &[F]) {
        let Some(&slot) = self.order.last() else { return };
        let (curvature, scaled) =
            finish_change(&self.steps[slot], &mut self.changes[slot], gradient, scaling);
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
        pulp::Arch::new().dispatch(|| q.iter_mut().zip(gradient).for_each(|(q, &g)| *q = F::ZERO - g));
        let Self { steps, changes, inverse, order, alpha, .. } = self;
        let Some((&newest, older)) = order.split_last() else {
            return scale_and_dot(q, 1.0, scaling, gradient);
        };
        alpha[newest] = inverse[newest] * dot(&steps[newest], q);
        let mut last = newest;
        for &i in older.iter().rev() {
            alpha[i] = inverse[i] * add_and_dot(q, -alpha[last], &changes[last], &steps[i]);
            last = i;
        }
        add_and_dot(q, -alpha[last], &changes[last], gradient);
        let gamma = self.gamma;
        let mut product = scale_and_dot(q, gamma, scaling, &changes[order[0]]);
        for (place, &i) in order.iter().enumerate() {
            let step = alpha[i] - inverse[i] * product;
            let next = order.get(place + 1).map_or(gradient, |&next| &changes[next]);
            product = add_and_dot(q, step, &steps[i], next);
        }
        product
    }
}

/// Elements side by side in a sum: a single one would make every addition wait for the one before.
const LANES: usize = 32;

/// Elements summed in the working precision before the sum goes on in double.
const RUN: usize = 64 * LANES;

fn root<F: Real>(factors: &[F], x: &mut [F]) {
    pulp::Arch::new().dispatch(|| x.iter_mut().zip(factors).for_each(|(x, &f)| *x = f.sqrt()));
}

fn square_of_sum<F: Real>(x: &[F], step: F, direction: &[F], out: &mut [F]) {
    pulp::Arch::new().dispatch(|| {
        for ((out, &x), &d) in out.iter_mut().zip(x).zip(direction) {
            let sum = x + step * d;
            *out = keep_normal(sum * sum);
        }
    });
}

/// `sum_i a_i b_i`.
fn dot<F: Real>(a: &[F], b: &[F]) -> f64 {
    pulp::Arch::new().dispatch(|| a.chunks(RUN).zip(b.chunks(RUN)).map(|(a, b)| run_dot(a, b)).sum())
}

/// `x += scale y`, then `sum_i x_i z_i`.
fn add_and_dot<F: Real>(x: &mut [F], scale: f64, y: &[F], z: &[F]) -> f64 {
    let scale = F::from_f64(scale);
    pulp::Arch::new().dispatch(|| {
        let mut sum = 0.0;
        for ((x, y), z) in x.chunks_mut(RUN).zip(y.chunks(RUN)).zip(z.chunks(RUN)) {
            x.iter_mut().zip(y).for_each(|(x, &y)| *x += scale * y);
            sum += run_dot(x, z);
        }
        sum
    })
}

/// `x *= scale p`, elementwise, then `sum_i x_i z_i`.
fn scale_and_dot<F: Real>(x: &mut [F], scale: f64, p: &[F], z: &[F]) -> f64 {
    let scale = F::from_f64(scale);
    pulp::Arch::new().dispatch(|| {
        let mut sum = 0.0;
        for ((x, p), z) in x.chunks_mut(RUN).zip(p.chunks(RUN)).zip(z.chunks(RUN)) {
            x.iter_mut().zip(p).for_each(|(x, &p)| *x *= scale * p);
            sum += run_dot(x, z);
        }
        sum
    })
}

/// Makes the change y from the gradient left there and the new one; returns `s'y` and `y' diag(scaling) y`.
fn finish_change<F: Real>(s: &[F], y: &mut [F], gradient: &[F], scaling: &[F]) -> (f64, f64) {
    pulp::Arch::new().dispatch(|| {
        let (mut curvature, mut scaled) = (0.0, 0.0);
        for (((y, g), s), p) in
            y.chunks_mut(RUN).zip(gradient.chunks(RUN)).zip(s.chunks(RUN)).zip(scaling.chunks(RUN))
        {
            y.iter_mut().zip(g).for_each(|(y, &g)| *y = g - *y);
            curvature += run_dot(y, s);
            let mut run = [F::ZERO; RUN];
            run.iter_mut().zip(&*y).zip(p).for_each(|((run, &y), &p)| *run = y * p);
            scaled += run_dot(y, &run[..y.len()]);
        }
        (curvature, scaled)
    })
}

#[inline(always)]
#[allow(clippy::inline_always)]
fn run_dot<F: Real>(a: &[F], b: &[F]) -> f64 {
    let mut sums = [F::ZERO; LANES];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for i in 0..LANES {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: F = rest_a.iter().zip(rest_b).map(|(&a, &b)| a * b).sum();
    (sums.into_iter().sum::<F>() + rest).to_f64()
}
