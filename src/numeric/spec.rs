//! The methods that can be run, and the settings of one run.

use std::sync::Arc;

use nalgebra::DMatrix;
use strum::{IntoStaticStr, VariantArray};

use super::factors::Shape;
use super::fixed::FixedBases;
use super::kernels::scalar::{Precision, Real};
use super::named::Named;

/// A way to get from a spectrogram to factors: the number of its row in the table of [`methods`](super::methods), which
/// says everything else about it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Method(pub(super) usize);

/// How many steps the largest element of a component spans, for each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Levels {
    /// Steps below the largest element of W[:, r].
    pub w: u32,
    /// Steps below the largest element of H[r, :].
    pub h: u32,
}

impl Levels {
    /// For rounding at the end: about 1.5 times as many for W as for H served best on speech.
    pub const ROUNDING: Self = Self { w: 128, h: 85 };
    /// For the poster's method, which keeps the symbols of H few.
    pub const POSTER: Self = Self { w: 150, h: 20 };
}

/// How H is updated from the numerators of its lags (3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum HRule {
    /// One quotient over all lags, those that reach beyond the last frame left out: never raises D.
    #[default]
    Joint,
    /// The mean over the lags of a quotient each, as the poster has it: D may rise.
    Average,
}

/// How the bases of the lags are updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum WRule {
    /// All lags from one Vhat.
    #[default]
    Simultaneous,
    /// One lag after the other, Vhat refreshed after each.
    Sequential,
}

/// The distortion of V^P that `snmf-rd` trades against bits, and that a target in bytes makes least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Metric {
    /// The divergence (1).
    #[default]
    Kld,
    /// Squared error, which is what the SNR counts.
    Snr,
}

impl Metric {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Snr => "squared error (SNR)",
            Self::Kld => "divergence (KLD)",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::Snr => "What the SNR counts (eq. 7): loud elements decide",
            Self::Kld => "KLD (eq. 1): quiet elements count too",
        }
    }
}

/// The measures in which a model may lose at most so many dB against its CNMF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Loss {
    /// What the metric of the run counts: 10 log10 D for `kld`, the SNR of V^P for `snr`. None of the others that are
    /// shown (SNR of V, SNR of √V, 10 log10 D of V) may lose more than [`Loss::REACH_DB`] on top.
    #[default]
    All,
    /// The SNR of V alone, as the poster has it.
    Snr,
}

impl Loss {
    /// How many dB more than the promised loss any other measure may lose: with it D at most doubles where the default
    /// is promised.
    pub const REACH_DB: f64 = 2.5;

    /// The loss in dB that `snmf-rd` is allowed under a metric where none is given. Measured on speech, drums, tabla, guitar
    /// and piano: at 0.4 dB of KLD, `ViSQOL` falls by at most 0.15 against that of CNMF, at 0.5 dB by 0.17. On √V a tabla
    /// falls by 0.18 at 0.4 dB, by 0.14 at 0.3 dB.
    pub const fn default_db(self, metric: Metric) -> f64 {
        match (self, metric) {
            (Self::All, Metric::Kld) => 0.4,
            (Self::All, Metric::Snr) => 0.3,
            (Self::Snr, Metric::Kld | Metric::Snr) => 1.0,
        }
    }
}

impl Loss {
    pub const fn label(self) -> &'static str {
        match self {
            Self::All => "all measures",
            Self::Snr => "SNR alone",
        }
    }

    pub const fn description(self) -> &'static str {
        match self {
            Self::All => {
                "Each of the SNR, the SNR of √V and KLD as 10 log10: none is met by giving another one up"
            }
            Self::Snr => "As on the poster: quiet parts may vanish while the SNR keeps to its target",
        }
    }
}

/// How finely a storable method quantises.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QuantParams {
    /// The largest element of a component spans so many steps.
    Levels(Levels),
    /// This price of a bit: relative to `sum V^2`, or in units of KLD.
    Lambda(f64),
}

