//! Components of two models: which of them belong together, and in which order they are shown.

use std::ops::Range;

use crate::numeric::Factors;

/// Products of two elements that a matching may cost: above, it would hold up everything else that is drawn.
const MOST_PRODUCTS: usize = 4_000_000_000;

/// What the components of two models have to do with each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Components {
    /// Energy that each component adds to the model: first model, second model.
    pub energy: [Vec<f64>; 2],
    /// The component of the other model that belongs to each.
    pub partner: [Vec<Option<usize>>; 2],
    /// Cosine of the bases of each component of the first model and those of its partner.
    pub cosine: Vec<f64>,
}

impl Components {
    /// Of two models, either of which may not be there yet.
    pub fn of(one: Option<&Factors<f32>>, other: Option<&Factors<f32>>) -> Self {
        let count = |factors: Option<&Factors<f32>>| factors.map_or(0, |f| f.shape().components);
        let mut all = Self {
            energy: [one, other].map(|factors| factors.map(energies).unwrap_or_default()),
            partner: [vec![None; count(one)], vec![None; count(other)]],
            cosine: vec![0.0; count(one)],
        };
        let Some(cosines) = one.zip(other).and_then(|(one, other)| cosines(one, other)) else { return all };
        for (r, s) in assign(&cosines).into_iter().enumerate() {
            if let Some(s) = s {
                all.partner[0][r] = Some(s);
                all.partner[1][s] = Some(r);
                all.cosine[r] = cosines[r][s];
            }
        }
        all
    }

    /// The components of the first model from the top: by number, or the loudest first.
    pub fn order(&self, by_energy: bool) -> Vec<usize> {
        sorted(&self.energy[0], by_energy)
    }

    /// Those of the second model: as their partners stand, what has none last; or in an order of their own.
    pub fn order_of_second(&self, by_energy: bool, matched: bool) -> Vec<usize> {
        let own = sorted(&self.energy[1], by_energy);
        if !matched {
            return own;
        }
        let partners = self.order(by_energy).into_iter().filter_map(|r| self.partner[0][r]);
        let rest = own.into_iter().filter(|s| self.partner[1][*s].is_none());
        partners.chain(rest).collect()
    }
}

fn sorted(energy: &[f64], by_energy: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..energy.len()).collect();
    if by_energy {
        order.sort_by(|a, b| energy[*b].total_cmp(&energy[*a]));
    }
    order
}

fn square(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x) * f64::from(x)).sum()
}

/// Energy of the bases times that of the activations: what the component adds up to where its lags do not overlap.
fn energies(factors: &Factors<f32>) -> Vec<f64> {
    let bases = |r: usize| factors.w.iter().map(|w| square(w.column(r).iter().copied())).sum::<f64>();
    factors.h.row_iter().enumerate().map(|(r, h)| bases(r) * square(h.iter().copied())).collect()
}

/// The cosine of the bases of each pair, over the lags that both models have; none where the bins differ or it would
/// take too long.
fn cosines(one: &Factors<f32>, other: &Factors<f32>) -> Option<Vec<Vec<f64>>> {
    let (a, b) = (one.shape(), other.shape());
    let lags = a.lags.min(b.lags);
    let products = a.components.checked_mul(b.components)?.checked_mul(a.bins)?.checked_mul(lags)?;
    if a.bins != b.bins || products > MOST_PRODUCTS {
        return None;
    }
    let dot = |x: &Factors<f32>, r: usize, y: &Factors<f32>, s: usize, lags: Range<usize>| -> f64 {
        lags.map(|t| f64::from(x.w[t].column(r).dot(&y.w[t].column(s)))).sum()
    };
    let norms = |f: &Factors<f32>| -> Vec<f64> {
        (0..f.shape().components).map(|r| dot(f, r, f, r, 0..f.shape().lags).sqrt()).collect()
    };
    let (of_one, of_other) = (norms(one), norms(other));
    let cosine = |r: usize, s: usize| {
        let norm = of_one[r] * of_other[s];
        if norm > 0.0 { dot(one, r, other, s, 0..lags) / norm } else { 0.0 }
    };
    Some((0..a.components).map(|r| (0..b.components).map(|s| cosine(r, s)).collect()).collect())
}

