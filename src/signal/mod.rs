//! Sound: decoding, spectrograms and the built-in signals.
//!
//! The only room that uses `symphonia` (decode), `rubato` (resample) and `realfft` (stft).
//! Knows nothing of gzip, jobs or the window.
