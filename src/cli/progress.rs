//! What a terminal sees while something takes its time.

use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use rayon::ThreadPool;

use super::output::{self, Failure};
use crate::engine::run::job::Progress;
use crate::engine::run::memory;
use crate::engine::run::series::{Finished, Series};
use crate::engine::settings::framing::Framing;
use crate::engine::{Analysis, InputSpec, interrupt};
use crate::numeric::RunSpec;
use crate::signal::Reading;

pub fn is_interrupted() -> bool {
    interrupt::asked().is_some()
}

/// Runs `spec` with a bar of its own on a terminal; `title` stands before the name of the method.
pub fn run(series: &mut Series<'_>, spec: &RunSpec, title: &str) -> Result<Finished, Failure> {
    let name = format!("{title}{}", spec.method.name());
    let bar = bar(&name, spec.iterations);
    let mut observe = |progress: &Progress<'_>| {
        bar.set_position(progress.iteration as u64);
        if let Some((probe, params, sweeps)) = progress.quantising {
            let sweeps = if sweeps > 0 { format!(", sweep {sweeps}") } else { String::new() };
            bar.set_message(format!("{name}, probe {}, {params}{sweeps}", probe + 1));
        }
        if is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome = series.run(spec, &mut observe);
    bar.finish_and_clear();
    let ended = |iteration, total| {
        Failure::interrupted(format!("iteration {iteration} of {total} of {}", spec.method.name()))
    };
    match outcome {
        Err(snapshot) => Err(ended(snapshot.iteration, snapshot.total)),
        // While it was measured.
        Ok(run) if is_interrupted() => Err(ended(run.snapshot.iteration, run.snapshot.total)),
        Ok(run) => Ok(run),
    }
}

/// Reads and analyses an input, with a bar on a terminal.
pub fn analyse(
    input: &InputSpec,
    framing: impl Into<Framing>,
    pool: &ThreadPool,
) -> Result<Arc<Analysis>, Failure> {
    let bar = bar("reading", 100);
    let shown = bar.clone();
    let reading = Reading::reporting(move |share| {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most a hundred
        shown.set_position((100.0 * share) as u64);
    })
    .within(memory::for_samples());
    let outcome = Analysis::read_reporting(input, framing, pool, &reading);
    bar.finish_and_clear();
    outcome.map(Arc::new).map_err(Failure::failed)
}

/// A bar on a terminal, and nothing elsewhere.
pub fn bar(name: &str, length: usize) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{msg:13} {bar:40} {pos}/{len}  {elapsed} elapsed, {eta} left");
    let bar = ProgressBar::new(length as u64).with_message(name.to_owned());
    if let Ok(style) = style { bar.with_style(style) } else { bar }
}

pub fn warn(text: &str) {
    output::report(&format!("snmf: warning: {text}"));
}

pub fn note(text: &str) {
    output::report(&format!("snmf: {text}"));
}
