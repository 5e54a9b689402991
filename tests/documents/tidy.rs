//! The repository tests itself: layers without circles, crates in their rooms, one egui, words in one table, licences.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use, as `src/lib.rs` lists them.
fn layers() -> Vec<(String, Vec<String>)> {
    let text = fs::read_to_string("src/lib.rs").unwrap();
    let row = |line: &str| {
        let (room, uses) = line.strip_prefix("//! ")?.split_once("->")?;
        Some((room.trim().to_owned(), uses.split_whitespace().map(str::to_owned).collect()))
    };
    text.lines().filter_map(row).collect()
}

/// Crates that one room alone may name.
const KEPT_TO: [(&str, &[&str]); 32] = [
    ("symphonia", &["signal/decode"]),
    ("realfft", &["signal"]),
    ("rubato", &["signal/resample.rs"]),
    ("flate2", &["codec/gzip.rs"]),
    ("zlib_rs", &["codec/gzip.rs"]),
    ("zopfli", &["codec/gzip.rs"]),
    ("npyz", &["codec/arrays.rs", "codec/npz.rs", "export/npz.rs"]),
    ("zip", &["codec/archive.rs"]),
    ("faer", &["numeric"]),
    ("pulp", &["numeric"]),
    ("colorous", &["figure/colormap.rs"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("tempfile", &["engine/files"]),
    ("png", &["figure/png.rs"]),
    ("resvg", &["figure/output.rs"]),
    ("krilla", &["figure/output.rs"]),
    ("krilla_svg", &["figure/output.rs"]),
    ("skrifa", &["figure/text.rs"]),
    ("hound", &["signal/wav.rs"]),
    ("pulseaudio", &["playback/pulse.rs"]),
    ("cpal", &["playback/device.rs"]),
    ("rustix", &["engine/bench.rs", "engine/files", "engine/run/memory.rs"]),
    ("base64", &["engine/session_file/parts.rs", "figure/svg"]),
    ("serde_path_to_error", &["engine/session_file/document.rs"]),
    ("sha2", &["signal/audio.rs", "engine/files"]),
    ("signal_hook", &["engine/interrupt.rs"]),
    ("ctrlc", &["engine/interrupt.rs"]),
    ("rfd", &["ui/dialogs/native.rs"]),
    ("egui_plot", &["ui"]),
    ("egui", &["ui"]),
    ("eframe", &["ui"]),
];

pub fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file below `src`, with its path from there and its code without comments.
fn code() -> Vec<(String, String)> {
    let mut found = Vec::new();
    sources(Path::new("src"), &mut found);
    assert!(found.len() > 20, "the sources are where this test looks for them");
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
            let name = path.strip_prefix("src").unwrap().to_string_lossy().replace('\\', "/");
            (name, lines.collect::<Vec<_>>().join("\n"))
        })
        .collect()
}

