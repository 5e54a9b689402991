//! How near a model is to V: one table of measures, read by every place that shows them.

use nalgebra::DMatrix;
use serde::Serialize;
use strum::{IntoStaticStr, VariantArray};

use crate::numeric::{Magnitudes, Real, measure};

/// The value of each measure, as far as it is known: none of them is without V.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Quality {
    /// Signal-to-noise ratio on magnitudes.
    pub snr_db: Option<f64>,
    /// D of eq. (1) with the floor phi.
    pub kld: Option<f64>,
    /// Signal-to-noise ratio of √V.
    pub sqrt_snr_db: Option<f64>,
    /// Log-spectral distance in dB with the floor phi.
    pub lsd_db: Option<f64>,
}

impl Quality {
    /// That of Vhat against V.
    pub(in crate::engine) fn of<F: Real>(v: &DMatrix<F>, vhat: &Magnitudes<F>, phi: f64) -> Self {
        Self {
            snr_db: Some(measure::snr_db(v, vhat)),
            kld: Some(measure::kld(v, vhat, phi)),
            sqrt_snr_db: Some(measure::sqrt_snr_db(v, vhat)),
            lsd_db: Some(measure::lsd_db(v, vhat, phi)),
        }
    }

    /// All that is known, in a line.
    pub fn describe(&self) -> String {
        let known = |measure: Measure| Some(measure.describe(measure.value(self)?));
        Measure::EACH.into_iter().filter_map(known).collect::<Vec<_>>().join(", ")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default, IntoStaticStr, VariantArray)]
pub enum Measure {
    #[default]
    #[strum(serialize = "snr_db")]
    Snr,
    #[strum(serialize = "kld")]
    Kld,
    #[strum(serialize = "sqrt_snr_db")]
    SqrtSnr,
    #[strum(serialize = "lsd_db")]
    Lsd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Higher,
    Lower,
}

/// One row a measure, in the order of the measures.
struct MeasureRow {
    label: &'static str,
    unit: &'static str,
    /// Both, for the head of a column.
    heading: &'static str,
    decimals: usize,
    better: Better,
    by_decades: bool,
    help: &'static str,
    get: fn(&Quality) -> Option<f64>,
    loss_db: fn(f64, f64) -> f64,
}

const TABLE: [MeasureRow; 4] = [
    MeasureRow {
        label: "SNR",
        unit: "dB",
        heading: "SNR (dB)",
        decimals: 2,
        better: Better::Higher,
        by_decades: false,
        help: "SNR, signal-to-noise ratio: 10 log10 of the energy of V over that of V minus the model (eq. 2, eq. 7), on \
               magnitudes; loud elements decide it",
        get: |quality| quality.snr_db,
        loss_db: |reference, value| reference - value,
    },
    MeasureRow {
        label: "KLD",
        unit: "",
        heading: "KLD",
        decimals: 2,
        better: Better::Lower,
        by_decades: true,
        help: "KLD, Kullback-Leibler divergence: the sum of V log(V / model) - V + model over all elements (eq. 1), with a \
               floor 80 dB below the maximum; quiet elements count where the model leaves them out",
        get: |quality| quality.kld,
        loss_db: |reference, value| 10.0 * (value / reference).log10(),
    },
    MeasureRow {
        label: "SNR of √V",
        unit: "dB",
        heading: "SNR of √V (dB)",
        decimals: 2,
        better: Better::Higher,
        by_decades: false,
        help: "SNR of √V: the same ratio of the square roots of V and of the model, between SNR and KLD in how much quiet \
               elements count",
        get: |quality| quality.sqrt_snr_db,
        loss_db: |reference, value| reference - value,
    },
    MeasureRow {
        label: "LSD",
        unit: "dB",
        heading: "LSD (dB)",
        decimals: 2,
        better: Better::Lower,
        by_decades: false,
        help: "LSD, log-spectral distance: how many dB the model is off, as the root mean square over the bins of a frame, \
               averaged over the frames, with a floor 80 dB below the maximum; every element counts alike, silence too",
        get: |quality| quality.lsd_db,
        loss_db: |reference, value| value - reference,
    },
];

