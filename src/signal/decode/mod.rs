//! Files of sound into one channel of samples: the only place that uses `symphonia`.
//!
//! `kind` finds what a file is. WAV, AIFF, CAF, MP3, ADTS and Ogg are taken apart here, for their headers lie a little
//! more often than not; MP4, Matroska and FLAC by `symphonia`, which decodes all that is compressed. Frames go into a
//! `sink`, which mixes, limits and counts.

mod adpcm;
mod adts;
mod aiff;
mod boxes;
mod caf;
mod chunks;
mod demuxed;
mod edits;
mod flac;
mod guard;
mod kind;
mod matroska;
mod mp3;
mod mp4;
mod ogg;
mod options;
mod packets;
mod pcm;
mod riff;
mod sink;
mod source;
mod tags;

use std::io::Cursor;
use std::path::Path;

use super::audio::{Audio, SignalError};
use super::reading::Reading;
use super::{pipe, resample};
use kind::SoundFormat;
use options::{RATES, rate_out_of_range};
use sink::{DecodeStop, Sink};
use source::{ByteSource, Bytes};

pub use options::{Channel, ReadOptions};

/// Louder than any sound that is meant: a float file of such values would overflow single precision.
const BEYOND_SOUND: f32 = 1e30;

/// Bytes of a second of sound at least, of what is more than silence.
const FEWEST_BYTES_A_SECOND: f64 = 500.0;

pub fn read_file(path: &Path, options: &ReadOptions) -> Result<Audio, SignalError> {
    read_file_reporting(path, options, &Reading::default())
}

/// The same, telling how far it is.
pub fn read_file_reporting(
    path: &Path,
    options: &ReadOptions,
    reading: &Reading,
) -> Result<Audio, SignalError> {
    let failed = |source| SignalError::Read { path: path.to_owned(), source };
    let mut file = pipe::open(path).map_err(failed)?;
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let bytes: Box<dyn Bytes> = if file.metadata().map_err(failed)?.is_file() {
        Box::new(file)
    } else {
        // A pipe cannot be read twice, so that what comes is held.
        let most = pipe::MOST_OF_A_PIPE.min(reading.memory());
        Box::new(Cursor::new(pipe::bounded(&mut file, most).map_err(failed)?))
    };
    decode(&name, &path.display().to_string(), bytes, options, reading)
}

/// Reads a sound that is in memory; `name` stands in results and messages.
pub fn read_bytes(
    name: &str,
    bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    options: &ReadOptions,
) -> Result<Audio, SignalError> {
    decode(name, name, Box::new(Cursor::new(bytes)), options, &Reading::default())
}

/// The length in seconds and the rate in Hz that a sound file promises, and no length that its bytes cannot hold; none
/// where it promises nothing. Only its beginning is decoded.
pub fn promised_length(path: &Path) -> Option<(f64, u32)> {
    let file = pipe::open(path).ok()?;
    let there = file.metadata().ok().filter(std::fs::Metadata::is_file)?;
    let reading = Reading::default();
    let mut sink = Sink::new("", Channel::Mix, Some(0.0), reading.memory(), &reading);
    // It ends with the first frames, or where it is no sound: what counts is what it has promised until then.
    let _ = guard::guard(|| read_into(Box::new(file), &mut sink));
    let rate = sink.shape?.rate;
    let seconds = sink.promised? as f64 / f64::from(rate);
    Some((seconds.min(there.len() as f64 / FEWEST_BYTES_A_SECOND), rate))
}

fn decode(
    name: &str,
    place: &str,
    bytes: Box<dyn Bytes>,
    options: &ReadOptions,
    reading: &Reading,
) -> Result<Audio, SignalError> {
    check_region(options, place)?;
    let mut sink = Sink::new(place, options.channel, options.end, reading.memory(), reading);
    let unsupported = |reason| SignalError::Unsupported { name: place.to_owned(), reason };
    match guard::guard(|| read_into(bytes, &mut sink)) {
        Ok(Ok(()) | Err(DecodeStop::Enough)) => {}
        Ok(Err(DecodeStop::Failed(e))) => return Err(e),
        Ok(Err(DecodeStop::Refused(reason))) if sink.samples.is_empty() => return Err(unsupported(reason)),
        Ok(Err(DecodeStop::Refused(reason))) => sink.broken_off = Some(reason),
        Err(panic) if sink.samples.is_empty() => {
            return Err(unsupported(format!("its reader failed: {panic}")));
        }
        Err(panic) => sink.broken_off = Some(panic),
    }
    let Some(shape) = sink.shape.filter(|_| !sink.samples.is_empty()) else {
        let hint = sink.broken_off.or(sink.hint).map(|why| format!(" ({why})"));
        return Err(SignalError::Empty { name: place.to_owned(), hint });
    };
    let mut warnings: Vec<String> = sink
        .warnings
        .iter()
        .cloned()
        .chain(sink.gaps_warning())
        .map(|text| format!("{text}: {place}"))
        .collect();
    if let Some(why) = &sink.broken_off {
        let seconds = sink.seconds();
        warnings.push(format!(
            "the file broke off after {seconds:.3} s ({why}); what was decoded is used: {place}"
        ));
    }
    let cancels = sink.sounded && options.channel == Channel::Mix;
    let mut audio = finish(place, sink.samples, shape.rate, options, reading.memory())?;
    if cancels && audio.is_silent() {
        audio.warnings.pop();
        audio
            .warnings
            .push(format!("the channels cancel one another: choose one, as --channel 1 does: {place}"));
    }
    warnings.append(&mut audio.warnings);
    Ok(Audio { name: name.to_owned(), channels: shape.channels, warnings, ..audio })
}

