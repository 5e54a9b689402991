//! A binary arithmetic coder: bytes from decisions and their probabilities, and back.
//!
//! Both sides hold an interval of 32-bit numbers, which each decision cuts in the proportion of its probabilities.
//! Leading bytes on which the whole interval agrees are put out. One sequence of decisions has one sequence of bytes:
//! the decoder knows the encoder's interval, and refuses any other end.

use std::convert::Infallible;

use super::error::CodecError;
use super::gzip::Inflater;
use crate::numeric::context_model::BinaryCoder;

/// The numbers that are left, both ends included.
struct Interval {
    low: u32,
    high: u32,
}

impl Interval {
    const ALL: Self = Self { low: 0, high: u32::MAX };

    /// The last number of a 1's part, when its probability is `p` / 65536.
    fn split(&self, p: u32) -> u32 {
        let part = (u64::from(self.high - self.low) * u64::from(p)) >> 16;
        #[allow(clippy::cast_possible_truncation)] // less than the interval
        let part = part as u32;
        self.low + part
    }

    fn narrow(&mut self, bit: bool, split: u32) {
        if bit {
            self.high = split;
        } else {
            self.low = split + 1;
        }
    }

    /// Takes out the first byte, where all numbers agree on it.
    fn shift(&mut self) -> Option<u8> {
        let [byte, ..] = self.high.to_be_bytes();
        if self.low.to_be_bytes()[0] != byte {
            return None;
        }
        self.low <<= 8;
        self.high = self.high << 8 | 0xFF;
        Some(byte)
    }

    /// The end of the code: the fewest bytes that lie within, when zeros follow them, and of these the largest. As the
    /// first bytes of a number, and how many.
    fn end(&self) -> (u32, usize) {
        let bytes = (0..4).find(|bytes| first(self.high, *bytes) >= self.low).unwrap_or(4);
        (first(self.high, bytes), bytes)
    }
}

/// The first bytes of a number, zeros for the rest.
fn first(number: u32, bytes: usize) -> u32 {
    number & [0, 0xFF00_0000, 0xFFFF_0000, 0xFFFF_FF00, u32::MAX][bytes]
}

/// Decisions become bytes.
pub struct Encoder {
    interval: Interval,
    pub bytes: Vec<u8>,
    pub decisions: u64,
}

impl Encoder {
    pub fn new(bytes: Vec<u8>) -> Self {
        Self { interval: Interval::ALL, bytes, decisions: 0 }
    }

    /// All bytes, those of the end included.
    pub fn finish(mut self) -> Vec<u8> {
        let (end, count) = self.interval.end();
        self.bytes.extend(&end.to_be_bytes()[..count]);
        self.bytes
    }
}

impl BinaryCoder for Encoder {
    type Error = Infallible;

    fn code(&mut self, bit: bool, p: u32) -> Result<bool, Infallible> {
        self.decisions += 1;
        let split = self.interval.split(p);
        self.interval.narrow(bit, split);
        while let Some(byte) = self.interval.shift() {
            self.bytes.push(byte);
        }
        Ok(bit)
    }
}

/// Bytes become decisions.
pub struct Decoder<'r, 'a> {
    input: &'r mut Inflater<'a>,
    interval: Interval,
    /// The number that the next four bytes make, with zeros behind the end.
    code: u32,
    /// How many of these are behind the end.
    missing: usize,
    decisions: u64,
    /// The most decisions that a file of this size has.
    most: u64,
    pub field: &'static str,
}

impl<'r, 'a> Decoder<'r, 'a> {
    /// Reads from here to the end.
    pub fn new(input: &'r mut Inflater<'a>, field: &'static str) -> Result<Self, CodecError> {
        let most = input.most_inflated();
        let mut decoder =
            Self { input, interval: Interval::ALL, code: 0, missing: 0, decisions: 0, most, field };
        for _ in 0..4 {
            decoder.next_byte()?;
        }
        Ok(decoder)
    }

    fn next_byte(&mut self) -> Result<(), CodecError> {
        let byte = self.input.next()?;
        self.missing += usize::from(byte.is_none());
        if self.missing > 4 {
            return Err(self.wrong("expected a value, the stream ends here".to_owned()));
        }
        self.code = self.code << 8 | u32::from(byte.unwrap_or(0));
        Ok(())
    }

    /// Nothing but the right end may follow.
    pub fn finish(self) -> Result<(), CodecError> {
        let (end, count) = self.interval.end();
        if (self.code, 4 - self.missing) == (end, count) && self.input.peek()?.is_none() {
            return Ok(());
        }
        // Where the end is right, something follows it.
        if let Some(behind) = (4 - self.missing).checked_sub(count)
            && first(self.code, count) == end
        {
            return Err(CodecError::Trailing { offset: self.input.offset() - behind as u64 });
        }
        Err(self.wrong("expected the end of the code in its shortest form".to_owned()))
    }

    /// What is wrong with the field that is read.
    pub fn wrong(&self, reason: String) -> CodecError {
        CodecError::Body { field: self.field, offset: self.input.offset(), reason }
    }
}

impl BinaryCoder for Decoder<'_, '_> {
    type Error = CodecError;

    fn code(&mut self, _: bool, p: u32) -> Result<bool, CodecError> {
        self.decisions += 1;
        if self.decisions > self.most {
            let (what, limit, got) = ("decisions of the arithmetic coder", self.most, self.decisions);
            return Err(CodecError::TooLarge { what, limit, got });
        }
        let split = self.interval.split(p);
        let bit = self.code <= split;
        self.interval.narrow(bit, split);
        while self.interval.shift().is_some() {
            self.next_byte()?;
        }
        Ok(bit)
    }
}
