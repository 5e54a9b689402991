//! Axes: how frequencies are spread over a height, and where round numbers lie.

use strum::{IntoStaticStr, VariantArray};

/// How frequencies are spread over the height of a pane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "lowercase")]
pub enum FrequencyScale {
    #[default]
    Linear,
    /// Evenly in octaves, from [`LOWEST_HZ`] up.
    Log,
    /// Evenly in mel (O'Shaughnessy: 2595 log10(1 + f / 700)).
    Mel,
}

/// Where the logarithmic axis begins: below it there is no pitch to speak of.
pub const LOWEST_HZ: f64 = 20.0;

impl FrequencyScale {
    /// The height of a frequency in Hz.
    pub fn height(self, hz: f64) -> f64 {
        match self {
            Self::Linear => hz,
            Self::Log => hz.max(LOWEST_HZ).log2(),
            Self::Mel => 2595.0 * (1.0 + hz.max(0.0) / 700.0).log10(),
        }
    }

    /// The frequency in Hz at a height; the inverse of [`FrequencyScale::height`].
    pub fn frequency(self, height: f64) -> f64 {
        match self {
            Self::Linear => height,
            Self::Log => height.exp2(),
            Self::Mel => 700.0 * (10f64.powf(height / 2595.0) - 1.0),
        }
    }

    /// Round frequencies between two, at most about `count` of them and at least two.
    #[must_use]
    pub fn ticks(self, low: f64, high: f64, count: usize) -> Vec<f64> {
        let even = ticks(low, high, count);
        if self == Self::Linear || low <= 0.0 && high <= 0.0 {
            return even;
        }
        // 1, 2, 5 of each decade; where there is no room for all, the powers of ten stay before the fives and twos.
        let room = 0.65 * (self.height(high) - self.height(low)) / count as f64;
        let mut kept: Vec<f64> = Vec::new();
        for digit in [1.0, 5.0, 2.0] {
            for f in (0..=6).map(|d| digit * 10f64.powi(d)) {
                let far = |other: &f64| (self.height(f) - self.height(*other)).abs() >= room;
                if (low..=high).contains(&f) && f >= LOWEST_HZ && kept.iter().all(far) {
                    kept.push(f);
                }
            }
        }
        kept.sort_by(f64::total_cmp);
        if kept.len() >= 2 { kept } else { even }
    }
}

/// Round numbers (1, 2 or 5 times a power of ten apart) between two, about `count` of them, at least two.
pub fn ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let span = high - low;
    if !(span.is_finite() && span > 0.0) {
        return vec![low];
    }
    let rough = span / count.max(2) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let steps = [10.0, 5.0, 2.0, 1.0, 0.5, 0.2, 0.1].map(|s| s * power);
    let inside = |step: f64| {
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        (first, (last - first + 1.0).max(0.0))
    };
    // The coarsest that is not coarser than asked for, or finer until two fit.
    let wanted = steps.iter().copied().filter(|s| *s >= rough * 0.999).fold(f64::INFINITY, f64::min);
    let chosen =
        steps.iter().copied().filter(|s| *s <= wanted).find(|s| inside(*s).1 >= 2.0).unwrap_or(power / 10.0);
    let (first, n) = inside(chosen);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    (0..n as usize).map(|i| (first + i as f64) * chosen).collect()
}

/// From so many seconds on a time is written in minutes.
pub const MINUTE: f64 = 60.0;

/// Minutes and seconds with so many decimals.
pub fn clock(seconds: f64, decimals: usize) -> String {
    let unit = 10f64.powi(i32::try_from(decimals).unwrap_or_default());
    // Plus zero: no minus before it.
    let seconds = (seconds * unit).round() / unit + 0.0;
    let minutes = (seconds / MINUTE).floor();
    let width = if decimals > 0 { 3 + decimals } else { 2 };
    format!("{minutes:.0}:{:0width$.decimals$}", seconds - MINUTE * minutes)
}

/// A time: seconds with their unit below a minute, minutes and seconds from there on.
pub fn duration(seconds: f64, decimals: usize) -> String {
    if seconds < MINUTE { format!("{seconds:.decimals$} s") } else { clock(seconds, decimals) }
}

/// Round times between two, at most about `count` of them and at least two.
pub fn time_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let rough = (high - low) / count.max(2) as f64;
    if high < MINUTE || rough <= 1.0 {
        return ticks(low, high, count);
    }
    let steps = [2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0];
    let step = steps.into_iter().find(|step| *step >= rough).unwrap_or(3600.0 * (rough / 3600.0).ceil());
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    if last - first < 1.0 {
        return ticks(low, high, count);
    }
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a handful
    (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect()
}

