//! The golden digests in this engine: the very table that is asserted natively.

use std::collections::BTreeMap;

use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{play, sim};
use crate::sim::scenario::Scenario;
use crate::sim::world::World;

/// A page has no folder to list, so the files are named; the first test holds names and table
/// together.
macro_rules! scenarios {
    ($($name:literal)*) => {
        [$(($name, include_str!(concat!("../../../tests/scenarios/", $name, ".json")))),*]
    };
}

const SCENARIOS: &[(&str, &str)] = &scenarios! {
    "anti-entropy" "any-entry" "background-yields" "blind-puts" "cart-returns" "clients-choose"
    "divided-ring" "doomstone" "durable-replica" "every-healthy-node" "failing-disk" "figure-3"
    "full-disk" "handoff-off" "hint-dies" "join-leave" "late-message" "local-detection"
    "long-tail" "lost-disk"
    "lww-slow-clock" "merkle-descent" "ninety-nine-dotted" "ninety-nine-record-clock"
    "ninety-nine-vector-clock" "old-disk" "one-way-cut" "paused-node" "preference-list"
    "read-repair" "refused" "rough-network" "rumour" "sibling-explosion" "skewed-clocks"
    "sloppy-stale-read" "slow-node" "stale-read" "story" "strategy-1" "strategy-2" "strategy-3"
    "tokens-by-capacity" "tombstone" "truncated-clock" "two-administrators" "w-one" "write-buffer"
    "zone-loss"
};

fn golden() -> BTreeMap<String, String> {
    let table = include_str!("../../../tests/golden.json");
    serde_json::from_str(table).expect("the table is JSON")
}

#[test]
fn every_scenario_of_the_golden_table_is_played_here() {
    let played: Vec<&str> = SCENARIOS.iter().map(|(name, _)| *name).collect();
    let table = golden();
    assert_eq!(played, table.keys().map(String::as_str).collect::<Vec<_>>(), "name it above");
}

#[test]
fn every_scenario_ends_in_its_golden_digest_in_this_engine() {
    let digests = SCENARIOS.iter().map(|(name, text)| (name.to_string(), digest_of(text)));
    assert_eq!(digests.collect::<BTreeMap<_, _>>(), golden());
}

#[test]
fn the_wire_of_this_engine_changes_nothing() {
    for (name, text) in SCENARIOS {
        let setup = Scenario::parse(text).expect("a committed scenario is good").setup();
        let mut world = World::without_log(setup.clone()).paranoid();
        world.run_to(setup.until, u64::MAX);
        assert_eq!(format!("{:016x}", world.digest()), golden()[*name], "{name}");
    }
}

#[test]
fn a_world_that_is_wound_back_in_the_middle_ends_in_its_golden_digest() {
    for (name, text) in SCENARIOS {
        let mut sim = sim(text);
        play(&mut sim, until(text));
        sim.seek(until(text) / 3.0);
        play(&mut sim, until(text));
        assert_eq!(sim.digest(), golden()[*name], "{name}");
    }
}

/// In slices, as a page plays it.
fn digest_of(text: &str) -> String {
    let mut sim = sim(text);
    let until = until(text);
    let mut at = 0.0;
    while at < until {
        at = f64::min(at + 97.0, until);
        play(&mut sim, at);
    }
    sim.digest()
}

fn until(text: &str) -> f64 {
    let scenario: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    scenario["until_ms"].as_f64().expect("a scenario says when it ends")
}
