//! The factor stream: exact, canonical, readable elsewhere, and never a plausible wrong result.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use snmf_workbench::codec::{
    ArchiveReader, CodecError, Coder, Digest, Encoding, Form, Header, Limits, PartSizes, Stored, parts, read,
    read_with, sizes, write,
};
use snmf_workbench::engine::run::measure;
use snmf_workbench::engine::run::series::Series;
use snmf_workbench::engine::{Analysis, InputSpec, Source, SpecDraft, files, session};
use snmf_workbench::export::npz::write_npz;
use snmf_workbench::numeric::{
    AnyModel, Factors, Method, Metric, Model, Named, Quantised, Real, Shape, context_model,
};
use snmf_workbench::signal::ReadOptions;

const TEXT: Form = Form { encoding: Encoding::Text, coder: Coder::Miniz, bases: None };
const CONTEXT: Form = Form { encoding: Encoding::Context, coder: Coder::Miniz, bases: None };

fn header() -> Header {
    Header {
        method: "snmf-poster".to_owned(),
        input: Some("Grüße & co = 100 %.wav".to_owned()),
        sha256: Some("0123456789abcdef".repeat(4)),
        sample_rate: Some(16_000),
        samples: Some(46_592),
        fft: Some(1024),
        hop: Some(512),
        window: Some("hann".to_owned()),
        channel: Some("2".to_owned()),
        start: Some(0.25),
        end: Some(1.0 / 3.0),
        max: Some(81.234_567_890_123_4),
        phi_db: Some(80.0),
        power: None,
        seed: Some(u64::MAX),
        iterations: Some(200),
        levels: Some((150, 20)),
        rules: Some("joint".to_owned()),
        fixed: Some("3:0123456789abcdef".to_owned()),
        lambda: Some(1.5e-6),
        target: Some("max-loss-db:1".to_owned()),
        metric: Some("kld".to_owned()),
        program: Some("0.1.0".to_owned()),
        unknown: vec![("mood".to_owned(), "calm".to_owned())],
    }
}

/// Numbers without a pattern, the same in every run.
fn scrambled(i: usize, seed: u32) -> u32 {
    u32::try_from(i).unwrap().wrapping_mul(2_654_435_761).wrapping_add(seed)
}

fn quantised<F: Real>(shape: Shape, seed: u32) -> Model<F> {
    let Shape { bins, frames, components, lags } = shape;
    let integer = |i: usize| {
        let x = scrambled(i, seed);
        match x % 5 {
            0 => 0,
            1 => x,
            _ => x % 200,
        }
    };
    Model::Quantised(Quantised {
        w: (0..lags)
            .map(|t| DMatrix::from_fn(bins, components, |m, r| integer(m + 31 * r + 977 * t)))
            .collect(),
        h: DMatrix::from_fn(components, frames, |r, n| integer(7 + r + 13 * n)),
        dw: DVector::from_fn(components, |r, _| F::from_f64(0.1 / (1.0 + r as f64))),
        dh: DVector::from_fn(components, |r, _| F::from_f64(1e-9 * (3.0 + r as f64))),
    })
}

fn real<F: Real>(shape: Shape, seed: u32) -> Model<F> {
    let Shape { bins, frames, components, lags } = shape;
    let value = |i: usize| {
        let x = f64::from(scrambled(i, seed));
        F::from_f64(if i.is_multiple_of(7) {
            0.0
        } else {
            (x / 1e9).exp() * 10f64.powf((i % 60) as f64 - 30.0)
        })
    };
    Model::Real(Factors {
        w: (0..lags)
            .map(|t| DMatrix::from_fn(bins, components, |m, r| value(m + 31 * r + 977 * t)))
            .collect(),
        h: DMatrix::from_fn(components, frames, |r, n| value(7 + r + 13 * n)),
    })
}

