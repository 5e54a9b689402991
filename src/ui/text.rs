//! Every word of the window that is not an action: labels, tooltips, sentences, and what a screen reader says.
//!
//! The words of actions stand in `actions`, those of the parameters of a run in `engine::settings`, those of the measures
//! of quality in `engine::run::quality`. Equations are numbered as on the poster.

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
    pub const SECONDS: &str = " s";
}

/// The window as the desktop sees it.
pub mod window {
    pub const NAME: &str = "snmf";
    pub const NO_DISPLAY: &str = "there is no display";

    pub fn not_opened(reason: &str, input: &str) -> String {
        format!("could not open a window ({reason}); the same job without one: snmf run {input}")
    }

    pub fn title_loading(name: &str) -> String {
        format!("{NAME} - {name} - loading")
    }

    pub fn title_failed(name: &str) -> String {
        format!("{NAME} - {name} - not opened")
    }

    pub fn title(input: &str, a: &str, b: &str) -> String {
        format!("{NAME} - {input} - {a} - {b}")
    }

    /// A title with the session in front; a changed one is not saved as it is.
    pub fn title_of_session(name: &str, changed: bool, title: &str) -> String {
        let rest = title.strip_prefix(NAME).unwrap_or(title);
        format!("{NAME} - {name}{}{rest}", if changed { " (changed)" } else { "" })
    }

    pub fn title_opening(name: &str) -> String {
        format!("{NAME} - {name} - opening")
    }

    /// A lane in the title; `settled` where its numbers belong to its last iteration.
    pub fn lane(name: &str, words: &str, settled: bool) -> String {
        format!("{name} {words}{}", if settled { ", measured" } else { "" })
    }
}

/// Messages of the window itself.
pub mod messages {
    use super::Display;

    pub const NOTHING_CHOSEN: &str =
        "No file was chosen; a path can also be typed on the left, or a file dropped";
    pub const LEFT_BEHIND: &str = "A window that was not closed left a session: File > Recent files opens it";
    pub const PUT_ASIDE: &str =
        "The session that was open before was not saved: File > Recent files opens it again";
    pub const NO_DATA_FOLDER: &str = "the system names no folder for data";
    pub const TABLE_COPIED: &str = "Copied: the numbers of both lanes, as a table";

    pub fn not_opened(reason: impl Display) -> String {
        format!("Not opened: {reason}")
    }

    pub fn not_kept(reason: impl Display) -> String {
        format!("The session is not saved by itself and would be lost in a crash: {reason}")
    }

    pub fn no_dialog(reason: impl Display) -> String {
        format!("No dialog could be opened: {reason}")
    }

    pub fn copied(command: &str) -> String {
        format!("Copied: {command}")
    }

    pub fn warning(text: &str) -> String {
        format!("Warning: {text}")
    }

    pub fn error(text: &str) -> String {
        format!("Error: {text}")
    }
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

/// What was opened before.
pub mod recent {
    pub const MENU: &str = "Recent files";
    pub const HEADING: &str = "Opened before";
    pub const NONE: &str = "Sounds, streams and sessions that are opened stand here";
    pub const UNSAVED_HELP: &str = "A session that was not saved";
    pub const DISCARD: &str = "Discard";
    pub const DISCARD_HELP: &str = "Remove this session for good";
    pub const MISSING: &str = "missing";
    pub const MISSING_HELP: &str = "It is not there any more";
    pub const REMOVE: &str = "Remove";
    pub const REMOVE_HELP: &str = "Take it off this list; the file stays";
    pub const CLOSE: &str = "Close";

    pub fn unsaved(about: &str) -> String {
        format!("Not saved: {about}")
    }

    pub fn discard(about: &str) -> String {
        format!("Discard {about}")
    }

    pub fn remove(name: &str) -> String {
        format!("Remove {name} from the list")
    }

    /// How long ago that is.
    pub fn age(seconds: u64) -> String {
        match seconds {
            0..120 => "just now".to_owned(),
            120..7200 => format!("{} minutes ago", seconds / 60),
            7200..172_800 => format!("{} hours ago", seconds / 3600),
            _ => format!("{} days ago", seconds / 86_400),
        }
    }
}

/// The two rows at the top.
pub mod bars {
    pub const OPEN: &str = "Open…";
    pub const DEMO: &str = "Demo";
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

