//! The methods that are compared, and what each of them stores of a source.

use std::ops::ControlFlow;
use std::sync::Arc;

use rayon::ThreadPool;

use super::error::FeaturesError;
use crate::codec::{self, Form};
use crate::engine::analysis::Analysis;
use crate::engine::run::series::Series;
use crate::engine::run::snapshot::Stop;
use crate::engine::run::{measure, memory};
use crate::engine::settings::draft::SpecDraft;
use crate::numeric::{AnyModel, Levels, Method, Metric, RunSpec};

/// The share of its iterations in which the poster's method renews its steps: without, its integers outgrow the levels.
const RENEW: f64 = 0.6;

/// Levels of the poster's method, from fine to coarse; it cannot be given a number of bytes.
const POSTER_LEVELS: [Levels; 4] =
    [Levels { w: 300, h: 40 }, Levels::POSTER, Levels { w: 38, h: 5 }, Levels { w: 10, h: 2 }];

/// What decides how much a method stores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    Unlimited,
    /// The bytes of CNMF over this ratio.
    Ratio(f64),
    /// As much as these levels need.
    Levels(Levels),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    pub method: Method,
    /// The distortion that its integers are chosen by, where that is a choice.
    pub metric: Option<Metric>,
    pub power: f64,
    pub size: Size,
}

impl Arm {
    /// All that are compared, CNMF of V itself first, which is what the others are compared with. Those that share what
    /// is learned follow each other.
    pub fn all(budgets: &[f64]) -> Vec<Self> {
        let unlimited = |power| Self { method: Method::CNMF, metric: None, power, size: Size::Unlimited };
        let at_budgets = |method, metric, power| {
            let at = move |&ratio| Self { method, metric: Some(metric), power, size: Size::Ratio(ratio) };
            budgets.iter().map(at)
        };
        let poster = |levels| Self {
            method: Method::SNMF_POSTER,
            metric: None,
            power: 1.0,
            size: Size::Levels(levels),
        };
        let mut arms = vec![unlimited(1.0)];
        arms.extend(at_budgets(Method::PTQ_ADAPTIVE, Metric::Kld, 1.0));
        arms.extend(at_budgets(Method::SNMF_RD, Metric::Kld, 1.0));
        arms.extend(at_budgets(Method::SNMF_RD, Metric::Snr, 1.0));
        arms.extend(POSTER_LEVELS.map(poster));
        arms.push(unlimited(0.5));
        arms.extend(at_budgets(Method::SNMF_RD, Metric::Snr, 0.5));
        arms
    }

    /// The run that learns a source with the settings of `draft`, where CNMF takes `reference` bytes.
    pub fn spec(&self, draft: &SpecDraft, reference: u64) -> Result<RunSpec, FeaturesError> {
        let (levels, max_bytes, renew) = match self.size {
            Size::Unlimited => (None, None, 0.0),
            Size::Ratio(ratio) => (None, Some(whole(reference as f64 / ratio).max(1)), 0.0),
            Size::Levels(Levels { w, h }) => (Some((w, h)), None, RENEW),
        };
        let draft = SpecDraft {
            methods: vec![self.method],
            metric: self.metric.unwrap_or_default(),
            power: self.power,
            levels,
            max_bytes,
            renew,
            ..draft.clone()
        };
        Ok(draft.parse()?.runs.swap_remove(0))
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of bytes
fn whole(bytes: f64) -> u64 {
    bytes as u64
}

pub struct StoredSource {
    pub model: AnyModel,
    /// Bytes of the file; of CNMF those of its text after gzip.
    pub bytes: u64,
    /// Whether nothing reached the budget; it is then what came nearest.
    pub missed: bool,
}

/// Learns and stores a source by all `arms` with the settings of `draft`; none where `go_on` ended it. It is called after
/// every step, with the number of arms done.
pub fn kept(
    source: &Arc<Analysis>,
    arms: &[Arm],
    draft: &SpecDraft,
    pool: &ThreadPool,
    go_on: &dyn Fn(usize) -> ControlFlow<()>,
) -> Result<Option<Vec<StoredSource>>, FeaturesError> {
    let form = Form::default();
    let mut series = Series::new(Arc::clone(source), form, pool);
    let mut all = Vec::new();
    let mut reference = 0;
    for arm in arms {
        let spec = arm.spec(draft, reference)?;
        let Ok(run) = series.run(&spec, &mut |_| go_on(all.len())) else { return Ok(None) };
        let stored = measure::stored(source, &spec, &run.snapshot, form);
        let file = codec::write(&stored);
        let text = run.measures.sizes.text_gzip_bytes as u64;
        if all.is_empty() {
            reference = text;
        }
        let read = codec::read(&file, &memory::limits()).map_err(|e| FeaturesError::Failed(e.to_string()))?;
        all.push(StoredSource {
            model: read.model,
            bytes: if arm.size == Size::Unlimited { text } else { file.len() as u64 },
            missed: run.stop == Stop::TargetMissed,
        });
    }
    Ok(Some(all))
}