/// For each row the column it is given, each column at most once, so that the sum of the gains is the largest; as many
/// rows get a column as can.
///
/// Shortest augmenting paths with potentials (Jonker and Volgenant 1987), in the cube of the larger side.
pub fn assign(gains: &[Vec<f64>]) -> Vec<Option<usize>> {
    let (rows, columns) = (gains.len(), gains.first().map_or(0, Vec::len));
    // Rows are the shorter side, so that each finds a column.
    if rows > columns {
        let turned: Vec<Vec<f64>> = (0..columns).map(|c| gains.iter().map(|row| row[c]).collect()).collect();
        let mut of_row = vec![None; rows];
        for (column, row) in assign(&turned).into_iter().enumerate() {
            if let Some(row) = row {
                of_row[row] = Some(column);
            }
        }
        return of_row;
    }
    // Index `columns` stands for no column yet: where each path begins.
    let mut row_of = vec![None; columns + 1];
    let (mut u, mut v) = (vec![0.0; rows], vec![0.0; columns + 1]);
    for row in 0..rows {
        row_of[columns] = Some(row);
        let mut at = columns;
        let (mut least, mut before) = (vec![f64::INFINITY; columns], vec![columns; columns]);
        let mut visited = vec![false; columns + 1];
        while let Some(here) = row_of[at] {
            visited[at] = true;
            let (mut step, mut next) = (f64::INFINITY, columns);
            for column in (0..columns).filter(|c| !visited[*c]) {
                let slack = -gains[here][column] - u[here] - v[column];
                if slack < least[column] {
                    (least[column], before[column]) = (slack, at);
                }
                if least[column] < step {
                    (step, next) = (least[column], column);
                }
            }
            for column in 0..=columns {
                if visited[column] {
                    if let Some(row) = row_of[column] {
                        u[row] += step;
                    }
                    v[column] -= step;
                } else if column < columns {
                    least[column] -= step;
                }
            }
            at = next;
            if at == columns {
                break;
            }
        }
        // Back along the path, each column takes the row of the one before.
        while at != columns {
            row_of[at] = row_of[before[at]];
            at = before[at];
        }
        row_of[columns] = None;
    }
    let mut of_row = vec![None; rows];
    for (column, row) in row_of[..columns].iter().enumerate() {
        if let Some(row) = row {
            of_row[*row] = Some(column);
        }
    }
    of_row
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;
    use crate::numeric::Shape;
    use crate::numeric::methods::init::random_factors;

    /// The largest sum of gains over all ways to give rows columns.
    fn best(gains: &[Vec<f64>], row: usize, taken: &mut Vec<usize>) -> f64 {
        if row == gains.len() {
            return 0.0;
        }
        let mut most = f64::NEG_INFINITY;
        for column in 0..gains[0].len() {
            if !taken.contains(&column) {
                taken.push(column);
                most = most.max(gains[row][column] + best(gains, row + 1, taken));
                taken.pop();
            }
        }
        most
    }

    #[test]
    fn no_other_assignment_gains_more() {
        for seed in 0..60 {
            let (rows, columns) = (1 + seed % 5, 1 + (seed / 5) % 6);
            let shape = Shape { bins: rows, frames: 1, components: columns, lags: 1 };
            let random = random_factors::<f64>(shape, seed as u64);
            let gains: Vec<Vec<f64>> = random.w[0].row_iter().map(|r| r.iter().copied().collect()).collect();
            let given = assign(&gains);
            let sum: f64 = given.iter().enumerate().filter_map(|(r, c)| Some(gains[r][(*c)?])).sum();
            let turned: Vec<Vec<f64>> =
                (0..columns).map(|c| gains.iter().map(|row| row[c]).collect()).collect();
            let best = best(if rows <= columns { &gains } else { &turned }, 0, &mut Vec::new());
            assert!((sum - best).abs() < 1e-12, "{rows} x {columns}: {sum} of {best}");
            assert_eq!(given.iter().flatten().count(), rows.min(columns));
            let mut columns: Vec<usize> = given.into_iter().flatten().collect();
            columns.sort_unstable();
            columns.dedup();
            assert_eq!(columns.len(), rows.min(turned.len()), "each column once");
        }
        assert!(assign(&[]).is_empty());
    }

    fn permuted(factors: &Factors<f32>, order: &[usize], gain: f32) -> Factors<f32> {
        let w = |w: &DMatrix<f32>| gain * w.select_columns(order);
        Factors { w: factors.w.iter().map(w).collect(), h: factors.h.select_rows(order) / gain }
    }

    #[test]
    fn a_permuted_copy_is_found_out_whatever_its_scale() {
        let shape = Shape { bins: 20, frames: 30, components: 6, lags: 3 };
        let one = random_factors::<f32>(shape, 5);
        let order = [3, 0, 5, 1, 4, 2];
        let other = permuted(&one, &order, 7.0);
        let all = Components::of(Some(&one), Some(&other));
        for (s, r) in order.into_iter().enumerate() {
            assert_eq!(all.partner[1][s], Some(r));
            assert_eq!(all.partner[0][r], Some(s));
            assert!((all.cosine[r] - 1.0).abs() < 1e-5);
            assert!((all.energy[0][r] / all.energy[1][s] - 1.0).abs() < 1e-4);
        }
        // Both columns stand in the same order then.
        let (a, b) = (all.order(true), all.order_of_second(true, true));
        assert!(a.windows(2).all(|w| all.energy[0][w[0]] >= all.energy[0][w[1]]));
        assert_eq!(b.iter().map(|s| order[*s]).collect::<Vec<_>>(), a);
        assert_eq!(all.order_of_second(false, false), [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn more_components_on_one_side_stand_last() {
        let shape = Shape { bins: 20, frames: 30, components: 5, lags: 2 };
        let one = random_factors::<f32>(shape, 1);
        let few = permuted(&one, &[4, 2], 1.0);
        let all = Components::of(Some(&few), Some(&one));
        assert_eq!(all.partner[0], [Some(4), Some(2)]);
        let order = all.order_of_second(false, true);
        assert_eq!(order, [4, 2, 0, 1, 3]);
        let alone = Components::of(Some(&one), None);
        assert_eq!((alone.order(false).len(), alone.partner[0].iter().flatten().count()), (5, 0));
    }
}
