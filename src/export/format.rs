//! A format in which factors leave the program: the row that its file gives to the table in `mod.rs`.

use nalgebra::DMatrix;

use crate::codec::{CodecError, Stored};

/// Makes the files of a model: W, H and steps as they are stored, and Vhat (bins, frames) where the format holds it.
pub type Write = fn(&Stored, Option<&DMatrix<f64>>) -> Result<Vec<FactorFile>, CodecError>;

/// A format of factors.
#[derive(Clone, Copy, Debug)]
pub struct FactorFormat {
    /// The ending of its files, and its folder in an export of everything.
    pub name: &'static str,
    /// Whether a model is one file, so that `snmf decode --out` can write it.
    pub is_single: bool,
    /// Whether it has room for the model's spectrogram.
    pub holds_vhat: bool,
    /// Whether its files are packed, so that an archive need not pack them once more.
    pub is_packed: bool,
    pub write: Write,
}

/// A file of a model in some format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorFile {
    /// What part of the model is in it, such as `W`; empty where all of it is.
    pub part: &'static str,
    /// What is in it, in a sentence.
    pub what: &'static str,
    pub bytes: Vec<u8>,
}
