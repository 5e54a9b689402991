//! Sessions as files: what is saved comes back bit for bit, sounds are found or located, damage is reported by field.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use snmf_workbench::codec::{self, ArchiveReader, Encoding, Form};
use snmf_workbench::engine::run::measure;
use snmf_workbench::engine::session::pool;
use snmf_workbench::engine::session_file::{self, FileKind};
use snmf_workbench::engine::{
    ColumnId, Command, InputSpec, InputState, Session, Source, SpecDraft, Status, Stop,
};
use snmf_workbench::numeric::{HRule, Init, Method};
use snmf_workbench::signal::ReadOptions;

fn new() -> Session {
    Session::new(2, Arc::new(|| {})).unwrap()
}

fn wait_until(session: &mut Session, what: &str, done: impl Fn(&Session) -> bool) {
    let begun = Instant::now();
    loop {
        session.poll();
        if done(session) {
            return;
        }
        assert!(begun.elapsed() < Duration::from_mins(1), "waited for {what}: {:?}", session.messages());
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn at_rest(session: &Session) -> bool {
    !session.busy() && ColumnId::BOTH.into_iter().all(|column| session.is_settled(column))
}

fn run(session: &mut Session, draft: SpecDraft) {
    session.apply(Command::SetDraft(draft));
    wait_until(session, "the input", at_rest);
    session.apply(Command::Run(ColumnId::BOTH.to_vec()));
    wait_until(session, "both columns", at_rest);
    for column in ColumnId::BOTH {
        let status = &session.column(column).status;
        assert!(matches!(status, Status::Ended(_)), "{status:?} {:?}", session.messages());
    }
}

fn open_sound(session: &mut Session, path: &Path) {
    let input = InputSpec { source: Source::File(path.to_owned()), read: ReadOptions::default() };
    session.apply(Command::Open(input));
    wait_until(session, "the sound", at_rest);
}

fn save(session: &mut Session, path: &Path, kind: FileKind) {
    let view = json!({ "time": [0.25, 1.0], "map": "magma" });
    session.apply(Command::SaveSession { path: path.to_owned(), kind, overwrite: true, view });
    wait_until(session, "the saved file", at_rest);
    assert!(has_message(session, "Saved the session"), "{:?}", session.messages());
    assert!(!session.is_changed());
}

fn opened(path: &Path) -> Session {
    let mut session = new();
    session.apply(Command::OpenSession(path.to_owned()));
    wait_until(&mut session, "the session", at_rest);
    assert!(has_message(&session, "Opened the session"), "{:?}", session.messages());
    session
}

fn has_message(session: &Session, words: &str) -> bool {
    session.messages().iter().any(|m| m.text.contains(words))
}

fn exported(session: &mut Session, number: usize, folder: &Path) -> Vec<u8> {
    session.apply(Command::ShowRun { column: ColumnId::A, number });
    let path = folder.join("exported.snmf.gz");
    let form = Form::default();
    session.apply(Command::Export { column: ColumnId::A, path: path.clone(), form, overwrite: true });
    wait_until(session, "the export", at_rest);
    fs::read(path).unwrap()
}

/// A sound with something to learn in it.
fn sound(path: &Path, seed: usize, samples: usize) {
    let mut bytes = Vec::new();
    let size = 2 * u32::try_from(samples).unwrap();
    bytes.extend(b"RIFF");
    bytes.extend((36 + size).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data");
    bytes.extend(size.to_le_bytes());
    for i in 0..samples {
        let (t, note) = (i as f64, 1 + (i / 2000 + seed) % 3);
        let x = (0.1 * t * note as f64).sin() + 0.1 * (t * t * 0.37).sin();
        #[allow(clippy::cast_possible_truncation)] // within -1.1..1.1
        bytes.extend(((x * 12_000.0) as i16).to_le_bytes());
    }
    fs::write(path, bytes).unwrap();
}

/// The number of a run: which column ends first is not always the same.
fn first_of(session: &Session, method: Method) -> usize {
    let mut runs = session.runs().all().iter();
    runs.find(|run| run.spec().is_some_and(|spec| spec.method == method)).unwrap().number
}

/// Runs of every kind: learned and quantised, in both precisions, with rules that are not usual, on given bases, on two
/// analyses of one sound, cancelled, imported, renamed and pinned.
fn everything(folder: &Path) -> (Session, PathBuf) {
    let path = folder.join("notes.wav");
    sound(&path, 0, 12_000);
    let mut session = new();
    open_sound(&mut session, &path);
    let small = SpecDraft {
        fft: 256.into(),
        hop: 128.into(),
        components: 3,
        lags: 2,
        iterations: 20,
        ..SpecDraft::default()
    };
    run(&mut session, small.clone());
    let methods = vec![Method::SNMF_POSTER, Method::PTQ_ADAPTIVE];
    let (levels, p) = (Some((40, 30)), 0.3);
    run(&mut session, SpecDraft { methods, double: true, levels, p, seed: 7, ..small.clone() });
    let rules = SpecDraft { h_rule: HRule::Average, init: Init::Svd, hop: 100.into(), ..small.clone() };
    run(&mut session, SpecDraft { max_bytes: Some(2000), tolerance: 0.01, ..rules });
    // Integers are given on, and further bases beside them are learned.
    session.apply(Command::SetDraft(small.clone()));
    wait_until(&mut session, "the first analysis", at_rest);
    let number = first_of(&session, Method::SNMF_RD);
    session.apply(Command::ShowRun { column: ColumnId::B, number });
    session.apply(Command::UseBases(ColumnId::B));
    let given = SpecDraft { components: 4, ..session.draft().clone() };
    run(&mut session, given);
    // A stream in another form than the usual one.
    let mut stored = session.column(ColumnId::B).stored(Form::default()).unwrap();
    stored.form.encoding = Encoding::Text;
    let stream = folder.join("other.snmf.gz");
    fs::write(&stream, codec::write(&stored)).unwrap();
    session.apply(Command::Import { column: ColumnId::A, path: stream });
    wait_until(&mut session, "the imported stream", at_rest);
    session.apply(Command::RenameRun { number, title: "the \"best\" \u{2014} ever".to_owned() });
    let number = first_of(&session, Method::SNMF_POSTER);
    session.apply(Command::PinRun { number, pinned: true });
    session.apply(Command::DeleteRun(first_of(&session, Method::PTQ_ADAPTIVE)));
    (session, path)
}

fn assert_same(before: &mut Session, after: &mut Session, folder: &Path) {
    assert_eq!(after.draft(), before.draft());
    let (ours, theirs) = (before.runs().all().to_vec(), after.runs().all().to_vec());
    assert_eq!(ours.len(), theirs.len());
    for (one, other) in ours.iter().zip(&theirs) {
        let of = |run: &snmf_workbench::engine::RunRecord| {
            (run.number, run.label().to_owned(), run.pinned, run.input.clone(), run.status.clone())
        };
        assert_eq!(of(one), of(other));
        assert_eq!(one.spec(), other.spec(), "run {}", one.number);
        assert_eq!(one.measures, other.measures, "run {}", one.number);
        assert_eq!(one.settings(), other.settings(), "run {}", one.number);
        let (a, b) = (one.snapshot(), other.snapshot());
        assert_eq!(format!("{a:?}"), format!("{b:?}"), "run {}", one.number);
        assert!(
            exported(before, one.number, folder) == exported(after, one.number, folder),
            "run {} is exported as before",
            one.number
        );
    }
}

#[test]
fn a_session_comes_back_bit_for_bit() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, _) = everything(folder.path());
    assert_eq!(before.runs().all().len(), 8, "{:?}", before.messages());
    let path = folder.path().join("work.session.json");
    let columns = ColumnId::BOTH.map(|column| before.column(column).number());
    save(&mut before, &path, FileKind::Session);
    let mut after = opened(&path);
    assert_eq!(ColumnId::BOTH.map(|column| after.column(column).number()), columns);
    assert_eq!(after.take_view(), Some(json!({ "time": [0.25, 1.0], "map": "magma" })));
    assert_eq!(after.take_view(), None);
    assert_eq!(after.file(), Some((path.as_path(), FileKind::Session)));
    assert!(!after.is_changed() && after.missing_sounds().is_empty());
    assert_same(&mut before, &mut after, folder.path());
    // The numbers that are kept are those that the factors have.
    for run in after.runs().all().to_vec() {
        after.apply(Command::ShowRun { column: ColumnId::B, number: run.number });
        let column = after.column(ColumnId::B);
        let stored = column.stored(Form::default()).unwrap();
        let iteration = column.snapshot.as_ref().unwrap().iteration;
        let of = measure::measure(&stored, iteration, column.analysis.as_deref(), &pool(2).unwrap());
        if !matches!(run.status, Status::Imported { .. }) {
            // Those of the CNMF are not in the factors.
            let cnmf = run.measures.cnmf;
            assert_eq!(*run.measures, measure::Measures { cnmf, ..of }, "run {}", run.number);
        }
    }
    // What was done since goes on where the count was.
    after.apply(Command::SetDraft(SpecDraft { fixed: None, ..after.draft().clone() }));
    after.apply(Command::Run(vec![ColumnId::B]));
    wait_until(&mut after, "another run", at_rest);
    assert_eq!(after.runs().all().last().unwrap().number, 10);
    assert!(after.is_changed());
}

#[test]
fn what_was_opened_is_saved_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, _) = everything(folder.path());
    let [first, second] = ["first", "second"].map(|name| folder.path().join(format!("{name}.session.json")));
    let of_first = ColumnId::BOTH.map(|column| before.column(column).number());
    save(&mut before, &first, FileKind::Session);
    let mut after = opened(&first);
    assert_eq!(ColumnId::BOTH.map(|column| after.column(column).number()), of_first);
    save(&mut after, &second, FileKind::Session);
    assert_eq!(fs::read_to_string(first).unwrap(), fs::read_to_string(second).unwrap());
}