fn read_into(bytes: Box<dyn Bytes>, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut source = ByteSource::new(bytes)?;
    let kind = match kind::of(&mut source)? {
        Ok(kind) => kind,
        Err(instead) => return sink::refuse(instead),
    };
    match kind {
        SoundFormat::Riff => riff::read(&mut source, sink),
        SoundFormat::Aiff => aiff::read(&mut source, sink),
        SoundFormat::Caf => caf::read(&mut source, sink),
        SoundFormat::Mp3 => mp3::read(&mut source, sink),
        SoundFormat::Ogg => ogg::read(&mut source, sink),
        SoundFormat::Flac => flac::read(source, sink),
        SoundFormat::Boxes => mp4::read(source, sink),
        SoundFormat::Matroska => matroska::read(source, sink),
        SoundFormat::Adts => adts::read(&mut source, sink),
    }
}

/// Refuses a region that no sound has.
fn check_region(options: &ReadOptions, place: &str) -> Result<(), SignalError> {
    let (start, end) = (options.start.unwrap_or(0.0), options.end.unwrap_or(f64::MAX));
    if start.is_finite() && end.is_finite() && start >= 0.0 && start < end {
        return Ok(());
    }
    Err(SignalError::EmptyRegion {
        name: place.to_owned(),
        seconds: None,
        start: options.start,
        end: options.end,
    })
}

/// Region, repair and resampling of one channel of samples, within so many bytes: what decoded and computed signals share.
pub(super) fn finish(
    name: &str,
    mut samples: Vec<f32>,
    source_rate: u32,
    options: &ReadOptions,
    memory: u64,
) -> Result<Audio, SignalError> {
    if let Some(got) = options.rate.filter(|rate| !RATES.contains(rate)) {
        return Err(rate_out_of_range(name, got));
    }
    let start = cut(&mut samples, source_rate, options, name)?;
    let mut warnings: Vec<String> = mend(&mut samples, source_rate, name).into_iter().collect();
    let rate = options.rate.unwrap_or(source_rate);
    if rate != source_rate {
        let seconds = samples.len() as f64 / f64::from(source_rate);
        let bytes = (samples.len() as u64).saturating_mul(u64::from(rate)) / u64::from(source_rate) * 4;
        if bytes > memory {
            return Err(SignalError::TooLarge { name: name.to_owned(), seconds, mib: bytes >> 20 });
        }
        samples = resample::resample(&samples, source_rate, rate)
            .map_err(|reason| SignalError::Unsupported { name: name.to_owned(), reason })?;
    }
    if samples.iter().all(|x| *x == 0.0) {
        warnings.push(format!("every sample is zero: {name}"));
    }
    Ok(Audio { samples, rate, name: name.to_owned(), source_rate, channels: 1, start, warnings })
}

/// Keeps the region that was asked for; returns where it begins in seconds.
fn cut(samples: &mut Vec<f32>, rate: u32, options: &ReadOptions, place: &str) -> Result<f64, SignalError> {
    let rate = f64::from(rate);
    let seconds = samples.len() as f64 / rate;
    let (start, end) = (options.start.unwrap_or(0.0), options.end.unwrap_or(seconds));
    let whole = |x: f64| -> usize {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        // checked non-negative below, clamped
        let at = (x * rate).round() as usize;
        at.min(samples.len())
    };
    let valid =
        start.is_finite() && end.is_finite() && start >= 0.0 && start < end && whole(start) < whole(end);
    if !valid {
        let (start, end) = (options.start, options.end);
        return Err(SignalError::EmptyRegion { name: place.to_owned(), seconds: Some(seconds), start, end });
    }
    let (first, past) = (whole(start), whole(end));
    samples.truncate(past);
    samples.drain(..first);
    Ok(first as f64 / rate)
}

/// Sets what is no sound to zero and says so.
fn mend(samples: &mut [f32], rate: u32, place: &str) -> Option<String> {
    let mut count = 0;
    let mut first = None;
    for (i, x) in samples.iter_mut().enumerate() {
        if !x.is_finite() || x.abs() > BEYOND_SOUND {
            *x = 0.0;
            count += 1;
            first.get_or_insert(i);
        }
    }
    let at = first? as f64 / f64::from(rate);
    Some(format!(
        "{count} samples were not finite numbers and were set to zero, the first at {at:.3} s: {place}"
    ))
}
