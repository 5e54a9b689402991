//! Factors leave the program and come back: through streams, archives and tables, to the last bit.

use std::io::Cursor;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use npyz::WriterBuilder;
use snmf_workbench::codec::{self, ArchiveWriter, Coder, Encoding, Form, Header, Limits, Stored, WAxes};
use snmf_workbench::engine::run::measure;
use snmf_workbench::engine::run::series::Series;
use snmf_workbench::engine::{Analysis, InputSpec, Source, SpecDraft, session};
use snmf_workbench::export::{factors_csv, npz};
use snmf_workbench::numeric::{AnyModel, Factors, Method, Model, Named, Quantised};
use snmf_workbench::signal::ReadOptions;

fn analysis(seconds: f64, draft: &SpecDraft) -> Arc<Analysis> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/short.wav");
    let read = ReadOptions { end: Some(seconds), ..ReadOptions::default() };
    let input = InputSpec { source: Source::File(path), read };
    Arc::new(Analysis::read(&input, draft.framing().unwrap(), &session::pool(1).unwrap()).unwrap())
}

#[test]
fn every_run_comes_back_with_the_same_model_and_the_same_quality() {
    let pool = session::pool(1).unwrap();
    let mut count = 0;
    for (lags, seconds) in [(1, 0.25), (3, 0.25), (9, 0.04)] {
        for double in [false, true] {
            let draft = SpecDraft {
                fft: 128.into(),
                hop: 128.into(),
                components: 3,
                lags,
                iterations: 12,
                double,
                methods: Method::ALL.to_vec(),
                ..SpecDraft::default()
            };
            let analysis = analysis(seconds, &draft);
            assert_eq!(lags > analysis.frames(), lags == 9, "the last one has more lags than frames");
            for spec in draft.parse().unwrap().runs {
                for &encoding in Encoding::ALL {
                    let form = Form { encoding, coder: Coder::ALL[(count / 3 + count) % 3], bases: None };
                    let mut series = Series::new(Arc::clone(&analysis), form, &pool);
                    let run = series.run(&spec, &mut |_| ControlFlow::Continue(())).unwrap();
                    let mut stored = measure::stored(&analysis, &spec, &run.snapshot, form);
                    let file = codec::write(&stored);
                    let back = codec::read(&file, &Limits::default()).unwrap();
                    stored.form.encoding = encoding.of(stored.model.is_quantised());
                    assert_eq!(back, stored);
                    assert_eq!(codec::write(&back), file);
                    let again = measure::measure(&back, spec.iterations, Some(&analysis), &pool);
                    let before = run.measures.clone();
                    assert_eq!(
                        (again.quality.snr_db, again.quality.kld),
                        (before.quality.snr_db, before.quality.kld),
                        "{spec:?}"
                    );
                    assert!(again.quality.snr_db.is_some() && again.quality.kld.is_some());
                    let (m, n) = (analysis.bins() - 1, analysis.frames() - 1);
                    let before = run.snapshot.model.at(m, n, |_| true);
                    assert_eq!(back.model.at(m, n, |_| true).to_bits(), before.to_bits());
                    count += 1;
                }
            }
        }
    }
    assert_eq!(count, 90, "five methods, two precisions, three bodies, three numbers of lags");
}

fn models() -> Vec<AnyModel> {
    let w = vec![DMatrix::from_row_slice(3, 2, &[1u32, 2, 0, 4, 5, u32::MAX]); 3];
    let h = DMatrix::from_row_slice(2, 2, &[7u32, 0, 9, 10]);
    let reals = |x: u32| (f64::from(x) / 7.0).sqrt();
    let single = Quantised {
        w: w.clone(),
        h: h.clone(),
        dw: DVector::from_vec(vec![0.1f32, 0.2]),
        dh: DVector::from_vec(vec![1.0, 1e-9]),
    };
    let double = Quantised {
        w: w.clone(),
        h: h.clone(),
        dw: DVector::from_vec(vec![0.1f64, 0.2]),
        dh: DVector::from_vec(vec![1.0, 1e-300]),
    };
    #[allow(clippy::cast_possible_truncation)]
    let narrow =
        Factors { w: w.iter().map(|w| w.map(|x| reals(x) as f32)).collect(), h: h.map(|x| reals(x) as f32) };
    let wide = Factors { w: w.iter().map(|w| w.map(reals)).collect(), h: h.map(reals) };
    vec![
        Model::Quantised(single).into(),
        Model::Quantised(double).into(),
        Model::Real(narrow).into(),
        Model::Real(wide).into(),
    ]
}

