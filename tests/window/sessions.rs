//! Sessions in the window, by clicks and keys: saved, opened, recovered; what was opened before, and what is missing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::common::{settled, wait_until, wav, window_keeping};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::{ColumnId, InputState};
use snmf_workbench::figure::CascadeOrder;
use snmf_workbench::numeric::Named;
use snmf_workbench::ui::{App, Below, Dialogs, NoDialogs, PathRequest};

const SIZE: [f32; 2] = [1440.0, 900.0];

struct Answer(PathBuf);

/// A file that is let go above the window.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        fs::read(&self.0).map_err(|e| e.to_string())
    }
}

impl Dialogs for Answer {
    fn ask(&self, _: &PathRequest) -> Option<PathBuf> {
        Some(self.0.clone())
    }
}

/// A window without a folder for what outlives it.
fn window(input: Option<&str>) -> Harness<'static, App> {
    window_keeping(None, input, Arc::new(NoDialogs), SIZE)
}

fn keeping(data: &Path, input: Option<&str>) -> Harness<'static, App> {
    window_keeping(Some(data), input, Arc::new(NoDialogs), SIZE)
}

fn has_message(app: &App, words: &str) -> bool {
    app.session().messages().iter().any(|m| m.text.contains(words))
}

/// Two seconds with something in them.
fn sound(folder: &Path) -> String {
    #[allow(clippy::cast_possible_truncation)] // within 16 bits
    let sample = |i: u32| (8000.0 * (f64::from(i * (1 + i / 4000)) * 0.1).sin()) as i16;
    wav(folder, 8000, (0..16_000).map(sample).collect::<Vec<_>>().into_iter())
}

/// Types a path into the question that is open, and saves.
fn answer(harness: &mut Harness<'_, App>, path: &Path) {
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, "File").type_text(&path.display().to_string());
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let file = path.to_owned();
    wait_until(harness, "the saved session", move |app| {
        app.session().file().is_some_and(|(path, _)| path == file) && !app.session().is_changed()
    });
}

fn saved(harness: &mut Harness<'_, App>, path: &Path) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    answer(harness, path);
}

#[test]
fn a_session_that_was_saved_opens_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let wav = sound(folder.path());
    let mut harness = window(Some(&wav));
    wait_until(&mut harness, "both columns", settled);
    // Another view: zoomed, mel, other colours, the list of runs.
    for key in [Key::Equals, Key::A, Key::A, Key::R] {
        harness.key_press(key);
        harness.run();
    }
    let (time, below) = (harness.state().view().time, harness.state().view().below);
    assert_eq!(below, Some(Below::Runs));
    let path = folder.path().join("talk.session.json");
    // A name that says something else is refused, and the question stays open.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    let other = folder.path().join("talk.json").display().to_string();
    harness.get_by_role_and_label(egui::Role::TextInput, "File").type_text(&other);
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label("End the name in .session.json").is_some());
    harness.get_by_role_and_label(egui::Role::TextInput, "File").click();
    answer(&mut harness, &path);
    assert!(!Path::new(&other).exists());
    let runs = harness.state().session().runs().all().len();
    drop(harness);

    let mut harness = window(Some(path.to_str().unwrap()));
    wait_until(&mut harness, "the session", |app| app.session().file().is_some());
    harness.run_steps(3);
    let (session, view) = (harness.state().session(), harness.state().view());
    assert_eq!(session.runs().all().len(), runs);
    assert!(settled(harness.state()) && ColumnId::BOTH.into_iter().all(|column| !session.is_stale(column)));
    assert_eq!((view.time, view.below), (time, below));
    assert_eq!(view.scale.name(), "mel");
    assert!(!session.is_changed());
    // What is changed since is written by one key, without a question.
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    harness.get_by_label("Show run 1 in column B").click();
    harness.run();
    harness.key_press(Key::F5);
    harness.run_steps(2);
    wait_until(&mut harness, "both columns again", settled);
    assert!(harness.state().session().is_changed());
    harness.key_press_modifiers(Modifiers::COMMAND, Key::S);
    harness.run_steps(2);
    wait_until(&mut harness, "the saved session", |app| !app.session().is_changed());
    assert!(fs::metadata(&path).unwrap().modified().unwrap() > before);
}

