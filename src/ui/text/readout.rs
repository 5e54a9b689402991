//! The line at the bottom: what is under the pointer.

use crate::figure::axis::duration;

pub const NOWHERE: &str = "point at a plot to read values";
pub const NO_LEVEL: &str = "  zero   ";

pub fn moment(seconds: f64, frame: f64) -> String {
    format!("{}  frame {frame:>4}", duration(seconds, 3))
}

pub fn frequency(hertz: f64, bin: f64) -> String {
    format!("{hertz:7.0} Hz  bin {bin:>4}")
}

pub fn level(decibels: f64) -> String {
    format!("{decibels:6.1} dB")
}

/// The level of V.
pub fn of_v(level: &str) -> String {
    format!("  V {level}")
}

pub fn component(number: usize) -> String {
    format!("component {number}")
}

pub fn activation(value: f64) -> String {
    format!("  H {value:.4}")
}

pub fn patch(number: usize, lag: usize) -> String {
    format!("component {number}  lag {lag}")
}

pub fn basis(value: f64) -> String {
    format!("  W {value:.3e}")
}

pub fn iteration(number: f64) -> String {
    format!("iteration {number}")
}
