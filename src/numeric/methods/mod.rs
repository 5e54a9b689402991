//! The factorisations: CNMF and its acceleration, rounding, the poster's SNMF, SNMF by rate and distortion, and the
//! search for a quantisation that keeps to a target.

pub mod accelerated;
pub mod cnmf;
pub mod init;
pub mod learner;
pub mod poster;
pub mod rate_distortion;
pub mod rounding;
pub mod search;
