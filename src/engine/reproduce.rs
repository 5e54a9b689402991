//! The poster's tables, done again: what it says of each row, and what comes out here over many starts.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

use super::analysis::Analysis;
use super::run::series::{Finished, Series};
use super::session::{self, EngineError};
use super::settings::draft::SpecDraft;
use super::settings::input::{InputSpec, Source};
use super::task::lock;
use crate::codec::Form;
use crate::numeric::{Loss, Method, Metric, Named, PosterRules, RunSpec};
use crate::signal::{Demo, ReadOptions, Stft};

/// What the poster prints in a row of its tables.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Printed {
    /// SNR of CNMF and of SNMF.
    pub snr_db: [f64; 2],
    /// Bytes of both after gzip.
    pub gzip_bytes: [u32; 2],
    /// Different values in W and H of SNMF.
    pub distinct: [u32; 2],
}

/// A row of the poster's tables with the signal that stands in for its own.
#[derive(Clone, Copy, Debug)]
pub struct PosterRow {
    /// What the poster calls it.
    pub name: &'static str,
    pub demo: Demo,
    pub components: usize,
    pub lags: usize,
    pub iterations: usize,
    pub poster: Printed,
}

const fn row(name: &'static str, demo: Demo, sizes: [usize; 3], poster: Printed) -> PosterRow {
    let [components, lags, iterations] = sizes;
    PosterRow { name, demo, components, lags, iterations, poster }
}

const fn printed(snr_db: [f64; 2], gzip_bytes: [u32; 2], distinct: [u32; 2]) -> Printed {
    Printed { snr_db, gzip_bytes, distinct }
}

/// All rows, in the poster's order.
pub const ROWS: [PosterRow; 6] = [
    row("Noise-Burst", Demo::NoiseBurst, [2, 1, 100], printed([6.58, 6.6], [17_704, 1_659], [138, 19])),
    row("Evolving", Demo::Evolving, [2, 32, 100], printed([12.5, 11.56], [300_239, 13_841], [155, 21])),
    row("TIMIT, T = 1", Demo::Speech, [20, 1, 500], printed([11.61, 11.19], [112_278, 11_442], [1_133, 518])),
    row("TIMIT, T = 3", Demo::Speech, [20, 3, 500], printed([15.63, 15.83], [305_111, 30_243], [341, 86])),
    row("TIMIT, T = 5", Demo::Speech, [20, 5, 500], printed([25.4, 24.14], [489_705, 46_389], [374, 54])),
    row("TIMIT, T = 7", Demo::Speech, [20, 7, 500], printed([29.28, 26.5], [682_557, 63_990], [421, 47])),
];

/// Share of the iterations in which the second arm of the poster's method renews its steps.
const RENEW: f64 = 0.6;

/// The arms of each row: their names, and the runs they are.
fn arms(row: &PosterRow, seed: u64) -> Vec<(&'static str, RunSpec)> {
    let draft = SpecDraft {
        methods: Method::ALL.to_vec(),
        components: row.components,
        lags: row.lags,
        iterations: row.iterations,
        seed,
        double: true,
        plain: true,
        max_loss_db: Some(Loss::Snr.default_db(Metric::Snr)),
        loss: Loss::Snr,
        metric: Metric::Snr,
        ..SpecDraft::default()
    };
    // The rows are in range, so they are all there.
    let runs = draft.parse().map(|experiment| experiment.runs).unwrap_or_default();
    let of = |method| runs.iter().find(|run| run.method == method).cloned();
    let renewed = |run: RunSpec| RunSpec { poster: PosterRules { renew: RENEW, ..run.poster }, ..run };
    [
        ("CNMF", of(Method::CNMF)),
        ("SNMF poster", of(Method::SNMF_POSTER)),
        ("SNMF poster, steps renewed", of(Method::SNMF_POSTER).map(renewed)),
        ("rounding, adaptive steps, at 1 dB", of(Method::PTQ_ADAPTIVE)),
        ("SNMF rd, at 1 dB", of(Method::SNMF_RD)),
    ]
    .into_iter()
    .filter_map(|(name, run)| Some((name, run?)))
    .collect()
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    pub mean: f64,
    /// Half the width of its 95 % interval, by Student's t; none for a single trial.
    pub half: Option<f64>,
}

