//! Counting the answers to a get, and merging what they say (§4.5, §5).
//!
//! R answers make a reply. Then the request stays a little for the stragglers, so that replicas
//! that turn out stale can be brought up to date: read repair.

use smallvec::SmallVec;

use crate::base::id::NodeId;
use crate::data::version::Record;
use crate::protocol::coordinator::tally::{Progress, Tally};
use crate::protocol::message::Replica;

/// What one replica had; "not found" is an answer too.
type Held = Option<Record>;

#[derive(Clone, Debug)]
pub struct GetOp {
    pub tally: Tally,
    merged: Held,
    answers: SmallVec<[(NodeId, Held); 4]>,
}

impl GetOp {
    pub fn new(tally: Tally) -> GetOp {
        GetOp { tally, merged: None, answers: SmallVec::new() }
    }

    pub fn on_answer(&mut self, node: NodeId, held: Held) -> Option<(Replica, Progress)> {
        let answered = self.tally.on_answer(node)?;
        if let Some(theirs) = &held {
            match &mut self.merged {
                None => self.merged = held.clone(),
                Some(mine) => _ = mine.join(theirs),
            }
        }
        self.answers.push((node, held));
        Some(answered)
    }

    /// The node whose answer came first; the coordinator's own copy needs no way to it.
    pub fn fastest(&self) -> Option<NodeId> {
        self.answers.first().map(|&(node, _)| node)
    }

    /// Every version that no other answer covers.
    pub fn merged(&self) -> &Held {
        &self.merged
    }

    /// Every node that has answered has been sent what it missed.
    pub fn on_repaired(&mut self) {
        self.answers.iter_mut().for_each(|(_, held)| *held = self.merged.clone());
    }

    /// The nodes whose answer misses something, with what to send them.
    pub fn stale(&self) -> impl Iterator<Item = (NodeId, &Record)> {
        self.merged.iter().flat_map(|merged| {
            let is_stale = move |held: &Held| match held {
                None => true,
                Some(held) => !held.is_same(merged) && !held.includes(merged),
            };
            let stale = self.answers.iter().filter(move |(_, held)| is_stale(held));
            stale.map(move |&(node, _)| (node, merged))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::version::{Actor, Clock, Content, Siblings, Version};
    use crate::protocol::config::QuorumRule;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn held(entries: &[(u32, u64)]) -> Held {
        let entry = |&(n, c): &(u32, u64)| (Actor { node: NodeId(n), epoch: 0 }, c);
        let clock = Clock::new(entries.iter().map(entry));
        Some(Siblings::record(Version::new(clock, Content::default().into())))
    }

    fn get(nodes: u32, r: usize) -> GetOp {
        let replicas: Vec<Replica> =
            (0..nodes).map(|n| Replica { node: NodeId(n), stands_in_for: None }).collect();
        GetOp::new(Tally::new(r, QuorumRule::Sloppy, &replicas))
    }

    #[test]
    fn not_found_counts_toward_r() {
        let mut get = get(3, 2);
        get.on_answer(NodeId(0), None);
        let (_, progress) = get.on_answer(NodeId(1), None).expect("it was asked");
        assert_eq!(progress, Progress::Answer);
        assert!(get.merged().is_none() && get.stale().next().is_none());
    }

    #[test]
    fn the_reply_has_every_version_that_no_other_covers() {
        let mut get = get(3, 3);
        get.on_answer(NodeId(0), held(&[(0, 1)]));
        get.on_answer(NodeId(1), held(&[(0, 2)]));
        get.on_answer(NodeId(2), held(&[(0, 1), (1, 1)]));
        let merged = get.merged().as_ref().expect("something was found");
        assert_eq!(merged.versions().len(), 2);
    }

    #[test]
    fn stale_are_those_who_miss_something_however_late_they_answer() {
        let mut get = get(3, 2);
        get.on_answer(NodeId(0), held(&[(0, 1)]));
        get.on_answer(NodeId(1), held(&[(0, 2)]));
        get.on_answer(NodeId(2), None);
        let stale: Vec<NodeId> = get.stale().map(|(node, _)| node).collect();
        assert_eq!(stale, [NodeId(0), NodeId(2)]);
        get.on_repaired();
        assert!(get.stale().next().is_none());
    }
}
