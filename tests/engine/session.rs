//! The session as the window drives it, without a window: runs, their control, their failures.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use snmf_workbench::codec::{self, Form};
use snmf_workbench::engine::run::job::{self, Job};
use snmf_workbench::engine::run::measure;
use snmf_workbench::engine::session::pool;
use snmf_workbench::engine::task::Waker;
use snmf_workbench::engine::{
    Analysis, ColumnId, Command, ExperimentSpec, InputSpec, InputState, Learning, Session, Source, SpecDraft,
    Status, Stop, files,
};
use snmf_workbench::numeric::{Method, Precision, QuantParams, QuantTarget, RunSpec};
use snmf_workbench::signal::ReadOptions;

fn input(name: &str) -> InputSpec {
    InputSpec { source: Source::parse(name).unwrap(), read: ReadOptions::default() }
}

fn nobody() -> Waker {
    Arc::new(|| {})
}

/// A small experiment on both columns.
fn draft(components: usize, lags: usize, iterations: usize) -> SpecDraft {
    SpecDraft { components, lags, iterations, ..SpecDraft::default() }
}

/// One that goes on until it is stopped: plain updates never find that they are at the bottom.
fn endless(components: usize, lags: usize) -> SpecDraft {
    SpecDraft { plain: true, ..draft(components, lags, 1_000_000) }
}

fn session_on(name: &str, draft: SpecDraft) -> Session {
    let mut session = Session::new(2, nobody()).unwrap();
    session.apply(Command::SetDraft(draft));
    session.apply(Command::Open(input(name)));
    session
}

