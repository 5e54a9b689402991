//! CNMF and the quantised methods against their naive twins, and the laws they keep.

use std::sync::Arc;

use crate::common::{SHAPES, naive, spectrogram};
use nalgebra::{DMatrix, DVector};
use snmf_workbench::numeric::kernels::passes::Passes;
use snmf_workbench::numeric::methods::cnmf::Cnmf;
use snmf_workbench::numeric::methods::init::{random_factors, svd_factors};
use snmf_workbench::numeric::methods::rounding;
use snmf_workbench::numeric::{
    HRule, Init, Learner, Levels, Magnitudes, Method, Methods, Model, PosterRules, Precision, Quantised,
    Real, Rules, RunSpec, Shape, Stacked, WRule, measure, start,
};

const PHI: f64 = 1e-4;

fn spec(method: Method, shape: Shape, seed: u64) -> RunSpec {
    let Shape { components, lags, .. } = shape;
    RunSpec {
        method,
        components,
        lags,
        iterations: 30,
        seed,
        precision: Precision::F64,
        plain: true,
        ..RunSpec::default()
    }
}

fn close<F: Real>(what: &str, shape: Shape, got: &DMatrix<F>, want: &DMatrix<f64>, tolerance: f64) {
    assert_eq!(got.shape(), want.shape(), "{what} at {shape:?}");
    let scale = want.amax().max(1e-12);
    for (g, w) in got.iter().zip(want.iter()) {
        let error = (g.to_f64() - w).abs() / scale;
        assert!(error < tolerance, "{what} at {shape:?}: {g:?} against {w}, off by {error:e} of the largest");
    }
}

fn model_matches<F: Real>(tolerance: f64) {
    for (seed, shape) in (0..).zip(SHAPES) {
        let factors = random_factors::<F>(shape, seed);
        let stacked = Stacked::from_factors(&factors);
        assert_eq!(stacked.to_factors(), factors, "the layout loses nothing at {shape:?}");
        let mut vhat = vec![F::ZERO; shape.bins * shape.frames];
        stacked.reconstruct_into(0, &mut vhat);
        let vhat = DMatrix::from_vec(shape.bins, shape.frames, vhat);
        close("Vhat", shape, &vhat, &naive::model(&naive::widen(&factors)), tolerance);
    }
}

#[test]
fn the_model_is_equation_2() {
    model_matches::<f32>(1e-5);
    model_matches::<f64>(1e-13);
}

fn passes_match<F: Real>(tolerance: f64) {
    for (seed, shape) in (0..).zip(SHAPES) {
        let v = spectrogram::<F>(shape.bins, shape.frames, seed);
        let factors = random_factors::<F>(shape, seed);
        let state = Stacked::from_factors(&factors);
        let (wide, v64) = (naive::widen(&factors), v.map(Real::to_f64));
        let q = naive::ratio(&v64, &wide, PHI);
        let z = q.zip_map(&naive::model(&wide), |q, vhat| q / (vhat + PHI));
        let Shape { bins, frames, components, lags } = shape;
        let mut passes = Passes::new(Arc::new(v), components, lags, F::from_f64(PHI));
        // Twice: nothing of a pass may leak into the next.
        for _ in 0..2 {
            let (mut h, mut w) =
                (DMatrix::zeros(components, frames), vec![F::ZERO; bins * components * lags]);
            let want = naive::h_correlation(&q, &wide, 1);
            passes.h_numerator(&state, None, h.as_mut_slice());
            close("numerator of H", shape, &h, &want, tolerance);
            let d = passes.h_numerator_and_objective(&state, None, h.as_mut_slice());
            close("numerator of H, with D", shape, &h, &want, tolerance);
            let oracle = naive::kld(&v64, &naive::model(&wide), PHI);
            assert!((d - oracle).abs() <= 1e-5 * oracle, "D at {shape:?}: {d} against {oracle}");
            passes.h_curvature(&state, h.as_mut_slice());
            close("curvature of H", shape, &h, &naive::h_correlation(&z, &wide, 2), tolerance);
            let by_lag = |w: &[F], t: usize| {
                let s = lags - 1 - t;
                DMatrix::from_column_slice(bins, components, &w[s * bins * components..][..bins * components])
            };
            passes.w_numerator(&state, 0..components * lags, &mut w);
            for t in 0..lags {
                let want = naive::w_correlation(&q, &wide, t, 1);
                close("numerator of W", shape, &by_lag(&w, t), &want, tolerance);
            }
            let d = passes.w_numerator_and_objective(&state, &mut w);
            for t in 0..lags {
                let want = naive::w_correlation(&q, &wide, t, 1);
                close("numerator of W, with D", shape, &by_lag(&w, t), &want, tolerance);
            }
            assert!((d - oracle).abs() <= 1e-5 * oracle, "D at {shape:?}: {d} against {oracle}");
            passes.w_curvature(&state, &mut w);
            for t in 0..lags {
                let want = naive::w_correlation(&z, &wide, t, 2);
                close("curvature of W", shape, &by_lag(&w, t), &want, tolerance);
            }
        }
    }
}

