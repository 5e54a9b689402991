//! What files of strangers cannot do: steer a terminal, take more memory than there is, end the program.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::{Command, Output};

use nalgebra::{DMatrix, DVector};
use snmf_workbench::codec::{
    self, ArchiveReader, ArchiveWriter, Form, Header, Limits, Stored, WAxes, text::is_hidden,
};
use snmf_workbench::export::npz::write_npz;
use snmf_workbench::numeric::{AnyModel, Factors, Model, Quantised};

fn snmf(folder: &Path, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snmf")).args(words).current_dir(folder).output().unwrap()
}

/// The same in so many KiB of addresses.
fn within(folder: &Path, kib: u64, words: &[&str]) -> Output {
    Command::new("sh")
        .args(["-c", &format!("ulimit -v {kib}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_snmf")])
        .args(words)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// What was printed, with nothing hidden in it.
fn printed(output: &Output) -> String {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8(text).unwrap();
    let hidden: Vec<char> = text.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
    assert!(hidden.is_empty(), "{hidden:?} in {text:?}");
    text
}

fn refused(output: &Output, words: &[&str]) {
    let text = printed(output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    words.iter().for_each(|word| assert!(text.contains(word), "{word:?} in {text}"));
}

/// A model of ones.
fn ones(bins: usize, frames: usize) -> AnyModel {
    let one = DVector::from_element(1, 1.0f32);
    let (w, h) = (vec![DMatrix::from_element(bins, 1, 1)], DMatrix::from_element(1, frames, 1));
    Model::Quantised(Quantised { w, h, dw: one.clone(), dh: one }).into()
}

fn stream(header: Header, model: AnyModel) -> Vec<u8> {
    codec::write(&Stored { header, model, form: Form::default() })
}

/// An archive of these entries.
fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = ArchiveWriter::new(Cursor::new(&mut out));
    for (name, bytes) in entries {
        archive.add(name, true, bytes.len() as u64, &mut &bytes[..]).unwrap();
    }
    archive.finish().unwrap();
    out
}

/// The begin of an array in numpy's format, of version 1 or 2.
fn head(version: u8, length: u32, text: &str) -> Vec<u8> {
    let length = length.to_le_bytes();
    let length = if version == 1 { &length[..2] } else { &length[..] };
    [&b"\x93NUMPY"[..], &[version, 0], length, text.as_bytes()].concat()
}

fn array(kind: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    [&head(1, u32::try_from(text.len()).unwrap(), &text)[..], bytes].concat()
}

const HOSTILE: &str = "\u{1b}[2J\u{1b}]0;title\u{7}\nintegrity      forged\r\t\u{202e}gnp\u{200f}\u{9b}31m";

#[test]
fn no_header_and_no_name_steers_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let header = Header {
        method: HOSTILE.to_owned(),
        input: Some(HOSTILE.to_owned()),
        unknown: vec![("\u{1b}key\u{2066}".to_owned(), HOSTILE.repeat(400))],
        ..Header::default()
    };
    // A key is written as it is, and read in ASCII alone.
    let header = Header { unknown: vec![("\u{1b}key".to_owned(), header.unknown[0].1.clone())], ..header };
    let name = "a\u{1b}[31m\n\u{202e}b.snmf.gz";
    fs::write(folder.path().join(name), stream(header, ones(3, 4))).unwrap();
    for words in [
        &["inspect", name][..],
        &["compare", name, name],
        &["decode", name, "--out", "x.npz"],
        &["figure", name, "--out", "x.svg", "--panes", "vhat,h,w,hist,hist-h,table"],
        &["figure", name, "--out", "x.pdf"],
    ] {
        let output = snmf(folder.path(), words);
        let text = printed(&output);
        assert!(output.status.success(), "{words:?}: {text}");
        assert!(!text.lines().any(|line| line.starts_with("integrity      forged")), "{text}");
        assert!(text.lines().all(|line| line.chars().count() < 2000), "{words:?}: values are shortened");
    }
    let svg = fs::read_to_string(folder.path().join("x.svg")).unwrap();
    assert!(!svg.chars().any(|c| is_hidden(c) && c != '\n'));
    for line in [
        "snmf/1 T=1 \u{1b}[31mk=1 \u{1b}[31mk=2 method=x\n",
        "snmf/9\u{1b}[2J T=1 method=x\n",
        "snmf/1 T=\u{1b}]0;t\u{7} method=x\n",
        "hello\u{1b}[31m there\n",
    ] {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut gzip, line.as_bytes()).unwrap();
        fs::write(folder.path().join(name), gzip.finish().unwrap()).unwrap();
        refused(&snmf(folder.path(), &["inspect", name]), &["a\\u{1b}[31m\\n\\u{202e}b.snmf.gz"]);
    }
    let missing = "no\u{1b}[2J\nsuch\u{202e}.wav";
    refused(&snmf(folder.path(), &["run", missing, "-i", "1"]), &["no\\u{1b}[2J\\nsuch\\u{202e}.wav"]);
}

