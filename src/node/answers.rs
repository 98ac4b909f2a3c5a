//! Answers to this node's own requests, and the silence where one should have come.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::base::gather::Gather;
use crate::base::id::{NodeId, RequestId};
use crate::base::pool::Pooled;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::data::version::Record;
use crate::data::view::View;
use crate::node::Node;
use crate::node::client::{Errand, highest_counter, refuse};
use crate::protocol::config::FORWARD_HOPS_MAX;
use crate::protocol::coordinator::quorum::replacement;
use crate::protocol::coordinator::table::Kind;
use crate::protocol::coordinator::tally::Progress;
use crate::protocol::message::{
    Asks, Durability, Failure, FailureReason, Message, Notice, Outbox, Replica, Reply, Write,
};

impl Node {
    pub(super) fn on_taken(&mut self, from: NodeId, request: RequestId) {
        let Some(sequence) = self.own_sequence(request) else { return };
        let Some(running) = self.requests.get_mut(sequence) else { return };
        if let Kind::Forward(forwarding) = &mut running.kind
            && forwarding.tried.contains(&from)
        {
            forwarding.is_taken = true;
        }
    }

    /// A put that was passed on is answered; so is its client, or whoever passed it here.
    pub(super) fn on_forwarded(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        reply: Pooled<Reply>,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let Kind::Forward(forwarding) = &running.kind else { return };
        if !forwarding.tried.contains(&from) {
            return;
        }
        let (origin, deadline) = (running.origin, running.deadline);
        self.requests.end(sequence);
        self.answer_put(now, (origin, deadline), reply, out);
    }

    pub(super) fn on_stored(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        accepted: bool,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        if accepted {
            return self.count_stored(now, sequence, from, out);
        }
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let Kind::Put(op) = &mut running.kind else { return };
        if let Some(refused) = op.tally.on_refusal(from) {
            self.replace(now, sequence, refused, out);
        }
    }

    pub(super) fn on_fetched(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        siblings: Option<Record>,
        out: &mut Outbox,
    ) {
        if let Some(sequence) = self.own_sequence(request) {
            self.count_fetched(now, sequence, from, siblings, out);
        }
    }

    /// The owner has its replica; only now may the hint go (§4.6). If the hint has grown since it
    /// was sent, it stays for another delivery.
    pub(super) fn on_handed_over(
        &mut self,
        from: NodeId,
        request: RequestId,
        accepted: bool,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        let Some(delivery) = self.handoff.on_answer(from, sequence) else { return };
        let (target, key) = (delivery.target, delivery.key);
        let Some(held) = self.hints.get(target, &key) else { return };
        if !accepted || !delivery.siblings.includes(held) {
            return;
        }
        let own_counter = highest_counter(held, self.identity.actor);
        if own_counter > 0 {
            self.raise_floor(&key, own_counter, out);
        }
        self.hints.remove(target, &key);
        out.writes.push(Write::HintGone { target, key: key.clone() });
        out.notice(|| Notice::HintDelivered { target, key });
        // There may be room now for one that has to go another way.
        self.is_replanning |= self.has_stray_hints;
    }

    /// The node asked under this number has not answered in time.
    pub(super) fn on_replica_silent(
        &mut self,
        now: Instant,
        sequence: u32,
        node: NodeId,
        out: &mut Outbox,
    ) {
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let failed = match &mut running.kind {
            Kind::Put(op) => op.tally.on_deadline(node),
            Kind::Get(op) => op.tally.on_deadline(node),
            Kind::Forward(forwarding) => {
                let is_silent = !forwarding.is_taken && forwarding.tried.last() == Some(&node);
                is_silent.then_some(Replica { node, stands_in_for: None })
            }
        };
        if let Some(failed) = failed {
            self.on_silence(now, node, out);
            self.replace(now, sequence, failed, out);
        }
    }

