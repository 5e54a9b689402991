//! The bases as a cascade of patches.

use super::axes::{frequency_axis, region};
use super::kind::{PaneInput, PaneKind};
use super::look::Look;
use super::spectrogram::colour_bar;
use crate::figure::cascade::{Cascade, CascadeLayout, CascadeOrder};
use crate::figure::raster::{colour, peaks};
use crate::figure::scene::{Axis, Body, Mark, Pane, Plot, Scale};
use crate::numeric::Factors;
use crate::signal::Axes;

pub const W: PaneKind = PaneKind {
    name: "w",
    label: "Bases W",
    description: "the bases side by side",
    needs_input: false,
    is_shared: false,
    draw: |given| Ok(pane(given)),
};

/// The bases side by side, in this layout.
pub fn plot(factors: &Factors<f32>, layout: &CascadeLayout, axes: &Axes, look: &Look) -> Plot {
    let shape = factors.shape();
    let (y, edges) = frequency_axis(axes, shape.bins, look);
    let count = layout.columns();
    let ends = (-0.5, count as f64 - 0.5);
    let label = match layout.order {
        CascadeOrder::ByComponent => format!("Component (T = {})", shape.lags),
        CascadeOrder::ByLag => format!("Lag (R = {})", layout.components.len()),
    };
    let x = Axis { names: layout.names(), ..Axis::new(&label, Scale::Linear, ends) };
    // On dark paper the gaps would be as dark as silence.
    let dark_paper = look.style.dark && look.screen.is_none();
    let gap = if dark_paper { look.style.edge() } else { look.ground() };
    let region = region(ends, edges, count, look);
    let values = peaks(&Cascade::new(factors, layout), &region);
    let image = Mark::Image(colour(&values, region.width, &look.levels, gap));
    Plot { x, y, marks: vec![image], ..Plot::default() }
}

fn pane(given: &PaneInput<'_>) -> Pane {
    let lags = 0..given.factors.shape().lags;
    let layout = CascadeLayout { order: given.look.order, components: given.order.to_vec(), lags };
    let bar = given.bar.then(|| colour_bar(given.look, false));
    let body = Body::Plot(Plot { bar, ..plot(given.factors, &layout, &given.axes(), given.look) });
    Pane { kind: W.name, title: format!("W, {}", given.label()), body, rise: 0.55 }
}
