//! The objective of each iteration.

use super::Look;
use crate::figure::chart::{Chart, Join, Series, around};
use crate::figure::scene::{Axis, Pane, Scale};
use crate::figure::sources::Run;

/// The objective after each iteration, a line a run; none where no run has a curve.
#[must_use]
pub fn convergence(runs: &[Run], labels: &[String], look: &Look) -> Option<Pane> {
    let series: Vec<Series> = runs
        .iter()
        .zip(labels)
        .filter(|(run, _)| !run.objective.is_empty())
        .map(|(run, label)| {
            let stroke = look.style.series(run.series);
            let points = run.objective.iter().enumerate().map(|(k, d)| (k as f64 + 1.0, *d)).collect();
            Series { name: label.clone(), points, whiskers: Vec::new(), join: Join::Line, stroke }
        })
        .collect();
    let last = series.iter().map(|series| series.points.len()).max()?;
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
    Some(chart.pane("convergence", &look.style))
}
