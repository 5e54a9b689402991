//! How much of V a model misses, over time and over frequency: `sum |V - Vhat| / sum V` of a frame, or of a bin.

use nalgebra::DMatrix;

use super::kind::{FigureError, PaneInput, PaneKind};
use super::look::Look;
use crate::figure::chart::{Chart, ChartSeries, Join};
use crate::figure::scene::{Axis, Mark, Pane, Plot, Scale};
use crate::figure::style::Stroke;
use crate::numeric::Magnitudes;
use crate::signal::Axes;

/// Over time.
pub const ERROR_TIME: PaneKind = PaneKind {
    name: "error-time",
    label: "Error over time",
    description: "which share of V each frame of a model misses",
    needs_input: true,
    is_shared: true,
    draw: |given| pane(given, ERROR_TIME, true),
};

/// Over frequency.
pub const ERROR_FREQUENCY: PaneKind = PaneKind {
    name: "error-frequency",
    label: "Error over frequency",
    description: "which share of V each bin of a model misses",
    needs_input: true,
    is_shared: true,
    draw: |given| pane(given, ERROR_FREQUENCY, false),
};

/// Frames computed at once.
const BLOCK: usize = 64;

/// The error of a model, as shares of V from 0 to about 1; 0 where V is silent and the model too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ErrorShares {
    pub of_frames: Vec<f64>,
    pub of_bins: Vec<f64>,
}

impl ErrorShares {
    /// Of V and a model of its shape.
    pub fn of(v: &DMatrix<f32>, vhat: &Magnitudes<f32>) -> Self {
        let (bins, frames) = v.shape();
        let (mut errors, mut sums) =
            ([vec![0.0; frames], vec![0.0; bins]], [vec![0.0; frames], vec![0.0; bins]]);
        let mut block = vec![0.0; bins * BLOCK];
        for first in (0..frames).step_by(BLOCK) {
            let block = &mut block[..bins * BLOCK.min(frames - first)];
            vhat.reconstruct_into(first, block);
            for (n, model) in (first..).zip(block.chunks_exact(bins)) {
                for (m, (&v, &model)) in v.column(n).iter().zip(model).enumerate() {
                    for (i, at) in [n, m].into_iter().enumerate() {
                        errors[i][at] += f64::from((v - model).abs());
                        sums[i][at] += f64::from(v);
                    }
                }
            }
        }
        let share =
            |(error, sum): (&f64, &f64)| if *error > 0.0 { error / sum.max(f64::MIN_POSITIVE) } else { 0.0 };
        let [of_frames, of_bins] = [0, 1].map(|i| errors[i].iter().zip(&sums[i]).map(share).collect());
        Self { of_frames, of_bins }
    }
}

/// Shares above this are drawn as this.
const MOST: f64 = 1.0;

/// The points of a curve over time in s, or over frequency in Hz.
fn points(errors: &ErrorShares, axes: &Axes, over_time: bool) -> Vec<(f64, f64)> {
    let at = |i: usize| if over_time { axes.time_of(i as f64) } else { axes.frequency_of(i as f64) };
    let shares = if over_time { &errors.of_frames } else { &errors.of_bins };
    shares.iter().enumerate().map(|(i, share)| (at(i), share.min(MOST))).collect()
}

/// The axis of a curve, and that of shares.
fn ends(axes: &Axes, count: usize, look: &Look, over_time: bool) -> [Axis; 2] {
    let screen = look.screen.as_ref();
    let last = count.max(2) as f64 - 1.0;
    let x = if over_time {
        let all = (0.0, axes.time_of(last));
        Axis::time(screen.map_or(all, |screen| screen.time))
    } else {
        let all = (axes.bin_hz(), axes.frequency_of(last));
        Axis::new("Frequency (Hz)", Scale::Frequency(look.scale), screen.map_or(all, |screen| screen.hertz))
    };
    [x, Axis::new("Error / V", Scale::Linear, (0.0, MOST))]
}

/// The curves as the window shows them; the second is dashed, so that both are seen where they meet.
pub fn plot(errors: &[Option<&ErrorShares>], axes: &Axes, look: &Look, over_time: bool) -> Plot {
    let count =
        errors.iter().flatten().map(|e| if over_time { e.of_frames.len() } else { e.of_bins.len() }).max();
    let [x, y] = ends(axes, count.unwrap_or(0), look, over_time);
    let marks = errors.iter().enumerate().filter_map(|(series, errors)| {
        let dash = if series == 1 { vec![5.0, 2.0] } else { Vec::new() };
        let stroke = Stroke { width: 1.2, dash, ..look.series(series) };
        Some(Mark::Line(points((*errors)?, axes, over_time), stroke))
    });
    Plot { x, y, marks: marks.collect(), grid: true, ..Plot::default() }
}

fn pane(given: &PaneInput<'_>, kind: PaneKind, over_time: bool) -> Result<Pane, FigureError> {
    let input = given.input(kind)?;
    let v = &input.spectrogram_f32().v;
    let mut series = Vec::new();
    for (run, label) in given.sources.runs.iter().zip(given.labels) {
        let shape = run.shape();
        if (shape.bins, shape.frames) != v.shape() {
            return Err(FigureError::NeedsInput { pane: kind.name });
        }
        let errors = ErrorShares::of(v, &Magnitudes::of(&run.factors(), run.power()));
        series.push(ChartSeries {
            name: label.clone(),
            points: points(&errors, &input.axes(), over_time),
            whiskers: Vec::new(),
            join: Join::Line,
            stroke: given.look.style.series(run.series),
        });
    }
    let count = if over_time { v.ncols() } else { v.nrows() };
    let [x, y] = ends(&input.axes(), count, given.look, over_time);
    let chart = Chart { title: kind.label.to_owned(), x, y, series, guide: None };
    Ok(chart.pane(kind.name, &given.look.style))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Factors;

    #[test]
    fn a_frame_that_the_model_misses_has_the_share_one() {
        let factors = Factors {
            w: vec![DMatrix::from_element(3, 1, 0.5f32)],
            h: DMatrix::from_row_slice(1, 4, &[1.0, 0.0, 1.0, 0.0]),
        };
        let v = DMatrix::from_fn(3, 4, |_, n| if n < 2 { 0.5 } else { 0.0 });
        let errors = ErrorShares::of(&v, &Magnitudes::of(&factors, 1.0));
        assert_eq!(errors.of_frames[..2], [0.0, 1.0]);
        assert!(errors.of_frames[2] > 1.0, "a sound where V has none");
        assert_eq!(errors.of_frames[3], 0.0, "silence is met");
        assert_eq!(errors.of_bins, [1.0; 3]);
    }
}
