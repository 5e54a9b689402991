//! Integers that are held as reals: how they are rounded, and their order in the stream.

use super::bits::{BitModel, LARGEST, symbol};
use crate::context_model::{self, Price};
use crate::factors::Shape;
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;

/// Integers with the products of their steps; only these products enter (7).
#[derive(Clone)]
pub struct State<F: Real> {
    /// Fixed bases among them are multiplied by their steps.
    pub integers: Stacked<F>,
    /// `dw[r] dh[r]`, and `dh[r]` behind fixed bases.
    pub scale: Vec<F>,
    /// `dw[r]` of the fixed bases that are real numbers.
    pub dw: Vec<f64>,
    /// The prices of the symbols of W and of H, once they are known.
    pub prices: Option<Box<(BitModel, BitModel)>>,
    /// J, relative to the distortion of a silent model.
    pub objective: f64,
}

/// floor(x / step + 1/2), at most the largest integer that is stored.
pub fn nearest<F: Real>(x: F, step: f64) -> F {
    F::from_f64((x.to_f64() / step + 0.5).floor().min(LARGEST as f64))
}

/// W column by column (11): the order among columns does not matter to the prices. The first components, whose integers
/// are `stored`, are left out; those that are held as multiples of a step `dw` are stored as integers.
pub fn w_sequences<'a, F: Real>(
    state: &'a Stacked<F>,
    dw: &'a [f64],
    stored: usize,
) -> impl Iterator<Item = impl Iterator<Item = F> + 'a> + Clone + 'a {
    let components = state.shape.components;
    let columns = state.w.chunks_exact(state.shape.bins).enumerate();
    columns.filter(move |(k, _)| k % components >= stored).map(move |(k, column)| {
        let step = dw.get(k % components).copied();
        column.iter().map(move |&w| step.map_or(w, |step| nearest(w, step)))
    })
}

/// H row by row (12).
pub fn h_sequences<F: Real>(state: &Stacked<F>) -> impl Iterator<Item = impl Iterator<Item = F>> + Clone {
    let components = state.shape.components;
    (0..components).map(move |r| state.activations().iter().copied().skip(r).step_by(components))
}

/// The integers of H in the order of the stream: row by row.
pub fn h_integers<F: Real>(state: &Stacked<F>) -> Vec<u32> {
    h_sequences(state).flatten().map(integer).collect()
}

/// The price of each integer of H, by frame, component by component.
pub fn h_prices<F: Real>(state: &Stacked<F>) -> Vec<Price> {
    let Shape { frames, components, .. } = state.shape;
    let prices = context_model::prices(&h_integers(state), frames, components);
    (0..frames)
        .flat_map(|n| (0..components).map(move |r| (n, r)))
        .map(|(n, r)| prices[r * frames + n])
        .collect()
}

/// An integer held as a real.
#[allow(clippy::cast_possible_truncation)] // at most LARGEST
pub fn integer<F: Real>(k: F) -> u32 {
    symbol(k) as u32
}
