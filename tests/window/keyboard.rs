//! Keys: no one is dead, none leaks through a dialog, and what has the focus is seen.

use crate::common::{ready, wait_until};
use egui::epaint::ClippedShape;
use egui::{Key, Modifiers, Rect, Shape};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use snmf_workbench::engine::ColumnId;
use snmf_workbench::playback::Choice;
use snmf_workbench::ui::{App, Below, PaneId};

fn press(harness: &mut Harness<'_, App>, key: Key) {
    harness.key_press(key);
    harness.run_steps(2);
}

/// The inside of the plot of a pane.
fn plot(harness: &Harness<'_, App>, pane: PaneId) -> Rect {
    let view = harness.state().view();
    let (rect, size) = (view.rects[&pane], view.plots[&pane]);
    Rect::from_min_size(egui::pos2(rect.right() - size.x, rect.top()), size)
}

fn click(harness: &mut Harness<'_, App>, pos: egui::Pos2) {
    let (button, modifiers) = (egui::PointerButton::Primary, Modifiers::NONE);
    harness.event(egui::Event::PointerMoved(pos));
    harness.run_steps(1);
    for pressed in [true, false] {
        harness.event(egui::Event::PointerButton { pos, button, pressed, modifiers });
        harness.run_steps(2);
    }
}

/// Steps until it plays, or holds.
fn wait_to(harness: &mut Harness<'_, App>, playing: bool) {
    wait_until(harness, "play or hold", |app| app.view().listen.playing == playing);
}

#[test]
fn a_click_on_a_component_takes_no_key_away() {
    for pane in [PaneId::Cascade, PaneId::Activations] {
        let mut harness = ready("demo:noise-burst");
        let place = plot(&harness, pane(ColumnId::A)).lerp_inside(egui::vec2(0.3, 0.3));
        click(&mut harness, place);
        assert!(harness.state().view().selection.selected(ColumnId::A).is_some(), "a component is selected");
        press(&mut harness, Key::Num4);
        press(&mut harness, Key::Space);
        wait_to(&mut harness, true);
        assert_eq!(harness.state().view().listen.choice, Choice::Selection);
        press(&mut harness, Key::Space);
        wait_to(&mut harness, false);
        // The arrows move in time, and do not lead the focus to another pane.
        press(&mut harness, Key::Equals);
        let before = harness.state().view().time;
        press(&mut harness, Key::ArrowRight);
        assert!(harness.state().view().time.0 > before.0, "{before:?} {:?}", harness.state().view().time);
        press(&mut harness, Key::Space);
        wait_to(&mut harness, true);
    }
}

#[test]
fn keys_of_the_window_do_nothing_while_a_dialog_is_open() {
    let mut harness = ready("demo:noise-burst");
    let menus = [
        (Key::F1, Modifiers::NONE),
        (Key::F8, Modifiers::NONE),
        (Key::F8, Modifiers::SHIFT),
        (Key::P, Modifiers::COMMAND),
        (Key::E, Modifiers::COMMAND),
        (Key::Num1, Modifiers::COMMAND),
        (Key::O, Modifiers::COMMAND.plus(Modifiers::SHIFT)),
    ];
    for (key, modifiers) in menus {
        harness.key_press_modifiers(modifiers, key);
        harness.run_steps(6);
        let runs = harness.state().session().runs().all().len();
        let (time, scale) = (harness.state().view().time, harness.state().view().scale);
        for other in [Key::M, Key::R, Key::A, Key::Equals, Key::F5, Key::F7, Key::Space] {
            press(&mut harness, other);
            let (view, session) = (harness.state().view(), harness.state().session());
            assert!(view.below.is_none() && !view.listen.playing, "{other:?} below {key:?}");
            assert_eq!((view.time, view.scale), (time, scale), "{other:?} below {key:?}");
            assert!(ColumnId::BOTH.into_iter().all(|column| !session.column(column).status.is_active()));
            assert_eq!(session.runs().all().len(), runs);
        }
        // Twice: the first may leave a field.
        for _ in 0..2 {
            harness.key_press(Key::Escape);
            harness.run_steps(6);
        }
        press(&mut harness, Key::M);
        assert_eq!(harness.state().view().below, Some(Below::Messages), "after {key:?}");
        press(&mut harness, Key::M);
    }
}

#[test]
fn tab_begins_at_the_top_and_what_it_reaches_has_a_ring_around_it() {
    let mut harness = ready("demo:noise-burst");
    let focused = |harness: &Harness<'_, App>| {
        let id = harness.ctx.memory(egui::Memory::focused)?;
        Some(harness.ctx.read_response(id)?.rect)
    };
    let fills = |harness: &Harness<'_, App>, place: Rect| -> Vec<egui::Color32> {
        let shapes = harness.output().shapes.iter();
        let fill = |shape: &ClippedShape| match &shape.shape {
            Shape::Rect(rect)
                if rect.rect.expand(2.0).contains_rect(place)
                    && place.expand(2.0).contains_rect(rect.rect) =>
            {
                Some(rect.fill)
            }
            _ => None,
        };
        shapes.filter_map(fill).collect()
    };
    let mut before = 0.0;
    for step in 0..40 {
        harness.key_press(Key::Tab);
        harness.run();
        let Some(place) = focused(&harness) else { continue };
        assert!(step > 0 || place.bottom() < 40.0, "the first is at the top: {place:?}");
        assert!(place.center().y >= before - 400.0 || before > 800.0, "from the top down: {place:?}");
        before = place.center().y;
    }
    let fit = harness.get_by_role_and_label(egui::Role::Button, "Fit").rect();
    let at_rest = fills(&harness, fit);
    harness.get_by_role_and_label(egui::Role::Button, "Fit").focus();
    harness.run();
    assert_eq!(focused(&harness), Some(fit));
    assert_eq!(fills(&harness, fit), at_rest, "the fill stays");
    let is_ring = |shape: &ClippedShape| {
        matches!(&shape.shape, Shape::Rect(ring)
        if ring.fill.a() == 0 && ring.stroke.width > 1.0 && ring.rect.contains_rect(fit.expand(2.0)) && ring.rect.width() < fit.width() + 12.0)
    };
    assert!(harness.output().shapes.iter().any(is_ring), "a ring outside");
}

#[test]
fn a_list_opened_by_a_key_closes_with_return() {
    let mut harness = ready("demo:noise-burst");
    let list = |harness: &Harness<'_, App>| harness.query_by_label("blackman").is_some();
    harness.get_by_role_and_label(egui::Role::ComboBox, "Window").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(list(&harness), "it opens");
    harness.get_by_label("blackman").focus();
    harness.run();
    harness.key_press(Key::Enter);
    harness.run_steps(6);
    assert!(!egui::Popup::is_any_open(&harness.ctx), "it is closed");
    let shown = harness.get_by_role_and_label(egui::Role::ComboBox, "Window").accesskit_node().value();
    assert_eq!(shown.as_deref(), Some("blackman"));
}
