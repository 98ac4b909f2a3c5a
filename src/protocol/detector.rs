//! Whom this node takes for failed (§4.8.3). Belief only: nothing here knows the truth.
//!
//! Two kinds of evidence. *Own*: two requests in a row went unanswered; cleared only by an answer
//! to an own request or probe, or by a newer incarnation, never by time. *Stale*: no newer
//! heartbeat for too long; cleared by a newer heartbeat. A peer is suspected on either.

use crate::base::time::{Instant, Span};
use crate::data::roster::Roster;
use crate::protocol::config::FailureDetection;
use crate::protocol::message::Suspicion;

/// Two silences: one may be a lost message.
const SILENCES_MAX: u8 = 2;

#[derive(Clone, Debug)]
pub struct Detector {
    /// Laid out along the roster; the node's own row is never suspected.
    peers: Vec<Peer>,
    /// None while the node itself is no member.
    own_row: Option<usize>,
    mode: FailureDetection,
    suspect_after: Span,
    /// How many are suspected: mostly none, and then nobody need look.
    suspected: usize,
}

#[derive(Clone, Copy, Debug)]
struct Peer {
    heard_at: Instant,
    silences: u8,
    stale: bool,
    suspected_at: Instant,
}

impl Peer {
    #[inline(always)]
    fn is_silent(&self) -> bool {
        self.silences >= SILENCES_MAX
    }

    #[inline(always)]
    fn is_suspected(&self) -> bool {
        self.stale || self.is_silent()
    }
}

impl Detector {
    /// Trusts everybody, as of `now`.
    pub fn new(
        members: usize,
        own_row: Option<usize>,
        mode: FailureDetection,
        suspect_after: Span,
        now: Instant,
    ) -> Detector {
        let peer = Peer { heard_at: now, silences: 0, stale: false, suspected_at: now };
        Detector { peers: vec![peer; members], own_row, mode, suspect_after, suspected: 0 }
    }

    /// The members have changed: who was there keeps its place in the node's judgement, and who is
    /// new is trusted.
    pub fn on_roster(&mut self, old: &Roster, new: &Roster, own_row: Option<usize>, now: Instant) {
        let stranger = Peer { heard_at: now, silences: 0, stale: false, suspected_at: now };
        let peer = |&node| old.index_of(node).map_or(stranger, |row| self.peers[row]);
        self.peers = new.nodes().iter().map(peer).collect();
        self.own_row = own_row;
        self.suspected = self.peers.iter().filter(|peer| peer.is_suspected()).count();
    }

    pub fn is_suspected(&self, row: usize) -> bool {
        self.peers[row].is_suspected()
    }

    pub fn suspected(&self) -> usize {
        self.suspected
    }

