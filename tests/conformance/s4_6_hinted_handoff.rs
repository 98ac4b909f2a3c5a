//! §4.6, handling failures: hinted handoff.

use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_kept, assert_well, played};

const OF_ABC: [&str; 3] = ["A", "B", "C"];

fn ring(config: &Value, script: &[Value], until_ms: u64) -> Value {
    json!({ "version": 1, "seed": "mallard-42", "until_ms": until_ms, "config": config,
        "script": script })
}

fn crash(at_ms: u64, node: &str) -> Value {
    json!({ "at_ms": at_ms, "crash": { "node": node } })
}

fn put(at_ms: u64, name: &str, w: u64) -> Value {
    json!({ "at_ms": at_ms, "put": { "as": name, "key_for": OF_ABC, "value": name, "via": "B",
        "w": w } })
}

/// "N is 3 … if node A is temporarily down … a replica that would normally have lived on A will
/// now be sent to node D", with a hint that says whose it is.
#[test]
fn the_papers_example_to_the_letter() {
    let world = played(&ring(
        &json!({ "nodes": 4 }),
        &[
            crash(100, "A"),
            put(500, "p", 2),
            json!({ "at_ms": 5_000, "expect": { "all": [
                { "outcome": { "op": "p", "is": "ok" } },
                { "hints": { "holder": "D", "for": "A", "count": 1 } },
                { "hints": { "count": 1 } } ] } }),
            // "Upon detecting that A has recovered, D will attempt to deliver the replica to A."
            json!({ "at_ms": 20_000, "restart": { "node": "A" } }),
            // "Once the transfer succeeds, D may delete the object from its local store."
            json!({ "at_ms": 30_000, "expect": { "all": [
                { "hints": { "count": 0 } }, { "converged": {} } ] } }),
        ],
        30_000,
    ));
    assert_well(&world, "A, B, C, and D stands in");
    assert_eq!(world.counters().hints_delivered, 1);
}

#[test]
fn the_number_of_replicas_never_drops_while_a_hint_goes_home() {
    let scenario = ring(
        &json!({ "nodes": 4 }),
        &[
            crash(100, "A"),
            put(500, "p", 2),
            json!({ "at_ms": 20_000, "restart": { "node": "A" } }),
        ],
        30_000,
    );
    let scenario = Scenario::parse(&scenario.to_string()).expect("the scenario is good");
    let mut world = World::without_log(scenario.setup().clone());
    let copies = |world: &World| {
        let of = |node| world.replicas(node).len() + world.hints(node).len();
        world.nodes().map(of).sum::<usize>()
    };
    let mut most = 0;
    while world.now().as_ms_f64() < 30_000.0 && world.step() {
        let now = copies(&world);
        most = most.max(now);
        assert!(most < 3 || now >= 3, "{now} copies at {} ms", world.now().as_ms_f64());
    }
    assert_eq!((most, copies(&world)), (4, 3), "once A has it as well, D forgets its own");
}

#[test]
fn hints_are_apart_from_the_nodes_own_replicas_and_a_sloppy_read_asks_for_them() {
    let world = played(&ring(
        &json!({ "nodes": 4, "hinted_handoff": false, "read_repair": false,
            "anti_entropy": false }),
        &[
            crash(100, "A"),
            crash(100, "C"),
            put(500, "p", 2),
            crash(15_000, "B"),
            json!({ "at_ms": 15_000, "restart": { "node": "C" } }),
            json!({ "at_ms": 29_000, "get": { "as": "g", "key_for": OF_ABC, "via": "D", "r": 2 } }),
            json!({ "at_ms": 30_000, "expect": { "all": [
                { "replicas": { "key": "key-0", "on": [] } },
                { "value": { "op": "g", "equals": "p" } } ] } }),
        ]
        .map(|entry| with_key(&entry)),
        30_000,
    ));
    assert_kept(&world, "only D has it, as a hint");
}

/// The key that `key_for` finds, by its name, so that a predicate can name it too.
fn with_key(entry: &Value) -> Value {
    let key = key_of_abc();
    let text = entry.to_string().replace("\"key-0\"", &format!("{key:?}"));
    serde_json::from_str(&text).expect("it was JSON")
}

fn key_of_abc() -> String {
    let world = played(&ring(&json!({ "nodes": 4 }), &[put(500, "p", 2)], 1_000));
    let op = world.op("p").expect("it is there");
    String::from_utf8(op.key.bytes().to_vec()).expect("keys of placement are text")
}

#[test]
fn with_w_of_1_a_write_is_taken_while_a_single_node_is_up() {
    let mut script: Vec<Value> = ["A", "C", "D", "E", "F"].map(|node| crash(100, node)).into();
    script.push(put(500, "at once", 1));
    script.push(put(20_000, "later", 1));
    let expect = |op: &str| json!({ "outcome": { "op": op, "is": "ok" } });
    script.push(json!({ "at_ms": 25_000,
        "expect": { "all": [expect("at once"), expect("later")] } }));
    assert_well(&played(&ring(&json!({}), &script, 25_000)), "B alone");
}

#[test]
fn a_hint_whose_holder_dies_waits_on_its_disk() {
    let world = played(&ring(
        &json!({ "nodes": 4, "read_repair": false, "anti_entropy": false }),
        &[
            crash(100, "A"),
            put(500, "p", 2),
            crash(5_000, "D"),
            json!({ "at_ms": 10_000, "restart": { "node": "A" } }),
            json!({ "at_ms": 25_000, "expect": { "not": { "converged": {} } } }),
            json!({ "at_ms": 25_000, "restart": { "node": "D" } }),
            json!({ "at_ms": 40_000, "expect": { "converged": {} } }),
        ],
        40_000,
    ));
    assert_well(&world, "D comes back with it");
}
