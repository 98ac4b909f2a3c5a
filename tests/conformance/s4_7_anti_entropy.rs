//! §4.7, handling permanent failures: replica synchronization; and which mechanism heals what.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::sim::counters::Counters;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_well, played};

/// What is switched on: read repair, hinted handoff, anti-entropy.
type Switches = [bool; 3];

const NONE: Switches = [false; 3];
const READ_REPAIR: Switches = [true, false, false];
const HANDOFF: Switches = [false, true, false];
const ANTI_ENTROPY: Switches = [false, false, true];

fn scenario(nodes: u64, n: u64, switches: Switches, script: &[Value]) -> Value {
    let [read_repair, hinted_handoff, anti_entropy] = switches;
    json!({ "version": 1, "seed": "mallard-42", "until_ms": 60_000, "script": script, "config": {
        "nodes": nodes, "n": n, "r": 1, "w": 1, "read_repair": read_repair,
        "hinted_handoff": hinted_handoff, "anti_entropy": anti_entropy,
    } })
}

fn put(at_ms: u64, key: &str, value: &str) -> Value {
    json!({ "at_ms": at_ms, "put": {
        "as": format!("{key} {at_ms}"), "key": key, "value": value, "via": "A"
    } })
}

/// All N nodes there are keep each key, one is down for a write, and nobody can stand in for it.
fn a_missed_write() -> Vec<Value> {
    vec![
        put(1_000, "k", "old"),
        json!({ "at_ms": 2_000, "crash": { "node": "C" } }),
        json!({ "at_ms": 2_500, "put": {
            "as": "p", "key": "k", "value": "new", "context": "k 1000", "via": "A"
        } }),
        json!({ "at_ms": 5_000, "restart": { "node": "C" } }),
    ]
}

/// Three of six nodes keep each key, one of them is down for a write, and another stands in.
fn a_hinted_write() -> Vec<Value> {
    let mut script = a_missed_write();
    script[0] = json!({ "at_ms": 1_000, "put": {
        "as": "k 1000", "key_for": ["A", "B", "C"], "value": "old", "via": "A"
    } });
    script[2] = json!({ "at_ms": 2_500, "put": {
        "as": "p", "key_for": ["A", "B", "C"], "value": "new", "context": "k 1000", "via": "A"
    } });
    script
}

fn is_healed(world: &World) -> bool {
    world.convergence().is_ok()
}

/// What each mechanism did of its own: read repairs, hints delivered, records moved.
fn work(counters: &Counters) -> [u64; 3] {
    [counters.read_repairs, counters.hints_delivered, counters.merkle_keys_moved]
}

#[test]
fn without_any_mechanism_a_missed_write_stays_missed() {
    let missed = played(&scenario(3, 3, NONE, &a_missed_write()));
    let hinted = played(&scenario(6, 3, NONE, &a_hinted_write()));
    for world in [&missed, &hinted] {
        assert!(!is_healed(world));
        assert_eq!(work(world.counters()), [0, 0, 0]);
        assert_eq!(world.counters().merkle_hashes_exchanged, 0);
    }
}

#[test]
fn anti_entropy_alone_heals_a_write_that_one_of_exactly_n_nodes_missed() {
    let world = played(&scenario(3, 3, ANTI_ENTROPY, &a_missed_write()));
    assert_well(&world, "a missed write");
    assert!(is_healed(&world), "{:?}", world.convergence());
    let [repairs, hints, moved] = work(world.counters());
    assert!(repairs == 0 && hints == 0 && moved > 0, "{:?}", world.counters());
    assert_eq!(world.counters().merkle_keys_mended, 1);
}

#[test]
fn hinted_handoff_alone_heals_a_hinted_write() {
    let world = played(&scenario(6, 3, HANDOFF, &a_hinted_write()));
    assert!(is_healed(&world), "{:?}", world.convergence());
    assert_eq!(work(world.counters()), [0, 1, 0]);
    let missed = played(&scenario(3, 3, HANDOFF, &a_missed_write()));
    assert!(!is_healed(&missed), "there was nobody to keep a hint");
}

