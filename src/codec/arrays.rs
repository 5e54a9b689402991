//! Factors and spectrograms that others made, from NPZ archives.

use std::io::{BufReader, Read, Seek};

use nalgebra::{DMatrix, DVector};
use npyz::npz::array_name_from_file_name;

use super::archive::ArchiveReader;
use super::error::CodecError;
use super::npz::{Archive, Array, ElementKind, NPY, numbers};
use super::stored::{Header, Limits};
use crate::numeric::{AnyModel, Factors, Model, Quantised, Real, Shape};

/// Memory that an element of V takes: in double precision, and in single, which is shown.
const SPECTRUM_BYTES: u64 = 8 + 4;

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
    pub fn parse(text: &str) -> Option<Self> {
        let axes: [char; 3] = text.chars().collect::<Vec<_>>().try_into().ok()?;
        "tmr".chars().all(|axis| axes.contains(&axis)).then_some(Self(axes))
    }

    fn place(self, axis: char) -> usize {
        self.0.iter().position(|known| *known == axis).unwrap_or_default()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct GivenArrays {
    /// What the archive says of them: its `header`, or else `sr`, `fft` and `hop`.
    pub header: Header,
    /// Integers where the archive has integers with `dw` and `dh`; in double precision where an array is.
    pub model: AnyModel,
}

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
pub fn read_factors(bytes: &[u8], axes: WAxes, limits: &Limits) -> Result<GivenArrays, CodecError> {
    let mut archive = Archive::new(bytes, limits.memory)?;
    let w = archive.required_array("W", limits.values)?;
    let h = archive.required_array("H", limits.values)?;
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
    let header = archive.header(limits.header_bytes)?;
    let single = [Some(&w), Some(&h), dw.as_ref(), dh.as_ref()]
        .into_iter()
        .flatten()
        .all(|a| a.kind != ElementKind::Double);
    let given = Arrays { w: &w, h: &h, axes, shape };
    let model = match (&dw, &dh) {
        (Some(dw), Some(dh)) if w.kind == ElementKind::Whole && h.kind == ElementKind::Whole => {
            if single {
                given.quantised::<f32>(dw, dh)?.into()
            } else {
                given.quantised::<f64>(dw, dh)?.into()
            }
        }
        _ if single && w.kind == ElementKind::Single => given.real::<f32>(dw.as_ref(), dh.as_ref()).into(),
        _ => given.real::<f64>(dw.as_ref(), dh.as_ref()).into(),
    };
    Ok(GivenArrays { header, model })
}

/// Reads a spectrogram that is ready: `V`, M x N, with `sr` in Hz and `hop` in samples where they are known.
pub fn read_spectrum(bytes: &[u8], limits: &Limits) -> Result<Spectrum, CodecError> {
    let mut archive = Archive::new(bytes, limits.memory)?;
    let (rate, hop) = (archive.whole("sr")?, archive.whole("hop")?);
    let (layout, file) = archive.required("V", limits.cells, SPECTRUM_BYTES)?;
    let &[bins, frames] = &layout.shape[..] else { return Err(layout.wrong("M x N")) };
    check(&Shape { bins, frames, components: 1, lags: 1 }, limits)?;
    // Element by element to its place: of something this large there is one copy.
    let mut v = DMatrix::zeros(bins, frames);
    let (mut m, mut n) = (0, 0);
    let by_columns = layout.strides[0] == 1 && frames > 1;
    numbers(file, &layout, |x| {
        v[(m, n)] = x;
        if by_columns {
            (m, n) = if m + 1 < bins { (m + 1, n) } else { (0, n + 1) };
        } else {
            (m, n) = if n + 1 < frames { (m, n + 1) } else { (m + 1, 0) };
        }
    })?;
    Ok(Spectrum { v, rate, hop })
}

/// Whether a file holds arrays, whatever it is called: an archive with some, or a single one, which is refused by name.
pub fn holds_arrays(mut file: impl Read + Seek) -> bool {
    let mut begin = [0; NPY.len()];
    let read = file.read_exact(&mut begin).and_then(|()| file.rewind());
    if read.is_err() || !begin.starts_with(b"PK\x03\x04") {
        return read.is_ok() && begin == NPY;
    }
    ArchiveReader::new(BufReader::new(file))
        .is_ok_and(|archive| archive.names().any(|name| array_name_from_file_name(&name).is_some()))
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
