//! What is heard, how its sound is made, and what the bar shows of it.

use std::ops::RangeInclusive;

use crate::engine::Reconstruction;
use crate::playback::Choice;
use crate::signal::GriffinLim;

/// What can be chosen for the exponent of a mask, and for the iterations of a search.
pub const EXPONENTS: RangeInclusive<f64> = 0.1..=100.0;

pub const ITERATIONS: RangeInclusive<usize> = 1..=10_000;

/// How the phases of a sound came about, or why it is not heard.
pub type Readiness = Result<String, String>;

pub const NOTHING: [Readiness; 4] = [const { Err(String::new()) }; 4];

/// How sound is made of factors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Making {
    /// Exponent p of the mask that cuts components out of a sound.
    pub exponent: f64,
    /// Whether phases are searched for even where there is a sound to take them from.
    pub searched: bool,
    /// How they are searched for.
    pub search: GriffinLim,
}

impl Default for Making {
    fn default() -> Self {
        let (exponent, search) = (Reconstruction::EXPONENT, Reconstruction::GRIFFIN_LIM);
        Self { exponent, searched: false, search }
    }
}

/// What listening shows, and what is wanted of it.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own in the bar
pub struct Listen {
    /// What is heard.
    pub choice: Choice,
    /// Whether the region, or what is shown, plays over and over.
    pub looped: bool,
    /// Whether all are made equally loud.
    pub level_match: bool,
    /// Whether what is heard is a secret: a blind test goes on.
    pub blind: bool,
    /// Whether it plays.
    pub playing: bool,
    /// Where it is, in seconds; none before anything was played.
    pub playhead: Option<f64>,
    /// Where it shall go, in seconds.
    pub seek: Option<f64>,
    /// Length in seconds.
    pub seconds: f64,
    /// By [`Choice::index`]: how phases came about, or why nothing is heard.
    pub readiness: [Readiness; 4],
    /// Whether there is what a sound could be made of.
    pub possible: [bool; 4],
    /// Why nothing is heard of anything.
    pub problem: Option<String>,
    /// What is called 4.
    pub parts: String,
    /// How the sound of factors is made.
    pub making: Making,
    /// How far the search for the phases of what is heard is, and of how many iterations.
    pub searching: Option<(usize, usize)>,
    /// Whether that search is to end.
    pub end_search: bool,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            choice: Choice::Original,
            looped: false,
            level_match: false,
            blind: false,
            playing: false,
            playhead: None,
            seek: None,
            seconds: 0.0,
            readiness: NOTHING,
            possible: [false; 4],
            problem: None,
            parts: String::new(),
            making: Making::default(),
            searching: None,
            end_search: false,
        }
    }
}
