//! The kernel of the passes: a panel of V on its way to its share of a numerator.
//!
//! Every product is a series of [`tile`]s on packed operands: as many rows of [`WIDE`] vectors as there are rows of a
//! few scalars. Vhat is computed in registers, becomes Q there, and stays in the cache as an operand.

use std::ops::Range;

use pulp::{Simd, WithSimd};

use super::scalar::Real;

/// Vectors across a tile: with two, a scalar is fetched once for two multiplications.
const WIDE: usize = 2;

/// Scalars down a tile where there are 32 registers, and where there are 16: with both operands they just
/// fill them.
const TALL: (usize, usize) = (10, 5);

/// Groups of rows whose Q is made and used at a time: it stays in the first-level cache.
const GROUPS: usize = 16;

/// Heights below which a tile's sums are too few to keep the machine busy.
const DEEP: usize = 5;

/// Heights of tiles for the second product, whose extent may be small; widest first.
const HEIGHTS: [usize; 5] = [10, 8, 5, 4, 2];

/// What of D a pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The numerator of an update, which is the negative part of the gradient.
    First,
    /// The diagonal of the Hessian: V / Vhat^2 in place of Q, against squared factors.
    Second,
}

impl Order {
    #[inline]
    pub fn of<F: Real>(self, x: F) -> F {
        if self == Self::First { x } else { x * x }
    }
}

type Wide<F, S> = [<F as super::simd::Lanes>::Vector<S>; WIDE];

/// `sums[j] + sum_d a[d] b[d][j]` for each j.
#[inline(always)]
#[allow(clippy::inline_always)]
fn tile<F: Real, S: Simd, const TALL: usize>(
    simd: S,
    mut sums: [Wide<F, S>; TALL],
    a: &[Wide<F, S>],
    b: &[[F; TALL]],
) -> [Wide<F, S>; TALL] {
    for (a, b) in a.iter().zip(b) {
        for j in 0..TALL {
            let b = F::splat(simd, b[j]);
            for i in 0..WIDE {
                sums[j][i] = F::mul_add(simd, a[i], b, sums[j][i]);
            }
        }
    }
    sums
}

/// A panel of V on its way to its share of a numerator.
pub struct Panel<'a, F> {
    pub phi: F,
    pub order: Order,
    /// Whether `v` is Q already.
    pub given: bool,
    /// `depth` rows of the panel's width: what Vhat of the panel is made of.
    pub own: &'a [F],
    /// In groups of `tall` rows of V: `depth` rows of `tall` scalars.
    pub other: &'a [F],
    pub tall: usize,
    /// V: row `i` of the panel begins at `i * stride`.
    pub v: &'a [F],
    pub stride: usize,
    /// In groups of `tall_depth` of the depth: a row of `tall_depth` scalars for each row of V.
    pub contracted: &'a [F],
    pub tall_depth: usize,
    /// Rows of V.
    pub rows: usize,
    /// Room for Q: a row of the panel's width for each row of V, or for [`block`] rows where it is not needed again.
    pub q: &'a mut [F],
    /// The result: `depth` rows, rounded up to `tall_depth`, of the panel's width.
    pub numerator: &'a mut [F],
    /// Whether the result is added to what `numerator` holds.
    pub accumulate: bool,
    /// Where D (1) of each column of the panel is added, if it is wanted.
    pub objective: Option<&'a mut [f64]>,
}

impl<F: Real> WithSimd for Panel<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let length = self.rows;
        let step = block(self.tall);
        for first in (0..length).step_by(step) {
            let rows = first..(first + step).min(length);
            match self.tall {
                10 => self.quotients::<S, 10>(simd, rows.clone()),
                _ => self.quotients::<S, 5>(simd, rows.clone()),
            }
            match self.tall_depth {
                10 => self.product::<S, 10>(simd, rows),
                8 => self.product::<S, 8>(simd, rows),
                5 => self.product::<S, 5>(simd, rows),
                4 => self.product::<S, 4>(simd, rows),
                _ => self.product::<S, 2>(simd, rows),
            }
            self.accumulate = true;
        }
    }
}

