//! Messages of the window itself.

use super::Display;
use crate::figure::axis::clock;

pub const NOTHING_CHOSEN: &str =
    "No file was chosen; a path can also be typed on the left, or a file dropped";
pub const LEFT_BEHIND: &str = "A window that was not closed left a session: File > Recent files opens it";
pub const PUT_ASIDE: &str =
    "The session that was open before was not saved: File > Recent files opens it again";
pub const NO_DATA_FOLDER: &str = "the system names no folder for data";
pub const TABLE_COPIED: &str = "Copied: the numbers of both columns, as a table";

/// A message with the seconds from the start of the program on.
pub fn at(seconds: f64, text: &str) -> String {
    format!("{}  {text}", clock(seconds, 0))
}

pub fn not_opened(reason: impl Display) -> String {
    format!("Not opened: {reason}")
}

pub fn not_kept(reason: impl Display) -> String {
    format!("The session is not saved by itself and would be lost in a crash: {reason}")
}

pub fn no_dialog(reason: impl Display) -> String {
    format!("No dialog could be opened: {reason}")
}

pub fn copied(command: &str) -> String {
    format!("Copied: {command}")
}

pub fn warning(text: &str) -> String {
    format!("Warning: {text}")
}

pub fn error(text: &str) -> String {
    format!("Error: {text}")
}
