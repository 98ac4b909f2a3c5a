//! The result as one JSON object, written straight from the world: a large one never stands in
//! memory twice.

use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::{Map, Value, json};

use crate::base::id::NodeId;
use crate::base::order::{sort_by, sort_by_key};
use crate::data::version::{Actor, Content, Siblings, Version};
use crate::sim::machine::MachineState;
use crate::sim::op::{Acknowledged, OpRecord, Outcome};
use crate::sim::oracle::{Check, CheckClass};
use crate::sim::world::World;

/// The result of a world as it stands now.
pub struct Report<'w> {
    world: &'w World,
    /// The nodes in the order of names, and each node's place in it.
    by_name: Vec<NodeId>,
    ranks: Vec<usize>,
    /// How many tokens each node owns.
    tokens: Vec<usize>,
}

impl<'w> Report<'w> {
    pub fn new(world: &'w World) -> Report<'w> {
        let count = world.node_count();
        let mut by_name: Vec<NodeId> = world.nodes().collect();
        sort_by(&mut by_name, |&a, &b| world.setup().name(a).cmp(world.setup().name(b)));
        let mut ranks = vec![0; count];
        by_name.iter().enumerate().for_each(|(rank, node)| ranks[node.index()] = rank);
        let mut tokens = vec![0; count];
        let ring = world.ring();
        ring.partitions().for_each(|partition| tokens[ring.owner(partition).index()] += 1);
        Report { world, by_name, ranks, tokens }
    }

    /// One line, as everything else that is for programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report has text for keys and finite numbers")
    }

    fn name(&self, node: NodeId) -> &'w str {
        self.world.setup().name(node)
    }

    fn in_order_of_names(&self, nodes: &[NodeId]) -> Vec<&'w str> {
        if nodes.is_empty() {
            return Vec::new();
        }
        let mut is_listed = vec![false; self.ranks.len()];
        nodes.iter().for_each(|node| is_listed[node.index()] = true);
        let listed = self.by_name.iter().filter(|node| is_listed[node.index()]);
        listed.map(|&node| self.name(node)).collect()
    }
}

impl Serialize for Report<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let world = self.world;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("digest", &format!("{:016x}", world.digest()))?;
        map.serialize_entry("now_ms", &number(world.now().as_ms_f64()))?;
        map.serialize_entry("events", &world.events())?;
        map.serialize_entry("ops", &Ops(self))?;
        map.serialize_entry("nodes", &Nodes(self))?;
        let counters: Map<String, Value> =
            world.counters().iter().map(|(name, count)| (name.into(), count.into())).collect();
        map.serialize_entry("counters", &counters)?;
        let checks = world.checks();
        map.serialize_entry("invariants", &checks.iter().map(invariant).collect::<Vec<_>>())?;
        let expects: Vec<_> = world
            .expects()
            .iter()
            .map(|expected| {
                json!({
                    "at_ms": number(expected.at.as_ms_f64()), "ok": expected.ok, "why": expected.why
                })
            })
            .collect();
        map.serialize_entry("expects", &expects)?;
        map.end()
    }
}

struct Ops<'r, 'w>(&'r Report<'w>);

impl Serialize for Ops<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let ops = self.0.world.ops();
        let mut map = to.serialize_map(Some(ops.len()))?;
        for op in ops {
            map.serialize_entry(&op.name, &Op(self.0, op))?;
        }
        map.end()
    }
}

struct Op<'r, 'w>(&'r Report<'w>, &'w OpRecord);

impl Serialize for Op<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Op(report, op) = self;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("outcome", outcome_word(&op.outcome))?;
        map.serialize_entry("key", &text_or_base64(op.key.bytes()))?;
        if let Some(coordinator) = op.coordinator {
            map.serialize_entry("coordinator", report.name(coordinator))?;
        }
        map.serialize_entry("started_ms", &op.started.as_ms_f64())?;
        if let Some(finished) = op.finished {
            map.serialize_entry("latency_ms", &(finished - op.started).as_ms_f64())?;
        }
        if op.outcome == Outcome::Ok {
            map.serialize_entry("versions", &Versions(report.world, &op.versions))?;
        }
        map.serialize_entry("replicas", &report.replicas_of(op))?;
        if let Outcome::Refused(error) | Outcome::Timeout(error) = &op.outcome {
            map.serialize_entry("error", error)?;
            map.serialize_entry("definite", &matches!(op.outcome, Outcome::Refused(_)))?;
        }
        map.end()
    }
}

/// `ok`, `refused`, `timeout`, or `pending` for what had no answer when the run ended.
pub fn outcome_word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Pending => "pending",
        Outcome::Ok => "ok",
        Outcome::Refused(_) => "refused",
        Outcome::Timeout(_) => "timeout",
    }
}

impl Report<'_> {
    fn replicas_of(&self, op: &OpRecord) -> Value {
        let replica = |acknowledged: Acknowledged| {
            let replica = acknowledged.replica;
            match replica.stands_in_for {
                Some(whom) => json!({
                    "node": self.name(replica.node), "stands_in_for": self.name(whom)
                }),
                None => json!({ "node": self.name(replica.node) }),
            }
        };
        in_list_order(self.world, op).into_iter().map(replica).collect()
    }
}

