//! A scene as SVG: words as text, plots as paths, spectrograms as embedded PNG.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::compose::{KEY, TABLE_LINE, TICK};
use super::png;
use super::scene::{
    Axis, Body, ColourBar, Mark, MarkShape, Placed, Plot, Rect, Rgb, Scene, Stroke, Style, Table, Tick,
};
use super::text::{PT, clauses, fitted, width};
use crate::codec::text::lines;

/// Height of the middle of small letters and digits above the line they stand on, over the size of the text.
const MIDDLE: f64 = 0.36;

/// What stands after a letter that has a hat, which is always a V.
const HAT: &str = "\u{302}";

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

#[derive(Clone, Copy, PartialEq)]
enum Anchor {
    Start,
    Middle,
    End,
}

struct Page<'a> {
    out: String,
    style: &'a Style,
}

impl Page<'_> {
    fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Words that stand on a point of the page, in mm; `size` in pt.
    fn words(
        &mut self,
        text: &str,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        colour: Rgb,
        strong: bool,
    ) {
        if text.is_empty() {
            return;
        }
        // No font is to be trusted with a hat on a capital: it is drawn.
        let plain = text.replace(HAT, "");
        let begin = x - width(&plain, size, strong)
            * match anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => 0.5,
                Anchor::End => 1.0,
            };
        for (at, _) in text.match_indices(HAT) {
            let middle = begin + width(&text[..at], size, strong) - 0.5 * width("V", size, strong);
            let em = size / PT;
            let path = format!(
                "M{} {}L{} {}L{} {}",
                pt(middle - 0.17 * em),
                pt(y - 0.79 * em),
                pt(middle),
                pt(y - 0.93 * em),
                pt(middle + 0.17 * em),
                pt(y - 0.79 * em)
            );
            self.path("hat", &path, &Stroke::solid(colour, 0.075 * size));
        }
        let text = plain;
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let weight = if strong { " font-weight=\"600\"" } else { "" };
        self.line(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}>{}</text>",
            pt(x),
            pt(y),
            short(size, 3),
            hex(colour),
            escaped(&text)
        ));
    }

    /// Words that run upwards, their middle line through a point.
    fn upright(&mut self, text: &str, (x, y): (f64, f64), size: f64, colour: Rgb) {
        self.line(&format!(
            "<text transform=\"translate({} {}) rotate(-90)\" font-size=\"{}\" fill=\"{}\" \
             text-anchor=\"middle\">{}</text>",
            pt(x + MIDDLE * size / PT),
            pt(y),
            short(size, 3),
            hex(colour),
            escaped(text)
        ));
    }

    fn heading(&mut self, placed: &Placed) {
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

    fn plot(&mut self, placed: &Placed, plot: &Plot) -> Result<(), String> {
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
        }
        self.line(&format!(
            "<rect class=\"area\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"0.5\"/>",
            pt(area.left),
            pt(area.top),
            pt(area.width()),
            pt(area.height()),
            hex(style.edge())
        ));
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

    fn ticks_along(&mut self, placed: &Placed, axis: &Axis) {
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
        self.line(&format!(
            "<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"0.5\"/>",
            pt(area.left),
            pt(area.top),
            pt(area.width()),
            pt(area.height()),
            hex(style.edge())
        ));
        self.ticks_upright(area.right, 1.0, area, ticks, &bar.axis, true);
        let em = style.em();
        let (label, size) = fitted(&bar.axis.label, style.font, false, area.height() + 0.2 * em);
        let middle = 0.5 * (area.top + area.bottom);
        self.upright(&label, (area.right + offset + 0.5 * em, middle), size, style.text());
        Ok(())
    }

    fn image(&mut self, area: Rect, wide: usize, high: usize, pixels: &[Rgb]) -> Result<(), String> {
        let bytes = png::encode(wide, high, pixels.as_flattened())?;
        self.line(&format!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" \
             href=\"data:image/png;base64,{}\"/>",
            pt(area.left),
            pt(area.top),
            pt(area.width()),
            pt(area.height()),
            STANDARD.encode(&bytes)
        ));
        Ok(())
    }

    fn path(&mut self, class: &str, path: &str, stroke: &Stroke) {
        if path.is_empty() {
            return;
        }
        let dash: Vec<String> = stroke.dash.iter().map(|length| short(*length, 2)).collect();
        let dash =
            if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{}\"", dash.join(" ")) };
        self.line(&format!(
            "<path class=\"{class}\" d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{}\" \
             stroke-linejoin=\"round\"{dash}/>",
            hex(stroke.colour),
            short(stroke.width, 2)
        ));
    }

    /// A point of some 4 pt at a place of the page in mm.
    fn dot(&mut self, (x, y): (f64, f64), shape: MarkShape, colour: Rgb) {
        let (x, y) = (x * PT, y * PT);
        let colour = hex(colour);
        let text = match shape {
            MarkShape::Circle => {
                format!("<circle class=\"dot\" cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"1.7\" fill=\"{colour}\"/>")
            }
            MarkShape::Ring => format!(
                "<circle class=\"dot\" cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"2.8\" fill=\"none\" stroke=\"{colour}\" \
                 stroke-width=\"0.8\"/>"
            ),
            MarkShape::Square => format!(
                "<path class=\"dot\" d=\"M{:.2} {:.2}h3.2v3.2h-3.2z\" fill=\"{colour}\"/>",
                x - 1.6,
                y - 1.6
            ),
            MarkShape::Diamond => {
                format!(
                    "<path class=\"dot\" d=\"M{x:.2} {:.2}l2.2 2.2l-2.2 2.2l-2.2 -2.2z\" fill=\"{colour}\"/>",
                    y - 2.2
                )
            }
            MarkShape::Triangle => {
                format!("<path class=\"dot\" d=\"M{x:.2} {:.2}l2.1 3.7h-4.2z\" fill=\"{colour}\"/>", y - 2.3)
            }
        };
        self.line(&text);
    }

    fn table(&mut self, placed: &Placed, table: &Table) {
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

/// mm as pt, with as many digits as can be seen.
fn pt(mm: f64) -> String {
    short(mm * PT, 2)
}

/// A number without zeros at its end.
fn short(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text of lines as XML takes it, with what hides shown.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_words_are_safe() {
        assert_eq!(
            [short(1.50, 2), short(-0.001, 2), short(20.0, 2), short(3.0, 0)],
            ["1.5", "0", "20", "3"]
        );
        assert_eq!(escaped("a<b> & \"c\"\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot;\\u{1}");
    }
}
