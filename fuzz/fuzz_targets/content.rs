//! What a file inflates to, in a container with a right checksum: header and body get past gzip.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snmf_workbench::codec::{self, Encoding, Limits};

fuzz_target!(|content: &[u8]| {
    let Ok(length) = u16::try_from(content.len()) else { return };
    let mut file = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(content);
    let mut crc = flate2::Crc::new();
    crc.update(content);
    file.extend(crc.sum().to_le_bytes());
    file.extend(crc.amount().to_le_bytes());
    let Ok(mut stored) = codec::read(&file, &Limits::default()) else { return };
    // Zopfli would take most of the time, and what it makes is inflated by others in the tests.
    stored.form.coder = codec::Coder::Miniz;
    let again = codec::read(&codec::write(&stored), &Limits::default()).unwrap();
    assert_eq!((&again.header, &again.model), (&stored.header, &stored.model));
    // Contexts become varints where they say too much for so small a file.
    assert!(again.form == stored.form || stored.form.encoding == Encoding::Context);
});
