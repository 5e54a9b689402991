//! What several test programs share.
#![allow(dead_code)] // each program uses a part of it

pub mod naive;

use nalgebra::DMatrix;
use snmf_workbench::numeric::methods::init::Random;
use snmf_workbench::numeric::{Real, Shape};

/// A seeded non-negative matrix with maximum 1, some exact zeros and a wide range of levels.
pub fn spectrogram<F: Real>(bins: usize, frames: usize, seed: u64) -> DMatrix<F> {
    let mut random = Random::new(seed);
    let raw = DMatrix::from_fn(bins, frames, |_, _| {
        let x = random.uniform();
        if x < 0.1 { 0.0 } else { (8.0 * (random.uniform() - 1.0)).exp() }
    });
    let max = raw.max().max(1e-3);
    raw.map(|x| F::from_f64(x / max))
}

/// Sizes that have tripped implementations before: single elements, one lag, more lags than frames, odd
/// sizes, and more than one block and chunk of frames.
pub const SHAPES: [Shape; 11] = [
    shape(1, 1, 1, 1),
    shape(1, 1, 1, 3),
    shape(3, 1, 2, 1),
    shape(5, 4, 1, 2),
    shape(5, 4, 2, 7),
    shape(7, 33, 3, 4),
    shape(17, 64, 5, 1),
    shape(13, 97, 2, 5),
    shape(4, 131, 3, 40),
    shape(9, 700, 2, 3),
    shape(33, 40, 20, 7),
];

const fn shape(bins: usize, frames: usize, components: usize, lags: usize) -> Shape {
    Shape { bins, frames, components, lags }
}
