//! What a corpus is to do, frozen before anybody does it: the same sounds and settings give the same bytes.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::CorpusError;
use super::grid::{self, FlagValues, GridAxis};
use super::inputs::{self, Sounds};
use super::shards;
use crate::codec::{Coder, Encoding, Form};
use crate::engine::files;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::framing::Framing;
use crate::engine::settings::input::{InputSpec, Source};
use crate::numeric::{Named, RunSpec};
use crate::signal::{self, Channel, ReadOptions, Stft};

/// The version of the format of a plan.
pub(super) const VERSION: u32 = 1;

/// What a shard takes, about, where nobody says how many there are.
const SHARD_MS: u64 = 15 * 60 * 1000;

/// Shards at most, where nobody says how many: a queue of jobs takes no more.
const MOST_SHARDS: u64 = 1_000;

/// Multiplications and additions that a core does in a millisecond, about.
const OPERATIONS_A_MS: f64 = 5e7;

/// Milliseconds for whatever does not grow with the sound, and for reading and measuring a second of it.
const MS_A_RUN: f64 = 20.0;
const MS_A_SECOND: f64 = 5.0;

/// Where a header does not say how long its sound is: bytes of the file a second, and the rate.
const USUAL_BYTES: f64 = 32_000.0;
const USUAL_RATE: u32 = 44_100;

/// Seconds of a built-in signal, about.
const DEMO_SECONDS: f64 = 3.0;

/// One run on one sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// A hash of the path and of all settings, in hex.
    pub id: String,
    /// The sound, from the root.
    pub path: String,
    /// The settings that differ between items.
    pub settings: FlagValues,
    /// Milliseconds that one core takes, about.
    pub cost_ms: u64,
}

/// What of every sound is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct ReadSettings {
    channel: Option<usize>,
    rate: Option<u32>,
    start: Option<f64>,
    end: Option<f64>,
}

/// How every stream is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct WriteSettings {
    encoding: String,
    coder: String,
}

/// How items share out over the shards that a script makes by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// How many shards.
    pub shards: usize,
    /// Milliseconds of the one that has least to do, about.
    pub least_ms: u64,
    /// Milliseconds of the one that has most to do, about.
    pub most_ms: u64,
}

/// What stands in `plan.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub(super) version: u32,
    root: String,
    settings: SpecDraft,
    read: ReadSettings,
    written: WriteSettings,
    /// SHA-256 of the stream of given bases.
    pub(super) bases: Option<String>,
    /// How many sounds there are.
    pub sounds: usize,
    /// How many items there are.
    pub items: usize,
    pub(super) items_sha256: String,
    /// The shards that a script makes by itself.
    pub balance: Balance,
}

/// What a plan is made of.
pub struct PlanRequest {
    /// The sounds.
    pub sounds: Sounds,
    /// The settings that all items have.
    pub draft: SpecDraft,
    /// What of every sound is read.
    pub read: ReadOptions,
    /// How every stream is written.
    pub form: Form,
    /// The settings that differ.
    pub axes: Vec<GridAxis>,
}

/// What is frozen.
pub struct Planned {
    /// What all items share.
    pub plan: Plan,
    /// The items, those on one sound next to each other.
    pub items: Vec<Item>,
    /// The stream of given bases.
    pub bases: Option<Vec<u8>>,
}

impl PlanRequest {
    /// The plan. The beginning of every sound is read, for its length.
    ///
    /// # Errors
    /// Settings that cannot be run, or given bases that cannot be read.
    pub fn plan(&self) -> Result<Planned, CorpusError> {
        let Self { sounds: Sounds { root, words }, draft, read, form, axes } = self;
        let file = draft.fixed.as_ref().and_then(|fixed| fixed.file.as_ref());
        let bases = file.map(|file| files::read(file)).transpose()?;
        let channel = if let Channel::Index(index) = read.channel { Some(index) } else { None };
        let read = ReadSettings { channel, rate: read.rate, start: read.start, end: read.end };
        let written =
            WriteSettings { encoding: form.encoding.name().to_owned(), coder: form.coder.name().to_owned() };
        let mut plan = Plan {
            version: VERSION,
            root: files::text_of(root),
            settings: SpecDraft { fixed: None, ..draft.clone() },
            read,
            written,
            bases: bases.as_deref().map(files::sha256),
            sounds: words.len(),
            items: 0,
            items_sha256: String::new(),
            balance: Balance { shards: 1, least_ms: 0, most_ms: 0 },
        };
        let runs = grid::runs(draft, axes)?
            .into_iter()
            .map(|settings| {
                let (draft, framing, spec) = grid::run(draft, &settings)?;
                Ok((settings, draft, framing, spec))
            })
            .collect::<Result<Vec<_>, CorpusError>>()?;
        let mut items = Vec::with_capacity(words.len() * runs.len());
        let mut costs = Vec::with_capacity(words.len());
        for path in words {
            let (seconds, rate) = plan.length(&inputs::source(root, path)?);
            let item = |(settings, draft, framing, spec): &(FlagValues, SpecDraft, Framing, RunSpec)| Item {
                id: plan.id(path, draft),
                path: path.clone(),
                settings: settings.clone(),
                cost_ms: cost_ms(seconds, rate, *framing, spec),
            };
            items.extend(runs.iter().map(item));
            costs.push(items[items.len() - runs.len()..].iter().map(|item| item.cost_ms).sum::<u64>());
        }
        plan.items = items.len();
        plan.items_sha256 = files::sha256(&lines(&items));
        let count = costs.iter().sum::<u64>().div_ceil(SHARD_MS).clamp(1, MOST_SHARDS);
        let shards = usize::try_from(count).unwrap_or(1).min(costs.len());
        let (least_ms, most_ms) = shards::balance(&costs, shards);
        plan.balance = Balance { shards, least_ms, most_ms };
        Ok(Planned { plan, items, bases })
    }
}

