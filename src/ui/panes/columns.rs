//! The middle of the window: overview, and the two columns below it.

use egui::Ui;

use super::super::actions::Action;
use super::super::app::Request;
use super::super::status;
use super::super::theme::{GAP, Palette, strong};
use super::super::toolbar;
use super::super::view::{FactorSide, PaneId, Shown};
use super::{Panes, activations, cascade, color_bar, histogram, overview, spectrogram};
use crate::engine::{Command, LaneId, Status};
use crate::figure::FrequencyScale;
use crate::figure::raster::CascadeOrder;

/// Shares of the height of a column: spectrogram, activations, bases, histogram.
const SHARES: [f32; 4] = [0.32, 0.24, 0.24, 0.20];

/// Everything between the controls and the numbers.
pub fn columns(ui: &mut Ui, panes: &mut Panes<'_>, out: &mut Vec<Request>) {
    looks(ui, panes, out);
    overview(ui, panes, 64.0);
    let height = ui.available_height();
    ui.columns(2, |columns| {
        for (lane, ui) in LaneId::BOTH.into_iter().zip(columns) {
            column(ui, panes, lane, height, out);
        }
    });
}

/// How things are shown, the same for both columns.
fn looks(ui: &mut Ui, panes: &mut Panes<'_>, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: &str| egui::RichText::new(text).color(palette.weak);
    ui.horizontal_wrapped(|ui| {
        toolbar::button(ui, Action::Fit, "Fit", None, out);
        ui.label(weak("axis")).on_hover_text("How frequencies are spread over the height");
        for scale in FrequencyScale::ALL {
            ui.selectable_value(&mut panes.view.scale, scale, scale.name());
        }
        ui.add_space(GAP);
        ui.label(weak("level")).on_hover_text("Colours of levels, the same in every pane");
        color_bar(ui, panes);
    });
    ui.horizontal_wrapped(|ui| {
        ui.label(weak("bases")).on_hover_text("A patch a component (M x T), or a patch a lag (M x R)");
        ui.selectable_value(&mut panes.view.order, CascadeOrder::ByComponent, "by component");
        ui.selectable_value(&mut panes.view.order, CascadeOrder::ByLag, "by lag");
        ui.add_space(GAP);
        ui.label(weak("histograms")).on_hover_text("Whose element values the histograms count");
        ui.selectable_value(&mut panes.view.side, FactorSide::W, "W");
        ui.selectable_value(&mut panes.view.side, FactorSide::H, "H");
        ui.checkbox(&mut panes.view.log_count, "log count");
    });
}

fn column(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, height: f32, out: &mut Vec<Request>) {
    ui.spacing_mut().item_spacing.y = 2.0;
    let top = ui.cursor().top();
    head(ui, panes, lane, out);
    let titles = 3.0 * (ui.text_style_height(&egui::TextStyle::Small) + 4.0) + 20.0;
    let left = (height - (ui.cursor().top() - top) - titles - GAP).max(200.0);
    let [v, h, w, values] = SHARES.map(|share| share * left);
    choice(ui, panes, lane);
    spectrogram(ui, panes, lane, v);
    title(ui, "Activations H, each scaled to its peak", out, PaneId::Activations(lane));
    activations(ui, panes, lane, h);
    title(ui, "Bases W_t at their loudest, dB re max V", out, PaneId::Cascade(lane));
    cascade(ui, panes, lane, w);
    let side = if panes.view.side == FactorSide::W { "W" } else { "H" };
    title(ui, &format!("Element values of {side}"), out, PaneId::Histogram(lane));
    histogram(ui, panes, lane, values);
}

/// A caption; a click on it with the other button offers the pane as PNG.
fn title(ui: &mut Ui, text: &str, out: &mut Vec<Request>, pane: PaneId) {
    let palette = Palette::of(ui.visuals());
    let label =
        egui::Label::new(egui::RichText::new(text).small().color(palette.weak)).sense(egui::Sense::click());
    ui.add(label).context_menu(|ui| {
        if ui.button("Save as PNG…").clicked() {
            out.push(Request::SavePicture(Some(pane)));
            ui.close();
        }
    });
}

