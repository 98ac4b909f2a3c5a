//! A client's request arrives: coordinate it, or pass it on to a node that may.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::id::{ClientId, NodeId, PartitionId, RequestId};
use crate::base::pool::Pooled;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::data::version::{
    Actor, Clock, Content, Context, Dot, Record, Siblings, Version, Versioning,
};
use crate::node::Node;
use crate::protocol::config::{Config, FORWARD_HOPS_MAX};
use crate::protocol::coordinator::get::GetOp;
use crate::protocol::coordinator::put::PutOp;
use crate::protocol::coordinator::quorum::{Replicas, countable, first_healthy};
use crate::protocol::coordinator::table::{Forwarding, Kind, Places, PutMemory, Running};
use crate::protocol::coordinator::tally::{Progress, Tally};
use crate::protocol::message::{
    ClientReply, Durability, Failure, FailureReason, Message, Notice, Origin, Outbox, Put, Replica,
    Reply, Write,
};

/// How a put came here: from whom, over how many nodes, and until when its asker waits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Errand {
    pub origin: Origin,
    pub hops: u8,
    pub deadline: Instant,
}

impl Node {
    pub(super) fn on_client_put(
        &mut self,
        now: Instant,
        client: ClientId,
        request: u64,
        put: Rc<Put>,
        out: &mut Outbox,
    ) {
        let deadline = now + self.config.request_timeout;
        let errand = Errand { origin: Origin::Client { client, request }, hops: 0, deadline };
        self.on_put(now, errand, put, out);
    }

    pub(super) fn on_forward(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        put: Rc<Put>,
        hops: u8,
        out: &mut Outbox,
    ) {
        out.send(from, Message::Taken { request });
        let deadline = now + self.config.request_timeout;
        let errand = Errand { origin: Origin::Node { node: from, request }, hops, deadline };
        self.on_put(now, errand, put, out);
    }

    /// A write must be coordinated by one of the first N healthy nodes of the key's preference
    /// list, because the coordinator stamps the version (§6.4); others pass it on, to the one that
    /// answered the preceding read fastest, or to the first (§5).
    pub(super) fn on_put(&mut self, now: Instant, errand: Errand, put: Rc<Put>, out: &mut Outbox) {
        let origin = errand.origin;
        let is_again = is_planted(Fault::PutExecutedAgain);
        match self.requests.memory_of(&origin).filter(|_| !is_again) {
            Some(PutMemory::Running) => return,
            Some(PutMemory::Answered(reply)) => {
                let reply = reply.clone();
                // The first answer may still wait for the write that it vouches for.
                out.durability = Durability::Everything;
                return answer(origin, reply, out);
            }
            None => {}
        }
        let need = put.w.unwrap_or(self.config.w as u32);
        let has_few_names = put.content.metadata.len() <= Content::NAMES_MAX;
        let size = if has_few_names { put.content.bytes() } else { usize::MAX };
        if let Some(reason) = self.refusal(&put.key, size, need) {
            return refuse(origin, reason, need, 0, out);
        }
        let partition = self.ring().partition_of(put.key.position());
        let rule = self.config.quorum;
        let replicas = self.first_healthy(partition, rule.puts_to_stand_ins());
        let reached = countable(rule, &replicas);
        if reached < need {
            return refuse(origin, FailureReason::TooFewHealthy, need, reached, out);
        }
        let may_coordinate = replicas.iter().any(|replica| replica.node == self.id);
        if may_coordinate || errand.hops >= FORWARD_HOPS_MAX {
            self.coordinate_put(now, errand, &put, need, &replicas, out);
        } else {
            let is_named = |replica: &&Replica| put.reader == Some(replica.node);
            let to = replicas.iter().find(is_named).unwrap_or(&replicas[0]).node;
            self.pass_on(now, errand, put, to, out);
        }
    }

