//! `snmf reproduce`: the poster's tables beside ours, as Markdown, JSON and a figure.

use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;

use clap::Args;
use serde::Serialize;

use super::arguments::OutputArguments;
use super::figure::{self, CHART_MM};
use super::output::{self, Failure};
use super::progress;
use crate::engine::reproduce::{self, Mean, PosterComparison};
use crate::engine::run::series::Finished;
use crate::figure::Style;
use crate::figure::panes::{self, Look};

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

const NOTES: &str = "\
What can match, and what cannot:

- The poster's signals were not published and TIMIT is not free. Noise-Burst and Evolving are reconstructions from the
  sizes, levels and figures on the poster; 2.9 s of public-domain speech stand in for TIMIT. Levels of SNR and bytes of
  CNMF come out close; they are properties of the signals.
- The poster's uncompressed files have 18.7 to 20.3 bytes a value, integers too: wide text. Here `text` is the shortest
  decimal form that reads back exactly, so that uncompressed sizes are not comparable; what gzip makes of both is.
- Whether the poster's step sizes start anew while it learns it does not say. Without, the integers grow and with them
  the symbols (its TIMIT row T = 1); with renewal they stay at the levels (its synthetic rows). Both are here.
- Losses are against the CNMF of the same seed; intervals are 95 % of the mean over the trials.
";

pub fn reproduce(arguments: &ReproduceArguments) -> Result<(), Failure> {
    figure::check(arguments.output.out.as_deref(), arguments.output.force)?;
    let mut outcomes = Vec::new();
    for row in &reproduce::ROWS {
        let synthetic = row.iterations < 500;
        let trials = if synthetic { arguments.trials } else { arguments.seeds };
        if trials == 0 {
            continue;
        }
        let bar = progress::bar(row.name, usize::try_from(trials).unwrap_or(usize::MAX));
        let report = |done: u64| {
            bar.set_position(done);
            if progress::is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let outcome =
            reproduce::row_of(row, trials, arguments.output.threads, &report).map_err(Failure::failed)?;
        bar.finish_and_clear();
        outcomes.push(outcome.ok_or_else(|| Failure::interrupted(format!("at {}", row.name)))?);
    }
    if let Some(path) = &arguments.output.out {
        let models = reproduce::histogram_models(arguments.output.threads).map_err(Failure::failed)?;
        output::write(path, arguments.output.force, &histograms(path, &models)?)?;
    }
    if arguments.output.json {
        #[derive(Serialize)]
        struct Reproduced {
            rows: Vec<PosterComparison>,
        }
        return output::print_json(&Reproduced { rows: outcomes });
    }
    output::print_text(&markdown(&outcomes))
}

fn markdown(outcomes: &[PosterComparison]) -> String {
    fn with(mean: Mean, decimals: usize) -> String {
        let half = mean.half.map_or_else(String::new, |half| format!(" ± {half:.decimals$}"));
        format!("{:.decimals$}{half}", mean.mean)
    }
    let mut out = String::new();
    for PosterComparison { name, input, components, lags, iterations, trials, poster, arms } in outcomes {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "**{name}** ({input}, R {components}, T {lags}, {iterations} plain updates in f64, {trials} trials)\n\n\
             | | SNR (dB) | loss (dB) | text.gz (bytes) | CNMF's bytes over these | distinct W | distinct H |\n\
             | --- | --- | --- | --- | --- | --- | --- |"
        );
        let [cnmf_db, snmf_db] = poster.snr_db;
        let [cnmf_bytes, snmf_bytes] = poster.gzip_bytes;
        let _ = writeln!(
            out,
            "| *poster: CNMF* | *{cnmf_db}* | | *{cnmf_bytes}* | | | |\n\
             | *poster: SNMF* | *{snmf_db}* | *{:.2}* | *{snmf_bytes}* | *{:.1}* | *{}* | *{}* |",
            cnmf_db - snmf_db,
            f64::from(cnmf_bytes) / f64::from(snmf_bytes),
            poster.distinct[0],
            poster.distinct[1]
        );
        for arm in arms {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {:.0} | {:.0} |",
                arm.name,
                with(arm.snr_db, 2),
                with(arm.loss_db, 2),
                with(arm.text_gzip_bytes, 0),
                with(arm.text_ratio, 1),
                arm.distinct_w.mean,
                arm.distinct_h.mean
            );
        }
        out.push('\n');
    }
    out.push_str(NOTES);
    out
}

/// The poster's figure: how often each element value of the bases occurs, SNMF above, NMF below. As there, counts are
/// spread evenly.
fn histograms(path: &Path, models: &[Finished; 2]) -> Result<Vec<u8>, Failure> {
    let style = Style { width: CHART_MM, ..Style::default() };
    let look = Look { log_count: false, ..Look::new(style.clone()) };
    let pane = |(index, label): (usize, &str)| {
        let model = &models[index].snapshot.model;
        panes::histogram::histogram(model, false, &look, label, 1 - index)
    };
    let panes = [(0, "SNMF (T = 1)"), (1, "NMF")].map(pane).to_vec();
    figure::draw(path, panes, &style, "snmf reproduce")
}
