//! Whatever a power failure leaves of a journal covers everything that was flushed.

use dynamo_playground::base::id::NodeId;
use dynamo_playground::protocol::message::{Stored, Write};
use dynamo_playground::wire::{RingId, journal};
use proptest::prelude::*;

use crate::draw::write;

const RING: RingId = RingId([7; 16]);
const ME: NodeId = NodeId(9);

fn stored_of(writes: &[Write]) -> Stored {
    let mut stored = Stored::default();
    writes.iter().for_each(|write| stored.apply(write.clone()));
    stored
}

fn is_same(one: &Stored, other: &Stored) -> bool {
    one.writes().eq(other.writes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// At every cut: what is read is a beginning of the writes, and at least all whose flush, and
    /// with it whatever was acknowledged on the strength of it, had ended by there.
    #[test]
    fn any_prefix_with_a_torn_tail_covers_every_flushed_acknowledgement(
        flushes in prop::collection::vec(prop::collection::vec(write(), 1..4), 1..5),
        garbage in any::<[u8; 12]>(),
    ) {
        let mut bytes = Vec::new();
        journal::begin(RING, ME, &mut bytes);
        // Where each flush had ended, and how many writes were durable then.
        let mut flushed = vec![(0, 0)];
        let mut writes = Vec::new();
        for flush in flushes {
            for write in flush {
                journal::append(&write, &mut bytes);
                writes.push(write);
            }
            flushed.push((bytes.len(), writes.len()));
        }
        let states: Vec<Stored> = (0..=writes.len()).map(|n| stored_of(&writes[..n])).collect();
        for cut in 0..=bytes.len() {
            let read = journal::read(&bytes[..cut], RING, ME).expect("a prefix is a journal");
            let owed = flushed.iter().rev().find(|(end, _)| *end <= cut).map_or(0, |&(_, n)| n);
            let of_a_beginning = |state: &Stored| is_same(state, &read.stored);
            prop_assert!(states[owed..].iter().any(of_a_beginning), "cut at {}", cut);
            prop_assert!(read.kept <= cut);
        }
        // A tail of anything is torn as well: it is cut off, and what was flushed stays.
        let whole = bytes.len();
        bytes.extend_from_slice(&garbage);
        let read = journal::read(&bytes, RING, ME).expect("a torn tail is no other journal");
        prop_assert_eq!(read.kept, whole);
        prop_assert!(is_same(&read.stored, &states[writes.len()]));
    }
}
