//! Tombstones, from the delete until nobody needs them any more (see `protocol::reaping`).

use std::borrow::Cow;

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, RequestId};
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Span};
use crate::data::version::Record;
use crate::node::Node;
use crate::node::client::highest_counter;
use crate::protocol::message::{BurialStep as Step, Durability, Message, Notice, Outbox, Write};
use crate::protocol::reaping::{Burial, Then};

impl Node {
    /// Tombstones that are due are asked about, and graves that no message can be older than are
    /// closed.
    pub(super) fn reap_round(&mut self, now: Instant, out: &mut Outbox) {
        let after = self.config.reap_after;
        self.timers.reap = None;
        for key in self.reaping.closed(now, after) {
            self.graves.remove(&key);
            out.writes.push(Write::GraveGone { key });
        }
        let view = self.membership.view().clone();
        let (ring, id) = (view.ring(), self.id);
        let is_well = !ring.is_moving() && self.detector.suspected() == 0;
        let is_first =
            |key: &Key| ring.homes(ring.partition_of(key.position())).first() == Some(&id);
        let is_own = |key: &Key| is_well && is_first(key);
        for key in self.reaping.due(now, after, self.config.limits.burials_max, &is_own) {
            let tombstone = self.store.get(ring.partition_of(key.position()), &key).cloned();
            if let Some(tombstone) = tombstone {
                let digest = view.digest();
                let burial = self.reaping.begin(key, tombstone, digest);
                self.ask_to_bury(now, burial, out);
            }
        }
    }

    /// When there will be something to do, if nothing has been set yet.
    pub(super) fn set_reap_timer(&mut self, now: Instant) {
        if self.timers.reap.is_none() && self.reaping.held() + self.reaping.graves() > 0 {
            let often = Span(self.config.reap_after.0 / 8).max(self.config.handoff_interval);
            self.timers.reap = Some(now + often);
        }
    }

    /// Asks itself, and then everybody else whom the step concerns.
    fn ask_to_bury(&mut self, now: Instant, burial: Burial, out: &mut Outbox) {
        let Burial { sequence, ref key, ref tombstone, view, step, .. } = burial;
        // Whoever asks forgets last: until then it can begin again.
        if step != Step::Gone && !self.bury(key, tombstone, view, step, out) {
            return;
        }
        let members = self.membership.view();
        let asked: Vec<NodeId> = match step {
            Step::Held | Step::Gone => {
                let partition = self.ring().partition_of(key.position());
                self.ring().homes(partition).to_vec()
            }
            Step::Nothing => members.joined().map(|member| member.node).gather(),
        };
        let others: Vec<NodeId> = asked.into_iter().filter(|&node| node != self.id).gather();
        if others.is_empty() {
            return self.on_step_over(now, burial, out);
        }
        for node in self.reaping.wait(burial, others, now + self.config.request_timeout) {
            self.send_bury(node, sequence, out);
        }
    }

    fn send_bury(&self, to: NodeId, sequence: u32, out: &mut Outbox) {
        let Some(burial) = self.reaping.burial(sequence) else { return };
        let (key, tombstone) = (burial.key.clone(), burial.tombstone.clone());
        let (view, step, request) = (burial.view, burial.step, self.request_id(sequence));
        out.send(to, Message::Bury { request, key, tombstone, view, step });
    }

    pub(super) fn on_bury(
        &mut self,
        from: NodeId,
        request: RequestId,
        (key, tombstone): (&Key, &Record),
        view: u64,
        step: Step,
        out: &mut Outbox,
    ) {
        let accepted = self.bury(key, tombstone, view, step, out);
        out.durability = Durability::Everything;
        out.send(from, Message::Buried { request, accepted });
    }

    pub(super) fn on_buried(
        &mut self,
        now: Instant,
        from: NodeId,
        request: RequestId,
        accepted: bool,
        out: &mut Outbox,
    ) {
        let Some(sequence) = self.own_sequence(request) else { return };
        let deadline = now + self.config.request_timeout;
        match self.reaping.on_answer(from, sequence, accepted, deadline) {
            Some(Then::Ask(next)) => self.send_bury(next, sequence, out),
            Some(Then::Over(burial)) => self.on_step_over(now, burial, out),
            None => {}
        }
    }

    fn on_step_over(&mut self, now: Instant, mut burial: Burial, out: &mut Outbox) {
        burial.step = match burial.step {
            Step::Held => Step::Nothing,
            Step::Nothing => Step::Gone,
            Step::Gone => {
                if self.bury(&burial.key, &burial.tombstone, burial.view, Step::Gone, out) {
                    out.notice(|| Notice::Reaped { key: burial.key, tombstone: burial.tombstone });
                }
                return;
            }
        };
        self.ask_to_bury(now, burial, out);
    }

    /// What one node does for a tombstone's end. Answers whether it agrees; whatever it has to
    /// remember of that is durable before its answer leaves.
    fn bury(
        &mut self,
        key: &Key,
        tombstone: &Record,
        view: u64,
        step: Step,
        out: &mut Outbox,
    ) -> bool {
        let partition = self.ring().partition_of(key.position());
        let held = self.store.get(partition, key);
        let is_exact = held.is_none_or(|held| held == tombstone);
        let is_buried = self.graves.get(key).is_some_and(|grave| grave.includes(tombstone));
        if !is_exact || !tombstone.is_deleted() {
            return false;
        }
        match step {
            Step::Held => held.is_some() || is_buried,
            Step::Nothing => {
                let (mine, limits) = (self.membership.view(), &self.config.limits);
                let has_room = is_buried || self.graves.len() < limits.graves_max;
                let is_shared = mine.digest() == view && !mine.ring().is_moving();
                let is_idle = self.hints.of_key(key).next().is_none()
                    && self.requests.iter().all(|(_, running)| running.key != *key);
                if !has_room || !is_shared || !is_idle {
                    return false;
                }
                self.graves.insert(key.clone(), tombstone.clone());
                self.reaping.on_grave(key);
                out.writes.push(Write::Grave { key: key.clone(), tombstone: tombstone.clone() });
                true
            }
            Step::Gone if is_buried => {
                if held.is_some() {
                    self.forget_tombstone(key, out);
                }
                true
            }
            Step::Gone => false,
        }
    }

    fn forget_tombstone(&mut self, key: &Key, out: &mut Outbox) {
        let partition = self.ring().partition_of(key.position());
        let Some(record) = self.store.remove(partition, key) else { return };
        self.trees.on_change(partition, key);
        let own_counter = highest_counter(&record, self.identity.actor);
        if own_counter > 0 {
            self.raise_floor(key, own_counter, out);
        }
        self.reaping.on_change(key, false);
        out.writes.push(Write::RecordGone { key: key.clone() });
    }

    /// What of an incoming record is not older than a tombstone that every member has agreed to
    /// forget: late messages bring nothing back.
    pub(super) fn unburied<'r>(&self, key: &Key, siblings: &'r Record) -> Option<Cow<'r, Record>> {
        // Every write comes by here, and there is hardly ever a grave.
        let grave = if self.graves.is_empty() { None } else { self.graves.get(key) };
        let grave = grave.filter(|_| !is_planted(Fault::GraveIgnored));
        match grave {
            None => Some(Cow::Borrowed(siblings)),
            Some(grave) => siblings.without(&grave.clock()).map(Cow::Owned),
        }
    }
}
