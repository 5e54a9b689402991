//! A corpus as a table, a row an item, and what its columns mean.

use serde_json::Value;

use super::tables::DataTable;
use crate::engine::corpus::{Corpus, CorpusError, Item, ItemState};
use crate::engine::settings::setting::Setting;
use crate::engine::settings::table;
use crate::numeric::RunSpec;

/// A column: its name, its unit, what it means.
type Column = (&'static str, &'static str, &'static str);

/// What is known of every item before it is done, or where it has failed.
const PLANNED: [Column; 9] = [
    ("id", "", "The item: a hash of the path and of all settings"),
    ("input", "", "The sound, from the root of the plan"),
    ("state", "", "done, failed or open"),
    ("reason", "", "Why it has failed"),
    ("method", "", "The method"),
    ("components", "", "R"),
    ("lags", "frames", "T"),
    ("seed", "", "Seed of the start"),
    ("iterations_asked", "", "Updates of H and W at most"),
];

/// What a done item adds, by its name in the object of `snmf run --json`, and the place there.
const MEASURED: [(&str, Column); 33] = [
    ("/input/sha256", ("sha256", "", "SHA-256 of the samples, or of V where it came ready, as 32-bit reals")),
    ("/input/sample_rate", ("sample_rate", "Hz", "Rate of the analysed samples")),
    ("/input/samples", ("samples", "", "Number of samples")),
    ("/spectrogram/bins", ("bins", "", "M")),
    ("/spectrogram/frames", ("frames", "", "N")),
    ("/spectrogram/fft", ("fft", "samples", "Samples in a frame")),
    ("/spectrogram/hop", ("hop", "samples", "Samples from a frame to the next")),
    ("/spectrogram/window", ("window", "", "Window of the analysis")),
    ("/spectrogram/max", ("max", "", "The magnitude that V was divided by")),
    ("/runs/0/iterations", ("iterations", "", "Updates that were done")),
    ("/runs/0/precision", ("precision", "", "Element type of the computation")),
    ("/runs/0/rules", ("rules", "", "Rules of the updates other than the usual")),
    ("/runs/0/stop", ("stop", "", "Why the run ended")),
    ("/runs/0/snr_db", ("snr_db", "dB", "Signal-to-noise ratio of V; higher is better")),
    (
        "/runs/0/kld",
        ("kld", "", "Kullback-Leibler divergence of the model from V, with a floor; lower is better"),
    ),
    (
        "/runs/0/sqrt_snr_db",
        ("sqrt_snr_db", "dB", "Signal-to-noise ratio of the square root of V; higher is better"),
    ),
    ("/runs/0/lsd_db", ("lsd_db", "dB", "Log-spectral distance, with a floor; lower is better")),
    ("/runs/0/distinct_w", ("distinct_w", "", "Different values in W")),
    ("/runs/0/distinct_h", ("distinct_h", "", "Different values in H")),
    ("/runs/0/text_bytes", ("text_bytes", "bytes", "Factors as decimal text")),
    ("/runs/0/text_gzip_bytes", ("text_gzip_bytes", "bytes", "Factors as decimal text after gzip")),
    ("/runs/0/binary_bytes", ("binary_bytes", "bytes", "Factors as 32-bit reals, or integers as LEB128")),
    ("/runs/0/binary_gzip_bytes", ("binary_gzip_bytes", "bytes", "The same after gzip")),
    ("/runs/0/file_bytes", ("file_bytes", "bytes", "The stream, header included")),
    ("/runs/0/entropy_bytes", ("entropy_bytes", "bytes", "Integers when each costs what its frequency says")),
    ("/runs/0/seconds", ("seconds", "s", "Time of learning; items that share a CNMF all have its time")),
    ("/runs/0/quantising_seconds", ("quantising_seconds", "s", "Time of quantising")),
    ("/runs/0/target", ("target", "", "What quantising was after")),
    ("/runs/0/lambda", ("lambda", "", "Price of a bit, given or found")),
    ("/runs/0/levels/0", ("levels_w", "", "Quantisation levels of W, given or found")),
    ("/runs/0/levels/1", ("levels_h", "", "Quantisation levels of H, given or found")),
    ("/runs/0/warnings", ("warnings", "", "Measures that lost much against CNMF")),
    ("/runs/0/file", ("file", "", "The stream, from the folder of the corpus")),
];

/// The settings of the grid that are no planned column yet, in the order of a command line.
fn axes(corpus: &Corpus) -> Vec<&'static Setting> {
    let planned = |flag| flag == "iterations" || PLANNED.iter().any(|(name, ..)| *name == flag);
    let differs = |flag: &str| corpus.items().iter().any(|item| item.settings.contains_key(flag));
    table::ALL.into_iter().filter(|setting| !planned(setting.flag) && differs(setting.flag)).collect()
}

/// The columns in their order. A setting of the grid stands for the same column of done items.
fn columns(axes: &[&Setting]) -> (Vec<Column>, Vec<(&'static str, Column)>) {
    let axis = |setting: &&Setting| (setting.flag, setting.unit, setting.help);
    let first = PLANNED.into_iter().chain(axes.iter().map(axis)).collect();
    let is_axis = |name: &str| axes.iter().any(|setting| setting.flag == name);
    (first, MEASURED.into_iter().filter(|(_, (name, ..))| !is_axis(name)).collect())
}

/// A row an item, in the order of the plan. An item without numbers has empty cells.
///
/// # Errors
/// Settings that this program cannot run.
pub fn items(corpus: &Corpus) -> Result<DataTable, CorpusError> {
    let axes = axes(corpus);
    let (first, measured) = columns(&axes);
    let head = first.iter().map(|column| column.0).chain(measured.iter().map(|(_, column)| column.0));
    let row = |item: &Item| {
        let (_, spec) = corpus.run(item)?;
        let state = corpus.state(item);
        let mut row = planned(item, &spec, &state);
        row.extend(
            axes.iter()
                .map(|setting| item.settings.get(setting.flag).map_or(Value::Null, |text| number(text))),
        );
        let report = if let ItemState::Done(report) = state { report } else { Value::Null };
        row.extend(measured.iter().map(|(place, _)| cell(report.pointer(place))));
        Ok(row)
    };
    let rows = corpus.items().iter().map(row).collect::<Result<_, CorpusError>>()?;
    Ok(DataTable { head: head.collect(), rows })
}

fn planned(item: &Item, spec: &RunSpec, state: &ItemState) -> Vec<Value> {
    let (state, reason) = match state {
        ItemState::Done(_) => ("done", Value::Null),
        ItemState::Failed(reason) => ("failed", reason.as_str().into()),
        ItemState::Open => ("open", Value::Null),
    };
    vec![
        item.id.as_str().into(),
        item.path.as_str().into(),
        state.into(),
        reason,
        spec.method.name().into(),
        spec.components.into(),
        spec.lags.into(),
        spec.seed.into(),
        spec.iterations.into(),
    ]
}

/// A value as a flag says it: a number where it is one.
fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}

fn cell(value: Option<&Value>) -> Value {
    match value {
        Some(Value::Array(sentences)) => {
            sentences.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ").into()
        }
        other => other.cloned().unwrap_or_default(),
    }
}

/// What the columns of [`items`] mean, a row each.
pub fn dictionary(corpus: &Corpus) -> DataTable {
    let (first, measured) = columns(&axes(corpus));
    let all = first.into_iter().chain(measured.into_iter().map(|(_, column)| column));
    let rows = all.map(|(name, unit, meaning)| vec![name.into(), unit.into(), meaning.into()]).collect();
    DataTable { head: vec!["column", "unit", "meaning"], rows }
}