    /// Finds the next node in place of one that is silent or refused; also after the client was
    /// answered, so that N copies come to be. A get that has its R needs nobody more.
    fn replace(&mut self, now: Instant, sequence: u32, failed: Replica, out: &mut Outbox) {
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let partition = running.partition;
        if let Kind::Get(op) = &running.kind
            && op.tally.is_client_told()
        {
            return self.finish_get(sequence, out);
        }
        let asked: Vec<NodeId> = match &running.kind {
            // Nor a home that is stood in for already: its copy and its hint are one copy in the
            // end, so two answers would stand for one owner.
            Kind::Put(op) => {
                let taken = |replica: Replica| [Some(replica.node), replica.stands_in_for];
                op.tally.asked().flat_map(taken).flatten().gather()
            }
            Kind::Get(op) => op.tally.asked().map(|replica| replica.node).gather(),
            Kind::Forward(forwarding) => forwarding.tried.iter().copied().gather(),
        };
        let has_stand_ins = match running.kind {
            Kind::Get(_) => self.config.quorum.counts_stand_ins(),
            Kind::Put(_) | Kind::Forward(_) => self.config.quorum.puts_to_stand_ins(),
        };
        let ring = self.membership.view().ring();
        // Who became a home since this request began keeps a place that another may have answered
        // for already.
        let homes = running.homes.clone();
        let is_placed = !matches!(running.kind, Kind::Forward(_));
        let is_late =
            |node| is_placed && ring.is_home(partition, node) && !homes.contains(&Some(node));
        let is_ruled_out = |node| asked.contains(&node) || self.is_suspected(node) || is_late(node);
        if let Some(next) = replacement(ring, partition, has_stand_ins, failed, is_ruled_out) {
            self.ask_instead(now, sequence, failed, next, out);
        }
    }

    /// A node asked as a home is none, by a view that is learned from it. Its place was passed on:
    /// the successor is asked for the same place, or, where there is none, the next node.
    pub(super) fn on_not_home(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        view: &Rc<View>,
        out: &mut Outbox,
    ) {
        self.learn(now, view, out);
        let mine = self.membership.view().clone();
        if mine.digest() != view.digest() && mine.is_alike(view) {
            out.send(from, Message::View { view: mine.clone(), asks: Asks::Nothing });
        }
        let Some(sequence) = self.own_sequence(request) else { return };
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let refused = match &mut running.kind {
            Kind::Put(op) => op.tally.on_refusal(from),
            Kind::Get(op) => op.tally.on_refusal(from),
            Kind::Forward(_) => None,
        };
        let Some(refused) = refused else { return };
        let place = running.homes.iter().position(|&home| home == Some(from));
        let next = place.and_then(|at| Some((at, mine.places(running.partition).get(at)?.node?)));
        let is_asked = |node| match &running.kind {
            Kind::Put(op) => op.tally.is_asked(node),
            Kind::Get(op) => op.tally.is_asked(node),
            Kind::Forward(_) => true,
        };
        match next {
            Some((at, node)) if !is_asked(node) => {
                running.homes[at] = Some(node);
                let next = Replica { node, stands_in_for: None };
                self.ask_instead(now, sequence, refused, next, out);
            }
            _ => self.replace(now, sequence, refused, out),
        }
    }

    /// Asks the next node in place of one that failed.
    fn ask_instead(
        &mut self,
        now: Instant,
        sequence: u32,
        failed: Replica,
        next: Replica,
        out: &mut Outbox,
    ) {
        let request = self.request_id(sequence);
        out.notice(|| Notice::Replaced { request, silent: failed.node, by: next });
        let Some(running) = self.requests.get_mut(sequence) else { return };
        // Who is asked in place of the one whose copy must be durable must have it durably.
        if let Kind::Put(op) = &mut running.kind
            && op.durable == Some(failed.node)
        {
            op.durable = Some(next.node);
        }
        if next.node == self.id {
            return self.take_over(now, sequence, next, out);
        }
        let key = running.key.clone();
        let message = match &mut running.kind {
            Kind::Put(op) => {
                op.tally.ask(next);
                let (siblings, stands_in_for) = (op.record.clone(), next.stands_in_for);
                let is_durable = op.durable == Some(next.node);
                Message::Store { request, key, siblings, stands_in_for, is_durable }
            }
            Kind::Get(op) => {
                op.tally.ask(next);
                Message::Fetch { request, key, stands_in_for: next.stands_in_for }
            }
            Kind::Forward(forwarding) => {
                forwarding.tried.push(next.node);
                Message::Forward { request, put: forwarding.put.clone(), hops: forwarding.hops }
            }
        };
        self.requests.wait_for(sequence, next.node, now + self.config.replica_timeout);
        out.send(next.node, message);
    }

