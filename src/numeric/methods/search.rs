//! From learned factors to integers: with given parameters, or with those that a search finds for a target.
//!
//! One of the targets is the size of a file: how large a model is then, the caller says.

use std::cell::OnceCell;
use std::ops::ControlFlow;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::ThreadPool;

use super::rate_distortion::{BitCost, RateDistortion};
use super::rounding::Round;
use crate::numeric::{
    Factors, Levels, Loss, Magnitudes, Metric, Model, QuantParams, QuantTarget, Real, RunSpec, Stacked,
    measure,
};

/// Models tried at most between two bounds, or on the way to them.
const TRIES: usize = 12;

/// A loss counts as reached at less than so many dB to spare, a number of bytes at less than this share.
const SPARE_DB: f64 = 0.03;
const SPARE_BYTES: f64 = 0.003;

/// The search for the price of a bit, in decades: where it begins for a number of bytes, by metric, and how far it goes.
const BEGIN_SNR: f64 = -6.0;
const BEGIN_KLD: f64 = -3.5;
const PRICES: Axis = Axis { bounds: [-12.0, 4.0], close: 0.004, db: 6.0, log_bytes: 0.6, growth: 1.0 };

/// The distortion that integers add grows with about this power of the price.
const GROWTH: f64 = 0.8;

/// The same for rounding, where coarser means fewer levels: halvings of them.
const BEGIN_HALVINGS: f64 = -5.0;
const HALVINGS: Axis = Axis { bounds: [-20.0, 0.0], close: 0.002, db: 6.0, log_bytes: 0.25, growth: 2.0 };

/// Sweeps over integers after which a price is known well enough to be left for another one.
const GLANCE: usize = 4;

/// Prices this close, in decades, have integers that follow one another: only these are swept on.
const NEAR: f64 = 0.2;

/// Adjustments of the price while only integers are swept, at most.
const ADJUSTED: usize = 12;

/// A target of the SNR alone is met so many times more, each time from factors that went on under a price this much
/// higher, in decades: more of them are zero. Measured at 1 dB on speech, drums and piano: files are 0 to 3 % smaller.
const REPEATED: usize = 2;
const HIGHER: f64 = 0.3;

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

/// What is quantised, and how.
pub struct QuantTask<'a, F: Real> {
    /// The spectrogram V, in which losses are counted.
    pub v: &'a Arc<DMatrix<F>>,
    /// V^P, which is factorised.
    pub y: &'a Arc<DMatrix<F>>,
    /// CNMF's factors of V^P.
    pub factors: &'a Factors<F>,
    pub spec: &'a RunSpec,
    pub quantiser: &'a Quantiser<F>,
    /// Where the work of a sweep is done.
    pub pool: &'a ThreadPool,
    /// What counts the bits of `snmf-rd`.
    pub cost: BitCost,
    /// Bytes of the exported file with this model.
    pub file_bytes: &'a dyn Fn(&Model<F>, QuantParams) -> usize,
}

/// Whether to go on, decided by the observer.
pub type Observe<'a, F> = dyn FnMut(&SearchStep<'_, F>) -> ControlFlow<()> + 'a;

