//! Factors and spectrograms that others made, from NPZ archives.

use std::io::{Cursor, Read};

use nalgebra::{DMatrix, DVector};
use npyz::npz::NpzArchive;
use npyz::{DType, Deserialize, NpyFile, TypeChar};

use super::error::CodecError;
use super::header::{self, Header};
use super::stream::Limits;
use crate::numeric::{AnyModel, Factors, Model, Quantised, Real, Shape};

/// The order in which the axes of an array W stand: lag t, bin m and component r.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WAxes([char; 3]);

impl Default for WAxes {
    fn default() -> Self {
        Self(['t', 'm', 'r'])
    }
}

impl std::fmt::Display for WAxes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|axis| write!(f, "{axis}"))
    }
}

impl WAxes {
    /// A single basis for each component.
    const MATRIX: Self = Self(['m', 'r', 't']);

    /// Reads `tmr`, `mrt` and so on.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let axes: [char; 3] = text.chars().collect::<Vec<_>>().try_into().ok()?;
        "tmr".chars().all(|axis| axes.contains(&axis)).then_some(Self(axes))
    }

    fn place(self, axis: char) -> usize {
        self.0.iter().position(|known| *known == axis).unwrap_or_default()
    }
}

/// Factors from an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// What the archive tells of them: its `header`, or else `sr`, `fft` and `hop`.
    pub header: Header,
    /// Integers where the archive has integers with `dw` and `dh`; in double precision where an array is.
    pub model: AnyModel,
}

/// A spectrogram from an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrum {
    /// M x N, finite and non-negative.
    pub v: DMatrix<f64>,
    /// Hz.
    pub rate: Option<u32>,
    /// Samples from frame to frame.
    pub hop: Option<u32>,
}

/// Reads non-negative factors: `W`, T x M x R (or as `axes` has it, or M x R for T = 1), and `H`, R x N. Integers
/// with `dw` and `dh` (R) are integers with steps; real numbers are multiplied with them, where they are there.
///
/// # Errors
/// No archive, an array that is missing, too large, of another type or shape, negative or not finite.
pub fn read_factors(bytes: &[u8], axes: WAxes, limits: &Limits) -> Result<Given, CodecError> {
    let mut archive = Archive::new(bytes)?;
    let w = archive.required("W", limits.values)?;
    let h = archive.required("H", limits.values)?;
    let dw = archive.array("dw", limits.components)?;
    let dh = archive.array("dh", limits.components)?;
    let axes = match w.shape.len() {
        2 => WAxes::MATRIX,
        3 => axes,
        _ => return Err(w.wrong("T x M x R, or M x R")),
    };
    let &[components, frames] = &h.shape[..] else { return Err(h.wrong("R x N")) };
    let size = |axis: char| w.shape.get(axes.place(axis)).copied().unwrap_or(1);
    let shape = Shape { bins: size('m'), frames, components, lags: size('t') };
    if size('r') != components {
        let axes = axes.to_string().to_uppercase();
        return Err(h.wrong(&format!("R x N with R = {}, as W has it by its axes {axes}", size('r'))));
    }
    check(&shape, limits)?;
    if let Some(steps) = [&dw, &dh].into_iter().flatten().find(|steps| steps.shape != [components]) {
        return Err(steps.wrong(&format!("{components}, one a component")));
    }
    let header = archive.header()?;
    let single =
        [Some(&w), Some(&h), dw.as_ref(), dh.as_ref()].into_iter().flatten().all(|a| a.kind != Kind::Double);
    let given = Arrays { w: &w, h: &h, axes, shape };
    let model = match (&dw, &dh) {
        (Some(dw), Some(dh)) if w.kind == Kind::Whole && h.kind == Kind::Whole => {
            if single {
                given.quantised::<f32>(dw, dh)?.into()
            } else {
                given.quantised::<f64>(dw, dh)?.into()
            }
        }
        _ if single && w.kind == Kind::Single => given.real::<f32>(dw.as_ref(), dh.as_ref()).into(),
        _ => given.real::<f64>(dw.as_ref(), dh.as_ref()).into(),
    };
    Ok(Given { header, model })
}

/// Reads a spectrogram that is ready: `V`, M x N, with `sr` in Hz and `hop` in samples where they are known.
///
/// # Errors
/// As [`read_factors`].
pub fn read_spectrum(bytes: &[u8], limits: &Limits) -> Result<Spectrum, CodecError> {
    let mut archive = Archive::new(bytes)?;
    let v = archive.required("V", limits.cells)?;
    let &[bins, frames] = &v.shape[..] else { return Err(v.wrong("M x N")) };
    check(&Shape { bins, frames, components: 1, lags: 1 }, limits)?;
    let (rate, hop) = (archive.whole("sr")?, archive.whole("hop")?);
    Ok(Spectrum { v: DMatrix::from_fn(bins, frames, |m, n| v.at(&[m, n])), rate, hop })
}

