//! Uncompressed samples, as WAV, AIFF and CAF hold them.

use super::sink::{DecodeStop, SampleSpec, Sink};
use super::source::{ByteSource, number};

/// Frames that are read at a time.
const BLOCK: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// An integer whose zero is in the middle of its range: 8 bits in WAV.
    Unsigned,
    /// A two's complement.
    Signed,
    /// IEEE 754 of 4 or 8 bytes.
    Float,
    /// ITU-T G.711, A-law.
    ALaw,
    /// ITU-T G.711, mu-law.
    MuLaw,
}

/// Where samples lie and how they are written.
#[derive(Clone, Copy, Debug)]
pub struct PcmLayout {
    pub shape: SampleSpec,
    pub coding: Coding,
    /// Bytes that a sample takes; integers stand in the upper bits.
    pub width: usize,
    /// Whether the first byte is the most significant one.
    pub big_endian: bool,
}

impl PcmLayout {
    /// Bytes that a frame takes.
    pub const fn frame(&self) -> usize {
        self.width * self.shape.channels
    }

    /// Whether there is such a sample.
    pub const fn is_known(&self) -> bool {
        match self.coding {
            Coding::Unsigned | Coding::ALaw | Coding::MuLaw => self.width == 1,
            Coding::Signed => self.width >= 1 && self.width <= 4,
            Coding::Float => self.width == 4 || self.width == 8,
        }
    }

    fn sample(&self, bytes: &[u8]) -> f32 {
        let bits = number(bytes, self.big_endian);
        // Shifted to the top of 32 bits, an integer of any width is a fraction of 2^31.
        let integer = |bits: u64| {
            #[allow(clippy::cast_possible_truncation)] // at most 32 bits
            let value = ((bits as u32) << (32 - 8 * self.width)).cast_signed();
            value as f32 / 2_147_483_648.0
        };
        #[allow(clippy::cast_possible_truncation)] // as many bits as the width says
        match self.coding {
            Coding::Unsigned => integer(bits ^ 0x80),
            Coding::Signed => integer(bits),
            Coding::Float if self.width == 4 => f32::from_bits(bits as u32),
            Coding::Float => f64::from_bits(bits) as f32,
            Coding::ALaw => f32::from(a_law(bits as u8)) / 32_768.0,
            Coding::MuLaw => f32::from(mu_law(bits as u8)) / 32_768.0,
        }
    }
}

/// Reads the frames in `bytes` bytes from `at` on.
pub fn read(
    source: &mut ByteSource,
    at: u64,
    bytes: u64,
    layout: &PcmLayout,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    sink.begin(layout.shape)?;
    let all = bytes.min(source.len().saturating_sub(at)) / layout.frame() as u64;
    sink.promised = Some(all);
    read_frames(source, at, all, layout, sink)
}

/// Reads `all` frames from `at` on, all of which are there.
pub fn read_frames(
    source: &mut ByteSource,
    at: u64,
    all: u64,
    layout: &PcmLayout,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let frame = layout.frame();
    let mut samples = Vec::new();
    let block = BLOCK.min(1 + (1 << 20) / frame);
    for first in (0..all).step_by(block) {
        let count = usize::try_from(all - first).unwrap_or(usize::MAX).min(block);
        let raw = source.bytes(at + first * frame as u64, count * frame)?;
        samples.clear();
        samples.extend(raw.chunks_exact(layout.width).map(|bytes| layout.sample(bytes)));
        sink.push(&samples)?;
    }
    Ok(())
}

/// G.711: a sign, three bits of exponent and four of mantissa, every second bit flipped.
fn a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (exponent, mantissa) = ((code >> 4) & 7, i16::from(code & 15));
    let magnitude = match exponent {
        0 => (mantissa << 4) + 8,
        _ => ((mantissa << 4) + 0x108) << (exponent - 1),
    };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

/// G.711: the same parts with all bits flipped and a bias.
fn mu_law(code: u8) -> i16 {
    let code = !code;
    let (exponent, mantissa) = ((code >> 4) & 7, i16::from(code & 15));
    let magnitude = (((mantissa << 3) + 0x84) << exponent) - 0x84;
    if code & 0x80 == 0 { magnitude } else { -magnitude }
}
