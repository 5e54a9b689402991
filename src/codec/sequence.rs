//! What the bodies of all encodings share.

use crate::numeric::{Precision, Real};

/// S as bytes, and where W, H and the steps begin in them.
pub struct Sequence {
    pub bytes: Vec<u8>,
    pub begin: [usize; 3],
    /// What an arithmetic coder has decided; a reader decides it again.
    pub decisions: u64,
}

/// A value of this type from decimal digits.
pub fn parse_real<F: Real>(token: &str) -> Option<F> {
    match F::PRECISION {
        Precision::F32 => token.parse::<f32>().ok().map(|x| F::from_f64(f64::from(x))),
        Precision::F64 => token.parse::<f64>().ok().map(F::from_f64),
    }
}
