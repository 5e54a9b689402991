//! R and T for a budget: the question, and a map of R by T, coloured by quality, of the runs in the list that answer it.

use egui::{Align2, Color32, Rect, Sense, Stroke, StrokeKind, TextEdit, Ui, vec2};

use crate::engine::run::choose::{
    COMPONENTS, Candidates, Cell, LAGS, ModelGoal, ModelSearch, QualityFloor, kbps_of, seconds_of,
};
use crate::engine::{Analysis, Batch, ColumnId, Command, InputState, Measure, Measures, RunRecord, Session};
use crate::ui::actions::Request;
use crate::ui::text::{Term, choose as words, grouped, metrics};
use crate::ui::theme::{GAP, Palette, contrast, strong};
use crate::ui::view::View;
use crate::ui::widgets::escaped;

/// Size of a cell of the map, and of what stands beside it.
const CELL: egui::Vec2 = vec2(76.0, 36.0);
const HEAD: f32 = 44.0;

/// The window, while it is open.
#[derive(Default)]
pub struct ChooseDialog {
    focused: bool,
}

impl ChooseDialog {
    /// Shows question and map; false once they are to be closed.
    pub fn show(&mut self, ui: &Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) -> bool {
        let mut open = true;
        let window = egui::Window::new(words::TITLE).collapsible(false).resizable(false).open(&mut open);
        let place = ui.ctx().content_rect().center_top() + vec2(-240.0, 90.0);
        window.default_width(480.0).default_pos(place).show(ui.ctx(), |ui| {
            let palette = Palette::of(ui.visuals());
            let weak = |text: &str| egui::RichText::new(text).color(palette.weak);
            ui.label(weak(words::WHAT_IT_DOES));
            ui.add_space(GAP);
            let entered = self.fields(ui, view);
            let (analysis, search) = match session.input() {
                InputState::Ready(analysis) => {
                    let search = view.choose.parse(session.draft(), analysis);
                    (Some(analysis.as_ref()), search.map_err(|e| e.to_string()))
                }
                InputState::Empty | InputState::Loading { .. } | InputState::Failed { .. } => {
                    (None, Err(words::NO_INPUT.to_owned()))
                }
            };
            if search.as_ref().map_or(true, |search| search.candidates().is_searched()) {
                ui.label(weak(words::SEARCHED).small());
            }
            ui.add_space(GAP);
            buttons(ui, session, view, (&search, entered), out);
            if let (Some(analysis), Ok(search)) = (analysis, &search) {
                ui.add_space(GAP);
                map(ui, session, view, (analysis, search), out);
            }
        });
        open && !escaped(ui)
    }

    /// The fields; whether Enter was pressed in one of them.
    fn fields(&mut self, ui: &mut Ui, view: &mut View) -> bool {
        let (choose, mut left) = (&mut view.choose, false);
        egui::Grid::new("budget").num_columns(2).spacing([2.0 * GAP, GAP]).show(ui, |ui| {
            let Term { name, help } = words::BUDGET;
            let label = ui.label(name).on_hover_text(help);
            ui.horizontal(|ui| {
                let field = ui.add(TextEdit::singleline(&mut choose.budget).desired_width(90.0));
                let field = field.labelled_by(label.id).on_hover_text(help);
                left |= field.lost_focus();
                if !self.focused {
                    field.request_focus();
                    self.focused = true;
                }
                for (in_kbps, Term { name, help }) in [(true, words::KBPS), (false, words::BYTES)] {
                    ui.selectable_value(&mut choose.in_kbps, in_kbps, name).on_hover_text(help);
                }
            });
            ui.end_row();
            for (Term { name, help }, usual, value) in [
                (words::COMPONENTS, &COMPONENTS[..], &mut choose.components),
                (words::LAGS, &LAGS, &mut choose.lags),
            ] {
                let label = ui.label(name).on_hover_text(help);
                let field = TextEdit::singleline(value).hint_text(words::usual(usual));
                let field = ui.add(field.desired_width(300.0)).labelled_by(label.id).on_hover_text(help);
                left |= field.lost_focus();
                ui.end_row();
            }
        });
        left && ui.input(|input| input.key_pressed(egui::Key::Enter))
    }
}

