//! Bringing hints home (§4.6): "upon detecting that A has recovered, D will attempt to deliver
//! the replica to A. Once the transfer succeeds, D may delete the object from its local store".
//!
//! The hint stays until the owner says it has it, so the number of replicas never drops.

use crate::base::blob::Key;
use crate::base::gather::Gather;
use crate::base::id::NodeId;
use crate::base::queue::Queue;
use crate::base::time::Instant;
use crate::data::store::HintStore;
use crate::data::version::Record;

/// The deliveries under way.
#[derive(Clone, Debug, Default)]
pub struct Handoff {
    /// Picked by a scan, and not sent yet: at most a batch for each target.
    picked: Queue<(NodeId, Key)>,
    /// In the order of their deadlines.
    under_way: Queue<Delivery>,
    /// Unanswered in time, and not sent again yet: a late answer still counts. At most one for
    /// each hint.
    overdue: Vec<Delivery>,
    next_sequence: u32,
}

#[derive(Clone, Debug)]
pub struct Delivery {
    pub sequence: u32,
    pub target: NodeId,
    pub key: Key,
    pub siblings: Record,
    pub deadline: Instant,
}

impl Handoff {
    /// Deliveries that are picked, under way or overdue.
    pub fn held(&self) -> usize {
        self.picked.len() + self.under_way.len() + self.overdue.len()
    }

    /// Picks what to deliver: hints for nodes that are back, at most `batch_max` to each, none
    /// that is picked or on its way already.
    pub fn on_scan(
        &mut self,
        hints: &HintStore,
        is_back: impl Fn(NodeId) -> bool,
        batch_max: usize,
    ) {
        // A hint that went another way is not delivered, however late the answer comes.
        self.overdue.retain(|old| hints.get(old.target, &old.key).is_some());
        for (target, records) in hints.targets().filter(|&(target, _)| is_back(target)) {
            let picked = self.picked.iter().filter(|(other, _)| *other == target).count();
            let on_its_way = self.under_way.iter().filter(|d| d.target == target).count();
            let waiting = records.keys().filter(|key| !self.has(target, key));
            let more: Vec<(NodeId, Key)> = waiting
                .take(batch_max.saturating_sub(picked + on_its_way))
                .map(|key| (target, key.clone()))
                .gather();
            self.picked.extend(more);
        }
    }

    /// The next of what was picked, to be sent now. What has gone since, or whose target is not
    /// back any more, is left to another scan.
    pub fn next(
        &mut self,
        hints: &HintStore,
        is_back: impl Fn(NodeId) -> bool,
        deadline: Instant,
    ) -> Option<Delivery> {
        while let Some((target, key)) = self.picked.pop_front() {
            let Some(siblings) = hints.get(target, &key).filter(|_| is_back(target)) else {
                continue;
            };
            let (sequence, siblings) = (self.next_sequence, siblings.clone());
            self.next_sequence = sequence.wrapping_add(1);
            let delivery = Delivery { sequence, target, key, siblings, deadline };
            self.overdue.retain(|old| old.target != target || old.key != delivery.key);
            self.under_way.push_back(delivery.clone());
            return Some(delivery);
        }
        None
    }

    /// Whether something is picked that is not sent yet.
    pub fn has_picked(&self) -> bool {
        !self.picked.is_empty()
    }

