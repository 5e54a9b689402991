//! Runs that have ended and streams that were imported, kept so that either column can show any of them again.

use std::sync::{Arc, OnceLock};

use super::column::{ColumnState, Status};
use super::learning::Learning;
use super::measure::{self, Measures};
use super::quality::Measure;
use super::series::Finished;
use super::snapshot::{Snapshot, Stop};
use crate::codec::{self, Form, Stored};
use crate::engine::analysis::Analysis;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::{Group, table};
use crate::engine::sound_ref::Origin;
use crate::numeric::{Loss, QuantTarget, RunSpec, Shape};
use crate::signal::Stft;

/// Runs kept at most; the oldest goes first.
const MOST: usize = 100;

#[derive(Clone)]
pub struct RunRecord {
    /// Counted from 1 in the order in which they ended.
    pub number: usize,
    /// Method, target, R, T and seed, sound and FFT size.
    pub name: String,
    /// What the user calls it, instead of its name.
    pub title: Option<String>,
    /// Whether it stays when older runs make room.
    pub pinned: bool,
    pub input: String,
    /// How it ended, or where it is from.
    pub status: Status,
    pub measures: Arc<Measures>,
    pub(in crate::engine) spec: Option<RunSpec>,
    imported: Option<Arc<Stored>>,
    pub(in crate::engine) from_sweep: bool,
    snapshot: Arc<Snapshot>,
    pub(in crate::engine) analysis: Option<Arc<Analysis>>,
    learning: Option<Arc<Learning>>,
    /// Where its sound was, for one that a session has kept.
    pub(in crate::engine) origin: Option<Arc<Origin>>,
    /// Its factor stream, packed once for all that keep it.
    packed: Arc<OnceLock<Vec<u8>>>,
}

/// All that are kept, the latest last.
#[derive(Default)]
pub struct Runs {
    kept: Vec<RunRecord>,
    ended: usize,
    /// Grows with every change of the list.
    changes: u64,
}

impl Runs {
    /// Runs that a session has kept, and how many had ended by then.
    pub(in crate::engine) fn restored(kept: Vec<RunRecord>, ended: usize) -> Self {
        Self { kept, ended, changes: 0 }
    }

    /// How many have ended so far, those that are not kept any more included.
    pub(in crate::engine) const fn ended(&self) -> usize {
        self.ended
    }

    pub(in crate::engine) const fn changes(&self) -> u64 {
        self.changes
    }

    /// All of them, to be given their sound.
    pub(in crate::engine) fn all_mut(&mut self) -> &mut [RunRecord] {
        &mut self.kept
    }

    /// All of them, the latest last.
    pub fn all(&self) -> &[RunRecord] {
        &self.kept
    }

    pub fn get(&self, number: usize) -> Option<&RunRecord> {
        self.kept.iter().find(|run| run.number == number)
    }

    /// Takes the run of that number off the list; where it stood, and the run.
    pub(in crate::engine) fn remove(&mut self, number: usize) -> Option<(usize, RunRecord)> {
        let at = self.kept.iter().position(|run| run.number == number)?;
        self.changes += 1;
        Some((at, self.kept.remove(at)))
    }

    /// Puts a run back where it stood.
    pub(in crate::engine) fn insert(&mut self, at: usize, run: RunRecord) {
        self.changes += 1;
        self.kept.insert(at.min(self.kept.len()), run);
    }

    /// Names and pins the run of that number; returns what it was called and whether it was pinned.
    pub(in crate::engine) fn mark(
        &mut self,
        number: usize,
        title: Option<String>,
        pinned: bool,
    ) -> Option<(Option<String>, bool)> {
        let run = self.kept.iter_mut().find(|run| run.number == number)?;
        self.changes += 1;
        Some((std::mem::replace(&mut run.title, title), std::mem::replace(&mut run.pinned, pinned)))
    }

    /// Takes over what a column shows once it is at rest and measured; returns its number. The same run, measured again or
    /// quantised anew, keeps its number.
    pub(in crate::engine) fn keep(&mut self, column: &ColumnState) -> Option<usize> {
        let known = self.kept.iter_mut().find(|run| column.kept == Some(run.number));
        let number = known.as_ref().map_or(self.ended + 1, |run| run.number);
        let mut kept = RunRecord::of(column, number)?;
        if let Some(known) = &known {
            (kept.title, kept.pinned) = (known.title.clone(), known.pinned);
        }
        self.changes += 1;
        if let Some(known) = known {
            *known = kept;
        } else {
            self.ended += 1;
            self.kept.push(kept);
            if self.kept.len() > MOST
                && let Some(oldest) = self.kept.iter().position(|run| !run.pinned)
            {
                self.kept.remove(oldest);
            }
        }
        Some(number)
    }
}

/// A mean, and how far from it the values are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub mean: f64,
    /// The standard deviation of the values, estimated from them.
    pub deviation: f64,
}

