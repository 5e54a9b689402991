//! Inputs that were once read wrong, refused, or ended the program: a folder each below `tests/fixtures/cases` with what
//! is wrong with it, a row each here with what is right. Samples beside an input (`right.f32`, every 16th frame, channels
//! side by side) are those of ffmpeg or libsndfile.

#![cfg(target_os = "linux")] // limits of the process, signals and devices are Linux's
use crate::common as window;
use std::ffi::OsStr;
use std::fs;
use std::io::Cursor;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use egui_kittest::kittest::Queryable;
use snmf_workbench::codec::{ArchiveWriter, text::is_hidden};
use snmf_workbench::engine::{InputState, files};
use snmf_workbench::signal::{Channel, ReadOptions, read_file};
use snmf_workbench::ui::NoDialogs;
use tempfile::TempDir;

const GIB: u64 = 1 << 20;

/// The quickest run of one method.
const QUICK: [&str; 8] = ["-r", "1", "-t", "1", "-i", "1", "--method", "cnmf"];

/// Whether a case gives what is right; what does not panics.
type Check = fn(&Case);

/// Each case, and what is right.
const CASES: [(&str, Check); 53] = [
    ("aac-5.1", |case| {
        case.refuses("a.m4a", &["AAC with more than two channels (configuration 6) is not read"]);
    }),
    ("caf-alaw", |case| case.reads("a.caf", (2205, 22_050, 1), None)),
    ("caf-asks-for-16-GiB", |case| {
        case.refuses("a.caf", &["a packet of ima4 holds 4294967295 frames, expected 64"]);
    }),
    ("caf-flac", |case| case.reads("a.caf", (2205, 22_050, 1), None)),
    ("caf-frames-per-packet", |case| case.reads("x.caf", (4000, 16_000, 1), None)),
    ("caf-ima4-panics", |case| case.refuses("a.caf", &["a packet of ima4 holds 32 frames, expected 64"])),
    ("caf-mulaw", |case| case.reads("a.caf", (2205, 22_050, 1), None)),
    ("csv-counts-components-from-0", |case| {
        case.succeeds(&["decode", &case.stream(), "--csv", "d"]);
        let table = fs::read_to_string(case.work("d/H.csv")).unwrap();
        assert_eq!(table.lines().next(), Some("frame,component1"));
    }),
    ("export-force-gap", a_reader_finds_a_whole_folder),
    // Only a tracer sees what is synced: the script asks one.
    ("export-no-fsync", |_| {
        let script = fs::read_to_string(".ci/kills.sh").unwrap();
        assert!(script.contains("synced before it has its name"));
    }),
    ("figure-letters-missing", |case| {
        let words = ["figure", &case.stream(), "--title", "\u{7d46} \u{1f600}", "--out", "f.pdf"];
        let text = case.succeeds(&words);
        assert!(text.contains("no letter for \u{7d46} (U+7D46), \u{1f600} (U+1F600)"), "{text}");
    }),
    ("figure-long-method", |case| {
        let stream = case.input("method_long.snmf.gz");
        let panes = "vhat,h,w,hist,hist-h,table";
        let words =
            ["figure", &stream, "--out", "x.svg", "--panes", panes, "--title", &"a, b".repeat(15_000)];
        case.succeeds(&words);
        let svg = fs::read_to_string(case.work("x.svg")).unwrap();
        let longest = svg.lines().filter(|line| line.starts_with("<text")).map(str::len).max();
        assert!((100..600).contains(&longest.unwrap()), "{longest:?}");
    }),
    ("figure-one-frame-draws-no-h", one_frame_is_a_point),
    ("flac-bomb", |case| {
        let bomb = case.input("bomb-58KB.flac");
        let text = case.succeeds(&[&["run", &bomb, "--end", "1"], &QUICK[..]].concat());
        assert!(text.contains("44100 samples at 44100 Hz"), "{text}");
        let all = case.within(GIB, &[&["run", &bomb], &QUICK[..]].concat());
        refused(&all, 1, &["more memory than is free", "--start and --end", "bomb-58KB.flac"]);
    }),
    ("flac-damaged-block-shifts-what-follows", |case| {
        case.reads("a.flac", (7000, 22_050, 1), Some("replaced by silence from 0.000 to 0.186 s"));
    }),
    ("flac-smallest-block-0", |case| case.reads("a.flac", (7000, 22_050, 1), None)),
    ("flac-with-id3v1-loses-its-last-block", |case| case.reads("a.flac", (7000, 22_050, 1), None)),
    ("force-widens-permissions", |case| {
        let stream = case.stream();
        case.succeeds(&["decode", &stream, "--out", "p.npz"]);
        fs::set_permissions(case.work("p.npz"), PermissionsExt::from_mode(0o640)).unwrap();
        case.succeeds(&["decode", &stream, "--out", "p.npz", "--force"]);
        assert_eq!(fs::metadata(case.work("p.npz")).unwrap().permissions().mode() & 0o777, 0o640);
    }),
    ("interrupt", an_interrupt_ends_what_takes_long),
    ("leftover-parts", |case| {
        fs::write(case.work(".snmf-abcdef.part"), "of a dead process").unwrap();
        fs::create_dir(case.work(".snmf-ghijkl.part")).unwrap();
        let stream = case.stream();
        case.succeeds(&["decode", &stream, "--out", "x.npz"]);
        let line = "ulimit -f 1; exec \"$0\" run demo:speech -r 8 -t 2 -i 1 --method cnmf --export e.zip";
        refused(&case.shell(line), 1, &["File too large", "e.zip"]);
        assert_eq!(case.left(), ["out", "x.npz"]);
    }),
    ("long-name", |case| {
        let name = format!("{}.wav", "あ".repeat(80));
        fs::copy("tests/fixtures/short.wav", case.work(&name)).unwrap();
        case.succeeds(&[&["run", &name, "--out", "o", "--export", "e"], &QUICK[..]].concat());
        let streams = || fs::read_dir(case.work("o")).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(streams().count() == 1 && streams().all(|name| name.len() <= 200));
        assert!(case.work("e/manifest.json").exists());
    }),
    ("m4a-edit-list-not-kept", |case| case.reads("a.m4a", (7168, 22_050, 1), None)),
    ("memory-limit", |case| {
        let words = ["run", "demo:speech", "-r", "1000", "-t", "1000", "-i", "2", "--method", "cnmf"];
        refused(&case.within(GIB, &words), 1, &["would take about", "MiB are free"]);
    }),
    ("mp3-tag-above-1MiB", |case| {
        let mp3 = Path::new("tests/fixtures/formats/gapless.mp3");
        let tagged = [b"ID3\x03\0\0\0\x49\x7f\0", &vec![0; 1_212_288][..], &fs::read(mp3).unwrap()].concat();
        fs::write(case.work("a.mp3"), tagged).unwrap();
        let read = |path: &Path| read_file(path, &ReadOptions::default()).unwrap();
        let (tagged, plain) = (read(&case.work("a.mp3")), read(mp3));
        assert_eq!((tagged.samples, tagged.warnings), (plain.samples, Vec::new()));
    }),
    ("mp3-vbr-without-xing-is-cut", |case| case.reads("a.mp3", (177_984, 22_050, 1), None)),
    ("mp4-fragment-panics", |case| case.refuses("a.mp4", &["a.mp4"])),
    ("name-not-utf8", |case| {
        let name = OsStr::from_bytes(b"bad\xff.wav");
        fs::copy("tests/fixtures/short.wav", case.work(name)).unwrap();
        let output = case.command().arg("run").arg(name).args(QUICK).output().unwrap();
        assert!(output.status.success(), "{}", printed(&output));
    }),
    ("npz-array-not-listed", |case| {
        case.archive("a.npz", &[("arr_0", array("<f8", "(1, 1)", &0.9f64.to_le_bytes()))]);
        refused(&case.snmf(&["run", "a.npz"]), 1, &["it has no array V, but arr_0"]);
    }),
    ("npz-header", |case| {
        let lie = case.input("hdr_len_lie.npz");
        let encoded = case.within(4 * GIB, &["encode", &lie, "--out", "x.gz"]);
        refused(&encoded, 1, &["expected at most 10000 bytes, got 4294967295"]);
        case.archive("v.npz", &[("V", array("|u1", "(8192, 8192)", &vec![0; 1 << 26]))]);
        let run = case.within(GIB / 2, &[&["run", "v.npz"], &QUICK[..]].concat());
        refused(&run, 1, &["V would take about 768 MiB"]);
    }),
    ("ogg-assert", |case| case.refuses("min.ogg", &["could not find a sound that can be decoded"])),
    ("out-ending-not-checked", |case| {
        let stream = case.stream();
        for ending in ["mp3", "flac", "ogg"] {
            let out = format!("y.{ending}");
            refused(&case.snmf(&["reconstruct", &stream, "--out", &out]), 2, &["ends in .wav", &out]);
        }
        refused(&case.snmf(&["decode", &stream, "--out", "x.txt"]), 2, &["ends in .npz", "x.txt"]);
        assert_eq!(case.left(), ["out"]);
    }),
    ("out-folder-checked-after-the-work", |case| {
        fs::write(case.work("file"), "").unwrap();
        let long = ["-r", "20", "-t", "4", "-i", "1000000", "--plain", "--method", "cnmf"];
        for target in [["--out", "file/o"], ["--export", "nowhere/x.zip"], ["--export", "file/x"]] {
            let output = case.snmf(&[&["run", "demo:speech"], &long[..], &target].concat());
            refused(&output, 1, &["could not write", target[1]]);
        }
    }),
    ("out-force-replaces-a-device", |case| {
        let line = "mkfifo pipe; cat pipe >x & \"$0\" decode out/* --out pipe --force && wait";
        case.stream();
        let output = case.shell(line);
        assert!(output.status.success(), "{}", printed(&output));
        assert!(fs::metadata(case.work("pipe")).unwrap().file_type().is_fifo());
        assert!(fs::read(case.work("x")).unwrap().starts_with(b"PK"));
    }),
    ("path-with-tilde-or-file-uri", |case| {
        fs::copy("tests/fixtures/short.wav", case.work("a b.wav")).unwrap();
        let uri = format!("file://{}/a%20b.wav", case.work.path().display());
        for word in ["~/a b.wav", uri.as_str()] {
            let mut command = case.command();
            command.args(["run", word]).args(QUICK).env("HOME", case.work.path());
            let output = command.output().unwrap();
            assert!(output.status.success(), "{word}: {}", printed(&output));
        }
        assert_eq!(files::path_of(&uri), case.work("a b.wav"));
        let mut window = window::window_with(Some(&uri), Arc::new(NoDialogs), [1440.0, 900.0]);
        window::wait_until(&mut window, "the sound", |app| {
            matches!(app.session().input(), InputState::Ready(_) | InputState::Failed { .. })
        });
        assert!(matches!(window.state().session().input(), InputState::Ready(_)));
    }),
    ("rd-lambda-panic", |case| {
        let words = ["run", "demo:speech", "-i", "10", "--method", "snmf-rd", "--lambda", "1e-30"];
        let output = case.snmf(&words);
        assert!([Some(0), Some(2)].contains(&output.status.code()), "{}", printed(&output));
        printed(&output);
    }),
    ("rd-memory-and-time", |case| {
        // A sweep from 200 Hz to 8 kHz, whose integers are large.
        let tone = |i: i32| {
            let t = f64::from(i) / 44_100.0;
            #[allow(clippy::cast_possible_truncation)] // within 16 bits
            let sample = (20_000.0 * (std::f64::consts::TAU * (200.0 * t + 3900.0 * t * t)).sin()) as i16;
            sample
        };
        let samples: Vec<i16> = (0..44_100).map(tone).collect();
        let path = window::wav(case.work.path(), 44_100, samples.into_iter());
        let words = ["run", &path, "--method", "snmf-rd", "-r", "4", "-t", "2", "-i", "5", "--json"];
        let output = case.within(GIB, &words);
        assert!(output.status.success(), "{}", printed(&output));
    }),
    ("stderr-full", |case| {
        let run = "run demo:speech -r 2 -t 1 -i 3 --method cnmf";
        for (line, code) in [
            (format!("\"$0\" {run} 2>/dev/full"), 0),
            ("\"$0\" run nosuch.wav 2>/dev/full".to_owned(), 1),
            (format!("(\"$0\" {run} --out o 2>&1 >x; echo $? >code) | true; exit $(cat code)"), 0),
        ] {
            assert_eq!(case.shell(&line).status.code(), Some(code), "{line}");
        }
    }),
    ("terminal-escapes", |case| {
        for (name, code) in
            [("esc_val", 0), ("esc_key", 0), ("esc_badnum", 1), ("esc_dupkey", 1), ("esc_notstream", 1)]
        {
            let output = case.snmf(&["inspect", &case.input(&format!("{name}.snmf.gz"))]);
            let text = printed(&output);
            assert_eq!(output.status.code(), Some(code), "{name}: {text}");
            assert!(text.contains("\\u{"), "{name}: {text}");
        }
    }),
    ("threads", |case| {
        let words = [&["run", "demo:speech", "--threads", "100000"], &QUICK[..]].concat();
        refused(&case.snmf(&words), 2, &["100000"]);
    }),
    ("v-unchecked", |case| {
        let words = [&["run", "demo:speech", "--fft", "65536", "--hop", "1"], &QUICK[..]].concat();
        refused(&case.within(4 * GIB, &words), 1, &["would take about", "MiB are free"]);
    }),
    ("vorbis-3-channels-wrong-samples", |case| case.reads("a.ogg", (9600, 48_000, 3), None)),
    ("wav-data-44-too-long", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-data-ffffffff-riff-right", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-data-size-0", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-fmt-20-bytes", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-list-with-odd-unpadded-entry", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-rf64", |case| case.reads("rf64.wav", (1600, 16_000, 1), None)),
    ("wav-riff-and-data-size-0", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-riff-size-0", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wav-streamed-false-alarm", |case| case.reads("a.wav", (1600, 16_000, 1), None)),
    ("wavpack-decoded-as-noise", |case| case.refuses("a.wv", &["it is WavPack"])),
    ("window-hides-what-reading-told", |_| {
        let mut window =
            window::window_with(Some("tests/fixtures/truncated.wav"), Arc::new(NoDialogs), [1440.0, 900.0]);
        window::wait_until(&mut window, "both columns", window::settled);
        let text = read_file(Path::new("tests/fixtures/truncated.wav"), &ReadOptions::default()).unwrap();
        assert!(window.query_by_label(&text.warnings[0]).is_some(), "beside the signal: {:?}", text.warnings);
    }),
    ("zip-opened-as-sound", |case| case.refuses("takes.zip", &["it is a zip archive"])),
];

/// One of them at work: its inputs, and a folder of its own.
struct Case {
    name: &'static str,
    work: TempDir,
}

impl Case {
    fn input(&self, file: &str) -> String {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cases");
        folder.join(self.name).join(file).display().to_string()
    }

    fn work(&self, file: impl AsRef<Path>) -> PathBuf {
        self.work.path().join(file)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
        command.current_dir(self.work.path()).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }

    fn snmf(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    /// What is printed where all goes well.
    fn succeeds(&self, words: &[&str]) -> String {
        let output = self.snmf(words);
        let text = printed(&output);
        assert!(output.status.success(), "{words:?}: {text}");
        text
    }

    /// A line of the shell, in which `$0` is the program.
    fn shell(&self, line: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", line, env!("CARGO_BIN_EXE_snmf")]).current_dir(self.work.path());
        command.output().unwrap()
    }

    /// A call within so many KiB of addresses.
    fn within(&self, kib: u64, words: &[&str]) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("ulimit -v {kib}; exec \"$0\" \"$@\""), env!("CARGO_BIN_EXE_snmf")]);
        command.args(words).current_dir(self.work.path()).output().unwrap()
    }

    /// A stream of one component.
    fn stream(&self) -> String {
        self.succeeds(&[&["run", "demo:speech", "--out", "out"], &QUICK[..]].concat());
        let stream = fs::read_dir(self.work("out")).unwrap().next().unwrap().unwrap().path();
        stream.display().to_string()
    }

    /// Whatever lies in the folder.
    fn left(&self) -> Vec<String> {
        let entries = fs::read_dir(self.work.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn archive(&self, name: &str, arrays: &[(&str, Vec<u8>)]) {
        let mut out = Vec::new();
        let mut archive = ArchiveWriter::new(Cursor::new(&mut out));
        for (name, bytes) in arrays {
            archive.add(&format!("{name}.npy"), true, bytes.len() as u64, &mut &bytes[..]).unwrap();
        }
        archive.finish().unwrap();
        fs::write(self.work(name), out).unwrap();
    }

    /// The samples that stand beside the input, and no warning but one with these words.
    fn reads(&self, file: &str, (frames, rate, channels): (usize, u32, usize), warning: Option<&str>) {
        let right = fs::read(self.input("right.f32")).unwrap();
        let right: Vec<f32> =
            right.chunks_exact(4).map(|x| f32::from_le_bytes(x.try_into().unwrap())).collect();
        assert_eq!(right.len(), frames.div_ceil(16) * channels);
        assert!(right.iter().any(|x| x.abs() > 0.01), "it is no silence");
        for channel in 1..=channels {
            let options = ReadOptions { channel: Channel::Index(channel), ..Default::default() };
            let audio = read_file(Path::new(&self.input(file)), &options).unwrap();
            assert_eq!((audio.samples.len(), audio.rate, audio.channels), (frames, rate, channels));
            let right = right.iter().skip(channel - 1).step_by(channels);
            let furthest = audio.samples.iter().step_by(16).zip(right).map(|(a, b)| (a - b).abs());
            let furthest = furthest.fold(0.0, f32::max);
            assert!(furthest <= 1e-5, "{furthest} from what it should be");
            let text = &audio.warnings;
            let is_right =
                warning.map_or(text.is_empty(), |words| text.len() == 1 && text[0].contains(words));
            assert!(is_right, "expected {warning:?}, got {text:?}");
        }
        self.succeeds(&[&["run", &self.input(file), "--fft", "64", "--hop", "16"], &QUICK[..]].concat());
    }

    /// An error of the program with these words, within memory that is ample.
    fn refuses(&self, file: &str, words: &[&str]) {
        refused(&self.within(4 * GIB, &[&["run", &self.input(file)], &QUICK[..]].concat()), 1, words);
    }
}

/// All that was printed, of which nothing steers a terminal.
fn printed(output: &Output) -> String {
    let text = String::from_utf8([&output.stdout[..], &output.stderr[..]].concat()).unwrap();
    let hidden: Vec<char> = text.chars().filter(|c| is_hidden(*c) && *c != '\n').collect();
    assert!(hidden.is_empty() && !text.contains("panicked"), "{hidden:?} in {text}");
    text
}

fn refused(output: &Output, code: i32, words: &[&str]) {
    let text = printed(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    words.iter().for_each(|word| assert!(text.contains(word), "expected {word} in {text}"));
}

/// An array in numpy's format.
fn array(kind: &str, shape: &str, bytes: &[u8]) -> Vec<u8> {
    let text = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let length = u16::try_from(text.len()).unwrap().to_le_bytes();
    [b"\x93NUMPY\x01\0", &length[..], text.as_bytes(), bytes].concat()
}

fn a_reader_finds_a_whole_folder(case: &Case) {
    let place = case.work("d");
    let write = |text: &'static str| {
        let fill = |new: &Path| fs::write(new.join("x"), text);
        files::write_folder(&place, true, fill).unwrap();
    };
    write("one");
    let done = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut looked = 0;
            while done.load(Ordering::Relaxed) == 0 || looked < 100 {
                let found = fs::read_to_string(place.join("x")).unwrap();
                assert!(["one", "two"].contains(&found.as_str()), "{found}");
                looked += 1;
            }
        });
        for text in ["two", "one"].into_iter().cycle().take(50) {
            write(text);
        }
        done.store(1, Ordering::Relaxed);
        looking.join().unwrap();
    });
    assert_eq!(case.left(), ["d"]);
}

