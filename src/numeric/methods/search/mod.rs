//! From learned factors to integers: with given parameters, or with those that a search finds for a target.
//!
//! One of the targets is the size of a file: how large a model is then, the caller says.

mod goal;
mod task;

use std::ops::ControlFlow;
use std::sync::Arc;

use self::goal::{Axis, Bracket, Goal};
use self::task::Trial;
use super::rate_distortion::RateDistortion;
use super::rounding::Round;
use crate::{Levels, Loss, Metric, Model, QuantParams, QuantTarget, Real};

pub use self::task::QuantTask;

/// Where the search for a number of bytes begins: the price of a bit in decades, by metric.
const BEGIN_SNR: f64 = -6.0;
const BEGIN_KLD: f64 = -3.5;

/// Where the search for levels begins, in halvings of them.
const BEGIN_HALVINGS: f64 = -5.0;

/// Sweeps over integers after which a price is known well enough to be left for another one.
const GLANCE: usize = 4;

/// Prices this close, in decades, have integers that follow one another: only these are swept on.
const NEAR: f64 = 0.2;

/// Adjustments of the price while only integers are swept, at most.
const ADJUSTED: usize = 12;

/// Once a target of the SNR alone is met, the price rises by so many decades and falls by a little less: integers that
/// went on under a higher price have more zeros. Measured on speech, drums, guitar and tabla: files are 1 % smaller.
const HIGHER: f64 = 0.3;
const LOWER: f64 = 0.2;

/// Levels of H over those of W: searched in steps of a factor of root 2 first, then around the best by 2^(1/8), and
/// then every pair of levels this close to the best.
const RATIOS: std::ops::RangeInclusive<i32> = -5..=3;
const FINER: [f64; 6] = [-0.375, -0.25, -0.125, 0.125, 0.25, 0.375];
const AROUND: i64 = 2;

/// A model that was tried on the way to a target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Probe {
    pub params: QuantParams,
    pub snr_db: f64,
    /// Bytes of its file, where the target asked for them.
    pub file_bytes: Option<usize>,
}

/// What came of quantising.
pub struct QuantResult<F: Real> {
    /// The model, the nearest there is where the target was missed.
    pub model: Model<F>,
    pub params: QuantParams,
    /// Whether no model that was tried reaches the target.
    pub missed: bool,
    /// All that was tried, in this order.
    pub probed: Vec<Probe>,
}

/// Where quantising stands, reported after each sweep over integers and after each rounding.
pub struct SearchStep<'a, F: Real> {
    /// Models tried before the one at hand.
    pub probe: usize,
    pub params: QuantParams,
    pub work: Work,
    /// What was tried before.
    pub probed: &'a [Probe],
    /// The best model so far; none before there are integers.
    pub best: &'a dyn Fn() -> Option<Model<F>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Work {
    /// All elements were rounded.
    Rounding,
    /// A sweep of `snmf-rd` over factors that are still real.
    Preparing,
    /// A sweep over integers, and J after it.
    Sweep(f64),
}

/// How a method makes integers of what CNMF learned.
pub struct Quantiser<F: Real> {
    /// Rounding with given levels; none for a method that has no levels.
    pub round: Option<Round<F>>,
    /// Tries models until one keeps to the target.
    pub search: fn(&mut Search<'_, '_, F>, QuantTarget) -> Flow,
}

/// Whether to go on, decided by the observer.
pub type Observe<'a, F> = dyn FnMut(&SearchStep<'_, F>) -> ControlFlow<()> + 'a;

/// Quantises. None where `observe` broke off before there was a model.
pub fn quantise<F: Real>(
    task: &QuantTask<'_, F>,
    quantiser: &Quantiser<F>,
    observe: &mut Observe<'_, F>,
) -> Option<QuantResult<F>> {
    let target = task.spec.target?;
    let goal = match target {
        QuantTarget::Fixed(_) => Goal::Any,
        QuantTarget::MaxLossDb(most, of) => {
            let reference = task.quality(&Model::Real(task.factors.clone()), of);
            // CNMF has brought D down; the squared error has slack that pays for integers first.
            let is_least = of == Loss::All && task.spec.metric == Some(Metric::Kld);
            Goal::MostLoss { reference, most, is_least }
        }
        QuantTarget::MaxBytes(bytes) => Goal::MostBytes(bytes as f64),
    };
    let mut search = Search { task, quantiser, goal, observe, probes: 0, probed: Vec::new(), best: None };
    // Breaking off leaves the best so far.
    let _ = (quantiser.search)(&mut search, target);
    let Search { best, probed, .. } = search;
    let best = best?;
    let missed = !goal.is_met(&best, task);
    Some(QuantResult { model: best.model, params: best.params, missed, probed })
}

