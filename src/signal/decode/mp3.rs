//! MP3: frames are found one by one, so that nothing is estimated; what LAME notes about gaps is trimmed.

use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;

use super::packets::{Broken, PacketDecoder, parameters};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};
use super::tags;

/// Frames that the decoder itself is late by: its filter bank and the transform.
const DECODER_DELAY: u64 = 529;

/// Bytes of the longest frame.
const LONGEST_FRAME: u64 = 1441;

const RATES: [u32; 3] = [44_100, 48_000, 32_000];

/// Bit rates of Layer III in kbit/s: MPEG 1, then MPEG 2 and 2.5.
const BIT_RATES: [[u64; 15]; 2] = [
    [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    layer: u8,
    shape: SampleSpec,
    /// Bytes of the frame; 0 where it does not say.
    bytes: u64,
    /// Frames of sound, one a rate's tick.
    frames: u64,
    /// Where the sound of a frame begins, behind head and side information.
    side: usize,
}

impl Head {
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let [sync, kind, rates, mode, ..] = *bytes else { return None };
        let (version, layer) = (kind >> 3 & 3, 4 - (kind >> 1 & 3));
        let (bit_rate, rate) = (usize::from(rates >> 4), usize::from(rates >> 2 & 3));
        if sync != 0xFF || kind & 0xE0 != 0xE0 || version == 1 || layer == 4 || bit_rate == 15 || rate == 3 {
            return None;
        }
        let low = version != 3;
        let rate = RATES[rate] >> (u32::from(low) + u32::from(version == 0));
        let (frames, channels) = (if low { 576 } else { 1152 }, if mode >> 6 == 3 { 1 } else { 2 });
        let bits = BIT_RATES[usize::from(low)][bit_rate] * 1000 * frames / 8;
        let bytes = if bits == 0 { 0 } else { bits / u64::from(rate) + u64::from(rates >> 1 & 1) };
        let side = 4 + match (low, channels) {
            (false, 1) | (true, 2) => 17,
            (false, _) => 32,
            (true, _) => 9,
        };
        Some(Self { layer, shape: SampleSpec { rate, channels }, bytes, frames, side })
    }

    fn is_like(&self, other: &Self) -> bool {
        (self.layer, self.shape) == (other.layer, other.shape)
    }
}

/// What the first frame of LAME and others holds instead of sound.
#[derive(Clone, Copy, Debug, Default)]
struct Info {
    /// Frames of sound, where given.
    all: Option<u64>,
    delay: u64,
    padding: u64,
}

impl Info {
    fn of(frame: &[u8], head: &Head) -> Option<Self> {
        if frame.get(36..40) == Some(b"VBRI") {
            let count = number(frame.get(50..54)?, true);
            return Some(Self { all: Some(count * head.frames), ..Self::default() });
        }
        let tag = frame.get(head.side..)?;
        if !tag.starts_with(b"Xing") && !tag.starts_with(b"Info") {
            return None;
        }
        let flags = number(tag.get(4..8)?, true);
        let all =
            (flags & 1 != 0).then(|| tag.get(8..12)).flatten().map(|count| number(count, true) * head.frames);
        // Frames, bytes, a table of contents and a quality may stand before the encoder's name.
        let encoder: usize = 8 + [4, 4, 100, 4]
            .iter()
            .enumerate()
            .map(|(bit, size)| size * (flags >> bit & 1) as usize)
            .sum::<usize>();
        let known = tag.get(encoder..encoder + 4).is_some_and(|name| {
            [*b"LAME", *b"Lavf", *b"Lavc"].contains(&[name[0], name[1], name[2], name[3]])
        });
        let gaps = tag.get(encoder + 21..encoder + 24).filter(|_| known).map(|gaps| number(gaps, true));
        let Some(gaps) = gaps else { return Some(Self { all, ..Self::default() }) };
        Some(Self {
            all,
            delay: (gaps >> 12) + DECODER_DELAY,
            padding: (gaps & 0xFFF).saturating_sub(DECODER_DELAY),
        })
    }
}

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut at = start(source)?;
    let end = tags::end(source, at)?;
    let mut part: Option<Section> = None;
    let mut lost = 0;
    while at < end {
        at = skip_between(source, at, end)?;
        let head = Head::of(source.bytes(at, 4)?).filter(|head| {
            head.bytes > 0
                && head.layer == 3
                && part.as_ref().is_none_or(|part| part.head.is_like(head) || lost == 0)
        });
        let Some(head) = head.filter(|head| lost == 0 || is_frame(source, at, head, end)) else {
            if at < end {
                lost += 1;
                at += 1;
            }
            continue;
        };
        if at + head.bytes > end {
            if let Some(part) = &part
                && part.promised().is_none_or(|all| sink.frames() < all)
            {
                sink.broken_off = Some("the last frame is cut".to_owned());
            }
            break;
        }
        let frame = source.bytes(at, usize::try_from(head.bytes).unwrap_or(0))?.to_vec();
        at += head.bytes;
        let info = Info::of(&frame, &head);
        if part.is_none() || info.is_some() {
            if let Some(part) = part.take() {
                part.end(sink);
            }
            let new = Section::new(head, info.unwrap_or_default(), sink)?;
            part = Some(new);
            lost = 0;
            if info.is_some() {
                continue;
            }
        }
        let Some(part) = &mut part else { break };
        if lost > 0 {
            // As many frames as fit into the bytes that made no sense.
            let frames = (lost + head.bytes / 2) / head.bytes.max(1);
            sink.gap(frames * head.frames, "frames are damaged")?;
            part.decoder.reset();
            lost = 0;
        }
        part.decode(&frame, &head, sink)?;
    }
    let Some(part) = part else { return refuse("it holds no frame of MP3") };
    let promised = part.promised();
    part.end(sink);
    if let Some(all) = promised.filter(|all| *all > sink.frames())
        && sink.broken_off.is_none()
    {
        let rate = sink.shape.map_or(1.0, |shape| f64::from(shape.rate));
        sink.broken_off = Some(format!("its first frame promises {:.3} s", all as f64 / rate));
    }
    Ok(())
}

