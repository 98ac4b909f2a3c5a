//! The scenario format, type by type as it stands in the JSON. Names are still text here;
//! [`super::resolve`] gives them meaning.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Unexpected, Visitor};

use super::object::objects;
use super::scalar::{
    Between, Bytes, Factor, Fraction, INTERVAL_MS_MAX, Millis, Seed, SignedMillis, Text, Whole,
};
use super::word::{Single, fixed, words};

pub const NODES_MAX: u64 = 10_000;
pub const PARTITIONS_MAX: u64 = 4_096;
pub const UNTIL_MS_MAX: u64 = 36_000_000;
pub const SCRIPT_MAX: usize = 100_000;
pub const KEY_BYTES_MAX: usize = 1_024;
const NAME_BYTES_MAX: usize = 64;
const COUNT_MAX: u64 = 9_007_199_254_740_991;

pub type Name = Text<1, NAME_BYTES_MAX>;
pub type KeyText = Text<1, KEY_BYTES_MAX>;
pub type Interval = Millis<1, INTERVAL_MS_MAX>;
pub type Moment = Millis<0, UNTIL_MS_MAX>;
pub type Quorum = Whole<1, 16>;
pub type Count = Whole<0, COUNT_MAX>;

/// A whole scenario: a ring, what happens to it, and what is expected of it.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ScenarioForm {
    pub version: FormatVersion,
    /// One sentence: what the scenario shows.
    #[serde(default)]
    pub title: Option<Text<0, 1_024>>,
    /// The same seed and the same script give the same run, event by event.
    #[serde(default)]
    pub seed: Option<Seed>,
    #[serde(default)]
    pub config: ConfigForm,
    /// In any order; what shares a moment happens in the order given.
    #[serde(default)]
    pub script: Script,
    /// The run ends after everything of this moment.
    pub until_ms: Moment,
}

fixed!(FormatVersion, Single::Number(1.0), "");
fixed!(Sloppy, Single::Text("sloppy"), "\"strict\" and \"primaries\" are not built yet");
fixed!(
    VectorClock,
    Single::Text("vector-clock"),
    "\"record-clock\", \"dotted\" and \"last-write-wins\" are not built yet"
);
fixed!(Server, Single::Text("server"), "\"client\" is not built yet");
fixed!(NoAntiEntropy, Single::Bool(false), "anti-entropy is not built yet");
fixed!(NoWriteBuffer, Single::Number(0.0), "the write buffer is not built yet");
fixed!(NoService, Single::Number(0.0), "service time is not built yet");
fixed!(Member, Single::Bool(true), "starting outside the ring is not built yet");
fixed!(StrategyThree, Single::Number(3.0), "strategies 1 and 2 are not built yet");

words!(DetectionWord { Gossip = "gossip", Local = "local" });
words!(DiskWord { Keep = "keep", Lose = "lose" });
words!(OutcomeWord { Ok = "ok", Refused = "refused", Timeout = "timeout" });

/// The ring and its settings. What is left out has the default of the paper.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct ConfigForm {
    pub nodes: Option<NodesForm>,
    pub n: Option<Quorum>,
    pub r: Option<Quorum>,
    pub w: Option<Quorum>,
    pub partitioning: Option<PartitioningForm>,
    pub quorum: Option<Sloppy>,
    pub versioning: Option<VectorClock>,
    pub coordination: Option<Server>,
    pub failure_detection: Option<DetectionWord>,
    pub read_repair: Option<bool>,
    pub hinted_handoff: Option<bool>,
    pub anti_entropy: Option<NoAntiEntropy>,
    pub gossip_interval_ms: Option<Interval>,
    pub handoff_interval_ms: Option<Interval>,
    pub request_timeout_ms: Option<Interval>,
    pub replica_timeout_ms: Option<Interval>,
    pub suspect_after_ms: Option<Interval>,
    pub write_buffer: Option<NoWriteBuffer>,
    pub disk_latency_ms: Option<Between>,
    pub service_ms: Option<NoService>,
    pub network: Option<NetworkForm>,
}

/// How many nodes (named A to Z, then A1 to Z1, and so on), or each of them by name.
#[derive(Clone, Debug)]
pub enum NodesForm {
    Number(u64),
    List(Vec<NodeForm>),
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct NodeForm {
    pub name: Name,
    /// Its share of the tokens against the others'.
    #[serde(default)]
    pub weight: Option<Factor>,
    #[serde(default)]
    pub zone: Option<Text<0, NAME_BYTES_MAX>>,
    /// Known to every node from outside. Where no node says so, the first is one.
    #[serde(default)]
    pub seed_node: Option<bool>,
    #[serde(default)]
    pub member: Option<Member>,
}

struct NodesVisitor;

impl<'de> Visitor<'de> for NodesVisitor {
    type Value = NodesForm;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a whole number from 1 to {NODES_MAX}, or a list of 1 to {NODES_MAX} nodes")
    }

