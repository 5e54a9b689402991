//! What R and T can be, and which of them are tried first.

use crate::engine::settings::grid::{self, GridError};
use crate::numeric::RunSpec;

/// Numbers of components that are tried where none are named.
pub const COMPONENTS: [usize; 6] = [5, 10, 20, 40, 60, 80];

/// Numbers of lags that are tried where none are named.
pub const LAGS: [usize; 5] = [1, 2, 3, 5, 8];

/// Values in W and H over those in V, at most, where R and T are not named: larger models only take time.
const MOST_VALUES: f64 = 3.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    pub components: usize,
    pub lags: usize,
}

impl Cell {
    pub const fn of(spec: &RunSpec) -> Self {
        Self { components: spec.components, lags: spec.lags }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    components: Vec<usize>,
    lags: Vec<usize>,
    /// Whether R, and whether T, was named: then each of its values is tried.
    named: [bool; 2],
    /// Those that are not too large, by the places of R and T in their lists.
    allowed: Vec<[usize; 2]>,
}

impl Candidates {
    /// These numbers of components and of lags, or the usual ones for an empty list, for a V of that size.
    pub fn new(lists: [&[usize]; 2], bins: usize, frames: usize) -> Result<Self, GridError> {
        let or = |values: &[usize], usual: &[usize]| {
            let mut values = if values.is_empty() { usual.to_vec() } else { values.to_vec() };
            values.sort_unstable();
            values.dedup();
            values
        };
        let (components, lags) = (or(lists[0], &COMPONENTS), or(lists[1], &LAGS));
        let got = components.len().saturating_mul(lags.len());
        if got > grid::MOST_RUNS {
            return Err(GridError::TooMany { got });
        }
        let named = lists.map(|list| !list.is_empty());
        let fits = |&[i, j]: &[usize; 2]| {
            let values = components[i] as f64 * (bins as f64 * lags[j] as f64 + frames as f64);
            let small = lags[j] <= frames && values <= MOST_VALUES * bins as f64 * frames as f64;
            // The smallest of all is left where a V is tiny.
            named == [true; 2] || small || [i, j] == [0, 0]
        };
        let all = (0..components.len()).flat_map(|i| (0..lags.len()).map(move |j| [i, j]));
        let allowed = all.filter(fits).collect();
        Ok(Self { components, lags, named, allowed })
    }

    /// The numbers of components, from the smallest.
    pub fn components(&self) -> &[usize] {
        &self.components
    }

    /// The numbers of lags, from the smallest.
    pub fn lags(&self) -> &[usize] {
        &self.lags
    }

    /// Whether some of them may be left out because others are better.
    pub const fn is_searched(&self) -> bool {
        !(self.named[0] && self.named[1])
    }

    /// Whether this R and T is not too large for V.
    pub fn allows(&self, cell: Cell) -> bool {
        self.allowed.iter().any(|at| self.cell(*at) == cell)
    }

    fn cell(&self, [i, j]: [usize; 2]) -> Cell {
        Cell { components: self.components[i], lags: self.lags[j] }
    }

    /// What is tried first: every value of a list that was named, every second one of a usual list.
    pub(super) fn first(&self) -> Vec<Cell> {
        let coarse = |at: &&[usize; 2]| at.iter().zip(self.named).all(|(i, named)| named || i % 2 == 0);
        self.allowed.iter().filter(coarse).map(|at| self.cell(*at)).collect()
    }

    pub(super) fn around(&self, cell: Cell) -> Vec<Cell> {
        let Some(center) = self.allowed.iter().find(|at| self.cell(**at) == cell) else { return Vec::new() };
        let near = |at: &&[usize; 2]| at.iter().zip(center).all(|(i, k)| i.abs_diff(*k) <= 1);
        self.allowed.iter().filter(near).map(|at| self.cell(*at)).filter(|other| *other != cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_that_are_named_are_tried_in_full_and_the_usual_ones_from_coarse_to_fine() {
        let cells = |candidates: &Candidates| {
            candidates.first().iter().map(|cell| (cell.components, cell.lags)).collect::<Vec<_>>()
        };
        let named = Candidates::new([&[40, 10, 10], &[5, 1]], 33, 20).unwrap();
        assert_eq!(cells(&named), [(10, 1), (10, 5), (40, 1), (40, 5)]);
        let usual = Candidates::new([&[], &[]], 10_000, 10_000).unwrap();
        let coarse = [5, 20, 60].iter().flat_map(|r| [1, 3, 8].map(|t| (*r, t))).collect::<Vec<_>>();
        assert_eq!(cells(&usual), coarse);
        let near = usual.around(Cell { components: 80, lags: 2 });
        let near: Vec<_> = near.iter().map(|cell| (cell.components, cell.lags)).collect();
        assert_eq!(near, [(60, 1), (60, 2), (60, 3), (80, 1), (80, 3)]);
        // Models that hold many more numbers than V only take time.
        let small = Candidates::new([&[], &[]], 100, 20).unwrap();
        let most = small.allowed.iter().map(|at| small.cell(*at));
        assert!(most.clone().all(|cell| cell.components * (100 * cell.lags + 20) <= 3 * 100 * 20));
        assert!(most.count() > 3);
        assert_eq!(Candidates::new([&[], &[]], 2, 2).unwrap().allowed, [[0, 0]]);
        let many: Vec<usize> = (1..=50).collect();
        assert!(Candidates::new([&many, &[1, 2, 3]], 9, 9).is_err());
    }
}
