//! Times, as they are written: on axes, in the bars, beside messages.

use std::sync::Arc;

use crate::common::{ready, settled, wait_until, wav, window_with};
use crate::layout::laid;
use egui::{Event, Key, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::ColumnId;
use snmf_workbench::ui::{App, NoDialogs, PaneId};

/// The texts of a frame in a place.
fn words(harness: &Harness<'_, App>, place: Rect) -> Vec<String> {
    let inside = laid(harness).into_iter().filter(|laid| place.contains(laid.rect.center()));
    inside.map(|laid| laid.text).collect()
}

/// The labels below a plot and at its left.
fn axes(harness: &Harness<'_, App>, pane: PaneId) -> [Vec<String>; 2] {
    let plot = harness.state().view().rects[&pane];
    let below = Rect::from_x_y_ranges(plot.x_range(), plot.bottom()..=plot.bottom() + 20.0);
    let left = Rect::from_x_y_ranges(plot.left() - 50.0..=plot.left(), plot.y_range());
    [words(harness, below), words(harness, left)]
}

#[test]
fn times_of_a_minute_and_more_are_minutes_and_seconds_everywhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = wav(folder.path(), 8000, (0..95 * 8000).map(|n| if n % 40 < 20 { 6000 } else { -6000 }));
    let mut harness = window_with(Some(&path), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    let ticks = axes(&harness, PaneId::Overview)[0].clone();
    assert!(ticks.contains(&"1:00".to_owned()) && ticks.contains(&"0:30".to_owned()), "{ticks:?}");
    assert!(harness.query_by_label("0:00.000 / 1:35.000").is_some(), "the bar that plays");
    assert!(harness.query_by_label_contains("1:35.00, 8000 Hz").is_some(), "the facts");
    let end = harness.get_by_role_and_label(egui::Role::SpinButton, "Region to");
    assert_eq!(end.accesskit_node().value().as_deref(), Some("1:35.000"));
    let place = harness.state().view().rects[&PaneId::Spectrogram(ColumnId::A)];
    harness.event(Event::PointerMoved(place.lerp_inside(egui::vec2(0.9, 0.5))));
    harness.run();
    assert!(harness.query_by_label_contains("1:2").is_some(), "the line at the bottom");
    // A time is typed as it is shown.
    harness.get_by_role_and_label(egui::Role::SpinButton, "Region from").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Region from").type_text("1:05.5");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().view().region, Some((65.5, 95.0)));
    // However near one looks, no label stands there twice.
    for _ in 0..14 {
        harness.key_press(Key::Equals);
        harness.key_press(Key::CloseBracket);
        harness.run();
        for pane in [PaneId::Spectrogram(ColumnId::A), PaneId::Convergence, PaneId::RateDistortion] {
            for numbers in axes(&harness, pane) {
                let twice = (1..numbers.len()).find(|i| numbers[*i] == numbers[i - 1]);
                assert!(twice.is_none(), "{pane:?}: {numbers:?}");
            }
        }
    }
}

#[test]
fn messages_carry_their_time() {
    let mut harness = ready("demo:noise-burst");
    let after = harness.state().session().messages().last().unwrap().after;
    let (text, seconds) =
        (harness.state().session().messages().last().unwrap().text.clone(), after.as_secs_f64().round());
    let time = format!("{:.0}:{:02.0}", (seconds / 60.0).floor(), seconds % 60.0);
    assert!(harness.query_by_label(&format!("{time}  {text}")).is_some(), "{time}  {text}");
    harness.key_press(Key::M);
    harness.run();
    assert!(harness.query_all_by_label(&format!("{time}  {text}")).count() >= 2, "in the list too");
}
