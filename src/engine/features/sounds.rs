//! The sounds of the comparison: halves to learn from, and mixtures and a sequence of the other halves.

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::ThreadPool;

use super::error::FeaturesError;
use crate::engine::analysis::Analysis;
use crate::engine::run::memory;
use crate::engine::settings::framing::Framing;
use crate::engine::settings::input::{InputSpec, Source};
use crate::signal::{self, Audio, ReadOptions, Reading, Spectrogram, Stft};

/// Length of the windows in which a source is to be recognised, in seconds.
pub const WINDOW_SECONDS: f64 = 0.4;

/// Everything that all methods work on.
pub struct Material {
    /// Samples a second of all of it: the lowest rate among the sounds.
    pub rate: u32,
    /// Its frames.
    pub stft: Stft,
    /// The sounds, in the order in which they were named.
    pub sounds: Vec<SourceSound>,
    /// A mixture of the second halves of each two of them.
    pub mixtures: Vec<Mixture>,
    /// The second halves of all one after the other.
    pub sequence: SourceSequence,
    /// What was not quite as it should be, a sentence each.
    pub warnings: Vec<String>,
}

pub struct SourceSound {
    pub name: String,
    /// Its first half, which its bases are learned from.
    pub learned: Arc<Analysis>,
    rest: Vec<f32>,
}

/// Two sources at once, equally loud.
pub struct Mixture {
    pub of: [usize; 2],
    /// The sources as they are in the mixture: the second halves from their begin, as long as the shorter of them, each
    /// divided by its root mean square.
    pub parts: [Vec<f32>; 2],
    pub audio: Audio,
    /// Its V, M x N.
    pub v: Arc<DMatrix<f32>>,
}

/// The second halves one after the other, equally loud.
pub struct SourceSequence {
    /// Its V, M x N.
    pub v: Arc<DMatrix<f32>>,
    /// Frames in which one source alone sounds, and which: the windows that are to be recognised.
    pub windows: Vec<(Range<usize>, usize)>,
}

impl Material {
    /// Reads the sounds, all at the lowest of their rates, and mixes them. A basis is to span `lags` frames.
    pub fn read(
        sources: &[Source],
        framing: Framing,
        lags: usize,
        pool: &ThreadPool,
    ) -> Result<Self, FeaturesError> {
        if sources.len() < 2 {
            return Err(FeaturesError::TooFew { got: sources.len() });
        }
        let whole = |source: &Source| load(source, &ReadOptions::default());
        let whole: Vec<Audio> = sources.iter().map(whole).collect::<Result<_, _>>()?;
        for (i, second) in whole.iter().enumerate() {
            if let Some(first) = whole[..i].iter().find(|first| first.samples == second.samples) {
                let [first, second] = [first, second].map(|audio| audio.name.clone());
                return Err(FeaturesError::Same { first, second });
            }
        }
        let rate = whole.iter().map(|audio| audio.rate).min().unwrap_or_default();
        let stft = &framing.at(rate)?;
        let halved = sources
            .iter()
            .zip(&whole)
            .map(|(source, whole)| SourceSound::read(source, whole, rate, stft, lags, pool));
        let sounds: Vec<SourceSound> = halved.collect::<Result<_, _>>()?;
        let pairs = (0..sounds.len()).flat_map(|b| (0..b).map(move |a| [a, b]));
        let mixtures = pairs.map(|of| Mixture::new(of, &sounds, rate, stft)).collect::<Result<_, _>>()?;
        let sequence = SourceSequence::new(&sounds, rate, stft)?;
        let warnings = whole.into_iter().flat_map(|audio| audio.warnings).collect();
        Ok(Self { rate, stft: *stft, sounds, mixtures, sequence, warnings })
    }
}

fn load(source: &Source, options: &ReadOptions) -> Result<Audio, FeaturesError> {
    match source {
        Source::Demo(demo) => Ok(signal::load(*demo, options)?),
        Source::File(path) if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz")) => {
            Err(FeaturesError::NoSamples { name: path.display().to_string() })
        }
        Source::File(path) => {
            let reading = Reading::default().within(memory::for_samples());
            Ok(signal::read_file_reporting(path, options, &reading)?)
        }
    }
}

