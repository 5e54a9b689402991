//! What a figure shows and where, in millimetres on a page; the writers draw it and decide nothing.

use super::axis::{self, FrequencyScale, ticks, time_ticks};
use super::raster::Raster;
use super::style::{Rgb, Stroke, Style};
use super::text;

/// A rectangle on the page in mm, y downwards.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Rect {
    pub fn width(&self) -> f64 {
        self.right - self.left
    }

    pub fn height(&self) -> f64 {
        self.bottom - self.top
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Scale {
    #[default]
    Linear,
    /// Seconds, from a minute on as minutes and seconds.
    Time,
    /// By factors of two.
    Octaves,
    /// By factors of ten.
    Decades,
    Frequency(FrequencyScale),
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Axis {
    /// Quantity and unit.
    pub label: String,
    /// How values are spread; on the logarithmic ones both ends are positive.
    pub scale: Scale,
    /// First and last value: left and right, or bottom and top.
    pub ends: (f64, f64),
    /// Names of places, where the axis has some instead of numbers.
    pub names: Vec<(f64, String)>,
}

impl Axis {
    /// An axis of numbers.
    pub fn new(label: &str, scale: Scale, ends: (f64, f64)) -> Self {
        Self { label: label.to_owned(), scale, ends, names: Vec::new() }
    }

    /// An axis of time between two moments in seconds.
    pub fn time(ends: (f64, f64)) -> Self {
        Self::new(if ends.1 < axis::MINUTE { "Time (s)" } else { "Time (m:ss)" }, Scale::Time, ends)
    }

    /// Where a value lies, from 0 at the first end to 1 at the last.
    pub fn place(&self, value: f64) -> f64 {
        let (from, to) = self.ends;
        let share =
            |height: &dyn Fn(f64) -> f64| (height(value) - height(from)) / (height(to) - height(from));
        match self.scale {
            Scale::Linear | Scale::Time => share(&|x| x),
            Scale::Octaves | Scale::Decades => share(&f64::ln),
            Scale::Frequency(scale) => share(&|x| scale.height(x)),
        }
    }

    /// Where a value lies on an axis without scales, such as those of the window: logarithms to the base 2 or 10, or
    /// the height of a frequency.
    pub fn height(&self, value: f64) -> f64 {
        match self.scale {
            Scale::Linear | Scale::Time => value,
            Scale::Octaves => value.log2(),
            Scale::Decades => value.log10(),
            Scale::Frequency(scale) => scale.height(value),
        }
    }

    /// A value that stands `step` from the next.
    fn label(&self, value: f64, step: f64) -> String {
        match self.scale {
            Scale::Time => axis::time_label(value, step, self.ends.1),
            Scale::Linear | Scale::Octaves | Scale::Decades | Scale::Frequency(_) => number(value, step),
        }
    }

    /// Round values with their labels, about `count` of them; of an axis with names every so manieth.
    pub fn marks(&self, count: usize) -> Vec<(f64, String)> {
        let (from, to) = self.ends;
        if !self.names.is_empty() {
            // Every second, fifth, tenth, ..., so that numbers from 1 or from 0 are round ones.
            let least = self.names.len().div_ceil(count.max(1));
            let steps = (0..9).flat_map(|k| [1, 2, 5].map(|step| step * 10usize.pow(k)));
            let step = steps.into_iter().find(|step| *step >= least).unwrap_or(least);
            let first = if self.names[0].1 == "0" { 0 } else { step - 1 };
            let first = if first < self.names.len() { first } else { 0 };
            return self.names.iter().skip(first).step_by(step).cloned().collect();
        }
        let values = match self.scale {
            Scale::Linear => ticks(from, to, count),
            Scale::Time => time_ticks(from, to, count),
            Scale::Frequency(scale) => scale.ticks(from.max(0.0), to, count),
            Scale::Octaves => powers((from, to), 2.0, &[1.0]),
            Scale::Decades => {
                let all = powers((from, to), 10.0, &[1.0, 2.0, 5.0]);
                let few = powers((from, to), 10.0, &[1.0]);
                let many = powers((from, to), 10.0, &[1.0, 1.5, 2.0, 3.0, 5.0, 7.0]);
                if all.len() > count && few.len() >= 2 {
                    few
                } else if all.len() < 3 && many.len() <= count {
                    many
                } else {
                    all
                }
            }
        };
        let apart = values.windows(2).map(|pair| pair[1] - pair[0]);
        let step = match self.scale {
            Scale::Linear | Scale::Time if values.len() >= 2 => values[1] - values[0],
            Scale::Frequency(_) => apart.fold(1.0, f64::min),
            _ => values.iter().fold(1.0, |least, x: &f64| x.abs().min(least)),
        };
        // Powers of ten that are still too close leave some out.
        let every = if matches!(self.scale, Scale::Octaves | Scale::Decades) {
            values.len().div_ceil(count.max(2))
        } else {
            1
        };
        values.into_iter().step_by(every.max(1)).map(|x| (x, self.label(x, step))).collect()
    }
}

/// `step` times a power of `base`, between two.
fn powers((from, to): (f64, f64), base: f64, steps: &[f64]) -> Vec<f64> {
    let first = from.log(base).floor();
    let exponents = (0..60).map(|k| first + f64::from(k));
    let all = exponents.flat_map(|k| steps.iter().map(move |step| step * base.powf(k)));
    all.filter(|x| (from * (1.0 - 1e-9)..=to * (1.0 + 1e-9)).contains(x)).collect()
}

/// A number as a label, with the decimals that distinguish it from one `step` away, and a true minus.
pub fn number(value: f64, step: f64) -> String {
    axis::tick_label(value, step).replace('-', "\u{2212}")
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkShape {
    Circle,
    Square,
    Diamond,
    Triangle,
    /// A circle that is not filled.
    Ring,
}

/// What stands in a plot, the first behind all others.
#[derive(Clone, Debug, PartialEq)]
pub enum Mark {
    /// Pixels that cover all of the plot, sharp-edged.
    Image(Raster),
    Line(Vec<(f64, f64)>, Stroke),
    Dots(Vec<(f64, f64)>, MarkShape, Rgb),
    /// Upright bars from the bottom: middle, width, height.
    Bars(Vec<(f64, f64, f64)>, Rgb),
}

/// An entry of a legend.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub name: String,
    /// How it is drawn as a line, if it is.
    pub stroke: Option<Stroke>,
    /// How it is drawn as points, if it is.
    pub dot: Option<(MarkShape, Rgb)>,
}

/// Which colour stands for which value: a column of colours, the lowest first.
#[derive(Clone, Debug, PartialEq)]
pub struct ColourBar {
    pub colours: Vec<Rgb>,
    /// Quantity, unit and the values of both ends. `names` of a signed bar stand for levels instead.
    pub axis: Axis,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plot {
    pub x: Axis,
    pub y: Axis,
    pub marks: Vec<Mark>,
    /// What is what; stands above.
    pub legend: Vec<Key>,
    /// Whether hairlines run across at the ticks.
    pub grid: bool,
    /// To the right of it.
    pub bar: Option<ColourBar>,
    /// What it shows, in a sentence for those who do not see it; empty where the window has one of its own.
    pub description: String,
}

/// A table, its first column to the left and all others to the right.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// What a column holds, in two lines.
    pub head: Vec<[String; 2]>,
    pub rows: Vec<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant)] // a dozen of them on a page
pub enum Body {
    Plot(Plot),
    Table(Table),
}

/// A pane before it has its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Pane {
    /// Which kind it is: the word for it on the command line.
    pub kind: &'static str,
    pub title: String,
    pub body: Body,
    /// Height of its plot over the width of its column.
    pub rise: f64,
}

