//! The built-in signals, the same by name in window and command line.

use strum::{IntoStaticStr, VariantArray};

use super::audio::{Audio, SignalError};
use super::decode::{Channel, ReadOptions, read_bytes};
use super::synthetic;
use crate::numeric::Named;

/// A signal that comes with the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case", prefix = "demo:")]
pub enum Demo {
    /// 2.9 s of speech, the stand-in for the poster's TIMIT sentence.
    Speech,
    Drums,
    Piano,
    NoiseBurst,
    Evolving,
}

/// Settings with which a built-in signal shows what there is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemoSettings {
    pub components: usize,
    pub lags: usize,
    pub iterations: usize,
}

impl Demo {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Speech => "Speech",
            Self::Drums => "Drums",
            Self::Piano => "Piano",
            Self::NoiseBurst => "Noise bursts",
            Self::Evolving => "Evolving spectra",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::Speech => "2.9 s of read speech at 16 kHz, public domain",
            Self::Drums => "1.9 s drum loop at 44.1 kHz, CC0",
            Self::Piano => "2.8 s of piano at 44.1 kHz, CC0",
            Self::NoiseBurst => {
                "Reconstruction of the poster's two band-limited noise bursts, 14 s at 16 kHz"
            }
            Self::Evolving => "Reconstruction of the poster's two evolving auditory objects, 7 s at 16 kHz",
        }
    }

    /// Settings that suit it: the poster's for its two synthetic sets, the general defaults for speech,
    /// and for music as many components as the ear finds instruments, with lags that span a stroke.
    #[must_use]
    pub const fn settings(self) -> DemoSettings {
        let (components, lags, iterations) = match self {
            Self::Speech => (10, 8, 200),
            Self::Drums => (4, 16, 200),
            Self::Piano => (6, 8, 200),
            Self::NoiseBurst => (2, 1, 100),
            Self::Evolving => (2, 32, 100),
        };
        DemoSettings { components, lags, iterations }
    }
}

pub fn load(demo: Demo, options: &ReadOptions) -> Result<Audio, SignalError> {
    let name = demo.name();
    match demo {
        Demo::Speech => read_bytes(name, include_bytes!("../../assets/audio/speech.wav"), options),
        Demo::Drums => read_bytes(name, include_bytes!("../../assets/audio/loop_breakbeat.flac"), options),
        Demo::Piano => read_bytes(name, include_bytes!("../../assets/audio/ambi_piano.flac"), options),
        Demo::NoiseBurst => of_samples(name, synthetic::noise_burst(), options),
        Demo::Evolving => of_samples(name, synthetic::evolving(), options),
    }
}

fn of_samples(name: &str, samples: Vec<f32>, options: &ReadOptions) -> Result<Audio, SignalError> {
    if let Channel::Index(got) = options.channel
        && got != 1
    {
        return Err(SignalError::NoSuchChannel { name: name.to_owned(), channels: 1, got });
    }
    super::decode::finish(name, samples, synthetic::RATE, options, u64::MAX)
}
