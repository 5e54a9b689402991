//! How much memory a run takes, told before it starts: an allocation that fails ends the program.

use crate::numeric::{Method, Precision, RunSpec};

/// What a machine is taken to have where the system does not tell.
const ASSUMED: u64 = 8 << 30;

/// V turned over, which small ones are kept as too, in bytes.
const TURNED: u64 = 8 << 20;

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

/// About how many bytes a run takes at most: V, the factors as often as the method keeps them, and what each task of
/// a pass works with.
#[must_use]
pub fn estimate(spec: &RunSpec, bins: usize, frames: usize) -> u64 {
    let [m, n, r, t] = [bins, frames, spec.components, spec.lags].map(|x| x as u64);
    let element = if spec.precision == Precision::F64 { 8 } else { 4 };
    let times = |a: u64, b: u64| a.saturating_mul(b);
    let depth = times(r, t);
    let factors = times(m, depth).saturating_add(times(r, n.saturating_add(t)));
    // The state, its numerators and denominators, a snapshot; then the history of the quasi-Newton steps, or the
    // shadows, roundings and trials, and what each integer costs a coder of contexts.
    let copies = match spec.method {
        Method::SnmfPoster => 16,
        Method::SnmfRd => 27,
        _ if spec.is_accelerated() => 22,
        _ => 8,
    };
    let packed = times(4, times(m.max(256), depth));
    let tasks = times(16 * 32, times(2, m).saturating_add(times(4, depth)));
    // In double precision V in single precision stays beside it, for it is what is shown.
    let v = times(m, n)
        .saturating_mul(if element == 8 { 12 } else { 4 })
        .saturating_add(TURNED.min(times(times(m, n), 4)));
    // How elements weigh on one another, and what is left of V against every stacked column.
    let grams = match spec.method {
        Method::SnmfRd => times(4, times(depth, depth)).saturating_add(times(depth.max(times(3, m)), n)),
        _ => 0,
    };
    let values = times(copies, factors).saturating_add(packed).saturating_add(tasks).saturating_add(grams);
    // V^P stands beside V.
    let compressed = if spec.power == 1.0 { 0 } else { times(times(m, n), element) };
    times(values, element).saturating_add(v).saturating_add(compressed)
}

/// The estimate in words.
#[must_use]
pub fn estimate_text(spec: &RunSpec, bins: usize, frames: usize) -> String {
    let mib = estimate(spec, bins, frames) >> 20;
    if mib < 10 << 10 { format!("about {} MiB", mib.max(1)) } else { format!("about {} GiB", mib >> 10) }
}

/// Refuses a run that the machine's free memory cannot hold.
///
/// # Errors
/// The estimate is above what is free.
pub fn check(spec: &RunSpec, bins: usize, frames: usize) -> Result<(), TooLarge> {
    let (need, have) = (estimate(spec, bins, frames), available());
    if need <= have {
        return Ok(());
    }
    let (components, lags) = (spec.components, spec.lags);
    Err(TooLarge { bins, frames, components, lags, need: need >> 20, have: have >> 20 })
}

/// How many bytes the samples of a sound may take: half of what is free, for resampling needs them twice.
#[must_use]
pub fn for_samples() -> u64 {
    available() / 2
}

/// Free memory in bytes.
pub(super) fn available() -> u64 {
    let told = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        let kib: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(kib << 10)
    });
    told.unwrap_or(ASSUMED)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::super::spec::SpecDraft;
    use super::*;

    fn spec(components: usize, lags: usize) -> RunSpec {
        let draft = SpecDraft { components, lags, double: true, ..SpecDraft::default() };
        RunSpec {
            components,
            lags,
            ..SpecDraft { components: 1, lags: 1, ..draft }.parse().unwrap().runs.remove(0)
        }
    }

    #[test]
    fn the_largest_sizes_do_not_overflow() {
        assert_eq!(estimate(&spec(usize::MAX, usize::MAX), usize::MAX, usize::MAX), u64::MAX);
    }

    #[test]
    fn the_poster_fits_anywhere() {
        assert!(estimate(&spec(20, 7), 513, 91) < 32 << 20);
    }
}
