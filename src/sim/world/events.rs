//! What happens: deliveries, wake-ups, disks, clients losing patience; and what notices say.

use crate::base::blob::Key;
use crate::base::id::{NodeId, RequestId};
use crate::data::version::Dot;
use crate::node::Node;
use crate::protocol::message::{Input, Message, Notice, Origin, Outbox, Replica};
use crate::sim::causality::Shown;
use crate::sim::log::What;
use crate::sim::machine::MachineState;
use crate::sim::network::Loss;
use crate::sim::op::{Acknowledged, OpRecord};
use crate::sim::oracle::conduct::{Copies, Execution};
use crate::sim::schedule::{Envelope, Event};
use crate::sim::world::{Seen, World, hop_of};

/// What a hash takes on its way.
const HASH_BYTES: u64 = 8;

impl World {
    #[inline(always)]
    pub(super) fn happen(&mut self, event: Event) {
        match event {
            Event::Deliver(envelope) => self.deliver(envelope),
            Event::Wake { node } => self.wake(node),
            Event::Served { node } => self.served(node),
            Event::Synced { node, boot } => self.synced(node, boot),
            Event::ClientTimeout { op } => self.client_gives_up(op),
            Event::Again { op, put } => self.ask_again(op, put),
            Event::Poll { client } => self.poll_is_due(client),
            Event::Arrival { load, client } => self.arrive(load, client),
            Event::LoadPatience => self.load_gives_up(),
        }
    }

    fn deliver(&mut self, envelope: Envelope) {
        let is_instant = self.is_instant(envelope.to);
        match self.machines[envelope.to.index()].state {
            _ if is_instant => {}
            MachineState::Crashed | MachineState::Left => {
                return self.lose(&envelope, Loss::DestinationDown);
            }
            MachineState::Paused | MachineState::Up if self.is_queue_full(envelope.to) => {
                self.seen.counters.queues_full += 1;
                return self.lose(&envelope, Loss::QueueFull);
            }
            MachineState::Paused | MachineState::Up => {}
        }
        self.seen.counters.messages_delivered += 1;
        let Envelope { id, from, to, .. } = envelope;
        let seen = &mut self.seen;
        let hop = || hop_of(&seen.served, from, to, &envelope.message);
        let cause = seen.log.add(self.now, Some(id), || What::Delivered(hop()));
        let input = Input::Receive { from, message: envelope.message };
        match is_instant {
            true => self.give(to, input, cause),
            false => self.line_up(to, input, cause),
        }
    }

    fn wake(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        if machine.wake_at != Some(self.now) {
            return; // an earlier wake-up took its place
        }
        machine.wake_at = None;
        let is_due = machine.node.as_ref().and_then(|node| node.next_wakeup());
        if machine.is_up() && is_due.is_some_and(|at| at <= self.now) {
            let armed_by = machine.wake_cause;
            let cause = self.note(armed_by, || What::Woke { node: id });
            self.machines[id.index()].woke = Some(cause);
            self.give(id, Input::Wakeup, cause);
        } else if machine.is_up() {
            self.set_wakeup(id);
        }
    }

    /// The disk is done with a flush: what waited for it may leave now. A paused machine's process
    /// says nothing; it catches up when it is resumed.
    fn synced(&mut self, id: NodeId, boot: u32) {
        let machine = &self.machines[id.index()];
        if machine.boots == boot && machine.is_up() {
            self.go_on_writing(id);
            self.switch_off_if_gone(id);
        }
    }

    /// A node that has left, and has nothing left to do, is switched off. What still waits for it
    /// is from others who do not know.
    pub(super) fn switch_off_if_gone(&mut self, id: NodeId) {
        let machine = &mut self.machines[id.index()];
        let is_gone = machine.node.as_ref().is_some_and(|node| node.view().is_gone());
        if is_gone && machine.is_up() && machine.disk.is_idle() {
            machine.stop();
            machine.state = MachineState::Left;
            self.choices.on_members();
            self.seen.revision += 1;
        }
    }

