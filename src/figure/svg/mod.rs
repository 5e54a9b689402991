//! A scene as SVG: words as text, plots as paths, spectrograms as embedded PNG.

mod page;

use std::fmt::Write as _;

use self::page::{Anchor, MIDDLE, Page, escaped, hex, pt, short};
use super::compose::{KEY, TABLE_LINE, TICK};
use super::scene::{Axis, Body, ColourBar, Mark, MarkShape, PlacedPane, Plot, Rect, Scene, Table, Tick};
use super::style::{Rgb, Stroke};
use super::text::{PT, clauses, fitted, width};

/// The figure as the text of an SVG file, in units of pt.
pub fn write(scene: &Scene) -> Result<String, String> {
    let style = &scene.style;
    let (wide, high) = (style.width * PT, scene.height * PT);
    let mut page = Page { out: String::new(), style };
    let title = scene.title.clone().unwrap_or_else(|| "Figure".to_owned());
    let lines = scene.notes.lines.join("\n");
    page.line(&format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {} {}\" \
         font-family=\"Inter, Helvetica, Arial, sans-serif\" stroke=\"none\">",
        short(style.width, 3),
        short(scene.height, 3),
        short(wide, 3),
        short(high, 3)
    ));
    page.line(&format!("<title>{}</title>", escaped(&title)));
    page.line(&format!("<desc>{}</desc>", escaped(&lines)));
    page.line(&format!(
        "<metadata><snmf xmlns=\"urn:snmf-workbench\" version=\"{}\"><command>{}</command><settings>{}</settings></snmf>\
         </metadata>",
        env!("CARGO_PKG_VERSION"),
        escaped(&scene.notes.command),
        escaped(&lines)
    ));
    page.line(&format!(
        "<rect width=\"{}\" height=\"{}\" fill=\"{}\"/>",
        short(wide, 3),
        short(high, 3),
        hex(style.ground())
    ));
    if let Some(title) = &scene.title {
        let em = style.em();
        let (text, size) = fitted(title, 1.15 * style.font, true, style.width - 1.2 * em);
        page.words(&text, (0.6 * em, 1.6 * em), size, Anchor::Start, style.text(), true);
    }
    for placed in &scene.panes {
        page.line(&format!("<g class=\"pane {}\">", placed.pane.kind));
        page.heading(placed);
        match &placed.pane.body {
            Body::Plot(plot) => page.plot(placed, plot)?,
            Body::Table(table) => page.table(placed, table),
        }
        page.line("</g>");
    }
    page.line("</svg>");
    Ok(page.out)
}

