//! What is quantised, and how good and how large a model is.

use std::cell::OnceCell;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::ThreadPool;

use crate::methods::rate_distortion::BitCost;
use crate::{
    Factors, Loss, Magnitudes, Metric, Model, QuantParams, QuantTarget, Real, RunSpec, Stacked, measure,
};

/// What is quantised, and how.
pub struct QuantTask<'a, F: Real> {
    /// The spectrogram V, in which losses are counted.
    pub v: &'a Arc<DMatrix<F>>,
    /// V^P, which is factorised.
    pub y: &'a Arc<DMatrix<F>>,
    /// CNMF's factors of V^P.
    pub factors: &'a Factors<F>,
    pub spec: &'a RunSpec,
    /// Where the work of a sweep is done.
    pub pool: &'a ThreadPool,
    /// What counts the bits of `snmf-rd`.
    pub cost: BitCost,
    /// Bytes of the exported file with this model.
    pub file_bytes: &'a dyn Fn(&Model<F>, QuantParams) -> usize,
}

pub struct Trial<F: Real> {
    pub params: QuantParams,
    pub model: Model<F>,
    pub quality: Quality,
    /// Bits of its integers, where the method counts them.
    pub bits: Option<f64>,
    pub bytes: OnceCell<usize>,
    distortion: OnceCell<f64>,
}

/// What a model is worth in the measures that a target counts, each in dB and more for a better one.
#[derive(Clone, Copy)]
pub struct Quality {
    pub snr_db: f64,
    /// None where the target counts the SNR alone.
    pub others: Option<Others>,
}

/// The measures of [`Loss::All`] beside the SNR of V.
#[derive(Clone, Copy)]
pub struct Others {
    /// That of the metric.
    pub own: f64,
    sqrt_snr_db: f64,
    /// -10 log10 D of V.
    divergence_db: f64,
}

/// D is not distinguished from 0 below this share of Σ V + phi: it is a difference of sums of that size.
const EXACT: f64 = 1e-7;

impl Quality {
    /// How many dB this one has lost against `reference`: those of the metric, or of the measure that lost most where
    /// that is out of reach.
    pub fn loss_against(&self, reference: &Self) -> f64 {
        let snr = reference.snr_db - self.snr_db;
        let (Some(to), Some(of)) = (self.others, reference.others) else { return snr };
        let others = [snr, of.sqrt_snr_db - to.sqrt_snr_db, of.divergence_db - to.divergence_db];
        others.into_iter().map(|lost| lost - Loss::REACH_DB).fold(of.own - to.own, f64::max)
    }
}

impl<F: Real> QuantTask<'_, F> {
    pub(super) fn quality(&self, model: &Model<F>, of: Loss) -> Quality {
        let (v, phi) = (self.v, self.spec.phi_of_v());
        let vhat = Magnitudes::of(&model.to_factors(), self.spec.power);
        self.pool.install(|| Quality {
            snr_db: measure::snr_db(v, &vhat),
            others: match of {
                Loss::Snr => None,
                Loss::All => {
                    let of_v = divergence_db(v, &vhat, phi);
                    let model = Magnitudes::linear(Stacked::from_factors(&model.to_factors()));
                    let own = match self.spec.metric.unwrap_or_default() {
                        Metric::Snr => measure::snr_db(self.y, &model),
                        Metric::Kld if self.spec.power == 1.0 => of_v,
                        Metric::Kld => divergence_db(self.y, &model, self.spec.phi()),
                    };
                    Some(Others { own, sqrt_snr_db: measure::sqrt_snr_db(v, &vhat), divergence_db: of_v })
                }
            },
        })
    }

    pub(super) fn trial(&self, params: QuantParams, model: Model<F>, bits: Option<f64>) -> Trial<F> {
        let of = match self.spec.target {
            Some(QuantTarget::MaxLossDb(_, of)) => of,
            Some(QuantTarget::Fixed(_) | QuantTarget::MaxBytes(_)) | None => Loss::Snr,
        };
        let quality = self.quality(&model, of);
        Trial { params, model, quality, bits, bytes: OnceCell::new(), distortion: OnceCell::new() }
    }

    /// What models are compared by in size where no number of bytes is asked for: it spares writing a file.
    pub(super) fn size(&self, trial: &Trial<F>) -> f64 {
        trial.bits.unwrap_or_else(|| self.bytes(trial))
    }

    pub(super) fn bytes(&self, trial: &Trial<F>) -> f64 {
        *trial.bytes.get_or_init(|| (self.file_bytes)(&trial.model, trial.params)) as f64
    }

    /// What the metric of the run says of a model of V^P: less is better.
    pub(super) fn distortion(&self, trial: &Trial<F>) -> f64 {
        *trial.distortion.get_or_init(|| {
            let model = Magnitudes::linear(Stacked::from_factors(&trial.model.to_factors()));
            self.pool.install(|| match self.spec.metric.unwrap_or_default() {
                Metric::Snr => -measure::snr_db(self.y, &model),
                Metric::Kld => measure::kld(self.y, &model, self.spec.phi()),
            })
        })
    }
}

/// -10 log10 D: more for a better model.
fn divergence_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> f64 {
    let sum: f64 = v.iter().map(|v| v.to_f64() + phi).sum();
    -10.0 * measure::kld(v, model, phi).max(EXACT * sum).log10()
}
