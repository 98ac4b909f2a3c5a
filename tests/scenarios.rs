//! Every scenario of the folder is played, twice, and once more with its mechanism taken away.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use dynamo_playground::base::time::{Instant, Span};
use dynamo_playground::sim::report::{self, Report};
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios")
}

/// Every file with its text, in the order of names.
fn texts() -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = std::fs::read_dir(folder())
        .expect("the scenarios are there")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            (path.file_stem().expect("a name").to_string_lossy().into_owned(), text)
        })
        .collect();
    texts.sort();
    texts
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(folder().join(format!("{name}.json"))).expect("a readable file")
}

fn parse(name: &str, text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

fn play(scenario: &Scenario) -> World {
    let setup = scenario.setup();
    let until = setup.until;
    let mut world = World::new(setup).paranoid();
    assert!(world.run_to(until, u64::MAX));
    world
}

fn complaints(name: &str, text: &str) -> Vec<String> {
    let scenario = parse(name, text);
    report::verdict(&play(&scenario), &scenario).complaints
}

fn result_of(name: &str) -> Value {
    let scenario = parse(name, &text_of(name));
    serde_json::from_str(&Report::new(&play(&scenario)).to_json()).expect("the report is JSON")
}

#[test]
fn every_scenario_comes_out_as_it_expects() {
    let texts = texts();
    assert!(texts.len() >= 40, "the story and many more, found {}", texts.len());
    for (name, text) in texts {
        let complaints = complaints(&name, &text);
        assert!(complaints.is_empty(), "{name}:\n  {}", complaints.join("\n  "));
    }
}

#[test]
fn every_scenario_says_in_its_title_what_it_shows_and_expects_something() {
    for (name, text) in texts() {
        let scenario = parse(&name, &text);
        assert!(scenario.setup().title.len() > 20, "{name} says too little");
        assert!(!play(&scenario).expects().is_empty(), "{name} expects nothing");
    }
}

#[test]
fn the_same_scenario_gives_the_same_digest_in_slices_of_any_size_and_without_a_log() {
    for (name, text) in texts() {
        let scenario = parse(&name, &text);
        let whole = play(&scenario);
        let mut sliced = World::without_log(scenario.setup());
        let until = scenario.setup().until;
        let mut to = Instant::ZERO;
        while to < until {
            to = (to + Span::from_ms(137)).min(until);
            while !sliced.run_to(to, 61) {}
        }
        assert_eq!(sliced.digest(), whole.digest(), "{name}");
        assert_eq!(sliced.events(), whole.events(), "{name}");
        let results = [Report::new(&whole).to_json(), Report::new(&sliced).to_json()];
        assert_eq!(results[0], results[1], "{name}");
    }
}

#[test]
fn a_world_that_goes_on_from_a_checkpoint_ends_like_one_that_never_stopped() {
    for (name, text) in texts() {
        let scenario = parse(&name, &text);
        let until = scenario.setup().until;
        let mut first = World::new(scenario.setup());
        first.run_to(Instant(until.0 / 2), u64::MAX);
        let mut second = first.clone();
        first.run_to(until, u64::MAX);
        second.run_to(until, u64::MAX);
        assert_eq!(first.digest(), second.digest(), "{name}");
        assert_eq!(first.digest(), play(&scenario).digest(), "{name}");
    }
}

/// What a scenario is about, and its place in the text once the mechanism is gone.
const WITHOUT: &[(&str, &str, &str)] = &[
    ("anti-entropy", r#""anti_entropy": true"#, r#""anti_entropy": false"#),
    ("any-entry", r#""context": "c", "#, ""),
    ("background-yields", r#""admission_control": true"#, r#""admission_control": false"#),
    (
        "blind-puts",
        r#"1000, "put": { "as": "bob", "#,
        r#"1500, "put": { "as": "bob", "context": "ann", "#,
    ),
    (
        "cart-returns",
        r#""value": "eggs, jam, milk", "context": "cart""#,
        r#""value": "eggs, jam, milk", "context": "takes-out""#,
    ),
    ("clients-choose", r#""coordination": "client""#, r#""coordination": "server""#),
    (
        "divided-ring",
        r#""name": "P", "member": false, "seed_node": false"#,
        r#""name": "P", "member": false, "seed_node": true"#,
    ),
    ("doomstone", r#""crash": { "node": "F" }"#, r#""restart": { "node": "B" }"#),
    ("durable-replica", r#""durable_replica": true"#, r#""durable_replica": false"#),
    ("every-healthy-node", r#""n": 5"#, r#""n": 3"#),
    ("failing-disk", r#""is": "failing""#, r#""is": "well""#),
    ("figure-3", r#""context": "D2", "via": "A""#, r#""context": "D3", "via": "A""#),
    ("full-disk", r#""is": "full""#, r#""is": "well""#),
    ("handoff-off", r#""hinted_handoff": false"#, r#""hinted_handoff": true"#),
    ("hint-dies", r#""disk": "lose""#, r#""disk": "keep""#),
    ("join-leave", r#""leave": { "node": "C" }"#, r#""crash": { "node": "C" }"#),
    // A message may be later than what is remembered: D11.
    ("late-message", r#""reap_after_ms": 3000"#, r#""reap_after_ms": 1000"#),
    ("local-detection", r#""failure_detection": "local""#, r#""failure_detection": "gossip""#),
    ("long-tail", r#""factor": 20"#, r#""factor": 1"#),
    ("lost-disk", r#""disk": "lose""#, r#""disk": "keep""#),
    ("lww-slow-clock", r#""versioning": "last-write-wins""#, r#""versioning": "dotted""#),
    ("merkle-descent", r#""anti_entropy": true"#, r#""anti_entropy": false"#),
    ("ninety-nine-dotted", r#""versioning": "dotted""#, r#""versioning": "record-clock""#),
    (
        "ninety-nine-record-clock",
        r#""versioning": "record-clock""#,
        r#""versioning": "vector-clock""#,
    ),
    ("ninety-nine-vector-clock", r#""versioning": "vector-clock""#, r#""versioning": "dotted""#),
    ("old-disk", r#""disk": "old""#, r#""disk": "keep""#),
    ("one-way-cut", r#""one_way": true"#, r#""one_way": false"#),
    ("paused-node", r#""resume": { "node": "C" }"#, r#""resume": { "node": "D" }"#),
    ("preference-list", r#""n": 3"#, r#""n": 4"#),
    (
        "read-repair",
        r#""hinted_handoff": false"#,
        r#""hinted_handoff": false, "read_repair": false"#,
    ),
    ("refused", r#""n": 3, "r": 2, "w": 2"#, r#""n": 3, "r": 1, "w": 1"#),
    ("rough-network", r#""loss": 0.1, "duplicate": 0.2"#, r#""loss": 0, "duplicate": 0"#),
    ("rumour", r#""nodes": 100"#, r#""nodes": 100, "failure_detection": "local""#),
    ("sibling-explosion", r#""versioning": "record-clock""#, r#""versioning": "dotted""#),
    ("skewed-clocks", r#""context": "first", "#, ""),
    ("sloppy-stale-read", r#""quorum": "sloppy""#, r#""quorum": "strict""#),
    ("slow-node", r#""factor": 100"#, r#""factor": 1"#),
    ("stale-read", r#""r": 1, "w": 1"#, r#""r": 2, "w": 2"#),
    ("story", r#""nodes": 6"#, r#""nodes": 6, "hinted_handoff": false"#),
    ("strategy-1", r#""strategy": 1, "tokens_per_node": 8"#, r#""strategy": 3"#),
    (
        "strategy-2",
        r#""strategy": 2, "tokens_per_node": 8, "partitions": 60"#,
        r#""strategy": 1, "tokens_per_node": 8"#,
    ),
    ("strategy-3", r#""strategy": 3, "partitions": 60"#, r#""strategy": 1, "tokens_per_node": 8"#),
    ("tokens-by-capacity", r#""weight": 4"#, r#""weight": 1"#),
    (
        "tombstone",
        r#""delete": { "as": "d1", "key": "cart:ann", "context": "p1", "via": "B" }"#,
        r#""get": { "as": "d1", "key": "cart:ann", "via": "B" }"#,
    ),
    ("truncated-clock", r#""clock_entries_max": 3"#, r#""clock_entries_max": 4"#),
    ("two-administrators", r#""seed_node": true"#, r#""seed_node": false"#),
    ("w-one", r#""r": 1, "w": 1"#, r#""r": 1, "w": 2"#),
    ("write-buffer", r#""write_buffer": 1000"#, r#""write_buffer": 0"#),
    ("zone-loss", r#""name": "F", "zone": "north""#, r#""name": "F", "zone": "west""#),
];

#[test]
fn a_scenario_whose_mechanism_is_taken_away_fails() {
    let holds = |(name, with, without): &&(&str, &str, &str)| {
        let text = text_of(name);
        assert!(text.contains(with), "{name} has no {with} any more");
        complaints(name, &text.replace(with, without)).is_empty()
    };
    let indifferent: Vec<&str> = WITHOUT.iter().filter(holds).map(|(name, ..)| *name).collect();
    assert_eq!(indifferent, [""; 0], "they hold without what they are about");
    let names: Vec<String> = texts().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, WITHOUT.iter().map(|(name, ..)| *name).collect::<Vec<_>>());
}

#[test]
fn the_clocks_of_figure_3_are_those_of_the_paper() {
    let result = result_of("figure-3");
    let clock = |op: &str| result["ops"][op]["versions"][0]["clock"].clone();
    // Sx, Sy and Sz are C, B and A, the first three of the key's list.
    assert_eq!(clock("D1"), serde_json::json!({ "C": 1 }));
    assert_eq!(clock("D2"), serde_json::json!({ "C": 2 }));
    assert_eq!(clock("D3"), serde_json::json!({ "C": 2, "B": 1 }));
    assert_eq!(clock("D4"), serde_json::json!({ "C": 2, "A": 1 }));
    assert_eq!(clock("D5"), serde_json::json!({ "C": 3, "B": 1, "A": 1 }));
}

#[test]
fn a_node_with_a_new_disk_counts_under_a_new_name() {
    let result = result_of("lost-disk");
    let clock = |op: &str| result["ops"][op]["versions"][0]["clock"].clone();
    assert_eq!(clock("before"), serde_json::json!({ "B": 1 }));
    assert_eq!(clock("after"), serde_json::json!({ "B~2": 1 }));
}

#[test]
fn a_stand_in_is_listed_with_the_node_it_stands_in_for() {
    let result = result_of("story");
    let replicas = &result["ops"]["p2"]["replicas"];
    let stand_in = serde_json::json!({ "node": "F", "stands_in_for": "C" });
    assert!(replicas.as_array().expect("a list").contains(&stand_in), "{replicas}");
}

/// `tests/shows.json`: which scenario shows which of the paper's behaviours and which of the
/// infamous traces. The page's menu reads it too.
fn shows() -> Value {
    let path = folder().with_file_name("shows.json");
    let text = std::fs::read_to_string(path).expect("the index of the scenarios is there");
    serde_json::from_str(&text).expect("it is JSON")
}

fn scenarios_of(group: &Value) -> Vec<String> {
    let names = group["scenarios"].as_array().expect("a list of scenarios");
    names.iter().map(|name| name.as_str().expect("a name").to_owned()).collect()
}

fn groups(shows: &Value) -> impl Iterator<Item = &Value> {
    ["behaviours", "traces"].into_iter().flat_map(|kind| shows[kind].as_array().expect("a list"))
}

#[test]
fn the_index_names_every_scenario_and_no_other() {
    let shows = shows();
    let named: BTreeSet<String> = groups(&shows).flat_map(scenarios_of).collect();
    let files: BTreeSet<String> = texts().into_iter().map(|(name, _)| name).collect();
    assert_eq!(named, files, "tests/shows.json says what a scenario shows");
}

#[test]
fn all_nineteen_behaviours_and_all_infamous_traces_are_shown() {
    let shows = shows();
    let behaviours = shows["behaviours"].as_array().expect("a list");
    let numbers: Vec<u64> = behaviours.iter().filter_map(|one| one["number"].as_u64()).collect();
    assert_eq!(numbers, (1..=19).collect::<Vec<u64>>());
    for behaviour in behaviours {
        assert!(behaviour["paper"].as_str().is_some_and(|paper| paper.starts_with('§')));
    }
    assert_eq!(shows["traces"].as_array().map(Vec::len), Some(10));
    let empty: Vec<_> = groups(&shows).filter(|group| scenarios_of(group).is_empty()).collect();
    assert!(empty.is_empty(), "no scenario shows {empty:?}");
}
