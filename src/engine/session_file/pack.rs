//! From what a session holds to the object that stands for it.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::Contents;
use super::document::{AnalysisOf, Document, Sound};
use super::error::SessionFileError;
use super::parts::Store;
use super::run::{Course, GivenBases, Numbers, RunDocument};
use crate::codec::{self, Form, Header, Stored};
use crate::engine::files;
use crate::engine::run::column::Status;
use crate::engine::run::list::RunRecord;
use crate::engine::settings::draft::{Fixed, SpecDraft};
use crate::engine::settings::input::Source;
use crate::engine::sound_ref::Origin;
use crate::numeric::{FixedBases, Named};
use crate::signal::{Channel, Stft};

/// The object for these contents; streams and sounds go to `store`. `home` is the folder in which the file will be.
pub fn pack(
    contents: &Contents,
    home: Option<&Path>,
    store: &mut dyn Store,
) -> Result<Document, SessionFileError> {
    let mut packing = Packing {
        home: home.and_then(|home| std::path::absolute(home).ok()),
        document: Document::new(writable(contents.draft.clone())),
        sounds: Vec::new(),
        analyses: Vec::new(),
        bases: Vec::new(),
        store,
    };
    packing.document.input = match &contents.input {
        Some(origin) => Some(packing.analysis(origin)?),
        None => None,
    };
    packing.document.given = packing.given(contents.draft.fixed.as_ref())?;
    for run in &contents.runs {
        if let Some(run) = packing.run(run)? {
            packing.document.runs.push(run);
        }
    }
    packing.document.runs_ended = contents.ended;
    packing.document.columns = contents.columns;
    packing.document.view = Value::clone(&contents.view);
    Ok(packing.document)
}

/// JSON has no word for what is not a number; a setting that is none is no setting.
fn writable(draft: SpecDraft) -> SpecDraft {
    let usual = SpecDraft::default();
    let finite = |x: f64, usual: f64| if x.is_finite() { x } else { usual };
    SpecDraft {
        tolerance: finite(draft.tolerance, usual.tolerance),
        renew: finite(draft.renew, usual.renew),
        p: finite(draft.p, usual.p),
        ..draft
    }
}

struct Packing<'a> {
    home: Option<PathBuf>,
    document: Document,
    sounds: Vec<Arc<Origin>>,
    analyses: Vec<Arc<Origin>>,
    bases: Vec<Arc<FixedBases>>,
    store: &'a mut dyn Store,
}

