//! The body of integers with `enc=context`: M, R and N, then all of W, H, dw and dh by one arithmetic coder.

use nalgebra::{DMatrix, DVector};

use super::error::CodecError;
use super::gzip::Inflater;
use super::range_coder::{Decoder, Encoder};
use super::sequence::{Sequence, parse_real};
use super::stored::StoredPart;
use crate::numeric::context_model::{self, Adaptive, BinaryCoder, HALF};
use crate::numeric::{Quantised, Real, Shape};

/// Appends the factors, or a part of them, to `sizes`, which holds M, R and N. A part begins where the coder has come to by
/// then.
pub fn write<F: Real>(model: &Quantised<F>, part: StoredPart, sizes: Vec<u8>) -> Sequence {
    let Shape { bins, frames, components, .. } = model.shape();
    let mut coder = Encoder::new(sizes);
    let begin_w = coder.bytes.len();
    let bases: Vec<u32> = part.of(&model.w).iter().flat_map(DMatrix::as_slice).copied().collect();
    let Ok(()) = context_model::write(&bases, bins, components, &mut coder);
    let begin_h = coder.bytes.len();
    let Ok(()) = context_model::write(model.h.transpose().as_slice(), frames, components, &mut coder);
    let begin_steps = coder.bytes.len();
    for steps in [part.of(model.dw.as_slice()), model.dh.as_slice()] {
        let mut model = StepModel::default();
        for step in steps {
            let Ok(_) = model.code(Decimal::of(*step), &mut coder);
        }
    }
    let decisions = coder.decisions;
    Sequence { bytes: coder.finish(), begin: [begin_w, begin_h, begin_steps], decisions }
}

/// Reads what follows M, R and N, to the end. W and dw are those of `bases` where they are left out.
pub fn read<F: Real>(
    input: &mut Inflater<'_>,
    shape: &Shape,
    bases: Option<&Quantised<F>>,
) -> Result<Quantised<F>, CodecError> {
    let Shape { bins, frames, components, lags } = *shape;
    let mut coder = Decoder::new(input, if bases.is_some() { "H" } else { "W" })?;
    let w = if let Some(bases) = bases {
        bases.w.clone()
    } else {
        let values = context_model::read(lags * components, bins, components, &mut coder)?;
        let basis = |values: &[u32]| DMatrix::from_column_slice(bins, components, values);
        values.chunks(bins * components).map(basis).collect()
    };
    coder.field = "H";
    let rows = context_model::read(components, frames, components, &mut coder)?;
    let h = DMatrix::from_row_slice(components, frames, &rows);
    let mut steps = |field| -> Result<DVector<F>, CodecError> {
        coder.field = field;
        let mut model = StepModel::default();
        let mut step = || {
            let decimal = model.code(Decimal::default(), &mut coder)?;
            let wrong = || coder.wrong("expected a finite number in its shortest form".to_owned());
            decimal.value().ok_or_else(wrong)
        };
        let steps: Vec<F> = (0..components).map(|_| step()).collect::<Result<_, _>>()?;
        Ok(DVector::from_vec(steps))
    };
    let dw = match bases {
        Some(bases) => bases.dw.clone(),
        None => steps("dw")?,
    };
    let dh = steps("dh")?;
    coder.finish()?;
    Ok(Quantised { w, h, dw, dh })
}

/// The shortest decimal digits that read back as a value, without zeros at the end, and the exponent of the first one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Decimal {
    digits: u64,
    exponent: i32,
}

impl Decimal {
    fn of<F: Real>(value: F) -> Self {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = digits.replace('.', "");
        // A finite number from 0 up has no more than 17 digits.
        Self { digits: digits.parse().unwrap_or(0), exponent: exponent.parse().unwrap_or(0) }
    }

    /// The value, if these are its shortest digits.
    fn value<F: Real>(self) -> Option<F> {
        let digits = self.digits.to_string();
        let (first, rest) = digits.split_at(1);
        let value = parse_real(&format!("{first}.{rest}e{}", self.exponent))?;
        (Self::of(value) == self).then_some(value)
    }
}

/// The model of the steps of one side.
#[derive(Default)]
struct StepModel {
    digits: NumberModel,
    exponent: NumberModel,
}

impl StepModel {
    fn code<C: BinaryCoder>(&mut self, step: Decimal, coder: &mut C) -> Result<Decimal, C::Error> {
        let digits = self.digits.code(step.digits, coder)?;
        // 0, -1, 1, -2, ... are 0, 1, 2, 3, ...
        let e = step.exponent;
        let folded = self.exponent.code(u64::from((e << 1 ^ e >> 31).cast_unsigned()), coder)?;
        #[allow(clippy::cast_possible_truncation)] // what was too large is no exponent afterwards
        let folded = folded.min(u64::from(u32::MAX)) as u32;
        let exponent = (folded >> 1).cast_signed() ^ -(folded & 1).cast_signed();
        Ok(Decimal { digits, exponent })
    }
}

/// The model of numbers of which there are few: how many bits they have is predicted, the bits are not.
struct NumberModel([Adaptive; 64]);

impl Default for NumberModel {
    fn default() -> Self {
        Self([Adaptive::default(); 64])
    }
}

impl NumberModel {
    fn code<C: BinaryCoder>(&mut self, number: u64, coder: &mut C) -> Result<u64, C::Error> {
        let mut length = 0;
        while length < 64 && self.0[length].code(coder, number >> length != 0)? {
            length += 1;
        }
        if length == 0 {
            return Ok(0);
        }
        let mut value = 1;
        for place in (0..length - 1).rev() {
            let bit = coder.code(number >> place & 1 == 1, HALF)?;
            value = value << 1 | u64::from(bit);
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_one_decimal() {
        for value in [0.0, 1.0, 1.5e-6, 0.1, 300.0, f32::MIN_POSITIVE, f32::MAX, f32::from_bits(1)] {
            assert_eq!(Decimal::of(value).value(), Some(value));
        }
        for value in [0.0, 0.1 + 0.2, 1e300, f64::MAX, f64::from_bits(1)] {
            assert_eq!(Decimal::of(value).value(), Some(value));
        }
        assert_eq!(Decimal::of(1.5e-6f32), Decimal { digits: 15, exponent: -6 });
        for (digits, exponent) in
            [(10, 0), (0, 1), (123_456_789_012, 0), (1, 39), (1, -60), (u64::MAX, i32::MIN)]
        {
            assert_eq!(Decimal { digits, exponent }.value::<f32>(), None, "{digits}e{exponent}");
        }
    }
}