    /// State of a lane that knows how long it will take.
    pub fn left(words: &str, seconds: f64) -> String {
        format!("{words}, {seconds:.0} s left")
    }

    pub fn progress(lane: &str, words: &str) -> String {
        format!("Progress of lane {lane}: {words}")
    }

    pub fn ended(reason: &str) -> String {
        format!("Ended: {reason}")
    }
}

/// States of lanes and of runs.
pub mod states {
    use super::Display;

    pub const READY: &str = "ready";
    pub const FAILED: &str = "failed";
    pub const DONE: &str = "done";
    pub const SETTLED: &str = "settled";
    pub const CONVERGED: &str = "converged";
    pub const CANCELLED: &str = "cancelled";
    pub const IMPORTED: &str = "imported";
    pub const TARGET_MISSED: &str = "target missed";
    pub const NEAREST_SHOWN: &str = "target missed, nearest shown";

    pub fn quantising(probe: usize, params: impl Display) -> String {
        format!("quantising, probe {probe}, {params}")
    }

    /// Under way; `of` is empty, or a space and the iteration.
    pub fn running(of: &str) -> String {
        format!("running{of}")
    }

    pub fn paused(of: &str) -> String {
        format!("paused at{of}")
    }

    pub fn cancelling(of: &str) -> String {
        format!("cancelling{of}")
    }

    pub fn cancelled(of: &str) -> String {
        format!("cancelled at{of}")
    }

    /// One of the states that are ends, with the iterations that it took.
    pub fn after(state: &str, iterations: usize) -> String {
        format!("{state}, {iterations} iterations")
    }
}

/// The line at the bottom: what is under the pointer.
pub mod readout {
    pub const NOWHERE: &str = "point at a plot to read values";
    pub const NO_LEVEL: &str = "  zero   ";

    pub fn moment(seconds: f64, frame: f64) -> String {
        format!("{seconds:8.3} s  frame {frame:>4}")
    }

    pub fn frequency(hertz: f64, bin: f64) -> String {
        format!("{hertz:7.0} Hz  bin {bin:>4}")
    }

    pub fn level(decibels: f64) -> String {
        format!("{decibels:6.1} dB")
    }

    /// The level of V.
    pub fn of_v(level: &str) -> String {
        format!("  V {level}")
    }

    pub fn component(number: usize) -> String {
        format!("component {number}")
    }

    pub fn activation(value: f64) -> String {
        format!("  H {value:.4}")
    }

    pub fn patch(number: usize, lag: usize) -> String {
        format!("component {number}  lag {lag}")
    }

    pub fn basis(value: f64) -> String {
        format!("  W {value:.3e}")
    }

    pub fn iteration(number: f64) -> String {
        format!("iteration {number}")
    }
}

/// The group of the signal.
pub mod signal {
    use super::{Display, Term, term};

    pub const HEADING: &str = "Signal";
    pub const NONE: &str = "none yet";
    pub const NO_SOUND: &str = "a spectrogram";
    pub const CHANNEL: Term = term("Channel", "The mean of all channels, or one of them");
    pub const ALL_CHANNELS: &str = "mean";
    pub const RATE: Term =
        term("Rate", "Resample first: a lower rate leaves high frequencies out and saves time");
    pub const SAME_RATE: &str = "as it is";
    const REGION: &str = "A part of the signal: Ctrl and drag in a plot marks it, or type it here";
    pub const REGION_START: Term = term("Region from", REGION);
    pub const REGION_END: Term = term("Region to", REGION);
    pub const RUN_REGION: &str = "Run on it";
    pub const ZOOM_REGION: &str = "Zoom";
    pub const CLEAR_REGION: &str = "Clear";
    pub const RUN_WHOLE: &str = "Run on all";
    pub const PATH_HINT: &str = "path, or demo:speech";
    pub const PATH: &str = "Path of a sound or stream";
    pub const LOCATE: &str = "Locate audio…";
    pub const STOP_READING: &str = "Stop reading";
    pub const LOAD: &str = "Load";
    pub const NO_PATH: &str = "Type a path first";