#[test]
fn the_passes_are_their_definitions() {
    passes_match::<f32>(2e-5);
    passes_match::<f64>(1e-12);
}

fn update_matches<F: Real>(rules: Rules, tolerance: f64) {
    for (seed, shape) in (0..).zip(SHAPES) {
        let v = spectrogram::<F>(shape.bins, shape.frames, seed);
        let factors = random_factors::<F>(shape, seed);
        let mut ours = Cnmf::from_factors(Arc::new(v.clone()), &factors, PHI, rules);
        let mut twin = naive::widen(&factors);
        let wide = v.map(Real::to_f64);
        for _ in 0..2 {
            ours.update();
            match rules.h {
                HRule::Joint => naive::joint_h_update(&wide, &mut twin, PHI),
                HRule::Average => naive::average_h_update(&wide, &mut twin, PHI),
            }
            naive::w_update(&wide, &mut twin, PHI, rules.w == WRule::Sequential);
        }
        // The scale between W and H is a free choice; the model is not.
        let model = naive::model(&naive::widen(&ours.factors()));
        close("Vhat", shape, &model, &naive::model(&twin), tolerance);
        let d = naive::kld(&wide, &model, PHI);
        // Of a model that is all but exact, D is what rounding leaves.
        let rounding = 1e-3 * tolerance * wide.map(|v| v + PHI).sum();
        assert!(
            (ours.objective() - d).abs() <= 1e-5 * d + rounding,
            "D of {rules:?} at {shape:?}: {} against {d}",
            ours.objective()
        );
    }
}

const RULES: [Rules; 4] = [
    Rules { h: HRule::Joint, w: WRule::Simultaneous },
    Rules { h: HRule::Joint, w: WRule::Sequential },
    Rules { h: HRule::Average, w: WRule::Simultaneous },
    Rules { h: HRule::Average, w: WRule::Sequential },
];

#[test]
fn an_update_is_the_naive_one_under_every_rule() {
    for rules in RULES {
        update_matches::<f32>(rules, 2e-4);
        update_matches::<f64>(rules, 1e-11);
    }
}

#[test]
fn measures_are_their_definitions() {
    for (seed, shape) in (0..).zip(SHAPES) {
        let v = spectrogram::<f64>(shape.bins, shape.frames, seed);
        let factors = random_factors::<f64>(shape, seed + 100);
        for power in [1.0, 0.5, 0.3] {
            let vhat = naive::model(&factors).map(|y| y.powf(1.0 / power));
            let model = Magnitudes::of(&factors, power);
            let same = |got: f64, want: f64| {
                let close = (got - want).abs() < 1e-9 * want.abs().max(1.0);
                assert!(close || (got.is_nan() && want.is_nan()), "P {power}: {got} against {want}");
            };
            same(measure::snr_db(&v, &model), naive::snr_db(&v, &vhat));
            same(measure::kld(&v, &model, PHI), naive::kld(&v, &vhat, PHI));
            let root = |x: &DMatrix<f64>| x.map(f64::sqrt);
            same(measure::sqrt_snr_db(&v, &model), naive::snr_db(&root(&v), &root(&vhat)));
            same(measure::lsd_db(&v, &model, PHI), naive::lsd_db(&v, &vhat, PHI));
        }
    }
}

fn finite<F: Real>(model: &Model<F>) -> bool {
    let f = model.to_factors();
    f.w.iter().chain([&f.h]).all(|x| x.iter().all(|x| Real::is_finite(*x) && *x >= F::ZERO))
}

/// Every way to learn that promises not to raise D.
fn descents(shape: Shape) -> Vec<RunSpec> {
    let plain = |method| spec(method, shape, 3);
    let mut specs = [Method::CNMF, Method::SNMF_POSTER].map(plain).to_vec();
    specs.push(RunSpec { rules: RULES[1], ..plain(Method::CNMF) });
    specs.push(RunSpec { init: Init::Svd, ..plain(Method::CNMF) });
    specs.push(RunSpec { plain: false, ..plain(Method::CNMF) });
    specs
}

