//! The durability rule: nothing is said before what it rests on is on disk.

use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;

/// One put at 100 ms through the only node, whose disk takes 50 ms for everything, and `then`.
fn run(then: &str, until_ms: u64) -> World {
    let text = format!(
        r#"{{ "version": 1, "until_ms": 5000,
             "config": {{ "nodes": 1, "n": 1, "r": 1, "w": 1, "disk_latency_ms": [50, 50] }},
             "script": [
               {{ "at_ms": 100, "put": {{ "as": "p1", "key": "k", "value": "v", "via": "A" }} }}
               {then} ] }}"#
    );
    let setup = Scenario::parse(&text).expect("the scenario is good").setup();
    let mut world = World::new(setup).paranoid();
    world.run_to(Instant::ZERO + Span::from_ms(until_ms), u64::MAX);
    world
}

fn outcome(world: &World, op: &str) -> Outcome {
    world.op(op).expect("the operation has begun").outcome.clone()
}

#[test]
fn a_client_hears_only_when_the_write_is_durable() {
    assert_eq!(outcome(&run("", 149), "p1"), Outcome::Pending);
    let world = run("", 150);
    assert_eq!(outcome(&world, "p1"), Outcome::Ok);
    let taken = world.op("p1").and_then(|op| Some(op.finished? - op.started));
    assert_eq!(taken, Some(Span::from_ms(50)));
}

#[test]
fn a_crash_before_the_write_is_durable_loses_it_and_nobody_was_told_otherwise() {
    let then = r#", { "at_ms": 140, "crash": { "node": "A", "disk": "keep" } },
                   { "at_ms": 200, "restart": { "node": "A" } },
                   { "at_ms": 2000, "get": { "as": "g1", "key": "k", "via": "A" } }"#;
    let world = run(then, 3_000);
    assert!(matches!(outcome(&world, "p1"), Outcome::Timeout(_)), "it may have taken effect");
    assert_eq!(outcome(&world, "g1"), Outcome::Ok);
    assert!(world.op("g1").is_some_and(|op| op.versions.is_empty()), "and it did not");
}

#[test]
fn what_reads_an_earlier_write_waits_for_that_write_too() {
    let then = r#", { "at_ms": 120, "get": { "as": "g1", "key": "k", "via": "A" } }"#;
    assert_eq!(outcome(&run(then, 149), "g1"), Outcome::Pending);
    let world = run(then, 150);
    assert_eq!(outcome(&world, "g1"), Outcome::Ok);
    assert!(world.op("g1").is_some_and(|op| op.versions.len() == 1));
}

#[test]
fn what_is_written_during_a_flush_is_flushed_together_after_it() {
    let put = |at: u64, name: &str| {
        format!(
            r#", {{ "at_ms": {at}, "put": {{ "as": "{name}", "key": "{name}", "value": "v" }} }}"#
        )
    };
    let then = put(110, "p2") + &put(120, "p3") + &put(149, "p4");
    let world = run(&then, 1_000);
    let finished = |op| world.op(op).and_then(|op| op.finished).map(Instant::as_ms_f64);
    assert_eq!(finished("p1"), Some(150.0));
    for op in ["p2", "p3", "p4"] {
        assert_eq!(finished(op), Some(200.0), "{op} shares the second flush");
    }
}
