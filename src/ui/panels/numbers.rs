//! The right side: numbers of both lanes, ratios with their operands, convergence, bytes against loss.

use egui::Ui;

use super::search;
use crate::codec;
use crate::engine::{LaneId, Measure, Measures, Session};
use crate::numeric::{AnyModel, UpdateStats};
use crate::ui::actions::menu::small;
use crate::ui::actions::{Action, Request};
use crate::ui::panes::{self, Panes};
use crate::ui::text::{self, Term, metrics, plots, ratios as words};
use crate::ui::text::{THIN_SPACE, grouped};
use crate::ui::theme::{GAP, GROUP, Palette, strong};

/// Metrics, ratios and convergence.
pub fn outcome(ui: &mut Ui, panes: &mut Panes<'_>, out: &mut Vec<Request>) {
    // Rows of text, not of buttons: two plots are to find room below them.
    ui.spacing_mut().interact_size.y = ui.text_style_height(&egui::TextStyle::Body);
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.horizontal(|ui| {
        ui.heading(metrics::HEADING);
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            small(ui, Action::CopyTable, metrics::COPY_TABLE, panes.session, panes.view, out);
        });
    });
    metrics(ui, panes.session);
    ui.add_space(GROUP - GAP);
    ui.heading(words::HEADING);
    ratios(ui, panes.session);
    search::search(ui, panes.session);
    ui.add_space(GROUP - GAP);
    ui.heading(plots::CONVERGENCE);
    // Both plots get what is left, and scroll where that is too little.
    let height = (0.5 * (ui.available_height() - ROOM_FOR_TITLE)).clamp(84.0, 240.0);
    panes::convergence(ui, panes, height);
    ui.add_space(GROUP - GAP);
    panes::rate_distortion(ui, panes, height, out);
}

/// Height of the heading and the gaps between the two plots.
const ROOM_FOR_TITLE: f32 = 92.0;

/// A row of the table: what it is, in words, and its value in both lanes.
struct Row {
    term: Term,
    values: [Option<String>; 2],
    /// Whether the value of each lane is one to be warned of.
    warned: [bool; 2],
}

/// The poster's table, with every measure of quality, bytes and time.
fn rows(session: &Session) -> Vec<Row> {
    type Value = fn(&Measures) -> Option<String>;
    type Count = fn(&UpdateStats) -> usize;
    let of_measures: [(Term, Value); 10] = [
        (metrics::DISTINCT_W, |m| Some(grouped(m.distinct_w))),
        (metrics::DISTINCT_H, |m| Some(grouped(m.distinct_h))),
        (metrics::ZEROS_IN_W, |m| Some(grouped(m.zeros_w))),
        (metrics::ZEROS_IN_H, |m| Some(grouped(m.zeros_h))),
        (metrics::TEXT, |m| Some(grouped(m.sizes.text_bytes))),
        (metrics::TEXT_GZIP, |m| Some(grouped(m.sizes.text_gzip_bytes))),
        (metrics::BINARY_GZIP, |m| Some(grouped(m.sizes.binary_gzip_bytes))),
        (metrics::ENTROPY, |m| m.entropy_bytes.map(|bytes| grouped(whole(bytes)))),
        (metrics::FILE, |m| Some(grouped(m.sizes.file_bytes))),
        (metrics::ITERATION, |m| Some(grouped(m.iteration))),
    ];
    let of_stats: [(Term, Count); 4] = [
        (metrics::TAKEN, |t| t.accepted),
        (metrics::IN_PART, |t| t.in_part),
        (metrics::REFUSED, |t| t.refused),
        (metrics::CHANGED, |t| t.changed),
    ];
    let snapshot = |lane| session.lane(lane).snapshot.as_ref();
    let row = |term: Term, value: &dyn Fn(&Measures) -> Option<String>| {
        let values = LaneId::BOTH.map(|lane| session.lane(lane).measures.as_deref().and_then(value));
        Row { term, values, warned: [false; 2] }
    };
    let warnings = LaneId::BOTH.map(|lane| session.warnings(lane));
    let quality = |of: Measure| {
        let row = row(text::measure(of), &|m| of.of(m).map(|x| of.number(x)));
        let warned = |lane: LaneId| warnings[lane.index()].iter().any(|warning| warning.measure == of);
        Row { warned: LaneId::BOTH.map(warned), ..row }
    };
    let mut rows: Vec<Row> = Measure::EACH.map(quality).into();
    rows.extend(of_measures.into_iter().map(|(term, value)| row(term, &value)));
    let seconds =
        |lane| snapshot(lane).filter(|s| s.seconds > 0.0).map(|s| format!("{:.2}", s.all_seconds()));
    let values = LaneId::BOTH.map(seconds);
    rows.push(Row { term: metrics::TIME, values, warned: [false; 2] });
    let update_stats = |lane| snapshot(lane).and_then(|s| s.update_stats.last().copied());
    if LaneId::BOTH.into_iter().any(|lane| update_stats(lane).is_some()) {
        rows.extend(of_stats.into_iter().map(|(term, value)| {
            let values =
                LaneId::BOTH.map(|lane| update_stats(lane).map(|update_stats| grouped(value(&update_stats))));
            Row { term, values, warned: [false; 2] }
        }));
    }
    rows
}

