//! What a row of the table of settings says, and how a value is read, written and checked by it.

use std::ops::RangeInclusive;

use super::draft::SpecDraft;
use super::error::SpecError;
use super::framing::Span;
use crate::numeric::RunSpec;

/// One row: a setting of a run or of the analysis.
pub struct Setting {
    /// The long flag without its dashes; also the name in messages.
    pub flag: &'static str,
    pub short: Option<char>,
    /// What stands for the value in help; the flag in capitals where it is none.
    pub value_name: Option<&'static str>,
    /// What stands beside the control.
    pub label: &'static str,
    /// Unit, or nothing.
    pub unit: &'static str,
    /// One sentence that defines it, for the command line; the default is added where it does not name one.
    pub help: &'static str,
    /// The same for the window, where that is another one.
    pub tip: Option<&'static str>,
    /// The settings that it stands among.
    pub group: Group,
    /// Where its value is and what it may be.
    pub kind: SettingKind,
    /// How the list of runs shows it.
    pub listed: Listed,
    /// Flags of the settings that cannot be given with it.
    pub excludes: &'static [&'static str],
}

/// Settings that stand together: in help, in the window, and on the commands that have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Of the spectrogram.
    Analysis,
    /// R and T.
    Size,
    /// How long, from where and how precisely factors are learned.
    Learning,
    /// How they are updated.
    Updates,
    /// What integers are chosen by, which a purpose sets.
    Purpose,
    /// What a storable method is after.
    Target,
    /// Of the poster's method, where its levels are given.
    Renewal,
    /// Of the poster's method.
    Poster,
}

