//! Background work: handoff, transfers and anti-entropy, as far as the foreground lets them (§6.5).

use crate::base::id::{NodeId, RequestId};
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::node::Node;
use crate::protocol::admission::{Change, Task};
use crate::protocol::config::Config;
use crate::protocol::message::{Message, Notice, Origin, Outbox, Write};

impl Node {
    /// A request that began a request timeout before `deadline` is answered. What counts is how
    /// long a client of this node waited, whoever coordinated; one that hears of a failure has
    /// waited too.
    pub(super) fn watch_answer(
        &mut self,
        now: Instant,
        origin: Origin,
        deadline: Instant,
        out: &mut Outbox,
    ) {
        if let Origin::Client { .. } = origin {
            let took = (now + self.config.request_timeout) - deadline;
            let change = self.admission.on_answer(now, took);
            tell(change, out);
        }
    }

    /// A step of background work is answered: how long it waited tells how long others wait there.
    pub(super) fn watch_step(
        &mut self,
        now: Instant,
        from: NodeId,
        answer: &Message,
        out: &mut Outbox,
    ) {
        let Config { replica_timeout, request_timeout, .. } = *self.config;
        let own = |request: &RequestId| (request.life == self.life).then_some(request.sequence);
        let asked = match answer {
            Message::HandedOver { request, .. } => own(request)
                .and_then(|sequence| self.handoff.deadline_of(from, sequence))
                .map(|deadline| (deadline, replica_timeout)),
            Message::Confirm { request, .. } | Message::Transferred { request, .. } => own(request)
                .and_then(|sequence| self.transfers.deadline_of(from, sequence))
                .map(|deadline| (deadline, request_timeout)),
            Message::Differing { request, .. }
            | Message::Different { request, .. }
            | Message::Mended { request, .. } => own(request)
                .and_then(|sequence| self.entropy.deadline_of(from, sequence))
                .map(|deadline| (deadline, request_timeout)),
            _ => None,
        };
        if let Some((deadline, timeout)) = asked {
            let change = self.admission.on_step_answered(now, (now + timeout) - deadline);
            tell(change, out);
        }
    }

    /// The controller decides also when nobody asks.
    pub(super) fn watch_time(&mut self, now: Instant, out: &mut Outbox) {
        if !self.admission.is_open() {
            tell(self.admission.on_time(now), out);
        }
    }

    /// Goes on with what waits: all of it, or, when background work has not all slices, a turn.
    pub(super) fn work_on(&mut self, now: Instant, out: &mut Outbox) {
        if self.admission.is_open() {
            // Mostly nothing waits: each step goes as soon as there is one.
            if self.duties.is_empty() && !self.handoff.has_picked() && !self.entropy.has_more() {
                return;
            }
        } else if self.handoff.is_quiet() && self.transfers.is_quiet() && !self.entropy.is_waiting()
        {
            if let Some(until) = self.admission.on_quiet(now) {
                out.notice(|| Notice::Rests { until });
            }
        } else {
            return;
        }
        let Some(tasks) = self.admission.open_turn(now) else { return };
        for task in tasks {
            match task {
                Task::Handoff => self.hand_over(now, out),
                Task::Transfer if self.duties.is_empty() => {}
                Task::Transfer => self.move_on(now, out),
                Task::AntiEntropy => self.compare_on(now, out),
            }
        }
        self.admission.close_turn(now);
    }

    /// Sends hints that a scan has picked.
    pub(super) fn hand_over(&mut self, now: Instant, out: &mut Outbox) {
        let deadline = now + self.config.replica_timeout;
        while self.admission.room() > 0 {
            let (detector, roster) = (&self.detector, self.membership.roster());
            let is_back =
                |node| roster.index_of(node).is_some_and(|row| !detector.is_suspected(row));
            let Some(delivery) = self.handoff.next(&self.hints, is_back, deadline) else { return };
            self.admission.on_begun(1);
            let request = self.request_id(delivery.sequence);
            let (key, siblings) = (delivery.key, delivery.siblings);
            if is_planted(Fault::HintDeletedTooSoon) {
                self.hints.remove(delivery.target, &key);
                let (target, key) = (delivery.target, key.clone());
                out.writes.push(Write::HintGone { target, key });
            }
            out.send(delivery.target, Message::Handoff { request, key, siblings });
        }
    }
}

fn tell(change: Option<Change>, out: &mut Outbox) {
    if let Some(Change { slices, answers }) = change {
        out.notice(|| Notice::Slices { slices, answers: answers.all, late: answers.late });
    }
}
