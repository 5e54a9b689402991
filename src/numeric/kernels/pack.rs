//! V and the factors in the order in which a [`super::panel::Panel`] reads them.

use std::ops::Range;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::panel::Order;
use super::scalar::Real;
use super::stacked::Stacked;
use super::transpose::transpose;

/// Parts in which operands are packed where threads share that.
pub const SHARES: usize = 8;

/// Reads V in order, a line of the cache at a time: memory answers that several times as fast as the order in which
/// a panel needs it, and then it is near.
pub fn fetch<F: Real>(v: &[F]) {
    /// Bytes in a line on all machines that matter; a smaller true one makes this only less useful.
    const LINE: usize = 64;
    /// Sums side by side: a single one would make every addition wait for the one before.
    const CHAINS: usize = 8;
    let step = LINE / size_of::<F>();
    let mut sums = [F::ZERO; CHAINS];
    for lines in v.chunks(CHAINS * step) {
        for (sum, line) in sums.iter_mut().zip(lines.chunks(step)) {
            *sum += line[0];
        }
    }
    std::hint::black_box(sums);
}

/// V of the frames `first .. first + width` by bins; zero beyond the last frame.
pub fn transpose_in<F: Real>(v: &DMatrix<F>, first: usize, width: usize, out: &mut [F]) {
    let (bins, frames) = (v.nrows(), width.min(v.ncols() - first));
    let v = &v.as_slice()[first * bins..][..frames * bins];
    fetch(v);
    transpose(v, bins, out, width, bins, frames);
    if frames < width {
        out.chunks_exact_mut(width).for_each(|out| out[frames..].fill(F::ZERO));
    }
}

/// Rows of bins, `width` frames each, as frames: what [`turn_over`] does, done back.
pub fn transpose_out<F: Real>(rows: &[F], width: usize, frames: &mut [F]) {
    let bins = rows.len() / width;
    let count = frames.len() / bins;
    transpose(rows, width, frames, bins, count, bins);
}

/// Vhat's operand of a panel of frames: for each lag and component a row of activations.
pub fn gather<F: Real>(state: &Stacked<F>, first: usize, width: usize, rows: &mut [F], own: &mut [F]) {
    let components = state.shape.components;
    let row = rows.len() / components;
    let mut frames = state.h[first * components..].chunks_exact(components);
    for x in 0..row {
        let frame = frames.next();
        for (r, row) in rows.chunks_exact_mut(row).enumerate() {
            row[x] = frame.map_or(F::ZERO, |frame| frame[r]);
        }
    }
    for (k, own) in own.chunks_exact_mut(width).enumerate() {
        let (s, r) = (k / components, k % components);
        own.copy_from_slice(&rows[r * row + s..][..width]);
    }
}

/// In groups of `tall` rows of a column-major matrix, for each column: `tall` values, zero beyond the last row.
pub fn pack_rows<F: Real>(out: &mut [F], tall: usize, rows: usize, matrix: &[F]) {
    match tall {
        10 => pack_rows_by::<F, 10>(out, rows, matrix),
        _ => pack_rows_by::<F, 5>(out, rows, matrix),
    }
}

fn pack_rows_by<F: Real, const TALL: usize>(out: &mut [F], rows: usize, matrix: &[F]) {
    let columns = matrix.len() / rows;
    for (group, out) in out.as_chunks_mut::<TALL>().0.chunks_exact_mut(columns).enumerate() {
        for (out, column) in out.iter_mut().zip(matrix.chunks_exact(rows)) {
            let column = &column[group * TALL..];
            if let Some(whole) = column.first_chunk::<TALL>() {
                *out = *whole;
            } else {
                *out = [F::ZERO; TALL];
                out[..column.len()].copy_from_slice(column);
            }
        }
    }
}

