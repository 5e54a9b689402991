//! `snmf choose`: R and T for a budget.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use serde::Serialize;

use super::arguments::{FormArguments, PurposeArguments, SoundArguments, UpdateArguments, path, threads};
use super::output::{self, Failure};
use super::progress::{self, analyse, note, warn};
use super::run::heading;
use crate::codec;
use crate::engine::run::choose::{
    BestChoice, Candidates, ChoiceRow, ChooseError, ModelGoal, ModelSearch, QualityFloor, bytes_at,
    seconds_of,
};
use crate::engine::run::series::{Finished, Series};
use crate::engine::run::{job, measure};
use crate::engine::settings::framing::Framing;
use crate::engine::{Analysis, InputSpec, SpecDraft, SpecError, files, session};
use crate::export::report::{InputReport, Report, SpectrogramReport};
use crate::numeric::{Method, Named};

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

impl ChooseArguments {
    /// The settings that all runs share.
    pub fn draft(&self) -> SpecDraft {
        self.sound.set(self.purpose.set(self.updates.set(SpecDraft::default())))
    }

    /// What is asked for, of an input of that length in seconds.
    pub fn goal(&self, seconds: Option<f64>) -> Result<ModelGoal, Failure> {
        let positive = |name: &'static str, got: f64| {
            let is_one = got.is_finite() && got > 0.0;
            if is_one { Ok(got) } else { Err(Failure::usage(SpecError::NotPositive { name, got })) }
        };
        match (self.max_bytes, self.kbps, self.min_quality) {
            (Some(bytes), ..) => {
                positive("max-bytes", bytes as f64)?;
                Ok(ModelGoal::MaxBytes(bytes))
            }
            (None, Some(kbps), _) => {
                let kbps = positive("kbps", kbps)?;
                let seconds = seconds.ok_or_else(|| Failure::usage(ChooseError::NoLength))?;
                let bytes = bytes_at(kbps, seconds);
                positive("kbps: bytes of the whole file", bytes as f64)?;
                Ok(ModelGoal::MaxBytes(bytes))
            }
            (None, None, db) => match db {
                Some(db) if db.is_finite() => Ok(ModelGoal::MinQuality(db)),
                _ => Err(Failure::usage("min-quality: expected a number of dB")),
            },
        }
    }

    /// The search, on a V of that size.
    pub fn search(&self, goal: ModelGoal, bins: usize, frames: usize) -> Result<ModelSearch, Failure> {
        let lists = [&self.components[..], &self.lags];
        let candidates = Candidates::new(lists, bins, frames).map_err(Failure::usage)?;
        let quality = QualityFloor::of_purpose(self.purpose.purpose);
        ModelSearch::new(&self.draft(), goal, quality, candidates).map_err(Failure::usage)
    }
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer {
    input: InputReport,
    spectrogram: SpectrogramReport,
    max_bytes: Option<u64>,
    min_quality_db: Option<f64>,
    /// The field of a row by which rows were compared.
    quality: &'static str,
    #[serde(flatten)]
    chosen: BestChoice,
    /// The command that runs the best again.
    command: Option<String>,
    file: Option<String>,
}

pub fn choose(arguments: &ChooseArguments) -> Result<(), Failure> {
    if let Some(out) = &arguments.out {
        check(out, arguments.force)?;
    }
    let input = arguments.sound.input()?;
    let draft = arguments.draft();
    let framing = draft.framing().map_err(Failure::usage)?;
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let analysis = analyse(&input, framing, &pool)?;
    analysis.warnings.iter().for_each(|warning| warn(warning));
    let seconds = seconds_of(&analysis);
    let goal = arguments.goal(seconds)?;
    let mut search = arguments.search(goal, analysis.bins(), analysis.frames())?;
    let mut series = Series::new(Arc::clone(&analysis), arguments.form.form(), &pool);
    let mut done: Vec<Finished> = Vec::new();
    let outcome = run_all(&mut search, &mut series, &analysis, &mut done);
    let chosen = BestChoice::of(&search, &done, seconds);
    let report = Report::new(&analysis, &[]);
    if let Err(failure) = outcome {
        // What there is by then may do.
        if !arguments.json && !chosen.rows.is_empty() {
            output::print_text(&text(&heading(&report), &search, &chosen))?;
        }
        return Err(failure);
    }
    if let (true, Some(miss)) = (chosen.missed, chosen.describe(&search)) {
        warn(&miss);
    }
    let best = chosen.best_run().map(|i| &done[i]);
    let named = InputSpec { source: arguments.sound.source().clone(), ..input };
    let command = best.map(|best| command(&draft, framing, &named, best));
    let file = match (best, &arguments.out) {
        (Some(best), Some(out)) => Some(write(arguments, &analysis, best, out)?),
        _ => None,
    };
    if arguments.json {
        let (max_bytes, min_quality_db) = match goal {
            ModelGoal::MaxBytes(bytes) => (Some(bytes), None),
            ModelGoal::MinQuality(db) => (None, Some(db)),
        };
        let Report { input, spectrogram, .. } = report;
        let quality = search.quality().measure().name();
        let file = file.map(|path| path.display().to_string());
        return output::print_json(&Answer {
            input,
            spectrogram,
            max_bytes,
            min_quality_db,
            quality,
            chosen,
            command,
            file,
        });
    }
    let mut out = text(&heading(&report), &search, &chosen);
    out.extend(command.map(|command| format!("{command}\n")));
    if let Some(path) = file {
        note(&format!("wrote {}", path.display()));
    }
    output::print_text(&out)
}

