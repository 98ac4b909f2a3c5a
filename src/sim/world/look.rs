//! Looking at a world: for reports, checks, the page. Nothing here changes anything.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, RequestId};
use crate::base::map::Map;
use crate::base::order::sort_by;
use crate::base::time::Instant;
use crate::data::merkle::root_of_all;
use crate::data::ring::Ring;
use crate::data::store::Store;
use crate::data::version::{Actor, Record, Siblings};
use crate::data::view::View;
use crate::node::NodeView;
use crate::protocol::message::Message;
use crate::sim::counters::Counters;
use crate::sim::load::stats::LoadStats;
use crate::sim::load::{FIRST_NUMBER, LOAD_OP};
use crate::sim::log::{Log, MessageKind};
use crate::sim::machine::{Machine, MachineState};
use crate::sim::network::{Cut, Loss};
use crate::sim::op::OpRecord;
use crate::sim::oracle::conduct::Conduct;
use crate::sim::oracle::{Check, CheckClass};
use crate::sim::schedule::Envelope;
use crate::sim::setup::Setup;
use crate::sim::world::{Expected, World};

/// A message that never arrived, for the eye.
#[derive(Clone, Debug)]
pub struct LostMessage {
    pub id: u64,
    pub from: NodeId,
    pub to: NodeId,
    pub kind: MessageKind,
    pub sent: Instant,
    /// When and where on its way it ended: half-way in the network, or at a closed door.
    pub died: Instant,
    pub fraction: f64,
    pub why: Loss,
}

const LOST_MAX: usize = 64;

impl World {
    pub fn setup(&self) -> &Rc<Setup> {
        &self.setup
    }

    pub fn now(&self) -> Instant {
        self.now
    }

    /// Inputs handled by nodes so far.
    pub fn events(&self) -> u64 {
        self.events
    }

    pub fn digest(&self) -> u64 {
        self.digest.value()
    }

    /// The moment of the next thing that will happen.
    pub fn next_time(&self) -> Option<Instant> {
        let action = self.setup.script.get(self.next_action).map(|entry| entry.at);
        [action, self.schedule.next_time()].into_iter().flatten().min()
    }

    /// The true token map: what the views of all nodes say together.
    pub fn ring(&self) -> &Ring {
        self.seen.truth.ring()
    }

    /// What the views of all nodes say together.
    pub fn truth(&self) -> &Rc<View> {
        &self.seen.truth
    }

    pub fn log(&self) -> &Log {
        &self.seen.log
    }

    /// Rises whenever there is something new to show besides time and heartbeats.
    pub fn revision(&self) -> u64 {
        self.seen.revision
    }

    /// In the order they began.
    pub fn ops(&self) -> &[OpRecord] {
        &self.seen.ops
    }

    pub fn op(&self, name: &str) -> Option<&OpRecord> {
        self.seen.op_names.get(name).map(|&index| &self.seen.ops[index])
    }

    /// An operation by its number: of the script, or of a load while it is remembered.
    pub fn record(&self, op: usize) -> Option<&OpRecord> {
        match op < FIRST_NUMBER {
            true => self.seen.ops.get(op),
            false => self.seen.load.record(op),
        }
    }

    /// The number of an operation that is known by this name.
    pub fn op_number(&self, name: &str) -> Option<usize> {
        let of_load = || {
            let place: usize = name.strip_prefix(LOAD_OP)?.parse().ok()?;
            FIRST_NUMBER.checked_add(place.checked_sub(1)?)
        };
        let scripted = self.seen.op_names.get(name).copied();
        scripted.or_else(|| of_load().filter(|&number| self.record(number).is_some()))
    }

    /// The operations of loads that are remembered, then those of the script, the newest first.
    pub fn newest_records(&self) -> impl Iterator<Item = &OpRecord> {
        self.seen.load.newest().chain(self.seen.ops.iter().rev())
    }

    /// What loads measured so far.
    pub fn load(&self) -> &LoadStats {
        &self.seen.load
    }

    /// When all faults were last healed.
    pub fn healed_at(&self) -> Option<Instant> {
        self.seen.healed_at
    }

    pub fn node_count(&self) -> usize {
        self.machines.len()
    }

