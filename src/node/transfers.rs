//! The node as giver and receiver of partitions that move (§4.9), and of records that belong
//! elsewhere.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, PartitionId, RequestId};
use crate::base::order::sort;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::data::partitioning::Range;
use crate::data::version::Record;
use crate::data::view::View;
use crate::node::Node;
use crate::node::client::highest_counter;
use crate::protocol::config::FailureDetection;
use crate::protocol::message::{Asks, Chunk, Durability, Message, Notice, Outbox, Write};
use crate::protocol::transfer::{Bounds, Duty, Route, Step, Then, duties};

impl Node {
    /// What a round is for: whoever was silent or refused is asked again, and who is believed
    /// down is looked at anew. There are rounds only while something has to move.
    pub(super) fn transfer_round(&mut self, now: Instant, out: &mut Outbox) {
        self.transfers.on_round();
        self.tell(self.transfers.passed().iter().map(|&(_, to)| to).gather(), out);
        self.ask_a_leaver(now, out);
        self.plan_transfers(now, out);
        self.settle(now, out);
    }

    /// Homes that have left give what they have; where one is down, others give in its stead. With
    /// local detection nobody learns that it is while nobody reads or writes there (§4.8.3), so
    /// such homes are asked, one at a time.
    fn ask_a_leaver(&mut self, now: Instant, out: &mut Outbox) {
        if self.config.failure_detection != FailureDetection::Local {
            return;
        }
        if let Some((asked, until)) = self.asked_leaver {
            if now < until {
                return;
            }
            self.asked_leaver = None;
            self.on_silence(now, asked, out);
        }
        let view = self.membership.view();
        let nodes = self.membership.roster().nodes().iter().copied();
        let is_leaver = |&node: &NodeId| node != self.id && !view.has_joined(node);
        let up: Vec<NodeId> =
            nodes.filter(|node| is_leaver(node) && !self.is_suspected(*node)).gather();
        if !up.is_empty() {
            let node = up[self.next_probe as usize % up.len()];
            let request = self.request_id(self.next_probe);
            self.next_probe = self.next_probe.wrapping_add(1);
            self.asked_leaver = Some((node, now + self.config.request_timeout));
            out.send(node, Message::Probe { request });
        }
    }

    /// Looks at what this node has to do, after its view or what it holds has changed: hints may
    /// have other homes to go to as well, whoever changed the view.
    pub(super) fn plan_transfers(&mut self, now: Instant, out: &mut Outbox) {
        if self.is_replanning {
            self.has_stray_hints = !self.redirect_hints(out);
            self.is_replanning = false;
        }
        let (ring, id) = (self.membership.view().ring(), self.id);
        let is_over = |partition, to| !ring.is_home(partition, to) || ring.concerns(partition, id);
        self.transfers.forget_passed(is_over);
        let duties = self.duties();
        let routes =
            duties.iter().flat_map(|duty| duty.receivers.iter().map(|&to| (duty.partition, to)));
        self.transfers.want(routes.gather());
        let is_quiet =
            !self.ring().is_moving() && duties.is_empty() && self.transfers.passed().is_empty();
        if is_quiet {
            self.timers.transfer = None;
        } else if self.timers.transfer.is_none_or(|at| at <= now) {
            self.timers.transfer = Some(now + self.config.handoff_interval);
        }
        self.forget_settled_offers(is_quiet);
        self.duties = duties;
    }

    /// Who has become a home since it accepted has all. Who was one already is sent records by a
    /// giver whose place passes to nobody, or that keeps what belongs elsewhere: that it has sent
    /// all does not show in the view, and it may take longer than a round. So such an offer stays
    /// while there are rounds.
    fn forget_settled_offers(&mut self, is_quiet: bool) {
        let (ring, id) = (self.membership.view().ring(), self.id);
        self.transfers.forget_incoming(|partition, was_home| match ring.is_home(partition, id) {
            true => !was_home || is_quiet,
            false => !ring.targets(partition).contains(&id),
        });
    }

    fn duties(&self) -> Vec<Duty> {
        let view = self.membership.view();
        let ring = view.ring();
        let is_down = |node| self.is_suspected(node);
        let is_lost = |node| self.is_lost(node);
        let mut all = Vec::new();
        if ring.is_moving() {
            for partition in ring.partitions() {
                all.extend(duties(ring, partition, self.id, &is_down, &is_lost));
            }
        }
        for partition in self.store.partitions() {
            let is_astray = !ring.concerns(partition, self.id);
            if is_astray && ring.is_full(partition) && !self.transfers.is_passed(partition) {
                let receivers = ring.homes(partition).to_vec();
                all.push(Duty { partition, receivers, then: Then::Forget });
            }
        }
        all
    }

