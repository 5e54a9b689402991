//! A ZIP archive of several files, for bundles and NPZ: written and read entry by entry, deflated or stored.

use std::io::{Read, Seek, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::error::CodecError;

/// Entries above this size get the long form of their sizes.
const LARGE: u64 = u32::MAX as u64;

fn failed(e: impl std::fmt::Display) -> CodecError {
    CodecError::Archive { reason: e.to_string() }
}

pub struct ArchiveWriter<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> ArchiveWriter<W> {
    pub fn new(out: W) -> Self {
        Self(ZipWriter::new(out))
    }

    /// Begins an entry of so many bytes, which are to be written to what is returned; text is deflated, what is packed
    /// already is not. Entries have no time: equal content gives equal bytes.
    pub fn begin(
        &mut self,
        name: &str,
        text: bool,
        size: u64,
    ) -> Result<impl Write + use<'_, W>, CodecError> {
        let method = if text { CompressionMethod::Deflated } else { CompressionMethod::Stored };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(size >= LARGE)
            .last_modified_time(DateTime::default());
        self.0.start_file(name, options).map_err(failed)?;
        Ok(&mut self.0)
    }

    /// Adds a whole entry, see [`ArchiveWriter::begin`].
    pub fn add(
        &mut self,
        name: &str,
        text: bool,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), CodecError> {
        std::io::copy(content, &mut self.begin(name, text, size)?).map_err(failed)?;
        Ok(())
    }

    pub fn finish(self) -> Result<(), CodecError> {
        self.0.finish().map(|_| ()).map_err(failed)
    }
}

pub struct ArchiveReader<R: Read + Seek>(ZipArchive<R>);

impl<R: Read + Seek> ArchiveReader<R> {
    pub fn new(input: R) -> Result<Self, CodecError> {
        ZipArchive::new(input).map(Self).map_err(failed)
    }

    /// The names of the entries, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = String> {
        self.0.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned())
    }

    /// The bytes of an entry, inflated as they are read, where there is such an entry. Its checksum is checked at its end.
    pub fn entry(&mut self, name: &str) -> Result<Option<impl Read + use<'_, R>>, CodecError> {
        match self.0.by_name(name) {
            Ok(entry) => Ok(Some(entry)),
            Err(ZipError::FileNotFound) => Ok(None),
            Err(e) => Err(failed(format!("{name}: {e}"))),
        }
    }

    /// Copies an entry of at most `limit` bytes to `out`; whatever the directory claims of its size, no more is
    /// inflated. Its checksum has been checked when this returns.
    pub fn copy(&mut self, name: &str, limit: u64, out: &mut dyn Write) -> Result<(), CodecError> {
        let of_entry = |reason: &dyn std::fmt::Display| failed(format!("{name}: {reason}"));
        let entry = self.entry(name)?.ok_or_else(|| of_entry(&"there is no such entry"))?;
        let got = std::io::copy(&mut entry.take(limit.saturating_add(1)), out).map_err(|e| of_entry(&e))?;
        if got > limit {
            return Err(of_entry(&format!("expected at most {limit} bytes, got more")));
        }
        Ok(())
    }

    pub fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, CodecError> {
        let mut bytes = Vec::new();
        self.copy(name, limit, &mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn archive() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut archive = ArchiveWriter::new(Cursor::new(&mut bytes));
        archive.add("a.txt", true, 5000, &mut [b'a'; 5000].as_slice()).unwrap();
        archive.add("b/c.bin", false, 3, &mut [1u8, 2, 3].as_slice()).unwrap();
        archive.finish().unwrap();
        bytes
    }

    #[test]
    fn what_goes_in_comes_out_and_equal_content_gives_equal_bytes() {
        let bytes = archive();
        assert!(bytes.len() < 1000 && bytes == archive());
        let mut archive = ArchiveReader::new(Cursor::new(&bytes)).unwrap();
        assert_eq!(archive.read("a.txt", 5000).unwrap(), [b'a'; 5000]);
        assert_eq!(archive.read("b/c.bin", 10).unwrap(), [1, 2, 3]);
        let text = archive.read("a.txt", 4999).unwrap_err().to_string();
        assert!(text.contains("a.txt: expected at most 4999 bytes"), "{text}");
        let text = archive.read("d", 10).unwrap_err().to_string();
        assert!(text.contains("d: there is no such entry"), "{text}");
    }

    #[test]
    fn damage_is_an_error_or_changes_nothing() {
        let whole = archive();
        let read = |bytes: &[u8]| -> Result<Vec<u8>, CodecError> {
            let mut archive = ArchiveReader::new(Cursor::new(bytes))?;
            let mut all = archive.read("a.txt", 5000)?;
            all.extend(archive.read("b/c.bin", 5000)?);
            Ok(all)
        };
        let expected = read(&whole).unwrap();
        for at in 0..whole.len() {
            assert!(read(&whole[..at]).is_err(), "cut at {at}");
            for bit in 0..8 {
                let mut damaged = whole.clone();
                damaged[at] ^= 1 << bit;
                if let Ok(got) = read(&damaged) {
                    assert_eq!(got, expected, "byte {at} bit {bit}");
                }
            }
        }
    }
}
