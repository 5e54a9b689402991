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

use std::sync::Arc;

use nalgebra::DMatrix;

use self::accelerated::Accelerated;
use self::cnmf::Cnmf;
use self::learner::Learner;
use self::poster::Poster;
use super::factors::Factors;
use super::kernels::scalar::Real;
use super::spec::{Method, RunSpec};

/// The learner of `spec` at given factors, for a method that quantises in its steps; none for those that quantise
/// what was learned.
///
/// # Panics
/// The factors do not fit V.
#[must_use]
pub fn start_from<F: Real>(
    v: &Arc<DMatrix<F>>,
    factors: &Factors<F>,
    spec: &RunSpec,
) -> Option<Box<dyn Learner<F>>> {
    let poster = || -> Box<dyn Learner<F>> { Box::new(Poster::from_factors(Arc::clone(v), factors, spec)) };
    (spec.method == Method::SnmfPoster).then(poster)
}

/// The learner of `spec`, at its seeded start on V (M x N, non-negative, maximum 1): what its method quantises
/// afterwards ([`RunSpec::learning`]) where it does not do that in its steps.
#[must_use]
pub fn start<F: Real>(v: &Arc<DMatrix<F>>, spec: &RunSpec) -> Box<dyn Learner<F>> {
    let v = Arc::clone(v);
    match spec.method {
        Method::SnmfPoster => Box::new(Poster::new(v, spec)),
        _ if spec.is_accelerated() => Box::new(Accelerated::new(v, spec)),
        _ => Box::new(Cnmf::new(v, spec)),
    }
}
