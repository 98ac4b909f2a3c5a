//! The ring: the hash space in partitions, tokens, and the walk that finds replicas.
//!
//! ```text
//!   partition i:  (end i-1, end i]   (§4.2)
//!
//!       key K in (A, B]   ──▶  B, C, D  clockwise, N = 3   (Figure 2)
//! ```
//!
//! Under strategy 3 of §6.2 token i stands at the end of partition i, and under strategy 1 each
//! partition ends at a token too; under strategy 2 tokens stand anywhere. Under all three the
//! partition's list is what is met clockwise from its end. Deliberately absent: which nodes are
//! alive. That is belief, not placement.

use std::cmp::Reverse;

use smallvec::SmallVec;

use crate::base::blob::Position;
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::{sort, sort_by_key};
use crate::base::rng::Rng;
use crate::base::sabotage::{Fault, is_planted};
use crate::data::partitioning::{Ends, Range};

/// Who owns which partition. Immutable and shared; a change of membership makes a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ring {
    ends: Ends,
    tokens: Tokens,
    zones: Zones,
    n: usize,
    homes: Lists,
    /// Where the homes go, while some still wait for their records; none when they are there.
    targets: Option<Lists>,
}

/// The tokens in their order round the ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Whose each is; none where that is not known yet.
    owners: Box<[Option<NodeId>]>,
    /// Where each stands; empty when each stands at the end of its own partition.
    positions: Box<[u64]>,
    /// The first token at or past the end of each partition; empty as above.
    first: Box<[u32]>,
}

impl Tokens {
    /// One token at the end of each partition (strategy 3).
    pub fn at_ends(owners: Vec<Option<NodeId>>) -> Tokens {
        Tokens { owners: owners.into(), positions: [].into(), first: [].into() }
    }

    /// Tokens anywhere (strategies 1 and 2).
    pub fn anywhere(mut tokens: Vec<(u64, NodeId)>, ends: &Ends) -> Tokens {
        sort(&mut tokens);
        let first = |partition| {
            let end = ends.end(partition);
            // The last of equal partitions ends at 0, where the ring begins.
            let at = tokens.partition_point(|&(position, _)| position < end);
            if at == tokens.len() { 0 } else { at as u32 }
        };
        Tokens {
            first: (0..ends.count()).map(first).collect(),
            positions: tokens.iter().map(|&(position, _)| position).collect(),
            owners: tokens.iter().map(|&(_, owner)| Some(owner)).collect(),
        }
    }

    /// The first token met from the partition's end.
    fn first_of(&self, partition: usize) -> usize {
        self.first.get(partition).map_or(partition, |&at| at as usize)
    }
}

/// The zones (data centres) of nodes. Empty when there is but one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones {
    /// In the order of nodes, zones numbered from 0.
    of_nodes: Box<[(NodeId, u32)]>,
}

impl Zones {
    pub fn new(mut of_nodes: Vec<(NodeId, u32)>) -> Zones {
        if of_nodes.iter().all(|&(_, zone)| zone == of_nodes[0].1) {
            of_nodes.clear();
        }
        sort(&mut of_nodes);
        Zones { of_nodes: of_nodes.into() }
    }

    /// A node of which nothing is known is in zone 0.
    fn of(&self, node: NodeId) -> u32 {
        let at = self.of_nodes.binary_search_by_key(&node, |&(node, _)| node);
        at.map_or(0, |at| self.of_nodes[at].1)
    }