/// Quantises. None where `observe` broke off before there was a model.
pub fn quantise<F: Real>(task: &QuantTask<'_, F>, observe: &mut Observe<'_, F>) -> Option<QuantResult<F>> {
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
    let mut search = Search { task, goal, observe, probes: 0, probed: Vec::new(), best: None };
    // Breaking off leaves the best so far.
    let _ = (task.quantiser.search)(&mut search, target);
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

/// A model that was tried.
struct Trial<F: Real> {
    params: QuantParams,
    model: Model<F>,
    quality: Quality,
    bytes: OnceCell<usize>,
    distortion: OnceCell<f64>,
}

/// What a model is worth in the measures that a target counts, each in dB and more for a better one.
#[derive(Clone, Copy)]
struct Quality {
    snr_db: f64,
    /// None where the target counts the SNR alone.
    others: Option<Others>,
}

/// The measures of [`Loss::All`] beside the SNR of V.
#[derive(Clone, Copy)]
struct Others {
    /// That of the metric.
    own: f64,
    sqrt_snr_db: f64,
    /// -10 log10 D of V.
    divergence_db: f64,
}

/// D is not distinguished from 0 below this share of Σ V + phi: it is a difference of sums of that size.
const EXACT: f64 = 1e-7;

impl Quality {
    /// How many dB this one has lost against `reference`: those of the metric, or of the measure that lost most where
    /// that is out of reach.
    fn loss_against(&self, reference: &Self) -> f64 {
        let snr = reference.snr_db - self.snr_db;
        let (Some(to), Some(of)) = (self.others, reference.others) else { return snr };
        let others = [snr, of.sqrt_snr_db - to.sqrt_snr_db, of.divergence_db - to.divergence_db];
        others.into_iter().map(|lost| lost - Loss::REACH_DB).fold(of.own - to.own, f64::max)
    }
}

impl<F: Real> QuantTask<'_, F> {
    fn quality(&self, model: &Model<F>, of: Loss) -> Quality {
        let (v, phi) = (self.v, self.spec.phi_of_v());
        let vhat = Magnitudes::of(&model.to_factors(), self.spec.power);
        self.pool.install(|| Quality {
            snr_db: measure::snr_db(v, &vhat),
            others: match of {
                Loss::Snr => None,
                Loss::All => {
                    let of_v = divergence_db(v, &vhat, phi);
                    let model = Magnitudes::linear(Stacked::from_factors(&model.to_factors()));
                    let own = match self.spec.metric.unwrap_or_default() {
                        Metric::Snr => measure::snr_db(self.y, &model),
                        Metric::Kld if self.spec.power == 1.0 => of_v,
                        Metric::Kld => divergence_db(self.y, &model, self.spec.phi()),
                    };
                    Some(Others { own, sqrt_snr_db: measure::sqrt_snr_db(v, &vhat), divergence_db: of_v })
                }
            },
        })
    }

    fn trial(&self, params: QuantParams, model: Model<F>) -> Trial<F> {
        let of = match self.spec.target {
            Some(QuantTarget::MaxLossDb(_, of)) => of,
            Some(QuantTarget::Fixed(_) | QuantTarget::MaxBytes(_)) | None => Loss::Snr,
        };
        let quality = self.quality(&model, of);
        Trial { params, model, quality, bytes: OnceCell::new(), distortion: OnceCell::new() }
    }

    fn bytes(&self, trial: &Trial<F>) -> f64 {
        *trial.bytes.get_or_init(|| (self.file_bytes)(&trial.model, trial.params)) as f64
    }

    /// What the metric of the run says of a model of V^P: less is better.
    fn distortion(&self, trial: &Trial<F>) -> f64 {
        *trial.distortion.get_or_init(|| {
            let model = Magnitudes::linear(Stacked::from_factors(&trial.model.to_factors()));
            self.pool.install(|| match self.spec.metric.unwrap_or_default() {
                Metric::Snr => -measure::snr_db(self.y, &model),
                Metric::Kld => measure::kld(self.y, &model, self.spec.phi()),
            })
        })
    }
}

/// -10 log10 D: more for a better model.
fn divergence_db<F: Real>(v: &DMatrix<F>, model: &Magnitudes<F>, phi: f64) -> f64 {
    let sum: f64 = v.iter().map(|v| v.to_f64() + phi).sum();
    -10.0 * measure::kld(v, model, phi).max(EXACT * sum).log10()
}

/// What a model is to reach.
#[derive(Clone, Copy)]
enum Goal {
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
    fn is_met<F: Real>(self, trial: &Trial<F>, task: &QuantTask<'_, F>) -> bool {
        match self {
            Self::Any => true,
            Self::MostLoss { reference, most, .. } => trial.quality.loss_against(&reference) <= most,
            Self::MostBytes(most) => task.bytes(trial) <= most,
        }
    }

    /// Whether `a` serves better than `b`.
    fn prefers<F: Real>(self, a: &Trial<F>, b: &Trial<F>, task: &QuantTask<'_, F>) -> bool {
        let by_bytes = || (task.bytes(a), -a.quality.snr_db) < (task.bytes(b), -b.quality.snr_db);
        let (a_meets, b_meets) = (self.is_met(a, task), self.is_met(b, task));
        match self {
            _ if a_meets != b_meets => a_meets,
            Self::Any => true,
            Self::MostLoss { reference, .. } => {
                if a_meets {
                    by_bytes()
                } else {
                    a.quality.loss_against(&reference) < b.quality.loss_against(&reference)
                }
            }
            Self::MostBytes(_) => {
                if a_meets {
                    task.distortion(a) < task.distortion(b)
                } else {
                    by_bytes()
                }
            }
        }
    }

    /// What falls as a model becomes coarser, less its target.
    fn excess<F: Real>(self, trial: &Trial<F>, task: &QuantTask<'_, F>) -> f64 {
        match self {
            Self::Any => 0.0,
            Self::MostLoss { reference, most, .. } => most - trial.quality.loss_against(&reference),
            Self::MostBytes(most) => task.bytes(trial).ln() - most.ln(),
        }
    }