/// Rounds with the levels of the aim, or with as many for W as for H as meet it.
pub fn equal_levels<F: Real>(search: &mut Search<'_, '_, F>, target: QuantTarget) -> Flow {
    match target {
        QuantTarget::Fixed(QuantParams::Levels(levels)) => search.round(levels).map_continue(|_| ()),
        QuantTarget::Fixed(QuantParams::Lambda(_))
        | QuantTarget::MaxLossDb(..)
        | QuantTarget::MaxBytes(_) => search.round_between(|levels| Levels { w: levels, h: levels }),
    }
}

/// Rounds with the levels of the aim, or with the best pair of levels that meets it.
pub fn pairs_of_levels<F: Real>(search: &mut Search<'_, '_, F>, target: QuantTarget) -> Flow {
    match target {
        QuantTarget::Fixed(QuantParams::Levels(levels)) => search.round(levels).map_continue(|_| ()),
        QuantTarget::Fixed(QuantParams::Lambda(_))
        | QuantTarget::MaxLossDb(..)
        | QuantTarget::MaxBytes(_) => search.round_jointly(),
    }
}

/// `snmf-rd` at the price of the aim, or at the price that meets it. It has no levels.
pub fn prices<F: Real>(search: &mut Search<'_, '_, F>, target: QuantTarget) -> Flow {
    match target {
        QuantTarget::Fixed(QuantParams::Lambda(lambda)) => search.descend_at(lambda),
        QuantTarget::Fixed(QuantParams::Levels(_)) => Flow::Break(()),
        QuantTarget::MaxLossDb(..) | QuantTarget::MaxBytes(_) => search.descend(),
    }
}

pub struct Search<'a, 'b, F: Real> {
    task: &'a QuantTask<'a, F>,
    quantiser: &'a Quantiser<F>,
    goal: Goal,
    observe: &'a mut Observe<'b, F>,
    probes: usize,
    probed: Vec<Probe>,
    best: Option<Trial<F>>,
}

/// Ended by the observer.
pub type Flow<T = ()> = ControlFlow<(), T>;

impl<F: Real> Search<'_, '_, F> {
    fn report(&mut self, params: QuantParams, work: Work, now: &dyn Fn() -> Option<Model<F>>) -> Flow {
        let best = || self.best.as_ref().map(|best| best.model.clone()).or_else(now);
        (self.observe)(&SearchStep { probe: self.probes, params, work, probed: &self.probed, best: &best })
    }

    /// Takes a model into account; its excess over the target comes back.
    fn judge(&mut self, trial: Trial<F>) -> f64 {
        let excess = self.goal.excess(&trial, self.task);
        let (params, snr_db) = (trial.params, trial.quality.snr_db);
        self.probed.push(Probe { params, snr_db, file_bytes: trial.bytes.get().copied() });
        if self.best.as_ref().is_none_or(|best| self.goal.prefers(&trial, best, self.task)) {
            self.best = Some(trial);
        }
        excess
    }

    fn rounded(&self, levels: Levels) -> Option<Trial<F>> {
        let (factors, fixed) = (self.task.factors, self.task.spec.fixed.as_deref());
        let model = Model::Quantised((self.quantiser.round?)(factors, levels, fixed));
        Some(self.task.trial(QuantParams::Levels(levels), model, None))
    }

    /// Rounds with these levels; breaks off where the method does not round.
    fn round(&mut self, levels: Levels) -> Flow<f64> {
        let Some(trial) = self.rounded(levels) else { return Flow::Break(()) };
        let excess = self.judge(trial);
        self.report(QuantParams::Levels(levels), Work::Rounding, &|| None)?;
        self.probes += 1;
        Flow::Continue(excess)
    }

