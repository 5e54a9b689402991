//! How many bytes the factors take, in every form.

use super::gzip::{Coder, Content};
use super::stored::{Encoding, Layout, Stored, StoredPart};
use super::{body, gzip, header, stream};

/// Bytes of a model. `text` and `binary` cover all of S (13) and nothing else; the file has its header too, and may leave out W.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// S as decimal text.
    pub text_bytes: usize,
    pub text_gzip_bytes: usize,
    /// S as LEB128 integers and little-endian f32.
    pub binary_bytes: usize,
    pub binary_gzip_bytes: usize,
    /// The exported file, in the form it is or would be exported in.
    pub file_bytes: usize,
}

pub fn sizes(stored: &Stored) -> Sizes {
    let text = body::write(&stored.model, Encoding::Text, StoredPart::Whole).bytes;
    let binary = body::write_single(&stored.model);
    Sizes {
        text_bytes: text.len(),
        text_gzip_bytes: gzip::pack(Content::loose(&text), Coder::default()).len(),
        binary_bytes: binary.len(),
        binary_gzip_bytes: gzip::pack(Content::loose(&binary), Coder::default()).len(),
        file_bytes: stream::write(stored).len(),
    }
}

/// What each part takes of a file: by how many bytes the deflated content grows with it. They add up to the file, give or take a byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartSizes {
    /// Container, header line and the three sizes.
    pub header: usize,
    pub w: usize,
    pub h: usize,
    /// dw and dh.
    pub steps: usize,
}

pub fn parts(stored: &Stored) -> PartSizes {
    let layout = Layout::of(stored);
    let mut content = header::write(&stored.header, &layout);
    let line = content.len();
    let body = body::write(&stored.model, layout.encoding, layout.part());
    content.extend(body.bytes);
    let content = layout.encoding.content(&content, line);
    let deflated = |end: usize| gzip::deflated_bytes(content.first(line + end), layout.coder);
    let [w, h, steps] = body.begin.map(deflated);
    let all = gzip::deflated_bytes(content, layout.coder);
    // A longer content may deflate to fewer bytes, by one or two, where a block ends better.
    let grown = |to: usize, from: usize| to.saturating_sub(from);
    PartSizes { header: gzip::CONTAINER + w, w: grown(h, w), h: grown(steps, h), steps: grown(all, steps) }
}
