//! Compressed packets through the decoders of `symphonia`, for every container that they come from.

use symphonia::core::codecs::audio::{
    AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions, well_known,
};
use symphonia::core::errors::Error;
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::guard::guard;
use super::sink::{DecodeStop, SampleSpec, Sink, refuse};
use super::source::{ByteSource, number};

/// Frames in the largest packet of ALAC that is meant: a decoder makes room for what the header says.
const LONGEST_ALAC: u64 = 1 << 16;

/// Packets in a row that give nothing before a file is given up.
const BARREN: u32 = 10_000;

/// What stands in a message where a packet is broken.
const DAMAGED: &str = "packets are damaged";

/// Why a sound is refused whose upper half is described by the lower one (spectral band replication).
const HE_AAC: &str = "HE-AAC is not read, AAC-LC is";

/// A decoder whose panics are errors.
pub struct PacketDecoder {
    inner: Box<dyn AudioDecoder>,
    interleaved: Vec<f32>,
    barren: u32,
}

/// A packet that could not be decoded.
pub enum Broken {
    /// The next one may be better.
    Packet(String),
    /// Nothing more comes.
    Stream(String),
}

impl PacketDecoder {
    pub fn new(parameters: &AudioCodecParameters) -> Result<Self, DecodeStop> {
        let extra = parameters.extra_data.as_deref().unwrap_or(&[]);
        if parameters.codec == well_known::CODEC_ID_ALAC {
            let frames = extra.get(..4).map_or(0, |bytes| number(bytes, true));
            if frames == 0 || frames > LONGEST_ALAC {
                return refuse(format!("its header says that a packet of ALAC holds {frames} frames"));
            }
        }
        let channels = parameters.channels.as_ref().map_or(0, symphonia::core::audio::Channels::count);
        if parameters.codec == well_known::CODEC_ID_ALAC
            && channels.max(usize::from(extra.get(9).map_or(0, |n| *n))) > 6
        {
            return refuse("ALAC with more than 6 channels is not read, for their order is not known");
        }
        if parameters.codec == well_known::CODEC_ID_AAC && has_replication(extra) {
            return refuse(HE_AAC);
        }
        let make = || {
            symphonia::default::get_codecs().make_audio_decoder(parameters, &AudioDecoderOptions::default())
        };
        match guard(make) {
            Ok(Ok(inner)) => Ok(Self { inner, interleaved: Vec::new(), barren: 0 }),
            Ok(Err(e)) => refuse(unreadable(parameters, &e)),
            Err(panic) => refuse(format!("its decoder failed: {panic}")),
        }
    }

    /// Decodes one packet into interleaved frames; none is an answer too.
    pub fn decode(&mut self, packet: &PacketRef<'_>) -> Result<Option<(SampleSpec, &[f32])>, Broken> {
        self.barren += 1;
        if self.barren > BARREN {
            return Err(Broken::Stream("its packets give no sound".to_owned()));
        }
        let (inner, interleaved) = (&mut self.inner, &mut self.interleaved);
        let shape = guard(|| {
            let buffer = inner.decode_ref(packet)?;
            let shape = SampleSpec { rate: buffer.spec().rate(), channels: buffer.num_planes() };
            interleaved.clear();
            if buffer.frames() > 0 {
                buffer.copy_to_vec_interleaved(interleaved);
            }
            Ok(shape)
        });
        let shape = match shape {
            Ok(Ok(shape)) => shape,
            Ok(Err(e @ (Error::DecodeError(_) | Error::IoError(_)))) => {
                return Err(Broken::Packet(reason(&e)));
            }
            Ok(Err(e)) => return Err(Broken::Stream(reason(&e))),
            Err(panic) => {
                self.reset();
                return Err(Broken::Packet(panic));
            }
        };
        if self.interleaved.is_empty() || shape.channels == 0 {
            return Ok(None);
        }
        self.barren = 0;
        Ok(Some((shape, &self.interleaved)))
    }

    /// Decodes bytes that say themselves how long they last.
    pub fn decode_bytes(&mut self, data: &[u8]) -> Result<Option<(SampleSpec, &[f32])>, Broken> {
        self.decode(&packet(data, 0))
    }

    /// Forgets what went before, for the next packet does not follow on it.
    pub fn reset(&mut self) {
        let inner = &mut self.inner;
        // What panics while it is reset has been reported as broken already.
        guard(|| inner.reset()).ok();
    }
}

/// Decodes packet after packet into a sink, with silence in the place of those that are broken.
pub struct Packets {
    decoder: PacketDecoder,
    /// Frames that a broken packet is taken to have.
    usual: u64,
    /// Packets that are broken before the next one that is whole.
    lost: u64,
}

impl Packets {
    /// None yet; each has so many frames where it does not say otherwise.
    pub const fn new(decoder: PacketDecoder, usual: u64) -> Self {
        Self { decoder, usual, lost: 0 }
    }

