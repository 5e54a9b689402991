//! Keys that do actions: which were pressed, and how they are written.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::Action;

/// The actions whose keys were pressed in this frame, of those that `may` be done by a key now. While text is being
/// typed, keys that write are text; and where a control has the focus, the arrows and Space are its own. A pane that has
/// the focus has no use for Space, nor for the arrows that move in time.
pub fn pressed(ctx: &egui::Context, is_pane_focused: bool, may: impl Fn(&Action) -> bool) -> Vec<Action> {
    let typing = ctx.text_edit_focused();
    let focused = ctx.egui_wants_keyboard_input() && !is_pane_focused;
    let taken = |keys: &KeyboardShortcut| {
        let writes = !keys.modifiers.command && !is_function_key(keys.logical_key);
        let arrow = matches!(keys.logical_key, Key::ArrowLeft | Key::ArrowRight | Key::Space);
        let edits = keys.modifiers.command && keys.logical_key == Key::Z;
        (writes || edits) && typing || arrow && focused
    };
    let wanted = |action: &Action| {
        let keys = action.entry().keys;
        keys.is_some_and(|keys| !taken(&keys) && ctx.input_mut(|input| consume(input, keys)))
    };
    // Of two shortcuts of one key the one with more modifiers is the one that was meant.
    let mut all = Action::all();
    all.sort_by_key(|action| action.entry().keys.is_none_or(|keys| !keys.modifiers.shift));
    all.into_iter().filter(may).filter(wanted).collect()
}

/// Plus stands on other keys on other keyboards, with Shift or without.
fn consume(input: &mut egui::InputState, keys: KeyboardShortcut) -> bool {
    input.consume_shortcut(&keys)
        || keys.logical_key == Key::Equals && input.consume_key(Modifiers::NONE, Key::Plus)
}

/// A shortcut as it stands on the keys: "Ctrl+." and not "Ctrl+Period".
pub fn describe_keys(ctx: &egui::Context, keys: KeyboardShortcut) -> String {
    let text = ctx.format_shortcut(&keys);
    let name = keys.logical_key.name();
    let symbol = match keys.logical_key {
        // On the same key, or on one of its own; the shifted one is what people look for.
        Key::Equals => "+",
        Key::Minus => "-",
        Key::Period => ".",
        Key::OpenBracket => "[",
        Key::CloseBracket => "]",
        _ => name,
    };
    text.strip_suffix(name).map_or(text.clone(), |modifiers| format!("{modifiers}{symbol}"))
}

fn is_function_key(key: Key) -> bool {
    let name = key.name();
    name.len() > 1 && name.starts_with('F') && name[1..].chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_keys_are_reported_from_letters() {
        assert!(is_function_key(Key::F1) && is_function_key(Key::F11));
        assert!(!is_function_key(Key::F) && !is_function_key(Key::Backspace));
    }
}
