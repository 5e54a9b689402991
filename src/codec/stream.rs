//! A factor stream as a whole: header line, body, container.

use super::body;
use super::error::CodecError;
use super::gzip;
use super::header::{self, Header, Layout};
use crate::numeric::AnyModel;

/// How the numbers of the body are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Decimal tokens separated by single spaces.
    Text,
    /// LEB128 integers and little-endian reals.
    Binary,
}

/// What a stream holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What is known of the factors.
    pub header: Header,
    /// The factors.
    pub model: AnyModel,
    /// How the numbers are, or were, written.
    pub encoding: Encoding,
}

/// What a reader is willing to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after inflating.
    pub inflated_bytes: u64,
    /// Bytes of the header line.
    pub header_bytes: u64,
    /// Numbers in all factors together.
    pub values: u64,
}

impl Default for Limits {
    fn default() -> Self {
        // An hour at FFT 2048 with R = 100 and T = 32 has 18 million numbers.
        Self { inflated_bytes: 1 << 30, header_bytes: 1 << 16, values: 1 << 27 }
    }
}

/// The bytes of the file: equal for equal content.
#[must_use]
pub fn write(stored: &Stored) -> Vec<u8> {
    let mut content = header::write(&stored.header, &Layout::of(stored));
    content.extend(body::write(&stored.model, stored.encoding));
    gzip::pack(&content)
}

/// Reads a file. Nothing is handed out before the checksum and every value have been checked.
///
/// # Errors
/// Whatever is damaged, too large, unknown or out of place, with the field and the offset.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Stored, CodecError> {
    let content = gzip::unpack(bytes, limits.inflated_bytes)?;
    let (header, layout, body) = header::read(&content, limits.header_bytes)?;
    let offset = content.len() - body.len();
    let model = body::read(body, offset, &layout, limits.values)?;
    Ok(Stored { header, model, encoding: layout.encoding })
}
