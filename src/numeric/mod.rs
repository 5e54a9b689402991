//! The mathematics: factors, factorisations, quantised models and measures.
//!
//! May use `nalgebra`, `faer`, `pulp` and `rayon`. Knows nothing of files, threads of its own, serialisation,
//! the window or time.

pub mod accelerated;
pub mod cnmf;
pub mod context_model;
pub mod factors;
pub mod fixed;
pub mod init;
pub mod learner;
mod log;
pub mod magnitudes;
pub mod measure;
pub mod method;
mod narrow;
mod pack;
mod panel;
pub mod passes;
pub mod poster;
pub mod probe;
pub mod rd;
pub mod round;
pub mod scalar;
pub mod shifted;
mod simd;
mod turn;
mod vector;

pub use factors::{AnyModel, Factors, Model, Quantised, Shape};
pub use fixed::FixedBases;
pub use learner::{AnyLearner, Learner, Tally, start, start_from};
pub use magnitudes::Magnitudes;
pub use method::{
    Aim, Fineness, HRule, Init, Levels, Loss, Method, Metric, Named, PosterRules, Rules, RunSpec, WRule,
};
pub use scalar::{Precision, Real};
pub use shifted::Stacked;
