//! What the time goes into: products, sums and quotients over all of V, with the CPU's vector instructions.
//!
//! Knows nothing of methods.

pub(super) mod log;
pub(super) mod narrow;
pub(super) mod pack;
pub(super) mod panel;
pub mod passes;
pub mod probe;
pub mod scalar;
pub(super) mod simd;
pub mod stacked;
pub(super) mod transpose;
pub(super) mod vector;
