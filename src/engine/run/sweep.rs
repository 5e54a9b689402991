//! Bytes against loss: the factors that CNMF learned, quantised by every method over a range of losses, and the
//! poster's method over a range of levels.

use std::borrow::Borrow;

use serde::Serialize;

use super::quality::Quality;
use super::series::Finished;
use crate::numeric::{Loss, Method, PosterRules, QuantParams, QuantTarget, RunSpec};

/// Losses against CNMF in dB that are traced where none are given. The first is the one that is quoted.
pub const LOSSES: [f64; 9] = [1.0, 0.1, 0.2, 0.5, 1.5, 2.0, 3.0, 4.5, 6.0];

/// The runs of a sweep with the settings of `base`, in the order in which they are best looked at: CNMF, every method
/// at the first loss, the poster's as it is, then the rest.
pub fn plan(base: &RunSpec, losses: &[f64]) -> Vec<RunSpec> {
    let usual = RunSpec { target: None, metric: None, poster: PosterRules::default(), ..base.clone() };
    let of = match base.target {
        Some(QuantTarget::MaxLossDb(_, of)) => of,
        Some(QuantTarget::Fixed(_) | QuantTarget::MaxBytes(_)) | None => Loss::default(),
    };
    let at = |method: Method, loss| {
        let target = QuantTarget::MaxLossDb(loss, of);
        RunSpec {
            method,
            target: Some(target),
            metric: method.row().targets.metric(&target, base.metric.unwrap_or_default()),
            ..usual.clone()
        }
    };
    let with = |method: Method, levels, renew| {
        let target = Some(QuantTarget::Fixed(QuantParams::Levels(levels)));
        let poster =
            if method.row().has_poster_rules { PosterRules { renew, ..base.poster } } else { usual.poster };
        RunSpec { method, target, poster, ..usual.clone() }
    };
    let mut runs = vec![RunSpec { method: Method::CNMF, ..usual.clone() }];
    let quantisers = || Method::ALL.into_iter().filter(|method| method.is_quantised_after_learning());
    runs.extend(losses.iter().flat_map(|&loss| quantisers().map(move |method| at(method, loss))));
    for method in Method::ALL {
        runs.extend(method.row().sweep.iter().map(|&(levels, renew)| with(method, levels, renew)));
    }
    runs
}

/// What else to run once [`plan`] is done: `snmf-rd` at the bytes that rounding with adaptive steps took, where these are
/// beyond what its own losses led to. It can be closer to V in SNR than the CNMF it starts from.
pub fn follow_up<R: Borrow<Finished>>(runs: &[R]) -> Vec<RunSpec> {
    let of = |method| runs.iter().map(Borrow::borrow).filter(move |run| run.spec.method == method);
    let bytes = |run: &Finished| run.measures.sizes.file_bytes;
    let most = of(Method::SNMF_RD).map(bytes).max();
    let Some((most, base)) = most.zip(of(Method::SNMF_RD).map(|run| run.spec.clone()).next()) else {
        return Vec::new();
    };
    let mut targets: Vec<usize> = of(Method::PTQ_ADAPTIVE).map(bytes).filter(|bytes| *bytes > most).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
        .into_iter()
        .map(|bytes| RunSpec { target: Some(QuantTarget::MaxBytes(bytes as u64)), ..base.clone() })
        .collect()
}

/// Methods side by side where one of their figures is the same.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Matched {
    /// At the same SNR: the fewest bytes among a method's points that reach it.
    pub at_equal_db: Vec<AtEqualDb>,
    /// At as many bytes as rounding with adaptive steps takes: between the two nearest points of a method, the measures
    /// in dB and the logarithms of bytes and KLD on straight lines.
    pub at_equal_bytes: Vec<AtEqualBytes>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtEqualDb {
    pub method: &'static str,
    /// dB below CNMF.
    pub loss_db: f64,
    pub snr_db: f64,
    /// Bytes of S as text after gzip.
    pub text_gzip_bytes: usize,
    /// The same over those of rounding with adaptive steps at this SNR.
    pub of_ptq_adaptive: Option<f64>,
}

/// Quality of a method at a number of bytes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AtEqualBytes {
    pub method: &'static str,
    pub text_gzip_bytes: f64,
    #[serde(flatten)]
    pub quality: Quality,
    /// dB of SNR above rounding with adaptive steps.
    pub over_ptq_adaptive_db: f64,
}

/// SNR, logarithm of the bytes, logarithm of KLD, SNR of √V, log-spectral distance.
type CurvePoint = [f64; 5];

struct Curve {
    method: Method,
    /// By SNR, and so by bytes.
    points: Vec<CurvePoint>,
}

/// Points by SNR, without those that another one beats in SNR and in bytes: nobody would choose them.
fn front(mut points: Vec<CurvePoint>) -> Vec<CurvePoint> {
    points.sort_by(|a, b| b[0].total_cmp(&a[0]).then(a[1].total_cmp(&b[1])));
    let mut fewest = f64::INFINITY;
    points.retain(|point| {
        let stays = point[1] < fewest;
        fewest = fewest.min(point[1]);
        stays
    });
    points.reverse();
    points
}