#[test]
fn read_repair_alone_heals_what_is_read() {
    let mut script = a_missed_write();
    script.push(put(1_100, "unread", "old"));
    script.push(json!({ "at_ms": 2_600, "put": {
        "key": "unread", "value": "new", "context": "unread 1100", "via": "A"
    } }));
    script.push(json!({ "at_ms": 20_000, "get": { "key": "k", "via": "B", "r": 3 } }));
    let world = played(&scenario(3, 3, READ_REPAIR, &script));
    assert_eq!(work(world.counters()), [1, 0, 0]);
    let why = world.convergence().expect_err("one key was never read");
    assert!(why.contains("unread"), "{why}");
    script.push(json!({ "at_ms": 25_000, "get": { "key": "unread", "via": "B", "r": 3 } }));
    let world = played(&scenario(3, 3, READ_REPAIR, &script));
    assert!(is_healed(&world), "{:?}", world.convergence());
    assert_eq!(work(world.counters()), [2, 0, 0]);
}

/// 512 keys on all of three nodes, and one of them changed while one node was down.
fn one_of_512() -> Vec<Value> {
    let mut script: Vec<Value> =
        (0..512).map(|n| put(10 + 5 * n, &format!("key-{n}"), "a value of some length")).collect();
    script.push(json!({ "at_ms": 12_000, "crash": { "node": "C" } }));
    script.push(json!({ "at_ms": 12_500, "put": {
        "key": "key-0", "value": "another value", "context": "key-0 10", "via": "A"
    } }));
    script.push(json!({ "at_ms": 13_000, "restart": { "node": "C" } }));
    script
}

#[test]
fn only_the_keys_that_differ_are_moved() {
    let world = played(&scenario(3, 3, ANTI_ENTROPY, &one_of_512()));
    assert_well(&world, "one of 512");
    assert!(is_healed(&world), "{:?}", world.convergence());
    let counters = world.counters();
    assert_eq!(counters.merkle_keys_mended, 1, "one key was news at one node");
    // Once to C; and before that from C, when it is C that was asked.
    assert!((1..=4).contains(&counters.merkle_keys_moved), "{}", counters.merkle_keys_moved);
}

#[test]
fn one_key_that_differs_is_found_with_few_hashes_and_far_fewer_bytes_than_a_copy() {
    let mut scenario = scenario(3, 3, ANTI_ENTROPY, &one_of_512());
    scenario["config"]["partitioning"] = json!({ "strategy": 3, "partitions": 4 });
    let world = played(&scenario);
    assert!(is_healed(&world), "{:?}", world.convergence());
    let counters = world.counters();
    // Eighteen rounds or fewer of four roots; one or two descents of 16 + 16 hashes and a leaf.
    assert!(counters.merkle_hashes_exchanged < 18 * 4 + 2 * 40, "{counters:?}");
    let (sent, copied) = (counters.merkle_bytes_sent, counters.merkle_full_copy_bytes);
    assert!(sent * 2 < copied, "{sent} bytes against {copied} of a partition's 128 records");
}

