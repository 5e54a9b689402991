//! WAV: RIFF, RIFX, RF64, BW64 and W64. One walk over the chunks finds `fmt ` and `data`, whatever their sizes claim.

use super::adpcm;
use super::pcm::{self, Coding, PcmLayout};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};

/// How far a chunk whose size is wrong is searched for the one that follows.
const SEARCHED: usize = 1 << 20;

/// Chunks that are looked at: a file of nothing but empty ones is no sound.
const CHUNKS: usize = 100_000;

/// The 12 bytes behind the first four of each identifier in W64; `riff` itself has others.
const W64_TAIL: [u8; 12] = *b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Riff,
    /// Big-endian.
    Rifx,
    /// Sizes of 64 bits in a chunk `ds64`.
    Rf64,
    /// Identifiers of 16 bytes and sizes of 64 bits, heads included.
    W64,
}

struct Chunk {
    id: [u8; 4],
    at: u64,
    size: u64,
    next: u64,
}

/// What the walk has found.
#[derive(Default)]
struct RiffChunks {
    format: Option<Vec<u8>>,
    data: Option<(u64, u64)>,
    long_size: Option<u64>,
    warnings: Vec<String>,
}

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let magic: [u8; 4] = source.array(0)?.unwrap_or_default();
    let dialect = match &magic {
        b"RIFX" => Dialect::Rifx,
        b"RF64" | b"BW64" => Dialect::Rf64,
        b"riff" => Dialect::W64,
        _ => Dialect::Riff,
    };
    let found = walk(source, dialect)?;
    let Some(format) = found.format else { return refuse("this WAV file has no chunk fmt") };
    let Some((at, size)) = found.data else { return refuse("this WAV file has no chunk data") };
    let declared = found.long_size.filter(|_| size == u64::from(u32::MAX)).unwrap_or(size);
    sink.warnings.extend(found.warnings);
    let there = source.len().saturating_sub(at);
    let bytes = if is_unknown(source, declared, at)? { there } else { declared.min(there) };
    decode(source, (at, bytes), &format, dialect == Dialect::Rifx, sink)?;
    // Some writers give the length of the file for that of its samples: nothing is missing then.
    let of_file = [source.len(), source.len().saturating_sub(8)].contains(&declared);
    if declared > there && bytes < declared && !of_file && !is_unknown(source, declared, at)? {
        sink.broken_off = Some(format!(
            "its header promises {declared} bytes of samples, {} of them are missing",
            declared - there
        ));
    }
    Ok(())
}

/// Whether a size stands for one that was not known when the header was written: a pipe, or a recording that was
/// never finished.
fn is_unknown(source: &mut ByteSource, size: u64, at: u64) -> Result<bool, DecodeStop> {
    let there = source.len().saturating_sub(at);
    // ffmpeg and mpg123 write the first, sox and arecord the second into pipes.
    let streamed =
        |size| (0xFFFF_F000..=0xFFFF_FFFF).contains(&size) || (0x7FFF_F000..=0x8000_0000).contains(&size);
    if size > there && (streamed(size) || size >= u64::MAX - 0xFFFF || size == i64::MAX.unsigned_abs()) {
        return Ok(true);
    }
    // A size of 0 with something behind: samples, unless chunks follow one another to the end of the file.
    Ok(size == 0 && there > 0 && !are_chunks(source, at)?)
}

fn are_chunks(source: &mut ByteSource, mut at: u64) -> Result<bool, DecodeStop> {
    for _ in 0..CHUNKS {
        if at >= source.len() {
            return Ok(true);
        }
        let Some(head) = source.array::<8>(at)? else { return Ok(false) };
        let size = number(&head[4..], false);
        if !is_name(&head[..4]) || at + 8 + size > source.len() {
            return Ok(false);
        }
        at += 8 + size + size % 2;
    }
    Ok(false)
}

fn is_name(id: &[u8]) -> bool {
    id.len() == 4 && id.iter().all(|byte| (b' '..=b'~').contains(byte)) && id[0] != b' '
}

fn chunk_at(source: &mut ByteSource, at: u64, dialect: Dialect) -> Result<Option<Chunk>, DecodeStop> {
    if dialect == Dialect::W64 {
        let Some(head) = source.array::<24>(at)? else { return Ok(None) };
        let id = [head[0], head[1], head[2], head[3]];
        let size = number(&head[16..], false);
        let known = head[4..16] == W64_TAIL && size >= 24;
        let next = at.saturating_add(size.div_ceil(8).saturating_mul(8));
        return Ok(known.then_some(Chunk { id, at: at + 24, size: size - 24, next }));
    }
    let Some(head) = source.array::<8>(at)? else { return Ok(None) };
    let size = number(&head[4..], dialect == Dialect::Rifx);
    let id = [head[0], head[1], head[2], head[3]];
    Ok(Some(Chunk { id, at: at + 8, size, next: at + 8 + size }))
}

