//! Versions and what covers what: vector clocks, siblings, contexts (§4.4).
//!
//! A clock is a list of (actor, counter). One clock is an ancestor of another when each of its
//! counters is less than or equal to the other's; then the older version may be forgotten. When
//! neither is an ancestor both are kept, side by side, until a client reconciles them. Beside the
//! paper's way there are three others: see [`Versioning`].

mod clock;
mod encoding;
mod joined;
mod merge;

use std::cmp::Ordering;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

pub use self::clock::{Actor, Causality, Clock, Dot, Entry};

use crate::base::blob::Key;
use crate::base::digest::{Digest, Digestible};
use crate::base::id::NodeId;
use crate::base::pool::{Pooled, recycle};
use crate::base::time::WallTime;

/// How versions of one key are held against each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Versioning {
    /// A vector clock for each version (§4.4). A put whose context misses an earlier put of the
    /// same coordinator covers it nevertheless.
    #[default]
    VectorClock,
    /// One clock for the whole record, and every value that a put's context did not cover.
    RecordClock,
    /// A clock that knows just the events its client had seen: gaps stay gaps.
    Dotted,
    /// The version with the greatest stamp of its coordinator's clock on the wall; ties go to the
    /// greater actor. One version stays.
    LastWriteWins,
}

impl Versioning {
    /// Whether its clocks may lose their oldest entries.
    pub fn truncates(self) -> bool {
        matches!(self, Versioning::VectorClock | Versioning::RecordClock)
    }

    /// How one version stands to another.
    pub fn compare(self, one: &Version, other: &Version) -> Causality {
        if self != Versioning::LastWriteWins {
            return one.clock.compare(&other.clock);
        }
        match one.rank().cmp(&other.rank()) {
            Ordering::Less => Causality::Before,
            Ordering::Equal => Causality::Equal,
            Ordering::Greater => Causality::After,
        }
    }

    /// Whether who holds a context of this clock has seen the version, or one that covers it.
    pub fn has_seen(self, context: &Clock, version: &Version) -> bool {
        if self != Versioning::LastWriteWins {
            return context.covers(&version.clock);
        }
        context.entries().iter().any(|entry| {
            (entry.stamp, Dot { actor: entry.actor, counter: entry.counter }) >= version.rank()
        })
    }
}

/// What a client stored: bytes, and metadata that travels with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    pub value: Value,
    /// Names and texts, sorted by name.
    pub metadata: Vec<(String, String)>,
    /// A tombstone: the key was deleted here. It is a version like any other, so that a delete and
    /// a put that did not know of each other are siblings.
    pub is_tombstone: bool,
}

/// A short one needs no memory of its own.
pub type Value = SmallVec<[u8; 16]>;

impl Content {
    /// Names in the metadata of a version that is stored or sent.
    pub const NAMES_MAX: usize = 1_024;

    /// Of the value with its metadata.
    pub fn bytes(&self) -> usize {
        let metadata = self.metadata.iter().map(|(name, text)| name.len() + text.len());
        self.value.len() + metadata.sum::<usize>()
    }

    pub fn tombstone() -> Content {
        Content { is_tombstone: true, ..Content::default() }
    }
}

recycle!(Content, content => *content = Content::default());

impl Digestible for Content {
    fn digest(&self, into: &mut Digest) {
        into.bytes(&self.value);
        into.word(self.metadata.len() as u64 | u64::from(self.is_tombstone) << 32);
        for (name, text) in &self.metadata {
            into.bytes(name.as_bytes());
            into.bytes(text.as_bytes());
        }
    }
}

/// One immutable version: "Dynamo treats the result of each modification as a new and immutable
/// version of the data" (§4.4). So it is shared: all records that have it hold one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version(Pooled<Parts>);

/// What a version is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// Of all the rest: what a record's share in digests and Merkle trees is made of, and what
    /// tells versions apart before anything else is looked at.
    hash: u64,
    /// About what the version takes when it is sent; never less.
    bytes: usize,
    pub clock: Clock,
    /// The event that made it.
    pub dot: Dot,
    pub content: Pooled<Content>,
}

impl Version {
    /// As its coordinator stamps it: the clock's newest entry, the last of those, made it.
    pub fn new(clock: Clock, content: Pooled<Content>) -> Version {
        let newest = clock.entries().iter().max_by_key(|entry| entry.stamp);
        let dot = newest.map(|entry| Dot { actor: entry.actor, counter: entry.counter });
        Version::made_by(dot.unwrap_or_default(), clock, content)
    }

