//! §4.7: however two homes differ, and however little goes in one message, one exchange makes them
//! equal, and moves nothing that was equal before.

use std::collections::BTreeMap;

use dynamo_playground::base::blob::Key;
use dynamo_playground::base::id::{NodeId, PartitionId};
use dynamo_playground::base::time::Instant;
use dynamo_playground::data::merkle::Trees;
use dynamo_playground::data::ring::Ring;
use dynamo_playground::data::store::Store;
use dynamo_playground::data::version::Record;
use dynamo_playground::protocol::antientropy::{
    AntiEntropy, Bounds, Here, Step, different, differing,
};
use dynamo_playground::protocol::message::Chunk;
use proptest::prelude::*;

use crate::draw::record;

const A: NodeId = NodeId(0);
const B: NodeId = NodeId(1);

/// One of the two homes.
#[derive(Clone, Debug, Default)]
struct Home {
    store: Store,
    trees: Trees,
}

impl Home {
    fn merge(&mut self, ring: &Ring, records: &Chunk) {
        for (key, record) in records {
            let partition = ring.partition_of(key.position());
            if self.store.merge(partition, key, record).is_some() {
                self.trees.on_change(partition, key);
            }
        }
    }

    fn contents(&self) -> BTreeMap<Vec<u8>, Record> {
        let all = self.store.records().map(|(key, record)| (key.bytes().to_vec(), record.clone()));
        all.collect()
    }
}

/// Plays the exchange that A begins; answers the keys of all records that were sent.
fn exchange(ring: &Ring, a: &mut Home, b: &mut Home, bounds: Bounds) -> Vec<Key> {
    let (mut asker, mut sent) = (AntiEntropy::default(), vec![]);
    asker.begin(B, Here { own: A, ring, store: &a.store }.shared(B));
    for _ in 0..10_000 {
        let here = Here { own: A, ring, store: &a.store };
        let step = asker.next_step(here, &mut a.trees, bounds, Instant(1));
        let Some((sequence, step)) = step else { return sent };
        let there = Here { own: B, ring, store: &b.store };
        match step {
            Step::Compare(hashes, ranges) => {
                assert!(hashes.len() <= bounds.hashes_max);
                let answer = differing(there, &mut b.trees, A, &hashes, ranges);
                let answer = answer.expect("the ranges are the same");
                asker.on_differing(B, sequence, &answer, here);
            }
            Step::Keys(keys) => {
                assert!(keys.records.len() <= bounds.hashes_max);
                let answer = different(there, A, &keys, bounds);
                assert!(answer.records.len() <= bounds.records_max);
                let asked = asker.asked_about(B, sequence).expect("it waits for the answer");
                assert_eq!(ring.range(asked), keys.range);
                sent.extend(answer.records.iter().map(|(key, _)| key.clone()));
                a.merge(ring, &answer.records);
                asker.on_different(B, sequence, &answer, Here { own: A, ring, store: &a.store });
            }
            Step::Wanted(records) => {
                assert!(records.len() <= bounds.records_max);
                sent.extend(records.iter().map(|(key, _)| key.clone()));
                b.merge(ring, &records);
                asker.on_mended(B, sequence, true);
            }
        }
    }
    panic!("it never ends");
}

fn contents() -> impl Strategy<Value = Vec<(u8, [Option<Record>; 2])>> {
    let one = (any::<u8>(), record(), prop::option::of(record()), 0u8..6);
    prop::collection::vec(one, 0..40).prop_map(|all| {
        let sides = |(key, record, other, how): (u8, Record, Option<Record>, u8)| match how {
            0 => (key, [Some(record), None]),
            1 => (key, [None, Some(record)]),
            2 => (key, [Some(record), other]),
            _ => (key, [Some(record.clone()), Some(record)]),
        };
        all.into_iter().map(sides).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn one_exchange_makes_two_homes_equal_and_moves_only_what_differs(
        contents in contents(),
        (hashes_max, records_max, bytes_max) in (1usize..40, 1usize..8, 1usize..400),
    ) {
        // Two homes of everything, in four partitions.
        let ring = Ring::new(vec![A, B, A, B], 2);
        let (mut a, mut b) = (Home::default(), Home::default());
        for (key, sides) in contents {
            for (home, record) in [&mut a, &mut b].into_iter().zip(sides) {
                home.merge(&ring, &record.into_iter().map(|r| (Key::new(&[key]), r)).collect());
            }
        }
        let (before, other) = (a.contents(), b.contents());
        let bounds = Bounds { hashes_max, records_max, bytes_max };
        let sent = exchange(&ring, &mut a, &mut b, bounds);
        prop_assert_eq!(a.contents(), b.contents());
        for key in &sent {
            let key = key.bytes();
            prop_assert!(before.get(key) != other.get(key), "{:?} was equal", key);
        }
        let differ = before.keys().chain(other.keys());
        let differ = differ.filter(|&key| before.get(key) != other.get(key));
        let differ: std::collections::BTreeSet<_> = differ.collect();
        prop_assert!(sent.len() <= 2 * differ.len(), "each goes once each way at the most");
        prop_assert!(exchange(&ring, &mut a, &mut b, bounds).is_empty(), "nothing is left");
        let roots = |home: &mut Home| -> Vec<u64> {
            let of = |p: PartitionId| home.trees.hash(p, home.store.partition(p), 0);
            ring.partitions().map(of).collect()
        };
        prop_assert_eq!(roots(&mut a), roots(&mut b));
    }
}
