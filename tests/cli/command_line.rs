//! The program itself, as a shell starts it.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use snmf_workbench::engine::files;

fn snmf(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
    command.args(words).current_dir(folder).env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Runs, expects success, and reads what was printed as JSON.
fn json(folder: &Path, words: &[&str]) -> Value {
    let output = snmf(folder, words);
    assert!(output.status.success(), "{words:?}: {}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Runs, expects this exit code, one line of error and these words in it.
fn refused(folder: &Path, words: &[&str], code: i32, expected: &[&str]) {
    let output = snmf(folder, words);
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
    assert!(!error.contains("panicked"), "{words:?}: {error}");
    for word in expected {
        assert!(error.contains(word), "{words:?}: expected {word} in: {error}");
    }
}

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name).display().to_string()
}

#[test]
fn json_has_the_warnings_of_reading() {
    let folder = tempfile::tempdir().unwrap();
    let warnings = |name: &str| {
        let words = ["run", &fixture(name), "-r", "1", "-t", "1", "-i", "1", "--method", "cnmf", "--json"];
        json(folder.path(), &words)["warnings"].as_array().unwrap().clone()
    };
    assert!(warnings("short.wav").is_empty());
    let shown = warnings("truncated.wav");
    assert!(shown.len() == 1 && shown[0].as_str().unwrap().contains("4000 of them are missing"), "{shown:?}");
}

#[test]
fn json_has_the_fields_that_are_promised() {
    let folder = tempfile::tempdir().unwrap();
    let o = json(folder.path(), &["run", &fixture("short.wav"), "-r", "3", "-t", "2", "-i", "4", "--json"]);
    let keys = |v: &Value| {
        let mut keys: Vec<String> = v.as_object().unwrap().keys().cloned().collect();
        keys.sort();
        keys.join(" ")
    };
    assert_eq!(keys(&o), "input ratios runs spectrogram warnings");
    assert_eq!(keys(&o["input"]), "name sample_rate samples sha256");
    assert_eq!(keys(&o["spectrogram"]), "bins fft frames hop max window");
    assert_eq!(
        keys(&o["runs"][0]),
        "binary_bytes binary_gzip_bytes components distinct_h distinct_w entropy_bytes file file_bytes iterations kld lags \
         lambda levels lsd_db method objective precision proposals quantising_seconds rules seconds seed snr_db \
         sqrt_snr_db stop sweeps target text_bytes text_gzip_bytes warnings"
    );
    assert_eq!(keys(&o["ratios"][0]), "audio binary of text to");
    let runs = o["runs"].as_array().unwrap();
    assert_eq!([&runs[0]["method"], &runs[1]["method"]], ["cnmf", "snmf-rd"]);
    assert_eq!(runs[0]["objective"].as_array().unwrap().len(), 4);
    for run in runs {
        assert_eq!(run["iterations"], 4);
        assert_eq!((run["components"].as_u64(), run["lags"].as_u64()), (Some(3), Some(2)));
    }
    assert_eq!(o["spectrogram"]["frames"], 4000 / 512);
    let ratio = &o["ratios"][0];
    let bytes = |run: usize, key: &str| runs[run][key].as_f64().unwrap();
    let text_ratio = bytes(0, "text_gzip_bytes") / bytes(1, "text_gzip_bytes");
    assert!((ratio["text"].as_f64().unwrap() - text_ratio).abs() < 1e-9);
    let audio = 2.0 * o["input"]["samples"].as_f64().unwrap() / bytes(1, "file_bytes");
    assert!((ratio["audio"].as_f64().unwrap() - audio).abs() < 1e-9);
}

#[test]
fn streams_are_written_inspected_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", "demo:noise-burst", "-r", "2", "-t", "1", "-i", "9", "--out", "out", "--json"];
    let o = json(folder.path(), &words);
    let path = "out/demo-noise-burst__snmf-rd_R2_T1_s0.snmf.gz";
    let bytes = fs::metadata(folder.path().join(path)).unwrap().len();
    assert_eq!(o["runs"][1]["file_bytes"], bytes);
    let shown = json(folder.path(), &["inspect", path, "--json"]);
    for key in
        ["distinct_w", "distinct_h", "text_bytes", "text_gzip_bytes", "binary_gzip_bytes", "file_bytes"]
    {
        assert_eq!(shown[key], o["runs"][1][key], "{key}");
    }
    // A second time the files are in the way, unless they may go.
    refused(folder.path(), &words, 1, &["exists already", "__cnmf_"]);
    let forced = json(folder.path(), &[&words[..], &["--force"]].concat());
    assert_eq!(forced["runs"][1]["snr_db"], o["runs"][1]["snr_db"]);
    let decoded = snmf(folder.path(), &["decode", path, "--out", "x.npz"]);
    assert!(decoded.status.success(), "{}", text(&decoded.stderr));
    let npz = fs::read(folder.path().join("x.npz")).unwrap();
    for name in ["W.npy", "H.npy"] {
        assert!(npz.windows(name.len()).any(|w| w == name.as_bytes()), "{name} is in the archive");
    }
}

#[test]
fn every_bad_input_is_named_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(
        path.join("noise.wav"),
        (0..1_000_000u32).map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[1]).collect::<Vec<_>>(),
    )
    .unwrap();
    fs::write(path.join("empty.wav"), "").unwrap();
    fs::create_dir(path.join("folder.wav")).unwrap();
    let quick = ["-r", "2", "-t", "2", "-i", "2"];
    for (name, words) in [
        ("noise.wav".to_owned(), &["noise.wav"][..]),
        ("empty.wav".to_owned(), &["empty.wav"]),
        ("folder.wav".to_owned(), &["folder.wav", "folder"]),
        ("nowhere.wav".to_owned(), &["nowhere.wav", "No such file"]),
        (fixture("zeros.wav"), &["zeros.wav", "every sample is zero"]),
        (fixture("one-sample.wav"), &["one-sample.wav", "too short"]),
        (fixture("no-samples.wav"), &["no-samples.wav"]),
    ] {
        refused(path, &[&["run", &name][..], &quick].concat(), 1, words);
    }
    // Numbers that are none are replaced, and a warning says so.
    let output = snmf(path, &[&["run", &fixture("not-finite.wav")][..], &quick].concat());
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("2 samples were not finite"), "{}", text(&output.stderr));
}

