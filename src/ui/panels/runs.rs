//! Every run: its settings in a name, its state, its numbers, the columns to show it in, and how two of them differ.

use egui::{Key, Modifiers, Response, Sense, Ui};

use super::status;
use crate::engine::{
    ColumnId, ColumnState, Command, Measure, Repeated, RunRecord, Session, Spread, Status, Stop,
};
use crate::ui::actions::Request;
use crate::ui::dialogs::grid;
use crate::ui::text::{Term, grouped, runs as words, states};
use crate::ui::theme::{GAP, Palette, strong};
use crate::ui::view::View;
use crate::ui::view::run_list::{Beside, RunList, SortBy};

/// Widths of the columns after the name: state, each measure, bytes, seconds.
const STATE: f32 = 104.0;
const MEASURES: [f32; Measure::COUNT] = [64.0, 72.0, 96.0, 64.0];
const BYTES: f32 = 76.0;
const SECONDS: f32 = 60.0;

/// What the diff of two runs, and the means over seeds, need beside the list.
const DIFF_WIDTH: f32 = 380.0;
const REPEATED_WIDTH: f32 = 780.0;

/// The list on the left; how the runs in the two columns differ, or means over seeds, on the right.
pub fn runs(ui: &mut Ui, session: &Session, view: &mut View, out: &mut Vec<Request>) {
    let width = ui.available_width();
    ui.horizontal_top(|ui| {
        let wanted = match view.runs.beside {
            Beside::Differences => DIFF_WIDTH,
            Beside::Repeated => REPEATED_WIDTH,
        };
        let list = if width > 2.5 * DIFF_WIDTH { width - wanted.min(0.5 * width) } else { width };
        ui.allocate_ui(egui::vec2(list, ui.available_height()), |ui| {
            ui.vertical(|ui| self::list(ui, session, &mut view.runs, out));
        });
        if list < width {
            ui.separator();
            ui.vertical(|ui| {
                ui.horizontal(|ui| {
                    for (beside, Term { name, help }) in
                        [(Beside::Differences, words::DIFFERENCES), (Beside::Repeated, words::REPEATED)]
                    {
                        let text = egui::RichText::new(name).font(strong(13.0));
                        ui.selectable_value(&mut view.runs.beside, beside, text).on_hover_text(help);
                    }
                });
                match view.runs.beside {
                    Beside::Differences => differences(ui, session),
                    Beside::Repeated => repeated(ui, session),
                }
            });
        }
    });
}

fn list(ui: &mut Ui, session: &Session, state: &mut RunList, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    ui.spacing_mut().item_spacing.y = 2.0;
    heads(ui, &mut state.sort);
    if let Some(grid) = session.grid().filter(|grid| grid.is_running()) {
        ui.horizontal(|ui| {
            ui.add_space(BUTTONS);
            cell(ui, name_width(ui), |ui| {
                ui.label(if session.choice().is_some() { words::CHOICE } else { words::GRID })
            });
            ui.label(format!("\u{25b6} {}", grid::progress(grid)));
            if ui.small_button(words::STOP_GRID).clicked() {
                out.push(Request::Command(Command::StopGrid));
            }
        });
    }
    for column in ColumnId::BOTH.into_iter().filter(|column| session.column(*column).status.is_active()) {
        let row = session.column(column);
        ui.horizontal(|ui| {
            ui.add_space(BUTTONS);
            let name = row.method_label().unwrap_or_default();
            let name =
                egui::RichText::new(format!("{}  {name}", column.name())).color(palette.column(column));
            cell(ui, name_width(ui), |ui| ui.label(name));
            cell(ui, STATE, |ui| {
                ui.add(egui::Label::new(format!("\u{25b6} {}", status::words(row))).truncate())
            });
        });
    }
    let mut all: Vec<&RunRecord> = session.runs().all().iter().collect();
    match state.sort {
        SortBy::Number => all.reverse(),
        SortBy::Measure(measure) => {
            let rank = |run: &RunRecord| measure.rank(measure.of(&run.measures));
            all.sort_by(|a, b| rank(a).total_cmp(&rank(b)));
        }
        SortBy::Bytes => all.sort_by_key(|run| run.measures.sizes.file_bytes),
    }
    // What is pinned stands first.
    all.sort_by_key(|run| !run.pinned);
    if all.is_empty() {
        ui.label(egui::RichText::new(words::NONE).color(palette.weak));
    }
    let height = ui.spacing().interact_size.y;
    egui::ScrollArea::vertical().auto_shrink(false).show_rows(ui, height, all.len(), |ui, range| {
        for run in &all[range] {
            row(ui, session, run, state, out);
        }
    });
}

/// Room for the two buttons before the name.
const BUTTONS: f32 = 60.0;

fn name_width(ui: &Ui) -> f32 {
    let widths = STATE + MEASURES.iter().sum::<f32>() + BYTES + SECONDS;
    (ui.available_width() - widths - (MEASURES.len() + 3) as f32 * GAP).max(80.0)
}

fn cell<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let size = egui::vec2(width, ui.spacing().interact_size.y);
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        add(ui)
    })
    .inner
}

