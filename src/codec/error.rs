//! What can be wrong with a factor stream.

use super::text;

/// A stream that cannot be read, with the field and where it stands in the inflated bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The container is damaged or not gzip at all; gzip's checksum is part of it.
    #[error("not an intact gzip file ({reason}, at byte {offset} of the file): expected a factor stream")]
    Gzip {
        /// Offset in the file, where the damage was noticed.
        offset: usize,
        /// What the inflater said.
        reason: String,
    },
    /// More of something than a reader is willing to hold.
    #[error("{what}: expected at most {limit}, got {got}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
        /// How much there is, or what is known to be exceeded.
        got: u64,
    },
    /// More than the memory that is free holds.
    #[error("{what} would take about {need} MiB, and {have} MiB are free")]
    Memory {
        /// What is too large.
        what: &'static str,
        /// MiB that it would take.
        need: u64,
        /// MiB that there are.
        have: u64,
    },
    /// The first bytes are not those of a factor stream.
    #[error("not a factor stream: expected it to begin with snmf/1 or snmf/2, got {got:?}")]
    NotAStream {
        /// How it begins.
        got: String,
    },
    /// A major version from the future.
    #[error(
        "a factor stream of version {}: this program reads versions 1 and 2, use a newer one",
        text::value(got)
    )]
    Version {
        /// The version found.
        got: String,
    },
    /// A header field that does not say what it should.
    #[error(
        "header field {} at byte {offset}: expected {expected}, got \"{}\"",
        text::value(key),
        text::value(got)
    )]
    Header {
        /// The key.
        key: String,
        /// Offset in the inflated bytes.
        offset: u64,
        /// What would have been right.
        expected: &'static str,
        /// What stands there.
        got: String,
    },
    /// A header without something that nobody can guess.
    #[error("header field {key} is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value that does not say what it should.
    #[error("{field} at byte {offset}: {reason}")]
    Body {
        /// M, R, N, W, H, dw or dh.
        field: &'static str,
        /// Offset in the inflated bytes.
        offset: u64,
        /// What is wrong.
        reason: String,
    },
    /// Something stands behind the end.
    #[error("something follows the end of the factors at byte {offset}: expected nothing")]
    Trailing {
        /// Offset in the inflated bytes.
        offset: u64,
    },
    /// A bundle of files that could not be written or read.
    #[error("the archive: {reason}")]
    Archive {
        /// What the writer or the reader said.
        reason: String,
    },
    /// An archive that could not be written, or does not hold what it should.
    #[error("the NPZ archive: {reason}")]
    Npz {
        /// What the writer or the reader said.
        reason: String,
    },
}
