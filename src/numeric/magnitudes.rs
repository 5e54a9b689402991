//! Vhat as magnitudes, whatever power of V was factorised.
//!
//! Every method factorises Y = V^P with 0.2 <= P <= 1. The model of (2) is then one of Y, and
//!
//! ```text
//! Vhat = (Σ_t W_t · H shifted by t)^(1/P)
//! ```
//!
//! is what is shown, heard and measured. With P = 1, as in the poster, both are the same.

use std::ops::Range;

use nalgebra::DMatrix;

use super::factors::{Factors, Shape};
use super::kernels::scalar::Real;
use super::kernels::stacked::Stacked;

/// The powers P of V that can be factorised.
pub const POWERS: std::ops::RangeInclusive<f64> = 0.2..=1.0;

/// A model of V^P that gives V.
#[derive(Clone, Debug)]
pub struct Magnitudes<F: Real> {
    model: Stacked<F>,
    power: f64,
}

impl<F: Real> Magnitudes<F> {
    /// Vhat of `factors` of V^P, with P = `power`.
    pub fn of(factors: &Factors<F>, power: f64) -> Self {
        Self { model: Stacked::from_factors(factors), power }
    }

    /// Vhat of factors of V itself, P = 1.
    pub const fn linear(model: Stacked<F>) -> Self {
        Self { model, power: 1.0 }
    }

    pub const fn shape(&self) -> Shape {
        self.model.shape
    }

    /// Vhat of the frames `first .. first + out.len() / M`, column-major.
    pub fn reconstruct_into(&self, first: usize, out: &mut [F]) {
        self.model.reconstruct_into(first, out);
        raise(out, 1.0 / self.power);
    }

    /// Vhat as a whole, M x N.
    pub fn reconstruct(&self) -> DMatrix<F> {
        let mut vhat = self.model.reconstruct();
        raise(vhat.as_mut_slice(), 1.0 / self.power);
        vhat
    }

    /// Runs `visit` over all frames, block by block, as [`Stacked::visit_blocks`] does, on Vhat.
    pub fn visit_blocks<A: Send>(
        &self,
        make: impl Fn(Range<usize>) -> A + Sync,
        visit: impl Fn(&mut A, usize, &mut [F]) + Sync,
    ) -> Vec<A> {
        self.model.visit_blocks(make, |accumulator, first, vhat| {
            raise(vhat, 1.0 / self.power);
            visit(accumulator, first, vhat);
        })
    }
}

/// V^P (M x N), which is factorised in the place of V.
pub fn compressed<F: Real>(v: &DMatrix<F>, power: f64) -> DMatrix<F> {
    let mut y = v.clone();
    raise(y.as_mut_slice(), power);
    y
}

/// Each value to this power; the usual powers cost no logarithm.
#[allow(clippy::float_cmp)] // the exact exponents have short cuts
pub fn raise<F: Real>(values: &mut [F], exponent: f64) {
    if exponent == 1.0 {
    } else if exponent == 2.0 {
        values.iter_mut().for_each(|x| *x *= *x);
    } else if exponent == 0.5 {
        values.iter_mut().for_each(|x| *x = x.sqrt());
    } else {
        values.iter_mut().for_each(|x| *x = F::from_f64(x.to_f64().powf(exponent)));
    }
}
