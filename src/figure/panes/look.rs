//! How panes look.

use crate::engine::Measure;
use crate::figure::axis::FrequencyScale;
use crate::figure::cascade::CascadeOrder;
use crate::figure::colormap::ColorMap;
use crate::figure::raster::LevelRange;
use crate::figure::style::{Rgb, Stroke, Style};

#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub style: Style,
    pub scale: FrequencyScale,
    pub levels: LevelRange,
    pub order: CascadeOrder,
    /// Whether counts of histograms are spread by factors of ten.
    pub log_count: bool,
    pub measure: Measure,
    /// Columns that an image of a spectrogram has at most; beyond, the peaks of neighbours share a pixel.
    pub most_columns: usize,
    /// The part that the window shows, at its pixels; none on paper, where all is shown.
    pub screen: Option<Screen>,
}

/// How the window shows a pane: a part of it, at the pixels that it has, in the colours of its theme.
#[derive(Clone, Debug, PartialEq)]
pub struct Screen {
    /// First and last moment, in seconds, where the pane has a time axis.
    pub time: (f64, f64),
    /// Lowest and highest frequency in Hz, where it has a frequency axis.
    pub hertz: (f64, f64),
    /// Pixels across and down.
    pub pixels: (usize, usize),
    /// Behind images, where there is no value.
    pub ground: Rgb,
    /// Colours of the first series, those of the columns.
    pub columns: [Rgb; 2],
}

/// Columns of an image at most, where none are given: half an hour of sound, and as much as programs that show files bear.
const MOST_COLUMNS: usize = 20_000;

impl Look {
    pub fn new(style: Style) -> Self {
        Self {
            style,
            scale: FrequencyScale::default(),
            levels: LevelRange { map: ColorMap::default(), top_db: 0.0, range_db: 80.0 },
            order: CascadeOrder::default(),
            log_count: true,
            measure: Measure::default(),
            most_columns: MOST_COLUMNS,
            screen: None,
        }
    }

    pub(super) fn ground(&self) -> Rgb {
        self.screen.as_ref().map_or(self.style.ground(), |screen| screen.ground)
    }

    pub(super) fn series(&self, index: usize) -> Stroke {
        let stroke = self.style.series(index);
        let colour = self.screen.as_ref().and_then(|screen| screen.columns.get(index)).copied();
        Stroke { colour: colour.unwrap_or(stroke.colour), ..stroke }
    }
}