fn descends<F: Methods>(spec: &RunSpec, v: DMatrix<F>, slack: f64) {
    let v = Arc::new(v);
    // D is a difference of sums of V's size: so much of it is rounding. An accelerated step is refused where D
    // rises at all.
    let slack = if spec.is_accelerated() { 0.0 } else { slack };
    let rounding = slack * v.iter().map(|x| x.to_f64() + PHI).sum::<f64>();
    let mut learner = start(&v, spec);
    let mut before = f64::INFINITY;
    // Enough for the quasi-Newton steps to be reached, and their scaling to be renewed.
    for k in 0..if spec.is_accelerated() { 80 } else { 30 } {
        let d = learner.step();
        assert!(d.is_finite(), "{spec:?}: D is {d} at step {k}");
        assert!(d <= before + rounding, "{spec:?}: D rose from {before} to {d} at step {k}");
        before = d;
    }
    assert!(finite(&learner.model()), "{spec:?}: a factor is negative or not finite");
}

#[test]
fn d_never_rises() {
    for (seed, shape) in (0..).zip(SHAPES) {
        for spec in descents(shape) {
            descends::<f64>(&spec, spectrogram(shape.bins, shape.frames, seed), 1e-14);
            descends::<f32>(&spec, spectrogram(shape.bins, shape.frames, seed), 1e-6);
        }
    }
}

#[test]
fn silence_and_empty_rows_and_columns_stay_finite() {
    for (components, lags) in [(1, 1), (3, 4), (2, 60)] {
        for spec in descents(Shape { bins: 11, frames: 50, components, lags }) {
            descends::<f64>(&spec, DMatrix::zeros(11, 50), 1e-14);
            descends::<f32>(&spec, DMatrix::zeros(11, 50), 1e-6);
            let mut holes = spectrogram::<f64>(11, 50, 1);
            holes.row_mut(4).fill(0.0);
            holes.columns_mut(10, 20).fill(0.0);
            descends(&spec, holes.map(f32::from_f64), 1e-6);
            descends(&spec, holes, 1e-14);
        }
    }
}

fn stays_normal<F: Methods>(spec: &RunSpec) {
    // Zeros in V let factors decay for ever.
    let v = spectrogram::<F>(30, 60, 4).map(|x| if x < F::from_f64(0.3) { F::ZERO } else { x });
    let mut learner = start(&Arc::new(v), &RunSpec { phi_db: 200.0, ..spec.clone() });
    for k in 0..200 {
        learner.step();
        if k % 20 == 19 {
            let f = learner.model().to_factors();
            let normal = |x: &F| *x == F::ZERO || *x >= F::SMALLEST;
            assert!(f.w.iter().chain([&f.h]).all(|x| x.iter().all(normal)), "{spec:?} at step {k}");
        }
    }
    let f = learner.model().to_factors();
    let decayed = f.w.iter().chain([&f.h]).any(|x| x.iter().any(|x| *x == F::ZERO));
    assert!(decayed || !spec.plain, "{spec:?}: nothing decayed, so nothing was tested");
}

#[test]
fn no_factor_becomes_subnormal() {
    let shape = Shape { bins: 30, frames: 60, components: 5, lags: 3 };
    for plain in [true, false] {
        let spec = RunSpec { plain, ..spec(Method::CNMF, shape, 1) };
        stays_normal::<f32>(&spec);
        stays_normal::<f64>(&RunSpec { precision: Precision::F64, ..spec });
    }
}

#[test]
fn acceleration_gets_further_than_plain_updates() {
    let shape = Shape { bins: 65, frames: 120, components: 4, lags: 5 };
    let truth = random_factors::<f64>(Shape { components: 6, ..shape }, 8);
    let v = Arc::new(naive::model(&truth) / naive::model(&truth).max());
    for seed in 0..3 {
        let reached = |plain| {
            let mut learner = start(&v, &RunSpec { plain, ..spec(Method::CNMF, shape, seed) });
            (0..100).map(|_| learner.step()).last().unwrap()
        };
        let (plain, accelerated) = (reached(true), reached(false));
        assert!(accelerated < 0.9 * plain, "seed {seed}: {accelerated} against {plain}");
    }
}