#[test]
fn a_session_that_is_dropped_is_opened_and_a_bundle_needs_no_sound() {
    let folder = tempfile::tempdir().unwrap();
    let wav = sound(folder.path());
    let mut harness = window(Some(&wav));
    wait_until(&mut harness, "both columns", settled);
    harness.get_by_label("File").click();
    harness.run();
    harness.get_by_label("Save bundle…").click();
    harness.run();
    let path = folder.path().join("talk.bundle.zip");
    answer(&mut harness, &path);
    drop(harness);
    fs::remove_file(wav).unwrap();
    let mut harness = window(None);
    harness.input_mut().dropped_files.push(Arc::new(Dropped(path)));
    harness.run_steps(2);
    wait_until(&mut harness, "the bundle", |app| app.session().file().is_some());
    let session = harness.state().session();
    assert!(session.missing_sounds().is_empty() && matches!(session.input(), InputState::Ready(_)));
    assert_eq!(session.runs().all().len(), 2);
}

#[test]
fn a_sound_that_is_gone_is_located_by_a_click() {
    let folder = tempfile::tempdir().unwrap();
    let wav = sound(folder.path());
    // Its end is missing, which reading reports.
    let bytes = fs::read(&wav).unwrap();
    fs::write(&wav, &bytes[..bytes.len() - 100]).unwrap();
    let mut harness = window(Some(&wav));
    wait_until(&mut harness, "both columns", settled);
    let path = folder.path().join("talk.session.json");
    saved(&mut harness, &path);
    drop(harness);
    let elsewhere = folder.path().join("elsewhere.wav");
    fs::rename(wav, &elsewhere).unwrap();
    let mut harness = window_keeping(None, path.to_str(), Arc::new(Answer(elsewhere)), SIZE);
    wait_until(&mut harness, "the session", |app| app.session().file().is_some());
    // The factors are there, with their numbers, and V is not.
    let column = harness.state().session().column(ColumnId::B);
    assert!(
        column.snapshot.is_some()
            && column.analysis.is_none()
            && column.measures.as_ref().unwrap().quality.snr_db.is_some()
    );
    assert!(harness.query_by_label_contains("100 of them are missing").is_some(), "without the sound too");
    harness.get_by_label("Locate audio…").click();
    harness.run_steps(2);
    wait_until(&mut harness, "the sound", |app| app.session().missing_sounds().is_empty());
    let session = harness.state().session();
    assert!(has_message(harness.state(), "is the sound that its runs were learned from"));
    assert!(session.column(ColumnId::B).analysis.is_some() && !session.is_stale(ColumnId::B));
    assert!(harness.query_by_label("Locate audio…").is_none());
}

#[test]
fn what_was_opened_is_remembered_and_what_is_gone_is_marked() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let wav = sound(folder.path());
    let mut harness = keeping(&data, Some(&wav));
    wait_until(&mut harness, "both columns", settled);
    let path = folder.path().join("talk.session.json");
    saved(&mut harness, &path);
    // How it looks is remembered as well, at once.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::T);
    harness.key_press(Key::A);
    harness.run_steps(3);
    let scale = harness.state().view().scale;
    assert_eq!(harness.ctx.theme(), egui::Theme::Light);
    let file = data.join("window.json");
    wait_until(&mut harness, "what is remembered", |_| {
        let words = ["talk.session.json", "\"log\"", "\"light\""];
        fs::read_to_string(&file).is_ok_and(|text| words.iter().all(|word| text.contains(word)))
    });
    drop(harness);

    fs::remove_file(&wav).unwrap();
    let mut harness = keeping(&data, Some("demo:nothing"));
    // The harness has a theme of its own.
    assert_eq!(harness.state().view().scale, scale);
    wait_until(&mut harness, "a look at the files", |app| {
        app.view().recent.files.iter().any(|file| file.missing)
    });
    let names: Vec<String> =
        harness.state().view().recent.files.iter().map(|f| f.path.display().to_string()).collect();
    assert_eq!(names, [path.display().to_string(), wav.clone()]);
    let name = Path::new(&wav).file_name().unwrap().to_str().unwrap();
    assert!(harness.get_by_label(name).accesskit_node().is_disabled(), "it is not there any more");
    harness.get_by_label(&format!("Remove {name} from the list")).click();
    harness.run_steps(2);
    assert_eq!(harness.state().view().recent.files.len(), 1);
    harness.key_press_modifiers(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::O);
    harness.run_steps(2);
    harness.get_all_by_label("talk.session.json").last().unwrap().click();
    harness.run_steps(2);
    wait_until(&mut harness, "the session", |app| app.session().file().is_some());
    assert_eq!(harness.state().session().runs().all().len(), 2);
}