    fn visit_u64<E: Error>(self, x: u64) -> Result<NodesForm, E> {
        if (1..=NODES_MAX).contains(&x) {
            return Ok(NodesForm::Number(x));
        }
        Err(E::invalid_value(Unexpected::Unsigned(x), &self))
    }

    fn visit_i64<E: Error>(self, x: i64) -> Result<NodesForm, E> {
        Err(E::invalid_value(Unexpected::Signed(x), &self))
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<NodesForm, E> {
        if x.fract() == 0.0 && (1.0..=NODES_MAX as f64).contains(&x) {
            return Ok(NodesForm::Number(x as u64));
        }
        Err(E::invalid_value(Unexpected::Other(&x.to_string()), &self))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<NodesForm, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element()? {
            nodes.push(node);
        }
        if (1..=NODES_MAX).contains(&(nodes.len() as u64)) {
            return Ok(NodesForm::List(nodes));
        }
        let found = format!("a list of {}", nodes.len());
        Err(A::Error::invalid_value(Unexpected::Other(&found), &self))
    }
}

impl<'de> Deserialize<'de> for NodesForm {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(NodesVisitor)
    }
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PartitioningForm {
    pub strategy: StrategyThree,
    #[serde(default)]
    pub partitions: Option<Whole<1, PARTITIONS_MAX>>,
}

/// One-way latency, loss and duplication; in a script what is left out stays as it is.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct NetworkForm {
    pub latency_ms: Option<Between>,
    pub loss: Option<Fraction>,
    pub duplicate: Option<Fraction>,
}

/// The entries, up to [`SCRIPT_MAX`] of them.
#[derive(Clone, Debug, Default)]
pub struct Script(pub Vec<EntryForm>);

struct ScriptVisitor;

impl<'de> Visitor<'de> for ScriptVisitor {
    type Value = Script;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a list of up to {SCRIPT_MAX} entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Script, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = seq.next_element()? {
            entries.push(entry);
        }
        if entries.len() <= SCRIPT_MAX {
            return Ok(Script(entries));
        }
        let found = format!("a list of {}", entries.len());
        Err(A::Error::invalid_value(Unexpected::Other(&found), &self))
    }
}

impl<'de> Deserialize<'de> for Script {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ScriptVisitor)
    }
}

/// A moment and exactly one of the others. Boxed, because a script may be long.
#[cfg_attr(
    all(test, not(target_arch = "wasm32")),
    derive(schemars::JsonSchema),
    schemars(extend("required" = ["at_ms"], "minProperties" = 2, "maxProperties" = 2))
)]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct EntryForm {
    pub at_ms: Option<Moment>,
    pub put: Option<Box<PutForm>>,
    pub get: Option<Box<GetForm>>,
    pub crash: Option<Box<CrashForm>>,
    pub restart: Option<Box<NodeOnly>>,
    pub pause: Option<Box<NodeOnly>>,
    pub resume: Option<Box<NodeOnly>>,
    pub slow: Option<Box<SlowForm>>,
    pub skew: Option<Box<SkewForm>>,
    pub cut: Option<Box<CutForm>>,
    pub heal: Option<Nothing>,
    pub network: Option<Box<NetworkForm>>,
    pub expect: Option<Box<PredicateForm>>,
}

/// `put(key, context, object)` by a client.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PutForm {
    /// What the operation is called; p1, p2 … where it is left out.
    #[serde(default, rename = "as")]
    pub name: Option<Name>,
    #[serde(default)]
    pub key: Option<KeyText>,
    /// Instead of `key`: nodes that shall all be among the first N of the key's preference list.
    #[serde(default)]
    pub key_for: Option<Vec<Name>>,
    pub value: Bytes,
    #[serde(default)]
    pub metadata: Option<BTreeMap<String, String>>,
    /// The node the client talks to; drawn where it is left out.
    #[serde(default)]
    pub via: Option<Name>,
    /// An earlier operation on the same key, whose context is handed back.
    #[serde(default)]
    pub context: Option<Name>,
    /// Accepted for symmetry; a put waits for W alone.
    #[serde(default)]
    pub r: Option<Quorum>,
    /// W for this one operation.
    #[serde(default)]
    pub w: Option<Quorum>,
}

