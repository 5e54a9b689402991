//! MP4, M4A and MOV: which track is read, what of it is heard, and the names of what cannot be read. Uncompressed samples
//! are read here, all else by `symphonia`.

use super::boxes::{children, content, descriptor, find};
use super::chunks::{self, Plain};
use super::demuxed::{self, TrackChoice};
use super::edits::{self, Edits};
use super::sink::{DecodeStop, Sink, refuse};
use super::source::{ByteSource, ByteWindow, number};

struct Mp4Track {
    id: Option<u32>,
    edits: Edits,
    /// Uncompressed samples, and where they lie.
    plain: Option<Plain>,
}

pub fn read(source: ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut source = source;
    let len = source.len();
    let Some((_, start, end)) = find(&mut source, (0, len), *b"moov")? else {
        return refuse("this MP4 file has no box moov: its recording or download was never finished");
    };
    let mut refused = None;
    let mut found = None;
    for (name, inner, past) in children(&mut source, (start, end))? {
        if name != *b"trak" {
            continue;
        }
        match track(&mut source, (inner, past), (start, end)) {
            Ok(None) => {}
            Ok(Some(track)) => {
                found = Some(track);
                break;
            }
            Err(DecodeStop::Refused(why)) => refused = refused.or(Some(why)),
            Err(other) => return Err(other),
        }
    }
    let Some(Mp4Track { id, edits, plain }) = found else {
        return refuse(refused.unwrap_or_else(|| "it has no track of sound".to_owned()));
    };
    sink.warnings.extend(edits.warning.clone());
    sink.plan(&edits.plan);
    sink.promised = edits.length;
    if let Some(plain) = plain {
        return chunks::read(&mut source, &plain, &edits, sink);
    }
    let (at, bytes) = cut_box(&mut source)?;
    let choice = TrackChoice { track: id, until: edits.until, ..TrackChoice::default() };
    demuxed::read(ByteWindow::mended(source, at, bytes), sink, &choice)?;
    if let Some(all) = edits.exact {
        sink.truncate(all);
    }
    Ok(())
}

/// Where the file ends within a box, the size that the box has, for its place: the demuxer believes no others.
fn cut_box(source: &mut ByteSource) -> Result<(u64, Vec<u8>), DecodeStop> {
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

/// Ticks a second, out of `mvhd` or `mdhd`.
fn scale(source: &mut ByteSource, within: (u64, u64), name: [u8; 4]) -> Result<u64, DecodeStop> {
    let Some(header) = content(source, within, &[&name])? else { return Ok(0) };
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    Ok(header.get(at..at + 4).map_or(0, |scale| number(scale, true)))
}

/// A track of sound within the box of the whole movie; none where it is of something else.
fn track(
    source: &mut ByteSource,
    within: (u64, u64),
    movie: (u64, u64),
) -> Result<Option<Mp4Track>, DecodeStop> {
    let Some((_, start, end)) = find(source, within, *b"mdia")? else { return Ok(None) };
    let handler = content(source, (start, end), &[b"hdlr"])?;
    if handler.as_deref().and_then(|handler| handler.get(8..12)) != Some(b"soun") {
        return Ok(None);
    }
    let Some(table) = table(source, (start, end))? else { return refuse("its description is not whole") };
    let description = content(source, table, &[b"stsd"])?.unwrap_or_default();
    let Some(kind) = description.get(12..16) else { return refuse("its description is not whole") };
    if let Some(name) = unreadable(kind, &description) {
        return refuse(format!("MP4 with {name} is not read"));
    }
    let plain = match chunks::layout(&description)? {
        Some(layout) => Some(chunks::find(source, table, layout)?),
        None => None,
    };
    let media_scale = scale(source, (start, end), *b"mdhd")?;
    // Rates above 65,535 Hz do not fit into their place, and those of others are the ticks of their track.
    let declared = description.get(40..42).map_or(0, |rate| number(rate, true));
    let rate = plain.as_ref().map_or(declared, |plain| u64::from(plain.layout.shape.rate));
    let rate = if rate == 0 { media_scale } else { rate };
    let edits = if let Some(list) = content(source, within, &[b"edts", b"elst"])? {
        edits::of_list(&list, rate, (scale(source, movie, *b"mvhd")?, media_scale))?
    } else {
        edits::of_tags(source, movie)?
    };
    let header = content(source, within, &[b"tkhd"])?.unwrap_or_default();
    let at = if header.first() == Some(&1) { 20 } else { 12 };
    let id = header.get(at..at + 4).map(|id| number(id, true)).and_then(|id| u32::try_from(id).ok());
    Ok(Some(Mp4Track { id, edits, plain }))
}

/// Where the tables of samples of a track lie.
fn table(source: &mut ByteSource, within: (u64, u64)) -> Result<Option<(u64, u64)>, DecodeStop> {
    let Some((_, start, end)) = find(source, within, *b"minf")? else { return Ok(None) };
    Ok(find(source, (start, end), *b"stbl")?.map(|(_, start, end)| (start, end)))
}

/// The name of a codec that is not read.
fn unreadable(kind: &[u8], description: &[u8]) -> Option<String> {
    let name = match kind {
        b"Opus" => "Opus",
        b"ac-3" => "AC3",
        b"ec-3" => "E-AC3",
        b"samr" | b"sawb" => "AMR",
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
