//! Ogg with Vorbis or FLAC: pages with their checksums, packets out of pages, streams that follow one another.

use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_VORBIS};

use super::flac;
use super::packets::{Broken, PacketDecoder, parameters};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};

const HEAD: usize = 27;

/// The longest packet of headers that is meant: pictures stand in comments.
const LONGEST_PACKET: usize = 64 << 20;

struct OggPage {
    continued: bool,
    first: bool,
    last: bool,
    /// The position after its last whole packet; none where no packet ends on it.
    position: Option<u64>,
    serial: u64,
    number: u64,
    /// Sizes of its pieces of packets, and whether the packet ends there.
    pieces: Vec<(usize, bool)>,
    body: Vec<u8>,
    bytes: u64,
}

impl OggPage {
    fn at(source: &mut ByteSource, at: u64) -> Result<Option<Self>, DecodeStop> {
        let head = source.bytes(at, HEAD)?;
        if head.len() < HEAD || !head.starts_with(b"OggS\0") {
            return Ok(None);
        }
        let head = head.to_vec();
        let count = usize::from(head[26]);
        let sizes = source.bytes(at + HEAD as u64, count)?.to_vec();
        let length: usize = sizes.iter().map(|size| usize::from(*size)).sum();
        let whole = source.bytes(at, HEAD + count + length)?;
        if whole.len() < HEAD + count + length || checksum(whole) != number(&head[22..26], false) {
            return Ok(None);
        }
        let body = whole[HEAD + count..].to_vec();
        let mut pieces = Vec::new();
        let mut piece = 0;
        for size in &sizes {
            piece += usize::from(*size);
            if *size < 255 {
                pieces.push((piece, true));
                piece = 0;
            }
        }
        if sizes.last() == Some(&255) {
            pieces.push((piece, false));
        }
        let position = number(&head[6..14], false);
        Ok(Some(Self {
            continued: head[5] & 1 != 0,
            first: head[5] & 2 != 0,
            last: head[5] & 4 != 0,
            position: (position != u64::MAX).then_some(position),
            serial: number(&head[14..18], false),
            number: number(&head[18..22], false),
            pieces,
            bytes: (HEAD + count + length) as u64,
            body,
        }))
    }
}

/// The CRC of a page whose own field counts as zeros: polynomial 0x04C11DB7, the highest bit first.
fn checksum(page: &[u8]) -> u64 {
    const TABLE: [u32; 256] = {
        let mut table = [0; 256];
        let mut i = 0u32;
        while i < 256 {
            let mut crc = i << 24;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x04C1_1DB7 };
                bit += 1;
            }
            table[i as usize] = crc;
            i += 1;
        }
        table
    };
    let crc = page.iter().enumerate().fold(0u32, |crc, (at, byte)| {
        let byte = if (22..26).contains(&at) { 0 } else { *byte };
        crc << 8 ^ TABLE[usize::from((crc >> 24) as u8 ^ byte)]
    });
    u64::from(crc)
}

