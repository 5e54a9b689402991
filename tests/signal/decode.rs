//! Every format, every option, and every file that is not what it claims to be.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use snmf_workbench::numeric::Named;
use snmf_workbench::signal::{
    Audio, Channel, Demo, ReadOptions, Reading, SignalError, load, read_file, read_file_reporting,
};

fn fixture(name: &str) -> PathBuf {
    Path::new("tests/fixtures").join(name)
}

fn read(name: &str, options: ReadOptions) -> Result<Audio, SignalError> {
    read_file(&fixture(name), &options)
}

fn plain(name: &str) -> Audio {
    read(name, ReadOptions::default()).unwrap()
}

/// Largest cosine between `a` and `b` over delays of up to `reach` samples: what a lossy codec keeps.
fn alike(a: &[f32], b: &[f32], reach: usize) -> f64 {
    let cosine = |a: &[f32], b: &[f32]| {
        let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(x * y)).sum::<f64>();
        let n = a.len().min(b.len());
        dot(a, b) / (dot(&a[..n], &a[..n]) * dot(&b[..n], &b[..n])).sqrt()
    };
    (0..reach).map(|delay| cosine(a, &b[delay.min(b.len() - 1)..])).fold(0.0, f64::max)
}

#[test]
fn lossless_formats_give_the_samples_of_the_wav() {
    let wav = plain("short.wav");
    assert_eq!((wav.samples.len(), wav.rate, wav.channels), (4000, 16_000, 1));
    assert!(wav.samples.iter().any(|x| x.abs() > 0.01), "the fixture is not silent");
    for name in ["short.flac", "short.aiff", "short.caf", "short.mka", "short-alac.m4a"] {
        let other = plain(name);
        assert_eq!(other.samples, wav.samples, "{name}");
        assert_eq!(other.rate, wav.rate, "{name}");
        assert!(other.warnings.is_empty(), "{name}: {:?}", other.warnings);
    }
}

#[test]
fn lossy_formats_give_nearly_the_sound_of_the_wav() {
    let wav = plain("short.wav");
    for (name, delay) in [("short.mp3", 1200), ("short.ogg", 1), ("short.m4a", 1100)] {
        let other = plain(name);
        assert_eq!(other.rate, 16_000, "{name}");
        let cosine = alike(&wav.samples, &other.samples, delay);
        assert!(cosine > 0.9, "{name}: cosine {cosine}, {} samples", other.samples.len());
    }
}

#[test]
fn channels_are_averaged_or_chosen() {
    let wav = plain("short.wav");
    let channel = |channel| read("stereo.wav", ReadOptions { channel, ..Default::default() });
    let (mix, left, right) =
        (plain("stereo.wav"), channel(Channel::Index(1)).unwrap(), channel(Channel::Index(2)).unwrap());
    assert_eq!(mix.channels, 2);
    assert_eq!(left.samples, wav.samples);
    for ((m, l), r) in mix.samples.iter().zip(&left.samples).zip(&right.samples) {
        assert!((m - (l + r) / 2.0).abs() < 1e-7);
        assert!((r + 0.5 * l).abs() < 1e-6);
    }
    let error = channel(Channel::Index(3)).unwrap_err().to_string();
    assert!(error.contains("channel: expected 1 to 2, got 3") && error.contains("stereo.wav"), "{error}");
}

#[test]
fn a_region_is_cut_to_the_sample() {
    let wav = plain("short.wav");
    let region = |start, end| read("short.wav", ReadOptions { start, end, ..Default::default() });
    let part = region(Some(0.05), Some(0.125)).unwrap();
    assert_eq!(part.samples, wav.samples[800..2000]);
    assert!((part.start - 0.05).abs() < 1e-12);
    assert_eq!(region(None, Some(9.0)).unwrap().samples.len(), 4000, "an end beyond the sound is its end");
    let outside = [(Some(1.0), None), (Some(0.1), Some(0.1)), (Some(-1.0), None), (Some(f64::NAN), None)];
    for (start, end) in outside {
        let error = region(start, end).unwrap_err();
        assert!(matches!(error, SignalError::EmptyRegion { .. }), "{start:?} {end:?}: {error}");
    }
}

#[test]
fn resampling_keeps_a_sine_and_its_length() {
    let rate = |rate| load(Demo::Speech, &ReadOptions { rate: Some(rate), ..Default::default() });
    let (half, double) = (rate(8000).unwrap(), rate(32_000).unwrap());
    let plain = load(Demo::Speech, &ReadOptions::default()).unwrap();
    assert_eq!((half.samples.len(), half.rate, half.source_rate), (plain.samples.len() / 2, 8000, 16_000));
    assert_eq!(double.samples.len(), 2 * plain.samples.len());
    // Without delay: every second sample of the doubled signal is the signal, but for the band edge.
    let every_second: Vec<f32> = double.samples.iter().copied().step_by(2).collect();
    assert!(alike(&plain.samples, &every_second, 1) > 0.999);
    for wrong in [0, 999, 768_001] {
        assert!(matches!(rate(wrong).unwrap_err(), SignalError::RateOutOfRange { got, .. } if got == wrong));
    }
}

#[test]
fn a_truncated_file_gives_what_was_decoded_and_says_so() {
    let wav = plain("short.wav");
    for name in ["truncated.wav", "truncated.flac"] {
        let part = plain(name);
        let n = part.samples.len();
        assert!((1000..9000).contains(&n), "{name}: {n}");
        let common = n.min(wav.samples.len());
        assert_eq!(part.samples[..common], wav.samples[..common], "{name}");
        assert!(
            part.warnings.iter().any(|w| w.contains("broke off") && w.contains(name)),
            "{:?}",
            part.warnings
        );
    }
}