    /// The first N nodes of the list that this one believes up (§4.6).
    fn first_healthy(&self, partition: PartitionId, has_stand_ins: bool) -> Replicas {
        first_healthy(self.ring(), partition, has_stand_ins, |node| self.is_suspected(node))
    }

    /// What speaks against even beginning; nothing has been written.
    fn refusal(&self, key: &Key, size: usize, need: u32) -> Option<FailureReason> {
        let limits = &self.config.limits;
        if self.membership.own_row().is_none() {
            return Some(FailureReason::NotAMember);
        }
        if need == 0 || need > self.config.n as u32 {
            return Some(FailureReason::BadQuorum);
        }
        if key.bytes().len() > limits.key_bytes_max || size > limits.value_bytes_max {
            return Some(FailureReason::TooLarge);
        }
        (self.requests.remembered() >= limits.requests_max).then_some(FailureReason::Overloaded)
    }

    fn pass_on(
        &mut self,
        now: Instant,
        errand: Errand,
        put: Rc<Put>,
        to: NodeId,
        out: &mut Outbox,
    ) {
        let Errand { origin, hops, deadline } = errand;
        let tried = [to].into_iter().collect();
        let forwarding = Forwarding { put: put.clone(), hops: hops + 1, tried, is_taken: false };
        let partition = self.ring().partition_of(put.key.position());
        let kind = Kind::Forward(forwarding);
        let (key, homes) = (put.key.clone(), Places::new());
        let running = Running { origin, key, partition, homes, deadline, kind };
        let sequence = self.requests.begin(running);
        self.requests.wait_for(sequence, to, now + self.config.replica_timeout);
        let request = self.request_id(sequence);
        out.notice(|| Notice::Forwards { origin, request, to });
        out.send(to, Message::Forward { request, put, hops: hops + 1 });
    }

    fn coordinate_put(
        &mut self,
        now: Instant,
        errand: Errand,
        put: &Rc<Put>,
        need: u32,
        replicas: &Replicas,
        out: &mut Outbox,
    ) {
        let origin = errand.origin;
        let own = replicas.iter().find(|replica| replica.node == self.id).copied();
        let Some((version, record)) = self.stamp(put, own, out) else {
            return refuse(origin, FailureReason::Overloaded, need, 0, out);
        };
        let fewer = u32::from(need > 1 && is_planted(Fault::WriteQuorumShort));
        let tally = Tally::new((need - fewer) as usize, self.config.quorum, replicas);
        let durable = self.durable_of(replicas);
        let op = PutOp::new(tally, version, record, durable);
        let record = op.record.clone();
        if let Some(own) = own
            && !self.store_as(&put.key, &record, own.stands_in_for, out)
        {
            return refuse(origin, FailureReason::Overloaded, need, 0, out);
        }
        if own.is_some() {
            self.keep_lost_counter(&put.key, op.version.dot, out);
        }
        let partition = self.ring().partition_of(put.key.position());
        let running = Running {
            origin,
            key: put.key.clone(),
            partition,
            homes: self.places(partition),
            deadline: errand.deadline,
            kind: Kind::Put(op),
        };
        let sequence = self.begin(now, running, need, replicas, out);
        let request = self.request_id(sequence);
        let skipped = usize::from(is_planted(Fault::ReplicaSkipped));
        let others = replicas.iter().filter(|replica| replica.node != self.id);
        for replica in others.skip(skipped) {
            out.send(
                replica.node,
                Message::Store {
                    request,
                    key: put.key.clone(),
                    siblings: record.clone(),
                    stands_in_for: replica.stands_in_for,
                    is_durable: durable == Some(replica.node),
                },
            );
        }
        self.hold_for(durable == Some(self.id), out);
        if let Some(node) = durable {
            out.notice(|| Notice::AsksDurably { request, node });
        }
        if own.is_some() {
            self.count_stored(now, sequence, self.id, out);
        }
    }