    /// Sends what may be sent next, and passes places on when nothing is under way.
    pub(super) fn move_on(&mut self, now: Instant, out: &mut Outbox) {
        let limits = &self.config.limits;
        let bounds = Bounds {
            transfers_max: limits.transfers_max.min(self.admission.room()),
            chunk_records_max: limits.chunk_records_max,
            chunk_bytes_max: limits.chunk_bytes_max,
        };
        let deadline = now + self.config.request_timeout;
        let store = &self.store;
        let steps = self.transfers.next_steps(bounds, deadline, |p| store.partition(p));
        self.admission.on_begun(steps.len());
        for (sequence, partition, to, step) in steps {
            let request = self.request_id(sequence);
            let range = self.ring().range(partition);
            let message = match step {
                Step::Offer { records } => Message::Offer { request, range, records },
                Step::Chunk(records) => Message::Transfer { request, range, records },
            };
            out.send(to, message);
        }
        if self.transfers.is_quiet() {
            self.settle(now, out);
        }
    }

    /// Passes on every place whose receiver has all that is here, in one change of the view. Who
    /// receives is told at once: it is a home from here on. The records are forgotten when it has
    /// said that it knows.
    fn settle(&mut self, now: Instant, out: &mut Outbox) {
        let transfers = &self.transfers;
        let is_done =
            |duty: &&Duty| duty.receivers.iter().all(|&to| transfers.has_all(duty.partition, to));
        let done: Vec<Duty> = self.duties.iter().filter(is_done).cloned().gather();
        if done.is_empty() {
            return;
        }
        let mut entries = self.membership.view().entries().clone();
        for duty in &done {
            if let Then::Pass { from, to } = duty.then
                && entries.pass_home(duty.partition, from, to)
            {
                out.notice(|| Notice::Moved { partition: duty.partition, from, to });
            }
        }
        self.decide(now, View::of(entries), out);
        let mut told: Vec<NodeId> = Vec::new();
        for duty in &done {
            match duty.then {
                _ if self.ring().concerns(duty.partition, self.id) => {}
                Then::Pass { to: Some(to), .. } => self.transfers.pass(duty.partition, to),
                _ => self.forget_partition(duty.partition, out),
            }
            if duty.then != Then::Forget {
                told.extend(&duty.receivers);
            }
        }
        self.tell(told, out);
        self.plan_transfers(now, out);
    }

    /// Tells those nodes this node's view; of who has received places of it a receipt is wanted.
    fn tell(&self, mut told: Vec<NodeId>, out: &mut Outbox) {
        sort(&mut told);
        told.dedup();
        for to in told {
            let is_receiver = self.transfers.passed().iter().any(|&(_, receiver)| receiver == to);
            let asks = if is_receiver { Asks::Receipt } else { Asks::Nothing };
            out.send(to, Message::View { view: self.membership.view().clone(), asks });
        }
    }

    /// Another's view. Where it shows that a place of this node is its own now, the records here
    /// are forgotten, unless another place of the partition is kept by nobody: then they stay until
    /// somebody keeps it. So of two who passed their places to one node, unaware of each other, the
    /// one that is heard of last keeps what it has.
    pub(super) fn on_receipt(&mut self, from: NodeId, theirs: &View, out: &mut Outbox) {
        if self.transfers.passed().is_empty() {
            return;
        }
        let (ring, shown) = (self.membership.view().ring(), theirs.ring());
        if ring.ends() != shown.ends() {
            return;
        }
        let received = |partition, to| to == from && shown.is_home(partition, from);
        let done = |&(partition, to): &Route| {
            received(partition, to) && ring.is_full(partition) && !ring.concerns(partition, self.id)
        };
        let done: Vec<Route> = self.transfers.passed().iter().copied().filter(done).gather();
        self.transfers.forget_passed(received);
        for (partition, _) in done {
            self.forget_partition(partition, out);
        }
        self.is_replanning = true;
    }

    /// The records of a partition are at its homes, and this node is none of them. Its own
    /// counters are remembered, so that none is issued twice.
    fn forget_partition(&mut self, partition: PartitionId, out: &mut Outbox) {
        self.trees.forget(partition);
        for (key, record) in self.store.remove_partition(partition).iter() {
            self.reaping.on_change(key, false);
            let own_counter = highest_counter(record, self.identity.actor);
            if own_counter > 0 {
                self.raise_floor(key, own_counter, out);
            }
            out.writes.push(Write::RecordGone { key: key.clone() });
        }
    }

