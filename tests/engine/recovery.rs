//! What a window that is gone has left comes back: settings, runs and how far a run had come.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snmf_workbench::engine::recovery::Recovery;
use snmf_workbench::engine::session_file::{self, FileKind};
use snmf_workbench::engine::{ColumnId, Command, InputSpec, Session, Source, SpecDraft};
use snmf_workbench::signal::ReadOptions;

const SOON: Duration = Duration::from_millis(20);

fn start(root: &Path) -> Recovery {
    Recovery::start(root, SOON, Arc::new(|| {})).unwrap()
}

fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_mins(1), "waited a minute for: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A session with a run in each column.
fn session() -> Session {
    let mut session = Session::new(2, Arc::new(|| {})).unwrap();
    session.apply(Command::SetDraft(SpecDraft {
        components: 2,
        lags: 2,
        iterations: 3,
        ..SpecDraft::default()
    }));
    let source = Source::parse("demo:noise-burst").unwrap();
    session.apply(Command::Open(InputSpec { source, read: ReadOptions::default() }));
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until("both columns", || {
        session.poll();
        session.runs().all().len() == 2
    });
    session
}

fn recovered(recovery: &Recovery) -> Session {
    let mut session = Session::new(2, Arc::new(|| {})).unwrap();
    session.apply(Command::Recover(recovery.leftovers()[0].path.clone()));
    wait_until("the session", || {
        session.poll();
        !session.busy()
    });
    session
}

/// Files below a folder.
fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn what_a_killed_window_has_written_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let recovery = start(folder.path());
    assert!(recovery.leftovers().is_empty());
    let mut before = session();
    recovery.offer(before.contents(json!({ "top": 3 })));
    // While it lives, nobody takes it.
    let mut seen = false;
    wait_until("the session on disk", || {
        let folders: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path()).collect();
        seen = folders.iter().any(|f| f.join("about").exists());
        seen
    });
    assert!(start(folder.path()).leftovers().is_empty());
    // Settings that change afterwards are written too, and the streams that are there stay as they are.
    let streams = |of: &str| {
        let found = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path().join("runs"));
        let runs = found.filter(|f| f.exists()).flat_map(|f| files(&f)).filter(|f| f.contains(of));
        runs.collect::<Vec<_>>()
    };
    let written = streams("");
    assert_eq!(written.len(), 2);
    before.apply(Command::DeleteRun(1));
    before.apply(Command::SetDraft(SpecDraft {
        seed: 77,
        fft: 512.into(),
        hop: 256.into(),
        ..before.draft().clone()
    }));
    recovery.offer(before.contents(json!({ "top": 4 })));
    wait_until("the run that was deleted to go", || streams("").len() == 1);
    assert_eq!(streams(""), written[1..]);
    // As by a crash: nothing is reported.
    drop(recovery);

    let mut recovery = start(folder.path());
    assert_eq!(recovery.leftovers().len(), 1);
    let left = &recovery.leftovers()[0];
    assert!(left.crashed && left.about == "1 run of demo:noise-burst", "{left:?}");
    let path = left.path.clone();
    let mut after = recovered(&recovery);
    assert_eq!(after.take_recovered(), Some(path.clone()));
    assert_eq!(after.draft(), before.draft());
    assert_eq!(after.runs().all().len(), 1);
    assert_eq!(after.runs().all()[0].measures, before.runs().all()[0].measures);
    assert_eq!(after.take_view(), Some(json!({ "top": 4 })));
    assert!(after.is_changed(), "nobody has saved it yet");
    assert!(after.messages().iter().any(|m| m.text.contains("New session discards it")));
    // What was left goes once it is written down again, and not before.
    recovery.replace(&path);
    assert!(path.exists());
    recovery.offer(after.contents(Value::Null));
    wait_until("what was left to go", || !path.exists());
    assert!(recovery.leave(None, true).is_ok());
    assert!(start(folder.path()).leftovers().is_empty());
}

/// Calls of the system at which a tracer kills.
const CALLS: [&str; 4] = ["openat", "write", "fsync", "rename"];

