//! §4.4 says that adding and deleting are both puts; what becomes of a tombstone is §6.1 of the
//! design.

use serde_json::{Value, json};

use crate::world::{assert_kept, assert_well, played};

fn deleted(script: &[Value], until_ms: u64) -> Value {
    let first = [
        json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v", "via": "A" } }),
        json!({ "at_ms": 500, "delete": { "as": "d", "key": "k", "context": "p", "via": "B" } }),
    ];
    let script = [&first, script].concat();
    json!({ "version": 1, "seed": 3, "until_ms": until_ms, "script": script,
        "config": { "nodes": 6, "reap_after_ms": 5_000 } })
}

fn reaped(at_ms: u64, count: u64) -> Value {
    json!({ "at_ms": at_ms,
        "expect": { "counter": { "name": "tombstones_reaped", "equals": count } } })
}

#[test]
fn a_tombstone_goes_once_every_member_holds_nothing_older() {
    let world = played(&deleted(
        &[
            reaped(5_000, 0),
            reaped(20_000, 1),
            json!({ "at_ms": 20_000, "expect": { "replicas": { "key": "k", "on": [] } } }),
            json!({ "at_ms": 20_000, "get": { "as": "g", "key": "k", "r": 3 } }),
            json!({ "at_ms": 21_000, "expect": { "all": [
                { "siblings": { "op": "g", "count": 0 } }, { "converged": {} } ] } }),
        ],
        40_000,
    ));
    assert_well(&world, "a delete");
}

#[test]
fn a_member_that_is_down_keeps_every_tombstone_where_it_is() {
    let world = played(&deleted(
        &[
            json!({ "at_ms": 600, "crash": { "node": "F" } }),
            reaped(60_000, 0),
            json!({ "at_ms": 60_000, "restart": { "node": "F" } }),
            reaped(90_000, 1),
        ],
        90_000,
    ));
    assert_well(&world, "a member down");
}

#[test]
fn an_old_value_on_a_node_that_was_away_does_not_come_back() {
    // Wherever the copies of k are, one of the three has missed the delete.
    for away in ["A", "B", "C", "D", "E", "F"] {
        let world = played(&json!({ "version": 1, "seed": 3, "until_ms": 120_000,
            "config": { "nodes": 6, "reap_after_ms": 5_000, "hinted_handoff": false,
                "read_repair": false },
            "script": [
                { "at_ms": 100, "put": { "as": "p", "key": "k", "value": "v" } },
                { "at_ms": 400, "crash": { "node": away } },
                { "at_ms": 500, "delete": { "as": "d", "key": "k", "context": "p" } },
                { "at_ms": 30_000, "restart": { "node": away } },
                { "at_ms": 119_000, "get": { "as": "g", "key": "k", "r": 3 } },
                { "at_ms": 120_000, "expect": { "siblings": { "op": "g", "count": 0 } } },
            ] }));
        // Without hints and read repair nothing promises that the copies agree by then.
        assert_kept(&world, away);
    }
}

#[test]
fn a_put_after_the_tombstone_is_gone_is_a_version_like_any_other() {
    let world = played(&deleted(
        &[
            reaped(20_000, 1),
            json!({ "at_ms": 20_500, "put": { "key": "k", "value": "again", "via": "B" } }),
            json!({ "at_ms": 21_000, "get": { "as": "g", "key": "k", "r": 3 } }),
            json!({ "at_ms": 22_000, "expect": { "value": { "op": "g", "equals": "again" } } }),
            json!({ "at_ms": 39_000, "expect": { "converged": {} } }),
        ],
        40_000,
    ));
    assert_well(&world, "a put again");
}

#[test]
fn a_crash_of_whoever_asks_or_answers_loses_nothing() {
    for (node, at_ms) in ["A", "B", "C", "D", "E", "F"]
        .iter()
        .flat_map(|n| (0..12).map(move |step| (*n, 10_000 + step * 20)))
    {
        let world = played(&deleted(
            &[
                json!({ "at_ms": at_ms, "crash": { "node": node } }),
                json!({ "at_ms": at_ms + 3_000, "restart": { "node": node } }),
                reaped(60_000, 1),
                json!({ "at_ms": 60_000, "expect": { "replicas": { "key": "k", "on": [] } } }),
            ],
            60_000,
        ));
        assert_well(&world, node);
    }
}
