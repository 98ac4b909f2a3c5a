use super::*;
use crate::base::id::NodeId;
use crate::data::partitioning::Partitioning;
use crate::sim::command::{Action, Command};

fn parse(text: &str) -> Scenario {
    Scenario::parse(text).unwrap_or_else(|refusal| panic!("{refusal}\n{text}"))
}

fn with_script(script: &str) -> Scenario {
    parse(&format!(
        r#"{{ "version": 1, "seed": 7, "config": {{ "nodes": 6 }},
              "script": [{script}], "until_ms": 1000 }}"#
    ))
}

fn op_names(scenario: &Scenario) -> Vec<String> {
    let name = |entry: &Entry| match command_of(entry) {
        Command::Put(put) => Some(put.name.clone()),
        Command::Get(get) => Some(get.name.clone()),
        _ => None,
    };
    scenario.setup().script.iter().filter_map(name).collect()
}

fn command_of(entry: &Entry) -> &Command {
    let Action::Command(command) = &entry.action else { panic!("no command") };
    command
}

#[test]
fn the_shortest_scenario_has_the_defaults_of_the_design() {
    let setup = parse(r#"{ "version": 1, "until_ms": 5 }"#).setup();
    assert_eq!(
        (setup.nodes.len(), setup.partitioning),
        (6, Partitioning::Equal { partitions: 64 })
    );
    assert_eq!(*setup.config, crate::protocol::config::Config::default());
    assert_eq!(setup.network.latency.0.as_ms_f64(), 1.0);
    assert_eq!(setup.disk_latency.0.as_ms_f64(), 0.1);
    assert_eq!(setup.until.as_ms_f64(), 5.0);
}

#[test]
fn many_nodes_get_more_partitions_and_few_nodes_a_smaller_n() {
    let of = |config: &str| {
        parse(&format!(r#"{{ "version": 1, "until_ms": 1, "config": {{ {config} }} }}"#)).setup()
    };
    assert_eq!(of(r#""nodes": 100"#).partitioning, Partitioning::Equal { partitions: 1024 });
    assert_eq!(of(r#""nodes": 5000"#).partitioning, Partitioning::Equal { partitions: 4096 });
    let alone = of(r#""nodes": 1"#);
    assert_eq!((alone.config.n, alone.config.r, alone.config.w), (1, 1, 1));
}

#[test]
fn a_number_as_seed_is_the_same_as_its_digits() {
    let of = |seed: &str| {
        parse(&format!(r#"{{ "version": 1, "until_ms": 1, "seed": {seed} }}"#)).setup().seed.clone()
    };
    assert_eq!(of("42"), of("\"42\""));
    assert_eq!(of("9007199254740991"), "9007199254740991");
}

#[test]
fn seeds_are_those_who_say_so_or_the_first_unless_everybody_declines() {
    let of = |nodes: &str| -> Vec<bool> {
        let config = format!(r#""config": {{ "n": 1, "nodes": [{nodes}] }}"#);
        let scenario = parse(&format!(r#"{{ "version": 1, "until_ms": 1, {config} }}"#));
        scenario.setup().nodes.iter().map(|node| node.seed_node).collect()
    };
    assert_eq!(of(r#"{"name":"x"}, {"name":"y"}"#), [true, false]);
    assert_eq!(of(r#"{"name":"x"}, {"name":"y","seed_node":true}"#), [false, true]);
    let nobody = r#"{"name":"x","seed_node":false}, {"name":"y","seed_node":false}"#;
    assert_eq!(of(nobody), [false, false]);
}

#[test]
fn the_script_may_be_in_any_order_and_what_shares_a_moment_keeps_its_order() {
    let scenario = with_script(
        r#"{ "at_ms": 5, "restart": {"node": "B"} }, { "at_ms": 1.5, "crash": {"node": "A"} },
           { "at_ms": 5, "restart": {"node": "A"} }"#,
    );
    let setup = scenario.setup();
    let node = |at: usize| match *command_of(&setup.script[at]) {
        Command::Restart { node } | Command::Crash { node, .. } => node,
        _ => panic!("another action"),
    };
    assert_eq!([node(0), node(1), node(2)], [NodeId(0), NodeId(1), NodeId(0)]);
    assert_eq!(setup.script[0].at, Instant(1_500_000));
    assert_eq!(scenario.path_of(0), "script[1]");
}

#[test]
fn operations_without_a_name_take_the_next_free_one() {
    let scenario = with_script(
        r#"{ "at_ms": 1, "put": {"key": "k", "value": "a"} },
           { "at_ms": 2, "put": {"as": "p1", "key": "k", "value": "b"} },
           { "at_ms": 3, "get": {"key": "k"} }, { "at_ms": 4, "put": {"key": "k", "value": "c"} }"#,
    );
    assert_eq!(op_names(&scenario), ["p2", "p1", "g1", "p3"]);
}

#[test]
fn a_key_for_nodes_has_them_all_among_its_first_n() {
    let scenario = with_script(r#"{ "at_ms": 1, "get": {"key_for": ["C"]} }"#);
    let setup = scenario.setup();
    let Command::Get(get) = command_of(&setup.script[0]) else { panic!("no get") };
    let view = setup.view();
    let ring = view.ring();
    assert!(ring.is_home(ring.partition_of(get.key.position()), NodeId(2)));
}

#[test]
fn a_command_is_written_down_with_its_name_and_reads_back_the_same() {
    let mut scenario = with_script(r#"{ "at_ms": 9, "put": {"key": "k", "value": "a"} }"#);
    let now = Instant::from_ms_f64(1234.567891);
    let entry = scenario.with(r#"{ "get": {"key": "k", "via": "B"} }"#, now).unwrap();
    let Command::Get(get) = command_of(&entry) else { panic!("no get") };
    assert_eq!((get.name.as_str(), get.via, entry.at), ("g1", Some(NodeId(1)), now));
    scenario.with(r#"{ "put": {"key": "k", "value": "b", "context": "g1"} }"#, now).unwrap();
    let again = parse(&scenario.to_json());
    assert_eq!(again.setup().script, scenario.setup().script);
    assert_eq!(again.setup().until, scenario.setup().until);
    assert_eq!(op_names(&again), ["p1", "g1", "p2"]);
}

#[test]
fn a_bad_command_is_refused_by_its_own_path_and_leaves_no_trace() {
    let mut scenario = with_script("");
    let before = scenario.to_json();
    let refused = |scenario: &mut Scenario, json: &str| {
        scenario.with(json, Instant(5)).unwrap_err().to_string()
    };
    assert!(refused(&mut scenario, r#"{"crash":{"node":"Q"}}"#).starts_with("crash.node: found"));
    assert!(refused(&mut scenario, r#"{"at_ms":3,"heal":{}}"#).starts_with("at_ms: found 3"));
    assert!(refused(&mut scenario, "{}").contains("exactly one of"));
    assert_eq!(scenario.to_json(), before);
}

#[test]
fn whoever_acts_in_the_past_loses_the_future() {
    let mut scenario = with_script(
        r#"{ "at_ms": 9, "put": {"key": "k", "value": "a"} }, { "at_ms": 50, "heal": {} }"#,
    );
    let early = r#"{ "expect": { "not": { "outcome": { "op": "later", "is": "ok" } } } }"#;
    scenario.with(r#"{ "get": {"as": "later", "key": "k"} }"#, Instant::from_ms_f64(60.0)).unwrap();
    scenario.with(early, Instant::from_ms_f64(10.0)).unwrap();
    scenario.forget_after(Instant::from_ms_f64(20.0));
    assert_eq!(op_names(&scenario), ["p1"]);
    assert_eq!(scenario.setup().script.len(), 1, "what asked about the future is gone as well");
    assert!(!scenario.to_json().contains("heal"));
}

#[test]
fn no_damage_to_a_scenario_makes_reading_it_panic() {
    let story = include_str!("../../../tests/scenarios/story.json");
    let mut rng = crate::base::rng::Rng::from_u64(7);
    let splinters = ["", "\"", "{}", "[", "-1", "1e9", "null", "\"C\"", ",", "true", "\"p9\"", ":"];
    let mut refused = 0;
    for _ in 0..3_000 {
        let mut text = story.to_owned();
        let from = rng.index(text.len());
        let to = (from + rng.index(12)).min(text.len());
        text.replace_range(from..to, splinters[rng.index(splinters.len())]);
        if let Err(refusal) = Scenario::parse(&text) {
            assert!(!refusal.found.is_empty() && !refusal.allowed.is_empty(), "{refusal}");
            refused += 1;
        }
    }
    assert!(refused > 1_000, "the damage did little: {refused} of 3000 refused");
}
