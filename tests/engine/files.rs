//! Files appear whole or not at all, whatever goes wrong on the way.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use nalgebra::DMatrix;
use snmf_workbench::codec::{self, Form, Header, Stored};
use snmf_workbench::engine::files::{
    FileError, check, check_below, check_folder, default_name, place, write_atomic, write_atomic_with,
    write_folder,
};
use snmf_workbench::numeric::{Factors, Model, Precision, Shape};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_writer_that_fails_half_way_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("factors.snmf.gz");
    for old in [None, Some("old")] {
        if let Some(old) = old {
            fs::write(&path, old).unwrap();
        }
        for fault in [io::ErrorKind::StorageFull, io::ErrorKind::PermissionDenied, io::ErrorKind::Interrupted]
        {
            let half = |file: &mut fs::File| {
                file.write_all(b"half of it")?;
                Err(io::Error::from(fault))
            };
            let error = write_atomic_with(&path, true, half).unwrap_err();
            assert!(matches!(&error, FileError::Write { source, .. } if source.kind() == fault));
            let text = error.to_string();
            assert!(text.contains("factors.snmf.gz") && text.contains("nothing was left"), "{text}");
            assert_eq!(fs::read_to_string(&path).ok().as_deref(), old);
            assert_eq!(names(folder.path()).len(), usize::from(old.is_some()), "no rubbish stays");
        }
    }
}

#[test]
fn a_writer_that_panics_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.png");
    fs::write(&path, "old").unwrap();
    let ended = std::panic::catch_unwind(|| write_atomic_with(&path, true, |_| panic!("in the middle")));
    assert!(ended.is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names(folder.path()), ["a.png"]);
}

#[test]
fn a_file_that_is_there_stays_unless_it_may_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    write_atomic(&path, false, b"one").unwrap();
    assert!(matches!(write_atomic(&path, false, b"two"), Err(FileError::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"one");
    write_atomic(&path, true, b"two").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"two");
    assert_eq!(names(folder.path()), ["a.gz"]);
}

#[test]
fn a_file_that_appears_while_another_is_written_is_not_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    let meanwhile = |file: &mut fs::File| {
        fs::write(&path, "of somebody else")?;
        file.write_all(b"mine")
    };
    assert!(matches!(write_atomic_with(&path, false, meanwhile), Err(FileError::Exists { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "of somebody else");
    assert_eq!(names(folder.path()), ["a.gz"]);
}

#[test]
fn exports_to_one_name_do_not_mix() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gz");
    let contents: Vec<Vec<u8>> = (0..8).map(|i| vec![b'0' + i; 200_000]).collect();
    for overwrite in [true, false] {
        let _ = fs::remove_file(&path);
        let done = std::thread::scope(|scope| {
            let write = |content| {
                let path = &path;
                scope.spawn(move || write_atomic(path, overwrite, content).is_ok())
            };
            let threads: Vec<_> = contents.iter().map(|content| write(content)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).filter(|done| *done).count()
        });
        assert_eq!(done, if overwrite { 8 } else { 1 });
        assert!(contents.contains(&fs::read(&path).unwrap()), "one of them, whole");
        assert_eq!(names(folder.path()), ["a.gz"]);
    }
}

#[test]
fn a_run_of_other_settings_gets_a_name_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let shape = Shape { bins: 1, frames: 1, components: 1, lags: 1 };
    let header =
        Header { method: "cnmf".to_owned(), fft: Some(1024), iterations: Some(10), ..Header::default() };
    let other = Header { fft: Some(2048), ..header.clone() };
    let at = |header: &Header, precision| place(folder.path(), header, shape, precision);
    let plain = folder.path().join("factors__cnmf_R1_T1_s0.snmf.gz");
    assert_eq!(at(&header, Precision::F32), plain);
    let model: Model<f32> = Model::Real(Factors {
        w: vec![DMatrix::from_element(1, 1, 1.0)],
        h: DMatrix::from_element(1, 1, 1.0),
    });
    let stored = Stored { header: header.clone(), model: model.into(), form: Form::default() };
    write_atomic(&plain, false, &codec::write(&stored)).unwrap();
    assert_eq!(at(&header, Precision::F32), plain, "the same run has the same name");
    let (second, third) = (at(&other, Precision::F32), at(&header, Precision::F64));
    assert!(second != plain && third != plain && second != third, "{second:?} {third:?}");
    assert_eq!(second, at(&other, Precision::F32), "always the same");
    let name = second.file_name().unwrap().to_str().unwrap();
    assert!(
        name.starts_with("factors__cnmf_R1_T1_s0_") && name.ends_with(".snmf.gz") && name.len() == 39,
        "{name}"
    );
    // What is no stream is in the way like any other file.
    fs::write(&plain, "something else").unwrap();
    assert_eq!(at(&other, Precision::F32), plain);
}

