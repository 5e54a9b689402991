//! The list of keys.

pub const TITLE: &str = "Keys";
pub const LOOKING: &str = "Looking";
pub const WORKING: &str = "Working";
pub const IN_A_PLOT: &str = "In a plot";

/// Keys that do something for as long as they are held.
pub const HELD: [(&str, &str); 2] = [
    ("hold O", "The input in the place of the models"),
    ("hold X", "The spectrograms of A and B change places"),
];

/// What the pointer does in a pane.
pub const POINTER: [(&str, &str); 10] = [
    ("Wheel", "zooms in time around the pointer"),
    ("Ctrl and wheel", "zooms in frequency"),
    ("Shift and wheel", "moves in time"),
    ("Drag", "moves in time and frequency"),
    ("Shift and drag, or drag with the right button", "zooms into a box"),
    ("Ctrl and drag", "marks a region in time"),
    ("Click in a spectrogram or the overview", "listens from there"),
    ("Alt and drag", "scrubs"),
    ("Double click", "shows everything again"),
    ("Drag in the overview", "moves the view there; its edges change the range"),
];
