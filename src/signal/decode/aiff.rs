//! AIFF and AIFC.

use super::adpcm;
use super::pcm::{self, Coding, PcmLayout};
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};

pub fn read(source: &mut ByteSource, sink: &mut Sink) -> Result<(), DecodeStop> {
    let (mut common, mut data) = (None, None);
    let mut at = 12;
    while let Some(head) = source.array::<8>(at)? {
        let size = number(&head[4..], true);
        match &head[..4] {
            b"COMM" => {
                common = Some(source.bytes(at + 8, usize::try_from(size.min(64)).unwrap_or(64))?.to_vec());
            }
            b"SSND" => {
                let offset = source.bytes(at + 8, 4)?;
                data = Some((at + 16 + number(offset, true), size.saturating_sub(8 + number(offset, true))));
            }
            _ => {}
        }
        if common.is_some() && data.is_some() {
            break;
        }
        at += 8 + size + size % 2;
    }
    let Some(common) = common.filter(|common| common.len() >= 18) else {
        return refuse("this AIFF file has no whole chunk COMM");
    };
    let Some((at, size)) = data else { return refuse("this AIFF file has no chunk SSND") };
    let field = |at: usize, size: usize| number(&common[at..at + size], true);
    let (channels, frames, bits) = (field(0, 2), field(2, 4), field(6, 2));
    let shape =
        SampleSpec { rate: extended(&common[8..18]), channels: usize::try_from(channels).unwrap_or(0) };
    let there = source.len().saturating_sub(at);
    let kind: [u8; 4] = common.get(18..22).and_then(|kind| kind.try_into().ok()).unwrap_or(*b"NONE");
    if channels == 0 {
        return refuse("it has no channels");
    }
    if kind == *b"ima4" {
        return adpcm::read_qt(source, (at, size.min(there)), shape, sink);
    }
    let wide = usize::try_from(bits.div_ceil(8)).unwrap_or(0);
    let (coding, width, big_endian) = match &kind {
        b"NONE" | b"twos" | b"in24" | b"in32" => (Coding::Signed, wide, true),
        b"sowt" => (Coding::Signed, wide, false),
        b"raw " => (Coding::Unsigned, 1, true),
        b"fl32" | b"FL32" => (Coding::Float, 4, true),
        b"fl64" | b"FL64" => (Coding::Float, 8, true),
        b"alaw" | b"ALAW" => (Coding::ALaw, 1, true),
        b"ulaw" | b"ULAW" => (Coding::MuLaw, 1, true),
        other => {
            return refuse(format!(
                "AIFF with {} is not read",
                String::from_utf8_lossy(other).escape_debug()
            ));
        }
    };
    let layout = PcmLayout { shape, coding, width, big_endian };
    if !layout.is_known() {
        return refuse(format!("AIFF with samples of {bits} bits is not read"));
    }
    // A recording that was never finished says 0 in either place.
    let counted = frames * layout.frame() as u64;
    let declared = match (counted, size) {
        (0, 0) => there,
        (0, size) => size,
        (counted, 0) => counted,
        (counted, size) => counted.min(size),
    };
    pcm::read(source, at, declared, &layout, sink)?;
    if declared > there {
        let missing = declared - there;
        sink.broken_off =
            Some(format!("its header promises {declared} bytes of samples, {missing} of them are missing"));
    }
    Ok(())
}

/// A number of 80 bits, as AIFF writes rates, to the nearest whole one.
fn extended(bytes: &[u8]) -> u32 {
    let exponent = i32::try_from(number(&bytes[..2], true) & 0x7FFF).unwrap_or(0) - 16_383 - 63;
    let value = number(&bytes[2..], true) as f64 * f64::from(exponent.clamp(-200, 200)).exp2();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // what does not fit is no rate
    let whole = value.round() as u32;
    whole
}
