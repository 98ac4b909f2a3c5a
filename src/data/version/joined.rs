//! What two records became when they met, remembered for a while.
//!
//! A put meets the same record at all N homes of its key, one after another. The first of them
//! works out what becomes of it; the others find that here, and hold the very same record. So homes
//! go on sharing what they hold alike, and whoever compares two of these compares two pointers.
//! What is found is just what would have been made, so nothing that happens can depend on it.

use std::cell::RefCell;

use super::{Record, Siblings};

/// Meetings that are remembered, and records; a newer one takes the place of an older.
const PLACES: usize = 256;

/// What this thread remembers. It holds on to the records themselves, so no other can come to lie
/// where one of them does.
pub struct Joined {
    /// Two records that met, and what became of the first.
    meetings: [Option<[Record; 3]>; PLACES],
    /// By their content: what became of other records may be the same.
    records: [Option<Record>; PLACES],
}

thread_local! {
    static JOINED: RefCell<Joined> = const { RefCell::new(Joined::NOTHING) };
}

impl Joined {
    const NOTHING: Joined =
        Joined { meetings: [const { None }; PLACES], records: [const { None }; PLACES] };

    /// What became of `held` when `other` came in, if that is known.
    pub fn of(held: &Record, other: &Record) -> Option<Record> {
        // A planted fault may have been at work when they met, and be gone by now.
        if cfg!(feature = "saboteurs") {
            return None;
        }
        with(|joined| {
            let [one, two, both] = joined.meetings[place_of(held, other)].as_ref()?;
            (one.is_same(held) && two.is_same(other)).then(|| both.clone())
        })?
    }

    /// `both` is what became of `held` when `other` came in. It may become another record of the
    /// same versions, which is held elsewhere.
    pub fn remember(held: Record, other: &Record, both: &mut Record) {
        with(|joined| {
            let known = &mut joined.records[both.sum() as usize % PLACES];
            match known {
                Some(known) if known.has_versions_of(both) => *both = known.clone(),
                _ => *known = Some(both.clone()),
            }
            let place = place_of(&held, other);
            joined.meetings[place] = Some([held, other.clone(), both.clone()]);
        });
    }
}

/// None while the thread ends.
fn with<R>(then: impl FnOnce(&mut Joined) -> R) -> Option<R> {
    JOINED.try_with(|joined| then(&mut joined.borrow_mut())).ok()
}

/// By where the two are: they stay there while they are remembered.
fn place_of(held: &Record, other: &Record) -> usize {
    let at = |record: &Record| std::ptr::from_ref::<Siblings>(record) as usize / align_of::<u64>();
    at(held).wrapping_mul(31).wrapping_add(at(other)) / 2 % PLACES
}

impl Siblings {
    /// Of the hashes of its versions.
    fn sum(&self) -> u64 {
        self.versions.iter().fold(0, |sum, version| sum.wrapping_add(version.hash))
    }
}

#[cfg(all(test, not(feature = "saboteurs")))]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    use crate::data::version::{Actor, Clock, Content, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn put(node: u32, value: u8) -> Record {
        let clock = Clock::new([(Actor { node: NodeId(node), epoch: 0 }, 1)]);
        let content = Content { value: [value][..].into(), ..Content::default() };
        Siblings::record(Version::new(clock, content.into()))
    }

    #[test]
    fn homes_that_held_one_record_and_take_in_another_hold_one_record() {
        let (held, other) = (put(0, 1), put(1, 1));
        let mut homes = [held.clone(), held.clone(), held.clone()];
        assert!(homes.iter_mut().all(|home| home.join(&other)));
        assert!(homes[1].is_same(&homes[0]) && homes[2].is_same(&homes[0]));
        assert_eq!((homes[0].versions().len(), held.versions().len()), (2, 1));
    }

    #[test]
    fn homes_that_take_in_the_same_in_another_order_hold_one_record_again() {
        let (held, one, other) = (put(0, 2), put(1, 2), put(2, 2));
        let mut homes = [held.clone(), held.clone()];
        assert!(homes[0].join(&one) && homes[0].join(&other));
        assert!(homes[1].join(&other) && !homes[1].is_same(&homes[0]));
        assert!(homes[1].join(&one) && homes[1].is_same(&homes[0]));
        assert!(!homes[1].join(&one), "nothing is new");
    }

    #[test]
    fn what_is_remembered_of_others_is_not_taken_for_these() {
        let mut sizes = Vec::new();
        for value in 0..200 {
            let mut home = put(0, value);
            assert!(home.join(&put(1, value)));
            sizes.push(home.versions().len());
            let values = home.versions().iter().map(|version| version.content.value[0]);
            assert!(values.eq([value, value]));
        }
        assert_eq!(sizes, [2; 200]);
    }
}
