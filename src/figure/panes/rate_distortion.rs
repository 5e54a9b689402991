//! Quality over bytes.

use super::kind::{FigureError, PaneInput, PaneKind};
use super::look::Look;
use crate::figure::chart::{Chart, ChartSeries, Join, around};
use crate::figure::scene::{Axis, Pane, Scale};
use crate::figure::sources::{Point, Run, method_label};
use crate::figure::style::Stroke;
use crate::numeric::Method;

/// Colour and dashes of a method that is not known here.
const OTHER: usize = 14;

pub const RD: PaneKind = PaneKind {
    name: "rd",
    label: "Rate-distortion",
    description: "how near the models are to V, over their bytes",
    needs_input: true,
    is_shared: true,
    draw: pane,
};

fn pane(given: &PaneInput<'_>) -> Result<Pane, FigureError> {
    given.input(RD)?;
    let mut points = given.sources.sweep.clone();
    points.extend(given.sources.runs.iter().filter_map(Run::point));
    Ok(rate_distortion(&points, given.look, "Rate and distortion"))
}

/// Bytes to the right, a measure upwards, a line a method; real factors, which are far to the right, as their level.
pub fn rate_distortion(points: &[Point], look: &Look, title: &str) -> Pane {
    let measure = look.measure;
    // On a logarithmic axis there is no zero.
    let shown = |y: &f64| y.is_finite() && (*y > 0.0 || !measure.is_by_decades());
    let value = |point: &Point| measure.value(&point.quality).filter(shown);
    let points: Vec<&Point> = points.iter().filter(|point| value(point).is_some()).collect();
    let is_real = |point: &&&Point| Method::parse(&point.method).is_some_and(|method| !method.is_quantised());
    let first = points.iter().find(is_real).copied();
    let mut methods: Vec<&str> = Vec::new();
    for point in points.iter().filter(|point| !is_real(point)) {
        if !methods.contains(&point.method.as_str()) {
            methods.push(&point.method);
        }
    }
    let known =
        |name: &str| Method::ALL.iter().position(|method| method.name() == name).unwrap_or(usize::MAX);
    methods.sort_by_key(|name| known(name));
    // With nothing but real factors they are the points.
    let (methods, level) = match (methods.is_empty(), first) {
        (true, Some(point)) => (vec![point.method.as_str()], None),
        (_, first) => (methods, first),
    };
    let series: Vec<ChartSeries> = methods
        .iter()
        .map(|name| {
            let of_method = points.iter().filter(|point| point.method == *name);
            let mut points: Vec<(f64, f64)> =
                of_method.filter_map(|point| Some((point.bytes, value(point)?))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let method = Method::parse(name);
            let dots = method.is_some_and(Method::is_quantised_within_learning);
            let join = if dots { Join::Dots } else { Join::Both };
            let stroke = look.style.method(method.map_or(OTHER, |method| method.row().colour));
            // Real factors, which are alone then, have a line without dashes.
            let is_solid = method.is_some_and(|method| !method.is_quantised());
            let stroke = if is_solid { Stroke { dash: Vec::new(), ..stroke } } else { stroke };
            ChartSeries { name: method_label(name).into_owned(), points, whiskers: Vec::new(), join, stroke }
        })
        .collect();
    let level = level.and_then(|point| Some((point, value(point)?)));
    let all = || series.iter().flat_map(|series| series.points.iter());
    let bytes = decades(all().map(|p| p.0.max(1.0)), 0.06, 0.3);
    let values = || all().map(|p| p.1).chain(level.map(|(_, y)| y));
    let (scale, ends) = if measure.is_by_decades() {
        (Scale::Decades, decades(values(), 0.08, 0.2))
    } else {
        let (bottom, top) = around(values(), 0.08);
        (Scale::Linear, if top - bottom < 0.5 { (bottom - 0.5, top + 0.5) } else { (bottom, top) })
    };
    let guide =
        level.map(|(point, y)| (method_label(&point.method).into_owned(), [(bytes.0, y), (bytes.1, y)]));
    let y = format!("{}, {}", measure.heading(), measure.better().words());
    let chart = Chart {
        title: title.to_owned(),
        x: Axis::new("Text after gzip (bytes)", Scale::Decades, bytes),
        y: Axis::new(&y, scale, ends),
        series,
        guide,
    };
    chart.pane(RD.name, &look.style)
}

/// Ends of a logarithmic axis that shows all values with a share to spare, and at least `least` decades.
fn decades(values: impl Iterator<Item = f64>, spare: f64, least: f64) -> (f64, f64) {
    let (low, high) = around(values.map(f64::log10), spare);
    let (low, high) = if high - low < least { (low - 0.2, high + 0.2) } else { (low, high) };
    (10f64.powf(low), 10f64.powf(high))
}