fn wait_until(session: &mut Session, what: &str, done: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    loop {
        session.poll();
        if done(session) {
            return;
        }
        assert!(
            begun.elapsed() < Duration::from_mins(1),
            "waited a minute for: {what}; {:?}",
            session.messages()
        );
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn both(session: &Session, is: impl Fn(&Status) -> bool) -> bool {
    ColumnId::BOTH.into_iter().all(|column| is(&session.column(column).status))
}

fn has_message(session: &Session, words: &str) -> bool {
    session.messages().iter().any(|m| m.text.contains(words))
}

fn analyse(name: &str, experiment: &ExperimentSpec, threads: usize) -> Arc<Analysis> {
    Arc::new(Analysis::read(&input(name), experiment.framing, &pool(threads).unwrap()).unwrap())
}

fn bytes(analysis: &Arc<Analysis>, spec: &RunSpec, threads: usize) -> Vec<u8> {
    let workers = pool(threads).unwrap();
    let learning = Learning::new(Arc::clone(analysis), spec);
    let go_on = &mut |_: &job::Progress<'_>| std::ops::ControlFlow::Continue(());
    let (snapshot, stop) = job::drive(&learning, spec, Form::default(), &workers, go_on);
    assert_eq!(stop, Stop::IterationLimit);
    codec::write(&measure::stored(analysis, spec, &snapshot, Form::default()))
}

#[test]
fn one_two_and_seven_threads_write_the_same_bytes() {
    for double in [false, true] {
        let wanted = SpecDraft { methods: Method::ALL.to_vec(), double, ..draft(4, 3, 12) };
        let experiment = wanted.parse().unwrap();
        for name in ["demo:drums", "demo:speech"] {
            let reference = analyse(name, &experiment, 1);
            for spec in &experiment.runs {
                let one = bytes(&reference, spec, 1);
                for threads in [2, 7] {
                    let again = analyse(name, &experiment, threads);
                    assert!(one == bytes(&again, spec, threads), "{name}, {}, {threads}", spec.method.name());
                }
            }
        }
    }
}

#[test]
fn the_seed_decides_and_nothing_else_does() {
    let experiment = draft(3, 2, 5).parse().unwrap();
    let analysis = analyse("demo:noise-burst", &experiment, 2);
    let spec = experiment.runs[1].clone();
    assert!(bytes(&analysis, &spec, 2) == bytes(&analysis, &spec, 2));
    assert!(bytes(&analysis, &spec, 2) != bytes(&analysis, &RunSpec { seed: 1, ..spec }, 2));
}

#[test]
fn two_columns_that_need_the_same_spectrogram_at_once_do_not_wait_for_each_other() {
    // Each has a learning of its own, so that both make V in double precision.
    let methods = vec![Method::SNMF_POSTER, Method::PTQ_ADAPTIVE];
    for seed in 0..40 {
        let wanted = SpecDraft { methods: methods.clone(), double: true, seed, ..draft(2, 1, 1) };
        let mut session = session_on("demo:evolving", wanted);
        session.apply(Command::Run(ColumnId::BOTH.to_vec()));
        wait_until(&mut session, "both columns", |s| both(s, |s| *s == Status::Ended(Stop::IterationLimit)));
    }
}

#[test]
fn odd_sizes_run_to_their_end() {
    // More lags than frames; many more components than the spectrogram has bins or frames.
    for (components, lags) in [(2, 40), (500, 1), (1, 1)] {
        let mut session = session_on("tests/fixtures/short.wav", draft(components, lags, 2));
        session.apply(Command::Run(ColumnId::BOTH.to_vec()));
        wait_until(&mut session, "both columns", |s| {
            ColumnId::BOTH.into_iter().all(|l| s.column(l).snapshot.is_some() && s.is_settled(l))
        });
        assert!(both(&session, |s| *s == Status::Ended(Stop::IterationLimit)), "R {components}, T {lags}");
        for column in ColumnId::BOTH {
            let snr = session.column(column).measures.as_ref().unwrap().quality.snr_db.unwrap();
            assert!(snr.is_finite(), "R {components}, T {lags}: {snr} dB");
        }
    }
}

#[test]
fn silence_fails_the_column_and_says_why() {
    let mut session = session_on("tests/fixtures/zeros.wav", draft(2, 2, 5));
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "the refusal", |s| both(s, |s| matches!(s, Status::Failed { .. })));
    let Status::Failed { reason } = &session.column(ColumnId::A).status else { unreachable!() };
    assert!(reason.contains("every sample is zero") && reason.contains("zeros.wav"), "{reason}");
    // The next input is as welcome as ever.
    session.apply(Command::Open(input("tests/fixtures/short.wav")));
    session.apply(Command::Run(vec![ColumnId::B]));
    wait_until(&mut session, "column B", |s| {
        s.column(ColumnId::B).status == Status::Ended(Stop::IterationLimit)
    });
    assert!(matches!(session.column(ColumnId::A).status, Status::Failed { .. }));
}

#[test]
fn what_cannot_fit_is_refused_before_it_starts() {
    let huge = SpecDraft { fft: 65_536.into(), hop: 256.into(), ..draft(2000, 1000, 5) };
    let mut session = session_on("demo:speech", huge);
    session.apply(Command::Run(vec![ColumnId::A]));
    wait_until(&mut session, "the refusal", |s| {
        matches!(s.column(ColumnId::A).status, Status::Failed { .. })
    });
    assert!(has_message(&session, "MiB are free"), "{:?}", session.messages());
}

#[test]
fn a_setting_out_of_range_is_named_and_runs_nothing() {
    for (wrong, words) in [
        (draft(0, 2, 5), "components"),
        (draft(2, 0, 5), "lags"),
        (draft(2, 1001, 5), "lags"),
        (draft(2, 2, 0), "iterations"),
        (SpecDraft { levels: Some((0, 3)), ..draft(2, 2, 2) }, "levels"),
    ] {
        let mut session = session_on("tests/fixtures/short.wav", wrong);
        session.apply(Command::Run(ColumnId::BOTH.to_vec()));
        wait_until(&mut session, "the refusal", |s| has_message(s, words));
        assert!(both(&session, |s| *s == Status::Empty), "{words}");
    }
    for (wrong, words) in [
        (SpecDraft { fft: 0.into(), ..draft(2, 2, 2) }, "fft"),
        (SpecDraft { fft: (1 << 20).into(), ..draft(2, 2, 2) }, "fft"),
        (SpecDraft { hop: 0.into(), ..draft(2, 2, 2) }, "hop"),
        (SpecDraft { hop: 2048.into(), ..draft(2, 2, 2) }, "hop"),
    ] {
        let mut session = session_on("tests/fixtures/short.wav", wrong);
        assert!(has_message(&session, words), "{words}: {:?}", session.messages());
        session.apply(Command::Run(ColumnId::BOTH.to_vec()));
        session.poll();
        assert!(both(&session, |s| *s == Status::Empty));
    }
}

#[test]
fn cancelling_keeps_the_factors_of_the_last_iteration() {
    let mut session = session_on("demo:speech", endless(4, 4));
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "first snapshots", |s| {
        ColumnId::BOTH.into_iter().all(|column| s.column(column).snapshot.is_some())
    });
    session.apply(Command::Pause(ColumnId::B));
    for column in ColumnId::BOTH {
        session.apply(Command::Cancel(column));
    }
    wait_until(&mut session, "the end", |s| both(s, |s| *s == Status::Ended(Stop::Cancelled)));
    wait_until(&mut session, "measures", |s| ColumnId::BOTH.into_iter().all(|column| s.is_settled(column)));
    for column in ColumnId::BOTH {
        let snapshot = session.column(column).snapshot.as_ref().unwrap();
        assert!(snapshot.iteration >= 1 && snapshot.iteration < snapshot.total);
        assert_eq!(snapshot.objective.len(), snapshot.iteration);
        assert_eq!(session.column(column).measures.as_ref().unwrap().iteration, snapshot.iteration);
    }
}

