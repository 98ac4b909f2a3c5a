//! Versions and what covers what: vector clocks, siblings, contexts (§4.4).
//!
//! A clock is a list of (actor, counter). One clock is an ancestor of another when each of its
//! counters is less than or equal to the other's; then the older version may be forgotten. When
//! neither is an ancestor both are kept, side by side, until a client reconciles them.

mod encoding;

use std::cmp::Ordering;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smallvec::{SmallVec, smallvec};

use crate::base::blob::Key;
use crate::base::digest::{Digest, Digestible};
use crate::base::id::NodeId;
use crate::base::pool::{Pooled, recycle};

/// Who counts in a clock: a node, in one life of its disk. A node that starts on an empty disk
/// draws a new epoch, so a lost disk never reissues a counter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor {
    pub node: NodeId,
    pub epoch: u32,
}

/// A vector clock: at most one counter per actor, in the order of actors.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Clock(SmallVec<[(Actor, u64); 3]>);

/// How one clock stands to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causality {
    Equal,
    /// An ancestor of the other: the other covers it.
    Before,
    After,
    /// Neither covers the other: siblings.
    Concurrent,
}

impl Clock {
    /// The highest counter that is ever issued: above it JavaScript's numbers have gaps.
    pub const COUNTER_MAX: u64 = (1 << 53) - 1;
    /// Entries of a clock that is stored or sent.
    pub const ENTRIES_MAX: usize = 256;

    pub fn new(entries: impl IntoIterator<Item = (Actor, u64)>) -> Clock {
        let mut clock = Clock::default();
        entries.into_iter().for_each(|(actor, counter)| clock.raise(actor, counter));
        clock
    }

    pub fn entries(&self) -> &[(Actor, u64)] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The actor's counter; 0 where it never wrote.
    pub fn get(&self, actor: Actor) -> u64 {
        self.find(actor).map_or(0, |at| self.0[at].1)
    }

    /// Lifts the actor's counter to at least `counter`.
    pub fn raise(&mut self, actor: Actor, counter: u64) {
        match self.find(actor) {
            Ok(at) => self.0[at].1 = self.0[at].1.max(counter),
            Err(at) if counter > 0 => self.0.insert(at, (actor, counter)),
            Err(_) => {}
        }
    }

    /// The least clock that covers both.
    pub fn merge(&mut self, other: &Clock) {
        other.0.iter().for_each(|&(actor, counter)| self.raise(actor, counter));
    }

    /// Whether every counter of `other` is less than or equal to this clock's (§4.4).
    pub fn covers(&self, other: &Clock) -> bool {
        matches!(self.compare(other), Causality::Equal | Causality::After)
    }

    pub fn compare(&self, other: &Clock) -> Causality {
        let (mut ahead, mut behind) = (false, false);
        let (mut mine, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        loop {
            let order = match (mine.peek(), theirs.peek()) {
                (None, None) => break,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((a, _)), Some((b, _))) => a.cmp(b),
            };
            match order {
                Ordering::Less => (ahead, _) = (true, mine.next()),
                Ordering::Greater => (behind, _) = (true, theirs.next()),
                Ordering::Equal => {
                    let (a, b) = (mine.next(), theirs.next());
                    ahead |= a > b;
                    behind |= a < b;
                }
            }
        }
        match (ahead, behind) {
            (false, false) => Causality::Equal,
            (false, true) => Causality::Before,
            (true, false) => Causality::After,
            (true, true) => Causality::Concurrent,
        }
    }

    fn find(&self, actor: Actor) -> Result<usize, usize> {
        self.0.binary_search_by_key(&actor, |&(a, _)| a)
    }
}

impl Digestible for Clock {
    fn digest(&self, into: &mut Digest) {
        into.word(self.0.len() as u64);
        for &(actor, counter) in &self.0 {
            into.word(u64::from(actor.node.0) << 32 | u64::from(actor.epoch));
            into.word(counter);
        }
    }
}

/// What a client stored: bytes, and metadata that travels with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Content {
    pub value: Box<[u8]>,
    /// Names and texts, sorted by name.
    pub metadata: Vec<(String, String)>,
    /// A tombstone: the key was deleted here. It is a version like any other, so that a delete and
    /// a put that did not know of each other are siblings.
    pub is_tombstone: bool,
}

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
/// version of the data" (§4.4).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Version {
    pub clock: Clock,
    pub content: Arc<Content>,
}

/// The versions of one key of which none covers another, in the order of their clocks. Never
/// empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Siblings(SmallVec<[Version; 1]>);

