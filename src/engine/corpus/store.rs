//! The folder of a corpus: its frozen plan, and what has come of its items.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::CorpusError;
use super::grid;
use super::inputs::Sounds;
use super::plan::{Item, Plan, PlanRequest, Planned, VERSION, lines};
use super::shards::{self, Shard};
use crate::codec::{self, Digest, Form, Stored};
use crate::engine::files::{self, FileError};
use crate::engine::run::memory;
use crate::engine::settings::draft::{Fixed, SpecDraft};
use crate::engine::settings::framing::Framing;
use crate::engine::stream_file::BASES;
use crate::numeric::{AnyModel, FixedBases, RunSpec};

const PLAN: &str = "plan.json";
const ITEMS: &str = "items.jsonl";
const STREAMS: &str = "streams";
const DONE: &str = "done";
const FAILED: &str = "failed";

/// A plan in its folder.
pub struct Corpus {
    folder: PathBuf,
    plan: Plan,
    items: Vec<Item>,
    draft: SpecDraft,
    /// The bases that all runs are given, and the digest of their file.
    bases: Option<(Digest, AnyModel)>,
}

/// What has become of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemState {
    /// Its numbers, as `snmf run --json` has them.
    Done(Value),
    /// Why it cannot be done.
    Failed(String),
    /// Not yet.
    Open,
}

/// What stands in `done/`.
#[derive(Serialize, Deserialize)]
struct Record {
    id: String,
    program: String,
    streams: Vec<StreamRecord>,
    report: Value,
}

#[derive(Serialize, Deserialize)]
struct StreamRecord {
    file: String,
    sha256: String,
}

/// What stands in `failed/`.
#[derive(Serialize, Deserialize)]
struct FailedItem {
    id: String,
    path: String,
    program: String,
    reason: String,
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

impl Corpus {
    /// Freezes a plan in a folder; one that is there already has to be of the same items.
    ///
    /// # Errors
    /// Settings that cannot be run, a plan of other items, or files that cannot be written.
    pub fn create(folder: &Path, request: &PlanRequest) -> Result<Self, CorpusError> {
        let Planned { plan, items, bases } = request.plan()?;
        if Self::is_in(folder) {
            let there = Self::open(folder)?;
            let ids = |items: &[Item]| items.iter().map(|item| item.id.clone()).collect::<Vec<_>>();
            let is_same = ids(&there.items) == ids(&items);
            return if is_same { Ok(there) } else { Err(CorpusError::OtherPlan { path: folder.to_owned() }) };
        }
        make_folder(folder)?;
        if let Some(bases) = bases {
            files::write_atomic(&folder.join(BASES), true, &bases)?;
        }
        files::write_atomic(&folder.join(ITEMS), true, &lines(&items))?;
        // Last of all: what has a plan is whole.
        files::write_atomic(&folder.join(PLAN), true, &json(&plan))?;
        Self::open(folder)
    }

    /// Whether there is a plan in a folder.
    pub fn is_in(folder: &Path) -> bool {
        folder.join(PLAN).exists()
    }

