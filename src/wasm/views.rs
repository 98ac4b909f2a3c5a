//! What the page asks for on a click: JSON shapes, filled from the world.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::blob::Key;
use crate::base::id::{NodeId, PartitionId};
use crate::data::version::{Siblings, Version};
use crate::protocol::coordinator::quorum::first_healthy;
use crate::protocol::message::Suspicion;
use crate::sim::log::LogEvent;
use crate::sim::machine::MachineState;
use crate::sim::op::{OpKind, OpRecord, Outcome};
use crate::sim::report::{VersionOf, outcome_word, state_word};
use crate::sim::words;
use crate::sim::world::World;

#[derive(Serialize)]
pub struct RingView<'w> {
    title: &'w str,
    seed: &'w str,
    n: usize,
    r: usize,
    w: usize,
    quorum: &'static str,
    partitions: usize,
    owners: Vec<u32>,
    nodes: Vec<MemberView<'w>>,
    cuts: Vec<CutView>,
    until_ms: f64,
    /// When the script's last entry happens.
    scenario_end_ms: f64,
}

#[derive(Serialize)]
struct MemberView<'w> {
    name: &'w str,
    index: u32,
    zone: &'w str,
    weight: f64,
}

#[derive(Serialize)]
struct CutView {
    from: Vec<u32>,
    to: Vec<u32>,
    one_way: bool,
}

pub fn ring<'w>(world: &'w World, until_ms: f64, scenario_end_ms: f64) -> RingView<'w> {
    let (setup, ring) = (world.setup(), world.ring());
    let member = |(index, node): (u32, &'w crate::sim::setup::NodeSetup)| MemberView {
        name: &node.name,
        index,
        zone: &node.zone,
        weight: node.weight,
    };
    let cut = |cut: &crate::sim::network::Cut| CutView {
        from: cut.from().map(|node| node.0).collect(),
        to: cut.to().map(|node| node.0).collect(),
        one_way: cut.one_way,
    };
    RingView {
        title: &setup.title,
        seed: &setup.seed,
        n: setup.config.n,
        r: setup.config.r,
        w: setup.config.w,
        quorum: "sloppy",
        partitions: ring.partition_count(),
        owners: ring.partitions().map(|partition| ring.owner(partition).0).collect(),
        nodes: (0..).zip(&setup.nodes).map(member).collect(),
        cuts: world.cuts().iter().map(cut).collect(),
        until_ms,
        scenario_end_ms,
    }
}

#[derive(Serialize)]
pub struct KeyView {
    key: String,
    /// The MD5, 32 hex digits.
    position: String,
    /// As a fraction of the circle.
    angle: f64,
    partition: u32,
    walk: Vec<StepView>,
    holders: Vec<HolderView>,
}

