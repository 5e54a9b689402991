//! One W for many sounds: taking up what was interrupted, and what is refused.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use snmf_workbench::codec;
use snmf_workbench::engine::learn::{self, LearnError, NamedInput, SharedBases, TrainingSet};
use snmf_workbench::engine::{ExperimentSpec, InputSpec, Source, SpecDraft, session};
use snmf_workbench::numeric::Method;
use snmf_workbench::signal::{Demo, ReadOptions};

fn experiment(passes: usize, seed: u64) -> ExperimentSpec {
    let draft =
        SpecDraft { fft: 256.into(), hop: 128.into(), components: 4, lags: 3, ..SpecDraft::default() };
    SpecDraft { methods: vec![Method::CNMF], iterations: passes, seed, ..draft }.parse().unwrap()
}

fn demo(name: &str, demo: Demo, start: f64, rate: Option<u32>) -> NamedInput {
    let read = ReadOptions { start: Some(start), end: Some(start + 0.3), rate, ..ReadOptions::default() };
    NamedInput { name: name.to_owned(), input: InputSpec { source: Source::Demo(demo), read } }
}

fn sounds() -> Vec<NamedInput> {
    let speech = (0..5u8).map(|i| demo(&format!("speech {i}"), Demo::Speech, f64::from(i) / 2.0, None));
    speech.chain([demo("drums", Demo::Drums, 0.2, Some(16_000))]).collect()
}

/// Learns on so many threads until the pass `last`, with checkpoints in this folder.
fn learned(
    passes: usize,
    seed: u64,
    last: usize,
    threads: usize,
    folder: Option<&Path>,
) -> Result<SharedBases, LearnError> {
    let (experiment, pool) = (experiment(passes, seed), session::pool(threads).unwrap());
    let set = TrainingSet::read(sounds(), &experiment, &pool, &|| true)?.unwrap();
    learn::learn(set, (&experiment.runs[0], None), folder, &pool, &mut |objective| {
        if objective.len() < last { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })
}

#[test]
fn what_was_interrupted_goes_on_as_if_it_never_had_been() {
    let folder = tempfile::tempdir().unwrap();
    let whole = learned(8, 0, 8, 1, None).unwrap();
    assert!(!whole.is_cancelled && whole.objective.len() == 8);
    for last in [1, 3, 5] {
        let part = learned(8, 0, last, 2, Some(folder.path())).unwrap();
        assert!(part.is_cancelled && part.objective.len() == last);
        // W, each H, and what names them: nothing is left of earlier passes.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1 + sounds().len() + 1);
    }
    let resumed = learned(8, 0, 8, 3, Some(folder.path())).unwrap();
    assert!(!resumed.is_cancelled);
    assert_eq!(resumed.objective, whole.objective);
    assert_eq!(codec::write(&resumed.stored), codec::write(&whole.stored));
}

#[test]
fn a_checkpoint_that_is_damaged_or_of_something_else_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    learned(2, 0, 2, 1, Some(folder.path())).unwrap();
    let refused = |seed: u64, words: &[&str]| {
        let error =
            learned(4, seed, 4, 1, Some(folder.path())).err().map(|e| e.to_string()).unwrap_or_default();
        assert!(words.iter().all(|word| error.contains(word)), "expected {words:?} in: {error}");
    };
    refused(1, &["other sounds or settings", &folder.path().display().to_string()]);
    for entry in fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let bytes = fs::read(&path).unwrap();
        let mut changed = bytes.clone();
        changed[0] ^= 1;
        for damaged in [&bytes[..bytes.len() - 1], &[], &changed] {
            fs::write(&path, damaged).unwrap();
            refused(0, &["damaged", name]);
        }
        fs::write(&path, bytes).unwrap();
    }
    assert_eq!(learned(4, 0, 4, 1, Some(folder.path())).unwrap().objective.len(), 4);
}

#[test]
fn sounds_that_do_not_go_together_are_refused_by_name() {
    let pool = session::pool(1).unwrap();
    let read = |sounds: Vec<NamedInput>| {
        let error = TrainingSet::read(sounds, &experiment(2, 0), &pool, &|| true).err();
        error.map(|e| e.to_string()).unwrap_or_default()
    };
    let error = read(vec![
        demo("a", Demo::Speech, 0.0, None),
        demo("b", Demo::Speech, 0.5, None),
        demo("c", Demo::Drums, 0.0, None),
        demo("d", Demo::Piano, 0.0, None),
    ]);
    assert!(error.contains("c has 44100 Hz") && error.contains("a 16000 Hz"), "{error}");
    let error = read(vec![demo("a", Demo::Speech, 99.0, None)]);
    assert!(error.contains("got none") && error.contains("a is left out"), "{error}");
}
