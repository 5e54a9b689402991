//! What to do: the table of parameters, drafts that are edited, and valid specifications.

pub mod error;
pub mod grid;
pub mod input;
pub mod purpose;
pub mod spec;
pub mod table;

pub use table::{ALL, COMPONENTS, FFT, HOP, ITERATIONS, LAGS, PHI_DB, PROPOSALS, Parameter};
