//! Bases that are given and stay: learning and quantising around them, and the whole way from one stream to the next.

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::common::{SHAPES, naive, spectrogram};
use nalgebra::DMatrix;
use snmf_workbench::codec;
use snmf_workbench::engine::run::job;
use snmf_workbench::engine::run::series::Series;
use snmf_workbench::engine::settings::draft::Fixed;
use snmf_workbench::engine::{Analysis, InputSpec, Source, SpecDraft, SpecError, Stop, session};
use snmf_workbench::numeric::methods::init::{self, random_factors, svd_factors};
use snmf_workbench::numeric::methods::rate_distortion::RateDistortion;
use snmf_workbench::numeric::methods::rounding::{round_adaptively, round_globally};
use snmf_workbench::numeric::{
    AnyModel, Factors, FixedBases, HRule, Init, Levels, Method, Methods, Metric, Model, Named, PosterRules,
    Precision, Quantised, Real, Rules, RunSpec, Shape, WRule, start,
};
use snmf_workbench::signal::{Demo, ReadOptions};

const PHI: f64 = 1e-4;

/// Plain CNMF of this shape with the first components given.
fn spec(shape: Shape, given: Option<&AnyModel>) -> RunSpec {
    let Shape { components, lags, .. } = shape;
    RunSpec {
        components,
        lags,
        iterations: 30,
        seed: 3,
        precision: Precision::F64,
        plain: true,
        metric: Some(Metric::Snr),
        fixed: given.map(|model| Arc::new(FixedBases::of(model, 1.0))),
        ..RunSpec::default()
    }
}

/// Real bases of `count` components, as single precision holds them, and integers.
fn given(shape: Shape, count: usize) -> [AnyModel; 2] {
    let factors = random_factors::<f32>(Shape { components: count, ..shape }, 77);
    let levels = Levels { w: 11, h: 1 };
    let quantised = Model::Quantised(round_adaptively(&factors, levels, None));
    [Model::Real(factors).into(), quantised.into()]
}

/// Every way to learn that promises not to raise D.
fn ways(spec: &RunSpec) -> Vec<RunSpec> {
    let sequential = Rules { h: HRule::Joint, w: WRule::Sequential };
    vec![
        spec.clone(),
        RunSpec { plain: false, ..spec.clone() },
        RunSpec { rules: sequential, ..spec.clone() },
        RunSpec { init: Init::Svd, ..spec.clone() },
        RunSpec { plain: false, init: Init::Svd, ..spec.clone() },
    ]
}

fn bits<F: Real>(w: &[DMatrix<F>], columns: usize) -> Vec<u64> {
    w.iter()
        .flat_map(|w| w.columns(0, columns).iter().map(|x| x.to_f64().to_bits()).collect::<Vec<_>>())
        .collect()
}

fn stays<F: Methods>(spec: &RunSpec, given: &AnyModel, v: &Arc<DMatrix<F>>, slack: f64) {
    let slack = if spec.is_accelerated() { 0.0 } else { slack };
    let rounding = slack * v.iter().map(|x| x.to_f64() + PHI).sum::<f64>();
    let mut learner = start(v, spec);
    let mut before = f64::INFINITY;
    for k in 0..if spec.is_accelerated() { 80 } else { 20 } {
        let d = learner.step();
        assert!(d.is_finite() && d <= before + rounding, "{:?}: D from {before} to {d} at {k}", spec.rules);
        before = d;
    }
    let factors = learner.model().to_factors();
    let count = given.shape().components;
    assert_eq!(bits(&factors.w, count), bits(&given.to_f64().w, count), "{:?}", spec.rules);
    assert!(factors.w.iter().chain([&factors.h]).all(|x| x.iter().all(|x| *x >= F::ZERO)));
}

#[test]
fn given_bases_stay_bit_for_bit_and_d_never_rises() {
    for (seed, shape) in (0..).zip(SHAPES) {
        let counts =
            if shape.components > 1 { vec![shape.components / 2, shape.components] } else { vec![1] };
        for given in counts.into_iter().flat_map(|count| given(shape, count)) {
            for spec in ways(&spec(shape, Some(&given))) {
                stays(&spec, &given, &Arc::new(spectrogram::<f64>(shape.bins, shape.frames, seed)), 1e-14);
                stays(&spec, &given, &Arc::new(spectrogram::<f32>(shape.bins, shape.frames, seed)), 1e-6);
            }
        }
    }
}

