//! A small grid of experiments: every combination of some values of R, T, the price of a bit and the seed.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::draft::SpecDraft;
use super::error::SpecError;
use crate::numeric::RunSpec;

/// Runs of a grid at most: as many as the list of runs keeps.
pub const MOST_RUNS: usize = 100;

/// The values as they are typed: numbers with commas between them, and ranges of whole numbers such as `0-4`. What is
/// left empty stays as the settings have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GridDraft {
    pub components: String,
    pub lags: String,
    /// Prices of a bit, for the methods that have one.
    pub lambdas: String,
    /// Seeds: runs that differ in nothing else are shown as a mean.
    pub seeds: String,
}

/// A grid that cannot be run.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum GridError {
    #[error("{name}: expected values such as {example}, got {got}")]
    Value { name: &'static str, example: &'static str, got: String },
    #[error("a grid of {got} runs: expected at most {MOST_RUNS}")]
    TooMany { got: usize },
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl GridDraft {
    /// Every run of the grid around these settings, those next to each other that share what they learn. Settings
    /// that make no difference to a method do not repeat it.
    pub fn parse(&self, draft: &SpecDraft) -> Result<Vec<RunSpec>, GridError> {
        let components = whole("R", "5, 10, 20", &self.components)?;
        let lags = whole("T", "1, 4, 8", &self.lags)?;
        let seeds = whole("seeds", "0-4", &self.seeds)?;
        let lambdas = numbers(&self.lambdas)?;
        let or = |values: Vec<u64>, usual: u64| if values.is_empty() { vec![usual] } else { values };
        let components = or(components, draft.components as u64);
        let (lags, seeds) = (or(lags, draft.lags as u64), or(seeds, draft.seed));
        let lambdas = if lambdas.is_empty() { vec![None] } else { lambdas.into_iter().map(Some).collect() };
        let counts = [components.len(), lags.len(), seeds.len(), lambdas.len(), draft.methods.len()];
        // Before any of them is made; methods without a price share their runs, hence the room.
        let got = counts.into_iter().fold(1, usize::saturating_mul);
        if got > MOST_RUNS * draft.methods.len().max(1) {
            return Err(GridError::TooMany { got });
        }
        let mut runs: Vec<RunSpec> = Vec::new();
        for &components in &components {
            for &lags in &lags {
                for &seed in &seeds {
                    for lambda in &lambdas {
                        let size = |x: u64| usize::try_from(x).unwrap_or(usize::MAX);
                        let (components, lags) = (size(components), size(lags));
                        let mut one = SpecDraft { components, lags, seed, ..draft.clone() };
                        if lambda.is_some() {
                            (one.lambda, one.max_loss_db, one.max_bytes) = (*lambda, None, None);
                        }
                        for run in one.parse()?.runs {
                            if !runs.contains(&run) {
                                runs.push(run);
                            }
                        }
                    }
                }
            }
        }
        if runs.len() > MOST_RUNS { Err(GridError::TooMany { got: runs.len() }) } else { Ok(runs) }
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty())
}

/// Whole numbers and ranges of them.
pub(in crate::engine) fn whole(
    name: &'static str,
    example: &'static str,
    text: &str,
) -> Result<Vec<u64>, GridError> {
    let wrong = |word: &str| GridError::Value { name, example, got: word.to_owned() };
    let mut values = Vec::new();
    for word in words(text) {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (Ok(first), Ok(last)) = (u64::from_str(first), u64::from_str(last)) else {
            return Err(wrong(word));
        };
        if first > last {
            return Err(wrong(word));
        }
        if last - first >= MOST_RUNS as u64 {
            return Err(GridError::TooMany { got: usize::try_from(last - first).unwrap_or(usize::MAX) });
        }
        values.extend(first..=last);
    }
    Ok(values)
}

fn numbers(text: &str) -> Result<Vec<f64>, GridError> {
    let number = |word: &str| {
        let wrong = GridError::Value { name: "lambda", example: "1e-7, 1e-6", got: word.to_owned() };
        f64::from_str(word).ok().filter(|x| x.is_finite()).ok_or(wrong)
    };
    words(text).map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::{Method, QuantParams, QuantTarget};

    fn grid(components: &str, lags: &str, lambdas: &str, seeds: &str) -> GridDraft {
        let [components, lags, lambdas, seeds] = [components, lags, lambdas, seeds].map(str::to_owned);
        GridDraft { components, lags, lambdas, seeds }
    }

    #[test]
    fn every_combination_is_there_once() {
        let runs = grid("2, 4", "1 3", "1e-6,1e-5", "0-2").parse(&SpecDraft::default()).unwrap();
        // CNMF has no price: two sizes, two lengths and three seeds of it, and twice as many of SNMF.
        let of = |method| runs.iter().filter(|run| run.method == method).count();
        assert_eq!((of(Method::CNMF), of(Method::SNMF_RD)), (12, 24));
        let found = |r: usize, t: usize, seed: u64, lambda: f64| {
            runs.iter().filter(move |run| {
                let target = Some(QuantTarget::Fixed(QuantParams::Lambda(lambda)));
                (run.components, run.lags, run.seed, run.target) == (r, t, seed, target)
            })
        };
        assert_eq!((found(4, 3, 2, 1e-5).count(), found(4, 3, 3, 1e-5).count()), (1, 0));
    }

    #[test]
    fn what_is_left_empty_stays_as_it_is() {
        let draft = SpecDraft { seed: 7, components: 3, ..SpecDraft::default() };
        assert_eq!(grid("", "", "", "").parse(&draft), Ok(draft.parse().unwrap().runs));
    }

    #[test]
    fn what_cannot_be_run_names_the_setting() {
        let refused = |grid: &GridDraft| grid.parse(&SpecDraft::default()).unwrap_err().to_string();
        assert!(refused(&grid("2;4", "", "", "")).contains("R: expected values such as 5, 10, 20, got 2;4"));
        assert!(refused(&grid("", "", "small", "")).contains("lambda"));
        assert!(refused(&grid("", "", "", "4-0")).contains("seeds"));
        assert!(refused(&grid("0", "", "", "")).contains("components"));
        assert!(refused(&grid("", "", "", "0-99999999999")).contains("at most 100"));
        assert!(refused(&grid("1-51", "", "", "")).contains("at most 100"));
        let most = grid("1-50", "", "", "").parse(&SpecDraft::default()).unwrap();
        assert_eq!(most.len(), MOST_RUNS, "of both methods");
    }
}
