//! Which panes a figure has and how they lie: the grid of runs side by side, and the poster's.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::compose::{Cell, compose};
use super::panes::{self, Kind, Look, WARPED_ROWS};
use super::raster::Residual;
use super::scene::{Notes, Pane, Scene};
use super::sources::{Run, Sources};
use super::{CascadeOrder, FrequencyScale};
use crate::engine::{Analysis, Measure};
use crate::numeric::{Factors, Magnitudes, Method};

/// How panes lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// A row a kind, a column a run; what runs share across all columns.
    #[default]
    Grid,
    /// The poster's: cascades, histograms with the storable one above, rate and distortion, table.
    Poster,
}

/// What a figure is to show.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The panes of a grid, from the top.
    pub kinds: Vec<Kind>,
    /// How they lie.
    pub arrangement: Arrangement,
    /// How they look.
    pub look: Look,
    /// Stands above all.
    pub title: Option<String>,
    /// Whether panes are called (a), (b), ...
    pub letters: bool,
    /// The line that makes the same figure.
    pub command: String,
}

/// A figure that cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FigureError {
    /// The input is not there.
    #[error(
        "pane {pane}: needs the sound that was factorised, which a factor stream does not hold: give it with --audio"
    )]
    NeedsInput {
        /// The pane.
        pane: &'static str,
    },
    /// No run has a curve.
    #[error("pane convergence: a factor stream does not hold the objective of its iterations")]
    NoCurve,
    /// Nothing to draw.
    #[error("expected at least one run and one pane, got {runs} runs and {panes} panes")]
    Nothing {
        /// Runs.
        runs: usize,
        /// Panes.
        panes: usize,
    },
    /// The page is too narrow.
    #[error("width-mm: expected at least {least} for these panes at this size of text, got {got}")]
    TooNarrow {
        /// What would do, about.
        least: f64,
        /// What was given.
        got: f64,
    },
    /// Somebody cancelled.
    #[error("cancelled")]
    Cancelled,
}

/// Asked after each pane with how many are done and of how many; decides whether to go on.
pub type Report<'a> = &'a dyn Fn(usize, usize) -> ControlFlow<()>;

/// What panes are made of, worked out once.
struct Table<'a> {
    sources: &'a Sources,
    look: &'a Look,
    labels: Vec<String>,
    factors: Vec<Arc<Factors<f32>>>,
    orders: Vec<Vec<usize>>,
}

impl Sheet {
    /// The figure of these sources.
    ///
    /// # Errors
    /// A pane cannot be drawn from them, the page is too narrow, or `report` ended it.
    pub fn scene(&self, sources: &Sources, report: Report<'_>) -> Result<Scene, FigureError> {
        let poster = self.arrangement == Arrangement::Poster;
        if sources.runs.is_empty() || (self.kinds.is_empty() && !poster) {
            let panes = self.kinds.len();
            return Err(FigureError::Nothing { runs: sources.runs.len(), panes });
        }
        let factors: Vec<Arc<Factors<f32>>> =
            sources.runs.iter().map(|run| Arc::new(run.factors())).collect();
        let orders = panes::orders(sources, &factors);
        let table = Table { sources, look: &self.look, labels: sources.labels(), factors, orders };
        let plan = if poster { self.poster(&table) } else { self.grid(&table) };
        let of = plan.len();
        let mut cells = Vec::new();
        for (done, Place { kind, run, row, column, rows, columns, last, series }) in
            plan.into_iter().enumerate()
        {
            if report(done, of).is_break() {
                return Err(FigureError::Cancelled);
            }
            let pane = table.pane(kind, run, last, series)?;
            cells.push(Cell { row, column, rows, columns, pane });
        }
        let letters = self.letters && cells.len() > 1;
        compose(cells, &self.look.style, self.title.clone(), letters, self.notes(sources))
            .map_err(|e| FigureError::TooNarrow { least: e.least, got: self.look.style.width })
    }

    fn grid(&self, table: &Table<'_>) -> Vec<Place> {
        let columns = table.sources.runs.len();
        let mut plan = Vec::new();
        for (row, &kind) in self.kinds.iter().enumerate() {
            if kind.is_shared() {
                plan.push(Place { columns, last: true, ..Place::new(kind, 0, row, 0) });
            } else {
                plan.extend(
                    (0..columns)
                        .map(|run| Place { last: run + 1 == columns, ..Place::new(kind, run, row, run) }),
                );
            }
        }
        plan
    }