impl Curve {
    fn of(method: Method, runs: &[Finished]) -> Self {
        let point = |run: &Finished| {
            let Quality { snr_db, kld, sqrt_snr_db, lsd_db } = run.measures.quality;
            let bytes = run.measures.sizes.text_gzip_bytes as f64;
            Some([snr_db?, bytes.ln(), kld?.ln(), sqrt_snr_db?, lsd_db?])
        };
        let mut points: Vec<_> =
            runs.iter().filter(|run| run.spec.method == method).filter_map(point).collect();
        points.retain(|point| point.iter().all(|x| x.is_finite()));
        Self { method, points: front(points) }
    }

    /// The logarithm of the fewest bytes at an SNR of at least this.
    fn fewest_at(&self, snr_db: f64) -> Option<f64> {
        self.points.iter().find(|point| point[0] >= snr_db).map(|point| point[1])
    }

    /// The point with this logarithm of the bytes, on the line between its neighbours.
    fn at_bytes(&self, bytes: f64) -> Option<CurvePoint> {
        let above = self.points.iter().position(|point| point[1] >= bytes)?;
        let below = if self.points[above][1] > bytes { above.checked_sub(1)? } else { above };
        let (a, b) = (self.points[below], self.points[above]);
        let share = if b[1] > a[1] { (bytes - a[1]) / (b[1] - a[1]) } else { 0.0 };
        Some(std::array::from_fn(|i| a[i] + share * (b[i] - a[i])))
    }
}

impl Matched {
    /// The comparison of these runs of a sweep over `losses`.
    pub fn of(runs: &[Finished], losses: &[f64]) -> Self {
        let Some(reference) = runs
            .iter()
            .find(|run| run.spec.method == Method::CNMF)
            .and_then(|run| run.measures.quality.snr_db)
        else {
            return Self::default();
        };
        let curves = Method::ALL.into_iter().filter(|method| method.is_quantised());
        let curves: Vec<Curve> = curves.map(|method| Curve::of(method, runs)).collect();
        let rounding = Curve::of(Method::PTQ_ADAPTIVE, runs);
        let mut losses = losses.to_vec();
        losses.sort_by(f64::total_cmp);
        let mut matched = Self::default();
        for loss_db in losses {
            let snr_db = reference - loss_db;
            let rounded = rounding.fewest_at(snr_db);
            for curve in &curves {
                let Some(bytes) = curve.fewest_at(snr_db) else { continue };
                matched.at_equal_db.push(AtEqualDb {
                    method: curve.method.name(),
                    loss_db,
                    snr_db,
                    text_gzip_bytes: whole(bytes.exp()),
                    of_ptq_adaptive: rounded.map(|rounded| (bytes - rounded).exp()),
                });
            }
        }
        for rounded in rounding.points.iter().rev() {
            for curve in &curves {
                let Some([snr_db, _, kld, sqrt_snr_db, lsd_db]) = curve.at_bytes(rounded[1]) else {
                    continue;
                };
                matched.at_equal_bytes.push(AtEqualBytes {
                    method: curve.method.name(),
                    text_gzip_bytes: rounded[1].exp(),
                    quality: Quality {
                        snr_db: Some(snr_db),
                        kld: Some(kld.exp()),
                        sqrt_snr_db: Some(sqrt_snr_db),
                        lsd_db: Some(lsd_db),
                    },
                    over_ptq_adaptive_db: snr_db - rounded[0],
                });
            }
        }
        matched
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of bytes
fn whole(bytes: f64) -> usize {
    bytes.round() as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beaten_does_not_count() {
        let place = |snr: f64, bytes: f64| [snr, bytes, 0.0, 0.0, 0.0];
        let [a, b, c, d] = [place(10.0, 4.0), place(9.0, 5.0), place(12.0, 6.0), place(10.0, 4.5)];
        assert_eq!(front(vec![d, c, b, a]), [a, c]);
    }

    #[test]
    fn curves_are_read_between_their_points_and_not_beyond() {
        let curve = Curve {
            method: Method::SNMF_RD,
            points: vec![[10.0, 4.0, 3.0, 5.0, 9.0], [12.0, 6.0, 1.0, 6.0, 8.0], [13.0, 8.0, 0.0, 8.0, 6.0]],
        };
        assert_eq!(curve.at_bytes(7.0), Some([12.5, 7.0, 0.5, 7.0, 7.0]));
        assert_eq!(curve.at_bytes(6.0), Some([12.0, 6.0, 1.0, 6.0, 8.0]));
        assert_eq!((curve.at_bytes(3.9), curve.at_bytes(8.1)), (None, None));
        assert_eq!([9.0, 10.0, 10.1, 13.0].map(|db| curve.fewest_at(db)), [4.0, 4.0, 6.0, 8.0].map(Some));
        assert_eq!(curve.fewest_at(13.1), None);
        assert_eq!(Curve { method: Method::SNMF_RD, points: vec![] }.at_bytes(1.0), None);
    }
}
