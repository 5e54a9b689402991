//! Closer, wider and elsewhere, within what there is to look at.

use super::{Range, View};

/// The narrowest view, in frames and in bins.
const CLOSEST: f64 = 4.0;

impl View {
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

#[cfg(test)]
mod tests {
    use super::super::fitted;
    use super::*;
    use crate::figure::FrequencyScale;
    use crate::numeric::Named;

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
