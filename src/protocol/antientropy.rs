//! Comparing replicas (§4.7): "two nodes exchange the root of the Merkle tree corresponding to the
//! key ranges that they host in common", and then walk down where they differ.
//!
//! ```text
//!   asker ── Compare ───▶ home        hashes: first the roots of all partitions in common
//!   asker ◀─ Differing ── home        which of them are others there
//!     … the same again, one level down, to the leaves
//!   asker ── Keys ──────▶ home        on leaves that differ: place and hash of each record
//!   asker ◀─ Different ── home        records that differ there, and which are wanted
//!   asker ── Wanted ────▶ home        those
//!   asker ◀─ Mended ───── home
//! ```
//!
//! The asker alone remembers how far they are; whoever answers looks at what it keeps. There is
//! one exchange at a time, and it goes depth first, so what is left to do stays short.

use std::rc::Rc;

use crate::base::blob::Key;
use crate::base::digest::Digest;
use crate::base::gather::Gather;
use crate::base::id::{NodeId, PartitionId};
use crate::base::pool::Pooled;
use crate::base::sabotage::{Fault, is_planted};
use crate::base::time::Instant;
use crate::data::merkle::{LeafSet, NO_LEAVES, Trees, add_leaves, below, hangs_on, record_hash};
use crate::data::ring::Ring;
use crate::data::store::{Records, Store};
use crate::data::version::Record;
use crate::protocol::message::{Branch, BranchHash, Branches, Chunk, Different, Hashes, Keys};

/// The exchange that this node has begun, if there is one.
#[derive(Clone, Debug, Default)]
pub struct AntiEntropy {
    with: Option<NodeId>,
    /// Whom it compared with last; the next in order is next.
    last: Option<NodeId>,
    /// What it waits for: the number of what was sent, and until when.
    waiting: Option<(u32, Instant)>,
    /// Branches to compare, the next one last.
    branches: Vec<Branch>,
    /// What was sent, while its answer is waited for.
    asked: Asked,
    /// Leaves of partitions that differ, to be listed record by record.
    leaves: Vec<(PartitionId, LeafSet)>,
    /// From which place on the last of them is still to be listed.
    from: u64,
    /// Records that the other wants.
    wanted: Vec<Key>,
    next_sequence: u32,
    /// Since the node started: hashes sent, records sent. For eyes only.
    pub hashes_sent: u64,
    pub records_sent: u64,
}

#[derive(Clone, Debug, Default)]
enum Asked {
    #[default]
    Nothing,
    Hashes {
        hashes: Pooled<Hashes>,
        are_roots: bool,
    },
    Keys(PartitionId, Rc<Keys>),
    Records,
}

/// Something to send.
#[derive(Clone, Debug)]
pub enum Step {
    /// The hashes, and a digest of the ranges of their partitions.
    Compare(Pooled<Hashes>, u64),
    Keys(Rc<Keys>),
    Wanted(Rc<Chunk>),
}

/// How much goes at a time.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub hashes_max: usize,
    pub records_max: usize,
    /// Of records; one record goes whatever it takes.
    pub bytes_max: usize,
}

/// What the answer to roots says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Roots {
    pub compared: usize,
    pub differing: usize,
    /// Of the records here in partitions whose roots differ: what a copy of them would take.
    pub bytes: usize,
}

/// What a node has and knows when it compares.
#[derive(Clone, Copy)]
pub struct Here<'h> {
    pub own: NodeId,
    pub ring: &'h Ring,
    pub store: &'h Store,
}

impl<'h> Here<'h> {
    /// Whether both are homes of the partition now; where it goes to is no matter (§4.9).
    pub fn shares(&self, partition: PartitionId, with: NodeId) -> bool {
        partition.index() < self.ring.partition_count()
            && self.ring.is_home(partition, self.own)
            && self.ring.is_home(partition, with)
    }

