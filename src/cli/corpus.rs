//! `snmf corpus`: a grid of settings over many sounds, on one machine or many.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use indicatif::HumanDuration;
use serde::Serialize;
use serde_json::Value;

use super::arguments::{AnalysisArguments, RunSettings, named, path, threads};
use super::output::{self, Failure};
use super::progress::{bar, note};
use crate::engine::corpus::{
    Corpus, CorpusError, Engine, GridAxis, ItemState, PlanRequest, Shard, Sounds, Tally, Worker, script,
};
use crate::engine::run::series::Finished;
use crate::engine::{Analysis, session};
use crate::export::corpus as tables;
use crate::export::report::Report;

/// The exit code of `status` where items have failed, and where some are open and none has failed.
const SOME_FAILED: u8 = 3;
const SOME_OPEN: u8 = 4;

/// Between two lines of a worker that has no terminal.
const BETWEEN_LINES: Duration = Duration::from_secs(30);

/// `snmf corpus`
#[derive(Debug, Subcommand)]
pub enum CorpusJob {
    /// Freeze which runs are to be done on which sounds
    Plan(Box<PlanArguments>),
    /// Do what is open of a plan, or of a shard of it
    Work(WorkArguments),
    /// Count what is done, has failed and is open; exit code 3 where some have failed, 4 where some are open, else 0
    Status(StatusArguments),
    /// Write the numbers of all items as CSV, and what its columns mean as X.columns.csv
    Table(TableArguments),
    /// Print the script that has a scheduler do a plan
    Script(ScriptArguments),
}

/// `snmf corpus plan`
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct PlanArguments {
    /// A folder with sounds at any depth, a list of paths (.txt, one a line), a table with a column path (.csv), the folder
    /// of another plan, or sounds
    #[arg(required = true, value_name = "DIR|LIST|RUN|SOUND", value_parser = path())]
    sounds: Vec<PathBuf>,
    /// The folder of the plan and of all that comes of it
    #[arg(long, value_name = "RUN", value_parser = path())]
    out: PathBuf,
    /// Settings that differ, each with its values: r=10,20 t=5 seed=0-4 method=cnmf,snmf-rd; every combination is a run
    #[arg(long, value_name = "SETTING=VALUES", num_args = 1.., value_parser = GridAxis::parse)]
    grid: Vec<GridAxis>,
    #[command(flatten)]
    analysis: AnalysisArguments,
    #[command(flatten)]
    settings: RunSettings,
}

/// `snmf corpus work`
#[derive(Debug, Args)]
pub struct WorkArguments {
    /// The folder of a plan
    #[arg(value_parser = path())]
    run: PathBuf,
    /// Do the share I of N alone, I from 1 to N
    #[arg(long, value_name = "I/N", default_value = "1/1", hide_default_value = true)]
    shard: Shard,
    /// Try items that have failed once more
    #[arg(long)]
    retry: bool,
    /// Worker threads [default: one a core]
    #[arg(long, default_value_t = 0, hide_default_value = true, value_parser = threads())]
    threads: usize,
}

/// `snmf corpus status`
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// The folder of a plan
    #[arg(value_parser = path())]
    run: PathBuf,
    /// Remove what dead workers have left half written; on a disk that machines share, while none of them works
    #[arg(long)]
    clean: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// `snmf corpus table`
#[derive(Debug, Args)]
pub struct TableArguments {
    /// The folder of a plan
    #[arg(value_parser = path())]
    run: PathBuf,
    /// The table to write
    #[arg(long, value_name = "X.csv", value_parser = path())]
    out: PathBuf,
    /// Replace files that are there already
    #[arg(long)]
    force: bool,
}

/// `snmf corpus script`
#[derive(Debug, Args)]
pub struct ScriptArguments {
    /// The folder of a plan
    #[arg(value_parser = path())]
    run: PathBuf,
    /// Who runs the shards: slurm, parallel, snakemake
    #[arg(long, value_parser = named::<Engine>)]
    engine: Engine,
    /// How many shards [default: of about 15 minutes of a core each]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    shards: Option<u32>,
}

pub fn corpus(job: &CorpusJob) -> Result<(), Failure> {
    match job {
        CorpusJob::Plan(arguments) => plan(arguments),
        CorpusJob::Work(arguments) => work(arguments),
        CorpusJob::Status(arguments) => status(arguments),
        CorpusJob::Table(arguments) => table(arguments),
        CorpusJob::Script(arguments) => print_script(arguments),
    }
}

/// How it went wrong: what was typed, or what was done.
pub fn refused(e: CorpusError) -> Failure {
    match e {
        CorpusError::Interrupted => Failure::interrupted(e),
        CorpusError::NotAPlan { .. } | CorpusError::OtherPlan { .. } | CorpusError::File(_) => {
            Failure::failed(e)
        }
        CorpusError::NoSounds { .. }
        | CorpusError::NoColumn { .. }
        | CorpusError::Axis { .. }
        | CorpusError::Twice { .. }
        | CorpusError::Value { .. }
        | CorpusError::TooMany { .. }
        | CorpusError::Grid(_)
        | CorpusError::Spec(_)
        | CorpusError::Shard { .. } => Failure::usage(e),
    }
}

