//! `snmf reproduce`: the poster's tables beside ours, as Markdown, JSON and a figure.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use serde::Serialize;

use super::arguments::ReproduceArguments;
use super::output::{self, Failure};
use super::progress::{self, Watch};
use crate::engine::reproduce::{self, Mean, Outcome};
use crate::engine::series::Finished;
use crate::figure::Histogram;
use crate::figure::chart::{self, Axis, Chart, Mark, Scale, Series};
use crate::numeric::{AnyModel, Model, Real};

/// What is told with the tables.
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
    let watch = Watch::new()?;
    let mut outcomes = Vec::new();
    for row in &reproduce::ROWS {
        let synthetic = row.iterations < 500;
        let trials = if synthetic { arguments.trials } else { arguments.seeds };
        if trials == 0 {
            continue;
        }
        let bar = progress::bar(row.name, usize::try_from(trials).unwrap_or(usize::MAX));
        let tell = |done: u64| {
            bar.set_position(done);
            if watch.is_interrupted() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let outcome =
            reproduce::row_of(row, trials, arguments.output.threads, &tell).map_err(Failure::failed)?;
        bar.finish_and_clear();
        outcomes.push(outcome.ok_or_else(|| Failure::interrupted(format!("interrupted at {}", row.name)))?);
    }
    if let Some(path) = &arguments.output.out {
        let models = reproduce::histogram_models(arguments.output.threads).map_err(Failure::failed)?;
        output::write(path, arguments.output.force, histograms(&models).as_bytes())?;
    }
    if arguments.output.json {
        #[derive(Serialize)]
        struct Reproduced {
            rows: Vec<Outcome>,
        }
        return output::print_json(&Reproduced { rows: outcomes });
    }
    output::print(markdown(&outcomes).as_bytes())
}

/// A table a row of the poster.
fn markdown(outcomes: &[Outcome]) -> String {
    fn with(mean: Mean, decimals: usize) -> String {
        let half = mean.half.map_or_else(String::new, |half| format!(" ± {half:.decimals$}"));
        format!("{:.decimals$}{half}", mean.mean)
    }
    let mut out = String::new();
    for Outcome { name, input, components, lags, iterations, trials, poster, arms } in outcomes {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "**{name}** ({input}, R {components}, T {lags}, {iterations} plain updates in f64, {trials} trials)\n\n\
             | | SNR (dB) | loss (dB) | text.gz (bytes) | ratio | distinct W | distinct H |\n\
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

/// The poster's figure: how often each element value of the bases occurs, SNMF above, NMF below.
fn histograms(models: &[Finished; 2]) -> String {
    fn values<F: Real>(model: &Model<F>) -> Vec<f32> {
        match model {
            Model::Real(factors) => {
                factors.w.iter().flat_map(|w| w.iter().map(|x| f32::from_f64(x.to_f64()))).collect()
            }
            Model::Quantised(q) => {
                q.w.iter().flat_map(|w| w.iter().map(|k| f32::from_f64(f64::from(*k)))).collect()
            }
        }
    }
    let chart = |(run, title, label): (&Finished, &str, &str)| {
        let values = match &run.snapshot.model {
            AnyModel::F32(model) => values(model),
            AnyModel::F64(model) => values(model),
        };
        let bars = Histogram::of(values.clone());
        let top = bars.bars.iter().map(|bar| bar.2).max().unwrap_or(1);
        let largest = values.iter().copied().fold(0.0, f32::max);
        // Of more values than bars the figure shows, as the poster does, one bar a value.
        let mut distinct = values;
        distinct.sort_unstable_by(f32::total_cmp);
        let counts: Vec<(f64, f64)> =
            distinct.chunk_by(|a, b| a == b).map(|group| (f64::from(group[0]), group.len() as f64)).collect();
        let exact = counts.iter().map(|bar| bar.1).fold(1.0, f64::max);
        let (points, width, high) =
            if counts.len() <= bars.bars.len() { (counts, 0.9, top as f64) } else { (counts, 0.0, exact) };
        Chart {
            title: format!("{title}: {} different values of {}", bars.distinct, bars.total),
            x: Axis {
                label: label.to_owned(),
                scale: Scale::Linear,
                ends: (-0.01 * f64::from(largest), 1.01 * f64::from(largest)),
            },
            y: Axis {
                label: "elements".to_owned(),
                scale: Scale::Linear,
                ends: (0.0, (1.05 * high).max(1.5)),
            },
            series: vec![Series { name: title.to_owned(), points, mark: Mark::Bars(width) }],
            guide: None,
        }
    };
    let [snmf, nmf] = models;
    chart::svg(&[chart((snmf, "SNMF (T = 1), integer W", "integer")), chart((nmf, "NMF, W", "element of W"))])
}
