//! R and T for a budget: the storable model with the best quality in so many bytes, or the fewest bytes at a quality.
//!
//! Components (R) and lags (T) compete for the same bytes, and which of them serves a sound better cannot be read off
//! it: they are tried. Values that nobody has named are searched from coarse to fine: every second one first, then the
//! neighbours of the best three until none of these is untried. For sound, other powers P are tried with the best R and T
//! at the end. The order is fixed, and so is the outcome.

use std::borrow::Borrow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::measure::Measures;
use super::series::Finished;
use crate::engine::analysis::Analysis;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::grid::{self, GridError};
use crate::engine::settings::purpose::Purpose;
use crate::numeric::{Method, Metric, QuantParams, QuantTarget, RunSpec};

/// Numbers of components that are tried where none are named.
pub const COMPONENTS: [usize; 6] = [5, 10, 20, 40, 60, 80];

/// Numbers of lags that are tried where none are named.
pub const LAGS: [usize; 5] = [1, 2, 3, 5, 8];

/// Powers P that are tried for sound beside its own.
pub const POWERS: [f64; 2] = [0.4, 0.6];

/// Values in W and H over those in V, at most, where R and T are not named: larger models only take time.
const MOST_VALUES: f64 = 3.0;

/// So many of the best have their neighbours tried: more than one, for the best of a coarse grid is often a near thing.
const LEADERS: usize = 3;

/// A quality counts as reached exactly at less than so many dB to spare.
const SPARE_DB: f64 = 0.05;

/// Where the search for the price of a bit that gives a quality begins, and its bounds, in decades, for the squared
/// error; a price in units of KLD is larger by so many.
const BEGIN: f64 = -5.0;
const BOUNDS: [f64; 2] = [-10.0, 0.0];
const OF_KLD: f64 = 3.0;

/// Prices tried at most for one R and T.
const TRIES: usize = 10;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// The best quality in a file of at most so many bytes.
    MaxBytes(u64),
    /// The fewest bytes at an SNR of at least so many dB.
    MinQuality(f64),
}

/// The measure in which models of about the same size are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QualityFloor {
    /// The SNR of √V: sound.
    SqrtSnr,
    /// D (1): features.
    Divergence,
    /// The SNR of V: the poster.
    Snr,
}

impl QualityFloor {
    /// The measure that suits a purpose.
    pub const fn of_purpose(purpose: Purpose) -> Self {
        match purpose {
            Purpose::Sound => Self::SqrtSnr,
            Purpose::Features => Self::Divergence,
            Purpose::Poster => Self::Snr,
        }
    }

    /// The measure that suits settings that need not be those of a purpose.
    pub fn of(draft: &SpecDraft) -> Self {
        match (draft.power < 1.0, draft.metric) {
            (true, _) => Self::SqrtSnr,
            (false, Metric::Kld) => Self::Divergence,
            (false, Metric::Snr) => Self::Snr,
        }
    }

    /// The field of a row that holds it.
    pub const fn field(self) -> &'static str {
        match self {
            Self::SqrtSnr => "sqrt_snr_db",
            Self::Divergence => "kld",
            Self::Snr => "snr_db",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::SqrtSnr => "SNR of √V (dB)",
            Self::Divergence => "KLD (lower is better)",
            Self::Snr => "SNR (dB)",
        }
    }

    /// The measured value; none without V.
    #[must_use]
    pub const fn value(self, measures: &Measures) -> Option<f64> {
        match self {
            Self::SqrtSnr => measures.sqrt_snr_db,
            Self::Divergence => measures.kld,
            Self::Snr => measures.snr_db,
        }
    }

    /// The value turned so that more is better; what was not measured is the worst.
    pub fn rank(self, measures: &Measures) -> f64 {
        let value = match (self, self.value(measures)) {
            (Self::Divergence, Some(kld)) => -kld,
            (Self::SqrtSnr | Self::Snr, Some(db)) => db,
            (_, None) => f64::NEG_INFINITY,
        };
        if value.is_nan() { f64::NEG_INFINITY } else { value }
    }

    /// The SNR in which a least quality is counted. That of D is the SNR of √V, which D follows closely.
    #[must_use]
    pub const fn in_db(self) -> Self {
        match self {
            Self::SqrtSnr | Self::Divergence => Self::SqrtSnr,
            Self::Snr => Self::Snr,
        }
    }
}

