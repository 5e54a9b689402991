//! Controls with a name that a screen reader says, and the key that closes a window.

use egui::emath::Numeric;
use egui::{DragValue, Response, Ui};

use super::text::Term;
use crate::engine::SpecDraft;
use crate::engine::settings::setting::{Drag, Field, Setting, SettingChoice, SettingKind};

/// A drop-down list called `name`, over `all`; `describe` gives the label of a value and its tooltip.
pub fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    width: f32,
    value: &mut T,
    all: &[T],
    describe: impl Fn(T) -> (&'static str, &'static str),
) -> Response {
    let (chosen, _) = describe(*value);
    list(ui, name, chosen, width, |ui| {
        for &option in all {
            let (label, help) = describe(option);
            let row = ui.selectable_value(value, option, label);
            if row.clicked() {
                ui.close();
            }
            if !help.is_empty() {
                row.on_hover_text(help);
            }
        }
    })
}

/// A drop-down list called `name` that shows `chosen`. A row closes it however it is clicked, by a key too.
pub fn list(ui: &mut Ui, name: &str, chosen: &str, width: f32, rows: impl FnOnce(&mut Ui)) -> Response {
    let list = egui::ComboBox::from_id_salt(name).selected_text(chosen).width(width).truncate();
    let response = list.show_ui(ui, rows).response;
    let enabled = ui.is_enabled();
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(chosen.to_owned()),
        ..egui::WidgetInfo::labeled(egui::Role::ComboBox, enabled, name)
    });
    response
}

/// A name on the left, a control that carries it on the right. It is known by its name, so that what is being typed
/// stays where it is when a row above comes or goes.
pub fn row(ui: &mut Ui, Term { name, help }: Term, control: impl FnOnce(&mut Ui) -> Response) {
    let known = egui::UiBuilder::new().scope_id(egui::Id::unique(("row", name)));
    ui.scope_builder(known.layout(*ui.layout()), |ui| {
        ui.horizontal(|ui| named(ui, name, help, control));
    });
}

fn named(ui: &mut Ui, name: &str, help: &str, control: impl FnOnce(&mut Ui) -> Response) {
    let label = ui.label(name).on_hover_text(help);
    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
        control(ui).labelled_by(label.id).on_hover_text(help);
    });
}

/// The control of a setting beside its label.
pub fn setting(ui: &mut Ui, setting: &Setting, draft: &mut SpecDraft) {
    row(ui, Term { name: setting.label, help: setting.tip() }, |ui| value(ui, setting, draft));
}

/// The control of a setting. One that may be none has a control only where it is given.
fn value(ui: &mut Ui, setting: &Setting, draft: &mut SpecDraft) -> Response {
    let unit = if setting.unit.is_empty() { String::new() } else { format!(" {}", setting.unit) };
    match &setting.kind {
        SettingKind::Whole(field, range) => {
            let speed = ((field.get)(&SpecDraft::default()) as f64 / 50.0).max(0.05);
            dragged(ui, field, draft, |drag| drag.range(range.clone()).speed(speed).suffix(unit))
        }
        SettingKind::Span(field, least) => {
            let span = (field.get)(draft);
            let (mut number, unit) = span.parts();
            let (range, speed) = (span.least(*least)..=span.most(), (number as f64 / 50.0).max(0.05));
            let drag = DragValue::new(&mut number).range(range).speed(speed);
            let response = ui.add(drag.suffix(format!(" {unit}")));
            (field.set)(draft, span.with(number));
            response
        }
        SettingKind::Count(field) => dragged(ui, field, draft, |drag| drag.suffix(unit)),
        SettingKind::Real(field, Drag { range, speed, decimals, .. }) => dragged(ui, field, draft, |drag| {
            drag.range(range.clone()).speed(*speed).max_decimals(*decimals).suffix(unit)
        }),
        SettingKind::Switch(field, names) => {
            let mut on = (field.get)(draft);
            let name = |on| (names[usize::from(on)], "");
            let response = choice(ui, setting.label, 0.0, &mut on, &[false, true], name);
            (field.set)(draft, on);
            response
        }
        SettingKind::Choice(SettingChoice { count, get, set, describe, .. }) => {
            let mut chosen = get(draft);
            let all: Vec<usize> = (0..*count).collect();
            let response = choice(ui, setting.label, 0.0, &mut chosen, &all, describe);
            set(draft, chosen);
            response
        }
        SettingKind::OptionalReal(_) | SettingKind::OptionalCount(_) | SettingKind::Levels(_) => {
            ui.label(setting.kind.text(draft).unwrap_or_else(|| "-".to_owned()))
        }
    }
}

/// A number that is dragged or typed.
fn dragged<T: Numeric>(
    ui: &mut Ui,
    field: &Field<T>,
    draft: &mut SpecDraft,
    with: impl FnOnce(DragValue<'_>) -> DragValue<'_>,
) -> Response {
    let mut value = (field.get)(draft);
    let response = ui.add(with(DragValue::new(&mut value)));
    (field.set)(draft, value);
    response
}

/// Whether Esc was pressed for a window that lies over the panes: not while a question or a
/// menu is open, or something has the focus, whose key it is then.
pub fn escaped(ui: &Ui) -> bool {
    let free = ui.memory(|memory| memory.top_modal_layer().is_none() && memory.focused().is_none())
        && !egui::Popup::is_any_open(ui.ctx());
    free && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape))
}
