//! Containers that `symphonia` takes apart: FLAC, MP4, Matroska.

use symphonia::core::codecs::audio::{AudioCodecParameters, well_known};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_MKV;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::guard::guard;
use super::packets::{PacketDecoder, Packets, reason};
use super::sink::{DecodeStop, Sink, refuse};
use super::source::ByteWindow;

/// Packets of other tracks in a row before a file is given up.
const MOST_OF_OTHERS: u32 = 1_000_000;

/// Which track is decoded, and how far.
#[derive(Clone, Debug, Default)]
pub struct TrackChoice {
    /// Which track it is; the first of sound otherwise.
    pub track: Option<u32>,
    /// How it is coded, where the demuxer does not know.
    pub parameters: Option<AudioCodecParameters>,
    /// Frames of the track behind which nothing is wanted. Of a packet that begins before them all is kept, as players
    /// do: lists of edits count in milliseconds.
    pub until: Option<u64>,
}

/// Decodes a track.
pub fn read(window: ByteWindow, sink: &mut Sink, choice: &TrackChoice) -> Result<(), DecodeStop> {
    let len = window.len();
    let stream =
        MediaSourceStream::new(Box::new(window), symphonia::core::io::MediaSourceStreamOptions::default());
    let probed = guard(|| {
        symphonia::default::get_probe().probe(
            &Hint::new(),
            stream,
            FormatOptions::default(),
            MetadataOptions::default(),
        )
    });
    let mut format = match probed {
        Ok(Ok(format)) => format,
        Ok(Err(e)) => return refuse(reason(&e)),
        Err(panic) => return refuse(format!("its demuxer failed: {panic}")),
    };
    let chosen = format.tracks().iter().find(|track| Some(track.id) == choice.track);
    let Some(track) = chosen.or_else(|| format.default_track(TrackType::Audio)).cloned() else {
        return refuse("it has no track of sound of a kind that is read");
    };
    let known = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let Some(parameters) = choice.parameters.as_ref().or(known) else {
        return refuse("its track of sound is of a kind that is not read");
    };
    if parameters.codec == well_known::CODEC_ID_MP3 {
        return refuse(
            "MP3 within a container is not read, for the length of its gaps is not known; MP3 alone is",
        );
    }
    sink.promised = sink.promised.or(track.num_frames.filter(|frames| *frames > 0));
    let placed = parameters.codec == well_known::CODEC_ID_FLAC;
    let mut packets = Packets::new(PacketDecoder::new(parameters)?, 0);
    let mut behind = 0;
    while choice.until.is_none_or(|until| sink.come() < until) {
        let Some(packet) = next(&mut *format, &track, sink)? else { break };
        behind += packet.data.len();
        sink.share = behind as f64 / len as f64;
        // Where packets give their place to the frame, what is missing before them is known.
        if placed && sink.shape.is_some() {
            let at = u64::try_from(packet.pts.get()).unwrap_or(0);
            packets.gap(at.saturating_sub(sink.come()), "blocks are damaged or missing", sink)?;
        }
        if !packets.next(&packet.as_packet_ref(), sink)? {
            break;
        }
    }
    Ok(())
}

/// The next packet of a track; none at the end.
fn next(
    format: &mut dyn FormatReader,
    track: &Track,
    sink: &mut Sink,
) -> Result<Option<symphonia::core::packet::Packet>, DecodeStop> {
    let endless =
        format.format_info().format == FORMAT_ID_MKV && track.duration.is_none_or(|length| length.get() == 0);
    for _ in 0..MOST_OF_OTHERS {
        match guard(|| format.next_packet()) {
            Ok(Ok(Some(packet))) if packet.track_id == track.id => return Ok(Some(packet)),
            Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => return Ok(None),
            // A recording that is still going on has no length, and ends where the file does.
            Ok(Err(Error::IoError(e))) if e.kind() == std::io::ErrorKind::UnexpectedEof && endless => {
                return Ok(None);
            }
            Ok(Err(e)) => {
                sink.broken_off = Some(reason(&e));
                return Ok(None);
            }
            Err(panic) => {
                sink.broken_off = Some(panic);
                return Ok(None);
            }
        }
    }
    refuse("its track of sound has no packets")
}
