//! The group of the signal.

use super::{Display, Term, term};
use crate::figure::axis::{clock, duration};

pub const HEADING: &str = "Signal";
pub const NONE: &str = "none yet";
pub const NO_SOUND: &str = "a spectrogram";
pub const CHANNEL: Term = term("Channel", "The mean of all channels, or one of them");
pub const ALL_CHANNELS: &str = "mean";
pub const RATE: Term =
    term("Rate", "Resample first: a lower rate leaves high frequencies out and saves time");
pub const SAME_RATE: &str = "as it is";
const REGION: &str = "A part of the signal: Ctrl and drag in a plot marks it, or type it here";
pub const REGION_START: Term = term("Region from", REGION);
pub const REGION_END: Term = term("Region to", REGION);
pub const RUN_REGION: &str = "Run on it";
pub const ZOOM_REGION: &str = "Zoom";
pub const CLEAR_REGION: &str = "Clear";
pub const RUN_WHOLE: &str = "Run on all";
pub const PATH_HINT: &str = "path, or demo:speech";
pub const PATH: &str = "Path of a sound or stream";
pub const LOCATE: &str = "Locate audio…";
pub const STOP_READING: &str = "Stop reading";
pub const LOAD: &str = "Load";
pub const NO_PATH: &str = "Type a path first";

/// What is read, and the share of it that is decoded, where that is known.
pub fn reading(name: &str, share: f32) -> String {
    let percent = if share > 0.0 { format!(", {:.0} %", 100.0 * share) } else { String::new() };
    format!("reading {name}{percent}")
}

pub fn failed(name: &str, reason: impl Display) -> String {
    format!("{name} was not opened: {reason}")
}

pub fn missing(names: &str) -> String {
    format!("Runs of {names} are shown without V")
}

pub fn facts(sound: &str, bins: usize, frames: usize) -> String {
    format!("{sound}\n{bins} bins, {frames} frames")
}

pub fn sound(seconds: f64, rate: &str, channels: &str) -> String {
    format!("{}, {rate}, {channels}", duration(seconds, 2))
}

/// Length and rate beside the name.
pub fn briefly(seconds: f64, rate: u32) -> String {
    format!("{}, {} kHz", clock(seconds, 3), f64::from(rate) / 1000.0)
}

pub fn rate(rate: u32) -> String {
    format!("{rate} Hz")
}

pub fn resampled(rate: u32, source_rate: u32) -> String {
    format!("{rate} Hz from {source_rate} Hz")
}
