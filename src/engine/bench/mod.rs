//! How fast the factorisation is: an update on a V of given size, against the floor that the machine sets; how its
//! cost grows; how soon a given divergence is reached; and what corpora cost on many machines.

mod items;
mod scale;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nalgebra::DMatrix;
use rayon::ThreadPool;
use serde::Serialize;

pub use items::{ItemCost, item_cost};
pub use scale::{Network, OnNetwork, RanksRow, Scaling, scaling};

use super::analysis::Analysis;
use crate::numeric::kernels::probe;
use crate::numeric::methods::init::Random;
use crate::numeric::{self, Init, Real, RunSpec, Shape};

/// Updates before the clock counts: caches, page tables and the clock rate settle.
const WARM_UP: usize = 3;

/// Updates whose divergence the accelerated ones have to reach.
const PLAIN_UPDATES: usize = 500;

/// Steps after which reaching it is given up.
const PATIENCE: usize = 1000;

/// The time of a plain single-precision update of H and of W, without the objective.
#[derive(Clone, Debug, Serialize)]
pub struct Iteration {
    pub bins: usize,
    pub frames: usize,
    pub components: usize,
    pub lags: usize,
    pub threads: usize,
    /// Median; CPU time for one thread, wall time for more.
    pub ms_per_iteration: f64,
    /// Fastest of all updates.
    pub fastest_ms: f64,
    /// 8 M N R T operations over the median.
    pub gflops: f64,
    /// What this machine could not do without, see [`Floor`]; for one thread.
    pub floor: Floor,
    /// The median over the floor's sum, threads counted.
    pub over_floor: f64,
    /// The most memory that the process has held until then; none where the system does not say.
    pub peak_rss_mib: Option<f64>,
}

/// The least that an update takes on one core of this machine: the arithmetic of four products at the rate of a
/// product that suits the machine best, two divisions for each element of V, and reading V twice.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Floor {
    pub gemm_gflops: f64,
    pub divide_ns: f64,
    pub read_ns: f64,
    pub ms: f64,
}

/// Times `iterations` updates at these sizes.
///
/// The floor is measured before and after, and the faster counts: the machine may be disturbed by others.
pub fn iterate(shape: Shape, iterations: usize, pool: &ThreadPool) -> Iteration {
    let threads = pool.current_num_threads();
    let v = Arc::new(test_spectrogram(shape));
    let Shape { components, lags, .. } = shape;
    let plain = RunSpec { components, lags, seed: 1, plain: true, init: Init::Random, ..RunSpec::default() };
    let mut cnmf = numeric::start(&v, &plain);
    let mut times: Vec<f64> = pool.install(|| {
        (0..WARM_UP).for_each(|_| cnmf.update());
        let clock = if threads == 1 { cpu_time } else { wall_time };
        (0..iterations.max(1))
            .map(|_| {
                let begun = clock();
                cnmf.update();
                clock().saturating_sub(begun).as_secs_f64() * 1e3
            })
            .collect()
    });
    // Before the measurement of the floor, which takes memory of its own.
    let peak_rss_mib = peak_rss_mib();
    drop(cnmf);
    let floor = pool.install(|| Floor::measure(shape, &v));
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    let Shape { bins, frames, components, lags } = shape;
    Iteration {
        bins,
        frames,
        components,
        lags,
        threads,
        ms_per_iteration: median,
        fastest_ms: times[0],
        gflops: operations(shape) / median * 1e-6,
        floor,
        over_floor: median * threads as f64 / floor.ms,
        peak_rss_mib,
    }
}

/// Operations of an update: four products of M x R T by N.
fn operations(Shape { bins, frames, components, lags }: Shape) -> f64 {
    8.0 * [bins, frames, components, lags].into_iter().map(|n| n as f64).product::<f64>()
}

/// Some peaks that come and go over noise; the values do not matter to the time.
fn test_spectrogram(shape: Shape) -> DMatrix<f32> {
    let mut random = Random::new(0);
    DMatrix::from_fn(shape.bins, shape.frames, |m, n| {
        let peak = if m % 37 < 3 && n % 23 < 7 { 0.9 } else { 0.0 };
        f32::from_f64(peak + 0.1 * random.uniform())
    })
}

impl Floor {
    fn measure(shape: Shape, v: &DMatrix<f32>) -> Self {
        /// Rounds; the fastest counts, for nothing makes a machine faster than it is.
        const ROUNDS: usize = 15;
        /// Side of the matrices of a product that suits any machine.
        const SIDE: usize = 768;
        /// Divisions in the first-level cache, and how often.
        const SHORT: usize = 2048;
        const TIMES: usize = 200;
        let best = |work: &mut dyn FnMut()| {
            let times = (0..ROUNDS).map(|_| {
                let begun = cpu_time();
                work();
                cpu_time().saturating_sub(begun).as_secs_f64()
            });
            times.fold(f64::INFINITY, f64::min)
        };
        let (a, b) = (vec![0.5f32; SIDE * SIDE], vec![0.25f32; SIDE * SIDE]);
        let mut c = vec![0.0f32; SIDE * SIDE];
        let seconds = best(&mut || probe::multiply(SIDE, &a, &b, &mut c));
        black_box(&c);
        let gemm = 2.0 * (SIDE as f64).powi(3) / seconds;

        let mut q = vec![0.75f32; SHORT];
        let divide = best(&mut || {
            for _ in 0..TIMES {
                probe::divide(&a[..SHORT], &mut q);
                black_box(&mut q);
            }
        }) / (SHORT * TIMES) as f64;

        let read = best(&mut || {
            black_box(probe::read(v.as_slice()));
        }) / v.len() as f64;
        let elements = 2.0 * v.len() as f64;
        let seconds = operations(shape) / gemm + elements * divide + elements * read;
        Self { gemm_gflops: gemm * 1e-9, divide_ns: divide * 1e9, read_ns: read * 1e9, ms: seconds * 1e3 }
    }
}

