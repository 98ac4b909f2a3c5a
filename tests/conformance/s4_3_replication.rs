//! §4.3, replication: the preference list.

use std::rc::Rc;

use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::time::Instant;
use dynamo_playground::data::partitioning::Ends;
use dynamo_playground::data::ring::{Ring, Skip, Tokens, Zones};
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::rings::name;
use crate::world::played;

/// Tokens at 10, 20, … of these nodes, each in its zone; every token ends a partition.
fn ring(tokens: &str, zones: &str, n: usize) -> Ring {
    let node = |name: char| NodeId(u32::from(name) - u32::from('A'));
    let places = || (1..).map(|at| at * 10);
    let ends = Ends::At(places().take(tokens.len()).collect());
    let tokens = places().zip(tokens.chars().map(node)).collect();
    let zones = (0..).map(NodeId).zip(zones.chars().map(u32::from)).collect();
    Ring::laid_out(ends.clone(), Tokens::anywhere(tokens, &ends), Zones::new(zones), n, &|_| None)
}

fn names(nodes: impl IntoIterator<Item = NodeId>) -> String {
    nodes.into_iter().map(name).collect()
}

/// What is met on the way round from the first token: each with the place that it takes, and why
/// when it takes none.
fn met(ring: &Ring) -> Vec<(&'static str, usize, Option<Skip>)> {
    ring.walk(PartitionId(0)).map(|step| (name(step.node), step.place, step.skipped)).collect()
}

#[test]
fn the_coordinator_replicates_at_the_n_minus_1_clockwise_successors() {
    for n in 1..=5 {
        let ring = ring("ABCDEFG", "", n);
        let all = "ABCDEFGABCDEFG";
        for partition in ring.partitions() {
            let from = partition.index();
            assert_eq!(names(ring.homes(partition).iter().copied()), all[from..from + n]);
        }
    }
}

#[test]
fn positions_are_skipped_so_that_the_list_contains_only_distinct_physical_nodes() {
    let ring = ring("AABACBD", "", 3);
    let (again, a) = (Some(Skip::AlreadyListed), "A");
    let expected = [
        (a, 1, None),
        (a, 1, again),
        ("B", 2, None),
        (a, 1, again),
        ("C", 3, None),
        ("B", 2, again),
        ("D", 4, None),
    ];
    assert_eq!(met(&ring), expected);
    assert_eq!(names(ring.homes(PartitionId(0)).iter().copied()), "ABC");
    // From the last but one token on: B, D, then round the end to A.
    assert_eq!(names(ring.homes(PartitionId(5)).iter().copied()), "BDA");
}

#[test]
fn the_list_holds_more_than_n_nodes_and_every_one_once() {
    let ring = ring("AABACBDEFE", "", 3);
    assert_eq!(names(ring.distinct_nodes(PartitionId(0))), "ABCDEF");
    assert_eq!(names(ring.distinct_nodes(PartitionId(4))), "CBDEFA");
}

#[test]
fn the_list_is_spread_across_data_centers_before_a_second_node_of_one_counts() {
    // A, B and C stand in the east, D in the west, E in the north.
    let ring = ring("ABCADE", "eeewn", 3);
    let same = Some(Skip::SameZone);
    assert_eq!(met(&ring)[..3], [("A", 1, None), ("B", 0, same), ("C", 0, same)]);
    assert_eq!(met(&ring)[4..], [("D", 2, None), ("E", 3, None)]);
    assert_eq!(names(ring.homes(PartitionId(0)).iter().copied()), "ADE");
    assert_eq!(names(ring.distinct_nodes(PartitionId(0))), "ADEBC", "the rest by their nearness");
}

#[test]
fn with_fewer_data_centers_than_copies_the_nearest_nodes_fill_up() {
    let ring = ring("ABCD", "eeew", 3);
    assert_eq!(names(ring.homes(PartitionId(0)).iter().copied()), "ABD", "room for one more");
    assert_eq!(names(ring.homes(PartitionId(3)).iter().copied()), "DAB");
}

fn strategies() -> [Value; 3] {
    [
        json!({ "strategy": 1, "tokens_per_node": 8 }),
        json!({ "strategy": 2, "tokens_per_node": 8, "partitions": 64 }),
        json!({ "strategy": 3, "partitions": 64 }),
    ]
}

