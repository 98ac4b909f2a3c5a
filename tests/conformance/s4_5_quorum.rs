//! §4.5, execution of get and put operations.

use dynamo_playground::sim::op::{OpRecord, Outcome};
use dynamo_playground::sim::oracle::{Check, CheckClass};
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

/// Two of the key's homes crash, and all come to know it, before it is put.
fn with_two_homes_down(quorum: &str, w: u64) -> World {
    let script = [
        json!({ "at_ms": 100, "crash": { "node": "B" } }),
        json!({ "at_ms": 100, "crash": { "node": "C" } }),
        json!({ "at_ms": 20_000, "put": { "as": "p", "key_for": OF_ABC, "value": "v", "via": "D",
            "w": w } }),
        json!({ "at_ms": 25_000, "get": { "as": "g", "key_for": OF_ABC, "via": "E", "r": w } }),
    ];
    let partitioning = json!({ "strategy": 3, "partitions": 512 });
    ring(json!({ "nodes": 7, "quorum": quorum, "partitioning": partitioning }), &script)
}

fn refusal(world: &World, name: &str) -> Option<String> {
    match &op(world, name).outcome {
        Outcome::Refused(why) => Some(why.clone()),
        _ => None,
    }
}

#[test]
fn under_a_strict_quorum_two_homes_down_refuse_w_2_at_once_though_five_nodes_are_up() {
    for quorum in ["strict", "primaries"] {
        let world = with_two_homes_down(quorum, 2);
        for name in ["p", "g"] {
            let why = refusal(&world, name).expect("definite");
            assert!(why.contains("it needs 2 answers, and 1 node of the first N"), "{why}");
            let op = op(&world, name);
            let taken = op.finished.expect("it is answered") - op.started;
            assert!(taken.as_ms_f64() < 100.0, "nobody waits for what cannot come: {taken:?}");
        }
        assert_eq!(world.counters().hints_stored, 0, "nothing was written");
        assert_kept(&world, quorum);
    }
    let sloppy = with_two_homes_down("sloppy", 2);
    assert_eq!((refusal(&sloppy, "p"), refusal(&sloppy, "g")), (None, None));
    assert_eq!(sloppy.counters().hints_stored, 2);
}

#[test]
fn under_a_strict_quorum_stand_ins_hold_hints_that_count_for_nothing_and_under_primaries_none_do() {
    let strict = with_two_homes_down("strict", 1);
    let answered = |world: &World, name: &str| {
        let op = op(world, name);
        assert_eq!(op.outcome, Outcome::Ok, "{name}");
        let finished = op.finished.expect("it is answered");
        let by = |stands_in: bool| {
            let answers = op.acknowledged.iter().filter(|answer| answer.at <= finished);
            answers.filter(|answer| answer.replica.stands_in_for.is_some() == stands_in).count()
        };
        (by(false), op.acknowledged.len())
    };
    assert_eq!(answered(&strict, "p"), (1, 3), "a home, and then two stand-ins");
    assert_eq!(answered(&strict, "g"), (1, 1), "a get has no use for a stand-in");
    assert_eq!(strict.counters().hints_stored, 2);
    let primaries = with_two_homes_down("primaries", 1);
    assert_eq!((answered(&primaries, "p"), answered(&primaries, "g")), ((1, 1), (1, 1)));
    assert_eq!(primaries.counters().hints_stored, 0);
}

#[test]
fn a_home_that_falls_silent_is_stood_in_for_under_strict_and_the_put_waits_for_homes_all_the_same()
{
    let put = |quorum: &str, w: u64| {
        let script = [
            json!({ "at_ms": 100, "cut": { "from": ["A", "D", "E", "F"], "to": ["B", "C"] } }),
            json!({ "at_ms": 200, "put": { "as": "p", "key_for": OF_ABC, "value": "v",
                "via": "A", "w": w } }),
        ];
        ring(json!({ "quorum": quorum, "hinted_handoff": false }), &script)
    };
    for (quorum, hints) in [("sloppy", 2), ("strict", 2), ("primaries", 0)] {
        assert_eq!(op(&put(quorum, 1), "p").outcome, Outcome::Ok, "{quorum}");
        let world = put(quorum, 2);
        assert_eq!(world.counters().hints_stored, hints, "{quorum}");
        match quorum {
            "sloppy" => assert_eq!(op(&world, "p").outcome, Outcome::Ok),
            _ => assert_eq!(
                op(&world, "p").outcome,
                Outcome::Timeout("1 of 2 answers came in time".into()),
                "{quorum}"
            ),
        }
    }
}

