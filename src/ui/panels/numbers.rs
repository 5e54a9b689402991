//! The right side: numbers of both columns with their ratios, convergence, bytes against loss.

use egui::Ui;

use super::search;
use crate::engine::{ColumnId, Measure, Measures, Session};
use crate::numeric::UpdateStats;
use crate::ui::actions::menu::small;
use crate::ui::actions::{Action, Request};
use crate::ui::panes::{self, Panes};
use crate::ui::text::{self, THIN_SPACE, Term, grouped, metrics, plots};
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
    ui.heading(plots::CONVERGENCE);
    // Both plots get what is left, and scroll where that is too little.
    let height = (0.5 * (ui.available_height() - ROOM_FOR_TITLE)).clamp(84.0, 240.0);
    panes::convergence(ui, panes, height);
    ui.add_space(GROUP - GAP);
    panes::rate_distortion(ui, panes, height, out);
    // What comes and goes with a method stands last, so that nothing moves under the pointer.
    more_than_v(ui, panes.session);
    search::search(ui, panes.session);
    updates(ui, panes.session);
}

/// Height of the heading and the gaps between the two plots, and of what stands below them.
const ROOM_FOR_TITLE: f32 = 116.0;

/// A row of the table: what it is, in words, its value in both columns, and how often that of A holds that of B.
struct MetricRow {
    term: Term,
    values: [Option<String>; 2],
    ratio: Option<String>,
    /// Whether the value of each column is one to be warned of.
    warned: [bool; 2],
}

/// The poster's table, with every measure of quality and of bytes.
fn rows(session: &Session) -> Vec<MetricRow> {
    type Count = fn(&Measures) -> Option<usize>;
    let distinct: [(Term, Count); 2] =
        [(metrics::DISTINCT_W, |m| Some(m.distinct_w)), (metrics::DISTINCT_H, |m| Some(m.distinct_h))];
    let zeros: [(Term, Count); 2] =
        [(metrics::ZEROS_IN_W, |m| Some(m.zeros_w)), (metrics::ZEROS_IN_H, |m| Some(m.zeros_h))];
    let bytes: [(Term, Count); 5] = [
        (metrics::TEXT, |m| Some(m.sizes.text_bytes)),
        (metrics::TEXT_GZIP, |m| Some(m.sizes.text_gzip_bytes)),
        (metrics::BINARY_GZIP, |m| Some(m.sizes.binary_gzip_bytes)),
        (metrics::ENTROPY, |m| m.entropy_bytes.map(whole)),
        (metrics::FILE, |m| Some(m.sizes.file_bytes)),
    ];
    let measures = ColumnId::BOTH.map(|column| session.shown(column).measures.as_deref());
    let warnings = ColumnId::BOTH.map(|column| session.warnings(column));
    let quality = |of: Measure| {
        let values = measures.map(|m| m.and_then(|m| of.of(m)).map(|x| of.number(x)));
        let warned = |column: ColumnId| warnings[column.index()].iter().any(|warning| warning.measure == of);
        MetricRow { term: text::measure(of), values, ratio: None, warned: ColumnId::BOTH.map(warned) }
    };
    let counted = |(term, count): (Term, Count)| {
        let values = measures.map(|m| m.and_then(count));
        let ratio = values[0].zip(values[1]).filter(|(_, b)| *b > 0).map(|(a, b)| a as f64 / b as f64);
        let ratio = ratio.map(|x| if x < 99.95 { format!("{x:.1}") } else { grouped(whole(x)) });
        MetricRow { term, values: values.map(|n| n.map(grouped)), ratio, warned: [false; 2] }
    };
    let mut rows: Vec<MetricRow> = Measure::EACH.into_iter().map(quality).collect();
    rows.extend(distinct.into_iter().map(counted));
    // Of zeros B has more, and that is its aim.
    rows.extend(zeros.into_iter().map(|row| MetricRow { ratio: None, ..counted(row) }));
    rows.extend(bytes.into_iter().map(counted));
    rows
}

