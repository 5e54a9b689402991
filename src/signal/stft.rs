//! Short-time Fourier transform and its inverse.
//!
//! Frame n starts at sample n * hop; the signal is zero-padded at its end, and there are
//! N = floor(samples / hop) frames.

use std::f64::consts::TAU;

use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;
use realfft::RealFftPlanner;
use strum::{IntoStaticStr, VariantArray};

use super::audio::SignalError;

/// Shape of an analysis frame. All are periodic: the value that would close the period is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Window {
    #[default]
    Hann,
    Hamming,
    Blackman,
    Rectangular,
}

impl Window {
    #[must_use]
    pub fn values(self, length: usize) -> Vec<f64> {
        let value = |i: usize| {
            let x = TAU * i as f64 / length as f64;
            match self {
                Self::Hann => 0.5 - 0.5 * x.cos(),
                Self::Hamming => 0.54 - 0.46 * x.cos(),
                Self::Blackman => 0.42 - 0.5 * x.cos() + 0.08 * (2.0 * x).cos(),
                Self::Rectangular => 1.0,
            }
        };
        (0..length).map(value).collect()
    }
}

/// How frames are cut from a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Stft {
    /// Samples in a frame.
    pub fft: usize,
    /// Samples from one frame to the next, at most `fft`.
    pub hop: usize,
    pub window: Window,
}

impl Default for Stft {
    fn default() -> Self {
        Self { fft: 1024, hop: 512, window: Window::default() }
    }
}

/// Where less of a sample than this survives in the squared windows, it cannot be had back in f64.
const LOST: f64 = 1e-12;

/// The share of the largest sum of squared windows below which [`Stft::inverse_steady`] stops to make up for a sample's
/// loss: there what a model gets wrong in a frame would come out ten times as loud as in its middle.
const STEADY: f64 = 1e-2;

/// Frames of which the samples are added up at a time; as many as keep what neighbours compute twice small.
const TOGETHER: usize = 64;

impl Stft {
    /// M, number of bins: fft / 2 + 1.
    pub const fn bins(&self) -> usize {
        self.fft / 2 + 1
    }

    /// N, number of frames of a signal of that many samples.
    pub const fn frames(&self, samples: usize) -> usize {
        samples / self.hop
    }

    /// Calls `take(frame, spectrum)` for each frame with its `bins()` values, handing it the frame's
    /// chunk of `out`, which has `stride` elements a frame; frames are shared out over threads.
    pub(super) fn each_frame<T: Send>(
        &self,
        samples: &[f32],
        out: &mut [T],
        stride: usize,
        take: impl Fn(&[Complex<f64>], &mut [T]) + Sync,
    ) {
        let plan = RealFftPlanner::<f64>::new().plan_fft_forward(self.fft);
        let window = self.window.values(self.fft);
        out.par_chunks_mut(stride).enumerate().for_each_init(
            || (plan.make_input_vec(), plan.make_output_vec(), plan.make_scratch_vec()),
            |(frame, spectrum, scratch), (n, out)| {
                let rest = &samples[(n * self.hop).min(samples.len())..];
                frame.fill(0.0);
                for ((x, &sample), w) in frame.iter_mut().zip(rest).zip(&window) {
                    *x = f64::from(sample) * w;
                }
                // The buffers are made by the plan, so their lengths fit.
                let _ = plan.process_with_scratch(frame, spectrum, scratch);
                take(spectrum, out);
            },
        );
    }

    /// The complex spectrogram, bins x frames.
    pub fn transform(&self, name: &str, samples: &[f32]) -> Result<DMatrix<Complex<f64>>, SignalError> {
        let frames = self.checked_frames(name, samples.len())?;
        let mut out = DMatrix::zeros(self.bins(), frames);
        self.transform_into(samples, &mut out);
        Ok(out)
    }

    /// The same into a matrix of its shape, bins x frames.
    pub(super) fn transform_into(&self, samples: &[f32], out: &mut DMatrix<Complex<f64>>) {
        self.each_frame(samples, out.as_mut_slice(), self.bins(), |spectrum, out| {
            out.copy_from_slice(spectrum);
        });
    }

    pub(super) fn checked_frames(&self, name: &str, samples: usize) -> Result<usize, SignalError> {
        match self.frames(samples) {
            0 => Err(SignalError::TooShort { name: name.to_owned(), hop: self.hop, samples }),
            frames => Ok(frames),
        }
    }

