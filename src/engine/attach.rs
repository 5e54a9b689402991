//! A sound that is put under a factor stream: analysed as the stream says that its own was.

use rayon::ThreadPool;

use super::analysis::{Analysis, AnalysisError};
use super::reconstruct::read_options;
use super::settings::input::{InputSpec, Source};
use crate::codec::{Header, Stored};
use crate::numeric::Named;
use crate::signal::{ReadOptions, Stft, Window};

/// A sound that does not go with a stream.
#[derive(Debug, thiserror::Error)]
pub enum AttachError {
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    #[error(
        "{name} has {} bins x {} frames and the stream {} x {}: they cannot be compared; expected the sound that it was \
         learned from",
        got.0, got.1, expected.0, expected.1
    )]
    Shape { name: String, expected: (usize, usize), got: (usize, usize) },
}

/// Channel, rate and region, and frames, hop and window, as far as a stream gives them.
pub fn settings(header: &Header) -> (ReadOptions, Stft) {
    let size = |x: Option<u32>| x.and_then(|x| usize::try_from(x).ok()).filter(|x| *x > 0);
    let usual = Stft::default();
    let stft = Stft {
        fft: size(header.fft).unwrap_or(usual.fft),
        hop: size(header.hop).unwrap_or(usual.hop),
        window: Window::parse(header.window.as_deref().unwrap_or(Header::WINDOW)).unwrap_or_default(),
    };
    (read_options(header), stft)
}

/// Reads a sound for a stream.
pub fn read(source: Source, stored: &Stored, pool: &ThreadPool) -> Result<Analysis, AttachError> {
    let (read, stft) = settings(&stored.header);
    let ready = matches!(&source, Source::File(path) if path.extension().is_some_and(|e| e == "npz"));
    let read = if ready { ReadOptions::default() } else { read };
    let analysis = Analysis::read(&InputSpec { source, read }, stft, pool)?;
    fits(&analysis, stored)?;
    Ok(analysis)
}

/// Whether a model is of the shape of an input.
pub fn fits(analysis: &Analysis, stored: &Stored) -> Result<(), AttachError> {
    let shape = stored.model.shape();
    let (expected, got) = ((shape.bins, shape.frames), (analysis.bins(), analysis.frames()));
    if expected == got {
        return Ok(());
    }
    Err(AttachError::Shape { name: analysis.name.clone(), expected, got })
}
