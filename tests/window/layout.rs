//! Every text in the window has its own place: nothing is cut off and nothing lies on something else.

use std::sync::Arc;

use crate::common::{settled, wait_until, window_with};
use egui::epaint::ClippedShape;
use egui::{Key, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use snmf_workbench::engine::ColumnId;
use snmf_workbench::ui::{App, NoDialogs, PaneId};

/// A text with the place that it takes and the place that it may take.
pub struct Laid {
    pub text: String,
    pub rect: Rect,
    clip: Rect,
}

fn texts(shape: &Shape, clip: Rect, found: &mut Vec<Laid>) {
    match shape {
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| texts(shape, clip, found)),
        Shape::Text(text) if !text.galley.text().trim().is_empty() && text.opacity_factor > 0.0 => {
            let rect = text.visual_bounding_rect();
            found.push(Laid { text: text.galley.text().to_owned(), rect, clip });
        }
        _ => {}
    }
}

pub fn laid(harness: &Harness<'_, App>) -> Vec<Laid> {
    laid_in(&harness.output().shapes)
}

fn laid_in(shapes: &[ClippedShape]) -> Vec<Laid> {
    let mut found = Vec::new();
    for ClippedShape { clip_rect, shape, .. } in shapes {
        texts(shape, *clip_rect, &mut found);
    }
    // What is scrolled out of sight is not there.
    found.retain(|laid| laid.rect.intersect(laid.clip).is_positive());
    found
}

/// How far two texts may touch: glyphs do not fill their boxes.
const SLACK: f32 = 1.5;

/// What is wrong with the window as it is.
fn faults(harness: &Harness<'_, App>, screen: Rect) -> Vec<String> {
    let all = laid(harness);
    assert!(all.len() > 10, "texts are found");
    among(&all, screen)
}

/// What is wrong with these texts.
fn among(all: &[Laid], screen: Rect) -> Vec<String> {
    let mut faults = Vec::new();
    for one in all {
        let Laid { text, rect, clip } = one;
        // Above and below, a list that is scrolled may cut a line.
        let seen = clip.intersect(screen);
        if rect.left() < seen.left() - SLACK || rect.right() > seen.right() + SLACK {
            faults.push(format!("cut off at the side: {text:?} at {rect:?}, seen {seen:?}"));
        }
    }
    for (i, one) in all.iter().enumerate() {
        for other in &all[i + 1..] {
            let shared =
                one.rect.intersect(one.clip).shrink(SLACK).intersect(other.rect.intersect(other.clip));
            if shared.width() > SLACK && shared.height() > SLACK {
                faults.push(format!(
                    "{:?} at {:?} lies on {:?} at {:?}",
                    one.text, one.rect, other.text, other.rect
                ));
            }
        }
    }
    faults
}

fn window(input: Option<&str>, size: [f32; 2]) -> Harness<'static, App> {
    let harness = window_with(input, Arc::new(NoDialogs), size);
    harness.ctx.options_mut(|options| options.reduce_texture_memory = false);
    harness
}

/// Where the pixels of a text box end depends on the scale; everything else must not.
const SIZES: [[f32; 2]; 6] =
    [[800.0, 560.0], [900.0, 640.0], [1024.0, 700.0], [1365.0, 933.0], [1440.0, 900.0], [2560.0, 1440.0]];

fn check(harness: &Harness<'_, App>, state: &str, size: [f32; 2]) {
    let screen = Rect::from_min_size(egui::Pos2::ZERO, size.into());
    let faults = faults(harness, screen);
    assert!(faults.is_empty(), "{state} at {size:?}:\n{}", faults.join("\n"));
}

#[test]
fn no_text_is_cut_off_or_lies_on_another() {
    for size in SIZES {
        let mut harness = window(None, size);
        harness.run();
        check(&harness, "empty", size);

        let mut harness = window(Some("demo:speech"), size);
        wait_until(&mut harness, "a column that runs", |app| {
            app.session().column(ColumnId::B).snapshot.is_some()
        });
        check(&harness, "running", size);
        wait_until(&mut harness, "both columns", settled);
        check(&harness, "done", size);
        // The rest of a sweep adds points and no words.
        wait_until(&mut harness, "a sweep", |app| {
            app.session().trace().is_some_and(|t| t.points().len() > 2)
        });
        check(&harness, "swept", size);
        harness.key_press(Key::M);
        harness.key_press(Key::D);
        harness.key_press(Key::A);
        harness.run();
        check(&harness, "residuals, messages and a logarithmic axis", size);
        if harness.query_by_role_and_label(egui::Role::SpinButton, "Seed").is_none() {
            harness.key_press(Key::F9);
            harness.run();
        }
        let seed = harness.get_by_role_and_label(egui::Role::SpinButton, "Seed");
        seed.scroll_to_me();
        harness.run();
        harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").click();
        harness.run();
        harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").type_text("12345");
        harness.key_press(Key::Enter);
        harness.run();
        check(&harness, "stale", size);
    }
}

