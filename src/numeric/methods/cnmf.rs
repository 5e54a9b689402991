//! Convolutive NMF by multiplicative updates that descend the divergence (1).

use std::ops::Range;
use std::sync::Arc;

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};

use super::init;
use super::learner::Learner;
use crate::factors::{Factors, Model, Shape};
use crate::kernels::passes::Passes;
use crate::kernels::scalar::Real;
use crate::kernels::scalar::keep_normal;
use crate::kernels::stacked::Stacked;
use crate::kernels::vector;
use crate::named::Named;
use crate::spec::{HRule, Init, Rules, RunSpec, WRule};

/// Whether the updates of `spec` are accelerated, and its rules that are not the usual ones, with commas between.
pub(super) fn rules_text(spec: &RunSpec) -> String {
    let mut words = vec![if spec.is_accelerated() { "accelerated" } else { "plain" }];
    words.extend((spec.rules.h != HRule::default()).then(|| spec.rules.h.name()));
    words.extend((spec.rules.w != WRule::default()).then(|| spec.rules.w.name()));
    words.extend((spec.init != Init::default()).then(|| spec.init.name()));
    words.join(",")
}

/// CNMF by the multiplicative updates (3), under the rules chosen.
///
/// With the joint H rule both updates are majorise-minimise steps on D(V + phi || Vhat + phi): phi acts as a fixed
/// extra component. Nothing is allocated in an update.
pub struct Cnmf<F: Real> {
    pub(super) passes: Passes<F>,
    pub(super) state: Stacked<F>,
    rules: Rules,
    /// Components, from the first on, whose bases stay as they are.
    frozen: usize,
    /// R N elements each, frame-major.
    pub(super) h_numerator: Vec<F>,
    pub(super) h_denominator: Vec<F>,
    /// M R T and R T elements.
    pub(super) w_numerator: Vec<F>,
    pub(super) w_denominator: Vec<F>,
    /// D of the state, whose `h_numerator` is then at hand too.
    pub(super) objective: Option<f64>,
}

impl<F: Real> Cnmf<F> {
    /// The start of `spec` on V (M x N, non-negative, maximum 1).
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let factors = init::start(&v, spec);
        Self { frozen: spec.fixed_components(), ..Self::from_factors(v, &factors, spec.phi(), spec.rules) }
    }

    /// A start from factors that fit V.
    pub fn from_factors(v: Arc<DMatrix<F>>, factors: &Factors<F>, phi: f64, rules: Rules) -> Self {
        Self::at(v, Stacked::from_factors(factors), phi, rules)
    }

    /// The same from factors in the layout of the products.
    pub(super) fn at(v: Arc<DMatrix<F>>, state: Stacked<F>, phi: f64, rules: Rules) -> Self {
        let Shape { bins, frames, components, lags } = state.shape;
        assert_eq!(v.shape(), (bins, frames), "V and the factors differ in shape");
        let zeros = |n: usize| vec![F::ZERO; n];
        Self {
            passes: Passes::new(v, components, lags, F::from_f64(phi)),
            state,
            rules,
            frozen: 0,
            h_numerator: zeros(components * frames),
            h_denominator: zeros(components * frames),
            w_numerator: zeros(bins * components * lags),
            w_denominator: zeros(components * lags),
            objective: None,
        }
    }

    /// One update of H and one of W (3), Vhat refreshed in between. The factors are raised to a power: 1 is the plain one,
    /// above 1 it may overshoot.
    pub(super) fn update_raised(&mut self, power: Power) {
        self.update_activations(power);
        if self.learns_bases() {
            self.update_bases(power);
        }
    }

    /// The half of it that is for H.
    pub(super) fn update_activations(&mut self, power: Power) {
        if self.objective.is_none() {
            self.h_pass(false);
        }
        self.objective = None;
        match self.rules.h {
            HRule::Joint => self.state.h_denominator(&mut self.h_denominator),
            // The numerator is a mean of quotients already.
            HRule::Average => self.h_denominator.fill(F::ONE),
        }
        let (numerator, denominator) = (&self.h_numerator, Denominator::Each(&self.h_denominator));
        multiply(self.state.activations_mut(), numerator, denominator, power);
    }

    /// Whether any component has bases that do not stay as they are.
    pub(super) fn learns_bases(&self) -> bool {
        self.frozen < self.state.shape.components
    }

    /// The stacked columns whose bases are learned, by lag.
    pub(super) fn free_columns(&self) -> impl Iterator<Item = Range<usize>> + use<F> {
        let (Shape { components, lags, .. }, frozen) = (self.state.shape, self.frozen);
        (0..lags).map(move |s| s * components + frozen..(s + 1) * components)
    }

    fn update_bases(&mut self, power: Power) {
        self.state.w_denominator(&mut self.w_denominator);
        let Shape { bins, components, lags, .. } = self.state.shape;
        let columns = match self.rules.w {
            WRule::Simultaneous => components * lags,
            WRule::Sequential => components,
        };
        // The columns of one lag are free from some place on; those of all lags lie apart.
        let skipped = if columns == components { self.frozen } else { 0 };
        // The last columns hold the bases of lag 0, with which a sequence begins.
        for s in (0..components * lags).step_by(columns).rev() {
            let place = s + skipped..s + columns;
            let numerator = &mut self.w_numerator[place.start * bins..place.end * bins];
            self.passes.w_numerator(&self.state, place.clone(), numerator);
            let w = self.state.w[place.start * bins..place.end * bins].chunks_exact_mut(bins);
            for ((k, w), numerator) in place.zip(w).zip(numerator.chunks_exact(bins)) {
                if k % components >= self.frozen {
                    multiply(w, numerator, Denominator::All(self.w_denominator[k]), power);
                }
            }
        }
    }

    /// D of the current state.
    pub fn objective(&mut self) -> f64 {
        if let Some(d) = self.objective {
            return d;
        }
        self.h_pass(true)
    }

    /// The factors as matrices, each component's bases summing to 1 and its activations having the rest.
    ///
    /// The product alone is determined; a fixed share makes runs comparable. Fixed bases are as they were given.
    pub fn factors(&self) -> Factors<F> {
        let mut state = self.state.clone();
        share_out(&mut state, self.frozen);
        state.to_factors()
    }

    /// The numerator of H, and D if it is wanted.
    fn h_pass(&mut self, with_objective: bool) -> f64 {
        let mut by_lag = None;
        if self.rules.h == HRule::Average {
            // The poster's rule: the mean of a quotient for each lag that has a basis.
            let Shape { bins, components, .. } = self.state.shape;
            let weights = &mut self.w_denominator;
            for (weight, column) in weights.iter_mut().zip(self.state.w.chunks_exact(bins)) {
                *weight = F::from_f64(vector::sum(column));
            }
            for r in 0..components {
                let of_component = || weights.iter().skip(r).step_by(components);
                let lags = of_component().filter(|sum| **sum > F::ZERO).count();
                let lags = F::from_f64(lags as f64);
                for sum in weights.iter_mut().skip(r).step_by(components).filter(|sum| **sum > F::ZERO) {
                    *sum = F::ONE / (*sum * lags);
                }
            }
            by_lag = Some(&self.w_denominator[..]);
        }
        if with_objective {
            let d = self.passes.h_numerator_and_objective(&self.state, by_lag, &mut self.h_numerator);
            self.objective = Some(d);
            d
        } else {
            self.passes.h_numerator(&self.state, by_lag, &mut self.h_numerator);
            0.0
        }
    }
}

