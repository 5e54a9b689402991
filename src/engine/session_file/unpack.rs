//! From the object to what a session holds, everything checked; sounds come later.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Contents;
use super::document::{AnalysisOf, Document, Sound};
use super::error::SessionFileError;
use super::parts::PartSource;
use super::run::{GivenBases, RunDocument};
use crate::codec::{self, Limits, Stored};
use crate::engine::files::path_of;
use crate::engine::run::column::ColumnState;
use crate::engine::run::list::RunRecord;
use crate::engine::run::memory;
use crate::engine::settings::draft::{Fixed, SpecDraft};
use crate::engine::settings::input::{InputSpec, Source as SoundSource};
use crate::engine::sound_ref::Origin;
use crate::numeric::{FixedBases, Named, RunSpec};
use crate::signal::{Channel, ReadOptions, Stft, Window};

/// Runs at most. A list has a hundred, and those that are pinned.
const MOST_RUNS: usize = 10_000;

/// Numbers in all factors together that are read however little memory there is.
const LEAST_VALUES: u64 = 1 << 26;

/// Where a sound may be.
pub struct SoundLocation {
    /// Its name in the bundle.
    pub file: Option<String>,
    /// The way from the session.
    pub relative: Option<String>,
}

/// The analyses of the object, and where the sound of each may be.
pub type SoundLocations = Vec<(Arc<Origin>, SoundLocation)>;

/// Everything but the sounds.
pub fn unpack(
    document: Document,
    source: &mut PartSource,
) -> Result<(Contents, SoundLocations), SessionFileError> {
    let too_many = |what: &str, got: usize| {
        SessionFileError::field(what, format!("expected at most {MOST_RUNS}, got {got}"))
    };
    for (what, got) in [
        ("runs", document.runs.len()),
        ("bases", document.bases.len()),
        ("analyses", document.analyses.len()),
    ] {
        if got > MOST_RUNS {
            return Err(too_many(what, got));
        }
    }
    let places = analyses(&document.analyses, &document.sounds)?;
    let mut reading = Unpacker { source, left: budget(), bases: Vec::new(), places: &places };
    for (i, part) in document.bases.iter().enumerate() {
        let stored = reading.stream(part, &format!("bases[{i}]"))?;
        reading.bases.push(Arc::new(FixedBases::of(&stored.model, stored.header.power_or_one())));
    }
    let input = reading.origin(document.input, "input")?;
    let fixed = reading.given(document.given, "given")?;
    let draft = SpecDraft { fixed, ..document.settings };
    let mut numbers = BTreeSet::new();
    let mut runs = Vec::new();
    for (i, run) in document.runs.into_iter().enumerate() {
        let field = format!("runs[{i}]");
        if run.number == 0 || !numbers.insert(run.number) {
            let reason = format!("expected a number from 1 up that no other run has, got {}", run.number);
            return Err(SessionFileError::field(format!("{field}.number"), reason));
        }
        runs.push(reading.run(run, &field)?);
    }
    let ended = numbers.last().copied().unwrap_or(0).max(document.runs_ended);
    let columns = document.columns.map(|number| number.filter(|number| numbers.contains(number)));
    let saved_as = document.saved_as.map(path_of);
    Ok((Contents { draft, input, runs, ended, columns, view: document.view, saved_as }, places))
}

/// Numbers that all factors together may have: what half of the free memory holds in double precision.
fn budget() -> u64 {
    (memory::available() / 16).max(LEAST_VALUES)
}

fn analyses(analyses: &[AnalysisOf], sounds: &[Sound]) -> Result<SoundLocations, SessionFileError> {
    let of = |(i, analysis): (usize, &AnalysisOf)| {
        let field = |name: &str| format!("analyses[{i}].{name}");
        let sound = analysis.sound;
        let given = sounds.get(sound).ok_or_else(|| no_such(field("sound"), sound, sounds.len()))?;
        let in_sound = |name: &str| format!("sounds[{sound}].{name}");
        let from =
            SoundSource::parse(&given.source).map_err(|e| SessionFileError::field(in_sound("source"), e))?;
        let hex = given.sha256.len() == 64 && given.sha256.bytes().all(|b| b.is_ascii_hexdigit());
        if !hex {
            return Err(SessionFileError::field(in_sound("sha256"), "expected 64 hex digits"));
        }
        let window = Window::parse(&analysis.window);
        let window = window.ok_or_else(|| {
            SessionFileError::field(field("window"), format!("unknown window {:?}", analysis.window))
        })?;
        let stft = Stft { fft: analysis.fft, hop: analysis.hop, window };
        let read = ReadOptions {
            channel: given.channel.map_or(Channel::Mix, Channel::Index),
            rate: given.rate,
            start: given.start,
            end: given.end,
        };
        let origin = Origin {
            absolute: given.absolute.as_ref().map(path_of).filter(|_| matches!(from, SoundSource::File(_))),
            input: InputSpec { source: from, read },
            stft,
            sha256: given.sha256.clone(),
            shape: (analysis.bins, analysis.frames),
            warnings: given.warnings.clone(),
        };
        let place = SoundLocation { file: given.file.clone(), relative: given.relative.clone() };
        Ok((Arc::new(origin), place))
    };
    analyses.iter().enumerate().map(of).collect()
}

