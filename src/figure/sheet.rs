//! Which panes a figure has and how they lie: the grid of runs side by side, and the poster's.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::compose::{GridCell, compose};
use super::panes::{self, FigureError, Look, PaneInput, PaneKind, WARPED_ROWS};
use super::scene::{Notes, Pane, Scene};
use super::sources::{Run, Sources};
use super::{CascadeOrder, FrequencyScale};
use crate::numeric::{Factors, Method, Named};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// A row a kind, a column a run; what runs share across all columns.
    #[default]
    Grid,
    /// The poster's: cascades, histograms with the storable one above, rate and distortion, table.
    Poster,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The panes of a grid, from the top.
    pub kinds: Vec<PaneKind>,
    pub arrangement: Arrangement,
    pub look: Look,
    pub title: Option<String>,
    /// Whether panes are called (a), (b), ...
    pub letters: bool,
    /// The line that makes the same figure.
    pub command: String,
}

/// Asked after each pane with how many are done and of how many; decides whether to go on.
pub type SheetProgress<'a> = &'a dyn Fn(usize, usize) -> ControlFlow<()>;

/// A pane by itself, of the first of these runs.
pub fn pane(kind: PaneKind, sources: &Sources, look: &Look) -> Result<Pane, FigureError> {
    let run = sources.runs.first().ok_or(FigureError::Nothing { runs: 0, panes: 1 })?;
    let (labels, series, factors) = (&sources.labels(), run.series, &run.factors());
    let order: Vec<usize> = (0..run.shape().components).collect();
    kind.draw(&PaneInput { sources, labels, look, index: 0, factors, order: &order, series, bar: false })
}

impl Sheet {
    pub fn scene(&self, sources: &Sources, report: SheetProgress<'_>) -> Result<Scene, FigureError> {
        let poster = self.arrangement == Arrangement::Poster;
        if sources.runs.is_empty() || (self.kinds.is_empty() && !poster) {
            let panes = self.kinds.len();
            return Err(FigureError::Nothing { runs: sources.runs.len(), panes });
        }
        let factors: Vec<Arc<Factors<f32>>> =
            sources.runs.iter().map(|run| Arc::new(run.factors())).collect();
        let (orders, labels) = (panes::orders(sources, &factors), sources.labels());
        let plan = if poster { self.poster(sources) } else { self.grid(sources) };
        let of = plan.len();
        let mut cells = Vec::new();
        for (done, SheetCell { kind, run: index, row, column, rows, columns, last: bar, series }) in
            plan.into_iter().enumerate()
        {
            if report(done, of).is_break() {
                return Err(FigureError::Cancelled);
            }
            let series = series.unwrap_or(sources.runs[index].series);
            let (labels, factors, order) = (&labels, &factors[index], &orders[index]);
            let given = PaneInput { sources, labels, look: &self.look, index, factors, order, series, bar };
            cells.push(GridCell { row, column, rows, columns, pane: kind.draw(&given)? });
        }
        let letters = self.letters && cells.len() > 1;
        compose(cells, &self.look.style, self.title.clone(), letters, self.notes(sources))
            .map_err(|e| FigureError::TooNarrow { least: e.least, got: self.look.style.width })
    }

    fn grid(&self, sources: &Sources) -> Vec<SheetCell> {
        let columns = sources.runs.len();
        let mut plan = Vec::new();
        for (row, &kind) in self.kinds.iter().enumerate() {
            if kind.is_shared() {
                plan.push(SheetCell { columns, last: true, ..SheetCell::new(kind, 0, row, 0) });
            } else {
                plan.extend((0..columns).map(|run| SheetCell {
                    last: run + 1 == columns,
                    ..SheetCell::new(kind, run, row, run)
                }));
            }
        }
        plan
    }

    /// Two columns where the page has room for them, else one.
    fn poster(&self, sources: &Sources) -> Vec<SheetCell> {
        let runs = &sources.runs;
        // Of several storable models the one of the best method, which is the last in their list.
        let rank = |run: &Run| Method::ALL.iter().position(|m| m.name() == run.stored.header.method);
        let storable = (0..runs.len())
            .filter(|i| runs[*i].stored.model.is_quantised())
            .max_by_key(|i| (rank(&runs[*i]), std::cmp::Reverse(*i)));
        let plain = runs.iter().position(|run| !run.stored.model.is_quantised());
        let both: Vec<usize> = storable.into_iter().chain(plain).collect();
        let wide = self.look.style.width >= 30.0 * self.look.style.em() && both.len() > 1;
        let heard = sources.analysis.is_some();
        let mut plan = Vec::new();
        let mut row = 0;
        for (i, &run) in both.iter().enumerate() {
            let column = if wide { i } else { 0 };
            let last = !wide || i + 1 == both.len();
            plan.push(SheetCell { last, ..SheetCell::new(panes::W, run, row, column) });
            row += usize::from(!wide || i + 1 == both.len());
        }
        for (i, &run) in both.iter().enumerate() {
            // The first of both is the storable one, where there is one, and has the colour of column B.
            let series = Some(usize::from(runs[run].stored.model.is_quantised()));
            plan.push(SheetCell { series, ..SheetCell::new(panes::HIST, run, row + i, 0) });
        }
        // Without the sound there is no SNR; the histograms then have all of the width.
        if heard && wide {
            plan.push(SheetCell { rows: both.len(), ..SheetCell::new(panes::RD, 0, row, 1) });
        } else if wide {
            plan.iter_mut().filter(|place| place.kind == panes::HIST).for_each(|place| place.columns = 2);
        }
        row += both.len();
        if heard && !wide {
            plan.push(SheetCell::new(panes::RD, 0, row, 0));
            row += 1;
        }
        plan.push(SheetCell { columns: if wide { 2 } else { 1 }, ..SheetCell::new(panes::TABLE, 0, row, 0) });
        plan
    }

    fn notes(&self, sources: &Sources) -> Notes {
        let look = &self.look;
        let mut lines: Vec<String> = sources.runs.iter().map(Run::describe).collect();
        if let Some(analysis) = &sources.analysis {
            lines.push(format!("compared with {}, sha256 {}", analysis.name, analysis.sha256));
        }
        let rows = match look.scale {
            FrequencyScale::Linear => "a row of pixels a bin".to_owned(),
            scale => format!("{} axis, {WARPED_ROWS} rows of pixels", scale.name()),
        };
        let order = match look.order {
            CascadeOrder::ByComponent => "component",
            CascadeOrder::ByLag => "lag",
        };
        lines.push(format!(
            "spectrograms: {rows}, a column of pixels a frame up to {}; colours {} from {} to {} dB re max V",
            look.most_columns,
            look.levels.map.name(),
            look.levels.top_db - look.levels.range_db,
            look.levels.top_db
        ));
        lines.push(format!(
            "bases by {order}, each times the peak of its activation; activations each scaled to its peak; components of \
             further runs stand as their partners in the first"
        ));
        Notes { command: self.command.clone(), lines }
    }
}

/// A pane and where it goes.
#[derive(Clone, Copy)]
struct SheetCell {
    kind: PaneKind,
    run: usize,
    row: usize,
    column: usize,
    rows: usize,
    columns: usize,
    /// Whether it is the last of its row, which has the colour bar.
    last: bool,
    /// The colour of the run, where it is not its own.
    series: Option<usize>,
}

impl SheetCell {
    const fn new(kind: PaneKind, run: usize, row: usize, column: usize) -> Self {
        Self { kind, run, row, column, rows: 1, columns: 1, last: true, series: None }
    }
}
