//! Paints the plots of `figure` with `egui_plot`: images as textures, lines, points and bars, axes by their scales.

use egui::{Color32, TextureHandle, Ui};
use egui_plot::{
    Bar, BarChart, GridInput, GridMark, Line, LineStyle, MarkerShape, PlotPoints, PlotResponse, PlotUi,
    Points,
};

use super::plot::{self, PlotRect};
use crate::figure::axis::{ticks, time_label, time_ticks};
use crate::figure::scene::{Axis, Mark, MarkShape, Plot, Scale};
use crate::figure::style::{Rgb, Stroke};
use crate::ui::view::{PaneId, View};

/// Lengths of dashes in points.
const DASH: f32 = 6.0;

/// Points from one label of a logarithmic axis to the next at least.
const LEAST_GAP: f64 = 16.0;

/// Points from one name of an axis to the next at least.
const LEAST_NAME: f32 = 20.0;

/// Height of a pane in points from which on its vertical axis has its name.
const ROOM_FOR_NAME: f32 = 96.0;

/// A colour of a plot.
pub const fn colour([r, g, b]: Rgb) -> Color32 {
    Color32::from_rgb(r, g, b)
}

/// Colour and width of a line as the plot has them.
pub const fn as_drawn(_: usize, stroke: &Stroke) -> (Color32, f32) {
    #[allow(clippy::cast_possible_truncation)] // a few points
    (colour(stroke.colour), stroke.width as f32)
}

/// The ends of a plot as its painter counts: heights of scales.
pub fn place(plot: &Plot) -> PlotRect {
    let ends = |axis: &Axis| (axis.height(axis.ends.0), axis.height(axis.ends.1));
    let ((left, right), (bottom, top)) = (ends(&plot.x), ends(&plot.y));
    [left, bottom, right, top]
}

/// Paints what stands in a plot. `pen` says how the line of this number among the marks is drawn, which is where a pane
/// brings out one of them.
pub fn marks(
    ui: &mut PlotUi<'_>,
    plot: &Plot,
    texture: Option<&TextureHandle>,
    pen: impl Fn(usize, &Stroke) -> (Color32, f32),
) {
    if let Some(texture) = texture {
        ui.image(plot::image("image", texture.id(), place(plot)));
    }
    let heights = |points: &[(f64, f64)]| -> PlotPoints<'static> {
        points.iter().map(|(x, y)| [plot.x.height(*x), plot.y.height(*y)]).collect()
    };
    for (i, mark) in plot.marks.iter().enumerate() {
        let name = i.to_string();
        match mark {
            // Became a texture when the plot was made ready.
            Mark::Image(_) => {}
            Mark::Line(points, stroke) => {
                let (colour, width) = pen(i, stroke);
                let solid = stroke.dash.is_empty();
                let style = if solid { LineStyle::Solid } else { LineStyle::Dashed { length: DASH } };
                let line = Line::new(name, heights(points)).color(colour).style(style).width(width);
                ui.line(line.allow_hover(false));
            }
            Mark::Dots(points, shape, rgb) => {
                let dots = Points::new(name, heights(points)).color(colour(*rgb)).radius(3.5);
                let (shape, filled) = marker(*shape);
                ui.points(dots.shape(shape).filled(filled).allow_hover(false));
            }
            Mark::Bars(bars, rgb) => {
                let bar = |&(middle, width, tall): &(f64, f64, f64)| {
                    let bar = Bar::new(plot.x.height(middle), plot.y.height(tall)).width(width);
                    bar.fill(colour(*rgb)).stroke(egui::Stroke::NONE)
                };
                ui.bar_chart(BarChart::new(name, bars.iter().map(bar).collect()).allow_hover(false));
            }
        }
    }
}

/// The shape of a point, and whether it is filled.
const fn marker(shape: MarkShape) -> (MarkerShape, bool) {
    match shape {
        MarkShape::Circle => (MarkerShape::Circle, true),
        MarkShape::Square => (MarkerShape::Square, true),
        MarkShape::Diamond => (MarkerShape::Diamond, true),
        MarkShape::Triangle => (MarkerShape::Up, true),
        MarkShape::Ring => (MarkerShape::Circle, false),
    }
}

