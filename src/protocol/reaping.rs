//! When a tombstone may be forgotten: never while anything older could come back.
//!
//! A tombstone forgotten too early is how deleted data rises again; one that outlives its key is a
//! *doomstone*. So the first home of a key asks, each step only after all have said yes:
//!
//! ```text
//!   Held      every home      do you hold exactly this tombstone?
//!   Nothing   every member    do you hold nothing older, no hint, no request under way? Durably:
//!                             from here on you refuse what is older (a *grave*).
//!   Gone      every home      forget it; whoever asks does so last
//! ```
//!
//! A member that is down, or a view that is not everybody's, stops it: the tombstone stays, and the
//! asking begins again later.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::map::Map;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::{Instant, Span};
use crate::data::version::Record;
use crate::protocol::message::BurialStep;

/// Nodes of which answers are awaited at a time: they come at the same moment, and the queue of who
/// asks has an end. The next is asked when one has answered.
const ASKED_MAX: usize = 8;

/// The tombstones that a node holds, and those that it asks about.
#[derive(Clone, Debug, Default)]
pub struct Reaping {
    /// Since when each is held, in nanoseconds; 0 until a round has dated it.
    held: Map<Key, u64>,
    /// Since when it is that the node refuses what is older, likewise.
    graves: Map<Key, u64>,
    burials: Vec<Burial>,
    next_sequence: u32,
    /// The last of those that there was room for, when not all could be asked about.
    turn: Option<Key>,
}

/// One tombstone on its way out.
#[derive(Clone, Debug)]
pub struct Burial {
    /// Of the present step.
    pub sequence: u32,
    pub key: Key,
    pub tombstone: Record,
    /// The digest of the view that all must share.
    pub view: u64,
    pub step: BurialStep,
    waiting: Vec<NodeId>,
    /// Those that are still to be asked, the next of them last.
    unasked: Vec<NodeId>,
    deadline: Instant,
}

/// What an answer leads to.
#[derive(Clone, Debug)]
pub enum Then {
    /// This node is asked next.
    Ask(NodeId),
    /// All have said yes: the burial goes on to its next step.
    Over(Burial),
}

impl Burial {
    /// Who was asked and has not answered this step yet.
    pub fn waiting(&self) -> &[NodeId] {
        &self.waiting
    }
}

impl Reaping {
    pub fn held(&self) -> usize {
        self.held.len()
    }

    pub fn holds(&self, key: &Key) -> bool {
        self.held.contains_key(key)
    }

    /// What is held of a key is now a tombstone, or is not.
    pub fn on_change(&mut self, key: &Key, is_tombstone: bool) {
        if is_tombstone {
            self.held.insert(key.clone(), 0);
        } else if !self.held.is_empty() {
            self.held.remove(key);
        }
    }

    /// Those of the keys that are this node's to ask about whose tombstones have been held for
    /// long enough, and are not asked about yet; at most so many that `burials_max` are under way,
    /// and others each time, lest those that nobody can forget keep the rest waiting.
    pub fn due(
        &mut self,
        now: Instant,
        after: Span,
        burials_max: usize,
        is_own: &dyn Fn(&Key) -> bool,
    ) -> Vec<Key> {
        let mut due = old(&mut self.held, now, after);
        due.retain(|key| is_own(key) && !self.burials.iter().any(|other| other.key == *key));
        let room = burials_max.saturating_sub(self.burials.len());
        if due.len() > room && room > 0 {
            let next = due.partition_point(|key| Some(key) <= self.turn.as_ref());
            due.rotate_left(next);
            self.turn = Some(due[room - 1].clone());
        }
        due.truncate(room);
        due
    }

    /// From here on the node refuses what is older than this key's tombstone.
    pub fn on_grave(&mut self, key: &Key) {
        self.graves.insert(key.clone(), 0);
    }

    /// Tombstones that are asked about.
    pub fn burials(&self) -> usize {
        self.burials.len()
    }

    pub fn graves(&self) -> usize {
        self.graves.len()
    }

