//! FLAC: what is said about the stream is set right before the demuxer sees it, tags are left out.

use super::demuxed;
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, ByteWindow, number};
use super::tags;

/// Bytes of the block that describes the stream.
const INFO: usize = 34;

/// The smallest block that there may be.
const SMALLEST: u64 = 16;

pub fn read(source: ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut source = source;
    let start = tags::skip(&mut source, 0)?;
    let end = tags::end(&mut source, start)?;
    let mut at = start + 4;
    let mut info = None;
    // Blocks of other things than sound: pictures, comments, padding.
    loop {
        let Some(head) = source.array::<4>(at)? else { return refuse("the file ends within its headers") };
        let size = number(&head[1..], true);
        if [0, 0x80].contains(&head[0]) && info.is_none() {
            info = stream_info(source.bytes(at, 4 + INFO)?);
        }
        at += 4 + size;
        if head[0] & 0x80 != 0 {
            break;
        }
    }
    read_frames(&mut source, (at, end), info, sink)
}

/// Reads the frames between two places.
pub fn read_frames(
    source: &mut ByteSource,
    (at, end): (u64, u64),
    info: Option<[u8; INFO]>,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let Some(info) = info else { return refuse("its header of FLAC is not whole") };
    let info = straight(info, first_block(source.bytes(at, 16)?));
    sink.begin(shape(&info))?;
    let all = number(&info[13..18], true) & 0xF_FFFF_FFFF;
    sink.promised = (all > 0).then_some(all);
    let prefix = [b"fLaC\x80\0\0\x22", &info[..]].concat();
    let window = ByteWindow::new(std::mem::replace(source, ByteSource::of(Vec::new())), prefix, at, end);
    demuxed::read(window, sink, &demuxed::TrackChoice::default())?;
    if all > 0 && sink.frames() < all && sink.broken_off.is_none() {
        let rate = f64::from(shape(&info).rate);
        sink.broken_off = Some(format!("its header promises {:.3} s", all as f64 / rate));
    }
    Ok(())
}

/// What a stream is like, out of a block with its head, a file's beginning, or `QuickTime`'s box `dfLa`.
pub fn stream_info(bytes: &[u8]) -> Option<[u8; INFO]> {
    let at =
        bytes.windows(4).take(64).position(|head| [0, 0x80].contains(&head[0]) && head[1..] == [0, 0, 34]);
    let at = at.map_or(0, |at| at + 4);
    bytes.get(at..at + INFO)?.try_into().ok()
}

/// The same of frames that nothing describes but the first of them.
pub fn described_by_frame(frame: &[u8], SampleSpec { rate, channels }: SampleSpec) -> Option<[u8; INFO]> {
    let (_, block) = first_block(frame)?;
    let bits = *[0, 8, 12, 0, 16, 20, 24, 32].get(usize::from(frame.get(3)? >> 1 & 7))?;
    let channels = u64::try_from(channels).ok().filter(|channels| (1..=8).contains(channels) && bits > 0)?;
    let mut info = [0; INFO];
    info[..2].copy_from_slice(&block.to_be_bytes());
    info[2..4].copy_from_slice(&block.to_be_bytes());
    let fields = u64::from(rate) << 44 | (channels - 1) << 41 | (bits - 1) << 36;
    info[10..18].copy_from_slice(&fields.to_be_bytes());
    Some(info)
}

/// Whether blocks vary in length, and the length of the one that begins here.
fn first_block(frame: &[u8]) -> Option<(bool, u16)> {
    let [0xFF, strategy @ (0xF8 | 0xF9), sizes, _, first, ..] = *frame else { return None };
    // The number of the frame stands before a length of its own, and has as many bytes as it has leading ones.
    let behind = 4 + (first.leading_ones() as usize).max(1);
    let block = match u32::from(sizes >> 4) {
        1 => 192,
        code @ 2..=5 => 576 << (code - 2),
        6 => 1 + number(frame.get(behind..=behind)?, true),
        7 => 1 + number(frame.get(behind..behind + 2)?, true),
        code @ 8..=15 => 256 << (code - 8),
        _ => return None,
    };
    Some((strategy == 0xF9, u16::try_from(block).ok()?))
}

/// The smallest and the largest block as the demuxer believes in them: equal where blocks do not vary, different
/// where they do. Some writers leave them at 0.
fn straight(mut info: [u8; INFO], first: Option<(bool, u16)>) -> [u8; INFO] {
    let (smallest, largest) = (number(&info[..2], true), number(&info[2..4], true));
    let (smallest, largest) = match first {
        Some((true, block)) => (SMALLEST, largest.max(u64::from(block)).max(SMALLEST + 1)),
        Some((false, block)) if smallest != largest || smallest < SMALLEST => {
            let block = u64::from(block).max(SMALLEST);
            (block, block)
        }
        _ => (smallest, largest),
    };
    info[..2].copy_from_slice(&u16::try_from(smallest).unwrap_or(u16::MAX).to_be_bytes());
    info[2..4].copy_from_slice(&u16::try_from(largest).unwrap_or(u16::MAX).to_be_bytes());
    info
}

/// Rate and channels.
pub fn shape(info: &[u8; INFO]) -> SampleSpec {
    let rate = u32::try_from(number(&info[10..13], true) >> 4).unwrap_or(0);
    SampleSpec { rate, channels: usize::from(info[12] >> 1 & 7) + 1 }
}
