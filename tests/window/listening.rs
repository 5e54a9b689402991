//! Listening in the window: playing, switching, looping, saving, and the blind test.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{ready, settled, wait_until, window_with};
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use snmf_workbench::engine::ColumnId;
use snmf_workbench::playback::{Choice, Output, OutputError, Player};
use snmf_workbench::signal::{ReadOptions, read_file, wav};
use snmf_workbench::ui::{App, Drawing, NoDialogs, PaneId, Start};

/// Steps until `done`; while something plays a window never comes to rest.
fn step_until(harness: &mut Harness<'_, App>, what: &str, done: impl Fn(&Harness<'_, App>) -> bool) {
    let begun = Instant::now();
    while !done(harness) {
        assert!(begun.elapsed() < Duration::from_secs(30), "waited 30 s for: {what}");
        harness.step();
        std::thread::sleep(Duration::from_millis(3));
    }
}

fn press(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(2);
}

fn playhead(harness: &Harness<'_, App>) -> f64 {
    harness.state().view().listen.playhead.unwrap_or(0.0)
}

fn phase(harness: &Harness<'_, App>) -> String {
    let listen = &harness.state().view().listen;
    listen.readiness[listen.choice.index()].clone().unwrap_or_else(|reason| format!("silent: {reason}"))
}

/// Whether a file of that name has been written.
fn exported(app: &App, name: &str) -> bool {
    app.session().messages().iter().any(|m| m.text.starts_with("Exported") && m.text.ends_with(name))
}

/// The inside of the plot of a pane.
fn plot(harness: &Harness<'_, App>, pane: PaneId) -> Rect {
    let view = harness.state().view();
    let rect = view.rects[&pane];
    Rect::from_min_size(Pos2::new(rect.right() - view.plots[&pane].x, rect.top()), view.plots[&pane])
}

fn click(harness: &mut Harness<'_, App>, pos: Pos2) {
    let button = PointerButton::Primary;
    harness.event(Event::PointerMoved(pos));
    harness.run_steps(1);
    for pressed in [true, false] {
        harness.event(Event::PointerButton { pos, button, pressed, modifiers: Modifiers::NONE });
        harness.run_steps(2);
    }
}

#[test]
fn space_plays_and_digits_switch_at_the_same_position() {
    let mut harness = ready("demo:noise-burst");
    assert_eq!(harness.state().view().listen.playhead, None, "nothing was played yet");
    press(&mut harness, Key::Space);
    step_until(&mut harness, "it plays", |h| h.state().view().listen.playing && playhead(h) > 0.1);
    let mut before = playhead(&harness);
    for (key, choice, words) in [
        (Key::Num2, Choice::A, "mixture"),
        (Key::Num3, Choice::B, "mixture"),
        (Key::Num1, Choice::Original, "that of the sound itself"),
    ] {
        press(&mut harness, key);
        assert_eq!(harness.state().view().listen.choice, choice);
        step_until(&mut harness, "its phase is named", |h| phase(h) == words);
        let now = playhead(&harness);
        assert!(now >= before && now < before + 5.0, "{before} {now}");
        before = now;
    }
    assert!(harness.query_by_label_contains("Phase: that of the sound itself").is_some());
    harness.get_by_label("Hold").click();
    step_until(&mut harness, "it holds", |h| !h.state().view().listen.playing);
    // What was on its way to the ear is heard to its end.
    std::thread::sleep(Duration::from_millis(300));
    harness.run();
    let held = playhead(&harness);
    std::thread::sleep(Duration::from_millis(100));
    harness.run();
    assert_eq!(playhead(&harness), held, "and the window is at rest");
}

#[test]
fn a_click_goes_there_and_a_drag_with_alt_follows() {
    let mut harness = ready("demo:noise-burst");
    let seconds = harness.state().view().listen.seconds;
    assert!((seconds - 14.0).abs() < 0.1, "{seconds}");
    let pane = plot(&harness, PaneId::Spectrogram(ColumnId::A));
    let (from, to) = harness.state().view().time;
    let at = |share: f64| from + share * (to - from);
    click(&mut harness, pane.lerp_inside(egui::vec2(0.25, 0.5)));
    harness.run_steps(3);
    assert!((playhead(&harness) - at(0.25)).abs() < 0.1, "{}", playhead(&harness));
    let (a, b) = (pane.lerp_inside(egui::vec2(0.3, 0.5)), pane.lerp_inside(egui::vec2(0.6, 0.5)));
    let alt = Modifiers::ALT;
    let button = PointerButton::Primary;
    harness.event_modifiers(Event::PointerMoved(a), alt);
    harness.run_steps(1);
    harness.event_modifiers(Event::PointerButton { pos: a, button, pressed: true, modifiers: alt }, alt);
    for step in 1..=4 {
        harness.event_modifiers(Event::PointerMoved(a + (b - a) * (step as f32 / 4.0)), alt);
        harness.run_steps(1);
    }
    harness.event_modifiers(Event::PointerButton { pos: b, button, pressed: false, modifiers: alt }, alt);
    harness.run_steps(3);
    assert!((playhead(&harness) - at(0.6)).abs() < 0.1, "{}", playhead(&harness));
    assert_eq!(harness.state().view().time, (from, to), "the view stays");
    // The line in the bar.
    let line = harness.get_by_label("Position").rect();
    click(&mut harness, line.lerp_inside(egui::vec2(0.5, 0.5)));
    harness.run_steps(3);
    assert!((playhead(&harness) - 0.5 * seconds).abs() < 0.1, "{}", playhead(&harness));
}

