//! The search for the price of a bit at which a model has a quality, and barely that.

/// A quality counts as reached exactly at less than so many dB to spare.
const SPARE_DB: f64 = 0.05;

/// Where the search for the price of a bit that gives a quality begins, and its bounds, in decades, for the squared
/// error; a price in units of KLD is larger by so many.
pub const BEGIN: f64 = -5.0;
pub const BOUNDS: [f64; 2] = [-10.0, 0.0];
pub const OF_KLD: f64 = 3.0;

/// Prices tried at most for one R and T.
const TRIES: usize = 10;

#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// Its decimal logarithm.
    pub price: f64,
    /// dB above what is asked for.
    pub excess: f64,
    pub bytes: usize,
}

/// The price to try next, where there is one; `fewest` are the bytes that another R and T needs.
pub fn next_price(tried: &[Tried], begin: f64, bounds: [f64; 2], fewest: Option<usize>) -> Option<f64> {
    if tried.is_empty() {
        return Some(begin);
    }
    let met = tried.iter().filter(|t| t.excess >= 0.0).max_by(|a, b| a.price.total_cmp(&b.price));
    let below = tried.iter().filter(|t| t.excess < 0.0).min_by(|a, b| a.price.total_cmp(&b.price));
    let is_beaten = below.is_some_and(|t| fewest.is_some_and(|fewest| t.bytes >= fewest));
    if tried.len() >= TRIES || is_beaten || met.is_some_and(|t| t.excess <= SPARE_DB) {
        return None;
    }
    let next = match (met, below) {
        (Some(met), Some(below)) => {
            // On a line between the two, a little to the safe side, and never where one of them is.
            let share = (met.excess - 0.4 * SPARE_DB) / (met.excess - below.excess);
            met.price + share.clamp(0.1, 0.9) * (below.price - met.price)
        }
        // Some 10 dB a decade.
        (Some(met), None) => met.price + (met.excess / 8.0).clamp(0.25, 1.0),
        (None, Some(below)) => {
            let before = tried.iter().filter(|t| t.price > below.price);
            let before = before.min_by(|a, b| a.price.total_cmp(&b.price));
            let slope = before.map_or(8.0, |t| (below.excess - t.excess) / (t.price - below.price));
            // The lower the price the less is gained: where this slope does not lead there, nothing does.
            if below.excess + slope.max(0.0) * (below.price - bounds[0]) < 0.0 {
                return None;
            }
            below.price - (-below.excess / slope).clamp(0.25, 1.5)
        }
        (None, None) => return None,
    };
    (bounds[0]..=bounds[1]).contains(&next).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_searched_from_both_sides_and_given_up_where_another_size_needs_fewer_bytes() {
        // 10 dB a decade, 7 dB at 1e-5, and bytes that grow as the price falls.
        let at = |price: f64, asked: f64| Tried {
            price,
            excess: 7.0 - 10.0 * (price + 5.0) - asked,
            bytes: whole(1000.0 - 200.0 * (price + 5.0)),
        };
        for asked in [1.0, 12.0, 6.98] {
            let mut tried = Vec::new();
            while let Some(price) = next_price(&tried, BEGIN, BOUNDS, None) {
                tried.push(at(price, asked));
            }
            let best = tried.iter().filter(|t| t.excess >= 0.0).min_by_key(|t| t.bytes).unwrap();
            assert!(best.excess <= SPARE_DB && tried.len() <= 6, "{asked}: {tried:?}");
        }
        let mut tried = Vec::new();
        while let Some(price) = next_price(&tried, BEGIN, BOUNDS, Some(1100)) {
            tried.push(at(price, 30.0));
        }
        assert!(tried.last().unwrap().bytes >= 1100 && tried.len() <= 3, "{tried:?}");
        let mut tried = vec![at(-5.0, 100.0)];
        while let Some(price) = next_price(&tried, BEGIN, BOUNDS, None) {
            tried.push(at(price, 100.0));
        }
        assert!(tried.len() <= TRIES, "what cannot be reached ends");
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // small numbers
    fn whole(x: f64) -> usize {
        x.max(0.0) as usize
    }
}