#[test]
fn a_fit_that_cannot_be_bettered_is_reported() {
    let shape = Shape { bins: 6, frames: 9, components: 1, lags: 1 };
    let v = Arc::new(naive::model(&random_factors::<f64>(shape, 8)).map(f32::from_f64));
    let mut learner = start(&v, &RunSpec { plain: false, ..spec(Method::CNMF, shape, 1) });
    let steps = (0..500)
        .take_while(|_| {
            learner.step();
            !learner.is_finished()
        })
        .count();
    assert!(steps < 500, "an exact model leaves nothing to do");
    let d = learner.step();
    assert_eq!(d, learner.step(), "and nothing is done");
}

#[test]
fn the_svd_start_is_near_the_leading_parts() {
    // One component of rank one: the start is the solution up to what chance adds.
    let shape = Shape { bins: 9, frames: 40, components: 1, lags: 1 };
    let v = naive::model(&random_factors::<f64>(shape, 8));
    let f = svd_factors(&v, shape, 0);
    let scale = v.sum() / naive::model(&f).sum();
    close("Vhat", shape, &(naive::model(&f) * scale), &v, 0.15);
    // More components than the windows have ranks, and more lags than frames.
    for shape in SHAPES {
        let f = svd_factors::<f32>(&spectrogram(shape.bins, shape.frames, 1), shape, 5);
        assert_eq!(f.shape(), shape);
        assert!(f.w.iter().chain([&f.h]).all(|x| x.iter().all(|x| x.is_finite() && *x > 0.0)), "{shape:?}");
    }
}

#[test]
fn one_lag_is_plain_nmf() {
    let shape = Shape { bins: 8, frames: 12, components: 3, lags: 1 };
    let v = spectrogram::<f64>(8, 12, 5);
    let factors = random_factors::<f64>(shape, 5);
    let mut ours = Cnmf::from_factors(Arc::new(v.clone()), &factors, PHI, Rules::default());
    ours.update();
    // Lee and Seung's updates as two matrix products each.
    let (mut w, mut h) = (factors.w[0].clone(), factors.h.clone());
    let q = v.zip_map(&(&w * &h), |v, q| (v + PHI) / (q + PHI));
    let num = w.transpose() * q;
    h = DMatrix::from_fn(3, 12, |r, n| h[(r, n)] * num[(r, n)] / w.column(r).sum());
    let q = v.zip_map(&(&w * &h), |v, q| (v + PHI) / (q + PHI));
    let num = q * h.transpose();
    w = DMatrix::from_fn(8, 3, |m, r| w[(m, r)] * num[(m, r)] / h.row(r).sum());
    close("Vhat", shape, &naive::model(&ours.factors()), &(w * h), 1e-12);
}

fn bits(model: &Model<f32>) -> Vec<u32> {
    let f = model.to_factors();
    f.w.iter().chain([&f.h]).flat_map(|x| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>()).collect()
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let shape = Shape { bins: 65, frames: 700, components: 4, lags: 5 };
    let v = Arc::new(spectrogram::<f32>(65, 700, 9));
    for spec in descents(shape) {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut learner = start(&v, &spec);
                let steps = if spec.is_accelerated() { 40 } else { 5 };
                let objective: Vec<u64> = (0..steps).map(|_| learner.step().to_bits()).collect();
                (objective, bits(&learner.model()))
            })
        };
        let one = run(1);
        assert_eq!(one, run(2), "{spec:?}");
        assert_eq!(one, run(7), "{spec:?}");
    }
}

#[test]
fn seeds_decide() {
    let shape = Shape { bins: 9, frames: 30, components: 2, lags: 2 };
    let v = Arc::new(spectrogram::<f32>(9, 30, 9));
    let run = |seed| {
        let mut learner = start(&v, &spec(Method::CNMF, shape, seed));
        learner.step();
        bits(&learner.model())
    };
    assert_eq!(run(4), run(4));
    assert_ne!(run(4), run(5));
}

fn rounding_error_is_within_half_a_step(q: &Quantised<f64>, of: &snmf_workbench::numeric::Factors<f64>) {
    let back = naive::dequantise(q);
    for (w, want) in back.w.iter().zip(&of.w) {
        for r in 0..q.dw.len() {
            for (a, b) in w.column(r).iter().zip(want.column(r).iter()) {
                assert!((a - b).abs() <= 0.5 * q.dw[r] * (1.0 + 1e-9));
            }
        }
    }
    for r in 0..q.dh.len() {
        for (a, b) in back.h.row(r).iter().zip(of.h.row(r).iter()) {
            assert!((a - b).abs() <= 0.5 * q.dh[r] * (1.0 + 1e-9));
        }
    }
}

