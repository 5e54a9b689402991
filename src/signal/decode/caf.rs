//! CAF: uncompressed, A-law, mu-law, ima4, ALAC, AAC-LC and FLAC.

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_ALAC};

use super::packets::{self, PacketTable, parameters};
use super::pcm::{self, Coding, PcmLayout};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};
use super::{adpcm, boxes, flac};

/// Bytes of a chunk beside the samples that are read: the table of packets is the longest.
const LONGEST_CHUNK: u64 = 64 << 20;

struct Description {
    shape: SampleSpec,
    kind: [u8; 4],
    flags: u64,
    packet_bytes: u64,
    packet_frames: u64,
    bits: u64,
}

#[derive(Default)]
struct Chunks {
    description: Option<Description>,
    cookie: Vec<u8>,
    packets: Vec<u8>,
    data: Option<(u64, u64)>,
}

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut chunks = walk(source)?;
    let Some(description) = chunks.description.take() else {
        return refuse("this CAF file has no chunk desc");
    };
    let Some((at, declared)) = chunks.data else { return refuse("this CAF file has no chunk data") };
    let Description { shape, kind, flags, packet_bytes, packet_frames, bits } = description;
    let there = source.len().saturating_sub(at);
    let bytes = declared.min(there);
    let short = declared > there && declared != u64::MAX;
    if shape.channels == 0 || shape.channels > 1 << 16 {
        return refuse(format!("its header says that it has {} channels", shape.channels));
    }
    let width = match packet_bytes / shape.channels as u64 {
        width if packet_frames == 1 && width >= bits.div_ceil(8) && width <= 8 => width,
        _ => bits.div_ceil(8),
    };
    let width = usize::try_from(width).unwrap_or(0);
    let plain = |coding, width| PcmLayout { shape, coding, width, big_endian: flags & 2 == 0 };
    match &kind {
        b"lpcm" => {
            let layout = plain(if flags & 1 == 0 { Coding::Signed } else { Coding::Float }, width);
            if !layout.is_known() {
                return refuse(format!("CAF with samples of {bits} bits is not read"));
            }
            pcm::read(source, at, bytes, &layout, sink)?;
        }
        b"alaw" => pcm::read(source, at, bytes, &plain(Coding::ALaw, 1), sink)?,
        b"ulaw" => pcm::read(source, at, bytes, &plain(Coding::MuLaw, 1), sink)?,
        b"ima4" => {
            if packet_frames != 64 {
                return refuse(format!(
                    "its header says that a packet of ima4 holds {packet_frames} frames, expected 64"
                ));
            }
            adpcm::read_qt(source, (at, bytes), shape, sink)?;
            trim(&chunks.packets, None, sink);
        }
        b"alac" | b"aac " => {
            let (codec, extra) = if kind == *b"alac" {
                (CODEC_ID_ALAC, alac_cookie(&chunks.cookie))
            } else {
                (CODEC_ID_AAC, boxes::aac_configuration(&chunks.cookie))
            };
            let sizes = table(&chunks.packets, packet_bytes, packet_frames == 0);
            let of = parameters(codec, shape.rate, extra);
            let skipped = chunks.packets.get(16..20).map_or(0, |bytes| number(bytes, true));
            sink.skip(skipped);
            packets::read(source, PacketTable { parameters: of, frames: packet_frames, at, sizes }, sink)?;
            trim(&chunks.packets, Some(skipped), sink);
        }
        b"flac" => {
            let info = flac::stream_info(&chunks.cookie);
            let info = info.or(flac::described_by_frame(source.bytes(at, 16)?, shape));
            flac::read_frames(source, (at, at + bytes), info, sink)?;
        }
        other => {
            let name = match other {
                b".mp3" => "MP3".to_owned(),
                b".mp2" => "MPEG Layer II".to_owned(),
                b"opus" => "Opus".to_owned(),
                b"aach" | b"aacp" => "HE-AAC".to_owned(),
                other => String::from_utf8_lossy(other).escape_debug().to_string(),
            };
            return refuse(format!("CAF with {name} is not read"));
        }
    }
    if short {
        sink.broken_off = Some(format!(
            "its header promises {declared} bytes of samples, {} of them are missing",
            declared - there
        ));
    }
    Ok(())
}

fn walk(source: &mut ByteSource) -> Result<Chunks, DecodeStop> {
    let mut chunks = Chunks::default();
    let mut at = 8;
    while let Some(head) = source.array::<12>(at)? {
        let (id, size) = (&head[..4], number(&head[4..], true));
        let held = usize::try_from(size.min(LONGEST_CHUNK)).unwrap_or(0);
        match id {
            b"desc" => {
                if let Some(desc) = source.array::<32>(at + 12)? {
                    let field = |at: usize| number(&desc[at..at + 4], true);
                    let rate = f64::from_bits(number(&desc[..8], true)).round();
                    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                    // what does not fit is no rate
                    let rate = rate as u32;
                    chunks.description = Some(Description {
                        shape: SampleSpec { rate, channels: usize::try_from(field(24)).unwrap_or(0) },
                        kind: [desc[8], desc[9], desc[10], desc[11]],
                        flags: field(12),
                        packet_bytes: field(16),
                        packet_frames: field(20),
                        bits: field(28),
                    });
                }
            }
            b"kuki" => chunks.cookie = source.bytes(at + 12, held)?.to_vec(),
            b"pakt" => chunks.packets = source.bytes(at + 12, held)?.to_vec(),
            // Four bytes count the edits. A size of -1 is one that was not known: all that there is.
            b"data" => {
                let length = if size == u64::MAX { size } else { size.saturating_sub(4) };
                chunks.data = Some((at + 16, length));
            }
            _ => {}
        }
        match at.checked_add(12).and_then(|at| at.checked_add(size)) {
            Some(next) if next <= source.len() => at = next,
            _ => break,
        }
    }
    Ok(chunks)
}

/// The sizes of packets: equal ones, or the numbers of seven bits a byte behind the head of the table.
fn table(packets: &[u8], packet_bytes: u64, with_frames: bool) -> Box<dyn Iterator<Item = u64>> {
    if packet_bytes > 0 {
        return Box::new(std::iter::repeat(packet_bytes));
    }
    let mut rest = packets.get(24..).unwrap_or(&[]).to_vec().into_iter();
    let mut value = move || {
        let mut value = 0u64;
        for byte in rest.by_ref() {
            value = value << 7 | u64::from(byte & 0x7F);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    Box::new(std::iter::from_fn(move || {
        let size = value()?;
        if with_frames {
            value()?;
        }
        Some(size)
    }))
}

/// Keeps as many frames as the table of packets calls valid.
fn trim(packets: &[u8], skipped: Option<u64>, sink: &mut Sink) {
    let valid = packets.get(8..16).map_or(0, |bytes| number(bytes, true));
    if valid > 0 && (skipped.is_some() || valid <= sink.frames()) {
        sink.truncate(valid);
    }
}

/// The configuration of ALAC without the boxes that `QuickTime` puts around it.
fn alac_cookie(cookie: &[u8]) -> &[u8] {
    let inner = cookie.windows(4).take(64).position(|name| name == b"alac").filter(|at| *at >= 4);
    let boxed = inner.filter(|_| cookie.get(4..8) == Some(b"frma"));
    match boxed {
        Some(_) => {
            let last = cookie.windows(4).rposition(|name| name == b"alac").unwrap_or(0);
            cookie.get(last + 8..).unwrap_or(cookie)
        }
        None => cookie,
    }
}
