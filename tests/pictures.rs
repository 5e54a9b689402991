//! The pictures in `screenshots/`, drawn by a software renderer and compared pixel by pixel.
//!
//! `UPDATE_SNAPSHOTS=force cargo test --features pictures --test pictures` makes them anew: look at what it made.

#![allow(clippy::unwrap_used)] // a test fails by panicking

#[path = "common/window.rs"]
mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{at_rest, settled, wait_until, window_with};
use egui_kittest::kittest::Queryable;
use egui_kittest::{Harness, SnapshotOptions};
use snmf_workbench::engine::{ColumnId, Status};
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
fn both_columns_on_speech() {
    let mut harness = window(Some("demo:speech"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns and the sweep", at_rest);
    picture(&mut harness, "workbench");
}

#[test]
fn a_small_light_window_on_drums() {
    let mut harness = window(Some("demo:drums"), [1024.0, 700.0]);
    wait_until(&mut harness, "both columns and the sweep", at_rest);
    harness.get_by_label("Light").click();
    harness.run();
    harness.get_by_label("log").click();
    harness.get_by_label("Bases, histograms").click();
    harness.run();
    harness.get_by_label("by lag").click();
    harness.run();
    harness.key_press(egui::Key::Escape);
    harness.run();
    picture(&mut harness, "small-light");
}

#[test]
fn the_bases_of_the_evolving_spectrogram() {
    let mut harness = window(Some("demo:evolving"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns and the sweep", at_rest);
    picture(&mut harness, "cascade");
}

#[test]
fn a_run_under_way() {
    let mut harness = window(Some("demo:drums"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    // As many iterations as take a while, so that there is something to hold.
    harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations").type_text("100000");
    harness.key_press(egui::Key::Enter);
    harness.run();
    // Plain updates never find that they are at the bottom.
    harness.get_by_label("Updates").scroll_to_me();
    harness.run();
    harness.get_by_label("Updates").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::ComboBox, "Kind").click();
    harness.run();
    harness.get_by_label("plain").click();
    harness.run();
    harness.get_by_label("Updates").click();
    harness.run();
    harness.key_press(egui::Key::F5);
    let measured =
        |harness: &Harness<'_, App>| harness.state().session().column(ColumnId::A).measures.is_some();
    harness.run_steps(4);
    for _ in 0..1000 {
        harness.step();
        if measured(&harness) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(measured(&harness), "numbers come while columns run");
    harness.key_press(egui::Key::F6);
    harness.run_steps(4);
    harness.remove_cursor();
    harness.run_steps(2);
    let paused = |column| harness.state().session().column(column).status == Status::Paused;
    assert!(ColumnId::BOTH.into_iter().all(paused));
    // Where it is held is a matter of chance: a picture to look at, not to compare with.
    let image = harness.render().unwrap();
    assert!(image.width() == 1440 && image.height() == 900);
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        image.save("screenshots/running.png").unwrap();
    }
}

#[test]
fn the_list_of_runs() {
    let mut harness = window(Some("demo:speech"), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns and the sweep", at_rest);
    harness.key_press(egui::Key::R);
    harness.run();
    picture(&mut harness, "runs");
}

#[test]
fn the_wide_window_with_residuals() {
    let mut harness = window(Some("demo:piano"), [2560.0, 1440.0]);
    wait_until(&mut harness, "both columns and the sweep", at_rest);
    harness.key_press(egui::Key::D);
    harness.key_press(egui::Key::R);
    harness.run();
    picture(&mut harness, "wide");
}

#[test]
fn nothing_open_yet() {
    let mut harness = window(None, [1440.0, 900.0]);
    harness.run();
    picture(&mut harness, "empty");
}
