//! Real numbers in JSON, which knows neither infinity nor what is not a number.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A real number, with every bit that it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number(pub f64);

const SPECIAL: [(&str, f64); 3] = [("inf", f64::INFINITY), ("-inf", f64::NEG_INFINITY), ("nan", f64::NAN)];

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let same = |x: f64| x == self.0 || x.is_nan() && self.0.is_nan();
        match SPECIAL.into_iter().find(|(_, x)| same(*x)) {
            Some((name, _)) => to.serialize_str(name),
            None => to.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a number, \"inf\", \"-inf\" or \"nan\"")]
        enum Written {
            Number(f64),
            Word(String),
        }
        match Written::deserialize(from)? {
            Written::Number(x) => Ok(Self(x)),
            Written::Word(word) => {
                let known = SPECIAL.into_iter().find(|(name, _)| *name == word);
                let unknown =
                    || D::Error::custom(format!("expected a number, inf, -inf or nan, got {word:?}"));
                known.map(|(_, x)| Self(x)).ok_or_else(unknown)
            }
        }
    }
}

pub fn wrapped(numbers: &[f64]) -> Vec<Number> {
    numbers.iter().copied().map(Number).collect()
}

pub fn unwrapped(numbers: Vec<Number>) -> Vec<f64> {
    numbers.into_iter().map(|number| number.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_with_every_bit() {
        let numbers =
            [0.1 + 0.2, -0.0, 5e-324, f64::MAX, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1.0 / 3.0];
        let text = serde_json::to_string(&wrapped(&numbers)).unwrap();
        let read: Vec<Number> = serde_json::from_str(&text).unwrap();
        let bits = |x: &[f64]| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&unwrapped(read)), bits(&numbers));
        let wrong = serde_json::from_str::<Number>("\"1e5\"").unwrap_err().to_string();
        assert!(wrong.contains("1e5"), "{wrong}");
    }
}
