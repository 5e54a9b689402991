//! A column: its head, what it shows, and the captions of its panes.

use super::{Term, term};

pub const LEARN: &str = "Learn";
pub const QUANTISE: &str = "Quantise";
pub const MEASURE: &str = "Measure";
pub const MORE: &str = "More";
pub const RETRY: &str = "Retry";
pub const REVERT_HELP: &str = "Make the settings those of this run again";
pub const STALE: &str = "Stale: settings or input have changed since";
pub const MODEL: Term = term("Model", "The reconstruction: what the factors add up to");
pub const INPUT: Term = term("Input V", "The spectrogram that was factorised");
pub const RESIDUAL: Term =
    term("Residual", "V - model: green where the model has too little, purple where it has too much");
pub const DIFFERENCE: Term =
    term("B \u{2212} A", "Level of B less that of A: green where B is louder, purple where it is softer");
/// What the spectrogram of each column shows, where it is chosen from a list.
pub const SHOWS: [&str; 2] = ["Shown in A", "Shown in B"];
pub const NO_INPUT: &str = "The sound of this stream is not open";
pub const NO_DIFFERENCE: &str = "A and B are not two models of one shape";
pub const ERROR: &str = "Error over time, |V \u{2212} model| / V";
pub const ACTIVATIONS: &str = "Activations H, each scaled to its peak";
pub const BASES: &str = "Bases W_t at their loudest, dB re max V";
pub const SAVE_PANE: &str = "Save as figure…";

pub fn rerun(column: &str) -> String {
    format!("Re-run {column}")
}

pub fn revert(column: &str) -> String {
    format!("Revert to {column}")
}

pub fn values(side: &str) -> String {
    format!("Element values of {side}")
}
