//! Writes the sequence.

use std::fmt::Write as _;

use nalgebra::{DMatrix, DVector};

use crate::codec::context;
use crate::codec::sequence::Sequence;
use crate::codec::stored::{Encoding, StoredPart};
use crate::numeric::{AnyModel, Factors, Model, Precision, Quantised, Real};

/// S, or a part of it, with every value exact. `encoding` is one that the model can have.
pub fn write(model: &AnyModel, encoding: Encoding, part: StoredPart) -> Sequence {
    match model {
        AnyModel::F32(m) => written(m, encoding, part, Precision::F32),
        AnyModel::F64(m) => written(m, encoding, part, Precision::F64),
    }
}

/// S in binary with reals in single precision, whatever the run's: what binary sizes are measured on.
pub fn write_single(model: &AnyModel) -> Vec<u8> {
    match model {
        AnyModel::F32(m) => written(m, Encoding::Binary, StoredPart::Whole, Precision::F32).bytes,
        AnyModel::F64(m) => written(m, Encoding::Binary, StoredPart::Whole, Precision::F32).bytes,
    }
}

/// `reals` is the type of the reals in binary; text is exact in any case.
fn written<F: Real>(model: &Model<F>, encoding: Encoding, part: StoredPart, reals: Precision) -> Sequence {
    match encoding {
        Encoding::Text => {
            let mut out = TextWriter::default();
            let begin = sequence(model, part, &mut out);
            Sequence { bytes: out.0.into_bytes(), begin, decisions: 0 }
        }
        Encoding::Binary => {
            let mut out = BinaryWriter { bytes: Vec::new(), precision: reals };
            let begin = sequence(model, part, &mut out);
            Sequence { bytes: out.bytes, begin, decisions: 0 }
        }
        Encoding::Context => match model {
            Model::Quantised(quantised) => {
                let mut out = BinaryWriter { bytes: Vec::new(), precision: reals };
                sizes(model, &mut out);
                context::write(quantised, part, out.bytes)
            }
            Model::Real(_) => written(model, Encoding::Binary, part, reals),
        },
    }
}

trait Writer {
    fn whole(&mut self, value: u64);
    fn real<F: Real>(&mut self, value: F);
    fn at(&self) -> usize;
}

/// Hands every value of S to `out` in order, W and dw where they are a part of it; reports where W, H and the steps begin.
fn sequence<F: Real, W: Writer>(model: &Model<F>, part: StoredPart, out: &mut W) -> [usize; 3] {
    sizes(model, out);
    let begin_w = out.at();
    let begin_h;
    let begin_steps;
    match model {
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            part.bases(w).for_each(|k| out.whole(u64::from(*k)));
            begin_h = out.at();
            row_by_row(h, |k| out.whole(u64::from(*k)));
            begin_steps = out.at();
            part.steps(dw).chain(dh.iter()).for_each(|step| out.real(*step));
        }
        Model::Real(Factors { w, h }) => {
            part.bases(w).for_each(|x| out.real(*x));
            begin_h = out.at();
            row_by_row(h, |x| out.real(*x));
            begin_steps = out.at();
            let ones = DVector::from_element(h.nrows(), F::ONE);
            part.steps(&ones).chain(ones.iter()).for_each(|one| out.real(*one));
        }
    }
    [begin_w, begin_h, begin_steps]
}

/// M, R and N.
fn sizes<F: Real, W: Writer>(model: &Model<F>, out: &mut W) {
    let shape = model.shape();
    for size in [shape.bins, shape.components, shape.frames] {
        out.whole(size as u64);
    }
}

impl StoredPart {
    /// W lag by lag and column by column (11), where it is written.
    fn bases<T: nalgebra::Scalar>(self, w: &[DMatrix<T>]) -> impl Iterator<Item = &T> {
        self.of(w).iter().flat_map(nalgebra::Matrix::as_slice)
    }

    /// dw, where it is written.
    fn steps<F: Real>(self, dw: &DVector<F>) -> impl Iterator<Item = &F> {
        self.of(dw.as_slice()).iter()
    }
}

/// H row by row (12).
fn row_by_row<T: nalgebra::Scalar>(h: &DMatrix<T>, mut visit: impl FnMut(&T)) {
    h.row_iter().for_each(|row| row.iter().for_each(&mut visit));
}

#[derive(Default)]
struct TextWriter(String);

impl TextWriter {
    fn separate(&mut self) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
    }
}

impl Writer for TextWriter {
    fn whole(&mut self, value: u64) {
        self.separate();
        // Writing to a string cannot fail.
        let _ = write!(self.0, "{value}");
    }

    fn real<F: Real>(&mut self, value: F) {
        self.separate();
        shortest(value, &mut self.0);
    }

    fn at(&self) -> usize {
        self.0.len()
    }
}

/// The shorter of the two forms that read back exactly: with an exponent, and without.
pub(super) fn shortest<F: Real>(value: F, out: &mut String) {
    let begin = out.len();
    let _ = write!(out, "{value:e}");
    let with_exponent = out.len() - begin;
    let _ = write!(out, "{value}");
    if out.len() - begin - with_exponent <= with_exponent {
        out.drain(begin..begin + with_exponent);
    } else {
        out.truncate(begin + with_exponent);
    }
}

struct BinaryWriter {
    bytes: Vec<u8>,
    precision: Precision,
}

impl Writer for BinaryWriter {
    fn whole(&mut self, mut value: u64) {
        while value >= 0x80 {
            #[allow(clippy::cast_possible_truncation)] // the low seven bits are what is wanted
            self.bytes.push(value as u8 | 0x80);
            value >>= 7;
        }
        #[allow(clippy::cast_possible_truncation)] // below 0x80
        self.bytes.push(value as u8);
    }

    fn real<F: Real>(&mut self, value: F) {
        match self.precision {
            Precision::F32 => self.bytes.extend(f32::from_f64(value.to_f64()).to_le_bytes()),
            Precision::F64 => self.bytes.extend(value.to_f64().to_le_bytes()),
        }
    }

    fn at(&self) -> usize {
        self.bytes.len()
    }
}
