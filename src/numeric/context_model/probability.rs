//! The probability of a binary decision: how it learns, its logarithms, and what codes by it.

use std::sync::LazyLock;

/// What codes binary decisions.
pub trait BinaryCoder {
    type Error;

    /// Codes `bit`, which is 1 with probability `p` / 65536. A decoder ignores `bit` and returns what it read.
    fn code(&mut self, bit: bool, p: u32) -> Result<bool, Self::Error>;
}

/// The probability of a decision, learned from its outcomes.
#[derive(Clone, Copy, Debug)]
pub struct Adaptive {
    /// Of a 1, in 65536ths; never 0.
    pub(super) p: u16,
    /// Outcomes seen, at most [`SEEN`].
    pub(super) seen: u16,
}

/// Outcomes after which a probability learns no more slowly.
const SEEN: u16 = 255;

/// Probabilities are in units of 1 / `ONE`.
pub(super) const ONE: u32 = 1 << 16;

/// The probability of either outcome of a decision that is not predicted.
pub const HALF: u32 = ONE / 2;

impl Default for Adaptive {
    fn default() -> Self {
        Self { p: 1 << 15, seen: 0 }
    }
}

impl Adaptive {
    /// Codes a decision with this probability alone, and learns from it.
    pub fn code<C: BinaryCoder>(&mut self, coder: &mut C, bit: bool) -> Result<bool, C::Error> {
        let bit = coder.code(bit, u32::from(self.p))?;
        self.learn(bit);
        Ok(bit)
    }

    /// Moves towards the outcome by 1 / (outcomes seen + 1.5).
    #[inline(always)]
    #[allow(clippy::inline_always, clippy::cast_possible_truncation)] // it stays within 1..=65535
    pub(super) fn learn(&mut self, bit: bool) {
        let rate = 2 * ONE / (2 * u32::from(self.seen) + 3);
        let p = u32::from(self.p);
        let moved = if bit { p + (((ONE - p) * rate) >> 16) } else { p - ((p * rate) >> 16) };
        self.p = moved as u16;
        self.seen = SEEN.min(self.seen + 1);
    }
}

/// The largest logarithm of odds, in 256ths of a bit: no decision costs less than log2(65536 / 65520) bits.
pub(super) const LARGEST_ODDS: i64 = 3071;

/// Logarithms of odds, and back.
pub(super) struct Tables {
    /// By probability.
    pub(super) odds: Vec<i16>,
    /// 256 log2 of a probability in 65536ths, by probability.
    pub(super) log2: Vec<i16>,
    /// By logarithm of odds from -[`LARGEST_ODDS`] up.
    pub(super) probability: Vec<u16>,
}

pub(super) static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let log2: Vec<i16> = (0..ONE).map(|p| if p > 0 { log2(p) } else { 0 }).collect();
    let mut odds = vec![0; ONE as usize];
    for p in 1..ONE as usize {
        odds[p] = log2[p] - log2[ONE as usize - p];
    }
    let mut p = 1;
    let least = |odds_wanted: i64| {
        while i64::from(odds[usize::from(p)]) < odds_wanted {
            p += 1;
        }
        p
    };
    let probability = (-LARGEST_ODDS..=LARGEST_ODDS).map(least).collect();
    Tables { odds, log2, probability }
});

/// 256 log2 x, rounded down, of x in 1..65536.
#[allow(clippy::cast_possible_truncation)] // below 16 * 256
fn log2(x: u32) -> i16 {
    let mut whole = x.ilog2();
    let mut rest = u64::from(x) << (31 - whole);
    for _ in 0..8 {
        // rest / 2^31 is within 1..2; its square gives the next binary digit.
        rest = (rest * rest) >> 31;
        let digit = u32::from(rest >= 1 << 32);
        rest >>= digit;
        whole = 2 * whole + digit;
    }
    whole as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_and_probabilities_are_what_the_specification_says() {
        for x in 1..ONE {
            let estimate = f64::from(log2(x));
            let exact = 256.0 * f64::from(x).log2();
            // No power of 2^(1/256) but the whole octaves is an integer.
            assert!(estimate <= exact && exact < estimate + 1.0, "{x}: {estimate}, {exact}");
        }
        let Tables { odds, probability, .. } = &*TABLES;
        assert_eq!((probability[0], *probability.last().unwrap()), (16, 65520));
        for (wanted, p) in (-LARGEST_ODDS..).zip(probability) {
            assert!(
                i64::from(odds[usize::from(*p)]) >= wanted && i64::from(odds[usize::from(*p) - 1]) < wanted
            );
        }
    }

    #[test]
    fn probabilities_never_end_at_certainty() {
        for bit in [false, true] {
            let mut adaptive = Adaptive::default();
            for _ in 0..10_000 {
                adaptive.learn(bit);
                assert!(adaptive.p > 0);
            }
            assert!(bit == (adaptive.p > 65_000) && bit != (adaptive.p < 500), "{adaptive:?}");
        }
    }
}