#[test]
fn values_that_are_no_sound_become_zero_with_a_warning() {
    let audio = plain("not-finite.wav");
    assert_eq!(audio.samples[..5], [0.25, -0.5, 0.0, 0.125, 0.0]);
    assert!(audio.warnings[0].starts_with("2 samples were not finite"), "{:?}", audio.warnings);
}

#[test]
fn silence_opens_with_a_warning() {
    let audio = plain("zeros.wav");
    assert!(audio.is_silent());
    assert!(audio.warnings[0].contains("every sample is zero"), "{:?}", audio.warnings);
}

#[test]
fn what_cannot_be_opened_names_file_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    // A linear congruential generator's high bytes: no decoder should see a sound in a megabyte of them.
    let mut state = 1u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    })
    .take(1_000_000)
    .collect();
    let cases = [
        place("noise.wav", &noise),
        place("empty.wav", b""),
        place("text.flac", b"this is not sound"),
        fixture("no-samples.wav"),
        folder.path().join("nowhere.wav"),
        folder.path().to_owned(),
    ];
    for path in cases {
        let error = read_file(&path, &ReadOptions::default()).unwrap_err().to_string();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(error.contains(&name), "{error} does not name {name}");
        assert!(error.len() > name.len() + 20, "{error} gives no reason");
    }
}

#[test]
fn the_built_in_signals_have_the_poster_s_lengths() {
    let length = |demo| {
        let audio = load(demo, &ReadOptions::default()).unwrap();
        assert!(audio.samples.iter().all(|x| x.abs() <= 1.0), "{} is within full scale", audio.name);
        assert_eq!(audio.name, demo.name());
        (audio.samples.len() / 512, audio.rate)
    };
    assert_eq!(length(Demo::Speech), (91, 16_000));
    assert_eq!(length(Demo::NoiseBurst), (437, 16_000));
    assert_eq!(length(Demo::Evolving), (218, 16_000));
    assert_eq!(length(Demo::Drums).1, 44_100);
    assert_eq!(length(Demo::Piano).1, 44_100);
}

#[test]
fn reading_reports_how_far_it_is_and_can_be_ended() {
    let text = Arc::new(Mutex::new(Vec::new()));
    let shares = Arc::clone(&text);
    let reading = Reading::reporting(move |share| shares.lock().unwrap().push(share));
    let path = fixture("short.wav");
    let audio = read_file_reporting(&path, &ReadOptions::default(), &reading).unwrap();
    assert_eq!(audio, read_file(&path, &ReadOptions::default()).unwrap());
    let text = std::mem::take(&mut *text.lock().unwrap());
    assert!(text.len() > 1 && text.is_sorted() && text.last().is_some_and(|share| *share <= 1.0), "{text:?}");
    reading.end();
    let ended = read_file_reporting(&path, &ReadOptions::default(), &reading).unwrap_err();
    assert!(matches!(ended, SignalError::Ended { .. }), "{ended}");
    assert!(ended.to_string().contains("short.wav"));
}

/// What a file is held against.
enum Expected {
    /// The sound that all uncompressed and lossless files are made of, in so many bits.
    Bits(i32),
    /// The samples that libsndfile or ffmpeg read, which stand beside the file.
    Beside,
}
use Expected::{Beside, Bits};

type Files = &'static [(&'static str, Expected)];

