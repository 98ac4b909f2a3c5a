//! §5, implementation: the local engine, and what is left of it when the power fails.

use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_kept, assert_well, played};

fn ring(config: &Value, script: &[Value], until_ms: u64) -> Value {
    json!({ "version": 1, "seed": "mallard-42", "until_ms": until_ms, "config": config,
        "script": script })
}

fn put(at_ms: f64, name: &str, value: &str, via: &str) -> Value {
    json!({ "at_ms": at_ms, "put": { "as": name, "key": "k", "value": value, "via": via } })
}

fn get(at_ms: u64, via: &str) -> Value {
    json!({ "at_ms": at_ms, "get": { "as": "g", "key": "k", "via": via } })
}

/// The names of the actors that stamped what an operation brought back, in order.
fn makers(world: &World, op: &str) -> Vec<String> {
    let op = world.op(op).expect("it began");
    let mut names: Vec<String> =
        op.versions.iter().map(|version| world.actor_name(version.dot.actor)).collect();
    names.sort();
    names
}

#[test]
fn of_a_torn_flush_a_beginning_survives_and_what_was_answered_always_does() {
    let mut survived = [0; 2];
    for seed in 0..40 {
        let mut scenario = ring(
            &json!({ "nodes": 1, "disk_latency_ms": [10, 10] }),
            &[
                put(100.0, "flushed", "1", "A"),
                put(200.0, "torn", "2", "A"),
                json!({ "at_ms": 205, "crash": { "node": "A", "disk": "torn" } }),
                json!({ "at_ms": 300, "restart": { "node": "A" } }),
                get(2_000, "A"),
            ],
            3_000,
        );
        scenario["seed"] = seed.into();
        let world = played(&scenario);
        assert_kept(&world, "the torn disk");
        assert_eq!(world.op("flushed").map(|op| op.outcome.clone()), Some(Outcome::Ok));
        let is_told = world.op("torn").is_some_and(|op| op.outcome == Outcome::Ok);
        assert!(!is_told, "nobody heard of what was not flushed");
        let found = &world.op("g").expect("it began").versions;
        let is_there = found.iter().any(|version| &*version.content.value == b"2");
        survived[usize::from(is_there)] += 1;
        assert!(is_there || &*found[0].content.value == b"1");
        assert_eq!(world.counters().flushes_torn, 1);
    }
    assert!(survived[0] > 5 && survived[1] > 5, "lost or not as chance has it: {survived:?}");
}

#[test]
fn a_node_whose_disk_is_older_than_its_peers_know_takes_a_new_actor() {
    let script = [
        put(1_000.0, "p1", "milk", "B"),
        json!({ "at_ms": 2_000, "backup": { "node": "B" } }),
        json!({ "at_ms": 3_000, "crash": { "node": "B" } }),
        json!({ "at_ms": 4_000, "restart": { "node": "B" } }),
        put(6_000.0, "p2", "eggs", "B"),
        json!({ "at_ms": 8_000, "crash": { "node": "B", "disk": "old" } }),
        json!({ "at_ms": 9_000, "restart": { "node": "B" } }),
        put(15_000.0, "p3", "tea", "B"),
        get(16_000, "A"),
        json!({ "at_ms": 40_000, "expect": { "converged": {} } }),
    ];
    let config = json!({ "nodes": 3, "versioning": "dotted" });
    let world = played(&ring(&config, &script, 40_000));
    assert_well(&world, "B with an old disk");
    assert_eq!(makers(&world, "g"), ["B", "B", "B~2"], "no counter of B's was used twice");
    let dots = world.checks().into_iter().find(|check| check.name == "a-dot-names-one-value");
    assert_eq!(dots.and_then(|check| check.count), Some(0));
}

/// Its peers know of no later life than it does itself: nothing tells it, and a counter names two
/// values. That is why it is not promised.
#[test]
fn a_disk_that_is_old_by_less_than_a_life_may_use_a_counter_twice() {
    let script = [
        json!({ "at_ms": 1_000, "backup": { "node": "A" } }),
        put(2_000.0, "p1", "milk", "A"),
        json!({ "at_ms": 3_000, "crash": { "node": "A", "disk": "old" } }),
        json!({ "at_ms": 4_000, "restart": { "node": "A" } }),
        put(5_000.0, "p2", "eggs", "A"),
    ];
    let world = played(&ring(&json!({ "nodes": 1 }), &script, 9_000));
    assert_well(&world, "what is not promised is not broken");
    let dots = world.checks().into_iter().find(|check| check.name == "a-dot-names-one-value");
    assert_eq!(dots.and_then(|check| check.count), Some(1));
    assert_eq!(world.counters().disks_rolled_back, 1);
}

#[test]
fn an_old_disk_that_was_never_backed_up_is_a_lost_one() {
    let script = [
        put(1_000.0, "p1", "milk", "A"),
        json!({ "at_ms": 2_000, "crash": { "node": "A", "disk": "old" } }),
        json!({ "at_ms": 3_000, "restart": { "node": "A" } }),
        get(9_000, "A"),
    ];
    let world = played(&ring(&json!({ "nodes": 1, "n": 1 }), &script, 9_500));
    assert!(world.op("g").is_some_and(|op| op.versions.is_empty()));
    assert_eq!((world.counters().disks_lost, world.counters().disks_rolled_back), (1, 0));
}

