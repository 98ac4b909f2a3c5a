//! §4.4, data versioning.

use dynamo_playground::data::version::{Actor, Causality, Clock, Version, Versioning};
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
    let world = alternating("record-clock");
    assert_eq!(values(&world, "g").len(), 99);
    // Each client's puts replaced all of its own before.
    let replaced = |puts: u64| puts * (puts - 1) / 2;
    let counters = world.counters();
    assert_eq!(counters.false_siblings, replaced(50) + replaced(49));
    assert_eq!(counters.false_dominance, 0);
}

#[test]
fn of_99_puts_by_two_clients_in_turns_dots_leave_the_last_of_each() {
    let world = alternating("dotted");
    assert_eq!(values(&world, "g"), ["p97", "p98"]);
    let counters = world.counters();
    assert_eq!((counters.false_dominance, counters.false_siblings), (0, 0));
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
    assert_eq!((eleven.counters().clocks_cut, eleven.counters().false_siblings), (1, 1));
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
    assert_eq!(lost.counters().false_dominance, 1);
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

type Counters = &'static [(&'static str, u64)];
type Step = (&'static str, &'static str, &'static [&'static str], Counters);

/// The table behind Figure 3: who put, with whose context, and the clock that came of it.
const FIGURE_3: [Step; 5] = [
    ("D1", "Sx", &[], &[("Sx", 1)]),
    ("D2", "Sx", &["D1"], &[("Sx", 2)]),
    ("D3", "Sy", &["D2"], &[("Sx", 2), ("Sy", 1)]),
    ("D4", "Sz", &["D2"], &[("Sx", 2), ("Sz", 1)]),
    ("D5", "Sx", &["D3", "D4"], &[("Sx", 3), ("Sy", 1), ("Sz", 1)]),
];

/// Sx, Sy and Sz of the paper as nodes of a ring in which each keeps every key.
fn node_of(server: &str) -> &str {
    match server {
        "Sx" => "A",
        "Sy" => "B",
        _ => "C",
    }
}

fn figure_3(versioning: &str) -> World {
    let mut script = vec![];
    for (number, (name, server, context_of, _)) in FIGURE_3.iter().enumerate() {
        let at_ms = 1_000 * (number as u64 + 1);
        let (via, key) = (node_of(server), "cart");
        let mut put = json!({ "as": name, "key": key, "value": name, "via": via });
        match context_of {
            [] => {}
            [one] => put["context"] = (*one).into(),
            _ => {
                script.push(
                    json!({ "at_ms": at_ms - 500, "get": { "as": "both", "key": key, "r": 3 } }),
                );
                put["context"] = "both".into();
            }
        }
        script.push(json!({ "at_ms": at_ms, "put": put }));
    }
    script.push(json!({ "at_ms": 9_000, "get": { "as": "end", "key": "cart", "r": 3 } }));
    ring(json!({ "nodes": 3, "n": 3, "r": 2, "w": 2 }), json!({ "versioning": versioning }), script)
}

/// A clock in the paper's letters.
fn in_letters(world: &World, clock: &Clock) -> Vec<(&'static str, u64)> {
    let letter = |(actor, counter): (Actor, u64)| {
        let servers = ["Sx", "Sy", "Sz"];
        let is_it = |server: &&str| node_of(server) == world.setup().name(actor.node);
        (servers.into_iter().find(is_it).expect("there are three"), counter)
    };
    clock.counters().map(letter).collect()
}

#[test]
fn the_clocks_of_figure_3_are_the_papers_to_the_letter() {
    let world = figure_3("vector-clock");
    for (name, _, _, clock) in FIGURE_3 {
        let made = &world.op(name).expect("it was put").versions[0].clock;
        assert_eq!(in_letters(&world, made), clock, "{name}");
    }
    let both = world.op("both").expect("it was got");
    assert_eq!(values(&world, "both"), ["D3", "D4"]);
    let context = &both.context.as_ref().expect("a get hands one out").clock;
    assert_eq!(in_letters(&world, context), [("Sx", 2), ("Sy", 1), ("Sz", 1)]);
    assert_eq!(values(&world, "end"), ["D5"]);
    assert_well(&world, "figure 3");
}

#[test]
fn the_versions_of_figure_3_stand_to_each_other_as_the_paper_says_with_dots_too() {
    let relations = [
        ("D1", Causality::Before, "D2"),
        ("D2", Causality::Before, "D3"),
        ("D2", Causality::Before, "D4"),
        ("D3", Causality::Concurrent, "D4"),
        ("D3", Causality::Before, "D5"),
        ("D4", Causality::Before, "D5"),
    ];
    for versioning in [Versioning::VectorClock, Versioning::Dotted] {
        let word = if versioning == Versioning::Dotted { "dotted" } else { "vector-clock" };
        let world = figure_3(word);
        let version = |name| &world.op(name).expect("it was put").versions[0];
        for (one, stands, other) in relations {
            let found = versioning.compare(version(one), version(other));
            assert_eq!(found, stands, "{word}: {one} to {other}");
        }
        let counters = world.counters();
        assert_eq!((counters.false_dominance, counters.false_siblings), (0, 0), "{word}");
    }
}

/// A cart on both sides of a cut: on one the client adds tea to jam, on the other it takes the jam
/// away. Afterwards a client merges what both sides say by uniting them, as §4.4 has it.
fn cart_under_a_cut(versioning: &str) -> World {
    let put = |at_ms: u64, name: &str, value: &str, context: &str, via: &str| {
        let mut put = json!({ "as": name, "key": "cart", "value": value, "via": via });
        if !context.is_empty() {
            put["context"] = context.into();
        }
        json!({ "at_ms": at_ms, "put": put })
    };
    let script = vec![
        put(1_000, "jam", "jam", "", "A"),
        json!({ "at_ms": 3_000, "cut": { "from": ["A"], "to": ["B", "C"] } }),
        put(5_000, "added", "jam, tea", "jam", "A"),
        put(5_000, "removed", "", "jam", "B"),
        json!({ "at_ms": 8_000, "heal": {} }),
        json!({ "at_ms": 30_000, "get": { "as": "both", "key": "cart", "r": 3 } }),
        put(31_000, "united", "jam, tea", "both", "C"),
        json!({ "at_ms": 40_000, "get": { "as": "end", "key": "cart", "r": 3 } }),
    ];
    let config = json!({ "nodes": 3, "n": 3, "r": 1, "w": 1 });
    ring(config, json!({ "versioning": versioning }), script)
}

#[test]
fn adding_to_the_cart_is_never_lost_and_a_deleted_item_can_come_back() {
    for versioning in ["vector-clock", "dotted", "record-clock"] {
        let world = cart_under_a_cut(versioning);
        assert_eq!(values(&world, "both"), ["", "jam, tea"], "{versioning}: both are there");
        assert_eq!(values(&world, "end"), ["jam, tea"], "{versioning}: the jam is back");
        let counters = world.counters();
        assert_eq!((counters.false_dominance, counters.false_siblings), (0, 0), "{versioning}");
        assert_well(&world, versioning);
    }
    let world = cart_under_a_cut("last-write-wins");
    assert_eq!(values(&world, "both").len(), 1, "one of the two is lost");
    assert_eq!(world.counters().false_dominance, 1);
}
