//! How long the parts take: `cargo bench`. Ratios of one run are worth more than times across machines.

#![allow(clippy::unwrap_used)] // a benchmark may fail

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use snmf_workbench::codec;
use snmf_workbench::engine::run::{job, measure};
use snmf_workbench::engine::session::pool;
use snmf_workbench::engine::{Analysis, InputSpec, Learning, Source, SpecDraft};
use snmf_workbench::figure::raster::{colour, peaks};
use snmf_workbench::figure::{ColorMap, FrequencyScale, LevelRange, Region};
use snmf_workbench::numeric::kernels::passes::Passes;
use snmf_workbench::numeric::methods::init::random_factors;
use snmf_workbench::numeric::{self, Method, Named, Shape, Stacked};
use snmf_workbench::signal::{ReadOptions, Spectrogram};

fn parts(c: &mut Criterion) {
    let draft = SpecDraft { methods: Method::ALL.to_vec(), ..SpecDraft::default() };
    let experiment = draft.parse().unwrap();
    let workers = pool(1).unwrap();
    let input = InputSpec { source: Source::parse("demo:speech").unwrap(), read: ReadOptions::default() };
    let analysis = Arc::new(Analysis::read(&input, experiment.framing, &workers).unwrap());
    let v = &analysis.spectrogram_f32().v;
    let audio = analysis.audio.as_ref().unwrap();

    c.bench_function("spectrogram, speech, 513 x 91", |b| {
        b.iter(|| Spectrogram::<f32>::of(black_box(audio), &analysis.stft));
    });
    for (method, plain) in [(Method::CNMF, true), (Method::CNMF, false), (Method::SNMF_POSTER, true)] {
        let run = experiment.runs.iter().find(|run| run.method == method).unwrap();
        let spec = numeric::RunSpec { plain, ..run.clone() };
        let mut learner = numeric::start(v, &spec);
        let name =
            format!("iteration, {} {}, speech, R 10, T 8, one thread", method.name(), spec.rules_text());
        c.bench_function(&name, |b| b.iter(|| workers.install(|| learner.step())));
    }
    for (components, lags) in [(2, 1), (20, 1), (20, 7)] {
        let shape = Shape { bins: v.nrows(), frames: v.ncols(), components, lags };
        let state = Stacked::from_factors(&random_factors::<f32>(shape, 0));
        let mut passes = Passes::new(Arc::clone(v), components, lags, 1e-4);
        let mut h = vec![0.0; components * shape.frames];
        let mut w = vec![0.0; shape.bins * components * lags];
        let of = format!("speech, R {components}, T {lags}, one thread");
        c.bench_function(&format!("pass for H, {of}"), |b| {
            b.iter(|| workers.install(|| passes.h_numerator(&state, None, &mut h)));
        });
        c.bench_function(&format!("pass for H with D, {of}"), |b| {
            b.iter(|| workers.install(|| passes.h_numerator_and_objective(&state, None, &mut h)));
        });
        c.bench_function(&format!("pass for W, {of}"), |b| {
            b.iter(|| workers.install(|| passes.w_numerator(&state, 0..components * lags, &mut w)));
        });
    }
    let spec = numeric::RunSpec { iterations: 20, ..experiment.runs[3].clone() };
    let go_on = &mut |_: &job::Progress<'_>| std::ops::ControlFlow::Continue(());
    let learning = Learning::new(Arc::clone(&analysis), &spec);
    let (snapshot, _) = job::drive(&learning, &spec, codec::Form::default(), &workers, go_on);
    let stored = measure::stored(&analysis, &spec, &snapshot, codec::Form::default());
    c.bench_function("stream, written, speech, R 10, T 8", |b| b.iter(|| codec::write(black_box(&stored))));
    let bytes = codec::write(&stored);
    c.bench_function("stream, read, speech, R 10, T 8", |b| {
        b.iter(|| codec::read(black_box(&bytes), &codec::Limits::default()));
    });
    let levels = LevelRange { top_db: 0.0, range_db: 80.0, map: ColorMap::default() };
    let axes = analysis.axes();
    let whole = (-0.5, analysis.frames() as f64 - 0.5);
    for &scale in FrequencyScale::ALL {
        let region = Region::new(whole, (0.0, 8000.0), scale, &axes, 600, 200);
        c.bench_function(&format!("picture of V, {}, 600 x 200", scale.name()), |b| {
            b.iter(|| colour(&peaks(black_box(&**v), &region), 600, &levels, [0; 3]));
        });
    }
}

criterion_group!(benches, parts);
criterion_main!(benches);