fn no_such(field: String, got: usize, count: usize) -> SessionFileError {
    SessionFileError::field(field, format!("expected one of {count}, counted from 0, got {got}"))
}

struct Unpacker<'a> {
    source: &'a mut PartSource,
    /// Numbers that factors may still have.
    left: u64,
    bases: Vec<Arc<FixedBases>>,
    places: &'a SoundLocations,
}

impl Unpacker<'_> {
    fn stream(&mut self, part: &super::run::StoredStream, field: &str) -> Result<Stored, SessionFileError> {
        let bytes = self.source.stream(part, field)?;
        let usual = memory::limits();
        let limits = Limits { values: usual.values.min(self.left), ..usual };
        let stored = codec::read(&bytes, &limits).map_err(|e| SessionFileError::field(field, e))?;
        let values = stored.model.shape().values().map_or(u64::MAX, |values| values as u64);
        self.left = self.left.saturating_sub(values);
        Ok(stored)
    }

    fn origin(&self, place: Option<usize>, field: &str) -> Result<Option<Arc<Origin>>, SessionFileError> {
        let Some(place) = place else { return Ok(None) };
        let found = self.places.get(place).map(|(origin, _)| Arc::clone(origin));
        found.map(Some).ok_or_else(|| no_such(field.to_owned(), place, self.places.len()))
    }

    fn given(&self, given: Option<GivenBases>, field: &str) -> Result<Option<Fixed>, SessionFileError> {
        let Some(GivenBases { bases, file }) = given else { return Ok(None) };
        let known = self.bases.get(bases).cloned();
        let known = known.ok_or_else(|| no_such(format!("{field}.bases"), bases, self.bases.len()))?;
        Ok(Some(Fixed { bases: known, file: file.map(path_of) }))
    }

    fn run(&mut self, run: RunDocument, field: &str) -> Result<RunRecord, SessionFileError> {
        let status = run.status(field)?;
        let origin = self.origin(run.analysis, &format!("{field}.analysis"))?;
        let stored = self.stream(&run.factors, &format!("{field}.factors"))?;
        let fixed = self.given(run.given, &format!("{field}.given"))?;
        let settings = run.settings.map(|draft| SpecDraft { fixed, ..draft });
        let spec = settings.map(|draft| spec(&draft, &stored, field)).transpose()?;
        if let Some(origin) = &origin {
            let shape = stored.model.shape();
            let (expected, got) = (origin.shape, (shape.bins, shape.frames));
            if expected != got {
                let reason = format!(
                    "expected {} bins x {} frames as its analysis has, got {} x {}",
                    expected.0, expected.1, got.0, got.1
                );
                return Err(SessionFileError::field(format!("{field}.factors"), reason));
            }
        }
        let snapshot = run.course.snapshot(&stored, &format!("{field}.course"))?;
        let column = ColumnState {
            status,
            spec,
            imported: Some(Arc::new(stored)),
            from_sweep: run.from_sweep,
            snapshot: Some(Arc::new(snapshot)),
            measures: Some(Arc::new(run.measures.into())),
            origin,
            ..ColumnState::new()
        };
        let unusable = || SessionFileError::field(field, "it has no factors");
        let mut kept = RunRecord::of(&column, run.number).ok_or_else(unusable)?;
        (kept.title, kept.pinned) = (run.title, run.pinned);
        Ok(kept)
    }
}

/// What was asked for, where it fits what came of it.
fn spec(draft: &SpecDraft, stored: &Stored, field: &str) -> Result<RunSpec, SessionFileError> {
    let field = format!("{field}.settings");
    let experiment = draft.parse().map_err(|e| SessionFileError::field(&field, e))?;
    let first = experiment.runs.into_iter().next();
    let spec = first.ok_or_else(|| SessionFileError::field(format!("{field}.methods"), "expected one"))?;
    let shape = stored.model.shape();
    let (expected, got) = ((spec.components, spec.lags), (shape.components, shape.lags));
    if expected != got {
        let reason = format!(
            "expected R = {} and T = {} as its factors have, got {} and {}",
            got.0, got.1, expected.0, expected.1
        );
        return Err(SessionFileError::field(field, reason));
    }
    Ok(spec)
}
