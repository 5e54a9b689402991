//! One integer in the divergence: whether a change may pay, and which one does.

use pulp::{Simd, WithSimd};

use super::bits::symbol;
use super::choice::Round;
use crate::kernels::scalar::Real;

/// How much smaller the mean of h / q is taken to be on the way up, where the largest count for less than their share.
const CAUTION: f64 = 1.25;

/// Bits by which the estimate at the start of a pass may fall short for an element to be looked at: the elements
/// before it change what it gains.
const SLACK: f64 = 0.25;

/// Where an integer stands among all, and those before and after it in the order of the stream.
pub struct Neighbours<F> {
    pub place: usize,
    pub before: F,
    pub after: Option<F>,
}

impl<F: Real> Neighbours<F> {
    /// An integer, the one before and the one after it.
    fn symbols(&self, value: F) -> (usize, usize, Option<usize>) {
        (symbol(value), symbol(self.before), self.after.map(symbol))
    }
}

/// What V says of an element: how D changes with it, as a few sums over the elements of V that it reaches.
#[derive(Clone, Copy)]
pub struct Pull {
    /// `sum P h / q`, `sum h` and `sum P (h / q)^2`.
    pub attraction: f64,
    pub weight: f64,
    pub curvature: f64,
}

impl Pull {
    /// Whether D may fall by more than `least` where the element changes by `d`: by an estimate as if h / q were the same
    /// wherever it reaches, which is too much on the way down, and too little on the way up, where it is taken to be
    /// smaller than it is.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn may_exceed(self, d: f64, least: f64) -> bool {
        let Self { attraction, weight, curvature } = self;
        let grown = d * curvature * if d > 0.0 { 1.0 / CAUTION } else { 1.0 };
        // A bound on ln(1 + x), close to it up to 1: x (6 + x) / (6 + 4 x); here x is `grown / attraction`.
        d * attraction * (6.0 * attraction + grown) > (least + d * weight) * (6.0 * attraction + 4.0 * grown)
    }
}

impl Round<'_> {
    /// Whether an element may gain by another integer.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn is_promising<F: Real>(&self, value: F, neighbours: &Neighbours<F>, pull: Pull) -> bool {
        let (k, before, after) = neighbours.symbols(value);
        let place = neighbours.place;
        let slope = pull.attraction - pull.weight;
        if k == 0 && slope <= 0.0 {
            return false;
        }
        if pull.weight <= 0.0 {
            return k > 0;
        }
        if k == 0 && before == 0 && after == Some(0) {
            // No change gains more than this, and none costs less.
            let most = slope * slope * CAUTION * pull.attraction / (2.0 * pull.weight * pull.curvature);
            if most <= self.lambda * (self.lone(place) - SLACK) {
                return false;
            }
        }
        let least = self.bits(place, before, k, after) + SLACK;
        let optimum = if pull.curvature > 0.0 { k as f64 + slope / pull.curvature } else { 0.0 };
        // A loop: an iterator's closure would not be inlined here.
        for candidate in Self::candidates(k, optimum) {
            let bits = self.bits(place, before, candidate, after) - least;
            if candidate != k && pull.may_exceed(candidate as f64 - k as f64, self.lambda * bits) {
                return true;
            }
        }
        false
    }
}

/// One integer is chosen anew: Vhat follows it at once.
pub struct Visit<'a, F> {
    pub choice: &'a Round<'a>,
    pub value: F,
    pub neighbours: Neighbours<F>,
    /// The sum of `h` where V has something.
    pub weight: f64,
    /// What one step of the element adds to Vhat: whole vectors.
    pub h: &'a [F],
    pub p: &'a [F],
    pub q: &'a mut [F],
}

impl<F: Real> WithSimd for Visit<'_, F> {
    type Output = F;

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) -> F {
        let Self { choice, value, neighbours, weight, h, p, q } = self;
        if weight <= 0.0 {
            return F::ZERO;
        }
        let (p, q) = (&p[..h.len()], &mut q[..h.len()]);
        let one = F::splat(simd, F::ONE);
        let (mut slope, mut curvature) = (F::splat(simd, F::ZERO), F::splat(simd, F::ZERO));
        for ((&h, &p), &q) in F::vectors::<S>(h).iter().zip(F::vectors::<S>(p)).zip(F::vectors::<S>(q)) {
            let inverse = F::divide(simd, one, q);
            let (pull, force) = (F::multiply(simd, p, inverse), F::multiply(simd, h, inverse));
            slope = F::mul_add(simd, F::minus(simd, pull, one), h, slope);
            curvature = F::mul_add(simd, F::multiply(simd, pull, h), force, curvature);
        }
        let (slope, curvature) = (F::reduce(simd, slope).to_f64(), F::reduce(simd, curvature).to_f64());
        let (k, before, after) = neighbours.symbols(value);
        // Candidates that may be better by the estimate are compared by the exact change.
        let of = |candidate: usize| choice.lambda * choice.bits(neighbours.place, before, candidate, after);
        let optimum = if curvature > 0.0 { k as f64 + slope / curvature } else { 0.0 };
        let (mut best, mut least) = (k, of(k));
        let candidates = Round::candidates(k, optimum);
        let pull = Pull { attraction: slope + weight, weight, curvature };
        for (i, &candidate) in candidates.iter().enumerate() {
            let bits = of(candidate);
            if candidate == k
                || candidates[..i].contains(&candidate)
                || !pull.may_exceed(candidate as f64 - k as f64, bits - least)
            {
                continue;
            }
            let d = candidate as f64 - k as f64;
            let step = F::splat(simd, F::from_f64(d));
            let mut logs = F::splat(simd, F::ZERO);
            for ((&h, &p), &q) in F::vectors::<S>(h).iter().zip(F::vectors::<S>(p)).zip(F::vectors::<S>(q)) {
                let grown = F::divide(simd, F::mul_add(simd, step, h, q), q);
                logs = F::mul_add(simd, p, F::ln(simd, grown), logs);
            }
            let j = d * weight - F::reduce(simd, logs).to_f64() + bits;
            if j < least {
                (best, least) = (candidate, j);
            }
        }
        if best == k {
            return value;
        }
        let step = F::splat(simd, F::from_f64(best as f64 - k as f64));
        for (&h, q) in F::vectors::<S>(h).iter().zip(F::vectors_mut::<S>(q)) {
            *q = F::mul_add(simd, step, h, *q);
        }
        F::from_f64(best as f64)
    }
}
