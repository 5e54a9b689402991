//! Menus and buttons, made from the table of actions.

use egui::{Response, Ui};

use super::{Action, Menu, Request, describe_keys};
use crate::engine::Session;
use crate::ui::text::{bars, recent};
use crate::ui::theme::Palette;
use crate::ui::view::View;

/// Scales of the window that are offered, in percent.
const SCALES: [u16; 7] = [75, 90, 100, 125, 150, 200, 300];

/// Width of a window in which every menu has room for its name.
const ROOM_FOR_NAMES: f32 = 620.0;

/// The names of the menus, or one list of them where they have no room.
pub fn menus(ui: &mut Ui, session: &Session, view: &View, out: &mut Vec<Request>) {
    let mut all = |ui: &mut Ui| {
        for menu in Menu::ALL {
            ui.menu_button(menu.name(), |ui| scrolled(ui, |ui| contents(ui, menu, session, view, out)));
        }
    };
    if view.width >= ROOM_FOR_NAMES {
        all(ui);
    } else {
        ui.menu_button(bars::MENU, all);
    }
}

/// The rows of a menu; in a low window they are scrolled.
fn scrolled(ui: &mut Ui, rows: impl FnOnce(&mut Ui)) {
    let height = ui.ctx().content_rect().height() - 2.0 * ui.spacing().interact_size.y;
    egui::ScrollArea::vertical().min_scrolled_height(height).max_height(height).show(ui, rows);
}

fn contents(ui: &mut Ui, menu: Menu, session: &Session, view: &View, out: &mut Vec<Request>) {
    let actions: Vec<Action> =
        Action::all().into_iter().filter(|action| action.entry().menu == menu).collect();
    let mut group = actions.first().map(|action| action.entry().group);
    let mut rest = actions.as_slice();
    while let Some((&action, tail)) = rest.split_first() {
        let entry = action.entry();
        if group != Some(entry.group) {
            ui.separator();
            group = Some(entry.group);
        }
        if let Some(name) = entry.submenu {
            // Those of one submenu stand together.
            let count = 1 + tail.iter().take_while(|other| other.entry().submenu == Some(name)).count();
            let (of_it, after) = rest.split_at(count);
            ui.menu_button(name, |ui| {
                scrolled(ui, |ui| {
                    of_it.iter().for_each(|a| item(ui, *a, session, view, out));
                });
            });
            rest = after;
        } else if action == Action::Recent && !view.recent.is_empty() {
            ui.menu_button(recent::MENU, |ui| {
                ui.set_min_width(420.0);
                if crate::ui::dialogs::recent::rows(ui, &view.recent, crate::ui::view::recent::MOST, out) {
                    ui.close();
                }
            });
            rest = tail;
        } else {
            item(ui, action, session, view, out);
            rest = tail;
        }
    }
}

/// A row of a menu: what is chosen is marked, and what cannot be done says why.
pub fn item(ui: &mut Ui, action: Action, session: &Session, view: &View, out: &mut Vec<Request>) {
    let on = action.is_on(session, view, ui.ctx().options(|o| o.theme_preference));
    if row(ui, action, &action.entry().label, on, session, view).clicked() {
        out.push(Request::Action(action));
        ui.close();
    }
}

/// A name with the key on the right, as wide as the longest of its menu.
pub fn row(ui: &mut Ui, action: Action, name: &str, on: bool, session: &Session, view: &View) -> Response {
    let (entry, why_not) = (action.entry(), action.why_not(session, view));
    // A menu that opens finds out first how wide its rows are.
    let width = if ui.is_sizing_pass() { 0.0 } else { ui.available_width() };
    let mut button = egui::Button::selectable(on, name).min_size(egui::vec2(width, 0.0));
    if let Some(keys) = entry.keys {
        let keys = egui::RichText::new(describe_keys(ui.ctx(), keys)).color(Palette::of(ui.visuals()).weak);
        button = button.shortcut_text(keys);
    }
    let response = ui.add_enabled(why_not.is_none(), button);
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, why_not.is_none(), on, name));
    response.on_disabled_hover_text(why_not.unwrap_or_default()).on_hover_text(entry.hint)
}

/// A button for an action under a name of its own, with the action's sentence and key in the tooltip.
pub fn button(
    ui: &mut Ui,
    action: Action,
    label: &str,
    session: &Session,
    view: &View,
    out: &mut Vec<Request>,
) {
    ask(ui, action, egui::Button::new(label), session, view, out);
}

/// The same for a place between lines of text.
pub fn small(
    ui: &mut Ui,
    action: Action,
    label: &str,
    session: &Session,
    view: &View,
    out: &mut Vec<Request>,
) {
    ask(ui, action, egui::Button::new(egui::RichText::new(label).small()).small(), session, view, out);
}

/// The same for a button that looks its own way.
pub fn ask(
    ui: &mut Ui,
    action: Action,
    button: egui::Button<'_>,
    session: &Session,
    view: &View,
    out: &mut Vec<Request>,
) {
    let why_not = action.why_not(session, view);
    let response = ui.add_enabled(why_not.is_none(), button);
    let response = response.on_disabled_hover_text(why_not.unwrap_or_default());
    if response.on_hover_text(hint(ui, action)).clicked() {
        out.push(Request::Action(action));
    }
}

/// A button that stays down while what it stands for is on.
pub fn toggle(
    ui: &mut Ui,
    action: Action,
    label: &str,
    session: &Session,
    view: &View,
    out: &mut Vec<Request>,
) {
    let on = action.is_on(session, view, ui.ctx().options(|o| o.theme_preference));
    let response = ui.add(egui::Button::selectable(on, label));
    if response.on_hover_text(hint(ui, action)).clicked() {
        out.push(Request::Action(action));
    }
}

/// The action's sentence and its key.
fn hint(ui: &Ui, action: Action) -> String {
    let entry = action.entry();
    entry.keys.map_or_else(
        || entry.hint.to_owned(),
        |keys| format!("{} ({})", entry.hint, describe_keys(ui.ctx(), keys)),
    )
}

/// How large everything is drawn.
pub fn scale(ui: &mut Ui) {
    let now = ui.ctx().zoom_factor();
    let percent = |factor: f32| format!("{:.0} %", 100.0 * factor);
    let response = ui.menu_button(percent(now), |ui| {
        for scale in SCALES {
            let factor = f32::from(scale) / 100.0;
            if ui.selectable_label((now - factor).abs() < 0.01, percent(factor)).clicked() {
                ui.ctx().set_zoom_factor(factor);
                ui.close();
            }
        }
    });
    let plus =
        ui.ctx().format_shortcut(&egui::KeyboardShortcut::new(egui::Modifiers::COMMAND, egui::Key::Plus));
    response.response.on_hover_text(bars::scale(&plus));
}
