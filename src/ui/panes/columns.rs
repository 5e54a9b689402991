//! The middle of the window: overview, and the two columns below it.

use std::sync::Arc;

use egui::containers::menu::{MenuButton, MenuConfig};
use egui::containers::scroll_area::ScrollSource;
use egui::{PopupCloseBehavior, Ui};

use super::head::head;
use super::spectrogram::models_of_one_shape;
use super::{
    Panes, activations, cascade, color_bar, error, figure, histogram, levels, overview, spectrogram,
};
use crate::engine::ColumnId;
use crate::figure::{CascadeOrder, Components, FrequencyScale};
use crate::numeric::Named;
use crate::ui::actions::menu::{button, toggle};
use crate::ui::actions::{Action, Request};
use crate::ui::pictures::{Product, Ready, stamp};
use crate::ui::text::{Term, column as words, looks as look};
use crate::ui::theme::{GAP, Palette};
use crate::ui::view::{COLUMN, FactorSide, PaneId, Shown};
use crate::ui::widgets::list;

/// A column that has less room than this is scrolled.
const LEAST_HEIGHT: f32 = 440.0;

/// Widths in which the choice of the axis, and the colours of levels with a bar for residuals, stand in the row.
const ROOM_FOR_AXES: f32 = 500.0;
const ROOM_FOR_BAR: f32 = 740.0;

/// Width of a column in which all that its spectrogram can show stands side by side.
const ROOM_FOR_CHOICE: f32 = 230.0;

/// Everything between the controls and the numbers.
pub fn columns(ui: &mut Ui, panes: &mut Panes<'_>, out: &mut Vec<Request>) {
    panes.view.awaits = ColumnId::BOTH.map(|column| panes.session.column(column).awaits_result());
    match_components(ui, panes);
    looks(ui, panes, out);
    overview(ui, panes, 64.0);
    let height = ui.available_height().max(LEAST_HEIGHT);
    // The wheel is the plots'; only the bar scrolls.
    let scroll = egui::ScrollArea::vertical().auto_shrink(false).scroll_source(ScrollSource::SCROLL_BAR);
    scroll.show(ui, |ui| {
        ui.columns(2, |columns| {
            for (column, ui) in ColumnId::BOTH.into_iter().zip(columns) {
                panes.view.show_column(column);
                one_column(ui, panes, column, height, out);
            }
        });
    });
    panes.view.show_column(ColumnId::A);
}

/// Finds out which components of the two columns belong together, off this thread.
fn match_components(ui: &Ui, panes: &mut Panes<'_>) {
    let pane = PaneId::Components;
    let [a, b] = ColumnId::BOTH.map(|column| panes.session.shown(column).snapshot.clone());
    if a.is_none() && b.is_none() {
        panes.pictures.forget(pane);
        panes.view.selection.components = Arc::default();
        return;
    }
    let stamp = stamp(ColumnId::BOTH.map(|column| panes.session.shown(column).generation));
    let make = move || {
        let [a, b] = [a, b].map(|snapshot| snapshot.map(|s| s.model.to_f32()));
        Product::Components(Components::of(a.as_ref(), b.as_ref()))
    };
    if let Some(Ready::Components(components)) = panes.pictures.get(ui.ctx(), pane, stamp, make) {
        panes.view.selection.components = components;
    }
}

/// The lag that the patches stand around, where there is no room for all of them.
fn lag(ui: &mut Ui, panes: &mut Panes<'_>) {
    let lags =
        |column: ColumnId| panes.session.shown(column).snapshot.as_ref().map_or(1, |s| s.model.shape().lags);
    let last = ColumnId::BOTH.map(lags).into_iter().fold(1, usize::max) - 1;
    ui.add_enabled_ui(last > 0, |ui| {
        ui.spacing_mut().slider_width = 80.0;
        let slider = egui::Slider::new(&mut panes.view.selection.lag, 0..=last).text(look::LAG.name);
        ui.add(slider).on_hover_text(look::LAG.help);
    });
}

/// How things are shown, the same for both columns: one row, with menus for what does not fit into it.
fn looks(ui: &mut Ui, panes: &mut Panes<'_>, out: &mut Vec<Request>) {
    let room = ui.available_width();
    ui.horizontal_wrapped(|ui| {
        button(ui, Action::Fit, look::FIT, panes.session, panes.view, out);
        toggle(ui, Action::Link, look::LINKED, panes.session, panes.view, out);
        if room >= ROOM_FOR_AXES {
            axes(ui, panes);
        } else {
            folded(ui, look::AXIS, |ui| axes(ui, panes));
        }
        if room >= ROOM_FOR_BAR {
            ui.add_space(GAP);
            color_bar(ui, panes);
        }
        folded(ui, look::LEVEL, |ui| levels(ui, panes.view));
        folded(ui, look::BASES_AND_COUNTS, |ui| {
            bases(ui, panes);
            ui.separator();
            counts(ui, panes);
        });
    });
}

/// A button for a menu that stays open until a click beside it.
fn folded(ui: &mut Ui, Term { name, help }: Term, content: impl FnOnce(&mut Ui)) {
    let stays = MenuConfig::new().close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    MenuButton::new(name).config(stays).ui(ui, content).0.on_hover_text(help);
}

/// How frequencies are spread.
fn axes(ui: &mut Ui, panes: &mut Panes<'_>) {
    for &scale in FrequencyScale::ALL {
        ui.selectable_value(&mut panes.view.scale, scale, scale.name());
    }
}

