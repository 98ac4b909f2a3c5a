//! What the page asks for on a click: JSON shapes, filled from the world.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort_by_key;
use crate::data::ring::Skip;
use crate::data::version::Siblings;
use crate::data::view::{Change, Status};
use crate::protocol::admission::{Admission, SLICES};
use crate::protocol::config::QuorumRule;
use crate::protocol::coordinator::quorum::first_healthy;
use crate::protocol::message::Suspicion;
use crate::sim::disk::Health;
use crate::sim::json::{Json, object};
use crate::sim::log::LogEvent;
use crate::sim::network::Cut;
use crate::sim::op::{OpRecord, Outcome};
use crate::sim::report::{ends, outcome_word, phis, state_word, versions};
use crate::sim::setup::NodeSetup;
use crate::sim::why::{Sentence, Why};
use crate::sim::words::{self, Told};
use crate::sim::world::World;

pub fn ring(world: &World, until_ms: f64, scenario_end_ms: f64) -> Json {
    let (setup, ring) = (world.setup(), world.ring());
    let member = |(index, node): (u32, &NodeSetup)| {
        object(vec![
            ("name", node.name.as_str().into()),
            ("index", index.into()),
            ("zone", node.zone.as_str().into()),
            ("weight", node.weight.into()),
        ])
    };
    let cut = |cut: &Cut| {
        object(vec![
            ("from", cut.from().map(|node| node.0).collect()),
            ("to", cut.to().map(|node| node.0).collect()),
            ("one_way", cut.one_way.into()),
        ])
    };
    object(vec![
        ("title", setup.title.as_str().into()),
        ("seed", setup.seed.as_str().into()),
        ("n", setup.config.n.into()),
        ("r", setup.config.r.into()),
        ("w", setup.config.w.into()),
        ("quorum", quorum(setup.config.quorum).into()),
        ("strategy", setup.partitioning.strategy().into()),
        ("partitions", ring.partition_count().into()),
        ("ends", ends(ring)),
        (
            "owners",
            ring.partitions().map(|partition| ring.owner(partition).map(|node| node.0)).collect(),
        ),
        ("nodes", (0..).zip(&setup.nodes[..world.node_count()]).map(member).collect()),
        ("changes", changes(world)),
        ("cuts", world.cuts().iter().map(cut).collect()),
        ("until_ms", until_ms.into()),
        // When the script's last entry happens.
        ("scenario_end_ms", scenario_end_ms.into()),
    ])
}

/// Where a copy of a key is: in a node's replica store, or as a hint for another.
struct Holder<'w> {
    node: NodeId,
    place: Option<usize>,
    hint_for: Option<NodeId>,
    state: &'static str,
    siblings: &'w Siblings,
}

impl Holder<'_> {
    fn to_json(&self, world: &World) -> Json {
        let kind = if self.hint_for.is_some() { "hint" } else { "replica" };
        let mut fields = vec![("node", self.node.0.into())];
        if let Some(place) = self.place {
            fields.push(("place", place.into()));
        }
        fields.push(("kind", kind.into()));
        if let Some(target) = self.hint_for {
            fields.push(("hint_for", target.0.into()));
        }
        fields.push(("state", self.state.into()));
        fields.push(("versions", versions(world, self.siblings.versions())));
        object(fields)
    }
}

pub fn key(world: &World, name: &str) -> Json {
    let key = Key::new(name.as_bytes());
    let partition = world.ring().partition_of(key.position());
    let holders = holders(world, &key, partition);
    object(vec![
        ("key", name.into()),
        // The MD5, 32 hex digits, and as a fraction of the circle.
        ("position", format!("{:032x}", key.position().0).into()),
        ("angle", key.position().turn().into()),
        ("partition", partition.0.into()),
        ("walk", walk(world, &key, partition, &holders)),
        ("alive", alive(world, &holders)),
        ("holders", holders.iter().map(|holder| holder.to_json(world)).collect()),
    ])
}