impl Goal {
    /// Whether a model does what is asked for.
    pub fn is_met(self, measures: &Measures, quality: QualityFloor) -> bool {
        match self {
            Self::MaxBytes(bytes) => measures.sizes.file_bytes as u64 <= bytes,
            Self::MinQuality(db) => quality.in_db().rank(measures) >= db,
        }
    }

    /// Greater where `a` is chosen before `b`.
    fn compare(self, a: &Measures, b: &Measures, quality: QualityFloor) -> Ordering {
        let bytes = b.sizes.file_bytes.cmp(&a.sizes.file_bytes);
        let better = |quality: QualityFloor| quality.rank(a).total_cmp(&quality.rank(b));
        match (self.is_met(a, quality), self.is_met(b, quality), self) {
            (true, false, _) => Ordering::Greater,
            (false, true, _) => Ordering::Less,
            (true, true, Self::MaxBytes(_)) => better(quality).then(bytes),
            (true, true, Self::MinQuality(_)) | (false, false, Self::MaxBytes(_)) => {
                bytes.then(better(quality))
            }
            (false, false, Self::MinQuality(_)) => better(quality.in_db()).then(bytes),
        }
    }

    /// The settings of a run that goes for this: those of `draft`, with a target in bytes or a price of a bit.
    fn set(self, draft: &SpecDraft) -> SpecDraft {
        let (max_bytes, lambda) = match self {
            Self::MaxBytes(bytes) => (Some(bytes), None),
            Self::MinQuality(_) => (None, Some(1.0)),
        };
        SpecDraft { methods: vec![Method::SNMF_RD], max_loss_db: None, max_bytes, lambda, ..draft.clone() }
    }
}

/// Bytes of a file that lasts `seconds` at so many kilobits a second.
pub fn bytes_at(kbps: f64, seconds: f64) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a number of bytes
    let bytes = (kbps * 1000.0 / 8.0 * seconds).floor().max(0.0) as u64;
    bytes
}

/// Kilobits a second of a file of so many bytes that lasts `seconds`.
pub fn kbps_of(bytes: usize, seconds: f64) -> f64 {
    8.0 * bytes as f64 / 1000.0 / seconds
}

/// How long the input lasts in seconds, where that is known.
pub fn seconds_of(analysis: &Analysis) -> Option<f64> {
    let of_frames = || Some((analysis.frames() * analysis.hop()?) as f64 / f64::from(analysis.rate()?));
    analysis.audio.as_ref().map(|audio| audio.seconds()).or_else(of_frames).filter(|seconds| *seconds > 0.0)
}

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
        Ok(ModelSearch::new(draft, Goal::MaxBytes(bytes), QualityFloor::of(draft), candidates)?)
    }
}

/// A number of components and one of lags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    pub components: usize,
    pub lags: usize,
}

impl Cell {
    pub const fn of(spec: &RunSpec) -> Self {
        Self { components: spec.components, lags: spec.lags }
    }
}

/// What R and T can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidates {
    components: Vec<usize>,
    lags: Vec<usize>,
    /// Whether R, and whether T, was named: then each of its values is tried.
    named: [bool; 2],
    /// Those that are not too large, by the places of R and T in their lists.
    allowed: Vec<[usize; 2]>,
}

