//! The numbers over iterations, and over bytes.

use super::{Measure, Term, term};

pub const CONVERGENCE: &str = "Convergence";
pub const RATE_DISTORTION: &str = "Rate-distortion";
pub const SWEEP: &str = "Sweep";
pub const STOP_SWEEP: &str = "Stop";
pub const BETTER: &str = "up and left is better";
pub const NO_SWEEP: &str = "Sweep traces every method; until then, the columns";
const CLICK: &str = "Click shows it in B, Shift and click in A";
pub const NO_PLACE: &str = "nothing";
pub const MEASURE: Term = term("Measure", "What the plot shows over the bytes");

/// A run of the list; `quality` is its measures, with commas between.
pub fn run(number: usize, label: &str, quality: &str, bytes: usize) -> String {
    format!("Run {number}  {label}\n{quality}\n{bytes} B\n{CLICK}")
}

/// A point of the sweep; `params` is empty, or follows the method after a comma.
pub fn point(method: &str, params: &str, quality: &str, bytes: usize, entropy_bytes: f64) -> String {
    format!("{method}{params}\n{quality}\n{bytes} B, entropy {entropy_bytes:.0} B\n{CLICK}")
}

pub fn place(quality: &str, bytes: usize) -> String {
    format!("{quality} in {bytes} bytes")
}

pub fn summary(measure: Measure, a: &str, b: &str, points: usize) -> String {
    let (label, better) = (measure.label(), measure.better().words());
    format!("{label} over bytes, {better}; A {a}, B {b}, {points} points of a sweep")
}
