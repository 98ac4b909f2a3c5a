//! What happens by itself: gossip, probes, handoff, and deadlines.

use std::iter;

use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Moment};
use crate::node::{Node, new_actor};
use crate::protocol::message::{Asks, Beat, Beats, Message, Notice, Outbox, Suspicion, Wanted};

impl Node {
    pub(super) fn on_wakeup(&mut self, now: Instant, out: &mut Outbox) {
        self.watch_time(now, out);
        if is_due(self.timers.gossip, now) {
            self.timers.gossip = Some(now + self.config.gossip_interval);
            self.gossip_round(now, out);
        }
        if is_due(self.timers.handoff, now) {
            self.timers.handoff = Some(now + self.config.handoff_interval);
            self.handoff_round();
        }
        if is_due(self.timers.entropy, now) {
            self.timers.entropy = Some(now + self.config.anti_entropy_interval);
            self.entropy_round();
        }
        if is_due(self.timers.transfer, now) {
            self.transfer_round(now, out);
        }
        if is_due(self.timers.reap, now) {
            self.reap_round(now, out);
        }
        while let Some((sequence, node)) = self.requests.on_replica_deadline(now) {
            self.on_replica_silent(now, sequence, node, out);
        }
        while let Some(sequence) = self.requests.on_request_deadline(now) {
            self.on_request_over(now, sequence, out);
        }
        self.requests.forget_old_puts(now);
        while let Some(target) = self.handoff.on_deadline(now) {
            self.on_silence(now, target, out);
        }
        if let Some(silent) = self.entropy.on_deadline(now) {
            self.on_silence(now, silent, out);
        }
        while let Some(burial) = self.reaping.on_deadline(now) {
            burial.waiting().iter().for_each(|&node| self.on_silence(now, node, out));
        }
        while let Some(receiver) = self.transfers.on_deadline(now) {
            self.on_silence(now, receiver, out);
        }
    }

    /// Once a second with one member drawn at random, suspected or not, so that a healed cut
    /// heals (§4.8.1). Suspects are probed in the same round (§4.8.3).
    fn gossip_round(&mut self, now: Instant, out: &mut Outbox) {
        self.membership.raise_own();
        let roster = self.membership.roster().clone();
        self.detector.on_round(now, |row| {
            let node = roster.nodes()[row];
            out.notice(|| Notice::Suspects { node, why: Suspicion::Stale });
        });
        if let Some(peer) = self.draw_peer() {
            let view = self.membership.view().digest();
            out.notice(|| Notice::GossipRound { with: peer });
            out.send(peer, Message::Digest { beats: self.membership.digest(), view });
        }
        self.probe_suspects(out);
        self.ask_to_join(out);
        self.adopt_orphans(now, out);
    }

    /// Any other member, or a seed that is none by what is known here.
    fn draw_peer(&mut self) -> Option<NodeId> {
        let (roster, own) = (self.membership.roster(), self.id);
        let is_apart = |seed: &&NodeId| **seed != own && roster.index_of(**seed).is_none();
        let others = roster.len() - usize::from(self.membership.own_row().is_some());
        let seeds = self.seeds.iter().filter(is_apart).count();
        if others + seeds == 0 {
            return None;
        }
        let drawn = self.rng.index(others + seeds);
        let (roster, own_row) = (self.membership.roster(), self.membership.own_row());
        if drawn < others {
            let row = drawn + usize::from(own_row.is_some_and(|own_row| drawn >= own_row));
            return Some(roster.nodes()[row]);
        }
        let is_apart = |seed: &NodeId| *seed != own && roster.index_of(*seed).is_none();
        self.seeds.iter().copied().filter(is_apart).nth(drawn - others)
    }

    /// Asks suspects whether they are back; with more than the limit, others each round.
    fn probe_suspects(&mut self, out: &mut Outbox) {
        let suspects: Vec<usize> = self.detector.suspects().map(|(row, ..)| row).gather();
        if suspects.is_empty() {
            return;
        }
        let count = suspects.len().min(self.config.limits.probes_max);
        let first = self.next_probe as usize % suspects.len();
        for &row in suspects.iter().cycle().skip(first).take(count) {
            let request = self.request_id(self.next_probe);
            self.next_probe = self.next_probe.wrapping_add(1);
            out.send(self.membership.roster().nodes()[row], Message::Probe { request });
        }
    }

