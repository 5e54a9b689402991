//! Components: pointing one out, hearing it alone or not at all, their order, and the lags of the bases.

use crate::common::ready;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, Rect};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::ColumnId;
use snmf_workbench::figure::CascadeOrder;
use snmf_workbench::ui::{App, PaneId};

fn inside(harness: &Harness<'_, App>, pane: PaneId) -> Rect {
    let view = harness.state().view();
    let (rect, size) = (view.rects[&pane], view.plots[&pane]);
    Rect::from_min_size(Pos2::new(rect.right() - size.x, rect.top()), size)
}

/// A click on the plot of a pane, at shares of its width and height.
fn click(harness: &mut Harness<'_, App>, pane: PaneId, x: f32, y: f32) {
    let rect = inside(harness, pane);
    let pos = rect.min + egui::vec2(x * rect.width(), y * rect.height());
    harness.event(Event::PointerMoved(pos));
    harness.run_steps(1);
    for pressed in [true, false] {
        let (button, modifiers) = (PointerButton::Primary, Modifiers::NONE);
        harness.event(Event::PointerButton { pos, button, pressed, modifiers });
        harness.run_steps(1);
    }
    harness.run_steps(2);
}

/// What a pane says of itself to those who do not see it.
fn says(harness: &Harness<'_, App>, pane: PaneId) -> String {
    let start = format!("{}: ", pane.name());
    let node = harness.get_by(move |node| node.label().is_some_and(|label| label.starts_with(&start)));
    node.accesskit_node().label().unwrap()
}

fn selected(harness: &Harness<'_, App>) -> [Option<usize>; 2] {
    ColumnId::BOTH.map(|column| harness.state().view().selection.selected(column))
}

#[test]
fn a_click_points_a_component_out_in_every_pane_of_both_columns() {
    let mut harness = ready("demo:evolving");
    click(&mut harness, PaneId::Cascade(ColumnId::A), 0.75, 0.5);
    let [a, b] = selected(&harness);
    assert_eq!(a, Some(1), "the right half is the second of two components");
    let selection = &harness.state().view().selection;
    assert_eq!(b, selection.partner(ColumnId::A, 1));
    // The noise between the partials is gone from the integers, the partials are not.
    let cosine = selection.cosine(ColumnId::A, 1).unwrap();
    assert!(cosine > 0.5, "quantising has turned the bases: {cosine}");
    for column in ColumnId::BOTH {
        for pane in [PaneId::Cascade(column), PaneId::Activations(column)] {
            assert!(says(&harness, pane).contains("is selected, which belongs to"), "{pane:?}");
        }
    }
    // The keys go on from there, and Escape lets go.
    harness.key_press(Key::ArrowUp);
    harness.run();
    assert_eq!(selected(&harness)[0], Some(0));
    click(&mut harness, PaneId::Activations(ColumnId::B), 0.3, 0.75);
    assert!(selected(&harness)[1].is_some());
    harness.key_press(Key::Escape);
    harness.run();
    assert_eq!(selected(&harness), [None, None]);
}

#[test]
fn solo_and_mute_change_the_reconstruction_that_is_shown() {
    let mut harness = ready("demo:evolving");
    harness.key_press(Key::S);
    harness.run();
    let text = harness.state().session().messages().last().unwrap().text.clone();
    assert!(text.contains("Select a component first"), "{text}");
    click(&mut harness, PaneId::Activations(ColumnId::A), 0.3, 0.25);
    assert_eq!(selected(&harness)[0], Some(0), "the upper half is the first of two components");
    harness.key_press(Key::S);
    harness.run();
    for column in ColumnId::BOTH {
        let words = says(&harness, PaneId::Spectrogram(column));
        assert!(words.contains("reconstruction of 1 of 2 components"), "{words}");
    }
    // The number under the pointer is that of the component alone.
    let model = harness.state().session().column(ColumnId::A).snapshot.as_ref().unwrap().model.clone();
    let shape = model.shape();
    let place = (0..shape.bins * shape.frames).map(|i| (i / shape.frames, i % shape.frames));
    let [alone, all] = [Some(0), None].map(|one: Option<usize>| {
        let heard = move |r: usize| one.is_none_or(|one| one == r);
        place.clone().map(|(m, n)| model.at(m, n, heard)).sum::<f64>()
    });
    assert!(alone > 0.0 && alone < all);
    // Muted too, nothing is left; and the buttons beside the row do the same as the keys.
    harness.key_press_modifiers(Modifiers::SHIFT, Key::S);
    harness.run();
    assert!(says(&harness, PaneId::Spectrogram(ColumnId::A)).contains("of 0 of 2 components"));
    harness.get_by_label("Solo component 1 of A").click();
    harness.run();
    assert!(
        says(&harness, PaneId::Spectrogram(ColumnId::A)).contains("of 1 of 2 components"),
        "mute is left"
    );
    harness.key_press(Key::Num0);
    harness.run();
    assert!(!says(&harness, PaneId::Spectrogram(ColumnId::A)).contains("components"));
}