fn right<R>(ui: &mut Ui, width: f32, add: impl FnOnce(&mut Ui) -> R) -> R {
    let size = egui::vec2(width, ui.spacing().interact_size.y);
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        add(ui)
    })
    .inner
}

fn heads(ui: &mut Ui, sort: &mut SortBy) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: &str| egui::RichText::new(text).small().color(palette.weak);
    ui.horizontal(|ui| {
        let mut by = |ui: &mut Ui, which: SortBy, (name, help): (&str, &str)| {
            let response = ui.selectable_label(*sort == which, weak(name)).on_hover_text(help);
            if response.clicked() {
                *sort = which;
            }
        };
        cell(ui, BUTTONS - GAP, |ui| by(ui, SortBy::Number, words::BY_NUMBER.pair()));
        cell(ui, name_width(ui), |ui| ui.label(weak(words::NAME)));
        cell(ui, STATE, |ui| ui.label(weak(words::STATE)));
        for (measure, width) in Measure::EACH.into_iter().zip(MEASURES) {
            let (name, help) = words::by(measure);
            right(ui, width, |ui| by(ui, SortBy::Measure(measure), (name, &help)));
        }
        right(ui, BYTES, |ui| by(ui, SortBy::Bytes, words::BY_BYTES.pair()));
        right(ui, SECONDS, |ui| ui.label(weak(words::TIME)));
    });
}

/// The state of a run: a shape and a word.
fn describe_status(run: &RunRecord) -> (&'static str, String) {
    match &run.status {
        Status::Ended(Stop::Cancelled) => ("\u{25a0}", states::CANCELLED.to_owned()),
        Status::Ended(Stop::TargetMissed) => ("\u{25b2}", states::TARGET_MISSED.to_owned()),
        Status::Ended(Stop::IterationLimit) => ("\u{25cf}", states::DONE.to_owned()),
        Status::Ended(Stop::Tolerance) => ("\u{25cf}", states::SETTLED.to_owned()),
        Status::Ended(Stop::Converged) => ("\u{25cf}", states::CONVERGED.to_owned()),
        Status::Imported { .. } => ("\u{25c6}", states::IMPORTED.to_owned()),
        _ => ("", String::new()),
    }
}

fn row(ui: &mut Ui, session: &Session, run: &RunRecord, state: &mut RunList, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    let number = run.number;
    ui.horizontal(|ui| {
        for column in ColumnId::BOTH {
            let here = session.column(column).number() == Some(number);
            let text = egui::RichText::new(column.name());
            let text = if here { text.color(palette.column(column)).strong() } else { text };
            let button = ui.add(egui::Button::selectable(here, text).min_size(egui::vec2(22.0, 0.0)));
            let label = words::show_in_column(number, column.name());
            button.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, here, &label));
            if button.on_hover_text(label).clicked() {
                out.push(Request::Command(Command::ShowRun { column, number }));
            }
        }
        let width = name_width(ui);
        if state.renaming.as_ref().is_some_and(|(of, ..)| *of == number) {
            cell(ui, width, |ui| rename(ui, state, out));
        } else {
            name(ui, session, run, width, state, out);
        }
        let (mark, words) = describe_status(run);
        cell(ui, STATE, |ui| {
            ui.add(
                egui::Label::new(egui::RichText::new(format!("{mark} {words}")).color(palette.weak))
                    .truncate(),
            )
        });
        let number = |ui: &mut Ui, width: f32, text: Option<String>| {
            let text = egui::RichText::new(text.unwrap_or_else(|| "-".to_owned()));
            right(ui, width, |ui| ui.label(text));
        };
        for (measure, width) in Measure::EACH.into_iter().zip(MEASURES) {
            number(ui, width, measure.of(&run.measures).map(|x| measure.number(x)));
        }
        number(ui, BYTES, Some(grouped(run.measures.sizes.file_bytes)));
        let seconds = Some(run.snapshot().all_seconds()).filter(|s| *s > 0.0);
        number(ui, SECONDS, seconds.map(|s| format!("{s:.2}")));
    });
}

/// Number and name; a click shows the run, the other button offers the rest, and keys do the same where it has the focus.
fn name(
    ui: &mut Ui,
    session: &Session,
    run: &RunRecord,
    width: f32,
    state: &mut RunList,
    out: &mut Vec<Request>,
) {
    let number = run.number;
    let pin = if run.pinned { "\u{2605} " } else { "" };
    let text = format!("{pin}{number}  {}", run.label());
    let label = egui::Label::new(&text).truncate().selectable(false).sense(Sense::click());
    let response = cell(ui, width, |ui| ui.add(label));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Button, true, words::named(&text)));
    if response.has_focus() {
        let stroke = egui::Stroke::new(1.0, Palette::of(ui.visuals()).text);
        ui.painter().rect_stroke(response.rect, 2.0, stroke, egui::StrokeKind::Outside);
        keys(ui, run, state, out);
    }
    if response.double_clicked() {
        state.renaming = Some((number, run.label().to_owned(), false));
    }
    response.context_menu(|ui| menu(ui, run, state, out));
    response.on_hover_ui(|ui| {
        egui::Grid::new("settings").num_columns(2).spacing([GAP, 2.0]).show(ui, |ui| {
            for (name, value) in run.settings() {
                ui.label(egui::RichText::new(name).weak());
                ui.label(value);
                ui.end_row();
            }
        });
        for warning in session.warnings_of_run(run) {
            ui.label(egui::RichText::new(warning.text).color(Palette::of(ui.visuals()).warning));
        }
        ui.label(egui::RichText::new(words::MORE).small().weak());
    });
}