fn walk(source: &mut ByteSource, dialect: Dialect) -> Result<RiffChunks, DecodeStop> {
    let mut found = RiffChunks::default();
    let mut at = if dialect == Dialect::W64 { 40 } else { 12 };
    for _ in 0..CHUNKS {
        let Some(chunk) = chunk_at(source, at, dialect)? else { break };
        match &chunk.id {
            b"fmt " if found.format.is_none() => {
                found.format =
                    Some(source.bytes(chunk.at, usize::try_from(chunk.size.min(64)).unwrap_or(64))?.to_vec());
            }
            b"ds64" => {
                let sizes: Option<[u8; 16]> = source.array(chunk.at)?;
                found.long_size = sizes.map(|sizes| number(&sizes[8..], false));
            }
            b"data" if found.data.is_none() => found.data = Some((chunk.at, chunk.size)),
            _ => {}
        }
        if found.format.is_some() && found.data.is_some() {
            break;
        }
        let next = after(source, &chunk, dialect)?;
        let next = if is_name(&chunk.id) { next } else { None };
        if let Some(next) = next {
            at = next;
            continue;
        }
        let wanted: &[u8; 4] = if found.format.is_none() { b"fmt " } else { b"data" };
        let Some(next) = search(source, at + 1, *wanted)? else { break };
        let name = String::from_utf8_lossy(&chunk.id).trim_end().escape_debug().to_string();
        found.warnings.push(format!("the size of its chunk {name} is wrong, which was passed over"));
        at = next;
    }
    Ok(found)
}

/// Where the next chunk begins: chunks of odd length are padded, but not by everybody.
fn after(source: &mut ByteSource, chunk: &Chunk, dialect: Dialect) -> Result<Option<u64>, DecodeStop> {
    if chunk.next >= source.len() {
        return Ok(None);
    }
    if dialect == Dialect::W64 || chunk.size.is_multiple_of(2) {
        return Ok(Some(chunk.next));
    }
    let name = |at, source: &mut ByteSource| {
        Ok::<_, DecodeStop>(source.array::<4>(at)?.is_some_and(|id| is_name(&id)))
    };
    let known = source
        .array::<4>(chunk.next)?
        .is_some_and(|id| [*b"data", *b"fmt ", *b"LIST", *b"fact"].contains(&id));
    let padded = !known && (name(chunk.next + 1, source)? || !name(chunk.next, source)?);
    Ok(Some(chunk.next + u64::from(padded)))
}

fn search(source: &mut ByteSource, from: u64, wanted: [u8; 4]) -> Result<Option<u64>, DecodeStop> {
    let bytes = source.bytes(from, SEARCHED)?;
    Ok(bytes.windows(4).position(|id| id == wanted).map(|by| from + by as u64))
}

fn decode(
    source: &mut ByteSource,
    (at, bytes): (u64, u64),
    format: &[u8],
    big_endian: bool,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let field =
        |at: usize, size: usize| format.get(at..at + size).map_or(0, |bytes| number(bytes, big_endian));
    if format.len() < 14 {
        return refuse(format!("its chunk fmt has {} bytes, expected 16 or more", format.len()));
    }
    let small = |value: u64| usize::try_from(value).unwrap_or(usize::MAX);
    let (channels, block, bits) = (small(field(2, 2)), field(12, 2), small(field(14, 2)));
    let shape = SampleSpec { rate: u32::try_from(field(4, 4)).unwrap_or(0), channels };
    // EXTENSIBLE: the format proper is the beginning of a longer identifier.
    let tag = match field(0, 2) {
        0xFFFE if format.len() >= 26 => field(24, 2),
        0xFFFE => 1,
        tag => tag,
    };
    if channels == 0 {
        return refuse("it has no channels");
    }
    match tag {
        2 => return adpcm::read(source, (at, bytes), (adpcm::AdpcmKind::Ms, shape, block), sink),
        0x11 => return adpcm::read(source, (at, bytes), (adpcm::AdpcmKind::Ima, shape, block), sink),
        _ => {}
    }
    let packed = bits.div_ceil(8);
    // Samples may stand in more bytes than they need: the block says in how many.
    let width = if small(block).is_multiple_of(channels) && (packed..=8).contains(&(small(block) / channels))
    {
        small(block) / channels
    } else {
        packed
    };
    let coding = match tag {
        1 if bits <= 8 => Coding::Unsigned,
        1 => Coding::Signed,
        3 => Coding::Float,
        6 => Coding::ALaw,
        7 => Coding::MuLaw,
        tag => return refuse(format!("WAV with {} is not read", tag_name(tag))),
    };
    let layout = PcmLayout { shape, coding, width, big_endian };
    if bits == 0 || !layout.is_known() {
        return refuse(format!("WAV with samples of {bits} bits in {width} bytes is not read"));
    }
    pcm::read(source, at, bytes, &layout, sink)
}

/// The name of a format that is not read.
pub fn tag_name(tag: u64) -> String {
    let name = match tag {
        2 | 0x11 => "ADPCM",
        0x16 | 0x45 | 0x64 | 0x65 => "G.726 or G.722",
        0x31 => "GSM 6.10",
        0x50 => "MPEG Layer II",
        0x55 => "MP3 inside",
        0x92 | 0x2000 => "AC3 inside",
        0xFF | 0x1600 | 0x1601 | 0x1602 | 0x1610 => "AAC inside",
        0x160..=0x163 => "WMA inside",
        0x674F..=0x6771 => "Vorbis inside",
        0xF1AC => "FLAC inside",
        0x2001 => "DTS inside",
        _ => return format!("the format tag 0x{tag:04X}"),
    };
    name.to_owned()
}