impl SourceSound {
    fn read(
        source: &Source,
        whole: &Audio,
        rate: u32,
        stft: &Stft,
        lags: usize,
        pool: &ThreadPool,
    ) -> Result<Self, FeaturesError> {
        let (name, seconds) = (source.to_string(), whole.seconds());
        let silent = |part: &str| FeaturesError::Silent { part: part.to_owned(), name: name.clone() };
        if whole.is_silent() {
            return Err(silent("the sound"));
        }
        let half = seconds / 2.0;
        let resampled = (whole.rate != rate).then_some(rate);
        let first = ReadOptions { rate: resampled, end: Some(half), ..ReadOptions::default() };
        let second = ReadOptions { rate: resampled, start: Some(half), ..ReadOptions::default() };
        let [first_half, second_half] = [load(source, &first)?, load(source, &second)?];
        if [&first_half, &second_half].into_iter().any(|half| stft.frames(half.samples.len()) < lags) {
            let least = 2.0 * (lags * stft.hop) as f64 / f64::from(rate);
            return Err(FeaturesError::TooShort { lags, least, seconds, name });
        }
        for (half, part) in [(&first_half, "the first half"), (&second_half, "the second half")] {
            if half.is_silent() {
                return Err(silent(part));
            }
        }
        let input = InputSpec { source: source.clone(), read: first };
        let learned = Analysis::of(input, Arc::new(first_half), *stft, pool)?;
        Ok(Self { name: source.name(), learned: Arc::new(learned), rest: second_half.samples })
    }
}

/// These samples with a root mean square of 1; none where all are zero.
#[allow(clippy::cast_possible_truncation)] // samples are in single precision
fn as_loud_as_all(samples: &[f32]) -> Option<Vec<f32>> {
    let energy: f64 = samples.iter().map(|x| f64::from(*x).powi(2)).sum();
    let rms = (energy / samples.len() as f64).sqrt();
    (rms > 0.0).then(|| samples.iter().map(|x| (f64::from(*x) / rms) as f32).collect())
}

/// A sound that was computed.
fn computed(name: String, samples: Vec<f32>, rate: u32) -> Audio {
    Audio { samples, rate, name, source_rate: rate, channels: 1, start: 0.0, warnings: Vec::new() }
}

impl Mixture {
    fn new(of: [usize; 2], sounds: &[SourceSound], rate: u32, stft: &Stft) -> Result<Self, FeaturesError> {
        let [a, b] = of.map(|i| &sounds[i]);
        let length = a.rest.len().min(b.rest.len());
        let part = |sound: &SourceSound| {
            as_loud_as_all(&sound.rest[..length]).ok_or_else(|| {
                let seconds = length as f64 / f64::from(rate);
                let part = format!("the first {seconds:.2} s of the second half, which are mixed,");
                FeaturesError::Silent { part, name: sound.name.clone() }
            })
        };
        let parts = [part(a)?, part(b)?];
        let samples = parts[0].iter().zip(&parts[1]).map(|(a, b)| a + b).collect();
        let audio = computed(format!("{} + {}", a.name, b.name), samples, rate);
        let v = Spectrogram::of(&audio, stft)?.v;
        Ok(Self { of, parts, audio, v })
    }
}

impl SourceSequence {
    fn new(sounds: &[SourceSound], rate: u32, stft: &Stft) -> Result<Self, FeaturesError> {
        let Stft { fft, hop, .. } = *stft;
        let mut samples = Vec::new();
        let mut windows = Vec::new();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // far below 2^52, and positive
        let window = ((WINDOW_SECONDS * f64::from(rate) / hop as f64).round() as usize).max(1);
        for (source, sound) in sounds.iter().enumerate() {
            // A whole number of hops, so that the frames of the next one begin with it.
            let frames = sound.rest.len() / hop;
            let first = samples.len() / hop;
            let part = as_loud_as_all(&sound.rest[..frames * hop]);
            samples.extend(part.unwrap_or_else(|| vec![0.0; frames * hop]));
            // The last frames reach into the next sound.
            let alone = ((frames * hop).saturating_sub(fft) / hop + 1).min(frames);
            let length = window.min(alone);
            windows
                .extend((0..alone / length).map(|i| (first + i * length..first + (i + 1) * length, source)));
        }
        let v = Spectrogram::of(&computed("sequence".to_owned(), samples, rate), stft)?.v;
        // Nobody can be recognised where nothing sounds.
        windows.retain(|(frames, _)| v.columns(frames.start, frames.len()).iter().any(|x| *x > 0.0));
        Ok(Self { v, windows })
    }
}
