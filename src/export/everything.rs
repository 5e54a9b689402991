//! Everything there is of some runs as files: streams, factors, tables and figures.

use std::ops::ControlFlow;

use super::manifest::{self, BundleFile};
use super::{FORMATS, FactorFile, tables};
use crate::codec::{self, CodecError, Stored};
use crate::engine::files::default_name;
use crate::engine::run::memory::{self, TooLarge};
use crate::engine::run::series::Finished;
use crate::figure::output::{self, FigureFormat};
use crate::figure::panes::{self, Look, PaneKind};
use crate::figure::sources::Sources;
use crate::figure::style::Style;
use crate::figure::{Arrangement, FigureError, Sheet};
use crate::numeric::Named;

/// Files that could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EverythingError {
    #[error(transparent)]
    Figure(#[from] FigureError),
    #[error("figure {name}: {reason}")]
    Output { name: String, reason: String },
    #[error(transparent)]
    Codec(#[from] CodecError),
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    #[error("cancelled, nothing was left behind")]
    Cancelled,
}

/// Names of the files of each run: those that its stream would have, numbered where two have one.
fn stems(sources: &Sources) -> Vec<String> {
    let name = |stored: &Stored| {
        default_name(&stored.header, stored.model.shape()).trim_end_matches(".snmf.gz").to_owned()
    };
    let names: Vec<String> = sources.runs.iter().map(|run| name(&run.stored)).collect();
    let stem = |i: usize| {
        let before = names[..i].iter().filter(|name| **name == names[i]).count();
        if before == 0 { names[i].clone() } else { format!("{}_{}", names[i], before + 1) }
    };
    (0..names.len()).map(stem).collect()
}

/// The data of these runs, and the points of a sweep where there are some: factors as streams and in every format, histograms,
/// curves and metrics.
pub fn data(
    sources: &Sources,
    sweep: &[&Finished],
    report: &dyn Fn() -> ControlFlow<()>,
) -> Result<Vec<BundleFile>, EverythingError> {
    memory::check_export(sources.runs.iter().map(|run| run.stored.model.shape()))?;
    let mut entries = Vec::new();
    let stems = stems(sources);
    for (run, stem) in sources.runs.iter().zip(&stems) {
        if report().is_break() {
            return Err(EverythingError::Cancelled);
        }
        let stored = &run.stored;
        let text = run.describe();
        let mut add =
            |name: String, what: &str, bytes: Vec<u8>| entries.push(BundleFile::new(name, what, bytes));
        add(format!("streams/{stem}.snmf.gz"), &format!("factor stream, {text}"), codec::write(stored));
        for format in FORMATS {
            for FactorFile { part, what, bytes } in (format.write)(stored, None)? {
                let part = if part.is_empty() { String::new() } else { format!("_{part}") };
                add(format!("{0}/{stem}{part}.{0}", format.name), what, bytes);
            }
        }
        let counts = tables::histogram(&stored.model);
        add(format!("csv/{stem}_histogram.csv"), "how often each element value occurs", counts.csv().into());
    }
    let named = || sources.runs.iter().zip(&stems);
    let metrics = tables::metrics(named().filter_map(|(run, stem)| {
        Some((stem.as_str(), run.stored.header.method.as_str(), run.measures.as_deref()?))
    }));
    entries.push(BundleFile::new("metrics.csv", "quality, symbols and sizes of each run", metrics.csv()));
    entries.push(BundleFile::new("metrics.json", "the same", metrics.json()));
    let curves = tables::curves(named().map(|(run, stem)| (stem.as_str(), run.objective.as_slice())));
    if !curves.rows.is_empty() {
        entries.push(BundleFile::new("curves.csv", "the objective of each iteration", curves.csv()));
    }
    if !sweep.is_empty() {
        let points = tables::sweep(sweep.iter().copied());
        entries.push(BundleFile::new("sweep.csv", "points of the sweep", points.csv()));
        entries.push(BundleFile::new("sweep.json", "the same", points.json()));
    }
    Ok(entries)
}

/// The figures that these runs allow, as SVG and PDF: the grid, the poster's layout, and the curves.
pub fn figures(
    sources: &Sources,
    look: &Look,
    command: &str,
    report: &dyn Fn() -> ControlFlow<()>,
) -> Result<Vec<BundleFile>, EverythingError> {
    let heard = sources.analysis.is_some();
    let grid: Vec<PaneKind> = [panes::V, panes::VHAT, panes::RESIDUAL, panes::H, panes::W]
        .into_iter()
        .filter(|kind| heard || !kind.needs_input())
        .collect();
    let curves = sources.runs.iter().any(|run| !run.objective.is_empty());
    let sheet = |kinds: Vec<PaneKind>, arrangement| Sheet {
        kinds,
        arrangement,
        // On paper whatever the window looks like.
        look: Look { style: Style { dark: false, ..look.style.clone() }, ..look.clone() },
        title: None,
        letters: true,
        command: command.to_owned(),
    };
    let mut sheets = vec![
        ("grid", "the runs side by side", sheet(grid, Arrangement::Grid)),
        ("poster", "bases, histograms, rate and distortion, table", sheet(Vec::new(), Arrangement::Poster)),
    ];
    if curves {
        let convergence = sheet(vec![panes::CONVERGENCE], Arrangement::Grid);
        sheets.push(("convergence", "the objective of each iteration", convergence));
    }
    let mut entries = Vec::new();
    for (name, what, sheet) in sheets {
        let scene = sheet.scene(sources, &|_, _| report()).map_err(|e| match e {
            FigureError::Cancelled => EverythingError::Cancelled,
            other => other.into(),
        })?;
        for format in [FigureFormat::Svg, FigureFormat::Pdf] {
            let name = format!("figures/{name}.{}", format.name());
            let failed = |reason| EverythingError::Output { name: name.clone(), reason };
            // Dots in an inch count for pictures alone.
            let bytes = output::file(&scene, format, 300.0).map_err(failed)?;
            entries.push(BundleFile::new(name, what, bytes));
        }
    }
    Ok(entries)
}

/// Data and figures with manifest and README.
pub fn all(
    sources: &Sources,
    sweep: &[&Finished],
    look: &Look,
    command: &str,
    report: &dyn Fn() -> ControlFlow<()>,
) -> Result<Vec<BundleFile>, EverythingError> {
    let mut entries = data(sources, sweep, report)?;
    entries.extend(figures(sources, look, command, report)?);
    Ok(with_manifest(entries, sources, command))
}

/// These files with manifest and README.
pub fn with_manifest(entries: Vec<BundleFile>, sources: &Sources, command: &str) -> Vec<BundleFile> {
    let runs: Vec<(&str, &Stored)> =
        sources.runs.iter().map(|run| (run.name.as_str(), run.stored.as_ref())).collect();
    manifest::finish(entries, command, &runs, sources.analysis.as_deref())
}