#[test]
fn a_full_disk_takes_no_copies_refuses_definitely_and_is_read_on() {
    let script = [
        put(1_000.0, "p1", "milk", "A"),
        json!({ "at_ms": 2_000, "disk": { "node": "A", "is": "full" } }),
        put(3_000.0, "p2", "eggs", "A"),
        put(4_000.0, "p3", "tea", "B"),
        get(5_000, "A"),
        json!({ "at_ms": 6_000, "expect": { "all": [
            { "outcome": { "op": "p2", "is": "refused" } },
            { "outcome": { "op": "p3", "is": "ok" } },
            { "siblings": { "op": "g", "count": 2 } } ] } }),
        json!({ "at_ms": 20_000, "expect": { "not": { "converged": {} } } }),
        json!({ "at_ms": 20_000, "disk": { "node": "A", "is": "well" } }),
        json!({ "at_ms": 40_000, "expect": { "converged": {} } }),
    ];
    let config = json!({ "nodes": 3, "versioning": "dotted" });
    let world = played(&ring(&config, &script, 40_000));
    assert_well(&world, "A's disk was full for a while");
    assert!(world.counters().overloads > 0);
}

#[test]
fn a_copy_that_a_full_disk_refuses_goes_to_a_stand_in() {
    let script = [
        json!({ "at_ms": 1_000, "disk": { "node": "C", "is": "full" } }),
        json!({ "at_ms": 2_000, "put": { "as": "p", "key_for": ["A", "B", "C"], "value": "v",
            "via": "A", "w": 3 } }),
        json!({ "at_ms": 5_000, "expect": { "all": [
            { "outcome": { "op": "p", "is": "ok" } },
            { "hints": { "for": "C", "count": 1 } } ] } }),
        json!({ "at_ms": 6_000, "disk": { "node": "C", "is": "well" } }),
        json!({ "at_ms": 20_000, "expect": { "converged": {} } }),
    ];
    assert_well(&played(&ring(&json!({ "nodes": 4 }), &script, 20_000)), "D stands in for C");
}

#[test]
fn a_node_that_starts_on_a_full_disk_still_takes_a_new_incarnation_and_no_copies() {
    let script = [
        json!({ "at_ms": 1_000, "disk": { "node": "A", "is": "full" } }),
        json!({ "at_ms": 2_000, "crash": { "node": "A" } }),
        json!({ "at_ms": 3_000, "restart": { "node": "A" } }),
        put(5_000.0, "p", "milk", "A"),
    ];
    let world = played(&ring(&json!({ "nodes": 1 }), &script, 9_000));
    assert!(matches!(world.op("p").map(|op| &op.outcome), Some(Outcome::Refused(_))));
    let node = world.nodes().next().expect("there is one");
    let identity = world.machine(node).disk.stored.identity;
    assert_eq!(identity.map(|identity| identity.incarnation), Some(2));
}

/// What a failed flush has left on the disk nobody knows: so its client hears that the put may have
/// taken effect, and the node ends and starts again from what is there.
#[test]
fn a_failing_flush_is_answered_indefinitely_and_ends_the_process_until_the_disk_is_well() {
    let script = [
        put(1_000.0, "p1", "milk", "A"),
        json!({ "at_ms": 2_000, "disk": { "node": "A", "is": "failing" } }),
        json!({ "at_ms": 2_500, "get": { "as": "reads on", "key": "k", "via": "A" } }),
        put(3_000.0, "p2", "eggs", "A"),
        json!({ "at_ms": 3_100, "expect": { "outcome": { "op": "p2", "is": "timeout" } } }),
        put(4_000.0, "p3", "tea", "A"),
        json!({ "at_ms": 4_500, "restart": { "node": "A" } }),
        json!({ "at_ms": 5_000, "disk": { "node": "A", "is": "well" } }),
        get(8_000, "A"),
    ];
    let world = played(&ring(&json!({ "nodes": 1, "disk_latency_ms": [10, 10] }), &script, 9_000));
    assert_kept(&world, "A's disk failed for a while");
    let outcome = |op| world.op(op).map(|op| op.outcome.clone());
    assert_eq!(outcome("reads on"), Some(Outcome::Ok), "it writes nothing");
    let taken = world.op("p2").and_then(|op| Some(op.finished? - op.started));
    assert_eq!(taken.map(|taken| taken.as_ms_f64()), Some(10.0), "with its flush");
    assert_eq!(outcome("p3"), Some(Outcome::Refused("node A is down".into())));
    assert_eq!(world.counters().flushes_failed, 2, "it cannot start while it cannot write");
    let found = &world.op("g").expect("it began").versions;
    assert!(found.len() == 1 && &*found[0].content.value == b"milk");
}
