//! What is done with single components: order, selection, solo and mute, in both columns together.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::engine::LaneId;
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
    pub fn rows(&self, lane: LaneId, count: usize) -> Vec<usize> {
        let rows = match lane {
            LaneId::A => self.components.order(self.by_energy),
            LaneId::B => self.components.order_of_second(self.by_energy, self.matched),
        };
        // What is known may be of other factors than those that are shown.
        if rows.len() == count { rows } else { (0..count).collect() }
    }

    /// The component of the other column that belongs to this one.
    pub fn partner(&self, lane: LaneId, component: usize) -> Option<usize> {
        self.components.partner[lane.index()].get(component).copied().flatten()
    }

    /// How alike a component and its partner are, as a cosine.
    pub fn cosine(&self, lane: LaneId, component: usize) -> Option<f64> {
        let partner = self.partner(lane, component)?;
        let of_a = if lane == LaneId::A { component } else { partner };
        self.components.cosine.get(of_a).copied()
    }

    /// The component of a column that is pointed out.
    pub const fn selected(&self, lane: LaneId) -> Option<usize> {
        self.selected[lane.index()]
    }

    /// Points out a component, and its partner in the other column; one that is pointed out already, no longer.
    pub fn select(&mut self, lane: LaneId, component: usize) {
        let chosen = if self.selected(lane) == Some(component) { None } else { Some(component) };
        self.point_out(lane, chosen);
    }

    /// Points out this one, or none.
    pub fn point_out(&mut self, lane: LaneId, component: Option<usize>) {
        self.selected[lane.index()] = component;
        self.selected[lane.other().index()] = component.and_then(|r| self.partner(lane, r));
    }

    /// Points out these, whatever belongs together.
    pub fn put_selected(&mut self, selected: [Option<usize>; 2]) {
        self.selected = selected;
    }

    /// Points out the one below or above in a column that has so many.
    pub fn step(&mut self, lane: LaneId, count: usize, down: bool) {
        let rows = self.rows(lane, count);
        let place = self.selected(lane).and_then(|selected| rows.iter().position(|r| *r == selected));
        let next = match (place, down) {
            (None, true) => 0,
            (None, false) => rows.len().saturating_sub(1),
            (Some(place), true) => (place + 1).min(rows.len().saturating_sub(1)),
            (Some(place), false) => place.saturating_sub(1),
        };
        self.point_out(lane, rows.get(next).copied());
    }

    /// Whether a component is heard alone, with others that are; or is not heard.
    pub fn is_on(&self, lane: LaneId, component: usize, solo: bool) -> bool {
        let sets = if solo { &self.solo } else { &self.muted };
        sets[lane.index()].contains(&component)
    }

    /// Solo or mute of a component, and of its partner, on or off.
    pub fn toggle(&mut self, lane: LaneId, component: usize, solo: bool) {
        let on = !self.is_on(lane, component, solo);
        let partner = self.partner(lane, component);
        let sets = if solo { &mut self.solo } else { &mut self.muted };
        for (lane, component) in [(lane, Some(component)), (lane.other(), partner)] {
            let Some(component) = component else { continue };
            let set = &mut sets[lane.index()];
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
    pub fn audible(&self, lane: LaneId, count: usize) -> Option<Vec<bool>> {
        let (solo, muted) = (&self.solo[lane.index()], &self.muted[lane.index()]);
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
            (selection.rows(LaneId::A, 3), selection.rows(LaneId::B, 3)),
            (vec![0, 1, 2], vec![2, 0, 1])
        );
        selection.by_energy = true;
        assert_eq!(
            (selection.rows(LaneId::A, 3), selection.rows(LaneId::B, 3)),
            (vec![1, 2, 0], vec![0, 1, 2])
        );
        assert_eq!(selection.rows(LaneId::A, 5), [0, 1, 2, 3, 4], "not known yet");
        selection.select(LaneId::B, 2);
        assert_eq!((selection.selected(LaneId::A), selection.cosine(LaneId::B, 2)), (Some(0), Some(0.9)));
        selection.select(LaneId::B, 2);
        assert_eq!(selection.selected(LaneId::A), None);
        selection.step(LaneId::A, 3, true);
        selection.step(LaneId::A, 3, true);
        assert_eq!((selection.selected(LaneId::A), selection.selected(LaneId::B)), (Some(2), Some(1)));
    }

    #[test]
    fn solo_and_mute_follow_the_partner() {
        let mut selection = selection();
        assert_eq!(selection.audible(LaneId::A, 3), None);
        selection.toggle(LaneId::A, 0, true);
        assert_eq!(selection.audible(LaneId::A, 3), Some(vec![true, false, false]));
        assert_eq!(selection.audible(LaneId::B, 3), Some(vec![false, false, true]));
        selection.toggle(LaneId::A, 0, true);
        selection.toggle(LaneId::B, 0, false);
        assert_eq!(selection.audible(LaneId::A, 3), Some(vec![true, false, true]));
        selection.hear_all();
        assert_eq!((selection.audible(LaneId::A, 3), selection.audible(LaneId::B, 3)), (None, None));
    }
}