    /// The partitions that it shares with another.
    pub fn shared(self, with: NodeId) -> impl Iterator<Item = PartitionId> + use<'h> {
        self.ring.partitions().filter(move |&partition| self.shares(partition, with))
    }

    /// The other homes of its partitions, each as often as it is one.
    pub fn others(self) -> impl Iterator<Item = NodeId> + use<'h> {
        let homes = self.ring.partitions().map(move |partition| self.ring.homes(partition));
        let homes = homes.filter(move |homes| homes.contains(&self.own));
        homes.flatten().copied().filter(move |&node| node != self.own)
    }

    /// A digest of the ranges of these branches' partitions: equal where the partitions are.
    pub fn ranges(&self, hashes: &Hashes) -> u64 {
        let mut digest = Digest::default();
        for BranchHash { branch, .. } in hashes {
            if branch.partition.index() < self.ring.partition_count() {
                let range = self.ring.range(branch.partition);
                digest.word(range.after);
                digest.word(range.end);
            }
        }
        digest.value()
    }

    fn records(&self, partition: PartitionId) -> Option<&'h Records> {
        self.store.partition(partition)
    }

    fn record(&self, key: &Key) -> Option<&'h Record> {
        self.store.get(self.ring.partition_of(key.position()), key)
    }

    fn hash(&self, trees: &mut Trees, Branch { partition, at }: Branch) -> u64 {
        trees.hash(partition, self.records(partition), usize::from(at))
    }
}

impl AntiEntropy {
    pub fn is_idle(&self) -> bool {
        self.with.is_none()
    }

    pub fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// Whether it is this node that has to go on.
    pub fn has_more(&self) -> bool {
        self.with.is_some() && self.waiting.is_none()
    }

    pub fn with(&self) -> Option<NodeId> {
        self.with
    }

    /// Whom to compare with next: of these, the first after the last one, going round.
    pub fn next_of(&self, others: impl Iterator<Item = NodeId>) -> Option<NodeId> {
        let (mut first, mut next) = (None::<NodeId>, None::<NodeId>);
        for other in others {
            if first.is_none_or(|first| other < first) {
                first = Some(other);
            }
            if self.last.is_none_or(|last| other > last) && next.is_none_or(|next| other < next) {
                next = Some(other);
            }
        }
        next.or(first)
    }

    /// Begins to compare these partitions.
    pub fn begin(&mut self, with: NodeId, partitions: impl Iterator<Item = PartitionId>) {
        self.end();
        self.with = Some(with);
        self.last = Some(with);
        self.branches.extend(partitions.map(|partition| Branch { partition, at: 0 }));
    }

    /// Nothing more comes of the exchange.
    pub fn end(&mut self) {
        (self.with, self.waiting) = (None, None);
        self.asked = Asked::Nothing;
        self.branches.clear();
        self.leaves.clear();
        self.wanted.clear();
    }

    /// What to send next, with its number; the exchange is over when there is nothing.
    pub fn next_step(
        &mut self,
        here: Here<'_>,
        trees: &mut Trees,
        bounds: Bounds,
        deadline: Instant,
    ) -> Option<(u32, Step)> {
        let step = self
            .next_wanted(here, bounds)
            .or_else(|| self.next_keys(here, bounds))
            .or_else(|| self.next_hashes(here, trees, bounds));
        let Some(step) = step else {
            self.end();
            return None;
        };
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        self.waiting = Some((sequence, deadline));
        Some((sequence, step))
    }

    fn next_wanted(&mut self, here: Here<'_>, bounds: Bounds) -> Option<Step> {
        let (mut chunk, mut bytes) = (Chunk::new(), 0);
        while let Some(key) = self.wanted.last() {
            if let Some(record) = here.record(key) {
                bytes += key.bytes().len() + record.bytes();
                let is_full = chunk.len() >= bounds.records_max || bytes > bounds.bytes_max;
                if is_full && !chunk.is_empty() {
                    break;
                }
                chunk.push((key.clone(), record.clone()));
            }
            self.wanted.pop();
        }
        if chunk.is_empty() {
            return None;
        }
        self.records_sent += chunk.len() as u64;
        self.asked = Asked::Records;
        Some(Step::Wanted(Rc::new(chunk)))
    }

