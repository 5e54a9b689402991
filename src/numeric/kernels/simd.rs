//! Vectors of either element type: the few operations that the kernels need, on `pulp`'s safe intrinsics.

use pulp::Simd;

use super::log;

/// An element type with vectors of itself.
pub trait Lanes: Copy + Sized {
    /// As many elements as one register of `S` holds.
    type Vector<S: Simd>: Copy;

    /// Elements in a vector.
    fn lanes<S: Simd>() -> usize;
    /// A slice as whole vectors; what is left over at its end is left out.
    fn vectors<S: Simd>(slice: &[Self]) -> &[Self::Vector<S>];
    /// The same, to be changed.
    fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [Self::Vector<S>];
    fn elements<S: Simd>(vectors: &[Self::Vector<S>]) -> &[Self];
    fn splat<S: Simd>(simd: S, value: Self) -> Self::Vector<S>;
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn minus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    fn multiply<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// `a b + c`, rounded once where the machine can.
    fn mul_add<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;
    fn divide<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;
    /// The natural logarithm of positive normal numbers, see [`super::log`].
    fn ln<S: Simd>(simd: S, a: Self::Vector<S>) -> Self::Vector<S>;
    /// The first elements of a slice, which may be fewer than a vector holds: then zeros follow.
    fn load<S: Simd>(simd: S, slice: &[Self]) -> Self::Vector<S>;
    /// The sum over the lanes.
    fn reduce<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
}

macro_rules! implement_lanes {
    ($type:ty, $vector:ident, $lanes:ident, $split:ident, $split_mut:ident, $splat:ident, $add:ident, $sub:ident, $mul:ident, $mul_add:ident, $div:ident, $load:ident, $reduce:ident, $ln:path) => {
        impl Lanes for $type {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }
            #[inline(always)]
            fn vectors<S: Simd>(slice: &[Self]) -> &[S::$vector] {
                S::$split(slice).0
            }
            #[inline(always)]
            fn vectors_mut<S: Simd>(slice: &mut [Self]) -> &mut [S::$vector] {
                S::$split_mut(slice).0
            }
            #[inline(always)]
            fn elements<S: Simd>(vectors: &[S::$vector]) -> &[Self] {
                pulp::bytemuck::cast_slice(vectors)
            }
            #[inline(always)]
            fn splat<S: Simd>(simd: S, value: Self) -> S::$vector {
                simd.$splat(value)
            }
            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }
            #[inline(always)]
            fn minus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$sub(a, b)
            }
            #[inline(always)]
            fn multiply<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }
            #[inline(always)]
            fn ln<S: Simd>(simd: S, a: S::$vector) -> S::$vector {
                $ln(simd, a)
            }
            #[inline(always)]
            fn mul_add<S: Simd>(simd: S, a: S::$vector, b: S::$vector, c: S::$vector) -> S::$vector {
                simd.$mul_add(a, b, c)
            }
            #[inline(always)]
            fn divide<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$div(a, b)
            }
            #[inline(always)]
            fn load<S: Simd>(simd: S, slice: &[Self]) -> S::$vector {
                match S::$split(slice).0.first() {
                    Some(whole) => *whole,
                    None => simd.$load(slice),
                }
            }
            #[inline(always)]
            fn reduce<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$reduce(a)
            }
        }
    };
}

implement_lanes!(
    f32,
    f32s,
    F32_LANES,
    as_simd_f32s,
    as_mut_simd_f32s,
    splat_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    mul_add_e_f32s,
    div_f32s,
    partial_load_f32s,
    reduce_sum_f32s,
    log::ln_singles
);
implement_lanes!(
    f64,
    f64s,
    F64_LANES,
    as_simd_f64s,
    as_mut_simd_f64s,
    splat_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    mul_add_e_f64s,
    div_f64s,
    partial_load_f64s,
    reduce_sum_f64s,
    log::ln_doubles
);
