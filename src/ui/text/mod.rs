//! Every word of the window that is not an action: labels, tooltips, sentences, and what a screen reader says.
//!
//! The words of actions stand in `actions`, those of the parameters of a run in `engine::settings`, those of the measures
//! of quality in `engine::run::quality`. Equations are numbered as on the poster.

pub mod choose;
pub mod controls;
pub mod figures;
pub mod listening;
pub mod looks;
pub mod messages;
pub mod panes;
pub mod prompt;
pub mod readout;
pub mod recent;
pub mod runs;
pub mod signal;
pub mod states;
pub mod verdict;
pub mod window;

use std::fmt::Display;

use crate::engine::Measure;

/// What something is called, and one sentence that defines it.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    /// The label.
    pub name: &'static str,
    /// The tooltip.
    pub help: &'static str,
}

impl Term {
    /// Name and definition.
    pub const fn pair(self) -> (&'static str, &'static str) {
        (self.name, self.help)
    }
}

const fn term(name: &'static str, help: &'static str) -> Term {
    Term { name, help }
}

/// A measure with its unit.
pub const fn measure(measure: Measure) -> Term {
    term(measure.heading(), measure.help())
}

/// Things that are counted, in the singular.
pub const RUN: &str = "run";
pub const MESSAGE: &str = "message";
pub const CHANNEL: &str = "channel";

/// So many of something.
pub fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How far something is that has so many parts.
pub fn part_of(done: usize, planned: usize) -> String {
    format!("{done} of {planned}")
}

/// Number of components and of lags, as briefly as can be.
pub fn shape(components: usize, lags: usize, between: &str) -> String {
    format!("R {components}{between}T {lags}")
}

/// Between groups of three digits.
pub const THIN_SPACE: char = '\u{2009}';

/// A whole number in groups of three.
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(THIN_SPACE);
        }
        text.push(digit);
    }
    text
}

/// Units behind a number that is typed.
pub mod units {
    pub const DECIBELS: &str = " dB";
    pub const BYTES: &str = " B";
}

/// The window before anything is open.
pub mod empty {
    pub const DROP: &str = "Drop a sound, a factor stream or a session here";
    pub const WHAT_IT_DOES: &str = "Its spectrogram is explained by a few parts that evolve in time, once with real \
                                    numbers (CNMF)\nand once with integers that compress (SNMF), side by side.";
    pub const OPEN: &str = super::bars::OPEN;
    pub const OR_A_DEMO: &str = "or try a built-in signal";

    pub fn demo(description: &str, components: usize, lags: usize) -> String {
        format!("{description}; R = {components}, T = {lags}")
    }
}

/// The row at the top.
pub mod bars {
    pub const MENU: &str = "Menu";
    pub const OPEN: &str = "Open…";
    pub const RUN_BOTH: &str = "Run both";
    pub const PAUSE: &str = "Pause";
    pub const RESUME: &str = "Resume";
    pub const CANCEL: &str = "Cancel";
    pub const LIGHT: &str = "Light";
    pub const DARK: &str = "Dark";
    pub const COMMANDS: &str = "Commands";

    pub fn scale(plus: &str) -> String {
        format!("How large everything is drawn ({plus} and minus)")
    }

    pub fn progress(lane: &str, words: &str) -> String {
        format!("Progress of lane {lane}: {words}")
    }

    pub fn ended(reason: &str) -> String {
        format!("Ended: {reason}")
    }
}

/// The table of numbers.
pub mod metrics {
    use super::{Term, term};

    pub const HEADING: &str = "Metrics";
    pub const COPY_TABLE: &str = "Copy table";
    pub const DISTINCT_W: Term = term("Distinct W", "Different values among all bases");
    pub const DISTINCT_H: Term = term("Distinct H", "Different values in the activations");
    pub const ZEROS_IN_W: Term = term("Zeros in W", "Elements of the bases that are zero");
    pub const ZEROS_IN_H: Term = term("Zeros in H", "Elements of the activations that are zero");
    pub const TEXT: Term = term("Text (B)", "The sequence S (eq. 13) as decimal text");
    pub const TEXT_GZIP: Term = term("Text, gzip (B)", "The same after gzip");
    pub const BINARY_GZIP: Term =
        term("Binary, gzip (B)", "S as integers of variable length, or reals of 32 bits, after gzip");
    pub const ENTROPY: Term = term(
        "Entropy (B)",
        "Bytes of the integers at their entropy: no coder that looks at the frequency of each value alone needs fewer",
    );
    pub const FILE: Term = term("File (B)", "What an export writes, header included");
    pub const RATIO: Term = term(
        "A : B",
        "How many times fewer bytes or values B has than A; the sequence S (eq. 13) as bytes is the fairer of the two \
         sizes after gzip, for reals need fewer bytes than as text",
    );
    pub const MORE_THAN_V: &str = "The factors hold more numbers than the spectrogram itself.";
    pub const TIME: Term = term("Time (s)", "Spent computing, without pauses");
    pub const TAKEN: Term =
        term("Accepted", "Tiles whose proposal (eq. 10) was accepted whole, in the latest iteration");
    pub const IN_PART: Term = term("In part", "Tiles whose proposal was accepted in part");
    pub const REFUSED: Term =
        term("Refused", "Tiles that kept their integers, since every change would have raised D");
    pub const CHANGED: Term =
        term("Changed", "Integers that changed in the latest iteration; where none does, D stays as it is");
}

