//! What one element of a factor is set to, given how the squared error depends on it.

use super::bits::{BitModel, LARGEST, symbol};
use crate::context_model::Price;
use crate::kernels::scalar::Real;

/// One element and its surroundings. Changing it by d changes the squared error by `-2 slope d + curvature d^2`.
pub struct Element<F> {
    /// Where it stands among all: by bin, lag and component in W, by frame and component in H.
    pub place: usize,
    /// What it is now.
    pub value: F,
    /// Half the fall of the squared error where it begins to grow.
    pub slope: F,
    /// What it weighs: positive.
    pub curvature: F,
    /// The element before it in the order of the stream, 0 at the beginning.
    pub before: F,
    /// The element after it, if there is one.
    pub after: Option<F>,
}

/// Real values under a penalty of `lambda log2(1 + x / step)`, about the bits that x will cost as an integer:
/// what stays below its step is pulled to 0, what is large is left alone.
pub struct Shrink<F> {
    /// `lambda / (2 ln 2)`.
    pub half: F,
    /// A step a component.
    pub steps: Vec<F>,
    /// How far an element goes towards its optimum: beyond it above 1, which the others make up for.
    pub relaxation: F,
}

impl<F: Real> Shrink<F> {
    /// The value of an element of a component, from its slope and its curvature in the squared error. What meets nothing on
    /// the other side has no effect, and costs least as a zero.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn apply(&self, value: F, slope: F, curvature: F, component: usize) -> F {
        let pull = if self.half > F::ZERO { self.half / (value + self.steps[component]) } else { F::ZERO };
        let x = value + self.relaxation * (slope - pull) / curvature;
        if curvature > F::ZERO && x > F::SMALLEST { x } else { F::ZERO }
    }
}

/// Integers at the least distortion plus `lambda` a bit, the bits of the symbol after it included.
pub struct Round<'a> {
    pub lambda: f64,
    pub bits: &'a BitModel,
    /// The price of each element by the coder of contexts, where that writes the file. `bits` then counts only what a
    /// symbol does to the one after it.
    pub coder: Option<&'a [Price]>,
}

impl Round<'_> {
    /// Where a symbol could go to: around the real optimum, to 0, and one up or down.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 up; saturates
    pub fn candidates(k: usize, optimum: f64) -> [usize; 5] {
        let below = optimum.max(0.0) as usize;
        [
            below.min(LARGEST),
            (below.min(LARGEST) + 1).min(LARGEST),
            0,
            k.saturating_sub(1),
            (k + 1).min(LARGEST),
        ]
    }

    /// Bits of `k` where it stands, and of the symbol after it.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn bits(&self, place: usize, before: usize, k: usize, after: Option<usize>) -> f64 {
        let own = self.coder.map_or_else(|| self.bits.cost(before, k), |prices| prices[place].bits(k));
        own + after.map_or(0.0, |after| self.bits.cost(k, after))
    }

    /// The least that a symbol other than 0 costs between two zeros, beyond what another 0 would.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn lone(&self, place: usize) -> f64 {
        self.coder.map_or_else(
            || self.bits.lone(),
            |prices| prices[place].beyond_zero() + self.bits.least_beyond_zero_after(),
        )
    }
}

impl Round<'_> {
    /// The integer that suits best.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn pick<F: Real>(&self, e: &Element<F>) -> F {
        let (slope, curvature) = (e.slope.to_f64(), e.curvature.to_f64());
        let alone = e.value == F::ZERO && e.before == F::ZERO && e.after.is_none_or(|after| after == F::ZERO);
        // Most elements are zeros among zeros, and what they could gain at best is not worth a bit.
        if alone && e.after.is_some() {
            let (gain, lone) =
                (if slope > 0.0 { slope * slope / curvature } else { 0.0 }, self.lone(e.place));
            if lone >= 0.0 && gain <= self.lambda * lone {
                return F::ZERO;
            }
        }
        let (k, before, after) = (symbol(e.value), symbol(e.before), e.after.map(symbol));
        let optimum = k as f64 + slope / curvature;
        let (mut best, mut least) = (k, self.lambda * self.bits(e.place, before, k, after));
        for candidate in Self::candidates(k, optimum) {
            let d = candidate as f64 - k as f64;
            let j = (curvature * d - 2.0 * slope) * d
                + self.lambda * self.bits(e.place, before, candidate, after);
            if j < least {
                (best, least) = (candidate, j);
            }
        }
        if best == k { e.value } else { F::from_f64(best as f64) }
    }
}