/// A time on an axis that ends at `end`.
pub fn time_label(value: f64, step: f64, end: f64) -> String {
    if end < MINUTE { tick_label(value, step) } else { clock(value, decimals(step)) }
}

/// As few decimals as distinguish a number from its neighbours `step` apart.
fn decimals(step: f64) -> usize {
    let mut decimals = 0;
    let mut scaled = step.abs();
    while decimals < 6 && scaled > 0.0 && (scaled - scaled.round()).abs() > 1e-6 * scaled {
        scaled *= 10.0;
        decimals += 1;
    }
    decimals
}

/// A number with as few decimals as distinguish it from its neighbours `step` apart.
pub fn tick_label(value: f64, step: f64) -> String {
    let decimals = decimals(step);
    let text = format!("{value:.decimals$}");
    if text.trim_start_matches(['-', '0', '.']).is_empty() {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numeric::Named;

    #[test]
    fn every_scale_comes_back() {
        for &scale in FrequencyScale::ALL {
            for hz in [20.0, 31.25, 440.0, 8000.0, 22_050.0] {
                assert!((scale.frequency(scale.height(hz)) - hz).abs() < 1e-6 * hz, "{} {hz}", scale.name());
            }
        }
        assert!((FrequencyScale::Mel.height(1000.0) - 1000.0).abs() < 0.1, "1000 Hz is 1000 mel");
    }

    #[test]
    fn at_least_two_round_ticks_at_any_zoom() {
        for &scale in FrequencyScale::ALL {
            for (low, high) in
                [(0.0, 8000.0), (0.0, 24_000.0), (431.0, 452.0), (1000.0, 1003.0), (90.0, 7000.0)]
            {
                for count in [2, 4, 8] {
                    let ticks = scale.ticks(low, high, count);
                    assert!(ticks.len() >= 2, "{} {low} {high} {count}: {ticks:?}", scale.name());
                    assert!(ticks.len() <= 2 * count + 4, "{} {low} {high} {count}: {ticks:?}", scale.name());
                    assert!(ticks.iter().all(|f| (low - 1e-6..=high + 1e-6).contains(f)));
                    assert!(ticks.windows(2).all(|w| w[0] < w[1]));
                }
            }
        }
    }

    #[test]
    fn powers_of_ten_stay_where_there_is_little_room() {
        assert_eq!(FrequencyScale::Log.ticks(20.0, 8000.0, 4), [20.0, 100.0, 1000.0, 5000.0]);
        let all = [20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0, 5000.0];
        assert_eq!(FrequencyScale::Log.ticks(20.0, 8000.0, 8), all);
    }

    #[test]
    fn times_of_a_minute_and_more_are_minutes_and_seconds() {
        assert_eq!([duration(59.5, 2), duration(911.0, 1)], ["59.50 s", "15:11.0"]);
        assert_eq!([clock(0.0, 3), clock(59.9996, 3), clock(3600.0, 0)], ["0:00.000", "1:00.000", "60:00"]);
        let labels = |low: f64, high: f64| -> Vec<String> {
            let ticks = time_ticks(low, high, 5);
            let step = ticks[1] - ticks[0];
            ticks.into_iter().map(|time| time_label(time, step, high)).collect()
        };
        assert_eq!(labels(0.0, 2.9), ["0", "1", "2"]);
        assert_eq!(labels(0.0, 75.0), ["0:00", "0:15", "0:30", "0:45", "1:00", "1:15"]);
        assert_eq!(labels(0.0, 1800.0), ["0:00", "10:00", "20:00", "30:00"]);
        assert_eq!(labels(100.0, 102.0), ["1:40.0", "1:40.5", "1:41.0", "1:41.5", "1:42.0"]);
        assert_eq!(labels(0.0, 90_000.0).first().map(String::as_str), Some("0:00"));
        for (low, high) in [(0.0, 61.0), (59.0, 61.0), (0.0, 7.0e4), (3599.0, 3601.0)] {
            let labels = labels(low, high);
            assert!((2..=12).contains(&labels.len()), "{low} {high}: {labels:?}");
            assert!(labels.windows(2).all(|pair| pair[0] != pair[1]), "{low} {high}: {labels:?}");
        }
    }

    #[test]
    fn labels_have_the_decimals_they_need() {
        assert_eq!(tick_label(2.0, 1.0), "2");
        assert_eq!(tick_label(0.25, 0.05), "0.25");
        assert_eq!(tick_label(-0.0, 0.5), "0.0");
        assert_eq!(tick_label(1.5, 0.5), "1.5");
    }
}
