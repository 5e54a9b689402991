//! Everything in one place: files with a manifest and a README, as a folder or a zip archive, whole or not at all.

use std::io::{self, Cursor};
use std::ops::ControlFlow;
use std::path::Path;

use serde_json::{Value, json};

use super::FORMATS;
use crate::codec::{ArchiveWriter, CodecError, Header, Stored, header};
use crate::engine::analysis::Analysis;
use crate::engine::files::{self, FileError};
use crate::numeric::Named;
use crate::signal::Channel;

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BundleFile {
    /// Its name, with `/` after a folder.
    pub name: String,
    /// What is in it, for the README.
    pub what: String,
    pub bytes: Vec<u8>,
}

impl BundleFile {
    pub fn new(name: impl Into<String>, what: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), what: what.into(), bytes: bytes.into() }
    }
}

/// A bundle that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error("cancelled, nothing was left behind")]
    Cancelled,
}

/// What an export was made of and with: the program, the command, the settings and the input of each run, and every
/// file with its SHA-256.
pub fn manifest(
    command: &str,
    runs: &[(&str, &Stored)],
    analysis: Option<&Analysis>,
    entries: &[BundleFile],
) -> Value {
    let settings = |header: &Header| -> Value {
        header::fields(header).into_iter().map(|(key, value)| (key.to_owned(), Value::from(value))).collect()
    };
    let run = |(name, stored): &(&str, &Stored)| {
        let shape = stored.model.shape();
        json!({
            "name": name,
            "method": stored.header.method,
            "seed": stored.header.seed,
            "bins": shape.bins,
            "frames": shape.frames,
            "components": shape.components,
            "lags": shape.lags,
            "precision": stored.model.precision().name(),
            "settings": settings(&stored.header),
        })
    };
    // Of a stream alone its header describes the input.
    let header = runs.first().map(|run| &run.1.header);
    let input = match analysis {
        Some(analysis) => json!({
            "name": analysis.name,
            "sha256": analysis.sha256,
            "sample_rate": analysis.rate(),
            "samples": analysis.audio.as_ref().map(|audio| audio.samples.len()),
            "channel": match analysis.input.read.channel {
                Channel::Mix => None,
                Channel::Index(index) => Some(index),
            },
            "start": analysis.input.read.start,
            "end": analysis.input.read.end,
        }),
        None => json!({
            "name": header.and_then(|header| header.input.clone()),
            "sha256": header.and_then(|header| header.sha256.clone()),
            "sample_rate": header.and_then(|header| header.sample_rate),
            "samples": header.and_then(|header| header.samples),
        }),
    };
    let file = |entry: &BundleFile| {
        let sha256 = files::sha256(&entry.bytes);
        json!({ "name": entry.name, "what": entry.what, "bytes": entry.bytes.len(), "sha256": sha256 })
    };
    json!({
        "program": concat!("snmf-workbench ", env!("CARGO_PKG_VERSION")),
        "command": command,
        "input": input,
        "runs": runs.iter().map(run).collect::<Vec<Value>>(),
        "files": entries.iter().map(file).collect::<Vec<Value>>(),
    })
}

/// What is inside, in words.
pub fn readme(command: &str, entries: &[BundleFile]) -> String {
    let widest = entries.iter().map(|entry| entry.name.chars().count()).max().unwrap_or(0);
    let mut text = format!(
        "Written by snmf-workbench {}.\n\nThe same numbers come out of\n\n    {command}\n\n",
        env!("CARGO_PKG_VERSION")
    );
    for entry in entries {
        text.push_str(&format!("{:widest$}  {}\n", entry.name, entry.what));
    }
    text
}

/// Adds manifest and README, the latter first.
pub fn finish(
    mut entries: Vec<BundleFile>,
    command: &str,
    runs: &[(&str, &Stored)],
    analysis: Option<&Analysis>,
) -> Vec<BundleFile> {
    let text = format!("{:#}\n", manifest(command, runs, analysis, &entries));
    let what = "program, command, settings, seeds, input, and the SHA-256 of every other file";
    entries.push(BundleFile::new("manifest.json", what, text));
    let text = readme(command, &entries);
    entries.insert(0, BundleFile::new("README.txt", "this text", text));
    entries
}

/// Whether a bundle of that name is an archive.
pub fn is_archive(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

/// Looks whether a bundle can be written there, before anybody works for it.
pub fn check(path: &Path, overwrite: bool) -> Result<(), FileError> {
    if is_archive(path) { files::check(path, overwrite) } else { files::check_folder(path, overwrite) }
}

/// Writes the files into one archive where the name ends in `.zip`, else into a folder. `report` is asked before each file
/// whether to go on.
pub fn write(
    path: &Path,
    overwrite: bool,
    entries: &[BundleFile],
    report: &dyn Fn() -> ControlFlow<()>,
) -> Result<(), BundleError> {
    if is_archive(path) {
        let mut bytes = Vec::new();
        let mut archive = ArchiveWriter::new(Cursor::new(&mut bytes));
        for entry in entries {
            if report().is_break() {
                return Err(BundleError::Cancelled);
            }
            // Streams and PDF are packed already, as are some formats of factors.
            let formats = FORMATS.iter().filter(|format| format.is_packed).map(|format| format.name);
            let ending = entry.name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let packed = formats.chain(["gz", "pdf"]).any(|packed| packed == ending);
            archive.add(&entry.name, !packed, entry.bytes.len() as u64, &mut entry.bytes.as_slice())?;
        }
        archive.finish()?;
        return Ok(files::write_atomic(path, overwrite, &bytes)?);
    }
    let mut cancelled = false;
    let written = files::write_folder(path, overwrite, |folder| {
        for entry in entries {
            if report().is_break() {
                cancelled = true;
                return Err(io::ErrorKind::Interrupted.into());
            }
            let file = folder.join(&entry.name);
            if let Some(parent) = file.parent() {
                std::fs::create_dir_all(parent)?;
            }
            std::fs::write(file, &entry.bytes)?;
        }
        Ok(())
    });
    if cancelled { Err(BundleError::Cancelled) } else { Ok(written?) }
}
