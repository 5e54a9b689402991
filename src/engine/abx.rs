//! Blind listening: X is one of two sounds, and somebody says which. By chance half of the answers are right.

use crate::numeric::methods::init::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AbxTrial {
    /// Whether X was the first of the two.
    pub x_is_first: bool,
    /// Whether it was taken for the first.
    pub said_first: bool,
}

impl AbxTrial {
    pub const fn is_right(self) -> bool {
        self.x_is_first == self.said_first
    }
}

/// A test with its answers so far.
#[derive(Clone, Debug)]
pub struct Abx {
    names: [String; 2],
    random: Random,
    x_is_first: bool,
    trials: Vec<AbxTrial>,
}

impl Abx {
    /// A test of two sounds with these names; `seed` decides which X is, trial by trial.
    pub fn new(names: [String; 2], seed: u64) -> Self {
        let mut random = Random::new(seed);
        let x_is_first = random.uniform() < 0.5;
        Self { names, random, x_is_first, trials: Vec::new() }
    }

    pub const fn names(&self) -> &[String; 2] {
        &self.names
    }

    /// Whether X is the first of the two in the trial that is open.
    pub const fn x_is_first(&self) -> bool {
        self.x_is_first
    }

    pub fn answer(&mut self, said_first: bool) {
        self.trials.push(AbxTrial { x_is_first: self.x_is_first, said_first });
        self.x_is_first = self.random.uniform() < 0.5;
    }

    pub fn trials(&self) -> &[AbxTrial] {
        &self.trials
    }

    pub fn right(&self) -> usize {
        self.trials.iter().filter(|trial| trial.is_right()).count()
    }

    /// How likely so many right answers, or more, are for somebody who guesses; none before the first.
    pub fn p_value(&self) -> Option<f64> {
        (!self.trials.is_empty()).then(|| p_value(self.trials.len(), self.right()))
    }

    /// A row for each trial, with a heading: what X was, what was said, and the p-value up to there.
    pub fn csv(&self) -> String {
        let quoted = |text: &str| {
            let special = text.contains(['"', ',', '\n', '\r']);
            if special { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
        };
        let name = |first: bool| quoted(&self.names[usize::from(!first)]);
        let mut out = "trial,first,second,x,answer,right,right_so_far,p_value\n".to_owned();
        let mut right = 0;
        for (i, trial) in self.trials.iter().enumerate() {
            right += usize::from(trial.is_right());
            out.push_str(&format!(
                "{},{},{},{},{},{},{right},{}\n",
                i + 1,
                name(true),
                name(false),
                name(trial.x_is_first),
                name(trial.said_first),
                u8::from(trial.is_right()),
                p_value(i + 1, right),
            ));
        }
        out
    }
}

/// The probability of at least `right` heads in `trials` tosses of a fair coin.
pub fn p_value(trials: usize, right: usize) -> f64 {
    // Terms of the binomial distribution as logarithms: 2^-n alone would be nothing beyond a thousand tosses.
    let mut log_term = -(trials as f64) * std::f64::consts::LN_2;
    let mut sum = 0.0;
    for k in 0..=trials {
        if k >= right {
            sum += log_term.exp();
        }
        log_term += ((trials - k) as f64 / (k + 1) as f64).ln();
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_p_value_is_that_of_the_binomial_test() {
        for (trials, right, expected) in [
            (1, 1, 0.5),
            (1, 0, 1.0),
            (5, 5, 1.0 / 32.0),
            (10, 9, 11.0 / 1024.0),
            (16, 12, 2517.0 / 65536.0),
            (2, 1, 0.75),
        ] {
            assert!((p_value(trials, right) - expected).abs() < 1e-12, "{right} of {trials}");
        }
        let many = p_value(5000, 2500);
        assert!((0.5..0.52).contains(&many), "{many}");
    }

    #[test]
    fn x_is_either_and_answers_are_counted() {
        let names = ["Original".to_owned(), "B, SNMF".to_owned()];
        let mut abx = Abx::new(names.clone(), 7);
        assert_eq!((abx.p_value(), abx.names()), (None, &names));
        let mut was = Vec::new();
        for i in 0..200 {
            was.push(abx.x_is_first());
            // Right but for every fourth.
            abx.answer(abx.x_is_first() != (i % 4 == 3));
        }
        let first = was.iter().filter(|first| **first).count();
        assert!((70..130).contains(&first), "{first} of 200");
        assert_eq!((abx.right(), abx.trials().len()), (150, 200));
        assert_eq!(abx.trials().iter().map(|trial| trial.x_is_first).collect::<Vec<_>>(), was);
        assert!(abx.p_value().unwrap() < 1e-10);
        let csv = abx.csv();
        let rows: Vec<&str> = csv.lines().collect();
        assert_eq!((rows.len(), rows[0].split(',').count()), (201, 8));
        assert!(
            rows[1].starts_with("1,Original,\"B, SNMF\",") && rows[1].ends_with(",1,1,0.5"),
            "{}",
            rows[1]
        );
        let again = Abx::new(names, 7);
        assert_eq!(again.x_is_first(), was[0], "the seed decides");
    }
}
