//! The panes of a figure, made of models and their input: a file a pane.

mod activations;
mod axes;
mod bases;
mod convergence;
mod histogram;
mod look;
mod rate_distortion;
mod spectrogram;
mod table;

use std::sync::Arc;

use super::components::Components;
use super::sources::Sources;
use crate::numeric::Factors;

pub use activations::activations;
pub use axes::WARPED_ROWS;
pub use bases::cascade;
pub use convergence::convergence;
pub use histogram::{elements, histogram};
pub use look::Look;
pub use rate_distortion::rate_distortion;
pub use spectrogram::spectrogram;
pub use table::table;

/// A kind of pane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // described by `description`
pub enum Kind {
    V,
    Vhat,
    Residual,
    W,
    H,
    Hist,
    HistH,
    Rd,
    Convergence,
    Table,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::V,
        Self::Vhat,
        Self::Residual,
        Self::W,
        Self::H,
        Self::Hist,
        Self::HistH,
        Self::Rd,
        Self::Convergence,
        Self::Table,
    ];

    /// The word for it on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::V => "v",
            Self::Vhat => "vhat",
            Self::Residual => "residual",
            Self::W => "w",
            Self::H => "h",
            Self::Hist => "hist",
            Self::HistH => "hist-h",
            Self::Rd => "rd",
            Self::Convergence => "convergence",
            Self::Table => "table",
        }
    }

    /// What it shows.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::V => "the input's spectrogram",
            Self::Vhat => "the reconstruction",
            Self::Residual => "what the reconstruction misses and adds",
            Self::W => "the bases side by side",
            Self::H => "the activations over time",
            Self::Hist => "how often element values of W occur",
            Self::HistH => "how often element values of H occur",
            Self::Rd => "how near the models are to V, over their bytes",
            Self::Convergence => "the objective of each iteration",
            Self::Table => "quality, symbols and sizes",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether there is nothing to draw without the input.
    #[must_use]
    pub const fn needs_input(self) -> bool {
        matches!(self, Self::V | Self::Residual | Self::Rd)
    }

    /// Whether all runs share one.
    pub(super) const fn is_shared(self) -> bool {
        matches!(self, Self::V | Self::Rd | Self::Convergence | Self::Table)
    }
}

/// The order in which the components of each run stand: as they are numbered in the first, and in the others as their
/// partners there.
#[must_use]
pub fn orders(sources: &Sources, factors: &[Arc<Factors<f32>>]) -> Vec<Vec<usize>> {
    let first = factors.first().map(Arc::as_ref);
    let of = |i: usize| {
        let matched = i > 0 && factors[i].shape().bins == factors[0].shape().bins;
        let all = Components::of(first, Some(factors[i].as_ref()));
        all.order_of_second(false, matched)
    };
    (0..sources.runs.len()).map(of).collect()
}
