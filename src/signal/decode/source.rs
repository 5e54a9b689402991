//! The bytes of a sound: a file or memory whose length is known, and a window of it for a demuxer of `symphonia`.

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// Bytes that are fetched at once: headers of pages and frames lie close together.
const AHEAD: usize = 64 << 10;

/// Anything with a position.
pub trait Bytes: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Bytes for T {}

/// Bytes of known length, read at any place.
pub struct ByteSource {
    inner: Box<dyn Bytes>,
    len: u64,
    held: Vec<u8>,
    held_at: u64,
}

impl ByteSource {
    /// Bytes that are read as they are wanted.
    pub fn new(mut inner: Box<dyn Bytes>) -> io::Result<Self> {
        let len = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, len, held: Vec::new(), held_at: 0 })
    }

    pub fn of(bytes: Vec<u8>) -> Self {
        Self { len: bytes.len() as u64, inner: Box::new(Cursor::new(bytes)), held: Vec::new(), held_at: 0 }
    }

    pub const fn len(&self) -> u64 {
        self.len
    }

    /// `count` bytes from `at` on, or those that there are.
    pub fn bytes(&mut self, at: u64, count: usize) -> io::Result<&[u8]> {
        let there = usize::try_from(self.len.saturating_sub(at)).unwrap_or(usize::MAX).min(count);
        let held = at >= self.held_at && at + there as u64 <= self.held_at + self.held.len() as u64;
        if !held {
            let fetch =
                there.max(AHEAD).min(usize::try_from(self.len - at.min(self.len)).unwrap_or(usize::MAX));
            self.held.clear();
            self.held.try_reserve(fetch).map_err(|_| io::Error::from(io::ErrorKind::OutOfMemory))?;
            self.held_at = at;
            self.inner.seek(SeekFrom::Start(at))?;
            (&mut self.inner).take(fetch as u64).read_to_end(&mut self.held)?;
        }
        let from = usize::try_from(at - self.held_at).unwrap_or(usize::MAX).min(self.held.len());
        let until = (from + there).min(self.held.len());
        Ok(&self.held[from..until])
    }

    /// `N` bytes, where there are as many.
    pub fn array<const N: usize>(&mut self, at: u64) -> io::Result<Option<[u8; N]>> {
        Ok(self.bytes(at, N)?.try_into().ok())
    }
}

/// An unsigned number of up to eight bytes.
pub fn number(bytes: &[u8], big_endian: bool) -> u64 {
    let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
    if big_endian { bytes.iter().fold(0, fold) } else { bytes.iter().rev().fold(0, fold) }
}

/// A stretch of a source behind a few bytes of our own, as a demuxer sees it.
///
/// What a demuxer may read in all is bounded: one that goes in circles gets an error instead of an endless loop.
pub struct ByteWindow {
    source: ByteSource,
    prefix: Vec<u8>,
    start: u64,
    len: u64,
    at: u64,
    budget: u64,
    /// Bytes that stand in the place of others, and where.
    mended: (u64, Vec<u8>),
    seekable: bool,
}

impl ByteWindow {
    /// `prefix`, then the bytes from `start` to `end`.
    pub fn new(source: ByteSource, prefix: Vec<u8>, start: u64, end: u64) -> Self {
        let len = prefix.len() as u64 + end.saturating_sub(start);
        // Several passes over all of it, and many small steps.
        let budget = len.saturating_mul(16).saturating_add(64 << 20);
        Self { source, prefix, start, len, at: 0, budget, mended: (0, Vec::new()), seekable: true }
    }

    /// The same for a demuxer that must not look for anything further on.
    pub fn in_order(self) -> Self {
        Self { seekable: false, ..self }
    }

    /// All of a source, but for some bytes that are others.
    pub fn mended(source: ByteSource, at: u64, bytes: Vec<u8>) -> Self {
        let end = source.len();
        Self { mended: (at, bytes), ..Self::new(source, Vec::new(), 0, end) }
    }

    pub const fn len(&self) -> u64 {
        self.len
    }

    fn spend(&mut self, bytes: u64) -> io::Result<()> {
        // A call costs as much as a few bytes.
        self.budget = self.budget.saturating_sub(bytes + 64);
        if self.budget > 0 { Ok(()) } else { Err(io::Error::other("it is read in circles")) }
    }
}

impl Read for ByteWindow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let want = u64::try_from(into.len()).unwrap_or(u64::MAX).min(self.len.saturating_sub(self.at));
        self.spend(want)?;
        let prefix = self.prefix.len() as u64;
        let from = if self.at < prefix {
            &self.prefix[usize::try_from(self.at).unwrap_or(usize::MAX)..]
        } else {
            let want = usize::try_from(want).unwrap_or(usize::MAX).min(AHEAD);
            self.source.bytes(self.start + self.at - prefix, want)?
        };
        let count = from.len().min(into.len());
        into[..count].copy_from_slice(&from[..count]);
        let (mended_at, mended) = &self.mended;
        for (byte, at) in mended.iter().zip(*mended_at..).filter(|(_, at)| *at >= self.at) {
            if let Some(place) = usize::try_from(at - self.at).ok().and_then(|at| into[..count].get_mut(at)) {
                *place = *byte;
            }
        }
        self.at += count as u64;
        Ok(count)
    }
}

impl Seek for ByteWindow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.spend(0)?;
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len.checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}

impl MediaSource for ByteWindow {
    fn is_seekable(&self) -> bool {
        self.seekable
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.len)
    }
}
