//! Sound: decoding, spectrograms and the built-in signals.
//!
//! The only room that uses `symphonia` (decode), `rubato` (resample), `realfft` (stft, synthetic) and `hound` (wav).
//! Knows nothing of gzip, jobs or the window.

pub mod audio;
pub mod decode;
pub mod demo;
pub mod griffin_lim;
pub mod mask;
pub mod phase;
pub mod pipe;
pub mod reading;
mod resample;
pub mod spectrogram;
pub mod stft;
pub mod synthetic;
pub mod wav;

pub use audio::{Audio, SignalError, sha256, short_hash};
pub use decode::{Channel, ReadOptions, promised_length, read_bytes, read_file, read_file_reporting};
pub use demo::{Demo, DemoSettings, load};
pub use griffin_lim::GriffinLim;
pub use mask::Parts;
pub use reading::Reading;
pub use spectrogram::{Axes, Spectrogram};
pub use stft::{Stft, Window};
pub use wav::WavFormat;
