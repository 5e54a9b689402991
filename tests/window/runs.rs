//! The list of runs and what can be taken back, by clicks and keys.

use std::sync::Arc;

use crate::common::{choose, is_chosen, settled, wait_until, window_with};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::settings::framing::Span;
use snmf_workbench::engine::{ColumnId, Measure, Status, Stop};
use snmf_workbench::numeric::{Loss, Metric};
use snmf_workbench::ui::{App, Below, NoDialogs};

/// The window with both columns of a small demo at rest and the list unfolded.
fn ready() -> Harness<'static, App> {
    let mut harness = window_with(Some("demo:noise-burst"), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    harness.key_press(Key::R);
    harness.run();
    assert_eq!(harness.state().view().below, Some(Below::Runs));
    harness
}

fn set(harness: &mut Harness<'_, App>, label: &str, value: &str) {
    harness.get_by_role_and_label(egui::Role::SpinButton, label).scroll_to_me();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, label).click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, label).type_text(value);
    harness.key_press(Key::Enter);
    harness.run();
}

fn undo(harness: &mut Harness<'_, App>, modifiers: Modifiers) {
    harness.key_press_modifiers(Modifiers::COMMAND.plus(modifiers), Key::Z);
    harness.run();
}

fn row<'h>(harness: &'h Harness<'_, App>, number: usize) -> egui_kittest::Node<'h> {
    harness.get_by(move |node| {
        node.label().is_some_and(|l| {
            l.starts_with(&format!("Run {number}  ")) || l.starts_with(&format!("Run \u{2605} {number}  "))
        })
    })
}

#[test]
fn every_run_is_in_the_list_and_goes_into_either_column() {
    let mut harness = ready();
    set(&mut harness, "Components R", "3");
    harness.key_press(Key::F5);
    harness.run_steps(2);
    wait_until(&mut harness, "both columns again", settled);
    assert_eq!(harness.state().session().runs().all().len(), 4);
    harness.get_by_label("Show run 1 in column B").click();
    harness.run();
    let session = harness.state().session();
    assert_eq!(session.column(ColumnId::B).number(), Some(1));
    assert_eq!(session.column(ColumnId::B).snapshot.as_ref().unwrap().model.shape().components, 2);
    // What differs is listed, and nothing else.
    assert!(harness.query_by_label("A and B differ in").is_some());
    let a = session.runs().get(session.column(ColumnId::A).number().unwrap()).unwrap();
    let differences = a.differences(session.runs().get(1).unwrap());
    assert_eq!(differences, [("Components R", "3".to_owned(), "2".to_owned())]);
    assert!(a.differences(a).is_empty());
}

#[test]
fn a_run_is_renamed_pinned_deleted_and_brought_back() {
    let mut harness = ready();
    row(&harness, 1).focus();
    harness.run();
    harness.key_press(Key::F2);
    harness.run();
    harness.run();
    let field = harness.get_by_role_and_label(egui::Role::TextInput, "Name of the run");
    field.type_text(", the first");
    harness.key_press(Key::Enter);
    harness.run();
    let label = |harness: &Harness<'_, App>, number| {
        harness.state().session().runs().get(number).map(|run| run.label().to_owned())
    };
    assert!(label(&harness, 1).unwrap().ends_with(", the first"));
    row(&harness, 1).focus();
    harness.run();
    harness.key_press(Key::Delete);
    harness.run();
    harness.run();
    assert_eq!(label(&harness, 1), None);
    undo(&mut harness, Modifiers::NONE);
    assert!(label(&harness, 1).unwrap().ends_with(", the first"));
    assert_eq!(harness.state().session().runs().all()[0].number, 1, "at its place");
    undo(&mut harness, Modifiers::NONE);
    assert!(!label(&harness, 1).unwrap().ends_with(", the first"));
    undo(&mut harness, Modifiers::SHIFT);
    undo(&mut harness, Modifiers::SHIFT);
    assert_eq!(label(&harness, 1), None, "done again");
    row(&harness, 2).click_secondary();
    harness.run();
    harness.get_by_label("Pin").click();
    harness.run();
    assert!(harness.state().session().runs().get(2).unwrap().pinned);
}

#[test]
fn enter_shows_the_run_that_has_the_focus() {
    let mut harness = ready();
    row(&harness, 1).focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    harness.run();
    assert_eq!(harness.state().session().column(ColumnId::B).number(), Some(1));
    row(&harness, 2).focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::SHIFT, Key::Enter);
    harness.run();
    harness.run();
    assert_eq!(harness.state().session().column(ColumnId::A).number(), Some(2));
}

