//! A world: nodes in machines, a network, clients, and the time that passes between events.
//!
//! ```text
//!   script ──▶ commands ─┐                        ┌─▶ disk ──▶ network ──▶ schedule
//!                        ├─▶ Node::handle ──▶ outbox ─▶ replies ──▶ clients
//!   schedule ──▶ events ─┘                        └─▶ notices ──▶ log, counters, oracle
//! ```
//!
//! `Clone` is the checkpoint. Nothing below notices, log, counters and oracle ever changes what
//! happens; the digest does not cover them.

mod clients;
mod commands;
mod disks;
mod entries;
mod events;
mod load;
mod look;
mod paranoid;
mod queues;
mod tables;

use std::rc::Rc;

use crate::base::digest::{Digest, Digestible};
use crate::base::gather::Gather;
use crate::base::id::{NodeId, RequestId};
use crate::base::map::Map;
use crate::base::queue::Queue;
use crate::base::rng::Rng;
use crate::base::time::{Instant, Span};
use crate::data::version::{Actor, Dot};
use crate::data::view::{View, merged};
use crate::node::Node;
use crate::protocol::message::{Durability, Input, Message, Outbox, Recovered, Stored, Write};
use crate::sim::command::Action;
use crate::sim::counters::Counters;
use crate::sim::disk::Health;
use crate::sim::load::stats::LoadStats;
use crate::sim::load::{FIRST_NUMBER, Loads};
use crate::sim::log::{Hop, Log, MessageKind, What, is_refusal};
use crate::sim::machine::{Machine, MachineState};
use crate::sim::network::{Fate, Links, Loss};
use crate::sim::op::OpRecord;
use crate::sim::oracle::{Moment, Oracle};
use crate::sim::schedule::{Envelope, Event, Schedule};
use crate::sim::setup::{Beginning, Setup};

use entries::Choices;
pub use look::LostMessage;
pub use tables::TableSize;

#[derive(Clone, Debug)]
pub struct World {
    setup: Rc<Setup>,
    /// What the members knew in the beginning.
    first_view: Rc<View>,
    /// What an outsider knows in the beginning: the ring's shape.
    blank_view: Rc<View>,
    seeds: Rc<[NodeId]>,
    now: Instant,
    /// Something other than an action has happened at `now`: the next action comes later.
    is_moment_begun: bool,
    schedule: Schedule,
    machines: Vec<Machine>,
    links: Links,
    next_action: usize,
    expects: Vec<Expected>,
    client_rng: Rng,
    choices: Choices,
    loads: Loads,
    disk_rng: Rng,
    fault_rng: Rng,
    events: u64,
    digest: Digest,
    /// Memory for what a call wants: more than one where an answer makes a client ask at once.
    #[expect(clippy::vec_box, reason = "it is taken out and put back at each call")]
    outboxes: Vec<Box<Outbox>>,
    /// In paranoid mode, the memory for a packet.
    paranoid: Option<Vec<u8>>,
    seen: Seen,
}

/// What only onlookers need. Never read by anything that happens.
#[derive(Clone, Debug)]
struct Seen {
    /// Notices are dropped unread, and the oracle is told nothing.
    is_blind: bool,
    log: Log,
    counters: Counters,
    oracle: Oracle,
    ops: Vec<OpRecord>,
    op_names: Map<String, usize>,
    /// The version that a coordinator has just made.
    making: Option<(NodeId, RequestId, Dot)>,
    /// What a request between nodes serves.
    served: Map<(NodeId, RequestId), Served>,
    /// The same, the oldest first: they are forgotten in that order.
    served_order: Queue<(NodeId, RequestId)>,
    load: LoadStats,
    lost: Queue<LostMessage>,
    /// The actors of each node, in the order they appeared.
    actors: Map<NodeId, Vec<Actor>>,
    healed_at: Option<Instant>,
    /// What the views of all nodes say together.
    truth: Rc<View>,
    /// Rises whenever something other than time, heartbeats and their messages changed.
    revision: u64,
}

/// What a node asks others for, to the eye.
#[derive(Clone, Copy, Debug)]
struct Served {
    /// The client's operation.
    op: usize,
    /// The event with which the node began, or last asked another.
    event: u64,
}

/// Requests between nodes whose operations are known; older ones are no more.
const SERVED_MAX: usize = 20_000;

