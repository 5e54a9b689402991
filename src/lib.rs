//! Convolutive and Storable NMF of audio spectrograms: the library behind the `snmf` workbench.
//!
//! Layers: each room may use the rooms behind its arrow, and no others. Within a room no two files use each other in
//! a circle. `tests/documents/tidy.rs` reads this list and holds the code to it.
//!
//! ```text
//! numeric  ->
//! signal   -> numeric
//! codec    -> numeric signal
//! engine   -> numeric signal codec
//! figure   -> numeric signal codec engine
//! export   -> numeric signal codec engine figure
//! playback ->
//! cli      -> numeric signal codec engine figure export
//! ui       -> numeric signal codec engine figure export playback
//! ```

pub mod cli;
pub mod codec;
pub mod engine;
pub mod export;
pub mod figure;
pub mod playback;
pub mod signal;
pub mod ui;

/// A crate of its own, which the compiler optimises as one unit.
pub use snmf_numeric as numeric;