    /// Two columns where the page has room for them, else one.
    fn poster(&self, table: &Table<'_>) -> Vec<Place> {
        let runs = &table.sources.runs;
        // Of several storable models the one of the best method, which is the last in their list.
        let rank = |run: &Run| Method::ALL.iter().position(|m| m.name() == run.stored.header.method);
        let storable = (0..runs.len())
            .filter(|i| runs[*i].stored.model.is_quantised())
            .max_by_key(|i| (rank(&runs[*i]), std::cmp::Reverse(*i)));
        let plain = runs.iter().position(|run| !run.stored.model.is_quantised());
        let both: Vec<usize> = storable.into_iter().chain(plain).collect();
        let wide = self.look.style.width >= 30.0 * self.look.style.em() && both.len() > 1;
        let heard = table.sources.analysis.is_some();
        let mut plan = Vec::new();
        let mut row = 0;
        for (i, &run) in both.iter().enumerate() {
            let column = if wide { i } else { 0 };
            let last = !wide || i + 1 == both.len();
            plan.push(Place { last, ..Place::new(Kind::W, run, row, column) });
            row += usize::from(!wide || i + 1 == both.len());
        }
        for (i, &run) in both.iter().enumerate() {
            // The first of both is the storable one, where there is one, and has the colour of lane B.
            let series = Some(usize::from(runs[run].stored.model.is_quantised()));
            plan.push(Place { series, ..Place::new(Kind::Hist, run, row + i, 0) });
        }
        // Without the sound there is no SNR; the histograms then have all of the width.
        if heard && wide {
            plan.push(Place { rows: both.len(), ..Place::new(Kind::Rd, 0, row, 1) });
        } else if wide {
            plan.iter_mut().filter(|place| place.kind == Kind::Hist).for_each(|place| place.columns = 2);
        }
        row += both.len();
        if heard && !wide {
            plan.push(Place::new(Kind::Rd, 0, row, 0));
            row += 1;
        }
        plan.push(Place { columns: if wide { 2 } else { 1 }, ..Place::new(Kind::Table, 0, row, 0) });
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
struct Place {
    kind: Kind,
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

impl Place {
    const fn new(kind: Kind, run: usize, row: usize, column: usize) -> Self {
        Self { kind, run, row, column, rows: 1, columns: 1, last: true, series: None }
    }
}

impl Table<'_> {
    fn input(&self, kind: Kind) -> Result<&Arc<Analysis>, FigureError> {
        self.sources.analysis.as_ref().ok_or(FigureError::NeedsInput { pane: kind.name() })
    }

    fn pane(&self, kind: Kind, index: usize, bar: bool, series: Option<usize>) -> Result<Pane, FigureError> {
        let (look, run, label) = (self.look, &self.sources.runs[index], &self.labels[index]);
        let (factors, order) = (&self.factors[index], &self.orders[index]);
        let axes = self.sources.axes(run);
        let series = series.unwrap_or(run.series);
        Ok(match kind {
            Kind::V => {
                let input = self.input(kind)?;
                let title = format!("V, {}", input.name);
                panes::spectrogram(
                    &*input.spectrogram_f32().v,
                    &input.axes(),
                    look,
                    (kind.name(), title),
                    bar,
                )
            }
            Kind::Vhat => {
                let snr = run.measures.as_ref().and_then(|measures| measures.snr_db);
                let snr = snr.map_or_else(String::new, |snr| format!(", {}", Measure::Snr.describe(snr)));
                let title = format!("V\u{302}, {label}{snr}");
                panes::spectrogram(
                    &Magnitudes::of(factors, run.power()),
                    &axes,
                    look,
                    (kind.name(), title),
                    bar,
                )
            }
            Kind::Residual => {
                let shape = run.shape();
                let input = self.input(kind)?;
                if (input.bins(), input.frames()) != (shape.bins, shape.frames) {
                    return Err(FigureError::NeedsInput { pane: kind.name() });
                }
                let vhat = Magnitudes::of(factors, run.power());
                let title = format!("V \u{2212} V\u{302}, {label}");
                let source = Residual(&input.spectrogram_f32().v, &vhat);
                panes::spectrogram(&source, &axes, look, (kind.name(), title), bar)
            }
            Kind::W => panes::cascade(factors, order, &axes, look, format!("W, {label}"), bar),
            Kind::H => panes::activations(factors, order, &axes, look, format!("H, {label}"), series),
            Kind::Hist => panes::histogram(&run.stored.model, false, look, label, series),
            Kind::HistH => panes::histogram(&run.stored.model, true, look, label, series),
            Kind::Rd => {
                self.input(kind)?;
                let mut points = self.sources.sweep.clone();
                points.extend(self.sources.runs.iter().filter_map(Run::point));
                panes::rate_distortion(&points, look, "Rate and distortion")
            }
            Kind::Convergence => {
                panes::convergence(&self.sources.runs, &self.labels, look).ok_or(FigureError::NoCurve)?
            }
            Kind::Table => panes::table(self.sources, "Quality and sizes"),
        })
    }
}
