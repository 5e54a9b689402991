//! Every text in the window has its own place: nothing is cut off and nothing lies on something else.

use std::sync::Arc;

use crate::common::{settled, wait_until, window_with};
use egui::epaint::ClippedShape;
use egui::{Key, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use snmf_workbench::engine::LaneId;
use snmf_workbench::ui::{App, NoDialogs, PaneId};

/// A text with the place that it takes and the place that it may take.
struct Laid {
    text: String,
    rect: Rect,
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

fn laid(harness: &Harness<'_, App>) -> Vec<Laid> {
    let mut found = Vec::new();
    for ClippedShape { clip_rect, shape, .. } in &harness.output().shapes {
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
    let mut faults = Vec::new();
    for one in &all {
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
const SIZES: [[f32; 2]; 4] = [[1024.0, 700.0], [1440.0, 900.0], [1365.0, 933.0], [2560.0, 1440.0]];

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
        wait_until(&mut harness, "a lane that runs", |app| app.session().lane(LaneId::B).snapshot.is_some());
        check(&harness, "running", size);
        wait_until(&mut harness, "both lanes", settled);
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
        wait_until(&mut harness, "both lanes", settled);
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
fn in_a_narrow_window_the_panes_keep_their_room_and_panels_come_back_on_wish() {
    let mut harness = window(Some("demo:noise-burst"), [720.0, 560.0]);
    wait_until(&mut harness, "both lanes", settled);
    let shows = |harness: &Harness<'_, App>, what: &str| harness.query_by_label(what).is_some();
    assert!(!shows(&harness, "Metrics") && shows(&harness, "Spectrogram"));
    let pane =
        |harness: &Harness<'_, App>| harness.state().view().rects[&PaneId::Spectrogram(LaneId::A)].width();
    assert!(pane(&harness) > 180.0, "{}", pane(&harness));
    harness.key_press(Key::F10);
    harness.key_press(Key::F9);
    harness.run();
    assert!(shows(&harness, "Metrics") && !shows(&harness, "Spectrogram"));
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::P);
    harness.run();
    harness.event(egui::Event::Text("Reset layout".to_owned()));
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(!shows(&harness, "Metrics") && shows(&harness, "Spectrogram"));
}

#[test]
fn every_menu_fits_into_a_small_window() {
    let size = [1024.0, 700.0];
    let mut harness = window(Some("demo:noise-burst"), size);
    wait_until(&mut harness, "both lanes", settled);
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
fn every_scale_from_three_quarters_to_three_times_has_room_for_its_words() {
    for zoom in [0.75, 1.25, 1.5, 2.0, 3.0] {
        // As much as in the smallest window, drawn larger or smaller.
        let size = [1024.0, 700.0];
        let mut harness = window(Some("demo:noise-burst"), size.map(|side| side * zoom));
        harness.ctx.set_zoom_factor(zoom);
        wait_until(&mut harness, "both lanes", settled);
        assert!(
            (harness.ctx.content_rect().width() - size[0]).abs() < 1.0,
            "{:?}",
            harness.ctx.content_rect()
        );
        check(&harness, &format!("{zoom} times"), size);
    }
}

#[test]
fn the_list_of_runs_the_grid_and_a_region_have_room_for_their_words() {
    let size = [1024.0, 700.0];
    let mut harness = window(Some("demo:noise-burst"), size);
    wait_until(&mut harness, "both lanes", settled);
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
        wait_until(&mut harness, "both lanes", settled);
        check(&harness, input, size);
    }
}
