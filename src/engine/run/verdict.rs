//! What a run has lost against its CNMF, in sentences: a good number in one measure may hide a bad one in another.

use super::column::ColumnState;
use super::measure::Measures;
use super::quality::{Measure, Quality};
use crate::numeric::{Loss, Method, PosterRules, QuantTarget, RunSpec};

/// A measure that is worse by no more than this, in dB, is not worth a warning: half the power, or twice the
/// divergence. Targets are 1 dB, so that rounding and seeds stay well below.
const NOTICEABLE_DB: f64 = 3.0;

/// A measure that is worse than CNMF's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub measure: Measure,
    /// What that means: "quiet parts are lost".
    pub meaning: &'static str,
    /// The same with both values: "quiet parts are lost: KLD 4.6 to 250".
    pub text: String,
}

/// How much higher A has to reach than B before B is said to end early: less is not heard.
const HIGHER: f64 = 1.25;

/// What B keeps and costs against A.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Bytes of the file of A over those of the file of B.
    pub ratio: f64,
    /// The measures that gave way, as against a CNMF.
    pub gave_way: Vec<Warning>,
    /// The frequency in Hz above which B is empty, where A goes on.
    pub empty_above: Option<f64>,
}

impl Verdict {
    /// Of what two columns show; none where one is not measured, or they are of different sounds.
    pub fn between(a: &ColumnState, b: &ColumnState) -> Option<Self> {
        let (of_a, of_b) = (a.measures.as_deref()?, b.measures.as_deref()?);
        let sounds = a.analysis.as_ref().zip(b.analysis.as_ref());
        if sounds.is_some_and(|(of_a, of_b)| of_a.sha256 != of_b.sha256) {
            return None;
        }
        let target = b.spec.as_ref().and_then(|spec| spec.target);
        Some(Self {
            ratio: of_a.sizes.file_bytes as f64 / of_b.sizes.file_bytes as f64,
            gave_way: warnings(&of_a.quality, &of_b.quality, target),
            empty_above: empty_above(a, b),
        })
    }
}

fn empty_above(a: &ColumnState, b: &ColumnState) -> Option<f64> {
    let top = |column: &ColumnState| {
        let hertz = column.analysis.as_ref()?.axes().bin_hz();
        let bin = column.snapshot.as_ref()?.highest_bin().unwrap_or(0);
        Some(bin as f64 * hertz)
    };
    let (of_a, of_b) = (top(a)?, top(b)?);
    (of_a > HIGHER * of_b).then_some(of_b)
}

/// A warning for each measure that is worse than CNMF's by more than 3 dB, and by more than the target allows it.
pub fn warnings(cnmf: &Quality, run: &Quality, target: Option<QuantTarget>) -> Vec<Warning> {
    let warning = |&measure: &Measure| {
        let (before, after) = (measure.value(cnmf)?, measure.value(run)?);
        let most = allowed_db(measure, target).max(NOTICEABLE_DB);
        let (from, to) = (brief(before), brief(after));
        // An exact CNMF is infinitely better than one that is nearly so: what cannot be seen is not warned of.
        let is_worse = measure.loss_db(before, after) > most && from != to;
        let unit = measure.unit();
        let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
        let meaning = meaning(measure);
        let text = format!("{meaning}: {} {from} to {to}{unit}", name(measure));
        is_worse.then_some(Warning { measure, meaning, text })
    };
    Measure::EACH.iter().filter_map(warning).collect()
}

/// What is lost where this measure is.
const fn meaning(measure: Measure) -> &'static str {
    match measure {
        Measure::Snr => "loud parts are blurred",
        Measure::Kld => "quiet parts are lost",
        Measure::SqrtSnr => "parts of middle level are blurred",
        Measure::Lsd => "silence and quiet parts are filled or emptied",
    }
}

/// The measure in a sentence, where abbreviations are not explained.
fn name(measure: Measure) -> &'static str {
    match measure {
        Measure::Snr | Measure::Kld | Measure::SqrtSnr => measure.label(),
        Measure::Lsd => "log-spectral distance",
    }
}

/// The loss that a target allows in a measure.
const fn allowed_db(measure: Measure, target: Option<QuantTarget>) -> f64 {
    match (target, measure) {
        (Some(QuantTarget::MaxLossDb(most, Loss::All)), Measure::Snr | Measure::Kld | Measure::SqrtSnr) => {
            most + Loss::REACH_DB
        }
        (Some(QuantTarget::MaxLossDb(most, Loss::Snr)), Measure::Snr) => most,
        (Some(QuantTarget::MaxLossDb(_, Loss::Snr)), Measure::Kld | Measure::SqrtSnr | Measure::Lsd)
        | (Some(QuantTarget::MaxLossDb(_, Loss::All)), Measure::Lsd)
        | (Some(QuantTarget::Fixed(_) | QuantTarget::MaxBytes(_)) | None, _) => 0.0,
    }
}

