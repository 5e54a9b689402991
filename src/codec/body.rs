//! The poster's sequence S = M | R | N | W | H | dw | dh (13), as text, binary or by contexts.

use std::fmt::Write as _;

use nalgebra::{DMatrix, DVector};

use super::context;
use super::error::CodecError;
use super::gzip::Inflater;
use super::sequence::{Sequence, parse_real};
use super::stored::{Encoding, Layout, Limits};
use crate::numeric::{AnyModel, Factors, Model, Precision, Quantised, Real, Shape};

/// S with every value exact. `encoding` is one that the model can have.
pub fn write(model: &AnyModel, encoding: Encoding) -> Sequence {
    match model {
        AnyModel::F32(m) => written(m, encoding, Precision::F32),
        AnyModel::F64(m) => written(m, encoding, Precision::F64),
    }
}

/// S in binary with reals in single precision, whatever the run's: what binary sizes are measured on.
pub fn write_single(model: &AnyModel) -> Vec<u8> {
    match model {
        AnyModel::F32(m) => written(m, Encoding::Binary, Precision::F32).bytes,
        AnyModel::F64(m) => written(m, Encoding::Binary, Precision::F32).bytes,
    }
}

/// `reals` is the type of the reals in binary; text is exact in any case.
fn written<F: Real>(model: &Model<F>, encoding: Encoding, reals: Precision) -> Sequence {
    match encoding {
        Encoding::Text => {
            let mut out = TextWriter::default();
            let begin = sequence(model, &mut out);
            Sequence { bytes: out.0.into_bytes(), begin, decisions: 0 }
        }
        Encoding::Binary => {
            let mut out = BinaryWriter { bytes: Vec::new(), precision: reals };
            let begin = sequence(model, &mut out);
            Sequence { bytes: out.bytes, begin, decisions: 0 }
        }
        Encoding::Context => match model {
            Model::Quantised(quantised) => {
                let mut out = BinaryWriter { bytes: Vec::new(), precision: reals };
                sizes(model, &mut out);
                context::write(quantised, out.bytes)
            }
            Model::Real(_) => written(model, Encoding::Binary, reals),
        },
    }
}

trait Writer {
    fn whole(&mut self, value: u64);
    fn real<F: Real>(&mut self, value: F);
    fn at(&self) -> usize;
}

