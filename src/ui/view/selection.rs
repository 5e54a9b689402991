//! What is done with single components: order, selection, solo and mute, in both columns together.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::ColumnId;
use crate::figure::Components;

/// The components of both columns.
#[derive(Clone, Debug)]
pub struct ComponentSelection {
    /// The loudest on top, rather than by number.
    pub by_energy: bool,
    /// Column B in the order of column A, what belongs together on one height.
    pub matched: bool,
    /// The lag that the bases by lag are shown around.
    pub lag: usize,
    /// What belongs together, as new as it is known.
    pub components: Arc<Components>,
    selected: [Option<usize>; 2],
    solo: [BTreeSet<usize>; 2],
    muted: [BTreeSet<usize>; 2],
}

impl Default for ComponentSelection {
    fn default() -> Self {
        Self {
            by_energy: false,
            matched: true,
            lag: 0,
            components: Arc::default(),
            selected: [None; 2],
            solo: [BTreeSet::new(), BTreeSet::new()],
            muted: [BTreeSet::new(), BTreeSet::new()],
        }
    }
}

impl ComponentSelection {
    /// The components of a column that has so many, from the top.
    pub fn rows(&self, column: ColumnId, count: usize) -> Vec<usize> {
        let rows = match column {
            ColumnId::A => self.components.order(self.by_energy),
            ColumnId::B => self.components.order_of_second(self.by_energy, self.matched),
        };
        // What is known may be of other factors than those that are shown.
        if rows.len() == count { rows } else { (0..count).collect() }
    }

    /// The component of the other column that belongs to this one.
    pub fn partner(&self, column: ColumnId, component: usize) -> Option<usize> {
        self.components.partner[column.index()].get(component).copied().flatten()
    }

    /// How alike a component and its partner are, as a cosine.
    pub fn cosine(&self, column: ColumnId, component: usize) -> Option<f64> {
        let partner = self.partner(column, component)?;
        let of_a = if column == ColumnId::A { component } else { partner };
        self.components.cosine.get(of_a).copied()
    }

    /// The component of a column that is pointed out.
    pub const fn selected(&self, column: ColumnId) -> Option<usize> {
        self.selected[column.index()]
    }

    /// Points out a component, and its partner in the other column; one that is pointed out already, no longer.
    pub fn select(&mut self, column: ColumnId, component: usize) {
        let chosen = if self.selected(column) == Some(component) { None } else { Some(component) };
        self.point_out(column, chosen);
    }

    /// Points out this one, or none.
    pub fn point_out(&mut self, column: ColumnId, component: Option<usize>) {
        self.selected[column.index()] = component;
        self.selected[column.other().index()] = component.and_then(|r| self.partner(column, r));
    }

    /// Points out these, whatever belongs together.
    pub fn put_selected(&mut self, selected: [Option<usize>; 2]) {
        self.selected = selected;
    }

    /// Points out the one below or above in a column that has so many.
    pub fn step(&mut self, column: ColumnId, count: usize, down: bool) {
        let rows = self.rows(column, count);
        let place = self.selected(column).and_then(|selected| rows.iter().position(|r| *r == selected));
        let next = match (place, down) {
            (None, true) => 0,
            (None, false) => rows.len().saturating_sub(1),
            (Some(place), true) => (place + 1).min(rows.len().saturating_sub(1)),
            (Some(place), false) => place.saturating_sub(1),
        };
        self.point_out(column, rows.get(next).copied());
    }

    /// Whether a component is heard alone, with others that are; or is not heard.
    pub fn is_on(&self, column: ColumnId, component: usize, solo: bool) -> bool {
        let sets = if solo { &self.solo } else { &self.muted };
        sets[column.index()].contains(&component)
    }

    /// Solo or mute of a component, and of its partner, on or off.
    pub fn toggle(&mut self, column: ColumnId, component: usize, solo: bool) {
        let on = !self.is_on(column, component, solo);
        let partner = self.partner(column, component);
        let sets = if solo { &mut self.solo } else { &mut self.muted };
        for (column, component) in [(column, Some(component)), (column.other(), partner)] {
            let Some(component) = component else { continue };
            let set = &mut sets[column.index()];
            _ = if on { set.insert(component) } else { set.remove(&component) };
        }
    }

    /// All components are heard again.
    pub fn hear_all(&mut self) {
        for set in self.solo.iter_mut().chain(&mut self.muted) {
            set.clear();
        }
    }

    /// Whether any component is soloed or muted.
    pub fn any_set(&self) -> bool {
        self.solo.iter().chain(&self.muted).any(|set| !set.is_empty())
    }

    /// Which of so many components of a column make up what is shown; none where all do.
    pub fn audible(&self, column: ColumnId, count: usize) -> Option<Vec<bool>> {
        let (solo, muted) = (&self.solo[column.index()], &self.muted[column.index()]);
        let any_solo = solo.iter().any(|r| *r < count);
        let heard = |r: usize| (!any_solo || solo.contains(&r)) && !muted.contains(&r);
        let all: Vec<bool> = (0..count).map(heard).collect();
        all.contains(&false).then_some(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selection() -> ComponentSelection {
        let components = Components {
            energy: [vec![1.0, 3.0, 2.0], vec![3.0, 2.0, 1.0]],
            partner: [vec![Some(2), Some(0), Some(1)], vec![Some(1), Some(2), Some(0)]],
            cosine: vec![0.9, 0.8, 0.7],
        };
        ComponentSelection { components: Arc::new(components), ..ComponentSelection::default() }
    }

    #[test]
    fn both_columns_stand_alike_and_are_pointed_out_together() {
        let mut selection = selection();
        assert_eq!(
            (selection.rows(ColumnId::A, 3), selection.rows(ColumnId::B, 3)),
            (vec![0, 1, 2], vec![2, 0, 1])
        );
        selection.by_energy = true;
        assert_eq!(
            (selection.rows(ColumnId::A, 3), selection.rows(ColumnId::B, 3)),
            (vec![1, 2, 0], vec![0, 1, 2])
        );
        assert_eq!(selection.rows(ColumnId::A, 5), [0, 1, 2, 3, 4], "not known yet");
        selection.select(ColumnId::B, 2);
        assert_eq!((selection.selected(ColumnId::A), selection.cosine(ColumnId::B, 2)), (Some(0), Some(0.9)));
        selection.select(ColumnId::B, 2);
        assert_eq!(selection.selected(ColumnId::A), None);
        selection.step(ColumnId::A, 3, true);
        selection.step(ColumnId::A, 3, true);
        assert_eq!((selection.selected(ColumnId::A), selection.selected(ColumnId::B)), (Some(2), Some(1)));
    }

    #[test]
    fn solo_and_mute_follow_the_partner() {
        let mut selection = selection();
        assert_eq!(selection.audible(ColumnId::A, 3), None);
        selection.toggle(ColumnId::A, 0, true);
        assert_eq!(selection.audible(ColumnId::A, 3), Some(vec![true, false, false]));
        assert_eq!(selection.audible(ColumnId::B, 3), Some(vec![false, false, true]));
        selection.toggle(ColumnId::A, 0, true);
        selection.toggle(ColumnId::B, 0, false);
        assert_eq!(selection.audible(ColumnId::A, 3), Some(vec![true, false, true]));
        selection.hear_all();
        assert_eq!((selection.audible(ColumnId::A, 3), selection.audible(ColumnId::B, 3)), (None, None));
    }
}
