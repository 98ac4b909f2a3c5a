//! Bad loads.

use crate::{Row, entry};

/// A load with these fields besides the three that it needs.
fn with(fields: &str, field: &'static str, found: &'static str, allowed: &'static str) -> Row {
    load(&format!(r#"{{"clients": 1, "keys": 1, "for_ms": 1, {fields}}}"#), field, found, allowed)
}

fn load(body: &str, path: &'static str, found: &'static str, allowed: &'static str) -> Row {
    entry(&format!(r#"{{ "at_ms": 1, "workload": {body} }}"#), path, found, allowed)
}

pub fn workloads() -> Vec<Row> {
    let many = |clients: u32, keys: u32| {
        format!(r#"{{"clients": {clients}, "keys": {keys}, "for_ms": 1}}"#)
    };
    let at = |body: &str| format!(r#"{{ "at_ms": 1, "workload": {body} }}"#);
    let twice = [at(&many(1_000, 600)), at(&many(1_000, 600))].join(", ");
    let crowd = vec![at(&many(1, 1)); 65].join(", ");
    vec![
        load("7", "script[0].workload", "7", "an object with clients, keys"),
        load("{}", "script[0].workload.clients", "nothing", "1 to 10000"),
        load(r#"{"clients": 0}"#, "script[0].workload.clients", "0", "1 to 10000"),
        load(r#"{"clients": 10001}"#, "script[0].workload.clients", "10001", "1 to 10000"),
        load(r#"{"clients": 1}"#, "script[0].workload.keys", "nothing", "1 to 100000"),
        load(
            r#"{"clients": 1, "keys": 100001}"#,
            "script[0].workload.keys",
            "100001",
            "1 to 100000",
        ),
        load(r#"{"clients": 1, "keys": 1}"#, "script[0].workload.for_ms", "nothing", "from 1"),
        with(r#""read_fraction": 1.1"#, "script[0].workload.read_fraction", "1.1", "0 to 1"),
        with(r#""delete_fraction": -1"#, "script[0].workload.delete_fraction", "-1", "0 to 1"),
        with(r#""ops_per_second": 0"#, "script[0].workload.ops_per_second", "0", "0.01 to 10000"),
        with(
            r#""ops_per_second": 5, "think_ms": [0, 1]"#,
            "script[0].workload.think_ms",
            "beside ops_per_second",
            "nobody waits",
        ),
        with(r#""think_ms": [2, 1]"#, "script[0].workload.think_ms", "[2, 1]", "low ≤ high"),
        with(r#""zipf": 5"#, "script[0].workload.zipf", "5", "0 to 4"),
        with(r#""value_bytes": 0"#, "script[0].workload.value_bytes", "0", "1 to 65536"),
        with(
            r#""cart": true, "value_bytes": 9"#,
            "script[0].workload.value_bytes",
            "a size",
            "its items",
        ),
        with(r#""cart": true, "read_back": true"#, "script[0].workload.read_back", "true", "false"),
        with(r#""via": "Q""#, "script[0].workload.via", "\"Q\"", "A, B, C"),
        with(r#""rate": 5"#, "script[0].workload.rate", "unknown field", "ops_per_second"),
        load(&many(10_000, 101), "script[0].workload", "1010000", "up to 1000000"),
        entry(&twice, "script[1].workload", "1200000", "of all loads together"),
        entry(&crowd, "script[64].workload", "65 loads", "up to 64"),
    ]
}