#[test]
fn two_columns_share_the_pool_fairly() {
    let methods = vec![Method::CNMF, Method::CNMF];
    let mut session = session_on("demo:speech", SpecDraft { methods, ..endless(10, 8) });
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    let done =
        |s: &Session, column| s.column(column).snapshot.as_ref().map_or(0, |snapshot| snapshot.iteration);
    wait_until(&mut session, "two hundred iterations of the quicker column", |s| {
        ColumnId::BOTH.into_iter().any(|column| done(s, column) >= 200)
    });
    let [a, b] = ColumnId::BOTH.map(|column| done(&session, column));
    // Snapshots lag behind by 50 ms, and column B started a little later.
    assert!(a.min(b) * 3 >= a.max(b), "{a} iterations against {b}");
}

#[test]
fn a_run_that_is_started_again_takes_the_place_of_the_first() {
    let mut session = session_on("demo:speech", endless(4, 4));
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "a snapshot", |s| s.column(ColumnId::A).snapshot.is_some());
    assert!(!session.is_stale(ColumnId::A));
    session.apply(Command::SetDraft(draft(3, 2, 4)));
    assert!(session.is_stale(ColumnId::A), "settings differ from those of the run");
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "the second run", |s| both(s, |s| *s == Status::Ended(Stop::IterationLimit)));
    for column in ColumnId::BOTH {
        let snapshot = session.column(column).snapshot.as_ref().unwrap();
        assert_eq!((snapshot.iteration, snapshot.model.shape().components), (4, 3));
    }
    assert!(!session.is_stale(ColumnId::A));
    wait_until(&mut session, "everything at rest", |s| !s.busy());
}

#[test]
fn a_panic_in_a_job_is_an_ending_with_a_text() {
    let experiment = draft(2, 2, 5).parse().unwrap();
    let analysis = analyse("tests/fixtures/short.wav", &experiment, 1);
    // No specification that is parsed says this: it stands for a mistake in a kernel.
    let broken = RunSpec { lags: 0, ..experiment.runs[0].clone() };
    let woken = Arc::new(Mutex::new(false));
    let text = Arc::clone(&woken);
    let wake: Waker = Arc::new(move || *text.lock().unwrap() = true);
    let job = Job::start(
        "test",
        Arc::new(Learning::new(analysis, &broken)),
        broken,
        Arc::new(pool(2).unwrap()),
        wake,
    )
    .unwrap();
    let begun = Instant::now();
    let ending = loop {
        if let Some(ending) = job.take_ending() {
            break ending;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "the job ends");
        std::thread::sleep(Duration::from_millis(2));
    };
    assert!(!ending.unwrap_err().is_empty());
    let begun = Instant::now();
    while !*woken.lock().unwrap() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the window gets a message");
    }
}

