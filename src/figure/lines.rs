//! Growth against growth, both by factors of two, as an SVG of lines.

use std::fmt::Write as _;

/// A named line of points, both coordinates positive.
pub struct Line<'a> {
    /// Stands at its end.
    pub name: &'a str,
    /// In order.
    pub points: Vec<(f64, f64)>,
}

/// Width and height, and the room for labels at each side.
const SIZE: (f64, f64) = (560.0, 360.0);
const LEFT: f64 = 60.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 48.0;

/// Colours that the colour-blind tell apart (Okabe and Ito), and dashes for print; the first line is solid.
const STYLES: [(&str, &str); 4] =
    [("#0072b2", ""), ("#d55e00", "8 3"), ("#009e73", "3 3"), ("#cc79a7", "8 3 2 3")];

/// An SVG with logarithmic axes from 1 up to the next power of two, and a thin line of equal growth.
#[must_use]
pub fn growth_svg(lines: &[Line<'_>], x_label: &str, y_label: &str) -> String {
    let all = || lines.iter().flat_map(|line| line.points.iter());
    let octaves = |values: &mut dyn Iterator<Item = f64>| values.fold(2.0, f64::max).log2().ceil().max(1.0);
    let (x_top, y_top) = (octaves(&mut all().map(|p| p.0)), octaves(&mut all().map(|p| p.1)));
    let x = |value: f64| LEFT + (SIZE.0 - LEFT - RIGHT) * value.log2() / x_top;
    let y = |value: f64| SIZE.1 - BOTTOM - (SIZE.1 - TOP - BOTTOM) * value.log2() / y_top;
    let (width, height) = SIZE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"Inter, Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#222\" \
         stroke=\"none\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    // Writing to a string cannot fail.
    let powers = |top: f64| (0..=12).map(|k| 2f64.powi(k)).filter(move |power| power.log2() <= top);
    for power in powers(x_top) {
        let (at, low, high) = (x(power), SIZE.1 - BOTTOM, TOP);
        let _ = writeln!(out, "<path d=\"M{at:.1} {low}V{high}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(out, "<text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{power}</text>", low + 18.0);
    }
    for power in powers(y_top) {
        let (at, left, right) = (y(power), LEFT, SIZE.0 - RIGHT);
        let _ = writeln!(out, "<path d=\"M{left} {at:.1}H{right}\" stroke=\"#ddd\"/>");
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{power}</text>",
            left - 8.0,
            at + 4.5
        );
    }
    let equal = 2f64.powf(x_top.min(y_top));
    let _ = writeln!(
        out,
        "<path d=\"M{:.1} {:.1}L{:.1} {:.1}\" stroke=\"#888\" stroke-width=\"1\"/>",
        x(1.0),
        y(1.0),
        x(equal),
        y(equal)
    );
    for (i, (line, (colour, dash))) in lines.iter().zip(STYLES.iter().cycle()).enumerate() {
        let dash = if dash.is_empty() { String::new() } else { format!(" stroke-dasharray=\"{dash}\"") };
        let path: Vec<String> =
            line.points.iter().map(|&(a, b)| format!("{:.1},{:.1}", x(a), y(b))).collect();
        let _ = writeln!(
            out,
            "<path d=\"M{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" \
            {dash}/>",
            path.join("L")
        );
        for &(a, b) in &line.points {
            let _ =
                writeln!(out, "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"3.5\" fill=\"{colour}\"/>", x(a), y(b));
        }
        let at = TOP + 20.0 + 20.0 * i as f64;
        let _ = writeln!(
            out,
            "<path d=\"M{} {at}h36\" stroke=\"{colour}\" stroke-width=\"2.5\"{dash}/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            LEFT + 14.0,
            LEFT + 58.0,
            at + 4.5,
            line.name
        );
    }
    let (middle_x, middle_y) = (x(2f64.powf(x_top / 2.0)), y(2f64.powf(y_top / 2.0)));
    let _ = writeln!(
        out,
        "<text x=\"{middle_x:.1}\" y=\"{}\" text-anchor=\"middle\">{x_label}</text>",
        SIZE.1 - 8.0
    );
    let _ = writeln!(
        out,
        "<text transform=\"translate(18 {middle_y:.1}) rotate(-90)\" text-anchor=\"middle\">{y_label}</text>\n</svg>"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_growth_lies_on_the_thin_line_and_every_line_is_named() {
        let points = vec![(1.0, 1.0), (2.0, 2.0), (16.0, 16.0)];
        let svg = growth_svg(&[Line { name: "M", points }], "size", "time");
        let thin = svg.lines().find(|line| line.contains("#888")).map(str::to_owned).unwrap_or_default();
        let end = svg.lines().rfind(|line| line.contains("<circle")).unwrap_or_default().to_owned();
        let place = |key: &str| {
            end.split(key).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("-").to_owned()
        };
        assert!(thin.contains(&format!("L{} {}", place("cx=\""), place("cy=\""))), "{thin} {end}");
        for word in [">M<", ">size<", ">time<", ">16<"] {
            assert!(svg.contains(word), "{word}");
        }
    }
}
