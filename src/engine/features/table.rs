//! The comparison as rows: a method at a size, over all seeds and sounds.

use serde::Serialize;

use super::arms::{Kept, Size};
use super::{Comparison, Score};
use crate::engine::reproduce::Mean;
use crate::numeric::{Levels, Named};

/// Which sounds were compared, how, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The sounds.
    pub sources: Vec<String>,
    /// Samples a second of all of them.
    pub sample_rate: u32,
    /// Samples in a frame.
    pub fft: usize,
    /// Samples from a frame to the next.
    pub hop: usize,
    /// R of each source.
    pub components: usize,
    /// T.
    pub lags: usize,
    /// Most updates of each run.
    pub iterations: usize,
    /// Starts, from seed 0 up.
    pub seeds: usize,
    /// Mixtures of two that were separated with each seed.
    pub mixtures: usize,
    /// Windows in which a source was to be recognised with each seed.
    pub windows: usize,
    /// A method at a size each.
    pub rows: Vec<Row>,
}

/// A method at a size.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the method.
    pub method: &'static str,
    /// The distortion that integers are chosen by, where that is a choice.
    pub metric: Option<&'static str>,
    /// P: what was factorised is V^P.
    pub power: f64,
    /// Levels of W and H, for the method that is not given a number of bytes.
    pub levels: Option<[u32; 2]>,
    /// The budget: how many times smaller than CNMF the files are to be; none for CNMF itself and where levels decide.
    pub ratio: Option<f64>,
    /// How many times smaller they are: bytes of CNMF over these, both of all sources and seeds together.
    pub reached_ratio: f64,
    /// Bytes that the file of a source has, on average; of CNMF those of its text after gzip.
    pub bytes: f64,
    /// Files, of as many as sources times seeds, whose budget nothing met; what came nearest is used.
    pub missed: usize,
    /// dB that the SI-SDR of separated sources is above that of the mixture, over seeds and mixtures.
    pub si_sdr_improvement_db: Mean,
    /// dB that this is below CNMF with P = 1 on the same mixture and with the same seed.
    pub loss_db: Mean,
    /// Share of the windows of a source in which it is recognised, over seeds and sources.
    pub accuracy: Mean,
}

impl Outcome {
    /// The rows of what was stored (by seed, sound and arm) and how it scored (by seed, scene and arm, arms fastest).
    pub(super) fn new(comparison: &Comparison, kept: &[&[Vec<Kept>]], scores: &[Score]) -> Self {
        let Comparison { draft, stft, seeds, arms, material, .. } = comparison;
        let of_arm = |i: usize| kept.iter().copied().flatten().map(move |sound| &sound[i]);
        let all_bytes = |i: usize| of_arm(i).map(|kept| kept.bytes as f64).sum::<f64>();
        let scored = |i: usize| scores.iter().skip(i).step_by(arms.len());
        let improvements = |i: usize| -> Vec<f64> {
            let improvement = |score: &Score| match score {
                Score::ImprovementDb(db) => Some(*db),
                Score::Accuracies(_) => None,
            };
            scored(i).filter_map(improvement).collect()
        };
        let accuracies = |i: usize| -> Vec<f64> {
            let shares = |score: &Score| match score {
                Score::ImprovementDb(_) => Vec::new(),
                Score::Accuracies(shares) => shares.iter().copied().flatten().collect(),
            };
            scored(i).flat_map(shares).collect()
        };
        let reference = improvements(0);
        let row = |i: usize| {
            let arm = &arms[i];
            let improvements = improvements(i);
            let losses: Vec<f64> =
                reference.iter().zip(&improvements).map(|(cnmf, own)| cnmf - own).collect();
            let (levels, ratio) = match arm.size {
                Size::Unlimited => (None, None),
                Size::Ratio(ratio) => (None, Some(ratio)),
                Size::Levels(Levels { w, h }) => (Some([w, h]), None),
            };
            Row {
                method: arm.method.name(),
                metric: arm.metric.map(Named::name),
                power: arm.power,
                levels,
                ratio,
                reached_ratio: all_bytes(0) / all_bytes(i),
                bytes: all_bytes(i) / of_arm(i).count() as f64,
                missed: of_arm(i).filter(|kept| kept.missed).count(),
                si_sdr_improvement_db: Mean::of(&improvements),
                loss_db: Mean::of(&losses),
                accuracy: Mean::of(&accuracies(i)),
            }
        };
        Self {
            sources: material.sounds.iter().map(|sound| sound.name.clone()).collect(),
            sample_rate: material.rate,
            fft: stft.fft,
            hop: stft.hop,
            components: draft.components,
            lags: draft.lags,
            iterations: draft.iterations,
            seeds: *seeds,
            mixtures: material.mixtures.len(),
            windows: material.sequence.windows.len(),
            rows: (0..arms.len()).map(row).collect(),
        }
    }
}
