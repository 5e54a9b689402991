//! Back to sound: what a model, or some of its components, sounds like.
//!
//! A model knows magnitudes only. With the sound that it was learned from, the whole model takes that sound's phases,
//! and components are cut out of it by a soft mask; a mask of the whole model would give the sound back and hide every
//! loss. Without that sound, phases are searched for by the Griffin-Lim algorithm.

use std::ops::ControlFlow;

use super::analysis::Analysis;
use super::run::memory;
use super::settings::draft::SpecDraft;
use super::settings::error::SpecError;
use crate::codec::Header;
use crate::numeric::{AnyModel, Magnitudes, Named};
use crate::signal::{Audio, Channel, GriffinLim, Parts, ReadOptions, SignalError, Stft, Window, phase};

/// What of a model is to be heard.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum What {
    Model,
    /// These components, counted from 0.
    Components(Vec<usize>),
}

/// Where phases come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Phase {
    /// From the sound that the model was learned from.
    Mixture,
    GriffinLim(GriffinLim),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Reconstruction {
    pub what: What,
    pub phase: Phase,
    /// The exponent p of the soft mask, see [`Parts::mask`].
    pub exponent: f64,
    /// As loud as the original, where that is there, and never so loud that integers could not hold it.
    pub level_match: bool,
}

impl Reconstruction {
    /// The exponent of Wiener's filter.
    pub const EXPONENT: f64 = 2.0;
    /// The search where nothing else is asked for: from here on most magnitudes come little closer.
    pub const GRIFFIN_LIM: GriffinLim = GriffinLim { iterations: 100, seed: 0 };

    /// The whole model with the phases of its sound, as it is.
    pub const MODEL: Self =
        Self { what: What::Model, phase: Phase::Mixture, exponent: Self::EXPONENT, level_match: false };

    /// How its phases came about, for the listener.
    pub fn phase_name(&self) -> String {
        match (&self.phase, &self.what) {
            (Phase::Mixture, What::Model) => "mixture".to_owned(),
            (Phase::Mixture, What::Components(_)) => {
                format!("mixture, soft mask with exponent {}", self.exponent)
            }
            (Phase::GriffinLim(GriffinLim { iterations, seed }), _) => {
                format!("Griffin-Lim, {iterations} iterations, seed {seed}")
            }
        }
    }

    /// How often `observe` gets the progress before the end.
    pub const fn steps(&self) -> usize {
        match self.phase {
            Phase::Mixture => 1,
            Phase::GriffinLim(search) => search.iterations,
        }
    }
}

/// What magnitudes are frames of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrameOrigin {
    pub stft: Stft,
    pub rate: u32,
    pub samples: usize,
    /// The magnitude that the model calls 1.
    pub max: f64,
    /// P of the V^P that it explains.
    pub power: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReconstructedSound {
    pub samples: Vec<f32>,
    pub rate: u32,
    pub phase: String,
    /// What the samples were multiplied by to match the level; 1 where that was not asked for.
    pub gain: f64,
    /// Signal-to-noise ratio in dB against the original, sample by sample and before the gain; none without it.
    pub snr_db: Option<f64>,
    /// How far the magnitudes are from the model's after a search, in dB; none without one.
    pub convergence_db: Option<f64>,
    /// What is not quite as one might think, a sentence each.
    pub warnings: Vec<String>,
}

/// A model that cannot be heard as asked.
#[derive(Debug, thiserror::Error)]
pub enum ReconstructError {
    #[error("the stream has no {name} ({field}), which sound needs")]
    Missing { field: &'static str, name: &'static str },
    #[error("win: expected {}, got {got}", Window::names())]
    Window { got: String },
    #[error("the stream's analysis cannot be: {0}")]
    Analysis(#[from] SpecError),
    #[error(
        "fft, hop and n stand for {bins} bins x {frames} frames, and the model has {got_bins} x {got_frames}"
    )]
    Shape { bins: usize, frames: usize, got_bins: usize, got_frames: usize },
    #[error("the mixture's phase needs the sound that was analysed: attach it, or use griffin-lim")]
    NoAudio,
    #[error("V came ready, so that nothing is known of its sound")]
    NoSound,
    #[error("the attached sound has another rate: expected {expected} Hz, got {got} Hz: {name}")]
    Rate { expected: u32, got: u32, name: String },
    #[error("the attached sound has another length: expected {expected} samples, got {got}: {name}")]
    Length { expected: usize, got: usize, name: String },
    #[error("component: expected 1 to {components}, got {got}")]
    Component { components: usize, got: usize },
    #[error("component: expected at least one of 1 to {components}, got none")]
    NoComponent { components: usize },
    #[error("mask-exponent: expected a number above 0 and up to 100, got {got}")]
    Exponent { got: f64 },
    #[error("it would take about {need} MiB, and {have} MiB are free: use a model of a shorter region")]
    TooLarge { need: u64, have: u64 },
    #[error("the model is too loud for samples: its factors or max in the stream are out of any range")]
    NotFinite,
    #[error(transparent)]
    Signal(#[from] SignalError),
}