    /// Whether nobody is waited for.
    pub fn is_quiet(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Until when the answer to this delivery is waited for.
    pub fn deadline_of(&self, target: NodeId, sequence: u32) -> Option<Instant> {
        let ours = |d: &&Delivery| d.sequence == sequence && d.target == target;
        let sent = self.under_way.iter().chain(&self.overdue).find(ours)?;
        Some(sent.deadline)
    }

    /// The owner answered. Gives back the delivery, once.
    pub fn on_answer(&mut self, from: NodeId, sequence: u32) -> Option<Delivery> {
        let ours = |d: &Delivery| d.sequence == sequence && d.target == from;
        if let Some(at) = self.under_way.iter().position(ours) {
            return self.under_way.remove(at);
        }
        let at = self.overdue.iter().position(ours)?;
        Some(self.overdue.swap_remove(at))
    }

    /// One delivery whose time is over: its target, silent. The hint waits for the next scan.
    pub fn on_deadline(&mut self, now: Instant) -> Option<NodeId> {
        let overdue = self.under_way.pop_front_if(|delivery| delivery.deadline <= now)?;
        let target = overdue.target;
        self.overdue.push(overdue);
        Some(target)
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.under_way.front().map(|delivery| delivery.deadline)
    }

    fn has(&self, target: NodeId, key: &Key) -> bool {
        self.picked.iter().any(|(to, picked)| *to == target && picked == key)
            || self.under_way.iter().any(|d| d.target == target && d.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Clock, Content, Siblings, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const LATER: Instant = Instant(100);

    fn hints(count: u32) -> HintStore {
        let version = Version::new(Clock::default(), Content::default().into());
        let siblings = Siblings::record(version);
        let mut hints = HintStore::default();
        for n in 0..count {
            hints.merge(NodeId(n % 2), &Key::new(&n.to_be_bytes()), &siblings);
        }
        hints
    }

    fn scanned(
        handoff: &mut Handoff,
        hints: &HintStore,
        is_back: impl Fn(NodeId) -> bool,
        batch_max: usize,
    ) -> Vec<Delivery> {
        handoff.on_scan(hints, &is_back, batch_max);
        std::iter::from_fn(|| handoff.next(hints, &is_back, LATER)).collect()
    }

    #[test]
    fn only_hints_of_nodes_that_are_back_go_out_and_each_once() {
        let (hints, mut handoff) = (hints(6), Handoff::default());
        let picked = scanned(&mut handoff, &hints, |node| node == NodeId(1), 64);
        assert_eq!(picked.len(), 3);
        assert!(picked.iter().all(|delivery| delivery.target == NodeId(1)));
        assert!(scanned(&mut handoff, &hints, |node| node == NodeId(1), 64).is_empty());
    }

    #[test]
    fn a_batch_has_a_limit_and_the_rest_waits_its_turn() {
        let (hints, mut handoff) = (hints(10), Handoff::default());
        assert_eq!(scanned(&mut handoff, &hints, |_| true, 2).len(), 4, "two to each node");
        assert!(scanned(&mut handoff, &hints, |_| true, 2).is_empty());
        assert!(handoff.on_answer(NodeId(0), 0).is_some());
        assert!(handoff.on_answer(NodeId(0), 0).is_none(), "a repeated answer means nothing");
        assert_eq!(scanned(&mut handoff, &hints, |_| true, 2).len(), 1);
    }

    #[test]
    fn a_delivery_is_overdue_at_its_deadline_and_a_late_answer_still_counts() {
        let (hints, mut handoff) = (hints(2), Handoff::default());
        let sent = scanned(&mut handoff, &hints, |_| true, 64);
        assert!(handoff.on_deadline(Instant(99)).is_none());
        assert!(handoff.on_deadline(LATER).is_some() && handoff.on_deadline(LATER).is_some());
        assert_eq!(handoff.next_deadline(), None);
        assert!(handoff.on_answer(sent[0].target, sent[0].sequence).is_some());
        assert_eq!(scanned(&mut handoff, &hints, |_| true, 64).len(), 2, "sent once more");
        assert!(handoff.on_answer(sent[1].target, sent[1].sequence).is_none(), "superseded");
    }

    #[test]
    fn what_is_picked_under_way_and_overdue_is_held_as_long_as_its_hint_is_there() {
        let (mut hints, mut handoff) = (hints(6), Handoff::default());
        handoff.on_scan(&hints, |_| true, 2);
        assert_eq!(handoff.held(), 4, "picked");
        let late = handoff.next(&hints, |_| true, Instant(50)).expect("four are picked");
        handoff.next(&hints, |_| true, LATER).expect("four are picked");
        assert_eq!(handoff.on_deadline(Instant(50)), Some(late.target));
        assert_eq!(handoff.held(), 4, "two are picked, one is under way, one is overdue");
        hints.remove(late.target, &late.key);
        handoff.on_scan(&hints, |_| false, 2);
        assert_eq!(handoff.held(), 3, "the hint went another way");
    }

    #[test]
    fn a_node_waits_for_the_answers_of_what_it_sent_and_for_no_others() {
        let (hints, mut handoff) = (hints(4), Handoff::default());
        assert!(handoff.is_quiet() && !handoff.has_picked());
        assert_eq!(handoff.next_deadline(), None);
        handoff.on_scan(&hints, |_| true, 1);
        assert!(handoff.is_quiet() && handoff.has_picked());
        let first = handoff.next(&hints, |_| true, Instant(50)).expect("two are picked");
        let second = handoff.next(&hints, |_| true, LATER).expect("two are picked");
        assert!(!handoff.is_quiet() && !handoff.has_picked());
        assert_eq!(handoff.next_deadline(), Some(Instant(50)));
        assert_eq!(handoff.deadline_of(first.target, first.sequence), Some(Instant(50)));
        assert_eq!(handoff.deadline_of(second.target, second.sequence), Some(LATER));
        assert_eq!(handoff.deadline_of(first.target, second.sequence), None, "another's number");
        handoff.on_deadline(Instant(50));
        assert_eq!(handoff.deadline_of(first.target, first.sequence), Some(Instant(50)), "late");
    }

    #[test]
    fn a_hint_sent_anew_supersedes_its_own_late_delivery_alone() {
        let (hints, mut handoff) = (hints(6), Handoff::default());
        let sent = scanned(&mut handoff, &hints, |_| true, 64);
        sent.iter().for_each(|_| assert!(handoff.on_deadline(LATER).is_some()));
        handoff.on_scan(&hints, |_| true, 64);
        let anew = handoff.next(&hints, |_| true, LATER).expect("all are picked anew");
        let still = |old: &&Delivery| handoff.deadline_of(old.target, old.sequence).is_some();
        let late: Vec<&Delivery> = sent.iter().filter(still).collect();
        assert_eq!(late.len(), 5, "of the same node and of others");
        assert!(late.iter().all(|old| (old.target, &old.key) != (anew.target, &anew.key)));
    }

    #[test]
    fn the_same_key_is_delivered_to_each_node_that_has_a_hint_for_it() {
        let version = Version::new(Clock::default(), Content::default().into());
        let (siblings, key) = (Siblings::record(version), Key::new(b"cart"));
        let (mut hints, mut handoff) = (HintStore::default(), Handoff::default());
        (0..2).for_each(|node| drop(hints.merge(NodeId(node), &key, &siblings)));
        handoff.on_scan(&hints, |node| node == NodeId(0), 64);
        handoff.on_scan(&hints, |_| true, 64);
        let picked: Vec<NodeId> = handoff.picked.iter().map(|&(target, _)| target).collect();
        assert_eq!(picked, [NodeId(0), NodeId(1)], "one picked does not stand for the other");
        handoff.next(&hints, |_| true, LATER).expect("two are picked");
        handoff.next(&hints, |_| true, LATER).expect("two are picked");
        handoff.on_answer(NodeId(1), 1).expect("it was sent");
        assert_eq!(scanned(&mut handoff, &hints, |_| true, 64).len(), 1, "nor one under way");
    }

    #[test]
    fn what_is_picked_waits_until_it_is_asked_for_and_is_not_picked_twice() {
        let (mut hints, mut handoff) = (hints(6), Handoff::default());
        handoff.on_scan(&hints, |_| true, 2);
        handoff.on_scan(&hints, |_| true, 2);
        let first = handoff.next(&hints, |_| true, LATER).expect("four are picked");
        assert!(!handoff.is_quiet());
        hints.remove(first.target, &handoff.picked[0].1.clone());
        assert!(handoff.next(&hints, |node| node == first.target, LATER).is_none());
        assert!(handoff.picked.is_empty(), "one is gone, two are for a node that is down again");
        handoff.on_scan(&hints, |_| true, 2);
        assert_eq!(handoff.picked.len(), 1 + 2, "one is on its way");
    }
}
