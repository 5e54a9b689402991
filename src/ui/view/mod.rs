//! What is looked at and how: one range of time and frequency for every pane.

mod extent;
mod history;
pub mod listen;
mod pane_id;
pub mod persist;
pub mod recent;
pub mod run_list;
pub mod selection;
mod zoom;

use std::collections::HashMap;

use egui::{Rect, Vec2};

pub use self::extent::{ViewExtent, analysis_of, axes_of, extent};
use self::listen::Listen;
pub use self::pane_id::{COLUMN, FactorSide, PaneId, Shown};
use self::recent::Recent;
use self::run_list::RunList;
use self::selection::ComponentSelection;
use crate::engine::{ChooseDraft, ColumnId, GridDraft, Measure};
use crate::figure::{CascadeOrder, ColorMap, FrequencyScale, LevelRange, Look, Style};
use crate::numeric::Metric;

/// What can be unfolded below the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Below {
    /// Every run.
    Runs,
    /// The messages so far.
    Messages,
}

/// What stands beside the panes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The settings, at the left.
    Controls,
    /// The numbers, at the right.
    Numbers,
}

impl Side {
    /// Both, from the left.
    pub const BOTH: [Self; 2] = [Self::Controls, Self::Numbers];

    /// Width of a window, in points, in which it leaves room for the panes.
    const fn needs(self) -> f32 {
        match self {
            Self::Controls => 1200.0,
            Self::Numbers => 1000.0,
        }
    }
}

/// A range of an axis.
pub type Range = (f64, f64);

/// What of the signal is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewPart {
    /// Seconds.
    pub time: Range,
    /// Hz.
    pub hertz: Range,
}

/// What the pointer is on, as far as its pane has such axes: every pane shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cursor {
    /// Seconds.
    pub time: Option<f64>,
    /// Hz.
    pub hertz: Option<f64>,
    /// What the pane itself says of the place.
    pub text: String,
}

/// Which part of the box in the overview is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Grip {
    /// The earliest moment.
    Start,
    /// The latest moment.
    End,
    /// All of it, so many seconds before the pointer.
    Whole(f64),
    /// A new range is drawn from here.
    New(f64),
}

/// What is shown of the signal, and what column B shows where it goes its own way.
type Parts = (ViewPart, Option<ViewPart>);

/// Parts that were looked at.
#[derive(Clone, Debug, Default)]
struct History {
    past: Vec<Parts>,
    future: Vec<Parts>,
    /// What was shown on the last frame, and since when.
    last: Option<(Parts, f64)>,
}