    fn next_keys(&mut self, here: Here<'_>, bounds: Bounds) -> Option<Step> {
        let with = self.with?;
        // What is shared no more is no business of the other's.
        while self.leaves.pop_if(|(partition, _)| !here.shares(*partition, with)).is_some() {
            self.from = 0;
        }
        let &(partition, leaves) = self.leaves.last()?;
        let (from, mut to, mut listed) = (self.from, u64::MAX, Vec::new());
        for (key, record) in here.records(partition).into_iter().flat_map(Records::iter) {
            let place = place_of(key);
            if place < from || !hangs_on(key, &leaves) {
                continue;
            }
            if listed.len() >= bounds.hashes_max {
                to = listed.last().map_or(from, |&(last, _): &(u64, u64)| last);
                break;
            }
            listed.push((place, record_hash(key, record)));
        }
        self.hashes_sent += listed.len() as u64;
        let range = here.ring.range(partition);
        let keys = Rc::new(Keys { range, leaves, from, to, records: listed });
        self.asked = Asked::Keys(partition, keys.clone());
        Some(Step::Keys(keys))
    }

    fn next_hashes(&mut self, here: Here<'_>, trees: &mut Trees, bounds: Bounds) -> Option<Step> {
        let are_roots = self.branches.last()?.at == 0;
        let alike = self.branches.iter().rev().take(bounds.hashes_max);
        let count = alike.take_while(|branch| (branch.at == 0) == are_roots).count();
        let branches = self.branches.drain(self.branches.len() - count..);
        let hashes = Pooled::build(|hashes: &mut Hashes| {
            for branch in branches {
                hashes.push(BranchHash { branch, hash: here.hash(trees, branch) });
            }
        });
        self.hashes_sent += hashes.len() as u64;
        self.asked = Asked::Hashes { hashes: hashes.clone(), are_roots };
        let ranges = here.ranges(&hashes);
        Some(Step::Compare(hashes, ranges))
    }

    fn is_waiting_for(&self, from: NodeId, sequence: u32) -> bool {
        let is_number = |(waiting, _)| waiting == sequence;
        self.with == Some(from) && self.waiting.is_some_and(is_number)
    }

    /// Until when the answer to this number is waited for.
    pub fn deadline_of(&self, from: NodeId, sequence: u32) -> Option<Instant> {
        self.waiting.filter(|_| self.is_waiting_for(from, sequence)).map(|(_, deadline)| deadline)
    }

    /// What was asked, if this is the answer to it.
    fn take_asked(&mut self, from: NodeId, sequence: u32) -> Asked {
        if !self.is_waiting_for(from, sequence) {
            return Asked::Nothing;
        }
        self.waiting = None;
        std::mem::take(&mut self.asked)
    }

    /// The other says which of the branches are others there, in the order in which they were
    /// sent. Gives back how the roots compare, when it was they that were sent.
    pub fn on_differing(
        &mut self,
        from: NodeId,
        sequence: u32,
        differing: &Branches,
        here: Here<'_>,
    ) -> Option<Roots> {
        let Asked::Hashes { hashes, are_roots } = self.take_asked(from, sequence) else {
            return None;
        };
        let (mut differing, mut found, mut bytes) = (differing.iter().peekable(), 0, 0);
        for &BranchHash { branch, hash } in hashes.iter() {
            if differing.next_if(|other| **other == branch).is_none() {
                continue;
            }
            found += 1;
            if are_roots {
                let records = here.records(branch.partition).into_iter().flat_map(Records::iter);
                records.for_each(|(key, record)| bytes += key.bytes().len() + record.bytes());
            }
            let children = below(usize::from(branch.at));
            // Where nothing is here all that is there is missing: no hash says more.
            if hash == 0 || children.is_empty() {
                self.add_leaves(branch);
            } else {
                let partition = branch.partition;
                self.branches.extend(children.map(|at| Branch { partition, at: at as u16 }));
            }
        }
        are_roots.then_some(Roots { compared: hashes.len(), differing: found, bytes })
    }

    /// The other's partitions are other ranges: nothing comes of the exchange.
    pub fn on_incomparable(&mut self, from: NodeId, sequence: u32) {
        if self.is_waiting_for(from, sequence) {
            self.end();
        }
    }

