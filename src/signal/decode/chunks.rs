//! Uncompressed samples of MP4 and MOV, which lie in chunks.

use super::boxes::content;
use super::edits::Edits;
use super::pcm::{self, Coding, PcmLayout};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};

/// Where the samples of a track lie.
pub struct Plain {
    pub layout: PcmLayout,
    /// Where each chunk begins, and how many frames it has.
    chunks: Vec<(u64, u64)>,
}

/// How the samples of such a description (`stsd`) are written; none where they are compressed.
pub fn layout(description: &[u8]) -> Result<Option<PcmLayout>, DecodeStop> {
    let field =
        |at: usize, size: usize| description.get(at..at + size).map_or(0, |field| number(field, true));
    let kind = description.get(12..16).unwrap_or(&[]);
    let version = field(24, 2);
    let (mut channels, mut rate) = (field(32, 2), field(40, 4) >> 16);
    // Bits, or what a later version of the description says instead.
    let (mut bits, mut flags) = (field(34, 2), 2);
    if version == 1 && (1..=4).contains(&field(56, 4)) {
        bits = 8 * field(56, 4);
    }
    if version == 2 {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what does not fit is no rate
        let wide = f64::from_bits(field(48, 8)).round() as u64;
        (rate, channels, bits, flags) = (wide, field(56, 4), field(64, 4), field(68, 4));
    }
    let after = |name: &[u8], skipped: usize| {
        let at = description.windows(4).position(|found| found == name)? + 4 + skipped;
        description.get(at..at + 2)
    };
    // Big-endian unless a box of its own says otherwise.
    let is_big = after(b"enda", 0) != Some(&[0, 1]);
    let whole = |bits: u64| usize::try_from(bits.div_ceil(8)).unwrap_or(0);
    let (coding, width, big_endian) = match kind {
        b"raw " | b"NONE" if bits <= 8 => (Coding::Unsigned, 1, true),
        b"raw " | b"NONE" | b"twos" => (Coding::Signed, whole(bits), true),
        b"sowt" => (Coding::Signed, whole(bits), false),
        b"in24" => (Coding::Signed, 3, is_big),
        b"in32" => (Coding::Signed, 4, is_big),
        b"fl32" => (Coding::Float, 4, is_big),
        b"fl64" => (Coding::Float, 8, is_big),
        b"alaw" => (Coding::ALaw, 1, true),
        b"ulaw" => (Coding::MuLaw, 1, true),
        b"lpcm" if flags & 1 != 0 => (Coding::Float, whole(bits), flags & 2 != 0),
        b"lpcm" if flags & 4 != 0 || version < 2 => (Coding::Signed, whole(bits), flags & 2 != 0),
        b"lpcm" if bits <= 8 => (Coding::Unsigned, 1, true),
        b"ipcm" | b"fpcm" => {
            let Some([order, bits]) = after(b"pcmC", 4) else {
                return refuse("its description is not whole");
            };
            let coding = if kind == b"ipcm" { Coding::Signed } else { Coding::Float };
            (coding, usize::from(bits.div_ceil(8)), order & 1 == 0)
        }
        b"lpcm" => return refuse(format!("MP4 with unsigned samples of {bits} bits is not read")),
        _ => return Ok(None),
    };
    let channels = usize::try_from(channels).unwrap_or(0);
    let shape = SampleSpec { rate: u32::try_from(rate).unwrap_or(0), channels };
    let layout = PcmLayout { shape, coding, width, big_endian };
    if channels == 0 {
        return refuse("it has no channels");
    }
    if !layout.is_known() {
        return refuse(format!("MP4 with samples of {bits} bits is not read"));
    }
    Ok(Some(layout))
}

/// Finds the samples of a track by its tables (`stbl`).
pub fn find(source: &mut ByteSource, table: (u64, u64), layout: PcmLayout) -> Result<Plain, DecodeStop> {
    let wide = content(source, table, &[b"co64"])?;
    let (places, size) = match wide {
        Some(places) => (places, 8),
        None => (content(source, table, &[b"stco"])?.unwrap_or_default(), 4),
    };
    let runs = content(source, table, &[b"stsc"])?.unwrap_or_default();
    let sizes = content(source, table, &[b"stsz"])?.unwrap_or_default();
    let mut left = sizes.get(8..12).map_or(0, |count| number(count, true));
    // Each run begins with a chunk, counted from 1, and says how many samples this one and those behind it have.
    let mut runs = runs
        .get(8..)
        .unwrap_or(&[])
        .chunks_exact(12)
        .map(|run| (number(&run[..4], true), number(&run[4..8], true)))
        .peekable();
    let mut frames = 0;
    let mut chunks = Vec::new();
    for (index, place) in (1..).zip(places.get(8..).unwrap_or(&[]).chunks_exact(size)) {
        while let Some((_, count)) = runs.next_if(|(first, _)| *first <= index) {
            frames = count;
        }
        let count = frames.min(left);
        left -= count;
        chunks.push((number(place, true), count));
    }
    if chunks.is_empty() {
        return refuse("MP4 with uncompressed samples in fragments is not read");
    }
    Ok(Plain { layout, chunks })
}

/// Reads the samples of a track, as far as it is heard.
pub fn read(
    source: &mut ByteSource,
    plain: &Plain,
    edits: &Edits,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let Plain { layout, chunks } = plain;
    sink.begin(layout.shape)?;
    let all: u64 = chunks.iter().map(|(_, frames)| frames).sum();
    let all = edits.until.filter(|until| until.saturating_add(edits.slack) < all).unwrap_or(all);
    sink.promised = sink.promised.or(Some(all));
    let mut left = all;
    for (at, frames) in chunks {
        let count = left.min(*frames);
        let there = source.len().saturating_sub(*at) / layout.frame() as u64;
        pcm::read_frames(source, *at, count.min(there), layout, sink)?;
        if there < count {
            sink.broken_off = Some("unexpected end of file".to_owned());
            break;
        }
        left -= count;
    }
    Ok(())
}
