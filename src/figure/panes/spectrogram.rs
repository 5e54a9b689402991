//! A spectrogram as an image with its colour bar: V, its reconstruction, and their difference.

use super::axes::{frequency_axis, region, time_axis};
use super::kind::{FigureError, PaneInput, PaneKind};
use super::look::Look;
use crate::engine::Measure;
use crate::figure::colormap::diverging;
use crate::figure::raster::{Columns, LevelRange, Raster, Residual, colour, colour_signed, peaks};
use crate::figure::scene::{Axis, Body, ColourBar, Mark, Pane, Plot, Scale, number};
use crate::numeric::Magnitudes;
use crate::signal::Axes;

pub const V: PaneKind = PaneKind {
    name: "v",
    label: "Input V",
    description: "the input's spectrogram",
    needs_input: true,
    is_shared: true,
    draw: input,
};

pub const VHAT: PaneKind = PaneKind {
    name: "vhat",
    label: "Reconstruction",
    description: "the reconstruction",
    needs_input: false,
    is_shared: false,
    draw: |given| Ok(reconstruction(given)),
};

pub const RESIDUAL: PaneKind = PaneKind {
    name: "residual",
    label: "Residual",
    description: "what the reconstruction misses and adds",
    needs_input: true,
    is_shared: false,
    draw: residual,
};

/// A spectrogram, or a signed difference of two.
pub fn plot(source: &dyn Columns, axes: &Axes, look: &Look, signed: bool) -> Plot {
    let colour = if signed { colour_signed } else { colour };
    image(source, axes, look, |values, width| colour(values, width, &look.levels, look.ground()))
}

/// Values over time and frequency, coloured row by row from the top.
pub(super) fn image(
    source: &dyn Columns,
    axes: &Axes,
    look: &Look,
    colour: impl Fn(&[f32], usize) -> Raster,
) -> Plot {
    let frames = source.count();
    let (x, columns) = time_axis(axes, frames, look);
    let (y, edges) = frequency_axis(axes, source.bins(), look);
    let region = region(columns, edges, frames.min(look.most_columns), look);
    let image = colour(&peaks(source, &region), region.width);
    Plot { x, y, marks: vec![Mark::Image(image)], ..Plot::default() }
}

fn pane(given: &PaneInput<'_>, kind: PaneKind, title: String, source: &dyn Columns, axes: &Axes) -> Pane {
    let signed = kind == RESIDUAL;
    let bar = given.bar.then(|| colour_bar(given.look, signed));
    let body = Body::Plot(Plot { bar, ..plot(source, axes, given.look, signed) });
    Pane { kind: kind.name, title, body, rise: 0.5 }
}

fn input(given: &PaneInput<'_>) -> Result<Pane, FigureError> {
    let input = given.input(V)?;
    let title = format!("V, {}", input.name);
    Ok(pane(given, V, title, &*input.spectrogram_f32().v, &input.axes()))
}

fn reconstruction(given: &PaneInput<'_>) -> Pane {
    let run = given.run();
    let snr = run.measures.as_ref().and_then(|measures| measures.quality.snr_db);
    let snr = snr.map_or_else(String::new, |snr| format!(", {}", Measure::Snr.describe(snr)));
    let title = format!("V\u{302}, {}{snr}", given.label());
    let vhat = Magnitudes::of(given.factors, run.power());
    pane(given, VHAT, title, &vhat, &given.axes())
}

fn residual(given: &PaneInput<'_>) -> Result<Pane, FigureError> {
    let (run, input) = (given.run(), given.input(RESIDUAL)?);
    let shape = run.shape();
    if (input.bins(), input.frames()) != (shape.bins, shape.frames) {
        return Err(FigureError::NeedsInput { pane: RESIDUAL.name });
    }
    let vhat = Magnitudes::of(given.factors, run.power());
    let title = format!("V \u{2212} V\u{302}, {}", given.label());
    let source = Residual(&input.spectrogram_f32().v, &vhat);
    Ok(pane(given, RESIDUAL, title, &source, &given.axes()))
}

/// What colours stand for.
pub(super) fn colour_bar(look: &Look, signed: bool) -> ColourBar {
    const LABEL: &str = "Level (dB re max V)";
    let LevelRange { map, top_db, range_db } = look.levels;
    let (top, low) = (f64::from(top_db), f64::from(top_db - range_db));
    if !signed {
        return ColourBar {
            colours: map.table().to_vec(),
            axis: Axis::new(LABEL, Scale::Linear, (low, top)),
        };
    }
    let [under, over] = diverging(look.ground());
    let level = |share: f64| number(low + (top - low) * share, 1.0);
    let names = [-1.0, -0.5, 0.0, 0.5, 1.0f64].map(|at| {
        let sign = if at < 0.0 { "V<V\u{302} " } else { "V>V\u{302} " };
        let sign = if at.abs() == 1.0 { sign } else { "" };
        (at, format!("{sign}{}", level(at.abs())))
    });
    let axis = Axis { names: names.to_vec(), ..Axis::new(LABEL, Scale::Linear, (-1.0, 1.0)) };
    ColourBar { colours: under.iter().rev().chain(&over).copied().collect(), axis }
}
