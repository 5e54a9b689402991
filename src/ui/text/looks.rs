//! Above the columns: how things are shown.

use super::{Term, term};

pub const FIT: &str = "Fit";
pub const LINKED: &str = "Linked";
pub const BASES_AND_COUNTS: Term =
    term("Bases, histograms", "How bases are laid out, and what the histograms count");
pub const AXIS: Term = term("Axis", "How frequencies are spread over the height");
pub const LEVEL: Term = term("Levels", "Colours of levels, the same in every pane");
pub const BASES: Term = term("bases", "A patch a component (M x T), or a patch a lag (M x R)");
pub const BY_COMPONENT: &str = "by component";
pub const BY_LAG: &str = "by lag";
pub const LAG: Term = term("lag", "The lag in the middle, where there is no room for all of them");
pub const BY_ENERGY: Term = term("loudest first", "Components by their energy, not their number");
pub const MATCHED: Term =
    term("match B to A", "Components of B beside those of A that they are most like (cosine of their bases)");
pub const HISTOGRAMS: Term = term("histograms", "Whose element values the histograms count");
pub const W: &str = "W";
pub const H: &str = "H";
pub const LOG_COUNT: &str = "log count";

pub const COLOUR_MAP: &str = "Colour map";
pub const COLOUR_BAR: Term = term(
    "Colour bar",
    "Level of each colour, dB re max V; colours only, never data. Drag moves the levels, Shift and drag changes the \
     range, a double click brings back 0 to -80 dB",
);
pub const TOP: Term = term("lightest", "Level of the lightest colour, dB re max V");
pub const RANGE: Term = term("range", "From the lightest to the darkest colour");

/// What the colours of differences are.
pub fn differences(range: f32) -> String {
    format!(
        "B \u{2212} A: purple where B is softer, green where it is louder; from 0 dB in the middle to {range:.0} dB at the ends"
    )
}

/// Between which levels the colours of residuals lie.
pub fn residuals(low: f32, top: f32) -> String {
    format!(
        "Residuals: purple where the model is above V, green where it is below; from {low:.0} dB re max V in the \
         middle to {top:.0} dB at the ends"
    )
}
