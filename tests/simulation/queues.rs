//! Machines take time for what comes, and what comes meanwhile waits its turn.

use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::sim::log::What;
use dynamo_playground::sim::network::Loss;
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

/// One node that keeps everything itself, so that a request is the only work there is.
fn alone(more: Value, script: &[Value]) -> World {
    let mut config = json!({ "nodes": 1, "disk_latency_ms": [0, 0], "service_ms": 10 });
    for (name, value) in more.as_object().expect("fields") {
        config[name] = value.clone();
    }
    played(&config, script)
}

fn played(config: &Value, script: &[Value]) -> World {
    let scenario = json!({ "version": 1, "seed": 3, "config": config, "script": script,
        "until_ms": 20_000 });
    let setup = Scenario::parse(&scenario.to_string()).expect("the scenario is good").setup();
    let mut world = World::new(setup.clone()).paranoid();
    world.run_to(setup.until, u64::MAX);
    world
}

fn gets(at_ms: u64, count: usize) -> Vec<Value> {
    let get = json!({ "at_ms": at_ms, "get": { "key": "k", "via": "A" } });
    vec![get; count]
}

/// How long each operation took, in milliseconds.
fn latencies(world: &World) -> Vec<f64> {
    let took = |op: &dynamo_playground::sim::op::OpRecord| {
        (op.finished.expect("it is answered") - op.started).as_ms_f64()
    };
    world.ops().iter().map(took).collect()
}

#[test]
fn requests_are_served_one_after_the_other_in_the_order_in_which_they_came() {
    let mut script = gets(100, 3);
    script.extend(gets(125, 1));
    assert_eq!(latencies(&alone(json!({}), &script)), [10.0, 20.0, 30.0, 15.0]);
    assert_eq!(latencies(&alone(json!({ "service_ms": 0 }), &script)), [0.0; 4]);
}

#[test]
fn a_slow_machine_takes_longer_for_each() {
    let mut script = vec![json!({ "at_ms": 50, "slow": { "node": "A", "factor": 3 } })];
    script.extend(gets(100, 2));
    assert_eq!(latencies(&alone(json!({}), &script)), [30.0, 60.0]);
}

#[test]
fn a_paused_machine_begins_anew_with_what_it_was_at_work_on() {
    let mut script = gets(100, 2);
    script.push(json!({ "at_ms": 105, "pause": { "node": "A" } }));
    script.push(json!({ "at_ms": 205, "resume": { "node": "A" } }));
    assert_eq!(latencies(&alone(json!({}), &script)), [115.0, 125.0]);
}

#[test]
fn what_waits_dies_with_the_machine() {
    let mut script = gets(100, 2);
    script.push(json!({ "at_ms": 105, "crash": { "node": "A" } }));
    script.push(json!({ "at_ms": 106, "restart": { "node": "A" } }));
    let world = alone(json!({}), &script);
    assert!(world.ops().iter().all(|op| matches!(op.outcome, Outcome::Timeout(_))));
}

#[test]
fn a_request_that_finds_the_queue_full_is_refused_at_once_and_definitely() {
    for script in [gets(100, 5), {
        let mut paused = vec![json!({ "at_ms": 50, "pause": { "node": "A" } })];
        paused.extend(gets(100, 5));
        paused.push(json!({ "at_ms": 200, "resume": { "node": "A" } }));
        paused
    }] {
        let world = alone(json!({ "queue_max": 3 }), &script);
        let refused: Vec<bool> =
            world.ops().iter().map(|op| matches!(op.outcome, Outcome::Refused(_))).collect();
        assert_eq!(refused, [false, false, false, true, true]);
        assert_eq!(world.ops()[4].finished, Some(Instant::ZERO + Span::from_ms(100)));
        assert_eq!((world.counters().queues_full, world.counters().requests_refused), (2, 2));
    }
}

#[test]
fn a_message_that_finds_the_queue_full_is_lost_and_the_log_says_why() {
    let config = json!({ "nodes": 3, "service_ms": 5, "queue_max": 2, "anti_entropy": false });
    let flood = json!({ "at_ms": 100, "workload": { "clients": 5, "keys": 5,
        "ops_per_second": 400, "for_ms": 1_000, "via": "A" } });
    let world = played(&config, &[flood]);
    let full = |what: &What| matches!(what, What::Lost { why: Loss::QueueFull, .. });
    let told = world.log().since(0).filter(|event| full(&event.what)).count();
    assert!(told > 0, "the log has them");
    assert!(world.counters().queues_full >= told as u64);
    assert!(world.load().refused > 0, "requests find no room either");
    let waiting: usize = world.nodes().map(|node| world.machine(node).inbox.len()).sum();
    assert_eq!(waiting, 0, "nothing waits once all is done");
}

#[test]
fn more_work_takes_longer_and_the_rare_request_longest() {
    let at = |rate: u64| {
        let config = json!({ "nodes": 3, "service_ms": 1, "disk_latency_ms": [0, 0] });
        let load = json!({ "at_ms": 1_000, "workload": { "clients": 20, "keys": 100,
            "ops_per_second": rate, "for_ms": 10_000 } });
        let world = played(&config, &[load]);
        let reads = &world.load().reads;
        assert!(reads.count() > 300, "{} reads at {rate}/s", reads.count());
        let [mean, rare] = [reads.mean(), reads.percentile(99_900)];
        (mean.expect("reads").as_ms_f64(), rare.expect("reads").as_ms_f64())
    };
    let (calm, busy) = (at(100), at(450));
    assert!(busy.0 > 1.3 * calm.0, "the mean: {} and {} ms", calm.0, busy.0);
    assert!(busy.1 > 1.5 * calm.1, "the 99.9th percentile: {} and {} ms", calm.1, busy.1);
    assert!(busy.1 - calm.1 > busy.0 - calm.0, "it is the rare request that suffers most");
}
