//! Runs that have ended and streams that were imported, kept so that either column can show any of them again.

use std::sync::Arc;

use super::analysis::Analysis;
use super::job::Snapshot;
use super::lane::{LaneState, Status};
use super::learning::Learning;
use super::measure::Measures;
use crate::codec::{Form, Stored};
use crate::numeric::RunSpec;

/// Runs kept at most; the oldest goes first.
const MOST: usize = 100;

/// One of them.
#[derive(Clone)]
pub struct Kept {
    /// Counted from 1 in the order in which they ended.
    pub number: usize,
    /// Method, R, T and seed.
    pub name: String,
    /// Name of the input.
    pub input: String,
    /// How it ended, or where it is from.
    pub status: Status,
    /// Its numbers.
    pub measures: Arc<Measures>,
    spec: Option<RunSpec>,
    imported: Option<Arc<Stored>>,
    from_sweep: bool,
    snapshot: Arc<Snapshot>,
    analysis: Option<Arc<Analysis>>,
    learning: Option<Arc<Learning>>,
}

/// All that are kept, the latest last.
#[derive(Default)]
pub struct Runs {
    kept: Vec<Kept>,
    ended: usize,
}

impl Runs {
    /// All of them, the latest last.
    #[must_use]
    pub fn all(&self) -> &[Kept] {
        &self.kept
    }

    /// The one of that number.
    #[must_use]
    pub fn get(&self, number: usize) -> Option<&Kept> {
        self.kept.iter().find(|run| run.number == number)
    }

    /// Takes over what a lane shows once it is at rest and measured; returns its number. The same run, measured again or
    /// quantised anew, keeps its number.
    pub(super) fn keep(&mut self, lane: &LaneState) -> Option<usize> {
        let (snapshot, measures) = (lane.snapshot.clone()?, lane.measures.clone()?);
        let stored = lane.stored(Form::default())?;
        if !matches!(lane.status, Status::Ended(_) | Status::Imported { .. }) {
            return None;
        }
        let (header, shape) = (&stored.header, stored.model.shape());
        let method = lane.method_label().unwrap_or_default();
        let seed = header.seed.map_or_else(String::new, |seed| format!(" s{seed}"));
        let name = format!("{method} R{} T{}{seed}", shape.components, shape.lags);
        let input = header.input.clone().unwrap_or_else(|| "unknown input".to_owned());
        let known = self.kept.iter_mut().find(|run| lane.kept == Some(run.number));
        let number = known.as_ref().map_or(self.ended + 1, |run| run.number);
        let kept = Kept {
            number,
            name,
            input,
            status: lane.status.clone(),
            measures,
            spec: lane.spec.clone(),
            imported: lane.imported.clone(),
            from_sweep: lane.from_sweep,
            snapshot,
            analysis: lane.analysis.clone(),
            learning: lane.learning.clone(),
        };
        if let Some(known) = known {
            *known = kept;
        } else {
            self.ended += 1;
            self.kept.push(kept);
            if self.kept.len() > MOST {
                self.kept.remove(0);
            }
        }
        Some(number)
    }
}

impl Kept {
    /// A lane that shows it; `generation` and `run` number it among what the lane has shown.
    pub(super) fn shown(&self, generation: u64, run: u64) -> LaneState {
        LaneState {
            status: self.status.clone(),
            spec: self.spec.clone(),
            imported: self.imported.clone(),
            from_sweep: self.from_sweep,
            snapshot: Some(Arc::clone(&self.snapshot)),
            measures: Some(Arc::clone(&self.measures)),
            analysis: self.analysis.clone(),
            learning: self.learning.clone(),
            generation,
            measured: Some(generation),
            run,
            kept: Some(self.number),
            ..LaneState::new()
        }
    }
}