/// Search, or stop, and how far that is; why not, where it cannot.
fn buttons(
    ui: &mut Ui,
    session: &Session,
    view: &View,
    (search, entered): (&Result<ModelSearch, String>, bool),
    out: &mut Vec<Request>,
) {
    let palette = Palette::of(ui.visuals());
    let running = session.grid().filter(|grid| grid.is_running());
    ui.horizontal(|ui| {
        let why = search.as_ref().err().map_or(words::ANOTHER_RUNS, String::as_str);
        let can = search.is_ok() && running.is_none();
        let go = ui.add_enabled(can, egui::Button::new(words::RUN)).on_disabled_hover_text(why);
        if go.clicked() || can && entered {
            out.push(Request::Command(Command::Choose(view.choose.clone())));
        }
        let mine = running.filter(|_| session.choice().is_some());
        if let Some(batch) = mine {
            if ui.button(words::STOP).clicked() {
                out.push(Request::Command(Command::StopGrid));
            }
            ui.spinner();
            let more = search.as_ref().is_ok_and(|search| search.candidates().is_searched());
            ui.label(egui::RichText::new(progress(batch, more)).color(palette.weak));
        } else if running.is_some() {
            ui.label(egui::RichText::new(words::ANOTHER_RUNS).color(palette.weak));
        } else if let Err(reason) = search {
            ui.label(egui::RichText::new(reason).color(palette.error));
        }
    });
}

fn progress(batch: &Batch, more: bool) -> String {
    words::progress(batch.done().len(), batch.planned(), more)
}

/// The best run of the list with this R and T and the settings of the search.
fn run_of<'s>(
    session: &'s Session,
    analysis: &Analysis,
    search: &ModelSearch,
    cell: Cell,
) -> Option<&'s RunRecord> {
    let is_asked_for = |run: &&RunRecord| {
        let spec = run.spec().filter(|spec| Cell::of(spec) == cell);
        run.has_ended_on(analysis) && spec.is_some_and(|spec| search.asks_for(spec))
    };
    let all = session.runs().all().iter().rev().filter(is_asked_for);
    search.best_of(all.map(|run| (run, run.measures.as_ref())))
}

