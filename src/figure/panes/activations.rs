//! The activations over time.

use super::axes::time_axis;
use super::kind::{PaneInput, PaneKind};
use super::look::Look;
use crate::figure::scene::{Axis, Body, Mark, Pane, Plot, Scale};
use crate::figure::style::Stroke;
use crate::numeric::Factors;
use crate::signal::Axes;

pub const H: PaneKind = PaneKind {
    name: "h",
    label: "Activations H",
    description: "the activations over time",
    needs_input: false,
    is_shared: false,
    draw: |given| Ok(pane(given)),
};

/// Points of a curve at most on paper: more cannot be distinguished.
const MOST_POINTS: usize = 4000;

/// Where in its row a curve begins and what part of it its peak fills, on paper and in the window.
const PAPER: (f64, f64) = (0.04, 0.88);
const SCREEN: (f64, f64) = (0.0, 0.9);

/// A curve a component, each scaled to its peak, the first at the top; on paper each on a hairline.
pub fn plot(factors: &Factors<f32>, components: &[usize], axes: &Axes, look: &Look, series: usize) -> Plot {
    let shape = factors.shape();
    let rows = components.len().max(1) as f64;
    let stroke = Stroke { width: 0.6, dash: Vec::new(), ..look.series(series) };
    let (x, columns) = time_axis(axes, shape.frames, look);
    let (foot, fill) = if look.screen.is_some() { SCREEN } else { PAPER };
    let mut marks = Vec::new();
    let mut names = Vec::new();
    for (row, &r) in components.iter().enumerate().filter(|(_, r)| **r < shape.components) {
        let base = rows - 1.0 - row as f64;
        names.push((base + 0.5, (r + 1).to_string()));
        let values: Vec<f32> = factors.h.row(r).iter().copied().collect();
        let peak = values.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        let points = if let Some(screen) = &look.screen {
            loudest(&values, columns, screen.pixels.0)
        } else {
            let ends = vec![(x.ends.0, base), (x.ends.1, base)];
            marks.push(Mark::Line(ends, Stroke::solid(look.style.hairline(), 0.3)));
            thinned(&values)
        };
        let point = |(n, h): (f64, f32)| (axes.time_of(n), base + foot + fill * f64::from(h / peak));
        marks.push(Mark::Line(points.into_iter().map(point).collect(), stroke.clone()));
    }
    let y = Axis { names, ..Axis::new("Component", Scale::Linear, (0.0, rows)) };
    Plot { x, y, marks, ..Plot::default() }
}

fn pane(given: &PaneInput<'_>) -> Pane {
    let body = Body::Plot(plot(given.factors, given.order, &given.axes(), given.look, given.series));
    Pane { kind: H.name, title: format!("H, {}", given.label()), body, rise: 0.42 }
}

/// The peak of each column of pixels between two places, at its middle.
fn loudest(values: &[f32], columns: (f64, f64), width: usize) -> Vec<(f64, f32)> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
    let frame = |column: f64| column.clamp(0.0, values.len() as f64) as usize;
    let (first, past) = (frame(columns.0), (frame(columns.1) + 2).min(values.len()));
    let step = (past.saturating_sub(first) / width.max(1)).max(1);
    let peak = |n: usize| {
        let end = (n + step).min(values.len());
        let middle = f64::midpoint(n as f64, (end - 1) as f64);
        (middle, values[n..end].iter().copied().fold(0.0, f32::max))
    };
    (first..past).step_by(step).map(peak).collect()
}

/// Values with their places; of very many, the least and the largest of each stretch.
fn thinned(values: &[f32]) -> Vec<(f64, f32)> {
    let each = (2 * values.len()).div_ceil(MOST_POINTS).max(1);
    if each <= 2 {
        return values.iter().enumerate().map(|(n, h)| (n as f64, *h)).collect();
    }
    let stretch = |(i, part): (usize, &[f32])| {
        let places = || part.iter().copied().enumerate().map(move |(k, x)| (i * each + k, x));
        let least = places().min_by(|a, b| a.1.total_cmp(&b.1));
        let most = places().max_by(|a, b| a.1.total_cmp(&b.1));
        let mut both: Vec<(usize, f32)> = least.into_iter().chain(most).collect();
        both.sort_by_key(|point| point.0);
        both.dedup();
        both.into_iter().map(|(n, h)| (n as f64, h))
    };
    values.chunks(each).enumerate().flat_map(stretch).collect()
}