    fn add_leaves(&mut self, Branch { partition, at }: Branch) {
        let open = self.leaves.iter_mut().find(|(other, _)| *other == partition);
        match open {
            Some((_, leaves)) => add_leaves(leaves, usize::from(at)),
            None => {
                let mut leaves = NO_LEAVES;
                add_leaves(&mut leaves, usize::from(at));
                self.leaves.push((partition, leaves));
                self.from = 0;
            }
        }
    }

    /// The partition that is asked about, if it was by this number and of this node: then what it
    /// sends is to be merged first.
    pub fn asked_about(&self, from: NodeId, sequence: u32) -> Option<PartitionId> {
        match &self.asked {
            Asked::Keys(partition, _) if self.is_waiting_for(from, sequence) => Some(*partition),
            _ => None,
        }
    }

    /// The other sent records, merged by now, and says which it wants: those are sent next, but
    /// for what is here now just as it came.
    pub fn on_different(
        &mut self,
        from: NodeId,
        sequence: u32,
        different: &Different,
        here: Here<'_>,
    ) {
        let Asked::Keys(partition, keys) = self.take_asked(from, sequence) else { return };
        self.want(&keys, different, here.records(partition));
        let is_through = different.to >= keys.to && keys.to == u64::MAX;
        // Who does not get any further has nothing more to say.
        if is_through || different.to < keys.from || different.to == u64::MAX {
            self.leaves.pop();
            self.from = 0;
        } else {
            self.from = different.to.min(keys.to) + 1;
        }
    }

    /// Finds the keys of the records that are wanted.
    fn want(&mut self, keys: &Keys, different: &Different, records: Option<&Records>) {
        let place = |&number: &u32| keys.records.get(number as usize).map(|&(place, _)| place);
        let mut wanted = different.wanted.iter().filter_map(place).peekable();
        for (key, record) in records.into_iter().flat_map(Records::iter) {
            while wanted.next_if(|&place| place < place_of(key)).is_some() {}
            if wanted.peek() == Some(&place_of(key)) {
                let came = different.records.iter().find(|(other, _)| other == key);
                if came.is_none_or(|(_, came)| came != record) {
                    self.wanted.push(key.clone());
                }
            }
        }
    }

    /// The other has the records, or has no room for them: then nothing more comes of it.
    pub fn on_mended(&mut self, from: NodeId, sequence: u32, accepted: bool) {
        if matches!(self.take_asked(from, sequence), Asked::Records) && !accepted {
            self.end();
        }
    }

    /// The other's time to answer is over: it is silent.
    pub fn on_deadline(&mut self, now: Instant) -> Option<NodeId> {
        self.waiting.filter(|&(_, deadline)| deadline <= now)?;
        let silent = self.with;
        self.end();
        silent
    }

    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.map(|(_, deadline)| deadline)
    }
}

/// The first half of a key's position.
fn place_of(key: &Key) -> u64 {
    (key.position().0 >> 64) as u64
}

/// The answer to hashes of branches: those that are others here, none where the partitions are
/// other ranges. What is not shared with the asker is passed over.
pub fn differing(
    here: Here<'_>,
    trees: &mut Trees,
    from: NodeId,
    hashes: &Hashes,
    ranges: u64,
) -> Option<Pooled<Branches>> {
    if here.ranges(hashes) != ranges {
        return None;
    }
    let branches = Pooled::build(|branches: &mut Branches| {
        for &BranchHash { branch, hash } in hashes {
            let is_hidden = is_planted(Fault::RootsTakenForEqual);
            let is_compared = here.shares(branch.partition, from) && !is_hidden;
            if is_compared && here.hash(trees, branch) != hash {
                branches.push(branch);
            }
        }
    });
    Some(branches)
}

