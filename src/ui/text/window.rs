//! The window as the desktop sees it.

pub const NAME: &str = "snmf";
/// What opens and closes the panels at the sides.
pub const PANELS: [&str; 2] = ["Settings", "Numbers"];

pub const NO_DISPLAY: &str = "there is no display";

pub fn not_opened(reason: &str, input: &str) -> String {
    format!("could not open a window ({reason}); the same job without one: snmf run {input}")
}

pub fn title_loading(name: &str) -> String {
    format!("{NAME} - {name} - loading")
}

pub fn title_failed(name: &str) -> String {
    format!("{NAME} - {name} - not opened")
}

pub fn title(input: &str, a: &str, b: &str) -> String {
    format!("{NAME} - {input} - {a} - {b}")
}

/// A title with the session in front; a changed one is not saved as it is.
pub fn title_of_session(name: &str, changed: bool, title: &str) -> String {
    let rest = title.strip_prefix(NAME).unwrap_or(title);
    format!("{NAME} - {name}{}{rest}", if changed { " (changed)" } else { "" })
}

pub fn title_opening(name: &str) -> String {
    format!("{NAME} - {name} - opening")
}

/// A column in the title; `settled` where its numbers belong to its last iteration.
pub fn column(name: &str, words: &str, settled: bool) -> String {
    format!("{name} {words}{}", if settled { ", measured" } else { "" })
}
