//! Magnitude spectrograms with their axes.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::audio::{Audio, SignalError};
use super::stft::{Stft, Window};
use crate::numeric::Real;

/// A magnitude spectrogram, divided by its maximum.
#[derive(Clone, Debug)]
pub struct Spectrogram<F: Real> {
    /// V, M x N, within 0..1; all zero for silence.
    pub v: Arc<DMatrix<F>>,
    /// What V was divided by; 0 for silence.
    pub max: f64,
    /// Samples a second.
    pub rate: u32,
    /// Samples a frame.
    pub fft: usize,
    /// Samples from frame to frame.
    pub hop: usize,
    /// Samples of the analysed sound.
    pub samples: usize,
    pub window: Window,
}

impl<F: Real> Spectrogram<F> {
    pub fn of(audio: &Audio, stft: &Stft) -> Result<Self, SignalError> {
        let frames = stft.checked_frames(&audio.name, audio.samples.len())?;
        let mut v = DMatrix::<F>::zeros(stft.bins(), frames);
        stft.each_frame(&audio.samples, v.as_mut_slice(), stft.bins(), |spectrum, out| {
            for (out, x) in out.iter_mut().zip(spectrum) {
                *out = F::from_f64(x.re.hypot(x.im));
            }
        });
        let max = v.iter().fold(F::ZERO, |max, x| max.max(*x));
        if max > F::ZERO {
            v.iter_mut().for_each(|x| *x /= max);
        }
        Ok(Self {
            v: Arc::new(v),
            max: max.to_f64(),
            rate: audio.rate,
            fft: stft.fft,
            hop: stft.hop,
            samples: audio.samples.len(),
            window: stft.window,
        })
    }

    /// A spectrogram that came ready: `v` (M x N, non-negative) divided by its maximum. Frames are taken to have
    /// 2 M - 2 samples; without a rate a bin stands for 1 Hz, and without a hop a frame for 1 s.
    pub fn ready(mut v: DMatrix<F>, rate: Option<u32>, hop: Option<u32>) -> Self {
        let max = v.iter().fold(F::ZERO, |max, x| max.max(*x));
        if max > F::ZERO {
            v.iter_mut().for_each(|x| *x /= max);
        }
        let fft = 2 * v.nrows().max(2) - 2;
        let rate = rate.filter(|rate| *rate > 0).or(u32::try_from(fft).ok()).unwrap_or(u32::MAX);
        let hop = hop.filter(|hop| *hop > 0).unwrap_or(rate) as usize;
        Self { v: Arc::new(v), max: max.to_f64(), rate, fft, hop, samples: 0, window: Window::default() }
    }

    pub fn bins(&self) -> usize {
        self.v.nrows()
    }

    pub fn frames(&self) -> usize {
        self.v.ncols()
    }

    pub const fn axes(&self) -> Axes {
        Axes { rate: self.rate, fft: self.fft, hop: self.hop }
    }
}

/// Where frames and bins lie in seconds and Hz. A frame's time is its centre, everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Axes {
    pub rate: u32,
    pub fft: usize,
    pub hop: usize,
}

impl Axes {
    /// Centre of a frame in seconds, `(n hop + fft / 2) / rate`; fractions of a frame are welcome.
    pub fn time_of(&self, frame: f64) -> f64 {
        (frame * self.hop as f64 + self.fft as f64 / 2.0) / f64::from(self.rate)
    }

    /// The frame whose centre is at this time; the inverse of [`Axes::time_of`].
    pub fn frame_at(&self, seconds: f64) -> f64 {
        (seconds * f64::from(self.rate) - self.fft as f64 / 2.0) / self.hop as f64
    }

    /// Centre of a bin in Hz.
    pub fn frequency_of(&self, bin: f64) -> f64 {
        bin * f64::from(self.rate) / self.fft as f64
    }

    /// The bin whose centre is at this frequency; the inverse of [`Axes::frequency_of`].
    pub fn bin_at(&self, hz: f64) -> f64 {
        hz * self.fft as f64 / f64::from(self.rate)
    }

    pub fn frame_seconds(&self) -> f64 {
        self.hop as f64 / f64::from(self.rate)
    }

    pub fn bin_hz(&self) -> f64 {
        f64::from(self.rate) / self.fft as f64
    }
}
