//! An input as it is analysed: the sound and its spectrogram in the precisions that runs ask for.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use nalgebra::DMatrix;
use rayon::ThreadPool;

use super::files::{self, FileError};
use super::run::memory::{self, TooLarge};
use super::settings::error::SpecError;
use super::settings::framing::Framing;
use super::settings::input::{InputSpec, Source};
use super::task::lock;
use crate::codec::{self, CodecError};
use crate::numeric::{Real, magnitudes};
use crate::signal::{self, Audio, Axes, ReadOptions, Reading, SignalError, Spectrogram, Stft};

/// An input that cannot be analysed.
#[derive(Debug, thiserror::Error)]
pub enum AnalysisError {
    #[error(transparent)]
    Signal(#[from] SignalError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error("{source}: {name}")]
    Memory { source: TooLarge, name: String },
    #[error("{source}: {name}")]
    Frames { source: SpecError, name: String },
    #[error("not a spectrogram ({source}): {}", path.display())]
    Spectrum { path: PathBuf, source: CodecError },
}

/// A decoded sound with its spectrogram V; both columns share one, so both start from bit-identical V.
#[derive(Debug)]
pub struct Analysis {
    /// Where the sound came from and what of it was read.
    pub input: InputSpec,
    /// `demo:NAME`, or the file's name without its folder.
    pub name: String,
    /// The samples; none where V came ready.
    pub audio: Option<Arc<Audio>>,
    /// How V was made, or where its bins and frames lie.
    pub stft: Stft,
    /// SHA-256 of the analysed samples, or of V frame by frame where it came ready, as little-endian f32.
    pub sha256: String,
    /// What was not quite as it should be, a sentence each.
    pub warnings: Vec<String>,
    /// Whether the rate and the hop of a V that came ready were given.
    declared: (bool, bool),
    single: Arc<Spectrogram<f32>>,
    /// Made when the first run in double precision asks: most never do, and it costs 8 M N bytes.
    double: OnceLock<Arc<Spectrogram<f64>>>,
    /// V^P as long as runs hold it, by P.
    compressed_single: Compressed<f32>,
    compressed_double: Compressed<f64>,
}

/// Matrices V^P that somebody holds, each with its P.
#[derive(Debug)]
struct Compressed<F>(Mutex<Vec<(f64, Weak<DMatrix<F>>)>>);

impl<F: Real> Compressed<F> {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    /// V^P, shared by all that ask for this P at one time; V itself for P = 1.
    fn of(&self, v: &Arc<DMatrix<F>>, power: f64) -> Arc<DMatrix<F>> {
        if power == 1.0 {
            return Arc::clone(v);
        }
        let mut known = lock(&self.0);
        let found = known.iter().find(|(p, _)| *p == power).and_then(|(_, y)| y.upgrade());
        found.unwrap_or_else(|| {
            let y = Arc::new(magnitudes::compressed(v, power));
            known.retain(|(_, y)| y.strong_count() > 0);
            known.push((power, Arc::downgrade(&y)));
            y
        })
    }
}

/// Whether a file has arrays in the place of a sound, by its content or by its name.
fn is_ready(path: &Path) -> bool {
    let named = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("npz"));
    // Opening a pipe waits for its writer.
    let plain = || std::fs::metadata(path).is_ok_and(|found| found.is_file());
    named || plain() && File::open(path).is_ok_and(codec::holds_arrays)
}

impl Analysis {
    /// Reads the input and analyses it, the frames shared out over `pool`.
    pub fn read(
        input: &InputSpec,
        framing: impl Into<Framing>,
        pool: &ThreadPool,
    ) -> Result<Self, AnalysisError> {
        Self::read_reporting(input, framing, pool, &Reading::default().within(memory::for_samples()))
    }

    /// The same, telling how far it is.
    pub fn read_reporting(
        input: &InputSpec,
        framing: impl Into<Framing>,
        pool: &ThreadPool,
        reading: &Reading,
    ) -> Result<Self, AnalysisError> {
        let audio = match &input.source {
            Source::Demo(demo) => signal::load(*demo, &input.read)?,
            Source::File(path) if is_ready(path) => return Self::ready(input, path),
            Source::File(path) => signal::read_file_reporting(path, &input.read, reading)?,
        };
        if reading.is_ended() {
            return Err(SignalError::Ended { name: input.source.name() }.into());
        }
        Self::of(input.clone(), Arc::new(audio), framing, pool)
    }

