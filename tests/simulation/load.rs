//! Loads: what clients ask, how much, and what is remembered of it.

use std::collections::{BTreeMap, BTreeSet};

use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::sim::load::FIRST_NUMBER;
use dynamo_playground::sim::log::What;
use dynamo_playground::sim::op::{OpKind, OpRecord, Outcome};
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::timeline::Timeline;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

fn scenario(config: Value, script: &[Value]) -> Scenario {
    let scenario = json!({ "version": 1, "seed": "load", "config": config, "script": script,
        "until_ms": 60_000 });
    Scenario::parse(&scenario.to_string()).expect("the scenario is good")
}

fn at(ms: u64) -> Instant {
    Instant::ZERO + Span::from_ms(ms)
}

fn played(config: Value, script: &[Value], ms: u64) -> World {
    let mut world = World::new(scenario(config, script).setup()).paranoid();
    world.run_to(at(ms), u64::MAX);
    world
}

fn load(fields: Value) -> Value {
    let mut load = json!({ "clients": 10, "keys": 20, "for_ms": 10_000 });
    for (name, value) in fields.as_object().expect("fields") {
        load[name] = value.clone();
    }
    json!({ "at_ms": 1_000, "workload": load })
}

/// The operations of loads that are remembered.
fn operations(world: &World) -> Vec<&OpRecord> {
    let newest = FIRST_NUMBER..FIRST_NUMBER + 100_000;
    newest.filter_map(|number| world.record(number)).collect()
}

fn answered(world: &World) -> u64 {
    world.load().reads.count() + world.load().writes.count()
}

#[test]
fn an_open_load_asks_at_its_rate_and_of_everybody() {
    let script = [load(json!({ "ops_per_second": 100, "read_fraction": 0.8 }))];
    let world = played(json!({}), &script, 20_000);
    let count = answered(&world);
    assert!((900..1_100).contains(&count), "{count} of about a thousand");
    assert!((85.0..115.0).contains(&world.load().per_second(world.now())));
    let reads = world.load().reads.count() as f64 / count as f64;
    assert!((0.75..0.85).contains(&reads), "{reads}");
    let vias: BTreeSet<_> = operations(&world).iter().filter_map(|op| op.via).collect();
    let keys: BTreeSet<_> = operations(&world).iter().map(|op| op.key.bytes().to_vec()).collect();
    assert_eq!((vias.len(), keys.len()), (6, 20));
    let last = operations(&world).iter().map(|op| op.started).max().expect("there are some");
    assert!(last < at(11_000), "nothing is asked once it is over: {last}");
}

#[test]
fn in_a_closed_load_each_client_waits_for_its_answer_and_then_thinks() {
    let script = [load(json!({ "clients": 1, "think_ms": [30, 50] }))];
    let world = played(json!({}), &script, 20_000);
    let mut ops = operations(&world);
    assert!(ops.len() > 100, "{}", ops.len());
    ops.sort_by_key(|op| op.started);
    for pair in ops.windows(2) {
        let thought = pair[1].started - pair[0].finished.expect("it was answered");
        assert!((Span::from_ms(30)..=Span::from_ms(50)).contains(&thought), "{thought} ms");
    }
}

#[test]
fn a_put_of_a_load_has_the_latest_context_of_its_client_so_one_client_makes_no_siblings() {
    let config = json!({ "versioning": "dotted" });
    let one = [load(json!({ "clients": 1, "keys": 3, "read_fraction": 0.2 }))];
    let world = played(config.clone(), &one, 20_000);
    assert!(world.load().writes.count() > 200);
    assert_eq!(world.load().versions[1..], [0, 0, 0], "it knows all that it wrote");
    let ten = [load(json!({ "clients": 10, "keys": 3, "read_fraction": 0.2 }))];
    let world = played(config, &ten, 20_000);
    assert!(world.load().versions[1] > 0, "concurrent writers make siblings");
    assert_eq!(world.counters().false_dominance + world.counters().false_siblings, 0);
}

#[test]
fn values_are_as_long_as_they_are_to_be_and_no_two_are_alike() {
    let script = [load(json!({ "read_fraction": 0, "value_bytes": 40, "ops_per_second": 30 }))];
    let world = played(json!({}), &script, 20_000);
    let values: BTreeMap<_, _> = operations(&world).iter().map(|op| (&op.value, ())).collect();
    assert_eq!(values.len() as u64, answered(&world));
    assert!(values.keys().all(|value| value.as_ref().is_some_and(|value| value.len() == 40)));
}

#[test]
fn keys_are_asked_for_by_zipfs_law() {
    let script = [load(json!({ "keys": 100, "zipf": 0.99, "ops_per_second": 1_000 }))];
    let world = played(json!({}), &script, 2_500);
    let mut counts: BTreeMap<Vec<u8>, u64> = BTreeMap::new();
    operations(&world).iter().for_each(|op| *counts.entry(op.key.bytes().into()).or_default() += 1);
    let of = |key: &str| counts.get(key.as_bytes()).copied().unwrap_or_default() as f64;
    let ratio = of("key-0") / of("key-9");
    assert!((6.0..16.0).contains(&ratio), "the first ten times as often as the tenth: {ratio}");
}

