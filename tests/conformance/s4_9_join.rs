//! §4.9, adding and removing storage nodes.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::Instant;
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::timeline::Timeline;
use serde_json::{Value, json};

use crate::world::{assert_well, played};

/// 300 keys, put before anything moves, read and overwritten all the while.
fn scenario(seed: u64, changes: &[Value], network: &Value) -> Value {
    const KEYS: u64 = 300;
    let mut script: Vec<Value> = changes.to_vec();
    for key in 0..KEYS {
        script.push(json!({ "at_ms": 10 + 5 * key, "put": {
            "as": format!("p{key}"), "key": format!("key-{key}"), "value": format!("first {key}")
        } }));
    }
    // Each key is read every second, and every third one is overwritten on the way.
    for round in 0..10 {
        for key in 0..KEYS {
            let (key_name, at_ms) = (format!("key-{key}"), 2_000 + 1_000 * round + 3 * key);
            script.push(json!({ "at_ms": at_ms, "get": {
                "as": format!("g{key}.{round}"), "key": key_name
            } }));
            if key % 3 == round % 3 {
                script.push(json!({ "at_ms": at_ms + 300, "put": {
                    "as": format!("p{key}.{round}"), "key": key_name,
                    "value": format!("round {round}"), "context": format!("g{key}.{round}")
                } }));
            }
        }
    }
    script.push(json!({ "at_ms": 30_000, "expect": { "converged": {} } }));
    json!({ "version": 1, "seed": seed, "script": script, "until_ms": 30_000, "config": {
        "nodes": 6, "n": 3, "r": 2, "w": 2, "network": network
    } })
}

/// The three of §6.2.
fn strategies() -> [Value; 3] {
    [
        json!({ "strategy": 1, "tokens_per_node": 8 }),
        json!({ "strategy": 2, "tokens_per_node": 8, "partitions": 64 }),
        json!({ "strategy": 3, "partitions": 64 }),
    ]
}

/// Nothing was refused, nothing was stale, and in the end everything is where it belongs.
fn assert_readable_at_every_moment(changes: &[Value], members: &[&str]) {
    for (seed, strategy) in (0..).zip(strategies()) {
        let calm = json!({ "latency_ms": [1, 10 + 15 * seed] });
        let mut scenario = scenario(seed, changes, &calm);
        scenario["config"]["partitioning"] = strategy;
        let asked = json!({ "at_ms": 30_000, "expect": { "members": { "equals": members } } });
        scenario["script"].as_array_mut().expect("it is a list").push(asked);
        let world = played(&scenario);
        assert_well(&world, &format!("seed {seed}"));
        for op in world.ops() {
            assert_eq!(op.outcome, Outcome::Ok, "seed {seed}: {}", op.name);
            assert_eq!(op.versions.len(), 1, "seed {seed}: {} found {:?}", op.name, op.versions);
        }
        let counters = world.counters();
        assert_eq!(counters.stale_reads, 0, "seed {seed}");
        assert!(counters.homes_passed > 0 && counters.records_transferred > 0);
        // Only tokens of strategy 1 cut what others have.
        let is_first = scenario["config"]["partitioning"]["strategy"] == 1;
        let joins = changes.iter().any(|change| !change["join"].is_null());
        assert_eq!(counters.partitions_changed > 0, is_first && joins);
    }
}

#[test]
fn a_joining_node_is_offered_its_keys_and_every_key_stays_readable() {
    let join = json!({ "at_ms": 3_000, "join": { "name": "X", "via": "A" } });
    assert_readable_at_every_moment(&[join], &["A", "B", "C", "D", "E", "F", "X"]);
}

/// A ring at rest with keys in it, then one change: planned, committed and done.
fn assert_done_as_planned(strategy: &Value, change: &Value) {
    let script: Vec<Value> = (0..100)
        .map(|key| json!({ "put": { "key": format!("key-{key}"), "value": "…" }, "at_ms": key }))
        .collect();
    let config = json!({ "nodes": 6, "partitioning": strategy });
    let scenario = json!({ "version": 1, "seed": 3, "script": script, "until_ms": 5_000,
        "config": config });
    let scenario = Scenario::parse(&scenario.to_string()).expect("it is a scenario");
    let mut timeline = Timeline::new(scenario);
    timeline.seek(Instant::from_ms_f64(5_000.0));
    let before = timeline.world().truth().clone();
    let digest = timeline.world().digest();
    let (plan, _) = timeline.plan(&change.to_string()).expect("it can be planned");
    assert_eq!(timeline.world().digest(), digest, "a plan changes nothing");
    assert_eq!(plan.digest, before.digest());
    assert!(plan.keys() > 0 && plan.bytes() > plan.keys());

    timeline.command(&change.to_string()).expect("it can be committed");
    timeline.seek(Instant::from_ms_f64(30_000.0));
    let world = timeline.world();
    world.convergence().expect("all is in its place");
    let (old, ring) = (before.ring(), world.ring());
    for partition in ring.partitions() {
        let whole = old.partition_of(ring.range(partition).last());
        let came = |node: &NodeId| !old.is_home(whole, *node);
        let mut came: Vec<NodeId> = ring.homes(partition).iter().copied().filter(came).collect();
        let of = plan.moves.iter().filter(|planned| planned.partition == partition);
        let mut planned: Vec<NodeId> = of.map(|planned| planned.to).collect();
        came.sort_unstable();
        planned.sort_unstable();
        assert_eq!(came, planned, "{strategy}: no home more and none less than planned");
    }
    assert_eq!(world.counters().homes_passed, plan.moves.len() as u64);
    assert_eq!(world.counters().records_transferred, plan.keys());
}

