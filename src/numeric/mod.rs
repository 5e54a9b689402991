//! The mathematics: factors, factorisations, quantised models and measures.
//!
//! May use `nalgebra`, `faer` and `rayon`. Knows nothing of files, threads of its own, serialisation,
//! the window or time.

pub mod factors;
pub mod method;
pub mod scalar;

pub use factors::{AnyModel, Factors, Model, Quantised, Shape};
pub use method::{Levels, Method, RunSpec};
pub use scalar::{Precision, Real};
