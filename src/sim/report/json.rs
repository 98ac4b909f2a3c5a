//! The result as one JSON object, written node by node and operation by operation: a large one
//! never stands in memory twice.

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::base::blob::{Key, Position};
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::order::{sort_by, sort_by_key};
use crate::base::pool::Pooled;
use crate::base::time::Span;
use crate::data::partitioning::Ends;
use crate::data::ring::Ring;
use crate::data::version::{Actor, Content, Siblings, Version};
use crate::sim::json::{Json, by_key, object};
use crate::sim::machine::MachineState;
use crate::sim::op::{Acknowledged, OpRecord, Outcome};
use crate::sim::oracle::{Check, CheckClass};
use crate::sim::words::Names;
use crate::sim::world::World;

/// The result of a world as it stands now.
pub struct Report<'w> {
    world: &'w World,
    /// The nodes in the order of names, and each node's place in it.
    by_name: Vec<NodeId>,
    ranks: Vec<usize>,
    /// How many tokens each node owns by the true map.
    tokens: Vec<usize>,
    has_beliefs: bool,
}

impl<'w> Report<'w> {
    pub fn new(world: &'w World) -> Report<'w> {
        let count = world.node_count();
        let mut by_name: Vec<NodeId> = world.nodes().gather();
        sort_by(&mut by_name, |&a, &b| world.setup().name(a).cmp(world.setup().name(b)));
        let mut ranks = vec![0; count];
        by_name.iter().enumerate().for_each(|(rank, node)| ranks[node.index()] = rank);
        let mut tokens = vec![0; count];
        let ring = world.ring();
        for owner in ring.token_owners().iter().flatten() {
            tokens[owner.index()] += 1;
        }
        Report { world, by_name, ranks, tokens, has_beliefs: true }
    }

    /// Not what each node believes of each other: in a ring of a thousand that is a million names.
    pub fn at_a_glance(self) -> Report<'w> {
        Report { has_beliefs: false, ..self }
    }

    /// One line, as everything else that is for programs.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a report has text for keys and finite numbers")
    }

    fn name(&self, node: NodeId) -> &'w str {
        self.world.setup().name(node)
    }

    fn in_order_of_names(&self, nodes: &[NodeId]) -> Json {
        if nodes.is_empty() {
            return Json::List(Vec::new());
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
        let expects = world.expects().iter().map(|expected| {
            object(vec![
                ("at_ms", number(expected.at.as_ms_f64())),
                ("ok", expected.ok.into()),
                ("why", expected.why.as_str().into()),
            ])
        });
        let counters = world.counters().iter().map(|(name, count)| (name, count.into())).gather();
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("digest", &Json::from(format!("{:016x}", world.digest())))?;
        map.serialize_entry("now_ms", &number(world.now().as_ms_f64()))?;
        map.serialize_entry("events", &Json::from(world.events()))?;
        map.serialize_entry("ops", &Entries(world.ops().len(), &|index| self.op(index)))?;
        map.serialize_entry("nodes", &Entries(world.node_count(), &|index| self.node(index)))?;
        map.serialize_entry("counters", &object(counters))?;
        if world.load().period.is_some() {
            map.serialize_entry("load", &world.load().to_json(world.now()))?;
        }
        let checks = world.checks();
        map.serialize_entry("invariants", &checks.iter().map(invariant).collect::<Json>())?;
        map.serialize_entry("expects", &expects.collect::<Json>())?;
        map.end()
    }
}

