//! The facade as JavaScript meets it: values that crossed over, errors that were thrown.

mod golden;
mod peer;

use serde_json::Value;
use wasm_bindgen::{JsError, JsValue};
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::wasm::frame::{HEADER, LAYOUT, STRIDE};
use crate::wasm::sim::Sim;

const PUT: &str = r#"{ "put": { "key": "cart:ann", "value": "milk", "via": "A" } }"#;

fn scenario(script: &str) -> String {
    format!(
        r#"{{ "version": 1, "seed": "mallard-42", "config": {{ "nodes": 6 }},
             "script": [{script}], "until_ms": 60000 }}"#
    )
}

fn six_nodes() -> Sim {
    sim(&scenario(""))
}

fn sim(text: &str) -> Sim {
    good(Sim::new(text))
}

/// An error of JavaScript is no `Debug`, so it is looked at there.
fn good<T>(result: Result<T, JsError>) -> T {
    result.unwrap_or_else(|error| panic!("{}", message(error)))
}

#[track_caller]
fn bad<T>(result: Result<T, JsError>) -> String {
    message(result.err().expect("this is refused"))
}

fn message(error: JsError) -> String {
    js_sys::Error::from(JsValue::from(error)).message().into()
}

fn read(result: Result<JsValue, JsError>) -> Value {
    serde_wasm_bindgen::from_value(good(result)).expect("a plain object")
}

/// Lets all of it happen up to `ms`.
fn play(sim: &mut Sim, ms: f64) {
    while !sim.advance(ms, 1_000) {}
}

