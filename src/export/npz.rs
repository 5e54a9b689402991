//! Factors as an NPZ archive, numpy's own.

use std::io::{Cursor, Seek, Write};

use nalgebra::{DMatrix, DVector};
use npyz::npz::file_name_from_array_name;
use npyz::write_options::WriteOptions;
use npyz::{DType, TypeStr, WriterBuilder};

use super::format::{FactorFile, FactorFormat};
use crate::codec::{ArchiveWriter, CodecError, Stored};
use crate::codec::{Layout, header};
use crate::numeric::{AnyModel, Factors, Model, Quantised, Real};

pub const NPZ: FactorFormat = FactorFormat {
    name: "npz",
    is_single: true,
    holds_vhat: true,
    is_packed: true,
    write: |stored, vhat| {
        let mut npz = Cursor::new(Vec::new());
        write_npz(&mut npz, stored, vhat)?;
        let what = "W, H, dw, dh and the header, for numpy";
        Ok(vec![FactorFile { part: "", what, bytes: npz.into_inner() }])
    },
};

/// Writes `W` (T, M, R) and `H` (R, N) as they are stored, `dw` (R) and `dh` (R), which are ones for real-valued
/// factors, every field of the header under its key, numbers as scalars and texts as bytes, and `header`, its line,
/// as bytes. `W * dw` and `H * dh[:, None]` are the factors. With `vhat` (M, N) it writes that too, as `Vhat`.
pub fn write_npz(
    out: impl Write + Seek,
    stored: &Stored,
    vhat: Option<&DMatrix<f64>>,
) -> Result<(), CodecError> {
    let mut npz = ArchiveWriter::new(out);
    let mut write = || {
        match &stored.model {
            AnyModel::F32(model) => write_model(&mut npz, model)?,
            AnyModel::F64(model) => write_model(&mut npz, model)?,
        }
        if let Some(vhat) = vhat {
            write_matrix(&mut npz, "Vhat", vhat)?;
        }
        for (key, value) in header::fields(&stored.header) {
            let number = value.parse().ok().filter(|x: &f64| header::NUMBERS.contains(&key) && x.is_finite());
            match number {
                Some(number) => write_array(&mut npz, key, &[], std::iter::once(number))?,
                None => write_text(&mut npz, key, value.as_bytes())?,
            }
        }
        let line = header::write(&stored.header, &Layout::of(stored));
        write_array(&mut npz, "header", &[line.len()], line.iter().copied())
    };
    write().map_err(|e| CodecError::Npz { reason: e.to_string() })
}

fn write_model<F, W>(npz: &mut ArchiveWriter<W>, model: &Model<F>) -> std::io::Result<()>
where
    F: Real + npyz::AutoSerialize,
    W: Write + Seek,
{
    let ones;
    let (dw, dh) = match model {
        Model::Real(Factors { w, h }) => {
            write_factors(npz, w, h)?;
            ones = DVector::from_element(h.nrows(), F::ONE);
            (&ones, &ones)
        }
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            write_factors(npz, w, h)?;
            (dw, dh)
        }
    };
    write_array(npz, "dw", &[dw.len()], dw.iter().copied())?;
    write_array(npz, "dh", &[dh.len()], dh.iter().copied())
}

fn write_factors<T, W>(npz: &mut ArchiveWriter<W>, w: &[DMatrix<T>], h: &DMatrix<T>) -> std::io::Result<()>
where
    T: nalgebra::Scalar + Copy + npyz::AutoSerialize,
    W: Write + Seek,
{
    let (bins, components) = w.first().map_or((0, 0), DMatrix::shape);
    let rows =
        w.iter().flat_map(|basis| basis.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<T>>()));
    write_array(npz, "W", &[w.len(), bins, components], rows)?;
    write_matrix(npz, "H", h)
}

fn write_matrix<T, W>(npz: &mut ArchiveWriter<W>, name: &str, matrix: &DMatrix<T>) -> std::io::Result<()>
where
    T: nalgebra::Scalar + Copy + npyz::AutoSerialize,
    W: Write + Seek,
{
    let rows = matrix.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<T>>());
    write_array(npz, name, &[matrix.nrows(), matrix.ncols()], rows)
}

/// One array in C order.
fn write_array<T, W>(
    npz: &mut ArchiveWriter<W>,
    name: &str,
    shape: &[usize],
    values: impl Iterator<Item = T>,
) -> std::io::Result<()>
where
    T: npyz::AutoSerialize,
    W: Write + Seek,
{
    let shape: Vec<u64> = shape.iter().map(|n| *n as u64).collect();
    let bytes = shape.iter().product::<u64>().saturating_mul(size_of::<T>() as u64);
    let entry = begin(npz, name, bytes)?;
    let mut array = WriteOptions::new().default_dtype().shape(&shape).writer(entry).begin_nd()?;
    array.extend(values)?;
    array.finish()
}

/// A scalar of bytes.
fn write_text<W: Write + Seek>(npz: &mut ArchiveWriter<W>, name: &str, text: &[u8]) -> std::io::Result<()> {
    let length = text.len().max(1);
    let dtype: TypeStr = format!("|S{length}").parse().map_err(std::io::Error::other)?;
    let entry = begin(npz, name, length as u64)?;
    let mut array =
        WriteOptions::<[u8]>::new().dtype(DType::Plain(dtype)).shape(&[]).writer(entry).begin_nd()?;
    array.push(text)?;
    array.finish()
}

/// The entry of an array with so many bytes of numbers.
fn begin<'a, W: Write + Seek>(
    npz: &'a mut ArchiveWriter<W>,
    name: &str,
    bytes: u64,
) -> std::io::Result<impl Write + use<'a, W>> {
    npz.begin(&file_name_from_array_name(name), true, bytes).map_err(std::io::Error::other)
}
