//! The factor stream: exact, canonical, readable elsewhere, and never a plausible wrong result.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::io::Read;
use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use snmf_workbench::codec::{CodecError, Encoding, Header, Limits, Stored, read, sizes, write, write_npz};
use snmf_workbench::numeric::{AnyModel, Factors, Model, Quantised, Real, Shape};

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
        seed: Some(u64::MAX),
        iterations: Some(200),
        levels: Some((150, 20)),
        rules: Some("joint".to_owned()),
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
            for encoding in [Encoding::Text, Encoding::Binary] {
                let stored = Stored { header: header(), model: model.clone(), encoding };
                let bytes = write(&stored);
                let back = read(&bytes, &Limits::default()).unwrap();
                prop_assert_eq!(&back, &stored);
                prop_assert_eq!(write(&back), bytes);
            }
        }
    }
}

#[test]
fn a_minimal_header_comes_back_minimal() {
    let bare = Header { method: "cnmf".to_owned(), ..Header::default() };
    let stored = Stored { header: bare, model: real::<f32>(small(), 1).into(), encoding: Encoding::Text };
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
    let bytes = write(&Stored { header: bare, model: model.into(), encoding: Encoding::Text });
    assert_eq!(
        String::from_utf8(inflate(&bytes)).unwrap(),
        "snmf/1 T=2 enc=text num=int method=m\n2 2 3 1 3 2 4 5 7 6 8 9 10 11 12 13 14 0.5 1e-7 1 1e20"
    );
    // No time and no system: equal factors give equal bytes everywhere.
    assert_eq!((&bytes[4..8], bytes[9]), (&[0u8; 4][..], 255));
}

#[test]
fn sizes_cover_the_sequence_alone_and_the_file_with_its_header() {
    for model in models(small(), 3) {
        let stored = Stored { header: header(), model, encoding: Encoding::Text };
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
        for encoding in [Encoding::Text, Encoding::Binary] {
            let stored = Stored { header: header(), model: model.clone(), encoding };
            let bytes = write(&stored);
            for end in 0..bytes.len() {
                assert!(read(&bytes[..end], &Limits::default()).is_err(), "cut at {end}");
            }
            for bit in 0..8 * bytes.len() {
                let mut flipped = bytes.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                if let Ok(read) = read(&flipped, &Limits::default()) {
                    assert_eq!(read, stored, "bit {bit}");
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
    let cases = [
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5", "dh"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1 7", "2 bytes follow"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 -4 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4.5 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 03 4 5 0.5 1", "W at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3  4 5 0.5 1", "H at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 4294967296 4 5 0.5 1", "W at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 NaN 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 inf 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.50 1", "dw at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n0 1 2 3 4 5 0.5 1", "M at byte"),
        ("snmf/1 T=1 enc=text num=int method=m\n1 99999999999 2 3 4 5 0.5 1", "numbers in W and H"),
        ("snmf/1 T=18446744073709551615 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "numbers in W and H"),
        ("snmf/1 T=0 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "field T"),
        ("snmf/1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "field T is missing"),
        ("snmf/1 T=1 enc=morse num=int method=m\n1 1 2 3 4 5 0.5 1", "field enc"),
        ("snmf/1 T=1 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "each key once"),
        ("snmf/1 T=1 enc=text num=int method=m max=NaN\n1 1 2 3 4 5 0.5 1", "field max"),
        ("snmf/1 T=1 enc=text num=f32 method=m\n1 1 2 3 4 5 0.5 1", "dw at byte"),
        ("snmf/2 T=1 enc=text num=int method=m\n1 1 2 3 4 5 0.5 1", "version 2"),
        ("RIFF....WAVE\n", "not a factor stream"),
        ("no newline", "not a factor stream"),
        ("", "not a factor stream"),
    ];
    for (content, expected) in cases {
        let error = read_text(content).unwrap_err().to_string();
        assert!(error.contains(expected), "{content:?}: {error}, expected it to name {expected:?}");
    }
    let twice = [deflate(good.as_bytes()), deflate(good.as_bytes())].concat();
    assert!(matches!(read(&twice, &Limits::default()), Err(CodecError::Gzip { .. })), "two members");
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let bomb = deflate(&vec![b' '; 1 << 24]);
    assert!(bomb.len() < 1 << 17);
    let limits = Limits { inflated_bytes: 1 << 16, ..Limits::default() };
    assert!(matches!(read(&bomb, &limits), Err(CodecError::TooLarge { what: "inflated bytes", .. })));
}

#[test]
fn numpy_s_archive_holds_the_factors_in_its_order() {
    let Model::Quantised(q) = quantised::<f32>(small(), 9) else { unreachable!() };
    let model = AnyModel::F32(Arc::new(Model::Quantised(q.clone())));
    let mut archive = std::io::Cursor::new(Vec::new());
    write_npz(&mut archive, &Stored { header: header(), model, encoding: Encoding::Binary }).unwrap();
    let mut npz = npyz::npz::NpzArchive::new(archive).unwrap();
    let w = npz.by_name("W").unwrap().unwrap();
    assert_eq!(w.shape(), [3, 5, 2]);
    let w: Vec<u32> = w.into_vec().unwrap();
    assert_eq!(w[(2 * 5 + 4) * 2 + 1], q.w[2][(4, 1)]);
    let h: Vec<u32> = npz.by_name("H").unwrap().unwrap().into_vec().unwrap();
    assert_eq!(h[4 + 3], q.h[(1, 3)]);
    let dw: Vec<f32> = npz.by_name("dw").unwrap().unwrap().into_vec().unwrap();
    assert_eq!(dw, q.dw.as_slice());
    let line: Vec<u8> = npz.by_name("header").unwrap().unwrap().into_vec().unwrap();
    assert!(line.starts_with(b"snmf/1 "));
}
