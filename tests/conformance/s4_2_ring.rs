//! §4.2, the partitioning algorithm.

use std::collections::{BTreeMap, BTreeSet};

use dynamo_playground::base::blob::Position;
use dynamo_playground::base::id::NodeId;
use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::data::ring::Ring;

use crate::rings::{figure_2, founded, joined, left, name, since, strategies, weighed, written};
use crate::world::played;

/// The part of the key space that each node coordinates.
fn regions(ring: &Ring) -> BTreeMap<NodeId, f64> {
    let mut regions = BTreeMap::new();
    for partition in ring.partitions() {
        let owner = ring.owner(partition).expect("every token has an owner");
        *regions.entry(owner).or_default() += ring.range(partition).share();
    }
    regions
}

/// The part of the key space that passes from `from` to each other node.
fn passed(before: &Ring, after: &Ring, from: NodeId) -> BTreeMap<NodeId, f64> {
    let mut passed = BTreeMap::new();
    for (whole, partition) in since(before, after) {
        if before.owner(whole) == Some(from) {
            let to = after.owner(partition).expect("every token has an owner");
            *passed.entry(to).or_default() += after.range(partition).share();
        }
    }
    passed
}

#[test]
fn key_k_in_the_range_from_a_to_b_is_stored_at_b_c_and_d() {
    let world = played(&figure_2(140, &[], 20_000));
    world.convergence().expect("all is in its place");
    let ring = world.ring();
    let order: Vec<&str> = ring.token_owners().iter().flatten().map(|&node| name(node)).collect();
    let a = order.iter().position(|&name| name == "A").expect("A has a token");
    let from_a: Vec<&str> = order[a..].iter().chain(&order[..a]).copied().collect();
    assert_eq!(from_a, ["A", "B", "C", "D", "E", "F", "G"], "the order of Figure 2");

    let mut stored: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut at_d = BTreeSet::new();
    for node in world.nodes() {
        for (key, _) in world.replicas(node) {
            let range = ring.range(ring.partition_of(key.position()));
            stored.entry(written(ring, range)).or_default().insert(name(node));
            if name(node) == "D" {
                at_d.insert(written(ring, range));
            }
        }
    }
    assert_eq!(stored["(A,B]"], BTreeSet::from(["B", "C", "D"]));
    assert_eq!(at_d, ["(A,B]", "(B,C]", "(C,D]"].map(str::to_owned).into());
    assert!(stored.values().all(|nodes| nodes.len() == 3), "no copy anywhere else: {stored:?}");
}

#[test]
fn a_node_is_responsible_for_the_region_between_it_and_its_predecessor() {
    // Open where the predecessor stands, closed where the node itself does. Eight, because equal
    // partitions then end at positions that a range names to the last bit.
    for partitioning in strategies(8, 1, 5) {
        let view = founded(partitioning, 8, 3);
        let ring = view.ring();
        for partition in ring.partitions() {
            let range = ring.range(partition);
            let (end, after) = (range.last().0, u128::from(range.after) << 64);
            assert_eq!(ring.partition_of(Position(end)), partition, "equality belongs to it");
            assert_eq!(ring.partition_of(Position(after.wrapping_add(1 << 64))), partition);
            assert_ne!(ring.partition_of(Position(after)), partition, "that is its predecessor's");
            assert_ne!(ring.partition_of(Position(end.wrapping_add(1))), partition);
        }
    }
}

#[test]
fn departure_or_arrival_of_a_node_only_affects_its_immediate_neighbors() {
    const N: usize = 3;
    let newcomer = NodeId(10);
    for salt in 0..50 {
        let before = founded(Partitioning::ByToken { tokens_per_node: 1, salt }, 10, N);
        let after = joined(&before, newcomer);
        let back = left(&after, newcomer);
        let at = after.ring().token_owners().iter().position(|&owner| owner == Some(newcomer));
        let at = at.expect("it has a token");
        let behind = |steps: usize| after.ring().token_owners()[(at + steps) % 11];

        let mut affected = BTreeSet::new();
        let mut gave = BTreeSet::new();
        for (whole, partition) in since(before.ring(), after.ring()) {
            let (old, new) = (before.ring().owner(whole), after.ring().owner(partition));
            if old != new {
                affected.extend(old);
                assert_eq!(new, Some(newcomer));
            }
            let (olds, news) = (before.ring().targets(whole), after.ring().targets(partition));
            gave.extend(olds.iter().filter(|node| !news.contains(node)).map(|&node| Some(node)));
            // And the departure undoes it all.
            assert_eq!(back.ring().owner(partition), old);
            assert_eq!(back.ring().targets(partition), olds);
        }
        assert_eq!(affected.into_iter().map(Some).collect::<Vec<_>>(), [behind(1)], "salt {salt}");
        // With its copies counted, the N that follow it; "other nodes remain unaffected".
        assert_eq!(gave, (1..=N).map(behind).collect(), "salt {salt}");
    }
}