#[test]
fn results_that_were_not_changed_are_not_stale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.wav");
    sound(&path, 0, 8000);
    let mut session = new();
    open_sound(&mut session, &path);
    run(&mut session, SpecDraft { components: 2, lags: 2, iterations: 5, ..SpecDraft::default() });
    let file = folder.path().join("a.session.json");
    save(&mut session, &file, FileKind::Session);
    let mut session = opened(&file);
    assert!(ColumnId::BOTH.into_iter().all(|column| !session.is_stale(column)));
    assert!(session.ratios().is_some());
    let draft = SpecDraft { seed: 5, ..session.draft().clone() };
    session.apply(Command::SetDraft(draft));
    assert!(ColumnId::BOTH.into_iter().all(|column| session.is_stale(column)));
}

#[test]
fn a_session_and_its_sound_move_together_or_alone() {
    let folder = tempfile::tempdir().unwrap();
    let [here, there] = ["here", "there"].map(|name| folder.path().join(name));
    fs::create_dir_all(here.join("sounds")).unwrap();
    fs::create_dir_all(&there).unwrap();
    let wav = here.join("sounds/notes.wav");
    sound(&wav, 0, 8000);
    let mut session = new();
    open_sound(&mut session, &wav);
    run(&mut session, SpecDraft { components: 2, lags: 2, iterations: 5, ..SpecDraft::default() });
    save(&mut session, &here.join("a.session.json"), FileKind::Session);
    // Alone: the sound is where it was.
    fs::copy(here.join("a.session.json"), there.join("a.session.json")).unwrap();
    assert!(opened(&there.join("a.session.json")).missing_sounds().is_empty());
    // Together: it is beside the session as it was.
    let moved = folder.path().join("moved");
    fs::rename(&here, &moved).unwrap();
    let session = opened(&moved.join("a.session.json"));
    let InputState::Ready(analysis) = session.input() else { panic!("{:?}", session.messages()) };
    assert_eq!(
        analysis.path().unwrap().canonicalize().unwrap(),
        moved.join("sounds/notes.wav").canonicalize().unwrap()
    );
}