fn one_frame_is_a_point(case: &Case) {
    case.archive("m1n1.npz", &[("V", array("<f8", "(1, 1)", &0.9f64.to_le_bytes()))]);
    case.succeeds(&[&["run", "m1n1.npz", "--out", "d"], &QUICK[..]].concat());
    let stream = fs::read_dir(case.work("d")).unwrap().next().unwrap().unwrap().path();
    case.succeeds(&["figure", &stream.display().to_string(), "--out", "f.svg"]);
    let svg = fs::read_to_string(case.work("f.svg")).unwrap();
    let pane = |kind: &str| {
        let (_, rest) = svg.split_once(&format!("<g class=\"pane {kind}\">")).unwrap();
        rest.split_once("</g>").unwrap().0
    };
    assert_eq!(pane("h").matches("class=\"dot\"").count(), 1);
    let (_, upright) = pane("vhat").split_once("class=\"ticks x\"").unwrap();
    let labels = upright.lines().filter(|line| line.contains("text-anchor=\"end\"")).count();
    assert_eq!(labels, 1);
}

/// Waits until a process listens for Ctrl+C, and presses it.
fn interrupt(mut process: Child) -> Output {
    let status = format!("/proc/{}/status", process.id());
    let listens = || {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).map(str::trim);
        caught.and_then(|bits| u64::from_str_radix(bits, 16).ok()).is_some_and(|bits| bits & 2 != 0)
    };
    while !listens() {
        assert!(process.try_wait().unwrap().is_none(), "it has ended before it was to");
        std::thread::yield_now();
    }
    let sent = Command::new("sh").args(["-c", &format!("kill -INT {}", process.id())]).status().unwrap();
    assert!(sent.success());
    process.wait_with_output().unwrap()
}

