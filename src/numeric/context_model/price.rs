//! What integers cost under the model.

use std::convert::Infallible;

use super::{BinaryCoder, ContextModel, INPUTS, LENGTHS, ONE, write};
use crate::factors::Quantised;
use crate::kernels::scalar::Real;

/// Counts what decisions cost.
#[derive(Clone, Copy, Debug, Default)]
struct BitCount(f64);

impl BinaryCoder for BitCount {
    type Error = Infallible;

    fn code(&mut self, bit: bool, p: u32) -> Result<bool, Infallible> {
        let p = if bit { p } else { ONE - p };
        self.0 -= (f64::from(p) / f64::from(ONE)).log2();
        Ok(bit)
    }
}

/// What integers would cost at one place, given all before it: in 256ths of a bit, by bit length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price([u16; Price::LENGTHS]);

impl Price {
    /// Bit lengths with an entry of their own; longer integers go on from the last.
    const LENGTHS: usize = 6;

    /// What a bit length adds that is not predicted here: a decision and a bit below the highest.
    const FURTHER: u16 = 2 * 256;

    #[inline(always)]
    #[allow(clippy::inline_always)]
    pub fn bits(&self, k: usize) -> f64 {
        let length = (usize::BITS - k.leading_zeros()) as usize;
        let last = Self::LENGTHS - 1;
        let further = usize::from(Self::FURTHER) * length.saturating_sub(last);
        (usize::from(self.0[length.min(last)]) + further) as f64 / 256.0
    }

    /// Bits that the cheapest integer other than 0 costs beyond a 0.
    pub fn beyond_zero(&self) -> f64 {
        let least = self.0[1..].iter().min().map_or(0, |least| i32::from(*least));
        f64::from(least - i32::from(self.0[0])) / 256.0
    }

    /// Decisions up to one beyond the bit length of `k`, which stands there, are predicted; the bits below the highest
    /// count in full.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // logarithms lie in 0..=4096
    fn of(model: &ContextModel, contexts: &[usize; INPUTS], k: u32) -> Self {
        let length = (u32::BITS - k.leading_zeros()) as usize;
        let cost = |p: u32| (16 * 256 - model.tables.log2[p as usize]) as u16;
        let (mut bits, mut before) = ([0; Self::LENGTHS], 0);
        for at in 0..Self::LENGTHS {
            let digits = 256 * at.saturating_sub(1) as u16;
            if at > (length + 1).min(LENGTHS - 1) {
                bits[at] = bits[at - 1] + Self::FURTHER;
                continue;
            }
            let p = model.predict(contexts, at).p;
            bits[at] = before + cost(ONE - p) + digits;
            before += cost(p);
        }
        Self(bits)
    }
}

/// The price of each integer of a factor where it stands, in the order of the stream.
pub fn prices(integers: &[u32], length: usize, components: usize) -> Vec<Price> {
    let mut model = ContextModel::new(length, components);
    let (mut line, mut out) = (vec![0; length], Vec::with_capacity(integers.len()));
    for begin in (0..integers.len()).step_by(length) {
        line.copy_from_slice(&integers[begin..begin + length]);
        let values = &integers[begin..begin + length];
        let mut see = |model: &ContextModel, contexts: &[usize; INPUTS], i: usize| {
            out.push(Price::of(model, contexts, values[i]));
        };
        let Ok(()) = model.line_observed(&integers[..begin], &mut line, &mut Unread, &mut see);
    }
    out
}

/// Takes decisions that nobody counts.
struct Unread;

impl BinaryCoder for Unread {
    type Error = Infallible;

    fn code(&mut self, bit: bool, _: u32) -> Result<bool, Infallible> {
        Ok(bit)
    }
}

/// Bits of the integers of a factor, given in the order of the stream.
pub fn bits_of(integers: &[u32], length: usize, components: usize) -> f64 {
    let mut count = BitCount::default();
    let Ok(()) = write(integers, length, components, &mut count);
    count.0
}

/// Bits of the integers of W and of H under this model.
pub fn bits<F: Real>(model: &Quantised<F>) -> (f64, f64) {
    let components = model.h.nrows();
    let bases: Vec<u32> = model.w.iter().flat_map(nalgebra::Matrix::as_slice).copied().collect();
    let rows = model.h.transpose().as_slice().to_vec();
    (bits_of(&bases, model.shape().bins, components), bits_of(&rows, model.shape().frames, components))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_what_the_coder_takes() {
        // Lines that differ slowly, with a longer integer now and then.
        let (length, components) = (50, 3);
        let integers: Vec<u32> = (0..length * components * 4)
            .map(|i| if i % 37 == 0 { 300 } else { u32::from((i / length + i / 7) % 3 == 0) })
            .collect();
        let prices = prices(&integers, length, components);
        let estimate: f64 = prices.iter().zip(&integers).map(|(price, k)| price.bits(*k as usize)).sum();
        let taken = bits_of(&integers, length, components);
        // Bits below the highest count in full in a price, and logarithms are rounded.
        let rest = integers.iter().filter(|k| **k > 1).count() as f64 * 8.0;
        assert!(
            estimate > 0.99 * taken && estimate < 1.01 * taken + rest,
            "{estimate} bits estimated, {taken} taken"
        );
        for (price, k) in prices.iter().zip(&integers) {
            assert_eq!(price.beyond_zero() > 0.0, (1..40).all(|k| price.bits(k) > price.bits(0)), "{k}");
        }
    }
}