#[test]
fn every_setting_out_of_range_is_a_usage_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    for (flag, value, word) in [
        ("--components", "0", "components"),
        ("--components", "2001", "components"),
        ("--components", "-3", "components"),
        ("--components", "many", "components"),
        ("--lags", "0", "lags"),
        ("--lags", "1001", "lags"),
        ("--iterations", "0", "iterations"),
        ("--fft", "0", "fft"),
        ("--fft", "1000000", "fft"),
        ("--hop", "0", "hop"),
        ("--hop", "1025", "hop"),
        ("--window", "kaiser", "window"),
        ("--method", "magic", "method"),
        ("--levels", "0,5", "levels"),
        ("--precision", "f16", "precision"),
        ("--h-rule", "mean", "h-rule"),
        ("--w-rule", "mean", "w-rule"),
        ("--init", "zero", "init"),
        ("--tolerance", "1", "tolerance"),
        ("--tolerance", "-0.1", "tolerance"),
        ("--tolerance", "nan", "tolerance"),
        ("--no-such-flag", "1", "no-such-flag"),
    ] {
        refused(folder.path(), &["run", "demo:speech", flag, value], 2, &[word]);
    }
    refused(folder.path(), &["run", "demo:none"], 2, &["demo:speech"]);
    refused(folder.path(), &["run", "demo:speech", "--start", "2", "--end", "1"], 1, &["demo:speech"]);
    refused(folder.path(), &["run", "demo:speech", "--start", "nan"], 1, &["demo:speech"]);
    refused(folder.path(), &["run", "demo:speech", "--channel", "2"], 1, &["channel"]);
    refused(folder.path(), &["run", "demo:speech", "--rate", "10"], 1, &["1000"]);
    let huge = ["run", "demo:speech", "-r", "2000", "-t", "1000", "--fft", "65536", "--hop", "64"];
    refused(folder.path(), &huge, 1, &["MiB are free"]);
}

#[test]
fn rules_and_the_reason_of_the_end_are_reported_and_stored() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let words =
            ["run", "demo:noise-burst", "-r", "2", "-t", "2", "--method", "cnmf", "--json", "--force"];
        let o = json(folder.path(), &[&words[..], &["--out", "."], more].concat());
        // Runs of other settings have other names, so that none of them is lost.
        let name = o["runs"][0]["file"].as_str().unwrap();
        let shown = text(&snmf(folder.path(), &["inspect", name]).stdout);
        let rules = shown.lines().find_map(|line| line.strip_prefix("rules").map(|r| r.trim().to_owned()));
        (o["runs"][0].clone(), rules)
    };
    let (usual, stored) = run(&["-i", "4"]);
    assert_eq!((usual["rules"].as_str(), usual["stop"].as_str()), (Some("accelerated"), Some("iterations")));
    assert_eq!(stored, None, "the usual way costs no bytes");
    let poster = ["--plain", "--h-rule", "average", "--w-rule", "sequential", "--init", "svd", "-i", "4"];
    let (unusual, stored) = run(&poster);
    assert_eq!(unusual["rules"], "plain,average,sequential,svd");
    assert_eq!(stored.as_deref(), unusual["rules"].as_str());
    let (settled, _) = run(&["--tolerance", "0.01", "-i", "500"]);
    assert_eq!(settled["stop"], "tolerance");
    let objective: Vec<f64> =
        settled["objective"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
    let fall = |k: usize| (objective[k - 10] - objective[k]) / objective[k];
    let last = objective.len() - 1;
    assert!(last < 499 && fall(last) < 0.01, "it ended as soon as D settled");
    assert!((10..last).all(|k| fall(k) >= 0.01), "and not before");
}

#[test]
fn the_benches_answer() {
    let folder = tempfile::tempdir().unwrap();
    let sizes = ["--bins", "33", "--frames", "40", "--components", "3", "--lags", "2", "--iterations", "5"];
    for threads in ["1", "2"] {
        let words = [&["bench", "iterate"], &sizes[..], &["--threads", threads, "--json"]].concat();
        let o = json(folder.path(), &words);
        assert!(o["ms_per_iteration"].as_f64().unwrap() > 0.0);
        assert!(o["floor"]["ms"].as_f64().unwrap() > 0.0);
        assert_eq!(o["threads"].to_string(), threads);
        #[cfg(target_os = "linux")]
        assert!(o["peak_rss_mib"].as_f64().unwrap() > 1.0);
    }
    refused(folder.path(), &["bench", "iterate", "--bins", "0"], 2, &["bins"]);
    refused(
        folder.path(),
        &["bench", "iterate", "--bins", "9000000", "--frames", "9000000"],
        1,
        &["MiB are free"],
    );
    let o = json(folder.path(), &["bench", "scale", "--bins", "33", "-r", "3", "-t", "2", "--json"]);
    assert_eq!([&o["one_w"]["bytes_a_pass"], &o["items"]["items"]], [8 * (33 * 3 * 2 + 3 * 2 + 1), 100]);
    let [item, keeping] = ["ms_an_item", "keeping_ms"].map(|key| o["items"][key].as_f64().unwrap());
    assert!(0.0 < keeping && keeping < item, "{keeping} of {item} ms");
    let words = ["bench", "converge", "demo:noise-burst", "-r", "2", "-t", "1", "--seeds", "1", "--json"];
    let o = json(folder.path(), &words);
    let rules: Vec<_> =
        o["runs"].as_array().unwrap().iter().map(|run| run["rules"].as_str().unwrap()).collect();
    assert_eq!(rules, ["plain", "accelerated", "accelerated,svd"]);
}

#[test]
fn without_a_display_the_line_that_does_the_job_is_named() {
    let folder = tempfile::tempdir().unwrap();
    refused(folder.path(), &["demo:speech"], 1, &["display", "snmf run demo:speech"]);
    refused(folder.path(), &[], 1, &["display", "snmf run"]);
}

/// A disk that is full, as a process sees it: files may have 8 blocks of 512 bytes at most.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_the_old_file_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let name = "demo-speech__cnmf_R4_T2_s0.snmf.gz";
    fs::create_dir(folder.path().join("out")).unwrap();
    fs::write(folder.path().join("out").join(name), "old").unwrap();
    let line = format!(
        "ulimit -f 8; exec '{}' run demo:speech -r 4 -t 2 -i 2 --method cnmf --out out --force",
        env!("CARGO_BIN_EXE_snmf")
    );
    let output = Command::new("sh").arg("-c").arg(line).current_dir(folder.path()).output().unwrap();
    let error = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(name) && error.contains("nothing was left behind"), "{error}");
    assert_eq!(fs::read_to_string(folder.path().join("out").join(name)).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path().join("out")).unwrap().count(), 1, "no half of a file stays");
}

#[test]
fn a_hostile_or_broken_stream_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.snmf.gz", &b"not gzip"[..]), ("b.snmf.gz", b""), ("c.snmf.gz", b"\x1f\x8b\x08")]
    {
        fs::write(folder.path().join(name), bytes).unwrap();
        refused(folder.path(), &["inspect", name], 1, &[name]);
        refused(folder.path(), &["decode", name, "--out", "x.npz"], 1, &[name]);
    }
    assert!(!folder.path().join("x.npz").exists());
}