#[test]
fn the_posters_method_descends_once_its_steps_stay_and_counts_what_it_does() {
    let shape = Shape { bins: 33, frames: 60, components: 3, lags: 4 };
    let v = Arc::new(spectrogram::<f64>(shape.bins, shape.frames, 5));
    for renew in [0.0, 0.6] {
        let poster = PosterRules { renew, ..PosterRules::default() };
        let spec = RunSpec { poster, iterations: 50, ..spec(Method::SNMF_POSTER, shape, 2) };
        assert_eq!(spec.rules_text(), if renew > 0.0 { "renew:0.6" } else { "" });
        let mut learner = start(&v, &spec);
        let steps: Vec<_> = (0..50).map(|_| (learner.step(), learner.update_stats().unwrap())).collect();
        let renewed = if renew > 0.0 { 30 } else { 0 };
        assert!(steps[renewed..].windows(2).all(|pair| pair[1].0 <= pair[0].0), "renew {renew}: {steps:?}");
        // A tile a bin for W; for H stretches of T - 1 frames, every other one in its turn.
        let tiles = 33 + 10 + 10;
        for (_, update_stats) in &steps {
            assert_eq!(
                update_stats.accepted + update_stats.in_part + update_stats.refused,
                tiles,
                "{update_stats:?}"
            );
        }
        assert!(steps.iter().all(|(_, update_stats)| update_stats.changed > 0), "integers move: {steps:?}");
        let distinct = measure::symbols(&learner.model());
        assert!(renew == 0.0 || distinct.distinct_h < 60, "levels hold: {distinct:?}");
    }
}

#[test]
fn adaptive_rounding_spans_the_levels() {
    let factors = random_factors::<f64>(Shape { bins: 20, frames: 30, components: 4, lags: 3 }, 2);
    let q = rounding::round_adaptively(&factors, Levels { w: 50, h: 20 }, None);
    rounding_error_is_within_half_a_step(&q, &factors);
    for r in 0..4 {
        assert_eq!(q.w.iter().map(|w| w.column(r).max()).max(), Some(50));
        assert_eq!(q.h.row(r).max(), 20);
    }
    assert_eq!(q.dequantise(), naive::dequantise(&q));
}

#[test]
fn global_rounding_has_one_step_and_balanced_peaks() {
    let mut factors = random_factors::<f64>(Shape { bins: 20, frames: 30, components: 4, lags: 3 }, 2);
    factors.h *= 1000.0;
    let q = rounding::round_globally(&factors, Levels { w: 64, h: 64 }, None);
    assert!(q.dw.iter().chain(q.dh.iter()).all(|&d| d == q.dw[0]), "one step for everything");
    for r in 0..4 {
        let w = q.w.iter().map(|w| w.column(r).max()).max().unwrap();
        assert!(w.abs_diff(q.h.row(r).max()) <= 1, "peaks of component {r} agree to rounding");
    }
    let vhat = naive::model(&factors);
    let error = (naive::model(&q.dequantise()) - &vhat).norm() / vhat.norm();
    assert!(error < 0.05, "64 levels keep the model, got an error of {error}");
}

#[test]
fn a_component_that_died_rounds_to_zero() {
    let mut factors = random_factors::<f32>(Shape { bins: 6, frames: 8, components: 2, lags: 2 }, 2);
    factors.h.row_mut(1).fill(0.0);
    for q in [
        rounding::round_adaptively(&factors, Levels { w: 50, h: 20 }, None),
        rounding::round_globally(&factors, Levels { w: 50, h: 20 }, None),
    ] {
        assert_eq!(q.h.row(1).max(), 0);
        assert!(q.w.iter().any(|w| w.column(1).max() > 0), "its bases are not lost");
        assert!(q.dw.iter().chain(q.dh.iter()).all(|d| d.is_finite()));
    }
}

#[test]
fn symbols_count_as_the_poster_does() {
    let integers = |rows, columns, values: &[u32]| DMatrix::from_row_slice(rows, columns, values);
    let q = Quantised::<f32> {
        w: vec![integers(2, 1, &[0, 3]), integers(2, 1, &[3, 7])],
        h: integers(1, 3, &[0, 0, 1]),
        dw: DVector::from_element(1, 0.5),
        dh: DVector::from_element(1, 2.0),
    };
    let symbols = measure::symbols(&Model::Quantised(q));
    assert_eq!((symbols.distinct_w, symbols.zeros_w), (3, 1));
    assert_eq!((symbols.distinct_h, symbols.zeros_h), (2, 2));
}
