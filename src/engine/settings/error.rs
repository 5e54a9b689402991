//! Settings that cannot be run.

use crate::numeric::Method;
use crate::numeric::magnitudes::POWERS;

/// A specification that cannot be carried out, with a message that says how to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// `demo:` and an unknown name.
    #[error(
        "expected one of demo:speech, demo:drums, demo:piano, demo:noise-burst, demo:evolving, got {got}"
    )]
    UnknownDemo {
        /// What was given.
        got: String,
    },
    /// A number outside its range.
    #[error("{name}: expected {min} to {max}, got {got}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Smallest allowed.
        min: usize,
        /// Largest allowed.
        max: usize,
        /// What was given.
        got: usize,
    },
    /// Frames further apart than they are long would leave samples unseen.
    #[error("hop: expected at most the FFT size {fft}, got {got}")]
    HopBeyondFft {
        /// FFT size.
        fft: usize,
        /// Hop.
        got: usize,
    },
    /// A number of levels of zero.
    #[error("levels: expected at least 1 for W and for H, got {w},{h}")]
    NoLevels {
        /// Levels of W.
        w: u32,
        /// Levels of H.
        h: u32,
    },
    /// A relative change that cannot be one.
    #[error("tolerance: expected 0 (never) or a share of D below 1, such as 1e-4, got {got}")]
    Tolerance {
        /// What was given.
        got: f64,
    },
    /// A price or a loss that cannot be one.
    #[error("{name}: expected a number above 0, got {got}")]
    NotPositive {
        /// Name of the parameter.
        name: &'static str,
        /// What was given.
        got: f64,
    },
    /// A power that V is not taken to.
    #[error("power: expected {} to {}, got {got}", POWERS.start(), POWERS.end())]
    Power {
        /// What was given.
        got: f64,
    },
    /// Bases of another power of V.
    #[error("power: expected {given}, as the given bases were learned with, got {got}")]
    FixedPower {
        /// P of the bases.
        given: f64,
        /// What was asked for.
        got: f64,
    },
    /// More than one target.
    #[error("expected one of lambda, max-loss-db and max-bytes, got more")]
    TwoTargets,
    /// A share, or a probability.
    #[error("{name}: expected a share from 0 to 1, got {got}")]
    NoShare {
        /// Name of the parameter.
        name: &'static str,
        /// What was given.
        got: f64,
    },
    /// Bases of another number of lags.
    #[error("lags: expected {given}, as the given bases have, got {got}")]
    FixedLags {
        /// T of the bases.
        given: usize,
        /// What was asked for.
        got: usize,
    },
    /// Fewer components than there are given bases.
    #[error("components: expected at least {given}, as many as there are given bases, got {got}")]
    FixedComponents {
        /// Components that are given.
        given: usize,
        /// What was asked for.
        got: usize,
    },
    /// Given bases that single precision does not hold.
    #[error("the given bases are too large for single precision: add --precision f64")]
    FixedBeyondSingle,
    /// No method named.
    #[error("method: expected at least one of {}", Method::ALL.map(Method::name).join(", "))]
    NoMethod,
}
