//! The bases as a cascade of patches.

use super::Look;
use super::axes::{frequency_axis, region};
use super::spectrogram::colour_bar;
use crate::figure::cascade::{Cascade, CascadeOrder, Layout};
use crate::figure::raster::{colour, peaks};
use crate::figure::scene::{Axis, Body, Mark, Pane, Plot, Scale};
use crate::numeric::Factors;
use crate::signal::Axes;

/// The bases side by side, the components in this order.
#[must_use]
pub fn cascade(
    factors: &Factors<f32>,
    components: &[usize],
    axes: &Axes,
    look: &Look,
    title: String,
    bar: bool,
) -> Pane {
    let shape = factors.shape();
    let layout = Layout { order: look.order, components: components.to_vec(), lags: 0..shape.lags };
    let source = Cascade::new(factors, &layout);
    let (y, edges) = frequency_axis(axes, shape.bins, look.scale);
    let count = layout.columns();
    let ends = (-0.5, count as f64 - 0.5);
    let (patches, columns) = layout.patches();
    let middle = |patch: usize| (patch * (columns + 1)) as f64 + 0.5 * (columns as f64 - 1.0);
    let (label, name): (String, Box<dyn Fn(usize) -> String>) = match look.order {
        CascadeOrder::ByComponent => {
            let of = components.to_vec();
            (format!("Component (T = {})", shape.lags), Box::new(move |patch| (of[patch] + 1).to_string()))
        }
        CascadeOrder::ByLag => {
            let each = format!("Lag (R = {})", components.len());
            (each, Box::new(|patch: usize| patch.to_string()))
        }
    };
    let names = if components.is_empty() {
        Vec::new()
    } else {
        (0..patches).map(|patch| (middle(patch), name(patch))).collect()
    };
    let x = Axis { names, ..Axis::new(&label, Scale::Linear, ends) };
    // On dark ground the gaps would be as dark as silence.
    let gap = if look.style.dark { look.style.edge() } else { look.style.ground() };
    let region = region(ends, edges, count);
    let image = Mark::Image(colour(&peaks(&source, &region), region.width, &look.levels, gap));
    let bar = bar.then(|| colour_bar(look, false));
    let body = Body::Plot(Plot { x, y, marks: vec![image], legend: Vec::new(), grid: false, bar });
    Pane { kind: "w", title, body, rise: 0.55 }
}