/// Format, codec, and the files that are of it.
const READ: [(&str, &str, Files); 38] = [
    (
        "WAV",
        "integers of 8, 16, 24, 32 bits",
        &[("u8.wav", Bits(8)), ("s16le.wav", Bits(16)), ("s24le.wav", Bits(24)), ("s32le.wav", Bits(32))],
    ),
    ("WAV", "reals of 32 and 64 bits", &[("f32le.wav", Bits(32)), ("f64le.wav", Bits(32))]),
    ("WAV", "A-law, mu-law", &[("alaw.wav", Beside), ("mulaw.wav", Beside)]),
    ("WAV", "ADPCM of Microsoft and IMA, 1 or 2 channels", &[("ms.wav", Beside), ("ima.wav", Beside)]),
    (
        "RF64, BW64, RIFX, W64",
        "as WAV",
        &[("rf64.wav", Bits(16)), ("rifx.wav", Bits(16)), ("s16le.w64", Bits(16))],
    ),
    (
        "AIFF, AIFC",
        "integers of 8, 16, 24, 32 bits",
        &[
            ("s8.aiff", Bits(8)),
            ("s16be.aiff", Bits(16)),
            ("s16le.aiff", Bits(16)),
            ("s24be.aiff", Bits(24)),
            ("s32be.aiff", Bits(32)),
        ],
    ),
    ("AIFF, AIFC", "reals of 32 and 64 bits", &[("f32be.aiff", Bits(32)), ("f64be.aiff", Bits(32))]),
    ("AIFF, AIFC", "A-law, mu-law", &[("alaw.aiff", Beside), ("mulaw.aiff", Beside)]),
    ("AIFF, AIFC", "ima4", &[("ima4.aifc", Beside)]),
    (
        "CAF",
        "integers of 8, 16, 24, 32 bits",
        &[
            ("s8.caf", Bits(8)),
            ("s16be.caf", Bits(16)),
            ("s16le.caf", Bits(16)),
            ("s24be.caf", Bits(24)),
            ("s24le.caf", Bits(24)),
            ("s32be.caf", Bits(32)),
        ],
    ),
    ("CAF", "reals of 32 and 64 bits", &[("f32be.caf", Bits(32)), ("f64le.caf", Bits(32))]),
    ("CAF", "A-law, mu-law", &[("alaw.caf", Beside), ("mulaw.caf", Beside)]),
    ("CAF", "ima4", &[("ima4.caf", Beside)]),
    ("CAF", "ALAC, up to 6 channels", &[("alac.caf", Bits(16))]),
    ("CAF", "AAC-LC, 1 or 2 channels", &[("aac.caf", Beside)]),
    ("CAF", "FLAC", &[("flac.caf", Bits(16))]),
    ("FLAC", "FLAC", &[("16.flac", Bits(16)), ("24.flac", Bits(24))]),
    ("MP3", "MP3, gaps of LAME trimmed", &[("gapless.mp3", Beside)]),
    ("MP3", "MP3 of varying bit rate without a description", &[("vbr-no-xing.mp3", Beside)]),
    ("Ogg", "Vorbis, 1 channel", &[("vorbis-1.ogg", Beside)]),
    ("Ogg", "Vorbis, 2 channels", &[("vorbis-2.ogg", Beside)]),
    ("Ogg", "Vorbis, 3 to 8 channels", &[("vorbis-3.ogg", Beside), ("vorbis-6.ogg", Beside)]),
    ("Ogg", "FLAC", &[("flac.ogg", Bits(16))]),
    ("MP4, M4A, MOV", "AAC-LC, 1 or 2 channels, list of edits kept", &[("aac.m4a", Beside)]),
    ("MP4, M4A, MOV", "AAC-LC in fragments", &[("aac-fragmented.m4a", Beside)]),
    ("MP4, M4A, MOV", "ALAC, up to 6 channels", &[("alac.m4a", Bits(16))]),
    ("MP4, M4A, MOV", "FLAC", &[("flac.mp4", Bits(16))]),
    (
        "MP4, M4A, MOV",
        "integers of 8, 16, 24, 32 bits",
        &[
            ("u8.mov", Bits(8)),
            ("s8.mov", Bits(8)),
            ("s16le.mov", Bits(16)),
            ("s16be.mp4", Bits(16)),
            ("s24be.mov", Bits(24)),
        ],
    ),
    ("MP4, M4A, MOV", "reals of 32 and 64 bits", &[("f32le.mov", Bits(32))]),
    ("MP4, M4A, MOV", "A-law, mu-law", &[("alaw.mov", Beside), ("mulaw.mov", Beside)]),
    ("Matroska, WebM", "Vorbis", &[("vorbis.mka", Beside)]),
    ("Matroska, WebM", "AAC-LC, 1 or 2 channels", &[("aac.mka", Beside), ("aac-delay.mka", Beside)]),
    ("Matroska, WebM", "ALAC, up to 6 channels", &[("alac.mka", Bits(16))]),
    ("Matroska, WebM", "FLAC", &[("flac.mka", Bits(16))]),
    (
        "Matroska, WebM",
        "integers of 8, 16, 24, 32 bits",
        &[("u8.mka", Bits(8)), ("s16le.mka", Bits(16)), ("s24le.mka", Bits(24))],
    ),
    ("Matroska, WebM", "reals of 32 and 64 bits", &[("f32le.mka", Bits(32))]),
    ("Matroska, WebM", "A-law, mu-law", &[("alaw.mka", Beside), ("mulaw.mka", Beside)]),
    ("ADTS", "AAC-LC, 1 or 2 channels", &[("aac.aac", Beside)]),
];

fn format(name: &str) -> PathBuf {
    fixture("formats").join(name)
}

fn beside(name: &str) -> Vec<f32> {
    let bytes = std::fs::read(format(&format!("{name}.f32"))).unwrap();
    bytes.chunks_exact(4).map(|x| f32::from_le_bytes(x.try_into().unwrap())).collect()
}

fn whole(path: &Path) -> Audio {
    read_file(path, &ReadOptions::default()).unwrap()
}

fn furthest(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn every_format_by_codec_is_read_as_others_read_it_and_is_a_row_of_the_table() {
    let reference = beside("reference");
    let mut table = String::from("| format | codec | equal to |\n| --- | --- | --- |\n");
    for (container, codec, files) in READ {
        let mut within = "";
        for (name, expected) in files {
            let audio = whole(&format(name));
            assert!(audio.warnings.is_empty(), "{name}: {:?}", audio.warnings);
            assert_eq!(audio.rate, 16_000, "{name}");
            let (samples, most) = match expected {
                // Half a step, and what a sum of two in single precision loses.
                Bits(bits) => (reference.clone(), 0.5001 * f32::exp2(1.0 - *bits as f32) + 1e-7),
                Beside => (beside(name), 1e-6),
            };
            let distance = furthest(&audio.samples, &samples);
            assert!(distance <= most, "{name}: {distance} from what it should be");
            within = match expected {
                Bits(_) => "the last bit",
                Beside => "1e-6",
            };
        }
        table += &format!("| {container} | {codec} | {within} |\n");
    }
    let page = include_str!("../../src/signal/READING.md");
    let start = page.find("<!-- formats -->\n").unwrap() + "<!-- formats -->\n".len();
    let shown = &page[start..start + page[start..].find("<!-- /formats -->").unwrap()];
    assert_eq!(shown.trim(), table.trim(), "the table of READING.md is what this test has read");
}

#[test]
fn channels_of_vorbis_stand_in_the_order_of_wav() {
    // Front left, right, centre, low frequencies, rear left and right: the source has the same voice in each, fainter
    // by steps of 0.2, in the order of WAV.
    let level = |channel| {
        let channel = ReadOptions { channel: Channel::Index(channel), ..Default::default() };
        let audio = read_file(&format("vorbis-6.ogg"), &channel).unwrap();
        audio.samples.iter().map(|x| x * x).sum::<f32>()
    };
    let levels: Vec<f32> = (1..=6).map(level).collect();
    assert!(levels.iter().all(|x| *x > 0.0), "{levels:?}");
}

/// A file that is made of others for one test.
struct Made(tempfile::TempDir);

impl Made {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format(name)).unwrap()
}