    /// What is read, and the share of it that is decoded, where that is known.
    pub fn reading(name: &str, share: f32) -> String {
        let percent = if share > 0.0 { format!(", {:.0} %", 100.0 * share) } else { String::new() };
        format!("reading {name}{percent}")
    }

    pub fn failed(name: &str, reason: impl Display) -> String {
        format!("{name} was not opened: {reason}")
    }

    pub fn missing(names: &str) -> String {
        format!("Runs of {names} are shown without V")
    }

    pub fn facts(sound: &str, bins: usize, frames: usize) -> String {
        format!("{sound}\n{bins} bins, {frames} frames")
    }

    pub fn sound(seconds: f64, rate: &str, channels: &str) -> String {
        format!("{seconds:.2} s, {rate}, {channels}")
    }

    pub fn rate(rate: u32) -> String {
        format!("{rate} Hz")
    }

    pub fn resampled(rate: u32, source_rate: u32) -> String {
        format!("{rate} Hz from {source_rate} Hz")
    }
}

/// The settings.
pub mod controls {
    use super::{Term, term};

    pub const SPECTROGRAM: &str = "Spectrogram";
    pub const BOTH_LANES: &str = "Both lanes";
    pub const METHODS: &str = "Methods";
    pub const DEFAULTS: Term = term("Defaults", "Set all settings to their defaults");
    pub const DEFAULTS_OF_GROUP: Term = term("Defaults", "Set the settings of this group to their defaults");
    pub const COPY_COMMAND: &str = "Copy command";
    pub const WHAT_FOR: Term =
        term("What is it for?", "Sets the power P, the metric and which losses count; each can be changed");
    pub const OWN_SETTINGS: (&str, &str) =
        ("Own settings", "Power, metric and loss are not those of one of the others");
    pub const LET_BASES_GO: Term = term("Learn all", "Keep no bases: the next runs learn all of them");
    pub const MEMORY_HELP: &str = "The most that a run takes; it is refused where less is free";
    pub const LANES: [&str; 2] = ["Lane A", "Lane B"];

    pub const UPDATES: &str = "Updates";
    pub const TARGET: Term = term(
        "Target",
        "What sets how coarsely SNMF rd and rounding quantise: a loss, a size, or a price of a bit",
    );
    pub const NO_TARGET: Term = term(
        "usual",
        "SNMF rd loses at most 0.4 dB, or 1 dB of the SNR alone; rounding uses its usual levels",
    );
    pub const TARGET_LOSS: Term =
        term("loss", "The fewest bytes at this loss against the CNMF that is quantised");
    pub const TARGET_BYTES: Term =
        term("bytes", "The least distortion in an exported file of at most so many bytes");
    pub const TARGET_LAMBDA: Term =
        term("lambda", "SNMF rd at this price of a bit; drag it and watch the bytes");
    pub const OWN_LEVELS: &str = "Choose quantisation levels";
    pub const LEVELS_OF_W: &str = "Levels of W";
    pub const LEVELS_OF_H: &str = "Levels of H";
    pub const POSTERS_METHOD: &str = "Poster's method";
    pub fn defaults_of(group: &str) -> String {
        format!("Defaults of {group}")
    }

    /// Bases that are kept, and the file that they are from where it is known.
    pub fn bases_kept(count: usize, file: Option<&str>) -> String {
        let from = file.map_or_else(String::new, |file| format!(" of {file}"));
        format!("{count} bases{from} are kept")
    }

    pub fn memory(size: &str) -> String {
        format!("Memory: {size} a lane")
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
    pub const ITERATION: Term = term("At iteration", "The iteration that these numbers belong to");
    pub const TIME: Term = term("Time (s)", "Spent computing, without pauses");
    pub const TAKEN: Term =
        term("Accepted", "Tiles whose proposal (eq. 10) was accepted whole, in the latest iteration");
    pub const IN_PART: Term = term("In part", "Tiles whose proposal was accepted in part");
    pub const REFUSED: Term =
        term("Refused", "Tiles that kept their integers, since every change would have raised D");
    pub const CHANGED: Term =
        term("Changed", "Integers that changed in the latest iteration; where none does, D stays as it is");
}

/// The three ratios.
pub mod ratios {
    use super::{Term, term};