#[test]
fn a_sound_that_is_gone_is_located_and_another_one_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, wav) = everything(folder.path());
    let path = folder.path().join("work.session.json");
    save(&mut before, &path, FileKind::Session);
    let [elsewhere, other, short] =
        ["elsewhere.wav", "other.wav", "short.wav"].map(|name| folder.path().join(name));
    fs::rename(&wav, &elsewhere).unwrap();
    sound(&other, 1, 12_000);
    sound(&short, 0, 5000);

    let mut session = opened(&path);
    assert!(has_message(&session, "notes.wav has to be located"), "{:?}", session.messages());
    assert_eq!(session.missing_sounds().iter().map(|sound| sound.name()).collect::<Vec<_>>(), ["notes.wav"]);
    assert!(matches!(session.input(), InputState::Failed { .. }));
    session.apply(Command::ShowRun { column: ColumnId::A, number: 1 });
    let column = session.column(ColumnId::A);
    assert!(
        column.analysis.is_none()
            && column.snapshot.is_some()
            && column.measures.as_ref().unwrap().quality.snr_db.is_some()
    );
    assert_same(&mut before, &mut session, folder.path());
    // Saved without its sound, it says of the sound what it said before.
    let again = folder.path().join("again.session.json");
    save(&mut session, &again, FileKind::Session);
    let sounds =
        |path: &Path| serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap()["sounds"].clone();
    assert_eq!(sounds(&path), sounds(&again));

    let mut wrong = opened(&again);
    wrong.apply(Command::Locate(short));
    wait_until(&mut wrong, "the short sound", at_rest);
    assert!(has_message(&wrong, "Not located: expected 129 bins"), "{:?}", wrong.messages());
    assert_eq!(wrong.missing_sounds().len(), 1);
    wrong.apply(Command::Locate(folder.path().join("nowhere.wav")));
    wait_until(&mut wrong, "no sound", at_rest);
    assert!(has_message(&wrong, "nowhere.wav") && wrong.missing_sounds().len() == 1);
    wrong.apply(Command::Locate(other));
    wait_until(&mut wrong, "the other sound", at_rest);
    assert!(
        has_message(&wrong, "is not the sound that the runs were learned from"),
        "{:?}",
        wrong.messages()
    );
    assert!(wrong.missing_sounds().is_empty());

    session.apply(Command::Locate(elsewhere));
    wait_until(&mut session, "the sound", at_rest);
    assert!(
        has_message(&session, "is the sound that its runs were learned from"),
        "{:?}",
        session.messages()
    );
    assert!(session.missing_sounds().is_empty() && matches!(session.input(), InputState::Ready(_)));
    assert!(session.column(ColumnId::A).analysis.is_some());
    assert_same(&mut before, &mut session, folder.path());
}