/// R downwards, T to the right.
fn map(
    ui: &mut Ui,
    session: &Session,
    view: &View,
    (analysis, search): (&Analysis, &ModelSearch),
    out: &mut Vec<Request>,
) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: &str| egui::RichText::new(text).color(palette.weak);
    let candidates: &Candidates = search.candidates();
    let cells = candidates
        .components()
        .iter()
        .flat_map(|&components| candidates.lags().iter().map(move |&lags| Cell { components, lags }));
    let cells: Vec<(Cell, Option<&RunRecord>)> =
        cells.map(|cell| (cell, run_of(session, analysis, search, cell))).collect();
    let runs = || cells.iter().filter_map(|(cell, run)| Some((*cell, (*run)?)));
    let best = search.best_of(runs().map(|(cell, run)| (cell, run.measures.as_ref())));
    let ranks: Vec<f64> = runs()
        .filter(|(_, run)| search.goal().is_met(&run.measures, search.quality()))
        .map(|(_, run)| shade(search.quality(), &run.measures))
        .filter(|shade| shade.is_finite())
        .collect();
    let low = ranks.iter().copied().fold(f64::INFINITY, f64::min);
    let high = ranks.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let table = view.map.table();
    // The darkest colours are left to the ground.
    let color = |rank: f64| {
        let share = if high > low { (rank - low) / (high - low) } else { 1.0 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a place in the table
        let at = (0.25 + 0.7 * share.clamp(0.0, 1.0)) * (table.len() - 1) as f64;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let [r, g, b] = table[at as usize];
        Color32::from_rgb(r, g, b)
    };
    let seconds = seconds_of(analysis);
    ui.horizontal(|ui| {
        ui.label(egui::RichText::new(search.quality().label()).font(strong(13.0)));
        ui.label(weak(&words::at_most(&grouped_bytes(search))));
    });
    egui::ScrollArea::both().max_height(360.0).max_width(560.0).show(ui, |ui| {
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        ui.horizontal(|ui| {
            head(ui, vec2(HEAD, 18.0), "R \\ T");
            for lags in candidates.lags() {
                head(ui, vec2(CELL.x, 18.0), &lags.to_string());
            }
        });
        for row in cells.chunks(candidates.lags().len()) {
            ui.horizontal(|ui| {
                head(ui, vec2(HEAD, CELL.y), &row[0].0.components.to_string());
                for (cell, run) in row {
                    let Some(run) = run else {
                        untried(ui, candidates, *cell);
                        continue;
                    };
                    let is_best = best == Some(*cell);
                    let met = search.goal().is_met(&run.measures, search.quality());
                    let fill = met.then(|| color(shade(search.quality(), &run.measures)));
                    let shown = ShownRun { run, cell: *cell, fill, is_best, seconds };
                    tried(ui, session, search, &shown, out);
                }
            });
        }
    });
    if let Some((cell, run)) = best.and_then(|best| runs().find(|(cell, _)| *cell == best)) {
        let met = search.goal().is_met(&run.measures, search.quality());
        let word = if met { words::BEST } else { words::NEAREST };
        let bytes = grouped(run.measures.sizes.file_bytes);
        ui.label(words::summary(word, &words::cell(cell.components, cell.lags), &bytes));
    }
    ui.label(weak(words::CLICK).small());
}

/// What decides the colour: decibels, or the logarithm of a divergence, which is like them.
fn shade(quality: QualityFloor, measures: &Measures) -> f64 {
    match quality {
        QualityFloor::SqrtSnr | QualityFloor::Snr => quality.rank(measures),
        QualityFloor::Divergence => -measures.quality.kld.unwrap_or(f64::NAN).ln(),
    }
}

fn grouped_bytes(search: &ModelSearch) -> String {
    match search.goal() {
        ModelGoal::MaxBytes(bytes) => grouped(usize::try_from(bytes).unwrap_or(usize::MAX)),
        ModelGoal::MinQuality(_) => String::new(),
    }
}

fn head(ui: &mut Ui, size: egui::Vec2, text: &str) {
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let font = egui::FontId::proportional(12.0);
    ui.painter().text(rect.center(), Align2::CENTER_CENTER, text, font, Palette::of(ui.visuals()).weak);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, text));
}

/// A place without a run.
fn untried(ui: &mut Ui, candidates: &Candidates, cell: Cell) {
    let palette = Palette::of(ui.visuals());
    let (rect, response) = ui.allocate_exact_size(CELL, Sense::hover());
    let why = if candidates.allows(cell) { words::NOT_TRIED } else { words::TOO_LARGE };
    ui.painter().rect_stroke(rect, 3.0, Stroke::new(1.0, palette.line), StrokeKind::Inside);
    if !candidates.allows(cell) {
        let inner = rect.shrink(10.0);
        ui.painter().line_segment([inner.left_bottom(), inner.right_top()], Stroke::new(1.0, palette.line));
    }
    response.on_hover_text(format!("{}: {why}", words::cell(cell.components, cell.lags)));
}

/// A place with a run.
struct ShownRun<'a> {
    run: &'a RunRecord,
    cell: Cell,
    /// None where it takes more bytes than the budget.
    fill: Option<Color32>,
    is_best: bool,
    seconds: Option<f64>,
}

