//! Whom this node takes for failed (§4.8.3). Belief only: nothing here knows the truth.
//!
//! Two kinds of evidence. *Own*: two requests in a row went unanswered; cleared only by an answer
//! to an own request or probe, or by a newer incarnation, never by time. *Stale*: no newer
//! heartbeat for too long; cleared by a newer heartbeat. A peer is suspected on either.
//!
//! How long is too long is a fixed time, or a *phi*: with news coming at random moments, about one
//! to a mean interval, none for a time t has a probability of e^(-t/mean); phi is how many zeros
//! that has behind its point, `log10(e) * t / mean`.

use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Moment, Span};
use crate::data::roster::Roster;
use crate::protocol::config::{Config, FailureDetection};
use crate::protocol::message::Suspicion;

/// Two silences: one may be a lost message.
const SILENCES_MAX: u8 = 2;

#[derive(Clone, Debug)]
pub struct Detector {
    /// When the newest heartbeat of each came, or an answer; laid out along the roster. A ring of
    /// thousands has millions of these, so they are small and nothing stands beside them.
    heard_at: Vec<Moment>,
    /// What speaks against a peer; of most of them nothing does.
    evidence: Map<usize, Evidence>,
    /// The node's own row is never suspected. None while the node itself is no member.
    own_row: Option<usize>,
    bound: Bound,
    /// The mean time between two newer heartbeats of each peer; only where phi is the bound.
    means: Vec<Span>,
    /// What is taken for the mean until intervals have been seen.
    first_mean: Span,
    /// Nobody was heard of before this: until it is too long ago nobody need be looked at.
    oldest: Moment,
    /// How many are suspected.
    suspected: usize,
}

/// From when on a heartbeat is stale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// Never: heartbeats are no evidence.
    None,
    After(Span),
    /// In thousandths.
    Phi(u32),
}

/// `log10(e)` in millionths.
const LOG10_E: u64 = 434_294;
/// Each interval moves the mean by one part in this.
const MEAN_OVER: u64 = 16;

#[derive(Clone, Copy, Debug, Default)]
struct Evidence {
    silences: u8,
    stale: bool,
    suspected_at: Instant,
}

impl Evidence {
    fn is_silent(&self) -> bool {
        self.silences >= SILENCES_MAX
    }

    fn is_suspected(&self) -> bool {
        self.stale || self.is_silent()
    }

    fn is_none(&self) -> bool {
        self.silences == 0 && !self.stale
    }
}

impl Detector {
    /// Trusts everybody, as of `now`.
    pub fn new(members: usize, own_row: Option<usize>, config: &Config, now: Instant) -> Detector {
        let bound = match (config.failure_detection, config.suspect_phi) {
            (FailureDetection::Local, _) => Bound::None,
            (FailureDetection::Gossip, Some(phi)) => Bound::Phi(phi),
            (FailureDetection::Gossip, None) => Bound::After(config.suspect_after),
        };
        let measured = if matches!(bound, Bound::Phi(_)) { members } else { 0 };
        let first_mean = config.gossip_interval;
        Detector {
            heard_at: vec![Moment::of(now); members],
            evidence: Map::default(),
            own_row,
            bound,
            first_mean,
            means: vec![first_mean; measured],
            oldest: Moment::of(now),
            suspected: 0,
        }
    }

    /// The members have changed: who was there keeps its place in the node's judgement, and who is
    /// new is trusted.
    pub fn on_roster(&mut self, old: &Roster, new: &Roster, own_row: Option<usize>, now: Instant) {
        let was = |&node: &NodeId| old.index_of(node);
        let rows = || new.nodes().iter().map(was);
        let heard_at =
            rows().map(|row| row.map_or(Moment::of(now), |row| self.heard_at[row])).gather();
        if !self.means.is_empty() || matches!(self.bound, Bound::Phi(_)) {
            let mean = |row: Option<usize>| row.map_or(self.first_mean, |row| self.means[row]);
            self.means = rows().map(mean).gather();
        }
        let before = std::mem::take(&mut self.evidence);
        for (row, old) in rows().enumerate() {
            if let Some(evidence) = old.and_then(|old| before.get(&old)) {
                self.evidence.insert(row, *evidence);
            }
        }
        self.heard_at = heard_at;
        self.own_row = own_row;
        self.suspected = self.evidence.values().filter(|evidence| evidence.is_suspected()).count();
    }

    /// How suspicious the silence of this peer's heartbeat is, in thousandths; none where phi is
    /// not asked for, and of the node itself.
    pub fn phi(&self, row: usize, now: Instant) -> Option<u32> {
        let mean = self.means.get(row).filter(|_| Some(row) != self.own_row)?;
        Some(phi(self.heard_at[row].ago(now), *mean))
    }

