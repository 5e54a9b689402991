//! Bundles of files: whole or not at all, with a manifest that names every file.

use std::cell::Cell;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use snmf_workbench::engine::files::FileError;
use snmf_workbench::export::manifest::{self, BundleError, BundleFile};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn a_bundle_appears_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let entries =
        manifest::finish(vec![BundleFile::new("a/x.csv", "numbers", "1\n")], "snmf run x", &[], None);
    let go = || ControlFlow::Continue(());
    let place = folder.path().join("out");
    manifest::write(&place, false, &entries, &go).unwrap();
    assert_eq!(names(&place), ["README.txt", "a", "manifest.json"]);
    assert_eq!(fs::read_to_string(place.join("a/x.csv")).unwrap(), "1\n");
    let readme = fs::read_to_string(place.join("README.txt")).unwrap();
    assert!(readme.contains("snmf run x") && readme.contains("a/x.csv") && readme.contains("manifest.json"));
    // What is there stays without --force, and is replaced as a whole with it.
    let again = manifest::write(&place, false, &entries, &go);
    assert!(matches!(again, Err(BundleError::File(FileError::Exists { .. }))));
    fs::write(place.join("old"), "old").unwrap();
    manifest::write(&place, true, &entries, &go).unwrap();
    assert_eq!(names(&place), ["README.txt", "a", "manifest.json"]);
    // Cancelled in the middle, nothing is left and nothing is lost.
    let asked = Cell::new(0);
    let stop = || {
        asked.set(asked.get() + 1);
        if asked.get() > 1 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    for (name, overwrite) in [("new", false), ("new.zip", false), ("out", true)] {
        asked.set(0);
        let got = manifest::write(&folder.path().join(name), overwrite, &entries, &stop);
        assert!(matches!(got, Err(BundleError::Cancelled)), "{name}: {got:?}");
    }
    assert_eq!(names(folder.path()), ["out"]);
    assert_eq!(names(&place).len(), 3);
    manifest::write(&folder.path().join("x.zip"), false, &entries, &go).unwrap();
    assert_eq!(names(folder.path()), ["out", "x.zip"]);
    let nowhere = manifest::write(&folder.path().join("not/there"), false, &entries, &go);
    assert!(nowhere.unwrap_err().to_string().contains("there"));
}

#[test]
fn the_manifest_names_every_file() {
    let entries = [BundleFile::new("x", "numbers", "abc")];
    let manifest = manifest::manifest("snmf run x", &[], None, &entries);
    assert_eq!(manifest["command"], "snmf run x");
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(manifest["files"][0]["sha256"], known);
}