#[test]
fn a_hundred_kills_leave_the_old_file_or_the_new() {
    let folder = tempfile::tempdir().unwrap();
    let decode = |seed: usize| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
        let stream = format!("{seed}/short__cnmf_R40_T20_s{seed}.snmf.gz");
        command.args(["decode", &stream, "--out", "x.npz", "--force"]).current_dir(folder.path());
        command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
        command
    };
    let mut whole = Vec::new();
    let mut longest = std::time::Duration::ZERO;
    for seed in [0, 1] {
        let seed_text = seed.to_string();
        let words = [
            "-r", "40", "-t", "20", "-i", "1", "--method", "cnmf", "--out", &seed_text, "--seed", &seed_text,
        ];
        assert!(
            snmf(folder.path(), &[&["run", &fixture("short.wav")], &words[..]].concat()).status.success()
        );
        for _ in 0..3 {
            let begun = std::time::Instant::now();
            assert!(decode(seed).status().unwrap().success());
            longest = longest.max(begun.elapsed());
        }
        whole.push(fs::read(folder.path().join("x.npz")).unwrap());
    }
    assert_ne!(whole[0], whole[1]);
    // From before the first byte to after the last, by turns over the old file of the other kind.
    let (mut killed, mut written) = (0, 0);
    for i in 0..100 {
        let mut process = decode(i % 2).spawn().unwrap();
        std::thread::sleep(longest.mul_f64(f64::from(u32::try_from(i * 37 % 100).unwrap()) / 90.0));
        process.kill().unwrap();
        killed += usize::from(!process.wait().unwrap().success());
        let now = fs::read(folder.path().join("x.npz")).unwrap();
        assert!(whole.contains(&now), "kill {i} left a file of {} bytes that is neither", now.len());
        written += usize::from(now == whole[i % 2]);
    }
    println!("{killed} of 100 were killed before their end, {written} times the new file stood there");
    assert!(killed >= 20 && written >= 5, "kills fall before and after the end: {killed} {written}");
}

#[test]
fn the_chapters_of_the_command_line_name_every_flag() {
    let chapters = concat!(
        include_str!("../../src/cli/COMMANDS.md"),
        include_str!("../../src/cli/CHOOSE.md"),
        include_str!("../../src/engine/corpus/CORPORA.md"),
        include_str!("../../src/cli/RECONSTRUCT.md"),
        include_str!("../../src/figure/FIGURES.md"),
    );
    let folder = tempfile::tempdir().unwrap();
    let mut count = 0;
    for command in [
        "run",
        "inspect",
        "compare",
        "decode",
        "encode",
        "reconstruct",
        "figure",
        "sweep",
        "choose",
        "learn",
        "reproduce",
        "corpus plan",
        "corpus work",
        "corpus status",
        "corpus table",
        "corpus script",
        "bench iterate",
        "bench converge",
        "bench growth",
        "bench scale",
        "bench features",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        assert!(chapters.contains(&format!("snmf {}", words[0])), "{command}");
        assert!(chapters.contains(words[words.len() - 1]), "{command}");
        let help = text(&snmf(folder.path(), &[&words[..], &["--help"]].concat()).stdout);
        for word in help.split(|c: char| !c.is_ascii_lowercase() && c != '-').filter(|w| w.starts_with("--"))
        {
            assert!(word == "--help" || chapters.contains(&format!("`{word}")), "{command} {word}");
            count += 1;
        }
    }
    assert!(count > 20, "the flags were found");
}

#[test]
fn the_first_experiment_of_the_readme_prints_what_the_readme_says() {
    let folder = tempfile::tempdir().unwrap();
    let output = snmf(folder.path(), &["run", "demo:speech"]);
    let rows = |text: &str, method: &str, columns: &[usize]| -> Vec<f64> {
        let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = lines.find(|row| row.len() > columns[6] && row[0] == method).unwrap();
        columns.iter().map(|column| row[*column].parse().unwrap()).collect()
    };
    for method in ["cnmf", "snmf-rd"] {
        let shown = rows(include_str!("../../README.md"), method, &[1, 2, 4, 5, 6, 7, 8]);
        let printed = rows(&text(&output.stdout), method, &[1, 2, 4, 5, 8, 9, 10]);
        // Other vector instructions sum in another order.
        let near = |(a, b): (&f64, &f64)| (a - b).abs() <= 0.05 * b;
        assert!(
            shown.iter().zip(&printed).all(near),
            "{method}: {shown:?} in README.md, printed {printed:?}"
        );
    }
}

#[test]
fn what_a_run_lost_against_its_cnmf_is_said_and_the_usual_settings_lose_nothing_of_note() {
    let folder = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let words = [&["run", "demo:drums", "-i", "60", "--method", "snmf-rd", "--json"], more].concat();
        let output = snmf(folder.path(), &words);
        assert!(output.status.success(), "{more:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let warnings = report["runs"][0]["warnings"].as_array().unwrap().clone();
        (warnings, text(&output.stderr))
    };
    // CNMF is not listed: it is learned all the same, and compared with.
    let (warnings, said) = run(&["--for", "poster"]);
    let quiet =
        warnings.iter().filter_map(Value::as_str).find(|text| text.starts_with("quiet parts are lost: KLD "));
    let quiet = quiet.unwrap_or_else(|| panic!("{warnings:?}"));
    assert!(said.contains(&format!("snmf: warning: snmf-rd: {quiet}")), "{said}");
    for usual in [&[][..], &["--for", "sound"]] {
        let (warnings, said) = run(usual);
        assert!(warnings.is_empty() && !said.contains("warning"), "{usual:?}: {said}");
    }
}

#[test]
fn the_figure_of_a_sweep_follows_the_measure() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["sweep", "demo:noise-burst", "-r", "2", "-t", "1", "-i", "10", "--losses", "1,3"];
    let output = snmf(folder.path(), &[&words[..], &["--measure", "kld", "--out", "kld.svg"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let table = text(&output.stdout);
    for head in ["SNR (dB)", "KLD", "SNR of √V (dB)", "LSD (dB)", "LSD (dB), lower is better"] {
        assert!(table.contains(head), "{head}: {table}");
    }
    let svg = fs::read_to_string(folder.path().join("kld.svg")).unwrap();
    assert!(svg.contains(">KLD, lower is better<") && svg.contains("--measure kld"));
}

#[test]
fn snmf_rd_keeps_to_its_loss_and_beats_rounding() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "run",
        "demo:noise-burst",
        "--for",
        "poster",
        "-r",
        "2",
        "-t",
        "2",
        "-i",
        "40",
        "--precision",
        "f64",
        "--json",
    ];
    let methods = ["--method", "cnmf", "--method", "ptq-adaptive", "--method", "snmf-rd"];
    let run = |more: &[&str]| json(folder.path(), &[&words[..], &methods, more].concat())["runs"].clone();
    let number = |run: &Value, key: &str| run[key].as_f64().unwrap();
    for loss in [0.2, 1.0] {
        let runs = run(&["--max-loss-db", &loss.to_string(), "--levels", "12,8"]);
        let lost = number(&runs[0], "snr_db") - number(&runs[2], "snr_db");
        assert!(lost <= loss && lost > loss - 0.1, "{loss} dB may be lost, {lost} dB are");
        assert!(number(&runs[2], "text_gzip_bytes") < 0.8 * number(&runs[1], "text_gzip_bytes"), "{runs}");
        assert!(runs[2]["sweeps"].as_u64() > Some(50) && number(&runs[2], "quantising_seconds") > 0.0);
        assert_eq!(runs[2]["iterations"], 40, "the iterations are CNMF's");
    }
    let (dear, cheap) = (run(&["--lambda", "1e-3"]), run(&["--lambda", "1e-5"]));
    assert!(number(&dear[2], "text_gzip_bytes") < number(&cheap[2], "text_gzip_bytes"));
    // At the same bytes each metric is the better one at what it counts.
    let speech = ["run", "demo:speech", "--for", "poster", "-r", "6", "-t", "3", "-i", "40", "--json"];
    let by = |more: &[&str]| json(folder.path(), &[&speech[..], &["--method", "snmf-rd"], more].concat());
    let by = |more: &[&str]| by(more)["runs"][0].clone();
    let (kld, snr) = (by(&["--metric", "kld", "--lambda", "3e-3"]), by(&["--lambda", "3e-6"]));
    let share = number(&kld, "text_gzip_bytes") / number(&snr, "text_gzip_bytes");
    assert!((0.8..1.1).contains(&share), "{share} of the bytes");
    assert!(number(&kld, "kld") < 0.7 * number(&snr, "kld"), "{kld} {snr}");
    assert!(number(&kld, "snr_db") < number(&snr, "snr_db") - 1.0, "{kld} {snr}");
    refused(
        folder.path(),
        &["run", "demo:speech", "--lambda", "0"],
        2,
        &["lambda: expected a number above 0"],
    );
}

