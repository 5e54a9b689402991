//! Back to sound: masks, phases, and what cannot be heard.

use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Output};

use nalgebra::{Complex, DMatrix};
use snmf_workbench::codec::Header;
use snmf_workbench::engine::reconstruct::{self, ReconstructError, gain, loudness, reconstruct, snr_db};
use snmf_workbench::engine::{FrameOrigin, Phase, ReconstructedSound, Reconstruction, What, session};
use snmf_workbench::numeric::methods::init::random_factors;
use snmf_workbench::numeric::{AnyModel, Factors, Model, Named, Shape};
use snmf_workbench::signal::{
    Audio, Demo, GriffinLim, Parts, ReadOptions, Spectrogram, Stft, WavFormat, Window, load, wav,
};

const STFT: Stft = Stft { fft: 256, hop: 64, window: Window::Hann };

fn speech(end: f64) -> Audio {
    load(Demo::Speech, &ReadOptions { start: Some(0.5), end: Some(0.5 + end), ..Default::default() }).unwrap()
}

/// A random model of this sound's shape, one component of which is silent for a while, all of them in one frame.
fn model_of(audio: &Audio, stft: &Stft, components: usize, lags: usize) -> Factors<f64> {
    let shape = Shape { bins: stft.bins(), frames: stft.frames(audio.samples.len()), components, lags };
    let mut factors = random_factors::<f64>(shape, 3);
    for n in 0..shape.frames / 2 {
        factors.h[(0, n)] = 0.0;
    }
    for n in 4..(4 + lags).min(shape.frames) {
        factors.h.column_mut(n).fill(0.0);
    }
    factors
}

/// The model that is V itself: a component a bin.
fn perfect(audio: &Audio, stft: &Stft) -> (AnyModel, FrameOrigin) {
    let v = Spectrogram::<f64>::of(audio, stft).unwrap();
    let factors = Factors { w: vec![DMatrix::identity(v.bins(), v.bins())], h: (*v.v).clone() };
    let origin =
        FrameOrigin { stft: *stft, rate: audio.rate, samples: audio.samples.len(), max: v.max, power: 1.0 };
    (Model::Real(factors).into(), origin)
}

fn heard(
    model: &AnyModel,
    origin: &FrameOrigin,
    audio: Option<&Audio>,
    wanted: &Reconstruction,
) -> Result<ReconstructedSound, ReconstructError> {
    let mut observe = |_: usize| ControlFlow::Continue(());
    reconstruct(model, origin, audio, wanted, &mut observe).map(Option::unwrap)
}

fn search(iterations: usize, seed: u64) -> Phase {
    Phase::GriffinLim(GriffinLim { iterations, seed })
}

#[test]
fn the_parts_of_a_sound_add_up_to_it() {
    let audio = speech(0.4);
    for (stft, exponent) in [
        (STFT, 2.0),
        (Stft { fft: 512, hop: 256, window: Window::Hamming }, 1.0),
        (Stft { fft: 250, hop: 100, window: Window::Blackman }, 0.7),
        (Stft { fft: 128, hop: 128, window: Window::Hann }, 2.0),
        (Stft { fft: 93, hop: 93, window: Window::Rectangular }, 12.0),
    ] {
        let parts = Parts::of(&model_of(&audio, &stft, 5, 3), 1.0);
        let mut sum = vec![0.0f32; audio.samples.len()];
        for chosen in [&[1][..], &[0, 3], &[4, 2, 2]] {
            let part = parts.apart(&stft, &audio, chosen, exponent).unwrap();
            assert!(part.iter().all(|x| x.abs() <= 1.5), "no part is blown up: {stft:?}");
            sum.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
        }
        let worst = audio.samples.iter().zip(&sum).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "{stft:?}: {worst}");
    }
}

