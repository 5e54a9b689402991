//! The scales of the components, given their integers.

use crate::kernels::scalar::Real;

/// Bits of a decimal digit in a compressed stream: a little over log2 10.
const DIGIT: f64 = 3.6;

/// Scales at the least squared error of the model, by coordinate descent on the normal equations. With a price, each
/// is stored with as few digits as pay, and the next ones make up for what that took away.
pub fn refit<F: Real>(scale: &mut [F], pairs: &[f64], with_v: &[f64], price: Option<f64>) {
    /// Rounds of the descent; the equations are well conditioned.
    const ROUNDS: usize = 30;
    let count = scale.len();
    let mut factors = vec![1.0f64; count];
    let optimum = |factors: &[f64], r: usize| {
        let row = &pairs[r * count..][..count];
        let others: f64 = row.iter().zip(factors).map(|(p, f)| p * f).sum::<f64>() - row[r] * factors[r];
        (with_v[r] - others) / row[r]
    };
    for round in 0..=ROUNDS {
        for r in 0..count {
            let weight = pairs[r * count + r];
            if weight > 0.0 {
                factors[r] = optimum(&factors, r).max(0.2);
                if let (true, Some(price)) = (round == ROUNDS, price) {
                    let old = scale[r].to_f64();
                    let stored = with_few_digits(old * factors[r], weight / (old * old), price * DIGIT);
                    factors[r] = stored / old;
                }
            }
        }
    }
    scale.iter_mut().zip(factors).for_each(|(scale, f)| *scale = F::from_f64(scale.to_f64() * f));
}

/// `x` with the number of significant digits at which `weight` times the squared error and `price` a digit are least.
fn with_few_digits(x: f64, weight: f64, price: f64) -> f64 {
    let rounded = |digits: usize| format!("{x:.*e}", digits - 1).parse().unwrap_or(x);
    let cost = |digits: usize| {
        let error: f64 = rounded(digits) - x;
        weight * error * error + price * digits as f64
    };
    let best = (1..=7).min_by(|&a, &b| cost(a).total_cmp(&cost(b)));
    best.map_or(x, rounded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_as_far_as_they_pay() {
        assert_eq!(with_few_digits(0.123_456, 1.0, 1e-30).to_string(), "0.123456");
        assert_eq!(with_few_digits(0.123_456, 1.0, 1e-7).to_string(), "0.1235");
        assert_eq!(with_few_digits(0.123_456, 1.0, 1.0).to_string(), "0.1");
    }
}
