//! Matrices as pixels: pooled by maximum, so that no peak is lost however small the picture.

use nalgebra::DMatrix;

use super::axis::FrequencyScale;
use super::colormap::{ColorMap, STEPS, diverging};
use crate::numeric::Magnitudes;
use crate::signal::Axes;

/// Columns of non-negative numbers, a bin a row, handed out a few at a time.
pub trait Columns {
    fn bins(&self) -> usize;
    fn count(&self) -> usize;
    /// Fills `out`, column by column, from column `first` on.
    fn read(&self, first: usize, out: &mut [f32]);
}

impl Columns for DMatrix<f32> {
    fn bins(&self) -> usize {
        self.nrows()
    }
    fn count(&self) -> usize {
        self.ncols()
    }
    fn read(&self, first: usize, out: &mut [f32]) {
        out.copy_from_slice(&self.as_slice()[first * self.nrows()..][..out.len()]);
    }
}

/// Vhat, computed for the columns that are asked for.
impl Columns for Magnitudes<f32> {
    fn bins(&self) -> usize {
        self.shape().bins
    }
    fn count(&self) -> usize {
        self.shape().frames
    }
    fn read(&self, first: usize, out: &mut [f32]) {
        self.reconstruct_into(first, out);
    }
}

/// V - Vhat, signed.
pub struct Residual<'a>(pub &'a DMatrix<f32>, pub &'a Magnitudes<f32>);

impl Columns for Residual<'_> {
    fn bins(&self) -> usize {
        self.0.nrows()
    }
    fn count(&self) -> usize {
        self.0.ncols()
    }
    fn read(&self, first: usize, out: &mut [f32]) {
        self.1.reconstruct_into(first, out);
        let v = &self.0.as_slice()[first * self.0.nrows()..][..out.len()];
        out.iter_mut().zip(v).for_each(|(x, v)| *x = v - *x);
    }
}

/// What of a matrix a picture shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// Left edge and right edge in columns; column n covers n - 1/2 to n + 1/2.
    pub columns: (f64, f64),
    /// Edges of the pixel rows in bins, from the bottom up, one more than there are rows.
    pub bins: Vec<f64>,
    /// Width in pixels.
    pub width: usize,
}

impl Region {
    /// The region between two frequencies in Hz on `scale`, `width` by `height` pixels.
    pub fn new(
        columns: (f64, f64),
        hertz: (f64, f64),
        scale: FrequencyScale,
        axes: &Axes,
        width: usize,
        height: usize,
    ) -> Self {
        let (low, high) = (scale.height(hertz.0), scale.height(hertz.1));
        let edge = |i: usize| axes.bin_at(scale.frequency(low + (high - low) * i as f64 / height as f64));
        Self { columns, bins: (0..=height).map(edge).collect(), width }
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        self.bins.len().saturating_sub(1)
    }
}

/// Values of pixels, or pixels: row by row from the top.
#[derive(Clone, Debug, PartialEq)]
pub struct Raster {
    pub width: usize,
    pub height: usize,
    /// sRGB.
    pub pixels: Vec<[u8; 3]>,
}

/// Columns computed at once.
const BLOCK: usize = 64;

