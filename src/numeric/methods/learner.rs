//! The one seam between methods that learn: something that steps, returns its objective and has a model to show.

use crate::factors::{AnyModel, Model};
use crate::kernels::scalar::Real;

/// A factorisation in progress. Construction may be refused before it; stepping does not fail.
pub trait Learner<F: Real>: Send {
    /// One iteration; returns the objective after it.
    fn step(&mut self) -> f64;

    /// One iteration whose objective nobody needs, which may then cost less.
    fn update(&mut self) {
        self.step();
    }

    /// Whether no further step can make the objective smaller.
    fn is_finished(&self) -> bool {
        false
    }

    /// What became of the integers in the latest iteration, for methods that propose some.
    fn update_stats(&self) -> Option<UpdateStats> {
        None
    }

    /// The current model: what would be stored if the run ended here.
    fn model(&self) -> Model<F>;
}

/// What became of the integers in one iteration of the poster's method. D cannot rise while every proposal is
/// refused, so a run whose integers have frozen shows here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UpdateStats {
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
    F32(Box<dyn Learner<f32>>),
    F64(Box<dyn Learner<f64>>),
}

impl AnyLearner {
    pub fn step(&mut self) -> f64 {
        match self {
            Self::F32(learner) => learner.step(),
            Self::F64(learner) => learner.step(),
        }
    }

    pub fn is_finished(&self) -> bool {
        match self {
            Self::F32(learner) => learner.is_finished(),
            Self::F64(learner) => learner.is_finished(),
        }
    }

    pub fn update_stats(&self) -> Option<UpdateStats> {
        match self {
            Self::F32(learner) => learner.update_stats(),
            Self::F64(learner) => learner.update_stats(),
        }
    }

    pub fn model(&self) -> AnyModel {
        match self {
            Self::F32(learner) => learner.model().into(),
            Self::F64(learner) => learner.model().into(),
        }
    }
}