    /// Who is asked for a durable write: the last home of the list but the coordinator, so that the
    /// client need not wait for it (§6.1); with none another, or itself. Nobody, where it is off.
    fn durable_of(&self, replicas: &Replicas) -> Option<NodeId> {
        if !self.config.durable_replica || self.config.write_buffer == 0 {
            return None;
        }
        let others = || replicas.iter().rev().filter(|replica| replica.node != self.id);
        let home = others().find(|replica| replica.stands_in_for.is_none());
        let chosen = home.or_else(|| others().next());
        Some(chosen.map_or(self.id, |replica| replica.node))
    }

    /// The clock of a put: its context, and the coordinator's next counter for this key (§4.4).
    /// With it, the record that goes to the replicas. None when the counter or the clock is at its
    /// end; then nothing has been done.
    fn stamp(
        &mut self,
        put: &Put,
        own: Option<Replica>,
        out: &mut Outbox,
    ) -> Option<(Version, Record)> {
        let Config { versioning, clock_entries_max, .. } = *self.config;
        let actor = self.identity.actor;
        let held = self.held(&put.key);
        let highest = match self.hints.is_empty() {
            true => held.as_ref().map_or(0, |held| highest_counter(held, actor)),
            false => self.highest_held(&put.key),
        };
        let floor = self.floors.get(&put.key).copied().unwrap_or(self.identity.counter_floor);
        let counter = highest.max(floor).max(put.context.get(actor));
        let counter = match is_planted(Fault::CounterReused) {
            true => counter.max(1),
            false => counter.saturating_add(1),
        };
        let dot = Dot { actor, counter };
        let mut clock = match versioning {
            // What stays is told by the stamp alone, so there is no past to carry.
            Versioning::LastWriteWins => Clock::default(),
            _ if is_planted(Fault::ContextIgnored) => Clock::default(),
            _ => put.context.clone(),
        };
        match versioning {
            Versioning::Dotted => clock.add(dot, self.wall),
            _ => clock.raise(dot, self.wall),
        }
        let mut is_cut = versioning.truncates() && clock.truncate(clock_entries_max, actor);
        if counter > Clock::COUNTER_MAX || clock.entries().len() > Clock::ENTRIES_MAX {
            return None;
        }
        if let Some(held) = &held
            && versioning == Versioning::VectorClock
        {
            let lost = |version: &&Version| {
                clock.covers(&version.clock) && !put.context.covers(&version.clock)
            };
            held.versions().iter().filter(lost).for_each(|_| {
                out.notice(|| Notice::FalseDominance { key: put.key.clone() });
            });
        }
        let version = Version::made_by(dot, clock, put.content.clone());
        let record = match versioning {
            Versioning::RecordClock => {
                let (version, context) = (version.clone(), &put.context);
                let (record, is_record_cut) =
                    Siblings::beside(version, held.as_ref(), context, clock_entries_max);
                is_cut |= is_record_cut;
                record
            }
            _ => Siblings::record_under(versioning, version.clone()),
        };
        if is_cut {
            out.notice(|| Notice::ClockCut { key: put.key.clone() });
        }
        if own.is_none() {
            // It keeps no copy that would show the counter, so it must remember it by itself.
            self.raise_floor(&put.key, counter, out);
        }
        Some((version, record))
    }

    /// A version whose stamp is not the greatest is lost as it is made, and nothing held shows its
    /// counter: the node must remember it by itself.
    fn keep_lost_counter(&mut self, key: &Key, dot: Dot, out: &mut Outbox) {
        let is_last_write_wins = self.config.versioning == Versioning::LastWriteWins;
        if is_last_write_wins && self.highest_held(key) < dot.counter {
            self.raise_floor(key, dot.counter, out);
        }
    }

    /// The highest own counter that anything held of the key shows: each for itself, because one
    /// may outdo another whose counter it does not know.
    fn highest_held(&self, key: &Key) -> u64 {
        let partition = self.ring().partition_of(key.position());
        let records = self.store.get(partition, key).into_iter().chain(self.hints.of_key(key));
        records.map(|held| highest_counter(held, self.identity.actor)).max().unwrap_or(0)
    }

