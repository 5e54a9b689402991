//! How much memory a run takes, told before it starts: an allocation that fails ends the program.

use crate::numeric::{Precision, RunSpec, Shape};

/// What a machine is taken to have where the system does not tell.
const ASSUMED: u64 = 8 << 30;

/// A run that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{bins} bins x {frames} frames with R = {components} and T = {lags} would take about {need} MiB, and \
     {have} MiB are free: use fewer components or lags, a shorter region, or a smaller FFT"
)]
pub struct TooLarge {
    bins: usize,
    frames: usize,
    components: usize,
    lags: usize,
    need: u64,
    have: u64,
}

/// About how many bytes a run takes at most: V, the factors, and what each chunk of frames works with.
#[must_use]
pub fn estimate(shape: Shape, precision: Precision) -> u64 {
    let Shape { bins, frames, components, lags } = shape;
    let [m, n, r, t] = [bins, frames, components, lags].map(|x| x as u64);
    let element = if precision == Precision::F64 { 8 } else { 4 };
    let w = m.saturating_mul(r).saturating_mul(t);
    let h = r.saturating_mul(n.saturating_add(t));
    // Sixteen accumulators of W at most; the other copies are shadows, trials and snapshots.
    let factors = w.saturating_mul(20).saturating_add(h.saturating_mul(10));
    factors.saturating_add(m.saturating_mul(n)).saturating_mul(element)
}

/// Refuses a run that the machine's free memory cannot hold.
///
/// # Errors
/// The estimate is above what is free.
pub fn check(spec: &RunSpec, bins: usize, frames: usize) -> Result<(), TooLarge> {
    let (components, lags) = (spec.components, spec.lags);
    check_shape(Shape { bins, frames, components, lags }, spec.precision)
}

/// The same for a model of that shape.
///
/// # Errors
/// The estimate is above what is free.
pub fn check_shape(shape: Shape, precision: Precision) -> Result<(), TooLarge> {
    let Shape { bins, frames, components, lags } = shape;
    let (need, have) = (estimate(shape, precision), available());
    if need <= have {
        return Ok(());
    }
    Err(TooLarge { bins, frames, components, lags, need: need >> 20, have: have >> 20 })
}

/// Free memory in bytes.
fn available() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        let kib: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(kib << 10)
    });
    told.unwrap_or(ASSUMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        let huge = Shape { bins: usize::MAX, frames: usize::MAX, components: usize::MAX, lags: usize::MAX };
        assert_eq!(estimate(huge, Precision::F64), u64::MAX);
    }

    #[test]
    fn the_poster_fits_anywhere() {
        let speech = Shape { bins: 513, frames: 91, components: 20, lags: 7 };
        assert!(estimate(speech, Precision::F64) < 32 << 20);
    }
}
