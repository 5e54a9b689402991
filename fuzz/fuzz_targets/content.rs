//! What a file inflates to, in a container with a right checksum: header and body get past gzip.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use snmf_workbench::codec::{self, CodecError, Encoding, Limits, Stored};

/// One stream of each kind of numbers, whose bases others may leave out.
static WITH_BASES: LazyLock<Vec<Stored>> = LazyLock::new(|| {
    let contents: [&[u8]; 4] = [
        include_bytes!("../corpus/content/varint-f32-snmf-rd_R2_T2_s0"),
        include_bytes!("../corpus/content/varint-f64-snmf-rd_R2_T2_s0"),
        include_bytes!("../corpus/content/varint-f32-cnmf_R2_T2_s0"),
        include_bytes!("../corpus/content/varint-f64-cnmf_R2_T2_s0"),
    ];
    let read = |content| codec::read(&contained(content).unwrap(), &Limits::default()).unwrap();
    contents.into_iter().map(read).collect()
});

fn contained(content: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(content.len()).ok()?;
    let mut file = vec![0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    file.extend(length.to_le_bytes());
    file.extend((!length).to_le_bytes());
    file.extend(content);
    let mut crc = flate2::Crc::new();
    crc.update(content);
    file.extend(crc.sum().to_le_bytes());
    file.extend(crc.amount().to_le_bytes());
    Some(file)
}

fn read(file: &[u8]) -> Option<Stored> {
    match codec::read(file, &Limits::default()) {
        Err(CodecError::NoBases { .. }) => {
            let with = |bases: &Stored| codec::read_with(file, &Limits::default(), Some(&bases.model)).ok();
            WITH_BASES.iter().find_map(with)
        }
        outcome => outcome.ok(),
    }
}

fuzz_target!(|content: &[u8]| {
    let Some(mut stored) = contained(content).and_then(|file| read(&file)) else { return };
    // Zopfli would take most of the time, and what it makes is inflated by others in the tests.
    stored.form.coder = codec::Coder::Miniz;
    let again = read(&codec::write(&stored)).unwrap();
    assert_eq!((&again.header, &again.model), (&stored.header, &stored.model));
    // Contexts become varints where they say too much for so small a file.
    assert!(again.form == stored.form || stored.form.encoding == Encoding::Context);
});