/// The value furthest from zero that falls on each pixel, row by row from the top; NaN where there is none.
pub fn peaks(source: &dyn Columns, region: &Region) -> Vec<f32> {
    // NaN is further than nothing: it gives way to any number.
    let further = |a: f32, b: f32| if a.is_nan() || b.abs() > a.abs() { b } else { a };
    let (width, height) = (region.width, region.height());
    let (bins, count) = (source.bins(), source.count());
    let mut out = vec![f32::NAN; width * height];
    if bins == 0 || count == 0 {
        return out;
    }
    let rows: Vec<(usize, usize)> = region.bins.windows(2).map(|w| cells(w[0], w[1], bins)).collect();
    let (left, right) = region.columns;
    let edge = |x: usize| left + (right - left) * x as f64 / width as f64;
    let mut block = Vec::new();
    // Columns are read in order, each at most once: `loaded` is the range that `block` holds.
    let mut loaded = 0..0;
    let mut pooled = vec![f32::NAN; bins];
    for x in 0..width {
        let (first, past) = cells(edge(x), edge(x + 1), count);
        if first == past {
            continue;
        }
        pooled.fill(f32::NAN);
        for n in first..past {
            if !loaded.contains(&n) {
                loaded = n..(n + BLOCK).min(count);
                block.resize(bins * loaded.len(), 0.0);
                source.read(n, &mut block);
            }
            let column = &block[(n - loaded.start) * bins..][..bins];
            pooled.iter_mut().zip(column).for_each(|(p, v)| *p = further(*p, *v));
        }
        for (y, &(low, high)) in rows.iter().enumerate() {
            let peak = pooled[low..high].iter().fold(f32::NAN, |a, &b| further(a, b));
            out[(height - 1 - y) * width + x] = peak;
        }
    }
    out
}

/// The cells that belong to an interval: those whose left edge lies in it, or the one it lies in.
fn cells(from: f64, to: f64, count: usize) -> (usize, usize) {
    let (first, past) = ((from + 0.5).floor(), (to + 0.5).floor().max((from + 0.5).floor() + 1.0));
    let inside = |x: f64| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
        let cell = x.clamp(0.0, count as f64) as usize;
        cell
    };
    (inside(first), inside(past))
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelRange {
    pub map: ColorMap,
    /// Level of the lightest colour, dB re 1.
    pub top_db: f32,
    /// dB from the lightest to the darkest colour.
    pub range_db: f32,
}

impl LevelRange {
    /// Usual level of the lightest colour, dB re 1.
    pub const TOP_DB: f32 = 0.0;
    /// Usual range in dB.
    pub const RANGE_DB: f32 = 80.0;
}

/// Colours values of which 1 is 0 dB; `empty` where there is none.
pub fn colour(values: &[f32], width: usize, levels: &LevelRange, empty: [u8; 3]) -> Raster {
    let table = levels.map.table();
    let pixel = |&x: &f32| {
        if x.is_nan() {
            return empty;
        }
        table[step_of(x, levels)]
    };
    Raster {
        width,
        height: values.len().checked_div(width).unwrap_or(0),
        pixels: values.iter().map(pixel).collect(),
    }
}

/// Colours differences of which 1 is 0 dB: the sign is the hue, and the level, over the same range, its strength.
/// What is below the range has the colour of `ground`, as has what is not there.
pub fn colour_signed(values: &[f32], width: usize, levels: &LevelRange, ground: [u8; 3]) -> Raster {
    signed(values, width, ground, |x| step_of(x, levels))
}

/// Colours values from -1 to 1: the sign is the hue, the value its strength, and 0 the colour of `ground`.
pub fn colour_shares(values: &[f32], width: usize, ground: [u8; 3]) -> Raster {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let step = |x: f32| (x.min(1.0) * (STEPS - 1) as f32).round() as usize;
    signed(values, width, ground, step)
}

/// Colours by sign and by the `step` of what is left without it.
fn signed(values: &[f32], width: usize, ground: [u8; 3], step: impl Fn(f32) -> usize) -> Raster {
    let [under, over] = diverging(ground);
    let pixel = |&x: &f32| {
        if x.is_nan() {
            return ground;
        }
        let step = step(x.abs());
        if x < 0.0 { under[step] } else { over[step] }
    };
    Raster {
        width,
        height: values.len().checked_div(width).unwrap_or(0),
        pixels: values.iter().map(pixel).collect(),
    }
}

