//! What leaves the program beside factor streams and sounds: NPZ, CSV, reports, and everything of a run at once.
//!
//! Knows nothing of terminals or the window.

pub mod everything;
pub mod factors_csv;
pub mod manifest;
pub mod npz;
pub mod report;
pub mod tables;