    #[inline(always)]
    pub fn is_suspected(&self, row: usize) -> bool {
        self.suspected > 0 && self.evidence.get(&row).is_some_and(Evidence::is_suspected)
    }

    pub fn suspected(&self) -> usize {
        self.suspected
    }

    /// The rows suspected, with the evidence and since when.
    pub fn suspects(&self) -> impl Iterator<Item = (usize, Suspicion, Instant)> + '_ {
        let suspected = self.evidence.iter().filter(|(_, evidence)| evidence.is_suspected());
        suspected.map(|(&row, evidence)| {
            let why = if evidence.is_silent() { Suspicion::Silent } else { Suspicion::Stale };
            (row, why, evidence.suspected_at)
        })
    }

    /// An own request went unanswered. Answers whether that began a suspicion.
    pub fn on_silence(&mut self, row: usize, now: Instant) -> bool {
        self.change(row, now, |peer| peer.silences = peer.silences.saturating_add(1))
    }

    /// An own request, or a probe, was answered. Answers whether that ended a suspicion.
    pub fn on_answer(&mut self, row: usize, now: Instant) -> bool {
        self.hear(row, now) && self.change(row, now, |peer| *peer = Evidence::default())
    }

    /// A newer heartbeat came by gossip. Answers whether that ended a suspicion.
    pub fn on_heartbeat(&mut self, row: usize, now: Instant, is_new_incarnation: bool) -> bool {
        // An outage says nothing of how regular heartbeats are while all is well.
        if !self.means.is_empty() && !is_new_incarnation && !self.is_stale(row) {
            let interval = self.heard_at[row].ago(now);
            let mean = &mut self.means[row];
            mean.0 += interval.0 / MEAN_OVER;
            mean.0 -= mean.0 / (MEAN_OVER + 1);
        }
        self.hear(row, now)
            && self.change(row, now, |peer| {
                peer.stale &= is_planted(Fault::SuspicionForEver);
                if is_new_incarnation {
                    peer.silences = 0;
                }
            })
    }

    /// Whether the intervals between heartbeats are measured. If not, a heartbeat of a peer against
    /// whom nothing speaks is nothing but its moment.
    pub fn measures(&self) -> bool {
        !self.means.is_empty()
    }

    /// When each was heard of, by row, to be set to the moment of a newer heartbeat.
    pub fn moments_mut(&mut self) -> &mut [Moment] {
        &mut self.heard_at
    }

    /// The rows against which anything speaks, in order.
    pub fn doubted(&self) -> impl Iterator<Item = usize> + '_ {
        self.evidence.keys().copied()
    }

    /// A sign of life. Answers whether anything speaks against the peer, so that it matters more.
    #[inline(always)]
    fn hear(&mut self, row: usize, now: Instant) -> bool {
        self.heard_at[row] = Moment::of(now);
        !self.evidence.is_empty()
    }

    fn is_stale(&self, row: usize) -> bool {
        self.evidence.get(&row).is_some_and(|evidence| evidence.stale)
    }

    /// Once a gossip round: whose heartbeat has grown stale? Calls `began` with each new suspect.
    pub fn on_round(&mut self, now: Instant, mut began: impl FnMut(usize)) {
        if is_planted(Fault::SuspicionClearedByTime) {
            let rows = 0..self.heard_at.len();
            rows.for_each(|row| _ = self.change(row, now, |peer| peer.silences = 0));
        }
        let is_early = match self.bound {
            Bound::None => true,
            Bound::After(bound) => self.oldest.ago(now) <= bound,
            Bound::Phi(_) => false,
        };
        if is_early || self.are_all_fresh(now) {
            return;
        }
        for row in 0..self.heard_at.len() {
            let silence = self.heard_at[row].ago(now);
            let is_late = match self.bound {
                Bound::None => false,
                Bound::After(bound) => silence > bound,
                Bound::Phi(bound) => phi(silence, self.means[row]) >= bound,
            };
            if is_late && self.change(row, now, |peer| peer.stale = true) {
                began(row);
            }
        }
        // Whoever is stale already need not be found so again.
        let others = self.heard_at.iter().enumerate().filter(|&(row, _)| !self.is_stale(row));
        let moments = others.map(|(_, &at)| at);
        self.oldest = moments.max_by_key(|at| at.ago(now)).unwrap_or(Moment::of(now));
    }

    /// Whether nobody's heartbeat has grown stale since it was last asked, as it nearly always is:
    /// all rows are looked at at once, and by themselves only those that were found stale before.
    fn are_all_fresh(&mut self, now: Instant) -> bool {
        if let Some(own) = self.own_row {
            self.heard_at[own] = Moment::of(now);
        }
        let Bound::After(bound) = self.bound else { return false };
        let (at, bound) = (Moment::of(now), bound.0 / Span::from_ms(1).0);
        let bound = u32::try_from(bound).unwrap_or(u32::MAX);
        let is_late = |heard: &Moment| heard.ms_before(at) > bound;
        let late = self.heard_at.iter().map(|heard| u32::from(is_late(heard))).sum::<u32>();
        if late == 0 {
            let silences = self.heard_at.iter().map(|heard| heard.ms_before(at));
            self.oldest = Moment(at.0.wrapping_sub(silences.fold(0, u32::max)));
            return true;
        }
        let found = self.evidence.iter().filter(|(_, evidence)| evidence.stale);
        late as usize == found.filter(|&(&row, _)| is_late(&self.heard_at[row])).count()
    }

    /// Applies what happened and answers whether the verdict on the peer turned.
    fn change(&mut self, row: usize, now: Instant, happen: impl FnOnce(&mut Evidence)) -> bool {
        if Some(row) == self.own_row {
            return false;
        }
        let mut evidence = self.evidence.get(&row).copied().unwrap_or_default();
        let before = evidence.is_suspected();
        happen(&mut evidence);
        let turned = before != evidence.is_suspected();
        if turned {
            evidence.suspected_at = now;
            match before {
                true => self.suspected -= 1,
                false => self.suspected += 1,
            }
        }
        match evidence.is_none() {
            true => _ = self.evidence.remove(&row),
            false => _ = self.evidence.insert(row, evidence),
        }
        turned
    }
}