#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
struct OggStream {
    serial: u64,
    vorbis: bool,
    headers: Vec<Vec<u8>>,
    decoder: Option<PacketDecoder>,
    partial: Vec<u8>,
    /// The number that the next page should have.
    next: u64,
    /// A packet of sound was there.
    heard: bool,
    /// What was read last was no whole page.
    damaged: bool,
    /// Frames are missing before those that come next.
    hole: bool,
    ended: bool,
    /// Position of its first frame, which need not be 0; known with the first page of sound.
    origin: Option<u64>,
    /// Frames that were there before it, and frames of its own.
    before: u64,
    frames: u64,
    page: Vec<f32>,
    shape: Option<SampleSpec>,
}

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut at = 0;
    let mut stream: Option<OggStream> = None;
    let mut others: Vec<String> = Vec::new();
    sink.promised = None;
    while at < source.len() {
        let Some(page) = OggPage::at(source, at)? else {
            if let Some(stream) = &mut stream {
                stream.damaged = true;
            }
            let Some(next) = search(source, at + 1)? else {
                if stream.as_ref().is_some_and(|stream| !stream.ended) {
                    sink.broken_off = Some("the last page is damaged or cut".to_owned());
                }
                break;
            };
            at = next;
            continue;
        };
        at += page.bytes;
        if page.first {
            let name = codec(&page.body);
            let readable = matches!(name, Some("Vorbis" | "FLAC"));
            let idle = stream.as_ref().is_none_or(|stream| stream.ended);
            if readable && idle {
                stream = Some(OggStream::new(&page, sink.frames()));
            } else if let Some(name) = name
                && stream.is_none()
            {
                others.push(name.to_owned());
                continue;
            } else if stream.as_ref().is_some_and(|stream| stream.ended) && !readable {
                let name = name.unwrap_or("an unknown codec");
                sink.warnings
                    .push(format!("a stream of {name} behind the sound, which is not read, is left out"));
                continue;
            }
        }
        let Some(stream) = stream.as_mut().filter(|stream| stream.serial == page.serial) else { continue };
        stream.take(&page, sink)?;
    }
    match stream {
        None => {
            let names = if others.is_empty() { "no stream".to_owned() } else { others.join(" and ") };
            refuse(format!("Ogg with {names} is not read, Ogg with Vorbis or FLAC is"))
        }
        Some(stream) if stream.decoder.is_none() => refuse("its headers are not whole"),
        Some(stream) => {
            if !stream.ended && sink.broken_off.is_none() {
                sink.broken_off = Some("its last page is missing".to_owned());
            }
            Ok(())
        }
    }
}

fn search(source: &mut ByteSource, mut from: u64) -> Result<Option<u64>, DecodeStop> {
    loop {
        let bytes = source.bytes(from, 1 << 16)?;
        if bytes.len() < 4 {
            return Ok(None);
        }
        if let Some(by) = bytes.windows(4).position(|window| window == b"OggS") {
            return Ok(Some(from + by as u64));
        }
        from += bytes.len() as u64 - 3;
    }
}

/// What the first packet of a stream says that it is.
pub fn codec(packet: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 9] = [
        (b"\x01vorbis", "Vorbis"),
        (b"\x7fFLAC", "FLAC"),
        (b"OpusHead", "Opus"),
        (b"Speex   ", "Speex"),
        (b"PCM     ", "PCM"),
        (b"CELT    ", "CELT"),
        (b"\x80theora", "Theora"),
        (b"BBCD", "Dirac"),
        (b"\x4fVP80", "VP8"),
    ];
    KNOWN.iter().find(|(magic, _)| packet.starts_with(magic)).map(|(_, name)| *name)
}

impl OggStream {
    fn new(page: &OggPage, before: u64) -> Self {
        Self {
            serial: page.serial,
            vorbis: page.body.starts_with(b"\x01vorbis"),
            headers: Vec::new(),
            decoder: None,
            partial: Vec::new(),
            next: page.number,
            heard: false,
            damaged: false,
            hole: false,
            ended: false,
            origin: None,
            before,
            frames: 0,
            page: Vec::new(),
            shape: None,
        }
    }

    fn take(&mut self, page: &OggPage, sink: &mut Sink) -> Result<(), DecodeStop> {
        let lost = self.damaged || page.number != self.next;
        self.next = page.number + 1;
        if lost {
            self.hole = true;
            if let Some(decoder) = &mut self.decoder {
                decoder.reset();
            }
        }
        if lost || !page.continued {
            self.partial.clear();
        }
        let mut skipping = page.continued && self.partial.is_empty();
        self.page.clear();
        let mut at = 0;
        for (size, ends) in &page.pieces {
            let piece = &page.body[at..at + size];
            at += size;
            if !skipping {
                if self.partial.len() + size > LONGEST_PACKET {
                    return refuse("a packet is longer than any that is meant");
                }
                self.partial.extend_from_slice(piece);
            }
            if *ends {
                let packet = std::mem::take(&mut self.partial);
                if !skipping {
                    self.packet(&packet, sink)?;
                }
                skipping = false;
            }
        }
        self.place(page, sink)?;
        self.damaged = false;
        self.ended = page.last;
        Ok(())
    }

