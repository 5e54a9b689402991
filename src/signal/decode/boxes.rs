//! MP4, M4A and MOV: what `symphonia` does not look at: lists of edits, and the names of what cannot be read.

use symphonia::core::codecs::audio::{AudioCodecId, well_known};

use super::demuxed::{self, Edit};
use super::sink::{Sink, Stop, refuse};
use super::source::{Source, Window, number};

/// Boxes that are looked at.
const BOXES: usize = 100_000;

/// Bytes of a box that are read.
const LONGEST: u64 = 1 << 20;

/// A box: its name, and where its content begins and ends.
type Place = ([u8; 4], u64, u64);

/// Reads a file of boxes.
pub fn read(source: Source, sink: &mut Sink) -> Result<(), Stop> {
    let mut source = source;
    let len = source.len();
    let Some((_, start, end)) = find(&mut source, (0, len), *b"moov")? else {
        return refuse("this MP4 file has no box moov: its recording or download was never finished");
    };
    let movie_scale = scale(&mut source, (start, end), *b"mvhd")?;
    let mut refused = None;
    let mut found = None;
    for (_, start, end) in
        children(&mut source, (start, end))?.into_iter().filter(|(name, ..)| name == b"trak")
    {
        let Some(track) = track(&mut source, (start, end), movie_scale)? else { continue };
        match track {
            Ok(edit) => {
                found = Some(edit);
                break;
            }
            Err(why) => refused = refused.or(Some(why)),
        }
    }
    let Some(edit) = found else {
        return refuse(refused.unwrap_or_else(|| "it has no track of sound".to_owned()));
    };
    let (at, bytes) = cut_box(&mut source)?;
    demuxed::read(Window::mended(source, at, bytes), sink, &edit)
}

/// Where the file ends within a box, the size that the box has, for its place: the demuxer believes no others.
fn cut_box(source: &mut Source) -> Result<(u64, Vec<u8>), Stop> {
    let len = source.len();
    let Some((_, inner, _)) = children(source, (0, len))?.pop() else { return Ok((0, Vec::new())) };
    let wide = number(source.bytes(inner.saturating_sub(16), 4)?, true) == 1 && inner >= 16;
    let start = inner - if wide { 16 } else { 8 };
    let declared =
        if wide { number(source.bytes(start + 8, 8)?, true) } else { number(source.bytes(start, 4)?, true) };
    let there = len - start;
    if declared <= there {
        return Ok((0, Vec::new()));
    }
    let there = there.to_be_bytes();
    Ok(if wide { (start + 8, there.to_vec()) } else { (start, there[4..].to_vec()) })
}

/// The boxes within a stretch.
fn children(source: &mut Source, (mut at, end): (u64, u64)) -> Result<Vec<Place>, Stop> {
    let mut boxes = Vec::new();
    while at + 8 <= end && boxes.len() < BOXES {
        let Some(head) = source.array::<8>(at)? else { break };
        let (inner, size) = match number(&head[..4], true) {
            0 => (at + 8, end - at),
            1 => (at + 16, number(source.bytes(at + 8, 8)?, true)),
            size => (at + 8, size),
        };
        let past = at.saturating_add(size);
        if past < inner {
            break;
        }
        boxes.push(([head[4], head[5], head[6], head[7]], inner, past.min(end)));
        at = past;
    }
    Ok(boxes)
}

fn find(source: &mut Source, within: (u64, u64), name: [u8; 4]) -> Result<Option<Place>, Stop> {
    Ok(children(source, within)?.into_iter().find(|(found, ..)| *found == name))
}

/// The content of a box that is found by a path of names.
fn content(source: &mut Source, within: (u64, u64), path: &[&[u8; 4]]) -> Result<Option<Vec<u8>>, Stop> {
    let mut within = within;
    for name in path {
        let Some((_, start, end)) = find(source, within, **name)? else { return Ok(None) };
        within = (start, end);
    }
    let count = usize::try_from((within.1 - within.0).min(LONGEST)).unwrap_or(0);
    Ok(Some(source.bytes(within.0, count)?.to_vec()))
}

/// Ticks a second, out of `mvhd` or `mdhd`.
fn scale(source: &mut Source, within: (u64, u64), name: [u8; 4]) -> Result<u64, Stop> {
    let Some(header) = content(source, within, &[&name])? else { return Ok(0) };
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    Ok(header.get(at..at + 4).map_or(0, |scale| number(scale, true)))
}

