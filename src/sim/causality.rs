//! What truly came before what, whatever the clocks say.
//!
//! A version's true past is what the answer that its client handed back had shown, with the pasts
//! of that. Clocks are the nodes' stand-in for it; where they say something else, a version is
//! lost that nobody had replaced, or stays beside one that replaced it. Nodes never see this.

use crate::base::blob::Key;
use crate::data::version::{Clock, Dot, Siblings, Version};
use crate::protocol::message::{Stored, Write};
use crate::sim::oracle::followed::Followed;

/// Versions of one key that are followed. When there are more, the oldest is forgotten, and
/// nothing is said any more about it and about what comes after it unseen.
const VERSIONS_MAX: usize = 256;
/// Keys that are followed, each with up to 23 KiB.
pub const KEYS_MAX: usize = 4_096;

/// Some of a key's versions, by their places.
type Places = [u64; VERSIONS_MAX / 64];

/// What clocks got wrong so far. Each version is lost once, and each pair counts once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wrongs {
    /// Versions that vanished from a record though nothing left there truly descends from them.
    pub false_dominance: u64,
    /// Pairs that stay side by side though one truly descends from the other.
    pub false_siblings: u64,
}

#[derive(Clone, Debug)]
pub struct Causality {
    keys: Followed<Made>,
    wrongs: Wrongs,
}

impl Default for Causality {
    fn default() -> Causality {
        Causality { keys: Followed::new(KEYS_MAX), wrongs: Wrongs::default() }
    }
}

/// The versions that were made of a key.
#[derive(Clone, Debug, Default)]
struct Made {
    versions: Vec<Known>,
    /// The place that the next version takes once all are taken.
    oldest: usize,
    /// One of all that were made is lost.
    has_lost: bool,
}

#[derive(Clone, Debug)]
struct Known {
    dot: Dot,
    past: Places,
    /// Something in its past was forgotten, so that it may descend from anything.
    is_vague: bool,
    is_lost: bool,
    /// Those of its past that were seen beside it.
    beside: Places,
}

