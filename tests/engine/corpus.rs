//! The sounds of a corpus.

use std::fs;
use std::path::PathBuf;

use snmf_workbench::engine::corpus::{CorpusError, Sounds};
use snmf_workbench::signal::{ReadOptions, promised_length, read_file};

#[test]
fn folders_lists_tables_and_names_give_the_same_sounds() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("b/.hidden")).unwrap();
    for name in ["b/y, z.WAV", "a.flac", "b/.hidden/x.wav", "._a.flac", "notes.pdf"] {
        fs::write(at(name), "").unwrap();
    }
    fs::write(at("list.txt"), "a.flac\r\n\nb/y, z.WAV\na.flac\n").unwrap();
    fs::write(at("table.csv"), "\u{feff}speaker,path\n1,a.flac\n\"2\nor 3\",\"b/y, z.WAV\"\n").unwrap();
    let found = |path: &str| Sounds::find(&[at(path)]).unwrap();
    assert_eq!(found("").words, ["a.flac", "b/y, z.WAV"], "sorted, and nothing hidden");
    assert_eq!((found("list.txt"), found("table.csv")), (found(""), found("")));
    let named = Sounds::find(&[at("a.flac"), PathBuf::from("demo:speech")]).unwrap();
    assert_eq!(named.words, [at("a.flac").to_str().unwrap(), "demo:speech"]);
    let several = Sounds::find(&[at("b"), at("a.flac"), at("b")]).unwrap();
    assert_eq!(several.words, [at("b/y, z.WAV").to_str().unwrap(), at("a.flac").to_str().unwrap()]);
    fs::write(at("table.csv"), "file\na.flac\n").unwrap();
    assert!(matches!(Sounds::find(&[at("table.csv")]), Err(CorpusError::NoColumn { .. })));
    fs::write(at("list.txt"), "\n").unwrap();
    assert!(matches!(Sounds::find(&[at("list.txt")]), Err(CorpusError::NoSounds { .. })));
}

#[test]
fn the_length_of_a_sound_is_known_from_its_beginning() {
    for name in ["short.wav", "short.aiff", "short.caf", "short.flac", "short.m4a", "stereo.wav"] {
        let path = PathBuf::from("tests/fixtures").join(name);
        let audio = read_file(&path, &ReadOptions::default()).unwrap();
        let (seconds, rate) = promised_length(&path).unwrap();
        assert!(
            (seconds - audio.seconds()).abs() < 0.1 && rate == audio.rate,
            "{name}: {seconds} s at {rate} Hz"
        );
    }
    assert_eq!(promised_length(&PathBuf::from("Cargo.toml")), None);
}
