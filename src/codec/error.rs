//! What can be wrong with a factor stream.

use super::digest::Digest;
use super::text;

/// A stream that cannot be read, with the field and where it stands in the inflated bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("not an intact gzip file ({reason}, at byte {offset} of the file): expected a factor stream")]
    Gzip { offset: usize, reason: String },
    #[error("{what}: expected at most {limit}, got {got}")]
    TooLarge { what: &'static str, limit: u64, got: u64 },
    #[error("{what} would take about {need} MiB, and {have} MiB are free")]
    Memory { what: &'static str, need: u64, have: u64 },
    #[error("not a factor stream: expected it to begin with snmf/1, snmf/2 or snmf/3, got {got:?}")]
    NotAStream { got: String },
    #[error(
        "a factor stream of version {}: this program reads versions 1 to 3, use a newer one",
        text::value(got)
    )]
    Version { got: String },
    #[error(
        "header field {} at byte {offset}: expected {expected}, got \"{}\"",
        text::value(key),
        text::value(got)
    )]
    Header { key: String, offset: u64, expected: &'static str, got: String },
    #[error("header field {key} is missing")]
    Missing { key: &'static str },
    #[error("{field} at byte {offset}: {reason}")]
    Body { field: &'static str, offset: u64, reason: String },
    #[error("something follows the end of the factors at byte {offset}: expected nothing")]
    Trailing { offset: u64 },
    #[error("it holds activations alone: its bases W are in the factor stream with the SHA-256 {sha256}")]
    NoBases { sha256: Digest },
    #[error("these are not the bases that it was made with: expected {expected}, got {got}")]
    OtherBases { expected: String, got: String },
    #[error("the archive: {reason}")]
    Archive { reason: String },
    #[error("the NPZ archive: {reason}")]
    Npz { reason: String },
}