    /// How many zones the owners of tokens are in.
    fn count(&self, owners: &[Option<NodeId>]) -> usize {
        if self.of_nodes.is_empty() {
            return 1;
        }
        let mut zones: Vec<u32> = Vec::new();
        let mut last = None;
        for &owner in owners {
            // Most tokens stand beside others of nodes that were looked at.
            if let Some(node) = owner.filter(|_| owner != last) {
                let zone = self.of(node);
                if let Err(at) = zones.binary_search(&zone) {
                    zones.insert(at, zone);
                }
            }
            last = owner;
        }
        zones.len()
    }
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

/// The N homes of a partition as a view has them; none to let the tokens say.
pub type Settled<'s, 'h> = &'s dyn Fn(PartitionId) -> Option<&'h [Option<NodeId>]>;

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
        let ends = Ends::Equal(owners.len() as u32);
        Ring::laid_out(ends, Tokens::at_ends(owners), Zones::default(), n, &settled)
    }

    /// A ring of any strategy.
    pub fn laid_out(
        ends: Ends,
        tokens: Tokens,
        zones: Zones,
        n: usize,
        settled: Settled<'_, '_>,
    ) -> Ring {
        assert!(ends.count() > 0 && n > 0, "a ring needs a partition and a replica");
        let nobody = Lists { nodes: Box::new([]), ends: Box::new([]) };
        let mut lists = first_owners(&tokens.owners, &zones, n);
        let skipped = lists.len().min(usize::from(is_planted(Fault::WalkSkipsANode)));
        lists.rotate_left(skipped);
        let mut ring = Ring { ends, tokens, zones, n, homes: nobody, targets: None };
        let targets: Vec<List> = ring
            .partitions()
            .map(|p| lists.get(ring.tokens.first_of(p.index())).cloned().unwrap_or_default())
            .collect();
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
        Ring::on_the_move(deal(nodes, partitions, rng), n, |_| None)
    }

    pub fn partition_count(&self) -> usize {
        self.ends.count()
    }

    pub fn partitions(&self) -> impl Iterator<Item = PartitionId> + use<> {
        (0..self.ends.count() as u32).map(PartitionId)
    }

    pub fn ends(&self) -> &Ends {
        &self.ends
    }

    /// What the partition is called between nodes.
    pub fn range(&self, partition: PartitionId) -> Range {
        self.ends.range(partition.index())
    }

    /// The partition of this very range; none when partitions end elsewhere here.
    pub fn partition_named(&self, range: Range) -> Option<PartitionId> {
        let at = self.ends.partition_of(range.last());
        (self.ends.range(at) == range).then_some(PartitionId(at as u32))
    }

    /// Whose token is the first at or past the partition's end; none where no token map is known.
    pub fn owner(&self, partition: PartitionId) -> Option<NodeId> {
        *self.tokens.owners.get(self.tokens.first_of(partition.index()))?
    }

    /// The owner of every token, in order round the ring.
    pub fn token_owners(&self) -> &[Option<NodeId>] {
        &self.tokens.owners
    }

    /// How many tokens the node owns.
    pub fn tokens_of(&self, node: NodeId) -> usize {
        self.tokens.owners.iter().filter(|&&owner| owner == Some(node)).count()
    }

    /// Whether a token map is known at all.
    pub fn is_known(&self) -> bool {
        self.tokens.owners.iter().any(|owner| owner.is_some())
    }

    /// The partition whose range holds the position.
    pub fn partition_of(&self, position: Position) -> PartitionId {
        PartitionId(self.ends.partition_of(position) as u32)
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

    /// Whether the node is a home of the partition, or is to be one.
    pub fn concerns(&self, partition: PartitionId, node: NodeId) -> bool {
        self.is_home(partition, node) || self.targets(partition).contains(&node)
    }

    /// Whether every place of the partition is kept by somebody.
    pub fn is_full(&self, partition: PartitionId) -> bool {
        let homes = self.homes(partition);
        !homes.is_empty() && homes.len() >= self.targets(partition).len()
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

    /// Every position clockwise from the partition's end, with why it was skipped.
    pub fn walk(&self, partition: PartitionId) -> Walk<'_> {
        Walk {
            tokens: self.tokens_from(partition),
            ring: self,
            zones_missing: self.zones.count(&self.tokens.owners).min(self.n),
            places: SmallVec::new(),
            met: SmallVec::new(),
        }
    }

    /// The whole preference list: the homes, then each other node once, nearest first.
    pub fn distinct_nodes(&self, partition: PartitionId) -> impl Iterator<Item = NodeId> + '_ {
        let homes = self.homes(partition);
        let mut met: SmallVec<[NodeId; 16]> = homes.into();
        let others = self.tokens_from(partition).filter_map(|at| self.tokens.owners[at]);
        let others = others.filter(move |node| {
            let is_new = !met.contains(node);
            if is_new {
                met.push(*node);
            }
            is_new
        });
        homes.iter().copied().chain(others)
    }

    fn tokens_from(&self, partition: PartitionId) -> TokensFrom {
        let (from, end) = (self.tokens.first_of(partition.index()), self.tokens.owners.len());
        (from..end).chain(0..from.min(end))
    }

    /// The partition that the token stands in, or at the end of.
    fn partition_of_token(&self, token: usize) -> PartitionId {
        match self.tokens.positions.get(token) {
            Some(&top) => self.partition_of(Position(u128::from(top) << 64)),
            None => PartitionId(token as u32),
        }
    }
}

