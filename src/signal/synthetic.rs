//! Reconstructions of the poster's two synthetic sets, whose signals were not published.
//!
//! Counts in the poster fix the lengths (437 and 218 hops of 512 samples at 16 kHz). The rest is chosen so
//! that CNMF comes out where the poster's does: 6.6 dB for the bursts, which is what any rank-1 fit of
//! white noise gives (10 log10(4 / (4 - pi)) = 6.68 dB), and about 12.5 dB for the evolving objects, where the
//! white noise sets the level: with a deviation of 0.02 instead of 0.3 CNMF reaches 22 dB.

use std::f64::consts::{PI, TAU};

use realfft::RealFftPlanner;
use realfft::num_complex::Complex;

use crate::numeric::methods::init::Random;

/// Samples a second of both sets.
pub const RATE: u32 = 16_000;

const HOP: usize = 512;
/// N of the noise-burst set in the poster: 14 s.
const BURST_HOPS: usize = 437;
/// N of the evolving set in the poster: 7 s.
const EVOLVING_HOPS: usize = 218;
/// Deviation of the white noise under both sets.
const FLOOR: f64 = 0.3;
/// Keeps the peaks below full scale; V is divided by its maximum anyway.
const GAIN: f64 = 0.1;

/// A burst of band-limited noise that switches on and off.
struct Burst {
    low: f64,
    high: f64,
    on: f64,
    every: f64,
    ahead: f64,
}

/// Two bands that never touch, with periods that have no common multiple within the signal, so that
/// either is heard alone, with the other, and not at all.
const BURSTS: [Burst; 2] = [
    Burst { low: 500.0, high: 2500.0, on: 0.9, every: 2.0, ahead: 0.0 },
    Burst { low: 4000.0, high: 7000.0, on: 1.2, every: 3.1, ahead: 0.7 },
];

/// Frames that an evolving object lasts, and from the start of one to the start of the next: they overlap.
const OBJECT_HOPS: usize = 31;
const OBJECT_EVERY: usize = 24;

/// Two band-limited noise bursts that switch on and off, 14 s.
pub fn noise_burst() -> Vec<f32> {
    let mut random = Random::new(1);
    let length = BURST_HOPS * HOP;
    let mut sum = white(length, FLOOR, &mut random);
    for burst in &BURSTS {
        let band = band_passed(&white(length, 1.0, &mut random), burst.low, burst.high);
        for (i, (out, x)) in sum.iter_mut().zip(band).enumerate() {
            let time = i as f64 / f64::from(RATE);
            if (time + burst.ahead) % burst.every < burst.on {
                *out += x;
            }
        }
    }
    finish(&sum)
}

/// Two auditory objects of about 32 frames whose spectra evolve, in turn, 7 s.
pub fn evolving() -> Vec<f32> {
    let mut random = Random::new(2);
    let mut sum = white(EVOLVING_HOPS * HOP, FLOOR, &mut random);
    let length = OBJECT_HOPS * HOP;
    let seconds = length as f64 / f64::from(RATE);
    let starts = (0..=(EVOLVING_HOPS - OBJECT_HOPS)).step_by(OBJECT_EVERY);
    for (index, start) in starts.enumerate() {
        let amplitude = 0.6 + 0.4 * random.uniform();
        let rises = index % 2 == 0;
        let (partials, from, to) = if rises { (4, 300.0, 900.0) } else { (3, 2500.0, 1200.0f64) };
        // Phase of an exponential glide from f0 to f1: the integral of f0 (f1/f0)^(t/s).
        let steepness = (to / from).ln();
        for (i, out) in sum[start * HOP..][..length].iter_mut().enumerate() {
            let u = (i as f64 + 0.5) / length as f64;
            let phase = TAU * from * seconds * ((steepness * u).exp() - 1.0) / steepness;
            let envelope =
                if rises { (PI * u).sin().sqrt() } else { 1.0 - 0.25 * (1.0 - (TAU * 3.0 * u).cos()) };
            let tone: f64 = (1..=partials).map(|h| (f64::from(h) * phase).sin() / f64::from(h)).sum();
            *out += amplitude * envelope * tone;
        }
    }
    finish(&sum)
}

#[allow(clippy::cast_possible_truncation)] // rounding to single precision is the purpose
fn finish(samples: &[f64]) -> Vec<f32> {
    samples.iter().map(|x| (GAIN * x) as f32).collect()
}

/// Gaussian noise by Box and Muller.
fn white(length: usize, deviation: f64, random: &mut Random) -> Vec<f64> {
    (0..length)
        .map(|_| {
            let (a, b) = (random.uniform(), random.uniform());
            deviation * (-2.0 * a.ln()).sqrt() * (TAU * b).cos()
        })
        .collect()
}

/// Everything outside of `low..high` Hz removed, scaled to unit deviation.
fn band_passed(samples: &[f64], low: f64, high: f64) -> Vec<f64> {
    let length = samples.len();
    let mut planner = RealFftPlanner::<f64>::new();
    let (forward, back) = (planner.plan_fft_forward(length), planner.plan_fft_inverse(length));
    let mut time = samples.to_vec();
    let mut spectrum = forward.make_output_vec();
    // The buffers are made by the plans, so their lengths fit.
    let _ = forward.process(&mut time, &mut spectrum);
    for (k, bin) in spectrum.iter_mut().enumerate() {
        let frequency = k as f64 * f64::from(RATE) / length as f64;
        if !(low..high).contains(&frequency) {
            *bin = Complex::default();
        }
    }
    let _ = back.process(&mut spectrum, &mut time);
    let power = time.iter().map(|x| x * x).sum::<f64>() / length as f64;
    time.iter().map(|x| x / power.sqrt()).collect()
}