#[test]
fn what_double_precision_holds_is_rounded_once_for_a_run_in_single() {
    let shape = Shape { bins: 9, frames: 30, components: 3, lags: 2 };
    let wide = random_factors::<f64>(Shape { components: 2, ..shape }, 1);
    let given = Model::Real(wide.clone()).into();
    let v = Arc::new(spectrogram::<f32>(9, 30, 1));
    let mut learner = start(&v, &RunSpec { plain: false, ..spec(shape, Some(&given)) });
    (0..40).for_each(|_| _ = learner.step());
    let once: Vec<DMatrix<f32>> = wide.w.iter().map(|w| w.map(f32::from_f64)).collect();
    assert_eq!(bits(&learner.model().to_factors().w, 2), bits(&once, 2));
}

#[test]
fn everything_else_begins_as_it_would_without() {
    let shape = Shape { bins: 9, frames: 30, components: 5, lags: 3 };
    let v = spectrogram::<f64>(9, 30, 1);
    for given in given(shape, 2) {
        let random = random_factors::<f64>(shape, 3);
        let svd = svd_factors(&v, shape, 3);
        for (init, free) in [(Init::Random, &random), (Init::Svd, &svd)] {
            let begun = init::start(&v, &RunSpec { init, ..spec(shape, Some(&given)) });
            assert_eq!(bits(&begun.w, 2), bits(&given.to_f64().w, 2));
            for (w, free) in begun.w.iter().zip(&free.w) {
                assert_eq!(w.columns(2, 3), free.columns(2, 3), "{init:?}");
            }
            assert_eq!(begun.h.rows(0, 2), random.h.rows(0, 2), "{init:?}: by chance");
            assert_eq!(begun.h.rows(2, 3), free.h.rows(2, 3), "{init:?}");
        }
    }
}

#[test]
fn with_all_bases_given_an_update_is_that_of_h_alone() {
    for (seed, shape) in (0..).zip(SHAPES) {
        let v = spectrogram::<f64>(shape.bins, shape.frames, seed);
        let [given, _] = given(shape, shape.components);
        let h = random_factors::<f64>(shape, 3).h;
        let mut twin = Factors { w: given.to_f64().w, h };
        let mut ours = start(&Arc::new(v.clone()), &spec(shape, Some(&given)));
        for _ in 0..3 {
            ours.step();
            naive::joint_h_update(&v, &mut twin, PHI);
        }
        let got = ours.model().to_factors().h;
        let scale = twin.h.amax();
        let off = got.iter().zip(twin.h.iter()).map(|(a, b)| (a - b).abs() / scale).fold(0.0, f64::max);
        assert!(off < 1e-11, "{shape:?}: off by {off:e} of the largest");
    }
}

#[test]
fn free_components_explain_what_given_ones_leave() {
    let shape = Shape { bins: 33, frames: 120, components: 3, lags: 4 };
    let truth = random_factors::<f64>(Shape { components: 5, ..shape }, 8);
    let v = naive::model(&truth);
    let v = Arc::new(&v / v.max());
    let three = Factors { w: truth.w.iter().map(|w| w.columns(0, 3).into()).collect(), h: truth.h };
    let given = AnyModel::from(Model::Real(three));
    let reached = |plain, components| {
        let spec = spec(Shape { components, ..shape }, Some(&given));
        let mut learner = start(&v, &RunSpec { plain, ..spec });
        (0..100).map(|_| learner.step()).last().unwrap()
    };
    for plain in [true, false] {
        let alone = reached(plain, 3);
        let mixed = reached(plain, 5);
        assert!(mixed < 0.5 * alone, "plain {plain}: {mixed} with two more, {alone} without");
    }
}

#[test]
fn bases_of_zeros_get_no_activations() {
    let shape = Shape { bins: 9, frames: 30, components: 3, lags: 2 };
    let mut factors = random_factors::<f32>(Shape { components: 2, ..shape }, 77);
    factors.w.iter_mut().for_each(|w| w.column_mut(1).fill(0.0));
    let quantised = round_adaptively(&factors, Levels { w: 11, h: 9 }, None);
    for model in [Model::Real(factors), Model::Quantised(quantised)] {
        let given = AnyModel::from(model);
        for spec in ways(&spec(shape, Some(&given))) {
            let v = Arc::new(spectrogram::<f32>(9, 30, 1));
            let mut learner = start(&v, &spec);
            (0..40).for_each(|_| _ = learner.step());
            let h = learner.model().to_factors().h;
            assert!(h.row(1).iter().all(|x| *x == 0.0) && h.row(0).max() > 0.0);
        }
    }
    // Nothing but zeros, in every method.
    let silent = AnyModel::from(Model::Real(Factors {
        w: vec![DMatrix::<f32>::zeros(9, 3); 2],
        h: DMatrix::zeros(3, 30),
    }));
    for (name, q, _) in quantised_by_all(&Arc::new(spectrogram::<f32>(9, 30, 1)), shape, &silent) {
        let all = q.dequantise();
        let silent = all.w.iter().all(|w| w.iter().all(|x| *x == 0.0));
        assert!(silent && all.h.iter().all(|x| x.is_finite()), "{name}");
    }
}

