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

/// Log-spectral distance of V + phi and Vhat + phi in dB.
pub fn lsd_db(v: &DMatrix<f64>, vhat: &DMatrix<f64>, phi: f64) -> f64 {
    let frame = |n: usize| {
        let squares =
            (0..v.nrows()).map(|m| (20.0 * ((v[(m, n)] + phi) / (vhat[(m, n)] + phi)).log10()).powi(2));
        (squares.sum::<f64>() / v.nrows() as f64).sqrt()
    };
    (0..v.ncols()).map(frame).sum::<f64>() / v.ncols() as f64
}

/// `sum_t sum_m W_t[m, r]^p X[m, n + t]`: with p = 1 and X = Q the numerator of H (3).
pub fn h_correlation(x: &DMatrix<f64>, f: &Factors<f64>, p: i32) -> DMatrix<f64> {
    let (bins, frames) = x.shape();
    DMatrix::from_fn(f.h.nrows(), frames, |r, n| {
        let mut sum = 0.0;
        for t in (0..f.w.len()).filter(|t| n + t < frames) {
            for m in 0..bins {
                sum += f.w[t][(m, r)].powi(p) * x[(m, n + t)];
            }
        }
        sum
    })
}

/// `sum_n X[m, n] H[r, n - t]^p`: with p = 1 and X = Q the numerator of `W_t` (3).
pub fn w_correlation(x: &DMatrix<f64>, f: &Factors<f64>, t: usize, p: i32) -> DMatrix<f64> {
    let (bins, frames) = x.shape();
    DMatrix::from_fn(bins, f.h.nrows(), |m, r| (t..frames).map(|n| x[(m, n)] * f.h[(r, n - t)].powi(p)).sum())
}

/// Q (3).
pub fn ratio(v: &DMatrix<f64>, f: &Factors<f64>, phi: f64) -> DMatrix<f64> {
    v.zip_map(&model(f), |v, q| (v + phi) / (q + phi))
}

/// One joint, edge-corrected update of H (3).
pub fn joint_h_update(v: &DMatrix<f64>, f: &mut Factors<f64>, phi: f64) {
    let ones = DMatrix::from_element(v.nrows(), v.ncols(), 1.0);
    let (num, den) = (h_correlation(&ratio(v, f, phi), f, 1), h_correlation(&ones, f, 1));
    let quotient = num.zip_map(&den, |n, d| if d > 0.0 { n / d } else { 1.0 });
    f.h.component_mul_assign(&quotient);
}

/// The poster's update of H: the mean over the lags of a quotient each, without regard for the edge.
pub fn average_h_update(v: &DMatrix<f64>, f: &mut Factors<f64>, phi: f64) {
    let q = ratio(v, f, phi);
    let mut mean = DMatrix::zeros(f.h.nrows(), f.h.ncols());
    for (t, w) in f.w.iter().enumerate() {
        let sums: Vec<f64> = (0..f.h.nrows()).map(|r| w.column(r).sum()).collect();
        for r in 0..f.h.nrows() {
            for n in 0..f.h.ncols().saturating_sub(t) {
                let num: f64 = (0..v.nrows()).map(|m| w[(m, r)] * q[(m, n + t)]).sum();
                mean[(r, n)] += num / sums[r] / f.w.len() as f64;
            }
        }
    }
    f.h.component_mul_assign(&mean);
}

/// One update of every basis (3), all from one Vhat or each from a fresh one.
pub fn w_update(v: &DMatrix<f64>, f: &mut Factors<f64>, phi: f64, sequential: bool) {
    let mut q = ratio(v, f, phi);
    let ones = DMatrix::from_element(v.nrows(), v.ncols(), 1.0);
    for t in 0..f.w.len() {
        let (num, den) = (w_correlation(&q, f, t, 1), w_correlation(&ones, f, t, 1));
        let quotient = num.zip_map(&den, |n, d| if d > 0.0 { n / d } else { 1.0 });
        f.w[t].component_mul_assign(&quotient);
        if sequential {
            q = ratio(v, f, phi);
        }
    }
}

/// One update of H and one of W (3), without any change of scale.
pub fn cnmf_update(v: &DMatrix<f64>, f: &mut Factors<f64>, phi: f64) {
    joint_h_update(v, f, phi);
    w_update(v, f, phi, false);
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
