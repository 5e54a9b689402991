//! The two element types of a run, `f32` and `f64`, behind one trait.

use std::fmt::{Debug, Display, LowerExp};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, MulAssign, Sub, SubAssign};

use strum::{IntoStaticStr, VariantArray};

use super::simd::Lanes;
use super::transpose::Squares;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Precision {
    /// Single precision: half the memory and about twice the speed.
    #[default]
    F32,
    /// Double precision: what the poster's text sizes refer to.
    F64,
}

/// A real element type: everything the kernels need, and no more.
///
/// Implemented for `f32` and `f64` only.
pub trait Real:
    nalgebra::Scalar
    + faer::traits::RealField
    + Lanes
    + Squares
    + Copy
    + Default
    + PartialOrd
    + Display
    + Debug
    + LowerExp
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + 'static
{
    const ZERO: Self;
    const ONE: Self;
    /// Factors below this become zero: values that decay for ever would become subnormal.
    const SMALLEST: Self;
    const PRECISION: Precision;

    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;
    /// The same value in double precision; exact.
    fn to_f64(self) -> f64;
    fn floor(self) -> Self;
    /// The larger of two values; the other one where one is NaN.
    fn max(self, other: Self) -> Self;
    /// The smaller of two values; the other one where one is NaN.
    fn min(self, other: Self) -> Self;
    fn is_finite(self) -> bool;
    fn sqrt(self) -> Self;
}

macro_rules! implement_real {
    ($type:ty, $precision:expr, $smallest:expr) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            const SMALLEST: Self = $smallest;
            const PRECISION: Precision = $precision;

            #[allow(clippy::cast_possible_truncation)] // rounding to nearest is the purpose
            fn from_f64(value: f64) -> Self {
                value as Self
            }
            fn to_f64(self) -> f64 {
                f64::from(self)
            }
            fn floor(self) -> Self {
                <$type>::floor(self)
            }
            fn max(self, other: Self) -> Self {
                <$type>::max(self, other)
            }
            fn min(self, other: Self) -> Self {
                <$type>::min(self, other)
            }
            fn is_finite(self) -> bool {
                <$type>::is_finite(self)
            }
            #[inline(always)]
            fn sqrt(self) -> Self {
                <$type>::sqrt(self)
            }
        }
    };
}

implement_real!(f32, Precision::F32, 1e-30);
implement_real!(f64, Precision::F64, 1e-290);

/// Zero in place of what is too small to matter: values that decay for ever would become subnormal, and
/// arithmetic on those is many times slower.
#[inline(always)]
#[allow(clippy::inline_always)]
pub(crate) fn keep_normal<F: Real>(x: F) -> F {
    if x < F::SMALLEST { F::ZERO } else { x }
}
