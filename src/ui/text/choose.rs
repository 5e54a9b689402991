//! The map of R by T.

use super::{Term, term};

pub const TITLE: &str = "R and T for a budget";
pub const WHAT_IT_DOES: &str = "SNMF rd in files of at most so many bytes, for several R and T, for sound also P: \
                                which of them is the closest? The runs go into the list of runs.";
pub const BUDGET: Term = term("Budget", "The most that an exported file may take, header included");
pub const KBPS: Term = term("kbit/s", "Over the length of the sound");
pub const BYTES: Term = term("bytes", "Of the whole file");
pub const COMPONENTS: Term = term("Try R", super::grid::COMPONENTS.help);
pub const LAGS: Term = term("Try T", super::grid::LAGS.help);
pub const RUN: &str = "Search";
pub const STOP: &str = "Stop the search";
pub const ANOTHER_RUNS: &str = "A grid is running: stop it first";
pub const NO_INPUT: &str = super::grid::NO_INPUT;
pub const SEARCHED: &str =
    "Lists that are empty are searched: every second value first, then what is near the best.";
pub const NOT_TRIED: &str = "not tried";
pub const TOO_LARGE: &str = "not tried: many more numbers than the spectrogram has";
pub const BEST: &str = "best";
pub const NEAREST: &str = "nearest to the budget, which nothing meets";
pub const OVER: &str = "more bytes than the budget";
pub const CLICK: &str = "A click shows it in column B, Shift and click in A";

/// The usual values of a list, as a hint.
pub fn usual(values: &[usize]) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub fn at_most(bytes: &str) -> String {
    format!("at most {bytes} bytes")
}

/// A place of the map by its R and T.
pub fn cell(components: usize, lags: usize) -> String {
    format!("R {components}, T {lags}")
}

pub fn summary(word: &str, cell: &str, bytes: &str) -> String {
    format!("{word}: {cell}, {bytes} bytes")
}

/// How far a search is; `more` where what comes out may ask for further runs.
pub fn progress(done: usize, planned: usize, more: bool) -> String {
    format!("{done} of {planned} runs{}", if more { ", or more" } else { "" })
}
