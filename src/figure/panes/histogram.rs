//! How often element values occur: the picture in which storable factors stand out.

use super::kind::{PaneInput, PaneKind};
use super::look::Look;
use crate::figure::histogram::{Histogram, percent};
use crate::figure::scene::{Axis, Body, Mark, Pane, Plot, Scale};
use crate::numeric::{AnyModel, Model, Real};

pub const HIST: PaneKind = PaneKind {
    name: "hist",
    label: "Values of W",
    description: "how often element values of W occur",
    needs_input: false,
    is_shared: false,
    draw: |given| Ok(of_run(given, false)),
};

pub const HIST_H: PaneKind = PaneKind {
    name: "hist-h",
    label: "Values of H",
    description: "how often element values of H occur",
    needs_input: false,
    is_shared: false,
    draw: |given| Ok(of_run(given, true)),
};

fn of_run(given: &PaneInput<'_>, of_h: bool) -> Pane {
    histogram(&given.run().stored.model, of_h, given.look, given.label(), given.series)
}

/// Element values of a side of a model: integers where it has some.
fn elements(model: &AnyModel, of_h: bool) -> Vec<f32> {
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

/// How often element values occur, on paper.
pub fn histogram(model: &AnyModel, of_h: bool, look: &Look, label: &str, series: usize) -> Pane {
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
    let marks = vec![Mark::Bars(bars, look.style.series(series).colour)];
    let body = Body::Plot(Plot { x, y, marks, ..Plot::default() });
    Pane { kind: if of_h { HIST_H.name } else { HIST.name }, title, body, rise: 0.42 }
}

/// The same as the window shows it while it changes, without bars where there is no model. Where counts are spread by factors of ten, a bar is as high as the
/// logarithm of one more than its count, so that a single element has a height, and none has no height.
pub fn plot(model: Option<&AnyModel>, of_h: bool, look: &Look, series: usize) -> Plot {
    let values = model.map_or_else(Vec::new, |model| elements(model, of_h));
    let Histogram { bars, distinct, zeros, total } = Histogram::of(values);
    let log = look.log_count;
    let tall = |count: usize| if log { (count as f64 + 1.0).log10() } else { count as f64 };
    let left = bars.first().map_or(0.0, |b| b.0 - b.1);
    let right = bars.last().map_or(1.0, |b| b.0 + b.1);
    let top = bars.iter().map(|b| tall(b.2)).fold(if log { 1.0 } else { 4.0 }, f64::max) * 1.15;
    // A label at the very end would stand in a neighbour's place.
    let decades = (0..=20u32).map(f64::from).take_while(|power| log && *power <= 0.97 * top);
    let names = decades.map(|power| (power, power_of_ten(power))).collect();
    let x = if model.is_some_and(AnyModel::is_quantised) { "Integer" } else { "Element value" };
    let bars = bars.into_iter().filter(|b| b.2 > 0).map(|(value, width, count)| (value, width, tall(count)));
    let bars = Mark::Bars(bars.collect(), look.series(series).colour);
    let description = format!("{distinct} distinct, {} % zero", percent(zeros, total));
    Plot {
        x: Axis::new(x, Scale::Linear, (left, right)),
        y: Axis { names, ..Axis::new("Count", Scale::Linear, (0.0, top)) },
        marks: vec![bars],
        grid: true,
        description,
        ..Plot::default()
    }
}

/// 10 to a whole power, briefly.
fn power_of_ten(power: f64) -> String {
    let (unit, size) = match power {
        e if e >= 6.0 => ("M", e - 6.0),
        e if e >= 3.0 => ("k", e - 3.0),
        e => ("", e),
    };
    format!("{:.0}{unit}", 10f64.powf(size))
}
