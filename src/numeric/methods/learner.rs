//! The one seam between methods that learn: something that steps, tells its objective and has a model to show.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::accelerated::Accelerated;
use super::cnmf::Cnmf;
use super::poster::Poster;
use crate::numeric::factors::{AnyModel, Factors, Model};
use crate::numeric::kernels::scalar::Real;
use crate::numeric::spec::{Method, RunSpec};

/// A factorisation in progress. Construction may be refused before it; stepping does not fail.
pub trait Learner<F: Real>: Send {
    /// One iteration; returns the objective after it.
    fn step(&mut self) -> f64;

    /// Whether no further step can make the objective smaller.
    fn is_finished(&self) -> bool {
        false
    }

    /// What became of the integers in the latest iteration, for methods that propose some.
    fn tally(&self) -> Option<Tally> {
        None
    }

    /// The model as it stands: what would be stored if the run ended here.
    fn model(&self) -> Model<F>;
}

/// What became of the integers in one iteration of the poster's method. D cannot rise while every proposal is
/// refused, so a run whose integers have frozen shows here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Tiles that took a proposal as it was.
    pub accepted: usize,
    /// Tiles that took a part of the changes.
    pub in_part: usize,
    /// Tiles that refused every change.
    pub refused: usize,
    /// Integers that are others than before.
    pub changed: usize,
}

/// A learner of either precision.
pub enum AnyLearner {
    /// Single precision.
    F32(Box<dyn Learner<f32>>),
    /// Double precision.
    F64(Box<dyn Learner<f64>>),
}

impl AnyLearner {
    /// See [`Learner::step`].
    pub fn step(&mut self) -> f64 {
        match self {
            Self::F32(learner) => learner.step(),
            Self::F64(learner) => learner.step(),
        }
    }

    /// See [`Learner::is_finished`].
    #[must_use]
    pub fn is_finished(&self) -> bool {
        match self {
            Self::F32(learner) => learner.is_finished(),
            Self::F64(learner) => learner.is_finished(),
        }
    }

    /// See [`Learner::tally`].
    #[must_use]
    pub fn tally(&self) -> Option<Tally> {
        match self {
            Self::F32(learner) => learner.tally(),
            Self::F64(learner) => learner.tally(),
        }
    }

    /// See [`Learner::model`].
    #[must_use]
    pub fn model(&self) -> AnyModel {
        match self {
            Self::F32(learner) => learner.model().into(),
            Self::F64(learner) => learner.model().into(),
        }
    }
}

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