impl Mean {
    pub fn of(values: &[f64]) -> Self {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
        let half = (values.len() > 1).then(|| student(values.len() - 1) * (squares / (n - 1.0) / n).sqrt());
        Self { mean, half }
    }
}

/// The 97.5 % quantile of Student's t: exact for the smallest degrees of freedom, then the expansion of Cornish and
/// Fisher in their inverse, good to 1 in 500 from there.
fn student(degrees: usize) -> f64 {
    const Z: f64 = 1.959_964;
    match degrees {
        1 => 12.706,
        2 => 4.303,
        3 => 3.182,
        _ => {
            let n = degrees as f64;
            let first = (Z.powi(3) + Z) / 4.0;
            let second = (5.0 * Z.powi(5) + 16.0 * Z.powi(3) + 3.0 * Z) / 96.0;
            let third = (3.0 * Z.powi(7) + 19.0 * Z.powi(5) + 17.0 * Z.powi(3) - 15.0 * Z) / 384.0;
            Z + first / n + second / (n * n) + third / n.powi(3)
        }
    }
}

/// A method in a row, over its trials.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PosterArm {
    pub name: &'static str,
    pub snr_db: Mean,
    /// dB below the CNMF of the same start.
    pub loss_db: Mean,
    /// Bytes of S as text after gzip.
    pub text_gzip_bytes: Mean,
    /// gzip of that CNMF as text over these.
    pub text_ratio: Mean,
    pub distinct_w: Mean,
    pub distinct_h: Mean,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PosterComparison {
    pub name: &'static str,
    /// What stands in for its signal.
    pub input: &'static str,
    pub components: usize,
    pub lags: usize,
    pub iterations: usize,
    /// Starts, from seed 0 up.
    pub trials: u64,
    pub poster: Printed,
    pub arms: Vec<PosterArm>,
}

/// Runs all arms of a row from `trials` seeds. Trials go side by side, each on one of `threads` threads; `report` gets
/// how many are done, and decides whether to go on.
pub fn row_of(
    row: &PosterRow,
    trials: u64,
    threads: usize,
    report: &(dyn Fn(u64) -> ControlFlow<()> + Sync),
) -> Result<Option<PosterComparison>, String> {
    let pool = session::pool(threads).map_err(|e| e.to_string())?;
    let input = InputSpec { source: Source::Demo(row.demo), read: ReadOptions::default() };
    let analysis = Arc::new(Analysis::read(&input, Stft::default(), &pool).map_err(|e| e.to_string())?);
    let (next, done) = (AtomicU64::new(0), AtomicU64::new(0));
    let results: std::sync::Mutex<Vec<(u64, Vec<Finished>)>> = std::sync::Mutex::default();
    let work = || -> Result<(), EngineError> {
        let alone = session::pool(1)?;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= trials {
                return Ok(());
            }
            let mut series = Series::new(Arc::clone(&analysis), Form::default(), &alone);
            let mut runs = Vec::new();
            for (_, spec) in arms(row, seed) {
                let Ok(run) = series.run(&spec, &mut |_| report(done.load(Ordering::Relaxed))) else {
                    return Ok(());
                };
                runs.push(run);
            }
            lock(&results).push((seed, runs));
            done.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..pool.current_num_threads()).map(|_| scope.spawn(work)).collect();
        workers.into_iter().try_for_each(|worker| match worker.join() {
            Ok(outcome) => outcome.map_err(|e| e.to_string()),
            Err(_) => Err("a trial failed".to_owned()),
        })
    })?;
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if results.len() as u64 != trials {
        return Ok(None);
    }
    results.sort_by_key(|(seed, _)| *seed);
    let all: Vec<Vec<Finished>> = results.into_iter().map(|(_, runs)| runs).collect();
    Ok(Some(outcome(row, trials, &all)))
}