#[test]
fn a_loss_is_that_of_the_metric_and_no_other_measure_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", "demo:speech", "-r", "6", "-t", "3", "-i", "40", "--json", "--method", "cnmf"];
    for (purpose, method, own) in [
        ("features", "snmf-rd", "kld"),
        ("sound", "snmf-rd", "sqrt_snr_db"),
        ("features", "ptq-adaptive", "kld"),
    ] {
        let more = ["--for", purpose, "--method", method, "--max-loss-db", "0.5"];
        let runs = json(folder.path(), &[&words[..], &more].concat())["runs"].clone();
        let lost = |key: &str| {
            let of = |run: &Value| run[key].as_f64().unwrap();
            let (cnmf, own) = (of(&runs[0]), of(&runs[1]));
            if key == "kld" { 10.0 * (own / cnmf).log10() } else { cnmf - own }
        };
        // Where integers follow a price in jumps, not all of the loss that is allowed can be spent.
        assert!((0.25..=0.5).contains(&lost(own)), "{purpose}, {method}: {} dB of {own}", lost(own));
        for other in ["snr_db", "sqrt_snr_db", "kld"] {
            assert!(lost(other) <= 3.0, "{purpose}, {method}: {} dB of {other}", lost(other));
        }
        assert_eq!(runs[1]["target"], "max-loss-db:0.5,all");
    }
}

#[test]
fn frames_for_sound_last_as_long_at_every_rate_and_those_that_are_given_come_first() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", "demo:speech", "-r", "2", "-t", "1", "-i", "2", "--json", "--method", "cnmf"];
    for (more, fft, hop) in [
        (&[][..], 1024, 512),
        (&["--for", "sound"], 480, 160),
        (&["--for", "sound", "--rate", "22050"], 662, 221),
        (&["--for", "sound", "--fft", "1024", "--hop", "512"], 1024, 512),
        (&["--for", "sound", "--hop", "15ms"], 480, 240),
        (&["--power", "0.5", "--fft", "64ms"], 1024, 512),
    ] {
        let spectrogram = json(folder.path(), &[&words[..], more].concat())["spectrogram"].clone();
        assert_eq!(
            (spectrogram["fft"].as_u64(), spectrogram["hop"].as_u64()),
            (Some(fft), Some(hop)),
            "{more:?}"
        );
    }
    let long = &[&words[..], &["--for", "sound", "--hop", "512"]].concat();
    refused(folder.path(), long, 1, &["hop: expected at most the FFT size 480, got 512"]);
}

#[test]
fn every_method_factorises_the_power_of_v_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let methods = ["cnmf", "ptq-global", "ptq-adaptive", "snmf-poster", "snmf-rd"];
    let words =
        ["run", "demo:speech", "-r", "4", "-t", "2", "-i", "20", "--json", "--out", "out", "--power", "0.5"];
    let asked: Vec<&str> = methods.iter().flat_map(|name| ["--method", name]).collect();
    let runs = json(folder.path(), &[&words[..], &asked].concat())["runs"].clone();
    let plain = json(folder.path(), &["run", "demo:speech", "-r", "4", "-t", "2", "-i", "20", "--json"]);
    for (run, method) in runs.as_array().unwrap().iter().zip(methods) {
        let file = run["file"].as_str().unwrap();
        let header = json(folder.path(), &["inspect", file, "--json"])["header"].clone();
        assert!(
            header.to_string().contains(r#""pow","0.5""#) || header["pow"] == "0.5",
            "{method}: {header}"
        );
        // What is measured is of V, not of its root: no measure is far from that of a model of V itself.
        let (own, of_v) = (run["snr_db"].as_f64().unwrap(), plain["runs"][0]["snr_db"].as_f64().unwrap());
        assert!((own - of_v).abs() < 6.0, "{method}: {own} dB against {of_v} dB");
    }
    for power in ["0.1", "1.5", "NaN"] {
        refused(folder.path(), &["run", "demo:speech", "--power", power], 2, &["power: expected 0.2 to 1"]);
    }
}

#[test]
fn no_price_is_too_low_and_none_takes_much_memory() {
    let folder = tempfile::tempdir().unwrap();
    for more in [&["--metric", "snr"][..], &["--metric", "kld"], &["--precision", "f64"]] {
        let words = [
            "run",
            "demo:speech",
            "-r",
            "3",
            "-t",
            "2",
            "-i",
            "5",
            "--method",
            "snmf-rd",
            "--lambda",
            "1e-30",
        ];
        let run = json(folder.path(), &[&words[..], more, &["--json"]].concat())["runs"][0].clone();
        assert!(run["distinct_w"].as_u64().unwrap() <= 65_536, "integers are bounded: {run}");
    }
}

