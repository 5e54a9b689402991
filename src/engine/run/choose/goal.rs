//! What is asked for, and the measure by which a model is better than another one.

use std::cmp::Ordering;

use crate::engine::run::measure::Measures;
use crate::engine::run::quality::Measure;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::purpose::Purpose;
use crate::numeric::{Method, Metric};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ModelGoal {
    /// The best quality in a file of at most so many bytes.
    MaxBytes(u64),
    /// The fewest bytes at an SNR of at least so many dB.
    MinQuality(f64),
}

impl ModelGoal {
    pub fn is_met(self, measures: &Measures, quality: QualityFloor) -> bool {
        match self {
            Self::MaxBytes(bytes) => measures.sizes.file_bytes as u64 <= bytes,
            Self::MinQuality(db) => quality.in_db().rank(measures) >= db,
        }
    }

    /// Greater where `a` is chosen before `b`.
    pub(super) fn compare(self, a: &Measures, b: &Measures, quality: QualityFloor) -> Ordering {
        let bytes = b.sizes.file_bytes.cmp(&a.sizes.file_bytes);
        let better = |quality: QualityFloor| quality.rank(a).total_cmp(&quality.rank(b));
        match (self.is_met(a, quality), self.is_met(b, quality), self) {
            (true, false, _) => Ordering::Greater,
            (false, true, _) => Ordering::Less,
            (true, true, Self::MaxBytes(_)) => better(quality).then(bytes),
            (true, true, Self::MinQuality(_)) | (false, false, Self::MaxBytes(_)) => {
                bytes.then(better(quality))
            }
            (false, false, Self::MinQuality(_)) => better(quality.in_db()).then(bytes),
        }
    }

    /// The settings of a run that goes for this: those of `draft`, with a target in bytes or a price of a bit.
    pub(super) fn set(self, draft: &SpecDraft) -> SpecDraft {
        let (max_bytes, lambda) = match self {
            Self::MaxBytes(bytes) => (Some(bytes), None),
            Self::MinQuality(_) => (None, Some(1.0)),
        };
        SpecDraft { methods: vec![Method::SNMF_RD], max_loss_db: None, max_bytes, lambda, ..draft.clone() }
    }
}

/// The measure in which models of about the same size are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityFloor {
    /// The SNR of √V: sound.
    SqrtSnr,
    /// D (1): features.
    Divergence,
    /// The SNR of V: the poster.
    Snr,
}

impl QualityFloor {
    pub const fn of_purpose(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Sound => Self::SqrtSnr,
            Purpose::Features => Self::Divergence,
            Purpose::Poster => Self::Snr,
        }
    }

    /// The measure that suits settings that need not be those of a purpose.
    pub fn of(draft: &SpecDraft) -> Self {
        match (draft.power < 1.0, draft.metric) {
            (true, _) => Self::SqrtSnr,
            (false, Metric::Kld) => Self::Divergence,
            (false, Metric::Snr) => Self::Snr,
        }
    }

    pub const fn measure(self) -> Measure {
        match self {
            Self::SqrtSnr => Measure::SqrtSnr,
            Self::Divergence => Measure::Kld,
            Self::Snr => Measure::Snr,
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::SqrtSnr => "SNR of √V (dB)",
            Self::Divergence => "KLD (lower is better)",
            Self::Snr => "SNR (dB)",
        }
    }

    pub fn value(self, measures: &Measures) -> Option<f64> {
        self.measure().of(measures)
    }

    /// The value turned so that more is better; what was not measured is the worst.
    pub fn rank(self, measures: &Measures) -> f64 {
        -self.measure().rank(self.value(measures))
    }

    /// The SNR in which a least quality is counted. That of D is the SNR of √V, which D follows closely.
    #[must_use]
    pub const fn in_db(self) -> Self {
        match self {
            Self::SqrtSnr | Self::Divergence => Self::SqrtSnr,
            Self::Snr => Self::Snr,
        }
    }
}