/// Everything about looking that is not a setting of the runs.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
pub struct View {
    /// Seconds shown in the column that is drawn, or in both.
    pub time: Range,
    /// Hz shown, likewise.
    pub hertz: Range,
    /// What the other column shows, where the columns are not linked.
    other: Option<ViewPart>,
    /// The column that is drawn.
    column: ColumnId,
    /// The column that keys act upon: the one that was pointed at last.
    pub over: ColumnId,
    /// How frequencies are spread.
    pub scale: FrequencyScale,
    /// Colours of levels.
    pub map: ColorMap,
    /// Level of the lightest colour, dB re max V.
    pub top_db: f32,
    /// dB from the lightest to the darkest colour.
    pub range_db: f32,
    /// What each column's spectrogram shows.
    pub shown: [Shown; 2],
    /// Layout of the bases.
    pub order: CascadeOrder,
    /// What the histograms count.
    pub side: FactorSide,
    /// Whether counts are on a logarithmic axis.
    pub log_count: bool,
    /// What the rate-distortion pane shows over the bytes.
    pub measure: Measure,
    /// The metric of the settings that the measure has followed.
    metric: Metric,
    /// Whether what a column shows is of the run before the one under way.
    pub awaits: [bool; 2],
    /// What is done with single components.
    pub selection: ComponentSelection,
    /// What the pointer was on in the last frame: what every pane shows.
    pub cursor: Option<Cursor>,
    /// What the pointer is on in this frame, set by the pane below it.
    pub pointed: Option<Cursor>,
    /// Whether the settings and the numbers are shown; where nobody has said so, where it leaves room for the panes.
    pub sides: [Option<bool>; 2],
    /// Width of the window in points.
    pub width: f32,
    /// What is unfolded below the panes.
    pub below: Option<Below>,
    /// How the list of runs stands.
    pub runs: RunList,
    /// The grid that was typed last.
    pub grid: GridDraft,
    /// The budget that was typed last, with the R and T to try.
    pub choose: ChooseDraft,
    /// What was opened before.
    pub recent: Recent,
    /// Whether the list of keys is open.
    pub keys_open: bool,
    /// Whether a pane of components had the focus on the last frame.
    pub pane_focused: bool,
    /// The path field of the input.
    pub path: String,
    /// Where each pane was on the last frame, in points.
    pub rects: HashMap<PaneId, Rect>,
    /// The inside of each plot on the last frame, in points.
    pub plots: HashMap<PaneId, Vec2>,
    /// The corner where a box was begun to be drawn, in the coordinates of its plot, and whose it is.
    pub zoom_box: Option<(PaneId, [f64; 2])>,
    /// What of the overview's box is dragged.
    pub grip: Option<Grip>,
    /// The part of the signal that is marked, in seconds.
    pub region: Option<Range>,
    /// Where a region was begun to be marked, in seconds.
    pub marking: Option<f64>,
    /// What is listened to, and where it is.
    pub listen: Listen,
    /// What both spectrograms show for as long as a key is down.
    pub held: Option<Shown>,
    /// Whether the spectrograms of the columns have changed places, for as long as a key is down.
    pub swapped: bool,
    /// What the ranges were last fitted to.
    fitted: Option<ViewExtent>,
    history: History,
}

impl Default for View {
    fn default() -> Self {
        Self {
            time: (0.0, 1.0),
            hertz: (0.0, 8000.0),
            other: None,
            column: ColumnId::A,
            over: ColumnId::A,
            scale: FrequencyScale::Linear,
            map: ColorMap::Magma,
            top_db: LevelRange::TOP_DB,
            range_db: LevelRange::RANGE_DB,
            shown: [Shown::Model; 2],
            order: CascadeOrder::ByComponent,
            side: FactorSide::W,
            log_count: true,
            measure: measure_of(Metric::default()),
            metric: Metric::default(),
            awaits: [false; 2],
            selection: ComponentSelection::default(),
            cursor: None,
            pointed: None,
            sides: [None; 2],
            width: 0.0,
            below: None,
            runs: RunList::default(),
            grid: GridDraft::default(),
            choose: ChooseDraft::default(),
            recent: Recent::default(),
            keys_open: false,
            pane_focused: false,
            path: String::new(),
            rects: HashMap::new(),
            plots: HashMap::new(),
            zoom_box: None,
            grip: None,
            region: None,
            marking: None,
            listen: Listen::default(),
            held: None,
            swapped: false,
            fitted: None,
            history: History::default(),
        }
    }
}

const fn measure_of(metric: Metric) -> Measure {
    match metric {
        Metric::Snr => Measure::Snr,
        Metric::Kld => Measure::Kld,
    }
}

impl View {
    /// Whether it stands beside the panes.
    pub fn shows(&self, side: Side) -> bool {
        self.sides[side as usize].unwrap_or(self.width >= side.needs())
    }

    /// Shows it or hides it. In a narrow window the other one makes room for it.
    pub fn fold(&mut self, side: Side) {
        let shown = !self.shows(side);
        if shown && self.width < Side::Numbers.needs() {
            self.sides = [Some(false); 2];
        }
        self.sides[side as usize] = Some(shown);
    }

    /// Colours of levels.
    pub const fn levels(&self) -> LevelRange {
        LevelRange { map: self.map, top_db: self.top_db, range_db: self.range_db }
    }

    /// How panes look in this view, in a style of their own.
    pub fn look(&self, style: Style) -> Look {
        Look {
            scale: self.scale,
            levels: self.levels(),
            order: self.order,
            log_count: self.log_count,
            measure: self.measure,
            ..Look::new(style)
        }
    }