#[test]
fn a_figure_bears_a_name_of_any_length() {
    let folder = tempfile::tempdir().unwrap();
    let header = Header { method: "m,".repeat(20_000), ..Header::default() };
    fs::write(folder.path().join("x.snmf.gz"), stream(header, ones(3, 4))).unwrap();
    let title = "a, b ".repeat(12_000);
    let panes = "vhat,h,w,hist,hist-h,table";
    let words = ["figure", "x.snmf.gz", "--out", "x.svg", "--panes", panes, "--title", &title];
    let output = snmf(folder.path(), &words);
    assert!(output.status.success(), "{}", printed(&output));
    let svg = fs::read_to_string(folder.path().join("x.svg")).unwrap();
    let longest = svg.lines().filter(|line| line.starts_with("<text")).map(str::len).max();
    assert!((100..600).contains(&longest.unwrap()), "{longest:?}");
}

#[test]
fn letters_that_the_typeface_lacks_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let header = Header { method: "m".to_owned(), ..Header::default() };
    fs::write(folder.path().join("x.snmf.gz"), stream(header, ones(3, 4))).unwrap();
    let title = "\u{7d46} V\u{302} é \u{1f600}";
    let figure = |out: &str| snmf(folder.path(), &["figure", "x.snmf.gz", "--title", title, "--out", out]);
    for out in ["x.pdf", "x.png"] {
        let text = printed(&figure(out));
        assert!(text.contains("no letter for \u{7d46} (U+7D46), \u{1f600} (U+1F600): boxes"), "{text}");
    }
    assert!(!printed(&figure("x.svg")).contains("no letter"));
}