fn integers_of<F: Real>(model: Model<F>) -> Option<Quantised<F>> {
    match model {
        Model::Quantised(q) => Some(q),
        Model::Real(_) => None,
    }
}

/// The integers of a model that [`given`] gave.
fn single(model: &AnyModel) -> Option<Quantised<f32>> {
    match model {
        AnyModel::F32(model) => integers_of((**model).clone()),
        AnyModel::F64(_) => None,
    }
}

/// What every quantised method makes of V with these bases, and the factors that it began with.
fn quantised_by_all<F: Methods>(
    v: &Arc<DMatrix<F>>,
    shape: Shape,
    given: &AnyModel,
) -> Vec<(String, Quantised<F>, Factors<F>)> {
    let base = spec(shape, Some(given));
    let mut learner = start(v, &base);
    (0..30).for_each(|_| _ = learner.step());
    let learned = learner.model().to_factors();
    let mut all = Vec::new();
    for method in [Method::PTQ_GLOBAL, Method::PTQ_ADAPTIVE] {
        let (levels, fixed) = (Levels { w: 60, h: 40 }, base.fixed.as_deref());
        let q = match method {
            Method::PTQ_GLOBAL => round_globally(&learned, levels, fixed),
            _ => round_adaptively(&learned, levels, fixed),
        };
        all.push((method.name().to_owned(), q, learned.clone()));
    }
    for (metric, prices) in [(Metric::Snr, [1e-5, 1e-3]), (Metric::Kld, [1e-2, 1e-1])] {
        let fixed = base.fixed.clone();
        let mut solver = RateDistortion::with_fixed(Arc::clone(v), &learned, metric, PHI, fixed);
        for lambda in prices {
            solver.start_at(lambda);
            let mut objective = Vec::new();
            while !solver.is_settled() {
                objective.extend(solver.sweep());
            }
            assert!(objective.windows(2).all(|j| j[1] <= j[0]), "{metric:?}: {objective:?}");
            let q = integers_of(solver.model().unwrap()).unwrap();
            all.push((format!("rd {metric:?} {lambda}"), q, learned.clone()));
        }
    }
    for renew in [0.0, 0.5] {
        let poster = PosterRules { renew, ..PosterRules::default() };
        let spec = RunSpec { method: Method::SNMF_POSTER, poster, iterations: 12, ..base.clone() };
        let mut learner = start(v, &spec);
        let d: Vec<f64> = (0..12).map(|_| learner.step()).collect();
        let renewed = if renew > 0.0 { 6 } else { 0 };
        assert!(d[renewed..].windows(2).all(|d| d[1] <= d[0]), "renew {renew}: {d:?}");
        let q = integers_of(learner.model()).unwrap();
        all.push((format!("poster, renew {renew}"), q, learned.clone()));
    }
    all
}