    /// Whether the node has left, and is believed down: nobody expects it back.
    fn is_lost(&self, node: NodeId) -> bool {
        self.is_suspected(node) && !self.membership.view().has_joined(node)
    }

    /// Hints for a node that is no home of their keys any more go to the present homes (§4.6), to
    /// each: which of the places they stand for is not known here. Answers whether all found room.
    fn redirect_hints(&mut self, out: &mut Outbox) -> bool {
        let ring = self.membership.view().ring();
        let is_astray =
            |target: NodeId, key: &Key| !ring.is_home(ring.partition_of(key.position()), target);
        let astray: Vec<(NodeId, Key)> = self
            .hints
            .targets()
            .flat_map(|(target, records)| records.keys().map(move |key| (target, key)))
            .filter(|&(target, key)| is_astray(target, key))
            .map(|(target, key)| (target, key.clone()))
            .gather();
        let mut found_room = true;
        for (target, key) in astray {
            let Some(record) = self.hints.get(target, &key).cloned() else { continue };
            let ring = self.ring();
            let homes = ring.homes(ring.partition_of(key.position())).to_vec();
            let has_room = homes.iter().all(|&home| match home == self.id {
                true => self.store_own(&key, &record, out),
                false => self.store_hint(home, &key, &record, out),
            });
            if has_room && !homes.is_empty() {
                self.hints.remove(target, &key);
                out.writes.push(Write::HintGone { target, key });
            }
            found_room &= has_room;
        }
        found_room
    }

    /// Accepted when this node is, or is to be, a home of the partition. From a giver who gives up
    /// its own copy it takes nothing while it holds a hint for another home of it: two copies on
    /// one disk would be one. A giver that stays, and gives in the stead of one who is lost, keeps
    /// its copy. If this node does not know that the partition is to come, or its own end
    /// elsewhere, it asks for the other's view, and is offered it again.
    pub(super) fn on_offer(
        &mut self,
        from: NodeId,
        request: RequestId,
        range: Range,
        out: &mut Outbox,
    ) {
        let ring = self.ring();
        let ours = ring.partition_named(range).filter(|&ours| ring.concerns(ours, self.id));
        let is_ours = ours.is_some();
        let max = self.config.limits.offers_max;
        let mut hints = self.hints.targets().flat_map(|(_, records)| records.keys());
        let has_hints = hints.any(|key| Some(ring.partition_of(key.position())) == ours);
        let stays = |ours| ring.targets(ours).contains(&from);
        let is_home = ours.is_some_and(|ours| ring.is_home(ours, self.id));
        let accepted = ours
            .filter(|&ours| !has_hints || stays(ours))
            .is_some_and(|ours| self.transfers.accept(from, ours, is_home, max));
        if let Some(ours) = ours.filter(|_| accepted) {
            self.transfers.on_given_back(ours, from);
        }
        out.send(from, Message::Confirm { request, accepted });
        if !is_ours {
            let view = self.membership.view().clone();
            out.send(from, Message::View { view, asks: Asks::News });
        }
    }

    pub(super) fn on_transfer(
        &mut self,
        from: NodeId,
        request: RequestId,
        range: Range,
        records: &Chunk,
        out: &mut Outbox,
    ) {
        let Some(partition) = self.ring().partition_named(range) else {
            return out.send(from, Message::Transferred { request, accepted: false });
        };
        let mut accepted = self.transfers.is_accepted(from, partition);
        for (key, record) in records.iter() {
            if accepted && self.ring().partition_of(key.position()) == partition {
                let is_ignored = is_planted(Fault::ReceiverStoresNothing);
                accepted &= is_ignored || self.store_moved(key, record, out);
            }
        }
        out.durability = Durability::Everything;
        if accepted {
            out.notice(|| Notice::Received { partition, records: records.len() as u32 });
        }
        out.send(from, Message::Transferred { request, accepted });
    }

    /// Its giver forgets the record. So a tombstone is taken in though this node has agreed to
    /// forget it: as long as one of its homes had it, not everybody had.
    fn store_moved(&mut self, key: &Key, record: &Record, out: &mut Outbox) -> bool {
        match self.graves.get(key) {
            Some(grave) if record.includes(grave) => self.take_in(key, record, out),
            _ => self.store_own(key, record, out),
        }
    }

    /// An offer or a chunk was answered.
    pub(super) fn on_transfer_answer(&mut self, from: NodeId, request: RequestId, accepted: bool) {
        if let Some(sequence) = self.own_sequence(request) {
            self.transfers.on_answer(from, sequence, accepted);
        }
    }
}