impl Candidates {
    /// These numbers of components and of lags, or the usual ones for an empty list, for a V of that size.
    pub fn new(lists: [&[usize]; 2], bins: usize, frames: usize) -> Result<Self, GridError> {
        let or = |values: &[usize], usual: &[usize]| {
            let mut values = if values.is_empty() { usual.to_vec() } else { values.to_vec() };
            values.sort_unstable();
            values.dedup();
            values
        };
        let (components, lags) = (or(lists[0], &COMPONENTS), or(lists[1], &LAGS));
        let got = components.len().saturating_mul(lags.len());
        if got > grid::MOST_RUNS {
            return Err(GridError::TooMany { got });
        }
        let named = lists.map(|list| !list.is_empty());
        let fits = |&[i, j]: &[usize; 2]| {
            let values = components[i] as f64 * (bins as f64 * lags[j] as f64 + frames as f64);
            let small = lags[j] <= frames && values <= MOST_VALUES * bins as f64 * frames as f64;
            // The smallest of all is left where a V is tiny.
            named == [true; 2] || small || [i, j] == [0, 0]
        };
        let all = (0..components.len()).flat_map(|i| (0..lags.len()).map(move |j| [i, j]));
        let allowed = all.filter(fits).collect();
        Ok(Self { components, lags, named, allowed })
    }

    /// The numbers of components, from the smallest.
    pub fn components(&self) -> &[usize] {
        &self.components
    }

    /// The numbers of lags, from the smallest.
    pub fn lags(&self) -> &[usize] {
        &self.lags
    }

    /// Whether some of them may be left out because others are better.
    pub const fn is_searched(&self) -> bool {
        !(self.named[0] && self.named[1])
    }

    /// Whether this R and T is not too large for V.
    pub fn allows(&self, cell: Cell) -> bool {
        self.allowed.iter().any(|at| self.cell(*at) == cell)
    }

    fn cell(&self, [i, j]: [usize; 2]) -> Cell {
        Cell { components: self.components[i], lags: self.lags[j] }
    }

    /// What is tried first: every value of a list that was named, every second one of a usual list.
    fn first(&self) -> Vec<Cell> {
        let coarse = |at: &&[usize; 2]| at.iter().zip(self.named).all(|(i, named)| named || i % 2 == 0);
        self.allowed.iter().filter(coarse).map(|at| self.cell(*at)).collect()
    }

    /// The neighbours of a cell.
    fn around(&self, cell: Cell) -> Vec<Cell> {
        let Some(center) = self.allowed.iter().find(|at| self.cell(**at) == cell) else { return Vec::new() };
        let near = |at: &&[usize; 2]| at.iter().zip(center).all(|(i, k)| i.abs_diff(*k) <= 1);
        self.allowed.iter().filter(near).map(|at| self.cell(*at)).filter(|other| *other != cell).collect()
    }
}

/// The search for R and T: what to run next, given what was run.
#[derive(Clone, Debug)]
pub struct ModelSearch {
    goal: Goal,
    quality: QualityFloor,
    candidates: Candidates,
    base: RunSpec,
    /// P that are tried with the best R and T, beside that of `base`.
    powers: &'static [f64],
    /// Begun stages, each in the order in which it is run.
    planned: Vec<Cell>,
}

impl ModelSearch {
    /// A search with the settings of `draft`; its R and T, its methods and its target do not count.
    pub fn new(
        draft: &SpecDraft,
        goal: Goal,
        quality: QualityFloor,
        candidates: Candidates,
    ) -> Result<Self, SpecError> {
        let draft = goal.set(draft);
        let mut base = None;
        for (&components, &lags) in candidates
            .components
            .iter()
            .map(|r| (r, &candidates.lags[0]))
            .chain(candidates.lags.iter().map(|t| (&candidates.components[0], t)))
        {
            let runs = SpecDraft { components, lags, ..draft.clone() }.parse()?.runs;
            base = base.or(runs.into_iter().next());
        }
        let base = base.ok_or(SpecError::NoMethod)?;
        let planned = candidates.first();
        let powers: &[f64] = if draft.purpose() == Some(Purpose::Sound) { &POWERS } else { &[] };
        Ok(Self { goal, quality, candidates, base, powers, planned })
    }

    pub const fn goal(&self) -> Goal {
        self.goal
    }

    pub const fn quality(&self) -> QualityFloor {
        self.quality
    }

    pub const fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    /// The run of that R and T, for a budget in bytes.
    pub fn run(&self, cell: Cell) -> RunSpec {
        RunSpec { components: cell.components, lags: cell.lags, ..self.base.clone() }
    }

    /// Whether a run is one that this search asks for, for a budget in bytes: at any of its powers.
    pub fn asks_for(&self, spec: &RunSpec) -> bool {
        let base = RunSpec { power: spec.power, ..self.run(Cell::of(spec)) };
        *spec == base && (spec.power == self.base.power || self.powers.contains(&spec.power))
    }

