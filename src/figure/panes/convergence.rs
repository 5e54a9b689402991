//! The objective of each iteration, every one of them, never smoothed.

use super::kind::{FigureError, PaneInput, PaneKind};
use super::look::Look;
use crate::figure::chart::{Chart, ChartSeries, Join, around};
use crate::figure::scene::{Axis, Mark, Pane, Plot, Scale};
use crate::figure::style::Stroke;

pub const CONVERGENCE: PaneKind = PaneKind {
    name: "convergence",
    label: "Convergence",
    description: "the objective of each iteration",
    needs_input: false,
    is_shared: true,
    draw: pane,
};

/// Points of a curve in the window beyond which neighbours fall on one pixel.
const MOST_POINTS: usize = 4000;

/// A line a run, with a legend; none where no run has a curve.
fn pane(given: &PaneInput<'_>) -> Result<Pane, FigureError> {
    let (runs, style) = (&given.sources.runs, &given.look.style);
    let series: Vec<ChartSeries> = runs
        .iter()
        .zip(given.labels)
        .filter(|(run, _)| !run.objective.is_empty())
        .map(|(run, label)| {
            let points = run.objective.iter().enumerate().map(|(k, d)| (k as f64 + 1.0, *d)).collect();
            let (name, stroke) = (label.clone(), style.series(run.series));
            ChartSeries { name, points, whiskers: Vec::new(), join: Join::Line, stroke }
        })
        .collect();
    let last = series.iter().map(|series| series.points.len()).max().ok_or(FigureError::NoCurve)?;
    let values = || series.iter().flat_map(|series| series.points.iter().map(|p| p.1));
    let (least, most) = values().fold((f64::INFINITY, 0.0f64), |(a, b), d| (a.min(d), b.max(d)));
    let y = if least > 0.0 && most > least {
        let spare = (most / least).powf(0.06).max(1.02);
        Axis::new("Objective D", Scale::Decades, (least / spare, most * spare))
    } else {
        let (low, high) = around(values(), 0.06);
        Axis::new("Objective D", Scale::Linear, (low, high))
    };
    let x = Axis::new("Iteration", Scale::Linear, (1.0, (last as f64).max(2.0)));
    let chart = Chart { title: "Convergence".to_owned(), x, y, series, guide: None };
    Ok(chart.pane(CONVERGENCE.name, style))
}

/// The curves as the window shows them while they grow: each series a line, all of them on one logarithmic axis.
pub fn plot(curves: &[&[f64]], look: &Look) -> Plot {
    let lines: Vec<Vec<(f64, f64)>> = curves.iter().map(|objective| thinned(objective)).collect();
    let all = || lines.iter().flatten();
    let right = all().map(|p| p.0).fold(10.0, f64::max);
    let (bottom, top) =
        all().fold((f64::INFINITY, f64::NEG_INFINITY), |(b, t), p| (b.min(p.1.log10()), t.max(p.1.log10())));
    let (bottom, top) = if bottom <= top { (bottom - 0.1, top + 0.1) } else { (0.0, 3.0) };
    let line = |(series, points)| Mark::Line(points, Stroke { width: 1.5, ..look.series(series) });
    Plot {
        x: Axis::new("Iteration", Scale::Linear, (0.0, right)),
        y: Axis::new("Objective D", Scale::Decades, (10f64.powf(bottom), 10f64.powf(top))),
        marks: lines.into_iter().enumerate().map(line).collect(),
        grid: true,
        ..Plot::default()
    }
}

/// Iteration and D; of very many, every k-th and the last.
fn thinned(objective: &[f64]) -> Vec<(f64, f64)> {
    let step = objective.len().div_ceil(MOST_POINTS).max(1);
    let last = objective.len().saturating_sub(1);
    let kept = |i: &usize| i.is_multiple_of(step) || *i == last;
    (0..objective.len()).filter(kept).map(|i| ((i + 1) as f64, objective[i].max(1e-12))).collect()
}