/// Name, method, state and menu of a lane, and what its spectrogram shows.
fn head(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId, out: &mut Vec<Request>) {
    let palette = Palette::of(ui.visuals());
    let state = panes.session.lane(lane);
    let planned = || panes.session.draft().methods.get(lane.index()).map_or("", |m| m.label()).to_owned();
    let method = state.method_label().unwrap_or_else(planned);
    ui.horizontal(|ui| {
        let name = format!("{}  {method}", lane.name());
        ui.label(egui::RichText::new(name).font(strong(15.0)).color(palette.lane(lane)));
        // Where there is no room, what the controls say too is left out.
        if let Some(snapshot) = state.snapshot.as_ref().filter(|_| ui.available_width() > 200.0) {
            let shape = snapshot.model.shape();
            ui.label(
                egui::RichText::new(format!("R {}  T {}", shape.components, shape.lags)).color(palette.weak),
            );
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            ui.menu_button("More", |ui| menu(ui, panes, lane, out));
            ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                let mut words = status::words(state);
                if let (Status::Ended(_), Some(found)) =
                    (&state.status, state.snapshot.as_ref().and_then(|s| s.fineness()))
                {
                    words = format!("{found}, {words}");
                }
                ui.add(egui::Label::new(words).truncate());
            });
        });
    });
    if let Status::Failed { reason } = &state.status {
        ui.horizontal_wrapped(|ui| {
            ui.label(egui::RichText::new(reason).color(palette.error));
            if ui.button("Retry").clicked() {
                out.push(Request::Command(Command::Run(vec![lane])));
            }
        });
    } else if panes.session.is_stale(lane) && !state.status.is_active() {
        ui.horizontal(|ui| {
            let text = "Stale: settings or input have changed since this run";
            ui.label(egui::RichText::new(text).small().color(palette.warning));
            if ui.small_button(format!("Re-run {}", lane.name())).clicked() {
                out.push(Request::Command(Command::Run(vec![lane])));
            }
        });
    }
}

/// What the spectrogram of a lane shows.
fn choice(ui: &mut Ui, panes: &mut Panes<'_>, lane: LaneId) {
    let state = panes.session.lane(lane);
    let has_input = state.analysis.is_some() || state.snapshot.is_none();
    let what = &mut panes.view.shown[lane.index()];
    ui.horizontal(|ui| {
        ui.style_mut().text_styles.insert(egui::TextStyle::Button, egui::FontId::proportional(11.0));
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().button_padding.y = 0.0;
        for (choice, label, help) in [
            (Shown::Model, "Reconstruction", "What the factors add up to"),
            (Shown::Input, "Input V", "The spectrogram that was factorised"),
            (Shown::Residual, "Residual", "|V - model|: difference of the input and the model"),
        ] {
            let possible = has_input || choice == Shown::Model;
            let button = egui::Button::selectable(*what == choice, label);
            let response = ui.add_enabled(possible, button).on_hover_text(help);
            if response.on_disabled_hover_text("The sound of this stream is not open").clicked() {
                *what = choice;
            }
        }
    });
}

fn menu(ui: &mut Ui, panes: &Panes<'_>, lane: LaneId, out: &mut Vec<Request>) {
    let state = panes.session.lane(lane);
    let mut offer = |ui: &mut Ui, label: &str, why_not: Option<&str>, request: Request| {
        let response = ui.add_enabled(why_not.is_none(), egui::Button::new(label));
        if response.on_disabled_hover_text(why_not.unwrap_or_default()).clicked() {
            out.push(request);
            ui.close();
        }
    };
    let idle = (!state.status.is_active()).then_some("This lane is not running");
    offer(ui, "Run this lane", None, Request::Command(Command::Run(vec![lane])));
    offer(ui, "Cancel this lane", idle, Request::Command(Command::Cancel(lane)));
    let nothing = state.snapshot.is_none().then_some("This lane has no factors yet");
    let export = if lane == LaneId::A { Action::ExportA } else { Action::ExportB };
    offer(ui, "Export factors…", nothing, Request::Action(export));
    offer(ui, "Import factors…", None, Request::Import(lane));
    offer(ui, "Use these bases", nothing, Request::Command(Command::UseBases(lane)));
    ui.separator();
    for pane in PaneId::of_lane(lane) {
        offer(ui, &format!("Save {} as PNG…", pane.name()), None, Request::SavePicture(Some(pane)));
    }
}
