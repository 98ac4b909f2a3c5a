//! Views merge as a join: the order in which nodes gossip does not matter. And a plan moves no
//! token that it need not move.

use std::sync::Arc;

use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::rng::Rng;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::plan::{Weight, hand_out, shares, steal};
use dynamo_playground::data::view::{Entries, Home, Member, Status, Token, View, merged};
use proptest::prelude::*;

const PARTITIONS: usize = 4;
const N: usize = 2;

/// Few nodes and few versions, so that draws and near misses are common.
fn view() -> impl Strategy<Value = Arc<View>> {
    let word = (1u32..3, any::<bool>(), 1u32..3, 0i64..2);
    let members = prop::collection::vec(prop::option::of(word), 4);
    let tokens = prop::collection::vec((0u32..3, 0u32..4), PARTITIONS);
    let homes = prop::collection::vec((0u32..3, prop::option::of(0u32..4)), PARTITIONS * N);
    (members, tokens, homes).prop_map(|(members, tokens, homes)| {
        let member = |(node, word): (u32, Option<(u32, bool, u32, i64)>)| {
            let (version, has_left, weight, at) = word?;
            let status = if has_left { Status::Left } else { Status::Joined };
            let (name, address) = ("".into(), "".into());
            let changed_at = WallTime(at);
            let node = NodeId(node);
            Some(Member { node, version, status, changed_at, weight, name, address })
        };
        let owner = |(version, owner): (u32, u32)| match version {
            0 => Token::default(),
            _ => Token { version, owner: NodeId(owner) },
        };
        let home = |(version, node): (u32, Option<u32>)| match version {
            0 => Home::default(),
            _ => Home { version, node: node.map(NodeId) },
        };
        let entries = Entries {
            members: (0..).zip(members).filter_map(member).collect(),
            tokens: tokens.into_iter().map(owner).collect(),
            homes: homes.into_iter().map(home).collect(),
        };
        Arc::new(View::of(entries).expect("it is in order"))
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
        a in view(), b in view(), c in view(),
    ) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &a), a.clone());
        prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
    }

    #[test]
    fn equal_views_have_equal_digests_and_others_have_others(a in view(), b in view()) {
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
