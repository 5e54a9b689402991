//! Stored bases at work: sounds separated and recognised, and what cannot be.

use std::f64::consts::TAU;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Output};

use snmf_workbench::engine::features::{Comparison, Features, FeaturesReport};
use snmf_workbench::engine::{Source, SpecDraft};
use snmf_workbench::numeric::methods::init::Random;
use snmf_workbench::signal::{WavFormat, wav};

const RATE: u32 = 8000;

/// Bursts of tones that come and go, in the two halves at other times, with a little noise.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small numbers, and samples
fn bursts(frequencies: &[f64], seed: u64, seconds: f64) -> Vec<f32> {
    let mut random = Random::new(seed);
    let mut samples = Vec::new();
    while samples.len() < (seconds * f64::from(RATE)) as usize {
        let frequency = frequencies[(random.bits() % frequencies.len() as u64) as usize];
        let length = 300 + (random.bits() % 900) as usize;
        samples.extend((0..length).map(|i| {
            let fade = (TAU / 2.0 * i as f64 / length as f64).sin();
            (0.3 * fade * (TAU * frequency * i as f64 / f64::from(RATE)).sin()) as f32
        }));
    }
    samples
}

fn write(folder: &Path, name: &str, samples: &[f32], rate: u32) -> Source {
    let path = folder.join(name);
    fs::write(&path, wav::write(samples, rate, WavFormat::F32).unwrap()).unwrap();
    Source::File(path)
}

/// Two sounds that share no frequencies.
fn disjoint(folder: &Path) -> Vec<Source> {
    let low = write(folder, "low.wav", &bursts(&[300.0, 420.0, 610.0], 1, 3.0), RATE);
    let high = write(folder, "high.wav", &bursts(&[1700.0, 2300.0, 3100.0], 2, 3.4), RATE);
    vec![low, high]
}

/// A comparison that takes a moment.
fn quick(sources: Vec<Source>) -> Features {
    let draft = SpecDraft {
        components: 4,
        lags: 2,
        iterations: 40,
        fft: 256.into(),
        hop: 128.into(),
        ..SpecDraft::default()
    };
    Features { sources, draft, budgets: vec![40.0, 10.0], seeds: 2 }
}

fn outcome(features: &Features, threads: usize) -> FeaturesReport {
    let comparison = Comparison::new(features, threads).unwrap();
    comparison.run(&|_| ControlFlow::Continue(())).unwrap().unwrap()
}

fn refusal(sources: Vec<Source>) -> String {
    Comparison::new(&quick(sources), 1).err().unwrap().to_string()
}

fn snmf(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snmf")).args(words).current_dir(folder).output().unwrap()
}

#[test]
fn sounds_without_a_common_frequency_are_separated_and_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let features = quick(disjoint(folder.path()));
    let outcome = outcome(&features, 2);
    assert_eq!((outcome.sources.len(), outcome.mixtures, outcome.sample_rate), (2, 1, RATE));
    assert!(outcome.windows >= 6, "{} windows of 0.4 s in 3.2 s", outcome.windows);

    // CNMF without a limit and every method at every budget, whichever order they were given in.
    let names: Vec<_> = outcome.rows.iter().map(|r| (r.method, r.metric, r.power, r.ratio)).collect();
    assert_eq!(names[0], ("cnmf", None, 1.0, None));
    for (method, metric, power) in [
        ("ptq-adaptive", "kld", 1.0),
        ("snmf-rd", "kld", 1.0),
        ("snmf-rd", "snr", 1.0),
        ("snmf-rd", "snr", 0.5),
    ] {
        for ratio in [10.0, 40.0] {
            let count = names.iter().filter(|n| **n == (method, Some(metric), power, Some(ratio))).count();
            assert_eq!(count, 1, "{method} {metric} {power} {ratio}");
        }
    }
    let posters: Vec<_> = outcome.rows.iter().filter(|row| row.method == "snmf-poster").collect();
    assert!(posters.len() >= 2 && posters.iter().all(|row| row.levels.is_some() && row.ratio.is_none()));

    let cnmf = &outcome.rows[0];
    assert_eq!((cnmf.reached_ratio, cnmf.loss_db.mean, cnmf.missed), (1.0, 0.0, 0));
    assert_eq!(cnmf.accuracy.mean, 1.0);
    for row in &outcome.rows {
        let improvement = row.si_sdr_improvement_db;
        assert!(improvement.mean.is_finite() && row.bytes > 0.0, "{row:?}");
        assert!(
            (improvement.mean + row.loss_db.mean - cnmf.si_sdr_improvement_db.mean).abs() < 1e-9,
            "{row:?}"
        );
        assert!((row.reached_ratio - cnmf.bytes / row.bytes).abs() < 1e-9, "{row:?}");
        if row.missed == 0 {
            assert!(row.ratio.is_none_or(|ratio| row.reached_ratio >= ratio), "{row:?}");
        }
        if row.ratio.is_none_or(|ratio| ratio < 40.0) && row.levels.is_none_or(|[w, _]| w > 100) {
            assert!(improvement.mean > 10.0 && row.accuracy.mean == 1.0, "{row:?}");
        }
    }
}

#[test]
fn the_number_of_threads_changes_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let mut features = quick(disjoint(folder.path()));
    features.draft.iterations = 12;
    let [one, three] = [1, 3].map(|threads| serde_json::to_string(&outcome(&features, threads)).unwrap());
    assert_eq!(one, three);
}

