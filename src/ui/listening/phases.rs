//! How models become sound: named in the bar that plays, and chosen in the menu behind that name.

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::{DragValue, PopupCloseBehavior, Ui};

use crate::signal::GriffinLim;
use crate::ui::text::{Term, listening as words};
use crate::ui::theme::{GAP, Palette, strong};
use crate::ui::view::listen::{EXPONENTS, ITERATIONS, Listen, Making};

/// How the phases of what is heard came about, or why nothing is; a click on it opens the choice.
pub fn show(ui: &mut Ui, listen: &mut Listen) {
    let (text, is_wrong) = text(listen);
    let palette = Palette::of(ui.visuals());
    let color = if is_wrong { palette.warning } else { palette.weak };
    let text = egui::RichText::new(text).color(color);
    if listen.blind {
        ui.add(egui::Label::new(text).truncate());
        return;
    }
    if listen.searching.is_some() {
        let stop = ui.small_button(words::STOP_SEARCH).on_hover_text(words::STOP_SEARCH_HELP);
        listen.end_search |= stop.clicked();
    }
    let whole = text.text().to_owned();
    // Its fields look like fields, not like rows of a menu.
    let stays = MenuConfig::new()
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .style(egui::style::StyleModifier::default());
    let button = egui::Button::new(text).frame(false).truncate();
    let (response, _) =
        MenuButton::from_button(button).config(stays).ui(ui, |ui| choice(ui, &mut listen.making));
    response.on_hover_ui(|ui| {
        ui.label(whole);
        ui.label(egui::RichText::new(words::MAKING_HELP).color(palette.weak));
    });
}

/// The words, and whether something is wrong.
fn text(listen: &Listen) -> (String, bool) {
    if let Some(problem) = &listen.problem {
        return (words::problem(problem), true);
    }
    if listen.blind {
        return (words::BLIND.to_owned(), false);
    }
    if let Some((done, of)) = listen.searching {
        return (words::searching(done, of), false);
    }
    match &listen.readiness[listen.choice.index()] {
        Ok(phase) => (words::phase(phase), false),
        Err(reason) => (words::silent(reason), listen.playing),
    }
}

fn choice(ui: &mut Ui, making: &mut Making) {
    ui.label(egui::RichText::new(words::MAKING).font(strong(13.0)));
    ui.add_space(GAP);
    egui::Grid::new("making").num_columns(2).spacing([2.0 * GAP, 4.0]).show(ui, |ui| {
        let named = |ui: &mut Ui, Term { name, help }: Term| ui.label(name).on_hover_text(help).id;
        named(ui, words::PHASES);
        ui.horizontal(|ui| {
            for (searched, (name, help)) in [(false, words::OF_THE_SOUND), (true, words::SEARCHED)] {
                ui.selectable_value(&mut making.searched, searched, name).on_hover_text(help);
            }
        });
        ui.end_row();
        let GriffinLim { iterations, seed } = &mut making.search;
        let id = named(ui, words::ITERATIONS);
        ui.add(DragValue::new(iterations).range(ITERATIONS).speed(1.0)).labelled_by(id);
        ui.end_row();
        let id = named(ui, words::SEED);
        ui.add(DragValue::new(seed).speed(0.1)).labelled_by(id);
        ui.end_row();
        let id = named(ui, words::EXPONENT);
        ui.add(DragValue::new(&mut making.exponent).range(EXPONENTS).speed(0.02).max_decimals(2))
            .labelled_by(id);
        ui.end_row();
    });
    ui.add_space(GAP);
    let usual = Making::default();
    if ui.add_enabled(*making != usual, egui::Button::new(words::USUAL)).clicked() {
        *making = usual;
    }
}
