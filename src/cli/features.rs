//! `snmf bench features`: what stored bases are for, as a table, JSON and a figure.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use clap::Args;

use super::arguments::{OutputArguments, source};
use super::figure::{self, CHART_MM};
use super::output::{self, Failure};
use super::progress::{self, note, warn};
use crate::engine::features::{self, Comparison, Features, FeaturesError, FeaturesReport, FeaturesRow};
use crate::engine::reproduce::Mean;
use crate::engine::settings::framing::Span;
use crate::engine::settings::spec::shell_word;
use crate::engine::{Source, SpecDraft, settings};
use crate::figure::Style;
use crate::figure::chart::{self, Chart, ChartSeries, Join};
use crate::figure::scene::{Axis, Scale};
use crate::numeric::Method;
use crate::numeric::spec::Targets;

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
    /// Samples in one analysis frame, or its length, such as 30ms
    #[arg(long, default_value_t = SpecDraft::default().fft)]
    fft: Span,
    /// Samples from one frame to the next, or the time, such as 10ms
    #[arg(long, default_value_t = SpecDraft::default().hop)]
    hop: Span,
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

/// What is said below the table.
const NOTES: &str = "\
Means with 95 % intervals: of SI-SDR over seeds and mixtures, of accuracy over seeds and sources. Loss is against CNMF
with P = 1 on the same mixture and with the same seed. Ratios are bytes of that CNMF's text after gzip over those of the
files, bytes those of the files of one source on average.
";

pub fn features(arguments: &FeaturesArguments) -> Result<(), Failure> {
    let output = &arguments.output;
    figure::check(output.out.as_deref(), output.force)?;
    let comparison = Comparison::new(&arguments.features()?, output.threads).map_err(failure)?;
    comparison.warnings().iter().for_each(|warning| warn(warning));
    let bar = progress::bar("features", comparison.runs());
    let report = |done: usize| {
        bar.set_position(done as u64);
        if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let outcome = comparison.run(&report).map_err(failure)?;
    bar.finish_and_clear();
    let outcome = outcome.ok_or_else(|| Failure::interrupted("nothing was written"))?;
    if let Some(path) = &output.out {
        output::write(path, output.force, &chart(path, &outcome, &arguments.command())?)?;
        note(&format!("wrote {}", path.display()));
    }
    if output.json {
        return output::print_json(&outcome);
    }
    output::print_text(&markdown(&outcome))
}

fn failure(e: FeaturesError) -> Failure {
    if e.is_usage() { Failure::usage(e) } else { Failure::failed(e) }
}

/// The method with what is chosen in it.
fn name(row: &FeaturesRow) -> String {
    let mut name = row.method.to_owned();
    let has_choice = |method: Method| method.row().targets == Targets::PriceOrSearch;
    if Method::parse(row.method).is_some_and(has_choice) {
        row.metric.iter().for_each(|metric| name.push_str(&format!(", {metric}")));
    }
    if row.power != 1.0 {
        name.push_str(&format!(", P = {}", row.power));
    }
    name
}

fn markdown(outcome: &FeaturesReport) -> String {
    let with = |mean: Mean| {
        let half = mean.half.map_or_else(String::new, |half| format!(" ± {half:.2}"));
        format!("{:.2}{half}", mean.mean)
    };
    let FeaturesReport {
        sources,
        sample_rate,
        fft,
        hop,
        components,
        lags,
        iterations,
        seeds,
        mixtures,
        windows,
        ..
    } = outcome;
    // Writing to a string cannot fail.
    let mut out = format!(
        "{} at {sample_rate} Hz, FFT {fft}, hop {hop}; R {components} each, T {lags}, {iterations} iterations, {seeds} \
         seed(s); {mixtures} mixture(s), {windows} windows\n\n\
         | | budget | ratio | bytes | SI-SDR improvement (dB) | loss (dB) | accuracy |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
        sources.join(", ")
    );
    let files = sources.len() * seeds;
    for row in &outcome.rows {
        let missed =
            if row.missed > 0 { format!(" (missed by {} of {files})", row.missed) } else { String::new() };
        let budget = match (row.ratio, row.levels) {
            (Some(ratio), _) => format!("{ratio}"),
            (None, Some([w, h])) => format!("levels {w}, {h}"),
            (None, None) => "none".to_owned(),
        };
        let _ = writeln!(
            out,
            "| {} | {budget}{missed} | {:.1} | {:.0} | {} | {} | {} |",
            name(row),
            row.reached_ratio,
            row.bytes,
            with(row.si_sdr_improvement_db),
            with(row.loss_db),
            with(row.accuracy)
        );
    }
    out.push('\n');
    out.push_str(NOTES);
    out
}

/// Compression to the right, SI-SDR improvement upwards, a line a method, and CNMF as a level. Whiskers are intervals of
/// the difference from CNMF: those of the improvement itself show how much the mixtures differ.
fn chart(path: &Path, outcome: &FeaturesReport, command: &str) -> Result<Vec<u8>, Failure> {
    let style = Style { width: CHART_MM, ..Style::default() };
    let stored = || outcome.rows.iter().filter(|row| row.method != Method::CNMF.name());
    let mut names: Vec<String> = Vec::new();
    for name in stored().map(name) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let line = |(i, label): (usize, &String)| {
        let mut rows: Vec<&FeaturesRow> = stored().filter(|row| name(row) == *label).collect();
        rows.sort_by(|a, b| a.reached_ratio.total_cmp(&b.reached_ratio));
        ChartSeries {
            name: label.clone(),
            points: rows.iter().map(|row| (row.reached_ratio, row.si_sdr_improvement_db.mean)).collect(),
            whiskers: rows.iter().map(|row| row.loss_db.half.unwrap_or(0.0)).collect(),
            join: Join::Both,
            stroke: style.series(i),
        }
    };
    let series: Vec<ChartSeries> = names.iter().enumerate().map(line).collect();
    let level = outcome.rows.first().map_or(f64::NAN, |row| row.si_sdr_improvement_db.mean);
    let ratios = series.iter().flat_map(|line| line.points.iter().map(|p| p.0.log10()));
    let (low, high) = chart::around(ratios, 0.06);
    let ends = (10f64.powf(low), 10f64.powf(high));
    let reach = |line: &ChartSeries| -> Vec<f64> {
        line.points.iter().zip(&line.whiskers).flat_map(|(p, half)| [p.1 - half, p.1 + half]).collect()
    };
    let heights = chart::around(series.iter().flat_map(reach).chain([level]), 0.06);
    let chart = Chart {
        title: outcome.sources.join(", "),
        x: Axis::new("CNMF's text after gzip over the file (ratio of bytes)", Scale::Decades, ends),
        y: Axis::new("SI-SDR improvement (dB)", Scale::Linear, heights),
        series,
        guide: Some((Method::CNMF.name().to_owned(), [(ends.0, level), (ends.1, level)])),
    };
    figure::draw(path, vec![chart.pane("features", &style)], &style, command)
}