    fn packet(&mut self, packet: &[u8], sink: &mut Sink) -> Result<(), DecodeStop> {
        let Some(decoder) = &mut self.decoder else { return self.header(packet, sink) };
        // Headers of FLAC go on as long as they like; an empty packet is none.
        let sound =
            packet.first().is_some_and(|byte| if self.vorbis { byte & 1 == 0 } else { *byte == 0xFF });
        if !sound {
            return Ok(());
        }
        self.heard = true;
        match decoder.decode_bytes(packet) {
            Ok(Some((shape, frames))) => {
                self.shape = Some(shape);
                self.page.extend_from_slice(frames);
                Ok(())
            }
            Ok(None) => Ok(()),
            Err(Broken::Packet(_)) => {
                self.hole = true;
                Ok(())
            }
            Err(Broken::Stream(why)) => {
                sink.broken_off = Some(why);
                Err(DecodeStop::Enough)
            }
        }
    }

    fn header(&mut self, packet: &[u8], sink: &mut Sink) -> Result<(), DecodeStop> {
        self.headers.push(packet.to_vec());
        let first = &self.headers[0];
        let (codec, shape, extra) = if self.vorbis {
            let kind = [1, 3, 5].get(self.headers.len() - 1);
            if packet.first() != kind {
                return refuse("its headers of Vorbis are not in order");
            }
            if self.headers.len() < 3 {
                return Ok(());
            }
            let channels = first.get(11).map_or(0, |count| usize::from(*count));
            if channels > 8 {
                return refuse(format!("Vorbis with {channels} channels is not read, with up to 8 it is"));
            }
            let rate = first.get(12..16).map_or(0, |rate| number(rate, false));
            (
                CODEC_ID_VORBIS,
                SampleSpec { rate: u32::try_from(rate).unwrap_or(0), channels },
                [&first[..], packet].concat(),
            )
        } else {
            let info = flac::stream_info(first.get(9..).unwrap_or(&[]));
            let Some(info) = info else { return refuse("its header of FLAC is not whole") };
            (CODEC_ID_FLAC, flac::shape(&info), info.to_vec())
        };
        self.headers.truncate(1);
        sink.begin(shape)?;
        self.shape = Some(shape);
        self.decoder = Some(PacketDecoder::new(&parameters(codec, shape.rate, &extra))?);
        Ok(())
    }

    /// Puts what a page gave where its position says that it belongs.
    fn place(&mut self, page: &OggPage, sink: &mut Sink) -> Result<(), DecodeStop> {
        let Some(shape) = self.shape.filter(|_| self.heard) else { return Ok(()) };
        sink.begin(shape)?;
        let count = (self.page.len() / shape.channels) as u64;
        let Some(position) = page.position else {
            self.frames += count;
            return sink.push(&self.page);
        };
        let mut skipped = 0;
        let origin = if let Some(origin) = self.origin {
            origin
        } else {
            // The first page of sound: it begins late, or its first frames are not wanted.
            let whole = self.frames + count;
            if !page.last {
                skipped = whole.saturating_sub(position).min(count);
            }
            // A recording of a stream begins where it was switched on; a damaged page was there before.
            let origin = if page.last || self.damaged { 0 } else { position.saturating_sub(whole) };
            *self.origin.insert(origin)
        };
        let end = position.saturating_sub(origin);
        if self.hole && (count > 0 || page.last) {
            let missing = end.saturating_sub(self.frames + count);
            self.frames += missing;
            sink.gap(missing, "pages are damaged or missing")?;
            self.hole = false;
        }
        let from = usize::try_from(skipped).unwrap_or(0) * shape.channels;
        self.frames += count - skipped;
        sink.push(&self.page[from..])?;
        if page.last && end < self.frames {
            self.frames = end;
            sink.truncate(self.before + end);
        }
        Ok(())
    }
}