fn outcome(row: &PosterRow, trials: u64, all: &[Vec<Finished>]) -> PosterComparison {
    let names: Vec<&'static str> = arms(row, 0).into_iter().map(|(name, _)| name).collect();
    let bytes = |run: &Finished| run.measures.sizes.text_gzip_bytes as f64;
    let snr = |run: &Finished| run.measures.quality.snr_db.unwrap_or(f64::NAN);
    let arm = |(i, name): (usize, &&'static str)| {
        // Of each trial: CNMF, which is the first arm, and this one.
        let mean = |what: &dyn Fn(&Finished, &Finished) -> f64| {
            Mean::of(&all.iter().map(|runs| what(&runs[0], &runs[i])).collect::<Vec<f64>>())
        };
        PosterArm {
            name,
            snr_db: mean(&|_, run| snr(run)),
            loss_db: mean(&|cnmf, run| snr(cnmf) - snr(run)),
            text_gzip_bytes: mean(&|_, run| bytes(run)),
            text_ratio: mean(&|cnmf, run| bytes(cnmf) / bytes(run)),
            distinct_w: mean(&|_, run| run.measures.distinct_w as f64),
            distinct_h: mean(&|_, run| run.measures.distinct_h as f64),
        }
    };
    PosterComparison {
        name: row.name,
        input: row.demo.name(),
        components: row.components,
        lags: row.lags,
        iterations: row.iterations,
        trials,
        poster: row.poster,
        arms: names.iter().enumerate().map(arm).collect(),
    }
}

/// The two models whose element values the poster counts: SNMF and plain NMF of the first trial of the first row.
pub fn histogram_models(threads: usize) -> Result<[Finished; 2], String> {
    let pool = session::pool(threads).map_err(|e| e.to_string())?;
    let input = InputSpec { source: Source::Demo(ROWS[0].demo), read: ReadOptions::default() };
    let analysis = Arc::new(Analysis::read(&input, Stft::default(), &pool).map_err(|e| e.to_string())?);
    let mut series = Series::new(analysis, Form::default(), &pool);
    let all = arms(&ROWS[0], 0);
    let mut run = |i: usize| {
        let (_, spec): &(_, RunSpec) = all.get(i).ok_or("no such arm")?;
        series.run(spec, &mut |_| ControlFlow::Continue(())).map_err(|_| "cancelled".to_owned())
    };
    Ok([run(2)?, run(0)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_the_tables() {
        for (degrees, quantile) in [(1, 12.706), (4, 2.776), (7, 2.365), (30, 2.042), (99, 1.984)] {
            let got = student(degrees);
            assert!((got / quantile - 1.0).abs() < 0.003, "{degrees}: {got}, not {quantile}");
        }
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(mean.mean, 3.0);
        assert!((mean.half.unwrap_or(0.0) - 1.963).abs() < 0.005, "{mean:?}");
        assert_eq!(Mean::of(&[2.0]).half, None);
    }

    #[test]
    fn a_row_has_all_its_arms_and_stops_when_asked() {
        let quick = PosterRow { iterations: 5, ..ROWS[0] };
        let outcome = row_of(&quick, 3, 2, &|_| ControlFlow::Continue(())).map_err(|_| ()).ok().flatten();
        let Some(outcome) = outcome else { panic!("no outcome") };
        assert_eq!((outcome.arms.len(), outcome.trials), (5, 3));
        assert_eq!(outcome.arms[0].loss_db, Mean { mean: 0.0, half: Some(0.0) });
        assert!(outcome.arms.iter().all(|arm| arm.text_ratio.mean >= 1.0), "{outcome:?}");
        assert_eq!(row_of(&quick, 3, 2, &|_| ControlFlow::Break(())), Ok(None));
    }
}