    /// A spectrogram that came ready, from an NPZ archive with `V` and maybe `sr` and `hop`.
    fn ready(input: &InputSpec, path: &Path) -> Result<Self, AnalysisError> {
        let bytes = files::read(path)?;
        let spectrum = codec::read_spectrum(&bytes, &memory::limits())
            .map_err(|source| AnalysisError::Spectrum { path: path.to_owned(), source })?;
        let mut warnings = Vec::new();
        if input.read != ReadOptions::default() {
            warnings.push("V came ready: channel, rate and region do not apply to it".to_owned());
        }
        if spectrum.rate.is_none() {
            warnings.push("the archive has no sr: bins stand for Hz and frames for seconds".to_owned());
        }
        let declared = (spectrum.rate.is_some(), spectrum.hop.is_some());
        let double = Spectrogram::ready(spectrum.v, spectrum.rate, spectrum.hop);
        let single = Spectrogram {
            v: Arc::new(double.v.map(f32::from_f64)),
            max: double.max,
            rate: double.rate,
            fft: double.fft,
            hop: double.hop,
            samples: 0,
            window: double.window,
        };
        let stft = Stft { fft: double.fft, hop: double.hop, window: double.window };
        Ok(Self {
            input: input.clone(),
            name: input.source.name(),
            audio: None,
            stft,
            sha256: signal::sha256(single.v.as_slice()),
            warnings,
            declared,
            single: Arc::new(single),
            double: OnceLock::from(Arc::new(double)),
            compressed_single: Compressed::new(),
            compressed_double: Compressed::new(),
        })
    }

    /// Analyses a sound that was read before, the frames shared out over `pool`.
    pub fn of(
        input: InputSpec,
        audio: Arc<Audio>,
        framing: impl Into<Framing>,
        pool: &ThreadPool,
    ) -> Result<Self, AnalysisError> {
        let stft = framing.into().at(audio.rate);
        let stft = stft.map_err(|source| AnalysisError::Frames { source, name: audio.name.clone() })?;
        memory::check_v(stft.bins(), stft.frames(audio.samples.len()))
            .map_err(|source| AnalysisError::Memory { source, name: audio.name.clone() })?;
        let single = Arc::new(pool.install(|| Spectrogram::of(&audio, &stft))?);
        let (sha256, name, warnings) = (audio.sha256(), audio.name.clone(), audio.warnings.clone());
        let declared = (true, true);
        let (audio, double) = (Some(audio), OnceLock::new());
        let (compressed_single, compressed_double) = (Compressed::new(), Compressed::new());
        Ok(Self {
            input,
            name,
            audio,
            stft,
            sha256,
            warnings,
            declared,
            single,
            double,
            compressed_single,
            compressed_double,
        })
    }

    /// V in single precision, which is also the one that is shown.
    pub fn spectrogram_f32(&self) -> &Arc<Spectrogram<f32>> {
        &self.single
    }

    /// The same, and nothing else of it.
    pub fn into_spectrogram_f32(self) -> Spectrogram<f32> {
        Arc::unwrap_or_clone(self.single)
    }

    /// V in double precision.
    #[allow(clippy::expect_used)] // the single-precision twin exists, so this analysis is valid
    pub fn spectrogram_f64(&self) -> &Arc<Spectrogram<f64>> {
        if let Some(double) = self.double.get() {
            return double;
        }
        // Made before the cell is asked: a worker that waited for another inside it would keep from it the very share
        // of the work that it waits for. Two that come at once both make it, and one is kept.
        let audio = self.audio.as_ref().expect("a V that came ready came in double precision");
        let double =
            Arc::new(Spectrogram::of(audio, &self.stft).expect("analysed before in single precision"));
        self.double.get_or_init(|| double)
    }

    /// V^P in single precision (M x N, maximum 1): what a run with P = `power` factorises.
    pub fn factorised_f32(&self, power: f64) -> Arc<DMatrix<f32>> {
        self.compressed_single.of(&self.single.v, power)
    }

    /// The same in double precision.
    pub fn factorised_f64(&self, power: f64) -> Arc<DMatrix<f64>> {
        self.compressed_double.of(&self.spectrogram_f64().v, power)
    }

    pub fn rate(&self) -> Option<u32> {
        self.declared.0.then_some(self.single.rate)
    }

    pub fn hop(&self) -> Option<usize> {
        self.declared.1.then_some(self.stft.hop)
    }

    pub fn is_silent(&self) -> bool {
        self.single.max <= 0.0
    }

    pub fn axes(&self) -> Axes {
        self.single.axes()
    }

    pub fn bins(&self) -> usize {
        self.single.bins()
    }

    pub fn frames(&self) -> usize {
        self.single.frames()
    }

    /// Bytes of the analysed sound as 16-bit PCM: what the `audio` ratio divides.
    pub fn pcm16_bytes(&self) -> Option<usize> {
        self.audio.as_ref().map(|audio| 2 * audio.samples.len())
    }

    /// The file's path, where the input is a file.
    pub fn path(&self) -> Option<&PathBuf> {
        match &self.input.source {
            Source::File(path) => Some(path),
            Source::Demo(_) => None,
        }
    }
}