/// Bytes with others in their place from `at` on.
fn with(mut file: Vec<u8>, at: usize, others: &[u8]) -> Vec<u8> {
    file[at..at + others.len()].copy_from_slice(others);
    file
}

fn place(file: &[u8], name: &[u8]) -> usize {
    file.windows(name.len()).position(|window| window == name).unwrap()
}

#[test]
fn headers_of_wav_that_lie_are_read_and_only_missing_samples_are_reported() {
    let made = Made::new();
    let file = bytes("s16le.wav");
    let (fmt, data) = (place(&file, b"fmt "), place(&file, b"data"));
    let sized = |size: u32| with(file.clone(), data + 4, &size.to_le_bytes());
    let chunk = |size: u32, content: &[u8]| {
        let chunk = [b"LIST", &size.to_le_bytes()[..], content].concat();
        [&file[..12], &chunk, &file[12..]].concat()
    };
    let format = |size: u32, extra: usize| {
        let head = [&file[..fmt], b"fmt ", &size.to_le_bytes()[..], &file[fmt + 8..fmt + 24]].concat();
        [&head[..], &vec![0; extra], &file[data..]].concat()
    };
    let length = u32::try_from(file.len() - data - 8).unwrap();
    let quiet = [
        ("riff-0", with(file.clone(), 4, &[0; 4])),
        ("riff-8-short", with(file.clone(), 4, &(length + 28).to_le_bytes())),
        ("all-0", with(sized(0), 4, &[0; 4])),
        ("data-0", sized(0)),
        ("data-unknown", sized(u32::MAX)),
        ("riff-unknown", with(sized(u32::MAX), 4, &[0xFF; 4])),
        ("data-sox", sized(0x7FFF_F000)),
        ("data-arecord", sized(0x8000_0000)),
        ("data-of-file", sized(u32::try_from(file.len()).unwrap())),
        ("fmt-20", format(20, 4)),
        ("fmt-858", format(858, 842)),
        ("odd", chunk(5, b"INFOx")),
        ("odd-padded", chunk(5, b"INFOx\0")),
        ("chunk-behind", [&file[..], b"LIST\x04\0\0\0INFO"].concat()),
    ];
    let samples = whole(&self::format("s16le.wav")).samples;
    for (name, content) in quiet {
        let audio = whole(&made.file(name, &content));
        assert_eq!(audio.samples, samples, "{name}");
        assert!(audio.warnings.is_empty(), "{name}: {:?}", audio.warnings);
    }
    let text = [
        ("double", sized(2 * length), 800, "3200 of them are missing"),
        ("cut", file[..file.len() - 400].to_vec(), 700, "400 of them are missing"),
        ("no-size", chunk(0x7FFF_FFFF, b"INFO"), 800, "chunk LIST"),
    ];
    for (name, content, count, words) in text {
        let audio = whole(&made.file(name, &content));
        assert_eq!(audio.samples, samples[..count], "{name}");
        assert!(audio.warnings[0].contains(words), "{name}: {:?}", audio.warnings);
    }
    let empty = with(sized(0), 40, &[0; 4])[..data + 8].to_vec();
    let empty = [&empty[..], b"LIST\x04\0\0\0INFO"].concat();
    let error = read_file(&made.file("empty", &empty), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, SignalError::Empty { .. }), "{error}");
}

