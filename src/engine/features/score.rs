//! How well a source was separated, and how often it was recognised.

use std::ops::Range;

use crate::numeric::magnitudes::raise;
use crate::numeric::{Factors, Stacked};

/// Bounds of SI-SDR in dB, so that means exist: nothing at all of a source would have minus infinity, and the source
/// itself infinity.
const BOUNDS_DB: (f64, f64) = (-30.0, 100.0);

/// The scale-invariant signal-to-distortion ratio of `estimate` in dB (Le Roux, Wisdom, Erdogan and Hershey: SDR, half-baked
/// or well done?, 2019): with s the true `source` and x the estimate, 10 log10(|a s|² / |a s - x|²), where a = <x, s> / |s|²
/// is the scale that suits s best. Means are not removed. Both have as many samples; the result is between -30 and 100.
pub fn si_sdr_db(source: &[f32], estimate: &[f32]) -> f64 {
    assert_eq!(source.len(), estimate.len(), "source and estimate of different lengths");
    let pairs = || source.iter().zip(estimate).map(|(s, x)| (f64::from(*s), f64::from(*x)));
    let scale = pairs().map(|(s, x)| s * x).sum::<f64>() / pairs().map(|(s, _)| s * s).sum::<f64>();
    let target: f64 = pairs().map(|(s, _)| (scale * s).powi(2)).sum();
    let distortion: f64 = pairs().map(|(s, x)| (scale * s - x).powi(2)).sum();
    let (least, most) = BOUNDS_DB;
    if target > 0.0 { (10.0 * (target / distortion).log10()).clamp(least, most) } else { least }
}

/// The share of windows in which the right source is recognised, for each source; none for one without windows.
///
/// `factors` are a model of V^P of the sequence, with P = `power`, whose components are those of the sources, `each` for
/// each, in their order. A source is recognised in a window (frames, and which source it is) where the energy of what its
/// components add to the model is above that of all others: the sum over bins and frames of `(Σ_t W_t H)^(2/P)` with its
/// components alone.
pub fn recognised(
    factors: &Factors<f64>,
    power: f64,
    each: usize,
    windows: &[(Range<usize>, usize)],
) -> Vec<Option<f64>> {
    let sources = factors.shape().components / each;
    let energy = |source: usize| -> Vec<f64> {
        let own: Vec<usize> = (source * each..(source + 1) * each).collect();
        let mut part = Stacked::from_factors(&factors.only(&own)).reconstruct();
        raise(part.as_mut_slice(), 2.0 / power);
        windows.iter().map(|(frames, _)| part.columns(frames.start, frames.len()).sum()).collect()
    };
    let energies: Vec<Vec<f64>> = (0..sources).map(energy).collect();
    let is_right = |window: usize, truth: usize| {
        let own = energies[truth][window];
        energies.iter().enumerate().all(|(source, all)| source == truth || all[window] < own)
    };
    let share = |source: usize| {
        let own = || windows.iter().enumerate().filter(move |(_, (_, truth))| *truth == source);
        let right = own().filter(|(i, _)| is_right(*i, source)).count();
        (own().count() > 0).then(|| right as f64 / own().count() as f64)
    };
    (0..sources).map(share).collect()
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;

    #[test]
    fn si_sdr_is_that_of_its_definition() {
        let source = [1.0, 0.0, -1.0, 0.0];
        assert_eq!(si_sdr_db(&source, &[3.0, 0.0, -3.0, 0.0]), 100.0, "scale does not matter");
        assert!((si_sdr_db(&source, &[1.0, 1.0, -1.0, -1.0]) - 0.0).abs() < 1e-12, "as much noise as source");
        assert!((si_sdr_db(&source, &[1.0, 0.1, -1.0, -0.1]) - 20.0).abs() < 1e-5);
        assert_eq!(si_sdr_db(&source, &[0.0; 4]), -30.0, "nothing is left of it");
        assert_eq!(si_sdr_db(&source, &[0.0, 1.0, 0.0, 1.0]), -30.0, "nothing but something else");
    }

    #[test]
    fn the_loudest_source_is_recognised_in_magnitudes_and_in_their_powers() {
        let factors = Factors {
            w: vec![DMatrix::identity(2, 2)],
            h: DMatrix::from_row_slice(2, 4, &[4.0, 4.0, 1.0, 2.0, 1.0, 1.0, 3.0, 2.0]),
        };
        let windows = [(0..1, 0), (1..2, 1), (2..3, 1), (3..4, 1)];
        for power in [1.0, 0.5] {
            let shares = recognised(&factors, power, 1, &windows);
            assert_eq!(shares, [Some(1.0), Some(1.0 / 3.0)], "as loud as another one is not recognised");
        }
        assert_eq!(recognised(&factors, 1.0, 1, &windows[..1]), [Some(1.0), None]);
    }
}
