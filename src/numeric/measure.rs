//! What is measured of a model: SNR, divergence, distinct values. What is measured against V panics where V is not M x N.

use std::collections::{BTreeMap, HashSet};

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};

use super::factors::{Factors, Model, Quantised};
use super::kernels::log;
use super::kernels::scalar::Real;
use super::magnitudes::Magnitudes;

/// The generalised Kullback-Leibler divergence (1) of two elements, both positive.
#[inline(always)]
#[allow(clippy::inline_always)]
fn divergence(v: f64, vhat: f64) -> f64 {
    v * log::ln(v / vhat) - v + vhat
}

/// Sums side by side: a single one would make every addition wait for the one before.
const LANES: usize = 16;

/// The divergence of one frame, compiled for the vector instructions of the machine it runs on.
struct FrameDivergence<'a, F> {
    v: &'a [F],
    vhat: &'a [F],
    phi: f64,
}

impl<F: Real> WithSimd for FrameDivergence<'_, F> {
    type Output = f64;

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) -> f64 {
        let Self { v, vhat, phi } = self;
        let mut sums = [0.0f64; LANES];
        let (v_lanes, v_rest) = v.as_chunks::<LANES>();
        let (vhat_lanes, vhat_rest) = vhat.as_chunks::<LANES>();
        for (v, vhat) in v_lanes.iter().zip(vhat_lanes) {
            for ((sum, v), vhat) in sums.iter_mut().zip(v).zip(vhat) {
                *sum += divergence(v.to_f64() + phi, vhat.to_f64() + phi);
            }
        }
        let rest: f64 = v_rest
            .iter()
            .zip(vhat_rest)
            .map(|(v, vhat)| divergence(v.to_f64() + phi, vhat.to_f64() + phi))
            .sum();
        sums.iter().sum::<f64>() + rest
    }
}

/// D of eq. (1) between V + phi and Vhat + phi, summed in double precision.
pub fn kld<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> f64 {
    kld_by_frame(v, model, phi).into_iter().sum()
}

/// The contribution of each frame to [`kld`].
pub fn kld_by_frame<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> Vec<f64> {
    assert_eq!(v.shape(), (model.shape().bins, model.shape().frames), "V and the model differ in shape");
    let bins = model.shape().bins;
    let arch = pulp::Arch::new();
    let parts = model.visit_blocks(
        |range| Vec::with_capacity(range.len()),
        |frames: &mut Vec<f64>, first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            let both = v.chunks_exact(bins).zip(vhat.chunks_exact(bins));
            frames.extend(both.map(|(v, vhat)| arch.dispatch(FrameDivergence { v, vhat, phi })));
        },
    );
    parts.concat()
}

/// The contribution of each bin to [`kld`].
pub fn kld_by_bin<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> Vec<f64> {
    assert_eq!(v.shape(), (model.shape().bins, model.shape().frames), "V and the model differ in shape");
    let bins = model.shape().bins;
    let arch = pulp::Arch::new();
    let parts = model.visit_blocks(
        |_| vec![0.0; bins],
        |sums: &mut Vec<f64>, first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            for (v, vhat) in v.chunks_exact(bins).zip(vhat.chunks_exact(bins)) {
                arch.dispatch(BinDivergence { v, vhat, phi, sums });
            }
        },
    );
    let mut sums = vec![0.0; bins];
    for part in parts {
        sums.iter_mut().zip(part).for_each(|(sum, d)| *sum += d);
    }
    sums
}

/// Adds the divergence of each bin of a frame to its sum.
struct BinDivergence<'a, F> {
    v: &'a [F],
    vhat: &'a [F],
    phi: f64,
    sums: &'a mut [f64],
}

impl<F: Real> WithSimd for BinDivergence<'_, F> {
    type Output = ();

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) {
        for ((sum, v), vhat) in self.sums.iter_mut().zip(self.v).zip(self.vhat) {
            *sum += divergence(v.to_f64() + self.phi, vhat.to_f64() + self.phi);
        }
    }
}

/// Signal-to-noise ratio in dB of Vhat against V, on magnitudes: `10 log10(sum V^2 / sum (V - Vhat)^2)`.
///
/// Infinite for an exact model; not a number where V is zero throughout.
pub fn snr_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>) -> f64 {
    ratio_db(v, model, |x| x)
}

/// The same of √V: `10 log10(sum V / sum (√V - √Vhat)^2)`. Quiet parts count for more, as they do for the ear.
pub fn sqrt_snr_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>) -> f64 {
    ratio_db(v, model, f64::sqrt)
}