#[test]
fn a_sound_that_is_opened_by_hand_serves_the_runs_that_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, wav) = everything(folder.path());
    let path = folder.path().join("work.session.json");
    save(&mut before, &path, FileKind::Session);
    let elsewhere = folder.path().join("elsewhere.wav");
    fs::rename(&wav, &elsewhere).unwrap();
    let mut session = opened(&path);
    session.apply(Command::ShowRun { column: ColumnId::A, number: 1 });
    session.apply(Command::ShowRun { column: ColumnId::B, number: 2 });
    open_sound(&mut session, &elsewhere);
    assert!(
        ColumnId::BOTH.into_iter().all(|column| session.column(column).analysis.is_some()),
        "{:?}",
        session.messages()
    );
    // Another sound leaves what they have.
    let other = folder.path().join("other.wav");
    sound(&other, 1, 12_000);
    let has = session.column(ColumnId::A).analysis.clone().unwrap();
    open_sound(&mut session, &other);
    assert!(Arc::ptr_eq(session.column(ColumnId::A).analysis.as_ref().unwrap(), &has));
    assert!(session.is_stale(ColumnId::A));
}

#[test]
fn a_bundle_opens_without_anything_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, wav) = everything(folder.path());
    let path = folder.path().join("work.bundle.zip");
    save(&mut before, &path, FileKind::Bundle);
    let away = tempfile::tempdir().unwrap();
    let moved = away.path().join("from-a-friend.bundle.zip");
    fs::rename(&path, &moved).unwrap();
    let content = fs::read(&wav).unwrap();
    fs::remove_file(&wav).unwrap();
    let mut after = opened(&moved);
    assert!(after.missing_sounds().is_empty(), "{:?}", after.messages());
    assert_same(&mut before, &mut after, folder.path());
    let InputState::Ready(analysis) = after.input() else { panic!("{:?}", after.messages()) };
    assert_eq!((analysis.name.as_str(), fs::read(analysis.path().unwrap()).unwrap()), ("notes.wav", content));
    let unpacked = analysis.path().unwrap().clone();
    // A session without its sounds cannot keep it, and says so; a bundle can.
    save(&mut after, &away.path().join("b.session.json"), FileKind::Session);
    assert!(has_message(&after, "lives in the bundle only"), "{:?}", after.messages());
    save(&mut after, &away.path().join("c.bundle.zip"), FileKind::Bundle);
    drop(after);
    assert!(!unpacked.exists(), "what was unpacked goes with the session");
    assert!(opened(&away.path().join("c.bundle.zip")).missing_sounds().is_empty());
    // Its streams are files that anything reads.
    let archive = ArchiveReader::new(std::fs::File::open(&moved).unwrap()).unwrap();
    let names: Vec<String> = archive.names().collect();
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("runs/0") && name.ends_with("-notes__cnmf_R3_T2_s0.snmf.gz")),
        "{names:?}"
    );
    assert!(names.contains(&"sounds/0/notes.wav".to_owned()) && names.contains(&"session.json".to_owned()));
}

