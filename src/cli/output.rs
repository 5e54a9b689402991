//! How a job ends: results on standard output, and what went wrong with its exit code.

use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use std::sync::OnceLock;

use crate::codec::{Stored, text};
use crate::engine::files::{self, Scratch};
use crate::engine::interrupt::{self, Ending};
use crate::engine::{Measure, Source, stream_file};

#[derive(Debug)]
pub struct Failure {
    pub message: String,
    /// 1 for a failure, 2 for wrong usage, that of [`Ending::code`] where the process was asked to end.
    pub code: u8,
}

impl Failure {
    pub fn failed(what: impl Display) -> Self {
        Self { message: what.to_string(), code: 1 }
    }

    pub fn usage(what: impl Display) -> Self {
        Self { message: what.to_string(), code: 2 }
    }

    /// Somebody has asked the process to end; `what` says what there is of the job.
    pub fn interrupted(what: impl Display) -> Self {
        let ending = interrupt::asked().unwrap_or(Ending::Interrupted);
        Self { message: format!("{ending}: {what}"), code: ending.code() }
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

/// Writes a line to standard error; what of names and headers would steer a terminal is shown instead. Where that cannot
/// be written there is no reader, and the job goes on.
pub fn report(line: &str) {
    report_lines(&text::line(line));
}

/// The same with lines that stay.
pub fn report_lines(lines: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", text::lines(lines));
}

pub fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let mut text = serde_json::to_string_pretty(value).map_err(Failure::failed)?;
    text.push('\n');
    print(text.as_bytes())
}

/// The bytes of a file, or of standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    if is_stdio(path) { stdin().map(<[u8]>::to_vec) } else { files::read(path).map_err(Failure::failed) }
}

/// What comes on standard input, however often it is asked for.
fn stdin() -> Result<&'static [u8], Failure> {
    static BYTES: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
    let read = || {
        files::bounded(&mut io::stdin().lock(), files::MOST_OF_A_PIPE)
            .map_err(|e| format!("standard input: {e}"))
    };
    BYTES.get_or_init(read).as_deref().map_err(Failure::failed)
}

/// A sound as it can be read: what comes on standard input, for `-`, becomes a temporary file called `stdin`.
pub fn spooled(source: &Source) -> Result<Source, Failure> {
    /// It goes at the end of the process, with whatever else that has left.
    static FOLDER: OnceLock<Result<Scratch, String>> = OnceLock::new();
    if !matches!(source, Source::File(path) if is_stdio(path)) {
        return Ok(source.clone());
    }
    let folder =
        FOLDER.get_or_init(|| Scratch::new().map_err(|e| format!("folder for temporary files: {e}")));
    let file = folder.as_ref().map_err(Failure::failed)?.path().join("stdin");
    if !file.exists() {
        files::write_atomic(&file, false, stdin()?).map_err(Failure::failed)?;
    }
    Ok(Source::File(file))
}

/// Whether a path stands for standard input or output.
pub fn is_stdio(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The factor stream in a file, or on standard input for `-`, and its bytes. Where it holds activations alone, its bases
/// are in the file `bases`, or beside it.
pub fn stream(path: &Path, bases: Option<&Path>) -> Result<(Stored, Vec<u8>), Failure> {
    let bytes = read(path)?;
    let stored = stream_file::read(path, &bytes, bases)
        .map_err(|e| Failure::failed(format!("{e}: {}", path.display())))?;
    Ok((stored, bytes))
}

/// The ending of factor streams.
pub const STREAM: &str = "gz";

/// Whether a name ends in one of these.
pub fn ends_in(path: &Path, endings: &[&str]) -> bool {
    path.extension().is_some_and(|of| endings.iter().any(|ending| of.eq_ignore_ascii_case(ending)))
}

/// Looks whether a file can be written there, before anybody works for it. Its name has to end in one of these, unless
/// it is a pipe or a device.
pub fn check(path: &Path, force: bool, endings: &[&str]) -> Result<(), Failure> {
    if is_stdio(path) {
        return Ok(());
    }
    if !ends_in(path, endings) && !files::is_stream(path) {
        let endings: Vec<String> = endings.iter().map(|ending| format!(".{ending}")).collect();
        let (last, others) = endings.split_last().map_or(("", &[][..]), |(last, others)| (last, others));
        let or = if others.is_empty() { "" } else { " or " };
        let endings = format!("{}{or}{last}", others.join(", "));
        let path = path.display();
        return Err(Failure::usage(format!("out: expected a name that ends in {endings}, got {path}")));
    }
    files::check(path, force).map_err(refused)
}

/// The same for files in a folder, which may be missing yet.
pub fn check_below(folder: &Path) -> Result<(), Failure> {
    files::check_below(folder).map_err(Failure::failed)
}

/// Makes a folder, and those that it is in.
pub fn make_folder(folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::failed(format!("could not make the folder ({e}): {}", folder.display())))
}

/// Goes on unless somebody has asked the process to end.
pub fn go_on() -> Result<(), Failure> {
    if interrupt::asked().is_some() { Err(Failure::interrupted("nothing was written")) } else { Ok(()) }
}

/// Writes a file whole or not at all, or to standard output for `-`.
pub fn write(path: &Path, force: bool, bytes: &[u8]) -> Result<(), Failure> {
    go_on()?;
    if is_stdio(path) {
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
