//! Factors as an NPZ archive, for numpy.

use std::io::{Seek, Write};

use npyz::WriterBuilder;
use npyz::npz::NpzWriter;

use super::error::CodecError;
use super::header::{self, Layout};
use super::stream::Stored;
use crate::numeric::{AnyModel, Factors, Model, Quantised, Real};

/// Writes `W` (T, M, R), `H` (R, N) and, for quantised models, `dw` (R) and `dh` (R), with `header`: the
/// stream's header line as bytes. W and H are integers for quantised models: `W * dw` and `H * dh[:, None]`
/// are the factors.
///
/// # Errors
/// The writer fails.
pub fn write_npz(out: impl Write + Seek, stored: &Stored) -> Result<(), CodecError> {
    let mut npz = NpzWriter::new(out);
    let outcome = match &stored.model {
        AnyModel::F32(model) => write_model(&mut npz, model),
        AnyModel::F64(model) => write_model(&mut npz, model),
    };
    let line = header::write(&stored.header, &Layout::of(stored));
    let outcome = outcome.and_then(|()| write_array(&mut npz, "header", &[line.len()], line.iter().copied()));
    outcome.map_err(|e| CodecError::Npz { reason: e.to_string() })
}

fn write_model<F, W>(npz: &mut NpzWriter<W>, model: &Model<F>) -> std::io::Result<()>
where
    F: Real + npyz::AutoSerialize,
    W: Write + Seek,
{
    match model {
        Model::Real(Factors { w, h }) => write_factors(npz, w, h),
        Model::Quantised(Quantised { w, h, dw, dh }) => {
            write_factors(npz, w, h)?;
            write_array(npz, "dw", &[dw.len()], dw.iter().copied())?;
            write_array(npz, "dh", &[dh.len()], dh.iter().copied())
        }
    }
}

fn write_factors<T, W>(
    npz: &mut NpzWriter<W>,
    w: &[nalgebra::DMatrix<T>],
    h: &nalgebra::DMatrix<T>,
) -> std::io::Result<()>
where
    T: nalgebra::Scalar + Copy + npyz::AutoSerialize,
    W: Write + Seek,
{
    let (bins, components) = w.first().map_or((0, 0), nalgebra::DMatrix::shape);
    let rows =
        w.iter().flat_map(|basis| basis.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<T>>()));
    write_array(npz, "W", &[w.len(), bins, components], rows)?;
    let rows = h.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<T>>());
    write_array(npz, "H", &[h.nrows(), h.ncols()], rows)
}

/// One array in C order.
fn write_array<T, W>(
    npz: &mut NpzWriter<W>,
    name: &str,
    shape: &[usize],
    values: impl Iterator<Item = T>,
) -> std::io::Result<()>
where
    T: npyz::AutoSerialize,
    W: Write + Seek,
{
    let shape: Vec<u64> = shape.iter().map(|n| *n as u64).collect();
    let mut array = npz
        .array(name, npyz::zip::write::FileOptions::default())?
        .default_dtype()
        .shape(&shape)
        .begin_nd()?;
    array.extend(values)?;
    array.finish()
}