/// A tick with its label, which is empty where another pane has it.
pub type Tick = (f64, String);

/// A pane at its place.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacedPane {
    /// The plot without its labels, or all of a table.
    pub area: Rect,
    pub pane: Pane,
    /// Such as (a).
    pub letter: Option<String>,
    /// Where the title may end, in mm.
    pub title_end: f64,
    /// Ticks of x and y.
    pub ticks: [Vec<Tick>; 2],
    /// Whether ticks of x and y have their labels and the axes theirs.
    pub labelled: [bool; 2],
    /// Distance of the label of y from the plot in mm.
    pub label_offset: f64,
    /// Where the colour bar is, and its ticks.
    pub bar: Option<(Rect, Vec<Tick>, f64)>,
    /// Entries of the legend: left edge and height of the middle.
    pub keys: Vec<(f64, f64)>,
}

/// What a figure says in its metadata.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Notes {
    /// The line that makes the same file.
    pub command: String,
    /// Settings and what else is to be known, a line each.
    pub lines: Vec<String>,
}

/// A figure: a page with panes.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    pub style: Style,
    /// Height of the page in mm.
    pub height: f64,
    pub title: Option<String>,
    pub panes: Vec<PlacedPane>,
    pub notes: Notes,
}

impl Scene {
    /// A warning of letters that the typeface of PDF and PNG does not have, if there are any.
    pub fn boxes(&self) -> Option<String> {
        let mut words = self.title.clone().unwrap_or_default();
        for PlacedPane { pane, ticks, .. } in &self.panes {
            words.push_str(&pane.title);
            ticks.iter().flatten().for_each(|(_, text)| words.push_str(text));
            match &pane.body {
                Body::Plot(plot) => plot.legend.iter().for_each(|key| words.push_str(&key.name)),
                Body::Table(table) => table.rows.iter().flatten().for_each(|text| words.push_str(text)),
            }
        }
        boxes(&words)
    }
}

/// The same for these words.
pub fn boxes(words: &str) -> Option<String> {
    const NAMED: usize = 8;
    let missing = text::missing(words);
    let named: Vec<String> =
        missing.iter().take(NAMED).map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
    let more =
        if missing.len() > NAMED { format!(" and {} more", missing.len() - NAMED) } else { String::new() };
    (!named.is_empty()).then(|| {
        format!(
            "the typeface of PDF and PNG has no letter for {}{more}: boxes stand in their place; an SVG shows them, by the \
             typefaces of its viewer",
            named.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_the_marks_that_a_reader_expects() {
        let marks = |scale, ends| -> Vec<String> {
            Axis::new("", scale, ends).marks(6).into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(marks(Scale::Decades, (90.0, 3000.0)), ["100", "200", "500", "1000", "2000"]);
        assert_eq!(marks(Scale::Decades, (1.0, 10_000.0)), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(marks(Scale::Linear, (0.0, 1.0)).first().map(String::as_str), Some("0.0"));
        assert_eq!(marks(Scale::Octaves, (1.0, 8.0)), ["1", "2", "4", "8"]);
        assert_eq!(marks(Scale::Linear, (-80.0, 0.0))[0], "\u{2212}80");
    }

    #[test]
    fn names_are_thinned_evenly() {
        let names = (0..20).map(|r| (f64::from(r), (r + 1).to_string())).collect();
        let axis = Axis { names, ..Axis::new("Component", Scale::Linear, (0.0, 20.0)) };
        let text: Vec<String> = axis.marks(5).into_iter().map(|mark| mark.1).collect();
        assert_eq!(text, ["5", "10", "15", "20"]);
        assert_eq!(axis.marks(40).len(), 20);
    }
}