#[test]
fn a_mask_is_its_definition() {
    let audio = speech(0.1);
    let factors = model_of(&audio, &STFT, 4, 2);
    let model: AnyModel = Model::Real(factors.clone()).into();
    let spectrum = STFT.transform("speech", &audio.samples).unwrap();
    for (exponent, power) in [(1.0, 1.0), (2.0, 1.0), (3.5, 1.0), (2.0, 0.5), (1.0, 0.4)] {
        let mut masked = spectrum.clone();
        Parts::of(&factors, power).mask(&mut masked, &[2, 0], exponent);
        let expected = DMatrix::from_fn(spectrum.nrows(), spectrum.ncols(), |m, n| {
            // The magnitude of a component of V^P is its part to the power 1/P.
            let of = |r: usize| model.at(m, n, |k| k == r).powf(1.0 / power).powf(exponent);
            let all: f64 = (0..4).map(of).sum();
            spectrum[(m, n)] * if all > 0.0 { (of(0) + of(2)) / all } else { 0.5 }
        });
        assert!((masked - expected).iter().all(|x: &Complex<f64>| x.norm() < 1e-9), "{exponent}, P {power}");
    }
}

#[test]
fn a_perfect_model_with_the_phase_of_its_sound_is_that_sound() {
    let audio = speech(0.3);
    for stft in [STFT, Stft { fft: 99, hop: 33, window: Window::Hamming }] {
        let (model, origin) = perfect(&audio, &stft);
        let sound = heard(&model, &origin, Some(&audio), &Reconstruction::MODEL).unwrap();
        assert_eq!((sound.samples.len(), sound.phase.as_str()), (audio.samples.len(), "mixture"));
        let seen = stft.is_seen(audio.samples.len());
        assert!(seen.iter().filter(|seen| !**seen).count() < stft.fft, "nearly all samples are seen");
        let pairs = audio.samples.iter().zip(&sound.samples).zip(seen).filter(|(_, seen)| *seen);
        let worst = pairs.map(|((a, b), _)| (a - b).abs()).fold(0.0, f32::max);
        assert!(worst < 1e-5, "{stft:?}: {worst}");
        assert!(sound.snr_db.unwrap() > 25.0, "{:?}", sound.snr_db);
    }
}

#[test]
fn a_model_s_mistakes_are_not_blown_up_where_frames_barely_see_the_sound() {
    let audio = speech(0.3);
    let model: AnyModel = Model::Real(model_of(&audio, &STFT, 3, 4)).into();
    let (_, origin) = perfect(&audio, &STFT);
    let sound = heard(&model, &origin, Some(&audio), &Reconstruction::MODEL).unwrap();
    let loudest = |x: &[f32]| x.iter().fold(0.0f32, |max, x| max.max(x.abs()));
    let middle = loudest(&sound.samples[256..sound.samples.len() - 256]);
    assert!(loudest(&sound.samples) < 4.0 * middle, "{} {middle}", loudest(&sound.samples));
}

#[test]
fn griffin_lim_comes_nearer_to_the_magnitudes() {
    let audio = speech(0.4);
    let v = Spectrogram::<f64>::of(&audio, &STFT).unwrap();
    let magnitudes = v.v.map(|x| x * v.max);
    let mut text = Vec::new();
    let mut observe = |k: usize| {
        text.push(k);
        ControlFlow::Continue(())
    };
    let search = GriffinLim { iterations: 60, seed: 1 };
    let found = search.search(&STFT, &magnitudes, audio.samples.len(), &mut observe).unwrap();
    assert_eq!(text, (0..=60).collect::<Vec<_>>());
    let db = |ratio: f64| 20.0 * ratio.log10();
    let at = |k: usize| db(found.convergence[k]);
    assert!(at(10) < at(0) - 5.0 && at(30) < at(10) - 2.0 && at(60) < at(30), "{:?}", found.convergence);
    assert!(at(60) < -18.0, "{}", at(60));
    // What it says of the signal is so.
    let again =
        Spectrogram::<f64>::of(&Audio { samples: found.samples.clone(), ..audio.clone() }, &STFT).unwrap();
    let distance = (again.v.map(|x| x * again.max) - &magnitudes).norm() / magnitudes.norm();
    assert!((distance - found.convergence[60]).abs() < 1e-6);
}

