//! The list of runs.

use super::{Measure, Term, grid, measure, metrics, term};

pub const DIFFERENCES: Term = term("A and B differ in", "The settings in which the runs differ");
pub const REPEATED: Term = term("Repeated seeds", "Means over runs that differ in the seed alone");
pub const GRID: &str = "Grid";
pub const CHOICE: &str = "Search for R and T";
pub const STOP_GRID: &str = grid::STOP;
pub const NONE: &str = "Runs that have ended and streams that were opened stand here";
pub const BY_NUMBER: Term = term("Latest", "The latest first");
pub const NAME: &str = "Run";
pub const STATE: &str = "State";
pub const BY_BYTES: Term = term(metrics::FILE.name, "The smallest first");
pub const TIME: &str = metrics::TIME.name;
pub const MORE: &str = "Double click renames, the other button offers more";
pub const RENAME: &str = "Rename";
pub const PIN: &str = "Pin";
pub const UNPIN: &str = "Unpin";
pub const PIN_HELP: &str = "A pinned run stands first and never makes room for newer ones";
pub const DELETE: Term = term("Delete", "Undo brings it back");
pub const NEW_NAME: &str = "Name of the run";
pub const NONE_REPEATED: &str = "shown once there are runs that differ in the seed alone; a grid makes them";
pub const REPEATED_HEADS: [&str; 3] = ["Runs", "Seeds", metrics::FILE.name];
pub const NO_PAIR: &str = "shown once both columns hold a run that has ended";
pub const NO_DIFFERENCE: &str = "nothing: the settings are the same";

/// The head of a column that sorts by a measure.
pub fn by(of: Measure) -> (&'static str, String) {
    let Term { name, help } = measure(of);
    (name, format!("Click: the best first. {help}"))
}

pub fn show_in_column(number: usize, column: &str) -> String {
    format!("Show run {number} in column {column}")
}

/// A run by its number and name.
pub fn named(text: &str) -> String {
    format!("Run {text}")
}

pub fn repeated_help(input: &str) -> String {
    format!("{input}; mean and standard deviation over the seeds")
}