fn tried(ui: &mut Ui, session: &Session, search: &ModelSearch, shown: &ShownRun<'_>, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    let (rect, response) = ui.allocate_exact_size(CELL, Sense::click());
    let ShownRun { run, cell, fill, is_best, .. } = *shown;
    let measures = &run.measures;
    let value = search.quality().value(measures).filter(|_| fill.is_some());
    let decimals = if value.is_some_and(|value| value >= 1000.0) { 0 } else { 2 };
    let text = value.map_or_else(|| "-".to_owned(), |value| format!("{value:.decimals$}"));
    let ground = fill.unwrap_or(palette.well);
    let ink = [Color32::WHITE, Color32::BLACK].map(|ink| (ink, contrast(ink, ground)));
    let ink = if ink[0].1 > ink[1].1 { ink[0].0 } else { ink[1].0 };
    ui.painter().rect_filled(rect, 3.0, ground);
    let font = if is_best { strong(14.0) } else { egui::FontId::proportional(13.0) };
    ui.painter().text(rect.center() + vec2(0.0, 3.0), Align2::CENTER_CENTER, &text, font, ink);
    for (column, at) in ColumnId::BOTH.into_iter().zip([Align2::LEFT_TOP, Align2::RIGHT_TOP]) {
        if session.column(column).number() == Some(run.number) {
            mark(ui, rect, column, at);
        }
    }
    if is_best {
        // Two lines: one of them stands out from the cell, the other from the ground.
        ui.painter().rect_stroke(rect, 3.0, Stroke::new(2.0, palette.text), StrokeKind::Outside);
        ui.painter().rect_stroke(rect, 3.0, Stroke::new(2.0, palette.well), StrokeKind::Inside);
    }
    if response.hovered() || response.has_focus() {
        ui.painter().rect_stroke(rect, 3.0, Stroke::new(1.0, palette.text), StrokeKind::Outside);
    }
    let state = match (is_best, fill.is_some()) {
        (true, true) => format!(", {}", words::BEST),
        (true, false) => format!(", {}", words::NEAREST),
        (false, false) => format!(", {}", words::OVER),
        (false, true) => String::new(),
    };
    let name = format!("{}{state}", words::cell(cell.components, cell.lags));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name}: {text}")));
    let response = response.on_hover_ui(|ui| measures_of(ui, &name, shown));
    if response.clicked() {
        let column = if ui.input(|input| input.modifiers.shift) { ColumnId::A } else { ColumnId::B };
        out.push(Request::Command(Command::ShowRun { column, number: run.number }));
    }
}

/// A letter where a column shows the run.
fn mark(ui: &Ui, rect: Rect, column: ColumnId, at: Align2) {
    let palette = Palette::of(ui.visuals());
    let corner = at.anchor_rect(Rect::from_min_size(at.pos_in_rect(&rect.shrink(2.0)), vec2(13.0, 13.0)));
    ui.painter().rect_filled(corner, 2.0, palette.panel);
    ui.painter().text(
        corner.center(),
        Align2::CENTER_CENTER,
        column.name(),
        strong(11.0),
        palette.column(column),
    );
}

/// All that was measured.
fn measures_of(ui: &mut Ui, name: &str, shown: &ShownRun<'_>) {
    ui.label(egui::RichText::new(name).font(strong(13.0)));
    let measures = &shown.run.measures;
    let bytes = measures.sizes.file_bytes;
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"));
    let mut rows = vec![
        (metrics::FILE.name, grouped(bytes)),
        (words::KBPS.name, number(shown.seconds.map(|seconds| kbps_of(bytes, seconds)))),
    ];
    rows.extend(Measure::EACH.map(|measure| (measure.heading(), number(measure.of(measures)))));
    rows.push((metrics::TIME.name, number(Some(shown.run.snapshot().all_seconds()))));
    egui::Grid::new("measures").num_columns(2).spacing([GAP, 2.0]).show(ui, |ui| {
        for (name, value) in rows {
            ui.label(egui::RichText::new(name).weak());
            ui.label(value);
            ui.end_row();
        }
    });
    ui.label(egui::RichText::new(words::CLICK).small().weak());
}
