//! An input as it is analysed: the sound and its spectrogram in the precisions that runs ask for.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rayon::ThreadPool;

use super::spec::{InputSpec, Source};
use crate::signal::{self, Audio, Axes, SignalError, Spectrogram, Stft};

/// A decoded sound with its spectrogram V; both lanes share one, so both start from bit-identical V.
#[derive(Debug)]
pub struct Analysis {
    /// Where the sound came from and what of it was read.
    pub input: InputSpec,
    /// The samples.
    pub audio: Arc<Audio>,
    /// How V was made.
    pub stft: Stft,
    /// SHA-256 of the analysed samples, as little-endian f32.
    pub sha256: String,
    single: Arc<Spectrogram<f32>>,
    /// Made when the first run in double precision asks: most never do, and it costs 8 M N bytes.
    double: OnceLock<Arc<Spectrogram<f64>>>,
}

impl Analysis {
    /// Reads the input and analyses it, the frames shared out over `pool`.
    ///
    /// # Errors
    /// Whatever reading or the analysis refuses, named with the file and the reason.
    pub fn read(input: &InputSpec, stft: &Stft, pool: &ThreadPool) -> Result<Self, SignalError> {
        let audio = match &input.source {
            Source::Demo(demo) => signal::load(*demo, &input.read)?,
            Source::File(path) => signal::read_file(path, &input.read)?,
        };
        Self::of(input.clone(), Arc::new(audio), stft, pool)
    }

    /// Analyses a sound that was read before, the frames shared out over `pool`.
    ///
    /// # Errors
    /// Too short for one frame, or an FFT size or hop that cannot be.
    pub fn of(
        input: InputSpec,
        audio: Arc<Audio>,
        stft: &Stft,
        pool: &ThreadPool,
    ) -> Result<Self, SignalError> {
        let single = Arc::new(pool.install(|| Spectrogram::of(&audio, stft))?);
        let sha256 = audio.sha256();
        Ok(Self { input, audio, stft: *stft, sha256, single, double: OnceLock::new() })
    }

    /// V in single precision, which is also the one that is shown.
    #[must_use]
    pub fn spectrogram_f32(&self) -> &Arc<Spectrogram<f32>> {
        &self.single
    }

    /// V in double precision.
    ///
    /// # Panics
    /// Never: the same sound has been analysed with the same settings before.
    #[must_use]
    #[allow(clippy::expect_used)] // the single-precision twin exists, so this analysis is valid
    pub fn spectrogram_f64(&self) -> &Arc<Spectrogram<f64>> {
        self.double.get_or_init(|| {
            Arc::new(Spectrogram::of(&self.audio, &self.stft).expect("analysed before in single precision"))
        })
    }

    /// Time and frequency of frames and bins.
    #[must_use]
    pub fn axes(&self) -> Axes {
        self.single.axes()
    }

    /// M.
    #[must_use]
    pub fn bins(&self) -> usize {
        self.single.bins()
    }

    /// N.
    #[must_use]
    pub fn frames(&self) -> usize {
        self.single.frames()
    }

    /// Bytes of the analysed sound as 16-bit PCM: what the `audio` ratio divides.
    #[must_use]
    pub fn pcm16_bytes(&self) -> usize {
        2 * self.audio.samples.len()
    }

    /// The file's path, where the input is a file.
    #[must_use]
    pub fn path(&self) -> Option<&PathBuf> {
        match &self.input.source {
            Source::File(path) => Some(path),
            Source::Demo(_) => None,
        }
    }
}
