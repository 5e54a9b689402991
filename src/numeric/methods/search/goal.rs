//! What a model is to reach, and where to look for one that does.

use super::task::{Quality, QuantTask, Trial};
use crate::Real;

/// Models tried at most between two bounds, or on the way to them.
const TRIES: usize = 12;

/// A loss counts as reached at less than so many dB to spare, a number of bytes at less than this share.
const SPARE_DB: f64 = 0.03;
const SPARE_BYTES: f64 = 0.003;

/// Two models whose bits differ by less than this share may have files in the other order.
const SAME_SIZE: f64 = 0.01;

/// The distortion that integers add grows with about this power of the price.
const GROWTH: f64 = 0.8;

/// What a model is to reach.
#[derive(Clone, Copy)]
pub enum Goal {
    Any,
    /// At most so many dB lost against the reference.
    MostLoss {
        reference: Quality,
        most: f64,
        /// Whether the reference is about the least distortion that there is.
        is_least: bool,
    },
    MostBytes(f64),
}

impl Goal {
    pub fn is_met<F: Real>(self, trial: &Trial<F>, task: &QuantTask<'_, F>) -> bool {
        match self {
            Self::Any => true,
            Self::MostLoss { reference, most, .. } => trial.quality.loss_against(&reference) <= most,
            Self::MostBytes(most) => task.bytes(trial) <= most,
        }
    }

    /// Whether `a` serves better than `b`.
    pub fn prefers<F: Real>(self, a: &Trial<F>, b: &Trial<F>, task: &QuantTask<'_, F>) -> bool {
        let (a_meets, b_meets) = (self.is_met(a, task), self.is_met(b, task));
        match self {
            _ if a_meets != b_meets => a_meets,
            Self::Any => true,
            Self::MostLoss { reference, .. } => {
                if a_meets {
                    // Files are written only where bits do not decide.
                    let by_bits = task.size(a) / task.size(b);
                    if (by_bits - 1.0).abs() > SAME_SIZE {
                        return by_bits < 1.0;
                    }
                    (task.bytes(a), -a.quality.snr_db) < (task.bytes(b), -b.quality.snr_db)
                } else {
                    a.quality.loss_against(&reference) < b.quality.loss_against(&reference)
                }
            }
            Self::MostBytes(_) => {
                if a_meets {
                    task.distortion(a) < task.distortion(b)
                } else {
                    (task.bytes(a), -a.quality.snr_db) < (task.bytes(b), -b.quality.snr_db)
                }
            }
        }
    }

    /// What falls as a model becomes coarser, less its target.
    pub fn excess<F: Real>(self, trial: &Trial<F>, task: &QuantTask<'_, F>) -> f64 {
        match self {
            Self::Any => 0.0,
            Self::MostLoss { reference, most, .. } => most - trial.quality.loss_against(&reference),
            Self::MostBytes(most) => task.bytes(trial).ln() - most.ln(),
        }
    }

    /// About how far along an axis the target lies, coarser where positive.
    pub fn units(self, excess: f64, axis: &Axis) -> f64 {
        /// What has hardly lost anything is not distinguished from what has lost nothing.
        const LEAST_LOST: f64 = 1e-3;
        match self {
            Self::Any => 0.0,
            // Distortion is added to that of CNMF: while it is small against that, little of it shows in dB.
            Self::MostLoss { most, is_least: true, .. } => {
                let added = |loss: f64| (10f64.powf(loss / 10.0) - 1.0).max(LEAST_LOST);
                let decades = (added(most) / added(most - excess)).log10() / GROWTH;
                decades * Axis::PRICES.db / axis.db
            }
            Self::MostLoss { .. } => excess / axis.db,
            Self::MostBytes(_) => excess / axis.log_bytes,
        }
    }

    /// The middle of the excesses that are close.
    pub fn centre(self) -> f64 {
        match self {
            Self::Any => 0.0,
            Self::MostLoss { .. } => 0.5 * SPARE_DB,
            Self::MostBytes(_) => -0.5 * SPARE_BYTES,
        }
    }

    /// Whether the target is a loss of SNR and nothing else, as the poster counts it.
    pub fn is_of_snr_alone(self) -> bool {
        matches!(self, Self::MostLoss { reference, .. } if reference.others.is_none())
    }

    /// Whether an excess is close to 0, on the side that meets the target.
    pub fn is_close(self, excess: f64) -> bool {
        match self {
            Self::Any => true,
            Self::MostLoss { .. } => (0.0..SPARE_DB).contains(&excess),
            Self::MostBytes(_) => (-SPARE_BYTES..=0.0).contains(&excess),
        }
    }
}

/// What a search moves along, from fine to coarse.
#[derive(Clone, Copy)]
pub struct Axis {
    pub bounds: [f64; 2],
    /// Two places this close are one.
    pub close: f64,
    /// What a unit costs about, in dB and in the logarithm of bytes: where to look before two places are known.
    pub db: f64,
    pub log_bytes: f64,
    /// How many times longer each further step is until the target lies between two places. A glance at a price is rough,
    /// and long steps would lead far beyond it.
    pub growth: f64,
}

impl Axis {
    /// Prices of a bit, in decades.
    pub const PRICES: Self =
        Self { bounds: [-12.0, 4.0], close: 0.004, db: 6.0, log_bytes: 0.6, growth: 1.0 };

    /// Halvings of the number of levels: coarser means fewer.
    pub const HALVINGS: Self =
        Self { bounds: [-20.0, 0.0], close: 0.002, db: 6.0, log_bytes: 0.25, growth: 2.0 };
}

/// A bisection whose steps are placed by interpolation, for what is searched for grows nearly evenly.
pub struct Bracket {
    axis: Axis,
    at: f64,
    /// The coarsest that exceeds the target, and the finest that does not, each with its excess.
    above: Option<(f64, f64)>,
    below: Option<(f64, f64)>,
    tries: usize,
}

impl Bracket {
    pub const fn new(at: f64, axis: Axis) -> Self {
        Self { axis, at, above: None, below: None, tries: 0 }
    }

    /// Where to try next, given the excess here; none once the search has ended.
    pub fn next(&mut self, excess: f64, goal: Goal) -> Option<f64> {
        let Axis { bounds, close, .. } = self.axis;
        if goal.is_close(excess) {
            return None;
        }
        *(if excess >= 0.0 { &mut self.above } else { &mut self.below }) = Some((self.at, excess));
        self.tries += 1;
        if self.tries > TRIES {
            return None;
        }
        // A little further than the usual slope says, so that the target comes to lie between two places.
        let further = 1.2 * self.axis.growth.powf(self.tries as f64 - 1.0);
        let step = |excess: f64| (further * goal.units(excess, &self.axis).abs()).clamp(2.0 * close, 1.0);
        self.at = match (self.above, self.below) {
            (Some((fine, above)), Some((coarse, below))) => {
                if (coarse - fine).abs() < close {
                    return None;
                }
                fine + (coarse - fine) * (above / (above - below)).clamp(0.1, 0.9)
            }
            (Some((fine, above)), None) => fine + step(above),
            (None, _) => self.at - step(excess),
        };
        (bounds[0]..=bounds[1]).contains(&self.at).then_some(self.at)
    }
}