    /// What to run next; nothing once the search is over. `done` is what it has asked for so far.
    pub fn next<R: Borrow<Finished>>(&mut self, done: &[R]) -> Vec<RunSpec> {
        loop {
            let plan = match self.goal {
                Goal::MaxBytes(_) => {
                    let has_run = |cell: &Cell| done.iter().any(|run| Cell::of(&run.borrow().spec) == *cell);
                    let open = self.planned.iter().filter(|cell| !has_run(cell));
                    open.map(|cell| self.run(*cell)).collect()
                }
                Goal::MinQuality(db) => {
                    let at = |cell: &Cell| self.at_next_price(self.run(*cell), db, done);
                    Vec::from_iter(self.planned.iter().find_map(at))
                }
            };
            if !plan.is_empty() {
                return plan;
            }
            let around = self.leaders(done).into_iter().flat_map(|cell| self.candidates.around(cell));
            let mut more: Vec<Cell> = Vec::new();
            for cell in around {
                if !self.planned.contains(&cell) && !more.contains(&cell) {
                    more.push(cell);
                }
            }
            if more.is_empty() {
                return self.at_other_powers(done);
            }
            self.planned.extend(more);
        }
    }

    /// The runs of the best R and T at other powers that are still to be done.
    fn at_other_powers<R: Borrow<Finished>>(&self, done: &[R]) -> Vec<RunSpec> {
        let Some(best) = self.leaders(done).first().map(|cell| self.run(*cell)) else { return Vec::new() };
        let mut specs = self.powers.iter().map(|power| RunSpec { power: *power, ..best.clone() });
        match self.goal {
            Goal::MaxBytes(_) => {
                specs.filter(|spec| !done.iter().any(|run| run.borrow().spec == *spec)).collect()
            }
            Goal::MinQuality(db) => Vec::from_iter(specs.find_map(|spec| self.at_next_price(spec, db, done))),
        }
    }

    /// The best of these, which stand with what they are.
    pub fn best_of<'m, K>(&self, all: impl Iterator<Item = (K, &'m Measures)>) -> Option<K> {
        let best =
            all.reduce(
                |best, other| {
                    if self.goal.compare(other.1, best.1, self.quality).is_gt() { other } else { best }
                },
            );
        best.map(|(which, _)| which)
    }

    /// R and T of the best of these runs.
    fn leaders<R: Borrow<Finished>>(&self, runs: &[R]) -> Vec<Cell> {
        let mut runs: Vec<&Finished> = runs.iter().map(Borrow::borrow).collect();
        runs.sort_by(|a, b| self.goal.compare(&b.measures, &a.measures, self.quality));
        let mut cells: Vec<Cell> = Vec::new();
        for cell in runs.into_iter().map(|run| Cell::of(&run.spec)) {
            if !cells.contains(&cell) {
                cells.push(cell);
            }
        }
        cells.truncate(LEADERS);
        cells
    }

    /// The run with this R, T and P at the next price of a bit, in a search for the highest price at which the quality
    /// is at least `db`; none once that is found, cannot be, or takes more bytes than the best of the others.
    fn at_next_price<R: Borrow<Finished>>(&self, spec: RunSpec, db: f64, done: &[R]) -> Option<RunSpec> {
        let in_db = self.quality.in_db();
        let point = |run: &Finished| {
            let Some(QuantTarget::Fixed(QuantParams::Lambda(lambda))) = run.spec.target else { return None };
            let bytes = run.measures.sizes.file_bytes;
            Some(Tried { price: lambda.log10(), excess: in_db.rank(&run.measures) - db, bytes })
        };
        let is_mine = |run: &Finished| Cell::of(&run.spec) == Cell::of(&spec) && run.spec.power == spec.power;
        let of = |mine: bool| {
            let runs = done.iter().map(Borrow::borrow);
            runs.filter(move |run| is_mine(run) == mine).filter_map(point)
        };
        let shift = if self.base.metric == Some(Metric::Kld) { OF_KLD } else { 0.0 };
        let bounds = BOUNDS.map(|bound| bound + shift);
        let others: Vec<Tried> = of(false).collect();
        // A neighbour reached it at about the same price.
        let begin = others.iter().rev().find(|t| t.excess >= 0.0).map_or(BEGIN + shift, |t| t.price);
        let fewest = others.iter().filter(|t| t.excess >= 0.0).map(|t| t.bytes).min();
        let price = next_price(&of(true).collect::<Vec<_>>(), begin, bounds, fewest)?;
        let target = Some(QuantTarget::Fixed(QuantParams::Lambda(10f64.powf(price))));
        Some(RunSpec { target, ..spec })
    }
}

