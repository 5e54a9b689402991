//! The table of settings: one row a setting of a run, which flags, the copied command line, the controls of the window and
//! the list of runs read.
//!
//! To add a setting, give it a field and its default in [`SpecDraft`] and a row here.

use super::draft::SpecDraft;
use super::error::SpecError;
use super::setting::{Drag, Field, Group, Listed, Setting, SettingChoice, SettingKind};
use crate::numeric::magnitudes::POWERS;
use crate::numeric::{HRule, Init, Loss, Metric, Named, Precision, RunSpec, WRule};
use crate::signal::Window;

/// A field that is set as it is.
macro_rules! field {
    ($name:ident) => {
        Field { get: |draft: &SpecDraft| draft.$name, set: |draft: &mut SpecDraft, to| draft.$name = to }
    };
}

/// A field that is one of the values of a type; `$describe` gives the label of a value and its tooltip.
macro_rules! choice {
    ($name:ident, $type:ty, $describe:expr) => {
        SettingKind::Choice(SettingChoice {
            count: <$type>::ALL.len(),
            get: |draft| <$type>::ALL.iter().position(|value| *value == draft.$name).unwrap_or(0),
            set: |draft, to| draft.$name = <$type>::ALL[to],
            name: |at| <$type>::ALL[at].name(),
            describe: |at| $describe(<$type>::ALL[at]),
        })
    };
}

/// What most settings are.
const USUAL: Setting = Setting {
    flag: "",
    short: None,
    value_name: None,
    label: "",
    unit: "",
    help: "",
    tip: None,
    group: Group::Updates,
    kind: SettingKind::Switch(field!(plain), ["", ""]),
    listed: Listed::AsSet,
    excludes: &[],
};

/// A share, or a probability.
const SHARE: Drag = Drag { range: 0.0..=1.0, speed: 0.01, decimals: 2, refused: |_| None };

fn no_share(name: &'static str, got: f64) -> Option<SpecError> {
    (!(0.0..=1.0).contains(&got)).then_some(SpecError::NoShare { name, got })
}

/// A row a setting, in the order of a command line.
pub static ALL: [&Setting; 23] = [
    &COMPONENTS,
    &LAGS,
    &ITERATIONS,
    &SEED,
    &FFT,
    &HOP,
    &WINDOW,
    &PRECISION,
    &PLAIN,
    &H_RULE,
    &W_RULE,
    &INIT,
    &TOLERANCE,
    &LAMBDA,
    &MAX_LOSS_DB,
    &MAX_BYTES,
    &POWER,
    &LOSS,
    &METRIC,
    &LEVELS,
    &RENEW,
    &PROPOSALS,
    &P,
];

pub static COMPONENTS: Setting = Setting {
    flag: "components",
    short: Some('r'),
    label: "Components R",
    help: "R: how many components add up to the model (eq. 2)",
    group: Group::Size,
    kind: SettingKind::Whole(field!(components), 1..=2_000),
    ..USUAL
};

pub static LAGS: Setting = Setting {
    flag: "lags",
    short: Some('t'),
    label: "Lags T",
    unit: "frames",
    help: "T: how many frames a basis spans; 1 is plain NMF (eq. 2)",
    group: Group::Size,
    kind: SettingKind::Whole(field!(lags), 1..=1_000),
    ..USUAL
};

pub static ITERATIONS: Setting = Setting {
    flag: "iterations",
    short: Some('i'),
    label: "Iterations",
    help: "How many times H and W are updated (eq. 3)",
    group: Group::Learning,
    kind: SettingKind::Whole(field!(iterations), 1..=1_000_000),
    ..USUAL
};

pub static SEED: Setting = Setting {
    flag: "seed",
    label: "Seed",
    help: "Seed of the start; the same seed gives the same bytes on CPUs with the same vector instructions",
    tip: Some("Seed of the start; the same seed gives the same result on this machine"),
    group: Group::Learning,
    kind: SettingKind::Count(field!(seed)),
    ..USUAL
};

pub static FFT: Setting = Setting {
    flag: "fft",
    label: "FFT size",
    help: "Samples in one analysis frame, or its length, such as 30ms; F samples make F/2 + 1 bins [default: 1024, for sound 30ms]",
    tip: Some("Length of one analysis frame; F samples make F/2 + 1 bins"),
    group: Group::Analysis,
    kind: SettingKind::Span(field!(fft), 16),
    ..USUAL
};

pub static HOP: Setting = Setting {
    flag: "hop",
    label: "Hop",
    help: "Samples from one frame to the next, or the time, such as 10ms; not more than the FFT size [default: 512, for sound 10ms]",
    tip: Some("From one frame to the next; not more than the FFT size"),
    group: Group::Analysis,
    kind: SettingKind::Span(field!(hop), 1),
    ..USUAL
};