/// In groups of `tall` columns of a column-major matrix, for each row: `tall` values, zero beyond the last column.
pub fn pack_columns<F: Real>(out: &mut [F], tall: usize, rows: usize, matrix: &[F], order: Order) {
    match tall {
        10 => pack_columns_by::<F, 10>(out, rows, matrix, order),
        8 => pack_columns_by::<F, 8>(out, rows, matrix, order),
        5 => pack_columns_by::<F, 5>(out, rows, matrix, order),
        4 => pack_columns_by::<F, 4>(out, rows, matrix, order),
        _ => pack_columns_by::<F, 2>(out, rows, matrix, order),
    }
}

fn pack_columns_by<F: Real, const TALL: usize>(out: &mut [F], rows: usize, matrix: &[F], order: Order) {
    for (out, columns) in out.as_chunks_mut::<TALL>().0.chunks_exact_mut(rows).zip(matrix.chunks(TALL * rows))
    {
        let mut each = columns.chunks_exact(rows);
        let columns: [&[F]; TALL] = std::array::from_fn(|_| each.next().unwrap_or_default());
        if columns.iter().all(|column| column.len() == rows) {
            for (i, out) in out.iter_mut().enumerate() {
                for j in 0..TALL {
                    out[j] = order.of(columns[j][i]);
                }
            }
        } else {
            for (i, out) in out.iter_mut().enumerate() {
                *out = std::array::from_fn(|j| columns[j].get(i).map_or(F::ZERO, |&x| order.of(x)));
            }
        }
    }
}

/// Windows of R T activations, one for each of `len` frames, that overlap in H as it is stored.
pub struct Windows<'a, F> {
    pub h: &'a [F],
    pub components: usize,
    pub depth: usize,
    pub len: usize,
}

impl<F: Real> Windows<'_, F> {
    fn window(&self, n: usize) -> &[F] {
        &self.h[n * self.components..][..self.depth]
    }

    /// In groups of `tall` windows, for each place in them: `tall` values, zero beyond the last window.
    pub fn pack_rows(&self, out: &mut [F], tall: usize, alone: bool) {
        let groups = self.len.div_ceil(tall);
        let a_share = if alone { groups } else { groups.div_ceil(SHARES) };
        let size = tall * self.depth;
        shared_out(out, a_share * size, |share, out| {
            for (group, out) in (share * a_share..).zip(out.chunks_exact_mut(size)) {
                for j in 0..tall {
                    let n = group * tall + j;
                    let out = out.iter_mut().skip(j).step_by(tall);
                    if n < self.len {
                        out.zip(self.window(n)).for_each(|(out, &h)| *out = h);
                    } else {
                        out.for_each(|out| *out = F::ZERO);
                    }
                }
            }
        });
    }

    /// In groups of `tall` of the `places`, for each window: `tall` values, zero beyond the last place.
    pub fn pack_columns(&self, out: &mut [F], tall: usize, places: Range<usize>, order: Order, alone: bool) {
        let groups = places.len().div_ceil(tall);
        let a_share = if alone { groups } else { groups.div_ceil(SHARES) };
        let size = tall * self.len;
        shared_out(out, a_share * size, |share, out| {
            let firsts = places.clone().step_by(tall).skip(share * a_share);
            for (out, first) in out.chunks_exact_mut(size).zip(firsts) {
                let valid = tall.min(places.end - first);
                for (n, out) in out.chunks_exact_mut(tall).enumerate() {
                    let window = &self.window(n)[first..][..valid];
                    out.iter_mut().zip(window).for_each(|(out, &h)| *out = order.of(h));
                    if valid < tall {
                        out[valid..].fill(F::ZERO);
                    }
                }
            }
        });
    }
}

/// Does `work` on chunks of that size: on the pool if there are several.
fn shared_out<F: Real>(out: &mut [F], chunk: usize, work: impl Fn(usize, &mut [F]) + Sync) {
    if chunk >= out.len() {
        work(0, out);
    } else {
        out.par_chunks_mut(chunk).enumerate().for_each(|(share, out)| work(share, out));
    }
}
