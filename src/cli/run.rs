//! `snmf run`: factorise, measure, write.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::arguments::{RunSettings, SoundArguments, path, threads};
use super::figure;
use super::output::{self, Failure};
use super::progress::{self, analyse, note, warn};
use crate::codec::{self, Coder};
use crate::engine::run::series::{Finished, Series};
use crate::engine::run::{job, measure, memory};
use crate::engine::{Analysis, SpecDraft, Stop, files, session};
use crate::export::everything::{self, EverythingError};
use crate::export::manifest::{self, BundleError};
use crate::export::report::Report;
use crate::figure::scene::boxes;
use crate::figure::{Look, Run, Sources, Style};
use crate::numeric::{RunSpec, Shape};

#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct RunArguments {
    #[command(flatten)]
    pub sound: SoundArguments,
    #[command(flatten)]
    pub settings: RunSettings,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Write a factor stream for each run into this folder
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub out: Option<PathBuf>,
    /// Write everything into this folder, or into one archive: streams, NPZ, CSV, metrics, figures, manifest
    #[arg(long, value_name = "DIR|X.zip", value_parser = path())]
    pub export: Option<PathBuf>,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

impl RunArguments {
    pub fn draft(&self) -> Result<SpecDraft, Failure> {
        self.settings.draft(&self.sound.analysis)
    }
}

pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    if let Some(folder) = &arguments.out {
        output::check_below(folder)?;
    }
    if let Some(path) = &arguments.export {
        manifest::check(path, arguments.force).map_err(output::refused)?;
    }
    let experiment = arguments.draft()?.parse().map_err(Failure::usage)?;
    let input = arguments.sound.input()?;
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let analysis = analyse(&input, experiment.framing, &pool)?;
    for warning in &analysis.warnings {
        warn(warning);
    }
    if let (Some(learned), Some(rate)) = (arguments.settings.learning.rate_of_bases()?, analysis.rate())
        && learned != rate
    {
        warn(&format!(
            "the given bases were learned at {learned} Hz and this sound has {rate}: use --rate {learned}"
        ));
    }
    for spec in &experiment.runs {
        job::check(spec, &analysis).map_err(Failure::failed)?;
    }
    if !arguments.json {
        for spec in &experiment.runs {
            let memory = memory::estimate_text(spec, analysis.bins(), analysis.frames());
            note(&format!("{} takes {memory} of memory beside the sound", spec.method.name()));
        }
    }
    let targets = targets(arguments, &analysis, &experiment.runs)?;
    let form = arguments.settings.form.form();
    let mut series = Series::new(Arc::clone(&analysis), form, &pool);
    let mut finished = Vec::new();
    for (spec, target) in experiment.runs.iter().zip(&targets) {
        let run = progress::run(&mut series, spec, "")?;
        warn_of_miss(&run);
        if let Some(path) = target {
            let stored = measure::stored(&analysis, spec, &run.snapshot, form);
            // A coder may take its time; ending it meanwhile leaves no empty folder.
            let bytes = codec::write(&stored);
            output::go_on()?;
            path.parent().map_or(Ok(()), output::make_folder)?;
            output::write(path, arguments.force, &bytes)?;
            if !arguments.json {
                note(&format!("wrote {}", path.display()));
            }
        }
        finished.push(run);
    }
    if let Some(path) = &arguments.export {
        export(arguments, path, &analysis, &finished)?;
    }
    let mut report = Report::new(&analysis, &finished);
    for (run, target) in report.runs.iter_mut().zip(&targets) {
        run.file = target.as_ref().map(|path| path.display().to_string());
    }
    for run in &report.runs {
        for warning in &run.warnings {
            warn(&format!("{}: {warning}", run.method));
        }
    }
    if arguments.json {
        return output::print_json(&report);
    }
    let stops: Vec<Stop> = finished.iter().map(|run| run.stop).collect();
    output::print_text(&table(&report, &stops))
}

