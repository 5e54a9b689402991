//! What a file is, by its first bytes. What is not read is refused by its name and never searched for sound inside.

use super::sink::DecodeStop;
use super::source::ByteSource;
use super::{mp3, ogg, tags};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SoundFormat {
    /// WAV, in any of its dialects.
    Riff,
    Aiff,
    Caf,
    /// FLAC on its own.
    Flac,
    /// MP3 on its own.
    Mp3,
    Ogg,
    /// MP4, M4A, MOV.
    Boxes,
    Matroska,
    /// AAC in ADTS.
    Adts,
}

/// First bytes of what is not read, and its name.
const OTHERS: [(&[u8], &str); 46] = [
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b"MPCK", "Musepack"),
    (b"MP+", "Musepack"),
    (b"TTA1", "TTA"),
    (b"TTA2", "TTA"),
    (b"OFR ", "OptimFROG"),
    (b"ajkg", "Shorten"),
    (b"DSD ", "DSD"),
    (b"FRM8", "DSD"),
    (b"#!AMR", "AMR"),
    (b"#!SILK", "SILK"),
    (b".snd", "AU"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "ASF or WMA"),
    (b"MThd", "MIDI, which holds notes and no sound"),
    (b"XMID", "MIDI, which holds notes and no sound"),
    (b"\x0b\x77", "AC3"),
    (b"\x7f\xfe\x80\x01", "DTS"),
    (b".RMF", "RealAudio"),
    (b".ra\xfd", "RealAudio"),
    (b"FLV\x01", "FLV"),
    (b"Creative Voice File", "VOC"),
    (b"NIST_1A", "NIST SPHERE"),
    (b"8SVX", "8SVX"),
    (b"RIFX", "RIFX"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x1f\x8b", "a gzip file; `snmf inspect` reads factor streams"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ\0", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a zstd file"),
    (b"\x93NUMPY", "an array of numpy: save it as NPZ with the name V"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB", "a file of MATLAB"),
    (b"SQLite format 3", "a database"),
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x00\x00\x01\xba", "an MPEG programme stream"),
    (b"ADIF", "AAC in ADIF"),
    (b"<!DOCTYPE", "a web page"),
];

/// The format of a file; the error is what it is instead.
pub fn of(source: &mut ByteSource) -> Result<Result<SoundFormat, String>, DecodeStop> {
    let head = source.bytes(0, 512)?.to_vec();
    let at = |from: usize, bytes: &[u8]| head.get(from..from + bytes.len()) == Some(bytes);
    if head.is_empty() {
        return Ok(Err("the file is empty".to_owned()));
    }
    if (at(0, b"RIFF") || at(0, b"RF64") || at(0, b"BW64") || at(0, b"RIFX")) && at(8, b"WAVE") {
        return Ok(Ok(SoundFormat::Riff));
    }
    if at(0, b"riff\x2e\x91\xcf\x11") && at(24, b"wave") {
        return Ok(Ok(SoundFormat::Riff));
    }
    if at(0, b"RIFF") || at(0, b"RIFX") {
        let name = String::from_utf8_lossy(head.get(8..12).unwrap_or(&[])).trim().escape_debug().to_string();
        return Ok(Err(format!("it is RIFF of the kind {name}, not WAV")));
    }
    if at(0, b"FORM") && (at(8, b"AIFF") || at(8, b"AIFC")) {
        return Ok(Ok(SoundFormat::Aiff));
    }
    if at(0, b"caff") {
        return Ok(Ok(SoundFormat::Caf));
    }
    if at(0, b"OggS") {
        return Ok(Ok(SoundFormat::Ogg));
    }
    if at(0, b"\x1a\x45\xdf\xa3") {
        return Ok(Ok(SoundFormat::Matroska));
    }
    let boxes: [&[u8]; 7] = [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"];
    if boxes.iter().any(|name| at(4, name)) {
        return Ok(Ok(SoundFormat::Boxes));
    }
    let behind = tags::skip(source, 0)?;
    let inner = source.bytes(behind, 16)?.to_vec();
    if inner.starts_with(b"fLaC") {
        return Ok(Ok(SoundFormat::Flac));
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| inner.starts_with(magic)) {
        return Ok(Err(format!("it is {name}")));
    }
    if at(257, b"ustar") {
        return Ok(Err("it is a tar archive".to_owned()));
    }
    // ADTS has the same sync word as MPEG audio, with 0 for its layer.
    if let [0xFF, second, ..] = inner[..]
        && second & 0xF6 == 0xF0
    {
        return Ok(Ok(SoundFormat::Adts));
    }
    match mp3::layer(source)? {
        Some(3) => return Ok(Ok(SoundFormat::Mp3)),
        Some(0) => return Ok(Err("it is MP3 of a free bit rate".to_owned())),
        Some(layer) => return Ok(Err(format!("it is MPEG audio of layer {layer}"))),
        None => {}
    }
    if (head[0] == 0x47) && (at(188, b"\x47")) {
        return Ok(Err("it is an MPEG transport stream".to_owned()));
    }
    if let Some(name) = ogg::codec(&head) {
        return Ok(Err(format!("it holds {name} without its container")));
    }
    let text = std::str::from_utf8(&head)
        .is_ok_and(|text| text.chars().all(|c| !c.is_control() || c.is_whitespace()));
    let known = if text { "it is text" } else { "its first bytes are those of nothing that is read" };
    Ok(Err(known.to_owned()))
}
