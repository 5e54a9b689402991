//! Which samples come next: sources that are switched at one position, loops, jumps, levels. Nothing here takes time.

use std::ops::Range;
use std::sync::Arc;

use super::marks::Marks;

/// How long a change takes in seconds. What plays before and after is nearly the same sound, or has nothing to do with
/// it: in both cases a cut would click, and a few milliseconds of both do not.
const FADE: f64 = 0.005;

/// What can be listened to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Choice {
    /// The sound that was analysed.
    #[default]
    Original,
    /// The model of column A.
    A,
    /// The model of column B.
    B,
    /// Some components.
    Selection,
}

impl Choice {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Original, Self::A, Self::B, Self::Selection];

    /// Its place in [`Choice::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::Original => 0,
            Self::A => 1,
            Self::B => 2,
            Self::Selection => 3,
        }
    }
}

/// One thing to listen to.
#[derive(Clone, Debug)]
pub struct Track {
    /// Its samples; where there are none it is silent.
    pub samples: Arc<[f32]>,
    /// What makes it as loud as the others.
    pub gain: f32,
}

/// What can be switched between: one time axis, several tracks.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// Samples a second.
    pub rate: u32,
    /// Number of samples.
    pub length: usize,
    /// By [`Choice::index`]; none is silence.
    pub tracks: [Option<Track>; 4],
}

/// What is wanted of a mixer.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    pub program: Arc<Program>,
    pub choice: Choice,
    pub level_match: bool,
    pub looped: Option<Range<usize>>,
    pub playing: bool,
}

/// A track as it is heard.
#[derive(Clone, Debug, Default)]
struct Voice {
    samples: Option<Arc<[f32]>>,
    gain: f32,
}

impl Voice {
    fn of(wanted: &Wanted) -> Self {
        let track = wanted.program.tracks[wanted.choice.index()].as_ref().filter(|_| wanted.playing);
        track.map_or_else(Self::default, |track| Self {
            samples: Some(Arc::clone(&track.samples)),
            gain: if wanted.level_match { track.gain } else { 1.0 },
        })
    }

    fn at(&self, position: usize) -> f32 {
        self.samples.as_ref().and_then(|samples| samples.get(position)).map_or(0.0, |x| x * self.gain)
    }

    fn is(&self, other: &Self) -> bool {
        let same = match (&self.samples, &other.samples) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        same && self.gain == other.gain
    }
}

/// What goes out while what comes in takes its place.
struct Fade {
    voice: Voice,
    position: usize,
    left: usize,
}

/// The samples that come next.
pub struct Mixer {
    wanted: Wanted,
    voice: Voice,
    fade: Option<Fade>,
    jump: Option<usize>,
    /// The number of samples written when the latest jump was carried out.
    jumped: u64,
    position: usize,
    written: u64,
    marks: Marks,
    /// The number of samples written when it came to its end or was held.
    ended: Option<u64>,
}

impl Mixer {
    /// Plays what is wanted from `position` on, in an output of its own.
    pub fn new(wanted: Wanted, position: usize) -> Self {
        let position = if position < wanted.program.length { position } else { 0 };
        let mut marks = Marks::default();
        marks.jump(0, position);
        let voice = Voice::of(&wanted);
        let mut mixer = Self {
            wanted,
            voice,
            fade: None,
            jump: None,
            jumped: 0,
            position,
            written: 0,
            marks,
            ended: None,
        };
        if position > 0 {
            mixer.fade_from(Voice::default(), position);
        }
        mixer
    }

    /// From now on plays this; a change is heard as a short fade at the same position.
    pub fn set(&mut self, wanted: Wanted) {
        self.wanted = wanted;
    }

    /// Goes on at this sample, once it plays.
    pub fn seek(&mut self, position: usize) {
        self.jump = Some(position);
    }

    /// The next samples.
    pub fn fill(&mut self, out: &mut [f32]) {
        for x in out {
            *x = self.next();
        }
    }

    /// Where in the sound it is once `heard` samples have been heard.
    pub fn position(&self, heard: u64) -> usize {
        let heard = heard.min(self.written).min(self.ended.unwrap_or(u64::MAX));
        self.marks.position(heard).min(self.wanted.program.length)
    }

    /// Whether nothing is left to be heard.
    pub fn is_over(&self, heard: u64) -> bool {
        self.ended.is_some_and(|ended| ended <= heard)
    }

    /// Where it goes on: the jump that is still to come, or where it is.
    pub(super) fn rest(&self, heard: u64) -> usize {
        self.jump.unwrap_or_else(|| self.position(heard))
    }

    /// What others need to follow it: its jumps, how many samples there are to be heard, and, where a jump is not heard
    /// yet, where to and from which sample on it is.
    pub(super) fn follow(&mut self, heard: u64) -> (Marks, u64, Option<(usize, u64)>) {
        self.marks.forget_before(heard);
        let seeking = match self.jump {
            Some(to) => Some((to, u64::MAX)),
            None => (self.jumped > heard).then(|| (self.marks.position(self.jumped), self.jumped)),
        };
        (self.marks.clone(), self.written.min(self.ended.unwrap_or(u64::MAX)), seeking)
    }

    /// What has been handed out so far.
    pub const fn written(&self) -> u64 {
        self.written
    }

    fn next(&mut self) -> f32 {
        // One change at a time: what comes during a fade waits for its end.
        if self.fade.is_none() {
            self.swap();
        }
        let mut x = self.voice.at(self.position);
        if let Some(fade) = &mut self.fade {
            #[allow(clippy::cast_possible_truncation)] // a share
            let share = (fade.left as f64 / fade_length(self.wanted.program.rate) as f64) as f32;
            x = share * fade.voice.at(fade.position) + (1.0 - share) * x;
            fade.position += 1;
            fade.left -= 1;
            if fade.left == 0 {
                self.fade = None;
            }
        }
        let held = self.ended.is_none() && !self.wanted.playing && self.fade.is_none();
        let over = self.ended.is_none() && self.position >= self.wanted.program.length;
        if held || over {
            self.ended = Some(self.written);
        }
        self.position += 1;
        self.written += 1;
        x
    }

    /// Carries out what has changed.
    fn swap(&mut self) {
        let end = self.wanted.looped.as_ref().map(|range| (range.start, range.end));
        let back = end.filter(|(start, end)| start < end && self.position >= *end).map(|(start, _)| start);
        let voice = Voice::of(&self.wanted);
        // What is held goes nowhere; the jump is carried out by the next that plays.
        let to = if self.wanted.playing { self.jump.or(back) } else { None };
        if to.is_none() && voice.is(&self.voice) {
            return;
        }
        let from = std::mem::replace(&mut self.voice, voice);
        let before = self.position;
        if let Some(to) = to {
            self.position = to.min(self.wanted.program.length);
            self.marks.jump(self.written, self.position);
            self.ended = None;
            if self.jump.take().is_some() {
                self.jumped = self.written;
            }
        }
        self.fade_from(from, before);
    }

    fn fade_from(&mut self, voice: Voice, position: usize) {
        self.fade = Some(Fade { voice, position, left: fade_length(self.wanted.program.rate) });
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a few hundred samples
fn fade_length(rate: u32) -> usize {
    ((FADE * f64::from(rate)) as usize).max(1)
}
