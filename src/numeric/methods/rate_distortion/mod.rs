//! Storable NMF by rate and distortion: integers, step sizes and bits optimised together.
//!
//! From the factors of CNMF, for a price `lambda` of a bit, the solver descends
//!
//! ```text
//! J = D + lambda B
//! ```
//!
//! where D is the squared error or the divergence (1) of the model (7), and B the bits of all integers under
//! an adaptive model of each factor (`bits.rs`). First real factors are shrunk under a penalty that
//! stands for their bits; then they are rounded with steps that the price sets, and the integers descend J one at
//! a time. An element corrects what rounding did to those before it: this is why it beats rounding at the end.
//!
//! The price alone sets every step, by "reverse water-filling": a step's error, seen through the other side, is
//! worth the same for every component, `dw[r]^2 sum H[r]^2 = dh[r]^2 sum W[r]^2 = lambda / c`. At high rates a
//! uniform quantiser spends `2 ln 2 / 12` of its squared step per bit, which is c.
//!
//! Fixed bases have no part in the descent. They stand in the state as the numbers that they make, so that what comes
//! before their activations is the step of these alone. Integers stay as they are stored; real numbers are rounded
//! whenever steps are derived.

mod bits;
mod choice;
mod distortion;
mod divergence;
mod gauge;
mod grams;
mod hals;
mod integers;
mod scales;
mod squared;
mod state;
mod visit;

use std::sync::Arc;

use nalgebra::DMatrix;

use self::choice::{Round, Shrink};
use self::distortion::Distortion;
use self::gauge::{balance, bury};
use self::integers::{State, h_prices};
use crate::factors::{Factors, Shape};
use crate::fixed::FixedBases;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::spec::Metric;

/// Sweeps without a penalty first: CNMF minimised the divergence, and the squared error has still far to fall.
const SETTLING: usize = 100;

/// Sweeps under the penalty of the first price, and of each later one, which begins where the last one ended. Measured on
/// piano: after 100 first sweeps of the squared error files are 4 % larger; half as many again gain less than 1 %.
const FIRST_SHRINKING: usize = 150;
const LATER_SHRINKING: usize = 40;

/// First sweeps of the divergence: as many as for the squared error gain less than 1 %.
const FIRST_SHRINKING_KLD: usize = 100;

/// Over-relaxation of the sweeps of the squared error, without and with the penalty.
const SETTLING_RELAXATION: f64 = 1.7;
const SHRINKING_RELAXATION: f64 = 1.3;

/// The penalty against the bits that it stands for, and where it sets in, in steps. Measured: from 1 to 3, and from
/// 0.25 to 1, bytes at equal error differ by 2 %.
const PENALTY: f64 = 2.0;
const KNEE: f64 = 0.5;

/// Sweeps for which the steps of the penalty stay: the factors change slowly.
const PENALTY_KEPT: usize = 8;

/// Sweeps after which the steps are derived anew from the factors as they are by then.
const RENEWED: [usize; 4] = [1, 2, 3, 5];

/// Sweeps over the integers, at most and at least.
const SWEEPS: usize = 12;
const FEWEST: usize = 8;

/// The integers have settled when a sweep lowers J by less than this share.
const SETTLED: f64 = 1e-4;

/// What the solver does in a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Real factors, so many sweeps to go without and with the penalty.
    Real { settling: usize, shrinking: usize },
    /// Integers, so many sweeps done.
    Integer { done: usize },
    /// Nothing is left to do for this price.
    Settled,
}

/// What counts the bits B of J.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BitCost {
    /// Symbols after the symbol before, each with its own price: about what deflate makes of them.
    #[default]
    Symbols,
    /// The adaptive contexts of [`crate::context_model`], as an arithmetic coder writes them.
    Contexts,
}

