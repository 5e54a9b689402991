//! What learning one W costs on many ranks, by a model: arithmetic as it is measured here, divided by the ranks, and the sum
//! over all ranks that each pass ends with.

use rayon::ThreadPool;
use serde::Serialize;

use super::{test_spectrogram, wall_time};
use crate::numeric::methods::shared::{Alone, SharedCnmf, TrainingSpectrogram};
use crate::numeric::{RunSpec, Shape};

/// Passes that are timed; the median counts.
const PASSES: usize = 7;

/// Efficiency that is asked for of the shortest corpus.
const WANTED: f64 = 0.9;

const HOURS: [f64; 5] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0];
const RANKS: [usize; 4] = [1, 10, 100, 1_000];

/// A network between nodes with one rank each, as its makers state it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Network {
    pub name: &'static str,
    pub latency_us: f64,
    pub gbit_a_second: f64,
}

const NETWORKS: [Network; 3] = [
    Network { name: "1 GbE", latency_us: 50.0, gbit_a_second: 1.0 },
    Network { name: "10 GbE", latency_us: 20.0, gbit_a_second: 10.0 },
    Network { name: "100 Gbit InfiniBand", latency_us: 2.0, gbit_a_second: 100.0 },
];

/// The inputs of the model, and what follows from them.
#[derive(Clone, Debug, Serialize)]
pub struct Scaling {
    pub bins: usize,
    pub components: usize,
    pub lags: usize,
    pub frames_a_second: f64,
    /// Of one core of this machine, measured.
    pub us_a_frame: f64,
    /// Bytes that each rank has to sum with the others in a pass.
    pub bytes_a_pass: usize,
    pub networks: Vec<OnNetwork>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OnNetwork {
    pub network: Network,
    pub rows: Vec<RanksRow>,
    /// The shortest corpus on which the largest number of ranks is 90 % efficient.
    pub hours_to_90_percent: f64,
}

/// Ranks on corpora of several lengths.
#[derive(Clone, Debug, Serialize)]
pub struct RanksRow {
    pub ranks: usize,
    /// Milliseconds of the sum over all ranks.
    pub sum_ms: f64,
    /// (hours of sound, the share of the time that is arithmetic).
    pub efficiency: Vec<(f64, f64)>,
}

impl Network {
    /// Seconds of a sum over all ranks in halves: 2 log2 P steps, in which each rank sends 2 (P - 1) / P of the bytes.
    fn sum_seconds(&self, bytes: usize, ranks: usize) -> f64 {
        let p = ranks as f64;
        let bytes_a_second = self.gbit_a_second * 1e9 / 8.0;
        2.0 * p.log2().ceil() * self.latency_us * 1e-6 + 2.0 * (p - 1.0) / p * bytes as f64 / bytes_a_second
    }
}

/// Measures a pass of `spec` over a V of this shape on `pool`, and applies the model.
pub fn scaling(spec: &RunSpec, shape: Shape, frames_a_second: f64, pool: &ThreadPool) -> Scaling {
    let Shape { bins, frames, components, lags } = shape;
    let mut learner = SharedCnmf::new(
        vec![TrainingSpectrogram { v: test_spectrogram(shape), max: 1.0, seed: 0 }],
        spec,
        Box::new(Alone),
    );
    let mut seconds: Vec<f64> = pool.install(|| {
        learner.step();
        let pass = |_| {
            let begun = wall_time();
            learner.step();
            wall_time().saturating_sub(begun).as_secs_f64()
        };
        (0..PASSES).map(pass).collect()
    });
    seconds.sort_by(f64::total_cmp);
    let a_frame = seconds[PASSES / 2] / frames as f64;
    // The numerators and the denominators of W, and D.
    let bytes = size_of::<i64>() * (bins * components * lags + components * lags + 1);
    let on = |network: Network| on_network(network, bytes, a_frame * frames_a_second * 3600.0);
    Scaling {
        bins,
        components,
        lags,
        frames_a_second,
        us_a_frame: a_frame * 1e6,
        bytes_a_pass: bytes,
        networks: NETWORKS.map(on).to_vec(),
    }
}

fn on_network(network: Network, bytes: usize, an_hour: f64) -> OnNetwork {
    let row = |ranks: usize| {
        let sum = network.sum_seconds(bytes, ranks);
        let efficiency = |hours: f64| {
            let arithmetic = hours * an_hour / ranks as f64;
            (hours, arithmetic / (arithmetic + sum))
        };
        RanksRow { ranks, sum_ms: sum * 1e3, efficiency: HOURS.map(efficiency).to_vec() }
    };
    let most = RANKS[RANKS.len() - 1];
    let sum = network.sum_seconds(bytes, most);
    let hours_to_90_percent = WANTED / (1.0 - WANTED) * sum * most as f64 / an_hour;
    OnNetwork { network, rows: RANKS.map(row).to_vec(), hours_to_90_percent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efficiency_is_whole_alone_and_falls_with_ranks_and_short_corpora() {
        let [slow, .., fast] = NETWORKS.map(|network| on_network(network, 2_626_568, 20.0));
        for network in [&slow, &fast] {
            assert!(network.rows[0].efficiency.iter().all(|(_, share)| (share - 1.0).abs() < 1e-12));
            for two in network.rows.windows(2) {
                let pairs = || two[0].efficiency.iter().zip(&two[1].efficiency);
                assert!(pairs().all(|(few, many)| few.1 > many.1));
            }
            let last = &network.rows[RANKS.len() - 1].efficiency;
            assert!(last.windows(2).all(|two| two[0].1 < two[1].1));
        }
        // 1 Gbit/s: 2 log2(1000) 50 us, and twice 2.6 MB at 125 MB/s.
        assert!((slow.rows[3].sum_ms - 43.0).abs() < 0.1, "{}", slow.rows[3].sum_ms);
        assert!((slow.hours_to_90_percent - 9.0 * 0.043 * 1000.0 / 20.0).abs() < 0.1);
    }
}