/// The check that a get sees what was acknowledged before it began.
fn reads(world: &World) -> Check {
    let named = |check: &Check| check.name == "reads-its-writes";
    world.checks().into_iter().find(named).expect("it is always told")
}

#[test]
fn r_plus_w_over_n_reads_stale_under_a_sloppy_quorum_and_never_under_a_strict_one() {
    let text = include_str!("../scenarios/sloppy-stale-read.json");
    let mut scenario: Value = serde_json::from_str(text).expect("it is JSON");
    let sloppy = played(&scenario);
    assert_eq!(sloppy.counters().stale_reads, 1);
    assert_eq!((reads(&sloppy).class, reads(&sloppy).count), (CheckClass::NotPromised, Some(1)));
    for quorum in ["strict", "primaries"] {
        scenario["config"]["quorum"] = quorum.into();
        let world = played(&scenario);
        assert_eq!(world.counters().stale_reads, 0, "{quorum}");
        assert!(matches!(op(&world, "new").outcome, Outcome::Timeout(_)), "nobody was told of it");
        let check = reads(&world);
        assert_eq!((check.class, check.ok), (CheckClass::Always, true), "{quorum}");
        assert!(check.armed_since.is_some(), "{quorum}");
    }
}

#[test]
fn the_promise_that_a_read_sees_what_was_written_is_not_made_where_it_cannot_be_kept() {
    let put = json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v" } });
    let get = json!({ "at_ms": 900, "get": { "as": "g", "key": "k" } });
    let with =
        |config: Value, more: Value| reads(&ring(config, &[put.clone(), get.clone(), more])).class;
    let heal = json!({ "at_ms": 5_000, "heal": {} });
    let strict = |more: Value| with(json!({ "quorum": "strict" }), more);
    assert_eq!(strict(heal.clone()), CheckClass::Always);
    let old = json!({ "at_ms": 5_000, "crash": { "node": "B", "disk": "old" } });
    let backup = json!({ "at_ms": 50, "backup": { "node": "B" } });
    let rolled_back = ring(json!({ "quorum": "strict" }), &[backup, put.clone(), get.clone(), old]);
    assert_eq!(reads(&rolled_back).class, CheckClass::NotPromised);
    assert!(reads(&rolled_back).armed_since.is_some(), "it was put to the test before");
    let last = json!({ "quorum": "strict", "versioning": "last-write-wins" });
    assert_eq!(with(last, heal.clone()), CheckClass::NotPromised);
    assert_eq!(with(json!({}), heal), CheckClass::NotPromised);
}

#[test]
fn a_place_that_passes_on_keeps_the_promise_and_one_that_is_filled_for_the_dead_ends_it() {
    let put = json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v" } });
    let get = json!({ "at_ms": 28_000, "get": { "as": "g", "key": "k" } });
    let with = |more: &[Value]| {
        let script = [&[put.clone(), get.clone()], more].concat();
        reads(&ring(json!({ "quorum": "strict" }), &script))
    };
    let join = json!({ "at_ms": 5_000, "join": { "name": "X" } });
    let leave = json!({ "at_ms": 9_000, "leave": { "node": "B" } });
    let moved = with(&[join, leave.clone()]);
    assert_eq!((moved.class, moved.ok), (CheckClass::Always, true));
    assert!(moved.armed_since.is_some());
    let dies = json!({ "at_ms": 5_000, "crash": { "node": "B" } });
    assert_eq!(with(&[dies, leave]).class, CheckClass::NotPromised);
}
