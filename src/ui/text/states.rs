//! States of columns and of runs.

use super::Display;

pub const READY: &str = "ready";
pub const FAILED: &str = "failed";
pub const DONE: &str = "done";
pub const SETTLED: &str = "settled";
pub const CONVERGED: &str = "converged";
pub const CANCELLED: &str = "cancelled";
pub const IMPORTED: &str = "imported";
pub const TARGET_MISSED: &str = "target missed";
pub const NEAREST_SHOWN: &str = "target missed, nearest shown";

pub fn quantising(probe: usize, params: impl Display) -> String {
    format!("quantising, probe {probe}, {params}")
}

/// Under way; `of` is empty, or a space and the iteration.
pub fn running(of: &str) -> String {
    format!("running{of}")
}

pub fn paused(of: &str) -> String {
    format!("paused at{of}")
}

pub fn cancelling(of: &str) -> String {
    format!("cancelling{of}")
}

pub fn cancelled(of: &str) -> String {
    format!("cancelled at{of}")
}

/// One of the states that are ends, with the iterations that it took.
pub fn after(state: &str, iterations: usize) -> String {
    format!("{state}, {iterations} iterations")
}
