//! A spectrogram as an image with its colour bar.

use super::Look;
use super::axes::{frequency_axis, region, time_axis};
use crate::figure::colormap::diverging;
use crate::figure::raster::{Columns, Levels, Region, colour, colour_signed, peaks};
use crate::figure::scene::{Axis, Body, ColourBar, Mark, Pane, Plot, Scale, number};
use crate::signal::Axes;

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
pub(super) fn colour_bar(look: &Look, signed: bool) -> ColourBar {
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