type TokensFrom = std::iter::Chain<std::ops::Range<usize>, std::ops::Range<usize>>;

/// The first `n` distinct owners clockwise from each token, over as many zones as there are: the
/// nearest node of each of so many zones, and the nearest others. From the last token to the
/// first, because each list is its own owner and then the next list: walking from every token
/// would take a time that grows with the square of a map that somebody else may have sent.
fn first_owners(owners: &[Option<NodeId>], zones: &Zones, n: usize) -> Vec<List> {
    let span = zones.count(owners).min(n);
    let mut lists = vec![List::new(); owners.len()];
    // The nearest N nodes, and the nearest node of each of the nearest zones.
    let (mut list, mut firsts) = (List::new(), List::new());
    // The first round fills the list that the second goes on from.
    for is_second in [false, true] {
        for (own, owner) in lists.iter_mut().zip(owners).rev() {
            if let Some(owner) = *owner {
                list.retain(|other| *other != owner);
                list.insert(0, owner);
                list.truncate(n);
                if span > 1 {
                    let zone = zones.of(owner);
                    firsts.retain(|other| zones.of(*other) != zone);
                    firsts.insert(0, owner);
                    firsts.truncate(span);
                }
            }
            if is_second {
                match span > 1 {
                    true => *own = spanning(&list, &firsts, n),
                    false => own.clone_from(&list),
                }
            }
        }
    }
    lists
}

/// In walk order, those of the nearest zones and as many others as there is room for.
fn spanning(nearest: &List, firsts: &List, n: usize) -> List {
    let mut room = n - firsts.len();
    let mut list = List::new();
    for node in nearest {
        if firsts.contains(node) {
            list.push(*node);
        } else if room > 0 {
            room -= 1;
            list.push(*node);
        }
    }
    for node in firsts {
        if !nearest.contains(node) {
            list.push(*node);
        }
    }
    list
}

/// The owners of [`Ring::deal`], token by token.
pub fn deal(nodes: &[(NodeId, f64)], partitions: usize, rng: &mut Rng) -> Vec<Option<NodeId>> {
    if nodes.is_empty() {
        return vec![None; partitions];
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
    let mut owners: Vec<Option<NodeId>> = Vec::with_capacity(partitions);
    for (&(node, _), &count) in nodes.iter().zip(&counts) {
        owners.extend(std::iter::repeat_n(Some(node), count));
    }
    rng.shuffle(&mut owners);
    owners
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
    /// The partition that the token stands in.
    pub partition: PartitionId,
    pub node: NodeId,
    /// The place on the list, from 1: this step's own, or the one its node already has; 0 for a
    /// node that has none yet.
    pub place: usize,
    pub skipped: Option<Skip>,
}

/// Why a position adds nothing to the preference list (§4.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// Another token of a node that is on the list already.
    AlreadyListed,
    /// The list needs the places that are left for zones that are not on it.
    SameZone,
}