fn ratio_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, scale: impl Fn(f64) -> f64 + Sync) -> f64 {
    assert_eq!(v.shape(), (model.shape().bins, model.shape().frames), "V and the model differ in shape");
    let bins = model.shape().bins;
    let parts = model.visit_blocks(
        |_| (0.0f64, 0.0f64),
        |(signal, noise), first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            for (&v, &vhat) in v.iter().zip(vhat.iter()) {
                let (v, vhat) = (scale(v.to_f64()), scale(vhat.to_f64()));
                *signal += v * v;
                *noise += (v - vhat) * (v - vhat);
            }
        },
    );
    let (signal, noise) = parts.into_iter().fold((0.0, 0.0), |(s, n), (a, b)| (s + a, n + b));
    10.0 * (signal / noise).log10()
}

/// Log-spectral distance in dB between V + phi and Vhat + phi: the root mean square over the bins of a frame of
/// `20 log10((V + phi) / (Vhat + phi))`, averaged over the frames (Gray and Markel, 1976). 0 for an exact model.
pub fn lsd_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> f64 {
    assert_eq!(v.shape(), (model.shape().bins, model.shape().frames), "V and the model differ in shape");
    let bins = model.shape().bins;
    let decibels = 20.0 / std::f64::consts::LN_10;
    let parts = model.visit_blocks(
        |_| 0.0f64,
        |sum: &mut f64, first, vhat| {
            let v = &v.as_slice()[first * bins..][..vhat.len()];
            for (v, vhat) in v.chunks_exact(bins).zip(vhat.chunks_exact(bins)) {
                let squares = v.iter().zip(vhat).map(|(v, vhat)| {
                    let ratio = log::ln((v.to_f64() + phi) / (vhat.to_f64() + phi));
                    ratio * ratio
                });
                *sum += decibels * (squares.sum::<f64>() / bins as f64).sqrt();
            }
        },
    );
    parts.into_iter().sum::<f64>() / model.shape().frames as f64
}

/// What a model has to be multiplied by to come closest to V in squares; 1 for one that is zero throughout.
pub fn best_gain<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>) -> f64 {
    assert_eq!(v.shape(), (model.shape().bins, model.shape().frames), "V and the model differ in shape");
    let bins = model.shape().bins;
    let parts = model.visit_blocks(
        |_| (0.0f64, 0.0f64),
        |(with_v, energy), first, vhat| {
            for (v, vhat) in v.as_slice()[first * bins..].iter().zip(vhat.iter()) {
                *with_v += v.to_f64() * vhat.to_f64();
                *energy += vhat.to_f64() * vhat.to_f64();
            }
        },
    );
    let (with_v, energy) = parts.into_iter().fold((0.0, 0.0), |(s, n), (a, b)| (s + a, n + b));
    let gain = with_v / energy;
    if gain.is_finite() && gain > 0.0 { gain } else { 1.0 }
}

/// The symbols of a model: how many different values each side uses, and how many are zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    pub distinct_w: usize,
    pub distinct_h: usize,
    pub zeros_w: usize,
    pub zeros_h: usize,
}

/// Counts the symbols of a model, as the poster's tables do; zero is a value. For a quantised model the
/// integers count, not the steps.
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
    let (distinct_w, zeros_w) = side(&mut w.iter().flat_map(nalgebra::Matrix::as_slice));
    let (distinct_h, zeros_h) = side(&mut h.as_slice().iter());
    Symbols { distinct_w, distinct_h, zeros_w, zeros_h }
}

/// Bits of the integers of a quantised model when each costs what its frequency in its factor says, `-log2 p`: no
/// coder that takes them one by one does with less. None for real-valued factors.
pub fn entropy_bits<F: Real>(model: &Model<F>) -> Option<(f64, f64)> {
    fn bits<'a>(values: impl Iterator<Item = &'a u32>) -> f64 {
        let (mut counts, mut total) = (BTreeMap::<u32, usize>::new(), 0usize);
        for &value in values {
            *counts.entry(value).or_default() += 1;
            total += 1;
        }
        counts.into_values().map(|n| n as f64 * (total as f64 / n as f64).log2()).sum()
    }
    let Model::Quantised(Quantised { w, h, .. }) = model else { return None };
    Some((bits(w.iter().flat_map(nalgebra::Matrix::iter)), bits(h.iter())))
}