pub static WINDOW: Setting = Setting {
    flag: "window",
    label: "Window",
    help: "Analysis window: hann, hamming, blackman, rectangular",
    tip: Some("Shape of an analysis frame"),
    group: Group::Analysis,
    kind: choice!(window, Window, |window: Window| (window.name(), "")),
    ..USUAL
};

pub static PRECISION: Setting = Setting {
    flag: "precision",
    label: "Precision",
    help: "Element type of the computation: f32, f64",
    tip: Some("Element type of the computation"),
    group: Group::Learning,
    kind: SettingKind::Choice(SettingChoice {
        count: Precision::ALL.len(),
        get: |draft| usize::from(draft.double),
        set: |draft, to| draft.double = Precision::ALL[to] == Precision::F64,
        name: |at| Precision::ALL[at].name(),
        describe: |at| (Precision::ALL[at].name(), ""),
    }),
    ..USUAL
};

pub static PLAIN: Setting = Setting {
    flag: "plain",
    label: "Kind",
    help: "Plain multiplicative updates, without acceleration",
    tip: Some(
        "Accelerated updates reach the same divergence in far fewer iterations; plain ones are (eq. 3)",
    ),
    kind: SettingKind::Switch(field!(plain), ["accelerated", "plain"]),
    listed: Listed::As("Updates", |run| {
        Some(if run.is_accelerated() { "accelerated" } else { "plain" }.to_owned())
    }),
    ..USUAL
};

pub static H_RULE: Setting = Setting {
    flag: "h-rule",
    value_name: Some("RULE"),
    label: "H rule",
    help: "Update of H: joint, average (the poster's; D may rise); other than joint, updates are plain",
    tip: Some(
        "Joint: one quotient over all lags, never raises D. Average: the poster's (eq. 3), D may rise; plain only",
    ),
    kind: choice!(h_rule, HRule, |rule: HRule| (rule.name(), "")),
    ..USUAL
};

pub static W_RULE: Setting = Setting {
    flag: "w-rule",
    value_name: Some("RULE"),
    label: "W rule",
    help: "Update of W: simultaneous, sequential (lag by lag); other than simultaneous, updates are plain",
    tip: Some("Simultaneous: all lags from one Vhat. Sequential: one lag after the other; plain only"),
    kind: choice!(w_rule, WRule, |rule: WRule| (rule.name(), "")),
    ..USUAL
};

pub static INIT: Setting = Setting {
    flag: "init",
    value_name: Some("START"),
    label: "Start",
    help: "Start of the factors: random, svd",
    tip: Some("Random: by the seed. SVD: positive parts of the singular vectors of T frames together"),
    kind: choice!(init, Init, |init: Init| (init.name(), "")),
    ..USUAL
};

pub static TOLERANCE: Setting = Setting {
    flag: "tolerance",
    value_name: Some("SHARE"),
    label: "Tolerance",
    help: "End once D falls by less than this fraction of itself in ten iterations; 0 for never",
    tip: Some(
        "The run ends once D falls by less than this fraction of itself in ten iterations; 0 for never",
    ),
    kind: SettingKind::Real(
        field!(tolerance),
        Drag {
            range: 0.0..=0.5,
            speed: 1e-4,
            decimals: 6,
            refused: |got| (!(0.0..1.0).contains(&got)).then_some(SpecError::Tolerance { got }),
        },
    ),
    ..USUAL
};

pub static LAMBDA: Setting = Setting {
    flag: "lambda",
    label: "Lambda",
    help: "Price of a bit for snmf-rd, relative to the energy of V or in units of KLD [default: searched]",
    tip: Some(
        "Lambda: the price of a bit in what SNMF rd makes small, D + lambda x bits, where D is the squared error \
         relative to the energy of V, or KLD (eq. 1); the higher, the smaller the file",
    ),
    group: Group::Target,
    kind: SettingKind::OptionalReal(field!(lambda)),
    listed: Listed::As("Target", |run| run.target.map(|target| target.to_string())),
    ..USUAL
};

pub static MAX_LOSS_DB: Setting = Setting {
    flag: "max-loss-db",
    value_name: Some("DB"),
    label: "Largest loss",
    help: "Largest loss of a quantised model against the CNMF that it comes from, in dB, in each measure that --loss \
           names [default for snmf-rd: 0.4, with --metric snr 0.3, with --loss snr 1]",
    tip: Some(
        "At most so many dB worse than the CNMF that is quantised, in each measure that the loss counts",
    ),
    group: Group::Target,
    kind: SettingKind::OptionalReal(field!(max_loss_db)),
    listed: Listed::Never,
    excludes: &["lambda"],
    ..USUAL
};