    pub const HEADING: &str = "Compression";
    pub const NOT_YET: &str = "once both lanes are measured";
    pub const TEXT: Term = term(
        "Text",
        "How many times fewer bytes B takes than A where both are written as decimal text, in the order of S (eq. 13), \
         and compressed with gzip",
    );
    pub const TEXT_OPERANDS: &str = "gzip of A as text / gzip of B as text: the poster's kind";
    pub const BINARY: Term = term(
        "Binary",
        "How many times fewer bytes B takes than A where S (eq. 13) is written as bytes and compressed with gzip: the \
         fairer ratio, for reals need fewer of them than as text",
    );
    pub const INTEGERS: &str = "integers";
    pub const REALS: &str = "32-bit reals";
    pub const AUDIO: Term = term(
        "Audio",
        "How many times fewer bytes the file of B, which holds S (eq. 13), takes than the sound itself; phases are not \
         in B",
    );
    pub const AUDIO_OPERANDS: &str = "the sound as 16-bit PCM / the exported file of B";
    pub const MORE_THAN_V: &str = "The factors hold more numbers than the spectrogram itself.";

    /// Operands of the binary ratio: what each lane holds.
    pub fn binary_operands(a: &str, b: &str) -> String {
        format!("gzip of A as {a} / gzip of B as {b}")
    }

    pub fn coder(name: &str) -> String {
        format!("gzip by {name}")
    }
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

    pub const TIME: &str = "Time (s)";
    pub const FREQUENCY: &str = "Frequency (Hz)";
    pub const COMPONENT: &str = "Component";
    pub const COMPONENTS_OF_LAGS: &str = "Component, T lags each";
    pub const LAGS_OF_COMPONENTS: &str = "Lag t, R components each";
    pub const DIVERGENCE: &str = Measure::Kld.heading();
    pub const BYTES: &str = metrics::TEXT_GZIP.name;
}

/// What panes are called, in menus and by a screen reader, and what they show in a sentence.
pub mod panes {
    pub const OVERVIEW: &str = "overview";
    pub const SPECTROGRAM: &str = "spectrogram";
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
    pub const NO_DIVERGENCE: &str = "none";

    /// A pane of one lane.
    pub fn of_lane(pane: &str, lane: &str) -> String {
        format!("{pane} {lane}")
    }

    /// Of what is shown, the components that are heard where these are not all.
    pub fn some_components(what: &str, heard: usize, all: usize) -> String {
        format!("{what} of {heard} of {all} components")
    }

    /// `other` is the lane whose spectrogram stands here for the moment.
    pub fn spectrogram(what: &str, other: Option<&str>, (start, end): (f64, f64)) -> String {
        let whose = other.map_or_else(String::new, |lane| format!(" of {lane}"));
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

    pub fn partner(component: usize, lane: &str, cosine: f64) -> String {
        format!(", which belongs to {component} of {lane} (cosine {cosine:.2})")
    }

    pub fn convergence(a: &str, b: &str) -> String {
        format!("divergence of A {a}, of B {b}")
    }
}

/// Above the columns: how things are shown.
pub mod looks {
    use super::{Term, term};

    pub const FIT: &str = "Fit";
    pub const LINKED: &str = "Linked";
    pub const MORE: &str = "Bases, histograms";
    pub const AXIS: Term = term("axis", "How frequencies are spread over the height");
    pub const LEVEL: Term = term("level", "Colours of levels, the same in every pane");
    pub const BASES: Term = term("bases", "A patch a component (M x T), or a patch a lag (M x R)");
    pub const BY_COMPONENT: &str = "by component";
    pub const BY_LAG: &str = "by lag";
    pub const LAG: Term = term("lag", "The lag in the middle, where there is no room for all of them");
    pub const BY_ENERGY: Term = term("loudest first", "Components by their energy, not their number");
    pub const MATCHED: Term = term(
        "match B to A",
        "Components of B beside those of A that they are most like (cosine of their bases)",
    );
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
    pub const TOP_HELP: &str = "Level of the lightest colour, dB re max V";
    pub const RANGE: Term = term("range", "From the lightest to the darkest colour");

