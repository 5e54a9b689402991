//! `snmf decode`: a factor stream as NPZ.

use std::io::Cursor;

use super::arguments::DecodeArguments;
use super::output::{self, Failure};
use crate::codec::{self, Limits};

pub fn decode(arguments: &DecodeArguments) -> Result<(), Failure> {
    let bytes = output::read(&arguments.file)?;
    let named = |e| Failure::failed(format!("{e}: {}", arguments.file.display()));
    let stored = codec::read(&bytes, &Limits::default()).map_err(named)?;
    let mut npz = Cursor::new(Vec::new());
    codec::write_npz(&mut npz, &stored).map_err(Failure::failed)?;
    output::write(&arguments.out, arguments.force, npz.get_ref())
}