impl Seen {
    /// Whom to tell what clients and disks show; nobody where nobody looks.
    fn oracle(&mut self) -> Option<&mut Oracle> {
        (!self.is_blind).then_some(&mut self.oracle)
    }

    /// A write is about to be on a disk that holds this.
    fn see_write(&mut self, before: &Stored, write: &Write) {
        if let Some(oracle) = self.oracle() {
            oracle.on_write(before, write);
        }
    }

    /// An operation of the script, or of a load while it is remembered.
    fn record_mut(&mut self, op: usize) -> Option<&mut OpRecord> {
        match op < FIRST_NUMBER {
            true => self.ops.get_mut(op),
            false => self.load.record_mut(op),
        }
    }

    fn serve(&mut self, node: NodeId, request: RequestId, op: usize) {
        if self.served.insert((node, request), Served { op, event: 0 }).is_none() {
            self.served_order.push_back((node, request));
        }
        if self.served_order.len() > SERVED_MAX
            && let Some(oldest) = self.served_order.pop_front()
        {
            self.served.remove(&oldest);
        }
    }
}

/// The answer to one `expect` of the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub at: Instant,
    /// Where it stands in the script as it was written.
    pub index: usize,
    pub ok: bool,
    pub why: String,
    /// The last event before it was asked.
    pub event: u64,
}

impl World {
    /// A world at time zero, every node about to start on an empty disk. Its log is kept.
    pub fn new(setup: Rc<Setup>) -> World {
        World::with_log(setup, Log::new(true))
    }

    /// A world that nobody looks at: its nodes' notices are thrown away and no check is made. What
    /// happens must not notice.
    pub fn unwatched(setup: Rc<Setup>) -> World {
        let mut world = World::with_log(setup, Log::new(false));
        world.seen.is_blind = true;
        world
    }

    /// For long runs that nobody looks at.
    pub fn without_log(setup: Rc<Setup>) -> World {
        World::with_log(setup, Log::new(false))
    }

    fn with_log(setup: Rc<Setup>, log: Log) -> World {
        let first_view = Rc::new(setup.view());
        let members = setup.present() as u32;
        let stream = |purpose| Rng::stream(&setup.seed, purpose);
        let mut world = World {
            blank_view: Rc::new(View::blank(setup.partitioning, setup.config.n)),
            seeds: setup.seeds(setup.present()),
            first_view: first_view.clone(),
            now: Instant::ZERO,
            is_moment_begun: false,
            schedule: Schedule::default(),
            machines: (0..members).map(|_| Machine::new()).gather(),
            links: Links::new(setup.network, stream("network"), stream("damage")),
            next_action: 0,
            expects: Vec::new(),
            client_rng: stream("clients"),
            choices: Choices::new(stream("client choices")),
            loads: Loads::default(),
            disk_rng: stream("disks"),
            fault_rng: stream("faults"),
            events: 0,
            digest: Digest::default(),
            outboxes: Vec::new(),
            paranoid: None,
            seen: Seen {
                is_blind: false,
                log,
                counters: Counters::default(),
                oracle: Oracle::new(&setup.config),
                ops: Vec::new(),
                op_names: Map::default(),
                making: None,
                served: Map::default(),
                served_order: Queue::default(),
                load: LoadStats::default(),
                lost: Queue::default(),
                actors: Map::default(),
                healed_at: None,
                truth: first_view,
                revision: 0,
            },
            setup,
        };
        (0..members).for_each(|n| world.boot(NodeId(n)));
        world.begin_polls();
        world
    }

    /// Lets everything up to and including `to` happen, at most `max_events` of it. Answers
    /// whether it got there. Actions at a moment come before events at that moment.
    pub fn run_to(&mut self, to: Instant, max_events: u64) -> bool {
        for _ in 0..max_events {
            if !self.do_next(to) {
                self.now = self.now.max(to);
                return true;
            }
        }
        false
    }

    /// Goes on until one thing has happened that the log tells of. False when nothing is left.
    pub fn step(&mut self) -> bool {
        let before = self.seen.log.next_id();
        while self.seen.log.next_id() == before {
            if !self.do_next(Instant(u64::MAX)) {
                return false;
            }
        }
        true
    }