/// A number as precise as a sentence needs.
fn brief(value: f64) -> String {
    match value.abs() {
        100.0.. => format!("{value:.0}"),
        1.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// The warnings of a run, whose CNMF is known with its numbers, or is one of `others` on the same input.
pub fn of_run<'a>(
    spec: &RunSpec,
    measures: &Measures,
    others: impl IntoIterator<Item = (&'a RunSpec, &'a Measures)>,
) -> Vec<Warning> {
    if !spec.method.is_quantised() {
        return Vec::new();
    }
    let listed = || {
        let cnmf = cnmf_of(spec);
        others.into_iter().find(|(spec, _)| **spec == cnmf).map(|(_, measures)| measures.quality)
    };
    let cnmf = measures.cnmf.or_else(listed);
    cnmf.map_or_else(Vec::new, |cnmf| warnings(&cnmf, &measures.quality, spec.target))
}

/// CNMF with the settings of a run: what it is compared with.
fn cnmf_of(spec: &RunSpec) -> RunSpec {
    RunSpec {
        method: Method::CNMF,
        target: None,
        metric: None,
        poster: PosterRules::default(),
        ..spec.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(cnmf: &Quality, run: &Quality, target: Option<QuantTarget>) -> Vec<String> {
        warnings(cnmf, run, target).into_iter().map(|warning| warning.text).collect()
    }

    fn quality(snr_db: f64, kld: f64, sqrt_snr_db: f64, lsd_db: f64) -> Quality {
        Quality { snr_db: Some(snr_db), kld: Some(kld), sqrt_snr_db: Some(sqrt_snr_db), lsd_db: Some(lsd_db) }
    }

    #[test]
    fn each_measure_that_gave_way_has_a_sentence_with_both_values() {
        let cnmf = quality(29.4, 4.6, 21.0, 6.0);
        assert!(warnings(&cnmf, &cnmf, None).is_empty());
        assert!(warnings(&cnmf, &quality(26.5, 9.1, 18.1, 8.9), None).is_empty(), "not worth a word");
        assert!(warnings(&cnmf, &quality(40.0, 0.1, 40.0, 0.1), None).is_empty(), "better is no loss");
        assert_eq!(
            texts(&cnmf, &quality(26.0, 250.4, 17.0, 19.5), None),
            [
                "loud parts are blurred: SNR 29.4 to 26.0 dB",
                "quiet parts are lost: KLD 4.6 to 250",
                "parts of middle level are blurred: SNR of √V 21.0 to 17.0 dB",
                "silence and quiet parts are filled or emptied: log-spectral distance 6.0 to 19.5 dB",
            ]
        );
    }

    #[test]
    fn what_the_target_allows_is_not_warned_of() {
        let (cnmf, run) = (quality(30.0, 4.0, 20.0, 6.0), quality(24.1, 15.0, 14.1, 6.0));
        assert_eq!(warnings(&cnmf, &run, None).len(), 3);
        assert!(warnings(&cnmf, &run, Some(QuantTarget::MaxLossDb(6.0, Loss::All))).is_empty());
        let of_snr = texts(&cnmf, &run, Some(QuantTarget::MaxLossDb(6.0, Loss::Snr)));
        assert!(of_snr.len() == 2 && of_snr.iter().all(|text| !text.starts_with("loud")), "{of_snr:?}");
        assert_eq!(warnings(&cnmf, &run, Some(QuantTarget::MaxBytes(4000))).len(), 3);
    }

    #[test]
    fn what_is_not_known_or_not_seen_is_not_warned_of() {
        let cnmf = quality(30.0, 4.0, 20.0, 6.0);
        assert!(warnings(&Quality::default(), &cnmf, None).is_empty());
        assert!(warnings(&cnmf, &Quality::default(), None).is_empty());
        let exact = quality(f64::INFINITY, 0.0, f64::INFINITY, 0.0);
        assert!(warnings(&exact, &exact, None).is_empty());
        let nearly =
            Quality { snr_db: exact.snr_db, sqrt_snr_db: exact.sqrt_snr_db, ..quality(0.0, 1e-5, 0.0, 0.0) };
        assert!(warnings(&exact, &nearly, None).is_empty(), "KLD 0.00 to 0.00 says nothing");
    }
}
