//! A factor stream as a whole: header line, body, container.

use super::body;
use super::error::CodecError;
use super::gzip::{self, Inflater};
use super::header;
use super::stored::{Encoding, Header, Layout, Limits, Stored};
use crate::numeric::AnyModel;

/// The bytes of the file: equal for equal content.
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
    let body = body::write(&stored.model, layout.encoding, layout.part());
    content.extend(body.bytes);
    (gzip::pack(layout.encoding.content(&content, line), layout.coder), body.decisions)
}

/// What a file says of itself, without its factors and without a look at the checksum, which comes after them.
pub fn read_header(bytes: &[u8]) -> Result<(Header, Layout), CodecError> {
    let limits = Limits::default();
    header::read(&mut Inflater::new(bytes, limits.inflated_bytes), limits.header_bytes)
}

/// Reads a file. Nothing is handed out before the checksum and every value have been checked.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Stored, CodecError> {
    read_with(bytes, limits, None)
}

/// The same for a file that may leave out W: those of `bases` are taken then. Whether these are the ones that it names is
/// for the caller to know, who has their file.
pub fn read_with(bytes: &[u8], limits: &Limits, bases: Option<&AnyModel>) -> Result<Stored, CodecError> {
    let mut input = Inflater::new(bytes, limits.inflated_bytes);
    let (header, layout) = header::read(&mut input, limits.header_bytes)?;
    let model = body::read(&mut input, &layout, limits, bases)?;
    Ok(Stored { header, model, form: layout.form() })
}