#[test]
fn the_bases_by_lag_stand_around_the_lag_that_is_chosen() {
    let mut harness = ready("demo:evolving");
    harness.get_by_label("Bases, histograms").click();
    harness.run();
    harness.get_by_label("by lag").click();
    harness.run();
    assert_eq!(harness.state().view().order, CascadeOrder::ByLag);
    let slider = harness.get_by_role_and_label(egui::Role::SpinButton, "lag");
    slider.click();
    harness.run();
    harness.get_by_role_and_label(egui::Role::SpinButton, "lag").type_text("7");
    harness.key_press(Key::Enter);
    harness.run();
    assert_eq!(harness.state().view().selection.lag, 7);
    // What the pointer reads is a component and a lag that there are.
    let rect = inside(&harness, PaneId::Cascade(ColumnId::B));
    let mut seen = 0;
    for x in 0..40 {
        harness
            .event(Event::PointerMoved(rect.min + egui::vec2((x as f32 + 0.5) / 40.0 * rect.width(), 20.0)));
        harness.run_steps(2);
        let Some(cursor) = harness.state().view().pointed.clone() else { continue };
        if let Some(lag) = cursor.text.split("lag ").nth(1) {
            let lag: usize = lag.split(' ').next().unwrap().parse().unwrap();
            let shape =
                harness.state().session().column(ColumnId::B).snapshot.as_ref().unwrap().model.shape();
            assert!(lag < shape.lags && cursor.text.contains("  W "), "{}", cursor.text);
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen} places showed a lag");
}

#[test]
fn the_loudest_first_is_the_order_of_energies_in_both_columns() {
    let mut harness = ready("demo:evolving");
    harness.get_by_label("Bases, histograms").click();
    harness.run();
    harness.get_by_label("loudest first").click();
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    let selection = &harness.state().view().selection;
    let (a, b) = (selection.rows(ColumnId::A, 2), selection.rows(ColumnId::B, 2));
    let energy = &selection.components.energy;
    assert!(energy[0][a[0]] >= energy[0][a[1]], "{energy:?}");
    assert_eq!(
        selection.partner(ColumnId::A, a[0]),
        Some(b[0]),
        "what belongs together stands on one height"
    );
}

#[test]
fn a_residual_says_so_and_keeps_its_sign() {
    let mut harness = ready("demo:evolving");
    harness.key_press(Key::D);
    harness.run();
    for column in ColumnId::BOTH {
        assert!(
            says(&harness, PaneId::Spectrogram(column)).contains("difference of input and reconstruction")
        );
    }
}

#[test]
fn solo_and_mute_stand_beside_the_curves_and_never_on_them() {
    let mut harness = ready("demo:speech");
    for component in 0..10 {
        for (what, column) in
            [("Solo", ColumnId::A), ("Mute", ColumnId::A), ("Solo", ColumnId::B), ("Mute", ColumnId::B)]
        {
            let curves = inside(&harness, PaneId::Activations(column));
            let name = format!("{what} component {} of {}", component + 1, column.name());
            if let Some(button) = harness.query_by_label(&name) {
                let place = button.rect();
                assert!(
                    place.right() <= curves.left() + 0.5 && place.left() > curves.left() - 60.0,
                    "{name}: {place:?} {curves:?}"
                );
            } else {
                // Where rows are low, the pointer brings them out.
                let row = (component as f32 + 0.5) / 10.0;
                let at = curves.lerp_inside(egui::vec2(0.5, row));
                harness.event(Event::PointerMoved(at));
                harness.run_steps(3);
                let place = harness.get_by_label(&name).rect();
                assert!(place.right() <= curves.left() + 0.5, "{name}: {place:?} {curves:?}");
            }
        }
    }
    assert_eq!(selected(&harness), [None, None]);
    harness.event(Event::PointerMoved(
        inside(&harness, PaneId::Activations(ColumnId::A)).lerp_inside(egui::vec2(0.5, 0.15)),
    ));
    harness.run_steps(3);
    harness.get_by_label("Solo component 2 of A").click();
    harness.run_steps(3);
    let selection = &harness.state().view().selection;
    assert!(selection.is_on(ColumnId::A, 1, true), "without being selected first");
    assert_eq!(selected(&harness), [None, None]);
}
