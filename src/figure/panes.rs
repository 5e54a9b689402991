//! The panes of a figure, made of models and their input.

use std::sync::Arc;

use super::axis::{FrequencyScale, LOWEST_HZ};
use super::cascade::{Cascade, CascadeOrder, Layout};
use super::chart::{Chart, Join, Series, around};
use super::colormap::{ColorMap, diverging};
use super::histogram::{Histogram, percent};
use super::raster::{Columns, Levels, Region, colour, colour_signed, peaks};
use super::scene::{Axis, Body, ColourBar, Mark, Pane, Plot, Scale, Stroke, Style, Table, number};
use super::sources::{Point, Run, Sources, method_label};
use crate::engine::{Measure, Measures};
use crate::numeric::{AnyModel, Factors, Method, Model, Real};
use crate::signal::Axes;

/// How panes look.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Sizes and colours.
    pub style: Style,
    /// The frequency axis.
    pub scale: FrequencyScale,
    /// Colours of levels.
    pub levels: Levels,
    /// What makes a patch of a cascade.
    pub order: CascadeOrder,
    /// Whether counts of histograms are spread by factors of ten.
    pub log_count: bool,
    /// What rate-distortion diagrams show over the bytes.
    pub measure: Measure,
    /// Columns that an image of a spectrogram has at most; beyond, the peaks of neighbours share a pixel.
    pub most_columns: usize,
}

/// Columns of an image at most, unless told: half an hour of sound, and as much as programs that show files bear.
const MOST_COLUMNS: usize = 20_000;

impl Look {
    /// The usual look in this style.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            style,
            scale: FrequencyScale::default(),
            levels: Levels { map: ColorMap::default(), top_db: 0.0, range_db: 80.0 },
            order: CascadeOrder::default(),
            log_count: true,
            measure: Measure::default(),
            most_columns: MOST_COLUMNS,
        }
    }
}

/// Rows of an image whose frequencies are not spread evenly.
pub const WARPED_ROWS: usize = 1024;

/// Rows of an image at most: more than a page has dots. A bin has a row of its own up to an FFT of 8190 samples.
const MOST_ROWS: usize = 4096;

/// Pixels of an image at most.
const MOST_PIXELS: usize = 1 << 25;

/// Points of a curve at most: more than can be told apart on paper.
const MOST_POINTS: usize = 4000;

/// Part of its row that a curve's peak fills.
const FILL: f64 = 0.88;

/// The time axis of so many frames.
fn time_axis(axes: &Axes, frames: usize) -> Axis {
    let ends = (axes.time_of(-0.5), axes.time_of(frames as f64 - 0.5));
    Axis::new("Time (s)", Scale::Linear, ends)
}

/// The frequency axis with the bins between the rows of an image.
fn frequency_axis(axes: &Axes, bins: usize, scale: FrequencyScale) -> (Axis, Vec<f64>) {
    let nyquist = axes.frequency_of(bins as f64 - 1.0);
    if bins <= 1 {
        let half = 0.5 * axes.bin_hz();
        let names = vec![(0.0, number(0.0, 1.0))];
        let axis = Axis { names, ..Axis::new("Frequency (Hz)", Scale::Linear, (-half, half)) };
        return (axis, vec![-0.5, 0.5]);
    }
    let (ends, edges) = match scale {
        FrequencyScale::Linear => {
            // A row a bin, to the last half of the outermost ones.
            let rows = bins.min(MOST_ROWS);
            let edges = (0..=rows).map(|i| (i * bins) as f64 / rows as f64 - 0.5).collect();
            ((axes.frequency_of(-0.5), axes.frequency_of(bins as f64 - 0.5)), edges)
        }
        FrequencyScale::Log | FrequencyScale::Mel => {
            let lowest = if scale == FrequencyScale::Log { LOWEST_HZ.max(axes.bin_hz()) } else { 0.0 };
            let ends = (lowest.min(0.5 * nyquist), nyquist);
            let region = Region::new((0.0, 1.0), ends, scale, axes, 1, WARPED_ROWS);
            (ends, region.bins)
        }
    };
    (Axis::new("Frequency (Hz)", Scale::Frequency(scale), ends), edges)
}