#[test]
fn a_folder_in_the_way_or_none_at_all_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(write_atomic(folder.path(), true, b"x"), Err(FileError::Write { .. })));
    let nowhere = folder.path().join("no/such/folder/a.gz");
    let text = write_atomic(&nowhere, true, b"x").unwrap_err().to_string();
    assert!(text.contains("no/such/folder/a.gz"), "{text}");
    assert!(names(folder.path()).is_empty());
}

#[test]
fn default_names_say_what_is_inside() {
    let shape = Shape { bins: 3, frames: 4, components: 20, lags: 5 };
    let named = |input: Option<&str>| {
        let header = Header {
            input: input.map(str::to_owned),
            method: "snmf-poster".to_owned(),
            seed: Some(7),
            ..Header::default()
        };
        default_name(&header, shape)
    };
    assert_eq!(named(Some("demo:speech")), "demo-speech__snmf-poster_R20_T5_s7.snmf.gz");
    assert_eq!(named(Some("my song (1).wav")), "my-song--1-__snmf-poster_R20_T5_s7.snmf.gz");
    assert_eq!(named(None), "factors__snmf-poster_R20_T5_s7.snmf.gz");
}

#[test]
fn a_name_is_never_too_long_and_never_leads_elsewhere() {
    let shape = Shape { bins: 3, frames: 4, components: 20, lags: 5 };
    let named = |input: &str, method: &str| {
        let (input, method) = (Some(input.to_owned()), method.to_owned());
        default_name(&Header { input, method, ..Header::default() }, shape)
    };
    let long = "あ".repeat(80);
    let names = [
        named(&format!("{long}a.wav"), "cnmf"),
        named(&format!("{long}b.wav"), "cnmf"),
        named("x.wav", &"A".repeat(230)),
        named(&long, &"/../é".repeat(50)),
        named("../../etc/passwd", "../../x"),
    ];
    for (i, name) in names.iter().enumerate() {
        assert!(name.len() <= 200 && name.ends_with("_R20_T5_s0.snmf.gz"), "{} bytes: {name}", name.len());
        assert!(!name.contains('/') && !names[..i].contains(name), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    write_atomic(&folder.path().join(&names[3]), false, b"x").unwrap();
    assert_eq!(self::names(folder.path()), names[3..4]);
}

#[test]
fn a_place_that_takes_nothing_is_reported_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::write(at("file"), "x").unwrap();
    fs::create_dir(at("full")).unwrap();
    fs::write(at("full/x"), "x").unwrap();
    let refusal = |outcome: Result<(), FileError>| outcome.unwrap_err().to_string();
    for (outcome, word) in [
        (check(&at("file"), false), "exists already"),
        (check(&at("full"), true), "it is a folder"),
        (check(&at("nowhere/x"), true), "No such file"),
        (check(&at("file/x"), true), "Not a directory"),
        (check(&at(&"x".repeat(300)), true), "too long"),
        (check_folder(&at("full"), false), "exists already"),
        (check_folder(&at("file"), true), "it is a file"),
        (check_folder(&at("nowhere/x"), true), "No such file"),
        (check_below(&at("file/x/y")), "Not a directory"),
    ] {
        let text = refusal(outcome);
        assert!(text.contains(word), "expected {word} in: {text}");
    }
    for outcome in [
        check(&at("new"), false),
        check(&at("file"), true),
        check_folder(&at("new"), false),
        check_folder(&at("full"), true),
        check_below(&at("new/newer")),
        check_below(&at("full")),
    ] {
        outcome.unwrap();
    }
    assert_eq!(names(folder.path()), ["file", "full"], "a look leaves nothing");
}

#[test]
fn a_folder_takes_the_place_of_another_whole() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("d");
    let fill = |text: &'static str| {
        move |new: &Path| {
            fs::create_dir(new.join("a"))?;
            fs::write(new.join("a/x"), text)
        }
    };
    write_folder(&place, false, fill("one")).unwrap();
    fs::write(place.join("more"), "").unwrap();
    assert!(matches!(write_folder(&place, false, fill("two")), Err(FileError::Exists { .. })));
    #[cfg(unix)]
    let mode = {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&place, PermissionsExt::from_mode(0o750)).unwrap();
        || fs::metadata(folder.path().join("d")).unwrap().permissions().mode() & 0o777
    };
    write_folder(&place, true, fill("two")).unwrap();
    assert_eq!(fs::read_to_string(place.join("a/x")).unwrap(), "two");
    assert_eq!((names(&place), names(folder.path())), (vec!["a".to_owned()], vec!["d".to_owned()]));
    #[cfg(unix)]
    assert_eq!(mode(), 0o750);
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn what_is_replaced_keeps_its_permissions_and_a_link_stays() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        write_atomic(&at("plain"), false, b"one").unwrap();
        fs::File::create(at("made")).unwrap();
        assert_eq!(mode("plain"), mode("made"), "a new file has the permissions of any other");
        fs::set_permissions(at("plain"), PermissionsExt::from_mode(0o640)).unwrap();
        fs::create_dir(at("elsewhere")).unwrap();
        symlink("plain", at("link")).unwrap();
        symlink("elsewhere/new", at("dangling")).unwrap();
        symlink("round", at("round")).unwrap();
        write_atomic(&at("link"), true, b"two").unwrap();
        assert!(at("link").is_symlink() && mode("plain") == 0o640);
        assert_eq!(fs::read(at("plain")).unwrap(), b"two");
        assert!(matches!(write_atomic(&at("link"), false, b"three"), Err(FileError::Exists { .. })));
        write_atomic(&at("dangling"), false, b"three").unwrap();
        assert!(at("dangling").is_symlink() && fs::read(at("elsewhere/new")).unwrap() == b"three");
        let text = write_atomic(&at("round"), true, b"four").unwrap_err().to_string();
        assert!(text.contains("symbolic link"), "{text}");
        assert_eq!(names(folder.path()), ["dangling", "elsewhere", "link", "made", "plain", "round"]);
    }

    #[test]
    fn only_regular_files_are_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        check(&pipe, false).unwrap();
        let read = std::thread::scope(|scope| {
            let reader = scope.spawn(|| fs::read(&pipe).unwrap());
            write_atomic(&pipe, true, b"through it").unwrap();
            reader.join().unwrap()
        });
        assert_eq!(read, b"through it");
        write_atomic(Path::new("/dev/null"), true, b"into nothing").unwrap();
        let full = Path::new("/dev/full");
        if full.exists() {
            let text = write_atomic(full, true, b"x").unwrap_err().to_string();
            assert!(text.contains("No space left"), "{text}");
        }
        let socket = folder.path().join("socket");
        let _listener = UnixListener::bind(&socket).unwrap();
        assert!(matches!(check(&socket, true), Err(FileError::Write { .. })));
        assert!(matches!(write_atomic(&socket, true, b"x"), Err(FileError::Write { .. })));
        assert_eq!(names(folder.path()), ["pipe", "socket"]);
    }
}
