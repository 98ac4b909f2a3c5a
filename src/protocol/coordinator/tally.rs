//! Who was asked, who answered, and whether that is enough.

use smallvec::SmallVec;

use crate::base::id::NodeId;
use crate::base::sabotage::{Fault, is_planted};
use crate::protocol::config::QuorumRule;
use crate::protocol::message::Replica;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    Waiting,
    /// Just now the needed answers are here: tell the client. Said once.
    Answer,
    /// The client has been told and nobody is waited for.
    Complete,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Waiting,
    Answered,
    /// No answer in time; one that comes late still counts.
    Silent,
    Refused,
}

#[derive(Clone, Debug)]
pub struct Tally {
    need: usize,
    /// Whether what a stand-in answers counts.
    counts_stand_ins: bool,
    answered: usize,
    is_client_told: bool,
    asked: SmallVec<[(Replica, Standing); 4]>,
}

impl Tally {
    pub fn new(need: usize, rule: QuorumRule, replicas: &[Replica]) -> Tally {
        let asked = replicas.iter().map(|&replica| (replica, Standing::Waiting)).collect();
        let counts_stand_ins = rule.counts_stand_ins() || is_planted(Fault::StandInCounted);
        Tally { need, counts_stand_ins, answered: 0, is_client_told: false, asked }
    }

    pub fn need(&self) -> usize {
        self.need
    }

    /// How many answers count so far.
    pub fn answered(&self) -> usize {
        self.answered
    }

    pub fn is_client_told(&self) -> bool {
        self.is_client_told
    }

    /// One more node is asked, in place of one that is silent or refused.
    pub fn ask(&mut self, replica: Replica) {
        self.asked.push((replica, Standing::Waiting));
    }

    pub fn asked(&self) -> impl Iterator<Item = Replica> + '_ {
        self.asked.iter().map(|&(replica, _)| replica)
    }

    pub fn is_asked(&self, node: NodeId) -> bool {
        self.asked().any(|replica| replica.node == node)
    }

    /// Whether every node asked has answered: nothing more can come.
    pub fn is_unanimous(&self) -> bool {
        self.asked.iter().all(|&(_, standing)| standing == Standing::Answered)
    }

    /// The replica that answered, with where that leaves the request; none when the node was
    /// never asked, or has answered already.
    pub fn on_answer(&mut self, node: NodeId) -> Option<(Replica, Progress)> {
        let replica = self.turn(node, Standing::Answered, |was| {
            was != Standing::Answered || is_planted(Fault::AnswerCountedTwice)
        })?;
        self.answered += usize::from(self.counts_stand_ins || replica.stands_in_for.is_none());
        if self.answered >= self.need && !self.is_client_told {
            self.is_client_told = true;
            return Some((replica, Progress::Answer));
        }
        Some((replica, self.progress()))
    }

    /// The replica that refused, and needs another in its place.
    pub fn on_refusal(&mut self, node: NodeId) -> Option<Replica> {
        self.turn(node, Standing::Refused, |was| was == Standing::Waiting)
    }

    /// The replica that was waited for in vain, and needs another in its place.
    pub fn on_deadline(&mut self, node: NodeId) -> Option<Replica> {
        self.turn(node, Standing::Silent, |was| was == Standing::Waiting)
    }

    pub fn progress(&self) -> Progress {
        let is_waiting = self.asked.iter().any(|&(_, standing)| standing == Standing::Waiting);
        if self.is_client_told && !is_waiting { Progress::Complete } else { Progress::Waiting }
    }

    fn turn(
        &mut self,
        node: NodeId,
        to: Standing,
        from: impl Fn(Standing) -> bool,
    ) -> Option<Replica> {
        let (replica, standing) = self.asked.iter_mut().find(|(r, _)| r.node == node)?;
        if !from(*standing) {
            return None;
        }
        *standing = to;
        Some(*replica)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);
    const C: NodeId = NodeId(2);
    const D: NodeId = NodeId(3);

    fn own(node: NodeId) -> Replica {
        Replica { node, stands_in_for: None }
    }

    fn of_three(need: usize) -> Tally {
        Tally::new(need, QuorumRule::Sloppy, &[own(A), own(B), own(C)])
    }

    #[test]
    fn the_client_is_told_once_when_the_quorum_is_met() {
        let mut tally = of_three(2);
        assert_eq!(tally.on_answer(A), Some((own(A), Progress::Waiting)));
        assert_eq!(tally.on_answer(C), Some((own(C), Progress::Answer)));
        assert_eq!(tally.on_answer(B), Some((own(B), Progress::Complete)));
    }

    #[test]
    fn a_repeated_answer_and_a_strangers_answer_count_for_nothing() {
        let mut tally = of_three(2);
        tally.on_answer(A);
        assert_eq!(tally.on_answer(A), None);
        assert_eq!(tally.on_answer(D), None);
        assert_eq!(tally.answered(), 1);
    }

    #[test]
    fn a_silent_replica_is_replaced_and_may_still_answer_late() {
        let mut tally = of_three(3);
        tally.on_answer(A);
        tally.on_answer(B);
        assert_eq!(tally.on_deadline(C), Some(own(C)));
        assert_eq!(tally.on_deadline(C), None, "silent once");
        assert!(tally.is_asked(A) && tally.is_asked(C) && !tally.is_asked(D));
        tally.ask(Replica { node: D, stands_in_for: Some(C) });
        assert!(tally.is_asked(D));
        assert_eq!(tally.on_answer(C).map(|(_, p)| p), Some(Progress::Answer));
        assert!(!tally.is_unanimous());
        assert_eq!(tally.on_answer(D).map(|(_, p)| p), Some(Progress::Complete));
        assert!(tally.is_unanimous());
    }

    #[test]
    fn what_a_stand_in_answers_counts_in_a_sloppy_quorum_alone() {
        let stand_in = Replica { node: D, stands_in_for: Some(C) };
        for (rule, progress) in
            [(QuorumRule::Sloppy, Progress::Answer), (QuorumRule::Strict, Progress::Waiting)]
        {
            let mut tally = Tally::new(2, rule, &[own(A), own(B), stand_in]);
            tally.on_answer(A);
            assert_eq!(tally.on_answer(D), Some((stand_in, progress)), "{rule:?}");
            tally.on_answer(B);
            assert_eq!((tally.is_client_told(), tally.is_unanimous()), (true, true));
        }
    }

    #[test]
    fn a_refusal_is_not_an_answer() {
        let mut tally = of_three(3);
        assert_eq!(tally.on_refusal(B), Some(own(B)));
        assert_eq!((tally.answered(), tally.progress()), (0, Progress::Waiting));
    }
}