impl Measure {
    pub const COUNT: usize = TABLE.len();

    pub const EACH: [Self; Self::COUNT] = [Self::Snr, Self::Kld, Self::SqrtSnr, Self::Lsd];

    const fn row(self) -> &'static MeasureRow {
        &TABLE[self as usize]
    }

    /// What it is called where it is shown, without its unit.
    pub const fn label(self) -> &'static str {
        self.row().label
    }

    /// Its unit; empty where it has none.
    pub const fn unit(self) -> &'static str {
        self.row().unit
    }

    /// Label and unit: "SNR (dB)".
    pub const fn heading(self) -> &'static str {
        self.row().heading
    }

    pub const fn help(self) -> &'static str {
        self.row().help
    }

    #[must_use]
    pub const fn better(self) -> Better {
        self.row().better
    }

    /// Whether its axis is spread by factors of ten: values that differ by such factors would lie on one line else.
    pub const fn is_by_decades(self) -> bool {
        self.row().by_decades
    }

    #[must_use]
    pub fn value(self, quality: &Quality) -> Option<f64> {
        (self.row().get)(quality)
    }

    /// How many dB `value` is worse than `reference`; negative where it is better. Of a divergence, 10 log10 of the
    /// quotient.
    pub fn loss_db(self, reference: f64, value: f64) -> f64 {
        (self.row().loss_db)(reference, value)
    }

    #[must_use]
    pub fn number(self, value: f64) -> String {
        let decimals = self.row().decimals;
        format!("{value:.decimals$}")
    }

    /// Its label and a value with its unit: "SNR 25.30 dB".
    #[must_use]
    pub fn describe(self, value: f64) -> String {
        let (MeasureRow { label, unit, .. }, number) = (self.row(), self.number(value));
        if unit.is_empty() { format!("{label} {number}") } else { format!("{label} {number} {unit}") }
    }

    /// A number that is the lower, the better the value is; what is not known comes last.
    pub fn rank(self, value: Option<f64>) -> f64 {
        match (value.filter(|value| !value.is_nan()), self.better()) {
            (Some(value), Better::Higher) => -value,
            (Some(value), Better::Lower) => value,
            (None, _) => f64::INFINITY,
        }
    }
}

impl Better {
    pub const fn words(self) -> &'static str {
        match self {
            Self::Higher => "higher is better",
            Self::Lower => "lower is better",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Named;

    #[test]
    fn rows_stand_in_the_order_of_the_measures_and_read_their_own_value() {
        let quality =
            Quality { snr_db: Some(1.0), kld: Some(2.0), sqrt_snr_db: Some(3.0), lsd_db: Some(4.0) };
        let names = Measure::EACH.map(Measure::name);
        assert_eq!(names, ["snr_db", "kld", "sqrt_snr_db", "lsd_db"], "as in the JSON");
        for (i, measure) in Measure::EACH.into_iter().enumerate() {
            assert_eq!(measure as usize, i);
            let (label, unit) = (measure.label(), measure.unit());
            let both = if unit.is_empty() { label.to_owned() } else { format!("{label} ({unit})") };
            assert_eq!(measure.heading(), both);
            assert_eq!(measure.value(&quality), Some(i as f64 + 1.0));
            assert!(measure.help().starts_with(measure.label()) && !measure.help().ends_with('.'));
        }
    }

    #[test]
    fn a_loss_is_above_zero_where_the_value_is_worse() {
        for measure in Measure::EACH {
            let (good, bad) = match measure.better() {
                Better::Higher => (20.0, 10.0),
                Better::Lower => (10.0, 20.0),
            };
            assert!(measure.loss_db(good, bad) > 0.0 && measure.loss_db(bad, good) < 0.0, "{measure:?}");
            assert!(measure.rank(Some(good)) < measure.rank(Some(bad)), "{measure:?}");
            assert!(measure.rank(Some(bad)) < measure.rank(None), "{measure:?}");
        }
        assert!((Measure::Kld.loss_db(5.0, 10.0) - 3.01).abs() < 0.01, "twice the divergence is 3 dB");
    }
}