/// Who acknowledged, each once, in the order of the key's preference list.
pub fn in_list_order(world: &World, op: &OpRecord) -> Vec<Acknowledged> {
    let mut seen: Vec<Acknowledged> = Vec::with_capacity(op.acknowledged.len());
    for acknowledged in &op.acknowledged {
        if seen.iter().all(|other| other.replica != acknowledged.replica) {
            seen.push(*acknowledged);
        }
    }
    let ring = world.ring();
    let list: Vec<NodeId> = ring.distinct_nodes(ring.partition_of(op.key.position())).collect();
    let place = |node: NodeId| list.iter().position(|&other| other == node);
    sort_by_key(&mut seen, |acknowledged| place(acknowledged.replica.node));
    seen
}

struct Versions<'r>(&'r World, &'r [Version]);

impl Serialize for Versions<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.1.iter().map(|version| VersionOf(self.0, version)))
    }
}

/// A version as every result shows it: value, clock, and metadata where there is some.
pub struct VersionOf<'r>(pub &'r World, pub &'r Version);

impl Serialize for VersionOf<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let &VersionOf(world, version) = self;
        let Content { value, metadata } = &*version.content;
        let actor = |&(actor, counter): &(Actor, u64)| (world.actor_name(actor), counter.into());
        let clock: Map<String, Value> = version.clock.entries().iter().map(actor).collect();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("value", &text_or_base64(value))?;
        map.serialize_entry("clock", &clock)?;
        if !metadata.is_empty() {
            let text = |(name, text): &(String, String)| (name.clone(), text.clone().into());
            map.serialize_entry("metadata", &metadata.iter().map(text).collect::<Map<_, Value>>())?;
        }
        map.end()
    }
}

struct Nodes<'r, 'w>(&'r Report<'w>);

impl Serialize for Nodes<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let count = self.0.world.node_count();
        let mut map = to.serialize_map(Some(count))?;
        for node in (0..count as u32).map(NodeId) {
            map.serialize_entry(self.0.name(node), &Node(self.0, node))?;
        }
        map.end()
    }
}

struct Node<'r, 'w>(&'r Report<'w>, NodeId);

impl Serialize for Node<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let &Node(report, node) = self;
        let world = report.world;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("state", state_word(world.machine_state(node)))?;
        map.serialize_entry("keys", &Keys(report, node))?;
        map.serialize_entry("hints", &Hints(report, node))?;
        map.serialize_entry("members", &report.in_order_of_names(&world.members(node)))?;
        map.serialize_entry("suspects", &report.in_order_of_names(&world.suspects(node)))?;
        map.serialize_entry("partitions", &report.tokens[node.index()])?;
        map.end()
    }
}

pub fn state_word(state: MachineState) -> &'static str {
    match state {
        MachineState::Up => "up",
        MachineState::Crashed => "crashed",
        MachineState::Paused => "paused",
    }
}

struct Keys<'r, 'w>(&'r Report<'w>, NodeId);

impl Serialize for Keys<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Keys(report, node) = self;
        let records = report.world.replicas(*node);
        let mut map = to.serialize_map(Some(records.len()))?;
        for (key, siblings) in records {
            let siblings: &Siblings = siblings;
            let name = String::from_utf8_lossy(key.bytes());
            map.serialize_entry(&name, &Versions(report.world, siblings.versions()))?;
        }
        map.end()
    }
}

struct Hints<'r, 'w>(&'r Report<'w>, NodeId);

impl Serialize for Hints<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Hints(report, node) = self;
        let mut hints = report.world.hints(*node);
        sort_by_key(&mut hints, |(target, ..)| report.ranks[target.index()]);
        let mut list = to.serialize_seq(Some(hints.len()))?;
        for (target, key, _) in hints {
            list.serialize_element(&json!({
                "for": report.name(target), "key": text_or_base64(key.bytes())
            }))?;
        }
        list.end()
    }
}

fn invariant(check: &Check) -> Value {
    let mut fields = json!({
        "name": check.name,
        "class": class_word(check.class),
        "paper": check.paper,
        "ok": check.ok,
    });
    // An invariant that was never put to the test has no moment: it has proved nothing.
    if let Some(since) = check.armed_since {
        fields["armed_since_ms"] = number(since.as_ms_f64());
    }
    if let Some(count) = check.count {
        fields["count"] = count.into();
    }
    if let Some(broken) = &check.broken {
        fields["broken"] = json!({
            "at_ms": number(broken.at.as_ms_f64()), "event": broken.event, "what": broken.what
        });
    }
    fields
}

pub fn class_word(class: CheckClass) -> &'static str {
    match class {
        CheckClass::Always => "always",
        CheckClass::Eventually => "eventually",
        CheckClass::NotPromised => "not promised",
    }
}

/// Bytes as the format has them: text, or base64 where they are none.
fn text_or_base64(bytes: &[u8]) -> Value {
    use base64::Engine as _;
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(bytes);
            json!({ "base64": encoded })
        }
    }
}

/// Whole milliseconds without a point, as people write them in scenarios.
fn number(ms: f64) -> Value {
    if ms.fract() == 0.0 { (ms as u64).into() } else { ms.into() }
}