#[test]
fn a_scenario_that_is_refused_throws_where_what_was_found_and_what_is_allowed() {
    let message = bad(Sim::new(&scenario("").replace("60000", r#""long""#)));
    assert!(message.contains("until_ms"), "{message}");
    assert!(message.contains("long"), "{message}");
    assert!(message.contains("allowed"), "{message}");
}

#[test]
fn a_text_that_is_no_json_throws_instead_of_trapping() {
    assert!(!bad(Sim::new("{")).is_empty());
}

#[test]
fn a_fresh_seed_is_a_duck_and_a_number_and_another_one_each_time() {
    let seeds: Vec<String> = (0..8).map(|_| good(Sim::fresh_seed())).collect();
    for seed in &seeds {
        let (duck, number) = seed.split_once('-').expect("a duck, a dash, a number");
        assert!(duck.chars().all(|c| c.is_ascii_lowercase()), "{seed}");
        assert!(number.parse::<u32>().is_ok_and(|number| number < 100_000), "{seed}");
    }
    assert!(seeds.iter().any(|seed| *seed != seeds[0]), "{seeds:?}");
}

#[test]
fn a_frame_crosses_over_as_numbers_as_long_as_its_header_says() {
    let mut sim = six_nodes();
    good(sim.command(PUT));
    let frame = sim.frame().to_vec();
    assert_eq!((frame[0], frame[4]), (LAYOUT, 6.0));
    let records = frame[4] + frame[5] + frame[12];
    assert_eq!(frame.len(), HEADER + STRIDE * records as usize);
}

#[test]
fn the_halves_of_the_digest_in_a_frame_are_the_digest() {
    let mut sim = six_nodes();
    play(&mut sim, 2_500.0);
    let frame = sim.frame().to_vec();
    let digest = format!("{:08x}{:08x}", frame[7] as u32, frame[8] as u32);
    assert_eq!(sim.digest(), digest);
}

#[test]
fn advance_keeps_to_its_budget_and_says_when_it_is_there() {
    let mut sim = six_nodes();
    assert!(!sim.advance(30_000.0, 3));
    assert_eq!(sim.frame().to_vec()[2], 3.0);
    play(&mut sim, 30_000.0);
    assert_eq!(sim.frame().to_vec()[1], 30_000.0);
}

#[test]
fn a_step_of_an_unknown_kind_is_refused_with_those_there_are() {
    let message = bad(six_nodes().step("leap"));
    assert_eq!(message, r#"step: found "leap", allowed event, message or round"#);
}

#[test]
fn every_kind_of_step_goes_on() {
    let mut sim = six_nodes();
    for kind in ["event", "message", "round"] {
        let before = sim.frame().to_vec()[2];
        assert!(good(sim.step(kind)), "{kind}");
        assert!(sim.frame().to_vec()[2] > before, "{kind}");
    }
}

#[test]
fn seeking_back_and_on_ends_in_the_digest_of_a_straight_run() {
    let text = scenario(r#"{ "at_ms": 900, "crash": { "node": "B" } }"#);
    let mut straight = sim(&text);
    play(&mut straight, 9_000.0);
    let mut other = sim(&text);
    for ms in [20_000.0, 1.5, 9_000.0] {
        other.seek(ms);
    }
    assert_eq!(other.digest(), straight.digest());
}

#[test]
fn a_command_answers_with_the_name_of_its_operation_and_other_commands_with_nothing() {
    let mut sim = six_nodes();
    assert_eq!(good(sim.command(PUT)), "p1");
    assert_eq!(good(sim.command(r#"{ "crash": { "node": "B" } }"#)), "");
}

#[test]
fn a_command_that_is_refused_throws_and_changes_nothing() {
    let mut sim = six_nodes();
    play(&mut sim, 1_000.0);
    let before = sim.digest();
    assert!(bad(sim.command(r#"{ "crash": { "node": "Z" } }"#)).contains('Z'));
    assert_eq!(sim.digest(), before);
}

#[test]
fn a_plan_tells_who_would_give_what_to_whom_and_changes_nothing() {
    let mut sim = six_nodes();
    for key in 0..20 {
        let put = format!(r#"{{ "put": {{ "key": "key-{key}", "value": "milk" }} }}"#);
        good(sim.command(&put));
    }
    play(&mut sim, 2_000.0);
    let (before, state) = (sim.digest(), read(sim.state()));
    let join = r#"{ "join": { "name": "G", "via": "A" } }"#;
    let plan = read(sim.plan(join));
    assert_eq!(plan["digest"].as_str().map(str::len), Some(16));
    let moves = list(&plan["moves"]);
    assert!(moves.iter().any(|planned| planned["to"] == "G"), "{plan}");
    for total in ["keys", "bytes"] {
        let sum: f64 = moves.iter().filter_map(|planned| planned[total].as_f64()).sum();
        assert!(sum > 0.0 && Some(sum) == plan[total].as_f64(), "{total}: {plan}");
    }
    let names = list(&plan["moves"]).iter().flat_map(|planned| [&planned["from"], &planned["to"]]);
    let names: Vec<&str> = names.filter_map(Value::as_str).collect();
    assert_eq!(names.len(), 2 * moves.len());
    assert!(names.iter().all(|name| "ABCDEFG".contains(name)), "{plan}");
    assert_eq!((sim.digest(), read(sim.state())), (before, state));
    assert_eq!(read(sim.plan(join)), plan, "the same while the view is");

    good(sim.command(join));
    play(&mut sim, 20_000.0);
    let counters = &read(sim.state())["counters"];
    assert_eq!(counters["homes_passed"].as_f64(), Some(moves.len() as f64));
    assert_ne!(read(sim.plan(r#"{ "leave": { "node": "G" } }"#))["digest"], plan["digest"]);
}

#[test]
fn only_a_join_or_a_leave_can_be_planned() {
    let mut sim = six_nodes();
    assert!(bad(sim.plan(PUT)).contains("join or leave"));
    assert!(bad(sim.plan(r#"{ "leave": { "node": "Z" } }"#)).contains('Z'));
    assert!(!bad(sim.plan("{")).is_empty());
    play(&mut sim, 100.0);
}

#[test]
fn what_was_commanded_stands_in_the_scenario_and_replays_from_it() {
    let mut one = six_nodes();
    play(&mut one, 1_234.0);
    good(one.command(PUT));
    play(&mut one, 5_000.0);
    let mut other = sim(&one.scenario());
    play(&mut other, 5_000.0);
    assert_eq!(other.digest(), one.digest());
}

#[test]
fn the_ring_names_its_nodes_and_every_partition_has_an_owner() {
    let ring = read(six_nodes().ring());
    let names: Vec<&str> = list(&ring["nodes"]).iter().filter_map(|n| n["name"].as_str()).collect();
    assert_eq!(names, ["A", "B", "C", "D", "E", "F"]);
    assert_eq!(Some(list(&ring["owners"]).len() as u64), ring["partitions"].as_u64());
    assert_eq!(ring["seed"], "mallard-42");
}

#[test]
fn a_key_has_n_places_and_whoever_took_the_put_holds_it() {
    let mut sim = six_nodes();
    good(sim.command(PUT));
    play(&mut sim, 2_000.0);
    let key = read(sim.key("cart:ann"));
    let places = list(&key["walk"]).iter().filter(|step| step.get("place").is_some());
    assert_eq!(places.count(), 3);
    let holders = list(&key["holders"]).iter();
    assert_eq!(holders.filter(|holder| !list(&holder["versions"]).is_empty()).count(), 3);
}

#[test]
fn a_node_tells_its_state_and_one_that_is_not_there_is_refused() {
    let mut sim = six_nodes();
    good(sim.command(r#"{ "crash": { "node": "B" } }"#));
    let node = read(sim.node(1));
    assert_eq!((&node["name"], &node["index"]), (&Value::from("B"), &Value::from(1)));
    assert_ne!(node["state"], read(sim.node(0))["state"]);
    assert_eq!(bad(sim.node(6)), "node: found 6, allowed 0 to 5");
}

#[test]
fn operations_come_newest_first_and_an_unknown_one_is_refused() {
    let mut sim = six_nodes();
    good(sim.command(PUT));
    good(sim.command(r#"{ "get": { "key": "cart:ann" } }"#));
    let ops = read(sim.ops());
    assert_eq!((&list(&ops)[0], list(&ops).len()), (&read(sim.op("g1")), 2));
    assert_eq!(bad(sim.op("g7")), r#"no operation is called "g7""#);
}

#[test]
fn the_state_is_the_report_that_the_command_line_prints() {
    let mut sim = six_nodes();
    good(sim.command(PUT));
    play(&mut sim, 3_000.0);
    let state = read(sim.state());
    assert_eq!(state["digest"], sim.digest().as_str());
    assert_eq!(state["ops"]["p1"]["outcome"], "ok");
}

#[test]
fn a_glance_is_the_state_without_whom_each_node_knows_and_suspects() {
    let mut sim = six_nodes();
    good(sim.command(PUT));
    play(&mut sim, 3_000.0);
    let (mut state, glance) = (read(sim.state()), read(sim.glance()));
    let nodes = state["nodes"].as_object_mut().expect("nodes by name");
    for (name, node) in nodes.iter_mut() {
        let fields = node.as_object_mut().expect("a node is an object");
        assert!(fields.remove("members").is_some(), "{name} knows somebody");
        assert!(fields.remove("suspects").is_some(), "{name} may suspect somebody");
    }
    assert_eq!(state, glance);
}

#[test]
fn beliefs_are_told_of_nodes_that_somebody_is_wrong_about() {
    let mut sim = six_nodes();
    assert_eq!(list(&read(sim.beliefs())).len(), 0);
    good(sim.command(r#"{ "crash": { "node": "B" } }"#));
    let beliefs = read(sim.beliefs());
    let [about] = list(&beliefs).as_slice() else { panic!("{beliefs}") };
    assert_eq!((&about["about"], list(&about["by"]).len()), (&Value::from(1), 5));
    assert_eq!((&about["others"], &about["wrong"]), (&Value::from(5), &Value::from(5)));
}

#[test]
fn events_are_told_from_an_id_on_and_no_more_than_asked_for() {
    let mut sim = six_nodes();
    play(&mut sim, 5_000.0);
    let all = read(sim.events(0.0, 1_000));
    let some = read(sim.events(3.0, 2));
    assert_eq!(list(&some), &list(&all)[3..5]);
}

#[track_caller]
fn list(value: &Value) -> &Vec<Value> {
    value.as_array().expect("a list")
}