/// A line of JSON an item.
pub(super) fn lines(items: &[Item]) -> Vec<u8> {
    let line = |item: &Item| serde_json::to_string(item).unwrap_or_default() + "\n";
    items.iter().map(line).collect::<String>().into_bytes()
}

impl Plan {
    /// The settings that all items have, without given bases.
    pub const fn settings(&self) -> &SpecDraft {
        &self.settings
    }

    /// How every stream is written.
    pub fn form(&self) -> Form {
        let WriteSettings { encoding, coder } = &self.written;
        let (encoding, coder) = (Encoding::parse(encoding), Coder::parse(coder));
        Form { encoding: encoding.unwrap_or_default(), coder: coder.unwrap_or_default(), bases: None }
    }

    /// The folder that the paths of sounds start from.
    pub fn root(&self) -> PathBuf {
        files::path_of(&self.root)
    }

    /// Where the sound of an item is, and what of it is read.
    ///
    /// # Errors
    /// A built-in signal that is unknown.
    pub fn input(&self, path: &str) -> Result<InputSpec, CorpusError> {
        let ReadSettings { channel, rate, start, end } = self.read;
        let channel = channel.map_or(Channel::Mix, Channel::Index);
        let source = inputs::source(&self.root(), path)?;
        Ok(InputSpec { source, read: ReadOptions { channel, rate, start, end } })
    }

    fn id(&self, path: &str, draft: &SpecDraft) -> String {
        let all = (path, draft, &self.read, &self.written, &self.bases);
        let mut id = files::sha256(serde_json::to_string(&all).unwrap_or_default().as_bytes());
        id.truncate(24);
        id
    }

    /// Seconds that are read of a sound, and their rate, as its header has them.
    fn length(&self, source: &Source) -> (f64, u32) {
        let guess = |path: &Path| {
            let bytes = std::fs::metadata(path).map_or(0, |there| there.len());
            (bytes as f64 / USUAL_BYTES, USUAL_RATE)
        };
        let (seconds, rate) = match source {
            Source::Demo(_) => (DEMO_SECONDS, USUAL_RATE),
            Source::File(path) => signal::promised_length(path).unwrap_or_else(|| guess(path)),
        };
        let (start, end) = (self.read.start.unwrap_or(0.0), self.read.end.unwrap_or(seconds));
        ((end.min(seconds) - start).max(0.0), self.read.rate.unwrap_or(rate))
    }
}

/// Four products of 2 M N R T operations an update; quantising takes about as long as learning.
fn cost_ms(seconds: f64, rate: u32, framing: Framing, spec: &RunSpec) -> u64 {
    // What cannot be analysed takes no time.
    let elements = |stft: Stft| seconds * f64::from(rate) / stft.hop as f64 * stft.bins() as f64;
    let elements = framing.at(rate).map_or(0.0, elements);
    let operations = 8.0 * elements * (spec.components * spec.lags * spec.iterations) as f64;
    let passes = if spec.method.is_quantised() { 2.0 } else { 1.0 };
    let ms = MS_A_RUN + MS_A_SECOND * seconds + passes * operations / OPERATIONS_A_MS;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and far below 2^64
    let ms = ms.round() as u64;
    ms
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;

    fn request(words: &[&str], axes: &[&str], draft: SpecDraft) -> PlanRequest {
        let sounds =
            Sounds { root: PathBuf::from("/x"), words: words.iter().map(|w| (*w).to_owned()).collect() };
        let axes = axes.iter().map(|word| GridAxis::parse(word).unwrap()).collect();
        PlanRequest { sounds, draft, read: ReadOptions::default(), form: Form::default(), axes }
    }

    #[test]
    fn an_item_is_known_by_its_path_and_its_settings_alone() {
        let ids = |request: PlanRequest| {
            request.plan().unwrap().items.into_iter().map(|item| item.id).collect::<Vec<_>>()
        };
        let usual = SpecDraft::default;
        let all = ids(request(&["a", "b"], &["r=3,10"], usual()));
        assert_eq!(all.len(), 8);
        assert_eq!(ids(request(&["b"], &[], SpecDraft { components: 3, ..usual() })), all[4..6]);
        assert_eq!(ids(request(&["a"], &["method=snmf-rd", "r=10"], usual())), all[3..4]);
        let other = ids(request(&["a", "b"], &["r=3,10"], SpecDraft { hop: 256.into(), ..usual() }));
        assert!(all.iter().all(|id| !other.contains(id)));
    }

    #[test]
    fn the_same_request_is_the_same_plan_and_cost_grows_with_the_work() {
        let made = |axes: &[&str]| {
            request(&["demo:speech", "demo:drums"], axes, SpecDraft::default()).plan().unwrap()
        };
        let Planned { plan, items, .. } = made(&["r=5,40"]);
        let again = made(&["r=5,40"]);
        assert_eq!(
            (serde_json::to_string(&plan).unwrap(), lines(&items)),
            (serde_json::to_string(&again.plan).unwrap(), lines(&again.items))
        );
        assert_eq!((plan.sounds, plan.items, plan.balance.shards), (2, 8, 1));
        assert!(items[2].cost_ms > 4 * items[0].cost_ms, "{items:?}");
        let seeds = made(&["r=100", "i=10000", "seed=0-99"]).plan.balance;
        assert!(seeds.shards == 2 && seeds.most_ms - seeds.least_ms <= seeds.most_ms / 2, "{seeds:?}");
    }
}