    /// Rounds with as few levels of a family as the target allows, or as many.
    fn round_between(&mut self, family: impl Fn(u32) -> Levels) -> Flow {
        let mut bracket = Bracket::new(BEGIN_HALVINGS, Axis::HALVINGS);
        let mut at = Some(BEGIN_HALVINGS);
        while let Some(halvings) = at {
            let excess = self.round(family(whole(2f64.powf(-halvings))))?;
            at = bracket.next(excess, self.goal);
        }
        Flow::Continue(())
    }

    /// The best pair of levels: by their ratio, then pair by pair.
    fn round_jointly(&mut self) -> Flow {
        let ratio = |log2: f64| move |w: u32| Levels { w, h: whole(f64::from(w) * log2.exp2()) };
        for half in RATIOS {
            self.round_between(ratio(f64::from(half) / 2.0))?;
        }
        let found = |best: &Option<Trial<F>>| match best.as_ref().map(|best| best.params) {
            Some(QuantParams::Levels(levels)) => levels,
            _ => Levels::ROUNDING,
        };
        let Levels { w, h } = found(&self.best);
        let centre = (f64::from(h) / f64::from(w)).log2();
        for off in FINER {
            self.round_between(ratio(centre + off))?;
        }
        let Levels { w, h } = found(&self.best);
        for by_w in -AROUND..=AROUND {
            for by_h in -AROUND..=AROUND {
                let near =
                    |levels: u32, by: i64| u32::try_from(i64::from(levels) + by).ok().filter(|l| *l > 0);
                if let (true, Some(w), Some(h)) = ((by_w, by_h) != (0, 0), near(w, by_w), near(h, by_h)) {
                    self.round(Levels { w, h })?;
                }
            }
        }
        Flow::Continue(())
    }

    fn solver(&self) -> RateDistortion<F> {
        let QuantTask { y, factors, spec, pool, .. } = *self.task;
        let (fixed, metric) = (spec.fixed.clone(), spec.metric.unwrap_or_default());
        let solver =
            pool.install(|| RateDistortion::with_fixed(Arc::clone(y), factors, metric, spec.phi(), fixed));
        solver.counting(self.task.cost)
    }

    fn descend_at(&mut self, lambda: f64) -> Flow {
        let mut solver = self.solver();
        self.task.pool.install(|| solver.start_at(lambda));
        self.sweep(&mut solver, lambda, usize::MAX).map_continue(|_| ())
    }

    /// `snmf-rd` at the price that reaches the target. First prices are only glanced at, each from the real factors that
    /// the one before has left; once the next one is near, the integers themselves go on from price to price.
    fn descend(&mut self) -> Flow {
        let mut solver = self.solver();
        let mut at = self.begin();
        let mut bracket = Bracket::new(at, Axis::PRICES);
        loop {
            let lambda = price(at);
            self.task.pool.install(|| solver.start_at(lambda));
            let excess = self.sweep(&mut solver, lambda, GLANCE)?;
            match bracket.next(excess, self.goal) {
                Some(next) if (next - at).abs() > NEAR => at = next,
                Some(_) | None => break,
            }
        }
        at = self.follow(&mut solver, at)?;
        if self.goal.is_of_snr_alone() {
            at = self.move_to(&mut solver, at + HIGHER)?;
            at = self.move_to(&mut solver, at - LOWER)?;
            self.follow(&mut solver, at)?;
        }
        Flow::Continue(())
    }

    /// Lets the integers go on under another price, until they have settled; the price comes back.
    fn move_to(&mut self, solver: &mut RateDistortion<F>, at: f64) -> Flow<f64> {
        let lambda = price(at);
        self.task.pool.install(|| solver.adjust(lambda));
        self.sweep(solver, lambda, usize::MAX).map_continue(|_| at)
    }

