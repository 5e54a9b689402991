//! The poster's sequence S = M | R | N | W | H | dw | dh (13), as text or binary.

use std::fmt::Write as _;

use nalgebra::{DMatrix, DVector};

use super::error::CodecError;
use super::header::Layout;
use super::stream::Encoding;
use crate::numeric::{AnyModel, Factors, Model, Precision, Quantised, Real};

/// S with every value exact.
pub fn write(model: &AnyModel, encoding: Encoding) -> Vec<u8> {
    match (model, encoding) {
        (AnyModel::F32(m), Encoding::Text) => sequence(m, TextWriter::default()).0.into_bytes(),
        (AnyModel::F64(m), Encoding::Text) => sequence(m, TextWriter::default()).0.into_bytes(),
        (AnyModel::F32(m), Encoding::Binary) => sequence(m, BinaryWriter::new(Precision::F32)).bytes,
        (AnyModel::F64(m), Encoding::Binary) => sequence(m, BinaryWriter::new(Precision::F64)).bytes,
    }
}

/// S in binary with reals in single precision, whatever the run's: what binary sizes are measured on.
pub fn write_single(model: &AnyModel) -> Vec<u8> {
    match model {
        AnyModel::F32(m) => sequence(m, BinaryWriter::new(Precision::F32)).bytes,
        AnyModel::F64(m) => sequence(m, BinaryWriter::new(Precision::F32)).bytes,
    }
}

trait Writer {
    fn whole(&mut self, value: u64);
    fn real<F: Real>(&mut self, value: F);
}

/// Hands every value of S to `out` in order.
fn sequence<F: Real, W: Writer>(model: &Model<F>, mut out: W) -> W {
    let shape = model.shape();
    for size in [shape.bins, shape.components, shape.frames] {
        out.whole(size as u64);
    }
    match model {
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            in_order(w, h, |k| out.whole(u64::from(*k)));
            dw.iter().chain(dh.iter()).for_each(|step| out.real(*step));
        }
        Model::Real(Factors { w, h }) => {
            in_order(w, h, |x| out.real(*x));
            (0..2 * shape.components).for_each(|_| out.real(F::ONE));
        }
    }
    out
}

/// W lag by lag and column by column (11), then H row by row (12).
fn in_order<T>(w: &[DMatrix<T>], h: &DMatrix<T>, mut visit: impl FnMut(&T))
where
    T: nalgebra::Scalar,
{
    w.iter().flat_map(nalgebra::Matrix::as_slice).for_each(&mut visit);
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

impl BinaryWriter {
    fn new(precision: Precision) -> Self {
        Self { bytes: Vec::new(), precision }
    }
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
}

/// Reads S; `offset` is where it begins in the inflated bytes, for messages.
pub fn read(bytes: &[u8], offset: usize, layout: &Layout, max_values: u64) -> Result<AnyModel, CodecError> {
    let reader = Reader { bytes, at: 0, offset, field: "M", encoding: layout.encoding };
    Ok(match layout.precision {
        Precision::F32 => read_model::<f32>(reader, layout, max_values)?.into(),
        Precision::F64 => read_model::<f64>(reader, layout, max_values)?.into(),
    })
}

fn read_model<F: Real>(
    mut reader: Reader<'_>,
    layout: &Layout,
    max_values: u64,
) -> Result<Model<F>, CodecError> {
    let bins = reader.size("M")?;
    let components = reader.size("R")?;
    let frames = reader.size("N")?;
    let lags = layout.lags;
    let shape = crate::numeric::Shape { bins, frames, components, lags };
    // Each value takes at least a byte, so that no file claims more than it can hold.
    let limit = max_values.min(reader.bytes.len() as u64);
    let values = shape.values().map_or(u64::MAX, |n| n as u64);
    if values > limit {
        return Err(CodecError::TooLarge { what: "numbers in W and H", limit, got: values });
    }
    let model = if layout.quantised {
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
    match reader.bytes.len() - reader.at {
        0 => Ok(model),
        count => Err(CodecError::Trailing { count }),
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    offset: usize,
    field: &'static str,
    encoding: Encoding,
}

impl<'a> Reader<'a> {
    fn wrong(&self, reason: String) -> CodecError {
        CodecError::Body { field: self.field, offset: self.offset + self.at, reason }
    }

    fn size(&mut self, field: &'static str) -> Result<usize, CodecError> {
        self.field = field;
        match self.whole()? {
            0 => Err(self.wrong("expected at least 1, got 0".to_owned())),
            size => usize::try_from(size).map_err(|_| self.wrong(format!("{size} is too large"))),
        }
    }

    fn factors<T: nalgebra::Scalar>(
        &mut self,
        shape: &crate::numeric::Shape,
        mut value: impl FnMut(&mut Self) -> Result<T, CodecError>,
    ) -> Result<(Vec<DMatrix<T>>, DMatrix<T>), CodecError> {
        let mut take = |reader: &mut Self, count: usize| -> Result<Vec<T>, CodecError> {
            (0..count).map(|_| value(reader)).collect()
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
            Encoding::Binary => self.varint(),
            Encoding::Text => {
                let token = self.token()?;
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
            Encoding::Binary if F::PRECISION == Precision::F32 => {
                f64::from(f32::from_le_bytes(self.array()?))
            }
            Encoding::Binary => f64::from_le_bytes(self.array()?),
            Encoding::Text => {
                let token = self.token()?;
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

    fn array<const K: usize>(&mut self) -> Result<[u8; K], CodecError> {
        let array = self.bytes.get(self.at..self.at + K).and_then(|bytes| bytes.try_into().ok());
        let array = array.ok_or_else(|| self.ended())?;
        self.at += K;
        Ok(array)
    }

    fn varint(&mut self) -> Result<u64, CodecError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array()?;
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
    fn token(&mut self) -> Result<&'a str, CodecError> {
        if self.at > 0 {
            match self.bytes.get(self.at) {
                Some(b' ') => self.at += 1,
                Some(_) => return Err(self.wrong("expected a space".to_owned())),
                None => return Err(self.ended()),
            }
        }
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
        if length == 0 {
            return Err(self.ended());
        }
        let token =
            std::str::from_utf8(&rest[..length]).map_err(|_| self.wrong("expected ASCII".to_owned()))?;
        self.at += length;
        Ok(token)
    }

    fn ended(&self) -> CodecError {
        self.wrong("expected a value, the stream ends here".to_owned())
    }
}

fn parse_real<F: Real>(token: &str) -> Option<F> {
    match F::PRECISION {
        Precision::F32 => token.parse::<f32>().ok().map(|x| F::from_f64(f64::from(x))),
        Precision::F64 => token.parse::<f64>().ok().map(F::from_f64),
    }
}
