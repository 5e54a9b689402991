//! The sounds that one W is learned from, held as spectrograms.

use std::sync::Arc;

use rayon::ThreadPool;
use rayon::prelude::*;

use super::error::LearnError;
use crate::engine::analysis::{Analysis, AnalysisError};
use crate::engine::corpus::{CorpusError, Sounds, inputs};
use crate::engine::files;
use crate::engine::run::memory;
use crate::engine::settings::framing::Framing;
use crate::engine::settings::input::InputSpec;
use crate::engine::settings::spec::ExperimentSpec;
use crate::numeric::RunSpec;
use crate::numeric::methods::shared::TrainingSpectrogram;
use crate::signal::{ReadOptions, Spectrogram, Stft};

/// Hex digits of an id.
const ID: usize = 16;

/// A sound by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedInput {
    /// The word that stands for it in its set.
    pub name: String,
    /// Where it is.
    pub input: InputSpec,
}

/// The sounds of a corpus, sorted by their names, and what of each is read.
///
/// # Errors
/// `demo:` and an unknown name.
pub fn inputs(sounds: &Sounds, read: ReadOptions) -> Result<Vec<NamedInput>, CorpusError> {
    let named = |word: &String| {
        let source = inputs::source(&sounds.root, word)?;
        Ok(NamedInput { name: word.clone(), input: InputSpec { source, read } })
    };
    let mut found = sounds.words.iter().map(named).collect::<Result<Vec<_>, CorpusError>>()?;
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// A sound that was read.
#[derive(Clone, Debug)]
pub struct Member {
    /// See [`NamedInput::name`].
    pub name: String,
    /// A hash of its name, in hex.
    pub id: String,
    /// See [`Analysis::sha256`].
    pub sha256: String,
    /// N.
    pub frames: usize,
    rate: Option<u32>,
    bins: usize,
}

impl Member {
    fn kind_text(&self) -> String {
        let rate = self.rate.map_or_else(|| "no rate".to_owned(), |rate| format!("{rate} Hz"));
        format!("{rate} and {} bins", self.bins)
    }
}

/// A sound with its spectrogram.
struct LoadedMember {
    member: Member,
    sound: TrainingSpectrogram,
    warnings: Vec<String>,
}

impl LoadedMember {
    fn of(name: String, analysis: Analysis) -> Self {
        let id = files::sha256(name.as_bytes())[..ID].to_owned();
        let seed = u64::from_str_radix(&id, 16).unwrap_or_default();
        let (rate, bins, frames) = (analysis.rate(), analysis.bins(), analysis.frames());
        let (sha256, warnings) = (analysis.sha256.clone(), analysis.warnings.clone());
        let Spectrogram { v, max, .. } = analysis.into_spectrogram_f32();
        let sound = TrainingSpectrogram { v: Arc::unwrap_or_clone(v), max, seed };
        Self { member: Member { name, id, sha256, frames, rate, bins }, sound, warnings }
    }
}

/// The sounds of a run, by their names.
pub struct TrainingSet {
    /// What is known of each.
    pub members: Vec<Member>,
    /// Their spectrograms.
    pub(super) sounds: Vec<TrainingSpectrogram>,
    framing: Framing,
    /// What was left out, and what was not quite as it should be, a sentence each.
    pub warnings: Vec<String>,
    /// How many sounds were left out, for they cannot be read.
    pub left_out: usize,
}

impl TrainingSet {
    /// Reads the sounds on `pool`; `report` is called after each, and says whether to go on. None where it did not.
    ///
    /// # Errors
    /// No sound that can be read, rates or bins that differ, or more than the memory that is free holds with what
    /// `experiment` learns.
    pub fn read(
        inputs: Vec<NamedInput>,
        experiment: &ExperimentSpec,
        pool: &ThreadPool,
        report: &(dyn Fn() -> bool + Sync),
    ) -> Result<Option<Self>, LearnError> {
        let framing = experiment.framing;
        let read = |NamedInput { name, input }: NamedInput| {
            // Of what was analysed V alone is kept.
            let analysis = Analysis::read(&input, framing, pool);
            let read =
                analysis.map(|analysis| LoadedMember::of(name.clone(), analysis)).map_err(|e| (name, e));
            report().then_some(read)
        };
        let Some(all): Option<Vec<_>> = pool.install(|| inputs.into_par_iter().map(read).collect()) else {
            return Ok(None);
        };
        let mut set =
            Self { members: Vec::new(), sounds: Vec::new(), framing, warnings: Vec::new(), left_out: 0 };
        for read in all {
            match read {
                Ok(loaded) => set.push(loaded)?,
                Err((_, e @ AnalysisError::Memory { .. })) => return Err(LearnError::Analysis(e)),
                Err((name, e)) => {
                    set.warnings.push(format!("{name} is left out: {e}"));
                    set.left_out += 1;
                }
            }
        }
        if set.sounds.iter().all(|sound| sound.max <= 0.0) {
            return Err(LearnError::NoSound { why: set.warnings.into_iter().next() });
        }
        let frames = set.members.iter().map(|member| member.frames);
        for spec in &experiment.runs {
            memory::check_shared(spec, set.bins(), frames.clone(), pool.current_num_threads())?;
        }
        Ok(Some(set))
    }

    fn push(&mut self, loaded: LoadedMember) -> Result<(), LearnError> {
        let LoadedMember { member, sound, warnings } = loaded;
        let kind = |member: &Member| (member.rate, member.bins);
        if let Some(first) = self.members.first().filter(|first| kind(first) != kind(&member)) {
            return Err(LearnError::Differs {
                first: first.name.clone(),
                expected: first.kind_text(),
                got: member.kind_text(),
                other: member.name,
            });
        }
        self.warnings.extend(warnings.into_iter().map(|warning| format!("{}: {warning}", member.name)));
        self.members.push(member);
        self.sounds.push(sound);
        Ok(())
    }

    /// How they were made; the usual frames of spectrograms that came ready, of which nobody knows.
    pub fn stft(&self) -> Stft {
        self.rate().and_then(|rate| self.framing.at(rate).ok()).unwrap_or_default()
    }

    /// Samples a second, where they are known.
    pub fn rate(&self) -> Option<u32> {
        self.members.first()?.rate
    }

    /// M.
    pub fn bins(&self) -> usize {
        self.members.first().map_or(0, |member| member.bins)
    }

    /// N of all sounds together.
    pub fn frames(&self) -> usize {
        self.members.iter().map(|member| member.frames).sum()
    }

    /// Bytes that the spectrograms take, and about how many more learning takes with so many threads.
    pub fn memory(&self, spec: &RunSpec, threads: usize) -> [u64; 2] {
        let frames = self.members.iter().map(|member| member.frames);
        let v = 4 * self.bins() as u64 * self.frames() as u64;
        [v, memory::estimate_shared(spec, self.bins(), frames, threads)]
    }
}
