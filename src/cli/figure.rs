//! `snmf figure`: figures of factor streams and sessions, as SVG, PDF or PNG.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::arguments::FigureArguments;
use super::output::{self, Failure};
use super::progress::{self, note, warn};
use crate::codec::Form;
use crate::engine::run::measure;
use crate::engine::settings::spec::shell_word;
use crate::engine::{Analysis, attach, session, session_file};
use crate::figure::panes::{self, Look, PaneKind};
use crate::figure::raster::LevelRange;
use crate::figure::scene::{Notes, Pane};
use crate::figure::{Arrangement, FigureError, Format, Run, Sheet, Sources, Style, chart, output as writer};

/// Width of the charts that other commands draw, in mm.
pub const CHART_MM: f64 = 140.0;

/// Dots in an inch of a PNG, where none are given.
const DPI: f64 = 300.0;

/// The kind of file that its name says; SVG to standard output, or to what else has no ending.
fn format(path: &Path) -> Format {
    Format::of(path).unwrap_or(Format::Svg)
}

/// Looks whether a figure can be written there.
pub fn check(path: Option<&Path>, force: bool) -> Result<(), Failure> {
    let check = |path| output::check(path, force, &Format::ALL.map(Format::name));
    path.map_or(Ok(()), check)
}

/// A figure of panes one below the other, as the file's name says.
pub fn draw(path: &Path, panes: Vec<Pane>, style: &Style, command: &str) -> Result<Vec<u8>, Failure> {
    let notes = Notes { command: command.to_owned(), lines: Vec::new() };
    let scene = chart::stacked(panes, style, notes).map_err(Failure::failed)?;
    writer::file(&scene, format(path), DPI).map_err(Failure::failed)
}