    /// Remembers that own counters for this key went up to `counter`, durably.
    pub(super) fn raise_floor(&mut self, key: &Key, counter: u64, out: &mut Outbox) {
        if is_planted(Fault::FloorForgotten) {
            return;
        }
        let has_room = self.floors.len() < self.config.limits.floors_max;
        if has_room || self.floors.contains_key(key) {
            let floor = self.floors.or_insert_with(key.clone(), u64::default);
            *floor = (*floor).max(counter);
            out.writes.push(Write::Floor { key: key.clone(), counter: *floor });
        } else if counter > self.identity.counter_floor {
            self.identity.counter_floor = counter;
            self.save_identity(out);
        }
    }

    /// Any node may coordinate a read (§6.4), so none is passed on.
    pub(super) fn on_client_get(
        &mut self,
        now: Instant,
        client: ClientId,
        request: u64,
        key: Key,
        r: Option<u32>,
        out: &mut Outbox,
    ) {
        let origin = Origin::Client { client, request };
        let need = r.unwrap_or(self.config.r as u32);
        if let Some(reason) = self.refusal(&key, 0, need) {
            return refuse(origin, reason, need, 0, out);
        }
        let partition = self.ring().partition_of(key.position());
        let rule = self.config.quorum;
        let replicas = self.first_healthy(partition, rule.counts_stand_ins());
        let reached = countable(rule, &replicas);
        if reached < need {
            return refuse(origin, FailureReason::TooFewHealthy, need, reached, out);
        }
        let fewer = u32::from(need > 1 && is_planted(Fault::ReadQuorumShort));
        let op = GetOp::new(Tally::new((need - fewer) as usize, rule, &replicas));
        let running = Running {
            origin,
            key: key.clone(),
            partition,
            homes: self.places(partition),
            deadline: now + self.config.request_timeout,
            kind: Kind::Get(op),
        };
        let sequence = self.begin(now, running, need, &replicas, out);
        let request = self.request_id(sequence);
        for replica in replicas.iter().filter(|replica| replica.node != self.id) {
            let (key, stands_in_for) = (key.clone(), replica.stands_in_for);
            out.send(replica.node, Message::Fetch { request, key, stands_in_for });
        }
        if replicas.iter().any(|replica| replica.node == self.id) {
            let held = self.held(&key);
            self.count_fetched(now, sequence, self.id, held, out);
        }
    }

    /// A client wants to know the ring, to choose who coordinates (§6.4). It learns nothing from a
    /// node that is outside it, or that has joined and knows no token map yet.
    pub(super) fn on_client_view(&self, client: ClientId, request: u64, out: &mut Outbox) {
        let origin = Origin::Client { client, request };
        if self.membership.own_row().is_none() || !self.ring().is_known() {
            return refuse(origin, FailureReason::NotAMember, 0, 0, out);
        }
        answer(origin, Reply::View(self.membership.view().clone()).into(), out);
    }

    /// Who keeps each of a partition's N places now.
    fn places(&self, partition: PartitionId) -> Places {
        self.membership.view().places(partition).iter().map(|home| home.node).collect()
    }

    /// Enters a request that this node coordinates, and starts waiting for the others.
    fn begin(
        &mut self,
        now: Instant,
        running: Running,
        need: u32,
        replicas: &Replicas,
        out: &mut Outbox,
    ) -> u32 {
        let (origin, key) = (running.origin, running.key.clone());
        let dot = match &running.kind {
            Kind::Put(op) => Some(op.version.dot),
            _ => None,
        };
        let sequence = self.requests.begin(running);
        let deadline = now + self.config.replica_timeout;
        for replica in replicas.iter().filter(|replica| replica.node != self.id) {
            self.requests.wait_for(sequence, replica.node, deadline);
        }
        let request = self.request_id(sequence);
        out.notice(|| Notice::Coordinates { origin, request, key, need, dot });
        sequence
    }

