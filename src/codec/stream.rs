//! A factor stream as a whole: header line, body, container.

use super::body;
use super::error::CodecError;
use super::gzip::{self, Coder, Content, Inflater};
use super::header::{self, Header, Layout};
use crate::numeric::{AnyModel, Magnitudes};

/// How the numbers of the body are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// Decimal tokens separated by single spaces.
    Text,
    /// LEB128 integers and little-endian reals.
    #[default]
    Binary,
    /// Integers by an arithmetic coder with adaptive contexts; real numbers as [`Encoding::Binary`].
    Context,
}

impl Encoding {
    /// What is to be deflated of a line of so many bytes and the body behind it.
    pub(super) const fn content(self, bytes: &[u8], line: usize) -> Content<'_> {
        match self {
            Self::Text | Self::Binary => Content::loose(bytes),
            Self::Context => Content { bytes, dense: line },
        }
    }
}

/// What of a file is not its content: how numbers are written, and what deflates them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Form {
    /// How the numbers of the body are written.
    pub encoding: Encoding,
    /// What deflates them.
    pub coder: Coder,
}

/// What a stream holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// What is known of the factors.
    pub header: Header,
    /// The factors.
    pub model: AnyModel,
    /// How it is, or was, written.
    pub form: Form,
}

impl Stored {
    /// Vhat in double precision, in units of max V = 1.
    #[must_use]
    pub fn magnitudes(&self) -> Magnitudes<f64> {
        Magnitudes::of(&self.model.to_f64(), self.header.power_or_one())
    }
}

/// What a reader is willing to hold. Every limit is checked before memory is taken for what it limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes after inflating.
    pub inflated_bytes: u64,
    /// Bytes of the header line.
    pub header_bytes: u64,
    /// M.
    pub bins: u64,
    /// R.
    pub components: u64,
    /// N.
    pub frames: u64,
    /// T.
    pub lags: u64,
    /// Numbers in all factors together, M R T + R N.
    pub values: u64,
    /// Elements of the spectrogram that they stand for, M N.
    pub cells: u64,
    /// Bytes of memory that what is read may take.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // As many values as are allowed, in the longest form.
            inflated_bytes: 1 << 32,
            header_bytes: 1 << 16,
            bins: 1 << 20,
            components: 1 << 16,
            frames: 1 << 28,
            lags: 1 << 16,
            // An hour at FFT 2048 with R = 100 and T = 32 has 18 million numbers.
            values: 1 << 27,
            // Six hours at 44.1 kHz, FFT 2048 and hop 1024.
            cells: 1 << 30,
            // Whoever knows what is free says so.
            memory: u64::MAX,
        }
    }
}

/// The bytes of the file: equal for equal content.
#[must_use]
pub fn write(stored: &Stored) -> Vec<u8> {
    let layout = Layout::of(stored);
    let (file, decisions) = packed(stored, &layout);
    // Contexts may make so little of almost nothing that a reader would take it for a bomb.
    if decisions > gzip::most_inflated(file.len()) {
        return packed(stored, &Layout { encoding: Encoding::Binary, ..layout }).0;
    }
    file
}

/// The file, and the decisions of its arithmetic coder.
fn packed(stored: &Stored, layout: &Layout) -> (Vec<u8>, u64) {
    let mut content = header::write(&stored.header, layout);
    let line = content.len();
    let body = body::write(&stored.model, layout.encoding);
    content.extend(body.bytes);
    (gzip::pack(layout.encoding.content(&content, line), layout.coder), body.decisions)
}

/// What a file says of itself, without its factors and without a look at the checksum, which comes after them.
///
/// # Errors
/// As [`read`], as far as the header goes.
pub fn read_header(bytes: &[u8]) -> Result<(Header, Layout), CodecError> {
    let limits = Limits::default();
    header::read(&mut Inflater::new(bytes, limits.inflated_bytes), limits.header_bytes)
}

/// Reads a file. Nothing is handed out before the checksum and every value have been checked.
///
/// # Errors
/// Whatever is damaged, too large, unknown or out of place, with the field and the offset.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Stored, CodecError> {
    let mut input = Inflater::new(bytes, limits.inflated_bytes);
    let (header, layout) = header::read(&mut input, limits.header_bytes)?;
    let model = body::read(&mut input, &layout, limits)?;
    Ok(Stored { header, model, form: layout.form() })
}
