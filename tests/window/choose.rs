//! R and T for a budget in the window: asked for, run, and clicked on the map.

use std::sync::Arc;

use crate::common::{settled, wait_until, window_with};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use snmf_workbench::engine::ColumnId;
use snmf_workbench::ui::{App, NoDialogs};

fn opened() -> Harness<'static, App> {
    let mut harness = window_with(Some("demo:noise-burst"), Arc::new(NoDialogs), [1440.0, 900.0]);
    wait_until(&mut harness, "both columns", settled);
    harness.key_press_modifiers(Modifiers::SHIFT, Key::F8);
    harness.run();
    assert!(harness.query_by_label("Search").is_some());
    harness
}

fn type_into(harness: &mut Harness<'_, App>, label: &str, text: &str) {
    harness.get_by_role_and_label(egui::Role::TextInput, label).focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(egui::Role::TextInput, label).type_text(text);
    harness.run();
}

fn search(harness: &mut Harness<'_, App>) {
    harness.get_by_label("Search").click();
    harness.run_steps(2);
    wait_until(harness, "the search", |app| app.session().grid().is_some_and(|grid| !grid.is_running()));
}

/// The place of the map whose name begins so.
fn place<'h>(harness: &'h Harness<'_, App>, name: &'h str) -> egui_kittest::Node<'h> {
    harness.get_by(move |node| {
        node.role() == egui::Role::Button && node.label().is_some_and(|label| label.starts_with(name))
    })
}

#[test]
fn a_click_on_the_map_shows_the_run_in_a_column() {
    let mut harness = opened();
    harness.get_by_label("bytes").click();
    harness.run();
    type_into(&mut harness, "Budget", "400");
    type_into(&mut harness, "Try R", "1, 2");
    type_into(&mut harness, "Try T", "1, 2");
    search(&mut harness);
    let session = harness.state().session();
    assert_eq!(session.grid().unwrap().done().len(), 4);
    assert_eq!(session.runs().all().len(), 2 + 4, "they are runs of the list");
    let said = session.messages().last().unwrap().text.clone();
    assert!(said.starts_with("R and T: R = ") && said.contains(" is the best: "), "{said}");
    let best = session.choice().unwrap().quality();
    let wanted = |components: usize, lags: usize| {
        let session = harness.state().session();
        let mut runs = session.runs().all().iter();
        let run = runs.find(|run| {
            run.spec().is_some_and(|spec| (spec.components, spec.lags) == (components, lags))
                && run.settings().iter().any(|row| row.1 == "at most 400 bytes")
        });
        run.map(|run| (run.number, best.value(&run.measures).unwrap()))
    };
    let ((one, value), (two, _)) = (wanted(2, 1).unwrap(), wanted(1, 2).unwrap());
    // The number in the cell is that of the run.
    let text = if value < 1000.0 { format!(": {value:.2}") } else { format!(": {value:.0}") };
    assert!(
        harness
            .query_by(|node| {
                node.label().is_some_and(|label| label.starts_with("R 2, T 1") && label.ends_with(&text))
            })
            .is_some()
    );
    place(&harness, "R 2, T 1").click();
    harness.run();
    assert_eq!(harness.state().session().column(ColumnId::B).number(), Some(one));
    let shape = harness.state().session().column(ColumnId::B).snapshot.as_ref().unwrap().model.shape();
    assert_eq!((shape.components, shape.lags), (2, 1));
    let at = place(&harness, "R 1, T 2").rect().center();
    harness.hover_at(at);
    for pressed in [true, false] {
        harness.event_modifiers(
            egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::SHIFT,
            },
            Modifiers::SHIFT,
        );
    }
    harness.run();
    assert_eq!(harness.state().session().column(ColumnId::A).number(), Some(two));
    // What the list holds already is not run again.
    type_into(&mut harness, "Try R", "1, 2, 3");
    search(&mut harness);
    let session = harness.state().session();
    assert_eq!(session.grid().unwrap().done().len(), 2);
    assert_eq!(session.runs().all().len(), 2 + 6);
    harness.key_press(Key::Escape);
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    assert!(harness.query_by_label("Search").is_none());
}

#[test]
fn a_budget_that_is_none_says_so_and_one_that_nothing_meets_is_reported() {
    let mut harness = opened();
    type_into(&mut harness, "Budget", "none");
    assert!(harness.query_by_label("budget: expected a number above 0, got none").is_some());
    harness.get_by_label("bytes").click();
    harness.run();
    type_into(&mut harness, "Budget", "9");
    type_into(&mut harness, "Try R", "1, 2");
    type_into(&mut harness, "Try T", "1");
    search(&mut harness);
    let said = harness.state().session().messages().last().unwrap().text.clone();
    assert!(
        said.starts_with("R and T: nothing that was tried fits into 9 bytes; the smallest is R = "),
        "{said}"
    );
    let nearest = harness.query_by(|node| {
        node.label().is_some_and(|l| l.contains("nearest to the budget") && l.contains(": -"))
    });
    assert!(nearest.is_some());
}

#[test]
fn a_search_can_be_stopped() {
    let mut harness = opened();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations").click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "Iterations").type_text("100000");
    harness.key_press(Key::Enter);
    harness.run();
    harness.get_by_label("Search").click();
    harness.run_steps(3);
    assert!(harness.state().session().grid().unwrap().is_running());
    harness.get_by_label("Stop the search").click();
    harness.run_steps(1);
    wait_until(&mut harness, "the end", |app| !app.session().grid().unwrap().is_running());
    let said = harness.state().session().messages().last().unwrap().text.clone();
    assert!(said.starts_with("Search for R and T ended: "), "{said}");
}