#[test]
fn a_staged_plan_is_what_happens_when_it_is_committed() {
    for strategy in strategies() {
        let join = json!({ "join": { "name": "X", "via": "A", "weight": 2 } });
        assert_done_as_planned(&strategy, &join);
        assert_done_as_planned(&strategy, &json!({ "leave": { "node": "C" } }));
    }
}

#[test]
fn when_a_node_is_removed_its_keys_are_reallocated_in_a_reverse_process() {
    let leave = json!({ "at_ms": 3_000, "leave": { "node": "C" } });
    assert_readable_at_every_moment(&[leave], &["A", "B", "D", "E", "F"]);
}

#[test]
fn joins_and_leaves_at_one_time_lose_nothing_either() {
    let changes = [
        json!({ "at_ms": 3_000, "join": { "name": "X", "via": "A" } }),
        json!({ "at_ms": 3_100, "join": { "name": "Y", "via": "F", "weight": 2 } }),
        json!({ "at_ms": 3_150, "leave": { "node": "B" } }),
        json!({ "at_ms": 6_000, "join": { "name": "Z" } }),
        json!({ "at_ms": 7_500, "leave": { "node": "X" } }),
    ];
    assert_readable_at_every_moment(&changes, &["A", "C", "D", "E", "F", "Y", "Z"]);
}

#[test]
fn a_transfer_goes_on_after_a_crash_of_either_side() {
    // The giver, the receiver, and both, at moments in which partitions are half on their way.
    let mut transferred = vec![];
    for (number, crashed) in [&["X"][..], &["D"], &["X", "B"], &["X"], &["E"]].iter().enumerate() {
        let at_ms = 3_030 + 60 * number;
        let mut changes = vec![json!({ "at_ms": 3_000, "join": { "name": "X", "via": "A" } })];
        for node in *crashed {
            changes.push(json!({ "at_ms": at_ms, "crash": { "node": node } }));
            changes.push(json!({ "at_ms": at_ms + 1_500, "restart": { "node": node } }));
        }
        for key in 0..300 {
            let get = json!({ "as": format!("last {key}"), "key": format!("key-{key}") });
            changes.push(json!({ "at_ms": 29_000, "get": get }));
        }
        let slow = json!({ "latency_ms": [20, 40] });
        let mut scenario = scenario(number as u64, &changes, &slow);
        // On such links every put takes longer than the 50 ms that background work yields to.
        scenario["config"]["admission_p99_ms"] = 200.into();
        let world = played(&scenario);
        assert_well(&world, &format!("{crashed:?} at {at_ms} ms"));
        for op in world.ops().iter().filter(|op| op.name.starts_with("last")) {
            assert!(!op.versions.is_empty(), "{crashed:?} at {at_ms} ms: {} is gone", op.name);
        }
        transferred.push(world.counters().records_transferred);
    }
    let undisturbed = transferred.iter().min().expect("there are five");
    let again = transferred.iter().filter(|&records| records > undisturbed).count();
    assert!(again > 0, "some records were sent twice: {transferred:?}");
}

#[test]
fn the_copies_of_a_node_that_died_and_is_removed_are_made_again_from_the_others() {
    let changes = [
        json!({ "at_ms": 12_500, "crash": { "node": "C", "disk": "lose" } }),
        json!({ "at_ms": 24_000, "leave": { "node": "C" } }),
    ];
    let calm = json!({ "latency_ms": [1, 10] });
    let mut scenario = scenario(4, &changes, &calm);
    scenario["until_ms"] = 60_000.into();
    let script = scenario["script"].as_array_mut().expect("it is a list");
    script.retain(|entry| entry["at_ms"].as_u64() < Some(12_500) || entry["get"].is_null());
    script.pop();
    script.push(json!({ "at_ms": 60_000, "expect": { "all": [
        { "members": { "equals": ["A", "B", "D", "E", "F"] } }, { "converged": {} }
    ] } }));
    assert_well(&played(&scenario), "a removal");
}

#[test]
fn a_place_that_nobody_takes_over_is_given_up_though_its_records_take_longer_than_a_round() {
    // Of four nodes that all keep everything one leaves. From a yes to the records it is two ways,
    // and meanwhile each node looks at what moves.
    let put =
        |key| json!({ "at_ms": 10 * key, "put": { "key": format!("key-{key}"), "value": "" } });
    let mut script: Vec<Value> = (0..100).map(put).collect();
    script.push(json!({ "at_ms": 2_000, "leave": { "node": "D" } }));
    script.push(json!({ "at_ms": 20_000, "expect": { "all": [
        { "members": { "equals": ["A", "B", "C"] } }, { "converged": {} }
    ] } }));
    let world = played(&json!({ "version": 1, "script": script, "until_ms": 20_000, "config": {
        "nodes": 4, "n": 4, "r": 2, "w": 3, "partitioning": { "strategy": 3, "partitions": 4 },
        "network": { "latency_ms": [30, 30] }, "handoff_interval_ms": 50
    } }));
    assert_well(&world, "a leave");
    assert!(!world.ring().is_moving());
    assert_eq!(world.counters().homes_passed, 4);
}