impl Page<'_> {
    fn heading(&mut self, placed: &PlacedPane) {
        let style = self.style;
        let em = style.em();
        let lines = placed.keys.iter().map(|key| key.1).fold(placed.area.top, f64::min);
        let base = if placed.keys.is_empty() { placed.area.top - 0.55 * em } else { lines - 0.85 * em };
        let mut x = placed.area.left;
        if let Some(letter) = &placed.letter {
            self.words(letter, (x, base), style.font, Anchor::Start, style.text(), true);
            x += width(letter, style.font, true) + 0.5 * em;
        }
        let (title, size) = clauses(&placed.pane.title, style.font, placed.title_end - x);
        self.words(&title, (x, base), size, Anchor::Start, style.text(), false);
    }

    fn plot(&mut self, placed: &PlacedPane, plot: &Plot) -> Result<(), String> {
        let (style, area) = (self.style, placed.area);
        let at = |x: f64, y: f64| {
            (area.left + area.width() * plot.x.place(x), area.bottom - area.height() * plot.y.place(y))
        };
        if plot.grid {
            let mut path = String::new();
            for (value, _) in &placed.ticks[0] {
                let x = area.left + area.width() * plot.x.place(*value);
                let _ = write!(path, "M{} {}V{}", pt(x), pt(area.bottom), pt(area.top));
            }
            for (value, _) in &placed.ticks[1] {
                let y = area.bottom - area.height() * plot.y.place(*value);
                let _ = write!(path, "M{} {}H{}", pt(area.left), pt(y), pt(area.right));
            }
            self.path("grid", &path, &Stroke::solid(style.hairline(), 0.4));
        }
        for mark in &plot.marks {
            self.mark(mark, area, at)?;
        }
        self.edge("area", area);
        self.ticks_along(placed, &plot.x);
        self.ticks_upright(area.left, -1.0, area, &placed.ticks[1], &plot.y, placed.labelled[1]);
        let em = style.em();
        let middle = 0.5 * (area.top + area.bottom);
        if placed.labelled[1] && !plot.y.label.is_empty() {
            let (label, size) = fitted(&plot.y.label, style.font, false, area.height() + 0.2 * em);
            let x = area.left - placed.label_offset - 0.5 * em;
            self.upright(&label, (x, middle), size, style.text());
        }
        if let (Some(bar), Some((area, ticks, offset))) = (&plot.bar, &placed.bar) {
            self.bar(bar, *area, ticks, *offset)?;
        }
        for (key, &(x, y)) in plot.legend.iter().zip(&placed.keys) {
            if let Some(stroke) = &key.stroke {
                let path = format!("M{} {}H{}", pt(x), pt(y), pt(x + KEY * em));
                self.path("key", &path, stroke);
            }
            if let Some((shape, colour)) = key.dot {
                self.dot((x + 0.5 * KEY * em, y), shape, colour);
            }
            let base = y + MIDDLE * style.small() / PT;
            self.words(
                &key.name,
                (x + (KEY + 0.4) * em, base),
                style.small(),
                Anchor::Start,
                style.text(),
                false,
            );
        }
        Ok(())
    }

    /// A mark, whose values `at` places on the page.
    fn mark(&mut self, mark: &Mark, area: Rect, at: impl Fn(f64, f64) -> (f64, f64)) -> Result<(), String> {
        match mark {
            Mark::Image(raster) => self.image(area, raster.width, raster.height, &raster.pixels)?,
            Mark::Line(points, stroke) => {
                let path: Vec<String> = points
                    .iter()
                    .map(|&(x, y)| {
                        let (x, y) = at(x, y);
                        format!("{} {}", pt(x), pt(y))
                    })
                    .collect();
                if let [(x, y)] = points[..] {
                    // A line of one point would be none.
                    self.dot(at(x, y), MarkShape::Circle, stroke.colour);
                } else if path.len() > 1 {
                    self.path("line", &format!("M{}", path.join("L")), stroke);
                }
            }
            Mark::Dots(points, shape, colour) => {
                for &(x, y) in points {
                    self.dot(at(x, y), *shape, *colour);
                }
            }
            Mark::Bars(bars, colour) => {
                let mut path = String::new();
                for &(middle, wide, high) in bars {
                    let (from, top) = at(middle - 0.5 * wide, high);
                    let (to, _) = at(middle + 0.5 * wide, high);
                    // Bars of no width stay visible, and none leaves the plot.
                    let more = 0.5 * (0.12 - (to - from)).max(0.0);
                    let (from, to) = ((from - more).max(area.left), (to + more).min(area.right));
                    let top = top.max(area.top);
                    if top < area.bottom && to > from {
                        let bottom = pt(area.bottom);
                        let _ = write!(path, "M{} {bottom}V{}H{}V{bottom}z", pt(from), pt(top), pt(to));
                    }
                }
                self.line(&format!("<path class=\"bars\" d=\"{path}\" fill=\"{}\"/>", hex(*colour)));
            }
        }
        Ok(())
    }

    fn ticks_along(&mut self, placed: &PlacedPane, axis: &Axis) {
        let (style, area) = (self.style, placed.area);
        let em = style.em();
        let mut path = String::new();
        for (value, text) in &placed.ticks[0] {
            let x = area.left + area.width() * axis.place(*value);
            let _ = write!(path, "M{} {}V{}", pt(x), pt(area.bottom), pt(area.bottom + TICK));
            if placed.labelled[0] {
                let base = area.bottom + TICK + 0.25 * em + 0.74 * style.small() / PT;
                self.words(text, (x, base), style.small(), Anchor::Middle, style.text(), false);
            }
        }
        self.path("ticks x", &path, &Stroke::solid(style.edge(), 0.5));
        if placed.labelled[0] && !axis.label.is_empty() {
            let (label, size) = fitted(&axis.label, style.font, false, area.width() + 0.8 * em);
            let base = area.bottom + TICK + 2.35 * em;
            let middle = 0.5 * (area.left + area.right);
            self.words(&label, (middle, base), size, Anchor::Middle, style.text(), false);
        }
    }

    /// Ticks at `edge`, to the left for a negative `side`, else to the right.
    fn ticks_upright(
        &mut self,
        edge: f64,
        side: f64,
        area: Rect,
        ticks: &[Tick],
        axis: &Axis,
        labelled: bool,
    ) {
        let style = self.style;
        let em = style.em();
        let mut path = String::new();
        for (value, text) in ticks {
            let y = area.bottom - area.height() * axis.place(*value);
            let _ = write!(path, "M{} {}H{}", pt(edge), pt(y), pt(edge + side * TICK));
            if labelled {
                let anchor = if side < 0.0 { Anchor::End } else { Anchor::Start };
                let (x, base) = (edge + side * (TICK + 0.35 * em), y + MIDDLE * style.small() / PT);
                self.words(text, (x, base), style.small(), anchor, style.text(), false);
            }
        }
        self.path("ticks y", &path, &Stroke::solid(style.edge(), 0.5));
    }

    fn bar(&mut self, bar: &ColourBar, area: Rect, ticks: &[Tick], offset: f64) -> Result<(), String> {
        let style = self.style;
        let column: Vec<Rgb> = bar.colours.iter().rev().copied().collect();
        self.image(area, 1, column.len(), &column)?;
        self.edge("bar", area);
        self.ticks_upright(area.right, 1.0, area, ticks, &bar.axis, true);
        let em = style.em();
        let (label, size) = fitted(&bar.axis.label, style.font, false, area.height() + 0.2 * em);
        let middle = 0.5 * (area.top + area.bottom);
        self.upright(&label, (area.right + offset + 0.5 * em, middle), size, style.text());
        Ok(())
    }

    fn table(&mut self, placed: &PlacedPane, table: &Table) {
        let (style, area) = (self.style, placed.area);
        let columns = table.head.len();
        // As large as it may be: the words of all columns with a gap between them take the width at most.
        let widths_at = |size: f64| -> Vec<f64> {
            let cell = |i: usize, row: &Vec<String>| row.get(i).map_or(0.0, |text| width(text, size, false));
            (0..columns)
                .map(|i| {
                    let head = table.head[i].iter().map(|text| width(text, size, false)).fold(0.0, f64::max);
                    table.rows.iter().map(|row| cell(i, row)).fold(head, f64::max)
                })
                .collect()
        };
        let total: f64 = widths_at(style.font).iter().sum();
        let gaps = columns.saturating_sub(1).max(1) as f64;
        let size = style.font * (area.width() / (total + 0.9 * style.em() * gaps)).min(1.0);
        let em = size / PT;
        let widths = widths_at(size);
        let spare = (area.width() - widths.iter().sum::<f64>()) / gaps;
        let gap = spare.min(2.6 * em);
        let line = TABLE_LINE * style.em();
        let head_lines = if table.head.iter().any(|words| !words[1].is_empty()) { 2.0 } else { 1.0 };
        let right_end = area.left + widths.iter().sum::<f64>() + gap * gaps;
        let rule = |page: &mut Self, y: f64, wide: f64| {
            let path = format!("M{} {}H{}", pt(area.left), pt(y), pt(right_end));
            page.path("rule", &path, &Stroke::solid(style.edge(), wide));
        };
        rule(self, area.top, 0.8);
        let mut x = area.left;
        for (i, wide) in widths.iter().enumerate() {
            let (at, anchor) = if i == 0 { (x, Anchor::Start) } else { (x + wide, Anchor::End) };
            let base = |row: f64| area.top + 0.2 * em + (row + 0.5) * line + MIDDLE * em;
            let head = &table.head[i];
            for (row, words) in head.iter().enumerate().filter(|(_, words)| !words.is_empty()) {
                // What stands alone stands above the rule.
                let down = if head[1].is_empty() { head_lines - 1.0 } else { row as f64 };
                self.words(words, (at, base(down)), size, anchor, style.text(), false);
            }
            for (row, cells) in table.rows.iter().enumerate() {
                if let Some(text) = cells.get(i) {
                    let y = base(head_lines + row as f64) + 0.3 * em;
                    self.words(text, (at, y), size, anchor, style.text(), false);
                }
            }
            x += wide + gap;
        }
        rule(self, area.top + 0.3 * em + head_lines * line, 0.5);
        rule(self, area.bottom, 0.8);
    }
}
