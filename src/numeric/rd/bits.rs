//! What integers cost: an adaptive model of one factor's symbols, each in the context of the one before.

use super::super::scalar::Real;

/// Contexts: the symbol before is 0, 1, or larger.
const CONTEXTS: usize = 3;

/// Weight of the symbol's frequency over all contexts, in occurrences.
const PRIOR: f64 = 2.0;

/// Symbols above the largest one seen that still have a price of their own.
const UNSEEN: usize = 2;

/// Bits of each symbol in each context, from the counts of a sequence.
#[derive(Clone, Debug)]
pub struct BitModel {
    /// By context, then by symbol.
    bits: [Vec<f64>; CONTEXTS],
    /// The least that a lone symbol other than 0 costs among zeros, beyond another 0.
    lone: f64,
}

impl BitModel {
    /// The prices that suit these sequences, each of which begins as if after a 0.
    pub fn of<F: Real>(sequences: impl Iterator<Item = impl Iterator<Item = F>> + Clone) -> Self {
        let largest = sequences.clone().flatten().fold(0, |top, k| symbol(k).max(top));
        let symbols = largest + 1 + UNSEEN;
        let mut counts: [Vec<f64>; CONTEXTS] = std::array::from_fn(|_| vec![0.0; symbols]);
        for sequence in sequences {
            let mut before = 0;
            for k in sequence {
                let k = symbol(k);
                counts[context(before)][k] += 1.0;
                before = k;
            }
        }
        let all: f64 = counts.iter().flatten().sum();
        let frequency = |k: usize| {
            let count: f64 = counts.iter().map(|counts| counts[k]).sum();
            (count + 0.5) / (all + 0.5 * symbols as f64)
        };
        let bits: [Vec<f64>; CONTEXTS] = std::array::from_fn(|c| {
            let total: f64 = counts[c].iter().sum();
            let price = |k| -((counts[c][k] + PRIOR * frequency(k)) / (total + PRIOR)).log2();
            (0..symbols).map(price).collect()
        });
        let mut model = Self { bits, lone: 0.0 };
        let zeros = 2.0 * model.cost(0, 0);
        let lone = (1..symbols).map(|k| model.cost(0, k) + model.cost(k, 0) - zeros);
        model.lone = lone.fold(f64::INFINITY, f64::min);
        model
    }

    /// Bits of the symbol `k` after the symbol `before`.
    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn cost(&self, before: usize, k: usize) -> f64 {
        let bits = &self.bits[context(before)];
        let last = bits.len() - 1;
        // Beyond what was seen each step is dearer, so that no price is missing.
        if k <= last { bits[k] } else { bits[last] + (k - last) as f64 }
    }

    /// The least that a symbol other than 0 costs between two zeros, beyond what another 0 would.
    pub fn lone(&self) -> f64 {
        self.lone
    }

    /// Bits of these sequences.
    pub fn total<F: Real>(&self, sequences: impl Iterator<Item = impl Iterator<Item = F>>) -> f64 {
        let mut bits = 0.0;
        for sequence in sequences {
            let mut before = 0;
            for k in sequence {
                let k = symbol(k);
                bits += self.cost(before, k);
                before = k;
            }
        }
        bits
    }
}

fn context(before: usize) -> usize {
    before.min(CONTEXTS - 1)
}

/// An integer held as a real, as the index that it is.
#[inline(always)]
#[allow(clippy::inline_always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a non-negative integer by construction
pub fn symbol<F: Real>(k: F) -> usize {
    k.to_f64() as usize
}
