//! Sound: what is read, what is heard, spectrograms.

#![allow(clippy::unwrap_used)] // a test fails by panicking

#[path = "../common/mod.rs"]
mod common;
mod decode;
mod sound;
mod spectrogram;
