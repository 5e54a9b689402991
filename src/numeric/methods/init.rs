//! Where factors begin: seeded random numbers, the same on every platform and in every version, or the singular
//! vectors of V.

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use nalgebra::DMatrix;

use crate::factors::{Factors, Shape};
use crate::kernels::scalar::Real;
use crate::spec::{Init, RunSpec};

/// Added to every start value: a factor that starts at zero can never leave it.
const FLOOR: f64 = 1e-3;

/// xoshiro256++ 1.0 (Blackman and Vigna), seeded through splitmix64 as its authors advise.
///
/// Kept here rather than taken from a crate because files name a seed and must mean it for ever.
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    pub fn new(seed: u64) -> Self {
        let mut x = seed;
        let mut split_mix = || {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self { state: [split_mix(), split_mix(), split_mix(), split_mix()] }
    }

    pub fn bits(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Uniform in (0, 1], in steps of 2^-53.
    pub fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
}

/// The start of `spec` on V: its fixed bases with random activations, the rest as it says.
pub fn start<F: Real>(v: &DMatrix<F>, spec: &RunSpec) -> Factors<F> {
    match (spec.init, &spec.fixed) {
        (Init::Random, _) => random_start(v, spec),
        (Init::Svd, None) => svd_factors(v, spec.shape(v), spec.seed),
        (Init::Svd, Some(fixed)) => {
            // What V's singular vectors say of a component does not suit bases that come from elsewhere.
            let mut factors = svd_factors(v, spec.shape(v), spec.seed);
            let given = random_start(v, spec);
            factors.h.rows_mut(0, fixed.components()).copy_from(&given.h.rows(0, fixed.components()));
            fixed.put_into(&mut factors);
            factors
        }
    }
}

/// The random start of `spec` on V, with its fixed bases in their places.
pub(super) fn random_start<F: Real>(v: &DMatrix<F>, spec: &RunSpec) -> Factors<F> {
    let mut factors = random_factors(spec.shape(v), spec.seed);
    if let Some(fixed) = &spec.fixed {
        fixed.put_into(&mut factors);
    }
    factors
}

/// Random start factors: W in the order t, m, r, then H in the order r, n, uniform in (0, 1] plus 1e-3.
///
/// The same seed gives the same values in either precision, up to rounding.
pub fn random_factors<F: Real>(shape: Shape, seed: u64) -> Factors<F> {
    let mut random = Random::new(seed);
    let mut next = || F::from_f64(random.uniform() + FLOOR);
    let Shape { bins, frames, components, lags } = shape;
    let mut row_by_row = |rows: usize, columns: usize| {
        let values: Vec<F> = (0..rows * columns).map(|_| next()).collect();
        DMatrix::from_row_slice(rows, columns, &values)
    };
    let w = (0..lags).map(|_| row_by_row(bins, components)).collect();
    Factors { w, h: row_by_row(components, frames) }
}

/// Random start activations: so many, uniform in (0, 1] plus 1e-3, times `scale`.
pub fn random_activations<F: Real>(count: usize, seed: u64, scale: f64) -> Vec<F> {
    let mut random = Random::new(seed);
    (0..count).map(|_| F::from_f64((random.uniform() + FLOOR) * scale)).collect()
}

/// Columns of the random projection beside those that are asked for, and rounds of it: enough for the leading
/// singular vectors of a spectrogram (Halko, Martinsson and Tropp).
const SPARE: usize = 8;
const ROUNDS: usize = 2;

/// What the start may take from chance, as a share of the mean of a factor: enough to leave zero again.
const CHANCE: f64 = 0.1;

/// Start factors from the singular vectors of all windows of T frames, their positive parts or the mirrored
/// negative ones, whichever hold more (NNDSVD of Boutsidis and Gallopoulos, for T lags).
///
/// A component beyond the rank of the windows begins at random.
pub fn svd_factors<F: Real>(v: &DMatrix<F>, shape: Shape, seed: u64) -> Factors<F> {
    let Shape { bins, frames, components, lags } = shape;
    let mut factors = random_factors(shape, seed);
    let lags = lags.min(frames);
    let windows = frames + 1 - lags;
    // Window n begins at frame n and overlaps the next: a view of V, no copy.
    let x = MatRef::from_column_major_slice_with_stride(v.as_slice(), bins * lags, windows, bins);
    let Some((left, values, right)) = singular_vectors(x, components, seed) else { return factors };
    for (r, value) in values.iter().enumerate() {
        let side = |sign: f64| {
            let part =
                |column: &[F]| -> Vec<f64> { column.iter().map(|x| (sign * x.to_f64()).max(0.0)).collect() };
            (part(left.column(r).as_slice()), part(right.column(r).as_slice()))
        };
        let norm = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>().sqrt();
        let weight = |(u, v): &(Vec<f64>, Vec<f64>)| norm(u) * norm(v);
        let (up, down) = (side(1.0), side(-1.0));
        let (u, v) = if weight(&up) >= weight(&down) { up } else { down };
        let share = (value * norm(&u) * norm(&v)).sqrt();
        if share <= 0.0 {
            continue;
        }
        // Every frame is met by as many windows as there are lags.
        let (w_scale, h_scale) = (share / norm(&u), share / norm(&v) / lags as f64);
        let mean = |x: &[f64], scale: f64| CHANCE * scale * x.iter().sum::<f64>() / x.len() as f64;
        let (w_floor, h_floor) = (mean(&u, w_scale), mean(&v, h_scale));
        for (t, w) in factors.w.iter_mut().enumerate() {
            for (m, w) in w.column_mut(r).iter_mut().enumerate() {
                let own = u.get(t * bins + m).copied().unwrap_or(0.0);
                *w = F::from_f64(own * w_scale + w_floor * w.to_f64());
            }
        }
        for (n, h) in factors.h.row_mut(r).iter_mut().enumerate() {
            let own = v.get(n).copied().unwrap_or(0.0);
            *h = F::from_f64(own * h_scale + h_floor * h.to_f64());
        }
    }
    factors
}

/// The leading left singular vectors, values and right vectors of x, as many as asked for or as there are.
fn singular_vectors<F: Real>(
    x: MatRef<'_, F>,
    count: usize,
    seed: u64,
) -> Option<(DMatrix<F>, Vec<f64>, DMatrix<F>)> {
    let (rows, columns) = x.shape();
    let width = (count + SPARE).min(rows).min(columns);
    let mut random = Random::new(seed ^ 0x57ad_0005);
    let mut right = DMatrix::from_fn(columns, width, |_, _| F::from_f64(random.uniform() - 0.5));
    let mut basis = DMatrix::zeros(rows, width);
    for _ in 0..=ROUNDS {
        product(&mut basis, x, &right);
        basis = basis.map(Real::to_f64).qr().q().map(F::from_f64);
        product(&mut right, x.transpose(), &basis);
    }
    // x is close to basis right': what is left is small, and symmetric.
    let gram = right.map(Real::to_f64);
    let eigen = (gram.transpose() * &gram).symmetric_eigen();
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
    let largest = eigen.eigenvalues[*order.first()?];
    order.retain(|&i| eigen.eigenvalues[i] > 1e-12 * largest && largest > 0.0);
    order.truncate(count);
    let values: Vec<f64> = order.iter().map(|&i| eigen.eigenvalues[i].sqrt()).collect();
    let rotate = |j: usize, i: usize| F::from_f64(eigen.eigenvectors[(i, order[j])]);
    let rotation = DMatrix::from_fn(width, order.len(), |i, j| rotate(j, i));
    let scaled = DMatrix::from_fn(width, order.len(), |i, j| rotate(j, i) * F::from_f64(1.0 / values[j]));
    Some((basis * rotation, values, right * scaled))
}

/// `out = a b`.
fn product<F: Real>(out: &mut DMatrix<F>, a: MatRef<'_, F>, b: &DMatrix<F>) {
    let (rows, columns) = out.shape();
    let b = MatRef::from_column_major_slice(b.as_slice(), b.nrows(), b.ncols());
    let out = MatMut::from_column_major_slice_mut(out.as_mut_slice(), rows, columns);
    matmul(out, Accum::Replace, a, b, F::ONE, Par::Seq);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // First outputs of splitmix64 from seed 0 are in its authors' test vectors; they are the state here.
        let random = Random::new(0);
        assert_eq!(random.state[0], 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.state[1], 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn start_values_never_change() {
        let factors = random_factors::<f64>(Shape { bins: 2, frames: 3, components: 2, lags: 2 }, 7);
        let again = random_factors::<f64>(Shape { bins: 2, frames: 3, components: 2, lags: 2 }, 7);
        assert_eq!(factors, again);
        let mut random = Random::new(7);
        let first: Vec<f64> = (0..2).map(|_| random.uniform() + FLOOR).collect();
        // W_0[0, 0], then W_0[0, 1]: t, m, r.
        assert_eq!([factors.w[0][(0, 0)], factors.w[0][(0, 1)]], [first[0], first[1]]);
        assert_eq!(random_activations::<f64>(2, 7, 4.0), [4.0 * first[0], 4.0 * first[1]]);
        assert!(factors.w.iter().all(|w| w.iter().all(|&x| x > 0.0 && x <= 1.0 + FLOOR)));
    }
}
