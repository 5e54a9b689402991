//! Samples as a WAV file: the only place that uses `hound`.

use std::io::Cursor;

use hound::{SampleFormat, WavSpec, WavWriter};
use strum::{IntoStaticStr, VariantArray};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum WavFormat {
    #[default]
    F32,
    Pcm16,
    Pcm24,
}

impl WavFormat {
    const fn bits(self) -> u16 {
        match self {
            Self::F32 => 32,
            Self::Pcm16 => 16,
            Self::Pcm24 => 24,
        }
    }

    /// How many of these samples it cannot hold: integers end at 1 and -1.
    pub fn clipped(self, samples: &[f32]) -> usize {
        match self {
            Self::F32 => 0,
            Self::Pcm16 | Self::Pcm24 => samples.iter().filter(|x| x.abs() > 1.0).count(),
        }
    }
}

/// The bytes of a WAV file of one channel. Integers are the nearest ones, without dither; what is beyond 1 and -1 is
/// cut off there, which [`WavFormat::clipped`] counts.
///
/// # Errors
/// More samples than such a file can hold (4 GiB).
pub fn write(samples: &[f32], rate: u32, format: WavFormat) -> Result<Vec<u8>, String> {
    let bytes = samples.len() as u64 * u64::from(format.bits() / 8);
    if bytes > u64::from(u32::MAX - 1024) {
        return Err(format!("a WAV file holds at most 4 GiB, and the samples take {} MiB", bytes >> 20));
    }
    let sample_format = if format == WavFormat::F32 { SampleFormat::Float } else { SampleFormat::Int };
    let spec = WavSpec { channels: 1, sample_rate: rate, bits_per_sample: format.bits(), sample_format };
    let mut file = Cursor::new(Vec::new());
    fill(&mut file, spec, samples).map_err(|e| e.to_string())?;
    Ok(file.into_inner())
}

fn fill(file: &mut Cursor<Vec<u8>>, spec: WavSpec, samples: &[f32]) -> Result<(), hound::Error> {
    let mut writer = WavWriter::new(file, spec)?;
    match spec.sample_format {
        SampleFormat::Float => samples.iter().try_for_each(|x| writer.write_sample(*x))?,
        SampleFormat::Int => {
            let full = f64::from(1u32 << (spec.bits_per_sample - 1));
            // The cast is of a whole number within the range.
            #[allow(clippy::cast_possible_truncation)]
            let integer = |x: f32| (f64::from(x) * full).round().clamp(-full, full - 1.0) as i32;
            samples.iter().try_for_each(|x| writer.write_sample(integer(*x)))?;
        }
    }
    writer.finalize()
}
