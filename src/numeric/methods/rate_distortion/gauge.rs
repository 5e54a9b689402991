//! How the scale of a component is shared out between its bases and its activations.

use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

/// A component that lost one side entirely loses the other, and its scale becomes 1: it says nothing any more. Fixed
/// bases stay all the same.
pub fn bury<F: Real>(integers: &mut Stacked<F>, scale: &mut [F], frozen: usize) {
    let (w, h) = energies(integers);
    let (bins, components) = (integers.shape.bins, integers.shape.components);
    for r in (0..components).filter(|&r| w[r] <= 0.0 || h[r] <= 0.0) {
        let columns = integers.w.chunks_exact_mut(bins).skip(r).step_by(components);
        columns.filter(|_| r >= frozen).for_each(|column| column.fill(F::ZERO));
        integers.activations_mut().iter_mut().skip(r).step_by(components).for_each(|h| *h = F::ZERO);
        scale[r] = F::ONE;
    }
}

/// The sums of squares of each component's bases, and of its activations.
pub fn energies<F: Real>(state: &Stacked<F>) -> (Vec<f64>, Vec<f64>) {
    let (bins, components) = (state.shape.bins, state.shape.components);
    let (mut w, mut h) = (vec![0.0; components], vec![0.0; components]);
    for (k, column) in state.w.chunks_exact(bins).enumerate() {
        w[k % components] += sum_of_squares(column);
    }
    for frame in state.activations().chunks_exact(components) {
        h.iter_mut().zip(frame).for_each(|(sum, x)| *sum += x.to_f64() * x.to_f64());
    }
    (w, h)
}

/// The sum of the squares.
pub fn sum_of_squares<F: Real>(numbers: &[F]) -> f64 {
    /// Sums side by side: a single one would make every addition wait for the one before.
    const LANES: usize = 8;
    let mut sums = [0.0f64; LANES];
    let square = |x: &F| x.to_f64() * x.to_f64();
    let (whole, rest) = numbers.as_chunks::<LANES>();
    for numbers in whole {
        sums.iter_mut().zip(numbers).for_each(|(sum, x)| *sum += square(x));
    }
    sums.iter().sum::<f64>() + rest.iter().map(square).sum::<f64>()
}

/// The largest element of each component's bases, and of its activations.
pub fn largest<F: Real>(state: &Stacked<F>) -> (Vec<f64>, Vec<f64>) {
    let (bins, components) = (state.shape.bins, state.shape.components);
    let (mut w, mut h) = (vec![0.0; components], vec![0.0; components]);
    for (k, column) in state.w.chunks_exact(bins).enumerate() {
        w[k % components] = column.iter().fold(w[k % components], |top: f64, x| top.max(x.to_f64()));
    }
    for frame in state.activations().chunks_exact(components) {
        h.iter_mut().zip(frame).for_each(|(top, x)| *top = top.max(x.to_f64()));
    }
    (w, h)
}

/// The same model with equal energy on both sides of each component: the gauge is free, and in single precision one
/// side must not run away. The scale of fixed bases is theirs.
pub fn balance<F: Real>(state: &mut Stacked<F>, frozen: usize) {
    let (w, h) = energies(state);
    let (bins, components) = (state.shape.bins, state.shape.components);
    let gauge: Vec<F> = w
        .iter()
        .zip(&h)
        .enumerate()
        .map(|(r, (w, h))| {
            let free = r >= frozen && *w > 0.0 && *h > 0.0;
            if free { F::from_f64((h / w).powf(0.25)) } else { F::ONE }
        })
        .collect();
    // What is multiplied by 1 stays bit for bit.
    for (column, &g) in state.w.chunks_exact_mut(bins).zip(gauge.iter().cycle()) {
        column.iter_mut().for_each(|w| *w *= g);
    }
    for frame in state.activations_mut().chunks_exact_mut(components) {
        frame.iter_mut().zip(&gauge).for_each(|(h, &g)| *h /= g);
    }
}
