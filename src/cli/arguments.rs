//! What several commands have on their command lines, and what it describes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::{OsStringValueParser, RangedU64ValueParser, TypedValueParser};

use super::flags::{
    AnalysisFlags, LearningFlags, PosterFlags, PurposeFlags, RenewalFlags, SizeFlags, TargetFlags,
    UpdateFlags,
};
use super::output::{self, Failure};
use crate::codec::{Coder, Encoding, Form, Stored};
use crate::engine::settings::draft::Fixed;
use crate::engine::settings::purpose::Purpose;
use crate::engine::{InputSpec, Source, SpecDraft, files};
use crate::numeric::{FixedBases, Method, Named};
use crate::signal::{Channel, ReadOptions};

/// Worker threads at most: more than any machine has cores, and as many as a system gives at once.
const MOST_THREADS: u64 = 1024;

/// A sound and how it is analysed.
#[derive(Debug, Args)]
pub struct SoundArguments {
    /// A sound file, an NPZ archive with a spectrogram V, or demo:speech, demo:drums, demo:piano, demo:noise-burst,
    /// demo:evolving, or - for standard input
    #[arg(value_parser = source())]
    input: Source,
    #[command(flatten)]
    pub analysis: AnalysisArguments,
}

/// What of a sound is analysed, and how.
#[derive(Debug, Args)]
pub struct AnalysisArguments {
    #[command(flatten)]
    pub stft: AnalysisFlags,
    /// Analyse this channel alone, counted from 1 [default: the mean of all]
    #[arg(long)]
    channel: Option<usize>,
    /// Resample to this rate in Hz
    #[arg(long)]
    rate: Option<u32>,
    /// Begin at this time in seconds
    #[arg(long)]
    start: Option<f64>,
    /// End at this time in seconds
    #[arg(long)]
    end: Option<f64>,
}

/// How CNMF learns, and how many parts.
#[derive(Debug, Args)]
pub struct LearningArguments {
    #[command(flatten)]
    size: SizeFlags,
    /// Keep the bases of this factor stream as the first components and learn their activations; R and T are those of
    /// the stream, and further components are learned where -r asks for more
    #[arg(long, value_name = "FILE", value_parser = path())]
    fixed_w: Option<PathBuf>,
    #[command(flatten)]
    updates: UpdateArguments,
}

/// How CNMF learns.
#[derive(Debug, Args)]
pub struct UpdateArguments {
    #[command(flatten)]
    learning: LearningFlags,
    #[command(flatten)]
    rules: UpdateFlags,
}

/// What a model is for, and what that stands for.
#[derive(Debug, Args)]
pub struct PurposeArguments {
    /// What the model is for: features (power 1, metric kld, loss all), sound (power 0.5, metric snr, loss all,
    /// fft 30ms, hop 10ms), poster (power 1, metric snr, loss snr)
    #[arg(long = "for", value_name = "USE", value_parser = named::<Purpose>, default_value = Purpose::Features.name())]
    pub purpose: Purpose,
    #[command(flatten)]
    own: PurposeFlags,
}

impl PurposeArguments {
    /// The draft for this use.
    pub fn set(&self, mut draft: SpecDraft) -> SpecDraft {
        draft.set_purpose(self.purpose);
        self.own.set(draft)
    }

    /// The same for factors that are there already: they have frames of their own, and a power, where that is known.
    pub fn set_beside(&self, mut draft: SpecDraft, power: Option<f64>) -> SpecDraft {
        draft.set_purpose_of_factors(self.purpose);
        draft.power = power.unwrap_or(draft.power);
        self.own.set(draft)
    }
}

/// What a storable method is after.
#[derive(Debug, Args)]
pub struct TargetArguments {
    #[command(flatten)]
    target: TargetFlags,
    #[command(flatten)]
    renewal: RenewalFlags,
}

/// How streams are written.
#[derive(Debug, Args)]
pub struct FormArguments {
    /// Body of the written streams: text, varint, context (integers by an arithmetic coder: smallest, slower)
    #[arg(long, value_parser = named::<Encoding>, default_value = Encoding::Binary.name())]
    encoding: Encoding,
    /// Coder that compresses them: miniz, zlib-rs (faster), zopfli (denser, slow)
    #[arg(long, value_parser = named::<Coder>, default_value = Coder::Miniz.name())]
    coder: Coder,
}

impl FormArguments {
    /// The form of the files.
    pub const fn form(&self) -> Form {
        Form { encoding: self.encoding, coder: self.coder, bases: None }
    }
}

/// Where the bases are of a stream that holds activations alone.
#[derive(Debug, Args)]
pub struct BasesArguments {
    /// The file with the bases of a stream that holds activations alone [default: one in its folder, or bases.snmf.gz up to
    /// two folders above]
    #[arg(long, value_name = "W.snmf.gz", value_parser = path())]
    bases: Option<PathBuf>,
}

