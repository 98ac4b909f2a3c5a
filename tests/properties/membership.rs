//! Views merge as a join: the order in which nodes gossip does not matter. And a plan moves no
//! token that it need not move.

use std::collections::BTreeSet;
use std::rc::Rc;

use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::rng::Rng;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::partitioning::Partitioning;
use dynamo_playground::data::plan::{Weight, hand_out, shares, steal};
use dynamo_playground::data::view::{
    CHANGES_MAX, Change, Entries, Home, Member, Status, Token, View, merged,
};
use proptest::prelude::*;

const PARTITIONS: usize = 4;
const N: usize = 2;

const EQUAL: Partitioning = Partitioning::Equal { partitions: PARTITIONS as u32 };
const BY_TOKEN: Partitioning = Partitioning::ByToken { tokens_per_node: 2, salt: 7 };
const EQUAL_BY_TOKEN: Partitioning =
    Partitioning::EqualByToken { tokens_per_node: 2, partitions: PARTITIONS as u32, salt: 7 };

/// Three views of one ring: of few nodes and few versions, so that draws and near misses are
/// common; under strategy 1 of partitions that end here and there.
fn views() -> impl Strategy<Value = [Rc<View>; 3]> {
    let all = prop_oneof![Just(EQUAL), Just(BY_TOKEN), Just(EQUAL_BY_TOKEN)];
    all.prop_flat_map(|partitioning| [view(partitioning), view(partitioning), view(partitioning)])
}

fn change() -> impl Strategy<Value = Change> {
    (1u32..9, any::<bool>(), 0i64..2, 0u32..2).prop_map(|(version, has_left, at, by)| {
        let status = if has_left { Status::Left } else { Status::Joined };
        Change { version, status, at: WallTime(at), by: NodeId(by) }
    })
}

fn view(partitioning: Partitioning) -> impl Strategy<Value = Rc<View>> {
    let history = prop::collection::btree_set(change(), 0..=CHANGES_MAX);
    let word = (1u32..3, any::<bool>(), 1u32..3, 0i64..2, history);
    let members = prop::collection::vec(prop::option::of(word), 4);
    let tokens = prop::collection::vec((0u32..3, 0u32..4), PARTITIONS);
    let ends = prop::collection::btree_set(0u64..9, 0..=PARTITIONS);
    let homes = prop::collection::vec((0u32..3, prop::option::of(0u32..4)), PARTITIONS * N);
    (members, tokens, ends, homes).prop_map(move |(members, tokens, ends, homes)| {
        let member = |(node, word): (u32, Option<_>)| {
            let (version, has_left, weight, at, changes): (u32, bool, _, _, BTreeSet<_>) = word?;
            let status = if has_left { Status::Left } else { Status::Joined };
            let changes = changes.into_iter().rev().collect();
            let changed_at = WallTime(at);
            let ordinary = Member::ordinary(NodeId(node));
            Some(Member { version, status, changed_at, weight, changes, ..ordinary })
        };
        let owner = |(version, owner): (u32, u32)| match version {
            0 => Token::default(),
            _ => Token { version, owner: NodeId(owner) },
        };
        let home = |(version, node): (u32, Option<u32>)| match version {
            0 => Home::default(),
            _ => Home { version, node: node.map(NodeId) },
        };
        let mut entries = Entries {
            partitioning,
            members: (0..).zip(members).filter_map(member).collect(),
            ends: ends.into_iter().collect(),
            tokens: tokens.into_iter().map(owner).collect(),
            homes: homes.into_iter().map(home).collect(),
        };
        if partitioning == BY_TOKEN {
            entries.homes.truncate(entries.ends.len().max(1) * N);
        } else {
            entries.ends.clear();
        }
        if partitioning != EQUAL {
            entries.tokens.clear();
        }
        Rc::new(View::of(entries).expect("it is in order"))
    })
}

/// Owners of some partitions, members with weights, and a seed.
fn ring() -> impl Strategy<Value = (Vec<Option<NodeId>>, Vec<Weight>, u64)> {
    let weights = prop::collection::vec(1u32..4, 1..8);
    (weights, prop::collection::vec(0u32..8, 1..80), any::<u64>()).prop_map(
        |(weights, owners, seed)| {
            let members = (0..).map(NodeId).zip(weights).collect();
            (owners.into_iter().map(|owner| Some(NodeId(owner))).collect(), members, seed)
        },
    )
}

fn count(owners: &[Option<NodeId>], node: NodeId) -> usize {
    owners.iter().filter(|&&owner| owner == Some(node)).count()
}

proptest! {
    #[test]
    fn merging_views_is_commutative_associative_and_idempotent(
        [a, b, c] in views(),
    ) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
    }

    #[test]
    fn equal_views_have_equal_digests_and_others_have_others([a, b, _] in views()) {
        prop_assert_eq!(a == b, a.digest() == b.digest());
        prop_assert_eq!(merged(&a, &b).digest(), merged(&b, &a).digest());
    }

    #[test]
    fn shares_add_up_and_follow_weight((owners, members, _) in ring()) {
        let shares = shares(&members, owners.len());
        prop_assert_eq!(shares.iter().sum::<usize>(), owners.len());
        let total: u32 = members.iter().map(|member| member.1).sum();
        for (share, &(_, weight)) in shares.iter().zip(&members) {
            let even = owners.len() as f64 * f64::from(weight) / f64::from(total);
            prop_assert!((*share as f64 - even).abs() < 1.0);
        }
    }

    #[test]
    fn a_newcomer_takes_exactly_what_it_misses_and_nobody_else_gets_anything(
        (owners, members, seed) in ring(),
    ) {
        let newcomer = members[members.len() - 1].0;
        let moves = steal(&owners, &members, newcomer, &mut Rng::from_u64(seed));
        let share = shares(&members, owners.len())[members.len() - 1];
        let of_members = owners.iter().flatten().filter(|o| o.index() < members.len()).count();
        let missing = share.saturating_sub(count(&owners, newcomer));
        prop_assert_eq!(moves.len(), missing.min(of_members - count(&owners, newcomer)));
        let mut taken: Vec<PartitionId> = moves.iter().map(|one| one.partition).collect();
        taken.sort_unstable();
        taken.dedup();
        prop_assert_eq!(taken.len(), moves.len(), "each token once");
        prop_assert!(moves.iter().all(|one| one.to == newcomer));
    }

    #[test]
    fn only_the_tokens_of_who_left_change_hands((owners, members, seed) in ring()) {
        let moves = hand_out(&owners, &members, &mut Rng::from_u64(seed));
        let is_member = |node: NodeId| node.index() < members.len();
        let orphans = owners.iter().flatten().filter(|&&owner| !is_member(owner)).count();
        prop_assert_eq!(moves.len(), orphans);
        for one in &moves {
            prop_assert!(owners[one.partition.index()].is_some_and(|owner| !is_member(owner)));
            prop_assert!(is_member(one.to));
        }
    }
}
