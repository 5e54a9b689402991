//! Which sample of the sound a sample that was written is.

/// From this sample of the output on, the sound goes on from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TimeMark {
    written: u64,
    position: usize,
}

/// The jumps of what was written: loops and seeks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(Vec<TimeMark>);

impl Marks {
    /// From the sample `written` on it is `position` and what follows.
    pub fn jump(&mut self, written: u64, position: usize) {
        self.0.push(TimeMark { written, position });
    }

    /// The sample of the sound that sounds once `heard` samples have been heard.
    pub fn position(&self, heard: u64) -> usize {
        let last = self.0.iter().rev().find(|mark| mark.written <= heard).or(self.0.first());
        last.map_or(0, |mark| {
            mark.position + usize::try_from(heard.saturating_sub(mark.written)).unwrap_or(usize::MAX)
        })
    }

    /// Forgets what nobody asks for any more.
    pub fn forget_before(&mut self, heard: u64) {
        let past = self.0.iter().filter(|mark| mark.written <= heard).count();
        self.0.drain(..past.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_follow_every_jump() {
        let mut marks = Marks::default();
        assert_eq!(marks.position(5), 0);
        marks.jump(0, 100);
        marks.jump(50, 20);
        marks.jump(60, 20);
        for _ in 0..2 {
            assert_eq!([49, 50, 59, 60, 65].map(|heard| marks.position(heard)), [149, 20, 29, 20, 25]);
            marks.forget_before(0);
        }
        marks.forget_before(55);
        assert_eq!([50, 59, 61].map(|heard| marks.position(heard)), [20, 29, 21]);
    }
}