    /// Does the next thing there is, if its moment is not past `to`.
    fn do_next(&mut self, to: Instant) -> bool {
        let action_at = self.setup.script.get(self.next_action).map(|entry| entry.at);
        let action_at = action_at.filter(|&at| at <= to);
        // Actions of a moment come before its events.
        let before = action_at.map_or(Some(to), |Instant(at)| at.checked_sub(1).map(Instant));
        if let Some((at, event)) = before.and_then(|before| self.schedule.pop(before)) {
            self.move_to(at);
            self.is_moment_begun = true;
            self.happen(event);
            return true;
        }
        if action_at.is_some() {
            let entry = self.setup.script[self.next_action].clone();
            self.next_action += 1;
            self.move_to(entry.at);
            self.act(self.next_action - 1, &entry.action);
        }
        action_at.is_some()
    }

    fn move_to(&mut self, at: Instant) {
        if at > self.now {
            self.now = at;
            self.is_moment_begun = false;
        }
    }

    /// The earliest moment at which a new command can act and still replay: actions come before
    /// events of their moment, so once events of `now` have happened it is the nanosecond after.
    pub fn next_command_time(&mut self) -> Instant {
        self.run_to(self.now, u64::MAX);
        if self.is_moment_begun { self.now + Span(1) } else { self.now }
    }

    /// Replaces the script, with the nodes that join in it. What lies before the present must be
    /// the same.
    pub fn set_setup(&mut self, setup: Rc<Setup>) {
        debug_assert_eq!(setup.script[..self.next_action], self.setup.script[..self.next_action]);
        self.setup = setup;
    }

    fn act(&mut self, index: usize, action: &Action) {
        match action {
            Action::Command(command) => self.command(command),
            Action::Expect(predicate) => {
                self.check();
                let (ok, why) = crate::sim::expect::evaluate(predicate, self);
                let event = self.seen.log.next_id();
                self.note(None, || What::Expected { index, ok });
                self.expects.push(Expected { at: self.now, index, ok, why, event });
            }
        }
        self.seen.revision += 1;
    }

    /// Starts a node with what its disk holds.
    fn boot(&mut self, id: NodeId) {
        let stored = self.through_journal(self.machines[id.index()].disk.stored.clone());
        let before = stored.identity.map(|identity| identity.incarnation);
        let machine = &mut self.machines[id.index()];
        let view = match self.setup.nodes[id.index()].begins {
            Beginning::Member => self.first_view.clone(),
            Beginning::Outsider | Beginning::Later => self.blank_view.clone(),
        };
        let recovered = Recovered { stored, view, seeds: self.seeds.clone() };
        machine.boots += 1;
        machine.up_since = self.now;
        let purpose = format!("node {} start {}", id.0, machine.boots);
        let seed = Rng::stream(&self.setup.seed, &purpose).next_u64();
        machine.node = Some(Node::new(id, self.setup.config.clone(), recovered, seed));
        machine.state = MachineState::Up;
        machine.wake_at = None;
        self.choices.on_members();
        let is_full = machine.disk.health == Health::Full;
        let now = machine.node.as_ref().map(|node| node.view().identity().incarnation);
        if let (Some(before), Some(now)) = (before, now) {
            let (moment, name) = (self.moment(), self.setup.name(id));
            self.seen.oracle.conduct_mut().on_started(moment, name, before, now);
        }
        self.set_wakeup(id);
        if is_full {
            let cause = self.seen.log.next_id().saturating_sub(1);
            self.give(id, Input::Disk { is_full }, cause);
        }
    }

    /// Gives a node an input and carries out what it wants, under the durability rule.
    fn give(&mut self, id: NodeId, input: Input, cause: u64) {
        let machine = &mut self.machines[id.index()];
        let now = machine.now(self.now);
        let Some(node) = machine.node.as_mut() else { return };
        let mut out = self.outboxes.pop().unwrap_or_default();
        out.is_unread = self.seen.is_blind;
        self.events += 1;
        let digest = &mut self.digest;
        digest.words([self.now.0, self.events, u64::from(id.0)]);
        input.digest(digest);
        node.handle(now, input, &mut out);
        out.digest(digest);
        if out.writes.iter().any(|write| matches!(write, Write::View(_))) {
            self.seen.truth = merged(&self.seen.truth, node.view().membership());
            self.choices.on_members();
        }
        if !out.notices.is_empty() {
            self.see_notices(id, cause, &mut out);
        }
        self.hold_or_dispatch(id, cause, &mut out);
        debug_assert!(out.is_empty(), "whatever a call wants is done by now");
        out.durability = Durability::Written;
        self.outboxes.push(out);
        self.switch_off_if_gone(id);
        self.set_wakeup(id);
    }

