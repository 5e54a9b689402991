//! Matroska and `WebM`: a file that ends before its segment does is one whose length is not known.

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::AudioCodecParameters;
use symphonia::core::codecs::audio::well_known::{
    CODEC_ID_PCM_ALAW, CODEC_ID_PCM_F32LE, CODEC_ID_PCM_MULAW, CODEC_ID_PCM_S16LE, CODEC_ID_PCM_S24LE,
    CODEC_ID_PCM_U8,
};

use super::demuxed::{self, TrackChoice};
use super::sink::{DecodeStop, Sink, refuse};
use super::source::{ByteSource, ByteWindow, number};
use super::{packets, riff};

/// The identifiers of a segment, of its list of tracks, of a track, and of the description of sound in one.
const SEGMENT: [u8; 4] = [0x18, 0x53, 0x80, 0x67];
const SEGMENT_ID: u64 = 0x1853_8067;
const TRACKS: u64 = 0x1654_AE6B;
const TRACK: u64 = 0xAE;
const AUDIO: u64 = 0xE1;

/// The kind of a track of sound.
const SOUND: u64 = 2;

/// Elements that are looked at.
const ELEMENTS: usize = 10_000;

/// Bytes of an element that are read.
const LONGEST: u64 = 1 << 20;

/// Codecs that the demuxer knows by name, whether they are read or not.
const KNOWN: [&str; 14] = [
    "A_AAC",
    "A_AC3",
    "A_ALAC",
    "A_DTS",
    "A_EAC3",
    "A_FLAC",
    "A_MPC",
    "A_MPEG/",
    "A_OPUS",
    "A_PCM/",
    "A_TRUEHD",
    "A_TTA1",
    "A_VORBIS",
    "A_WAVPACK4",
];

pub fn read(source: ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut source = source;
    let choice = choose(&mut source, sink)?;
    let (at, bytes) = cut_segment(&mut source)?;
    let cut = !bytes.is_empty();
    let window = ByteWindow::mended(source, at, bytes);
    demuxed::read(if cut { window.in_order() } else { window }, sink, &choice)?;
    if cut && sink.broken_off.is_none() {
        sink.broken_off = Some("unexpected end of file".to_owned());
    }
    Ok(())
}

/// An element: its identifier, and where its content begins and ends.
type ElementSpan = (u64, u64, u64);

/// The elements within a stretch, up to the first one that `is_last`.
fn elements(
    source: &mut ByteSource,
    (mut at, end): (u64, u64),
    is_last: impl Fn(u64) -> bool,
) -> Result<Vec<ElementSpan>, DecodeStop> {
    let mut found = Vec::new();
    while at < end && found.len() < ELEMENTS {
        let head = source.bytes(at, 12)?.to_vec();
        // Identifiers keep the bits that hold their length.
        let Some(length) = variable(&head).map(|(_, length)| length).filter(|length| *length <= 4) else {
            break;
        };
        let id = number(&head[..length], true);
        let Some((size, digits)) = variable(&head[length..]) else { break };
        let inner = at + (length + digits) as u64;
        if inner > end {
            break;
        }
        at = inner.saturating_add(size).min(end);
        found.push((id, inner, at));
        if is_last(id) {
            break;
        }
    }
    Ok(found)
}

struct TrackEntry {
    number: u64,
    codec: String,
    private: Vec<u8>,
    rate: f64,
    channels: u64,
    bits: u64,
    is_encoded: bool,
    /// In nanoseconds.
    delay: u64,
}

/// The first track of sound that is read. What its codec is late by is left out.
fn choose(source: &mut ByteSource, sink: &mut Sink) -> Result<TrackChoice, DecodeStop> {
    let end = source.len();
    let top = elements(source, (0, end), |id| id == SEGMENT_ID)?;
    let Some((SEGMENT_ID, start, end)) = top.last().copied() else { return Ok(TrackChoice::default()) };
    let inner = elements(source, (start, end), |id| id == TRACKS)?;
    let Some((TRACKS, start, end)) = inner.last().copied() else { return Ok(TrackChoice::default()) };
    let mut refused = None;
    for (id, start, end) in elements(source, (start, end), |_| false)? {
        let entry = if id == TRACK { entry(source, (start, end))? } else { None };
        let Some(entry) = entry else { continue };
        match parameters(&entry) {
            Ok(parameters) => {
                let track = u32::try_from(entry.number).ok();
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what is no delay is 0
                sink.skip((entry.delay as f64 * entry.rate / 1e9).round() as u64);
                return Ok(TrackChoice { track, parameters, ..TrackChoice::default() });
            }
            Err(name) => refused = refused.or(Some(name)),
        }
    }
    match refused {
        Some(name) => refuse(format!("Matroska with {name} is not read")),
        None => Ok(TrackChoice::default()),
    }
}

