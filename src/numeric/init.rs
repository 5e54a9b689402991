//! The seeded start: the same numbers on every platform and in every version.

use nalgebra::DMatrix;

use super::factors::{Factors, Shape};
use super::scalar::Real;

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
    /// The generator of that seed.
    #[must_use]
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

    /// The next 64 random bits.
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

/// Random start factors: W in the order t, m, r, then H in the order r, n, uniform in (0, 1] plus 1e-3.
///
/// The same seed gives the same values in either precision, up to rounding.
#[must_use]
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
        assert!(factors.w.iter().all(|w| w.iter().all(|&x| x > 0.0 && x <= 1.0 + FLOOR)));
    }
}
