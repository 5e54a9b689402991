//! The container: one gzip member (RFC 1952), the same bytes for the same content on every system.

use std::io::{Read, Write};

use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};

use super::error::CodecError;

/// What compresses, named beside every size that it gave.
pub const CODER: &str = "miniz_oxide level 9";

/// No operating system, so that equal factors give equal bytes everywhere.
const UNKNOWN_SYSTEM: u8 = 255;

pub fn pack(content: &[u8]) -> Vec<u8> {
    let mut encoder =
        GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM).write(Vec::new(), Compression::best());
    // Writing to memory does not fail.
    let _ = encoder.write_all(content);
    encoder.finish().unwrap_or_default()
}

/// The content of exactly one member, its checksum verified, at most `limit` bytes of it.
pub fn unpack(bytes: &[u8], limit: u64) -> Result<Vec<u8>, CodecError> {
    let failed = |reason: String| CodecError::Gzip { reason };
    let mut decoder = GzDecoder::new(bytes);
    let mut content = Vec::new();
    // One byte more than allowed tells too much from just enough; the checksum is verified at the end.
    decoder.by_ref().take(limit + 1).read_to_end(&mut content).map_err(|e| failed(e.to_string()))?;
    let got = content.len() as u64;
    if got > limit {
        return Err(CodecError::TooLarge { what: "inflated bytes", limit, got });
    }
    let rest = decoder.into_inner().len();
    if rest > 0 {
        return Err(failed(format!("{rest} bytes follow its end")));
    }
    Ok(content)
}
