//! Clocks are a partial order, and merging is its least upper bound (§4.4).

use dynamo_playground::base::id::NodeId;
use dynamo_playground::data::version::{Actor, Causality, Clock};
use proptest::prelude::*;

/// Few actors and small counters, so that every relation comes up.
pub fn clock() -> impl Strategy<Value = Clock> {
    prop::collection::vec((0u32..3, 0u32..2, 0u64..4), 0..4).prop_map(|entries| {
        let actor = |node, epoch| Actor { node: NodeId(node), epoch };
        Clock::new(entries.into_iter().map(|(node, epoch, counter)| (actor(node, epoch), counter)))
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
}