/// How the target was searched for.
pub mod search {
    use super::{Measure, metrics};

    pub const HEADS: [&str; 3] = ["tried", Measure::Snr.heading(), metrics::FILE.name];

    /// `counts` has each lane that searched, and how many models it tried.
    pub fn heading(counts: &str) -> String {
        format!("Search, models tried: {counts}")
    }
}

/// Names of axes.
pub mod axes {
    use super::{Measure, metrics};

    pub const SECONDS: &str = "s";
    pub const MINUTES: &str = "m:ss";
    pub const FREQUENCY: &str = "Frequency (Hz)";
    pub const COMPONENTS_OF_LAGS: &str = "Component, T lags each";
    pub const LAGS_OF_COMPONENTS: &str = "Lag t, R components each";
    pub const DIVERGENCE: &str = Measure::Kld.heading();
    pub const BYTES: &str = metrics::TEXT_GZIP.name;
}

/// A column: its head, what it shows, and the captions of its panes.
pub mod column {
    use super::{Term, term};

    pub const LEARN: &str = "Learn";
    pub const QUANTISE: &str = "Quantise";
    pub const MEASURE: &str = "Measure";
    pub const MORE: &str = "More";
    pub const RETRY: &str = "Retry";
    pub const REVERT_HELP: &str = "Make the settings those of this run again";
    pub const STALE: &str = "Stale: settings or input have changed since";
    pub const MODEL: Term = term("Model", "The reconstruction: what the factors add up to");
    pub const INPUT: Term = term("Input V", "The spectrogram that was factorised");
    pub const RESIDUAL: Term =
        term("Residual", "V - model: green where the model has too little, purple where it has too much");
    pub const DIFFERENCE: Term =
        term("B \u{2212} A", "Level of B less that of A: green where B is louder, purple where it is softer");
    /// What the spectrogram of each column shows, where it is chosen from a list.
    pub const SHOWS: [&str; 2] = ["Shown in A", "Shown in B"];
    pub const NO_INPUT: &str = "The sound of this stream is not open";
    pub const NO_DIFFERENCE: &str = "A and B are not two models of one shape";
    pub const ERROR: &str = "Error over time, |V \u{2212} model| / V";
    pub const ACTIVATIONS: &str = "Activations H, each scaled to its peak";
    pub const BASES: &str = "Bases W_t at their loudest, dB re max V";
    pub const SAVE_PANE: &str = "Save as figure…";

    pub fn rerun(lane: &str) -> String {
        format!("Re-run {lane}")
    }

    pub fn revert(lane: &str) -> String {
        format!("Revert to {lane}")
    }

    pub fn values(side: &str) -> String {
        format!("Element values of {side}")
    }
}

/// Solo and mute.
pub mod components {
    /// The letter on the button, the word for it, and what it does.
    pub const SOLO: [&str; 3] = ["S", "Solo", "Only this one, and others that are soloed"];
    pub const MUTE: [&str; 3] = ["M", "Mute", "All but this one"];

    pub fn of(what: &str, component: usize, lane: &str) -> String {
        format!("{what} component {component} of {lane}")
    }
}

/// The numbers over iterations, and over bytes.
pub mod plots {
    use super::{Measure, Term, term};

    pub const CONVERGENCE: &str = "Convergence";
    pub const RATE_DISTORTION: &str = "Rate-distortion";
    pub const SWEEP: &str = "Sweep";
    pub const STOP_SWEEP: &str = "Stop";
    pub const BETTER: &str = "up and left is better";
    pub const NO_SWEEP: &str = "Sweep traces every method; until then, the lanes";
    const CLICK: &str = "Click shows it in B, Shift and click in A";
    pub const NO_PLACE: &str = "nothing";
    pub const MEASURE: Term = term("Measure", "What the plot shows over the bytes");

    /// A run of the list; `quality` is its measures, with commas between.
    pub fn run(number: usize, label: &str, quality: &str, bytes: usize) -> String {
        format!("Run {number}  {label}\n{quality}\n{bytes} B\n{CLICK}")
    }

    /// A point of the sweep; `params` is empty, or follows the method after a comma.
    pub fn point(method: &str, params: &str, quality: &str, bytes: usize, entropy_bytes: f64) -> String {
        format!("{method}{params}\n{quality}\n{bytes} B, entropy {entropy_bytes:.0} B\n{CLICK}")
    }

    pub fn place(quality: &str, bytes: usize) -> String {
        format!("{quality} in {bytes} bytes")
    }

    pub fn summary(measure: Measure, a: &str, b: &str, points: usize) -> String {
        let (label, better) = (measure.label(), measure.better().words());
        format!("{label} over bytes, {better}; A {a}, B {b}, {points} points of a sweep")
    }
}

