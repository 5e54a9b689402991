//! Settings that cannot be run.

use crate::numeric::Method;
use crate::numeric::magnitudes::POWERS;

/// A specification that cannot be carried out, with a message that says how to mend it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    #[error(
        "expected one of demo:speech, demo:drums, demo:piano, demo:noise-burst, demo:evolving, got {got}"
    )]
    UnknownDemo { got: String },
    #[error("{name}: expected {min} to {max}, got {got}")]
    OutOfRange { name: &'static str, min: usize, max: usize, got: usize },
    #[error("hop: expected at most the FFT size {fft}, got {got}")]
    HopBeyondFft { fft: usize, got: usize },
    #[error("levels: expected at least 1 for W and for H, got {w},{h}")]
    NoLevels { w: u32, h: u32 },
    #[error("tolerance: expected 0 (never) or a share of D below 1, such as 1e-4, got {got}")]
    Tolerance { got: f64 },
    #[error("{name}: expected a number above 0, got {got}")]
    NotPositive { name: &'static str, got: f64 },
    #[error("power: expected {} to {}, got {got}", POWERS.start(), POWERS.end())]
    Power { got: f64 },
    #[error("power: expected {given}, as the given bases were learned with, got {got}")]
    FixedPower { given: f64, got: f64 },
    #[error("expected one of lambda, max-loss-db and max-bytes, got more")]
    TwoTargets,
    #[error("{name}: expected a share from 0 to 1, got {got}")]
    NoShare { name: &'static str, got: f64 },
    #[error("lags: expected {given}, as the given bases have, got {got}")]
    FixedLags { given: usize, got: usize },
    #[error("components: expected at least {given}, as many as there are given bases, got {got}")]
    FixedComponents { given: usize, got: usize },
    #[error("the given bases are too large for single precision: add --precision f64")]
    FixedBeyondSingle,
    #[error("method: expected at least one of {}", Method::ALL.map(Method::name).join(", "))]
    NoMethod,
}
