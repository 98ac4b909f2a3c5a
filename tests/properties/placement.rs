//! Where keys live: every preference list has N distinct nodes, when there are N.

use dynamo_playground::base::blob::{Key, Position};
use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::rng::Rng;
use dynamo_playground::data::ring::{Ring, Skip};
use dynamo_playground::protocol::coordinator::quorum::first_healthy;
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
            let chosen = first_healthy(&ring, partition, &is_down);
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
        }
    }
}