/// A price that was tried.
#[derive(Clone, Copy, Debug)]
struct Tried {
    /// Its decimal logarithm.
    price: f64,
    /// dB above what is asked for.
    excess: f64,
    bytes: usize,
}

/// The price to try next, where there is one; `fewest` are the bytes that another R and T needs.
fn next_price(tried: &[Tried], begin: f64, bounds: [f64; 2], fewest: Option<usize>) -> Option<f64> {
    if tried.is_empty() {
        return Some(begin);
    }
    let met = tried.iter().filter(|t| t.excess >= 0.0).max_by(|a, b| a.price.total_cmp(&b.price));
    let below = tried.iter().filter(|t| t.excess < 0.0).min_by(|a, b| a.price.total_cmp(&b.price));
    let is_beaten = below.is_some_and(|t| fewest.is_some_and(|fewest| t.bytes >= fewest));
    if tried.len() >= TRIES || is_beaten || met.is_some_and(|t| t.excess <= SPARE_DB) {
        return None;
    }
    let next = match (met, below) {
        (Some(met), Some(below)) => {
            // On a line between the two, a little to the safe side, and never where one of them is.
            let share = (met.excess - 0.4 * SPARE_DB) / (met.excess - below.excess);
            met.price + share.clamp(0.1, 0.9) * (below.price - met.price)
        }
        // Some 10 dB a decade.
        (Some(met), None) => met.price + (met.excess / 8.0).clamp(0.25, 1.0),
        (None, Some(below)) => {
            let before = tried.iter().filter(|t| t.price > below.price);
            let before = before.min_by(|a, b| a.price.total_cmp(&b.price));
            let slope = before.map_or(8.0, |t| (below.excess - t.excess) / (t.price - below.price));
            // The lower the price the less is gained: where this slope does not lead there, nothing does.
            if below.excess + slope.max(0.0) * (below.price - bounds[0]) < 0.0 {
                return None;
            }
            below.price - (-below.excess / slope).clamp(0.25, 1.5)
        }
        (None, None) => return None,
    };
    (bounds[0]..=bounds[1]).contains(&next).then_some(next)
}

/// An R and a T with what came of them.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceRow {
    pub components: usize,
    pub lags: usize,
    /// P: what was factorised is V^P.
    pub power: f64,
    pub bytes: usize,
    /// Kilobits a second; none where the length of the input is not known.
    pub kbps: Option<f64>,
    pub snr_db: Option<f64>,
    pub sqrt_snr_db: Option<f64>,
    pub kld: Option<f64>,
    pub lsd_db: Option<f64>,
    pub seconds: f64,
    /// Whether it does what was asked for.
    pub meets: bool,
    pub on_frontier: bool,
    pub best: bool,
}

/// What came of a search.
#[derive(Clone, Debug, Serialize)]
pub struct BestChoice {
    /// By R, then by T.
    pub rows: Vec<ChoiceRow>,
    /// The run of each row.
    #[serde(skip)]
    pub runs: Vec<usize>,
    /// The row to take; none before anything has run.
    pub best: Option<ChoiceRow>,
    /// Whether nothing does what was asked for; the best is then the nearest to it.
    pub missed: bool,
}

