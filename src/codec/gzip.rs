//! The container: one gzip member (RFC 1952), the same bytes for the same content and coder on every system.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::DeflateEncoder;
use strum::{IntoStaticStr, VariantArray};

use super::error::CodecError;

/// What deflates. Its name and level stand beside every size that it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Coder {
    /// `miniz_oxide` at level 9: what every size is measured with unless another is named.
    #[default]
    Miniz,
    /// zlib-rs at level 9: up to twice as fast on text, sizes within 3 % of it.
    ZlibRs,
    /// zopfli, 15 iterations: a tenth to a sixth smaller on integers, a hundred times slower.
    Zopfli,
}

impl Coder {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Miniz => "miniz_oxide level 9",
            Self::ZlibRs => "zlib-rs level 9",
            Self::Zopfli => "zopfli 15 iterations",
        }
    }
}

/// Magic, deflate, no flags, no time, most compressed, no system: nothing in it depends on where it is written.
const HEAD: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255];

/// Bytes of the container: its head, a checksum and a length.
pub const CONTAINER: usize = HEAD.len() + 8;

/// Deflate makes at most so many bytes of one.
const MOST_INFLATED: u64 = 1032;

/// Bytes inflated at a time.
const CHUNK: usize = 1 << 14;

/// More inflated bytes than a file of so many bytes can hold.
pub const fn most_inflated(file_bytes: usize) -> u64 {
    file_bytes as u64 * MOST_INFLATED
}

/// Most bytes of a stored block.
const STORED: usize = 0xFFFF;

#[derive(Clone, Copy)]
pub struct Content<'a> {
    pub bytes: &'a [u8],
    /// From here on it is as dense as it gets.
    pub dense: usize,
}

impl<'a> Content<'a> {
    /// What is not dense anywhere.
    pub const fn loose(bytes: &'a [u8]) -> Self {
        Self { bytes, dense: bytes.len() }
    }

    pub fn first(self, count: usize) -> Self {
        Self { bytes: &self.bytes[..count], dense: self.dense.min(count) }
    }
}

pub fn pack(content: Content<'_>, coder: Coder) -> Vec<u8> {
    let mut file = HEAD.to_vec();
    deflate(content, coder, &mut file);
    let mut crc = flate2::Crc::new();
    crc.update(content.bytes);
    file.extend(crc.sum().to_le_bytes());
    file.extend(crc.amount().to_le_bytes());
    file
}

/// How many bytes `content` deflates to, without the container.
pub fn deflated_bytes(content: Content<'_>, coder: Coder) -> usize {
    let mut file = Vec::new();
    deflate(content, coder, &mut file);
    file.len()
}

fn deflate(content: Content<'_>, coder: Coder, file: &mut Vec<u8>) {
    let (loose, dense) = content.bytes.split_at(content.dense);
    let content = content.bytes;
    // Writing to memory does not fail, and the room is as large as zlib's own bound.
    match coder {
        Coder::Miniz => {
            let mut encoder = DeflateEncoder::new(file, Compression::best());
            let _ = encoder.write_all(loose);
            if !dense.is_empty() {
                let _ = encoder.flush();
                store(dense, encoder.get_mut());
            }
            let _ = encoder.finish();
        }
        Coder::ZlibRs => {
            let mut room = vec![0; zlib_rs::compress_bound(content.len())];
            // A negative number of bits: no container of its own.
            let config = zlib_rs::DeflateConfig { level: 9, window_bits: -15, ..Default::default() };
            let (deflated, _) = zlib_rs::compress_slice(&mut room, content, config);
            file.extend_from_slice(deflated);
        }
        Coder::Zopfli => {
            let _ = zopfli::compress(zopfli::Options::default(), zopfli::Format::Deflate, content, file);
        }
    }
}

/// Appends blocks that are stored as they are, in the place of the empty one that a flush ends with.
fn store(dense: &[u8], file: &mut Vec<u8>) {
    const SIZES: usize = 4;
    file.truncate(file.len() - SIZES);
    for (place, block) in dense.chunks(STORED).enumerate() {
        if place > 0 {
            file.push(0);
        }
        #[allow(clippy::cast_possible_truncation)] // at most STORED
        let size = block.len() as u16;
        file.extend(size.to_le_bytes());
        file.extend((!size).to_le_bytes());
        file.extend(block);
    }
}

/// The content of exactly one member, byte by byte, so that its reader can stop before more is inflated.
pub struct Inflater<'a> {
    decoder: GzDecoder<&'a [u8]>,
    file_bytes: usize,
    chunk: Vec<u8>,
    /// What of the chunk has been read.
    at: usize,
    /// Inflated bytes before the chunk.
    before: u64,
    limit: u64,
}

impl<'a> Inflater<'a> {
    /// Of these bytes of a file, at most `limit` inflated bytes.
    pub fn new(bytes: &'a [u8], limit: u64) -> Self {
        Self {
            decoder: GzDecoder::new(bytes),
            file_bytes: bytes.len(),
            chunk: Vec::with_capacity(CHUNK),
            at: 0,
            before: 0,
            limit,
        }
    }

    pub fn offset(&self) -> u64 {
        self.before + self.at as u64
    }

    /// More inflated bytes than the file can hold, whatever it says.
    pub fn most_inflated(&self) -> u64 {
        most_inflated(self.file_bytes)
    }

    /// The next byte without reading it; none at the end, where the checksum has been verified.
    pub fn peek(&mut self) -> Result<Option<u8>, CodecError> {
        if self.at == self.chunk.len() {
            self.refill()?;
        }
        Ok(self.chunk.get(self.at).copied())
    }

    pub fn next(&mut self) -> Result<Option<u8>, CodecError> {
        let byte = self.peek()?;
        self.at += usize::from(byte.is_some());
        Ok(byte)
    }

    fn refill(&mut self) -> Result<(), CodecError> {
        self.before += self.chunk.len() as u64;
        self.at = 0;
        self.chunk.resize(CHUNK, 0);
        let outcome = self.decoder.read(&mut self.chunk);
        self.chunk.truncate(*outcome.as_ref().unwrap_or(&0));
        let rest = self.decoder.get_ref().len();
        let failed = |reason: String| CodecError::Gzip { offset: self.file_bytes - rest, reason };
        match outcome {
            Err(e) => Err(failed(e.to_string())),
            Ok(0) if rest > 0 => Err(failed(format!("{rest} bytes follow its end"))),
            Ok(_) => {
                let got = self.before + self.chunk.len() as u64;
                let what = "inflated bytes";
                if got > self.limit {
                    Err(CodecError::TooLarge { what, limit: self.limit, got })
                } else {
                    Ok(())
                }
            }
        }
    }
}
