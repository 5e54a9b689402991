//! A kind of pane: the row that the file of a pane gives to the table in `mod.rs`, and what a pane is drawn from.

use std::sync::Arc;

use super::Look;
use crate::engine::Analysis;
use crate::figure::scene::Pane;
use crate::figure::sources::{Run, Sources};
use crate::numeric::Factors;
use crate::signal::Axes;

/// Makes a pane of what is given.
type Draw = fn(&PaneInput<'_>) -> Result<Pane, FigureError>;

/// A kind of pane. Two of one name are the same.
#[derive(Clone, Copy, Debug)]
pub struct PaneKind {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) description: &'static str,
    pub(super) needs_input: bool,
    pub(super) is_shared: bool,
    pub(super) draw: Draw,
}

impl PartialEq for PaneKind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for PaneKind {}

impl std::hash::Hash for PaneKind {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl PaneKind {
    pub const fn name(self) -> &'static str {
        self.name
    }

    pub const fn label(self) -> &'static str {
        self.label
    }

    pub const fn description(self) -> &'static str {
        self.description
    }

    /// Whether there is nothing to draw without the input.
    pub const fn needs_input(self) -> bool {
        self.needs_input
    }

    /// Whether all runs share one.
    pub const fn is_shared(self) -> bool {
        self.is_shared
    }

    pub fn draw(self, given: &PaneInput<'_>) -> Result<Pane, FigureError> {
        (self.draw)(given)
    }
}

/// What a pane is drawn from: all that there is, and the run that it shows.
pub struct PaneInput<'a> {
    pub sources: &'a Sources,
    pub labels: &'a [String],
    pub look: &'a Look,
    /// Which run the pane shows, where it does not show all.
    pub index: usize,
    /// Its real-valued factors.
    pub factors: &'a Factors<f32>,
    /// Its components from the top, or from the left.
    pub order: &'a [usize],
    /// Which of the colours of series it has.
    pub series: usize,
    /// Whether the pane has the colour bar of its row.
    pub bar: bool,
}

impl PaneInput<'_> {
    pub fn run(&self) -> &Run {
        &self.sources.runs[self.index]
    }

    pub fn label(&self) -> &str {
        &self.labels[self.index]
    }

    /// Its seconds and Hz.
    pub fn axes(&self) -> Axes {
        self.sources.axes(self.run())
    }

    /// The input, which the pane of this kind needs.
    pub(super) fn input(&self, kind: PaneKind) -> Result<&Arc<Analysis>, FigureError> {
        self.sources.analysis.as_ref().ok_or(FigureError::NeedsInput { pane: kind.name })
    }
}

/// A figure that cannot be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FigureError {
    #[error(
        "pane {pane}: needs the sound that was factorised, which a factor stream does not hold: give it with --audio"
    )]
    NeedsInput { pane: &'static str },
    #[error("pane {pane}: needs two runs of as many bins and frames")]
    NeedsTwo { pane: &'static str },
    #[error("pane convergence: a factor stream does not hold the objective of its iterations")]
    NoCurve,
    #[error("expected at least one run and one pane, got {runs} runs and {panes} panes")]
    Nothing { runs: usize, panes: usize },
    #[error("width-mm: expected at least {least} for these panes at this size of text, got {got}")]
    TooNarrow { least: f64, got: f64 },
    #[error("cancelled")]
    Cancelled,
}
