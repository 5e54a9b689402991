//! Looking: what the pointer, the keys, the menus and the command list do to the part that is shown.

use std::sync::Arc;

use crate::common::{ready, settled, wait_until, wav, window_with};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::{ColumnId, InputState};
use snmf_workbench::figure::{ColorMap, FrequencyScale};
use snmf_workbench::numeric::Named;
use snmf_workbench::ui::{App, NoDialogs, PaneId, Shown, View};

fn view<'a>(harness: &'a Harness<'_, App>) -> &'a View {
    harness.state().view()
}

/// The inside of the plot of a pane.
fn plot(harness: &Harness<'_, App>, pane: PaneId) -> Rect {
    let (view, rect) = (view(harness), view(harness).rects[&pane]);
    // The axes stand on the left and below.
    Rect::from_min_size(Pos2::new(rect.right() - view.plots[&pane].x, rect.top()), view.plots[&pane])
}

fn at(rect: Rect, x: f32, y: f32) -> Pos2 {
    rect.min + Vec2::new(x * rect.width(), y * rect.height())
}

fn drag(harness: &mut Harness<'_, App>, from: Pos2, to: Pos2, button: PointerButton, modifiers: Modifiers) {
    let press = |pos, pressed| Event::PointerButton { pos, button, pressed, modifiers };
    harness.event_modifiers(Event::PointerMoved(from), modifiers);
    harness.run_steps(1);
    harness.event_modifiers(press(from, true), modifiers);
    harness.run_steps(1);
    for step in 1..=4 {
        let on_the_way = from + (to - from) * (step as f32 / 4.0);
        harness.event_modifiers(Event::PointerMoved(on_the_way), modifiers);
        harness.run_steps(1);
    }
    harness.event_modifiers(press(to, false), modifiers);
    harness.run_steps(2);
}

fn wheel(harness: &mut Harness<'_, App>, at: Pos2, delta: Vec2, modifiers: Modifiers) {
    harness.event(Event::PointerMoved(at));
    harness.run_steps(1);
    let (unit, phase) = (egui::MouseWheelUnit::Point, egui::TouchPhase::Move);
    let source = egui::MouseWheelSource::Wheel;
    harness.event_modifiers(Event::MouseWheel { unit, delta, modifiers, phase, source }, modifiers);
    harness.run();
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance
}

#[test]
fn the_wheel_zooms_around_the_pointer_and_fit_brings_all_back() {
    let mut harness = ready("demo:noise-burst");
    let (all, hertz) = (view(&harness).time, view(&harness).hertz);
    let rect = plot(&harness, PaneId::Spectrogram(ColumnId::A));
    wheel(&mut harness, at(rect, 0.25, 0.5), Vec2::new(0.0, 200.0), Modifiers::NONE);
    let zoomed = view(&harness).time;
    let (span, whole) = (zoomed.1 - zoomed.0, all.1 - all.0);
    assert!(span < 0.7 * whole, "{zoomed:?}");
    assert!(near((all.0 + 0.25 * whole - zoomed.0) / span, 0.25, 0.01), "the pointer stays where it was");
    assert_eq!(view(&harness).hertz, hertz);
    wheel(&mut harness, at(rect, 0.25, 0.5), Vec2::new(0.0, 200.0), Modifiers::COMMAND);
    assert!(view(&harness).hertz.1 - view(&harness).hertz.0 < 0.7 * hertz.1);
    harness.key_press(Key::F);
    harness.run();
    assert_eq!((view(&harness).time, view(&harness).hertz), (all, hertz));
}