/// Storable NMF at a price for bits. One sweep at a time, so that its caller can show it and stop it.
pub struct RateDistortion<F: Real> {
    distortion: Distortion<F>,
    cost: BitCost,
    /// D of a silent model: prices are relative to it.
    unit: f64,
    fixed: Option<Arc<FixedBases>>,
    /// Real factors under the penalty of the latest price.
    real: Stacked<F>,
    /// Whether these have been prepared for some price already.
    prepared: bool,
    lambda: f64,
    /// The steps (dw, dh) that the penalty stands for, and how many sweeps ago they were derived.
    penalty: (Vec<f64>, Vec<f64>),
    penalty_age: usize,
    stage: Stage,
    state: Option<State<F>>,
    kept: Option<State<F>>,
}

impl<F: Real> RateDistortion<F> {
    /// A solver that starts from factors that fit V (M x N). `phi` is the floor of the divergence.
    pub fn new(v: Arc<DMatrix<F>>, factors: &Factors<F>, metric: Metric, phi: f64) -> Self {
        Self::with_fixed(v, factors, metric, phi, None)
    }

    /// The same where the first components of `factors` have bases that stay as they are.
    pub fn with_fixed(
        v: Arc<DMatrix<F>>,
        factors: &Factors<F>,
        metric: Metric,
        phi: f64,
        fixed: Option<Arc<FixedBases>>,
    ) -> Self {
        let frozen = fixed.as_ref().map_or(0, |fixed| fixed.components());
        let Shape { components, lags, .. } = factors.shape();
        assert_eq!(
            v.shape(),
            (factors.shape().bins, factors.shape().frames),
            "V and the factors differ in shape"
        );
        let mut real = Stacked::from_factors(factors);
        balance(&mut real, frozen);
        let (distortion, unit) = Distortion::new(v, components, lags, metric, phi);
        Self {
            distortion,
            cost: BitCost::default(),
            unit,
            fixed,
            real,
            prepared: false,
            lambda: 0.0,
            penalty: (Vec::new(), Vec::new()),
            penalty_age: 0,
            stage: Stage::Settled,
            state: None,
            kept: None,
        }
    }

    /// The same solver with the bits of J counted so.
    #[must_use]
    pub fn counting(mut self, cost: BitCost) -> Self {
        self.cost = cost;
        self
    }

    /// Sets the price of a bit, relative to `sum V^2` for the squared error; what is known of another price serves
    /// as the start.
    pub fn start_at(&mut self, lambda: f64) {
        self.lambda = lambda * self.unit;
        let kld = matches!(self.distortion, Distortion::Divergence(_));
        // CNMF has brought the divergence down already.
        let settling = if self.prepared || kld { 0 } else { SETTLING };
        let shrinking = match (self.prepared, kld) {
            (true, _) => LATER_SHRINKING,
            (false, true) => FIRST_SHRINKING_KLD,
            (false, false) => FIRST_SHRINKING,
        };
        self.prepared = true;
        self.stage = Stage::Real { settling, shrinking };
        self.penalty_age = 0;
        (self.state, self.kept) = (None, None);
    }

    /// Changes the price a little: the integers of the lowest J so far go on from there, with steps of the new price. As
    /// [`RateDistortion::start_at`] where there are none yet.
    pub fn adjust(&mut self, lambda: f64) {
        let Some(state) = self.kept.take() else { return self.start_at(lambda) };
        self.lambda = lambda * self.unit;
        self.state = Some(self.round(&self.dequantise(&state)));
        self.stage = Stage::Integer { done: RENEWED[RENEWED.len() - 1] };
    }

    /// Sweeps over the integers of this price so far; none before there are integers.
    pub const fn integer_sweeps(&self) -> Option<usize> {
        match self.stage {
            Stage::Real { .. } => None,
            Stage::Integer { done } => Some(done),
            Stage::Settled => Some(SWEEPS),
        }
    }

    /// Whether another sweep would change nothing.
    pub fn is_settled(&self) -> bool {
        self.stage == Stage::Settled
    }