    /// Reads a plan.
    ///
    /// # Errors
    /// There is none, or not the one that was frozen.
    pub fn open(folder: &Path) -> Result<Self, CorpusError> {
        let wrong = |name: &str, reason: &dyn ToString| CorpusError::NotAPlan {
            path: folder.join(name),
            reason: reason.to_string(),
        };
        let read = |name: &str| fs::read(folder.join(name)).map_err(|e| wrong(name, &e));
        let plan: Plan = serde_json::from_slice(&read(PLAN)?).map_err(|e| wrong(PLAN, &e))?;
        if plan.version != VERSION {
            return Err(wrong(PLAN, &format!("version {} is not known", plan.version)));
        }
        let bytes = read(ITEMS)?;
        if files::sha256(&bytes) != plan.items_sha256 {
            return Err(wrong(ITEMS, &"it is not the list that was frozen"));
        }
        let items = bytes.split_inclusive(|byte| *byte == b'\n').map(serde_json::from_slice);
        let items = items.collect::<Result<Vec<Item>, _>>().map_err(|e| wrong(ITEMS, &e))?;
        let mut draft = plan.settings().clone();
        let mut shared = None;
        if let Some(sha256) = &plan.bases {
            let bytes = read(BASES)?;
            if files::sha256(&bytes) != *sha256 {
                return Err(wrong(BASES, &"these are not the bases that were frozen"));
            }
            let stored = codec::read(&bytes, &memory::limits()).map_err(|e| wrong(BASES, &e))?;
            let bases = FixedBases::of(&stored.model, stored.header.power_or_one());
            draft.fixed = Some(Fixed { bases: bases.into(), file: Some(folder.join(BASES)) });
            shared = Digest::parse(sha256).map(|digest| (digest, stored.model));
        }
        Ok(Self { folder: folder.to_owned(), plan, items, draft, bases: shared })
    }

    /// What is to be done.
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The items, those on one sound next to each other.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// All sounds of the plan.
    pub fn all_sounds(&self) -> Sounds {
        let words = self.by_sound().0.iter().map(|items| items[0].path.clone()).collect();
        Sounds { root: self.plan.root(), words }
    }

    /// The items sound by sound, and what each sound costs.
    fn by_sound(&self) -> (Vec<&[Item]>, Vec<u64>) {
        let sounds = self.items.chunk_by(|a, b| a.path == b.path);
        sounds.map(|items| (items, items.iter().map(|item| item.cost_ms).sum::<u64>())).unzip()
    }

    /// Milliseconds of the shard that has most to do, where there are so many, about.
    pub fn most_ms(&self, shards: usize) -> u64 {
        shards::balance(&self.by_sound().1, shards).1
    }

    /// The items of a shard, sound by sound.
    pub fn sounds(&self, shard: Shard) -> Vec<&[Item]> {
        let (sounds, costs) = self.by_sound();
        let shard_of = shards::share_out(&costs, shard.count);
        let own = sounds.into_iter().zip(shard_of).filter(|(_, of)| *of == shard.index);
        own.map(|(items, _)| items).collect()
    }

    /// The run of an item, and how its sound is analysed.
    ///
    /// # Errors
    /// Settings that this program cannot run.
    pub fn run(&self, item: &Item) -> Result<(Framing, RunSpec), CorpusError> {
        grid::run(&self.draft, &item.settings).map(|(_, framing, spec)| (framing, spec))
    }

    /// How the stream of a run is written: without the given bases, where the run has no others and keeps these as they are.
    pub fn form(&self, spec: &RunSpec) -> Form {
        let keeps = |model: &AnyModel| {
            spec.components == model.shape().components
                && spec.precision == model.precision()
                && spec.method.is_quantised() == model.is_quantised()
        };
        let shared = self.bases.as_ref().filter(|(_, model)| keeps(model));
        Form { bases: shared.map(|(digest, _)| *digest), ..self.plan.form() }
    }

    /// Whether bases are given, and streams of some items hold theirs all the same.
    ///
    /// # Errors
    /// Settings that this program cannot run.
    pub fn some_hold_own_bases(&self) -> Result<bool, CorpusError> {
        let first = self.by_sound().0.first().copied().unwrap_or_default();
        let forms = first.iter().map(|item| Ok(self.form(&self.run(item)?.1)));
        let forms = forms.collect::<Result<Vec<Form>, CorpusError>>()?;
        Ok(self.bases.is_some() && forms.iter().any(|form| form.bases.is_none()))
    }

    /// Whether the bases of a stream are there, in it or in the file that it names.
    pub fn has_bases(&self, stored: &Stored) -> bool {
        stored.form.bases.is_none()
            || self.bases.as_ref().is_some_and(|(_, bases)| stored.has_bases_of(bases))
    }