    /// Decodes the next packet. False where nothing can follow.
    pub fn next(&mut self, packet: &PacketRef<'_>, sink: &mut Sink) -> Result<bool, DecodeStop> {
        match self.decoder.decode(packet) {
            Ok(Some((shape, frames))) => {
                sink.begin(shape)?;
                self.usual = (frames.len() / shape.channels) as u64;
                sink.gap(std::mem::take(&mut self.lost) * self.usual, DAMAGED)?;
                sink.push(frames)?;
            }
            Ok(None) => {}
            Err(Broken::Packet(why)) => {
                self.lost += 1;
                sink.hint = Some(why);
            }
            Err(Broken::Stream(why)) if sink.shape.is_none() => return refuse(why),
            Err(Broken::Stream(why)) => {
                sink.broken_off = Some(why);
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Puts silence where frames are missing that nobody has seen a packet of.
    pub fn gap(&mut self, frames: u64, why: &'static str, sink: &mut Sink) -> Result<(), DecodeStop> {
        self.lost = 0;
        sink.gap(frames, why)
    }

    /// Puts silence in the place of the last packets, where they are broken.
    pub fn end(&mut self, sink: &mut Sink) -> Result<(), DecodeStop> {
        if sink.shape.is_none() {
            return Ok(());
        }
        sink.gap(std::mem::take(&mut self.lost) * self.usual, DAMAGED)
    }
}

/// Packets of one container: each so many bytes, each so many frames, or fewer at the end.
pub struct PacketTable {
    pub parameters: AudioCodecParameters,
    /// Frames of a packet.
    pub frames: u64,
    /// Where the first one is.
    pub at: u64,
    /// Bytes of each packet.
    pub sizes: Box<dyn Iterator<Item = u64>>,
}

/// Decodes packets that lie one behind another.
pub fn read(source: &mut ByteSource, table: PacketTable, sink: &mut Sink) -> Result<(), DecodeStop> {
    let mut packets = Packets::new(PacketDecoder::new(&table.parameters)?, table.frames);
    let mut at = table.at;
    for size in table.sizes {
        let there = source.len().saturating_sub(at);
        if there == 0 || size == 0 {
            break;
        }
        if size > there {
            sink.broken_off = Some("the last packet is cut".to_owned());
            break;
        }
        let data = source.bytes(at, usize::try_from(size).unwrap_or(usize::MAX))?;
        at += size;
        if !packets.next(&packet(data, table.frames), sink)? {
            break;
        }
    }
    packets.end(sink)
}

/// Bytes that last so many frames; 0 for those that say themselves how long.
pub fn packet(data: &[u8], frames: u64) -> PacketRef<'_> {
    PacketRef::new(0, Timestamp::new(0), Duration::new(frames), data)
}

/// Parameters for a codec at a rate.
pub fn parameters(codec: AudioCodecId, rate: u32, extra: &[u8]) -> AudioCodecParameters {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(codec).with_sample_rate(rate);
    if !extra.is_empty() {
        parameters.with_extra_data(extra.into());
    }
    parameters
}

/// Whether a configuration of AAC-LC announces spectral band replication in an extension behind it.
fn has_replication(configuration: &[u8]) -> bool {
    let configuration = &configuration[..configuration.len().min(64)];
    let bits = |from: usize, count: usize| {
        (from..from + count)
            .fold(0, |bits, at| bits << 1 | u32::from(configuration[at / 8] >> (7 - at % 8) & 1))
    };
    // A mark of 11 bits, the kind of object 5, and 1 for its presence.
    let last = (8 * configuration.len()).saturating_sub(17);
    (16..=last).any(|at| bits(at, 11) == 0x2B7 && bits(at + 11, 6) == 0b00_1011)
}

/// Why a decoder does not take what it was given, by name where it is known.
fn unreadable(parameters: &AudioCodecParameters, e: &Error) -> String {
    const NAMES: [(AudioCodecId, &str); 15] = [
        (well_known::CODEC_ID_OPUS, "Opus"),
        (well_known::CODEC_ID_AC3, "AC3"),
        (well_known::CODEC_ID_EAC3, "E-AC3"),
        (well_known::CODEC_ID_AC4, "AC4"),
        (well_known::CODEC_ID_DCA, "DTS"),
        (well_known::CODEC_ID_TTA, "TTA"),
        (well_known::CODEC_ID_WAVPACK, "WavPack"),
        (well_known::CODEC_ID_SPEEX, "Speex"),
        (well_known::CODEC_ID_MUSEPACK, "Musepack"),
        (well_known::CODEC_ID_MP1, "MPEG Layer I"),
        (well_known::CODEC_ID_MP2, "MPEG Layer II"),
        (well_known::CODEC_ID_MP3, "MP3"),
        (well_known::CODEC_ID_TRUEHD, "TrueHD"),
        (well_known::CODEC_ID_MONKEYS_AUDIO, "Monkey's Audio"),
        (well_known::CODEC_ID_ADPCM_IMA_QT, "ADPCM"),
    ];
    let channels = parameters.channels.as_ref().map_or(0, symphonia::core::audio::Channels::count);
    if parameters.codec == well_known::CODEC_ID_AAC && matches!(e, Error::Unsupported(_)) {
        let extra = parameters.extra_data.as_deref().unwrap_or(&[]);
        let configured = extra.get(1).map_or(channels, |byte| usize::from(byte >> 3 & 15));
        return match extra.first().map(|byte| byte >> 3) {
            Some(2) | None if configured > 2 || configured == 0 => {
                format!("AAC with more than two channels (configuration {configured}) is not read")
            }
            Some(2 | 5 | 29) | None => HE_AAC.to_owned(),
            Some(kind) => format!("AAC of object type {kind} is not read, AAC-LC is"),
        };
    }
    match NAMES.iter().find(|(codec, _)| *codec == parameters.codec) {
        Some((_, name)) => format!("{name} is not read there"),
        None => reason(e),
    }
}

/// What `symphonia` says, in words.
pub fn reason(e: &Error) -> String {
    match e {
        Error::IoError(e) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
            "unexpected end of file".to_owned()
        }
        Error::IoError(e) => e.to_string(),
        Error::Unsupported("aac: spectral band replication") => HE_AAC.to_owned(),
        Error::Unsupported(what) => format!("unsupported: {what}"),
        other => other.to_string(),
    }
}