    /// One sweep over all elements of W and of H. J of the integers, once there are some; it never rises
    /// while the price stays.
    pub fn sweep(&mut self) -> Option<f64> {
        match self.stage {
            Stage::Real { settling, shrinking } => {
                let price = if settling > 0 { 0.0 } else { self.lambda };
                if settling + shrinking > 0 {
                    self.sweep_reals(price);
                }
                self.stage = match (settling, shrinking) {
                    (1, _) => {
                        self.penalty_age = 0;
                        Stage::Real { settling: 0, shrinking }
                    }
                    (1.., _) => Stage::Real { settling: settling - 1, shrinking },
                    (0, 2..) => Stage::Real { settling, shrinking: shrinking - 1 },
                    (0, 0 | 1) => Stage::Integer { done: 0 },
                };
            }
            Stage::Integer { done } => self.sweep_integers(done + 1),
            Stage::Settled => {}
        }
        self.kept.as_ref().map(|state| state.objective)
    }

    fn sweep_reals(&mut self, price: f64) {
        let price = PENALTY * price;
        if self.penalty_age == 0 {
            self.penalty = self.distortion.steps(&self.real, price);
        }
        self.penalty_age = (self.penalty_age + 1) % PENALTY_KEPT;
        let (dw, dh) = self.penalty.clone();
        let half = F::from_f64(price / (2.0 * std::f64::consts::LN_2));
        let knee = |steps: Vec<f64>| steps.into_iter().map(|step| F::from_f64(KNEE * step)).collect();
        let relaxation = F::from_f64(if price > 0.0 { SHRINKING_RELAXATION } else { SETTLING_RELAXATION });
        let shrink = |steps| Shrink { half, steps: knee(steps), relaxation };
        let (w, h) = (shrink(dw), shrink(dh));
        let frozen = self.frozen();
        self.distortion.shrink(&mut self.real, frozen, &w, &h);
        balance(&mut self.real, frozen);
    }

    fn sweep_integers(&mut self, number: usize) {
        let mut state = match self.state.take() {
            Some(state) => state,
            None => self.round(&self.real.clone()),
        };
        let renewed = RENEWED.contains(&number);
        // Once the steps stay, what is said with fewer digits costs less.
        let digits = number > RENEWED[RENEWED.len() - 1];
        self.descend(&mut state, digits);
        let before = self.kept.as_ref().map_or(f64::INFINITY, |kept| kept.objective);
        if state.objective < before {
            self.kept = Some(state.clone());
        }
        let settled = number >= FEWEST && before - state.objective < SETTLED * before;
        if number >= SWEEPS || settled {
            self.stage = Stage::Settled;
            return;
        }
        self.state = Some(if renewed { self.round(&self.dequantise(&state)) } else { state });
        self.stage = Stage::Integer { done: number };
    }

    /// Components, from the first on, whose bases stay as they are.
    fn frozen(&self) -> usize {
        self.fixed.as_ref().map_or(0, |fixed| fixed.components())
    }

    /// Those whose integers are stored: they are not chosen here, and cost the same whatever is.
    fn stored(&self) -> usize {
        self.fixed.as_ref().filter(|fixed| fixed.integers().is_some()).map_or(0, |fixed| fixed.components())
    }

    /// W, H and the scales in turn, each lowering J; the prices of the symbols are those of the state at the start, and J is
    /// reported at the prices of the end, which suit it better.
    fn descend(&mut self, state: &mut State<F>, digits: bool) {
        let frozen = self.frozen();
        let prices = state.prices.take().unwrap_or_else(|| self.symbol_prices(state));
        let coder = (self.cost == BitCost::Contexts).then(|| self.w_prices(state));
        let State { integers, scale, .. } = state;
        let lambda = self.lambda;
        let w = Round { lambda, bits: &prices.0, coder: coder.as_deref() };
        self.distortion.pass_w(integers, scale, frozen, &w);
        let coder = (self.cost == BitCost::Contexts).then(|| h_prices(integers));
        let h = Round { lambda, bits: &prices.1, coder: coder.as_deref() };
        self.distortion.pass_h(integers, scale, &h);
        self.distortion.refit(integers, scale, digits.then_some(lambda));
        bury(integers, scale, frozen);
        let (distortion, prices) =
            rayon::join(|| self.distortion.of(&state.integers, &state.scale), || self.symbol_prices(state));
        state.prices = Some(prices);
        state.objective = (distortion + self.lambda * self.bits_of(state)) / self.unit;
    }
}

#[cfg(test)]
mod tests {
    use super::bits::BitModel;
    use super::integers::{h_sequences, w_sequences};
    use super::*;
    use crate::methods::init::Random;