/// What a client had been shown when it asked for a put.
#[derive(Clone, Copy, Debug)]
pub enum Shown<'a> {
    Nothing,
    Versions(&'a [Version]),
    /// The same by their dots alone.
    Dots(&'a [Dot]),
    /// A get that found the key deleted: its tombstones are known by its context alone. Plain
    /// clocks may name more events than there were tombstones; then too little is counted.
    Deleted(&'a Clock),
    /// Nobody knows any more: its client has given it up.
    Unknown,
}

impl Causality {
    pub fn wrongs(&self) -> Wrongs {
        self.wrongs
    }

    /// Whether a version of the key is lost, or may be: nothing is known of keys that are not
    /// followed.
    pub fn has_lost(&self, key: &Key) -> bool {
        self.keys.get(key).map_or(self.wrongs.false_dominance > 0, |made| made.has_lost)
    }

    /// How many keys are followed.
    pub fn keys(&self) -> usize {
        self.keys.held()
    }

    /// A coordinator has made a version of a put whose client had been shown this. One of the
    /// same dot died in a crash before it was durable: nobody ever saw it, and this one takes its
    /// place.
    pub fn on_made(&mut self, key: &Key, dot: Dot, shown: Shown<'_>) {
        let made = self.keys.follow(key);
        let mut new = Known { dot, past: [0; 4], is_vague: false, is_lost: false, beside: [0; 4] };
        match shown {
            Shown::Nothing => {}
            Shown::Unknown => new.is_vague = true,
            Shown::Versions(versions) => {
                versions.iter().for_each(|version| made.add_past(&mut new, version.dot));
            }
            Shown::Dots(dots) => dots.iter().for_each(|&dot| made.add_past(&mut new, dot)),
            Shown::Deleted(clock) => {
                for place in 0..made.versions.len() {
                    let dot = made.versions[place].dot;
                    if clock.contains(dot) {
                        made.add_past(&mut new, dot);
                    }
                }
            }
        }
        match made.place_of(dot) {
            Some(place) => made.replace(place, new),
            None => made.add(new),
        }
    }

    /// A disk is about to take this write.
    pub fn on_write(&mut self, before: &Stored, write: &Write) {
        let (key, old, new) = match write {
            Write::Record { key, siblings } => (key, before.records.get(key), siblings),
            Write::Hint { target, key, siblings } => {
                (key, before.hints.get(*target, key), siblings)
            }
            _ => return,
        };
        let Some(made) = self.keys.get_mut(key) else { return };
        let old = old.map_or(&[][..], |old| old.versions());
        for version in old {
            self.wrongs.false_dominance += u64::from(made.is_now_lost(version.dot, new));
        }
        // What was there before was held against what else was. Each of the others is held against
        // all; that two of them meet twice does no harm.
        let [_, _, ..] = new.versions() else { return };
        let is_old = |version: &&Version| old.iter().any(|old| old.dot == version.dot);
        for one in new.versions().iter().filter(|version| !is_old(version)) {
            let Some(one) = made.place_of(one.dot) else { continue };
            for other in new.versions() {
                let other = made.place_of(other.dot);
                let is_beside = other.is_some_and(|other| made.is_beside(one, other));
                self.wrongs.false_siblings += u64::from(is_beside);
            }
        }
    }

    /// A coordinator that keeps a replica or a hint has it now, with this version or without.
    pub fn on_kept(&mut self, key: &Key, dot: Dot, held: &Siblings) {
        if let Some(made) = self.keys.get_mut(key) {
            self.wrongs.false_dominance += u64::from(made.is_now_lost(dot, held));
        }
    }
}

impl Made {
    fn place_of(&self, dot: Dot) -> Option<usize> {
        self.versions.iter().rposition(|known| known.dot == dot)
    }

    /// `new` was made with this version in sight.
    fn add_past(&self, new: &mut Known, dot: Dot) {
        let Some(place) = self.place_of(dot) else { return new.is_vague = true };
        let known = &self.versions[place];
        new.past.iter_mut().zip(&known.past).for_each(|(mine, theirs)| *mine |= theirs);
        set(&mut new.past, place);
        new.is_vague |= known.is_vague;
    }

    fn add(&mut self, new: Known) {
        if self.versions.len() < VERSIONS_MAX {
            return self.versions.push(new);
        }
        let place = self.oldest;
        self.oldest = (place + 1) % VERSIONS_MAX;
        self.replace(place, new);
    }

    fn replace(&mut self, place: usize, new: Known) {
        self.versions[place] = new;
        for known in &mut self.versions {
            clear(&mut known.past, place);
            clear(&mut known.beside, place);
        }
    }

    /// Whether the version is gone from `left` for no true reason, and was not known to be lost.
    fn is_now_lost(&mut self, dot: Dot, left: &Siblings) -> bool {
        if left.versions().iter().any(|version| version.dot == dot) {
            return false;
        }
        let Some(place) = self.place_of(dot) else { return false };
        let may_replace = |version: &Version| {
            let known = self.place_of(version.dot).map(|place| &self.versions[place]);
            known.is_none_or(|known| known.is_vague || has(&known.past, place))
        };
        if self.versions[place].is_lost || left.versions().iter().any(may_replace) {
            return false;
        }
        self.versions[place].is_lost = true;
        self.has_lost = true;
        true
    }

    /// Whether one of two, by their places, truly descends from the other, and they were not seen
    /// together yet.
    fn is_beside(&mut self, one: usize, other: usize) -> bool {
        let (old, new) = match has(&self.versions[one].past, other) {
            true => (other, one),
            false => (one, other),
        };
        let known = &mut self.versions[new];
        if !has(&known.past, old) || has(&known.beside, old) {
            return false;
        }
        set(&mut known.beside, old);
        true
    }
}

fn has(places: &Places, place: usize) -> bool {
    places[place / 64] >> (place % 64) & 1 == 1
}

fn set(places: &mut Places, place: usize) {
    places[place / 64] |= 1 << (place % 64);
}

fn clear(places: &mut Places, place: usize) {
    places[place / 64] &= !(1 << (place % 64));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::id::NodeId;
    use crate::data::version::{Actor, Content};
    use std::slice::from_ref;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn version(node: u32, counter: u64) -> Version {
        let clock = Clock::new([(Actor { node: NodeId(node), epoch: 0 }, counter)]);
        Version::new(clock, Content::default().into())
    }

    fn write(versions: &[Version]) -> Write {
        let mut all = Siblings::one(versions[0].clone());
        versions[1..].iter().for_each(|more| _ = all.merge(&Siblings::one(more.clone())));
        Write::Record { key: Key::new(b"k"), siblings: all.into() }
    }

    fn see(causality: &mut Causality, disk: &mut Stored, versions: &[Version]) -> (u64, u64) {
        let write = write(versions);
        causality.on_write(disk, &write);
        disk.apply(write);
        let Wrongs { false_dominance, false_siblings } = causality.wrongs();
        (false_dominance, false_siblings)
    }

    #[test]
    fn what_vanishes_though_nothing_left_descends_from_it_counts_once() {
        let (key, first, second) = (Key::new(b"k"), version(0, 1), version(0, 2));
        let (mut causality, mut disk) = (Causality::default(), Stored::default());
        causality.on_made(&key, first.dot, Shown::Nothing);
        causality.on_made(&key, second.dot, Shown::Nothing);
        assert_eq!(see(&mut causality, &mut disk, from_ref(&first)), (0, 0));
        assert_eq!(see(&mut causality, &mut disk, from_ref(&second)), (1, 0));
        let mut other = Stored::default();
        see(&mut causality, &mut other, &[first]);
        assert_eq!(see(&mut causality, &mut other, &[second]), (1, 0));
    }

    #[test]
    fn what_replaced_a_version_and_stays_beside_it_counts_once() {
        let (key, first, second) = (Key::new(b"k"), version(0, 1), version(1, 1));
        let (mut causality, mut disk) = (Causality::default(), Stored::default());
        causality.on_made(&key, first.dot, Shown::Nothing);
        let shown = [first.clone()];
        causality.on_made(&key, second.dot, Shown::Versions(&shown));
        assert_eq!(see(&mut causality, &mut disk, from_ref(&first)), (0, 0));
        assert_eq!(see(&mut causality, &mut disk, &[first.clone(), second.clone()]), (0, 1));
        let mut other = Stored::default();
        assert_eq!(see(&mut causality, &mut other, &[first, second.clone()]), (0, 1));
        assert_eq!(see(&mut causality, &mut other, &[second]), (0, 1), "it was replaced");
    }

    /// The put of a client that has given up is made late, under the dot of one that died.
    #[test]
    fn a_version_whose_client_is_gone_has_no_past_to_be_held_to() {
        let (key, first, second) = (Key::new(b"k"), version(0, 1), version(1, 1));
        let mut causality = Causality::default();
        causality.on_made(&key, first.dot, Shown::Nothing);
        causality.on_made(&key, second.dot, Shown::Versions(from_ref(&first)));
        causality.on_made(&key, second.dot, Shown::Unknown);
        let mut disk = Stored::default();
        assert_eq!(see(&mut causality, &mut disk, &[first, second]), (0, 0));
    }

    #[test]
    fn the_past_goes_all_the_way_back_and_no_longer_than_versions_are_followed() {
        let key = Key::new(b"k");
        let mut causality = Causality::default();
        let versions: Vec<Version> = (1..=300).map(|counter| version(0, counter)).collect();
        causality.on_made(&key, versions[0].dot, Shown::Nothing);
        for at in 1..300 {
            causality.on_made(&key, versions[at].dot, Shown::Versions(&versions[at - 1..at]));
        }
        let made = causality.keys.get(&key).expect("it is followed");
        let newest = made.place_of(versions[299].dot).expect("it is the newest");
        let is_past = |at: usize| {
            made.place_of(versions[at].dot).map(|place| has(&made.versions[newest].past, place))
        };
        assert_eq!(is_past(43), None);
        assert_eq!(
            (is_past(44), is_past(298), is_past(299)),
            (Some(true), Some(true), Some(false))
        );
        let shown = &versions[0..1];
        causality.on_made(&key, version(1, 1).dot, Shown::Versions(shown));
        let mut disk = Stored::default();
        see(&mut causality, &mut disk, &versions[298..299]);
        assert_eq!(see(&mut causality, &mut disk, &[version(1, 1)]), (0, 0), "nobody can tell");
    }
}