    /// The version that this event made.
    pub fn made_by(dot: Dot, clock: Clock, content: Pooled<Content>) -> Version {
        Version(Pooled::build(|parts: &mut Parts| {
            (parts.clock, parts.dot, parts.content) = (clock, dot, content);
            parts.measure();
        }))
    }

    /// The same version under another clock; other records that share it keep theirs.
    fn set_clock(&mut self, clock: &Clock) {
        let parts = self.0.make_mut();
        parts.clock.clone_from(clock);
        parts.measure();
    }
}

impl Deref for Version {
    type Target = Parts;

    #[inline(always)]
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    /// By their clocks, then by the rest.
    fn cmp(&self, other: &Version) -> Ordering {
        if self.0.is_same(&other.0) {
            return Ordering::Equal;
        }
        (&self.clock, self.dot, &*self.content).cmp(&(&other.clock, other.dot, &*other.content))
    }
}

impl Parts {
    /// The order of last-write-wins.
    fn rank(&self) -> (WallTime, Dot) {
        (self.clock.stamp_of(self.dot), self.dot)
    }

    /// Brings up to date what is kept of all the rest.
    fn measure(&mut self) {
        let Parts { clock, content, .. } = self;
        self.bytes = content.bytes() + 10 * content.metadata.len() + 36 * clock.0.len() + 36;
        self.hash = self.hashed();
    }

    fn hashed(&self) -> u64 {
        let mut digest = Digest::default();
        self.clock.digest(&mut digest);
        self.dot.actor.digest(&mut digest);
        digest.word(self.dot.counter);
        self.content.digest(&mut digest);
        digest.value()
    }
}

thread_local! {
    /// What the memory of no version holds on to.
    static NOTHING: Pooled<Content> = Content::default().into();
}

fn nothing() -> Pooled<Content> {
    NOTHING.try_with(Pooled::clone).unwrap_or_else(|_| Content::default().into())
}

impl Default for Parts {
    /// Wiped memory, for the pool alone.
    fn default() -> Parts {
        let content = nothing();
        Parts { hash: 0, bytes: 0, clock: Clock::default(), dot: Dot::default(), content }
    }
}

recycle!(Parts, parts => {
    parts.clock.0.clear();
    parts.content = nothing();
});

/// The versions of one key that stay side by side, in the order of their clocks: none covers
/// another; or, under [`Versioning::RecordClock`], all have the record's clock. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siblings {
    versioning: Versioning,
    versions: Versions,
}

/// As many as an undisturbed ring of three coordinators makes are held without a list.
type Versions = SmallVec<[Version; 3]>;

impl Siblings {
    /// Siblings of a record that is stored or sent.
    pub const COUNT_MAX: usize = 256;
    /// Bytes of such a record, as [`Siblings::bytes`] counts: the longest value with its metadata,
    /// and room for a small sibling beside it. What is more could not travel as one message.
    pub const BYTES_MAX: usize = 9 << 17;

    /// Of one version with a vector clock.
    pub fn one(version: Version) -> Siblings {
        Siblings { versioning: Versioning::VectorClock, versions: smallvec![version] }
    }

    pub fn versioning(&self) -> Versioning {
        self.versioning
    }

    pub fn versions(&self) -> &[Version] {
        &self.versions
    }

    /// Whether nothing but tombstones is left: the key is deleted.
    pub fn is_deleted(&self) -> bool {
        self.versions.iter().all(|version| version.content.is_tombstone)
    }

    /// The least clock that covers every sibling: what a client hands back to reconcile them.
    pub fn clock(&self) -> Clock {
        let mut clocks = self.versions.iter().map(|version| &version.clock);
        let mut clock = clocks.next().cloned().unwrap_or_default();
        clocks.for_each(|other| clock.merge(other));
        clock
    }

    /// Whether some sibling covers the clock.
    pub fn covers(&self, clock: &Clock) -> bool {
        self.versions.iter().any(|version| version.clock.covers(clock))
    }

    /// Whether the version is here, or one that covers it under the versioning in force.
    pub fn survives(&self, version: &Version) -> bool {
        let stands = |mine: &Version| match self.versioning.compare(mine, version) {
            Causality::Equal | Causality::After => true,
            Causality::Before | Causality::Concurrent => mine.dot == version.dot,
        };
        self.versions.iter().any(stands)
    }