#[test]
fn an_export_that_is_refused_says_so_and_the_session_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session_on("tests/fixtures/short.wav", draft(2, 2, 3));
    let export = |path: PathBuf, overwrite| Command::Export {
        column: ColumnId::A,
        path,
        form: Form { encoding: codec::Encoding::Text, ..Form::default() },
        overwrite,
    };
    session.apply(export(folder.path().join("early.gz"), false));
    assert!(has_message(&session, "no factors"), "{:?}", session.messages());
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "both columns", |s| both(s, |s| *s == Status::Ended(Stop::IterationLimit)));
    let taken = folder.path().join("taken.snmf.gz");
    std::fs::write(&taken, "mine").unwrap();
    session.apply(export(taken.clone(), false));
    wait_until(&mut session, "the refusal", |s| has_message(s, "exists already"));
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    session.apply(export(folder.path().join("nowhere/out.snmf.gz"), false));
    wait_until(&mut session, "the refusal", |s| has_message(s, "could not write"));
    session.apply(export(taken.clone(), true));
    wait_until(&mut session, "the export", |s| has_message(s, "Exported"));
    let stored = codec::read(&std::fs::read(&taken).unwrap(), &codec::Limits::default()).unwrap();
    assert_eq!(stored.model, session.column(ColumnId::A).snapshot.as_ref().unwrap().model);
}

#[test]
fn a_reading_that_is_ended_leaves_what_was_open() {
    let mut session = session_on("demo:noise-burst", draft(2, 1, 5));
    wait_until(&mut session, "the demo", |s| matches!(s.input(), InputState::Ready(_)));
    // Once while it is read, and once where it was overtaken by another one before that.
    for overtaken in [false, true] {
        if overtaken {
            session.apply(Command::Open(input("tests/fixtures/short.flac")));
        }
        session.apply(Command::Open(input("tests/fixtures/short.wav")));
        session.apply(Command::Run(ColumnId::BOTH.to_vec()));
        session.apply(Command::StopReading);
        wait_until(&mut session, "its end", |s| !matches!(s.input(), InputState::Loading { .. }));
        let InputState::Ready(analysis) = session.input() else { unreachable!("{:?}", session.messages()) };
        assert_eq!(analysis.name, "demo:noise-burst");
        assert!(has_message(&session, "short.wav: its reading was ended"), "{:?}", session.messages());
        assert!(both(&session, |status| *status == Status::Empty), "and runs nothing");
    }
}

#[test]
fn settings_that_are_chosen_while_a_sound_is_read_are_those_of_its_analysis() {
    let mut session = session_on("demo:noise-burst", draft(2, 1, 5));
    for fft in [2048, 256, 512] {
        session.apply(Command::SetDraft(SpecDraft {
            fft: fft.into(),
            hop: (fft / 2).into(),
            ..draft(2, 1, 5)
        }));
    }
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "both columns", |s| both(s, |status| matches!(status, Status::Ended(_))));
    let InputState::Ready(analysis) = session.input() else { unreachable!("{:?}", session.messages()) };
    assert_eq!((analysis.stft.fft, analysis.bins()), (512, 257));
    let bins = |column| session.column(column).snapshot.as_ref().map(|s| s.model.shape().bins);
    assert_eq!(ColumnId::BOTH.map(bins), [Some(257); 2]);
}

#[test]
fn a_broken_stream_leaves_the_column_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.snmf.gz");
    std::fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0, 0]).unwrap();
    let mut session = session_on("tests/fixtures/short.wav", draft(2, 2, 3));
    session.apply(Command::Run(vec![ColumnId::A]));
    wait_until(&mut session, "column A", |s| {
        s.column(ColumnId::A).status == Status::Ended(Stop::IterationLimit)
    });
    session.apply(Command::Import { column: ColumnId::A, path });
    wait_until(&mut session, "the refusal", |s| has_message(s, "broken.snmf.gz"));
    assert_eq!(session.column(ColumnId::A).status, Status::Ended(Stop::IterationLimit));
    assert!(session.column(ColumnId::A).snapshot.is_some());
}

/// A stream of a run on the short fixture, in a file.
fn exported(folder: &std::path::Path, draft: SpecDraft) -> PathBuf {
    let mut session = session_on("tests/fixtures/short.wav", draft);
    session.apply(Command::Run(vec![ColumnId::B]));
    wait_until(&mut session, "column B", |s| {
        s.is_settled(ColumnId::B) && s.column(ColumnId::B).measures.is_some()
    });
    let path = folder.join("b.snmf.gz");
    let (form, overwrite) = (Form::default(), false);
    session.apply(Command::Export { column: ColumnId::B, path: path.clone(), form, overwrite });
    wait_until(&mut session, "the file", |s| has_message(s, "Exported"));
    path
}

