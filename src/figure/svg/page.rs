//! What an SVG page is made of: words, paths, dots and embedded images, in mm from its upper left corner.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::codec::text::lines;
use crate::figure::png;
use crate::figure::scene::{MarkShape, Rect};
use crate::figure::style::{Rgb, Stroke, Style};
use crate::figure::text::{PT, width};

/// Height of the middle of small letters and digits above the line they stand on, over the size of the text.
pub(super) const MIDDLE: f64 = 0.36;

/// What stands after a letter that has a hat, which is always a V.
const HAT: &str = "\u{302}";

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

pub(super) struct Page<'a> {
    pub(super) out: String,
    pub(super) style: &'a Style,
}

impl Page<'_> {
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// Words that stand on a point of the page, in mm; `size` in pt.
    pub(super) fn words(
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
    pub(super) fn upright(&mut self, text: &str, (x, y): (f64, f64), size: f64, colour: Rgb) {
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

    /// The line around an area.
    pub(super) fn edge(&mut self, class: &str, area: Rect) {
        self.line(&format!(
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{}\" \
             stroke-width=\"0.5\"/>",
            pt(area.left),
            pt(area.top),
            pt(area.width()),
            pt(area.height()),
            hex(self.style.edge())
        ));
    }

    pub(super) fn image(
        &mut self,
        area: Rect,
        wide: usize,
        high: usize,
        pixels: &[Rgb],
    ) -> Result<(), String> {
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

    pub(super) fn path(&mut self, class: &str, path: &str, stroke: &Stroke) {
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
    pub(super) fn dot(&mut self, (x, y): (f64, f64), shape: MarkShape, colour: Rgb) {
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
}

/// mm as pt, with as many digits as can be seen.
pub(super) fn pt(mm: f64) -> String {
    short(mm * PT, 2)
}

/// A number without zeros at its end.
pub(super) fn short(x: f64, decimals: usize) -> String {
    let text = format!("{x:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

pub(super) fn hex([r, g, b]: Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Text of lines as XML takes it, with what hides shown.
pub(super) fn escaped(text: &str) -> String {
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
