//! The command line: thin, over `engine`; results on standard output, everything else on standard error.
//!
//! May use `engine` and the layers below it. Knows nothing of the window: a call without a subcommand is
//! handed back to `main`, which opens it.

mod bench;
mod decode;
mod inspect;
mod output;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use output::Failure;

use crate::engine::params;
use crate::engine::{InputSpec, Source, SpecDraft};
use crate::numeric::{HRule, Init, Method, Metric, Named, Precision, WRule};
use crate::signal::{Channel, ReadOptions, Window};

/// What a call asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Open the window, with this input and its runs under way if one is named.
    Window {
        /// A sound, a built-in signal or a factor stream.
        input: Option<String>,
        /// Worker threads, 0 for one a core.
        threads: usize,
    },
    /// Do a job without a window.
    Job(Box<Job>),
}

/// A job without a window.
#[derive(Debug, Subcommand)]
pub enum Job {
    /// Factorise a sound and tell how well, how large and how fast
    Run(RunArguments),
    /// Tell what a factor stream holds
    Inspect(InspectArguments),
    /// Write the factors of a stream as NPZ, for numpy
    Decode(DecodeArguments),
    /// Time the factorisation on this machine
    #[command(subcommand)]
    Bench(BenchJob),
}

#[derive(Debug, Parser)]
#[command(name = "snmf", version, about, args_conflicts_with_subcommands = true)]
#[command(after_help = "Without a subcommand the window opens.")]
struct Cli {
    /// A sound, demo:NAME or a factor stream to open in the window
    input: Option<String>,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
    #[command(subcommand)]
    job: Option<Job>,
}

/// `snmf run`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
#[allow(clippy::struct_excessive_bools)] // each is a flag of the command line
pub struct RunArguments {
    /// A sound file, or demo:speech, demo:drums, demo:piano, demo:noise-burst, demo:evolving
    input: String,
    /// Method, several times for several: cnmf, ptq-global, ptq-adaptive, snmf-poster, snmf-rd
    #[arg(long = "method", value_parser = method, default_values = [Method::Cnmf.name(), Method::DEFAULT_STORABLE.name()])]
    methods: Vec<Method>,
    #[arg(short = 'r', long, default_value_t = params::COMPONENTS.default, help = params::COMPONENTS.help)]
    components: usize,
    #[arg(short = 't', long, default_value_t = params::LAGS.default, help = params::LAGS.help)]
    lags: usize,
    #[arg(short = 'i', long, default_value_t = params::ITERATIONS.default, help = params::ITERATIONS.help)]
    iterations: usize,
    /// Seed of the start; the same seed gives the same bytes
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[arg(long, default_value_t = params::FFT.default, help = params::FFT.help)]
    fft: usize,
    #[arg(long, default_value_t = params::HOP.default, help = params::HOP.help)]
    hop: usize,
    /// Analysis window: hann, hamming, blackman, rectangular
    #[arg(long, value_parser = window, default_value = Window::Hann.name())]
    window: Window,
    /// Element type of the computation: f32, f64
    #[arg(long, value_parser = precision, default_value = Precision::F32.name())]
    precision: Precision,
    /// Plain multiplicative updates, without acceleration
    #[arg(long)]
    plain: bool,
    /// Update of H: joint, average (the poster's; D may rise); other than joint, updates are plain
    #[arg(long, value_name = "RULE", value_parser = named::<HRule>, default_value = HRule::Joint.name())]
    h_rule: HRule,
    /// Update of W: simultaneous, sequential (lag by lag); other than simultaneous, updates are plain
    #[arg(long, value_name = "RULE", value_parser = named::<WRule>, default_value = WRule::Simultaneous.name())]
    w_rule: WRule,
    /// Where the factors begin: random, svd
    #[arg(long, value_name = "START", value_parser = named::<Init>, default_value = Init::Random.name())]
    init: Init,
    /// End once D falls by less than this share of itself in ten iterations; 0 for never
    #[arg(long, value_name = "SHARE", default_value_t = 0.0)]
    tolerance: f64,
    /// Price of a bit for snmf-rd, relative to the energy of V or in units of KLD [default: found]
    #[arg(long)]
    lambda: Option<f64>,
    /// The most that snmf-rd may lose against the CNMF it starts from, in dB
    #[arg(long, value_name = "DB", default_value_t = 1.0, conflicts_with = "lambda")]
    max_loss_db: f64,
    /// Distortion that snmf-rd counts: snr, kld
    #[arg(long, value_parser = named::<Metric>, default_value = Metric::Snr.name())]
    metric: Metric,
    /// Quantisation levels of W and H [default: 128,85 for rounding, 150,20 for snmf-poster]
    #[arg(long, value_parser = levels, value_name = "W,H")]
    levels: Option<(u32, u32)>,
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
    /// Body of the written streams
    #[arg(long, value_enum, default_value_t = EncodingName::Varint)]
    encoding: EncodingName,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
    /// Write a factor stream for each run into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Replace files that are there already
    #[arg(long)]
    force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// `snmf inspect`
#[derive(Debug, Args)]
pub struct InspectArguments {
    /// A factor stream, or - for standard input
    file: PathBuf,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// `snmf decode`
#[derive(Debug, Args)]
pub struct DecodeArguments {
    /// A factor stream, or - for standard input
    file: PathBuf,
    /// The NPZ file to write, or - for standard output
    #[arg(long, value_name = "X.npz")]
    out: PathBuf,
    /// Replace a file that is there already
    #[arg(long)]
    force: bool,
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
}

/// `snmf bench iterate`
#[derive(Debug, Args)]
pub struct IterateArguments {
    /// M, bins of V
    #[arg(long, default_value_t = 513)]
    bins: usize,
    /// N, frames of V
    #[arg(long, default_value_t = 437)]
    frames: usize,
    #[arg(short = 'r', long, default_value_t = params::COMPONENTS.default, help = params::COMPONENTS.help)]
    components: usize,
    #[arg(short = 't', long, default_value_t = params::LAGS.default, help = params::LAGS.help)]
    lags: usize,
    /// Updates that are timed; the median counts
    #[arg(short = 'i', long, default_value_t = 100)]
    iterations: usize,
    /// Worker threads; one is timed in CPU time, more in wall time
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// `snmf bench converge`
#[derive(Debug, Args)]
pub struct ConvergeArguments {
    /// A sound file or demo:NAME [default: demo:speech with R = 20 and T = 1, 5, 7, and demo:drums]
    input: Option<String>,
    #[arg(short = 'r', long, default_value_t = params::COMPONENTS.default, help = params::COMPONENTS.help)]
    components: usize,
    #[arg(short = 't', long, default_value_t = params::LAGS.default, help = params::LAGS.help)]
    lags: usize,
    /// Starts, from seed 0 up
    #[arg(long, default_value_t = 5)]
    seeds: u64,
    /// Worker threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// `snmf bench growth`
#[derive(Debug, Args)]
pub struct GrowthArguments {
    /// Worker threads
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Draw it, as SVG
    #[arg(long, value_name = "X.svg")]
    out: Option<PathBuf>,
    /// Replace a file that is there already
    #[arg(long)]
    force: bool,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// The two bodies of a factor stream.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum EncodingName {
    /// Decimal numbers separated by spaces
    Text,
    /// LEB128 integers and little-endian reals
    Varint,
}

/// Reads the arguments of the process; prints help or a usage error and ends it where they ask for that.
#[must_use]
pub fn parse() -> Invocation {
    let Cli { input, threads, job } = Cli::parse();
    match job {
        Some(job) => Invocation::Job(Box::new(job)),
        None => Invocation::Window { input, threads },
    }
}

/// Does a job.
///
/// # Errors
/// What went wrong, with the exit code that says so.
pub fn perform(job: Job) -> Result<(), Failure> {
    match job {
        Job::Run(arguments) => run::run(&arguments),
        Job::Inspect(arguments) => inspect::inspect(&arguments),
        Job::Decode(arguments) => decode::decode(&arguments),
        Job::Bench(job) => bench::bench(&job),
    }
}

impl RunArguments {
    fn input(&self) -> Result<InputSpec, Failure> {
        let source = Source::parse(&self.input).map_err(Failure::usage)?;
        let channel = self.channel.map_or(Channel::Mix, Channel::Index);
        Ok(InputSpec {
            source,
            read: ReadOptions { channel, rate: self.rate, start: self.start, end: self.end },
        })
    }