impl Spread {
    /// That of at least two values.
    fn of(values: &[f64]) -> Option<Self> {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        (values.len() > 1).then(|| Self { mean, deviation: (squares / (n - 1.0)).sqrt() })
    }
}

/// Runs that differ in nothing but the seed, taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// Method, R, T and, where the method has one, the target.
    pub name: String,
    pub input: String,
    pub seeds: usize,
    /// Of each measure, in their order.
    pub quality: [Option<Spread>; Measure::COUNT],
    /// Of the exported file.
    pub file_bytes: Option<Spread>,
}

impl Repeated {
    pub const fn of(&self, measure: Measure) -> Option<Spread> {
        self.quality[measure as usize]
    }
}

impl Runs {
    /// Means over the seeds of runs that differ in nothing else, where there are at least two; in the order in which
    /// they were begun.
    pub fn repeated(&self) -> Vec<Repeated> {
        // Of each seed the first: a run that was repeated with the same seed is the same run.
        let mut groups: Vec<(RunSpec, &str, Vec<&RunRecord>)> = Vec::new();
        for run in &self.kept {
            let Some(spec) = run.spec.clone().filter(|_| run.status != Status::Ended(Stop::Cancelled)) else {
                continue;
            };
            let (key, seed) =
                (RunSpec { seed: 0, ..spec }, |of: &&RunRecord| of.spec.as_ref().map(|s| s.seed));
            let of_session = run.origin.as_ref().map_or("", |origin| &origin.sha256);
            let sound = run.analysis.as_ref().map_or(of_session, |analysis| &analysis.sha256);
            match groups.iter_mut().find(|(of, on, _)| *of == key && *on == sound) {
                Some((.., runs)) if runs.iter().any(|other| seed(other) == seed(&run)) => {}
                Some((.., runs)) => runs.push(run),
                None => groups.push((key, sound, vec![run])),
            }
        }
        let repeated = |(spec, _, runs): (RunSpec, &str, Vec<&RunRecord>)| {
            let spread = |value: &dyn Fn(&Measures) -> Option<f64>| {
                let values: Option<Vec<f64>> = runs.iter().map(|run| value(&run.measures)).collect();
                Spread::of(&values?)
            };
            let target = spec.target.map_or_else(String::new, |target| format!(", {target}"));
            Repeated {
                name: format!("{} R{} T{}{target}", spec.method.label(), spec.components, spec.lags),
                input: runs[0].input.clone(),
                seeds: runs.len(),
                quality: Measure::EACH.map(|measure| spread(&|m| measure.of(m))),
                file_bytes: spread(&|m| Some(m.sizes.file_bytes as f64)),
            }
        };
        groups.into_iter().filter(|(.., runs)| runs.len() > 1).map(repeated).collect()
    }
}

/// A target behind the name of a method, as briefly as can be.
fn brief(target: QuantTarget) -> String {
    match target {
        QuantTarget::Fixed(params) => format!(" {params}"),
        QuantTarget::MaxLossDb(loss, Loss::All) => format!(" {loss} dB"),
        QuantTarget::MaxLossDb(loss, Loss::Snr) => format!(" {loss} dB of SNR"),
        QuantTarget::MaxBytes(bytes) => format!(" {bytes} B"),
    }
}

