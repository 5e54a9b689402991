//! The search for R and T: which runs are needed next.

use std::borrow::Borrow;

use super::candidates::{Candidates, Cell};
use super::goal::{ModelGoal, QualityFloor};
use super::price::{BEGIN, BOUNDS, OF_KLD, Tried, next_price};
use crate::engine::run::measure::Measures;
use crate::engine::run::series::Finished;
use crate::engine::settings::draft::SpecDraft;
use crate::engine::settings::error::SpecError;
use crate::engine::settings::purpose::Purpose;
use crate::numeric::{Metric, QuantParams, QuantTarget, RunSpec};

/// Powers P that are tried for sound beside its own.
pub const POWERS: [f64; 2] = [0.4, 0.6];

/// So many of the best have their neighbours tried: more than one, for the best of a coarse grid is often a near thing.
const LEADERS: usize = 3;

/// The search for R and T: what to run next, given what was run.
#[derive(Clone, Debug)]
pub struct ModelSearch {
    goal: ModelGoal,
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
        goal: ModelGoal,
        quality: QualityFloor,
        candidates: Candidates,
    ) -> Result<Self, SpecError> {
        let draft = goal.set(draft);
        let mut base = None;
        for (&components, &lags) in candidates
            .components()
            .iter()
            .map(|r| (r, &candidates.lags()[0]))
            .chain(candidates.lags().iter().map(|t| (&candidates.components()[0], t)))
        {
            let runs = SpecDraft { components, lags, ..draft.clone() }.parse()?.runs;
            base = base.or(runs.into_iter().next());
        }
        let base = base.ok_or(SpecError::NoMethod)?;
        let planned = candidates.first();
        let powers: &[f64] = if draft.purpose() == Some(Purpose::Sound) { &POWERS } else { &[] };
        Ok(Self { goal, quality, candidates, base, powers, planned })
    }

    pub const fn goal(&self) -> ModelGoal {
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
                ModelGoal::MaxBytes(_) => {
                    let has_run = |cell: &Cell| done.iter().any(|run| Cell::of(&run.borrow().spec) == *cell);
                    let open = self.planned.iter().filter(|cell| !has_run(cell));
                    open.map(|cell| self.run(*cell)).collect()
                }
                ModelGoal::MinQuality(db) => {
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
            ModelGoal::MaxBytes(_) => {
                specs.filter(|spec| !done.iter().any(|run| run.borrow().spec == *spec)).collect()
            }
            ModelGoal::MinQuality(db) => {
                Vec::from_iter(specs.find_map(|spec| self.at_next_price(spec, db, done)))
            }
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
