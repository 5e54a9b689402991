//! An adaptive model of stored integers: how probable each is, given those before it.
//!
//! An integer is a handful of binary decisions. Each of them is predicted in eight contexts, every one of which keeps a
//! probability of its own, and the eight predictions are mixed by weights that learn from each outcome. All of it is
//! integer arithmetic, so that it is the same on every machine; `codec/FORMAT.md` specifies it to the last bit.
//!
//! The model knows nothing of bytes: a [`BinaryCoder`] takes its predictions, and writes, reads or counts.

mod price;
mod probability;

use self::probability::{LARGEST_ODDS, ONE, TABLES, Tables};

pub use price::{Price, bits, bits_of, prices};
pub use probability::{Adaptive, BinaryCoder, HALF};

/// Predictions that are mixed.
const INPUTS: usize = 8;

/// Contexts of each of the predictions.
const CONTEXTS: [usize; INPUTS] = [256, 1024, 1024, 256, 1024, 256, 512, 2048];

/// Decisions on the bit length that have a model each; longer ones share the last.
const LENGTHS: usize = 16;

/// Decisions that have a model each: those on the bit length, then three on the bits below the highest for each of the
/// bit lengths 2, 3, 4 and more.
const NODES: usize = LENGTHS + 4 * 3;

/// Bits below the highest that are predicted; what is below them is not.
const PREDICTED: usize = 2;

/// Weights are in units of 1 / 65536; what they begin with, and the most that they become.
const FIRST_WEIGHT: i64 = 3 << 12;
const LARGEST_WEIGHT: i64 = 16 << 16;

/// Neighbours count as this much at most.
const LARGEST_NEIGHBOUR: u32 = 4095;

/// A model of one factor, which is coded line by line: W lag by lag and column by column, or H row
/// by row.
pub struct ContextModel {
    /// Integers in a line.
    length: usize,
    /// Lines of a lag.
    components: usize,
    /// By input, context and decision.
    slots: Vec<Adaptive>,
    /// By decision.
    weights: [[i64; INPUTS]; NODES],
    /// At each place of a line, 256 times a running mean of the integers that stood there.
    profile: Vec<u16>,
    tables: &'static Tables,
}

struct Prediction {
    /// Index of each input's slot.
    slots: [usize; INPUTS],
    /// Logarithm of the odds of each input, the smaller the less it has seen.
    odds: [i64; INPUTS],
    p: u32,
}

impl ContextModel {
    /// The model before the first line, each of so many integers; a lag has a line for each component.
    pub fn new(length: usize, components: usize) -> Self {
        Self {
            length,
            components,
            slots: vec![Adaptive::default(); CONTEXTS.iter().sum::<usize>() * NODES],
            weights: [[FIRST_WEIGHT; INPUTS]; NODES],
            profile: Vec::new(),
            tables: &TABLES,
        }
    }

    /// Codes the line that follows the lines of `done`. A decoder writes into `line` what it read.
    pub fn line<C: BinaryCoder>(
        &mut self,
        done: &[u32],
        line: &mut [u32],
        coder: &mut C,
    ) -> Result<(), C::Error> {
        self.line_observed(done, line, coder, &mut |_, _, _| ())
    }

    /// The same; `observe` sees the model before each integer, with the first slots of its contexts and its place in the
    /// line.
    fn line_observed<C: BinaryCoder>(
        &mut self,
        done: &[u32],
        line: &mut [u32],
        coder: &mut C,
        observe: &mut impl FnMut(&Self, &[usize; INPUTS], usize),
    ) -> Result<(), C::Error> {
        self.profile.resize(self.length, 0);
        let component = done.len() / self.length % self.components;
        let lag = self.components * self.length;
        let back = |by: usize| done.len().checked_sub(by).map_or(&[][..], |at| &done[at..at + self.length]);
        let (before, before_that) = (back(lag), back(2 * lag));
        let beside = if component > 0 { back(self.length) } else { &[] };
        // Small integers among the eight last ones, and the nine around here in the lag before.
        let mut busy: u32 = (0..4).map(|i| few(before, i)).sum();
        for i in 0..line.len() {
            busy += few(before, i + 4) + few(line, i.wrapping_sub(1));
            busy -= few(before, i.wrapping_sub(5)) + few(line, i.wrapping_sub(9));
            let (a1, a2) = (near(line, i.wrapping_sub(1)), near(line, i.wrapping_sub(2)));
            let [b0, b1, b2] = [i, i.wrapping_sub(1), i + 1].map(|i| near(before, i));
            let (c, d) = (near(before_that, i), near(beside, i));
            let all = class(2 * a1 + a2 + 2 * b0 + b1 + b2 + c);
            let part = |parts: usize| i * parts / self.length;
            let r = component.min(63);
            let contexts = [
                16 * class(a1).min(15) + class(a2).min(15),
                64 * class(b0).min(15) + 8 * class(b1).min(7) + class(b2).min(7),
                16 * r + class(busy),
                16 * part(16) + class(a1).min(15),
                32 * class(u32::from(self.profile[i]) >> 4) + all,
                [d, a1, b0, c].iter().fold(0, |context, k| 4 * context + (*k).min(3) as usize),
                part(512),
                32 * r + all,
            ];
            let slots = first_slots(contexts);
            observe(self, &slots, i);
            line[i] = self.integer(line[i], &slots, coder)?;
            let profile = &mut self.profile[i];
            #[allow(clippy::cast_possible_truncation)] // at most 255
            let k = line[i].min(255) as u16;
            *profile = *profile - (*profile >> 3) + 32 * k;
        }
        Ok(())
    }

