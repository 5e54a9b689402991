//! Rounding at convergence: CNMF to the end, then integers (4), (6).

use nalgebra::{DMatrix, DVector};

use crate::factors::{Factors, Quantised};
use crate::fixed::FixedBases;
use crate::kernels::scalar::Real;
use crate::spec::Levels;

/// Integers of given levels from real-valued factors; bases that are given as integers stay what they are.
pub type Round<F> = fn(&Factors<F>, Levels, Option<&FixedBases>) -> Quantised<F>;

/// A step size a component and side, its largest element spanning the levels, then (6).
///
/// A component without any activation or basis left has steps and integers of zero. Bases that are given as integers
/// stay what they are.
pub fn round_adaptively<F: Real>(
    factors: &Factors<F>,
    levels: Levels,
    fixed: Option<&FixedBases>,
) -> Quantised<F> {
    let (peak_w, peak_h) = peaks(factors);
    let dw = peak_w / F::from_f64(f64::from(levels.w));
    let dh = peak_h / F::from_f64(f64::from(levels.h));
    let mut model = round(factors, dw, dh);
    if let Some(fixed) = fixed {
        fixed.keep(&mut model);
    }
    model
}

/// One step size for everything (4), after the gauge is fixed so that `max W[:, r] = max H[r, :]` for each r.
///
/// The gauge decides everything here: without it one side would get all the levels. The largest element of
/// all spans `levels.w`. Bases that are given come back to the scale that they came in; integers stay what they are, with
/// their steps.
pub fn round_globally<F: Real>(
    factors: &Factors<F>,
    levels: Levels,
    fixed: Option<&FixedBases>,
) -> Quantised<F> {
    let (peak_w, peak_h) = peaks(factors);
    // Up by g on one side and down by g on the other makes the peaks of a component equal.
    let gauge = peak_w.zip_map(&peak_h, |w, h| {
        let g = (h.to_f64() / w.to_f64()).sqrt();
        if g.is_finite() && g > 0.0 { g } else { 1.0 }
    });
    let balanced = Factors {
        w: factors.w.iter().map(|w| scale_columns(w, |r| gauge[r])).collect(),
        h: scale_columns(&factors.h.transpose(), |r| 1.0 / gauge[r]).transpose(),
    };
    let (peak_w, peak_h) = peaks(&balanced);
    let peak = peak_w.iter().chain(peak_h.iter()).fold(F::ZERO, |a, &b| Real::max(a, b));
    let step = DVector::from_element(factors.h.nrows(), peak / F::from_f64(f64::from(levels.w)));
    let mut model = round(&balanced, step.clone(), step);
    if let Some(fixed) = fixed {
        // Their bases are in the gauge that they came in again, and so are the activations: the steps say so.
        for r in 0..fixed.components() {
            model.dw[r] *= F::from_f64(1.0 / gauge[r]);
            model.dh[r] *= F::from_f64(gauge[r]);
        }
        fixed.keep(&mut model);
    }
    model
}

fn scale_columns<F: Real>(matrix: &DMatrix<F>, by: impl Fn(usize) -> f64) -> DMatrix<F> {
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |m, r| matrix[(m, r)] * F::from_f64(by(r)))
}

/// The largest element of each component's bases and of its activations.
fn peaks<F: Real>(factors: &Factors<F>) -> (DVector<F>, DVector<F>) {
    let largest = |values: &mut dyn Iterator<Item = &F>| values.fold(F::ZERO, |a, &b| Real::max(a, b));
    let components = factors.h.nrows();
    let column = |r: usize| largest(&mut factors.w.iter().flat_map(|w| w.column(r).data.into_slice().iter()));
    let row = |r: usize| largest(&mut factors.h.row(r).iter());
    (DVector::from_fn(components, |r, _| column(r)), DVector::from_fn(components, |r, _| row(r)))
}

fn round<F: Real>(factors: &Factors<F>, dw: DVector<F>, dh: DVector<F>) -> Quantised<F> {
    Quantised {
        w: factors
            .w
            .iter()
            .map(|w| DMatrix::from_fn(w.nrows(), w.ncols(), |m, r| nearest(w[(m, r)], dw[r])))
            .collect(),
        h: DMatrix::from_fn(factors.h.nrows(), factors.h.ncols(), |r, n| nearest(factors.h[(r, n)], dh[r])),
        dw,
        dh,
    }
}

/// floor(x / step + 1/2), and 0 for a step of 0.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // non-negative, and saturates at u32::MAX
fn nearest<F: Real>(x: F, step: F) -> u32 {
    if step > F::ZERO { (x.to_f64() / step.to_f64() + 0.5).floor() as u32 } else { 0 }
}
