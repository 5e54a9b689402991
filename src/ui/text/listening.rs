//! The bar that plays.

use std::fmt::Display;

use super::{Term, term};

pub const PLAY: &str = "Play";
pub const HOLD: &str = "Hold";
pub const LOOP: &str = "Loop";
pub const LEVEL_MATCH: &str = "Level match";
pub const BLIND_TEST: &str = "Blind test…";
pub const ORIGINAL: &str = "1 Original";
pub const A: &str = "2 A";
pub const B: &str = "3 B";
pub const COMPONENT: &str = "Component";
pub const POSITION: &str = "Position";
pub const POSITION_HELP: &str =
    "Click or drag to go there; a click in a spectrogram does the same, Alt and drag scrubs";
pub const BLIND: &str = "Blind test: what plays is not shown";

pub const SOUND_ITSELF: &str = "that of the sound itself";
pub const READY_SPECTROGRAM: &str = "the spectrogram came without sound";
pub const BEING_READ: &str = "the sound is being read";
pub const NO_SOUND: &str = "no sound is open";
pub const NO_COMPONENT: &str = "no component is selected: click one in the activations";
pub const OTHER_SIZE: &str = "it has another rate or length than the sound that is open";
pub const ENDED: &str = "the search for phases was ended; Play begins it again";
pub const STOP_SEARCH: &str = "Stop search";
pub const STOP_SEARCH_HELP: &str = "End the search for phases; without them the model cannot be heard";
pub const MAKING_HELP: &str = "Where the phases come from; click to change it";
pub const MAKING: &str = "How models become sound";
pub const PHASES: Term =
    term("Phases", "Factors know magnitudes only: where the phases come from that sound needs");
pub const OF_THE_SOUND: (&str, &str) =
    ("of the sound", "The phases of the sound where it is open; without it they are searched for");
pub const SEARCHED: (&str, &str) =
    ("searched for", "By the fast Griffin-Lim algorithm, from magnitudes alone");
pub const ITERATIONS: Term = term("Search iterations", "More of them fit the magnitudes better");
pub const SEED: Term = term("Search seed", "Of the phases that it starts from");
pub const EXPONENT: Term = term(
    "Mask exponent",
    "Components share each element by their magnitudes to this power: 1 softly, 2 as Wiener's filter, more is harder",
);
pub const USUAL: &str = "Defaults";
pub const SAVING: &str = "Making sound";
pub const COMPUTING: &str = "being computed";

pub fn parts(name: &str) -> String {
    format!("4 {name}")
}

pub fn several(count: usize, column: &str) -> String {
    format!("{column}, {count} components")
}

pub fn one(component: usize, column: &str) -> String {
    format!("{column}, component {component}")
}

pub fn problem(reason: &str) -> String {
    format!("No sound: {reason}")
}

pub fn phase(name: &str) -> String {
    format!("Phase: {name}")
}

pub fn searching(done: usize, of: usize) -> String {
    format!("Searching for phases: {done} of {of}")
}

pub fn silent(reason: &str) -> String {
    format!("Silent: {reason}")
}

pub fn no_factors(column: &str) -> String {
    format!("column {column} has no factors yet")
}

pub fn all_muted(column: &str) -> String {
    format!("all components of column {column} are muted")
}

pub fn column_without_sound(column: &str) -> String {
    format!("column {column} has no sound")
}

pub fn failed(reason: &str) -> String {
    format!("the computation failed: {reason}")
}

pub fn saved_phase(phase: &str) -> String {
    format!("Phase of the sound that is written: {phase}")
}

/// `matched`: what is level-matched cannot be helped by that.
pub fn clipped(clipped: usize, all: usize, matched: bool) -> String {
    let or = if matched { "" } else { ", Level match makes them fit" };
    format!("{clipped} of {all} samples clipped: 32-bit float keeps them{or}")
}

pub fn not_saved(reason: impl Display) -> String {
    format!("Not saved: {reason}")
}

pub fn times(now: &str, all: &str) -> String {
    format!("{now} / {all}")
}
