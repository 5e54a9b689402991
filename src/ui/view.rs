//! What is looked at and how: one range of time and frequency for every pane.

use std::collections::HashMap;
use std::sync::Arc;

use egui::{Rect, Vec2};

use crate::engine::{Analysis, InputState, LaneId, Session};
use crate::figure::raster::CascadeOrder;
use crate::figure::{ColorMap, FrequencyScale, Levels};
use crate::signal::Axes;

/// A pane that can be drawn, measured and saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PaneId {
    /// The whole file.
    Overview,
    /// Reconstruction, V or their difference.
    Spectrogram(LaneId),
    /// H.
    Activations(LaneId),
    /// `W_0` to `W_{T-1}`.
    Cascade(LaneId),
    /// Element values.
    Histogram(LaneId),
    /// D over iterations.
    Convergence,
    /// SNR over bytes.
    RateDistortion,
}

impl PaneId {
    /// The panes of a column, from the top.
    pub const fn of_lane(lane: LaneId) -> [Self; 4] {
        [Self::Spectrogram(lane), Self::Activations(lane), Self::Cascade(lane), Self::Histogram(lane)]
    }

    /// The name in menus, file names and for screen readers.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Overview => "overview".to_owned(),
            Self::Spectrogram(lane) => format!("spectrogram {}", lane.name()),
            Self::Activations(lane) => format!("activations {}", lane.name()),
            Self::Cascade(lane) => format!("bases {}", lane.name()),
            Self::Histogram(lane) => format!("histogram {}", lane.name()),
            Self::Convergence => "convergence".to_owned(),
            Self::RateDistortion => "rate-distortion".to_owned(),
        }
    }
}

/// What a spectrogram pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shown {
    /// Vhat.
    #[default]
    Model,
    /// V.
    Input,
    /// |V - Vhat|.
    Residual,
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

/// A range of an axis.
pub type Range = (f64, f64);

/// Everything about looking that is not a setting of the runs.
#[derive(Clone, Debug)]
pub struct View {
    /// Seconds shown.
    pub time: Range,
    /// Hz shown.
    pub hertz: Range,
    /// How frequencies are spread.
    pub scale: FrequencyScale,
    /// Colours of levels.
    pub map: ColorMap,
    /// Level of the lightest colour, dB re max V.
    pub top_db: f32,
    /// dB from the lightest to the darkest colour.
    pub range_db: f32,
    /// What each lane's spectrogram shows.
    pub shown: [Shown; 2],
    /// Layout of the bases.
    pub order: CascadeOrder,
    /// What the histograms count.
    pub side: FactorSide,
    /// Whether counts are on a logarithmic axis.
    pub log_count: bool,
    /// The component that is pointed out everywhere.
    pub selected: Option<usize>,
    /// Time and frequency under the pointer.
    pub cursor: Option<(f64, f64)>,
    /// Whether the messages are unfolded.
    pub messages_open: bool,
    /// Whether the list of keys is open.
    pub keys_open: bool,
    /// The path field of the input.
    pub path: String,
    /// Where each pane was on the last frame, in points.
    pub rects: HashMap<PaneId, Rect>,
    /// The inside of each plot on the last frame, in points.
    pub plots: HashMap<PaneId, Vec2>,
    /// What the ranges were last fitted to.
    fitted: Option<Extent>,
}

/// What there is to look at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// From the left edge of the first frame to the right edge of the last, in seconds.
    pub time: Range,
    /// From 0 to half the sample rate.
    pub hertz: Range,
    /// Axes of the matrix.
    pub axes: Axes,
}

impl Default for View {
    fn default() -> Self {
        Self {
            time: (0.0, 1.0),
            hertz: (0.0, 8000.0),
            scale: FrequencyScale::Linear,
            map: ColorMap::Magma,
            top_db: 0.0,
            range_db: 80.0,
            shown: [Shown::Model; 2],
            order: CascadeOrder::ByComponent,
            side: FactorSide::W,
            log_count: true,
            selected: None,
            cursor: None,
            messages_open: false,
            keys_open: false,
            path: String::new(),
            rects: HashMap::new(),
            plots: HashMap::new(),
            fitted: None,
        }
    }
}

/// The narrowest view, in frames and in bins.
const CLOSEST: f64 = 4.0;

impl View {
    /// Colours of levels.
    #[must_use]
    pub const fn levels(&self) -> Levels {
        Levels { map: self.map, top_db: self.top_db, range_db: self.range_db }
    }

    /// Shows everything again when there is something new to look at.
    pub fn follow(&mut self, extent: Option<Extent>) {
        if let Some(extent) = extent
            && self.fitted != Some(extent)
        {
            self.fitted = Some(extent);
            self.fit();
        }
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

/// A range scaled around a point and kept within limits, not narrower than `least`.
fn zoomed((low, high): Range, factor: f64, around: f64, limits: Range, least: f64) -> Range {
    let widest = limits.1 - limits.0;
    let span = ((high - low) / factor).clamp(least.min(widest), widest);
    let place = if high > low { ((around - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
    let from = if (factor - 1.0).abs() < 1e-12 { low } else { around - place * span };
    let from = from.clamp(limits.0, limits.1 - span);
    (from, from + span)
}

/// The axes of a lane's factors: those of its input, or those that its stream tells.
#[must_use]
pub fn axes_of(session: &Session, lane: LaneId) -> Option<Axes> {
    let state = session.lane(lane);
    if let Some(analysis) = &state.analysis {
        return Some(analysis.axes());
    }
    let stored = state.imported.as_ref()?;
    let (header, shape) = (&stored.header, stored.model.shape());
    let whole = |x: Option<u32>| x.and_then(|x| usize::try_from(x).ok()).filter(|x| *x > 0);
    // A stream need not tell: then a bin stands for 1 Hz and a frame for 1 s.
    let fft = whole(header.fft).unwrap_or(2 * shape.bins.max(2) - 2);
    let rate = header.sample_rate.filter(|r| *r > 0).or(u32::try_from(fft).ok())?;
    Some(Axes { rate, fft, hop: whole(header.hop).unwrap_or(rate as usize) })
}

/// What there is to look at: the input, or the first lane that has factors.
#[must_use]
pub fn extent(session: &Session) -> Option<Extent> {
    let of = |axes: Axes, frames: usize| Extent {
        time: (axes.time_of(-0.5), axes.time_of(frames as f64 - 0.5)),
        hertz: (0.0, f64::from(axes.rate) / 2.0),
        axes,
    };
    if let InputState::Ready(analysis) = session.input() {
        return Some(of(analysis.axes(), analysis.frames()));
    }
    LaneId::BOTH.into_iter().find_map(|lane| {
        let snapshot = session.lane(lane).snapshot.as_ref()?;
        Some(of(axes_of(session, lane)?, snapshot.model.shape().frames))
    })
}

/// The input whose V a lane is compared with.
#[must_use]
pub fn analysis_of(session: &Session, lane: LaneId) -> Option<Arc<Analysis>> {
    let state = session.lane(lane);
    match (&state.analysis, session.input()) {
        (Some(analysis), _) => Some(Arc::clone(analysis)),
        (None, InputState::Ready(analysis)) if state.snapshot.is_none() => Some(Arc::clone(analysis)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted() -> View {
        let mut view = View::default();
        let axes = Axes { rate: 16_000, fft: 1024, hop: 512 };
        view.follow(Some(Extent { time: (0.0, 10.0), hertz: (0.0, 8000.0), axes }));
        view
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
    fn nothing_leads_out_of_the_signal() {
        for scale in FrequencyScale::ALL {
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