impl BestChoice {
    /// What the runs that a search asked for say; `seconds` is the length of the input.
    pub fn of<R: Borrow<Finished>>(search: &ModelSearch, done: &[R], seconds: Option<f64>) -> Self {
        let (goal, quality) = (search.goal, search.quality);
        let measures = |i: usize| &done[i].borrow().measures;
        let mut cells: Vec<Cell> = done.iter().map(|run| Cell::of(&run.borrow().spec)).collect();
        let all = cells.clone();
        cells.sort_unstable();
        cells.dedup();
        let best_of = |cell: &Cell| {
            let of_cell = (0..done.len()).filter(|i| all[*i] == *cell);
            search.best_of(of_cell.map(|i| (i, measures(i))))
        };
        let runs: Vec<usize> = cells.iter().filter_map(best_of).collect();
        let points: Vec<(usize, f64)> =
            runs.iter().map(|i| (measures(*i).sizes.file_bytes, quality.rank(measures(*i)))).collect();
        let on_frontier = frontier(&points);
        let best = search.best_of(runs.iter().enumerate().map(|(row, i)| (row, measures(*i))));
        let row = |row: usize| {
            let Finished { spec, snapshot, measures, .. } = done[runs[row]].borrow();
            let bytes = measures.sizes.file_bytes;
            let of_cell = done.iter().map(Borrow::borrow);
            let of_cell =
                of_cell.filter(|run| Cell::of(&run.spec) == Cell::of(spec) && run.spec.power == spec.power);
            let quantising = of_cell.filter_map(|run| Some(run.snapshot.quantising.as_ref()?.seconds));
            ChoiceRow {
                components: spec.components,
                lags: spec.lags,
                power: spec.power,
                bytes,
                kbps: seconds.map(|seconds| kbps_of(bytes, seconds)),
                snr_db: measures.snr_db,
                sqrt_snr_db: measures.sqrt_snr_db,
                kld: measures.kld,
                lsd_db: measures.lsd_db,
                seconds: snapshot.seconds + quantising.sum::<f64>(),
                meets: goal.is_met(measures, quality),
                on_frontier: on_frontier[row],
                best: best == Some(row),
            }
        };
        let rows: Vec<ChoiceRow> = (0..runs.len()).map(row).collect();
        let best = best.map(|row| rows[row].clone());
        let missed = best.as_ref().is_some_and(|best| !best.meets);
        Self { rows, runs, best, missed }
    }

    /// The best in a sentence, or what comes nearest where nothing does what was asked for.
    pub fn describe(&self, search: &ModelSearch) -> Option<String> {
        let best = self.best.as_ref()?;
        let (r, t, bytes) = (best.components, best.lags, best.bytes);
        let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.2}"));
        let in_db = match search.quality.in_db() {
            QualityFloor::Snr => number(best.snr_db),
            QualityFloor::SqrtSnr | QualityFloor::Divergence => number(best.sqrt_snr_db),
        };
        Some(match (self.missed, search.goal) {
            (false, _) => {
                let quality = match search.quality {
                    QualityFloor::SqrtSnr => format!("an SNR of √V of {} dB", number(best.sqrt_snr_db)),
                    QualityFloor::Divergence => format!("a KLD of {}", number(best.kld)),
                    QualityFloor::Snr => format!("an SNR of {} dB", number(best.snr_db)),
                };
                let power = if best.power < 1.0 { format!(", P = {}", best.power) } else { String::new() };
                format!("R = {r}, T = {t}{power} is the best: {bytes} bytes with {quality}")
            }
            (true, Goal::MaxBytes(most)) => {
                format!(
                    "nothing that was tried fits into {most} bytes; the smallest is R = {r}, T = {t} with {bytes} bytes"
                )
            }
            (true, Goal::MinQuality(least)) => {
                format!(
                    "nothing that was tried reaches {least} dB; the nearest is R = {r}, T = {t} with {in_db} dB"
                )
            }
        })
    }

    /// The run to take, by its place among those that were done.
    pub fn best_run(&self) -> Option<usize> {
        self.rows.iter().position(|row| row.best).map(|row| self.runs[row])
    }
}

