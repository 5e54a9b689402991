//! What panes are called, in menus and by a screen reader, and what they show in a sentence.

pub const OVERVIEW: &str = "overview";
pub const SPECTROGRAM: &str = "spectrogram";
pub const ERROR: &str = "error over time";
pub const ACTIVATIONS: &str = "activations";
pub const BASES: &str = "bases";
pub const HISTOGRAM: &str = "histogram";
pub const CONVERGENCE: &str = "convergence";
pub const RATE_DISTORTION: &str = "rate-distortion";
pub const COMPONENTS: &str = "components";
/// The whole window, where a file is named after it.
pub const WINDOW: &str = "window";

pub const NOTHING_YET: &str = "nothing to show yet";
pub const OVERVIEW_SUMMARY: &str = "the whole signal, with a box around the view";
pub const RECONSTRUCTION: &str = "reconstruction";
pub const INPUT: &str = "input";
pub const RESIDUAL: &str = "difference of input and reconstruction";
pub const DIFFERENCE: &str = "difference of the models of B and A";
pub const ERROR_SUMMARY: &str = "the share of V that each frame of both models misses";
pub const ERROR_HELP: &str = "A solid, B dashed: 0 where the model is V, 1 where it misses all of it";
pub const NO_DIVERGENCE: &str = "none";

/// A pane of one column.
pub fn of_column(pane: &str, column: &str) -> String {
    format!("{pane} {column}")
}

/// Of what is shown, the components that are heard where these are not all.
pub fn some_components(what: &str, heard: usize, all: usize) -> String {
    format!("{what} of {heard} of {all} components")
}

/// `other` is the column whose spectrogram stands here for the moment.
pub fn spectrogram(what: &str, other: Option<&str>, (start, end): (f64, f64)) -> String {
    let whose = other.map_or_else(String::new, |column| format!(" of {column}"));
    format!("{what}{whose}, {start:.2} to {end:.2} s")
}

pub fn activations(count: usize, selected: &str) -> String {
    format!("{count} activations over time, each scaled to its peak{selected}")
}

pub fn bases(components: usize, lags: usize, bins: usize, selected: &str) -> String {
    format!("{components} components with {lags} lags of {bins} bins{selected}")
}

/// Follows a sentence; `partner` is empty or follows in turn.
pub fn selected(component: usize, partner: &str) -> String {
    format!("; component {component} is selected{partner}")
}

pub fn partner(component: usize, column: &str, cosine: f64) -> String {
    format!(", which belongs to {component} of {column} (cosine {cosine:.2})")
}

pub fn convergence(a: &str, b: &str) -> String {
    format!("divergence of A {a}, of B {b}")
}