#[test]
fn one_frame_is_a_point_and_one_bin_one_label() {
    let folder = tempfile::tempdir().unwrap();
    let header = Header { method: "m".to_owned(), ..Header::default() };
    fs::write(folder.path().join("x.snmf.gz"), stream(header, ones(1, 1))).unwrap();
    for axis in ["linear", "log", "mel"] {
        let words = ["figure", "x.snmf.gz", "--axis", axis, "--out", "x.svg", "--force"];
        let output = snmf(folder.path(), &words);
        assert!(output.status.success(), "{}", printed(&output));
        let svg = fs::read_to_string(folder.path().join("x.svg")).unwrap();
        let pane = |kind: &str| {
            let (_, rest) = svg.split_once(&format!("<g class=\"pane {kind}\">")).unwrap();
            rest.split_once("</g>").unwrap().0
        };
        assert_eq!(pane("h").matches("class=\"dot\"").count(), 1, "{}", pane("h"));
        let (_, upright) = pane("vhat").split_once("class=\"ticks x\"").unwrap();
        let ends = upright.lines().filter(|line| line.contains("text-anchor=\"end\""));
        let labels: Vec<&str> = ends.filter_map(|line| line.split(['>', '<']).nth(2)).collect();
        assert_eq!(labels, ["0"], "{axis}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_is_asked_for_before_it_is_taken() {
    const GIB: u64 = 1 << 20;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let quick = ["-i", "1", "--method", "cnmf"];
    let words = ["would take about", "MiB are free"];
    let run = |kib, words: &[&str]| within(path, kib, &[words, &quick].concat());
    refused(
        &run(4 * GIB, &["run", "demo:speech", "--fft", "65536", "--hop", "1", "-r", "1", "-t", "1"]),
        &words,
    );
    refused(&run(GIB, &["run", "demo:speech", "--hop", "64", "-r", "1000", "-t", "100"]), &words);
    let fits = run(GIB, &["run", "demo:speech", "-r", "2", "-t", "2"]);
    assert!(fits.status.success(), "{}", printed(&fits));

    let header = Header { method: "m".to_owned(), ..Header::default() };
    let wide = stream(header, ones(32_768, 32_768));
    assert!(wide.len() < 400);
    fs::write(path.join("x.snmf.gz"), wide).unwrap();
    refused(&within(path, 4 * GIB, &["compare", "x.snmf.gz", "x.snmf.gz"]), &words);
    refused(&within(path, 4 * GIB, &["decode", "x.snmf.gz", "--vhat", "--out", "x.npz"]), &words);
    // An image has no more pixels than a page has dots.
    let drawn = within(path, 2 * GIB, &["figure", "x.snmf.gz", "--panes", "vhat", "--out", "x.svg"]);
    assert!(drawn.status.success(), "{}", printed(&drawn));

    let zeros = array("|u1", "(8192, 8192)", &vec![0; 1 << 26]);
    fs::write(path.join("v.npz"), archive(&[("V.npy", &zeros)])).unwrap();
    refused(
        &run(GIB / 2, &["run", "v.npz", "-r", "1", "-t", "1"]),
        &["V would take about 768 MiB", "are free"],
    );
}

#[test]
#[cfg(target_os = "linux")]
fn a_device_is_refused_before_it_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for (words, code) in [
        (&["run", "/dev/zero", "-i", "1"][..], 1),
        (&["inspect", "/dev/zero"], 1),
        (&["figure", "/dev/random", "--out", "x.svg"], 1),
        (&["encode", "/dev/zero", "--out", "x.gz"], 1),
    ] {
        let output = within(folder.path(), 4 << 20, words);
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {text}");
        assert!(text.contains("it is a device, expected a file") && text.contains("/dev/"), "{text}");
    }
    let pipe = "mkfifo p; cat /dev/zero >p & exec \"$0\" run p -i 1";
    let mut command = Command::new("sh");
    command.args(["-c", pipe, env!("CARGO_BIN_EXE_snmf")]).current_dir(folder.path());
    refused(&command.output().unwrap(), &["expected at most", "got more"]);
}

#[test]
fn what_was_typed_steers_no_terminal_either() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        &["run", "demo:speech", "--method", HOSTILE][..],
        &["run", "demo:speech", "-r", HOSTILE],
        &["run", "demo:speech", &format!("--{HOSTILE}")],
        &[HOSTILE, HOSTILE],
    ] {
        let output = snmf(folder.path(), words);
        assert_eq!(output.status.code(), Some(2));
        assert!(printed(&output).contains("\\u{1b}[2J"), "{words:?}: {}", printed(&output));
    }
}

#[test]
fn an_archive_that_lies_or_lacks_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let values: Vec<u8> = (1..=6).flat_map(|x| f64::from(x).to_le_bytes()).collect();
    let v = array("<f8", "(2, 3)", &values);
    let refuse = |bytes: &[u8], words: &[&str]| {
        fs::write(path.join("x.npz"), bytes).unwrap();
        refused(&snmf(path, &["run", "x.npz", "-r", "1", "-t", "1", "-i", "1"]), words);
    };
    refuse(&archive(&[("arr_0.npy", &v)]), &["it has no array V, but arr_0"]);
    let many: Vec<String> = (0..30).map(|i| format!("arr_{i}.npy")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (name.as_str(), &v[..])).collect();
    refuse(&archive(&many), &["arr_0, arr_1", "arr_7 and 22 more"]);
    refuse(&archive(&[("\u{1b}[2J.npy", &v)]), &["but \\u{1b}[2J"]);
    refuse(&archive(&[]), &["it has no array V"]);
    refuse(&v, &["single array", "numpy.savez"]);
    let lie = head(2, u32::MAX, "{'descr': '<f8'}");
    refuse(&archive(&[("V.npy", &lie)]), &["its header: expected at most 10000 bytes, got 4294967295"]);
    let deep = "[".repeat(9000);
    refuse(&archive(&[("V.npy", &head(1, 9000, &deep))]), &["expected numbers, got records"]);
    let long = array("|u1", &format!("({},)", 1 << 26), &vec![b'x'; 1 << 26]);
    fs::write(path.join("x.npz"), archive(&[("W.npy", &v), ("H.npy", &v), ("header.npy", &long)])).unwrap();
    refused(&snmf(path, &["encode", "x.npz", "--out", "y.gz"]), &["x.npz"]);
    let h = array("<f8", "(3, 2)", &values);
    fs::write(path.join("x.npz"), archive(&[("W.npy", &v), ("H.npy", &h), ("header.npy", &long)])).unwrap();
    refused(&snmf(path, &["encode", "x.npz", "--out", "y.gz"]), &["header bytes: expected at most 65536"]);
    fs::write(path.join("v.npy"), &v).unwrap();
    refused(&snmf(path, &["run", "v.npy", "-r", "1", "-t", "1", "-i", "1"]), &["single array", "v.npy"]);
    // Arrays are arrays under any name.
    fs::write(path.join("v.dat"), archive(&[("V.npy", &v)])).unwrap();
    let read = snmf(path, &["run", "v.dat", "-r", "1", "-t", "1", "-i", "1", "--method", "cnmf"]);
    assert!(read.status.success() && printed(&read).contains("2 bins x 3 frames"), "{}", printed(&read));
}

