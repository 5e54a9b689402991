//! One W for many sounds: CNMF of spectrograms `V_i` (M x `N_i`) that share their bases and have activations `H_i` each.
//!
//! A pass updates W once and each `H_i` once, by the quotients of (3). For W they are made of sums over the sounds:
//!
//! ```text
//! A[t, m, r] = W_t[m, r] sum_i sum_n Q_i[m, n] H_i[r, n - t]        what W explains of the spectrograms
//! C[t, r]    = sum_m W_t[m, r] sum_i sum_n H_i[r, n - t]            what there is of it in the models
//! W_t[m, r] <- W_t[m, r] * [ (A[t, m, r] / W_t[m, r]) / (C[t, r] / sum_m W_t[m, r]) ]^p
//! ```
//!
//! p is 1.875 where that does not raise D (1), summed over the sounds; else the pass is taken back and done with p = 1.
//! So D never rises. All spectrograms are divided by one maximum: one each would give quiet sounds more weight.
//!
//! # The same bits in any order of adding
//!
//! A, C and D are whole numbers of 2^-58 `B`, where B is the power of two from `Z = sum_i sum (V_i + phi)` up, so that
//! neither the order of the sounds nor the number of threads or of workers ([`Reduce`]) changes a bit. None is negative.
//! An i64 holds 32 B. All of A is at most Z, for `Q Vhat <= V + phi`. At the start the models sum up to 2.01 Z at most,
//! so that D is below `Z ln((1 + phi) / phi) + 2.01 Z < 11.3 Z`, as phi is 1e-4 or more; it never rises. D bounds C, all
//! of which is the sum of the models: from `D >= Y - Z - Z ln(Y / Z)`, where Y is that sum with phi, Y is below 16 Z. A
//! pass that leaves these bounds has raised D: sums end at the largest i64, which is more than any D before.

use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::cnmf::{Cnmf, Denominator, Power, multiply, share_out};
use super::init;
use crate::factors::{Factors, Shape};
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::kernels::vector;
use crate::magnitudes;
use crate::spec::{Rules, RunSpec};

/// Units of the exact sums in the power of two above Z.
const UNITS: f64 = (1u64 << 58) as f64;

/// Units of the sum of all V, which gives H its scale at the start: 2^47 elements fit.
const COARSE: f64 = 65536.0;

/// A sound that W is learned from.
#[derive(Clone, Debug)]
pub struct TrainingSpectrogram {
    /// V divided by its maximum, M x N; zero throughout for silence.
    pub v: DMatrix<f32>,
    /// That maximum.
    pub max: f64,
    /// Where its activations begin, whatever other sounds there are.
    pub seed: u64,
}

/// Workers that share the sounds of a corpus, and all have the same W. The default is a worker that has all of them.
pub trait Reduce: Send + Sync {
    /// Makes each number the sum of it over all workers, or [`i64::MAX`] where that is larger. None is negative.
    fn sum(&self, _numbers: &mut [i64]) {}

    /// The largest number of all workers.
    fn max(&self, number: f64) -> f64 {
        number
    }
}

/// The only worker.
#[derive(Clone, Copy, Debug)]
pub struct Alone;

impl Reduce for Alone {}

/// A factorisation in progress of the sounds that one worker has.
pub struct SharedCnmf {
    reduce: Box<dyn Reduce>,
    /// N is that of a sound, and no part of it.
    shape: Shape,
    phi: f64,
    /// The exponents that a pass tries, the last of which never raises D.
    exponents: &'static [Power],
    /// Units of the exact sums in 1.
    units: f64,
    /// What all spectrograms were divided by.
    max: f64,
    /// W as [`Stacked`] has it.
    bases: Vec<f32>,
    parts: Vec<SoundActivations>,
    /// Those of the state: A, C and D one after the other.
    sums: Option<Vec<i64>>,
    finished: bool,
}

/// A sound with its activations, frame-major, and those that a pass proposes.
struct SoundActivations {
    v: Arc<DMatrix<f32>>,
    h: Vec<f32>,
    proposed: Vec<f32>,
}

