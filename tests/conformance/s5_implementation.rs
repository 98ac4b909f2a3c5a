//! §5, implementation: what becomes of one request, and who coordinates the next.

use dynamo_playground::base::time::Instant;
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_well, played};

const OF_ABC: [&str; 3] = ["A", "B", "C"];

fn scenario(script: &[Value]) -> Value {
    json!({ "version": 1, "seed": 11, "until_ms": 5_000, "script": script,
        "config": { "anti_entropy": false, "network": { "latency_ms": [2, 2] } } })
}

fn put(at_ms: u64, name: &str, via: &str) -> Value {
    json!({ "at_ms": at_ms, "put": { "as": name, "key_for": OF_ABC, "value": name, "via": via } })
}

fn get(at_ms: u64, name: &str, via: &str) -> Value {
    json!({ "at_ms": at_ms, "get": { "as": name, "key_for": OF_ABC, "via": via } })
}

fn after(mut put: Value, context: &str) -> Value {
    put["put"]["context"] = context.into();
    put
}

fn slow(node: &str) -> Value {
    json!({ "at_ms": 1_000, "slow": { "node": node, "factor": 20 } })
}

fn coordinator<'w>(world: &'w World, op: &str) -> &'w str {
    let op = world.op(op).expect("the script has it");
    assert_eq!(op.outcome, Outcome::Ok, "{}", op.name);
    world.setup().name(op.coordinator.expect("somebody did"))
}

#[test]
fn each_request_has_a_state_machine_of_its_own_on_the_node_that_received_it() {
    let gets: Vec<Value> = (0..5).map(|number| get(1_500, &format!("g{number}"), "D")).collect();
    let script: Vec<Value> = [put(500, "p", "A")].into_iter().chain(gets).collect();
    let text = scenario(&script).to_string();
    let mut world = World::new(Scenario::parse(&text).expect("it is good").setup());
    let running = |world: &World| {
        let d = world.nodes().find(|&node| world.setup().name(node) == "D").expect("it exists");
        world.view(d).expect("it is up").requests()
    };
    world.run_to(Instant::from_ms_f64(1_501.0), u64::MAX);
    assert_eq!(running(&world), 5);
    world.run_to(Instant::from_ms_f64(1_510.0), u64::MAX);
    assert_eq!(running(&world), 0, "each ends by itself");
    for number in 0..5 {
        assert_eq!(coordinator(&world, &format!("g{number}")), "D");
    }
}

#[test]
fn after_its_reply_a_read_waits_for_stragglers_and_updates_the_stale_ones() {
    let script = [
        put(500, "old", "A"),
        json!({ "at_ms": 600, "cut": { "from": ["A", "B"], "to": ["C"] } }),
        after(put(700, "new", "A"), "old"),
        json!({ "at_ms": 900, "heal": {} }),
        slow("C"),
        get(1_500, "g", "A"),
    ];
    // Nobody stands in for C, so that only a read can bring it what it missed.
    let mut scenario = scenario(&script);
    scenario["config"]["quorum"] = "primaries".into();
    let world = played(&scenario);
    let get = world.op("g").expect("the script has it");
    let told = get.finished.expect("it is answered");
    assert_eq!(get.acknowledged.len(), 3, "the straggler was waited for");
    assert!(get.acknowledged[2].at > told, "after the reply");
    assert_eq!(world.counters().read_repairs, 1);
    assert_well(&world, "read repair");
}

#[test]
fn the_node_that_answered_the_read_fastest_coordinates_the_write_that_follows() {
    for (slowed, fastest) in [(["A", "B"], "C"), (["A", "C"], "B"), (["B", "C"], "A")] {
        let script = [
            put(500, "first", "E"),
            slow(slowed[0]),
            slow(slowed[1]),
            get(1_500, "g", "E"),
            after(put(2_000, "follows", "E"), "g"),
            after(put(2_500, "follows it", "F"), "follows"),
        ];
        let world = played(&scenario(&script));
        assert_eq!(coordinator(&world, "follows"), fastest);
        assert_eq!(coordinator(&world, "follows it"), fastest, "a put names its coordinator");
    }
}

#[test]
fn a_fastest_reader_that_is_down_or_no_longer_first_coordinates_nothing() {
    let with = |more: &[Value]| {
        let mut script = vec![put(500, "first", "E"), slow("A"), slow("B"), get(1_500, "g", "E")];
        script.extend_from_slice(more);
        let mut scenario = scenario(&script);
        scenario["until_ms"] = 40_000.into();
        let world = played(&scenario);
        coordinator(&world, "follows").to_owned()
    };
    let follows = after(put(30_000, "follows", "E"), "g");
    let crash = json!({ "at_ms": 10_000, "crash": { "node": "C" } });
    assert_eq!(with(std::slice::from_ref(&follows)), "C");
    assert_ne!(with(&[crash, follows]), "C", "E suspects it by then");
    let crash = json!({ "at_ms": 1_990, "crash": { "node": "C" } });
    let follows = after(put(2_000, "follows", "E"), "g");
    assert_ne!(with(&[crash, follows]), "C", "nobody knows yet, and its silence says it");
}

#[test]
fn a_node_that_may_coordinate_a_write_itself_does_not_pass_it_on_to_a_faster_reader() {
    let script = [
        put(500, "first", "E"),
        slow("A"),
        slow("B"),
        get(1_500, "g", "E"),
        after(put(2_000, "follows", "B"), "g"),
    ];
    let world = played(&scenario(&script));
    assert_eq!(coordinator(&world, "follows"), "B");
    assert_eq!(world.counters().forwards, 1, "the first put alone");
}
