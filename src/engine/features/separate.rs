//! Stored bases at work: joined, their activations learned on sounds that they have not seen, and parts cut out by masks.

use std::ops::ControlFlow;
use std::sync::Arc;

use nalgebra::DMatrix;

use super::error::FeaturesError;
use super::score;
use super::sounds::{Mixture, SourceSequence};
use crate::engine::settings::draft::{Fixed, SpecDraft};
use crate::numeric::{self, AnyModel, Factors, FixedBases, Method, Model, RunSpec, magnitudes};
use crate::signal::{Parts, Stft};

/// The exponent of soft masks on magnitudes: 2 shares powers, as Wiener's filter does.
const MASK_EXPONENT: f64 = 2.0;

/// The bases of several models side by side, in their order, as bases of V^P with P = `power`. Each component is scaled to
/// a largest element of 1: how a method shares out the scale between W and H is not to matter to what starts from them.
pub fn joined(models: &[&AnyModel], power: f64) -> FixedBases {
    let factors: Vec<Factors<f64>> = models.iter().map(|model| model.to_f64()).collect();
    let basis = |t: usize| {
        let columns: Vec<_> = factors.iter().flat_map(|f| f.w[t].column_iter()).collect();
        DMatrix::from_columns(&columns)
    };
    let mut w: Vec<DMatrix<f64>> = (0..factors[0].w.len()).map(basis).collect();
    for r in 0..w[0].ncols() {
        let largest = w.iter().map(|basis| basis.column(r).max()).fold(0.0, f64::max);
        if largest > 0.0 {
            w.iter_mut().for_each(|basis| basis.column_mut(r).unscale_mut(largest));
        }
    }
    let h = DMatrix::zeros(w[0].ncols(), 1);
    FixedBases::of(&Model::Real(Factors { w, h }).into(), power)
}

/// The run that learns activations for these bases, with the settings of `draft`.
pub fn activating(draft: &SpecDraft, bases: FixedBases) -> Result<RunSpec, FeaturesError> {
    let (components, power) = (bases.components(), bases.power());
    let fixed = Some(Fixed { bases: Arc::new(bases), file: None });
    let draft = SpecDraft { methods: vec![Method::CNMF], components, power, fixed, ..draft.clone() };
    Ok(draft.parse()?.runs.swap_remove(0))
}

/// The factors that `spec` learns on V (M x N); none where `go_on` ended it.
fn learned(
    v: &Arc<DMatrix<f32>>,
    spec: &RunSpec,
    go_on: &dyn Fn() -> ControlFlow<()>,
) -> Option<Factors<f64>> {
    let y = if spec.power == 1.0 { Arc::clone(v) } else { Arc::new(magnitudes::compressed(v, spec.power)) };
    let mut learner = numeric::start(&y, spec);
    for _ in 0..spec.iterations {
        learner.step();
        if go_on().is_break() {
            return None;
        }
        if learner.is_finished() {
            break;
        }
    }
    Some(AnyModel::from(learner.model()).to_f64())
}

/// Separates a mixture with the bases of its two sources, which `spec` keeps, and returns by how many dB the SI-SDR of the
/// parts is above that of the mixture, mean of both; none where `go_on` ended it.
pub fn improvement_db(
    mixture: &Mixture,
    spec: &RunSpec,
    stft: &Stft,
    go_on: &dyn Fn() -> ControlFlow<()>,
) -> Result<Option<f64>, FeaturesError> {
    let Some(factors) = learned(&mixture.v, spec, go_on) else { return Ok(None) };
    let each = factors.shape().components / 2;
    let parts = Parts::of(&factors, spec.power);
    let mut sum = 0.0;
    for (i, source) in mixture.parts.iter().enumerate() {
        let chosen: Vec<usize> = (i * each..(i + 1) * each).collect();
        let part = parts.apart(stft, &mixture.audio, &chosen, MASK_EXPONENT)?;
        sum += score::si_sdr_db(source, &part) - score::si_sdr_db(source, &mixture.audio.samples);
    }
    Ok(Some(sum / 2.0))
}

/// How often each of `sources` sources is recognised in the sequence by the bases of all, which `spec` keeps, see
/// [`score::recognised`]; none where `go_on` ended it.
pub fn accuracies(
    sequence: &SourceSequence,
    sources: usize,
    spec: &RunSpec,
    go_on: &dyn Fn() -> ControlFlow<()>,
) -> Option<Vec<Option<f64>>> {
    let factors = learned(&sequence.v, spec, go_on)?;
    Some(score::recognised(&factors, spec.power, spec.components / sources, &sequence.windows))
}