#[test]
fn a_box_is_what_is_shown_then_and_backspace_leads_back() {
    for (button, modifiers) in
        [(PointerButton::Primary, Modifiers::SHIFT), (PointerButton::Secondary, Modifiers::NONE)]
    {
        let mut harness = ready("demo:noise-burst");
        let all = (view(&harness).time, view(&harness).hertz);
        let rect = plot(&harness, PaneId::Spectrogram(ColumnId::B));
        harness.run_steps(60);
        drag(&mut harness, at(rect, 0.25, 0.75), at(rect, 0.5, 0.25), button, modifiers);
        let (time, hertz) = (view(&harness).time, view(&harness).hertz);
        let whole = all.0.1 - all.0.0;
        assert!(near(time.0, all.0.0 + 0.25 * whole, 0.01 * whole), "{time:?} of {all:?}");
        assert!(near(time.1, all.0.0 + 0.5 * whole, 0.01 * whole), "{time:?} of {all:?}");
        assert!(near(hertz.0, 0.25 * all.1.1, 0.02 * all.1.1), "{hertz:?}");
        assert!(near(hertz.1, 0.75 * all.1.1, 0.02 * all.1.1), "{hertz:?}");
        harness.key_press(Key::Backspace);
        harness.run();
        assert_eq!((view(&harness).time, view(&harness).hertz), all, "{button:?}");
        harness.key_press_modifiers(Modifiers::SHIFT, Key::Backspace);
        harness.run();
        assert_eq!((view(&harness).time, view(&harness).hertz), (time, hertz));
    }
}

#[test]
fn keys_zoom_and_move() {
    let mut harness = ready("demo:noise-burst");
    let all = view(&harness).time;
    harness.key_press(Key::Equals);
    harness.run();
    let half = view(&harness).time;
    assert!(near(half.1 - half.0, 0.5 * (all.1 - all.0), 1e-9));
    harness.key_press(Key::ArrowRight);
    harness.run();
    let later = view(&harness).time;
    assert!(later.0 > half.0 && later.0 - half.0 <= 1.0 + 1e-9);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
    harness.run();
    assert_eq!(view(&harness).time.0, all.0, "no further than the beginning");
    harness.key_press(Key::CloseBracket);
    harness.run();
    assert!(view(&harness).hertz.1 - view(&harness).hertz.0 < 8000.0 * 0.51);
}

#[test]
fn the_box_in_the_overview_is_moved_and_stretched() {
    let mut harness = ready("demo:noise-burst");
    let all = view(&harness).time;
    let whole = all.1 - all.0;
    let rect = plot(&harness, PaneId::Overview);
    drag(&mut harness, at(rect, 0.2, 0.5), at(rect, 0.6, 0.5), PointerButton::Primary, Modifiers::SHIFT);
    let drawn = view(&harness).time;
    assert!(
        near(drawn.0, all.0 + 0.2 * whole, 0.01 * whole) && near(drawn.1, all.0 + 0.6 * whole, 0.01 * whole)
    );
    drag(&mut harness, at(rect, 0.6, 0.5), at(rect, 0.8, 0.5), PointerButton::Primary, Modifiers::NONE);
    let stretched = view(&harness).time;
    assert_eq!(stretched.0, drawn.0);
    assert!(near(stretched.1, all.0 + 0.8 * whole, 0.02 * whole), "{stretched:?}");
    drag(&mut harness, at(rect, 0.5, 0.5), at(rect, 0.4, 0.5), PointerButton::Primary, Modifiers::NONE);
    let moved = view(&harness).time;
    assert!(near(moved.0, all.0 + 0.1 * whole, 0.02 * whole), "{moved:?}");
    assert!(near(moved.1 - moved.0, stretched.1 - stretched.0, 1e-9));
}

#[test]
fn holding_o_shows_the_input_in_the_place_of_the_models() {
    let mut harness = ready("demo:noise-burst");
    let shown = |harness: &Harness<'_, App>, words: &str| {
        ColumnId::BOTH.into_iter().all(|column| {
            let start = format!("spectrogram {}: {words}", column.name());
            let all = harness.root().children_recursive();
            all.into_iter().any(|node| node.accesskit_node().label().is_some_and(|l| l.starts_with(&start)))
        })
    };
    assert!(shown(&harness, "reconstruction"));
    harness.key_down(Key::O);
    harness.run();
    assert!(shown(&harness, "input"));
    harness.key_up(Key::O);
    harness.run();
    assert!(shown(&harness, "reconstruction"));
    harness.key_press(Key::D);
    harness.run();
    assert!(shown(&harness, "difference"));
}