impl<F: Real> Panel<'_, F> {
    /// Where Q of some rows is made: in its place, if there is room for all.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn room<'q>(q: &'q mut [F], all: usize, width: usize, rows: &Range<usize>) -> &'q mut [F] {
        let first = if q.len() < all * width { 0 } else { rows.start };
        &mut q[first * width..][..rows.len() * width]
    }

    /// Q of some rows, and D where it is wanted.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn quotients<S: Simd, const TALL: usize>(&mut self, simd: S, rows: Range<usize>) {
        if self.given {
            let width = WIDE * F::lanes::<S>();
            let q = Self::room(self.q, self.rows, width, &rows);
            for (q, i) in q.chunks_exact_mut(width).zip(rows) {
                q.copy_from_slice(&self.v[i * self.stride..][..width]);
            }
        } else if self.objective.is_some() {
            self.divide::<S, TALL, true, false>(simd, rows);
        } else if self.order == Order::First {
            self.divide::<S, TALL, false, false>(simd, rows);
        } else {
            self.divide::<S, TALL, false, true>(simd, rows);
        }
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn divide<S: Simd, const TALL: usize, const OBJECTIVE: bool, const SECOND: bool>(
        &mut self,
        simd: S,
        rows: Range<usize>,
    ) {
        let width = WIDE * F::lanes::<S>();
        let own = F::vectors::<S>(self.own).as_chunks::<WIDE>().0;
        let other = self.other.as_chunks::<TALL>().0.chunks_exact(own.len()).skip(rows.start / TALL);
        let phi = F::splat(simd, self.phi);
        let q = Self::room(self.q, self.rows, width, &rows);
        for ((q, other), first) in q.chunks_mut(TALL * width).zip(other).zip(rows.step_by(TALL)) {
            let vhat = tile::<F, S, TALL>(simd, [[phi; WIDE]; TALL], own, other);
            let v = |j: usize| &self.v[(first + j) * self.stride..][..width];
            let rows = F::vectors_mut::<S>(q).as_chunks_mut::<WIDE>().0;
            let mut d = [F::splat(simd, F::ZERO); WIDE];
            for (j, vhat) in vhat.into_iter().enumerate() {
                if j < rows.len() {
                    let v = F::vectors::<S>(v(j));
                    for i in 0..WIDE {
                        let v = F::plus(simd, v[i], phi);
                        let q = F::divide(simd, v, vhat[i]);
                        rows[j][i] = if SECOND { F::divide(simd, q, vhat[i]) } else { q };
                        if OBJECTIVE {
                            let term = F::mul_add(simd, v, F::ln(simd, q), F::minus(simd, vhat[i], v));
                            d[i] = F::plus(simd, d[i], term);
                        }
                    }
                }
            }
            if let Some(sums) = self.objective.as_deref_mut().filter(|_| OBJECTIVE) {
                // Few at a time in the working precision: the sums of many are kept in double.
                let d: &[F] = F::elements::<S>(&d[..]);
                sums.iter_mut().zip(d).for_each(|(sum, d)| *sum += d.to_f64());
            }
        }
    }

    /// The share of some rows in the numerator.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn product<S: Simd, const TALL: usize>(&mut self, simd: S, rows: Range<usize>) {
        let width = WIDE * F::lanes::<S>();
        let q = F::vectors::<S>(Self::room(self.q, self.rows, width, &rows)).as_chunks::<WIDE>().0;
        let contracted = self.contracted.as_chunks::<TALL>().0.chunks_exact(self.rows);
        let numerator =
            F::vectors_mut::<S>(self.numerator).as_chunks_mut::<WIDE>().0.as_chunks_mut::<TALL>().0;
        for (numerator, contracted) in numerator.iter_mut().zip(contracted) {
            let zero = [[F::splat(simd, F::ZERO); WIDE]; TALL];
            let start = if self.accumulate { *numerator } else { zero };
            let contracted = &contracted[rows.clone()];
            *numerator = if TALL >= DEEP {
                tile::<F, S, TALL>(simd, start, q, contracted)
            } else {
                // So few sums would wait for each other: two halves of the rows take turns.
                let half = q.len() / 2;
                let (q, contracted) = (q.split_at(half), contracted.split_at(half));
                let mut sums = [start, zero];
                for ((a, b), (c, d)) in q.0.iter().zip(contracted.0).zip(q.1.iter().zip(contracted.1)) {
                    sums[0] =
                        tile::<F, S, TALL>(simd, sums[0], std::slice::from_ref(a), std::slice::from_ref(b));
                    sums[1] =
                        tile::<F, S, TALL>(simd, sums[1], std::slice::from_ref(c), std::slice::from_ref(d));
                }
                let (last, rest) = (&q.1[half..], &contracted.1[half..]);
                sums[1] = tile::<F, S, TALL>(simd, sums[1], last, rest);
                let mut total = sums[0];
                for (total, sum) in total.iter_mut().zip(sums[1]) {
                    for i in 0..WIDE {
                        total[i] = F::plus(simd, total[i], sum[i]);
                    }
                }
                total
            };
        }
    }
}

/// Rows of V whose Q a panel needs room for at least.
pub fn block(tall: usize) -> usize {
    GROUPS * tall
}

/// The sizes of panels and groups that suit this machine.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Elements across a panel.
    pub width: usize,
    /// Rows of V in a group.
    pub tall: usize,
    /// Rows of the numerator in a group.
    pub tall_depth: usize,
}

impl Extent {
    /// For products of that depth, R T.
    pub fn of<F: Real>(depth: usize) -> Self {
        let (single, double, tall) = pulp::Arch::new().dispatch(Machine);
        let width = WIDE * if size_of::<F>() == 4 { single } else { double };
        // The height that wastes least, counting what a tile costs beside its multiplications.
        let allowed = HEIGHTS.into_iter().filter(|height| *height <= tall);
        let tall_depth = allowed.min_by_key(|height| depth.div_ceil(*height) * (height + 2)).unwrap_or(2);
        Self { width, tall, tall_depth }
    }
}

/// Elements in a vector of either type, and scalars down a tile.
struct Machine;

impl WithSimd for Machine {
    type Output = (usize, usize, usize);

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) -> (usize, usize, usize) {
        (S::F32_LANES, S::F64_LANES, if S::REGISTER_COUNT >= 32 { TALL.0 } else { TALL.1 })
    }
}
