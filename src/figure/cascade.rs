//! The bases `W_0` to `W_{T-1}` side by side, as patches with an empty column between them.

use std::ops::Range;

use super::raster::Columns;
use crate::numeric::Factors;

/// How the bases are laid out side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum CascadeOrder {
    /// A patch of T lags for each component.
    #[default]
    ByComponent,
    /// A patch of R components for each lag: `W_0`, `W_1`, ...
    ByLag,
}

/// What stands where: components in this order, and these lags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CascadeLayout {
    /// Which of the two makes a patch.
    pub order: CascadeOrder,
    /// Numbers of the components from the left.
    pub components: Vec<usize>,
    pub lags: Range<usize>,
}

impl CascadeLayout {
    /// Number of patches, and columns in each; between two patches there is one empty column.
    pub fn patches(&self) -> (usize, usize) {
        let (components, lags) = (self.components.len().max(1), self.lags.len().max(1));
        match self.order {
            CascadeOrder::ByComponent => (components, lags),
            CascadeOrder::ByLag => (lags, components),
        }
    }

    pub fn columns(&self) -> usize {
        let (patches, columns) = self.patches();
        patches * (columns + 1) - 1
    }

    /// The middle of each patch with its number: that of the component, from 1, or that of the lag.
    pub fn names(&self) -> Vec<(f64, String)> {
        let (patches, columns) = self.patches();
        let middle = |patch: usize| (patch * (columns + 1)) as f64 + 0.5 * (columns as f64 - 1.0);
        let name = |patch: usize| match self.order {
            CascadeOrder::ByComponent => self.components.get(patch).map(|r| (r + 1).to_string()),
            CascadeOrder::ByLag if self.components.is_empty() => None,
            CascadeOrder::ByLag => Some((self.lags.start + patch).to_string()),
        };
        (0..patches).filter_map(|patch| Some((middle(patch), name(patch)?))).collect()
    }

    /// Component and lag at a column; none between two patches and beyond the ends.
    pub fn at(&self, column: f64) -> Option<(usize, usize)> {
        let (patches, columns) = self.patches();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked to be non-negative
        let index = (column.round() >= 0.0).then(|| column.round() as usize)?;
        let (patch, place) = (index / (columns + 1), index % (columns + 1));
        if patch >= patches || place >= columns {
            return None;
        }
        let (row, lag) = match self.order {
            CascadeOrder::ByComponent => (patch, place),
            CascadeOrder::ByLag => (place, patch),
        };
        Some((*self.components.get(row)?, self.lags.start + lag))
    }

    /// Left and right edges of the columns of a component, in every patch that has some.
    pub fn edges(&self, component: usize) -> Vec<(f64, f64)> {
        let Some(row) = self.components.iter().position(|r| *r == component) else { return Vec::new() };
        let (patches, columns) = self.patches();
        let left = |index: usize| index as f64 - 0.5;
        match self.order {
            CascadeOrder::ByComponent => {
                let first = left(row * (columns + 1));
                vec![(first, first + columns as f64)]
            }
            CascadeOrder::ByLag => {
                let edges = |patch: usize| left(patch * (columns + 1) + row);
                (0..patches).map(|patch| (edges(patch), edges(patch) + 1.0)).collect()
            }
        }
    }
}

/// The bases as a matrix of columns.
///
/// Each component is scaled by the peak of its activation: a patch shows what the part adds to V at its
/// loudest, in units of max V, whatever the gauge of the factors, and so alike for every method.
pub struct Cascade {
    columns: Vec<Option<Vec<f32>>>,
    bins: usize,
}

impl Cascade {
    pub fn new(factors: &Factors<f32>, layout: &CascadeLayout) -> Self {
        let shape = factors.shape();
        let peak: Vec<f32> = factors.h.row_iter().map(|row| row.max()).collect();
        let column = |index: usize| -> Option<Vec<f32>> {
            let (r, t) = layout.at(index as f64).filter(|(r, t)| *r < shape.components && *t < shape.lags)?;
            Some(factors.w[t].column(r).iter().map(|w| w * peak[r]).collect())
        };
        Self { columns: (0..layout.columns()).map(column).collect(), bins: shape.bins }
    }
}

impl Columns for Cascade {
    fn bins(&self) -> usize {
        self.bins
    }
    fn count(&self) -> usize {
        self.columns.len()
    }
    fn read(&self, first: usize, out: &mut [f32]) {
        for (column, out) in self.columns[first..].iter().zip(out.chunks_exact_mut(self.bins)) {
            match column {
                Some(values) => out.copy_from_slice(values),
                None => out.fill(f32::NAN),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;

    #[test]
    fn a_cascade_shows_each_basis_in_units_of_v() {
        let factors = Factors {
            w: (0..3).map(|t| DMatrix::from_fn(4, 2, |m, r| (1 + m + 10 * r + 100 * t) as f32)).collect(),
            h: DMatrix::from_row_slice(2, 3, &[0.0, 2.0, 1.0, 0.5, 0.0, 0.0]),
        };
        let layout = |order, components: &[usize], lags| CascadeLayout {
            order,
            components: components.to_vec(),
            lags,
        };
        let mut column = [0.0; 4];
        let by_component = layout(CascadeOrder::ByComponent, &[0, 1], 0..3);
        let cascade = Cascade::new(&factors, &by_component);
        assert_eq!(cascade.count(), 7);
        cascade.read(5, &mut column);
        assert_eq!(column, [111.0, 112.0, 113.0, 114.0].map(|x: f32| 0.5 * x));
        cascade.read(3, &mut column);
        assert!(column.iter().all(|x| x.is_nan()), "a gap between the patches");
        assert_eq!(
            (by_component.at(5.2), by_component.at(3.0), by_component.at(-1.0)),
            (Some((1, 1)), None, None)
        );
        assert_eq!(by_component.edges(1), [(3.5, 6.5)]);
        let by_lag = layout(CascadeOrder::ByLag, &[0, 1], 0..3);
        let cascade = Cascade::new(&factors, &by_lag);
        assert_eq!(cascade.count(), 8);
        cascade.read(3, &mut column);
        assert_eq!(column, [101.0, 102.0, 103.0, 104.0].map(|x: f32| 2.0 * x));
        assert_eq!(by_lag.edges(1), [(0.5, 1.5), (3.5, 4.5), (6.5, 7.5)]);
        // In another order, and some of the lags.
        let some = layout(CascadeOrder::ByLag, &[1, 0], 1..3);
        Cascade::new(&factors, &some).read(1, &mut column);
        assert_eq!((column[0], some.at(1.0)), (202.0, Some((0, 1))));
    }
}