/// This program, under a tracer that kills it at the `count`th call of a kind, where there is one.
fn writer(tracer: Option<&OsStr>, count: u64) -> std::process::Command {
    let program = std::env::current_exe().unwrap();
    let Some(tracer) = tracer else { return std::process::Command::new(program) };
    let call = CALLS[usize::try_from(count).unwrap() % CALLS.len()];
    let mut command = std::process::Command::new(tracer);
    command.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}")]);
    command.args(["-e", &format!("inject={call}:signal=KILL:when={count}")]).arg(program);
    command
}

/// Writes two sessions by turns, in every way there is, until it is killed.
fn write_sessions(root: &Path) -> ! {
    let session = session();
    let recovery = start(&root.join("recovery"));
    for turn in (0..2).cycle() {
        let mut contents = session.contents(Value::Null);
        contents.draft.seed = turn;
        session_file::write(&root.join("x.session.json"), FileKind::Session, true, &contents).unwrap();
        session_file::write(&root.join("x.bundle.zip"), FileKind::Bundle, true, &contents).unwrap();
        recovery.offer(contents);
        // The parent knows by it that all have been there once.
        fs::write(root.join("written"), "").unwrap();
    }
    unreachable!("turns do not end")
}

#[test]
fn kills_leave_sessions_that_open_and_nothing_half_written() {
    if let Some(root) = std::env::var_os("SNMF_WRITES_SESSIONS") {
        write_sessions(Path::new(&root));
    }
    let kills = std::env::var("SNMF_KILLS").map_or(10, |kills| kills.parse().unwrap());
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let halves = |folder: &Path| files(folder).iter().filter(|name| name.starts_with(".snmf-")).count();
    let (mut torn, mut found, mut returned, mut traced) = (0, 0, 0, 0);
    for kill in 0..kills {
        let _ = fs::remove_file(root.join("written"));
        // `SNMF_TRACER` names strace, where it may trace: every second kill is one at a call of the system then.
        let tracer = std::env::var_os("SNMF_TRACER").filter(|_| kill % 2 == 1);
        let mut child = writer(tracer.as_deref(), 1 + kill * 7919 % 250);
        child.args(["--exact", "recovery::kills_leave_sessions_that_open_and_nothing_half_written"]);
        child.env("SNMF_WRITES_SESSIONS", root).stdout(std::process::Stdio::null());
        let mut child = child.spawn().unwrap();
        if tracer.is_none() {
            wait_until("the sessions", || root.join("written").exists());
            std::thread::sleep(Duration::from_micros(kill * 7919 % 80_000));
            child.kill().unwrap();
        }
        child.wait().unwrap();
        traced += usize::from(tracer.is_some());
        found += halves(root);
        for name in ["x.session.json", "x.bundle.zip"] {
            let opened = session_file::read(&root.join(name), &pool);
            torn += usize::from(
                !opened.is_ok_and(|of| of.contents.runs.len() == 2 && of.contents.draft.seed < 2),
            );
        }
        // The next start finds what was written down, if that had come to its end, and sweeps the rest.
        let recovery = start(&root.join("recovery"));
        for left in recovery.leftovers() {
            assert!(left.crashed);
            returned += 1;
            torn += usize::from(session_file::read(&left.path, &pool).is_err());
            let below = left.path.parent().unwrap();
            assert_eq!([below, &below.join("runs"), &below.join("bases")].map(halves), [0; 3]);
        }
        let paths: Vec<_> = recovery.leftovers().iter().map(|left| left.path.clone()).collect();
        let mut recovery = recovery;
        paths.iter().for_each(|path| recovery.discard(path));
        recovery.leave(None, true).unwrap();
        assert!(files(&root.join("recovery")).is_empty(), "{:?}", files(&root.join("recovery")));
    }
    let contents = session().contents(Value::Null);
    session_file::write(&root.join("x.session.json"), FileKind::Session, true, &contents).unwrap();
    assert_eq!((torn, halves(root)), (0, 0), "torn, and left after the next write");
    println!(
        "{kills} sessions were killed, {traced} of them at a call of the system, {found} times something lay beside them, {returned} came back, {torn} torn"
    );
}

