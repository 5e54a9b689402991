//! Frames, axes, windows and the way back to sound.

use snmf_workbench::signal::{Audio, Demo, ReadOptions, SignalError, Spectrogram, Stft, Window, load};

fn sound(samples: Vec<f32>, rate: u32) -> Audio {
    Audio {
        samples,
        rate,
        name: "test".to_owned(),
        source_rate: rate,
        channels: 1,
        start: 0.0,
        warnings: Vec::new(),
    }
}

fn sine(hz: f64, rate: u32, seconds: f64) -> Audio {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let length = (seconds * f64::from(rate)) as usize;
    #[allow(clippy::cast_possible_truncation)]
    let sample = |i: usize| (std::f64::consts::TAU * hz * i as f64 / f64::from(rate)).sin() as f32;
    sound((0..length).map(sample).collect(), rate)
}

#[test]
fn frames_match_a_transform_written_out() {
    let audio = load(Demo::Speech, &ReadOptions { end: Some(0.2), ..Default::default() }).unwrap();
    for (fft, hop, window) in [
        (64, 32, Window::Hann),
        (50, 13, Window::Hamming),
        (33, 33, Window::Blackman),
        (16, 1, Window::Rectangular),
    ] {
        let stft = Stft { fft, hop, window };
        let spectrogram = Spectrogram::<f64>::of(&audio, &stft).unwrap();
        assert_eq!((spectrogram.bins(), spectrogram.frames()), (fft / 2 + 1, audio.samples.len() / hop));
        let values = window.values(fft);
        for n in [0, 3, spectrogram.frames() - 1] {
            for m in [0, 1, fft / 3, fft / 2] {
                let (mut re, mut im) = (0.0, 0.0);
                for (i, value) in values.iter().enumerate() {
                    let x = audio.samples.get(n * hop + i).copied().unwrap_or(0.0);
                    let angle = std::f64::consts::TAU * (m * i) as f64 / fft as f64;
                    re += f64::from(x) * value * angle.cos();
                    im -= f64::from(x) * value * angle.sin();
                }
                let (expected, got) = (re.hypot(im), spectrogram.v[(m, n)] * spectrogram.max);
                assert!((expected - got).abs() < 1e-9, "{fft} {hop} {window:?} ({m}, {n}): {expected} {got}");
            }
        }
    }
}

#[test]
fn the_largest_element_is_one_and_both_precisions_agree() {
    let audio = load(Demo::Drums, &ReadOptions::default()).unwrap();
    let stft = Stft { fft: 1024, hop: 512, window: Window::Hann };
    let (single, double) =
        (Spectrogram::<f32>::of(&audio, &stft).unwrap(), Spectrogram::<f64>::of(&audio, &stft).unwrap());
    assert!((single.v.max() - 1.0).abs() < f32::EPSILON && (double.v.max() - 1.0).abs() < f64::EPSILON);
    let worst =
        single.v.iter().zip(double.v.iter()).map(|(a, b)| (f64::from(*a) - b).abs()).fold(0.0, f64::max);
    assert!(worst < 2e-7, "{worst}");
}

#[test]
fn a_sine_reads_back_within_half_a_bin_at_every_rate() {
    for rate in [8000, 16_000, 22_050, 44_100, 48_000] {
        let stft = Stft { fft: 1024, hop: 512, window: Window::Hann };
        let hz = 1234.5;
        let spectrogram = Spectrogram::<f32>::of(&sine(hz, rate, 0.5), &stft).unwrap();
        let axes = spectrogram.axes();
        let peak = spectrogram.v.column(2).imax();
        assert!((axes.bin_at(hz) - peak as f64).abs() <= 0.5, "{rate}: bin {peak}");
        assert!((axes.frequency_of(axes.bin_at(hz)) - hz).abs() < 1e-9);
    }
}

#[test]
fn a_frame_s_time_is_its_centre() {
    let axes = Spectrogram::<f32>::of(
        &sine(440.0, 16_000, 0.5),
        &Stft { fft: 1024, hop: 512, window: Window::Hann },
    )
    .unwrap()
    .axes();
    assert!((axes.time_of(0.0) - 0.032).abs() < 1e-12);
    assert!((axes.time_of(10.0) - (10.0 * 512.0 + 512.0) / 16_000.0).abs() < 1e-12);
    assert!((axes.frame_at(axes.time_of(7.25)) - 7.25).abs() < 1e-9);
    // A click in the middle of frame 6 is loudest there.
    let mut samples = vec![0.0; 8192];
    samples[6 * 512 + 512] = 1.0;
    let spectrogram =
        Spectrogram::<f32>::of(&sound(samples, 16_000), &Stft { fft: 1024, hop: 512, window: Window::Hann })
            .unwrap();
    assert_eq!(spectrogram.v.row(100).transpose().imax(), 6);
}

#[test]
fn the_inverse_gives_the_sound_back_where_the_window_allows() {
    let audio = load(Demo::Speech, &ReadOptions::default()).unwrap();
    for (fft, hop, window, edge) in [
        (1024, 512, Window::Hann, 1),
        (512, 128, Window::Hamming, 0),
        (1000, 250, Window::Blackman, 1),
        (255, 85, Window::Hann, 1),
        (64, 64, Window::Rectangular, 0),
    ] {
        let stft = Stft { fft, hop, window };
        let spectrum = stft.transform(&audio.name, &audio.samples).unwrap();
        let covered = (spectrum.ncols() - 1) * hop + fft;
        let back = stft.inverse(&spectrum, audio.samples.len());
        assert_eq!(back.len(), audio.samples.len());
        let worst = audio.samples[edge..]
            .iter()
            .zip(&back[edge..])
            .take(covered - fft / 2)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f32::max);
        assert!(worst < 1e-6, "{fft} {hop} {window:?}: {worst}");
    }
}

#[test]
fn silence_is_finite_and_less_than_a_hop_is_refused() {
    let stft = Stft { fft: 1024, hop: 512, window: Window::Hann };
    let silent = Spectrogram::<f32>::of(&sound(vec![0.0; 4096], 16_000), &stft).unwrap();
    assert!(silent.v.iter().all(|x| *x == 0.0) && silent.max == 0.0);
    for length in [1, 511] {
        let error = Spectrogram::<f32>::of(&sound(vec![0.5; length], 16_000), &stft).unwrap_err();
        assert!(
            matches!(error, SignalError::TooShort { samples, hop: 512, .. } if samples == length),
            "{error}"
        );
    }
    assert_eq!(Spectrogram::<f32>::of(&sound(vec![0.5; 512], 16_000), &stft).unwrap().frames(), 1);
}

#[test]
fn windows_are_periodic() {
    for window in [Window::Hann, Window::Hamming, Window::Blackman] {
        let values = window.values(8);
        assert!((values[4] - 1.0).abs() < 1e-12, "{window:?} peaks in the middle");
        assert!(
            (1..8).all(|i| (values[i] - values[8 - i]).abs() < 1e-12),
            "{window:?} is symmetric around it"
        );
    }
    let hann = Window::Hann.values(16);
    assert!(
        (0..8).all(|i| (hann[i] + hann[i + 8] - 1.0).abs() < 1e-12),
        "Hann adds up to one at half a frame"
    );
}
