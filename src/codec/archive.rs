//! Files in one zip archive: the same files give the same bytes.

use std::io::{Cursor, Write};

use npyz::zip::write::FileOptions;
use npyz::zip::{DateTime, ZipWriter};

use super::error::CodecError;

/// An archive of these files, names with `/` between folders; deflated, with no time.
///
/// # Errors
/// Two files of one name, or sizes that an archive cannot hold.
pub fn write_zip<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Result<Vec<u8>, CodecError> {
    let failed = |e: &dyn std::fmt::Display| CodecError::Zip { reason: e.to_string() };
    let options = FileOptions::default().last_modified_time(DateTime::default()).unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, options).map_err(|e| failed(&e))?;
        zip.write_all(bytes).map_err(|e| failed(&e))?;
    }
    Ok(zip.finish().map_err(|e| failed(&e))?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn files_come_back_and_bytes_are_always_the_same() {
        let files = [("README.txt", &b"what is here"[..]), ("a/b.csv", &b"x,y\n1,2\n"[..])];
        let bytes = write_zip(files).unwrap();
        assert_eq!(bytes, write_zip(files).unwrap());
        let mut zip = npyz::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut text = String::new();
        zip.by_name("a/b.csv").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!((zip.len(), text.as_str()), (2, "x,y\n1,2\n"));
    }
}