#[test]
fn what_is_under_way_is_kept_as_far_as_it_has_come() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.wav");
    sound(&path, 0, 8000);
    let mut session = new();
    open_sound(&mut session, &path);
    let endless =
        SpecDraft { components: 2, lags: 2, iterations: 1_000_000, plain: true, ..SpecDraft::default() };
    session.apply(Command::SetDraft(SpecDraft { methods: vec![Method::CNMF; 2], ..endless }));
    session.apply(Command::Run(vec![ColumnId::B]));
    wait_until(&mut session, "a measure", |session| session.column(ColumnId::B).measures.is_some());
    let file = folder.path().join("a.session.json");
    session.apply(Command::SaveSession {
        path: file.clone(),
        kind: FileKind::Session,
        overwrite: false,
        view: Value::Null,
    });
    wait_until(&mut session, "the file", |_| file.exists());
    let restored = opened(&file);
    let run = restored.runs().get(1).unwrap();
    assert_eq!(run.status, Status::Ended(Stop::Cancelled));
    assert!(run.snapshot().iteration > 0 && run.snapshot().objective.len() == run.snapshot().iteration);
    assert_eq!(restored.column(ColumnId::B).number(), Some(1));
    assert!(session.column(ColumnId::B).status.is_active(), "the run itself goes on");
    // What is there is not replaced unless somebody says so.
    session.apply(Command::SaveSession {
        path: file,
        kind: FileKind::Session,
        overwrite: false,
        view: Value::Null,
    });
    wait_until(&mut session, "the refusal", |session| has_message(session, "exists already"));
}