    /// The graves that have been there for so long that no message can be older. They are closed.
    pub fn closed(&mut self, now: Instant, after: Span) -> Vec<Key> {
        let closed = old(&mut self.graves, now, after);
        for key in &closed {
            self.graves.remove(key);
        }
        closed
    }

    /// Begins to ask, with the first step. Answers the burial as it stands.
    pub fn begin(&mut self, key: Key, tombstone: Record, view: u64) -> Burial {
        let (sequence, step) = (self.next_sequence, BurialStep::Held);
        self.next_sequence = sequence.wrapping_add(1);
        let (waiting, unasked, deadline) = (Vec::new(), Vec::new(), Instant::ZERO);
        Burial { sequence, key, tombstone, view, step, waiting, unasked, deadline }
    }

    /// Waits for these nodes' answers to the burial's step. Answers which are asked now.
    pub fn wait(
        &mut self,
        mut burial: Burial,
        mut nodes: Vec<NodeId>,
        deadline: Instant,
    ) -> Vec<NodeId> {
        nodes.reverse();
        let first = nodes.split_off(nodes.len().saturating_sub(ASKED_MAX));
        burial.unasked = nodes;
        burial.waiting = first.into_iter().rev().gather();
        burial.deadline = deadline;
        let asked = burial.waiting.clone();
        self.burials.push(burial);
        asked
    }

    /// The burial whose present step has this number.
    pub fn burial(&self, sequence: u32) -> Option<&Burial> {
        self.burials.iter().find(|burial| burial.sequence == sequence)
    }

    /// A node answered. Gives back the burial when its step is over, with the next step: all have
    /// said yes. With the first no it is over for this time. Who is asked next has until then.
    pub fn on_answer(
        &mut self,
        from: NodeId,
        sequence: u32,
        accepted: bool,
        deadline: Instant,
    ) -> Option<Then> {
        let at = self
            .burials
            .iter()
            .position(|burial| burial.sequence == sequence && burial.waiting.contains(&from))?;
        if !accepted {
            self.burials.remove(at);
            return None;
        }
        let burial = &mut self.burials[at];
        burial.waiting.retain(|node| *node != from);
        let is_enough = is_planted(Fault::TombstoneReapedTooSoon);
        if let Some(next) = burial.unasked.pop_if(|_| !is_enough) {
            burial.waiting.push(next);
            burial.deadline = deadline;
            return Some(Then::Ask(next));
        }
        if !burial.waiting.is_empty() && !is_enough {
            return None;
        }
        let mut burial = self.burials.remove(at);
        burial.sequence = self.next_sequence;
        self.next_sequence = self.next_sequence.wrapping_add(1);
        Some(Then::Over(burial))
    }

    /// One burial whose time is over, with the silent still in it.
    pub fn on_deadline(&mut self, now: Instant) -> Option<Burial> {
        let at = self.burials.iter().position(|burial| burial.deadline <= now)?;
        Some(self.burials.remove(at))
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.burials.iter().map(|burial| burial.deadline).min()
    }
}

