//! Transposition of a block, in squares that are transposed in registers: every pass for H over a large V begins with it.

/// Side of a square.
pub const SIDE: usize = 8;

/// `to[i * to_step + j] = from[j * from_step + i]` for i below `inner` and j below `outer`.
pub fn transpose<F: Squares>(
    from: &[F],
    from_step: usize,
    to: &mut [F],
    to_step: usize,
    inner: usize,
    outer: usize,
) {
    let (whole_inner, whole_outer) = (inner - inner % SIDE, outer - outer % SIDE);
    if whole_inner > 0 && whole_outer > 0 {
        F::transpose_squares(from, from_step, to, to_step, whole_inner, whole_outer);
    }
    for i in 0..inner {
        for j in if i < whole_inner { whole_outer } else { 0 }..outer {
            to[i * to_step + j] = from[j * from_step + i];
        }
    }
}

/// An element type whose squares can be transposed.
pub trait Squares: Copy {
    /// [`transpose`] where `inner` and `outer` are multiples of [`SIDE`].
    fn transpose_squares(
        from: &[Self],
        from_step: usize,
        to: &mut [Self],
        to_step: usize,
        inner: usize,
        outer: usize,
    ) {
        portable(from, from_step, to, to_step, inner, outer);
    }
}

/// What any machine can do.
fn portable<F: Copy>(from: &[F], from_step: usize, to: &mut [F], to_step: usize, inner: usize, outer: usize) {
    for i in (0..inner).step_by(SIDE) {
        for j in 0..outer {
            for (k, x) in from[j * from_step + i..][..SIDE].iter().enumerate() {
                to[(i + k) * to_step + j] = *x;
            }
        }
    }
}

impl Squares for f64 {}

impl Squares for f32 {
    #[cfg(target_arch = "x86_64")]
    fn transpose_squares(
        from: &[Self],
        from_step: usize,
        to: &mut [Self],
        to_step: usize,
        inner: usize,
        outer: usize,
    ) {
        match pulp::x86::V3::try_new() {
            Some(v3) => v3.vectorize(x86::SquaresV3 { v3, from, from_step, to, to_step, inner, outer }),
            None => portable(from, from_step, to, to_step, inner, outer),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::__m256;

    use pulp::x86::V3;
    use pulp::{NullaryFnOnce, cast};

    use super::SIDE;

    pub struct SquaresV3<'a> {
        pub v3: V3,
        pub from: &'a [f32],
        pub from_step: usize,
        pub to: &'a mut [f32],
        pub to_step: usize,
        pub inner: usize,
        pub outer: usize,
    }

    impl NullaryFnOnce for SquaresV3<'_> {
        type Output = ();

        #[inline(always)] // or it is compiled without the instructions that were found
        #[allow(clippy::inline_always)]
        fn call(self) {
            let avx = self.v3.avx;
            for i in (0..self.inner).step_by(SIDE) {
                for j in (0..self.outer).step_by(SIDE) {
                    let mut rows = [cast::<[f32; SIDE], __m256>([0.0; SIDE]); SIDE];
                    for (k, row) in rows.iter_mut().enumerate() {
                        if let Some(values) = self.from[(j + k) * self.from_step + i..].first_chunk::<SIDE>()
                        {
                            *row = cast(*values);
                        }
                    }
                    let [a, b, c, d, e, f, g, h] = rows;
                    // Pairs, then fours, then halves.
                    let (ab, ab_high) = (avx._mm256_unpacklo_ps(a, b), avx._mm256_unpackhi_ps(a, b));
                    let (cd, cd_high) = (avx._mm256_unpacklo_ps(c, d), avx._mm256_unpackhi_ps(c, d));
                    let (ef, ef_high) = (avx._mm256_unpacklo_ps(e, f), avx._mm256_unpackhi_ps(e, f));
                    let (gh, gh_high) = (avx._mm256_unpacklo_ps(g, h), avx._mm256_unpackhi_ps(g, h));
                    let fours = [
                        (avx._mm256_shuffle_ps::<0x44>(ab, cd), avx._mm256_shuffle_ps::<0x44>(ef, gh)),
                        (avx._mm256_shuffle_ps::<0xee>(ab, cd), avx._mm256_shuffle_ps::<0xee>(ef, gh)),
                        (
                            avx._mm256_shuffle_ps::<0x44>(ab_high, cd_high),
                            avx._mm256_shuffle_ps::<0x44>(ef_high, gh_high),
                        ),
                        (
                            avx._mm256_shuffle_ps::<0xee>(ab_high, cd_high),
                            avx._mm256_shuffle_ps::<0xee>(ef_high, gh_high),
                        ),
                    ];
                    for (k, (left, right)) in fours.into_iter().enumerate() {
                        let low: [f32; SIDE] = cast(avx._mm256_permute2f128_ps::<0x20>(left, right));
                        let high: [f32; SIDE] = cast(avx._mm256_permute2f128_ps::<0x31>(left, right));
                        self.to[(i + k) * self.to_step + j..][..SIDE].copy_from_slice(&low);
                        self.to[(i + k + 4) * self.to_step + j..][..SIDE].copy_from_slice(&high);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn transposed<F: Squares + From<u16> + PartialEq + std::fmt::Debug>() {
        for (inner, outer) in [(1, 1), (8, 8), (16, 32), (17, 31), (513, 32), (7, 40), (33, 5)] {
            let (from_step, to_step) = (inner + 3, outer + 2);
            let count = u16::try_from(from_step * outer).unwrap_or(u16::MAX);
            let from: Vec<F> = (0..count).map(F::from).collect();
            let mut to = vec![F::from(0); to_step * inner];
            transpose(&from, from_step, &mut to, to_step, inner, outer);
            for i in 0..inner {
                for j in 0..outer {
                    assert_eq!(to[i * to_step + j], from[j * from_step + i], "{inner} x {outer} at {i}, {j}");
                }
            }
        }
    }

    #[test]
    fn rows_become_columns() {
        transposed::<f32>();
        transposed::<f64>();
    }
}
