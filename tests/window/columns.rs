//! The window through its accessible names: what a click or a key does, and what is shown then.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use crate::common::{choose, settled, wait_until, window_with};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::{ColumnId, InputState, Status, Stop};
use snmf_workbench::ui::{App, Below, Dialogs, NoDialogs, PathRequest};

/// Answers every question with one path, and keeps what was asked.
struct Answer {
    path: PathBuf,
    asked: Mutex<Vec<PathRequest>>,
}

impl Dialogs for Answer {
    fn ask(&self, wanted: &PathRequest) -> Option<PathBuf> {
        self.asked.lock().unwrap().push(wanted.clone());
        Some(self.path.clone())
    }
}

fn window(input: Option<&str>) -> Harness<'static, App> {
    window_with(input, Arc::new(NoDialogs), [1440.0, 900.0])
}

fn has_message(app: &App, words: &str) -> bool {
    app.session().messages().iter().any(|m| m.text.contains(words))
}

/// Fewer iterations and components, so that a debug build is quick.
fn small(harness: &mut Harness<'_, App>) {
    for (label, value) in [("Iterations", "6"), ("Components R", "3"), ("Lags T", "2")] {
        let field = harness.get_by_role_and_label(egui::Role::SpinButton, label);
        field.click();
        harness.run();
        let field = harness.get_by_role_and_label(egui::Role::SpinButton, label);
        field.type_text(value);
        harness.key_press(egui::Key::Enter);
        harness.run();
    }
    let draft = harness.state().session().draft();
    assert_eq!((draft.iterations, draft.components, draft.lags), (6, 3, 2));
}

#[test]
fn the_empty_window_offers_every_way_in() {
    let harness = window(None);
    for label in [
        "Drop a sound, a factor stream or a session here",
        "Speech",
        "Drums",
        "Piano",
        "Noise bursts",
        "Evolving spectra",
    ] {
        assert!(harness.query_by_label(label).is_some(), "{label}");
    }
    assert!(harness.query_all_by_label("Open…").count() >= 1);
    assert!(harness.get_by_label("Run both").accesskit_node().is_disabled(), "nothing to run on");
}

#[test]
fn a_demo_is_one_click_from_both_results() {
    let mut harness = window(None);
    harness.get_by_label("Noise bursts").click();
    harness.run_steps(2);
    assert_eq!(harness.state().session().draft().components, 2, "settings that suit the demo");
    wait_until(&mut harness, "both columns", settled);
    let session = harness.state().session();
    let [a, b] = ColumnId::BOTH.map(|column| session.column(column));
    // The accelerated updates get to the bottom of so small a model before their time.
    assert_eq!(a.status, Status::Ended(Stop::Converged));
    assert_eq!(b.status, Status::Ended(Stop::Converged));
    let [learned, quantised] = [a, b].map(|column| column.snapshot.as_ref().unwrap());
    assert!(
        std::sync::Arc::ptr_eq(&learned.objective, &quantised.objective),
        "both columns share what was learned"
    );
    assert!(quantised.quantising.as_ref().unwrap().sweeps > 50);
    let lost = a.measures.as_ref().unwrap().quality.snr_db.unwrap()
        - b.measures.as_ref().unwrap().quality.snr_db.unwrap();
    assert!(lost < 1.0, "{lost} dB");
    assert!(session.ratios().unwrap().text > 20.0);
    let measured = format!("{:.2}", a.measures.as_ref().unwrap().quality.snr_db.unwrap());
    assert!(harness.query_all_by_label(&measured).count() >= 1, "{measured} is shown");
}

