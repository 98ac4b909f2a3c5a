//! Every refusal names the path, what was found and what is allowed. One row each.
#![cfg(not(target_arch = "wasm32"))]

#[path = "bad_input/load.rs"]
mod load;
#[path = "bad_input/script.rs"]
mod script;

use dynamo_playground::sim::scenario::{BadInput, Scenario};
use script::{actions, faults, operations, predicates, questions};

/// A scenario with this config and this script, else like any other.
fn scenario(config: &str, script: &str) -> String {
    format!(
        r#"{{ "version": 1, "title": "t", "seed": "s", "config": {{ {config} }},
             "script": [ {script} ], "until_ms": 1000 }}"#
    )
}

/// One row: the input, the path it is refused at, and what the refusal says of found and allowed.
struct Row(String, &'static str, &'static str, &'static str);

fn whole(text: &str, path: &'static str, found: &'static str, allowed: &'static str) -> Row {
    Row(text.into(), path, found, allowed)
}

fn config(config: &str, path: &'static str, found: &'static str, allowed: &'static str) -> Row {
    Row(scenario(config, ""), path, found, allowed)
}

fn entry(entry: &str, path: &'static str, found: &'static str, allowed: &'static str) -> Row {
    Row(scenario(r#""nodes": 6"#, entry), path, found, allowed)
}

fn expect(predicate: &str, path: &'static str, found: &'static str, allowed: &'static str) -> Row {
    let script = format!(
        r#"{{ "at_ms": 1, "get": {{ "as": "g1", "key": "k" }} }},
           {{ "at_ms": 2, "expect": {predicate} }}"#
    );
    Row(scenario(r#""nodes": 3"#, &script), path, found, allowed)
}

fn refusal(text: &str) -> BadInput {
    match Scenario::parse(text) {
        Err(refusal) => refusal,
        Ok(_) => panic!("accepted: {text}"),
    }
}

fn assert_refused(rows: Vec<Row>) -> usize {
    let mut wrong = Vec::new();
    for Row(text, path, found, allowed) in &rows {
        let refused = refusal(text);
        let is_right = refused.path == *path
            && refused.found.contains(found)
            && refused.allowed.contains(allowed);
        if !is_right {
            wrong.push(format!("wanted {path}: {found}: {allowed}\n   got {refused}\n"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    rows.len()
}

fn shapes() -> Vec<Row> {
    vec![
        whole("", "line 1, column 0", "the end of the JSON", "one JSON object"),
        whole("{", "line 1, column 1", "the end of the JSON", "one JSON object"),
        whole("{\n  \"version\": 1,\n}", "line 3, column 1", "trailing comma", "JSON"),
        whole("[]", "", "a list", "an object with version"),
        whole("7", "", "7", "an object with version"),
        whole("null", "", "null", "an object with version"),
        whole(r#"{ "until_ms": 1 }"#, "version", "nothing", "1"),
        whole(r#"{ "version": 1 }"#, "until_ms", "nothing", "0 to 36000000"),
        whole(r#"{ "version": 2, "until_ms": 1 }"#, "version", "2", "1"),
        whole(r#"{ "version": "1", "until_ms": 1 }"#, "version", "\"1\"", "1"),
        whole(r#"{ "version": 1, "until_ms": -1 }"#, "until_ms", "-1", "0 to 36000000"),
        whole(r#"{ "version": 1, "until_ms": 4e7 }"#, "until_ms", "40000000", "0 to 36000000"),
        whole(r#"{ "version": 1, "until_ms": "1" }"#, "until_ms", "\"1\"", "a number"),
        whole(r#"{ "version": 1, "until_ms": 1, "sed": 1 }"#, "sed", "unknown field", "seed"),
        whole(r#"{ "version": 1, "until_ms": 1, "until_ms": 2 }"#, "until_ms", "twice", "once"),
        whole(r#"{ "version": 1, "until_ms": 1, "seed": -1 }"#, "seed", "-1", "whole number"),
        whole(r#"{ "version": 1, "until_ms": 1, "seed": 1.5 }"#, "seed", "1.5", "whole number"),
        whole(
            r#"{ "version": 1, "until_ms": 1, "seed": 9007199254740992 }"#,
            "seed",
            "9007199254740992",
            "0 to 9007199254740991",
        ),
        whole(r#"{ "version": 1, "until_ms": 1, "seed": [] }"#, "seed", "a list", "text"),
        whole(r#"{ "version": 1, "until_ms": 1, "title": 5 }"#, "title", "5", "text"),
        whole(r#"{ "version": 1, "until_ms": 1, "note": [] }"#, "note", "list", "text"),
        whole(r#"{ "version": 1, "until_ms": 1, "config": [] }"#, "config", "a list", "an object"),
        whole(r#"{ "version": 1, "until_ms": 1, "script": {} }"#, "script", "an object", "a list"),
        whole(
            r#"{ "version": 1, "until_ms": 1 } x"#,
            "line 1, column 33",
            "more after the end",
            "JSON",
        ),
        whole(r#"{ "version": 1, "until_ms": 1e999 }"#, "line 1, column 33", "range", "JSON"),
    ]
}

fn rings() -> Vec<Row> {
    let part = "config.partitioning";
    vec![
        config(r#""nodes": 0"#, "config.nodes", "0", "1 to 10000"),
        config(r#""nodes": 10001"#, "config.nodes", "10001", "1 to 10000"),
        config(r#""nodes": 2.5"#, "config.nodes", "2.5", "a whole number"),
        config(r#""nodes": []"#, "config.nodes", "a list of 0", "1 to 10000"),
        config(r#""nodes": "six""#, "config.nodes", "\"six\"", "a whole number"),
        config(r#""nodes": [{}]"#, "config.nodes[0].name", "nothing", "a name"),
        config(r#""nodes": ["A"]"#, "config.nodes[0]", "\"A\"", "an object with name"),
        config(r#""nodes": [{"name": ""}]"#, "config.nodes[0].name", "0 bytes", "1 to 64"),
        config(
            r#""nodes": [{"name": "A"}, {"name": "A"}]"#,
            "config.nodes[1].name",
            "\"A\"",
            "a name of its own",
        ),
        config(r#""nodes": [{"name": "A~2"}]"#, "config.nodes[0].name", "A~2", "without ~"),
        config(
            r#""nodes": [{"name": "A", "weight": 0}]"#,
            "config.nodes[0].weight",
            "0",
            "0.01 to 10000",
        ),
        config(
            r#""nodes": [{"name": "A", "member": "no"}]"#,
            "config.nodes[0].member",
            "\"no\"",
            "true or false",
        ),
        config(r#""nodes": [{"name": "A", "zone": 7}]"#, "config.nodes[0].zone", "7", "text"),
        config(r#""n": 0"#, "config.n", "0", "1 to 16"),
        config(r#""n": 17"#, "config.n", "17", "1 to 16"),
        config(r#""nodes": 2, "n": 3"#, "config.n", "3", "the number of nodes, 2"),
        config(r#""n": 3, "r": 4"#, "config.r", "4", "1 to 3 (N is 3)"),
        config(r#""n": 3, "w": 4"#, "config.w", "4", "1 to 3 (N is 3)"),
        config(r#""w": 1.5"#, "config.w", "1.5", "a whole number"),
        config(r#""partitioning": 64"#, part, "64", "an object with strategy"),
        config(r#""partitioning": {}"#, "config.partitioning.strategy", "nothing", "3"),
        config(r#""partitioning": {"strategy": 4}"#, "config.partitioning.strategy", "4", "1 to 3"),
        config(
            r#""partitioning": {"strategy": 1, "partitions": 64}"#,
            "config.partitioning.partitions",
            "64",
            "none: strategy 1 has one for each token",
        ),
        config(
            r#""partitioning": {"strategy": 2, "tokens_per_node": 0}"#,
            "config.partitioning.tokens_per_node",
            "0",
            "1 to 4096",
        ),
        config(
            r#""partitioning": {"strategy": 1, "tokens_per_node": 4097}"#,
            "config.partitioning.tokens_per_node",
            "4097",
            "1 to 4096",
        ),
        config(
            r#""partitioning": {"strategy": 2, "tokens_per_node": 8, "partitions": 4097}"#,
            "config.partitioning.partitions",
            "4097",
            "1 to 4096",
        ),
        config(
            r#""nodes": [{"name": "A", "weight": 9000}, {"name": "B"}], "n": 2,
               "partitioning": {"strategy": 2, "tokens_per_node": 8}"#,
            "config.partitioning.tokens_per_node",
            "72008 in all",
            "up to 65536 tokens in all",
        ),
        // As many as there may be, and one node more.
        Row(
            scenario(
                r#""nodes": 16, "partitioning": {"strategy": 1, "tokens_per_node": 4096}"#,
                r#"{ "at_ms": 5, "join": {"name": "X"} }"#,
            ),
            "config.partitioning.tokens_per_node",
            "69632 in all",
            "up to 65536 tokens in all",
        ),
        config(
            r#""nodes": 40, "partitioning": {"strategy": 1, "tokens_per_node": 4096}"#,
            "config.partitioning.tokens_per_node",
            "163840 in all",
            "up to 65536 tokens in all",
        ),
        config(
            r#""partitioning": {"strategy": 3, "tokens_per_node": 8}"#,
            "config.partitioning.tokens_per_node",
            "8",
            "none: strategy 3 deals its tokens",
        ),
        config(
            r#""partitioning": {"strategy": 3, "partitions": 0}"#,
            "config.partitioning.partitions",
            "0",
            "1 to 4096",
        ),
    ]
}

fn settings() -> Vec<Row> {
    vec![
        config(
            r#""partitioning": {"strategy": 3, "partitions": 4097}"#,
            "config.partitioning.partitions",
            "4097",
            "1 to 4096",
        ),
        config(
            r#""partitioning": {"strategy": 3, "partitions": 2}"#,
            "config.partitioning.partitions",
            "2, owned by 2 nodes",
            "(N is 3)",
        ),
        config(
            r#""quorum": "weak""#,
            "config.quorum",
            "\"weak\"",
            "\"sloppy\", \"strict\" or \"primaries\"",
        ),
        config(r#""versioning": "dvv""#, "config.versioning", "\"dvv\"", "\"last-write-wins\""),
        config(r#""clock_entries_max": 0"#, "config.clock_entries_max", "0", "1 to 256"),
        config(r#""clock_entries_max": 257"#, "config.clock_entries_max", "257", "1 to 256"),
        config(r#""versioning": 1"#, "config.versioning", "1", "\"vector-clock\""),
        config(
            r#""coordination": "both""#,
            "config.coordination",
            "both",
            "\"server\" or \"client\"",
        ),
        config(r#""client_poll_ms": 0"#, "config.client_poll_ms", "0", "1 to 3600000"),
        config(
            r#""failure_detection": "phi""#,
            "config.failure_detection",
            "\"phi\"",
            "\"gossip\" or \"local\"",
        ),
        config(r#""read_repair": "yes""#, "config.read_repair", "\"yes\"", "true or false"),
        config(r#""hinted_handoff": 1"#, "config.hinted_handoff", "1", "true or false"),
        config(r#""anti_entropy": 1"#, "config.anti_entropy", "1", "true or false"),
        config(
            r#""anti_entropy_interval_ms": 0"#,
            "config.anti_entropy_interval_ms",
            "0",
            "1 to 3600000",
        ),
        config(
            r#""anti_entropy_interval_ms": 3600001"#,
            "config.anti_entropy_interval_ms",
            "3600001",
            "1 to 3600000",
        ),
        config(r#""service_ms": -0.5"#, "config.service_ms", "-0.5", "0 to 10000"),
        config(r#""queue_max": 0"#, "config.queue_max", "0", "1 to 1000000"),
        config(r#""write_buffer": -1"#, "config.write_buffer", "-1", "0 to 100000"),
        config(r#""write_buffer": 100001"#, "config.write_buffer", "100001", "0 to 100000"),
        config(r#""write_buffer_flush_ms": 0"#, "config.write_buffer_flush_ms", "0", "from 1"),
        config(r#""durable_replica": 1"#, "config.durable_replica", "1", "true or false"),
        config(r#""admission_control": "on""#, "config.admission_control", "on", "true or false"),
        config(r#""admission_p99_ms": 0"#, "config.admission_p99_ms", "0", "1 to 3600000"),
        config(r#""gossip_ms": 1"#, "config.gossip_ms", "unknown field", "gossip_interval_ms"),
        config(r#""gossip_interval_ms": 0"#, "config.gossip_interval_ms", "0", "1 to 3600000"),
        config(r#""suspect_after_ms": 4e6"#, "config.suspect_after_ms", "4000000", "1 to 3600000"),
        config(r#""suspect_phi": 0"#, "config.suspect_phi", "0", "a number from 0.1 to 100"),
        config(r#""replica_timeout_ms": null, "r": 9"#, "config.r", "9", "1 to 3"),
        config(r#""disk_latency_ms": 1"#, "config.disk_latency_ms", "1", "[low, high]"),
        config(r#""disk_latency_ms": [1]"#, "config.disk_latency_ms", "a list of 1", "[low, high]"),
        config(r#""disk_latency_ms": [2, 1]"#, "config.disk_latency_ms", "[2, 1]", "low"),
        config(r#""disk_latency_ms": [-1, 1]"#, "config.disk_latency_ms[0]", "-1", "from 0"),
        config(r#""network": {"loss": 1.1}"#, "config.network.loss", "1.1", "0 to 1"),
        config(r#""network": {"duplicate": -0.1}"#, "config.network.duplicate", "-0.1", "0 to 1"),
        config(r#""network": {"corrupt": 1.1}"#, "config.network.corrupt", "1.1", "0 to 1"),
        config(r#""network": {"jitter": 1}"#, "config.network.jitter", "jitter", "latency_ms"),
        config(
            r#""network": {"latency_ms": [1, "2"]}"#,
            "config.network.latency_ms[1]",
            "\"2\"",
            "a number",
        ),
    ]
}

#[test]
fn every_bad_value_is_refused_with_path_found_and_allowed() {
    let rows = [
        shapes(),
        rings(),
        settings(),
        actions(),
        load::workloads(),
        operations(),
        faults(),
        predicates(),
        questions(),
    ]
    .map(assert_refused);
    assert!(rows.iter().sum::<usize>() >= 60, "{rows:?} rows");
}

#[test]
fn what_is_too_large_is_refused_with_its_size_and_the_limit() {
    let put = |key: &str, value: &str| {
        let put = format!(r#"{{ "at_ms": 1, "put": {{ "key": "{key}", "value": "{value}" }} }}"#);
        scenario("", &put)
    };
    let refused = refusal(&put(&"k".repeat(1025), "v"));
    assert_eq!(
        (refused.path.as_str(), refused.found.as_str()),
        ("script[0].put.key", "text of 1025 bytes")
    );
    let refused = refusal(&put("k", &"v".repeat((1 << 20) + 1)));
    assert_eq!(refused.path, "script[0].put.value");
    assert!(refused.found.contains("1048577") && refused.allowed.contains("1048576"), "{refused}");
    assert!(Scenario::parse(&put(&"k".repeat(1024), &"v".repeat(1 << 20))).is_ok());
    let heals = vec![r#"{ "at_ms": 1, "heal": {} }"#; 100_001].join(",");
    let refused = refusal(&scenario("", &heals));
    assert_eq!((refused.path.as_str(), refused.found.as_str()), ("script", "a list of 100001"));
}

#[test]
fn a_place_that_no_key_has_is_refused_with_the_nearest_lists() {
    let entry = r#"{ "at_ms": 1, "put": { "key_for": ["A", "B", "C", "D"], "value": "v" } }"#;
    let config = r#""nodes": 40, "n": 4, "partitioning": { "strategy": 3, "partitions": 64 }"#;
    let refused = refusal(&scenario(config, entry));
    assert_eq!(refused.path, "script[0].put.key_for");
    assert!(refused.allowed.contains("the nearest are ["), "{refused}");
}

#[test]
fn a_very_deep_predicate_is_refused_and_not_a_crash() {
    let deep = format!("{}{}{}", r#"{"not":"#.repeat(5_000), "{}", "}".repeat(5_000));
    let refused = refusal(&scenario("", &format!(r#"{{ "at_ms": 1, "expect": {deep} }}"#)));
    assert!(refused.found.contains("recursion limit"), "{refused}");
}