/// The question about a grid of runs.
pub mod grid {
    use super::{Term, term};

    pub const HEADING: &str = "Grid of runs";
    pub const WHAT_IT_DOES: &str = "Every combination is run with the methods of both lanes and goes into the list of \
                                    runs. What is left empty stays as it is set.";
    pub const NO_INPUT: &str = "Open a sound first";
    pub const ANOTHER_RUNS: &str = "Another grid is running: stop it first";
    pub const RUN: &str = "Run the grid";
    pub const STOP: &str = "Stop the grid";
    pub const CLOSE: &str = "Close";
    pub const BY_TARGET: &str = "as the target says";
    pub const COMPONENTS: Term =
        term("R", "R: how many components add up to the model (eq. 2), such as 5, 10, 20");
    pub const LAGS: Term =
        term("T", "T: how many lags, or frames, a component spans (eq. 2), such as 1, 4, 8");
    pub const LAMBDA: Term = term(
        "lambda",
        "Lambda: prices of a bit for SNMF rd, against squared error or KLD (eq. 1), such as 1e-7, 1e-6",
    );
    pub const SEEDS: Term = term("Seeds", "Such as 0-4: means and deviations are shown beside the list");

    /// How far a grid is.
    pub fn progress(done: usize, planned: usize) -> String {
        format!("{done} of {planned} runs")
    }
}

/// The blind test.
pub mod blind {
    pub const TITLE: &str = "Blind test";
    pub const WHAT: &str =
        "X is one of the two. Listen as often as you like, then say which. All are equally loud.";
    pub const NAMES: [&str; 4] = ["original", "A", "B", "components"];
    pub const HEAR_X: &str = "Hear X";
    pub const NO_ANSWERS: &str = "No answers yet; a result needs ten or more";
    pub const SAVE: &str = "Save the answers…";
    pub const NOTHING_TO_SAVE: &str = "There are no answers yet";

    pub fn pair(first: &str, second: &str) -> String {
        format!("{first} or {second}")
    }

    pub fn hear(name: &str) -> String {
        format!("Hear {name}")
    }

    pub fn x_is(name: &str) -> String {
        format!("X is {name}")
    }

    pub fn not_this_pair(reason: &str) -> String {
        format!("This pair cannot be compared: {reason}")
    }

    pub fn result(right: usize, trials: usize, p: f64) -> String {
        format!("{right} of {trials} right; by guessing p = {p:.4}")
    }
}

/// The question before a close that loses something.
pub mod closing {
    pub const HEADING: &str = "A run or an export is not finished";
    pub const WHAT_IS_LOST: &str = "It ends if the window closes now. The factors that a run has reached can be opened again; an export leaves nothing.";
    pub const CLOSE: &str = "Close anyway";
    pub const STAY: &str = "Keep running";
}

/// The list of commands.
pub mod commands {
    pub const HINT: &str = "What to do";
    pub const FIELD: &str = "Find a command";
    pub const NONE: &str = "Nothing of that name";
}

/// The list of keys.
pub mod keys {
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
}

#[cfg(test)]
mod tests {
    use super::{Term, grid, measure, metrics};
    use crate::engine::{Measure, settings};

    #[test]
    fn symbols_and_ratios_are_defined_with_the_equation_of_the_poster() {
        let of = |Term { name, help }: Term| (name, help);
        let defined = [
            ("R", settings::COMPONENTS.help, "eq. 2"),
            ("R", grid::COMPONENTS.help, "eq. 2"),
            ("T", settings::LAGS.help, "eq. 2"),
            ("T", grid::LAGS.help, "eq. 2"),
            ("Lambda", settings::table::LAMBDA.tip(), "eq. 1)"),
            ("Lambda", grid::LAMBDA.help, "eq. 1)"),
            ("KLD", Measure::Kld.help(), "eq. 1)"),
            ("SNR", Measure::Snr.help(), "eq. 7"),
        ];
        for (symbol, help, equation) in defined {
            assert!(help.starts_with(symbol) && help.contains(equation), "{symbol}: {help}");
        }
        let (name, help) = of(metrics::RATIO);
        assert!(help.starts_with("How many times fewer") && help.contains("eq. 13"), "{name}: {help}");
    }

    #[test]
    fn a_definition_is_one_clause_without_a_full_stop() {
        let terms = [
            measure(Measure::Snr),
            measure(Measure::Kld),
            measure(Measure::SqrtSnr),
            measure(Measure::Lsd),
            metrics::RATIO,
            Term { name: "Lambda", help: settings::table::LAMBDA.tip() },
            grid::COMPONENTS,
            grid::LAGS,
            grid::LAMBDA,
        ];
        for Term { name, help } in terms {
            assert!(!help.ends_with('.') && !help.replace("eq. ", "").contains(". "), "{name}: {help}");
        }
    }

    #[test]
    fn one_is_distinguished_from_many() {
        assert_eq!([0, 1, 2].map(|n| super::counted(n, super::RUN)), ["0 runs", "1 run", "2 runs"]);
    }
}