/// Which of these points, bytes and quality, no other one beats: none has as few bytes and as good a quality, and one of
/// the two better.
pub fn frontier(points: &[(usize, f64)]) -> Vec<bool> {
    let beats = |a: &(usize, f64), b: &(usize, f64)| a.0 <= b.0 && a.1 >= b.1 && a != b;
    points.iter().map(|point| !points.iter().any(|other| beats(other, point))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_on_the_frontier_unless_another_one_beats_it() {
        let points = [(100, 5.0), (100, 4.0), (90, 4.5), (120, 5.0), (80, 1.0), (80, 1.0)];
        assert_eq!(frontier(&points), [true, false, true, false, true, true]);
    }

    #[test]
    fn bits_a_second_are_bytes_of_the_length() {
        assert_eq!(bytes_at(8.0, 2.9), 2900);
        assert_eq!(bytes_at(8.0, 2.9999), 2999, "never more than the budget");
        assert_eq!((bytes_at(-1.0, 2.0), bytes_at(f64::NAN, 2.0)), (0, 0));
        assert!((kbps_of(2900, 2.9) - 8.0).abs() < 1e-12);
    }

    #[test]
    fn lists_that_are_named_are_tried_in_full_and_the_usual_ones_from_coarse_to_fine() {
        let cells = |candidates: &Candidates| {
            candidates.first().iter().map(|cell| (cell.components, cell.lags)).collect::<Vec<_>>()
        };
        let named = Candidates::new([&[40, 10, 10], &[5, 1]], 33, 20).unwrap();
        assert_eq!(cells(&named), [(10, 1), (10, 5), (40, 1), (40, 5)]);
        let usual = Candidates::new([&[], &[]], 10_000, 10_000).unwrap();
        let coarse = [5, 20, 60].iter().flat_map(|r| [1, 3, 8].map(|t| (*r, t))).collect::<Vec<_>>();
        assert_eq!(cells(&usual), coarse);
        let near = usual.around(Cell { components: 80, lags: 2 });
        let near: Vec<_> = near.iter().map(|cell| (cell.components, cell.lags)).collect();
        assert_eq!(near, [(60, 1), (60, 2), (60, 3), (80, 1), (80, 3)]);
        // Models that hold many more numbers than V only take time.
        let small = Candidates::new([&[], &[]], 100, 20).unwrap();
        let most = small.allowed.iter().map(|at| small.cell(*at));
        assert!(most.clone().all(|cell| cell.components * (100 * cell.lags + 20) <= 3 * 100 * 20));
        assert!(most.count() > 3);
        assert_eq!(Candidates::new([&[], &[]], 2, 2).unwrap().allowed, [[0, 0]]);
        let many: Vec<usize> = (1..=50).collect();
        assert!(Candidates::new([&many, &[1, 2, 3]], 9, 9).is_err());
    }

    #[test]
    fn a_price_is_searched_from_both_sides_and_given_up_where_another_size_needs_fewer_bytes() {
        // 10 dB a decade, 7 dB at 1e-5, and bytes that grow as the price falls.
        let at = |price: f64, asked: f64| Tried {
            price,
            excess: 7.0 - 10.0 * (price + 5.0) - asked,
            bytes: whole(1000.0 - 200.0 * (price + 5.0)),
        };
        for asked in [1.0, 12.0, 6.98] {
            let mut tried = Vec::new();
            while let Some(price) = next_price(&tried, BEGIN, BOUNDS, None) {
                tried.push(at(price, asked));
            }
            let best = tried.iter().filter(|t| t.excess >= 0.0).min_by_key(|t| t.bytes).unwrap();
            assert!(best.excess <= SPARE_DB && tried.len() <= 6, "{asked}: {tried:?}");
        }
        let mut tried = Vec::new();
        while let Some(price) = next_price(&tried, BEGIN, BOUNDS, Some(1100)) {
            tried.push(at(price, 30.0));
        }
        assert!(tried.last().unwrap().bytes >= 1100 && tried.len() <= 3, "{tried:?}");
        let mut tried = vec![at(-5.0, 100.0)];
        while let Some(price) = next_price(&tried, BEGIN, BOUNDS, None) {
            tried.push(at(price, 100.0));
        }
        assert!(tried.len() <= TRIES, "what cannot be reached ends");
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small numbers
    fn whole(x: f64) -> usize {
        x.max(0.0) as usize
    }
}
