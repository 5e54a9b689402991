//! How often each element value occurs.

/// Up to so many distinct values, each gets a bar of its own.
const MOST_BARS: usize = 256;

/// Bars where there are more values than that.
const BINS: usize = 128;

/// A histogram of non-negative element values.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Middle and width of each bar, and how many elements fall on it.
    pub bars: Vec<(f64, f64, usize)>,
    /// Different values; zero is one.
    pub distinct: usize,
    pub zeros: usize,
    pub total: usize,
}

impl Histogram {
    /// Counts `values`: one bar a distinct value where there are few, else bars of equal width.
    pub fn of(mut values: Vec<f32>) -> Self {
        values.retain(|x| x.is_finite());
        values.sort_unstable_by(f32::total_cmp);
        let total = values.len();
        let zeros = values.iter().take_while(|x| **x == 0.0).count();
        let mut counts: Vec<(f64, usize)> = Vec::new();
        let mut distinct = 0;
        for group in values.chunk_by(|a, b| a == b) {
            distinct += 1;
            if distinct <= MOST_BARS {
                counts.push((f64::from(group[0]), group.len()));
            }
        }
        let bars = if distinct <= MOST_BARS {
            let narrowest = counts.windows(2).map(|w| w[1].0 - w[0].0).fold(f64::INFINITY, f64::min);
            let width = if narrowest.is_finite() { narrowest } else { 1.0 };
            // Neighbours that lie close together would make hairlines of all bars.
            let span = counts.last().map_or(0.0, |last| last.0) - counts.first().map_or(0.0, |first| first.0);
            let width = width.max(span / MOST_BARS as f64);
            counts.iter().map(|&(value, count)| (value, width, count)).collect()
        } else {
            equal_bins(&values)
        };
        Self { bars, distinct, zeros, total }
    }
}

/// A share in percent with as few decimals as distinguish it from none and from all: 99.7 and not 100.
pub fn percent(part: usize, total: usize) -> String {
    let total = total.max(1);
    let share = 100.0 * part as f64 / total as f64;
    let text = |decimals: usize| format!("{share:.decimals$}");
    let is_faithful = |text: &String| {
        let shown: f64 = text.parse().unwrap_or(share);
        (shown == 0.0) == (part == 0) && (shown == 100.0) == (part == total)
    };
    (0..5).map(text).find(is_faithful).unwrap_or_else(|| text(5))
}

fn equal_bins(sorted: &[f32]) -> Vec<(f64, f64, usize)> {
    let (Some(&low), Some(&high)) = (sorted.first(), sorted.last()) else { return Vec::new() };
    let (low, high) = (f64::from(low), f64::from(high));
    let width = (high - low) / BINS as f64;
    let mut counts = [0; BINS];
    for &x in sorted {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within the range
        let bin = ((f64::from(x) - low) / width) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    counts.iter().enumerate().map(|(i, &count)| (low + (i as f64 + 0.5) * width, width, count)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearly_all_is_not_all() {
        let text = [(0, 9), (9, 9), (1, 2), (32_686, 32_770), (1, 40_000)].map(|(a, b)| percent(a, b));
        assert_eq!(text, ["0", "100", "50", "99.7", "0.003"]);
        assert_eq!(percent(0, 0), "0");
    }

    #[test]
    fn few_values_have_a_bar_each() {
        let histogram = Histogram::of(vec![0.0, 2.0, 0.0, 1.0, 0.0, 2.0, f32::NAN]);
        assert_eq!(histogram.bars, [(0.0, 1.0, 3), (1.0, 1.0, 1), (2.0, 1.0, 2)]);
        assert_eq!((histogram.distinct, histogram.zeros, histogram.total), (3, 3, 6));
    }

    #[test]
    fn many_values_lose_none() {
        let histogram = Histogram::of((0..5000).map(|i| i as f32 * 0.1).collect());
        assert_eq!(histogram.bars.len(), BINS);
        assert_eq!(histogram.bars.iter().map(|b| b.2).sum::<usize>(), 5000);
        assert_eq!((histogram.distinct, histogram.zeros), (5000, 1));
    }

    #[test]
    fn nothing_and_one_value_are_fine() {
        assert_eq!(Histogram::of(Vec::new()).bars, []);
        assert_eq!(Histogram::of(vec![0.5; 4]).bars, [(0.5, 1.0, 4)]);
    }
}