    /// Bins, frames, components, lags: plain NMF, more lags than frames, one of everything, and the usual.
    const SHAPES: [(usize, usize, usize, usize); 6] =
        [(24, 50, 3, 1), (17, 80, 3, 5), (9, 6, 2, 9), (1, 40, 1, 3), (12, 1, 2, 2), (20, 133, 4, 34)];

    fn positive(random: &mut Random, rows: usize, columns: usize) -> DMatrix<f64> {
        DMatrix::from_fn(rows, columns, |_, _| random.uniform().powi(3))
    }

    /// A spectrogram that the model nearly fits, with a silent row and a silent column, and factors to begin with.
    fn problem(shape: (usize, usize, usize, usize), seed: u64) -> (Arc<DMatrix<f64>>, Factors<f64>) {
        let (bins, frames, components, lags) = shape;
        let mut random = Random::new(seed);
        let mut factors = || Factors {
            w: (0..lags).map(|_| positive(&mut random, bins, components)).collect(),
            h: positive(&mut random, components, frames),
        };
        let (truth, start) = (Stacked::from_factors(&factors()), factors());
        let mut v = DMatrix::zeros(bins, frames);
        truth.reconstruct_into(0, v.as_mut_slice());
        v.iter_mut().for_each(|x: &mut f64| *x *= 0.8 + 0.4 * random.uniform());
        if bins > 2 && frames > 2 {
            v.row_mut(1).fill(0.0);
            v.column_mut(frames - 1).fill(0.0);
        }
        let largest = v.max();
        (Arc::new(v / largest), start)
    }

    /// Bits of sequences at the prices of others.
    fn total(model: &BitModel, sequences: impl Iterator<Item = impl Iterator<Item = f64>>) -> f64 {
        let bits = |sequence| {
            let step = |before: &mut usize, k: f64| {
                let k = bits::symbol(k);
                Some(model.cost(std::mem::replace(before, k), k))
            };
            Iterator::scan(sequence, 0, step).sum::<f64>()
        };
        sequences.map(bits).sum()
    }

    #[test]
    fn each_pass_lowers_j_at_the_prices_it_is_given() {
        for (i, &shape) in SHAPES.iter().enumerate() {
            for metric in [Metric::Snr, Metric::Kld] {
                let (v, start) = problem(shape, i as u64);
                let mut rd = RateDistortion::new(Arc::clone(&v), &start, metric, 1e-4);
                let lambda = if metric == Metric::Snr { 1e-4 * rd.unit } else { 1e-2 };
                rd.lambda = lambda;
                let State { mut integers, mut scale, .. } = rd.round(&rd.real.clone());
                for sweep in 0..4 {
                    let w_bits = BitModel::of(w_sequences(&integers, &[], 0));
                    let h_bits = BitModel::of(h_sequences(&integers));
                    let j = |rd: &RateDistortion<f64>, integers: &Stacked<f64>, scale: &[f64]| {
                        let bits = total(&w_bits, w_sequences(integers, &[], 0))
                            + total(&h_bits, h_sequences(integers));
                        rd.distortion.of(integers, scale) + lambda * bits
                    };
                    let mut js = vec![j(&rd, &integers, &scale)];
                    let (w, h) = (
                        Round { lambda, bits: &w_bits, coder: None },
                        Round { lambda, bits: &h_bits, coder: None },
                    );
                    rd.distortion.pass_w(&mut integers, &scale, 0, &w);
                    js.push(j(&rd, &integers, &scale));
                    rd.distortion.pass_h(&mut integers, &scale, &h);
                    js.push(j(&rd, &integers, &scale));
                    rd.distortion.refit(&integers, &mut scale, None);
                    js.push(j(&rd, &integers, &scale));
                    let falls = js.windows(2).all(|pair| pair[1] <= pair[0] * (1.0 + 1e-12));
                    assert!(falls, "{shape:?} {metric:?} sweep {sweep}: {js:?}");
                    assert!(sweep > 0 || js[2] < js[0], "{shape:?} {metric:?}: nothing happened: {js:?}");
                }
            }
        }
    }
}
