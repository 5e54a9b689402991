//! Figures and data from the window, by clicks and keys.

use std::fs;
use std::path::Path;

use crate::common::{ready, wait_until};
use egui::{Key, Modifiers, Role};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::ui::App;

fn has_message(app: &App, words: &str) -> bool {
    app.session().messages().iter().any(|message| message.text.contains(words))
}

/// Types a path where one is asked for.
fn answer(harness: &mut Harness<'_, App>, path: &Path) {
    let field = harness.get_by_role_and_label(Role::TextInput, "File");
    field.focus();
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    harness.run();
    harness.get_by_role_and_label(Role::TextInput, "File").type_text(&path.display().to_string());
    harness.run();
}

/// Finds an action by its name.
fn command(harness: &mut Harness<'_, App>, name: &str) {
    harness.key_press_modifiers(Modifiers::COMMAND, Key::P);
    harness.run();
    harness.get_by_label("Find a command").type_text(name);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run_steps(4);
}

/// Steps until a label begins so.
fn wait_for_label(harness: &mut Harness<'_, App>, begin: &str) {
    for attempt in 0..400 {
        harness.step();
        let begins = |text: Option<String>| text.is_some_and(|text| text.starts_with(begin));
        if harness.query_all_by(|node| begins(node.label()) || begins(node.value())).count() > 0 {
            return;
        }
        let all = || harness.query_all_by(|_| true).filter_map(|node| node.value()).collect::<Vec<String>>();
        assert!(attempt < 399, "nothing begins with {begin}: {:?}", all());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[test]
fn a_figure_is_put_together_measured_and_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    harness.run_steps(4);
    wait_for_label(&mut harness, "180 x ");
    // Other panes, another width: the size follows.
    harness.get_by_role_and_label(Role::CheckBox, "Bases W").click();
    harness.get_by_role_and_label(Role::CheckBox, "Table").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::SpinButton, "Width (mm)").click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::SpinButton, "Width (mm)").type_text("120");
    harness.key_press(Key::Enter);
    wait_for_label(&mut harness, "120 x ");
    let path = folder.path().join("figure.gif");
    answer(&mut harness, &path);
    assert!(harness.get_by_label("Save figure").accesskit_node().is_disabled());
    harness.get_by_label("End the name in .pdf, .svg or .png");
    let path = folder.path().join("figure.svg");
    answer(&mut harness, &path);
    harness.get_by_label("Save figure").click();
    harness.run_steps(4);
    wait_until(&mut harness, "the figure", |app| has_message(app, "figure.svg"));
    let svg = fs::read_to_string(&path).unwrap();
    assert!(svg.starts_with("<svg") && svg.contains("width=\"120mm\""), "{}", &svg[..200]);
    for kind in ["pane v\"", "pane vhat\"", "pane h\"", "pane table\""] {
        assert!(svg.contains(kind), "{kind}");
    }
    assert!(!svg.contains("pane w\"") && svg.contains("snmf run demo:noise-burst"));
}

#[test]
fn a_pane_is_written_and_copied() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    command(&mut harness, "Figure of the bases B");
    wait_for_label(&mut harness, "85 x ");
    let path = folder.path().join("bases.pdf");
    answer(&mut harness, &path);
    harness.get_by_label("Save figure").click();
    harness.run_steps(4);
    wait_until(&mut harness, "the pane", |app| has_message(app, "bases.pdf"));
    assert!(fs::read(&path).unwrap().starts_with(b"%PDF-"));
    command(&mut harness, "Copy figure");
    wait_until(&mut harness, "the copy", |app| has_message(app, "Copied: the figure"));
}

#[test]
fn data_and_everything_go_into_archives() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    for (name, file) in [("Export data", "data.zip"), ("Export all", "all.zip")] {
        command(&mut harness, name);
        let path = folder.path().join(file);
        answer(&mut harness, &path);
        harness.get_by_label("Save").click();
        harness.run_steps(4);
        wait_until(&mut harness, file, |app| has_message(app, file));
        let bytes = fs::read(&path).unwrap();
        let holds = |word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
        assert!(bytes.starts_with(b"PK") && holds("manifest.json") && holds("README.txt"), "{file}");
        assert_eq!(holds("figures/grid.pdf"), file == "all.zip");
    }
    // Into a folder that cannot be written: a message, and nothing left.
    command(&mut harness, "Export data");
    answer(&mut harness, &folder.path().join("nowhere/x.zip"));
    harness.get_by_label("Save").click();
    harness.run_steps(4);
    wait_until(&mut harness, "the refusal", |app| has_message(app, "Not exported"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_export_that_is_cancelled_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let mut harness = ready("demo:noise-burst");
    command(&mut harness, "Export all");
    answer(&mut harness, &folder.path().join("all.zip"));
    harness.get_by_label("Save").click();
    wait_for_label(&mut harness, "Cancel export");
    // The bar finds its place in the frame after its first.
    harness.run_steps(2);
    harness.get_by_label("Cancel export").click();
    wait_until(&mut harness, "the end", |app| {
        has_message(app, "Not exported") || has_message(app, "all.zip")
    });
    assert!(
        has_message(harness.state(), "Not exported: cancelled, nothing was left behind"),
        "it ends when it is cancelled: {:?}",
        harness.state().session().messages()
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