#[test]
fn what_is_not_read_is_refused_by_its_name() {
    let made = Made::new();
    let riff = bytes("s16le.wav");
    let inside = |magic: &[u8]| [magic, &[0; 64], &riff].concat();
    let ogg = |packet: &[u8]| {
        let head = [
            b"OggS\0\x02",
            &[0; 8][..],
            &[1, 0, 0, 0],
            &[0; 4],
            &[0; 4],
            &[1, u8::try_from(packet.len()).unwrap()],
        ];
        checked([&head.concat(), packet].concat())
    };
    let tag = |tag: u16| with(riff.clone(), 20, &tag.to_le_bytes());
    let mut caf = bytes("alac.caf");
    let kind = place(&caf, b"alac");
    caf[kind..kind + 4].copy_from_slice(b"opus");
    let mut tar = vec![0; 512];
    tar[..5].copy_from_slice(b"a.wav");
    tar[257..262].copy_from_slice(b"ustar");
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("WavPack", inside(b"wvpk")),
        ("zip archive", inside(b"PK\x03\x04")),
        ("tar archive", [&tar[..], &riff].concat()),
        ("gzip", inside(b"\x1f\x8b\x08")),
        ("Monkey's Audio", inside(b"MAC ")),
        ("Musepack", inside(b"MPCK")),
        ("DSD", inside(b"DSD ")),
        ("AMR", inside(b"#!AMR\n")),
        ("WMA", inside(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")),
        ("MIDI", inside(b"MThd")),
        ("AC3", inside(b"\x0b\x77")),
        ("layer 2", inside(b"\xff\xfd\x80\x00")),
        ("numpy", inside(b"\x93NUMPY")),
        ("PDF", inside(b"%PDF-1.5")),
        ("PNG", inside(b"\x89PNG")),
        ("text", b"nothing but words\n".to_vec()),
        ("empty", Vec::new()),
        ("AVI", with(riff.clone(), 8, b"AVI ")),
        ("Opus", ogg(b"OpusHead\x01\x02")),
        ("Speex", ogg(b"Speex   1.2")),
        ("GSM", tag(0x31)),
        ("MP3", tag(0x55)),
        ("0xABCD", tag(0xABCD)),
        ("Opus", caf),
    ];
    for (name, content) in cases {
        // The ending says nothing.
        let error =
            read_file(&made.file("x.wav", &content), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(name), "{name}: {error}");
        assert!(error.contains("x.wav"), "{error}");
    }
}

#[test]
fn tags_of_any_length_are_passed_over() {
    let made = Made::new();
    let id3 = |size: u32| {
        let digits = [21, 14, 7, 0].map(|shift| u8::try_from(size >> shift & 0x7F).unwrap());
        [b"ID3\x03\0\0", &digits[..], &vec![0; size as usize]].concat()
    };
    let ape = [b"z".repeat(50), b"APETAGEX\xd0\x07\0\0\x52\0\0\0\x01\0\0\0".to_vec(), vec![0; 12]].concat();
    let id3v1 = [b"TAG".to_vec(), vec![b'x'; 125]].concat();
    for name in ["gapless.mp3", "vbr-no-xing.mp3", "16.flac", "aac.aac"] {
        let (plain, file) = (whole(&format(name)), bytes(name));
        let mut tagged =
            vec![[id3(1_300_000), file.clone()].concat(), [id3(10), id3(10), file.clone()].concat()];
        if name != "aac.aac" {
            tagged.push([&file[..], &ape, &id3v1].concat());
        }
        for (i, content) in tagged.into_iter().enumerate() {
            let audio = whole(&made.file(name, &content));
            assert!(
                audio.samples == plain.samples && audio.warnings.is_empty(),
                "{name} {i}: {:?}",
                audio.warnings
            );
        }
    }
}

#[test]
fn sounds_that_follow_one_another_are_both_read() {
    let made = Made::new();
    for name in ["gapless.mp3", "vorbis-2.ogg", "flac.ogg"] {
        let (plain, file) = (whole(&format(name)), bytes(name));
        let both = whole(&made.file(name, &[&file[..], &file].concat()));
        let twice = [&plain.samples[..], &plain.samples].concat();
        assert!(furthest(&both.samples, &twice) < 1e-6, "{name}");
        assert!(both.warnings.is_empty(), "{name}: {:?}", both.warnings);
    }
    let other = [bytes("vorbis-2.ogg"), bytes("vorbis-1.ogg")].concat();
    let audio = whole(&made.file("other.ogg", &other));
    assert_eq!(audio.samples.len(), 2000);
    assert!(audio.warnings[0].contains("1 channels at 16000 Hz instead of 2"), "{:?}", audio.warnings);
}

/// Where the pages of an Ogg file begin.
fn pages(file: &[u8]) -> Vec<usize> {
    (0..file.len().saturating_sub(3)).filter(|at| file[*at..].starts_with(b"OggS")).collect()
}

/// A page of Ogg with its right checksum.
fn checked(mut page: Vec<u8>) -> Vec<u8> {
    page[22..26].fill(0);
    let crc = page.iter().fold(0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| {
            if crc & 0x8000_0000 == 0 { crc << 1 } else { crc << 1 ^ 0x04C1_1DB7 }
        })
    });
    page[22..26].copy_from_slice(&crc.to_le_bytes());
    page
}

#[test]
fn what_is_damaged_becomes_silence_in_its_place() {
    let made = Made::new();
    let ogg = bytes("vorbis-2.ogg");
    let starts = pages(&ogg);
    let without_a_page = [&ogg[..starts[3]], &ogg[starts[4]..]].concat();
    let with_a_bad_page = with(ogg.clone(), starts[3] + 60, &[0x55; 8]);
    let mp3 = bytes("vbr-no-xing.mp3");
    let middle = mp3.len() / 2;
    let aac = bytes("aac.aac");
    // A file of many blocks.
    let many = Path::new("assets/audio/loop_breakbeat.flac");
    let flac = std::fs::read(many).unwrap();
    let flac_middle = flac.len() / 2;
    let cases = [
        ("lost.ogg", without_a_page, whole(&format("vorbis-2.ogg"))),
        ("bad.ogg", with_a_bad_page, whole(&format("vorbis-2.ogg"))),
        ("bad.mp3", with(mp3, middle - 250, &[0x55; 500]), whole(&format("vbr-no-xing.mp3"))),
        ("bad.aac", with(aac.clone(), aac.len() / 2, &[0xFF; 60]), whole(&format("aac.aac"))),
        ("bad.flac", with(flac, flac_middle, &[0x55; 20]), whole(many)),
    ];
    for (name, content, plain) in cases {
        let audio = whole(&made.file(name, &content));
        assert_eq!(audio.samples.len(), plain.samples.len(), "{name}: {:?}", audio.warnings);
        let text = audio.warnings.iter().any(|w| w.contains("replaced by silence from"));
        assert!(text, "{name}: {:?}", audio.warnings);
        let last = plain.samples.len() - 300;
        let distance = furthest(&audio.samples[last..], &plain.samples[last..]);
        assert!(distance < 1e-3, "{name}: its end is {distance} away");
    }
}

