//! §6.1, balancing performance and durability: the write buffer, the crash that loses it, and the
//! durable replica.

use dynamo_playground::sim::experiment::write_buffer::rows;
use dynamo_playground::sim::op::Outcome;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_kept, assert_well, played};

fn ring(config: Value, script: &[Value], until_ms: u64) -> Value {
    json!({ "version": 1, "seed": "mallard-42", "until_ms": until_ms, "config": config,
        "script": script })
}

/// Six nodes whose disks take 2 to 20 ms for a flush, under 400 requests a second, half of them
/// writes: many flushes gather the writes of several calls, and calls wait for two of them at each
/// of two nodes.
fn at_peak(buffer: Value, durable: bool) -> World {
    let config = json!({ "nodes": 6, "disk_latency_ms": [2, 20], "write_buffer": buffer,
        "durable_replica": durable, "network": { "latency_ms": [0.5, 2] } });
    let load = json!({ "at_ms": 1_000, "workload": { "clients": 40, "keys": 400,
        "read_fraction": 0.5, "ops_per_second": 400, "for_ms": 40_000 } });
    played(&ring(config, &[load], 43_000))
}

fn write_p999(world: &World) -> f64 {
    let writes = &world.load().writes;
    assert!(writes.count() > 7_000, "{} writes were measured", writes.count());
    writes.percentile(99_900).expect("there were writes").as_ms_f64()
}

/// "This optimization has resulted in lowering the 99.9th percentile latency by a factor of 5
/// during peak traffic even for a very small buffer of a thousand objects."
#[test]
fn a_buffer_of_a_thousand_objects_lowers_the_99_9th_percentile_at_peak_by_a_factor_of_five() {
    let (without, with) = (at_peak(json!(0), false), at_peak(json!(1_000), false));
    assert_kept(&without, "no buffer");
    assert_kept(&with, "a thousand objects");
    let factor = write_p999(&without) / write_p999(&with);
    assert!(factor >= 5.0, "{} against {}: {factor}", write_p999(&without), write_p999(&with));
    assert!(with.counters().writes_buffered > 10_000);
    assert_eq!(with.counters().writes_lost_in_buffer, 0, "nobody crashed");
}

/// "Since the coordinator waits only for W responses, the performance of the write operation is not
/// affected by the performance of the durable write operation performed by a single replica."
#[test]
fn the_durable_replica_costs_the_client_nothing_because_it_is_not_waited_for() {
    let (without, with) = (at_peak(json!(0), false), at_peak(json!(1_000), true));
    assert_kept(&with, "one of three is durable");
    let factor = write_p999(&without) / write_p999(&with);
    assert!(factor >= 4.0, "{} against {}: {factor}", write_p999(&without), write_p999(&with));
    assert!(with.counters().durable_writes_asked > 7_000);
}

/// Figure 5, and what it costs, as `experiment write-buffer` prints it.
#[test]
fn the_larger_the_buffer_the_more_is_lost_when_all_machines_fail_at_once() {
    let rows = rows();
    let [none, ten, hundred, thousand, durable] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!(none.lost, 0, "nothing is acknowledged before it is durable");
    assert!(0 < ten.lost && 3 * ten.lost < hundred.lost, "{rows:?}");
    assert!(hundred.lost < thousand.lost && thousand.lost == thousand.acknowledged, "{rows:?}");
    assert!(durable.lost * 20 < thousand.lost, "the durable replica keeps the most: {rows:?}");
    assert!(none.p999_ms >= 5.0 * thousand.p999_ms && durable.p999_ms < 2.0 * thousand.p999_ms);
}

/// A put is answered, all three of its nodes crash before their buffers are flushed, and start
/// again.
fn crashed(config: Value) -> World {
    let mut script = vec![
        json!({ "at_ms": 1_000, "put": { "as": "p", "key": "cart:ann", "value": "milk",
            "via": "A" } }),
        json!({ "at_ms": 9_000, "get": { "as": "g", "key": "cart:ann", "via": "A",
            "r": 3 } }),
    ];
    for name in ["A", "B", "C"] {
        script.push(json!({ "at_ms": 1_200, "crash": { "node": name } }));
        script.push(json!({ "at_ms": 2_000, "restart": { "node": name } }));
    }
    let world = played(&ring(config, &script, 10_000));
    assert_kept(&world, "what is not promised is not broken");
    assert_eq!(world.op("p").map(|op| op.outcome.clone()), Some(Outcome::Ok));
    assert_eq!(world.op("g").map(|op| op.outcome.clone()), Some(Outcome::Ok));
    world
}

fn found(world: &World) -> usize {
    world.op("g").expect("it began").versions.len()
}

#[test]
fn a_crash_loses_what_is_queued_in_the_buffer() {
    let world = crashed(json!({ "nodes": 3, "write_buffer": 1_000 }));
    assert_eq!(found(&world), 0, "it had been acknowledged");
    assert_eq!(world.counters().writes_lost_in_buffer, 3);
    let kept = crashed(json!({ "nodes": 3, "write_buffer": 0 }));
    assert_eq!((found(&kept), kept.counters().writes_lost_in_buffer), (1, 0));
}

#[test]
fn what_was_flushed_by_number_or_by_time_before_the_crash_is_there() {
    let by_number = crashed(json!({ "nodes": 3, "write_buffer": 1 }));
    let by_time = crashed(json!({ "nodes": 3, "write_buffer": 9, "write_buffer_flush_ms": 50 }));
    assert_eq!((found(&by_number), found(&by_time)), (1, 1));
}

/// The coordinator chooses "one out of the N replicas to perform a durable write".
#[test]
fn the_durable_replica_prevents_the_loss() {
    let world = crashed(json!({ "nodes": 3, "write_buffer": 1_000, "durable_replica": true }));
    assert_eq!(found(&world), 1, "one of the three had it on its disk");
    assert_eq!(world.counters().writes_lost_in_buffer, 2);
    assert_eq!(world.counters().durable_writes_asked, 1);
}

#[test]
fn a_coordinator_that_is_alone_makes_its_own_write_durable() {
    let config = json!({ "nodes": 1, "write_buffer": 1_000, "durable_replica": true,
        "disk_latency_ms": [10, 10] });
    let put = json!({ "at_ms": 1_000, "put": { "as": "p", "key": "k", "value": "v" } });
    let world = played(&ring(config, &[put], 3_000));
    let taken = world.op("p").and_then(|op| Some(op.finished? - op.started));
    assert_eq!(taken.map(|taken| taken.as_ms_f64()), Some(10.0));
}

/// Buffered counters may be lost, so what is written after a crash is stamped by somebody new.
#[test]
fn with_a_write_buffer_each_start_takes_a_new_actor_so_no_lost_counter_is_used_twice() {
    let script = [
        json!({ "at_ms": 1_000, "put": { "as": "p1", "key": "k", "value": "1" } }),
        json!({ "at_ms": 1_200, "crash": { "node": "A" } }),
        json!({ "at_ms": 2_000, "restart": { "node": "A" } }),
        json!({ "at_ms": 3_000, "put": { "as": "p2", "key": "k", "value": "2" } }),
    ];
    let world = played(&ring(json!({ "nodes": 1, "write_buffer": 1_000 }), &script, 5_000));
    assert_well(&world, "A lost its buffer");
    let maker = |op| world.op(op).map(|op| world.actor_name(op.versions[0].dot.actor));
    assert_eq!((maker("p1"), maker("p2")), (Some("A".into()), Some("A~2".into())));
}