    /// Shows the measure that integers are chosen by, once that is another.
    pub fn follow_metric(&mut self, metric: Metric) {
        if metric != self.metric {
            (self.metric, self.measure) = (metric, measure_of(metric));
        }
    }

    /// Shows everything again when there is something new to look at.
    pub fn follow(&mut self, extent: Option<ViewExtent>) {
        if let Some(extent) = extent
            && self.fitted != Some(extent)
        {
            if self.fitted.is_none_or(|before| before.seconds.to_bits() != extent.seconds.to_bits()) {
                self.region = None;
            }
            self.fitted = Some(extent);
            self.other = None;
            self.fit();
            self.history = History::default();
        }
    }

    /// Whether both columns show the same part.
    pub const fn is_linked(&self) -> bool {
        self.other.is_none()
    }

    /// Lets column B go its own way, or brings it back to what column A shows.
    pub fn link(&mut self) {
        self.show_column(ColumnId::A);
        self.other = if self.is_linked() { Some(self.part()) } else { None };
    }

    /// Makes `time` and `hertz` those of this column.
    pub fn show_column(&mut self, column: ColumnId) {
        if let (Some(other), true) = (self.other, self.column != column) {
            self.other = Some(self.part());
            (self.time, self.hertz) = (other.time, other.hertz);
        }
        self.column = column;
    }

    /// Makes `time` and `hertz` those of the column that keys act upon, for as long as `change` goes on.
    pub fn at_pointer(&mut self, change: impl FnOnce(&mut Self)) {
        self.show_column(self.over);
        change(self);
        self.show_column(ColumnId::A);
    }

    /// What each column shows: one part where they are linked.
    pub fn parts(&self) -> Parts {
        match (self.column, self.other) {
            (ColumnId::B, Some(other)) => (other, Some(self.part())),
            _ => (self.part(), self.other),
        }
    }

    const fn part(&self) -> ViewPart {
        ViewPart { time: self.time, hertz: self.hertz }
    }
}

/// A view that shows all of a signal of 10 s at 16 kHz.
#[cfg(test)]
fn fitted() -> View {
    let mut view = View::default();
    let axes = crate::signal::Axes { rate: 16_000, fft: 1024, hop: 512 };
    view.follow(Some(ViewExtent { time: (0.0, 10.0), hertz: (0.0, 8000.0), seconds: 10.0, axes }));
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::Axes;

    #[test]
    fn a_region_lies_within_the_signal_and_outlives_another_analysis_of_it() {
        let mut view = fitted();
        view.mark((-1.0, 3.0));
        assert_eq!(view.region, Some((0.0, 3.0)));
        let finer = Axes { rate: 16_000, fft: 512, hop: 128 };
        let extent = ViewExtent { time: (0.0, 9.9), hertz: (0.0, 8000.0), seconds: 10.0, axes: finer };
        view.follow(Some(extent));
        assert_eq!(view.region, Some((0.0, 3.0)));
        view.follow(Some(ViewExtent { seconds: 2.0, ..extent }));
        assert_eq!(view.region, None, "another sound");
        view.mark((5.0, 6.0));
        assert_eq!(view.region, None, "beyond the end");
    }

    #[test]
    fn columns_that_are_not_linked_go_their_own_ways() {
        let mut view = fitted();
        view.link();
        view.show_column(ColumnId::B);
        view.show((2.0, 4.0), (0.0, 1000.0));
        view.show_column(ColumnId::A);
        assert_eq!((view.time, view.hertz), ((0.0, 10.0), (0.0, 8000.0)));
        view.over = ColumnId::B;
        view.at_pointer(|view| view.pan(1.0, 0.0));
        assert_eq!(view.time, (0.0, 10.0));
        assert_eq!(view.parts().1.map(|part| part.time), Some((3.0, 5.0)));
        view.link();
        view.show_column(ColumnId::B);
        assert_eq!(view.time, (0.0, 10.0), "B is back at what A shows");
    }
}
