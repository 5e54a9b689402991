//! A choice of one of a few, with a name that a screen reader says.

use egui::{Response, Ui};

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