/// A real number of 4 or 8 bytes.
fn real(bytes: &[u8]) -> f64 {
    match <[u8; 4]>::try_from(bytes) {
        Ok(short) => f64::from(f32::from_be_bytes(short)),
        Err(_) => f64::from_bits(number(bytes, true)),
    }
}

/// A track, where it is one of sound.
fn entry(source: &mut ByteSource, within: (u64, u64)) -> Result<Option<TrackEntry>, DecodeStop> {
    let mut entry = TrackEntry {
        number: 0,
        codec: String::new(),
        private: Vec::new(),
        rate: 8000.0,
        channels: 1,
        bits: 0,
        is_encoded: false,
        delay: 0,
    };
    let mut kind = 0;
    let mut rest = elements(source, within, |_| false)?;
    while let Some((id, start, end)) = rest.pop() {
        if id == AUDIO {
            rest.extend(elements(source, (start, end), |_| false)?);
            continue;
        }
        let bytes = source.bytes(start, usize::try_from((end - start).min(LONGEST)).unwrap_or(0))?;
        match id {
            0xD7 => entry.number = number(bytes, true),
            0x83 => kind = number(bytes, true),
            0x86 => entry.codec = String::from_utf8_lossy(bytes).replace('\0', ""),
            0x63A2 => entry.private = bytes.to_vec(),
            0x56AA => entry.delay = number(bytes, true),
            0x6D80 => entry.is_encoded = true,
            0xB5 => entry.rate = real(bytes),
            0x9F => entry.channels = number(bytes, true),
            0x6264 => entry.bits = number(bytes, true),
            _ => {}
        }
    }
    Ok((kind == SOUND).then_some(entry))
}

/// How a track is coded, where the demuxer does not know it; the error is the name of what is not read.
fn parameters(entry: &TrackEntry) -> Result<Option<AudioCodecParameters>, String> {
    let TrackEntry { codec, private, bits, .. } = entry;
    if entry.is_encoded {
        return Err("compressed or encrypted packets".to_owned());
    }
    let id = match codec.as_str() {
        "A_PCM/INT/LIT" | "A_PCM/INT/BIG" if *bits == 8 => CODEC_ID_PCM_U8,
        // A description as WAV has it.
        "A_MS/ACM" => {
            let field = |at: usize| private.get(at..at + 2).map_or(0, |field| number(field, false));
            match (field(0), field(14)) {
                (1, 8) => CODEC_ID_PCM_U8,
                (1, 16) => CODEC_ID_PCM_S16LE,
                (1, 24) => CODEC_ID_PCM_S24LE,
                (3, 32) => CODEC_ID_PCM_F32LE,
                (6, _) => CODEC_ID_PCM_ALAW,
                (7, _) => CODEC_ID_PCM_MULAW,
                (tag, _) => return Err(riff::tag_name(tag)),
            }
        }
        known if KNOWN.iter().any(|name| known.starts_with(name)) => return Ok(None),
        other => return Err(other.escape_debug().to_string()),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what does not fit is no rate
    let mut parameters = packets::parameters(id, entry.rate.round() as u32, &[]);
    parameters.with_channels(Channels::Discrete(u16::try_from(entry.channels).unwrap_or(0)));
    Ok(Some(parameters))
}

/// A number whose first byte holds their count in its leading zeros, and its length.
fn variable(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let rest = bytes.get(1..length).filter(|_| length <= 8)?;
    let first = u64::from(first) & ((1 << (8 - length)) - 1);
    Some((rest.iter().fold(first, |value, byte| value << 8 | u64::from(*byte)), length))
}

/// The size that says that it is not known, for the place of one that is larger than the file.
fn cut_segment(source: &mut ByteSource) -> Result<(u64, Vec<u8>), DecodeStop> {
    let nothing = (0, Vec::new());
    let Some((size, length)) = variable(source.bytes(4, 8)?) else { return Ok(nothing) };
    let at = (4 + length as u64).saturating_add(size);
    if source.bytes(at, 4)? != SEGMENT {
        return Ok(nothing);
    }
    let Some((size, length)) = variable(source.bytes(at + 4, 8)?) else { return Ok(nothing) };
    let unknown = (1 << (7 * length)) - 1;
    if size == unknown || (at + 4 + length as u64).saturating_add(size) <= source.len() {
        return Ok(nothing);
    }
    let mut bytes = vec![0xFF; length];
    bytes[0] = u8::try_from((1u32 << (9 - length)) - 1).unwrap_or(0xFF);
    Ok((at + 4, bytes))
}
