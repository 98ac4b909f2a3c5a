//! The command line as a person and a program meet it: output, exit status, standard error.
#![cfg(not(target_arch = "wasm32"))]

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dynamo-playground"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the binary runs")
}

/// Gives a scenario on standard input.
fn run_text(text: &str, arguments: &[&str]) -> Output {
    let mut child = command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("it is piped").write_all(text.as_bytes()).expect("it is read");
    child.wait_with_output().expect("it ends")
}

fn out(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).expect("text")
}

fn err(output: &Output) -> &str {
    std::str::from_utf8(&output.stderr).expect("text")
}

fn json(output: &Output) -> Value {
    serde_json::from_str(out(output)).expect("one JSON object and nothing else")
}

fn fields(value: &Value) -> Vec<&str> {
    value.as_object().expect("an object").keys().map(String::as_str).collect()
}

const STORY: &str = "tests/scenarios/story.json";

#[test]
fn json_has_the_fields_of_the_design_in_their_order() {
    let output = run(&["run", STORY, "--json"]);
    assert_eq!((output.status.code(), err(&output)), (Some(0), ""));
    let result = json(&output);
    let top = ["digest", "now_ms", "events", "ops", "nodes", "counters", "invariants", "expects"];
    assert_eq!(fields(&result), top);
    let digest = result["digest"].as_str().expect("text");
    assert!(digest.len() == 16 && digest.chars().all(|c| c.is_ascii_hexdigit()), "{digest}");
    assert_eq!(result["now_ms"], 60000);
    let put = ["outcome", "key", "coordinator", "started_ms", "latency_ms", "versions", "replicas"];
    assert_eq!(fields(&result["ops"]["p1"]), put);
    assert_eq!(result["ops"]["p1"]["started_ms"], 1000.0);
    assert_eq!(fields(&result["ops"]["p1"]["versions"][0]), ["value", "clock"]);
    let node = ["state", "keys", "hints", "members", "suspects", "partitions", "merkle_root"];
    assert_eq!(fields(&result["nodes"]["A"]), node);
    assert_eq!(fields(&result["nodes"]), ["A", "B", "C", "D", "E", "F"]);
    let settled = &result["nodes"]["A"]["keys"]["cart:ann"];
    assert_eq!(settled[0]["value"], "milk,eggs,jam,tea");
    let tokens = |node: &Value| node["partitions"].as_u64().expect("a number");
    let total: u64 = result["nodes"].as_object().expect("nodes").values().map(tokens).sum();
    assert_eq!(total, 64);
    let invariant = fields(&result["invariants"][0]);
    assert_eq!(invariant[..4], ["name", "class", "paper", "ok"]);
    assert_eq!(fields(&result["expects"][0]), ["at_ms", "ok", "why"]);
    assert_eq!(result["counters"]["hints_stored"], result["counters"]["hints_delivered"]);
}

#[test]
fn two_runs_print_the_same_bytes_and_another_seed_prints_others() {
    let text = std::fs::read_to_string(STORY).expect("the story");
    let first = run_text(&text, &["run", "-", "--json"]);
    assert_eq!(first.stdout, run(&["run", STORY, "--json"]).stdout);
    let paranoid = run(&["run", STORY, "--json", "--paranoid"]);
    assert_eq!(first.stdout, paranoid.stdout, "the wire changes nothing");
    let other = run_text(&text.replace("mallard-42", "mallard-43"), &["run", "-", "--json"]);
    assert_ne!(json(&first)["digest"], json(&other)["digest"]);
}

/// A ring of three in which an operation has been refused, and bytes that are no text were stored.
const ODD: &str = r#"{ "version": 1, "seed": 1, "config": { "nodes": 3 }, "script": [
    { "at_ms": 1, "put": { "as": "p1", "key": "k", "value": { "base64": "/wA=" }, "via": "A",
                           "metadata": { "type": "bytes" } } },
    { "at_ms": 50, "crash": { "node": "B" } },
    { "at_ms": 60, "get": { "as": "g1", "key": "k", "via": "B" } },
    { "at_ms": 999, "get": { "as": "g2", "key": "k", "via": "A" } } ], "until_ms": 999 }"#;

