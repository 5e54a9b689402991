//! Charts of lines and bars, one below the other, as an SVG.

use std::fmt::Write as _;

use super::axis::ticks;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Evenly.
    Linear,
    /// By factors of two.
    Octaves,
    /// By factors of ten.
    Decades,
}

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Quantity and unit.
    pub label: String,
    /// How values are spread; on the logarithmic ones both ends are positive.
    pub scale: Scale,
    /// First and last value.
    pub ends: (f64, f64),
}

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mark {
    /// Dots with lines from one to the next.
    Line,
    /// Upright bars of this width, from the bottom.
    Bars(f64),
}

/// A named series of points.
#[derive(Clone, Debug)]
pub struct Series {
    /// Stands in the legend, where there is more than one.
    pub name: String,
    /// In the order in which they are joined.
    pub points: Vec<(f64, f64)>,
    /// How they are drawn.
    pub mark: Mark,
}

/// One chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// Stands above.
    pub title: String,
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// The first one is solid.
    pub series: Vec<Series>,
    /// A thin line from one point to another, to compare with.
    pub guide: Option<[(f64, f64); 2]>,
}

/// Width and height of a chart, and the room for labels at each side.
const SIZE: (f64, f64) = (560.0, 360.0);
const LEFT: f64 = 68.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 48.0;

/// Colours that the colour-blind tell apart (Okabe and Ito), and dashes for print.
const STYLES: [(&str, &str); 5] =
    [("#0072b2", ""), ("#d55e00", "8 3"), ("#009e73", "3 3"), ("#cc79a7", "8 3 2 3"), ("#56b4e9", "1 3")];

impl Axis {
    /// Where a value lies, from 0 at the first end to 1 at the last.
    fn place(&self, value: f64) -> f64 {
        let (from, to) = self.ends;
        match self.scale {
            Scale::Linear => (value - from) / (to - from),
            Scale::Octaves | Scale::Decades => (value / from).ln() / (to / from).ln(),
        }
    }

    /// Values with a line across, and their labels.
    fn marks(&self) -> Vec<(f64, String)> {
        let (from, to) = self.ends;
        let within = |x: &f64| (from * (1.0 - 1e-9)..=to * (1.0 + 1e-9)).contains(x);
        let powers = |base: f64, steps: &'static [f64]| {
            let exponents = (0..40).map(move |k| from.log(base).floor() + f64::from(k));
            let all = exponents.flat_map(move |k| steps.iter().map(move |step| step * base.powf(k)));
            all.take_while(|x| *x <= to * (1.0 + 1e-9)).filter(within).collect::<Vec<f64>>()
        };
        let values = match self.scale {
            Scale::Linear => ticks(from, to, 6),
            Scale::Octaves => powers(2.0, &[1.0]),
            Scale::Decades if to / from > 300.0 => powers(10.0, &[1.0]),
            Scale::Decades => powers(10.0, &[1.0, 2.0, 5.0]),
        };
        values.into_iter().map(|x| (x, label(x))).collect()
    }
}

fn label(x: f64) -> String {
    let text = format!("{x:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Ends of an axis of factors of two that shows all `values`, from 1.
#[must_use]
pub fn octaves(values: impl Iterator<Item = f64>) -> (f64, f64) {
    (1.0, 2f64.powf(values.fold(2.0, f64::max).log2().ceil()))
}

/// Ends of an axis that shows all `values` with a share of the whole to spare at both sides.
#[must_use]
pub fn around(values: impl Iterator<Item = f64>, spare: f64) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let more = (high - low).max(1e-9) * spare;
    if low.is_finite() { (low - more, high + more) } else { (0.0, 1.0) }
}

/// The charts, one below the other.
#[must_use]
pub fn svg(charts: &[Chart]) -> String {
    let (width, height) = (SIZE.0, SIZE.1 * charts.len() as f64);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"Inter, Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\" \
         stroke=\"none\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (i, chart) in charts.iter().enumerate() {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "<g transform=\"translate(0 {})\">", SIZE.1 * i as f64);
        draw(chart, &mut out);
        out.push_str("</g>\n");
    }
    out.push_str("</svg>\n");
    out
}

