//! Every format, every option, and every file that is not what it claims to be.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use snmf_workbench::signal::{
    Audio, Channel, Demo, ReadOptions, Reading, SignalError, load, read_file, read_file_told,
};

fn fixture(name: &str) -> PathBuf {
    Path::new("tests/fixtures").join(name)
}

fn read(name: &str, options: ReadOptions) -> Result<Audio, SignalError> {
    read_file(&fixture(name), &options)
}

fn plain(name: &str) -> Audio {
    read(name, ReadOptions::default()).unwrap()
}

/// Largest cosine between `a` and `b` over delays of up to `reach` samples: what a lossy codec keeps.
fn alike(a: &[f32], b: &[f32], reach: usize) -> f64 {
    let cosine = |a: &[f32], b: &[f32]| {
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum::<f64>();
        let n = a.len().min(b.len());
        dot(a, b) / (dot(&a[..n], &a[..n]) * dot(&b[..n], &b[..n])).sqrt()
    };
    (0..reach).map(|delay| cosine(a, &b[delay.min(b.len() - 1)..])).fold(0.0, f64::max)
}

#[test]
fn lossless_formats_give_the_samples_of_the_wav() {
    let wav = plain("short.wav");
    assert_eq!((wav.samples.len(), wav.rate, wav.channels), (4000, 16_000, 1));
    assert!(wav.samples.iter().any(|x| x.abs() > 0.01), "the fixture is not silent");
    for name in ["short.flac", "short.aiff", "short.caf", "short.mka", "short-alac.m4a"] {
        let other = plain(name);
        assert_eq!(other.samples, wav.samples, "{name}");
        assert_eq!(other.rate, wav.rate, "{name}");
        assert!(other.warnings.is_empty(), "{name}: {:?}", other.warnings);
    }
}

#[test]
fn lossy_formats_give_nearly_the_sound_of_the_wav() {
    let wav = plain("short.wav");
    for (name, delay) in [("short.mp3", 1200), ("short.ogg", 1), ("short.m4a", 1100)] {
        let other = plain(name);
        assert_eq!(other.rate, 16_000, "{name}");
        let cosine = alike(&wav.samples, &other.samples, delay);
        assert!(cosine > 0.9, "{name}: cosine {cosine}, {} samples", other.samples.len());
    }
}

#[test]
fn channels_are_averaged_or_chosen() {
    let wav = plain("short.wav");
    let channel = |channel| read("stereo.wav", ReadOptions { channel, ..Default::default() });
    let (mix, left, right) =
        (plain("stereo.wav"), channel(Channel::Index(1)).unwrap(), channel(Channel::Index(2)).unwrap());
    assert_eq!(mix.channels, 2);
    assert_eq!(left.samples, wav.samples);
    for ((m, l), r) in mix.samples.iter().zip(&left.samples).zip(&right.samples) {
        assert!((m - (l + r) / 2.0).abs() < 1e-7);
        assert!((r + 0.5 * l).abs() < 1e-6);
    }
    let error = channel(Channel::Index(3)).unwrap_err().to_string();
    assert!(error.contains("channel: expected 1 to 2, got 3") && error.contains("stereo.wav"), "{error}");
}

#[test]
fn a_region_is_cut_to_the_sample() {
    let wav = plain("short.wav");
    let region = |start, end| read("short.wav", ReadOptions { start, end, ..Default::default() });
    let part = region(Some(0.05), Some(0.125)).unwrap();
    assert_eq!(part.samples, wav.samples[800..2000]);
    assert!((part.start - 0.05).abs() < 1e-12);
    assert_eq!(region(None, Some(9.0)).unwrap().samples.len(), 4000, "an end beyond the sound is its end");
    let outside = [(Some(1.0), None), (Some(0.1), Some(0.1)), (Some(-1.0), None), (Some(f64::NAN), None)];
    for (start, end) in outside {
        let error = region(start, end).unwrap_err();
        assert!(matches!(error, SignalError::EmptyRegion { .. }), "{start:?} {end:?}: {error}");
    }
}

