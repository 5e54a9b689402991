//! Files of sound into one channel of samples: the only place that uses `symphonia`.

use std::fs::File;
use std::io::Cursor;
use std::path::Path;

use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream};
use symphonia::core::meta::MetadataOptions;

use super::audio::{Audio, SignalError};
use super::reading::Reading;
use super::resample;

/// Rates that are taken for meant: from telephone-band experiments to the fastest converters.
const RATES: std::ops::RangeInclusive<u32> = 1_000..=768_000;

/// Louder than any sound that is meant: a float file of such values would overflow single precision.
const BEYOND_SOUND: f32 = 1e30;

/// A file may hold this many frames fewer than its header says without being cut short: AAC's 2112 frames of
/// priming and one frame of 1024 for padding, the most of all codecs here.
const CODEC_FRAMES: f64 = 3136.0;

/// Which channel of a file is analysed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Channel {
    /// The mean of all channels.
    #[default]
    Mix,
    /// One channel, counted from 1.
    Index(usize),
}

/// What of a sound is read.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ReadOptions {
    /// Mean of all channels, or one of them.
    pub channel: Channel,
    /// Resample to this rate in Hz.
    pub rate: Option<u32>,
    /// Begin at this time in seconds.
    pub start: Option<f64>,
    /// End at this time in seconds.
    pub end: Option<f64>,
}

/// Reads a sound file.
///
/// # Errors
/// No file, no sound in it, or options that do not fit it; every error names the file.
pub fn read_file(path: &Path, options: &ReadOptions) -> Result<Audio, SignalError> {
    read_file_told(path, options, &Reading::default())
}

/// The same, telling how far it is.
///
/// # Errors
/// As [`read_file`], or it was ended.
pub fn read_file_told(path: &Path, options: &ReadOptions, reading: &Reading) -> Result<Audio, SignalError> {
    let failed = |source| SignalError::Read { path: path.to_owned(), source };
    if path.is_dir() {
        return Err(failed(std::io::Error::other("it is a folder, expected a sound file")));
    }
    let file = File::open(path).map_err(failed)?;
    let name =
        path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    decode(&name, &path.display().to_string(), Box::new(file), options, reading)
}

/// Reads a sound that is in memory; `name` stands in results and messages.
///
/// # Errors
/// As [`read_file`].
pub fn read_bytes(name: &str, bytes: &'static [u8], options: &ReadOptions) -> Result<Audio, SignalError> {
    decode(name, name, Box::new(Cursor::new(bytes)), options, &Reading::default())
}

fn decode(
    name: &str,
    place: &str,
    source: Box<dyn MediaSource>,
    options: &ReadOptions,
    reading: &Reading,
) -> Result<Audio, SignalError> {
    let unsupported = |e: &Error| SignalError::Unsupported { name: place.to_owned(), reason: reason(e) };
    let stream = MediaSourceStream::new(source, symphonia::core::io::MediaSourceStreamOptions::default());
    let mut format = symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|e| unsupported(&e))?;
    let collected = collect(&mut *format, place, options.channel, reading)?;
    let Some(found) = collected.shape else {
        let hint = collected.broken_off.map(|why| format!(" ({why})"));
        return Err(SignalError::Empty { name: place.to_owned(), hint });
    };
    if !RATES.contains(&found.rate) {
        return Err(rate_out_of_range(place, found.rate));
    }
    let mut warnings = Vec::new();
    let seconds = collected.samples.len() as f64 / f64::from(found.rate);
    let early =
        collected.promised.filter(|promised| seconds < promised - CODEC_FRAMES / f64::from(found.rate));
    let early = early.map(|promised| format!("its header promises {promised:.3} s"));
    if let Some(why) = collected.broken_off.or(early) {
        warnings.push(format!(
            "the file broke off after {seconds:.3} s ({why}); what was decoded is used: {place}"
        ));
    }
    let mut audio = finish(place, collected.samples, found.rate, options)?;
    warnings.append(&mut audio.warnings);
    Ok(Audio { name: name.to_owned(), channels: found.channels, warnings, ..audio })
}