impl FrameOrigin {
    /// What a stream's header says.
    pub fn of_header(header: &Header) -> Result<Self, ReconstructError> {
        fn given<T>(
            value: Option<T>,
            field: &'static str,
            name: &'static str,
        ) -> Result<T, ReconstructError> {
            value.ok_or(ReconstructError::Missing { field, name })
        }
        let size = |x: u64| usize::try_from(x).unwrap_or(usize::MAX);
        let fft = size(given(header.fft, "fft", "the FFT size")?.into());
        let hop = size(given(header.hop, "hop", "the hop")?.into());
        let rate = given(header.sample_rate.filter(|rate| *rate > 0), "sr", "the sample rate")?;
        let samples = size(given(header.samples, "n", "the number of samples")?);
        let max = given(header.max, "max", "the magnitude that V was divided by")?;
        let name = header.window.as_deref().unwrap_or(Header::WINDOW);
        let window = Window::parse(name).ok_or_else(|| ReconstructError::Window { got: name.to_owned() })?;
        let draft = SpecDraft { fft: fft.into(), hop: hop.into(), window, ..SpecDraft::default() };
        let stft = draft.framing()?.at(rate)?;
        Ok(Self { stft, rate, samples, max, power: header.power_or_one() })
    }

    /// What is known of an analysed sound, for a model of V^P with P = `power`.
    pub fn of_analysis(analysis: &Analysis, power: f64) -> Result<Self, ReconstructError> {
        let audio = analysis.audio.as_ref().ok_or(ReconstructError::NoSound)?;
        let (samples, max) = (audio.samples.len(), analysis.spectrogram_f32().max);
        Ok(Self { stft: analysis.stft, rate: audio.rate, samples, max, power })
    }
}

/// How a sound is read that is put beside a stream: the channel, the region and the rate of the stream.
pub fn read_options(header: &Header) -> ReadOptions {
    let channel = header.channel.as_deref().and_then(|channel| channel.parse().ok());
    ReadOptions {
        channel: channel.map_or(Channel::Mix, Channel::Index),
        rate: header.sample_rate,
        start: header.start,
        end: header.end,
    }
}

/// A warning about a sound that is attached to a stream.
pub fn attached(header: &Header, audio: &Audio) -> Result<Vec<String>, ReconstructError> {
    let Some(sha256) = &header.sha256 else {
        return Ok(vec![format!("the stream does not say whether {} is its sound", audio.name)]);
    };
    if *sha256 == audio.sha256() {
        return Ok(Vec::new());
    }
    if let Some(expected) = header.sample_rate.filter(|rate| *rate != audio.source_rate) {
        let (got, name) = (audio.source_rate, audio.name.clone());
        return Err(ReconstructError::Rate { expected, got, name });
    }
    let name = &audio.name;
    Ok(vec![format!("{name} is not the sound that the stream was learned from (another SHA-256)")])
}

/// Makes sound of a model. `observe` gets how many of [`Reconstruction::steps`] are done and ends the work by its
/// answer; then there is no sound. Products and transforms run on the current pool; their number of threads changes
/// no bit.
pub fn reconstruct(
    model: &AnyModel,
    origin: &FrameOrigin,
    audio: Option<&Audio>,
    wanted: &Reconstruction,
    observe: &mut (dyn FnMut(usize) -> ControlFlow<()> + Send),
) -> Result<Option<ReconstructedSound>, ReconstructError> {
    check(model, origin, audio, wanted)?;
    let factors = model.to_f64();
    let FrameOrigin { stft, rate, samples, max, power } = *origin;
    let mut convergence_db = None;
    if observe(0).is_break() {
        return Ok(None);
    }
    let found = match (&wanted.phase, &wanted.what) {
        (Phase::Mixture, what) => {
            let audio = audio.ok_or(ReconstructError::NoAudio)?;
            match what {
                What::Model => {
                    let mut spectrum = stft.transform(&audio.name, &audio.samples)?;
                    phase::impose(&mut spectrum, &Magnitudes::of(&factors, power), max);
                    stft.inverse_steady(&spectrum, samples)
                }
                What::Components(chosen) => {
                    Parts::of(&factors, power).apart(&stft, audio, chosen, wanted.exponent)?
                }
            }
        }
        (Phase::GriffinLim(search), what) => {
            let vhat = match what {
                What::Model => Magnitudes::of(&factors, power),
                What::Components(chosen) => Magnitudes::of(&factors.only(&distinct(chosen)), power),
            };
            let magnitudes = vhat.reconstruct() * max;
            let Ok(found) = search.search(&stft, &magnitudes, samples, observe) else { return Ok(None) };
            convergence_db = found.convergence.last().map(|ratio| 20.0 * ratio.log10());
            found.samples
        }
    };
    if observe(wanted.steps()).is_break() {
        return Ok(None);
    }
    if found.iter().any(|x| !x.is_finite()) {
        return Err(ReconstructError::NotFinite);
    }
    let snr_db = audio.map(|audio| snr_db(&audio.samples, &found));
    let mut sound = ReconstructedSound {
        samples: found,
        rate,
        phase: wanted.phase_name(),
        gain: 1.0,
        snr_db,
        convergence_db,
        warnings: warnings(model, wanted),
    };
    if wanted.level_match {
        match_level(&mut sound, audio);
    }
    Ok(Some(sound))
}

