//! How the hash space is cut into partitions, and where tokens stand: the strategies of §6.2.
//!
//! ```text
//!   1  T random tokens per node, and partitions are the ranges between tokens
//!   2  T random tokens per node, and Q equal partitions
//!   3  Q equal partitions with a token each, Q/S of them to a node
//! ```
//!
//! Under 1 and 2 the tokens of a node are a function of the ring's salt, the node and its weight:
//! a node "chooses its set of tokens" once, and everybody can compute which. So a view need not
//! carry them, and they count exactly while the node belongs to the ring.

use serde::{Deserialize, Serialize};

use crate::base::blob::Position;
use crate::base::id::NodeId;
use crate::base::rng::Rng;
use crate::base::sabotage::{Fault, is_planted};

/// One of the three, the same for all nodes of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Partitioning {
    /// Strategy 1.
    ByToken { tokens_per_node: u32, salt: u64 },
    /// Strategy 2.
    EqualByToken { tokens_per_node: u32, partitions: u32, salt: u64 },
    /// Strategy 3.
    Equal { partitions: u32 },
}

impl Partitioning {
    /// How many tokens a node of this weight, in thousandths, takes at random: at least one.
    /// None under strategy 3, where tokens are dealt.
    pub fn tokens(self, weight: u32) -> u64 {
        match self {
            Partitioning::ByToken { tokens_per_node, .. }
            | Partitioning::EqualByToken { tokens_per_node, .. } => {
                ((u64::from(tokens_per_node) * u64::from(weight) + 500) / 1_000).max(1)
            }
            Partitioning::Equal { .. } => 0,
        }
    }

    /// Where they stand, in no order: the top 64 bits of positions of which the rest is zero.
    pub fn positions(self, node: NodeId, weight: u32) -> impl Iterator<Item = u64> {
        let salt = match self {
            Partitioning::ByToken { salt, .. } | Partitioning::EqualByToken { salt, .. } => salt,
            Partitioning::Equal { .. } => 0,
        };
        // Rng seeds from 64 bits: nodes are spread over them by an odd multiplier.
        let spread = u64::from(node.0).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rng = Rng::from_u64(salt ^ spread);
        (0..self.tokens(weight)).map(move |_| rng.next_u64())
    }

    /// The strategy's number in the paper.
    pub fn strategy(self) -> u32 {
        match self {
            Partitioning::ByToken { .. } => 1,
            Partitioning::EqualByToken { .. } => 2,
            Partitioning::Equal { .. } => 3,
        }
    }
}

/// Where partitions end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    /// So many partitions of one size.
    Equal(u32),
    /// At these positions' top 64 bits, rising. Without any the whole ring is one partition.
    At(Box<[u64]>),
}

/// The range of a partition, whatever its number is: from `after`, excluded, to `end`, included,
/// both the top 64 bits of positions. Nodes whose partitions end elsewhere cannot mistake it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Range {
    pub after: u64,
    pub end: u64,
}

impl Range {
    /// Its last position.
    pub fn last(self) -> Position {
        Position(u128::from(self.end) << 64)
    }

    /// Its part of the ring, from 0 to 1.
    pub fn share(self) -> f64 {
        match self.end.wrapping_sub(self.after) {
            0 => 1.0,
            width => width as f64 / 18_446_744_073_709_551_616.0,
        }
    }
}

impl Ends {
    pub fn count(&self) -> usize {
        match self {
            Ends::Equal(count) => *count as usize,
            Ends::At(ends) => ends.len().max(1),
        }
    }

    /// The partition whose range holds the position.
    pub fn partition_of(&self, position: Position) -> usize {
        match self {
            // Ranges are open below: a position on a token belongs to the partition that ends
            // there, so count from one step back; 0 itself ends the last partition.
            Ends::Equal(count) => {
                let back = position.0.wrapping_sub(1);
                let q = u128::from(*count);
                let high = (back >> 64) * q;
                let low = (back & u128::from(u64::MAX)) * q;
                ((high + (low >> 64)) >> 64) as usize
            }
            Ends::At(ends) => {
                let position =
                    position.0.wrapping_add(u128::from(is_planted(Fault::RangeLosesItsEnd)));
                let at = ends.partition_point(|&end| u128::from(end) << 64 < position);
                if at == ends.len() { 0 } else { at }
            }
        }
    }

    /// Where the partition ends.
    pub fn end(&self, partition: usize) -> u64 {
        match self {
            Ends::Equal(count) => {
                // In two steps of 32 bits: a division of 128 is a kilobyte of the module.
                let (count, part) = (u64::from(*count), partition as u64 + 1);
                let high = (part % count) << 32;
                let low = (high % count) << 32;
                ((high / count) << 32) | (low / count)
            }
            Ends::At(ends) => ends.get(partition).copied().unwrap_or(0),
        }
    }

    pub fn range(&self, partition: usize) -> Range {
        let before = if partition == 0 { self.count() - 1 } else { partition - 1 };
        Range { after: self.end(before), end: self.end(partition) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_range_is_open_below_and_closed_above_and_the_last_goes_round() {
        let ends = Ends::At([10, 20].into());
        let of = |top: u64, low: u128| ends.partition_of(Position((u128::from(top) << 64) + low));
        assert_eq!([of(10, 0), of(10, 1), of(20, 0), of(20, 1), of(0, 0)], [0, 1, 1, 0, 0]);
        assert_eq!(ends.range(0), Range { after: 20, end: 10 });
        assert_eq!(ends.range(1).share(), 10.0 / 18_446_744_073_709_551_616.0);
        assert_eq!(Ends::At([].into()).range(0).share(), 1.0);
    }

    #[test]
    fn an_equal_partition_is_found_again_by_where_it_ends() {
        for count in [1, 2, 3, 7, 64, 1_000, 4_096] {
            let ends = Ends::Equal(count);
            for partition in 0..count as usize {
                let end = Position(u128::from(ends.end(partition)) << 64);
                assert_eq!(ends.partition_of(end), partition, "of {count}");
            }
        }
    }

    #[test]
    fn tokens_follow_weight_and_do_not_move() {
        let by_token = Partitioning::ByToken { tokens_per_node: 8, salt: 5 };
        assert_eq!([1, 500, 1_000, 2_500].map(|weight| by_token.tokens(weight)), [1, 4, 8, 20]);
        let light: Vec<u64> = by_token.positions(NodeId(3), 1_000).collect();
        let heavy: Vec<u64> = by_token.positions(NodeId(3), 2_000).collect();
        assert_eq!(light, heavy[..8], "a heavier node has the same and more");
        assert!(by_token.positions(NodeId(4), 1_000).all(|token| !heavy.contains(&token)));
    }
}
