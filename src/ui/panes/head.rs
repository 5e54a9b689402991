//! The head of a column: the column, its method, and what it took, or how far it is.

use egui::{Rect, Ui};

use super::Panes;
use crate::engine::{ColumnId, ColumnState, Command, Status};
use crate::numeric::RunSpec;
use crate::ui::actions::menu::item;
use crate::ui::actions::{Action, Request};
use crate::ui::panels::status;
use crate::ui::text::{bars, column as words};
use crate::ui::theme::{GAP, Palette, strong};
use crate::ui::view::PaneId;

/// Height of the line below the head.
const RULE: f32 = 2.0;

/// Width of a stage, and the least in which its word has room.
const STAGE: f32 = 92.0;
const LEAST_STAGE: f32 = 58.0;

/// What the name of the method takes at most of the row.
const METHOD_SHARE: f32 = 0.4;

/// Room for the way back to the settings of a run, and for a few words.
const ROOM_TO_REVERT: f32 = 110.0;
const LEAST_WORDS: f32 = 40.0;

/// Name, method, state and menu of a column, a line in its colour, and how far it is while it runs.
pub fn head(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    let state = panes.session.shown(column);
    let planned = || panes.session.draft().methods.get(column.index()).map_or("", |m| m.label()).to_owned();
    let method = state.method_label().unwrap_or_else(planned);
    let right = ui.horizontal(|ui| {
        ui.label(egui::RichText::new(column.name()).font(strong(15.0)).color(palette.column(column)));
        let method = egui::RichText::new(method).font(strong(15.0));
        ui.scope(|ui| {
            ui.set_max_width(METHOD_SHARE * ui.available_width());
            ui.add(egui::Label::new(method).truncate());
        });
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.menu_button(words::MORE, |ui| menu(ui, panes, column, out));
            if wrong(ui, panes, column, out) || ui.available_width() < LEAST_WORDS {
                None
            } else if panes.session.is_settled(column) {
                let cost = egui::RichText::new(cost(state)).color(palette.weak);
                let label = ui.add(egui::Label::new(cost).truncate());
                if let Status::Ended(stop) = &state.status {
                    label.on_hover_text(bars::ended(stop.reason()));
                }
                None
            } else {
                Some(stages(ui, state, column))
            }
        })
    });
    let (rule, _) = ui.allocate_exact_size(egui::vec2(ui.available_width(), RULE), egui::Sense::hover());
    let stages = right.inner.inner.unwrap_or_default();
    let end = stages.first().map_or(rule.right(), |first| first.0.left() - GAP);
    ui.painter().rect_filled(rule.with_max_x(end), 0.0, palette.column(column));
    for (place, done) in stages {
        let part = egui::Rect::from_x_y_ranges(place.x_range(), rule.y_range());
        ui.painter().rect_filled(part, 0.0, palette.line);
        let done = part.with_max_x(part.left() + done * part.width());
        ui.painter().rect_filled(done, 0.0, palette.column(column));
    }
}

/// What there is to do where the run failed, or where settings or input have changed since; it takes the place of what the
/// run took, so that nothing below moves.
fn wrong(ui: &mut Ui, panes: &Panes<'_>, column: ColumnId, out: &mut Vec<Request>) -> bool {
    let palette = Palette::of(ui.visuals());
    let state = panes.session.shown(column);
    let (text, color) = if let Status::Failed { reason } = &state.status {
        if ui.small_button(words::RETRY).clicked() {
            out.push(Request::Command(Command::Run(vec![column])));
        }
        (reason.as_str(), palette.error)
    } else if panes.session.is_stale(column) && !state.status.is_active() {
        if ui.small_button(words::rerun(column.name())).clicked() {
            out.push(Request::Command(Command::Run(vec![column])));
        }
        if ui.available_width() > ROOM_TO_REVERT {
            let back = ui.small_button(words::revert(column.name()));
            if back.on_hover_text(words::REVERT_HELP).clicked() {
                out.push(Request::Command(Command::Revert(column)));
            }
        }
        (words::STALE, palette.warning)
    } else {
        return false;
    };
    if ui.available_width() > LEAST_WORDS {
        ui.add(egui::Label::new(egui::RichText::new(text).small().color(color)).truncate());
    }
    true
}

/// How the run ended and what it took.
fn cost(state: &ColumnState) -> String {
    let words = status::words(state);
    let Some(snapshot) = &state.snapshot else { return words };
    let seconds = (snapshot.seconds > 0.0).then(|| format!(", {:.2} s", snapshot.all_seconds()));
    let found = snapshot.params().map(|found| format!(", {found}"));
    words + &seconds.unwrap_or_default() + &found.unwrap_or_default()
}

/// The stages of the run under way: what each is called, and which share of it is done. Where they have no room side by
/// side, the one at hand stands alone.
fn stages(ui: &mut Ui, state: &ColumnState, column: ColumnId) -> Vec<(Rect, f32)> {
    let palette = Palette::of(ui.visuals());
    let snapshot = state.snapshot.as_ref();
    let learned = snapshot.map_or(0.0, |s| s.iteration as f32 / s.total.max(1) as f32);
    let quantises = state.spec.as_ref().is_some_and(RunSpec::is_quantised_after_learning);
    let is_quantising = snapshot.is_some_and(|s| s.quantising.is_some());
    let has_ended = !state.status.is_active();
    // How long a search for a target takes is not known before it ends.
    let quantised = if has_ended { 1.0 } else { 0.5 };
    let learned = if is_quantising || has_ended { 1.0 } else { learned };
    let mut all = vec![(words::LEARN, learned, !is_quantising && !has_ended)];
    if quantises {
        let done = if is_quantising { quantised } else { 0.0 };
        all.push((words::QUANTISE, done, is_quantising && !has_ended));
    }
    all.push((words::MEASURE, if has_ended { 0.5 } else { 0.0 }, has_ended));
    let room = ui.available_width();
    let each = (room / all.len() as f32).min(STAGE);
    if each < LEAST_STAGE {
        all.retain(|(.., now)| *now);
    }
    let each = (room / all.len() as f32).min(STAGE);
    let size = egui::vec2(each * all.len() as f32, ui.spacing().interact_size.y);
    let (place, response) = ui.allocate_exact_size(size, egui::Sense::hover());
    let said = status::words(state);
    let name = bars::progress(column.name(), &said);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ProgressIndicator, true, &name));
    response.on_hover_text(said);
    let font = egui::TextStyle::Small.resolve(ui.style());
    let stage = |(i, (word, done, now)): (usize, (&str, f32, bool))| {
        let left = place.left() + i as f32 * each;
        let part = Rect::from_x_y_ranges(left..=left + each - GAP, place.y_range());
        let ink = if now { palette.text } else { palette.weak };
        ui.painter().text(part.left_center(), egui::Align2::LEFT_CENTER, word, font.clone(), ink);
        (part, done)
    };
    all.into_iter().enumerate().map(stage).collect()
}

fn menu(ui: &mut Ui, panes: &Panes<'_>, column: ColumnId, out: &mut Vec<Request>) {
    if panes.session.is_stale(column) && ui.button(words::revert(column.name())).clicked() {
        out.push(Request::Command(Command::Revert(column)));
    }
    let of_column = [Action::Run, Action::CancelColumn, Action::Export, Action::Import, Action::UseBases];
    for action in of_column {
        item(ui, action(column), panes.session, panes.view, out);
    }
    ui.separator();
    for pane in PaneId::of_column(column) {
        item(ui, Action::SavePane(pane), panes.session, panes.view, out);
    }
}
