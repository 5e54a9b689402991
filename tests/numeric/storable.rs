//! Storable NMF by rate and distortion: laws of its results.

use std::sync::Arc;

use nalgebra::DMatrix;
use snmf_workbench::codec::{self, Form, Header, Stored};
use snmf_workbench::engine::session;
use snmf_workbench::numeric::methods::cnmf::Cnmf;
use snmf_workbench::numeric::methods::init::Random;
use snmf_workbench::numeric::methods::rate_distortion::{BitCost, RateDistortion};
use snmf_workbench::numeric::methods::rounding::round_adaptively;
use snmf_workbench::numeric::{
    Factors, Learner, Levels, Magnitudes, Metric, Model, Real, Rules, Stacked, context_model, measure,
};

const PHI: f64 = 1e-4;

/// Parts with a few peaks that come and go, under noise: a spectrogram with a maximum of 1.
fn spectrogram<F: Real>(bins: usize, frames: usize, lags: usize, seed: u64) -> Arc<DMatrix<F>> {
    let mut random = Random::new(seed);
    let components = 4;
    let w = (0..lags)
        .map(|_| DMatrix::from_fn(bins, components, |_, _| F::from_f64(random.uniform().powi(12))))
        .collect();
    let h = DMatrix::from_fn(components, frames, |_, _| F::from_f64(random.uniform().powi(8)));
    let mut v = DMatrix::zeros(bins, frames);
    Stacked::from_factors(&Factors { w, h }).reconstruct_into(0, v.as_mut_slice());
    let largest = v.iter().fold(F::ZERO, |a, &b| Real::max(a, b));
    let noise = |x: F| x / largest + F::from_f64(0.03 * random.uniform().powi(2));
    let v = DMatrix::from_iterator(bins, frames, v.iter().copied().map(noise));
    let largest = v.iter().fold(F::ZERO, |a, &b| Real::max(a, b));
    Arc::new(v.map(|x| x / largest))
}

fn cnmf<F: Real>(v: &Arc<DMatrix<F>>, components: usize, lags: usize, seed: u64) -> Factors<F> {
    let mut random = Random::new(seed);
    let mut positive =
        |rows, columns| DMatrix::from_fn(rows, columns, |_, _| F::from_f64(random.uniform() + 1e-3));
    let w = (0..lags).map(|_| positive(v.nrows(), components)).collect();
    let start = Factors { w, h: positive(components, v.ncols()) };
    let mut cnmf = Cnmf::from_factors(Arc::clone(v), &start, PHI, Rules::default());
    (0..100).for_each(|_| cnmf.update());
    cnmf.factors()
}

fn solve<F: Real>(solver: &mut RateDistortion<F>, lambda: f64) -> (Model<F>, Vec<f64>) {
    solver.start_at(lambda);
    let mut objective = Vec::new();
    while !solver.is_settled() {
        objective.extend(solver.sweep());
    }
    (solver.model().unwrap(), objective)
}

fn bytes(model: Model<f64>) -> usize {
    codec::sizes(&Stored { header: Header::default(), model: model.into(), form: Form::default() })
        .text_gzip_bytes
}

fn snr(v: &DMatrix<f64>, model: &Model<f64>) -> f64 {
    measure::snr_db(v, &Magnitudes::of(&model.to_factors(), 1.0))
}

#[test]
fn it_is_never_worse_than_rounding_at_equal_bytes() {
    for (seed, lags) in [(1, 1), (2, 3), (3, 5), (4, 8)] {
        let v = spectrogram::<f64>(65, 90, lags, seed);
        let factors = cnmf(&v, 5, lags, seed);
        let mut solver = RateDistortion::new(Arc::clone(&v), &factors, Metric::Snr, PHI);
        for (w, h) in [(12, 8), (36, 24), (96, 64)] {
            let rounded = Model::Quantised(round_adaptively(&factors, Levels { w, h }, None));
            let (asked, to_beat) = (bytes(rounded.clone()), snr(&v, &rounded));
            // The lowest price at which the bytes are no more.
            let (mut low, mut high) = (-9.0, -1.0);
            let mut best = f64::NEG_INFINITY;
            for _ in 0..8 {
                let middle = 0.5 * (low + high);
                let (model, _) = solve(&mut solver, 10f64.powf(middle));
                let reached = snr(&v, &model);
                if bytes(model) <= asked {
                    best = best.max(reached);
                    high = middle;
                } else {
                    low = middle;
                }
            }
            assert!(
                best > to_beat,
                "seed {seed}, T {lags}, levels {w},{h}: {best} dB, rounding {to_beat} dB at {asked} B"
            );
        }
    }
}