fn an_interrupt_ends_what_takes_long(case: &Case) {
    let stream = case.stream();
    let wide = "vhat,vhat,vhat,vhat,vhat,vhat,vhat,vhat";
    for words in [
        &["run", "demo:speech", "-r", "40", "-i", "1000000", "--plain", "--export", "e.zip"][..],
        &["figure", &stream, "--panes", wide, "--dpi", "1200", "--out", "x.png"],
    ] {
        let mut command = case.command();
        let process = command.args(words).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        refused(&interrupt(process), 130, &["interrupted"]);
    }
    assert_eq!(case.left(), ["out"]);
}

#[test]
fn every_case_gives_what_is_right() {
    let mut folders: Vec<String> = fs::read_dir("tests/fixtures/cases")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    let rows: Vec<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert_eq!(folders, rows, "a folder without a row, or a row without a folder");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((name, check)) = CASES.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let about = fs::read_to_string(format!("tests/fixtures/cases/{name}/case.txt")).unwrap();
                    let case = Case { name, work: tempfile::tempdir().unwrap() };
                    if catch_unwind(AssertUnwindSafe(|| check(&case))).is_err() {
                        wrong.lock().unwrap().push(format!("{name}: {}", about.trim()));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), CASES.len(), wrong.join("\n"));
}