    /// What has become of an item. Done is what has a record whose streams are there, byte for byte.
    pub fn state(&self, item: &Item) -> ItemState {
        if let Some(report) = self.done(item) {
            return ItemState::Done(report);
        }
        let failed = fs::read(self.path(FAILED, item, "json")).ok();
        let failed = failed.and_then(|bytes| serde_json::from_slice::<FailedItem>(&bytes).ok());
        failed.map_or(ItemState::Open, |failed| ItemState::Failed(failed.reason))
    }

    fn done(&self, item: &Item) -> Option<Value> {
        let record: Record = serde_json::from_slice(&fs::read(self.path(DONE, item, "json")).ok()?).ok()?;
        let is_there = |stream: &StreamRecord| {
            fs::read(self.folder.join(&stream.file)).is_ok_and(|bytes| files::sha256(&bytes) == stream.sha256)
        };
        (record.id == item.id && record.streams.iter().all(is_there)).then_some(record.report)
    }

    /// The stream of an item, from the folder of the corpus.
    pub fn stream(item: &Item) -> String {
        name(STREAMS, item, "snmf.gz")
    }

    /// Keeps what an item gave: its stream, then its record.
    ///
    /// # Errors
    /// The system refuses.
    pub fn finish(&self, item: &Item, stream: &[u8], report: Value) -> Result<(), CorpusError> {
        let file = Self::stream(item);
        Self::put(&self.folder.join(&file), stream, || {
            fs::read(self.folder.join(&file)).is_ok_and(|there| there == stream)
        })?;
        let streams = vec![StreamRecord { file, sha256: files::sha256(stream) }];
        let record =
            Record { id: item.id.clone(), program: env!("CARGO_PKG_VERSION").to_owned(), streams, report };
        Self::put(&self.path(DONE, item, "json"), &json(&record), || self.done(item).is_some())?;
        // A failure of an earlier worker says nothing any more; one that stays is not asked for.
        let _ = fs::remove_file(self.path(FAILED, item, "json"));
        Ok(())
    }

    /// Keeps why an item cannot be done.
    ///
    /// # Errors
    /// The system refuses.
    pub fn fail(&self, item: &Item, reason: &str) -> Result<(), CorpusError> {
        let (id, path, reason) = (item.id.clone(), item.path.clone(), reason.to_owned());
        let failed = FailedItem { id, path, program: env!("CARGO_PKG_VERSION").to_owned(), reason };
        Self::put(&self.path(FAILED, item, "json"), &json(&failed), || false)
    }

    /// Moves a file into its place. Where another worker was first, its file stays if it is good.
    fn put(path: &Path, bytes: &[u8], is_good: impl Fn() -> bool) -> Result<(), CorpusError> {
        path.parent().map_or(Ok(()), make_folder)?;
        match files::write_unsynced(path, false, bytes) {
            Err(FileError::Exists { .. }) if is_good() => Ok(()),
            Err(FileError::Exists { .. }) => Ok(files::write_unsynced(path, true, bytes)?),
            outcome => Ok(outcome?),
        }
    }

    /// Removes what workers that are gone have left half written.
    pub fn sweep(&self) {
        files::sweep(&self.folder);
        for kind in [STREAMS, DONE, FAILED] {
            let Ok(folders) = fs::read_dir(self.folder.join(kind)) else { continue };
            folders.flatten().for_each(|folder| files::sweep(&folder.path()));
        }
    }

    fn path(&self, kind: &str, item: &Item, ending: &str) -> PathBuf {
        self.folder.join(name(kind, item, ending))
    }
}

/// Two digits make a folder, for one that holds everything takes long to list.
fn name(kind: &str, item: &Item, ending: &str) -> String {
    format!("{kind}/{}/{}.{ending}", item.id.get(..2).unwrap_or_default(), item.id)
}

fn make_folder(folder: &Path) -> Result<(), CorpusError> {
    let failed = |source| FileError::Write { path: folder.to_owned(), source };
    Ok(fs::create_dir_all(folder).map_err(failed)?)
}
