//! Who gets which tokens when a node joins or leaves (§6.2, strategy 3: Q/S tokens to each node).
//!
//! "When a node leaves the system, its tokens are randomly distributed to the remaining nodes …
//! Similarly, when a node joins the system it 'steals' tokens from nodes in the system in a way
//! that preserves these properties." A plan moves no token that it need not move.

use crate::base::gather::Gather;
use crate::base::id::{NodeId, PartitionId};
use crate::base::order::sort_by_key;
use crate::base::rng::Rng;

/// A member and its weight.
pub type Weight = (NodeId, u32);

/// One token that changes hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub partition: PartitionId,
    pub to: NodeId,
}

/// How many of `partitions` tokens each member should own: in proportion to weight, what does not
/// come out even to the largest remainders, then to the first in order.
pub fn shares(members: &[Weight], partitions: usize) -> Vec<usize> {
    let total: u64 = members.iter().map(|&(_, weight)| u64::from(weight)).sum();
    if total == 0 {
        return vec![0; members.len()];
    }
    let whole = |weight: u32| partitions as u64 * u64::from(weight);
    let mut shares: Vec<usize> =
        members.iter().map(|&(_, weight)| (whole(weight) / total) as usize).gather();
    let mut by_remainder: Vec<usize> = (0..members.len()).gather();
    sort_by_key(&mut by_remainder, |&at| total - whole(members[at].1) % total);
    let missing = partitions - shares.iter().sum::<usize>();
    by_remainder.iter().take(missing).for_each(|&at| shares[at] += 1);
    shares
}

/// The tokens that `newcomer`, who is among the members, takes: each from the owner who then has
/// the most above its own share, drawn among that owner's.
pub fn steal(
    owners: &[Option<NodeId>],
    members: &[Weight],
    newcomer: NodeId,
    rng: &mut Rng,
) -> Vec<Move> {
    let shares = shares(members, owners.len());
    let Some(own) = members.iter().position(|&(node, _)| node == newcomer) else {
        return Vec::new();
    };
    let mut held = holdings(owners, members);
    let mut moves = Vec::new();
    while held[own].len() + moves.len() < shares[own] {
        let excess = |at: usize| held[at].len() as i64 - shares[at] as i64;
        let others = (0..members.len()).filter(|&at| at != own && !held[at].is_empty());
        // The first of those with the most, so that the choice is the same everywhere.
        let Some(from) = others.max_by_key(|&at| (excess(at), std::cmp::Reverse(at))) else {
            break;
        };
        let drawn = rng.index(held[from].len());
        let partition = held[from].swap_remove(drawn);
        moves.push(Move { partition, to: newcomer });
    }
    moves
}

/// New owners for all tokens whose owner is no member any more: at random, and evenly.
pub fn hand_out(owners: &[Option<NodeId>], members: &[Weight], rng: &mut Rng) -> Vec<Move> {
    let is_member = |node: NodeId| members.iter().any(|&(member, _)| member == node);
    let mut orphans: Vec<PartitionId> = (0..)
        .map(PartitionId)
        .zip(owners)
        .filter(|(_, owner)| owner.is_some_and(|owner| !is_member(owner)))
        .map(|(partition, _)| partition)
        .gather();
    if members.is_empty() {
        return Vec::new();
    }
    rng.shuffle(&mut orphans);
    let shares = shares(members, owners.len());
    let mut counts: Vec<usize> = holdings(owners, members).iter().map(Vec::len).gather();
    let mut moves = Vec::with_capacity(orphans.len());
    for partition in orphans {
        let missing = |at: &usize| shares[*at] as i64 - counts[*at] as i64;
        let most = (0..members.len()).max_by_key(|at| (missing(at), std::cmp::Reverse(*at)));
        let Some(to) = most else { break };
        counts[to] += 1;
        moves.push(Move { partition, to: members[to].0 });
    }
    moves
}

/// The partitions of each member.
fn holdings(owners: &[Option<NodeId>], members: &[Weight]) -> Vec<Vec<PartitionId>> {
    let mut held = vec![Vec::new(); members.len()];
    for (partition, owner) in (0..).map(PartitionId).zip(owners) {
        let owner = owner.and_then(|owner| members.binary_search_by_key(&owner, |m| m.0).ok());
        if let Some(at) = owner {
            held[at].push(partition);
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn members(count: u32) -> Vec<Weight> {
        (0..count).map(|n| (NodeId(n), 1_000)).collect()
    }

    fn owners(counts: &[usize]) -> Vec<Option<NodeId>> {
        let each = (0..).map(NodeId).zip(counts);
        each.flat_map(|(node, &count)| std::iter::repeat_n(Some(node), count)).collect()
    }

    fn counts(owners: &[Option<NodeId>], moves: &[Move], members: usize) -> Vec<usize> {
        let mut owners = owners.to_vec();
        moves.iter().for_each(|m| owners[m.partition.index()] = Some(m.to));
        (0..members as u32)
            .map(|n| owners.iter().filter(|&&o| o == Some(NodeId(n))).count())
            .collect()
    }

    #[test]
    fn a_newcomer_steals_its_share_from_those_who_have_the_most() {
        let owners = owners(&[22, 21, 21, 0]);
        let moves = steal(&owners, &members(4), NodeId(3), &mut Rng::from_u64(1));
        assert_eq!(moves.len(), 16);
        assert_eq!(counts(&owners, &moves, 4), [16, 16, 16, 16]);
    }

    #[test]
    fn a_heavier_newcomer_takes_more() {
        let owners = owners(&[30, 30, 0]);
        let weights = [(NodeId(0), 1_000), (NodeId(1), 1_000), (NodeId(2), 2_000)];
        let moves = steal(&owners, &weights, NodeId(2), &mut Rng::from_u64(1));
        assert_eq!(counts(&owners, &moves, 3), [15, 15, 30]);
    }

    #[test]
    fn a_leavers_tokens_go_evenly_to_the_rest_and_no_other_token_moves() {
        let owners = owners(&[16, 16, 16, 16]);
        let moves = hand_out(&owners, &members(3), &mut Rng::from_u64(1));
        assert_eq!(moves.len(), 16);
        assert!(moves.iter().all(|m| owners[m.partition.index()] == Some(NodeId(3))));
        let mut after = counts(&owners, &moves, 3);
        after.sort_unstable();
        assert_eq!(after, [21, 21, 22]);
    }

    #[test]
    fn nobody_is_left_to_take_the_tokens_of_the_last() {
        assert!(hand_out(&owners(&[4]), &[], &mut Rng::from_u64(1)).is_empty());
        assert_eq!(shares(&[], 4), Vec::<usize>::new());
    }
}