pub static MAX_BYTES: Setting = Setting {
    flag: "max-bytes",
    value_name: Some("B"),
    label: "Most bytes",
    help: "Largest exported file of a quantised model, in bytes",
    tip: Some("At most so many bytes in the exported file, header included"),
    group: Group::Target,
    kind: SettingKind::OptionalCount(field!(max_bytes)),
    listed: Listed::Never,
    excludes: &["lambda", "max-loss-db"],
    ..USUAL
};

pub static POWER: Setting = Setting {
    flag: "power",
    value_name: Some("P"),
    label: "Power P",
    help: "Factorise V^P instead of V, with P from 0.2 to 1 [default: 1, for sound 0.5]",
    tip: Some(
        "The magnitudes are factorised as V^P: 1 is V itself, 0.5 is √V, which gives quiet parts more weight, as the \
         ear does; the model of V is the sum to the power 1/P",
    ),
    group: Group::Purpose,
    kind: SettingKind::Real(
        field!(power),
        Drag {
            range: POWERS,
            speed: 0.005,
            decimals: 2,
            refused: |got| (!POWERS.contains(&got)).then_some(SpecError::Power { got }),
        },
    ),
    listed: Listed::As("Power P", |run| Some(power_text(run.power))),
    ..USUAL
};

pub static LOSS: Setting = Setting {
    flag: "loss",
    label: "Loss counts",
    help: "Measures that --max-loss-db limits: all (each of the SNR of V, the SNR of √V and D) or snr (the SNR of V \
           alone) [default: all, for poster snr]",
    tip: Some("The measures in which a model may lose no more than the target allows"),
    group: Group::Purpose,
    kind: choice!(loss, Loss, |loss: Loss| (loss.label(), loss.description())),
    listed: Listed::Never,
    ..USUAL
};

pub static METRIC: Setting = Setting {
    flag: "metric",
    label: "Metric",
    help: "Distortion of V^P that quantisation makes small: kld, snr [default: kld, for sound and poster snr]",
    tip: Some(
        "The distortion of V^P that quantisation makes small: SNMF rd weighs it against bits, and a file of at most so \
         many bytes has the least of it",
    ),
    group: Group::Purpose,
    kind: choice!(metric, Metric, |metric: Metric| (metric.label(), metric.description())),
    listed: Listed::As("Metric", |run| run.metric.map(|metric| metric.label().to_owned())),
    ..USUAL
};

pub static LEVELS: Setting = Setting {
    flag: "levels",
    value_name: Some("W,H"),
    label: "Levels",
    help: "Quantisation levels of W and H [default: 128,85 for rounding, 150,20 for snmf-poster]",
    tip: Some(
        "How many steps the largest element of a component spans (eq. 6), for rounding and for the poster's method; \
         otherwise the usual levels of each, or those that meet the target",
    ),
    group: Group::Target,
    kind: SettingKind::Levels(field!(levels)),
    listed: Listed::Never,
    ..USUAL
};

pub static RENEW: Setting = Setting {
    flag: "renew",
    value_name: Some("SHARE"),
    label: "Renew",
    help: "Share of the iterations of snmf-poster, from the first, that set the step sizes again",
    tip: Some(
        "Share of the iterations, from the first, that set the step sizes again; D may rise there and never after",
    ),
    group: Group::Renewal,
    kind: SettingKind::Real(field!(renew), Drag { refused: |got| no_share("renew", got), ..SHARE }),
    listed: Listed::As("Poster's rules", posters_rules),
    ..USUAL
};

pub static PROPOSALS: Setting = Setting {
    flag: "proposals",
    value_name: Some("C"),
    label: "Proposals",
    help: "Roundings that snmf-poster compares in each update: the plain one, and random ones (eq. 10)",
    group: Group::Poster,
    kind: SettingKind::Whole(field!(proposals), 1..=64),
    listed: Listed::Never,
    ..USUAL
};

pub static P: Setting = Setting {
    flag: "p",
    label: "p",
    help: "Probability that a random proposal of snmf-poster lowers an integer by one (10)",
    tip: Some("Probability that the first random proposal lowers an integer by one (eq. 10)"),
    group: Group::Poster,
    kind: SettingKind::Real(field!(p), Drag { refused: |got| no_share("p", got), ..SHARE }),
    listed: Listed::Never,
    ..USUAL
};

/// P, and what V^P is where that has a name.
fn power_text(power: f64) -> String {
    if power == 1.0 {
        "1 (V itself)".to_owned()
    } else if power == 0.5 {
        "0.5 (√V)".to_owned()
    } else {
        power.to_string()
    }
}

fn posters_rules(run: &RunSpec) -> Option<String> {
    let rules = run.poster;
    let text = || format!("renew {}, {} proposals, p {}", rules.renew, rules.proposals, rules.p);
    run.method.row().has_poster_rules.then(text)
}

/// The settings of a group, in the order of the table.
pub fn of(group: Group) -> impl Iterator<Item = &'static Setting> {
    ALL.into_iter().filter(move |setting| setting.group == group)
}