    /// Between which levels the colours of residuals lie.
    pub fn residuals(low: f32, top: f32) -> String {
        format!(
            "Residuals: purple where the model is above V, green where it is below; from {low:.0} dB re max V in the \
             middle to {top:.0} dB at the ends"
        )
    }
}

/// A column: its head, what it shows, and the captions of its panes.
pub mod column {
    use super::{Term, term};

    pub const SHAPE_HELP: &str =
        "R parts (components), each T frames long (lags), add up to the model (eq. 2)";
    pub const MORE: &str = "More";
    pub const RETRY: &str = "Retry";
    pub const REVERT_HELP: &str = "Make the settings those of this run again";
    pub const STALE: &str = "Stale: settings or input have changed since";
    pub const MODEL: Term = term("Reconstruction", "What the factors add up to");
    pub const INPUT: Term = term("Input V", "The spectrogram that was factorised");
    pub const RESIDUAL: Term =
        term("Residual", "V - model: green where the model has too little, purple where it has too much");
    pub const NO_INPUT: &str = "The sound of this stream is not open";
    pub const ACTIVATIONS: &str = "Activations H, each scaled to its peak";
    pub const BASES: &str = "Bases W_t at their loudest, dB re max V";
    pub const SAVE_PANE: &str = "Save as figure…";
    pub const WARNINGS_HELP: &str = "Against the CNMF with the same settings: what is worse by more than 3 dB and by more than the target allows";

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

/// The list of runs.
pub mod runs {
    use super::{Measure, Term, grid, measure, metrics, term};

    pub const DIFFERENCES: Term = term("A and B differ in", "The settings in which the runs differ");
    pub const REPEATED: Term = term("Repeated seeds", "Means over runs that differ in the seed alone");
    pub const GRID: &str = "Grid";
    pub const CHOICE: &str = "Search for R and T";
    pub const STOP_GRID: &str = grid::STOP;
    pub const NONE: &str = "Runs that have ended and streams that were opened stand here";
    pub const BY_NUMBER: Term = term("Latest", "The latest first");
    pub const NAME: &str = "Run";
    pub const STATE: &str = "State";
    pub const BY_BYTES: Term = term(metrics::FILE.name, "The smallest first");
    pub const TIME: &str = metrics::TIME.name;
    pub const MORE: &str = "Double click renames, the other button offers more";
    pub const RENAME: &str = "Rename";
    pub const PIN: &str = "Pin";
    pub const UNPIN: &str = "Unpin";
    pub const PIN_HELP: &str = "A pinned run stands first and never makes room for newer ones";
    pub const DELETE: Term = term("Delete", "Undo brings it back");
    pub const NEW_NAME: &str = "Name of the run";
    pub const NONE_REPEATED: &str =
        "shown once there are runs that differ in the seed alone; a grid makes them";
    pub const REPEATED_HEADS: [&str; 3] = ["Runs", "Seeds", metrics::FILE.name];
    pub const NO_PAIR: &str = "shown once both columns hold a run that has ended";
    pub const NO_DIFFERENCE: &str = "nothing: the settings are the same";

    /// The head of a column that sorts by a measure.
    pub fn by(of: Measure) -> (&'static str, String) {
        let Term { name, help } = measure(of);
        (name, format!("Click: the best first. {help}"))
    }

    pub fn show_in_column(number: usize, lane: &str) -> String {
        format!("Show run {number} in column {lane}")
    }

    /// A run by its number and name.
    pub fn named(text: &str) -> String {
        format!("Run {text}")
    }

