//! Clocks are a partial order, and merging is its least upper bound (§4.4).

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::version::{Actor, Causality, Clock, Dot};
use proptest::prelude::*;

/// Few actors and small counters, so that every relation comes up.
pub fn clock() -> impl Strategy<Value = Clock> {
    prop::collection::vec((0u32..3, 0u32..2, 0u64..4), 0..4).prop_map(|entries| {
        let actor = |node, epoch| Actor { node: NodeId(node), epoch };
        Clock::new(entries.into_iter().map(|(node, epoch, counter)| (actor(node, epoch), counter)))
    })
}

/// What a dotted record knows: some events of each actor, with gaps between them.
fn clock_with_gaps() -> impl Strategy<Value = Clock> {
    prop::collection::vec((0u32..2, 1u64..7), 0..9).prop_map(|dots| {
        let mut clock = Clock::default();
        for (node, counter) in dots {
            let actor = Actor { node: NodeId(node), epoch: 0 };
            clock.add(Dot { actor, counter }, WallTime(0));
        }
        clock
    })
}

fn opposite(relation: Causality) -> Causality {
    match relation {
        Causality::Before => Causality::After,
        Causality::After => Causality::Before,
        same => same,
    }
}

proptest! {
    #[test]
    fn every_clock_covers_itself(a in clock()) {
        prop_assert_eq!(a.compare(&a), Causality::Equal);
    }

    #[test]
    fn two_clocks_stand_to_each_other_in_opposite_ways(a in clock(), b in clock()) {
        prop_assert_eq!(a.compare(&b), opposite(b.compare(&a)));
        prop_assert_eq!(a.compare(&b) == Causality::Equal, a == b);
    }

    #[test]
    fn covering_is_transitive(c in clock(), more in clock(), still_more in clock()) {
        let mut b = c.clone();
        b.merge(&more);
        let mut a = b.clone();
        a.merge(&still_more);
        prop_assert!(a.covers(&b) && b.covers(&c));
        prop_assert!(a.covers(&c));
    }

    #[test]
    fn a_merge_is_the_least_clock_that_covers_both(a in clock(), b in clock(), c in clock()) {
        let mut both = a.clone();
        both.merge(&b);
        prop_assert!(both.covers(&a) && both.covers(&b));
        prop_assert_eq!(c.covers(&a) && c.covers(&b), c.covers(&both));
    }

    #[test]
    fn a_clock_covers_another_when_each_of_its_counters_does(a in clock(), b in clock()) {
        let covers = b.counters().all(|(actor, counter)| a.get(actor) >= counter);
        prop_assert_eq!(a.covers(&b), covers);
    }

    #[test]
    fn with_gaps_or_without_a_comparison_says_which_covers_which(
        a in clock_with_gaps(), b in clock_with_gaps()
    ) {
        let holds = |clock: &Clock, other: &Clock| {
            let dots = (0..2).flat_map(|node| (1..7).map(move |counter| (node, counter)));
            let actor = |node| Actor { node: NodeId(node), epoch: 0 };
            dots.map(|(node, counter)| Dot { actor: actor(node), counter })
                .all(|dot| clock.contains(dot) || !other.contains(dot))
        };
        prop_assert_eq!(a.covers(&b), holds(&a, &b));
        let stands = match (holds(&a, &b), holds(&b, &a)) {
            (true, true) => Causality::Equal,
            (true, false) => Causality::After,
            (false, true) => Causality::Before,
            (false, false) => Causality::Concurrent,
        };
        prop_assert_eq!(a.compare(&b), stands);
    }
}
