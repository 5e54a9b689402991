//! A clock that takes samples as a sound card would, and makes no sound: for tests, and where there is no server.

use std::time::{Duration, Instant};

use super::output::{AHEAD, Output, OutputError, Player};

/// Plays nothing, in time.
pub struct SilentClock;

impl Player for SilentClock {
    fn name(&self) -> &'static str {
        "silent"
    }

    fn open(&mut self, rate: u32) -> Result<Box<dyn Output>, OutputError> {
        Ok(Box::new(Ticking { rate: f64::from(rate), begun: None, written: 0, heard: 0 }))
    }
}

struct Ticking {
    rate: f64,
    /// Since the first sample came.
    begun: Option<Instant>,
    written: u64,
    heard: u64,
}

impl Ticking {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // samples since the begin
    fn passed(&self) -> u64 {
        self.begun.map_or(0, |begun| (begun.elapsed().as_secs_f64() * self.rate) as u64)
    }
}

impl Output for Ticking {
    fn wanted(&mut self, patience: Duration) -> Result<usize, OutputError> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a fraction of a second
        let ahead = (AHEAD * self.rate) as u64;
        let room = |clock: &Self| (clock.heard_until() + ahead).saturating_sub(clock.written);
        if room(self) == 0 {
            std::thread::sleep(patience);
        }
        Ok(usize::try_from(room(self)).unwrap_or(0))
    }

    fn write(&mut self, samples: &[f32]) -> Result<(), OutputError> {
        self.begun.get_or_insert_with(Instant::now);
        self.written += samples.len() as u64;
        Ok(())
    }

    fn heard(&mut self) -> u64 {
        self.heard = self.heard_until();
        self.heard
    }
}

impl Ticking {
    fn heard_until(&self) -> u64 {
        self.passed().min(self.written).max(self.heard)
    }
}
