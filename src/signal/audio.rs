//! A decoded sound: one channel of samples with where they came from.

use std::io;
use std::path::PathBuf;

use sha2::{Digest, Sha256};

/// One channel of sound as it is analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct Audio {
    /// Samples, nominally within -1..1, all finite.
    pub samples: Vec<f32>,
    /// Samples a second, after resampling.
    pub rate: u32,
    pub name: String,
    /// Samples a second in the file.
    pub source_rate: u32,
    /// Channels in the file; their mean was taken unless one was chosen.
    pub channels: usize,
    /// Where in the file the first sample stands, in seconds.
    pub start: f64,
    /// What was not quite as it should be, a sentence each.
    pub warnings: Vec<String>,
}

impl Audio {
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// SHA-256 of the samples as little-endian f32, in hex: names the analysed sound wherever it came from.
    pub fn sha256(&self) -> String {
        sha256(&self.samples)
    }

    pub fn is_silent(&self) -> bool {
        self.samples.iter().all(|x| *x == 0.0)
    }
}

/// SHA-256 of numbers as little-endian f32, in hex.
pub fn sha256(numbers: &[f32]) -> String {
    let mut hash = Sha256::new();
    for chunk in numbers.chunks(4096) {
        hash.update(chunk.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The first 16 hex digits of the SHA-256 of numbers as little-endian f64.
pub fn short_hash(numbers: impl Iterator<Item = f64>) -> String {
    let mut hash = Sha256::new();
    numbers.for_each(|x| hash.update(x.to_le_bytes()));
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A sound that could not be read or analysed.
#[derive(Debug, thiserror::Error)]
pub enum SignalError {
    #[error("could not read the file ({source}): {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("the reading was ended: {name}")]
    Ended { name: String },
    #[error(
        "could not find a sound that can be decoded ({reason}): expected wav, flac, mp3, ogg/vorbis, m4a, aiff, caf or mkv: {name}"
    )]
    Unsupported { name: String, reason: String },
    #[error("the sound holds no samples{}: {name}", hint.as_deref().unwrap_or(""))]
    Empty { name: String, hint: Option<String> },
    #[error("channel: expected 1 to {channels}, got {got}: {name}")]
    NoSuchChannel { name: String, channels: usize, got: usize },
    #[error("start and end: expected a region{}, got {} to {}: {name}", within(*.seconds), time(*.start, "the beginning"), time(*.end, "the end"))]
    EmptyRegion { name: String, seconds: Option<f64>, start: Option<f64>, end: Option<f64> },
    #[error(
        "its samples need more memory than is free ({mib} MiB for {seconds:.1} s): take a part with --start and --end: {name}"
    )]
    TooLarge { name: String, seconds: f64, mib: u64 },
    #[error("rate: expected {min} to {max} Hz, got {got}: {name}")]
    RateOutOfRange { name: String, min: u32, max: u32, got: u32 },
    #[error("too short to analyse: expected at least one hop of {hop} samples, got {samples}: {name}")]
    TooShort { name: String, hop: usize, samples: usize },
}

fn within(seconds: Option<f64>) -> String {
    seconds.map_or_else(
        || " that begins before it ends".to_owned(),
        |seconds| format!(" within 0 to {seconds:.3} s"),
    )
}

fn time(seconds: Option<f64>, otherwise: &str) -> String {
    seconds.map_or_else(|| otherwise.to_owned(), |seconds| format!("{seconds} s"))
}
