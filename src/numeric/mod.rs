//! The mathematics: factors, factorisations, quantised models and measures.
//!
//! May use `nalgebra`, `faer`, `pulp` and `rayon`. Knows nothing of files, threads of its own, serialisation,
//! the window or time.

pub mod context_model;
pub mod factors;
pub mod fixed;
pub mod kernels;
pub mod magnitudes;
pub mod measure;
pub mod methods;
pub mod spec;

pub use factors::{AnyModel, Factors, Model, Quantised, Shape};
pub use fixed::FixedBases;
pub use kernels::scalar::{Precision, Real};
pub use kernels::stacked::Stacked;
pub use magnitudes::Magnitudes;
pub use methods::learner::{AnyLearner, Learner, Tally};
pub use methods::{start, start_from};
pub use spec::{
    Aim, Fineness, HRule, Init, Levels, Loss, Method, Metric, Named, PosterRules, Rules, RunSpec, WRule,
};