#[test]
fn a_loop_plays_the_region() {
    let mut harness = ready("demo:noise-burst");
    let pane = plot(&harness, PaneId::Overview);
    let (a, b) = (pane.lerp_inside(egui::vec2(0.5, 0.5)), pane.lerp_inside(egui::vec2(0.53, 0.5)));
    let (control, button) = (Modifiers::COMMAND, PointerButton::Primary);
    harness.event_modifiers(Event::PointerMoved(a), control);
    harness.run_steps(1);
    harness
        .event_modifiers(Event::PointerButton { pos: a, button, pressed: true, modifiers: control }, control);
    harness.run_steps(1);
    harness.event_modifiers(Event::PointerMoved(b), control);
    harness.run_steps(1);
    harness.event_modifiers(
        Event::PointerButton { pos: b, button, pressed: false, modifiers: control },
        control,
    );
    harness.run();
    let (start, end) = harness.state().view().region.unwrap();
    assert!(end - start < 1.0, "{start} {end}");
    harness.get_by_label("Loop").click();
    harness.run();
    press(&mut harness, Key::Space);
    let begun = Instant::now();
    let mut rounds = 0;
    let mut before = 0.0;
    while begun.elapsed() < Duration::from_millis(1500) {
        harness.step();
        let now = playhead(&harness);
        if harness.state().view().listen.playing && before > 0.0 {
            assert!(now >= start - 0.01 && now <= end + 0.1, "{now} is in {start} to {end}");
            rounds += usize::from(now < before);
        }
        before = now;
    }
    assert!(rounds >= 1, "it came back to the begin");
}

/// Finds a way to save a sound and types where to.
fn ask_to_save(harness: &mut Harness<'_, App>, name: &str, path: &Path) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run_steps(3);
    harness.event(Event::Text(name.to_owned()));
    harness.run_steps(3);
    press(harness, Key::Enter);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(path.display().to_string()));
    harness.run_steps(3);
}

#[test]
fn components_are_heard_by_a_mask_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    press(&mut harness, Key::Num4);
    assert!(phase(&harness).contains("no component is selected"), "{}", phase(&harness));
    let rows = plot(&harness, PaneId::Activations(ColumnId::A));
    click(&mut harness, rows.lerp_inside(egui::vec2(0.3, 0.25)));
    harness.run();
    assert_eq!(phase(&harness), "mixture, soft mask with exponent 2");
    assert!(harness.query_by_label("4 A, component 1").is_some());
    let save = |harness: &mut Harness<'_, App>, name: &str, file: &str| {
        let path = folder.path().join(file);
        ask_to_save(harness, name, &path);
        harness.get_by_label("Save").click();
        wait_until(harness, "the file", |app| exported(app, file));
        read_file(&path, &ReadOptions::default()).unwrap().samples
    };
    let one = save(&mut harness, "Component as WAV", "one.wav");
    let text = harness.state().session().messages().iter().any(|m| m.text.contains("soft mask"));
    assert!(text, "the phase is named where sound is saved");
    let original = save(&mut harness, "Original as WAV", "original.wav");
    let model = save(&mut harness, "Sound of B as WAV", "b.wav");
    assert!(one.len() == original.len() && model.len() == original.len());
    assert!(one != original && model != original);
    let energy = |x: &[f32]| x.iter().map(|x| f64::from(x * x)).sum::<f64>();
    assert!(energy(&one) < energy(&original) && energy(&model) > 0.5 * energy(&original));
}