/// How the list of runs shows a setting.
pub enum Listed {
    /// Under its label, as it is set.
    AsSet,
    /// Under this name, as this says of a run; not where it says nothing.
    As(&'static str, fn(&RunSpec) -> Option<String>),
    /// Not, or together with another one.
    Never,
}

/// Where the value of a setting is.
pub struct Field<T> {
    pub get: fn(&SpecDraft) -> T,
    pub set: fn(&mut SpecDraft, T),
}

/// How a number is dragged in the window, and what it may be.
pub struct Drag {
    /// The values that can be reached.
    pub range: RangeInclusive<f64>,
    /// The change of a point of the screen.
    pub speed: f64,
    /// Digits after the point at most.
    pub decimals: usize,
    /// What is wrong with a value, if anything is.
    pub refused: fn(f64) -> Option<SpecError>,
}

/// A setting that is one of several values, each with a number from 0.
pub struct SettingChoice {
    pub count: usize,
    pub get: fn(&SpecDraft) -> usize,
    pub set: fn(&mut SpecDraft, usize),
    /// The name of a value on the command line.
    pub name: fn(usize) -> &'static str,
    /// Its label in the window, and what that means.
    pub describe: fn(usize) -> (&'static str, &'static str),
}

/// What a setting may be.
pub enum SettingKind {
    /// A whole number in a range, which keeps a typing slip from asking for more memory than any machine has.
    Whole(Field<usize>, RangeInclusive<usize>),
    /// At least so many samples, or milliseconds.
    Span(Field<Span>, usize),
    Count(Field<u64>),
    Real(Field<f64>, Drag),
    /// On or off, with the names of both, off first.
    Switch(Field<bool>, [&'static str; 2]),
    Choice(SettingChoice),
    /// A number above 0, or none.
    OptionalReal(Field<Option<f64>>),
    /// A whole number above 0, or none.
    OptionalCount(Field<Option<u64>>),
    /// Levels of W and of H, or none.
    Levels(Field<Option<(u32, u32)>>),
}

/// Sets a field to what is written.
fn set<T: std::str::FromStr>(text: &str, set: impl FnOnce(T)) -> Result<(), String>
where
    T::Err: ToString,
{
    text.parse().map(set).map_err(|e: T::Err| e.to_string())
}

impl SettingKind {
    /// Sets it to what a flag says.
    pub fn parse(&self, draft: &mut SpecDraft, text: &str) -> Result<(), String> {
        match self {
            Self::Whole(field, _) => set(text, |value| (field.set)(draft, value)),
            Self::Span(field, _) => set(text, |value| (field.set)(draft, value)),
            Self::Count(field) => set(text, |value| (field.set)(draft, value)),
            Self::Real(field, _) => set(text, |value| (field.set)(draft, value)),
            Self::Switch(field, _) => set(text, |value| (field.set)(draft, value)),
            Self::OptionalReal(field) => set(text, |value| (field.set)(draft, Some(value))),
            Self::OptionalCount(field) => set(text, |value| (field.set)(draft, Some(value))),
            Self::Choice(SettingChoice { count, name, set, .. }) => {
                let place = (0..*count).find(|at| name(*at) == text);
                let names = || (0..*count).map(name).collect::<Vec<_>>();
                let expected = || match names()[..] {
                    [a, b] => format!("expected {a} or {b}"),
                    ref names => format!("expected one of {}", names.join(", ")),
                };
                place.map(|at| set(draft, at)).ok_or_else(expected)
            }
            Self::Levels(field) => {
                let pair = text.split_once(',').and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
                let expected = || "expected two whole numbers with a comma, such as 128,85".to_owned();
                pair.map(|pair| (field.set)(draft, Some(pair))).ok_or_else(expected)
            }
        }
    }

    /// The value as a flag says it; nothing for none.
    pub fn text(&self, draft: &SpecDraft) -> Option<String> {
        match self {
            Self::Whole(field, _) => Some((field.get)(draft).to_string()),
            Self::Span(field, _) => Some((field.get)(draft).to_string()),
            Self::Count(field) => Some((field.get)(draft).to_string()),
            Self::Real(field, _) => Some((field.get)(draft).to_string()),
            Self::Switch(field, names) => Some(names[usize::from((field.get)(draft))].to_owned()),
            Self::Choice(choice) => Some((choice.name)((choice.get)(draft)).to_owned()),
            Self::OptionalReal(field) => (field.get)(draft).map(|value| value.to_string()),
            Self::OptionalCount(field) => (field.get)(draft).map(|value| value.to_string()),
            Self::Levels(field) => (field.get)(draft).map(|(w, h)| format!("{w},{h}")),
        }
    }

    /// Sets it to what `from` has.
    pub fn copy(&self, draft: &mut SpecDraft, from: &SpecDraft) {
        match self {
            Self::Whole(field, _) => (field.set)(draft, (field.get)(from)),
            Self::Span(field, _) => (field.set)(draft, (field.get)(from)),
            Self::Count(field) => (field.set)(draft, (field.get)(from)),
            Self::Real(field, _) => (field.set)(draft, (field.get)(from)),
            Self::Switch(field, _) => (field.set)(draft, (field.get)(from)),
            Self::Choice(choice) => (choice.set)(draft, (choice.get)(from)),
            Self::OptionalReal(field) => (field.set)(draft, (field.get)(from)),
            Self::OptionalCount(field) => (field.set)(draft, (field.get)(from)),
            Self::Levels(field) => (field.set)(draft, (field.get)(from)),
        }
    }
}

impl Setting {
    pub const fn tip(&self) -> &'static str {
        match self.tip {
            Some(tip) => tip,
            None => self.help,
        }
    }

    /// The default as a flag says it; nothing where there is none.
    pub fn default(&self) -> Option<String> {
        self.kind.text(&SpecDraft::default())
    }

    /// The flag of a command line that sets it to what the draft has; nothing where `usual` has the same.
    pub fn words(&self, draft: &SpecDraft, usual: &SpecDraft) -> Option<String> {
        let value = self.kind.text(draft).filter(|value| Some(value) != self.kind.text(usual).as_ref())?;
        let flag = self.short.map_or_else(|| format!("--{}", self.flag), |short| format!("-{short}"));
        Some(if matches!(self.kind, SettingKind::Switch(..)) { flag } else { format!("{flag} {value}") })
    }

    /// Its name in the list of runs and its value in a run, whose settings are those of `draft` too.
    pub fn of_run(&self, run: &RunSpec, draft: &SpecDraft) -> Option<(&'static str, String)> {
        match self.listed {
            Listed::AsSet => Some((self.label, self.kind.text(draft)?)),
            Listed::As(name, of_run) => Some((name, of_run(run)?)),
            Listed::Never => None,
        }
    }

    pub fn check(&self, draft: &SpecDraft) -> Result<(), SpecError> {
        let name = self.flag;
        match &self.kind {
            SettingKind::Whole(field, range) => in_range(name, (field.get)(draft), range),
            SettingKind::Span(field, least) => {
                let span = (field.get)(draft);
                in_range(name, span.parts().0, &(span.least(*least)..=span.most()))
            }
            SettingKind::OptionalReal(field) => match (field.get)(draft) {
                Some(got) if !(got > 0.0 && got.is_finite()) => Err(SpecError::NotPositive { name, got }),
                Some(_) | None => Ok(()),
            },
            SettingKind::OptionalCount(field) => match (field.get)(draft) {
                Some(0) => Err(SpecError::NotPositive { name, got: 0.0 }),
                Some(_) | None => Ok(()),
            },
            SettingKind::Levels(field) => match (field.get)(draft) {
                Some((w, h)) if w == 0 || h == 0 => Err(SpecError::NoLevels { w, h }),
                Some(_) | None => Ok(()),
            },
            SettingKind::Real(field, drag) => (drag.refused)((field.get)(draft)).map_or(Ok(()), Err),
            SettingKind::Count(_) | SettingKind::Switch(..) | SettingKind::Choice(_) => Ok(()),
        }
    }
}

fn in_range(name: &'static str, got: usize, range: &RangeInclusive<usize>) -> Result<(), SpecError> {
    let (min, max) = (*range.start(), *range.end());
    if range.contains(&got) { Ok(()) } else { Err(SpecError::OutOfRange { name, min, max, got }) }
}
