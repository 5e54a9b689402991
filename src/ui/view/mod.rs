//! What is looked at and how: one range of time and frequency for every pane.

pub mod listen;
mod pane_id;
pub mod persist;
pub mod recent;
pub mod run_list;
pub mod selection;

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Rect, Vec2};

use self::listen::Listen;
pub use self::pane_id::{COLUMN, FactorSide, PaneId, Shown};
use self::recent::Recent;
use self::run_list::RunList;
use self::selection::ComponentSelection;
use crate::engine::{Analysis, ChooseDraft, ColumnId, GridDraft, Measure, Session};
use crate::figure::{CascadeOrder, ColorMap, FrequencyScale, LevelRange, Look, Style};
use crate::numeric::Metric;
use crate::signal::Axes;

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

/// Parts that can be gone back to at most.
const MOST_PARTS: usize = 200;

/// A view that stays as it is for so long, in seconds, is one to come back to.
const REST: f64 = 0.4;

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

/// What there is to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewExtent {
    /// From the left edge of the first frame to the right edge of the last, in seconds.
    pub time: Range,
    /// From 0 to half the sample rate.
    pub hertz: Range,
    /// Length of the signal.
    pub seconds: f64,
    /// Axes of the matrix.
    pub axes: Axes,
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

/// The narrowest view, in frames and in bins.
const CLOSEST: f64 = 4.0;

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
    pub fn parts(&self) -> (ViewPart, Option<ViewPart>) {
        match (self.column, self.other) {
            (ColumnId::B, Some(other)) => (other, Some(self.part())),
            _ => (self.part(), self.other),
        }
    }

    const fn part(&self) -> ViewPart {
        ViewPart { time: self.time, hertz: self.hertz }
    }

    /// Notices what is shown at the time `now`, in seconds: a part that was looked at for a while can be gone back to.
    pub fn note(&mut self, now: f64) {
        let parts = self.parts();
        match self.history.last {
            Some((last, _)) if last == parts => {}
            Some((last, since)) => {
                if now - since >= REST {
                    self.history.past.push(last);
                    self.history.future.clear();
                    let surplus = self.history.past.len().saturating_sub(MOST_PARTS);
                    self.history.past.drain(..surplus);
                }
                self.history.last = Some((parts, now));
            }
            None => self.history.last = Some((parts, now)),
        }
    }

    /// Whether [`View::back`] leads anywhere.
    pub fn can_go_back(&self) -> bool {
        !self.history.past.is_empty()
    }

    /// Whether [`View::forward`] leads anywhere.
    pub fn can_go_forward(&self) -> bool {
        !self.history.future.is_empty()
    }

    /// Shows the part that was looked at before.
    pub fn back(&mut self) {
        if let Some(part) = self.history.past.pop() {
            self.history.future.push(self.parts());
            self.recall(part);
        }
    }

    /// Shows the part that [`View::back`] left.
    pub fn forward(&mut self) {
        if let Some(part) = self.history.future.pop() {
            self.history.past.push(self.parts());
            self.recall(part);
        }
    }

    fn recall(&mut self, parts: Parts) {
        self.column = ColumnId::A;
        (self.time, self.hertz) = (parts.0.time, parts.0.hertz);
        self.other = parts.1;
        // It is no news.
        self.history.last = Some((parts, f64::INFINITY));
    }

    /// The moment that keys zoom around: the one under the pointer, or the middle.
    pub fn time_focus(&self) -> f64 {
        let middle = f64::midpoint(self.time.0, self.time.1);
        self.cursor.as_ref().and_then(|cursor| cursor.time).unwrap_or(middle)
    }

    /// The frequency that keys zoom around: the one under the pointer, or the middle of the height.
    pub fn hertz_focus(&self) -> f64 {
        let middle = f64::midpoint(self.scale.height(self.hertz.0), self.scale.height(self.hertz.1));
        self.cursor.as_ref().and_then(|cursor| cursor.hertz).unwrap_or(self.scale.frequency(middle))
    }

    /// Shows this range of time, or as much of it as there is; frequencies stay.
    pub fn show_time(&mut self, time: Range) {
        self.show(time, self.hertz);
    }

    /// Shows this part, or as much of it as there is.
    pub fn show(&mut self, time: Range, hertz: Range) {
        let Some(extent) = self.fitted else { return };
        let scale = self.scale;
        let warp = |(low, high): Range| (scale.height(low), scale.height(high));
        let (low, high) = warp(hertz);
        let middle = scale.frequency(f64::midpoint(low, high));
        let least = scale.height(middle + CLOSEST * extent.axes.bin_hz()) - scale.height(middle);
        self.time = within(time, extent.time, CLOSEST * extent.axes.frame_seconds());
        let warped = within((low, high), warp(extent.hertz), least);
        self.hertz = (scale.frequency(warped.0), scale.frequency(warped.1));
    }

    /// Marks a part of the signal, as far as there is one.
    pub fn mark(&mut self, (start, end): Range) {
        let last = self.fitted.map_or(0.0, |extent| extent.seconds);
        let (start, end) = (start.clamp(0.0, last), end.clamp(0.0, last));
        self.region = (start < end).then_some((start, end));
    }

    /// Shows all of it.
    pub fn fit(&mut self) {
        if let Some(extent) = self.fitted {
            (self.time, self.hertz) = (extent.time, extent.hertz);
        }
    }

    /// Narrows or widens the time range around a moment; factors above 1 come closer.
    pub fn zoom_time(&mut self, factor: f64, around: f64) {
        if let Some(extent) = self.fitted {
            self.time = zoomed(self.time, factor, around, extent.time, CLOSEST * extent.axes.frame_seconds());
        }
    }

    /// Narrows or widens the frequency range around a frequency.
    pub fn zoom_hertz(&mut self, factor: f64, around: f64) {
        if let Some(extent) = self.fitted {
            let scale = self.scale;
            let warp = |(low, high): Range| (scale.height(low), scale.height(high));
            let least = scale.height(around + CLOSEST * extent.axes.bin_hz()) - scale.height(around);
            let warped = zoomed(warp(self.hertz), factor, scale.height(around), warp(extent.hertz), least);
            self.hertz = (scale.frequency(warped.0), scale.frequency(warped.1));
        }
    }

    /// Moves by so many seconds and by so much height on the frequency axis.
    pub fn pan(&mut self, seconds: f64, height: f64) {
        if let Some(extent) = self.fitted {
            let scale = self.scale;
            let warp = |(low, high): Range| (scale.height(low), scale.height(high));
            self.time =
                zoomed((self.time.0 + seconds, self.time.1 + seconds), 1.0, self.time.0, extent.time, 0.0);
            let (low, high) = warp(self.hertz);
            let moved = zoomed((low + height, high + height), 1.0, low, warp(extent.hertz), 0.0);
            self.hertz = (scale.frequency(moved.0), scale.frequency(moved.1));
        }
    }
}