/// Refuses what cannot be before any work is done.
fn check(
    model: &AnyModel,
    origin: &FrameOrigin,
    audio: Option<&Audio>,
    wanted: &Reconstruction,
) -> Result<(), ReconstructError> {
    let shape = model.shape();
    let (bins, frames) = (origin.stft.bins(), origin.stft.frames(origin.samples));
    if (bins, frames) != (shape.bins, shape.frames) {
        let (got_bins, got_frames) = (shape.bins, shape.frames);
        return Err(ReconstructError::Shape { bins, frames, got_bins, got_frames });
    }
    if let Some(audio) = audio {
        let name = || audio.name.clone();
        if audio.rate != origin.rate {
            return Err(ReconstructError::Rate { expected: origin.rate, got: audio.rate, name: name() });
        }
        let got = audio.samples.len();
        if got != origin.samples {
            return Err(ReconstructError::Length { expected: origin.samples, got, name: name() });
        }
    } else if wanted.phase == Phase::Mixture {
        return Err(ReconstructError::NoAudio);
    }
    if let What::Components(chosen) = &wanted.what {
        let components = shape.components;
        if chosen.is_empty() {
            return Err(ReconstructError::NoComponent { components });
        }
        if let Some(got) = chosen.iter().find(|r| **r >= components) {
            return Err(ReconstructError::Component { components, got: got.saturating_add(1) });
        }
        if !(wanted.exponent > 0.0 && wanted.exponent <= 100.0) {
            return Err(ReconstructError::Exponent { got: wanted.exponent });
        }
    }
    // The complex spectrogram; a search has two of them beside the magnitudes.
    let cell = if wanted.phase == Phase::Mixture { 16 } else { 40 };
    let [cells, samples] = [bins as u64 * frames as u64, origin.samples as u64];
    let (need, have) = (cells.saturating_mul(cell).saturating_add(16 * samples), memory::available());
    if need > have {
        return Err(ReconstructError::TooLarge { need: need >> 20, have: have >> 20 });
    }
    Ok(())
}

/// Each once, in order.
fn distinct(chosen: &[usize]) -> Vec<usize> {
    let mut chosen = chosen.to_vec();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

fn warnings(model: &AnyModel, wanted: &Reconstruction) -> Vec<String> {
    match &wanted.what {
        What::Components(chosen)
            if wanted.phase == Phase::Mixture && distinct(chosen).len() == model.shape().components =>
        {
            vec![
                "a mask of all components gives back the sound itself: it says nothing of the model"
                    .to_owned(),
            ]
        }
        _ => Vec::new(),
    }
}

/// 10 log10 of the energy of `x` over that of its difference from `y`; infinite where they are equal.
pub fn snr_db(x: &[f32], y: &[f32]) -> f64 {
    let energy = |x: f64| x * x;
    let signal: f64 = x.iter().map(|x| energy(f64::from(*x))).sum();
    let noise: f64 = x.iter().zip(y).map(|(x, y)| energy(f64::from(*x) - f64::from(*y))).sum();
    10.0 * (signal / noise).log10()
}

/// How loud samples are, by which levels are matched: their root mean square.
pub fn loudness(samples: &[f32]) -> f64 {
    let energy: f64 = samples.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
    (energy / samples.len().max(1) as f64).sqrt()
}

/// The gain that makes what is `now` loud as loud as `wanted`; 1 where either is silent.
pub fn gain(wanted: f64, now: f64) -> f64 {
    let gain = wanted / now;
    if gain.is_finite() && gain > 0.0 { gain } else { 1.0 }
}

fn match_level(sound: &mut ReconstructedSound, audio: Option<&Audio>) {
    let equal = audio.map_or(1.0, |audio| gain(loudness(&audio.samples), loudness(&sound.samples)));
    let peak = sound.samples.iter().fold(0.0, |peak: f64, x| peak.max(f64::from(x.abs())));
    sound.gain = if equal * peak > 1.0 { 1.0 / peak } else { equal };
    if sound.gain < equal && audio.is_some() {
        let less = 20.0 * (equal / sound.gain).log10();
        sound.warnings.push(format!("as loud as the original it would clip: it is {less:.1} dB quieter"));
    }
    #[allow(clippy::cast_possible_truncation)] // samples are of single precision
    let gain = sound.gain as f32;
    sound.samples.iter_mut().for_each(|x| *x = (*x * gain).clamp(-1.0, 1.0));
}
