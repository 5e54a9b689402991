//! The boxes that MP4, M4A and MOV consist of.

use super::sink::DecodeStop;
use super::source::{ByteSource, number};

/// Boxes that are looked at.
const BOXES: usize = 100_000;

/// Bytes of a box that are read: tables of places are the longest.
const LONGEST: u64 = 64 << 20;

/// A box: its name, and where its content begins and ends.
pub type BoxRange = ([u8; 4], u64, u64);

/// The boxes within a stretch.
pub fn children(source: &mut ByteSource, (mut at, end): (u64, u64)) -> Result<Vec<BoxRange>, DecodeStop> {
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

/// The first box of a name within a stretch.
pub fn find(
    source: &mut ByteSource,
    within: (u64, u64),
    name: [u8; 4],
) -> Result<Option<BoxRange>, DecodeStop> {
    Ok(children(source, within)?.into_iter().find(|(found, ..)| *found == name))
}

/// The content of a box that is found by a path of names.
pub fn content(
    source: &mut ByteSource,
    within: (u64, u64),
    path: &[&[u8; 4]],
) -> Result<Option<Vec<u8>>, DecodeStop> {
    let mut within = within;
    for name in path {
        let Some((_, start, end)) = find(source, within, **name)? else { return Ok(None) };
        within = (start, end);
    }
    let count = usize::try_from(within.1.saturating_sub(within.0).min(LONGEST)).unwrap_or(0);
    Ok(Some(source.bytes(within.0, count)?.to_vec()))
}

/// The content of a descriptor of MPEG-4 with a tag, among those that lie within one another.
pub fn descriptor(bytes: &[u8], wanted: u8) -> Option<&[u8]> {
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
