//! Step sizes, and factors in units of them.

use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

pub fn rounded<F: Real>(shadow: &Stacked<F>) -> Stacked<F> {
    let mut integers = shadow.clone();
    integers.w.iter_mut().for_each(|w| *w = nearest(*w));
    integers.activations_mut().iter_mut().for_each(|h| *h = nearest(*h));
    integers
}

/// floor(x + 1/2), at most what both precisions hold exactly.
pub fn nearest<F: Real>(x: F) -> F {
    Real::min(Real::floor(x + F::from_f64(0.5)), F::from_f64(f64::from(1u32 << 24)))
}

/// max / levels for each component of values whose component runs fastest; 1 for one that is zero.
pub fn steps<F: Real>(values: &[F], components: usize, levels: u32) -> Vec<F> {
    let mut peaks = vec![F::ZERO; components];
    for (i, &x) in values.iter().enumerate() {
        peaks[i % components] = Real::max(peaks[i % components], x);
    }
    let levels = F::from_f64(f64::from(levels));
    peaks.into_iter().map(|peak| if peak > F::ZERO { peak / levels } else { F::ONE }).collect()
}

/// The largest element of each stacked column, so that the component runs fastest.
pub fn w_by_component<F: Real>(stacked: &Stacked<F>) -> Vec<F> {
    let largest = |column: &[F]| column.iter().fold(F::ZERO, |a, &b| Real::max(a, b));
    stacked.w.chunks_exact(stacked.shape.bins).map(largest).collect()
}

pub fn divide_w<F: Real>(stacked: &mut Stacked<F>, steps: &[F]) {
    let bins = stacked.shape.bins;
    for (column, &step) in stacked.w.chunks_exact_mut(bins).zip(steps.iter().cycle()) {
        column.iter_mut().for_each(|w| *w /= step);
    }
}

pub fn divide<F: Real>(values: &mut [F], steps: &[F]) {
    for frame in values.chunks_exact_mut(steps.len()) {
        frame.iter_mut().zip(steps).for_each(|(x, &step)| *x /= step);
    }
}