/// A small session as JSON.
fn small() -> (tempfile::TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.wav");
    sound(&path, 0, 3000);
    let mut session = new();
    open_sound(&mut session, &path);
    run(
        &mut session,
        SpecDraft {
            components: 2,
            lags: 1,
            iterations: 2,
            fft: 64.into(),
            hop: 64.into(),
            ..SpecDraft::default()
        },
    );
    session.apply(Command::UseBases(ColumnId::B));
    let file = folder.path().join("a.session.json");
    save(&mut session, &file, FileKind::Session);
    let value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    (folder, value)
}

fn error_of(folder: &Path, bytes: &[u8]) -> Option<String> {
    let path = folder.join("damaged.session.json");
    fs::write(&path, bytes).unwrap();
    session_file::read(&path, &pool(1).unwrap()).err().map(|e| e.to_string())
}

#[test]
fn each_wrong_field_is_named_and_nothing_is_half_loaded() {
    let (folder, good) = small();
    let whole = serde_json::to_vec(&good).unwrap();
    assert_eq!(error_of(folder.path(), &whole), None);
    let cases: [(&str, Value, &str); 24] = [
        ("/format", json!("audacity"), "audacity"),
        ("/version", json!("2.0"), "version 2.0: this program reads version 1"),
        ("/version", json!(null), "version"),
        ("/settings/fft", json!("large"), "settings.fft"),
        ("/settings/window", json!("round"), "settings.window"),
        ("/input", json!(9), "input: expected one of 1, counted from 0, got 9"),
        ("/sounds/0/source", json!("demo:nothing"), "sounds[0].source"),
        ("/sounds/0/sha256", json!("abc"), "sounds[0].sha256"),
        ("/analyses/0/sound", json!(3), "analyses[0].sound"),
        ("/analyses/0/window", json!("round"), "analyses[0].window"),
        ("/analyses/0/bins", json!(99), "runs[0].factors: expected 99 bins"),
        ("/bases/0/stream", json!("AAAA"), "bases[0]"),
        ("/given/bases", json!(4), "given.bases"),
        ("/runs/0/number", json!(0), "runs[0].number"),
        ("/runs/1/number", json!(1), "runs[1].number"),
        ("/runs/0/stop", json!("bored"), "runs[0].stop: expected one of iterations"),
        ("/runs/0/imported", json!("x"), "runs[0].stop"),
        ("/runs/0/settings/components", json!(0), "runs[0].settings: components"),
        ("/runs/0/settings/lags", json!(2), "runs[0].settings: expected R = 2 and T = 1"),
        ("/runs/0/course/objective", json!([1.0, "many"]), "runs[0].course.objective[1]"),
        ("/runs/0/measures/zeros_w", json!(-1), "runs[0].measures.zeros_w"),
        ("/runs/0/factors/stream", json!("H4sI!"), "runs[0].factors.stream"),
        ("/runs/0/factors", json!({ "file": "../../etc/passwd" }), "runs[0].factors.file"),
        ("/runs/1/course/quantising/lambda", json!(null), "runs[1].course.quantising"),
    ];
    for (pointer, value, expected) in cases {
        let mut bad = good.clone();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        bad.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        let text = error_of(folder.path(), &serde_json::to_vec(&bad).unwrap());
        assert!(text.as_ref().is_some_and(|text| text.contains(expected)), "{pointer}: {text:?}");
    }
    let mut missing = good.clone();
    missing["runs"][0]["measures"].as_object_mut().unwrap().remove("file_bytes");
    let text = error_of(folder.path(), &serde_json::to_vec(&missing).unwrap()).unwrap();
    assert!(text.contains("runs[0].measures") && text.contains("file_bytes"), "{text}");
    // A later minor version adds what this one passes over.
    let mut newer = good.clone();
    newer["version"] = json!("1.7");
    newer["mood"] = json!({ "of": ["the", "day"] });
    newer["runs"][0]["colour"] = json!("red");
    assert_eq!(error_of(folder.path(), &serde_json::to_vec(&newer).unwrap()), None);

    // A session that fails to open leaves the one that is there.
    let mut session = opened(&folder.path().join("a.session.json"));
    let before = (session.draft().clone(), session.runs().all().len(), session.revision());
    session.apply(Command::OpenSession(folder.path().join("damaged.session.json")));
    fs::write(folder.path().join("damaged.session.json"), &whole[..whole.len() / 2]).unwrap();
    session.apply(Command::OpenSession(folder.path().join("damaged.session.json")));
    wait_until(&mut session, "the refusal", |session| told_not_opened(session) && at_rest(session));
    assert_eq!((session.draft().clone(), session.runs().all().len(), session.revision()), before);
}