#[test]
fn settings_typed_in_the_controls_are_those_that_run() {
    let mut harness = window(None);
    small(&mut harness);
    harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").type_text(concat!(
        "file://",
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/short.wav"
    ));
    harness.run();
    harness.get_by_label("Load").click();
    harness.run_steps(2);
    wait_until(&mut harness, "both columns", settled);
    for column in ColumnId::BOTH {
        let state = harness.state().session().column(column);
        let spec = state.spec.clone().unwrap();
        assert_eq!((spec.components, spec.lags, spec.iterations), (3, 2, 6));
        assert_eq!(state.snapshot.as_ref().unwrap().objective.len(), 6);
    }
    let seeds =
        ColumnId::BOTH.map(|column| harness.state().session().column(column).spec.clone().unwrap().seed);
    assert_eq!(seeds[0], seeds[1], "same start");
}

#[test]
fn a_column_can_be_paused_resumed_and_cancelled() {
    let mut harness = window(Some("demo:speech"));
    wait_until(&mut harness, "a first snapshot", |app| {
        ColumnId::BOTH.into_iter().all(|column| app.session().column(column).snapshot.is_some())
    });
    // By now a quick column may be done: run again with more to do.
    // Plain updates do not find out that they are at the bottom.
    harness.get_by_label("Updates").click();
    harness.run_steps(20);
    choose(&mut harness, "Kind", "plain");
    assert!(harness.state().session().draft().plain);
    let field = harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations");
    field.click();
    harness.run_steps(2);
    harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations").type_text("100000");
    harness.key_press(egui::Key::Enter);
    harness.run_steps(2);
    harness.key_press(egui::Key::F5);
    harness.run_steps(3);
    let status = |app: &App, column| app.session().column(column).status.clone();
    let both =
        |app: &App, wanted: &Status| ColumnId::BOTH.into_iter().all(|column| status(app, column) == *wanted);
    assert!(both(harness.state(), &Status::Running));
    harness.get_by_label("Pause").click();
    harness.run_steps(3);
    assert!(both(harness.state(), &Status::Paused));
    let at = |app: &App| app.session().column(ColumnId::A).snapshot.as_ref().map_or(0, |s| s.iteration);
    harness.run_steps(3);
    std::thread::sleep(Duration::from_millis(200));
    harness.run_steps(3);
    let held = at(harness.state());
    std::thread::sleep(Duration::from_millis(200));
    harness.run_steps(3);
    assert_eq!(at(harness.state()), held, "nothing moves while paused");
    harness.get_by_label("Resume").click();
    harness.run_steps(3);
    wait_until(&mut harness, "progress after the pause", |app| at(app) > held);
    harness.get_by_label("Cancel").click();
    harness.run_steps(3);
    wait_until(&mut harness, "the end", |app| both(app, &Status::Ended(Stop::Cancelled)));
    assert!(at(harness.state()) > held, "partial factors are kept");
}

#[test]
fn what_is_exported_comes_back_the_same_without_its_sound() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("factors.snmf.gz");
    let answer = Arc::new(Answer { path: path.clone(), asked: Mutex::default() });
    let mut harness =
        window_with(Some("demo:noise-burst"), Arc::clone(&answer) as Arc<dyn Dialogs>, [1440.0, 900.0]);
    harness.run_steps(2);
    wait_until(&mut harness, "both columns", settled);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::Num2);
    harness.run();
    harness.get_by_label("Browse…").click();
    harness.run_steps(2);
    let begun = Instant::now();
    while harness.query_all_by_value(&path.display().to_string()).count() == 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the dialog's answer stands in the field");
        harness.step();
    }
    let PathRequest::Save { name } = answer.asked.lock().unwrap()[0].clone() else { panic!("asked to open") };
    assert_eq!(name, "demo-noise-burst__snmf-rd_R2_T1_s0.snmf.gz");
    harness.get_by_label("Save").click();
    harness.run_steps(2);
    wait_until(&mut harness, "the file", |app| has_message(app, "Exported"));
    let exported = harness.state().session().column(ColumnId::B);
    let (model, sizes) =
        (exported.snapshot.as_ref().unwrap().model.clone(), exported.measures.clone().unwrap().sizes);
    assert_eq!(std::fs::metadata(&path).unwrap().len(), sizes.file_bytes as u64);

    let mut fresh = window(Some(path.to_str().unwrap()));
    fresh.run_steps(2);
    wait_until(&mut fresh, "the import", |app| {
        app.session().is_settled(ColumnId::A) && has_message(app, "Imported")
    });
    let imported = fresh.state().session().column(ColumnId::A);
    assert!(matches!(imported.status, Status::Imported { .. }));
    assert_eq!(imported.snapshot.as_ref().unwrap().model, model);
    let measures = imported.measures.as_ref().unwrap();
    assert_eq!(
        (measures.sizes, measures.quality.snr_db),
        (sizes, None),
        "its own numbers, and no SNR without the sound"
    );
    assert!(matches!(fresh.state().session().input(), InputState::Empty));
}

