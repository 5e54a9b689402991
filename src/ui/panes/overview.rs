//! The whole file, with a box around what the other panes show.

use std::sync::Arc;

use egui::{Color32, Ui};
use egui_plot::{Line, PlotPoints};

use super::super::pictures::{Product, stamp};
use super::super::text::panes as words;
use super::super::theme::Palette;
use super::super::view::{Cursor, Grip, PaneId, View, extent};
use super::region::region;
use super::{Panes, paint, plot};
use crate::engine::ColumnId;
use crate::figure::panes::spectrogram;
use crate::figure::{FrequencyScale, Look, Screen};

/// The overview pane.
pub fn overview(ui: &mut Ui, panes: &mut Panes<'_>, height: f32) {
    let pane = PaneId::Overview;
    let all = extent(panes.session);
    let ready = if let (Some(analysis), Some(all)) = (panes.session.input().open(), all) {
        let look = plot::look(ui, panes.view, pane, height, Color32::BLACK);
        let screen = look.screen.map(|screen| Screen { time: all.time, hertz: all.hertz, ..screen });
        let look = Look { scale: FrequencyScale::Linear, screen, ..look };
        let shown = format!("{:?}", (look.levels, &look.screen));
        let stamp = stamp((Arc::as_ptr(analysis).addr(), shown));
        let analysis = Arc::clone(analysis);
        let make = move || {
            let v = &*analysis.spectrogram_f32().v;
            Product::Plot(spectrogram::plot(v, &all.axes, &look, false))
        };
        panes.pictures.get(ui.ctx(), pane, stamp, make)
    } else {
        panes.pictures.forget(pane);
        None
    };
    let palette = Palette::of(ui.visuals());
    // One box for both columns, or one for each in its colour.
    let boxes = match panes.view.parts() {
        (both, None) => vec![(both, palette.text)],
        (a, Some(b)) => vec![(a, palette.a), (b, palette.b)],
    };
    panes.view.show_column(panes.view.over);
    let base =
        plot::with_time_axis(plot::fixed(pane, ui, height), ui, all.map_or((0.0, 1.0), |all| all.time));
    let base = base
        .y_grid_spacer(|_| Vec::new())
        .custom_y_axes(plot::y_axis(ui, "", |_| String::new()))
        .show_grid(false);
    let view = &*panes.view;
    let shown = base.show(ui, |plot| {
        if let Some(all) = all {
            plot::set_bounds(plot, [all.time.0, all.hertz.0, all.time.1, all.hertz.1]);
        }
        if let Some((of, texture)) = ready.as_ref().and_then(|ready| ready.plot()) {
            paint::marks(plot, of, texture, paint::as_drawn);
            for (part, color) in boxes {
                let ((left, right), (low, high)) = (part.time, part.hertz);
                let points = [[left, low], [right, low], [right, high], [left, high], [left, low]];
                let points: PlotPoints<'_> = points.into_iter().collect();
                plot.line(Line::new("view", points).color(color).width(1.5).allow_hover(false));
            }
        }
        plot::cursor_line(plot, view, palette.weak);
    });
    plot::remember(ui, panes.view, pane, &shown, words::OVERVIEW_SUMMARY);
    region(ui, panes.view, &shown);
    if panes.view.marking.is_none() && !plot::scrub(ui, panes.view, &shown, true) {
        drag(ui, panes.view, &shown);
    }
    panes.view.show_column(ColumnId::A);
}

/// Points on either side of an edge of the box in which the pointer takes hold of it.
const REACH: f64 = 6.0;

/// A drag of an edge changes the range, one of the box moves it, one with Shift draws a new one, and a click brings the
/// view there.
fn drag<R>(ui: &Ui, view: &mut View, shown: &egui_plot::PlotResponse<R>) {
    let response = &shown.response;
    if response.double_clicked() {
        view.fit();
        return;
    }
    let (start, end) = view.time;
    let reach = REACH * shown.transform.dvalue_dpos()[0];
    let grip = |at: f64, shift: bool| {
        if shift {
            Grip::New(at)
        } else if (at - end).abs() <= reach {
            Grip::End
        } else if (at - start).abs() <= reach {
            Grip::Start
        } else if (start..end).contains(&at) {
            Grip::Whole(at - start)
        } else {
            Grip::Whole((end - start) / 2.0)
        }
    };
    let value = |position: egui::Pos2| shown.transform.value_from_position(position).x;
    if let Some(pointer) = response.hover_pos() {
        if matches!(grip(value(pointer), false), Grip::Start | Grip::End) || view.grip.is_some() {
            ui.ctx().set_cursor_icon(egui::CursorIcon::ResizeHorizontal);
        }
        let time = value(shown.transform.frame().clamp(pointer)).max(0.0);
        view.pointed = Some(Cursor { time: Some(time), ..Cursor::default() });
    }
    let (shift, origin) = ui.input(|input| (input.modifiers.shift, input.pointer.press_origin()));
    if response.drag_started() || response.is_pointer_button_down_on() && view.grip.is_none() {
        view.grip = origin.map(|origin| grip(value(origin), shift));
    }
    if let (Some(held), Some(pointer)) = (view.grip, response.interact_pointer_pos()) {
        let at = value(pointer);
        match held {
            Grip::Start if at < end => view.show_time((at, end)),
            Grip::End if at > start => view.show_time((start, at)),
            Grip::Whole(before) => view.pan(at - before - start, 0.0),
            Grip::New(from) if (at - from).abs() > reach => view.show_time((from.min(at), from.max(at))),
            _ => {}
        }
    }
    if !response.is_pointer_button_down_on() {
        view.grip = None;
    }
}
