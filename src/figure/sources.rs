//! What figures are made of: models with what is known of them, the input, and points of a sweep.

use std::borrow::Cow;
use std::sync::Arc;

use crate::codec::{Header, Stored, text};
use crate::engine::{Analysis, Measures, Quality};
use crate::numeric::{Factors, Method, Shape};
use crate::signal::Axes;

/// Letters of a label at most: beside others there is no room for more.
const LABEL: usize = 32;

#[derive(Clone, Debug)]
pub struct Run {
    /// Where it came from: a file's name, or a column's.
    pub name: String,
    /// Factors with their header.
    pub stored: Arc<Stored>,
    /// Its numbers, where they have been measured.
    pub measures: Option<Arc<Measures>>,
    /// The objective after each iteration; empty where it is not known.
    pub objective: Arc<Vec<f64>>,
    /// Which of the colours of series is its own: 0 for column A, 1 for column B.
    pub series: usize,
}

/// A point of a rate-distortion curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub method: String,
    /// Bytes of S as text after gzip.
    pub bytes: f64,
    pub quality: Quality,
}

impl Point {
    /// The place of a model of that method with these numbers.
    pub fn of(method: &str, measures: &Measures) -> Self {
        let bytes = measures.sizes.text_gzip_bytes as f64;
        Self { method: method.to_owned(), bytes, quality: measures.quality }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The models, in the order of the columns.
    pub runs: Vec<Run>,
    /// What they are compared with.
    pub analysis: Option<Arc<Analysis>>,
    /// Points beside those of the runs.
    pub sweep: Vec<Point>,
}

impl Run {
    /// The method as it is shown.
    pub fn method(&self) -> Cow<'_, str> {
        method_label(&self.stored.header.method)
    }

    pub fn shape(&self) -> Shape {
        self.stored.model.shape()
    }

    pub fn factors(&self) -> Factors<f32> {
        self.stored.model.to_f32()
    }

    pub fn point(&self) -> Option<Point> {
        Some(Point::of(&self.stored.header.method, self.measures.as_ref()?))
    }

    /// P of the V^P that its factors explain.
    pub fn power(&self) -> f64 {
        self.stored.header.power_or_one()
    }

    /// What made it, in a line.
    pub fn describe(&self) -> String {
        let Header { input, seed, iterations, sha256, .. } = &self.stored.header;
        let Shape { bins, frames, components, lags } = self.shape();
        let mut text = format!(
            "{}: {}, R {components}, T {lags}, {bins} bins x {frames} frames",
            text::value(&self.name),
            text::value(&self.stored.header.method)
        );
        for (name, value) in [
            ("input", input.clone()),
            ("seed", seed.map(|seed| seed.to_string())),
            ("iterations", iterations.map(|n| n.to_string())),
            ("sha256", sha256.clone()),
        ] {
            if let Some(value) = value {
                text.push_str(&format!(", {name} {}", text::value(&value)));
            }
        }
        text
    }
}

/// The label of a method of that name; the name itself, as far as there is room, where it is none of ours.
pub fn method_label(name: &str) -> Cow<'_, str> {
    match Method::parse(name) {
        Some(method) => method.label().into(),
        None => text::short(name, LABEL),
    }
}

impl Sources {
    /// Labels of the runs: their methods, numbered where there are several of one.
    pub fn labels(&self) -> Vec<String> {
        let of = |i: usize| self.runs[i].method();
        let label = |i: usize| {
            let same: Vec<usize> = (0..self.runs.len()).filter(|j| of(*j) == of(i)).collect();
            let place = same.iter().position(|j| *j == i).unwrap_or(0) + 1;
            if same.len() > 1 { format!("{} {place}", of(i)) } else { of(i).into_owned() }
        };
        (0..self.runs.len()).map(label).collect()
    }

    /// Seconds and Hz of a run: those of the input, or those in its header. A stream need not have them; then a bin
    /// stands for 1 Hz and a frame for 1 s.
    pub fn axes(&self, run: &Run) -> Axes {
        let shape = run.shape();
        if let Some(analysis) =
            self.analysis.as_ref().filter(|a| (a.bins(), a.frames()) == (shape.bins, shape.frames))
        {
            return analysis.axes();
        }
        let header = &run.stored.header;
        let whole = |x: Option<u32>| x.and_then(|x| usize::try_from(x).ok()).filter(|x| *x > 0);
        let fft = whole(header.fft).unwrap_or(2 * shape.bins.max(2) - 2);
        let rate = header.sample_rate.filter(|r| *r > 0).or(u32::try_from(fft).ok()).unwrap_or(1);
        Axes { rate, fft, hop: whole(header.hop).unwrap_or(rate as usize) }
    }
}
