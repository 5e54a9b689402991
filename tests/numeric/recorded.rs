//! What small runs arrive at, as it was once recorded. The laws in the other files leave room for a search that goes
//! another way; here it shows.

use std::ops::ControlFlow;
use std::sync::Arc;

use nalgebra::DMatrix;
use snmf_workbench::engine::session;
use snmf_workbench::numeric::methods::init::random_factors;
use snmf_workbench::numeric::methods::rate_distortion::{BitCost, RateDistortion};
use snmf_workbench::numeric::methods::rounding::round_adaptively;
use snmf_workbench::numeric::methods::search::{QuantTask, SearchStep, quantise};
use snmf_workbench::numeric::{
    AnyModel, Factors, FixedBases, HRule, Init, Levels, Loss, Method, Metric, Model, Named, PosterRules,
    Precision, QuantParams, QuantTarget, Rules, RunSpec, Shape, WRule, context_model, start,
};

use crate::common::{naive, spectrogram};

/// Far above what the order of a sum changes, far below what another step does.
const CLOSE: f64 = 1e-6;

const SHAPE: Shape = Shape { bins: 18, frames: 40, components: 4, lags: 3 };

/// A few parts under noise, so that there is something to learn, and not all of it can be.
fn sound() -> Arc<DMatrix<f64>> {
    let mut factors = random_factors::<f64>(SHAPE, 7);
    factors.w.iter_mut().chain([&mut factors.h]).for_each(|x| x.apply(|x| *x = x.powi(6)));
    let parts = naive::model(&factors);
    let noisy = &parts / parts.max() + 0.05 * spectrogram::<f64>(SHAPE.bins, SHAPE.frames, 7);
    let largest = noisy.max();
    Arc::new(noisy / largest)
}

fn spec(method: Method) -> RunSpec {
    let Shape { components, lags, .. } = SHAPE;
    let phi_db = 60.0;
    RunSpec {
        method,
        components,
        lags,
        seed: 3,
        iterations: 40,
        phi_db,
        precision: Precision::F64,
        ..RunSpec::default()
    }
}

