//! The dialog in which a figure is put together, and what is made in the background.

use super::{Term, term};

pub const HEADING: &str = "Figure";
pub const SHOW: &str = "Show";
pub const GRID: &str = "Both columns side by side";
pub const POSTER: &str = "Poster";
pub const NO_SOUND: &str = "The sound of this stream is not open";
pub const WIDTH: Term = term("Width (mm)", "Of the page; 85 and 180 fit most journals");
pub const FONT: Term = term("Text (pt)", "Of labels; numbers at ticks are a little smaller");
pub const DPI: Term = term("Dots in an inch", "Of a PNG, and of the picture that is copied");
pub const TITLE: &str = "Title";
pub const LETTERS: Term = term("Letters", "Call the panes (a), (b), ...");
pub const DARK: Term = term("Light on dark", "Whatever the window looks like; else dark on white");
pub const MEASURING: &str = "measuring the page";
pub const ENDING: &str = "End the name in .pdf, .svg or .png";
pub const SAVE: &str = "Save figure";
pub const COPY: &str = "Copy as picture";
pub const COPIED: &str = "Copied: the figure, as a picture";
pub const CANCEL: &str = "Cancel export";
pub const CANCELLED: &str = "cancelled, nothing was left behind";
pub const WRITING: &str = "Writing the figure";
pub const COPYING: &str = "Drawing the figure";
pub const BUNDLING: &str = "Exporting";

/// Size of the page, and of its picture.
pub fn size(width: f64, height: f64, dpi: f64) -> String {
    let pixels = |mm: f64| mm / 25.4 * dpi;
    format!("{width:.0} x {height:.0} mm; as PNG {:.0} x {:.0} pixels", pixels(width), pixels(height))
}

pub fn written(bytes: usize, path: &str) -> String {
    format!("Exported {bytes} bytes to {path}")
}

pub fn not_exported(reason: &str) -> String {
    format!("Not exported: {reason}")
}

pub fn no_thread(reason: &str) -> String {
    format!("could not start a thread: {reason}")
}

pub fn failed(panic: &str) -> String {
    format!("the writer failed: {panic}")
}