/// `get(key)` by a client.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct GetForm {
    /// What the operation is called; g1, g2 … where it is left out.
    #[serde(rename = "as")]
    pub name: Option<Name>,
    pub key: Option<KeyText>,
    pub key_for: Option<Vec<Name>>,
    pub via: Option<Name>,
    /// R for this one operation.
    pub r: Option<Quorum>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct CrashForm {
    pub node: Name,
    /// Whether the disk survives; it does where nothing is said.
    #[serde(default)]
    pub disk: Option<DiskWord>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct NodeOnly {
    pub node: Name,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct SlowForm {
    pub node: Name,
    /// How many times as long everything takes; 1 is normal.
    pub factor: Factor,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct SkewForm {
    pub node: Name,
    /// How far the clock on the wall is moved, either way.
    pub ms: SignedMillis,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct CutForm {
    pub from: Vec<Name>,
    pub to: Vec<Name>,
    #[serde(default)]
    pub one_way: Option<bool>,
}

/// `{}`.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Nothing {}

/// A question to the world: exactly one of these.
#[cfg_attr(
    all(test, not(target_arch = "wasm32")),
    derive(schemars::JsonSchema),
    schemars(extend("minProperties" = 1, "maxProperties" = 1))
)]
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct PredicateForm {
    pub all: Option<Vec<PredicateForm>>,
    pub any: Option<Vec<PredicateForm>>,
    pub not: Option<Box<PredicateForm>>,
    pub outcome: Option<OutcomeForm>,
    pub value: Option<ValueForm>,
    pub siblings: Option<SiblingsForm>,
    pub hints: Option<HintsForm>,
    pub replicas: Option<ReplicasForm>,
    pub converged: Option<Nothing>,
    pub members: Option<MembersForm>,
    pub suspects: Option<SuspectsForm>,
    pub counter: Option<CounterForm>,
    pub invariants: Option<InvariantsForm>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct OutcomeForm {
    pub op: Name,
    pub is: OutcomeWord,
}

/// A get returned exactly this; a put carried it.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ValueForm {
    pub op: Name,
    pub equals: Bytes,
}

/// How many versions live nodes hold of a key, or an operation brought back.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct SiblingsForm {
    #[serde(default)]
    pub key: Option<KeyText>,
    #[serde(default)]
    pub op: Option<Name>,
    pub count: Count,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct HintsForm {
    #[serde(default)]
    pub holder: Option<Name>,
    #[serde(default, rename = "for")]
    pub target: Option<Name>,
    pub count: Count,
}

/// Exactly these live nodes hold the key in their replica stores.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ReplicasForm {
    pub key: KeyText,
    pub on: Vec<Name>,
}

/// The members by one node's belief, or by that of every live node.
#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct MembersForm {
    #[serde(default)]
    pub node: Option<Name>,
    pub equals: Vec<Name>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct SuspectsForm {
    pub node: Name,
    pub whom: Name,
    #[serde(default)]
    pub is: Option<bool>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct CounterForm {
    pub name: String,
    #[serde(default)]
    pub at_least: Option<Count>,
    #[serde(default)]
    pub at_most: Option<Count>,
    #[serde(default)]
    pub equals: Option<Count>,
}

#[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct InvariantsForm {
    pub ok: bool,
}

objects! {
    ScenarioForm: "an object with version, title, seed, config, script, until_ms",
    ConfigForm: "an object with nodes, n, r, w and others",
    NodeForm: "an object with name, weight, zone, seed_node",
    PartitioningForm: "an object with strategy and partitions",
    NetworkForm: "an object with latency_ms, loss, duplicate",
    EntryForm: "an object with at_ms and one action",
    PutForm: "an object with key and value",
    GetForm: "an object with key",
    CrashForm: "an object with node and disk",
    NodeOnly: "an object with node",
    SlowForm: "an object with node and factor",
    SkewForm: "an object with node and ms",
    CutForm: "an object with from, to and one_way",
    Nothing: "{}",
    PredicateForm: "an object with one predicate",
    OutcomeForm: "an object with op and is",
    ValueForm: "an object with op and equals",
    SiblingsForm: "an object with key or op, and count",
    HintsForm: "an object with holder, for and count",
    ReplicasForm: "an object with key and on",
    MembersForm: "an object with node and equals",
    SuspectsForm: "an object with node, whom and is",
    CounterForm: "an object with name and at_least, at_most or equals",
    InvariantsForm: "an object with ok",
}
