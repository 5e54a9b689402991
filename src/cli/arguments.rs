//! What stands on the command line, and what it describes.

use std::path::PathBuf;
use std::sync::Arc;

use clap::builder::{OsStringValueParser, RangedU64ValueParser, TypedValueParser};
use clap::{Args, Subcommand};

use super::flags::{
    AnalysisFlags, LearningFlags, PosterFlags, PurposeFlags, RenewalFlags, SizeFlags, TargetFlags,
    UpdateFlags,
};
use super::output::{self, Failure};
use crate::codec::{Coder, Encoding, Form, GivenArrays, WAxes};
use crate::engine::features::{self, Features};
use crate::engine::run::choose::{self, Candidates, ChooseError, Goal, ModelSearch, QualityFloor};
use crate::engine::settings::draft::Fixed;
use crate::engine::settings::purpose::Purpose;
use crate::engine::settings::spec::shell_word;
use crate::engine::{
    InputSpec, Measure, Phase, Reconstruction, Source, SpecDraft, SpecError, What, files, settings,
};
use crate::figure::{Arrangement, CascadeOrder, ColorMap, FrequencyScale, PaneKind};
use crate::numeric::{FixedBases, Method, Named, Precision};
use crate::signal::{Channel, Format, GriffinLim, ReadOptions};

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
    analysis: AnalysisArguments,
}

/// What of a sound is analysed, and how.
#[derive(Debug, Args)]
pub struct AnalysisArguments {
    #[command(flatten)]
    stft: AnalysisFlags,
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
    /// What the model is for: features (power 1, metric kld, loss all), sound (power 0.5, metric snr, loss all), poster
    /// (power 1, metric snr, loss snr)
    #[arg(long = "for", value_name = "USE", value_parser = named::<Purpose>, default_value = Purpose::Features.name())]
    purpose: Purpose,
    #[command(flatten)]
    own: PurposeFlags,
}

