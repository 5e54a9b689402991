//! Files appear whole or not at all, whatever goes wrong on the way.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use snmf_workbench::codec::Header;
use snmf_workbench::engine::files::{FileError, default_name, write_atomic, write_atomic_with};
use snmf_workbench::numeric::Shape;

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
