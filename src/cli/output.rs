//! How a job ends: results on standard output, and what went wrong with its exit code.

use std::fmt::Display;
use std::io::{self, Read, Write};
use std::path::Path;

use crate::codec::{self, Stored, text};
use crate::engine::{Measure, files, memory};

/// A job that did not end well.
#[derive(Debug)]
pub struct Failure {
    /// What happened, to what, and what to do.
    pub message: String,
    /// 1 for a failure, 2 for wrong usage, 130 for an interruption.
    pub code: u8,
}

impl Failure {
    /// The job could not be done.
    pub fn failed(what: impl Display) -> Self {
        Self { message: what.to_string(), code: 1 }
    }

    /// The job was not asked for in a way that makes sense.
    pub fn usage(what: impl Display) -> Self {
        Self { message: what.to_string(), code: 2 }
    }

    /// Somebody interrupted the job.
    pub fn interrupted(what: impl Display) -> Self {
        Self { message: what.to_string(), code: 130 }
    }
}

/// Writes to standard output. A reader that has seen enough and closed its end is not a failure.
pub fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::failed(format!("standard output: {e}")))
        }
        _ => Ok(()),
    }
}

/// Prints text of several lines; what of names and headers would steer a terminal is shown instead.
pub fn print_text(text: &str) -> Result<(), Failure> {
    print(text::lines(text).as_bytes())
}

/// Prints one JSON object.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    text.push('\n');
    print(text.as_bytes())
}

/// The bytes of a file, or of standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if path.as_os_str() != "-" {
        return files::read(path).map_err(Failure::failed);
    }
    let mut bytes = Vec::new();
    io::stdin()
        .lock()
        .read_to_end(&mut bytes)
        .map_err(|e| Failure::failed(format!("standard input: {e}")))?;
    Ok(bytes)
}

/// The factor stream in a file, or on standard input for `-`, and its bytes.
pub fn stream(path: &Path) -> Result<(Stored, Vec<u8>), Failure> {
    let bytes = read(path)?;
    let stored = codec::read(&bytes, &memory::limits())
        .map_err(|e| Failure::failed(format!("{e}: {}", path.display())))?;
    Ok((stored, bytes))
}

/// Makes a folder, and those that it is in.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::failed(format!("could not make the folder ({e}): {}", folder.display())))
}

/// Writes a file whole or not at all, or to standard output for `-`.
pub fn write(path: &Path, force: bool, bytes: &[u8]) -> Result<(), Failure> {
    if path.as_os_str() == "-" {
        return print(bytes);
    }
    files::write_atomic(path, force, bytes).map_err(refused)
}

/// Names the flag that helps where a file is in the way.
pub fn refused(e: files::FileError) -> Failure {
    match e {
        files::FileError::Exists { .. } => Failure::failed(format!("{e} (--force replaces it)")),
        files::FileError::Write { .. } | files::FileError::Read { .. } => Failure::failed(e),
    }
}

/// The heads of the columns of the measures in a table, each after a space.
pub fn measure_heads() -> String {
    Measure::EACH.map(|measure| format!(" {:>w$}", measure.heading(), w = width(measure))).concat()
}

/// The values of the measures in such a table.
pub fn measure_cells(value: impl Fn(Measure) -> Option<f64>) -> String {
    let cell = |measure: Measure| {
        let value = value(measure).map_or_else(|| "-".to_owned(), |x| measure.number(x));
        format!(" {value:>w$}", w = width(measure))
    };
    Measure::EACH.map(cell).concat()
}

fn width(measure: Measure) -> usize {
    measure.heading().chars().count().max(9)
}
