//! The verdict of B against A, and what a column shows while its next result is on its way.

use std::sync::Arc;

use crate::common::{choose, ready, settled, wait_until, window_with};
use egui::Key;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::codec::{self, Form};
use snmf_workbench::engine::{ColumnId, InputState, Measure, SpecDraft, Status};
use snmf_workbench::numeric::{Loss, Metric};
use snmf_workbench::ui::{App, NoDialogs, PaneId};

/// What a screen reader says of the first part whose name begins so.
fn said(harness: &Harness<'_, App>, start: &str) -> Option<String> {
    let begins = |text: Option<String>| text.is_some_and(|text| text.starts_with(start));
    let node = harness.query_all_by(|node| begins(node.label()) || begins(node.value())).next()?;
    node.accesskit_node().value().or(node.accesskit_node().label())
}

fn type_number(harness: &mut Harness<'_, App>, label: &str, value: &str) {
    harness.get_by_role_and_label(egui::Role::SpinButton, label).scroll_to_me();
    harness.run_steps(12);
    harness.get_by_role_and_label(egui::Role::SpinButton, label).click();
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::Role::SpinButton, label).type_text(value);
    harness.key_press(Key::Enter);
    harness.step();
}

/// Edits that follow one another at once are one.
fn pause() {
    std::thread::sleep(std::time::Duration::from_millis(800));
}

#[test]
fn the_verdict_says_how_much_smaller_b_is_and_what_that_costs() {
    let harness = ready("demo:speech");
    let session = harness.state().session();
    let [a, b] = ColumnId::BOTH.map(|column| session.column(column).measures.clone().unwrap());
    let ratio = a.sizes.file_bytes as f64 / b.sizes.file_bytes as f64;
    assert_eq!(said(&harness, "B against A: "), Some(format!("B against A: {ratio:.1}\u{d7} smaller")));
    let kilobytes = |bytes: usize| format!("{:.1} kB", bytes as f64 / 1000.0);
    assert_eq!(said(&harness, "A CNMF "), Some(format!("A CNMF {}", kilobytes(a.sizes.file_bytes))));
    assert!(said(&harness, "B SNMF").unwrap().ends_with(&kilobytes(b.sizes.file_bytes)));
    let change =
        format!("{:+.1} dB", b.quality.snr_db.unwrap() - a.quality.snr_db.unwrap()).replace('-', "\u{2212}");
    let snr = said(&harness, "SNR, loud parts: ").unwrap();
    assert!(snr.contains(&change), "{snr}");
    let kld = said(&harness, "KLD, quiet parts: ").unwrap();
    assert!(
        kld.contains(&format!("{:.1}\u{d7} larger", b.quality.kld.unwrap() / a.quality.kld.unwrap())),
        "{kld}"
    );
    assert!(said(&harness, "File to file, both gzip").is_some(), "what is divided by what");
    assert!(harness.query_by_label("Measure by KLD").is_none(), "nothing to mend");
}

#[test]
fn what_gave_way_is_named_and_one_click_mends_it() {
    let mut harness = ready("demo:drums");
    choose(&mut harness, "What is it for?", "Poster as published");
    wait_until(&mut harness, "B by the SNR alone", |app| {
        settled(app) && app.session().column(ColumnId::B).spec.as_ref().unwrap().metric == Some(Metric::Snr)
    });
    let line = said(&harness, "\u{25b2} ").unwrap();
    assert!(
        line.to_lowercase().contains("quiet parts are lost") && line.contains("B is empty above "),
        "{line}"
    );
    harness.get_by_label("Measure by KLD").click();
    harness.run_steps(4);
    let draft = harness.state().session().draft();
    assert_eq!((draft.metric, draft.loss), (Metric::Kld, Loss::All));
    wait_until(&mut harness, "B by the divergence", |app| {
        settled(app) && app.session().column(ColumnId::B).spec.as_ref().unwrap().metric == Some(Metric::Kld)
    });
    assert!(said(&harness, "\u{25b2} ").is_none() && harness.query_by_label("Measure by KLD").is_none());
}

#[test]
fn each_target_is_a_run_and_until_it_has_a_result_the_run_before_is_shown() {
    let mut harness = ready("demo:speech");
    let ratio = said(&harness, "B against A: ");
    let number = harness.state().session().column(ColumnId::B).number();
    pause();
    choose(&mut harness, "Target", "loss");
    pause();
    type_number(&mut harness, "Largest loss", "3");
    for _ in 0..200 {
        if harness.state().session().column(ColumnId::B).awaits_result() {
            break;
        }
        harness.step();
    }
    let session = harness.state().session();
    assert!(session.column(ColumnId::B).awaits_result() && !session.column(ColumnId::A).awaits_result());
    harness.step();
    let run = format!("run {}", number.unwrap());
    assert!(said(&harness, "B: the numbers of ").unwrap().contains(&run));
    assert!(harness.query_by_label(&run).is_some(), "the picture says which run it is of");
    assert_eq!(said(&harness, "B against A: "), ratio, "the numbers stay");
    assert!(said(&harness, "Progress of column B: ").is_some());
    wait_until(&mut harness, "the other target", settled);
    assert_ne!(said(&harness, "B against A: "), ratio);
    let names = |harness: &Harness<'_, App>| -> Vec<String> {
        harness.state().session().runs().all().iter().map(|run| run.label().to_owned()).collect()
    };
    let all = names(&harness);
    for target in [" 0.4 dB ", " 3 dB "] {
        let of = |name: &&String| name.contains(target) && name.ends_with(", demo:speech, FFT 1024");
        assert_eq!(all.iter().filter(of).count(), 1, "{target}: {all:?}");
    }
    // A target that was tried is there at once.
    pause();
    type_number(&mut harness, "Largest loss", "0.4");
    harness.run_steps(4);
    assert_eq!(harness.state().session().column(ColumnId::B).number(), number);
    assert_eq!((said(&harness, "B against A: "), names(&harness)), (ratio, all));
}