/// How bases are laid out, and in which order components stand.
fn bases(ui: &mut Ui, panes: &mut Panes<'_>) {
    let weak = Palette::of(ui.visuals()).weak;
    ui.label(egui::RichText::new(look::BASES.name).color(weak)).on_hover_text(look::BASES.help);
    ui.selectable_value(&mut panes.view.order, CascadeOrder::ByComponent, look::BY_COMPONENT);
    ui.selectable_value(&mut panes.view.order, CascadeOrder::ByLag, look::BY_LAG);
    if panes.view.order == CascadeOrder::ByLag {
        lag(ui, panes);
    }
    let selection = &mut panes.view.selection;
    ui.checkbox(&mut selection.by_energy, look::BY_ENERGY.name).on_hover_text(look::BY_ENERGY.help);
    ui.checkbox(&mut selection.matched, look::MATCHED.name).on_hover_text(look::MATCHED.help);
}

/// What the histograms count.
fn counts(ui: &mut Ui, panes: &mut Panes<'_>) {
    let weak = Palette::of(ui.visuals()).weak;
    let label = ui.label(egui::RichText::new(look::HISTOGRAMS.name).color(weak));
    label.on_hover_text(look::HISTOGRAMS.help);
    ui.selectable_value(&mut panes.view.side, FactorSide::W, look::W);
    ui.selectable_value(&mut panes.view.side, FactorSide::H, look::H);
    ui.checkbox(&mut panes.view.log_count, look::LOG_COUNT);
}

fn one_column(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId, height: f32, out: &mut Vec<Request>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let top = ui.cursor().top();
    head(ui, panes, column, out);
    let titles = (COLUMN.len() - 1) as f32 * (ui.text_style_height(&egui::TextStyle::Small) + 4.0) + 20.0;
    let left = (height - (ui.cursor().top() - top) - titles - GAP).max(200.0);
    for (pane, share) in COLUMN {
        let (pane, height) = (pane(column), share * left);
        match pane {
            PaneId::Spectrogram(_) => {
                choice(ui, panes, column);
                spectrogram(ui, panes, column, height);
            }
            PaneId::Error(_) => {
                title(ui, words::ERROR, out, pane);
                error(ui, panes, column, height);
            }
            PaneId::Activations(_) => {
                title(ui, words::ACTIVATIONS, out, pane);
                activations(ui, panes, column, height);
            }
            PaneId::Cascade(_) => {
                title(ui, words::BASES, out, pane);
                cascade(ui, panes, column, height);
            }
            PaneId::Histogram(_) => {
                let side = if panes.view.side == FactorSide::W { look::W } else { look::H };
                title(ui, &words::values(side), out, pane);
                histogram(ui, panes, column, height);
            }
            PaneId::Figure(kind, _) => {
                title(ui, kind.label(), out, pane);
                figure(ui, panes, (kind, column), height);
            }
            PaneId::Overview | PaneId::Convergence | PaneId::RateDistortion | PaneId::Components => {}
        }
    }
}

/// A caption; a click on it with the other button offers the pane as PNG.
fn title(ui: &mut Ui, text: &str, out: &mut Vec<Request>, pane: PaneId) {
    let palette = Palette::of(ui.visuals());
    let label =
        egui::Label::new(egui::RichText::new(text).small().color(palette.weak)).sense(egui::Sense::click());
    ui.add(label).context_menu(|ui| {
        if ui.button(words::SAVE_PANE).clicked() {
            out.push(Request::Action(Action::SavePane(pane)));
            ui.close();
        }
    });
}

/// What the spectrogram of a column shows.
fn choice(ui: &mut Ui, panes: &mut Panes<'_>, column: ColumnId) {
    let state = panes.session.shown(column);
    let has_input = state.analysis.is_some() || state.snapshot.is_none();
    let comparable = models_of_one_shape(panes.session).is_some();
    let chosen = panes.view.shown[column.index()];
    let what = &mut panes.view.shown[column.index()];
    let all = [
        (Shown::Model, words::MODEL, true, ""),
        (Shown::Input, words::INPUT, has_input, words::NO_INPUT),
        (Shown::Residual, words::RESIDUAL, has_input, words::NO_INPUT),
        (Shown::Difference, words::DIFFERENCE, comparable, words::NO_DIFFERENCE),
    ];
    let is_narrow = ui.available_width() < ROOM_FOR_CHOICE;
    let mut rows = |ui: &mut Ui| {
        for (choice, Term { name, help }, possible, why) in all {
            let button = egui::Button::selectable(*what == choice, name);
            let response = ui.add_enabled(possible, button).on_hover_text(help);
            if response.on_disabled_hover_text(why).clicked() {
                *what = choice;
                ui.close();
            }
        }
    };
    ui.horizontal(|ui| {
        ui.style_mut().text_styles.insert(egui::TextStyle::Button, egui::FontId::proportional(11.0));
        ui.spacing_mut().interact_size.y = 16.0;
        // Four of them fit into a column of a small window.
        ui.spacing_mut().button_padding = egui::vec2(6.0, 0.0);
        ui.spacing_mut().item_spacing.x = 2.0;
        if is_narrow {
            let chosen = all.iter().find(|row| row.0 == chosen).map_or("", |row| row.1.name);
            list(ui, words::SHOWS[column.index()], chosen, 0.0, rows);
        } else {
            rows(ui);
        }
    });
}