#[test]
fn the_verdict_has_room_for_its_words_at_every_width() {
    for (width, zoom) in
        [(560.0, 1.0), (800.0, 1.0), (800.0, 3.0), (1000.0, 0.75), (1200.0, 1.0), (2560.0, 1.0)]
    {
        let mut harness = window(Some("demo:drums"), [width * zoom, 560.0 * zoom]);
        harness.ctx.set_zoom_factor(zoom);
        wait_until(&mut harness, "both columns", settled);
        let is_cell = |text: Option<String>| text.is_some_and(|text| text.starts_with("KLD, quiet parts"));
        let strip = harness.get_by(|node| is_cell(node.value())).rect();
        let all: Vec<Laid> = laid(&harness)
            .into_iter()
            .filter(|laid| strip.y_range().contains(laid.rect.center().y))
            .collect();
        assert!(all.iter().any(|laid| laid.text.ends_with('\u{d7}')), "the ratio is never folded: {width}");
        for (i, one) in all.iter().enumerate() {
            assert!(one.rect.right() <= width + SLACK, "{:?} at {width}", one.text);
            for other in &all[i + 1..] {
                let shared = one.rect.shrink(SLACK).intersect(other.rect);
                assert!(
                    shared.width() <= SLACK || shared.height() <= SLACK,
                    "{:?} on {:?} at {width}",
                    one.text,
                    other.text
                );
            }
        }
    }
}

#[test]
fn in_a_narrow_window_panels_make_room_and_a_button_brings_them_back() {
    let shows = |harness: &Harness<'_, App>| {
        ["Spectrogram", "Metrics"].map(|heading| harness.query_by_label(heading).is_some())
    };
    for (width, at_first) in [(720.0, [false, false]), (1024.0, [false, true]), (1440.0, [true, true])] {
        let mut harness = window(Some("demo:noise-burst"), [width, 560.0]);
        wait_until(&mut harness, "both columns", settled);
        assert_eq!(shows(&harness), at_first, "{width}");
        let pane = harness.state().view().rects[&PaneId::Spectrogram(ColumnId::A)].width();
        assert!(pane > 250.0, "{pane} of {width}");
        for (button, side) in [("Settings", 0), ("Numbers", 1)] {
            let before = shows(&harness);
            harness.get_by_role_and_label(egui::Role::Button, button).click();
            harness.run();
            let mut wanted = before;
            wanted[side] = !before[side];
            // Where there is no room for both, one makes room for the other.
            if width < 1000.0 {
                wanted[1 - side] = false;
            }
            assert_eq!(shows(&harness), wanted, "{button} at {width}");
        }
        harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::P);
        harness.run();
        harness.event(egui::Event::Text("Reset layout".to_owned()));
        harness.run();
        harness.key_press(Key::Enter);
        harness.run();
        assert_eq!(shows(&harness), at_first, "{width}");
    }
}

#[test]
fn every_menu_fits_into_a_small_window() {
    let size = [1024.0, 700.0];
    let mut harness = window(Some("demo:noise-burst"), size);
    wait_until(&mut harness, "both columns", settled);
    for (menu, last) in [
        ("File", "Quit"),
        ("Edit", "Copy figure"),
        ("View", "Messages"),
        ("Run", "Use the bases of B"),
        // The rows above it stand in the bar too.
        ("Listen", "The component"),
        ("Export", "Export all…"),
        ("Help", "Keys"),
    ] {
        harness.get_by_role_and_label(egui::Role::Button, menu).click();
        harness.run();
        let seen = |laid: &Laid| laid.text == last && laid.clip.expand(1.0).contains_rect(laid.rect);
        let lowest = laid(&harness)
            .iter()
            .filter(|laid| seen(laid))
            .map(|laid| laid.rect.bottom())
            .fold(0.0, f32::max);
        assert!(lowest > 50.0 && lowest <= size[1], "{menu} ends at {lowest}");
        harness.key_press(Key::Escape);
        harness.run();
    }
}

#[test]
fn every_size_has_room_for_its_words_at_every_scale() {
    for size in [[800.0, 560.0], [1440.0, 900.0], [2560.0, 1440.0]] {
        let mut harness = window(Some("demo:noise-burst"), size);
        wait_until(&mut harness, "both columns", settled);
        for zoom in [0.75, 1.0, 1.25, 1.5, 2.1, 3.0] {
            harness.ctx.set_zoom_factor(zoom);
            harness.run_steps(6);
            let points = size.map(|side| side / zoom);
            assert!((harness.ctx.content_rect().width() - points[0]).abs() < 1.0);
            check(&harness, &format!("{zoom} times {size:?}"), points);
            for key in [Key::F9, Key::F10] {
                harness.key_press(key);
                harness.run_steps(6);
                check(&harness, &format!("{zoom} times {size:?}, {key:?}"), points);
                harness.key_press(key);
                harness.run_steps(6);
            }
        }
    }
}

