//! The work that an update cannot do without, alone: what a benchmark times to know the floor.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use pulp::{Simd, WithSimd};

/// `c = a b` for square column-major matrices of that side.
pub fn multiply(side: usize, a: &[f32], b: &[f32], c: &mut [f32]) {
    let square = |x| MatRef::from_column_major_slice(x, side, side);
    let out = MatMut::from_column_major_slice_mut(c, side, side);
    matmul(out, Accum::Replace, square(a), square(b), 1.0, Par::Seq);
}

/// `q = v / q`, elementwise.
pub fn divide(v: &[f32], q: &mut [f32]) {
    pulp::Arch::new().dispatch(Divide { v, q });
}

/// Reads every element; the sum is there to be used.
pub fn read(v: &[f32]) -> f32 {
    pulp::Arch::new().dispatch(Read(v))
}

struct Divide<'a> {
    v: &'a [f32],
    q: &'a mut [f32],
}

impl WithSimd for Divide<'_> {
    type Output = ();

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let (q, rest) = S::as_mut_simd_f32s(self.q);
        let (v, v_rest) = S::as_simd_f32s(self.v);
        q.iter_mut().zip(v).for_each(|(q, &v)| *q = simd.div_f32s(v, *q));
        rest.iter_mut().zip(v_rest).for_each(|(q, v)| *q = v / *q);
    }
}

struct Read<'a>(&'a [f32]);

impl WithSimd for Read<'_> {
    type Output = f32;

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        /// Sums side by side: enough to wait for memory alone.
        const CHAINS: usize = 8;
        let (whole, rest) = S::as_simd_f32s(self.0);
        let (groups, single) = whole.as_chunks::<CHAINS>();
        let mut sums = [simd.splat_f32s(0.0); CHAINS];
        for group in groups {
            for i in 0..CHAINS {
                sums[i] = simd.add_f32s(sums[i], group[i]);
            }
        }
        let vectors = sums.iter().chain(single).fold(simd.splat_f32s(0.0), |a, &b| simd.add_f32s(a, b));
        simd.reduce_sum_f32s(vectors) + rest.iter().sum::<f32>()
    }
}
