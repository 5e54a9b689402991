//! Convolutive and Storable NMF of audio spectrograms: the library behind the `snmf` workbench.
//!
//! Layers, each of which may use only those to its left:
//!
//! ```text
//! numeric <- signal <- codec <- engine <- { figure, playback, cli, ui } <- main
//! ```

pub mod cli;
pub mod codec;
pub mod engine;
pub mod figure;
pub mod numeric;
pub mod playback;
pub mod signal;
pub mod ui;