impl std::fmt::Display for QuantParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Levels(Levels { w, h }) => write!(f, "levels {w},{h}"),
            Self::Lambda(lambda) => write!(f, "lambda {lambda:.2e}"),
        }
    }
}

/// What a storable method quantises to: given parameters, or those that reach a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QuantTarget {
    Fixed(QuantParams),
    /// The fewest bytes at a loss of at most so many dB against the CNMF it starts from, in these measures.
    MaxLossDb(f64, Loss),
    /// The least distortion in an exported file of at most so many bytes.
    MaxBytes(u64),
}

impl std::fmt::Display for QuantTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fixed(params) => params.fmt(f),
            Self::MaxLossDb(loss, Loss::All) => write!(f, "at most {loss} dB lost"),
            Self::MaxLossDb(loss, Loss::Snr) => write!(f, "at most {loss} dB of SNR lost"),
            Self::MaxBytes(bytes) => write!(f, "at most {bytes} bytes"),
        }
    }
}

impl QuantTarget {
    /// The fineness, where it is given; none where a search finds it.
    #[must_use]
    pub const fn params(self) -> Option<QuantParams> {
        match self {
            Self::Fixed(params) => Some(params),
            Self::MaxLossDb(..) | Self::MaxBytes(_) => None,
        }
    }

    /// The target as the header of a stream has it: `max-loss-db:1`, which promises the SNR alone, `max-loss-db:1,all`
    /// or `max-bytes:4000`; nothing for parameters that were given.
    pub fn target_text(&self) -> Option<String> {
        match self {
            Self::Fixed(_) => None,
            Self::MaxLossDb(loss, Loss::All) => Some(format!("max-loss-db:{loss},{}", Loss::All.name())),
            Self::MaxLossDb(loss, Loss::Snr) => Some(format!("max-loss-db:{loss}")),
            Self::MaxBytes(bytes) => Some(format!("max-bytes:{bytes}")),
        }
    }
}

/// The targets that a method takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Targets {
    /// None: its factors are real-valued.
    None,
    /// Levels alone, these where none are given. Its steps are learned: each other target would be a search over whole runs.
    Levels(Levels),
    /// Levels where they are given, or else a loss or a number of bytes; these levels where there is no such target.
    LevelsOrSearch(Levels),
    /// A price of a bit, a loss or a number of bytes; the usual loss where there is no target.
    PriceOrSearch,
}

impl Targets {
    /// The target of a method with these targets, where `levels` and `target` are given, a loss is counted in `of` and
    /// the distortion is `metric`.
    #[must_use]
    pub fn target(
        self,
        target: Option<QuantTarget>,
        levels: Option<Levels>,
        of: Loss,
        metric: Metric,
    ) -> Option<QuantTarget> {
        let fixed = |levels| QuantTarget::Fixed(QuantParams::Levels(levels));
        match self {
            Self::None => None,
            Self::Levels(usual) => Some(fixed(levels.unwrap_or(usual))),
            Self::LevelsOrSearch(usual) => {
                let searched = target.filter(|target| levels.is_none() && target.params().is_none());
                Some(searched.unwrap_or_else(|| fixed(levels.unwrap_or(usual))))
            }
            Self::PriceOrSearch => Some(target.unwrap_or(QuantTarget::MaxLossDb(of.default_db(metric), of))),
        }
    }

    /// The distortion that integers are chosen by under `target`, where any is: `metric`. Rounding has a choice only where
    /// it looks for the best levels of so many bytes, or where the metric says what a loss is.
    #[must_use]
    pub const fn metric(self, target: &QuantTarget, metric: Metric) -> Option<Metric> {
        match (self, target) {
            (Self::PriceOrSearch, _)
            | (Self::LevelsOrSearch(_), QuantTarget::MaxBytes(_) | QuantTarget::MaxLossDb(_, Loss::All)) => {
                Some(metric)
            }
            (Self::None | Self::Levels(_), _)
            | (Self::LevelsOrSearch(_), QuantTarget::Fixed(_) | QuantTarget::MaxLossDb(_, Loss::Snr)) => None,
        }
    }

