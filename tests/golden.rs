//! The golden digests: every scenario under `tests/scenarios`, one digest, every engine.
//!
//! `tests/golden.json` is the table. The same table is asserted under Node and in the browsers.
//! A change of what happens changes digests; then the commit says why and the table is written
//! anew with `GOLDEN=write cargo test --test golden`.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dynamo_playground::base::time::Instant;
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;

fn tests_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn scenarios() -> BTreeMap<String, Scenario> {
    let folder = fs::read_dir(tests_folder().join("scenarios")).expect("the scenarios are there");
    let paths = folder.map(|entry| entry.expect("an entry can be read").path());
    let read = |path: PathBuf| {
        let name = path.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).expect("a scenario can be read");
        (name, Scenario::parse(&text).expect("a committed scenario is good"))
    };
    paths.map(read).collect()
}

fn digest_of(scenario: &Scenario, slice: u64) -> String {
    let setup = scenario.setup();
    let mut world = World::without_log(setup.clone());
    while !world.run_to(setup.until, slice) {}
    format!("{:016x}", world.digest())
}

#[test]
fn every_scenario_ends_in_its_golden_digest() {
    let path = tests_folder().join("golden.json");
    let digests: BTreeMap<String, String> =
        scenarios().iter().map(|(name, s)| (name.clone(), digest_of(s, u64::MAX))).collect();
    if std::env::var("GOLDEN").is_ok_and(|wish| wish == "write") {
        let text = serde_json::to_string_pretty(&digests).expect("digests are text") + "\n";
        fs::write(&path, text).expect("the table can be written");
    }
    let table = fs::read_to_string(&path).expect("the table is there");
    let golden: BTreeMap<String, String> = serde_json::from_str(&table).expect("it is JSON");
    assert_eq!(digests, golden);
}

#[test]
fn the_size_of_slices_changes_nothing() {
    let story = &scenarios()["story"];
    let whole = digest_of(story, u64::MAX);
    assert_eq!(digest_of(story, 1), whole);
    assert_eq!(digest_of(story, 97), whole);
}

#[test]
fn sending_every_message_through_the_wire_changes_nothing() {
    for (name, scenario) in scenarios() {
        let setup = scenario.setup();
        let mut paranoid = World::without_log(setup.clone()).paranoid();
        paranoid.run_to(setup.until, u64::MAX);
        let digest = format!("{:016x}", paranoid.digest());
        assert_eq!(digest, digest_of(&scenario, u64::MAX), "{name}");
    }
}

#[test]
fn dropping_every_notice_changes_nothing() {
    for (name, scenario) in scenarios() {
        let setup = scenario.setup();
        let mut blind = World::unwatched(setup.clone());
        blind.run_to(setup.until, u64::MAX);
        let digest = format!("{:016x}", blind.digest());
        assert_eq!(digest, digest_of(&scenario, u64::MAX), "{name}");
    }
}

#[test]
fn a_checkpoint_restored_in_the_middle_changes_nothing() {
    for (name, scenario) in scenarios() {
        let setup = scenario.setup();
        let mut world = World::without_log(setup.clone());
        world.run_to(Instant(setup.until.0 / 2), u64::MAX);
        let mut restored = world.clone();
        world.run_to(setup.until, u64::MAX);
        drop(world);
        restored.run_to(setup.until, u64::MAX);
        let digest = format!("{:016x}", restored.digest());
        assert_eq!(digest, digest_of(&scenario, u64::MAX), "{name}");
    }
}

#[test]
fn a_run_twice_agrees_after_every_event() {
    for (name, scenario) in scenarios() {
        let setup = scenario.setup();
        let (mut one, mut other) = (World::new(setup.clone()), World::without_log(setup));
        while one.step() {
            other.step();
            let event = one.events();
            assert_eq!(one.digest(), other.digest(), "{name} parts at event {event}");
            if one.now() > one.setup().until {
                break;
            }
        }
    }
}

#[test]
fn the_tests_in_engines_name_every_scenario() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/wasm/tests/golden.rs");
    let source = fs::read_to_string(source).expect("the tests in engines are there");
    for name in scenarios().keys() {
        assert!(source.contains(&format!("\"{name}\"")), "{name} is not played in engines");
    }
}
