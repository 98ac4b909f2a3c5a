//! §4.1, the system interface.

use dynamo_playground::base::blob::Position;
use dynamo_playground::sim::op::{OpRecord, Outcome};
use dynamo_playground::sim::scenario::Scenario;
use dynamo_playground::sim::world::World;
use serde_json::{Value, json};

use crate::world::{assert_well, played};

fn ring(script: &[Value]) -> Value {
    json!({ "version": 1, "seed": 7, "until_ms": 30_000, "script": script })
}

fn op<'w>(world: &'w World, name: &str) -> &'w OpRecord {
    world.op(name).expect("the script has this operation")
}

#[test]
fn md5_of_the_key_is_its_128_bit_place_on_the_ring() {
    // RFC 1321, A.5.
    for (key, position) in [
        ("", 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e),
        ("abc", 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72),
        ("message digest", 0xf96b_697d_7cb7_938d_525a_2f31_aaf1_61d0),
    ] {
        assert_eq!(Position::of(key.as_bytes()), Position(position), "{key:?}");
    }
}

#[test]
fn a_get_gives_one_object_or_several_that_conflict_and_a_context() {
    let world = played(&ring(&[
        json!({ "at_ms": 100, "put": { "as": "p", "key": "k", "value": "milk", "via": "A" } }),
        json!({ "at_ms": 500, "get": { "as": "one", "key": "k" } }),
        json!({ "at_ms": 1_000, "cut": { "from": ["A", "B", "C"], "to": ["D", "E", "F"] } }),
        json!({ "at_ms": 15_000, "put": { "as": "left", "key": "k", "value": "milk, tea",
            "context": "one", "via": "A" } }),
        json!({ "at_ms": 15_000, "put": { "as": "right", "key": "k", "value": "milk, jam",
            "context": "one", "via": "F" } }),
        json!({ "at_ms": 16_000, "heal": {} }),
        json!({ "at_ms": 27_000, "get": { "as": "two", "key": "k", "r": 3 } }),
        json!({ "at_ms": 28_000, "put": { "as": "settled", "key": "k", "value": "milk, tea, jam",
            "context": "two" } }),
        json!({ "at_ms": 29_000, "get": { "as": "again", "key": "k", "r": 3 } }),
        json!({ "at_ms": 30_000, "expect": { "all": [
            { "siblings": { "op": "one", "count": 1 } },
            { "siblings": { "op": "two", "count": 2 } },
            { "siblings": { "op": "again", "count": 1 } },
            { "value": { "op": "again", "equals": "milk, tea, jam" } } ] } }),
    ]));
    assert_well(&world, "get");
}

#[test]
fn keys_and_objects_are_bytes_and_metadata_comes_back_with_them() {
    let bytes = json!({ "base64": "AP+A" });
    let world = played(&ring(&[
        json!({ "at_ms": 100, "put": { "as": "p", "key": "ключ/😀", "value": bytes,
            "metadata": { "Content-Type": "image/png", "by": "ann" } } }),
        json!({ "at_ms": 500, "get": { "as": "g", "key": "ключ/😀" } }),
    ]));
    let content = &op(&world, "g").versions[0].content;
    assert_eq!(*content.value, [0, 255, 128]);
    let metadata: Vec<(&str, &str)> =
        content.metadata.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert_eq!(metadata, [("Content-Type", "image/png"), ("by", "ann")]);
}

#[test]
fn the_system_checks_that_a_context_is_one_it_gave_for_this_key() {
    let script = ring(&[
        json!({ "at_ms": 100, "get": { "as": "of another", "key": "other" } }),
        json!({ "at_ms": 500, "put": { "key": "k", "value": "v", "context": "of another" } }),
    ]);
    let refused = Scenario::parse(&script.to_string()).expect_err("it is of another key");
    assert!(refused.to_string().contains("script[1].put.context"), "{refused}");

    // Nobody is left to answer the get, so there is no context to hand back.
    let mut script: Vec<Value> = ["A", "B", "C", "D", "E"]
        .iter()
        .map(|node| json!({ "at_ms": 50, "crash": { "node": node } }))
        .collect();
    script.extend([
        json!({ "at_ms": 100, "get": { "as": "g", "key": "k", "via": "F" } }),
        json!({ "at_ms": 5_000, "heal": {} }),
        json!({ "at_ms": 20_000, "put": { "as": "p", "key": "k", "value": "v", "context": "g" } }),
    ]);
    let world = played(&ring(&script));
    assert!(matches!(op(&world, "p").outcome, Outcome::Refused(_)), "refused, and definitely");
}

#[test]
fn a_put_without_a_context_covers_nothing_its_client_did_not_see() {
    let world = played(&ring(&[
        json!({ "at_ms": 100, "put": { "key_for": ["A", "B"], "value": "by A", "via": "A" } }),
        json!({ "at_ms": 900, "put": { "key_for": ["A", "B"], "value": "by B", "via": "B" } }),
        json!({ "at_ms": 2_000, "get": { "as": "g", "key_for": ["A", "B"], "r": 3 } }),
        json!({ "at_ms": 3_000, "expect": { "siblings": { "op": "g", "count": 2 } } }),
    ]));
    assert_well(&world, "blind puts");
}