/// So many units as a whole number; what is not a number is as large as can be.
#[allow(clippy::cast_possible_truncation)] // saturates
fn exact(x: f64, units: f64) -> i64 {
    if x.is_nan() { i64::MAX } else { (x.max(0.0) * units).round() as i64 }
}

fn add(mut sums: Vec<i64>, others: &[i64]) -> Vec<i64> {
    sums.iter_mut().zip(others).for_each(|(sum, other)| *sum = sum.saturating_add(*other));
    sums
}

impl SharedCnmf {
    /// The seeded start of `spec` on the sounds of this worker. Of `spec` it takes R, T, the seed, phi, P and whether
    /// updates are plain.
    ///
    /// # Panics
    /// There is no sound, or the sounds differ in M.
    pub fn new(mut sounds: Vec<TrainingSpectrogram>, spec: &RunSpec, reduce: Box<dyn Reduce>) -> Self {
        let (bins, phi) = (sounds[0].v.nrows(), spec.phi());
        assert!(sounds.iter().all(|sound| sound.v.nrows() == bins), "sounds of another number of bins");
        let max = reduce.max(sounds.iter().map(|sound| sound.max).fold(0.0, f64::max));
        sounds.par_iter_mut().filter(|_| max > 0.0).for_each(|sound| {
            sound.v *= f32::from_f64(sound.max / max);
            magnitudes::raise(sound.v.as_mut_slice(), spec.power);
        });
        let mut totals = [0; 2];
        for TrainingSpectrogram { v, .. } in &sounds {
            totals[0] += exact(v.ncols() as f64, 1.0);
            totals[1] += exact(vector::sum(v.as_slice()), COARSE);
        }
        reduce.sum(&mut totals);
        let [frames, loudness] = [totals[0] as f64, totals[1] as f64 / COARSE];
        let z = exact((loudness + frames * bins as f64 * phi).ceil(), 1.0).unsigned_abs();

        let shape = Shape { bins, frames: 0, components: spec.components, lags: spec.lags };
        let bases = Stacked::from_factors(&init::random_factors(shape, spec.seed)).w;
        // The model begins about as loud as the sounds are.
        let scale = 2.0 * loudness / (frames * vector::sum(&bases));
        let part = |TrainingSpectrogram { v, seed, .. }: TrainingSpectrogram| {
            let count = spec.components * v.ncols();
            let h = init::random_activations(count, seed ^ spec.seed, scale);
            SoundActivations { v: Arc::new(v), proposed: h.clone(), h }
        };
        Self {
            reduce,
            shape,
            phi,
            exponents: if spec.is_accelerated() { &[Power::Raised, Power::One] } else { &[Power::One] },
            units: UNITS / z.next_power_of_two() as f64,
            max,
            bases,
            parts: sounds.into_iter().map(part).collect(),
            sums: None,
            finished: false,
        }
    }

    /// Goes on from what [`Self::bases`] and [`Self::activations`] were after an earlier pass. What follows has the same bits.
    ///
    /// # Panics
    /// They are of another shape.
    pub fn resume(&mut self, bases: Vec<f32>, activations: Vec<Vec<f32>>) {
        assert_eq!((bases.len(), activations.len()), (self.bases.len(), self.parts.len()), "another shape");
        (self.bases, self.sums, self.finished) = (bases, None, false);
        for (part, h) in self.parts.iter_mut().zip(activations) {
            assert_eq!(h.len(), part.h.len(), "activations of another shape");
            part.h = h;
        }
    }

    /// One pass over the sounds, or two where the first had to be taken back; returns D after it.
    pub fn step(&mut self) -> f64 {
        let before = match self.sums.take() {
            Some(sums) => sums,
            None => self.visit(&self.bases.clone(), None),
        };
        for exponent in self.exponents {
            let bases = self.updated(&before, *exponent);
            let sums = self.visit(&bases, Some(*exponent));
            if sums.last() <= before.last() {
                let d = self.objective(&sums);
                (self.bases, self.sums) = (bases, Some(sums));
                self.parts.iter_mut().for_each(|part| std::mem::swap(&mut part.h, &mut part.proposed));
                return d;
            }
        }
        self.finished = true;
        let d = self.objective(&before);
        self.sums = Some(before);
        d
    }