/// What would be left if all who hold something of the key put it together, under the versioning
/// in force.
fn alive(world: &World, holders: &[Holder<'_>]) -> Json {
    let Some((first, others)) = holders.split_first() else { return Json::List(Vec::new()) };
    let mut all = first.siblings.clone();
    others.iter().for_each(|holder| {
        all.merge(holder.siblings);
    });
    versions(world, all.versions())
}

/// The first N places and, past them, the stand-ins that are in use: those that hold a hint for
/// the key, or that a node of the list would now ask.
fn walk(world: &World, key: &Key, partition: PartitionId, holders: &[Holder<'_>]) -> Json {
    let homes = world.ring().homes(partition).len();
    let by_belief = |node: NodeId| {
        let coordinator = world.ops().iter().rev().find(|op| op.key == *key)?.coordinator?;
        let view = world.view(coordinator)?;
        let has_stand_ins = world.setup().config.quorum.puts_to_stand_ins();
        let is_suspected = |other| view.is_suspected(other);
        let replicas = first_healthy(world.ring(), partition, has_stand_ins, is_suspected);
        Some(replicas.iter().any(|replica| replica.node == node))
    };
    let is_used = |node: NodeId| {
        let has_hint = |holder: &Holder<'_>| holder.node == node && holder.hint_for.is_some();
        holders.iter().any(has_hint) || by_belief(node) == Some(true)
    };
    let steps: Vec<_> = world.ring().walk(partition).gather();
    let is_shown = |step: &crate::data::ring::Step| {
        step.skipped.is_none() && (step.place <= homes || is_used(step.node))
    };
    let last = steps.iter().rposition(is_shown).map_or(0, |at| at + 1);
    let listed = |step: &&crate::data::ring::Step| {
        is_shown(step) || step.skipped.is_some() && step.place <= homes
    };
    let view = |step: &crate::data::ring::Step| {
        let why = match step.skipped {
            None => ("place", step.place.into()),
            Some(Skip::AlreadyListed) => ("skipped", format!("already {}", step.place).into()),
            Some(Skip::SameZone) => ("skipped", "its zone is on the list".into()),
        };
        object(vec![("partition", step.partition.0.into()), ("node", step.node.0.into()), why])
    };
    steps[..last].iter().filter(listed).map(view).collect()
}

fn holders<'w>(world: &'w World, key: &Key, partition: PartitionId) -> Vec<Holder<'w>> {
    let mut holders = Vec::new();
    for (place, node) in (1..).zip(world.ring().distinct_nodes(partition)) {
        let state = state_word(world.machine_state(node));
        let place = (place <= world.ring().homes(partition).len()).then_some(place);
        let holder =
            |hint_for, siblings: &'w Siblings| Holder { node, place, hint_for, state, siblings };
        let replica = world.replicas(node).into_iter().find(|&(held, _)| held == key);
        if let Some((_, siblings)) = replica {
            holders.push(holder(None, siblings));
        }
        for (target, held, siblings) in world.hints(node) {
            if held == key {
                holders.push(holder(Some(target), siblings));
            }
        }
    }
    holders
}

pub fn node(world: &World, id: NodeId) -> Json {
    let machine = world.machine(id);
    let name = |node: NodeId| world.setup().name(node);
    let ring = world.ring();
    let records = world.replicas(id).into_iter().map(|(key, siblings)| {
        let versions = versions(world, siblings.versions());
        object(vec![("key", text(key).into()), ("versions", versions)])
    });
    let hints = world.hints(id).into_iter().map(|(target, key, siblings)| {
        let versions = versions(world, siblings.versions());
        let target = name(target).into();
        object(vec![("for", target), ("key", text(key).into()), ("versions", versions)])
    });
    let suspects = world.view(id).into_iter().flat_map(|view| view.suspects());
    let suspects = suspects.map(|(suspect, why, since)| {
        let why = match why {
            Suspicion::Silent => "silent",
            Suspicion::Stale => "stale heartbeat",
        };
        let since_ms = since.as_ms_f64().into();
        object(vec![("node", name(suspect).into()), ("why", why.into()), ("since_ms", since_ms)])
    });
    let suspected_by = world.nodes().filter(|&other| world.machine(other).suspects(id));
    let is_coordinating =
        |op: &&OpRecord| op.coordinator == Some(id) && op.outcome == Outcome::Pending;
    let coordinating = world.ops().iter().filter(is_coordinating);
    // While it runs, the map that it knows: a ring may have fallen in two.
    let known_ring = world.view(id).map_or(ring, |view| view.ring());
    let mut fields = vec![
        ("name", name(id).into()),
        ("index", id.0.into()),
        ("state", state_word(machine.state).into()),
        ("disk_lost", machine.is_disk_lost.into()),
        ("disk", disk_word(machine.disk.health).into()),
        ("incarnation", world.view(id).map(|view| view.identity().incarnation).into()),
        ("partitions", known_ring.tokens_of(id).into()),
        ("zone", world.setup().nodes[id.index()].zone.as_str().into()),
        ("history", history(world, id)),
        ("slow_factor", machine.slowness.into()),
        ("queue", machine.inbox.len().into()),
        // Answered, and not durable yet (§6.1).
        ("buffered", machine.disk.buffered().into()),
        ("keys", records.collect()),
        ("hints", hints.collect()),
        ("suspects", suspects.collect()),
        ("suspected_by", suspected_by.map(name).collect()),
        ("coordinating", coordinating.map(|op| op.name.as_str()).collect()),
    ];
    if world.setup().config.suspect_phi.is_some() {
        fields.push(("phi", phis(world, id)));
    }
    if let Some(view) = world.view(id).filter(|view| !view.admission().is_open()) {
        fields.push(("yields", yields(view.admission())));
    }
    object(fields)
}

