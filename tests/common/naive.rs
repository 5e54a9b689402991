//! The mathematics written down as it reads, in double precision: so simple that it is unlikely to be wrong.

use nalgebra::DMatrix;
use snmf_workbench::numeric::{Factors, Quantised, Real};

/// Vhat (2): three sums, one after the other.
pub fn model(f: &Factors<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(f.w[0].nrows(), f.h.ncols(), |m, n| {
        let mut sum = 0.0;
        for (t, w) in f.w.iter().enumerate() {
            for r in 0..f.h.nrows() {
                if n >= t {
                    sum += w[(m, r)] * f.h[(r, n - t)];
                }
            }
        }
        sum
    })
}

/// The same factors in double precision.
pub fn widen<F: Real>(f: &Factors<F>) -> Factors<f64> {
    let wide = |x: &DMatrix<F>| x.map(snmf_workbench::numeric::Real::to_f64);
    Factors { w: f.w.iter().map(wide).collect(), h: wide(&f.h) }
}

/// D (1) of V + phi and Vhat + phi.
pub fn kld(v: &DMatrix<f64>, vhat: &DMatrix<f64>, phi: f64) -> f64 {
    v.iter().zip(vhat.iter()).map(|(v, q)| (v + phi) * ((v + phi) / (q + phi)).ln() - v + q).sum()
}

/// SNR on magnitudes.
pub fn snr_db(v: &DMatrix<f64>, vhat: &DMatrix<f64>) -> f64 {
    10.0 * (v.iter().map(|v| v * v).sum::<f64>()
        / v.iter().zip(vhat.iter()).map(|(v, q)| (v - q).powi(2)).sum::<f64>())
    .log10()
}

fn ratio(v: &DMatrix<f64>, f: &Factors<f64>, phi: f64) -> DMatrix<f64> {
    v.zip_map(&model(f), |v, q| (v + phi) / (q + phi))
}

/// One joint, edge-corrected update of H and one of W (3), without any change of scale.
pub fn cnmf_update(v: &DMatrix<f64>, f: &mut Factors<f64>, phi: f64) {
    let (bins, frames, lags) = (v.nrows(), v.ncols(), f.w.len());
    let q = ratio(v, f, phi);
    f.h = DMatrix::from_fn(f.h.nrows(), frames, |r, n| {
        let (mut num, mut den) = (0.0, 0.0);
        for t in (0..lags).filter(|t| n + t < frames) {
            for m in 0..bins {
                num += f.w[t][(m, r)] * q[(m, n + t)];
                den += f.w[t][(m, r)];
            }
        }
        f.h[(r, n)] * if den > 0.0 { num / den } else { 1.0 }
    });
    let q = ratio(v, f, phi);
    for t in 0..lags {
        f.w[t] = DMatrix::from_fn(bins, f.h.nrows(), |m, r| {
            let (mut num, mut den) = (0.0, 0.0);
            for n in t..frames {
                num += q[(m, n)] * f.h[(r, n - t)];
                den += f.h[(r, n - t)];
            }
            f.w[t][(m, r)] * if den > 0.0 { num / den } else { 1.0 }
        });
    }
}

/// The real factors of Definition 1.
pub fn dequantise(q: &Quantised<f64>) -> Factors<f64> {
    Factors {
        w: q.w
            .iter()
            .map(|w| DMatrix::from_fn(w.nrows(), w.ncols(), |m, r| f64::from(w[(m, r)]) * q.dw[r]))
            .collect(),
        h: DMatrix::from_fn(q.h.nrows(), q.h.ncols(), |r, n| f64::from(q.h[(r, n)]) * q.dh[r]),
    }
}