#[test]
fn targets_hold_for_every_method_that_quantises_what_was_learned() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "run",
        "demo:noise-burst",
        "--for",
        "poster",
        "-r",
        "2",
        "-t",
        "2",
        "-i",
        "40",
        "--json",
        "--out",
        "out",
        "--force",
    ];
    let methods = ["cnmf", "ptq-global", "ptq-adaptive", "snmf-rd"].map(|name| ["--method", name]).concat();
    let run = |more: &[&str]| json(folder.path(), &[&words[..], &methods, more].concat())["runs"].clone();
    let number = |run: &Value, key: &str| run[key].as_f64().unwrap();
    let by_loss = run(&["--max-loss-db", "0.5"]);
    let by_bytes = run(&["--max-bytes", "800"]);
    for i in 1..4 {
        let lost = number(&by_loss[0], "snr_db") - number(&by_loss[i], "snr_db");
        assert!(lost <= 0.5, "{}: {lost} dB", by_loss[i]["method"]);
        assert_eq!(by_loss[i]["target"], "max-loss-db:0.5");
        assert!(number(&by_bytes[i], "file_bytes") <= 800.0, "{}", by_bytes[i]);
        let path = by_bytes[i]["file"].as_str().unwrap();
        let shown = json(folder.path(), &["inspect", path, "--json"]);
        assert_eq!(shown["file_bytes"], by_bytes[i]["file_bytes"]);
        assert_eq!(by_loss[i]["seconds"], by_loss[0]["seconds"], "what CNMF learned is shared");
        assert!(by_loss[i]["lambda"].is_number() != by_loss[i]["levels"].is_array(), "{}", by_loss[i]);
    }
    // Losses that lie far from where a search begins are found too.
    let far = ["run", "demo:speech", "--for", "poster", "-r", "20", "-t", "5", "-i", "100", "--json"];
    let far = json(folder.path(), &[&far[..], &methods, &["--max-loss-db", "0.1"]].concat())["runs"].clone();
    for i in 1..4 {
        assert_eq!(far[i]["stop"], far[0]["stop"], "{}", far[i]);
        assert!(number(&far[0], "snr_db") - number(&far[i], "snr_db") <= 0.1, "{}", far[i]);
    }
    let best = number(&by_bytes[3], "snr_db");
    assert!(best > number(&by_bytes[1], "snr_db") && best > number(&by_bytes[2], "snr_db"), "{by_bytes}");
    let output = snmf(folder.path(), &[&words[..], &["--method", "snmf-rd", "--max-bytes", "9"]].concat());
    assert!(output.status.success());
    assert!(text(&output.stderr).contains("nothing reaches max-bytes:9"), "{}", text(&output.stderr));
    let missed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(missed["runs"][0]["stop"], "target-missed");
    refused(
        folder.path(),
        &["run", "demo:speech", "--max-bytes", "0"],
        2,
        &["max-bytes: expected a number above 0"],
    );
    refused(
        folder.path(),
        &["run", "demo:speech", "--max-bytes", "9", "--max-loss-db", "1"],
        2,
        &["cannot be used"],
    );
    refused(
        folder.path(),
        &["run", "demo:speech", "--renew", "2"],
        2,
        &["renew: expected a share from 0 to 1"],
    );
    refused(
        folder.path(),
        &["sweep", "demo:speech", "--losses", "1,-2"],
        2,
        &["losses: expected a number above 0"],
    );
}

