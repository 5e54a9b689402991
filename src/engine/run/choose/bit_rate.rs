//! Bytes, seconds and kilobits a second.

use crate::engine::analysis::Analysis;

/// Bytes of a file that lasts `seconds` at so many kilobits a second.
pub fn bytes_at(kbps: f64, seconds: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of bytes
    let bytes = (kbps * 1000.0 / 8.0 * seconds).floor().max(0.0) as u64;
    bytes
}

/// How long the input lasts in seconds, where that is known.
pub fn seconds_of(analysis: &Analysis) -> Option<f64> {
    let of_frames = || Some((analysis.frames() * analysis.hop()?) as f64 / f64::from(analysis.rate()?));
    analysis.audio.as_ref().map(|audio| audio.seconds()).or_else(of_frames).filter(|seconds| *seconds > 0.0)
}

/// Kilobits a second of a file of so many bytes that lasts `seconds`.
pub fn kbps_of(bytes: usize, seconds: f64) -> f64 {
    8.0 * bytes as f64 / 1000.0 / seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_a_second_are_bytes_of_the_length() {
        assert_eq!(bytes_at(8.0, 2.9), 2900);
        assert_eq!(bytes_at(8.0, 2.9999), 2999, "never more than the budget");
        assert_eq!((bytes_at(-1.0, 2.0), bytes_at(f64::NAN, 2.0)), (0, 0));
        assert!((kbps_of(2900, 2.9) - 8.0).abs() < 1e-12);
    }
}