/// Makes the bases of each component from the `first` on sum to 1; its activations have the rest.
pub(super) fn share_out<F: Real>(state: &mut Stacked<F>, first: usize) {
    let Shape { bins, components, .. } = state.shape;
    for r in first..components {
        let bases = state.w.chunks_exact(bins).skip(r).step_by(components);
        let sum: f64 = bases.map(vector::sum).sum();
        // A component that has died out, or nearly, has no scale to speak of.
        if sum < 1e-30 {
            continue;
        }
        let (up, down) = (F::from_f64(sum), F::from_f64(1.0 / sum));
        for column in state.w.chunks_exact_mut(bins).skip(r).step_by(components) {
            column.iter_mut().for_each(|w| *w = keep_normal(*w * down));
        }
        for h in state.activations_mut().iter_mut().skip(r).step_by(components) {
            *h = keep_normal(*h * up);
        }
    }
}

/// What the quotient of an update is raised to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Power {
    /// The plain update.
    One,
    /// 1.875: made of square roots, which are cheap.
    Raised,
}

/// Denominators of a run of elements.
pub(super) enum Denominator<'a, F> {
    /// The same for all of them.
    All(F),
    /// One for each.
    Each(&'a [F]),
}

/// `x (numerator / denominator)^power`, elementwise; x is kept where the denominator is zero.
pub(super) fn multiply<F: Real>(x: &mut [F], numerator: &[F], denominator: Denominator<'_, F>, power: Power) {
    pulp::Arch::new().dispatch(Multiply { x, numerator, denominator, power });
}

struct Multiply<'a, F> {
    x: &'a mut [F],
    numerator: &'a [F],
    denominator: Denominator<'a, F>,
    power: Power,
}

impl<F: Real> WithSimd for Multiply<'_, F> {
    type Output = ();

    #[inline(always)] // or the loops are compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) {
        let raised = |q: F| {
            let root = q.sqrt();
            let fourth = root.sqrt();
            q * root * (fourth * fourth.sqrt())
        };
        let both = self.x.iter_mut().zip(self.numerator);
        match (self.denominator, self.power) {
            (Denominator::All(d), _) if d <= F::ZERO => {}
            (Denominator::All(d), Power::One) => both.for_each(|(x, &n)| *x = keep_normal(*x * (n / d))),
            (Denominator::All(d), Power::Raised) => {
                both.for_each(|(x, &n)| *x = keep_normal(*x * raised(n / d)));
            }
            (Denominator::Each(each), power) => both.zip(each).for_each(|((x, &n), &d)| {
                let q = if d > F::ZERO { n / d } else { F::ONE };
                *x = keep_normal(*x * if power == Power::One { q } else { raised(q) });
            }),
        }
    }
}

impl<F: Real> Learner<F> for Cnmf<F> {
    fn step(&mut self) -> f64 {
        Learner::update(self);
        self.objective()
    }

    fn update(&mut self) {
        self.update_raised(Power::One);
    }

    fn model(&self) -> Model<F> {
        Model::Real(self.factors())
    }
}