fn draw(chart: &Chart, out: &mut String) {
    let (left, right, top, bottom) = (LEFT, SIZE.0 - RIGHT, TOP, SIZE.1 - BOTTOM);
    let x = |value: f64| left + (right - left) * chart.x.place(value);
    let y = |value: f64| bottom - (bottom - top) * chart.y.place(value);
    for (value, text) in chart.x.marks() {
        let at = x(value);
        let _ = writeln!(
            out,
            "<path d=\"M{at:.1} {bottom}V{top}\" stroke=\"#ddd\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{text}</text>",
            bottom + 18.0
        );
    }
    for (value, text) in chart.y.marks() {
        let at = y(value);
        let _ = writeln!(
            out,
            "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#ddd\"/>\
             <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{text}</text>",
            left - 8.0,
            at + 4.5
        );
    }
    if let Some([(x1, y1), (x2, y2)]) = chart.guide {
        let _ = writeln!(
            out,
            "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#888\" stroke-width=\"1\"/>",
            x(x1),
            y(y1),
            x(x2),
            y(y2)
        );
    }
    for (i, (series, (colour, dash))) in chart.series.iter().zip(STYLES.iter().cycle()).enumerate() {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        match series.mark {
            Mark::Line => {
                let path: Vec<String> =
                    series.points.iter().map(|&(a, b)| format!("{:.1},{:.1}", x(a), y(b))).collect();
                let _ = writeln!(
                    out,
                    "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\"{dash}/>",
                    path.join("L")
                );
                for &(a, b) in &series.points {
                    let (x, y) = (x(a), y(b));
                    let _ =
                        writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{colour}\"/>");
                }
            }
            Mark::Bars(width) => {
                for &(a, b) in series.points.iter().filter(|(_, b)| *b > 0.0) {
                    let (from, to) = (x(a - 0.5 * width), x(a + 0.5 * width));
                    let (high, wide) = (y(b).min(bottom), (to - from).max(0.8));
                    let _ = writeln!(
                        out,
                        "<rect x=\"{from:.2}\" y=\"{high:.1}\" width=\"{wide:.2}\" height=\"{:.1}\" \
                         fill=\"{colour}\"/>",
                        bottom - high
                    );
                }
            }
        }
        if chart.series.len() > 1 {
            let at = top + 16.0 + 20.0 * i as f64;
            let _ = writeln!(
                out,
                "<path d=\"M{} {at}h36\" stroke=\"{colour}\" stroke-width=\"2.5\"{dash}/>\
                 <text x=\"{}\" y=\"{}\">{}</text>",
                left + 14.0,
                left + 58.0,
                at + 4.5,
                escaped(&series.name)
            );
        }
    }
    let (middle_x, middle_y) = (0.5 * (left + right), 0.5 * (top + bottom));
    let _ = writeln!(
        out,
        "<text x=\"{left}\" y=\"18\" font-weight=\"bold\">{}</text>\
         <text x=\"{middle_x:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\
         <text transform=\"translate(16 {middle_y:.1}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
        escaped(&chart.title),
        SIZE.1 - 8.0,
        escaped(&chart.x.label),
        escaped(&chart.y.label)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(label: &str, scale: Scale, ends: (f64, f64)) -> Axis {
        Axis { label: label.to_owned(), scale, ends }
    }

    #[test]
    fn equal_growth_lies_on_the_guide_and_everything_is_named() {
        let line = |name: &str| Series {
            name: name.to_owned(),
            points: vec![(1.0, 1.0), (2.0, 2.0), (16.0, 16.0)],
            mark: Mark::Line,
        };
        let svg = svg(&[Chart {
            title: "a < b".to_owned(),
            x: axis("size", Scale::Octaves, octaves([13.0].into_iter())),
            y: axis("time", Scale::Octaves, octaves([13.0].into_iter())),
            series: vec![line("M"), line("N")],
            guide: Some([(1.0, 1.0), (16.0, 16.0)]),
        }]);
        let thin = svg.lines().find(|line| line.contains("#888")).map(str::to_owned).unwrap_or_default();
        let end = svg.lines().rfind(|line| line.contains("<circle")).unwrap_or_default().to_owned();
        let place = |key: &str| {
            end.split(key).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned()
        };
        assert!(thin.contains(&format!("L{} {}", place("cx=\""), place("cy=\""))), "{thin} {end}");
        for word in [">M<", ">N<", ">size<", ">time<", ">16<", "a &lt; b"] {
            assert!(svg.contains(word), "{word}");
        }
    }

    #[test]
    fn axes_have_the_marks_that_a_reader_expects() {
        let marks = |scale, ends| -> Vec<String> {
            axis("", scale, ends).marks().into_iter().map(|(_, text)| text).collect()
        };
        assert_eq!(marks(Scale::Decades, (90.0, 3000.0)), ["100", "200", "500", "1000", "2000"]);
        assert_eq!(marks(Scale::Decades, (1.0, 10_000.0)), ["1", "10", "100", "1000", "10000"]);
        assert_eq!(marks(Scale::Linear, (0.0, 1.0)).first().map(String::as_str), Some("0"));
        assert_eq!(marks(Scale::Octaves, (1.0, 8.0)), ["1", "2", "4", "8"]);
    }
}
