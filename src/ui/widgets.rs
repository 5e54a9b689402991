//! Controls with a name that a screen reader says, and the key that closes a window.

use egui::{Response, Ui};

use super::text::Term;
use crate::engine::settings::Parameter;

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
    let list = egui::ComboBox::from_id_salt(name).selected_text(chosen).width(width);
    let response = list
        .show_ui(ui, |ui| {
            for &option in all {
                let (label, help) = describe(option);
                let row = ui.selectable_value(value, option, label);
                if !help.is_empty() {
                    row.on_hover_text(help);
                }
            }
        })
        .response;
    let enabled = ui.is_enabled();
    response.widget_info(|| egui::WidgetInfo {
        current_text_value: Some(chosen.to_owned()),
        ..egui::WidgetInfo::labeled(egui::Role::ComboBox, enabled, name)
    });
    response
}

/// A name on the left, a control that carries it on the right.
pub fn row(ui: &mut Ui, Term { name, help }: Term, control: impl FnOnce(&mut Ui) -> Response) {
    ui.horizontal(|ui| {
        let label = ui.label(name).on_hover_text(help);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            control(ui).labelled_by(label.id).on_hover_text(help);
        });
    });
}

pub fn whole(ui: &mut Ui, parameter: &Parameter, value: &mut usize) {
    row(ui, Term { name: parameter.label, help: parameter.help }, |ui| {
        let unit = if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
        let speed = (parameter.default as f64 / 50.0).max(0.05);
        ui.add(egui::DragValue::new(value).range(parameter.min..=parameter.max).speed(speed).suffix(unit))
    });
}

/// Whether Esc was pressed for a window that lies over the panes: not while a question or a
/// menu is open, or something has the focus, whose key it is then.
pub fn escaped(ui: &Ui) -> bool {
    let free = ui.memory(|memory| memory.top_modal_layer().is_none() && memory.focused().is_none())
        && !egui::Popup::is_any_open(ui.ctx());
    free && ui.input_mut(|input| input.consume_key(egui::Modifiers::NONE, egui::Key::Escape))
}