/// Runs what the search asks for until it has what it wants, or somebody interrupts.
fn run_all(
    search: &mut ModelSearch,
    series: &mut Series<'_>,
    analysis: &Analysis,
    done: &mut Vec<Finished>,
) -> Result<(), Failure> {
    loop {
        let plan = search.next(done);
        if plan.is_empty() {
            return Ok(());
        }
        let of = done.len() + plan.len();
        for spec in &plan {
            job::check(spec, analysis).map_err(Failure::failed)?;
            let of_power = if spec.power < 1.0 { format!("P {}, ", spec.power) } else { String::new() };
            let title =
                format!("{} of {of}: R {}, T {}, {of_power}", done.len() + 1, spec.components, spec.lags);
            done.push(progress::run(series, spec, &title)?);
        }
    }
}

fn is_file(path: &Path) -> bool {
    output::is_stdio(path) || files::is_stream(path) || output::ends_in(path, &[output::STREAM])
}

fn check(out: &Path, force: bool) -> Result<(), Failure> {
    if is_file(out) { output::check(out, force, &[output::STREAM]) } else { output::check_below(out) }
}

/// Writes the stream of the best; where to.
fn write(
    arguments: &ChooseArguments,
    analysis: &Analysis,
    best: &Finished,
    out: &Path,
) -> Result<PathBuf, Failure> {
    let stored = measure::stored(analysis, &best.spec, &best.snapshot, arguments.form.form());
    let bytes = codec::write(&stored);
    output::go_on()?;
    let path = if is_file(out) {
        out.to_owned()
    } else {
        output::make_folder(out)?;
        files::place(out, &stored.header, stored.model.shape(), best.spec.precision)
    };
    output::write(&path, arguments.force, &bytes)?;
    Ok(path)
}

fn command(draft: &SpecDraft, framing: Framing, input: &InputSpec, best: &Finished) -> String {
    let methods = vec![Method::SNMF_RD];
    let mut draft = SpecDraft { methods, ..draft.clone() };
    draft.adopt(0, &best.spec, framing);
    draft.command_line(input)
}

fn number(x: Option<f64>, decimals: usize) -> String {
    x.map_or_else(|| "-".to_owned(), |x| format!("{x:.decimals$}"))
}

/// The quality of a row, as it is shown.
fn shown(quality: QualityFloor, row: &ChoiceRow) -> String {
    number(row.value(quality.measure()), 2)
}

fn text(heading: &str, search: &ModelSearch, chosen: &BestChoice) -> String {
    let quality = search.quality();
    let mut out = heading.to_owned();
    // Writing to a string cannot fail.
    let _ = match search.goal() {
        ModelGoal::MaxBytes(bytes) => {
            writeln!(out, "{} in at most {bytes} bytes, by R (down) and T (across)", quality.label())
        }
        ModelGoal::MinQuality(db) => {
            let of = if quality.in_db() == QualityFloor::Snr { "SNR" } else { "SNR of √V" };
            writeln!(out, "bytes at an {of} of at least {db} dB, by R (down) and T (across)")
        }
    };
    map(&mut out, search, &chosen.rows);
    let _ = writeln!(
        out,
        "\n{:>5} {:>4} {:>5} {:>8} {:>7} {:>10} {:>8} {:>9} {:>7} {:>8}",
        "R", "T", "P", "bytes", "kbit/s", "√V SNR dB", "SNR dB", "KLD", "LSD dB", "seconds"
    );
    let mut rows: Vec<&ChoiceRow> = chosen.rows.iter().collect();
    rows.sort_by_key(|row| row.bytes);
    for row in &chosen.rows {
        let mark = match (row.best, row.on_frontier, row.meets) {
            (true, _, true) => "  best",
            (true, _, false) => "  nearest",
            (false, true, true) => "  frontier",
            (false, true, false) => "  frontier, misses",
            (false, false, true) => "",
            (false, false, false) => "  misses",
        };
        let _ = writeln!(
            out,
            "{:>5} {:>4} {:>5} {:>8} {:>7} {:>10} {:>8} {:>9} {:>7} {:>8.2}{mark}",
            row.components,
            row.lags,
            row.power,
            row.bytes,
            number(row.kbps, 2),
            number(row.sqrt_snr_db, 2),
            number(row.snr_db, 2),
            number(row.kld, 2),
            number(row.lsd_db, 2),
            row.seconds
        );
    }
    let frontier: Vec<String> = rows
        .iter()
        .filter(|row| row.on_frontier)
        .map(|row| format!("{} B {} (R {}, T {})", row.bytes, shown(quality, row), row.components, row.lags))
        .collect();
    let _ = writeln!(out, "frontier of bytes and {}: {}", quality.label(), frontier.join(", "));
    out.extend(chosen.describe(search).map(|line| format!("{line}\n")));
    out
}

/// R down, T across: what is compared, in each that was tried.
fn map(out: &mut String, search: &ModelSearch, rows: &[ChoiceRow]) {
    let candidates: &Candidates = search.candidates();
    let _ = write!(out, "{:>5}", "R \\ T");
    for lags in candidates.lags() {
        let _ = write!(out, " {lags:>9}");
    }
    out.push('\n');
    for components in candidates.components() {
        let _ = write!(out, "{components:>5}");
        for lags in candidates.lags() {
            let row = rows.iter().find(|row| (row.components, row.lags) == (*components, *lags));
            let value = match (row, search.goal()) {
                (None, _) => String::new(),
                (Some(row), ModelGoal::MinQuality(_)) if row.meets => row.bytes.to_string(),
                (Some(row), ModelGoal::MaxBytes(_)) if row.meets => shown(search.quality(), row),
                (Some(_), ModelGoal::MinQuality(_) | ModelGoal::MaxBytes(_)) => "-".to_owned(),
            };
            let best = if row.is_some_and(|row| row.best) { "*" } else { "" };
            let _ = write!(out, " {:>9}", format!("{best}{value}"));
        }
        let _ = writeln!(out);
    }
}