fn models(shape: Shape, seed: u32) -> [AnyModel; 4] {
    [
        quantised::<f32>(shape, seed).into(),
        quantised::<f64>(shape, seed).into(),
        real::<f32>(shape, seed).into(),
        real::<f64>(shape, seed).into(),
    ]
}

fn small() -> Shape {
    Shape { bins: 5, frames: 4, components: 2, lags: 3 }
}

proptest! {
    #[test]
    fn reading_what_was_written_gives_the_same(
        bins in 1usize..7, frames in 1usize..7, components in 1usize..4, lags in 1usize..9, seed: u32,
    ) {
        for model in models(Shape { bins, frames, components, lags }, seed) {
            for &encoding in Encoding::ALL {
                let mut stored = Stored { header: header(), model: model.clone(), form: Form { encoding, ..Form::default() } };
                let bytes = write(&stored);
                let back = read(&bytes, &Limits::default()).unwrap();
                // Real numbers are binary where contexts are asked for.
                stored.form.encoding = encoding.of(stored.model.is_quantised());
                prop_assert_eq!(&back, &stored);
                prop_assert_eq!(write(&back), bytes);
            }
        }
    }
}

#[test]
fn a_minimal_header_comes_back_minimal() {
    let bare = Header { method: "cnmf".to_owned(), ..Header::default() };
    let stored = Stored { header: bare, model: real::<f32>(small(), 1).into(), form: TEXT };
    assert_eq!(read(&write(&stored), &Limits::default()).unwrap(), stored);
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut content).unwrap();
    content
}

