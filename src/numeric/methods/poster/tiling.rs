//! The parts of a factor in which a proposal is judged.

use crate::factors::Shape;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    W,
    H,
}

impl Factor {
    /// The elements of this factor, as they are stacked.
    pub fn elements<F: Real>(self, stacked: &Stacked<F>) -> &[F] {
        if self == Self::W { &stacked.w } else { stacked.activations() }
    }

    pub fn elements_mut<F: Real>(self, stacked: &mut Stacked<F>) -> &mut [F] {
        if self == Self::W { &mut stacked.w } else { stacked.activations_mut() }
    }
}

/// Parts of one factor whose changes touch different shares of V, so that each is judged by its own D.
///
/// A bin of V depends on its row of the bases alone. A frame of V depends on T frames of activations: stretches
/// of T-1 frames, every other one held still, do not meet; the others follow in a second tiling.
pub struct Tiling {
    pub factor: Factor,
    shape: Shape,
    /// Components, from the first on, whose bases are held still.
    frozen: usize,
    /// Frames that may change, and frames from one such stretch to the next; where the first one begins.
    stretch: usize,
    period: usize,
    offset: usize,
}

impl Tiling {
    pub fn of(shape: &Shape, frozen: usize, factor: Factor) -> Vec<Self> {
        let stretch = (shape.lags - 1).max(1);
        let rounds = if factor == Factor::H && shape.lags > 1 { 2 } else { 1 };
        let period = rounds * stretch;
        let one = |round| Self { factor, shape: *shape, frozen, stretch, period, offset: round * stretch };
        (0..rounds).map(one).collect()
    }

    pub fn tiles(&self) -> usize {
        match self.factor {
            Factor::W => self.shape.bins,
            Factor::H => self.shape.frames.div_ceil(self.period),
        }
    }

    /// The tile of a row or column of V; none for one that no change reaches.
    pub fn tile_of_cell(&self, cell: usize) -> Option<usize> {
        match self.factor {
            Factor::W => Some(cell),
            Factor::H => cell.checked_sub(self.offset).map(|frame| frame / self.period),
        }
    }

    /// The tile of an element, in the order of the stacked factors; none for one that is held still.
    pub fn tile_of_element(&self, i: usize) -> Option<usize> {
        match self.factor {
            Factor::W => {
                let component = (i / self.shape.bins) % self.shape.components;
                (component >= self.frozen).then_some(i % self.shape.bins)
            }
            Factor::H => {
                let frame = (i / self.shape.components).checked_sub(self.offset)?;
                (frame % self.period < self.stretch).then_some(frame / self.period)
            }
        }
    }
}