/// CPU time of this thread, which other programs disturb least.
fn cpu_time() -> Duration {
    #[cfg(unix)]
    {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
        let (seconds, nanoseconds) = (time.tv_sec.unsigned_abs(), time.tv_nsec.unsigned_abs());
        Duration::from_secs(seconds) + Duration::from_nanos(nanoseconds)
    }
    #[cfg(not(unix))]
    wall_time()
}

fn wall_time() -> Duration {
    static BEGUN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(Instant::now).elapsed()
}

/// The most memory that this process has held so far, in MiB.
fn peak_rss_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

#[derive(Clone, Debug, Serialize)]
pub struct Growth {
    /// Which size grows: M, N, R or T.
    pub size: &'static str,
    /// (size, milliseconds an iteration).
    pub points: Vec<(usize, f64)>,
}

/// How the time of an update grows with each of M, N, R and T, the others held.
pub fn growth(pool: &ThreadPool) -> Vec<Growth> {
    let held = Shape { bins: 513, frames: 800, components: 20, lags: 4 };
    let series = |size, values: [usize; 5], set: fn(&mut Shape, usize)| {
        let point = |value| {
            let mut shape = held;
            set(&mut shape, value);
            (value, iterate(shape, 15, pool).ms_per_iteration)
        };
        Growth { size, points: values.into_iter().map(point).collect() }
    };
    vec![
        series("M", [257, 513, 1025, 2049, 4097], |shape, m| shape.bins = m),
        series("N", [400, 800, 1600, 3200, 6400], |shape, n| shape.frames = n),
        series("R", [10, 20, 40, 80, 160], |shape, r| shape.components = r),
        series("T", [2, 4, 8, 16, 32], |shape, t| shape.lags = t),
    ]
}

/// How soon one way of learning reaches the divergence of plain updates, over several seeds.
#[derive(Clone, Debug, Serialize)]
pub struct Convergence {
    pub input: String,
    pub components: usize,
    pub lags: usize,
    /// `plain`, `accelerated` or `accelerated,svd`.
    pub rules: String,
    /// Iterations of each seed; none where it was not reached.
    pub iterations: Vec<Option<usize>>,
    /// Seconds of each seed, start and objective included.
    pub seconds: Vec<f64>,
    /// The plain time over this one, median over the seeds.
    pub times_faster: f64,
}

/// Times 500 plain updates on V, then what accelerated ones take to the divergence which those reach.
pub fn converge(analysis: &Analysis, spec: &RunSpec, seeds: u64, pool: &ThreadPool) -> Vec<Convergence> {
    let v = &analysis.spectrogram_f32().v;
    let result = |spec: &RunSpec| Convergence {
        input: analysis.name.clone(),
        components: spec.components,
        lags: spec.lags,
        rules: spec.rules_text(),
        iterations: Vec::new(),
        seconds: Vec::new(),
        times_faster: 1.0,
    };
    let plain = RunSpec { plain: true, init: Init::Random, ..spec.clone() };
    let accelerated = RunSpec { plain: false, init: Init::Random, ..spec.clone() };
    let from_svd = RunSpec { init: Init::Svd, ..accelerated.clone() };
    let variants = [accelerated, from_svd];
    let mut results = vec![result(&plain)];
    results.extend(variants.iter().map(result));
    let mut faster = vec![Vec::new(); variants.len()];
    for seed in 0..seeds {
        let begun = Instant::now();
        let mut learner = numeric::start(v, &RunSpec { seed, ..plain.clone() });
        let target = pool.install(|| {
            (1..PLAIN_UPDATES).for_each(|_| learner.update());
            learner.step()
        });
        let seconds = begun.elapsed().as_secs_f64();
        results[0].iterations.push(Some(PLAIN_UPDATES));
        results[0].seconds.push(seconds);
        for (i, variant) in variants.iter().enumerate() {
            let begun = Instant::now();
            let mut learner = numeric::start(v, &RunSpec { seed, ..variant.clone() });
            let steps = pool.install(|| (1..=PATIENCE).find(|_| learner.step() <= target));
            let own = begun.elapsed().as_secs_f64();
            results[i + 1].iterations.push(steps);
            results[i + 1].seconds.push(own);
            faster[i].push(if steps.is_some() { seconds / own } else { 0.0 });
        }
    }
    for (result, mut faster) in results[1..].iter_mut().zip(faster) {
        faster.sort_by(f64::total_cmp);
        result.times_faster = faster[faster.len() / 2];
    }
    results
}