fn plan(arguments: &PlanArguments) -> Result<(), Failure> {
    output::check_below(&arguments.out)?;
    let request = PlanRequest {
        sounds: Sounds::find(&arguments.sounds).map_err(refused)?,
        draft: arguments.settings.draft(&arguments.analysis)?,
        read: arguments.analysis.read(),
        form: arguments.settings.form.form(),
        axes: arguments.grid.clone(),
    };
    let corpus = Corpus::create(&arguments.out, &request).map_err(refused)?;
    let plan = corpus.plan();
    if corpus.some_hold_own_bases().map_err(refused)? {
        note(
            "streams of some runs will hold W too: integers (snmf learn --levels 128) are kept by the methods that \
             quantise, real numbers by cnmf, and -r must not ask for more components",
        );
    }
    let most = human(plan.balance.most_ms);
    output::print_text(&format!(
        "{} items on {} sounds; {} shards of about {most} of a core\n",
        plan.items, plan.sounds, plan.balance.shards
    ))
}

fn work(arguments: &WorkArguments) -> Result<(), Failure> {
    let corpus = Corpus::open(&arguments.run).map_err(refused)?;
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let begun = Instant::now();
    let (bar, reported) = (bar("items", 0), Mutex::new(begun));
    let observe = |tally: &Tally| {
        bar.set_length(tally.items as u64);
        bar.set_position((tally.done + tally.failed) as u64);
        let Ok(mut last) = reported.lock() else { return };
        if bar.is_hidden() && last.elapsed() >= BETWEEN_LINES {
            *last = Instant::now();
            note(&format!("{}, about {} left", counts(tally), HumanDuration(left(tally, begun.elapsed()))));
        }
    };
    let worker = Worker {
        corpus: &corpus,
        shard: arguments.shard,
        pool: &pool,
        retries: arguments.retry,
        report: &report,
        observe: &observe,
    };
    let outcome = worker.work();
    bar.finish_and_clear();
    let tally = outcome.map_err(refused)?;
    note(&format!("{} in {}", counts(&tally), HumanDuration(begun.elapsed())));
    Ok(())
}

/// What is kept of a run: as `snmf run --json` prints it.
pub fn report(analysis: &Analysis, run: &Finished, stream: &str) -> Value {
    let mut report = Report::new(analysis, std::slice::from_ref(run));
    report.runs.iter_mut().for_each(|run| run.file = Some(stream.to_owned()));
    serde_json::to_value(report).unwrap_or(Value::Null)
}

fn counts(tally: &Tally) -> String {
    format!("{} of {} items done, {} failed", tally.done, tally.items, tally.failed)
}

/// The time left, if what is left costs as the plan says and as what is done has cost.
fn left(tally: &Tally, elapsed: Duration) -> Duration {
    let open = tally.cost_ms - tally.settled_ms;
    elapsed.mul_f64(open as f64 / tally.settled_ms.max(1) as f64)
}

fn human(ms: u64) -> HumanDuration {
    HumanDuration(Duration::from_millis(ms))
}

/// What `status --json` prints.
#[derive(Serialize)]
struct CorpusStatus {
    items: usize,
    done: usize,
    open: usize,
    failed: Vec<Failed>,
}

#[derive(Serialize)]
struct Failed {
    id: String,
    path: String,
    reason: String,
}

fn status(arguments: &StatusArguments) -> Result<(), Failure> {
    let corpus = Corpus::open(&arguments.run).map_err(refused)?;
    if arguments.clean {
        corpus.sweep();
    }
    let mut status = CorpusStatus { items: corpus.items().len(), done: 0, open: 0, failed: Vec::new() };
    for item in corpus.items() {
        output::go_on()?;
        match corpus.state(item) {
            ItemState::Done(_) => status.done += 1,
            ItemState::Open => status.open += 1,
            ItemState::Failed(reason) => {
                status.failed.push(Failed { id: item.id.clone(), path: item.path.clone(), reason });
            }
        }
    }
    let CorpusStatus { items, done, open, failed } = &status;
    if arguments.json {
        output::print_json(&status)?;
    } else {
        let mut text = format!("{items} items: {done} done, {} failed, {open} open\n", failed.len());
        failed
            .iter()
            .for_each(|item| text += &format!("failed {} {}: {}\n", item.id, item.path, item.reason));
        output::print_text(&text)?;
    }
    let code = match (failed.len(), open) {
        (0, 0) => return Ok(()),
        (0, _) => SOME_OPEN,
        _ => SOME_FAILED,
    };
    Err(Failure { message: String::new(), code })
}

fn table(arguments: &TableArguments) -> Result<(), Failure> {
    let TableArguments { run, out, force } = arguments;
    let dictionary = out.with_extension("columns.csv");
    output::check(out, *force, &["csv"])?;
    if !output::is_stdio(out) {
        output::check(&dictionary, *force, &["csv"])?;
    }
    let corpus = Corpus::open(run).map_err(refused)?;
    let items = tables::items(&corpus).map_err(refused)?;
    write(out, *force, &items.csv())?;
    if output::is_stdio(out) {
        Ok(())
    } else {
        write(&dictionary, *force, &tables::dictionary(&corpus).csv())
    }
}

fn write(path: &Path, force: bool, text: &str) -> Result<(), Failure> {
    output::write(path, force, text.as_bytes())
}

fn print_script(arguments: &ScriptArguments) -> Result<(), Failure> {
    let corpus = Corpus::open(&arguments.run).map_err(refused)?;
    let shards = arguments.shards.map_or(corpus.plan().balance.shards, |shards| shards as usize);
    output::print(script::script(arguments.engine, &arguments.run, shards, corpus.most_ms(shards)).as_bytes())
}