fn deflate(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn the_sequence_is_the_poster_s() {
    let model: Model<f32> = Model::Quantised(Quantised {
        w: vec![DMatrix::from_row_slice(2, 2, &[1, 2, 3, 4]), DMatrix::from_row_slice(2, 2, &[5, 6, 7, 8])],
        h: DMatrix::from_row_slice(2, 3, &[9, 10, 11, 12, 13, 14]),
        dw: DVector::from_vec(vec![0.5, 1e-7]),
        dh: DVector::from_vec(vec![1.0, 1e20]),
    });
    let bare = Header { method: "m".to_owned(), ..Header::default() };
    let bytes = write(&Stored { header: bare, model: model.into(), form: TEXT });
    assert_eq!(
        String::from_utf8(inflate(&bytes)).unwrap(),
        "snmf/1 T=2 enc=text method=m\n2 2 3 1 3 2 4 5 7 6 8 9 10 11 12 13 14 0.5 1e-7 1 1e20"
    );
    // No time and no system: equal factors give equal bytes everywhere.
    assert_eq!((&bytes[4..8], bytes[9]), (&[0u8; 4][..], 255));
}

fn digest() -> Digest {
    Digest::parse(&"0123456789abcdef".repeat(4)).unwrap()
}

#[test]
fn bases_in_another_file_are_left_out_and_must_be_the_right_ones() {
    let limits = Limits::default();
    for model in models(small(), 13) {
        let mut without = Stored { header: header(), model, form: Form::default() };
        for &encoding in Encoding::ALL {
            let encoding = encoding.of(without.model.is_quantised());
            without.form = Form { encoding, bases: None, ..Form::default() };
            let whole = write(&without).len();
            without.form.bases = Some(digest());
            let bytes = write(&without);
            assert!(
                inflate(&bytes).starts_with(b"snmf/3 ") && bytes.len() < whole + 60,
                "{} {whole}",
                bytes.len()
            );
            let back = read_with(&bytes, &limits, Some(&without.model)).unwrap();
            assert_eq!(back, without);
            assert!(back.has_bases_of(&without.model));
            let PartSizes { w, h, .. } = parts(&without);
            assert!(w == 0 && h > 0);
            assert_eq!(read(&bytes, &limits), Err(CodecError::NoBases { sha256: digest() }));
            let shapes = [
                Shape { bins: 6, ..small() },
                Shape { components: 1, ..small() },
                Shape { lags: 1, ..small() },
            ];
            let others = shapes.into_iter().flat_map(|shape| models(shape, 13)).chain(models(small(), 13));
            for other in others.filter(|other| !without.has_bases_of(other)) {
                let error = read_with(&bytes, &limits, Some(&other)).unwrap_err();
                assert!(matches!(error, CodecError::OtherBases { .. }), "{error}");
            }
        }
    }
    assert_eq!(Digest::parse(&digest().to_string()), Some(digest()));
    for wrong in ["", "0g", &"A".repeat(64), &"0".repeat(63), &"0".repeat(66)] {
        assert_eq!(Digest::parse(wrong), None);
    }
}

/// The blocks of one kind in the specification, without the words beside hex digits.
fn blocks(kind: &str) -> Vec<String> {
    let text = include_str!("../../src/codec/FORMAT.md");
    let fence = format!("```{kind}\n");
    let begin = |at: usize| at + fence.len();
    text.match_indices(&fence)
        .map(|(at, _)| text[begin(at)..begin(at) + text[begin(at)..].find("\n```").unwrap()].to_owned())
        .collect()
}

#[test]
fn the_examples_of_the_specification_are_what_is_written() {
    let bytes = |block: &String| -> Vec<u8> {
        let digits = block.lines().flat_map(|line| line.split("   ").next().unwrap().split(' '));
        digits.map(|two| u8::from_str_radix(two, 16).unwrap()).collect()
    };
    let hex: Vec<Vec<u8>> = blocks("hex").iter().map(bytes).collect();
    let model: Model<f32> = Model::Quantised(Quantised {
        w: vec![DMatrix::from_row_slice(3, 1, &[2, 0, 1]), DMatrix::from_row_slice(3, 1, &[1, 3, 0])],
        h: DMatrix::from_row_slice(1, 4, &[0, 200, 0, 1]),
        dw: DVector::from_vec(vec![0.25]),
        dh: DVector::from_vec(vec![1.0 / 128.0]),
    });
    let header = Header {
        method: "ptq-adaptive".to_owned(),
        input: Some("two words.wav".to_owned()),
        sample_rate: Some(16_000),
        samples: Some(2_560),
        fft: Some(4),
        hop: Some(2),
        seed: Some(7),
        iterations: Some(100),
        levels: Some((128, 85)),
        ..Header::default()
    };
    let stored = Stored { header, model: model.into(), form: Form::default() };
    assert_eq!(write(&stored), hex[0]);
    assert_eq!(inflate(&hex[0]), hex[1]);
    assert_eq!(read(&hex[0], &Limits::default()).unwrap(), stored);
    let stored = Stored { form: CONTEXT, ..stored };
    assert_eq!(inflate(&write(&stored)), hex[2]);
    assert_eq!(read(&deflate(&hex[2]), &Limits::default()).unwrap(), stored);

    let model: Model<f64> = Model::Real(Factors {
        w: vec![DMatrix::from_row_slice(2, 2, &[0.5, 1e-9, 0.0, 2.0])],
        h: DMatrix::from_row_slice(2, 1, &[0.1, 300.0]),
    });
    let header = Header { method: "cnmf".to_owned(), ..Header::default() };
    let stored = Stored { header, model: model.into(), form: TEXT };
    let whole = write(&stored);
    let bases = Digest::parse(&files::sha256(&whole));
    let without = write(&Stored { form: Form { bases, ..TEXT }, ..stored });
    let texts = [whole, without].map(|file| String::from_utf8(inflate(&file)).unwrap());
    assert_eq!(blocks("text"), texts);
}

#[test]
fn sizes_cover_the_sequence_alone_and_the_file_with_its_header() {
    for model in models(small(), 3) {
        let stored = Stored { header: header(), model, form: TEXT };
        let sizes = sizes(&stored);
        let content = inflate(&write(&stored));
        let line = content.iter().position(|b| *b == b'\n').unwrap() + 1;
        assert_eq!(sizes.text_bytes, content.len() - line);
        assert_eq!(sizes.file_bytes, write(&stored).len());
        let values = small().values().unwrap() + 2 * small().components;
        if !stored.model.is_quantised() {
            assert_eq!(sizes.binary_bytes, 3 + 4 * values, "real values are counted as f32");
        }
        assert!(sizes.text_gzip_bytes > 20 && sizes.binary_gzip_bytes > 20);
    }
}

#[test]
fn damage_is_an_error_or_changes_nothing() {
    for model in models(small(), 5) {
        for &encoding in Encoding::ALL {
            let encoding = encoding.of(model.is_quantised());
            for bases in [None, Some(digest())] {
                let form = Form { encoding, bases, ..Form::default() };
                let stored = Stored { header: header(), model: model.clone(), form };
                let read = |bytes: &[u8]| read_with(bytes, &Limits::default(), Some(&model));
                let bytes = write(&stored);
                for end in 0..bytes.len() {
                    assert!(read(&bytes[..end]).is_err(), "cut at {end}");
                }
                for bit in 0..8 * bytes.len() {
                    let mut flipped = bytes.clone();
                    flipped[bit / 8] ^= 1 << (bit % 8);
                    if let Ok(read) = read(&flipped) {
                        assert_eq!(read, stored, "bit {bit}");
                    }
                }
            }
        }
    }
}

fn read_text(content: &str) -> Result<Stored, CodecError> {
    read(&deflate(content.as_bytes()), &Limits::default())
}

#[test]
fn each_wrong_field_is_named() {
    let good = "snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1";
    assert!(read_text(good).is_ok());
    assert!(read_text("snmf/2 T=1 enc=text num=int method=m pow=0.5\n1 1 2 3 4 5 0.5 1").is_ok());
    let cases = [
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5", "dh"),
        (
            "snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1 7",
            "follows the end of the factors at byte 54",
        ),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 -4 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4.5 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 03 4 5 0.5 1", "W at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3  4 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 4294967296 4 5 0.5 1", "W at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 NaN 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 inf 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.50 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n0 1 2 3 4 5 0.5 1", "M at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 99999999999 2 3 4 5 0.5 1", "R at byte"),
        ("snmf/1 T=18446744073709551615 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "lags T"),
        ("snmf/1 T=0 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "field T"),
        ("snmf/1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "field T is missing"),
        ("snmf/1 T=1 enc=text gz=lzma method=m\n1 1 2 3 4 5 0.5 1", "field gz at byte 20"),
        ("snmf/1 T=1 enc=text method=m\n1 1 2 3 4 5 0.5 1 ", "end of the factors at byte 46"),
        ("snmf/1 T=1 enc=text method=m\n1 1 2 3 4\n5 0.5 1", "H at byte"),
        (
            "snmf/1 T=1 enc=text method=m\n1 1 2 3 4 5 0.5 11111111111111111111111111111111111111111",
            "dh at byte",
        ),
        ("snmf/1 T=1 enc=morse num=int method=m\n1 1 2 3 4 5 0.5 1", "field enc"),
        ("snmf/1 T=1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "each key once"),
        ("snmf/1 T=1 enc=text num=int method=m max=inf\n1 1 2 3 4 5 0.5 1", "field max"),
        ("snmf/1 T=1 enc=text num=int method=m max=-1\n1 1 2 3 4 5 0.5 1", "field max"),
        ("snmf/2 T=1 enc=text method=m pow=1\n1 1 2 3 4 5 0.5 1", "field pow"),
        ("snmf/2 T=1 enc=text method=m pow=0.1\n1 1 2 3 4 5 0.5 1", "field pow"),
        ("snmf/1 T=1 enc=text method=m sha256=abc\n1 1 2 3 4 5 0.5 1", "field sha256"),
        ("snmf/1 T=1 enc=text num=f32 method=m\n1 1 2 3 4 5 0.5 1", "dw at byte"),
        ("snmf/1 T=1 enc=text method=m\n1048577 1 1 1 1 1 1", "M at byte"),
        ("snmf/1 T=1 enc=text method=m\n9999 1 999999 1 1 1 1", "M times N"),
        ("snmf/1 T=1 enc=text method=m\n1 60000 60000 1 1 1 1", "numbers in W and H"),
        ("snmf/1 T=65537 enc=text method=m\n1 1 1 1 1 1 1", "lags T"),
        ("snmf/4 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "version 4"),
        ("snmf/3 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "version at byte 0: expected snmf/1"),
        (
            "snmf/1 T=1 bases=0 enc=text method=m\n1 1 2 4 5 1",
            "field bases at byte 11: expected 64 hex digits",
        ),
        ("snmf/2 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "version at byte 0: expected snmf/1"),
        ("snmf/1 T=1 enc=text method=m pow=0.5\n1 1 2 3 4 5 0.5 1", "version at byte 0: expected snmf/2"),
        ("snmf/1 T=1 enc=context method=m\n\x01\x01\x02", "version at byte 0: expected snmf/2"),
        ("snmf/2 T=1 enc=context num=f32 method=m\n\x01\x01\x02", "field enc"),
        ("snmf/2 T=1 enc=context method=m\n\x01\x01", "N at byte"),
        ("snmf/2 T=1 enc=context method=m\n\x01\x01\x02", "W at byte 35: expected a value"),
        ("RIFF....WAVE\n", "not a factor stream"),
        ("no newline", "not a factor stream"),
        ("", "not a factor stream"),
    ];
    for (content, expected) in cases {
        let error = read_text(content).unwrap_err().to_string();
        assert!(error.contains(expected), "{content:?}: {error}, expected it to name {expected:?}");
    }
    let member = deflate(good.as_bytes());
    let error = read(&[&member[..], &member[..]].concat(), &Limits::default()).unwrap_err();
    assert!(
        matches!(error, CodecError::Gzip { offset, .. } if offset == member.len()),
        "two members: {error}"
    );
}

#[test]
fn a_bomb_ends_before_it_goes_off() {
    // Ten gigabytes in ten megabytes, which is the most that deflate can do: blanks without end, a header without
    // end, and zeros where a stream says that it has some.
    let mebibyte = |byte: u8| vec![byte; 1 << 20];
    for (begin, byte, expected) in [
        ("", b' ', "not a factor stream"),
        ("snmf/1 T=1 x=", b'0', "header bytes"),
        ("snmf/1 T=1 enc=text method=m\n", b'0', "M at byte"),
        ("snmf/1 T=1 method=m\n\x01\x01\x01", b'\0', "follows the end"),
        // A claim of 127 million bins of zeros: more than a reader holds.
        ("snmf/1 T=1 method=m\n\u{7f}\u{7f}\u{7f}", b'\0', "follows the end"),
    ] {
        let mut encoder = flate2::GzBuilder::new().write(Vec::new(), flate2::Compression::new(1));
        std::io::Write::write_all(&mut encoder, begin.as_bytes()).unwrap();
        for _ in 0..64 {
            std::io::Write::write_all(&mut encoder, &mebibyte(byte)).unwrap();
        }
        let bomb = encoder.finish().unwrap();
        // Cut off after a quarter: who reads on to there says so instead.
        let error = read(&bomb[..bomb.len() / 4], &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(expected), "{begin:?}: {error}");
    }
    let limits = Limits { inflated_bytes: 1 << 16, ..Limits::default() };
    let content = [&b"snmf/1 T=1 method=m\n\x10\x01\xff\xff\x3f"[..], &mebibyte(0)].concat();
    assert!(matches!(
        read(&deflate(&content), &limits),
        Err(CodecError::TooLarge { what: "inflated bytes", .. })
    ));
}

#[test]
fn a_model_needs_48_bytes_a_number_and_not_one_less() {
    let zeros: Model<f32> = Model::Quantised(Quantised {
        w: vec![DMatrix::zeros((1 << 16) - 1, 1)],
        h: DMatrix::zeros(1, 1),
        dw: DVector::from_element(1, 1.0),
        dh: DVector::from_element(1, 1.0),
    });
    let stored = Stored { header: header(), model: zeros.into(), form: Form::default() };
    let within = |memory| read(&write(&stored), &Limits { memory, ..Limits::default() });
    assert_eq!(within(3 << 20).unwrap(), stored);
    assert!(matches!(within((3 << 20) - 1), Err(CodecError::Memory { need: 3, have: 2, .. })));
}

/// A gzip file of one stored block with a right checksum, quickly made.
fn contain(content: &[u8], file: &mut Vec<u8>) {
    file.clear();
    let length = u16::try_from(content.len()).unwrap();
    file.extend([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1]);
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(content);
    let mut crc = flate2::Crc::new();
    crc.update(content);
    file.extend(crc.sum().to_le_bytes());
    file.extend(crc.amount().to_le_bytes());
}

/// What came out of a mutated stream: an error, or exactly the factors that its content says, with these bases where it
/// has none.
fn is_error_or_what_it_says(file: &[u8], content: &[u8], bases: &AnyModel) -> bool {
    let read = |file: &[u8]| read_with(file, &Limits::default(), Some(bases));
    let Ok(stored) = read(file) else { return false };
    let again = write(&Stored { form: Form { coder: Coder::Miniz, ..stored.form }, ..stored.clone() });
    let back = read(&again).unwrap();
    // The same comes out of what was written.
    assert_eq!((&back.header, &back.model), (&stored.header, &stored.model));
    // The body is canonical: what was read writes itself back byte for byte. Only where contexts say too much for so small
    // a file it is varints that are written.
    if back.form.encoding == stored.form.encoding {
        let body = |content: &[u8]| content[content.iter().position(|b| *b == b'\n').unwrap()..].to_vec();
        assert_eq!(body(&inflate(&again)), body(content), "{:?}", String::from_utf8_lossy(content));
    } else {
        assert_eq!((stored.form.encoding, back.form.encoding), (Encoding::Context, Encoding::Binary));
    }
    true
}

#[test]
fn a_million_mutations_give_an_error_or_exactly_what_they_say() {
    let all = models(small(), 11);
    let mut streams: Vec<(AnyModel, Vec<u8>)> = Vec::new();
    for model in &all {
        for &encoding in Encoding::ALL {
            for bases in [None, Some(digest())] {
                let form = Form { encoding, bases, ..Form::default() };
                let content = inflate(&write(&Stored { header: header(), model: model.clone(), form }));
                streams.push((model.clone(), content));
            }
        }
    }
    let pieces: [&[u8]; 16] = [
        b" ",
        b"\n",
        b"=",
        b"0",
        b"-1",
        b"NaN",
        b"1e999",
        b"99999999999999999999",
        b"\xff\xff\xff\xff\xff\x0f",
        b"\x80\x00",
        b"T=",
        b"snmf/1 ",
        b"snmf/2 ",
        b"snmf/3 ",
        b"enc=context ",
        b"bases=",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    let (mut file, mut accepted, mut inputs) = (Vec::new(), 0, 0);
    while inputs < 1_000_000 {
        let (bases, mut content) = streams[random(streams.len())].clone();
        for _ in 0..=random(3) {
            if content.is_empty() {
                break;
            }
            let at = random(content.len());
            match random(6) {
                0 => content[at] ^= 1 << random(8),
                1 => content[at] = u8::try_from(random(256)).unwrap(),
                2 => drop(content.remove(at)),
                3 => drop(content.splice(at..at, pieces[random(pieces.len())].iter().copied())),
                4 => content.truncate(at.max(1)),
                _ => {
                    let end = (at + random(20)).min(content.len());
                    let copy = content[at..end].to_vec();
                    let to = random(content.len());
                    drop(content.splice(to..to, copy));
                }
            }
        }
        contain(&content, &mut file);
        accepted += usize::from(is_error_or_what_it_says(&file, &content, &bases));
        // The container itself, now and then: with a wrong checksum nothing comes out.
        if random(8) == 0 {
            let at = random(file.len());
            file[at] ^= 1 << random(8);
            let _ = read(&file, &Limits::default());
            inputs += 1;
        }
        inputs += 1;
    }
    println!("{inputs} inputs, {accepted} of them streams");
    assert!(accepted > 10_000, "mutations reach what is behind the checks: {accepted}");
}

#[test]
fn every_coder_gives_a_file_that_reads_back_and_names_itself() {
    let model: AnyModel = quantised::<f32>(Shape { bins: 40, frames: 50, components: 3, lags: 2 }, 4).into();
    let mut bytes = Vec::new();
    for &coder in Coder::ALL {
        for &encoding in Encoding::ALL {
            let stored = Stored {
                header: header(),
                model: model.clone(),
                form: Form { encoding, coder, bases: None },
            };
            let file = write(&stored);
            assert_eq!(read(&file, &Limits::default()).unwrap(), stored);
            assert_eq!(write(&read(&file, &Limits::default()).unwrap()), file);
            let version = if encoding == Encoding::Context { b"snmf/2 " } else { b"snmf/1 " };
            assert!(inflate(&file).starts_with(version), "another inflater reads it");
            bytes.push(file.len());
        }
    }
    assert!(bytes[6] < bytes[0] && bytes[7] < bytes[1], "zopfli is the denser one: {bytes:?}");
}

/// An `snmf-rd` run on a built-in signal, briefly learned.
fn learned(demo: &str, components: usize, lags: usize, metric: Metric) -> Stored {
    let pool = session::pool(1).unwrap();
    let methods = vec![Method::SNMF_RD];
    let draft = SpecDraft { components, lags, iterations: 30, metric, methods, ..SpecDraft::default() };
    let input = InputSpec { source: Source::parse(demo).unwrap(), read: ReadOptions::default() };
    let analysis = Arc::new(Analysis::read(&input, draft.framing().unwrap(), &pool).unwrap());
    let spec = draft.parse().unwrap().runs.remove(0);
    let mut series = Series::new(Arc::clone(&analysis), Form::default(), &pool);
    let run = series.run(&spec, &mut |_| ControlFlow::Continue(())).unwrap();
    measure::stored(&analysis, &spec, &run.snapshot, Form::default())
}

#[test]
fn contexts_take_at_most_85_hundredths_of_varints() {
    for (demo, components, lags) in [("demo:speech", 20, 5), ("demo:drums", 10, 8), ("demo:piano", 10, 8)] {
        for metric in [Metric::Snr, Metric::Kld] {
            let varint = learned(demo, components, lags, metric);
            let context = Stored { form: CONTEXT, ..varint.clone() };
            let (file, than) = (write(&context), write(&varint).len());
            println!("{demo} {metric:?}: {} bytes of {than}", file.len());
            assert!(100 * file.len() <= 85 * than, "{demo} {metric:?}: {} of {than}", file.len());
            assert_eq!(read(&file, &Limits::default()).unwrap(), context);
            // The parts are those of the file, and what the model says of bits is what the coder needs.
            let PartSizes { header, w, h, steps } = parts(&context);
            assert!((header + w + h + steps).abs_diff(file.len()) <= 1 && header < 300 && steps < 80);
            let AnyModel::F32(model) = &context.model else { unreachable!() };
            let Model::Quantised(integers) = &**model else { unreachable!() };
            let (bits_w, bits_h) = context_model::bits(integers);
            for (bytes, bits) in [(w, bits_w), (h, bits_h)] {
                assert!((bytes as f64 - bits / 8.0).abs() < 10.0, "{bytes} bytes, {bits} bits");
            }
        }
    }
}

#[test]
fn a_model_has_one_body_by_contexts() {
    let model: AnyModel = quantised::<f32>(small(), 8).into();
    let stored =
        Stored { header: Header { method: "m".to_owned(), ..Header::default() }, model, form: CONTEXT };
    let content = inflate(&write(&stored));
    let refused = |content: &[u8]| read(&deflate(content), &Limits::default()).unwrap_err().to_string();
    let text = refused(&[&content[..], &[0]].concat());
    assert!(text.contains(&format!("follows the end of the factors at byte {}", content.len())), "{text}");
    for behind in [&[1][..], &[0; 4], &[255; 9], &[0; 7_000]] {
        let text = refused(&[&content[..], behind].concat());
        assert!(text.contains("follows the end") || text.contains("shortest form"), "{text}");
    }
    // Whatever else stands at the end, or does not, is refused or gives other factors.
    let last = content.len() - 1;
    let others = (0..=255).filter(|byte| *byte != content[last]).map(|byte| vec![byte]);
    for end in others.chain([vec![]]) {
        let other = [&content[..last], &end].concat();
        assert!(!read(&deflate(&other), &Limits::default()).is_ok_and(|other| other == stored), "{end:?}");
    }
}

#[test]
fn a_file_is_worth_so_many_decisions() {
    // Silence, of which contexts would make next to nothing: it is written as varints, and comes back.
    let silence: Model<f32> = Model::Quantised(Quantised {
        w: vec![DMatrix::zeros(1000, 600)],
        h: DMatrix::zeros(600, 100),
        dw: DVector::from_element(600, 1.0),
        dh: DVector::from_element(600, 1.0),
    });
    let header = Header { method: "m".to_owned(), ..Header::default() };
    let stored = Stored { header, model: silence.into(), form: CONTEXT };
    let back = read(&write(&stored), &Limits::default()).unwrap();
    assert_eq!(back, Stored { form: Form::default(), ..stored });

    // Numbers of 32 bits in a millionth of a byte each, more of them than a file of this size is worth.
    let body = [&b"\xff\xff\x03\x04\x01"[..], &vec![0; 1 << 19]].concat();
    let text =
        read(&deflate(&[b"snmf/2 T=1 enc=context method=m\n", &body[..]].concat()), &Limits::default());
    let text = text.unwrap_err().to_string();
    assert!(text.contains("decisions of the arithmetic coder"), "{text}");
}

#[test]
fn numpy_s_archive_holds_the_factors_in_its_order() {
    let Model::Quantised(q) = quantised::<f32>(small(), 9) else { unreachable!() };
    let model = AnyModel::F32(Arc::new(Model::Quantised(q.clone())));
    let mut archive = std::io::Cursor::new(Vec::new());
    write_npz(&mut archive, &Stored { header: header(), model, form: Form::default() }, None).unwrap();
    let mut npz = ArchiveReader::new(archive).unwrap();
    let mut array = |name: &str| {
        npyz::NpyFile::new(std::io::Cursor::new(npz.read(&format!("{name}.npy"), 1 << 20).unwrap())).unwrap()
    };
    let w = array("W");
    assert_eq!(w.shape(), [3, 5, 2]);
    let w: Vec<u32> = w.into_vec().unwrap();
    assert_eq!(w[(2 * 5 + 4) * 2 + 1], q.w[2][(4, 1)]);
    let h: Vec<u32> = array("H").into_vec().unwrap();
    assert_eq!(h[4 + 3], q.h[(1, 3)]);
    let dw: Vec<f32> = array("dw").into_vec().unwrap();
    assert_eq!(dw, q.dw.as_slice());
    let rate: Vec<f64> = array("sr").into_vec().unwrap();
    assert_eq!(rate, [16_000.0]);
    let line: Vec<u8> = array("header").into_vec().unwrap();
    assert!(line.starts_with(b"snmf/1 "));
}
