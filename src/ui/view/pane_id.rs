//! The panes of the window: what they are called, where they stand, and what they are on paper.

use crate::engine::ColumnId;
use crate::figure::PaneKind;
use crate::figure::panes::{self, CONVERGENCE, DIFFERENCE, HIST, HIST_H, RD, RESIDUAL, V, VHAT};
use crate::ui::text::panes as words;

/// A pane that can be drawn, measured and saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    /// The whole file.
    Overview,
    /// Reconstruction, V or their difference.
    Spectrogram(ColumnId),
    /// What both models miss over time.
    Error(ColumnId),
    /// H.
    Activations(ColumnId),
    /// `W_0` to `W_{T-1}`.
    Cascade(ColumnId),
    /// Element values.
    Histogram(ColumnId),
    /// D over iterations.
    Convergence,
    /// A measure over bytes.
    RateDistortion,
    /// A pane of figures, shown as it is on paper.
    Figure(PaneKind, ColumnId),
    /// Which components of the two columns belong together: nothing that is drawn by itself.
    Components,
}

/// The pane of a column.
pub type PaneOf = fn(ColumnId) -> PaneId;

/// The panes of a column from the top, each with its share of the height. A pane of figures that needs nothing of its
/// own in the window is a row such as `(|column| PaneId::Figure(panes::CONVERGENCE, column), 0.2)`.
pub const COLUMN: [(PaneOf, f32); 5] = [
    (PaneId::Spectrogram, 0.3),
    (PaneId::Error, 0.08),
    (PaneId::Activations, 0.25),
    (PaneId::Cascade, 0.21),
    (PaneId::Histogram, 0.16),
];

/// What a spectrogram pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Vhat.
    #[default]
    Model,
    /// V.
    Input,
    /// V - Vhat.
    Residual,
    /// The level of B less that of A, the same in both columns.
    Difference,
}

/// Bases or activations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum FactorSide {
    /// All `W_t`.
    #[default]
    W,
    /// H.
    H,
}

impl PaneId {
    /// The panes of a column, from the top.
    pub fn of_column(column: ColumnId) -> [Self; COLUMN.len()] {
        COLUMN.map(|(pane, _)| pane(column))
    }

    /// All that can be saved: those of both columns, then those that both share.
    pub fn all() -> Vec<Self> {
        let columns = ColumnId::BOTH.into_iter().flat_map(Self::of_column);
        columns.chain([Self::Overview, Self::Convergence, Self::RateDistortion]).collect()
    }

    /// What it is called, and the column that it stands in, if any.
    const fn row(self) -> (&'static str, Option<ColumnId>) {
        match self {
            Self::Overview => (words::OVERVIEW, None),
            Self::Spectrogram(column) => (words::SPECTROGRAM, Some(column)),
            Self::Error(column) => (words::ERROR, Some(column)),
            Self::Activations(column) => (words::ACTIVATIONS, Some(column)),
            Self::Cascade(column) => (words::BASES, Some(column)),
            Self::Histogram(column) => (words::HISTOGRAM, Some(column)),
            Self::Convergence => (words::CONVERGENCE, None),
            Self::RateDistortion => (words::RATE_DISTORTION, None),
            Self::Figure(kind, column) => (kind.label(), Some(column)),
            Self::Components => (words::COMPONENTS, None),
        }
    }

    /// The column that it stands in, if any.
    #[must_use]
    pub const fn column(self) -> Option<ColumnId> {
        self.row().1
    }

    /// The name in menus, file names and for screen readers.
    #[must_use]
    pub fn name(self) -> String {
        let (name, column) = self.row();
        column.map_or_else(|| name.to_owned(), |column| words::of_column(name, column.name()))
    }

    /// The pane that it is in a figure, where the spectrograms show this and the histograms count that side.
    #[must_use]
    pub const fn kind(self, shown: [Shown; 2], side: FactorSide) -> PaneKind {
        match self {
            Self::Overview => V,
            Self::Spectrogram(column) => match shown[column.index()] {
                Shown::Model => VHAT,
                Shown::Input => V,
                Shown::Residual => RESIDUAL,
                Shown::Difference => DIFFERENCE,
            },
            Self::Error(_) => panes::ERROR_TIME,
            Self::Activations(_) => panes::H,
            Self::Cascade(_) | Self::Components => panes::W,
            Self::Histogram(_) => match side {
                FactorSide::W => HIST,
                FactorSide::H => HIST_H,
            },
            Self::Convergence => CONVERGENCE,
            Self::RateDistortion => RD,
            Self::Figure(kind, _) => kind,
        }
    }
}