/// A setting with its value, as they are shown.
pub type SettingRow = (&'static str, String);

impl RunRecord {
    /// What a column shows once it is at rest and measured.
    pub(in crate::engine) fn of(column: &ColumnState, number: usize) -> Option<Self> {
        if !matches!(column.status, Status::Ended(_) | Status::Imported { .. }) {
            return None;
        }
        let (snapshot, measures) = (column.snapshot.clone()?, column.measures.clone()?);
        let stored = column.stored(Form::default())?;
        let (header, shape) = (&stored.header, stored.model.shape());
        let method = column.method_label().unwrap_or_default();
        let target = column.spec.as_ref().and_then(|spec| spec.target).map(brief);
        let seed = header.seed.map_or_else(String::new, |seed| format!(" s{seed}"));
        let input = header.input.clone().unwrap_or_else(|| "unknown input".to_owned());
        let fft = header.fft.map_or_else(String::new, |fft| format!(", FFT {fft}"));
        let (components, lags, target) = (shape.components, shape.lags, target.unwrap_or_default());
        Some(Self {
            number,
            name: format!("{method}{target} R{components} T{lags}{seed}, {input}{fft}"),
            title: None,
            pinned: false,
            input,
            status: column.status.clone(),
            measures,
            spec: column.spec.clone(),
            imported: column.imported.clone(),
            from_sweep: column.from_sweep,
            snapshot,
            analysis: column.analysis.clone(),
            learning: column.learning.clone(),
            origin: column.origin.clone(),
            packed: Arc::default(),
        })
    }

    /// Its factor stream, as an export writes it. The first call takes as long as that.
    pub(in crate::engine) fn stream(&self) -> Option<&[u8]> {
        if self.packed.get().is_none() {
            let stored = match (&self.imported, &self.spec, &self.analysis) {
                (Some(imported), ..) => Stored::clone(imported),
                (None, Some(spec), Some(analysis)) => {
                    measure::stored(analysis, spec, &self.snapshot, Form::default())
                }
                _ => return None,
            };
            // A thread that was faster has the same bytes.
            let _ = self.packed.set(codec::write(&stored));
        }
        self.packed.get().map(Vec::as_slice)
    }

    /// What it is called: by its own name, or by its settings.
    pub fn label(&self) -> &str {
        self.title.as_deref().unwrap_or(&self.name)
    }

    /// Everything that was set for it, in the order of the controls.
    pub fn settings(&self) -> Vec<SettingRow> {
        let Shape { components, lags, .. } = self.snapshot.model.shape();
        let stft = self.analysis.as_ref().map(|analysis| analysis.stft);
        let stft = stft.or(self.origin.as_ref().map(|origin| origin.stft));
        let mut draft = SpecDraft { components, lags, ..SpecDraft::default() };
        let mut rows = vec![("Input", self.input.clone())];
        if let Some(Stft { fft, hop, window }) = stft {
            (draft.fft, draft.hop, draft.window) = (fft.into(), hop.into(), window);
        }
        let analysis = table::of(Group::Analysis).filter(|_| stft.is_some());
        for setting in analysis.chain(table::of(Group::Size)) {
            rows.extend(setting.kind.text(&draft).map(|text| (setting.label, text)));
        }
        let Some(spec) = &self.spec else {
            let stored = self.imported.as_ref().map(|stored| stored.header.method.clone());
            rows.push(("Method", stored.unwrap_or_default()));
            return rows;
        };
        draft.adopt(0, spec, stft.unwrap_or_default());
        rows.push(("Method", spec.method.label().to_owned()));
        let others = table::ALL.into_iter().filter(|of| !matches!(of.group, Group::Analysis | Group::Size));
        rows.extend(others.filter_map(|of| of.of_run(spec, &draft)));
        if let Some(fixed) = &spec.fixed {
            rows.push(("Given bases", fixed.components().to_string()));
        }
        rows
    }

    /// The settings in which two runs differ, with both values; "-" where one has no such setting.
    pub fn differences(&self, other: &Self) -> Vec<(&'static str, String, String)> {
        let (ours, theirs) = (self.settings(), other.settings());
        let value = |rows: &[SettingRow], name: &str| {
            rows.iter().find(|row| row.0 == name).map_or_else(|| "-".to_owned(), |row| row.1.clone())
        };
        let mut names: Vec<&'static str> = ours.iter().map(|row| row.0).collect();
        names.extend(theirs.iter().map(|row| row.0).filter(|name| value(&ours, name) == "-"));
        let rows = names.into_iter().map(|name| (name, value(&ours, name), value(&theirs, name)));
        rows.filter(|(_, a, b)| a != b).collect()
    }

    /// Whether it is a run on this input, analysed in this way.
    pub fn is_on(&self, analysis: &Analysis) -> bool {
        let same = |of: &Arc<Analysis>| (&of.sha256, of.stft) == (&analysis.sha256, analysis.stft);
        self.analysis.as_ref().is_some_and(same)
    }

    /// What it was asked to do; none for a stream.
    pub const fn spec(&self) -> Option<&RunSpec> {
        self.spec.as_ref()
    }

    /// The run as a series has it; none for a stream, and for one that was cancelled.
    pub(in crate::engine) fn finished(&self) -> Option<Finished> {
        let Status::Ended(stop) = self.status else { return None };
        let (snapshot, measures) = (Snapshot::clone(&self.snapshot), Measures::clone(&self.measures));
        let spec = self.spec.clone().filter(|_| stop != Stop::Cancelled)?;
        Some(Finished { spec, snapshot, stop, measures })
    }

    /// Whether it ran to its end on this input, analysed in this way.
    pub fn has_ended_on(&self, analysis: &Analysis) -> bool {
        matches!(self.status, Status::Ended(stop) if stop != Stop::Cancelled) && self.is_on(analysis)
    }

    /// What an export of it would hold.
    pub fn stored(&self, form: Form) -> Option<Stored> {
        self.shown(0, 0).stored(form)
    }

    pub const fn snapshot(&self) -> &Arc<Snapshot> {
        &self.snapshot
    }

    /// A column that shows it; `generation` and `run` number it among what the column has shown.
    pub(in crate::engine) fn shown(&self, generation: u64, run: u64) -> ColumnState {
        ColumnState {
            status: self.status.clone(),
            spec: self.spec.clone(),
            imported: self.imported.clone(),
            from_sweep: self.from_sweep,
            snapshot: Some(Arc::clone(&self.snapshot)),
            measures: Some(Arc::clone(&self.measures)),
            analysis: self.analysis.clone(),
            learning: self.learning.clone(),
            generation,
            measured: Some(generation),
            run,
            kept: Some(self.number),
            origin: self.origin.clone(),
            ..ColumnState::new()
        }
    }
}