/// What background work may take while clients wait too long, and by how many answers of the last
/// minute that is judged (§6.5).
fn yields(admission: &Admission) -> Json {
    let answers = admission.answers();
    object(vec![
        ("slices", admission.slices().into()),
        ("of", SLICES.into()),
        ("requests", answers.all.into()),
        ("late", answers.late.into()),
    ])
}

/// The last changes of the node's membership (§4.8.1), newest first, as the views have them.
fn history(world: &World, id: NodeId) -> Json {
    let member = world.truth().member(id);
    let changes = member.into_iter().flat_map(|member| &member.changes);
    changes.map(|change| change_of(world, id, change)).collect()
}

/// Who came and who left since the ring was founded, newest first.
fn changes(world: &World) -> Json {
    const SHOWN: usize = 20;
    let mut all: Vec<(NodeId, &Change)> = Vec::new();
    for member in &world.truth().entries().members {
        all.extend(member.changes.iter().filter(|it| it.at.0 > 0).map(|it| (member.node, it)));
    }
    sort_by_key(&mut all, |(_, change)| -change.at.0);
    all.iter().take(SHOWN).map(|&(node, change)| change_of(world, node, change)).collect()
}

fn change_of(world: &World, node: NodeId, change: &Change) -> Json {
    let word = if change.status == Status::Joined { "joined" } else { "left" };
    object(vec![
        ("node", world.setup().name(node).into()),
        ("version", change.version.into()),
        ("change", word.into()),
        ("at_ms", (change.at.0 as f64 / 1e6).into()),
        // By whose clock, and who was told.
        ("by", world.setup().name(change.by).into()),
    ])
}

pub fn op(world: &World, op: &OpRecord) -> Json {
    let name = |node: NodeId| world.setup().name(node);
    let mut view = Vec::with_capacity(16);
    let mut set = |field: &'static str, value: Json| view.push((field, value));
    set("id", op.name.as_str().into());
    set("kind", op.kind.word().into());
    set("key", text(&op.key).into());
    set("via", op.via.map(name).into());
    if let Some(coordinator) = op.coordinator {
        set("coordinator", name(coordinator).into());
    }
    if let Some(context) = &op.context_of {
        set("context", context.as_str().into());
    }
    if let Some(value) = &op.value {
        set("value", String::from_utf8_lossy(value).into_owned().into());
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
        let mut answer = vec![("node", name(a.replica.node).into())];
        if let Some(absent) = a.replica.stands_in_for {
            answer.push(("stands_in_for", name(absent).into()));
        }
        answer.push(("at_ms", a.at.as_ms_f64().into()));
        object(answer)
    };
    set("answers", op.acknowledged.iter().map(answer).collect());
    set("versions", versions(world, &op.versions));
    object(view)
}

pub fn event(world: &World, event: &LogEvent) -> Json {
    told(world, event, words::tell(world, event))
}

/// Kinds of events that are traffic.
const TRAFFIC: [&str; 6] = ["send", "deliver", "lost", "timer", "coordinates", "acknowledged"];

