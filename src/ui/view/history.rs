//! Parts that were looked at, to go back to and forward again.

use super::{Parts, View};
use crate::engine::ColumnId;

/// Parts that can be gone back to at most.
const MOST_PARTS: usize = 200;

/// A view that stays as it is for so long, in seconds, is one to come back to.
const REST: f64 = 0.4;

impl View {
    /// Notices what is shown at the time `now`, in seconds: a part that was looked at for a while can be gone back to.
    pub fn note(&mut self, now: f64) {
        let parts = self.parts();
        match self.history.last {
            Some((last, _)) if last == parts => {}
            Some((last, since)) => {
                if now - since >= REST {
                    self.history.past.push(last);
                    self.history.future.clear();
                    let surplus = self.history.past.len().saturating_sub(MOST_PARTS);
                    self.history.past.drain(..surplus);
                }
                self.history.last = Some((parts, now));
            }
            None => self.history.last = Some((parts, now)),
        }
    }

    /// Whether [`View::back`] leads anywhere.
    pub fn can_go_back(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// Whether [`View::forward`] leads anywhere.
    pub fn can_go_forward(&self) -> bool {
        !self.history.future.is_empty()
    }

    /// Shows the part that was looked at before.
    pub fn back(&mut self) {
        if let Some(part) = self.history.past.pop() {
            self.history.future.push(self.parts());
            self.recall(part);
        }
    }

    /// Shows the part that [`View::back`] left.
    pub fn forward(&mut self) {
        if let Some(part) = self.history.future.pop() {
            self.history.past.push(self.parts());
            self.recall(part);
        }
    }

    fn recall(&mut self, parts: Parts) {
        self.column = ColumnId::A;
        (self.time, self.hertz) = (parts.0.time, parts.0.hertz);
        self.other = parts.1;
        // It is no news.
        self.history.last = Some((parts, f64::INFINITY));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fitted;

    #[test]
    fn what_was_looked_at_for_a_while_can_be_gone_back_to() {
        let mut view = fitted();
        view.note(0.0);
        view.show((2.0, 4.0), (0.0, 1000.0));
        view.note(1.0);
        // A drag passes through many parts without a rest.
        for step in 1..=5 {
            view.pan(0.1, 0.0);
            view.note(3.0 + 0.01 * f64::from(step));
        }
        assert!(view.can_go_back() && !view.can_go_forward());
        view.back();
        assert_eq!(view.time, (2.0, 4.0));
        view.note(4.0);
        view.back();
        assert_eq!(view.time, (0.0, 10.0));
        assert!(!view.can_go_back());
        view.forward();
        view.forward();
        assert!((view.time.0 - 2.5).abs() < 1e-9 && !view.can_go_forward());
    }
}
