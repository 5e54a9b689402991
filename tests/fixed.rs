//! Bases that are given stay what they are, whatever is learned and quantised around them.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod common;

use std::ops::ControlFlow;
use std::sync::Arc;

use common::{naive, spectrogram};
use nalgebra::DMatrix;
use snmf_workbench::codec;
use snmf_workbench::engine::series::Series;
use snmf_workbench::engine::spec::Fixed;
use snmf_workbench::engine::{Analysis, InputSpec, Source, SpecDraft, SpecError, Stop, job, session};
use snmf_workbench::numeric::init::random_factors;
use snmf_workbench::numeric::{
    AnyModel, Factors, FixedBases, Method, Model, Quantised, Real, RunSpec, Shape, start,
};
use snmf_workbench::signal::{Demo, ReadOptions};

const SHAPE: Shape = Shape { bins: 17, frames: 40, components: 4, lags: 3 };

/// Bases with zeros in them, at no particular scale.
fn given(components: usize, shape: Shape) -> Factors<f64> {
    let mut factors = random_factors::<f64>(Shape { components, ..shape }, 99);
    factors.w.iter_mut().flat_map(DMatrix::iter_mut).for_each(|w| *w = if *w < 0.3 { 0.0 } else { 7.0 * *w });
    factors
}

fn bases<F: Real>(factors: &Factors<f64>) -> Arc<FixedBases>
where
    AnyModel: From<Model<F>>,
{
    let narrow = |x: &DMatrix<f64>| x.map(F::from_f64);
    let model = Model::Real(Factors { w: factors.w.iter().map(narrow).collect(), h: narrow(&factors.h) });
    Arc::new(FixedBases::of(&model.into()))
}

/// Integers and steps of the bases of two components, as a run that rounds leaves them.
fn integer_bases(analysis: &Arc<Analysis>) -> (Quantised<f32>, Arc<FixedBases>) {
    let methods = vec![Method::PtqAdaptive];
    let draft = SpecDraft { components: 2, lags: 3, methods, levels: Some((40, 30)), ..SpecDraft::default() };
    let pool = session::pool(1).unwrap();
    let mut series = Series::new(Arc::clone(analysis), codec::Form::default(), &pool);
    let run = series.run(&draft.parse().unwrap().runs[0], &mut |_| ControlFlow::Continue(())).unwrap();
    let model = quantised(&run.snapshot.model);
    (model, Arc::new(FixedBases::of(&run.snapshot.model)))
}

fn quantised(model: &AnyModel) -> Quantised<f32> {
    match model {
        AnyModel::F32(model) => match &**model {
            Model::Quantised(quantised) => quantised.clone(),
            Model::Real(_) => unreachable!("integers"),
        },
        AnyModel::F64(_) => unreachable!("single precision"),
    }
}

fn spec(
    components: usize,
    lags: usize,
    plain: bool,
    double: bool,
    fixed: Option<&Arc<FixedBases>>,
) -> RunSpec {
    let fixed = fixed.map(|bases| Fixed { bases: Arc::clone(bases), file: None });
    let draft = SpecDraft {
        methods: vec![Method::Cnmf],
        components,
        lags,
        plain,
        double,
        fixed,
        seed: 5,
        ..SpecDraft::default()
    };
    draft.parse().unwrap().runs.remove(0)
}

fn learning_keeps_them<F: Real>(double: bool)
where
    AnyModel: From<Model<F>>,
{
    for lags in [1, 3, 50] {
        let shape = Shape { lags, ..SHAPE };
        let v = Arc::new(spectrogram::<F>(shape.bins, shape.frames, 3));
        for (count, plain) in [(4, true), (4, false), (2, true), (2, false)] {
            let fixed = bases::<F>(&given(count, shape));
            let spec = spec(4, lags, plain, double, Some(&fixed));
            let mut learner = start(&v, &spec);
            let mut before = f64::INFINITY;
            for _ in 0..60 {
                let d = learner.step();
                assert!(
                    d <= before * (1.0 + 1e-6),
                    "{count} of 4 given, T = {lags}: D rose to {d} from {before}"
                );
                before = d;
            }
            let Model::Real(factors) = learner.model() else { unreachable!("real factors") };
            for (w, given) in factors.w.iter().zip(&given(count, shape).w) {
                let kept = w.columns(0, count).into_owned();
                assert_eq!(kept, given.map(F::from_f64), "{count} of 4 given, plain {plain}, T = {lags}");
            }
            assert!(factors.h.iter().all(|h| h.is_finite()));
        }
    }
}

#[test]
fn learning_keeps_given_bases_to_the_last_bit_and_d_never_rises() {
    learning_keeps_them::<f32>(false);
    learning_keeps_them::<f64>(true);
}

#[test]
fn with_all_bases_given_an_update_is_that_of_h_alone() {
    let v = Arc::new(spectrogram::<f64>(SHAPE.bins, SHAPE.frames, 4));
    let fixed = bases::<f64>(&given(4, SHAPE));
    let spec = spec(4, SHAPE.lags, true, true, Some(&fixed));
    let mut wanted = random_factors::<f64>(SHAPE, spec.seed);
    wanted.w = given(4, SHAPE).w;
    let mut learner = start(&v, &spec);
    for _ in 0..5 {
        learner.step();
        let q = naive::ratio(&v, &wanted, spec.phi());
        let numerator = naive::h_correlation(&q, &wanted, 1);
        let ones = DMatrix::from_element(SHAPE.bins, SHAPE.frames, 1.0);
        let denominator = naive::h_correlation(&ones, &wanted, 1);
        wanted.h.component_mul_assign(&numerator.component_div(&denominator));
    }
    let Model::Real(factors) = learner.model() else { unreachable!("real factors") };
    assert!((&factors.h - &wanted.h).amax() < 1e-9 * wanted.h.amax());
}