fn keys(ui: &Ui, run: &RunRecord, state: &mut RunList, out: &mut Vec<Request>) {
    let number = run.number;
    let pressed = |modifiers: Modifiers, key: Key| ui.input_mut(|input| input.consume_key(modifiers, key));
    if pressed(Modifiers::SHIFT, Key::Enter) {
        out.push(Request::Command(Command::ShowRun { column: ColumnId::A, number }));
    } else if pressed(Modifiers::NONE, Key::Enter) {
        out.push(Request::Command(Command::ShowRun { column: ColumnId::B, number }));
    } else if pressed(Modifiers::NONE, Key::F2) {
        state.renaming = Some((number, run.label().to_owned(), false));
    } else if pressed(Modifiers::NONE, Key::Delete) {
        out.push(Request::Command(Command::DeleteRun(number)));
    }
}

fn menu(ui: &mut Ui, run: &RunRecord, state: &mut RunList, out: &mut Vec<Request>) {
    let number = run.number;
    if ui.button(words::RENAME).clicked() {
        state.renaming = Some((number, run.label().to_owned(), false));
        ui.close();
    }
    let (text, pinned) = if run.pinned { (words::UNPIN, false) } else { (words::PIN, true) };
    if ui.button(text).on_hover_text(words::PIN_HELP).clicked() {
        out.push(Request::Command(Command::PinRun { number, pinned }));
        ui.close();
    }
    if ui.button(words::DELETE.name).on_hover_text(words::DELETE.help).clicked() {
        out.push(Request::Command(Command::DeleteRun(number)));
        ui.close();
    }
}

fn rename(ui: &mut Ui, state: &mut RunList, out: &mut Vec<Request>) {
    let Some((number, title, focused)) = &mut state.renaming else { return };
    let field: Response = ui.add(egui::TextEdit::singleline(title).desired_width(f32::INFINITY));
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, words::NEW_NAME));
    if !*focused {
        field.request_focus();
        *focused = true;
    } else if field.lost_focus() {
        if !ui.input(|input| input.key_pressed(Key::Escape)) {
            out.push(Request::Command(Command::RenameRun { number: *number, title: title.clone() }));
        }
        state.renaming = None;
    }
}

/// Mean and standard deviation over the seeds of runs that differ in nothing else.
fn repeated(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: &str| egui::RichText::new(text).color(palette.weak);
    let all = session.runs().repeated();
    if all.is_empty() {
        ui.label(weak(words::NONE_REPEATED));
        return;
    }
    let text = |spread: Option<Spread>, decimals: usize| {
        let text = spread.map_or_else(
            || "-".to_owned(),
            |Spread { mean, deviation }| format!("{mean:.decimals$} \u{b1} {deviation:.decimals$}"),
        );
        egui::RichText::new(text)
    };
    egui::ScrollArea::both().id_salt("repeated").auto_shrink(false).show(ui, |ui| {
        let columns = words::REPEATED_HEADS.len() + Measure::COUNT;
        egui::Grid::new("repeated").num_columns(columns).spacing([2.0 * GAP, 2.0]).show(ui, |ui| {
            let [runs, seeds, file] = words::REPEATED_HEADS;
            for head in [runs, seeds].into_iter().chain(Measure::EACH.map(Measure::heading)).chain([file]) {
                ui.label(weak(head).small());
            }
            ui.end_row();
            for Repeated { name, input, seeds, quality, file_bytes } in all {
                ui.label(name).on_hover_text(words::repeated_help(&input));
                ui.label(seeds.to_string());
                for spread in quality {
                    ui.label(text(spread, 2));
                }
                ui.label(text(file_bytes, 0));
                ui.end_row();
            }
        });
    });
}

/// The settings in which the two columns differ.
fn differences(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: &str| egui::RichText::new(text).color(palette.weak);
    let of = |column: ColumnId| {
        let state: &ColumnState = session.column(column);
        session.runs().get(state.number()?)
    };
    let (Some(a), Some(b)) = (of(ColumnId::A), of(ColumnId::B)) else {
        ui.label(weak(words::NO_PAIR));
        return;
    };
    let rows = a.differences(b);
    if rows.is_empty() {
        ui.label(weak(words::NO_DIFFERENCE));
    }
    egui::ScrollArea::both().id_salt("differences").show(ui, |ui| {
        egui::Grid::new("differences").num_columns(3).spacing([2.0 * GAP, 2.0]).show(ui, |ui| {
            for (name, in_a, in_b) in rows {
                ui.label(weak(name));
                ui.label(egui::RichText::new(in_a).color(palette.a));
                ui.label(egui::RichText::new(in_b).color(palette.b));
                ui.end_row();
            }
        });
    });
}