fn told_not_opened(session: &Session) -> bool {
    has_message(session, "Not opened") && has_message(session, "damaged.session.json")
}

#[test]
fn cuts_and_flipped_bits_are_an_error_or_a_session() {
    let (folder, good) = small();
    let workers = pool(1).unwrap();
    let json = serde_json::to_vec(&good).unwrap();
    let mut session = opened(&folder.path().join("a.session.json"));
    let bundle = folder.path().join("a.bundle.zip");
    save(&mut session, &bundle, FileKind::Bundle);
    let zip = fs::read(&bundle).unwrap();
    for (name, whole) in [("b.session.json", &json), ("b.bundle.zip", &zip)] {
        let path = folder.path().join(name);
        let mut errors = 0;
        for step in 0..400usize {
            let at = step * 7919 % whole.len();
            let mut damaged = whole.clone();
            if step % 4 == 0 {
                damaged.truncate(at);
            } else {
                damaged[at] ^= 1 << (step % 8);
            }
            fs::write(&path, &damaged).unwrap();
            errors += usize::from(session_file::read(&path, &workers).is_err());
        }
        assert!(errors > 200, "{name}: {errors} of 400 were noticed");
    }
}

#[test]
fn a_folder_a_device_and_a_sound_are_no_session() {
    let folder = tempfile::tempdir().unwrap();
    let workers = pool(1).unwrap();
    let error = |path: &Path| session_file::read(path, &workers).err().unwrap().to_string();
    assert!(error(folder.path()).contains("no file"));
    assert!(error(&folder.path().join("nothing.session.json")).contains("nothing.session.json"));
    let wav = folder.path().join("a.wav");
    sound(&wav, 0, 3000);
    assert!(error(&wav).contains("not a session"));
    #[cfg(unix)]
    {
        assert!(error(Path::new("/dev/zero")).contains("no file"));
        // A session that names a device as its sound is opened without it.
        let (folder, mut value) = small();
        value["sounds"][0]["absolute"] = json!("/dev/zero");
        value["sounds"][0]["relative"] = json!("../../../../../../dev/zero");
        let path = folder.path().join("device.session.json");
        fs::write(&path, serde_json::to_vec(&value).unwrap()).unwrap();
        assert_eq!(opened(&path).missing_sounds().len(), 1);
    }
}

