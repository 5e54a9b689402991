//! Convolutive NMF by multiplicative updates that descend the divergence (1).

use std::sync::Arc;

use nalgebra::DMatrix;
use pulp::{Simd, WithSimd};

use super::factors::{Factors, Model, Shape};
use super::init;
use super::learner::Learner;
use super::measure;
use super::method::RunSpec;
use super::scalar::Real;
use super::shifted::Stacked;

/// CNMF with the joint, edge-corrected H update and the simultaneous W update.
///
/// Both are majorise-minimise steps on D(V + phi || Vhat + phi): phi acts as a fixed extra component.
pub struct Cnmf<F: Real> {
    v: Arc<DMatrix<F>>,
    phi: F,
    state: Stacked<F>,
}

impl<F: Real> Cnmf<F> {
    /// The seeded start of `spec` on V (M x N, non-negative, maximum 1).
    #[must_use]
    pub fn new(v: Arc<DMatrix<F>>, spec: &RunSpec) -> Self {
        let factors = init::random_factors(spec.shape(&v), spec.seed);
        Self::from_factors(v, &factors, spec.phi())
    }

    /// A start from given factors.
    ///
    /// # Panics
    /// The factors do not fit V.
    #[must_use]
    pub fn from_factors(v: Arc<DMatrix<F>>, factors: &Factors<F>, phi: f64) -> Self {
        let Shape { bins, frames, .. } = factors.shape();
        assert_eq!(v.shape(), (bins, frames), "V and the factors differ in shape");
        Self { v, phi: F::from_f64(phi), state: Stacked::from_factors(factors) }
    }

    /// One update of H and one of W (3), Vhat refreshed in between.
    pub fn update(&mut self) {
        let numerator = self.state.h_numerator(|first, block| self.to_ratio(first, block));
        let denominator = self.state.h_denominator();
        scale(self.state.activations_mut(), &numerator, &denominator);

        let numerator = self.state.w_numerator(|first, block| self.to_ratio(first, block));
        let denominator = self.state.w_denominator();
        let bins = self.state.shape.bins;
        for ((w, numerator), &denominator) in
            self.state.w.chunks_exact_mut(bins).zip(numerator.chunks_exact(bins)).zip(&denominator)
        {
            if denominator > F::ZERO {
                w.iter_mut().zip(numerator).for_each(|(w, &n)| *w = keep_normal(*w * (n / denominator)));
            }
        }
        self.balance();
    }

    /// The factors as matrices.
    #[must_use]
    pub fn factors(&self) -> Factors<F> {
        self.state.to_factors()
    }

    /// D after the latest update.
    #[must_use]
    pub fn objective(&self) -> f64 {
        measure::kld(&self.v, &self.state, self.phi.to_f64())
    }

    /// Q = (V + phi) / (Vhat + phi) in place of Vhat.
    fn to_ratio(&self, first: usize, block: &mut [F]) {
        ratio(&self.v, self.phi, first, block);
    }

    /// Gives every component's bases unit sum and its activations the rest; the model stays as it is.
    ///
    /// The product alone is determined; without a gauge one side can drift out of range.
    fn balance(&mut self) {
        let components = self.state.shape.components;
        let columns = self.state.w_column_sums();
        for r in 0..components {
            let sum: f64 = columns.iter().skip(r).step_by(components).map(|s| s.to_f64()).sum();
            // A component that has died out, or nearly, has no scale to speak of.
            if sum < 1e-30 {
                continue;
            }
            let (up, down) = (F::from_f64(sum), F::from_f64(1.0 / sum));
            let bins = self.state.shape.bins;
            for column in self.state.w.chunks_exact_mut(bins).skip(r).step_by(components) {
                column.iter_mut().for_each(|w| *w = keep_normal(*w * down));
            }
            for h in self.state.activations_mut().iter_mut().skip(r).step_by(components) {
                *h = keep_normal(*h * up);
            }
        }
    }
}

/// Q = (V + phi) / (Vhat + phi) in place of Vhat, for the frames from `first`.
pub(crate) fn ratio<F: Real>(v: &DMatrix<F>, phi: F, first: usize, block: &mut [F]) {
    let v = &v.as_slice()[first * v.nrows()..][..block.len()];
    pulp::Arch::new().dispatch(Ratio { v, phi, block });
}

/// [`ratio`], compiled for the vector instructions of the machine it runs on.
struct Ratio<'a, F> {
    v: &'a [F],
    phi: F,
    block: &'a mut [F],
}

impl<F: Real> WithSimd for Ratio<'_, F> {
    type Output = ();

    #[inline(always)] // or the loop is compiled without the instructions that were found
    #[allow(clippy::inline_always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (q, &v) in self.block.iter_mut().zip(self.v) {
            *q = (v + self.phi) / (*q + self.phi);
        }
    }
}

/// `factor * numerator / denominator`, elementwise; kept where the denominator is zero.
fn scale<F: Real>(factor: &mut [F], numerator: &[F], denominator: &[F]) {
    for ((x, &n), &d) in factor.iter_mut().zip(numerator).zip(denominator) {
        if d > F::ZERO {
            *x = keep_normal(*x * (n / d));
        }
    }
}

/// Zero in place of what is too small to matter: values that decay for ever would become subnormal, and
/// arithmetic on those is many times slower.
#[inline]
fn keep_normal<F: Real>(x: F) -> F {
    if x < F::SMALLEST { F::ZERO } else { x }
}

impl<F: Real> Learner<F> for Cnmf<F> {
    fn step(&mut self) -> f64 {
        self.update();
        self.objective()
    }

    fn model(&self) -> Model<F> {
        Model::Real(self.factors())
    }
}
