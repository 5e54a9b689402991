//! How panes look.

use crate::engine::Measure;
use crate::figure::axis::FrequencyScale;
use crate::figure::cascade::CascadeOrder;
use crate::figure::colormap::ColorMap;
use crate::figure::raster::Levels;
use crate::figure::scene::Style;

/// How panes look.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    /// Sizes and colours.
    pub style: Style,
    /// The frequency axis.
    pub scale: FrequencyScale,
    /// Colours of levels.
    pub levels: Levels,
    /// What makes a patch of a cascade.
    pub order: CascadeOrder,
    /// Whether counts of histograms are spread by factors of ten.
    pub log_count: bool,
    /// What rate-distortion diagrams show over the bytes.
    pub measure: Measure,
    /// Columns that an image of a spectrogram has at most; beyond, the peaks of neighbours share a pixel.
    pub most_columns: usize,
}

/// Columns of an image at most, where none are given: half an hour of sound, and as much as programs that show files bear.
const MOST_COLUMNS: usize = 20_000;

impl Look {
    /// The usual look in this style.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self {
            style,
            scale: FrequencyScale::default(),
            levels: Levels { map: ColorMap::default(), top_db: 0.0, range_db: 80.0 },
            order: CascadeOrder::default(),
            log_count: true,
            measure: Measure::default(),
            most_columns: MOST_COLUMNS,
        }
    }
}