/// What the latest iteration of a method did that quantises as it learns.
fn update_rows(session: &Session) -> Vec<MetricRow> {
    type Tiles = fn(&UpdateStats) -> usize;
    let of_stats: [(Term, Tiles); 4] = [
        (metrics::TAKEN, |t| t.accepted),
        (metrics::IN_PART, |t| t.in_part),
        (metrics::REFUSED, |t| t.refused),
        (metrics::CHANGED, |t| t.changed),
    ];
    let stats =
        ColumnId::BOTH.map(|column| session.shown(column).snapshot.as_ref()?.update_stats.last().copied());
    if stats.iter().all(Option::is_none) {
        return Vec::new();
    }
    let row = |(term, count): (Term, Tiles)| {
        let values = stats.map(|stats| stats.map(|stats| grouped(count(&stats))));
        MetricRow { term, values, ratio: None, warned: [false; 2] }
    };
    of_stats.into_iter().map(row).collect()
}

/// Name and method of both columns.
fn columns(session: &Session) -> [String; 2] {
    ColumnId::BOTH.map(|column| {
        format!("{} {}", column.name(), session.shown(column).method_label().unwrap_or_default())
            .trim()
            .to_owned()
    })
}

/// The table as text that a spreadsheet takes: tabs between columns, plain numbers.
pub fn table(session: &Session) -> String {
    let [a, b] = columns(session);
    let mut text = format!("\t{a}\t{b}\t{}\n", metrics::RATIO.name);
    for MetricRow { term, values: [a, b], ratio, .. } in rows(session).into_iter().chain(update_rows(session))
    {
        let [a, b, ratio] = [a, b, ratio].map(|value| value.unwrap_or_default().replace(THIN_SPACE, ""));
        text.push_str(&format!("{}\t{a}\t{b}\t{ratio}\n", term.name));
    }
    text
}

fn metrics(ui: &mut Ui, session: &Session) {
    let palette = Palette::of(ui.visuals());
    let right = egui::Layout::right_to_left(egui::Align::Center);
    egui::Grid::new("metrics").num_columns(4).min_col_width(36.0).spacing([GAP, 2.0]).show(ui, |ui| {
        ui.label("");
        for column in ColumnId::BOTH {
            ui.with_layout(right, |ui| {
                ui.label(egui::RichText::new(column.name()).font(strong(12.0)).color(palette.column(column)));
            });
        }
        ui.with_layout(right, |ui| {
            let head = egui::RichText::new(metrics::RATIO.name).small().color(palette.weak);
            ui.label(head).on_hover_text(metrics::RATIO.help);
        });
        ui.end_row();
        show(ui, session, rows(session));
    });
}

/// The rows about updates, where there are some.
fn updates(ui: &mut Ui, session: &Session) {
    let rows = update_rows(session);
    if !rows.is_empty() {
        let grid = egui::Grid::new("updates").num_columns(4).min_col_width(36.0).spacing([GAP, 2.0]);
        grid.show(ui, |ui| show(ui, session, rows));
    }
}

fn show(ui: &mut Ui, session: &Session, rows: Vec<MetricRow>) {
    let palette = Palette::of(ui.visuals());
    let right = egui::Layout::right_to_left(egui::Align::Center);
    let is_old = ColumnId::BOTH.map(|column| session.column(column).awaits_result());
    for MetricRow { term, values, ratio, warned } in rows {
        ui.label(egui::RichText::new(term.name).color(palette.weak)).on_hover_text(term.help);
        for (column, value) in ColumnId::BOTH.into_iter().zip(values) {
            let ink = match (is_old[column.index()], warned[column.index()]) {
                (true, _) => palette.weak,
                (false, true) => palette.warning,
                (false, false) => palette.text,
            };
            let text = egui::RichText::new(value.unwrap_or_else(|| "-".to_owned())).color(ink);
            ui.with_layout(right, |ui| ui.label(text));
        }
        let ratio = egui::RichText::new(ratio.unwrap_or_default()).color(palette.weak);
        ui.with_layout(right, |ui| ui.label(ratio));
        ui.end_row();
    }
}

/// Warns where the factors of A do not compress the spectrogram at all.
fn more_than_v(ui: &mut Ui, session: &Session) {
    let column = session.shown(ColumnId::A);
    if let (Some(snapshot), Some(analysis)) = (&column.snapshot, &column.analysis)
        && snapshot.model.shape().values().is_some_and(|n| n > analysis.bins() * analysis.frames())
    {
        let color = Palette::of(ui.visuals()).warning;
        ui.label(egui::RichText::new(metrics::MORE_THAN_V).small().color(color));
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // not negative
fn whole(x: f64) -> usize {
    x.round() as usize
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