#[test]
fn settings_are_taken_back_and_a_stale_column_reverts() {
    let mut harness = ready();
    let before = harness.state().session().draft().clone();
    // What follows at once is one step with the settings of the demo.
    std::thread::sleep(std::time::Duration::from_millis(800));
    set(&mut harness, "Seed", "7");
    assert!(harness.state().session().is_stale(ColumnId::A));
    undo(&mut harness, Modifiers::NONE);
    assert_eq!(harness.state().session().draft(), &before);
    assert!(!harness.state().session().is_stale(ColumnId::A));
    undo(&mut harness, Modifiers::SHIFT);
    assert_eq!(harness.state().session().draft().seed, 7);
    std::thread::sleep(std::time::Duration::from_millis(800));
    set(&mut harness, "Iterations", "9");
    assert_eq!(harness.state().session().draft().iterations, 9);
    harness.get_by_label("Revert to B").click();
    harness.run();
    harness.run();
    assert_eq!(harness.state().session().draft(), &before, "both settings of the run");
    for column in ColumnId::BOTH {
        assert!(matches!(harness.state().session().column(column).status, Status::Ended(Stop::Converged)));
        assert!(!harness.state().session().is_stale(column));
    }
    undo(&mut harness, Modifiers::NONE);
    assert_eq!(harness.state().session().draft().iterations, 9);
}

#[test]
fn a_purpose_sets_what_it_stands_for_and_what_differs_is_called_own_settings() {
    let mut harness = ready();
    let settings = |harness: &Harness<'_, App>| {
        let draft = harness.state().session().draft();
        (draft.power, draft.metric, draft.loss)
    };
    assert!(is_chosen(&harness, "What is it for?", "Features"));
    choose(&mut harness, "What is it for?", "Sound");
    assert_eq!(settings(&harness), (0.5, Metric::Snr, Loss::All));
    assert!(is_chosen(&harness, "Metric", "squared error (SNR)"), "what it stands for is shown");
    assert_eq!(harness.state().session().draft().fft, Span::Milliseconds(30));
    assert!(harness.state().session().is_stale(ColumnId::A), "other settings, another run");
    harness.get_by_label("Copy command").scroll_to_me();
    harness.run();
    harness.get_by_label("Copy command").click();
    harness.run();
    let said = harness.state().session().messages().last().unwrap().text.clone();
    assert!(said.contains(" --for sound") && !said.contains("--power") && !said.contains("--fft"), "{said}");
    // Each of them can be changed by itself, and taken back.
    std::thread::sleep(std::time::Duration::from_millis(800));
    set(&mut harness, "Power P", "0.7");
    assert_eq!(settings(&harness).0, 0.7);
    assert!(is_chosen(&harness, "What is it for?", "Own settings"));
    undo(&mut harness, Modifiers::NONE);
    assert!(is_chosen(&harness, "What is it for?", "Sound"));
    choose(&mut harness, "What is it for?", "Poster as published");
    assert_eq!(settings(&harness), (1.0, Metric::Snr, Loss::Snr));
    choose(&mut harness, "Loss counts", "all measures");
    assert!(is_chosen(&harness, "What is it for?", "Own settings"));
    choose(&mut harness, "Metric", "divergence (KLD)");
    assert!(is_chosen(&harness, "What is it for?", "Features"), "named by what is set, however it was set");
    choose(&mut harness, "What is it for?", "Sound");
    harness.get_by_label("Defaults of What is it for?").scroll_to_me();
    harness.run_steps(12);
    harness.get_by_label("Defaults of What is it for?").click();
    harness.run_steps(4);
    assert_eq!(settings(&harness), (1.0, Metric::Kld, Loss::All));
    assert_eq!(harness.state().session().draft().fft, Span::Samples(1024));
}

#[test]
fn the_list_sorts_by_every_measure_and_the_scatter_shows_the_one_that_is_chosen() {
    let mut harness = ready();
    let scatter = |harness: &Harness<'_, App>, words: &str| {
        harness
            .query_by(|node| {
                node.label().is_some_and(|l| l.starts_with("rate-distortion: ") && l.contains(words))
            })
            .is_some()
    };
    assert!(scatter(&harness, "KLD over bytes, lower is better; A KLD "), "what integers are chosen by");
    assert!(harness.query_by_label("up and left is better").is_some());
    choose(&mut harness, "Measure", "SNR (dB)");
    assert_eq!(harness.state().view().measure, Measure::Snr);
    assert!(scatter(&harness, "SNR over bytes, higher is better"));
    for measure in Measure::EACH {
        let label = measure.heading();
        assert!(harness.query_all_by_label(label).count() >= 2, "{label}: in the numbers and in the list");
    }
    let first = |harness: &Harness<'_, App>| {
        let top = |number| row(harness, number).rect().top();
        if top(1) < top(2) { 1 } else { 2 }
    };
    let kld = |number| {
        let session = harness.state().session();
        session.runs().get(number).unwrap().measures.quality.kld.unwrap()
    };
    let best = if kld(1) < kld(2) { 1 } else { 2 };
    let heads = harness.query_all_by_label("KLD");
    let lowest = heads.max_by(|a, b| a.rect().top().total_cmp(&b.rect().top()));
    lowest.unwrap().click();
    harness.run();
    assert_eq!(first(&harness), best, "the best first, which is the lowest");
}

