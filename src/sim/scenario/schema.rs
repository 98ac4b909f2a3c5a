//! The JSON Schema of the format, made from the types that read it and kept beside them.
//!
//! After a change of the format: `UPDATE_SCHEMA=1 cargo test --lib schema`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::format::{
    AskedWord, CoordinationWord, DetectionWord, DiskWord, EntryForm, FigureWord, HealthWord,
    NODES_MAX, OutcomeWord, QuorumWord, SCRIPT_MAX,
};
use super::format::{FormatVersion, NodeForm, NodesForm, ScenarioForm, Script, VersioningWord};
use super::scalar::{
    Between, Bytes, Factor, Fraction, INTERVAL_MS_MAX, Metadata, Millis, Phi, SEED_BYTES_MAX,
    SEED_MAX, SKEW_MS_MAX, Seed, SignedMillis, Text, VALUE_BYTES_MAX, Whole,
};
use super::word::{Fixed, Word};

/// A type whose schema is written out here, beside the visitor that it must agree with.
macro_rules! schema {
    ($(impl[$($generics:tt)*] $name:ty, $title:literal, |$generator:pat_param| $body:expr;)+) => {$(
        impl<$($generics)*> JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                $title.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $body
            }
        }
    )+};
}

schema! {
    impl[const LO: u64, const HI: u64] Whole<LO, HI>, "Whole", |_| {
        json_schema!({ "type": "integer", "minimum": LO, "maximum": HI })
    };
    impl[const LO: u64, const HI: u64] Millis<LO, HI>, "Milliseconds", |_| {
        json_schema!({ "type": "number", "minimum": LO, "maximum": HI })
    };
    impl[const LO: usize, const HI: usize] Text<LO, HI>, "Text", |_| {
        json_schema!({ "type": "string", "minLength": LO, "maxLength": HI })
    };
    impl[] SignedMillis, "SignedMilliseconds", |_| {
        json_schema!({ "type": "number", "minimum": -SKEW_MS_MAX, "maximum": SKEW_MS_MAX })
    };
    impl[] Fraction, "Probability", |_| {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    };
    impl[] Factor, "Factor", |_| {
        json_schema!({ "type": "number", "minimum": 0.01, "maximum": 10_000 })
    };
    impl[] Phi, "Phi", |_| {
        json_schema!({ "type": "number", "minimum": 0.1, "maximum": 100 })
    };
    impl[] Between, "Between", |_| {
        let bound = json_schema!({ "type": "number", "minimum": 0, "maximum": INTERVAL_MS_MAX });
        json_schema!({
            "description": "[low, high] in milliseconds, low not above high",
            "type": "array", "items": bound, "minItems": 2, "maxItems": 2
        })
    };
    impl[] Seed, "Seed", |_| json_schema!({ "anyOf": [
        { "type": "string", "maxLength": SEED_BYTES_MAX },
        { "type": "integer", "minimum": 0, "maximum": SEED_MAX }
    ] });
    impl[] Bytes, "Bytes", |_| json_schema!({ "anyOf": [
        { "type": "string", "maxLength": VALUE_BYTES_MAX },
        {
            "type": "object",
            "properties": { "base64": { "type": "string", "contentEncoding": "base64" } },
            "required": ["base64"], "additionalProperties": false
        }
    ] });
    impl[] Metadata, "Metadata", |_| {
        json_schema!({ "type": "object", "additionalProperties": { "type": "string" } })
    };
    impl[] NodesForm, "Nodes", |generator| {
        let node = generator.subschema_for::<NodeForm>();
        json_schema!({
            "description": "How many nodes, named A to Z, then A1 to Z1; or each of them",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": NODES_MAX },
                { "type": "array", "items": node, "minItems": 1, "maxItems": NODES_MAX }
            ]
        })
    };
    impl[] Script, "Script", |generator| {
        let entry = generator.subschema_for::<EntryForm>();
        json_schema!({ "type": "array", "items": entry, "maxItems": SCRIPT_MAX })
    };
    impl[] DetectionWord, "FailureDetection", |_| words::<DetectionWord>();
    impl[] HealthWord, "Health", |_| words::<HealthWord>();
    impl[] DiskWord, "Disk", |_| words::<DiskWord>();
    impl[] OutcomeWord, "Outcome", |_| words::<OutcomeWord>();
    impl[] FormatVersion, "FormatVersion", |_| fixed::<FormatVersion>();
    impl[] QuorumWord, "Quorum", |_| words::<QuorumWord>();
    impl[] AskedWord, "Asked", |_| words::<AskedWord>();
    impl[] FigureWord, "Figure", |_| words::<FigureWord>();
    impl[] VersioningWord, "Versioning", |_| words::<VersioningWord>();
    impl[] CoordinationWord, "Coordination", |_| words::<CoordinationWord>();
}

fn words<T: Word>() -> Schema {
    json_schema!({ "enum": T::WORDS })
}

fn fixed<T: Fixed>() -> Schema {
    json_schema!({ "const": T::VALUE as u64 })
}

fn generated() -> String {
    let mut schema = schemars::schema_for!(ScenarioForm);
    schema.insert("title".into(), "A scenario of the Dynamo playground".into());
    let mut text = serde_json::to_string_pretty(&schema).expect("a schema is JSON");
    text.push('\n');
    text
}

#[test]
fn the_committed_schema_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sim/scenario/schema.json");
    if std::env::var_os("UPDATE_SCHEMA").is_some() {
        std::fs::write(path, generated()).expect("the schema can be written");
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == generated(),
        "stale: run UPDATE_SCHEMA=1 cargo test --lib schema, and look at what changed"
    );
}

#[test]
fn the_schema_states_every_limit_of_the_format() {
    let schema: Value = serde_json::from_str(&generated()).expect("JSON");
    let at = |path: &str| schema.pointer(path).unwrap_or_else(|| panic!("no {path}")).clone();
    assert_eq!(at("/properties/until_ms/maximum"), 36_000_000);
    assert_eq!(at("/properties/script/maxItems"), 100_000);
    assert_eq!(at("/additionalProperties"), false);
    assert_eq!(at("/$defs/PartitioningForm/properties/partitions/maximum"), 4_096);
    let text = generated();
    for limit in ["10000", "1048576", "9007199254740991", "3600000"] {
        assert!(text.contains(limit), "{limit} is not stated");
    }
}