impl Siblings {
    /// Siblings of a record that is stored or sent.
    pub const COUNT_MAX: usize = 256;
    /// Bytes of such a record, as [`Siblings::bytes`] counts: the longest value with its metadata,
    /// and room for a small sibling beside it. What is more could not travel as one message.
    pub const BYTES_MAX: usize = 9 << 17;

    pub fn one(version: Version) -> Siblings {
        Siblings(smallvec![version])
    }

    pub fn versions(&self) -> &[Version] {
        &self.0
    }

    /// Whether nothing but tombstones is left: the key is deleted.
    pub fn is_deleted(&self) -> bool {
        self.0.iter().all(|version| version.content.is_tombstone)
    }

    /// The least clock that covers every sibling: what a client hands back to reconcile them.
    pub fn clock(&self) -> Clock {
        let mut clock = Clock::default();
        self.0.iter().for_each(|version| clock.merge(&version.clock));
        clock
    }

    /// Whether some sibling covers the clock.
    pub fn covers(&self, clock: &Clock) -> bool {
        self.0.iter().any(|version| version.clock.covers(clock))
    }

    /// Whether nothing in `other` would change this set.
    pub fn includes(&self, other: &Siblings) -> bool {
        other.0.iter().all(|theirs| self.outdoes(theirs))
    }

    /// The versions that the clock does not cover; none when it covers all.
    pub fn without(&self, clock: &Clock) -> Option<Record> {
        let is_left = |version: &&Version| !clock.covers(&version.clock);
        let left: SmallVec<[Version; 1]> = self.0.iter().filter(is_left).cloned().collect();
        (!left.is_empty()).then(|| Siblings(left).into())
    }

    /// About what the record takes when it is sent; never less.
    pub fn bytes(&self) -> usize {
        let of = |Version { clock, content }: &Version| {
            content.bytes() + 10 * content.metadata.len() + 18 * clock.0.len() + 16
        };
        self.0.iter().map(of).sum()
    }

    /// Whether the record is small enough to be stored and sent.
    pub fn fits(&self) -> bool {
        self.0.len() <= Siblings::COUNT_MAX && self.bytes() <= Siblings::BYTES_MAX
    }

    /// Whether it still is, once `other` is merged in.
    pub fn fits_with(&self, other: &Siblings) -> bool {
        let is_far_from_full = self.0.len() + other.0.len() <= Siblings::COUNT_MAX
            && self.bytes() + other.bytes() <= Siblings::BYTES_MAX;
        is_far_from_full || {
            let mut both = self.clone();
            both.merge(other);
            both.fits()
        }
    }

    /// Takes in what is new and drops what it covers. Commutative, associative, idempotent.
    /// Answers whether anything changed.
    pub fn merge(&mut self, other: &Siblings) -> bool {
        let mut changed = false;
        for theirs in &other.0 {
            if self.outdoes(theirs) {
                continue;
            }
            self.0.retain(|mine| !theirs.clock.covers(&mine.clock));
            let at = self.0.partition_point(|mine| *mine < *theirs);
            self.0.insert(at, theirs.clone());
            changed = true;
        }
        changed
    }

    /// Whether `theirs` is here or covered already. Two contents under one clock cannot come
    /// about without a shared identity; then the greater content wins, everywhere alike.
    fn outdoes(&self, theirs: &Version) -> bool {
        self.0.iter().any(|mine| match mine.clock.compare(&theirs.clock) {
            Causality::After => true,
            Causality::Equal => mine.content >= theirs.content,
            Causality::Before | Causality::Concurrent => false,
        })
    }
}

impl Default for Siblings {
    /// Wiped memory, for the pool alone: a record is never empty.
    fn default() -> Siblings {
        Siblings(SmallVec::new())
    }
}

recycle!(Siblings, siblings => siblings.0.clear());

/// The siblings of one key, shared by all who hold them alike.
pub type Record = Pooled<Siblings>;

impl Siblings {
    /// A record of one version.
    pub fn record(version: Version) -> Record {
        Pooled::build(|siblings: &mut Siblings| siblings.0.push(version))
    }
}

impl Digestible for Siblings {
    fn digest(&self, into: &mut Digest) {
        into.word(self.0.len() as u64);
        for version in &self.0 {
            version.clock.digest(into);
            version.content.digest(into);
        }
    }
}

/// What a get hands out and a put hands back; opaque to clients (§4.1). It names its key, so that
/// the validity of a context can be checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    pub key: Key,
    pub clock: Clock,
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
        Version { clock: clock(entries), content: Arc::new(content) }
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
    fn another_epoch_of_a_node_is_another_actor() {
        let before = clock(&[(0, 5)]);
        let reborn = Clock::new([(Actor { node: NodeId(0), epoch: 1 }, 1)]);
        assert_eq!(before.compare(&reborn), Causality::Concurrent);
    }
}