/// A pane that shows all of its plot: axes, marks, and the sentence for those who do not see it. Numbers of a plain axis
/// stand about `every` points apart.
pub fn plain(
    ui: &mut Ui,
    view: &mut View,
    (pane, height): (PaneId, f32),
    plot: &Plot,
    texture: Option<&TextureHandle>,
    every: f32,
) -> PlotResponse<()> {
    let base = plot::fixed(pane, ui, height).show_grid(plot.grid);
    let width = ui.available_width();
    let (x, y) = (plot.x.clone(), plot.y.clone());
    let base = base.custom_x_axes(plot::x_axis(ui, &plot.x.label, move |mark| label(&x, mark)));
    // Where there is no room for it, its name would stand in the rows above and below.
    let name = if height >= ROOM_FOR_NAME { plot.y.label.as_str() } else { "" };
    let base = base.custom_y_axes(plot::y_axis(ui, name, move |mark| label(&y, mark)));
    let (x, y) = (plot.x.clone(), plot.y.clone());
    let base = base
        .x_grid_spacer(move |input| ticks_of(&x, width, every, input))
        .y_grid_spacer(move |input| ticks_of(&y, height, 30.0, input));
    let shown = base.show(ui, |ui| {
        plot::set_bounds(ui, place(plot));
        marks(ui, plot, texture, as_drawn);
    });
    plot::remember(ui, view, pane, &shown, &plot.description);
    shown
}

/// The labels of an axis of this length in points; numbers of a plain one stand about `every` points apart.
fn ticks_of(axis: &Axis, length: f32, every: f32, input: GridInput) -> Vec<GridMark> {
    let Some(values) = spaced(axis, length) else { return plot::plain_ticks(every)(input) };
    plot::distinct(plot::marks(&values), |mark| label(axis, mark))
}

/// Where an axis of this length in points has its labels; none where that is for its plain numbers to say.
fn spaced(axis: &Axis, length: f32) -> Option<Vec<f64>> {
    let heights = (axis.height(axis.ends.0), axis.height(axis.ends.1));
    if !axis.names.is_empty() {
        let step = axis.names.get(1).map_or(1.0, |second| (second.0 - axis.names[0].0).abs());
        return Some(named(&axis.names, (heights.1 - heights.0) / step, LEAST_NAME, length));
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let count = (length / 36.0).clamp(2.0, 10.0) as usize;
    match axis.scale {
        Scale::Linear => None,
        Scale::Time => Some(time_ticks(axis.ends.0, axis.ends.1, count)),
        Scale::Decades => Some(decades(heights.0, heights.1, length)),
        Scale::Octaves => Some(ticks(heights.0.ceil(), heights.1.floor(), count)),
        Scale::Frequency(scale) => {
            let hertz = scale.ticks(axis.ends.0, axis.ends.1, count);
            Some(hertz.into_iter().map(|hertz| axis.height(hertz)).collect())
        }
    }
}

/// The label at a height.
fn label(axis: &Axis, mark: &GridMark) -> String {
    if let Some((_, name)) =
        axis.names.iter().find(|(value, _)| (axis.height(*value) - mark.value).abs() < 1e-9)
    {
        return name.clone();
    }
    match axis.scale {
        Scale::Linear => plot::plain_label(mark),
        Scale::Time => time_label(mark.value, mark.step_size, axis.ends.1),
        Scale::Octaves => number(mark.value.exp2()),
        Scale::Decades => number(10f64.powf(mark.value)),
        Scale::Frequency(scale) => plot::frequency_label(scale.frequency(mark.value)),
    }
}

/// Places of names, in rising order, every so manieth, so that `least` points lie between two on an axis of `length`, on
/// which there is room for `count` of them.
pub fn named(names: &[(f64, String)], count: f64, least: f32, length: f32) -> Vec<f64> {
    let every = (count * f64::from(least) / f64::from(length.max(1.0))).ceil().max(1.0);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    let mut values: Vec<f64> = names.iter().step_by(every as usize).map(|(value, _)| *value).collect();
    values.sort_by(f64::total_cmp);
    values
}

/// Decimal logarithms of 1, 2 and 5 times the powers of ten between two, of which there are at least two; of the powers
/// alone where an axis of this height in points has no room for more.
pub fn decades(bottom: f64, top: f64, height: f32) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation)] // a handful of decades
    let powers = bottom.floor() as i32..=top.ceil() as i32;
    let all = |steps: &'static [f64]| {
        let powers = powers.clone();
        let values = powers.flat_map(move |p| steps.iter().map(move |s| f64::from(p) + s.log10()));
        values.filter(|x| (bottom..=top).contains(x)).collect::<Vec<f64>>()
    };
    let (few, some) = (all(&[1.0]), all(&[1.0, 2.0, 5.0]));
    // Labels closer than this are left out, all of them.
    let crowded = 2f64.log10() / (top - bottom) * f64::from(height - plot::TIME_AXIS_HEIGHT) < LEAST_GAP;
    if few.len() >= 4 || few.len() >= 2 && crowded {
        few
    } else if some.len() >= 2 {
        some
    } else {
        ticks(10f64.powf(bottom), 10f64.powf(top), 3).into_iter().map(f64::log10).collect()
    }
}

/// A number on a logarithmic axis.
pub fn number(x: f64) -> String {
    if x >= 100.0 {
        format!("{x:.0}")
    } else if x >= 1.0 {
        format!("{x:.1}")
    } else {
        format!("{x:.3}")
    }
}