impl BasesArguments {
    /// The factor stream in a file, or on standard input for `-`, and its bytes.
    pub fn stream(&self, path: &Path) -> Result<(Stored, Vec<u8>), Failure> {
        output::stream(path, self.bases.as_deref())
    }
}

/// Where the results of a comparison go.
#[derive(Debug, Args)]
pub struct OutputArguments {
    /// Draw the figure, as .svg, .pdf or .png
    #[arg(long, value_name = "X.svg", value_parser = path())]
    pub out: Option<PathBuf>,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Print one JSON object instead
    #[arg(long)]
    pub json: bool,
}

impl SoundArguments {
    pub fn input(&self) -> Result<InputSpec, Failure> {
        self.analysis.input(&self.input)
    }

    /// Where it is from, as it was given.
    pub const fn source(&self) -> &Source {
        &self.input
    }

    pub fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.analysis.stft.set(draft)
    }
}

impl UpdateArguments {
    pub fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.rules.set(self.learning.set(draft))
    }
}

impl AnalysisArguments {
    pub fn input(&self, source: &Source) -> Result<InputSpec, Failure> {
        Ok(InputSpec { source: output::spooled(source)?, read: self.read() })
    }

    /// What of a sound is read.
    pub fn read(&self) -> ReadOptions {
        let channel = self.channel.map_or(Channel::Mix, Channel::Index);
        ReadOptions { channel, rate: self.rate, start: self.start, end: self.end }
    }
}

/// The settings that all runs on a sound have.
pub fn draft(
    analysis: &AnalysisArguments,
    learning: &LearningArguments,
    storable: &PosterFlags,
    purpose: &PurposeArguments,
) -> Result<SpecDraft, Failure> {
    let fixed = learning.fixed()?;
    let mut draft = SpecDraft::default();
    if let Some(fixed) = &fixed {
        (draft.components, draft.lags) = (fixed.bases.components(), fixed.bases.lags());
    }
    let draft = learning.updates.set(learning.size.set(draft));
    let draft = storable.set(draft);
    let draft = match &fixed {
        Some(fixed) => purpose.set_beside(draft, Some(fixed.bases.power())),
        None => purpose.set(draft),
    };
    // Frames that are given come after those of the purpose.
    let draft = analysis.stft.set(draft);
    Ok(SpecDraft { fixed, ..draft })
}

impl LearningArguments {
    fn fixed(&self) -> Result<Option<Fixed>, Failure> {
        let Some(file) = &self.fixed_w else { return Ok(None) };
        let (stored, _) = output::stream(file, None)?;
        Ok(Some(Fixed {
            bases: Arc::new(FixedBases::of(&stored.model, stored.header.power_or_one())),
            file: Some(file.clone()),
        }))
    }

    /// The rate of the sound that given bases were learned from, where that is known.
    pub fn rate_of_bases(&self) -> Result<Option<u32>, Failure> {
        let Some(file) = &self.fixed_w else { return Ok(None) };
        Ok(output::stream(file, None)?.0.header.sample_rate)
    }
}

/// The settings of runs, but for the sound.
#[derive(Debug, Args)]
pub struct RunSettings {
    #[arg(long = "method", help = format!("Method, several times for several: {}", Method::ALL.map(Method::name).join(", ")), value_parser = method, default_values = [Method::CNMF.name(), Method::DEFAULT_STORABLE.name()])]
    methods: Vec<Method>,
    #[command(flatten)]
    purpose: PurposeArguments,
    #[command(flatten)]
    pub learning: LearningArguments,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    storable: PosterFlags,
    #[command(flatten)]
    pub form: FormArguments,
}

impl RunSettings {
    /// The runs that are asked for, of sounds that are analysed so.
    pub fn draft(&self, analysis: &AnalysisArguments) -> Result<SpecDraft, Failure> {
        let mut methods = self.methods.clone();
        let mut seen = Vec::new();
        methods.retain(|m| {
            !seen.contains(m) && {
                seen.push(*m);
                true
            }
        });
        let draft = draft(analysis, &self.learning, &self.storable, &self.purpose)?;
        Ok(SpecDraft { methods, ..self.target.set(draft) })
    }
}

impl TargetArguments {
    pub fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.renewal.set(self.target.set(draft))
    }
}

pub fn method(name: &str) -> Result<Method, String> {
    Method::parse(name).ok_or_else(|| format!("expected one of {}", Method::ALL.map(Method::name).join(", ")))
}

pub fn named<T: Named>(name: &str) -> Result<T, String> {
    T::parse(name).ok_or_else(|| format!("expected one of {}", T::names()))
}

pub fn source() -> impl TypedValueParser<Value = Source> {
    OsStringValueParser::new().try_map(Source::parse)
}

/// A path as it is meant, see [`files::path_of`].
pub fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(files::path_of)
}

/// A number of worker threads.
pub fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(0..=MOST_THREADS)
}