#[test]
fn refusals_open_answers_bytes_and_metadata_are_shown_for_what_they_are() {
    let output = run_text(ODD, &["run", "-", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let result = json(&output);
    let refused = &result["ops"]["g1"];
    assert_eq!((&refused["outcome"], &refused["definite"]), (&"refused".into(), &true.into()));
    assert!(refused["error"].as_str().expect("text").contains("node B"), "{refused}");
    assert_eq!(result["ops"]["g2"]["outcome"], "pending");
    let version = serde_json::json!({
        "value": { "base64": "/wA=" }, "clock": { "A": 1 }, "metadata": { "type": "bytes" }
    });
    assert_eq!(result["ops"]["p1"]["versions"], serde_json::json!([version]));
    let crashed = &result["nodes"]["B"];
    assert_eq!(crashed["state"], "crashed");
    assert_eq!(crashed["keys"]["k"], serde_json::json!([version]), "its disk is reported");
}

#[test]
fn a_failed_expect_exits_1_and_says_which_when_and_why() {
    let text = r#"{ "version": 1, "config": { "nodes": 3 }, "until_ms": 100, "script": [
        { "at_ms": 90, "expect": { "hints": { "count": 7 } } },
        { "at_ms": 80, "expect": { "hints": { "count": 0 } } } ] }"#;
    let output = run_text(text, &["run", "-", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let expects = json(&output)["expects"].clone();
    assert_eq!((&expects[0]["ok"], &expects[1]["ok"]), (&true.into(), &false.into()));
    let said = err(&output);
    for part in ["script[0].expect", "90 ms", "event", "0 hints, wanted 7"] {
        assert!(said.contains(part), "{part:?} is missing: {said}");
    }
    assert_eq!(said.lines().count(), 1, "only what failed is named: {said}");
}

#[test]
fn the_event_that_broke_an_expectation_is_found() {
    let text = r#"{ "version": 1, "config": { "nodes": 3 }, "until_ms": 3000, "script": [
        { "at_ms": 100, "put": { "key": "k", "value": "v", "via": "A" } },
        { "at_ms": 2000.5, "crash": { "node": "B" } },
        { "at_ms": 3000, "expect": { "replicas": { "key": "k", "on": ["A", "B", "C"] } } },
        { "at_ms": 3000, "expect": { "replicas": { "key": "k", "on": [] } } },
        { "at_ms": 3000, "expect": { "hints": { "count": 1 } } } ] }"#;
    let output = run_text(text, &["run", "-"]);
    assert_eq!(output.status.code(), Some(1));
    let said: Vec<&str> = err(&output).lines().collect();
    assert!(said[0].contains("it held until event ") && said[0].ends_with("at 2000.5 ms broke it"));
    assert!(said[1].contains("it held until event ") && said[1].contains("at 10"), "{}", said[1]);
    assert!(said[2].ends_with("it never held before"), "{}", said[2]);
}

