//! The question about a grid of runs.

use super::{Term, term};

pub const HEADING: &str = "Grid of runs";
pub const WHAT_IT_DOES: &str = "Every combination is run with the methods of both columns and goes into the list of \
                                runs. What is left empty stays as it is set.";
pub const NO_INPUT: &str = "Open a sound first";
pub const ANOTHER_RUNS: &str = "Another grid is running: stop it first";
pub const RUN: &str = "Run the grid";
pub const STOP: &str = "Stop the grid";
pub const CLOSE: &str = "Close";
pub const BY_TARGET: &str = "as the target says";
pub const COMPONENTS: Term =
    term("R", "R: how many components add up to the model (eq. 2), such as 5, 10, 20");
pub const LAGS: Term = term("T", "T: how many lags, or frames, a component spans (eq. 2), such as 1, 4, 8");
pub const LAMBDA: Term = term(
    "lambda",
    "Lambda: prices of a bit for SNMF rd, against squared error or KLD (eq. 1), such as 1e-7, 1e-6",
);
pub const SEEDS: Term = term("Seeds", "Such as 0-4: means and deviations are shown beside the list");

/// How far a grid is.
pub fn progress(done: usize, planned: usize) -> String {
    format!("{done} of {planned} runs")
}
