//! The repository tests itself: layers, one egui, and a README that names every flag.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may use.
const LAYERS: [(&str, &[&str]); 7] = [
    ("numeric", &[]),
    ("signal", &["numeric"]),
    ("codec", &["numeric", "signal"]),
    ("engine", &["numeric", "signal", "codec"]),
    ("figure", &["numeric", "signal", "codec", "engine"]),
    ("cli", &["numeric", "signal", "codec", "engine", "figure"]),
    ("ui", &["numeric", "signal", "codec", "engine", "figure"]),
];

/// Crates that one room alone may name.
const KEPT_TO: [(&str, &[&str]); 22] = [
    ("symphonia", &["signal/decode"]),
    ("realfft", &["signal"]),
    ("rubato", &["signal/resample.rs"]),
    ("flate2", &["codec/gzip.rs"]),
    ("zlib_rs", &["codec/gzip.rs"]),
    ("zopfli", &["codec/gzip.rs"]),
    ("npyz", &["codec"]),
    ("faer", &["numeric"]),
    ("pulp", &["numeric"]),
    ("colorous", &["figure/colormap.rs"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("tempfile", &["engine/files.rs"]),
    ("png", &["figure/png.rs"]),
    ("rustix", &["engine/bench.rs"]),
    ("base64", &["engine/session_file/parts.rs"]),
    ("serde_path_to_error", &["engine/session_file/document.rs"]),
    ("sha2", &["signal/audio.rs", "engine/files.rs"]),
    ("rfd", &["ui/dialogs.rs"]),
    ("egui_plot", &["ui"]),
    ("egui", &["ui"]),
    ("eframe", &["ui"]),
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
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
    for (file, code) in code() {
        let Some((room, allowed)) = LAYERS.iter().find(|(room, _)| file.starts_with(&format!("{room}/")))
        else {
            continue;
        };
        for (other, _) in LAYERS.iter().filter(|(other, _)| other != room && !allowed.contains(other)) {
            assert!(!names(&code, "crate::", other), "src/{file} uses crate::{other}");
        }
    }
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
