//! The window in a test harness.
#![allow(dead_code)] // each program uses a part of it

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use snmf_workbench::engine::ColumnId;
use snmf_workbench::playback::SilentClock;
use snmf_workbench::ui::{App, Dialogs, Drawing, NoDialogs, Start};

/// The window, opened with `input`; pictures are computed at once, so that a step shows what it says.
pub fn window_with(input: Option<&str>, dialogs: Arc<dyn Dialogs>, size: [f32; 2]) -> Harness<'static, App> {
    window_keeping(None, input, dialogs, size)
}

/// The same, with a folder for what outlives it.
pub fn window_keeping(
    data: Option<&Path>,
    input: Option<&str>,
    dialogs: Arc<dyn Dialogs>,
    size: [f32; 2],
) -> Harness<'static, App> {
    let (data, input) = (data.map(Path::to_owned), input.map(str::to_owned));
    Harness::builder().with_size(size).with_max_steps(64).build_eframe(move |context| {
        let player = Box::new(SilentClock);
        let start = Start { input, threads: 2, drawing: Drawing::AtOnce, dialogs, player, data };
        App::new(&context.egui_ctx, start).unwrap()
    })
}

/// The window with both columns of a demo at rest.
pub fn ready(demo: &str) -> Harness<'static, App> {
    let mut harness = window_with(Some(demo), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    harness
}

/// Steps until `done`, as the frames of a real window would.
pub fn wait_until(harness: &mut Harness<'_, App>, what: &str, done: impl Fn(&App) -> bool) {
    let begun = Instant::now();
    while !done(harness.state()) {
        assert!(begun.elapsed() < Duration::from_mins(3), "waited three minutes for: {what}");
        harness.step();
        std::thread::sleep(Duration::from_millis(5));
    }
    // What runs in the background goes on asking for frames.
    let _ = harness.run_ok();
}

/// Frames in which a list scrolls and opens. What is chosen may start a run, which asks for frames until it ends.
const STEPS: usize = 12;

/// Chooses one of the values of a drop-down list.
pub fn choose(harness: &mut Harness<'_, App>, list: &str, value: &str) {
    harness.get_by_role_and_label(egui::Role::ComboBox, list).scroll_to_me();
    harness.run_steps(STEPS);
    harness.get_by_role_and_label(egui::Role::ComboBox, list).click();
    harness.run_steps(STEPS);
    let options = harness.query_all_by_label(value);
    // The list lies above all else, so that it comes last.
    options.last().unwrap().click();
    harness.run_steps(STEPS);
}

/// Whether a drop-down list shows this value.
pub fn is_chosen(harness: &Harness<'_, App>, list: &str, value: &str) -> bool {
    harness.get_by_role_and_label(egui::Role::ComboBox, list).value().is_some_and(|shown| shown == value)
}

/// Whether both columns have ended and the numbers shown are those of the end.
pub fn settled(app: &App) -> bool {
    ColumnId::BOTH
        .into_iter()
        .all(|column| app.session().column(column).snapshot.is_some() && app.session().is_settled(column))
}

/// Whether the sweep that follows the runs of a demo has ended too.
pub fn at_rest(app: &App) -> bool {
    settled(app) && app.session().trace().is_some_and(|trace| !trace.is_running())
}

/// A WAV file of one channel of 16 bits; its path.
pub fn wav(folder: &Path, rate: u32, samples: impl ExactSizeIterator<Item = i16>) -> String {
    let size = 2 * u32::try_from(samples.len()).unwrap();
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(rate.to_le_bytes());
    bytes.extend((2 * rate).to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(size.to_le_bytes());
    bytes.extend(samples.flat_map(i16::to_le_bytes));
    let path = folder.join(format!("sound-{rate}.wav"));
    std::fs::write(&path, bytes).unwrap();
    path.display().to_string()
}
