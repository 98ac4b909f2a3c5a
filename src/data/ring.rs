//! The ring: hash space in equal partitions, one token each, and the walk that finds replicas.
//!
//! ```text
//!   token i stands at the END of partition i:  (token i-1, token i]   (§4.2)
//!
//!       key K in (A, B]   ──▶  B, C, D  clockwise, N = 3   (Figure 2)
//! ```
//!
//! Strategy 3 of §6.2: Q equal partitions, Q/S tokens to each node, handed out in random order
//! round the ring. Deliberately absent: which nodes are alive. That is belief, not placement.

use std::cmp::Reverse;

use smallvec::SmallVec;

use crate::base::blob::Position;
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort_by_key;
use crate::base::rng::Rng;

/// Who owns which partition. Immutable and shared; a change of membership makes a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    /// None where no token map is known yet.
    owners: Box<[Option<NodeId>]>,
    homes: Lists,
    /// Where the homes go, while some still wait for their records; none when they are there.
    targets: Option<Lists>,
}

/// A short list of nodes for each partition, side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lists {
    nodes: Box<[NodeId]>,
    ends: Box<[u32]>,
}

/// A list of homes, or of what will be homes.
type List = SmallVec<[NodeId; 8]>;

impl Lists {
    fn new(lists: &[List]) -> Lists {
        let mut end = 0;
        let ends = lists.iter().map(|list| {
            end += list.len() as u32;
            end
        });
        Lists { ends: ends.collect(), nodes: lists.iter().flatten().copied().collect() }
    }

    fn get(&self, partition: PartitionId) -> &[NodeId] {
        let at = partition.index();
        let from = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.nodes[from..self.ends[at] as usize]
    }
}

impl Ring {
    /// A ring whose partition `i` is owned by `owners[i]`, with lists of `n` homes, or of as many
    /// as there are nodes.
    ///
    /// # Panics
    /// When `owners` is empty or `n` is 0: such a ring can hold nothing.
    pub fn new(owners: Vec<NodeId>, n: usize) -> Ring {
        Ring::on_the_move(owners.into_iter().map(Some).collect(), n, |_| None)
    }

