//! A measure over bytes: the points of a sweep, a line a method, and where the columns stand.

use egui::{Color32, Ui};
use egui_plot::{GridMark, HLine, Line, LineStyle, MarkerShape, PlotPoints, PlotUi, Points};

use super::paint::{decades, number};
use super::{Panes, plot};
use crate::engine::run::series::Finished;
use crate::engine::{Better, ColumnId, Command, Measure, Measures, RunRecord, Session, Trace};
use crate::figure::axis::tick_label;
use crate::figure::chart::around;
use crate::numeric::methods::Marker;
use crate::numeric::{Method, QuantParams};
use crate::ui::actions::menu::button;
use crate::ui::actions::{Action, Request};
use crate::ui::text::{self, axes, plots as words};
use crate::ui::theme::{Palette, strong};
use crate::ui::view::{PaneId, View};
use crate::ui::widgets::choice;

/// How near the pointer must come to a point, in points of the screen.
const REACH: f32 = 14.0;

/// Half the height of a number on an axis.
const HALF_LABEL: f32 = 8.0;

/// Storable methods with their colours.
fn methods(palette: &Palette) -> impl Iterator<Item = (Method, egui::Color32)> {
    let storable = Method::ALL.into_iter().filter(|method| method.is_quantised());
    storable.map(|method| (method, palette.method(method)))
}

/// The shape of a method's points and the letter that shows it; colours alone would not tell them apart in print.
const fn shape(method: Method) -> (MarkerShape, &'static str) {
    match method.row().marker {
        Marker::Circle => (MarkerShape::Circle, "●"),
        Marker::Square => (MarkerShape::Square, "■"),
        Marker::Diamond => (MarkerShape::Diamond, "◆"),
        Marker::Up => (MarkerShape::Up, "▲"),
        Marker::Down => (MarkerShape::Down, "▼"),
    }
}

/// A ring at the run of a column. Real factors are far to the right of everything: only their level matters.
fn mark_column(plot: &mut PlotUi<'_>, column: ColumnId, color: Color32, quantised: bool, point: [f64; 2]) {
    if quantised {
        let ring = Points::new(column.name(), PlotPoints::from(vec![point])).color(color);
        plot.points(ring.radius(7.0).filled(false).shape(MarkerShape::Circle).allow_hover(false));
    } else {
        let style = if column == ColumnId::A { LineStyle::Solid } else { LineStyle::Dashed { length: 6.0 } };
        let line = HLine::new(column.name(), point[1]).color(color).style(style).width(1.5);
        plot.hline(line.allow_hover(false));
    }
}

