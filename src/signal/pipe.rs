//! What has no length: a pipe is read to its end, but not for ever, and a device is not read at all.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::Path;

/// Bytes that are read at most of what has no length of its own.
pub const MOST_OF_A_PIPE: u64 = 1 << 30;

/// Opens a file or a pipe for reading.
pub fn open(path: &Path) -> io::Result<File> {
    let there = fs::metadata(path)?;
    if there.is_dir() {
        return Err(io::Error::other("it is a folder, expected a file"));
    }
    if is_device(&there) {
        return Err(io::Error::other("it is a device, expected a file"));
    }
    File::open(path)
}

#[cfg(unix)]
fn is_device(there: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    there.file_type().is_char_device() || there.file_type().is_block_device()
}

#[cfg(not(unix))]
const fn is_device(_: &Metadata) -> bool {
    false
}

/// All bytes that a reader gives, at most `most` of them.
pub fn bounded(from: &mut dyn Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("expected at most {} MiB, got more", most >> 20)));
    }
    Ok(bytes)
}