    /// The next node on the list is this one.
    fn take_over(&mut self, now: Instant, sequence: u32, own: Replica, out: &mut Outbox) {
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let (origin, key) = (running.origin, running.key.clone());
        match &mut running.kind {
            Kind::Put(op) => {
                op.tally.ask(own);
                if op.durable == Some(own.node) {
                    out.durability = Durability::Everything;
                }
                let record = op.record.clone();
                if self.store_as(&key, &record, own.stands_in_for, out) {
                    self.count_stored(now, sequence, self.id, out);
                }
            }
            Kind::Get(op) => {
                op.tally.ask(own);
                let held = self.held(&key);
                self.count_fetched(now, sequence, self.id, held, out);
            }
            Kind::Forward(forwarding) => {
                // Its asker has waited since it began: the time bound stays that of the beginning.
                let (put, deadline) = (forwarding.put.clone(), running.deadline);
                self.requests.end(sequence);
                self.requests.forget(&origin);
                let errand = Errand { origin, hops: FORWARD_HOPS_MAX, deadline };
                self.on_put(now, errand, put, out);
            }
        }
    }

    /// The time bound of a request has come: whoever still waits is answered, whatever has come.
    pub(super) fn on_request_over(&mut self, now: Instant, sequence: u32, out: &mut Outbox) {
        let ended = self.requests.take(sequence);
        let Some(running) = ended.filter(|_| !is_planted(Fault::TimeoutForgotten)) else { return };
        let (needed, reached) = match &running.kind {
            Kind::Put(op) if op.tally.is_client_told() => return,
            Kind::Get(op) if op.tally.is_client_told() => return,
            Kind::Put(op) => (op.tally.need(), op.tally.answered()),
            Kind::Get(op) => {
                let (need, answered) = (op.tally.need() as u32, op.tally.answered() as u32);
                self.watch_answer(now, running.origin, running.deadline, out);
                return refuse(running.origin, FailureReason::Timeout, need, answered, out);
            }
            Kind::Forward(forwarding) => {
                (forwarding.put.w.map_or(self.config.w, |w| w as usize), 0)
            }
        };
        let (needed, reached) = (needed as u32, reached as u32);
        let failure = Failure { reason: FailureReason::Timeout, needed, reached };
        let asked = (running.origin, running.deadline);
        self.answer_put(now, asked, Reply::Failed(failure).into(), out);
    }

    /// Once nobody is waited for, stale homes are brought up to date: read repair (§5); one that
    /// answers late has its turn when it does. Stand-ins are left alone: their hints go home.
    pub(super) fn finish_get(&mut self, sequence: u32, out: &mut Outbox) {
        let request = self.request_id(sequence);
        let Some(running) = self.requests.get_mut(sequence) else { return };
        let Kind::Get(op) = &mut running.kind else { return };
        if op.tally.progress() != Progress::Complete {
            return;
        }
        let (key, partition) = (running.key.clone(), running.partition);
        let ring = self.membership.view().ring();
        let is_home = |&(node, _): &(NodeId, _)| ring.is_home(partition, node);
        let stale: SmallVec<[(NodeId, Record); 4]> = op
            .stale()
            .map(|(node, siblings)| (node, siblings.clone()))
            .filter(|stale| self.config.read_repair && is_home(stale) && stale.1.fits())
            .filter(|_| !is_planted(Fault::ReadRepairDropped))
            .collect();
        match op.tally.is_unanimous() {
            true => self.requests.end(sequence),
            false => op.on_repaired(),
        }
        for (node, siblings) in stale {
            out.notice(|| Notice::ReadRepair { request, key: key.clone(), node });
            if node == self.id {
                self.store_own(&key, &siblings, out);
            } else {
                out.send(node, Message::Repair { request, key: key.clone(), siblings });
            }
        }
    }
}
