//! How many bytes the factors take, in every form.

use super::stream::{Encoding, Stored};
use super::{body, gzip, stream};

/// Bytes of a model. `text` and `binary` cover S (13) alone; the file has its header too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// S as decimal text.
    pub text_bytes: usize,
    /// The same after gzip.
    pub text_gzip_bytes: usize,
    /// S as LEB128 integers and little-endian f32.
    pub binary_bytes: usize,
    /// The same after gzip.
    pub binary_gzip_bytes: usize,
    /// The exported file, in the encoding it is or would be exported in.
    pub file_bytes: usize,
}

/// Writes the model in every form and counts.
#[must_use]
pub fn sizes(stored: &Stored) -> Sizes {
    let text = body::write(&stored.model, Encoding::Text);
    let binary = body::write_single(&stored.model);
    Sizes {
        text_bytes: text.len(),
        text_gzip_bytes: gzip::pack(&text).len(),
        binary_bytes: binary.len(),
        binary_gzip_bytes: gzip::pack(&binary).len(),
        file_bytes: stream::write(stored).len(),
    }
}
