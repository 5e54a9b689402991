//! The one seam between methods: something that steps, tells its objective and has a model to show.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::accelerated::Accelerated;
use super::cnmf::Cnmf;
use super::factors::Model;
use super::method::{Method, RunSpec};
use super::poster::Poster;
use super::rd::RateDistortionRun;
use super::round::RoundedAtEnd;
use super::scalar::Real;

/// A factorisation in progress. Construction may be refused before it; stepping does not fail.
pub trait Learner<F: Real>: Send {
    /// One iteration; returns the objective after it.
    fn step(&mut self) -> f64;

    /// Whether no further step can make the objective smaller.
    fn is_finished(&self) -> bool {
        false
    }

    /// One sweep of what follows the last iteration, for methods that go on to integers from there; returns the
    /// objective, which is one of its own and NaN before there are integers. None once nothing is left to do.
    fn refine(&mut self) -> Option<f64> {
        None
    }

    /// The model as it stands: what would be stored if the run ended here.
    fn model(&self) -> Model<F>;
}

/// The learner of `spec`, at its seeded start on V (M x N, non-negative, maximum 1).
#[must_use]
pub fn start<F: Real>(v: &Arc<DMatrix<F>>, spec: &RunSpec) -> Box<dyn Learner<F>> {
    let v = Arc::clone(v);
    match spec.method {
        Method::Cnmf => cnmf(v, spec),
        Method::PtqGlobal | Method::PtqAdaptive => Box::new(RoundedAtEnd::new(v, spec)),
        Method::SnmfPoster => Box::new(Poster::new(v, spec)),
        Method::SnmfRd => Box::new(RateDistortionRun::new(v, spec)),
    }
}

/// CNMF with real-valued factors, accelerated where that is asked for and possible.
pub(super) fn cnmf<F: Real>(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Box<dyn Learner<F>> {
    if spec.is_accelerated() { Box::new(Accelerated::new(v, spec)) } else { Box::new(Cnmf::new(v, spec)) }
}