/// In thousandths.
fn phi(silence: Span, mean: Span) -> u32 {
    let mean_us = (mean.0 / 1_000).max(1);
    u32::try_from(silence.0 / 1_000_000 * LOG10_E / mean_us).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const AFTER: Span = Span::from_ms(10_000);

    fn detector(failure_detection: FailureDetection) -> Detector {
        let config = Config { failure_detection, suspect_after: AFTER, ..Config::default() };
        Detector::new(3, Some(0), &config, Instant::ZERO)
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
    fn who_grows_stale_beside_one_that_is_stale_already_is_found_as_well() {
        let mut detector = detector(FailureDetection::Gossip);
        detector.on_heartbeat(2, at(5_000), false);
        assert_eq!(stale_rows(&mut detector, at(10_001)), [1]);
        assert!(stale_rows(&mut detector, at(15_000)).is_empty());
        assert_eq!(stale_rows(&mut detector, at(15_001)), [2]);
        detector.on_heartbeat(1, at(15_002), false);
        assert!(stale_rows(&mut detector, at(25_002)).is_empty());
        assert_eq!(stale_rows(&mut detector, at(25_003)), [1], "and once more");
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

    fn accrual(phi: u32) -> Detector {
        let config = Config { suspect_phi: Some(phi), ..Config::default() };
        Detector::new(3, Some(0), &config, Instant::ZERO)
    }

    #[test]
    fn phi_8_is_18_mean_intervals_of_silence() {
        let mut detector = accrual(8_000);
        // The mean is 1 s until something else has been seen.
        assert_eq!(detector.phi(1, at(10_000)), Some(4_342));
        assert!(stale_rows(&mut detector, at(18_400)).is_empty());
        assert_eq!(stale_rows(&mut detector, at(18_430)), [1, 2]);
        assert_eq!(detector.phi(0, at(18_430)), None, "never the node itself");
    }

    #[test]
    fn phi_follows_how_regular_a_peer_has_been() {
        let mut detector = accrual(8_000);
        for beat in 1..=200 {
            detector.on_heartbeat(1, at(beat * 100), false);
            detector.on_heartbeat(2, at(beat * 5_000), false);
        }
        let level = |row, ms| detector.phi(row, at(ms)).expect("it is measured");
        assert!((8_000..9_000).contains(&level(1, 20_000 + 1_900)), "{}", level(1, 21_900));
        assert!(level(2, 1_000_000 + 1_900) < 200, "{}", level(2, 1_001_900));
        // Being away is no habit.
        let mut away = detector.clone();
        stale_rows(&mut away, at(60_000));
        assert!(away.is_suspected(1));
        away.on_heartbeat(1, at(600_000), false);
        assert_eq!(away.phi(1, at(601_900)), detector.phi(1, at(21_900)));
    }

    #[test]
    fn without_phi_nothing_is_measured() {
        assert_eq!(detector(FailureDetection::Gossip).phi(1, at(5_000)), None);
    }
}