impl PurposeArguments {
    /// The draft for this use; factors that are there already have a power of their own, where that is known.
    fn set(&self, mut draft: SpecDraft, power: Option<f64>) -> SpecDraft {
        draft.set_purpose(self.purpose);
        draft.power = power.unwrap_or(draft.power);
        self.own.set(draft)
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

/// `snmf run`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct RunArguments {
    #[command(flatten)]
    pub sound: SoundArguments,
    #[command(flatten)]
    pub settings: RunSettings,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Write a factor stream for each run into this folder
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub out: Option<PathBuf>,
    /// Write everything into this folder, or into one archive: streams, NPZ, CSV, metrics, figures, manifest
    #[arg(long, value_name = "DIR|X.zip", value_parser = path())]
    pub export: Option<PathBuf>,
    /// Replace files that are there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
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
    #[arg(long, value_parser = encoding, default_value = Encoding::Binary.name())]
    encoding: Encoding,
    /// Coder that compresses them: miniz, zlib-rs (faster), zopfli (denser, slow)
    #[arg(long, value_parser = coder, default_value = Coder::Miniz.name())]
    coder: Coder,
}

impl FormArguments {
    /// The form of the files.
    pub const fn form(&self) -> Form {
        Form { encoding: self.encoding, coder: self.coder }
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

/// `snmf sweep`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct SweepArguments {
    #[command(flatten)]
    pub sound: SoundArguments,
    #[command(flatten)]
    purpose: PurposeArguments,
    #[command(flatten)]
    pub learning: LearningArguments,
    #[command(flatten)]
    storable: PosterFlags,
    /// Losses against CNMF to trace, in dB, with commas between [default: 1,0.1,0.2,0.5,1.5,2,3,4.5,6]
    #[arg(long, value_name = "DB,DB,...", value_delimiter = ',')]
    pub losses: Vec<f64>,
    #[arg(long, help = "What the figure of --out shows over the bytes: snr_db, kld, sqrt_snr_db, lsd_db", value_name = "NAME", value_parser = named::<Measure>, default_value = Measure::Snr.name())]
    pub measure: Measure,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `snmf choose`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[command(group = clap::ArgGroup::new("goal").args(["max_bytes", "kbps", "min_quality"]).required(true))]
pub struct ChooseArguments {
    #[command(flatten)]
    pub sound: SoundArguments,
    /// The best quality in a file of at most so many bytes
    #[arg(long, value_name = "B")]
    max_bytes: Option<u64>,
    /// The best quality at so many kilobits a second, over the length of the sound
    #[arg(long, value_name = "K")]
    kbps: Option<f64>,
    /// The fewest bytes at an SNR of √V of at least so many dB; with --for poster, an SNR of V
    #[arg(long, value_name = "DB")]
    min_quality: Option<f64>,
    /// Numbers of components R to try, with commas between [default: some of 5,10,20,40,60,80]
    #[arg(short = 'r', long, value_name = "R,R,...", value_delimiter = ',')]
    components: Vec<usize>,
    /// Numbers of lags T to try, with commas between [default: some of 1,2,3,5,8]
    #[arg(short = 't', long, value_name = "T,T,...", value_delimiter = ',')]
    lags: Vec<usize>,
    #[command(flatten)]
    purpose: PurposeArguments,
    #[command(flatten)]
    updates: UpdateArguments,
    #[command(flatten)]
    pub form: FormArguments,
    /// Worker threads; the choice does not depend on them [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Write the stream of the best: a file that ends in .gz, or a folder
    #[arg(long, value_name = "DIR|X.snmf.gz", value_parser = path())]
    pub out: Option<PathBuf>,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf reproduce`
#[derive(Debug, Args)]
pub struct ReproduceArguments {
    /// Trials of the synthetic rows, 0 to leave them out
    #[arg(long, default_value_t = 100)]
    pub trials: u64,
    /// Seeds of the speech rows, 0 to leave them out
    #[arg(long, default_value_t = 5)]
    pub seeds: u64,
    #[command(flatten)]
    pub output: OutputArguments,
}

/// `snmf inspect`
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf compare`
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// A factor stream, the reference
    #[arg(value_parser = path())]
    pub a: PathBuf,
    /// The factor stream that is compared with it
    #[arg(value_parser = path())]
    pub b: PathBuf,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf encode`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct EncodeArguments {
    /// An NPZ archive with non-negative W (T x M x R, or M x R) and H (R x N)
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// The factor stream to write, or - for standard output
    #[arg(long, value_name = "X.snmf.gz", value_parser = path())]
    pub out: PathBuf,
    /// Order of the axes of a W that has three: t for lags, m for bins, r for components
    #[arg(long, value_name = "AXES", value_parser = w_axes, default_value_t)]
    pub w_axes: WAxes,
    #[arg(long, help = format!("Quantise the factors: {}", storable().join(", ")), value_parser = method, requires = "input")]
    pub method: Option<Method>,
    /// What the factors explain: a sound, demo:NAME, or an NPZ archive with V
    #[arg(long, value_parser = source())]
    input: Option<Source>,
    #[command(flatten)]
    analysis: AnalysisArguments,
    #[command(flatten)]
    purpose: PurposeArguments,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    storable: PosterFlags,
    /// Iterations of snmf-poster
    #[arg(short = 'i', long, default_value_t = SpecDraft::default().iterations)]
    iterations: usize,
    /// Seed of the random choices of snmf-poster
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub form: FormArguments,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// `snmf decode`
#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("where").args(["out", "csv"]).required(true).multiple(true))]
pub struct DecodeArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// The NPZ file to write, or - for standard output
    #[arg(long, value_name = "X.npz", value_parser = path())]
    pub out: Option<PathBuf>,
    /// A folder for W.csv, H.csv and steps.csv
    #[arg(long, value_name = "DIR", value_parser = path())]
    pub csv: Option<PathBuf>,
    /// Put the model's spectrogram into the NPZ file too, as Vhat
    #[arg(long, requires = "out")]
    pub vhat: bool,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// `snmf figure`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[allow(clippy::struct_excessive_bools)] // flags
pub struct FigureArguments {
    /// Factor streams, a column each, or sessions: the runs that their columns show
    #[arg(required = true, value_name = "STREAM|SESSION", value_parser = path())]
    pub streams: Vec<PathBuf>,
    /// Panes from the top, with commas between: v, vhat, residual, w, h, hist, hist-h, rd, convergence, table
    /// [default: v,vhat,h,w with a sound, vhat,h,w without]
    #[arg(long, value_name = "PANE,...", value_delimiter = ',', value_parser = pane)]
    pub panes: Vec<PaneKind>,
    /// Layout of the panes: grid, or poster (cascades, histograms, rate-distortion, table)
    #[arg(long, value_parser = arrangement, default_value = "grid")]
    pub layout: Arrangement,
    /// The sound that the streams were learned from, demo:NAME, or an NPZ archive with V; it is analysed as the first
    /// stream says
    #[arg(long, value_name = "X", value_parser = source())]
    pub audio: Option<Source>,
    /// Width of the page in mm
    #[arg(long, value_name = "MM", default_value_t = 180.0)]
    pub width_mm: f64,
    /// Dots in an inch of a PNG
    #[arg(long, default_value_t = 300.0)]
    pub dpi: f64,
    /// Size of the text in pt
    #[arg(long, value_name = "PT", default_value_t = 8.0)]
    pub font_size: f64,
    /// Title above all panes
    #[arg(long)]
    pub title: Option<String>,
    /// Frequency axis: linear, log, mel
    #[arg(long, value_parser = scale, default_value = "linear")]
    pub axis: FrequencyScale,
    /// Colour map: magma, inferno, viridis, cividis, greys
    #[arg(long, value_parser = map, default_value = "magma")]
    pub map: ColorMap,
    /// dB from the lightest to the darkest colour
    #[arg(long, value_name = "DB", default_value_t = 80.0)]
    pub range_db: f32,
    #[arg(long, help = "What the pane rd shows over the bytes: snr_db, kld, sqrt_snr_db, lsd_db", value_name = "NAME", value_parser = named::<Measure>, default_value = Measure::Snr.name())]
    pub measure: Measure,
    /// Grouping of the bases: component, lag
    #[arg(long, value_parser = order, default_value = "component")]
    pub order: CascadeOrder,
    /// Linear counts in histograms instead of logarithmic ones
    #[arg(long)]
    pub linear_count: bool,
    /// No letters (a), (b), ... on the panes
    #[arg(long)]
    pub no_letters: bool,
    /// Light on dark
    #[arg(long)]
    pub dark: bool,
    /// The file to write: .pdf, .svg or .png; - for an SVG on standard output
    #[arg(long, value_name = "FIG.pdf", value_parser = path())]
    pub out: PathBuf,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
}

/// `snmf reconstruct`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct ReconstructArguments {
    /// A factor stream, or - for standard input
    #[arg(value_parser = path())]
    pub file: PathBuf,
    /// The sound that was analysed, a file or demo:NAME; channel, rate and region are those of the stream
    #[arg(long, value_name = "X", value_parser = source())]
    pub audio: Option<Source>,
    /// Only this component, counted from 1; several times for several together
    #[arg(long = "component", value_name = "R")]
    components: Vec<usize>,
    /// Where phases come from: mixture, griffin-lim [default: mixture with --audio, griffin-lim without]
    #[arg(long, value_parser = ["mixture", "griffin-lim"])]
    phase: Option<String>,
    /// Iterations of Griffin-Lim
    #[arg(short = 'i', long, value_name = "K", default_value_t = Reconstruction::GRIFFIN_LIM.iterations)]
    iterations: usize,
    /// Seed of the phases that Griffin-Lim starts from
    #[arg(long, default_value_t = Reconstruction::GRIFFIN_LIM.seed)]
    seed: u64,
    /// Exponent of the soft mask that cuts components out of the sound: 1 shares magnitudes, 2 powers
    #[arg(long, value_name = "P", default_value_t = Reconstruction::EXPONENT)]
    mask_exponent: f64,
    /// How samples are written: f32, pcm16, pcm24
    #[arg(long, value_parser = format, default_value = Format::F32.name())]
    pub format: Format,
    /// Make it as loud as the original, where --audio names that, and never so loud that it clips
    #[arg(long)]
    level_match: bool,
    /// The WAV file to write, or - for standard output
    #[arg(long, value_name = "Y.wav", value_parser = path())]
    pub out: PathBuf,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    pub threads: usize,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf bench`
#[derive(Debug, Subcommand)]
pub enum BenchJob {
    /// The time of one plain single-precision update of H and W, and the floor that this machine sets
    Iterate(IterateArguments),
    /// The time until the divergence of 500 plain updates is reached
    Converge(ConvergeArguments),
    /// How the time of an update grows with M, N, R and T
    Growth(GrowthArguments),
    /// Separation and recognition of sounds with stored bases, at several sizes of the files
    Features(FeaturesArguments),
}

/// `snmf bench iterate`
#[derive(Debug, Args)]
pub struct IterateArguments {
    /// M, bins of V
    #[arg(long, default_value_t = 513)]
    pub bins: usize,
    /// N, frames of V
    #[arg(long, default_value_t = 437)]
    pub frames: usize,
    #[arg(short = 'r', long, default_value_t = SpecDraft::default().components, help = settings::COMPONENTS.help)]
    pub components: usize,
    #[arg(short = 't', long, default_value_t = SpecDraft::default().lags, help = settings::LAGS.help)]
    pub lags: usize,
    /// Updates that are timed; the median counts
    #[arg(short = 'i', long, default_value_t = 100)]
    pub iterations: usize,
    /// Worker threads; one is timed in CPU time, more in wall time
    #[arg(long, default_value_t = 1, value_parser = threads())]
    pub threads: usize,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf bench converge`
#[derive(Debug, Args)]
pub struct ConvergeArguments {
    /// A sound file or demo:NAME [default: demo:speech with R = 20 and T = 1, 5, 7, and demo:drums]
    #[arg(value_parser = source())]
    pub input: Option<Source>,
    #[arg(short = 'r', long, default_value_t = SpecDraft::default().components, help = settings::COMPONENTS.help)]
    pub components: usize,
    #[arg(short = 't', long, default_value_t = SpecDraft::default().lags, help = settings::LAGS.help)]
    pub lags: usize,
    /// Starts, from seed 0 up
    #[arg(long, default_value_t = 5)]
    pub seeds: u64,
    /// Worker threads
    #[arg(long, default_value_t = 1, value_parser = threads())]
    pub threads: usize,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf bench growth`
#[derive(Debug, Args)]
pub struct GrowthArguments {
    /// Worker threads
    #[arg(long, default_value_t = 1, value_parser = threads())]
    pub threads: usize,
    /// Draw it, as .svg, .pdf or .png
    #[arg(long, value_name = "X.svg", value_parser = path())]
    pub out: Option<PathBuf>,
    /// Replace a file that is there already
    #[arg(long)]
    pub force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

/// `snmf bench features`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct FeaturesArguments {
    /// Sound files or demo:NAME, at least two [default: demo:speech demo:drums demo:piano]
    #[arg(value_name = "INPUT", value_parser = source())]
    inputs: Vec<Source>,
    /// R of each source
    #[arg(short = 'r', long, default_value_t = features::SIZES.0)]
    components: usize,
    #[arg(short = 't', long, default_value_t = features::SIZES.1, help = settings::LAGS.help)]
    lags: usize,
    #[arg(short = 'i', long, default_value_t = SpecDraft::default().iterations, help = settings::ITERATIONS.help)]
    iterations: usize,
    #[arg(long, default_value_t = SpecDraft::default().fft, help = settings::FFT.help)]
    fft: usize,
    #[arg(long, default_value_t = SpecDraft::default().hop, help = settings::HOP.help)]
    hop: usize,
    /// How many times smaller than CNMF's text after gzip the stored files are to be, with commas between
    #[arg(long, value_name = "RATIO,...", value_delimiter = ',', default_values_t = features::BUDGETS)]
    budgets: Vec<f64>,
    /// Starts, from seed 0 up
    #[arg(long, default_value_t = features::SEEDS)]
    seeds: u64,
    #[command(flatten)]
    pub output: OutputArguments,
}

impl FeaturesArguments {
    /// What is compared.
    pub fn features(&self) -> Result<Features, Failure> {
        let Self { components, lags, iterations, fft, hop, .. } = *self;
        let draft = SpecDraft { fft, hop, components, lags, iterations, ..SpecDraft::default() };
        let sources = self.inputs.iter().map(output::spooled).collect::<Result<_, _>>()?;
        Ok(Features { sources, draft, budgets: self.budgets.clone(), seeds: self.seeds })
    }

    /// The line that does the same.
    pub fn command(&self) -> String {
        let Self { components, lags, iterations, fft, hop, seeds, .. } = self;
        let inputs: Vec<String> =
            self.inputs.iter().map(|source| format!(" {}", shell_word(source.word()))).collect();
        let budgets: Vec<String> = self.budgets.iter().map(f64::to_string).collect();
        format!(
            "snmf bench features{} -r {components} -t {lags} -i {iterations} --fft {fft} --hop {hop} --budgets {} \
             --seeds {seeds}",
            inputs.concat(),
            budgets.join(",")
        )
    }
}

impl SoundArguments {
    /// What is read.
    pub fn input(&self) -> Result<InputSpec, Failure> {
        self.analysis.input(&self.input)
    }

    /// Where it is from, as it was given.
    pub const fn source(&self) -> &Source {
        &self.input
    }

    fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.analysis.stft.set(draft)
    }
}

impl UpdateArguments {
    fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.rules.set(self.learning.set(draft))
    }
}

impl AnalysisArguments {
    /// What is read of an input.
    fn input(&self, source: &Source) -> Result<InputSpec, Failure> {
        Ok(InputSpec { source: output::spooled(source)?, read: self.read() })
    }

    /// What is read of each of many.
    pub fn read(&self) -> ReadOptions {
        let channel = self.channel.map_or(Channel::Mix, Channel::Index);
        ReadOptions { channel, rate: self.rate, start: self.start, end: self.end }
    }
}

/// The settings that all runs on a sound have.
fn draft(
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
    let draft = learning.updates.set(learning.size.set(analysis.stft.set(draft)));
    let draft = purpose.set(storable.set(draft), fixed.as_ref().map(|fixed| fixed.bases.power()));
    Ok(SpecDraft { fixed, ..draft })
}

impl LearningArguments {
    /// The bases that are given.
    fn fixed(&self) -> Result<Option<Fixed>, Failure> {
        let Some(file) = &self.fixed_w else { return Ok(None) };
        let (stored, _) = output::stream(file)?;
        Ok(Some(Fixed {
            bases: Arc::new(FixedBases::of(&stored.model, stored.header.power_or_one())),
            file: Some(file.clone()),
        }))
    }

    /// The rate of the sound that given bases were learned from, where that is known.
    pub fn rate_of_bases(&self) -> Result<Option<u32>, Failure> {
        let Some(file) = &self.fixed_w else { return Ok(None) };
        Ok(output::stream(file)?.0.header.sample_rate)
    }
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

impl RunArguments {
    /// The runs that are asked for.
    pub fn draft(&self) -> Result<SpecDraft, Failure> {
        self.settings.draft(&self.sound.analysis)
    }
}

impl TargetArguments {
    fn set(&self, draft: SpecDraft) -> SpecDraft {
        self.renewal.set(self.target.set(draft))
    }
}

impl EncodeArguments {
    /// What the factors explain, where that is given.
    pub fn input(&self) -> Result<Option<InputSpec>, Failure> {
        self.input.as_ref().map(|source| self.analysis.input(source)).transpose()
    }

    /// The run that quantises these factors.
    pub fn draft(&self, method: Method, given: &GivenArrays) -> SpecDraft {
        let (shape, precision) = (given.model.shape(), given.model.precision());
        let draft = self.analysis.stft.set(SpecDraft {
            methods: vec![method],
            components: shape.components,
            lags: shape.lags,
            iterations: self.iterations,
            seed: self.seed,
            double: precision == Precision::F64,
            ..SpecDraft::default()
        });
        let draft = self.purpose.set(draft, given.header.power);
        self.target.set(self.storable.set(draft))
    }
}

impl ReconstructArguments {
    /// What is asked for.
    pub fn wanted(&self) -> Result<Reconstruction, Failure> {
        let what = if self.components.is_empty() {
            What::Model
        } else {
            let from_0 = |r: &usize| r.checked_sub(1);
            let chosen: Option<Vec<usize>> = self.components.iter().map(from_0).collect();
            What::Components(chosen.ok_or_else(|| Failure::usage("component: they count from 1, got 0"))?)
        };
        let mixture = self.phase.as_deref().map_or(self.audio.is_some(), |phase| phase == "mixture");
        let search = GriffinLim { iterations: self.iterations, seed: self.seed };
        Ok(Reconstruction {
            what,
            phase: if mixture { Phase::Mixture } else { Phase::GriffinLim(search) },
            exponent: self.mask_exponent,
            level_match: self.level_match,
        })
    }
}

impl SweepArguments {
    /// The settings that all points share.
    pub fn draft(&self) -> Result<SpecDraft, Failure> {
        let draft = draft(&self.sound.analysis, &self.learning, &self.storable, &self.purpose)?;
        Ok(SpecDraft { methods: vec![Method::SNMF_RD], ..draft })
    }
}

impl ChooseArguments {
    /// The settings that all runs share.
    pub fn draft(&self) -> SpecDraft {
        self.purpose.set(self.updates.set(self.sound.set(SpecDraft::default())), None)
    }

    /// What is asked for, of an input of that length in seconds.
    pub fn goal(&self, seconds: Option<f64>) -> Result<Goal, Failure> {
        let positive = |name: &'static str, got: f64| {
            let is_one = got.is_finite() && got > 0.0;
            if is_one { Ok(got) } else { Err(Failure::usage(SpecError::NotPositive { name, got })) }
        };
        match (self.max_bytes, self.kbps, self.min_quality) {
            (Some(bytes), ..) => {
                positive("max-bytes", bytes as f64)?;
                Ok(Goal::MaxBytes(bytes))
            }
            (None, Some(kbps), _) => {
                let kbps = positive("kbps", kbps)?;
                let seconds = seconds.ok_or_else(|| Failure::usage(ChooseError::NoLength))?;
                let bytes = choose::bytes_at(kbps, seconds);
                positive("kbps: bytes of the whole file", bytes as f64)?;
                Ok(Goal::MaxBytes(bytes))
            }
            (None, None, db) => match db {
                Some(db) if db.is_finite() => Ok(Goal::MinQuality(db)),
                _ => Err(Failure::usage("min-quality: expected a number of dB")),
            },
        }
    }

    /// The search, on a V of that size.
    pub fn search(&self, goal: Goal, bins: usize, frames: usize) -> Result<ModelSearch, Failure> {
        let lists = [&self.components[..], &self.lags];
        let candidates = Candidates::new(lists, bins, frames).map_err(Failure::usage)?;
        let quality = QualityFloor::of_purpose(self.purpose.purpose);
        ModelSearch::new(&self.draft(), goal, quality, candidates).map_err(Failure::usage)
    }
}

fn method(name: &str) -> Result<Method, String> {
    Method::parse(name).ok_or_else(|| format!("expected one of {}", Method::ALL.map(Method::name).join(", ")))
}

/// The methods that quantise, and which of them only begin with given factors.
fn storable() -> Vec<String> {
    let begins = |method: &Method| method.is_quantised_within_learning();
    let note = |method: &Method| if begins(method) { " (begins with them)" } else { "" };
    let storable = Method::ALL.into_iter().filter(|method| method.is_quantised());
    storable.map(|method| format!("{}{}", method.name(), note(&method))).collect()
}

fn named<T: Named>(name: &str) -> Result<T, String> {
    let names = || T::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ");
    T::parse(name).ok_or_else(|| format!("expected one of {}", names()))
}

fn pane(name: &str) -> Result<PaneKind, String> {
    PaneKind::parse(name)
        .ok_or_else(|| format!("expected one of {}", PaneKind::ALL.map(PaneKind::name).join(", ")))
}

fn arrangement(name: &str) -> Result<Arrangement, String> {
    match name {
        "grid" => Ok(Arrangement::Grid),
        "poster" => Ok(Arrangement::Poster),
        _ => Err("expected grid or poster".to_owned()),
    }
}

fn scale(name: &str) -> Result<FrequencyScale, String> {
    let known = FrequencyScale::ALL.into_iter().find(|scale| scale.name() == name);
    known.ok_or_else(|| "expected linear, log or mel".to_owned())
}

fn map(name: &str) -> Result<ColorMap, String> {
    let known = ColorMap::ALL.into_iter().find(|map| map.name() == name);
    known.ok_or_else(|| format!("expected one of {}", ColorMap::ALL.map(ColorMap::name).join(", ")))
}

fn order(name: &str) -> Result<CascadeOrder, String> {
    match name {
        "component" => Ok(CascadeOrder::ByComponent),
        "lag" => Ok(CascadeOrder::ByLag),
        _ => Err("expected component or lag".to_owned()),
    }
}

fn w_axes(text: &str) -> Result<WAxes, String> {
    WAxes::parse(text).ok_or_else(|| "expected t, m and r in some order, such as tmr or mrt".to_owned())
}

fn source() -> impl TypedValueParser<Value = Source> {
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

fn format(name: &str) -> Result<Format, String> {
    Format::parse(name).ok_or_else(|| format!("expected one of {}", Format::ALL.map(Format::name).join(", ")))
}

fn encoding(name: &str) -> Result<Encoding, String> {
    Encoding::parse(name)
        .ok_or_else(|| format!("expected one of {}", Encoding::ALL.map(Encoding::name).join(", ")))
}

fn coder(name: &str) -> Result<Coder, String> {
    Coder::parse(name).ok_or_else(|| format!("expected one of {}", Coder::ALL.map(Coder::name).join(", ")))
}