fn stored(model: AnyModel) -> Stored {
    let header = Header {
        method: "snmf-rd".to_owned(),
        input: Some("é.wav".to_owned()),
        sample_rate: Some(8000),
        max: Some(0.25),
        lambda: Some(1e-6),
        levels: Some((3, 4)),
        unknown: vec![("mood".to_owned(), "calm".to_owned())],
        ..Header::default()
    };
    Stored { header, model, form: Form::default() }
}

#[test]
fn an_archive_of_ours_gives_the_stream_it_was_made_from() {
    for model in models() {
        let stored = stored(model);
        let mut archive = Cursor::new(Vec::new());
        npz::write_npz(&mut archive, &stored, None).unwrap();
        let given = codec::read_factors(archive.get_ref(), WAxes::default(), &Limits::default()).unwrap();
        assert_eq!((given.header, given.model), (stored.header, stored.model));
    }
}

/// Name, shape and values in C order.
type NamedArray<'a> = (&'a str, &'a [u64], &'a [f64]);

/// An archive of these files in numpy's format.
fn npz<'a>(arrays: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = ArchiveWriter::new(Cursor::new(&mut out));
    for (name, npy) in arrays {
        archive.add(&format!("{name}.npy"), true, npy.len() as u64, &mut npy.as_slice()).unwrap();
    }
    archive.finish().unwrap();
    out
}

/// A header in numpy's format of an array of this shape.
fn header(shape: &str) -> Vec<u8> {
    let mut head = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}");
    head.push_str(&" ".repeat(63 - (head.len() + 10) % 64));
    head.push('\n');
    let length = u16::try_from(head.len()).unwrap().to_le_bytes();
    [&b"\x93NUMPY\x01\x00"[..], &length, head.as_bytes()].concat()
}

/// An archive of arrays as others write them.
fn archive(arrays: &[NamedArray]) -> Vec<u8> {
    let arrays = arrays.iter().map(|(name, shape, values)| {
        let mut npy = Vec::new();
        let options = npyz::WriteOptions::new().default_dtype().shape(shape);
        let mut array = options.writer(&mut npy).begin_nd().unwrap();
        array.extend(values.iter().copied()).unwrap();
        array.finish().unwrap();
        (*name, npy)
    });
    npz(arrays)
}

#[test]
fn factors_of_others_are_read_in_the_order_that_is_given() {
    // W[m, r, t] = 100 m + 10 r + t.
    let values: Vec<f64> = (0..12).map(|i| f64::from(100 * (i / 6) + 10 * (i / 2 % 3) + i % 2)).collect();
    let h = [1.0; 12];
    let file = archive(&[("W", &[2, 3, 2], &values), ("H", &[3, 4], &h), ("sr", &[], &[44_100.0])]);
    let given = codec::read_factors(&file, WAxes::parse("mrt").unwrap(), &Limits::default()).unwrap();
    let factors = given.model.to_f64();
    assert_eq!(factors.w.len(), 2);
    for (t, w) in factors.w.iter().enumerate() {
        assert_eq!(*w, DMatrix::from_fn(2, 3, |m, r| (100 * m + 10 * r + t) as f64));
    }
    assert_eq!(given.header.sample_rate, Some(44_100));
    let plain = archive(&[("W", &[4, 3], &values), ("H", &[3, 4], &h)]);
    let shape = codec::read_factors(&plain, WAxes::default(), &Limits::default()).unwrap().model.shape();
    assert_eq!((shape.bins, shape.components, shape.lags, shape.frames), (4, 3, 1, 4));
    assert_eq!(WAxes::parse("tmt"), None);
}

