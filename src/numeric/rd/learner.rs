//! `snmf-rd` as a method: CNMF first, then integers at a price, or at the price that reaches a target.

use std::sync::Arc;

use nalgebra::DMatrix;

use super::super::factors::Model;
use super::super::learner::{Learner, cnmf};
use super::super::measure;
use super::super::method::{RunSpec, Target};
use super::super::scalar::Real;
use super::super::shifted::Stacked;
use super::RateDistortion;

/// Where a search begins, and how far it goes either way, in decades of the price.
const BEGIN: f64 = -6.0;
const DECADES: std::ops::RangeInclusive<f64> = -12.0..=2.0;

/// Solutions tried at most once the target lies between two of them.
const TRIES: usize = 10;

/// Two prices this close, in decades, are one.
const CLOSE: f64 = 0.004;

/// A target counts as met at less than so many dB to spare.
const SPARE_DB: f64 = 0.01;

/// CNMF whose factors become integers after its last iteration.
pub struct RateDistortionRun<F: Real> {
    v: Arc<DMatrix<F>>,
    spec: RunSpec,
    cnmf: Box<dyn Learner<F>>,
    solver: Option<RateDistortion<F>>,
    search: Search,
    best: Option<Model<F>>,
}

/// The price for which the loss comes as near to its limit as it may: bisection, with the steps placed by
/// interpolation, for the loss grows nearly evenly with the logarithm of the price.
struct Search {
    /// The least SNR in dB that will do; none where the price is given.
    least_db: Option<f64>,
    /// log10 of the price that is being tried.
    at: f64,
    /// log10 of the highest price that will do, and of the lowest that will not, each with its SNR.
    enough: Option<(f64, f64)>,
    short: Option<(f64, f64)>,
    tries: usize,
    fewest_bits: f64,
}

impl Search {
    /// Whether this outcome is the best so far.
    fn judge(&mut self, db: f64, bits: f64) -> bool {
        let Some(least) = self.least_db else { return true };
        if db >= least {
            self.enough = Some((self.at, db));
            let better = bits < self.fewest_bits;
            self.fewest_bits = self.fewest_bits.min(bits);
            better
        } else {
            self.short = Some((self.at, db));
            // Better than nothing, until something does.
            self.fewest_bits.is_infinite()
        }
    }

    /// The next price; none once the search has ended.
    fn next(&mut self) -> Option<f64> {
        let least = self.least_db?;
        self.at = match (self.enough, self.short) {
            (Some((low, above)), Some((high, below))) => {
                self.tries += 1;
                if self.tries > TRIES || (high - low).abs() < CLOSE || above - least < SPARE_DB {
                    return None;
                }
                let share = (above - least) / (above - below);
                low + (high - low) * share.clamp(0.1, 0.9)
            }
            (Some((low, _)), None) => low + 1.0,
            (None, Some((high, _))) => high - 1.0,
            (None, None) => BEGIN,
        };
        DECADES.contains(&self.at).then(|| 10f64.powf(self.at))
    }
}

impl<F: Real> RateDistortionRun<F> {
    /// The seeded start of `spec` on V.
    #[must_use]
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let search = Search {
            least_db: None,
            at: BEGIN,
            enough: None,
            short: None,
            tries: 0,
            fewest_bits: f64::INFINITY,
        };
        let cnmf = cnmf(Arc::clone(&v), spec);
        Self { v, spec: *spec, cnmf, solver: None, search, best: None }
    }

    fn snr_db(&self, model: &Model<F>) -> f64 {
        measure::snr_db(&self.v, &Stacked::from_factors(&model.to_factors()))
    }
}

impl<F: Real> Learner<F> for RateDistortionRun<F> {
    fn step(&mut self) -> f64 {
        self.cnmf.step()
    }

    fn is_finished(&self) -> bool {
        self.cnmf.is_finished()
    }

    fn refine(&mut self) -> Option<f64> {
        if let Some(solver) = &self.solver {
            if solver.is_settled() {
                if let Some(model) = solver.model() {
                    let db = self.snr_db(&model);
                    if self.search.judge(db, solver.bits()) {
                        self.best = Some(model);
                    }
                }
                let price = self.search.next()?;
                self.solver.as_mut()?.aim(price);
            }
        } else {
            let reference = self.cnmf.model();
            let price = match self.spec.target {
                Target::Lambda(lambda) => lambda,
                Target::MaxLossDb(loss) => {
                    self.search.least_db = Some(self.snr_db(&reference) - loss);
                    self.search.next()?
                }
            };
            let factors = reference.to_factors();
            let mut solver =
                RateDistortion::new(Arc::clone(&self.v), &factors, self.spec.metric, self.spec.phi());
            solver.aim(price);
            self.solver = Some(solver);
        }
        // Sweeps over real factors prepare the integers; they have no J.
        Some(self.solver.as_mut()?.sweep().unwrap_or(f64::NAN))
    }

    fn model(&self) -> Model<F> {
        let now = || self.solver.as_ref().and_then(RateDistortion::model);
        self.best.clone().or_else(now).unwrap_or_else(|| self.cnmf.model())
    }
}