    /// Scans the hint store for nodes that are back (§4.6). Their hints go with all other
    /// background work of this call.
    fn handoff_round(&mut self) {
        let is_never = is_planted(Fault::HintNeverHandedOver);
        if !self.config.hinted_handoff || self.hints.is_empty() || is_never {
            return;
        }
        let batch_max = self.config.limits.handoff_batch_max;
        let (detector, roster) = (&self.detector, self.membership.roster());
        let is_back = |node| roster.index_of(node).is_some_and(|row| !detector.is_suspected(row));
        self.handoff.on_scan(&self.hints, is_back, batch_max);
    }

    /// The sender's own beat is news at first hand and counts at once, so that a node that hears
    /// others and is not heard does not take them for dead. The rest is asked for.
    pub(super) fn on_digest(
        &mut self,
        now: Instant,
        from: NodeId,
        beats: &Beats,
        view: u64,
        out: &mut Outbox,
    ) {
        self.remember(self.membership.forgotten_life(beats), out);
        if let Some(own) = self.membership.beat_of(from, beats) {
            self.on_beat(now, own, out);
        }
        let (newer, wanted) = self.membership.compare(beats);
        if !newer.is_empty() || !wanted.is_empty() {
            out.send(from, Message::News { newer, wanted });
        }
        let mine = self.membership.view();
        let is_same = mine.digest() == view || is_planted(Fault::ViewNotTold);
        // Who has left, and waits to be sure that all it knows is known, hears that it is.
        let is_leaver = self.membership.roster().index_of(from).is_none();
        if !is_same || is_leaver && mine.member(from).is_some() {
            let asks = if is_same { Asks::Nothing } else { Asks::News };
            out.send(from, Message::View { view: mine.clone(), asks });
        }
    }

    pub(super) fn on_news(
        &mut self,
        now: Instant,
        from: NodeId,
        newer: &Beats,
        wanted: &Wanted,
        out: &mut Outbox,
    ) {
        self.on_beats(now, newer, out);
        let rest = self.membership.select(wanted);
        if !rest.is_empty() {
            out.send(from, Message::Rest { newer: rest });
        }
    }

    pub(super) fn on_beats(&mut self, now: Instant, beats: &Beats, out: &mut Outbox) {
        let (membership, detector) = (&mut self.membership, &mut self.detector);
        if !membership.is_alike(beats) || detector.measures() {
            return self.on_each_beat(now, beats.iter(), out);
        }
        // A busy ring is told of every node once a second, so all rows are taken in at once, and
        // only what speaks against somebody is looked at by itself.
        let news_in = |row| membership.news_in(row, beats).map(|is_new| (row, is_new));
        let doubted = detector.doubted().filter_map(news_in).gather();
        let forgotten = membership.raise(beats, detector.moments_mut(), Moment::of(now));
        for (row, is_new_incarnation) in doubted {
            if detector.on_heartbeat(row, now, is_new_incarnation) {
                out.notice(|| Notice::Trusts { node: membership.roster().nodes()[row] });
            }
        }
        self.remember(forgotten, out);
    }

    /// One, at first hand.
    pub(super) fn on_beat(&mut self, now: Instant, beat: Beat, out: &mut Outbox) {
        self.on_each_beat(now, iter::once(beat), out);
    }

    fn on_each_beat(&mut self, now: Instant, beats: impl Iterator<Item = Beat>, out: &mut Outbox) {
        let (membership, detector) = (&mut self.membership, &mut self.detector);
        let roster = membership.roster().clone();
        let forgotten = membership.merge(beats, |row, is_new_incarnation| {
            if detector.on_heartbeat(row, now, is_new_incarnation) {
                out.notice(|| Notice::Trusts { node: roster.nodes()[row] });
            }
        });
        self.remember(forgotten, out);
    }

    /// Others know of a life of this node that its disk does not: the disk was lost, or is older
    /// than it had been. A new incarnation begins, past all that were heard of; and a new actor,
    /// unless the disk was empty and the actor is new already, so no counter is issued twice.
    fn remember(&mut self, forgotten: Option<u32>, out: &mut Outbox) {
        let Some(forgotten) = forgotten else { return };
        self.identity.incarnation = forgotten.saturating_add(1);
        if !self.is_reborn {
            self.identity.actor = new_actor(self.id, &mut self.rng);
            self.is_reborn = true;
        }
        self.membership.reincarnate(self.identity.incarnation);
        self.save_identity(out);
        let (incarnation, actor) = (self.identity.incarnation, self.identity.actor);
        out.notice(|| Notice::Started { incarnation, actor });
    }
}

fn is_due(timer: Option<Instant>, now: Instant) -> bool {
    timer.is_some_and(|at| at <= now)
}
