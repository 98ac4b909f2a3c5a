//! The four ways of holding versions against each other, on records that a run can bring about:
//! each version is stamped once, with the context of some versions before it.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::base::time::WallTime;
use dynamo_playground::data::version::{
    Actor, Causality, Clock, Content, Dot, Record, Siblings, Version, Versioning,
};
use proptest::prelude::*;

const ALL: [Versioning; 4] = [
    Versioning::VectorClock,
    Versioning::RecordClock,
    Versioning::Dotted,
    Versioning::LastWriteWins,
];

/// A put: who coordinates it, what the replica there merged in before, how much of what is held
/// there its client has seen, and how far the coordinator's clock is off.
type Step = (usize, usize, bool, i64);

/// What three replicas hold after these puts, each stamped as a coordinator does.
fn held(versioning: Versioning, steps: &[Step]) -> Vec<Option<Record>> {
    let mut replicas: Vec<Option<Record>> = vec![None; 3];
    let mut counters = [0; 3];
    for (number, &(at, from, has_read, skew)) in steps.iter().enumerate() {
        let theirs = replicas[from].clone();
        if let Some(theirs) = theirs {
            replicas[at] = merged(replicas[at].as_ref(), &theirs);
        }
        let context = match &replicas[at] {
            Some(held) if has_read => held.clock(),
            _ => Clock::default(),
        };
        counters[at] += 1;
        let dot = Dot { actor: actor(at), counter: counters[at] };
        let stamp = WallTime(number as i64 + skew);
        let mut clock = context.clone();
        match versioning {
            Versioning::Dotted => clock.add(dot, stamp),
            Versioning::LastWriteWins => {
                clock = Clock::default();
                clock.raise(dot, stamp);
            }
            _ => clock.raise(dot, stamp),
        }
        let content = Content { value: [number as u8][..].into(), ..Content::default() };
        let version = Version::made_by(dot, clock, content.into());
        let record = match versioning {
            Versioning::RecordClock => {
                Siblings::beside(version, replicas[at].as_ref(), &context, 10).0
            }
            _ => Siblings::record_under(versioning, version),
        };
        replicas[at] = merged(replicas[at].as_ref(), &record);
    }
    replicas
}

fn actor(node: usize) -> Actor {
    Actor { node: NodeId(node as u32), epoch: 0 }
}

fn merged(held: Option<&Record>, more: &Record) -> Option<Record> {
    let Some(held) = held else { return Some(more.clone()) };
    let mut both = (**held).clone();
    both.merge(more);
    Some(both.into())
}

fn both(a: &Siblings, b: &Siblings) -> Siblings {
    let mut all = a.clone();
    all.merge(b);
    all
}

/// Records of one key and one versioning, as three replicas hold them.
fn records(versioning: Versioning, steps: &[Step]) -> Vec<Record> {
    held(versioning, steps).into_iter().flatten().collect()
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0usize..3, 0usize..3, any::<bool>(), -4i64..4), 1..12)
}

proptest! {
    #[test]
    fn merging_is_commutative_and_idempotent_in_every_versioning(steps in steps()) {
        for versioning in ALL {
            let held = records(versioning, &steps);
            for a in &held {
                for b in &held {
                    let all = both(a, b);
                    prop_assert_eq!(&all, &both(b, a), "{:?}", versioning);
                    prop_assert_eq!(&both(&all, a), &all, "{:?}", versioning);
                    prop_assert_eq!(&both(&all, b), &all, "{:?}", versioning);
                    prop_assert!(all.includes(a) && all.includes(b), "{:?}", versioning);
                }
            }
        }
    }

    #[test]
    fn merging_is_associative_except_with_one_clock_for_a_record(steps in steps()) {
        for versioning in ALL.into_iter().filter(|&v| v != Versioning::RecordClock) {
            let held = records(versioning, &steps);
            if let [a, b, c] = &held[..] {
                prop_assert_eq!(both(&both(a, b), c), both(a, &both(b, c)), "{:?}", versioning);
            }
        }
    }

    #[test]
    fn no_sibling_covers_another_in_any_versioning(steps in steps()) {
        for versioning in ALL {
            for record in records(versioning, &steps) {
                let versions = record.versions();
                for (at, one) in versions.iter().enumerate() {
                    for other in &versions[at + 1..] {
                        prop_assert_ne!(one.dot, other.dot);
                        let stands = versioning.compare(one, other);
                        let is_right = match versioning {
                            Versioning::RecordClock => one.clock == other.clock,
                            Versioning::LastWriteWins => false,
                            _ => stands == Causality::Concurrent,
                        };
                        prop_assert!(is_right, "{:?}: {:?}", versioning, record);
                    }
                }
            }
        }
    }

    #[test]
    fn dots_drop_nothing_but_what_a_later_put_had_seen(steps in steps()) {
        let held = records(Versioning::Dotted, &steps);
        let after = held.iter().fold(held[0].clone(), |all, more| both(&all, more).into());
        // What was put and is gone was in the context of one that is not: its clock contains the
        // dot, and is not of that dot alone.
        let mut made = [0; 3];
        steps.iter().for_each(|&(at, ..)| made[at] += 1);
        for (node, &count) in made.iter().enumerate() {
            for counter in 1..=count {
                let dot = Dot { actor: actor(node), counter };
                let is_there = after.versions().iter().any(|version| version.dot == dot);
                let was_seen = after.versions().iter().any(|version| version.clock.contains(dot));
                prop_assert!(is_there || was_seen, "{:?} is gone unseen", dot);
            }
        }
        // Puts whose clients saw nothing leave every value there is.
        let unread = |&(at, from, _, skew): &Step| (at, from, false, skew);
        let blind: Vec<Step> = steps.iter().map(unread).collect();
        let held = records(Versioning::Dotted, &blind);
        let all = held.iter().fold(held[0].clone(), |all, more| both(&all, more).into());
        prop_assert_eq!(all.versions().len(), steps.len());
    }
}

#[test]
fn one_clock_for_a_record_cannot_tell_which_value_it_covers() {
    let record = |node: usize, more: &[(usize, u64)], value: u8| {
        let dot = Dot { actor: actor(node), counter: 1 };
        let mut clock = Clock::new(more.iter().map(|&(node, counter)| (actor(node), counter)));
        clock.raise(dot, WallTime(i64::from(value)));
        let content = Content { value: [value][..].into(), ..Content::default() };
        let version = Version::made_by(dot, clock, content.into());
        (*Siblings::record_under(Versioning::RecordClock, version)).clone()
    };
    // c replaced a; b knew neither.
    let (a, b, c) = (record(0, &[], 1), record(1, &[], 2), record(2, &[(0, 1)], 3));
    let (left, right) = (both(&both(&a, &b), &c), both(&both(&a, &c), &b));
    assert_eq!((left.versions().len(), right.versions().len()), (3, 2), "a is back in one of them");
}