/// A track of sound: what of it is heard, or why it cannot be read.
fn track(
    source: &mut Source,
    within: (u64, u64),
    movie_scale: u64,
) -> Result<Option<Result<Edit, String>>, Stop> {
    let Some((_, start, end)) = find(source, within, *b"mdia")? else { return Ok(None) };
    let handler = content(source, (start, end), &[b"hdlr"])?;
    if handler.as_deref().and_then(|handler| handler.get(8..12)) != Some(b"soun") {
        return Ok(None);
    }
    let description = content(source, (start, end), &[b"minf", b"stbl", b"stsd"])?.unwrap_or_default();
    let Some(kind) = description.get(12..16) else {
        return Ok(Some(Err("its description is not whole".to_owned())));
    };
    if let Some(name) = unreadable(kind, &description) {
        return Ok(Some(Err(format!("MP4 with {name} is not read"))));
    }
    let rate = description.get(40..42).map_or(0, |rate| number(rate, true));
    let media_scale = scale(source, (start, end), *b"mdhd")?;
    let header = content(source, within, &[b"tkhd"])?.unwrap_or_default();
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    let id = header.get(at..at + 4).map(|id| number(id, true)).and_then(|id| u32::try_from(id).ok());
    let mut edit = Edit { track: id, codec: uncompressed(kind, &description), ..Edit::default() };
    if let Some(list) = content(source, within, &[b"edts", b"elst"])? {
        let long = list.first() == Some(&1);
        let size = if long { 20 } else { 12 };
        let wide = if long { 8 } else { 4 };
        let entries: Vec<(u64, u64)> = list
            .get(8..)
            .unwrap_or(&[])
            .chunks_exact(size)
            .map(|entry| (number(&entry[..wide], true), number(&entry[wide..2 * wide], true)))
            // An edit that shows nothing has -1 for its time.
            .filter(|(_, time)| *time != if long { u64::MAX } else { u64::from(u32::MAX) })
            .collect();
        if entries.len() > 1 {
            edit.told = Some("its list of edits has several parts, of which none is left out");
        }
        if let ([(length, time)], true, true) = (&entries[..], media_scale > 0, movie_scale > 0) {
            let frames = |ticks: u64, scale: u64| {
                u64::try_from(u128::from(ticks) * u128::from(rate) / u128::from(scale)).ok()
            };
            edit.start = frames(*time, media_scale).unwrap_or(0);
            edit.length = frames(*length, movie_scale).filter(|length| *length > 0);
        }
    }
    Ok(Some(Ok(edit)))
}

/// How samples are written whose order of bytes stands in a box of its own: big-endian unless it says otherwise.
fn uncompressed(kind: &[u8], description: &[u8]) -> Option<AudioCodecId> {
    let at = description.windows(4).position(|name| name == b"enda");
    let little = at.and_then(|at| description.get(at + 4..at + 6)).is_some_and(|order| order == [0, 1]);
    match (kind, little) {
        (b"in24", true) => Some(well_known::CODEC_ID_PCM_S24LE),
        (b"in24", false) => Some(well_known::CODEC_ID_PCM_S24BE),
        (b"in32", true) => Some(well_known::CODEC_ID_PCM_S32LE),
        (b"in32", false) => Some(well_known::CODEC_ID_PCM_S32BE),
        (b"fl32", true) => Some(well_known::CODEC_ID_PCM_F32LE),
        (b"fl32", false) => Some(well_known::CODEC_ID_PCM_F32BE),
        (b"fl64", true) => Some(well_known::CODEC_ID_PCM_F64LE),
        (b"fl64", false) => Some(well_known::CODEC_ID_PCM_F64BE),
        _ => None,
    }
}

/// The name of a codec that is not read.
fn unreadable(kind: &[u8], description: &[u8]) -> Option<String> {
    let name = match kind {
        b"Opus" => "Opus",
        b"ac-3" => "AC3",
        b"ec-3" => "E-AC3",
        b"samr" | b"sawb" => "AMR",
        b"alaw" | b"ulaw" => "A-law or mu-law",
        b".mp3" => "MP3",
        b"ima4" | b"ms\0\x02" | b"ms\0\x11" => "ADPCM",
        b"enca" | b"drms" => "encrypted sound",
        b"mp4a" if description.windows(4).any(|name| name == b"esds") => {
            // The kind of object stands in the descriptor 4.
            let at = description.windows(4).position(|name| name == b"esds")? + 8;
            let object = descriptor(description.get(at..)?, 4)?.first().copied()?;
            match object {
                0x40 | 0x66..=0x68 => return None,
                0x69 | 0x6B => "MP3",
                0xA5 => "AC3",
                0xA9 => "DTS",
                0xDD => "Vorbis",
                _ => "an unknown codec",
            }
        }
        _ => return None,
    };
    Some(name.to_owned())
}

/// The content of a descriptor of MPEG-4 with a tag, among those that lie within one another.
fn descriptor(bytes: &[u8], wanted: u8) -> Option<&[u8]> {
    let (tag, rest) = bytes.split_first()?;
    let digits = 1 + rest.iter().take(3).take_while(|byte| **byte & 0x80 != 0).count();
    let size = rest.get(..digits)?.iter().fold(0, |size, byte| size << 7 | usize::from(byte & 0x7F));
    let inner = rest.get(digits..)?;
    let inner = inner.get(..size.min(inner.len()))?;
    match tag {
        tag if *tag == wanted => Some(inner),
        3 => {
            let flags = inner.get(2)?;
            let skipped = 3 + if flags & 0x80 == 0 { 0 } else { 2 } + if flags & 0x20 == 0 { 0 } else { 2 };
            descriptor(inner.get(skipped..)?, wanted)
        }
        4 => descriptor(inner.get(13..)?, wanted),
        _ => None,
    }
}

/// The configuration of AAC, with the descriptors of MPEG-4 around it or without.
pub fn aac_configuration(cookie: &[u8]) -> &[u8] {
    if cookie.first() == Some(&3) { descriptor(cookie, 5).unwrap_or(cookie) } else { cookie }
}
