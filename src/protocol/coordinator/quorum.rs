//! Which nodes a request goes to: the first N healthy nodes of the preference list (§4.6).
//!
//! A quorum is a list of [`Replica`]s that say what they stand for. Strict and sloppy differ in the
//! list and in which of its entries count, not in the code that asks and waits.

use smallvec::SmallVec;

use crate::base::id::{NodeId, PartitionId};
use crate::data::ring::Ring;
use crate::protocol::config::QuorumRule;
use crate::protocol::message::Replica;

pub type Replicas = SmallVec<[Replica; 4]>;

/// The first N healthy nodes. The k-th suspected home is stood in for by the k-th healthy node
/// past the homes. Fewer than N when there are not so many healthy. Nobody stands in who is about
/// to become a home itself: its hint and its own copy would be two copies on one disk. Without
/// stand-ins the list is the healthy homes.
pub fn first_healthy(
    ring: &Ring,
    partition: PartitionId,
    has_stand_ins: bool,
    is_suspected: impl Fn(NodeId) -> bool,
) -> Replicas {
    let homes = ring.homes(partition);
    let mut replicas = Replicas::new();
    let mut missing: SmallVec<[NodeId; 4]> = SmallVec::new();
    for &node in homes {
        match is_suspected(node) {
            false => replicas.push(Replica { node, stands_in_for: None }),
            true => missing.push(node),
        }
    }
    if missing.is_empty() || !has_stand_ins {
        return replicas;
    }
    let past_homes = ring.distinct_nodes(partition).skip(homes.len());
    let healthy =
        past_homes.filter(|&node| !is_suspected(node) && !ring.is_coming(partition, node));
    for (node, absent) in healthy.zip(missing) {
        replicas.push(Replica { node, stands_in_for: Some(absent) });
    }
    replicas
}

/// How many answers that count can come from these.
pub fn countable(rule: QuorumRule, replicas: &[Replica]) -> u32 {
    let counts = |replica: &&Replica| rule.counts_stand_ins() || replica.stands_in_for.is_none();
    replicas.iter().filter(counts).count() as u32
}

/// The next node clockwise that is neither asked nor suspected, in place of `failed`. What a
/// stand-in stood for, its successor stands for. Without stand-ins, only a home will do.
pub fn replacement(
    ring: &Ring,
    partition: PartitionId,
    has_stand_ins: bool,
    failed: Replica,
    is_ruled_out: impl Fn(NodeId) -> bool,
) -> Option<Replica> {
    let is_home = |node| ring.is_home(partition, node);
    let is_free = |&node: &NodeId| !is_ruled_out(node) && !ring.is_coming(partition, node);
    let may_serve = |node: &NodeId| is_free(node) && (has_stand_ins || is_home(*node));
    let node = ring.distinct_nodes(partition).find(may_serve)?;
    let owed = failed.stands_in_for.unwrap_or(failed.node);
    Some(Replica { node, stands_in_for: (!is_home(node)).then_some(owed) })
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
    const E: NodeId = NodeId(4);
    const P: PartitionId = PartitionId(0);

    fn ring() -> Ring {
        Ring::new(vec![A, B, C, D, E], 3)
    }

    fn stand_in(node: NodeId, absent: NodeId) -> Replica {
        Replica { node, stands_in_for: Some(absent) }
    }

    #[test]
    fn with_a_down_its_replica_goes_to_d_with_a_hint_that_names_a() {
        // §4.6, Figure 2: list A, B, C; A is down.
        let replicas = first_healthy(&ring(), P, true, |node| node == A);
        assert_eq!(replicas[2], stand_in(D, A));
        let nodes: Vec<NodeId> = replicas.iter().map(|r| r.node).collect();
        assert_eq!(nodes, [B, C, D]);
    }

    #[test]
    fn each_missing_home_has_a_stand_in_of_its_own() {
        let replicas = first_healthy(&ring(), P, true, |node| node == A || node == C);
        assert_eq!(replicas[1..], [stand_in(D, A), stand_in(E, C)]);
    }

    #[test]
    fn with_fewer_than_n_healthy_all_of_them_are_on_the_list() {
        let replicas = first_healthy(&ring(), P, true, |node| node != D);
        assert_eq!(replicas[..], [stand_in(D, A)]);
    }

    #[test]
    fn a_stand_in_that_is_silent_is_stood_in_for_on_the_same_behalf() {
        let asked = [A, B, C, D];
        let next = replacement(&ring(), P, true, stand_in(D, A), |node| asked.contains(&node));
        assert_eq!(next, Some(stand_in(E, A)));
        let none = replacement(&ring(), P, true, stand_in(E, A), |_| true);
        assert_eq!(none, None);
    }

    #[test]
    fn without_stand_ins_the_list_is_the_healthy_homes() {
        let replicas = first_healthy(&ring(), P, false, |node| node == A);
        let own = |node| Replica { node, stands_in_for: None };
        assert_eq!(replicas[..], [own(B), own(C)]);
        assert_eq!(replacement(&ring(), P, false, own(A), |node| node != D), None);
        assert_eq!(replacement(&ring(), P, false, own(A), |node| node != C), Some(own(C)));
        // While places move, a home that goes may come after others in the walk.
        let tokens = [D, E, A, NodeId(9), B, C].map(Some).to_vec();
        let homes = [A, B, C].map(Some);
        let moving = Ring::on_the_move(tokens, 3, |_| Some(&homes[..]));
        assert_eq!(replacement(&moving, P, false, own(A), |node| node == A), Some(own(B)));
    }

    #[test]
    fn a_home_that_was_not_asked_takes_its_own_place() {
        let next = replacement(&ring(), P, true, stand_in(D, A), |node| node != A);
        assert_eq!(next, Some(Replica { node: A, stands_in_for: None }));
    }
}