#[test]
fn anything_is_found_by_its_name_and_done_by_enter() {
    let mut harness = ready("demo:noise-burst");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, "Find a command").type_text("viridis");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(view(&harness).map, ColorMap::Viridis);
    assert!(harness.query_by_label("Find a command").is_none(), "the list is gone");
    // What cannot be done now stays where it is.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, "Find a command").type_text("pause");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label("Find a command").is_some());
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Find a command").is_none());
}

#[test]
fn menus_hold_what_the_keys_do() {
    let mut harness = ready("demo:noise-burst");
    for path in [["View", "Frequency axis", "Mel"], ["View", "Colour map", "cividis"]] {
        for label in path {
            harness.get_by_role_and_label(egui::Role::Button, label).click();
            harness.run();
        }
    }
    assert_eq!((view(&harness).scale, view(&harness).map), (FrequencyScale::Mel, ColorMap::Cividis));
    harness.get_by_label("Run").click();
    harness.run();
    assert!(harness.get_by_label_contains("Pause or resume").accesskit_node().is_disabled());
}

#[test]
fn a_demo_goes_on_with_a_sweep() {
    let mut harness = ready("demo:noise-burst");
    wait_until(&mut harness, "a sweep", |app| app.session().trace().is_some_and(|t| !t.points().is_empty()));
    // So does the next one, and not what stood there before it.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run();
    harness.event(Event::Text("Demo: Evolving".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    wait_until(&mut harness, "a sweep of the other demo", |app| {
        let session = app.session();
        let InputState::Ready(analysis) = session.input() else { return false };
        analysis.name == "demo:evolving"
            && settled(app)
            && session.trace().is_some_and(|t| t.points().len() > 1)
    });
    let errors = harness.state().session().messages().iter().filter(|m| m.text.contains("No sweep")).count();
    assert_eq!(errors, 0);
}

/// A file of a sine.
fn sine(folder: &std::path::Path, rate: u32, hz: f64) -> String {
    #[allow(clippy::cast_possible_truncation)] // within 16 bits
    let sample =
        |n| (20_000.0 * (2.0 * std::f64::consts::PI * hz * f64::from(n) / f64::from(rate)).sin()) as i16;
    let samples: Vec<i16> = (0..rate / 2).map(sample).collect();
    wav(folder, rate, samples.into_iter())
}

/// Frequency and level of V of the status line.
fn read_out(harness: &Harness<'_, App>) -> Option<(f64, f64)> {
    let all = harness.root().children_recursive();
    let text =
        all.into_iter().filter_map(|node| node.accesskit_node().value().or(node.accesskit_node().label()));
    let text: Vec<String> = text.filter(|text| text.contains(" Hz")).collect();
    let text = text.into_iter().find(|t| t.contains("Hz  bin"))?;
    let number = |before: &str, after: &str| -> Option<f64> {
        let end = text.find(after)?;
        let start = text[..end].rfind(before)? + before.len();
        text[start..end].trim().parse().ok()
    };
    let hz: f64 = text.split(" Hz").next()?.split_whitespace().last()?.parse().ok()?;
    Some((hz, number("V ", " dB").unwrap_or(f64::NEG_INFINITY)))
}

#[test]
fn a_sine_is_read_back_within_half_a_bin_on_every_axis_and_at_every_scale() {
    let folder = tempfile::tempdir().unwrap();
    for (rate, bin, scale) in [
        (8000, 100.0, 1.0),
        (16_000, 120.0, 1.5),
        (22_050, 99.0, 2.0),
        (44_100, 81.0, 1.0),
        (48_000, 77.0, 1.5),
    ] {
        let (width, hz) = (f64::from(rate) / 1024.0, bin * f64::from(rate) / 1024.0);
        let path = sine(folder.path(), rate, hz);
        let mut harness = window_with(Some(&path), Arc::new(NoDialogs), [1440.0 * scale, 900.0 * scale]);
        harness.set_pixels_per_point(scale);
        wait_until(&mut harness, "both columns", settled);
        for &axis in FrequencyScale::ALL {
            while view(&harness).scale != axis {
                harness.key_press(Key::A);
                harness.run();
            }
            // Where the axis says that the sine is, V is loudest.
            let rect = plot(&harness, PaneId::Spectrogram(ColumnId::A));
            let (low, high) = (axis.height(view(&harness).hertz.0), axis.height(view(&harness).hertz.1));
            #[allow(clippy::cast_possible_truncation)] // a share of a height
            let share = ((axis.height(hz) - low) / (high - low)) as f32;
            let mut text = Vec::new();
            for offset in [-12.0, 0.0, 12.0] {
                harness.event(Event::PointerMoved(at(rect, 0.5, 1.0 - share) + Vec2::new(0.0, offset)));
                harness.run();
                let read = read_out(&harness);
                assert!(read.is_some(), "{rate} {axis:?} {offset} {share} {rect:?}: nothing is shown");
                text.push(read.unwrap());
            }
            let pixel = axis
                .frequency(low + f64::from(share) * (high - low) + (high - low) / f64::from(rect.height()))
                - hz;
            assert!(
                (text[1].0 - hz).abs() <= 0.5 * width + pixel + 0.5,
                "{rate} {axis:?}: {text:?} for {hz}"
            );
            assert!(
                text[1].1 > text[0].1 + 10.0 && text[1].1 > text[2].1 + 10.0,
                "{rate} {axis:?}: {text:?}"
            );
        }
    }
}

#[test]
fn a_region_is_marked_zoomed_to_and_run_on_and_undo_leads_back() {
    let mut harness = ready("demo:noise-burst");
    let all = view(&harness).time;
    let whole = all.1 - all.0;
    let rect = plot(&harness, PaneId::Spectrogram(ColumnId::A));
    drag(&mut harness, at(rect, 0.25, 0.5), at(rect, 0.5, 0.6), PointerButton::Primary, Modifiers::COMMAND);
    let (start, end) = view(&harness).region.unwrap();
    assert!(near(start, all.0 + 0.25 * whole, 0.01 * whole) && near(end, all.0 + 0.5 * whole, 0.01 * whole));
    assert_eq!(view(&harness).time, all, "marking does not move the view");
    harness.key_press(Key::Z);
    harness.run();
    let shown = view(&harness).time;
    assert!(near(shown.0, start, 0.05) && near(shown.1, end, 0.05), "{shown:?} {start} {end}");
    let frames = |app: &App| match app.session().input() {
        InputState::Ready(analysis) => analysis.frames(),
        _ => 0,
    };
    let before = frames(harness.state());
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F5);
    harness.run_steps(2);
    wait_until(&mut harness, "both columns on the region", |app| frames(app) > 0 && settled(app));
    let InputState::Ready(analysis) = harness.state().session().input() else { panic!("it is there") };
    let read = analysis.input.read;
    assert!(near(read.start.unwrap(), start, 1e-3) && near(read.end.unwrap(), end, 1e-3), "{read:?}");
    assert!(near(analysis.frames() as f64, (end - start) * 16_000.0 / 512.0, 1.0));
    let column = harness.state().session().column(ColumnId::B);
    assert_eq!(column.snapshot.as_ref().unwrap().model.shape().frames, analysis.frames());
    // The region is a setting like any other: it can be taken back, and all of it run again.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    harness.run_steps(2);
    wait_until(&mut harness, "the whole file", |app| frames(app) == before);
    assert!(ColumnId::BOTH.into_iter().all(|column| harness.state().session().is_stale(column)));
}

#[test]
fn a_region_is_typed_too_and_cleared() {
    let mut harness = ready("demo:noise-burst");
    for (label, value) in [("Region to", "4"), ("Region from", "1.5")] {
        harness.get_by_role_and_label(egui::Role::SpinButton, label).click();
        harness.run();
        harness.get_by_role_and_label(egui::Role::SpinButton, label).type_text(value);
        harness.key_press(Key::Enter);
        harness.run();
    }
    assert_eq!(view(&harness).region, Some((1.5, 4.0)));
    harness.get_by_label("Clear").click();
    harness.run();
    assert_eq!(view(&harness).region, None);
}

#[test]
fn another_rate_is_another_analysis_of_the_same_sound() {
    let mut harness = ready("demo:noise-burst");
    harness.get_by_role_and_label(egui::Role::ComboBox, "Rate").click();
    harness.run();
    harness.get_by_label("8000 Hz").click();
    harness.run_steps(2);
    wait_until(
        &mut harness,
        "the other rate",
        |app| matches!(app.session().input(), InputState::Ready(analysis) if analysis.rate() == Some(8000)),
    );
    assert_eq!(view(&harness).hertz, (0.0, 4000.0));
    let shown = harness.get_all_by_label("Stale: settings or input have changed since").count();
    assert_eq!(shown, 2);
}

#[test]
fn x_blinks_between_the_columns_and_the_colour_bar_moves_the_levels() {
    let mut harness = ready("demo:noise-burst");
    let says = |harness: &Harness<'_, App>| {
        let node =
            harness.get_by(|node| node.label().is_some_and(|label| label.starts_with("spectrogram A: ")));
        node.accesskit_node().label().unwrap()
    };
    let usual = says(&harness);
    harness.key_down(Key::X);
    harness.run();
    assert!(says(&harness).contains("reconstruction of B"), "{}", says(&harness));
    harness.key_up(Key::X);
    harness.run();
    assert_eq!(says(&harness), usual);
    let bar = harness.get_by_label("Colour bar").rect();
    let (from, to) = (bar.center(), bar.center() + Vec2::new(0.25 * bar.width(), 0.0));
    drag(&mut harness, from, to, PointerButton::Primary, Modifiers::NONE);
    assert!((view(&harness).top_db + 20.0).abs() < 6.0, "{}", view(&harness).top_db);
    drag(&mut harness, from, to, PointerButton::Primary, Modifiers::SHIFT);
    assert!(view(&harness).range_db > 90.0, "{}", view(&harness).range_db);
}

