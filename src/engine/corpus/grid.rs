//! A grid over the rows of the table of settings, and the runs that it makes of one draft.

use std::collections::BTreeMap;

use super::error::CorpusError;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::framing::Framing;
use crate::engine::settings::grid;
use crate::engine::settings::setting::{Setting, SettingKind};
use crate::engine::settings::table;
use crate::numeric::{Method, RunSpec};

/// Runs on a sound at most.
const MOST_RUNS: usize = 1_000;

/// The name of the one axis that is no row of the table.
const METHOD: &str = "method";

/// Settings by the names of their flags, with their values as flags say them.
pub type FlagValues = BTreeMap<String, String>;

/// A setting and the values that it takes in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridAxis {
    name: &'static str,
    values: Vec<String>,
}

fn setting(name: &str) -> Option<&'static Setting> {
    let is_short = |setting: &Setting| setting.short.is_some_and(|short| name == short.to_string());
    table::ALL.into_iter().find(|setting| setting.flag == name || is_short(setting))
}

impl GridAxis {
    /// Reads `r=10,20`, `seed=0-4`, `method=cnmf,snmf-rd` or, where values have commas, `levels=128,85/64,40`.
    ///
    /// # Errors
    /// An unknown setting, or a value that it does not take.
    pub fn parse(word: &str) -> Result<Self, CorpusError> {
        let axis = || {
            let settings = table::ALL.map(|setting| setting.flag).join(", ");
            CorpusError::Axis { got: word.to_owned(), settings }
        };
        let (name, list) = word.split_once('=').filter(|(_, list)| !list.is_empty()).ok_or_else(axis)?;
        if name == METHOD {
            return Ok(Self::of(METHOD, list.split(',')));
        }
        let setting = setting(name).ok_or_else(axis)?;
        Ok(match setting.kind {
            SettingKind::Whole(..) | SettingKind::Count(_) | SettingKind::OptionalCount(_) => {
                let values = grid::whole(setting.flag, "10,20 or 0-4", list)?;
                Self { name: setting.flag, values: values.iter().map(u64::to_string).collect() }
            }
            SettingKind::Levels(_) => Self::of(setting.flag, list.split('/')),
            SettingKind::Span(..)
            | SettingKind::Real(..)
            | SettingKind::Switch(..)
            | SettingKind::Choice(_)
            | SettingKind::OptionalReal(_) => Self::of(setting.flag, list.split(',')),
        })
    }

    fn of<'a>(name: &'static str, values: impl Iterator<Item = &'a str>) -> Self {
        Self { name, values: values.map(str::to_owned).collect() }
    }

    /// The setting by its flag.
    pub const fn name(&self) -> &'static str {
        self.name
    }
}

/// The one run that a draft becomes with these settings.
///
/// # Errors
/// A value that its setting does not take, or a draft that cannot be run.
pub fn run(draft: &SpecDraft, settings: &FlagValues) -> Result<(SpecDraft, Framing, RunSpec), CorpusError> {
    let mut draft = draft.clone();
    for (name, value) in settings {
        let refused = |name, reason| CorpusError::Value { name, reason, got: value.clone() };
        if name == METHOD {
            let names = || format!("expected one of {}", Method::ALL.map(Method::name).join(", "));
            draft.methods = vec![Method::parse(value).ok_or_else(|| refused(METHOD, names()))?];
        } else if let Some(setting) = setting(name) {
            setting.kind.parse(&mut draft, value).map_err(|reason| refused(setting.flag, reason))?;
        }
    }
    let experiment = draft.parse()?;
    let run = experiment.runs.into_iter().next().ok_or(SpecError::NoMethod)?;
    Ok((draft, experiment.framing, run))
}