#[test]
fn a_stream_without_bases_is_imported_with_those_beside_it_and_exported_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = exported(folder.path(), draft(2, 3, 5));
    let whole = std::fs::read(&path).unwrap();
    let mut stored = codec::read(&whole, &codec::Limits::default()).unwrap();
    stored.form.bases = codec::Digest::parse(&files::sha256(&whole));
    let alone = folder.path().join("alone.snmf.gz");
    std::fs::write(&alone, codec::write(&stored)).unwrap();
    let mut session = Session::new(2, nobody()).unwrap();
    session.apply(Command::Import { column: ColumnId::A, path: alone.clone() });
    wait_until(&mut session, "the import", |s| s.column(ColumnId::A).measures.is_some());
    assert_eq!(session.column(ColumnId::A).snapshot.as_ref().unwrap().model, stored.model);
    let (to, form) = (folder.path().join("again.snmf.gz"), Form::default());
    session.apply(Command::Export { column: ColumnId::A, path: to.clone(), form, overwrite: false });
    wait_until(&mut session, "the file", |s| has_message(s, "Exported"));
    assert_eq!(
        codec::read(&std::fs::read(to).unwrap(), &codec::Limits::default()).unwrap().model,
        stored.model
    );

    std::fs::create_dir(folder.path().join("elsewhere")).unwrap();
    let elsewhere = folder.path().join("elsewhere/alone.snmf.gz");
    std::fs::rename(alone, &elsewhere).unwrap();
    session.apply(Command::Import { column: ColumnId::B, path: elsewhere });
    wait_until(&mut session, "the refusal", |s| has_message(s, "its bases W are not beside it"));
    assert_eq!(session.column(ColumnId::B).status, Status::Empty);
}

#[test]
fn an_imported_stream_gets_its_sound_later_and_a_message_says_whether_it_is_the_one() {
    let folder = tempfile::tempdir().unwrap();
    let unusual = SpecDraft { fft: 256.into(), hop: 128.into(), ..draft(2, 3, 20) };
    let path = exported(folder.path(), unusual);
    let mut session = Session::new(2, nobody()).unwrap();
    session.apply(Command::Import { column: ColumnId::A, path: path.clone() });
    wait_until(&mut session, "the import", |s| s.column(ColumnId::A).measures.is_some());
    assert!(session.column(ColumnId::A).measures.as_ref().unwrap().quality.snr_db.is_none(), "no sound yet");
    assert_eq!(session.runs().all().len(), 1, "it stands among the runs");

    // Its own sound, analysed as the stream says.
    session.apply(Command::Open(input("tests/fixtures/short.wav")));
    wait_until(&mut session, "the sound", |s| {
        has_message(s, "is the sound that the stream was learned from")
    });
    let measured =
        |s: &Session| s.column(ColumnId::A).measures.as_ref().is_some_and(|m| m.quality.snr_db.is_some());
    wait_until(&mut session, "its SNR", measured);
    assert_eq!((session.draft().fft, session.draft().hop), (256.into(), 128.into()));
    assert!(matches!(session.column(ColumnId::A).status, Status::Imported { .. }));

    // Another sound of another length cannot be compared, and a message says so.
    session.apply(Command::Open(input("demo:speech")));
    wait_until(&mut session, "the other sound", |s| has_message(s, "cannot be compared"));
    wait_until(&mut session, "no SNR", |s| !measured(s));
    assert!(session.column(ColumnId::A).snapshot.is_some());

    // Another sound of the same shape is reported and not refused.
    let spoken = InputSpec {
        read: ReadOptions { rate: Some(16_000), start: Some(1.0), end: Some(1.25), ..ReadOptions::default() },
        ..input("demo:speech")
    };
    session.apply(Command::Open(spoken));
    wait_until(&mut session, "the third sound", |s| has_message(s, "another SHA-256"));
    wait_until(&mut session, "its SNR", measured);

    // And what is run beside it stands beside it.
    session.apply(Command::Run(vec![ColumnId::B]));
    wait_until(&mut session, "column B", |s| s.runs().all().len() == 2);
    let numbers: Vec<usize> = session.runs().all().iter().map(|run| run.number).collect();
    let (imported, ran) = (numbers[0], numbers[1]);
    session.apply(Command::ShowRun { column: ColumnId::A, number: ran });
    session.apply(Command::ShowRun { column: ColumnId::B, number: imported });
    assert!(matches!(session.column(ColumnId::B).status, Status::Imported { .. }));
    assert!(matches!(session.column(ColumnId::A).status, Status::Ended(_)));
    assert!(session.ratios().is_some(), "both are measured already");
    wait_until(&mut session, "rest", |s| !s.busy());
    assert_eq!(session.runs().all().len(), 2, "shown again is not run again");
}

