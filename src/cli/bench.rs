//! `snmf bench`: how fast the factorisation is on this machine, and what stored bases are for.

use std::fmt::Write as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::arguments::{path, source, threads};
use super::features::{self, FeaturesArguments};
use super::figure::{self, CHART_MM};
use super::output::{self, Failure};
use super::scale::{self, ScaleArguments};
use crate::engine::bench::{self, Convergence, Growth};
use crate::engine::run::memory;
use crate::engine::{Analysis, InputSpec, Source, SpecDraft, session, settings};
use crate::figure::Style;
use crate::figure::chart::{self, Chart, ChartSeries, Join};
use crate::figure::scene::{Axis, Scale};
use crate::numeric::{Method, RunSpec, Shape};
use crate::signal::{Demo, ReadOptions};

#[derive(Debug, Subcommand)]
pub enum BenchJob {
    /// The time of one plain single-precision update of H and W, and the floor that this machine sets
    Iterate(IterateArguments),
    /// The time until the divergence of 500 plain updates is reached
    Converge(ConvergeArguments),
    /// How the time of an update grows with M, N, R and T
    Growth(GrowthArguments),
    /// What corpora cost: an item of `corpus work`, and learning one W on many machines, by a model
    Scale(ScaleArguments),
    /// Separation and recognition of sounds with stored bases, at several sizes of the files
    Features(FeaturesArguments),
}

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

pub fn bench(job: &BenchJob) -> Result<(), Failure> {
    match job {
        BenchJob::Iterate(arguments) => iterate(arguments),
        BenchJob::Converge(arguments) => converge(arguments),
        BenchJob::Growth(arguments) => growth(arguments),
        BenchJob::Scale(arguments) => scale::scale(arguments),
        BenchJob::Features(arguments) => features::features(arguments),
    }
}

fn iterate(arguments: &IterateArguments) -> Result<(), Failure> {
    let IterateArguments { bins, frames, components, lags, iterations, threads, json } = *arguments;
    for (name, value) in
        [("bins", bins), ("frames", frames), ("components", components), ("lags", lags), ("threads", threads)]
    {
        if value == 0 {
            return Err(Failure::usage(format!("{name}: expected at least 1, got 0")));
        }
    }
    let shape = Shape { bins, frames, components, lags };
    let draft = SpecDraft { methods: vec![Method::CNMF], plain: true, ..SpecDraft::default() };
    let spec = draft.parse().map_err(Failure::usage)?.runs.swap_remove(0);
    memory::check(&RunSpec { components, lags, ..spec }, bins, frames).map_err(Failure::failed)?;
    let pool = session::pool(threads).map_err(Failure::failed)?;
    let result = bench::iterate(shape, iterations, &pool);
    if json {
        return output::print_json(&result);
    }
    let floor = result.floor;
    let mut out = format!(
        "M {bins}, N {frames}, R {components}, T {lags}, {threads} thread(s): {:.4} ms an iteration (fastest {:.4}), \
         {:.1} GFLOP/s\n",
        result.ms_per_iteration, result.fastest_ms, result.gflops
    );
    out.push_str(&format!(
        "floor {:.4} ms on one thread: products at {:.1} GFLOP/s, a division {:.3} ns, a read of V {:.3} ns; \
         {:.2} times the floor\n",
        floor.ms, floor.gemm_gflops, floor.divide_ns, floor.read_ns, result.over_floor
    ));
    if let Some(rss) = result.peak_rss_mib {
        let v = (bins * frames * size_of::<f32>()) as f64 / f64::from(1 << 20);
        out.push_str(&format!("peak memory {rss:.1} MiB, of which V takes {v:.1} MiB\n"));
    }
    output::print_text(&out)
}

#[derive(Serialize)]
struct Convergences {
    runs: Vec<Convergence>,
}

