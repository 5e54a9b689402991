//! ADPCM of WAV, AIFF and CAF: blocks of equal size, each with a start of its own.

use symphonia::core::audio::Channels;
use symphonia::core::codecs::audio::well_known::{CODEC_ID_ADPCM_IMA_WAV, CODEC_ID_ADPCM_MS};

use super::packets::{self, PacketTable, parameters};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::ByteSource;

/// Whose ADPCM it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdpcmKind {
    Ms,
    Ima,
}

/// Bytes of a block of one channel in AIFF and CAF, and frames in it.
const QT: (u64, u64) = (34, 64);

/// How far the index of the steps moves, by the three lower bits of a code.
const MOVES: [i32; 8] = [-1, -1, -1, -1, 2, 4, 6, 8];

/// The steps of IMA ADPCM.
const STEPS: [i32; 89] = [
    7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88,
    97, 107, 118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658,
    724, 796, 876, 963, 1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660,
    4026, 4428, 4871, 5358, 5894, 6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818,
    18500, 20350, 22385, 24623, 27086, 29794, 32767,
];

/// Reads blocks of `block` bytes in `bytes` bytes from `at` on. A last block that is cut holds as many frames as its
/// bytes.
pub fn read(
    source: &mut ByteSource,
    (at, bytes): (u64, u64),
    (kind, shape, block): (AdpcmKind, SampleSpec, u64),
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let SampleSpec { rate, channels } = shape;
    if !(1..=2).contains(&channels) {
        return refuse(format!("ADPCM with {channels} channels is not read"));
    }
    let each = channels as u64;
    // Frames in a block of so many bytes: what stands at its head, then two a byte and channel.
    let frames = |block: u64| match kind {
        AdpcmKind::Ms => block.checked_sub(7 * each).map(|rest| 2 + rest * 2 / each),
        AdpcmKind::Ima => block.checked_sub(4 * each).map(|rest| 1 + rest / (4 * each) * 8),
    };
    let Some(full) = frames(block).filter(|_| block <= 1 << 16) else {
        return refuse(format!("its header says that a block of ADPCM takes {block} bytes"));
    };
    let codec = match kind {
        AdpcmKind::Ms => CODEC_ID_ADPCM_MS,
        AdpcmKind::Ima => CODEC_ID_ADPCM_IMA_WAV,
    };
    let mut of = parameters(codec, rate, &[]);
    of.with_channels(Channels::Discrete(u16::try_from(channels).unwrap_or(2)))
        .with_max_frames_per_packet(full)
        .with_frames_per_block(full);
    let bytes = bytes.min(source.len().saturating_sub(at));
    let (whole, rest) = (bytes / block, bytes % block);
    let last = frames(rest).filter(|_| rest > 0);
    sink.promised = Some(whole * full + last.unwrap_or(0));
    let sizes = Box::new(std::iter::repeat_n(block, usize::try_from(whole).unwrap_or(usize::MAX)));
    packets::read(source, PacketTable { parameters: of.clone(), frames: full, at, sizes }, sink)?;
    let Some(last) = last else { return Ok(()) };
    let mut padded = source.bytes(at + whole * block, usize::try_from(rest).unwrap_or(0))?.to_vec();
    padded.resize(usize::try_from(block).unwrap_or(0), 0);
    let all = sink.frames() + last;
    let sizes = Box::new(std::iter::once(block));
    packets::read(
        &mut ByteSource::of(padded),
        PacketTable { parameters: of, frames: full, at: 0, sizes },
        sink,
    )?;
    sink.truncate(all);
    Ok(())
}

/// Reads ima4, IMA's ADPCM of AIFF and CAF: a block a channel, whose head has the upper nine bits of the first sample
/// and the index of its step.
pub fn read_qt(
    source: &mut ByteSource,
    (at, bytes): (u64, u64),
    shape: SampleSpec,
    sink: &mut Sink,
) -> Result<(), DecodeStop> {
    let SampleSpec { channels, .. } = shape;
    if channels == 0 || channels > 256 {
        return refuse(format!("ima4 with {channels} channels is not read"));
    }
    sink.begin(shape)?;
    let block = QT.0 * channels as u64;
    let blocks = bytes.min(source.len().saturating_sub(at)) / block;
    sink.promised = Some(blocks * QT.1);
    let mut frames = vec![0.0; 64 * channels];
    for index in 0..blocks {
        let raw = source.bytes(at + index * block, 34 * channels)?;
        for (channel, raw) in raw.chunks_exact(34).enumerate() {
            let head = u16::from_be_bytes([raw[0], raw[1]]);
            let mut value = i32::from((head & 0xFF80).cast_signed());
            let mut step = usize::from(head & 0x7F).min(STEPS.len() - 1);
            for (at, code) in raw[2..].iter().flat_map(|byte| [byte & 15, byte >> 4]).enumerate() {
                let size = STEPS[step];
                let change =
                    (0..3).filter(|bit| code >> bit & 1 == 1).map(|bit| size >> (2 - bit)).sum::<i32>()
                        + (size >> 3);
                value = (if code & 8 == 0 { value + change } else { value - change }).clamp(-32_768, 32_767);
                step = step.saturating_add_signed(MOVES[usize::from(code & 7)] as isize).min(STEPS.len() - 1);
                frames[at * channels + channel] = value as f32 / 32_768.0;
            }
        }
        sink.push(&frames)?;
    }
    Ok(())
}
