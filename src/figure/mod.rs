//! What is drawn, without saying on what: colour maps, axes, rasters of matrices, histograms, charts.
//!
//! May use `engine` and the layers below it. Knows nothing of `egui`.

pub mod axis;
pub mod cascade;
pub mod chart;
pub mod colormap;
pub mod components;
pub mod histogram;
pub mod png;
pub mod raster;

pub use axis::FrequencyScale;
pub use cascade::{Cascade, CascadeOrder};
pub use colormap::ColorMap;
pub use components::Components;
pub use histogram::Histogram;
pub use raster::{Columns, Levels, Raster, Region};