/// Name and method of both lanes.
fn columns(session: &Session) -> [String; 2] {
    LaneId::BOTH.map(|lane| {
        format!("{} {}", lane.name(), session.lane(lane).method_label().unwrap_or_default()).trim().to_owned()
    })
}

/// The table as text that a spreadsheet takes: tabs between columns, plain numbers.
pub fn table(session: &Session) -> String {
    let [a, b] = columns(session);
    let mut text = format!("\t{a}\t{b}\n");
    for Row { term, values, .. } in rows(session) {
        let [a, b] = values.map(|value| value.unwrap_or_default().replace(THIN_SPACE, ""));
        text.push_str(&format!("{}\t{a}\t{b}\n", term.name));
    }
    text
}

fn metrics(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    let right = egui::Layout::right_to_left(egui::Align::Center);
    egui::Grid::new("metrics").num_columns(3).min_col_width(60.0).spacing([GAP, 2.0]).show(ui, |ui| {
        ui.label("");
        for (lane, name) in LaneId::BOTH.into_iter().zip(columns(session)) {
            ui.with_layout(right, |ui| {
                ui.label(egui::RichText::new(name).font(strong(12.0)).color(palette.lane(lane)));
            });
        }
        ui.end_row();
        for Row { term, values, warned } in rows(session) {
            ui.label(egui::RichText::new(term.name).color(palette.weak)).on_hover_text(term.help);
            for (value, warned) in values.into_iter().zip(warned) {
                let text = egui::RichText::new(value.unwrap_or_else(|| "-".to_owned()));
                let text = if warned { text.color(palette.warning) } else { text };
                ui.with_layout(right, |ui| ui.label(text));
            }
            ui.end_row();
        }
    });
}

/// The three ratios, operands named.
fn ratios(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    let Some(ratios) = session.ratios() else {
        ui.label(egui::RichText::new(words::NOT_YET).color(palette.weak));
        return;
    };
    let binary = |lane| {
        let model = session.lane(lane).snapshot.as_ref().map(|snapshot| &snapshot.model);
        if model.is_some_and(AnyModel::is_quantised) { words::INTEGERS } else { words::REALS }
    };
    let binary = words::binary_operands(binary(LaneId::A), binary(LaneId::B));
    let rows = [
        (words::TEXT, words::TEXT_OPERANDS, Some(ratios.text)),
        (words::BINARY, binary.as_str(), Some(ratios.binary)),
        (words::AUDIO, words::AUDIO_OPERANDS, ratios.audio),
    ];
    for (Term { name, help }, operands, ratio) in rows {
        let value = ratio.map_or_else(|| "-".to_owned(), |x| format!("{x:.1} : 1"));
        ui.horizontal(|ui| {
            ui.label(egui::RichText::new(name).font(strong(13.0))).on_hover_text(help);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.label(egui::RichText::new(value).strong());
            });
        });
        ui.label(egui::RichText::new(operands).small().color(palette.weak));
    }
    ui.label(egui::RichText::new(words::coder(codec::Coder::default().label())).small().color(palette.weak));
    let lane = session.lane(LaneId::A);
    if let (Some(snapshot), Some(analysis)) = (&lane.snapshot, &lane.analysis)
        && snapshot.model.shape().values().is_some_and(|n| n > analysis.bins() * analysis.frames())
    {
        ui.label(egui::RichText::new(words::MORE_THAN_V).small().color(palette.warning));
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of bytes
fn whole(bytes: f64) -> usize {
    bytes.round() as usize
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_are_set_apart() {
        let written = |n| crate::ui::text::grouped(n).replace('\u{2009}', "_");
        assert_eq!(
            [written(0), written(999), written(1000), written(1_234_567)],
            ["0", "999", "1_000", "1_234_567"]
        );
    }
}
