//! What to do: the table of parameters, drafts that are edited, and valid specifications.

pub mod draft;
pub mod error;
pub mod framing;
pub mod grid;
pub mod input;
pub mod purpose;
pub mod setting;
pub mod spec;
pub mod table;

pub use setting::{Group, Setting};
pub use table::{COMPONENTS, ITERATIONS, LAGS};