/// Everything there is of the runs, in one place.
fn export(
    arguments: &RunArguments,
    path: &Path,
    analysis: &Arc<Analysis>,
    finished: &[Finished],
) -> Result<(), Failure> {
    let form = arguments.settings.form.form();
    let run = |(series, run): (usize, &Finished)| Run {
        name: run.spec.method.name().to_owned(),
        stored: Arc::new(measure::stored(analysis, &run.spec, &run.snapshot, form)),
        measures: Some(Arc::new(run.measures.clone())),
        objective: Arc::clone(&run.snapshot.objective),
        series,
    };
    let runs = finished.iter().enumerate().map(run).collect();
    let sources = Sources { runs, analysis: Some(Arc::clone(analysis)), sweep: Vec::new() };
    if let Some(text) = boxes(&analysis.name) {
        warn(&text);
    }
    let bar = progress::bar("export", finished.len() + 20);
    let report = || {
        bar.inc(1);
        if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let interrupted = || Failure::interrupted("nothing of the export was left behind");
    let command = figure::command(std::env::args_os().skip(1));
    let entries = match everything::all(&sources, &[], &Look::new(Style::default()), &command, &report) {
        Err(EverythingError::Cancelled) => return Err(interrupted()),
        other => other.map_err(Failure::failed)?,
    };
    match manifest::write(path, arguments.force, &entries, &report) {
        Err(BundleError::Cancelled) => return Err(interrupted()),
        Err(BundleError::File(e)) => return Err(output::refused(e)),
        Err(e @ BundleError::Codec(_)) => return Err(Failure::failed(e)),
        Ok(()) => {}
    }
    bar.finish_and_clear();
    if !arguments.json {
        note(&format!("wrote {} files into {}", entries.len(), path.display()));
    }
    Ok(())
}

/// A run that cannot reach its target says so; what it gives is the nearest.
pub fn warn_of_miss(run: &Finished) {
    if let (Stop::TargetMissed, Some(target)) =
        (run.stop, run.spec.target.and_then(|target| target.target_text()))
    {
        warn(&format!("{}: nothing reaches {target}, this comes nearest", run.spec.method.name()));
    }
}

/// Where each run's stream goes. What is in the way is reported before hours of work, not after.
fn targets(
    arguments: &RunArguments,
    analysis: &Analysis,
    runs: &[RunSpec],
) -> Result<Vec<Option<PathBuf>>, Failure> {
    let Some(folder) = &arguments.out else { return Ok(vec![None; runs.len()]) };
    let path = |spec: &RunSpec| {
        let shape = Shape {
            bins: analysis.bins(),
            frames: analysis.frames(),
            components: spec.components,
            lags: spec.lags,
        };
        let header = measure::header(analysis, spec, spec.iterations, None);
        let path = files::place(folder, &header, shape, spec.precision);
        if folder.exists() {
            files::check(&path, arguments.force).map_err(output::refused)?;
        }
        Ok(Some(path))
    };
    runs.iter().map(path).collect()
}

pub fn heading(report: &Report) -> String {
    let (input, v) = (&report.input, &report.spectrogram);
    let shape = format!("{} bins x {} frames", v.bins, v.frames);
    match (input.samples, input.sample_rate) {
        (Some(samples), Some(rate)) => format!(
            "{}: {samples} samples at {rate} Hz, {shape} (fft {}, hop {}, {})\n",
            input.name, v.fft, v.hop, v.window
        ),
        _ => format!("{}: a spectrogram, {shape}\n", input.name),
    }
}

/// The poster's table, a run a row.
fn table(report: &Report, stops: &[Stop]) -> String {
    let v = &report.spectrogram;
    let mut out = heading(report);
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{:<13} {:>4} {:>4} {:>6}{} {:>10} {:>9} {:>11} {:>11} {:>9}",
        "method",
        "R",
        "T",
        "iter",
        output::measure_heads(),
        "distinct W",
        "H",
        "text.gz B",
        "binary.gz B",
        "seconds"
    );
    for run in &report.runs {
        let _ = writeln!(
            out,
            "{:<13} {:>4} {:>4} {:>6}{} {:>10} {:>9} {:>11} {:>11} {:>9.2}",
            run.method,
            run.components,
            run.lags,
            run.iterations,
            output::measure_cells(|measure| measure.value(&run.quality)),
            run.distinct_w,
            run.distinct_h,
            run.text_gzip_bytes,
            run.binary_gzip_bytes,
            run.seconds + run.quantising_seconds
        );
    }
    for (run, stop) in report.runs.iter().zip(stops) {
        if *stop != Stop::IterationLimit {
            let _ =
                writeln!(out, "{}: ended after {} iterations, {}", run.method, run.iterations, stop.reason());
        }
    }
    for ratio in &report.ratios {
        let r = ratio.ratios;
        let audio = r.audio.map_or_else(String::new, |x| format!(", 16-bit PCM over the stream {x:.1}:1"));
        let _ = writeln!(
            out,
            "{} over {}: text {:.1}:1, binary {:.1}:1{audio}",
            ratio.of, ratio.to, r.text, r.binary
        );
    }
    let values = |run: &crate::export::report::RunReport| {
        v.bins * run.components * run.lags + run.components * v.frames
    };
    if report.runs.iter().any(|run| values(run) > v.bins * v.frames) {
        let _ = writeln!(out, "note: the factors hold more numbers than the spectrogram itself");
    }
    let _ = writeln!(out, "gzip by {}", Coder::default().label());
    out
}
