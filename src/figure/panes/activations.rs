//! The activations over time.

use super::Look;
use super::axes::time_axis;
use crate::figure::scene::{Axis, Body, Mark, Pane, Plot, Scale, Stroke};
use crate::numeric::Factors;
use crate::signal::Axes;

/// Points of a curve at most: more than can be told apart on paper.
const MOST_POINTS: usize = 4000;

/// Part of its row that a curve's peak fills.
const FILL: f64 = 0.88;

/// A curve a component, each scaled to its peak, the first at the top.
#[must_use]
pub fn activations(
    factors: &Factors<f32>,
    components: &[usize],
    axes: &Axes,
    look: &Look,
    title: String,
    index: usize,
) -> Pane {
    let shape = factors.shape();
    let rows = components.len().max(1) as f64;
    let stroke = Stroke { width: 0.6, dash: Vec::new(), ..look.style.series(index) };
    let x = time_axis(axes, shape.frames);
    let mut marks = Vec::new();
    let mut names = Vec::new();
    for (row, &r) in components.iter().enumerate() {
        let base = rows - 1.0 - row as f64;
        names.push((base + 0.5, (r + 1).to_string()));
        let ends = vec![(x.ends.0, base), (x.ends.1, base)];
        marks.push(Mark::Line(ends, Stroke::solid(look.style.hairline(), 0.3)));
        let values: Vec<f32> = factors.h.row(r).iter().copied().collect();
        let peak = values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let point = |(n, h): (usize, f32)| (axes.time_of(n as f64), base + 0.04 + FILL * f64::from(h / peak));
        marks.push(Mark::Line(thinned(&values).into_iter().map(point).collect(), stroke.clone()));
    }
    let y = Axis { names, ..Axis::new("Component", Scale::Linear, (0.0, rows)) };
    let body = Body::Plot(Plot { x, y, marks, legend: Vec::new(), grid: false, bar: None });
    Pane { kind: "h", title, body, rise: 0.42 }
}

/// Values with their places; of very many, the least and the largest of each stretch.
fn thinned(values: &[f32]) -> Vec<(usize, f32)> {
    let each = (2 * values.len()).div_ceil(MOST_POINTS).max(1);
    if each <= 2 {
        return values.iter().copied().enumerate().collect();
    }
    let stretch = |(i, part): (usize, &[f32])| {
        let places = || part.iter().copied().enumerate().map(move |(k, x)| (i * each + k, x));
        let least = places().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = places().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<(usize, f32)> = least.into_iter().chain(most).collect();
        both.sort_by_key(|point| point.0);
        both.dedup();
        both
    };
    values.chunks(each).enumerate().flat_map(stretch).collect()
}
