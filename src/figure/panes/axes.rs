//! Axes of time and frequency, and what of a matrix an image shows.

use super::Look;
use crate::figure::axis::{FrequencyScale, LOWEST_HZ};
use crate::figure::raster::Region;
use crate::figure::scene::{Axis, Scale, number};
use crate::signal::Axes;

/// Rows of an image whose frequencies are not spread evenly.
pub const WARPED_ROWS: usize = 1024;

/// Rows of an image at most: more than a page has dots. A bin has a row of its own up to an FFT of 8190 samples.
const MOST_ROWS: usize = 4096;

/// Pixels of an image at most.
const MOST_PIXELS: usize = 1 << 25;

/// The time axis of so many frames, with the columns at its ends.
pub(super) fn time_axis(axes: &Axes, frames: usize, look: &Look) -> (Axis, (f64, f64)) {
    let (ends, columns) = if let Some(screen) = &look.screen {
        (screen.time, (axes.frame_at(screen.time.0), axes.frame_at(screen.time.1)))
    } else {
        let columns = (-0.5, frames as f64 - 0.5);
        ((axes.time_of(columns.0), axes.time_of(columns.1)), columns)
    };
    (Axis::time(ends), columns)
}

/// The frequency axis with the bins between the rows of an image.
pub(super) fn frequency_axis(axes: &Axes, bins: usize, look: &Look) -> (Axis, Vec<f64>) {
    const LABEL: &str = "Frequency (Hz)";
    let scale = look.scale;
    let warped = |ends: (f64, f64), rows: usize| {
        let region = Region::new((0.0, 1.0), ends, scale, axes, 1, rows);
        (Axis::new(LABEL, Scale::Frequency(scale), ends), region.bins)
    };
    if let Some(screen) = &look.screen {
        return warped(screen.hertz, screen.pixels.1);
    }
    let nyquist = axes.frequency_of(bins as f64 - 1.0);
    if bins <= 1 {
        let half = 0.5 * axes.bin_hz();
        let names = vec![(0.0, number(0.0, 1.0))];
        let axis = Axis { names, ..Axis::new(LABEL, Scale::Linear, (-half, half)) };
        return (axis, vec![-0.5, 0.5]);
    }
    match scale {
        FrequencyScale::Linear => {
            // A row a bin, to the last half of the outermost ones.
            let rows = bins.min(MOST_ROWS);
            let edges = (0..=rows).map(|i| (i * bins) as f64 / rows as f64 - 0.5).collect();
            let ends = (axes.frequency_of(-0.5), axes.frequency_of(bins as f64 - 0.5));
            (Axis::new(LABEL, Scale::Frequency(scale), ends), edges)
        }
        FrequencyScale::Log | FrequencyScale::Mel => {
            let lowest = if scale == FrequencyScale::Log { LOWEST_HZ.max(axes.bin_hz()) } else { 0.0 };
            warped((lowest.min(0.5 * nyquist), nyquist), WARPED_ROWS)
        }
    }
}

/// What of a matrix an image shows: at the pixels of the screen, or with `width` columns of pixels on paper where that is
/// no more than anybody bears.
pub(super) fn region(columns: (f64, f64), bins: Vec<f64>, width: usize, look: &Look) -> Region {
    let rows = bins.len().saturating_sub(1).max(1);
    let width = look.screen.as_ref().map_or(width, |screen| screen.pixels.0);
    Region { columns, bins, width: width.min((MOST_PIXELS / rows).max(1)) }
}
