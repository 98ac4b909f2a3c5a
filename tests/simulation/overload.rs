//! More is asked than a ring can serve: it says so, and is itself again afterwards.

use dynamo_playground::base::time::Instant;
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::swarm::judge;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

fn world(config: &Value, script: &[Value], until_ms: u64) -> World {
    let scenario = json!({ "version": 1, "seed": 5, "config": config, "script": script,
        "until_ms": until_ms });
    World::new(Scenario::parse(&scenario.to_string()).expect("the scenario is good").setup())
}

fn held(world: &World, name: &str) -> usize {
    let tables = world.tables();
    tables.iter().find(|table| table.name == name).expect("there is such a table").held
}

#[test]
fn a_flood_is_answered_or_given_up_no_table_overflows_and_the_ring_recovers() {
    // Five machines serve some hundreds a second at 2 ms each; ten times as many are asked for.
    let config = json!({ "nodes": 5, "service_ms": 2, "queue_max": 100,
        "anti_entropy_interval_ms": 1_000 });
    let flood = json!({ "clients": 50, "keys": 100, "ops_per_second": 4_000, "for_ms": 4_000 });
    let after = json!({ "as": "p", "key": "after", "value": "all is well" });
    let script = [
        json!({ "at_ms": 1_000, "workload": flood }),
        json!({ "at_ms": 40_000, "put": after }),
        json!({ "at_ms": 41_000, "get": { "as": "g", "key": "after" } }),
    ];
    let mut world = world(&config, &script, 150_000);
    // Background work yields to clients over a trailing minute (§6.5), so hints take their time.
    for ms in (1_000..=150_000).step_by(250) {
        world.run_to(Instant(ms * 1_000_000), u64::MAX);
        assert_eq!(judge::tables_within_limits(&world), Ok(()), "at {ms} ms");
    }
    let (load, counters) = (world.load(), world.counters());
    let answered = load.reads.count() + load.writes.count();
    let ended = answered + load.refused + load.timed_out + load.dropped;
    assert!((14_000..18_000).contains(&ended), "{ended} of some 16,000 have come to an end");
    assert!(load.refused > 4_000 && counters.queues_full > 4_000, "most are told at once");
    assert!(answered > 500, "some are served all the while: {answered}");
    assert_eq!(held(&world, "world load requests under way"), 0);
    assert_eq!(held(&world, "world fullest queue"), 0);
    assert!(world.ops().iter().all(|op| op.outcome == Outcome::Ok), "{:?}", world.ops());
    assert_eq!(judge::broken(&world), None);
}

#[test]
fn a_disk_that_fails_is_told_to_the_clients_of_loads_as_to_those_of_the_script() {
    let config = json!({ "nodes": 3, "disk_latency_ms": [50, 50] });
    let load = json!({ "clients": 5, "keys": 5, "ops_per_second": 200, "for_ms": 500,
        "read_fraction": 0, "via": "A" });
    let script = [
        json!({ "at_ms": 1_000, "workload": load }),
        json!({ "at_ms": 1_400, "put": { "as": "p", "key": "k", "value": "v", "via": "A" } }),
        json!({ "at_ms": 1_410, "disk": { "node": "A", "is": "failing" } }),
    ];
    let mut world = world(&config, &script, 1_600);
    world.run_to(Instant(1_600_000_000), u64::MAX);
    assert!(matches!(world.ops()[0].outcome, Outcome::Timeout(_)), "{:?}", world.ops()[0].outcome);
    assert!(world.load().timed_out > 0, "long before their patience is over");
    assert_eq!(held(&world, "world load requests under way"), 0);
}