impl Packing<'_> {
    fn run(&mut self, run: &RunRecord) -> Result<Option<RunDocument>, SessionFileError> {
        // What has no stream has no factors, and is no run.
        let Some(bytes) = run.stream() else { return Ok(None) };
        let (header, _) = codec::read_header(bytes)?;
        let name = files::default_name(&header, run.snapshot().model.shape());
        let factors = self.store.stream(&format!("runs/{:02}-{name}", run.number), bytes)?;
        let origin = run.analysis.as_ref().map(|analysis| Arc::new(Origin::of(analysis)));
        let origin = origin.or_else(|| run.origin.clone());
        let analysis = match &origin {
            Some(origin) => Some(self.analysis(origin)?),
            None => None,
        };
        let settings = run.spec().map(|spec| {
            let mut draft = SpecDraft { methods: vec![spec.method], ..SpecDraft::default() };
            draft.adopt(0, spec, origin.as_ref().map_or_else(Stft::default, |origin| origin.stft));
            // A V that came ready has whatever sizes it has; runs do not ask for them.
            if draft.framing().is_err() {
                let usual = SpecDraft::default();
                (draft.fft, draft.hop) = (usual.fft, usual.hop);
            }
            draft
        });
        let (stop, imported) = match &run.status {
            Status::Ended(stop) => (Some(stop.name().to_owned()), None),
            Status::Imported { path } => (None, Some(files::text_of(path))),
            Status::Empty | Status::Running | Status::Paused | Status::Cancelling | Status::Failed { .. } => {
                return Ok(None);
            }
        };
        Ok(Some(RunDocument {
            number: run.number,
            title: run.title.clone(),
            pinned: run.pinned,
            stop,
            imported,
            from_sweep: run.from_sweep,
            analysis,
            given: self.given(settings.as_ref().and_then(|draft| draft.fixed.as_ref()))?,
            settings,
            course: Course::of(run.snapshot()),
            measures: Numbers::from(&*run.measures),
            factors,
        }))
    }

    fn given(&mut self, fixed: Option<&Fixed>) -> Result<Option<GivenBases>, SessionFileError> {
        let Some(Fixed { bases, file }) = fixed else { return Ok(None) };
        let known = self.bases.iter().position(|known| Arc::ptr_eq(known, bases) || known == bases);
        let place = if let Some(place) = known {
            place
        } else {
            let power = Some(bases.power()).filter(|power| *power != Header::POWER);
            let header = Header { method: "given".to_owned(), power, ..Header::default() };
            let stored = Stored { header, model: bases.to_model(), form: Form::default() };
            let place = self.bases.len();
            let part = self.store.stream(&format!("bases/{place:02}.snmf.gz"), &codec::write(&stored))?;
            self.document.bases.push(part);
            self.bases.push(Arc::clone(bases));
            place
        };
        let file = file.as_deref().map(files::text_of);
        Ok(Some(GivenBases { bases: place, file }))
    }

    fn analysis(&mut self, origin: &Arc<Origin>) -> Result<usize, SessionFileError> {
        if let Some(known) = self.analyses.iter().position(|known| known == origin) {
            return Ok(known);
        }
        let sound = self.sound(origin)?;
        let (bins, frames) = origin.shape;
        let window = origin.stft.window.name().to_owned();
        let (fft, hop) = (origin.stft.fft, origin.stft.hop);
        self.document.analyses.push(AnalysisOf { sound, fft, hop, window, bins, frames });
        self.analyses.push(Arc::clone(origin));
        Ok(self.analyses.len() - 1)
    }

    fn sound(&mut self, origin: &Arc<Origin>) -> Result<usize, SessionFileError> {
        if let Some(known) = self.sounds.iter().position(|known| known.is_sound_of(origin)) {
            return Ok(known);
        }
        let place = self.sounds.len();
        let file = match &origin.absolute {
            Some(path) => {
                let name = format!("sounds/{place}/{}", origin.name());
                self.store.sound(&name, path)?.then_some(name)
            }
            None => None,
        };
        let relative = self.home.as_ref().zip(origin.absolute.as_ref());
        let read = origin.input.read;
        self.document.sounds.push(Sound {
            source: match &origin.input.source {
                Source::Demo(demo) => demo.name().to_owned(),
                Source::File(path) => files::text_of(path),
            },
            absolute: origin.absolute.as_deref().map(files::text_of),
            relative: relative.and_then(|(home, path)| seen_from(home, path)),
            file,
            channel: match read.channel {
                Channel::Mix => None,
                Channel::Index(channel) => Some(channel),
            },
            rate: read.rate,
            start: read.start,
            end: read.end,
            sha256: origin.sha256.clone(),
            warnings: origin.warnings.clone(),
        });
        self.sounds.push(Arc::clone(origin));
        Ok(place)
    }
}

/// The way from a folder to a file, both absolute, with `/` between folders; none from one drive to another.
fn seen_from(folder: &Path, file: &Path) -> Option<String> {
    let (from, to): (Vec<Component>, Vec<Component>) =
        (folder.components().collect(), file.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    if shared == 0 {
        return None;
    }
    let up = from[shared..].iter().map(|_| "..".to_owned());
    let down = to[shared..].iter().map(|part| part.as_os_str().to_string_lossy().into_owned());
    Some(up.chain(down).collect::<Vec<_>>().join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn the_way_from_the_session_to_its_sound() {
        let way = |from: &str, to: &str| seen_from(Path::new(from), Path::new(to)).unwrap();
        assert_eq!(way("/a/b", "/a/b/x.wav"), "x.wav");
        assert_eq!(way("/a/b", "/a/c/d/x.wav"), "../c/d/x.wav");
        assert_eq!(way("/", "/x.wav"), "x.wav");
    }
}