/// What differs between the runs of a grid around a draft, a map a run: those that share an analysis, or what they learn,
/// next to each other. Settings that make no difference to a method do not repeat it.
///
/// # Errors
/// A value that its setting does not take, a draft that cannot be run, or too many of them.
pub fn runs(draft: &SpecDraft, axes: &[GridAxis]) -> Result<Vec<FlagValues>, CorpusError> {
    let methods = GridAxis::of(METHOD, draft.methods.iter().map(|method| method.name()));
    let (own, mut axes): (Vec<GridAxis>, Vec<GridAxis>) =
        axes.iter().cloned().partition(|axis| axis.name == METHOD);
    axes.extend(if own.is_empty() { vec![methods] } else { own });
    if let Some(again) = (1..axes.len()).find(|i| axes[..*i].iter().any(|axis| axis.name == axes[*i].name)) {
        return Err(CorpusError::Twice { name: axes[again].name });
    }
    let got = axes.iter().map(|axis| axis.values.len()).fold(1, usize::saturating_mul);
    if got > MOST_RUNS {
        return Err(CorpusError::TooMany { got, most: MOST_RUNS });
    }
    let mut all = vec![FlagValues::new()];
    for axis in &axes {
        let with = |before: &FlagValues, value: &String| {
            let mut settings = before.clone();
            settings.insert(axis.name.to_owned(), value.clone());
            settings
        };
        all = all.iter().flat_map(|before| axis.values.iter().map(|value| with(before, value))).collect();
    }
    let mut known: Vec<(Framing, RunSpec)> = Vec::new();
    let mut kept: Vec<([usize; 2], FlagValues)> = Vec::new();
    for settings in all {
        let (_, framing, spec) = run(draft, &settings)?;
        if known.contains(&(framing, spec.clone())) {
            continue;
        }
        let analysed = known.iter().position(|(other, _)| *other == framing).unwrap_or(known.len());
        let learned = known.iter().position(|(_, other)| other.learning() == spec.learning());
        kept.push(([analysed, learned.unwrap_or(known.len())], settings));
        known.push((framing, spec));
    }
    kept.sort_by_key(|(group, _)| *group);
    Ok(kept.into_iter().map(|(_, settings)| settings).collect())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;

    fn grid(words: &[&str]) -> Result<Vec<FlagValues>, CorpusError> {
        let axes = words.iter().map(|word| GridAxis::parse(word)).collect::<Result<Vec<_>, _>>()?;
        runs(&SpecDraft::default(), &axes)
    }

    #[test]
    fn a_grid_has_every_run_once_and_neighbours_share_what_they_learn() {
        let runs = grid(&["lambda=1e-5,1e-4", "r=4,8", "seed=0-1", "method=snmf-rd,cnmf"]).unwrap();
        let words = |settings: &FlagValues| settings.values().cloned().collect::<Vec<_>>().join(" ");
        // CNMF has no price, and so is there once for each R and seed.
        let first: Vec<String> = runs.iter().take(4).map(words).collect();
        assert_eq!(first, ["4 1e-5 snmf-rd 0", "4 1e-5 cnmf 0", "4 1e-4 snmf-rd 0", "4 1e-5 snmf-rd 1"]);
        assert_eq!(runs.len(), 12);
        assert_eq!(grid(&["levels=128,85/64,40", "method=ptq-global"]).unwrap().len(), 2);
    }

    #[test]
    fn what_cannot_be_run_is_refused_with_the_name_of_the_setting() {
        for (words, expected) in [
            (["size=3", "r=1"], "expected a setting and its values, such as r=10,20 or seed=0-4, got size=3"),
            (["r=", "t=1"], "got r="),
            (["r=2", "components=3"], "components is given twice"),
            (["method=nmf", "t=1"], "method: expected one of cnmf"),
            (["seed=4-0", "t=1"], "seed: expected values such as 10,20 or 0-4, got 4-0"),
            (["r=0", "t=1"], "components: expected 1 to 2000, got 0"),
            (["seed=0-99", "r=1-90"], "a grid of 18000 runs on each sound: expected at most 1000"),
        ] {
            let error = grid(&words).unwrap_err().to_string();
            assert!(error.contains(expected), "{words:?}: {error}");
        }
    }
}