    /// A replica has stored the put that runs under this number.
    pub(super) fn count_stored(
        &mut self,
        now: Instant,
        sequence: u32,
        node: NodeId,
        out: &mut Outbox,
    ) {
        let request = self.request_id(sequence);
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let Kind::Put(op) = &mut running.kind else { return };
        let Some((replica, progress)) = op.tally.on_answer(node) else { return };
        out.notice(|| Notice::Acknowledged { request, replica });
        let is_unanimous = op.tally.is_unanimous();
        if progress == Progress::Answer {
            let (version, coordinator) = (op.version.clone(), self.id);
            let (key, clock) = (running.key.clone(), version.clock.clone());
            let context = Context { key, clock, reader: Some(coordinator) };
            let reply = Reply::Put { version, coordinator, context }.into();
            let (origin, deadline) = (running.origin, running.deadline);
            self.answer_put(now, (origin, deadline), reply, out);
        }
        if is_unanimous {
            self.requests.end(sequence);
        }
    }

    /// A replica has said what it holds of the key that the get under this number asks for.
    pub(super) fn count_fetched(
        &mut self,
        now: Instant,
        sequence: u32,
        node: NodeId,
        held: Option<Record>,
        out: &mut Outbox,
    ) {
        let request = self.request_id(sequence);
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let Kind::Get(op) = &mut running.kind else { return };
        let Some((replica, progress)) = op.on_answer(node, held) else { return };
        out.notice(|| Notice::Acknowledged { request, replica });
        if progress == Progress::Answer {
            let merged = op.merged().as_ref();
            let clock = merged.map_or_else(Clock::default, |held| held.clock());
            let siblings = merged.filter(|held| !held.is_deleted()).cloned();
            let context = Context { key: running.key.clone(), clock, reader: op.fastest() };
            let (origin, deadline) = (running.origin, running.deadline);
            self.watch_answer(now, origin, deadline, out);
            answer(origin, Reply::Got { siblings, context }.into(), out);
        }
        self.finish_get(sequence, out);
    }

    /// Answers a put, which came from there with that time bound, and remembers the answer, for a
    /// repeat.
    pub(super) fn answer_put(
        &mut self,
        now: Instant,
        (origin, deadline): (Origin, Instant),
        reply: Pooled<Reply>,
        out: &mut Outbox,
    ) {
        self.watch_answer(now, origin, deadline, out);
        self.requests.forget_old_puts(now);
        self.requests.remember(origin, reply.clone(), now + self.config.request_timeout);
        answer(origin, reply, out);
    }
}

/// The highest counter of the actor in any of the versions.
pub(super) fn highest_counter(held: &Siblings, actor: Actor) -> u64 {
    // Which of the few entries is the actor's is as good as random, so nothing is branched on.
    let own = |maker: Actor, counter: u64| if maker == actor { counter } else { 0 };
    held.versions().iter().fold(0, |highest, version| {
        let entries = version.clock.entries().iter();
        let highest = entries.fold(highest, |highest, e| highest.max(own(e.actor, e.counter)));
        highest.max(own(version.dot.actor, version.dot.counter))
    })
}

pub(super) fn refuse(
    origin: Origin,
    reason: FailureReason,
    needed: u32,
    reached: u32,
    out: &mut Outbox,
) {
    answer(origin, Reply::Failed(Failure { reason, needed, reached }).into(), out);
}

/// Sends the answer back the way the request came.
pub(super) fn answer(origin: Origin, reply: Pooled<Reply>, out: &mut Outbox) {
    match origin {
        Origin::Client { client, request } => {
            out.replies.push(ClientReply { client, request, reply });
        }
        Origin::Node { node, request } => out.send(node, Message::Forwarded { request, reply }),
    }
}