/// A map whose entries are made one by one, and gone again when they are written.
struct Entries<'r>(usize, &'r dyn Fn(usize) -> (&'r str, Json));

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let &Entries(count, entry) = self;
        let mut map = to.serialize_map(Some(count))?;
        for (name, value) in (0..count).map(entry) {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

impl<'w> Report<'w> {
    fn op(&self, index: usize) -> (&'w str, Json) {
        let op = &self.world.ops()[index];
        let mut fields =
            vec![("outcome", outcome_word(&op.outcome).into()), ("key", text(op.key.bytes()))];
        if let Some(coordinator) = op.coordinator {
            fields.push(("coordinator", self.name(coordinator).into()));
        }
        fields.push(("started_ms", op.started.as_ms_f64().into()));
        if let Some(finished) = op.finished {
            fields.push(("latency_ms", (finished - op.started).as_ms_f64().into()));
        }
        if op.outcome == Outcome::Ok {
            fields.push(("versions", versions(self.world, &op.versions)));
        }
        fields.push(("replicas", self.replicas_of(op)));
        if let Outcome::Refused(error) | Outcome::Timeout(error) = &op.outcome {
            fields.push(("error", error.as_str().into()));
            fields.push(("definite", matches!(op.outcome, Outcome::Refused(_)).into()));
        }
        (&op.name, object(fields))
    }

    fn replicas_of(&self, op: &OpRecord) -> Json {
        let replica = |acknowledged: Acknowledged| {
            let replica = acknowledged.replica;
            let mut fields = vec![("node", self.name(replica.node).into())];
            if let Some(whom) = replica.stands_in_for {
                fields.push(("stands_in_for", self.name(whom).into()));
            }
            object(fields)
        };
        in_list_order(self.world, op).into_iter().map(replica).collect()
    }

    /// The tokens that a node owns, as it knows the ring while it runs: of rings that never heard
    /// of each other each has a map of its own. The true map is counted once for all.
    fn tokens_of(&self, node: NodeId) -> usize {
        let known = self.world.view(node).map(|view| view.membership());
        match known.filter(|known| known.digest() != self.world.truth().digest()) {
            Some(known) => known.ring().tokens_of(node),
            None => self.tokens[node.index()],
        }
    }

    fn node(&self, index: usize) -> (&'w str, Json) {
        let (world, node) = (self.world, NodeId(index as u32));
        let replicas = world.replicas(node).into_iter();
        let keys = replicas.map(|(key, held)| (key.bytes(), versions(world, held.versions())));
        let mut fields = vec![
            ("state", state_word(world.machine_state(node)).into()),
            ("keys", by_key(keys)),
            ("hints", self.hints(node)),
        ];
        if self.has_beliefs {
            fields.push(("members", self.in_order_of_names(&world.members(node))));
            fields.push(("suspects", self.in_order_of_names(&world.suspects(node))));
        }
        fields.extend([
            ("partitions", self.tokens_of(node).into()),
            ("merkle_root", format!("{:016x}", world.merkle_root(node)).into()),
        ]);
        if world.setup().service > Span::ZERO {
            fields.push(("queue", world.machine(node).inbox.len().into()));
        }
        if self.has_beliefs && world.setup().config.suspect_phi.is_some() {
            fields.push(("phi", phis(world, node)));
        }
        (self.name(node), object(fields))
    }

    fn hints(&self, node: NodeId) -> Json {
        let mut hints = self.world.hints(node);
        sort_by_key(&mut hints, |(target, ..)| self.ranks[target.index()]);
        let hint = |(target, key, _): (NodeId, &Key, &Pooled<Siblings>)| {
            object(vec![("for", self.name(target).into()), ("key", text(key.bytes()))])
        };
        hints.into_iter().map(hint).collect()
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

/// Who acknowledged, each once, in the order of the key's preference list.
pub fn in_list_order(world: &World, op: &OpRecord) -> Vec<Acknowledged> {
    let mut seen: Vec<Acknowledged> = Vec::with_capacity(op.acknowledged.len());
    for acknowledged in &op.acknowledged {
        if seen.iter().all(|other| other.replica != acknowledged.replica) {
            seen.push(*acknowledged);
        }
    }
    let ring = world.ring();
    let list: Vec<NodeId> = ring.distinct_nodes(ring.partition_of(op.key.position())).gather();
    let place = |node: NodeId| list.iter().position(|&other| other == node);
    sort_by_key(&mut seen, |acknowledged| place(acknowledged.replica.node));
    seen
}

/// Versions as every result shows them: value or that it is deleted, clock, and metadata where
/// there is some.
pub fn versions(names: &dyn Names, versions: &[Version]) -> Json {
    let shown = |version: &Version| {
        let Content { value, metadata, is_tombstone } = &*version.content;
        let actor = |(actor, counter): (Actor, u64)| (names.actor_name(actor), counter.into());
        let clock = version.clock.counters().map(actor).gather();
        let content = match is_tombstone {
            true => ("deleted", true.into()),
            false => ("value", text(value)),
        };
        let mut fields = vec![content, ("clock", Json::Object(clock))];
        if !metadata.is_empty() {
            let texts = metadata.iter().map(|(name, text)| (name.as_str(), text.as_str().into()));
            fields.push(("metadata", object(texts.gather())));
        }
        object(fields)
    };
    versions.iter().map(shown).collect()
}

pub fn state_word(state: MachineState) -> &'static str {
    match state {
        MachineState::Up => "up",
        MachineState::Crashed => "crashed",
        MachineState::Paused => "paused",
        MachineState::Left => "left",
    }
}

fn invariant(check: &Check) -> Json {
    let mut fields = vec![
        ("name", check.name.into()),
        ("class", class_word(check.class).into()),
        ("paper", check.paper.into()),
        ("ok", check.ok.into()),
    ];
    // An invariant that was never put to the test has no moment: it has proved nothing.
    if let Some(since) = check.armed_since {
        fields.push(("armed_since_ms", number(since.as_ms_f64())));
    }
    if let Some(count) = check.count {
        fields.push(("count", count.into()));
    }
    if let Some(broken) = &check.broken {
        let how = vec![
            ("at_ms", number(broken.at.as_ms_f64())),
            ("event", broken.event.into()),
            ("what", broken.what.as_str().into()),
        ];
        fields.push(("broken", object(how)));
    }
    object(fields)
}

pub fn class_word(class: CheckClass) -> &'static str {
    match class {
        CheckClass::Always => "always",
        CheckClass::Eventually => "eventually",
        CheckClass::NotPromised => "not promised",
    }
}

/// How suspicious a node finds the silence of each other: none by what it believes of the dead.
pub fn phis(world: &World, node: NodeId) -> Json {
    let view = world.view(node);
    let phis = view.into_iter().flat_map(|view| view.phis(world.now()));
    by_key(phis.map(|(other, phi)| {
        (world.setup().name(other).as_bytes(), number(f64::from(phi) / 1_000.0))
    }))
}

/// Bytes as the format has them: text, or base64 where they are none.
pub fn text(bytes: &[u8]) -> Json {
    use base64ct::{Base64, Encoding as _};
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => object(vec![("base64", Base64::encode_string(bytes).into())]),
    }
}

/// Whole milliseconds without a point, as people write them in scenarios.
fn number(ms: f64) -> Json {
    if ms.fract() == 0.0 { (ms as u64).into() } else { ms.into() }
}

/// Where each partition ends, as fractions of the circle; nothing where they are of one size.
pub fn ends(ring: &Ring) -> Json {
    match ring.ends() {
        Ends::Equal(_) => Json::Null,
        Ends::At(ends) => ends.iter().map(|&end| Position(u128::from(end) << 64).turn()).collect(),
    }
}
