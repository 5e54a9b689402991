//! `snmf run`: factorise, measure, write.

use std::fmt::Write as _;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use super::output::{self, Failure};
use super::{EncodingName, RunArguments};
use crate::codec::{self, Encoding};
use crate::engine::report::{Finished, Report};
use crate::engine::{Analysis, Stop, files, job, measure, memory, session};
use crate::numeric::{RunSpec, Shape};

pub fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let experiment = arguments.draft().parse().map_err(Failure::usage)?;
    let input = arguments.input()?;
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let analysis = Analysis::read(&input, &experiment.stft, &pool).map_err(Failure::failed)?;
    for warning in &analysis.audio.warnings {
        warn(warning);
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
    let interrupted = on_interrupt()?;

    let mut finished = Vec::new();
    for (spec, target) in experiment.runs.iter().zip(targets) {
        let bar = progress_bar(spec);
        let mut observe = |progress: &job::Progress<'_>| {
            bar.set_position(progress.iteration as u64);
            if progress.sweeps > 0 {
                bar.set_message(format!("{}, sweep {}", spec.method.name(), progress.sweeps));
            }
            if interrupted.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let (snapshot, stop) = job::drive(&analysis, spec, &pool, &mut observe);
        bar.finish_and_clear();
        if stop == Stop::Cancelled {
            let (name, k, total) = (spec.method.name(), snapshot.iteration, snapshot.total);
            return Err(Failure::interrupted(format!("interrupted at iteration {k} of {total} of {name}")));
        }
        let stored = measure::stored(&analysis, spec, &snapshot, encoding(arguments.encoding));
        let measures = measure::measure(&stored, snapshot.iteration, Some(&analysis), &pool);
        if let Some(path) = target {
            output::write(&path, arguments.force, &codec::write(&stored))?;
            if !arguments.json {
                note(&format!("wrote {}", path.display()));
            }
        }
        finished.push(Finished { spec: *spec, snapshot, stop, measures });
    }
    let report = Report::new(&analysis, &finished);
    if arguments.json {
        return output::print_json(&report);
    }
    let stops: Vec<Stop> = finished.iter().map(|run| run.stop).collect();
    output::print(table(&report, &stops).as_bytes())
}

/// Where each run's stream goes. What is in the way is told before hours of work, not after.
fn targets(
    arguments: &RunArguments,
    analysis: &Analysis,
    runs: &[RunSpec],
) -> Result<Vec<Option<PathBuf>>, Failure> {
    let Some(folder) = &arguments.out else { return Ok(vec![None; runs.len()]) };
    std::fs::create_dir_all(folder)
        .map_err(|e| Failure::failed(format!("could not make the folder ({e}): {}", folder.display())))?;
    let path = |spec: &RunSpec| {
        let shape = Shape {
            bins: analysis.bins(),
            frames: analysis.frames(),
            components: spec.components,
            lags: spec.lags,
        };
        let header = measure::header(analysis, spec, spec.iterations);
        let path = folder.join(files::default_name(&header, shape));
        if path.exists() && !arguments.force {
            return Err(output::refused(files::FileError::Exists { path }));
        }
        Ok(Some(path))
    };
    runs.iter().map(path).collect()
}

fn encoding(name: EncodingName) -> Encoding {
    match name {
        EncodingName::Text => Encoding::Text,
        EncodingName::Varint => Encoding::Binary,
    }
}

/// Set on Ctrl-C, so that a run ends within an iteration and no file is left half written.
fn on_interrupt() -> Result<Arc<AtomicBool>, Failure> {
    let flag = Arc::new(AtomicBool::new(false));
    let set = Arc::clone(&flag);
    ctrlc::set_handler(move || set.store(true, Ordering::Relaxed))
        .map_err(|e| Failure::failed(format!("could not listen for interrupts: {e}")))?;
    Ok(flag)
}

fn progress_bar(spec: &RunSpec) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:13} {bar:40} {pos}/{len}  {elapsed} elapsed, {eta} left");
    let bar = ProgressBar::new(spec.iterations as u64).with_message(spec.method.name());
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

#[allow(clippy::print_stderr)] // the command line's own channel for what is not a result
fn warn(text: &str) {
    eprintln!("snmf: warning: {text}");
}

#[allow(clippy::print_stderr)] // the command line's own channel for what is not a result
fn note(text: &str) {
    eprintln!("snmf: {text}");
}

/// The poster's table, a run a row.
fn table(report: &Report, stops: &[Stop]) -> String {
    let (input, v) = (&report.input, &report.spectrogram);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{}: {} samples at {} Hz, {} bins x {} frames (fft {}, hop {}, {})",
        input.name, input.samples, input.sample_rate, v.bins, v.frames, v.fft, v.hop, v.window
    );
    let _ = writeln!(
        out,
        "{:<13} {:>4} {:>4} {:>6} {:>9} {:>10} {:>9} {:>9} {:>11} {:>11} {:>9}",
        "method", "R", "T", "iter", "SNR dB", "KLD", "distinct W", "H", "text.gz B", "binary.gz B", "seconds"
    );
    for run in &report.runs {
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"));
        let _ = writeln!(
            out,
            "{:<13} {:>4} {:>4} {:>6} {:>9} {:>10} {:>10} {:>9} {:>11} {:>11} {:>9.2}",
            run.method,
            run.components,
            run.lags,
            run.iterations,
            number(run.snr_db),
            number(run.kld),
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
    let values = |run: &crate::engine::report::RunReport| {
        v.bins * run.components * run.lags + run.components * v.frames
    };
    if report.runs.iter().any(|run| values(run) > v.bins * v.frames) {
        let _ = writeln!(out, "note: the factors hold more numbers than the spectrogram itself");
    }
    let _ = writeln!(out, "gzip by {}", codec::CODER);
    out
}
