//! Siblings are an antichain, and merging them is commutative, associative and idempotent.

use dynamo_playground::data::version::{Causality, Content, Siblings, Version};
use proptest::prelude::*;

use crate::clocks::clock;

fn version() -> impl Strategy<Value = Version> {
    (clock(), 0u8..2).prop_map(|(clock, value)| {
        let content = Content { value: [value][..].into(), ..Content::default() };
        Version::new(clock, content.into())
    })
}

fn siblings() -> impl Strategy<Value = Siblings> {
    prop::collection::vec(version(), 1..5).prop_map(|versions| {
        let mut all = Siblings::one(versions[0].clone());
        versions[1..].iter().for_each(|version| _ = all.merge(&Siblings::one(version.clone())));
        all
    })
}

fn merged(a: &Siblings, b: &Siblings) -> Siblings {
    let mut both = a.clone();
    both.merge(b);
    both
}

proptest! {
    #[test]
    fn no_sibling_covers_another(a in siblings()) {
        for (at, one) in a.versions().iter().enumerate() {
            for other in &a.versions()[at + 1..] {
                prop_assert_eq!(one.clock.compare(&other.clock), Causality::Concurrent);
            }
        }
    }

    #[test]
    fn merging_is_commutative(a in siblings(), b in siblings()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
    }

    #[test]
    fn merging_is_associative(a in siblings(), b in siblings(), c in siblings()) {
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
    }

    #[test]
    fn merging_is_idempotent_and_says_whether_it_changed_anything(
        a in siblings(), b in siblings(),
    ) {
        let mut both = a.clone();
        prop_assert_eq!(both.merge(&b), both != a);
        prop_assert!(!both.merge(&b) && !both.merge(&a));
    }

    #[test]
    fn nothing_is_lost_in_a_merge(a in siblings(), b in siblings()) {
        let both = merged(&a, &b);
        prop_assert!(a.versions().iter().all(|version| both.covers(&version.clock)));
        prop_assert!(both.includes(&a) && both.includes(&b));
    }

    #[test]
    fn the_context_of_siblings_covers_each_of_them(a in siblings()) {
        let context = a.clock();
        prop_assert!(a.versions().iter().all(|version| context.covers(&version.clock)));
    }
}