fn converge(arguments: &ConvergeArguments) -> Result<(), Failure> {
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    let cases = if let Some(input) = &arguments.input {
        vec![(output::spooled(input)?, arguments.components, arguments.lags)]
    } else {
        let cases =
            [(Demo::Speech, 20, 1), (Demo::Speech, 20, 5), (Demo::Speech, 20, 7), (Demo::Drums, 10, 8)];
        cases.map(|(demo, r, t)| (Source::Demo(demo), r, t)).to_vec()
    };
    let mut runs = Vec::new();
    for (source, components, lags) in cases {
        let draft = SpecDraft { methods: vec![Method::CNMF], components, lags, ..SpecDraft::default() };
        let experiment = draft.parse().map_err(Failure::usage)?;
        let input = InputSpec { source, read: ReadOptions::default() };
        let analysis = Analysis::read(&input, experiment.framing, &pool).map_err(Failure::failed)?;
        for spec in &experiment.runs {
            crate::engine::run::job::check(spec, &analysis).map_err(Failure::failed)?;
            runs.extend(bench::converge(&analysis, spec, arguments.seeds.max(1), &pool));
        }
    }
    if arguments.json {
        return output::print_json(&Convergences { runs });
    }
    let mut out = format!(
        "{:<12} {:>3} {:>3}  {:<16} {:>22} {:>24} {:>8}\n",
        "input", "R", "T", "updates", "iterations, by seed", "seconds, by seed", "faster"
    );
    for run in &runs {
        let iterations: Vec<String> =
            run.iterations.iter().map(|k| k.map_or_else(|| "never".to_owned(), |k| k.to_string())).collect();
        let seconds: Vec<String> = run.seconds.iter().map(|s| format!("{s:.3}")).collect();
        let (iterations, seconds) = (iterations.join(" "), seconds.join(" "));
        let _ = writeln!(
            out,
            "{:<12} {:>3} {:>3}  {:<16} {iterations:>22} {seconds:>24} {:>7.1}x",
            run.input, run.components, run.lags, run.rules, run.times_faster
        );
    }
    output::print_text(&out)
}

#[derive(Serialize)]
struct Growths {
    series: Vec<Growth>,
}

fn growth(arguments: &GrowthArguments) -> Result<(), Failure> {
    let pool = session::pool(arguments.threads).map_err(Failure::failed)?;
    figure::check(arguments.out.as_deref(), arguments.force)?;
    let series = bench::growth(&pool);
    if let Some(path) = &arguments.out {
        let style = Style { width: CHART_MM, ..Style::default() };
        let line = |(i, Growth { size, points }): (usize, &Growth)| {
            let (first, begun) = points[0];
            let points = points.iter().map(|&(n, ms)| (n as f64 / first as f64, ms / begun)).collect();
            ChartSeries {
                name: (*size).to_owned(),
                points,
                whiskers: Vec::new(),
                join: Join::Both,
                stroke: style.series(i),
            }
        };
        let lines: Vec<ChartSeries> = series.iter().enumerate().map(line).collect();
        let all = || lines.iter().flat_map(|line| line.points.iter());
        let axis = |label: &str, ends| Axis::new(label, Scale::Octaves, ends);
        let x = axis("Size, times the smallest", chart::octaves(all().map(|p| p.0)));
        let y = axis("Time of an update, times the first", chart::octaves(all().map(|p| p.1)));
        let equal = x.ends.1.min(y.ends.1);
        let guide = Some(("in proportion".to_owned(), [(1.0, 1.0), (equal, equal)]));
        let chart = Chart { title: "Growth of an update".to_owned(), x, y, series: lines, guide };
        let bytes = figure::draw(path, vec![chart.pane("growth", &style)], &style, "snmf bench growth")?;
        output::write(path, arguments.force, &bytes)?;
    }
    if arguments.json {
        return output::print_json(&Growths { series });
    }
    let mut out = "milliseconds an update, one size growing, the others held\n".to_owned();
    for Growth { size, points } in &series {
        let values: Vec<String> = points.iter().map(|(n, ms)| format!("{n:>5}: {ms:8.3}")).collect();
        let _ = writeln!(out, "{size}  {}", values.join("  "));
    }
    output::print_text(&out)
}