/// The scatter with its heading and its button.
pub fn rate_distortion(ui: &mut Ui, panes: &mut Panes<'_>, height: f32, out: &mut Vec<Request>) {
    heading(ui, panes.session, panes.view, out);
    let measure = chosen(ui, panes.view);
    legend(ui, panes.session);
    let palette = Palette::of(ui.visuals());
    let runs = panes.session.trace().map(Trace::points).unwrap_or_default();
    let points: Vec<Option<[f64; 2]>> = runs.iter().map(|run| place(&run.measures, measure)).collect();
    let storable = |i: &usize| runs[*i].spec.method.is_quantised() && points[*i].is_some();
    let kept = kept(panes.session, measure);
    let columns = ColumnId::BOTH.map(|column| {
        let state = panes.session.shown(column);
        let quantised = state.snapshot.as_ref().is_some_and(|s| s.model.is_quantised());
        Some((quantised, place(state.measures.as_deref()?, measure)?))
    });
    let references = runs.iter().zip(&points).filter(|(run, _)| !run.spec.method.is_quantised());
    let references: Vec<f64> = references.filter_map(|(_, point)| Some((*point)?[1])).collect();
    let marked = || columns.iter().flatten();
    let all = || {
        let swept = (0..runs.len()).filter(storable).filter_map(|i| points[i]);
        let swept = swept.chain(kept.iter().map(|(_, point)| *point));
        swept.chain(marked().filter(|(quantised, _)| *quantised).map(|(_, point)| *point))
    };
    let (left, right) = around(all().map(|p| p[0]), 0.08);
    let levels = marked().map(|(_, point)| point[1]).chain(references.iter().copied());
    let (bottom, top) = around(all().map(|p| p[1]).chain(levels), 0.12);
    let (left, right) = if right - left < 0.2 { (left - 0.3, right + 0.3) } else { (left, right) };
    let up = up(measure);
    let base = plot::fixed(PaneId::RateDistortion, ui, height)
        .x_grid_spacer(move |_| plot::marks(&byte_marks(left, right)))
        .custom_x_axes(plot::x_axis(ui, axes::BYTES, |mark| bytes_label(10f64.powf(mark.value))))
        .y_grid_spacer(move |input| {
            if measure.is_by_decades() {
                // A number at the very top would stand in the row above.
                let top = top - f64::from(HALF_LABEL / height) * (top - bottom);
                let (low, high) =
                    (up.min(0.0) * top + up.max(0.0) * bottom, up.max(0.0) * top + up.min(0.0) * bottom);
                let mut values: Vec<f64> =
                    decades(low, high, height).iter().map(|value| up * value).collect();
                values.sort_by(f64::total_cmp);
                plot::distinct(plot::marks(&values), |mark| label(measure, mark))
            } else {
                plot::plain_ticks(32.0)(input)
            }
        })
        .custom_y_axes(plot::y_axis(ui, measure.heading(), move |mark| label(measure, mark)));
    let shown = base.show(ui, |plot| {
        plot::set_bounds(plot, [left, bottom, right, top]);
        for db in &references {
            plot.hline(HLine::new("CNMF", *db).color(palette.weak).width(1.0).allow_hover(false));
        }
        for (method, color) in methods(&palette) {
            let mut of: Vec<[f64; 2]> = (0..runs.len())
                .filter(storable)
                .filter(|i| runs[*i].spec.method == method)
                .filter_map(|i| points[i])
                .collect();
            of.sort_by(|a, b| a[0].total_cmp(&b[0]));
            if !method.is_quantised_within_learning() {
                let line = Line::new(method.label(), PlotPoints::from(of.clone())).color(color).width(1.0);
                plot.line(line.allow_hover(false));
            }
            let dots = Points::new(method.label(), PlotPoints::from(of)).color(color).radius(3.5);
            plot.points(dots.shape(shape(method).0).allow_hover(false));
            let of = kept.iter().filter(|(run, _)| run.spec().is_some_and(|spec| spec.method == method));
            let of: Vec<[f64; 2]> = of.map(|(_, point)| *point).collect();
            let dots = Points::new(method.label(), PlotPoints::from(of)).color(color).radius(3.5);
            plot.points(dots.shape(shape(method).0).filled(false).allow_hover(false));
        }
        for (column, place) in ColumnId::BOTH.into_iter().zip(&columns) {
            if let Some((quantised, point)) = *place {
                mark_column(plot, column, palette.column(column), quantised, point);
            }
        }
    });
    let summary = summary(panes.session, &runs, measure);
    plot::remember(ui, panes.view, PaneId::RateDistortion, &shown, &summary);
    // Nothing to hover but what is near the pointer.
    let Some(pointer) = shown.response.hover_pos() else { return };
    let distance = |[x, y]: [f64; 2]| {
        shown.transform.position_from_point(&egui_plot::PlotPoint::new(x, y)).distance(pointer)
    };
    let swept =
        (0..runs.len()).filter(storable).filter_map(|i| Some((NearestPoint::Point(i), distance(points[i]?))));
    let listed = kept.iter().map(|(run, point)| (NearestPoint::Run(run.number), distance(*point)));
    let near = swept.chain(listed).min_by(|a, b| a.1.total_cmp(&b.1));
    let Some((found, _)) = near.filter(|(_, distance)| *distance <= REACH) else { return };
    let column = if ui.input(|input| input.modifiers.shift) { ColumnId::A } else { ColumnId::B };
    let (text, command) = match found {
        NearestPoint::Point(point) => (describe_point(&runs[point]), Command::ShowPoint { column, point }),
        NearestPoint::Run(number) => {
            let Some((run, _)) = kept.iter().find(|(run, _)| run.number == number) else { return };
            (describe_kept(run), Command::ShowRun { column, number })
        }
    };
    if shown.response.on_hover_text_at_pointer(text).clicked() {
        out.push(Request::Command(command));
    }
}

/// What the pointer is near.
enum NearestPoint {
    /// A point of the sweep.
    Point(usize),
    /// A run of the list, by its number.
    Run(usize),
}

/// Storable runs of the list on the input at hand, analysed as it is, with their places.
fn kept(session: &Session, measure: Measure) -> Vec<(&RunRecord, [f64; 2])> {
    let Some(analysis) = session.input().open() else { return Vec::new() };
    let of_input = session.runs().all().iter().filter(|run| run.is_on(analysis));
    let storable = of_input.filter(|run| run.snapshot().model.is_quantised());
    storable.filter_map(|run| Some((run, place(&run.measures, measure)?))).collect()
}

