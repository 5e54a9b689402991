//! Why bases cannot be compared by use.

use crate::engine::analysis::AnalysisError;
use crate::engine::run::memory::TooLarge;
use crate::engine::session::EngineError;
use crate::engine::settings::error::SpecError;
use crate::signal::SignalError;

/// A comparison that cannot be made, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum FeaturesError {
    /// Nothing to separate from.
    #[error(
        "expected at least two sounds, for they are mixed and separated again, got {got}: name another one, or none \
         for demo:speech, demo:drums and demo:piano"
    )]
    TooFew {
        /// Sounds that were named.
        got: usize,
    },
    /// A sound cannot be separated from itself.
    #[error("expected different sounds, got the same samples twice: {first}, {second}")]
    Same {
        /// One of them.
        first: String,
        /// The other.
        second: String,
    },
    /// Nothing to learn from or to separate.
    #[error("{part} is silent (every sample is zero): choose another sound: {name}")]
    Silent {
        /// Which part of it.
        part: String,
        /// File or name.
        name: String,
    },
    /// A half has fewer frames than a basis spans.
    #[error(
        "too short: expected at least {lags} frames in each half, so {least:.2} s in all, got {seconds:.2} s: {name}"
    )]
    TooShort {
        /// T.
        lags: usize,
        /// Length that it needs, in seconds.
        least: f64,
        /// Length that it has, in seconds.
        seconds: f64,
        /// File or name.
        name: String,
    },
    /// A spectrogram that came ready has no samples to mix.
    #[error("expected a sound, got a spectrogram, which has no samples to mix: {name}")]
    NoSamples {
        /// The file.
        name: String,
    },
    /// Nothing to compare at.
    #[error("budgets: expected at least one compression ratio, such as 50")]
    NoBudget,
    /// Settings out of range.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// A sound that cannot be read.
    #[error(transparent)]
    Signal(#[from] SignalError),
    /// A half that cannot be analysed.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// More than the memory that is free.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// No threads to work on.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// A run that should not have failed.
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
