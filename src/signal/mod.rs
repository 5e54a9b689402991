//! Sound: decoding, spectrograms and the built-in signals.
//!
//! The only room that uses `symphonia` (decode), `rubato` (resample) and `realfft` (stft, synthetic).
//! May use `numeric`. Knows nothing of gzip, jobs or the window.

pub mod audio;
pub mod decode;
pub mod demo;
mod resample;
pub mod spectrogram;
pub mod stft;
pub mod synthetic;

pub use audio::{Audio, SignalError, sha256, short_hash};
pub use decode::{Channel, ReadOptions, read_bytes, read_file};
pub use demo::{Demo, DemoSettings, load};
pub use spectrogram::{Axes, Spectrogram};
pub use stft::{Stft, Window};