    /// Notices go to the log, to the counters and to the operations they speak of.
    pub(super) fn see_notices(&mut self, node: NodeId, cause: u64, out: &mut Outbox) {
        let Outbox { notices, sends, .. } = out;
        for notice in notices.drain(..) {
            self.count(node, &notice);
            self.follow_op(node, &notice);
            if let Notice::Coordinates { origin, request, dot: Some(_), .. } = notice {
                // One of those who keep it itself (§6.4).
                self.see_executed(node, origin, 1 + copies_sent(sends, request));
            }
            let is_routine = matches!(
                notice,
                Notice::GossipRound { .. }
                    | Notice::HashesSent { .. }
                    | Notice::Compared { differing: 0, .. }
            );
            self.seen.revision += u64::from(!is_routine);
            let request = notice.request();
            let begins = matches!(
                notice,
                Notice::Coordinates { .. } | Notice::Forwards { .. } | Notice::Replaced { .. }
            );
            let cause = self.because(node, cause, || request);
            let event = self.note(Some(cause), || What::Noticed { node, notice });
            if let Some(request) = request.filter(|_| begins)
                && let Some(served) = self.seen.served.get_mut(&(node, request))
            {
                served.event = event;
            }
        }
    }

    fn count(&mut self, node: NodeId, notice: &Notice) {
        let counters = &mut self.seen.counters;
        match notice {
            Notice::Forwards { .. } => counters.forwards += 1,
            Notice::Replaced { .. } => counters.replacements += 1,
            Notice::HintStored { .. } => counters.hints_stored += 1,
            Notice::HintDelivered { .. } => counters.hints_delivered += 1,
            Notice::ReadRepair { .. } => counters.read_repairs += 1,
            Notice::GossipRound { .. } => counters.gossip_rounds += 1,
            Notice::ClockCut { .. } => {
                counters.clocks_cut += 1;
                self.seen.oracle.on_clock_cut();
            }
            Notice::AsksDurably { .. } => counters.durable_writes_asked += 1,
            Notice::Overloaded { .. } => counters.overloads += 1,
            Notice::Suspects { node: whom, .. } => {
                counters.suspicions += 1;
                let is_up = self.machines[whom.index()].is_up();
                counters.false_suspicions += u64::from(is_up);
            }
            Notice::Started { actor, .. } => {
                let actors = self.seen.actors.or_insert_with(node, Vec::new);
                if !actors.contains(actor) {
                    actors.push(*actor);
                }
            }
            Notice::Coordinates { .. } | Notice::Acknowledged { .. } | Notice::Trusts { .. } => {}
            Notice::FalseDominance { .. } => {}
            Notice::Moved { partition, from, to } => {
                counters.homes_passed += 1;
                let past = self.seen.oracle.past();
                past.is_place_moved = true;
                past.is_place_filled_for_another |= from.is_some_and(|keeper| keeper != node);
                if to.is_none()
                    && let Some(giver) = &self.machines[node.index()].node
                {
                    past.on_left(giver.view().ring().homes(*partition).len());
                }
            }
            Notice::PartitionsChanged { .. } => counters.partitions_changed += 1,
            Notice::Received { records, .. } => {
                counters.records_transferred += u64::from(*records);
            }
            Notice::Compared { bytes, .. } => counters.merkle_full_copy_bytes += bytes,
            Notice::HashesSent { hashes, .. } => {
                counters.merkle_hashes_exchanged += u64::from(*hashes);
                counters.merkle_bytes_sent += HASH_BYTES * u64::from(*hashes);
            }
            Notice::RecordSent { bytes, .. } => {
                counters.merkle_keys_moved += 1;
                counters.merkle_bytes_sent += u64::from(*bytes);
            }
            Notice::RecordMended { .. } => counters.merkle_keys_mended += 1,
            Notice::TreesRebuilt { trees } => {
                counters.merkle_trees_rebuilt += u64::from(*trees);
            }
            Notice::Reaped { key, tombstone } => {
                counters.tombstones_reaped += 1;
                let truth = &self.seen.truth;
                // Who is alone goes by what is not durable yet.
                let is_unasked =
                    |at: usize| at == node.index() || !truth.has_joined(NodeId(at as u32));
                let machines = self.machines.iter().enumerate();
                let unasked = machines.filter(|(at, _)| is_unasked(*at)).map(|(_, it)| &it.disk);
                self.seen.oracle.on_reaped(self.now, key, &tombstone.clock(), unasked);
            }
            Notice::MemberJoined { .. } | Notice::MemberLeft { .. } => {}
            Notice::Slices { .. } => {}
            Notice::Rests { .. } => counters.background_rests += 1,
        }
    }