#[test]
fn every_node_can_determine_the_list_of_any_particular_key() {
    for partitioning in strategies() {
        let script = json!([
            { "at_ms": 1_000, "join": { "name": "X", "via": "C", "zone": "west" } },
            { "at_ms": 2_000, "leave": { "node": "B" } },
        ]);
        let world = played(&json!({ "version": 1, "seed": 8, "script": script,
            "until_ms": 40_000, "config": { "nodes": 7, "partitioning": partitioning } }));
        let lists = |node: NodeId| -> Option<Vec<Vec<NodeId>>> {
            let view = world.view(node)?;
            let is_member = view.is_member();
            let ring = view.ring();
            let lists = ring.partitions().map(|p| ring.distinct_nodes(p).collect());
            is_member.then(|| lists.collect())
        };
        let known: Vec<_> = world.nodes().filter_map(lists).collect();
        assert_eq!(known.len(), 7, "seven and one, less one");
        assert!(known.iter().all(|lists| *lists == known[0]), "{partitioning}");
        assert!(known[0].iter().all(|list| list.len() == 7));
    }
}

const KEYS: u32 = 60;

/// Six nodes in three data centres, with keys that all of their N replicas hold.
fn three_zones(partitioning: &Value, seed: u32, more: &[Value]) -> Value {
    let zones = ["east", "west", "north"];
    let node = |at: usize| json!({ "name": name(NodeId(at as u32)), "zone": zones[at % 3] });
    let put = |key| {
        let put = json!({ "key": format!("key-{key}"), "value": format!("{key}"), "w": 3 });
        json!({ "at_ms": 10 + key, "put": put })
    };
    let script: Vec<Value> = (0..KEYS).map(put).chain(more.iter().cloned()).collect();
    json!({ "version": 1, "seed": seed, "script": script, "until_ms": 6_000, "config": {
        "nodes": (0..6).map(node).collect::<Vec<_>>(), "n": 3, "r": 2, "w": 2,
        "partitioning": partitioning
    } })
}

#[test]
fn the_first_n_span_the_data_centers_and_the_copies_stand_there() {
    for (seed, partitioning) in (0..).zip(strategies()) {
        let scenario = three_zones(&partitioning, seed, &[]).to_string();
        let setup = Scenario::parse(&scenario).expect("the scenario is good").setup();
        let mut world = World::without_log(Rc::clone(&setup)).paranoid();
        world.run_to(Instant::from_ms_f64(6_000.0), u64::MAX);
        for key in 0..KEYS {
            let text = format!("key-{key}");
            let holds = |node: &NodeId| {
                world.replicas(*node).iter().any(|(key, _)| key.bytes() == text.as_bytes())
            };
            let zone = |node: NodeId| setup.nodes[node.index()].zone.as_str();
            let mut zones: Vec<&str> = world.nodes().filter(holds).map(zone).collect();
            zones.sort_unstable();
            assert_eq!(zones, ["east", "north", "west"], "{partitioning}: {text}");
        }
    }
}

#[test]
fn the_failure_of_an_entire_data_center_leaves_every_key_readable_and_writable() {
    for (seed, partitioning) in (0..).zip(strategies()) {
        for lost in [["A", "D"], ["B", "E"], ["C", "F"]] {
            let mut more: Vec<Value> = lost
                .iter()
                .map(|node| json!({ "at_ms": 1_000, "crash": { "node": node, "disk": "lose" } }))
                .collect();
            let via = if lost[0] == "A" { "B" } else { "A" };
            for key in 0..KEYS {
                let (name, get) = (format!("key-{key}"), format!("get {key}"));
                more.push(json!({ "at_ms": 2_000 + 10 * key, "get": {
                    "as": get, "key": name, "via": via
                } }));
                more.push(json!({ "at_ms": 4_000 + 10 * key, "put": {
                    "as": format!("put {key}"), "key": name, "value": "again", "context": get,
                    "via": via
                } }));
            }
            let world = played(&three_zones(&partitioning, seed, &more));
            for key in 0..KEYS {
                let op = |kind| world.op(&format!("{kind} {key}")).expect("it was asked");
                let (get, put) = (op("get"), op("put"));
                assert_eq!((&get.outcome, &put.outcome), (&Outcome::Ok, &Outcome::Ok));
                let [found] = get.versions.as_slice() else { panic!("{:?}", get.versions) };
                let value = found.content.value.to_vec();
                assert_eq!(value, key.to_string().as_bytes(), "{partitioning} without {lost:?}");
            }
        }
    }
}
