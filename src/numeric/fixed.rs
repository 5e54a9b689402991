//! Bases that are given and stay as they are, while activations are learned for them.

use nalgebra::{DMatrix, DVector};

use super::factors::{AnyModel, Factors, Model, Quantised};
use super::kernels::scalar::Real;

/// The bases of a model: T matrices of M x K, and integers with K step sizes where they are made of such. A run that is
/// given them has them as its first K components and learns the others, if there are any.
#[derive(Clone, Debug, PartialEq)]
pub struct FixedBases {
    real: Vec<DMatrix<f64>>,
    integers: Option<(Vec<DMatrix<u32>>, DVector<f64>)>,
    power: f64,
}

impl FixedBases {
    /// The bases of this model of V^P, with P = `power`.
    pub fn of(model: &AnyModel, power: f64) -> Self {
        fn integers<F: Real>(model: &Model<F>) -> Option<(Vec<DMatrix<u32>>, DVector<f64>)> {
            let Model::Quantised(Quantised { w, dw, .. }) = model else { return None };
            Some((w.clone(), dw.map(Real::to_f64)))
        }
        let integers = match model {
            AnyModel::F32(m) => integers(m),
            AnyModel::F64(m) => integers(m),
        };
        Self { real: model.to_f64().w, integers, power }
    }

    /// A model with these bases and one frame of activations, all zero: what [`FixedBases::of`] makes the same bases of,
    /// bit for bit.
    pub fn to_model(&self) -> AnyModel {
        fn quantised<F: Real>(w: &[DMatrix<u32>], dw: &DVector<f64>) -> Model<F> {
            let (w, dw) = (w.to_vec(), dw.map(F::from_f64));
            let (h, dh) = (DMatrix::zeros(dw.len(), 1), DVector::from_element(dw.len(), F::ONE));
            Model::Quantised(Quantised { w, h, dw, dh })
        }
        let Some((w, dw)) = &self.integers else {
            return Model::Real(Factors { w: self.real.clone(), h: DMatrix::zeros(self.components(), 1) })
                .into();
        };
        // Integers times steps are rounded as the model that they came from did it.
        let double = quantised::<f64>(w, dw).into();
        if Self::of(&double, self.power) == *self { double } else { quantised::<f32>(w, dw).into() }
    }

    /// P of the V^P that they are bases of.
    pub const fn power(&self) -> f64 {
        self.power
    }

    pub fn bins(&self) -> usize {
        self.real[0].nrows()
    }

    pub fn components(&self) -> usize {
        self.real[0].ncols()
    }

    pub fn lags(&self) -> usize {
        self.real.len()
    }

    /// Every value, lag by lag and column by column, for telling bases apart.
    pub fn values(&self) -> impl Iterator<Item = f64> {
        self.real.iter().flat_map(|w| w.iter().copied())
    }

    /// Puts the bases in the place of the first K. Those of a component that are all zero are met by nothing: its
    /// activations are zero too.
    ///
    /// # Panics
    /// The factors are of another M or T, or have fewer components.
    pub(super) fn put_into<F: Real>(&self, factors: &mut Factors<F>) {
        assert_eq!(factors.w.len(), self.lags(), "given bases of another number of lags");
        for (w, given) in factors.w.iter_mut().zip(&self.real) {
            w.columns_mut(0, self.components()).zip_apply(given, |w, given| *w = F::from_f64(given));
        }
        for r in 0..self.components() {
            if factors.w.iter().all(|w| w.column(r).iter().all(|w| *w == F::ZERO)) {
                factors.h.row_mut(r).fill(F::ZERO);
            }
        }
    }

    /// The integers, and their steps, where there are some, in the place of the first K; the activations stay.
    pub(super) fn keep<F: Real>(&self, model: &mut Quantised<F>) {
        let Some((integers, steps)) = &self.integers else { return };
        for (w, given) in model.w.iter_mut().zip(integers) {
            w.columns_mut(0, given.ncols()).copy_from(given);
        }
        for (r, &step) in steps.iter().enumerate() {
            model.dw[r] = F::from_f64(step);
        }
    }

    /// Whether every element is finite in single precision.
    pub fn fit_single_precision(&self) -> bool {
        self.values().all(|w| Real::is_finite(f32::from_f64(w)))
    }

    /// The integers, and their steps, where there are some.
    pub(super) fn integers(&self) -> Option<&(Vec<DMatrix<u32>>, DVector<f64>)> {
        self.integers.as_ref()
    }
}