#[test]
fn resampling_keeps_a_sine_and_its_length() {
    let rate = |rate| load(Demo::Speech, &ReadOptions { rate: Some(rate), ..Default::default() });
    let (half, double) = (rate(8000).unwrap(), rate(32_000).unwrap());
    let plain = load(Demo::Speech, &ReadOptions::default()).unwrap();
    assert_eq!((half.samples.len(), half.rate, half.source_rate), (plain.samples.len() / 2, 8000, 16_000));
    assert_eq!(double.samples.len(), 2 * plain.samples.len());
    // Without delay: every second sample of the doubled signal is the signal, but for the band edge.
    let every_second: Vec<f32> = double.samples.iter().copied().step_by(2).collect();
    assert!(alike(&plain.samples, &every_second, 1) > 0.999);
    for wrong in [0, 999, 768_001] {
        assert!(matches!(rate(wrong).unwrap_err(), SignalError::RateOutOfRange { got, .. } if got == wrong));
    }
}

#[test]
fn a_truncated_file_gives_what_was_decoded_and_says_so() {
    let wav = plain("short.wav");
    for name in ["truncated.wav", "truncated.flac"] {
        let part = plain(name);
        let n = part.samples.len();
        assert!((1000..9000).contains(&n), "{name}: {n}");
        let common = n.min(wav.samples.len());
        assert_eq!(part.samples[..common], wav.samples[..common], "{name}");
        assert!(
            part.warnings.iter().any(|w| w.contains("broke off") && w.contains(name)),
            "{:?}",
            part.warnings
        );
    }
}

#[test]
fn values_that_are_no_sound_become_zero_with_a_warning() {
    let audio = plain("not-finite.wav");
    assert_eq!(audio.samples[..5], [0.25, -0.5, 0.0, 0.125, 0.0]);
    assert!(audio.warnings[0].starts_with("2 samples were not finite"), "{:?}", audio.warnings);
}

#[test]
fn silence_opens_with_a_warning() {
    let audio = plain("zeros.wav");
    assert!(audio.is_silent());
    assert!(audio.warnings[0].contains("every sample is zero"), "{:?}", audio.warnings);
}

#[test]
fn what_cannot_be_opened_names_file_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    // A linear congruential generator's high bytes: no decoder should see a sound in a megabyte of them.
    let mut state = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(1_000_000)
    .collect();
    let cases = [
        place("noise.wav", &noise),
        place("empty.wav", b""),
        place("text.flac", b"this is not sound"),
        fixture("no-samples.wav"),
        folder.path().join("nowhere.wav"),
        folder.path().to_owned(),
    ];
    for path in cases {
        let error = read_file(&path, &ReadOptions::default()).unwrap_err().to_string();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(error.contains(&name), "{error} does not name {name}");
        assert!(error.len() > name.len() + 20, "{error} gives no reason");
    }
}

#[test]
fn the_built_in_signals_have_the_poster_s_lengths() {
    let length = |demo| {
        let audio = load(demo, &ReadOptions::default()).unwrap();
        assert!(audio.samples.iter().all(|x| x.abs() <= 1.0), "{} is within full scale", audio.name);
        assert_eq!(audio.name, demo.name());
        (audio.samples.len() / 512, audio.rate)
    };
    assert_eq!(length(Demo::Speech), (91, 16_000));
    assert_eq!(length(Demo::NoiseBurst), (437, 16_000));
    assert_eq!(length(Demo::Evolving), (218, 16_000));
    assert_eq!(length(Demo::Drums).1, 44_100);
    assert_eq!(length(Demo::Piano).1, 44_100);
}

#[test]
fn reading_tells_how_far_it_is_and_can_be_ended() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let shares = Arc::clone(&told);
    let reading = Reading::telling(move |share| shares.lock().unwrap().push(share));
    let path = fixture("short.wav");
    let audio = read_file_told(&path, &ReadOptions::default(), &reading).unwrap();
    assert_eq!(audio, read_file(&path, &ReadOptions::default()).unwrap());
    let told = std::mem::take(&mut *told.lock().unwrap());
    assert!(told.len() > 1 && told.is_sorted() && told.last().is_some_and(|share| *share <= 1.0), "{told:?}");
    reading.end();
    let ended = read_file_told(&path, &ReadOptions::default(), &reading).unwrap_err();
    assert!(matches!(ended, SignalError::Ended { .. }), "{ended}");
    assert!(ended.to_string().contains("short.wav"));
}