#[test]
fn dialogs_have_room_for_their_words() {
    let (none, command) = (egui::Modifiers::NONE, egui::Modifiers::COMMAND);
    for size in [[800.0, 560.0], [1440.0, 900.0]] {
        let mut harness = window(Some("demo:noise-burst"), size);
        wait_until(&mut harness, "both columns", settled);
        for (modifiers, key) in [(none, Key::F8), (command, Key::P), (command, Key::E), (command, Key::Num1)]
        {
            harness.key_press_modifiers(modifiers, key);
            harness.run_steps(8);
            // What was drawn before the veil over the window is behind it.
            let screen = Rect::from_min_size(egui::Pos2::ZERO, size.into());
            let shapes = &harness.output().shapes;
            let is_veil =
                |of: &ClippedShape| matches!(&of.shape, Shape::Rect(veil) if veil.rect.contains_rect(screen));
            let veil = shapes.iter().rposition(is_veil).unwrap();
            let all = laid_in(&shapes[veil..]);
            assert!(all.len() > 3, "{key:?}");
            let faults = among(&all, screen);
            assert!(faults.is_empty(), "{key:?} at {size:?}:\n{}", faults.join("\n"));
            harness.key_press(Key::Escape);
            harness.run_steps(8);
        }
    }
}

#[test]
fn menus_and_lists_are_as_wide_as_their_longest_word() {
    let mut harness = window(Some("demo:noise-burst"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    for open in ["File", "Export", "Help", "Window"] {
        let role = if open == "Window" { egui::Role::ComboBox } else { egui::Role::Button };
        harness.get_by_role_and_label(role, open).click();
        harness.run_steps(8);
        let layers = harness.ctx.memory(|memory| memory.layer_ids().collect::<Vec<_>>());
        let popup = layers.into_iter().rfind(|layer| layer.order == egui::Order::Foreground).unwrap();
        let place = harness.ctx.memory(|memory| memory.area_rect(popup.id)).unwrap();
        let words = laid(&harness).into_iter().filter(|laid| place.contains_rect(laid.rect));
        let words: Vec<Rect> = words.map(|laid| laid.rect).collect();
        // A row is a word, and a key at its right.
        let first = words.iter().map(Rect::left).fold(f32::INFINITY, f32::min);
        let names = words.iter().filter(|rect| rect.left() < first + 12.0).map(Rect::right);
        let keys = words.iter().filter(|rect| rect.left() >= first + 12.0).map(Rect::width);
        let wanted = names.fold(first, f32::max) - first + keys.fold(0.0, f32::max);
        assert!(place.width() < wanted + 64.0, "{open}: {} for {wanted}", place.width());
        harness.key_press(Key::Escape);
        harness.run_steps(8);
    }
}

#[test]
fn there_is_one_row_at_the_top_and_one_above_the_columns() {
    for size in [[1024.0, 700.0], [1440.0, 900.0], [2560.0, 1440.0]] {
        let mut harness = window(Some("demo:speech"), size);
        wait_until(&mut harness, "both columns", settled);
        let middle = |label: &str| harness.get_by_role_and_label(egui::Role::Button, label).rect().center().y;
        let [file, run, theme] = ["File", "Run both", "Light"].map(middle);
        assert!((file - run).abs() < 2.0 && (file - theme).abs() < 2.0, "{size:?}: {file} {run} {theme}");
        let name = laid(&harness).into_iter().find(|laid| laid.text.contains("0:02.912, 16 kHz"));
        let name = name.unwrap_or_else(|| panic!("the sound has its name at {size:?}")).rect;
        assert!((name.center().y - file).abs() < 2.0, "{size:?}: {name:?}");
        let strip = harness.get_by_label_contains("KLD, quiet parts").rect();
        assert!(strip.top() < 60.0, "{size:?}: {strip:?}");
        let [fit, more] = ["Fit", "Bases, histograms"].map(middle);
        assert!((fit - more).abs() < 2.0, "{size:?}: {fit} {more}");
    }
}

#[test]
fn nothing_moves_when_settings_no_longer_fit_a_run() {
    let mut harness = window(Some("demo:noise-burst"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    let places = |harness: &Harness<'_, App>| harness.state().view().rects.clone();
    let before = places(&harness);
    harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").type_text("7");
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label("Re-run A").is_some() && harness.query_by_label("Revert to A").is_some());
    assert_eq!(places(&harness), before);
}

#[test]
fn the_list_of_runs_the_grid_and_a_region_have_room_for_their_words() {
    let size = [1024.0, 700.0];
    let mut harness = window(Some("demo:noise-burst"), size);
    wait_until(&mut harness, "both columns", settled);
    harness.key_press(Key::R);
    harness.run();
    check(&harness, "runs", size);
    harness.get_by_label("Repeated seeds").click();
    harness.run();
    check(&harness, "repeated seeds", size);
}

#[test]
fn many_components_and_lags_do_not_crowd_the_axes() {
    for (input, size) in [("demo:evolving", [1024.0, 700.0]), ("demo:piano", [1440.0, 900.0])] {
        let mut harness = window(Some(input), size);
        wait_until(&mut harness, "both columns", settled);
        check(&harness, input, size);
    }
}