#[test]
fn free_components_beside_given_ones_explain_more() {
    let v = Arc::new(spectrogram::<f64>(SHAPE.bins, SHAPE.frames, 6));
    let fixed = bases::<f64>(&given(2, SHAPE));
    let d = |components, plain| {
        let mut learner = start(&v, &spec(components, SHAPE.lags, plain, true, Some(&fixed)));
        (0..100).map(|_| learner.step()).last().unwrap()
    };
    for plain in [true, false] {
        assert!(d(4, plain) < 0.7 * d(2, plain), "{} against {}", d(4, plain), d(2, plain));
    }
}

fn analysis() -> Arc<Analysis> {
    let draft = SpecDraft { fft: 64, hop: 64, ..SpecDraft::default() };
    let read = ReadOptions { end: Some(0.4), ..ReadOptions::default() };
    let input = InputSpec { source: Source::Demo(Demo::Speech), read };
    Arc::new(Analysis::read(&input, &draft.stft().unwrap(), &session::pool(1).unwrap()).unwrap())
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
                    metric: snmf_workbench::numeric::Named::parse(metric).unwrap(),
                    max_loss_db: loss,
                    fixed: Some(Fixed { bases: Arc::clone(&fixed), file: None }),
                    ..SpecDraft::default()
                };
                let experiment = draft.parse().unwrap();
                let cnmf = RunSpec { method: Method::Cnmf, aim: None, ..experiment.runs[0].clone() };
                let outcomes: Vec<_> = [1, 3]
                    .into_iter()
                    .map(|threads| {
                        let pool = session::pool(threads).unwrap();
                        let mut series = Series::new(Arc::clone(&analysis), codec::Form::default(), &pool);
                        let mut go_on = |_: &job::Progress<'_>| ControlFlow::Continue(());
                        let learned = series.run(&cnmf, &mut go_on).unwrap();
                        (learned.measures.snr_db, series.run(&experiment.runs[0], &mut go_on).unwrap())
                    })
                    .collect();
                let (reference, run) = &outcomes[0];
                assert_eq!(run.snapshot.model, outcomes[1].1.snapshot.model, "threads change nothing");
                let stored = quantised(&run.snapshot.model);
                for (w, given) in stored.w.iter().zip(&model.w) {
                    assert_eq!(w.columns(0, 2), given.columns(0, 2), "{method} {components}");
                }
                assert_eq!(stored.dw.rows(0, 2), model.dw.rows(0, 2), "{method} {components}");
                let (snr, reference) = (run.measures.snr_db.unwrap(), reference.unwrap());
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
fn real_bases_are_rounded_and_nothing_else() {
    let analysis = analysis();
    let shape = Shape { bins: analysis.bins(), frames: analysis.frames(), components: 2, lags: 3 };
    let factors = given(2, shape);
    let draft = SpecDraft {
        components: 2,
        lags: 3,
        methods: vec![Method::SnmfRd],
        fixed: Some(Fixed { bases: bases::<f32>(&factors), file: None }),
        ..SpecDraft::default()
    };
    let pool = session::pool(1).unwrap();
    let mut series = Series::new(analysis, codec::Form::default(), &pool);
    let run = series.run(&draft.parse().unwrap().runs[0], &mut |_| ControlFlow::Continue(())).unwrap();
    let stored = quantised(&run.snapshot.model);
    for r in 0..2 {
        // One step fits all of a component: every element lies within half a step of what was given.
        let peak = factors.w.iter().map(|w| w.column(r).amax()).fold(0.0, f64::max);
        let most = f64::from(stored.w.iter().map(|w| w.column(r).max()).max().unwrap());
        if most == 0.0 {
            continue;
        }
        for (k, x) in stored.w.iter().zip(&factors.w).flat_map(|(k, w)| {
            k.column(r).iter().copied().zip(w.column(r).iter().copied()).collect::<Vec<_>>()
        }) {
            assert!((f64::from(k) / most - x / peak).abs() <= 1.01 / most, "{k} of {most}, {x} of {peak}");
        }
    }
}

#[test]
fn bases_that_do_not_fit_are_refused_with_both_numbers() {
    let fixed = Some(Fixed { bases: bases::<f32>(&given(4, SHAPE)), file: None });
    let draft =
        SpecDraft { components: 4, lags: 3, methods: vec![Method::Cnmf], fixed, ..SpecDraft::default() };
    assert!(draft.parse().is_ok());
    let wrong = |draft: SpecDraft| draft.parse().unwrap_err();
    assert_eq!(wrong(SpecDraft { lags: 2, ..draft.clone() }), SpecError::FixedLags { given: 3, got: 2 });
    let fewer = SpecDraft { components: 3, ..draft.clone() };
    assert_eq!(wrong(fewer), SpecError::FixedComponents { given: 4, got: 3 });
    let error = job::check(&draft.parse().unwrap().runs[0], &analysis()).unwrap_err();
    assert!(error.contains("17 bins") && error.contains("33") && error.contains("FFT size of 32"), "{error}");
}
