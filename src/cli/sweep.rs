//! `snmf sweep`: bytes against loss for every storable method.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::arguments::{LearningArguments, OutputArguments, PurposeArguments, SoundArguments, draft, named};
use super::figure::{self, CHART_MM};
use super::flags::PosterFlags;
use super::output::{self, Failure};
use super::progress::{self, analyse, note, warn};
use super::run::{heading, warn_of_miss};
use crate::codec::Form;
use crate::engine::run::job;
use crate::engine::run::series::{Finished, Series};
use crate::engine::run::sweep::{self, Matched};
use crate::engine::{Measure, SpecDraft, SpecError, session};
use crate::export::report::Report;
use crate::figure::panes::{self, Look};
use crate::figure::{Point, Style};
use crate::numeric::{Method, Named, RunSpec};

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

impl SweepArguments {
    /// The settings that all points share.
    pub fn draft(&self) -> Result<SpecDraft, Failure> {
        let draft = draft(&self.sound.analysis, &self.learning, &self.storable, &self.purpose)?;
        Ok(SpecDraft { methods: vec![Method::SNMF_RD], ..draft })
    }
}

pub fn sweep(arguments: &SweepArguments) -> Result<(), Failure> {
    let experiment = arguments.draft()?.parse().map_err(Failure::usage)?;
    let losses = if arguments.losses.is_empty() { &sweep::LOSSES[..] } else { &arguments.losses };
    if let Some(&got) = losses.iter().find(|loss| !(loss.is_finite() && **loss > 0.0)) {
        return Err(Failure::usage(SpecError::NotPositive { name: "losses", got }));
    }
    figure::check(arguments.output.out.as_deref(), arguments.output.force)?;
    let input = arguments.sound.input()?;
    let pool = session::pool(arguments.output.threads).map_err(Failure::failed)?;
    let analysis = analyse(&input, experiment.framing, &pool)?;
    analysis.warnings.iter().for_each(|warning| warn(warning));
    let plan = sweep::plan(&experiment.runs[0], losses);
    for spec in &plan {
        job::check(spec, &analysis).map_err(Failure::failed)?;
    }
    let mut series = Series::new(Arc::clone(&analysis), Form::default(), &pool);
    let mut finished = Vec::new();
    let mut trace = |plan: &[RunSpec], finished: &mut Vec<Finished>| {
        let of = finished.len() + plan.len();
        plan.iter().try_for_each(|spec| {
            let run = progress::run(&mut series, spec, &format!("{} of {of}: ", finished.len() + 1))?;
            warn_of_miss(&run);
            finished.push(run);
            Ok(())
        })
    };
    trace(&plan, &mut finished)?;
    let more = sweep::follow_up(&finished);
    trace(&more, &mut finished)?;
    let matched = Matched::of(&finished, losses);
    if let Some(path) = &arguments.output.out {
        output::write(
            path,
            arguments.output.force,
            &figure(path, &analysis.name, &finished, arguments.measure)?,
        )?;
        note(&format!("wrote {}", path.display()));
    }
    let mut report = Report::new(&analysis, &finished);
    if arguments.output.json {
        report.matched = Some(matched);
        return output::print_json(&report);
    }
    output::print_text(&text(&report, &matched))
}

fn text(report: &Report, matched: &Matched) -> String {
    let mut out = heading(report);
    let reference = report.runs.first().and_then(|run| run.quality.snr_db);
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{:<13} {:<26}{} {:>12} {:>10} {:>8} {:>10}",
        "method",
        "fineness",
        output::measure_heads(),
        "SNR lost dB",
        "text.gz B",
        "file B",
        "entropy B"
    );
    for run in &report.runs {
        let params = match (run.levels, run.lambda) {
            (Some([w, h]), _) if run.rules.is_empty() => format!("levels {w},{h}"),
            (Some([w, h]), _) if run.method == "snmf-poster" => format!("levels {w},{h} {}", run.rules),
            (Some([w, h]), _) => format!("levels {w},{h}"),
            (None, Some(lambda)) => format!("lambda {lambda:.3e}"),
            (None, None) => String::new(),
        };
        let number =
            |x: Option<f64>, decimals: usize| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.decimals$}"));
        let loss = reference.zip(run.quality.snr_db).map(|(reference, snr)| reference - snr);
        let _ = writeln!(
            out,
            "{:<13} {params:<26}{} {:>12} {:>10} {:>8} {:>10}",
            run.method,
            output::measure_cells(|measure| measure.value(&run.quality)),
            number(loss, 2),
            run.text_gzip_bytes,
            run.file_bytes,
            number(run.entropy_bytes, 0)
        );
    }
    let methods = Method::ALL.into_iter().filter(|method| method.is_quantised()).map(Method::name);
    out.push_str("\nat equal SNR, text.gz bytes; the last column: snmf-rd over ptq-adaptive\n");
    let _ = write!(out, "{:>8}", "loss dB");
    methods.clone().for_each(|name| {
        let _ = write!(out, " {name:>13}");
    });
    out.push('\n');
    for rows in matched.at_equal_db.chunk_by(|a, b| a.loss_db == b.loss_db) {
        let of = |name: &str| rows.iter().find(|row| row.method == name);
        let _ = write!(out, "{:>8}", rows[0].loss_db);
        for name in methods.clone() {
            let bytes = of(name).map_or_else(|| "-".to_owned(), |row| row.text_gzip_bytes.to_string());
            let _ = write!(out, " {bytes:>13}");
        }
        let share = of(Method::SNMF_RD.name()).and_then(|row| row.of_ptq_adaptive);
        let _ = writeln!(out, "  {}", share.map_or_else(|| "-".to_owned(), |share| format!("{share:.2}")));
    }
    for measure in Measure::EACH {
        let better = measure.better().words();
        let _ = writeln!(out, "\nat the bytes of ptq-adaptive, {}, {better}", measure.heading());
        let _ = write!(out, "{:>8}", "text.gz");
        methods.clone().for_each(|name| {
            let _ = write!(out, " {name:>13}");
        });
        out.push('\n');
        for rows in matched.at_equal_bytes.chunk_by(|a, b| a.text_gzip_bytes == b.text_gzip_bytes) {
            let _ = write!(out, "{:>8.0}", rows[0].text_gzip_bytes);
            for name in methods.clone() {
                let value =
                    rows.iter().find(|row| row.method == name).and_then(|row| measure.value(&row.quality));
                let value = value.map_or_else(|| "-".to_owned(), |x| measure.number(x));
                let _ = write!(out, " {value:>13}");
            }
            out.push('\n');
        }
    }
    out
}

/// Bytes to the right, the measure upwards, a line a method.
fn figure(path: &Path, name: &str, runs: &[Finished], measure: Measure) -> Result<Vec<u8>, Failure> {
    let point = |run: &Finished| Point::of(run.spec.method.name(), &run.measures);
    let points: Vec<Point> = runs.iter().map(point).collect();
    let style = Style { width: CHART_MM, ..Style::default() };
    let look = Look { measure, ..Look::new(style.clone()) };
    let pane = panes::rate_distortion(&points, &look, name);
    let of =
        if measure == Measure::default() { String::new() } else { format!(" --measure {}", measure.name()) };
    figure::draw(path, vec![pane], &style, &format!("snmf sweep {name}{of}"))
}
