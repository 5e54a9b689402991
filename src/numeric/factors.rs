//! What a factorisation learned: real factors, quantised factors, and either of them.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};

use super::kernels::scalar::{Precision, Real};

/// The four sizes of a convolutive model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    /// M, rows of V: frequency bins.
    pub bins: usize,
    /// N, columns of V: frames.
    pub frames: usize,
    /// R: parts of the model.
    pub components: usize,
    /// T: frames that one part spans.
    pub lags: usize,
}

impl Shape {
    /// How many numbers the factors hold, `M R T + R N`; `None` on overflow.
    pub fn values(&self) -> Option<usize> {
        let w = self.bins.checked_mul(self.components)?.checked_mul(self.lags)?;
        let h = self.components.checked_mul(self.frames)?;
        w.checked_add(h)
    }
}

/// Real-valued factors of `V ~ sum_t W_t shift_t(H)` (2).
#[derive(Clone, Debug, PartialEq)]
pub struct Factors<F: Real> {
    /// T bases `W_0` .. W_{T-1}, each M x R, non-negative.
    pub w: Vec<DMatrix<F>>,
    /// Activations H, R x N, non-negative.
    pub h: DMatrix<F>,
}

/// Integer factors with one step size a component and side (Definition 1, eq. 7).
#[derive(Clone, Debug, PartialEq)]
pub struct Quantised<F: Real> {
    /// T integer bases, each M x R.
    pub w: Vec<DMatrix<u32>>,
    /// Integer activations, R x N.
    pub h: DMatrix<u32>,
    /// Step sizes of the bases, one a component.
    pub dw: DVector<F>,
    /// Step sizes of the activations, one a component.
    pub dh: DVector<F>,
}

/// The result of any method: what is shown, measured and stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Model<F: Real> {
    Real(Factors<F>),
    Quantised(Quantised<F>),
}

/// A model of either precision, as the upper layers pass it around.
#[derive(Clone, Debug, PartialEq)]
pub enum AnyModel {
    F32(Arc<Model<f32>>),
    F64(Arc<Model<f64>>),
}

fn shape_of<T: nalgebra::Scalar, U: nalgebra::Scalar>(w: &[DMatrix<T>], h: &DMatrix<U>) -> Shape {
    Shape {
        bins: w.first().map_or(0, DMatrix::nrows),
        frames: h.ncols(),
        components: h.nrows(),
        lags: w.len(),
    }
}

impl<F: Real> Factors<F> {
    pub fn shape(&self) -> Shape {
        shape_of(&self.w, &self.h)
    }

    /// Some of the components, counted from 0, as a model of their own.
    pub fn only(&self, components: &[usize]) -> Self {
        Self {
            w: self.w.iter().map(|basis| basis.select_columns(components)).collect(),
            h: self.h.select_rows(components),
        }
    }
}

impl<F: Real> Quantised<F> {
    pub fn shape(&self) -> Shape {
        shape_of(&self.w, &self.h)
    }

    /// The real factors these integers stand for: `What_t diag(dw)` and `diag(dh) Hhat`.
    pub fn dequantise(&self) -> Factors<F> {
        let scale = |k: u32, step: F| F::from_f64(f64::from(k)) * step;
        Factors {
            w: self
                .w
                .iter()
                .map(|basis| {
                    DMatrix::from_fn(basis.nrows(), basis.ncols(), |m, r| scale(basis[(m, r)], self.dw[r]))
                })
                .collect(),
            h: DMatrix::from_fn(self.h.nrows(), self.h.ncols(), |r, n| scale(self.h[(r, n)], self.dh[r])),
        }
    }
}

impl<F: Real> Model<F> {
    pub fn shape(&self) -> Shape {
        match self {
            Self::Real(f) => f.shape(),
            Self::Quantised(q) => q.shape(),
        }
    }

    /// `W_t[m, r]`, dequantised.
    pub fn basis(&self, bin: usize, component: usize, lag: usize) -> f64 {
        match self {
            Self::Real(f) => f.w[lag][(bin, component)].to_f64(),
            Self::Quantised(q) => f64::from(q.w[lag][(bin, component)]) * q.dw[component].to_f64(),
        }
    }

    /// `H[r, n]`, dequantised.
    pub fn activation(&self, component: usize, frame: usize) -> f64 {
        match self {
            Self::Real(f) => f.h[(component, frame)].to_f64(),
            Self::Quantised(q) => f64::from(q.h[(component, frame)]) * q.dh[component].to_f64(),
        }
    }

    /// One element of Vhat (2), summed over those components alone that `heard` lets through.
    pub fn at(&self, bin: usize, frame: usize, heard: impl Fn(usize) -> bool) -> f64 {
        let Shape { components, lags, .. } = self.shape();
        let components = (0..components).filter(|r| heard(*r));
        let lags = 0..lags.min(frame + 1);
        let of = |r: usize| {
            lags.clone().map(move |t| self.basis(bin, r, t) * self.activation(r, frame - t)).sum::<f64>()
        };
        components.map(of).sum()
    }

    /// The real factors of the model, steps multiplied in.
    pub fn to_factors(&self) -> Factors<F> {
        match self {
            Self::Real(f) => f.clone(),
            Self::Quantised(q) => q.dequantise(),
        }
    }
}

impl AnyModel {
    pub fn shape(&self) -> Shape {
        match self {
            Self::F32(m) => m.shape(),
            Self::F64(m) => m.shape(),
        }
    }

    pub fn precision(&self) -> Precision {
        match self {
            Self::F32(_) => Precision::F32,
            Self::F64(_) => Precision::F64,
        }
    }

    pub fn basis(&self, bin: usize, component: usize, lag: usize) -> f64 {
        match self {
            Self::F32(m) => m.basis(bin, component, lag),
            Self::F64(m) => m.basis(bin, component, lag),
        }
    }

    pub fn activation(&self, component: usize, frame: usize) -> f64 {
        match self {
            Self::F32(m) => m.activation(component, frame),
            Self::F64(m) => m.activation(component, frame),
        }
    }

    pub fn at(&self, bin: usize, frame: usize, heard: impl Fn(usize) -> bool) -> f64 {
        match self {
            Self::F32(m) => m.at(bin, frame, heard),
            Self::F64(m) => m.at(bin, frame, heard),
        }
    }

    pub fn is_quantised(&self) -> bool {
        match self {
            Self::F32(m) => matches!(**m, Model::Quantised(_)),
            Self::F64(m) => matches!(**m, Model::Quantised(_)),
        }
    }

    pub fn to_f32(&self) -> Factors<f32> {
        self.to()
    }

    pub fn to_f64(&self) -> Factors<f64> {
        self.to()
    }

    fn to<G: Real>(&self) -> Factors<G> {
        fn cast<F: Real, G: Real>(factors: &Factors<F>) -> Factors<G> {
            let cast = |x: &DMatrix<F>| x.map(|x| G::from_f64(x.to_f64()));
            Factors { w: factors.w.iter().map(cast).collect(), h: cast(&factors.h) }
        }
        match self {
            Self::F32(m) => cast(&m.to_factors()),
            Self::F64(m) => cast(&m.to_factors()),
        }
    }
}

impl From<Model<f32>> for AnyModel {
    fn from(model: Model<f32>) -> Self {
        Self::F32(Arc::new(model))
    }
}

impl From<Model<f64>> for AnyModel {
    fn from(model: Model<f64>) -> Self {
        Self::F64(Arc::new(model))
    }
}