/// A spectrogram, or a signed difference of two.
#[must_use]
pub fn spectrogram(
    source: &dyn Columns,
    axes: &Axes,
    look: &Look,
    (kind, title): (&'static str, String),
    bar: bool,
) -> Pane {
    let signed = kind == "residual";
    let (frames, bins) = (source.count(), source.bins());
    let (y, edges) = frequency_axis(axes, bins, look.scale);
    let columns = (-0.5, frames as f64 - 0.5);
    let region = region(columns, edges, frames.min(look.most_columns));
    let image = image(source, &region, look, signed);
    let bar = bar.then(|| colour_bar(look, signed));
    let x = time_axis(axes, frames);
    let body = Body::Plot(Plot { x, y, marks: vec![image], legend: Vec::new(), grid: false, bar });
    Pane { kind, title, body, rise: 0.5 }
}

/// What of a matrix an image shows, with so many columns of pixels where that is no more than anybody bears.
fn region(columns: (f64, f64), bins: Vec<f64>, width: usize) -> Region {
    let rows = bins.len().saturating_sub(1).max(1);
    Region { columns, bins, width: width.min((MOST_PIXELS / rows).max(1)) }
}

fn image(source: &dyn Columns, region: &Region, look: &Look, signed: bool) -> Mark {
    let values = peaks(source, region);
    let ground = look.style.ground();
    Mark::Image(if signed {
        colour_signed(&values, region.width, &look.levels, ground)
    } else {
        colour(&values, region.width, &look.levels, ground)
    })
}

/// What colours stand for.
fn colour_bar(look: &Look, signed: bool) -> ColourBar {
    let Levels { map, top_db, range_db } = look.levels;
    let (top, low) = (f64::from(top_db), f64::from(top_db - range_db));
    if !signed {
        let axis = Axis::new("Level (dB re max V)", Scale::Linear, (low, top));
        return ColourBar { colours: map.table().to_vec(), axis };
    }
    let [under, over] = diverging(look.style.ground());
    let level = |share: f64| number(low + (top - low) * share, 1.0);
    let names = [-1.0, -0.5, 0.0, 0.5, 1.0f64].map(|at| {
        let sign = if at < 0.0 { "V<V\u{302} " } else { "V>V\u{302} " };
        let sign = if at.abs() == 1.0 { sign } else { "" };
        (at, format!("{sign}{}", level(at.abs())))
    });
    let label = "Level (dB re max V)";
    let axis = Axis { names: names.to_vec(), ..Axis::new(label, Scale::Linear, (-1.0, 1.0)) };
    ColourBar { colours: under.iter().rev().chain(&over).copied().collect(), axis }
}

/// The bases side by side, the components in this order.
#[must_use]
pub fn cascade(
    factors: &Factors<f32>,
    components: &[usize],
    axes: &Axes,
    look: &Look,
    title: String,
    bar: bool,
) -> Pane {
    let shape = factors.shape();
    let layout = Layout { order: look.order, components: components.to_vec(), lags: 0..shape.lags };
    let source = Cascade::new(factors, &layout);
    let (y, edges) = frequency_axis(axes, shape.bins, look.scale);
    let count = layout.columns();
    let ends = (-0.5, count as f64 - 0.5);
    let (patches, columns) = layout.patches();
    let middle = |patch: usize| (patch * (columns + 1)) as f64 + 0.5 * (columns as f64 - 1.0);
    let (label, name): (String, Box<dyn Fn(usize) -> String>) = match look.order {
        CascadeOrder::ByComponent => {
            let of = components.to_vec();
            (format!("Component (T = {})", shape.lags), Box::new(move |patch| (of[patch] + 1).to_string()))
        }
        CascadeOrder::ByLag => {
            let each = format!("Lag (R = {})", components.len());
            (each, Box::new(|patch: usize| patch.to_string()))
        }
    };
    let names = if components.is_empty() {
        Vec::new()
    } else {
        (0..patches).map(|patch| (middle(patch), name(patch))).collect()
    };
    let x = Axis { names, ..Axis::new(&label, Scale::Linear, ends) };
    // On dark ground the gaps would be as dark as silence.
    let gap = if look.style.dark { look.style.edge() } else { look.style.ground() };
    let region = region(ends, edges, count);
    let image = Mark::Image(colour(&peaks(&source, &region), region.width, &look.levels, gap));
    let bar = bar.then(|| colour_bar(look, false));
    let body = Body::Plot(Plot { x, y, marks: vec![image], legend: Vec::new(), grid: false, bar });
    Pane { kind: "w", title, body, rise: 0.55 }
}

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

/// Element values of a side of a model: integers where it has some.
#[must_use]
pub fn elements(model: &AnyModel, of_h: bool) -> Vec<f32> {
    fn of<F: Real>(model: &Model<F>, of_h: bool) -> Vec<f32> {
        let real = |x: &F| f32::from_f64(x.to_f64());
        let whole = |k: &u32| f32::from_f64(f64::from(*k));
        match (model, of_h) {
            (Model::Real(factors), false) => factors.w.iter().flat_map(|w| w.iter().map(real)).collect(),
            (Model::Real(factors), true) => factors.h.iter().map(real).collect(),
            (Model::Quantised(q), false) => q.w.iter().flat_map(|w| w.iter().map(whole)).collect(),
            (Model::Quantised(q), true) => q.h.iter().map(whole).collect(),
        }
    }
    match model {
        AnyModel::F32(model) => of(model, of_h),
        AnyModel::F64(model) => of(model, of_h),
    }
}

/// Elements of which each value has a bar of its own in a histogram that counts evenly, as on the poster.
const MOST_EXACT: usize = 4096;

/// A bar of no width for each different value.
fn each(values: &[f32]) -> Vec<(f64, f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    sorted.chunk_by(|a, b| a == b).map(|group| (f64::from(group[0]), 0.0, group.len() as f64)).collect()
}

/// How often element values occur.
#[must_use]
pub fn histogram(model: &AnyModel, of_h: bool, look: &Look, label: &str, index: usize) -> Pane {
    let side = if of_h { "H" } else { "W" };
    let values = elements(model, of_h);
    let whole = model.is_quantised();
    let exact = (!look.log_count && values.len() <= MOST_EXACT).then(|| each(&values));
    let Histogram { bars, distinct, zeros, total } = Histogram::of(values);
    let bars = bars.into_iter().map(|(middle, width, count)| (middle, width, count as f64)).collect();
    let bars: Vec<(f64, f64, f64)> = match exact {
        Some(exact) if exact.len() > Vec::len(&bars) => exact,
        _ => bars,
    };
    let (low, high) = bars.iter().fold((0.0f64, 0.0f64), |(low, high), (middle, width, _)| {
        (low.min(middle - 0.5 * width), high.max(middle + 0.5 * width))
    });
    let spare = 0.01 * (high - low).max(1e-12);
    let most = bars.iter().map(|bar| bar.2).fold(1.0, f64::max);
    let y = if look.log_count {
        // A single element stands out of the ground.
        Axis::new("Elements", Scale::Decades, (0.7, 1.6 * most.max(6.0)))
    } else {
        // There is no half of an element.
        let few = (0..=5u32).take_while(|k| f64::from(*k) <= most).map(|k| (f64::from(k), k.to_string()));
        let names = if most <= 5.0 { few.collect() } else { Vec::new() };
        Axis { names, ..Axis::new("Elements", Scale::Linear, (0.0, 1.05 * most)) }
    };
    let x_label = if whole { format!("Integer in {side}") } else { format!("Element of {side}") };
    let x = Axis::new(&x_label, Scale::Linear, (low - spare, high + spare));
    let share = percent(zeros, total);
    let values = if distinct == 1 { "1 value".to_owned() } else { format!("{distinct} values") };
    let title = format!("{side}, {label}: {values}, {share} % zero");
    // Integers have a gap between their bars, so that each is seen.
    let bars = bars
        .into_iter()
        .filter(|bar| bar.2 > 0.0)
        .map(|(middle, width, count)| (middle, if whole { 0.8 * width } else { width }, count))
        .collect();
    let marks = vec![Mark::Bars(bars, look.style.series(index).colour)];
    let body = Body::Plot(Plot { x, y, marks, legend: Vec::new(), grid: false, bar: None });
    Pane { kind: if of_h { "hist-h" } else { "hist" }, title, body, rise: 0.42 }
}

/// Bytes to the right, a measure upwards, a line a method; real factors, which are far to the right, as their level.
#[must_use]
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
    let series: Vec<Series> = methods
        .iter()
        .map(|name| {
            let of_method = points.iter().filter(|point| point.method == *name);
            let mut points: Vec<(f64, f64)> =
                of_method.filter_map(|point| Some((point.bytes, value(point)?))).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            let join = if *name == Method::SnmfPoster.name() { Join::Dots } else { Join::Both };
            let stroke = look.style.method(known(name).wrapping_sub(1));
            Series { name: method_label(name).into_owned(), points, whiskers: Vec::new(), join, stroke }
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
    chart.pane("rd", &look.style)
}

/// Ends of a logarithmic axis that shows all values with a share to spare, and at least `least` decades.
fn decades(values: impl Iterator<Item = f64>, spare: f64, least: f64) -> (f64, f64) {
    let (low, high) = around(values.map(f64::log10), spare);
    let (low, high) = if high - low < least { (low - 0.2, high + 0.2) } else { (low, high) };
    (10f64.powf(low), 10f64.powf(high))
}

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

/// The poster's table, a run a row. What needs the sound is left out where there is none.
#[must_use]
pub fn table(sources: &Sources, title: &str) -> Pane {
    let labels = sources.labels();
    let reference = sources.runs.iter().zip(&labels).find(|(run, _)| !run.stored.model.is_quantised());
    let reference = reference.and_then(|(run, label)| Some((label, run.measures.clone()?)));
    // Of an older session some measures are not known.
    let is_known = |measure: &Measure| {
        let of = |measures: &Measures| measure.of(measures).is_some();
        sources.runs.iter().any(|run| run.measures.as_deref().is_some_and(of))
    };
    let known: Vec<Measure> = Measure::EACH.into_iter().filter(is_known).collect();
    let sizes: Vec<_> = sources.runs.iter().map(|run| (run.shape().components, run.shape().lags)).collect();
    let alike = sizes.windows(2).all(|pair| pair[0] == pair[1]);
    let mut head: Vec<[String; 2]> = Vec::new();
    let mut column = |first: &str, second: &str| head.push([first.to_owned(), second.to_owned()]);
    column("Method", "");
    if !alike {
        column("R", "");
        column("T", "");
    }
    for measure in &known {
        let unit = measure.unit();
        column(measure.label(), &if unit.is_empty() { String::new() } else { format!("({unit})") });
    }
    column("values", "in W");
    column("values", "in H");
    column("text.gz", "(bytes)");
    if let Some((label, _)) = &reference {
        column("text.gz of", &format!("{label} to it"));
    }
    let row =
        |(run, label): (&Run, &String)| {
            let mut cells = vec![label.clone()];
            if !alike {
                cells.extend([run.shape().components.to_string(), run.shape().lags.to_string()]);
            }
            let m = run.measures.as_deref();
            let with = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| number(x, 0.01));
            let whole = |x: Option<usize>| x.map_or_else(|| "-".to_owned(), grouped);
            cells.extend(known.iter().map(|measure| with(m.and_then(|m| measure.of(m)))));
            let bytes = m.map(|m| m.sizes.text_gzip_bytes);
            cells.extend([whole(m.map(|m| m.distinct_w)), whole(m.map(|m| m.distinct_h)), whole(bytes)]);
            if let Some((_, reference)) = &reference {
                let ratio = bytes.map(|bytes| reference.sizes.text_gzip_bytes as f64 / bytes as f64);
                cells.push(ratio.map_or_else(
                    || "-".to_owned(),
                    |ratio| format!("{}\u{2009}:\u{2009}1", number(ratio, 0.1)),
                ));
            }
            cells
        };
    let rows = sources.runs.iter().zip(&labels).map(row).collect();
    Pane { kind: "table", title: title.to_owned(), body: Body::Table(Table { head, rows }), rise: 0.0 }
}

/// A whole number in groups of three, with thin spaces.
fn grouped(n: usize) -> String {
    let digits: Vec<char> = n.to_string().chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    groups.join("\u{2009}")
}

/// The order in which the components of each run stand: as they are numbered in the first, and in the others as their
/// partners there.
#[must_use]
pub fn orders(sources: &Sources, factors: &[Arc<Factors<f32>>]) -> Vec<Vec<usize>> {
    let first = factors.first().map(Arc::as_ref);
    let of = |i: usize| {
        let matched = i > 0 && factors[i].shape().bins == factors[0].shape().bins;
        let all = super::Components::of(first, Some(factors[i].as_ref()));
        all.order_of_second(false, matched)
    };
    (0..sources.runs.len()).map(of).collect()
}
