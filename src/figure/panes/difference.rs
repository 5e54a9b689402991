//! B - A: where the model of one run is louder or softer than that of another.

use super::kind::{FigureError, PaneInput, PaneKind};
use super::look::Look;
use super::spectrogram::image;
use crate::figure::colormap::diverging;
use crate::figure::raster::{Columns, colour_shares};
use crate::figure::scene::{Axis, Body, ColourBar, Pane, Plot, Scale};
use crate::numeric::Magnitudes;
use crate::signal::Axes;

/// The last run against the first.
pub const DIFFERENCE: PaneKind = PaneKind {
    name: "difference",
    label: "Difference",
    description: "how many dB the model of the last run lies above or below that of the first",
    needs_input: false,
    is_shared: true,
    draw: pane,
};

/// Differences from which on the colours are the strongest, in dB.
pub const RANGE_DB: f32 = 20.0;

/// Levels below this, in dB re max V, count as this: what nobody hears differs by nothing.
pub const FLOOR_DB: f32 = -60.0;

/// The level of B less that of A, as a share of [`RANGE_DB`].
struct LevelDifference<'a> {
    a: &'a Magnitudes<f32>,
    b: &'a Magnitudes<f32>,
}

impl Columns for LevelDifference<'_> {
    fn bins(&self) -> usize {
        self.a.bins()
    }
    fn count(&self) -> usize {
        self.a.count()
    }
    fn read(&self, first: usize, out: &mut [f32]) {
        let mut a = vec![0.0; out.len()];
        self.a.read(first, &mut a);
        self.b.read(first, out);
        let level = |x: f32| 20.0 * x.max(10f32.powf(FLOOR_DB / 20.0)).log10();
        out.iter_mut().zip(a).for_each(|(b, a)| *b = (level(*b) - level(a)) / RANGE_DB);
    }
}

/// The difference of two models of one shape.
pub fn plot(a: &Magnitudes<f32>, b: &Magnitudes<f32>, axes: &Axes, look: &Look) -> Plot {
    image(&LevelDifference { a, b }, axes, look, |values, width| colour_shares(values, width, look.ground()))
}

/// What its colours stand for.
pub fn colour_bar(look: &Look) -> ColourBar {
    let [under, over] = diverging(look.ground());
    let range = f64::from(RANGE_DB);
    ColourBar {
        colours: under.iter().rev().chain(&over).copied().collect(),
        axis: Axis::new("Difference (dB)", Scale::Linear, (-range, range)),
    }
}

fn pane(given: &PaneInput<'_>) -> Result<Pane, FigureError> {
    let [a, b] = match given.sources.runs.as_slice() {
        [a, .., b] if a.shape().bins == b.shape().bins && a.shape().frames == b.shape().frames => [a, b],
        _ => return Err(FigureError::NeedsTwo { pane: DIFFERENCE.name }),
    };
    let models = [a, b].map(|run| Magnitudes::of(&run.factors(), run.power()));
    let title = match given.labels {
        [first, .., last] => format!("{last} \u{2212} {first}"),
        _ => DIFFERENCE.label.to_owned(),
    };
    let plot = plot(&models[0], &models[1], &given.sources.axes(a), given.look);
    let bar = given.bar.then(|| colour_bar(given.look));
    Ok(Pane { kind: DIFFERENCE.name, title, body: Body::Plot(Plot { bar, ..plot }), rise: 0.5 })
}