/// The answer to [`Keys`]: the records here that the other has not like this, as many as fit, and
/// what it has that is not here like that. Nothing of a partition that is not shared, or to a list
/// that is too long or in no order.
pub fn different(here: Here<'_>, from: NodeId, keys: &Keys, bounds: Bounds) -> Different {
    let mut different = Different { to: keys.to, ..Different::default() };
    let (listed, mut bytes) = (&keys.records, 0);
    let shared = here.ring.partition_named(keys.range).filter(|&p| here.shares(p, from));
    let Some(partition) = shared else { return different };
    let is_sound =
        listed.len() <= bounds.hashes_max && listed.is_sorted_by_key(|&(place, _)| place);
    if !is_sound {
        return different;
    }
    let mut is_known = vec![false; listed.len()];
    for (key, record) in here.records(partition).into_iter().flat_map(Records::iter) {
        let place = place_of(key);
        if !(keys.from..=keys.to).contains(&place) || !hangs_on(key, &keys.leaves) {
            continue;
        }
        let hash = record_hash(key, record);
        let first = listed.partition_point(|&(other, _)| other < place);
        let same_place = listed[first..].iter().take_while(|&&(other, _)| other == place);
        if let Some(at) = same_place.clone().position(|&(_, other)| other == hash) {
            is_known[first + at] = true;
            continue;
        }
        bytes += key.bytes().len() + record.bytes();
        let count = different.records.len();
        if count > 0 && (count >= bounds.records_max || bytes > bounds.bytes_max) {
            // Keys of one place may be several: those that do not fit wait for the next exchange.
            different.to = place.saturating_sub(1).max(keys.from);
            break;
        }
        different.records.push((key.clone(), record.clone()));
    }
    let is_answered = |&(at, &(place, _)): &(usize, &(u64, u64))| {
        !is_known[at] && (keys.from..=different.to).contains(&place)
    };
    let wanted = listed.iter().enumerate().filter(is_answered);
    different.wanted = wanted.map(|(at, _)| at as u32).gather();
    different
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::partitioning::Range;
    use crate::data::version::{Actor, Clock, Content, Siblings, Version};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const A: NodeId = NodeId(0);
    const B: NodeId = NodeId(1);
    const LATER: Instant = Instant(100);
    const BOUNDS: Bounds = Bounds { hashes_max: 4_096, records_max: 64, bytes_max: 100_000 };

    fn ring() -> Ring {
        Ring::new(vec![A, B, NodeId(2)], 2)
    }

    fn record(counter: u64) -> Record {
        let clock = Clock::new([(Actor { node: A, epoch: 0 }, counter)]);
        Siblings::record(Version::new(clock, Content::default().into()))
    }

    /// Keys of partition 0, which A and B share.
    fn store(ring: &Ring, count: u32) -> Store {
        let mut store = Store::default();
        let keys = (0u32..).map(|n| Key::new(&n.to_be_bytes()));
        let own = keys.filter(|key| ring.partition_of(key.position()) == PartitionId(0));
        for key in own.take(count as usize) {
            store.merge(PartitionId(0), &key, &record(1));
        }
        store
    }

    fn begun(here: Here<'_>, trees: &mut Trees) -> (AntiEntropy, u32, Step) {
        let mut asker = AntiEntropy::default();
        asker.begin(B, here.shared(B));
        let (sequence, step) = asker.next_step(here, trees, BOUNDS, LATER).expect("roots");
        (asker, sequence, step)
    }

    #[test]
    fn the_others_come_round_one_after_the_other() {
        let mut asker = AntiEntropy::default();
        let mut met = vec![];
        for _ in 0..5 {
            let others = [7, 3, 9, 3, 7].map(NodeId).into_iter();
            let next = asker.next_of(others).expect("there are three");
            asker.begin(next, [].into_iter());
            met.push(next.0);
        }
        assert_eq!(met, [3, 7, 9, 3, 7]);
        assert_eq!(asker.next_of([].into_iter()), None);
    }

    #[test]
    fn only_partitions_that_both_are_homes_of_are_compared() {
        let (ring, store) = (ring(), Store::default());
        let here = Here { own: A, ring: &ring, store: &store };
        assert!(here.shared(B).eq([PartitionId(0)]), "A and B keep the first, not the others");
        assert!(!here.shares(PartitionId(3), B), "there are three");
        assert!(!here.shares(PartitionId(u32::MAX), B));
        let hash = |partition| {
            let branch = Branch { partition: PartitionId(partition), at: 0 };
            BranchHash { branch, hash: 7 }
        };
        let (hashes, there) = ([0, 1, 2].map(hash).to_vec(), Here { own: B, ..here });
        let ranges = there.ranges(&hashes);
        let named = differing(there, &mut Trees::default(), A, &hashes, ranges);
        assert_eq!(named.map(|named| named.to_vec()), Some(vec![hash(0).branch]));
        let mut others: Vec<NodeId> = here.others().collect();
        others.sort();
        assert_eq!(others, [B, NodeId(2)]);
    }

    #[test]
    fn equal_roots_end_the_exchange_and_silence_does_too() {
        let (ring, mut trees) = (ring(), Trees::default());
        let store = store(&ring, 5);
        let here = Here { own: A, ring: &ring, store: &store };
        let (mut asker, sequence, step) = begun(here, &mut trees);
        let Step::Compare(hashes, ranges) = step else { panic!("{step:?}") };
        assert_eq!(hashes.len(), 1);
        let there = Here { own: B, ..here };
        let mut theirs = Trees::default();
        assert!(differing(there, &mut theirs, A, &hashes, ranges ^ 1).is_none(), "other ranges");
        let answer = differing(there, &mut theirs, A, &hashes, ranges).expect("the same ranges");
        let roots = asker.on_differing(B, sequence, &answer, here);
        assert_eq!(roots, Some(Roots { compared: 1, differing: 0, bytes: 0 }));
        assert!(asker.next_step(here, &mut trees, BOUNDS, LATER).is_none() && asker.is_idle());

        let (mut asker, ..) = begun(here, &mut trees);
        assert_eq!((asker.on_deadline(Instant(99)), asker.on_deadline(LATER)), (None, Some(B)));
        assert!(asker.is_idle() && asker.next_deadline().is_none());
    }

    #[test]
    fn it_knows_whose_turn_it_is_and_until_when_it_waits() {
        let (ring, mut trees, store) = (ring(), Trees::default(), Store::default());
        let here = Here { own: A, ring: &ring, store: &store };
        let mut asker = AntiEntropy::default();
        assert!(asker.is_idle() && !asker.has_more() && asker.with().is_none());
        asker.begin(B, here.shared(B));
        assert!(!asker.is_idle() && asker.has_more() && asker.with() == Some(B));
        assert!(!asker.is_waiting() && asker.next_deadline().is_none());
        let (number, _) = asker.next_step(here, &mut trees, BOUNDS, LATER).expect("roots");
        assert!(asker.is_waiting() && !asker.has_more() && asker.next_deadline() == Some(LATER));
        assert_eq!(asker.deadline_of(B, number), Some(LATER));
        assert_eq!(asker.deadline_of(NodeId(2), number), None);
        assert_eq!(asker.deadline_of(B, number + 1), None);
        asker.on_incomparable(NodeId(2), number);
        assert!(asker.is_waiting(), "somebody else");
        asker.on_incomparable(B, number);
        assert!(asker.is_idle());
    }

    #[test]
    fn what_the_other_wants_goes_in_chunks_and_stops_when_it_has_no_room() {
        let ring = ring();
        let store = store(&ring, 5);
        let here = Here { own: A, ring: &ring, store: &store };
        let held = here.records(PartitionId(0)).into_iter().flat_map(Records::iter);
        let keys: Vec<Key> = held.map(|(key, _)| key.clone()).collect();
        let one = keys[0].bytes().len() + here.record(&keys[0]).expect("it is held").bytes();
        let chunks = |records_max, bytes_max, answers: [bool; 5]| {
            let (mut asker, mut sent) = (AntiEntropy::default(), vec![]);
            asker.begin(B, [].into_iter());
            asker.wanted = keys.clone();
            let bounds = Bounds { records_max, bytes_max, ..BOUNDS };
            while let Some((number, step)) =
                asker.next_step(here, &mut Trees::default(), bounds, LATER)
            {
                let Step::Wanted(chunk) = step else { panic!("{step:?}") };
                assert_eq!(asker.asked_about(B, number), None, "it asks about nothing");
                sent.push(chunk.len());
                asker.on_mended(B, number, answers[sent.len() - 1]);
            }
            assert_eq!(asker.records_sent, sent.iter().sum::<usize>() as u64);
            sent
        };
        assert_eq!(chunks(2, 1_000_000, [true; 5]), [2, 2, 1]);
        assert_eq!(chunks(9, 2 * one, [true; 5]), [2, 2, 1], "as many bytes as there may be");
        assert_eq!(chunks(9, 2 * one - 1, [true; 5]), [1; 5]);
        assert_eq!(chunks(9, 1, [true, true, false, true, true]), [1; 3], "one goes all the same");
    }

    #[test]
    fn an_answer_brings_so_many_bytes_of_records_and_says_how_far_it_came() {
        let ring = ring();
        let store = store(&ring, 5);
        let there = Here { own: B, ring: &ring, store: &store };
        let held: Vec<_> =
            there.records(PartitionId(0)).into_iter().flat_map(Records::iter).collect();
        let one = held[0].0.bytes().len() + held[0].1.bytes();
        let range = ring.range(PartitionId(0));
        let keys =
            Keys { range, leaves: [u64::MAX; 4], from: 0, to: u64::MAX, records: Vec::new() };
        let told = |records_max, bytes_max| {
            let bounds = Bounds { records_max, bytes_max, ..BOUNDS };
            let answer = different(there, A, &keys, bounds);
            (answer.records.len(), answer.to)
        };
        let before = |at: usize| place_of(held[at].0) - 1;
        assert_eq!(told(9, 5 * one), (5, u64::MAX));
        assert_eq!(told(3, 5 * one), (3, before(3)));
        assert_eq!(told(9, 2 * one), (2, before(2)));
        assert_eq!(told(9, 2 * one - 1), (1, before(1)));
        assert_eq!(told(9, 1), (1, before(1)));
    }

    #[test]
    fn what_both_hold_alike_is_neither_sent_nor_asked_for() {
        let ring = ring();
        let store = store(&ring, 5);
        let there = Here { own: B, ring: &ring, store: &store };
        let held = there.records(PartitionId(0)).into_iter().flat_map(Records::iter);
        let mut records: Vec<_> =
            held.map(|(key, record)| (place_of(key), record_hash(key, record))).collect();
        records[1].1 ^= 1;
        records.remove(3);
        let range = ring.range(PartitionId(0));
        let keys = Keys { range, leaves: [u64::MAX; 4], from: 0, to: u64::MAX, records };
        let answer = different(there, A, &keys, BOUNDS);
        assert_eq!(answer.records.len(), 2, "the one that differs, and the one that A lacks");
        assert_eq!(answer.wanted, [1], "what A has of the former");
    }

    #[test]
    fn equal_ranges_have_one_digest_and_others_another() {
        let store = Store::default();
        let (three, six) = (ring(), Ring::new([A, B, NodeId(2)].repeat(2), 2));
        let branch = |partition| Branch { partition: PartitionId(partition), at: 0 };
        let of = |ring: &Ring, partitions: &[u32]| {
            let here = Here { own: A, ring, store: &store };
            let hash = |&partition: &u32| BranchHash { branch: branch(partition), hash: 0 };
            here.ranges(&partitions.iter().map(hash).collect())
        };
        assert_eq!(of(&three, &[0, 1]), of(&three, &[0, 1]));
        let all = [
            of(&three, &[0]),
            of(&three, &[2]),
            of(&three, &[0, 1]),
            of(&six, &[0]),
            of(&six, &[5]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one));
        }
        assert_eq!(
            of(&three, &[0, 3]),
            of(&three, &[0]),
            "who has no such partition leaves it out"
        );
    }

    #[test]
    fn an_answer_counts_once_from_the_one_that_was_asked_and_names_only_what_was_sent() {
        let (ring, mut trees) = (ring(), Trees::default());
        let store = store(&ring, 5);
        let here = Here { own: A, ring: &ring, store: &store };
        let (mut asker, sequence, _) = begun(here, &mut trees);
        let root = Branch { partition: PartitionId(0), at: 0 };
        let absurd = Branch { partition: PartitionId(9), at: u16::MAX };
        assert_eq!(asker.on_differing(NodeId(2), sequence, &vec![root], here), None);
        assert_eq!(asker.on_differing(B, sequence + 1, &vec![root], here), None);
        let first = asker.on_differing(B, sequence, &vec![root, root, absurd], here);
        let size = |(key, record): (&Key, &Record)| key.bytes().len() + record.bytes();
        let bytes =
            here.records(PartitionId(0)).into_iter().flat_map(Records::iter).map(size).sum();
        assert_eq!(first, Some(Roots { compared: 1, differing: 1, bytes }), "the root, once");
        assert_eq!(asker.on_differing(B, sequence, &vec![root], here), None, "answered already");
        let (_, step) = asker.next_step(here, &mut trees, BOUNDS, LATER).expect("a level down");
        assert!(matches!(step, Step::Compare(hashes, _) if hashes.len() == 16));
    }

    #[test]
    fn who_has_nothing_asks_for_all_without_another_hash() {
        let (ring, mut trees, store) = (ring(), Trees::default(), Store::default());
        let here = Here { own: A, ring: &ring, store: &store };
        let (mut asker, sequence, _) = begun(here, &mut trees);
        let root = Branch { partition: PartitionId(0), at: 0 };
        asker.on_differing(B, sequence, &vec![root], here);
        let (number, step) = asker.next_step(here, &mut trees, BOUNDS, LATER).expect("the keys");
        assert_eq!(asker.asked_about(B, number), Some(PartitionId(0)));
        assert_eq!((asker.asked_about(B, number + 1), asker.asked_about(A, number)), (None, None));
        let Step::Keys(keys) = step else { panic!("{step:?}") };
        assert_eq!((keys.leaves, keys.records.len()), ([u64::MAX; 4], 0));
    }

    #[test]
    fn an_answer_that_gets_no_further_ends_the_list_instead_of_asking_for_ever() {
        let (ring, mut trees) = (ring(), Trees::default());
        let store = store(&ring, 5);
        let here = Here { own: A, ring: &ring, store: &store };
        let bounds = Bounds { hashes_max: 2, ..BOUNDS };
        for to in [0, 1, u64::MAX] {
            let (mut asker, sequence, _) = begun(here, &mut trees);
            let root = Branch { partition: PartitionId(0), at: 0 };
            asker.on_differing(B, sequence, &vec![root], here);
            asker.branches.clear();
            asker.add_leaves(root);
            let mut steps = 0;
            while let Some((sequence, _)) = asker.next_step(here, &mut trees, bounds, LATER) {
                let absurd = Different { to, records: vec![], wanted: vec![u32::MAX, 0, 0] };
                asker.on_different(B, sequence, &absurd, here);
                asker.on_mended(B, sequence, true);
                steps += 1;
                assert!(steps < 20, "it ends");
            }
        }
    }

    #[test]
    fn a_list_in_no_order_or_too_long_and_a_stranger_are_answered_with_nothing() {
        let ring = ring();
        let store = store(&ring, 5);
        let there = Here { own: B, ring: &ring, store: &store };
        let keys = |partition: usize, records| Keys {
            range: match ring.partition_count() > partition {
                true => ring.range(PartitionId(partition as u32)),
                false => Range { after: 3, end: 4 },
            },
            leaves: [u64::MAX; 4],
            from: 0,
            to: u64::MAX,
            records,
        };
        let told = |from, keys: &Keys| {
            let answer = different(there, from, keys, Bounds { hashes_max: 9, ..BOUNDS });
            (answer.records.len(), answer.wanted.len())
        };
        assert_eq!(told(A, &keys(0, vec![(3, 0)])), (5, 1));
        assert_eq!(told(A, &keys(0, vec![(3, 0), (2, 0)])), (0, 0));
        assert_eq!(told(A, &keys(0, vec![(3, 0); 10])), (0, 0));
        assert_eq!(told(NodeId(2), &keys(0, vec![(3, 0)])), (0, 0));
        assert_eq!(told(A, &keys(9, vec![(3, 0)])), (0, 0));
    }
}
