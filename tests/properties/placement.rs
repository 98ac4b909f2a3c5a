//! Where keys live: every preference list has N distinct nodes, when there are N, in as many zones
//! as there are. And a change of membership moves no more than it must.

use std::collections::BTreeSet;

use dynamo_playground::base::blob::{Key, Position};
use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::rng::Rng;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::data::plan::shares;
use dynamo_playground::data::ring::{Ring, Skip, deal};
use dynamo_playground::data::view::{Member, View};
use dynamo_playground::protocol::coordinator::quorum::first_healthy;
use dynamo_playground::protocol::membership::{Told, with_join, with_leave};
use dynamo_playground::protocol::message::Newcomer;
use proptest::prelude::*;

fn ring() -> impl Strategy<Value = Ring> {
    (1usize..12, 1usize..6, 1usize..9, any::<u64>()).prop_map(|(nodes, n, tokens, seed)| {
        let nodes: Vec<(NodeId, f64)> = (0..nodes as u32).map(|i| (NodeId(i), 1.0)).collect();
        Ring::deal(&nodes, tokens * nodes.len(), n, &mut Rng::from_u64(seed))
    })
}

fn members(ring: &Ring) -> usize {
    let mut owners: Vec<NodeId> = ring.partitions().filter_map(|p| ring.owner(p)).collect();
    owners.sort_unstable();
    owners.dedup();
    owners.len()
}

proptest! {
    #[test]
    fn a_list_holds_each_node_once_and_begins_at_the_partitions_owner(ring in ring()) {
        for partition in ring.partitions() {
            let list: Vec<NodeId> = ring.distinct_nodes(partition).collect();
            prop_assert_eq!(Some(list[0]), ring.owner(partition));
            prop_assert_eq!(list.len(), members(&ring));
            prop_assert!((1..list.len()).all(|at| !list[..at].contains(&list[at])));
            prop_assert_eq!(ring.homes(partition), &list[..ring.homes(partition).len()]);
        }
    }

    #[test]
    fn a_walk_goes_once_round_and_skips_only_whom_it_has_met(ring in ring()) {
        for partition in ring.partitions() {
            let mut met = vec![];
            let mut steps = 0;
            for step in ring.walk(partition) {
                steps += 1;
                let expected = met.contains(&step.node).then_some(Skip::AlreadyListed);
                prop_assert_eq!(step.skipped, expected);
                met.push(step.node);
            }
            prop_assert_eq!(steps, ring.partition_count());
        }
    }

    #[test]
    fn every_position_falls_to_the_token_that_ends_its_range(
        ring in ring(), bytes in prop::collection::vec(any::<u8>(), 0..9),
    ) {
        let Position(p) = Key::new(&bytes).position();
        let index = u128::from(ring.partition_of(Position(p)).0);
        let q = ring.partition_count() as u128;
        // The range is (index·2^128/Q, (index+1)·2^128/Q]: compare p·Q, which takes 192 bits, with
        // both ends. `high` counts in units of 2^64.
        let low = (p & u128::from(u64::MAX)) * q;
        let (high, rest) = ((p >> 64) * q + (low >> 64), low as u64);
        let (from, to) = (index << 64, (index + 1) << 64);
        prop_assert!(high > from || high == from && rest > 0, "it lies past the token before");
        prop_assert!(high < to || high == to && rest == 0, "and not past its own");
    }

    #[test]
    fn with_nodes_suspected_the_first_healthy_stand_in_each_for_another(
        ring in ring(), down in any::<u16>(),
    ) {
        let is_down = |node: NodeId| down >> node.0 & 1 == 1;
        for partition in ring.partitions() {
            let homes = ring.homes(partition);
            let chosen = first_healthy(&ring, partition, true, is_down);
            let healthy = ring.distinct_nodes(partition).filter(|&node| !is_down(node)).count();
            prop_assert_eq!(chosen.len(), healthy.min(homes.len()));
            let owner = |r: &dynamo_playground::protocol::message::Replica| {
                r.stands_in_for.unwrap_or(r.node)
            };
            let mut owners: Vec<NodeId> = chosen.iter().map(owner).collect();
            owners.sort_unstable();
            owners.dedup();
            prop_assert_eq!(owners.len(), chosen.len(), "each copy is for another owner");
            prop_assert!(owners.iter().all(|owner| homes.contains(owner)));
            prop_assert!(chosen.iter().all(|replica| !is_down(replica.node)));
            let homes_alone = first_healthy(&ring, partition, false, is_down);
            let own = chosen.iter().filter(|replica| replica.stands_in_for.is_none());
            prop_assert!(own.eq(&homes_alone), "without stand-ins the healthy homes are left");
        }
    }
}