#[test]
fn j_of_what_is_kept_never_rises_and_follows_the_price() {
    for (metric, cost) in [Metric::Snr, Metric::Kld]
        .into_iter()
        .flat_map(|metric| [BitCost::Symbols, BitCost::Contexts].map(|cost| (metric, cost)))
    {
        let v = spectrogram::<f64>(40, 70, 4, 9);
        let solver = RateDistortion::new(Arc::clone(&v), &cnmf(&v, 4, 4, 9), metric, PHI);
        let mut solver = solver.counting(cost);
        let mut before: Option<(usize, f64)> = None;
        for lambda in if metric == Metric::Snr { [1e-6, 1e-5, 1e-4] } else { [1e-3, 1e-2, 1e-1] } {
            let (model, objective) = solve(&mut solver, lambda);
            assert!(
                objective.len() > 4 && objective.windows(2).all(|j| j[1] <= j[0]),
                "{metric:?}: {objective:?}"
            );
            let now = (bytes(model.clone()), snr(&v, &model));
            if let Some(before) = before {
                assert!(
                    now.0 < before.0 && now.1 < before.1,
                    "{metric:?} {lambda}: {before:?}, then {now:?}"
                );
            }
            before = Some(now);
        }
    }
}

#[test]
fn bits_by_contexts_are_those_of_the_coder_and_fewer_for_what_they_buy() {
    let lambda = 1e-5;
    let mut sums = [0.0; 2];
    for (seed, lags) in [(1, 1), (2, 3), (3, 5), (4, 8)] {
        let v = spectrogram::<f64>(65, 90, lags, seed);
        let factors = cnmf(&v, 5, lags, seed);
        for (sum, cost) in sums.iter_mut().zip([BitCost::Symbols, BitCost::Contexts]) {
            let mut solver = RateDistortion::new(Arc::clone(&v), &factors, Metric::Snr, PHI).counting(cost);
            let (model, _) = solve(&mut solver, lambda);
            let Model::Quantised(integers) = &model else { unreachable!() };
            let (w, h) = context_model::bits(integers);
            if cost == BitCost::Contexts {
                assert!((w + h - solver.bits()).abs() < 1e-6, "{} + {}, {}", w, h, solver.bits());
            }
            *sum += 10f64.powf(-snr(&v, &model) / 10.0) + lambda * (w + h);
        }
    }
    assert!(sums[1] < sums[0], "J by the bits of the coder: {sums:?}");
}

fn the_same_integers<F: Real>(metric: Metric, cost: BitCost, price: f64) {
    let v = spectrogram::<F>(70, 300, 6, 5);
    let factors = cnmf(&v, 3, 6, 5);
    let with = |threads| {
        session::pool(threads).unwrap().install(|| {
            let mut solver = RateDistortion::new(Arc::clone(&v), &factors, metric, PHI).counting(cost);
            solve(&mut solver, price)
        })
    };
    let one = with(1);
    assert!(one.1.iter().all(|j| j.is_finite()));
    for threads in [2, 7] {
        assert!(with(threads) == one, "{metric:?}: {threads} threads give other integers than 1");
    }
}

#[test]
fn the_number_of_threads_changes_no_integer() {
    the_same_integers::<f32>(Metric::Snr, BitCost::Symbols, 1e-5);
    the_same_integers::<f64>(Metric::Snr, BitCost::Symbols, 1e-5);
    the_same_integers::<f32>(Metric::Kld, BitCost::Symbols, 1e-2);
    the_same_integers::<f32>(Metric::Snr, BitCost::Contexts, 1e-5);
    the_same_integers::<f32>(Metric::Kld, BitCost::Contexts, 1e-2);
}

#[test]
fn silence_and_odd_shapes_come_through() {
    for (bins, frames, components, lags) in [(1, 1, 1, 1), (5, 3, 2, 7), (8, 40, 6, 1), (3, 200, 1, 2)] {
        for metric in [Metric::Snr, Metric::Kld] {
            for loud in [false, true] {
                let v = DMatrix::from_fn(bins, frames, |m, n| {
                    if loud && m % 2 == 0 { 1.0 / (1 + n % 5) as f64 } else { 0.0 }
                });
                let v = Arc::new(v);
                let mut solver =
                    RateDistortion::new(Arc::clone(&v), &cnmf(&v, components, lags, 1), metric, PHI);
                let (model, objective) = solve(&mut solver, 1e-3);
                let factors = model.to_factors();
                let all = factors.w.iter().flat_map(DMatrix::iter).chain(factors.h.iter());
                assert!(all.clone().all(|x| x.is_finite() && *x >= 0.0), "{bins}x{frames} {metric:?} {loud}");
                assert!(
                    loud || all.clone().all(|x| *x == 0.0),
                    "{bins}x{frames} {metric:?}: silence costs nothing"
                );
                assert!(loud || !objective.iter().any(|j| *j > 0.1), "{objective:?}");
            }
        }
    }
}
