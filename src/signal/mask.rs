//! Soft masks: what of a sound belongs to some components of its model.

use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

use super::audio::{Audio, SignalError};
use super::phase::BLOCK;
use super::stft::Stft;
use crate::numeric::magnitudes::raise;
use crate::numeric::{Factors, Stacked};

/// A model of V^P taken apart: each component by itself, ready for its products.
pub struct Parts {
    components: Vec<Stacked<f64>>,
    power: f64,
}

impl Parts {
    /// Takes these factors of V^P apart, with P = `power`.
    pub fn of(factors: &Factors<f64>, power: f64) -> Self {
        let part = |r: usize| Stacked::from_factors(&factors.only(&[r]));
        Self { components: (0..factors.shape().components).map(part).collect(), power }
    }

    pub fn components(&self) -> usize {
        self.components.len()
    }

    /// Multiplies each element of the complex spectrogram (M x N) by the share that the components `chosen` (counted
    /// from 0) have in the model there: the sum of their `V_r^p` over that of all, with `p = exponent`. What a component
    /// adds to the model is a part of V^P, so that `V_r^p` is that part to the power p / P.
    ///
    /// 1 shares magnitudes, 2 shares powers (Wiener's filter for independent parts), and the larger it is, the more an
    /// element goes to the loudest there. Where no component sounds, all have the same share. Masks of disjoint
    /// sets that together are all components add up to one everywhere.
    pub fn mask(&self, spectrum: &mut DMatrix<Complex<f64>>, chosen: &[usize], exponent: f64) {
        let Some(shape) = self.components.first().map(|part| part.shape) else { return };
        assert_eq!(spectrum.shape(), (shape.bins, shape.frames), "model and spectrogram differ");
        let (evenly, length) = (self.evenly(chosen), shape.bins * BLOCK);
        let exponent = exponent / self.power;
        spectrum.as_mut_slice().par_chunks_mut(length).enumerate().for_each_init(
            || [vec![0.0; length], vec![0.0; length], vec![0.0; length]],
            |[part, of_chosen, of_all], (i, spectrum)| {
                let part = &mut part[..spectrum.len()];
                of_chosen.fill(0.0);
                of_all.fill(0.0);
                for (r, component) in self.components.iter().enumerate() {
                    component.reconstruct_into(i * BLOCK, part);
                    raise(part, exponent);
                    add(of_all, part);
                    if chosen.contains(&r) {
                        add(of_chosen, part);
                    }
                }
                for ((x, chosen), all) in spectrum.iter_mut().zip(of_chosen.iter()).zip(of_all.iter()) {
                    *x *= if *all > 0.0 && all.is_finite() { chosen / all } else { evenly };
                }
            },
        );
    }

    /// The part of a sound that belongs to the components `chosen`, by [`Parts::mask`] on its spectrogram.
    ///
    /// Where frames barely see a sample ([`Stft::is_seen`]), what they leave undetermined is shared out evenly: the
    /// parts of disjoint sets that together are all components add up to the sound.
    #[allow(clippy::cast_possible_truncation)] // back to single precision, as the sound is
    pub fn apart(
        &self,
        stft: &Stft,
        audio: &Audio,
        chosen: &[usize],
        exponent: f64,
    ) -> Result<Vec<f32>, SignalError> {
        let samples = &audio.samples;
        let mut spectrum = stft.transform(&audio.name, samples)?;
        let steady = stft.inverse_steady(&spectrum, samples.len());
        self.mask(&mut spectrum, chosen, exponent);
        let mut part = stft.inverse_steady(&spectrum, samples.len());
        let evenly = self.evenly(chosen);
        for ((part, steady), sample) in part.iter_mut().zip(&steady).zip(samples) {
            *part = (f64::from(*part) + evenly * f64::from(sample - steady)) as f32;
        }
        Ok(part)
    }

    /// The share that so many components have where they cannot be separated.
    fn evenly(&self, chosen: &[usize]) -> f64 {
        (0..self.components()).filter(|r| chosen.contains(r)).count() as f64 / self.components().max(1) as f64
    }
}

fn add(sum: &mut [f64], x: &[f64]) {
    sum.iter_mut().zip(x).for_each(|(sum, x)| *sum += x);
}