/// Both files were written from the runs of `everything` by the first program that knew sessions.
#[test]
fn sessions_of_version_1_still_load() {
    let check = |session: &mut Session, sounds: usize| {
        assert_eq!(session.missing_sounds().len(), sounds, "{:?}", session.messages());
        let runs = session.runs().all().to_vec();
        assert_eq!((runs.len(), runs.last().unwrap().number), (8, 9));
        let first = |method| session.runs().get(first_of(session, method)).unwrap().clone();
        assert_eq!(first(Method::SNMF_RD).label(), "the \"best\" \u{2014} ever");
        let poster = first(Method::SNMF_POSTER);
        assert!(poster.pinned && poster.snapshot().update_stats.len() == 20);
        assert_eq!((poster.spec().unwrap().seed, poster.spec().unwrap().poster.p), (7, 0.3));
        assert!(matches!(runs[7].status, Status::Imported { .. }));
        assert_eq!(runs[6].spec().unwrap().fixed_components(), 3);
        assert_eq!(session.draft().fixed.as_ref().unwrap().bases.components(), 3);
        assert_eq!(
            runs.iter().filter(|run| run.spec().is_some_and(|spec| spec.init == Init::Svd)).count(),
            2
        );
        assert_eq!(session.take_view(), Some(json!({ "time": [0.25, 1.0], "map": "magma" })));
    };
    // The sound of the first is nowhere; the second holds it.
    check(&mut opened(Path::new("tests/fixtures/version-1.session.json")), 1);
    let mut bundle = opened(Path::new("tests/fixtures/version-1.bundle.zip"));
    check(&mut bundle, 0);
    let runs = bundle.runs().all().to_vec();
    for run in runs {
        bundle.apply(Command::ShowRun { column: ColumnId::A, number: run.number });
        let column = bundle.column(ColumnId::A);
        let stored = column.stored(column.imported.as_ref().unwrap().form).unwrap();
        let of = measure::measure(&stored, 0, column.analysis.as_deref(), &pool(2).unwrap());
        assert_eq!(of.sizes, run.measures.sizes, "run {}", run.number);
        let (now, then) = (of.quality.snr_db, run.measures.quality.snr_db);
        if let (Some(now), Some(then)) = (now, then) {
            assert!((now - then).abs() < 1e-6, "run {}: {now} {then}", run.number);
        }
    }
}

/// The places where `after` has not the value of `before`, among those that `before` has.
fn lost(after: &Value, before: &Value, place: &str) -> Vec<String> {
    match (after, before) {
        (Value::Object(after), Value::Object(before)) => {
            let of = |(key, value): (&String, &Value)| {
                lost(after.get(key).unwrap_or(&Value::Null), value, &format!("{place}.{key}"))
            };
            before.iter().flat_map(of).collect()
        }
        (Value::Array(after), Value::Array(before)) if after.len() == before.len() => {
            let of = |(i, (after, before))| lost(after, before, &format!("{place}[{i}]"));
            after.iter().zip(before).enumerate().flat_map(of).collect()
        }
        _ if after == before => Vec::new(),
        _ => vec![format!("{place}: {before} to {after}")],
    }
}

#[test]
fn a_session_of_version_1_is_saved_with_all_that_it_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("again.session.json");
    save(&mut opened(Path::new("tests/fixtures/version-1.session.json")), &path, FileKind::Session);
    let read = |path: &Path| -> Value { serde_json::from_slice(&fs::read(path).unwrap()).unwrap() };
    let mut lost = lost(&read(&path), &read(Path::new("tests/fixtures/version-1.session.json")), "");
    // The path counts from the file, the version is the program's, and methods without a metric have the usual one.
    lost.retain(|place| !place.contains(".relative:") && !place.starts_with(".program:"));
    lost.retain(|place| !place.ends_with(r#".settings.metric: "snr" to "kld""#));
    assert_eq!(lost, [""; 0]);
}

#[test]
fn mutated_sessions_and_bundles_give_an_error_or_a_session() {
    let folder = tempfile::tempdir().unwrap();
    let (mut before, _) = everything(folder.path());
    let pool = pool(1).unwrap();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    };
    for (name, kind) in [("a.session.json", FileKind::Session), ("a.bundle.zip", FileKind::Bundle)] {
        let path = folder.path().join(name);
        save(&mut before, &path, kind);
        let whole = fs::read(&path).unwrap();
        let mut refused = 0;
        for _ in 0..200 {
            let mut bytes = whole.clone();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] ^= 1 << random(8),
                    1 => drop(bytes.remove(at)),
                    2 => bytes.insert(at, b"9-[{\"\0\xff,"[random(8)]),
                    _ => bytes.truncate(at + 1),
                }
            }
            fs::write(&path, &bytes).unwrap();
            refused += usize::from(snmf_workbench::engine::session_file::read(&path, &pool).is_err());
        }
        assert!(refused > 20, "{refused} of {name}");
    }
}