/// What has one description, or none.
struct Section {
    head: Head,
    info: Info,
    decoder: PacketDecoder,
    /// Frames that were there before it.
    before: u64,
}

impl Section {
    fn new(head: Head, info: Info, sink: &mut Sink) -> Result<Self, DecodeStop> {
        sink.begin(head.shape)?;
        let part = Self {
            head,
            info,
            decoder: PacketDecoder::new(&parameters(CODEC_ID_MP3, head.shape.rate, &[]))?,
            before: sink.frames(),
        };
        sink.promised = part.promised();
        sink.skip(info.delay);
        Ok(part)
    }

    /// How many frames of sound there are with it.
    fn promised(&self) -> Option<u64> {
        let length = self.info.all?.saturating_sub(self.info.delay + self.info.padding);
        Some(self.before + length)
    }

    fn decode(&mut self, frame: &[u8], head: &Head, sink: &mut Sink) -> Result<(), DecodeStop> {
        match self.decoder.decode_bytes(frame) {
            Ok(Some((shape, frames))) => {
                sink.begin(shape)?;
                sink.push(frames)
            }
            Ok(None) => Ok(()),
            Err(Broken::Packet(_)) => sink.gap(head.frames, "frames are damaged"),
            Err(Broken::Stream(why)) => {
                sink.broken_off = Some(why);
                Err(DecodeStop::Enough)
            }
        }
    }

    /// Takes the padding away: what the description promises is kept, or all where more follows than it knew of.
    fn end(&self, sink: &mut Sink) {
        let Some(all) = self.promised() else { return };
        let most = all + self.info.padding + DECODER_DELAY;
        if sink.frames() > all && sink.frames() <= most {
            sink.truncate(all);
        }
    }
}

/// Where frames begin: behind tags, and behind zeros.
fn start(source: &mut ByteSource) -> Result<u64, DecodeStop> {
    let mut at = tags::skip(source, 0)?;
    loop {
        let zeros = source.bytes(at, 4096)?.iter().take_while(|byte| **byte == 0).count();
        at += zeros as u64;
        if zeros < 4096 {
            at = tags::skip(source, at)?;
            return Ok(if Head::of(source.bytes(at, 4)?).is_some() {
                at
            } else {
                first_whole(source, at)?.unwrap_or(at)
            });
        }
    }
}

/// Passes over what may stand between two MP3s that were joined.
fn skip_between(source: &mut ByteSource, at: u64, end: u64) -> Result<u64, DecodeStop> {
    let behind = match source.bytes(at, 3)? {
        b"TAG" => tags::skip(source, at + 128)?,
        b"ID3" | b"APE" => tags::skip(source, at)?,
        [0, ..] => at + source.bytes(at, 4096)?.iter().take_while(|byte| **byte == 0).count() as u64,
        _ => at,
    };
    Ok(behind.min(end))
}

/// Whether a frame follows on this one, or the end does.
fn is_frame(source: &mut ByteSource, at: u64, head: &Head, end: u64) -> bool {
    let next = at + head.bytes;
    next == end || source.bytes(next, 4).ok().and_then(Head::of).is_some_and(|next| next.is_like(head))
}

/// Where the first whole frame begins, where a recording begins in the middle of one: three others follow on it.
fn first_whole(source: &mut ByteSource, at: u64) -> Result<Option<u64>, DecodeStop> {
    let len = source.len();
    'places: for first in at..at + LONGEST_FRAME {
        let mut at = first;
        let mut before: Option<Head> = None;
        for _ in 0..4 {
            let head = Head::of(source.bytes(at, 4)?);
            let head = head.filter(|head| head.layer == 3 && head.bytes > 0 && at + head.bytes <= len);
            let Some(head) = head.filter(|head| before.is_none_or(|before| before.is_like(head))) else {
                continue 'places;
            };
            at += head.bytes;
            before = Some(head);
        }
        return Ok(Some(first));
    }
    Ok(None)
}

/// Whether a file begins with frames of MPEG audio, and of which layer.
pub fn layer(source: &mut ByteSource) -> Result<Option<u8>, DecodeStop> {
    let at = start(source)?;
    let Some(head) = Head::of(source.bytes(at, 4)?) else { return Ok(first_whole(source, at)?.map(|_| 3)) };
    let end = tags::end(source, at)?;
    // Frames of other layers have other sizes, which nobody needs here.
    let sound =
        head.layer != 3 || head.bytes == 0 || at + head.bytes > end || is_frame(source, at, &head, end);
    Ok(sound.then_some(if head.bytes == 0 && head.layer == 3 { 0 } else { head.layer }))
}