/// The clockwise walk (§4.3): "skipping positions in the ring to ensure that the list contains
/// only distinct physical nodes", and "constructed such that the storage nodes are spread across
/// multiple data centers" (§4.6).
#[derive(Clone, Debug)]
pub struct Walk<'r> {
    ring: &'r Ring,
    tokens: TokensFrom,
    /// How many of the first N places are still kept for zones that were not met.
    zones_missing: usize,
    places: SmallVec<[NodeId; 16]>,
    met: SmallVec<[u32; 4]>,
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let ring = self.ring;
        loop {
            let token = self.tokens.next()?;
            let Some(node) = ring.tokens.owners[token] else { continue };
            let partition = ring.partition_of_token(token);
            if let Some(at) = self.places.iter().position(|&other| other == node) {
                let skipped = Some(Skip::AlreadyListed);
                return Some(Step { partition, node, place: at + 1, skipped });
            }
            let zone = ring.zones.of(node);
            let is_new_zone = !self.met.contains(&zone);
            let left = ring.n.saturating_sub(self.places.len());
            if left > 0 && !is_new_zone && left <= self.zones_missing {
                return Some(Step { partition, node, place: 0, skipped: Some(Skip::SameZone) });
            }
            if is_new_zone {
                self.met.push(zone);
                self.zones_missing = self.zones_missing.saturating_sub(1);
            }
            self.places.push(node);
            return Some(Step { partition, node, place: self.places.len(), skipped: None });
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
    fn what_does_not_come_out_even_goes_to_the_largest_remainder() {
        let counts = |weights: [f64; 2], tokens| {
            let nodes = [(NodeId(0), weights[0]), (NodeId(1), weights[1])];
            let ring = Ring::deal(&nodes, tokens, 1, &mut Rng::from_u64(9));
            [ring.tokens_of(NodeId(0)), ring.tokens_of(NodeId(1))]
        };
        assert_eq!(counts([444.0, 856.0], 13), [4, 9], "shares of 4.44 and 8.56");
        assert_eq!(counts([5.0, 4.0], 8), [4, 4], "shares of 4.44 and 3.56");
        assert_eq!(counts([1.0, 1.0], 7), [4, 3], "the first in order, where remainders are equal");
    }

    #[test]
    fn while_a_partition_moves_who_is_to_have_it_is_coming() {
        let settled: Vec<Option<NodeId>> = [0, 1].map(|n| Some(NodeId(n))).into();
        let moving = PartitionId(2);
        let owners = [0, 1, 2, 3].map(|n| Some(NodeId(n))).into();
        let of = |p| (p == moving).then_some(&settled[..]);
        let ring = Ring::on_the_move(owners, 2, of);
        assert!(ring.is_moving() && ring.is_known());
        let coming: Vec<_> = (0..4)
            .flat_map(|p| (0..4).map(move |n| (PartitionId(p), NodeId(n))))
            .filter(|&(p, n)| ring.is_coming(p, n))
            .collect();
        assert_eq!(coming, [(moving, NodeId(2)), (moving, NodeId(3))]);
        let at_rest = self::ring(&[0, 1, 2, 3], 2);
        assert!(!at_rest.is_moving() && !at_rest.is_coming(moving, NodeId(2)));
        assert!(!Ring::on_the_move(vec![None, None], 2, |_| None).is_known());
    }

    #[test]
    fn a_token_inside_a_partition_is_met_from_its_end_on_and_told_with_where_it_stands() {
        let ends = Ends::Equal(4);
        // One in the second quarter, one at the end of the third, one in the last.
        let tokens = vec![(5 << 60, NodeId(0)), (12 << 60, NodeId(1)), (14 << 60, NodeId(2))];
        let tokens = Tokens::anywhere(tokens, &ends);
        let ring = Ring::laid_out(ends, tokens, Zones::default(), 2, &|_| None);
        let homes = |p| ring.homes(PartitionId(p)).iter().map(|node| node.0).collect::<Vec<_>>();
        assert_eq!([0, 1, 2, 3].map(homes), [[0, 1], [1, 2], [1, 2], [0, 1]]);
        let walk: Vec<_> =
            ring.walk(PartitionId(1)).map(|step| (step.node.0, step.partition.0)).collect();
        assert_eq!(walk, [(1, 2), (2, 3), (0, 1)]);
    }

    #[test]
    fn a_zone_counts_once_and_a_node_of_none_is_in_the_first() {
        let zones = Zones::new([(0, 0), (1, 1), (2, 1)].map(|(n, z)| (NodeId(n), z)).into());
        assert_eq!([0, 1, 2, 9].map(|node| zones.of(NodeId(node))), [0, 1, 1, 0]);
        let count = |nodes: &[u32]| {
            zones.count(&nodes.iter().map(|&node| Some(NodeId(node))).collect::<Vec<_>>())
        };
        assert_eq!((count(&[0, 0, 1, 2, 1]), count(&[1, 2]), count(&[])), (2, 1, 0));
        assert_eq!(Zones::default().count(&[Some(NodeId(1))]), 1);
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