#[test]
fn bases_of_a_column_are_kept_by_the_runs_that_follow() {
    let folder = tempfile::tempdir().unwrap();
    let path = exported(folder.path(), draft(2, 3, 20));
    let mut session = session_on("demo:speech", draft(5, 4, 10));
    session.apply(Command::Import { column: ColumnId::A, path: path.clone() });
    wait_until(&mut session, "the import", |s| s.column(ColumnId::A).snapshot.is_some());
    session.apply(Command::UseBases(ColumnId::A));
    assert_eq!((session.draft().components, session.draft().lags), (2, 3));
    let command = session.draft().command_line(&input("demo:speech"));
    assert!(command.contains(&format!("--fixed-w {}", path.display())), "{command}");
    let given = session.column(ColumnId::A).snapshot.as_ref().unwrap().model.to_f64().w;
    session.apply(Command::Run(vec![ColumnId::B]));
    let ended = |s: &Session| matches!(s.column(ColumnId::B).status, Status::Ended(_));
    wait_until(&mut session, "column B", ended);
    assert_eq!(session.column(ColumnId::B).snapshot.as_ref().unwrap().model.to_f64().w, given);
    session.apply(Command::UseBases(ColumnId::B));
    assert!(session.draft().fixed.as_ref().unwrap().file.is_none(), "these were never in a file");
}

#[test]
fn both_precisions_come_near_each_other() {
    let experiment = draft(5, 3, 30).parse().unwrap();
    let analysis = analyse("demo:speech", &experiment, 2);
    let workers = pool(2).unwrap();
    let end = |precision| {
        let spec = RunSpec { precision, ..experiment.runs[0].clone() };
        let learning = Learning::new(Arc::clone(&analysis), &spec);
        let go_on = &mut |_: &job::Progress<'_>| std::ops::ControlFlow::Continue(());
        let (snapshot, _) = job::drive(&learning, &spec, Form::default(), &workers, go_on);
        *snapshot.objective.last().unwrap()
    };
    let (single, double) = (end(Precision::F32), end(Precision::F64));
    assert!((single / double - 1.0).abs() < 1e-2, "{single} {double}");
}

#[test]
fn columns_of_the_same_settings_share_what_is_learned_and_not_their_controls() {
    let mut session = session_on("demo:speech", endless(3, 4));
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    let at = |s: &Session, column| s.column(column).snapshot.as_ref().map_or(0, |s| s.iteration);
    wait_until(&mut session, "both under way", |s| ColumnId::BOTH.into_iter().all(|l| at(s, l) > 3));
    // Each goes on without the other, in either order.
    for (held, free) in [(ColumnId::A, ColumnId::B), (ColumnId::B, ColumnId::A)] {
        session.apply(Command::Pause(held));
        let now = at(&session, free);
        wait_until(&mut session, "the other column", |s| at(s, free) > now + 50);
        session.apply(Command::Resume(held));
        wait_until(&mut session, "the column that was held", |s| at(s, held) > now + 50);
    }
    session.apply(Command::Cancel(ColumnId::A));
    wait_until(&mut session, "the end of A", |s| {
        s.column(ColumnId::A).status == Status::Ended(Stop::Cancelled)
    });
    let now = at(&session, ColumnId::B);
    wait_until(&mut session, "B alone", |s| at(s, ColumnId::B) > now + 50);
    // Begun anew, A is at once where B is.
    session.apply(Command::Run(vec![ColumnId::A]));
    wait_until(&mut session, "A again", |s| at(s, ColumnId::A) > 0);
    assert!(at(&session, ColumnId::A) >= now, "{} of {now}", at(&session, ColumnId::A));
    ColumnId::BOTH.into_iter().for_each(|column| session.apply(Command::Cancel(column)));
    wait_until(&mut session, "everything at rest", |s| !s.busy());
}