    /// About how far along an axis the target lies, coarser where positive.
    fn units(self, excess: f64, axis: &Axis) -> f64 {
        /// What has hardly lost anything is not distinguished from what has lost nothing.
        const LEAST_LOST: f64 = 1e-3;
        match self {
            Self::Any => 0.0,
            // Distortion is added to that of CNMF: while it is small against that, little of it shows in dB.
            Self::MostLoss { most, is_least: true, .. } => {
                let added = |loss: f64| (10f64.powf(loss / 10.0) - 1.0).max(LEAST_LOST);
                let decades = (added(most) / added(most - excess)).log10() / GROWTH;
                decades * PRICES.db / axis.db
            }
            Self::MostLoss { .. } => excess / axis.db,
            Self::MostBytes(_) => excess / axis.log_bytes,
        }
    }

    /// The middle of the excesses that are close.
    fn centre(self) -> f64 {
        match self {
            Self::Any => 0.0,
            Self::MostLoss { .. } => 0.5 * SPARE_DB,
            Self::MostBytes(_) => -0.5 * SPARE_BYTES,
        }
    }

    /// Whether the target is a loss of SNR and nothing else, as the poster counts it.
    fn is_of_snr_alone(self) -> bool {
        matches!(self, Self::MostLoss { reference, .. } if reference.others.is_none())
    }

    /// Whether an excess is close to 0, on the side that meets the target.
    fn is_close(self, excess: f64) -> bool {
        match self {
            Self::Any => true,
            Self::MostLoss { .. } => (0.0..SPARE_DB).contains(&excess),
            Self::MostBytes(_) => (-SPARE_BYTES..=0.0).contains(&excess),
        }
    }
}

/// What a search moves along, from fine to coarse.
#[derive(Clone, Copy)]
struct Axis {
    bounds: [f64; 2],
    /// Two places this close are one.
    close: f64,
    /// What a unit costs about, in dB and in the logarithm of bytes: where to look before two places are known.
    db: f64,
    log_bytes: f64,
    /// How many times longer each further step is until the target lies between two places. A glance at a price is rough,
    /// and long steps would lead far beyond it.
    growth: f64,
}

/// A bisection whose steps are placed by interpolation, for what is searched for grows nearly evenly.
struct Bracket {
    axis: Axis,
    at: f64,
    /// The coarsest that exceeds the target, and the finest that does not, each with its excess.
    above: Option<(f64, f64)>,
    below: Option<(f64, f64)>,
    tries: usize,
}

impl Bracket {
    const fn new(at: f64, axis: Axis) -> Self {
        Self { axis, at, above: None, below: None, tries: 0 }
    }

    /// Where to try next, given the excess here; none once the search has ended.
    fn next(&mut self, excess: f64, goal: Goal) -> Option<f64> {
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

pub struct Search<'a, 'b, F: Real> {
    task: &'a QuantTask<'a, F>,
    goal: Goal,
    observe: &'a mut Observe<'b, F>,
    probes: usize,
    probed: Vec<Probe>,
    best: Option<Trial<F>>,
}

/// Ended by the observer.
pub type Flow<T = ()> = ControlFlow<(), T>;

impl<F: Real> Search<'_, '_, F> {
    /// Tells of the sweep or rounding at hand.
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
        let model = Model::Quantised((self.task.quantiser.round?)(factors, levels, fixed));
        Some(self.task.trial(QuantParams::Levels(levels), model))
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
        let mut bracket = Bracket::new(BEGIN_HALVINGS, HALVINGS);
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

    /// `snmf-rd` at this price.
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
        let mut bracket = Bracket::new(at, PRICES);
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
            for _ in 0..REPEATED {
                self.task.pool.install(|| solver.restart_at(price(at + HIGHER)));
                at = self.follow(&mut solver, at + HIGHER)?;
            }
        }
        Flow::Continue(())
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
            let next = at + (reach * self.goal.units(excess - self.goal.centre(), &PRICES)).clamp(-0.5, 0.5);
            if !(PRICES.bounds[0]..=PRICES.bounds[1]).contains(&next) {
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
        const ZEROED: f64 = 4.0;
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
        lambda.log10().clamp(PRICES.bounds[0] + 1.0, PRICES.bounds[1] - 1.0)
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
                    self.best = Some(self.task.trial(params, model));
                }
                return Flow::Break(());
            }
        }
        self.probes += 1;
        let Some(model) = solver.model() else { return Flow::Break(()) };
        let trial = self.task.trial(params, model);
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