    /// A ring where the homes of a partition are still those that `settled` names, if it names
    /// any, and not yet all of those that the tokens say.
    pub fn on_the_move<'h>(
        owners: Vec<Option<NodeId>>,
        n: usize,
        settled: impl Fn(PartitionId) -> Option<&'h [Option<NodeId>]>,
    ) -> Ring {
        assert!(!owners.is_empty() && n > 0, "a ring needs a partition and a replica");
        let nobody = Lists { nodes: Box::new([]), ends: Box::new([]) };
        let mut ring = Ring { owners: owners.into(), homes: nobody, targets: None };
        let targets = first_owners(&ring.owners, n);
        let homes: Vec<List> = ring
            .partitions()
            .zip(&targets)
            .map(|(partition, targets)| match settled(partition) {
                Some(settled) => in_walk_order(settled, targets),
                None => targets.clone(),
            })
            .collect();
        ring.homes = Lists::new(&homes);
        ring.targets = (homes != targets).then(|| Lists::new(&targets));
        ring
    }

    /// Hands out `partitions` tokens in proportion to weight, in random order round the ring.
    /// Shares that do not come out even go to the largest remainders, then to the first in order.
    pub fn deal(nodes: &[(NodeId, f64)], partitions: usize, n: usize, rng: &mut Rng) -> Ring {
        if nodes.is_empty() {
            return Ring::on_the_move(vec![None; partitions], n, |_| None);
        }
        let total: f64 = nodes.iter().map(|&(_, weight)| weight).sum();
        let share = |weight: f64| partitions as f64 * weight / total;
        let mut counts: Vec<usize> = nodes.iter().map(|&(_, w)| share(w) as usize).collect();
        let mut by_remainder: Vec<usize> = (0..nodes.len()).collect();
        sort_by_key(&mut by_remainder, |&i| {
            let remainder = share(nodes[i].1) - counts[i] as f64;
            Reverse((remainder * 1e9) as u64)
        });
        let missing = partitions - counts.iter().sum::<usize>();
        for &i in by_remainder.iter().cycle().take(missing) {
            counts[i] += 1;
        }
        let mut owners: Vec<NodeId> = Vec::with_capacity(partitions);
        for (&(node, _), &count) in nodes.iter().zip(&counts) {
            owners.extend(std::iter::repeat_n(node, count));
        }
        rng.shuffle(&mut owners);
        Ring::new(owners, n)
    }

    pub fn partition_count(&self) -> usize {
        self.owners.len()
    }

    pub fn partitions(&self) -> impl Iterator<Item = PartitionId> + use<> {
        (0..self.owners.len() as u32).map(PartitionId)
    }

    /// Whose token it is; none where no token map is known yet.
    pub fn owner(&self, partition: PartitionId) -> Option<NodeId> {
        self.owners[partition.index()]
    }

    /// How many tokens the node owns.
    pub fn tokens_of(&self, node: NodeId) -> usize {
        self.owners.iter().filter(|&&owner| owner == Some(node)).count()
    }

    /// Whether a token map is known at all.
    pub fn is_known(&self) -> bool {
        self.owners.iter().any(|owner| owner.is_some())
    }

    /// The partition whose range (previous token, token] holds the position.
    pub fn partition_of(&self, position: Position) -> PartitionId {
        // Ranges are open below: a position on a token belongs to the partition that ends there,
        // so count from one step back; 0 itself ends the last partition.
        let back = position.0.wrapping_sub(1);
        let q = self.owners.len() as u128;
        let high = (back >> 64) * q;
        let low = (back & u128::from(u64::MAX)) * q;
        PartitionId(((high + (low >> 64)) >> 64) as u32)
    }

    /// The N nodes that a key of this partition belongs to when all are well, in order. While the
    /// partition moves, those that have its records.
    pub fn homes(&self, partition: PartitionId) -> &[NodeId] {
        self.homes.get(partition)
    }

    pub fn is_home(&self, partition: PartitionId, node: NodeId) -> bool {
        self.homes(partition).contains(&node)
    }

    /// The first N nodes by the tokens alone: the homes once every transfer is over (§4.9).
    pub fn targets(&self, partition: PartitionId) -> &[NodeId] {
        self.targets.as_ref().unwrap_or(&self.homes).get(partition)
    }

    /// Whether the node is to be a home of the partition and is none yet.
    pub fn is_coming(&self, partition: PartitionId, node: NodeId) -> bool {
        self.is_moving()
            && self.targets(partition).contains(&node)
            && !self.is_home(partition, node)
    }

    /// Whether some partition has homes other than the tokens say.
    pub fn is_moving(&self) -> bool {
        self.targets.is_some()
    }

    /// Every position clockwise from the partition's own token, with why it was skipped.
    pub fn walk(&self, partition: PartitionId) -> Walk<'_> {
        Walk { ring: self, next: partition.index(), left: self.owners.len(), seen: SmallVec::new() }
    }

    /// The whole preference list: the homes, then each other node once, nearest first.
    pub fn distinct_nodes(&self, partition: PartitionId) -> impl Iterator<Item = NodeId> + '_ {
        let homes = self.homes(partition);
        let others = self.owners_from(partition).filter(|node| !homes.contains(node));
        homes.iter().copied().chain(others)
    }

    fn owners_from(&self, partition: PartitionId) -> impl Iterator<Item = NodeId> + '_ {
        self.walk(partition).filter(|step| step.skipped.is_none()).map(|step| step.node)
    }
}

/// The first `n` distinct owners clockwise from each token. From the last to the first, because
/// each list is its own owner and then the next list: walking from every token would take a time
/// that grows with the square of a map that somebody else may have sent.
fn first_owners(owners: &[Option<NodeId>], n: usize) -> Vec<List> {
    let mut lists = vec![List::new(); owners.len()];
    let mut list = List::new();
    // The first round fills the list that the second goes on from.
    for is_second in [false, true] {
        for (own, owner) in lists.iter_mut().zip(owners).rev() {
            if let Some(owner) = *owner {
                list.retain(|other| *other != owner);
                list.insert(0, owner);
                list.truncate(n);
            }
            if is_second {
                own.clone_from(&list);
            }
        }
    }
    lists
}

/// The settled homes: first those that stay, as the tokens have them, then those that will go.
fn in_walk_order(settled: &[Option<NodeId>], targets: &List) -> List {
    let is_settled = |node: &&NodeId| settled.contains(&Some(**node));
    let mut list: List = targets.iter().filter(is_settled).copied().collect();
    for node in settled.iter().flatten() {
        if !list.contains(node) {
            list.push(*node);
        }
    }
    list
}

