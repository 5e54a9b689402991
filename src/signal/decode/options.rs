//! What of a sound is read.

use crate::signal::audio::SignalError;

/// Rates that are taken for meant: from telephone-band experiments to the fastest converters.
pub(super) const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    #[default]
    Mix,
    /// One channel, counted from 1.
    Index(usize),
}

/// What of a sound is read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadOptions {
    pub channel: Channel,
    /// Resample to this rate in Hz.
    pub rate: Option<u32>,
    /// Begin at this time in seconds.
    pub start: Option<f64>,
    /// End at this time in seconds.
    pub end: Option<f64>,
}

pub(super) fn rate_out_of_range(place: &str, got: u32) -> SignalError {
    SignalError::RateOutOfRange { name: place.to_owned(), min: *RATES.start(), max: *RATES.end(), got }
}