/// Frames of ADTS, each head and all.
fn frames(adts: &[u8]) -> Vec<&[u8]> {
    let mut rest = adts;
    let mut found = Vec::new();
    while rest.len() >= 7 {
        let size = usize::from(rest[3] & 3) << 11 | usize::from(rest[4]) << 3 | usize::from(rest[5] >> 5);
        let (frame, others) = rest.split_at(size);
        found.push(frame);
        rest = others;
    }
    found
}

/// A frame of ADTS with two bytes in an element that fills, behind its sound; their kind says what they are.
fn extended(frame: &[u8], kind: [u8; 4]) -> Vec<u8> {
    let mut bits: Vec<u8> =
        frame[7..].iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect();
    // The end is three ones, then zeros up to a whole byte.
    bits.truncate(bits.iter().rposition(|bit| *bit == 1).unwrap() - 2);
    bits.extend([1, 1, 0, 0, 0, 1, 0]);
    bits.extend(kind);
    bits.extend([0; 12]);
    bits.extend([1; 3]);
    let content =
        bits.chunks(8).map(|bits| bits.iter().enumerate().fold(0, |byte, (at, bit)| byte | bit << (7 - at)));
    let content: Vec<u8> = content.collect();
    let size = 7 + content.len();
    let mut head = frame[..7].to_vec();
    head[3] = head[3] & 0xFC | u8::try_from(size >> 11).unwrap();
    head[4] = u8::try_from(size >> 3 & 0xFF).unwrap();
    head[5] = head[5] & 0x1F | u8::try_from(size & 7).unwrap() << 5;
    [head, content].concat()
}

#[test]
fn a_sound_whose_upper_half_is_described_is_refused_and_no_other() {
    let made = Made::new();
    let adts = bytes("aac.aac");
    assert!(frames(&adts).len() > 2);
    let all = |kind| frames(&adts).into_iter().flat_map(|frame| extended(frame, kind)).collect::<Vec<u8>>();
    let (filled, replicated) = (all([0, 0, 0, 0]), all([1, 1, 0, 1]));
    assert_eq!(whole(&made.file("filled.aac", &filled)).samples, whole(&format("aac.aac")).samples);
    let m4a = bytes("aac.m4a");
    // The encoder says that there is none; with this bit there is.
    let text = place(&m4a, b"\x56\xe5\0") + 2;
    for (name, content) in [("x.aac", replicated), ("x.m4a", with(m4a, text, &[0x80]))] {
        let error = read_file(&made.file(name, &content), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains("HE-AAC is not read, AAC-LC is") && error.contains(name), "{error}");
    }
}

#[test]
fn a_head_of_adts_that_is_damaged_costs_its_frame_and_no_other() {
    let made = Made::new();
    let adts = bytes("aac.aac").repeat(3);
    let plain = whole(&made.file("plain.aac", &adts));
    assert!(plain.warnings.is_empty() && plain.samples.len() == 1024 * frames(&adts).len());
    let starts: Vec<usize> = frames(&adts)
        .iter()
        .scan(0, |at, frame| {
            *at += frame.len();
            Some(*at - frame.len())
        })
        .collect();
    for (name, size) in [("gone", None), ("short", Some([0, 2, 0x1F])), ("long", Some([0, 0xFF, 0xFF]))] {
        for damaged in [2, starts.len() / 2, starts.len() - 2] {
            let at = starts[damaged];
            let mut content = adts.clone();
            match size {
                None => content[at..at + 7].fill(0),
                Some(size) => {
                    content[at + 3] &= 0xFC;
                    content[at + 4..at + 6].copy_from_slice(&size[1..]);
                }
            }
            let audio = whole(&made.file(name, &content));
            assert_eq!(audio.samples.len(), plain.samples.len(), "{name} {damaged}: {:?}", audio.warnings);
            assert!(audio.warnings[0].contains("replaced by silence from"), "{name}: {:?}", audio.warnings);
            let before = 1024 * damaged;
            assert!(audio.samples[..before] == plain.samples[..before], "{name} {damaged}");
            // The next frame overlaps with what is missing; noise is drawn anew.
            let behind = (before + 2048).min(plain.samples.len());
            let distance = furthest(&audio.samples[behind..], &plain.samples[behind..]);
            assert!(distance < 1e-2, "{name} {damaged}: {distance}");
        }
    }
}

/// A box of MP4.
fn boxed(name: &[u8], content: &[u8]) -> Vec<u8> {
    let size = u32::try_from(content.len() + 8).unwrap();
    [&size.to_be_bytes(), name, content].concat()
}

/// Makes the boxes of these names longer by `more`.
fn grow(file: &mut [u8], names: &[&[u8]], more: usize) {
    for name in names {
        let at = place(file, name) - 4;
        let size = u32::from_be_bytes(file[at..at + 4].try_into().unwrap()) + u32::try_from(more).unwrap();
        file[at..at + 4].copy_from_slice(&size.to_be_bytes());
    }
}

/// A file with another list of edits: length in ms, place in ticks of the track, speed.
fn edited(name: &str, entries: &[(u32, i32, u32)]) -> Vec<u8> {
    let mut file = bytes(name);
    let at = place(&file, b"elst");
    let old = usize::try_from(u32::from_be_bytes(file[at - 4..at].try_into().unwrap())).unwrap();
    let mut content = [[0; 4], u32::try_from(entries.len()).unwrap().to_be_bytes()].concat();
    for (length, start, speed) in entries {
        content.extend([length.to_be_bytes(), start.to_be_bytes(), (speed << 16).to_be_bytes()].concat());
    }
    let list = boxed(b"elst", &content);
    grow(&mut file, &[b"moov", b"trak", b"edts"], list.len() - old);
    file.splice(at - 4..at - 4 + old, list);
    file
}

