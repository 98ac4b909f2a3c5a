//! Bad entries of a script, and bad questions in it.

use crate::{Row, entry, expect};

pub fn actions() -> Vec<Row> {
    vec![
        entry("5", "script[0]", "5", "an object with at_ms"),
        entry("{}", "script[0]", "no action", "exactly one of put, get"),
        entry(r#"{ "at_ms": 1 }"#, "script[0]", "no action", "exactly one of put, get"),
        entry(r#"{ "at_ms": 1, "heal": {}, "restart": {"node": "A"} }"#, "script[0]", "and", "one"),
        entry(r#"{ "heal": {} }"#, "script[0].at_ms", "nothing", "0 to 1000"),
        entry(r#"{ "at_ms": 1001, "heal": {} }"#, "script[0].at_ms", "1001", "(until_ms)"),
        entry(r#"{ "at_ms": -0.5, "heal": {} }"#, "script[0].at_ms", "-0.5", "from 0"),
        entry(r#"{ "at_ms": 1, "heal": {"all": 1} }"#, "script[0].heal.all", "all", "no field"),
        entry(r#"{ "at_ms": 1, "heal": [] }"#, "script[0].heal", "a list", "{}"),
        entry(r#"{ "at_ms": 1, "kill": {} }"#, "script[0].kill", "unknown field", "put, get"),
        entry(r#"{ "at_ms": 1, "delete": {} }"#, "script[0].delete.key", "nothing", "key_for"),
        entry(
            r#"{ "at_ms": 1, "delete": {"key": "k", "value": "v"} }"#,
            "script[0].delete.value",
            "unknown field",
            "context",
        ),
        entry(r#"{ "at_ms": 1, "join": {} }"#, "script[0].join.name", "nothing", "a name"),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G~2"} }"#,
            "script[0].join.name",
            "\"G~2\"",
            "without ~",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G", "via": "Q"} }"#,
            "script[0].join.via",
            "\"Q\"",
            "A, B, C, D, E, F, G",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G", "via": "G"} }"#,
            "script[0].join.via",
            "\"G\"",
            "another node",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G", "weight": 0} }"#,
            "script[0].join.weight",
            "0",
            "from 0.01",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G", "zone": 7} }"#,
            "script[0].join.zone",
            "7",
            "text",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "G", "seed_node": 1} }"#,
            "script[0].join.seed_node",
            "1",
            "true or false",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "A", "zone": "west"} }"#,
            "script[0].join.zone",
            "one for \"A\", which was there before",
            "a new node alone",
        ),
        entry(
            r#"{ "at_ms": 1, "join": {"name": "A", "seed_node": false} }"#,
            "script[0].join.seed_node",
            "one for \"A\", which was there before",
            "a new node alone",
        ),
        entry(
            r#"{ "at_ms": 9, "join": {"name": "G", "zone": "west"} },
               { "at_ms": 5, "join": {"name": "G"} }"#,
            "script[0].join.zone",
            "one for \"G\", which was there before",
            "a new node alone",
        ),
        entry(
            r#"{ "at_ms": 5, "join": {"name": "G"} }, { "at_ms": 2, "crash": {"node": "G"} }"#,
            "script[1]",
            "G, which joins at 5 ms",
            "there by then",
        ),
        entry(
            r#"{ "at_ms": 5, "join": {"name": "G"} },
               { "at_ms": 2, "expect": {"not": {"members": {"equals": ["A", "G"]}}} }"#,
            "script[1]",
            "G, which joins at 5 ms",
            "there by then",
        ),
        entry(
            r#"{ "at_ms": 1, "leave": {"node": "Q"} }"#,
            "script[0].leave.node",
            "\"Q\"",
            "A, B, C",
        ),
        entry(r#"{ "at_ms": 1, "put": {"value": "v"} }"#, "script[0].put.key", "nothing", "key"),
        entry(r#"{ "at_ms": 1, "put": {"key": "k"} }"#, "script[0].put.value", "nothing", "text"),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "", "value": "v"} }"#,
            "script[0].put.key",
            "text of 0 bytes",
            "1 to 1024",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": 7} }"#,
            "script[0].put.value",
            "7",
            "base64",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": {"base64": "?"}} }"#,
            "script[0].put.value.base64",
            "\"?\"",
            "standard base64",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": {"hex": "00"}} }"#,
            "script[0].put.value.hex",
            "hex",
            "base64",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": "v", "via": "Q"} }"#,
            "script[0].put.via",
            "\"Q\"",
            "A, B, C, D, E, F",
        ),
    ]
}

pub fn operations() -> Vec<Row> {
    vec![
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": "v", "w": 4} }"#,
            "script[0].put.w",
            "4",
            "1 to 3",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": "v", "metadata": {"a": 1}} }"#,
            "script[0].put.metadata.a",
            "1",
            "text",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": "v", "context": "g9"} }"#,
            "script[0].put.context",
            "\"g9\"",
            "an earlier operation on \"k\"",
        ),
        entry(
            r#"{ "at_ms": 1, "put": {"key": "k", "value": "v", "context": "g1"} },
               { "at_ms": 2, "get": {"as": "g1", "key": "k"} }"#,
            "script[0].put.context",
            "does not start before",
            "an earlier",
        ),
        entry(
            r#"{ "at_ms": 1, "get": {"as": "g1", "key": "other"} },
               { "at_ms": 2, "put": {"key": "k", "value": "v", "context": "g1"} }"#,
            "script[1].put.context",
            "whose key is \"other\"",
            "an earlier operation on \"k\"",
        ),
        entry(
            r#"{ "at_ms": 1, "get": {"as": "x", "key": "k"} },
               { "at_ms": 2, "get": {"as": "x", "key": "k"} }"#,
            "script[1].get.as",
            "\"x\"",
            "a name that another",
        ),
        entry(
            r#"{ "at_ms": 1, "get": {"key": "k", "key_for": ["A"]} }"#,
            "script[0].get",
            "key and key_for",
            "one of the two",
        ),
        entry(
            r#"{ "at_ms": 1, "get": {"key_for": ["A", "Q"]} }"#,
            "script[0].get.key_for[1]",
            "\"Q\"",
            "A, B",
        ),
        entry(
            r#"{ "at_ms": 1, "get": {"key_for": ["A", "B", "C", "D"]} }"#,
            "script[0].get.key_for",
            "a list of 4",
            "N is 3",
        ),
    ]
}

pub fn faults() -> Vec<Row> {
    vec![
        entry(
            r#"{ "at_ms": 1, "get": {"key_for": []} }"#,
            "script[0].get.key_for",
            "a list of 0",
            "1 to 3",
        ),
        entry(r#"{ "at_ms": 1, "get": {"key": "k", "r": 0} }"#, "script[0].get.r", "0", "1 to 16"),
        entry(r#"{ "at_ms": 1, "crash": {} }"#, "script[0].crash.node", "nothing", "node"),
        entry(
            r#"{ "at_ms": 1, "crash": {"node": "A", "disk": "burn"} }"#,
            "script[0].crash.disk",
            "\"burn\"",
            "\"keep\", \"lose\", \"torn\" or \"old\"",
        ),
        entry(r#"{ "at_ms": 1, "disk": {"node": "A"} }"#, "script[0].disk.is", "nothing", "well"),
        entry(
            r#"{ "at_ms": 1, "disk": {"node": "A", "is": "sick"} }"#,
            "script[0].disk.is",
            "\"sick\"",
            "\"well\", \"full\", \"failing\" or \"slow\"",
        ),
        entry(r#"{ "at_ms": 1, "backup": {"node": "Q"} }"#, "script[0].backup.node", "Q", "A, B"),
        entry(r#"{ "at_ms": 1, "restart": {"node": "Q"} }"#, "script[0].restart.node", "Q", "A, B"),
        entry(r#"{ "at_ms": 1, "pause": "A" }"#, "script[0].pause", "\"A\"", "an object with node"),
        entry(
            r#"{ "at_ms": 1, "slow": {"node": "A", "factor": 0} }"#,
            "script[0].slow.factor",
            "0",
            "0.01 to 10000",
        ),
        entry(
            r#"{ "at_ms": 1, "slow": {"node": "A"} }"#,
            "script[0].slow.factor",
            "nothing",
            "0.01",
        ),
        entry(
            r#"{ "at_ms": 1, "skew": {"node": "A", "ms": 1e13} }"#,
            "script[0].skew.ms",
            "10000000000000",
            "-1000000000000",
        ),
        entry(
            r#"{ "at_ms": 1, "cut": {"from": [], "to": ["B"]} }"#,
            "script[0].cut.from",
            "an empty list",
            "one node or more",
        ),
        entry(
            r#"{ "at_ms": 1, "cut": {"from": ["A"], "to": ["B", "A"]} }"#,
            "script[0].cut.to[1]",
            "in from as well",
            "other side",
        ),
        entry(
            r#"{ "at_ms": 1, "cut": {"from": ["A"], "to": ["B"], "one_way": 1} }"#,
            "script[0].cut.one_way",
            "1",
            "true or false",
        ),
        entry(
            r#"{ "at_ms": 1, "clog": {"from": ["A"], "to": ["A"], "for_ms": 9} }"#,
            "script[0].clog.to[0]",
            "in from as well",
            "other side",
        ),
        entry(
            r#"{ "at_ms": 1, "clog": {"from": ["A"], "to": ["B"], "for_ms": 60001} }"#,
            "script[0].clog.for_ms",
            "60001",
            "1 to 60000",
        ),
        entry(r#"{ "at_ms": 1, "network": {} }"#, "script[0].network", "no change", "loss"),
        entry(r#"{ "at_ms": 1, "network": {"loss": 2} }"#, "script[0].network.loss", "2", "0 to 1"),
    ]
}

pub fn predicates() -> Vec<Row> {
    let at = "script[1].expect";
    vec![
        expect("{}", at, "no predicate", "exactly one of all"),
        expect("true", at, "true", "an object with one predicate"),
        expect(r#"{ "converged": {}, "not": {"converged": {}} }"#, at, "not and", "exactly one"),
        expect(r#"{ "quiet": {} }"#, "script[1].expect.quiet", "unknown field", "converged"),
        expect(r#"{ "all": [] }"#, "script[1].expect.all", "an empty list", "one predicate"),
        expect(
            r#"{ "any": [ {"converged": {}}, {"not": {}} ] }"#,
            "script[1].expect.any[1].not",
            "no predicate",
            "exactly one",
        ),
        expect(
            r#"{ "outcome": {"op": "p7", "is": "ok"} }"#,
            "script[1].expect.outcome.op",
            "\"p7\"",
            "g1",
        ),
        expect(
            r#"{ "outcome": {"op": "g1", "is": "fine"} }"#,
            "script[1].expect.outcome.is",
            "\"fine\"",
            "\"ok\", \"refused\" or \"timeout\"",
        ),
        expect(
            r#"{ "all": [ {"value": {"op": "g1", "equals": null}} ] }"#,
            "script[1].expect.all[0].value.equals",
            "null",
            "text",
        ),
        expect(r#"{ "siblings": {"count": 1} }"#, "script[1].expect.siblings", "neither", "one of"),
        expect(
            r#"{ "siblings": {"key": "k", "count": -1} }"#,
            "script[1].expect.siblings.count",
            "-1",
            "a whole number",
        ),
        expect(
            r#"{ "hints": {"holder": "Z", "count": 0} }"#,
            "script[1].expect.hints.holder",
            "\"Z\"",
            "A, B, C",
        ),
        expect(r#"{ "hints": {"for": "A"} }"#, "script[1].expect.hints.count", "nothing", "whole"),
        expect(
            r#"{ "replicas": {"key": "k", "on": ["A", "A"]} }"#,
            "script[1].expect.replicas.on[1]",
            "\"A\" twice",
            "each node once",
        ),
        expect(
            r#"{ "members": {"equals": ["A", "D"]} }"#,
            "script[1].expect.members.equals[1]",
            "\"D\"",
            "A, B, C",
        ),
    ]
}

pub fn questions() -> Vec<Row> {
    vec![
        expect(
            r#"{ "suspects": {"node": "A", "is": true} }"#,
            "script[1].expect.suspects.whom",
            "nothing",
            "the name of a node",
        ),
        expect(
            r#"{ "counter": {"name": "luck", "equals": 1} }"#,
            "script[1].expect.counter.name",
            "\"luck\"",
            "messages_sent",
        ),
        expect(
            r#"{ "counter": {"name": "messages_sent"} }"#,
            "script[1].expect.counter",
            "no bound",
            "at_least",
        ),
        expect(
            r#"{ "latency": {"of": "reads", "is": "p999"} }"#,
            "script[1].expect.latency",
            "no bound",
            "at_least_ms, at_most_ms",
        ),
        expect(
            r#"{ "latency": {"of": "reads", "is": "p98", "at_most_ms": 9} }"#,
            "script[1].expect.latency.is",
            "\"p98\"",
            "\"p99\" or \"p999\"",
        ),
        expect(r#"{ "invariants": {} }"#, "script[1].expect.invariants.ok", "nothing", "true"),
    ]
}
