//! What samples go to, whatever the system.

use std::time::Duration;

/// How far ahead of the ear samples are written, in seconds: what a switch waits before it is heard, and what a busy
/// machine may be late.
pub const AHEAD: f64 = 0.08;

/// Something that plays, such as a sound server.
pub trait Player: Send {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Begins to play one channel at `rate` Hz.
    ///
    /// # Errors
    /// There is no such thing at present, or it refuses.
    fn open(&mut self, rate: u32) -> Result<Box<dyn Output>, OutputError>;
}

/// A stream of samples to the ear; dropping it ends it.
pub trait Output {
    /// How many samples it takes at once now; waits up to `patience` for the first.
    ///
    /// # Errors
    /// It is gone.
    fn wanted(&mut self, patience: Duration) -> Result<usize, OutputError>;

    /// Takes these samples, at most as many as it wanted.
    ///
    /// # Errors
    /// It is gone.
    fn write(&mut self, samples: &[f32]) -> Result<(), OutputError>;

    /// How many of the samples written have been heard; never fewer than before.
    fn heard(&mut self) -> u64;
}

/// Why there is no sound.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputError {
    /// Nothing says where a server is.
    #[error("no sound server: neither PULSE_SERVER nor XDG_RUNTIME_DIR says where it is")]
    NoPlace,
    /// The server is not on this machine.
    #[error("the sound server is not on this machine, which is not supported: {place}")]
    Remote {
        /// What the environment says.
        place: String,
    },
    /// Nobody answers.
    #[error("no sound server ({reason}): {place}")]
    Absent {
        /// What the system says.
        reason: String,
        /// Where it was looked for.
        place: String,
    },
    /// It answers, and does not play.
    #[error("the sound server refuses to play: {reason}")]
    Refused {
        /// What it says.
        reason: String,
    },
    /// It played until now.
    #[error("the sound server has gone: {reason}")]
    Gone {
        /// What the system says.
        reason: String,
    },
    /// It is there, and does nothing.
    #[error("the sound server does not answer")]
    Silent,
}
