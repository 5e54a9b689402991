//! What there is to look at: the axes of an input, or of factors without one.

use std::sync::Arc;

use super::Range;
use crate::engine::{Analysis, ColumnId, Session};
use crate::signal::Axes;

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
