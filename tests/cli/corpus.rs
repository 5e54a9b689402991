//! A corpus and those who work on it, as processes: what they leave is all that they know of each other.

#![cfg(target_os = "linux")] // kill, and the limits of a shell

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// A folder `sounds` with so many sounds.
fn sounds(count: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("sounds/b")).unwrap();
    for i in 0..count {
        let name = format!("sounds/{}{i}.wav", if i % 2 == 0 { "" } else { "b/" });
        fs::copy("tests/fixtures/short.wav", folder.path().join(name)).unwrap();
    }
    folder
}

fn command(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
    command
        .arg("corpus")
        .args(words.split(' '))
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs it, expects this exit code, and gives what it printed: results, then the rest.
fn ends(folder: &Path, words: &str, code: i32) -> String {
    let Output { status, stdout, stderr } = command(folder, words).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(code), "{words}: {text}");
    assert!(!text.contains("panicked"), "{words}: {text}");
    text
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let each = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.flat_map(|entry| each(entry.unwrap().path())).collect()
}

/// Those with this ending.
fn ending(folder: &Path, ending: &str) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|path| path.extension().is_some_and(|of| of == ending)).collect()
}

const PLAN: &str = "plan sounds --out run -t 1 -i 5 --grid r=1,2 method=cnmf,snmf-rd";

#[test]
fn a_plan_is_frozen() {
    let folder = sounds(3);
    let at = folder.path();
    assert!(ends(at, PLAN, 0).contains("12 items on 3 sounds; 1 shards"));
    let read = || ["plan.json", "items.jsonl"].map(|name| fs::read(at.join("run").join(name)).unwrap());
    let before = read();
    ends(at, PLAN, 0);
    ends(at, &PLAN.replace("--out run", "--out other"), 0);
    assert_eq!(read(), before, "the same plan again is the same");
    assert_eq!(
        fs::read(at.join("other/items.jsonl")).unwrap(),
        before[1],
        "the same request is the same plan"
    );
    let other = ends(at, &PLAN.replace("r=1,2", "r=1,3"), 1);
    assert!(other.contains("a plan of other sounds or settings is there"), "{other}");
    assert_eq!(read(), before);
    fs::write(at.join("run/items.jsonl"), &before[1][..before[1].len() / 2]).unwrap();
    assert!(ends(at, "work run", 1).contains("not the list that was frozen"));
    assert!(ends(at, "work nowhere", 1).contains("snmf corpus plan"));
}

