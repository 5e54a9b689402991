//! What came of a search for R and T.

use std::borrow::Borrow;

use serde::Serialize;

use super::bit_rate::kbps_of;
use super::candidates::Cell;
use super::goal::{ModelGoal, QualityFloor};
use super::search::ModelSearch;
use crate::engine::run::quality::Measure;
use crate::engine::run::series::Finished;

/// An R and a T with what came of them.
#[derive(Clone, Debug, Serialize)]
pub struct ChoiceRow {
    pub components: usize,
    pub lags: usize,
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

impl ChoiceRow {
    pub const fn value(&self, measure: Measure) -> Option<f64> {
        match measure {
            Measure::Snr => self.snr_db,
            Measure::Kld => self.kld,
            Measure::SqrtSnr => self.sqrt_snr_db,
            Measure::Lsd => self.lsd_db,
        }
    }
}

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
        let (goal, quality) = (search.goal(), search.quality());
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
                snr_db: measures.quality.snr_db,
                sqrt_snr_db: measures.quality.sqrt_snr_db,
                kld: measures.quality.kld,
                lsd_db: measures.quality.lsd_db,
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
        let quality = search.quality();
        let value = number(best.value(quality.measure()));
        Some(match (self.missed, search.goal()) {
            (false, _) => {
                let quality = match quality {
                    QualityFloor::SqrtSnr => format!("an SNR of √V of {value} dB"),
                    QualityFloor::Divergence => format!("a KLD of {value}"),
                    QualityFloor::Snr => format!("an SNR of {value} dB"),
                };
                let power = if best.power < 1.0 { format!(", P = {}", best.power) } else { String::new() };
                format!("R = {r}, T = {t}{power} is the best: {bytes} bytes with {quality}")
            }
            (true, ModelGoal::MaxBytes(most)) => {
                format!(
                    "nothing that was tried fits into {most} bytes; the smallest is R = {r}, T = {t} with {bytes} bytes"
                )
            }
            (true, ModelGoal::MinQuality(least)) => {
                let in_db = number(best.value(quality.in_db().measure()));
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
}