fn check(shape: &Shape, limits: &Limits) -> Result<(), CodecError> {
    let sizes = [
        ("bins M", shape.bins as u64, limits.bins),
        ("components R", shape.components as u64, limits.components),
        ("frames N", shape.frames as u64, limits.frames),
        ("lags T", shape.lags as u64, limits.lags),
        (
            "elements of the spectrogram, M times N",
            (shape.bins as u64).saturating_mul(shape.frames as u64),
            limits.cells,
        ),
    ];
    for (what, got, limit) in sizes {
        if got > limit {
            return Err(CodecError::TooLarge { what, limit, got });
        }
        if got == 0 {
            return Err(CodecError::Npz { reason: format!("{what}: expected at least 1, got 0") });
        }
    }
    Ok(())
}

/// The arrays of a model.
struct Arrays<'a> {
    w: &'a Array,
    h: &'a Array,
    axes: WAxes,
    shape: Shape,
}

impl Arrays<'_> {
    fn w_at(&self, t: usize, m: usize, r: usize) -> f64 {
        let mut place = [0; 3];
        for (axis, i) in [('t', t), ('m', m), ('r', r)] {
            place[self.axes.place(axis)] = i;
        }
        self.w.at(&place[..self.w.shape.len()])
    }

    fn factors<T: nalgebra::Scalar>(
        &self,
        w: impl Fn(f64, usize) -> T,
        h: impl Fn(f64, usize) -> T,
    ) -> (Vec<DMatrix<T>>, DMatrix<T>) {
        let Shape { bins, frames, components, lags } = self.shape;
        let basis = |t: usize| DMatrix::from_fn(bins, components, |m, r| w(self.w_at(t, m, r), r));
        let rows = DMatrix::from_fn(components, frames, |r, n| h(self.h.at(&[r, n]), r));
        ((0..lags).map(basis).collect(), rows)
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, within 0..=u32::MAX
    fn quantised<F: Real>(&self, dw: &Array, dh: &Array) -> Result<Model<F>, CodecError> {
        for array in [self.w, self.h] {
            if array.values.iter().any(|x| *x > f64::from(u32::MAX)) {
                return Err(CodecError::Npz {
                    reason: format!("{}: expected at most {}", array.name, u32::MAX),
                });
            }
        }
        let (w, h) = self.factors(|x, _| x as u32, |x, _| x as u32);
        let steps = |array: &Array| {
            DVector::from_iterator(array.values.len(), array.values.iter().map(|x| F::from_f64(*x)))
        };
        Ok(Model::Quantised(Quantised { w, h, dw: steps(dw), dh: steps(dh) }))
    }

    fn real<F: Real>(&self, dw: Option<&Array>, dh: Option<&Array>) -> Model<F> {
        let times = |x: f64, steps: Option<&Array>, r: usize| {
            F::from_f64(x * steps.map_or(1.0, |steps| steps.at(&[r])))
        };
        let (w, h) = self.factors(|x, r| times(x, dw, r), |x, r| times(x, dh, r));
        Model::Real(Factors { w, h })
    }
}

/// What the elements of an array are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Whole,
    Single,
    Double,
}

/// Non-negative finite numbers.
struct Array {
    name: &'static str,
    shape: Vec<usize>,
    /// Elements from one index of an axis to the next.
    strides: Vec<usize>,
    kind: Kind,
    values: Vec<f64>,
}

impl Array {
    fn at(&self, place: &[usize]) -> f64 {
        self.values[place.iter().zip(&self.strides).map(|(i, stride)| i * stride).sum::<usize>()]
    }

    fn wrong(&self, expected: &str) -> CodecError {
        let sizes: Vec<String> = self.shape.iter().map(usize::to_string).collect();
        let got = if sizes.is_empty() { "a scalar".to_owned() } else { sizes.join(" x ") };
        CodecError::Npz { reason: format!("{}: expected {expected}, got {got}", self.name) }
    }
}

struct Archive<'a>(NpzArchive<Cursor<&'a [u8]>>);

impl<'a> Archive<'a> {
    fn new(bytes: &'a [u8]) -> Result<Self, CodecError> {
        NpzArchive::new(Cursor::new(bytes)).map(Self).map_err(|e| CodecError::Npz { reason: e.to_string() })
    }

    fn required(&mut self, name: &'static str, limit: u64) -> Result<Array, CodecError> {
        let missing = || CodecError::Npz { reason: format!("it has no array {name}") };
        self.array(name, limit)?.ok_or_else(missing)
    }