#[derive(Serialize)]
struct StepView {
    partition: u32,
    node: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

#[derive(Serialize)]
struct HolderView {
    node: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint_for: Option<u32>,
    state: &'static str,
    versions: Vec<Value>,
}

pub fn key(world: &World, name: &str) -> KeyView {
    let key = Key::new(name.as_bytes());
    let partition = world.ring().partition_of(key.position());
    let holders = holders(world, &key, partition);
    KeyView {
        key: name.to_owned(),
        position: format!("{:032x}", key.position().0),
        angle: key.position().turn(),
        partition: partition.0,
        walk: walk(world, &key, partition, &holders),
        holders,
    }
}

/// The first N places and, past them, the stand-ins that are in use: those that hold a hint for
/// the key, or that a node of the list would now ask.
fn walk(world: &World, key: &Key, partition: PartitionId, holders: &[HolderView]) -> Vec<StepView> {
    let homes = world.ring().homes(partition).len();
    let by_belief = |node: NodeId| {
        let coordinator = world.ops().iter().rev().find(|op| op.key == *key)?.coordinator?;
        let view = world.view(coordinator)?;
        let replicas = first_healthy(world.ring(), partition, |other| view.is_suspected(other));
        Some(replicas.iter().any(|replica| replica.node == node))
    };
    let is_used = |node: NodeId| {
        let has_hint = |holder: &HolderView| holder.node == node.0 && holder.kind == "hint";
        holders.iter().any(has_hint) || by_belief(node) == Some(true)
    };
    let steps: Vec<_> = world.ring().walk(partition).collect();
    let is_shown = |step: &crate::data::ring::Step| {
        step.skipped.is_none() && (step.place <= homes || is_used(step.node))
    };
    let last = steps.iter().rposition(is_shown).map_or(0, |at| at + 1);
    let listed = |step: &&crate::data::ring::Step| {
        is_shown(step) || step.skipped.is_some() && step.place <= homes
    };
    let view = |step: &crate::data::ring::Step| StepView {
        partition: step.partition.0,
        node: step.node.0,
        place: step.skipped.is_none().then_some(step.place),
        skipped: step.skipped.map(|_| format!("already {}", step.place)),
    };
    steps[..last].iter().filter(listed).map(view).collect()
}

fn holders(world: &World, key: &Key, partition: PartitionId) -> Vec<HolderView> {
    let mut holders = Vec::new();
    for (place, node) in (1..).zip(world.ring().distinct_nodes(partition)) {
        let state = state_word(world.machine_state(node));
        let place = (place <= world.ring().homes(partition).len()).then_some(place);
        let holder = |kind, hint_for, siblings: &Siblings| HolderView {
            node: node.0,
            place,
            kind,
            hint_for,
            state,
            versions: versions(world, siblings.versions()),
        };
        let replica = world.replicas(node).into_iter().find(|&(held, _)| held == key);
        if let Some((_, siblings)) = replica {
            holders.push(holder("replica", None, siblings));
        }
        for (target, held, siblings) in world.hints(node) {
            if held == key {
                holders.push(holder("hint", Some(target.0), siblings));
            }
        }
    }
    holders
}

pub fn versions(world: &World, versions: &[Version]) -> Vec<Value> {
    let json = |version| serde_json::to_value(VersionOf(world, version));
    versions.iter().map(|version| json(version).expect("a version has text for keys")).collect()
}

pub fn node(world: &World, id: NodeId) -> Value {
    let machine = world.machine(id);
    let name = |node: NodeId| world.setup().name(node);
    let ring = world.ring();
    let records = world.replicas(id).into_iter().map(|(key, siblings)| {
        serde_json::json!({ "key": text(key), "versions": versions(world, siblings.versions()) })
    });
    let hints = world.hints(id).into_iter().map(|(target, key, siblings)| {
        let versions = versions(world, siblings.versions());
        serde_json::json!({ "for": name(target), "key": text(key), "versions": versions })
    });
    let suspects =
        world.view(id).into_iter().flat_map(|view| view.suspects()).map(|(suspect, why, since)| {
            let why = match why {
                Suspicion::Silent => "silent",
                Suspicion::Stale => "stale heartbeat",
            };
            let since_ms = since.as_ms_f64();
            serde_json::json!({ "node": name(suspect), "why": why, "since_ms": since_ms })
        });
    let suspected_by = world.nodes().filter(|&other| world.machine(other).suspects(id));
    let coordinating = world
        .ops()
        .iter()
        .filter(|op| op.coordinator == Some(id) && op.outcome == Outcome::Pending);
    serde_json::json!({
        "name": name(id),
        "index": id.0,
        "state": state_word(machine.state),
        "disk_lost": machine.is_disk_lost,
        "incarnation": world.view(id).map(|view| view.identity().incarnation),
        "partitions": ring.partitions().filter(|&p| ring.owner(p) == id).count(),
        "slow_factor": machine.slowness,
        "keys": records.collect::<Vec<_>>(),
        "hints": hints.collect::<Vec<_>>(),
        "suspects": suspects.collect::<Vec<_>>(),
        "suspected_by": suspected_by.map(name).collect::<Vec<_>>(),
        "coordinating": coordinating.map(|op| op.name.as_str()).collect::<Vec<_>>(),
    })
}

pub fn op(world: &World, op: &OpRecord) -> Value {
    let name = |node: NodeId| world.setup().name(node);
    let mut view = Map::new();
    let mut set = |field: &str, value: Value| _ = view.insert(field.to_owned(), value);
    set("id", op.name.as_str().into());
    set("kind", if op.kind == OpKind::Put { "put" } else { "get" }.into());
    set("key", text(&op.key).into());
    set("via", op.via.map(name).into());
    if let Some(coordinator) = op.coordinator {
        set("coordinator", name(coordinator).into());
    }
    if let Some(context) = &op.context_of {
        set("context", context.as_str().into());
    }
    if let Some(value) = &op.value {
        set("value", String::from_utf8_lossy(value).into());
    }
    set("started_ms", op.started.as_ms_f64().into());
    if let Some(finished) = op.finished {
        set("latency_ms", (finished - op.started).as_ms_f64().into());
    }
    set("outcome", outcome_word(&op.outcome).into());
    if let Outcome::Refused(why) | Outcome::Timeout(why) = &op.outcome {
        set("error", why.as_str().into());
        set("definite", matches!(op.outcome, Outcome::Refused(_)).into());
    }
    set("need", op.need.into());
    set("got", op.acknowledged.len().into());
    let answer = |a: &crate::sim::op::Acknowledged| {
        let mut answer = Map::new();
        answer.insert("node".into(), name(a.replica.node).into());
        if let Some(absent) = a.replica.stands_in_for {
            answer.insert("stands_in_for".into(), name(absent).into());
        }
        answer.insert("at_ms".into(), a.at.as_ms_f64().into());
        Value::Object(answer)
    };
    set("answers", op.acknowledged.iter().map(answer).collect());
    set("versions", versions(world, &op.versions).into());
    Value::Object(view)
}

/// What the others believe of each node that somebody is wrong about.
pub fn beliefs(world: &World) -> Value {
    let about = |node: NodeId| {
        let state = world.machine_state(node);
        let is_down = state == MachineState::Crashed;
        let others = world.nodes().filter(|&other| other != node && world.view(other).is_some());
        let by: Vec<(NodeId, bool)> =
            others.map(|other| (other, world.machine(other).suspects(node))).collect();
        by.iter().any(|&(_, suspects)| suspects != is_down).then(|| {
            let of = |&(other, suspects): &(NodeId, bool)| {
                let belief = if suspects { "suspect" } else { "up" };
                serde_json::json!({
                    "node": other.0, "belief": belief, "wrong": suspects != is_down,
                })
            };
            let by: Vec<Value> = by.iter().map(of).collect();
            serde_json::json!({ "about": node.0, "truth": state_word(state), "by": by })
        })
    };
    world.nodes().filter_map(about).collect()
}

pub fn event(world: &World, event: &LogEvent) -> Value {
    let told = words::tell(world, event);
    let mut view = Map::new();
    let mut set = |field: &str, value: Value| _ = view.insert(field.to_owned(), value);
    set("id", event.id.into());
    set("at_ms", event.at.as_ms_f64().into());
    set("cause", event.cause.into());
    set("kind", told.kind.into());
    if let Some(node) = told.node {
        set("node", node.0.into());
    }
    if let Some(peer) = told.peer {
        set("peer", peer.0.into());
    }
    if let Some(op) = told.op {
        set("op", world.ops()[op].name.as_str().into());
    }
    if let Some(key) = &told.key {
        set("key", text(key).into());
    }
    set("notable", told.is_notable.into());
    set("text", told.text.into());
    Value::Object(view)
}

fn text(key: &Key) -> String {
    String::from_utf8_lossy(key.bytes()).into_owned()
}
