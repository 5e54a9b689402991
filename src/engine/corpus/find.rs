//! What names the sounds of a corpus: a folder, a list, a table, a plan, or sounds by name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::error::CorpusError;
use super::inputs::Sounds;
use super::store::Corpus;
use crate::engine::files::text_of;

/// What the names of sounds end in. A folder holds other files too; a list may name any.
const ENDINGS: [&str; 24] = [
    "wav", "wave", "w64", "rf64", "bw64", "aif", "aiff", "aifc", "caf", "flac", "mp3", "ogg", "oga", "m4a",
    "m4b", "mp4", "mov", "3gp", "aac", "adts", "mka", "mkv", "webm", "npz",
];

impl Sounds {
    /// The sounds that one folder (with all below it, sorted), one list `.txt`, one table `.csv` or the folder of one plan
    /// names; or these sounds, and those in these folders. Paths in a list or a table start from its folder.
    ///
    /// # Errors
    /// A file or folder that cannot be read, a table without a column `path`, or no sound at all.
    pub fn find(given: &[PathBuf]) -> Result<Self, CorpusError> {
        let mut root = PathBuf::from(".");
        let mut words = match given {
            [run] if Corpus::is_in(run) => return Ok(Corpus::open(run)?.all_sounds()),
            [folder] if folder.is_dir() => {
                root.clone_from(folder);
                let found = listed(folder)?;
                found.iter().map(|path| text_of(path.strip_prefix(folder).unwrap_or(path))).collect()
            }
            [list] if ends_in(list, &["txt", "csv"]) => {
                root = list.parent().map_or(root, Path::to_owned);
                let text = fs::read_to_string(list).map_err(CorpusError::reading(list))?;
                if ends_in(list, &["csv"]) {
                    column(&text).ok_or_else(|| CorpusError::NoColumn { path: list.clone() })?
                } else {
                    text.lines().map(|line| line.trim().to_owned()).collect()
                }
            }
            several => {
                let mut words = Vec::new();
                for path in several {
                    let found = if path.is_dir() { listed(path)? } else { vec![path.clone()] };
                    words.extend(found.iter().map(|path| text_of(path)));
                }
                words
            }
        };
        let mut seen = BTreeSet::new();
        words.retain(|word| !word.is_empty() && seen.insert(word.clone()));
        if words.is_empty() {
            return Err(CorpusError::NoSounds { path: given.first().cloned().unwrap_or_default() });
        }
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        let root = fs::canonicalize(&root).map_err(CorpusError::reading(&root))?;
        Ok(Self { root, words })
    }
}

fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|of| endings.iter().any(|ending| of.eq_ignore_ascii_case(ending)))
}

/// Sounds below a folder, in the order of their names.
fn listed(folder: &Path) -> Result<Vec<PathBuf>, CorpusError> {
    let mut found = Vec::new();
    below(folder, &mut found)?;
    found.sort();
    Ok(found)
}

/// Sounds below a folder. Hidden files and folders are passed over, and so are links to folders, which may lead back.
fn below(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    for entry in fs::read_dir(folder).map_err(CorpusError::reading(folder))? {
        let entry = entry.map_err(CorpusError::reading(folder))?;
        let path = entry.path();
        if entry.file_name().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if entry.file_type().map_err(CorpusError::reading(&path))?.is_dir() {
            below(&path, found)?;
        } else if ends_in(&path, &ENDINGS) && !path.is_dir() {
            found.push(path);
        }
    }
    Ok(())
}

/// The column `path` of comma-separated values.
fn column(text: &str) -> Option<Vec<String>> {
    let mut records = records(text).into_iter();
    let at = records.next()?.iter().position(|name| name.trim() == "path")?;
    Some(records.filter_map(|record| record.into_iter().nth(at)).collect())
}

/// The records of comma-separated values; what stands in quotes may hold commas, line ends, and quotes twice.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    // A mark of the byte order is no part of the first name.
    let mut letters = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = letters.next() {
        let Some(record) = records.last_mut() else { break };
        match c {
            '"' if quoted && letters.next_if_eq(&'"').is_some() => push(record, '"'),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\n' if !quoted => records.push(vec![String::new()]),
            '\r' if !quoted => {}
            c => push(record, c),
        }
    }
    records
}

fn push(record: &mut [String], c: char) {
    if let Some(field) = record.last_mut() {
        field.push(c);
    }
}
