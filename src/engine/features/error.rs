//! Why bases cannot be compared by use.

use crate::engine::analysis::AnalysisError;
use crate::engine::run::memory::TooLarge;
use crate::engine::session::EngineError;
use crate::engine::settings::error::SpecError;
use crate::signal::SignalError;

/// A comparison that cannot be made, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum FeaturesError {
    #[error(
        "expected at least two sounds, for they are mixed and separated again, got {got}: name another one, or none \
         for demo:speech, demo:drums and demo:piano"
    )]
    TooFew { got: usize },
    #[error("expected different sounds, got the same samples twice: {first}, {second}")]
    Same { first: String, second: String },
    #[error("{part} is silent (every sample is zero): choose another sound: {name}")]
    Silent { part: String, name: String },
    #[error(
        "too short: expected at least {lags} frames in each half, so {least:.2} s in all, got {seconds:.2} s: {name}"
    )]
    TooShort { lags: usize, least: f64, seconds: f64, name: String },
    #[error("expected a sound, got a spectrogram, which has no samples to mix: {name}")]
    NoSamples { name: String },
    #[error("budgets: expected at least one compression ratio, such as 50")]
    NoBudget,
    #[error(transparent)]
    Spec(#[from] SpecError),
    #[error(transparent)]
    Signal(#[from] SignalError),
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error("a run failed: {0}")]
    Failed(String),
}

impl FeaturesError {
    /// Whether the call was wrong, rather than a sound or the machine.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::TooFew { .. } | Self::NoBudget | Self::Spec(_) => true,
            Self::Same { .. }
            | Self::Silent { .. }
            | Self::TooShort { .. }
            | Self::NoSamples { .. }
            | Self::Signal(_)
            | Self::Analysis(_)
            | Self::TooLarge(_)
            | Self::Engine(_)
            | Self::Failed(_) => false,
        }
    }
}