#[test]
fn a_damaged_sound_fails_alone_and_the_table_has_every_item() {
    let folder = sounds(3);
    let at = folder.path();
    fs::write(at.join("sounds/b/9.wav"), "not a sound").unwrap();
    ends(at, PLAN, 0);
    assert!(ends(at, "work run", 0).contains("12 of 16 items done, 4 failed"));
    assert!(
        ends(at, "work run", 0).contains("0 of 0 items done"),
        "failed items are not tried by themselves"
    );
    let status = ends(at, "status run", 3);
    assert!(status.contains("12 done, 4 failed, 0 open") && status.contains("b/9.wav: "), "{status}");
    ends(at, "table run --out x.csv", 0);
    let table = fs::read_to_string(at.join("x.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 17);
    assert!(rows[0].starts_with("id,input,state,reason,method,components,lags,seed,"));
    let column = |row: &str, name: &str| {
        let place = rows[0].split(',').position(|head| head == name).unwrap();
        row.split(',').nth(place).unwrap().to_owned()
    };
    let failed: Vec<&&str> = rows.iter().filter(|row| row.contains("b/9.wav")).collect();
    assert!(failed.len() == 4 && failed.iter().all(|row| row.contains(",failed,") && row.ends_with(",,,")));
    let done = rows.iter().find(|row| row.contains(",b/1.wav,done,,snmf-rd,2,1,0,5,")).unwrap();
    assert!(column(done, "snr_db").parse::<f64>().unwrap() > 0.0);
    let stream = at.join("run").join(done.rsplit(',').next().unwrap());
    let dictionary = fs::read_to_string(at.join("x.columns.csv")).unwrap();
    let described = dictionary.lines().skip(1).map(|line| line.split(',').next().unwrap());
    assert_eq!(described.collect::<Vec<_>>(), rows[0].split(',').collect::<Vec<_>>());
    let mut run = Command::new(env!("CARGO_BIN_EXE_snmf"));
    run.args([
        "run",
        "sounds/b/1.wav",
        "-r",
        "2",
        "-t",
        "1",
        "-i",
        "5",
        "--method",
        "snmf-rd",
        "--out",
        "one",
    ]);
    assert!(run.current_dir(at).output().unwrap().status.success());
    let alone = fs::read(at.join("one/1__snmf-rd_R2_T1_s0.snmf.gz")).unwrap();
    assert_eq!(fs::read(&stream).unwrap(), alone, "as `snmf run` has it");
    fs::copy("tests/fixtures/short.wav", at.join("sounds/b/9.wav")).unwrap();
    assert!(ends(at, "work run --retry", 0).contains("4 of 4 items done"));
    fs::write(&stream, "damaged").unwrap();
    assert!(ends(at, "status run", 4).contains("15 done, 0 failed, 1 open"), "a digest that does not match");
    ends(at, "work run", 0);
    ends(at, "status run", 0);
}

#[test]
fn shards_and_workers_on_the_same_items_do_everything() {
    let folder = sounds(8);
    let at = folder.path();
    ends(at, PLAN, 0);
    let start = |shard: &str| command(at, &format!("work run --shard {shard} --threads 2")).spawn().unwrap();
    let workers = ["1/2", "2/2", "1/1", "1/1"].map(start);
    for worker in workers {
        let output = worker.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    ends(at, "status run", 0);
    assert_eq!(files(&at.join("run/done")).len(), 32);
    assert_eq!(ending(at, "part"), [""; 0].map(PathBuf::from));
}

#[test]
fn kills_lose_no_item_and_none_is_done_twice() {
    let folder = sounds(20);
    let at = folder.path();
    ends(at, &PLAN.replace("-i 5", "-i 1000"), 0);
    let records = || {
        let id = |path: &PathBuf| (path.clone(), fs::metadata(path).unwrap().ino());
        ending(&at.join("run/done"), "json").iter().map(id).collect::<BTreeMap<_, _>>()
    };
    let (mut killed, mut before) = (0, BTreeMap::<PathBuf, u64>::new());
    for i in 0..20u64 {
        let mut worker = command(at, "work run").spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 + i * 37 % 181));
        worker.kill().unwrap();
        killed += usize::from(!worker.wait().unwrap().success());
        let now = records();
        for (path, inode) in &before {
            assert_eq!(now.get(path), Some(inode), "{} was done again", path.display());
        }
        before = now;
    }
    println!("{killed} of 20 were killed, {} of 80 items done by then", before.len());
    assert!(killed > 0 && !before.is_empty(), "kills fall before and after the end of items");
    ends(at, "work run", 0);
    let now = records();
    assert!(now.len() == 80 && before.iter().all(|(path, inode)| now.get(path) == Some(inode)));
    ends(at, "status run --clean", 0);
    assert!(ending(at, "part").is_empty(), "what the dead have left is gone: {:?}", ending(at, "part"));
}

/// Sends a signal to a worker that has been at work for a while.
fn send(worker: &Child, signal: &str) {
    std::thread::sleep(Duration::from_millis(500));
    assert!(Command::new("kill").args([signal, &worker.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_worker_that_is_ended_leaves_nothing_half_done() {
    let folder = sounds(2);
    let at = folder.path();
    ends(at, "plan demo:speech --out run -r 40 -i 1000000 --grid seed=0-3", 0);
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let worker = command(at, "work run").spawn().unwrap();
        send(&worker, signal);
        let output = worker.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(text.contains("goes on from there"), "{text}");
        assert_eq!(files(&at.join("run")).len(), 2, "the plan and its items alone");
    }
}

#[test]
fn a_full_disk_ends_the_worker_and_fails_no_item() {
    let folder = sounds(2);
    let at = folder.path();
    ends(at, PLAN, 0);
    let line = "ulimit -f 0; exec \"$0\" corpus work run";
    let output =
        Command::new("sh").args(["-c", line, env!("CARGO_BIN_EXE_snmf")]).current_dir(at).output().unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && text.contains("File too large"), "{text}");
    let status: Value = {
        let output = command(at, "status run --json").output().unwrap();
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!((&status["open"], status["failed"].as_array().unwrap().len()), (&Value::from(8), 0));
    ends(at, "work run", 0);
    ends(at, "status run", 0);
}

#[test]
fn a_script_is_printed_that_a_shell_can_read() {
    let folder = sounds(4);
    let at = folder.path();
    ends(at, PLAN, 0);
    for (engine, expected) in [
        ("slurm", "#SBATCH --array=1-3\n"),
        ("parallel", "seq 3 | parallel --joblog"),
        ("snakemake", "SHARDS = "),
    ] {
        let script = ends(at, &format!("script run --engine {engine} --shards 3"), 0);
        assert!(script.contains(expected), "{script}");
        if engine != "snakemake" {
            fs::write(at.join("script"), script).unwrap();
            assert!(Command::new("sh").args(["-n", "script"]).current_dir(at).status().unwrap().success());
        }
    }
}

/// Runs `snmf` and expects this exit code; what it printed.
fn snmf(folder: &Path, words: &str, code: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snmf"));
    let Output { status, stdout, stderr } =
        command.args(words.split(' ')).current_dir(folder).output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert_eq!(status.code(), Some(code), "{words}: {text}");
    text
}

#[test]
fn streams_of_a_shared_w_hold_activations_alone_and_are_read_with_it() {
    let folder = sounds(3);
    let at = folder.path();
    snmf(at, "learn sounds -r 3 -t 2 -i 5 --levels 64 --out w.snmf.gz", 0);
    snmf(at, "learn sounds -r 3 -t 2 -i 6 --levels 64 --out other.snmf.gz", 0);
    let plan =
        "plan sounds --out run -i 5 --fixed-w w.snmf.gz --lambda 0.06 --method snmf-rd --method ptq-adaptive";
    let said = ends(at, plan, 0);
    assert!(said.contains("6 items") && !said.contains("hold W too"), "{said}");
    ends(at, "work run", 0);
    ends(at, "table run --out x.csv", 0);
    let table = fs::read_to_string(at.join("x.csv")).unwrap();
    let stream = table.lines().find(|row| row.contains(",b/1.wav,done,,snmf-rd,")).unwrap();
    let stream = format!("run/{}", stream.rsplit(',').next().unwrap());

    // The same factors as in a stream of its own, and the bytes that the table says.
    snmf(at, "run sounds/b/1.wav -i 5 --fixed-w w.snmf.gz --lambda 0.06 --method snmf-rd --out own", 0);
    let own = "own/1__snmf-rd_R3_T2_s0.snmf.gz";
    let compared: Value =
        serde_json::from_str(&snmf(at, &format!("compare {own} {stream} --json"), 0)).unwrap();
    assert_eq!(compared["equal"], true, "{compared}");
    let [whole, alone] = ["a", "b"].map(|side| compared[side]["file_bytes"].as_u64().unwrap());
    assert!(alone < whole && compared["b"]["w_file_bytes"] == 0 && compared["b"]["rewrites"] == true);
    assert!(table.contains(&format!(",{alone},")), "{alone}: {table}");

    // With the bases beside it, it can be read; it says what is missing, and what is wrong.
    fs::create_dir(at.join("elsewhere")).unwrap();
    fs::copy(at.join(&stream), at.join("elsewhere/x.snmf.gz")).unwrap();
    let digest = &compared["b"]["bases"].as_str().unwrap();
    let decode = "decode elsewhere/x.snmf.gz --force --out";
    let missing = snmf(at, &format!("{decode} x.npz"), 1);
    assert!(missing.contains("not beside it") && missing.contains(digest), "{missing}");
    let wrong = snmf(at, &format!("{decode} x.npz --bases other.snmf.gz"), 1);
    assert!(
        wrong.contains("other bases") && wrong.contains(digest) && wrong.contains("other.snmf.gz"),
        "{wrong}"
    );
    snmf(at, &format!("{decode} named.npz --bases w.snmf.gz"), 0);
    fs::copy(at.join("w.snmf.gz"), at.join("elsewhere/any name.snmf.gz")).unwrap();
    snmf(at, &format!("{decode} beside.npz"), 0);
    assert_eq!(fs::read(at.join("named.npz")).unwrap(), fs::read(at.join("beside.npz")).unwrap());
    snmf(at, "encode beside.npz --out again.snmf.gz", 0);
    let again: Value =
        serde_json::from_str(&snmf(at, &format!("compare {own} again.snmf.gz --json"), 0)).unwrap();
    assert_eq!((&again["equal"], &again["b"]["bases"]), (&Value::from(true), &Value::Null));
    for words in ["inspect elsewhere/x.snmf.gz", "figure elsewhere/x.snmf.gz --out x.svg"] {
        snmf(at, words, 0);
    }
    let other = ends(at, "plan sounds --out real -i 5 --fixed-w w.snmf.gz --method cnmf", 0);
    assert!(other.contains("hold W too"), "{other}");
}
