//! Where a run stands, and why it ended.

use std::sync::{Arc, OnceLock};

use strum::{IntoStaticStr, VariantArray};

use crate::codec::{Header, Stored};
use crate::numeric::methods::search::Probe;
use crate::numeric::{AnyModel, Levels, Methods, Model, QuantParams, RunSpec, UpdateStats};

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Stop {
    /// All iterations that were asked for are done.
    #[strum(serialize = "iterations")]
    IterationLimit,
    /// D has fallen by less than the tolerance.
    Tolerance,
    /// No further step makes D smaller, in the precision of the run.
    Converged,
    /// Nothing that was tried reaches the target; the factors are those that come nearest.
    TargetMissed,
    /// Somebody cancelled; the factors are those of the latest finished work that was shown.
    Cancelled,
}

impl Stop {
    /// In words, to follow the number of iterations.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::IterationLimit => "all that were asked for",
            Self::Tolerance => "D changes by less than the tolerance",
            Self::Converged => "no step makes D smaller",
            Self::TargetMissed => "and nothing reaches the target: this comes nearest",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Where a run stands: its factors and how it got there. Holds no V and no Vhat.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub iteration: usize,
    pub total: usize,
    pub model: AnyModel,
    /// P of the V^P that they explain, see [`crate::numeric::Magnitudes`].
    pub power: f64,
    /// The objective after each iteration done.
    pub objective: Arc<Vec<f64>>,
    /// What became of the integers in each iteration, for the method that has some while it learns.
    pub update_stats: Arc<Vec<UpdateStats>>,
    /// Seconds spent on iterations, pauses left out, whichever of the runs that share them did them.
    pub seconds: f64,
    /// What followed the iterations; none before that and for methods with nothing to follow.
    pub quantising: Option<Quantising>,
    /// What [`Snapshot::highest_bin`] has found.
    pub(in crate::engine) highest_bin: OnceLock<Option<usize>>,
}

/// How far quantising has come.
#[derive(Clone, Debug)]
pub struct Quantising {
    /// Models tried before the one at hand.
    pub probe: usize,
    /// The parameters of the one at hand, and in the end those that were found.
    pub params: QuantParams,
    /// Sweeps of `snmf-rd`, those included that only prepare.
    pub sweeps: usize,
    /// J after each sweep over integers.
    pub objective: Arc<Vec<f64>>,
    /// The models tried so far, in this order: how the search for a target went.
    pub probed: Arc<Vec<Probe>>,
    /// Seconds spent, pauses left out.
    pub seconds: f64,
}

impl Snapshot {
    pub(super) fn learned(learned: &Learned, spec: &RunSpec) -> Self {
        Self {
            iteration: learned.iteration,
            total: spec.iterations,
            model: as_shown(&learned.model, spec),
            power: spec.power,
            objective: Arc::clone(&learned.objective),
            update_stats: Arc::clone(&learned.update_stats),
            seconds: learned.seconds,
            quantising: None,
            highest_bin: OnceLock::new(),
        }
    }

    /// Factors that were not learned here.
    pub fn of_stream(stored: &Stored) -> Self {
        let done = stored.header.iterations.and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        Self {
            iteration: done,
            total: done,
            model: stored.model.clone(),
            power: stored.header.power_or_one(),
            objective: Arc::default(),
            update_stats: Arc::default(),
            seconds: 0.0,
            quantising: None,
            highest_bin: OnceLock::new(),
        }
    }

    /// The highest bin in which a basis at its loudest comes within 80 dB of the maximum of V, which is 1; none where no
    /// basis does. Looked for once.
    pub fn highest_bin(&self) -> Option<usize> {
        *self.highest_bin.get_or_init(|| {
            let (shape, least) = (self.model.shape(), 10f64.powf(-Header::PHI_DB / 20.0 * self.power));
            let peak = |r| (0..shape.frames).map(|n| self.model.activation(r, n)).fold(0.0, f64::max);
            let peaks: Vec<f64> = (0..shape.components).map(peak).collect();
            let is_heard = |bin: usize, r: usize, t: usize| self.model.basis(bin, r, t) * peaks[r] >= least;
            let is_filled =
                |bin: &usize| (0..shape.components).any(|r| (0..shape.lags).any(|t| is_heard(*bin, r, t)));
            (0..shape.bins).rev().find(is_filled)
        })
    }

    /// Seconds spent in all.
    pub fn all_seconds(&self) -> f64 {
        self.seconds + self.quantising.as_ref().map_or(0.0, |q| q.seconds)
    }

    /// The parameters that the integers have, once they are made after learning.
    pub fn params(&self) -> Option<QuantParams> {
        self.quantising.as_ref().map(|q| q.params)
    }
}

/// Learned factors as a run shows them on the way: rounded, where it is to round them with given levels.
fn as_shown(model: &AnyModel, spec: &RunSpec) -> AnyModel {
    fn rounded<F: Methods>(model: &Model<F>, spec: &RunSpec, levels: Levels) -> Model<F> {
        match (model, spec.method.rounding()) {
            (Model::Real(factors), Some(round)) => {
                Model::Quantised(round(factors, levels, spec.fixed.as_deref()))
            }
            (Model::Real(_) | Model::Quantised(_), _) => model.clone(),
        }
    }
    match (spec.levels(), model) {
        (Some(levels), AnyModel::F32(m)) => rounded(m, spec, levels).into(),
        (Some(levels), AnyModel::F64(m)) => rounded(m, spec, levels).into(),
        (None, model) => model.clone(),
    }
}

/// Where learning stood at some iteration.
#[derive(Clone, Debug)]
pub struct Learned {
    pub iteration: usize,
    pub model: AnyModel,
    /// D after each iteration.
    pub objective: Arc<Vec<f64>>,
    /// What became of the integers in each iteration, for the method that has some while it learns.
    pub update_stats: Arc<Vec<UpdateStats>>,
    /// Seconds spent stepping.
    pub seconds: f64,
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::numeric::Factors;

    #[test]
    fn the_highest_bin_is_the_last_in_which_a_component_is_heard() {
        let highest = |peak: f32, basis: &[f32]| {
            let w = vec![DMatrix::from_column_slice(basis.len(), 1, basis)];
            let factors = Factors { w, h: DMatrix::from_row_slice(1, 2, &[0.0, peak]) };
            let learned = Learned {
                iteration: 0,
                model: AnyModel::from(Model::Real(factors)),
                objective: Arc::default(),
                update_stats: Arc::default(),
                seconds: 0.0,
            };
            let spec =
                crate::engine::SpecDraft::default().parse().map(|experiment| experiment.runs[0].clone());
            Snapshot::learned(&learned, &spec.unwrap()).highest_bin()
        };
        assert_eq!(highest(1.0, &[1.0, 0.5, 1.1e-4, 0.9e-4]), Some(2), "80 dB below the maximum of V");
        assert_eq!(highest(0.1, &[1.0, 0.5, 1.1e-4, 0.9e-4]), Some(1));
        assert_eq!(highest(0.0, &[1.0; 4]), None);
    }
}
