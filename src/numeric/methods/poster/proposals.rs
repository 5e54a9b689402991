//! The choice among proposed roundings (10), tile by tile.

use super::steps::nearest;
use super::tiling::{Factor, Tiling};
use super::{Poster, SMALLEST_SHADOW};
use crate::kernels::scalar::Real;
use crate::kernels::stacked::Stacked;
use crate::magnitudes::Magnitudes;
use crate::measure;

/// Parts of a refused change that are tried in turn.
const PARTS: [f64; 4] = [0.5, 0.25, 0.1, 0.03];

/// How far a shadow may stand from its integer once every change was refused; left alone it runs away.
const LEASH: f64 = 0.75;

impl<F: Real> Poster<F> {
    /// Proposes roundings of `moved` and keeps the best of each tile that does not raise D. A tile for which
    /// none qualifies takes a random part of its changes, or none.
    pub(super) fn choose(&mut self, tiling: &Tiling, moved: &[F]) {
        let factor = tiling.factor;
        let kept = factor.elements(&self.kept).to_vec();
        let plain: Vec<F> = moved.iter().map(|&s| nearest(s)).collect();
        let mut best = self.divergence_by_tile(tiling, &self.kept);
        let mut chosen = kept.clone();
        let mut open = vec![true; best.len()];
        let mut p = 2.0 * self.rules.p;
        for c in 0..self.rules.proposals {
            let lowered = |k: F| {
                if c == 0 {
                    k
                } else if self.random.uniform() <= p {
                    Real::max(k - F::ONE, F::ZERO)
                } else {
                    k
                }
            };
            let proposal: Vec<F> = plain.iter().copied().map(lowered).collect();
            p *= 0.5;
            self.improve(tiling, &proposal, &mut best, |tile, i| {
                open[tile] = false;
                chosen[i] = proposal[i];
            });
        }
        // Where nothing qualified, moving on at full stride would only be refused again.
        self.update_stats.accepted += open.iter().filter(|open| !**open).count();
        let before = factor.elements(&self.shadow).to_vec();
        let halfway: Vec<F> =
            before.iter().zip(moved).map(|(&a, &b)| F::from_f64((a.to_f64() * b.to_f64()).sqrt())).collect();
        let (leash, floor) = (F::from_f64(LEASH), F::from_f64(SMALLEST_SHADOW));
        let mut shadow = before;
        for (i, s) in shadow.iter_mut().enumerate() {
            *s = match tiling.tile_of_element(i) {
                None => *s,
                Some(tile) if open[tile] => {
                    Real::min(Real::max(halfway[i], Real::max(kept[i] - leash, floor)), kept[i] + leash)
                }
                Some(_) => moved[i],
            };
        }
        let without_any = open.iter().filter(|open| **open).count();
        for part in PARTS {
            if !open.contains(&true) {
                break;
            }
            let mut take = Vec::with_capacity(kept.len());
            let mut proposal = kept.clone();
            for i in 0..kept.len() {
                let differs = plain[i] != kept[i] && tiling.tile_of_element(i).is_some_and(|tile| open[tile]);
                take.push(differs && self.random.uniform() <= part);
                if take[i] {
                    proposal[i] = plain[i];
                }
            }
            let still_open = open.clone();
            self.improve(tiling, &proposal, &mut best, |tile, i| {
                if still_open[tile] {
                    open[tile] = false;
                    chosen[i] = proposal[i];
                    shadow[i] = if take[i] { moved[i] } else { halfway[i] };
                }
            });
        }
        let refused = open.iter().filter(|open| **open).count();
        self.update_stats.refused += refused;
        self.update_stats.in_part += without_any - refused;
        self.update_stats.changed += kept.iter().zip(&chosen).filter(|(before, now)| before != now).count();
        factor.elements_mut(&mut self.kept).copy_from_slice(&chosen);
        factor.elements_mut(&mut self.shadow).copy_from_slice(&shadow);
        self.objective = self.divergence(&self.kept);
    }

    /// Calls `better` with the tile and the index of each element of the tiles in which `proposal` does not raise D above
    /// `best`, and renews `best` there. A tile in which it changes nothing is left alone.
    fn improve(
        &self,
        tiling: &Tiling,
        proposal: &[F],
        best: &mut [f64],
        mut better: impl FnMut(usize, usize),
    ) {
        let mut trial = self.kept.clone();
        let place = tiling.factor.elements_mut(&mut trial);
        for (i, k) in place.iter_mut().enumerate() {
            if tiling.tile_of_element(i).is_some() {
                *k = proposal[i];
            }
        }
        let divergence = self.divergence_by_tile(tiling, &trial);
        let qualifies: Vec<bool> = divergence.iter().zip(&*best).map(|(d, best)| d <= best).collect();
        for (i, _) in proposal.iter().enumerate() {
            if let Some(tile) = tiling.tile_of_element(i).filter(|tile| qualifies[*tile]) {
                better(tile, i);
            }
        }
        for (best, d) in best.iter_mut().zip(divergence) {
            *best = best.min(d);
        }
    }

    /// D (1) of each tile's share of the spectrogram.
    fn divergence_by_tile(&self, tiling: &Tiling, integers: &Stacked<F>) -> Vec<f64> {
        let model = Magnitudes::linear(self.scaled(integers));
        let phi = self.phi.to_f64();
        let cells = match tiling.factor {
            Factor::W => measure::kld_by_bin(&self.v, &model, phi),
            Factor::H => measure::kld_by_frame(&self.v, &model, phi),
        };
        let mut sums = vec![0.0; tiling.tiles()];
        for (cell, d) in cells.into_iter().enumerate() {
            if let Some(tile) = tiling.tile_of_cell(cell) {
                sums[tile] += d;
            }
        }
        sums
    }
}