    pub fn nodes(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0..self.machines.len() as u32).map(NodeId)
    }

    pub fn machine(&self, node: NodeId) -> &Machine {
        &self.machines[node.index()]
    }

    pub fn machine_state(&self, node: NodeId) -> MachineState {
        self.machine(node).state
    }

    /// The node's own view; none while it is crashed.
    pub fn view(&self, node: NodeId) -> Option<NodeView<'_>> {
        self.machine(node).node.as_ref().map(|node| node.view())
    }

    /// The node's own replicas, by the text of their keys: as it holds them, or, when it is
    /// crashed, as its disk does.
    pub fn replicas(&self, node: NodeId) -> Vec<(&Key, &Record)> {
        let mut records: Vec<_> = match self.view(node) {
            Some(view) => view.store().records().gather(),
            None => self.machine(node).disk.stored.records.iter().gather(),
        };
        sort_by(&mut records, |(a, _), (b, _)| a.bytes().cmp(b.bytes()));
        records
    }

    /// The hints it holds, by target and then by the text of their keys.
    pub fn hints(&self, node: NodeId) -> Vec<(NodeId, &Key, &Record)> {
        let hints = match self.view(node) {
            Some(view) => view.hints(),
            None => &self.machine(node).disk.stored.hints,
        };
        let all = hints.targets().flat_map(|(target, records)| {
            records.iter().map(move |(key, siblings)| (target, key, siblings))
        });
        let mut all: Vec<_> = all.gather();
        sort_by(&mut all, |(t, a, _), (u, b, _)| (t, a.bytes()).cmp(&(u, b.bytes())));
        all
    }

    /// One hash over the roots of its partitions' Merkle trees, as it or its disk has them.
    pub fn merkle_root(&self, node: NodeId) -> u64 {
        if let Some(view) = self.view(node) {
            return root_of_all(view.store());
        }
        let mut store = Store::default();
        for (key, record) in self.machine(node).disk.stored.records.iter() {
            store.merge(self.ring().partition_of(key.position()), key, record);
        }
        root_of_all(&store)
    }

    pub fn members(&self, node: NodeId) -> Vec<NodeId> {
        match self.view(node) {
            Some(view) => view.members(),
            None => {
                let stored = &self.machine(node).disk.stored;
                let view = stored.view.as_ref().unwrap_or(&self.first_view);
                view.joined().map(|member| member.node).gather()
            }
        }
    }

    pub fn suspects(&self, node: NodeId) -> Vec<NodeId> {
        self.view(node).map_or_else(Vec::new, |v| v.suspects().map(|(node, ..)| node).gather())
    }

    /// `B` for a node's first actor, `B~2` for its second.
    pub fn actor_name(&self, actor: Actor) -> String {
        let name = self.setup.name(actor.node);
        let known = self.seen.actors.get(&actor.node);
        match known.and_then(|actors| actors.iter().position(|&a| a == actor)) {
            Some(0) => name.to_owned(),
            Some(at) => format!("{name}~{}", at + 1),
            None => format!("{name}~?"),
        }
    }

    pub fn counters(&self) -> &Counters {
        &self.seen.counters
    }

    pub fn expects(&self) -> &[Expected] {
        &self.expects
    }

    pub fn in_flight(&self) -> impl Iterator<Item = &Envelope> {
        self.schedule.in_flight()
    }

    /// The operation that a message between two nodes serves.
    pub fn op_of(&self, envelope: &Envelope) -> Option<usize> {
        let request = request_of(&envelope.message)?;
        let by = |node| self.seen.served.get(&(node, request)).map(|served| served.op);
        by(envelope.from).or_else(|| by(envelope.to))
    }

    /// The operation that a node's own request serves.
    pub fn op_served(&self, node: NodeId, request: RequestId) -> Option<usize> {
        self.seen.served.get(&(node, request)).map(|served| served.op)
    }

    /// Whom the hint is for, when the message carries one.
    pub fn hint_target(&self, envelope: &Envelope) -> Option<NodeId> {
        key_and_hint(&envelope.message, envelope.to).1
    }

    pub fn lost(&self) -> impl Iterator<Item = &LostMessage> {
        self.seen.lost.iter()
    }

    pub fn cuts(&self) -> &[Cut] {
        self.links.cuts()
    }

    pub(super) fn remember_lost(&mut self, envelope: &Envelope, why: Loss) {
        let fraction = match why {
            Loss::Dropped | Loss::Cut => 0.5,
            Loss::DestinationDown | Loss::QueueFull | Loss::Damaged => 1.0,
        };
        let flight = (envelope.arrives - envelope.sent).0 as f64;
        let died = Instant(envelope.sent.0 + (flight * fraction) as u64);
        let lost = &mut self.seen.lost;
        if lost.len() >= LOST_MAX {
            lost.pop_front();
        }
        lost.push_back(LostMessage {
            id: envelope.id,
            from: envelope.from,
            to: envelope.to,
            kind: MessageKind::of(&envelope.message),
            sent: envelope.sent,
            died,
            fraction,
            why,
        });
    }

    /// What nodes did, as far as somebody looked.
    pub fn conduct(&self) -> &Conduct {
        self.seen.oracle.conduct()
    }

    /// Every check as it stands, the disks looked at anew.
    pub fn checks(&self) -> Vec<Check> {
        let mut oracle = self.seen.oracle.clone();
        let disks = self.machines.iter().map(|machine| &machine.disk);
        oracle.look(self.moment(), disks);
        let mut checks = oracle.checks();
        checks.push(Check {
            name: "replicas-agree",
            class: CheckClass::Eventually,
            paper: "§4.7",
            armed_since: self.seen.healed_at,
            ok: self.convergence().is_ok(),
            count: None,
            broken: None,
        });
        let counters = &self.seen.counters;
        let counted = |name, paper, count| Check {
            name,
            class: CheckClass::NotPromised,
            paper,
            armed_since: None,
            ok: true,
            count: Some(count),
            broken: None,
        };
        checks.push(counted("siblings-seen", "§4.4", counters.siblings_seen));
        checks.push(counted("stale-reads", "§4.5", counters.stale_reads));
        checks.push(counted("false-suspicions", "§4.8.3", counters.false_suspicions));
        checks
    }

    /// Whether the nodes that are up agree: each holds exactly the records whose first N include
    /// it, all alike, no hints, and one view of membership. Else the first thing that differs.
    pub fn convergence(&self) -> Result<(), String> {
        let is_current =
            |&node: &NodeId| self.machine(node).is_up() && self.truth().has_joined(node);
        let up: Vec<NodeId> = self.nodes().filter(is_current).gather();
        let mut all: Map<&Key, Siblings> = Map::default();
        for &node in &up {
            if let Some((target, key, _)) = self.hints(node).first() {
                let (holder, target) = (self.setup.name(node), self.setup.name(*target));
                return Err(format!("{holder} still holds a hint for {target}, of {key:?}"));
            }
            for (key, siblings) in self.replicas(node) {
                let merged = all.or_insert_with(key, || (**siblings).clone());
                merged.merge(siblings);
            }
            if self.members(node) != self.members(up[0]) {
                let (one, other) = (self.setup.name(up[0]), self.setup.name(node));
                return Err(format!("{one} and {other} know different members"));
            }
            let digest = |node| self.view(node).map(|view| view.membership().digest());
            if digest(node) != digest(up[0]) {
                let (one, other) = (self.setup.name(up[0]), self.setup.name(node));
                return Err(format!("{one} and {other} know different token maps"));
            }
        }
        if self.ring().is_moving() {
            return Err("partitions are still moving to their new homes".into());
        }
        for (key, merged) in all.iter() {
            self.agreement_on(key, merged, &up)?;
        }
        Ok(())
    }

    fn agreement_on(&self, key: &Key, merged: &Siblings, up: &[NodeId]) -> Result<(), String> {
        let partition = self.ring().partition_of(key.position());
        for &node in up {
            let name = self.setup.name(node);
            let held = self.view(node).and_then(|view| view.store().get(partition, key));
            match (self.ring().is_home(partition, node), held) {
                (true, Some(held)) if **held == *merged => {}
                (true, Some(_)) => return Err(format!("{name} holds an older {key:?}")),
                (true, None) => return Err(format!("{name} should hold {key:?} and does not")),
                (false, None) => {}
                (false, Some(_)) => return Err(format!("{name} holds {key:?} and should not")),
            }
        }
        Ok(())
    }
}

