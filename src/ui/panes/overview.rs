//! The whole file, with a box around what the other panes show.

use egui::Ui;
use egui_plot::{Line, PlotPoints};

use super::super::pictures::{Product, Ready};
use super::super::theme::Palette;
use super::super::view::{PaneId, extent};
use super::{Panes, plot};
use crate::engine::InputState;
use crate::figure::raster::{colour, peaks};
use crate::figure::{FrequencyScale, Region};

/// The overview pane.
pub fn overview(ui: &mut Ui, panes: &mut Panes<'_>, height: f32) {
    let pane = PaneId::Overview;
    let all = extent(panes.session);
    let ready = if let (InputState::Ready(analysis), Some(all)) = (panes.session.input(), all) {
        let (width, rows) = plot::pixels(ui, panes.view, pane, height);
        let (map, levels) = (panes.view.map, panes.view.levels());
        let place = [all.time.0, all.hertz.0, all.time.1, all.hertz.1];
        let look = (map, levels.top_db.to_bits(), levels.range_db.to_bits());
        let stamp = plot::stamp((std::sync::Arc::as_ptr(analysis).addr(), look, width, rows));
        let columns = (all.axes.frame_at(all.time.0), all.axes.frame_at(all.time.1));
        let region = Region::new(columns, all.hertz, FrequencyScale::Linear, &all.axes, width, rows);
        let analysis = std::sync::Arc::clone(analysis);
        let make = move || {
            let values = peaks(&*analysis.spectrogram_f32().v, &region);
            Product::Picture(colour(&values, region.width, &levels, [0; 3]))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, place, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let palette = Palette::of(ui.visuals());
    let (time, hertz) = (panes.view.time, panes.view.hertz);
    let base = plot::with_time_axis(plot::fixed(pane, ui, height), ui, "");
    let base = base
        .y_grid_spacer(|_| Vec::new())
        .custom_y_axes(plot::y_axis(ui, "", |_| String::new()))
        .show_grid(false);
    let view = &*panes.view;
    let shown = base.show(ui, |plot| {
        if let Some(all) = all {
            plot::set_bounds(plot, [all.time.0, all.hertz.0, all.time.1, all.hertz.1]);
        }
        if let Some(Ready::Texture(texture, place)) = &ready {
            plot.image(plot::image("overview", texture.id(), *place));
            let corners = [
                (time.0, hertz.0),
                (time.1, hertz.0),
                (time.1, hertz.1),
                (time.0, hertz.1),
                (time.0, hertz.0),
            ];
            let points: PlotPoints<'_> = corners.iter().map(|&(x, y)| [x, y]).collect();
            plot.line(Line::new("view", points).color(palette.text).width(1.5).allow_hover(false));
        }
        plot::cursor_line(plot, view, palette.weak);
    });
    plot::remember(ui, panes.view, pane, &shown, "the whole signal, with a box around the view");
    // A click or a drag brings the view there.
    if shown.response.double_clicked() {
        panes.view.fit();
    } else if let Some(pointer) = shown.response.interact_pointer_pos() {
        let at = shown.transform.value_from_position(pointer);
        panes.view.pan(at.x - f64::midpoint(panes.view.time.0, panes.view.time.1), 0.0);
    }
}