    /// Ties requests between nodes to the client's operation they serve.
    fn follow_op(&mut self, node: NodeId, notice: &Notice) {
        let seen = &mut self.seen;
        match notice {
            Notice::Coordinates { origin, request, .. }
            | Notice::Forwards { origin, request, .. } => {
                let op = match origin {
                    Origin::Client { request, .. } => Some(*request as usize),
                    Origin::Node { node, request } => {
                        seen.served.get(&(*node, *request)).map(|served| served.op)
                    }
                };
                let Some(op) = op else { return };
                seen.serve(node, *request, op);
                if let Notice::Coordinates { key, dot, .. } = notice {
                    if let Some(record) = seen.record_mut(op) {
                        record.coordinator = Some(node);
                    }
                    if let Some(dot) = *dot {
                        self.seen.making = Some((node, *request, dot));
                        self.see_made(op, key, dot);
                    }
                }
            }
            Notice::Acknowledged { request, replica } => {
                if let Some(op) = seen.served.get(&(node, *request)).map(|served| served.op) {
                    let at = self.now;
                    if let Some(record) = seen.record_mut(op) {
                        record.acknowledged.push(Acknowledged { replica: *replica, to: node, at });
                    }
                    if replica.node == node
                        && let Some((_, _, dot)) =
                            seen.making.take_if(|(by, of, _)| (*by, *of) == (node, *request))
                    {
                        self.see_kept(*replica, op, dot);
                    }
                }
            }
            _ => {}
        }
    }

    /// A node coordinates a put, and so many copies leave it, its own among them. Who suspects
    /// nobody, in a ring at rest, has no reason to leave anybody out.
    fn see_executed(&mut self, node: NodeId, origin: Origin, sent: usize) {
        let machine = &self.machines[node.index()];
        let Some(view) = machine.node.as_ref().map(Node::view) else { return };
        let is_calm = view.suspects().next().is_none() && !view.ring().is_moving();
        let due = is_calm.then(|| view.membership().joined().take(self.setup.config.n).count());
        let execution = Execution { node, boots: machine.boots, origin };
        let moment = self.moment();
        self.seen.oracle.conduct_mut().on_put(moment, execution, Copies { sent, due });
    }

    /// A version was made of this put. Its true past is what the answer that the client handed
    /// back had shown.
    fn see_made(&mut self, op: usize, key: &Key, dot: Dot) {
        if let Some(known) = self.loads.flights.get(op as u64).map(|flight| &flight.known) {
            let shown = match known.as_deref() {
                None => Shown::Nothing,
                Some(known) if known.dots.is_empty() => Shown::Deleted(&known.context.clock),
                Some(known) => Shown::Dots(&known.dots),
            };
            return self.seen.oracle.on_made(key, dot, shown);
        }
        let Seen { oracle, ops, op_names, .. } = &mut self.seen;
        // Of a load, and its client has given up: what it knew went with it.
        let Some(put) = ops.get(op) else { return oracle.on_made(key, dot, Shown::Unknown) };
        let name = put.context_of.as_ref();
        let source = name.and_then(|name| op_names.get(name)).map(|&source| &ops[source]);
        let shown = match source {
            None => Shown::Nothing,
            Some(OpRecord { versions, context: Some(context), .. }) if versions.is_empty() => {
                Shown::Deleted(&context.clock)
            }
            Some(source) => Shown::Versions(&source.versions),
        };
        oracle.on_made(key, dot, shown);
    }

    /// The coordinator keeps a copy, and has done so by now: of what it made, or of what it holds
    /// to be newer.
    fn see_kept(&mut self, replica: Replica, op: usize, dot: Dot) {
        let node = self.machines[replica.node.index()].node.as_ref();
        let Some(view) = node.map(Node::view) else { return };
        let Seen { oracle, ops, .. } = &mut self.seen;
        let asked = self.loads.flights.get(op as u64);
        let key = asked.map(|flight| self.loads.all[flight.load].keys.key(flight.key));
        let Some(key) = key.or_else(|| ops.get(op).map(|put| &put.key)) else { return };
        let held = match replica.stands_in_for {
            Some(absent) => view.hints().get(absent, key),
            None => {
                let ring = view.ring();
                view.store().get(ring.partition_of(key.position()), key)
            }
        };
        if let Some(held) = held {
            oracle.on_kept(key, dot, held);
        }
        self.count_wrongs();
    }

    /// Brings the counters up to what the oracle knows.
    pub(super) fn count_wrongs(&mut self) {
        let moment = self.moment();
        let Some(oracle) = self.seen.oracle() else { return };
        let wrongs = oracle.wrongs(moment);
        self.seen.counters.false_dominance = wrongs.false_dominance;
        self.seen.counters.false_siblings = wrongs.false_siblings;
    }
}

/// To how many others a coordinator's request takes a copy.
fn copies_sent(sends: &[(NodeId, Message)], of: RequestId) -> usize {
    let is_copy =
        |message: &Message| matches!(message, Message::Store { request, .. } if *request == of);
    sends.iter().filter(|(_, message)| is_copy(message)).count()
}