/// Whether `code` names `module::...` or `module;` after this prefix.
fn names(code: &str, prefix: &str, module: &str) -> bool {
    code.match_indices(&format!("{prefix}{module}"))
        .any(|(at, text)| !code[at + text.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn arrows_between_the_layers_only_go_down() {
    let layers = layers();
    for (file, code) in code() {
        let Some((room, allowed)) = layers.iter().find(|(room, _)| file.starts_with(&format!("{room}/")))
        else {
            continue;
        };
        for (other, _) in layers.iter().filter(|(other, _)| other != room && !allowed.contains(other)) {
            assert!(!names(&code, "crate::", other), "src/{file} uses crate::{other}");
        }
    }
}

#[test]
fn the_list_of_layers_holds_each_room_once_above_what_it_uses() {
    let layers = layers();
    let rooms: Vec<&str> = layers.iter().map(|(room, _)| room.as_str()).collect();
    for (i, (room, uses)) in layers.iter().enumerate() {
        let above = |other: &String| rooms[..i].contains(&other.as_str());
        assert!(uses.iter().all(above), "{room} uses {uses:?}: expected rooms that stand above it");
    }
    let mut folders: Vec<String> = fs::read_dir("src")
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    let mut sorted = rooms.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, folders, "the rooms of src/lib.rs and the folders of src");

    let readme = fs::read_to_string("README.md").unwrap();
    let row = |line: &str| {
        let (room, link) = line.strip_prefix("| [")?.split_once("](src/")?;
        link.starts_with(&format!("{room})")).then(|| room.to_owned())
    };
    let text: Vec<String> = readme.lines().filter_map(row).collect();
    assert_eq!(text, rooms, "the rooms of README.md and of src/lib.rs");
}

#[test]
fn a_crate_that_belongs_to_one_room_stays_there() {
    for (file, code) in code() {
        for (name, rooms) in KEPT_TO {
            let at_home = rooms.iter().any(|room| file.starts_with(room));
            let used = code.contains(&format!("use {name}::")) || names(&code, " ", &format!("{name}::"));
            assert!(at_home || !used, "src/{file} uses {name}");
        }
    }
}

#[test]
fn there_is_one_egui() {
    let lock = fs::read_to_string("Cargo.lock").unwrap();
    for name in ["egui", "winit", "emath", "usvg"] {
        let count = lock.lines().filter(|line| *line == format!("name = \"{name}\"")).count();
        assert!(count <= 1, "{count} versions of {name} in Cargo.lock");
    }
    assert!(lock.contains("name = \"egui\""));
}

/// The text between the quotes of every string in `code`, with its escapes as they are written and lines that go on
/// joined.
fn strings(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code.chars().peekable();
    while let Some(c) = rest.next() {
        // A quote as a character is none.
        if c == '\'' && rest.next_if_eq(&'"').is_some() || c != '"' {
            continue;
        }
        let mut text = String::new();
        while let Some(c) = rest.next_if(|c| *c != '"') {
            if c == '\\' && rest.next_if_eq(&'\n').is_some() {
                while rest.next_if(|c| c.is_whitespace()).is_some() {}
            } else {
                text.push(c);
                text.extend((c == '\\').then(|| rest.next()).flatten());
            }
        }
        rest.next();
        found.push(text);
    }
    found
}

/// Whether two words stand side by side in `text`.
fn has_two_words(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    letters.windows(3).any(|w| w[0].is_alphabetic() && w[1] == ' ' && w[2].is_alphabetic())
}

#[test]
fn the_words_of_the_window_stand_in_one_table() {
    let tables = ["ui/actions/table.rs", "ui/actions/state.rs"];
    let mut seen = 0;
    for (file, code) in code().into_iter().filter(|(file, _)| file.starts_with("ui/")) {
        let code = code.split("#[cfg(test)]").next().unwrap();
        let sentences: Vec<String> = strings(code).into_iter().filter(|text| has_two_words(text)).collect();
        if file.starts_with("ui/text/") || tables.contains(&file.as_str()) {
            seen += sentences.len();
        } else {
            assert!(sentences.is_empty(), "src/{file} says {sentences:?}: the place of words is src/ui/text");
        }
    }
    assert!(seen > 100, "the tables hold what the window says: {seen} sentences found");
}

#[test]
fn words_are_found_in_code() {
    let code =
        "let a = ('\"', \"Run both\", r(\"{x} at \\\"it\\\"\"), \"on \\\n    it\", \"{a} {c}\", \"one\");";
    assert_eq!(strings(code), ["Run both", "{x} at \\\"it\\\"", "on it", "{a} {c}", "one"]);
    let two: Vec<bool> = strings(code).iter().map(|text| has_two_words(text)).collect();
    assert_eq!(two, [true, false, true, false, false]);
}

/// The strings of a list in `deny.toml`.
fn policy(section: &str, key: &str) -> Vec<String> {
    let text = fs::read_to_string("deny.toml").unwrap();
    let (_, section) = text.split_once(&format!("[{section}]")).unwrap();
    let (_, list) = section.split_once(&format!("\n{key} = [")).unwrap();
    let list = list.split_once("]\n").unwrap().0;
    let found: Vec<String> = list.split('"').skip(1).step_by(2).map(str::to_owned).collect();
    assert!(!found.is_empty(), "{key} of deny.toml");
    found
}

/// Whether a licence in SPDX's words is one that `allowed` has, by itself or by what it offers.
fn is_allowed(licence: &str, allowed: &[String]) -> bool {
    let words = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = words.split_whitespace().collect();
    let (allows, rest) = either(&words, allowed);
    assert!(rest.is_empty(), "{licence}");
    allows
}

/// `a OR b`, and what is left.
fn either<'a>(words: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    let (mut allows, mut rest) = both(words, allowed);
    while let Some((&"OR", next)) = rest.split_first() {
        let (other, after) = both(next, allowed);
        (allows, rest) = (allows | other, after);
    }
    (allows, rest)
}

/// `a AND b`, and what is left.
fn both<'a>(words: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    let (mut allows, mut rest) = one(words, allowed);
    while let Some((&"AND", next)) = rest.split_first() {
        let (other, after) = one(next, allowed);
        (allows, rest) = (allows & other, after);
    }
    (allows, rest)
}

/// A name, with an exception perhaps, or what stands in brackets.
fn one<'a>(words: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    match words {
        ["(", inner @ ..] => {
            let (allows, rest) = either(inner, allowed);
            (allows, rest.strip_prefix(&[")"]).unwrap())
        }
        // An exception adds permissions.
        [name, "WITH", _, rest @ ..] | [name, rest @ ..] => (allowed.iter().any(|a| a == name), rest),
        [] => (false, words),
    }
}

#[test]
fn licences_are_read_as_they_are_meant() {
    let allowed = ["MIT".to_owned(), "Zlib".to_owned()];
    for (licence, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("GPL-3.0 AND MIT", false),
        ("(GPL-3.0 OR MIT) AND Zlib", true),
        ("(GPL-3.0 OR MIT) AND Apache-2.0", false),
        ("GPL-3.0 AND Zlib OR MIT", true),
        ("MIT WITH LLVM-exception", true),
    ] {
        assert_eq!(is_allowed(licence, &allowed), expected, "{licence}");
    }
}

#[test]
fn what_stands_behind_the_program_keeps_to_the_policy() {
    let lock = fs::read_to_string("Cargo.lock").unwrap();
    let (banned, sources) = (policy("bans", "deny"), policy("sources", "allow-registry"));
    let mut seen = 0;
    for line in lock.lines() {
        if let Some(name) = line.strip_prefix("name = ") {
            assert!(!banned.iter().any(|b| b == name.trim_matches('"')), "{name} is in Cargo.lock");
            seen += 1;
        }
        if let Some(source) = line.strip_prefix("source = ") {
            let source = source.trim_matches('"').trim_start_matches("registry+");
            assert!(sources.iter().any(|s| s == source), "{source} is in Cargo.lock");
        }
    }
    assert!(seen > 100, "{seen} crates in Cargo.lock");

    let allowed = policy("licenses", "allow");
    let platform = ["--filter-platform", "x86_64-unknown-linux-gnu"];
    let text = std::process::Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(platform)
        .output()
        .unwrap();
    assert!(text.status.success(), "{}", String::from_utf8_lossy(&text.stderr));
    let text: serde_json::Value = serde_json::from_slice(&text.stdout).unwrap();
    let packages = text["packages"].as_array().unwrap();
    assert!(packages.len() > 100, "{} packages", packages.len());
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(is_allowed(licence, &allowed), "{}: {licence}", package["name"]);
    }
}
