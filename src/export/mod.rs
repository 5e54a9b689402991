//! What leaves the program beside factor streams and sounds: NPZ, CSV, reports, and everything of a run at once.
//!
//! Knows nothing of terminals or the window.

pub mod corpus;
pub mod everything;
pub mod factors_csv;
mod format;
pub mod manifest;
pub mod npz;
pub mod report;
pub mod tables;

pub use factors_csv::CSV;
pub use format::{FactorFile, FactorFormat};
pub use npz::NPZ;

/// The formats of factors, in the order of an export of everything. `snmf decode` writes those of one file by the ending
/// of the name, the first where the name has none.
pub const FORMATS: [FactorFormat; 2] = [NPZ, CSV];
