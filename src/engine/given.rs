//! Factors that others learned, brought to the scale of a spectrogram.

use rayon::ThreadPool;

use super::analysis::Analysis;
use crate::codec::GivenArrays;
use crate::numeric::{AnyModel, Factors, Magnitudes, Model, Real, measure};
use nalgebra::DMatrix;

/// Factors that do not belong to a spectrogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the factors explain {} bins x {} frames and the spectrogram has {} x {}: analyse the sound as it was for them \
     (FFT size, hop, region)", factors.0, factors.1, spectrogram.0, spectrogram.1
)]
pub struct Mismatch {
    /// M, N of the factors.
    pub factors: (usize, usize),
    /// M, N of V.
    pub spectrogram: (usize, usize),
}

/// The factors of V^P, with P = `power`, as real numbers in units of max V = 1, and what W was multiplied by for that: 1 where their header
/// has what V was divided by, else what brings the model closest to V.
pub fn fitted(
    given: &GivenArrays,
    analysis: &Analysis,
    power: f64,
    pool: &ThreadPool,
) -> Result<(AnyModel, f64), Mismatch> {
    let shape = given.model.shape();
    let (factors, spectrogram) = ((shape.bins, shape.frames), (analysis.bins(), analysis.frames()));
    if factors != spectrogram {
        return Err(Mismatch { factors, spectrogram });
    }
    let known = given.header.max.is_some();
    Ok(pool.install(|| match &given.model {
        AnyModel::F32(model) => scaled(model, &analysis.factorised_f32(power), known),
        AnyModel::F64(model) => scaled(model, &analysis.factorised_f64(power), known),
    }))
}

fn scaled<F: Real>(model: &Model<F>, v: &DMatrix<F>, known: bool) -> (AnyModel, f64)
where
    AnyModel: From<Model<F>>,
{
    let Factors { mut w, h } = model.to_factors();
    let factors = Factors { w: w.clone(), h: h.clone() };
    let gain = if known { 1.0 } else { measure::best_gain(v, &Magnitudes::of(&factors, 1.0)) };
    w.iter_mut().for_each(|basis| *basis *= F::from_f64(gain));
    (Model::Real(Factors { w, h }).into(), gain)
}