#[test]
fn one_random_position_for_each_node_leads_to_non_uniform_load_and_many_tokens_do_not() {
    let most = |tokens_per_node, salt| {
        let view = founded(Partitioning::ByToken { tokens_per_node, salt }, 20, 3);
        20.0 * regions(view.ring()).into_values().fold(0.0, f64::max)
    };
    let mean = |tokens| (0..20).map(|salt| most(tokens, salt)).sum::<f64>() / 20.0;
    let (one, many) = (mean(1), mean(200));
    assert!(one > 2.5, "the busiest of twenty has {one:.2} times its share with one token");
    assert!(many < 1.3, "and {many:.2} times with two hundred");
}

#[test]
fn the_number_of_tokens_and_the_load_follow_a_nodes_capacity() {
    let weights = [1.0, 2.0, 0.5, 1.0, 1.5, 1.0, 1.0];
    let total: f64 = weights.iter().sum();
    for partitioning in strategies(7, 256, 11) {
        let view = weighed(partitioning, &weights, 3);
        let (ring, regions) = (view.ring(), regions(view.ring()));
        let tokens = ring.token_owners().len() as f64;
        for (node, weight) in (0..).map(NodeId).zip(weights) {
            let share = weight / total;
            let (held, region) = (ring.tokens_of(node) as f64 / tokens, regions[&node]);
            let strategy = partitioning.strategy();
            assert!((held - share).abs() < 0.002, "{strategy}: {held} tokens for {share}");
            assert!((region / share - 1.0).abs() < 0.25, "{strategy}: {region} for {share}");
        }
    }
}

/// Whether each of nine others has a roughly equal part of it.
fn is_even(parts: &BTreeMap<NodeId, f64>) -> bool {
    let even = parts.values().sum::<f64>() / 9.0;
    parts.len() == 9 && parts.values().all(|part| (0.4 * even..2.0 * even).contains(part))
}

#[test]
fn a_lost_nodes_load_is_evenly_dispersed_across_the_nodes_that_remain() {
    let lost = NodeId(4);
    for salt in 0..5 {
        // With one token a single neighbour gets it all.
        let alone = founded(Partitioning::ByToken { tokens_per_node: 1, salt }, 10, 3);
        assert_eq!(passed(alone.ring(), left(&alone, lost).ring(), lost).len(), 1);
        for partitioning in strategies(10, 400, salt) {
            let view = founded(partitioning, 10, 3);
            let passed = passed(view.ring(), left(&view, lost).ring(), lost);
            assert!(is_even(&passed), "{partitioning:?}: {passed:?}");
            // The same while it is but down: the next node of each list stands in for it.
            let mut stand_ins = BTreeMap::new();
            for partition in view.ring().partitions() {
                if view.ring().owner(partition) == Some(lost) {
                    let next = view.ring().distinct_nodes(partition).find(|&node| node != lost);
                    let part = stand_ins.entry(next.expect("there are ten")).or_default();
                    *part += view.ring().range(partition).share();
                }
            }
            assert!(is_even(&stand_ins), "{partitioning:?}: {stand_ins:?}");
        }
    }
}

#[test]
fn a_new_node_accepts_a_roughly_equivalent_amount_of_load_from_each_of_the_others() {
    let newcomer = NodeId(9);
    for salt in 0..5 {
        for partitioning in strategies(10, 400, salt) {
            let before = founded(partitioning, 9, 3);
            let after = joined(&before, newcomer);
            let mut accepted = BTreeMap::new();
            for (whole, partition) in since(before.ring(), after.ring()) {
                if after.ring().owner(partition) == Some(newcomer) {
                    let from = before.ring().owner(whole).expect("every token has an owner");
                    *accepted.entry(from).or_default() += after.ring().range(partition).share();
                }
            }
            assert!(is_even(&accepted), "{partitioning:?}: {accepted:?}");
        }
    }
}