    /// Codes k: how many bits it has, in unary, then the bits below the highest one.
    fn integer<C: BinaryCoder>(
        &mut self,
        k: u32,
        contexts: &[usize; INPUTS],
        coder: &mut C,
    ) -> Result<u32, C::Error> {
        let mut length = 0;
        while length < 32 && self.decide(k >> length != 0, contexts, LENGTHS.min(length + 1) - 1, coder)? {
            length += 1;
        }
        if length == 0 {
            return Ok(0);
        }
        let mut value = 1;
        for place in (0..length - 1).rev() {
            let bit = k >> place & 1 == 1;
            let bit = if length - 2 - place < PREDICTED {
                let node = LENGTHS + 3 * (length - 2).min(3) + value as usize - 1;
                self.decide(bit, contexts, node, coder)?
            } else {
                coder.code(bit, HALF)?
            };
            value = value << 1 | u32::from(bit);
        }
        Ok(value)
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn decide<C: BinaryCoder>(
        &mut self,
        bit: bool,
        contexts: &[usize; INPUTS],
        node: usize,
        coder: &mut C,
    ) -> Result<bool, C::Error> {
        let prediction = self.predict(contexts, node);
        let bit = coder.code(bit, prediction.p)?;
        self.learn(&prediction, node, bit);
        Ok(bit)
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn predict(&self, contexts: &[usize; INPUTS], node: usize) -> Prediction {
        let slots = contexts.map(|context| context + node);
        let odds = slots.map(|slot| {
            let Adaptive { p, seen } = self.slots[slot];
            (i64::from(self.tables.odds[usize::from(p)]) * i64::from(16.min(seen + 6))) >> 4
        });
        let sum: i64 = odds.iter().zip(&self.weights[node]).map(|(odds, weight)| odds * weight).sum();
        let mixed = (sum >> 16).clamp(-LARGEST_ODDS, LARGEST_ODDS);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // from 0 up
        let p = self.tables.probability[(mixed + LARGEST_ODDS) as usize];
        Prediction { slots, odds, p: u32::from(p) }
    }

    #[inline(always)]
    #[allow(clippy::inline_always)]
    fn learn(&mut self, prediction: &Prediction, node: usize, bit: bool) {
        let error = i64::from(bit) * i64::from(ONE) - i64::from(prediction.p);
        for (weight, odds) in self.weights[node].iter_mut().zip(prediction.odds) {
            let moved = *weight + ((odds * error + (1 << 15)) >> 16);
            *weight = moved.clamp(-LARGEST_WEIGHT, LARGEST_WEIGHT);
        }
        for slot in prediction.slots {
            self.slots[slot].learn(bit);
        }
    }
}

/// From contexts to the first of their slots.
#[inline(always)]
#[allow(clippy::inline_always)]
fn first_slots(mut contexts: [usize; INPUTS]) -> [usize; INPUTS] {
    let mut first = 0;
    for (context, count) in contexts.iter_mut().zip(CONTEXTS) {
        *context = (first + *context) * NODES;
        first += count;
    }
    contexts
}

/// The integer at a place of a line, 0 beside its ends.
#[inline(always)]
#[allow(clippy::inline_always)]
fn near(line: &[u32], i: usize) -> u32 {
    line.get(i).map_or(0, |k| LARGEST_NEIGHBOUR.min(*k))
}

/// The same, where little matters.
#[inline(always)]
#[allow(clippy::inline_always)]
fn few(line: &[u32], i: usize) -> u32 {
    near(line, i).min(3)
}

/// Two classes an octave: 0, 1, 2, 3, 4 to 5, 6 to 7, 8 to 11, ...
#[inline(always)]
#[allow(clippy::inline_always)]
fn class(x: u32) -> usize {
    if x < 2 {
        return x as usize;
    }
    let octave = x.ilog2();
    (2 * octave + (x >> (octave - 1) & 1)) as usize
}

/// Codes all lines of a factor.
pub fn write<C: BinaryCoder>(
    integers: &[u32],
    length: usize,
    components: usize,
    coder: &mut C,
) -> Result<(), C::Error> {
    let mut model = ContextModel::new(length, components);
    let mut line = vec![0; length];
    for begin in (0..integers.len()).step_by(length) {
        line.copy_from_slice(&integers[begin..begin + length]);
        model.line(&integers[..begin], &mut line, coder)?;
    }
    Ok(())
}

/// Decodes so many lines of a factor. Memory is taken line by line.
pub fn read<C: BinaryCoder>(
    lines: usize,
    length: usize,
    components: usize,
    coder: &mut C,
) -> Result<Vec<u32>, C::Error> {
    let mut model = ContextModel::new(length, components);
    let mut integers = Vec::new();
    for begin in (0..lines).map(|line| line * length) {
        integers.resize(begin + length, 0);
        let (done, line) = integers.split_at_mut(begin);
        model.line(done, line, coder)?;
    }
    Ok(integers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_stay_within_their_contexts() {
        assert_eq!((0..13).map(class).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7]);
        assert!(class(8 * LARGEST_NEIGHBOUR) < 32 && class(17 * 3) < 16);
        assert!(32 * class(u32::from(u16::MAX) >> 4) + 31 < CONTEXTS[4]);
    }
}
