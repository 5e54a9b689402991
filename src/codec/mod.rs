//! The factor stream, and the archives of arrays that are read.
//!
//! A stream is one gzip member that holds a header line and the poster's sequence
//! S = M | R | N | W | H | dw | dh (13): W for t = 0..T-1, within a lag column by column (11), H row by row
//! (12). For real-valued factors dw and dh are ones. `FORMAT.md` specifies it to the last bit.
//!
//! The only room that uses `flate2` and `zip`. Works on bytes, readers and writers; knows nothing of paths, jobs or
//! the window.

mod archive;
mod arrays;
mod body;
mod context;
mod digest;
mod error;
mod gzip;
pub mod header;
mod npz;
mod range_coder;
mod sequence;
mod sizes;
mod stored;
mod stream;
pub mod text;

pub use archive::{ArchiveReader, ArchiveWriter};
pub use arrays::{GivenArrays, Spectrum, WAxes, holds_arrays, read_factors, read_spectrum};
pub use digest::Digest;
pub use error::CodecError;
pub use gzip::Coder;
pub use sizes::{PartSizes, Sizes, parts, sizes};
pub use stored::{Encoding, Form, Header, Layout, Limits, Stored};
pub use stream::{read, read_header, read_with, write};
