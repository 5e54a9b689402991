//! How far the reading of a sound is: reported by its reader, shown and ended by the one who waits for it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// What both share.
pub struct Reading {
    /// In thousandths.
    share: AtomicU32,
    ended: AtomicBool,
    begun: Instant,
    report: Box<dyn Fn(f32) + Send + Sync>,
    memory: u64,
}

/// Somebody ended the reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended;

impl Default for Reading {
    fn default() -> Self {
        Self::reporting(|_| {})
    }
}

impl fmt::Debug for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reading({}, ended {})", self.share(), self.is_ended())
    }
}

impl Reading {
    /// A reading that calls `report` with the share that is done, 0 to 1, whenever that has become another thousandth.
    pub fn reporting(report: impl Fn(f32) + Send + Sync + 'static) -> Self {
        Self {
            share: AtomicU32::new(0),
            ended: AtomicBool::new(false),
            begun: Instant::now(),
            report: Box::new(report),
            memory: u64::MAX,
        }
    }

    /// A reading that takes at most so many bytes for samples.
    #[must_use]
    pub fn within(self, memory: u64) -> Self {
        Self { memory, ..self }
    }

    pub(super) const fn memory(&self) -> u64 {
        self.memory
    }

    /// The share that is decoded, 0 to 1; 0 as well where a file does not give its length.
    pub fn share(&self) -> f32 {
        f32::from(u16::try_from(self.share.load(Ordering::Relaxed)).unwrap_or(1000)) / 1000.0
    }

    pub fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Ends it after the packet in progress.
    pub fn end(&self) {
        self.ended.store(true, Ordering::Relaxed);
    }

    pub fn is_ended(&self) -> bool {
        self.ended.load(Ordering::Relaxed)
    }

    /// Reports the share that is done.
    pub(super) fn advance(&self, share: f64) -> Result<(), Ended> {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most a thousand
        let now = (1000.0 * share.clamp(0.0, 1.0)) as u32;
        if self.share.swap(now, Ordering::Relaxed) != now {
            (self.report)(self.share());
        }
        if self.is_ended() { Err(Ended) } else { Ok(()) }
    }
}
