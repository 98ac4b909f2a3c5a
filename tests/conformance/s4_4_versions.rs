//! §4.4, data versioning.

use dynamo_playground::data::version::Version;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_well, played};

/// One node that keeps every key alone, so that nothing but the clocks decides.
fn alone(config: Value, script: Vec<Value>) -> World {
    ring(json!({ "nodes": 1, "n": 1, "r": 1, "w": 1 }), config, script)
}

fn ring(mut config: Value, more: Value, script: Vec<Value>) -> World {
    for (name, value) in more.as_object().expect("settings are an object") {
        config[name] = value.clone();
    }
    let until = 1_000_000;
    played(&json!({ "version": 1, "seed": 7, "config": config, "script": script,
        "until_ms": until }))
}

/// Two clients put in turns on one server; each hands back what its own last put was given.
fn alternating(versioning: &str) -> World {
    let mut script = vec![];
    for number in 0..99 {
        let (at_ms, name) = (10 + 20 * number, format!("p{number}"));
        let mut put = json!({ "as": name, "key": "cart", "value": name });
        if number >= 2 {
            put["context"] = format!("p{}", number - 2).into();
        }
        script.push(json!({ "at_ms": at_ms, "put": put }));
    }
    script.push(json!({ "at_ms": 5_000, "get": { "as": "g", "key": "cart" } }));
    alone(json!({ "versioning": versioning }), script)
}

fn values(world: &World, op: &str) -> Vec<String> {
    let op = world.op(op).expect("there is such an operation");
    let value = |version: &Version| String::from_utf8_lossy(&version.content.value).into_owned();
    let mut values: Vec<String> = op.versions.iter().map(value).collect();
    values.sort();
    values
}

#[test]
fn of_99_puts_by_two_clients_in_turns_a_record_clock_leaves_99_siblings() {
    assert_eq!(values(&alternating("record-clock"), "g").len(), 99);
}

#[test]
fn of_99_puts_by_two_clients_in_turns_dots_leave_the_last_of_each() {
    let world = alternating("dotted");
    assert_eq!(values(&world, "g"), ["p97", "p98"]);
    assert_eq!(world.counters().false_dominance, 0);
    assert_well(&world, "dotted");
}

#[test]
fn of_99_puts_by_two_clients_in_turns_plain_clocks_and_the_last_write_leave_one() {
    let world = alternating("vector-clock");
    assert_eq!(values(&world, "g"), ["p98"]);
    assert!(world.counters().false_dominance > 0, "p97 was never seen, and is lost");
    assert_eq!(values(&alternating("last-write-wins"), "g"), ["p98"]);
}

/// Puts through one node after the other, each with the context of the one before.
fn chain(nodes: u64, config: Value) -> World {
    let mut script = vec![];
    for number in 0..nodes {
        let via = char::from(b'A' + number as u8).to_string();
        let mut put =
            json!({ "as": format!("p{number}"), "key": "cart", "value": "v", "via": via });
        if number > 0 {
            put["context"] = format!("p{}", number - 1).into();
        }
        script.push(json!({ "at_ms": 1_000 * (number + 1), "put": put }));
    }
    script.push(json!({ "at_ms": 60_000, "get": { "as": "g", "key": "cart" } }));
    ring(json!({ "nodes": nodes, "n": nodes, "r": nodes, "w": nodes }), config, script)
}

#[test]
fn ten_entries_are_allowed_and_the_eleventh_drops_the_oldest() {
    let ten = chain(10, json!({}));
    let clock = |world: &World| world.op("g").expect("it ran").versions[0].clock.clone();
    assert_eq!((clock(&ten).entries().len(), ten.counters().clocks_cut), (10, 0));
    let eleven = chain(11, json!({}));
    let nodes: Vec<u32> = clock(&eleven).counters().map(|(actor, _)| actor.node.0).collect();
    assert_eq!(eleven.counters().clocks_cut, 1);
    let versions = &eleven.op("g").expect("it ran").versions;
    assert_eq!(versions.len(), 2, "descent can no longer be derived: {versions:?}");
    let newest = versions.iter().find(|version| version.dot.actor.node.0 == 10);
    let newest = newest.expect("the newest stays");
    let kept: Vec<u32> = newest.clock.counters().map(|(actor, _)| actor.node.0).collect();
    assert_eq!(kept, (1..11).collect::<Vec<u32>>(), "A's entry is the oldest, not {nodes:?}");
}

#[test]
fn a_dotted_clock_is_never_cut() {
    let world = chain(11, json!({ "versioning": "dotted" }));
    let versions = &world.op("g").expect("it ran").versions;
    assert_eq!((versions.len(), versions[0].clock.entries().len()), (1, 11));
    assert_eq!(world.counters().clocks_cut, 0);
    assert_well(&world, "dotted");
}

#[test]
fn the_last_write_wins_by_the_clock_on_its_coordinators_wall() {
    let script = vec![
        json!({ "at_ms": 10, "skew": { "node": "B", "ms": -5_000 } }),
        json!({ "at_ms": 100, "put": { "as": "p1", "key": "cart", "value": "old", "via": "A" } }),
        json!({ "at_ms": 500, "get": { "as": "g1", "key": "cart", "via": "B" } }),
        json!({ "at_ms": 1_000, "put": {
            "as": "p2", "key": "cart", "value": "new", "via": "B", "context": "g1"
        } }),
        json!({ "at_ms": 2_000, "get": { "as": "g2", "key": "cart" } }),
    ];
    let three = json!({ "nodes": 3, "n": 3, "r": 3, "w": 3 });
    let lost = ring(three.clone(), json!({ "versioning": "last-write-wins" }), script.clone());
    assert_eq!(values(&lost, "g2"), ["old"], "a slow clock's later write is lost");
    assert_well(&lost, "what is lost so was not promised");
    for versioning in ["vector-clock", "dotted", "record-clock"] {
        let kept = ring(three.clone(), json!({ "versioning": versioning }), script.clone());
        assert_eq!(values(&kept, "g2"), ["new"], "{versioning}");
        assert_well(&kept, versioning);
    }
}

#[test]
fn a_put_without_context_loses_nothing_under_dots_and_a_version_under_plain_clocks() {
    let blind = |name: &str, at_ms: u64| {
        let put = json!({ "as": name, "key": "cart", "value": name });
        json!({ "at_ms": at_ms, "put": put })
    };
    let script = vec![
        blind("milk", 10),
        blind("eggs", 100),
        json!({ "at_ms": 200, "get": { "as": "g", "key": "cart" } }),
    ];
    let plain = alone(json!({}), script.clone());
    assert_eq!((values(&plain, "g"), plain.counters().false_dominance), (vec!["eggs".into()], 1));
    let dotted = alone(json!({ "versioning": "dotted" }), script);
    assert_eq!(values(&dotted, "g"), ["eggs", "milk"]);
}
