//! The mathematics: factors, factorisations, quantised models and measures.
//!
//! May use `nalgebra`, `faer`, `pulp` and `rayon`. Knows nothing of files, threads of its own, serialisation,
//! the window or time.

pub mod cnmf;
pub mod factors;
pub mod init;
pub mod learner;
mod log;
pub mod measure;
pub mod method;
pub mod poster;
pub mod round;
pub mod scalar;
pub mod shifted;

pub use factors::{AnyModel, Factors, Model, Quantised, Shape};
pub use learner::{Learner, start};
pub use method::{Levels, Method, RunSpec};
pub use scalar::{Precision, Real};
pub use shifted::Stacked;
