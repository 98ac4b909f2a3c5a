//! §4.8, membership and failure detection.

use serde_json::{Value, json};

use crate::world::{assert_well, members, played};

fn outsiders(seeds: bool, script: &[Value]) -> Value {
    json!({ "version": 1, "seed": 5, "until_ms": 60_000, "script": script, "config": { "nodes": [
        { "name": "A", "member": false, "seed_node": false },
        { "name": "B", "member": false, "seed_node": false },
        { "name": "S", "member": false, "seed_node": seeds },
    ], "n": 2, "r": 1, "w": 1 } })
}

#[test]
fn a_change_is_told_to_one_member_and_reaches_all_by_gossip() {
    let all = [NAMES, &["new"]].concat();
    let world = played(&json!({ "version": 1, "config": { "nodes": 20 }, "until_ms": 30_000,
        "script": [
            { "at_ms": 1_000, "join": { "name": "new", "via": "K" } },
            { "at_ms": 1_001, "expect": { "members": { "node": "J", "equals": NAMES } } },
            { "at_ms": 30_000, "expect": { "all": [
                { "members": { "equals": all } }, { "converged": {} }
            ] } },
        ] }));
    assert_well(&world, "a join");
}

const NAMES: &[&str] = &[
    "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N", "O", "P", "Q", "R", "S",
    "T",
];

#[test]
fn a_failure_is_no_departure() {
    let world = played(&json!({ "version": 1, "config": { "nodes": 5 }, "until_ms": 120_000,
        "script": [
            { "at_ms": 1_000, "crash": { "node": "C" } },
            { "at_ms": 120_000, "expect": { "all": [
                { "suspects": { "node": "A", "whom": "C" } },
                { "members": { "equals": ["A", "B", "C", "D", "E"] } },
                { "counter": { "name": "homes_passed", "equals": 0 } }
            ] } },
        ] }));
    assert_well(&world, "a failure");
}

#[test]
fn two_administrators_make_a_logical_partition_that_only_a_seed_heals() {
    let joins = [
        json!({ "at_ms": 100, "join": { "name": "A" } }),
        json!({ "at_ms": 100, "join": { "name": "B" } }),
    ];
    let apart = played(&outsiders(false, &joins));
    assert_eq!((members(&apart, "A"), members(&apart, "B")), (vec!["A".into()], vec!["B".into()]));

    let with_seed = [&[json!({ "at_ms": 50, "join": { "name": "S" } })], &joins[..]].concat();
    let healed = played(&outsiders(true, &with_seed));
    for node in ["A", "B", "S"] {
        assert_eq!(members(&healed, node), ["A", "B", "S"], "as {node} knows it");
    }
    assert!(healed.convergence().is_ok(), "{:?}", healed.convergence());
}

#[test]
fn a_node_can_be_removed_and_added_back_many_times() {
    let mut script = vec![];
    for round in 0..4 {
        script.push(json!({ "at_ms": 1_000 + round * 20_000, "leave": { "node": "B" } }));
        script
            .push(json!({ "at_ms": 11_000 + round * 20_000, "join": { "name": "B", "via": "A" } }));
    }
    script.push(json!({ "at_ms": 100, "put": { "key": "k", "value": "v" } }));
    script.push(json!({ "at_ms": 100_000, "get": { "as": "g", "key": "k", "via": "B" } }));
    script.push(json!({ "at_ms": 101_000, "expect": { "all": [
        { "members": { "equals": ["A", "B", "C", "D"] } }, { "converged": {} },
        { "value": { "op": "g", "equals": "v" } }
    ] } }));
    let scenario = json!({ "version": 1, "config": { "nodes": 4 }, "script": script,
                           "until_ms": 101_000 });
    assert_well(&played(&scenario), "four rounds");
}

#[test]
fn a_node_that_is_no_member_knows_itself_and_the_seeds_and_then_what_they_know() {
    let world = played(&json!({ "version": 1, "until_ms": 20_000,
        "config": { "nodes": [
            { "name": "A", "seed_node": true }, { "name": "B" }, { "name": "C" },
            { "name": "O", "member": false }
        ] },
        "script": [
            { "at_ms": 0, "expect": { "members": { "node": "O", "equals": ["A", "O"] } } },
            { "at_ms": 20_000, "get": { "as": "g", "key": "k", "via": "O" } },
            { "at_ms": 20_000, "expect": { "all": [
                { "members": { "equals": ["A", "B", "C"] } },
                { "outcome": { "op": "g", "is": "refused" } }
            ] } },
        ] }));
    assert_well(&world, "an outsider");
}

#[test]
fn phi_suspects_by_how_regular_heartbeats_were_and_shows_its_level() {
    let world = played(&json!({ "version": 1, "until_ms": 160_000, "config": {
            "nodes": 5, "suspect_phi": 8, "suspect_after_ms": 1 },
        "script": [
            { "at_ms": 60_000, "expect": { "counter": { "name": "suspicions", "equals": 0 } } },
            { "at_ms": 60_000, "crash": { "node": "C" } },
            { "at_ms": 70_000, "expect": { "not": { "suspects": { "node": "A", "whom": "C" } } } },
            { "at_ms": 90_000, "expect": { "all": [
                { "suspects": { "node": "A", "whom": "C" } },
                { "suspects": { "node": "E", "whom": "C" } } ] } },
            { "at_ms": 90_000, "restart": { "node": "C" } },
            { "at_ms": 150_000, "expect": { "not": { "suspects": { "node": "A", "whom": "C" } } } },
            { "at_ms": 155_000, "crash": { "node": "B" } },
        ] }));
    assert_well(&world, "phi");
    let node = dynamo_playground::base::id::NodeId(0);
    let phis: Vec<u32> =
        world.view(node).expect("A is up").phis(world.now()).map(|p| p.1).collect();
    assert_eq!(phis.len(), 4, "of every other node");
    assert!(phis[0] > 1_500, "five seconds of B's silence: {phis:?}");
    assert!(phis[1..].iter().all(|&phi| phi < 1_500), "the others live: {phis:?}");
}