fn heading(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    ui.horizontal(|ui| {
        ui.heading(words::RATE_DISTORTION);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let trace = session.trace();
            let running = trace.is_some_and(Trace::is_running);
            let label = if running { words::STOP_SWEEP } else { words::SWEEP };
            button(ui, Action::Sweep, label, session, view, out);
            let progress = trace.map(|trace| {
                if running {
                    text::part_of(trace.points().len(), trace.planned())
                } else {
                    text::shape(trace.base().components, trace.base().lags, ", ")
                }
            });
            let input = session.input().open().map(|analysis| analysis.name.clone());
            let text: Vec<String> = input.into_iter().chain(progress).collect();
            let text = egui::RichText::new(text.join(", ")).color(palette.weak).small();
            ui.add(egui::Label::new(text).truncate());
        });
    });
}

/// The colours and shapes of the methods.
fn legend(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    if session.trace().is_some() {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            for (method, color) in methods(&palette) {
                let (_, symbol) = shape(method);
                ui.label(egui::RichText::new(symbol).color(color).size(10.0));
                let name = method.name().trim_start_matches("ptq-").trim_start_matches("snmf-");
                let label = ui.label(egui::RichText::new(name).color(palette.weak).small());
                label.on_hover_text(method.description());
                ui.add_space(6.0);
            }
        });
    } else {
        ui.label(egui::RichText::new(words::NO_SWEEP).color(palette.weak).font(strong(11.0)));
    }
}

/// The choice of the measure, and where the better runs are.
fn chosen(ui: &mut Ui, view: &mut View) -> Measure {
    let weak = Palette::of(ui.visuals()).weak;
    ui.horizontal(|ui| {
        let label = ui.label(egui::RichText::new(words::MEASURE.name).color(weak));
        let describe = |measure: Measure| text::measure(measure).pair();
        let list = choice(ui, words::MEASURE.name, 0.0, &mut view.measure, &Measure::EACH, describe);
        list.labelled_by(label.id).on_hover_text(words::MEASURE.help);
        ui.label(egui::RichText::new(words::BETTER).color(weak).small());
    });
    view.measure
}

/// The direction in which a measure grows: what is better stands above what is worse.
const fn up(measure: Measure) -> f64 {
    match measure.better() {
        Better::Higher => 1.0,
        Better::Lower => -1.0,
    }
}

/// The measure at a height of the plot.
fn label(measure: Measure, mark: &GridMark) -> String {
    let value = up(measure) * mark.value;
    if measure.is_by_decades() { number(10f64.powf(value)) } else { tick_label(value, mark.step_size) }
}

/// Decimal logarithm of the bytes, and the measure, or its logarithm where its axis has decades, upwards where it is
/// better.
fn place(measures: &Measures, measure: Measure) -> Option<[f64; 2]> {
    let value = measure.of(measures)?;
    let value = if measure.is_by_decades() { value.log10() } else { value };
    value.is_finite().then_some([(measures.sizes.text_gzip_bytes as f64).log10(), up(measure) * value])
}

fn describe_kept(run: &RunRecord) -> String {
    let measures = &run.measures;
    words::run(run.number, run.label(), &measures.quality.describe(), measures.sizes.text_gzip_bytes)
}

fn describe_point(run: &Finished) -> String {
    let params = run.snapshot.params().map(|params| format!(", {params}"));
    let levels = run.spec.levels().map(|levels| format!(", {}", QuantParams::Levels(levels)));
    words::point(
        run.spec.method.label(),
        &params.or(levels).unwrap_or_default(),
        &run.measures.quality.describe(),
        run.measures.sizes.text_gzip_bytes,
        run.measures.entropy_bytes.unwrap_or(f64::NAN),
    )
}

fn summary(session: &Session, runs: &[std::sync::Arc<Finished>], measure: Measure) -> String {
    let of = |column: ColumnId| {
        let measures = session.shown(column).measures.as_deref();
        measures.and_then(|m| Some((measure.of(m)?, m.sizes.text_gzip_bytes))).map_or_else(
            || words::NO_PLACE.to_owned(),
            |(x, bytes)| words::place(&measure.describe(x), bytes),
        )
    };
    words::summary(measure, &of(ColumnId::A), &of(ColumnId::B), runs.len())
}

/// Decimal logarithms of round numbers of bytes, few enough to be read.
fn byte_marks(left: f64, right: f64) -> Vec<f64> {
    #[allow(clippy::cast_possible_truncation)] // a handful of decades
    let powers = left.floor() as i32..=right.ceil() as i32;
    let steps: &[f64] = if right - left > 2.0 { &[1.0] } else { &[1.0, 2.0, 5.0] };
    let all = powers.flat_map(|p| steps.iter().map(move |step| f64::from(p) + step.log10()));
    let room = right - 0.06 * (right - left);
    all.filter(|x| (left..=room).contains(x)).collect()
}

fn bytes_label(bytes: f64) -> String {
    if bytes >= 999_500.0 {
        format!("{:.0}M", bytes / 1e6)
    } else if bytes >= 999.5 {
        format!("{:.0}k", bytes / 1e3)
    } else {
        format!("{bytes:.0}")
    }
}