    /// The versions that the clock does not cover; none when it covers all.
    pub fn without(&self, clock: &Clock) -> Option<Record> {
        let is_left = |version: &&Version| !self.versioning.has_seen(clock, version);
        let versions: Versions = self.versions.iter().filter(is_left).cloned().collect();
        let versioning = self.versioning;
        (!versions.is_empty()).then(|| Siblings { versioning, versions }.into())
    }

    /// About what the record takes when it is sent; never less.
    pub fn bytes(&self) -> usize {
        self.versions.iter().map(|version| version.bytes).sum()
    }

    /// Whether the record is small enough to be stored and sent.
    pub fn fits(&self) -> bool {
        let has_room = |version: &Version| version.clock.0.len() <= Clock::ENTRIES_MAX;
        self.versions.len() <= Siblings::COUNT_MAX
            && self.bytes() <= Siblings::BYTES_MAX
            && self.versions.iter().all(has_room)
    }

    /// Whether it still is, once `other` is merged in.
    pub fn fits_with(&self, other: &Siblings) -> bool {
        let is_far_from_full = self.versioning != Versioning::RecordClock
            && self.versions.len() + other.versions.len() <= Siblings::COUNT_MAX
            && self.bytes() + other.bytes() <= Siblings::BYTES_MAX;
        is_far_from_full || {
            let mut both = self.clone();
            both.merge(other);
            both.fits()
        }
    }
}

impl Default for Siblings {
    /// Wiped memory, for the pool alone: a record is never empty.
    fn default() -> Siblings {
        Siblings { versioning: Versioning::VectorClock, versions: SmallVec::new() }
    }
}

recycle!(Siblings, siblings => siblings.versions.clear());

/// The siblings of one key, shared by all who hold them alike.
pub type Record = Pooled<Siblings>;

impl Siblings {
    /// A record of one version with a vector clock.
    pub fn record(version: Version) -> Record {
        Siblings::record_under(Versioning::VectorClock, version)
    }

    /// A record of one version.
    pub fn record_under(versioning: Versioning, version: Version) -> Record {
        Pooled::build(|siblings: &mut Siblings| {
            siblings.versioning = versioning;
            siblings.versions.push(version);
        })
    }
}

impl Digestible for Siblings {
    fn digest(&self, into: &mut Digest) {
        into.word(self.versions.len() as u64 | (self.versioning as u64) << 32);
        self.versions.iter().for_each(|version| into.word(version.hash));
    }
}