/// A ring of any strategy, with weights and zones.
#[derive(Clone, Debug)]
struct Placed {
    view: View,
    zones: Vec<u32>,
    n: usize,
}

impl Placed {
    fn zone(&self, node: NodeId) -> u32 {
        self.zones[node.index()]
    }

    fn distinct_zones(&self, nodes: &[NodeId]) -> usize {
        nodes.iter().map(|&node| self.zone(node)).collect::<BTreeSet<_>>().len()
    }
}

fn member(node: NodeId, weight: u32, zone: u32) -> Member {
    Member { weight, zone: zone.to_string().into(), ..Member::ordinary(node) }
}

/// Some founders and the weight and zone of one who may come.
fn placed() -> impl Strategy<Value = (Placed, u32, u32)> {
    let nodes = prop::collection::vec((250u32..4_000, 0u32..4), 2..10);
    let cut = (1u32..4, 1u32..6, 1u32..40, any::<u64>());
    (nodes, cut, 1usize..6).prop_map(|(nodes, (strategy, tokens_per_node, partitions, salt), n)| {
        let partitioning = match strategy {
            1 => Partitioning::ByToken { tokens_per_node, salt },
            2 => Partitioning::EqualByToken { tokens_per_node, partitions, salt },
            _ => Partitioning::Equal { partitions },
        };
        let (newcomer, founders) = nodes.split_last().expect("there are two at least");
        let numbered = || (0..).map(NodeId).zip(founders);
        let owners = match strategy {
            3 => {
                let nodes: Vec<(NodeId, f64)> =
                    numbered().map(|(node, &(weight, _))| (node, f64::from(weight))).collect();
                deal(&nodes, partitions as usize, &mut Rng::from_u64(salt))
            }
            _ => Vec::new(),
        };
        let members =
            numbered().map(|(node, &(weight, zone))| member(node, weight, zone)).collect();
        let view = View::founded(partitioning, members, &owners, n);
        let zones = nodes.iter().map(|&(_, zone)| zone).collect();
        (Placed { view, zones, n }, newcomer.0, newcomer.1)
    })
}

/// The nodes with a token.
fn owners(ring: &Ring) -> Vec<NodeId> {
    let owners: BTreeSet<NodeId> = ring.token_owners().iter().copied().flatten().collect();
    owners.into_iter().collect()
}

/// What of the list of each partition after a change was not in the list before, and the reverse.
fn changes(before: &Ring, after: &Ring) -> Vec<(PartitionId, Vec<NodeId>, Vec<NodeId>)> {
    let of = |partition| {
        // Ends only grow: each partition lies within one of those before.
        let whole = before.partition_of(after.range(partition).last());
        let (olds, news) = (before.targets(whole), after.targets(partition));
        let without = |nodes: &[NodeId], others: &[NodeId]| -> Vec<NodeId> {
            nodes.iter().copied().filter(|node| !others.contains(node)).collect()
        };
        (partition, without(news, olds), without(olds, news))
    };
    after.partitions().map(of).collect()
}

const TOLD: Told = Told { at: WallTime(0), by: NodeId(0) };

