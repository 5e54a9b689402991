//! The command line: thin, over `engine`; results on standard output, everything else on standard error.
//!
//! Knows nothing of the window: a call without a subcommand is handed back to `main`, which opens it.

mod arguments;
mod bench;
mod choose;
mod compare;
mod corpus;
mod decode;
mod encode;
mod features;
mod figure;
mod flags;
mod inspect;
mod learn;
mod output;
mod progress;
mod reconstruct;
mod reproduce;
mod run;
mod scale;
mod sweep;

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::error::{ContextKind, ContextValue};
use clap::{Parser, Subcommand};

use crate::codec::text;
use crate::engine::Source;
use crate::engine::interrupt::{self, Ending};
use bench::BenchJob;
use choose::ChooseArguments;
use compare::CompareArguments;
use corpus::CorpusJob;
use decode::DecodeArguments;
use encode::EncodeArguments;
use figure::FigureArguments;
use inspect::InspectArguments;
use learn::LearnArguments;
pub use output::{Failure, report};
use reconstruct::ReconstructArguments;
use reproduce::ReproduceArguments;
use run::RunArguments;
use sweep::SweepArguments;

/// How long a job that is asked to end has to report how far it has come.
const GRACE: Duration = Duration::from_millis(500);

/// What a call asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Open the window, with this input and its runs under way if one is named.
    Window {
        /// A sound, a built-in signal or a factor stream.
        input: Option<PathBuf>,
        /// Worker threads, 0 for one a core.
        threads: usize,
    },
    Job(Box<CliJob>),
}

/// A job without a window.
#[derive(Debug, Subcommand)]
pub enum CliJob {
    /// Factorise a sound; print quality, sizes and time
    Run(RunArguments),
    /// Trace bytes against loss for every method that quantises
    Sweep(SweepArguments),
    /// Choose R and T: the best quality for a number of bytes, or the fewest bytes at a quality
    Choose(ChooseArguments),
    /// Learn one W from many sounds, in passes that can be interrupted and taken up again
    Learn(LearnArguments),
    /// A grid of settings over many sounds, on one machine or many
    #[command(subcommand)]
    Corpus(CorpusJob),
    /// The poster's tables beside ours, as Markdown
    Reproduce(ReproduceArguments),
    /// Print what a factor stream holds
    Inspect(InspectArguments),
    /// Compare two factor streams
    Compare(CompareArguments),
    /// Write the factors of a stream as NPZ, for numpy, or as CSV
    Decode(DecodeArguments),
    /// Make a factor stream from W and H in an NPZ archive, as they are or quantised
    Encode(Box<EncodeArguments>),
    /// Draw figures of factor streams, as PDF, SVG or PNG
    #[command(mut_arg("panes", |panes| panes.help(figure::panes_help())))]
    Figure(Box<FigureArguments>),
    /// Make a WAV file of a model or of some of its components
    Reconstruct(ReconstructArguments),
    /// Time the factorisation on this machine
    #[command(subcommand)]
    Bench(BenchJob),
}

#[derive(Debug, Parser)]
#[command(name = "snmf", version, about, args_conflicts_with_subcommands = true)]
#[command(after_help = "Without a subcommand the window opens.")]
struct Cli {
    /// A sound, demo:NAME or a factor stream to open in the window
    #[arg(value_parser = arguments::path())]
    input: Option<PathBuf>,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = arguments::threads())]
    threads: usize,
    #[command(subcommand)]
    job: Option<CliJob>,
}

/// Reads the arguments of the process.
///
/// # Errors
/// They are wrong. Asked for help or the version it prints these, and fails where that cannot be done.
pub fn parse() -> Result<Option<Invocation>, Failure> {
    match Cli::try_parse() {
        Ok(Cli { job: Some(job), .. }) => Ok(Some(Invocation::Job(Box::new(job)))),
        Ok(Cli { input, threads, job: None }) => {
            let input = input.map(|path| output::spooled(&Source::File(path))).transpose()?;
            let input = input.map(|source| PathBuf::from(source.word()));
            Ok(Some(Invocation::Window { input, threads }))
        }
        Err(e) if e.use_stderr() => {
            output::report_lines(shown(e).render().to_string().trim_end());
            Err(Failure { message: String::new(), code: 2 })
        }
        Err(e) => match e.print() {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("standard output: {e}")))
            }
            _ => Ok(None),
        },
    }
}

/// The same error with what was typed on one line, and nothing of it hidden.
fn shown(mut e: clap::Error) -> clap::Error {
    let line = |typed: &str| text::line(typed).into_owned();
    let typed: Vec<(ContextKind, ContextValue)> = e
        .context()
        .filter_map(|(kind, value)| match value {
            ContextValue::String(typed) => Some((kind, ContextValue::String(line(typed)))),
            ContextValue::Strings(all) => {
                Some((kind, ContextValue::Strings(all.iter().map(|typed| line(typed)).collect())))
            }
            _ => None,
        })
        .collect();
    for (kind, value) in typed {
        e.insert(kind, value);
    }
    e
}

pub fn perform(job: CliJob) -> Result<(), Failure> {
    let overdue =
        |ending: Ending| output::report(&format!("snmf: {ending}: nothing unfinished was left behind"));
    interrupt::listen(GRACE, || {}, overdue)
        .map_err(|e| Failure::failed(format!("could not listen for signals: {e}")))?;
    match job {
        CliJob::Run(arguments) => run::run(&arguments),
        CliJob::Sweep(arguments) => sweep::sweep(&arguments),
        CliJob::Choose(arguments) => choose::choose(&arguments),
        CliJob::Learn(arguments) => learn::learn(&arguments),
        CliJob::Corpus(job) => corpus::corpus(&job),
        CliJob::Reproduce(arguments) => reproduce::reproduce(&arguments),
        CliJob::Inspect(arguments) => inspect::inspect(&arguments),
        CliJob::Compare(arguments) => compare::compare(&arguments),
        CliJob::Encode(arguments) => encode::encode(&arguments),
        CliJob::Decode(arguments) => decode::decode(&arguments),
        CliJob::Figure(arguments) => figure::figure(&arguments),
        CliJob::Reconstruct(arguments) => reconstruct::reconstruct(&arguments),
        CliJob::Bench(job) => bench::bench(&job),
    }
}
