//! Phase from magnitudes alone: the fast Griffin-Lim algorithm (Perraudin, Balazs and Sondergaard, 2013).
//!
//! Two sets of complex spectrograms: those with the wanted magnitudes, and those that some signal has. Each iteration
//! goes to the nearest element of the first, from there to the nearest of the second, and on in that direction by
//! `MOMENTUM` of the last step.

use std::f64::consts::TAU;
use std::ops::ControlFlow;

use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

use super::phase::with_magnitude;
use super::stft::Stft;
use crate::numeric::methods::init::Random;

/// How much of the last step is taken once more: alpha, the value that its authors found to do best.
const MOMENTUM: f64 = 0.99;

/// How phases are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GriffinLim {
    /// Iterations; more of them fit the magnitudes better, ever more slowly.
    pub iterations: usize,
    /// Seed of the phases that it starts from.
    pub seed: u64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reestimated {
    pub samples: Vec<f32>,
    /// The spectral convergence before each iteration and after the last: the distance of the signal's magnitudes from
    /// the wanted ones, relative to these, as a ratio of norms.
    pub convergence: Vec<f64>,
}

impl GriffinLim {
    /// A signal of `samples` samples whose magnitudes are nearly `magnitudes` (M x N). `observe` gets how many
    /// iterations are done, and ends the search by its answer.
    ///
    /// The result depends on magnitudes, iterations and seed alone, not on the number of threads.
    pub fn search(
        &self,
        stft: &Stft,
        magnitudes: &DMatrix<f64>,
        samples: usize,
        observe: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Reestimated, Stopped> {
        assert_eq!(magnitudes.shape(), (stft.bins(), stft.frames(samples)), "magnitudes and samples differ");
        let mut random = Random::new(self.seed);
        // The point from which the next projection starts, and the last one that some signal has.
        let mut ahead = magnitudes.map(|v| Complex::from_polar(v, TAU * random.uniform()));
        let mut last = DMatrix::zeros(0, 0);
        let mut convergence = Vec::with_capacity(self.iterations + 1);
        let norm = magnitudes.norm();
        let relative = |distance: f64| if norm > 0.0 { distance / norm } else { 0.0 };
        for iteration in 0..=self.iterations {
            if observe(iteration).is_break() {
                return Err(Stopped);
            }
            ahead.zip_apply(magnitudes, |x, v| *x = with_magnitude(*x, v));
            let found = stft.inverse_steady(&ahead, samples);
            stft.transform_into(&found, &mut ahead);
            convergence.push(relative(distance(&ahead, magnitudes)));
            if iteration == self.iterations {
                return Ok(Reestimated { samples: found, convergence });
            }
            // Here `ahead` is the new point; it becomes the last one, and goes on from there.
            if last.is_empty() {
                last = ahead.clone();
            } else {
                let step = |(now, last): (&mut Complex<f64>, &mut Complex<f64>)| {
                    let next = *now + (*now - *last) * MOMENTUM;
                    *last = std::mem::replace(now, next);
                };
                ahead.as_mut_slice().par_iter_mut().zip(last.as_mut_slice()).for_each(step);
            }
        }
        Err(Stopped)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stopped;

/// The norm of the difference in magnitude; sums of frames are added in order, so that threads change no bit.
fn distance(spectrum: &DMatrix<Complex<f64>>, magnitudes: &DMatrix<f64>) -> f64 {
    let bins = magnitudes.nrows().max(1);
    let frame = |(x, v): (&[Complex<f64>], &[f64])| {
        x.iter().zip(v).map(|(x, v)| (x.re.hypot(x.im) - v).powi(2)).sum::<f64>()
    };
    let columns = spectrum.as_slice().par_chunks(bins).zip(magnitudes.as_slice().par_chunks(bins));
    columns.map(frame).collect::<Vec<f64>>().iter().sum::<f64>().sqrt()
}
