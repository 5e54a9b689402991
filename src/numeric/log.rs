//! Natural logarithms that compilers vectorise: the divergence (1) takes one an element.

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
#[must_use]
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

/// ln x for positive normal finite x, within 6e-8 absolutely plus 2e-7 relatively; anything else gives some
/// number.
#[inline(always)] // takes on the vector instructions that its caller was compiled for
#[allow(clippy::inline_always)]
#[must_use]
pub fn ln_single(x: f32) -> f32 {
    let bits = x.to_bits();
    let above = bits.wrapping_sub(HALF_ROOT_SINGLE).wrapping_add(BIAS_SINGLE) >> 23;
    let mantissa = f32::from_bits(bits.wrapping_sub(above << 23).wrapping_add(BIAS_SINGLE));
    let exponent = f32::from_bits(TWO_23 | above) - (8_388_608.0 + 128.0);
    let r = mantissa - 1.0;
    let [a, b, c, d, e, f, g, h] = SINGLE;
    let z = r * r;
    // In pairs: shorter chains than one power after the other.
    let series = (a + b * r) + z * ((c + d * r) + z * ((e + f * r) + z * (g + h * r)));
    exponent * std::f32::consts::LN_2 + (r + z * (r * series - 0.5))
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
