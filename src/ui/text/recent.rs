//! What was opened before.

pub const MENU: &str = "Recent files";
pub const HEADING: &str = "Opened before";
pub const NONE: &str = "Sounds, streams and sessions that are opened stand here";
pub const UNSAVED_HELP: &str = "A session that was not saved";
pub const DISCARD: &str = "Discard";
pub const DISCARD_HELP: &str = "Remove this session for good";
pub const MISSING: &str = "missing";
pub const MISSING_HELP: &str = "It is not there any more";
pub const REMOVE: &str = "Remove";
pub const REMOVE_HELP: &str = "Take it off this list; the file stays";
pub const CLOSE: &str = "Close";

pub fn unsaved(about: &str) -> String {
    format!("Not saved: {about}")
}

pub fn discard(about: &str) -> String {
    format!("Discard {about}")
}

pub fn remove(name: &str) -> String {
    format!("Remove {name} from the list")
}

/// How long ago that is.
pub fn age(seconds: u64) -> String {
    match seconds {
        0..120 => "just now".to_owned(),
        120..7200 => format!("{} minutes ago", seconds / 60),
        7200..172_800 => format!("{} hours ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