    fn array(&mut self, name: &'static str, limit: u64) -> Result<Option<Array>, CodecError> {
        let failed = |reason: String| CodecError::Npz { reason: format!("{name}: {reason}") };
        let Some(file) = self.0.by_name(name).map_err(|e| failed(e.to_string()))? else { return Ok(None) };
        let size = file.shape().iter().try_fold(1u64, |size, n| size.checked_mul(*n)).unwrap_or(u64::MAX);
        if size > limit {
            return Err(CodecError::TooLarge { what: name, limit, got: size });
        }
        let sizes = |sizes: &[u64]| sizes.iter().map(|n| usize::try_from(*n).unwrap_or(usize::MAX)).collect();
        let (shape, strides): (Vec<usize>, Vec<usize>) = (sizes(file.shape()), sizes(file.strides()));
        let (kind, values) = numbers(file).map_err(failed)?;
        if values.len() as u64 != size {
            return Err(failed(format!("expected {size} numbers, got {}", values.len())));
        }
        if let Some(x) = values.iter().find(|x| !(x.is_finite() && **x >= 0.0)) {
            return Err(failed(format!("expected finite numbers from 0 up, got {x}")));
        }
        // Adding zero makes a negative zero a plain one.
        let values = values.into_iter().map(|x| x + 0.0).collect();
        Ok(Some(Array { name, shape, strides, kind, values }))
    }

    /// A whole number from a scalar, where there is one.
    fn whole(&mut self, name: &'static str) -> Result<Option<u32>, CodecError> {
        let Some(array) = self.array(name, 1)? else { return Ok(None) };
        let number = array.values.first().copied().filter(|x| x.fract() == 0.0 && *x <= f64::from(u32::MAX));
        let wrong = || CodecError::Npz { reason: format!("{name}: expected one whole number") };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
        number.map(|x| Some(x as u32)).ok_or_else(wrong)
    }

    fn header(&mut self) -> Result<Header, CodecError> {
        let failed = |e: std::io::Error| CodecError::Npz { reason: format!("header: {e}") };
        if let Some(file) = self.0.by_name("header").map_err(failed)? {
            let bytes: Vec<u8> = file.into_vec().map_err(failed)?;
            let line = String::from_utf8_lossy(&bytes);
            let line = line.trim_end();
            let known = line.is_ascii() && line.starts_with("snmf/");
            let wrong = || CodecError::NotAStream { got: line.chars().take(16).collect() };
            return if known { Ok(header::parse(line)?.0) } else { Err(wrong()) };
        }
        let (sample_rate, fft, hop) = (self.whole("sr")?, self.whole("fft")?, self.whole("hop")?);
        Ok(Header { method: "given".to_owned(), sample_rate, fft, hop, ..Header::default() })
    }
}

/// The elements, whatever numbers they are.
fn numbers<R: Read>(file: NpyFile<R>) -> Result<(Kind, Vec<f64>), String> {
    fn of<T: Deserialize + Into<f64>, R: Read>(file: NpyFile<R>) -> Result<Vec<f64>, String> {
        let values = file.data::<T>().map_err(|e| e.to_string())?;
        values.map(|value| value.map(Into::into).map_err(|e| e.to_string())).collect()
    }
    #[allow(clippy::cast_precision_loss)] // what does not fit is refused later: it is above u32::MAX
    fn wide<T: Deserialize, R: Read>(file: NpyFile<R>, as_f64: fn(T) -> f64) -> Result<Vec<f64>, String> {
        let values = file.data::<T>().map_err(|e| e.to_string())?;
        values.map(|value| value.map(as_f64).map_err(|e| e.to_string())).collect()
    }
    let dtype = file.dtype();
    let DType::Plain(plain) = &dtype else { return Err("expected numbers, got records".to_owned()) };
    Ok(match (plain.type_char(), plain.size_field()) {
        (TypeChar::Float, 4) => (Kind::Single, of::<f32, R>(file)?),
        (TypeChar::Float, 8) => (Kind::Double, of::<f64, R>(file)?),
        (TypeChar::Uint, 1) => (Kind::Whole, of::<u8, R>(file)?),
        (TypeChar::Uint, 2) => (Kind::Whole, of::<u16, R>(file)?),
        (TypeChar::Uint, 4) => (Kind::Whole, of::<u32, R>(file)?),
        (TypeChar::Uint, 8) => (Kind::Whole, wide(file, |x: u64| x as f64)?),
        (TypeChar::Int, 1) => (Kind::Whole, of::<i8, R>(file)?),
        (TypeChar::Int, 2) => (Kind::Whole, of::<i16, R>(file)?),
        (TypeChar::Int, 4) => (Kind::Whole, of::<i32, R>(file)?),
        (TypeChar::Int, 8) => (Kind::Whole, wide(file, |x: i64| x as f64)?),
        _ => return Err(format!("expected integers, f4 or f8, got {}", dtype.descr())),
    })
}