    /// The rows suspected, with the evidence and since when.
    pub fn suspects(&self) -> impl Iterator<Item = (usize, Suspicion, Instant)> + '_ {
        let peers = if self.suspected == 0 { &[][..] } else { &self.peers };
        peers.iter().enumerate().filter(|(_, peer)| peer.is_suspected()).map(|(row, peer)| {
            let why = if peer.is_silent() { Suspicion::Silent } else { Suspicion::Stale };
            (row, why, peer.suspected_at)
        })
    }

    /// An own request went unanswered. Answers whether that began a suspicion.
    pub fn on_silence(&mut self, row: usize, now: Instant) -> bool {
        self.change(row, now, |peer| peer.silences = peer.silences.saturating_add(1))
    }

    /// An own request, or a probe, was answered. Answers whether that ended a suspicion.
    pub fn on_answer(&mut self, row: usize, now: Instant) -> bool {
        self.change(row, now, |peer| {
            peer.silences = 0;
            peer.stale = false;
            peer.heard_at = now;
        })
    }

    /// A newer heartbeat came by gossip. Answers whether that ended a suspicion.
    pub fn on_heartbeat(&mut self, row: usize, now: Instant, is_new_incarnation: bool) -> bool {
        self.change(row, now, |peer| {
            peer.heard_at = now;
            peer.stale = false;
            if is_new_incarnation {
                peer.silences = 0;
            }
        })
    }

    /// Once a gossip round: whose heartbeat has grown stale? Calls `began` with each new suspect.
    pub fn on_round(&mut self, now: Instant, mut began: impl FnMut(usize)) {
        if self.mode == FailureDetection::Local {
            return;
        }
        for row in 0..self.peers.len() {
            let is_late = now - self.peers[row].heard_at > self.suspect_after;
            if is_late && self.change(row, now, |peer| peer.stale = true) {
                began(row);
            }
        }
    }

    /// Applies what happened and answers whether the verdict on the peer turned.
    fn change(&mut self, row: usize, now: Instant, happen: impl FnOnce(&mut Peer)) -> bool {
        if Some(row) == self.own_row {
            return false;
        }
        let peer = &mut self.peers[row];
        let before = peer.is_suspected();
        happen(peer);
        let turned = before != peer.is_suspected();
        if turned {
            peer.suspected_at = now;
            match before {
                true => self.suspected -= 1,
                false => self.suspected += 1,
            }
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const AFTER: Span = Span::from_ms(10_000);

    fn detector(mode: FailureDetection) -> Detector {
        Detector::new(3, Some(0), mode, AFTER, Instant::ZERO)
    }

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_ms(ms)
    }

    fn stale_rows(detector: &mut Detector, now: Instant) -> Vec<usize> {
        let mut rows = vec![];
        detector.on_round(now, |row| rows.push(row));
        rows
    }

    #[test]
    fn one_silence_is_forgiven_and_two_in_a_row_are_not() {
        let mut detector = detector(FailureDetection::Local);
        assert!(!detector.on_silence(1, at(1)));
        assert!(!detector.on_answer(1, at(2)));
        assert!(!detector.on_silence(1, at(3)));
        assert!(detector.on_silence(1, at(4)));
        assert!(detector.is_suspected(1) && !detector.is_suspected(2));
    }

    #[test]
    fn own_evidence_is_cleared_by_an_answer_or_a_new_incarnation_and_not_by_a_heartbeat() {
        let mut detector = detector(FailureDetection::Gossip);
        let silence_twice = |d: &mut Detector| {
            d.on_silence(1, at(1));
            d.on_silence(1, at(1));
        };
        silence_twice(&mut detector);
        assert!(!detector.on_heartbeat(1, at(2), false));
        assert!(detector.is_suspected(1), "a heartbeat of the same life clears nothing of our own");
        assert!(detector.on_heartbeat(1, at(3), true));
        silence_twice(&mut detector);
        assert!(detector.on_answer(1, at(4)));
    }

    #[test]
    fn a_heartbeat_grows_stale_and_a_newer_one_clears_it() {
        let mut detector = detector(FailureDetection::Gossip);
        assert!(stale_rows(&mut detector, at(10_000)).is_empty(), "not before its time");
        assert_eq!(stale_rows(&mut detector, at(10_001)), [1, 2], "and never the node itself");
        assert!(stale_rows(&mut detector, at(10_002)).is_empty(), "said once");
        assert!(detector.on_heartbeat(2, at(10_003), false));
        assert!(!detector.is_suspected(2));
    }

    #[test]
    fn when_the_members_change_a_suspicion_stays_with_its_node() {
        let mut detector = detector(FailureDetection::Local);
        detector.on_silence(2, at(1));
        detector.on_silence(2, at(1));
        let roster = |nodes: &[u32]| Roster::new(nodes.iter().map(|&n| NodeId(n)));
        detector.on_roster(&roster(&[0, 1, 2]), &roster(&[0, 2, 7]), Some(0), at(5));
        assert!(detector.is_suspected(1) && !detector.is_suspected(2));
        assert_eq!(detector.suspected(), 1);
        detector.on_roster(&roster(&[0, 2, 7]), &roster(&[0, 7]), Some(0), at(6));
        assert_eq!(detector.suspected(), 0);
    }

    #[test]
    fn local_detection_never_judges_by_heartbeats() {
        let mut detector = detector(FailureDetection::Local);
        assert!(stale_rows(&mut detector, at(3_600_000)).is_empty());
    }
}
