//! How the targets of the columns were, or are being, searched for.

use egui::Ui;

use crate::engine::{ColumnId, Session};
use crate::numeric::methods::search::Probe;
use crate::ui::text::{grouped, search as words};
use crate::ui::theme::{GAP, Palette};

/// Models shown at most: the latest, for those come nearest.
const MOST: usize = 8;

/// What was tried in each column, folded away; nothing where nothing was searched for.
pub fn search(ui: &mut Ui, session: &Session) {
    let of = |column: ColumnId| {
        let snapshot = session.shown(column).snapshot.as_ref()?;
        let probed = &snapshot.quantising.as_ref()?.probed;
        (probed.len() > 1).then_some((column, probed))
    };
    let searched: Vec<_> = ColumnId::BOTH.into_iter().filter_map(of).collect();
    if searched.is_empty() {
        return;
    }
    let counts: Vec<String> =
        searched.iter().map(|(column, probed)| format!("{} {}", column.name(), probed.len())).collect();
    let title = words::heading(&counts.join(", "));
    let header = egui::CollapsingHeader::new(egui::RichText::new(title).small()).id_salt("search");
    header.show(ui, |ui| {
        for (column, probed) in searched {
            table(ui, column, probed);
        }
    });
}

fn table(ui: &mut Ui, column: ColumnId, probed: &[Probe]) {
    let palette = Palette::of(ui.visuals());
    let weak = |text: String| egui::RichText::new(text).small().color(palette.weak);
    egui::Grid::new(("search", column)).num_columns(4).spacing([2.0 * GAP, 1.0]).show(ui, |ui| {
        ui.label(egui::RichText::new(column.name()).small().color(palette.column(column)));
        for head in words::HEADS {
            ui.label(weak(head.to_owned()));
        }
        ui.end_row();
        let first = probed.len().saturating_sub(MOST);
        for (i, probe) in probed.iter().enumerate().skip(first) {
            ui.label(weak((i + 1).to_string()));
            ui.label(egui::RichText::new(probe.params.to_string()).small());
            let number = |text: String| egui::RichText::new(text).small();
            ui.label(number(format!("{:.2}", probe.snr_db)));
            ui.label(number(probe.file_bytes.map_or_else(|| "-".to_owned(), grouped)));
            ui.end_row();
        }
    });
}
