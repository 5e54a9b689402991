//! Figures and data from the window: what they are made of, and how they are written and copied.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use super::exporting::{ExportProgress, Made};
use crate::codec::Form;
use crate::engine::run::series::Finished;
use crate::engine::{ColumnId, InputState, MessageKind, Session, Trace, files};
use crate::export::everything::{self, EverythingError};
use crate::export::manifest::{self, BundleError};
use crate::figure::{FigureFormat, Look, Point, Run, Sheet, Sources, output};
use crate::ui::text::figures as words;
use crate::ui::view::PaneId;

/// What a figure shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Rows of panes, one column of the page for each column of the window.
    Grid,
    /// The poster's layout.
    Poster,
    /// One pane.
    Pane(PaneId),
}

impl Subject {
    /// What it is called.
    pub fn name(self) -> String {
        match self {
            Self::Grid => words::GRID.to_owned(),
            Self::Poster => words::POSTER.to_owned(),
            Self::Pane(pane) => pane.name(),
        }
    }

    /// The models that it needs: both columns, or the one of its pane.
    pub fn columns(self) -> Vec<ColumnId> {
        match self {
            Self::Pane(pane) => pane.column().map_or_else(|| ColumnId::BOTH.to_vec(), |column| vec![column]),
            Self::Grid | Self::Poster => ColumnId::BOTH.to_vec(),
        }
    }

    /// Those that can be drawn.
    pub fn all(session: &Session) -> Vec<Self> {
        let there =
            |pane: &PaneId| pane.column().is_none_or(|column| session.shown(column).snapshot.is_some());
        let panes = PaneId::all().into_iter().filter(there).map(Self::Pane);
        [Self::Grid, Self::Poster].into_iter().chain(panes).collect()
    }
}

/// What there is of these columns now.
pub fn sources(session: &Session, columns: &[ColumnId]) -> Sources {
    let run = |column: &ColumnId| {
        let state = session.shown(*column);
        Some(Run {
            name: column.name().to_owned(),
            stored: Arc::new(state.stored(Form::default())?),
            measures: state.measures.clone(),
            objective: state
                .snapshot
                .as_ref()
                .map(|snapshot| Arc::clone(&snapshot.objective))
                .unwrap_or_default(),
            series: column.index(),
        })
    };
    let analysis = columns.iter().find_map(|column| session.shown(*column).analysis.clone());
    let analysis = analysis.or_else(|| match session.input() {
        InputState::Ready(analysis) => Some(Arc::clone(analysis)),
        InputState::Empty | InputState::Loading { .. } | InputState::Failed { .. } => None,
    });
    let point = |run: &Arc<Finished>| Point::of(run.spec.method.name(), &run.measures);
    let sweep = session.trace().map(Trace::points).unwrap_or_default();
    Sources {
        runs: columns.iter().filter_map(run).collect(),
        analysis,
        sweep: sweep.iter().map(point).collect(),
    }
}

/// The line that computes what the columns show.
pub fn command(session: &Session) -> String {
    match session.input() {
        InputState::Ready(analysis) => session.draft().command_line(&analysis.input),
        InputState::Empty | InputState::Loading { .. } | InputState::Failed { .. } => String::new(),
    }
}

/// A figure that is asked for.
pub struct FigureOrder {
    sheet: Sheet,
    sources: Arc<Sources>,
    dpi: f64,
}

impl FigureOrder {
    /// A figure of these sources, at so many dots in an inch where it becomes pixels.
    pub const fn new(sheet: Sheet, sources: Arc<Sources>, dpi: f64) -> Self {
        Self { sheet, sources, dpi }
    }

    /// How many panes there are to be drawn, about.
    pub fn steps(&self) -> usize {
        (self.sheet.kinds.len() * self.sources.runs.len()).max(1)
    }

    /// Draws it into a file.
    ///
    /// # Errors
    /// It cannot be drawn or written, or was cancelled.
    pub fn write(self, path: &Path, overwrite: bool, progress: &ExportProgress) -> Result<Made, String> {
        let format = FigureFormat::of(path).ok_or(words::ENDING)?;
        let scene = self
            .sheet
            .scene(&self.sources, &|done, of| progress.report(done, of))
            .map_err(|e| e.to_string())?;
        let boxes = scene.boxes().filter(|_| format != FigureFormat::Svg);
        let notes = boxes.map(|text| (MessageKind::Warning, text)).into_iter().collect();
        let bytes = output::file(&scene, format, self.dpi)?;
        if progress.step().is_break() {
            return Err(words::CANCELLED.to_owned());
        }
        files::write_atomic(path, overwrite, &bytes).map_err(|e| e.to_string())?;
        Ok(Made::Written { path: path.to_owned(), bytes: bytes.len(), notes })
    }

    /// Draws it as pixels.
    ///
    /// # Errors
    /// As [`FigureOrder::write`].
    pub fn picture(self, progress: &ExportProgress) -> Result<Made, String> {
        let scene = self
            .sheet
            .scene(&self.sources, &|done, of| progress.report(done, of))
            .map_err(|e| e.to_string())?;
        let picture = output::picture(&scene, self.dpi)?;
        Ok(Made::Picture(egui::ColorImage::from_rgb([picture.width, picture.height], &picture.rgb)))
    }
}

/// Data alone, or everything, as a folder or an archive.
///
/// # Errors
/// A file that cannot be made or written, or it was cancelled.
pub fn write_bundle(
    parts: (&Sources, &[Arc<Finished>], &Look, &str),
    data_alone: bool,
    (path, overwrite): (&Path, bool),
    progress: &ExportProgress,
) -> Result<Made, String> {
    let (sources, sweep, look, command) = parts;
    let sweep: Vec<&Finished> = sweep.iter().map(Arc::as_ref).collect();
    let report: &dyn Fn() -> ControlFlow<()> = &|| progress.step();
    let entries = if data_alone {
        everything::data(sources, &sweep, report)
            .map(|entries| everything::with_manifest(entries, sources, command))
    } else {
        everything::all(sources, &sweep, look, command, report)
    };
    let entries = entries.map_err(|e: EverythingError| e.to_string())?;
    let bytes = entries.iter().map(|entry| entry.bytes.len()).sum();
    manifest::write(path, overwrite, &entries, report).map_err(|e: BundleError| e.to_string())?;
    Ok(Made::Written { path: path.to_owned(), bytes, notes: Vec::new() })
}