/// A generator of the same numbers at each run.
struct Random(u64);

impl Random {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % below
    }

    /// Changes some bytes, and puts in, takes out and repeats others.
    fn mutate(&mut self, bytes: &mut Vec<u8>) {
        const PIECES: [&[u8]; 9] =
            [b"\0", b"\xff\xff\xff\xff", b"9999999999", b"(", b"[[[[", b"'", b"-1", b"PK\x01\x02", b"<f8"];
        for _ in 0..=self.below(3) {
            if bytes.is_empty() {
                return;
            }
            let at = self.below(bytes.len());
            match self.below(6) {
                0 => bytes[at] ^= 1 << self.below(8),
                1 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
                2 => drop(bytes.remove(at)),
                3 => drop(bytes.splice(at..at, PIECES[self.below(PIECES.len())].iter().copied())),
                4 => bytes.truncate(at),
                _ => {
                    let piece = PIECES[self.below(PIECES.len())];
                    bytes.iter_mut().skip(at).zip(piece).for_each(|(byte, other)| *byte = *other);
                }
            }
        }
    }
}

#[test]
fn mutated_archives_give_an_error_or_factors_that_fit() {
    let factors = Factors {
        w: vec![DMatrix::from_fn(4, 2, |m, r| (m + r) as f32)],
        h: DMatrix::from_element(2, 5, 0.5),
    };
    let models: [AnyModel; 2] = [ones(4, 3), Model::Real(factors).into()];
    let whole = models.map(|model| {
        let header = Header { method: "m".to_owned(), sample_rate: Some(8000), ..Header::default() };
        let mut out = Cursor::new(Vec::new());
        let vhat = DMatrix::from_element(4, 3, 0.25);
        write_npz(&mut out, &Stored { header, model, form: Form::default() }, Some(&vhat)).unwrap();
        out.into_inner()
    });
    let parts = whole.clone().map(|bytes| {
        let mut archive = ArchiveReader::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = archive.names().collect();
        names
            .into_iter()
            .map(|name| (name.clone(), archive.read(&name, 1 << 20).unwrap()))
            .collect::<Vec<_>>()
    });
    let limits = Limits { memory: 1 << 20, ..Limits::default() };
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut accepted = 0;
    for i in 0..20_000 {
        let bytes = if i % 4 == 0 {
            // The archive itself.
            let mut bytes = whole[random.below(2)].clone();
            random.mutate(&mut bytes);
            bytes
        } else {
            // What is in it, under a checksum that is right.
            let mut parts = parts[random.below(2)].clone();
            let at = random.below(parts.len());
            random.mutate(&mut parts[at].1);
            let spectrum = parts.iter().find(|part| part.0 == "Vhat.npy").map(|part| part.1.clone());
            parts.extend(spectrum.map(|bytes| ("V.npy".to_owned(), bytes)));
            archive(&parts.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])).collect::<Vec<_>>())
        };
        if let Ok(given) = codec::read_factors(&bytes, WAxes::default(), &limits) {
            assert!(given.model.shape().values().unwrap() <= 1 << 16);
            accepted += 1;
        }
        if let Ok(spectrum) = codec::read_spectrum(&bytes, &limits) {
            assert!(spectrum.v.iter().all(|x| x.is_finite() && *x >= 0.0));
            accepted += 1;
        }
        if let Ok(mut archive) = ArchiveReader::new(Cursor::new(&bytes)) {
            let names: Vec<String> = archive.names().collect();
            for name in names {
                let mut read = Vec::new();
                if let Ok(Some(entry)) = archive.entry(&name) {
                    let _ = entry.take(1 << 16).read_to_end(&mut read);
                }
            }
        }
    }
    assert!(accepted > 1000, "{accepted} were read");
}