#[test]
fn a_column_says_what_its_run_lost_against_cnmf() {
    let mut harness = window_with(Some("demo:drums"), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    let session = harness.state().session();
    assert!(ColumnId::BOTH.iter().all(|column| session.warnings(*column).is_empty()), "nothing by default");
    choose(&mut harness, "What is it for?", "Poster as published");
    harness.key_press(Key::F5);
    harness.run_steps(3);
    wait_until(&mut harness, "both columns again", settled);
    let session = harness.state().session();
    assert!(session.warnings(ColumnId::A).is_empty(), "CNMF is what it is compared with");
    let warnings: Vec<String> = session.warnings(ColumnId::B).into_iter().map(|w| w.text).collect();
    assert!(warnings.iter().any(|text| text.starts_with("quiet parts are lost: KLD ")), "{warnings:?}");
    let said = |words: &str| {
        harness.query_by(|node| node.value().is_some_and(|text| text.contains(words))).is_some()
    };
    assert!(said("uiet parts are lost"), "in the verdict");
}

#[test]
fn undo_while_typing_is_that_of_the_field() {
    let mut harness = ready();
    set(&mut harness, "Seed", "7");
    harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").scroll_to_me();
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream").click();
    harness.run();
    undo(&mut harness, Modifiers::NONE);
    assert_eq!(harness.state().session().draft().seed, 7);
    assert!(
        !harness
            .get_by_role_and_label(egui::Role::TextInput, "Path of a sound or stream")
            .accesskit_node()
            .is_disabled()
    );
}

fn type_into(harness: &mut Harness<'_, App>, label: &str, text: &str) {
    harness.get_by_role_and_label(egui::Role::TextInput, label).focus();
    harness.run();
    // In the place of what is there.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, label).type_text(text);
    harness.run();
}

#[test]
fn a_grid_fills_the_list_and_repeated_seeds_have_a_mean() {
    let mut harness = ready();
    harness.key_press(Key::F8);
    harness.run();
    type_into(&mut harness, "R", "2, 3");
    type_into(&mut harness, "Seeds", "0-2");
    assert!(harness.query_by_label("12 runs").is_some(), "said before they are run");
    harness.get_by_label("Run the grid").click();
    harness.run_steps(2);
    wait_until(&mut harness, "the grid", |app| app.session().grid().is_some_and(|grid| !grid.is_running()));
    let session = harness.state().session();
    assert_eq!(session.runs().all().len(), 2 + 12);
    let repeated = session.runs().repeated();
    let seeds: Vec<usize> = repeated.iter().map(|group| group.seeds).collect();
    assert_eq!(seeds, [3; 4], "two methods with two sizes each; what ran before the grid counts once");
    // One of the means, from the runs themselves.
    let of_three = |run: &&snmf_workbench::engine::RunRecord| {
        run.spec().is_some_and(|spec| spec.components == 3) && run.label().starts_with("CNMF")
    };
    let values: Vec<f64> =
        session.runs().all().iter().filter(of_three).filter_map(|run| run.measures.quality.snr_db).collect();
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let text = repeated
        .iter()
        .find(|group| group.name == "CNMF R3 T1")
        .and_then(|group| group.of(Measure::Snr))
        .unwrap();
    assert!(
        values.len() == 3 && (text.mean - mean).abs() < 1e-9 && text.deviation > 0.0,
        "{text:?} {values:?}"
    );
    harness.get_by_label("Repeated seeds").click();
    harness.run();
    let row = format!("{:.2} \u{b1} {:.2}", text.mean, text.deviation);
    assert!(harness.query_all_by_label(&row).next().is_some(), "the list has {row}");
    // The new runs are runs like any other.
    harness.get_by_label("Show run 14 in column A").click();
    harness.run();
    assert_eq!(harness.state().session().column(ColumnId::A).number(), Some(14));
}

#[test]
fn a_grid_that_cannot_be_run_says_why_and_one_that_runs_can_be_stopped() {
    let mut harness = ready();
    harness.key_press(Key::F8);
    harness.run();
    type_into(&mut harness, "T", "0");
    assert!(harness.query_by_label("lags: expected 1 to 1000, got 0").is_some());
    harness.get_by_label("Run the grid").click();
    harness.run();
    assert!(harness.state().session().grid().is_none(), "the button does nothing");
    type_into(&mut harness, "T", "1");
    harness.key_press(Key::Escape);
    harness.run();
    set(&mut harness, "Iterations", "100000");
    harness.key_press(Key::F8);
    harness.run();
    type_into(&mut harness, "Seeds", "0-9");
    harness.get_by_label("Run the grid").click();
    harness.run_steps(3);
    assert!(harness.state().session().grid().unwrap().is_running());
    harness.get_by_label("Stop the grid").click();
    harness.run_steps(1);
    wait_until(&mut harness, "the end", |app| !app.session().grid().unwrap().is_running());
    let said = harness.state().session().messages().last().unwrap().text.clone();
    assert!(said.starts_with("Grid ended: "), "{said}");
}