    /// The quantisation levels (W, H) used where none are given; none for a method that has no levels.
    #[must_use]
    pub const fn levels(self) -> Option<Levels> {
        match self {
            Self::None | Self::PriceOrSearch => None,
            Self::Levels(levels) | Self::LevelsOrSearch(levels) => Some(levels),
        }
    }
}

/// What the poster leaves open in its method.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PosterRules {
    /// Share of the iterations at the start of which every step becomes max / levels anew. D may rise there, and
    /// never after.
    pub renew: f64,
    /// Roundings proposed for each tiling: the plain one, and others with p, p/2, p/4, ... of (10).
    pub proposals: u32,
    /// Probability p of the second choice in (10), for the first of the random proposals.
    pub p: f64,
}

impl Default for PosterRules {
    fn default() -> Self {
        Self { renew: 0.0, proposals: 8, p: 0.5 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Rules {
    pub h: HRule,
    pub w: WRule,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum Init {
    /// Uniform random numbers.
    #[default]
    Random,
    /// Positive parts of the singular vectors of all T frames taken together.
    Svd,
}

/// Everything that decides the outcome of one run on a given V.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSpec {
    pub method: Method,
    /// R, components.
    pub components: usize,
    /// T, lags.
    pub lags: usize,
    /// K, updates of H and W.
    pub iterations: usize,
    /// Seed of the start and of all random choices.
    pub seed: u64,
    pub precision: Precision,
    /// Level of the floor phi below max V, in dB, positive.
    pub phi_db: f64,
    /// P: what is factorised is V^P, see [`Magnitudes`](super::Magnitudes).
    pub power: f64,
    /// Plain multiplicative updates, without acceleration.
    pub plain: bool,
    pub rules: Rules,
    pub init: Init,
    /// The run ends once D falls by less than this share of itself in ten iterations; 0 for never.
    pub tolerance: f64,
    /// How finely it quantises; none for real-valued factors.
    pub target: Option<QuantTarget>,
    /// The distortion that integers are chosen by; none where no choice depends on it.
    pub metric: Option<Metric>,
    /// For `snmf-poster`; the usual ones for all others.
    pub poster: PosterRules,
    /// Bases that are given: the first components have them, and learn their activations only.
    pub fixed: Option<Arc<FixedBases>>,
}

impl Default for RunSpec {
    /// CNMF with the usual settings.
    fn default() -> Self {
        Self {
            method: Method::default(),
            components: 10,
            lags: 8,
            iterations: 200,
            seed: 0,
            precision: Precision::default(),
            phi_db: Self::PHI_DB,
            power: 1.0,
            plain: false,
            rules: Rules::default(),
            init: Init::default(),
            tolerance: 0.0,
            target: None,
            metric: None,
            poster: PosterRules::default(),
            fixed: None,
        }
    }
}

impl RunSpec {
    /// Level of the floor phi below max V, in dB.
    pub const PHI_DB: f64 = 80.0;

    /// The floor phi of D (1) of what is factorised, in units of max V^P = 1.
    pub fn phi(&self) -> f64 {
        10f64.powf(-self.phi_db * self.power / 20.0)
    }

    /// The floor phi of D (1) of V, in units of max V = 1.
    pub fn phi_of_v(&self) -> f64 {
        10f64.powf(-self.phi_db / 20.0)
    }

    /// The levels that are given; none for real-valued factors or where they are searched for.
    pub fn levels(&self) -> Option<Levels> {
        match self.target?.params()? {
            QuantParams::Levels(levels) => Some(levels),
            QuantParams::Lambda(_) => None,
        }
    }

    pub fn fixed_components(&self) -> usize {
        self.fixed.as_ref().map_or(0, |fixed| fixed.components())
    }

    /// Whether the updates are accelerated: only those that descend can be.
    pub fn is_accelerated(&self) -> bool {
        !self.plain && self.rules == Rules::default()
    }

    pub fn shape<F: Real>(&self, v: &DMatrix<F>) -> Shape {
        Shape { bins: v.nrows(), frames: v.ncols(), components: self.components, lags: self.lags }
    }
}