    /// The signal of `samples` samples whose frames have this complex spectrogram, bins x frames: each
    /// frame windowed once more, overlapped, added, and divided by the sum of squared windows.
    ///
    /// Exact wherever that sum is not zero; where it is (the first sample under a Hann window, and what
    /// no frame covers), the result is zero. For a spectrogram that no signal has, it is the signal whose
    /// spectrogram is nearest in the least-squares sense (Griffin and Lim, 1984).
    pub fn inverse(&self, spectrogram: &DMatrix<Complex<f64>>, samples: usize) -> Vec<f32> {
        self.overlap_added(spectrogram, samples, |x, weight| if weight > LOST { x / weight } else { 0.0 })
    }

    /// As [`Stft::inverse`], for a spectrogram that no signal has, such as a model's: where frames barely see a sample
    /// (near its begin, and its end) it fades out, instead of being mostly what the spectrogram gets wrong.
    ///
    /// Exact wherever [`Stft::is_seen`].
    pub fn inverse_steady(&self, spectrogram: &DMatrix<Complex<f64>>, samples: usize) -> Vec<f32> {
        let least = self.least_weight();
        self.overlap_added(spectrogram, samples, |x, weight| x / weight.max(least))
    }

    /// For each of `samples` samples, whether the frames see enough of it for a model of them to determine it.
    pub fn is_seen(&self, samples: usize) -> Vec<bool> {
        let least = self.least_weight();
        let mut weight = vec![0.0; samples];
        let window = self.window.values(self.fft);
        for n in 0..self.frames(samples) {
            weight[n * self.hop..].iter_mut().zip(&window).for_each(|(weight, w)| *weight += w * w);
        }
        weight.into_iter().map(|weight| weight >= least).collect()
    }

    /// The sum of squared windows below which a sample is not seen.
    fn least_weight(&self) -> f64 {
        let window = self.window.values(self.fft);
        // Far from both ends the sum has the period of the hop.
        let sum = |first: usize| window[first..].iter().step_by(self.hop).map(|w| w * w).sum::<f64>();
        STEADY * (0..self.hop).map(sum).fold(0.0, f64::max)
    }

    /// Frames windowed once more and added up, each sample then divided by what `divide` makes of the sum of squared
    /// windows there. Samples are shared out over threads; each is the sum of its frames in their order.
    #[allow(clippy::cast_possible_truncation)] // rounding to single precision is the purpose
    fn overlap_added(
        &self,
        spectrogram: &DMatrix<Complex<f64>>,
        samples: usize,
        divide: impl Fn(f64, f64) -> f64 + Sync,
    ) -> Vec<f32> {
        assert_eq!(spectrogram.nrows(), self.bins(), "spectrogram and FFT size differ");
        let plan = RealFftPlanner::<f64>::new().plan_fft_inverse(self.fft);
        let window = self.window.values(self.fft);
        let length = TOGETHER * self.hop;
        let mut out = vec![0.0; samples];
        out.par_chunks_mut(length).enumerate().for_each(|(chunk, out)| {
            let begin = chunk * length;
            let (mut sum, mut weight) = (vec![0.0; out.len()], vec![0.0; out.len()]);
            let (mut spectrum, mut frame) = (plan.make_input_vec(), plan.make_output_vec());
            let mut scratch = plan.make_scratch_vec();
            // The first frame that reaches into the chunk, and the first that begins behind it.
            let first = (begin + 1).saturating_sub(self.fft).div_ceil(self.hop);
            let end = (begin + out.len()).div_ceil(self.hop).min(spectrogram.ncols());
            for n in first..end {
                for (x, y) in spectrum.iter_mut().zip(spectrogram.column(n).iter()) {
                    *x = *y;
                }
                // A real signal has no phase at 0 Hz, nor at half the rate of an even FFT; one given is dropped.
                spectrum[0].im = 0.0;
                if self.fft.is_multiple_of(2) {
                    spectrum[self.fft / 2].im = 0.0;
                }
                let _ = plan.process_with_scratch(&mut spectrum, &mut frame, &mut scratch);
                let (to, from) = ((n * self.hop).saturating_sub(begin), begin.saturating_sub(n * self.hop));
                let places = sum[to..].iter_mut().zip(&mut weight[to..]);
                for ((sum, weight), (x, w)) in places.zip(frame[from..].iter().zip(&window[from..])) {
                    *sum += x * w / self.fft as f64;
                    *weight += w * w;
                }
            }
            for ((out, x), w) in out.iter_mut().zip(&sum).zip(&weight) {
                *out = divide(*x, *w) as f32;
            }
        });
        out
    }
}