/// One position met on the way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    pub partition: PartitionId,
    pub node: NodeId,
    /// The place on the list, from 1: this step's own, or the one its node already has.
    pub place: usize,
    pub skipped: Option<Skip>,
}

/// Why a position adds nothing to the preference list (§4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Another token of a node that is on the list already.
    AlreadyListed,
}

/// The clockwise walk (§4.3): "skipping positions in the ring to ensure that the list contains
/// only distinct physical nodes".
#[derive(Clone, Debug)]
pub struct Walk<'r> {
    ring: &'r Ring,
    next: usize,
    left: usize,
    seen: SmallVec<[NodeId; 16]>,
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        loop {
            self.left = self.left.checked_sub(1)?;
            let partition = PartitionId(self.next as u32);
            self.next = (self.next + 1) % self.ring.owners.len();
            let Some(node) = self.ring.owner(partition) else { continue };
            let listed = self.seen.iter().position(|&n| n == node);
            if listed.is_none() {
                self.seen.push(node);
            }
            let place = listed.map_or(self.seen.len(), |at| at + 1);
            return Some(Step {
                partition,
                node,
                place,
                skipped: listed.map(|_| Skip::AlreadyListed),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn ring(owners: &[u32], n: usize) -> Ring {
        Ring::new(owners.iter().map(|&o| NodeId(o)).collect(), n)
    }

    #[test]
    fn a_key_between_a_and_b_is_kept_at_b_c_and_d() {
        // Figure 2: nodes A to G in order, N = 3.
        let ring = ring(&[0, 1, 2, 3, 4, 5, 6], 3);
        let in_a_b = PartitionId(1);
        assert_eq!(ring.homes(in_a_b), [NodeId(1), NodeId(2), NodeId(3)]);
        let at_d: Vec<u32> =
            ring.partitions().filter(|&p| ring.is_home(p, NodeId(3))).map(|p| p.0).collect();
        assert_eq!(at_d, [1, 2, 3], "D stores (A,B], (B,C] and (C,D]");
    }

    #[test]
    fn a_position_on_a_token_belongs_to_the_partition_that_ends_there() {
        let ring = ring(&[0, 1, 2, 3], 2);
        let quarter = 1u128 << 126;
        let of = |p| ring.partition_of(Position(p)).0;
        assert_eq!(of(quarter - 1), 0);
        assert_eq!(of(quarter), 0);
        assert_eq!(of(quarter + 1), 1);
        assert_eq!(of(0), 3);
        assert_eq!(of(1), 0);
        assert_eq!(of(u128::MAX), 3);
    }

    #[test]
    fn the_walk_skips_a_node_it_has_met_and_says_which_place_it_has() {
        let ring = ring(&[0, 1, 0, 2, 3], 3);
        let steps: Vec<Step> = ring.walk(PartitionId(0)).collect();
        assert_eq!(steps[2].skipped, Some(Skip::AlreadyListed));
        assert_eq!((steps[2].node, steps[2].place), (NodeId(0), 1));
        assert_eq!((steps[3].node, steps[3].place), (NodeId(2), 3));
        assert_eq!(ring.homes(PartitionId(0)), [NodeId(0), NodeId(1), NodeId(2)]);
    }

    #[test]
    fn tokens_follow_weight_and_every_one_is_handed_out() {
        let nodes = [(NodeId(0), 1.0), (NodeId(1), 2.0), (NodeId(2), 1.0)];
        let ring = Ring::deal(&nodes, 64, 3, &mut Rng::from_u64(9));
        let count = |n| ring.tokens_of(NodeId(n));
        assert_eq!([count(0), count(1), count(2)], [16, 32, 16]);
    }

    #[test]
    fn uneven_shares_differ_by_at_most_one() {
        let nodes: Vec<_> = (0..6).map(|i| (NodeId(i), 1.0)).collect();
        let ring = Ring::deal(&nodes, 64, 3, &mut Rng::from_u64(9));
        for node in 0..6 {
            let count = ring.tokens_of(NodeId(node));
            assert!((10..=11).contains(&count), "node {node} has {count}");
        }
    }
}
