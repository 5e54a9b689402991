//! A model's magnitudes with the phase of the sound that it was learned from.

use nalgebra::{Complex, DMatrix};
use rayon::prelude::*;

use crate::numeric::Magnitudes;

/// Frames of which the model's magnitudes are there at a time.
pub const BLOCK: usize = 64;

/// Gives the complex spectrogram of a sound (M x N) the magnitudes `scale * Vhat` and leaves it its phases. An element
/// that is zero has none and is taken to be real.
pub fn impose(spectrum: &mut DMatrix<Complex<f64>>, model: &Magnitudes<f64>, scale: f64) {
    let bins = model.shape().bins;
    assert_eq!(spectrum.shape(), (bins, model.shape().frames), "model and spectrogram differ");
    spectrum.as_mut_slice().par_chunks_mut(bins * BLOCK).enumerate().for_each_init(
        || vec![0.0; bins * BLOCK],
        |block, (i, spectrum)| {
            let vhat = &mut block[..spectrum.len()];
            model.reconstruct_into(i * BLOCK, vhat);
            for (x, v) in spectrum.iter_mut().zip(vhat.iter()) {
                *x = with_magnitude(*x, scale * v);
            }
        },
    );
}

/// `x` scaled to this magnitude.
pub(super) fn with_magnitude(x: Complex<f64>, magnitude: f64) -> Complex<f64> {
    let norm = x.re.hypot(x.im);
    if norm > 0.0 { x * (magnitude / norm) } else { Complex::new(magnitude, 0.0) }
}
