//! What the time goes into: products, sums and quotients over all of V, with the CPU's vector instructions.
//!
//! Knows nothing of methods.

pub(in crate::numeric) mod log;
pub(in crate::numeric) mod narrow;
pub(in crate::numeric) mod pack;
pub(in crate::numeric) mod panel;
pub mod passes;
pub mod probe;
pub mod scalar;
pub(in crate::numeric) mod simd;
pub mod stacked;
pub(in crate::numeric) mod transpose;
pub(in crate::numeric) mod vector;
