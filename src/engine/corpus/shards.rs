//! Sounds shared out by cost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::str::FromStr;

use super::error::CorpusError;

/// One of so many shares of a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 0.
    pub index: usize,
    /// How many there are.
    pub count: usize,
}

impl FromStr for Shard {
    type Err = CorpusError;

    /// Reads `I/N`, with I from 1 to N.
    fn from_str(text: &str) -> Result<Self, CorpusError> {
        let read = |(i, n): (&str, &str)| Some((i.parse::<usize>().ok()?, n.parse::<usize>().ok()?));
        match text.split_once('/').and_then(read) {
            Some((i, count)) if (1..=count).contains(&i) => Ok(Self { index: i - 1, count }),
            _ => Err(CorpusError::Shard { got: text.to_owned() }),
        }
    }
}

/// The shard of each sound: the dearest first, each to the shard that has least so far, the first of equals.
pub fn share_out(costs: &[u64], count: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..costs.len()).collect();
    order.sort_by_key(|&sound| Reverse(costs[sound]));
    let mut shards: BinaryHeap<Reverse<(u64, usize)>> = (0..count).map(|shard| Reverse((0, shard))).collect();
    let mut shard_of = vec![0; costs.len()];
    for sound in order {
        if let Some(mut least) = shards.peek_mut() {
            let Reverse((cost, shard)) = &mut *least;
            shard_of[sound] = *shard;
            *cost += costs[sound];
        }
    }
    shard_of
}

/// The least and the most that a shard has to do.
pub fn balance(costs: &[u64], count: usize) -> (u64, u64) {
    let mut sums = vec![0; count.max(1)];
    for (cost, shard) in costs.iter().zip(share_out(costs, count)) {
        sums[shard] += cost;
    }
    let (least, most) = (sums.iter().min(), sums.iter().max());
    (least.copied().unwrap_or(0), most.copied().unwrap_or(0))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
mod tests {
    use super::*;

    #[test]
    fn every_sound_is_in_one_shard_and_shards_cost_much_the_same() {
        let costs: Vec<u64> = (0..500).map(|i| 10 + i * 7919 % 97).collect();
        assert_eq!(share_out(&[5, 9, 4], 2), [1, 0, 1]);
        assert_eq!(share_out(&costs, 7), share_out(&costs, 7));
        let (least, most) = balance(&costs, 7);
        assert!(most - least <= 10, "{least} to {most}");
        assert_eq!(balance(&[5, 9], 3), (0, 9), "more shards than sounds leave some without");
    }

    #[test]
    fn a_shard_counts_from_1() {
        assert_eq!("2/3".parse::<Shard>().unwrap(), Shard { index: 1, count: 3 });
        for wrong in ["0/3", "4/3", "1", "a/b", "-1/2"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