proptest! {
    #[test]
    fn under_every_strategy_the_first_n_are_distinct_and_span_the_zones((placed, ..) in placed()) {
        let ring = placed.view.ring();
        let all = owners(ring);
        let spanned = placed.distinct_zones(&all).min(placed.n);
        for partition in ring.partitions() {
            let homes = ring.homes(partition);
            prop_assert_eq!(homes.len(), placed.n.min(all.len()));
            prop_assert_eq!(homes.iter().collect::<BTreeSet<_>>().len(), homes.len());
            prop_assert_eq!(placed.distinct_zones(homes), spanned);
            // The list that the walk finds step by step is the same one, in the same order.
            let places = ring.walk(partition).filter(|step| step.skipped.is_none());
            let first: Vec<NodeId> = places.map(|step| step.node).take(placed.n).collect();
            prop_assert_eq!(homes, first);
            let list: BTreeSet<NodeId> = ring.distinct_nodes(partition).collect();
            prop_assert!(list.into_iter().eq(all.iter().copied()), "everybody is on the list");
        }
    }

    #[test]
    fn a_node_is_skipped_for_its_zone_only_when_the_places_left_are_for_other_zones(
        (placed, ..) in placed(),
    ) {
        let ring = placed.view.ring();
        let zones = placed.distinct_zones(&owners(ring)).min(placed.n);
        for partition in ring.partitions() {
            let mut listed: Vec<NodeId> = vec![];
            for step in ring.walk(partition) {
                let missing = zones - placed.distinct_zones(&listed).min(zones);
                let left = placed.n.saturating_sub(listed.len());
                let zone = placed.zone(step.node);
                let is_new_zone = listed.iter().all(|&other| placed.zone(other) != zone);
                let expected = if listed.contains(&step.node) {
                    Some(Skip::AlreadyListed)
                } else if left > 0 && left <= missing && !is_new_zone {
                    Some(Skip::SameZone)
                } else {
                    None
                };
                prop_assert_eq!(step.skipped, expected);
                if expected.is_none() {
                    listed.push(step.node);
                }
            }
        }
    }

    #[test]
    fn a_plan_moves_no_more_than_it_must_when_a_node_joins((placed, weight, zone) in placed()) {
        let node = NodeId(placed.zones.len() as u32 - 1);
        let (name, address) = ("".into(), "".into());
        let newcomer = Newcomer { node, weight, zone: zone.to_string().into(), name, address };
        let after = with_join(&placed.view, &newcomer, false, TOLD).expect("there is room");
        let (old, new) = (placed.view.ring(), after.ring());
        if let Partitioning::Equal { partitions } = placed.view.entries().partitioning {
            let taken = old.token_owners().iter().zip(new.token_owners());
            let taken: Vec<_> = taken.filter(|(old, new)| old != new).collect();
            prop_assert!(taken.iter().all(|&(_, &to)| to == Some(node)), "only to the newcomer");
            let weights = after.weights();
            let own = weights.iter().position(|&(other, _)| other == node);
            let share = shares(&weights, partitions as usize)[own.expect("it is a member")];
            prop_assert_eq!(taken.len(), share, "exactly its share");
        } else {
            for (partition, came, went) in changes(old, new) {
                let is_listed = new.targets(partition).contains(&node);
                prop_assert_eq!(&came, &vec![node; usize::from(is_listed)]);
                prop_assert!(went.len() <= came.len(), "one makes room, if there was none");
            }
        }
    }

    #[test]
    fn a_plan_moves_no_more_than_it_must_when_a_node_leaves(
        (placed, ..) in placed(), leaver in any::<prop::sample::Index>(),
    ) {
        let leaver = NodeId(leaver.index(placed.zones.len() - 1) as u32);
        let after = with_leave(&placed.view, leaver, TOLD).expect("a smaller ring is a ring");
        let (old, new) = (placed.view.ring(), after.ring());
        if let Partitioning::Equal { .. } = placed.view.entries().partitioning {
            let is_last = after.joined().next().is_none();
            for (&old, &new) in old.token_owners().iter().zip(new.token_owners()) {
                let is_leavers = old == Some(leaver);
                prop_assert_eq!(old != new, is_leavers && !is_last, "only the leaver's tokens");
            }
        } else {
            for (partition, came, went) in changes(old, new) {
                let whole = old.partition_of(new.range(partition).last());
                let was_listed = old.targets(whole).contains(&leaver);
                prop_assert_eq!(&went, &vec![leaver; usize::from(was_listed)]);
                prop_assert!(came.len() <= went.len(), "one takes its place, if there is one");
            }
        }
    }
}
