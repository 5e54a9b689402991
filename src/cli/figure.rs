//! `snmf figure`: figures of factor streams and sessions, as SVG, PDF or PNG.

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::{BasesArguments, named, path, source, threads};
use super::output::{self, Failure};
use super::progress::{self, note, warn};
use crate::codec::Form;
use crate::engine::run::measure;
use crate::engine::settings::spec::shell_word;
use crate::engine::{Analysis, Measure, Source, attach, session, session_file};
use crate::figure::panes::{self, Look, PaneKind};
use crate::figure::raster::LevelRange;
use crate::figure::scene::{Notes, Pane};
use crate::figure::{
    Arrangement, CascadeOrder, ColorMap, FigureError, FigureFormat, FrequencyScale, Run, Sheet, Sources,
    Style, chart, output as writer,
};
use crate::numeric::Named;

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[allow(clippy::struct_excessive_bools)] // flags
pub struct FigureArguments {
    /// Factor streams, a column each, or sessions: the runs that their columns show
    #[arg(required = true, value_name = "STREAM|SESSION", value_parser = path())]
    pub streams: Vec<PathBuf>,
    #[command(flatten)]
    bases: BasesArguments,
    /// Panes from the top, with commas between: v, vhat, residual, w, h, hist, hist-h, rd, convergence, table
    /// [default: v,vhat,h,w with a sound, vhat,h,w without]
    #[arg(long, value_name = "PANE,...", value_delimiter = ',', value_parser = pane)]
    pub panes: Vec<PaneKind>,
    /// Layout of the panes: grid, or poster (cascades, histograms, rate-distortion, table)
    #[arg(long, value_parser = arrangement, default_value = "grid")]
    pub layout: Arrangement,
    /// The sound that the streams were learned from, demo:NAME, or an NPZ archive with V; it is analysed as the first
    /// stream says
    #[arg(long, value_name = "X", value_parser = source())]
    pub audio: Option<Source>,
    /// Width of the page in mm
    #[arg(long, value_name = "MM", default_value_t = 180.0)]
    pub width_mm: f64,
    /// Dots in an inch of a PNG
    #[arg(long, default_value_t = 300.0)]
    pub dpi: f64,
    /// Size of the text in pt
    #[arg(long, value_name = "PT", default_value_t = 8.0)]
    pub font_size: f64,
    /// Title above all panes
    #[arg(long)]
    pub title: Option<String>,
    /// Frequency axis: linear, log, mel
    #[arg(long, value_parser = scale, default_value = "linear")]
    pub axis: FrequencyScale,
    /// Colour map: magma, inferno, viridis, cividis, greys
    #[arg(long, value_parser = named::<ColorMap>, default_value = "magma")]
    pub map: ColorMap,
    /// dB from the lightest to the darkest colour
    #[arg(long, value_name = "DB", default_value_t = 80.0)]
    pub range_db: f32,
    #[arg(long, help = "What the pane rd shows over the bytes: snr_db, kld, sqrt_snr_db, lsd_db", value_name = "NAME", value_parser = named::<Measure>, default_value = Measure::Snr.name())]
    pub measure: Measure,
    /// Grouping of the bases: component, lag
    #[arg(long, value_parser = order, default_value = "component")]
    pub order: CascadeOrder,
    /// Linear counts in histograms instead of logarithmic ones
    #[arg(long)]
    pub linear_count: bool,
    /// No letters (a), (b), ... on the panes
    #[arg(long)]
    pub no_letters: bool,
    /// Light on dark
    #[arg(long)]
    pub dark: bool,
    /// The file to write: .pdf, .svg or .png; - for an SVG on standard output
    #[arg(long, value_name = "FIG.pdf", value_parser = path())]
    pub out: PathBuf,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// Width of the charts that other commands draw, in mm.
pub const CHART_MM: f64 = 140.0;

/// Dots in an inch of a PNG, where none are given.
const DPI: f64 = 300.0;

/// The kind of file that its name says; SVG to standard output, or to what else has no ending.
fn format(path: &Path) -> FigureFormat {
    FigureFormat::of(path).unwrap_or(FigureFormat::Svg)
}

/// Looks whether a figure can be written there.
pub fn check(path: Option<&Path>, force: bool) -> Result<(), Failure> {
    let endings: Vec<&str> = FigureFormat::ALL.iter().map(|format| format.name()).collect();
    path.map_or(Ok(()), |path| output::check(path, force, &endings))
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
        FigureError::NeedsInput { .. }
        | FigureError::NeedsTwo { .. }
        | FigureError::NoCurve
        | FigureError::Nothing { .. } => Failure::failed(e),
    })?;
    if let (FigureFormat::Pdf | FigureFormat::Png, Some(text)) = (format(&arguments.out), scene.boxes()) {
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
            let (stored, series) = (Arc::new(arguments.bases.stream(path)?.0), runs.len());
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
        FigureFormat::Png => ((style.width / 25.4 * arguments.dpi) as usize).max(1).min(look.most_columns),
        FigureFormat::Svg | FigureFormat::Pdf => look.most_columns,
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

fn pane(name: &str) -> Result<PaneKind, String> {
    PaneKind::parse(name)
        .ok_or_else(|| format!("expected one of {}", PaneKind::ALL.map(PaneKind::name).join(", ")))
}

fn arrangement(name: &str) -> Result<Arrangement, String> {
    match name {
        "grid" => Ok(Arrangement::Grid),
        "poster" => Ok(Arrangement::Poster),
        _ => Err("expected grid or poster".to_owned()),
    }
}

fn scale(name: &str) -> Result<FrequencyScale, String> {
    FrequencyScale::parse(name).ok_or_else(|| "expected linear, log or mel".to_owned())
}

fn order(name: &str) -> Result<CascadeOrder, String> {
    match name {
        "component" => Ok(CascadeOrder::ByComponent),
        "lag" => Ok(CascadeOrder::ByLag),
        _ => Err("expected component or lag".to_owned()),
    }
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
