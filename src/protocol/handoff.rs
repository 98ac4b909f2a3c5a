//! Bringing hints home (§4.6): "upon detecting that A has recovered, D will attempt to deliver
//! the replica to A. Once the transfer succeeds, D may delete the object from its local store".
//!
//! The hint stays until the owner says it has it, so the number of replicas never drops.

use std::collections::VecDeque;

use crate::base::blob::Key;
use crate::base::id::NodeId;
use crate::base::time::Instant;
use crate::data::store::HintStore;
use crate::data::version::Record;

/// The deliveries under way.
#[derive(Clone, Debug, Default)]
pub struct Handoff {
    /// In the order of their deadlines.
    under_way: VecDeque<Delivery>,
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
    /// Picks what to deliver now: hints for nodes that `is_back`, at most `batch_max` to each, none
    /// that is already on its way. Every pick counts as sent.
    pub fn on_scan(
        &mut self,
        hints: &HintStore,
        is_back: impl Fn(NodeId) -> bool,
        batch_max: usize,
        deadline: Instant,
    ) -> Vec<Delivery> {
        let mut picked = Vec::new();
        for (target, records) in hints.targets().filter(|&(target, _)| is_back(target)) {
            let on_its_way = self.under_way.iter().filter(|d| d.target == target).count();
            let waiting = records.iter().filter(|(key, _)| !self.is_under_way(target, key));
            for (key, siblings) in waiting.take(batch_max.saturating_sub(on_its_way)) {
                let (key, siblings) = (key.clone(), siblings.clone());
                let sequence = self.next_sequence + picked.len() as u32;
                picked.push(Delivery { sequence, target, key, siblings, deadline });
            }
        }
        self.next_sequence += picked.len() as u32;
        let is_resent =
            |old: &Delivery| picked.iter().any(|d| d.target == old.target && d.key == old.key);
        self.overdue.retain(|old| !is_resent(old));
        self.under_way.extend(picked.iter().cloned());
        picked
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

    fn is_under_way(&self, target: NodeId, key: &Key) -> bool {
        self.under_way.iter().any(|d| d.target == target && d.key == *key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Clock, Content, Siblings, Version};
    use std::sync::Arc;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const LATER: Instant = Instant(100);

    fn hints(count: u32) -> HintStore {
        let version = Version::new(Clock::default(), Arc::new(Content::default()));
        let siblings = Siblings::record(version);
        let mut hints = HintStore::default();
        for n in 0..count {
            hints.merge(NodeId(n % 2), &Key::new(&n.to_be_bytes()), &siblings);
        }
        hints
    }

    #[test]
    fn only_hints_of_nodes_that_are_back_go_out_and_each_once() {
        let (hints, mut handoff) = (hints(6), Handoff::default());
        let picked = handoff.on_scan(&hints, |node| node == NodeId(1), 64, LATER);
        assert_eq!(picked.len(), 3);
        assert!(picked.iter().all(|delivery| delivery.target == NodeId(1)));
        assert!(handoff.on_scan(&hints, |node| node == NodeId(1), 64, LATER).is_empty());
    }

    #[test]
    fn a_batch_has_a_limit_and_the_rest_waits_its_turn() {
        let (hints, mut handoff) = (hints(10), Handoff::default());
        assert_eq!(handoff.on_scan(&hints, |_| true, 2, LATER).len(), 4, "two to each node");
        assert!(handoff.on_scan(&hints, |_| true, 2, LATER).is_empty());
        assert!(handoff.on_answer(NodeId(0), 0).is_some());
        assert!(handoff.on_answer(NodeId(0), 0).is_none(), "a repeated answer means nothing");
        assert_eq!(handoff.on_scan(&hints, |_| true, 2, LATER).len(), 1);
    }

    #[test]
    fn a_delivery_is_overdue_at_its_deadline_and_a_late_answer_still_counts() {
        let (hints, mut handoff) = (hints(2), Handoff::default());
        let sent = handoff.on_scan(&hints, |_| true, 64, LATER);
        assert!(handoff.on_deadline(Instant(99)).is_none());
        assert!(handoff.on_deadline(LATER).is_some() && handoff.on_deadline(LATER).is_some());
        assert_eq!(handoff.next_deadline(), None);
        assert!(handoff.on_answer(sent[0].target, sent[0].sequence).is_some());
        assert_eq!(handoff.on_scan(&hints, |_| true, 64, LATER).len(), 2, "sent once more");
        assert!(handoff.on_answer(sent[1].target, sent[1].sequence).is_none(), "superseded");
    }
}
