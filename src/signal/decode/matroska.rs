//! Matroska and `WebM`: a file that ends before its segment does is one whose length is not known.

use super::demuxed::{self, Edit};
use super::sink::{Sink, Stop};
use super::source::{Source, Window};

/// The identifier of a segment.
const SEGMENT: [u8; 4] = [0x18, 0x53, 0x80, 0x67];

/// Reads a Matroska file.
pub fn read(source: Source, sink: &mut Sink) -> Result<(), Stop> {
    let mut source = source;
    let (at, bytes) = cut_segment(&mut source)?;
    let cut = !bytes.is_empty();
    let window = Window::mended(source, at, bytes);
    demuxed::read(if cut { window.in_order() } else { window }, sink, &Edit::default())?;
    if cut && sink.broken_off.is_none() {
        sink.broken_off = Some("unexpected end of file".to_owned());
    }
    Ok(())
}

/// A number whose first byte tells by its leading zeros how many there are, and its length.
fn variable(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    let rest = bytes.get(1..length).filter(|_| length <= 8)?;
    let first = u64::from(first) & ((1 << (8 - length)) - 1);
    Some((rest.iter().fold(first, |value, byte| value << 8 | u64::from(*byte)), length))
}

/// The size that says that it is not known, for the place of one that is larger than the file.
fn cut_segment(source: &mut Source) -> Result<(u64, Vec<u8>), Stop> {
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