#[test]
fn a_spectrogram_of_others_is_read_by_rows_and_by_columns() {
    let numbers: Vec<u8> = (0..6).flat_map(|i| f64::from(i).to_le_bytes()).collect();
    let by_rows = header("(2, 3)");
    let by_columns = String::from_utf8_lossy(&by_rows[10..]).replace("False", "True ").into_bytes();
    let by_columns = [&by_rows[..10], &by_columns].concat();
    for (head, right) in [
        (by_rows, DMatrix::from_row_slice(2, 3, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])),
        (by_columns, DMatrix::from_column_slice(2, 3, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0])),
    ] {
        let file = npz([("V", [head, numbers.clone()].concat())]);
        assert_eq!(codec::read_spectrum(&file, &Limits::default()).unwrap().v, right);
    }
}

#[test]
fn an_archive_that_cannot_be_factors_says_which_array_and_why() {
    let w: &[f64] = &[1.0, 2.0, 3.0, 4.0];
    let cases: [(&[NamedArray], &str); 8] = [
        (&[("H", &[2, 2], w)], "no array W"),
        (&[("W", &[2, 2], w)], "no array H"),
        (&[("W", &[4], w), ("H", &[2, 2], w)], "W: expected T x M x R, or M x R, got 4"),
        (&[("W", &[2, 2], w), ("H", &[4], w)], "H: expected R x N, got 4"),
        (&[("W", &[1, 4], w), ("H", &[2, 2], w)], "R = 4"),
        (
            &[("W", &[2, 2], &[1.0, -2.0, 3.0, 4.0]), ("H", &[2, 2], w)],
            "W: expected finite numbers from 0 up, got -2",
        ),
        (&[("W", &[2, 2], w), ("H", &[2, 2], &[1.0, f64::NAN, 1.0, 1.0])], "H: expected finite"),
        (&[("W", &[2, 2], w), ("H", &[2, 2], w), ("dw", &[1], &[1.0])], "dw: expected 2"),
    ];
    for (arrays, expected) in cases {
        let error = codec::read_factors(&archive(arrays), WAxes::default(), &Limits::default()).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}, expected {expected}");
    }
    for noise in [&b""[..], b"PK\x03\x04", b"not an archive"] {
        assert!(codec::read_factors(noise, WAxes::default(), &Limits::default()).is_err());
    }
    let error = codec::read_spectrum(&archive(&[("V", &[4], w)]), &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("V: expected M x N"), "{error}");
    let small = Limits { cells: 3, ..Limits::default() };
    assert!(codec::read_spectrum(&archive(&[("V", &[2, 2], w)]), &small).is_err());
}

#[test]
fn an_archive_that_claims_more_than_there_can_be_is_refused_at_once() {
    for (shape, expected) in [
        ("(99999999999, 99999999999)", "expected at most"),
        ("(4294967296, 4294967296)", "expected at most"),
        ("(8000, 8000)", "cannot hold"),
        ("(80, 80)", "failed to fill"),
        ("(0, 5)", "at least 1"),
        ("(18446744073709551615,)", "expected at most"),
    ] {
        let file = npz([("V", header(shape))]);
        let error = codec::read_spectrum(&file, &Limits::default()).unwrap_err().to_string();
        assert!(error.contains(expected), "{shape}: {error}");
    }
}

#[test]
fn tables_have_a_name_a_column_and_a_line_a_row() {
    let tables = factors_csv::tables(&stored(models().remove(0)));
    assert_eq!(tables.each_ref().map(|table| table.part), ["W", "H", "steps"]);
    let [w, h, steps] = tables.map(|table| String::from_utf8(table.bytes).unwrap());
    let lines: Vec<&str> = w.lines().collect();
    assert_eq!(lines[..3], ["lag,bin,component1,component2", "0,0,1,2", "0,1,0,4"]);
    assert_eq!(lines.len(), 1 + 9);
    assert_eq!(h, "frame,component1,component2\n0,7,9\n1,0,10\n");
    assert_eq!(steps, "component,dw,dh\n1,0.1,1\n2,0.2,0.000000001\n");
}