#[test]
fn a_lost_disk_is_rebuilt_by_anti_entropy_alone_and_no_partition_is_transferred() {
    let mut script: Vec<Value> =
        (0..200).map(|n| put(10 + 5 * n, &format!("key-{n}"), "value")).collect();
    script.push(json!({ "at_ms": 5_000, "crash": { "node": "C", "disk": "lose" } }));
    script.push(json!({ "at_ms": 6_000, "restart": { "node": "C" } }));
    let world = played(&scenario(6, 3, ANTI_ENTROPY, &script));
    assert_well(&world, "a lost disk");
    assert!(is_healed(&world), "{:?}", world.convergence());
    let counters = world.counters();
    let kept = world.replicas(NodeId(2)).len() as u64;
    assert!(kept > 50, "C keeps about half of 200");
    assert_eq!(counters.merkle_keys_mended, kept);
    // Two homes that send the same at the same moment are all that is sent twice.
    let moved = counters.merkle_keys_moved;
    assert!((kept..kept + kept / 4).contains(&moved), "{moved} for {kept}");
    assert_eq!((counters.records_transferred, counters.homes_passed), (0, 0));
    assert_eq!((counters.hints_delivered, counters.read_repairs), (0, 0));
    let not_rebuilt = played(&scenario(6, 3, [true, true, false], &script));
    assert!(!is_healed(&not_rebuilt) && not_rebuilt.replicas(NodeId(2)).is_empty());
}

#[test]
fn two_homes_with_versions_that_neither_covers_both_come_to_have_both() {
    let script = [
        json!({ "at_ms": 900, "cut": { "from": ["A"], "to": ["B", "C"] } }),
        put(1_000, "k", "tea"),
        json!({ "at_ms": 1_000, "put": { "key": "k", "value": "jam", "via": "B" } }),
        json!({ "at_ms": 5_000, "heal": {} }),
        json!({ "at_ms": 60_000, "expect": { "siblings": { "key": "k", "count": 2 } } }),
    ];
    let world = played(&scenario(3, 3, ANTI_ENTROPY, &script));
    assert_well(&world, "siblings");
    assert!(is_healed(&world), "{:?}", world.convergence());
    assert_eq!(world.merkle_root(NodeId(0)), world.merkle_root(NodeId(2)));
}

#[test]
fn nobody_compares_with_a_node_that_is_suspected() {
    let script = [
        put(1_000, "k", "v"),
        json!({ "at_ms": 2_000, "crash": { "node": "B" } }),
        json!({ "at_ms": 2_000, "crash": { "node": "C" } }),
    ];
    let world = played(&scenario(3, 3, ANTI_ENTROPY, &script));
    // One round finds out about each; the other rounds of a minute find nobody to ask.
    assert!(world.counters().merkle_hashes_exchanged <= 4 * 64, "{:?}", world.counters());
}

#[test]
fn equal_stores_exchange_roots_and_nothing_else() {
    let script: Vec<Value> = (0..20).map(|n| put(10 + n, &format!("key-{n}"), "v")).collect();
    let world = played(&scenario(3, 3, ANTI_ENTROPY, &script));
    let counters = world.counters();
    assert!(is_healed(&world));
    assert_eq!(counters.merkle_keys_moved, 0);
    // Three nodes, six rounds each at the most, 64 partitions that all three share.
    let rounds = counters.merkle_hashes_exchanged / 64;
    assert_eq!(counters.merkle_hashes_exchanged % 64, 0, "roots only");
    assert!((15..=18).contains(&rounds), "{rounds}");
}

#[test]
fn a_join_makes_trees_anew_under_strategy_1_and_none_under_3() {
    let mut script: Vec<Value> =
        (0..100).map(|n| put(10 + 5 * n, &format!("key-{n}"), "value")).collect();
    script.push(json!({ "at_ms": 30_000, "join": { "name": "X", "via": "A" } }));
    script.push(json!({ "at_ms": 60_000, "expect": { "converged": {} } }));
    for (partitioning, is_rebuilt) in [
        (json!({ "strategy": 1, "tokens_per_node": 8 }), true),
        (json!({ "strategy": 3, "partitions": 32 }), false),
    ] {
        let mut scenario = scenario(5, 3, ANTI_ENTROPY, &script);
        scenario["config"]["partitioning"] = partitioning;
        let world = played(&scenario);
        assert_well(&world, "a join");
        let rebuilt = world.counters().merkle_trees_rebuilt;
        assert_eq!(rebuilt > 0, is_rebuilt, "{rebuilt} trees");
    }
}
