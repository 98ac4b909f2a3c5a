//! What is known of the members, and the push-pull exchange that spreads it (§4.8.1).
//!
//! ```text
//!   A ── Digest: all I know ───────────▶ B     every second, to one random member
//!   A ◀── News: what I know better, ──── B
//!          and what I want
//!   A ── Rest: what you wanted ────────▶ B
//! ```
//!
//! Only heartbeats are gossiped, never accusations.

use crate::base::id::NodeId;
use crate::base::pool::Pooled;
use crate::data::roster::Roster;
use crate::protocol::message::{Beat, Beats, Wanted};

#[derive(Clone, Debug)]
pub struct Membership {
    roster: Roster,
    own_row: usize,
    /// Laid out along the roster. Shared with digests in flight; copied only when one still is.
    beats: Pooled<Beats>,
}

impl Membership {
    /// # Panics
    /// When the roster does not hold the node itself.
    pub fn new(roster: Roster, own: NodeId, incarnation: u32) -> Membership {
        let own_row = roster.index_of(own).expect("a node is a member of its own ring");
        let blank = |&node| Beat { node, incarnation: 0, version: 0 };
        let mut beats: Vec<Beat> = roster.nodes().iter().map(blank).collect();
        beats[own_row].incarnation = incarnation;
        Membership { roster, own_row, beats: beats.into() }
    }

    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    pub fn own_row(&self) -> usize {
        self.own_row
    }

    pub fn own_beat(&self) -> Beat {
        self.beats[self.own_row]
    }

    /// Says "I am alive" once more.
    pub fn raise_own(&mut self) {
        let own = self.own_row;
        let beat = &mut self.beats.make_mut()[own];
        beat.version = beat.version.saturating_add(1);
    }

    /// Begins a new life in the eyes of the others.
    pub fn reincarnate(&mut self, incarnation: u32) {
        let own = self.own_row;
        let beat = &mut self.beats.make_mut()[own];
        (beat.incarnation, beat.version) = (incarnation, 0);
    }

    pub fn digest(&self) -> Pooled<Beats> {
        self.beats.clone()
    }

    /// The answer to a digest: the beats known better here, and the nodes known better there.
    pub fn compare(&self, digest: &[Beat]) -> (Pooled<Beats>, Pooled<Wanted>) {
        let mut newer = Pooled::<Beats>::build(|_| {});
        let mut wanted = Pooled::<Wanted>::build(|_| {});
        let (newer_here, newer_there) = (newer.make_mut(), wanted.make_mut());
        for theirs in digest {
            let Some(row) = self.roster.index_of(theirs.node) else { continue };
            let mine = &self.beats[row];
            if mine.is_newer_than(theirs) {
                newer_here.push(*mine);
            } else if theirs.is_newer_than(mine) {
                newer_there.push(theirs.node);
            }
        }
        (newer, wanted)
    }

    /// What the other wanted of what is known here.
    pub fn select(&self, wanted: &[NodeId]) -> Pooled<Beats> {
        let rows = wanted.iter().filter_map(|&node| self.roster.index_of(node));
        Pooled::build(|beats: &mut Beats| beats.extend(rows.map(|row| self.beats[row])))
    }

    /// Takes in what is newer; calls `on_newer(row, is_new_incarnation)` for each of the others.
    /// The node's own row is its own to raise.
    pub fn merge(&mut self, beats: &[Beat], mut on_newer: impl FnMut(usize, bool)) {
        for theirs in beats {
            let Some(row) = self.roster.index_of(theirs.node) else { continue };
            let mine = self.beats[row];
            if row == self.own_row || !theirs.is_newer_than(&mine) {
                continue;
            }
            self.beats.make_mut()[row] = *theirs;
            on_newer(row, theirs.incarnation > mine.incarnation);
        }
    }

    /// The incarnation of a life of this very node that it does not remember, if the beats tell
    /// of one: its disk was lost or is older than it had been.
    pub fn forgotten_life(&self, beats: &[Beat]) -> Option<u32> {
        let own = self.own_beat();
        let told = beats.iter().find(|beat| beat.node == own.node && beat.is_newer_than(&own))?;
        Some(told.incarnation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn of(own: u32) -> Membership {
        Membership::new(Roster::new((0..3).map(NodeId)), NodeId(own), 1)
    }

    /// One whole exchange that `a` begins.
    fn exchange(a: &mut Membership, b: &mut Membership) {
        let (newer, wanted) = b.compare(&a.digest());
        a.merge(&newer, |_, _| {});
        let rest = a.select(&wanted);
        b.merge(&rest, |_, _| {});
    }

    #[test]
    fn after_an_exchange_both_know_what_either_knew() {
        let (mut a, mut b) = (of(0), of(1));
        a.raise_own();
        b.raise_own();
        exchange(&mut a, &mut b);
        assert_eq!(a.digest(), b.digest());
        assert_eq!(a.beats[1].version, 1);
        assert_eq!(b.beats[0].version, 1);
    }

    #[test]
    fn an_exchange_between_equals_sends_nothing_more() {
        let (mut a, mut b) = (of(0), of(1));
        exchange(&mut a, &mut b);
        let (newer, wanted) = b.compare(&a.digest());
        assert!(newer.is_empty() && wanted.is_empty());
    }

    #[test]
    fn an_older_beat_is_ignored_and_a_new_incarnation_is_told_apart() {
        let mut a = of(0);
        let mut heard = vec![];
        let beat = |incarnation, version| Beat { node: NodeId(1), incarnation, version };
        for beats in [[beat(1, 5)], [beat(1, 4)], [beat(2, 0)]] {
            a.merge(&beats, |row, new| heard.push((row, new)));
        }
        assert_eq!(heard, [(1, true), (1, true)]);
    }

    #[test]
    fn a_node_without_memory_learns_of_its_forgotten_life() {
        let (mut reborn, mut peer) = (of(0), of(1));
        peer.merge(&[Beat { node: NodeId(0), incarnation: 1, version: 57 }], |_, _| {});
        assert_eq!(reborn.forgotten_life(&peer.digest()), Some(1));
        reborn.reincarnate(2);
        assert_eq!(reborn.forgotten_life(&peer.digest()), None);
        exchange(&mut reborn, &mut peer);
        assert_eq!(peer.beats[0].incarnation, 2);
    }
}
