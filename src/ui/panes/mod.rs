//! The plots. Each reads the session and the view, and paints what [`Pictures`] has ready.

mod activations;
mod cascade;
mod columns;
mod convergence;
mod error;
mod figure;
mod head;
mod histogram;
mod overview;
mod paint;
mod plot;
mod rate_distortion;
mod region;
mod spectrogram;

pub use activations::activations;
pub use cascade::cascade;
pub use columns::columns;
pub use convergence::convergence;
pub use error::error;
pub use figure::figure;
pub use histogram::histogram;
pub use overview::overview;
pub use rate_distortion::rate_distortion;
pub use spectrogram::{color_bar, levels, spectrogram};

use super::pictures::Pictures;
use super::view::View;
use crate::engine::Session;

/// What a pane can reach.
pub struct Panes<'a> {
    /// What is done.
    pub session: &'a Session,
    /// What is looked at.
    pub view: &'a mut View,
    /// What is drawn.
    pub pictures: &'a mut Pictures,
}
