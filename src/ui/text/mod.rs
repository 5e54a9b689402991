//! Every word of the window that is not an action: labels, tooltips, sentences, and what a screen reader says.
//!
//! The words of actions stand in `actions`, those of the parameters of a run in `engine::settings`, those of the measures
//! of quality in `engine::run::quality`. Equations are numbered as on the poster.

pub mod blind;
pub mod choose;
pub mod column;
pub mod controls;
pub mod figures;
pub mod grid;
pub mod keys;
pub mod listening;
pub mod looks;
pub mod messages;
pub mod panes;
pub mod plots;
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

    pub fn progress(column: &str, words: &str) -> String {
        format!("Progress of column {column}: {words}")
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

    /// `counts` has each column that searched, and how many models it tried.
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

/// Solo and mute.
pub mod components {
    /// The letter on the button, the word for it, and what it does.
    pub const SOLO: [&str; 3] = ["S", "Solo", "Only this one, and others that are soloed"];
    pub const MUTE: [&str; 3] = ["M", "Mute", "All but this one"];

    pub fn of(what: &str, component: usize, column: &str) -> String {
        format!("{what} component {component} of {column}")
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