/// What a get hands out and a put hands back; opaque to clients (§4.1). It names its key, so that
/// the validity of a context can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    pub key: Key,
    pub clock: Clock,
    /// The node that answered the get fastest, or coordinated the put: a put that follows is best
    /// coordinated there (§5).
    pub reader: Option<NodeId>,
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn actor(node: u32) -> Actor {
        Actor { node: NodeId(node), epoch: 0 }
    }

    fn clock(entries: &[(u32, u64)]) -> Clock {
        Clock::new(entries.iter().map(|&(n, c)| (actor(n), c)))
    }

    fn version(entries: &[(u32, u64)], value: &str) -> Version {
        let content = Content { value: value.as_bytes().into(), ..Content::default() };
        Version::new(clock(entries), content.into())
    }

    fn siblings(versions: &[Version]) -> Siblings {
        let mut all = Siblings::one(versions[0].clone());
        versions[1..].iter().for_each(|v| _ = all.merge(&Siblings::one(v.clone())));
        all
    }

    #[test]
    fn figure_3_clocks_stand_as_the_paper_says() {
        let (x, y, z) = (0, 1, 2);
        let d1 = clock(&[(x, 1)]);
        let d2 = clock(&[(x, 2)]);
        let d3 = clock(&[(x, 2), (y, 1)]);
        let d4 = clock(&[(x, 2), (z, 1)]);
        let d5 = clock(&[(x, 3), (y, 1), (z, 1)]);
        assert_eq!(d1.compare(&d2), Causality::Before);
        assert_eq!(d3.compare(&d2), Causality::After);
        assert_eq!(d3.compare(&d4), Causality::Concurrent);
        assert!(d5.covers(&d3) && d5.covers(&d4));
        assert_eq!(d5.compare(&d5), Causality::Equal);
    }

    /// All sets of four events of each of two actors, gaps and all.
    #[test]
    fn clocks_with_gaps_stand_as_the_sets_of_their_events_do() {
        let clock = |events: u32| {
            let mut clock = Clock::default();
            for event in (0..8).filter(|event| events >> event & 1 == 1) {
                let dot = Dot { actor: actor(event / 4), counter: u64::from(event % 4) + 1 };
                clock.add(dot, WallTime(0));
            }
            clock
        };
        let clocks: Vec<Clock> = (0..256).map(clock).collect();
        for (a, one) in (0..256).zip(&clocks) {
            for (b, other) in (0..256).zip(&clocks) {
                let stands = match (a & b == b, a & b == a) {
                    (true, true) => Causality::Equal,
                    (true, false) => Causality::After,
                    (false, true) => Causality::Before,
                    (false, false) => Causality::Concurrent,
                };
                assert_eq!(one.compare(other), stands, "{a:b} {b:b}");
            }
        }
    }

    #[test]
    fn a_version_that_covers_a_sibling_replaces_it() {
        let mut set = siblings(&[version(&[(0, 1)], "milk")]);
        assert!(set.merge(&siblings(&[version(&[(0, 2)], "eggs")])));
        assert_eq!(set.versions().len(), 1);
        assert!(!set.merge(&siblings(&[version(&[(0, 1)], "milk")])), "an ancestor adds nothing");
    }

    #[test]
    fn concurrent_versions_stay_side_by_side_until_a_clock_covers_both() {
        let (left, right) = (version(&[(0, 2)], "jam"), version(&[(0, 1), (1, 1)], "tea"));
        let mut set = siblings(&[left, right]);
        assert_eq!(set.versions().len(), 2);
        assert_eq!(set.clock(), clock(&[(0, 2), (1, 1)]));
        assert!(set.merge(&siblings(&[version(&[(0, 3), (1, 1)], "jam, tea")])));
        assert_eq!(set.versions().len(), 1);
    }

    #[test]
    fn one_clock_with_two_contents_settles_alike_on_both_sides() {
        let (a, b) = (version(&[(0, 1)], "a"), version(&[(0, 1)], "b"));
        let (left, right) = (siblings(&[a.clone(), b.clone()]), siblings(&[b, a]));
        assert_eq!(left, right);
        assert_eq!(left.versions().len(), 1);
    }

    #[test]
    fn events_make_one_clock_in_whatever_order_they_are_added() {
        let dots = [(0, 1), (0, 2), (0, 3), (1, 1), (1, 2), (1, 3)];
        let added = |order: &[usize]| {
            let mut clock = Clock::default();
            for &at in order {
                let (node, counter) = dots[at];
                clock.add(Dot { actor: actor(node), counter }, WallTime(0));
            }
            clock
        };
        let all = clock(&[(0, 3), (1, 3)]);
        assert_eq!(added(&[0, 1, 2, 3, 4, 5]), all);
        assert_eq!(added(&[3, 5, 0, 2, 1, 4]), all, "the last two close gaps");
    }

    #[test]
    fn the_size_of_a_record_is_that_of_all_it_holds() {
        let content = Content {
            value: b"three".as_slice().into(),
            metadata: vec![("of".into(), "whom".into()), ("for".into(), "".into())],
            is_tombstone: false,
        };
        assert_eq!(content.bytes(), 5 + 2 + 4 + 3);
        let large = Version::new(clock(&[(0, 1), (1, 1)]), content.into());
        let alone = Siblings::one(large.clone()).bytes();
        assert_eq!(alone, 14 + 2 * 10 + (2 + 1) * 36, "names and entries take room, too");
        let small = Siblings::one(version(&[(2, 1)], "x")).bytes();
        assert_eq!(siblings(&[large, version(&[(2, 1)], "x")]).bytes(), alone + small);
    }

    #[test]
    fn two_large_records_that_do_not_cover_each_other_do_not_fit_into_one() {
        let value = "x".repeat(Siblings::BYTES_MAX / 2);
        let (one, other) = (version(&[(0, 1)], &value), version(&[(1, 1)], &value));
        let (one, other) = (Siblings::one(one), Siblings::one(other));
        assert!(one.fits() && other.fits() && one.fits_with(&one));
        assert!(!one.fits_with(&other));
        assert!(one.fits_with(&Siblings::one(version(&[(1, 1)], ""))));
    }

    #[test]
    fn what_a_context_has_seen_is_left_out_of_what_is_without_it() {
        let (left, right) = (version(&[(0, 1)], "jam"), version(&[(1, 2)], "tea"));
        let set = siblings(&[left.clone(), right.clone()]);
        let without = |entries: &[(u32, u64)]| {
            set.without(&clock(entries)).map(|record| record.versions().to_vec())
        };
        assert_eq!(without(&[(0, 1)]), Some(vec![right.clone()]));
        assert_eq!(without(&[(1, 1)]), Some(vec![left, right]));
        assert_eq!(without(&[(0, 1), (1, 3)]), None);
        assert!(set.covers(&clock(&[(1, 2)])) && !set.covers(&clock(&[(0, 1), (1, 2)])));
    }

    #[test]
    fn the_last_write_wins_by_its_stamp_whatever_the_counters_say() {
        let stamped = |node, counter, stamp| {
            let mut clock = Clock::default();
            clock.raise(Dot { actor: actor(node), counter }, WallTime(stamp));
            Version::new(clock, Content::default().into())
        };
        let (older, newer, later) = (stamped(0, 9, 5), stamped(1, 1, 6), stamped(0, 1, 7));
        let lww = Versioning::LastWriteWins;
        assert_eq!(lww.compare(&older, &newer), Causality::Before);
        assert_eq!(lww.compare(&later, &newer), Causality::After);
        let seen = |version: &Version| lww.has_seen(&newer.clock, version);
        assert!(seen(&older) && seen(&newer) && !seen(&later));
        let by_clock = |version: &Version| Versioning::Dotted.has_seen(&later.clock, version);
        assert!(by_clock(&later) && !by_clock(&older) && !by_clock(&newer));
    }

    #[test]
    fn what_sets_two_records_apart_sets_their_digests_apart() {
        let content = |is_tombstone, names: &[&str]| Content {
            value: Value::new(),
            metadata: names.iter().map(|name| (name.to_string(), String::new())).collect(),
            is_tombstone,
        };
        let reborn = Clock::new([(Actor { node: NodeId(0), epoch: 1 }, 1)]);
        let mut stamped = Clock::default();
        stamped.raise(Dot { actor: actor(0), counter: 1 }, WallTime(1));
        let clocks = [&[][..], &[(0, 1)], &[(0, 2)], &[(1, 1)], &[(0, 1), (1, 1)]].map(clock);
        let contents = [
            content(false, &[]),
            content(true, &[]),
            content(false, &["a"]),
            content(false, &["b"]),
        ];
        let mut digests = Vec::new();
        for clock in clocks.into_iter().chain([reborn, stamped]) {
            for content in &contents {
                let version = Version::new(clock.clone(), content.clone().into());
                for versioning in [Versioning::VectorClock, Versioning::Dotted] {
                    let mut digest = Digest::default();
                    Siblings::record_under(versioning, version.clone()).digest(&mut digest);
                    digests.push(digest.value());
                }
            }
        }
        let (all, _) = (digests.len(), digests.sort());
        digests.dedup();
        assert_eq!(digests.len(), all);
    }

    #[test]
    fn a_delete_and_a_put_that_did_not_know_of_each_other_are_siblings() {
        let tombstone = Version::new(clock(&[(1, 1)]), Content::tombstone().into());
        let set = siblings(&[version(&[(0, 1)], "jam"), tombstone.clone()]);
        assert!(set.versions().contains(&tombstone) && !set.is_deleted());
    }

    #[test]
    fn a_record_that_has_the_same_version_and_one_more_brings_it() {
        let (shared, more) = (version(&[(0, 1)], "jam"), version(&[(1, 1)], "tea"));
        let mut mine = Siblings::record(shared.clone());
        let mut theirs = Siblings::record(shared);
        theirs.make_mut().merge(&Siblings::one(more));
        assert!(mine.join(&theirs) && mine == theirs);
        assert!(!mine.join(&theirs));
    }

    #[test]
    fn of_two_versionings_the_later_named_stays() {
        let under = |versioning| Siblings::record_under(versioning, version(&[(0, 1)], "jam"));
        let (plain, dotted) = (under(Versioning::VectorClock), under(Versioning::Dotted));
        assert!(dotted.includes(&plain) && !plain.includes(&dotted));
        let (mut one, mut other) = (plain.clone(), dotted.clone());
        assert!(one.make_mut().merge(&dotted) && one == dotted);
        assert!(!other.make_mut().merge(&plain) && other == dotted);
    }

    /// A record of one clock, of values by whom made them.
    fn under_one_clock(entries: &[(u32, u64)], values: &[(u32, &str)]) -> Record {
        let value = |&(node, value): &(u32, &str)| {
            let content = Content { value: value.as_bytes().into(), ..Content::default() };
            let dot = Dot { actor: actor(node), counter: 1 };
            Version::made_by(dot, clock(entries), content.into())
        };
        Pooled::build(|record: &mut Siblings| {
            record.versioning = Versioning::RecordClock;
            record.versions = values.iter().map(value).collect();
        })
    }

    #[test]
    fn under_one_clock_values_of_concurrent_and_of_equal_records_stay_side_by_side() {
        let (jam, tea) = (&[(0, "jam")][..], &[(1, "tea")][..]);
        let mut mine = under_one_clock(&[(0, 1), (2, 1)], jam);
        assert!(mine.make_mut().merge(&under_one_clock(&[(0, 1), (1, 1)], jam)), "the clock grew");
        assert_eq!(mine, under_one_clock(&[(0, 1), (1, 1), (2, 1)], jam));
        let again = mine.clone();
        assert!(!mine.make_mut().merge(&again));
        let both = under_one_clock(&[(0, 1)], &[(0, "jam"), (1, "tea")]);
        let one = under_one_clock(&[(0, 1)], tea);
        assert!(both.includes(&one) && both.includes(&both) && !one.includes(&both));
        assert_eq!(merged(&one, &both), both);
        let (less, more) =
            (under_one_clock(&[(0, 1)], jam), under_one_clock(&[(0, 1)], &[(0, "tea")]));
        assert_eq!(merged(&less, &more), more, "one event with two values: the greater");
        assert_eq!(merged(&more, &less), more);
    }

    #[test]
    fn a_put_that_missed_something_makes_one_clock_of_all_and_one_that_saw_all_stays_alone() {
        let held = under_one_clock(&[(0, 1), (1, 1)], &[(0, "jam"), (1, "tea")]);
        let content = Content { value: b"rum".as_slice().into(), ..Content::default() };
        let dot = Dot { actor: actor(2), counter: 1 };
        let made = Version::made_by(dot, clock(&[(0, 1), (2, 1)]), content.into());
        let beside = |context: &[(u32, u64)], entries_max| {
            Siblings::beside(made.clone(), Some(&held), &clock(context), entries_max)
        };
        let (all, is_cut) = beside(&[(0, 1)], 10);
        let values = [(0, "jam"), (1, "tea"), (2, "rum")];
        assert_eq!(all, under_one_clock(&[(0, 1), (1, 1), (2, 1)], &values));
        assert!(!is_cut);
        let (alone, _) = beside(&[(0, 1), (1, 1)], 10);
        assert_eq!(alone.versions(), std::slice::from_ref(&made));
        let (cut, is_cut) = beside(&[(0, 1)], 2);
        assert!(is_cut && cut.versions().iter().all(|one| one.clock.entries().len() == 2));
    }

    fn merged(one: &Record, other: &Record) -> Record {
        let mut both = one.clone();
        both.make_mut().merge(other);
        both
    }

    /// Past a few, pairs that cannot know of one another are not held against each other.
    #[test]
    fn many_versions_meet_as_they_do_one_after_another() {
        let mut rng = crate::base::rng::Rng::from_u64(16);
        for versioning in [Versioning::VectorClock, Versioning::Dotted] {
            let mut made: Vec<Version> = Vec::new();
            for counter in 1..=200 {
                // Each was made in sight of up to two of those before it.
                let mut clock = Clock::default();
                for _ in 0..rng.index(3).min(made.len()) {
                    clock.merge(&made[rng.index(made.len())].clock);
                }
                let dot = Dot { actor: actor(rng.index(60) as u32), counter };
                match versioning {
                    Versioning::Dotted => clock.add(dot, WallTime(0)),
                    _ => clock.raise(dot, WallTime(0)),
                }
                made.push(Version::made_by(dot, clock, Content::default().into()));
            }
            let one = |version: &Version| Siblings::record_under(versioning, version.clone());
            for _ in 0..50 {
                let mut some = || {
                    let mut all = one(&made[rng.index(made.len())]);
                    (0..150).for_each(|_| _ = all.join(&one(&made[rng.index(made.len())])));
                    all
                };
                let (held, other) = (some(), some());
                let mut both = held.clone();
                other.versions().iter().for_each(|version| _ = both.join(&one(version)));
                assert!(held.versions().len().min(other.versions().len()) > 16, "they are many");
                assert!(both.versions().len() < held.versions().len() + other.versions().len());
                assert_eq!(merged(&held, &other), both);
            }
        }
    }

    #[test]
    fn another_epoch_of_a_node_is_another_actor() {
        let before = clock(&[(0, 5)]);
        let reborn = Clock::new([(Actor { node: NodeId(0), epoch: 1 }, 1)]);
        assert_eq!(before.compare(&reborn), Causality::Concurrent);
    }
}
