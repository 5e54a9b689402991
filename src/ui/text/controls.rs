//! The settings.

use super::{Term, term};

pub const SPECTROGRAM: &str = "Spectrogram";
pub const BOTH_COLUMNS: &str = "Both columns";
pub const METHODS: &str = "Methods";
pub const DEFAULTS: Term = term("Defaults", "Set all settings to their defaults");
pub const DEFAULTS_OF_GROUP: Term = term("Defaults", "Set the settings of this group to their defaults");
pub const COPY_COMMAND: &str = "Copy command";
pub const WHAT_FOR: Term =
    term("What is it for?", "Sets the power P, the metric and which losses count; each can be changed");
pub const OWN_SETTINGS: (&str, &str) =
    ("Own settings", "Power, metric and loss are not those of one of the others");
pub const LET_BASES_GO: Term = term("Learn all", "Keep no bases: the next runs learn all of them");
pub const MEMORY_HELP: &str = "The most that a run takes; it is refused where less is free";
pub const COLUMNS: [&str; 2] = ["Column A", "Column B"];

pub const UPDATES: &str = "Updates";
pub const TARGET: Term = term(
    "Target",
    "What sets how coarsely SNMF rd and rounding quantise: a loss, a size, or a price of a bit",
);
pub const NO_TARGET: Term =
    term("usual", "SNMF rd loses at most 0.4 dB, or 1 dB of the SNR alone; rounding uses its usual levels");
pub const TARGET_LOSS: Term =
    term("loss", "The fewest bytes at this loss against the CNMF that is quantised");
pub const TARGET_BYTES: Term =
    term("bytes", "The least distortion in an exported file of at most so many bytes");
pub const TARGET_LAMBDA: Term = term("lambda", "SNMF rd at this price of a bit; drag it and watch the bytes");
pub const OWN_LEVELS: &str = "Choose quantisation levels";
pub const LEVELS_OF_W: &str = "Levels of W";
pub const LEVELS_OF_H: &str = "Levels of H";
pub const POSTERS_METHOD: &str = "Poster's method";
pub fn defaults_of(group: &str) -> String {
    format!("Defaults of {group}")
}

/// Bases that are kept, and the file that they are from where it is known.
pub fn bases_kept(count: usize, file: Option<&str>) -> String {
    let from = file.map_or_else(String::new, |file| format!(" of {file}"));
    format!("{count} bases{from} are kept")
}

pub fn memory(size: &str) -> String {
    format!("Memory: {size} a column")
}
