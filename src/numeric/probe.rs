//! The work that an update cannot do without, alone: what a benchmark times to know the floor.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};

/// `c = a b` for square column-major matrices of that side.
///
/// # Panics
/// A slice is shorter than `side * side`.
pub fn multiply(side: usize, a: &[f32], b: &[f32], c: &mut [f32]) {
    let square = |x| MatRef::from_column_major_slice(x, side, side);
    let out = MatMut::from_column_major_slice_mut(c, side, side);
    matmul(out, Accum::Replace, square(a), square(b), 1.0, Par::Seq);
}

/// `q = v / q`, elementwise.
pub fn divide(v: &[f32], q: &mut [f32]) {
    pulp::Arch::new().dispatch(|| q.iter_mut().zip(v).for_each(|(q, &v)| *q = v / *q));
}

/// Reads every element; the sum is there to be used.
#[must_use]
pub fn read(v: &[f32]) -> f32 {
    /// Sums side by side: enough to wait for memory alone.
    const LANES: usize = 128;
    pulp::Arch::new().dispatch(|| {
        let mut sums = [0.0; LANES];
        let (whole, rest) = v.as_chunks::<LANES>();
        for values in whole {
            sums.iter_mut().zip(values).for_each(|(sum, x)| *sum += x);
        }
        sums.iter().sum::<f32>() + rest.iter().sum::<f32>()
    })
}