    fn send(&mut self, from: NodeId, to: NodeId, message: Message, cause: u64) {
        self.seen.counters.messages_sent += 1;
        self.seen.counters.background_steps += u64::from(message.is_background());
        let slowness = self.machines[from.index()].slowness;
        let Fate { taken, again, lost } = self.links.route(self.now, from, to, slowness);
        let copy = again.map(|again| (again, message.clone()));
        self.send_one((from, to), taken, message, lost, cause);
        if let Some((again, message)) = copy {
            self.seen.counters.messages_duplicated += 1;
            self.send_one((from, to), again, message, lost, cause);
        }
    }

    fn send_one(
        &mut self,
        (from, to): (NodeId, NodeId),
        taken: Span,
        message: Message,
        lost: Option<Loss>,
        cause: u64,
    ) {
        let (sent, arrives) = (self.now, self.now + taken);
        let seen = &mut self.seen;
        let hop = || hop_of(&seen.served, from, to, &message);
        let id = seen.log.add(sent, Some(cause), || What::Sent(hop()));
        let envelope = Envelope { id, from, to, sent, arrives, message };
        if lost == Some(Loss::Damaged) {
            self.prove_damage(&envelope);
        }
        match lost {
            None => self.schedule.at(arrives, Event::Deliver(envelope)),
            Some(why) => self.lose(&envelope, why),
        }
    }

    fn lose(&mut self, envelope: &Envelope, why: Loss) {
        self.seen.counters.messages_lost += 1;
        let Envelope { id, from, to, message, .. } = envelope;
        let seen = &mut self.seen;
        let hop = || hop_of(&seen.served, *from, *to, message);
        seen.log.add(self.now, Some(*id), || What::Lost { hop: hop(), why });
        self.remember_lost(envelope, why);
    }

    /// Why a node does something: what has just come to it, or, of what it does for a request once
    /// a timer is due, that request.
    fn because(
        &self,
        node: NodeId,
        cause: u64,
        request: impl FnOnce() -> Option<RequestId>,
    ) -> u64 {
        if self.machines[node.index()].woke != Some(cause) {
            return cause;
        }
        let served = request().and_then(|request| self.seen.served.get(&(node, request)));
        served.map_or(cause, |served| served.event)
    }

    /// Makes sure that the node is woken when it wants to be.
    fn set_wakeup(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        let Some(wanted) = machine.node.as_ref().and_then(Node::next_wakeup) else { return };
        let wanted = wanted.max(self.now);
        if machine.wake_at.is_none_or(|set| wanted < set) {
            machine.wake_at = Some(wanted);
            machine.wake_cause = self.seen.log.next_id().checked_sub(1);
            self.schedule.at(wanted, Event::Wake { node: id });
        }
    }

    fn moment(&self) -> Moment {
        Moment { at: self.now, event: self.seen.log.next_id() }
    }

    fn note(&mut self, cause: Option<u64>, what: impl FnOnce() -> What) -> u64 {
        self.seen.log.add(self.now, cause, what)
    }

    /// Puts the disks before the oracle.
    fn check(&mut self) {
        let moment = self.moment();
        let disks = self.machines.iter().map(|machine| &machine.disk);
        self.seen.oracle.look(moment, disks);
    }
}

/// A message as the log keeps it.
fn hop_of(
    served: &Map<(NodeId, RequestId), Served>,
    from: NodeId,
    to: NodeId,
    message: &Message,
) -> Hop {
    let (key, hint_for) = look::key_and_hint(message, to);
    let op = look::request_of(message).and_then(|request| {
        let by = |node| served.get(&(node, request)).map(|served| served.op);
        by(from).or_else(|| by(to))
    });
    let (kind, is_refusal) = (MessageKind::of(message), is_refusal(message));
    Hop { from, to, kind, key, hint_for, op, is_refusal }
}