/// Those that have been there for long enough. What has no date yet is dated now.
fn old(all: &mut Map<Key, u64>, now: Instant, after: Span) -> Vec<Key> {
    let (mut old, mut undated) = (Vec::new(), Vec::new());
    for (key, &since) in all.iter() {
        if since == 0 {
            undated.push(key.clone());
        } else if Instant(since) + after <= now {
            old.push(key.clone());
        }
    }
    for key in undated {
        all.insert(key, now.0.max(1));
    }
    old
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Actor, Clock, Content, Siblings, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const AFTER: Span = Span::from_ms(10);

    const ALL: &dyn Fn(&Key) -> bool = &|_| true;

    fn at(ms: u64) -> Instant {
        Instant::ZERO + Span::from_ms(ms)
    }

    fn tombstone() -> Record {
        let clock = Clock::new([(Actor::default(), 1)]);
        Siblings::record(Version::new(clock, Content::tombstone().into()))
    }

    fn asking(nodes: &[u32]) -> (Reaping, u32) {
        let mut reaping = Reaping::default();
        let burial = reaping.begin(Key::new(b"k"), tombstone(), 7);
        let sequence = burial.sequence;
        reaping.wait(burial, nodes.iter().map(|&node| NodeId(node)).collect(), at(50));
        (reaping, sequence)
    }

    #[test]
    fn a_tombstone_is_due_when_it_has_been_held_for_long_enough() {
        let (mut reaping, key) = (Reaping::default(), Key::new(b"k"));
        reaping.on_change(&key, true);
        assert!(reaping.due(at(5), AFTER, 9, ALL).is_empty(), "dated now");
        assert!(reaping.due(at(14), AFTER, 9, ALL).is_empty());
        assert!(reaping.due(at(15), AFTER, 0, ALL).is_empty(), "no more at a time than allowed");
        assert_eq!(reaping.due(at(15), AFTER, 9, ALL), std::slice::from_ref(&key));
        assert!(reaping.due(at(15), AFTER, 9, &|_| false).is_empty(), "another's to ask about");
        reaping.on_change(&key, false);
        assert!(reaping.due(at(99), AFTER, 9, ALL).is_empty());
    }

    fn answer(reaping: &mut Reaping, from: u32, sequence: u32, accepted: bool) -> Option<Then> {
        reaping.on_answer(NodeId(from), sequence, accepted, at(90))
    }

    #[test]
    fn so_many_are_asked_at_a_time_and_each_answer_asks_one_more() {
        let all: Vec<NodeId> = (0..ASKED_MAX as u32 + 2).map(NodeId).collect();
        let mut reaping = Reaping::default();
        let burial = reaping.begin(Key::new(b"k"), tombstone(), 7);
        let sequence = burial.sequence;
        let asked = reaping.wait(burial, all.clone(), at(50));
        assert_eq!(asked, all[..ASKED_MAX]);
        for (answers, next) in (0..).zip(&all[ASKED_MAX..]) {
            let then = answer(&mut reaping, answers, sequence, true);
            assert!(matches!(then, Some(Then::Ask(node)) if node == *next));
        }
        assert_eq!(reaping.next_deadline(), Some(at(90)), "who is asked late has as much time");
        for from in 2..all.len() as u32 - 1 {
            assert!(answer(&mut reaping, from, sequence, true).is_none());
        }
        let last = answer(&mut reaping, all.len() as u32 - 1, sequence, true);
        assert!(matches!(last, Some(Then::Over(_))));
    }

    #[test]
    fn a_step_is_over_when_all_have_said_yes_and_one_no_ends_it() {
        let (mut reaping, sequence) = asking(&[1, 2]);
        assert!(answer(&mut reaping, 1, sequence, true).is_none());
        assert!(answer(&mut reaping, 1, sequence, true).is_none(), "twice is once");
        assert!(answer(&mut reaping, 3, sequence, false).is_none(), "nobody asked it");
        assert!(answer(&mut reaping, 2, sequence + 1, false).is_none(), "of another step");
        let next = answer(&mut reaping, 2, sequence, true);
        let Some(Then::Over(next)) = next else { panic!("all have said yes") };
        assert_ne!(next.sequence, sequence, "a late answer to this step is none to the next");
        let (mut reaping, sequence) = asking(&[1, 2]);
        assert!(answer(&mut reaping, 1, sequence, false).is_none());
        assert!(answer(&mut reaping, 2, sequence, true).is_none());
        assert_eq!(reaping.next_deadline(), None);
    }

    #[test]
    fn a_grave_is_closed_as_late_as_a_message_can_come() {
        let (mut reaping, key) = (Reaping::default(), Key::new(b"k"));
        reaping.on_grave(&key);
        assert!(reaping.closed(at(5), AFTER).is_empty());
        assert_eq!(reaping.closed(at(15), AFTER), [key]);
        assert_eq!(reaping.graves(), 0);
    }

    #[test]
    fn who_is_silent_ends_it_too() {
        let (mut reaping, sequence) = asking(&[1, 2]);
        answer(&mut reaping, 1, sequence, true);
        assert!(reaping.on_deadline(at(49)).is_none());
        let over = reaping.on_deadline(at(50)).expect("its time is over");
        assert_eq!(over.waiting(), [NodeId(2)]);
        assert!(answer(&mut reaping, 2, sequence, true).is_none());
    }
}