#[test]
fn bad_files_leave_a_message_and_the_window_up() {
    let folder = tempfile::tempdir().unwrap();
    let garbage = folder.path().join("noise.wav");
    std::fs::write(&garbage, [0x5a; 4096]).unwrap();
    let broken = folder.path().join("broken.snmf.gz");
    std::fs::write(&broken, b"not gzip").unwrap();
    let missing = Path::new("no/such/sound.wav").to_owned();
    let silent = Path::new("tests/fixtures/zeros.wav").to_owned();
    let one = Path::new("tests/fixtures/one-sample.wav").to_owned();
    for (path, words) in [
        (garbage, "noise.wav"),
        (broken, "broken.snmf.gz"),
        (missing, "sound.wav"),
        (silent, "every sample is zero"),
        (one, "too short"),
    ] {
        let mut harness = window(path.to_str());
        wait_until(&mut harness, words, |app| has_message(app, words));
        harness.key_press(egui::Key::M);
        harness.run();
        assert!(harness.query_by_label("0 messages").is_none());
    }
}

#[test]
fn single_letters_are_text_while_typing_and_keys_otherwise() {
    let mut harness = window(None);
    harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").click();
    harness.run();
    harness.key_press(egui::Key::M);
    harness.run();
    assert!(harness.state().view().below.is_none());
    harness.key_press(egui::Key::Escape);
    harness.run();
    harness.key_press(egui::Key::M);
    harness.run();
    assert_eq!(harness.state().view().below, Some(Below::Messages));
    harness.key_press(egui::Key::F1);
    harness.run();
    assert!(harness.query_by_label("zooms in time around the pointer").is_some(), "the list of keys");
}

#[test]
fn every_pane_is_drawn_at_any_size() {
    for size in [[0.0, 0.0], [1.0, 1.0], [300.0, 200.0], [800.0, 560.0], [1024.0, 700.0], [3840.0, 2160.0]] {
        let mut harness = window_with(Some("demo:noise-burst"), Arc::new(NoDialogs), size);
        wait_until(&mut harness, "a model", |app| app.session().column(ColumnId::B).snapshot.is_some());
        harness.key_press(egui::Key::A);
        harness.key_press(egui::Key::D);
        harness.run_steps(3);
        let shapes = harness.output().shapes.clone();
        assert!(!shapes.is_empty(), "{size:?}");
        for primitive in harness.ctx.tessellate(shapes, 1.5) {
            let egui::epaint::Primitive::Mesh(mesh) = &primitive.primitive else { continue };
            assert!(mesh.is_valid(), "{size:?}");
            assert!(mesh.vertices.iter().all(|v| v.pos.x.is_finite() && v.pos.y.is_finite()), "{size:?}");
        }
    }
}

#[test]
fn at_rest_no_frame_is_asked_for() {
    let mut harness = window_with(Some("demo:noise-burst"), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    wait_until(&mut harness, "the sweep", |app| app.session().trace().is_some_and(|t| !t.is_running()));
    // What is on its way arrives.
    for _ in 0..50 {
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    harness.step();
    let delay = harness.output().viewport_output.values().map(|v| v.repaint_delay).min().unwrap();
    assert!(delay >= Duration::from_secs(1), "the next frame is asked for in {delay:?}");
}
