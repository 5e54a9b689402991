//! The pictures in `screenshots/`, drawn by a software renderer and compared pixel by pixel.
//!
//! `UPDATE_SNAPSHOTS=force cargo test --features pictures --test pictures` makes them anew: look at what it made.

#[path = "common/window.rs"]
mod common;

use std::sync::Arc;

use common::{settled, wait_until, window_with};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use snmf_workbench::ui::{App, NoDialogs};

/// Pixels that may differ: the seconds that the runs took are part of the picture, and other versions of
/// the renderer round edges in another way. A pane that is gone or moved is some ten thousand pixels.
const UNLIKE: usize = 1500;

fn picture(harness: &mut Harness<'_, App>, name: &str) {
    harness.remove_cursor();
    harness.run();
    let options = SnapshotOptions::new().output_path("screenshots").max_failed_pixels(UNLIKE);
    harness.snapshot_options(name, &options);
}

fn window(input: Option<&str>, size: [f32; 2]) -> Harness<'static, App> {
    window_with(input, Arc::new(NoDialogs), size)
}

#[test]
fn both_lanes_on_speech() {
    let mut harness = window(Some("demo:speech"), [1440.0, 900.0]);
    wait_until(&mut harness, "both lanes", settled);
    picture(&mut harness, "workbench");
}

#[test]
fn a_small_light_window_on_drums() {
    let mut harness = window(Some("demo:drums"), [1024.0, 700.0]);
    wait_until(&mut harness, "both lanes", settled);
    harness.get_by_label("Light").click();
    harness.run();
    harness.get_by_label("log").click();
    harness.get_by_label("by lag").click();
    harness.run();
    picture(&mut harness, "small-light");
}

#[test]
fn nothing_open_yet() {
    let mut harness = window(None, [1440.0, 900.0]);
    harness.run();
    picture(&mut harness, "empty");
}