/// Hands every value of S to `out` in order; reports where W, H and the steps begin.
fn sequence<F: Real, W: Writer>(model: &Model<F>, out: &mut W) -> [usize; 3] {
    sizes(model, out);
    let begin_w = out.at();
    let begin_h;
    let begin_steps;
    match model {
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            lag_by_lag(w, |k| out.whole(u64::from(*k)));
            begin_h = out.at();
            row_by_row(h, |k| out.whole(u64::from(*k)));
            begin_steps = out.at();
            dw.iter().chain(dh.iter()).for_each(|step| out.real(*step));
        }
        Model::Real(Factors { w, h }) => {
            lag_by_lag(w, |x| out.real(*x));
            begin_h = out.at();
            row_by_row(h, |x| out.real(*x));
            begin_steps = out.at();
            (0..2 * model.shape().components).for_each(|_| out.real(F::ONE));
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

/// W lag by lag and column by column (11).
fn lag_by_lag<T: nalgebra::Scalar>(w: &[DMatrix<T>], visit: impl FnMut(&T)) {
    w.iter().flat_map(nalgebra::Matrix::as_slice).for_each(visit);
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
fn shortest<F: Real>(value: F, out: &mut String) {
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

/// Memory that a value takes: in the factors, and in what is made of them to list, show and measure them.
const VALUE_BYTES: u64 = 48;

/// Reads S to the end of the content, whose checksum is verified then.
pub fn read(input: &mut Inflater<'_>, layout: &Layout, limits: &Limits) -> Result<AnyModel, CodecError> {
    Ok(match layout.precision {
        Precision::F32 => read_model::<f32>(input, layout, limits)?.into(),
        Precision::F64 => read_model::<f64>(input, layout, limits)?.into(),
    })
}

fn read_model<F: Real>(
    input: &mut Inflater<'_>,
    layout: &Layout,
    limits: &Limits,
) -> Result<Model<F>, CodecError> {
    let mut reader = Reader { encoding: layout.encoding, field: "M", first: true, begin: 0, input };
    let bins = reader.size("M", limits.bins)?;
    let components = reader.size("R", limits.components)?;
    let frames = reader.size("N", limits.frames)?;
    let shape = Shape { bins, frames, components, lags: layout.lags };
    at_most("lags T", layout.lags as u64, limits.lags)?;
    at_most("elements of the spectrogram, M times N", product(&[bins, frames]), limits.cells)?;
    // Text and varints take at least a byte for each value, so that no file claims more than it can hold. With contexts
    // a value may take less, but is a decision at least: no file has more of these either.
    let values = shape.values().map_or(u64::MAX, |n| n as u64);
    at_most("numbers in W and H", values, limits.values.min(reader.input.most_inflated()))?;
    let (need, have) = (values.saturating_mul(VALUE_BYTES), limits.memory);
    if need > have {
        return Err(CodecError::Memory { what: "the factors", need: need >> 20, have: have >> 20 });
    }
    let model = if layout.encoding == Encoding::Context {
        Model::Quantised(context::read(reader.input, &shape)?)
    } else if layout.quantised {
        let (w, h) = reader.factors(&shape, Reader::integer)?;
        let dw = reader.steps(components, "dw")?;
        let dh = reader.steps(components, "dh")?;
        Model::Quantised(Quantised { w, h, dw, dh })
    } else {
        let (w, h) = reader.factors(&shape, Reader::real::<F>)?;
        for field in ["dw", "dh"] {
            let ones: DVector<F> = reader.steps(components, field)?;
            if ones.iter().any(|step| *step != F::ONE) {
                return Err(reader.wrong("expected 1 for real-valued factors".to_owned()));
            }
        }
        Model::Real(Factors { w, h })
    };
    match reader.input.peek()? {
        None => Ok(model),
        Some(_) => Err(CodecError::Trailing { offset: reader.input.offset() }),
    }
}

fn at_most(what: &'static str, got: u64, limit: u64) -> Result<(), CodecError> {
    if got > limit { Err(CodecError::TooLarge { what, limit, got }) } else { Ok(()) }
}

fn product(sizes: &[usize]) -> u64 {
    sizes.iter().fold(1, |product, &size| product.saturating_mul(size as u64))
}

/// Takes values one by one, none of them longer than it can be.
struct Reader<'r, 'a> {
    input: &'r mut Inflater<'a>,
    encoding: Encoding,
    /// The field of the value at hand, and where it begins.
    field: &'static str,
    begin: u64,
    /// Whether no value has been read yet: each other one of a text follows a space.
    first: bool,
}

/// Bytes of the longest token, with room to spare.
const TOKEN: usize = 40;

struct Token {
    bytes: [u8; TOKEN],
    length: usize,
}

impl Token {
    /// ASCII alone is put into one.
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl Reader<'_, '_> {
    fn wrong(&self, reason: String) -> CodecError {
        CodecError::Body { field: self.field, offset: self.begin, reason }
    }

    fn size(&mut self, field: &'static str, limit: u64) -> Result<usize, CodecError> {
        self.field = field;
        match self.whole()? {
            0 => Err(self.wrong("expected at least 1, got 0".to_owned())),
            size if size > limit => Err(self.wrong(format!("expected at most {limit}, got {size}"))),
            size => usize::try_from(size).map_err(|_| self.wrong(format!("{size} is too large"))),
        }
    }

    fn factors<T: nalgebra::Scalar>(
        &mut self,
        shape: &Shape,
        mut value: impl FnMut(&mut Self) -> Result<T, CodecError>,
    ) -> Result<(Vec<DMatrix<T>>, DMatrix<T>), CodecError> {
        // Grows as values come in: a count is not yet a reason to hold memory.
        let mut take = |reader: &mut Self, count: usize| -> Result<Vec<T>, CodecError> {
            let mut values = Vec::new();
            for _ in 0..count {
                values.push(value(reader)?);
            }
            Ok(values)
        };
        self.field = "W";
        let (bins, components) = (shape.bins, shape.components);
        let basis = |values| DMatrix::from_vec(bins, components, values);
        let w =
            (0..shape.lags).map(|_| take(self, bins * components).map(basis)).collect::<Result<_, _>>()?;
        self.field = "H";
        let h = take(self, components * shape.frames)?;
        Ok((w, DMatrix::from_row_iterator(components, shape.frames, h)))
    }

    fn steps<F: Real>(&mut self, count: usize, field: &'static str) -> Result<DVector<F>, CodecError> {
        self.field = field;
        let steps = (0..count).map(|_| self.real::<F>()).collect::<Result<Vec<_>, _>>()?;
        Ok(DVector::from_vec(steps))
    }

    fn integer(&mut self) -> Result<u32, CodecError> {
        let value = self.whole()?;
        u32::try_from(value).map_err(|_| self.wrong(format!("expected at most {}, got {value}", u32::MAX)))
    }

    fn whole(&mut self) -> Result<u64, CodecError> {
        match self.encoding {
            Encoding::Binary | Encoding::Context => self.varint(),
            Encoding::Text => {
                let token = self.token()?;
                let token = token.as_str();
                let canonical =
                    token.bytes().all(|b| b.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
                match token.parse() {
                    Ok(value) if canonical => Ok(value),
                    _ => Err(self.wrong(format!("expected a whole number, got {token:?}"))),
                }
            }
        }
    }

    fn real<F: Real>(&mut self) -> Result<F, CodecError> {
        let value = match self.encoding {
            Encoding::Binary | Encoding::Context if F::PRECISION == Precision::F32 => {
                f64::from(f32::from_le_bytes(self.array()?))
            }
            Encoding::Binary | Encoding::Context => f64::from_le_bytes(self.array()?),
            Encoding::Text => {
                let token = self.token()?;
                let token = token.as_str();
                let value: Option<F> = parse_real(token);
                let mut canonical = String::new();
                if let Some(value) = value {
                    shortest(value, &mut canonical);
                }
                match value {
                    Some(value) if canonical == token => value.to_f64(),
                    _ => {
                        return Err(
                            self.wrong(format!("expected a number in its shortest form, got {token:?}"))
                        );
                    }
                }
            }
        };
        if value.is_finite() && value.is_sign_positive() {
            Ok(F::from_f64(value))
        } else {
            Err(self.wrong(format!("expected a finite number from 0 up, got {value}")))
        }
    }

    fn byte(&mut self) -> Result<u8, CodecError> {
        match self.input.next()? {
            Some(byte) => Ok(byte),
            None => Err(self.ended()),
        }
    }

    fn array<const K: usize>(&mut self) -> Result<[u8; K], CodecError> {
        self.begin = self.input.offset();
        let mut array = [0; K];
        for byte in &mut array {
            *byte = self.byte()?;
        }
        Ok(array)
    }

    fn varint(&mut self) -> Result<u64, CodecError> {
        self.begin = self.input.offset();
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return if byte == 0 && shift > 0 {
                    Err(self.wrong("expected a number in its shortest form".to_owned()))
                } else {
                    Ok(value)
                };
            }
        }
        Err(self.wrong("the number is too large".to_owned()))
    }

    /// The next token of a text body; each but the first follows exactly one space.
    fn token(&mut self) -> Result<Token, CodecError> {
        self.begin = self.input.offset();
        if !self.first && self.byte()? != b' ' {
            return Err(self.wrong("expected a space".to_owned()));
        }
        self.first = false;
        self.begin = self.input.offset();
        let mut token = Token { bytes: [0; TOKEN], length: 0 };
        while let Some(byte) = self.input.peek()?.filter(|byte| *byte != b' ') {
            if !byte.is_ascii_graphic() {
                return Err(self.wrong(format!("expected a number, got the byte {byte}")));
            }
            let Some(place) = token.bytes.get_mut(token.length) else {
                return Err(self.wrong(format!("expected a number of at most {TOKEN} bytes")));
            };
            *place = byte;
            token.length += 1;
            self.input.next()?;
        }
        match token.length {
            0 if self.input.peek()?.is_some() => Err(self.wrong("expected a number, got a space".to_owned())),
            0 => Err(self.ended()),
            _ => Ok(token),
        }
    }

    fn ended(&self) -> CodecError {
        self.wrong("expected a value, the stream ends here".to_owned())
    }
}
