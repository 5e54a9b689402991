//! Reads the sequence.

use nalgebra::{DMatrix, DVector};

use super::write::shortest;
use crate::codec::context;
use crate::codec::error::CodecError;
use crate::codec::gzip::Inflater;
use crate::codec::sequence::parse_real;
use crate::codec::stored::{Encoding, Layout, Limits};
use crate::numeric::{AnyModel, Factors, Model, Named, Precision, Quantised, Real, Shape};

/// Memory that a value takes: in the factors, and in what is made of them to list, show and measure them.
const VALUE_BYTES: u64 = 48;

/// Reads S to the end of the content, whose checksum is verified then. W and dw are those of `bases` where they are left
/// out.
pub fn read(
    input: &mut Inflater<'_>,
    layout: &Layout,
    limits: &Limits,
    bases: Option<&AnyModel>,
) -> Result<AnyModel, CodecError> {
    let bases = match (layout.bases, bases) {
        (None, _) => None,
        (Some(_), Some(bases)) => Some(bases),
        (Some(sha256), None) => return Err(CodecError::NoBases { sha256 }),
    };
    if let Some(bases) = bases.filter(|bases| kind(bases) != (layout.quantised, layout.precision)) {
        let text = |(quantised, precision): (bool, Precision)| {
            format!("{} and {}", if quantised { "integers" } else { "real numbers" }, precision.name())
        };
        let (expected, got) = (text((layout.quantised, layout.precision)), text(kind(bases)));
        return Err(CodecError::OtherBases { expected, got });
    }
    Ok(match (layout.precision, bases) {
        (Precision::F32, Some(AnyModel::F32(bases))) => {
            read_model(input, layout, limits, Some(bases))?.into()
        }
        (Precision::F64, Some(AnyModel::F64(bases))) => {
            read_model(input, layout, limits, Some(bases))?.into()
        }
        (Precision::F32, _) => read_model::<f32>(input, layout, limits, None)?.into(),
        (Precision::F64, _) => read_model::<f64>(input, layout, limits, None)?.into(),
    })
}

fn kind(model: &AnyModel) -> (bool, Precision) {
    (model.is_quantised(), model.precision())
}

fn read_model<F: Real>(
    input: &mut Inflater<'_>,
    layout: &Layout,
    limits: &Limits,
    bases: Option<&Model<F>>,
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
    at_most("numbers in W and H", values, limits.values)?;
    let own = if bases.is_some() { product(&[components, frames]) } else { values };
    at_most("numbers in W and H", own, reader.input.most_inflated())?;
    let (need, have) = (values.saturating_mul(VALUE_BYTES), limits.memory);
    if need > have {
        return Err(CodecError::Memory { what: "the factors", need: need >> 20, have: have >> 20 });
    }
    let sizes = |shape: Shape| format!("M {}, R {} and T {}", shape.bins, shape.components, shape.lags);
    let (expected, got) = (sizes(shape), sizes(bases.map_or(shape, Model::shape)));
    if expected != got {
        return Err(CodecError::OtherBases { expected, got });
    }
    let model = match bases {
        Some(Model::Quantised(bases)) => Model::Quantised(reader.integers(&shape, Some(bases))?),
        None if layout.quantised => Model::Quantised(reader.integers(&shape, None)?),
        Some(Model::Real(bases)) => Model::Real(reader.reals(&shape, Some(bases))?),
        None => Model::Real(reader.reals(&shape, None)?),
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

    fn integers<F: Real>(
        &mut self,
        shape: &Shape,
        bases: Option<&Quantised<F>>,
    ) -> Result<Quantised<F>, CodecError> {
        if self.encoding == Encoding::Context {
            return context::read(self.input, shape, bases);
        }
        let w = match bases {
            Some(bases) => bases.w.clone(),
            None => self.bases(shape, Self::integer)?,
        };
        let h = self.activations(shape, Self::integer)?;
        let dw = match bases {
            Some(bases) => bases.dw.clone(),
            None => self.steps(shape.components, "dw")?,
        };
        Ok(Quantised { w, h, dw, dh: self.steps(shape.components, "dh")? })
    }

    fn reals<F: Real>(
        &mut self,
        shape: &Shape,
        bases: Option<&Factors<F>>,
    ) -> Result<Factors<F>, CodecError> {
        let w = match bases {
            Some(bases) => bases.w.clone(),
            None => self.bases(shape, Self::real::<F>)?,
        };
        let h = self.activations(shape, Self::real::<F>)?;
        if bases.is_none() {
            self.ones::<F>(shape.components, "dw")?;
        }
        self.ones::<F>(shape.components, "dh")?;
        Ok(Factors { w, h })
    }

    fn ones<F: Real>(&mut self, count: usize, field: &'static str) -> Result<(), CodecError> {
        let ones: DVector<F> = self.steps(count, field)?;
        if ones.iter().any(|step| *step != F::ONE) {
            return Err(self.wrong("expected 1 for real-valued factors".to_owned()));
        }
        Ok(())
    }

    /// Grows as values come in: a count is not yet a reason to hold memory.
    fn values<T>(
        &mut self,
        count: usize,
        value: impl Fn(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<T>, CodecError> {
        let mut values = Vec::new();
        for _ in 0..count {
            values.push(value(self)?);
        }
        Ok(values)
    }

    fn bases<T: nalgebra::Scalar>(
        &mut self,
        shape: &Shape,
        value: impl Fn(&mut Self) -> Result<T, CodecError>,
    ) -> Result<Vec<DMatrix<T>>, CodecError> {
        self.field = "W";
        let (bins, components) = (shape.bins, shape.components);
        let basis = |values| DMatrix::from_vec(bins, components, values);
        (0..shape.lags).map(|_| self.values(bins * components, &value).map(basis)).collect()
    }

    fn activations<T: nalgebra::Scalar>(
        &mut self,
        shape: &Shape,
        value: impl Fn(&mut Self) -> Result<T, CodecError>,
    ) -> Result<DMatrix<T>, CodecError> {
        self.field = "H";
        let h = self.values(shape.components * shape.frames, value)?;
        Ok(DMatrix::from_row_iterator(shape.components, shape.frames, h))
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