#[test]
fn a_path_that_cannot_be_read_leaves_what_is_open_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.wav");
    std::fs::write(&broken, [0x5a; 4096]).unwrap();
    let mut harness = ready("demo:noise-burst");
    let draft = harness.state().session().draft().clone();
    let runs = harness.state().session().runs().all().len();
    for path in ["no/such/sound.wav".to_owned(), broken.display().to_string()] {
        let field = |h: &mut Harness<'_, App>| {
            h.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").scroll_to_me();
            h.run_steps(12);
        };
        field(&mut harness);
        harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").click();
        harness.run_steps(4);
        harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
        harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").type_text(&path);
        harness.run_steps(4);
        harness.get_by_label("Load").click();
        harness.run_steps(2);
        let missing = path.clone();
        wait_until(&mut harness, "the message", move |app| {
            let said =
                |text: &str| text.contains(&missing) && text.ends_with("; demo:noise-burst stays open");
            app.session().messages().iter().any(|message| said(&message.text))
        });
        let session = harness.state().session();
        assert!(matches!(session.input(), InputState::Ready(of) if of.name == "demo:noise-burst"));
        assert!(
            settled(harness.state()) && ColumnId::BOTH.into_iter().all(|column| !session.is_stale(column))
        );
        assert_eq!((session.draft(), session.runs().all().len()), (&draft, runs));
    }
}

#[test]
fn points_of_a_sweep_go_with_their_sound_and_the_plot_follows_the_metric() {
    let mut harness = ready("demo:speech");
    wait_until(&mut harness, "points", |app| app.session().trace().is_some_and(|t| !t.points().is_empty()));
    assert!(said(&harness, "rate-distortion: KLD over bytes").is_some());
    assert!(said(&harness, "demo:speech, ").is_some(), "it says of which sound it is");
    type_number(&mut harness, "FFT size", "2048");
    assert_eq!(harness.state().session().draft().fft, 2048.into());
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::P);
    harness.run_steps(4);
    harness.event(egui::Event::Text("demo noise bursts".to_owned()));
    harness.run_steps(4);
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    wait_until(
        &mut harness,
        "the other sound",
        |app| matches!(app.session().input(), InputState::Ready(of) if of.name == "demo:noise-burst"),
    );
    let of_other =
        |app: &App| app.session().trace().is_none_or(|trace| trace.analysis().name == "demo:noise-burst");
    let fft = SpecDraft::default().fft;
    assert_eq!(harness.state().session().draft().fft, fft, "a demo comes with its analysis");
    assert!(of_other(harness.state()) && said(&harness, "demo:speech").is_none());
    wait_until(&mut harness, "both columns", settled);
    assert_eq!(harness.state().view().measure, Measure::Kld);
    choose(&mut harness, "Metric", "squared error (SNR)");
    assert_eq!(harness.state().view().measure, Measure::Snr);
}

#[test]
fn without_b_the_verdict_says_what_to_do_and_is_as_high_as_ever() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.snmf.gz");
    let both = ready("demo:noise-burst");
    let stored = both.state().session().column(ColumnId::A).stored(Form::default()).unwrap();
    std::fs::write(&path, codec::write(&stored)).unwrap();
    let mut alone = window_with(path.to_str(), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut alone, "the stream", |app| {
        app.session().column(ColumnId::A).measures.is_some() && app.session().is_settled(ColumnId::A)
    });
    assert_eq!(said(&alone, "Run B "), Some("Run B to see what integers cost".to_owned()));
    assert_eq!(said(&alone, "B against A: "), Some("B against A: -".to_owned()));
    let top = |harness: &Harness<'_, App>| harness.state().view().rects[&PaneId::Overview].top();
    assert_eq!(top(&alone), top(&both), "nothing below it moves");
}

#[test]
fn a_column_that_failed_says_so_in_the_verdict_and_in_its_column() {
    let zeros = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/zeros.wav");
    let mut harness = window_with(Some(zeros), Arc::new(NoDialogs), [1440.0, 900.0]);
    let failed =
        |app: &App, column: ColumnId| matches!(app.session().column(column).status, Status::Failed { .. });
    wait_until(&mut harness, "the refusal", |app| {
        ColumnId::BOTH.into_iter().all(|column| failed(app, column))
    });
    let line = said(&harness, "A failed: ").unwrap();
    assert!(line.contains("every sample is zero") && line.contains("zeros.wav"), "{line}");
    assert_eq!(said(&harness, "B against A: "), Some("B against A: -".to_owned()), "nothing to compare");
    assert!(said(&harness, "KLD, quiet parts: -").is_some());
    assert_eq!(harness.query_all_by_label("Retry").count(), 2, "a way on in both columns");
    assert!(said(&harness, "A failed: ").is_some() && harness.query_by_label("Measure by KLD").is_none());
    // It is as high as ever, and goes with the next run that ends well.
    let top = harness.state().view().rects[&PaneId::Overview].top();
    let path = "Path of a sound or stream";
    harness.get_by_role_and_label(egui::Role::TextInput, path).click();
    harness.run_steps(4);
    harness.get_by_role_and_label(egui::Role::TextInput, path).type_text("demo:noise-burst");
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    wait_until(&mut harness, "both columns", settled);
    assert!(said(&harness, "A failed: ").is_none() && said(&harness, "File to file, both gzip").is_some());
    assert_eq!(harness.query_all_by_label("Retry").count(), 0);
    assert_eq!(harness.state().view().rects[&PaneId::Overview].top(), top);
}