#[test]
fn a_search_ends_when_it_is_reported_to() {
    let audio = speech(0.2);
    let (model, origin) = perfect(&audio, &STFT);
    let wanted = Reconstruction { phase: search(1000, 0), ..Reconstruction::MODEL };
    let mut calls = 0;
    let mut observe = |k: usize| {
        calls += 1;
        if k == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    assert_eq!(reconstruct(&model, &origin, None, &wanted, &mut observe).unwrap(), None);
    assert!(calls < 10, "{calls}");
}

#[test]
fn the_number_of_threads_changes_no_sample() {
    let audio = speech(0.6);
    let (_, origin) = perfect(&audio, &STFT);
    let model: AnyModel = Model::Real(model_of(&audio, &STFT, 4, 3)).into();
    let some = What::Components(vec![1, 3]);
    for wanted in [
        Reconstruction::MODEL,
        Reconstruction { what: some.clone(), ..Reconstruction::MODEL },
        Reconstruction { what: some, phase: search(5, 9), level_match: true, ..Reconstruction::MODEL },
    ] {
        let of = |threads: usize| {
            let pool = session::pool(threads).unwrap();
            pool.install(|| heard(&model, &origin, Some(&audio), &wanted).unwrap())
        };
        let one = of(1);
        assert!(one.samples.iter().any(|x| *x != 0.0));
        for threads in [2, 7] {
            assert_eq!(of(threads), one, "{wanted:?} with {threads} threads");
        }
    }
    let from = |seed| {
        let wanted = Reconstruction { phase: search(2, seed), ..Reconstruction::MODEL };
        heard(&model, &origin, None, &wanted).unwrap().samples
    };
    assert_ne!(from(0), from(1), "seeds lead elsewhere");
}

#[test]
fn the_phase_is_named() {
    let of = |what, phase| Reconstruction { what, phase, ..Reconstruction::MODEL }.phase_name();
    assert_eq!(of(What::Model, Phase::Mixture), "mixture");
    let some = What::Components(vec![0]);
    assert_eq!(of(some.clone(), Phase::Mixture), "mixture, soft mask with exponent 2");
    assert_eq!(of(some, search(50, 7)), "Griffin-Lim, 50 iterations, seed 7");
}

#[test]
fn levels_are_matched_as_far_as_nothing_clips() {
    let audio = speech(0.3);
    let (model, mut origin) = perfect(&audio, &STFT);
    origin.max *= 0.25;
    let matched = Reconstruction { level_match: true, ..Reconstruction::MODEL };
    let plain = heard(&model, &origin, Some(&audio), &Reconstruction::MODEL).unwrap();
    let sound = heard(&model, &origin, Some(&audio), &matched).unwrap();
    assert!((sound.gain - 4.0).abs() < 0.05, "{}", sound.gain);
    assert!((gain(loudness(&audio.samples), loudness(&sound.samples)) - 1.0).abs() < 1e-4);
    assert_eq!(
        (plain.gain, sound.snr_db),
        (1.0, plain.snr_db),
        "the SNR is that of the model, whatever the gain"
    );
    // Alone, and far too loud.
    origin.max *= 1000.0;
    let loud = Reconstruction { phase: search(3, 0), ..matched };
    let sound = heard(&model, &origin, None, &loud).unwrap();
    let peak = sound.samples.iter().fold(0.0f32, |peak, x| peak.max(x.abs()));
    assert!((peak - 1.0).abs() < 1e-6 && sound.gain < 1.0, "{peak} {}", sound.gain);
    assert_eq!(gain(loudness(&audio.samples), loudness(&[0.0; 4])), 1.0);
}

#[test]
fn what_stands_in_the_way_is_named() {
    let audio = speech(0.3);
    let (model, origin) = perfect(&audio, &STFT);
    let bins = model.shape().components;
    let refused = |audio: Option<&Audio>, wanted: &Reconstruction| {
        heard(&model, &origin, audio, wanted).unwrap_err().to_string()
    };
    let only = |chosen: &[usize]| Reconstruction {
        what: What::Components(chosen.to_vec()),
        ..Reconstruction::MODEL
    };
    for (error, words) in [
        (refused(None, &Reconstruction::MODEL), vec!["attach", "griffin-lim"]),
        (refused(Some(&audio), &only(&[2, bins])), vec!["component: expected 1 to 129, got 130"]),
        (refused(Some(&audio), &only(&[])), vec!["at least one"]),
        (
            refused(Some(&audio), &Reconstruction { exponent: 0.0, ..only(&[1]) }),
            vec!["mask-exponent", "got 0"],
        ),
        (refused(Some(&audio), &Reconstruction { exponent: f64::NAN, ..only(&[1]) }), vec!["mask-exponent"]),
        (
            refused(Some(&Audio { rate: 44_100, ..audio.clone() }), &Reconstruction::MODEL),
            vec!["16000 Hz", "44100", "demo:speech"],
        ),
        (
            refused(Some(&Audio { samples: vec![0.0; 77], ..audio.clone() }), &Reconstruction::MODEL),
            vec!["4800 samples", "77", "demo:speech"],
        ),
    ] {
        words.iter().for_each(|word| assert!(error.contains(word), "expected {word} in: {error}"));
    }
    let short = FrameOrigin { samples: 4000, ..origin };
    let wanted = Reconstruction { phase: search(1, 0), ..Reconstruction::MODEL };
    let error = heard(&model, &short, None, &wanted).unwrap_err().to_string();
    assert!(error.contains("129 bins x 62 frames") && error.contains("129 x 75"), "{error}");
    let loud = FrameOrigin { max: f64::MAX, ..origin };
    assert!(matches!(heard(&model, &loud, None, &wanted), Err(ReconstructError::NotFinite)));
}

#[test]
fn a_header_without_what_sound_needs_says_which_field() {
    let full = Header {
        sample_rate: Some(16_000),
        samples: Some(4800),
        fft: Some(256),
        hop: Some(64),
        max: Some(2.0),
        ..Header::default()
    };
    let origin = FrameOrigin::of_header(&full).unwrap();
    assert_eq!(origin, FrameOrigin { stft: STFT, rate: 16_000, samples: 4800, max: 2.0, power: 1.0 });
    for (header, word) in [
        (Header { sample_rate: None, ..full.clone() }, "(sr)"),
        (Header { samples: None, ..full.clone() }, "(n)"),
        (Header { fft: None, ..full.clone() }, "(fft)"),
        (Header { hop: None, ..full.clone() }, "(hop)"),
        (Header { max: None, ..full.clone() }, "(max)"),
        (Header { sample_rate: Some(0), ..full.clone() }, "(sr)"),
        (Header { hop: Some(0), ..full.clone() }, "hop: expected"),
        (Header { hop: Some(512), ..full.clone() }, "hop: expected at most"),
        (Header { fft: Some(u32::MAX), ..full.clone() }, "fft: expected"),
        (Header { window: Some("kaiser".to_owned()), ..full.clone() }, "win: expected hann"),
    ] {
        let error = FrameOrigin::of_header(&header).unwrap_err().to_string();
        assert!(error.contains(word), "expected {word} in: {error}");
    }
}

#[test]
fn another_sound_is_reported_and_one_of_another_rate_refused() {
    let audio = speech(0.3);
    let header =
        |sha256: String| Header { sample_rate: Some(16_000), sha256: Some(sha256), ..Header::default() };
    let own = header(audio.sha256());
    assert!(reconstruct::attached(&own, &audio).unwrap().is_empty());
    // Resampled as the stream's own sound was, it is that sound.
    let resampled = Audio { source_rate: 48_000, ..audio.clone() };
    assert!(reconstruct::attached(&own, &resampled).unwrap().is_empty());
    let other = header("0".repeat(64));
    let text = reconstruct::attached(&other, &audio).unwrap();
    assert!(text.len() == 1 && text[0].contains("not the sound"), "{text:?}");
    let error = reconstruct::attached(&other, &resampled).unwrap_err().to_string();
    assert!(error.contains("16000") && error.contains("48000"), "{error}");
}

#[test]
fn files_hold_the_samples_as_nearly_as_they_can() {
    let samples: Vec<f32> = (0..1000u16).map(|i| 0.999 * (f32::from(i) * 0.37).sin()).collect();
    let folder = tempfile::tempdir().unwrap();
    for (format, step) in
        [(WavFormat::F32, 0.0), (WavFormat::Pcm16, 1.0 / 32768.0), (WavFormat::Pcm24, 1.0 / 8_388_608.0)]
    {
        let path = folder.path().join(format!("{}.wav", format.name()));
        std::fs::write(&path, wav::write(&samples, 22_050, format).unwrap()).unwrap();
        let back = snmf_workbench::signal::read_file(&path, &ReadOptions::default()).unwrap();
        assert_eq!((back.rate, back.samples.len()), (22_050, 1000));
        let worst = samples.iter().zip(&back.samples).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(f64::from(worst) <= 0.51 * step, "{format:?}: {worst}");
        assert_eq!(format.clipped(&samples), 0);
        let loud = [1.0, 1.01, -1.0, -3.0, 0.5];
        assert_eq!(format.clipped(&loud), if format == WavFormat::F32 { 0 } else { 2 });
        wav::write(&loud, 22_050, format).unwrap();
    }
}

#[test]
fn snr_is_its_definition() {
    assert!((snr_db(&[1.0, 2.0], &[1.0, 1.5]) - 10.0 * 20f64.log10()).abs() < 1e-9);
    assert!(snr_db(&[1.0], &[1.0]).is_infinite());
}

fn snmf(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snmf")).args(words).current_dir(folder).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs, expects this exit code, and gives back what was said on both channels.
fn said(folder: &Path, code: i32, words: &[&str]) -> String {
    let output = snmf(folder, words);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

#[test]
fn the_command_writes_sound_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let region = ["--start", "0.5", "--end", "1.5"];
    let learn = ["run", "demo:speech", "-r", "3", "-t", "2", "-i", "20", "--method", "snmf-rd", "--out", "."];
    said(path, 0, &[&learn[..], &region].concat());
    let stream = "demo-speech__snmf-rd_R3_T2_s0.snmf.gz";
    let json = |words: &[&str]| -> serde_json::Value {
        let output = snmf(path, &[&["reconstruct", stream, "--json"][..], words].concat());
        assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let read =
        |name: &str| snmf_workbench::signal::read_file(&path.join(name), &ReadOptions::default()).unwrap();
    let audio = ["--audio", "demo:speech"];
    let model = json(&[&audio[..], &["--out", "model.wav"]].concat());
    assert_eq!((&model["phase"], &model["samples"]), (&"mixture".into(), &16_000.into()), "{model}");
    let original =
        load(Demo::Speech, &ReadOptions { start: Some(0.5), end: Some(1.5), ..Default::default() });
    let snr = snr_db(&original.unwrap().samples, &read("model.wav").samples);
    assert!((model["snr_db"].as_f64().unwrap() - snr).abs() < 1e-6 && snr > 3.0, "{model}");
    // Parts, and what they add up to.
    json(&[&audio[..], &["--component", "2", "--mask-exponent", "1", "--out", "one.wav"]].concat());
    let two = ["--component", "3", "--component", "1", "--mask-exponent", "1", "--out", "two.wav"];
    let two = json(&[&audio[..], &two].concat());
    assert_eq!(two["components"], serde_json::json!([3, 1]));
    assert_eq!(two["mask_exponent"], 1.0);
    let both = read("one.wav").samples.into_iter().zip(read("two.wav").samples).map(|(a, b)| a + b);
    let original =
        load(Demo::Speech, &ReadOptions { start: Some(0.5), end: Some(1.5), ..Default::default() });
    assert!(both.zip(original.unwrap().samples).all(|(a, b)| (a - b).abs() < 1e-4));
    // From the stream alone, the same again for the same seed, in every format.
    let alone = ["-i", "8", "--seed", "4", "--threads", "1", "--out", "alone.wav"];
    let alone = json(&alone);
    assert_eq!((&alone["snr_db"], &alone["seed"]), (&serde_json::Value::Null, &4.into()), "{alone}");
    assert!(alone["spectral_convergence_db"].as_f64().unwrap() < -5.0, "{alone}");
    json(&["-i", "8", "--seed", "4", "--threads", "2", "--out", "again.wav"]);
    assert_eq!(
        std::fs::read(path.join("alone.wav")).unwrap(),
        std::fs::read(path.join("again.wav")).unwrap()
    );
    let integers = json(&["-i", "8", "--seed", "4", "--format", "pcm16", "--out", "integers.wav"]);
    assert_eq!((&integers["format"], &integers["clipped"]), (&"pcm16".into(), &0.into()));
    let pairs = read("integers.wav").samples.into_iter().zip(read("alone.wav").samples);
    assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 2e-5));
    let text = said(path, 0, &["reconstruct", stream, "-i", "2", "--out", "text.wav"]);
    assert!(text.contains("Griffin-Lim, 2 iterations, seed 0") && text.contains("the whole model"), "{text}");
    let piped = snmf(path, &["reconstruct", stream, "-i", "8", "--seed", "4", "--out", "-"]);
    assert_eq!(piped.stdout, std::fs::read(path.join("alone.wav")).unwrap());
}

#[test]
fn the_command_refuses_with_the_reason_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    said(path, 0, &["run", "demo:drums", "-r", "2", "-t", "1", "-i", "3", "--method", "cnmf", "--out", "."]);
    let stream = "demo-drums__cnmf_R2_T1_s0.snmf.gz";
    let bytes = std::fs::read(path.join(stream)).unwrap();
    let mut stored = snmf_workbench::codec::read(&bytes, &snmf_workbench::codec::Limits::default()).unwrap();
    stored.header.max = None;
    std::fs::write(path.join("bare.snmf.gz"), snmf_workbench::codec::write(&stored)).unwrap();
    stored.header.max = Some(1e5);
    std::fs::write(path.join("loud.snmf.gz"), snmf_workbench::codec::write(&stored)).unwrap();
    std::fs::write(path.join("there.wav"), "old").unwrap();
    let other = wav::write(&vec![0.25; 9000], 8000, WavFormat::Pcm16).unwrap();
    std::fs::write(path.join("other.wav"), other).unwrap();
    let short = wav::write(&vec![0.25; 9000], 44_100, WavFormat::Pcm16).unwrap();
    std::fs::write(path.join("short.wav"), short).unwrap();
    for (code, words, expected) in [
        (1, &["bare.snmf.gz"][..], "(max)"),
        (1, &[stream, "--phase", "mixture"], "attach it"),
        (1, &[stream, "--audio", "demo:drums", "--component", "3"], "expected 1 to 2, got 3"),
        (2, &[stream, "--component", "0"], "count from 1"),
        (1, &[stream, "--audio", "other.wav"], "expected 44100 Hz, got 8000 Hz"),
        (1, &[stream, "--audio", "short.wav"], "samples, got 9000: short.wav"),
        (1, &[stream, "--audio", "nowhere.wav"], "nowhere.wav"),
        (2, &[stream, "--audio", "demo:none"], "demo:speech"),
        (2, &[stream, "--format", "mp3"], "pcm16"),
        (1, &[stream, "--audio", "demo:drums", "--component", "1", "--mask-exponent", "-1"], "mask-exponent"),
    ] {
        let said = said(path, code, &[&["reconstruct"][..], words, &["--out", "out.wav"]].concat());
        assert!(said.contains(expected), "{words:?}: expected {expected} in: {said}");
        assert!(!path.join("out.wav").exists(), "{words:?}");
    }
    let text = said(path, 1, &["reconstruct", stream, "-i", "1", "--out", "there.wav"]);
    assert!(text.contains("--force") && std::fs::read(path.join("there.wav")).unwrap() == b"old", "{text}");
    // A message says what does not fit and what to do; floats hold it, and a matched level fits.
    let loud = ["reconstruct", "loud.snmf.gz", "-i", "1", "--force", "--out", "loud.wav"];
    let text = said(path, 0, &[&loud[..], &["--format", "pcm16"]].concat());
    assert!(text.contains("samples clipped: --format f32") && text.contains("--level-match"), "{text}");
    assert!(!said(path, 0, &loud).contains("clipped"));
    assert!(
        !said(path, 0, &[&loud[..], &["--format", "pcm24", "--level-match"]].concat()).contains("clipped")
    );
}

#[cfg(unix)]
#[test]
fn an_interrupt_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    said(
        path,
        0,
        &["run", "demo:speech", "-r", "2", "-t", "1", "-i", "3", "--method", "cnmf", "--out", "in"],
    );
    let words = ["reconstruct", "in/demo-speech__cnmf_R2_T1_s0.snmf.gz", "-i", "1000000", "--out", "out.wav"];
    let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
    let mut child = command.args(words).current_dir(path).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    // The shell's own: a bare system has no program of that name.
    let killed = Command::new("sh").args(["-c", &format!("kill -INT {}", child.id())]).status().unwrap();
    assert!(killed.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(std::fs::read_dir(path).unwrap().count(), 1, "the stream's folder is all there is");
}