#[test]
fn a_sweep_is_a_run_with_a_comparison() {
    let folder = tempfile::tempdir().unwrap();
    let words = [
        "sweep",
        "demo:noise-burst",
        "--for",
        "poster",
        "-r",
        "2",
        "-t",
        "2",
        "-i",
        "30",
        "--losses",
        "0.5,1",
    ];
    let o = json(folder.path(), &[&words[..], &["--json"]].concat());
    let runs = o["runs"].as_array().unwrap();
    assert!(runs.iter().any(|run| run["target"] == "max-loss-db:1"));
    assert_eq!(runs.iter().filter(|run| run["method"] == "snmf-poster").count(), 5);
    let rows = o["matched"]["at_equal_db"].as_array().unwrap();
    let rd = rows.iter().find(|row| row["method"] == "snmf-rd" && row["loss_db"] == 1.0).unwrap();
    let share = rd["of_ptq_adaptive"].as_f64().unwrap();
    assert!(share < 0.8, "snmf-rd takes {share} of the bytes of rounding");
    let rows = o["matched"]["at_equal_bytes"].as_array().unwrap();
    assert!(
        rows.iter().any(|row| row["method"] == "snmf-rd" && row["over_ptq_adaptive_db"].as_f64() > Some(0.1))
    );
    // The same in words, and as a figure.
    let output = snmf(folder.path(), &[&words[..], &["--out", "rd.svg"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let shown = text(&output.stdout);
    assert!(shown.contains("at equal SNR") && shown.contains("at the bytes of ptq-adaptive"), "{shown}");
    let svg = fs::read_to_string(folder.path().join("rd.svg")).unwrap();
    for word in [">SNMF rd<", ">PTQ adaptive<", ">SNR (dB), higher is better<", "demo:noise-burst"] {
        assert!(svg.contains(word), "{word}");
    }
}

#[test]
fn r_and_t_are_chosen_for_a_budget() {
    let folder = tempfile::tempdir().unwrap();
    let words =
        ["choose", "demo:speech", "--end", "1", "-i", "20", "-r", "4,8", "-t", "1,2", "--for", "sound"];
    let o = json(folder.path(), &[&words[..], &["--kbps", "4", "--json"]].concat());
    assert_eq!((o["max_bytes"].as_u64(), o["quality"].as_str()), (Some(500), Some("sqrt_snr_db")));
    let rows = o["rows"].as_array().unwrap();
    assert_eq!((rows.len(), o["missed"].as_bool()), (4, Some(false)));
    for row in rows {
        let mut keys: Vec<&str> = row.as_object().unwrap().keys().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(
            keys.join(" "),
            "best bytes components kbps kld lags lsd_db meets on_frontier power seconds snr_db sqrt_snr_db"
        );
        let bytes = row["bytes"].as_f64().unwrap();
        assert!(bytes <= 500.0 && (row["kbps"].as_f64().unwrap() - bytes * 0.008).abs() < 1e-9, "{row}");
        assert!(row["sqrt_snr_db"].as_f64() <= o["best"]["sqrt_snr_db"].as_f64());
        assert!(row["power"] == 0.5 || row["best"] == true, "the best alone is tried at other powers: {row}");
    }
    assert_eq!(rows.iter().filter(|row| row["best"] == true).collect::<Vec<_>>(), [&o["best"]]);
    // The best alone, by the command that is named: the same file.
    let command = o["command"].as_str().unwrap().strip_prefix("snmf ").unwrap();
    let again: Vec<&str> = command.split(' ').chain(["--out", "again", "--json"]).collect();
    let run = json(folder.path(), &again);
    assert_eq!(run["runs"][0]["file_bytes"], o["best"]["bytes"]);
    let output = snmf(folder.path(), &[&words[..], &["--kbps", "4", "--out", "best.snmf.gz"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let again = fs::read(folder.path().join(run["runs"][0]["file"].as_str().unwrap())).unwrap();
    assert!(fs::read(folder.path().join("best.snmf.gz")).unwrap() == again);
    let shown = text(&output.stdout);
    assert!(
        shown.contains(" is the best: ") && shown.contains("\n    R    T") && shown.contains(command),
        "{shown}"
    );
    // A budget that nothing meets is reported, with what comes nearest.
    let output = snmf(folder.path(), &[&words[..], &["--max-bytes", "9", "--json"]].concat());
    assert!(output.status.success());
    assert!(
        text(&output.stderr).contains("fits into 9 bytes; the smallest is R = "),
        "{}",
        text(&output.stderr)
    );
    let o: Value = serde_json::from_slice(&output.stdout).unwrap();
    let fewest = o["rows"].as_array().unwrap().iter().map(|row| row["bytes"].as_u64().unwrap()).min();
    assert_eq!((o["missed"].as_bool(), o["best"]["bytes"].as_u64()), (Some(true), fewest));
    let o = json(folder.path(), &[&words[..], &["--min-quality", "5", "--json"]].concat());
    assert!(
        o["best"]["sqrt_snr_db"].as_f64() >= Some(5.0) && o["min_quality_db"] == 5.0 && o["missed"] == false
    );
    for (more, expected) in [
        (&[][..], "--max-bytes"),
        (&["--kbps", "0"], "kbps: expected a number above 0"),
        (&["--kbps", "8", "--max-bytes", "9"], "cannot be used"),
        (&["--max-bytes", "0"], "max-bytes: expected a number above 0"),
        (&["--max-bytes", "900", "--max-loss-db", "1"], "max-loss-db"),
    ] {
        refused(folder.path(), &[&words[..], more].concat(), 2, &[expected]);
    }
    refused(folder.path(), &["choose", "demo:speech", "--kbps", "8", "-r", "0,5"], 2, &["components"]);
}

#[test]
fn the_posters_tables_stand_beside_ours() {
    let folder = tempfile::tempdir().unwrap();
    let o = json(folder.path(), &["reproduce", "--trials", "2", "--seeds", "0", "--json"]);
    let rows = o["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2);
    let arm = |row: &Value, name: &str| {
        row["arms"].as_array().unwrap().iter().find(|arm| arm["name"] == name).unwrap().clone()
    };
    for row in rows {
        let mean = |name: &str, key: &str| arm(row, name)[key]["mean"].as_f64().unwrap();
        assert!(mean("SNMF rd, at 1 dB", "loss_db") <= 1.0, "{row}");
        let (rounded, ours) = (
            mean("rounding, adaptive steps, at 1 dB", "text_gzip_bytes"),
            mean("SNMF rd, at 1 dB", "text_gzip_bytes"),
        );
        assert!(ours < 0.65 * rounded, "{}: {ours} of {rounded} bytes", row["name"]);
        // CNMF of the stand-ins is as good as that of the poster's own signals, give or take what seeds do.
        let poster = row["poster"]["snr_db"][0].as_f64().unwrap();
        assert!((mean("CNMF", "snr_db") - poster).abs() < 3.5, "{row}");
    }
    let markdown =
        snmf(folder.path(), &["reproduce", "--trials", "1", "--seeds", "0", "--out", "histograms.svg"]);
    assert!(markdown.status.success(), "{}", text(&markdown.stderr));
    assert!(
        text(&markdown.stdout)
            .contains("| *poster: SNMF* | *11.56* | *0.94* | *13841* | *21.7* | *155* | *21* |")
    );
    let svg = fs::read_to_string(folder.path().join("histograms.svg")).unwrap();
    assert!(svg.contains("W, SNMF (T = 1): ") && svg.contains("W, NMF: 1026 values"), "{}", &svg[..300]);
}

#[test]
fn everything_goes_into_one_folder_or_one_archive() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", &fixture("short.wav"), "-r", "3", "-t", "2", "-i", "4", "--json", "--export"];
    let run = |words: &[&str]| snmf(folder.path(), words);
    let into = |place: &str| run(&[&words[..], &[place]].concat());
    assert!(into("all").status.success());
    let read = |name: &str| fs::read(folder.path().join("all").join(name)).unwrap();
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    assert!(manifest["command"].as_str().unwrap().contains("short.wav -r 3 -t 2 -i 4"));
    assert_eq!(
        (&manifest["runs"][0]["method"], manifest["runs"][1]["seed"].as_u64()),
        (&"cnmf".into(), Some(0))
    );
    assert_eq!(manifest["input"]["sha256"].as_str().unwrap().len(), 64);
    let files = manifest["files"].as_array().unwrap();
    for file in files {
        let bytes = read(file["name"].as_str().unwrap());
        assert_eq!(file["bytes"].as_u64(), Some(bytes.len() as u64), "{file}");
        assert_eq!(file["sha256"].as_str(), Some(files::sha256(&bytes).as_str()), "{file}");
    }
    let readme = text(&read("README.txt"));
    for ending in
        ["snmf.gz", "npz", "_W.csv", "_histogram.csv", "grid.pdf", "poster.svg", "metrics.json", "curves.csv"]
    {
        let named = |file: &&Value| file["name"].as_str().unwrap().ends_with(ending);
        let file = files.iter().find(named).unwrap_or_else(|| panic!("no {ending}"));
        assert!(readme.contains(file["name"].as_str().unwrap()), "{ending}");
    }
    let curves = text(&read("curves.csv"));
    assert_eq!(curves.lines().count(), 1 + 2 * 4, "{curves}");
    // What is there is left alone; two archives of one run are one and the same.
    refused(folder.path(), &[&words[..], &["all"]].concat(), 1, &["--force", "all"]);
    assert!(into("one.zip").status.success() && into("two.zip").status.success());
    let [one, two] = ["one.zip", "two.zip"].map(|name| fs::read(folder.path().join(name)).unwrap());
    assert!(one == two && one.starts_with(b"PK"));
    let names = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(names, 3, "nothing else was left");
}

#[test]
fn an_ending_agrees_with_what_is_written() {
    let folder = tempfile::tempdir().unwrap();
    // Said before anything is read.
    for words in [
        ["reconstruct", "no.snmf.gz", "--out", "y.mp3", ".wav"],
        ["reconstruct", "no.snmf.gz", "--out", "y", ".wav"],
        ["decode", "no.snmf.gz", "--out", "x.txt", ".npz"],
        ["encode", "no.npz", "--out", "x.npz", ".gz"],
        ["figure", "no.snmf.gz", "--out", "x.jpg", ".pdf, .svg or .png"],
        ["sweep", "no.wav", "--out", "x.wav", ".pdf, .svg or .png"],
    ] {
        refused(folder.path(), &words[..4], 2, &["expected a name that ends in", words[4], words[3]]);
    }
    refused(folder.path(), &["run", "no.wav", "--export", "nowhere/x.zip"], 1, &["nowhere/x.zip"]);
    refused(folder.path(), &["bench", "growth", "--out", "nowhere/x.svg"], 1, &["nowhere/x.svg"]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn components_of_tables_are_counted_as_those_of_reconstruct() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["run", &fixture("short.wav"), "-r", "2", "-t", "1", "-i", "2", "--method", "cnmf"];
    assert!(snmf(folder.path(), &[&words[..], &["--out", "o", "--export", "e"]].concat()).status.success());
    let stream = "o/short__cnmf_R2_T1_s0.snmf.gz";
    assert!(snmf(folder.path(), &["decode", stream, "--csv", "d"]).status.success());
    let of = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    for csv in ["d", "e/csv"] {
        let found = fs::read_dir(folder.path().join(csv)).unwrap().map(|f| f.unwrap().file_name());
        let found: Vec<String> = found.map(|name| name.into_string().unwrap()).collect();
        let one = |end: &str| {
            let name = found.iter().find(|name| name.ends_with(end)).unwrap_or_else(|| panic!("{found:?}"));
            of(&format!("{csv}/{name}"))
        };
        assert!(one("H.csv").starts_with("frame,component1,component2\n0,"));
        assert!(one("W.csv").starts_with("lag,bin,component1,component2\n0,0,"));
        let steps = one("steps.csv");
        let firsts: Vec<&str> = steps.lines().map(|line| line.split(',').next().unwrap()).collect();
        assert_eq!(firsts, ["component", "1", "2"]);
    }
    // One of three that is in the way keeps all three from being written.
    fs::remove_file(folder.path().join("d/H.csv")).unwrap();
    refused(folder.path(), &["decode", stream, "--csv", "d"], 1, &["exists already"]);
    assert!(!folder.path().join("d/H.csv").exists());
}

#[test]
fn threads_have_a_range() {
    let folder = tempfile::tempdir().unwrap();
    for threads in ["1025", "100000", "18446744073709551615"] {
        refused(folder.path(), &["run", "demo:speech", "--threads", threads], 2, &["--threads"]);
        refused(folder.path(), &["--threads", threads], 2, &["--threads"]);
    }
    refused(folder.path(), &["bench", "growth", "--threads", "100000"], 2, &["0..=1024"]);
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::ffi::OsStrExt;
    use std::process::Stdio;

    use super::*;

    const QUICK: [&str; 8] = ["-r", "2", "-t", "1", "-i", "2", "--method", "cnmf"];

    /// Runs a line of a shell in which $snmf is the program; its exit code, output and errors.
    fn shell(folder: &Path, line: &str) -> (Option<i32>, String, String) {
        let mut command = Command::new("sh");
        command.args(["-c", line]).current_dir(folder).env("snmf", env!("CARGO_BIN_EXE_snmf"));
        let output = command.output().unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    }

    #[test]
    fn a_path_may_be_any_that_the_system_has() {
        let folder = tempfile::tempdir().unwrap();
        let strange = OsStr::from_bytes(b"b\xffd.wav");
        for name in [OsStr::new("a b.wav"), strange] {
            fs::copy(fixture("short.wav"), folder.path().join(name)).unwrap();
        }
        let run = |input: &OsStr, more: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
            command.arg("run").arg(input).args(QUICK).args(more).current_dir(folder.path());
            let output = command.env("HOME", folder.path()).output().unwrap();
            assert!(output.status.success(), "{input:?}: {}", text(&output.stderr));
        };
        let uri = format!("file://{}/a%20b.wav", folder.path().display());
        run(uri.as_ref(), &["--out", "~/uri"]);
        run("~/a b.wav".as_ref(), &["--out", "home"]);
        run(strange, &["--out", "strange", "--export", "all"]);
        for (place, name) in [("uri", "a-b"), ("home", "a-b"), ("strange", "b-d")] {
            let path = folder.path().join(place).join(format!("{name}__cnmf_R2_T1_s0.snmf.gz"));
            assert!(path.exists(), "{}", path.display());
        }
        let readme = fs::read_to_string(folder.path().join("all/README.txt")).unwrap();
        assert!(readme.contains(r"snmf run $'b\xffd.wav' -r 2"), "{readme}");
    }

    #[test]
    fn a_sound_comes_on_standard_input_and_so_does_a_stream() {
        let folder = tempfile::tempdir().unwrap();
        let wav = fixture("short.wav");
        let quick = QUICK.join(" ");
        let line = format!("TMPDIR=$PWD; export TMPDIR; \"$snmf\" run - {quick} --json --out o <'{wav}'");
        let (code, out, err) = shell(folder.path(), &line);
        assert_eq!(code, Some(0), "{err}");
        let piped: Value = serde_json::from_str(&out).unwrap();
        let named = json(folder.path(), &[&["run", &wav], &QUICK[..], &["--json"]].concat());
        assert_eq!(
            (&piped["input"]["name"], &named["input"]["name"]),
            (&"stdin".into(), &"short.wav".into())
        );
        assert_eq!(piped["input"]["sha256"], named["input"]["sha256"]);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(left, ["o"], "what came in is gone");
        // Named twice it is the same twice.
        let stream = "o/stdin__cnmf_R2_T1_s0.snmf.gz";
        let (code, out, err) = shell(folder.path(), &format!("\"$snmf\" compare - - <{stream}"));
        assert!(code == Some(0) && out.contains("equal to the last bit"), "{out}{err}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_has_no_end_is_read_to_a_limit() {
        let folder = tempfile::tempdir().unwrap();
        let (code, _, error) = shell(folder.path(), "cat /dev/zero | \"$snmf\" inspect -");
        assert!(code == Some(1) && error.contains("expected at most 1024 MiB"), "{code:?}: {error}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn output_that_cannot_be_written_changes_no_exit_code_but_that_of_results() {
        let folder = tempfile::tempdir().unwrap();
        let run = format!("\"$snmf\" run '{}' {}", fixture("short.wav"), QUICK.join(" "));
        for (line, expected) in [
            (format!("{run} 2>/dev/full"), 0),
            ("\"$snmf\" run nosuch.wav 2>/dev/full".to_owned(), 1),
            ("\"$snmf\" --nope 2>/dev/full".to_owned(), 2),
            (format!("{run} >/dev/full"), 1),
            (format!("{run} --json >/dev/full"), 1),
            ("\"$snmf\" --help >/dev/full".to_owned(), 1),
            ("\"$snmf\" run --help >/dev/full".to_owned(), 1),
            ("\"$snmf\" --version >/dev/full 2>/dev/full".to_owned(), 1),
            (format!("{run} 2>&- >&-"), 0),
            // The reader has gone before the first word.
            (format!("({run} --out o 2>&1 >x; echo $? >code) | true; exit $(cat code)"), 0),
            (format!("({run}; echo $? >code) | true; exit $(cat code)"), 0),
        ] {
            let (code, _, err) = shell(folder.path(), &line);
            assert_eq!(code, Some(expected), "{line}: {err}");
            assert!(!err.contains("panicked"), "{line}: {err}");
        }
        assert!(folder.path().join("o/short__cnmf_R2_T1_s0.snmf.gz").exists());
    }

    #[test]
    fn a_poor_environment_is_enough() {
        let folder = tempfile::tempdir().unwrap();
        let run = format!("run '{}' {} --out o --export e", fixture("short.wav"), QUICK.join(" "));
        let (code, out, err) =
            shell(folder.path(), &format!("env -i LC_ALL=C TERM=dumb \"$snmf\" {run} --force"));
        assert!(code == Some(0) && out.contains("cnmf"), "{out}{err}");
        let (code, _, err) = shell(folder.path(), "env -i TMPDIR=/nowhere \"$snmf\" inspect o/*.gz");
        assert_eq!(code, Some(0), "{err}");
        let (code, _, err) = shell(folder.path(), "cat o/*.gz | TMPDIR=/nowhere \"$snmf\" run -");
        assert!(code == Some(1) && err.contains("temporary files"), "{err}");
    }

    /// The program at work, its errors to be read.
    fn start(folder: &Path, words: &[&str]) -> std::process::Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
        command.args(words).current_dir(folder).env("TMPDIR", folder);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Waits until the process listens for signals.
    #[cfg(target_os = "linux")]
    fn listens(process: &std::process::Child) {
        let status = format!("/proc/{}/status", process.id());
        let begun = std::time::Instant::now();
        loop {
            let text = fs::read_to_string(&status).unwrap();
            let mask = text.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
            // SIGTERM is the last but one to be listened for.
            if u64::from_str_radix(mask.trim(), 16).unwrap() & 1 << 14 != 0 {
                return;
            }
            assert!(begun.elapsed() < std::time::Duration::from_mins(1), "nobody listens");
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn signals_end_every_phase_with_their_code_and_a_word() {
        let folder = tempfile::tempdir().unwrap();
        let wav = fixture("short.wav");
        let words = [&["run", &wav], &QUICK[..], &["--out", "."]].concat();
        assert!(snmf(folder.path(), &words).status.success());
        let stream = "short__cnmf_R2_T1_s0.snmf.gz";
        assert!(Command::new("mkfifo").arg(folder.path().join("pipe")).status().unwrap().success());
        // What would take minutes or for ever: learning, a bench, a search, phases, and, without a step between which to
        // look, the reading of a pipe that nobody writes and the writing into one that nobody reads.
        let phases: [&[&str]; 6] = [
            &["run", "demo:speech", "-i", "1000000", "-r", "40", "--out", "o", "--export", "e"],
            &["bench", "growth"],
            &["choose", "demo:speech", "--kbps", "8", "-i", "1000000"],
            &["reconstruct", stream, "--out", "x.wav", "--iterations", "100000000"],
            &["inspect", "pipe"],
            &["decode", stream, "--out", "pipe"],
        ];
        for (i, words) in phases.into_iter().enumerate() {
            let (signal, code, word) = [("INT", 130, "interrupted"), ("TERM", 143, "SIGTERM")][i % 2];
            let mut process = start(folder.path(), words);
            listens(&process);
            std::thread::sleep(std::time::Duration::from_millis(200));
            let begun = std::time::Instant::now();
            let id = process.id().to_string();
            assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
            let output = process.wait().and_then(|_| process.wait_with_output()).unwrap();
            println!("{words:?} ended {:.2?} after SIG{signal}", begun.elapsed());
            let error = text(&output.stderr);
            assert_eq!(output.status.code(), Some(code), "{words:?}: {error}");
            assert!(error.contains(word), "{words:?}: expected {word} in: {error}");
        }
        let mut left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["pipe", stream], "nothing is left behind");
    }

    #[test]
    fn a_hang_up_ends_a_run_unless_it_was_to_outlive_its_terminal() {
        let folder = tempfile::tempdir().unwrap();
        // `trap ''` is what nohup does.
        for (ignored, expected) in [("", 129), ("trap '' HUP; ", 143)] {
            let line = format!("{ignored}exec \"$snmf\" run demo:speech -i 1000000");
            let mut command = Command::new("sh");
            command.args(["-c", &line]).current_dir(folder.path()).env("snmf", env!("CARGO_BIN_EXE_snmf"));
            let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            // The first line comes when it has long been listening.
            let mut first = String::new();
            let mut errors = BufReader::new(process.stderr.take().unwrap());
            errors.read_line(&mut first).unwrap();
            assert!(first.contains("of memory"), "{first}");
            let id = process.id().to_string();
            for signal in ["-HUP", "-TERM"] {
                // Where the first has ended it the second finds nobody.
                let _ = Command::new("kill").args([signal, &id]).stderr(Stdio::null()).status().unwrap();
                std::thread::sleep(std::time::Duration::from_millis(100));
            }
            let code = process.wait().unwrap().code();
            let always = fs::read_to_string("/proc/self/status").unwrap_or_default();
            // Its lowest bit is SIGHUP; what runs in the background ignores others too.
            let mask = always
                .lines()
                .find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
            let always = mask.is_some_and(|mask| mask & 1 == 1);
            assert_eq!(code, Some(if always { 143 } else { expected }), "{ignored}");
        }
    }

    #[test]
    fn a_limit_of_the_size_of_files_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let quick = QUICK.join(" ");
        let line = format!("ulimit -f 4; exec \"$snmf\" run demo:speech {quick} --export e.zip");
        let (code, _, err) = shell(folder.path(), &line);
        assert!(code == Some(1) && err.contains("File too large") && err.contains("e.zip"), "{code:?} {err}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "no half of a file stays");
    }

    #[test]
    fn a_device_or_a_pipe_is_written_into_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let wav = fixture("short.wav");
        let words = [&["run", &wav], &QUICK[..], &["--out", "."]].concat();
        assert!(snmf(folder.path(), &words).status.success());
        let line =
            "mkfifo pipe; cat pipe >x.npz & \"$snmf\" decode *.gz --out pipe --force && wait && test -p pipe";
        let (code, _, err) = shell(folder.path(), line);
        assert_eq!(code, Some(0), "{err}");
        let (code, _, err) =
            shell(folder.path(), "\"$snmf\" decode *.gz --out y.npz && cmp x.npz y.npz && chmod 600 y.npz");
        assert_eq!(code, Some(0), "{err}");
        let line = "\"$snmf\" decode *.gz --out y.npz --force && test $(stat -c %a y.npz) = 600 && \
                    \"$snmf\" figure *.gz --out /dev/null && test -c /dev/null";
        let (code, _, err) = shell(folder.path(), line);
        assert_eq!(code, Some(0), "{err}");
        let mut sink = fs::OpenOptions::new().write(true).open("/dev/null").unwrap();
        sink.write_all(b"still a device").unwrap();
    }
}

#[test]
fn one_w_is_learned_from_a_folder_and_serves_another_sound() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("sounds/below")).unwrap();
    for name in ["a.wav", "below/b.wav"] {
        fs::copy(fixture("short.wav"), at.join("sounds").join(name)).unwrap();
    }
    fs::write(at.join("sounds/notes.txt"), "no sound").unwrap();
    let learn = |threads: &str, out: &str| {
        let words = ["learn", "sounds", "-r", "3", "-t", "2", "-i", "5", "--fft", "256", "--hop", "128"];
        let more = ["--json", "--checkpoint", "kept", "--threads", threads, "--out", out];
        json(at, &[&words[..], &more].concat())
    };
    let report = learn("1", "w.snmf.gz");
    assert_eq!([&report["sounds"], &report["left_out"], &report["passes"]], [2, 0, 5]);
    let d: Vec<f64> = report["d"].as_array().unwrap().iter().map(|d| d.as_f64().unwrap()).collect();
    assert!(d.len() == 5 && d.windows(2).all(|d| d[1] <= d[0]), "{d:?}");
    let bytes = fs::read(at.join("w.snmf.gz")).unwrap();
    assert_eq!(report["sha256"], files::sha256(&bytes));
    fs::remove_dir_all(at.join("kept")).unwrap();
    assert_eq!(learn("3", "again.snmf.gz")["sha256"], report["sha256"]);

    let words = ["run", "demo:speech", "--fixed-w", "w.snmf.gz", "-i", "3", "--method", "cnmf", "--json"];
    let run = json(at, &[&words[..], &["--fft", "256", "--hop", "128"]].concat());
    assert_eq!([&run["runs"][0]["components"], &run["runs"][0]["lags"]], [3, 2]);
    refused(at, &["learn", "sounds", "--out", "w.snmf.gz"], 1, &["w.snmf.gz", "--force"]);
    fs::write(at.join("sounds/list.txt"), "below/b.wav\na.wav\n").unwrap();
    assert!(snmf(at, &["corpus", "plan", "sounds", "--out", "run"]).status.success());
    for sounds in ["sounds/list.txt", "run"] {
        let words =
            ["learn", sounds, "-r", "3", "-t", "2", "-i", "5", "--fft", "256", "--hop", "128", "--json"];
        let again = json(at, &[&words[..], &["--out", "named.snmf.gz", "--force"]].concat());
        assert_eq!(again["sha256"], report["sha256"], "{sounds} names the same sounds");
    }
    refused(at, &["learn", "sounds/notes.txt", "--out", "x.snmf.gz"], 1, &["got none", "left out"]);
}
