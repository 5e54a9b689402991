//! Charts of lines and bars as panes, one below the other.

use super::compose::{GridCell, compose};
use super::scene::{Axis, Body, Key, Mark, MarkShape, Notes, Pane, Plot, Scene};
use super::style::{Stroke, Style};

#[derive(Clone, Debug)]
pub struct ChartSeries {
    /// Stands in the legend, where there is more than one.
    pub name: String,
    /// In the order in which they are joined.
    pub points: Vec<(f64, f64)>,
    /// How far a whisker reaches above and below each point, as many as points; none for points without whiskers.
    pub whiskers: Vec<f64>,
    /// Whether a line runs from one to the next, and whether each has a dot.
    pub join: Join,
    pub stroke: Stroke,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// Dots with lines from one to the next.
    Both,
    Dots,
    Line,
}

#[derive(Clone, Debug)]
pub struct Chart {
    pub title: String,
    pub x: Axis,
    pub y: Axis,
    pub series: Vec<ChartSeries>,
    /// A thin line from one point to another, to compare with, and what it is.
    pub guide: Option<(String, [(f64, f64); 2])>,
}

/// Points of series one after the other: colours alone do not distinguish them in print.
const SHAPES: [MarkShape; 5] =
    [MarkShape::Circle, MarkShape::Square, MarkShape::Diamond, MarkShape::Triangle, MarkShape::Ring];

/// Ends of an axis of factors of two that shows all `values`, from 1.
pub fn octaves(values: impl Iterator<Item = f64>) -> (f64, f64) {
    (1.0, 2f64.powf(values.fold(2.0, f64::max).log2().ceil()))
}

/// Ends of an axis that shows all `values` with a share of the whole to spare at both sides.
pub fn around(values: impl Iterator<Item = f64>, spare: f64) -> (f64, f64) {
    let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let more = (high - low).max(1e-9) * spare;
    if low.is_finite() { (low - more, high + more) } else { (0.0, 1.0) }
}

impl Chart {
    /// The chart as a pane of that kind.
    #[must_use]
    pub fn pane(self, kind: &'static str, style: &Style) -> Pane {
        let guide = Stroke::solid(style.edge(), 0.6);
        let (mut marks, mut legend) = (Vec::new(), Vec::new());
        let several = self.series.len() > 1 || self.guide.is_some();
        if let Some((name, ends)) = self.guide {
            marks.push(Mark::Line(ends.to_vec(), guide.clone()));
            legend.push(Key { name, stroke: Some(guide), dot: None });
        }
        let mut keys = Vec::new();
        for (i, series) in self.series.into_iter().enumerate() {
            let stroke = series.stroke;
            let shape = SHAPES[i % SHAPES.len()];
            let dot = (series.join != Join::Line).then_some((shape, stroke.colour));
            let line = (series.join != Join::Dots).then_some(stroke.clone());
            keys.push(Key { name: series.name, stroke: line.clone(), dot });
            for (&(x, y), half) in series.points.iter().zip(&series.whiskers) {
                marks.push(Mark::Line(vec![(x, y - half), (x, y + half)], Stroke::solid(stroke.colour, 0.5)));
            }
            if let Some(stroke) = line {
                marks.push(Mark::Line(series.points.clone(), stroke));
            }
            if dot.is_some() {
                marks.push(Mark::Dots(series.points, shape, stroke.colour));
            }
        }
        keys.append(&mut legend);
        let legend = if several { keys } else { Vec::new() };
        let body = Body::Plot(Plot { x: self.x, y: self.y, marks, legend, grid: true, ..Plot::default() });
        Pane { kind, title: self.title, body, rise: 0.6 }
    }
}

/// Panes one below the other.
pub fn stacked(panes: Vec<Pane>, style: &Style, notes: Notes) -> Result<Scene, String> {
    let cells: Vec<GridCell> =
        panes.into_iter().enumerate().map(|(row, pane)| GridCell::new(row, 0, pane)).collect();
    let narrow = |e: super::compose::TooNarrow| format!("expected a page of at least {} mm", e.least);
    compose(cells, style, None, false, notes).map_err(narrow)
}

#[cfg(test)]
mod tests {
    use super::super::scene::Scale;
    use super::super::svg;
    use super::*;

    #[test]
    fn equal_growth_lies_on_the_guide_and_everything_is_named() {
        let line = |name: &str| ChartSeries {
            name: name.to_owned(),
            points: vec![(1.0, 1.0), (2.0, 2.0), (16.0, 16.0)],
            whiskers: Vec::new(),
            join: Join::Both,
            stroke: Style::default().series(0),
        };
        let style = Style { width: 120.0, font: 8.0, dark: false };
        let chart = Chart {
            title: "a < b".to_owned(),
            x: Axis::new("size", Scale::Octaves, octaves([13.0].into_iter())),
            y: Axis::new("time", Scale::Octaves, octaves([13.0].into_iter())),
            series: vec![line("M"), line("N")],
            guide: Some(("equal".to_owned(), [(1.0, 1.0), (16.0, 16.0)])),
        };
        let scene = stacked(vec![chart.pane("growth", &style)], &style, Notes::default()).unwrap();
        let svg = svg::write(&scene).unwrap();
        let lines: Vec<&str> = svg.lines().filter(|line| line.contains("class=\"line\"")).collect();
        let last =
            |line: &str| line.split("d=\"").nth(1)?.split('"').next()?.rsplit('L').next().map(str::to_owned);
        assert_eq!(lines.len(), 3);
        assert_eq!(last(lines[0]), last(lines[1]), "both end at the same place");
        for word in [">M<", ">N<", ">size<", ">time<", ">16<", ">equal<", "a &lt; b"] {
            assert!(svg.contains(word), "{word}");
        }
    }
}
