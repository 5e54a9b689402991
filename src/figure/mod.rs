//! What is drawn, without saying on what: colour maps, axes, rasters of matrices, histograms; and figures on a page,
//! from one scene description, as SVG, PDF and PNG.
//!
//! A [`Sheet`] says which panes of which [`Sources`]; `panes` makes them, `compose` finds their places, and the
//! [`Scene`](scene::Scene) that comes out is all that the writers know.
//!
//! Knows nothing of `egui`.

pub mod axis;
pub mod cascade;
pub mod chart;
pub mod colormap;
pub mod components;
pub mod compose;
pub mod histogram;
pub mod output;
pub mod panes;
pub mod png;
pub mod raster;
pub mod scene;
pub mod sheet;
pub mod sources;
pub mod style;
pub mod svg;
pub mod text;

pub use axis::FrequencyScale;
pub use cascade::{Cascade, CascadeOrder};
pub use colormap::ColorMap;
pub use components::Components;
pub use output::FigureFormat;
pub use panes::{FigureError, Look, PaneKind, Screen};
pub use raster::{Columns, LevelRange, Raster, Region};
pub use sheet::{Arrangement, Sheet};
pub use sources::{Point, Run, Sources};
pub use style::Style;