pub(super) fn request_of(message: &Message) -> Option<RequestId> {
    match message {
        Message::Forward { request, .. }
        | Message::Taken { request }
        | Message::Forwarded { request, .. }
        | Message::Store { request, .. }
        | Message::Stored { request, .. }
        | Message::Fetch { request, .. }
        | Message::Fetched { request, .. }
        | Message::Repair { request, .. }
        | Message::Repaired { request } => Some(*request),
        Message::Handoff { .. } | Message::HandedOver { .. } => None,
        Message::Digest { .. } | Message::News { .. } | Message::Rest { .. } => None,
        Message::Probe { .. } | Message::Probed { .. } => None,
        Message::NotHome { request, .. } => Some(*request),
        Message::View { .. } | Message::Join { .. } => None,
        Message::Offer { .. } | Message::Confirm { .. } => None,
        Message::Transfer { .. } | Message::Transferred { .. } => None,
        Message::Compare { .. } | Message::Differing { .. } | Message::Keys { .. } => None,
        Message::Different { .. } | Message::Wanted { .. } | Message::Mended { .. } => None,
        Message::Bury { .. } | Message::Buried { .. } => None,
    }
}

pub(super) fn key_and_hint(message: &Message, to: NodeId) -> (Option<Key>, Option<NodeId>) {
    match message {
        Message::Forward { put, .. } => (Some(put.key.clone()), None),
        Message::Store { key, stands_in_for, .. } => (Some(key.clone()), *stands_in_for),
        Message::Fetch { key, .. } | Message::Repair { key, .. } => (Some(key.clone()), None),
        Message::Bury { key, .. } => (Some(key.clone()), None),
        Message::Handoff { key, .. } => (Some(key.clone()), Some(to)),
        _ => (None, None),
    }
}