#[test]
fn a_session_without_runs_is_none_that_was_lost() {
    let folder = tempfile::tempdir().unwrap();
    let mut contents = session().contents(Value::Null);
    let recovery = start(folder.path());
    recovery.offer(contents.clone());
    let written = || {
        let folders = fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().path());
        folders.filter(|folder| folder.join("session.json").exists()).count()
    };
    wait_until("the session on disk", || written() == 1);
    contents.runs.clear();
    recovery.offer(contents.clone());
    wait_until("the session to go", || written() == 0);
    drop(recovery);
    let next = start(folder.path());
    assert!(next.leftovers().is_empty());
    next.leave(Some(&contents), false).unwrap();
    assert!(start(folder.path()).leftovers().is_empty());
}

#[test]
fn a_lock_that_was_left_alone_goes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("1-1.lock"), "").unwrap();
    fs::write(folder.path().join("notes.txt"), "of somebody else").unwrap();
    start(folder.path()).leave(None, true).unwrap();
    assert_eq!(files(folder.path()), ["notes.txt"]);
}

#[test]
fn a_window_that_was_closed_leaves_what_was_not_saved_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let session = session();
    start(folder.path()).leave(Some(&session.contents(Value::Null)), true).unwrap();
    let mut recovery = start(folder.path());
    assert_eq!(recovery.leftovers().len(), 1);
    assert!(!recovery.leftovers()[0].crashed, "it does not come back by itself");
    assert_eq!(recovered(&recovery).runs().all().len(), 2);
    // Another window does not take what this one holds.
    let other = start(folder.path());
    assert!(other.leftovers().is_empty());
    other.leave(None, true).unwrap();
    let path = recovery.leftovers()[0].path.clone();
    recovery.discard(&path);
    assert!(!path.exists() && recovery.leftovers().is_empty());
    recovery.leave(None, true).unwrap();
    assert!(files(folder.path()).is_empty(), "{:?}", files(folder.path()));
}

#[test]
fn what_ends_the_program_while_it_is_brought_back_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    let recovery = start(folder.path());
    recovery.offer(session().contents(Value::Null));
    wait_until("the session on disk", || {
        fs::read_dir(folder.path()).unwrap().any(|f| f.unwrap().path().join("about").exists())
    });
    drop(recovery);
    let recovery = start(folder.path());
    assert!(recovery.leftovers()[0].crashed);
    recovery.leftovers()[0].try_once();
    drop(recovery);
    let recovery = start(folder.path());
    assert!(!recovery.leftovers()[0].crashed);
    // Damaged, it is reported and stays.
    fs::write(&recovery.leftovers()[0].path, b"{").unwrap();
    let session = recovered(&recovery);
    assert!(session.messages().iter().any(|m| m.text.contains("Not recovered: not a session")));
    assert!(recovery.leftovers()[0].path.exists());
}

#[test]
fn the_latest_are_kept_and_the_oldest_go() {
    let folder = tempfile::tempdir().unwrap();
    let session = session();
    for seed in 0..8 {
        let mut contents = session.contents(Value::Null);
        contents.draft.seed = seed;
        start(folder.path()).leave(Some(&contents), true).unwrap();
        std::thread::sleep(Duration::from_millis(15));
    }
    let recovery = start(folder.path());
    assert_eq!(recovery.leftovers().len(), 5);
    assert_eq!(recovered(&recovery).draft().seed, 7);
}

#[test]
fn no_folder_and_no_room_are_reported_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "in the way").unwrap();
    assert!(Recovery::start(&file, SOON, Arc::new(|| {})).is_err());
    let woken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&woken);
    let wake = Arc::new(move || {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let root = folder.path().join("recovery");
    let recovery = Recovery::start(&root, SOON, wake).unwrap();
    // Its folder becomes one in which nothing can be written.
    let own = fs::read_dir(&root).unwrap().map(|f| f.unwrap().path()).find(|path| path.is_dir()).unwrap();
    fs::remove_dir(&own).unwrap();
    fs::write(&own, "in the way").unwrap();
    let session = session();
    recovery.offer(session.contents(Value::Null));
    wait_until("the failure", || woken.load(Ordering::Relaxed) == 1);
    assert!(recovery.take_failure().unwrap().contains("could not write"));
    recovery.offer(session.contents(Value::Null));
    std::thread::sleep(10 * SOON);
    assert_eq!((recovery.take_failure(), woken.load(Ordering::Relaxed)), (None, 1));
}