    fn draft(&self) -> SpecDraft {
        let mut methods = self.methods.clone();
        let mut seen = Vec::new();
        methods.retain(|m| {
            !seen.contains(m) && {
                seen.push(*m);
                true
            }
        });
        SpecDraft {
            fft: self.fft,
            hop: self.hop,
            window: self.window,
            methods,
            components: self.components,
            lags: self.lags,
            iterations: self.iterations,
            seed: self.seed,
            double: self.precision == Precision::F64,
            plain: self.plain,
            h_rule: self.h_rule,
            w_rule: self.w_rule,
            init: self.init,
            tolerance: self.tolerance,
            lambda: self.lambda,
            max_loss_db: self.max_loss_db,
            metric: self.metric,
            levels: self.levels,
        }
    }
}

fn method(name: &str) -> Result<Method, String> {
    Method::parse(name).ok_or_else(|| format!("expected one of {}", Method::ALL.map(Method::name).join(", ")))
}

fn named<T: Named>(name: &str) -> Result<T, String> {
    let names = || T::ALL.iter().map(|value| value.name()).collect::<Vec<_>>().join(", ");
    T::parse(name).ok_or_else(|| format!("expected one of {}", names()))
}

fn window(name: &str) -> Result<Window, String> {
    Window::parse(name).ok_or_else(|| format!("expected one of {}", Window::ALL.map(Window::name).join(", ")))
}

fn precision(name: &str) -> Result<Precision, String> {
    Precision::ALL.into_iter().find(|p| p.name() == name).ok_or_else(|| "expected f32 or f64".to_owned())
}

fn levels(text: &str) -> Result<(u32, u32), String> {
    let pair = text.split_once(',').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    pair.ok_or_else(|| "expected two whole numbers with a comma, such as 128,85".to_owned())
}