    pub fn repeated_help(input: &str) -> String {
        format!("{input}; mean and standard deviation over the seeds")
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

/// The map of R by T.
pub mod choose {
    use super::{Term, term};

    pub const TITLE: &str = "R and T for a budget";
    pub const WHAT_IT_DOES: &str = "SNMF rd in files of at most so many bytes, for several R and T, for sound also P: \
                                    which of them is the closest? The runs go into the list of runs.";
    pub const BUDGET: Term = term("Budget", "The most that an exported file may take, header included");
    pub const KBPS: Term = term("kbit/s", "Over the length of the sound");
    pub const BYTES: Term = term("bytes", "Of the whole file");
    pub const COMPONENTS: Term = term("Try R", super::grid::COMPONENTS.help);
    pub const LAGS: Term = term("Try T", super::grid::LAGS.help);
    pub const RUN: &str = "Search";
    pub const STOP: &str = "Stop the search";
    pub const ANOTHER_RUNS: &str = "A grid is running: stop it first";
    pub const NO_INPUT: &str = super::grid::NO_INPUT;
    pub const SEARCHED: &str =
        "Lists that are empty are searched: every second value first, then what is near the best.";
    pub const NOT_TRIED: &str = "not tried";
    pub const TOO_LARGE: &str = "not tried: many more numbers than the spectrogram has";
    pub const BEST: &str = "best";
    pub const NEAREST: &str = "nearest to the budget, which nothing meets";
    pub const OVER: &str = "more bytes than the budget";
    pub const CLICK: &str = "A click shows it in column B, Shift and click in A";

    /// The usual values of a list, as a hint.
    pub fn usual(values: &[usize]) -> String {
        values.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }

    pub fn at_most(bytes: &str) -> String {
        format!("at most {bytes} bytes")
    }

    /// A place of the map by its R and T.
    pub fn cell(components: usize, lags: usize) -> String {
        format!("R {components}, T {lags}")
    }

    pub fn summary(word: &str, cell: &str, bytes: &str) -> String {
        format!("{word}: {cell}, {bytes} bytes")
    }

    /// How far a search is; `more` where what comes out may ask for further runs.
    pub fn progress(done: usize, planned: usize, more: bool) -> String {
        format!("{done} of {planned} runs{}", if more { ", or more" } else { "" })
    }
}

/// The question about a path.
pub mod prompt {
    use crate::signal::wav;

    pub const WINDOW: &str = "Save the window as PNG";
    pub const DATA: &str = "Export the data of both lanes, into a .zip or a new folder";
    pub const ALL: &str = "Export data and figures of both lanes, into a .zip or a new folder";
    pub const SESSION: &str = "Save the session; sounds stay where they are";
    pub const BUNDLE: &str = "Save the session with its sounds, for another machine";
    /// In the order of what can be heard.
    pub const SOUNDS: [&str; 4] = [
        "Save the original as WAV",
        "Save the sound of A as WAV",
        "Save the sound of B as WAV",
        "Save the components as WAV",
    ];
    pub const ANSWERS: &str = "Save the answers as CSV";
    pub const FILE: &str = "File";
    pub const NO_NAME: &str = "Give the file a name";
    pub const END_IN_GZ: &str = "End the name in .snmf.gz";
    pub const END_IN_PNG: &str = "End the name in .png";
    pub const END_IN_WAV: &str = "End the name in .wav";
    pub const END_IN_CSV: &str = "End the name in .csv";
    pub const END_IN_SESSION: &str = "End the name in .session.json";
    pub const END_IN_BUNDLE: &str = "End the name in .bundle.zip";
    pub const IS_FOLDER: &str = "This is a folder: add a file name";
    pub const IS_TAKEN: &str = "A file of that name is there: choose another name, or replace it";
    pub const REPLACE: &str = "Replace the file that is there";
    pub const SAVE: &str = "Save";
    pub const BROWSE: &str = "Browse…";
    pub const CANCEL: &str = "Do not save";
    pub const SAMPLES: &str = "Samples";

    /// How samples of a WAV file are written.
    pub const fn samples(format: wav::Format) -> (&'static str, &'static str) {
        match format {
            wav::Format::F32 => ("32-bit float", "As they are"),
            wav::Format::Pcm16 => {
                ("16-bit integers", "What nearly every program reads; they end at full scale")
            }
            wav::Format::Pcm24 => ("24-bit integers", "Finer; they end at full scale"),
        }
    }

    pub fn factors(lane: &str) -> String {
        format!("Export the factors of lane {lane}")
    }
}

/// The dialog in which a figure is put together, and what is made in the background.
pub mod figures {
    use super::{Term, term};

    pub const HEADING: &str = "Figure";
    pub const SHOW: &str = "Show";
    pub const GRID: &str = "Both lanes side by side";
    pub const POSTER: &str = "Poster";
    pub const NO_SOUND: &str = "The sound of this stream is not open";
    pub const WIDTH: Term = term("Width (mm)", "Of the page; 85 and 180 fit most journals");
    pub const FONT: Term = term("Text (pt)", "Of labels; numbers at ticks are a little smaller");
    pub const DPI: Term = term("Dots in an inch", "Of a PNG, and of the picture that is copied");
    pub const TITLE: &str = "Title";
    pub const LETTERS: Term = term("Letters", "Call the panes (a), (b), ...");
    pub const DARK: Term = term("Light on dark", "Whatever the window looks like; else dark on white");
    pub const MEASURING: &str = "measuring the page";
    pub const ENDING: &str = "End the name in .pdf, .svg or .png";
    pub const SAVE: &str = "Save figure";
    pub const COPY: &str = "Copy as picture";
    pub const COPIED: &str = "Copied: the figure, as a picture";
    pub const CANCEL: &str = "Cancel export";
    pub const CANCELLED: &str = "cancelled, nothing was left behind";
    pub const WRITING: &str = "Writing the figure";
    pub const COPYING: &str = "Drawing the figure";
    pub const BUNDLING: &str = "Exporting";

    /// Size of the page, and of its picture.
    pub fn size(width: f64, height: f64, dpi: f64) -> String {
        let pixels = |mm: f64| mm / 25.4 * dpi;
        format!("{width:.0} x {height:.0} mm; as PNG {:.0} x {:.0} pixels", pixels(width), pixels(height))
    }

    pub fn written(bytes: usize, path: &str) -> String {
        format!("Exported {bytes} bytes to {path}")
    }

    pub fn not_exported(reason: &str) -> String {
        format!("Not exported: {reason}")
    }

    pub fn no_thread(reason: &str) -> String {
        format!("could not start a thread: {reason}")
    }

    pub fn failed(panic: &str) -> String {
        format!("the writer failed: {panic}")
    }
}

/// The bar that plays.
pub mod listening {
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

    pub fn several(count: usize, lane: &str) -> String {
        format!("{count} of {lane}")
    }

    pub fn one(component: usize, lane: &str) -> String {
        format!("{lane}'s {component}")
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

    pub fn no_factors(lane: &str) -> String {
        format!("lane {lane} has no factors yet")
    }

    pub fn all_muted(lane: &str) -> String {
        format!("all components of lane {lane} are muted")
    }

    pub fn lane_without_sound(lane: &str) -> String {
        format!("lane {lane} has no sound")
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
    use super::{Term, column, grid, measure, ratios};
    use crate::engine::{Measure, settings};

    #[test]
    fn symbols_and_ratios_are_defined_with_the_equation_of_the_poster() {
        let of = |Term { name, help }: Term| (name, help);
        let defined = [
            ("R", settings::COMPONENTS.help, "eq. 2"),
            ("R", grid::COMPONENTS.help, "eq. 2"),
            ("R parts", column::SHAPE_HELP, "eq. 2"),
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
        for (name, help) in [ratios::TEXT, ratios::BINARY, ratios::AUDIO].map(of) {
            assert!(help.starts_with("How many times fewer") && help.contains("eq. 13"), "{name}: {help}");
        }
    }

    #[test]
    fn a_definition_is_one_clause_without_a_full_stop() {
        let terms = [
            measure(Measure::Snr),
            measure(Measure::Kld),
            measure(Measure::SqrtSnr),
            measure(Measure::Lsd),
            ratios::TEXT,
            ratios::BINARY,
            ratios::AUDIO,
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
    fn one_is_told_from_many() {
        assert_eq!([0, 1, 2].map(|n| super::counted(n, super::RUN)), ["0 runs", "1 run", "2 runs"]);
    }
}
