//! §4.5, execution of get and put operations.

use dynamo_playground::sim::op::{OpRecord, Outcome};
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_kept, played};

fn ring(config: Value, script: &[Value]) -> World {
    let scenario = json!({ "version": 1, "seed": 11, "until_ms": 30_000, "config": config,
        "script": script });
    played(&scenario)
}

fn op<'w>(world: &'w World, name: &str) -> &'w OpRecord {
    world.op(name).expect("the script has this operation")
}

fn name_of(world: &World, node: dynamo_playground::base::id::NodeId) -> &str {
    world.setup().name(node)
}

const OF_ABC: [&str; 3] = ["A", "B", "C"];

#[test]
fn any_node_takes_a_get_or_a_put_for_any_key() {
    let mut script = vec![];
    for (step, via) in ["A", "B", "C", "D", "E", "F"].iter().enumerate() {
        let at_ms = 1_000 * (step + 1);
        let (put, get) = (format!("put by {via}"), format!("get by {via}"));
        script.push(json!({ "at_ms": at_ms, "put": { "as": put, "key_for": OF_ABC,
            "value": via, "via": via } }));
        script.push(json!({ "at_ms": at_ms + 500, "get": { "as": get, "key_for": OF_ABC,
            "via": via } }));
    }
    let world = ring(json!({}), &script);
    for op in world.ops() {
        assert_eq!(op.outcome, Outcome::Ok, "{}", op.name);
    }
}

#[test]
fn a_put_outside_the_top_n_is_passed_on_and_one_inside_is_coordinated_where_it_came() {
    let put = |name: &str, at_ms: u64, via: &str| {
        json!({ "at_ms": at_ms, "put": { "as": name, "key_for": OF_ABC, "value": "v",
            "via": via } })
    };
    let world = ring(json!({}), &[put("inside", 100, "B"), put("outside", 900, "E")]);
    let coordinator =
        |name: &str| name_of(&world, op(&world, name).coordinator.expect("somebody did"));
    assert_eq!(coordinator("inside"), "B");
    assert!(OF_ABC.contains(&coordinator("outside")), "one that may stamp the version");
    assert_eq!(world.counters().forwards, 1);
}

#[test]
fn a_get_waits_for_r_and_a_put_for_w() {
    for (r, w) in [(1, 1), (2, 2), (3, 1), (1, 3), (3, 3)] {
        let world = ring(
            json!({ "n": 3, "r": r, "w": w }),
            &[
                json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v" } }),
                json!({ "at_ms": 900, "get": { "as": "g", "key": "k" } }),
            ],
        );
        let answered_in_time = |name: &str| {
            let op = op(&world, name);
            let finished = op.finished.expect("it is answered");
            op.acknowledged.iter().filter(|answer| answer.at <= finished).count()
        };
        assert!(answered_in_time("p") >= w, "W = {w}");
        assert!(answered_in_time("g") >= r, "R = {r}");
        assert_eq!(op(&world, "p").acknowledged.len(), 3, "all N copies come to be");
    }
}

#[test]
fn latency_is_dictated_by_the_slowest_of_the_r_or_w_replicas() {
    let slowest = |w: u64| {
        let world = ring(
            json!({ "nodes": 3, "n": 3, "w": w, "r": 1, "replica_timeout_ms": 900,
                "network": { "latency_ms": [1, 1] }, "disk_latency_ms": [0, 0] }),
            &[
                json!({ "at_ms": 50, "slow": { "node": "C", "factor": 100 } }),
                json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v", "via": "A" } }),
            ],
        );
        let op = op(&world, "p");
        (op.finished.expect("it is answered") - op.started).as_ms_f64()
    };
    assert!(slowest(1) < 1.0 && slowest(2) < 10.0, "{} {}", slowest(1), slowest(2));
    assert!(slowest(3) > 100.0, "W = 3 waits for the slow one: {}", slowest(3));
}

#[test]
fn with_r_plus_w_at_most_n_a_read_may_miss_the_last_write() {
    let stale = |r: u64, w: u64| {
        let mut script = vec![];
        for step in 0..60 {
            let (put, get) = (format!("p{step}"), format!("g{step}"));
            script.push(json!({ "at_ms": 100 + step * 300, "put": { "as": put, "key_for": OF_ABC,
                "value": put, "via": "A" } }));
            script.push(json!({ "at_ms": 130 + step * 300, "get": { "as": get, "key_for": OF_ABC,
                "via": "B" } }));
        }
        let network = json!({ "latency_ms": [1, 60] });
        let config = json!({ "r": r, "w": w, "network": network, "read_repair": false });
        ring(config, &script).counters().stale_reads
    };
    assert!(stale(1, 1) > 0, "R = W = 1");
    assert_eq!(stale(2, 2), 0, "R = W = 2, and nobody stands in for anybody");
}

#[test]
fn with_too_few_nodes_left_an_operation_is_refused_or_runs_out_of_time() {
    let mut script: Vec<Value> = ["A", "B", "C", "D", "E"]
        .iter()
        .map(|node| json!({ "at_ms": 100, "crash": { "node": node } }))
        .collect();
    script.extend([
        json!({ "at_ms": 200, "put": { "as": "at once", "key": "k", "value": "v", "via": "F" } }),
        json!({ "at_ms": 20_000, "put": { "as": "later", "key": "k", "value": "v", "via": "F" } }),
    ]);
    let world = ring(json!({}), &script);
    assert!(matches!(op(&world, "at once").outcome, Outcome::Timeout(_)), "it may have happened");
    assert!(matches!(op(&world, "later").outcome, Outcome::Refused(_)), "it did not");
    assert_kept(&world, "refusals");
}

#[test]
fn r_and_w_can_be_said_for_one_operation() {
    let world = ring(
        json!({ "r": 1, "w": 1 }),
        &[
            json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v", "w": 3 } }),
            json!({ "at_ms": 900, "get": { "as": "g", "key": "k", "r": 3 } }),
        ],
    );
    assert_eq!((op(&world, "p").need, op(&world, "g").need), (3, 3));
}