/// Two bases that stay: none, real ones, integers.
fn given() -> [(&'static str, Option<Arc<FixedBases>>); 3] {
    let factors = random_factors::<f64>(Shape { components: 2, ..SHAPE }, 77);
    let integers = Model::Quantised(round_adaptively(&factors, Levels { w: 11, h: 1 }, None));
    let fixed = |model: AnyModel| Some(Arc::new(FixedBases::of(&model, 1.0)));
    [("free", None), ("real", fixed(Model::Real(factors).into())), ("integers", fixed(integers.into()))]
}

/// Sums in which each element of W and of H has its own weight.
fn fingerprint(model: &Model<f64>) -> [f64; 2] {
    let factors = model.to_factors();
    let weighted = |x: &mut dyn Iterator<Item = &f64>| -> f64 {
        x.enumerate().map(|(i, x)| x * (1.0 + ((i * i + 3 * i) % 101) as f64 / 101.0)).sum()
    };
    [weighted(&mut factors.w.iter().flat_map(DMatrix::iter)), weighted(&mut factors.h.iter())]
}

/// How a solver begins at a price.
type Begin = fn(&mut RateDistortion<f64>, f64);

/// A line of the record: what was run, and what came of it.
type Line = (String, Vec<f64>);

fn learning() -> Vec<Line> {
    let v = sound();
    let mut lines = Vec::new();
    for (kept, fixed) in given() {
        let cnmf = RunSpec { fixed, ..spec(Method::CNMF) };
        let poster = RunSpec { method: Method::SNMF_POSTER, ..cnmf.clone() };
        let rules = PosterRules { renew: 0.3, proposals: 3, p: 0.2 };
        let other = Rules { h: HRule::Average, w: WRule::Sequential };
        for (name, spec) in [
            ("accelerated", cnmf.clone()),
            ("plain", RunSpec { plain: true, ..cnmf.clone() }),
            ("svd", RunSpec { init: Init::Svd, ..cnmf.clone() }),
            ("average,sequential", RunSpec { rules: other, ..cnmf }),
            ("poster", poster.clone()),
            ("poster,renew", RunSpec { poster: rules, ..poster }),
        ] {
            let mut learner = start(&v, &spec);
            let descent: Vec<f64> = (0..100).map(|_| learner.step()).collect();
            let mut got: Vec<f64> = [0, 9, 33, 45, 99].map(|step| descent[step]).to_vec();
            got.extend(fingerprint(&learner.model()));
            lines.push((format!("{name} {kept}"), got));
        }
    }
    lines
}

/// What CNMF learned, which is quantised below.
fn learned(v: &Arc<DMatrix<f64>>, spec: &RunSpec) -> Factors<f64> {
    let mut learner = start(v, &spec.learning());
    (0..40).for_each(|_| _ = learner.step());
    learner.model().to_factors()
}

fn prices() -> Vec<Line> {
    let v = sound();
    let mut lines = Vec::new();
    for (kept, fixed) in given() {
        let factors = learned(&v, &RunSpec { fixed: fixed.clone(), ..spec(Method::SNMF_RD) });
        for (metric, lambda) in [(Metric::Snr, 2e-5), (Metric::Kld, 1e-2)] {
            for cost in [BitCost::Symbols, BitCost::Contexts] {
                let solver =
                    RateDistortion::with_fixed(Arc::clone(&v), &factors, metric, 1e-3, fixed.clone());
                let mut solver = solver.counting(cost);
                let mut got = Vec::new();
                let steps: [(Begin, f64); 3] = [
                    (RateDistortion::start_at, lambda),
                    (RateDistortion::adjust, 1.5 * lambda),
                    (RateDistortion::start_at, 4.0 * lambda),
                ];
                for (begin, lambda) in steps {
                    begin(&mut solver, lambda);
                    let mut sweeps = 0.0;
                    while !solver.is_settled() {
                        solver.sweep();
                        sweeps += 1.0;
                    }
                    got.extend([sweeps, solver.sweep().unwrap(), solver.bits()]);
                    got.extend(fingerprint(&solver.model().unwrap()));
                }
                lines.push((format!("{} {cost:?} {kept}", metric.name()), got));
            }
        }
    }
    lines
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // bytes of a small file
fn targets() -> Vec<Line> {
    let pool = session::pool(2).unwrap();
    let v = sound();
    let mut lines = Vec::new();
    for (method, metric, power) in [
        (Method::SNMF_RD, Metric::Kld, 1.0),
        (Method::SNMF_RD, Metric::Snr, 0.5),
        (Method::PTQ_ADAPTIVE, Metric::Snr, 1.0),
        (Method::PTQ_GLOBAL, Metric::Kld, 0.5),
    ] {
        let y = Arc::new(v.map(|v| v.powf(power)));
        let run = RunSpec { metric: Some(metric), power, ..spec(method) };
        let factors = learned(&y, &run);
        for target in [
            QuantTarget::MaxLossDb(0.5, Loss::All),
            QuantTarget::MaxLossDb(1.5, Loss::Snr),
            QuantTarget::MaxBytes(230),
            QuantTarget::MaxBytes(20),
        ] {
            let spec = &RunSpec { target: Some(target), ..run.clone() };
            let file_bytes = |model: &Model<f64>, _: QuantParams| {
                let Model::Quantised(integers) = model else { unreachable!("it was quantised") };
                let (w, h) = context_model::bits(integers);
                ((w + h) / 8.0).ceil() as usize
            };
            let (v, y, factors, pool, cost) = (&v, &y, &factors, &pool, BitCost::Contexts);
            let task = QuantTask { v, y, factors, spec, pool, cost, file_bytes: &file_bytes };
            let mut last = 0;
            let mut observe = |step: &SearchStep<'_, f64>| {
                last = step.probe;
                ControlFlow::Continue(())
            };
            let result = quantise(&task, method.quantiser().unwrap(), &mut observe).unwrap();
            let mut got = match result.params {
                QuantParams::Lambda(lambda) => vec![lambda],
                QuantParams::Levels(Levels { w, h }) => vec![f64::from(w), f64::from(h)],
            };
            let probed = result.probed.iter().map(|probe| probe.snr_db).sum();
            let bytes = file_bytes(&result.model, result.params) as f64;
            got.extend([
                bytes,
                f64::from(u8::from(result.missed)),
                last as f64,
                result.probed.len() as f64,
                probed,
            ]);
            got.extend(fingerprint(&result.model));
            lines.push((format!("{} {metric:?} {target}", method.name()), got));
        }
    }
    lines
}

#[test]
fn small_runs_arrive_where_they_always_have() {
    let got: Vec<Line> = [learning(), prices(), targets()].concat();
    let record: Vec<Line> = include_str!("recorded.txt")
        .lines()
        .map(|line| {
            let (name, numbers) = line.split_once(": ").unwrap();
            (name.to_owned(), numbers.split(' ').map(|number| number.parse().unwrap()).collect())
        })
        .collect();
    let agree = |a: &f64, b: &f64| (a - b).abs() <= CLOSE * b.abs();
    let differ: Vec<_> = got
        .iter()
        .filter(|(name, numbers)| {
            let same = |(other, to): &&Line| other == name && to.len() == numbers.len();
            let right = record.iter().find(same);
            !right.is_some_and(|(_, right)| numbers.iter().zip(right).all(|(a, b)| agree(a, b)))
        })
        .map(|(name, numbers)| {
            let numbers: Vec<String> = numbers.iter().map(|number| format!("{number:.9e}")).collect();
            format!("{name}: {}", numbers.join(" "))
        })
        .collect();
    assert!(
        differ.is_empty() && got.len() == record.len(),
        "these are not as recorded:\n{}",
        differ.join("\n")
    );
}