#[test]
fn a_load_meets_refusals_and_time_outs_and_goes_on() {
    let mut script = vec![load(json!({ "think_ms": [5, 5] }))];
    for node in ["A", "B", "C", "D", "E", "F"] {
        script.push(json!({ "at_ms": 3_000, "crash": { "node": node } }));
    }
    script.push(json!({ "at_ms": 5_000, "heal": {} }));
    let world = played(json!({}), &script, 20_000);
    let stats = world.load();
    assert!(stats.timed_out > 0, "what was under way had no answer");
    assert!(stats.refused > 100, "nobody was up: {}", stats.refused);
    let late = operations(&world).iter().filter(|op| op.started > at(6_000)).count();
    assert!(late > 100, "{late} asked after the heal");
    let ended = operations(&world).iter().filter(|op| op.outcome == Outcome::Pending).count();
    assert_eq!(ended, 0, "each came to an end");
}

#[test]
fn a_client_has_no_more_than_its_limit_under_way_and_the_rest_is_counted() {
    let config = json!({ "request_timeout_ms": 5_000, "replica_timeout_ms": 4_000 });
    let script = [
        json!({ "at_ms": 900, "pause": { "node": "A" } }),
        load(json!({ "clients": 1, "ops_per_second": 500, "for_ms": 2_000, "via": "A" })),
    ];
    let world = played(config, &script, 20_000);
    let stats = world.load();
    assert_eq!((stats.timed_out, answered(&world)), (256, 0));
    assert!(stats.dropped > 500, "{}", stats.dropped);
    assert_eq!(world.counters().load_dropped, stats.dropped);
}

#[test]
fn deletes_are_a_part_of_the_writes() {
    let script = [load(json!({ "read_fraction": 0.5, "delete_fraction": 0.3,
        "ops_per_second": 100 }))];
    let world = played(json!({}), &script, 20_000);
    let of = |kind| operations(&world).iter().filter(|op| op.kind == kind).count() as f64;
    let part = of(OpKind::Delete) / (of(OpKind::Delete) + of(OpKind::Put));
    assert!((0.22..0.38).contains(&part), "{part}");
}

#[test]
fn two_loads_and_a_script_draw_from_streams_of_their_own() {
    let drawn = |script: &[Value]| {
        let world = played(json!({ "disk_latency_ms": [0, 0] }), script, 20_000);
        let ops = operations(&world);
        ops.iter().map(|op| (op.started, op.kind, op.key.bytes().to_vec())).collect::<Vec<_>>()
    };
    let first = load(json!({ "ops_per_second": 20 }));
    let put = |n: u64| json!({ "at_ms": 900 + n, "put": { "key": "mine", "value": "x" } });
    let alone = drawn(std::slice::from_ref(&first));
    assert_eq!(alone, drawn(&[first.clone(), put(0), put(1), put(500)]));
    let second = json!({ "at_ms": 1_500, "workload": { "clients": 2, "keys": 2, "for_ms": 1,
        "ops_per_second": 0.01 } });
    assert_eq!(alone, drawn(&[first, second]), "the second asks nothing, and shifts nothing");
}

#[test]
fn the_log_tells_of_what_a_load_asks_and_of_its_answer() {
    let script = [load(json!({ "clients": 1, "think_ms": [100, 100] }))];
    let world = played(json!({}), &script, 3_000);
    let mut asked = 0;
    for event in world.log().since(0) {
        if let What::Answered { op } = event.what {
            let record = world.record(op).expect("it is remembered");
            assert_eq!(event.cause.and_then(|cause| world.log().get(cause)).map(|_| ()), Some(()));
            assert_eq!(Some(event.at), record.finished);
            assert!(record.coordinator.is_some() || record.kind == OpKind::Get);
            assert!(record.acknowledged.len() >= 2);
            asked += 1;
        }
    }
    assert!(asked > 10, "{asked}");
}

#[test]
fn a_run_with_loads_is_the_same_blind_without_a_log_in_slices_and_from_a_checkpoint() {
    let script = [
        load(json!({ "cart": true, "keys": 3, "think_ms": [0, 20], "delete_fraction": 0.1 })),
        load(json!({ "ops_per_second": 40, "zipf": 0.9 })),
        json!({ "at_ms": 4_000, "crash": { "node": "C", "disk": "keep" } }),
        json!({ "at_ms": 7_000, "heal": {} }),
    ];
    let scenario = scenario(json!({}), &script);
    let whole = played(json!({}), &script, 15_000);
    let mut blind = World::unwatched(scenario.setup());
    while !blind.run_to(at(15_000), 77) {}
    assert_eq!(blind.digest(), whole.digest());
    let mut timeline = Timeline::new(scenario);
    timeline.advance(at(15_000), u64::MAX);
    for ms in [3_300, 9_999, 15_000] {
        timeline.seek(at(ms));
    }
    assert_eq!(timeline.world().digest(), whole.digest());
    let told = |world: &World| world.load().to_json(world.now());
    assert_eq!(told(timeline.world()), told(&whole), "what is measured is the same as well");
}

#[test]
fn carts_never_lose_what_was_added_under_dots_though_what_was_deleted_comes_back() {
    let of = |versioning: &str| {
        let load = load(json!({ "cart": true, "keys": 3, "clients": 8, "think_ms": [0, 20] }));
        let world = played(json!({ "versioning": versioning }), &[load], 15_000);
        (world.load().items_returned, world.load().items_lost)
    };
    let (returned, lost) = of("dotted");
    assert!(returned > 0 && lost == 0, "{returned} came back, {lost} are lost");
    let (_, lost) = of("last-write-wins");
    assert!(lost > 0, "the last write wins, and the others lose");
}
