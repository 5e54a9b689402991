//! The panes: a file each, which makes a [`Plot`](super::scene::Plot) of a run or of several and says in its row what the
//! command line and the window must know of it. SVG draws the plot on paper, `ui::panes::paint` in the window.

pub mod activations;
mod axes;
pub mod bases;
pub mod convergence;
pub mod difference;
pub mod error;
pub mod histogram;
mod kind;
mod look;
mod rate_distortion;
pub mod spectrogram;
mod table;

use std::sync::Arc;

use super::components::Components;
use super::sources::Sources;
use crate::numeric::Factors;

pub use activations::H;
pub use axes::WARPED_ROWS;
pub use bases::W;
pub use convergence::CONVERGENCE;
pub use difference::DIFFERENCE;
pub use error::{ERROR_FREQUENCY, ERROR_TIME};
pub use histogram::{HIST, HIST_H};
pub use kind::{FigureError, PaneInput, PaneKind};
pub use look::{Look, Screen};
pub use rate_distortion::{RD, rate_distortion};
pub use spectrogram::{RESIDUAL, V, VHAT};
pub use table::TABLE;

impl PaneKind {
    /// The table of panes, in the order in which they are offered.
    pub const ALL: [Self; 13] = [
        V,
        VHAT,
        RESIDUAL,
        DIFFERENCE,
        ERROR_TIME,
        ERROR_FREQUENCY,
        W,
        H,
        HIST,
        HIST_H,
        RD,
        CONVERGENCE,
        TABLE,
    ];

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// The order in which the components of each run stand: as they are numbered in the first, and in the others as their
/// partners there.
pub fn orders(sources: &Sources, factors: &[Arc<Factors<f32>>]) -> Vec<Vec<usize>> {
    let first = factors.first().map(Arc::as_ref);
    let of = |i: usize| {
        let matched = i > 0 && factors[i].shape().bins == factors[0].shape().bins;
        let all = Components::of(first, Some(factors[i].as_ref()));
        all.order_of_second(false, matched)
    };
    (0..sources.runs.len()).map(of).collect()
}
