//! Tags that stand before and behind a sound: ID3, APE, Lyrics3. They are passed over, whatever their length.

use super::sink::DecodeStop;
use super::source::{ByteSource, number};

/// Where what follows tags and zeros at `at` begins.
pub fn skip(source: &mut ByteSource, mut at: u64) -> Result<u64, DecodeStop> {
    loop {
        let len = source.len();
        let head = source.bytes(at, 32)?;
        at += match head {
            // Sizes have seven bits a byte; a footer repeats the head.
            [b'I', b'D', b'3', _, _, flags, a, b, c, d, ..] if (a | b | c | d) & 0x80 == 0 => {
                let size = [a, b, c, d].into_iter().fold(0, |size, byte| size << 7 | u64::from(*byte));
                10 + size + if flags & 0x10 == 0 { 0 } else { 10 }
            }
            [b'A', b'P', b'E', b'T', b'A', b'G', b'E', b'X', ..] if head.len() == 32 => {
                32 + number(&head[12..16], false)
            }
            [b'T', b'A', b'G', ..] if at + 128 == len => 128,
            _ => return Ok(at.min(len)),
        };
    }
}

/// Where the tags at the end begin.
pub fn end(source: &mut ByteSource, start: u64) -> Result<u64, DecodeStop> {
    let mut end = source.len();
    loop {
        let before = |back: u64, count: usize, source: &mut ByteSource| -> Result<Vec<u8>, DecodeStop> {
            let at = end.checked_sub(back).filter(|at| *at >= start);
            Ok(match at {
                Some(at) => source.bytes(at, count)?.to_vec(),
                None => Vec::new(),
            })
        };
        let size = if before(128, 3, source)? == b"TAG" {
            128
        } else if before(32, 8, source)? == b"APETAGEX" {
            let footer = before(32, 32, source)?;
            // The size counts the footer, not the head, which a flag announces.
            number(&footer[12..16], false) + if footer[23] & 0x80 == 0 { 0 } else { 32 }
        } else if before(9, 9, source)? == b"LYRICS200" {
            let digits = before(15, 6, source)?;
            15 + String::from_utf8_lossy(&digits).parse::<u64>().unwrap_or(0)
        } else if before(10, 3, source)? == b"3DI" {
            let footer = before(10, 10, source)?;
            20 + footer[6..].iter().fold(0, |size, byte| size << 7 | u64::from(byte & 0x7F))
        } else {
            return Ok(end);
        };
        match end.checked_sub(size).filter(|at| *at >= start) {
            Some(at) => end = at,
            None => return Ok(end),
        }
    }
}
