//! §4.7: equal roots if and only if equal contents, however the contents came about.

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::PartitionId;
use dynamo_playground::data::merkle::{BRANCHES, Trees, root_of};
use dynamo_playground::data::store::Records;
use dynamo_playground::data::version::Record;
use proptest::prelude::*;

use crate::draw::record;

const P: PartitionId = PartitionId(3);

/// What happens to a store: a record comes or changes, one goes, somebody compares.
#[derive(Clone, Debug)]
enum Step {
    Put(u8, Record),
    Remove(u8),
    Compare,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..40, record()).prop_map(|(key, record)| Step::Put(key, record)),
        2 => (0u8..40).prop_map(Step::Remove),
        2 => Just(Step::Compare),
    ]
}

fn key(number: u8) -> Key {
    Key::new(&[number])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_tree_that_followed_every_change_is_the_tree_made_from_nothing(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let (mut records, mut trees) = (Records::default(), Trees::default());
        for step in steps {
            match step {
                Step::Put(number, record) => {
                    _ = records.insert(key(number), record);
                    trees.on_change(P, &key(number));
                }
                Step::Remove(number) => {
                    _ = records.remove(&key(number));
                    trees.on_change(P, &key(number));
                }
                Step::Compare => {
                    let mut fresh = Trees::default();
                    for branch in 0..BRANCHES {
                        let followed = trees.hash(P, Some(&records), branch);
                        prop_assert_eq!(followed, fresh.hash(P, Some(&records), branch));
                    }
                }
            }
        }
        prop_assert_eq!(trees.hash(P, Some(&records), 0), root_of(&records));
    }

    #[test]
    fn roots_are_equal_if_and_only_if_the_contents_are(
        one in prop::collection::btree_map(0u8..8, record(), 0..6),
        other in prop::collection::btree_map(0u8..8, record(), 0..6),
    ) {
        let of = |contents: &std::collections::BTreeMap<u8, Record>, is_reversed: bool| {
            let mut records = Records::default();
            let mut add = |(number, record): (&u8, &Record)| {
                _ = records.insert(key(*number), record.clone());
            };
            match is_reversed {
                false => contents.iter().for_each(&mut add),
                true => contents.iter().rev().for_each(&mut add),
            }
            root_of(&records)
        };
        prop_assert_eq!(of(&one, false), of(&one, true), "the order does not matter");
        prop_assert_eq!(of(&one, false) == of(&other, false), one == other);
    }
}