/// A file without a list of edits.
fn unedited(name: &str) -> Vec<u8> {
    let file = bytes(name);
    let at = place(&file, b"edts");
    with(file, at, b"free")
}

#[test]
fn lists_of_edits_are_followed_or_refused() {
    let made = Made::new();
    let read = |name: &str, content: &[u8]| read_file(&made.file(name, content), &ReadOptions::default());
    let pcm = read("x.mov", &unedited("s16le.mov")).unwrap().samples;
    let parts = read("x.mov", &edited("s16le.mov", &[(20, 0, 1), (10, -1, 1), (10, 480, 1)])).unwrap();
    assert_eq!(parts.samples, [&pcm[..320], &[0.0; 160], &pcm[480..640]].concat());
    assert!(parts.warnings.is_empty(), "{:?}", parts.warnings);
    // Two parts that follow on one another are the whole, though milliseconds do not meet.
    let joined = read("x.mov", &edited("s16le.mov", &[(20, 0, 1), (30, 325, 1)])).unwrap();
    assert_eq!(joined.samples, pcm);
    let late = read("x.mov", &edited("s16le.mov", &[(500, -1, 1), (50, 0, 1)])).unwrap();
    assert_eq!(late.samples, pcm);
    assert!(late.warnings[0].contains("begins 0.500 s late"), "{:?}", late.warnings);
    let aac = read("x.m4a", &unedited("aac.m4a")).unwrap().samples;
    let parts = read("x.m4a", &edited("aac.m4a", &[(30, 1024, 1), (20, 2048, 1)])).unwrap();
    assert_eq!(parts.samples, [&aac[1024..1504], &aac[2048..3072]].concat());
    for (entries, words) in [
        ([(20, 0, 1), (20, 0, 1)], "repeats parts or changes their order"),
        ([(20, 400, 1), (20, 0, 1)], "repeats parts or changes their order"),
        ([(20, 0, 1), (20, 400, 2)], "changes the speed"),
    ] {
        let error = read("x.mov", &edited("s16le.mov", &entries)).unwrap_err().to_string();
        assert!(error.contains(words) && error.contains("x.mov"), "{error}");
    }
}

#[test]
fn gaps_that_itunes_notes_are_trimmed() {
    let made = Made::new();
    let file = unedited("aac.m4a");
    let all = whole(&made.file("x.m4a", &file)).samples;
    let text = [&[0; 8][..], b" 00000000 00000400 000000B0 00000000000007D0 00000000 00000000"].concat();
    let fields = [
        boxed(b"mean", b"\0\0\0\0com.apple.iTunes"),
        boxed(b"name", b"\0\0\0\0iTunSMPB"),
        boxed(b"data", &text),
    ];
    let list = boxed(b"ilst", &boxed(b"----", &fields.concat()));
    let tags = boxed(b"udta", &boxed(b"meta", &[&[0; 4], &list[..]].concat()));
    let mut noted = file.clone();
    if let Some(at) = noted.windows(4).position(|name| name == b"udta") {
        noted[at..at + 4].copy_from_slice(b"free");
    }
    grow(&mut noted, &[b"moov"], tags.len());
    noted.extend(tags);
    let audio = whole(&made.file("noted.m4a", &noted));
    assert_eq!(audio.samples, all[1024..3024]);
    assert!(audio.warnings.is_empty(), "{:?}", audio.warnings);
}

#[test]
fn tracks_of_matroska_that_are_not_read_are_named() {
    let made = Made::new();
    let (aac, alaw) = (bytes("aac.mka"), bytes("alaw.mka"));
    let (uid, codec) = (place(&aac, b"\x73\xc5"), place(&alaw, b"A_MS/ACM"));
    let private = place(&alaw, b"\x63\xa2");
    let tag = private + place(&alaw[private..], b"\x06\0\x02\0");
    for (content, name) in [
        (with(aac, uid, b"\x6d\x80"), "Matroska with compressed or encrypted packets"),
        (with(alaw.clone(), tag, b"\x55"), "Matroska with MP3 inside"),
        (with(alaw, codec, b"A_MS/XYZ"), "Matroska with A_MS/XYZ"),
    ] {
        let error =
            read_file(&made.file("x.mka", &content), &ReadOptions::default()).unwrap_err().to_string();
        assert!(error.contains(name) && error.contains("x.mka"), "{error}");
    }
}

#[test]
fn downloads_that_broke_off_are_read_as_far_as_they_go() {
    let made = Made::new();
    for name in ["aac.mka", "vorbis-2.ogg", "gapless.mp3", "s16be.aiff", "s16be.caf", "aac.aac"] {
        let (plain, file) = (whole(&format(name)), bytes(name));
        let audio = whole(&made.file(name, &file[..file.len() - 300]));
        let count = audio.samples.len();
        assert!(count < plain.samples.len(), "{name}");
        assert_eq!(audio.samples[..count - count / 4], plain.samples[..count - count / 4], "{name}");
        assert!(audio.warnings.iter().any(|w| w.contains("broke off")), "{name}: {:?}", audio.warnings);
    }
}

