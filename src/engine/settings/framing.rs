//! How a sound is cut into frames, in samples or in milliseconds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::error::SpecError;
use crate::signal::{Stft, Window};

/// The most samples in a frame.
pub const MOST_SAMPLES: usize = 65_536;

/// The most milliseconds in a frame.
const MOST_MILLISECONDS: usize = 1_000;

const MILLISECONDS: &str = "ms";

/// The length of a frame or of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Span {
    Samples(usize),
    /// As many samples as that takes at the rate of the sound.
    Milliseconds(usize),
}

impl Span {
    /// Its number and the unit of it.
    pub const fn parts(self) -> (usize, &'static str) {
        match self {
            Self::Samples(number) => (number, "samples"),
            Self::Milliseconds(number) => (number, MILLISECONDS),
        }
    }

    /// Another number of the same unit.
    #[must_use]
    pub const fn with(self, number: usize) -> Self {
        match self {
            Self::Samples(_) => Self::Samples(number),
            Self::Milliseconds(_) => Self::Milliseconds(number),
        }
    }

    /// The smallest number of its unit, where so many samples are needed.
    pub const fn least(self, samples: usize) -> usize {
        match self {
            Self::Samples(_) => samples,
            Self::Milliseconds(_) => 1,
        }
    }

    /// The largest number of its unit.
    pub const fn most(self) -> usize {
        match self {
            Self::Samples(_) => MOST_SAMPLES,
            Self::Milliseconds(_) => MOST_MILLISECONDS,
        }
    }

    /// The nearest multiple of `of` samples at this rate, as it is where it is in samples.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at most a second of samples
    fn samples(self, rate: u32, of: usize) -> usize {
        match self {
            Self::Samples(samples) => samples,
            Self::Milliseconds(ms) => {
                of * (ms as f64 * f64::from(rate) / (1000 * of) as f64).round().max(1.0) as usize
            }
        }
    }
}

impl From<usize> for Span {
    fn from(samples: usize) -> Self {
        Self::Samples(samples)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Samples(number) => write!(f, "{number}"),
            Self::Milliseconds(number) => write!(f, "{number}{MILLISECONDS}"),
        }
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit): (_, fn(usize) -> Self) = match text.strip_suffix(MILLISECONDS) {
            Some(number) => (number.trim_end(), Self::Milliseconds),
            None => (text, Self::Samples),
        };
        number
            .parse()
            .map(unit)
            .map_err(|_| "expected samples such as 1024, or milliseconds such as 30ms".to_owned())
    }
}

/// As it is serialised: a number of samples, or the text of milliseconds.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(usize),
    Text(String),
}

impl From<Span> for Written {
    fn from(span: Span) -> Self {
        match span {
            Span::Samples(samples) => Self::Number(samples),
            Span::Milliseconds(_) => Self::Text(span.to_string()),
        }
    }
}

impl TryFrom<Written> for Span {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Number(samples) => Ok(Self::Samples(samples)),
            Written::Text(text) => text.parse(),
        }
    }
}

/// How sounds of any rate are cut into frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Framing {
    pub fft: Span,
    pub hop: Span,
    pub window: Window,
}

impl Framing {
    /// The frames of a sound of this rate.
    ///
    /// # Errors
    /// A frame of more samples than there may be, or a hop beyond it.
    pub fn at(self, rate: u32) -> Result<Stft, SpecError> {
        // An even number, so that the last bin stands at half of the rate.
        let (fft, hop) = (self.fft.samples(rate, 2), self.hop.samples(rate, 1));
        if fft > MOST_SAMPLES {
            return Err(SpecError::OutOfRange { name: "fft", min: 16, max: MOST_SAMPLES, got: fft });
        }
        if hop > fft {
            return Err(SpecError::HopBeyondFft { fft, got: hop });
        }
        Ok(Stft { fft, hop, window: self.window })
    }
}

impl From<Stft> for Framing {
    fn from(Stft { fft, hop, window }: Stft) -> Self {
        Self { fft: fft.into(), hop: hop.into(), window }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_as_it_is_written() {
        for (span, text, json) in
            [(Span::Samples(1024), "1024", "1024"), (Span::Milliseconds(30), "30ms", "\"30ms\"")]
        {
            assert_eq!((span.to_string().as_str(), text.parse()), (text, Ok(span)));
            assert_eq!(serde_json::to_string(&span).unwrap(), json);
            assert_eq!(serde_json::from_str::<Span>(json).unwrap(), span);
        }
        assert_eq!("10 ms".parse(), Ok(Span::Milliseconds(10)));
        assert!("ms".parse::<Span>().is_err() && "30s".parse::<Span>().is_err());
    }

    #[test]
    fn milliseconds_follow_the_rate_and_samples_do_not() {
        let window = Window::default();
        let sound = Framing { fft: Span::Milliseconds(30), hop: Span::Milliseconds(10), window };
        for (rate, fft, hop) in [(8_000, 240, 80), (16_000, 480, 160), (44_100, 1324, 441), (10, 2, 1)] {
            assert_eq!(sound.at(rate), Ok(Stft { fft, hop, window }));
        }
        let mixed = Framing { hop: 512.into(), ..sound };
        assert_eq!(mixed.at(16_000), Err(SpecError::HopBeyondFft { fft: 480, got: 512 }));
        assert_eq!(mixed.at(44_100), Ok(Stft { fft: 1324, hop: 512, window }));
        assert!(sound.at(48_000_000).is_err());
    }
}