fn keeps<F: Methods>(shape: Shape, seed: u64) {
    let v = Arc::new(spectrogram::<F>(shape.bins, shape.frames, seed));
    let mut counts = vec![shape.components];
    counts.extend((shape.components > 1).then_some(1));
    for count in counts {
        let [real, integers] = given(shape, count);
        let Quantised { w, dw, .. } = single(&integers).unwrap();
        for (name, q, _) in quantised_by_all(&v, shape, &integers) {
            for (got, want) in q.w.iter().zip(&w) {
                assert_eq!(got.columns(0, count), want.columns(0, count), "{name} at {shape:?}");
            }
            let got: Vec<f64> = q.dw.iter().take(count).map(|step| step.to_f64()).collect();
            assert_eq!(got, dw.map(f64::from).as_slice(), "{name} at {shape:?}");
            assert!(q.dw.iter().chain(q.dh.iter()).all(|x| Real::is_finite(*x) && *x >= F::ZERO), "{name}");
        }
        let bases = real.to_f64().w;
        for (name, q, _) in quantised_by_all(&v, shape, &real) {
            for (got, want) in q.w.iter().zip(&bases) {
                for r in 0..count {
                    let step = q.dw[r].to_f64();
                    for (k, x) in got.column(r).iter().zip(want.column(r).iter()) {
                        let off = (f64::from(*k) * step - x).abs();
                        assert!(
                            off <= 0.5 * step * (1.0 + 1e-5) + 1e-6 * x,
                            "{name} at {shape:?}: {off} of {step}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn every_quantised_method_keeps_integers_and_rounds_reals_and_nothing_more() {
    for (seed, shape) in (0..).zip([
        Shape { bins: 9, frames: 60, components: 3, lags: 4 },
        Shape { bins: 7, frames: 33, components: 2, lags: 1 },
        Shape { bins: 5, frames: 4, components: 2, lags: 7 },
    ]) {
        keeps::<f64>(shape, seed);
        keeps::<f32>(shape, seed);
    }
}

#[test]
fn integers_that_single_precision_cannot_count_are_kept() {
    let shape = Shape { bins: 9, frames: 30, components: 2, lags: 2 };
    let [_, integers] = given(shape, 2);
    let mut q = single(&integers).unwrap();
    q.w[1][(3, 1)] = (1 << 25) + 1;
    q.dw[1] = 1e-8;
    let w = q.w.clone();
    let given = Model::Quantised(q).into();
    for (name, q, _) in quantised_by_all(&Arc::new(spectrogram::<f32>(9, 30, 1)), shape, &given) {
        assert_eq!(q.w, w, "{name}");
    }
}

#[test]
fn rounding_with_given_integers_costs_little() {
    let shape = Shape { bins: 33, frames: 120, components: 4, lags: 4 };
    let v = Arc::new(spectrogram::<f64>(33, 120, 2));
    for (name, q, learned) in quantised_by_all(&v, shape, &given(shape, 2)[1]).into_iter().take(2) {
        let vhat = naive::model(&learned);
        let error = (naive::model(&q.dequantise()) - &vhat).norm() / vhat.norm();
        assert!(error < 0.05, "{name}: an error of {error}");
    }
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let shape = Shape { bins: 65, frames: 700, components: 4, lags: 5 };
    let v = Arc::new(spectrogram::<f32>(65, 700, 9));
    for count in [2, 4] {
        let [real, _] = given(shape, count);
        for spec in ways(&spec(shape, Some(&real))) {
            let run = |threads| {
                session::pool(threads).unwrap().install(|| {
                    let mut learner = start(&v, &spec);
                    let d: Vec<u64> = (0..40).map(|_| learner.step().to_bits()).collect();
                    let factors = learner.model().to_factors();
                    (d, bits(&factors.w, shape.components), factors.h)
                })
            };
            let one = run(1);
            assert!(one == run(2) && one == run(7), "{count} given, {:?}, plain {}", spec.rules, spec.plain);
        }
        let small = Shape { bins: 33, frames: 150, ..shape };
        let v = Arc::new(spectrogram::<f32>(33, 150, 9));
        let [_, integers] = given(small, count);
        let run =
            |threads| session::pool(threads).unwrap().install(|| quantised_by_all(&v, small, &integers));
        let one = run(1);
        assert!(one == run(2) && one == run(7), "{count} given");
    }
}

/// Integers and steps of the bases of two components, as a run that rounds leaves them.
fn integer_bases(analysis: &Arc<Analysis>) -> (Quantised<f32>, Arc<FixedBases>) {
    let methods = vec![Method::PTQ_ADAPTIVE];
    let draft = SpecDraft { components: 2, lags: 3, methods, levels: Some((40, 30)), ..SpecDraft::default() };
    let pool = session::pool(1).unwrap();
    let mut series = Series::new(Arc::clone(analysis), codec::Form::default(), &pool);
    let run = series.run(&draft.parse().unwrap().runs[0], &mut |_| ControlFlow::Continue(())).unwrap();
    let model = single(&run.snapshot.model).unwrap();
    (model, Arc::new(FixedBases::of(&run.snapshot.model, 1.0)))
}

fn analysis() -> Arc<Analysis> {
    let draft = SpecDraft { fft: 64.into(), hop: 64.into(), ..SpecDraft::default() };
    let read = ReadOptions { end: Some(0.4), ..ReadOptions::default() };
    let input = InputSpec { source: Source::Demo(Demo::Speech), read };
    Arc::new(Analysis::read(&input, draft.framing().unwrap(), &session::pool(1).unwrap()).unwrap())
}

#[test]
fn every_method_that_quantises_keeps_given_integers_and_steps() {
    let analysis = analysis();
    let (model, fixed) = integer_bases(&analysis);
    for components in [2, 4] {
        for (method, metric) in
            [("ptq-global", "snr"), ("ptq-adaptive", "snr"), ("snmf-rd", "snr"), ("snmf-rd", "kld")]
        {
            for loss in [None, Some(0.5)] {
                let draft = SpecDraft {
                    components,
                    lags: 3,
                    iterations: 60,
                    seed: 3,
                    methods: vec![Method::parse(method).unwrap()],
                    metric: Named::parse(metric).unwrap(),
                    max_loss_db: loss,
                    fixed: Some(Fixed { bases: Arc::clone(&fixed), file: None }),
                    ..SpecDraft::default()
                };
                let experiment = draft.parse().unwrap();
                let cnmf = RunSpec { method: Method::CNMF, target: None, ..experiment.runs[0].clone() };
                let outcomes: Vec<_> = [1, 3]
                    .into_iter()
                    .map(|threads| {
                        let pool = session::pool(threads).unwrap();
                        let mut series = Series::new(Arc::clone(&analysis), codec::Form::default(), &pool);
                        let mut go_on = |_: &job::Progress<'_>| ControlFlow::Continue(());
                        let learned = series.run(&cnmf, &mut go_on).unwrap();
                        (
                            learned.measures.quality.snr_db,
                            series.run(&experiment.runs[0], &mut go_on).unwrap(),
                        )
                    })
                    .collect();
                let (reference, run) = &outcomes[0];
                assert_eq!(run.snapshot.model, outcomes[1].1.snapshot.model, "threads change nothing");
                let stored = single(&run.snapshot.model).unwrap();
                for (w, given) in stored.w.iter().zip(&model.w) {
                    assert_eq!(w.columns(0, 2), given.columns(0, 2), "{method} {components}");
                }
                assert_eq!(stored.dw.rows(0, 2), model.dw.rows(0, 2), "{method} {components}");
                let (snr, reference) = (run.measures.quality.snr_db.unwrap(), reference.unwrap());
                let most = loss.unwrap_or(if method == "snmf-rd" { 1.0 } else { 3.0 });
                assert!(
                    run.stop == Stop::TargetMissed || reference - snr <= most,
                    "{method} {metric} {components} {loss:?}: {snr} against {reference}"
                );
                assert!(stored.h.iter().any(|k| *k > 0), "{method} {components}");
            }
        }
    }
}

#[test]
fn bases_that_do_not_fit_are_refused_with_both_numbers() {
    let shape = Shape { bins: 17, frames: 40, components: 4, lags: 3 };
    let wide = random_factors::<f64>(shape, 99);
    let fixed = |scale: f64| {
        let w = wide.w.iter().map(|w| w * scale).collect();
        let model = AnyModel::from(Model::Real(Factors { w, h: wide.h.clone() }));
        Some(Fixed { bases: Arc::new(FixedBases::of(&model, 1.0)), file: None })
    };
    let draft = SpecDraft {
        components: 4,
        lags: 3,
        methods: vec![Method::CNMF],
        fixed: fixed(1.0),
        ..SpecDraft::default()
    };
    assert!(draft.parse().is_ok());
    let wrong = |draft: SpecDraft| draft.parse().unwrap_err();
    assert_eq!(wrong(SpecDraft { lags: 2, ..draft.clone() }), SpecError::FixedLags { given: 3, got: 2 });
    let fewer = SpecDraft { components: 3, ..draft.clone() };
    assert_eq!(wrong(fewer), SpecError::FixedComponents { given: 4, got: 3 });
    let huge = SpecDraft { fixed: fixed(1e300), ..draft.clone() };
    assert_eq!(wrong(huge.clone()), SpecError::FixedBeyondSingle);
    assert!(SpecDraft { double: true, ..huge }.parse().is_ok());
    let error = job::check(&draft.parse().unwrap().runs[0], &analysis()).unwrap_err();
    assert!(error.contains("17 bins") && error.contains("33") && error.contains("FFT size of 32"), "{error}");
}
