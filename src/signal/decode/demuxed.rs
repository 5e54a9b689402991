//! Containers that `symphonia` takes apart: FLAC, MP4, Matroska, ADTS.

use symphonia::core::codecs::audio::{AudioCodecId, well_known};
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::FORMAT_ID_MKV;
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::meta::MetadataOptions;

use super::guard::guard;
use super::packets::{Broken, DAMAGED, Decoder, reason};
use super::sink::{Sink, Stop, refuse};
use super::source::Window;

/// What of a track is meant to be heard, as a list of edits says it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Edit {
    /// Frames that are left out at the beginning.
    pub start: u64,
    /// Frames that are kept.
    pub length: Option<u64>,
    /// Which track it is.
    pub track: Option<u32>,
    /// How its samples are written, where the demuxer does not look.
    pub codec: Option<AudioCodecId>,
    /// What could not be followed.
    pub told: Option<&'static str>,
}

/// Decodes the track that can be heard.
pub fn read(window: Window, sink: &mut Sink, edit: &Edit) -> Result<(), Stop> {
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
    let of_edit = format.tracks().iter().find(|track| Some(track.id) == edit.track);
    let Some(track) = of_edit.or_else(|| format.default_track(TrackType::Audio)).cloned() else {
        return refuse("it has no track of sound of a kind that is read");
    };
    let Some(parameters) = track.codec_params.as_ref().and_then(|parameters| parameters.audio()) else {
        return refuse("its track of sound is of a kind that is not read");
    };
    let mut parameters = parameters.clone();
    parameters.codec = edit.codec.unwrap_or(parameters.codec);
    if parameters.codec == well_known::CODEC_ID_MP3 {
        return refuse(
            "MP3 within a container is not read, for the length of its gaps is not known; MP3 alone is",
        );
    }
    let mut decoder = Decoder::new(&parameters)?;
    sink.skip(edit.start);
    sink.told.extend(edit.told.map(str::to_owned));
    let counted = track.num_frames.filter(|frames| *frames > 0);
    sink.promised = sink.promised.or(edit.length).or(counted.map(|frames| frames.saturating_sub(edit.start)));
    let gapless = parameters.codec == well_known::CODEC_ID_FLAC;
    // Of a packet that begins before the end all is kept, as players do: lists of edits count in milliseconds.
    let until = edit.length.map_or(u64::MAX, |length| length.saturating_add(edit.start));
    packets(&mut *format, &track, &mut decoder, (gapless, until), sink)
}

fn packets(
    format: &mut dyn FormatReader,
    track: &Track,
    decoder: &mut Decoder,
    (placed, until): (bool, u64),
    sink: &mut Sink,
) -> Result<(), Stop> {
    let endless =
        format.format_info().format == FORMAT_ID_MKV && track.duration.is_none_or(|length| length.get() == 0);
    let mut idle = 0;
    // Frames that the last packet had, which a broken one is taken to have as well.
    let mut usual;
    let mut decoded = 0;
    // Packets that are broken before the next one that is whole.
    let mut lost = 0;
    while decoded < until {
        let packet = match guard(|| format.next_packet()) {
            Ok(Ok(Some(packet))) => packet,
            Ok(Ok(None)) => return Ok(()),
            // A recording that is still going on has no length, and ends where the file does.
            Ok(Err(Error::IoError(e))) if e.kind() == std::io::ErrorKind::UnexpectedEof && endless => {
                return Ok(());
            }
            Ok(Err(e)) => {
                sink.broken_off = Some(reason(&e));
                return Ok(());
            }
            Err(panic) => {
                sink.broken_off = Some(panic);
                return Ok(());
            }
        };
        if packet.track_id != track.id {
            idle += 1;
            if idle > 1_000_000 {
                return refuse("its track of sound has no packets");
            }
            continue;
        }
        idle = 0;
        // Where packets tell their place to the frame, what is missing before them is known.
        if placed && sink.shape.is_some() {
            let at = u64::try_from(packet.pts.get()).unwrap_or(0);
            sink.gap(at.saturating_sub(sink.frames()), "blocks are damaged or missing")?;
            lost = 0;
        }
        match decoder.decode(&packet.as_packet_ref()) {
            Ok(Some((shape, frames))) => {
                usual = (frames.len() / shape.channels) as u64;
                decoded += usual;
                sink.begin(shape)?;
                sink.gap(std::mem::take(&mut lost) * usual, DAMAGED)?;
                sink.push(frames)?;
            }
            Ok(None) => {}
            Err(Broken::Packet(why)) => {
                lost += 1;
                sink.hint = Some(why);
            }
            Err(Broken::Stream(why)) => {
                sink.broken_off = Some(why);
                return Ok(());
            }
        }
    }
    Ok(())
}