/// Region, repair and resampling of one channel of samples: what decoded and computed signals share.
pub(super) fn finish(
    name: &str,
    mut samples: Vec<f32>,
    source_rate: u32,
    options: &ReadOptions,
) -> Result<Audio, SignalError> {
    if let Some(got) = options.rate.filter(|rate| !RATES.contains(rate)) {
        return Err(rate_out_of_range(name, got));
    }
    let start = cut(&mut samples, source_rate, options, name)?;
    let mut warnings: Vec<String> = mend(&mut samples, source_rate, name).into_iter().collect();
    let rate = options.rate.unwrap_or(source_rate);
    if rate != source_rate {
        samples = resample::resample(&samples, source_rate, rate)
            .map_err(|reason| SignalError::Unsupported { name: name.to_owned(), reason })?;
    }
    if samples.iter().all(|x| *x == 0.0) {
        warnings.push(format!("every sample is zero: {name}"));
    }
    Ok(Audio { samples, rate, name: name.to_owned(), source_rate, channels: 1, start, warnings })
}

fn rate_out_of_range(place: &str, got: u32) -> SignalError {
    SignalError::RateOutOfRange { name: place.to_owned(), min: *RATES.start(), max: *RATES.end(), got }
}

#[derive(Clone, Copy, PartialEq)]
struct Shape {
    rate: u32,
    channels: usize,
}

/// What a file gave: counted, never taken from its header, which may be wrong.
struct Collected {
    samples: Vec<f32>,
    shape: Option<Shape>,
    broken_off: Option<String>,
    /// Length that the header promises, in seconds.
    promised: Option<f64>,
}

/// Decodes packet by packet, mixing down at once, so that only one channel is ever held.
fn collect(
    format: &mut dyn FormatReader,
    place: &str,
    channel: Channel,
    reading: &Reading,
) -> Result<Collected, SignalError> {
    let unsupported = |reason: String| SignalError::Unsupported { name: place.to_owned(), reason };
    let track =
        format.default_track(TrackType::Audio).ok_or_else(|| unsupported("no audio track".to_owned()))?;
    let id = track.id;
    let parameters = track.codec_params.as_ref().and_then(|p| p.audio());
    let parameters = parameters.ok_or_else(|| unsupported("no audio parameters".to_owned()))?;
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|e| unsupported(reason(&e)))?;

    let promised = track.time_base.zip(track.duration).and_then(|(base, length)| base.calc_duration(length));
    let promised = promised.map(|time| time.as_secs_f64());
    let mut out = Collected { samples: Vec::new(), shape: None, broken_off: None, promised };
    let mut interleaved: Vec<f32> = Vec::new();
    loop {
        let packet = match format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => break,
            Err(e) => {
                out.broken_off = Some(reason(&e));
                break;
            }
        };
        if packet.track_id != id {
            continue;
        }
        let buffer = match decoder.decode(&packet) {
            Ok(buffer) => buffer,
            Err(e) => {
                // One bad packet is skipped, as players do; it is told in either case.
                let fatal = !matches!(e, Error::DecodeError(_));
                out.broken_off = Some(reason(&e));
                if fatal {
                    break;
                }
                continue;
            }
        };
        let channels = buffer.num_planes();
        if channels == 0 || buffer.frames() == 0 {
            continue;
        }
        let shape = Shape { rate: buffer.spec().rate(), channels };
        if *out.shape.get_or_insert(shape) != shape {
            out.broken_off = Some("its rate or number of channels changes on the way".to_owned());
            break;
        }
        if let Channel::Index(got) = channel
            && !(1..=channels).contains(&got)
        {
            return Err(SignalError::NoSuchChannel { name: place.to_owned(), channels, got });
        }
        buffer.copy_to_vec_interleaved(&mut interleaved);
        let seconds = out.samples.len() as f64 / f64::from(shape.rate);
        let share = promised.filter(|promised| *promised > 0.0).map_or(0.0, |promised| seconds / promised);
        reading.tell(share).map_err(|_| SignalError::Ended { name: place.to_owned() })?;
        let frames = interleaved.chunks_exact(channels);
        match channel {
            Channel::Index(index) => out.samples.extend(frames.map(|frame| frame[index - 1])),
            Channel::Mix => {
                out.samples.extend(frames.map(|frame| frame.iter().sum::<f32>() / channels as f32));
            }
        }
    }
    Ok(out)
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
        return Err(SignalError::EmptyRegion { name: place.to_owned(), seconds, start, end });
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

fn reason(e: &Error) -> String {
    match e {
        Error::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "unexpected end of file".to_owned()
        }
        Error::IoError(e) => e.to_string(),
        Error::Unsupported(what) => format!("unsupported: {what}"),
        other => other.to_string(),
    }
}
