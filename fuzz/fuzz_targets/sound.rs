//! A sound as it comes, of any format: a sound or an error, within a limit of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snmf_workbench::signal::{ReadOptions, read_bytes};

fuzz_target!(|file: &[u8]| {
    // A hundred seconds are as good as a thousand.
    let options = ReadOptions { end: Some(100.0), ..ReadOptions::default() };
    match read_bytes("fuzzed", file.to_vec(), &options) {
        Ok(audio) => assert!(audio.samples.iter().all(|x| x.is_finite())),
        Err(e) => assert!(e.to_string().contains("fuzzed")),
    }
});