#[test]
fn another_price_quantises_anew_without_learning_anew() {
    let mut session = session_on("demo:noise-burst", SpecDraft { lambda: Some(1e-4), ..draft(2, 2, 30) });
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    let settled =
        |s: &Session| ColumnId::BOTH.into_iter().all(|l| s.column(l).snapshot.is_some() && s.is_settled(l));
    wait_until(&mut session, "both columns", settled);
    let of = |s: &Session, column: ColumnId| {
        let column = s.column(column);
        (
            Arc::clone(&column.snapshot.as_ref().unwrap().objective),
            column.measures.as_ref().unwrap().sizes.file_bytes,
        )
    };
    let (learned, bytes) = of(&session, ColumnId::B);
    let (reference, _) = of(&session, ColumnId::A);
    session.apply(Command::SetDraft(SpecDraft { lambda: Some(1e-2), ..session.draft().clone() }));
    wait_until(&mut session, "the other price", |s| {
        s.column(ColumnId::B)
            .spec
            .as_ref()
            .is_some_and(|spec| spec.target == Some(QuantTarget::Fixed(QuantParams::Lambda(1e-2))))
            && settled(s)
    });
    let (again, fewer) = of(&session, ColumnId::B);
    assert!(Arc::ptr_eq(&learned, &again) && Arc::ptr_eq(&learned, &reference), "nothing was learned anew");
    assert!(fewer < bytes, "{bytes} bytes, then {fewer}");
    assert!(!session.is_stale(ColumnId::A) && !session.is_stale(ColumnId::B));
}

#[test]
fn a_target_out_of_reach_is_reported_and_the_nearest_shown() {
    let mut session = session_on("demo:noise-burst", SpecDraft { max_bytes: Some(5), ..draft(2, 1, 20) });
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(&mut session, "the miss", |s| {
        s.column(ColumnId::B).status == Status::Ended(Stop::TargetMissed)
    });
    wait_until(&mut session, "the measures", |s| s.is_settled(ColumnId::B));
    assert!(has_message(&session, "nothing reaches max-bytes:5"), "{:?}", session.messages());
    assert!(
        session.column(ColumnId::B).measures.as_ref().unwrap().sizes.file_bytes < 1000,
        "nearly nothing is stored"
    );
}

#[test]
fn a_sweep_fills_up_and_its_points_can_be_shown() {
    let mut session = session_on("tests/fixtures/short.wav", draft(2, 2, 10));
    session.apply(Command::Sweep);
    assert!(has_message(&session, "No sweep: open a sound first"));
    wait_until(&mut session, "the sound", |s| matches!(s.input(), InputState::Ready(_)));
    session.apply(Command::Sweep);
    wait_until(&mut session, "all points", |s| s.trace().is_some_and(|t| !t.is_running()));
    let points = session.trace().unwrap().points();
    assert_eq!(points.len(), session.trace().unwrap().planned());
    for method in Method::ALL {
        assert!(points.iter().any(|run| run.spec.method == method), "{}", method.name());
    }
    let index = points.iter().position(|run| run.spec.method == Method::SNMF_RD).unwrap();
    session.apply(Command::ShowPoint { column: ColumnId::A, point: index });
    session.apply(Command::ShowPoint { column: ColumnId::A, point: 10_000 });
    let column = session.column(ColumnId::A);
    assert_eq!(column.spec.clone().unwrap(), points[index].spec);
    assert_eq!(**column.measures.as_ref().unwrap(), points[index].measures);
    assert!(session.is_settled(ColumnId::A) && !session.is_stale(ColumnId::A));
    // What is shown is what is exported, and what its target found.
    let stored = column.stored(Form::default()).unwrap();
    assert_eq!(codec::write(&stored).len(), points[index].measures.sizes.file_bytes);
    // A second sweep, stopped, keeps what it has.
    session.apply(Command::Sweep);
    session.apply(Command::StopSweep);
    wait_until(&mut session, "everything at rest", |s| !s.busy());
    assert!(session.trace().unwrap().points().len() < points.len());
}