#[test]
fn only_what_is_asked_for_is_decoded_and_only_into_memory_that_is_free() {
    let (wav, end) = (whole(&format("s16le.wav")), Some(0.01));
    let text = Arc::new(Mutex::new(0.0f32));
    let share = Arc::clone(&text);
    let reading = Reading::reporting(move |now| *share.lock().unwrap() = now);
    let part =
        read_file_reporting(&format("s16le.wav"), &ReadOptions { end, ..Default::default() }, &reading)
            .unwrap();
    assert_eq!(part.samples, wav.samples[..160]);
    let resampled = |name: &str| {
        read_file(&format(name), &ReadOptions { end, rate: Some(8000), ..Default::default() })
            .unwrap()
            .samples
    };
    assert_eq!(resampled("s16le.wav"), resampled("16.flac"), "an end is an end, however it is decoded");
    let reading = Reading::default().within(1 << 16);
    let wide = ReadOptions { rate: Some(768_000), ..Default::default() };
    let error = read_file_reporting(&format("s16le.wav"), &wide, &reading).unwrap_err();
    assert!(matches!(error, SignalError::TooLarge { .. }), "resampled it takes 150 KiB: {error}");
    // A bomb: blocks of FLAC without a change, some bytes for 65535 samples each.
    let path = fixture("short.flac");
    let small = Reading::default().within(1000);
    let error = read_file_reporting(&path, &ReadOptions::default(), &small).unwrap_err();
    assert!(matches!(error, SignalError::TooLarge { .. }), "{error}");
    assert!(error.to_string().contains("short.flac"), "{error}");
}

#[test]
fn channels_that_cancel_are_distinguished_from_silence() {
    let made = Made::new();
    let mut file = bytes("s16le.wav");
    let data = place(&file, b"data") + 8;
    for frame in file[data..].chunks_exact_mut(4) {
        let left = i16::from_le_bytes([frame[0], frame[1]]).max(-32_767);
        frame[..2].copy_from_slice(&left.to_le_bytes());
        frame[2..].copy_from_slice(&(-left).to_le_bytes());
    }
    let path = made.file("opposed.wav", &file);
    let audio = whole(&path);
    assert!(audio.is_silent() && audio.warnings.len() == 1, "{:?}", audio.warnings);
    assert!(audio.warnings[0].contains("--channel 1"), "{:?}", audio.warnings);
    let one = read_file(&path, &ReadOptions { channel: Channel::Index(1), ..Default::default() }).unwrap();
    assert!(!one.is_silent() && one.warnings.is_empty());
}

/// A generator of numbers that is the same everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

/// A file with something wrong; pages of Ogg get their right checksums again.
fn mutated(file: &[u8], random: &mut Numbers) -> Vec<u8> {
    const TELLING: [&[u8]; 8] = [
        &[0; 4],
        &[0xFF; 4],
        &[0x7F, 0xFF, 0xFF, 0xFF],
        &[0, 0, 0, 1],
        &[1, 0, 0, 0],
        &[0x80],
        &[0xFF; 8],
        &[0],
    ];
    let mut file = file.to_vec();
    for _ in 0..=random.below(4) {
        // Headers are where most goes wrong.
        let reach = if random.below(3) == 0 { file.len() } else { file.len().min(600) };
        let at = random.below(reach);
        match random.below(6) {
            0 => file[at] ^= 1 << random.below(8),
            1 => file[at] = u8::try_from(random.below(256)).unwrap(),
            2 => {
                let others = TELLING[random.below(TELLING.len())];
                let count = others.len().min(file.len() - at);
                file[at..at + count].copy_from_slice(&others[..count]);
            }
            3 => file.truncate(at.max(12)),
            4 => {
                let count = random.below(64).min(file.len() - at);
                let piece = file[at..at + count].to_vec();
                file.splice(at..at, piece);
            }
            _ => {
                let count = random.below(16).min(file.len() - at);
                file.drain(at..at + count);
            }
        }
        if file.is_empty() {
            file.push(0);
        }
    }
    if file.starts_with(b"OggS") {
        let starts: Vec<usize> = pages(&file).into_iter().chain([file.len()]).collect();
        let checked = |w: &[usize]| {
            let page = file[w[0]..w[1]].to_vec();
            if page.len() < 27 { page } else { checked(page) }
        };
        return starts.windows(2).flat_map(checked).collect();
    }
    file
}

/// How many mutations each `cargo test` tries; `SNMF_MUTATIONS` asks for more.
const MUTATIONS: usize = 3000;

#[test]
fn mutated_sounds_give_a_sound_or_an_error_that_names_them() {
    let count =
        std::env::var("SNMF_MUTATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(MUTATIONS);
    let mut files: Vec<Vec<u8>> = Vec::new();
    for (_, _, all) in &READ {
        files.extend(all.iter().map(|(name, _)| bytes(name)));
    }
    let made = Made::new();
    let mut random = Numbers(1);
    let (mut sounds, mut errors) = (0, 0);
    for i in 0..count {
        let content = mutated(&files[i % files.len()], &mut random);
        let path = made.file("mutated", &content);
        let reading = Reading::default().within(64 << 20);
        match read_file_reporting(&path, &ReadOptions::default(), &reading) {
            Ok(audio) => {
                assert!(audio.samples.iter().all(|x| x.is_finite()), "mutation {i}");
                sounds += 1;
            }
            Err(e) => {
                assert!(e.to_string().contains("mutated"), "mutation {i}: {e}");
                errors += 1;
            }
        }
    }
    println!("{count} mutated sounds: {sounds} were read, {errors} refused");
    assert!(sounds > count / 20 && errors > count / 20, "{sounds} read, {errors} refused");
}