    /// Whether rounding alone keeps a pass from making D smaller.
    pub const fn is_finished(&self) -> bool {
        self.finished
    }

    /// What all spectrograms were divided by.
    pub const fn max(&self) -> f64 {
        self.max
    }

    /// W as [`Stacked`] has it, M R T elements.
    pub fn bases(&self) -> &[f32] {
        &self.bases
    }

    /// The activations of each sound of this worker, frame-major, in the order in which the sounds were given.
    pub fn activations(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.parts.iter().map(|part| &part.h[..])
    }

    /// The bases, those of each component summing to 1, with one frame of activations, all zero.
    pub fn factors(&self) -> Factors<f32> {
        let mut state = self.stacked(1, self.bases.clone(), &vec![0.0; self.shape.components]);
        share_out(&mut state, 0);
        state.to_factors()
    }

    fn stacked(&self, frames: usize, w: Vec<f32>, activations: &[f32]) -> Stacked<f32> {
        let shape = Shape { frames, ..self.shape };
        let mut h = vec![0.0; (shape.lags - 1) * shape.components];
        h.extend_from_slice(activations);
        Stacked { shape, w, h }
    }

    fn objective(&self, sums: &[i64]) -> f64 {
        sums.last().map_or(0.0, |d| *d as f64) / self.units
    }

    /// W after an update from these sums.
    fn updated(&self, sums: &[i64], exponent: Power) -> Vec<f32> {
        let bins = self.shape.bins;
        let mut bases = self.bases.clone();
        let (explained, modelled) = sums.split_at(bases.len());
        let mut numerator = vec![0.0; bins];
        for ((w, a), c) in bases.chunks_exact_mut(bins).zip(explained.chunks_exact(bins)).zip(modelled) {
            // Where nothing is modelled there is nothing to scale.
            if *c == 0 {
                continue;
            }
            let denominator = *c as f64 / self.units / vector::sum(w);
            for ((numerator, w), a) in numerator.iter_mut().zip(&*w).zip(a) {
                let w = Real::max(*w, f32::SMALLEST).to_f64();
                *numerator = f32::from_f64(*a as f64 / self.units / w);
            }
            multiply(w, &numerator, Denominator::All(f32::from_f64(denominator)), exponent);
        }
        bases
    }

    /// Proposes activations for these bases, by an update where there is an exponent; returns the sums at both.
    fn visit(&mut self, bases: &[f32], exponent: Option<Power>) -> Vec<i64> {
        let length = bases.len() + self.shape.components * self.shape.lags + 1;
        let mut parts = std::mem::take(&mut self.parts);
        let none = || vec![0; length];
        let mut sums = parts
            .par_iter_mut()
            .fold(none, |sums, part| self.visit_part(part, bases, exponent, sums))
            .reduce(none, |sums, others| add(sums, &others));
        self.parts = parts;
        self.reduce.sum(&mut sums);
        sums
    }

    fn visit_part(
        &self,
        part: &mut SoundActivations,
        bases: &[f32],
        exponent: Option<Power>,
        mut sums: Vec<i64>,
    ) -> Vec<i64> {
        let state = self.stacked(part.v.ncols(), bases.to_vec(), &part.h);
        let mut cnmf = Cnmf::at(Arc::clone(&part.v), state, self.phi, Rules::default());
        if let Some(exponent) = exponent {
            cnmf.update_activations(exponent);
            part.proposed.copy_from_slice(cnmf.state.activations());
        }
        let Cnmf { passes, state, w_numerator, w_denominator, .. } = &mut cnmf;
        let d = passes.w_numerator_and_objective(state, w_numerator);
        state.w_denominator(w_denominator);
        let explained = bases.iter().zip(&*w_numerator).map(|(w, n)| w.to_f64() * n.to_f64());
        let columns = bases.chunks_exact(self.shape.bins).zip(&*w_denominator);
        let modelled = columns.map(|(w, d)| vector::sum(w) * d.to_f64());
        for (sum, x) in sums.iter_mut().zip(explained.chain(modelled).chain([d])) {
            *sum = sum.saturating_add(exact(x, self.units));
        }
        sums
    }
}