#[test]
fn the_pointer_beside_a_pane_is_at_its_first_frame() {
    let mut harness = ready("demo:speech");
    for pane in [PaneId::Spectrogram(ColumnId::A), PaneId::Overview] {
        let rect = plot(&harness, pane);
        let mut times = Vec::new();
        for by in [-20.0, -1.0, 0.5, 1.0, 2.0, 4.0] {
            harness.event(Event::PointerMoved(Pos2::new(rect.left() - by, rect.center().y)));
            harness.run_steps(2);
            times.extend(view(&harness).cursor.as_ref().and_then(|cursor| cursor.time));
            let before = harness.query_by_label_contains("frame   -").is_some();
            assert!(!before, "{by} left of {pane:?} the status bar names a frame before the first");
        }
        harness.event(Event::PointerMoved(Pos2::new(rect.left() + 0.1, rect.center().y)));
        harness.run_steps(2);
        assert!(harness.query_by_label_contains("frame    0").is_some(), "the first frame of {pane:?}");
        assert!(times.len() > 1 && times[0] > 0.0, "{times:?}");
        assert!(times.iter().all(|time| *time >= 0.0), "{times:?}");
    }
}

#[test]
fn b_minus_a_is_one_click_away_and_errors_share_the_time_axis() {
    let mut harness = ready("demo:noise-burst");
    let first = harness.get_all_by_label("B \u{2212} A").next();
    first.unwrap().click();
    harness.run();
    assert_eq!(view(&harness).shown, [Shown::Difference, Shown::Model]);
    let shown = "difference of the models of B and A";
    assert_eq!(harness.query_all_by_label_contains(shown).count(), 1);
    // The strip below zooms with the picture above.
    let error = plot(&harness, PaneId::Error(ColumnId::A));
    let picture = plot(&harness, PaneId::Spectrogram(ColumnId::A));
    assert!((error.left() - picture.left()).abs() < 1.0 && (error.right() - picture.right()).abs() < 1.0);
    let all = view(&harness).time;
    wheel(&mut harness, at(error, 0.5, 0.5), Vec2::new(0.0, 200.0), Modifiers::NONE);
    let zoomed = view(&harness).time;
    assert!(zoomed.1 - zoomed.0 < 0.7 * (all.1 - all.0), "{zoomed:?}");
}
