//! Natural logarithms in vectors: the divergence (1) takes one an element.

use pulp::Simd;

/// Bits of sqrt(1/2): mantissas are taken from there to sqrt(2), around 1 where the series is short.
const HALF_ROOT: u64 = 0x3fe6_a09e_667f_3bcd;

/// Keeps the exponent's difference positive while it is shifted.
const BIAS: u64 = 1 << 62;

/// Bits of 2^52: a small integer in its low bits reads as 2^52 plus that integer, without a conversion,
/// for which x86-64 has no vector instruction before AVX-512.
const TWO_52: u64 = 0x4330_0000_0000_0000;

/// ln x for positive normal finite x, within 4e-16 absolutely plus 2e-16 relatively; anything else gives
/// some number.
///
/// `ln x = e ln 2 + 2 artanh((m - 1) / (m + 1))`, with the series of artanh cut where it is below rounding.
#[inline(always)] // takes on the vector instructions that its caller was compiled for
#[allow(clippy::inline_always)]
pub fn ln(x: f64) -> f64 {
    let bits = x.to_bits();
    let above = bits.wrapping_sub(HALF_ROOT).wrapping_add(BIAS) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub(above << 52).wrapping_add(BIAS));
    let exponent = f64::from_bits(TWO_52 | above) - (4_503_599_627_370_496.0 + 1024.0);
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let z = s * s;
    let tail = z * (2.0 / 15.0 + z * (2.0 / 17.0 + z * (2.0 / 19.0)));
    let series =
        z * (2.0 / 5.0 + z * (2.0 / 7.0 + z * (2.0 / 9.0 + z * (2.0 / 11.0 + z * (2.0 / 13.0 + tail)))));
    exponent * std::f64::consts::LN_2 + (2.0 * s + s * z * (2.0 / 3.0 + series))
}

/// Bits of sqrt(1/2) in single precision.
const HALF_ROOT_SINGLE: u32 = 0x3f35_04f3;

/// Keeps the exponent's difference positive while it is shifted, in single precision.
const BIAS_SINGLE: u32 = 1 << 30;

/// Bits of 2^23, as [`TWO_52`].
const TWO_23: u32 = 0x4b00_0000;

/// (ln(1 + r) - r + r^2 / 2) / r^3 by powers of r, smallest relative error over the mantissas: 6e-9.
#[allow(clippy::excessive_precision)] // as the fit gave them
const SINGLE: [f32; 8] = [
    0.333_333_317,
    -0.250_008_211,
    0.200_012_266,
    -0.166_233_559,
    0.142_017_64,
    -0.131_602_026,
    0.127_615_4,
    -0.076_343_954,
];

/// ln x in single precision for positive normal finite x, within 6e-8 absolutely plus 2e-7 relatively; anything
/// else gives some number.
#[inline(always)] // takes on the vector instructions that its caller was compiled for
#[allow(clippy::inline_always)]
pub fn ln_singles<S: Simd>(simd: S, x: S::f32s) -> S::f32s {
    let whole = |n| simd.splat_u32s(n);
    let real = |x| simd.splat_f32s(x);
    let bits = simd.transmute_u32s_f32s(x);
    let above = simd.add_u32s(bits, whole(BIAS_SINGLE.wrapping_sub(HALF_ROOT_SINGLE)));
    let above = simd.wrapping_dyn_shr_u32s(above, whole(23));
    let mantissa = simd.sub_u32s(bits, simd.wrapping_dyn_shl_u32s(above, whole(23)));
    let mantissa = simd.transmute_f32s_u32s(simd.add_u32s(mantissa, whole(BIAS_SINGLE)));
    let exponent = simd.transmute_f32s_u32s(simd.or_u32s(above, whole(TWO_23)));
    let exponent = simd.sub_f32s(exponent, real(8_388_608.0 + 128.0));
    let r = simd.sub_f32s(mantissa, real(1.0));
    let z = simd.mul_f32s(r, r);
    // In pairs: shorter chains than one power after the other.
    let [a, b, c, d, e, f, g, h] = SINGLE;
    let pair = |low, high| simd.mul_add_e_f32s(real(high), r, real(low));
    let series = simd.mul_add_e_f32s(z, pair(g, h), pair(e, f));
    let series = simd.mul_add_e_f32s(z, series, pair(c, d));
    let series = simd.mul_add_e_f32s(z, series, pair(a, b));
    let tail = simd.mul_add_e_f32s(r, series, real(-0.5));
    simd.mul_add_e_f32s(exponent, real(std::f32::consts::LN_2), simd.mul_add_e_f32s(z, tail, r))
}

/// [`ln`] of each element.
#[inline(always)] // takes on the vector instructions that its caller was compiled for
#[allow(clippy::inline_always)]
pub fn ln_doubles<S: Simd>(_: S, mut x: S::f64s) -> S::f64s {
    let elements: &mut [f64] = pulp::bytemuck::cast_slice_mut(std::slice::from_mut(&mut x));
    elements.iter_mut().for_each(|x| *x = ln(*x));
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_library_s_within_rounding() {
        let mut x = 2.3e-308;
        while x < 1e308 {
            for y in [x, x * 1.000_001, x * 1.5] {
                let (got, expected) = (ln(y), y.ln());
                assert!(
                    (got - expected).abs() <= 4e-16 + 2.5e-16 * expected.abs(),
                    "{y:e}: {got} {expected}"
                );
            }
            x *= 1.0373;
        }
        for k in -2000..2000 {
            let y = 1.0 + f64::from(k) * 1e-4;
            assert!((ln(y) - y.ln()).abs() <= 4e-16, "{y}: {} {}", ln(y), y.ln());
        }
        assert!(ln(1.0).abs() < f64::MIN_POSITIVE);
    }

    struct Singles<'a>(&'a mut [f32]);

    impl pulp::WithSimd for Singles<'_> {
        type Output = ();

        #[inline(always)]
        #[allow(clippy::inline_always)]
        fn with_simd<S: Simd>(self, simd: S) {
            let (vectors, rest) = S::as_mut_simd_f32s(self.0);
            assert!(rest.is_empty());
            vectors.iter_mut().for_each(|x| *x = ln_singles(simd, *x));
        }
    }

    fn ln_single(x: f32) -> f32 {
        let mut vector = [x; 32];
        let mut scalar = vector;
        pulp::Arch::new().dispatch(Singles(&mut vector));
        pulp::WithSimd::with_simd(Singles(&mut scalar), pulp::Scalar::new());
        // Without fused products the last bits differ.
        assert!(
            (vector[0] - scalar[0]).abs() <= 1.2e-7 + 2.4e-7 * vector[0].abs(),
            "{x}: {vector:?} {scalar:?}"
        );
        vector[31]
    }

    #[test]
    fn in_single_precision_too() {
        let mut x = 1.2e-38f32;
        while x < 1e38 {
            for y in [x, x * 1.000_3, x * 1.5] {
                let (got, expected) = (f64::from(ln_single(y)), f64::from(y).ln());
                assert!((got - expected).abs() <= 6e-8 + 2e-7 * expected.abs(), "{y:e}: {got} {expected}");
            }
            x *= 1.0173;
        }
        for k in -2000..2000i16 {
            let y = 1.0 + f32::from(k) * 1e-4;
            let (got, expected) = (f64::from(ln_single(y)), f64::from(y).ln());
            assert!((got - expected).abs() <= 2e-7 * expected.abs(), "{y}: {got} {expected}");
        }
    }
}