    /// Adjusts the price until the integers, which go on from price to price, reach the target; the last price comes
    /// back. They improve as they go on, so that no bracket of prices holds for long: each step is as long as the excess
    /// says, and longer while steps turn out too short.
    fn follow(&mut self, solver: &mut RateDistortion<F>, mut at: f64) -> Flow<f64> {
        let mut excess = self.sweep(solver, price(at), usize::MAX)?;
        let mut reach = 1.0;
        for _ in 0..ADJUSTED {
            if self.goal.is_close(excess) {
                break;
            }
            let next =
                at + (reach * self.goal.units(excess - self.goal.centre(), &Axis::PRICES)).clamp(-0.5, 0.5);
            if !(Axis::PRICES.bounds[0]..=Axis::PRICES.bounds[1]).contains(&next) {
                break;
            }
            at = next;
            let lambda = price(at);
            self.task.pool.install(|| solver.adjust(lambda));
            let before = excess;
            excess = self.sweep(solver, lambda, usize::MAX)?;
            let has_crossed = (before >= 0.0) != (excess >= 0.0);
            if has_crossed {
                reach = (0.7 * reach).max(0.3);
            } else if excess.abs() > 0.5 * before.abs() {
                reach *= 1.5;
            }
        }
        Flow::Continue(at)
    }

    /// The price of a bit to begin with, in decades. At high rates a coefficient at the price lambda adds
    /// `lambda / (2 ln 2)` to the distortion; half of them count, for many are 0.
    fn begin(&self) -> f64 {
        /// The divergence of what the penalty zeroes, in that of the coefficients.
        const ZEROED: f64 = 30.0;
        let metric = self.task.spec.metric.unwrap_or_default();
        let values = self.task.factors.shape().values().unwrap_or(usize::MAX) as f64;
        let of_one = 0.5 * values / (2.0 * std::f64::consts::LN_2);
        let lambda = match (self.goal, metric) {
            (Goal::Any | Goal::MostBytes(_), Metric::Snr) => return BEGIN_SNR,
            (Goal::Any | Goal::MostBytes(_), Metric::Kld) => return BEGIN_KLD,
            (Goal::MostLoss { reference, most, .. }, metric) => {
                let own = reference.others.map_or(reference.snr_db, |others| others.own);
                match metric {
                    // The squared error of CNMF itself is not yet the least, and all of it is allowed.
                    Metric::Snr => 10f64.powf((most - own) / 10.0) / of_one,
                    Metric::Kld if reference.others.is_none() => return BEGIN_KLD,
                    Metric::Kld => {
                        (10f64.powf(most / 10.0) - 1.0) * 10f64.powf(-own / 10.0) / (ZEROED * of_one)
                    }
                }
            }
        };
        lambda.log10().clamp(Axis::PRICES.bounds[0] + 1.0, Axis::PRICES.bounds[1] - 1.0)
    }

    /// Sweeps until there were so many over the integers, or they have settled; the excess of the model comes back.
    fn sweep(&mut self, solver: &mut RateDistortion<F>, lambda: f64, most: usize) -> Flow<f64> {
        let params = QuantParams::Lambda(lambda);
        while !solver.is_settled() && solver.integer_sweeps().is_none_or(|done| done < most) {
            let work = match self.task.pool.install(|| solver.sweep()) {
                Some(j) => Work::Sweep(j),
                None => Work::Preparing,
            };
            if self.report(params, work, &|| solver.model()).is_break() {
                // What there is serves better than nothing.
                if let (None, Some(model)) = (&self.best, solver.model()) {
                    self.best = Some(self.task.trial(params, model, Some(solver.bits())));
                }
                return Flow::Break(());
            }
        }
        self.probes += 1;
        let Some(model) = solver.model() else { return Flow::Break(()) };
        let trial = self.task.trial(params, model, Some(solver.bits()));
        Flow::Continue(self.judge(trial))
    }
}

/// 10 to the power `decades`, to the four digits that are stored, so that what is stored is what was tried.
fn price(decades: f64) -> f64 {
    let exact = 10f64.powf(decades);
    format!("{exact:.3e}").parse().unwrap_or(exact)
}

/// The nearest whole number from 1 up.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // at least 1, and saturates
fn whole(x: f64) -> u32 {
    x.round().max(1.0) as u32
}