/// The place of a level in a table of colours.
fn step_of(x: f32, levels: &LevelRange) -> usize {
    let db = 20.0 * x.max(1e-20).log10();
    let place = (db - levels.top_db) / levels.range_db + 1.0;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let step = (place.clamp(0.0, 1.0) * (STEPS - 1) as f32).round() as usize;
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Named;

    fn axes() -> Axes {
        Axes { rate: 16_000, fft: 1024, hop: 512 }
    }

    #[test]
    fn a_single_peak_survives_any_reduction() {
        let mut v = DMatrix::<f32>::zeros(513, 2000);
        v[(200, 1234)] = 1.0;
        for (width, height) in [(1, 1), (37, 20), (300, 200), (2000, 513)] {
            for &scale in FrequencyScale::ALL {
                let region = Region::new((-0.5, 1999.5), (0.0, 8000.0), scale, &axes(), width, height);
                let peaks = peaks(&v, &region);
                let bright: Vec<usize> = (0..peaks.len()).filter(|i| peaks[*i] == 1.0).collect();
                assert!(!bright.is_empty(), "{width} x {height} {}", scale.name());
                let (x, exact) = ((bright[0] % width) as f64, 1234.5 / 2000.0 * width as f64);
                assert_eq!(x, exact.floor(), "{width}");
            }
        }
    }

    #[test]
    fn zoomed_in_a_cell_becomes_a_block_at_its_place() {
        let mut v = DMatrix::<f32>::zeros(10, 10);
        v[(3, 4)] = 1.0;
        let small = Axes { rate: 10, fft: 10, hop: 1 };
        let region = Region::new((3.5, 5.5), (2.5, 4.5), FrequencyScale::Linear, &small, 4, 4);
        let bright: Vec<usize> =
            peaks(&v, &region).iter().enumerate().filter(|(_, x)| **x == 1.0).map(|x| x.0).collect();
        // The left half, the lower half.
        assert_eq!(bright, [8, 9, 12, 13]);
    }

    #[test]
    fn outside_of_the_matrix_there_is_nothing() {
        let v = DMatrix::<f32>::from_element(4, 4, 0.5);
        let small = Axes { rate: 4, fft: 4, hop: 1 };
        let region = Region::new((-4.5, 7.5), (0.0, 2.0), FrequencyScale::Linear, &small, 12, 1);
        let seen: Vec<bool> = peaks(&v, &region).iter().map(|x| !x.is_nan()).collect();
        assert_eq!(seen.iter().filter(|s| **s).count(), 4);
        assert!(seen[4..8].iter().all(|s| *s));
        let nothing = Region::new((0.0, 1.0), (0.0, 2.0), FrequencyScale::Linear, &small, 0, 0);
        assert!(peaks(&v, &nothing).is_empty());
        assert_eq!(colour(&[], 0, &LEVELS, [0; 3]).height, 0);
    }

    const LEVELS: LevelRange = LevelRange { map: ColorMap::Magma, top_db: 0.0, range_db: 80.0 };

    #[test]
    fn differences_are_shown_by_hue_and_fade_into_the_ground() {
        let mut v = DMatrix::<f32>::zeros(2, 40);
        (v[(0, 3)], v[(0, 4)], v[(1, 9)]) = (0.25, -0.5, 0.125);
        let small = Axes { rate: 2, fft: 2, hop: 1 };
        let region = Region::new((-0.5, 39.5), (-0.5, 1.5), FrequencyScale::Linear, &small, 4, 2);
        let values = peaks(&v, &region);
        assert_eq!((values[4], values[0]), (-0.5, 0.125), "the furthest from zero, with its sign");
        for ground in [[12, 14, 16], [250, 251, 251]] {
            let raster = colour_signed(&[0.5, -0.5, 1e-6, 0.0, f32::NAN], 5, &LEVELS, ground);
            assert!(raster.pixels[2..].iter().all(|p| *p == ground));
            let [over, under] = [raster.pixels[0], raster.pixels[1]];
            assert!(over[1] > over[0] && over[1] > over[2], "green: {over:?}");
            assert!(under[1] < under[0] && under[1] < under[2], "purple: {under:?}");
        }
    }

    #[test]
    fn levels_are_spread_over_the_map() {
        let raster = colour(&[1.0, 1e-2, 1e-4, 0.0, f32::NAN, 10.0], 6, &LEVELS, [1, 2, 3]);
        let table = ColorMap::Magma.table();
        assert_eq!(raster.pixels, [table[255], table[128], table[0], table[0], [1, 2, 3], table[255]]);
    }
}