#[test]
fn what_a_crash_leaves_comes_back_and_new_session_discards_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = keeping(folder.path(), Some("demo:noise-burst"));
    wait_until(&mut harness, "both columns", settled);
    harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Seed").type_text("41");
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert_eq!(harness.state().session().draft().seed, 41);
    let root = folder.path().join("recovery");
    let kept = move |words: &str| {
        let folders = fs::read_dir(&root).unwrap().map(|f| f.unwrap().path().join("session.json"));
        folders.filter_map(|file| fs::read_to_string(file).ok()).any(|text| text.contains(words))
    };
    wait_until(&mut harness, "the session on disk", |_| kept("\"seed\":41"));
    // How it is looked at is kept as well, though no run and no setting changes.
    harness.get_by_label("Bases, histograms").click();
    harness.run();
    harness.get_by_label("by lag").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Region from").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Region from").type_text("2.5");
    harness.key_press(Key::Enter);
    harness.run();
    let region = harness.state().view().region;
    assert!(region.is_some_and(|(start, _)| start == 2.5));
    wait_until(&mut harness, "the region on disk", |_| kept("\"region\":[2.5,") && kept("\"order\":\"lag\""));
    // Dropped without being closed, as by a crash.
    drop(harness);

    let mut harness = keeping(folder.path(), None);
    wait_until(&mut harness, "the session", |app| has_message(app, "Recovered 2 runs of demo:noise-burst"));
    harness.run_steps(2);
    let session = harness.state().session();
    assert_eq!((session.runs().all().len(), session.draft().seed), (2, 41));
    assert!(session.is_changed() && session.column(ColumnId::B).snapshot.is_some());
    let view = harness.state().view();
    assert_eq!((view.region, view.order), (region, CascadeOrder::ByLag));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    harness.run_steps(2);
    assert!(harness.state().session().runs().all().is_empty());
    // Even that can be taken back, until it is discarded for good.
    wait_until(&mut harness, "the session put aside", |app| app.view().recent.unsaved.len() == 1);
    assert!(harness.query_by_label("Not saved: 2 runs of demo:noise-burst").is_some());
    harness.get_by_label("Discard 2 runs of demo:noise-burst").click();
    harness.run_steps(2);
    assert!(harness.state().view().recent.unsaved.is_empty());
    drop(harness);
    let harness = keeping(folder.path(), None);
    assert!(harness.state().view().recent.unsaved.is_empty());
}

#[test]
fn a_session_that_another_one_replaces_can_be_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = keeping(folder.path(), Some("demo:noise-burst"));
    wait_until(&mut harness, "both columns", settled);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::N);
    harness.run_steps(2);
    wait_until(&mut harness, "the session put aside", |app| app.view().recent.unsaved.len() == 1);
    assert!(has_message(harness.state(), "File > Recent files opens it again"));
    harness.get_by_label("Not saved: 2 runs of demo:noise-burst").click();
    harness.run_steps(2);
    wait_until(&mut harness, "the session", |app| app.session().runs().all().len() == 2);
    assert!(settled(harness.state()));
}