pub fn figure(arguments: &FigureArguments) -> Result<(), Failure> {
    check(Some(&arguments.out), arguments.force)?;
    let sheet = sheet(arguments)?;
    let interrupted = || Failure::interrupted("nothing was written");
    let bar =
        progress::bar("figure", arguments.streams.len() + sheet.kinds.len() * arguments.streams.len() + 1);
    let sources = sources(arguments, &|| {
        bar.inc(1);
        output::go_on()
    })?;
    let report = |_: usize, _: usize| {
        bar.inc(1);
        if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let scene = sheet.scene(&sources, &report).map_err(|e| match e {
        FigureError::Cancelled => interrupted(),
        FigureError::TooNarrow { .. } => Failure::usage(e),
        FigureError::NeedsInput { .. } | FigureError::NoCurve | FigureError::Nothing { .. } => {
            Failure::failed(e)
        }
    })?;
    if let (Format::Pdf | Format::Png, Some(text)) = (format(&arguments.out), scene.boxes()) {
        warn(&text);
    }
    let bytes = writer::file(&scene, format(&arguments.out), arguments.dpi).map_err(Failure::failed)?;
    bar.finish_and_clear();
    output::write(&arguments.out, arguments.force, &bytes)?;
    if arguments.out.as_os_str() != "-" {
        let (width, height) = (scene.style.width, scene.height);
        note(&format!(
            "wrote {} ({width:.0} x {height:.0} mm, {} bytes)",
            arguments.out.display(),
            bytes.len()
        ));
    }
    Ok(())
}

/// Reads streams, sessions and the sound, and measures what was not measured before.
fn sources(arguments: &FigureArguments, step: &dyn Fn() -> Result<(), Failure>) -> Result<Sources, Failure> {
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let mut runs: Vec<Run> = Vec::new();
    let mut analysis = None;
    for path in &arguments.streams {
        step()?;
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if session_file::FileKind::of(path).is_some() {
            let opened = session_file::read(path, &pool).map_err(|e| Failure::failed(e.describe(path)))?;
            for run in opened.shown() {
                let (Some(stored), series) = (run.stored(Form::default()), runs.len()) else { continue };
                analysis = analysis.or_else(|| opened.analysis_of(run));
                runs.push(Run {
                    name: format!("{name}, run {}", run.number),
                    stored: Arc::new(stored),
                    measures: Some(Arc::clone(&run.measures)),
                    objective: Arc::clone(&run.snapshot().objective),
                    series,
                });
            }
        } else {
            let (stored, series) = (Arc::new(output::stream(path)?.0), runs.len());
            runs.push(Run { name, stored, measures: None, objective: Arc::default(), series });
        }
    }
    if let (Some(audio), Some(first)) = (&arguments.audio, runs.first()) {
        let of = attach::read(output::spooled(audio)?, &first.stored, &pool).map_err(Failure::failed)?;
        of.warnings.iter().for_each(|warning| warn(warning));
        analysis = Some(Arc::new(of));
    }
    let of = analysis.as_ref().map(Arc::<Analysis>::as_ref);
    for (of, Run { name, stored, .. }) in of.iter().flat_map(|of| runs.iter().map(move |run| (of, run))) {
        attach::fits(of, stored).map_err(|e| Failure::failed(format!("{e}: {name}")))?;
        if stored.header.sha256.as_ref().is_some_and(|hash| *hash != of.sha256) {
            warn(&format!("{} is not the sound that {name} was learned from (another SHA-256)", of.name));
        }
    }
    for run in runs.iter_mut().filter(|run| run.measures.is_none()) {
        run.measures = Some(Arc::new(measure::measure(&run.stored, 0, of, &pool)));
    }
    Ok(Sources { runs, analysis, sweep: Vec::new() })
}

fn sheet(arguments: &FigureArguments) -> Result<Sheet, Failure> {
    let within = |name: &str, got: f64, least: f64, most: f64| {
        let wrong = || Failure::usage(format!("{name}: expected {least} to {most}, got {got}"));
        if (least..=most).contains(&got) { Ok(got) } else { Err(wrong()) }
    };
    let style = Style {
        width: within("width-mm", arguments.width_mm, 20.0, 2000.0)?,
        font: within("font-size", arguments.font_size, 3.0, 72.0)?,
        dark: arguments.dark,
    };
    within("dpi", arguments.dpi, 10.0, 4800.0)?;
    let range_db = within("range-db", f64::from(arguments.range_db), 1.0, 300.0)?;
    // A session may bring its sound along; whether it does is seen when it is read.
    let has_input = arguments.audio.is_some()
        || arguments.streams.iter().any(|path| session_file::FileKind::of(path).is_some());
    let usual: &[PaneKind] = if has_input {
        &[panes::V, panes::VHAT, panes::H, panes::W]
    } else {
        &[panes::VHAT, panes::H, panes::W]
    };
    let mut kinds: Vec<PaneKind> = Vec::new();
    let asked = if arguments.panes.is_empty() { usual } else { &arguments.panes };
    asked.iter().for_each(|kind| {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    });
    if let Some(kind) = kinds.iter().find(|kind| kind.needs_input() && !has_input)
        && arguments.layout == Arrangement::Grid
    {
        return Err(Failure::failed(FigureError::NeedsInput { pane: kind.name() }));
    }
    // A picture shows no more columns than it has pixels; the peaks of neighbours share one then.
    let look = Look::new(style.clone());
    let most_columns = match format(&arguments.out) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // some thousands
        Format::Png => ((style.width / 25.4 * arguments.dpi) as usize).max(1).min(look.most_columns),
        Format::Svg | Format::Pdf => look.most_columns,
    };
    #[allow(clippy::cast_possible_truncation)] // within its range
    let levels = LevelRange { map: arguments.map, range_db: range_db as f32, ..look.levels };
    Ok(Sheet {
        kinds,
        arrangement: arguments.layout,
        look: Look {
            scale: arguments.axis,
            levels,
            order: arguments.order,
            log_count: !arguments.linear_count,
            measure: arguments.measure,
            most_columns,
            ..look
        },
        title: arguments.title.clone(),
        letters: !arguments.no_letters,
        command: command(std::env::args_os().skip(1)),
    })
}

/// The panes that can be asked for, from their table.
pub fn panes_help() -> String {
    let names = PaneKind::ALL.map(PaneKind::name).join(", ");
    format!(
        "Panes from the top, with commas between: {names} [default: v,vhat,h,w with a sound, vhat,h,w without]"
    )
}

/// The line that does the same: what was typed, without what does not count.
pub fn command(words: impl Iterator<Item = OsString>) -> String {
    let mut line = "snmf".to_owned();
    let mut skip = false;
    for word in words {
        let text = word.to_str().unwrap_or_default();
        let name = text.split('=').next().unwrap_or_default();
        if std::mem::take(&mut skip) || name == "--force" {
            continue;
        }
        if ["--out", "--export", "--threads"].contains(&name) {
            skip = !text.contains('=');
            continue;
        }
        line.push(' ');
        line.push_str(&shell_word(&word));
    }
    line
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    #[test]
    fn the_line_says_what_counts() {
        let line = |words: &str| super::command(words.split('|').map(OsString::from));
        assert_eq!(line("figure|a b.gz|--out|x.pdf|--dark|--force"), "snmf figure 'a b.gz' --dark");
        assert_eq!(line("figure|it's|--out=x.png|--threads|2"), "snmf figure 'it'\\''s'");
    }
}
