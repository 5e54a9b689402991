//! The blind test.

pub const TITLE: &str = "Blind test";
pub const WHAT: &str =
    "X is one of the two. Listen as often as you like, then say which. All are equally loud.";
pub const NAMES: [&str; 4] = ["original", "A", "B", "components"];
pub const HEAR_X: &str = "Hear X";
pub const NO_ANSWERS: &str = "No answers yet; a result needs ten or more";
pub const SAVE: &str = "Save the answers…";
pub const NOTHING_TO_SAVE: &str = "There are no answers yet";

pub fn pair(first: &str, second: &str) -> String {
    format!("{first} or {second}")
}

pub fn hear(name: &str) -> String {
    format!("Hear {name}")
}

pub fn x_is(name: &str) -> String {
    format!("X is {name}")
}

pub fn not_this_pair(reason: &str) -> String {
    format!("This pair cannot be compared: {reason}")
}

pub fn result(right: usize, trials: usize, p: f64) -> String {
    format!("{right} of {trials} right; by guessing p = {p:.4}")
}
