//! The three ratios.

use super::{Term, term};

pub const HEADING: &str = "Compression";
pub const NOT_YET: &str = "once both lanes are measured";
pub const TEXT: Term = term(
    "Text",
    "How many times fewer bytes B takes than A where both are written as decimal text, in the order of S (eq. 13), \
     and compressed with gzip",
);
pub const TEXT_OPERANDS: &str = "gzip of A as text / gzip of B as text: the poster's kind";
pub const BINARY: Term = term(
    "Binary",
    "How many times fewer bytes B takes than A where S (eq. 13) is written as bytes and compressed with gzip: the \
     fairer ratio, for reals need fewer of them than as text",
);
pub const INTEGERS: &str = "integers";
pub const REALS: &str = "32-bit reals";
pub const AUDIO: Term = term(
    "Audio",
    "How many times fewer bytes the file of B, which holds S (eq. 13), takes than the sound itself; phases are not \
     in B",
);
pub const AUDIO_OPERANDS: &str = "the sound as 16-bit PCM / the exported file of B";
pub const MORE_THAN_V: &str = "The factors hold more numbers than the spectrogram itself.";

/// Operands of the binary ratio: what each lane holds.
pub fn binary_operands(a: &str, b: &str) -> String {
    format!("gzip of A as {a} / gzip of B as {b}")
}

pub fn coder(name: &str) -> String {
    format!("gzip by {name}")
}