#[test]
fn a_budget_that_nothing_meets_is_reported_and_the_nearest_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut features = quick(disjoint(folder.path()));
    (features.draft.iterations, features.seeds, features.budgets) = (5, 1, vec![1e5]);
    let outcome = outcome(&features, 2);
    for row in outcome.rows.iter().filter(|row| row.ratio.is_some()) {
        assert_eq!(row.missed, 2, "{row:?}");
        assert!(row.reached_ratio < 1e5 && row.si_sdr_improvement_db.half.is_none(), "{row:?}");
    }
}

#[test]
fn sounds_of_other_rates_are_brought_to_the_lowest() {
    let folder = tempfile::tempdir().unwrap();
    let mut sources = disjoint(folder.path());
    sources.push(write(folder.path(), "fast.wav", &bursts(&[900.0], 3, 8.0), 2 * RATE));
    let comparison = Comparison::new(&quick(sources), 1).unwrap();
    let ended = comparison.run(&|_| ControlFlow::Break(())).unwrap();
    assert!(ended.is_none(), "it ends as soon as it is asked to");
    let mut done = comparison.runs();
    assert_eq!(done % (2 * (3 + 4)), 0, "two seeds, three sounds, three mixtures and the sequence");
    done /= 2 * (3 + 4);
    assert_eq!(done, 1 + 3 * 2 + 4 + 1 + 2, "every method at every size");
}

#[test]
fn what_cannot_be_compared_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, samples: &[f32]| write(folder.path(), name, samples, RATE);
    let [low, high] = <[Source; 2]>::try_from(disjoint(folder.path())).unwrap();
    let sound = bursts(&[500.0], 4, 2.0);
    let half = sound.len() / 2;
    let silent_from = |from: usize, to: usize| {
        let mut samples = sound.clone();
        samples[from..to].fill(0.0);
        samples
    };
    let short = at("short.wav", &sound[..500]);
    let array = Source::File(folder.path().join("v.npz"));
    for (source, words) in [
        (at("silent.wav", &silent_from(0, sound.len())), "the sound is silent (every sample is zero)"),
        (at("first.wav", &silent_from(0, half + 1)), "the first half is silent"),
        (at("second.wav", &silent_from(half - 1, sound.len())), "the second half is silent"),
        (
            at("late.wav", &[sound.clone(), vec![0.0; 2 * 8 * half], sound.clone()].concat()),
            "which are mixed, is silent",
        ),
        (short, "too short"),
        (low.clone(), "the same samples twice"),
        (array, "no samples to mix"),
        (Source::File(folder.path().join("none.wav")), "could not read"),
    ] {
        let message = refusal(vec![low.clone(), source.clone()]);
        let Source::File(path) = &source else { panic!("a file") };
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(message.contains(words) && message.contains(&name), "{name}: {message}");
    }
    assert!(Comparison::new(&quick(vec![low.clone(), high.clone()]), 1).is_ok());
    for wrong in [vec![], vec![0.0], vec![f64::NAN], vec![20.0, -1.0]] {
        let features = Features { budgets: wrong.clone(), ..quick(vec![low.clone(), high.clone()]) };
        let error = Comparison::new(&features, 1).err().unwrap();
        assert!(error.is_usage() && error.to_string().contains("budgets"), "{wrong:?}: {error}");
    }
    let features = Features { seeds: 0, ..quick(vec![low, high]) };
    assert!(Comparison::new(&features, 1).err().unwrap().to_string().contains("seeds"));
}

#[test]
fn the_command_prints_a_table_or_json_and_draws_a_chart() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    disjoint(folder);
    let words = "bench features low.wav high.wav -r 3 -t 1 -i 5 --fft 256 --hop 128 --seeds 1 --budgets 20";
    let words: Vec<&str> = words.split(' ').collect();
    let table = snmf(folder, &words);
    let text = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.status.success(), "{}", String::from_utf8_lossy(&table.stderr));
    assert!(text.starts_with("low.wav, high.wav at 8000 Hz"), "{text}");
    for row in [
        "| cnmf | none | 1.0 |",
        "| ptq-adaptive | 20",
        "| snmf-rd, kld | 20",
        "| snmf-rd, snr, P = 0.5 | 20",
    ] {
        assert!(text.contains(row), "{row} in: {text}");
    }
    let json = snmf(folder, &[&words[..], &["--json", "--out", "x.svg"]].concat());
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    let row = &json["rows"][1];
    for key in ["method", "metric", "power", "ratio", "reached_ratio", "bytes", "missed"] {
        assert!(!row[key].is_null(), "{key} in {row}");
    }
    for key in ["si_sdr_improvement_db", "loss_db", "accuracy"] {
        assert!(row[key]["mean"].is_f64(), "{key} in {row}");
    }
    let chart = fs::read_to_string(folder.join("x.svg")).unwrap();
    assert!(chart.contains("SI-SDR improvement (dB)") && chart.contains(">snmf-rd, kld<"), "{chart}");

    let refused = |words: &[&str], code: i32, expected: &str| {
        let output = snmf(folder, &[&["bench", "features"], words].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
        assert!(error.contains(expected), "{words:?}: {error}");
    };
    refused(&["low.wav"], 2, "expected at least two sounds");
    refused(&["low.wav", "demo:none"], 2, "demo:speech");
    refused(&["low.wav", "high.wav", "-r", "1500"], 2, "components: expected 1 to 2000, got 3000");
    refused(
        &["low.wav", "high.wav", "--out", "x.svg", "--fft", "256", "--hop", "128"],
        1,
        "--force replaces it",
    );
}
