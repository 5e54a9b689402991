//! What is measured of a model: SNR, divergence, distinct values.

use std::collections::HashSet;

use nalgebra::DMatrix;

use super::factors::{Factors, Model, Quantised};
use super::scalar::Real;
use super::shifted::Stacked;

/// The generalised Kullback-Leibler divergence (1) of two elements, both positive.
#[inline]
fn divergence(v: f64, vhat: f64) -> f64 {
    v * (v / vhat).ln() - v + vhat
}

/// D of eq. (1) between V + phi and Vhat + phi, summed in double precision.
///
/// # Panics
/// V is not M x N.
#[must_use]
pub fn kld<F: Real>(v: &DMatrix<F>, model: &Stacked<F>, phi: f64) -> f64 {
    assert_eq!(v.shape(), (model.shape.bins, model.shape.frames), "V and the model differ in shape");
    let bins = model.shape.bins;
    let parts = model.visit_blocks(
        |_| 0.0f64,
        |sum, first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            // A frame at a time, so that a long signal's small terms are not lost against the sum.
            for (v, vhat) in v.chunks_exact(bins).zip(vhat.chunks_exact(bins)) {
                let frame: f64 = v
                    .iter()
                    .zip(vhat)
                    .map(|(&v, &vhat)| divergence(v.to_f64() + phi, vhat.to_f64() + phi))
                    .sum();
                *sum += frame;
            }
        },
    );
    parts.into_iter().sum()
}

/// Signal-to-noise ratio in dB of Vhat against V, on magnitudes: `10 log10(sum V^2 / sum (V - Vhat)^2)`.
///
/// Infinite for an exact model; not a number where V is zero throughout.
///
/// # Panics
/// V is not M x N.
#[must_use]
pub fn snr_db<F: Real>(v: &DMatrix<F>, model: &Stacked<F>) -> f64 {
    assert_eq!(v.shape(), (model.shape.bins, model.shape.frames), "V and the model differ in shape");
    let bins = model.shape.bins;
    let parts = model.visit_blocks(
        |_| (0.0f64, 0.0f64),
        |(signal, noise), first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            for (&v, &vhat) in v.iter().zip(vhat.iter()) {
                let (v, vhat) = (v.to_f64(), vhat.to_f64());
                *signal += v * v;
                *noise += (v - vhat) * (v - vhat);
            }
        },
    );
    let (signal, noise) = parts.into_iter().fold((0.0, 0.0), |(s, n), (a, b)| (s + a, n + b));
    10.0 * (signal / noise).log10()
}

/// The symbols of a model: how many different values each side uses, and how many are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// Different values among all W_t together.
    pub distinct_w: usize,
    /// Different values in H.
    pub distinct_h: usize,
    /// Zeros among all W_t.
    pub zeros_w: usize,
    /// Zeros in H.
    pub zeros_h: usize,
}

/// Counts the symbols of a model, as the poster's tables do; zero is a value. For a quantised model the
/// integers count, not the steps.
#[must_use]
pub fn symbols<F: Real>(model: &Model<F>) -> Symbols {
    match model {
        Model::Real(Factors { w, h }) => count(w, h, |x| x.to_f64().to_bits()),
        Model::Quantised(Quantised { w, h, .. }) => count(w, h, |k| u64::from(*k)),
    }
}

fn count<T>(w: &[DMatrix<T>], h: &DMatrix<T>, bits: impl Fn(&T) -> u64 + Copy) -> Symbols {
    let side = |values: &mut dyn Iterator<Item = &T>| {
        let mut seen = HashSet::new();
        let mut zeros = 0;
        for value in values.map(bits) {
            seen.insert(value);
            zeros += usize::from(value == 0);
        }
        (seen.len(), zeros)
    };
    let (distinct_w, zeros_w) = side(&mut w.iter().flat_map(|w| w.as_slice()));
    let (distinct_h, zeros_h) = side(&mut h.as_slice().iter());
    Symbols { distinct_w, distinct_h, zeros_w, zeros_h }
}
