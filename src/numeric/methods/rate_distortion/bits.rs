//! What integers cost: an adaptive model of one factor's symbols, each in the context of the one before.
//!
//! Small integers have a price each. Larger ones share one by their number of binary digits, and cost these digits
//! on top, so that the tables stay small whatever occurs.

use crate::kernels::scalar::Real;

/// The largest integer that a factor may hold: 96 dB above the smallest one.
pub const LARGEST: usize = (1 << 16) - 1;

/// Contexts: the symbol before is 0, 1, or larger.
const CONTEXTS: usize = 3;

/// Integers below this have a price of their own: 2 to the power `EXACT_DIGITS`.
const EXACT: usize = 1 << EXACT_DIGITS;
const EXACT_DIGITS: u32 = 8;

/// Prices of a table: those of single integers, and one for each number of digits from there up to `LARGEST`.
const PLACES: usize = EXACT + (LARGEST.ilog2() - EXACT_DIGITS + 1) as usize;

/// Weight of the symbol's frequency over all contexts, in occurrences.
const PRIOR: f64 = 2.0;

/// Places above the largest one seen that still have a price of their own.
const UNSEEN: usize = 2;

/// Bits of each symbol in each context, from the counts of a sequence.
#[derive(Clone, Debug)]
pub struct BitModel {
    /// By context, then by place.
    bits: [Vec<f64>; CONTEXTS],
    /// The least that a lone symbol other than 0 costs among zeros, beyond another 0.
    lone: f64,
    /// Of that, what the 0 after it costs.
    after: f64,
    /// Bits of the sequences that it is of.
    total: f64,
}

/// Where the price of an integer stands.
#[inline(always)]
#[allow(clippy::inline_always)]
fn place(k: usize) -> usize {
    if k < EXACT { k } else { EXACT + (k.ilog2() - EXACT_DIGITS) as usize }
}

/// Bits of an integer beyond the price of its place: its binary digits after the first one.
#[inline(always)]
#[allow(clippy::inline_always)]
fn digits(place: usize) -> f64 {
    if place < EXACT { 0.0 } else { (place - EXACT) as f64 + f64::from(EXACT_DIGITS) }
}

impl BitModel {
    /// The prices that suit these sequences, each of which begins as if after a 0.
    pub fn of<F: Real>(sequences: impl Iterator<Item = impl Iterator<Item = F>>) -> Self {
        let mut counts = [[0u32; PLACES]; CONTEXTS];
        let mut largest = 0;
        for sequence in sequences {
            let mut before = 0;
            for k in sequence {
                let k = symbol(k);
                let place = place(k);
                counts[context(before)][place] += 1;
                largest = largest.max(place);
                before = k;
            }
        }
        let places = (largest + 1 + UNSEEN).min(PLACES);
        let all: f64 = counts.iter().flatten().map(|n| f64::from(*n)).sum();
        let frequency = |place: usize| {
            let count: f64 = counts.iter().map(|counts| f64::from(counts[place])).sum();
            (count + 0.5) / (all + 0.5 * places as f64)
        };
        let bits: [Vec<f64>; CONTEXTS] = std::array::from_fn(|c| {
            let total: f64 = counts[c].iter().map(|n| f64::from(*n)).sum();
            let price = |place: usize| {
                let share = (f64::from(counts[c][place]) + PRIOR * frequency(place)) / (total + PRIOR);
                digits(place) - share.log2()
            };
            (0..places).map(price).collect()
        });
        let costs = counts.iter().flat_map(|counts| &counts[..places]).zip(bits.iter().flatten());
        let total = costs.map(|(count, bits)| f64::from(*count) * bits).sum();
        let mut model = Self { bits, lone: 0.0, after: 0.0, total };
        let zeros = 2.0 * model.cost(0, 0);
        let single = (1..places.min(EXACT)).map(|k| model.cost(0, k) + model.cost(k, 0) - zeros);
        model.lone = single.fold(f64::INFINITY, f64::min);
        let after = (1..CONTEXTS).map(|k| model.cost(k, 0) - model.cost(0, 0));
        model.after = after.fold(f64::INFINITY, f64::min);
        model
    }

    /// Bits of the symbol `k` after the symbol `before`.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn cost(&self, before: usize, k: usize) -> f64 {
        let bits = &self.bits[context(before)];
        let (place, last) = (place(k), bits.len() - 1);
        // Beyond what was seen each step is dearer, so that no price is missing.
        if place <= last { bits[place] } else { bits[last] + (place - last) as f64 }
    }

    /// The least that a symbol other than 0 costs between two zeros, beyond what another 0 would.
    pub fn lone(&self) -> f64 {
        self.lone
    }

    /// The least that a 0 costs after a symbol other than 0, beyond what it costs after a 0.
    pub fn least_beyond_zero_after(&self) -> f64 {
        self.after
    }

    /// Bits of the sequences that it is of.
    pub fn total(&self) -> f64 {
        self.total
    }
}

fn context(before: usize) -> usize {
    before.min(CONTEXTS - 1)
}

/// An integer held as a real, as the index that it is.
#[inline(always)]
#[allow(clippy::inline_always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 to LARGEST by construction
pub fn symbol<F: Real>(k: F) -> usize {
    k.to_f64() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prices_are_the_entropy_of_long_sequences() {
        // Ones and zeros in pairs: after a change of symbol, and only then, the next one is certain.
        let pairs: Vec<f64> = (0..4000).map(|i| f64::from(i / 2 % 2)).collect();
        let model = BitModel::of([&pairs].into_iter().map(|s| s.iter().copied()));
        let bits = model.total();
        assert!((bits / 4000.0 - 1.0).abs() < 0.01, "one bit a symbol: {bits}");
        let constant = vec![0.0f64; 4000];
        let model = BitModel::of([&constant].into_iter().map(|s| s.iter().copied()));
        let bits = model.total();
        assert!(bits < 20.0, "nearly nothing: {bits}");
        assert_eq!(
            model.cost(0, 4),
            model.cost(0, UNSEEN) + 2.0,
            "what was never seen is dearer by a bit a place"
        );
    }
}
