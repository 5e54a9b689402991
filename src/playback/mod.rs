//! Sound to the ear: what plays, what it plays through, and where it is.
//!
//! The only room that uses `pulseaudio` (Linux) and `cpal` (elsewhere). Uses no other room: it is handed samples. Knows
//! nothing of models, files or the window. No call waits for a sound server.

#[cfg(not(target_os = "linux"))]
mod device;
mod marks;
mod mixer;
mod output;
#[cfg(target_os = "linux")]
mod pulse;
mod silent;
mod transport;

#[cfg(not(target_os = "linux"))]
pub use device::Device;
pub use mixer::{Choice, Mixer, Program, Track};
pub use output::{Output, OutputError, Player};
#[cfg(target_os = "linux")]
pub use pulse::PulseAudio;
pub use silent::SilentClock;
pub use transport::{Transport, TransportState};

/// The sound of this system.
pub fn system() -> Box<dyn Player> {
    #[cfg(target_os = "linux")]
    return Box::new(PulseAudio::from_environment());
    #[cfg(not(target_os = "linux"))]
    return Box::new(Device);
}
