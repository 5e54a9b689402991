//! A search as it is typed into the window.

use serde::{Deserialize, Serialize};

use super::bit_rate::{bytes_at, seconds_of};
use super::candidates::Candidates;
use super::goal::{ModelGoal, QualityFloor};
use super::search::ModelSearch;
use crate::engine::analysis::Analysis;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::grid::{self, GridError};

/// The values as they are typed: `10, 20, 40`, or `0-4` for all of a range. An empty list is searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChooseDraft {
    /// Most bytes, or kilobits a second.
    pub budget: String,
    /// Whether the budget is in kilobits a second.
    pub in_kbps: bool,
    pub components: String,
    pub lags: String,
}

impl Default for ChooseDraft {
    fn default() -> Self {
        Self { budget: "8".to_owned(), in_kbps: true, components: String::new(), lags: String::new() }
    }
}

/// A choice that cannot be made.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ChooseError {
    #[error("budget: expected a number above 0, got {got}")]
    Budget { got: String },
    #[error("kbit/s: the length of this input is not known, give a number of bytes")]
    NoLength,
    #[error(transparent)]
    List(#[from] GridError),
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl ChooseDraft {
    /// The budget in bytes, for an input of that length.
    pub fn bytes(&self, seconds: Option<f64>) -> Result<u64, ChooseError> {
        let typed = self.budget.trim();
        let bytes = if self.in_kbps {
            let kbps: Option<f64> = typed.parse().ok().filter(|kbps: &f64| kbps.is_finite());
            kbps.map(|kbps| seconds.map(|seconds| bytes_at(kbps, seconds)).ok_or(ChooseError::NoLength))
        } else {
            typed.parse().ok().map(Ok)
        };
        let bytes = bytes.transpose()?.filter(|bytes| *bytes > 0);
        bytes.ok_or_else(|| ChooseError::Budget { got: typed.to_owned() })
    }

    /// The search that this describes, with these settings on that input.
    pub fn parse(&self, draft: &SpecDraft, analysis: &Analysis) -> Result<ModelSearch, ChooseError> {
        let bytes = self.bytes(seconds_of(analysis))?;
        let sizes = |name, example, text| -> Result<Vec<usize>, ChooseError> {
            let values = grid::whole(name, example, text)?;
            Ok(values.into_iter().map(|x| usize::try_from(x).unwrap_or(usize::MAX)).collect())
        };
        let lists = [sizes("R", "10, 20, 40", &self.components)?, sizes("T", "1, 5", &self.lags)?];
        let candidates = Candidates::new([&lists[0], &lists[1]], analysis.bins(), analysis.frames())?;
        Ok(ModelSearch::new(draft, ModelGoal::MaxBytes(bytes), QualityFloor::of(draft), candidates)?)
    }
}
