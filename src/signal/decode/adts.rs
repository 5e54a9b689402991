//! AAC in ADTS: frames are found one by one, so that what is damaged between them is seen.

use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;

use super::packets::{self, PacketDecoder, Packets, parameters};
use super::sink::{DecodeStop, Sink, refuse};
use super::source::{ByteSource, number};
use super::tags;

/// Frames of sound in a packet.
const FRAMES: u64 = 1024;

/// Bytes of a head, and of the longest frame.
const HEAD: usize = 7;
const LONGEST: usize = 0x1FFF;

/// How far the frame behind a damaged head is looked for, where there is a frame before it: two of the longest.
const SEARCHED: u64 = 1 << 14;

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

#[derive(Clone, Copy, Debug)]
struct AdtsHeader {
    /// Bytes of the frame, head and all.
    bytes: u64,
    /// Bytes of the head itself.
    own: u64,
    /// Packets in the frame.
    packets: u64,
    rate: u32,
    /// The same as MPEG-4 writes it into a configuration: the kind of object, the rate and the channels.
    configuration: [u8; 2],
}

impl AdtsHeader {
    fn of(bytes: &[u8]) -> Option<Self> {
        let bytes = bytes.get(..HEAD).filter(|bytes| bytes[0] == 0xFF && bytes[1] & 0xF6 == 0xF0)?;
        let fields = number(&bytes[2..], true);
        let (kind, rate) = ((fields >> 38) + 1, fields >> 34 & 15);
        let (channels, size) = (fields >> 30 & 7, fields >> 13 & 0x1FFF);
        let own = if bytes[1] & 1 == 0 { 9 } else { 7 };
        let configuration = u16::try_from(kind << 11 | rate << 7 | channels << 3).ok()?.to_be_bytes();
        let rate = *RATES.get(usize::try_from(rate).ok()?)?;
        (size > own).then_some(Self { bytes: size, own, packets: (fields & 3) + 1, rate, configuration })
    }
}

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut at = tags::skip(source, 0)?;
    let end = tags::end(source, at)?;
    let Some(first) = AdtsHeader::of(source.bytes(at, HEAD)?) else {
        return refuse("it holds no frame of ADTS");
    };
    if first.packets > 1 {
        return refuse("ADTS with several packets in a frame is not read");
    }
    let mut packets = Packets::new(
        PacketDecoder::new(&parameters(CODEC_ID_AAC, first.rate, &first.configuration))?,
        FRAMES,
    );
    // Bytes of the frames that were found, and how many there are of them.
    let (mut bytes, mut count) = (0u64, 0u64);
    while at < end {
        let usual = bytes.checked_div(count).unwrap_or(first.bytes);
        let found = frame(source, at, (&first, usual), end)?;
        let lost = found.map_or(end, |(next, _)| next) - at;
        if lost > 0 {
            // One frame, where no two fit into the bytes that made no sense.
            let frames = if lost < 2 * usual { 1 } else { (lost + usual / 2) / usual };
            packets.end(sink)?;
            packets.gap(frames * FRAMES, "frames are damaged", sink)?;
        }
        let Some((start, head)) = found else { break };
        at = start + head.bytes;
        if at > end {
            sink.broken_off = Some("the last frame is cut".to_owned());
            break;
        }
        (bytes, count) = (bytes + head.bytes, count + 1);
        let content = usize::try_from(head.bytes - head.own).unwrap_or(0);
        if !packets.next(&packets::packet(source.bytes(start + head.own, content)?, FRAMES), sink)? {
            return Ok(());
        }
        at = tags::skip(source, at)?;
    }
    packets.end(sink)
}

/// The frame that begins at a place, or the next one behind it on which another follows. `usual` is the size of a frame.
fn frame(
    source: &mut ByteSource,
    at: u64,
    (first, usual): (&AdtsHeader, u64),
    end: u64,
) -> Result<Option<(u64, AdtsHeader)>, DecodeStop> {
    if let Some(head) = followed(source, at, first, end)? {
        return Ok(Some((at, head)));
    }
    let Some(own) = like(source.bytes(at, HEAD)?, first) else {
        return next(source, at + 1..end, first, end);
    };
    // Either the next head is damaged or the size in this one is: then it is no frame, or none fits in behind it.
    let other = next(source, at + 1..end.min(at + SEARCHED), first, end)?;
    let fits = other.is_none_or(|(other, _)| at + own.bytes + usual / 4 <= other);
    Ok(if own.bytes >= usual / 4 && fits { Some((at, own)) } else { other })
}

/// The first frame that begins within these places and on which another follows.
fn next(
    source: &mut ByteSource,
    places: std::ops::Range<u64>,
    first: &AdtsHeader,
    end: u64,
) -> Result<Option<(u64, AdtsHeader)>, DecodeStop> {
    for at in places {
        if let Some(head) = followed(source, at, first, end)? {
            return Ok(Some((at, head)));
        }
    }
    Ok(None)
}

/// The frame at a place, where another follows on it, or a tag, or the end.
fn followed(
    source: &mut ByteSource,
    at: u64,
    first: &AdtsHeader,
    end: u64,
) -> Result<Option<AdtsHeader>, DecodeStop> {
    let bytes = source.bytes(at, LONGEST + HEAD)?;
    let Some(head) = like(bytes, first) else { return Ok(None) };
    let behind = usize::try_from(head.bytes).ok().and_then(|size| bytes.get(size..)).unwrap_or(&[]);
    let is_followed = at + head.bytes == end || like(behind, first).is_some() || behind.starts_with(b"ID3");
    Ok(is_followed.then_some(head))
}

/// The head that begins here, where it describes the same sound as the first one.
fn like(bytes: &[u8], first: &AdtsHeader) -> Option<AdtsHeader> {
    AdtsHeader::of(bytes).filter(|head| head.configuration == first.configuration && head.packets == 1)
}
