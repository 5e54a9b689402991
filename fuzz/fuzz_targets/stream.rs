//! A file as it comes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snmf_workbench::codec::{self, Limits};

fuzz_target!(|file: &[u8]| {
    if let Ok(stored) = codec::read(file, &Limits::default()) {
        assert!(codec::read_header(file).is_ok());
        assert!(stored.model.shape().values().is_some());
    }
});