/// What a timeline shows of the events from this id on, the newest of them and no more than `max`:
/// a request's own traffic, which is little, as its story is told from it; and of all else what is
/// no traffic.
pub fn marks(world: &World, from: u64, max: usize) -> Json {
    let is_of_request = |told: &Told| told.op.is_some_and(|op| world.record(op).is_some());
    let mut marks = Vec::new();
    for event in world.log().newest() {
        if event.id < from || marks.len() == max {
            break;
        }
        let said = words::tell(world, event);
        if said.is_notable || is_of_request(&said) || !TRAFFIC.contains(&said.kind) {
            marks.push(told(world, event, said));
        }
    }
    marks.reverse();
    Json::List(marks)
}

fn told(world: &World, event: &LogEvent, told: Told) -> Json {
    let mut view = Vec::with_capacity(16);
    let mut set = |field: &'static str, value: Json| view.push((field, value));
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
    if let Some(record) = told.op.and_then(|op| world.record(op)) {
        set("op", record.name.as_str().into());
    }
    if let Some(key) = &told.key {
        set("key", text(key).into());
    }
    set("notable", told.is_notable.into());
    set("text", told.text.into());
    object(view)
}

fn disk_word(health: Health) -> &'static str {
    match health {
        Health::Well => "well",
        Health::Full => "full",
        Health::Failing => "failing",
        Health::Slow => "slow",
    }
}

fn quorum(rule: QuorumRule) -> &'static str {
    match rule {
        QuorumRule::Sloppy => "sloppy",
        QuorumRule::Strict => "strict",
        QuorumRule::Primaries => "primaries",
    }
}

pub fn why(why: &Why) -> Json {
    let sentence = |sentence: &Sentence| {
        object(vec![
            ("event", sentence.event.into()),
            ("at_ms", sentence.at.as_ms_f64().into()),
            ("text", sentence.text.as_str().into()),
        ])
    };
    object(vec![
        ("sentences", why.sentences.iter().map(sentence).collect()),
        ("cut_short", why.is_cut_short.into()),
    ])
}

fn text(key: &Key) -> String {
    String::from_utf8_lossy(key.bytes()).into_owned()
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::base::time::Instant;
    use crate::sim::scenario::Scenario;
    use crate::sim::timeline::Timeline;

    #[test]
    fn a_timeline_shows_what_is_no_traffic_and_the_traffic_of_requests() {
        let scenario = Scenario::parse(TROUBLED).unwrap_or_else(|why| panic!("{why}"));
        let mut timeline = Timeline::new(scenario);
        timeline.seek(Instant::from_ms_f64(13_000.0));
        let world = timeline.world();
        let all: Vec<Json> = world.log().since(50).map(|one| event(world, one)).collect();
        let kind = |one: &Json| one.get("kind").and_then(Json::as_str).map(str::to_owned);
        let is_traffic = |one: &Json| kind(one).is_some_and(|kind| TRAFFIC.contains(&&*kind));
        let is_shown = |one: &&Json| !is_traffic(one) || one.get("op").is_some();
        let shown: Vec<&Json> = all.iter().filter(is_shown).collect();
        assert!(shown.iter().any(|one| is_traffic(one)), "the put's own traffic");
        assert!(
            shown.len() > 20 && shown.len() * 3 < all.len(),
            "{} of {}",
            shown.len(),
            all.len()
        );
        let told = |max| match marks(world, 50, max) {
            Json::List(told) => told,
            _ => panic!("a list"),
        };
        assert_eq!(told(usize::MAX).iter().collect::<Vec<_>>(), shown);
        assert_eq!(told(9).iter().collect::<Vec<_>>(), shown[shown.len() - 9..], "the newest");
    }

    /// Two are cut off, one crashes, one comes and one goes.
    const TROUBLED: &str = r#"{
        "version": 1, "seed": "mallard-42", "until_ms": 40000,
        "config": { "nodes": 7, "suspect_after_ms": 2000 },
        "script": [
            { "at_ms": 3000, "cut": { "from": ["A", "B"], "to": ["C", "D", "E", "F", "G"] } },
            { "at_ms": 9000, "heal": {} },
            { "at_ms": 11000, "put": { "key": "cart:ann", "value": "milk", "via": "A" } },
            { "at_ms": 12000, "crash": { "node": "C", "disk": "keep" } },
            { "at_ms": 18000, "restart": { "node": "C" } },
            { "at_ms": 20000, "join": { "name": "H", "via": "A" } },
            { "at_ms": 26000, "leave": { "node": "B" } }
        ] }"#;
}