/// The part of a range that lies within limits, not narrower than `least`.
fn within((low, high): Range, limits: Range, least: f64) -> Range {
    let (low, high) = (low.max(limits.0).min(limits.1), high.min(limits.1).max(limits.0));
    zoomed((low, high), 1.0, low, limits, least)
}

/// A range scaled around a point and kept within limits, not narrower than `least`.
fn zoomed((low, high): Range, factor: f64, around: f64, limits: Range, least: f64) -> Range {
    let widest = limits.1 - limits.0;
    let span = ((high - low) / factor).clamp(least.min(widest), widest);
    let place = if high > low { ((around - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    let from = if (factor - 1.0).abs() < 1e-12 { low } else { around - place * span };
    // Rounding may leave a hair less than the span.
    let from = from.clamp(limits.0, (limits.1 - span).max(limits.0));
    (from, from + span)
}

/// The axes of a column's factors: those of its input, or those in its stream.
pub fn axes_of(session: &Session, column: ColumnId) -> Option<Axes> {
    let state = session.shown(column);
    if let Some(analysis) = &state.analysis {
        return Some(analysis.axes());
    }
    let stored = state.imported.as_ref()?;
    let (header, shape) = (&stored.header, stored.model.shape());
    let whole = |x: Option<u32>| x.and_then(|x| usize::try_from(x).ok()).filter(|x| *x > 0);
    // A stream need not have them: then a bin stands for 1 Hz and a frame for 1 s.
    let fft = whole(header.fft).unwrap_or(2 * shape.bins.max(2) - 2);
    let rate = header.sample_rate.filter(|r| *r > 0).or(u32::try_from(fft).ok())?;
    Some(Axes { rate, fft, hop: whole(header.hop).unwrap_or(rate as usize) })
}

/// What there is to look at: the input, or the first column that has factors.
pub fn extent(session: &Session) -> Option<ViewExtent> {
    let of = |axes: Axes, frames: usize| ViewExtent {
        time: (axes.time_of(-0.5), axes.time_of(frames as f64 - 0.5)),
        hertz: (0.0, f64::from(axes.rate) / 2.0),
        seconds: frames as f64 * axes.frame_seconds(),
        axes,
    };
    if let Some(analysis) = session.input().open() {
        let extent = of(analysis.axes(), analysis.frames());
        let seconds = analysis.audio.as_ref().map_or(extent.seconds, |audio| audio.seconds());
        return Some(ViewExtent { seconds, ..extent });
    }
    ColumnId::BOTH.into_iter().find_map(|column| {
        let snapshot = session.shown(column).snapshot.as_ref()?;
        Some(of(axes_of(session, column)?, snapshot.model.shape().frames))
    })
}

/// The input whose V a column is compared with.
pub fn analysis_of(session: &Session, column: ColumnId) -> Option<Arc<Analysis>> {
    let state = session.shown(column);
    let open = || session.input().open().filter(|_| state.snapshot.is_none());
    state.analysis.as_ref().or_else(open).cloned()
}

/// A view that shows all of a signal of 10 s at 16 kHz.
#[cfg(test)]
pub fn fitted() -> View {
    let mut view = View::default();
    let axes = Axes { rate: 16_000, fft: 1024, hop: 512 };
    view.follow(Some(ViewExtent { time: (0.0, 10.0), hertz: (0.0, 8000.0), seconds: 10.0, axes }));
    view
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Named;

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
    fn what_is_pointed_at_stays_under_the_pointer() {
        let mut view = fitted();
        view.zoom_time(4.0, 3.0);
        assert!((view.time.1 - view.time.0 - 2.5).abs() < 1e-9);
        assert!(((3.0 - view.time.0) / 2.5 - 0.3).abs() < 1e-9);
        view.zoom_hertz(2.0, 2000.0);
        assert!(((2000.0 - view.hertz.0) / 4000.0 - 0.25).abs() < 1e-9);
        view.fit();
        assert_eq!((view.time, view.hertz), ((0.0, 10.0), (0.0, 8000.0)));
    }

    #[test]
    fn what_was_looked_at_for_a_while_can_be_gone_back_to() {
        let mut view = fitted();
        view.note(0.0);
        view.show((2.0, 4.0), (0.0, 1000.0));
        view.note(1.0);
        // A drag passes through many parts without a rest.
        for step in 1..=5 {
            view.pan(0.1, 0.0);
            view.note(3.0 + 0.01 * f64::from(step));
        }
        assert!(view.can_go_back() && !view.can_go_forward());
        view.back();
        assert_eq!(view.time, (2.0, 4.0));
        view.note(4.0);
        view.back();
        assert_eq!(view.time, (0.0, 10.0));
        assert!(!view.can_go_back());
        view.forward();
        view.forward();
        assert!((view.time.0 - 2.5).abs() < 1e-9 && !view.can_go_forward());
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

    #[test]
    fn a_box_beyond_the_edges_shows_what_there_is() {
        let mut view = fitted();
        view.show((8.0, 20.0), (7000.0, 20_000.0));
        assert_eq!((view.time, view.hertz), ((8.0, 10.0), (7000.0, 8000.0)));
        view.show((3.0, 3.0), (100.0, 100.0));
        assert!(view.time.1 - view.time.0 > 0.1 && view.hertz.1 - view.hertz.0 > 50.0);
        assert!(view.time.0 <= 3.0 && view.time.1 >= 3.0);
    }

    #[test]
    fn nothing_leads_out_of_the_signal() {
        for &scale in FrequencyScale::ALL {
            let mut view = View { scale, ..fitted() };
            for step in 0..200 {
                match step % 4 {
                    0 => view.zoom_time(1.7, f64::from(step) / 20.0),
                    1 => view.zoom_hertz(1.4, f64::from(step) * 40.0),
                    2 => view.pan(f64::from(step % 7) - 3.0, f64::from(step % 5) * 100.0 - 200.0),
                    _ => view.zoom_time(0.6, 1.0),
                }
                assert!(
                    view.time.0 >= -1e-9 && view.time.1 <= 10.0 + 1e-9 && view.time.1 - view.time.0 > 0.1
                );
                assert!(
                    view.hertz.0 >= -1e-6 && view.hertz.1 <= 8000.0 + 1e-6 && view.hertz.1 > view.hertz.0
                );
            }
        }
    }
}