#[test]
fn a_blind_test_counts_answers_and_keeps_its_secret() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    harness.get_by_label("Blind test…").click();
    harness.run_steps(3);
    assert!(harness.query_by_label_contains("No answers yet").is_some());
    harness.get_by_label("Hear X").click();
    step_until(&mut harness, "it plays", |h| h.state().view().listen.playing);
    assert!(harness.query_by_label_contains("what plays is not shown").is_some());
    let choice = harness.state().view().listen.choice;
    press(&mut harness, Key::Num2);
    assert_eq!(harness.state().view().listen.choice, choice, "keys reveal nothing");
    for i in 0..4 {
        harness.get_by_label(if i % 2 == 0 { "X is original" } else { "X is B" }).click();
        harness.run_steps(3);
    }
    assert!(harness.query_by_label_contains("of 4 right; by guessing p = ").is_some());
    press(&mut harness, Key::Space);
    step_until(&mut harness, "it holds", |h| !h.state().view().listen.playing);
    let path = folder.path().join("answers.csv");
    harness.get_by_label("Save the answers…").click();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(path.display().to_string()));
    harness.run();
    harness.get_by_label("Save").click();
    wait_until(&mut harness, "the file", |app| exported(app, "answers.csv"));
    let csv = std::fs::read_to_string(&path).unwrap();
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(csv.starts_with("trial,first,second,x,answer,") && csv.contains("\n4,original,B,"), "{csv}");
}

#[test]
fn a_stream_alone_is_heard_by_a_search_for_phases() {
    let folder = tempfile::tempdir().unwrap();
    let stream = stream(folder.path());
    let mut harness = window_with(Some(&stream), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "the stream", settled_a);
    assert!(phase(&harness).contains("no sound is open"), "{}", phase(&harness));
    press(&mut harness, Key::Num2);
    assert_eq!(phase(&harness), "Griffin-Lim, 100 iterations, seed 0");
    press(&mut harness, Key::Space);
    step_until(&mut harness, "it plays", |h| playhead(h) > 0.05);
}

/// Opens the menu behind the phase and types a value into a field of it.
fn make(harness: &mut Harness<'_, App>, field: &str, value: &str) {
    let silent = harness.query_by_label_contains("Silent: ").is_some();
    harness.get_by_label_contains(if silent { "Silent: " } else { "Phase: " }).click();
    harness.run_steps(3);
    harness.get_by_role_and_label(egui::Role::SpinButton, field).click();
    harness.run_steps(3);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.event(Event::Text(value.to_owned()));
    harness.run_steps(2);
    press(harness, Key::Enter);
    press(harness, Key::Escape);
}

#[test]
fn a_search_for_phases_shows_how_far_it_is_and_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let stream = stream(folder.path());
    let mut harness = window_with(Some(&stream), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "the stream", settled_a);
    press(&mut harness, Key::Num2);
    make(&mut harness, "Search iterations", "10000");
    make(&mut harness, "Search seed", "7");
    assert_eq!(phase(&harness), "Griffin-Lim, 10000 iterations, seed 7");
    let searching = |h: &Harness<'_, App>| h.state().view().listen.searching;
    press(&mut harness, Key::Space);
    step_until(&mut harness, "it searches", |h| {
        searching(h).is_some_and(|(done, of)| done > 2 && of == 10_000)
    });
    assert!(harness.query_by_label_contains("Searching for phases: ").is_some());
    harness.get_by_label("Stop search").click();
    let held = |h: &Harness<'_, App>| searching(h).is_none() && !h.state().view().listen.playing;
    step_until(&mut harness, "it has ended, and holds", held);
    assert!(phase(&harness).contains("the search for phases was ended"), "{}", phase(&harness));
    // Play begins it again.
    press(&mut harness, Key::Space);
    step_until(&mut harness, "it searches again", |h| searching(h).is_some());
    harness.get_by_label("Stop search").click();
    step_until(&mut harness, "it has ended again", held);
    // Saving is by the search that is chosen, too.
    ask_to_save(&mut harness, "Sound of A as WAV", &folder.path().join("never.wav"));
    harness.get_by_label("Save").click();
    step_until(&mut harness, "a bar", |h| h.query_by_label("Cancel export").is_some());
    // The bar finds its place in the frame after its first.
    harness.run_steps(2);
    harness.get_by_label("Cancel export").click();
    let cancelled = "Not exported: cancelled, nothing was left behind";
    step_until(&mut harness, "its end", |h| {
        h.state().session().messages().iter().any(|m| m.text == cancelled)
    });
    assert!(!folder.path().join("never.wav").exists());
    make(&mut harness, "Search iterations", "3");
    press(&mut harness, Key::Space);
    let wanted = "Griffin-Lim, 3 iterations, seed 7";
    step_until(&mut harness, "it is heard", |h| searching(h).is_none() && phase(h) == wanted);
    // What can be heard no more is silent: its only two components are muted.
    for r in [0.2, 0.7] {
        let rows = plot(&harness, PaneId::Activations(ColumnId::A));
        click(&mut harness, rows.lerp_inside(egui::vec2(0.3, r)));
        harness.key_press_modifiers(Modifiers::SHIFT, Key::S);
        harness.run_steps(3);
    }
    assert!(phase(&harness).contains("all components of column A are muted"), "{}", phase(&harness));
}