#[test]
fn bad_input_exits_2_with_path_found_and_allowed_and_nothing_on_standard_output() {
    let rows = [
        (r#"{ "version": 9, "until_ms": 1 }"#, "version: found 9, allowed 1\n"),
        ("{ nonsense", "line 1, column 3: found a mistake in the JSON: key must be a string"),
    ];
    for (text, said) in rows {
        let output = run_text(text, &["run", "-", "--json"]);
        assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
        assert!(err(&output).starts_with(said), "{}", err(&output));
    }
    let missing = run(&["run", "no-such-file.json"]);
    assert_eq!((missing.status.code(), out(&missing)), (Some(2), ""));
    assert!(err(&missing).starts_with("no-such-file.json: found "), "{}", err(&missing));
}

#[test]
fn bytes_that_are_no_text_are_bad_input_with_their_place() {
    let mut child = command(&["run", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("it is piped").write_all(b"{ \xff }").expect("it is read");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("a byte at 2 that is no UTF-8"), "{}", err(&output));
}

#[test]
fn a_byte_order_mark_before_a_scenario_is_passed_over() {
    let story = std::fs::read_to_string(STORY).expect("it is there");
    let plain = run_text(&story, &["run", "-", "--json"]);
    let marked = run_text(&format!("\u{feff}{story}"), &["run", "-", "--json"]);
    assert_eq!((marked.status.code(), err(&marked)), (Some(0), ""));
    assert_eq!(out(&marked), out(&plain));
}

#[test]
fn for_people_it_prints_what_happened_in_words() {
    let output = run(&["run", STORY]);
    assert_eq!((output.status.code(), err(&output)), (Some(0), ""));
    let text = out(&output);
    for part in [
        "The story: a node dies",
        "N=3 R=2 W=2",
        "put \"cart:ann\": ok by",
        "F (for C)",
        "\"milk,eggs,tea\" | \"milk,eggs,jam\"",
        "acknowledged-writes-survive (always, §2.3)",
        "7 of 7 expectations hold",
    ] {
        assert!(text.contains(part), "{part:?} is missing:\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 400));
}

#[test]
fn help_names_the_verb_the_file_and_the_exit_statuses() {
    let top = run(&["--help"]);
    assert_eq!(top.status.code(), Some(0));
    assert!(out(&top).contains("run") && out(&top).contains("Play a scenario"), "{}", out(&top));
    let verb = run(&["run", "--help"]);
    for part in ["FILE.json", "--json", "Exit status", "standard input"] {
        assert!(out(&verb).contains(part), "{part:?} is missing:\n{}", out(&verb));
    }
    assert_eq!(run(&["walk"]).status.code(), Some(2));
}

#[test]
fn figure_8_is_made_anew_as_a_table_and_as_json() {
    let text = run(&["experiment", "partitioning", "--rings", "2"]);
    assert_eq!(text.status.code(), Some(0));
    assert!(out(&text).contains("metadata  strategy 1  strategy 2  strategy 3"), "{}", out(&text));
    let json = run(&["experiment", "partitioning", "--rings", "2", "--json"]);
    let json: serde_json::Value = serde_json::from_str(out(&json)).expect("it is JSON");
    let points = json["points"].as_array().expect("it is a list");
    assert_eq!((points.len(), points[9]["metadata"].as_u64()), (10, Some(30_720)));
    assert!(points.iter().all(|point| point["strategy_3"].as_f64() < Some(1.0)));
    assert_eq!(run(&["experiment", "partitioning", "--rings", "0"]).status.code(), Some(2));
}

#[test]
fn a_swarm_tells_what_it_played_and_a_seed_is_replayed_from_its_own_scenario() {
    let played = run(&["swarm", "--seeds", "1..4", "--jobs", "2", "--json"]);
    assert_eq!(played.status.code(), Some(0), "{}", err(&played));
    let summary = json(&played);
    assert_eq!((summary["runs"].as_u64(), summary["broken"].as_array()), (Some(3), Some(&vec![])));
    assert!(summary["counters"]["crashes"].as_u64() > Some(0), "{summary}");
    let scenario = run(&["replay", "2", "--scenario"]);
    let again = run_text(out(&scenario), &["run", "-"]);
    assert_eq!(again.status.code(), Some(0), "{}", err(&again));
    let told = run(&["replay", "2"]);
    assert_eq!(told.status.code(), Some(0), "{}", err(&told));
    assert!(out(&told).contains("All is healed."));
    for seeds in ["4..4", "5..1", "1", "a..b"] {
        let refused = run(&["swarm", "--seeds", seeds]);
        assert_eq!(refused.status.code(), Some(2), "{seeds}");
        assert!(err(&refused).contains("A..B"), "{}", err(&refused));
    }
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let mut child = command(&["run", STORY, "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), err(&output)), (Some(0), ""));
}

#[test]
fn the_bench_measures_real_rings_and_refuses_what_is_none() {
    let one = ["bench", "--json", "--runs", "1", "--workload", "w2", "--nodes", "5"];
    let output = run(&one);
    assert_eq!(output.status.code(), Some(0), "{}", err(&output));
    let result = json(&output);
    assert_eq!(result["w1"], serde_json::json!([]));
    let store = &result["w2"][0];
    assert_eq!((&store["nodes"], &store["violations"]), (&5.into(), &0.into()));
    for name in ["messages", "ns_per_message", "ops_per_second", "virtual_per_real"] {
        assert!(store[name].as_f64().is_some_and(|number| number > 0.0), "{name}: {store}");
    }
    let output = run(&["bench", "--workload", "w1", "--nodes", "0"]);
    assert_eq!((output.status.code(), out(&output)), (Some(2), ""));
    assert!(err(&output).contains("config.nodes: found 0, allowed"), "{}", err(&output));
}