#[test]
fn a_mask_of_another_exponent_is_another_sound_and_phases_are_searched_for_on_wish() {
    let mut harness = ready("demo:noise-burst");
    let rows = plot(&harness, PaneId::Activations(ColumnId::A));
    click(&mut harness, rows.lerp_inside(egui::vec2(0.3, 0.25)));
    press(&mut harness, Key::Num4);
    make(&mut harness, "Mask exponent", "1");
    assert_eq!(phase(&harness), "mixture, soft mask with exponent 1");
    harness.get_by_label_contains("Phase: ").click();
    harness.run_steps(3);
    harness.get_by_label("searched for").click();
    harness.run_steps(3);
    assert_eq!(phase(&harness), "Griffin-Lim, 100 iterations, seed 0");
    // The first is that of the settings.
    harness.get_all_by_label("Defaults").last().unwrap().click();
    harness.run_steps(3);
    assert_eq!(phase(&harness), "mixture, soft mask with exponent 2");
}

#[test]
fn sound_is_saved_as_integers_and_what_is_clipped_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (loud, path) = (folder.path().join("loud.wav"), folder.path().join("a.wav"));
    // Every fourth sample is beyond what integers hold.
    let samples: Vec<f32> = (0..8000).map(|i: u16| if i.is_multiple_of(4) { 1.5 } else { -0.5 }).collect();
    std::fs::write(&loud, wav::write(&samples, 8000, wav::WavFormat::F32).unwrap()).unwrap();
    let input = loud.display().to_string();
    let mut harness = window_with(Some(&input), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    ask_to_save(&mut harness, "Original as WAV", &path);
    harness.get_by_role_and_label(egui::Role::ComboBox, "Samples").click();
    harness.run();
    harness.get_by_label("16-bit integers").click();
    harness.run();
    harness.get_by_label("Save").click();
    wait_until(&mut harness, "the file", |app| exported(app, "a.wav"));
    let has_message =
        |words: &str| harness.state().session().messages().iter().any(|m| m.text.contains(words));
    assert!(has_message("Phase of the sound that is written: that of the sound itself"));
    assert!(has_message("2000 of 8000 samples clipped: 32-bit float keeps them"));
    let reader = hound::WavReader::open(&path).unwrap();
    assert_eq!((reader.spec().bits_per_sample, reader.spec().sample_rate), (16, 8000));
    assert_eq!(reader.spec().sample_format, hound::SampleFormat::Int);
    let first: Vec<i16> = reader.into_samples().take(2).map(Result::unwrap).collect();
    assert_eq!(first, [i16::MAX, -16_384]);
}

fn settled_a(app: &App) -> bool {
    let column = ColumnId::A;
    app.session().column(column).snapshot.is_some() && app.session().is_settled(column)
}

/// A factor stream of a small run, written by the program itself.
fn stream(folder: &Path) -> String {
    let words = ["run", "demo:speech", "-r", "2", "-t", "1", "-i", "5", "--method", "cnmf", "--out", "."];
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_snmf"));
    assert!(program.args(words).current_dir(folder).output().unwrap().status.success());
    folder.join("demo-speech__cnmf_R2_T1_s0.snmf.gz").display().to_string()
}

/// A player that is not there.
struct Absent;

impl Player for Absent {
    fn name(&self) -> &'static str {
        "absent"
    }

    fn open(&mut self, _: u32) -> Result<Box<dyn Output>, OutputError> {
        Err(OutputError::Absent { reason: "nobody answers".to_owned(), place: "here".to_owned() })
    }
}

#[test]
fn without_a_server_the_bar_says_why_and_the_cursor_moves() {
    let mut harness =
        Harness::builder().with_size([1440.0, 900.0]).with_max_steps(64).build_eframe(|context| {
            let start = Start {
                input: Some("demo:noise-burst".to_owned()),
                threads: 2,
                drawing: Drawing::AtOnce,
                dialogs: Arc::new(NoDialogs),
                player: Box::new(Absent),
                data: None,
            };
            App::new(&context.egui_ctx, start).unwrap()
        });
    wait_until(&mut harness, "both columns", settled);
    press(&mut harness, Key::Space);
    step_until(&mut harness, "the cursor moves", |h| playhead(h) > 0.1);
    assert!(harness.query_by_label_contains("No sound: no sound server (nobody answers): here").is_some());
}
